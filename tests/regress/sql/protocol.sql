-- The task protocol: one recording through all six steps, and what happens on the way.
SELECT test.connect();
SELECT test.start('p1');

-- claim gives the first step and moves the recording
SELECT * FROM test.claim();
SELECT * FROM test.recordings WHERE name = 'p1';
SELECT * FROM test.claim();

-- progress and orders
SELECT leap.heartbeat(m.worker, m.secret, ARRAY[l.task], ARRAY[l.fence], jsonb_build_array(jsonb_build_object('task', l.task, 'progress', 41.6, 'step', 'fetching')))
FROM test.me m, test.leases l WHERE l.kind = 'download' AND l.name = 'p1';
SELECT kind, state, progress, current_step, attempt FROM leap.tasks WHERE recording_id = test.id('p1') ORDER BY id;

-- confirm and checkpoint want the fence
SELECT leap.confirm(l.task, l.fence), leap.confirm(l.task, (l.fence::bigint - 1)::text),
       leap.checkpoint(l.task, l.fence, '{"offset": "1000"}'), leap.checkpoint(l.task, (l.fence::bigint - 1)::text, '{"offset": "0"}')
FROM test.leases l WHERE l.kind = 'download' AND l.name = 'p1';
SELECT checkpoint FROM leap.tasks WHERE recording_id = test.id('p1') AND kind = 'download';

-- a transient failure: tried again later, the recording rolled back, the checkpoint kept
SELECT test.fail('download', 'p1', 'transient', 'the line broke');
SELECT test.fail('download', 'p1', 'transient', 'the line broke');
SELECT * FROM test.recordings WHERE name = 'p1';
SELECT state, failures, error FROM leap.tasks WHERE recording_id = test.id('p1') AND kind = 'download';
SELECT s.run_at BETWEEN clock_timestamp() + '4 s' AND clock_timestamp() + '11 s' AS backoff FROM leap.task_scheduled s WHERE recording_id = test.id('p1');
SELECT * FROM test.claim();

-- its time comes
UPDATE leap.task_scheduled SET run_at = clock_timestamp() WHERE recording_id = test.id('p1');
SELECT leap.promote_due();
SELECT * FROM test.claim();
SELECT i.input->'checkpoint' FROM test.leases l JOIN leap.task_inputs i ON i.task = l.task::bigint WHERE l.kind = 'download' AND l.name = 'p1';

-- the result: artifacts, facts, the next step; twice is once
SELECT test.complete('download', 'p1', jsonb_build_object('artifacts', jsonb_build_array(test.artifact('source', 5000), test.artifact('poster', 10)),
    'facts', '{"duration": 300.5, "has_audio": true, "speech": "speech", "verdict": "ok"}'::jsonb));
SELECT test.complete('download', 'p1', '{"facts": {"duration": 1}}');
SELECT * FROM test.recordings WHERE name = 'p1';
SELECT duration, facts FROM leap.recordings WHERE display_name = 'p1';
SELECT kind, bytes FROM leap.artifacts WHERE recording_id = test.id('p1') ORDER BY kind;

-- hand-back costs nothing
SELECT * FROM test.claim();
SELECT leap.hand_back(m.worker, m.secret, ARRAY[l.task], ARRAY[l.fence]) FROM test.me m, test.leases l WHERE l.kind = 'trim' AND l.name = 'p1';
SELECT * FROM test.recordings WHERE name = 'p1';
SELECT state, attempt, failures, rescues FROM leap.tasks WHERE recording_id = test.id('p1') AND kind = 'trim';
-- the old fence is worth nothing now, even after a new claim
CREATE TEMP TABLE stale AS SELECT * FROM test.leases WHERE kind = 'trim' AND name = 'p1';
SELECT * FROM test.claim();
SELECT c.accepted, c.reason FROM stale s, leap.complete(jsonb_build_array(jsonb_build_object('task', s.task, 'fence', s.fence, 'result', '{}'::jsonb))) c;
SELECT leap.fail(s.task, s.fence, '{"class": "permanent", "message": "stale"}'), leap.confirm(s.task, s.fence) FROM stale s;
SELECT h."order" FROM stale s, test.me m, leap.heartbeat(m.worker, m.secret, ARRAY[s.task], ARRAY[s.fence]) h;

