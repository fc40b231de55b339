-- Who can be asked for speech and outlines: what operators set, what configurations may name, and what the tasks are told.
SELECT test.connect();
SET client_min_messages = warning;
SELECT family, name, protocol, base_url, model, languages, settings, is_active FROM leap.providers ORDER BY 1, 2;

-- added and changed by what is said; null takes away, settings change one by one
SELECT leap.set_provider('speech', 'p-whisper', '{"protocol": "openai", "base_url": "https://speech.example.org/v1/", "model": "whisper-1", "languages": ["en", "ru"], "settings": {"parallel": 2, "chunk_seconds": 300}, "price_per_hour": 0.36}');
SELECT leap.set_provider('speech', 'p-whisper', '{"languages": null, "settings": {"parallel": null, "attempts": 2}}');
SELECT leap.set_provider('speech', 'p-assembly', '{"protocol": "assemblyai", "base_url": "http://127.0.0.1:9", "settings": {"auth": "raw"}}');
SELECT leap.set_provider('outline', 'p-chat', '{"protocol": "openai", "base_url": "http://localhost:11434/v1", "model": "llama3.1:8b", "settings": {"response_format": "json_object"}}');
SELECT leap.set_provider('outline', 'p-chat', '{}') IS NOT NULL AS as_it_was;
SELECT action, resource_id, before->'settings' AS before, after->'settings' AS after FROM leap.audit_logs WHERE resource_type = 'provider' AND resource_id LIKE '%:p-%' ORDER BY at;
SELECT e.code, e.message, e.hint FROM (VALUES
    ('music', 'x', '{}'::jsonb), ('speech', 'Big Name', '{}'), ('speech', 'x', '{}'), ('speech', 'x', '[]'), ('speech', 'x', '{"protocol": "embedded"}'), ('outline', 'x', '{"protocol": "assemblyai"}'),
    ('speech', 'x', '{"protocol": "openai", "model": "m"}'), ('speech', 'x', '{"protocol": "openai", "base_url": "http://x"}'), ('speech', 'x', '{"protocol": "captions", "base_url": "http://x"}'),
    ('speech', 'x', '{"base_url": "http://me:secret@x/v1"}'), ('speech', 'x', '{"base_url": "https://x/v1?key=1"}'), ('speech', 'x', '{"base_url": "https://x/v1#y"}'), ('speech', 'x', '{"base_url": "ftp://x"}'),
    ('speech', 'x', '{"languages": ["english"]}'), ('speech', 'x', '{"key": "secret"}'), ('speech', 'x', '{"settings": {"key": "secret"}}'), ('speech', 'x', '{"settings": {"max_tokens": 5}}'),
    ('speech', 'x', '{"settings": {"attempts": 0, "parallel": 1.5, "upload_format": "aac"}}'), ('outline', 'x', '{"settings": {"context_chars": 1}}'), ('speech', 'x', '{"price_per_hour": -1}')) AS v(family, name, spec),
    LATERAL test.error(format('SELECT leap.set_provider(%L, %L, %L)', v.family, v.name, v.spec)) e;
-- every setting has a range or a list, and words for people
SELECT count(*) AS without FROM leap.provider_rules() r WHERE r.allowed IS NULL OR (r.type IN ('string', 'number', 'integer') AND coalesce(r.pattern, r.low::text, r.high::text) IS NULL);

-- a tenant sees who can be asked, not where; operators change it, workers nothing
BEGIN;
SET LOCAL ROLE leap_user;
SELECT family, name, protocol, model, languages, is_active FROM leap.providers WHERE name LIKE 'p-%' ORDER BY 1, 2;
SELECT p->>'name' AS name, p->>'base_url' AS address FROM jsonb_array_elements(api.providers()) p WHERE p->>'name' LIKE 'p-%';
SAVEPOINT s;
SELECT base_url FROM leap.providers;
ROLLBACK TO s;
SELECT leap.set_provider('speech', 'x', '{}');
ROLLBACK;
BEGIN;
SET LOCAL ROLE leap_worker;
SELECT leap.remove_provider('speech', 'p-whisper');
ROLLBACK;

