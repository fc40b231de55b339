-- Automation runs on a clock that the test sets: due, missed, too many, too often; and the way of a run from its sources to its last lecture.
CREATE OR REPLACE FUNCTION leap.clock() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT current_setting('test.clock')::timestamptz $$;
SET test.clock = '2026-03-20 10:00+00';
SET timezone = 'UTC';
SET client_min_messages = error;
SELECT test.connect();
SELECT leap.add_user('auto@example.org') IS NOT NULL AS added;
CREATE FUNCTION pg_temp.me() RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM leap.users WHERE email = 'auto@example.org' $$;
CREATE FUNCTION pg_temp.job(job text) RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM leap.automation_jobs WHERE user_id = pg_temp.me() AND name = job $$;
CREATE FUNCTION pg_temp.add(name text, schedule jsonb, more jsonb = '{}') RETURNS timestamptz LANGUAGE sql AS $$
    SELECT leap.add_job(jsonb_build_object('name', name, 'schedule_config', schedule) || more, 'auto@example.org');
    SELECT next_run_at FROM leap.automation_jobs j WHERE id = pg_temp.job(add.name) $$;
-- it is then, and the bell rings
CREATE FUNCTION pg_temp.at(moment text) RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('test.clock', moment, false); RETURN leap.run_automation(); END $$;
CREATE FUNCTION pg_temp.runs(job text) RETURNS TABLE (slot text, state text, why text, report jsonb) LANGUAGE sql AS $$
    SELECT coalesce(to_char(scheduled_for, 'MM-DD HH24:MI'), trigger), coalesce(phase, state), error->>'code', r.report - '{unmatched,refused}'::text[]
    FROM leap.automation_runs r WHERE job_id = pg_temp.job(job) ORDER BY coalesce(scheduled_for, started_at) $$;
SELECT leap.add_template('{"name": "Algebra", "matching_rules": {"keywords": ["algebra"]}}', 'auto@example.org') AS algebra \gset

-- due: once, however often the bell rings; the next time is strictly later; nothing while the clock is back
SELECT pg_temp.add('hourly', '{"type": "cron", "expression": "0 * * * *"}');
SELECT pg_temp.at('2026-03-20 10:59:59+00') AS early, pg_temp.at('2026-03-20 11:00+00') > 0 AS due, pg_temp.at('2026-03-20 11:00+00') AS again, pg_temp.at('2026-03-20 11:01+00') AS later;
SELECT * FROM pg_temp.runs('hourly');
SELECT last_run_at, last_slot, next_run_at, run_count FROM leap.automation_jobs WHERE id = pg_temp.job('hourly');
SELECT pg_temp.at('2026-03-20 09:00+00') AS back, pg_temp.at('2026-03-20 11:00+00') AS there_again, pg_temp.at('2026-03-20 12:04+00') > 0 AS next;
SELECT * FROM pg_temp.runs('hourly');
-- a schedule that is changed while the clock is back repeats nothing either
SET test.clock = '2026-03-20 10:30+00';
SELECT j->>'next_run_at' AS next FROM leap.change_job(pg_temp.job('hourly'), '{"schedule_config": {"type": "cron", "expression": "0 */1 * * *"}}') j;
SELECT pg_temp.at('2026-03-20 11:00+00') AS dealt_with, pg_temp.at('2026-03-20 12:00+00') AS dealt_with, pg_temp.at('2026-03-20 13:00+00') > 0 AS ran;
SELECT * FROM pg_temp.runs('hourly');
SELECT run_count, next_run_at FROM leap.automation_jobs WHERE id = pg_temp.job('hourly');
SELECT leap.delete_job(pg_temp.job('hourly'));

-- a clock that was far ahead: the jobs that it took along are set back to their schedule, and what was not missed comes
CREATE FUNCTION pg_temp.doctor() RETURNS TABLE (status text, detail text) LANGUAGE sql AS $$ SELECT d.status, d.detail FROM leap.doctor() d WHERE d.check_name = 'automation' $$;
SET test.clock = '2026-03-20 10:00+00';
SELECT pg_temp.add('hourly', '{"type": "cron", "expression": "0 * * * *"}'), pg_temp.add('skips', '{"type": "cron", "expression": "0 * * * *"}', '{"misfire": "skip"}'),
       pg_temp.add('yearly', '{"type": "cron", "expression": "0 12 1 1 *"}');
