-- The task protocol, second part: results. (Failures and hand-back: 55_fail.sql.)
--
-- Every write is fenced: the lease row (task, fence) must be there. Completions are durable whatever the session's
-- synchronous_commit says. Sending one again is answered as before: an ambiguous COMMIT must not make a worker
-- undo published work. Lock order: recordings (by id) -> tasks -> lease/ready/scheduled -> usage.

CREATE OR REPLACE FUNCTION leap.lock_recordings(tasks bigint[])
RETURNS uuid[] LANGUAGE plpgsql AS $$
BEGIN
    RETURN ARRAY(SELECT r.id FROM leap.recordings r
                 WHERE r.id IN (SELECT t.recording_id FROM leap.tasks t WHERE t.id = ANY (tasks))
                 ORDER BY r.id FOR NO KEY UPDATE);
END
$$;
COMMENT ON FUNCTION leap.lock_recordings(bigint[]) IS 'Locks the recordings of these tasks in the order of their ids.';

CREATE OR REPLACE FUNCTION leap.add_flag(flags jsonb, code text, message text)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce((SELECT jsonb_agg(f) FROM jsonb_array_elements(flags) f WHERE f->>'code' <> code), '[]')
           || jsonb_build_object('code', code, 'message', message)
$$;
COMMENT ON FUNCTION leap.add_flag(jsonb, text, text) IS 'The flags with this one set.';

-- A recording without sound, or that nobody speaks in, has nothing to transcribe: those tasks are skipped.
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

-- What the facts of a task mean for its recording. Workers report facts; here is decided.
CREATE OR REPLACE FUNCTION leap.judge(t leap.tasks, reported jsonb)
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    config jsonb := (SELECT r.config FROM leap.runs r WHERE r.id = t.run_id);
    skipped bigint[] := '{}';
    verdict text;
