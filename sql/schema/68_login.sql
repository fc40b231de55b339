-- Logging in: registration, the first token of a session, and the ones that follow.
--
-- Access tokens are short (leap.access_token_lifetime) and say nothing that leap.check_request() does not check again;
-- a refresh token is good once. docs/adr/0022-tokens.md says why.

CREATE OR REPLACE FUNCTION leap.sign_token(claims jsonb)
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    k leap.signing_keys;
    body text;
BEGIN
    SELECT * INTO STRICT k FROM leap.signing_keys x WHERE x.purpose = 'access' AND x.retired_at IS NULL;
    body := leap.base64url(convert_to(format('{"alg":"HS256","typ":"JWT","kid":"%s"}', k.kid), 'UTF8')) || '.' || leap.base64url(convert_to(claims::text, 'UTF8'));
    RETURN body || '.' || leap.base64url(leap.hmac_sha256(convert_to(body, 'UTF8'), k.secret));
END
$$;
COMMENT ON FUNCTION leap.sign_token(jsonb) IS 'A JSON Web Token (HS256) with these claims, signed with the current key.';

CREATE OR REPLACE FUNCTION leap.user_claims(u leap.users)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('sub', u.id, 'role', CASE u.role WHEN 'admin' THEN 'leap_admin' ELSE 'leap_user' END, 'tv', u.token_version)
$$;
COMMENT ON FUNCTION leap.user_claims(leap.users) IS 'Who a user is to the database: sub, role (leap_user, leap_admin) and tv.';

CREATE OR REPLACE FUNCTION leap.access_token(u leap.users, more jsonb, lifetime int)
RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT leap.sign_token(leap.user_claims(u) || more || jsonb_build_object('iat', n.now, 'exp', n.now + lifetime, 'jti', leap.base64url(leap.random_bytes(12))))
    FROM (SELECT extract(epoch FROM leap.clock())::bigint AS now) n
$$;
COMMENT ON FUNCTION leap.access_token(leap.users, jsonb, int) IS 'An access token of a user with more claims (sid of a session, key of an API key), good for so many seconds.';

CREATE OR REPLACE FUNCTION leap.session_lifetime(remember boolean)
RETURNS interval LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN remember THEN make_interval(days => leap.setting('leap.session_days')::int)
                ELSE make_interval(hours => leap.setting('leap.short_session_hours')::int) END
$$;
COMMENT ON FUNCTION leap.session_lifetime(boolean) IS 'How long a session lasts without use.';

-- The caller holds the session.
CREATE OR REPLACE FUNCTION leap.session_tokens(u leap.users, s leap.sessions)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    token text := leap.base64url(leap.random_bytes(32));
    lifetime int := leap.setting('leap.access_token_lifetime')::int;
BEGIN
    INSERT INTO leap.refresh_tokens (hash, session_id, user_id) VALUES (leap.token_hash(token), s.id, u.id);
    RETURN jsonb_build_object('token_type', 'bearer', 'access_token', leap.access_token(u, jsonb_build_object('sid', s.id), lifetime), 'expires_in', lifetime,
        'refresh_token', token, 'refresh_expires_in', extract(epoch FROM s.expires_at - leap.clock())::bigint, 'session', s.id,
        'user', jsonb_build_object('id', u.id, 'email', u.email, 'full_name', u.full_name, 'role', u.role, 'is_verified', u.is_verified, 'language', u.language));
END
$$;
COMMENT ON FUNCTION leap.session_tokens(leap.users, leap.sessions) IS
'The next pair of tokens of a session: {token_type, access_token, expires_in, refresh_token, refresh_expires_in, session, user}.';

