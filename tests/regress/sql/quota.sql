-- Quotas: layers, counting, refusals that explain themselves.
SELECT quota, unit, period, measure, setting FROM leap.quotas();

SELECT leap.add_user('q@example.org') IS NOT NULL AS added;
CREATE FUNCTION pg_temp.me() RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM leap.users WHERE email = 'q@example.org' $$;
CREATE FUNCTION pg_temp.used(q text) RETURNS bigint LANGUAGE sql AS $$
    SELECT sum(used)::bigint FROM leap.quota_usage WHERE user_id = pg_temp.me() AND quota = q $$;
CREATE FUNCTION pg_temp.add(n int) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(leap.add_recording('q@example.org', '{"type":"url","url":"https://example.org/a.mp4"}', 'q ' || i))
    FROM generate_series(1, n) i $$;

-- the layers: default setting, then plan, then the user's own; "unlimited" says so, null inherits,
-- a subscription that has expired or not begun counts as none
SELECT leap.quota_limit(pg_temp.me(), 'recordings_per_month') AS unlimited;
SET leap.default_max_recordings_per_month = 5;
SET leap.default_max_storage = '2MB';
SELECT leap.quota_limit(pg_temp.me(), 'recordings_per_month') AS by_default, leap.quota_limit(pg_temp.me(), 'storage_bytes') AS bytes;
INSERT INTO leap.subscription_plans (name, display_name, limits) VALUES ('small', 'Small', '{"recordings_per_month": 3}');
INSERT INTO leap.user_subscriptions (user_id, plan_id) SELECT pg_temp.me(), id FROM leap.subscription_plans WHERE name = 'small';
SELECT leap.quota_limit(pg_temp.me(), 'recordings_per_month') AS by_plan;
UPDATE leap.user_subscriptions SET custom_limits = '{"recordings_per_month": null}' WHERE user_id = pg_temp.me();
SELECT leap.quota_limit(pg_temp.me(), 'recordings_per_month') AS own_null_inherits, leap.quota_source(pg_temp.me(), 'recordings_per_month') AS source;
UPDATE leap.user_subscriptions SET custom_limits = '{"recordings_per_month": "unlimited"}' WHERE user_id = pg_temp.me();
SELECT leap.quota_limit(pg_temp.me(), 'recordings_per_month') AS own_unlimited, leap.quota_source(pg_temp.me(), 'recordings_per_month') AS source;
UPDATE leap.user_subscriptions SET custom_limits = '{"recordings_per_month": 0}' WHERE user_id = pg_temp.me();
SELECT leap.quota_limit(pg_temp.me(), 'recordings_per_month') AS own_zero;
UPDATE leap.user_subscriptions SET starts_at = now() + interval '1 day' WHERE user_id = pg_temp.me();
SELECT leap.quota_limit(pg_temp.me(), 'recordings_per_month') AS not_begun, leap.quota_source(pg_temp.me(), 'recordings_per_month') AS source;
UPDATE leap.user_subscriptions SET starts_at = now() WHERE user_id = pg_temp.me();
UPDATE leap.user_subscriptions SET custom_limits = '{}' WHERE user_id = pg_temp.me();

-- recordings per month; the clock of quotas stands in November 2026 for the rest of this file
CREATE OR REPLACE FUNCTION leap.this_month() RETURNS date LANGUAGE sql STABLE AS $$ SELECT date '2026-11-01' $$;
SELECT pg_temp.add(3), pg_temp.used('recordings_per_month');
SELECT * FROM test.error('SELECT pg_temp.add(1)') \gx
SELECT pg_temp.used('recordings_per_month');
UPDATE leap.user_subscriptions SET expires_at = now() - interval '1 s' WHERE user_id = pg_temp.me();
SELECT pg_temp.add(2);
SELECT code, message FROM test.error('SELECT pg_temp.add(1)');
-- COPY and INSERT ... SELECT are counted like everything else
SELECT format('COPY leap.recordings (user_id, display_name, source) FROM PROGRAM %L', format('printf ''%s\tq copied\t{"type":"url"}\n''', pg_temp.me())) AS copy \gset
SELECT code, message FROM test.error(:'copy');
SET leap.default_max_recordings_per_month = 6;
:copy;
SELECT code, message FROM test.error(:'copy');
SELECT code, message FROM test.error($$INSERT INTO leap.recordings (user_id, display_name, source) SELECT user_id, display_name, source FROM leap.recordings WHERE user_id = pg_temp.me()$$);
SELECT status, delete_state FROM leap.recordings WHERE display_name = 'q copied';
SELECT pg_temp.used('recordings_per_month');
-- deleting gives no place back in the month: it was used
DELETE FROM leap.recordings WHERE display_name = 'q 1' AND user_id = pg_temp.me();
SELECT pg_temp.used('recordings_per_month');

-- storage: the sum of artifacts, whatever happens to them
SELECT id AS rec FROM leap.recordings WHERE display_name = 'q 2' AND user_id = pg_temp.me() LIMIT 1 \gset
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    SELECT :'rec', pg_temp.me(), k, 'q/' || k, 1000000, repeat('0', 64), 'x/y' FROM unnest('{source,video}'::text[]) k;
SELECT pg_temp.used('storage_bytes');
SELECT * FROM test.error(format('INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    VALUES (%L, %L, ''audio'', ''q/audio'', 200000, repeat(''0'', 64), ''x/y'')', :'rec', pg_temp.me())) \gx
UPDATE leap.artifacts SET bytes = 400000, uri = 'q/video2' WHERE uri = 'q/video';
SELECT pg_temp.used('storage_bytes');
DELETE FROM leap.artifacts WHERE uri = 'q/source';
SELECT pg_temp.used('storage_bytes');
-- files that lost their row are garbage
SELECT uri FROM leap.storage_garbage WHERE uri LIKE 'q/%' ORDER BY 1;
SELECT leap.reconcile_storage() AS wrong;

-- limits are validated where they are written
SELECT code FROM test.error($$UPDATE leap.user_subscriptions SET custom_limits = '{"recordings": 1}'$$);
SELECT code FROM test.error($$UPDATE leap.user_subscriptions SET custom_limits = '{"storage_bytes": -1}'$$);
SELECT code FROM test.error($$UPDATE leap.user_subscriptions SET custom_limits = '{"storage_bytes": "much"}'$$);
SELECT code, message, hint FROM test.error($$SELECT leap.quota_limit(pg_temp.me(), 'beer')$$);
RESET leap.default_max_recordings_per_month;
RESET leap.default_max_storage;