BEGIN
    IF t.kind = 'download' AND reported->>'verdict' = 'degraded' THEN
        UPDATE leap.recordings SET flags = leap.add_flag(flags, 'degraded',
            'The file has damaged places; the lesson is made from what can be read.') WHERE id = t.recording_id;
    END IF;
    IF t.kind = 'download' AND (reported->>'has_audio')::boolean IS FALSE THEN
        UPDATE leap.recordings SET flags = leap.add_flag(flags, 'no_audio',
            'The recording has no audio track: it is published without transcript, topics and subtitles.')
        WHERE id = t.recording_id;
        skipped := leap.skip_transcription(t.run_id, 'the recording has no audio track');
    ELSIF t.kind = 'download' AND reported->>'speech' = 'none' THEN
        verdict := config #>> '{trimming,on_blank}';
        UPDATE leap.recordings SET blank_record = true, flags = leap.add_flag(flags, 'no_speech',
            'No speech was found: the recording is silent or holds only noise.') WHERE id = t.recording_id;
        IF verdict = 'hold' THEN
            PERFORM leap.hold(ARRAY[t.recording_id], 'blank', 'No speech was found in the recording.', 'leap');
        END IF;
        skipped := leap.skip_transcription(t.run_id, 'no speech was found');
    ELSIF t.kind = 'transcribe' AND reported #>> '{quality,verdict}' = 'low' THEN
        verdict := config #>> '{transcription,on_low_quality}';
        UPDATE leap.recordings SET flags = leap.add_flag(flags, 'low_quality', format(
            'The transcript is unsure (mean confidence %s): read it before people rely on it.',
            coalesce(round((reported #>> '{quality,mean_confidence}')::numeric, 2)::text, 'unknown')))
        WHERE id = t.recording_id;
        IF verdict = 'hold' THEN
            PERFORM leap.hold(ARRAY[t.recording_id], 'quality', coalesce(reported #>> '{quality,reasons,0,message}',
                              'The transcript is too unsure to be published unread.'), 'leap');
        END IF;
    END IF;
    RETURN skipped;
END
$$;
COMMENT ON FUNCTION leap.judge(leap.tasks, jsonb) IS
'Draws the consequences of the facts a task reported: flags, holds, skipped tasks (returned).';

CREATE OR REPLACE FUNCTION leap.store_artifacts(t leap.tasks, artifacts jsonb)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO leap.artifacts AS a (recording_id, user_id, kind, uri, bytes, sha256, media_type, metadata, task_id)
    SELECT t.recording_id, t.user_id, n.kind, n.uri, n.bytes::bigint, n.sha256, n.media_type, coalesce(n.metadata, '{}'), t.id
    FROM jsonb_to_recordset(artifacts) AS n(kind text, uri text, bytes text, sha256 text, media_type text, metadata jsonb)
    ON CONFLICT (recording_id, kind) DO UPDATE
    SET uri = excluded.uri, bytes = excluded.bytes, sha256 = excluded.sha256, media_type = excluded.media_type,
        metadata = excluded.metadata, task_id = excluded.task_id, created_at = clock_timestamp()
$$;
COMMENT ON FUNCTION leap.store_artifacts(leap.tasks, jsonb) IS
'Names the files of a finished task; one that it replaces becomes garbage.';

-- on_blank = skip: once the download is behind it, a recording in which nobody speaks is SKIPPED.
CREATE OR REPLACE FUNCTION leap.skip_blank(recording_ids uuid[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    blank uuid[] := ARRAY(SELECT r.id FROM leap.recordings r JOIN leap.runs u ON u.recording_id = r.id AND u.state = 'active'
                          WHERE r.id = ANY (recording_ids) AND r.blank_record AND r.status = 'DOWNLOADED'
                            AND u.config #>> '{trimming,on_blank}' = 'skip');
BEGIN
    IF cardinality(blank) > 0 THEN
        PERFORM leap.drop_tasks(ARRAY(SELECT u.id FROM leap.runs u WHERE u.recording_id = ANY (blank) AND u.state = 'active'), 'no speech was found');
        PERFORM leap.settle_runs(blank);
        UPDATE leap.recordings SET status = leap.move('skip', 'SKIPPED'), updated_at = now() WHERE id = ANY (blank);
    END IF;
END
$$;
COMMENT ON FUNCTION leap.skip_blank(uuid[]) IS 'Skips the downloaded recordings without speech whose configuration says so.';

-- The domain writes of one result. Returns the tasks that turned out not to be needed.
CREATE OR REPLACE FUNCTION leap.store_result(t leap.tasks, result jsonb)
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    found_facts jsonb := coalesce(result->'facts', '{}');
BEGIN
    IF jsonb_array_length(coalesce(result->'artifacts', '[]')) > 0 THEN
        PERFORM leap.store_artifacts(t, result->'artifacts');
    END IF;
    UPDATE leap.recordings r
    SET facts = r.facts || (found_facts - '{topic_timestamps,main_topics,duration,final_duration}'::text[]),
        duration = coalesce((found_facts->>'duration')::float8, r.duration),
        final_duration = coalesce((found_facts->>'final_duration')::float8, r.final_duration),
        topics = coalesce(found_facts->'topic_timestamps', r.topics),
        main_topics = coalesce(found_facts->'main_topics', r.main_topics),
        updated_at = now()
    WHERE r.id = t.recording_id AND found_facts <> '{}';
    UPDATE leap.output_targets o
    SET status = leap.move('step', 'UPLOADED'), remote_id = result #>> '{target,remote_id}', url = result #>> '{target,url}',
        target_meta = o.target_meta || coalesce(result #> '{target,meta}', '{}'), failed = false, error = NULL,
        uploaded_at = clock_timestamp()
    WHERE o.id = t.target_id;
    RETURN leap.judge(t, found_facts);
END
$$;
COMMENT ON FUNCTION leap.store_result(leap.tasks, jsonb) IS
'Writes artifacts, facts and target of one finished task.';

-- Bytes a result would add beyond the storage limit; null if it fits. Locks the usage row first.
CREATE OR REPLACE FUNCTION leap.storage_excess(t leap.tasks, result jsonb)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    max_bytes bigint := leap.quota_limit(t.user_id, 'storage_bytes');
    added bigint;
    used_bytes bigint;
BEGIN
    IF max_bytes IS NULL OR result->'artifacts' IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT u.used INTO used_bytes FROM leap.quota_usage u
    WHERE u.user_id = t.user_id AND u.quota = 'storage_bytes' FOR UPDATE;
    -- what others have reserved is not to be had; the own reservation is what is being settled
    SELECT coalesce(used_bytes, 0) + r.bytes - coalesce((SELECT sum(e.bytes) FROM leap.expected_use(ARRAY[t.id]) e), 0)
    INTO used_bytes FROM leap.quota_reserved(t.lane) r;
    SELECT coalesce(sum(n.bytes::bigint), 0) - coalesce((SELECT sum(a.bytes) FROM leap.artifacts a
               WHERE a.recording_id = t.recording_id AND a.kind IN (
                   SELECT o.kind FROM jsonb_to_recordset(result->'artifacts') AS o(kind text))), 0)
    INTO added FROM jsonb_to_recordset(result->'artifacts') AS n(bytes text);
    RETURN nullif(greatest(coalesce(used_bytes, 0) + added - max_bytes, 0), 0);
END
$$;
COMMENT ON FUNCTION leap.storage_excess(leap.tasks, jsonb) IS
'By how many bytes a result breaks its owner''s storage limit; null if it fits.';

-- The usage rows of a batch in the order of users: two batches that share owners must not lock them crosswise.
CREATE OR REPLACE FUNCTION leap.lock_usage(tasks bigint[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    month date := leap.this_month();
BEGIN
    INSERT INTO leap.quota_usage (user_id, quota, period)
    SELECT DISTINCT t.user_id, q.quota, q.period
    FROM leap.tasks t
    JOIN (VALUES ('storage_bytes', date 'epoch', NULL), ('transcription_seconds_per_month', month, 'transcribe'),
                 ('transcriptions_per_month', month, 'transcribe')) AS q(quota, period, kind) ON q.kind IS NULL OR q.kind = t.kind
    WHERE t.id = ANY (tasks) AND t.recording_id IS NOT NULL ORDER BY t.user_id, q.quota
    ON CONFLICT DO NOTHING;
    PERFORM FROM leap.quota_usage u
    WHERE u.user_id IN (SELECT t.user_id FROM leap.tasks t WHERE t.id = ANY (tasks))
      AND (u.quota, u.period) IN (('storage_bytes', date 'epoch'), ('transcription_seconds_per_month', month), ('transcriptions_per_month', month))
    ORDER BY u.user_id, u.quota FOR UPDATE;
END
$$;
COMMENT ON FUNCTION leap.lock_usage(bigint[]) IS
'Locks the usage that the results of these tasks change, in the order of owners and quotas.';

CREATE OR REPLACE FUNCTION leap.complete(reports jsonb)
RETURNS TABLE (task text, accepted boolean, reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    ids bigint[] := ARRAY(SELECT (r->>'task')::bigint FROM jsonb_array_elements(reports) r ORDER BY 1);
    held bigint[];
    over bigint[] := '{}';
    done bigint[];
    skipped bigint[] := '{}';
    recordings uuid[];
    queues text[];
    own_queues text[];
    given record;
    t leap.tasks;
    excess bigint;
BEGIN
    PERFORM set_config('synchronous_commit', 'on', true);
    recordings := leap.lock_recordings(ids);
    held := ARRAY(SELECT l.task FROM jsonb_to_recordset(reports) AS r(task bigint, fence bigint)
                  JOIN leap.task_lease l ON l.task = r.task AND l.fence = r.fence ORDER BY l.task FOR UPDATE OF l);
    SELECT w.queues INTO own_queues FROM leap.task_lease l JOIN leap.workers w ON w.id = l.worker_id
    WHERE l.task = ANY (held) LIMIT 1;

    IF cardinality(recordings) > 0 AND jsonb_path_exists(reports, '$[*].result.artifacts[*]') THEN
        PERFORM leap.lock_usage(held);
    END IF;
    FOR given IN
        SELECT k AS task, r.result FROM leap.tasks k JOIN jsonb_to_recordset(reports) AS r(task bigint, result jsonb) ON r.task = k.id
        WHERE k.id = ANY (held) AND k.recording_id IS NOT NULL ORDER BY k.id
    LOOP
        t := given.task;
        excess := leap.storage_excess(t, given.result);
        IF excess IS NULL THEN
            skipped := skipped || leap.store_result(t, given.result);
        ELSE
            over := over || t.id;
            PERFORM leap.fail(t.id::text, t.fence::text, jsonb_build_object('class', 'quota', 'code', 'storage_quota',
                'message', format('storage quota exceeded: the result is %s larger than the room that is left', pg_size_pretty(excess)),
                'hint', 'Delete recordings that are not needed, or ask an administrator for more storage; then retry.'));
        END IF;
    END LOOP;

    done := ARRAY(SELECT unnest(held) EXCEPT SELECT unnest(over));
    DELETE FROM leap.task_lease l WHERE l.task = ANY (done);
    UPDATE leap.tasks k SET state = leap.move('complete', 'succeeded'), finished_at = clock_timestamp(), progress = 100,
           current_step = NULL, error = NULL, result = r.result - 'artifacts'
    FROM jsonb_to_recordset(reports) AS r(task bigint, result jsonb)
    WHERE k.id = r.task AND k.id = ANY (done);
    PERFORM leap.store_sweep(k.result->'facts') FROM leap.tasks k
    WHERE k.id = ANY (done) AND k.recording_id IS NULL AND k.result ? 'facts';
    IF cardinality(recordings) > 0 THEN
        queues := leap.release_successors(done || skipped);
        PERFORM leap.settle(recordings, 'step');
        PERFORM leap.skip_blank(recordings);
    END IF;
    -- the caller claims again by itself: others are called only for what it does not serve or cannot take
    IF NOT queues <@ own_queues OR cardinality(queues) > cardinality(done) THEN
        PERFORM leap.ring(queues);
    END IF;

    RETURN QUERY
        SELECT r.task::text, r.task = ANY (done) OR (k.fence = r.fence AND k.state = 'succeeded'),
               CASE WHEN r.task = ANY (done) THEN NULL WHEN r.task = ANY (over) THEN 'quota'
                    WHEN k.fence = r.fence AND k.state = 'succeeded' THEN 'already complete' ELSE 'lost' END
        FROM jsonb_to_recordset(reports) AS r(task bigint, fence bigint) LEFT JOIN leap.tasks k ON k.id = r.task;
END
$$;
COMMENT ON FUNCTION leap.complete(jsonb) IS
'Takes results: an array of {"task","fence","result"}. In one transaction stores them, releases what waited for them and moves the recordings. A row per report: accepted, or the reason (lost: the lease is gone, quota: the result did not fit). Repeating an accepted report is accepted.';
