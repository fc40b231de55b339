-- API keys for programs, the keys that sign, and invitations.
--
-- A key is lpk_<prefix>_<43 characters>: the prefix is how people know it, the rest is shown once and kept as a hash.

CREATE OR REPLACE FUNCTION leap.add_api_key(name text, scope text = 'read', expires_at timestamptz = NULL, "user" text = NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
#variable_conflict use_column
DECLARE
    u leap.users := CASE WHEN leap.current_user_id() IS NULL AND leap.calls_as_operator() THEN leap.find_user("user") ELSE leap.account_owner() END;
    prefix text := encode(leap.random_bytes(4), 'hex');
    key text := format('lpk_%s_%s', prefix, leap.base64url(leap.random_bytes(32)));
    k leap.api_keys;
BEGIN
    IF lower("user") NOT IN (lower(u.email), u.id::text) THEN
        PERFORM leap.refuse('LP043', 'nobody makes keys for others', 'Operators do so in the database, where they speak for no user.');
    ELSIF add_api_key.scope IS NULL OR add_api_key.scope NOT IN ('read', 'write', 'admin') THEN
        PERFORM leap.refuse('LP030', format('there is no scope "%s"', left(add_api_key.scope, 50)), 'Scopes are read, write (and read) and admin (everything, as an administrator).');
    ELSIF add_api_key.scope = 'admin' AND u.role <> 'admin' THEN
        PERFORM leap.refuse('LP043', 'only administrators have keys with the scope admin', 'Scopes for everybody are read and write.');
    ELSIF add_api_key.name !~ '\S' OR length(add_api_key.name) > 100 THEN
        PERFORM leap.refuse('LP030', 'a key needs a name', 'A name has 1 to 100 characters.');
    ELSIF add_api_key.expires_at <= leap.clock() THEN
        PERFORM leap.refuse('LP030', 'a key cannot have expired when it is made', 'Name a time to come, or none.');
    END IF;
    PERFORM FROM leap.users x WHERE x.id = u.id FOR NO KEY UPDATE;
    IF (SELECT count(*) FROM leap.api_keys x WHERE x.user_id = u.id AND x.revoked_at IS NULL) >= 50 THEN
        PERFORM leap.refuse('LP010', 'a user has at most 50 keys', 'Revoke one that is not needed.');
    END IF;
    INSERT INTO leap.api_keys (user_id, name, prefix, hash, scope, expires_at)
    VALUES (u.id, btrim(add_api_key.name), 'lpk_' || prefix, leap.token_hash(key), add_api_key.scope, add_api_key.expires_at) RETURNING * INTO k;
    PERFORM leap.note_account('add API key', u.id, jsonb_build_object('id', k.id, 'name', k.name, 'prefix', k.prefix, 'scope', k.scope));
    RETURN leap.api_key_json(k) || jsonb_build_object('key', key);
END
$$;
COMMENT ON FUNCTION leap.add_api_key(text, text, timestamptz, text) IS
'Makes a key for programs of the caller (for operators in psql: of the user they name) and shows it, as key, this once. scope: read, write, admin. Errors LP010 (50 keys), LP030, LP042, LP043.';

CREATE OR REPLACE FUNCTION leap.api_key_json(k leap.api_keys)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', k.id, 'name', k.name, 'prefix', k.prefix, 'scope', k.scope, 'created_at', k.created_at, 'expires_at', k.expires_at,
                              'last_used_at', k.last_used_at, 'revoked_at', k.revoked_at)
$$;
COMMENT ON FUNCTION leap.api_key_json(leap.api_keys) IS 'A key as people see it: never the key itself.';

CREATE OR REPLACE FUNCTION leap.api_key_list("user" text = NULL)
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT coalesce(jsonb_agg(leap.api_key_json(k) ORDER BY k.id), '[]') FROM leap.api_keys k WHERE k.user_id = (SELECT (leap.acting_user("user")).id)
$$;
COMMENT ON FUNCTION leap.api_key_list(text) IS 'The keys of the caller, revoked ones too. Error LP020.';