SELECT pg_temp.at('2026-03-20 11:00+00') > 0 AS due, pg_temp.at('2027-03-20 12:30+00') > 0 AS far_ahead;
SELECT name, last_slot, next_run_at, run_count FROM leap.automation_jobs WHERE user_id = pg_temp.me() ORDER BY name;
SET test.clock = '2026-03-20 12:30+00';
SELECT * FROM pg_temp.doctor();
SELECT leap.run_automation() AS set_back, leap.run_automation() AS again, leap.mend_next_runs() AS nor_all;
SELECT name, last_slot, next_run_at, last_error->>'code' AS code, last_error->>'message' AS message FROM leap.automation_jobs WHERE user_id = pg_temp.me() ORDER BY name;
SELECT * FROM pg_temp.doctor();
SELECT pg_temp.at('2026-03-20 13:00+00') > 0 AS due, pg_temp.at('2026-03-20 14:00+00') > 0 AS due;
SELECT * FROM pg_temp.runs('hourly');
SELECT * FROM pg_temp.runs('skips');
-- ahead by its zone only: no time that ran is repeated, and the doctor tells who waits
SELECT pg_temp.at('2026-03-20 17:00+00') > 0 AS ahead, pg_temp.at('2026-03-20 14:30+00') AS back, pg_temp.at('2026-03-20 15:00+00') AS waits;
SELECT * FROM pg_temp.doctor();
SELECT pg_temp.at('2026-03-20 18:00+00') > 0 AS due;
SELECT * FROM pg_temp.doctor();
-- one whose schedule cannot be computed stops no other
SELECT pg_temp.at('2027-03-20 12:30+00') > 0 AS far_ahead;
ALTER TABLE leap.automation_jobs DISABLE TRIGGER check_job;
UPDATE leap.automation_jobs SET schedule_config = '{"type": "daily", "time": "03:00", "timezone": "Gone/Zone"}' WHERE id = pg_temp.job('skips');
ALTER TABLE leap.automation_jobs ENABLE TRIGGER check_job;
SELECT pg_temp.at('2026-03-20 19:30+00') AS set_back;
SELECT name, next_run_at FROM leap.automation_jobs WHERE user_id = pg_temp.me() ORDER BY name;
SELECT leap.delete_job(id) FROM leap.automation_jobs WHERE user_id = pg_temp.me();

-- six hours without a bell, by each policy; what comes within five minutes is on time
SET test.clock = '2026-03-20 10:00+00';
SELECT pg_temp.add('one for all', '{"type": "cron", "expression": "0 * * * *"}');
SELECT pg_temp.add('left out', '{"type": "cron", "expression": "0 * * * *"}', '{"misfire": "skip"}');
SELECT pg_temp.add('caught up', '{"type": "cron", "expression": "0 * * * *"}', '{"misfire": "catch_up"}');
SELECT pg_temp.add('daily', '{"type": "daily", "time": "12:00"}', '{"misfire": "skip"}');
SELECT pg_temp.at('2026-03-20 16:30+00') > 0 AS rang;
SELECT * FROM pg_temp.runs('one for all');
SELECT * FROM pg_temp.runs('left out');
SELECT state, error->>'message' AS message, error->>'hint' AS hint FROM leap.automation_runs WHERE job_id = pg_temp.job('left out');
SELECT * FROM pg_temp.runs('caught up');
SELECT * FROM pg_temp.runs('daily');
SELECT error->>'message' AS message FROM leap.automation_runs WHERE job_id = pg_temp.job('daily');
-- one after the other
SELECT count(pg_temp.at('2026-03-20 16:3' || i || '+00')) AS rings FROM generate_series(1, 8) i;
SELECT * FROM pg_temp.runs('caught up');
SELECT name, next_run_at, run_count FROM leap.automation_jobs WHERE user_id = pg_temp.me() ORDER BY name;
-- a bell that is late by four minutes missed nothing; by six, it did
SELECT pg_temp.at('2026-03-20 17:04+00') > 0 AS rang, pg_temp.at('2026-03-20 18:06+00') > 0 AS rang_late;
SELECT * FROM pg_temp.runs('left out');
-- catching up is bounded: the newest, and what is older is one row
SET leap.automation_catch_up = 3;
SELECT count(pg_temp.at('2026-03-21 06:3' || i || '+00')) AS rings FROM generate_series(1, 8) i;
SELECT * FROM pg_temp.runs('caught up') OFFSET 8;
RESET leap.automation_catch_up;
-- a year without a bell
SELECT pg_temp.at('2027-03-21 06:30+00') > 0 AS rang;
SELECT name, next_run_at, run_count FROM leap.automation_jobs WHERE user_id = pg_temp.me() ORDER BY name;
SELECT r.state, r.error->>'message' AS message, r.report->>'stands_for' AS stands_for FROM leap.automation_runs r JOIN leap.automation_jobs j ON j.id = r.job_id
WHERE j.user_id = pg_temp.me() AND (r.scheduled_for >= '2026-03-21 07:00+00') ORDER BY j.name, r.scheduled_for;
SELECT leap.delete_job(id) FROM leap.automation_jobs WHERE user_id = pg_temp.me();

