-- What providers are asked for is counted when they are asked, once, whatever becomes of the task.
SELECT leap.add_user('m@example.org') IS NOT NULL AS added;
SET timezone = 'UTC';
SELECT test.connect();
SELECT leap.set_provider('speech', 'm-whisper', '{"protocol": "openai", "base_url": "https://speech.example.org/v1", "model": "whisper-1", "price_per_hour": 0.36}') ->> 'name' AS speech,
       leap.set_provider('outline', 'm-chat', '{"protocol": "openai", "base_url": "https://chat.example.org/v1", "model": "chat-1", "price_per_million_input": 0.5, "price_per_million_output": 2}') ->> 'name' AS outline;
CREATE FUNCTION pg_temp.said(VARIADIC asked jsonb[]) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_object_agg(a->>0, jsonb_strip_nulls(jsonb_build_object('requests', a->1, 'audio_seconds', a->2, 'input_tokens', a->3, 'output_tokens', a->4))) FROM unnest(asked) a $$;
CREATE FUNCTION pg_temp.checkpoint(kind text, name text, usage jsonb) RETURNS boolean LANGUAGE sql AS $$
    SELECT leap.checkpoint(l.task, l.fence, jsonb_build_object('speech', '{"m-whisper": {"job": 7}}'::jsonb, 'usage', usage)) FROM test.leases l WHERE (l.kind, l.name) = (checkpoint.kind, checkpoint.name) $$;
CREATE FUNCTION pg_temp.rescue(a_name text) RETURNS int LANGUAGE sql AS $$
    UPDATE leap.task_lease l SET deadline = '-infinity' FROM leap.tasks t WHERE t.id = l.task AND t.recording_id = test.id(a_name);
    SELECT leap.rescue() $$;
CREATE VIEW pg_temp.rows AS SELECT r.display_name AS name, e.event, e.provider, e.requests, e.audio_seconds, e.input_tokens AS "in", e.output_tokens AS out, e.seconds, e.transcriptions AS n, e.cost
    FROM leap.usage_events e JOIN leap.recordings r ON r.id = e.recording_id JOIN leap.users u ON u.id = e.user_id WHERE u.email = 'm@example.org' ORDER BY e.id;
CREATE VIEW pg_temp.quota AS SELECT quota, used, reserved FROM leap.quota_status('m@example.org') WHERE quota LIKE 'transcription%' ORDER BY 1;

SELECT test.start('m1', 'm@example.org', '{"transcription": {"provider": ["captions", "m-whisper", {"name": "pocketsphinx", "attempts": 1}], "outline_provider": ["m-chat", "embedded"]}}');
SELECT test.advance('m1', 'transcribe');
UPDATE leap.recordings SET final_duration = 3600.2 WHERE display_name = 'm1';

-- two checkpoints, the second before the worker dies; the rest with the result
SELECT pg_temp.checkpoint('transcribe', 'm1', pg_temp.said('["m-whisper", 1, 600.2]'));
SELECT pg_temp.checkpoint('transcribe', 'm1', pg_temp.said('["m-whisper", 2, 1200.4]'));
SELECT pg_temp.checkpoint('transcribe', 'm1', pg_temp.said('["m-whisper", 2, 1200.4]')) AS the_same_again;
SELECT * FROM pg_temp.rows;
SELECT pg_temp.rescue('m1');
-- whoever lost the task can count nothing any more
SELECT pg_temp.checkpoint('transcribe', 'm1', pg_temp.said('["m-whisper", 9, 9999]')) AS of_the_dead;
-- the next attempt is let through for what is left, and is not one more transcription
SELECT e.seconds, e.transcriptions FROM leap.tasks t, leap.expected_use(ARRAY[t.id]) e WHERE t.recording_id = test.id('m1') AND t.kind = 'transcribe';
SELECT * FROM test.claim();
SELECT * FROM pg_temp.quota;
-- a try that fails has asked too; another provider is a row of its own
SELECT leap.fail(l.task, l.fence, jsonb_build_object('class', 'transient', 'code', 'busy', 'message', 'busy', 'usage', pg_temp.said('["m-whisper", 3, 1200.4]', '["pocketsphinx", 1, 100]')))
FROM test.leases l WHERE l.kind = 'transcribe' AND l.name = 'm1';
SELECT error FROM leap.recordings WHERE display_name = 'm1';
SELECT leap.retry_recording(test.id('m1')) ->> 'message';
SELECT * FROM test.claim();
SELECT test.complete('transcribe', 'm1', jsonb_build_object('artifacts', jsonb_build_array(test.artifact('transcript', 10)),
    'facts', jsonb_build_object('usage', pg_temp.said('["m-whisper", 7, 3600.6]', '["pocketsphinx", 1, 100]')))) AS first,
       test.complete('transcribe', 'm1', jsonb_build_object('facts', jsonb_build_object('usage', pg_temp.said('["m-whisper", 70, 36000]')))) AS told_again;
SELECT * FROM pg_temp.rows;
SELECT * FROM pg_temp.quota;

