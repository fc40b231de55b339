-- What a run has to do: nothing that is done already with the same input, everything that a change concerns, and single
-- stages when they are asked for.
SELECT test.connect();

-- works until nothing of the recording is left; tells what was done, in order
CREATE FUNCTION pg_temp.work(a_name text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    step record;
    done text := '';
BEGIN
    FOR i IN 1..10 LOOP
        FOR step IN SELECT c.kind FROM test.claim() c WHERE c.name = a_name ORDER BY leap.kind_place(c.kind) LOOP
            done := done || step.kind || ' ';
            PERFORM test.complete(step.kind, a_name, jsonb_build_object(
                'artifacts', coalesce((SELECT jsonb_agg(test.artifact(m)) FROM leap.task_inputs() i, unnest(i.makes) m WHERE i.kind = step.kind), '[]'),
                'facts', CASE step.kind WHEN 'download' THEN '{"duration": 300, "has_audio": true, "has_video": true, "speech": "speech", "verdict": "ok"}'::jsonb ELSE '{}' END)
                || CASE step.kind WHEN 'upload' THEN jsonb_build_object('target', jsonb_build_object('remote_id', 'r', 'url', 'file:///r')) ELSE '{}' END);
        END LOOP;
        DROP TABLE IF EXISTS got;
    END LOOP;
    RETURN done;
END
$$;
CREATE FUNCTION pg_temp.plan(a_name text, operation text, target text = NULL) RETURNS TABLE (done boolean, reason text, todo text, skipped text) LANGUAGE sql AS $$
    SELECT o.done, regexp_replace(o.reason, '[0-9a-f]{8}-[0-9a-f-]{27}', '<id>'),
           (SELECT string_agg(p->>'kind', ' ') FROM jsonb_array_elements(o.plan) p WHERE p->>'skip_reason' IS NULL),
           (SELECT string_agg((p->>'kind') || ': ' || (p->>'skip_reason'), '; ') FROM jsonb_array_elements(o.plan) p WHERE p->>'skip_reason' IS NOT NULL)
    FROM leap.operate(operation, ARRAY[test.id(a_name)], true, target => target) o $$;
CREATE VIEW pg_temp.walk AS SELECT r.display_name AS name, string_agg(e.event || '>' || e.to_state, ' ' ORDER BY e.at) AS walk
FROM leap.task_events e JOIN leap.recordings r ON r.id = e.recording_id
WHERE e.entity = 'recording' AND e.at >= (SELECT max(u.started_at) FROM leap.runs u WHERE u.recording_id = r.id) GROUP BY 1;

-- a whole pass: what was made carries the hash of its task, as does the target
SELECT test.start('st1');
SELECT pg_temp.work('st1');
SELECT count(*) AS artifacts, count(a.input_hash) AS hashed, bool_and(a.input_hash = t.input_hash) AS of_its_task, min(length(a.input_hash)) AS bytes
FROM leap.artifacts a JOIN leap.tasks t ON t.id = a.task_id WHERE a.recording_id = test.id('st1');
SELECT o.input_hash = t.input_hash AS target_has_it FROM leap.output_targets o JOIN leap.tasks t ON t.target_id = o.id WHERE o.recording_id = test.id('st1');
SELECT * FROM test.error($$SELECT leap.run_recording(test.id('st1'))$$) \gx

-- other topics: those and what is published, nothing else; then there is nothing to do again
SELECT leap.configure_recording(test.id('st1'), '{"transcription": {"granularity": "short"}}');
SELECT * FROM leap.operation_allowed(test.id('st1'), 'run');
SELECT * FROM pg_temp.plan('st1', 'run') \gx
SELECT leap.run_recording(test.id('st1'))->>'message';
SELECT pg_temp.work('st1');
SELECT walk FROM pg_temp.walk WHERE name = 'st1';
SELECT * FROM test.recordings WHERE name = 'st1';
SELECT pg_temp.plan('st1', 'run');
SELECT action, before, after FROM leap.audit_logs WHERE resource_id = test.id('st1')::text ORDER BY at;

-- a new name is only published; a setting that nothing reads changes nothing
UPDATE leap.recordings SET display_name = 'st1 renamed' WHERE display_name = 'st1';
SELECT * FROM pg_temp.plan('st1 renamed', 'run') \gx
SELECT leap.run_recording(test.id('st1 renamed'))->>'message';
SELECT pg_temp.work('st1 renamed');
SELECT walk FROM pg_temp.walk WHERE name = 'st1 renamed';
SELECT leap.configure_recording(test.id('st1 renamed'), '{"trimming": {"on_blank": "publish"}}');
SELECT pg_temp.plan('st1 renamed', 'run');

-- other margins: the cut and all that follows; the sound that it needs is still there
SELECT leap.configure_recording(test.id('st1 renamed'), '{"trimming": {"padding_before": 1}}');
SELECT * FROM pg_temp.plan('st1 renamed', 'run') \gx
-- when it is not, it is fetched again
BEGIN;
DELETE FROM leap.artifacts WHERE recording_id = test.id('st1 renamed') AND kind = 'audio';
SELECT * FROM pg_temp.plan('st1 renamed', 'run') \gx
ROLLBACK;
-- stopped on the way, it goes on with what is left, not with what looks done
SELECT leap.run_recording(test.id('st1 renamed'))->>'message';
SELECT * FROM test.claim();
SELECT test.complete('trim', 'st1 renamed', jsonb_build_object('artifacts', jsonb_build_array(test.artifact('video'))));
SELECT leap.cancel_recording(test.id('st1 renamed'))->>'message';
SELECT * FROM test.recordings WHERE name = 'st1 renamed';
SELECT * FROM pg_temp.plan('st1 renamed', 'run') \gx
SELECT leap.run_recording(test.id('st1 renamed'))->>'message';
SELECT pg_temp.work('st1 renamed');
SELECT walk FROM pg_temp.walk WHERE name = 'st1 renamed';

-- switched off later: what is there stays; switched on: it is made and published
SELECT leap.configure_recording(test.id('st1 renamed'), '{"transcription": {"enable_topics": false, "enable_subtitles": false}}') IS NOT NULL AS configured;
SELECT pg_temp.plan('st1 renamed', 'run');
SELECT test.start('st2', config => '{"transcription": {"enable_topics": false, "enable_subtitles": false}}');
-- without topics and subtitles the upload waits for the transcript
SELECT f.kind, t.kind FROM leap.task_edge e JOIN leap.tasks f ON f.id = e.from_task JOIN leap.tasks t ON t.id = e.to_task WHERE t.recording_id = test.id('st2') ORDER BY 1, 2;
SELECT pg_temp.work('st2');
SELECT leap.configure_recording(test.id('st2'), '{"transcription": {"enable_subtitles": true}}') IS NOT NULL AS configured;
SELECT * FROM pg_temp.plan('st2', 'run') \gx
SELECT leap.run_recording(test.id('st2'))->>'message';
SELECT pg_temp.work('st2');

-- what was made before there were hashes counts as done
UPDATE leap.artifacts SET input_hash = NULL WHERE recording_id = test.id('st2');
UPDATE leap.output_targets SET input_hash = NULL WHERE recording_id = test.id('st2');
SELECT pg_temp.plan('st2', 'run');
-- force does everything
SELECT * FROM pg_temp.plan('st2', 'force') \gx

-- a single stage is done and nothing else; the recording then stands after that stage, and a run does what follows from it
SELECT test.start('st3');
SELECT pg_temp.work('st3');
SELECT * FROM pg_temp.plan('st3', 'transcribe') \gx
SELECT leap.transcribe_recording(test.id('st3'))->>'message';
SELECT * FROM test.error($$SELECT leap.subtitles_recording(test.id('st3'))$$) \gx
SELECT pg_temp.work('st3');
SELECT walk FROM pg_temp.walk WHERE name = 'st3';
SELECT * FROM test.recordings WHERE name = 'st3';
SELECT * FROM pg_temp.plan('st3', 'run') \gx
SELECT leap.subtitles_recording(test.id('st3'))->>'message';
SELECT pg_temp.work('st3');
SELECT leap.topics_recording(test.id('st3'))->>'message';
SELECT pg_temp.work('st3');
SELECT * FROM pg_temp.plan('st3', 'run') \gx
SELECT leap.run_recording(test.id('st3'))->>'message';
SELECT pg_temp.work('st3');
SELECT * FROM test.recordings WHERE name = 'st3';
SELECT leap.process_recording(test.id('st3'))->>'message';
SELECT pg_temp.work('st3');
SELECT * FROM test.recordings WHERE name = 'st3';
SELECT leap.download_recording(test.id('st3'))->>'message';
SELECT pg_temp.work('st3');
SELECT * FROM test.recordings WHERE name = 'st3';
-- stages before it are passed
SELECT leap.topics_recording(test.id('st3'))->>'message';
SELECT walk FROM pg_temp.walk WHERE name = 'st3';
SELECT pg_temp.work('st3');
SELECT walk FROM pg_temp.walk WHERE name = 'st3';
SELECT leap.run_recording(test.id('st3'))->>'message';
SELECT pg_temp.work('st3');
SELECT * FROM test.recordings WHERE name = 'st3';

-- uploads alone: what is published is published again only on purpose
SELECT * FROM test.error($$SELECT leap.upload_recording(test.id('st3'))$$) \gx
SELECT * FROM test.error($$SELECT leap.upload_recording(test.id('st3'), 'YOUTUBE', true)$$) \gx
SELECT leap.upload_recording(test.id('st3'), 'LIBRARY', true)->>'message';
SELECT pg_temp.work('st3');
SELECT walk FROM pg_temp.walk WHERE name = 'st3';
SELECT * FROM test.recordings WHERE name = 'st3';

-- after a failure a single stage is a retry of that stage
SELECT test.start('st4');
SELECT test.advance('st4', 'upload');
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    SELECT r.id, r.user_id, m, 'st4/' || m, 1, repeat('0', 64), 'x/y' FROM leap.recordings r, leap.task_inputs() i, unnest(i.makes) m
    WHERE r.display_name = 'st4' ORDER BY leap.kind_place(i.kind);
SELECT test.fail('upload', 'st4', 'permanent', 'the library is full');
SELECT leap.subtitles_recording(test.id('st4'))->>'message';
SELECT pg_temp.work('st4');
SELECT walk FROM pg_temp.walk WHERE name = 'st4';
SELECT * FROM test.recordings WHERE name = 'st4';
SELECT status FROM leap.output_targets WHERE recording_id = test.id('st4');
SELECT leap.upload_recording(test.id('st4'))->>'message';
SELECT pg_temp.work('st4');
SELECT * FROM test.recordings WHERE name = 'st4';

-- refused in words: nothing to work from, not there yet, not wanted
SELECT test.start('st5');
SELECT leap.cancel_recording(test.id('st5'))->>'message';
SELECT o.operation, (o.answer).reason, (o.answer).sqlstate FROM (SELECT s.operation, leap.operation_allowed(test.id('st5'), s.operation) AS answer FROM leap.single_operations() s) o;
SELECT leap.skip_recording(test.id('st5'))->>'message';
SELECT * FROM test.error($$SELECT leap.download_recording(test.id('st5'))$$) \gx
SELECT * FROM test.error($$SELECT leap.operate('topics', '{}', target => 'LIBRARY')$$) \gx
SELECT * FROM test.error($$SELECT leap.configure_recording(test.id('st5'), '{"colour": "red"}')$$) \gx
-- in bulk: those that can are done, the others say why
SELECT r.display_name, o.done, o.reason FROM leap.operate('subtitles', ARRAY[test.id('st3'), test.id('st4'), test.id('st5')]) o JOIN leap.recordings r ON r.id = o.recording ORDER BY 1;
SELECT count(*) FROM leap.operate('cancel', ARRAY[test.id('st3'), test.id('st4')]) o WHERE o.done;

-- two targets: a run of one leaves the other as it is, and the recording is UPLOADED only when both are
SELECT test.start('st6');
SELECT leap.cancel_recording(test.id('st6'))->>'message';
INSERT INTO leap.output_targets (recording_id, user_id, target_type, preset_id, status)
    SELECT r.id, r.user_id, 'LIBRARY', '018f0000-0000-7000-8000-000000000001', leap.move('create', 'NOT_UPLOADED') FROM leap.recordings r WHERE r.display_name = 'st6';
CREATE VIEW pg_temp.targets AS SELECT r.display_name AS name, r.status, r.failed, r.failed_at_stage AS stage, r.error_message,
    string_agg(o.status, ' ' ORDER BY o.preset_id NULLS FIRST) AS targets FROM leap.recordings r JOIN leap.output_targets o ON o.recording_id = r.id GROUP BY r.id;
SELECT leap.run_recording(test.id('st6'))->>'message';
SELECT test.advance('st6', 'upload');
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    SELECT r.id, r.user_id, m, 'st6/' || m, 1, repeat('0', 64), 'x/y' FROM leap.recordings r, leap.task_inputs() i, unnest(i.makes) m
    WHERE r.display_name = 'st6' ORDER BY leap.kind_place(i.kind);
-- claimed together, one fails for good and one is published: FAILED shows both
SELECT count(*) FROM test.leases WHERE name = 'st6' AND kind = 'upload';
SELECT leap.fail(t.id::text, t.fence::text, '{"class": "permanent", "code": "full", "message": "the second library is full", "hint": "make room"}')
FROM leap.tasks t JOIN leap.output_targets o ON o.id = t.target_id WHERE t.recording_id = test.id('st6') AND t.state = 'running' AND o.preset_id IS NOT NULL;
SELECT * FROM pg_temp.targets WHERE name = 'st6';
SELECT test.complete('upload', 'st6', '{"target": {"remote_id": "r", "url": "file:///r"}}') ~ 'accepted' AS published;
SELECT * FROM pg_temp.targets WHERE name = 'st6';
-- a retry touches only the failed one
SELECT * FROM pg_temp.plan('st6', 'retry') \gx
-- publishing the other one again does not hide it
SELECT leap.upload_recording(test.id('st6'), (SELECT id::text FROM leap.output_targets WHERE recording_id = test.id('st6') AND preset_id IS NULL), true)->>'message';
SELECT pg_temp.work('st6');
SELECT * FROM pg_temp.targets WHERE name = 'st6';
SELECT leap.retry_recording(test.id('st6'))->>'message';
SELECT pg_temp.work('st6');
SELECT * FROM pg_temp.targets WHERE name = 'st6';
-- one target only of two: the recording waits for the other
INSERT INTO leap.output_targets (recording_id, user_id, target_type, preset_id, status)
    SELECT r.id, r.user_id, 'LIBRARY', ('018f0000-0000-7000-8000-00000000000' || n)::uuid, leap.move('create', 'NOT_UPLOADED') FROM leap.recordings r, generate_series(2, 3) n WHERE r.display_name = 'st6';
SELECT leap.upload_recording(test.id('st6'), (SELECT id::text FROM leap.output_targets WHERE recording_id = test.id('st6') AND preset_id::text LIKE '%2'))->>'message';
SELECT pg_temp.work('st6');
SELECT * FROM pg_temp.targets WHERE name = 'st6';
SELECT state FROM leap.runs WHERE recording_id = test.id('st6') ORDER BY started_at DESC LIMIT 1;
SELECT leap.run_recording(test.id('st6'))->>'message';
SELECT pg_temp.work('st6');
SELECT * FROM pg_temp.targets WHERE name = 'st6';

-- a task of a stage waits for its next try while another of the stage ends well: back before the stage, failed, with the next try's time
SELECT test.start('st7');
SELECT test.advance('st7', 'subtitles');
SELECT test.fail('topics', 'st7', 'transient', 'the model is busy');
SELECT name, status, failed, stage, error_message FROM test.recordings WHERE name = 'st7';
SELECT test.complete('subtitles', 'st7');
SELECT r.status, r.failed, r.failed_at_stage, r.error_message, r.retry_count, r.next_attempt_at > now() AS later FROM leap.recordings r WHERE r.display_name = 'st7';
SELECT leap.retry_recording(test.id('st7'))->>'message';
SELECT * FROM test.claim();
SELECT status, failed FROM leap.recordings WHERE display_name = 'st7';
SELECT test.complete('topics', 'st7');
SELECT r.status, r.failed, r.failed_at_stage, r.error_message, r.retry_count, r.next_attempt_at FROM leap.recordings r WHERE r.display_name = 'st7';
SELECT leap.cancel_recording(test.id('st7'))->>'message';

-- a run that finds nothing to do says so, whenever it was to start
SELECT test.start('st8');
SELECT pg_temp.work('st8');
SELECT leap.repair(test.id('st8'), 'TRANSCRIBED', 'a test')->>'message';
SELECT leap.run_recording(test.id('st8'), start_at => now() + interval '1 hour')->>'message';
SELECT status FROM leap.recordings WHERE id = test.id('st8');
SELECT leap.repair(test.id('st8'), 'TRANSCRIBED', 'a test')->>'message';
SELECT leap.run_recording(test.id('st8'))->>'message';

-- values are checked when they are set: for a recording, a new one and a user; every key has a rule of its own, which its default keeps
SELECT path FROM leap.config_leaves(leap.default_config()) EXCEPT SELECT path FROM leap.config_rules();
SELECT path FROM leap.config_rules() WHERE type <> 'object' AND path !~ '^metadata' EXCEPT SELECT path FROM leap.config_leaves(leap.default_config());
SELECT leap.check_config(leap.default_config());
SELECT e.code, e.message, e.hint FROM unnest(ARRAY['{"trimming": {"enable_trimming": "yes"}}', '{"trimming": {"silence_threshold": 3}}', '{"trimming": {"padding_before": -1}}',
    '{"trimming": {"max_trim_share": "0.4"}}', '{"trimming": {"on_blank": "drop"}}', '{"transcription": {"language": "English"}}', '{"transcription": {"provider": 7}}',
    '{"transcription": {"vocabulary": "Fourier"}}', '{"transcription": {"vocabulary": ["Fourier", 7]}}', '{"transcription": {"granularity": "tiny"}}',
    '{"transcription": {"min_confidence": 1.5}}', '{"transcription": {"on_low_quality": true}}', '{"output": {"targets": [{"type": "TV"}]}}',
    '{"output": {"targets": ["LIBRARY"]}}', '{"output": 7}', '{"colour": null}', '[]', '7']) c,
    test.error(format('SELECT leap.configure_recording(test.id(''st8''), %L)', c)) e;
SELECT e.code, e.message FROM test.error($$SELECT leap.configure_recording(test.id('st8'), NULL)$$) e;
SELECT e.code, e.message FROM test.error($$SELECT leap.add_recording('test@example.org', '{"type": "url", "url": "https://example.org/x"}', config => '{"transcription": {"granularity": "tiny"}}')$$) e;
SELECT e.code, e.message FROM test.error($$UPDATE leap.users SET config = '{"transcription": {"granularity": "tiny"}}'$$) e;
-- null takes an override back and is not kept; what changes nothing is no change
SELECT leap.configure_recording(test.id('st8'), '{"transcription": {"granularity": "short", "language": null}, "trimming": null}');
SELECT leap.configure_recording(test.id('st8'), '{"transcription": {"granularity": null}}');
SELECT leap.configure_recording(test.id('st8'), '{"transcription": {"granularity": null}}');
SELECT count(*) FROM leap.audit_logs WHERE action = 'configure' AND resource_id = test.id('st8')::text;
SELECT allowed, sqlstate FROM leap.operation_allowed(test.id('st8'), 'run');
-- that of a user likewise, and it is in the log
UPDATE leap.users SET config = '{"transcription": {"granularity": "short", "language": null}}' WHERE id = (SELECT user_id FROM leap.recordings WHERE id = test.id('st8')) RETURNING config;
SELECT allowed, sqlstate FROM leap.operation_allowed(test.id('st8'), 'run');
UPDATE leap.users SET config = '{"transcription": null}' WHERE config <> '{}' RETURNING config;
SELECT action, resource_type, before, after FROM leap.audit_logs WHERE action = 'configure' AND resource_type = 'user' ORDER BY at;