-- on to the end: topics and subtitles at the same time, upload waits for both
SELECT test.complete('trim', 'p1', '{"facts": {"final_duration": 280.25}}');
SELECT * FROM test.claim();
SELECT test.complete('transcribe', 'p1', '{"facts": {"language": "en", "quality": {"verdict": "ok", "mean_confidence": 0.8}}}');
SELECT * FROM test.claim();
SELECT test.complete('topics', 'p1', '{"facts": {"topic_timestamps": [{"title": "One", "start": 0, "end": 10}], "main_topics": ["One"]}}');
SELECT * FROM test.claim();
SELECT test.complete('subtitles', 'p1');
SELECT * FROM test.claim();
SELECT status, url FROM leap.output_targets WHERE recording_id = test.id('p1');
SELECT test.complete('upload', 'p1', '{"target": {"remote_id": "lesson-1", "url": "file:///lesson", "meta": {"a": 1}}}');
SELECT * FROM test.recordings WHERE name = 'p1';
SELECT status, remote_id, url, target_meta FROM leap.output_targets WHERE recording_id = test.id('p1');
SELECT state, finished_at IS NOT NULL AS ended FROM leap.runs WHERE recording_id = test.id('p1');
SELECT final_duration, topics, main_topics FROM leap.recordings WHERE display_name = 'p1';
SELECT stage_name, status, progress, attempt FROM leap.processing_stages WHERE recording_id = test.id('p1') ORDER BY 1;
SELECT count(*) FROM leap.task_lease;

-- the history tells it all
SELECT entity, kind, from_state, to_state, event, attempt FROM leap.task_events WHERE recording_id = test.id('p1') ORDER BY at, task;

-- tries are used up: FAILED with what was wrong, the rest of the run dropped
SELECT test.start('p2');
DO $$ BEGIN
    FOR i IN 1..5 LOOP
        PERFORM * FROM test.claim();
        PERFORM test.fail('download', 'p2', 'transient', 'try ' || i);
        UPDATE leap.task_scheduled SET run_at = clock_timestamp() WHERE recording_id = test.id('p2');
        PERFORM leap.promote_due();
        DROP TABLE got;
    END LOOP;
END $$;
SELECT * FROM test.recordings WHERE name = 'p2';
SELECT kind, state, attempt, failures, skip_reason FROM leap.tasks WHERE recording_id = test.id('p2') ORDER BY id;
SELECT state FROM leap.runs WHERE recording_id = test.id('p2');

-- an error no try can mend ends it at once; a rate limit waits as long as it is told and does not count
SELECT test.start('p3');
SELECT * FROM test.claim();
SELECT leap.fail(l.task, l.fence, '{"class": "rate_limited", "code": "slow", "message": "too fast", "retry_after": 3600}') FROM test.leases l WHERE l.name = 'p3';
SELECT t.failures, s.run_at > clock_timestamp() + interval '59 min' AS late FROM leap.tasks t JOIN leap.task_scheduled s ON s.task = t.id WHERE t.recording_id = test.id('p3');
-- nor do others run into it until somebody says that they may
SELECT leap.close_breaker('file');
UPDATE leap.task_scheduled SET run_at = clock_timestamp() WHERE recording_id = test.id('p3');
SELECT leap.promote_due();
SELECT * FROM test.claim();
SELECT test.fail('download', 'p3', 'input', 'this is no video');
SELECT * FROM test.recordings WHERE name = 'p3';

-- a lease past its deadline, or of a worker that is gone, is rescued; the third time it is held
SELECT test.start('p4');
SELECT * FROM test.claim();
DO $$ BEGIN
    FOR i IN 1..3 LOOP
        UPDATE leap.task_lease SET deadline = clock_timestamp() - interval '1 s';
        PERFORM leap.rescue();
        IF i < 3 THEN
            PERFORM * FROM test.claim();
            DROP TABLE got;
        END IF;
    END LOOP;
