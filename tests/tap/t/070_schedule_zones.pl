# tests/tap/t/070_schedule_zones.pl
#     Schedules in every time zone PostgreSQL knows, over ten years, beside an implementation
#     in SQL that shares nothing with the one in C: of a time on the wall clock it tries, by
#     timezone(), the instants that the offsets before and after would give it; the earliest
#     that shows this time is the run, and where none does, the first instant that shows more.
use strict;
use warnings;

use LeapCluster;
use Test::More;

my $node = LeapCluster::start('zones', "timezone = 'UTC'\nautovacuum = off\n");

sub rows_of { return $node->safe_psql('leap', $_[0]); }

rows_of(<<'SQL');
CREATE SCHEMA test;
-- Debian has each zone a second time as posix/NAME: enough to see those once whose short name timezone() takes for an
-- abbreviation, which is an offset that never changes (CET)
CREATE TABLE test.zones AS SELECT name FROM pg_timezone_names n WHERE name NOT IN (SELECT abbrev FROM pg_timezone_abbrevs)
    AND (name NOT LIKE 'posix/%' OR substr(name, 7) IN (SELECT abbrev FROM pg_timezone_abbrevs));

-- where the clock is ahead of what it should show without having shown it: the instant of that
CREATE FUNCTION test.after_gap(wall timestamp, zone text) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
    before timestamptz := (wall AT TIME ZONE 'UTC') - interval '36 hours';
    later timestamptz := (wall AT TIME ZONE 'UTC') + interval '36 hours';
    middle timestamptz;
BEGIN
    WHILE later - before > interval '1 second' LOOP
        middle := date_trunc('second', before + (later - before) / 2);
        IF middle AT TIME ZONE zone < wall THEN
            before := middle;
        ELSE
            later := middle;
        END IF;
    END LOOP;
    RETURN later;
END $$;

-- when the wall clock of a zone shows these times, each once (the session's zone is UTC)
CREATE FUNCTION test.shown(walls timestamp[], zone text) RETURNS timestamptz[] LANGUAGE sql AS $$
    SELECT array_agg(DISTINCT coalesce(
        least(CASE WHEN early AT TIME ZONE zone = wall THEN early END, CASE WHEN late AT TIME ZONE zone = wall THEN late END),
        test.after_gap(wall, zone)))
    FROM unnest(walls) wall CROSS JOIN LATERAL (SELECT
        wall::timestamptz - (((wall - interval '36 hours')::timestamptz AT TIME ZONE zone) - (wall - interval '36 hours')) AS early,
        wall::timestamptz - (((wall + interval '36 hours')::timestamptz AT TIME ZONE zone) - (wall + interval '36 hours')) AS late) c
$$;

-- zones in which a time of the day, on each day of ten years, runs at other instants
CREATE FUNCTION test.daily(at time, first date) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT name FROM test.zones
    CROSS JOIN LATERAL (SELECT test.shown((SELECT array_agg(first + d + at) FROM generate_series(0, 3652) d), name) AS wanted) w
    WHERE wanted IS DISTINCT FROM (SELECT array_agg(r ORDER BY r) FROM leap.next_runs(
        jsonb_build_object('type', 'daily', 'time', to_char(at, 'HH24:MI'), 'timezone', name), wanted[1] - interval '1 microsecond', array_length(wanted, 1)) r)
$$;

-- the days of ten years on which the clock of a zone is changed
CREATE FUNCTION test.changes(first date) RETURNS TABLE (zone text, day date) LANGUAGE sql AS $$
    SELECT name, d::date FROM test.zones, generate_series(first::timestamptz, first::timestamptz + interval '3653 days', interval '1 day') d
    WHERE d AT TIME ZONE name - (d - interval '1 day') AT TIME ZONE name <> interval '1 day'
$$;

-- zones and days on which a quarter of an hour runs at another instant, or is not what comes next at some instant
CREATE FUNCTION test.around(zone text, day date) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT format('%s %s after %s: %s, not %s', zone, day, a, leap.next_run(s, a), wanted[width_bucket(a, wanted) + 1])
    FROM (SELECT test.shown((SELECT array_agg(day - 2 + q * interval '15 minutes') FROM generate_series(0, 3 * 96) q), zone) AS wanted,
        jsonb_build_object('type', 'cron', 'expression', '*/15 * * * *', 'timezone', zone) AS s) w,
        generate_series(wanted[1] - interval '1 microsecond', wanted[array_length(wanted, 1)] - interval '1 microsecond', interval '9 minutes') a
    WHERE leap.next_run(s, a) IS DISTINCT FROM wanted[width_bucket(a, wanted) + 1]
$$;
SQL

cmp_ok(rows_of('SELECT count(*) FROM test.zones'), '>', 400, 'there are the zones of the world');
is(rows_of("SELECT test.daily('$_', '2020-01-01')"), '', "daily at $_ in every zone, 2020 to 2029") for qw(02:30 00:00);
is(rows_of("SELECT test.daily('02:30', '1965-01-01')"), '', 'and 1965 to 1974, when some were off by seconds');

rows_of("CREATE TABLE test.days AS SELECT * FROM test.changes('2020-01-01') UNION SELECT * FROM test.changes('1965-01-01')
	UNION SELECT name, date '2011-12-31' FROM test.zones");
cmp_ok(rows_of('SELECT count(*) FROM test.days'), '>', 5000, 'the clocks are changed often enough');
is(rows_of('SELECT a FROM test.days, test.around(zone, day) a LIMIT 10'), '', 'quarters of an hour around each change, asked for every nine minutes');

done_testing();
