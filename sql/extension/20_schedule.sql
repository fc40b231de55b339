-- Schedules: when they run next, what is wrong with them, how to say them.
-- Their rules are C (extension/schedule.c), time zones are those of PostgreSQL.

CREATE FUNCTION leap.check_schedule(schedule jsonb) RETURNS jsonb
    AS 'MODULE_PATHNAME', 'leap_check_schedule' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION leap.check_schedule(jsonb) IS
'The schedule in its one way of writing. {"type": "daily", "time": "HH:MM"} (time_of_day is another name); {"type": "weekdays", "days": [1..7], "time": "HH:MM"}, 1 is Monday; {"type": "cron", "expression": "m h dom mon dow"}; all with "timezone", UTC if absent. {"type": "hours", "hours": 1..168, "anchor": time}: every so many hours of real time, the anchor is the first (absent: counted from 1970-01-01 00:00 UTC). Error LP030 names the field, its value and the rule it breaks; also for an expression that never comes.';

CREATE FUNCTION leap.next_run(schedule jsonb, after timestamptz) RETURNS timestamptz
    AS 'MODULE_PATHNAME', 'leap_next_run' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION leap.next_run(jsonb, timestamptz) IS
'The first run after this time; null: there is none, for ever. Each time of the wall clock gives one run: one that the clock of the zone leaves out runs at the first instant after the gap, one that it shows twice runs the first time. Error LP030 for what leap.check_schedule() refuses, but for expressions that never come.';

CREATE FUNCTION leap.next_runs(schedule jsonb, after timestamptz, n int) RETURNS SETOF timestamptz
    AS 'MODULE_PATHNAME', 'leap_next_runs' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 5;
COMMENT ON FUNCTION leap.next_runs(jsonb, timestamptz, int) IS
'The next n runs after this time (at most 100000, else LP030), in order; fewer if the schedule ends. Errors as leap.next_run().';

CREATE FUNCTION leap.least_interval(schedule jsonb, from_time timestamptz) RETURNS interval
    AS 'MODULE_PATHNAME', 'leap_least_interval' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION leap.least_interval(jsonb, timestamptz) IS
'The shortest time between two consecutive runs in the year that begins at from_time, measured on the wall clock of the schedule: daily is 24 hours also where the clock is put forward. Null: it runs less than twice in that year. Errors as leap.next_run().';

CREATE FUNCTION leap.schedule_text(schedule jsonb, language text = 'en') RETURNS text
    AS 'MODULE_PATHNAME', 'leap_schedule_text' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION leap.schedule_text(jsonb, text) IS
'The schedule in people''s words, "on Monday and Friday at 09:00 (Europe/Berlin)", in en or ru; any other language gets English. Errors as leap.next_run().';
