-- The tasks API: own tasks in lists and alone, in the original's words, and cancelling one of them.
SELECT test.connect();
SELECT test.start('k1', 'k-own@example.org');
SELECT test.start('k2', 'k-other@example.org');
CREATE FUNCTION pg_temp.task(a_kind text, a_name text) RETURNS bigint LANGUAGE sql AS $$
    SELECT max(id) FROM leap.tasks WHERE recording_id = test.id(a_name) AND kind = a_kind $$;
CREATE FUNCTION pg_temp.run(a_name text) RETURNS TABLE (tasks text, run text, status text, targets text) LANGUAGE sql AS $$
    SELECT (SELECT string_agg(format('%s:%s', t.kind, t.state), ' ' ORDER BY t.id) FROM leap.tasks t WHERE t.run_id = u.id), u.state, r.status,
           (SELECT string_agg(o.status, ' ' ORDER BY o.id) FROM leap.output_targets o WHERE o.recording_id = r.id)
    FROM leap.recordings r JOIN leap.runs u ON u.recording_id = r.id WHERE r.display_name = a_name ORDER BY u.started_at DESC LIMIT 1 $$;

-- every state has its word
SELECT leap.task_word(f.to_status) AS word, string_agg(DISTINCT f.to_status, ' ' ORDER BY f.to_status) FROM leap.fsm() f WHERE f.entity = 'task' GROUP BY 1 ORDER BY 1;

-- the newest first, page by page
SELECT kind, status, progress, attempt, queue, priority FROM leap.list_tasks('k-own@example.org', most => 4);
SELECT kind, status FROM leap.list_tasks('k-own@example.org', after => (SELECT id FROM leap.list_tasks('k-own@example.org', most => 4) OFFSET 3));
SELECT count(*) FROM leap.list_tasks('k-own@example.org', after => pg_temp.task('download', 'k1')::text);
SELECT count(*) > 12 AS of_everybody FROM leap.list_tasks();

-- one: running, failed, waiting, ended
SELECT name FROM test.claim() WHERE name ~ '^k\d$';
SELECT leap.heartbeat(m.worker, m.secret, ARRAY[l.task], ARRAY[l.fence], jsonb_build_array(jsonb_build_object('task', l.task, 'progress', 41.6, 'step', 'fetching')))
FROM test.me m, test.leases l WHERE l.kind = 'download' AND l.name = 'k1';
SELECT kind, status, progress, current_step, attempt, started_at IS NOT NULL AS started, finished_at, recording = test.id('k1') AS of_recording, id = pg_temp.task('download', 'k1')::text AS same
FROM leap.get_task(pg_temp.task('download', 'k1'));
SELECT test.fail('download', 'k1', 'transient', 'the line broke');
SELECT status, progress, current_step, error, next_attempt_at > clock_timestamp() AS waits FROM leap.get_task(pg_temp.task('download', 'k1'), 'k-own@example.org');
UPDATE leap.task_scheduled SET run_at = clock_timestamp() WHERE recording_id = test.id('k1');
SELECT leap.promote_due();
SELECT name FROM test.claim() WHERE name ~ '^k\d$';
SELECT test.complete('download', 'k1', '{"facts": {"duration": 300, "has_audio": true, "speech": "speech", "verdict": "ok"}}');
SELECT status, progress, result, error, attempt, finished_at IS NOT NULL AS finished FROM leap.get_task(pg_temp.task('download', 'k1'));

-- filters
SELECT kind, status FROM leap.list_tasks('k-own@example.org', '{"status": "PENDING", "kind": ["trim", "upload"]}');
SELECT kind, status FROM leap.list_tasks('k-own@example.org', '{"status": ["SUCCESS", "FAILURE"], "queue": "upload", "from": "2020-01-01", "to": null}');
SELECT count(*) FROM leap.list_tasks(NULL, jsonb_build_object('recording', test.id('k2'), 'run', (SELECT id FROM leap.runs WHERE recording_id = test.id('k2'))));
SELECT count(*) FROM leap.list_tasks('k-own@example.org', jsonb_build_object('recording', test.id('k2')));