-- configurations name what there is
SELECT leap.add_user('p@example.org') IS NOT NULL AS added, leap.add_user('p2@example.org') IS NOT NULL AS another;
SELECT leap.set_provider('speech', 'p-off', '{"protocol": "openai", "base_url": "http://x", "model": "m", "is_active": false}')->'is_active' AS active;
SELECT c AS config, e.message, e.hint FROM unnest(ARRAY['{"provider": "nobody"}', '{"provider": ["captions", "nobody"]}', '{"provider": "p-off"}', '{"provider": "p-chat"}', '{"outline_provider": "p-whisper"}',
    '{"provider": []}', '{"provider": {"name": "captions"}}', '{"provider": ["captions", 7]}', '{"provider": [{"attempts": 2}]}', '{"provider": [{"name": "captions", "times": 2}]}',
    '{"provider": [{"name": "captions", "attempts": 0}]}', '{"provider": ["captions", {"name": "captions"}]}', '{"language": "english"}', '{"questions": 11}', '{"on_reject": "publish"}', '{"gate": {"mood": 1}}', '{"gate": 1}']) c,
    LATERAL test.error(format('SELECT leap.check_config(%L)', jsonb_build_object('transcription', c::jsonb))) e;
SELECT c AS fits, leap.check_config(jsonb_build_object('transcription', c::jsonb)) FROM unnest(ARRAY['{"provider": "p-whisper"}', '{"provider": [{"name": "p-whisper", "attempts": 1}, "pocketsphinx"]}', '{"language": "auto"}',
    '{"language": ""}', '{"language": "pt-BR"}', '{"provider": null, "outline_provider": ["p-chat", "embedded"], "questions": 0, "gate": {"min_words_per_minute": 5, "max_silent_share": null}}']) c;

-- what a task is told: those that are active, in order; and where it waits
CREATE FUNCTION pg_temp.told(a_name text, a_kind text) RETURNS TABLE (queue text, providers text, heard text, anew json) LANGUAGE sql AS $$
    SELECT i.queue, (SELECT string_agg(format('%s:%s %s', p->>'name', p->>'protocol', p->'settings'), ', ' ORDER BY n) FROM json_array_elements(CASE json_typeof(i.input->'providers') WHEN 'array' THEN i.input->'providers' ELSE '[]' END) WITH ORDINALITY AS x(p, n)), (SELECT string_agg(h->>'uri', ' ' ORDER BY n) FROM json_array_elements(CASE json_typeof(i.input->'heard') WHEN 'array' THEN i.input->'heard' ELSE '[]' END) WITH ORDINALITY AS x(h, n)), i.input->'anew'
    FROM leap.task_inputs i JOIN leap.tasks t ON t.id = i.task WHERE t.recording_id = test.id(a_name) AND t.kind = a_kind ORDER BY t.id DESC LIMIT 1 $$;
SELECT test.start('pv1', 'p@example.org', '{"transcription": {"provider": ["captions", {"name": "p-whisper", "attempts": 5}, "p-assembly", "pocketsphinx"], "outline_provider": "embedded"}}'),
       test.start('pv2', 'p@example.org', '{"transcription": {"outline_provider": ["p-chat", "embedded"]}}');
SELECT r.display_name AS name, k.kind, x.* FROM (VALUES ('pv1'), ('pv2')) AS r(display_name), (VALUES ('download'), ('transcribe'), ('topics')) AS k(kind), pg_temp.told(r.display_name, k.kind) x;
SELECT input->'providers'->1 AS whole FROM leap.task_inputs WHERE kind = 'transcribe' AND input #>> '{recording,name}' = 'pv1';
SELECT leap.set_provider('speech', 'p-whisper', '{"is_active": false}')->'is_active' AS active;
SELECT * FROM pg_temp.told('pv1', 'transcribe');
SELECT leap.set_provider('speech', 'p-whisper', '{"is_active": true}')->'is_active' AS active;
SELECT r.display_name AS name, t.kind, p.platform FROM leap.tasks t JOIN leap.recordings r ON r.id = t.recording_id, leap.task_platforms(ARRAY[t.id]) p WHERE r.display_name IN ('pv1', 'pv2') AND t.kind IN ('transcribe', 'topics') ORDER BY 1, 2 DESC;

