-- Searching what was said, reading it, and having it heard again.
--
-- One condition on the index finds the passages of one owner (33_transcripts.sql): the words are read by each configuration
-- there is and must be met in a passage that the same configuration read. Full-text operators are not leakproof, so row-level
-- security would keep them from the index: the functions run as leap_owner and ask for the caller's rows themselves.
-- Transcripts are hostile text: what marks a hit is put in after everything else was escaped.

-- What the words mean to each configuration. Configurations to which they mean the same share a condition.
DROP FUNCTION IF EXISTS leap.passage_query(text, int, text);
CREATE OR REPLACE FUNCTION leap.passage_query(query text, lane int, configurations text[], OUT condition tsquery, OUT words tsquery)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    meaning record;
    read_by tsquery;
BEGIN
    FOR meaning IN SELECT websearch_to_tsquery(c.name::regconfig, query) AS words, array_agg(c.name ORDER BY c.name) AS names
                   FROM (SELECT DISTINCT 'pg_catalog.' || l.configuration AS name FROM leap.text_languages l UNION SELECT 'pg_catalog.simple') c
                   WHERE configurations IS NULL OR c.name = ANY (configurations) GROUP BY 1 LOOP
        CONTINUE WHEN numnode(meaning.words) = 0;
        SELECT string_agg(format('%L', leap.configuration_lexeme(n)), '|')::tsquery INTO read_by FROM unnest(meaning.names) n;
        words := CASE WHEN words IS NULL THEN meaning.words ELSE words || meaning.words END;
        condition := CASE WHEN condition IS NULL THEN read_by && meaning.words ELSE condition || (read_by && meaning.words) END;
    END LOOP;
    IF lane IS NOT NULL THEN
        condition := format('%L', leap.lane_lexeme(lane))::tsquery && condition;
    END IF;
END
$$;
COMMENT ON FUNCTION leap.passage_query(text, int, text[]) IS
'The condition on leap.transcript_passages.tsv that a query as people type it stands for (lane: of one owner; configurations: for passages that one of these reads; null: all), and the words alone, for ranks. Nulls for a query of stop words only.';

-- Each language costs two looks into the index: most owners have one or two, and a condition of as few is cheap to check.
CREATE OR REPLACE FUNCTION leap.passage_configurations(owner uuid)
RETURNS text[] LANGUAGE sql STABLE AS $$
    WITH RECURSIVE said AS (
        (SELECT p.language FROM leap.transcript_passages p WHERE p.user_id = owner ORDER BY p.language LIMIT 1)
        UNION ALL
        SELECT (SELECT p.language FROM leap.transcript_passages p WHERE p.user_id = owner AND p.language > s.language ORDER BY p.language LIMIT 1) FROM said s WHERE s.language IS NOT NULL)
    SELECT CASE WHEN owner IS NOT NULL THEN array_agg(DISTINCT leap.text_configuration(s.language)) || 'pg_catalog.simple'::text END FROM said s WHERE s.language IS NOT NULL
$$;
COMMENT ON FUNCTION leap.passage_configurations(uuid) IS
'The text search configurations that read what an owner has passages of, and simple, which read what had none at its time; null, all, for no owner.';

-- Any of the words, for places that hold some of them.
CREATE OR REPLACE FUNCTION leap.any_word(query tsquery)
RETURNS tsquery LANGUAGE sql IMMUTABLE AS $$
    -- a lexeme of a text has no space in it
    SELECT CASE WHEN querytree(query) IN ('', 'T') THEN NULL ELSE regexp_replace(querytree(query), ' (&|<(\d+|-)>) ', ' | ', 'g')::tsquery END
$$;
COMMENT ON FUNCTION leap.any_word(tsquery) IS 'The query that one of its words suffices for; null if it has only words that must not be there.';

-- Some words of what was said before and after: enough to see what it is about. A very long segment is cut as well.
CREATE OR REPLACE FUNCTION leap.hit_window(before text, line text, after text)
RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    around CONSTANT int := 10;
    most_before CONSTANT int := 30;
    most_after CONSTANT int := 40;
    said text[] := array_remove(regexp_split_to_array(before, '\s+'), '');
    words text[] := array_remove(regexp_split_to_array(line, '\s+'), '');
    first int := cardinality(said) + 1;
    last int := cardinality(said) + cardinality(words);
    hit int := first - 1 + coalesce((SELECT min(w.n)::int FROM unnest(words) WITH ORDINALITY AS w(word, n) WHERE w.word LIKE E'%\uE000%'), 1);
