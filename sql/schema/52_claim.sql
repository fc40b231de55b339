-- The task protocol, first half: workers register, claim and keep their claims.
--
-- Exactness: the lease row is the slot. A claim takes the user's lane lock first and counts the leases in a new
-- statement, so it sees what the last holder of the lock committed; counting in the claiming statement would not.
-- Lock order: lane -> recording -> ready -> tasks; whatever is locked is skipped, not waited for.

CREATE OR REPLACE FUNCTION leap.lane_key() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1279345985';   -- "LANE"
CREATE OR REPLACE FUNCTION leap.worker_key() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1464816194'; -- "WORK"
CREATE OR REPLACE FUNCTION leap.tick_key() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1414087499';   -- "TICK"
COMMENT ON FUNCTION leap.lane_key() IS 'First key of the advisory locks of user lanes.';
COMMENT ON FUNCTION leap.worker_key() IS 'First key of the advisory locks that workers hold while their session lives.';
COMMENT ON FUNCTION leap.tick_key() IS 'First key of the advisory locks of housekeeping.';

-- The oldest task protocol this schema still speaks.
CREATE OR REPLACE FUNCTION leap.min_protocol() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
COMMENT ON FUNCTION leap.min_protocol() IS 'The oldest worker protocol that may claim.';

CREATE OR REPLACE FUNCTION leap.known_worker(worker uuid, secret text)
RETURNS leap.workers LANGUAGE plpgsql STABLE AS $$
DECLARE
    w leap.workers;
BEGIN
    SELECT * INTO w FROM leap.workers WHERE id = worker AND secret_hash = sha256(convert_to(secret, 'UTF8'));
    IF NOT FOUND THEN
        PERFORM leap.refuse('LP040', format('worker %s is not registered with this secret', worker),
                            'Register again; the row may have been removed while the worker was away.');
    END IF;
    IF w.protocol < leap.min_protocol() THEN
        PERFORM leap.refuse('LP041', format('worker %s speaks protocol %s, this database needs at least %s',
                                            w.name, w.protocol, leap.min_protocol()),
                            'Update the program leap on that machine.');
    END IF;
    RETURN w;
END
$$;
COMMENT ON FUNCTION leap.known_worker(uuid, text) IS 'The registered worker, or error LP040 or LP041.';

DROP FUNCTION IF EXISTS leap.register_worker(text, int, text[], int, jsonb, uuid, text);
CREATE OR REPLACE FUNCTION leap.register_worker(name text, protocol int, queues text[], slots int, info jsonb = '{}',
                                                worker uuid = NULL, secret text = NULL, room jsonb = '{}')
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    w leap.workers;
BEGIN
    IF worker IS NOT NULL THEN
        w := leap.known_worker(worker, secret);
        UPDATE leap.workers SET beat_at = clock_timestamp(), gone_at = NULL, stopped_at = NULL WHERE id = w.id;
    ELSE
        PERFORM leap.check_queues(queues, room);
        secret := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
        INSERT INTO leap.workers AS n (name, secret_hash, protocol, queues, slots, info, room)
        VALUES (register_worker.name, sha256(convert_to(register_worker.secret, 'UTF8')), register_worker.protocol,
                register_worker.queues, register_worker.slots, register_worker.info, register_worker.room)
        RETURNING * INTO w;
        PERFORM leap.known_worker(w.id, secret);
    END IF;
    -- shared: a returning worker does not wait for its old session, which may be half dead for long
    PERFORM pg_advisory_lock_shared(leap.worker_key(), w.no);
    RETURN jsonb_build_object(
        'worker', w.id, 'secret', secret, 'no', w.no, 'database', leap.database_id(),
        -- whatever is set: two beats may be lost before a worker is taken for dead
        'heartbeat_seconds', least(leap.setting('leap.heartbeat_interval')::float8, leap.setting('leap.worker_timeout')::float8 / 3),
        'poll_seconds', leap.setting('leap.poll_interval')::float8 / 1000,
        'lease_seconds', leap.setting('leap.worker_timeout')::int);
END
$$;
COMMENT ON FUNCTION leap.register_worker(text, int, text[], int, jsonb, uuid, text, jsonb) IS
'Registers a worker process that serves these queues with so many slots in all; room {"queue": n} is how many tasks it runs of a queue at most, the others share the slots, or, with worker and secret, the same one again after a lost connection; its leases stay. The session then holds an advisory lock until it ends. Returns {worker, secret, no, database (leap.database_id()), heartbeat_seconds, poll_seconds, lease_seconds}; lease_seconds is how long a silent worker is believed alive. Errors LP030 for a queue that does not exist, is named twice or has a wrong number, LP040, LP041.';