-- the nights on which clocks change, in Berlin: at 02:30 there is no such time, and there are two
SET test.clock = '2026-03-28 12:00+00';
SELECT pg_temp.add('night', '{"type": "daily", "time": "02:30", "timezone": "Europe/Berlin"}');
SELECT count(pg_temp.at(m::text)) AS rings FROM generate_series('2026-03-28 23:00+00', '2026-03-30 04:00+00', interval '10 min') m;
SELECT * FROM pg_temp.runs('night');
SET test.clock = '2026-10-24 12:00+00';
SELECT leap.enable_job(pg_temp.job('night'), false) IS NOT NULL AS off, leap.enable_job(pg_temp.job('night')) IS NOT NULL AS "on";
SELECT count(pg_temp.at(m::text)) AS rings FROM generate_series('2026-10-24 23:00+00', '2026-10-26 04:00+00', interval '10 min') m;
SELECT * FROM pg_temp.runs('night');
SELECT leap.delete_job(pg_temp.job('night'));

-- limits that came later: what comes too soon is recorded as skipped; the oldest jobs keep running
SET test.clock = '2026-04-01 10:00+00';
SELECT pg_temp.add('first', '{"type": "cron", "expression": "0 * * * *"}');
SELECT pg_temp.add('second', '{"type": "daily", "time": "12:00"}');
SELECT leap.set_quota('auto@example.org', 'automation_interval_hours', 2) IS NOT NULL AS slower, leap.set_quota('auto@example.org', 'automation_jobs', 1) IS NOT NULL AS fewer;
SELECT count(pg_temp.at(format('2026-04-01 %s:01+00', h))) AS rings FROM generate_series(11, 15) h;
SELECT slot, state, why FROM pg_temp.runs('first');
SELECT slot, state, why FROM pg_temp.runs('second');
SELECT DISTINCT error->>'message' AS message, error->>'hint' AS hint FROM leap.automation_runs WHERE user_id = pg_temp.me() AND state = 'skipped' AND scheduled_for < '2026-04-01 13:00+00';
-- the second runs as soon as the first is off; by hand both run, and that counts for nothing
SELECT leap.run_job(pg_temp.job('second')) IS NOT NULL AS by_hand, pg_temp.at('2026-04-02 11:00+00') > 0 AS ended, leap.enable_job(pg_temp.job('first'), false) IS NOT NULL AS off, pg_temp.at('2026-04-02 12:00+00') > 0 AS due;
SELECT slot, state, why FROM pg_temp.runs('second');
SELECT leap.set_quota('auto@example.org', 'automation_interval_hours', NULL::text) IS NOT NULL AS reset, leap.set_quota('auto@example.org', 'automation_jobs', NULL::text) IS NOT NULL AS reset;
UPDATE leap.users SET is_active = false WHERE id = pg_temp.me();
SELECT pg_temp.at('2026-04-03 12:00+00') AS owner_off;
UPDATE leap.users SET is_active = true WHERE id = pg_temp.me();
SELECT slot, state, why FROM pg_temp.runs('second') OFFSET 4;
SELECT leap.delete_job(id) FROM leap.automation_jobs WHERE user_id = pg_temp.me();

