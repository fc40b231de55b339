-- Quotas of work that takes time: what does not fit waits before it starts, and goes on by itself.
-- The clock of quotas stands in November 2026 (quota.sql).
SELECT leap.add_user('w@example.org') IS NOT NULL AS added;
CREATE FUNCTION pg_temp.me() RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM leap.users WHERE email = 'w@example.org' $$;
CREATE FUNCTION pg_temp.status(q text) RETURNS TABLE ("limit" bigint, source text, used bigint, reserved bigint, remaining bigint, percent int, resets_at timestamptz)
LANGUAGE sql AS $$ SELECT s."limit", s.source, s.used, s.reserved, s.remaining, s.percent, s.resets_at FROM leap.quota_status('w@example.org') s WHERE s.quota = q $$;
CREATE FUNCTION pg_temp.add(name text, bytes bigint = NULL) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM leap.run_recording(leap.add_recording('w@example.org', jsonb_strip_nulls(jsonb_build_object(
        'type', 'url', 'url', 'https://example.org/a.mp4', 'bytes', bytes)), name));
    RETURN name;
END $$;
CREATE FUNCTION pg_temp.trimmed(name text, seconds float8) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    DROP TABLE IF EXISTS got;
    PERFORM test.advance(name, 'trim');
    DROP TABLE IF EXISTS got;
    RETURN test.complete('trim', name, jsonb_build_object('facts', jsonb_build_object('final_duration', seconds)));
END $$;
CREATE FUNCTION pg_temp.transcript(seconds numeric = 999.5) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('artifacts', jsonb_build_array(test.artifact('transcript', 10)),
    'facts', jsonb_build_object('usage', jsonb_build_object('pocketsphinx', jsonb_build_object('requests', 1, 'audio_seconds', seconds)))) $$;
CREATE VIEW pg_temp.held AS SELECT display_name AS name, status, hold, hold_message FROM leap.recordings
    WHERE user_id = pg_temp.me() AND hold IS NOT NULL ORDER BY 1;
CREATE VIEW pg_temp.told AS SELECT event, subject->>'quota' AS quota, split_part(dedup_key, '/', 2) AS period, payload, read_at FROM leap.notifications WHERE user_id = pg_temp.me() ORDER BY id;
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET client_min_messages = warning;
SELECT test.connect();

-- three lectures of 1000 s want to be transcribed and there is room for two: the third waits, before any work
SELECT leap.set_quota('w@example.org', 'transcription_seconds_per_month', 2500) ->> 'limit' AS "limit";
SELECT pg_temp.add('w' || i), pg_temp.trimmed('w' || i, 999.5) FROM generate_series(1, 3) i;
SELECT * FROM test.claim();
SELECT * FROM pg_temp.held \gx
SELECT * FROM pg_temp.status('transcription_seconds_per_month');
SELECT t.kind, t.state, t.attempt, t.failures FROM leap.tasks t WHERE t.recording_id = test.id('w3') AND t.state = 'blocked' AND t.deps_left = 0;
SELECT s.reason, s.remedy FROM leap.stuck s WHERE s.name = 'w3' \gx
-- it is looked at every minute and stays where it is
SELECT leap.release_quota_holds();

-- a failure, a rescue, a cancel: the reservation goes with the lease
SELECT test.fail('transcribe', 'w1', 'transient'), (SELECT reserved FROM pg_temp.status('transcription_seconds_per_month'));
SELECT leap.release_quota_holds();
SELECT * FROM test.claim();
UPDATE leap.task_lease l SET deadline = '-infinity' FROM leap.tasks t WHERE t.id = l.task AND t.recording_id = test.id('w3');
SELECT leap.rescue(), (SELECT reserved FROM pg_temp.status('transcription_seconds_per_month'));
SELECT * FROM test.claim();
SELECT leap.cancel_recording(test.id('w3')) ->> 'message', (SELECT reserved FROM pg_temp.status('transcription_seconds_per_month'));
SELECT leap.retry_recording(test.id('w1')) ->> 'message';
SELECT * FROM test.claim();
-- settled with what was done; told twice it counts once
SELECT test.complete('transcribe', 'w1', pg_temp.transcript()), test.complete('transcribe', 'w1', pg_temp.transcript()), test.complete('transcribe', 'w2', pg_temp.transcript());
SELECT * FROM pg_temp.status('transcription_seconds_per_month');
SELECT * FROM pg_temp.status('transcriptions_per_month');
SELECT event, seconds FROM leap.usage_events WHERE user_id = pg_temp.me();
-- 80 percent of 2500 s were reached
SELECT * FROM pg_temp.told;

