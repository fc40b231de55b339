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
'Captions of recordings in the times of the source, one of each language: given by the owner (origin user) or found beside the source. An empty language is one that is not known.';

CREATE OR REPLACE FUNCTION leap.task_captions(recording uuid)
RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(json_agg(json_build_object('language', c.language, 'format', c.format, 'body', c.body) ORDER BY c.language), '[]')
        FROM leap.captions c WHERE c.recording_id = recording);
END
$$;
COMMENT ON FUNCTION leap.task_captions(uuid) IS 'The captions of a recording as its tasks get them: [{language, format, body}].';

-- The caller has locked the recordings.
CREATE OR REPLACE FUNCTION leap.store_captions(tasks bigint[], results jsonb[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM leap.captions c USING unnest(tasks, results) AS x(task, result), leap.tasks t
    WHERE t.id = x.task AND x.result->'facts' ? 'captions' AND c.recording_id = t.recording_id AND c.origin = 'source';
    INSERT INTO leap.captions (recording_id, user_id, language, format, body, origin)
    SELECT DISTINCT ON (t.recording_id, n.tag) t.recording_id, t.user_id, n.tag, c->>'format', c->>'body', 'source'
    FROM unnest(tasks, results) AS x(task, result) JOIN leap.tasks t ON t.id = x.task
    CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(x.result #> '{facts,captions}') WHEN 'array' THEN x.result #> '{facts,captions}' ELSE '[]' END) c
    CROSS JOIN LATERAL (SELECT lower(split_part(coalesce(c->>'language', ''), '-', 1)) || substring(coalesce(c->>'language', '') FROM '-.*$|$') AS tag) n
    WHERE t.recording_id IS NOT NULL AND (n.tag = '' OR n.tag ~ '^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$')
      AND c->>'format' IN ('vtt', 'srt') AND octet_length(c->>'body') BETWEEN 1 AND 4194304
    ON CONFLICT (recording_id, language) DO NOTHING;
END
$$;
COMMENT ON FUNCTION leap.store_captions(bigint[], jsonb[]) IS
'Keeps the captions that lay beside the sources of finished downloads (fact captions: [{language, format, body}]); those of the owner stay.';

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
                                  || CASE WHEN jsonb_typeof(x.result #> '{facts,outline}') = 'object' THEN leap.topic_facts(x.result #> '{facts,outline}') ELSE '{}' END)
                             ELSE x.result END
                 FROM unnest(results) WITH ORDINALITY AS x(result, n) ORDER BY x.n);
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
