-- Rate limits: a task starts with a token of every bucket it falls under, or waits in leap.task_scheduled.
--
-- Tokens are taken by the claim that starts the task, in its transaction, so that a claim that is rolled back gives
-- them back. Waiting is no failure and no attempt. Lock order: lane -> recording -> ready -> circuits -> buckets; a claim
-- never waits for any of them: what another claim holds is left ready for the next look. Reports (fail, complete) lock
-- circuits last, in the order of (platform, credential), and wait for nothing after that.

CREATE OR REPLACE FUNCTION leap.gate_key() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1195463749';   -- "GATE"
COMMENT ON FUNCTION leap.gate_key() IS 'First key of the advisory locks under which buckets are made.';

CREATE OR REPLACE FUNCTION leap.source_platform(source jsonb)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE source->>'type' WHEN 'url' THEN 'url:' || lower(regexp_replace(
                substring(source->>'url' FROM '^[^:/?#]+://(?:[^/?#]*@)?([^/?#]*)'), ':(80|443)?$', ''))
           ELSE lower(source->>'type') END
$$;
COMMENT ON FUNCTION leap.source_platform(jsonb) IS
'The platform a source is fetched from: its type, for a URL with host and unusual port: url:example.org.';

CREATE OR REPLACE FUNCTION leap.task_platforms(ids bigint[])
RETURNS TABLE (task bigint, lane int, platform text, credential text) LANGUAGE sql STABLE AS $$
    SELECT t.id, t.lane,
           CASE t.kind WHEN 'upload' THEN lower(o.target_type) WHEN 'unpublish' THEN lower(o.target_type) WHEN 'download' THEN leap.source_platform(r.source)
                       WHEN 'transcribe' THEN leap.asked_by_http(t.kind, u.config) WHEN 'topics' THEN leap.asked_by_http(t.kind, u.config) END,
           coalesce(CASE t.kind WHEN 'upload' THEN o.config->>'credential_id' WHEN 'unpublish' THEN o.config->>'credential_id' WHEN 'download' THEN r.source->>'credential_id' END, '')
    FROM leap.tasks t
    LEFT JOIN leap.recordings r ON r.id = t.recording_id
    LEFT JOIN leap.output_targets o ON o.id = coalesce(t.target_id, CASE t.kind WHEN 'unpublish' THEN t.subject END)
    LEFT JOIN leap.runs u ON u.id = t.run_id AND t.kind IN ('transcribe', 'topics')
    WHERE t.id = ANY (ids)
$$;
COMMENT ON FUNCTION leap.task_platforms(bigint[]) IS
'What each of these tasks talks to: the platform (null: nothing that is limited) and the credential (empty: none).';

CREATE OR REPLACE FUNCTION leap.limits_of(platform text)
RETURNS SETOF leap.rate_limits LANGUAGE sql STABLE AS $$
    SELECT l FROM leap.rate_limits l
    WHERE l.platform = limits_of.platform
       OR (l.platform = split_part(limits_of.platform, ':', 1)
           AND NOT EXISTS (SELECT FROM leap.rate_limits s WHERE s.platform = limits_of.platform AND s.scope = l.scope))
    ORDER BY l.id
$$;
COMMENT ON FUNCTION leap.limits_of(text) IS
'The limits that hold for a platform, its host included: those of its name, and those of its type for scopes without one of its name.';

CREATE OR REPLACE FUNCTION leap.bucket_level(b leap.rate_buckets, l leap.rate_limits)
RETURNS double precision LANGUAGE sql VOLATILE AS $$
    SELECT least(coalesce(l.burst, l.tokens), b.tokens
                 + greatest(extract(epoch FROM clock_timestamp() - b.at), 0)::float8 * l.tokens / extract(epoch FROM l.per)::float8)
$$;
COMMENT ON FUNCTION leap.bucket_level(leap.rate_buckets, leap.rate_limits) IS 'The tokens that are in a bucket of this limit now.';

-- The bucket, locked until the transaction ends; a row of nulls if another transaction has it.
CREATE OR REPLACE FUNCTION leap.lock_bucket(l leap.rate_limits, a_platform text, a_key text)
RETURNS leap.rate_buckets LANGUAGE plpgsql AS $$
DECLARE
    b leap.rate_buckets;
BEGIN
    FOR i IN 1..2 LOOP
        SELECT * INTO b FROM leap.rate_buckets x
        WHERE x.limit_id = l.id AND x.platform = a_platform AND x.key = a_key FOR UPDATE SKIP LOCKED;
        EXIT WHEN FOUND OR i = 2 OR NOT pg_try_advisory_xact_lock(leap.gate_key(), hashtext(format('%s %s %s', l.id, a_platform, a_key)));
        -- an insert would wait for whoever has the same bucket: seen by a statement that began under the lock, it must be missing
        EXIT WHEN EXISTS (SELECT FROM leap.rate_buckets x WHERE x.limit_id = l.id AND x.platform = a_platform AND x.key = a_key);
        INSERT INTO leap.rate_buckets (limit_id, platform, key, tokens)
        VALUES (l.id, a_platform, a_key, coalesce(l.burst, l.tokens)) ON CONFLICT DO NOTHING;
    END LOOP;
    RETURN b;