-- raised by one second too few, then enough: it goes on by itself
SELECT leap.run_recording(test.id('w3')) ->> 'message';
SELECT * FROM test.claim();
SELECT name, hold FROM pg_temp.held;
SELECT leap.set_quota('w@example.org', 'transcription_seconds_per_month', 2999) -> 'percent' AS percent;
SELECT count(*) AS held FROM pg_temp.held;
SELECT leap.set_quota('w@example.org', 'transcription_seconds_per_month', 3000) -> 'percent' AS percent;
SELECT count(*) AS held FROM pg_temp.held;
SELECT * FROM test.claim();
SELECT test.complete('transcribe', 'w3', pg_temp.transcript());
SELECT * FROM pg_temp.status('transcription_seconds_per_month');

-- the month turns: what waited goes on, what was used stays in its month; one that never fits says so
SELECT pg_temp.add('w' || i), pg_temp.trimmed('w' || i, seconds) FROM (VALUES (4, 700), (5, 3001)) AS v(i, seconds);
SELECT * FROM test.claim();
SELECT name, hold_message FROM pg_temp.held;
CREATE OR REPLACE FUNCTION leap.this_month() RETURNS date LANGUAGE sql STABLE AS $$ SELECT date '2026-12-01' $$;
SELECT leap.release_quota_holds() AS released;
SELECT * FROM test.claim();
SELECT test.complete('transcribe', 'w4', pg_temp.transcript(700));
SELECT * FROM pg_temp.status('transcription_seconds_per_month');
SELECT quota, period, used FROM leap.quota_usage WHERE user_id = pg_temp.me() AND quota LIKE 'trans%' ORDER BY 2, 1;
-- a count of transcriptions is kept in the same way
SELECT leap.set_quota('w@example.org', 'transcription_seconds_per_month', NULL) ->> 'source' AS source, leap.set_quota('w@example.org', 'transcriptions_per_month', 1) -> 'remaining' AS remaining;
SELECT * FROM test.claim();
SELECT name, hold_message FROM pg_temp.held;
SELECT leap.cancel_recording(test.id('w5')) ->> 'message';
SELECT count(*) AS held FROM pg_temp.held;
SELECT leap.set_quota('w@example.org', 'transcriptions_per_month', 'unlimited') ->> 'source' AS source;

-- storage: downloads of known size reserve it, one of unknown size needs any room at all
SELECT leap.set_quota('w@example.org', 'storage_bytes', 10000) - 'quota' AS status;
SELECT pg_temp.add('s' || i, bytes) FROM (VALUES (1, 6000), (2, 3961), (3, NULL), (4, NULL)) AS v(i, bytes);
SELECT * FROM test.claim();
SELECT name, hold_message FROM pg_temp.held;
SELECT * FROM pg_temp.status('storage_bytes');
SELECT code, message, hint FROM test.error($$SELECT leap.add_recording('w@example.org', '{"type":"url","url":"https://example.org/a","bytes":"big"}')$$);
-- what is reserved is not taken by another result: s3 may have 3960, not 3961
SELECT test.complete('download', 's3', jsonb_build_object('artifacts', jsonb_build_array(test.artifact('source', 3961))));
SELECT status, error->>'class' AS class, error->>'code' AS code, error->>'message' AS message, error->>'hint' AS hint FROM leap.recordings WHERE display_name = 's3' \gx
-- what the reporting tasks reserved for themselves is not in their way
SELECT leap.storage_refusal(u.id, 10, 1, ARRAY(SELECT l.task FROM leap.task_lease l WHERE l.lane = u.lane)) ->> 'message' AS message
FROM leap.recordings r JOIN leap.users u ON u.id = r.user_id WHERE r.display_name = 's3';
SELECT test.complete('download', 's1', jsonb_build_object('artifacts', jsonb_build_array(test.artifact('source', 5960))));
SELECT * FROM pg_temp.status('storage_bytes');
SELECT leap.cancel_recording(test.id('s2')) ->> 'message';
-- full to the last byte
SELECT test.complete('download', 's4', jsonb_build_object('artifacts', jsonb_build_array(test.artifact('source', 4000))));
SELECT * FROM pg_temp.status('storage_bytes');
SELECT event, payload FROM pg_temp.told WHERE quota = 'storage_bytes';
-- the limit goes below what is used: nothing is taken away, what is new is held
SELECT leap.set_quota('w@example.org', 'storage_bytes', 5000) - 'quota' AS status;
SELECT leap.retry_recording(test.id('s3')) ->> 'message';
SELECT * FROM test.claim();
SELECT name, hold_message FROM pg_temp.held;
-- usage falls and rises again: told once a month
DELETE FROM leap.artifacts WHERE recording_id = test.id('s4');
SELECT leap.set_quota('w@example.org', 'storage_bytes', '10 kB') ->> 'limit' AS "limit";
SELECT * FROM test.claim();
SELECT test.complete('download', 's3', jsonb_build_object('artifacts', jsonb_build_array(test.artifact('source', 4230))));
SELECT event, period FROM pg_temp.told WHERE quota = 'storage_bytes';
CREATE OR REPLACE FUNCTION leap.this_month() RETURNS date LANGUAGE sql STABLE AS $$ SELECT date '2027-01-01' $$;
UPDATE leap.artifacts SET bytes = bytes + 1 WHERE recording_id = test.id('s3') AND kind = 'source';
SELECT event, period FROM pg_temp.told WHERE quota = 'storage_bytes';

