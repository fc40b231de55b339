-- A transcript that cannot be trusted is never published silently: held, marked, or kept back with all that is made of it.
SELECT test.connect();
CREATE FUNCTION pg_temp.heard(verdict text, confidence numeric = 0.389) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('artifacts', jsonb_build_array(test.artifact('heard'), test.artifact('transcript'), test.artifact('text')),
        'facts', jsonb_build_object('language', 'en', 'quality', jsonb_build_object('verdict', verdict, 'mean_confidence', confidence, 'reasons', CASE verdict WHEN 'pass' THEN '[]' ELSE
            '[{"code": "repeated", "severity": "reject", "message": "61 % of the words repeat what was just said, the limit is 30 %", "value": 0.61, "limit": 0.3, "at": 312}]'::jsonb END))) $$;
CREATE FUNCTION pg_temp.made(kinds text[]) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('artifacts', (SELECT jsonb_agg(test.artifact(k)) FROM unnest(kinds) k)) $$;
-- what is there before somebody listens
CREATE FUNCTION pg_temp.listened(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM test.advance(name, 'transcribe');
    DROP TABLE IF EXISTS got;
    INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    SELECT r.id, r.user_id, k, 'test/' || r.id || '/' || k, 1, repeat('0', 64), 'x/x' FROM leap.recordings r, unnest('{source,analysis,envelope,waveform,audio,poster,video}'::text[]) k WHERE r.display_name = name;
END $$;
CREATE FUNCTION pg_temp.transcribed(name text, config jsonb, verdict text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM test.start(name, 'q@example.org', jsonb_build_object('transcription', config)), pg_temp.listened(name);
    RETURN test.complete('transcribe', name, pg_temp.heard(verdict));
END $$;
CREATE VIEW pg_temp.q AS SELECT r.display_name AS name, r.status, r.hold, r.hold_message, f->>'message' AS flag, r.facts #> '{quality,withheld}' AS withheld
    FROM leap.recordings r LEFT JOIN LATERAL jsonb_array_elements(r.flags) f ON f->>'code' = 'low_quality' WHERE r.display_name LIKE 'qual %' ORDER BY r.id;
CREATE FUNCTION pg_temp.told(a_name text) RETURNS TABLE (artifacts text, topics json) LANGUAGE sql AS $$
    SELECT (SELECT string_agg(k, ' ' ORDER BY k) FROM json_object_keys(i.input->'artifacts') k), i.input #> '{recording,topics}'
    FROM leap.task_inputs i JOIN leap.tasks t ON t.id = i.task WHERE t.recording_id = test.id(a_name) AND t.kind = 'upload' ORDER BY t.id DESC LIMIT 1 $$;
CREATE FUNCTION pg_temp.plan(a_name text) RETURNS TABLE (done boolean, reason text, todo text, skipped text) LANGUAGE sql AS $$
    SELECT o.done, o.reason, (SELECT string_agg(p->>'kind', ' ') FROM jsonb_array_elements(o.plan) p WHERE p->>'skip_reason' IS NULL),
           (SELECT string_agg((p->>'kind') || ': ' || (p->>'skip_reason'), '; ') FROM jsonb_array_elements(o.plan) p WHERE p->>'skip_reason' IS NOT NULL)
    FROM leap.operate('run', ARRAY[test.id(a_name)], true) o $$;

-- held by default, with the numbers; what passes is neither held nor marked
SELECT v.name, pg_temp.transcribed('qual ' || v.name, v.config, v.verdict) FROM (VALUES
    ('passes', '{}'::jsonb, 'pass'), ('rejected', '{}', 'reject'), ('suspect', '{}', 'suspect'), ('marked', '{"on_suspect": "publish"}', 'suspect'),
    ('never', '{"on_suspect": "publish"}', 'reject'), ('older', '{}', 'low')) AS v(name, config, verdict);
SELECT * FROM pg_temp.q \gx
SELECT * FROM test.claim();
-- a person reads it and accepts it: it goes on as it is
SELECT leap.accept_recording(test.id('qual rejected'))->>'message';
SELECT * FROM test.claim();
SELECT name, hold, withheld FROM pg_temp.q WHERE name = 'qual rejected';
-- by whom and when, for all to see
SELECT r.facts #>> '{quality,accepted,by}' = session_user AS by_me, (r.facts #>> '{quality,accepted,at}')::timestamptz > now() - interval '1 hour' AS at, right(q.flag, 30) ~ (' Accepted by ' || session_user || '.$') AS told
FROM leap.recordings r JOIN pg_temp.q ON q.name = r.display_name WHERE r.display_name = 'qual rejected';
-- one that failed before is told one thing only, when a later attempt is held
SELECT test.start('qual again', 'q@example.org');
SELECT pg_temp.listened('qual again');
SELECT test.fail('transcribe', 'qual again', 'permanent');
SELECT r.status, r.failed, r.error->>'message' AS error FROM leap.recordings r WHERE r.display_name = 'qual again';
SELECT leap.retry_recording(test.id('qual again'))->>'message';
SELECT * FROM test.claim();
SELECT test.complete('transcribe', 'qual again', pg_temp.heard('reject'));
SELECT r.status, r.hold, r.failed, r.failed_at_stage, r.error FROM leap.recordings r WHERE r.display_name = 'qual again';
-- which is tried again by this name
SELECT leap.retry_transcription(test.id('qual again'))->>'message';
SELECT e.message, e.hint FROM test.error($$SELECT leap.retry_transcription(test.id('qual again'))$$) e;
SELECT leap.delete_recording(test.id('qual again'))->>'message';

-- without text: nothing that is made of the words, of these or earlier ones, is told to who publishes; the owner can read them
SELECT test.start('qual mute', 'q@example.org', '{"transcription": {"on_suspect": "without_text", "on_reject": "without_text"}}');
SELECT pg_temp.listened('qual mute');
SELECT test.complete('transcribe', 'qual mute', pg_temp.heard('pass', 0.9));
SELECT * FROM test.claim();
SELECT test.complete('topics', 'qual mute', pg_temp.made('{topics,chapters}') || '{"facts": {"topic_timestamps": [{"title": "One", "start": 0}], "main_topics": ["One"], "summary": "S", "questions": ["Why?"]}}'),
       test.complete('subtitles', 'qual mute', pg_temp.made('{srt,vtt,vtt:de}'));
SELECT * FROM test.claim();
SELECT * FROM pg_temp.told('qual mute');
SELECT test.complete('upload', 'qual mute', '{"target": {"remote_id": "r", "url": "file:///r"}}');
SELECT leap.transcribe_recording(test.id('qual mute'))->>'message';
SELECT * FROM test.claim();
SELECT test.complete('transcribe', 'qual mute', pg_temp.heard('reject'));
SELECT * FROM pg_temp.q WHERE name = 'qual mute' \gx
SELECT string_agg(kind, ' ' ORDER BY kind) AS kept FROM leap.artifacts WHERE recording_id = test.id('qual mute') AND kind ~ '^(trans|text|top|chap|srt|vtt)';
SELECT topics, main_topics, facts ?| '{summary,questions}' AS of_words FROM leap.recordings WHERE display_name = 'qual mute';
-- what is published is published anew without it, and then there is nothing to do, whatever is configured meanwhile
SELECT * FROM pg_temp.plan('qual mute');
SELECT leap.run_recording(test.id('qual mute'))->>'message';
SELECT * FROM test.claim();
SELECT * FROM pg_temp.told('qual mute');
SELECT test.complete('upload', 'qual mute', '{"target": {"remote_id": "r", "url": "file:///r"}}');
SELECT * FROM pg_temp.plan('qual mute');
SELECT leap.configure_recording(test.id('qual mute'), '{"transcription": {"on_suspect": "publish"}}');
SELECT * FROM pg_temp.plan('qual mute');
-- only a person lets it out
SELECT leap.accept_recording(test.id('qual mute'))->>'message';
SELECT * FROM pg_temp.q WHERE name = 'qual mute' \gx
SELECT * FROM pg_temp.plan('qual mute');
SELECT (leap.operation_allowed(test.id('qual mute'), 'accept')).reason;


-- a hold for quality outlives the run that is cancelled, and a hold for something else
SELECT leap.cancel_recording(test.id('qual never'))->>'message';
SELECT name, hold, withheld FROM pg_temp.q WHERE name = 'qual never';
SELECT * FROM pg_temp.plan('qual never');
SELECT leap.run_recording(test.id('qual never'))->>'message';
SELECT name, hold, withheld FROM pg_temp.q WHERE name = 'qual never';
SELECT * FROM test.claim();
SELECT leap.accept_recording(test.id('qual never'))->>'message';
SELECT * FROM test.claim();
SELECT name, hold, withheld FROM pg_temp.q WHERE name = 'qual never';
SELECT test.start('qual paused', 'q@example.org');
SELECT pg_temp.listened('qual paused');
SELECT leap.pause_recording(test.id('qual paused'))->>'message';
SELECT test.complete('transcribe', 'qual paused', pg_temp.heard('suspect'));
SELECT name, hold, withheld FROM pg_temp.q WHERE name = 'qual paused';
SELECT leap.resume_recording(test.id('qual paused'))->>'message';
SELECT name, hold, withheld FROM pg_temp.q WHERE name = 'qual paused';
-- who says that suspect ones are published has them published
SELECT leap.cancel_recording(test.id('qual paused')) IS NOT NULL AS cancelled, leap.configure_recording(test.id('qual paused'), '{"transcription": {"on_suspect": "publish"}}') IS NOT NULL AS configured,
       leap.run_recording(test.id('qual paused')) IS NOT NULL AS started;
SELECT name, hold, withheld FROM pg_temp.q WHERE name = 'qual paused';

-- within one run: the tasks are skipped, the lesson goes out
SELECT pg_temp.transcribed('qual quiet', '{"on_reject": "without_text"}', 'reject');
SELECT kind, state, skip_reason FROM leap.tasks WHERE recording_id = test.id('qual quiet') ORDER BY id;
SELECT * FROM test.claim();
SELECT * FROM pg_temp.told('qual quiet');
SELECT test.complete('upload', 'qual quiet', '{"target": {"remote_id": "r", "url": "file:///r"}}');
SELECT name, status, withheld FROM pg_temp.q WHERE name = 'qual quiet';
-- a stricter or milder gate is asked again, and what it makes of the words counts from then on
SELECT leap.configure_recording(test.id('qual quiet'), '{"transcription": {"gate": {"max_repeated_share": 0.7}}}');
SELECT * FROM pg_temp.plan('qual quiet');
SELECT leap.run_recording(test.id('qual quiet'))->>'message';
SELECT * FROM test.claim();
SELECT input->'anew' AS anew FROM leap.task_inputs WHERE kind = 'transcribe' AND input #>> '{recording,name}' = 'qual quiet' ORDER BY task DESC LIMIT 1;
SELECT test.complete('transcribe', 'qual quiet', pg_temp.heard('pass', 0.9));
SELECT * FROM pg_temp.q WHERE name = 'qual quiet';
SELECT * FROM test.claim();
SELECT leap.cancel_recording(u.recording_id)->'run' IS NOT NULL AS cancelled FROM leap.runs u JOIN leap.recordings r ON r.id = u.recording_id WHERE u.state = 'active' AND r.display_name LIKE 'qual %';

-- what was heard is kept under the settings it was heard with: the four that were used last; the rest is garbage
SELECT test.start('qual kept', 'q@example.org'), pg_temp.listened('qual kept');
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type, metadata, created_at)
SELECT r.id, r.user_id, k.kind, 'kept/' || k.kind, 1, repeat('0', 64), 'x/x', jsonb_build_object('audio_sha256', 'A', 'settings_key', k.kind), clock_timestamp() - make_interval(days => 10 - k.n::int)
FROM leap.recordings r, unnest('{heard:00000002,heard,heard:00000001,heard:00000003}'::text[]) WITH ORDINALITY AS k(kind, n) WHERE r.display_name = 'qual kept';
CREATE FUNCTION pg_temp.kept(kind text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('artifacts', jsonb_build_array(test.artifact('transcript'), test.artifact(kind) || jsonb_build_object('metadata', jsonb_build_object('audio_sha256', 'A', 'settings_key', kind))),
        'facts', '{"transcript_passages": [], "quality": {"verdict": "pass", "reasons": []}}'::jsonb) $$;
SELECT test.complete('transcribe', 'qual kept', pg_temp.kept('heard:00000004'));
SELECT a.kind, leap.transcript_basis(a.recording_id) AS basis FROM leap.artifacts a WHERE a.recording_id = test.id('qual kept') AND a.kind LIKE 'heard%' ORDER BY a.created_at;
SELECT uri FROM leap.storage_garbage WHERE uri LIKE 'kept/%';
