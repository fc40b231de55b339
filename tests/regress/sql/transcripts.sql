-- What was said: kept by passages, found by word and moment, each owner's for himself; heard again by another provider.
SELECT test.connect();

-- a transcript as a finished task reports it; texts: a passage each, segments by |, of eight seconds, ten seconds apart
CREATE FUNCTION pg_temp.hear(a_name text, language text, texts text[], facts jsonb = '{}') RETURNS text LANGUAGE sql AS $$
    SELECT test.complete('transcribe', a_name, jsonb_build_object('artifacts', jsonb_build_array(test.artifact('transcript'), test.artifact('text')), 'facts',
        jsonb_build_object('language', language, 'transcript_passages', coalesce((
            SELECT jsonb_agg(jsonb_build_object('start', (n - 1) * 45, 'end', n * 45, 'text', replace(t, '|', ' '), 'segments',
                       (SELECT jsonb_agg(jsonb_build_array((n - 1) * 45 + (m - 1) * 10 + 0.5, (n - 1) * 45 + (m - 1) * 10 + 8.5, btrim(s)) ORDER BY m) FROM unnest(string_to_array(t, '|')) WITH ORDINALITY AS y(s, m))) ORDER BY n)
            FROM unnest(texts) WITH ORDINALITY AS x(t, n)), '[]')) || facts))
$$;
CREATE FUNCTION pg_temp.hits(query text, language text = NULL, a_name text = NULL) RETURNS TABLE (name text, spoken text, moment float8, snippet text) LANGUAGE sql AS $$
    SELECT h.name, h.spoken, h.moment, h.snippet FROM leap.search_transcripts(query, language, CASE WHEN a_name IS NOT NULL THEN test.id(a_name) END) h $$;

SELECT test.start('said 1', 'said@example.org');
SELECT test.advance('said 1', 'transcribe');
SELECT pg_temp.hear('said 1', 'en-US', ARRAY['Good morning everyone.|Today we look at virtual memory.|A page table maps addresses.',
    'Running processes share frames.|The tables of <b>one</b> process & of <script>alert("x")</script> another differ.']);
SELECT test.start('said 2', 'said@example.org');
SELECT test.advance('said 2', 'transcribe');
SELECT pg_temp.hear('said 2', 'ru', ARRAY['Сегодня мы говорим о страницах памяти.|Каждый процесс видит свою таблицу.', 'Таблицы страниц лежат в памяти.|The kernel is running.']);
SELECT test.start('said 3', 'heard@example.org');
SELECT test.advance('said 3', 'transcribe');
SELECT pg_temp.hear('said 3', 'en', ARRAY['The secret of another owner is a page of running text.']);
SELECT r.display_name, p.no, p.start, p."end", p.language, p.starts, replace(p.text, E'\n', ' | ') AS text FROM leap.transcript_passages p JOIN leap.recordings r ON r.id = p.recording_id ORDER BY 1, 2;
-- they are in no other place
SELECT r.facts ? 'transcript_passages' AS in_facts, bool_or(t.result->'facts' ? 'transcript_passages') AS in_result
FROM leap.recordings r JOIN leap.tasks t ON t.recording_id = r.id WHERE r.display_name = 'said 1' GROUP BY 1;

-- an operator finds everybody's; endings as each language has them; the moment is that of the sentence
SELECT * FROM pg_temp.hits('run');
SELECT * FROM pg_temp.hits('страница');
SELECT * FROM pg_temp.hits('таблица', 'ru-RU');
SELECT * FROM pg_temp.hits('таблица', 'en');
SELECT * FROM pg_temp.hits('"page table"');
SELECT * FROM pg_temp.hits('kernel or frames');
SELECT * FROM pg_temp.hits('page -secret');
SELECT * FROM pg_temp.hits('the');
SELECT * FROM pg_temp.hits('page', NULL, 'said 3');
-- what could be markup is text
SELECT h.moment, h.snippet, h.html FROM leap.search_transcripts('another differ', NULL, test.id('said 1')) h \gx
-- a hit is a moment: each sentence that holds the words, with words before and after, also of the passages beside it
SELECT test.start('said 5', 'said@example.org');
SELECT test.advance('said 5', 'transcribe');
SELECT pg_temp.hear('said 5', 'en', ARRAY['First of all. We walk to the harbour.|Boats leave the harbour at noon, and return in the evening when the tide is high. Bread is sold there.|Nothing of it here.',
    'The old harbour was closed.|See https://harbour.example/a?b=1&c=2 and half-open harbour-gates!', repeat('many words of a very long sentence ', 15) || 'about a harbour ' || repeat('and more of it after that ', 15), '海港在城市旁边。|那里有很多船 harbour 人们去那里。']);
