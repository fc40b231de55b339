-- Schema api: what was said, its topics, its captions. Each function hands on to one of schema leap, which decides and locks.

CREATE OR REPLACE FUNCTION api.search_transcripts(query text, language text = NULL, recording_id uuid = NULL, after text = NULL, "limit" int = 20)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('hits', coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('owner', h.owner)) || jsonb_build_object('recording_id', h.recording_id, 'display_name', h.name, 'start_time', h.start_time, 'language', h.spoken,
               'moment', h.moment, 'start', h.passage_start, 'end', h.passage_end, 'snippet', h.snippet, 'html', h.html, 'rank', h.rank) ORDER BY h.n), '[]'),
               'next', CASE WHEN count(*) = coalesce("limit", 20) THEN (array_agg(h.place ORDER BY h.n DESC))[1] END)
    FROM (SELECT s.*, row_number() OVER () AS n FROM leap.search_transcripts(query, language, recording_id, after, "limit") s) h
$$;
COMMENT ON FUNCTION api.search_transcripts IS
'Search what was said in lessons

query: words; "several together", one or another, -none of this. language: a tag like en, only what was said in it; recording_id: only one recording. {hits [{recording_id, display_name, start_time, language, moment (seconds of the lesson: play from here), start, end (of the passage), snippet (the sentence with words before and after it, plain text), html (the same escaped, hits in <mark>), rank; for administrators owner (e-mail)}], next}, the best first; next goes on as after, null at the end. limit: 1 to 1000. LP020 recording, LP030 query, language, after or limit.';

DROP FUNCTION IF EXISTS api.recording_transcript(uuid);
CREATE OR REPLACE FUNCTION api.recording_transcript(id uuid, first int = 0, "limit" int = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.transcript(id, first, "limit") $$;
COMMENT ON FUNCTION api.recording_transcript IS
'What was said in a recording

{recording_id, name, language, provider, model, duration, quality {verdict, reasons}, total (of segments), first, segments [{start, end, text}]}, times in seconds of the lesson; the words with their times are in the file of kind transcript. Of a long one, limit (1 to 10000) segments from first on, which counts from 0. LP020 without a recording or a transcript, LP030 first or limit.';

CREATE OR REPLACE FUNCTION api.retry_transcription(id uuid, provider text = NULL)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.operation_reply(leap.retry_transcription(id, provider)) $$;
COMMENT ON FUNCTION api.retry_transcription IS
'Have a recording heard again

By this provider first, then by those it is configured with, for this time only; what follows is made anew. Also of one that is held for the quality of its transcript: its hold ends. The answer is that of run_recording. LP003 nothing to hear, LP004 its run is busy, LP005 held for another reason, LP030 no such provider.';

CREATE OR REPLACE FUNCTION api.topic_versions(id uuid)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT jsonb_build_object('recording_id', id, 'versions', leap.topic_versions(id)) $$;
COMMENT ON FUNCTION api.topic_versions IS
'All versions of the topics of a recording

{recording_id, versions [{version, active, provider, model, granularity, language, created_at, edited, edited_at, edited_by, based_on, topics [{title, start, end}], main_topics, summary, questions, pauses}]}, the newest first.';

DROP FUNCTION IF EXISTS api.extract_topics(uuid, text, jsonb);
CREATE OR REPLACE FUNCTION api.extract_topics(id uuid, granularity text = NULL, provider text = NULL, config jsonb = NULL)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT leap.operation_reply(leap.do_stage(id, 'topics', override => leap.joined_config(config, CASE WHEN num_nonnulls(granularity, provider) > 0 THEN
        jsonb_build_object('transcription', jsonb_strip_nulls(jsonb_build_object('granularity', granularity, 'outline_provider', provider))) END, NULL, NULL)))
$$;
COMMENT ON FUNCTION api.extract_topics IS 'Find the topics of a transcript, and nothing else

granularity: short, medium or long; provider: who finds them; both for this time only. What is found is a new version, and in use.';

CREATE OR REPLACE FUNCTION api.edit_topics(id uuid, topics jsonb = NULL, topic_timestamps jsonb = NULL, main_topics text[] = NULL, summary text = NULL, questions text[] = NULL,
                                           version int = NULL)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT leap.operation_reply(e) || jsonb_build_object('version', e->'version')
    FROM leap.edit_topics(id, jsonb_strip_nulls(jsonb_build_object('topics', coalesce(topics, topic_timestamps), 'main_topics', to_jsonb(main_topics), 'summary', summary,
                                                                   'questions', to_jsonb(questions))), version) e
$$;
COMMENT ON FUNCTION api.edit_topics IS
'Edit the topics of a recording

What is said replaces what the active version (or the one named) has: topics, all of them, [{title, start}], the first at 0, ascending (also as topic_timestamps [{topic, start}]); main_topics, summary, questions. A new version, marked as edited and in use; runs do not replace it. The answer is that of run_recording, and version. LP003 no transcript, LP004 the active run has no transcript yet or looks for topics, LP005 held, LP020 version, LP030 a value that does not fit.';

CREATE OR REPLACE FUNCTION api.activate_topics(id uuid, version int)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT leap.operation_reply(e) || jsonb_build_object('version', e->'version') FROM leap.activate_topics(id, version) e
$$;
COMMENT ON FUNCTION api.activate_topics IS 'Put a version of the topics in use

A run writes its files, and publishes them where the lesson is published. The answer is that of run_recording, and version. LP004 the active run has no transcript yet or looks for topics, LP005 held, LP020 no such version.';

CREATE OR REPLACE FUNCTION api.list_captions(id uuid)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.list_captions(id) $$;
COMMENT ON FUNCTION api.list_captions IS 'The captions of a recording

[{language (empty: not known), format vtt or srt, bytes, origin user or source, added_at}].';

CREATE OR REPLACE FUNCTION api.add_captions(id uuid, body text, language text = '')
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.add_captions(id, language, body) $$;
COMMENT ON FUNCTION api.add_captions IS 'Give a recording captions

WebVTT or SubRip in the times of the source, at most 4 MiB, and within the limit of bodies of the server (--body-limit, usually 1 MiB), in place of those it has in this language (a tag like en or pt-BR; without one the language that is spoken, unless their header or letters tell another; the answer says which). In the language that is spoken they are what the provider captions hears; in others the next run makes subtitles of them. The body is the file itself, of type text/vtt, application/x-subrip or text/plain, or JSON with its text as body. LP030 a language, size or format that cannot be.';

CREATE OR REPLACE FUNCTION api.remove_captions(id uuid, language text)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.remove_captions(id, language) $$;
COMMENT ON FUNCTION api.remove_captions IS 'Take captions from a recording

And the subtitles that were made of them. LP020 if there are none in this language.';

GRANT EXECUTE ON FUNCTION
    api.search_transcripts, api.recording_transcript, api.retry_transcription, api.topic_versions, api.extract_topics,
    api.edit_topics, api.activate_topics, api.list_captions, api.add_captions, api.remove_captions
TO leap_user, leap_admin;
