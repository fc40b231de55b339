-- Topics: every version is kept, a person's words stay in use, times follow the cut.
SELECT test.connect();

CREATE FUNCTION pg_temp.outline(provider text, granularity text, titles text[]) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('version', 1, 'provider', provider, 'model', 'm1', 'language', 'en', 'granularity', granularity,
        'topics', (SELECT jsonb_agg(jsonb_build_object('title', t, 'start', (n - 1) * 60, 'end', n * 60) ORDER BY n) FROM unnest(titles) WITH ORDINALITY AS x(t, n)),
        'main_topics', jsonb_build_array(titles[1]), 'summary', 'About ' || titles[1] || '.', 'questions', '[]'::jsonb, 'pauses', '[]'::jsonb, 'tokens', jsonb_build_object('input', random()))
$$;
-- does all there is to do; what topics finds is as said, what it was given to write it writes
CREATE FUNCTION pg_temp.work(a_name text, finds jsonb = NULL, cuts jsonb = '[{"start": 10, "end": 260, "at": 0}]', heard text = 'same') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    step record;
    given jsonb;
    done text := '';
BEGIN
    FOR i IN 1..6 LOOP
        FOR step IN SELECT c.kind FROM test.claim() c WHERE c.name = a_name ORDER BY leap.kind_place(c.kind) LOOP
            given := (SELECT g.input::jsonb->'outline' FROM got g WHERE g.kind = step.kind AND g.input #>> '{recording,name}' = a_name);
            done := done || step.kind || CASE WHEN jsonb_typeof(given) = 'object' THEN ' (given) ' ELSE ' ' END;
            PERFORM test.complete(step.kind, a_name, jsonb_build_object(
                'artifacts', coalesce((SELECT jsonb_agg(test.artifact(m) || CASE m WHEN 'video' THEN jsonb_build_object('metadata', jsonb_build_object('cuts', cuts))
                                                                                   WHEN 'transcript' THEN jsonb_build_object('sha256', encode(sha256(convert_to(heard, 'UTF8')), 'hex')) ELSE '{}' END)
                                       FROM leap.task_inputs() i, unnest(i.makes) m WHERE i.kind = step.kind), '[]'),
                'facts', CASE step.kind WHEN 'download' THEN '{"duration": 300, "has_audio": true, "has_video": true, "speech": "speech", "verdict": "ok"}'::jsonb
                                        WHEN 'trim' THEN '{"final_duration": 250}' WHEN 'topics' THEN jsonb_build_object('outline', CASE WHEN jsonb_typeof(given) = 'object' THEN given ELSE finds END) ELSE '{}' END)
                || CASE step.kind WHEN 'upload' THEN '{"target": {"remote_id": "r", "url": "file:///r"}}'::jsonb ELSE '{}' END);
        END LOOP;
        DROP TABLE IF EXISTS got;
    END LOOP;
    RETURN done;
END
$$;
CREATE VIEW pg_temp.versions AS
SELECT r.display_name AS name, v.version, v.active, v.provider, v.granularity, v.edited_by IS NOT NULL AS edited, v.based_on,
       (SELECT string_agg(format('%s %s-%s', t->>'title', t->>'start', t->>'end'), ', ' ORDER BY n) FROM jsonb_array_elements(v.outline->'topics') WITH ORDINALITY AS x(t, n)) AS topics
FROM leap.topic_versions v JOIN leap.recordings r ON r.id = v.recording_id ORDER BY 1, 2;
CREATE VIEW pg_temp.shown AS
SELECT r.display_name AS name, r.status, (SELECT string_agg(t->>'title', ', ' ORDER BY n) FROM jsonb_array_elements(r.topics) WITH ORDINALITY AS x(t, n)) AS topics, r.main_topics,
       r.facts->>'summary' AS summary, r.facts->'questions' AS questions, (SELECT string_agg(f->>'code', ' ') FROM jsonb_array_elements(r.flags) f) AS flags
FROM leap.recordings r WHERE r.display_name LIKE 'topic %' ORDER BY 1;

SELECT test.start('topic 1');
SELECT pg_temp.work('topic 1', pg_temp.outline('embedded', 'long', '{Memory,Paging,Disks,Files}'));
SELECT * FROM pg_temp.versions;
SELECT * FROM pg_temp.shown;
SELECT result->'facts' ? 'outline' AS in_result FROM leap.tasks WHERE kind = 'topics' AND recording_id = test.id('topic 1');

-- the same found again is no new version; as finely as somebody says is one, and in use
SELECT leap.topics_recording(test.id('topic 1'))->>'message' AS message;
SELECT pg_temp.work('topic 1', pg_temp.outline('embedded', 'long', '{Memory,Paging,Disks,Files}'));
SELECT leap.find_topics(test.id('topic 1'), 'short')->>'message' AS message;
SELECT r.config #>> '{transcription,granularity}' AS granularity, r.asked_for FROM leap.runs r WHERE r.recording_id = test.id('topic 1') ORDER BY r.started_at DESC LIMIT 1;
SELECT pg_temp.work('topic 1', pg_temp.outline('embedded', 'short', '{Memory,Storage}'));
SELECT * FROM pg_temp.versions;
SELECT * FROM pg_temp.shown;
SELECT * FROM test.error($$SELECT leap.find_topics(test.id('topic 1'), 'tiny')$$) \gx
-- it stays: what is left to do is to publish it
SELECT string_agg(p.kind, ' ' ORDER BY leap.kind_place(p.kind)) AS todo FROM leap.plan_runs(ARRAY[test.id('topic 1')], 'run') p WHERE p.skip_reason IS NULL;

-- an older one is used again: it is only written
SELECT leap.activate_topics(test.id('topic 1'), 1) - '{recording,run}'::text[] AS answer;
SELECT pg_temp.work('topic 1');
SELECT leap.activate_topics(test.id('topic 1'), 1) - 'recording' AS answer;
SELECT * FROM test.error($$SELECT leap.activate_topics(test.id('topic 1'), 9)$$) \gx
SELECT * FROM pg_temp.shown;

-- what a person writes is a version of its own
SELECT leap.edit_topics(test.id('topic 1'), '{"topics": [{"title": " What memory\nis ", "start": 0}, {"title": "Paging", "start": 61.5}, {"topic": "Files", "start": 180}], "questions": ["What is a page?"]}') - '{recording,run}'::text[] AS answer;
SELECT pg_temp.work('topic 1');
SELECT * FROM pg_temp.versions WHERE version = 3;
SELECT * FROM pg_temp.shown;
SELECT leap.topic_versions(test.id('topic 1')) #- '{0,created_at}' #- '{0,edited_at}' -> 0 AS newest;
SELECT a.action, a.before, a.after FROM leap.audit_logs a WHERE a.resource_id = test.id('topic 1')::text AND a.action IN ('edit_topics', 'activate_topics') ORDER BY a.at;
-- of a version that is not in use as well, and the summary alone
SELECT leap.edit_topics(test.id('topic 1'), '{"summary": "In short."}', 2)->>'message' AS message;
SELECT pg_temp.work('topic 1');
SELECT * FROM pg_temp.versions;
SELECT leap.activate_topics(test.id('topic 1'), 3)->>'message' AS message;
SELECT pg_temp.work('topic 1');

-- each value that cannot be
SELECT e.message, e.hint, c.changes FROM unnest(ARRAY['{}', '[]', '{"titles": []}', '{"topics": []}', '{"topics": [{"title": "A", "start": 5}]}', '{"topics": [{"title": " ", "start": 0}]}',
    '{"topics": [{"title": "A", "start": 0}, {"title": "B", "start": 40}, {"title": "C", "start": 40}]}', '{"topics": [{"title": "A", "start": 0}, {"title": "B", "start": 250}]}',
    '{"topics": [{"title": "A", "start": "0"}]}', '{"topics": [{"title": "A", "start": -1}]}', '{"topics": [{"title": "A", "start": 0, "color": "red"}]}', '{"topics": "A"}',
    '{"main_topics": "Memory"}', '{"main_topics": [1]}', '{"questions": [""]}', '{"summary": 5}']::jsonb[]) AS c(changes)
CROSS JOIN LATERAL test.error(format('SELECT leap.edit_topics(test.id(''topic 1''), %L)', c.changes)) e;
SELECT e.code, e.message FROM test.error($$SELECT leap.edit_topics(test.id('topic 1'), jsonb_build_object('summary', repeat('x', 5001)))$$) e;
SELECT e.code, e.message FROM test.error($$SELECT leap.edit_topics(test.id('topic 1'), jsonb_build_object('topics', jsonb_build_array(jsonb_build_object('start', 0, 'title', repeat('x', 201)))))$$) e;
SELECT e.code, e.message, e.hint FROM test.error($$SELECT leap.edit_topics(test.id('topic 1'), '{"summary": "x"}', 7)$$) e;
SELECT e.code, e.message FROM test.error($$SELECT leap.edit_topics('018f0000-0000-7000-8000-000000000000', '{"summary": "x"}')$$) e;

-- a run that makes everything anew leaves it in use; with another transcript it says so
SELECT leap.run_recording(test.id('topic 1'), force => true)->>'message' AS message;
SELECT pg_temp.work('topic 1', pg_temp.outline('embedded', 'long', '{Never,Found}'));
SELECT * FROM pg_temp.shown;
SELECT leap.run_recording(test.id('topic 1'), force => true)->>'message' AS message;
SELECT pg_temp.work('topic 1', heard => 'another');
SELECT * FROM pg_temp.shown;
SELECT f->>'message' AS message FROM leap.recordings r, jsonb_array_elements(r.flags) f WHERE r.id = test.id('topic 1');
-- cut otherwise, its times are those of the new lesson; a topic of what was cut out is no more
SELECT leap.run_recording(test.id('topic 1'), force => true)->>'message' AS message;
SELECT pg_temp.work('topic 1', cuts => '[{"start": 20, "end": 60, "at": 0}, {"start": 195, "end": 250, "at": 40}]', heard => 'another');
SELECT * FROM pg_temp.versions WHERE active;
SELECT r.topics FROM leap.recordings r WHERE r.id = test.id('topic 1');
SELECT leap.run_recording(test.id('topic 1'), force => true)->>'message' AS message;
SELECT pg_temp.work('topic 1', cuts => '[{"start": 0, "end": 300, "at": 0}]', heard => 'another');
SELECT r.topics FROM leap.recordings r WHERE r.id = test.id('topic 1');
-- who asks for topics gets what is found; the edit is kept
SELECT leap.find_topics(test.id('topic 1'))->>'message' AS message;
SELECT pg_temp.work('topic 1', pg_temp.outline('embedded', 'long', '{Anew,Found}'));
SELECT * FROM pg_temp.versions;
SELECT * FROM pg_temp.shown;

-- moments that move with the cut
SELECT t AS was, leap.moved_time(t, '[{"start": 10, "end": 20, "at": 0}, {"start": 30, "end": 50, "at": 10}]', '[{"start": 15, "end": 40, "at": 0}]') AS is_now FROM unnest('{0,4,5,9.5,10,12,20,29,99}'::float8[]) t;

-- another's are not there
BEGIN;
SELECT test.id('topic 1') AS one \gset
INSERT INTO leap.users (email) VALUES ('nosy@example.org');
SELECT set_config('request.jwt.claims', json_build_object('sub', (SELECT id FROM leap.users WHERE email = 'nosy@example.org'))::text, true) IS NOT NULL AS known;
SET LOCAL ROLE leap_user;
\set VERBOSITY sqlstate
SAVEPOINT s;
SELECT leap.topic_versions(:'one');
ROLLBACK TO s;
SELECT leap.edit_topics(:'one', '{"summary": "x"}');
ROLLBACK TO s;
SELECT leap.add_captions(:'one', 'en', 'WEBVTT');
ROLLBACK TO s;
SELECT leap.retry_transcription(:'one');
ROLLBACK;
\set VERBOSITY default

-- reset forgets them all
SELECT leap.reset_recording(test.id('topic 1'))->>'message' AS message;
SELECT * FROM pg_temp.versions;
SELECT * FROM pg_temp.shown;

-- a published lesson follows an edit by itself, one that was found anew with the next run; without auto_upload only then
SELECT test.start('topic 2');
SELECT pg_temp.work('topic 2', pg_temp.outline('embedded', 'long', '{Memory,Paging}'));
SELECT leap.edit_topics(test.id('topic 2'), '{"summary": "Published."}')->>'message' AS message;
SELECT pg_temp.work('topic 2');
SELECT r.status, leap.recording_detail(r.id) #> '{targets,0,outdated}' AS outdated, (SELECT count(*) FROM leap.plan_runs(ARRAY[r.id], 'run') p WHERE p.skip_reason IS NULL) AS todo FROM leap.recordings r WHERE r.id = test.id('topic 2');
SELECT leap.configure_recording(test.id('topic 2'), '{"output": {"auto_upload": false}}') #> '{output}' AS output;
SELECT leap.edit_topics(test.id('topic 2'), '{"summary": "Not published."}')->>'message' AS message;
SELECT pg_temp.work('topic 2');
SELECT r.status, leap.recording_detail(r.id) #> '{targets,0,outdated}' AS outdated FROM leap.recordings r WHERE r.id = test.id('topic 2');
SELECT leap.configure_recording(test.id('topic 2'), '{"output": {"auto_upload": null}}') AS config;
SELECT leap.run_recording(test.id('topic 2'))->>'message' AS message;
SELECT pg_temp.work('topic 2');

-- an edit beside a run: what has not begun yet writes the last; what is at it, or through, is followed by another run
SELECT leap.edit_topics(test.id('topic 2'), '{"summary": "One."}')->>'message' AS message;
SELECT leap.edit_topics(test.id('topic 2'), '{"summary": "Two."}')->>'message' AS message;
BEGIN;
SELECT c.kind FROM test.claim() c;
SELECT g.input::jsonb #>> '{outline,summary}' AS writes FROM got g;
SELECT leap.edit_topics(test.id('topic 2'), '{"summary": "Three."}') ->> 'message' AS message;
SELECT test.complete('topics', 'topic 2', jsonb_build_object('artifacts', jsonb_build_array(test.artifact('topics'), test.artifact('chapters')), 'facts', jsonb_build_object('outline', g.input::jsonb->'outline'))) FROM got g;
SELECT summary FROM pg_temp.shown WHERE name = 'topic 2';
COMMIT;
SELECT pg_temp.work('topic 2');
SELECT r.status, r.facts->>'summary' AS summary, (SELECT a.input_hash = '\x00' FROM leap.artifacts a WHERE a.recording_id = r.id AND a.kind = 'topics') AS behind FROM leap.recordings r WHERE r.id = test.id('topic 2');
SELECT u.state, u.topics_changed > 0 AS late, (SELECT string_agg(t.kind, ' ' ORDER BY t.id) FROM leap.tasks t WHERE t.run_id = u.id AND t.state = 'succeeded') AS did
FROM leap.runs u WHERE u.recording_id = test.id('topic 2') ORDER BY u.started_at DESC LIMIT 2;
-- nor is an edit lost whose run is cancelled
SELECT leap.activate_topics(test.id('topic 2'), 1)->>'message' AS message;
SELECT leap.cancel_recording(test.id('topic 2'))->>'message' AS message;
SELECT leap.run_recording(test.id('topic 2'))->>'message' AS message;
SELECT pg_temp.work('topic 2');
SELECT version FROM pg_temp.versions WHERE active AND name = 'topic 2';
-- not while topics are looked for, or the transcript is made
SELECT leap.find_topics(test.id('topic 2'))->>'message' AS message;
SELECT e.message, e.hint, e.code FROM test.error($$SELECT leap.edit_topics(test.id('topic 2'), '{"summary": "x"}')$$) e;
SELECT leap.cancel_recording(test.id('topic 2'))->>'message' AS message;
SELECT leap.run_recording(test.id('topic 2'), force => true)->>'message' AS message;
SELECT e.message, e.hint, e.code FROM test.error($$SELECT leap.activate_topics(test.id('topic 2'), 2)$$) e;
SELECT leap.cancel_recording(test.id('topic 2'))->>'message' AS message;
SELECT leap.activate_topics(test.id('topic 2'), 2)->>'message' AS message;
SELECT pg_temp.work('topic 2');
