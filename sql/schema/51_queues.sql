-- Queues: which there are, what a worker may say about them, and stopping one for a while.

CREATE OR REPLACE FUNCTION leap.queue_names()
RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(q.queue ORDER BY q.queue)
    FROM (SELECT k.queue FROM leap.task_kinds k UNION SELECT unnest('{upload,processing,automation,notify}'::text[])) q
$$;
COMMENT ON FUNCTION leap.queue_names() IS
'The queues there are: those of the kinds of task, and those workers serve by default.';

CREATE OR REPLACE FUNCTION leap.check_queues(queues text[], room jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    named text[] := array_cat(queues, ARRAY(SELECT jsonb_object_keys(room)));
    unknown text := (SELECT string_agg(DISTINCT format('"%s"', q), ', ') FROM unnest(named) q WHERE q = ANY (leap.queue_names()) IS NOT TRUE);
    twice text := (SELECT min(q) FROM unnest(queues) q GROUP BY q HAVING count(*) > 1 LIMIT 1);
    wrong text := (SELECT min(format('%s=%s', r.key, r.value)) FROM jsonb_each(room) r
                   WHERE NOT r.key = ANY (queues) OR r.value::text !~ '^\d{1,4}$' OR r.value::text::int NOT BETWEEN 1 AND 1024);
BEGIN
    IF coalesce(cardinality(queues), 0) = 0 OR unknown IS NOT NULL THEN
        PERFORM leap.refuse('LP030', CASE WHEN unknown IS NULL THEN 'a worker serves at least one queue' ELSE format('there is no queue %s', unknown) END,
                            format('Queues are %s.', array_to_string(leap.queue_names(), ', ')));
    ELSIF twice IS NOT NULL THEN
        PERFORM leap.refuse('LP030', format('queue "%s" is named twice', twice), 'Name each queue once.');
    ELSIF wrong IS NOT NULL THEN
        PERFORM leap.refuse('LP030', format('%s is not the room of a queue the worker serves', wrong),
                            'Say {"queue": n} with n from 1 to 1024, and only for queues of the worker; leave out those that share its slots.');
    END IF;
END
$$;
COMMENT ON FUNCTION leap.check_queues(text[], jsonb) IS
'Refuses with LP030 what a worker cannot serve: no queue, one that does not exist or is named twice, or room {"queue": n} with n not from 1 to 1024.';

CREATE OR REPLACE FUNCTION leap.require_queue(queue text)
RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT coalesce(queue = ANY (leap.queue_names()), false) THEN
        PERFORM leap.refuse('LP030', format('there is no queue "%s"', queue), format('Queues are %s.', array_to_string(leap.queue_names(), ', ')));
    END IF;
END
$$;
COMMENT ON FUNCTION leap.require_queue(text) IS 'Refuses a queue that does not exist with LP030.';

CREATE OR REPLACE FUNCTION leap.pause_queue(queue text, reason text = 'paused by an operator')
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    PERFORM leap.require_queue(queue);
    INSERT INTO leap.queues AS q (queue, paused_at, reason, paused_by)
    VALUES (pause_queue.queue, clock_timestamp(), coalesce(pause_queue.reason, 'paused by an operator'),
            coalesce((SELECT u.email FROM leap.users u WHERE u.id = leap.current_user_id()), session_user))
    ON CONFLICT ON CONSTRAINT queues_pkey DO UPDATE SET paused_at = excluded.paused_at, reason = excluded.reason, paused_by = excluded.paused_by;
    PERFORM leap.audit('pause', 'queue', queue, why => reason);
END
$$;
COMMENT ON FUNCTION leap.pause_queue(text, text) IS
'Nothing of this queue is claimed until leap.resume_queue(); running tasks go on. Error LP030 for an unknown queue.';

CREATE OR REPLACE FUNCTION leap.resume_queue(queue text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    PERFORM leap.require_queue(queue);
    UPDATE leap.queues q SET paused_at = NULL WHERE q.queue = resume_queue.queue;
    PERFORM leap.ring(ARRAY[resume_queue.queue]);
    PERFORM leap.audit('resume', 'queue', queue);
END
$$;
COMMENT ON FUNCTION leap.resume_queue(text) IS 'Lets a paused queue be claimed again; one that runs goes on. Error LP030 for an unknown queue.';

CREATE OR REPLACE FUNCTION leap.queue_list()
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT jsonb_agg(jsonb_build_object('queue', n.queue, 'state', CASE WHEN p.paused_at IS NULL THEN 'running' ELSE 'paused' END,
        'paused_at', p.paused_at, 'paused_by', CASE WHEN p.paused_at IS NOT NULL THEN p.paused_by END, 'reason', CASE WHEN p.paused_at IS NOT NULL THEN p.reason END,
        'workers', w.workers, 'places', w.places, 'ready', (SELECT count(*) FROM leap.task_ready c WHERE c.queue = n.queue),
        'running', (SELECT count(*) FROM leap.task_lease l JOIN leap.tasks t ON t.id = l.task WHERE t.queue = n.queue),
        'scheduled', (SELECT count(*) FROM leap.task_scheduled s JOIN leap.tasks t ON t.id = s.task WHERE t.queue = n.queue)) ORDER BY n.queue)
    FROM unnest(leap.queue_names()) AS n(queue)
    LEFT JOIN leap.queues p ON p.queue = n.queue
    CROSS JOIN LATERAL (
        -- a queue without a number of its own can have every slot that the others leave
        SELECT count(*) AS workers, coalesce(sum(coalesce((x.room->>n.queue)::int, x.slots - (SELECT coalesce(sum(r.value::int), 0) FROM jsonb_each_text(x.room) r))), 0) AS places
        FROM leap.workers x WHERE x.stopped_at IS NULL AND x.gone_at IS NULL AND n.queue = ANY (x.queues)) w
$$;
COMMENT ON FUNCTION leap.queue_list() IS
'The queues as a JSON array: queue, state (running, paused), paused_at, paused_by, reason, workers that serve it, places (tasks they run at the same time at most), and how many tasks are ready, running, scheduled.';