END
$$;
COMMENT ON FUNCTION leap.lock_bucket(leap.rate_limits, text, text) IS
'The bucket of a limit for a platform and key, made if it is missing, locked without waiting; nulls if another transaction is at it.';

CREATE OR REPLACE FUNCTION leap.take_from_buckets(a_platform text, a_credential text, a_lane int, wanted int,
    OUT granted int, OUT bucket bigint, OUT wait interval, OUT step interval, OUT reason text)
LANGUAGE plpgsql AS $$
DECLARE
    l leap.rate_limits;
    b leap.rate_buckets;
    ids bigint[] := '{}';
    levels float8[] := '{}';
    rates float8[] := '{}';
    reasons text[] := '{}';
BEGIN
    FOR l IN SELECT * FROM leap.limits_of(a_platform) LOOP
        b := leap.lock_bucket(l, a_platform, CASE l.scope WHEN 'user' THEN a_lane::text WHEN 'credential' THEN a_credential ELSE '' END);
        IF b.id IS NULL THEN
            RETURN;
        END IF;
        ids := ids || b.id;
        levels := levels || leap.bucket_level(b, l);
        rates := rates || l.tokens / extract(epoch FROM l.per)::float8;
        reasons := reasons || format('the limit of %s is used up: %s per %s for %s', a_platform, l.tokens, l.per,
            CASE l.scope WHEN 'platform' THEN 'all' WHEN 'user' THEN 'each user' ELSE 'each credential' END);
    END LOOP;
    granted := least(wanted, (SELECT min(floor(x + 1e-9)) FROM unnest(levels) x));
    UPDATE leap.rate_buckets u SET tokens = greatest(n.level - granted, 0), at = clock_timestamp()
    FROM unnest(ids, levels) AS n(id, level) WHERE u.id = n.id AND granted > 0;
    SELECT n.id, greatest(1 - (n.level - granted), 0) / n.rate * interval '1 s', 1 / n.rate * interval '1 s', n.reason
    INTO bucket, wait, step, reason
    FROM unnest(ids, levels, rates, reasons) AS n(id, level, rate, reason) ORDER BY 2 DESC LIMIT 1;
END
$$;
COMMENT ON FUNCTION leap.take_from_buckets(text, text, int, int) IS
'Takes up to wanted tokens of every bucket that holds for a platform, credential and lane. granted: how many (null: another transaction is at a bucket, try later); bucket, wait, step, reason: the bucket that lets the next one wait longest, how long until its next token, and from token to token.';

-- All ready tasks of this lane and queue that talk to the same, for none of which there is a way now.
CREATE OR REPLACE FUNCTION leap.ready_alike(one bigint, a_platform text, a_credential text)
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    alike bigint[];
    locked uuid[];
BEGIN
    alike := ARRAY(SELECT p.task FROM leap.task_platforms(ARRAY(
            SELECT c.task FROM leap.task_ready c, leap.task_ready o
            WHERE o.task = one AND c.queue = o.queue AND c.lane = o.lane ORDER BY c.prio, c.seq LIMIT 1000)) p
        WHERE p.platform = a_platform AND p.credential = a_credential);
    locked := ARRAY(SELECT r.id FROM leap.recordings r
                    WHERE r.id IN (SELECT c.recording_id FROM leap.task_ready c WHERE c.task = ANY (alike))
                    ORDER BY r.id FOR NO KEY UPDATE SKIP LOCKED);
    RETURN ARRAY(SELECT c.task FROM leap.task_ready c WHERE c.task = ANY (alike) AND c.recording_id = ANY (locked)
                 ORDER BY c.prio, c.seq FOR UPDATE SKIP LOCKED);
END
$$;
COMMENT ON FUNCTION leap.ready_alike(bigint, text, text) IS
'The ready tasks of the same queue and lane as this one that talk to this platform with this credential, in their order, locked with their recordings as far as nobody else has them; at most 1000 are looked at.';

