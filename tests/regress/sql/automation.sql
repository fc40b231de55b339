-- Automation jobs: what they may say, who may have how many, and what people do with them. The clock stands.
CREATE OR REPLACE FUNCTION leap.clock() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT current_setting('test.clock')::timestamptz $$;
SET test.clock = '2026-11-02 10:30+00';
SET timezone = 'UTC';
SELECT leap.add_user('auto@example.org') IS NOT NULL AS added, leap.add_user('other@example.org') IS NOT NULL AS other;
UPDATE leap.users SET timezone = 'Europe/Berlin' WHERE email = 'auto@example.org';
CREATE FUNCTION pg_temp.me() RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM leap.users WHERE email = 'auto@example.org' $$;
CREATE FUNCTION pg_temp.job(job text) RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM leap.automation_jobs WHERE user_id = pg_temp.me() AND name = job $$;
CREATE FUNCTION pg_temp.add(spec jsonb) RETURNS text LANGUAGE sql AS $$ SELECT 'added' FROM leap.add_job(spec, 'auto@example.org') $$;
CREATE FUNCTION pg_temp.try(spec jsonb) RETURNS TABLE (code text, message text, hint text) LANGUAGE sql AS $$
    SELECT code, message, hint FROM test.error(format('SELECT pg_temp.add(%L)', spec)) $$;
SELECT leap.add_template('{"name": "Algebra", "matching_rules": {"keywords": ["algebra"]}}', 'auto@example.org') AS algebra \gset
SELECT leap.add_template('{"name": "Theirs", "matching_rules": {"keywords": ["x"]}}', 'other@example.org') AS theirs \gset
SELECT leap.add_source('{"name": "list", "source_type": "URL_LIST", "config": {"urls": ["https://example.org/a.mp4"]}}', 'auto@example.org') AS source \gset

-- a job with nothing but a name and a schedule, and one that says everything
SELECT pg_temp.add('{"name": " nightly ", "schedule_config": {"type": "daily", "time": "03:00"}}');
SELECT leap.get_job(pg_temp.job('nightly')) - '{id,user_id,templates}'::text[] AS job \gx
SELECT t->>'name' AS template, t->>'state' AS state FROM jsonb_array_elements(leap.get_job(pg_temp.job('nightly'))->'templates') t;
SELECT pg_temp.add(jsonb_build_object('name', 'all', 'description', 'of everything', 'template_ids', ARRAY[:'algebra', :'algebra'], 'misfire', 'catch_up', 'is_enabled', false,
    'schedule_config', '{"type": "cron", "expression": "0 9 * * mon", "timezone": "Asia/Tokyo"}'::jsonb, 'sync_config', jsonb_build_object('sync_days', 30, 'source_ids', ARRAY[:'source']),
    'filters', '{"status": ["FAILED", "INITIALIZED"], "exclude_blank": false}'::jsonb, 'processing_config', '{"transcription": {"language": "ru", "granularity": null}}'::jsonb));
SELECT leap.get_job(pg_temp.job('all')) - '{id,user_id,templates,template_ids,sync_config}'::text[] AS job \gx
SELECT jsonb_array_length(j->'template_ids') AS templates, j #>> '{sync_config,sync_days}' AS days, j #> '{sync_config,source_ids}' = jsonb_build_array(:'source') AS its_source
FROM leap.get_job(pg_temp.job('all')) j;
SELECT action, resource_type, before IS NULL AS new, after->>'name' AS name FROM leap.audit_logs WHERE resource_type = 'automation_job' ORDER BY at;
-- every so many hours counts from a midnight of the owner
SELECT pg_temp.add('{"name": "six hours", "schedule_config": {"type": "hours", "hours": 6}}');
SELECT schedule_config, next_run_at FROM leap.automation_jobs WHERE id = pg_temp.job('six hours');