-- runs: two a month; trying again is free; in bulk both alerts at once
SELECT leap.set_quota('w@example.org', 'storage_bytes', 'unlimited') ->> 'limit' AS "limit", leap.set_quota('w@example.org', 'processing_per_month', 2) ->> 'remaining' AS runs;
SELECT leap.add_recording('w@example.org', '{"type":"url","url":"https://example.org/a.mp4"}', 'r' || i) IS NOT NULL AS added FROM generate_series(1, 3) i;
-- in bulk as many start as fit, the oldest first; the dry run says the same
SELECT display_name AS name, o.done, o.reason, o.sqlstate FROM leap.operate('run', ARRAY(SELECT test.id('r' || i) FROM generate_series(3, 1, -1) i), true) o JOIN leap.recordings r ON r.id = o.recording ORDER BY 1;
SELECT display_name AS name, o.done, o.reason, o.sqlstate FROM leap.operate('run', ARRAY(SELECT test.id('r' || i) FROM generate_series(3, 1, -1) i)) o JOIN leap.recordings r ON r.id = o.recording ORDER BY 1;
SELECT * FROM leap.operation_allowed(test.id('r3'), 'run');
SELECT * FROM test.error($$SELECT leap.run_recording(test.id('r3'))$$) \gx
SELECT event, quota, period FROM pg_temp.told WHERE period = '2027-01' AND quota = 'processing_per_month';
SELECT * FROM test.claim();
SELECT test.fail('download', 'r1', 'permanent'), leap.retry_recording(test.id('r1')) ->> 'message', (SELECT used FROM pg_temp.status('processing_per_month'));
SELECT status FROM leap.recordings WHERE display_name = 'r3';
-- the guard has the last word: it refuses whoever asks no judge
SELECT code, message, hint FROM test.error($$INSERT INTO leap.runs (recording_id, user_id, trigger, config) SELECT id, user_id, 'bulk', '{}' FROM leap.recordings WHERE display_name = 'r3'$$);
-- a person may let a held one go on at once if there is room, and is told if there is none
SELECT leap.set_quota('w@example.org', 'storage_bytes', 0) ->> 'limit' AS "limit", leap.set_quota('w@example.org', 'processing_per_month', 9) ->> 'limit' AS runs;
SELECT leap.run_recording(test.id('r3')) ->> 'message';
SELECT * FROM test.claim();
SELECT * FROM test.error($$SELECT leap.accept_recording(test.id('r3'))$$) \gx
SELECT * FROM test.claim();
SELECT name, hold_message FROM pg_temp.held WHERE name = 'r3';
SELECT remedy FROM leap.stuck WHERE recording = test.id('r3');
SELECT d.status, d.detail FROM leap.doctor() d WHERE d.check_name = 'held';
SELECT leap.set_quota('w@example.org', 'storage_bytes', 'unlimited') ->> 'limit' AS "limit", leap.set_quota('w@example.org', 'processing_per_month', 2) ->> 'used' AS runs;

