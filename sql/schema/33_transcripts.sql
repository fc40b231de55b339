-- What was said, to be searched: passages of transcripts.
--
-- A passage is about 45 seconds of a lecture. The passages of a recording are those of its newest transcript: they are
-- replaced by the completion that brings it (leap.store_words()), and go with the recording, a reset and the purge of
-- its files. A tenant's search must not read what others said, nor cost what they have: so the vector of a passage holds,
-- beside its words, one lexeme for the lane of its owner and one for its configuration. Both contain a space, which no
-- word of a text or query does; the index then meets only passages that have them (77_transcripts.sql).

CREATE TABLE IF NOT EXISTS leap.text_languages (
    language      text PRIMARY KEY CHECK (language ~ '^[a-z]{2,3}$'),
    configuration text NOT NULL
);
COMMENT ON TABLE leap.text_languages IS
'Which text search configuration of PostgreSQL reads a language; one that is not here is read by simple, without endings and stop words.';
INSERT INTO leap.text_languages (language, configuration) VALUES
    ('ar', 'arabic'), ('ca', 'catalan'), ('da', 'danish'), ('de', 'german'), ('el', 'greek'), ('en', 'english'), ('es', 'spanish'), ('eu', 'basque'),
    ('fi', 'finnish'), ('fr', 'french'), ('ga', 'irish'), ('hi', 'hindi'), ('hu', 'hungarian'), ('hy', 'armenian'), ('id', 'indonesian'),
    ('it', 'italian'), ('lt', 'lithuanian'), ('nb', 'norwegian'), ('ne', 'nepali'), ('nl', 'dutch'), ('nn', 'norwegian'), ('no', 'norwegian'),
    ('pt', 'portuguese'), ('ro', 'romanian'), ('ru', 'russian'), ('sr', 'serbian'), ('sv', 'swedish'), ('ta', 'tamil'), ('tr', 'turkish'), ('yi', 'yiddish')
ON CONFLICT (language) DO NOTHING;

CREATE OR REPLACE FUNCTION leap.base_language(language text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower(split_part(coalesce(language, ''), '-', 1)) $$;
COMMENT ON FUNCTION leap.base_language(text) IS 'The language of a tag without region and script: en for en-US; empty for null.';

CREATE OR REPLACE FUNCTION leap.text_configuration(language text)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT 'pg_catalog.' || l.configuration FROM leap.text_languages l WHERE l.language = leap.base_language($1)), 'pg_catalog.simple')
$$;
COMMENT ON FUNCTION leap.text_configuration(text) IS 'The text search configuration that reads this language; simple for one that none does.';

CREATE OR REPLACE FUNCTION leap.lane_lexeme(lane int)
RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'lane ' || lane $$;
COMMENT ON FUNCTION leap.lane_lexeme(int) IS 'The lexeme that all passages of one owner have.';