-- what a job cannot say
SELECT t.* FROM (VALUES
    ('{"name": "x"}'::jsonb),
    ('{"name": "x", "schedule_config": {"type": "monthly"}}'),
    ('{"name": "x", "schedule_config": {"type": "cron", "expression": "0 0 30 2 *"}}'),
    ('{"name": "", "schedule_config": {"type": "daily", "time": "03:00"}}'),
    ('{"name": "nightly", "schedule_config": {"type": "daily", "time": "03:00"}}'),
    ('{"name": "x", "schedule_config": {"type": "daily", "time": "03:00"}, "schedule": 1}'),
    ('{"name": "x", "schedule_config": {"type": "daily", "time": "03:00"}, "misfire": "never"}'),
    ('{"name": "x", "schedule_config": {"type": "daily", "time": "03:00"}, "is_enabled": "yes"}'),
    ('{"name": "x", "schedule_config": {"type": "daily", "time": "03:00"}, "template_ids": "all"}'),
    ('{"name": "x", "schedule_config": {"type": "daily", "time": "03:00"}, "sync_config": {"sync_days": 31}}'),
    ('{"name": "x", "schedule_config": {"type": "daily", "time": "03:00"}, "sync_config": {"days": 3}}'),
    ('{"name": "x", "schedule_config": {"type": "daily", "time": "03:00"}, "filters": {"status": ["SKIPPED"]}}'),
    ('{"name": "x", "schedule_config": {"type": "daily", "time": "03:00"}, "filters": {"status": []}}'),
    ('{"name": "x", "schedule_config": {"type": "daily", "time": "03:00"}, "filters": {"exclude_blank": 1}}'),
    ('{"name": "x", "schedule_config": {"type": "daily", "time": "03:00"}, "processing_config": {"transcription": {"language": 7}}}'),
    ('[]')) AS v (spec) CROSS JOIN LATERAL pg_temp.try(v.spec) t \gx
SELECT code, message, hint FROM pg_temp.try(jsonb_build_object('name', 'x', 'schedule_config', '{"type": "daily", "time": "03:00"}'::jsonb, 'template_ids', ARRAY[:'theirs']));
SELECT code, message, hint FROM pg_temp.try(jsonb_build_object('name', 'x', 'schedule_config', '{"type": "daily", "time": "03:00"}'::jsonb, 'sync_config', jsonb_build_object('source_ids', ARRAY[:'theirs'])));
SELECT code, message, hint FROM pg_temp.try(jsonb_build_object('name', 'x', 'schedule_config', '{"type": "daily", "time": "03:00"}'::jsonb, 'processing_config', jsonb_build_object('output', jsonb_build_object('preset_ids', ARRAY[:'theirs']))));
-- the rules hold whoever writes
SELECT code, message FROM test.error($$INSERT INTO leap.automation_jobs (user_id, name, schedule_config) VALUES (pg_temp.me(), 'raw', '{"type": "cron", "expression": "61 * * * *"}')$$);
SELECT code, message FROM test.error($$UPDATE leap.automation_jobs SET misfire = 'later' WHERE id = pg_temp.job('nightly')$$);
SELECT leap.add_preset('{"name": "stays", "platform": "library"}', pg_temp.me()::text) IS NOT NULL AS preset;
SELECT t.name, e.* FROM unnest('{automation_jobs,recording_templates,output_presets}'::text[]) AS t(name),
    test.error(format('UPDATE leap.%I x SET user_id = (SELECT u.id FROM leap.users u WHERE u.id <> x.user_id LIMIT 1)', t.name)) e;

-- a job that is on has a next time, whoever takes it away
UPDATE leap.automation_jobs SET next_run_at = NULL WHERE id = pg_temp.job('nightly') RETURNING is_enabled, next_run_at;
-- a name that is taken is the same error as with templates, sources and presets, also when a job is renamed or copied
SELECT code, message FROM test.error($$SELECT leap.change_job(pg_temp.job('all'), '{"name": "nightly"}')$$);
SELECT code, message FROM test.error($$SELECT leap.copy_job(pg_temp.job('all'), 'nightly')$$);
-- said only when all else is right
SELECT code, message FROM test.error($$SELECT leap.change_job(pg_temp.job('all'), '{"name": "nightly", "schedule_config": {"type": "daily", "time": "09:00", "timezone": "Mars/Olympus"}}')$$);

