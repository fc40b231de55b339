-- The audit log: what is in it, who reads it, how refusals and addresses are kept, and that a change of it shows.
\set SHOW_CONTEXT never
SELECT leap.add_user('ann@audit.org') AS ann \gset
SELECT leap.add_user('bob@audit.org') AS bob \gset
SELECT leap.add_user('eve@audit.org', role => 'admin') AS eve \gset
SELECT clock_timestamp() AS begun \gset
GRANT USAGE ON SCHEMA test TO leap_operator, leap_user, leap_gateway;
CREATE FUNCTION test.speak(whose uuid, address text = '192.0.2.1', role text = 'leap_user') RETURNS void LANGUAGE sql AS $$
    SELECT set_config('request.headers', jsonb_build_object('x-leap-client-address', address, 'user-agent', E'a\tclient/1')::text, false),
           set_config('request.jwt.claims', coalesce(jsonb_build_object('sub', whose, 'role', role)::text, ''), false) $$;
CREATE FUNCTION test.hush() RETURNS void LANGUAGE sql AS $$ SELECT set_config('request.headers', '', false), set_config('request.jwt.claims', '', false) $$;
CREATE VIEW test.audited AS SELECT a.who = session_user AS me, (SELECT u.email FROM leap.users u WHERE u.id = a.user_id) AS by, a.action, a.resource_type, a.result, a.ip_address, a.user_agent, a.details
FROM leap.audit_logs a WHERE a.at > :'begun' ORDER BY a.id;

-- who, from where, with what outcome; psql has no address
SELECT leap.audit('test', 'thing', '1', '{"a": 1}', '{"a": 2}', 'because');
SELECT test.speak(:'ann');
SELECT leap.audit('test', 'thing', '2', details => '{"part": true}', result => 'partial');
SELECT test.speak(NULL, 'nonsense');
SELECT leap.audit('test', 'thing', '3', result => 'failure');
SELECT test.hush();
SELECT code FROM test.error($$SELECT leap.audit('test', 'thing', result => 'maybe')$$);
TABLE test.audited;

-- secrets are replaced, whoever writes, at any depth; what only sounds like one stays
INSERT INTO leap.audit_logs (action, resource_type, before, after, details, why) VALUES ('secrets', 'thing',
    '{"password": "hush", "nested": [{"Api-Key": "hush", "apiKey": {"v": "hush"}}, "https://me:hush@host/x"], "key": "hush", "token_version": 3, "has_secret": true, "name": "monkey"}',
    '{"url": "https://host/p?access_token=hush&page=2&X-Amz-Signature=hush#top", "Authorization": "hush", "keyboard": "us", "cookies": ["hush"]}',
    '{"client_secret": "hush", "refresh_token": null}', 'see ftp://me:hush@host');
SELECT before, after, details, why FROM leap.audit_logs WHERE action = 'secrets' \gx
SELECT count(*) FROM leap.audit_logs a WHERE action = 'secrets' AND a::text ~ 'hush';
SELECT string_agg(k, ' ') FILTER (WHERE leap.is_secret_key(k)) AS secret, string_agg(k, ' ') FILTER (WHERE NOT leap.is_secret_key(k)) AS plain
FROM unnest('{recording_play_passcode,passcode,PassCode,db_pwd,pin,user-pin,pin_code,userPin,X-Signature,signature,sig,credential,credentials,
    credential_id,credentials_id,pinned,spin,opinion,design,significant,passed,keyboard,author}'::text[]) k;
INSERT INTO leap.audit_logs (action, resource_type, after, details) VALUES
    ('secrets alone', 'guess', '{"recording_play_passcode": "hush"}', NULL), ('secrets alone', 'guess', '{"pwd": "hush"}', NULL), ('secrets alone', 'guess', NULL, '{"pin": "hush"}'),
    ('secrets alone', 'guess', NULL, '{"signature": "hush"}'), ('secrets alone', 'guess', '{"credentials": {"user": "hush"}}', NULL),
    ('secrets alone', 'guess', NULL, '{"at": "see https://host/rec?pwd=hush&n=1&pin=hush&x-credential=hush&passcode=hush"}');
