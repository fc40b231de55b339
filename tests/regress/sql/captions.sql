-- Captions: given by people or found beside the source, by language; what is made of them.
SELECT test.connect();

SELECT test.start('caption 1');
SELECT test.advance('caption 1', 'trim');
-- as the download found them: what is no language or too much is left out
SELECT leap.reset_recording(test.id('caption 1'))->>'message' AS message FROM leap.cancel_recording(test.id('caption 1')) c;
SELECT leap.run_recording(test.id('caption 1'))->>'message' AS message;
SELECT * FROM test.claim() WHERE name = 'caption 1';
SELECT test.complete('download', 'caption 1', jsonb_build_object('facts', jsonb_build_object('duration', 300, 'has_audio', true, 'has_video', true, 'speech', 'speech', 'verdict', 'ok', 'captions',
    '[{"language": "", "format": "vtt", "body": "WEBVTT"}, {"language": "de", "format": "srt", "body": "1\n00:00:01,000 --> 00:00:02,000\nHallo\n"}, {"language": "no language", "format": "vtt", "body": "WEBVTT"}, {"language": "fr", "format": "ass", "body": "x"}]'::jsonb)));
SELECT leap.list_captions(test.id('caption 1')) #- '{0,added_at}' #- '{1,added_at}' AS captions;
SELECT r.facts ? 'captions' AS in_facts, bool_or(t.result->'facts' ? 'captions') AS in_result FROM leap.recordings r JOIN leap.tasks t ON t.recording_id = r.id WHERE r.display_name = 'caption 1' GROUP BY 1;

-- those of people: any WebVTT or SubRip, in any language
SELECT c.tag, leap.add_captions(test.id('caption 1'), c.tag, c.body) - '{recording,added_at}'::text[] AS answer
FROM (VALUES ('DE', E'WEBVTT\n\n00:01.000 --> 00:02.000\nGuten Tag\n'), ('pt-br', E'\uFEFFWEBVTT - a title\r\n\r\n'), ('zh-hant-tw', E'\n1\r\n00:00:01,000 --> 00:00:02,500\r\n你好\r\n'), (NULL, E'WEBVTT\n\nNOTE nothing')) AS c(tag, body);
SELECT e.code, e.message, e.hint FROM (VALUES ('english', 'WEBVTT'), ('e', 'WEBVTT'), ('en_US', 'WEBVTT'), ('en', ''), ('en', NULL), ('en', 'Hello <b>world</b>'), ('en', 'WEBVTTX'), ('en', '{"a": 1}')) AS c(tag, body)
CROSS JOIN LATERAL test.error(format('SELECT leap.add_captions(test.id(''caption 1''), %L, %L)', c.tag, c.body)) e;
SELECT e.code, e.message, e.hint FROM test.error($$SELECT leap.add_captions(test.id('caption 1'), 'en', 'WEBVTT' || repeat(E'\n', 4194304))$$) e;
SELECT e.code, e.message, e.hint FROM test.error($$SELECT leap.add_captions('018f0000-0000-7000-8000-000000000000', 'en', 'WEBVTT')$$) e;
SELECT a.action, a.details FROM leap.audit_logs a WHERE a.resource_id = test.id('caption 1')::text AND a.action LIKE '%captions' ORDER BY a.at;
-- without a language they are in the one that is spoken, or in that which their header or letters tell
SELECT c.spoken, leap.captions_language(c.body, c.spoken) AS language FROM (VALUES
    ('en', E'WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n'), ('ru', E'1\n00:00:01,000 --> 00:00:02,000\nПривет всем\n'), ('uk', E'1\n00:00:01,000 --> 00:00:02,000\nПривіт\n'), ('en', E'WEBVTT\n\n00:01.000 --> 00:02.000\n<v Anna>Добрый день\n'),
    ('ru', E'WEBVTT\n\n00:01.000 --> 00:02.000\nThe tide is high\n'), ('ru', E'WEBVTT\n\n00:01.000 --> 00:02.000\nGuten Tag\n'), ('auto', E'WEBVTT\n\n00:01.000 --> 00:02.000\nThe tide is high\n'), (NULL, E'WEBVTT\n\n00:01.000 --> 00:02.000\nGuten Tag\n'),
    ('de', E'WEBVTT\n\n00:01.000 --> 00:02.000\nGuten Tag\n'), ('en', E'WEBVTT\r\nKind: captions\r\nLanguage: FR-ca\r\n\r\n00:01.000 --> 00:02.000\r\nBonjour\r\n'), ('en', E'1\n00:00:01,000 --> 00:00:02,500\n你好\n'), ('zh', E'1\n00:00:01,000 --> 00:00:02,500\n你好\n'),
    ('en', 'WEBVTT'), (NULL, '')) AS c(spoken, body);
