-- Captions that came with a recording or were given to it: text with times, by language.
--
-- They are what the provider "captions" hears, and subtitles in other languages than the transcript's. Those that lay
-- beside the source are replaced when it is fetched again; those of its owner win over them and stay.

CREATE TABLE IF NOT EXISTS leap.captions (
    recording_id uuid NOT NULL,
    user_id      uuid NOT NULL,
    language     text NOT NULL CHECK (language = '' OR language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$'),
    format       text NOT NULL CHECK (format IN ('vtt', 'srt')),
    body         text NOT NULL CHECK (octet_length(body) BETWEEN 1 AND 4194304),
    origin       text NOT NULL CHECK (origin IN ('user', 'source')),
    added_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (recording_id, language)
);
COMMENT ON TABLE leap.captions IS
'Captions of recordings in the times of the source, one of each language: given by the owner (origin user) or found beside the source. An empty language is one that nobody named and nothing tells.';

-- A task gets all of them in one line, which a worker bounds at 16 MiB; half of that is for them.
CREATE OR REPLACE FUNCTION leap.captions_size(body text)
RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT octet_length(to_json(body)::text)::bigint $$;
COMMENT ON FUNCTION leap.captions_size(text) IS 'How many bytes captions have as a task gets them, where a line break counts as two; those of a recording have at most 8388608 together.';

CREATE OR REPLACE FUNCTION leap.task_captions(recording uuid)
RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(json_agg(json_build_object('language', c.language, 'format', c.format, 'body', c.body) ORDER BY c.language = '', c.language), '[]')
        FROM leap.captions c WHERE c.recording_id = recording);
END
$$;
COMMENT ON FUNCTION leap.task_captions(uuid) IS 'The captions of a recording as its tasks get them: [{language, format, body}], those whose language is known first.';