-- a tenant has his own tasks only, whatever he asks for
SET request.jwt.claims = '{}';
SELECT set_config('request.jwt.claims', jsonb_build_object('sub', id)::text, false) IS NOT NULL AS says_who FROM leap.users WHERE email = 'k-own@example.org';
SELECT pg_temp.task('trim', 'k1') AS mine, pg_temp.task('trim', 'k2') AS theirs \gset
SET ROLE leap_user;
SELECT count(*) FROM leap.list_tasks();
SELECT count(*) FROM leap.list_tasks('K-OWN@example.org');
SELECT status FROM leap.get_task(:mine);
SELECT leap.list_tasks('k-other@example.org');
\set VERBOSITY sqlstate
SELECT leap.get_task(:theirs);
SELECT leap.cancel_task(:theirs);
SELECT leap.cancel_task(:mine, 'k-other@example.org');
SET request.jwt.claims = '{}';
SELECT leap.list_tasks();
RESET ROLE;
RESET request.jwt.claims;
\set VERBOSITY default
-- nor does an operator find a task below somebody else's name
SELECT code, regexp_replace(message, '\d{2,}', 'N') AS message, hint FROM test.error(format('SELECT leap.get_task(%s, %L)', :theirs, 'k-own@example.org'));

-- cancelling a task that waits cancels what waits for it; the run is over
SELECT regexp_replace(leap.cancel_task(:mine, 'k-own@example.org')->>'message', '\d{2,}', 'N') AS message;
SELECT * FROM pg_temp.run('k1');
SELECT kind, status, reason FROM leap.list_tasks('k-own@example.org', '{"status": "CANCELLED"}');
SELECT code, regexp_replace(message, '\d{2,}', 'N') AS message, hint FROM test.error(format('SELECT leap.cancel_task(%s)', :mine));
SELECT * FROM test.error('SELECT leap.cancel_task(0)') \gx
SELECT action, resource_type, after FROM leap.audit_logs WHERE resource_id = :'mine';

-- a running one: its lease is revoked, the worker is told, the recording is where it was
SELECT leap.run_recording(test.id('k1'))->>'message';
SELECT test.advance('k1', 'trim');
SELECT * FROM pg_temp.run('k1');
SELECT leap.cancel_task(pg_temp.task('trim', 'k1')) -> 'run_state' AS run_state;
SELECT * FROM pg_temp.run('k1');
SELECT h."order" FROM test.leases l, test.me m, leap.heartbeat(m.worker, m.secret, ARRAY[l.task], ARRAY[l.fence]) h WHERE l.name = 'k1' AND l.kind = 'trim';
SELECT test.complete('trim', 'k1');

-- one of two branches: the other goes on; the stage ends without its cancelled task
SELECT leap.run_recording(test.id('k1'))->>'message';
SELECT test.advance('k1', 'subtitles');
SELECT * FROM pg_temp.run('k1');
SELECT jsonb_array_length(leap.cancel_task(pg_temp.task('topics', 'k1'))->'cancelled') AS cancelled;
SELECT * FROM pg_temp.run('k1');
SELECT test.complete('subtitles', 'k1');
SELECT * FROM pg_temp.run('k1');
SELECT entity, from_state, to_state, event FROM leap.task_events WHERE recording_id = test.id('k1') AND entity = 'recording' ORDER BY at DESC LIMIT 1;

-- a run then does what is left
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    SELECT id, user_id, k, 'k/' || k, 1, repeat('0', 64), 'text/plain' FROM leap.recordings, unnest('{source,analysis,envelope,audio,video,transcript,vtt}'::text[]) k WHERE display_name = 'k1';
SELECT leap.run_recording(test.id('k1'))->>'message';
SELECT * FROM pg_temp.run('k1');

