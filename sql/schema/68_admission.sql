-- Before each request: is what its token says still true?
--
-- The gateway verified the signature; a signature stays good when its session was ended, its key revoked, its user shut
-- out or made less. So every request asks here first (db-pre-request), in its own transaction, after the role and the
-- claims were set. It reads at most two rows by key and writes nothing: requests may be read-only.

-- Its plan is the same for all: left to the server it is made anew for each request, which takes longer than all the rest.
CREATE OR REPLACE FUNCTION leap.claims_hold(claims jsonb, acts_as text)
RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    IF claims->>'sub' ~ '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$' IS NOT TRUE THEN
        RETURN false;
    END IF;
    RETURN EXISTS (
        SELECT FROM leap.users u
        WHERE u.id = (claims->>'sub')::uuid AND u.is_active AND u.token_version = (claims->>'tv')::int AND (acts_as = 'leap_user' OR u.role = 'admin') AND CASE
            WHEN claims ? 'key' THEN EXISTS (
                SELECT FROM leap.api_keys k WHERE k.id = (claims->>'key')::uuid AND k.user_id = u.id AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > leap.clock())
                AND k.scope = claims->>'scope' AND (acts_as = 'leap_user' OR k.scope = 'admin'))
            WHEN claims ? 'iss' THEN acts_as = 'leap_user' AND EXISTS (SELECT FROM leap.issuers i WHERE i.issuer = claims->>'iss')
            -- what neither a key nor an issuer stands for is a session's, and ends: a signature alone makes nobody anybody
            ELSE claims ? 'exp' AND EXISTS (
                SELECT FROM leap.sessions s WHERE s.id = (claims->>'sid')::uuid AND s.user_id = u.id AND s.ended_at IS NULL AND s.expires_at > leap.clock()) END);
END
$$;
COMMENT ON FUNCTION leap.claims_hold(jsonb, text) IS
'Whether what a token says is still so, for somebody who acts as this role: his session has not ended, his key was not revoked, his issuer is still known, he is active, token_version and role are the same. False for claims that name neither session nor key nor issuer, and for those of a session without exp. Whether the token itself has expired is not asked.';

-- SQLSTATE PT401 is what PostgREST and the gateway answer with 401; the message says no more than that.
CREATE OR REPLACE FUNCTION leap.check_request()
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    acts_as text := current_setting('role');
    claims jsonb;
BEGIN
    IF acts_as = 'leap_anon' THEN
        RETURN;
    END IF;
    claims := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
    IF leap.claims_hold(claims, acts_as) IS NOT TRUE THEN
        RAISE SQLSTATE 'PT401' USING MESSAGE = 'the session is over', DETAIL = 'The token is no longer good.', HINT = 'Log in again.';
    ELSIF claims->>'scope' = 'read' THEN
        IF coalesce(current_setting('request.method', true), '') NOT IN ('GET', 'HEAD', 'OPTIONS') THEN
            RAISE SQLSTATE 'PT403' USING MESSAGE = 'this API key may only read', HINT = 'Reading is done by GET; to change something use a key with the scope write.';
        END IF;
        PERFORM set_config('transaction_read_only', 'on', true);
    END IF;
END
$$;
COMMENT ON FUNCTION leap.check_request() IS
'Refuses a request whose token is good no more, or was not made here: session ended or expired, key revoked, user not active, token_version or role another (PT401); a key with the scope read that would write (PT403). Anonymous requests pass.';

-- What an account may do beside having one.
CREATE OR REPLACE FUNCTION leap.require_permission(permission text, of_user uuid = NULL)
RETURNS void LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users;
BEGIN
    SELECT * INTO u FROM leap.users x WHERE x.id = coalesce(CASE WHEN leap.may_see(of_user) THEN of_user END, leap.current_user_id());
    IF u.id IS NOT NULL AND (to_jsonb(u) -> permission) IS DISTINCT FROM 'true' THEN
        PERFORM leap.refuse('LP043', format('the account lacks the permission %s', permission), 'An administrator gives it.');
    END IF;
END
$$;
COMMENT ON FUNCTION leap.require_permission(text, uuid) IS
'Refuses (LP043) when a user (the caller if null) may not: can_transcribe, can_process_video, can_upload or can_export_data. Where nobody is spoken for it lets pass.';

CREATE OR REPLACE FUNCTION leap.forget_accounts()
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    at timestamptz := leap.clock();
    n int;
    total int := 0;
BEGIN
    DELETE FROM leap.login_failures f WHERE greatest(f.last_at, f.until) < at - leap.setting('leap.login_block_max')::int * interval '1 s';
    GET DIAGNOSTICS n = ROW_COUNT;
    total := total + n;
    -- used tokens betray a copy as long as their session lasts
    DELETE FROM leap.sessions s WHERE coalesce(s.ended_at, s.expires_at) < at - interval '30 days';
    GET DIAGNOSTICS n = ROW_COUNT;
    total := total + n;
    DELETE FROM leap.account_tokens t WHERE t.expires_at < at - interval '1 day';
    GET DIAGNOSTICS n = ROW_COUNT;
    total := total + n;
    DELETE FROM leap.event_tickets t WHERE t.expires_at < clock_timestamp();
    GET DIAGNOSTICS n = ROW_COUNT;
    total := total + n;
    DELETE FROM leap.signing_keys k WHERE k.retired_at < at - interval '31 days';
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN total + n;
END
$$;
COMMENT ON FUNCTION leap.forget_accounts() IS
'Removes what is of no use any more: old failures, sessions that ended a month ago with their tokens, links that expired, keys that verify nothing. A chore of every hour; returns how many rows.';