CREATE OR REPLACE FUNCTION leap.login(email text, password text, remember_me boolean = true, device text = NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
#variable_conflict use_column
DECLARE
    account bytea := leap.account_key(login.email);
    client inet := leap.client_address();
    place bytea := leap.address_key(client);
    wait int := leap.login_blocked(account, place, false);
    verified_only boolean := leap.setting('leap.require_verified') = 'on';
    u leap.users;
    s leap.sessions;
    fits boolean;
BEGIN
    IF wait IS NOT NULL THEN
        RETURN leap.too_many_attempts(wait);
    END IF;
    SELECT * INTO u FROM leap.users x WHERE lower(x.email) = lower(btrim(login.email));
    fits := leap.password_fits(u.id, login.password);
    wait := leap.login_blocked(account, place, true);
    IF wait IS NOT NULL THEN
        RETURN leap.too_many_attempts(wait);
    ELSIF NOT fits OR u.is_active IS NOT TRUE OR (verified_only AND NOT u.is_verified) THEN
        wait := leap.count_failure(account, place);
        -- what was typed is not noted: now and then it is a password
        PERFORM leap.note_account('login', u.id, CASE WHEN wait IS NOT NULL THEN jsonb_build_object('blocked_seconds', wait) END, 'failure');
        RETURN leap.answer(401, 'LP042', 'e-mail address and password do not match an account',
            'Look for a typing error, or let the password be reset.' || CASE WHEN verified_only THEN ' A new account must be verified first: follow the link in the mail.' ELSE '' END);
    END IF;
    DELETE FROM leap.login_failures f WHERE f.kind = 'account' AND f.key = account;
    IF substring((SELECT p.hash FROM leap.passwords p WHERE p.user_id = u.id) FROM '^\$2a\$(\d\d)')::int <> leap.setting('leap.password_cost')::int THEN
        PERFORM leap.store_password(u.id, login.password);
    END IF;
    INSERT INTO leap.sessions (user_id, device, user_agent, address, remember, expires_at)
    VALUES (u.id, nullif(leap.one_line(login.device, 100), ''), leap.client_agent(), client, coalesce(remember_me, true),
            leap.clock() + leap.session_lifetime(coalesce(remember_me, true)))
    RETURNING * INTO s;
    UPDATE leap.users x SET last_login_at = leap.clock() WHERE x.id = u.id;
    PERFORM leap.note_account('login', u.id, jsonb_strip_nulls(jsonb_build_object('session', s.id, 'device', s.device)));
    RETURN leap.session_tokens(u, s);
END
$$;
COMMENT ON FUNCTION leap.login(text, text, boolean, text) IS
'Begins a session: tokens as leap.session_tokens() gives them. remember_me: it lasts leap.session_days, else leap.short_session_hours, without use; device: what the user calls it. Refusals are returned, not raised: 401 (LP042, the same for every reason), 429 (LP044) with Retry-After.';

CREATE OR REPLACE FUNCTION leap.session_over(s leap.sessions, u leap.users)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT s.id IS NULL OR s.ended_at IS NOT NULL OR s.expires_at <= leap.clock() OR u.is_active IS NOT TRUE
$$;
COMMENT ON FUNCTION leap.session_over(leap.sessions, leap.users) IS 'Whether a session of this user is good no more.';

-- Two who present the same token meet at the lock of the session: the second finds it used.
DROP FUNCTION IF EXISTS leap.refresh(text);
CREATE OR REPLACE FUNCTION leap.refresh(refresh_token text, leeway interval = '0')
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    presented bytea := leap.token_hash(left(refresh.refresh_token, 200));
    t leap.refresh_tokens;
    s leap.sessions;
    u leap.users;
BEGIN
    SELECT x.* INTO s FROM leap.sessions x WHERE x.id = (SELECT r.session_id FROM leap.refresh_tokens r WHERE r.hash = presented) FOR UPDATE;
    SELECT * INTO t FROM leap.refresh_tokens r WHERE r.hash = presented;
    SELECT * INTO u FROM leap.users x WHERE x.id = s.user_id;
    IF leap.session_over(s, u) OR t.hash IS NULL THEN
        RETURN leap.answer(401, 'LP042', 'this refresh token is not good, or no longer', 'Log in again.');
    ELSIF t.used_at <= leap.clock() - coalesce(leeway, '0') THEN
        PERFORM leap.end_sessions(s.user_id, ARRAY[s.id], 'reuse');
        PERFORM leap.note_account('refresh token used twice', s.user_id, jsonb_strip_nulls(jsonb_build_object('session', s.id, 'device', s.device,
            'used_at', t.used_at)), 'failure');
        PERFORM leap.raise_event(s.user_id, 'security_alert', jsonb_build_object('session', s.id), jsonb_build_object('name', coalesce(s.device, s.user_agent, 'LEAP'),
            'message', 'a refresh token was presented twice: the session was ended, because a copy of it may be in other hands'));
        RETURN leap.answer(401, 'LP042', 'this refresh token was used before, so its session was ended', 'Log in again. Each refresh token is good once; if you did not present it twice, change your password.');
    END IF;
    UPDATE leap.refresh_tokens r SET used_at = coalesce(r.used_at, leap.clock()) WHERE r.hash = presented;
    UPDATE leap.sessions x SET last_used_at = leap.clock(), expires_at = leap.clock() + leap.session_lifetime(x.remember),
        address = coalesce(leap.client_address(), x.address) WHERE x.id = s.id RETURNING * INTO s;
    RETURN leap.session_tokens(u, s);
END
$$;
COMMENT ON FUNCTION leap.refresh(text, interval) IS
'The next pair of tokens for a refresh token, which is used up by that. One that is presented a second time (later than leeway after the first) ends its session, is noted, and told to the user. Refusals are returned: 401 (LP042).';

-- Whether an address is taken can be hidden only where nobody gets in before his address is verified.
CREATE OR REPLACE FUNCTION leap.register(email text, password text, full_name text = NULL, invitation text = NULL, timezone text = 'UTC', language text = 'en')
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
#variable_conflict use_column
DECLARE
    mode text := leap.setting('leap.registration');
    silent boolean := leap.setting('leap.require_verified') = 'on';
    address text := btrim(register.email);
    place bytea := leap.address_key(leap.client_address());
    wait int := leap.login_blocked(NULL, place, true);
    i leap.invitations;
    made uuid;
BEGIN
    PERFORM leap.check_password(register.password);
    IF wait IS NOT NULL THEN
        RETURN leap.too_many_attempts(wait);
    ELSIF mode = 'closed' THEN
        RETURN leap.answer(403, 'LP043', 'nobody can register here', 'Ask the administrator for an account.');
    END IF;
    SELECT * INTO i FROM leap.invitations x WHERE x.hash = leap.token_hash(register.invitation) FOR UPDATE;
    IF (mode = 'invite' OR register.invitation IS NOT NULL)
       AND (i.id IS NULL OR i.used_at IS NOT NULL OR i.expires_at <= leap.clock() OR lower(i.email) <> lower(address)) THEN
        PERFORM leap.count_failure(NULL, place);
        RETURN leap.answer(403, 'LP043', 'registering needs an invitation, and this is none', 'An invitation is good once, for a while, and for the address it was made for.');
    ELSIF address !~ '^[^@\s]+@[^@\s]+$' OR length(address) > 254 THEN
        PERFORM leap.refuse('LP030', format('"%s" is no e-mail address', left(address, 300)), 'It looks like name@example.org.');
    END IF;
    INSERT INTO leap.users AS u (email, full_name, role, timezone, language)
    VALUES (address, nullif(leap.one_line(register.full_name, 255), ''), coalesce(i.role, 'user'), coalesce(register.timezone, 'UTC'), coalesce(register.language, 'en'))
    ON CONFLICT (lower(u.email)) DO NOTHING RETURNING u.id INTO made;
    IF made IS NULL THEN
        PERFORM leap.password_fits(NULL, register.password);     -- as long as for somebody new
        IF NOT silent THEN
            PERFORM leap.count_failure(NULL, place);
            RETURN leap.answer(409, '23505', format('there is a user %s already', address), 'Log in, or let the password be reset.');
        END IF;
    ELSE
        PERFORM leap.store_password(made, register.password);
        UPDATE leap.invitations x SET used_at = leap.clock(), used_by = made WHERE x.id = i.id;
        PERFORM leap.note_account('register', made, CASE WHEN i.id IS NOT NULL THEN jsonb_build_object('invitation', i.id) END);
    END IF;
    PERFORM leap.ask_for_mail(address, 'verify');
    PERFORM set_config('response.status', '201', true);
    RETURN jsonb_build_object('email', address, 'verify', silent);
END
$$;
COMMENT ON FUNCTION leap.register(text, text, text, text, text, text) IS
'Makes an account, as leap.registration allows: {"email", "verify": whether the address must be verified before the first login}. Errors: LP030 for a bad address, password, zone or language. Returned, not raised: 403 (LP043) without the invitation that is needed, 409 (23505) for an address that is taken (where leap.require_verified is on the answer is that of a new account), 429 (LP044).';