CREATE OR REPLACE FUNCTION leap.put_off(ids bigint[], a_gate text, a_gate_id bigint, why text, first_at timestamptz, step interval = '0')
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM leap.task_ready WHERE task = ANY (ids);
    UPDATE leap.tasks SET state = leap.move('limit', 'scheduled') WHERE id = ANY (ids);
    INSERT INTO leap.task_scheduled (run_at, task, recording_id, lane, gate, gate_id, reason)
    SELECT first_at + (n.place - 1) * step, t.id, t.recording_id, t.lane, a_gate, a_gate_id, why
    FROM unnest(ids) WITH ORDINALITY AS n(task, place) JOIN leap.tasks t ON t.id = n.task;
    -- of a recording whose last try failed it is known when the next one comes
    UPDATE leap.recordings r SET next_attempt_at = s.run_at FROM leap.task_scheduled s
    WHERE s.task = ANY (ids) AND r.id = s.recording_id AND r.next_attempt_at IS NOT NULL;
END
$$;
COMMENT ON FUNCTION leap.put_off(bigint[], text, bigint, text, timestamptz, interval) IS
'Lets ready tasks, whose recordings the caller holds, wait for a gate: the first until first_at, each further one a step longer.';

-- One group of tasks at its platform: the circuit first, then the buckets.
CREATE OR REPLACE FUNCTION leap.pass_gates(a_platform text, a_credential text, a_lane int, members bigint[])
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    c record;
    took record;
    granted int := 0;
    rest bigint[];
    others int;
    last_at timestamptz;
BEGIN
    SELECT * INTO c FROM leap.circuit_room(a_platform, a_credential, cardinality(members));
    IF c.room > 0 THEN
        SELECT * INTO took FROM leap.take_from_buckets(a_platform, a_credential, a_lane, c.room);
        granted := took.granted;
    END IF;
    IF c.room IS NULL OR granted IS NULL THEN
        RETURN '{}';
    END IF;
    IF granted > 0 AND c.circuit IS NOT NULL THEN
        PERFORM leap.begin_probe(c.circuit, members[1], c.until);
    END IF;
    IF granted < cardinality(members) THEN
        rest := ARRAY(SELECT x.task FROM unnest(leap.ready_alike(members[1], a_platform, a_credential)) WITH ORDINALITY AS x(task, place)
                      WHERE x.task <> ALL (members[1:granted]) ORDER BY x.place);
        IF granted < c.room THEN
            -- the users who wait take turns: this lane's next turn is after one of each other, and so are its further ones;
            -- within the lane it is behind what waits with the same or a better priority
            SELECT count(DISTINCT s.lane) INTO others FROM leap.task_scheduled s WHERE s.gate_id = took.bucket AND s.lane <> a_lane;
            SELECT max(s.run_at) INTO last_at FROM leap.task_scheduled s JOIN leap.tasks t ON t.id = s.task
            WHERE s.gate_id = took.bucket AND s.lane = a_lane AND t.prio <= (SELECT x.prio FROM leap.tasks x WHERE x.id = rest[1]);
            PERFORM leap.put_off(rest, 'limit', took.bucket, took.reason,
                                 greatest(clock_timestamp() + took.wait + others * took.step, last_at + (others + 1) * took.step),
                                 (others + 1) * took.step);
        ELSE
            PERFORM leap.put_off(rest, c.gate, c.circuit, c.reason, c.until);
        END IF;
    END IF;
    RETURN members[1:granted];
END
$$;
COMMENT ON FUNCTION leap.pass_gates(text, text, int, bigint[]) IS
'Which of these ready tasks of one lane, platform and credential may start now; the others, and all ready ones like them, are put off. Empty without putting off when another transaction is at the same gate.';

CREATE OR REPLACE FUNCTION leap.take_tokens(tasks bigint[])
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    g record;
    may bigint[] := '{}';
BEGIN
    -- what every claim pays: a look into two indexes that are empty (claims run with enable_seqscan off)
    IF NOT EXISTS (SELECT FROM leap.rate_limits) AND NOT EXISTS (
        SELECT FROM leap.circuits c WHERE c.state <> 'closed' OR c.paused_until IS NOT NULL) THEN
        RETURN tasks;
    END IF;
    FOR g IN SELECT p.platform, p.credential, p.lane, array_agg(p.task ORDER BY n.place) AS members
             FROM unnest(tasks) WITH ORDINALITY AS n(task, place) JOIN leap.task_platforms(tasks) p USING (task)
             JOIN leap.task_ready r USING (task)    -- it may have been cancelled before its recording was locked
             GROUP BY p.platform, p.credential, p.lane ORDER BY p.platform, p.credential, p.lane LOOP
        may := may || CASE WHEN g.platform IS NULL THEN g.members
                           ELSE leap.pass_gates(g.platform, g.credential, g.lane, g.members) END;
    END LOOP;
    RETURN may;
END
$$;
COMMENT ON FUNCTION leap.take_tokens(bigint[]) IS
'Takes the tokens that these ready tasks, whose recordings the caller holds, need to start; returns those that may. The others wait in leap.task_scheduled, or stay ready where another transaction is at the same limit. Without limits and open breakers all may.';

