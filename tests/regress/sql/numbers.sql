-- Ids, fences, settings, error codes.

-- uuid v7: version and variant bits, time inside, strictly increasing within a session
SELECT count(*), count(DISTINCT u) AS distinct, bool_and(u::text ~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$') AS well_formed
FROM (SELECT leap.uuid7() AS u FROM generate_series(1, 20000)) s;
SELECT bool_and(u > before) AS increasing
FROM (SELECT u, lag(u) OVER (ORDER BY n) AS before FROM (SELECT n, leap.uuid7() AS u FROM generate_series(1, 20000) n) s) t WHERE before IS NOT NULL;
SELECT abs(extract(epoch FROM leap.uuid7_time(leap.uuid7()) - clock_timestamp())) < 1 AS now;
SELECT leap.uuid7_time('018f0000-0000-7000-8000-000000000000') AT TIME ZONE 'UTC' AS then, leap.uuid7_time(gen_random_uuid()) AS not_v7;

-- fences: random, positive, 63 bits
SELECT count(DISTINCT f) AS distinct, bool_and(f > 0) AS positive, max(f) > (1::bigint << 60) AS wide
FROM (SELECT leap.new_fence() AS f FROM generate_series(1, 10000)) s;

-- settings have one place and their names are guarded
SELECT name, setting, unit, context FROM pg_settings WHERE name LIKE 'leap.%' ORDER BY name;
SELECT leap.setting('leap.heartbeat_interval');
SELECT leap.setting('leap.no_such_setting');
SET leap.no_such_setting = 1;

SELECT * FROM leap.error_codes();
SELECT leap.library_version() = (SELECT extversion FROM pg_extension WHERE extname = 'leap') AS versions_agree;