SELECT after, details FROM leap.audit_logs WHERE action = 'secrets alone' ORDER BY id;

-- an operation with many: what was done is noted of each, what was refused is counted
SELECT leap.add_recording('ann@audit.org', '{"type": "url", "url": "https://e.org/1"}', 'au1') IS NOT NULL AS one, leap.add_recording('ann@audit.org', '{"type": "url", "url": "https://e.org/2"}', 'au2') IS NOT NULL AS two;
SELECT count(*) FILTER (WHERE done) AS done, count(*) FROM leap.operate('skip', ARRAY[test.id('au1'), test.id('au2')]);
SELECT leap.unskip_recording(test.id('au1'))->>'message';
SELECT count(*) FILTER (WHERE done) AS done, count(*) FROM leap.operate('skip', ARRAY[test.id('au1'), test.id('au2'), '018f0000-0000-7000-8000-000000000000']);
SELECT count(*) FILTER (WHERE done) AS done, count(*) FROM leap.operate('skip', ARRAY[test.id('au1')]);
SELECT action, result, details FROM test.audited WHERE action IN ('skip', 'unskip', 'bulk');

-- things are named as they were then, also when they are gone; users by the address they have, as long as they have one
SELECT test.id('au2') AS au2 \gset
SELECT test.speak(:'ann');
SET ROLE leap_user;
SELECT api.change_recording(:'au2', 'au two')->>'display_name' AS renamed;
RESET ROLE;
SELECT test.hush();
DELETE FROM leap.recordings WHERE id = :'au2';
SELECT action, resource_name FROM leap.audit_list(jsonb_build_object('resource_id', :'au2')) ORDER BY "timestamp";
SELECT test.speak(:'ann');
SET ROLE leap_user;
SELECT action, resource_name, result FROM leap.activity() WHERE resource_id = :'au2';
RESET ROLE;
SELECT test.hush();
INSERT INTO leap.audit_logs (action, resource_type, resource_id, before) VALUES ('named', 'preset', '018f0000-0000-7000-8000-000000000000', '{"name": "Channel https://me:hush@host/x"}'), ('named', 'task', '999999', NULL), ('named', 'provider', 'speech:x', '{"name": "x"}');
SELECT resource_type, resource_name FROM leap.audit_list('{"action": "named"}') ORDER BY 1;
-- what somebody was refused does not tell him what it is called
SELECT test.speak(:'bob');
SELECT leap.audit_refusal('cancel', 'recording', test.id('au1')::text, 'LP020', 'there is no such recording');
SET ROLE leap_user;
SELECT action, result, resource_name FROM leap.activity() WHERE action = 'cancel';
RESET ROLE;
SELECT test.hush();
SELECT action, result, resource_name FROM leap.audit_list(jsonb_build_object('user', :'bob', 'action', 'cancel'));
SELECT leap.change_user('bob@audit.org', '{"can_upload": true}') ->> 'can_upload' AS can_upload;
SELECT a.resource_name, (SELECT l.resource_name FROM leap.audit_logs l WHERE l.id = a.id::bigint) AS kept FROM leap.audit_list(jsonb_build_object('resource_id', :'bob', 'action', 'change user')) a LIMIT 1;

-- users that come and go
SELECT leap.add_user('gone@audit.org') AS gone \gset
DELETE FROM leap.users WHERE id = :'gone';
SELECT action, resource_type, details FROM leap.audit_logs WHERE resource_id = :'gone' ORDER BY id;

