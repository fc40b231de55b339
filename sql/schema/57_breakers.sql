-- Circuit breakers: a platform that fails one task after the other is left alone for a while.
--
-- A circuit is kept for a platform and credential only while there is trouble. It is closed while failures in a row are
-- fewer than leap.breaker_failures; then open: its tasks wait, without an attempt, until retry_at; then half open: one
-- task, the probe, may try. Success of any task closes it, failure of the probe opens it for twice as long. A probe
-- that ends without a verdict, or takes longer than a cool-down, is followed by another.
-- Lock order: 56_limits.sql.

CREATE OR REPLACE FUNCTION leap.cool_down(times int)
RETURNS interval LANGUAGE sql STABLE AS $$
    SELECT least(leap.setting('leap.breaker_max_cooldown')::int, leap.setting('leap.breaker_cooldown')::int * 2 ^ least(times, 20))
           * interval '1 s'
$$;
COMMENT ON FUNCTION leap.cool_down(int) IS
'How long a breaker stays open that was opened so many times before without a success.';

CREATE OR REPLACE FUNCTION leap.circuit_room(a_platform text, a_credential text, wanted int,
    OUT room int, OUT circuit bigint, OUT gate text, OUT until timestamptz, OUT reason text)
LANGUAGE plpgsql AS $$
DECLARE
    c leap.circuits;
    name text := concat_ws(' with credential ', a_platform, nullif(a_credential, ''));
BEGIN
    room := wanted;
    IF NOT EXISTS (SELECT FROM leap.circuits x WHERE x.platform = a_platform AND x.credential = a_credential
                   AND (x.state <> 'closed' OR x.paused_until > clock_timestamp())) THEN
        RETURN;
    END IF;
    SELECT * INTO c FROM leap.circuits x WHERE x.platform = a_platform AND x.credential = a_credential FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        room := NULL;
    ELSIF c.paused_until > clock_timestamp() THEN
        SELECT 0, c.id, 'pause', c.paused_until, format('%s asked to come back later', name) INTO room, circuit, gate, until, reason;
    ELSIF c.state <> 'closed' THEN
        circuit := c.id;
        gate := 'breaker';
        reason := format('%s is in trouble: %s', name, coalesce(c.error->>'message', 'task after task failed'));
        IF c.retry_at > clock_timestamp() AND (c.state = 'open' OR EXISTS (SELECT FROM leap.task_lease l WHERE l.task = c.probe)) THEN
            room := 0;
            until := c.retry_at;
        ELSE
            room := 1;
            until := clock_timestamp() + leap.cool_down(0);
        END IF;
    END IF;
END
$$;
COMMENT ON FUNCTION leap.circuit_room(text, text, int) IS
'How many of so many tasks the circuit of a platform and credential lets start: room (null: another transaction is at it). If not all: the circuit, locked, the gate (pause or breaker), until when the others wait, and why. room 1 with a circuit is a probe.';

CREATE OR REPLACE FUNCTION leap.begin_probe(circuit bigint, task bigint, until timestamptz)
RETURNS void LANGUAGE sql AS $$
    UPDATE leap.circuits SET state = 'half_open', probe = task, retry_at = until WHERE id = circuit
$$;
COMMENT ON FUNCTION leap.begin_probe(bigint, bigint, timestamptz) IS
'Half opens a circuit, locked by the caller: this task tells whether the platform works again; until then nobody else tries.';

