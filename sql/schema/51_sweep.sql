-- Sweeping storage: files that no row names are removed, by a worker, after the deletion has committed.
--
-- Two ways lead to leap.storage_garbage: a row of leap.artifacts went (trigger), or a sweep found an old file that
-- no row ever named, left by an attempt that died. A sweep removes what was garbage for an hour and reports what
-- else it found older than a day; tasks run shorter than that, so nothing in use is that old and unnamed.

CREATE OR REPLACE FUNCTION leap.sweep_input()
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('find_older_seconds', 86400, 'remove', coalesce((
        SELECT jsonb_agg(g.uri) FROM (SELECT uri FROM leap.storage_garbage
                                      WHERE deleted_at < clock_timestamp() - interval '1 hour' ORDER BY deleted_at LIMIT 10000) g), '[]'))
$$;
COMMENT ON FUNCTION leap.sweep_input() IS 'What a sweep is told: the files to remove, and from which age on to report unknown ones.';

CREATE OR REPLACE FUNCTION leap.store_sweep(facts jsonb)
RETURNS void LANGUAGE sql AS $$
    DELETE FROM leap.storage_garbage WHERE uri IN (SELECT jsonb_array_elements_text(facts->'removed'));
    INSERT INTO leap.storage_garbage (uri)
    SELECT f FROM jsonb_array_elements_text(facts->'found') f
    WHERE NOT EXISTS (SELECT FROM leap.artifacts a WHERE a.uri = f) AND NOT EXISTS (SELECT FROM leap.uploads p WHERE p.uri = f AND p.state = 'receiving')
    ON CONFLICT DO NOTHING
$$;
COMMENT ON FUNCTION leap.store_sweep(jsonb) IS
'Takes the result of a sweep {"removed":[uri],"found":[uri]}: forgets what is removed, notes as garbage what no artifact names.';

CREATE OR REPLACE FUNCTION leap.sweep_storage()
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    made bigint;
BEGIN
    IF EXISTS (SELECT FROM leap.tasks WHERE recording_id IS NULL AND kind = 'maintain' AND state IN ('ready', 'scheduled', 'running')) THEN
        RETURN 0;
    END IF;
    INSERT INTO leap.tasks (user_id, lane, kind, queue, state)
    SELECT '00000000-0000-0000-0000-000000000000', 0, k.kind, k.queue, leap.move('create', 'ready')
    FROM leap.task_kinds k WHERE k.kind = 'maintain' RETURNING id INTO made;
    INSERT INTO leap.task_ready (queue, lane, prio, task, counted)
    SELECT t.queue, t.lane, t.prio, t.id, false FROM leap.tasks t WHERE t.id = made;
    PERFORM leap.ring(ARRAY['automation']);
    RETURN 1;
END
$$;
COMMENT ON FUNCTION leap.sweep_storage() IS
'Lets a worker sweep the storage, unless a sweep is waiting or running; returns how many tasks it made. The task belongs to nobody: lane 0.';
