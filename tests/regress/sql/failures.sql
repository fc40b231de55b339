-- What a failure leaves behind: published things stay published, a failure that was called off is no failure any more.
SELECT test.connect();
CREATE VIEW pg_temp.upload AS
SELECT r.display_name AS name, r.status, r.failed, r.failed_at_stage AS stage, o.status AS target, o.failed AS target_failed, o.remote_id
FROM leap.recordings r JOIN leap.output_targets o ON o.recording_id = r.id;
CREATE FUNCTION pg_temp.later(a_name text) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    UPDATE leap.task_scheduled SET run_at = clock_timestamp() WHERE recording_id = test.id(a_name);
    PERFORM leap.promote_due();
    RETURN (SELECT count(*) FROM test.claim() c WHERE c.name = a_name);
END
$$;
CREATE FUNCTION pg_temp.work(a_name text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    step record;
BEGIN
    FOR i IN 1..6 LOOP
        FOR step IN SELECT c.kind FROM test.claim() c WHERE c.name = a_name LOOP
            PERFORM test.complete(step.kind, a_name, jsonb_build_object(
                'artifacts', coalesce((SELECT jsonb_agg(test.artifact(m)) FROM leap.task_inputs() i, unnest(i.makes) m WHERE i.kind = step.kind), '[]'),
                'facts', CASE step.kind WHEN 'download' THEN '{"duration": 300, "has_audio": true, "has_video": true, "speech": "speech", "verdict": "ok"}'::jsonb ELSE '{}' END,
                'target', jsonb_build_object('remote_id', 'lesson-1', 'url', 'file:///lesson')));
        END LOOP;
        DROP TABLE got;
    END LOOP;
END
$$;

-- what is published stays so while its next upload waits for another try, which can begin, and after a cancel
SELECT test.start('fa1');
SELECT pg_temp.work('fa1');
SELECT leap.upload_recording(test.id('fa1'), force => true)->>'message';
SELECT * FROM test.claim() WHERE name = 'fa1';
SELECT test.fail('upload', 'fa1', 'transient');
SELECT * FROM pg_temp.upload WHERE name = 'fa1';
SELECT pg_temp.later('fa1');
SELECT * FROM pg_temp.upload WHERE name = 'fa1';
SELECT test.fail('upload', 'fa1', 'transient');
SELECT leap.cancel_recording(test.id('fa1'))->>'message';
SELECT * FROM pg_temp.upload WHERE name = 'fa1';

-- one that failed for good is to be done again, although its input is what was published
SELECT leap.upload_recording(test.id('fa1'), force => true)->>'message';
SELECT * FROM test.claim() WHERE name = 'fa1';
SELECT test.fail('upload', 'fa1', 'permanent');
SELECT * FROM pg_temp.upload WHERE name = 'fa1';
SELECT leap.retry_recording(test.id('fa1'))->>'message';
SELECT * FROM test.claim() WHERE name = 'fa1';
SELECT test.complete('upload', 'fa1', '{"target": {"remote_id": "lesson-1", "url": "file:///lesson"}}');
SELECT * FROM pg_temp.upload WHERE name = 'fa1';

-- a task that kills workers is quarantined although somebody paused its recording, and going on after a pause forgives nothing
SELECT test.start('fa2');
CREATE FUNCTION pg_temp.die(a_name text) RETURNS TABLE (hold text, held_by text, task text, rescues smallint) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM * FROM test.claim();
    UPDATE leap.task_lease l SET deadline = clock_timestamp() - interval '1 s' FROM leap.tasks t WHERE t.id = l.task AND t.recording_id = test.id(a_name);
    PERFORM leap.rescue();
    RETURN QUERY SELECT r.hold, r.held_by, t.state, t.rescues FROM leap.recordings r JOIN leap.tasks t ON t.recording_id = r.id AND t.kind = 'download' WHERE r.id = test.id(a_name);
END
$$;
SELECT * FROM pg_temp.die('fa2');
SELECT leap.pause_recording(test.id('fa2'))->>'message';
SELECT leap.resume_recording(test.id('fa2'))->>'message';
SELECT * FROM pg_temp.die('fa2');
SELECT * FROM test.claim() WHERE name = 'fa2';
SELECT leap.pause_recording(test.id('fa2'))->>'message';
SELECT * FROM pg_temp.die('fa2');
SELECT hold_message FROM leap.recordings WHERE display_name = 'fa2';
SELECT code, message FROM test.error($$SELECT leap.resume_recording(test.id('fa2'))$$);
SELECT * FROM test.claim() WHERE name = 'fa2';
SELECT leap.accept_recording(test.id('fa2'))->>'message';
SELECT * FROM pg_temp.die('fa2');
SELECT leap.cancel_recording(test.id('fa2'))->>'message';

-- a failure whose next try was called off is none any more: only the history knows it
SELECT test.start('fa3');
SELECT * FROM test.claim() WHERE name = 'fa3';
SELECT test.fail('download', 'fa3', 'transient');
SELECT name, stage, next_attempt_at IS NOT NULL AS waits FROM leap.failures WHERE name = 'fa3';
SELECT leap.cancel_recording(test.id('fa3'))->>'message';
SELECT r.status, r.failed, r.failed_at, r.failed_at_stage, r.error, r.next_attempt_at FROM leap.recordings r WHERE r.display_name = 'fa3';
SELECT count(*) FROM leap.failures WHERE name = 'fa3';
SELECT e.event, e.error->>'message' AS message FROM leap.task_events e WHERE e.recording_id = test.id('fa3') AND e.entity = 'task' AND e.kind = 'download' AND e.error IS NOT NULL;
SELECT leap.run_recording(test.id('fa3'))->>'message';
-- the same if only its task is cancelled, but not while another one that failed goes on
SELECT * FROM test.claim() WHERE name = 'fa3';
SELECT test.fail('download', 'fa3', 'transient');
SELECT leap.cancel_task((SELECT t.id FROM leap.tasks t WHERE t.recording_id = test.id('fa3') AND t.kind = 'download' AND t.state = 'scheduled'))->>'run_state' AS run;
SELECT name, status, failed, stage FROM test.recordings WHERE name = 'fa3';
SELECT test.start('fa4');
SELECT test.advance('fa4', 'subtitles');
SELECT test.fail('topics', 'fa4', 'transient');
SELECT test.fail('subtitles', 'fa4', 'transient');
SELECT leap.cancel_task((SELECT t.id FROM leap.tasks t WHERE t.recording_id = test.id('fa4') AND t.kind = 'topics'))->>'run_state' AS run;
SELECT name, status, failed, stage FROM test.recordings WHERE name = 'fa4';
SELECT leap.cancel_recording(test.id('fa4'))->>'message';
SELECT name, status, failed, stage FROM test.recordings WHERE name = 'fa4';

-- a report that nobody understands is a failure all the same
SELECT test.start('fa5');
SELECT * FROM test.claim() WHERE name = 'fa5';
SELECT leap.fail(l.task, l.fence, NULL) FROM test.leases l WHERE l.name = 'fa5';
SELECT status, failed_at_stage, error, retry_count FROM leap.recordings WHERE display_name = 'fa5';
SELECT e.error, leap.readable_error(e.error::jsonb) AS read FROM (VALUES
    ('null'), ('"broken"'), ('[]'), ('{}'), ('{"class": "odd", "code": 7, "message": "", "hint": "look"}'), ('{"class": "transient", "code": "x", "message": "y", "retry_after": "soon"}'),
    ('{"class": "transient", "code": "x", "message": "y", "retry_after": 2.5}'), ('{"class": "transient", "code": "x", "message": "y", "retry_after": -1}'),
    ('{"class": "transient", "code": "x", "message": "y", "retry_after": 1e300}')) AS e (error);
SELECT leap.retry_recording(test.id('fa5'))->>'message';
SELECT * FROM test.claim() WHERE name = 'fa5';
SELECT leap.fail(l.task, l.fence, '{"class": "rate_limited", "code": "x", "message": "y", "retry_after": "soon"}') FROM test.leases l WHERE l.name = 'fa5';
-- a rate limit that does not say how long stops nobody else
SELECT count(*) FROM leap.circuits WHERE paused_until > clock_timestamp();

-- every try that failed is counted, the last one too
SELECT test.start('fa6');
DO $$ BEGIN
    FOR i IN 1..5 LOOP
        PERFORM * FROM test.claim();
        PERFORM test.fail('download', 'fa6', 'lost');
        UPDATE leap.task_scheduled SET run_at = clock_timestamp() WHERE recording_id = test.id('fa6');
        PERFORM leap.promote_due();
        DROP TABLE got;
    END LOOP;
END $$;
SELECT status, retry_count FROM leap.recordings WHERE display_name = 'fa6';

-- nothing is left that becomes due in the tests that follow
SELECT leap.cancel_recording(test.id('fa5'))->>'message';

-- a platform that asks for a new authorisation: its owner hears that, once, and not of each recording
SELECT test.start('fa8', 'cred@example.org');
SELECT pg_temp.work('fa8');
SELECT test.start('fa9', 'cred@example.org');
SELECT pg_temp.work('fa9');
SELECT leap.upload_recording(test.id(n), force => true)->>'message' FROM unnest('{fa8,fa9}'::text[]) AS n;
SELECT kind, name FROM test.claim() WHERE name IN ('fa8', 'fa9');
SELECT test.fail('upload', n, 'credential', 'the token is no longer valid') FROM unnest('{fa8,fa9}'::text[]) AS n;
SELECT n.event, n.count, n.mail, n.payload->>'platform' AS platform, n.payload->>'message' AS message FROM leap.notifications n
JOIN leap.users u ON u.id = n.user_id WHERE u.email = 'cred@example.org' AND n.event <> 'recording_uploaded';
DELETE FROM leap.users WHERE email = 'cred@example.org';

-- what a task had half made is garbage when it failed for good, not while it will be tried again; an upload goes on with its own
CREATE FUNCTION pg_temp.half_made(a_kind text, a_name text) RETURNS boolean LANGUAGE sql AS $$
    SELECT leap.checkpoint(l.task, l.fence, jsonb_build_object('uri', 'half/' || a_kind)) FROM test.leases l WHERE (l.kind, l.name) = (a_kind, a_name) $$;
SELECT test.start('fa-half');
SELECT kind FROM test.claim() WHERE name = 'fa-half';
SELECT pg_temp.half_made('download', 'fa-half'), test.fail('download', 'fa-half', 'transient');
SELECT uri FROM leap.storage_garbage WHERE uri LIKE 'half/%';
SELECT pg_temp.later('fa-half');
SELECT test.fail('download', 'fa-half', 'permanent');
SELECT uri FROM leap.storage_garbage WHERE uri LIKE 'half/%';
SELECT leap.upload_recording(test.id('fa1'), force => true)->>'message';
SELECT kind FROM test.claim() WHERE name = 'fa1';
SELECT pg_temp.half_made('upload', 'fa1'), test.fail('upload', 'fa1', 'permanent');
SELECT uri FROM leap.storage_garbage WHERE uri LIKE 'half/%';
DELETE FROM leap.storage_garbage WHERE uri LIKE 'half/%';
