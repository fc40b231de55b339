-- The task protocol, second part: results. (Failures and hand-back: 55_fail.sql.)
--
-- Every write is fenced: the lease row (task, fence) must be there. Completions are durable whatever the session's
-- synchronous_commit says. Sending one again is answered as before: an ambiguous COMMIT must not make a worker
-- undo published work. Lock order: recordings (by id) -> tasks -> lease/ready/scheduled -> usage.

CREATE OR REPLACE FUNCTION leap.lock_recordings(tasks bigint[])
RETURNS uuid[] LANGUAGE plpgsql AS $$
BEGIN
    RETURN ARRAY(SELECT r.id FROM leap.recordings r
                 WHERE r.id IN (SELECT coalesce(t.recording_id, CASE t.kind WHEN 'unpublish' THEN leap.target_recording(t.subject) END) FROM leap.tasks t WHERE t.id = ANY (tasks))
                 ORDER BY r.id FOR NO KEY UPDATE);
END
$$;
COMMENT ON FUNCTION leap.lock_recordings(bigint[]) IS 'Locks the recordings of these tasks, and those that unpublish works for, in the order of their ids.';

CREATE OR REPLACE FUNCTION leap.store_artifacts(tasks bigint[], results jsonb[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO leap.artifacts AS a (recording_id, user_id, kind, uri, bytes, sha256, media_type, metadata, task_id, input_hash)
    SELECT t.recording_id, t.user_id, n.kind, n.uri, n.bytes::bigint, n.sha256, n.media_type, coalesce(n.metadata, '{}'), t.id, t.input_hash
    FROM unnest(tasks, results) AS r(task, result) JOIN leap.tasks t ON t.id = r.task
    CROSS JOIN LATERAL jsonb_to_recordset(r.result->'artifacts') AS n(kind text, uri text, bytes text, sha256 text, media_type text, metadata jsonb)
    WHERE t.recording_id IS NOT NULL
    ON CONFLICT (recording_id, kind) DO UPDATE
    SET uri = excluded.uri, bytes = excluded.bytes, sha256 = excluded.sha256, media_type = excluded.media_type,
        metadata = excluded.metadata, task_id = excluded.task_id, input_hash = excluded.input_hash, created_at = clock_timestamp();
END
$$;
COMMENT ON FUNCTION leap.store_artifacts(bigint[], jsonb[]) IS
'Names the files of finished tasks; one that it replaces becomes garbage.';

-- What was heard is worth money under whatever settings, but not for ever.
CREATE OR REPLACE FUNCTION leap.forget_hearings(tasks bigint[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM leap.artifacts a
    USING (SELECT h.id, row_number() OVER (PARTITION BY h.recording_id ORDER BY h.created_at DESC, h.id DESC) AS n
           FROM leap.artifacts h WHERE left(h.kind, 5) = 'heard'
               AND h.recording_id = ANY (ARRAY(SELECT t.recording_id FROM leap.tasks t WHERE t.id = ANY (tasks) AND t.kind = 'transcribe'))) x
    WHERE a.id = x.id AND x.n > 4;
END
$$;
COMMENT ON FUNCTION leap.forget_hearings(bigint[]) IS
'Keeps of what was heard the four that were used last of each recording of these tasks, which the caller has locked; the files of the others become garbage.';

-- Several tasks of one recording may end in one call: their facts are joined.
CREATE OR REPLACE FUNCTION leap.store_facts(tasks bigint[], results jsonb[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE leap.recordings r
    SET facts = r.facts || (f.facts - '{topic_timestamps,main_topics,duration,final_duration,usage,transfer}'::text[]),
        duration = coalesce((f.facts->>'duration')::float8, r.duration),
        final_duration = coalesce((f.facts->>'final_duration')::float8, r.final_duration),
        topics = coalesce(f.facts->'topic_timestamps', r.topics),
        main_topics = coalesce(f.facts->'main_topics', r.main_topics),
        updated_at = now()
    FROM (SELECT t.recording_id, jsonb_object_agg(e.key, e.value) AS facts
          FROM unnest(tasks, results) AS x(task, result) JOIN leap.tasks t ON t.id = x.task
          CROSS JOIN LATERAL jsonb_each(x.result->'facts') e GROUP BY t.recording_id) f
    WHERE r.id = f.recording_id;
END
$$;
COMMENT ON FUNCTION leap.store_facts(bigint[], jsonb[]) IS 'Writes what finished tasks found out into their recordings.';

-- What somebody has to look after stays known: publications that another was added to, and warnings as long as they hold.
CREATE OR REPLACE FUNCTION leap.published_meta(o leap.output_targets, target jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT (o.target_meta - 'warnings') || coalesce(target->'meta', '{}')
        || CASE WHEN o.remote_id <> target->>'remote_id' AND o.config->>'on_rerun' = 'new'
                THEN jsonb_build_object('earlier', coalesce(o.target_meta->'earlier', '[]')
                                                   || jsonb_strip_nulls(jsonb_build_object('remote_id', o.remote_id, 'url', o.url, 'published_at', o.uploaded_at)))
                ELSE '{}' END
$$;
COMMENT ON FUNCTION leap.published_meta(leap.output_targets, jsonb) IS
'The notes of a target that was just published so: what the platform says, its warnings [{step, code, message}] in place of older ones, and, with on_rerun = new, what was published before as earlier [{remote_id, url, published_at}].';

CREATE OR REPLACE FUNCTION leap.store_targets(tasks bigint[], results jsonb[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE leap.output_targets o
    SET status = leap.move('step', 'UPLOADED'), remote_id = x.result #>> '{target,remote_id}', url = x.result #>> '{target,url}',
        target_meta = leap.published_meta(o, x.result->'target'), video_sha256 = coalesce(x.result #>> '{target,video_sha256}', o.video_sha256),
        failed = false, error = NULL,
        uploaded_at = clock_timestamp(), input_hash = t.input_hash
    FROM unnest(tasks, results) AS x(task, result) JOIN leap.tasks t ON t.id = x.task
    WHERE o.id = t.target_id;
END
$$;
COMMENT ON FUNCTION leap.store_targets(bigint[], jsonb[]) IS 'Marks the targets of finished tasks as published.';

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

-- A file that replaces another of its kind counts by the difference.
CREATE OR REPLACE FUNCTION leap.bytes_added(t leap.tasks, result jsonb)
RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(n.bytes::bigint), 0)::bigint - coalesce((SELECT sum(a.bytes) FROM leap.artifacts a
               WHERE a.recording_id = t.recording_id AND a.kind IN (
                   SELECT o.kind FROM jsonb_to_recordset(result->'artifacts') AS o(kind text))), 0)::bigint
    FROM jsonb_to_recordset(result->'artifacts') AS n(bytes text)
$$;
COMMENT ON FUNCTION leap.bytes_added(leap.tasks, jsonb) IS 'By how many bytes a result makes its owner''s storage grow.';

-- The usage rows of a batch in the order of users: two batches that share owners must not lock them crosswise.
CREATE OR REPLACE FUNCTION leap.lock_usage(owners uuid[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    month date := leap.this_month();
BEGIN
    INSERT INTO leap.quota_usage (user_id, quota, period)
    SELECT o.id, q.quota, q.period
    FROM unnest(owners) AS o(id)
    CROSS JOIN (VALUES ('storage_bytes', date 'epoch'), ('transcription_seconds_per_month', month), ('transcriptions_per_month', month)) AS q(quota, period)
    ORDER BY o.id, q.quota ON CONFLICT DO NOTHING;
    PERFORM FROM leap.quota_usage u
    WHERE u.user_id = ANY (owners) AND (u.quota = 'storage_bytes' AND u.period = date 'epoch'
          OR u.quota IN ('transcription_seconds_per_month', 'transcriptions_per_month') AND u.period = month)
    ORDER BY u.user_id, u.quota FOR UPDATE;
END
$$;
COMMENT ON FUNCTION leap.lock_usage(uuid[]) IS
'Locks the usage that results of these users change, in the order of owners and quotas.';

-- By how much each result makes its owner's storage grow: a file that replaces another of its kind counts by the difference.
CREATE OR REPLACE FUNCTION leap.bytes_added(tasks bigint[], results jsonb[])
RETURNS TABLE (task bigint, user_id uuid, lane int, bytes bigint) LANGUAGE sql STABLE AS $$
    SELECT k.id, k.user_id, k.lane,
           (SELECT coalesce(sum(n.bytes::bigint - coalesce(a.bytes, 0)), 0)::bigint
            FROM jsonb_to_recordset(x.result->'artifacts') AS n(kind text, bytes text)
            LEFT JOIN leap.artifacts a ON a.recording_id = k.recording_id AND a.kind = n.kind)
    FROM unnest(tasks, results) AS x(task, result) JOIN leap.tasks k ON k.id = x.task
    WHERE k.recording_id IS NOT NULL AND x.result ? 'artifacts'
$$;
COMMENT ON FUNCTION leap.bytes_added(bigint[], jsonb[]) IS 'By how many bytes each of these results makes its owner''s storage grow.';

-- The results that do not fit: oldest first, what fits is taken. What other running tasks have reserved is not to be had.
DROP FUNCTION IF EXISTS leap.storage_excess(bigint[], bigint[], jsonb[], uuid[]);
CREATE OR REPLACE FUNCTION leap.storage_excess(held bigint[], tasks bigint[], results jsonb[], limited uuid[])
RETURNS TABLE (task bigint, needed bigint, excess bigint) LANGUAGE plpgsql AS $$
DECLARE
    room jsonb := (SELECT jsonb_object_agg(o.id, leap.quota_limit(o.id, 'storage_bytes') - coalesce(u.used, 0) - (
                       SELECT coalesce(sum(l.bytes), 0) FROM leap.task_lease l WHERE l.lane = o.lane AND l.task <> ALL (held))
                       - leap.uploads_reserved(o.lane))
                   FROM leap.users o LEFT JOIN leap.quota_usage u ON u.user_id = o.id AND u.quota = 'storage_bytes'
                   WHERE o.id = ANY (limited));
    b record;
    free bigint;
BEGIN
    FOR b IN SELECT x.* FROM leap.bytes_added(tasks, results) x
             WHERE x.task = ANY (held) AND x.user_id = ANY (limited) ORDER BY x.task LOOP
        free := (room->>b.user_id::text)::bigint;
        IF b.bytes > 0 AND b.bytes > free THEN
            task := b.task;
            needed := b.bytes;
            excess := b.bytes - free;
            RETURN NEXT;
        ELSE
            room := jsonb_set(room, ARRAY[b.user_id::text], to_jsonb(free - b.bytes));
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION leap.storage_excess(bigint[], bigint[], jsonb[], uuid[]) IS
'Which of these results break the storage limits of their owners, how many bytes they need and how many of these are too much; the caller has locked the usage.';

-- The results that would break their owners' storage limits.
CREATE OR REPLACE FUNCTION leap.refuse_storage(held bigint[], tasks bigint[], results jsonb[])
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    owners uuid[];
    limited uuid[];
    over record;
    refused bigint[] := '{}';
BEGIN
    -- one statement may store files of several owners, new ones and replaced ones: each part would lock in its own order
    SELECT CASE WHEN count(*) > 1 OR bool_or(d.most IS NOT NULL OR d.transcribes) THEN array_agg(d.user_id) END,
           array_agg(d.user_id) FILTER (WHERE d.most IS NOT NULL)
    INTO owners, limited
    FROM (SELECT k.user_id, bool_or(k.kind = 'transcribe') AS transcribes, leap.quota_limit(k.user_id, 'storage_bytes') AS most
          FROM leap.tasks k WHERE k.id = ANY (held) AND k.recording_id IS NOT NULL GROUP BY k.user_id OFFSET 0) d;
    IF owners IS NOT NULL THEN
        PERFORM leap.lock_usage(owners);
    END IF;
    IF limited IS NOT NULL THEN
        FOR over IN SELECT e.task, e.needed, e.excess, k.fence, k.user_id FROM leap.storage_excess(held, tasks, results, limited) e JOIN leap.tasks k ON k.id = e.task
                    ORDER BY e.task LOOP
            refused := refused || over.task;
            PERFORM leap.fail(over.task::text, over.fence::text, leap.storage_refusal(over.user_id, over.needed, over.excess, held));
        END LOOP;
    END IF;
    RETURN refused;
END
$$;
COMMENT ON FUNCTION leap.refuse_storage(bigint[], bigint[], jsonb[]) IS
'Locks the usage that these results change and fails the tasks whose results do not fit into their owners'' storage, oldest first; returns those.';

-- A batch costs the same few statements as one report; what only some reports need is done only for those.
CREATE OR REPLACE FUNCTION leap.complete(reports jsonb)
RETURNS TABLE (task text, accepted boolean, reason text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
DECLARE
    ids bigint[];
    fences bigint[];
    results jsonb[];
    has_artifacts boolean;
    has_facts boolean;
    has_words boolean;
    has_targets boolean;
    remarkable boolean;
    metered boolean;
    errands boolean;
    refused bigint[] := '{}';
    done bigint[];
    done_fences bigint[];
    all_done boolean;
    skipped bigint[] := '{}';
    recordings uuid[];
    held uuid[];
    retrying uuid[];    -- another task of these failed and waits for its next try
    queues text[];
    by_worker uuid;
BEGIN
    PERFORM set_config('synchronous_commit', 'on', true);
    SELECT array_agg(r.task), array_agg(r.fence), array_agg(coalesce(r.result, '{}')),
           coalesce(bool_or(r.result ? 'artifacts'), false), coalesce(bool_or(r.result ? 'facts'), false),
           coalesce(bool_or(r.result->'facts' ?| '{transcript_passages,outline,captions}'), false),
           -- facts that may raise a flag or a hold
           coalesce(bool_or(r.result @> '{"facts":{"verdict":"degraded"}}' OR r.result @> '{"facts":{"has_audio":false}}'
                            OR r.result @> '{"facts":{"has_video":false}}' OR r.result #> '{facts,cut}' ?| '{fallback,flag}'
                            OR r.result @> '{"facts":{"speech":"none"}}' OR r.result #>> '{facts,quality,verdict}' IN ('suspect', 'reject', 'low')), false),
           coalesce(bool_or(r.result #> '{facts,usage}' IS NOT NULL), false)
    INTO ids, fences, results, has_artifacts, has_facts, has_words, remarkable, metered
    FROM (SELECT DISTINCT ON (x.task, x.fence) x.* FROM jsonb_to_recordset(reports) AS x(task bigint, fence bigint, result jsonb)
          ORDER BY x.task, x.fence) r;
    IF ids IS NULL THEN
        RETURN;
    END IF;
    SELECT array_agg(r.id), coalesce(array_agg(r.id) FILTER (WHERE r.hold IS NOT NULL), '{}'),
           array_agg(r.id) FILTER (WHERE r.next_attempt_at > clock_timestamp())
    INTO recordings, held, retrying
    FROM (SELECT x.id, x.hold, x.next_attempt_at FROM leap.recordings x
          WHERE x.id = ANY (ARRAY(SELECT t.recording_id FROM leap.tasks t WHERE t.id = ANY (ids))) ORDER BY x.id FOR NO KEY UPDATE) r;
    IF has_artifacts THEN
        refused := leap.refuse_storage(ARRAY(SELECT l.task FROM unnest(ids, fences) AS r(task, fence)
                                             JOIN leap.task_lease l ON l.task = r.task AND l.fence = r.fence), ids, results);
    END IF;
    WITH gone AS (
        DELETE FROM leap.task_lease l USING unnest(ids, fences) AS r(task, fence)
        WHERE l.task = r.task AND l.fence = r.fence RETURNING l.task, l.fence, l.worker_id)
    SELECT coalesce(array_agg(g.task), '{}'), array_agg(g.fence), (array_agg(g.worker_id))[1] INTO done, done_fences, by_worker FROM gone g;
    all_done := cardinality(done) = cardinality(ids);
    IF all_done THEN
        done := ids;
    ELSE    -- what is not held is not written
        SELECT coalesce(array_agg(r.task ORDER BY r.task), '{}'), coalesce(array_agg(r.result ORDER BY r.task), '{}') INTO done, results
        FROM unnest(ids, fences, results) AS r(task, fence, result)
        WHERE (r.task, r.fence) IN (SELECT d.task, d.fence FROM unnest(done, done_fences) AS d(task, fence));
    END IF;
    IF has_artifacts THEN
        PERFORM leap.store_artifacts(done, results);
    END IF;
    IF has_words THEN
        results := leap.store_words(done, results);
        PERFORM leap.forget_hearings(done);
    END IF;
    IF has_facts THEN
        PERFORM leap.store_facts(done, results);
    END IF;
    WITH ended AS (
        UPDATE leap.tasks k SET state = leap.move('complete', 'succeeded'), finished_at = clock_timestamp(), progress = 100,
               current_step = NULL, error = NULL, result = r.result - 'artifacts'
        FROM unnest(done, results) AS r(task, result)
        WHERE k.id = r.task
        RETURNING k.target_id, k.recording_id)
    SELECT coalesce(bool_or(e.target_id IS NOT NULL), false), coalesce(bool_or(e.recording_id IS NULL), false)
    INTO has_targets, errands FROM ended e;
    IF has_targets THEN
        PERFORM leap.store_targets(done, results);
    END IF;
    IF metered THEN     -- after the tasks are locked: a checkpoint may have said a part of it
        PERFORM leap.record_usage(done, ARRAY(SELECT r.result #> '{facts,usage}' FROM unnest(results) WITH ORDINALITY AS r(result, n) ORDER BY r.n));
    END IF;
    IF remarkable THEN
        skipped := leap.judge_results(done, results);
        held := ARRAY(SELECT r.id FROM leap.recordings r WHERE r.id = ANY (recordings) AND r.hold IS NOT NULL);
    END IF;
    IF errands THEN     -- by users: what the errands of two batches lock of their usage must not cross
        PERFORM leap.store_errand(e.k, e.result)
        FROM (SELECT k, r.result FROM unnest(done, results) AS r(task, result) JOIN leap.tasks k ON k.id = r.task
              WHERE k.recording_id IS NULL ORDER BY k.user_id, k.id OFFSET 0) e;
    END IF;
    IF recordings IS NOT NULL AND cardinality(done) > 0 THEN
        queues := leap.release_successors(done || skipped, held);
        PERFORM leap.settle(recordings, 'step');
        IF retrying IS NOT NULL THEN    -- the last task of a stage that ends takes it back if another has to be tried again
            PERFORM leap.settle(retrying, 'rollback');
        END IF;
        PERFORM leap.note_success(done);
        IF remarkable THEN
            PERFORM leap.skip_blank(recordings);
        END IF;
        -- the caller claims again by itself: others are called only for what it does not serve or cannot take
        IF cardinality(queues) > 0 AND (cardinality(queues) > cardinality(done)
            OR NOT queues <@ (SELECT w.queues FROM leap.workers w WHERE w.id = by_worker)) THEN
            PERFORM leap.ring(queues);
        END IF;
    END IF;
    IF all_done THEN
        RETURN QUERY SELECT x.task::text, true, NULL::text FROM unnest(ids) AS x(task);
        RETURN;
    END IF;
    RETURN QUERY
        SELECT x.task::text, d.task IS NOT NULL OR coalesce(k.fence = x.fence AND k.state = 'succeeded', false),
               CASE WHEN d.task IS NOT NULL THEN NULL WHEN x.task = ANY (refused) THEN 'quota'
                    WHEN k.fence = x.fence AND k.state = 'succeeded' THEN 'already complete' ELSE 'lost' END
        FROM unnest(ids, fences) AS x(task, fence) LEFT JOIN leap.tasks k ON k.id = x.task
        LEFT JOIN unnest(done, done_fences) AS d(task, fence) ON d.task = x.task AND d.fence = x.fence;
END
$$;
COMMENT ON FUNCTION leap.complete(jsonb) IS
'Takes results: an array of {"task","fence","result"}. In one transaction stores them, releases what waited for them and moves the recordings. A row per task and fence: accepted, or the reason (lost: the lease is gone, quota: the result did not fit). Repeating an accepted report is accepted.';