-- A recording without pictures gets a still one if it is to go where nothing is taken without.
CREATE OR REPLACE FUNCTION leap.wants_picture(recording uuid, owner uuid, config jsonb)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM leap.effective_targets(config, owner, true) e JOIN leap.platforms p ON p.target_type = e.target_type WHERE p.needs_picture)
        OR EXISTS (SELECT FROM leap.output_targets o JOIN leap.platforms p ON p.target_type = o.target_type
                   WHERE o.recording_id = wants_picture.recording AND NOT o.configured AND p.needs_picture);
END
$$;
COMMENT ON FUNCTION leap.wants_picture(uuid, uuid, jsonb) IS
'Whether a recording with this resolved configuration has a target, asked for or to be asked for, that takes no sound without pictures.';

-- What was heard of the same sound before, by this recording or others of the same user, so that nobody pays for it twice.
-- It depends on the settings, of which the child knows the key: the first of every key come before what is left of them, so
-- that none hides another.
CREATE OR REPLACE FUNCTION leap.heard_before(recording uuid)
RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT json_agg(json_build_object('uri', x.uri, 'bytes', x.bytes::text, 'sha256', x.sha256, 'media_type', x.media_type, 'metadata', x.metadata)
                        ORDER BY x.again, x.own DESC, x.created_at DESC)
        FROM (SELECT h.*, h.recording_id = recording AS own,
                     row_number() OVER (PARTITION BY h.metadata->>'settings_key' ORDER BY h.recording_id = recording DESC, h.created_at DESC) AS again
              FROM leap.artifacts a
              JOIN leap.artifacts h ON h.user_id = a.user_id AND left(h.kind, 5) = 'heard' AND h.metadata->>'audio_sha256' = a.sha256
              WHERE a.recording_id = recording AND a.kind = 'audio'
              ORDER BY again, own DESC, h.created_at DESC LIMIT 8) x);
END
$$;
COMMENT ON FUNCTION leap.heard_before(uuid) IS
'The files of what was heard of the sound that a recording has now, as artifacts in the input of a task: at most 8, its own before the newest of other recordings of the same user; of several with the same settings all but the first come last. Null without any.';