-- plans and subscriptions
SELECT leap.set_plan('gold', '{"recordings_per_month": 100, "storage_bytes": "50 GB", "transcription_seconds_per_month": "20 h", "templates": "unlimited"}', 'Gold');
SELECT leap.set_plan('gold', '{"templates": null, "credentials": 0}', description => 'for many');
SELECT leap.subscribe('w@example.org', 'gold', starts_at => '2026-01-01', expires_at => '2100-01-01', notes => 'paid');
SELECT quota, "limit", source, used, remaining, percent, resets_at FROM leap.quota_status('w@example.org');
SELECT s.quota, s.source FROM leap.limits s WHERE s."user" = 'w@example.org' AND s.source <> 'default';
-- errors help
SELECT code, message, hint FROM test.error($$SELECT leap.set_quota('w@example.org', 'beer', 1)$$);
SELECT code, message, hint FROM test.error($$SELECT leap.set_quota('w@example.org', 'storage_bytes', 'much')$$);
SELECT code, message, hint FROM test.error($$SELECT leap.set_quota('w@example.org', 'recordings_per_month', -1)$$);
SELECT code, message, hint FROM test.error($$SELECT leap.set_quota('nobody@example.org', 'recordings_per_month', 1)$$);
SELECT code, message, hint FROM test.error($$SELECT leap.set_plan('Gold plan')$$);
SELECT code, message, hint FROM test.error($$SELECT leap.set_plan('gold', '[1]')$$);
SELECT code, message, hint FROM test.error($$SELECT leap.set_plan('gold', '{"recordings_per_month": 1.5}')$$);
SELECT code, message, hint FROM test.error($$SELECT leap.subscribe('w@example.org', 'silver')$$);
SELECT code, message, hint FROM test.error($$SELECT leap.subscribe('w@example.org', 'gold', expires_at => '2000-01-01', starts_at => '2001-01-01')$$);
SELECT code, message, hint FROM test.error($$SELECT leap.subscribe('w@example.org', 'gold', starts_at => '2099-01-01')$$);
SELECT leap.set_plan('gold', is_active => false);
SELECT leap.unsubscribe('w@example.org');
SELECT code, message, hint FROM test.error($$SELECT leap.subscribe('w@example.org', 'gold')$$);
SELECT quota, "limit", source FROM leap.quota_status('w@example.org') WHERE source <> 'default';

-- who changed what is on record
SELECT action, resource_type, before - '{id,user_id,plan_id,created_at,starts_at}'::text[] AS before, after - '{id,user_id,plan_id,created_at,starts_at}'::text[] AS after, why
FROM leap.audit_logs WHERE action IN ('set_plan', 'subscribe', 'unsubscribe') ORDER BY at;
SELECT leap.set_quota('w@example.org', 'storage_bytes', '1 GB', 'he asked') ->> 'limit' AS "limit";
SELECT action, before, after, why FROM leap.audit_logs WHERE action = 'set_quota' ORDER BY at DESC LIMIT 1;

-- used is what happened, reserved is what the leases say
SELECT count(*) AS wrong FROM leap.users u CROSS JOIN LATERAL leap.quota_status_of(u.id) s
WHERE s.quota = 'storage_bytes' AND (s.used, s.reserved) <> ((SELECT coalesce(sum(a.bytes), 0) FROM leap.artifacts a WHERE a.user_id = u.id),
    (SELECT coalesce(sum((r.source->>'bytes')::bigint), 0) FROM leap.task_lease l JOIN leap.tasks t ON t.id = l.task AND t.kind = 'download'
     JOIN leap.recordings r ON r.id = t.recording_id WHERE r.user_id = u.id));
DELETE FROM leap.recordings WHERE user_id = pg_temp.me();
DELETE FROM test.leases;
CREATE OR REPLACE FUNCTION leap.this_month() RETURNS date LANGUAGE sql STABLE AS $$ SELECT date_trunc('month', leap.clock() AT TIME ZONE 'UTC')::date $$;
RESET timezone;
RESET datestyle;
RESET client_min_messages;