-- one of two targets: the other is published, and only the cancelled one is left to do
INSERT INTO leap.output_targets (recording_id, user_id, target_type, preset_id, status)
    SELECT id, user_id, 'LIBRARY', '018f0000-0000-7000-8000-000000000001', leap.move('create', 'NOT_UPLOADED') FROM leap.recordings WHERE display_name = 'k1';
SELECT leap.cancel_recording(test.id('k1'))->>'message';
SELECT leap.run_recording(test.id('k1'))->>'message';
SELECT test.advance('k1', 'upload');
SELECT * FROM pg_temp.run('k1');
SELECT leap.cancel_task(t.id) -> 'run_state' AS run_state FROM leap.tasks t JOIN leap.output_targets o ON o.id = t.target_id
WHERE t.recording_id = test.id('k1') AND t.state = 'running' AND o.preset_id IS NULL;
SELECT * FROM pg_temp.run('k1');
SELECT leap.complete(jsonb_build_array(jsonb_build_object('task', t.id::text, 'fence', t.fence::text, 'result', '{"target": {"remote_id": "k", "url": "file:///k"}}'::jsonb)))
FROM leap.tasks t WHERE t.recording_id = test.id('k1') AND t.kind = 'upload' AND t.state = 'running' \g /dev/null
SELECT * FROM pg_temp.run('k1');
SELECT leap.run_recording(test.id('k1'))->>'message';
SELECT * FROM pg_temp.run('k1');

-- half-made files that only the checkpoint names are garbage from now on
SELECT test.start('k3', 'k-own@example.org');
SELECT count(*) FROM test.claim() WHERE name = 'k3';
SELECT leap.checkpoint(l.task, l.fence, '{"uri": "k/half", "outputs": ["k/half-peaks", "k/half-sound"], "offset": "7"}') FROM test.leases l WHERE l.name = 'k3';
SELECT test.fail('download', 'k3', 'transient');
SELECT leap.cancel_task(pg_temp.task('download', 'k3')) -> 'run_state' AS run_state;
SELECT uri FROM leap.storage_garbage WHERE uri LIKE 'k/half%' ORDER BY uri;
SELECT next_attempt_at, status FROM leap.recordings WHERE display_name = 'k3';

-- a held one: nothing is left to hold
SELECT leap.run_recording(test.id('k3'))->>'message';
SELECT leap.pause_recording(test.id('k3'))->>'message';
SELECT leap.cancel_task(pg_temp.task('download', 'k3')) -> 'run_state' AS run_state;
SELECT hold, status FROM leap.recordings WHERE display_name = 'k3';

-- housekeeping belongs to nobody: operators may end it
SELECT leap.sweep_storage();
SELECT leap.cancel_task((SELECT max(id) FROM leap.tasks WHERE kind = 'maintain')) - 'task' - 'cancelled' - 'message' AS answer;
SELECT state FROM leap.tasks WHERE kind = 'maintain' ORDER BY id DESC LIMIT 1;

-- refusals
SELECT * FROM test.error($$SELECT leap.list_tasks(NULL, '{"colour": "red"}')$$) \gx
SELECT * FROM test.error($$SELECT leap.list_tasks(NULL, '{"status": "DONE"}')$$) \gx
SELECT * FROM test.error($$SELECT leap.list_tasks(NULL, '{"kind": ["trim", "paint"]}')$$) \gx
SELECT * FROM test.error($$SELECT leap.list_tasks(NULL, '{"recording": "k1"}')$$) \gx
SELECT * FROM test.error($$SELECT leap.list_tasks(NULL, '{"from": "soon"}')$$) \gx
SELECT * FROM test.error($$SELECT leap.list_tasks(NULL, '[]')$$) \gx
SELECT * FROM test.error($$SELECT leap.list_tasks(after => 'x')$$) \gx
SELECT * FROM test.error($$SELECT leap.list_tasks(most => 0)$$) \gx
SELECT * FROM test.error($$SELECT leap.list_tasks('nobody@example.org')$$) \gx
SELECT count(*) FROM leap.operate('cancel', ARRAY[test.id('k1'), test.id('k2'), test.id('k3')]);
