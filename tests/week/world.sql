-- A made-up world for tests/tap/lib/Week.pm: teachers whose sources grow, jobs of every kind, and a clock that the test
-- sets. What happens by chance follows from :seed and from names, so that a world can be lived through again.
CREATE SCHEMA week;
CREATE TABLE week.setup AS SELECT :users AS users, :jobs AS jobs, :days AS days, :seed AS seed, timestamptz '2026-03-26 00:00+00' AS began;
-- since: how long the world has gone on; forward: by how much its clock is wrong
CREATE TABLE week.clock AS SELECT began AS at, interval '0' AS wrong FROM week.setup;
CREATE TABLE week.rings (at timestamptz, report jsonb);
CREATE TABLE week.me (worker uuid, secret text);
GRANT USAGE ON SCHEMA week TO PUBLIC;
GRANT SELECT ON week.clock TO PUBLIC;
CREATE OR REPLACE FUNCTION leap.clock() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at + wrong FROM week.clock';

-- a number from 0 to 1 that belongs to these words
CREATE FUNCTION week.chance(VARIADIC words text[]) RETURNS float8 LANGUAGE sql STABLE AS $$
    SELECT (hashtextextended(array_to_string(words, '/'), seed) & 9007199254740991)::float8 / 9007199254740992 FROM week.setup
$$;

SELECT leap.add_user(format('user%s@example.org', i)) FROM week.setup, generate_series(1, users) i;
CREATE TABLE week.users AS SELECT row_number() OVER (ORDER BY lane)::int AS n, id, email FROM leap.users;
UPDATE leap.users u SET timezone = (ARRAY['Europe/Berlin', 'UTC', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia', 'Africa/Casablanca'])[1 + w.n % 7]
FROM week.users w WHERE w.id = u.id;
SELECT leap.set_quota(email, 'processing_per_month', 12) FROM week.users WHERE n % 5 = 1;
SELECT leap.set_quota(email, 'recordings_per_month', 20) FROM week.users WHERE n % 7 = 2;
SELECT leap.add_webhook(jsonb_build_object('name', 'hook', 'url', 'https://hooks.example.org/' || n), email) FROM week.users WHERE n % 3 = 0;

SELECT leap.add_template(jsonb_build_object('name', t, 'matching_rules', jsonb_build_object('keywords', ARRAY[t])), email)
FROM week.users, unnest('{algebra,botany,chemistry}'::text[]) t;
SELECT leap.add_source(jsonb_build_object('name', s, 'source_type', 'URL_LIST', 'config', jsonb_build_object('url', format('https://%s.example.org/list', s))), email)
FROM week.users, unnest('{one,two,three}'::text[]) s;
CREATE TABLE week.sources AS
SELECT s.id, s.name, u.n, u.id AS user_id, u.n % 5 = 0 AND s.name = 'three' AS broken FROM leap.input_sources s JOIN week.users u ON u.id = s.user_id;

-- a lecture every few hours; of one subject no template is for, and some are there from the beginning
CREATE TABLE week.lectures AS
SELECT s.id AS source_id, s.user_id, format('%s %s %s', (ARRAY['Algebra', 'Botany', 'Chemistry', 'Dance'])[1 + floor(4 * week.chance('subject', s.n::text, s.name, i::text))::int], s.name, i) AS name,
       format('key-%s', i) || s.id AS key, began + make_interval(hours => (i - 3) * 7 + s.n % 7) AS appears
FROM week.sources s CROSS JOIN week.setup CROSS JOIN LATERAL generate_series(1, days * 24 / 7 + 2) i;

-- jobs of all types of schedule, policies and choices
SELECT leap.add_job(jsonb_build_object('name', 'job ' || k,
    'schedule_config', CASE k % 6
        WHEN 0 THEN jsonb_build_object('type', 'hours', 'hours', 3 + (k + u.n) % 20)
        WHEN 1 THEN jsonb_build_object('type', 'daily', 'time', format('%s:%s', lpad(((k * 7 + u.n) % 24)::text, 2, '0'), lpad((u.n % 60)::text, 2, '0')))
        WHEN 2 THEN jsonb_build_object('type', 'weekdays', 'days', ARRAY[1 + k % 7, 1 + (k + 3) % 7], 'time', format('%s:30', lpad(((k + u.n) % 24)::text, 2, '0')))
        WHEN 3 THEN jsonb_build_object('type', 'cron', 'expression', format('%s */%s * * *', u.n % 60, 6 + k % 5))
        WHEN 4 THEN jsonb_build_object('type', 'cron', 'expression', format('%s 2,14 * * *', (u.n * 7 + k) % 60), 'timezone', 'Europe/Berlin')
        ELSE jsonb_build_object('type', 'cron', 'expression', format('0 %s * * 1-5', (u.n + k) % 24)) END,
    'misfire', (ARRAY['coalesce', 'skip', 'catch_up'])[1 + (k + u.n) % 3],
    'template_ids', CASE WHEN k % 4 = 1 THEN (SELECT jsonb_agg(t.id) FROM leap.recording_templates t WHERE t.user_id = u.id AND t.name <> 'chemistry') END,
    'sync_config', jsonb_build_object('sync_days', 30) || CASE WHEN k % 5 = 2 THEN jsonb_build_object('source_ids',
        (SELECT jsonb_agg(s.id) FROM week.sources s WHERE s.user_id = u.id AND s.name <> 'one')) ELSE '{}' END), u.email)
FROM week.setup, week.users u, generate_series(1, jobs) k;
CREATE TABLE week.jobs AS SELECT id, user_id, name, schedule_config, misfire, next_run_at AS first FROM leap.automation_jobs;
