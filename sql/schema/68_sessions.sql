-- Sessions and what their owner does with his account; what administrators do with accounts.
--
-- A key (68_keys.sql) works with recordings and never with the account: who has a key cannot make another one or change
-- the password. Lock order: users -> sessions.

CREATE OR REPLACE FUNCTION leap.claim_text(name text)
RETURNS text LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> name $$;
COMMENT ON FUNCTION leap.claim_text(text) IS 'A claim of the token of this request as text; null without one.';

CREATE OR REPLACE FUNCTION leap.account_owner()
RETURNS leap.users LANGUAGE plpgsql STABLE AS $$
DECLARE
    u leap.users;
BEGIN
    IF leap.claim_text('key') IS NOT NULL THEN
        PERFORM leap.refuse('LP043', 'an API key does not manage its account', 'Log in with e-mail address and password.');
    END IF;
    SELECT x.* INTO u FROM leap.users x WHERE x.id = leap.current_user_id();
    IF u.id IS NULL THEN
        PERFORM leap.refuse('LP042', 'the request speaks for nobody', 'Log in first. Operators change accounts by set_password and change_user.');
    END IF;
    RETURN u;
END
$$;
COMMENT ON FUNCTION leap.account_owner() IS 'The user of this request, who manages his own account. Error LP042 for nobody, LP043 for an API key.';

CREATE OR REPLACE FUNCTION leap.current_session()
RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT s.id FROM leap.sessions s WHERE s.id::text = leap.claim_text('sid') AND s.user_id = leap.current_user_id()
$$;
COMMENT ON FUNCTION leap.current_session() IS 'The session of this request, or null.';

CREATE OR REPLACE FUNCTION leap.end_sessions(of_user uuid, ids uuid[], reason text, but uuid = NULL)
RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    n int;
BEGIN
    PERFORM FROM leap.sessions s WHERE s.user_id = of_user AND s.ended_at IS NULL ORDER BY s.id FOR UPDATE;
    UPDATE leap.sessions s SET ended_at = leap.clock(), end_reason = reason
    WHERE s.user_id = of_user AND s.ended_at IS NULL AND (ids IS NULL OR s.id = ANY (ids)) AND s.id IS DISTINCT FROM but;
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END
$$;
COMMENT ON FUNCTION leap.end_sessions(uuid, uuid[], text, uuid) IS
'Ends sessions of a user (ids null: all) but one, for a reason; returns how many. Their tokens are good no more.';

