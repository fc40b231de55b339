-- Webhooks: what may be one, what is posted and how often, its secret, and what becomes of one that fails.
\set SHOW_CONTEXT never
SELECT test.at('2026-03-04 10:00+00');
CREATE OR REPLACE FUNCTION leap.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT current_setting('test.clock')::timestamptz $$;
SELECT leap.add_user('hugo@example.org') IS NOT NULL AS added, leap.add_user('hilde@example.org') IS NOT NULL AS other;
CREATE FUNCTION test.hugo() RETURNS uuid LANGUAGE sql AS $$ SELECT (leap.find_user('hugo@example.org')).id $$;

-- what may be a webhook
SELECT spec, test.refusal(format('SELECT leap.add_webhook(%L, %L)', spec, 'hugo@example.org')) FROM unnest(ARRAY[
    '{"url": "ftp://example.org/x"}', '{"url": "https://me:secret@example.org/x"}', '{"url": "https://example.org/a b"}', '{"url": "//example.org"}',
    '{"url": "https://example.org/#part"}', '{"url": "https://"}', '{"url": "https://example.org/\r\nHost: x"}', '{}', '[]', '{"url": null}',
    '{"url": "https://example.org", "secret": "mine"}', '{"url": "https://example.org", "events": ["sun_rises"]}', '{"url": "https://example.org", "events": "all"}',
    '{"url": "https://example.org", "name": " "}', '{"url": "javascript:alert(1)"}', '{"url": "https://[::1"}']) spec;
CREATE TABLE test.hooks AS SELECT h.key AS name, leap.add_webhook(h.value, 'hugo@example.org') AS shown FROM jsonb_each(
    '{"all": {"url": "https://example.org:8443/hook?key=1"}, "some": {"url": "http://[2001:db8::1]/", "name": "nur eins", "events": ["upload_failed", "upload_failed"]}}') h;
SELECT name, shown->>'name' AS called, shown->'events' AS events, shown->>'state' AS state, shown->>'secret' ~ '^whsec_[A-Za-z0-9+/]{43}=$' AS secret FROM test.hooks;
CREATE FUNCTION test.hook(name text) RETURNS uuid LANGUAGE sql AS $$ SELECT (h.shown->>'id')::uuid FROM test.hooks h WHERE h.name = hook.name $$;
SELECT i, said FROM (SELECT i, test.refusal(format('SELECT leap.add_webhook(%L, %L)', format('{"url": "https://example.org/%s"}', i), 'hilde@example.org')) AS said FROM generate_series(1, 11) i OFFSET 0) x WHERE i > 9;
-- also when it is written past the functions
INSERT INTO leap.webhooks (user_id, name, url, secret) VALUES (test.hugo(), 'x', 'https://u@example.org', leap.new_webhook_secret());
INSERT INTO leap.webhooks (user_id, name, url, secret) VALUES (test.hugo(), 'x', 'https://example.org', 'whsec_short');

-- the secret is shown to who makes it, and to nobody after that
SELECT bool_or(w ? 'secret') FROM jsonb_array_elements(leap.webhook_list('hugo@example.org')) w;
SELECT count(*) FROM leap.audit_logs WHERE (before || coalesce(after, '{}'))::text ~ 'whsec' OR after::text ~ 'whsec';
SET ROLE leap_operator;
SELECT secret FROM leap.webhooks;
SELECT name, state FROM leap.webhooks WHERE user_id = (leap.find_user('hugo@example.org')).id ORDER BY name;
RESET ROLE;
-- another one signs everything from now on; it is the owner's only, whatever else an operator may do
SELECT code, message, hint FROM test.error(format('SELECT leap.rotate_webhook_secret(%L)', test.hook('all')));
BEGIN;
SELECT set_config('request.jwt.claims', jsonb_build_object('sub', test.hugo())::text, true) IS NOT NULL AS said;
SELECT test.hook('all') AS hook \gset
SET LOCAL ROLE leap_user;
SELECT leap.rotate_webhook_secret(:'hook')->>'secret' AS secret \gset
RESET ROLE;
SELECT :'secret' <> (SELECT shown->>'secret' FROM test.hooks WHERE name = 'all') AS other;
COMMIT;
-- what is not there is said with a hint
SELECT code, message, hint FROM unnest(ARRAY['delete_webhook', 'redeliver']) f, test.error(format('SELECT leap.%I(%L)', f, '00000000-0000-7000-8000-000000000000'));