CREATE OR REPLACE FUNCTION leap.configuration_lexeme(configuration text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'read by ' || configuration $$;
COMMENT ON FUNCTION leap.configuration_lexeme(text) IS 'The lexeme that all passages have which this text search configuration reads.';

CREATE TABLE IF NOT EXISTS leap.transcript_passages (
    recording_id uuid NOT NULL,
    user_id      uuid NOT NULL,
    no           int NOT NULL,
    start        double precision NOT NULL,
    "end"        double precision NOT NULL,
    language     text NOT NULL,
    text         text NOT NULL,
    starts       double precision[] NOT NULL,
    tsv          tsvector NOT NULL,
    PRIMARY KEY (recording_id, no)
);
-- null: stored before segments told when they end
ALTER TABLE leap.transcript_passages ADD COLUMN IF NOT EXISTS ends double precision[];
-- what changes at once is few rows a lecture: they are sorted in by vacuum, or when there are many
CREATE INDEX IF NOT EXISTS transcript_passages_by_word ON leap.transcript_passages USING gin (tsv) WITH (gin_pending_list_limit = 1024);
-- which languages somebody has said something in
CREATE INDEX IF NOT EXISTS transcript_passages_by_language ON leap.transcript_passages (user_id, language);
COMMENT ON TABLE leap.transcript_passages IS
'The newest transcript of each recording in passages of about 45 seconds: start and end in seconds of the lesson, text with a segment a line, and when each segment starts and ends.';
COMMENT ON COLUMN leap.transcript_passages.tsv IS 'Its words as the configuration of its language reads them, and the lexemes of its owner and that configuration.';

CREATE OR REPLACE FUNCTION leap.passage_vector(configuration text, text text, lane int)
RETURNS tsvector LANGUAGE sql STABLE AS $$
    -- what looks like a tag is what somebody said
    SELECT to_tsvector(configuration::regconfig, translate(text, '<>', '  ')) || array_to_tsvector(ARRAY[leap.lane_lexeme(lane), leap.configuration_lexeme(configuration)])
$$;
COMMENT ON FUNCTION leap.passage_vector(text, text, int) IS 'What a passage of this text is found by.';

-- The caller has locked the recordings.
CREATE OR REPLACE FUNCTION leap.store_passages(tasks bigint[], results jsonb[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM leap.transcript_passages p USING unnest(tasks, results) AS x(task, result), leap.tasks t
    WHERE t.id = x.task AND p.recording_id = t.recording_id AND x.result->'facts' ? 'transcript_passages';
    INSERT INTO leap.transcript_passages (recording_id, user_id, no, start, "end", language, text, starts, ends, tsv)
    SELECT g.recording_id, g.user_id, (row_number() OVER (PARTITION BY g.recording_id ORDER BY s.start, p.n))::int,
           s.start, greatest(s.stop, s.start), leap.base_language(g.language), s.text, s.starts, s.ends, leap.passage_vector(g.configuration, s.text, g.lane)
    FROM (SELECT t.recording_id, t.user_id, t.lane, x.result #> '{facts,transcript_passages}' AS passages, x.result #>> '{facts,language}' AS language,
                 leap.text_configuration(x.result #>> '{facts,language}') AS configuration
          FROM unnest(tasks, results) AS x(task, result) JOIN leap.tasks t ON t.id = x.task
          WHERE t.recording_id IS NOT NULL AND jsonb_typeof(x.result #> '{facts,transcript_passages}') = 'array' OFFSET 0) g
    CROSS JOIN LATERAL jsonb_array_elements(g.passages) WITH ORDINALITY AS p(passage, n)
    CROSS JOIN LATERAL (
        SELECT coalesce((p.passage->>'start')::float8, 0) AS start, coalesce((p.passage->>'end')::float8, 0) AS stop,
               coalesce(string_agg(translate(e.segment->>-1, E'\n\r', '  '), E'\n' ORDER BY e.n), translate(p.passage->>'text', E'\n\r', '  '), '') AS text,
               coalesce(array_agg((e.segment->>0)::float8 ORDER BY e.n) FILTER (WHERE e.segment IS NOT NULL), ARRAY[coalesce((p.passage->>'start')::float8, 0)]) AS starts,
               array_agg(CASE WHEN e.segment->>2 IS NOT NULL THEN greatest((e.segment->>1)::float8, (e.segment->>0)::float8) END ORDER BY e.n) AS ends
        FROM jsonb_array_elements(CASE jsonb_typeof(p.passage->'segments') WHEN 'array' THEN p.passage->'segments' ELSE '[]' END) WITH ORDINALITY AS e(segment, n)) s
    WHERE s.text <> '';
END
$$;
COMMENT ON FUNCTION leap.store_passages(bigint[], jsonb[]) IS
'Replaces the passages of those recordings whose finished tasks report some (fact transcript_passages: [{start, end, text, segments [[start, end, text]]}]). A segment that does not tell its end lasts until the next.';