BEGIN
    said := said || words || array_remove(regexp_split_to_array(after, '\s+'), '');
    first := greatest(1, first - around, hit - most_before);
    last := least(cardinality(said), last + around, hit + most_after);
    RETURN CASE WHEN first > 1 THEN '… ' ELSE '' END || array_to_string(said[first:last], ' ') || CASE WHEN last < cardinality(said) THEN ' …' ELSE '' END;
END
$$;
COMMENT ON FUNCTION leap.hit_window(text, text, text) IS 'A segment with a hit as it is shown: with the ten words before and after it, and of a very long one what is around the first hit.';

-- Hits are marked with two characters for private use, which the text cannot have: it loses them before. Two more stand for
-- those that the parser would take for tags, and leave out. ts_headline() marks only, and keeps every character: where it cuts it drops
-- points and words at the edges.
DROP FUNCTION IF EXISTS leap.hit_start(leap.transcript_passages, tsquery), leap.hit_snippet(leap.transcript_passages, tsquery);
CREATE OR REPLACE FUNCTION leap.hit_moments(passage leap.transcript_passages, query tsquery)
RETURNS TABLE (n int, moment double precision, marked text) LANGUAGE plpgsql STABLE ROWS 1 AS $$
#variable_conflict use_column
DECLARE
    configuration regconfig := leap.text_configuration(passage.language);
    any_of tsquery := leap.any_word(query);
    lines text[] := string_to_array(passage.text, E'\n');
    said text[] := string_to_array(ts_headline(configuration, translate(passage.text, E'<>\uE000\uE001\uE002\uE003', E'\uE002\uE003    '), query,
                                               E'HighlightAll=true, StartSel=\uE000, StopSel=\uE001'), E'\n');
    chosen int[];
BEGIN
    SELECT array_agg(l.n ORDER BY l.n) FILTER (WHERE l.tsv @@ query) INTO chosen
    FROM (SELECT x.n::int, to_tsvector(configuration, translate(x.text, '<>', '  ')) AS tsv FROM unnest(lines) WITH ORDINALITY AS x(text, n)) l;
    IF chosen IS NULL THEN
        chosen := ARRAY[coalesce((
            SELECT l.n FROM (SELECT x.n::int, to_tsvector(configuration, translate(x.text, '<>', '  ')) AS tsv FROM unnest(lines) WITH ORDINALITY AS x(text, n)) l
            WHERE l.tsv @@ any_of ORDER BY ts_rank(l.tsv, any_of) DESC, l.n LIMIT 1), 1)];
    END IF;
    RETURN QUERY
    SELECT c.n, coalesce(passage.starts[c.n], passage.start),
           translate(leap.hit_window(concat_ws(' ', translate(b.text, '<>', E'\uE002\uE003'), array_to_string(said[:c.n - 1], ' ')), said[c.n],
                                     concat_ws(' ', array_to_string(said[c.n + 1:], ' '), translate(a.text, '<>', E'\uE002\uE003'))), E'\uE002\uE003', '<>')
    FROM unnest(chosen) AS c(n)
    LEFT JOIN leap.transcript_passages b ON b.recording_id = passage.recording_id AND b.no = passage.no - 1
    LEFT JOIN leap.transcript_passages a ON a.recording_id = passage.recording_id AND a.no = passage.no + 1
    ORDER BY c.n;
END
$$;
COMMENT ON FUNCTION leap.hit_moments(leap.transcript_passages, tsquery) IS
'The segments of a passage that hold all of a query, or if none does the one that holds most of it: its number, when it starts, and its text with words before and after (leap.hit_window()), each word that was found between the characters U+E000 and U+E001.';

