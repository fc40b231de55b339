-- Accounts: what the world sees of logging in, of sessions, keys and links, and what it does not.
\set SHOW_CONTEXT never
SELECT clock_timestamp() AS begun \gset
SET leap.password_cost = 4;
SET leap.mail = on;
SET leap.public_url = 'https://leap.example.org/';
CREATE OR REPLACE FUNCTION test.at(t timestamptz) RETURNS void LANGUAGE sql AS $$ SELECT set_config('test.clock', t::text, false) $$;
SELECT test.at('2026-05-04 10:00+00');
CREATE OR REPLACE FUNCTION leap.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT current_setting('test.clock')::timestamptz $$;
-- what passwords cost is counted, not timed
CREATE SEQUENCE test.hashes;
CREATE OR REPLACE FUNCTION leap.bcrypt(password text, salt text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM nextval('test.hashes');
    RETURN leap_crypto.crypt(password, salt);
END
$$;
GRANT USAGE ON SCHEMA test TO leap_owner;
GRANT ALL ON SEQUENCE test.hashes TO leap_owner;
SELECT setval('test.hashes', 1);

-- a request: the role, the claims, and what it calls; answers the status, the headers, and the body without what is random
CREATE TABLE test.answers (name text PRIMARY KEY, body jsonb);
CREATE FUNCTION test.ask(called text, claims jsonb = NULL, address text = '192.0.2.1', method text = 'POST', OUT status text, OUT headers text, OUT body jsonb) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('request.headers', jsonb_build_object('x-leap-client-address', address, 'user-agent', 'tests/1')::text, true),
            set_config('request.jwt.claims', coalesce(claims::text, ''), true), set_config('request.method', method, true), set_config('response.status', '', true),
            set_config('response.headers', '', true), set_config('role', coalesce(claims->>'role', 'leap_anon'), true);
    BEGIN
        PERFORM leap.check_request();
        EXECUTE 'SELECT to_jsonb(x) FROM (SELECT ' || called || ') AS y(x)' INTO body;
    EXCEPTION WHEN OTHERS THEN
        body := jsonb_build_object('raised', SQLSTATE, 'message', regexp_replace(SQLERRM, '[0-9a-f]{8}-[0-9a-f-]{27}', '<id>', 'g'));
    END;
    status := nullif(current_setting('response.status'), '');
    headers := nullif(current_setting('response.headers'), '');
    PERFORM set_config('role', 'none', true);
    IF body ?| '{access_token,key,invitation}' THEN
        DELETE FROM test.answers WHERE name = 'last';
        INSERT INTO test.answers VALUES ('last', body);
        body := body - '{access_token,refresh_token,session,key,id,prefix,invitation,url,created_at}'::text[] #- '{user,id}';
    END IF;
END
$$;
CREATE FUNCTION test.keep(as_name text) RETURNS void LANGUAGE sql AS $$
    DELETE FROM test.answers WHERE name = as_name; UPDATE test.answers SET name = as_name WHERE name = 'last' $$;
CREATE FUNCTION test.got(of_name text, what text) RETURNS text LANGUAGE sql AS $$ SELECT body->>what FROM test.answers WHERE name = of_name $$;
CREATE FUNCTION test.claims(of_name text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT convert_from(decode(rpad(translate(p, '-_', '+/'), length(p) + (4 - length(p) % 4) % 4, '='), 'base64'), 'UTF8')::jsonb
    FROM (SELECT split_part(body->>'access_token', '.', 2) AS p FROM test.answers WHERE name = of_name) x $$;

-- who may register
SELECT * FROM test.ask($$leap.register('ann@example.org', 'Secret123', 'Ann')$$);
SELECT * FROM test.ask($$leap.add_invitation()$$);
SELECT leap.add_invitation('ann@example.org', 'admin') - '{id,invitation,url}'::text[] AS invited;
SELECT leap.add_invitation(NULL, 'root');
SELECT leap.add_invitation('ann@example.org', 'admin') AS i \gset
SELECT * FROM test.ask(format($$leap.register('bob@example.org', 'Secret123', 'Bob', %L)$$, :'i'::jsonb->>'invitation'));
SELECT * FROM test.ask(format($$leap.register(' Ann@example.org', 'Secret123', 'Ann', %L, 'Europe/Moscow', 'ru')$$, :'i'::jsonb->>'invitation'));
SELECT * FROM test.ask(format($$leap.register('ann@example.org', 'Secret123', 'Ann', %L)$$, :'i'::jsonb->>'invitation'));
SELECT email, role, timezone, language, is_verified FROM leap.users WHERE lower(email) = 'ann@example.org';
SET leap.registration = closed;
SELECT * FROM test.ask($$leap.register('bob@example.org', 'Secret123', 'Bob')$$);
SET leap.registration = open;
SELECT * FROM test.ask($$leap.register('bob@example.org', 'Secret123', 'Bob')$$);
SELECT * FROM test.ask($$leap.register('bob@example.org', 'Other1234')$$);
SELECT * FROM test.ask($$leap.register('bob', 'Secret123')$$);
-- rules of passwords; the message has none of it
SELECT p, (test.ask(format('leap.register(%L, %L)', 'x@example.org', p))).body->>'message' AS message
FROM unnest(ARRAY['Short12', 'secret123', 'Secretary', rpad('Aa1', 101, 'x')]) p;
SELECT (test.ask(format('leap.register(%L, %L)', 'long@example.org', rpad('Aa1', 100, 'ж')))).status;
-- all of a long password counts
SELECT status, body ? 'refresh_token' AS in FROM unnest(ARRAY['ж', 'жж']) e, test.ask(format('leap.login(%L, %L)', 'long@example.org', rpad('Aa1', 100 - length(e), 'ж') || replace(e, 'жж', 'жx')));

-- a login costs one hash: of an account, with a wrong password, of an account without password or that is shut out, of nobody
SELECT leap.add_user('none@example.org') IS NOT NULL AS without, (leap.change_user('long@example.org', '{"is_active": false}'))->>'is_active' AS active;
CREATE FUNCTION test.cost(email text, password text) RETURNS TABLE (status text, message text, hashes bigint) LANGUAGE plpgsql AS $$
DECLARE before bigint := (SELECT last_value FROM test.hashes);
BEGIN
    RETURN QUERY SELECT a.status, a.body->>'message', (SELECT last_value FROM test.hashes) - before FROM test.ask(format('leap.login(%L, %L)', email, password), NULL, '192.0.2.99') a;
END
$$;
SELECT e.email, c.* FROM (VALUES ('bob@example.org', 'Secret123'), ('bob@example.org', 'wrong'), ('none@example.org', 'Secret123'), ('long@example.org', rpad('Aa1', 100, 'ж')),
    ('nobody@example.org', 'Secret123'), (NULL, NULL)) e(email, password), test.cost(e.email, e.password) c;

-- the first session
SELECT * FROM test.ask($$leap.login('BOB@example.org', 'Secret123', true, 'laptop')$$);
SELECT test.keep('laptop');
SELECT test.claims('laptop') - '{sub,sid,jti}'::text[] AS claims, (test.claims('laptop')->>'exp')::int - (test.claims('laptop')->>'iat')::int AS seconds;
-- signed as RFC 7515 says, with the current key of the set
SELECT convert_from(decode(split_part(t, '.', 1), 'base64'), 'UTF8')::jsonb - 'kid' AS header,
       leap.base64url(leap_crypto.hmac(convert_to(split_part(t, '.', 1) || '.' || split_part(t, '.', 2), 'UTF8'),
           decode(translate(leap.gateway_keys() #>> '{keys,0,k}', '-_', '+/') || '=', 'base64'), 'sha256')) = split_part(t, '.', 3) AS good
FROM (SELECT test.got('laptop', 'access_token') AS t) x;
SELECT * FROM test.ask($$leap.login('bob@example.org', 'Secret123', false, 'phone')$$);
SELECT test.keep('phone');
SELECT * FROM test.ask('(SELECT jsonb_agg(to_jsonb(s) - ''id'') FROM leap.session_list() s)', test.claims('phone'));
-- refreshed; a token that is used twice ends its session, and only that
SELECT test.at('2026-05-04 10:15+00');
SELECT test.got('laptop', 'refresh_token') AS first \gset
SELECT * FROM test.ask(format('leap.refresh(%L)', :'first'));
SELECT test.keep('laptop2');
SELECT status FROM test.ask('leap.my_account()', test.claims('laptop2'));
SELECT * FROM test.ask(format('leap.refresh(%L)', :'first'));
SELECT * FROM test.ask(format('leap.refresh(%L)', test.got('laptop2', 'refresh_token')));
SELECT * FROM test.ask('leap.my_account()', test.claims('laptop2'));
SELECT body ? 'email' AS in FROM test.ask('leap.my_account()', test.claims('phone'));
SELECT n.event, n.payload FROM leap.notifications n JOIN leap.users u ON u.id = n.user_id WHERE u.email = 'bob@example.org';
SELECT * FROM test.ask($$leap.refresh('no such token')$$);
-- without use a session ends
SELECT test.at('2026-05-04 22:00+00');
SELECT * FROM test.ask('leap.my_account()', test.claims('phone'));
SELECT * FROM test.ask(format('leap.refresh(%L)', test.got('phone', 'refresh_token')));

-- passwords, and the sessions they end; logging out in three ways
SELECT test.at('2026-05-05 10:00+00');
SELECT (test.ask(format('leap.login(%L, %L, true, %L)', 'bob@example.org', 'Secret123', d))).status IS NULL AS in, test.keep(d) FROM unnest('{a}'::text[]) d;
SELECT (test.ask(format('leap.login(%L, %L, true, %L)', 'bob@example.org', 'Secret123', d))).status IS NULL AS in, test.keep(d) FROM unnest('{b}'::text[]) d;
SELECT * FROM test.ask($$leap.change_password('wrong', 'Secret456')$$, test.claims('a'));
SELECT * FROM test.ask($$leap.change_password('Secret123', 'secret')$$, test.claims('a'));
SELECT * FROM test.ask($$leap.change_password('Secret123', 'Secret456')$$, test.claims('a'));
SELECT n, (test.ask('leap.my_account()', test.claims(n))).body->>'message' AS refused FROM unnest('{a,b}'::text[]) n;
SELECT status IS NULL AS in, test.keep('c') FROM test.ask($$leap.login('bob@example.org', 'Secret456', true, 'c')$$);
SELECT body FROM test.ask('leap.logout_others()', test.claims('c'));
SELECT body FROM test.ask('leap.logout()', test.claims('a'));
SELECT body FROM test.ask('leap.logout_everywhere()', test.claims('c'));
SELECT body FROM test.ask('leap.my_account()', test.claims('c'));
SELECT end_reason, count(*) FROM leap.sessions s JOIN leap.users u ON u.id = s.user_id WHERE u.email = 'bob@example.org' GROUP BY 1 ORDER BY 1;

-- guessing is slowed down: per account, known or not, and per address
SELECT test.at('2026-05-06 10:00+00');
SELECT e, string_agg(concat_ws(' ', a.status, a.headers), ', ' ORDER BY n) FROM unnest('{bob@example.org,nobody2@example.org}'::text[]) e, generate_series(1, 6) n,
    LATERAL test.ask(format('leap.login(%L, %L)', e, 'guess' || n), NULL, '198.51.100.' || n) a GROUP BY e ORDER BY e;
SELECT * FROM test.ask($$leap.login('bob@example.org', 'Secret456')$$);
SELECT test.at('2026-05-06 10:00:31+00');
SELECT status, headers FROM test.ask($$leap.login('bob@example.org', 'guess')$$);
SELECT status, headers FROM test.ask($$leap.login('bob@example.org', 'guess')$$);
SELECT test.at('2026-05-06 10:01:32+00');
SELECT status FROM test.ask($$leap.login('bob@example.org', 'Secret456')$$);
SELECT count(*) AS failures_of_bob FROM leap.login_failures WHERE kind = 'account' AND key = leap.account_key('bob@example.org');
SET leap.login_attempts_address = 3;
SELECT string_agg(coalesce(a.status, 'in'), ', ' ORDER BY n) FROM generate_series(1, 5) n, LATERAL test.ask(format('leap.login(%L, %L)', 'guest' || n || '@example.org', 'x'), NULL, '2001:db8::' || n) a;
SELECT status FROM test.ask($$leap.login('bob@example.org', 'Secret456')$$, NULL, '2001:db8::77');
SELECT status FROM test.ask($$leap.login('bob@example.org', 'Secret456')$$, NULL, '2001:db8:0:1::77');
RESET leap.login_attempts_address;
SELECT a AS said, (test.ask($$leap.login('nobody3@example.org', 'x')$$, NULL, a)).status FROM unnest('{"","::1; DROP","999.1.1.1"}'::text[]) a;

-- forgotten passwords: who asks learns nothing, and nothing that is kept opens the account
SELECT e, test.ask(format('leap.forgot_password(%L)', e)) FROM unnest('{bob@example.org,nobody@example.org,BOB@example.org}'::text[]) e;
SELECT leap.answer_account_requests() AS sent;
SELECT count(*) AS left FROM leap.account_requests;
CREATE VIEW test.link AS SELECT d.id, d.state, d.message, leap.delivery_input(d.id) AS mail FROM leap.deliveries d JOIN leap.users u ON u.id = d.user_id
    WHERE u.email = 'bob@example.org' AND d.message ? 'account_token' ORDER BY d.id DESC LIMIT 1;
SELECT regexp_replace(mail->>'text', '#\S+', '#<token>') AS text, mail->>'to' AS "to", mail->>'subject' AS subject FROM test.link;
SELECT substring(mail->>'text' FROM '#(\S+)') AS token FROM test.link \gset
SELECT position(:'token' IN d::text) > 0 AS kept FROM leap.deliveries d WHERE d.id = (SELECT id FROM test.link) UNION SELECT position(:'token' IN t::text) > 0 FROM leap.account_tokens t;
SELECT substring(mail->>'text' FROM '#(\S+)') = :'token' AS same FROM test.link;
SELECT * FROM test.ask($$leap.reset_password('guessed', 'Secret789')$$);
SELECT * FROM test.ask(format('leap.verify_email(%L)', :'token'));
SELECT * FROM test.ask(format('leap.reset_password(%L, %L)', :'token', 'Secret789'));
SELECT status FROM test.ask(format('leap.reset_password(%L, %L)', :'token', 'Secret789'));
SELECT status IS NULL AS in FROM test.ask($$leap.login('bob@example.org', 'Secret789')$$);
SELECT mail FROM test.link;
-- verified by that; another who asks twice in a minute gets one, and a link that is too old is none
SELECT is_verified FROM leap.users WHERE email = 'bob@example.org';
SELECT test.ask($$leap.register('eve@example.org', 'Secret123')$$), leap.answer_account_requests();
SELECT test.ask($$leap.resend_verification('eve@example.org')$$), leap.answer_account_requests();
SELECT test.at('2026-05-07 11:00+00');
SELECT leap.mail_token(t.id, t.purpose, t.kid) AS token FROM leap.account_tokens t WHERE t.email = 'eve@example.org' \gset
SELECT status FROM test.ask(format('leap.verify_email(%L)', :'token'));
-- where addresses must be verified first, registering does not tell which are taken, and logging in neither
SET leap.require_verified = on;
SELECT e, test.ask(format('leap.register(%L, %L)', e, 'Secret123')), test.ask(format('leap.login(%L, %L)', e, 'Secret123'))
FROM unnest('{eve@example.org,bob@example.org,new@example.org}'::text[]) e;
SELECT leap.answer_account_requests();
SELECT body FROM test.ask(format('leap.verify_email(%L)', (SELECT leap.mail_token(t.id, t.purpose, t.kid) FROM leap.account_tokens t WHERE t.email = 'new@example.org')));
SELECT status IS NULL AS in FROM test.ask($$leap.login('new@example.org', 'Secret123')$$);
RESET leap.require_verified;

-- one's own account; a new address needs the password and is to be verified
SELECT status IS NULL AS in, test.keep('eve') FROM test.ask($$leap.login('eve@example.org', 'Secret123')$$);
SELECT body - '{id,created_at}'::text[] AS eve FROM test.ask($$leap.change_account('{"full_name": " Eve\tE. ", "timezone": "Asia/Tokyo", "language": "ru"}')$$, test.claims('eve'));
SELECT c, a.status, coalesce(a.body->>'message', a.body->>'unpublish_deleted') AS answer FROM unnest(ARRAY['{"unpublish_deleted": true}', '{"unpublish_deleted": "yes"}', '{"unpublish_deleted": false}']) WITH ORDINALITY AS x(c, n)
CROSS JOIN LATERAL test.ask(format('leap.change_account(%L)', c), test.claims('eve')) a ORDER BY n;
SELECT c, a.status, coalesce(a.body->>'message', a.body->>'email') AS answer FROM unnest(ARRAY['''{"email": "evil@example.org"}''', '''{"email": "evil@example.org"}'', ''wrong''',
    '''{"email": "bob@example.org"}'', ''Secret123''', '''{"email": "x"}'', ''Secret123''', '''{"role": "admin"}''', '''{"language": 1}''', '''[]''', '''{"timezone": "Mars"}''',
    '''{"email": "evil@example.org"}'', ''Secret123''']) c, test.ask('leap.change_account(' || c || ')', test.claims('eve')) a;
SELECT leap.answer_account_requests() AS sent, is_verified FROM leap.users WHERE email = 'evil@example.org';

-- keys for programs
SELECT status IS NULL AS in, test.keep('bob') FROM test.ask($$leap.login('bob@example.org', 'Secret789')$$);
SELECT * FROM test.ask($$leap.add_api_key('backup', 'read', '2026-06-01')$$, test.claims('bob'));
SELECT test.keep('read');
SELECT * FROM test.ask($$leap.add_api_key('studio', 'write')$$, test.claims('bob'));
SELECT test.keep('write');
SELECT c, (test.ask(c, test.claims('bob'))).body FROM unnest(ARRAY['leap.add_api_key(''x'', ''admin'')', 'leap.add_api_key(''x'', ''root'')', 'leap.add_api_key('' '')',
    'leap.add_api_key(''x'', ''read'', ''2026-01-01'')', 'leap.add_api_key(''x'', ''read'', NULL, ''ann@example.org'')']) c;
SELECT k, leap.claims_of_key(test.got(k, 'key')) - '{sub,key}'::text[] AS claims FROM unnest('{read,write}'::text[]) k;
SELECT leap.claims_of_key('lpk_00000000_x'), leap.claims_of_key(NULL), leap.claims_of_key(test.got('read', 'key') || 'x');
CREATE FUNCTION test.by_key(k text, called text, method text = 'POST') RETURNS jsonb LANGUAGE sql AS $$ SELECT (test.ask(called, leap.claims_of_key(test.got(k, 'key')), '192.0.2.1', method)).body $$;
SELECT test.by_key('read', 'leap.count_recordings()', 'GET') AS reads, test.by_key('read', 'leap.count_recordings()') AS posts, test.by_key('read', 'leap.set_locale(''en'')', 'GET') AS changes;
SELECT test.by_key('write', 'leap.set_locale(''en'')') AS writes, test.by_key('write', 'leap.add_api_key(''more'')') AS breeds, test.by_key('write', 'leap.logout_everywhere()') AS logs_out;
SELECT * FROM test.ask(format('leap.token_from_key(%L)', test.got('write', 'key')));
SELECT test.claims('last') - '{sub,key,jti,iat,exp}'::text[] AS claims;
SELECT body FROM test.ask('leap.unread_count()', test.claims('last'));
SELECT jsonb_path_query_array(body, '$[*].name') AS names, body::text ~ test.got('read', 'key') AS tells FROM test.ask('leap.api_key_list()', test.claims('bob'));
SELECT leap.claims_of_key(test.got('write', 'key')) AS c \gset
SELECT body FROM test.ask(format('leap.revoke_api_key(%L)', :'c'::jsonb->>'key'), test.claims('bob'));
SELECT leap.claims_of_key(test.got('write', 'key')), (test.ask('leap.unread_count()', :'c')).body;
SELECT test.at('2026-06-02 10:00+00');
SELECT leap.claims_of_key(test.got('read', 'key'));
SELECT * FROM test.ask($$leap.token_from_key('lpk_1_2')$$);

-- administrators: what their role is worth ends with it
SELECT status IS NULL AS in, test.keep('ann') FROM test.ask($$leap.login('ann@example.org', 'Secret123')$$);
SELECT status IS NULL AS in, test.keep('bob') FROM test.ask($$leap.login('bob@example.org', 'Secret789')$$);
SELECT body FROM test.ask($$leap.change_user('bob@example.org', '{"can_upload": false}')->'can_upload'$$, test.claims('ann'));
SELECT body FROM test.ask($$leap.require_permission('can_upload')$$, test.claims('bob'));
-- what an account may not do does not start, and runs leave it out
SELECT leap.add_recording('bob@example.org', '{"type": "file", "path": "/srv/lectures/a.mp4"}', 'permits', '{"output": {"targets": [{"type": "LIBRARY"}]}}') AS id \gset
CREATE FUNCTION test.allowed(id uuid) RETURNS TABLE (operation text, reason text, code text) LANGUAGE sql AS $$
    SELECT o, a.reason, a.sqlstate FROM unnest('{run,force,retry,download,process,transcribe,topics,upload}'::text[]) WITH ORDINALITY AS x(o, n), leap.operation_allowed(id, o) a ORDER BY n $$;
SELECT * FROM test.allowed(:'id');
SELECT kind, skip_reason FROM leap.plan_runs(ARRAY[:'id'::uuid], 'run') ORDER BY kind;
SELECT leap.change_user('bob@example.org', '{"can_transcribe": false, "can_process_video": false, "can_upload": true}') IS NOT NULL AS changed;
SELECT * FROM test.allowed(:'id');
SELECT leap.run_recording(:'id');
SELECT kind, skip_reason FROM leap.plan_runs(ARRAY[:'id'::uuid], 'run') ORDER BY kind;
SELECT body FROM test.ask($$leap.change_user('bob@example.org', '{"can_upload": true}')$$, test.claims('bob'));
SELECT body FROM test.ask('leap.count_recordings()', test.claims('bob') || '{"role": "leap_admin"}');
SELECT c, (test.ask(format('leap.change_user(%L, %L)', 'bob@example.org', c), test.claims('ann'))).body
FROM unnest(ARRAY['{"role": "root"}', '{"is_active": 1}', '{"email": "x@example.org"}', '[]']) c;
-- who names nobody acts for himself
SELECT body FROM test.ask('leap.unread_count()', test.claims('ann'));
SELECT leap.change_user('ann@example.org', '{"role": "user"}')->>'role' AS role;
SELECT body FROM test.ask('leap.unread_count()', test.claims('ann'));
-- keys that sign: the one that was retired verifies until its tokens have expired
SELECT status IS NULL AS in, test.keep('bob') FROM test.ask($$leap.login('bob@example.org', 'Secret789')$$);
SELECT leap.rotate_signing_key() AS kid \gset
SELECT :'kid' = leap.gateway_keys() #>> '{keys,0,kid}' AS newest_first;
SELECT leap.rotate_signing_key('mail') IS NOT NULL AS done, jsonb_array_length(leap.gateway_keys()->'keys') AS same;
SELECT leap.rotate_signing_key('x');
SELECT test.at('2026-06-02 10:17+00');
SELECT jsonb_array_length(leap.gateway_keys()->'keys') AS after;
SELECT leap.set_password('bob@example.org', 'Secret000');
SELECT status FROM test.ask(format('leap.refresh(%L)', test.got('bob', 'refresh_token')));

-- what is forgotten, and what is not told: no password, no token, no key in the log or in what people may read
SELECT test.at('2026-07-15 10:00+00');
SELECT leap.forget_accounts() > 0 AS forgot;
SELECT (SELECT count(*) FROM leap.sessions) AS sessions, (SELECT count(*) FROM leap.login_failures) AS failures,
       (SELECT count(*) FROM leap.refresh_tokens) AS tokens, leap.forget_accounts() AS again;
SELECT count(*) FROM leap.audit_logs a, test.answers t, jsonb_each_text(t.body) b
WHERE b.key IN ('access_token', 'refresh_token', 'key', 'invitation') AND position(b.value IN a::text) > 0 OR a::text ~ 'Secret\d|guess';
SELECT action, result, count(*) FROM leap.audit_logs WHERE resource_type IN ('user', 'signing key', 'invitation') AND at > :'begun' GROUP BY 1, 2 ORDER BY 1, 2;
SELECT r, c FROM unnest('{leap_anon,leap_user,leap_admin,leap_operator,leap_worker,leap_gateway}'::text[]) r,
    unnest('{leap.passwords,leap.sessions,leap.refresh_tokens,leap.api_keys,leap.signing_keys,leap.account_tokens,leap.account_requests,leap.invitations,leap.login_failures}'::text[]) c
WHERE has_table_privilege(r, c, 'SELECT') OR has_any_column_privilege(r, c, 'SELECT') OR has_table_privilege(r, c, 'INSERT, UPDATE, DELETE');
SELECT r FROM unnest('{leap_anon,leap_user,leap_admin,leap_operator,leap_worker,leap_gateway}'::text[]) r WHERE has_schema_privilege(r, 'leap_crypto', 'USAGE');
SELECT rolname, rolcanlogin, rolinherit, rolsuper, rolbypassrls FROM pg_roles WHERE rolname IN ('leap_anon', 'leap_user', 'leap_admin', 'leap_gateway') ORDER BY 1;

CREATE OR REPLACE FUNCTION leap.bcrypt(password text, salt text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS 'SELECT leap_crypto.crypt(password, salt)';
CREATE OR REPLACE FUNCTION leap.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT now()';
DROP SEQUENCE test.hashes;
DROP VIEW test.link;
DROP TABLE test.answers;
DELETE FROM leap.users WHERE email ~* '^(ann|bob|evil|new|none|long)@example.org$';
