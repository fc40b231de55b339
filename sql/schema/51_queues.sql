-- Queues: which there are, and what a worker may say about them.

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