-- one bad job stops no other: its error is at the job, and its owner is told
SET test.clock = '2026-05-01 10:00+00';
SELECT pg_temp.add('bad', '{"type": "daily", "time": "11:00"}');
SELECT pg_temp.add('worse', '{"type": "daily", "time": "11:00"}');
SELECT pg_temp.add('good', '{"type": "daily", "time": "11:00"}');
UPDATE leap.automation_jobs SET sync_config = '{"sync_days": 2, "source_ids": []}' WHERE id = pg_temp.job('bad');
ALTER TABLE leap.automation_jobs DISABLE TRIGGER check_job;
UPDATE leap.automation_jobs SET sync_config = '{"sync_days": "two"}' WHERE id = pg_temp.job('bad');
UPDATE leap.automation_jobs SET schedule_config = '{"type": "daily", "time": "11:00", "timezone": "Atlantis"}' WHERE id = pg_temp.job('worse');
ALTER TABLE leap.automation_jobs ENABLE TRIGGER check_job;
SELECT pg_temp.at('2026-05-01 11:00+00') > 0 AS rang;
SELECT j.name, coalesce(r.phase, r.state) AS state, r.error->>'code' AS code, j.last_error->>'message' AS message, j.is_enabled, j.next_run_at
FROM leap.automation_jobs j LEFT JOIN leap.automation_runs r ON r.job_id = j.id WHERE j.user_id = pg_temp.me() ORDER BY 1;
SELECT n.event, n.payload->>'job' AS job, n.payload->>'code' AS code FROM leap.notifications n WHERE n.user_id = pg_temp.me() AND n.event = 'automation_failed' ORDER BY 2;
SELECT leap.delete_job(id) FROM leap.automation_jobs WHERE user_id = pg_temp.me();

-- the way of a run: two sources, one of them broken; what matches starts, as far as the quota goes, the oldest first
SET test.clock = '2026-06-01 08:00+00';
SELECT leap.add_source('{"name": "list", "source_type": "URL_LIST", "config": {"urls": ["https://example.org/a.mp4"]}}', 'auto@example.org') AS list \gset
SELECT leap.add_source('{"name": "broken", "source_type": "URL_LIST", "config": {"url": "https://example.org/gone"}}', 'auto@example.org') AS broken \gset
SELECT leap.add_recording('auto@example.org', '{"type": "url", "url": "https://example.org/old.mp4"}', 'Algebra 0') IS NOT NULL AS here_already,
       leap.add_recording('auto@example.org', '{"type": "url", "url": "https://example.org/none.mp4"}', 'Algebra nobody wants') AS unwanted \gset
UPDATE leap.recordings SET start_time = '2026-05-31 08:00+00' WHERE user_id = pg_temp.me();
SELECT leap.unbind_template(:'unwanted') IS NOT NULL AS by_a_person;
SELECT leap.add_recording('auto@example.org', '{"type": "url", "url": "https://example.org/deleted.mp4"}', 'Algebra deleted') AS deleted \gset
SELECT leap.delete_recording(:'deleted') IS NOT NULL AS deleted;
SELECT pg_temp.add('lectures', '{"type": "daily", "time": "09:00"}', '{"processing_config": {"transcription": {"language": "de"}}}');
SELECT leap.set_quota('auto@example.org', 'processing_per_month', 2) IS NOT NULL AS two_runs;
SELECT pg_temp.at('2026-06-01 09:00+00') > 0 AS due;
CREATE FUNCTION pg_temp.show(run uuid) RETURNS TABLE (state text, counts text, progress text, code text) LANGUAGE sql AS $$
    SELECT coalesce(r->>'phase', r->>'state'), (SELECT string_agg(key || '=' || value, ' ' ORDER BY key) FROM jsonb_each_text(r->'counts') WHERE value <> '0'),
           (SELECT string_agg(key || '=' || value, ' ' ORDER BY key) FROM jsonb_each_text(r->'progress') WHERE value <> '0'), r #>> '{error,code}'
    FROM leap.automation_run(run) r $$;
