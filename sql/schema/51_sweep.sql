-- Sweeping storage: files that LEAP made and has no use for are removed, by a worker, after the deletion has committed.
--
-- What is in leap.storage_garbage was named by a row once: of leap.artifacts (trigger), of an upload that was given up, of the
-- checkpoint of a task that was cancelled. A sweep removes what was garbage for an hour. It also reports files with names
-- that LEAP gives which are older than a day; tasks run shorter than that. Those that no row names may be left by an attempt
-- that died, or be lectures that a database restored from a backup does not know yet: they are listed, and people remove
-- them (leap doctor storage). Files of any other name are nobody's business here.

-- worker/storage/name.c says the same.
CREATE OR REPLACE FUNCTION leap.is_stored_name(uri text)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT uri ~ '^users/[0-9]{6,10}/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/[a-z][A-Za-z0-9]{0,31}(-[A-Za-z0-9]{1,32})*-[0-9a-f]{16}\.[a-z0-9]{1,8}$'
$$;
COMMENT ON FUNCTION leap.is_stored_name(text) IS
'Whether LEAP gives its files such names: users/<lane>/<recording>/<kind>-<16 hex>.<ending>. Only such files are ever removed from the storage.';

-- what an earlier version found and took for its own
DELETE FROM leap.storage_garbage WHERE NOT leap.is_stored_name(uri);

CREATE OR REPLACE FUNCTION leap.checkpoint_files(checkpoint jsonb)
RETURNS TABLE (uri text) LANGUAGE sql IMMUTABLE AS $$
    SELECT checkpoint->>'uri' WHERE checkpoint->>'uri' IS NOT NULL
    UNION ALL SELECT jsonb_array_elements_text(CASE WHEN jsonb_typeof(checkpoint->'outputs') = 'array' THEN checkpoint->'outputs' ELSE '[]' END)
$$;
COMMENT ON FUNCTION leap.checkpoint_files(jsonb) IS 'The files that a checkpoint names: the one that is being made (uri), and those beside it (outputs).';

-- A task that waits goes on with them, however long it waits; so does who resumes an upload.
CREATE OR REPLACE FUNCTION leap.half_made_files()
RETURNS TABLE (uri text) LANGUAGE sql STABLE AS $$
    SELECT named.uri FROM leap.tasks t CROSS JOIN LATERAL leap.checkpoint_files(t.checkpoint) named
    WHERE t.state IN ('blocked', 'scheduled', 'ready', 'running') AND t.checkpoint IS NOT NULL
    UNION SELECT p.uri FROM leap.uploads p WHERE p.state = 'receiving'
$$;
COMMENT ON FUNCTION leap.half_made_files() IS 'Files that checkpoints of tasks name which are not over, and those of uploads under way.';

CREATE OR REPLACE FUNCTION leap.sweep_input()
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('find_older_seconds', 86400, 'keep', coalesce((SELECT jsonb_agg(h.uri ORDER BY h.uri) FROM leap.half_made_files() h), '[]'), 'remove', coalesce((
        SELECT jsonb_agg(g.uri) FROM (SELECT uri FROM leap.storage_garbage
                                      WHERE deleted_at < clock_timestamp() - interval '1 hour' AND leap.is_stored_name(uri)
                                      ORDER BY deleted_at LIMIT 10000) g), '[]'))
$$;
COMMENT ON FUNCTION leap.sweep_input() IS 'What a sweep is told: the files to remove, those that are half-made and must stay (keep), and from which age on to report unknown ones.';

CREATE OR REPLACE FUNCTION leap.store_sweep(facts jsonb)
RETURNS void LANGUAGE sql AS $$
    DELETE FROM leap.storage_garbage WHERE uri IN (SELECT jsonb_array_elements_text(facts->'removed'));
    DELETE FROM leap.storage_orphans;
    INSERT INTO leap.storage_orphans (uri)
    SELECT f FROM jsonb_array_elements_text(facts->'found') f
    WHERE leap.is_stored_name(f) AND NOT EXISTS (SELECT FROM leap.artifacts a WHERE a.uri = f) AND NOT EXISTS (SELECT FROM leap.storage_garbage g WHERE g.uri = f)
          AND f NOT IN (SELECT h.uri FROM leap.half_made_files() h)
    ON CONFLICT DO NOTHING
$$;
COMMENT ON FUNCTION leap.store_sweep(jsonb) IS
'Takes the result of a sweep {"removed":[uri],"found":[uri]}: forgets what is removed, lists in leap.storage_orphans what no row names.';

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