-- What a task's child is told (docs/protocol.md, section 4). A view, so that a claim reads everything in one statement.
CREATE OR REPLACE VIEW leap.task_inputs AS
SELECT t.id AS task, t.fence, t.kind, t.queue, t.attempt, CASE WHEN t.recording_id IS NULL
    THEN (leap.errand_input(t.kind, t.subject) || jsonb_build_object('checkpoint', t.checkpoint, 'correlation_id', t.subject))::json ELSE json_build_object(
    'recording', json_build_object(
        'id', r.id, 'name', r.display_name, 'lane', t.lane, 'created_at', r.created_at, 'start_time', r.start_time,
        'duration', r.duration, 'final_duration', r.final_duration, 'source', r.source, 'facts', r.facts,
        'topics', r.topics, 'main_topics', r.main_topics),
    'import_roots', (SELECT to_json(array_remove(string_to_array(leap.setting('leap.import_roots'), ':'), ''))),
    'config', u.config,
    'outline', CASE t.kind WHEN 'topics' THEN leap.outline_to_write(r.id, u.asked_for) END,
    'still', CASE WHEN t.kind = 'trim' AND r.facts->>'has_video' = 'false' THEN leap.wants_picture(r.id, r.user_id, u.config) ELSE false END,
    'artifacts', coalesce((SELECT json_object_agg(a.kind, json_build_object(
            'uri', a.uri, 'bytes', a.bytes::text, 'sha256', a.sha256, 'media_type', a.media_type,
            'metadata', a.metadata))
        FROM leap.artifacts a WHERE a.recording_id = t.recording_id
              AND CASE WHEN t.kind = 'upload' AND r.facts #>> '{quality,withheld}' = 'true' THEN a.kind !~ '^(transcript|text|topics|chapters|(srt|vtt)(:.*)?)$' ELSE true END), '{}'),
    'target', CASE WHEN t.target_id IS NOT NULL THEN
        (SELECT json_build_object('id', o.id, 'type', o.target_type, 'meta', o.target_meta, 'config', o.config, 'remote_id', o.remote_id,
                                  'todo', leap.target_todo(o), 'video_changed', leap.video_changed(o),
                                  'publication', CASE t.kind WHEN 'upload' THEN leap.publication_of(r, o, u.config->'metadata') END)
         FROM leap.output_targets o WHERE o.id = t.target_id) END,
    'credential', CASE t.kind
        WHEN 'upload' THEN (SELECT leap.credential_input(t.user_id, lower(o.target_type), o.config->>'credential_id') FROM leap.output_targets o WHERE o.id = t.target_id AND o.config ? 'credential_id')
        WHEN 'download' THEN CASE WHEN r.source ? 'credential_id' THEN leap.credential_input(t.user_id, r.source->>'type', r.source->>'credential_id') END END,
    'endpoints', CASE t.kind
        WHEN 'upload' THEN (SELECT leap.endpoints_of(lower(o.target_type)) FROM leap.output_targets o WHERE o.id = t.target_id AND o.target_type <> 'LIBRARY')
        WHEN 'download' THEN CASE WHEN r.source->>'type' NOT IN ('file', 'url', 'upload') THEN leap.endpoints_of(r.source->>'type') END END,
    'providers', CASE WHEN t.kind IN ('transcribe', 'topics') THEN leap.task_providers(t.kind, u.config) END,
    'heard', CASE t.kind WHEN 'transcribe' THEN leap.heard_before(t.recording_id) END,
    'anew', t.kind = 'transcribe' AND (u.trigger = 'force' OR coalesce(u.asked_for IN ('transcribe', 'hear'), false)),
    'captions', CASE WHEN t.kind IN ('transcribe', 'subtitles') THEN leap.task_captions(t.recording_id) END,
    'checkpoint', t.checkpoint, 'run', t.run_id, 'correlation_id', u.correlation_id) END AS input
FROM leap.tasks t
LEFT JOIN leap.recordings r ON r.id = t.recording_id
LEFT JOIN leap.runs u ON u.id = t.run_id;
COMMENT ON VIEW leap.task_inputs IS 'What the child that runs a task gets to know.';

-- Takes up to `wanted` tasks of one lane of one queue. The caller holds the lane lock; this is a new statement, so
-- it sees every lease the last holder of the lock committed.
CREATE OR REPLACE FUNCTION leap.claim_lane(w leap.workers, in_queue text, in_lane int, slots bigint, wanted int)
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    free bigint;
    oldest bigint;
    newest bigint;
    tasks bigint[];
    recordings uuid[];
    locked uuid[];
    picked bigint[];
    targets boolean;
    bits int[];
    moving uuid[];
    events text[];
    statuses text[];
    also CONSTANT int[] := '{0,16}';    -- the second time a few more, in case others hold the first recordings
    extra int;
BEGIN
    IF slots IS NOT NULL THEN
        SELECT slots - count(*) FILTER (WHERE l.counted), min(l.no) INTO free, oldest
        FROM leap.task_lease l WHERE l.lane = in_lane AND l.no >= leap.lease_floor(in_lane);
        PERFORM leap.set_lease_floor(in_lane, oldest);
    END IF;
    FOREACH extra IN ARRAY also LOOP
        SELECT array_agg(c.task), array_agg(c.recording_id) INTO tasks, recordings
        FROM (SELECT c.task, c.recording_id FROM leap.task_ready c
              WHERE c.queue = in_queue AND c.lane = in_lane AND (free IS NULL OR free > 0 OR NOT c.counted)
              ORDER BY c.prio, c.seq LIMIT CASE WHEN free > 0 THEN least(wanted, free) ELSE wanted END + extra) c;
        EXIT WHEN tasks IS NULL;
        locked := ARRAY(SELECT r.id FROM leap.recordings r WHERE r.id = ANY (recordings) ORDER BY r.id
                        FOR NO KEY UPDATE SKIP LOCKED);
        picked := ARRAY(SELECT c.task FROM unnest(tasks, recordings) AS c(task, recording)
                        WHERE c.recording IS NULL OR c.recording = ANY (locked)
                        LIMIT CASE WHEN free > 0 THEN least(wanted, free) ELSE wanted END);
        EXIT WHEN cardinality(picked) > 0 OR cardinality(tasks) < wanted + extra;
    END LOOP;
    picked := leap.take_tokens(leap.admit_tasks(picked, in_lane));
    IF picked IS NULL OR cardinality(picked) = 0 THEN
        RETURN '{}';
    END IF;
    -- a task that a cancel took away before its recording was locked is not in the table any more
    WITH gone AS (
        DELETE FROM leap.task_ready c WHERE c.task = ANY (picked) RETURNING c.task, c.counted),
    leased AS (
        INSERT INTO leap.task_lease (task, fence, worker_id, lane, counted, deadline, bytes, seconds)
        SELECT g.task, leap.new_fence(), w.id, in_lane, g.counted, clock_timestamp() + k.deadline,
               leap.expected_bytes(t.kind, r.source, a.bytes), leap.expected_seconds(t.kind, r.final_duration, r.duration, t.checkpoint)
        FROM gone g JOIN leap.tasks t ON t.id = g.task JOIN leap.task_kinds k ON k.kind = t.kind
        LEFT JOIN leap.recordings r ON r.id = t.recording_id
        LEFT JOIN leap.artifacts a ON a.recording_id = r.id AND a.kind = 'source'
        RETURNING task, fence, no),
    claimed AS (
        UPDATE leap.tasks t
        SET state = leap.move('claim', 'running'), attempt = t.attempt + 1, fence = l.fence, worker_id = w.id,
            started_at = clock_timestamp(), finished_at = NULL, progress = 0, current_step = NULL
        FROM leased l WHERE t.id = l.task
        RETURNING t.id, t.target_id, t.recording_id, t.stage, l.no)
    SELECT coalesce(array_agg(c.id), '{}'), coalesce(bool_or(c.target_id IS NOT NULL), false),
           array_agg(c.recording_id), array_agg(leap.task_bit(c.stage, 'running')), min(c.no)
    INTO picked, targets, recordings, bits, newest FROM claimed c;
    IF slots IS NOT NULL AND oldest IS NULL THEN    -- these are the only ones
        PERFORM leap.set_lease_floor(in_lane, newest);
    END IF;
    IF targets THEN
        UPDATE leap.output_targets o
        SET status = leap.move(CASE o.status WHEN 'FAILED' THEN 'retry' WHEN 'UPLOADED' THEN 'rerun' ELSE 'step' END, 'UPLOADING'),
            started_at = clock_timestamp()
        FROM leap.tasks t WHERE t.id = ANY (picked) AND o.id = t.target_id;
    END IF;
    -- a stage of which a task runs has begun, whatever its other tasks do
    SELECT array_agg(n.id), array_agg((n.m).event), array_agg((n.m).to_status) INTO moving, events, statuses
    FROM (SELECT r.id, leap.next_move(r.status, r.failed_at_stage, b.states, 'step') AS m
          FROM (SELECT x.recording, bit_or(x.bit) AS states FROM unnest(recordings, bits) AS x(recording, bit) GROUP BY x.recording) b
          JOIN leap.recordings r ON r.id = b.recording OFFSET 0) n WHERE n.m IS NOT NULL;
    IF moving IS NOT NULL THEN
        UPDATE leap.recordings r SET status = leap.move(n.event, n.to_status), updated_at = now()
        FROM unnest(moving, events, statuses) AS n(id, event, to_status) WHERE r.id = n.id;
    END IF;
    RETURN picked;
END
$$;
COMMENT ON FUNCTION leap.claim_lane(leap.workers, text, int, bigint, int) IS
'Claims tasks of one user in one queue for a worker, as many as his slots (null: unlimited) leave free; the caller holds the lane lock.';

CREATE OR REPLACE FUNCTION leap.claim_queue(w leap.workers, in_queue text, wanted int)
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    max_lanes CONSTANT int := 64;   -- a call that meets only full users must still end soon
    -- on from the user served last by this session, so that every other comes before him again; the first time anywhere
    first_lane int := coalesce(leap.turn(in_queue), -1 + floor(random() * (
        SELECT c.lane + 1 FROM leap.task_ready c WHERE c.queue = in_queue ORDER BY c.queue DESC, c.lane DESC LIMIT 1))::int);
    at_lane int := first_lane;
    next_lane int;
    wrapped boolean := false;
    slots bigint;
    full_up boolean;
    share int := (wanted + 3) / 4;  -- one user's, as long as others may be waiting: their tasks may run for hours
    cut boolean := false;
    part bigint[];
    got bigint[] := '{}';
BEGIN
    IF first_lane IS NULL THEN
        RETURN got;
    END IF;
    FOR i IN 1..max_lanes LOOP
        -- the next user with something ready, and a look without the lock: full users are passed without holding anything
        SELECT c.lane, q.slots,
               coalesce(q.slots <= (SELECT count(*) FROM leap.task_lease l WHERE l.lane = c.lane AND l.no >= leap.lease_floor(c.lane) AND l.counted), false)
               AND NOT EXISTS (SELECT FROM leap.task_ready x WHERE x.queue = in_queue AND x.lane = c.lane AND NOT x.counted)
        INTO next_lane, slots, full_up
        FROM (SELECT x.lane FROM leap.task_ready x WHERE x.queue = in_queue AND x.lane > at_lane ORDER BY x.queue, x.lane LIMIT 1) c
        CROSS JOIN LATERAL (SELECT leap.quota_limit((SELECT u.id FROM leap.users u WHERE u.lane = c.lane), 'concurrent_tasks')) AS q(slots);
        IF next_lane IS NULL OR (wrapped AND next_lane > first_lane) THEN
            EXIT WHEN wrapped AND NOT cut;
            IF wrapped THEN    -- everybody had his share: who has more may take the rest
                share := wanted;
                cut := false;
            END IF;
            at_lane := CASE WHEN wrapped THEN first_lane ELSE -1 END;
            wrapped := NOT wrapped;
            CONTINUE;
        END IF;
        at_lane := next_lane;
        CONTINUE WHEN full_up OR NOT pg_try_advisory_xact_lock(leap.lane_key(), at_lane);
        part := leap.claim_lane(w, in_queue, at_lane, slots, least(share, wanted - cardinality(got)));
        got := got || part;
        cut := cut OR cardinality(part) = share;
        EXIT WHEN cardinality(got) >= wanted;
    END LOOP;
    PERFORM leap.set_turn(in_queue, at_lane);
    RETURN got;
END
$$;
COMMENT ON FUNCTION leap.claim_queue(leap.workers, text, int) IS
'Walks the users that have ready tasks in a queue, on from the one this session served last (the first time from a random one), and claims under their limits: a quarter of what is wanted of each, and what is left of whoever has more.';

DROP FUNCTION IF EXISTS leap.claim(uuid, text, int);
DROP FUNCTION IF EXISTS leap.claim(uuid, text, int, jsonb);
CREATE OR REPLACE FUNCTION leap.claim(worker uuid, secret text, wanted int, room jsonb = NULL, turn int = 0)
RETURNS TABLE (task text, fence text, kind text, queue text, attempt int, deadline_seconds double precision, input json)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_sort = off
SET jit = off AS $$
DECLARE
    w leap.workers := leap.known_worker(worker, secret);
    got bigint[] := '{}';
    part bigint[];
    shared int := wanted;
    q text;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM leap.refuse('LP030', 'claim needs READ COMMITTED: another isolation level would count with an old snapshot');
    END IF;
    -- those with places of their own first; the others, however many they are, take turns
    FOREACH q IN ARRAY ARRAY(SELECT s.q FROM (
                                 SELECT x.q, coalesce(room ? x.q, false) AS own, count(*) OVER o AS others, row_number() OVER (o ORDER BY x.n) AS place
                                 FROM unnest(w.queues) WITH ORDINALITY AS x(q, n) WINDOW o AS (PARTITION BY coalesce(room ? x.q, false))) s
                             WHERE NOT EXISTS (SELECT FROM leap.queues p WHERE p.queue = s.q AND p.paused_at IS NOT NULL)
                             ORDER BY s.own DESC, (s.place - 1 + turn) % s.others) LOOP
        CONTINUE WHEN coalesce((room->>q)::int, shared) <= 0;
        part := leap.claim_queue(w, q, coalesce((room->>q)::int, shared));
        got := got || part;
        IF room->>q IS NULL THEN
            shared := shared - cardinality(part);
        END IF;
    END LOOP;
    IF cardinality(got) = 0 THEN
        PERFORM leap.housekeep();
        RETURN;
    END IF;
    RETURN QUERY
        SELECT i.task::text, i.fence::text, i.kind, i.queue, i.attempt::int, extract(epoch FROM l.deadline - clock_timestamp())::float8, i.input
        FROM leap.task_inputs i JOIN leap.task_lease l ON l.task = i.task WHERE i.task = ANY (got) ORDER BY i.task;
END
$$;
COMMENT ON FUNCTION leap.claim(uuid, text, int, jsonb, int) IS
'Claims up to wanted ready tasks of the worker''s queues, fairly over users and never beyond max_concurrent_tasks of any; room {"queue": n} gives queues places of their own instead (n = 0: none of it now), and wanted is for the others. A worker counts turn up with each claim: the queues that share its slots are then looked at in another order each time, and one that is never empty keeps no other waiting. Each row is a lease: (task, fence) proves it in every later call. Errors LP030, LP040, LP041.';

CREATE OR REPLACE FUNCTION leap.heartbeat(worker uuid, secret text, tasks text[], fences text[], progress jsonb = '[]')
RETURNS TABLE (task text, "order" text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off AS $$
DECLARE
    w leap.workers := leap.known_worker(worker, secret);
    unnamed bigint[];
BEGIN
    -- one that was silent for too long was taken for dead; it is not
    UPDATE leap.workers SET beat_at = clock_timestamp(), gone_at = NULL, stopped_at = NULL WHERE id = w.id;
    -- the answer to a claim may be lost with the connection: nobody works on what this worker holds and does not name
    unnamed := ARRAY(SELECT l.task FROM leap.task_lease l JOIN leap.tasks t ON t.id = l.task
                     WHERE l.worker_id = w.id AND NOT l.task = ANY (heartbeat.tasks::bigint[])
                       AND t.started_at < clock_timestamp() - leap.setting('leap.worker_timeout')::int * interval '2 s'
                     ORDER BY l.task);
    IF cardinality(unnamed) > 0 THEN
        PERFORM leap.hand_back(worker, secret, ARRAY(SELECT l.task::text FROM leap.task_lease l WHERE l.task = ANY (unnamed) ORDER BY l.task),
                               ARRAY(SELECT l.fence::text FROM leap.task_lease l WHERE l.task = ANY (unnamed) ORDER BY l.task));
    END IF;
    UPDATE leap.tasks t SET progress = least(100, greatest(0, p.progress::int))::smallint, current_step = left(p.step, 100)
    FROM jsonb_to_recordset(heartbeat.progress) AS p(task bigint, progress float8, step text),
         unnest(heartbeat.tasks::bigint[], heartbeat.fences::bigint[]) AS h(task, fence), leap.task_lease l
    WHERE t.id = p.task AND h.task = p.task AND l.task = h.task AND l.fence = h.fence;
    RETURN QUERY
        SELECT h.task::text, CASE WHEN t.state = 'cancelled' THEN 'cancel' ELSE 'lost' END
        FROM unnest(heartbeat.tasks::bigint[], heartbeat.fences::bigint[]) AS h(task, fence)
        LEFT JOIN leap.tasks t ON t.id = h.task
        WHERE NOT EXISTS (SELECT FROM leap.task_lease l WHERE l.task = h.task AND l.fence = h.fence)
          AND NOT (t.fence = h.fence AND t.state IN ('succeeded', 'failed'));
    PERFORM leap.housekeep();
END
$$;
COMMENT ON FUNCTION leap.heartbeat(uuid, text, text[], text[], jsonb) IS
'Says that the worker lives, stores the progress of its tasks, and answers with orders for leases that are gone: cancel or lost. No row: go on. Leases the worker has held for long and does not name are handed back.';

CREATE OR REPLACE FUNCTION leap.confirm(task text, fence text)
RETURNS boolean LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT EXISTS (SELECT FROM leap.task_lease l
                   WHERE l.task = confirm.task::bigint AND l.fence = confirm.fence::bigint AND l.deadline > clock_timestamp())
$$;
COMMENT ON FUNCTION leap.confirm(text, text) IS
'Whether this lease is alive now: asked before every act that cannot be undone.';

CREATE OR REPLACE FUNCTION leap.checkpoint(task text, fence text, state jsonb)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    IF state ? 'usage' THEN     -- which is the last that is locked
        PERFORM leap.lock_recordings(ARRAY[checkpoint.task::bigint]);
    END IF;
    -- the task first, as everywhere: whoever takes the lease away changes the task as well
    PERFORM FROM leap.tasks t WHERE t.id = checkpoint.task::bigint FOR NO KEY UPDATE;
    PERFORM FROM leap.task_lease l WHERE l.task = checkpoint.task::bigint AND l.fence = checkpoint.fence::bigint;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM set_config('synchronous_commit', 'on', true);
    UPDATE leap.tasks t SET checkpoint = checkpoint.state WHERE t.id = checkpoint.task::bigint;
    IF state ? 'usage' THEN
        PERFORM leap.record_usage(ARRAY[checkpoint.task::bigint], ARRAY[state->'usage']);
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION leap.checkpoint(text, text, jsonb) IS
'Stores the state from which the next attempt continues, before an outside effect, and counts what it says in usage (leap.record_usage). False: the lease is gone, stop.';