SELECT id AS run FROM leap.automation_runs WHERE job_id = pg_temp.job('lectures') \gset
SELECT * FROM pg_temp.show(:'run');
-- it is exclusive as long as it asks and starts
SELECT code, regexp_replace(message, '[0-9a-f-]{36}', '<id>') AS message, hint FROM test.error($$SELECT leap.run_job(pg_temp.job('lectures'))$$);
SELECT count(*) FROM test.claim() WHERE kind = 'sync';
CREATE FUNCTION pg_temp.sync(of_source uuid, VARIADIC names text[]) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(coalesce(c.reason, 'accepted'), ' ') FROM leap.complete((SELECT jsonb_agg(jsonb_build_object('task', l.task, 'fence', l.fence, 'result', jsonb_build_object('facts',
        jsonb_build_object('seen', cardinality(names), 'items', (SELECT coalesce(jsonb_agg(jsonb_build_object('source_key', n, 'display_name', n, 'start_time', 1780214400 + 60 * o,
            'source', jsonb_build_object('type', 'url', 'url', 'https://example.org/' || md5(n)))), '[]') FROM unnest(names) WITH ORDINALITY AS x(n, o)))))) FROM test.leases l
        JOIN leap.source_syncs s ON s.task_id = l.task::bigint AND s.source_id = of_source AND s.state = 'waiting')) c $$;
SELECT pg_temp.sync(:'list', 'Algebra 1', 'Botany', 'Algebra 2');
SELECT leap.run_automation() AS still_waits;
SELECT leap.fail(l.task, l.fence, '{"class": "permanent", "code": "http_404", "message": "there is nothing at https://example.org/gone", "hint": "mend it"}')
FROM test.leases l JOIN leap.source_syncs s ON s.task_id = l.task::bigint WHERE s.source_id = :'broken';
SELECT phase FROM leap.automation_runs WHERE id = :'run';
SELECT leap.automation_waits() AS a_worker_would_ring, leap.run_automation() > 0 AS rang;
SELECT * FROM pg_temp.show(:'run');
SELECT r.display_name AS name, r.status, t.name AS template, r.unmatched_reason AS unmatched, u.trigger, u.state, u.config #>> '{transcription,language}' AS language
FROM leap.recordings r LEFT JOIN leap.recording_templates t ON t.id = r.template_id LEFT JOIN leap.runs u ON u.recording_id = r.id WHERE r.user_id = pg_temp.me() ORDER BY 1;
SELECT x.key, e->>'name' AS name, e->>'reason' AS reason FROM leap.automation_run(:'run') r, jsonb_each(r->'report') x, jsonb_array_elements(x.value) e ORDER BY 1, 2;
SELECT s->>'name' AS source, s->>'state' AS state, s->>'created' AS created, s #>> '{error,message}' AS error FROM leap.automation_run(:'run') r, jsonb_array_elements(r->'syncs') s ORDER BY 1;
-- one is published, one fails; then the run is over
SELECT test.advance('Algebra 0', 'none');
SELECT leap.run_automation() AS not_yet;
SELECT * FROM pg_temp.show(:'run');
SELECT name, kind FROM test.claim();
SELECT test.fail('download', 'Algebra 1', 'permanent', 'it is gone');
SELECT pg_temp.at('2026-06-01 09:30+00') AS over;
SELECT * FROM pg_temp.show(:'run');
SELECT n.event, n.payload->>'job' AS job, n.payload->>'state' AS state, n.payload->>'done' AS done, n.payload->>'failed' AS failed FROM leap.notifications n
WHERE n.user_id = pg_temp.me() AND n.event = 'automation_completed' AND n.payload->>'job' = 'lectures';
SELECT last_error FROM leap.automation_jobs WHERE id = pg_temp.job('lectures');
-- the history of the job, without long lists
SELECT r->>'trigger' AS trigger, r->>'state' AS state, r->>'seconds' AS seconds, r #>> '{counts,matched}' AS matched, r->'report' AS report FROM jsonb_array_elements(leap.job_runs(pg_temp.job('lectures'))) r;