DROP FUNCTION IF EXISTS leap.search_place(text);
CREATE OR REPLACE FUNCTION leap.search_place(after text)
RETURNS TABLE (rank real, recording uuid, no int, n int) LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF after !~ '^[0-9.e+-]{1,20}_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}_\d{1,9}(_\d{1,9})?$' OR split_part(after, '_', 1) !~ '^\d(\.\d+)?(e-\d{1,2})?$' THEN
        PERFORM leap.refuse('LP030', format('"%s" is no place among hits', left(after, 60)), 'Pass the column place of the last hit that you have.');
    END IF;
    RETURN QUERY SELECT split_part(after, '_', 1)::real, split_part(after, '_', 2)::uuid, split_part(after, '_', 3)::int,
        -- a place that tells no segment is behind the passage
        coalesce(nullif(split_part(after, '_', 4), '')::int, 999999999) WHERE after IS NOT NULL;
END
$$;
COMMENT ON FUNCTION leap.search_place(text) IS 'A place in a list of hits, as leap.search_transcripts() told it; no row for null. Error LP030.';

DROP FUNCTION IF EXISTS leap.search_transcripts(text, text, uuid, text, int);
CREATE OR REPLACE FUNCTION leap.search_transcripts(query text, language text = NULL, recording uuid = NULL, after text = NULL, most int = 20)
RETURNS TABLE (recording_id uuid, name text, start_time timestamptz, spoken text, moment double precision, passage_start double precision, passage_end double precision,
               snippet text, html text, rank real, place text, owner text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20 SET search_path = pg_catalog, leap, pg_temp SET plan_cache_mode = force_custom_plan SET jit = off
SET client_min_messages = warning AS $$     -- stop words alone are no error
#variable_conflict use_column
DECLARE
    wall uuid := leap.walled_user();
    asked record;
    base text := leap.base_language(search_transcripts.language);
    behind record;
BEGIN
    most := coalesce(most, 20);
    IF most NOT BETWEEN 1 AND 1000 THEN
        PERFORM leap.refuse('LP030', format('a page cannot have %s hits', most), 'It has 1 to 1000.');
    ELSIF coalesce(btrim(query), '') = '' THEN
        PERFORM leap.refuse('LP030', 'nothing is searched for', 'Say words; "several together" in quotes, or between two, - before one that must not be there.');
    ELSIF length(query) > 1000 THEN
        PERFORM leap.refuse('LP030', format('a query of %s characters', length(query)), 'It has at most 1000.');
    ELSIF search_transcripts.language !~ '^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$' THEN
        PERFORM leap.refuse('LP030', format('"%s" is no language', left(search_transcripts.language, 50)), 'It is a tag like en or ru-RU.');
    ELSIF recording IS NOT NULL AND NOT EXISTS (SELECT FROM leap.recordings r WHERE r.id = recording AND r.delete_state = 'active' AND (wall IS NULL OR r.user_id = wall)) THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', recording), 'The list of recordings shows the ids.');
    END IF;
    SELECT * INTO behind FROM leap.search_place(after);
    SELECT * INTO asked FROM leap.passage_query(query, (SELECT u.lane FROM leap.users u WHERE u.id = wall),
                                                CASE WHEN search_transcripts.language IS NOT NULL THEN ARRAY[leap.text_configuration(base)] ELSE leap.passage_configurations(wall) END);
    RETURN QUERY
    WITH hit AS MATERIALIZED (
        -- of a word that is everywhere so many are enough to find good ones among
        SELECT h.id, h.no, ts_rank(h.tsv, asked.words, 1) AS rank
        FROM (SELECT p.recording_id AS id, p.no, p.tsv FROM leap.transcript_passages p
              WHERE p.tsv @@ asked.condition AND (wall IS NULL OR p.user_id = wall)
                AND (recording IS NULL OR p.recording_id = recording) AND (base = '' OR p.language = base) LIMIT 10000) h),
    -- with the passage again that the last page ended in
    page AS MATERIALIZED (
        SELECT h.id, h.no, h.rank, r.display_name, r.start_time, r.user_id FROM hit h JOIN leap.recordings r ON r.id = h.id AND r.delete_state = 'active'
        WHERE after IS NULL OR h.rank < behind.rank OR (h.rank = behind.rank AND (h.id, -h.no) <= (behind.recording, -behind.no))
        ORDER BY h.rank DESC, h.id DESC, h.no LIMIT most + 1)
    SELECT p.recording_id, g.display_name, g.start_time, p.language, s.moment, p.start, p."end",
           translate(s.marked, E'\uE000\uE001', '«»'), replace(replace(leap.escape_html(s.marked), E'\uE000', '<mark>'), E'\uE001', '</mark>'),
           g.rank, format('%s_%s_%s_%s', g.rank, g.id, g.no, s.n), CASE WHEN wall IS NULL THEN u.email END
    FROM page g JOIN leap.transcript_passages p ON p.recording_id = g.id AND p.no = g.no
    CROSS JOIN LATERAL (SELECT websearch_to_tsquery(leap.text_configuration(p.language)::regconfig, query) AS words) m
    CROSS JOIN LATERAL leap.hit_moments(p, m.words) s
    JOIN leap.users u ON u.id = g.user_id
    WHERE after IS NULL OR (g.id, g.no) <> (behind.recording, behind.no) OR s.n > behind.n
    ORDER BY g.rank DESC, g.id DESC, g.no, s.n LIMIT most;
END
$$;
COMMENT ON FUNCTION leap.search_transcripts(text, text, uuid, text, int) IS
'Searches what was said in the lessons of the caller (an operator: of everybody): words, "several together", one or another, -none of this; in all languages or one, in all recordings or one. A hit is a moment: a segment that holds the words, or where they are spread over several the one that holds most of them; the best passages first, at most so many hits behind the place named. Columns: recording_id, name, start_time, spoken (language), moment (seconds of the lesson: where the segment starts that was hit), passage_start and passage_end around it, snippet (the segment and words before and after it: plain text, hits between « and »), html (the same escaped, hits in <mark>), rank, place (pass the last as after to go on), owner (e-mail, for operators only). Of a word that is in more than 10000 passages so many are looked at. Errors LP020 (recording), LP030 (query, language, after, size).';

-- Reading -------------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION leap.passage_segments(recording uuid)
RETURNS TABLE (start double precision, "end" double precision, text text) LANGUAGE sql STABLE ROWS 1000 AS $$
    SELECT s.start, coalesce(s.stop, lead(s.start) OVER (ORDER BY s.no, s.n), s.passage_end), s.text
    FROM (SELECT p.no, x.n, p.starts[x.n] AS start, p.ends[x.n] AS stop, p."end" AS passage_end, x.text
          FROM leap.transcript_passages p CROSS JOIN LATERAL unnest(string_to_array(p.text, E'\n')) WITH ORDINALITY AS x(text, n)
          WHERE p.recording_id = recording) s
    ORDER BY s.no, s.n
$$;
COMMENT ON FUNCTION leap.passage_segments(uuid) IS 'What was said in a recording, sentence by sentence; of transcripts stored before segments told their ends, one lasts until the next.';

DROP FUNCTION IF EXISTS leap.transcript(uuid);
CREATE OR REPLACE FUNCTION leap.transcript(recording uuid, first int = 0, most int = NULL)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    r leap.recordings;
    segments jsonb;
    total bigint;
    said jsonb := (SELECT a.metadata FROM leap.artifacts a WHERE a.recording_id = recording AND a.kind = 'transcript');
BEGIN
    SELECT x.* INTO r FROM leap.recordings x WHERE x.id = recording AND x.delete_state = 'active' AND leap.may_see(x.user_id);
    IF r.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', recording), 'The list of recordings shows the ids.');
    END IF;
    IF coalesce(first, 0) < 0 OR most NOT BETWEEN 1 AND 10000 THEN
        PERFORM leap.refuse('LP030', format('there is no page of %s segments from %s on', coalesce(most::text, 'all'), first), 'Segments count from 0, and a page has 1 to 10000.');
    END IF;
    SELECT jsonb_agg(jsonb_build_object('start', s.start, 'end', s."end", 'text', s.text) ORDER BY s.n) FILTER (WHERE s.n > coalesce(first, 0) AND (most IS NULL OR s.n <= first + most)), count(*)
        INTO segments, total FROM leap.passage_segments(r.id) WITH ORDINALITY AS s(start, "end", text, n);
    IF total = 0 THEN
        PERFORM leap.refuse('LP020', format('there is no transcript of "%s" to read', r.display_name),
            CASE WHEN said IS NULL THEN 'It is made by a run whose configuration says transcription.enable_transcription.' ELSE 'No words were found in it, or it was made by an older version: transcribe it again.' END);
    END IF;
    RETURN jsonb_build_object('recording_id', r.id, 'name', r.display_name, 'language', r.facts->'language', 'provider', coalesce(r.facts->'provider', said->'provider'),
        'model', said->'model', 'duration', r.final_duration, 'quality', r.facts->'quality',
        'total', total, 'first', coalesce(first, 0), 'segments', coalesce(segments, '[]'));
END
$$;
COMMENT ON FUNCTION leap.transcript(uuid, int, int) IS
'What was said in a recording, to read: {recording_id, name, language, provider, model, duration, quality, total (of segments), first, segments [{start, end, text}]}, times in seconds of the lesson; all segments, or at most so many from the first named on, which count from 0. Errors LP020 without a recording or a transcript, LP030 (first, most).';

-- Hearing again -------------------------------------------------------------------------------------------------------

-- What was to be done by the run that is ended goes on with the settings it had.
CREATE OR REPLACE FUNCTION leap.retry_transcription(recording uuid, provider text = NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    r leap.recordings;
    run leap.runs;
    config jsonb;
    others jsonb;
    override jsonb;
    answer jsonb;
BEGIN
    SELECT x.* INTO r FROM leap.recordings x WHERE x.id = recording AND x.delete_state = 'active' AND leap.may_see(x.user_id) FOR NO KEY UPDATE;
    IF r.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', recording), 'The list of recordings shows the ids.');
    END IF;
    SELECT u.* INTO run FROM leap.runs u WHERE u.recording_id = r.id AND u.state = 'active';
    config := coalesce(run.config, (SELECT c.config FROM leap.resolved_configs(ARRAY[r.id]) c));
    SELECT coalesce(jsonb_agg(CASE WHEN p.attempts IS NULL THEN to_jsonb(p.name) ELSE jsonb_build_object('name', p.name, 'attempts', p.attempts) END ORDER BY p.n), '[]') INTO others
    FROM leap.named_providers(config #> '{transcription,provider}') p WHERE p.name IS DISTINCT FROM provider
      -- what went since is passed over
      AND EXISTS (SELECT FROM leap.providers x WHERE x.family = 'speech' AND x.name = p.name AND x.is_active);
    override := jsonb_build_object('transcription', jsonb_build_object('provider', CASE WHEN provider IS NULL THEN '[]' ELSE jsonb_build_array(provider) END || others));
    PERFORM leap.check_run_layers(r.user_id, NULL, override);
    IF run.id IS NOT NULL AND (r.hold = 'quality' OR (r.failed AND r.next_attempt_at IS NOT NULL AND r.failed_at_stage = 'transcribe')) THEN
        PERFORM leap.apply_cancel(ARRAY[r.id]);
        override := leap.merge_config(run.config, override);
    END IF;
    -- however it is done now, it is done again
    UPDATE leap.artifacts a SET input_hash = '\x00' WHERE a.recording_id = r.id AND a.kind = 'transcript';
    answer := leap.operate_one('run', r.id, options => jsonb_build_object('override', override, 'asked_for', 'hear'));
    PERFORM leap.audit('retry_transcription', 'recording', r.id::text, jsonb_strip_nulls(jsonb_build_object('hold', r.hold, 'provider', r.facts->'provider')),
                       jsonb_build_object('provider', override #> '{transcription,provider}'));
    RETURN answer || jsonb_build_object('message', format('"%s" is heard again%s', r.display_name, ', first by ' || provider));
END
$$;
COMMENT ON FUNCTION leap.retry_transcription(uuid, text) IS
'Hears a recording again, by this provider first and then by those it is configured with, for this time only, and does what follows: of one that is held for the quality of its transcript, whose transcription failed, or that has been through. Its hold ends. Returns {recording, message, run}. Errors: LP003 nothing to hear, LP004 its run is busy with something else, LP005 held for another reason, LP020 unknown, LP030 no such provider.';