-- changing: what is named changes, null is the default, a new schedule counts from now; switching off and on
SELECT j->>'description' AS description, j->>'misfire' AS misfire, j #> '{filters,status}' AS status, j->>'next_run_at' AS next
FROM leap.change_job(pg_temp.job('nightly'), '{"description": "at night", "misfire": "skip", "filters": {"status": ["TRANSCRIBED"]}}') j;
SELECT j->>'description' AS description, j->>'misfire' AS misfire, j #> '{filters,status}' AS status, j->>'next_run_at' AS next
FROM leap.change_job(pg_temp.job('nightly'), '{"misfire": null, "filters": null, "schedule_config": {"type": "daily", "time": "11:00"}}') j;
SELECT code, message FROM test.error($$SELECT leap.change_job(pg_temp.job('nightly'), '{"next_run_at": null}')$$);
SELECT code, message FROM test.error($$SELECT leap.change_job(pg_temp.job('nightly'), NULL)$$);
SELECT j->>'is_enabled' AS enabled, j->'next_runs' AS next FROM leap.enable_job(pg_temp.job('nightly'), false) j;
SELECT j->>'is_enabled' AS enabled, j->>'next_run_at' AS next FROM leap.enable_job(pg_temp.job('nightly')) j;
SELECT leap.copy_job(pg_temp.job('nightly')) IS NOT NULL AS copied, leap.copy_job(pg_temp.job('nightly')) IS NOT NULL AS again, leap.copy_job(pg_temp.job('all'), 'another') IS NOT NULL AS named;
SELECT j->>'name' AS name, j->>'is_enabled' AS enabled, j->>'misfire' AS misfire, jsonb_typeof(j->'template_ids') AS templates, j->'next_run_at' AS next
FROM jsonb_array_elements(leap.job_list('auto@example.org')) j;
SELECT jsonb_array_length(leap.job_list('auto@example.org', true)) AS "on", jsonb_array_length(leap.job_list('auto@example.org', false)) AS off;
SELECT leap.delete_job(pg_temp.job('another'));
SELECT action, before IS DISTINCT FROM after AS differs, after->>'name' AS name, regexp_replace(why, '[0-9a-f-]{36}', '<id>') AS why
FROM leap.audit_logs WHERE resource_type = 'automation_job' ORDER BY at OFFSET 3;

-- a template that is deleted goes from the jobs; a job that has lost all of its templates matches nothing rather than everything
SELECT leap.delete_template(:'algebra');
SELECT name, template_ids FROM leap.automation_jobs WHERE user_id = pg_temp.me() ORDER BY name;
SELECT leap.add_template('{"name": "Geometry", "matching_rules": {"keywords": ["geometry"]}}', 'auto@example.org') AS geometry \gset
SELECT j->'template_ids' AS templates FROM leap.change_job(pg_temp.job('all'), '{"template_ids": []}') j;

-- quotas: how many jobs, counted also when they are off, given back when one is deleted
SELECT leap.set_quota('auto@example.org', 'automation_jobs', 6) IS NOT NULL AS limited;
SELECT pg_temp.add('{"name": "sixth", "schedule_config": {"type": "daily", "time": "03:00"}, "is_enabled": false}');
SELECT code, message, hint FROM pg_temp.try('{"name": "too many", "schedule_config": {"type": "daily", "time": "03:00"}, "is_enabled": false}');
SELECT quota, "limit", used FROM leap.quota_status('auto@example.org') WHERE quota = 'automation_jobs';
SELECT code, message FROM test.error($$SELECT leap.copy_job(pg_temp.job('nightly'))$$);
SELECT leap.delete_job(pg_temp.job('Copy 2 of nightly'));
SELECT leap.copy_job(pg_temp.job('six hours'), 'fits') IS NOT NULL AS fits;
SELECT leap.set_quota('auto@example.org', 'automation_jobs', 'unlimited') IS NOT NULL AS unlimited;