-- what is published is taken up again only if something has changed
SELECT leap.set_quota('auto@example.org', 'processing_per_month', NULL::text) IS NOT NULL AS reset;
SELECT leap.add_job('{"name": "again", "schedule_config": {"type": "daily", "time": "09:00"}, "filters": {"status": ["UPLOADED"]}, "sync_config": {"sync_days": 5},
                      "processing_config": {"transcription": {"language": "de"}}}', 'auto@example.org') AS again \gset
SELECT leap.change_source(:'broken', '{"is_active": false}') IS NOT NULL AS off, leap.run_job(:'again') AS run \gset
SELECT count(*) FROM test.claim() WHERE kind = 'sync';
SELECT pg_temp.sync(:'list', VARIADIC '{}'), leap.run_automation() > 0 AS rang;
SELECT * FROM pg_temp.show(:'run');
SELECT leap.change_job(:'again', '{"processing_config": {"transcription": {"language": "de"}, "metadata": {"title_template": "{{ display_name }} again"}}}') IS NOT NULL AS changed, leap.run_job(:'again') AS run \gset
SELECT count(*) FROM test.claim() WHERE kind = 'sync';
SELECT pg_temp.sync(:'list', VARIADIC '{}'), leap.run_automation() > 0 AS rang;
SELECT * FROM pg_temp.show(:'run');
SELECT t.kind, t.state FROM leap.tasks t JOIN leap.runs u ON u.id = t.run_id WHERE u.automation_run_id = :'run' AND t.state <> 'skipped';
SELECT leap.cancel_recording(u.recording_id)->>'message' AS cancelled FROM leap.runs u WHERE u.automation_run_id = :'run';
SELECT leap.delete_job(:'again');

-- a held recording does not keep the run open
SELECT leap.run_job(pg_temp.job('lectures')) AS run \gset
SELECT count(*) FROM test.claim() WHERE kind = 'sync';
SELECT pg_temp.sync(:'list', 'Algebra 1', 'Botany', 'Algebra 2'), leap.run_automation() > 0 AS rang;
SELECT * FROM pg_temp.show(:'run');
SELECT leap.pause_recording(r.recording_id)->>'message' AS paused FROM leap.runs r WHERE r.automation_run_id = :'run';
SELECT leap.run_automation() AS over;
SELECT * FROM pg_temp.show(:'run');
SELECT leap.resume_recording(r.recording_id)->>'message' AS resumed FROM leap.runs r WHERE r.automation_run_id = :'run';
SELECT leap.cancel_recording(r.recording_id)->>'message' AS cancelled FROM leap.runs r WHERE r.automation_run_id = :'run';

-- every recording fails: its owner is told which, in words that are for him
BEGIN;
SELECT leap.run_job(pg_temp.job('lectures')) AS run \gset
SELECT count(*) FROM test.claim() WHERE kind = 'sync';
DROP TABLE got;
SELECT pg_temp.sync(:'list', VARIADIC '{}'), leap.run_automation() > 0 AS rang;
SELECT name, kind FROM test.claim();
SELECT test.fail('download', l.name, 'permanent', 'it is gone') FROM test.leases l JOIN leap.tasks t ON t.id = l.task::bigint JOIN leap.runs u ON u.id = t.run_id WHERE u.automation_run_id = :'run';
SELECT leap.run_automation() > 0 AS over;
SELECT error FROM leap.automation_runs WHERE id = :'run';
SELECT t.body FROM leap.notifications n JOIN leap.users u ON u.id = n.user_id, unnest('{en,ru}'::text[]) l, leap.notification_text(n, jsonb_populate_record(u, jsonb_build_object('language', l))) t
WHERE n.subject->>'automation_run' = :'run' AND n.event = 'automation_failed';
ROLLBACK;