SELECT leap.add_captions(test.id('caption 1'), '', c.body)->>'message' AS message FROM (VALUES (E'WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n'), (E'1\n00:00:01,000 --> 00:00:02,000\nПривет всем\n'), (E'1\n00:00:01,000 --> 00:00:02,500\n你好\n')) AS c(body);
SELECT string_agg(c->>'language', ' ' ORDER BY n) AS for_tasks FROM json_array_elements(leap.task_captions(test.id('caption 1'))) WITH ORDINALITY AS x(c, n);
SELECT count(leap.remove_captions(test.id('caption 1'), l)) AS removed FROM unnest('{en,ru,""}'::text[]) l;
-- together they fit into what a task gets in one line, where a line break counts as two bytes; in place of others only what is new counts
SELECT l AS language, leap.add_captions(test.id('caption 1'), l, E'WEBVTT\n' || repeat('x', 4000000))->>'bytes' AS bytes FROM unnest('{aa,bb}'::text[]) l;
SELECT e.code, e.message, e.hint FROM test.error($$SELECT leap.add_captions(test.id('caption 1'), 'cc', 'WEBVTT' || repeat(E'\n', 200000))$$) e;
SELECT leap.add_captions(test.id('caption 1'), 'bb', 'WEBVTT' || repeat(E'\n', 2000000))->>'bytes' AS bytes;
SELECT e.code, e.message FROM test.error($$SELECT leap.add_captions(test.id('caption 1'), 'bb', 'WEBVTT' || repeat(E'\n', 2200000))$$) e;
SELECT octet_length(leap.task_captions(test.id('caption 1'))::text) < 8500000 AS fits;
-- fetched again, what lay beside the source is replaced, what people gave stays
SELECT leap.reset_recording(test.id('caption 1'))->>'message' AS message FROM leap.cancel_recording(test.id('caption 1')) c;
SELECT leap.run_recording(test.id('caption 1'))->>'message' AS message;
SELECT * FROM test.claim() WHERE name = 'caption 1';
SELECT test.complete('download', 'caption 1', jsonb_build_object('facts', jsonb_build_object('duration', 300, 'has_audio', true, 'has_video', true, 'speech', 'speech', 'verdict', 'ok', 'captions',
    '[{"language": "", "format": "vtt", "body": "WEBVTT"}, {"language": "de", "format": "vtt", "body": "WEBVTT"}, {"language": "en", "format": "srt", "body": "WEBVTT"}, {"language": "it", "format": "vtt", "body": "WEBVTT"}]'::jsonb
    || jsonb_build_object('language', 'sv', 'format', 'vtt', 'body', repeat('x', 1000000)))));
SELECT sum(leap.captions_size(c.body)) <= 8388608 AS fits FROM leap.captions c WHERE c.recording_id = test.id('caption 1');
SELECT count(leap.remove_captions(test.id('caption 1'), l)) AS removed FROM unnest('{aa,bb}'::text[]) l;
-- a name that says the language wins over one that does not
SELECT c->>'language' AS language, c->>'format' AS format, c->>'origin' AS origin FROM jsonb_array_elements(leap.list_captions(test.id('caption 1'))) c;

-- subtitles in several languages: files of kinds of their own, with names people know
SELECT test.advance('caption 1', 'subtitles');
SELECT test.complete('topics', 'caption 1'), test.complete('subtitles', 'caption 1', jsonb_build_object('artifacts', (SELECT jsonb_agg(test.artifact(k) || jsonb_build_object('uri', 'test/c-' || replace(k, ':', '-') || CASE WHEN k ~ '^srt' THEN '.srt' ELSE '.vtt' END,
    'media_type', CASE WHEN k ~ '^srt' THEN 'application/x-subrip' ELSE 'text/vtt' END)) FROM unnest('{srt,vtt,srt:de,vtt:de,vtt:pt-BR}'::text[]) k)));
SELECT a.kind, leap.file_name('Memory: an "introduction"', a.kind, a.uri, a.media_type) AS saved_as FROM leap.artifacts a WHERE a.recording_id = test.id('caption 1') AND a.kind ~ '^(srt|vtt)' ORDER BY 1;
SELECT e.code, e.message FROM unnest('{srt:,vtt:German,vtt:de_DE,ass:de}'::text[]) k CROSS JOIN LATERAL test.error(format('INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    SELECT id, user_id, %L, ''x/1'', 1, repeat(''0'', 64), ''x'' FROM leap.recordings WHERE id = test.id(''caption 1'')', k)) e;
-- taken away, the subtitles made of them are garbage, and the rest is to be written anew
SELECT leap.remove_captions(test.id('caption 1'), 'de') - '{recording,added_at}'::text[] AS answer;
SELECT e.code, e.message, e.hint FROM test.error($$SELECT leap.remove_captions(test.id('caption 1'), 'de')$$) e;
SELECT string_agg(a.kind, ' ' ORDER BY a.kind) AS left FROM leap.artifacts a WHERE a.recording_id = test.id('caption 1') AND a.kind ~ '^(srt|vtt)';
SELECT string_agg(g.uri, ' ' ORDER BY g.uri) AS garbage FROM leap.storage_garbage g WHERE g.uri LIKE 'test/c-%';
SELECT leap.cancel_recording(test.id('caption 1'))->>'message' AS message;
SELECT string_agg(p.kind, ' ' ORDER BY leap.kind_place(p.kind)) AS todo FROM leap.plan_runs(ARRAY[test.id('caption 1')], 'run') p WHERE p.skip_reason IS NULL AND p.kind = 'subtitles';
DELETE FROM leap.recordings WHERE id = test.id('caption 1');
SELECT count(*) FROM leap.captions;