-- operators read all of it, page by page
SET ROLE leap_operator;
SELECT "user", action, resource_id, result, ip_address, user_agent FROM leap.audit_list('{"resource_type": "thing", "action": ["test"]}');
SELECT "cursor" AS place FROM leap.audit_list('{"resource_type": "thing"}', most => 2) OFFSET 1 \gset
SELECT action, resource_id FROM leap.audit_list('{"resource_type": "thing"}', :'place');
SELECT count(*) > 100 AS all_of_them, (SELECT count(*) FROM leap.audit_logs) = count(*) AS none_lost FROM leap.audit_list(most => 10000);
SELECT replace(f.filters::text, :'ann', '<ann>') AS filters, (SELECT count(*) FROM leap.audit_list(f.filters || jsonb_build_object('from', :'begun'::text))) FROM (VALUES
    ('{"user": "ann@audit.org"}'::jsonb), (jsonb_build_object('user', :'ann')), ('{"result": ["failure", "partial"]}'), ('{"address": "192.0.2.0/24"}'),
    ('{"address": "198.51.100.1"}'), ('{"resource_id": "2"}'), ('{"to": "2001-01-01"}'), ('{"to": null}')) AS f(filters);
SELECT (SELECT message FROM test.error(format('SELECT leap.audit_list(%L)', f))) FROM (VALUES ('{"colour": 1}'), ('{"result": "maybe"}'), ('{"from": "soon"}'), ('{"address": "nowhere"}'),
    ('{"user": "nobody@audit.org"}'), ('{"resource_id": [1]}'), ('[]')) AS v(f);
SELECT message FROM test.error($$SELECT leap.audit_list(after => '1; DROP TABLE x')$$) UNION ALL SELECT message FROM test.error('SELECT leap.audit_list(most => 0)');
RESET ROLE;

-- everybody reads his own: what he did, and what others did to his account, but not where they were
SELECT test.speak(:'eve', '203.0.113.9', 'leap_admin');
SET ROLE leap_admin;
SELECT leap.change_user('ann@audit.org', '{"can_upload": false}') ->> 'can_upload' AS can_upload;
RESET ROLE;
SELECT test.speak(:'ann');
SET ROLE leap_user;
SELECT action, resource_type, result, by_me, ip_address, user_agent, details FROM leap.activity();
SELECT a.action AS first, b.action AS second, c.action AS third FROM leap.activity(most => 1) a, leap.activity(a."cursor", 1) b, leap.activity(b."cursor", 1) c;
SELECT test.speak(:'bob');
SELECT action, by_me FROM leap.activity();
SELECT test.hush();
SELECT message FROM test.error('SELECT leap.activity()') UNION ALL SELECT message FROM test.error('SELECT leap.audit_list()') UNION ALL SELECT message FROM test.error('SELECT * FROM leap.audit_logs');
RESET ROLE;

-- an export is noted; a cell is no formula, unless it is wanted as it is
SELECT leap.audit('formula', '=cmd|''/C calc''!A0', '+1', why => '-2', details => '{"a": "=1"}'), leap.audit('formula', E'\t=1', '@x', why => 'plain = text');
SELECT resource_type, resource_id, why, details FROM leap.audit_export('{"action": "formula"}');
SELECT resource_type, resource_id, why FROM leap.audit_export('{"action": "formula"}', 'json');
SELECT message FROM test.error($$SELECT leap.audit_export('{}', 'xls')$$);
SELECT action, details FROM test.audited WHERE action = 'export';

-- what was refused at the door: so many a minute of one caller at one address, the rest as a number
SELECT m.method, m.path, w.* FROM (VALUES ('POST', '/rpc/run_recording'), ('POST', '/rpc/login'), ('POST', '/recordings/018f0000-0000-7000-8000-000000000000/run'),
    ('PATCH', '/api/v1/recordings/018f0000-0000-7000-8000-000000000000'), ('DELETE', '/output_presets'), ('POST', '/api/v1/automation/jobs/018f0000-0000-7000-8000-000000000000/run'),
    ('PATCH', '/api/v1/admin/users/018f0000-0000-7000-8000-000000000000'), ('POST', '/auth/logout'), ('POST', '/'), ('POST', ''), ('POST', '/tasks/123/cancel')) AS m(method, path), leap.request_words(m.method, m.path) w;