-- Waiting tasks are expected at their times, but those before them may have been cancelled, or a limit raised: tokens
-- that lie unused call the next ones, for a platform no more than its own buckets hold. A lane that still has ready
-- tasks in the queue needs no more.
CREATE OR REPLACE FUNCTION leap.wake_waiting()
RETURNS void LANGUAGE sql AS $$
    WITH levels AS MATERIALIZED (
        SELECT b.id, b.platform, floor(leap.bucket_level(b, l))::int AS level, l.scope
        FROM leap.rate_buckets b JOIN leap.rate_limits l ON l.id = b.limit_id),
    rooms AS (SELECT platform, min(level) AS room FROM levels WHERE scope = 'platform' GROUP BY platform),
    next AS (
        SELECT w.task, w.run_at, v.platform, row_number() OVER (PARTITION BY v.platform ORDER BY w.run_at, w.task) AS place
        FROM levels v
        CROSS JOIN LATERAL (SELECT y.task, y.run_at FROM leap.task_scheduled y WHERE y.gate_id = v.id ORDER BY y.run_at LIMIT v.level) w
        WHERE v.level > 0),
    early AS (
        SELECT s.task FROM leap.task_scheduled s
        WHERE s.task IN (
            SELECT n.task FROM next n JOIN leap.tasks t ON t.id = n.task LEFT JOIN rooms r ON r.platform = n.platform
            WHERE n.run_at > clock_timestamp() AND n.place <= coalesce(r.room, n.place)
              AND NOT EXISTS (SELECT FROM leap.task_ready x WHERE x.queue = t.queue AND x.lane = t.lane))
        ORDER BY s.task FOR UPDATE SKIP LOCKED)
    UPDATE leap.task_scheduled s SET run_at = clock_timestamp() FROM early e WHERE s.task = e.task
$$;
COMMENT ON FUNCTION leap.wake_waiting() IS
'Makes tasks due that wait for buckets in which there are tokens.';

CREATE OR REPLACE FUNCTION leap.wake_gates(ids bigint[])
RETURNS int LANGUAGE sql AS $$
    WITH waiting AS (SELECT s.task FROM leap.task_scheduled s WHERE s.gate_id = ANY (ids) ORDER BY s.task FOR UPDATE SKIP LOCKED),
    woken AS (UPDATE leap.task_scheduled s SET run_at = clock_timestamp() FROM waiting w WHERE s.task = w.task RETURNING 1)
    SELECT count(*)::int FROM woken
$$;
COMMENT ON FUNCTION leap.wake_gates(bigint[]) IS
'Makes the tasks due that wait for these buckets or circuits; returns how many.';

-- A limit that changes or goes concerns those who wait for it.
CREATE OR REPLACE FUNCTION leap.limits_changed()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    PERFORM leap.wake_gates(ARRAY(SELECT b.id FROM leap.rate_buckets b JOIN old_rows o ON o.id = b.limit_id));
    DELETE FROM leap.rate_buckets b USING old_rows o
    WHERE b.limit_id = o.id AND NOT EXISTS (SELECT FROM leap.rate_limits l WHERE l.id = o.id);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER limits_changed AFTER UPDATE ON leap.rate_limits
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION leap.limits_changed();
CREATE OR REPLACE TRIGGER limits_deleted AFTER DELETE ON leap.rate_limits
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION leap.limits_changed();

CREATE OR REPLACE FUNCTION leap.forget_platforms()
RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    WITH full_again AS (
        SELECT b.id FROM leap.rate_buckets b LEFT JOIN leap.rate_limits l ON l.id = b.limit_id
        WHERE (l.id IS NULL OR leap.bucket_level(b, l) >= coalesce(l.burst, l.tokens))
          AND NOT EXISTS (SELECT FROM leap.task_scheduled s WHERE s.gate_id = b.id)
        FOR UPDATE OF b SKIP LOCKED),
    over AS (
        SELECT c.id FROM leap.circuits c
        WHERE c.state = 'closed' AND coalesce(c.paused_until, '-infinity') < clock_timestamp()
          AND coalesce(c.failed_times[cardinality(c.failed_times)], '-infinity')
              < clock_timestamp() - leap.setting('leap.breaker_window')::int * interval '1 s'
        FOR UPDATE SKIP LOCKED),
    gone AS (DELETE FROM leap.rate_buckets b USING full_again f WHERE b.id = f.id RETURNING 1),
    closed AS (DELETE FROM leap.circuits c USING over o WHERE c.id = o.id RETURNING 1)
    SELECT ((SELECT count(*) FROM gone) + (SELECT count(*) FROM closed))::int
$$;
COMMENT ON FUNCTION leap.forget_platforms() IS
'Removes buckets that are full again and circuits whose trouble is over; returns how many. Neither says more than its absence.';