-- everything that can go under a run: a source, a template, the job's being on, the job
SELECT leap.run_job(pg_temp.job('lectures')) AS run \gset
SELECT leap.delete_source(:'list') AS source_gone;
SELECT count(*) FROM test.claim() WHERE kind = 'sync';
SELECT pg_temp.sync(:'list', 'Algebra 3'), leap.run_automation() > 0 AS rang;
SELECT * FROM pg_temp.show(:'run');
SELECT leap.run_job(pg_temp.job('lectures')) AS run, leap.enable_job(pg_temp.job('lectures'), false) IS NOT NULL AS off, leap.delete_template(:'algebra') IS NOT NULL AS template_gone \gset
SELECT leap.run_automation() > 0 AS rang;
SELECT * FROM pg_temp.show(:'run');
SELECT leap.run_job(pg_temp.job('lectures')) AS run \gset
SELECT * FROM pg_temp.show(:'run');
SELECT leap.delete_job(pg_temp.job('lectures'));
SELECT code FROM test.error(format('SELECT leap.automation_run(%L)', :'run'));
SELECT leap.advance_automation(:'run'), leap.run_automation() AS nothing;

-- and the owner: nothing of him goes on
SELECT leap.add_user('gone@example.org') IS NOT NULL AS added, leap.add_template('{"name": "Algebra", "matching_rules": {"keywords": ["algebra"]}}', 'gone@example.org') IS NOT NULL AS template;
SELECT leap.add_source('{"name": "list", "source_type": "URL_LIST", "config": {"urls": ["https://example.org/a.mp4"]}}', 'gone@example.org') IS NOT NULL AS source,
       leap.run_job(leap.add_job('{"name": "his", "schedule_config": {"type": "daily", "time": "09:00"}}', 'gone@example.org')) AS run \gset
DELETE FROM leap.users WHERE email = 'gone@example.org';
SELECT leap.run_automation() AS nothing, (SELECT count(*) FROM leap.automation_runs WHERE id = :'run') AS runs, (SELECT count(*) FROM leap.source_syncs WHERE automation_run_id = :'run') AS syncs,
       (SELECT count(*) FROM test.claim() WHERE kind = 'sync') AS claimed;

-- a dry run asks the sources and changes nothing
SET test.clock = '2026-06-20 08:00+00';
SELECT leap.add_template('{"name": "Algebra again", "matching_rules": {"keywords": ["algebra"]}}', 'auto@example.org') AS algebra \gset
SELECT leap.add_source('{"name": "new list", "source_type": "URL_LIST", "config": {"urls": ["https://example.org/a.mp4"]}}', 'auto@example.org') AS list \gset
SELECT pg_temp.add('dry', '{"type": "daily", "time": "09:00"}', '{"sync_config": {"sync_days": 30}}');
SELECT leap.set_quota('auto@example.org', 'processing_per_month', 4) IS NOT NULL AS one_more_fits;
SELECT leap.run_job(pg_temp.job('dry'), dry_run => true) AS run \gset
SELECT count(*) FROM test.claim() WHERE kind = 'sync';
CREATE TEMP TABLE before AS SELECT r.id, r.xmin::text AS version FROM leap.recordings r;
SELECT pg_temp.sync(:'list', 'Algebra 3', 'Algebra 4', 'Botany 2', 'Algebra 1'), leap.run_automation() > 0 AS rang;
SELECT * FROM pg_temp.show(:'run');
SELECT x.key, e->>'name' AS name, e->>'template_name' AS template, e->>'rule' AS rule, e->>'reason' AS reason, e->>'refused' AS refused
FROM leap.automation_run(:'run') r, jsonb_each(r->'report') x, jsonb_array_elements(x.value) e WHERE jsonb_typeof(x.value) = 'array' ORDER BY 1, 2;
SELECT (r->'report') - '{new,existing,unmatched,sources,estimated_duration_minutes,measured_lectures}'::text[] AS report FROM leap.automation_run(:'run') r;
SELECT count(*) AS changed FROM (SELECT id, xmin::text FROM leap.recordings EXCEPT SELECT * FROM before) x;
SELECT run_count, last_run_at, next_run_at FROM leap.automation_jobs WHERE id = pg_temp.job('dry');