-- tokens of an outline; what is no usage is not counted and stops nothing
SELECT * FROM test.claim();
SELECT leap.checkpoint(l.task, l.fence, jsonb_build_object('usage', pg_temp.said('["m-chat", 1, null, 12000, 0]'))) FROM test.leases l WHERE l.kind = 'topics' AND l.name = 'm1';
SELECT test.complete('topics', 'm1', jsonb_build_object('facts', jsonb_build_object('usage', pg_temp.said('["m-chat", 2, null, 25000, 1500]'))));
SELECT test.complete('subtitles', 'm1', '{"facts": {"usage": {"m-chat": {"requests": 5}}}}');
SELECT pg_temp.rows.* FROM pg_temp.rows WHERE event = 'topics';
SELECT test.start('m2', 'm@example.org');
SELECT test.advance('m2', 'transcribe');
SELECT bool_and(pg_temp.checkpoint('transcribe', 'm2', u)) AS taken
FROM unnest(ARRAY['7', '[]', '{"x": 7}', '{"x": {"requests": "many", "audio_seconds": null}}', '{"": {"requests": 1}}', '{"x": {"requests": -5, "audio_seconds": -1e300}}']::jsonb[]) u;
SELECT count(*) AS rows FROM pg_temp.rows WHERE name = 'm2';
SELECT pg_temp.checkpoint('transcribe', 'm2', '{"x": {"requests": 1e300, "audio_seconds": 1e300}}') AS taken;
SELECT leap.expected_seconds('transcribe', 100, NULL, '{"usage": {"x": {"audio_seconds": 1e300}, "y": {"audio_seconds": "z"}}}'), leap.expected_seconds('transcribe', 100, NULL, '{"usage": {"x": {"audio_seconds": 30}}}');
DELETE FROM leap.usage_events WHERE recording_id = test.id('m2');
-- sound that was refused, or that nobody took, is taken off again: from rows, quotas and costs; the requests were made
SELECT * FROM pg_temp.quota;
SELECT pg_temp.checkpoint('transcribe', 'm2', pg_temp.said('["m-whisper", 1, 72.5]')) AS before_it_is_asked;
SELECT * FROM pg_temp.quota;
SELECT pg_temp.checkpoint('transcribe', 'm2', pg_temp.said('["m-whisper", 1, 0]')) AS nobody_was_there;
SELECT e.seconds, e.transcriptions FROM leap.tasks t, leap.expected_use(ARRAY[t.id]) e WHERE t.recording_id = test.id('m2') AND t.kind = 'transcribe';
SELECT pg_temp.checkpoint('transcribe', 'm2', pg_temp.said('["m-whisper", 3, 0]', '["pocketsphinx", 1, 10]')) AS another_is;
SELECT pg_temp.checkpoint('transcribe', 'm2', '{"m-whisper": {"requests": 3}, "pocketsphinx": {"requests": 1}}') AS what_says_nothing;
SELECT leap.fail(l.task, l.fence, jsonb_build_object('class', 'transient', 'code', 'busy', 'message', 'busy', 'usage', pg_temp.said('["pocketsphinx", 1, 0]')))
FROM test.leases l WHERE l.kind = 'transcribe' AND l.name = 'm2';
SELECT * FROM pg_temp.rows WHERE name = 'm2';
SELECT * FROM pg_temp.quota;
SELECT x->>'provider' AS provider, x->'requests' AS requests, x->'seconds' AS seconds, x->'cost' AS cost
FROM leap.user_stats('m@example.org') s, jsonb_array_elements(s #> '{usage,providers}') x WHERE x->>'event' = 'transcription' ORDER BY 1;
-- never more off a month than it has: the sound was counted in the one before
SELECT leap.retry_recording(test.id('m2')) ->> 'message';
SELECT * FROM test.claim();
SELECT pg_temp.checkpoint('transcribe', 'm2', pg_temp.said('["m-whisper", 4, 72.5]'));
UPDATE leap.quota_usage q SET used = 5 FROM leap.users u WHERE u.id = q.user_id AND u.email = 'm@example.org' AND q.quota = 'transcription_seconds_per_month';
SELECT pg_temp.checkpoint('transcribe', 'm2', pg_temp.said('["m-whisper", 4, 0]'));
SELECT * FROM pg_temp.quota;
UPDATE leap.quota_usage q SET used = 3701 FROM leap.users u WHERE u.id = q.user_id AND u.email = 'm@example.org' AND q.quota = 'transcription_seconds_per_month';
DELETE FROM leap.usage_events WHERE recording_id = test.id('m2');
-- used again is not asked for
SELECT test.complete('transcribe', 'm2', '{"facts": {"usage": {"m-whisper": {"requests": 0, "audio_seconds": 0}}}}');
SELECT count(*) AS rows FROM pg_temp.rows WHERE name = 'm2';

-- who sees what it came to
SELECT jsonb_pretty((s->'usage') #- '{providers,0,month}' #- '{providers,1,month}' #- '{providers,2,month}') AS usage, s->'transcription_seconds' AS seconds FROM leap.user_stats('m@example.org') s;
SELECT x->>'provider' AS provider, x->'cost' AS cost FROM leap.platform_stats() s, jsonb_array_elements(s #> '{usage,providers}') x WHERE x->>'provider' LIKE 'm-%' ORDER BY 1;
SELECT count(*) AS before_it_was FROM leap.user_stats('m@example.org', NULL, '2020-01-01') s, jsonb_array_elements(s #> '{usage,providers}') x;
SELECT leap.cancel_recording(r.id)->>'message' FROM leap.recordings r JOIN leap.users u ON u.id = r.user_id WHERE u.email = 'm@example.org' ORDER BY r.id;
SELECT * FROM test.error($$SELECT leap.remove_provider('speech', 'm-whisper')$$) \gx
UPDATE leap.recordings SET config = '{}' WHERE display_name = 'm1';
SELECT leap.remove_provider('speech', 'm-whisper'), leap.remove_provider('outline', 'm-chat');