-- a path that calls a function has the words of its success
SELECT f.called, w.* FROM unnest('{run_recording,end_session,admin_audit_file,change_job,admin_list_users,delete_templates,revoke_api_key,admin_overview,set_preference}'::text[]) f(called), leap.function_words(f.called) w;
CREATE OR REPLACE FUNCTION leap.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT current_setting('test.clock')::timestamptz $$;
SELECT set_config('test.clock', '2026-05-04 10:00:10+00', false) AS clock;
SELECT set_config('request.method', 'POST', false), set_config('request.path', '/recordings/018f0000-0000-7000-8000-000000000000/run', false);
SELECT test.speak(:'bob');
SET SESSION AUTHORIZATION leap_gateway;
SELECT count(*) FILTER (WHERE noted) AS noted, count(*) FROM (SELECT leap.audit_refusal(NULL, NULL, NULL, 'LP003', 'not now') AS noted FROM generate_series(1, 25)) r;
SELECT test.speak(:'bob', '192.0.2.2');
SELECT leap.audit_refusal('run', 'recording', 'x', '42501', 'another address');
RESET SESSION AUTHORIZATION;
SELECT test.speak(NULL, '2001:db8::1');
SELECT leap.audit_refusal(NULL, NULL, NULL, 'PT401', 'nobody');
SELECT test.hush();
SELECT by, action, resource_type, result, ip_address, details, count(*) FROM test.audited WHERE result = 'failure' AND details ? 'sqlstate' GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 5;
SELECT leap.note_refusal_floods() AS not_yet;
SELECT set_config('test.clock', '2026-05-04 10:01:10+00', false) AS clock;
SELECT leap.note_refusal_floods();
SELECT by, action, result, ip_address, user_agent, details->'more' AS more FROM test.audited WHERE action = 'refusals';
SELECT count(*) FROM leap.audit_refusal_counts;
CREATE OR REPLACE FUNCTION leap.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT now()';
SELECT r, has_function_privilege(r, 'leap.audit_refusal(text, text, text, text, text)', 'EXECUTE') AS may_note FROM unnest('{leap_anon,leap_user,leap_admin,leap_operator,leap_gateway}'::text[]) r;

-- nobody LEAP uses changes the log or its seals
SELECT r, p, has_table_privilege(r, t, p) FROM unnest('{leap_anon,leap_user,leap_admin,leap_operator,leap_worker,leap_gateway}'::text[]) r, unnest('{leap.audit_logs,leap.audit_seals,leap.audit_sealing,leap.audit_refusal_counts}'::text[]) t,
    unnest('{INSERT,UPDATE,DELETE,TRUNCATE,TRIGGER}'::text[]) p WHERE has_table_privilege(r, t, p);