CREATE OR REPLACE FUNCTION leap.close_circuits(ids bigint[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM leap.circuits WHERE id = ANY (ids) AND coalesce(paused_until, '-infinity') < clock_timestamp();
    UPDATE leap.circuits SET state = 'closed', failed_tasks = '{}', failed_times = '{}', opened_at = NULL, opened_times = 0,
           retry_at = NULL, probe = NULL, error = NULL
    WHERE id = ANY (ids);
    PERFORM leap.wake_gates(ids);
END
$$;
COMMENT ON FUNCTION leap.close_circuits(bigint[]) IS
'The platforms of these circuits work: their failures are forgotten and what waited for them may start. A pause they asked for goes on.';

CREATE OR REPLACE FUNCTION leap.note_success(done bigint[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
BEGIN
    IF EXISTS (SELECT FROM leap.circuits) THEN
        ids := ARRAY(SELECT c.id FROM leap.circuits c
                     WHERE (c.state <> 'closed' OR cardinality(c.failed_tasks) > 0 OR c.paused_until < clock_timestamp())
                       AND (c.platform, c.credential) IN (SELECT p.platform, p.credential FROM leap.task_platforms(done) p)
                     ORDER BY c.platform, c.credential FOR UPDATE);
        IF cardinality(ids) > 0 THEN
            PERFORM leap.close_circuits(ids);
        END IF;
    END IF;
END
$$;
COMMENT ON FUNCTION leap.note_success(bigint[]) IS
'Tells the circuits that these tasks succeeded; writes nothing unless one of their platforms had failures.';

-- A failure of our own says nothing about the platform.
CREATE OR REPLACE FUNCTION leap.own_fault(code text)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(code IN ('child_died', 'process_start', 'folder_failed', 'memory', 'out_of_memory', 'out_of_threads',
        'storage_full', 'storage_failed', 'storage_unreachable', 'read_failed', 'write_failed', 'copy_failed', 'source_changed'), false)
$$;
COMMENT ON FUNCTION leap.own_fault(text) IS
'Whether an error of this code arose on the worker''s machine and not at the platform.';

CREATE OR REPLACE FUNCTION leap.trip(a_platform text, a_credential text, t leap.tasks, error jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    c leap.circuits;
    since timestamptz := clock_timestamp() - leap.setting('leap.breaker_window')::int * interval '1 s';
BEGIN
    INSERT INTO leap.circuits (platform, credential) VALUES (a_platform, a_credential) ON CONFLICT DO NOTHING;
    SELECT * INTO c FROM leap.circuits x WHERE x.platform = a_platform AND x.credential = a_credential FOR UPDATE;
    IF c.state = 'closed' THEN
        -- each task counts once, by its latest failure
        SELECT array_agg(f.task ORDER BY f.at), array_agg(f.at ORDER BY f.at) INTO c.failed_tasks, c.failed_times
        FROM (SELECT * FROM unnest(c.failed_tasks, c.failed_times) AS o(task, at) WHERE o.at > since AND o.task <> t.id
              UNION ALL SELECT t.id, clock_timestamp()) f;
    END IF;
    IF (c.state = 'closed' AND cardinality(c.failed_tasks) >= leap.setting('leap.breaker_failures')::int)
       OR (c.state = 'half_open' AND t.started_at > c.opened_at) THEN     -- a probe, this one or an earlier one
        c.state := 'open';
        c.opened_at := clock_timestamp();
        c.retry_at := c.opened_at + leap.cool_down(c.opened_times);
        c.opened_times := c.opened_times + 1;
        c.probe := NULL;
        RAISE LOG 'circuit breaker of % opens until %: %', a_platform, c.retry_at, error->>'message';
    END IF;
    UPDATE leap.circuits SET state = c.state, failed_tasks = c.failed_tasks, failed_times = c.failed_times, opened_at = c.opened_at,
           opened_times = c.opened_times, retry_at = c.retry_at, probe = c.probe, error = trip.error
    WHERE id = c.id;
END
$$;
COMMENT ON FUNCTION leap.trip(text, text, leap.tasks, jsonb) IS
'Notes a failure of a platform: opens its breaker when it is the last of leap.breaker_failures in a row by different tasks within leap.breaker_window, or that of a task that started after it had opened: a probe.';

CREATE OR REPLACE FUNCTION leap.pause_platform(a_platform text, a_credential text, seconds double precision)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO leap.circuits AS c (platform, credential, paused_until)
    VALUES (a_platform, a_credential, clock_timestamp() + seconds * interval '1 s')
    ON CONFLICT (platform, credential) DO UPDATE SET paused_until = greatest(c.paused_until, excluded.paused_until)
$$;
COMMENT ON FUNCTION leap.pause_platform(text, text, double precision) IS
'Lets no task start at a platform with this credential for so many seconds.';

CREATE OR REPLACE FUNCTION leap.note_failure(t leap.tasks, error jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    verdict text := (SELECT c.breaker FROM leap.error_classes c WHERE c.class = error->>'class');
    patience float8 := least(coalesce((error->>'retry_after')::float8, 0), 86400);
    p record;
BEGIN
    IF verdict = 'ignores' OR (verdict = 'trips' AND (leap.own_fault(error->>'code') OR leap.setting('leap.breaker_failures') = '0')) THEN
        RETURN;
    END IF;
    SELECT * INTO p FROM leap.task_platforms(ARRAY[t.id]);
    IF p.platform IS NULL THEN
        RETURN;
    ELSIF verdict = 'trips' THEN
        PERFORM leap.trip(p.platform, p.credential, t, error);
    ELSIF verdict = 'clears' THEN
        PERFORM leap.note_success(ARRAY[t.id]);
    END IF;
    IF error->>'class' = 'rate_limited' AND patience > 0 THEN
        PERFORM leap.pause_platform(p.platform, p.credential, patience);
    END IF;
END
$$;
COMMENT ON FUNCTION leap.note_failure(leap.tasks, jsonb) IS
'Draws the conclusions from a failed task for its platform, as leap.error_classes says: the breaker, and the pause a rate limit asks for.';

CREATE OR REPLACE FUNCTION leap.close_breaker(platform text, credential text = NULL)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    circuit leap.circuits;
    waiting int;
BEGIN
    DELETE FROM leap.circuits c WHERE c.platform = close_breaker.platform AND c.credential = coalesce(close_breaker.credential, '')
    RETURNING c.* INTO circuit;
    IF NOT FOUND THEN
        PERFORM leap.refuse('LP020', format('nothing is known against %s', concat_ws(' with credential ', platform, credential)),
            format('Platforms in trouble: %s.', coalesce((SELECT string_agg(c.platform || coalesce(' with credential ' || nullif(c.credential, ''), ''), ', ' ORDER BY c.platform, c.credential) FROM leap.circuits c), 'none')));
    END IF;
    PERFORM leap.audit('close_breaker', 'platform', concat_ws(' with credential ', platform, credential), to_jsonb(circuit));
    waiting := leap.wake_gates(ARRAY[circuit.id]);
    PERFORM leap.promote_due();
    RETURN waiting;
END
$$;
COMMENT ON FUNCTION leap.close_breaker(text, text) IS
'Closes the circuit breaker of a platform (and credential) by hand and forgets the pause it asked for; what waited for it may start. Audited. Returns how many tasks that are. Error LP020 if there is nothing to close.';