CREATE OR REPLACE FUNCTION leap.session_list()
RETURNS TABLE (id uuid, device text, user_agent text, address inet, created_at timestamptz, last_used_at timestamptz, expires_at timestamptz, is_current boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp ROWS 10 AS $$
#variable_conflict use_column
DECLARE
    u leap.users := leap.account_owner();
BEGIN
    RETURN QUERY SELECT s.id, s.device, s.user_agent, s.address, s.created_at, s.last_used_at, s.expires_at, s.id IS NOT DISTINCT FROM leap.current_session()
    FROM leap.sessions s WHERE s.user_id = u.id AND s.ended_at IS NULL AND s.expires_at > leap.clock() ORDER BY s.last_used_at DESC, s.id;
END
$$;
COMMENT ON FUNCTION leap.session_list() IS 'The caller''s open sessions, the one used last first. Errors LP042, LP043.';

CREATE OR REPLACE FUNCTION leap.end_session(id uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.account_owner();
BEGIN
    IF leap.end_sessions(u.id, ARRAY[end_session.id], 'ended') = 0 THEN
        PERFORM leap.refuse('LP020', format('there is no session %s', end_session.id), 'A list of the sessions shows them.');
    END IF;
    PERFORM leap.note_account('end session', u.id, jsonb_build_object('session', end_session.id));
END
$$;
COMMENT ON FUNCTION leap.end_session(uuid) IS 'Ends one of the caller''s sessions. Error LP020 for one that is not open and for another''s.';

CREATE OR REPLACE FUNCTION leap.logout()
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.account_owner();
    n int := leap.end_sessions(u.id, ARRAY[leap.current_session()], 'logout');
BEGIN
    PERFORM leap.note_account('logout', u.id, jsonb_build_object('session', leap.current_session()));
    RETURN n;
END
$$;
COMMENT ON FUNCTION leap.logout() IS 'Ends the session of this request; returns how many were ended (0 for a token without one).';

CREATE OR REPLACE FUNCTION leap.logout_others()
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.account_owner();
    n int := leap.end_sessions(u.id, NULL, 'logout others', leap.current_session());
BEGIN
    PERFORM leap.note_account('logout others', u.id, jsonb_build_object('sessions', n));
    RETURN n;
END
$$;
COMMENT ON FUNCTION leap.logout_others() IS 'Ends the caller''s sessions but this one; returns how many.';

-- Counting up token_version also reaches tokens that belong to no session.
CREATE OR REPLACE FUNCTION leap.logout_everywhere()
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.account_owner();
    n int;
BEGIN
    UPDATE leap.users x SET token_version = x.token_version + 1 WHERE x.id = u.id;
    n := leap.end_sessions(u.id, NULL, 'logout everywhere');
    PERFORM leap.note_account('logout everywhere', u.id, jsonb_build_object('sessions', n));
    RETURN n;
END
$$;
COMMENT ON FUNCTION leap.logout_everywhere() IS 'Ends all sessions of the caller and makes all his tokens worthless, this one too; returns how many sessions. API keys stay.';

CREATE OR REPLACE FUNCTION leap.ask_password(u leap.users, password text, what text)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    account bytea := leap.account_key(u.email);
    place bytea := leap.address_key(leap.client_address());
    wait int := leap.login_blocked(account, place, false);
    fits boolean;
BEGIN
    IF wait IS NULL THEN
        fits := leap.password_fits(u.id, password);
        wait := leap.login_blocked(account, place, true);
    END IF;
    IF wait IS NOT NULL THEN
        RETURN leap.too_many_attempts(wait);
    ELSIF NOT fits THEN
        PERFORM leap.count_failure(account, place), leap.note_account(what, u.id, NULL, 'failure');
        RETURN leap.answer(403, 'LP043', 'this is not the current password', 'Nothing was changed.');
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION leap.ask_password(leap.users, text, text) IS
'Whether somebody who is logged in knows his password: null, or the answer to who does not, which counts like a failed login and is noted as what was refused.';

CREATE OR REPLACE FUNCTION leap.change_password(current_password text, new_password text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.account_owner();
    refusal jsonb;
BEGIN
    PERFORM leap.check_password(new_password);
    refusal := leap.ask_password(u, current_password, 'change password');
    IF refusal IS NOT NULL THEN
        RETURN refusal;
    END IF;
    PERFORM leap.store_password(u.id, new_password);
    PERFORM leap.note_account('change password', u.id, jsonb_build_object('sessions_ended', leap.end_sessions(u.id, NULL, 'password', leap.current_session())));
    PERFORM leap.raise_event(u.id, 'security_alert', '{}', '{"name": "LEAP", "message": "the password was changed"}');
    RETURN jsonb_build_object('changed', true);
END
$$;
COMMENT ON FUNCTION leap.change_password(text, text) IS
'Changes the caller''s password and ends his other sessions; the user is told. Error LP030 for what is no password. Returned, not raised: 403 (LP043) for a wrong current one, which counts as a failed login, and 429 (LP044).';

-- Who has a session for a moment must not take the account with it: a new address needs the password.
CREATE OR REPLACE FUNCTION leap.change_account(changes jsonb, current_password text = NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.account_owner();
    address text := btrim(changes->>'email');
    bad text := (SELECT min(c.key) FROM jsonb_each(CASE jsonb_typeof(changes) WHEN 'object' THEN changes END) c
                 WHERE jsonb_typeof(c.value) <> CASE c.key WHEN 'unpublish_deleted' THEN 'boolean' ELSE 'string' END AND NOT (c.key = 'full_name' AND c.value = 'null'));
    refusal jsonb;
BEGIN
    PERFORM leap.check_keys(changes, '{full_name,timezone,language,email,unpublish_deleted}', 'an account');
    IF bad IS NOT NULL THEN
        PERFORM leap.refuse('LP030', format('%s cannot be %s', bad, left((changes->bad)::text, 100)), CASE bad WHEN 'unpublish_deleted' THEN 'It is true or false.' ELSE 'It is a text.' END);
    ELSIF address !~ '^[^@\s]+@[^@\s]+$' OR length(address) > 254 THEN
        PERFORM leap.refuse('LP030', format('"%s" is no e-mail address', left(address, 300)), 'It looks like name@example.org.');
    END IF;
    IF lower(address) <> lower(u.email) THEN
        refusal := leap.ask_password(u, current_password, 'change address');
        IF refusal IS NOT NULL THEN
            RETURN refusal;
        ELSIF EXISTS (SELECT FROM leap.users x WHERE lower(x.email) = lower(address)) THEN
            RAISE unique_violation USING MESSAGE = format('there is a user %s already', address), HINT = 'Addresses are compared without regard to case.';
        END IF;
        PERFORM leap.note_account('change address', u.id, jsonb_build_object('from', u.email, 'to', address)), leap.ask_for_mail(address, 'verify');
    END IF;
    UPDATE leap.users x
    SET full_name = CASE WHEN changes ? 'full_name' THEN nullif(leap.one_line(changes->>'full_name', 255), '') ELSE x.full_name END,
        timezone = coalesce(changes->>'timezone', x.timezone), language = coalesce(changes->>'language', x.language),
        unpublish_deleted = coalesce((changes->>'unpublish_deleted')::boolean, x.unpublish_deleted),
        is_verified = x.is_verified AND coalesce(lower(address) = lower(x.email), true), email = coalesce(address, x.email), updated_at = leap.clock()
    WHERE x.id = u.id RETURNING * INTO u;
    RETURN leap.user_json(u);
END
$$;
COMMENT ON FUNCTION leap.change_account(jsonb, text) IS
'Changes full_name, timezone, language, unpublish_deleted (is what is published taken back when its recording is deleted?) and, with the current password, email of the caller''s account, and returns it. A new address must be verified (a mail is sent). Errors LP030, 23505 for an address that is taken. Returned, not raised: 403 (LP043) for a wrong password, 429 (LP044).';

CREATE OR REPLACE FUNCTION leap.set_password("user" text, password text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.find_user("user");
BEGIN
    PERFORM leap.check_password(password), leap.store_password(u.id, password);
    UPDATE leap.users x SET token_version = x.token_version + 1 WHERE x.id = u.id;
    PERFORM leap.note_account('set password', u.id, jsonb_build_object('sessions_ended', leap.end_sessions(u.id, NULL, 'password')));
    DELETE FROM leap.login_failures f WHERE f.kind = 'account' AND f.key = leap.account_key(u.email);
    PERFORM leap.raise_event(u.id, 'security_alert', '{}', '{"name": "LEAP", "message": "an administrator set a new password"}');
END
$$;
COMMENT ON FUNCTION leap.set_password(text, text) IS
'For operators: sets a user''s password, ends his sessions and his blocks. Errors LP020, LP030. Give the password as a bind value: a statement with it in its text may be logged (docs/security.md).';

CREATE OR REPLACE FUNCTION leap.change_user("user" text, changes jsonb)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    old leap.users := leap.find_user("user");
    new leap.users;
    bad text;
BEGIN
    PERFORM leap.check_keys(changes, '{full_name,role,is_active,is_verified,can_transcribe,can_process_video,can_upload,can_export_data}', 'an account');
    SELECT c.key INTO bad FROM jsonb_each(changes) c
    WHERE CASE c.key WHEN 'role' THEN c.value NOT IN ('"user"', '"admin"') WHEN 'full_name' THEN jsonb_typeof(c.value) NOT IN ('string', 'null')
               ELSE jsonb_typeof(c.value) <> 'boolean' END ORDER BY c.key LIMIT 1;
    IF bad IS NOT NULL THEN
        PERFORM leap.refuse('LP030', format('%s cannot be %s', bad, left((changes->bad)::text, 100)),
                            CASE bad WHEN 'role' THEN 'Roles are user and admin.' WHEN 'full_name' THEN 'It is a text.' ELSE 'It is true or false.' END);
    END IF;
    SELECT * INTO old FROM leap.users x WHERE x.id = old.id FOR NO KEY UPDATE;
    new := jsonb_populate_record(old, changes);
    -- who is shut out or made less is that at once
    UPDATE leap.users x SET (full_name, role, is_active, is_verified, can_transcribe, can_process_video, can_upload, can_export_data, updated_at, token_version)
        = (left(new.full_name, 255), new.role, new.is_active, new.is_verified, new.can_transcribe, new.can_process_video, new.can_upload, new.can_export_data, leap.clock(),
           old.token_version + CASE WHEN (old.is_active AND NOT new.is_active) OR old.role <> new.role THEN 1 ELSE 0 END)
    WHERE x.id = old.id RETURNING * INTO new;
    IF new.token_version <> old.token_version THEN
        PERFORM leap.end_sessions(new.id, NULL, 'account');
    END IF;
    PERFORM leap.audit('change user', 'user', new.id::text,
        (SELECT jsonb_object_agg(k, to_jsonb(old)->k) FROM jsonb_object_keys(changes) k), (SELECT jsonb_object_agg(k, to_jsonb(new)->k) FROM jsonb_object_keys(changes) k));
    RETURN leap.user_json(new);
END
$$;
COMMENT ON FUNCTION leap.change_user(text, jsonb) IS
'For operators: changes a user''s full_name, role, is_active, is_verified, or what he may (can_transcribe, can_process_video, can_upload, can_export_data); a new role or an end of is_active ends his sessions. Returns the account. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION leap.user_json(u leap.users)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', u.id, 'email', u.email, 'full_name', u.full_name, 'role', u.role, 'is_active', u.is_active, 'is_verified', u.is_verified,
        'timezone', u.timezone, 'language', u.language, 'can_transcribe', u.can_transcribe, 'can_process_video', u.can_process_video, 'can_upload', u.can_upload,
        'can_export_data', u.can_export_data, 'unpublish_deleted', u.unpublish_deleted, 'created_at', u.created_at, 'last_login_at', u.last_login_at)
$$;
COMMENT ON FUNCTION leap.user_json(leap.users) IS 'An account as people see it.';

CREATE OR REPLACE FUNCTION leap.my_account()
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT leap.user_json(u) FROM leap.users u WHERE u.id = leap.current_user_id()
$$;
COMMENT ON FUNCTION leap.my_account() IS 'The caller''s own account; null for nobody.';