-- Who gives captions without a language means the one that is spoken, unless their letters say otherwise. Their beginning tells.
CREATE OR REPLACE FUNCTION leap.captions_language(body text, spoken text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN s.header NOT IN ('', 'und') THEN s.header
                WHEN s.cyrillic > s.latin THEN CASE WHEN s.base IN ('ru', 'uk', 'be', 'bg', 'mk', 'sr', 'kk', 'ky', 'mn', 'tg', 'tt', 'ba', 'uz') THEN s.spoken ELSE 'ru' END
                WHEN s.letters > 2 * (s.latin + s.cyrillic) AND s.base IN ('en', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'pl', 'ru', 'uk', 'be', 'bg') THEN ''
                WHEN s.latin > 0 AND s.base IN ('', 'und', 'ru', 'uk', 'be', 'bg', 'mk', 'ky', 'tg') THEN CASE WHEN s.english >= 0.08 * s.words THEN 'en' ELSE '' END
                ELSE s.spoken END
    FROM (SELECT t.*, leap.base_language(t.spoken) AS base, length(regexp_replace(t.said, '[^\u0400-\u04FF]', '', 'g')) AS cyrillic, length(regexp_replace(t.said, '[^A-Za-z]', '', 'g')) AS latin,
                 length(regexp_replace(t.said, '[^[:alpha:]]', '', 'g')) AS letters,
                 regexp_count(t.said, '\y(the|of|and|to|is|in|that)\y', 1, 'i') AS english, greatest(regexp_count(t.said, '[[:alpha:]]+'), 1) AS words
          FROM (SELECT regexp_replace(regexp_replace(left(body, 20000), '^\uFEFF?WEBVTT[^\n]*', ''), '<[^<>]*>|\d+:[\d:.,]+|-->', '', 'g') AS said,
                       coalesce(lower(substring(split_part(replace(left(body, 2000), E'\r', ''), E'\n\n', 1) FROM '(?i)^\uFEFF?WEBVTT[^\n]*\n(?:[^\n]*\n)*language: *([a-z]{2,3})(?:-[a-z0-9]{1,8})*\s*(?:\n|$)')), '') AS header,
                       CASE WHEN spoken ~ '^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$' THEN spoken ELSE '' END AS spoken) t) s
$$;
COMMENT ON FUNCTION leap.captions_language(text, text) IS
'The language of captions for which nobody named one: that of their header, else the one that is spoken (null, auto: not known) where their letters fit it, else what letters and small words tell; empty for nothing.';

-- The caller has locked the recordings.
CREATE OR REPLACE FUNCTION leap.store_captions(tasks bigint[], results jsonb[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM leap.captions c USING unnest(tasks, results) AS x(task, result), leap.tasks t
    WHERE t.id = x.task AND x.result->'facts' ? 'captions' AND c.recording_id = t.recording_id AND c.origin = 'source';
    INSERT INTO leap.captions (recording_id, user_id, language, format, body, origin)
    SELECT DISTINCT ON (t.recording_id, n.tag) t.recording_id, t.user_id, n.tag, c->>'format', c->>'body', 'source'
    FROM unnest(tasks, results) AS x(task, result) JOIN leap.tasks t ON t.id = x.task JOIN leap.runs u ON u.id = t.run_id
    CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(x.result #> '{facts,captions}') WHEN 'array' THEN x.result #> '{facts,captions}' ELSE '[]' END) WITH ORDINALITY AS y(c, n)
    CROSS JOIN LATERAL (SELECT coalesce(c->>'language', '') AS said) s
    CROSS JOIN LATERAL (SELECT leap.language_tag(CASE WHEN s.said = '' THEN leap.captions_language(c->>'body', u.config #>> '{transcription,language}') ELSE s.said END) AS tag) n
    WHERE t.recording_id IS NOT NULL AND (n.tag = '' OR n.tag ~ '^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$')
      AND c->>'format' IN ('vtt', 'srt') AND octet_length(c->>'body') BETWEEN 1 AND 4194304
    ORDER BY t.recording_id, n.tag, s.said = '', y.n
    ON CONFLICT (recording_id, language) DO NOTHING;
    DELETE FROM leap.captions c
    USING (SELECT k.recording_id, k.language, sum(leap.captions_size(k.body)) OVER (PARTITION BY k.recording_id ORDER BY k.origin = 'source', k.language) AS bytes
           FROM leap.captions k
           WHERE k.recording_id IN (SELECT t.recording_id FROM unnest(tasks, results) AS x(task, result) JOIN leap.tasks t ON t.id = x.task WHERE x.result->'facts' ? 'captions')) s
    WHERE c.recording_id = s.recording_id AND c.language = s.language AND c.origin = 'source' AND s.bytes > 8388608;
END
$$;
COMMENT ON FUNCTION leap.store_captions(bigint[], jsonb[]) IS
'Keeps the captions that lay beside the sources of finished downloads (fact captions: [{language, format, body}]); those of the owner stay, and what would be more than 8 MiB with the others is left out. Without a language they are in that of leap.captions_language(), and give way to those whose name says it.';

-- Who asked for topics or for a provider by hand did so for one time, and wants to keep what came of it: that counts as made
-- as the recording is configured, until what it is made of changes.
CREATE OR REPLACE FUNCTION leap.settle_wishes(tasks bigint[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE leap.artifacts a SET input_hash = NULL
    FROM leap.tasks t JOIN leap.runs u ON u.id = t.run_id
    CROSS JOIN LATERAL leap.resolved_configs(ARRAY[t.recording_id]) c
    CROSS JOIN LATERAL (VALUES ('topics', 'topics', 'topics', ARRAY['granularity', 'outline_provider']), ('transcribe', 'hear', 'transcript', ARRAY['provider'])) AS w(kind, asked_for, file, names)
    WHERE t.id = ANY (tasks) AND t.kind IN ('topics', 'transcribe') AND w.kind = t.kind AND w.asked_for = u.asked_for
      AND a.recording_id = t.recording_id AND a.task_id = t.id AND a.kind = w.file
      AND EXISTS (SELECT FROM unnest(w.names) n WHERE u.config #> ARRAY['transcription', n] IS DISTINCT FROM c.config #> ARRAY['transcription', n]);
END
$$;
COMMENT ON FUNCTION leap.settle_wishes(bigint[]) IS
'Makes transcripts and topics that were asked for by hand, by another provider or with another granularity than their recording is configured with, count as done; of these finished tasks.';

-- Not every result has words in it: leap.complete() asks only then.
CREATE OR REPLACE FUNCTION leap.store_words(tasks bigint[], results jsonb[])
RETURNS jsonb[] LANGUAGE plpgsql AS $$
BEGIN
    PERFORM leap.store_passages(tasks, results);
    PERFORM leap.store_outlines(tasks, results);
    PERFORM leap.store_captions(tasks, results);
    PERFORM leap.settle_wishes(tasks);
    RETURN ARRAY(SELECT CASE WHEN x.result->'facts' ?| '{transcript_passages,outline,captions}'
                             THEN jsonb_set(x.result, '{facts}', ((x.result->'facts') - '{transcript_passages,outline,captions}'::text[])
                                  || CASE WHEN jsonb_typeof(x.result #> '{facts,outline}') = 'object' THEN leap.topic_facts(coalesce(leap.outline_put_in_use(x.task), x.result #> '{facts,outline}')) ELSE '{}' END)
                             ELSE x.result END
                 FROM unnest(tasks, results) WITH ORDINALITY AS x(task, result, n) ORDER BY x.n);
END
$$;
COMMENT ON FUNCTION leap.store_words(bigint[], jsonb[]) IS
'Puts the words of finished tasks, whose recordings the caller has locked, where they belong: passages, topics, captions. Returns the results without them.';

-- Lessons that were made before topics had versions have one.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM leap.topic_versions) THEN
        INSERT INTO leap.topic_versions (recording_id, user_id, version, provider, language, active, outline)
        SELECT r.id, r.user_id, 1, a.metadata->>'provider', r.facts->>'language', true, jsonb_strip_nulls(jsonb_build_object('version', 1, 'provider', a.metadata->'provider',
                   'language', r.facts->'language', 'topics', r.topics, 'main_topics', r.main_topics, 'summary', r.facts->'summary', 'questions', r.facts->'questions'))
        FROM leap.recordings r LEFT JOIN leap.artifacts a ON a.recording_id = r.id AND a.kind = 'topics'
        WHERE r.topics IS NOT NULL AND r.delete_state <> 'hard';
    END IF;
END
$$;