-- quotas: the least hours between two runs, over a whole year of the schedule
SELECT leap.set_quota('auto@example.org', 'automation_interval_hours', 2) IS NOT NULL AS limited;
SELECT t.* FROM (VALUES ('{"type": "cron", "expression": "0 8,9 * * *"}'::jsonb), ('{"type": "cron", "expression": "0 8 1 3,7 *"}'), ('{"type": "hours", "hours": 1}'),
    ('{"type": "cron", "expression": "0 23 30 6 *"}'), ('{"type": "cron", "expression": "30 1,3 29 3 *"}'), ('{"type": "cron", "expression": "0 0,23 1,31 1,12 *"}')) AS v (schedule)
CROSS JOIN LATERAL pg_temp.try(jsonb_build_object('name', 'often ' || md5(v.schedule::text), 'schedule_config', v.schedule)) t \gx
SELECT leap.set_quota('auto@example.org', 'automation_interval_hours', 24) IS NOT NULL AS limited;
-- the day of 23 hours is a day
SELECT pg_temp.add('{"name": "daily", "schedule_config": {"type": "daily", "time": "02:30"}}');
-- two runs of a 29 February that is years ahead are too near too, and those of a year in which a Friday follows the 13th
SELECT leap.set_quota('auto@example.org', 'automation_interval_hours', 3) IS NOT NULL AS limited;
SELECT t.code, t.message FROM (VALUES ('0 8,9 29 2 *'), ('0 1,23 28,29 2 *'), ('0 1,23 13 6 FRI'), ('0 8,11 29 2 *')) AS v (expression)
CROSS JOIN LATERAL pg_temp.try(jsonb_build_object('name', v.expression, 'schedule_config', jsonb_build_object('type', 'cron', 'expression', v.expression))) t;
SELECT leap.set_quota('auto@example.org', 'automation_interval_hours', 24) IS NOT NULL AS limited;
-- a job that is there keeps its schedule; switched on again it has to keep to the limit of now
SELECT j->>'description' AS changed FROM leap.change_job(pg_temp.job('six hours'), '{"description": "still there"}') j;
SELECT leap.enable_job(pg_temp.job('six hours'), false)->>'is_enabled' AS enabled;
SELECT code, message, hint FROM test.error($$SELECT leap.enable_job(pg_temp.job('six hours'))$$);
SELECT leap.set_quota('auto@example.org', 'automation_interval_hours', NULL::text) IS NOT NULL AS unlimited;

-- the wall: a tenant has his own jobs and no others
SELECT pg_temp.job('nightly') AS nightly, leap.run_job(pg_temp.job('nightly')) AS run \gset
SELECT set_config('request.jwt.claims', json_build_object('sub', id)::text, false) IS NOT NULL AS other FROM leap.users WHERE email = 'other@example.org';
GRANT USAGE ON SCHEMA test TO leap_user;
SET ROLE leap_user;
SELECT leap.job_list(), (SELECT count(*) FROM leap.automation_jobs) AS seen, (SELECT count(*) FROM leap.automation_runs) AS runs_seen;
SELECT t.code, t.message FROM unnest(ARRAY[format('SELECT leap.get_job(%L)', :'nightly'), format('SELECT leap.change_job(%L, ''{}'')', :'nightly'), format('SELECT leap.enable_job(%L)', :'nightly'),
    format('SELECT leap.delete_job(%L)', :'nightly'), format('SELECT leap.copy_job(%L)', :'nightly'), format('SELECT leap.run_job(%L)', :'nightly'), format('SELECT leap.job_runs(%L)', :'nightly'),
    format('SELECT leap.automation_run(%L)', :'run'), 'SELECT leap.job_list(''auto@example.org'')', 'INSERT INTO leap.automation_jobs DEFAULT VALUES']) AS s
CROSS JOIN LATERAL test.error(s) t;
SELECT count(*) FROM leap.automation_run_progress(:'run');
SELECT leap.add_job('{"name": "mine", "schedule_config": {"type": "daily", "time": "03:00"}}') IS NOT NULL AS added;
SELECT jsonb_array_length(leap.job_list()) AS jobs;
RESET ROLE;
REVOKE USAGE ON SCHEMA test FROM leap_user;
RESET request.jwt.claims;

DELETE FROM leap.users WHERE email IN ('auto@example.org', 'other@example.org');
SELECT count(*) AS jobs_left FROM leap.automation_jobs;
CREATE OR REPLACE FUNCTION leap.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT now()';