-- a limit of all speech holds for each, the breaker is of the one that was asked
INSERT INTO leap.rate_limits (platform, tokens, per) VALUES ('speech', 1, '1 day');
CREATE FUNCTION pg_temp.upto(a_name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM test.advance(a_name, 'transcribe');
    DROP TABLE IF EXISTS got;
END $$;
SELECT pg_temp.upto('pv1');
SELECT test.start('pv3', 'p@example.org', '{"transcription": {"provider": "p-whisper"}}');
SELECT pg_temp.upto('pv3');
SELECT r.display_name AS name, t.state, s.reason FROM leap.tasks t JOIN leap.recordings r ON r.id = t.recording_id LEFT JOIN leap.task_scheduled s ON s.task = t.id
WHERE r.display_name IN ('pv1', 'pv3') AND t.kind = 'transcribe' ORDER BY 1;
DELETE FROM leap.rate_limits WHERE platform = 'speech';
SELECT leap.fail(l.task, l.fence, '{"class": "transient", "code": "busy", "message": "busy"}') FROM test.leases l JOIN leap.tasks t ON t.id = l.task::bigint WHERE l.name = 'pv1' AND l.kind = 'transcribe';
SELECT platform, state, cardinality(failed_tasks) AS failed FROM leap.circuits WHERE platform LIKE 'speech:%';
DELETE FROM leap.circuits WHERE platform LIKE 'speech:%';
SELECT count(leap.cancel_recording(test.id(n))) AS cancelled FROM unnest('{pv1,pv2,pv3}'::text[]) n;

-- what was heard of the same sound: the recording's own, then the newest of the same user; never another user's
CREATE FUNCTION pg_temp.file(a_name text, a_kind text, hash text, of_sound text = NULL, settings text = NULL) RETURNS void LANGUAGE sql AS $$
    INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type, metadata)
    SELECT r.id, r.user_id, a_kind, format('%s/%s-%s', a_name, a_kind, left(hash, 1)), 1, rpad(hash, 64, '0'), 'x/x',
           coalesce(jsonb_strip_nulls(jsonb_build_object('audio_sha256', rpad(of_sound, 64, '0'), 'settings_key', settings)), '{}')
    FROM leap.recordings r WHERE r.display_name = a_name ON CONFLICT (recording_id, kind) DO UPDATE SET metadata = excluded.metadata $$;
SELECT test.start('pv4', 'p2@example.org'), test.start('pv5', 'p@example.org');
SELECT pg_temp.file('pv4', 'heard', 'a', 'c'), pg_temp.file('pv5', 'audio', 'c');
SELECT heard FROM pg_temp.told('pv5', 'transcribe');
SELECT pg_temp.file('pv1', 'heard', 'a', 'c'), pg_temp.file('pv2', 'heard', 'a', 'c'), pg_temp.file('pv3', 'heard', 'a', 'd');
SELECT heard FROM pg_temp.told('pv5', 'transcribe');
SELECT pg_temp.file('pv5', 'heard', 'b', 'd');
SELECT heard FROM pg_temp.told('pv5', 'transcribe');
SELECT pg_temp.file('pv5', 'heard', 'b', 'c');
SELECT heard FROM pg_temp.told('pv5', 'transcribe');
SELECT input #>> '{heard,0,metadata,audio_sha256}' = rpad('c', 64, '0') AS of_the_sound, input #>> '{heard,0,bytes}' AS bytes FROM leap.task_inputs WHERE kind = 'transcribe' AND input #>> '{recording,name}' = 'pv5';
-- what was heard under other settings hides nothing: the first of each, then the rest; eight are enough
SELECT pg_temp.file('pv5', 'heard:0000000a', 'a', 'c', 'A'), pg_temp.file('pv5', 'heard:0000000b', 'b', 'c', 'B');
SELECT pg_temp.file('pv1', 'heard:0000000c', 'c', 'c', 'C'), pg_temp.file('pv1', 'heard:0000000a', 'a', 'c', 'A'), pg_temp.file('pv2', 'heard:0000000a', 'a', 'c', 'A'), pg_temp.file('pv4', 'heard:0000000d', 'd', 'c', 'D');
SELECT pg_temp.file('pv3', format('heard:0000000%s', n), n::text, 'c', 'A') FROM generate_series(1, 3) n;
SELECT unnest(string_to_array(heard, ' ')) AS heard FROM pg_temp.told('pv5', 'transcribe');
DELETE FROM leap.artifacts WHERE kind LIKE 'heard:%';
-- anew is what a person asks for by name, or by force
SELECT leap.cancel_recording(test.id('pv5')) IS NOT NULL AS cancelled, leap.run_recording(test.id('pv5'), force => true) IS NOT NULL AS forced;
SELECT anew FROM pg_temp.told('pv5', 'transcribe');
SELECT leap.cancel_recording(test.id('pv5')) IS NOT NULL AS cancelled;
SELECT pg_temp.file('pv5', k, '1') FROM unnest('{source,analysis,envelope,video}'::text[]) k;
SELECT leap.transcribe_recording(test.id('pv5')) IS NOT NULL AS again;
SELECT anew FROM pg_temp.told('pv5', 'transcribe');
SELECT leap.cancel_recording(r.id) IS NOT NULL AS cancelled FROM leap.recordings r JOIN leap.runs u ON u.recording_id = r.id AND u.state = 'active' WHERE r.display_name IN ('pv4', 'pv5');

