-- Operations: what is allowed in which state, and the words of every refusal.
SELECT test.connect();
SELECT test.start('o1');

-- the judge's table, over every status, with and without an active run
CREATE FUNCTION pg_temp.judged() RETURNS TABLE (status text, run text, operation text, allowed boolean, sqlstate text) LANGUAGE plpgsql AS $$
DECLARE
    o text;
BEGIN
    FOR status IN SELECT DISTINCT to_status FROM leap.fsm() WHERE entity = 'recording' ORDER BY 1 LOOP
        SET LOCAL session_replication_role = replica;
        UPDATE leap.recordings r SET status = judged.status, failed = judged.status = 'FAILED' WHERE r.display_name = 'o1';
        SET LOCAL session_replication_role = origin;
        FOREACH run IN ARRAY ARRAY['active', 'none'] LOOP
            UPDATE leap.runs SET state = CASE run WHEN 'active' THEN 'active' ELSE 'finished' END,
                                 finished_at = CASE run WHEN 'active' THEN NULL ELSE now() END
            WHERE recording_id = test.id('o1');
            FOREACH o IN ARRAY ARRAY['run', 'force', 'retry', 'cancel', 'prioritize', 'pause', 'resume', 'accept', 'skip', 'unskip', 'reset', 'delete', 'restore',
                                     'download', 'process', 'transcribe', 'topics', 'subtitles', 'upload', 'republish'] LOOP
                operation := o;
                SELECT j.allowed, j.sqlstate INTO allowed, judged.sqlstate FROM leap.operation_allowed(test.id('o1'), o) j;
                RETURN NEXT;
            END LOOP;
        END LOOP;
    END LOOP;
END
$$;
BEGIN;
SELECT status, run, string_agg(operation, ' ' ORDER BY operation) FILTER (WHERE allowed) AS allowed,
       string_agg(DISTINCT sqlstate, ' ') AS refusals FROM pg_temp.judged() GROUP BY 1, 2 ORDER BY 1, 2;
-- the same when every file is there
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    SELECT r.id, r.user_id, k, 'o/all/' || k, 1, repeat('0', 64), 'application/json' FROM leap.recordings r,
        unnest('{source,analysis,envelope,audio,video,transcript}'::text[]) k WHERE r.display_name = 'o1';
SELECT status, string_agg(operation, ' ' ORDER BY operation) FILTER (WHERE allowed) AS allowed FROM pg_temp.judged() WHERE run = 'none' GROUP BY 1 ORDER BY 1;
ROLLBACK;

-- each refusal in words
SELECT * FROM test.error($$SELECT leap.run_recording(test.id('o1'))$$) \gx
SELECT * FROM test.error($$SELECT leap.retry_recording(test.id('o1'))$$) \gx
SELECT * FROM test.error($$SELECT leap.accept_recording(test.id('o1'))$$) \gx
SELECT * FROM test.error($$SELECT leap.run_recording('018f0000-0000-7000-8000-000000000000')$$) \gx
SELECT * FROM test.error($$SELECT leap.recording_detail('018f0000-0000-7000-8000-000000000000')$$) \gx
SELECT * FROM test.error($$SELECT leap.find_recording('0000000')$$) \gx
SELECT * FROM test.error($$SELECT leap.find_recording('nonsense')$$) \gx
SELECT leap.find_recording(left(test.id('o1')::text, 30)) = test.id('o1') AS by_beginning, leap.find_recording(right(test.id('o1')::text, 8)) = test.id('o1') AS by_end;

-- cancel: leases revoked, the recording back where it was, the worker told
SELECT * FROM test.claim();
SELECT leap.cancel_recording(test.id('o1'))->>'message';
SELECT * FROM test.recordings WHERE name = 'o1';
SELECT h."order" FROM test.leases l, test.me m, leap.heartbeat(m.worker, m.secret, ARRAY[l.task], ARRAY[l.fence]) h WHERE l.name = 'o1';
SELECT test.complete('download', 'o1');
SELECT state, count(*) FROM leap.tasks WHERE recording_id = test.id('o1') GROUP BY 1;
SELECT * FROM test.error($$SELECT leap.cancel_recording(test.id('o1'))$$) \gx

-- the same key gives the same run; used for something else it is refused
SELECT leap.run_recording(test.id('o1'), 'key-1') AS answer \gset
SELECT leap.run_recording(test.id('o1'), 'key-1') = :'answer'::jsonb AS same;
SELECT * FROM test.error($$SELECT leap.run_recording(test.id('o1'), 'key-1', true)$$) \gx
SELECT leap.cancel_recording(test.id('o1'))->>'message';
-- after the run too; a day later it is a new request, and the hourly chore forgets the key
SELECT leap.run_recording(test.id('o1'), 'key-1') = :'answer'::jsonb AS same;
UPDATE leap.runs SET started_at = started_at - interval '25 h' WHERE idempotency_key = 'key-1';
SELECT leap.run_recording(test.id('o1'), 'key-1')->>'run' <> :'answer'::jsonb->>'run' AS another;
SELECT leap.cancel_recording(test.id('o1'))->>'message';
UPDATE leap.runs SET started_at = started_at - interval '25 h' WHERE idempotency_key = 'key-1';
SELECT leap.forget_old() > 0 AS forgot;
SELECT count(*) FROM leap.runs WHERE recording_id = test.id('o1') AND (idempotency_key IS NOT NULL OR request_hash = :'answer');
SELECT * FROM test.error($$SELECT leap.run_recording(test.id('o1'), '')$$) \gx