-- an event is posted to each webhook that wants it
CREATE VIEW test.posts AS SELECT h.name, d.events, d.state, d.reason, d.body, d.id, d.webhook_id, d.run_at AT TIME ZONE 'UTC' AS run_at, d.attempts, d.status
    FROM leap.deliveries d LEFT JOIN test.hooks h ON test.hook(h.name) = d.webhook_id WHERE d.user_id = test.hugo() AND d.channel = 'webhook' ORDER BY d.id;
SELECT leap.raise_event(test.hugo(), e, '{"recording": "r1"}', '{"name": "Аналитика \"1\""}', 'x') FROM unnest('{upload_failed,source_failed,upload_failed,weekly_summary}'::text[]) e;
SELECT name, events, state FROM test.posts ORDER BY id, name;
SELECT replace(body, test.hugo()::text, 'HUGO') AS body FROM test.posts LIMIT 1;
SELECT jsonb_typeof(body::jsonb) FROM test.posts LIMIT 1;
SELECT event, count FROM leap.notifications WHERE user_id = test.hugo() ORDER BY id;

-- the worker's way: claimed, told what to post and with which secret, answered
SELECT test.connect('{notify}');
DO $$ BEGIN PERFORM leap.unregister_worker(worker, secret) FROM test.me; DELETE FROM test.me; PERFORM test.connect('{notify}'); END $$;
CREATE TABLE test.jobs (n bigint GENERATED ALWAYS AS IDENTITY, task text, fence text, input jsonb);
CREATE FUNCTION test.take_posts(wanted int = 100) RETURNS bigint LANGUAGE sql AS $$
    WITH got AS (SELECT c.task, c.fence, c.input::jsonb FROM test.me m, leap.claim(m.worker, m.secret, wanted) c ORDER BY c.task::bigint),
         put AS (INSERT INTO test.jobs (task, fence, input) SELECT * FROM got RETURNING 1) SELECT count(*) FROM put $$;
SELECT test.take_posts();
SELECT j.input->>'channel' AS channel, j.input->>'url' AS url, j.input->>'id' = 'msg_' || replace(d.id::text, '-', '') AS id, j.input->>'body' = d.body AS body,
       j.input->>'secret' = w.secret AS secret, d.state FROM test.jobs j JOIN leap.deliveries d ON d.task_id = j.task::bigint JOIN leap.webhooks w ON w.id = d.webhook_id ORDER BY j.n;