-- captions that are given later are heard by the next run, if they are what is spoken and somebody asks them
SELECT pg_temp.file('pv5', k, '2') FROM unnest('{transcript,text,topics,chapters,srt,vtt}'::text[]) k;
CREATE FUNCTION pg_temp.todo() RETURNS text LANGUAGE sql AS $$ SELECT string_agg(p.kind, ' ' ORDER BY p.kind) FROM leap.plan_runs(ARRAY[test.id('pv5')], 'run') p WHERE p.skip_reason IS NULL AND p.kind IN ('transcribe', 'subtitles') $$;
SELECT pg_temp.todo() AS before, leap.add_captions(test.id('pv5'), 'de', E'WEBVTT\n\n00:01.000 --> 00:02.000\nHallo\n')->>'language' AS added, pg_temp.todo() AS after;
SELECT leap.add_captions(test.id('pv5'), 'en-GB', E'WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n')->>'language' AS added, pg_temp.todo() AS after;
UPDATE leap.artifacts SET input_hash = NULL WHERE recording_id = test.id('pv5');
UPDATE leap.recordings SET config = '{"transcription": {"provider": "pocketsphinx"}}' WHERE display_name = 'pv5';
SELECT leap.remove_captions(test.id('pv5'), 'en-GB')->>'language' AS removed, pg_temp.todo() AS after;

-- what was made stays made under the defaults; attempts change nothing, another provider, gate or number of questions does
CREATE FUNCTION pg_temp.hash(config jsonb) RETURNS TABLE (kind text, hash bytea) LANGUAGE plpgsql AS $$
BEGIN
    UPDATE leap.recordings SET config = jsonb_build_object('transcription', hash.config) WHERE display_name = 'pv5';
    RETURN QUERY SELECT p.kind, p.input_hash FROM leap.possible_tasks(ARRAY[test.id('pv5')], 'run') p WHERE p.kind IN ('transcribe', 'topics');
END $$;
CREATE TEMP TABLE standard AS SELECT * FROM pg_temp.hash('{}');
SELECT kind, encode(hash, 'hex') AS hash FROM standard ORDER BY 1 DESC;
SELECT c AS config, string_agg(h.kind, ' ' ORDER BY h.kind DESC) FILTER (WHERE h.hash <> s.hash) AS anew FROM unnest(ARRAY['{"provider": "pocketsphinx"}', '{"provider": ["captions", {"name": "pocketsphinx", "attempts": 1}]}',
    '{"gate": {"max_silent_share": 0.3}}', '{"questions": 3, "outline_provider": ["embedded"]}', '{"on_suspect": "publish", "on_reject": "without_text"}', '{"provider": ["p-whisper", "pocketsphinx"]}', '{"language": "auto"}', '{"min_confidence": 0.4}',
    '{"gate": {"min_words_per_minute": 3}}', '{"questions": 4}', '{"outline_provider": ["p-chat", "embedded"]}', '{"granularity": "short"}']) c CROSS JOIN LATERAL pg_temp.hash(c::jsonb) h JOIN standard s USING (kind) GROUP BY c ORDER BY 2 NULLS FIRST, 1;
