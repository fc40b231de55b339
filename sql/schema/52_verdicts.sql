-- What the verdicts in results lead to: a recording nobody speaks in, a transcript that cannot be trusted. Workers report
-- facts; here a recording is flagged, held or skipped by its configuration, and doubtful words are kept back.
--
-- Called with the recordings locked (53_complete.sql). Lock order: recordings -> tasks.

DROP FUNCTION IF EXISTS leap.add_flag(jsonb, text, text);
CREATE OR REPLACE FUNCTION leap.add_flag(flags jsonb, code text, message text, reasons jsonb = NULL)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce((SELECT jsonb_agg(f) FROM jsonb_array_elements(flags) f WHERE f->>'code' <> code), '[]')
           || (jsonb_build_object('code', code, 'message', message) || CASE WHEN jsonb_array_length(reasons) > 0 THEN jsonb_build_object('reasons', reasons) ELSE '{}' END)
$$;
COMMENT ON FUNCTION leap.add_flag(jsonb, text, text, jsonb) IS
'The flags with this one set. reasons: an array of {code, message} and what else is known; none without.';

-- Faults of a file as one sentence: which, and where the first of each is.
CREATE OR REPLACE FUNCTION leap.reasons_text(reasons jsonb)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT string_agg((x.r->>'message') || CASE
               WHEN jsonb_typeof(x.r->'at') = 'number' THEN ' (first at ' || to_char(make_interval(secs => (x.r->>'at')::float8), CASE WHEN (x.r->>'at')::float8 < 3600 THEN 'FMMI:SS' ELSE 'FMHH24:MI:SS' END) || ')'
               WHEN x.r->>'position' ~ '^\d+$' THEN ' (first at byte ' || (x.r->>'position') || ')' ELSE '' END, '; ' ORDER BY x.n)
    FROM jsonb_array_elements(CASE jsonb_typeof(reasons) WHEN 'array' THEN reasons ELSE '[]' END) WITH ORDINALITY AS x(r, n)
$$;
COMMENT ON FUNCTION leap.reasons_text(jsonb) IS
'The reasons [{message, at seconds, position}] of a verdict as one sentence for people; null for none.';

-- A recording without sound, or that nobody speaks in, has nothing to transcribe, and one whose words are not to be
-- published needs no topics and subtitles: those tasks are skipped.
CREATE OR REPLACE FUNCTION leap.skip_transcription(run uuid, reason text)
RETURNS bigint[] LANGUAGE sql AS $$
    WITH skipped AS (
        UPDATE leap.tasks t SET state = leap.move('skip', 'skipped'), skip_reason = reason, finished_at = clock_timestamp()
        WHERE t.run_id = run AND t.stage = 'transcribe' AND t.state = 'blocked'
        RETURNING id)
    SELECT coalesce(array_agg(id), '{}') FROM skipped
$$;
COMMENT ON FUNCTION leap.skip_transcription(uuid, text) IS 'Skips the blocked tasks of the stage transcribe; returns them.';