CREATE FUNCTION test.answer_post(which bigint, facts jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(c.reason, 'accepted') FROM test.jobs j, leap.complete(jsonb_build_array(jsonb_build_object('task', j.task, 'fence', j.fence, 'result', jsonb_build_object('facts', facts)))) c WHERE j.n = which $$;
CREATE FUNCTION test.refuse_post(which bigint, error jsonb) RETURNS text LANGUAGE sql AS $$ SELECT leap.fail(j.task, j.fence, error) FROM test.jobs j WHERE j.n = which $$;
SELECT test.answer_post(1, jsonb_build_object('status', 204, 'answer', repeat('x', 999), 'seconds', 0.25));
SELECT test.refuse_post(2, '{"class": "permanent", "code": "tls", "message": "its certificate is not trusted", "status": 0}');
-- a transient one is tried again under the same id, ten times
SELECT test.refuse_post(3, '{"class": "transient", "code": "http_500", "message": "it answered 500", "status": 500}');
SELECT test.refuse_post(3, '{"class": "transient", "code": "http_500", "message": "it answered 500", "status": 500}');
SELECT events, state, attempts, status, length(answer) AS answer, error->>'code' AS code, next_attempt_at > clock_timestamp() + interval '1 min' AS later
FROM leap.delivery_list('{"channel": "webhook", "state": ["delivered", "failed", "pending"]}', "user" => 'hugo@example.org') ORDER BY id LIMIT 3;
SELECT state, count(*) FROM test.posts GROUP BY state ORDER BY state;
SELECT name, failures FROM leap.webhooks WHERE user_id = test.hugo() ORDER BY name;
UPDATE leap.task_scheduled SET run_at = clock_timestamp() WHERE task = (SELECT task::bigint FROM test.jobs WHERE n = 3);
SELECT leap.promote_due() > 0 AS due, test.take_posts(1);
SELECT a.input = b.input AS same FROM test.jobs a JOIN test.jobs b ON b.task = a.task AND b.n > a.n WHERE a.n = 3;
SELECT test.answer_post((SELECT max(n) FROM test.jobs), '{"status": 200}');
SELECT attempts, status, state FROM test.posts WHERE id = (SELECT d.id FROM leap.deliveries d JOIN test.jobs j ON j.task::bigint = d.task_id WHERE j.n = 3);

-- sent again on purpose: the same body under the same id
CREATE TEMP TABLE failed AS SELECT id FROM test.posts WHERE state = 'failed';
SELECT leap.redeliver(id) FROM failed;
SELECT test.take_posts();
SELECT b.input - 'secret' = (SELECT j.input - 'secret' FROM test.jobs j WHERE j.n = 2) AS same FROM test.jobs b ORDER BY n DESC LIMIT 1;
SELECT test.answer_post((SELECT max(n) FROM test.jobs), '{"status": 200}');
SELECT state, attempts FROM test.posts JOIN failed USING (id);

-- a test is posted too, even to one that is off
SELECT leap.change_webhook(test.hook('some'), '{"state": "disabled", "name": null}') - '{id,created_at,updated_at}'::text[];
SELECT leap.test_webhook(test.hook('some')) IS NOT NULL AS sent;
SELECT events, replace(replace(body, test.hugo()::text, 'HUGO'), test.hook('some')::text, 'HOOK') AS body FROM test.posts ORDER BY id DESC LIMIT 1;
SELECT test.take_posts();
SELECT test.answer_post((SELECT max(n) FROM test.jobs), '{"status": 200}');
SELECT leap.raise_event(test.hugo(), 'upload_failed', '{}', '{"name": "x"}', 'x');
SELECT name, events FROM test.posts WHERE state = 'scheduled';

-- after ten that failed for good in a row it is switched off, what waits is cancelled, and the owner hears of it
SELECT leap.raise_event(test.hugo(), 'automation_completed', '{}', jsonb_build_object('job', i)) FROM generate_series(1, 12) i;
SELECT test.take_posts(10);
SELECT DISTINCT test.refuse_post(n, '{"class": "permanent", "code": "http_404", "message": "it answered 404", "status": 404}') FROM (SELECT n FROM test.jobs ORDER BY n DESC LIMIT 10) x;
SELECT w - '{id,created_at,updated_at}'::text[] FROM jsonb_array_elements(leap.webhook_list('hugo@example.org')) w WHERE w->>'id' = test.hook('all')::text;
SELECT state, reason, count(*) FROM test.posts WHERE events = '{automation_completed}' GROUP BY state, reason ORDER BY state;
SELECT event, title, body FROM leap.notification_list('{"event": "webhook_disabled"}', "user" => 'hugo@example.org');
SELECT test.refusal(format('SELECT leap.redeliver(%L)', id)) ~ '^LP003: the webhook of delivery .* is disabled$' AS refused FROM test.posts WHERE state = 'failed' LIMIT 1;
-- switched on again it starts anew; 410 ends it at once
SELECT leap.change_webhook(test.hook('all'), '{"state": "active"}')->'failures' AS failures;
SELECT leap.raise_event(test.hugo(), 'automation_completed', '{}', '{"job": "13"}');
SELECT test.take_posts();
SELECT test.refuse_post((SELECT max(n) FROM test.jobs), '{"class": "permanent", "code": "gone", "message": "it answered 410", "status": 410}');
SELECT state, reason FROM leap.webhooks WHERE id = test.hook('all');
SELECT count FROM leap.notifications WHERE user_id = test.hugo() AND event = 'webhook_disabled';
SELECT test.refusal(format('SELECT leap.change_webhook(%L, %L)', test.hook('all'), c)) FROM unnest('{{"\"x\""},{"{\"state\": \"off\"}"},{"{\"url\": null}"},{"{\"user_id\": 1}"}}'::text[]) c;

-- at most so many a minute, the others later; behind a backlog they are only noted
SET leap.webhook_rate = 3;
SET leap.webhook_backlog = 8;
SELECT leap.change_webhook(test.hook('all'), '{"state": "active", "events": ["source_failed"]}')->'events' AS events;
SELECT leap.raise_events(array_fill(test.hugo(), '{5}'), 'source_failed', array_fill('{}'::jsonb, '{5}'), array_fill('{}'::jsonb, '{5}'), array_fill('y'::text, '{5}'));
SELECT leap.raise_event(test.hugo(), 'source_failed', '{}', '{}', 'y') FROM generate_series(1, 5);
SELECT state, run_at, reason, count(*) FROM test.posts WHERE body LIKE '%source.failed%' AND id NOT IN (SELECT id FROM failed) AND attempts = 0 GROUP BY state, run_at, reason ORDER BY run_at NULLS FIRST, state;
SELECT count FROM leap.notifications WHERE user_id = test.hugo() AND dedup_key = 'y';
RESET leap.webhook_rate;
RESET leap.webhook_backlog;

-- one that is deleted takes along what waits, the log stays; what a worker just posts comes to nothing
SELECT test.take_posts(1);
SELECT leap.delete_webhook(test.hook('all'));
SELECT state, reason, count(*) FROM test.posts WHERE webhook_id = test.hook('all') AND state NOT IN ('delivered', 'failed') GROUP BY state, reason ORDER BY state, reason;
SELECT test.refuse_post((SELECT max(n) FROM test.jobs), '{"class": "permanent", "code": "http_404", "message": "it answered 404"}');
SELECT state, reason FROM test.posts d JOIN test.jobs j ON j.task::bigint = (SELECT x.task_id FROM leap.deliveries x WHERE x.id = d.id) WHERE j.n = (SELECT max(n) FROM test.jobs);
SELECT test.refusal(format('SELECT leap.redeliver(%L)', id)) ~ '^LP003: the webhook of delivery .* is deleted$' AS refused FROM test.posts WHERE state = 'suppressed' LIMIT 1;
SELECT action, resource_type, before->>'state' AS before, after->>'state' AS after FROM leap.audit_logs WHERE resource_type = 'webhook' AND resource_id IN (test.hook('all')::text, test.hook('some')::text) ORDER BY at;

-- another's webhooks and deliveries do not exist
BEGIN;
SELECT set_config('request.jwt.claims', jsonb_build_object('sub', (leap.find_user('hilde@example.org')).id)::text, true) IS NOT NULL AS said;
CREATE TEMP TABLE his AS SELECT test.hook('some') AS hook, (SELECT id FROM test.posts LIMIT 1) AS post;
GRANT SELECT ON his TO leap_user;
GRANT EXECUTE ON FUNCTION test.refusal(text) TO leap_user;
SET LOCAL ROLE leap_user;
SELECT test.refusal(format(c, hook)) ~ '^LP020: there is no webhook' AS hidden FROM his, unnest(ARRAY['SELECT leap.change_webhook(%L, ''{}'')', 'SELECT leap.delete_webhook(%L)',
    'SELECT leap.rotate_webhook_secret(%L)', 'SELECT leap.test_webhook(%L)']) c;
SELECT test.refusal(format('SELECT leap.redeliver(%L)', post)) ~ '^LP020: there is no delivery' AS hidden FROM his;
SELECT (SELECT count(*) FROM leap.webhooks w JOIN his ON w.id = his.hook) AS seen, jsonb_array_length(leap.webhook_list()) AS own;
SELECT test.refusal('SELECT secret FROM leap.webhooks');
ROLLBACK;

-- summaries: at 08:00 where the user lives, once, and only if there is something to tell
SELECT leap.set_locale('ru', 'Asia/Vladivostok', 'hugo@example.org'), leap.set_locale('en', 'America/New_York', 'hilde@example.org');
SELECT leap.set_preference('daily_summary', 'in_app', true, u), leap.set_preference('weekly_summary', 'in_app', true, u), leap.set_preference('weekly_summary', 'email', false, u) FROM unnest('{hugo@example.org,hilde@example.org}'::text[]) u;
UPDATE leap.users SET is_active = false WHERE email NOT IN ('hugo@example.org', 'hilde@example.org');
SET timezone = 'UTC';
SELECT test.at('2026-03-02 21:59+00');    -- 07:59 on Tuesday in Vladivostok
SELECT leap.raise_summaries(), (SELECT count(*) FROM leap.summaries) AS looked;
SELECT leap.add_recording('hugo@example.org', '{"type": "url", "url": "https://example.org/v"}', 'Лекция ' || i) IS NOT NULL AS added FROM generate_series(1, 13) i;
UPDATE leap.recordings SET hold = 'quality', hold_message = 'the transcript is unsure', held_at = now(), held_by = 'leap' WHERE user_id = test.hugo() AND display_name = 'Лекция 13';
INSERT INTO leap.task_attempts (at, task, user_id, recording_id, kind, outcome)
SELECT '2026-03-02 13:59+00', 0, r.user_id, r.id, 'upload', 'succeeded' FROM leap.recordings r WHERE r.user_id = test.hugo() AND r.display_name IN ('Лекция 1', 'Лекция 2');
UPDATE leap.recordings SET status = leap.move('repair', 'UPLOADED') WHERE user_id = test.hugo() AND display_name IN ('Лекция 1', 'Лекция 2');
UPDATE leap.recordings SET failed = true, failed_at = '2026-03-02 12:00+00', failed_at_stage = 'download', error = '{"message": "404 <not found>"}', status = leap.move('repair', 'FAILED')
WHERE user_id = test.hugo() AND display_name NOT IN ('Лекция 1', 'Лекция 2', 'Лекция 13');
SELECT test.at('2026-03-02 22:00+00'), leap.raise_summaries(), leap.raise_summaries();
SELECT u.email, s.event, s.day, s.told FROM leap.summaries s JOIN leap.users u ON u.id = s.user_id ORDER BY 1, 2, 3;
SELECT event, title, body FROM leap.notification_list('{"event": ["daily_summary", "weekly_summary"]}', "user" => 'hugo@example.org') ORDER BY event;
-- in New York it is Monday morning six hours after Tuesday's in the east; nothing happened there: nothing is told
SELECT test.at('2026-03-03 12:59+00'), leap.raise_summaries(), (SELECT count(*) FROM leap.summaries s JOIN leap.users u ON u.id = s.user_id WHERE u.email = 'hilde@example.org') AS looked;
SELECT test.at('2026-03-03 13:01+00'), leap.raise_summaries();
SELECT s.event, s.day, s.told FROM leap.summaries s JOIN leap.users u ON u.id = s.user_id WHERE u.email = 'hilde@example.org' ORDER BY 1;
-- the next day there is less to tell; a bell that was silent until the evening is made up for
SELECT test.at('2026-03-04 09:00+00'), leap.raise_summaries();
SELECT title FROM leap.notification_list('{"event": "daily_summary"}', "user" => 'hugo@example.org');
UPDATE leap.users SET is_active = true;
RESET timezone;

-- as it was, for the tests that follow
CREATE OR REPLACE FUNCTION leap.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT now()';
DO $$ BEGIN PERFORM leap.unregister_worker(worker, secret) FROM test.me; DELETE FROM test.me; PERFORM test.connect(); END $$;
DROP VIEW test.posts;
DROP FUNCTION test.take_posts(int), test.answer_post(bigint, jsonb), test.refuse_post(bigint, jsonb), test.hook(text), test.refusal(text);
DROP TABLE test.hooks, test.jobs;
DELETE FROM leap.users WHERE email IN ('hugo@example.org', 'hilde@example.org');