-- what has a template that the job does not name is left alone, and both kinds of run say so
SELECT leap.add_user('narrow@example.org') AS narrow \gset
SELECT leap.add_template('{"name": "Algebra", "matching_rules": {"keywords": ["algebra"]}}', 'narrow@example.org') AS algebra,
       leap.add_template('{"name": "Botany", "matching_rules": {"keywords": ["botany"]}}', 'narrow@example.org') AS botany \gset
SELECT count(leap.add_recording('narrow@example.org', '{"type": "url", "url": "https://example.org/a.mp4"}', name)) FROM unnest('{Algebra by rule,Algebra by a person,Botany,Dance}'::text[]) AS name;
UPDATE leap.recordings SET start_time = leap.clock() - interval '1 hour' WHERE user_id = :'narrow';
SELECT leap.bind_template(test.id('Algebra by a person'), :'algebra')->>'by' AS by, leap.rematch_template(:'algebra')->'matched' AS matched;
SELECT leap.add_job(jsonb_build_object('name', 'botany only', 'schedule_config', '{"type": "daily", "time": "09:00"}'::jsonb, 'template_ids', ARRAY[:'botany']), 'narrow@example.org') AS job \gset
SELECT leap.run_job(:'job', true) IS NOT NULL AS dry, leap.run_automation() > 0 AS rang, leap.run_job(:'job') IS NOT NULL AS real, leap.run_automation() > 0 AS rang;
SELECT r.trigger, r.matched, r.started, e->>'name' AS name, e->>'reason' AS reason
FROM leap.automation_runs r, jsonb_array_elements(r.report->'unmatched') e WHERE r.job_id = :'job' ORDER BY r.id, 4;
DELETE FROM leap.users WHERE email = 'narrow@example.org';

-- history: a hundred of each job and all of thirty days
SELECT leap.delete_job(id) FROM leap.automation_jobs WHERE user_id = pg_temp.me();
SET test.clock = '2026-08-01 00:00+00';
SELECT pg_temp.add('long', '{"type": "hours", "hours": 24}');
INSERT INTO leap.automation_runs (job_id, user_id, trigger, scheduled_for, state, started_at, finished_at)
SELECT pg_temp.job('long'), pg_temp.me(), 'schedule', d, 'succeeded', d, d FROM generate_series(timestamptz '2026-01-01 00:00+00', '2026-07-31 00:00+00', interval '1 day') d;
SELECT leap.forget_automation_runs(), count(*), min(scheduled_for) FROM leap.automation_runs WHERE job_id = pg_temp.job('long');
SELECT count(*), min(scheduled_for), leap.forget_automation_runs() AS again FROM leap.automation_runs WHERE job_id = pg_temp.job('long');
SELECT jsonb_array_length(leap.job_runs(pg_temp.job('long'), 30)) AS page, jsonb_array_length(leap.job_runs(pg_temp.job('long'), 500, (leap.job_runs(pg_temp.job('long'), 30)->29->>'id')::uuid)) AS rest;
SELECT code, message FROM test.error($$SELECT leap.job_runs(pg_temp.job('long'), 501)$$);

-- who rings: a worker, if nobody does or something is due; never where only pg_cron may
DELETE FROM leap.bells;
SELECT leap.bell_waits() AS nobody_ever;
INSERT INTO leap.bells VALUES ('cron', clock_timestamp() - interval '30 s');
SELECT leap.bell_waits() AS cron_does;
SET test.clock = '2026-08-02 00:00+00';
SELECT leap.bell_waits() AS a_job_is_due, leap.housekeep()->'ring' AS told;
SET leap.bell = 'cron';
SELECT leap.bell_waits() AS not_allowed;
RESET leap.bell;
SELECT leap.tick() IS NOT NULL AS rung;
SELECT leap.bell_waits() AS just_now;
UPDATE leap.bells SET rung_at = clock_timestamp() - interval '70 s';
SELECT leap.bell_waits() AS soon;
UPDATE leap.bells SET rung_at = clock_timestamp() - interval '80 s';
SELECT leap.bell_waits() AS silent;

DELETE FROM leap.users WHERE email = 'auto@example.org';
SELECT count(*) AS jobs_left FROM leap.automation_jobs;
CREATE OR REPLACE FUNCTION leap.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT now()';
