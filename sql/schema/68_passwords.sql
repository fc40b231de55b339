-- Passwords: what one may be, how it is kept and compared, and how guessing is slowed down.
--
-- bcrypt reads 72 bytes at most, and a password of 100 Cyrillic letters has 200: what is hashed is the SHA-256 of the
-- password in base64. A login costs exactly one hash whether the account exists, has a password, is active, or not.
--
-- A refusal that counts must stay when it is told: functions that people reach without being known *return* it (status
-- and headers in the settings response.*, the body as their result), they never raise. Failures are counted per account
-- and per network address. The rows are locked after the hash and judged again: who guesses at once from many places
-- gets an answer only as often as one who guesses in turn.

CREATE OR REPLACE FUNCTION leap.answer(status int, code text, message text, hint text = NULL, headers jsonb = NULL)
RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('response.status', status::text, true), set_config('response.headers', coalesce(headers::text, ''), true);
    RETURN jsonb_build_object('code', code, 'message', message, 'details', NULL, 'hint', hint);
END
$$;
COMMENT ON FUNCTION leap.answer(int, text, text, text, jsonb) IS
'A refusal that is returned, so that what was counted stays: sets response.status and response.headers (an array of objects) and returns the body of an error.';

-- One place writes what accounts do to the log. Who proved who he is while nobody was known did it himself.
DROP FUNCTION IF EXISTS leap.note_account(text, uuid, jsonb);
CREATE OR REPLACE FUNCTION leap.note_account(action text, of_user uuid, details jsonb = NULL, result text = 'success')
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM leap.audit(action, 'user', of_user::text, details => details, result => result,
                       user_id => CASE WHEN result = 'success' AND NOT leap.calls_as_operator() THEN of_user END);
END
$$;
COMMENT ON FUNCTION leap.note_account(text, uuid, jsonb, text) IS
'Notes in the audit log what was done with an account, or (result failure) what was refused; details hold no secret.';

CREATE OR REPLACE FUNCTION leap.check_password(password text)
RETURNS void LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF password IS NULL OR length(password) NOT BETWEEN 8 AND 100 OR password !~ '\d' OR password = lower(password) THEN
        PERFORM leap.refuse('LP030', 'this cannot be a password', 'A password has 8 to 100 characters, at least one of them a digit and one a capital letter.');
    END IF;
END
$$;
COMMENT ON FUNCTION leap.check_password(text) IS 'Refuses (LP030) what is no password: 8 to 100 characters, a digit, a capital letter. The message never shows it.';

CREATE OR REPLACE FUNCTION leap.password_digest(password text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT encode(sha256(convert_to(coalesce(password, ''), 'UTF8')), 'base64') $$;
COMMENT ON FUNCTION leap.password_digest(text) IS 'What bcrypt is given: the password, however long, as 44 characters.';

CREATE OR REPLACE FUNCTION leap.store_password(of_user uuid, password text)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO leap.passwords AS p (user_id, hash)
    VALUES (of_user, leap.bcrypt(leap.password_digest(password), leap.bcrypt_salt(leap.setting('leap.password_cost')::int)))
    ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, changed_at = leap.clock()
$$;
COMMENT ON FUNCTION leap.store_password(uuid, text) IS 'Keeps the hash of a password that leap.check_password() let pass.';

-- The stand-in has a salt and no hash, so nothing ever equals it.
CREATE OR REPLACE FUNCTION leap.password_fits(of_user uuid, password text)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    kept text := coalesce((SELECT p.hash FROM leap.passwords p WHERE p.user_id = of_user),
                          format('$2a$%s$%s', lpad(leap.setting('leap.password_cost'), 2, '0'), repeat('.', 22)));
BEGIN
    RETURN leap.bcrypt(leap.password_digest(left(password, 101)), kept) = kept;
END
$$;
COMMENT ON FUNCTION leap.password_fits(uuid, text) IS 'Whether this is the password of a user. Takes one hash in any case, for null (nobody) too.';

CREATE OR REPLACE FUNCTION leap.account_key(email text)
RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT sha256(convert_to(lower(btrim(left(coalesce(email, ''), 300))), 'UTF8')) $$;
COMMENT ON FUNCTION leap.account_key(text) IS 'The key under which failures of an account are counted.';

-- Whoever has an IPv6 network has 2^64 addresses in it.
CREATE OR REPLACE FUNCTION leap.address_key(address inet)
RETURNS bytea LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT convert_to(host(CASE family(address) WHEN 6 THEN network(set_masklen(address, 64)) ELSE address END), 'UTF8')
$$;
COMMENT ON FUNCTION leap.address_key(inet) IS 'The key under which failures of an address are counted: itself, or its /64 network in IPv6.';

-- Failures whose time is over are forgotten when the row is looked at; row locks are taken in the order of the key.
CREATE OR REPLACE FUNCTION leap.login_blocked(account bytea, address bytea, hold boolean)
RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz := leap.clock();
BEGIN
    IF hold THEN
        PERFORM FROM leap.login_failures f WHERE (f.kind, f.key) IN (('account', account), ('address', address)) ORDER BY f.kind, f.key FOR UPDATE;
    END IF;
    RETURN (SELECT ceil(extract(epoch FROM max(f.until) - at)) FROM leap.login_failures f
            WHERE (f.kind, f.key) IN (('account', account), ('address', address)) AND f.until > at);
END
$$;
COMMENT ON FUNCTION leap.login_blocked(bytea, bytea, boolean) IS
'For how many seconds more logins of this account or from this address are refused; null: they are not. hold: as it is after whoever counts just now, and until this transaction ends.';

CREATE OR REPLACE FUNCTION leap.count_failure(account bytea, address bytea)
RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz := leap.clock();
    longest int := leap.setting('leap.login_block_max')::int;
    first int := leap.setting('leap.login_block')::int;
BEGIN
    INSERT INTO leap.login_failures AS f (kind, key, failures, last_at)
    SELECT k.kind, k.key, 1, at FROM (VALUES ('account', account), ('address', address)) AS k(kind, key) WHERE k.key IS NOT NULL ORDER BY k.kind
    ON CONFLICT (kind, key) DO UPDATE
    SET failures = CASE WHEN greatest(f.last_at, f.until) < at - longest * interval '1 s' THEN 1 ELSE f.failures + 1 END, last_at = at;
    UPDATE leap.login_failures f
    SET until = at + least(longest, first * 2.0 ^ least(30, f.failures - l.free)) * interval '1 s'
    FROM (VALUES ('account', leap.setting('leap.login_attempts')::int), ('address', leap.setting('leap.login_attempts_address')::int)) AS l(kind, free)
    WHERE l.kind = f.kind AND (f.kind, f.key) IN (('account', account), ('address', address)) AND f.failures >= l.free;
    RETURN leap.login_blocked(account, address, false);
END
$$;
COMMENT ON FUNCTION leap.count_failure(bytea, bytea) IS
'Counts a failed login of an account and from an address; returns for how many seconds that blocks them, or null. Blocks begin after leap.login_attempts (leap.login_attempts_address) and double, from leap.login_block to leap.login_block_max.';

CREATE OR REPLACE FUNCTION leap.too_many_attempts(seconds int)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT leap.answer(429, 'LP044', 'too many attempts failed', format('Try again in %s seconds.', seconds),
                       jsonb_build_array(jsonb_build_object('Retry-After', seconds::text)))
$$;
COMMENT ON FUNCTION leap.too_many_attempts(int) IS 'The answer to who must wait so long: 429 with Retry-After.';