SELECT moment, snippet FROM pg_temp.hits('harbour', NULL, 'said 5') ORDER BY 1;
SELECT moment, snippet FROM pg_temp.hits('harbour bread', NULL, 'said 5') ORDER BY 1;
SELECT moment, snippet FROM pg_temp.hits('"harbour was"', NULL, 'said 5') ORDER BY 1;
SELECT count(*) AS hits, count(DISTINCT place) AS places, count(DISTINCT (passage_start)) AS passages FROM leap.search_transcripts('harbour', NULL, test.id('said 5'));
-- a place of before there were moments is behind its passage
SELECT count(*) FROM leap.search_transcripts('harbour', after => (SELECT regexp_replace(h.place, '_\d+$', '') FROM leap.search_transcripts('harbour', most => 1) h));
SELECT array_agg(x.moment ORDER BY x.n) = (SELECT array_agg(h.moment) FROM leap.search_transcripts('harbour') h) AS the_same, count(*)
FROM (WITH RECURSIVE turned AS (
          SELECT 1 AS n, h.* FROM leap.search_transcripts('harbour', most => 1) h
          UNION ALL SELECT t.n + 1, h.* FROM turned t CROSS JOIN LATERAL leap.search_transcripts('harbour', after => t.place, most => 1) h)
      SELECT * FROM turned) x;
-- whose it is, for operators
SELECT name, owner FROM leap.search_transcripts('secret');
DELETE FROM leap.recordings WHERE id = test.id('said 5');

-- one after the other
SELECT count(*) AS hits, count(DISTINCT place) AS places FROM leap.search_transcripts('page or run');
SELECT array_agg(x.name || ' ' || x.passage_start ORDER BY x.n) = (SELECT array_agg(h.name || ' ' || h.passage_start) FROM leap.search_transcripts('page or run') h) AS the_same
FROM (WITH RECURSIVE turned AS (
          SELECT 1 AS n, h.* FROM leap.search_transcripts('page or run', most => 1) h
          UNION ALL SELECT t.n + 1, h.* FROM turned t CROSS JOIN LATERAL leap.search_transcripts('page or run', after => t.place, most => 1) h)
      SELECT * FROM turned) x;

-- what cannot be asked
SELECT * FROM test.error($$SELECT leap.search_transcripts('  ')$$) \gx
SELECT * FROM test.error($$SELECT leap.search_transcripts(repeat('word ', 300))$$) \gx
SELECT * FROM test.error($$SELECT leap.search_transcripts('a', 'English!')$$) \gx
SELECT * FROM test.error($$SELECT leap.search_transcripts('a', after => '1_x')$$) \gx
SELECT * FROM test.error($$SELECT leap.search_transcripts('a', most => 0)$$) \gx
SELECT * FROM test.error($$SELECT leap.search_transcripts('a', recording => '018f0000-0000-7000-8000-000000000000')$$) \gx

-- a tenant finds and reads his own only, whatever he writes
BEGIN;
SELECT set_config('request.jwt.claims', json_build_object('sub', (SELECT id FROM leap.users WHERE email = 'said@example.org'))::text, true) IS NOT NULL AS known;
SELECT test.id('said 3') AS other \gset
SET LOCAL ROLE leap_user;
SELECT h.name, h.moment FROM leap.search_transcripts('running') h ORDER BY 1, 2;
SELECT count(*) FROM leap.search_transcripts('secret');
SELECT bool_or(h.owner IS NOT NULL) AS owners FROM leap.search_transcripts('running') h;
SELECT count(*) FROM leap.search_transcripts('"lane 1" or -nothing or secret') h WHERE h.name = 'said 3';
SELECT api.search_transcripts('kernel') #- '{hits,0,recording_id}' #- '{hits,0,start_time}' AS answer;
SELECT count(*) FROM jsonb_array_elements(api.search_transcripts('running page or таблица', "limit" => 1)->'hits');
\set VERBOSITY sqlstate
SAVEPOINT s;
SELECT leap.search_transcripts('secret', recording => :'other');
ROLLBACK TO s;
SELECT leap.transcript(:'other');
ROLLBACK;
\set VERBOSITY default

