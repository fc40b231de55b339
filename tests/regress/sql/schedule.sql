-- When schedules run, on what edges of which zones, what is refused, and how they are told.
SET timezone = 'UTC';

-- cases as rows: the runs after a time, on the clock of the schedule's zone
CREATE FUNCTION test.runs(schedule jsonb, after text, n int = 3) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    zone text := coalesce(leap.check_schedule(schedule)->>'timezone', 'UTC');
BEGIN
    PERFORM set_config('TimeZone', zone, true);
    RETURN (SELECT string_agg(to_char(r, 'Dy YYYY-MM-DD HH24:MI:SS') || ' ' || to_char(r, 'TZH:TZM'), E'\n' ORDER BY r)
            FROM leap.next_runs(schedule, after::timestamp AT TIME ZONE zone, n) r);
END $$;
CREATE FUNCTION test.cron(expression text, zone text = 'UTC') RETURNS jsonb LANGUAGE sql
RETURN jsonb_build_object('type', 'cron', 'expression', expression, 'timezone', zone);
CREATE FUNCTION test.daily(at text, zone text = 'UTC') RETURNS jsonb LANGUAGE sql
RETURN jsonb_build_object('type', 'daily', 'time', at, 'timezone', zone);
-- what a refused schedule is told
CREATE FUNCTION test.refusal(schedule jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    hint text;
BEGIN
    RETURN 'accepted: ' || leap.check_schedule(schedule)::text;
EXCEPTION WHEN SQLSTATE 'LP030' THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN SQLERRM || E'\n   ' || hint;
END $$;

-- one way of writing
SELECT leap.check_schedule(s::jsonb) FROM unnest(ARRAY[
    '{"type": "daily", "time": "09:05"}',
    '{"type": "time_of_day", "time": "9:05", "timezone": "europe/BERLIN"}',
    '{"type": "daily", "time": "00:00", "timezone": null}',
    '{"type": "hours", "hours": 6}',
    '{"type": "hours", "hours": 168, "anchor": "2026-11-23T09:00:00.5+01:00", "timezone": "Asia/Tokyo"}',
    '{"type": "weekdays", "days": [7, 1, 3, 1], "time": "23:59", "timezone": "Etc/GMT+3"}',
    '{"type": "cron", "expression": "  */15  8-18/2 * jan-MAR\tmon-fri,sun "}',
    '{"type": "cron", "expression": "@Weekly", "timezone": "est5edt"}']) s;
-- every zone of the server is known by its name, in capitals too
SELECT count(*) > 400 AS many, bool_and(leap.check_schedule(jsonb_build_object('type', 'daily', 'time', '09:00', 'timezone', upper(name)))->>'timezone' = name) AS known
FROM pg_timezone_names;
SELECT leap.check_schedule(leap.check_schedule(s)) = leap.check_schedule(s) AS stays
FROM (SELECT '{"type": "time_of_day", "time": "9:05"}'::jsonb) t(s);

-- the clock is put forward: the first instant after the gap; put back: the first time only
SELECT name, test.runs(schedule, after) AS runs FROM (VALUES
    ('Berlin, gap', test.daily('02:30', 'Europe/Berlin'), '2026-03-28 00:00'),
    ('Berlin, edge of the gap', test.daily('02:00', 'Europe/Berlin'), '2026-03-28 00:00'),
    ('Berlin, behind the gap', test.daily('03:00', 'Europe/Berlin'), '2026-03-28 00:00'),
    ('Berlin, twice', test.daily('02:30', 'Europe/Berlin'), '2026-10-24 00:00'),
    ('Berlin, end of twice', test.daily('03:00', 'Europe/Berlin'), '2026-10-24 00:00'),
    ('New York, gap', test.daily('02:30', 'America/New_York'), '2026-03-07 00:00'),
    ('New York, twice', test.daily('01:00', 'America/New_York'), '2026-10-31 00:00'),
    ('Lord Howe, gap of 30 minutes', test.daily('02:15', 'Australia/Lord_Howe'), '2026-10-03 00:00'),
    ('Lord Howe, 30 minutes twice', test.daily('01:45', 'Australia/Lord_Howe'), '2026-04-04 00:00'),
    ('Troll, gap of two hours', test.daily('01:30', 'Antarctica/Troll'), '2026-03-28 00:00'),
    ('Casablanca, before Ramadan', test.daily('02:30', 'Africa/Casablanca'), '2026-02-14 00:00'),
    ('Casablanca, after Ramadan', test.daily('02:30', 'Africa/Casablanca'), '2026-03-21 00:00'),
    ('Havana, midnight is left out', test.daily('00:00', 'America/Havana'), '2026-03-07 00:00'),
    ('Apia, a day is left out', test.daily('09:00', 'Pacific/Apia'), '2011-12-28 12:00'),
    ('Apia, each hour of it', test.cron('0 * * * *', 'Pacific/Apia'), '2011-12-29 22:30'),
    ('Berlin, each half hour, gap', test.cron('*/30 * * * *', 'Europe/Berlin'), '2026-03-29 01:00'),
    ('Berlin, :30, gap', test.cron('30 * * * *', 'Europe/Berlin'), '2026-03-29 01:00'),
    ('Berlin, each half hour, twice', test.cron('*/30 * * * *', 'Europe/Berlin'), '2026-10-25 01:45')) t(name, schedule, after);

-- between the two times one that comes twice: the second is no run
SELECT leap.next_run(test.daily('02:30', 'Europe/Berlin'), '2026-10-25 00:29:59.999999Z') AS first,
    leap.next_run(test.daily('02:30', 'Europe/Berlin'), '2026-10-25 00:30Z') AS next,
    leap.next_run(test.daily('02:30', 'Europe/Berlin'), '2026-10-25 01:15Z') AS also_next;

-- every so many hours of real time: zones and their clocks do not matter
SELECT test.runs('{"type": "hours", "hours": 5, "anchor": "2026-10-24T22:00:00Z"}', '2026-10-24 21:59') AS from_the_anchor,
    test.runs('{"type": "hours", "hours": 5, "anchor": "2026-10-24T22:00:00Z"}', '2026-10-24 22:00') AS later,
    test.runs('{"type": "hours", "hours": 6}', '2026-10-24 22:00') AS without;

-- days: ends of months, leap years, weekdays, the rule of cron for both
SELECT expression, test.runs(test.cron(expression), after, 4) AS runs FROM (VALUES
    ('0 0 29 2 *', '2023-03-01'), ('0 0 29 2 *', '2096-03-01'), ('0 0 31 * *', '2026-01-01'), ('59 23 28-31 2,4 *', '2027-02-27'),
    ('0 0 * * 0', '2026-11-21'), ('0 0 * * 7', '2026-11-21'), ('0 0 * * SUN', '2026-11-21'), ('0 0 * * fri-sun', '2026-11-21'), ('0 0 * * 5-7', '2026-11-21'),
    ('0 0 13 * FRI', '2026-11-01'), ('0 0 */13 * 5', '2026-11-01'), ('0 0 13 * */5', '2026-11-01'), ('0 0 1 JAN,jul *', '2026-11-01'),
    ('5-59/25 */11 * * *', '2026-11-21'), ('10,20,50 3 1 1 *', '2026-11-21'), ('0 12 30 2 1', '2026-02-20'),
    ('@hourly', '2026-11-21 10:59'), ('@monthly', '2026-11-21'), ('@annually', '2026-11-21')) t(expression, after);

-- such a day never comes
SELECT leap.next_run(test.cron('0 0 30 2 *'), '2026-01-01Z') AS never, (SELECT count(*) FROM leap.next_runs(test.cron('0 0 31 2,4,6 *'), '2026-01-01Z', 5)) AS none,
    leap.next_run(test.daily('09:00'), 'infinity') AS after_all, leap.next_run(test.daily('09:00'), '294276-12-31 12:00Z') AS too_late;
SELECT leap.next_run(test.daily('09:00'), '-infinity');
SELECT count(*) FROM leap.next_runs(test.daily('09:00'), '2026-01-01Z', -1);

-- the shortest interval of a year on the wall clock, whatever comes next
SELECT schedule, leap.least_interval(schedule, '2026-11-21 08:30Z') AS least FROM (VALUES
    (test.cron('0 8,9 * * *')), (test.cron('* * * * *')), (test.cron('*/45 * * * *')), (test.cron('0 22,1 * * *')), (test.cron('0 0 1 * *')),
    (test.cron('0 0 31 * *')), (test.cron('0 23 31 12 *')), (test.cron('0 0 1,2 1 *')), (test.cron('0 0 1 1 *')), (test.cron('0 0 29 2 *')),
    (test.daily('02:30', 'Europe/Berlin')), ('{"type": "hours", "hours": 5}'), ('{"type": "weekdays", "days": [5, 1], "time": "09:00"}')) t(schedule);
SELECT leap.least_interval(test.daily('09:00'), 'infinity');

-- refusals name the field, its value and the rule
SELECT test.refusal(s::jsonb) FROM unnest(ARRAY[
    '[]', '"daily"', '{}', '{"type": "monthly"}', '{"type": 5}',
    '{"type": "daily"}', '{"type": "daily", "time": "24:00"}', '{"type": "daily", "time": "9"}', '{"type": "daily", "time": "09:00:00"}',
    '{"type": "daily", "time": "9:5"}', '{"type": "daily", "time": 900}', '{"type": "daily", "time": "-1:00"}',
    '{"type": "daily", "time": "09:00", "days": [1]}', '{"type": "daily", "time": "09:00", "zone": "UTC"}',
    '{"type": "daily", "time": "09:00", "timezone": "Berlin"}', '{"type": "daily", "time": "09:00", "timezone": "Europe/Berlim"}',
    '{"type": "daily", "time": "09:00", "timezone": "UTC+3"}', '{"type": "daily", "time": "09:00", "timezone": "Europe/Berlin5"}',
    '{"type": "daily", "time": "09:00", "timezone": "MSK"}', '{"type": "daily", "time": "09:00", "timezone": "../etc/passwd"}',
    '{"type": "daily", "time": "09:00", "timezone": "<+03>-3"}', '{"type": "daily", "time": "09:00", "timezone": "Etc/GMT+20"}',
    '{"type": "daily", "time": "09:00", "timezone": ""}',
    '{"type": "daily", "time": "09:00", "timezone": 3}',
    '{"type": "hours", "hours": 0}', '{"type": "hours", "hours": 169}', '{"type": "hours", "hours": 1.5}', '{"type": "hours", "hours": "6"}',
    '{"type": "hours", "hours": 6, "anchor": "now"}', '{"type": "hours", "hours": 6, "anchor": "2026-02-29T09:00:00Z"}',
    '{"type": "weekdays", "days": [], "time": "09:00"}', '{"type": "weekdays", "days": [0, 1], "time": "09:00"}',
    '{"type": "weekdays", "days": [8], "time": "09:00"}', '{"type": "weekdays", "days": ["Monday"], "time": "09:00"}',
    '{"type": "weekdays", "days": 1, "time": "09:00"}', '{"type": "weekdays", "days": {"1": 2}, "time": "09:00"}', '{"type": "weekdays", "days": [1]}',
    '{"type": "cron"}', '{"type": "cron", "expression": 5}']) s;
SELECT test.refusal(test.cron(e)) FROM unnest(ARRAY[
    '', '   ', '* * * *', '* * * * * *', '@reboot', '@daily 5', '60 * * * *', '* 24 * * *', '* * 0 * *', '* * 32 * *', '* * * 0 *', '* * * 13 *', '* * * * 8',
    '-1 * * * *', '5- * * * *', '5,,6 * * * *', ', * * * *', '1.5 * * * *', '5/15 * * * *', '*/0 * * * *', '*/60 * * * *', '*/ * * * *', '1-5/x * * * *',
    '50-10 * * * *', '* * * * SAT-MON', '* * * * MONDAY', '* * * FEV *', '* MON * * *', '? * * * *', '* * L * *', '* * 15W * *', '* * * * 5#3',
    '99999999999999999999 * * * *', E'* * * *\n*', '0 0 30 2 *', '0 0 31 4,6,9,11 *', 'привет * * * *', repeat('1,', 100) || '1 * * * *']) e;

-- people's words
SELECT expression, leap.schedule_text(test.cron(expression, 'Europe/Berlin')) || E'\n' || leap.schedule_text(test.cron(expression, 'Europe/Berlin'), 'ru') AS text
FROM unnest(ARRAY['* * * * *', '*/15 * * * *', '0,7 * * * *', '0 9,17 * * mon-fri', '*/10 8-18 1,15 * 1', '0 0 1-7 * */2', '0 12 1 1,7 *', '1-20,40 8-18 * * *',
    '* 3,5 * * *', '30 8 * * 0', '21,42 * 5 1-3 *', '0 9 1-31 * 1']) expression;
SELECT leap.schedule_text(s::jsonb), leap.schedule_text(s::jsonb, 'ru'), leap.schedule_text(s::jsonb, 'xx') = leap.schedule_text(s::jsonb) AS other FROM unnest(ARRAY[
    '{"type": "daily", "time": "09:00"}', '{"type": "weekdays", "days": [1, 3, 7], "time": "18:30", "timezone": "Europe/Moscow"}',
    '{"type": "hours", "hours": 1}', '{"type": "hours", "hours": 2}', '{"type": "hours", "hours": 11}', '{"type": "hours", "hours": 21}',
    '{"type": "hours", "hours": 112, "anchor": "2026-11-23 09:00+03"}']) s;
DROP FUNCTION test.runs, test.cron, test.daily, test.refusal;