CREATE OR REPLACE FUNCTION leap.hold(recs uuid[], reason text, message text, by_whom text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
BEGIN
    UPDATE leap.recordings SET hold = reason, hold_message = message, held_by = by_whom, held_at = clock_timestamp(),
           updated_at = now()
    WHERE id = ANY (recs) AND hold IS NULL;
    ids := ARRAY(SELECT id FROM leap.tasks WHERE recording_id = ANY (recs) AND state IN ('ready', 'scheduled')
                 ORDER BY id FOR NO KEY UPDATE);
    DELETE FROM leap.task_ready WHERE task = ANY (ids);
    DELETE FROM leap.task_scheduled WHERE task = ANY (ids);
    UPDATE leap.tasks SET state = leap.move('hold', 'blocked') WHERE id = ANY (ids);
END
$$;
COMMENT ON FUNCTION leap.hold(uuid[], text, text, text) IS
'Holds recordings whose locks the caller has: no task of them starts until they are accepted or resumed; running ones go on.';

CREATE OR REPLACE FUNCTION leap.quality_message(quality jsonb)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT format('%s (mean confidence %s)%s.',
        CASE quality->>'verdict' WHEN 'reject' THEN 'The transcript does not tell what is said' ELSE 'The transcript is unsure' END,
        coalesce(round((quality->>'mean_confidence')::numeric, 2)::text, 'unknown'), coalesce(': ' || leap.reasons_text(quality->'reasons'), ''))
$$;
COMMENT ON FUNCTION leap.quality_message(jsonb) IS 'Why a transcript, whose quality {verdict, mean_confidence, reasons} is suspect or reject, is not trusted, in one sentence with the numbers.';

-- The words of a recording are kept for its owner to read, and nothing that is made of them, of these or of earlier ones, is
-- told to an upload (leap.task_inputs): not before it is transcribed anew, or a person accepts it.
CREATE OR REPLACE FUNCTION leap.withhold_text(recording uuid)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE leap.recordings r SET topics = NULL, main_topics = NULL,
           facts = jsonb_set(r.facts - '{summary,questions}'::text[], '{quality,withheld}', 'true')
    WHERE r.id = recording;
END
$$;
COMMENT ON FUNCTION leap.withhold_text(uuid) IS
'Keeps the words of a recording, whose lock the caller holds, from being published: its topics are forgotten, no upload gets its transcript, topics, chapters and subtitles, and its owner can still read them.';

DROP FUNCTION IF EXISTS leap.release_text(uuid[]);
CREATE OR REPLACE FUNCTION leap.release_text(recording_ids uuid[], accepted_by text = NULL)
RETURNS void LANGUAGE sql AS $$
    UPDATE leap.recordings r
    SET facts = CASE WHEN accepted_by IS NULL THEN r.facts #- '{quality,withheld}'
                     ELSE jsonb_set(r.facts #- '{quality,withheld}', '{quality,accepted}', jsonb_build_object('by', accepted_by, 'at', clock_timestamp())) END, updated_at = now(),
        flags = leap.add_flag(r.flags, 'low_quality', leap.quality_message(r.facts->'quality') || coalesce(' Accepted by ' || accepted_by || '.', ' Read it before people rely on it.'),
                              r.facts #> '{quality,reasons}')
    WHERE r.id = ANY (recording_ids) AND r.facts #>> '{quality,withheld}' = 'true'
$$;
COMMENT ON FUNCTION leap.release_text(uuid[], text) IS
'Lets the next run of these recordings make topics and subtitles of words that were kept back, and publish them: this person accepted them (quality.accepted of their facts: {by, at}), or, for null, the configuration says so.';

-- What is suspect may be published, marked, if somebody said so; what is rejected never is by itself.
CREATE OR REPLACE FUNCTION leap.quality_rule(quality jsonb, config jsonb)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(CASE quality->>'verdict' WHEN 'reject' THEN nullif(config #>> '{transcription,on_reject}', 'publish')
                                             ELSE config #>> '{transcription,on_suspect}' END, 'hold')
$$;
COMMENT ON FUNCTION leap.quality_rule(jsonb, jsonb) IS
'What a resolved configuration says of a transcript with this quality, suspect or reject: hold, publish or without_text.';

-- Until a person accepted it, also if its run was cancelled or it was held for something else meanwhile.
CREATE OR REPLACE FUNCTION leap.hold_doubtful(ids uuid[])
RETURNS void LANGUAGE sql AS $$
    SELECT leap.hold(ARRAY[r.id], 'quality', leap.quality_message(r.facts->'quality') || ' Read it and accept it, or have it transcribed by another provider.', 'leap')
    FROM leap.recordings r JOIN leap.runs u ON u.recording_id = r.id AND u.state = 'active'
    WHERE r.id = ANY (ids) AND r.hold IS NULL AND r.facts #>> '{quality,withheld}' = 'true' AND leap.quality_rule(r.facts->'quality', u.config) = 'hold'
      AND coalesce(u.asked_for NOT IN ('download', 'process', 'transcribe', 'topics', 'write_topics', 'subtitles'), true)
    ORDER BY r.id
$$;
COMMENT ON FUNCTION leap.hold_doubtful(uuid[]) IS
'Holds those of these recordings, whose locks the caller has, that have an active run, a transcript that nobody accepted, and a configuration that says so.';

CREATE OR REPLACE FUNCTION leap.judge_quality(t leap.tasks, quality jsonb, settings jsonb)
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    rule text := leap.quality_rule(quality, settings);
BEGIN
    UPDATE leap.recordings SET flags = leap.add_flag(flags, 'low_quality', leap.quality_message(quality) || CASE rule
            WHEN 'without_text' THEN ' The lesson is published without transcript, topics and subtitles.'
            ELSE ' Read it before people rely on it.' END, quality->'reasons')
    WHERE id = t.recording_id;
    IF rule <> 'publish' THEN
        PERFORM leap.withhold_text(t.recording_id);
    END IF;
    IF rule = 'without_text' THEN
        RETURN leap.skip_transcription(t.run_id, 'the transcript is not to be published');
    ELSIF rule = 'hold' THEN
        PERFORM leap.hold(ARRAY[t.recording_id], 'quality', leap.quality_message(quality)
            || ' Read it and accept it, or have it transcribed by another provider.', 'leap');
        PERFORM leap.forget_failures(ARRAY[t.recording_id]);    -- this attempt came through: what is to be done now, the hold says
    END IF;
    RETURN '{}';
END
$$;
COMMENT ON FUNCTION leap.judge_quality(leap.tasks, jsonb, jsonb) IS
'What becomes of a recording whose transcript is suspect or rejected, by the run''s configuration: a flag, and a hold or no text; returns the tasks that are skipped.';

-- What the facts of a task mean for its recording. Workers report facts; here is decided.
CREATE OR REPLACE FUNCTION leap.judge(t leap.tasks, reported jsonb)
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    settings jsonb := (SELECT r.config FROM leap.runs r WHERE r.id = t.run_id);
    skipped bigint[] := '{}';
    verdict text;
BEGIN
    IF t.kind = 'download' AND reported->>'verdict' = 'degraded' THEN
        UPDATE leap.recordings SET flags = leap.add_flag(flags, 'degraded', concat_ws(': ',
            'The file has damaged places; the lesson is made from what can be read', leap.reasons_text(reported->'reasons')) || '.', reported->'reasons')
        WHERE id = t.recording_id;
    END IF;
    IF t.kind = 'download' AND (reported->>'has_video')::boolean IS FALSE THEN
        UPDATE leap.recordings SET flags = leap.add_flag(flags, 'no_video',
            'The recording has no pictures: the lesson is sound alone, with one drawn picture where a platform takes nothing without.')
        WHERE id = t.recording_id;
    END IF;
    IF t.kind = 'trim' AND reported #>> '{cut,fallback}' IS NOT NULL THEN
        UPDATE leap.recordings SET flags = leap.add_flag(flags, 'inexact_cut', format(
            'The recording was not cut exactly as configured: %s.', rtrim(reported #>> '{cut,fallback}', '.'))) WHERE id = t.recording_id;
    END IF;
    IF t.kind = 'trim' AND reported #>> '{cut,flag}' = 'large_trim' THEN
        UPDATE leap.recordings SET flags = leap.add_flag(flags, 'large_trim', format(
            '%s %% of the recording was cut off as silence, more than the %s %% that are expected at most: look whether something is missing.',
            round(coalesce(reported #>> '{cut,cut_off_share}', reported #>> '{cut,removed_share}')::numeric * 100), round((settings #>> '{trimming,max_trim_share}')::numeric * 100)))
        WHERE id = t.recording_id;
    END IF;
    IF t.kind = 'download' AND (reported->>'has_audio')::boolean IS FALSE THEN
        UPDATE leap.recordings SET flags = leap.add_flag(flags, 'no_audio',
            'The recording has no audio track: it is published without transcript, topics and subtitles.')
        WHERE id = t.recording_id;
        skipped := leap.skip_transcription(t.run_id, 'the recording has no audio track');
    ELSIF t.kind = 'download' AND reported->>'speech' = 'none' THEN
        verdict := settings #>> '{trimming,on_blank}';
        UPDATE leap.recordings SET blank_record = true, flags = leap.add_flag(flags, 'no_speech',
            'No speech was found: the recording is silent or holds only noise.') WHERE id = t.recording_id;
        IF verdict = 'hold' THEN
            PERFORM leap.hold(ARRAY[t.recording_id], 'blank', 'No speech was found in the recording.', 'leap');
            PERFORM leap.forget_failures(ARRAY[t.recording_id]);
        END IF;
        skipped := leap.skip_transcription(t.run_id, 'no speech was found');
    ELSIF t.kind = 'transcribe' AND reported #>> '{quality,verdict}' IN ('suspect', 'reject', 'low') THEN
        skipped := leap.judge_quality(t, reported->'quality', settings);
    END IF;
    RETURN skipped;
END
$$;
COMMENT ON FUNCTION leap.judge(leap.tasks, jsonb) IS
'Draws the consequences of the facts a task reported: flags, holds, skipped tasks (returned).';

CREATE OR REPLACE FUNCTION leap.judge_results(tasks bigint[], results jsonb[])
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    given record;
    skipped bigint[] := '{}';
BEGIN
    FOR given IN SELECT k AS task, x.result->'facts' AS facts FROM unnest(tasks, results) AS x(task, result)
                 JOIN leap.tasks k ON k.id = x.task WHERE x.result ? 'facts' AND k.recording_id IS NOT NULL ORDER BY k.id LOOP
        skipped := skipped || leap.judge(given.task, given.facts);
    END LOOP;
    RETURN skipped;
END
$$;
COMMENT ON FUNCTION leap.judge_results(bigint[], jsonb[]) IS 'leap.judge() for each of these results.';