UPDATE leap.recordings SET config = '{}' WHERE display_name = 'pv5';

-- a language that nobody knows is told before a run, which is not refused
SELECT c AS config, (SELECT p->>'warning' FROM leap.operate('force', ARRAY[test.id('pv5')], true, override => jsonb_build_object('transcription', c::jsonb)) o, jsonb_array_elements(o.plan) p WHERE p->>'kind' = 'transcribe') AS warning
FROM unnest(ARRAY['{}', '{"language": "en-GB"}', '{"language": "auto"}', '{"language": "ru"}', '{"language": "ru-RU", "provider": "pocketsphinx"}', '{"language": "ru", "provider": ["pocketsphinx", "p-whisper"]}', '{"language": "ru", "enable_transcription": false}']) c;
SELECT s->'name' AS name, s->'warning' AS warning FROM jsonb_array_elements(leap.dry_run_reply(test.id('pv5'), 'force', override => '{"transcription": {"language": "ru"}}')->'steps') s WHERE s ? 'warning';
-- and that what was heard is not asked for again, as far as is known
UPDATE leap.artifacts SET input_hash = CASE kind WHEN 'video' THEN '\x02'::bytea END WHERE recording_id = test.id('pv5') AND kind IN ('video', 'transcript');
SELECT c.operation, c.config, (SELECT p->>'note' FROM leap.operate(c.operation, ARRAY[test.id('pv5')], true, override => c.config) o, jsonb_array_elements(o.plan) p WHERE p->>'kind' = 'transcribe') AS note
FROM (VALUES ('run', '{"trimming": {"padding_after": 3}}'::jsonb), ('force', '{}'), ('transcribe', '{}')) AS c(operation, config);
SELECT s->'name' AS name, s->'note' AS note FROM jsonb_array_elements(leap.dry_run_reply(test.id('pv5'), 'run', override => '{"trimming": {"padding_after": 3}}')->'steps') s WHERE s ? 'note';
UPDATE leap.artifacts SET input_hash = '\x01' WHERE recording_id = test.id('pv5') AND kind = 'transcript';
SELECT count(*) FROM jsonb_array_elements(leap.dry_run_reply(test.id('pv5'), 'run', override => '{"trimming": {"padding_after": 3}}')->'steps') s WHERE s ? 'note';

-- nobody is left without a word: who is named stays, or is made inactive
UPDATE leap.users SET config = '{"transcription": {"provider": ["p-whisper"]}}' WHERE email = 'p@example.org';
SELECT leap.add_template('{"name": "Lectures", "processing_config": {"transcription": {"provider": [{"name": "p-whisper", "attempts": 2}, "pocketsphinx"]}}}', 'p@example.org') IS NOT NULL AS template;
SELECT e.code, e.message, e.hint FROM unnest('{p-whisper,pocketsphinx,nobody}'::text[]) n, LATERAL test.error(format('SELECT leap.remove_provider(''speech'', %L)', n)) e;
UPDATE leap.users SET config = '{}' WHERE email = 'p@example.org';
SELECT leap.delete_template(t.id) IS NOT NULL AS gone FROM leap.recording_templates t JOIN leap.users u ON u.id = t.user_id WHERE u.email = 'p@example.org';
UPDATE leap.recordings r SET config = '{}' FROM leap.users u WHERE u.id = r.user_id AND u.email = 'p@example.org';
SELECT leap.remove_provider('speech', n) FROM unnest('{p-whisper,p-assembly,p-off}'::text[]) n UNION ALL SELECT leap.remove_provider('outline', 'p-chat');
SELECT family, name FROM leap.providers ORDER BY 1, 2;
