-- What follows from what the tasks found out: nothing doubtful is published silently.
SELECT test.connect();

CREATE FUNCTION pg_temp.downloaded(name text, config jsonb, facts jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM test.start(name, config => config);
    PERFORM * FROM test.claim();
    DROP TABLE got;
    RETURN test.complete('download', name, jsonb_build_object('facts', '{"duration": 270, "has_video": true, "verdict": "ok"}'::jsonb || facts));
END
$$;
CREATE VIEW pg_temp.tasks AS SELECT r.display_name AS name, string_agg(t.kind || ':' || t.state || coalesce('(' || t.skip_reason || ')', ''), ' ' ORDER BY t.id) AS tasks
FROM leap.tasks t JOIN leap.recordings r ON r.id = t.recording_id GROUP BY 1;
CREATE VIEW pg_temp.flags AS SELECT r.display_name AS name, f->>'code' AS code, f->>'message' AS message FROM leap.recordings r, jsonb_array_elements(r.flags) f;

-- no audio: the video goes on without transcript, and says so
SELECT pg_temp.downloaded('j no audio', '{}', '{"has_audio": false, "speech": "no_audio"}');
SELECT * FROM pg_temp.tasks WHERE name = 'j no audio';
SELECT * FROM pg_temp.flags WHERE name = 'j no audio';
SELECT test.advance('j no audio', 'none');
SELECT * FROM test.recordings WHERE name = 'j no audio';

-- silence is held until somebody accepts it
SELECT pg_temp.downloaded('j blank', '{}', '{"has_audio": true, "speech": "none"}');
SELECT * FROM test.recordings WHERE name = 'j blank';
SELECT * FROM pg_temp.tasks WHERE name = 'j blank';
SELECT * FROM pg_temp.flags WHERE name = 'j blank';
SELECT hold_message FROM leap.recordings WHERE display_name = 'j blank';
SELECT count(*) FROM test.claim();
SELECT * FROM test.error($$SELECT leap.run_recording(test.id('j blank'))$$) \gx
SELECT leap.accept_recording(test.id('j blank'))->>'message';
SELECT test.advance('j blank', 'none');
SELECT * FROM test.recordings WHERE name = 'j blank';

-- or skipped, or published, when the configuration says so
SELECT pg_temp.downloaded('j skip', '{"trimming": {"on_blank": "skip"}}', '{"has_audio": true, "speech": "none"}');
SELECT * FROM test.recordings WHERE name = 'j skip';
SELECT state FROM leap.runs WHERE recording_id = test.id('j skip');
SELECT pg_temp.downloaded('j publish', '{"trimming": {"on_blank": "publish"}}', '{"has_audio": true, "speech": "none"}');
SELECT test.advance('j publish', 'none');
SELECT * FROM test.recordings WHERE name = 'j publish';

-- an unsure transcript is held before topics, subtitles and people get it
SELECT test.start('j unsure');
SELECT test.advance('j unsure', 'transcribe');
SELECT test.complete('transcribe', 'j unsure', '{"facts": {"quality": {"verdict": "low", "mean_confidence": 0.389, "reasons": [{"code": "low_confidence", "message": "the mean confidence is 0.39, below 0.50"}]}}}');
SELECT * FROM test.recordings WHERE name = 'j unsure';
SELECT hold_message FROM leap.recordings WHERE display_name = 'j unsure';
SELECT * FROM pg_temp.flags WHERE name = 'j unsure';
SELECT leap.accept_recording(test.id('j unsure'))->>'message';
SELECT test.advance('j unsure', 'none');
SELECT * FROM test.recordings WHERE name = 'j unsure';

-- cancelling a held run frees the recording
SELECT pg_temp.downloaded('j cancel', '{}', '{"has_audio": true, "speech": "none"}');
SELECT leap.cancel_recording(test.id('j cancel'))->>'message';
SELECT * FROM test.recordings WHERE name = 'j cancel';

-- a result that does not fit into the owner's storage fails with the quota's words and stores nothing
SELECT leap.add_user('full@example.org') IS NOT NULL AS added;
INSERT INTO leap.user_subscriptions (user_id, custom_limits) SELECT id, '{"storage_bytes": 1000}' FROM leap.users WHERE email = 'full@example.org';
SELECT test.start('j full', 'full@example.org');
SELECT * FROM test.claim();
SELECT test.complete('download', 'j full', jsonb_build_object('artifacts', jsonb_build_array(test.artifact('source', 1024 * 1024)), 'facts', '{"duration": 1}'::jsonb));
SELECT * FROM test.recordings WHERE name = 'j full';
SELECT error->>'hint' FROM leap.recordings WHERE display_name = 'j full';
SELECT count(*) FROM leap.artifacts WHERE recording_id = test.id('j full');