-- after a failure a run continues from the failed stage; what is done is not done again
SELECT leap.run_recording(test.id('o1'))->>'message';
SELECT test.advance('o1', 'topics');
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    SELECT r.id, r.user_id, k, 'o/' || k, 1, repeat('0', 64), 'application/json' FROM leap.recordings r,
        unnest('{source,analysis,envelope,audio,video,transcript}'::text[]) k WHERE r.display_name = 'o1';
SELECT test.fail('topics', 'o1', 'permanent', 'no subject found');
SELECT test.complete('subtitles', 'o1');
SELECT * FROM test.recordings WHERE name = 'o1';
SELECT leap.retry_recording(test.id('o1'))->>'message';
SELECT kind, state, skip_reason FROM leap.tasks WHERE run_id = (SELECT id FROM leap.runs WHERE recording_id = test.id('o1') AND state = 'active') ORDER BY id;
SELECT * FROM test.claim();
SELECT * FROM test.recordings WHERE name = 'o1';
SELECT test.complete('topics', 'o1');
SELECT test.complete('subtitles', 'o1');
SELECT * FROM test.claim();
SELECT test.complete('upload', 'o1', '{"target": {"remote_id": "l", "url": "file:///l"}}');
SELECT * FROM test.recordings WHERE name = 'o1';
SELECT trigger, state FROM leap.runs WHERE recording_id = test.id('o1') ORDER BY started_at;

-- published: run refuses, force does it all again and keeps what is published until it is replaced
SELECT * FROM test.error($$SELECT leap.run_recording(test.id('o1'))$$) \gx
SELECT leap.run_recording(test.id('o1'), NULL, true)->>'message';
SELECT kind, state FROM leap.tasks WHERE run_id = (SELECT id FROM leap.runs WHERE recording_id = test.id('o1') AND state = 'active') ORDER BY id;
SELECT test.advance('o1', 'upload');
SELECT status, remote_id FROM leap.output_targets WHERE recording_id = test.id('o1');
SELECT test.fail('upload', 'o1', 'permanent', 'the library is full');
SELECT status, remote_id, failed FROM leap.output_targets WHERE recording_id = test.id('o1');
SELECT * FROM test.recordings WHERE name = 'o1';

-- a failed upload is retried alone
SELECT test.start('o2');
SELECT test.advance('o2', 'upload');
SELECT test.fail('upload', 'o2', 'permanent', 'refused');
SELECT * FROM test.recordings WHERE name = 'o2';
SELECT status FROM leap.output_targets WHERE recording_id = test.id('o2');
SELECT leap.retry_recording(test.id('o2'))->>'message';
SELECT * FROM test.claim();
SELECT status FROM leap.output_targets WHERE recording_id = test.id('o2');
SELECT test.complete('upload', 'o2', '{"target": {"remote_id": "l2", "url": "file:///l2"}}');
SELECT * FROM test.recordings WHERE name = 'o2';

-- without a target the recording is READY; stages that are off are passed all the same
SELECT test.start('o3', config => '{"output": {"targets": []}, "transcription": {"enable_transcription": false}}');
SELECT kind, state, skip_reason FROM leap.tasks WHERE recording_id = test.id('o3') ORDER BY id;
SELECT test.advance('o3', 'none');
SELECT * FROM test.recordings WHERE name = 'o3';
SELECT from_state, to_state, event FROM leap.task_events WHERE recording_id = test.id('o3') AND entity = 'recording' ORDER BY at;

-- bad input, each with its own words
SELECT * FROM test.error($$SELECT leap.add_recording('nobody@example.org', '{"type":"file","path":"/srv/lectures/a.mp4"}')$$) \gx
SELECT * FROM test.error($$SELECT leap.add_recording('test@example.org', '{"type":"file","path":"/etc/passwd"}')$$) \gx
SELECT * FROM test.error($$SELECT leap.add_recording('test@example.org', '{"type":"file","path":"/srv/lectures/../../etc/passwd"}')$$) \gx
SELECT * FROM test.error($$SELECT leap.add_recording('test@example.org', '{"type":"file","path":"a.mp4"}')$$) \gx
SELECT * FROM test.error($$SELECT leap.add_recording('test@example.org', '{"type":"url","url":"file:///etc/passwd"}')$$) \gx
SELECT * FROM test.error($$SELECT leap.add_recording('test@example.org', '{"type":"tape"}')$$) \gx
SELECT * FROM test.error($$SELECT leap.add_recording('test@example.org', '{"type":"url","url":"https://e.org/a"}', NULL, '{"trimming": {"padding": 1}, "colour": "red"}')$$) \gx
SELECT * FROM test.error($$SELECT leap.add_user('no address')$$) \gx
SELECT * FROM test.error($$SELECT leap.add_user('TEST@example.org')$$) \gx
SELECT * FROM test.error($$SELECT leap.add_user('a@b', NULL, 'king')$$) \gx

-- names come from the source when none is given
SELECT leap.add_recording('test@example.org', '{"type":"file","path":"/srv/lectures/Week 3. Graphs.final.mp4"}') AS a,
       leap.add_recording('test@example.org', '{"type":"url","url":"https://e.org/talks/intro.webm?token=secret#t"}') AS b \gset
SELECT display_name FROM leap.recordings WHERE id IN (:'a', :'b') ORDER BY 1;

-- what people see
SELECT d->>'name' AS name, d->>'status' AS status, d->'hold' AS hold, jsonb_array_length(d->'tasks') AS tasks, d->'progress' AS progress,
       d #>> '{tasks,0,kind}' AS first, (d->'tasks'->0) ? 'fence' AS shows_fence
FROM leap.recording_detail(test.id('o2')) d;
SELECT l->>'name', l->>'status' FROM jsonb_array_elements(leap.recording_list('test@example.org', 'UPLOADED')) l;