END $$;
SELECT * FROM test.recordings WHERE name = 'p4';
SELECT state, attempt, failures, rescues FROM leap.tasks WHERE recording_id = test.id('p4') AND kind = 'download';
SELECT * FROM test.claim();
SELECT leap.accept_recording(test.id('p4'))->>'message';
SELECT * FROM test.claim();
SELECT leap.cancel_recording(test.id('p4'))->>'message';

-- max_concurrent_tasks is exact over all queues and all calls
SELECT leap.add_user('slots@example.org') IS NOT NULL AS added;
INSERT INTO leap.user_subscriptions (user_id, custom_limits) SELECT id, '{"concurrent_tasks": 2}' FROM leap.users WHERE email = 'slots@example.org';
SELECT test.start('s' || i, 'slots@example.org') FROM generate_series(1, 5) i;
SELECT count(*) FROM test.claim(1);
SELECT count(*) FROM test.claim();
SELECT count(*) FROM test.claim();
SELECT test.complete(kind, name) FROM test.leases WHERE name LIKE 's_' LIMIT 1;
SELECT count(*) FROM test.claim();
SELECT count(*) FROM leap.task_lease l JOIN leap.users u USING (lane) WHERE u.email = 'slots@example.org';
SELECT count(leap.cancel_recording(id)) FROM leap.recordings WHERE display_name ~ '^s\d$';

-- refusals
SELECT * FROM test.error($$SELECT leap.claim('018f0000-0000-7000-8000-000000000000', 'guess', 1)$$) \gx
SELECT * FROM test.error($$SELECT leap.claim(worker, 'guess', 1) FROM test.me$$) \gx
SELECT * FROM test.error($$SELECT leap.register_worker('old', 0, '{upload}', 1)$$) \gx
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT leap.claim(worker, secret, 1) FROM test.me;
ROLLBACK;

-- one batch with an old and a new report of one task: only the holder of the lease is heard; the same report twice counts once
SELECT test.start('p batch');
SELECT * FROM test.claim() WHERE name = 'p batch';
CREATE TEMP TABLE old AS SELECT * FROM test.leases WHERE name = 'p batch';
SELECT leap.hand_back(m.worker, m.secret, ARRAY[o.task], ARRAY[o.fence]) FROM test.me m, old o;
SELECT * FROM test.claim() WHERE name = 'p batch';
SELECT c.accepted, c.reason FROM leap.complete((
    SELECT jsonb_agg(jsonb_build_object('task', x.task, 'fence', x.fence, 'result', jsonb_build_object('said', x.said, 'artifacts', jsonb_build_array(test.artifact('source')))))
    FROM (SELECT task, fence, 'stale' AS said FROM old UNION ALL SELECT l.task, l.fence, 'fresh' FROM test.leases l, generate_series(1, 2) WHERE l.name = 'p batch') x)) c
ORDER BY 1;
SELECT result FROM leap.tasks t JOIN old o ON o.task::bigint = t.id;

-- numbers beyond all measure stop nobody
SELECT test.complete('trim', 'p batch', '{"facts": {"final_duration": 1e300}}') FROM test.claim() WHERE name = 'p batch';
SELECT kind FROM test.claim() WHERE name = 'p batch';
SELECT seconds FROM leap.task_lease l JOIN test.leases t ON t.task::bigint = l.task WHERE t.name = 'p batch' AND t.kind = 'transcribe';
SELECT leap.expected_seconds('transcribe', 'NaN', 1, NULL), leap.expected_bytes('download', '{"bytes": "999999999999999999"}', NULL);
SELECT leap.cancel_recording(test.id('p batch')) IS NOT NULL AS cancelled;

-- several users with work: none takes all the places of a worker while another waits; alone he may
SELECT count(test.start('fair a' || i, 'fair-a@example.org')) FROM generate_series(1, 10) i;
SELECT count(test.start('fair b' || i, 'fair-b@example.org')) FROM generate_series(1, 3) i;
SELECT substr(name, 1, 6) AS owner, count(*) FROM test.claim(8) WHERE name ~ '^fair' GROUP BY 1 ORDER BY 1;
SELECT substr(name, 1, 6) AS owner, count(*) FROM test.claim(8) WHERE name ~ '^fair' GROUP BY 1 ORDER BY 1;
SELECT count(leap.cancel_recording(id)) FROM leap.recordings WHERE display_name ~ '^fair';