-- to read
SELECT leap.transcript(test.id('said 1')) - 'recording_id' AS transcript;
-- in pages, which count from 0
SELECT leap.transcript(test.id('said 1'), 1, 1) - 'recording_id' - 'quality' AS page;
SELECT leap.transcript(test.id('said 1'), 1000, 5)->'segments' AS behind_the_end;
SELECT * FROM test.error($$SELECT leap.transcript(test.id('said 1'), -1)$$) UNION ALL SELECT * FROM test.error($$SELECT leap.transcript(test.id('said 1'), 0, 0)$$);
-- one that was kept before segments told their ends
UPDATE leap.transcript_passages SET ends = NULL WHERE recording_id = test.id('said 1');
SELECT jsonb_path_query_array(leap.transcript(test.id('said 1')), '$.segments[*].end') AS ends;
SELECT test.start('said 0', 'said@example.org');
SELECT * FROM test.error($$SELECT leap.transcript(test.id('said 0'))$$) \gx

-- what is deleted is not found, what is removed or purged is gone; a reset forgets
SELECT leap.delete_recording(test.id('said 3'))->>'message' AS message;
SELECT * FROM pg_temp.hits('secret');
SELECT leap.restore_recording(test.id('said 3'))->>'message' AS message;
SELECT count(*) FROM pg_temp.hits('secret');
SELECT leap.reset_recording(test.id('said 3'))->>'message' AS message;
SELECT count(*) FROM pg_temp.hits('secret');
DELETE FROM leap.recordings WHERE id = test.id('said 2');
SELECT count(*) FROM pg_temp.hits('страница');

-- a new transcript replaces the old one; one without words leaves none
SELECT test.advance('said 3', 'transcribe') FROM leap.run_recording(test.id('said 3'));
SELECT pg_temp.hear('said 3', 'en', ARRAY['Only this is said.', 'And that.']);
SELECT test.complete('topics', 'said 3'), test.complete('subtitles', 'said 3') FROM (SELECT count(*) FROM test.claim()) x;
SELECT count(*) FROM leap.transcript_passages WHERE recording_id = test.id('said 3');
SELECT leap.cancel_recording(test.id('said 3'))->>'message' AS message;
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    SELECT r.id, r.user_id, k, 'said/' || k, 1, repeat('0', 64), 'application/json' FROM leap.recordings r, unnest('{audio,analysis,video}'::text[]) k WHERE r.id = test.id('said 3');
SELECT leap.transcribe_recording(test.id('said 3'))->>'message' AS message;
SELECT * FROM test.claim() WHERE name = 'said 3';
SELECT pg_temp.hear('said 3', 'en', '{}');
SELECT count(*) FROM leap.transcript_passages WHERE recording_id = test.id('said 3');

-- Heard again by another provider: what is held for its quality, what failed, what is through.
SELECT leap.set_provider('speech', 'echo', '{"protocol": "openai", "base_url": "http://127.0.0.1:1/v1", "model": "m"}') IS NOT NULL AS set;
CREATE FUNCTION pg_temp.asked(a_name text) RETURNS TABLE (kind text, providers text, anew text) LANGUAGE sql AS $$
    SELECT i.kind, (SELECT string_agg(p->>'name', ', ') FROM json_array_elements(i.input->'providers') p), i.input->>'anew' FROM leap.task_inputs i JOIN leap.tasks t ON t.id = i.task JOIN leap.runs u ON u.id = t.run_id AND u.state = 'active'
    WHERE t.recording_id = test.id(a_name) AND i.kind = 'transcribe' $$;