-- seals: everything that is settled is covered once
SELECT leap.seal_audit() > 0 AS sealed, leap.seal_audit() AS again;
SELECT leap.audit_head() = jsonb_build_object('seal', s.no::text, 'head', s.head, 'up_to', s.to_id::text, 'sealed_at', s.sealed_at) AS newest, length(s.head) FROM leap.audit_seals s ORDER BY s.no DESC LIMIT 1;
SELECT v->'ok' AS ok, v->'broken' AS broken, v->'unsealed' AS unsealed, (v->>'entries')::bigint = (SELECT sum(entries) FROM leap.audit_seals) AS all_of_them FROM leap.audit_verify() v;
SELECT head AS early FROM leap.audit_seals ORDER BY no DESC LIMIT 1 \gset
SELECT leap.audit('sealed', 'thing', n::text) FROM generate_series(1, 3) n;
SELECT leap.audit_verify()->'unsealed' AS unsealed, leap.seal_audit() AS sealed;
SELECT leap.audit_verify()->'unsealed' AS unsealed, leap.audit_verify(:'early')->'ok' AS early_head_is_there;
SELECT leap.audit_verify('not a head')->'broken'->>'reason' AS reason;
-- where somebody was can be forgotten, and the seals hold
SELECT message FROM test.error($$SELECT leap.erase_audit_clients()$$);
SELECT leap.erase_audit_clients('ann@audit.org') AS erased, leap.erase_audit_clients(:'bob', clock_timestamp()) > 20 AS more;
SELECT by, ip_address, user_agent, count(*) FROM test.audited WHERE by ~ 'ann|bob' GROUP BY 1, 2, 3 ORDER BY 1, 2;
SELECT leap.audit_verify()->'ok' AS ok;
SELECT action, details - 'user' - 'before' AS details FROM test.audited WHERE action = 'erase clients';
-- whatever else is done to what is sealed shows, even where no trigger runs
CREATE FUNCTION test.tamper(how text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said jsonb;
BEGIN
    BEGIN
        SET LOCAL session_replication_role = replica;
        EXECUTE how;
        said := leap.audit_verify((SELECT current_setting('test.head')));
        RAISE EXCEPTION 'undo';
    EXCEPTION WHEN raise_exception THEN
    END;
    RETURN coalesce(regexp_replace(said->'broken'->>'reason', '20\d\d-\d\d', '<month>', 'g'), 'nothing');
END
$$;
SELECT set_config('test.head', leap.audit_head()->>'head', false) IS NOT NULL AS kept;
SELECT t.what, regexp_replace(test.tamper(t.what), '\d+', '<n>', 'g') FROM (VALUES
    ('SELECT 1'),
    ($$UPDATE leap.audit_logs SET why = 'never' WHERE action = 'sealed' AND resource_id = '2'$$),
    ($$UPDATE leap.audit_logs SET result = 'success' WHERE action = 'test' AND result = 'failure'$$),
    ($$UPDATE leap.audit_logs SET user_id = NULL WHERE action = 'change user'$$),
    ($$UPDATE leap.audit_logs SET ip_address = '10.0.0.1' WHERE action = 'change user' AND ip_address IS NOT NULL$$),
    ($$UPDATE leap.audit_logs SET at = at + interval '1 microsecond' WHERE action = 'sealed' AND resource_id = '2'$$),
    ($$DELETE FROM leap.audit_logs WHERE action = 'sealed' AND resource_id = '2'$$),
    ($$INSERT INTO leap.audit_logs (id, action, resource_type) SELECT id, 'slipped in', 'thing' FROM leap.audit_logs WHERE action = 'sealed' AND resource_id = '2'$$),
    ($$UPDATE leap.audit_logs SET ip_address = NULL, user_agent = NULL, client_salt = NULL$$),
    ($$DELETE FROM leap.audit_seals WHERE no = 1$$),
    ($$DELETE FROM leap.audit_seals WHERE no = (SELECT max(no) FROM leap.audit_seals)$$),
    ($$UPDATE leap.audit_seals SET entries = entries + 1 WHERE no = 1$$),
    ($$UPDATE leap.audit_seals SET sealed_at = sealed_at - interval '1 day' WHERE no = (SELECT max(no) FROM leap.audit_seals)$$)) AS t(what);
SELECT (SELECT code FROM test.error(c)) FROM unnest(ARRAY['UPDATE leap.audit_seals SET head = head', 'DELETE FROM leap.audit_seals', 'TRUNCATE leap.audit_seals']) c;
-- months that are over go, and what is left still holds
SELECT leap.audit_verify()->'ok' AS ok, count(*) FILTER (WHERE x.key < to_char(now() - interval '2 months', 'YYYY-MM')) > 0 AS old_months FROM leap.audit_seals s, jsonb_each(s.months) x;
SET leap.audit_months = 2;
DELETE FROM leap.audit_logs WHERE action = 'younger';
SELECT leap.audit_verify()->'ok' AS ok;
SELECT leap.audit('last', 'thing');
SELECT leap.seal_audit() > 0 AS sealed;
SELECT leap.audit_verify()->'ok' AS ok;
RESET leap.audit_months;
SELECT leap.audit_verify()->'ok' AS still;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT message FROM test.error('SELECT leap.seal_audit()');
ROLLBACK;
DELETE FROM leap.users WHERE email LIKE '%@audit.org' AND email NOT LIKE 'ann%';
REVOKE USAGE ON SCHEMA test FROM leap_operator, leap_user, leap_gateway;
DROP VIEW test.audited;
DROP FUNCTION test.speak(uuid, text, text), test.hush(), test.tamper(text);