CREATE OR REPLACE FUNCTION leap.my_api_keys()
RETURNS TABLE (id uuid, name text, prefix text, scope text, created_at timestamptz, expires_at timestamptz, last_used_at timestamptz, revoked_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT k.id, k.name, k.prefix, k.scope, k.created_at, k.expires_at, k.last_used_at, k.revoked_at FROM leap.api_keys k WHERE k.user_id = leap.current_user_id()
$$;
COMMENT ON FUNCTION leap.my_api_keys() IS 'The keys of the user this request speaks for, revoked ones too; no row where it speaks for nobody.';

CREATE OR REPLACE FUNCTION leap.revoke_api_key(id uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    k leap.api_keys;
BEGIN
    IF leap.claim_text('key') IS NOT NULL AND leap.claim_text('key') <> revoke_api_key.id::text THEN
        PERFORM leap.refuse('LP043', 'an API key revokes only itself', 'Log in with e-mail address and password.');
    END IF;
    UPDATE leap.api_keys x SET revoked_at = leap.clock()
    WHERE x.id = revoke_api_key.id AND x.revoked_at IS NULL AND leap.may_see(x.user_id) RETURNING * INTO k;
    IF k.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no key %s', revoke_api_key.id), 'A list of the keys shows those there are.');
    END IF;
    PERFORM leap.note_account('revoke API key', k.user_id, jsonb_build_object('id', k.id, 'name', k.name, 'prefix', k.prefix));
END
$$;
COMMENT ON FUNCTION leap.revoke_api_key(uuid) IS 'Makes a key worthless at once. Error LP020 for one that is gone and for another''s, LP043 for a key that is not its own.';

-- The gateway asks outside the request's transaction, which may be read-only. A key's use is noted once a minute.
CREATE OR REPLACE FUNCTION leap.claims_of_key(key text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
#variable_conflict use_column
DECLARE
    k leap.api_keys;
    u leap.users;
BEGIN
    SELECT * INTO k FROM leap.api_keys x WHERE x.hash = leap.token_hash(left(claims_of_key.key, 200)) AND x.revoked_at IS NULL
        AND (x.expires_at IS NULL OR x.expires_at > leap.clock());
    SELECT * INTO u FROM leap.users x WHERE x.id = k.user_id AND x.is_active;
    IF u.id IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE leap.api_keys x SET last_used_at = leap.clock() WHERE x.id = k.id AND (x.last_used_at IS NULL OR x.last_used_at < leap.clock() - interval '1 minute');
    RETURN leap.user_claims(u) || jsonb_build_object('key', k.id, 'scope', k.scope)
           || CASE WHEN k.scope <> 'admin' THEN '{"role": "leap_user"}'::jsonb ELSE '{}' END
           || CASE WHEN k.expires_at IS NOT NULL THEN jsonb_build_object('exp', extract(epoch FROM k.expires_at)::bigint) ELSE '{}' END;
END
$$;
COMMENT ON FUNCTION leap.claims_of_key(text) IS
'The claims of an API key: sub, role, tv, key (its id), scope, exp; null for one that is not good. The gateway may remember them for a while: leap.check_request() judges the key again.';

CREATE OR REPLACE FUNCTION leap.token_from_key(key text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    claims jsonb := leap.claims_of_key(token_from_key.key);
    lifetime int := leap.setting('leap.access_token_lifetime')::int;
    now bigint := extract(epoch FROM leap.clock());
BEGIN
    IF claims IS NULL THEN
        RETURN leap.answer(401, 'LP042', 'this API key is not good, or no longer', 'Make another one.');
    END IF;
    RETURN jsonb_build_object('token_type', 'bearer', 'expires_in', lifetime, 'access_token', leap.sign_token(
        claims || jsonb_build_object('iat', now, 'exp', least(now + lifetime, (claims->>'exp')::bigint), 'jti', leap.base64url(leap.random_bytes(12)))));
END
$$;
COMMENT ON FUNCTION leap.token_from_key(text) IS
'An access token for an API key, for servers that read no keys: {token_type, access_token, expires_in}. Returned, not raised: 401 (LP042).';

CREATE OR REPLACE FUNCTION leap.gateway_keys()
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT jsonb_build_object('keys', jsonb_agg(jsonb_build_object('kty', 'oct', 'alg', 'HS256', 'use', 'sig', 'kid', k.kid, 'k', leap.base64url(k.secret))
                                                ORDER BY k.retired_at IS NOT NULL, k.created_at DESC))
    FROM leap.signing_keys k
    WHERE k.purpose = 'access' AND (k.retired_at IS NULL OR k.retired_at > leap.clock() - (leap.setting('leap.access_token_lifetime')::int + 60) * interval '1 s')
$$;
COMMENT ON FUNCTION leap.gateway_keys() IS
'What access tokens are verified with, as a JSON Web Key Set: the current key first, then those that were retired so recently that a token may still bear them. For the gateway; a NOTIFY leap_keys says that it has changed.';

CREATE OR REPLACE FUNCTION leap.rotate_signing_key(purpose text = 'access')
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    fresh text := encode(leap.random_bytes(6), 'hex');
BEGIN
    IF rotate_signing_key.purpose IS NULL OR rotate_signing_key.purpose NOT IN ('access', 'mail', 'files', 'shares') THEN
        PERFORM leap.refuse('LP030', format('no key is for "%s"', rotate_signing_key.purpose), 'Keys are for access (tokens), mail (links in mails), files (links to files) and shares (links to lessons).');
    END IF;
    UPDATE leap.signing_keys k SET retired_at = leap.clock() WHERE k.purpose = rotate_signing_key.purpose AND k.retired_at IS NULL;
    INSERT INTO leap.signing_keys (kid, purpose, secret) VALUES (fresh, rotate_signing_key.purpose, leap.random_bytes(32));
    PERFORM leap.audit('rotate key', 'signing key', fresh, NULL, jsonb_build_object('purpose', rotate_signing_key.purpose));
    PERFORM pg_notify('leap_keys', ''), pg_notify('pgrst', 'reload config');
    RETURN fresh;
END
$$;
COMMENT ON FUNCTION leap.rotate_signing_key(text) IS
'Makes a new key that signs from now on; the old one verifies until what it signed has expired, but for links to files and to lessons, which all end at once. Returns the id of the new key. After a leak also end the sessions: a stolen key signs until then. Error LP030.';

CREATE OR REPLACE FUNCTION leap.add_invitation(email text = NULL, role text = 'user', days int = NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
#variable_conflict use_column
DECLARE
    token text := leap.base64url(leap.random_bytes(32));
    i leap.invitations;
BEGIN
    IF add_invitation.email !~ '^[^@\s]+@[^@\s]+$' OR length(add_invitation.email) > 254 THEN
        PERFORM leap.refuse('LP030', format('"%s" is no e-mail address', left(add_invitation.email, 300)), 'It looks like name@example.org; null invites whoever has the invitation.');
    ELSIF add_invitation.role IS NULL OR add_invitation.role NOT IN ('user', 'admin') THEN
        PERFORM leap.refuse('LP030', format('there is no role "%s"', add_invitation.role), 'Roles are user and admin.');
    ELSIF days NOT BETWEEN 1 AND 3650 THEN
        PERFORM leap.refuse('LP030', format('an invitation cannot last %s days', days), 'It lasts 1 to 3650 days.');
    END IF;
    INSERT INTO leap.invitations (hash, email, role, created_by, expires_at)
    VALUES (leap.token_hash(token), btrim(add_invitation.email), add_invitation.role, coalesce(leap.current_user_id()::text, session_user),
            leap.clock() + make_interval(days => coalesce(days, leap.setting('leap.invite_days')::int))) RETURNING * INTO i;
    PERFORM leap.audit('invite', 'invitation', i.id::text, NULL, jsonb_build_object('email', i.email, 'role', i.role));
    RETURN jsonb_build_object('id', i.id, 'email', i.email, 'role', i.role, 'expires_at', i.expires_at, 'invitation', token,
                              'url', (SELECT rtrim(s.setting, '/') || '/register#' || token || coalesce('&' || leap.url_encode(i.email), '') FROM pg_settings s WHERE s.name = 'leap.public_url' AND s.setting <> s.boot_val));
END
$$;
COMMENT ON FUNCTION leap.add_invitation(text, text, int) IS
'For operators: an invitation to register, good once, for so many days (leap.invite_days); {id, email, role, expires_at, invitation, url}, shown only now: who is invited sends invitation to register(); url is a link with it, and the address if there is one, for a page below leap.public_url, null unless that is set. Error LP030.';

CREATE OR REPLACE FUNCTION leap.invitation_list()
RETURNS TABLE (id uuid, email text, role text, created_by text, created_at timestamptz, expires_at timestamptz, used_at timestamptz, used_by uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT i.id, i.email, i.role, i.created_by, i.created_at, i.expires_at, i.used_at, i.used_by FROM leap.invitations i ORDER BY i.id DESC
$$;
COMMENT ON FUNCTION leap.invitation_list() IS 'For operators: all invitations, the newest first.';

CREATE OR REPLACE FUNCTION leap.delete_invitation(id uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    DELETE FROM leap.invitations i WHERE i.id = delete_invitation.id AND i.used_at IS NULL;
    IF NOT FOUND THEN
        PERFORM leap.refuse('LP020', format('there is no open invitation %s', delete_invitation.id), 'leap.invitation_list() shows them.');
    END IF;
    PERFORM leap.audit('withdraw invitation', 'invitation', delete_invitation.id::text);
END
$$;
COMMENT ON FUNCTION leap.delete_invitation(uuid) IS 'For operators: withdraws an invitation that was not used. Error LP020.';