SELECT test.start('said 4', 'said@example.org', '{"transcription": {"granularity": "short"}}');
SELECT test.advance('said 4', 'transcribe');
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    SELECT r.id, r.user_id, k, 'said4/' || k, 1, repeat('0', 64), 'application/json' FROM leap.recordings r, unnest('{source,audio,analysis,video}'::text[]) k WHERE r.id = test.id('said 4');
SELECT * FROM pg_temp.asked('said 4');
SELECT e.code, e.message, e.hint FROM test.error($$SELECT leap.retry_transcription(test.id('said 4'), 'echo')$$) e;
SELECT pg_temp.hear('said 4', 'en', ARRAY['Thank you.|Thank you.|Thank you.'], '{"provider": "pocketsphinx", "quality": {"verdict": "reject", "mean_confidence": 0.31, "reasons": [{"code": "repeated", "message": "95 % of the text repeats", "severity": "reject", "value": 0.95, "limit": 0.5}]}}');
SELECT * FROM test.recordings WHERE name = 'said 4';
SELECT e.code, e.message, e.hint FROM test.error($$SELECT leap.retry_transcription(test.id('said 4'), 'nobody')$$) e;
SELECT hold FROM test.recordings WHERE name = 'said 4';
SELECT leap.retry_transcription(test.id('said 4'), 'echo')->>'message' AS message;
SELECT * FROM test.recordings WHERE name = 'said 4';
SELECT * FROM pg_temp.asked('said 4');
-- what the run that was ended had been told holds on
SELECT string_agg(t.kind || ' ' || t.state, ', ' ORDER BY leap.kind_place(t.kind)) AS tasks FROM leap.tasks t JOIN leap.runs u ON u.id = t.run_id AND u.state = 'active' WHERE t.recording_id = test.id('said 4');
SELECT a.action, a.before, a.after FROM leap.audit_logs a WHERE a.resource_id = test.id('said 4')::text AND a.action = 'retry_transcription';
SELECT kind FROM test.claim() WHERE name = 'said 4';
SELECT test.fail('transcribe', 'said 4', 'transient');
-- now, not when its time comes; as the run that it ends was told
SELECT leap.retry_transcription(test.id('said 4'))->>'message' AS message;
SELECT * FROM pg_temp.asked('said 4');
SELECT kind FROM test.claim() WHERE name = 'said 4';
SELECT test.fail('transcribe', 'said 4', 'permanent');
SELECT * FROM test.recordings WHERE name = 'said 4';
SELECT leap.retry_transcription(test.id('said 4'), 'echo')->>'message' AS message;
SELECT kind FROM test.claim() WHERE name = 'said 4';
SELECT pg_temp.hear('said 4', 'en', ARRAY['Today we look at memory.'], '{"provider": "echo", "quality": {"verdict": "pass"}}');
SELECT count(*) FROM test.claim() WHERE name = 'said 4';
SELECT test.complete('topics', 'said 4', jsonb_build_object('artifacts', jsonb_build_array(test.artifact('topics'), test.artifact('chapters')))),
       test.complete('subtitles', 'said 4', jsonb_build_object('artifacts', jsonb_build_array(test.artifact('srt'), test.artifact('vtt'))));
SELECT count(*) FROM test.claim() WHERE name = 'said 4';
SELECT test.complete('upload', 'said 4', '{"target": {"remote_id": "r", "url": "file:///r"}}');
SELECT * FROM test.recordings WHERE name = 'said 4';
-- it is not heard again by whom it is configured only because this provider was asked for one time
SELECT string_agg(p.kind, ' ') AS todo FROM leap.plan_runs(ARRAY[test.id('said 4')], 'run') p WHERE p.skip_reason IS NULL;
-- through, and heard again all the same
SELECT leap.retry_transcription(test.id('said 4'), 'pocketsphinx')->>'message' AS message;
SELECT string_agg(t.kind || ' ' || t.state, ', ' ORDER BY leap.kind_place(t.kind)) AS tasks FROM leap.tasks t JOIN leap.runs u ON u.id = t.run_id AND u.state = 'active' WHERE t.recording_id = test.id('said 4');
SELECT * FROM pg_temp.asked('said 4');
SELECT leap.cancel_recording(test.id('said 4'))->>'message' AS message;
SELECT leap.remove_provider('speech', 'echo') IS NOT NULL AS removed;
-- nothing of this waits behind the tests that follow
DELETE FROM leap.recordings WHERE display_name LIKE 'said %';
