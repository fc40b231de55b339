-- History for people: what happened to a recording, who asked, which worker did it, and why it went wrong.
--
-- Rows are read as the caller, so that a tenant sees his own. The index (recording_id, at) of every partition serves it.

CREATE OR REPLACE FUNCTION leap.worker_name(worker uuid)
RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT coalesce((SELECT w.name FROM leap.workers w WHERE w.id = worker), worker::text)
$$;
COMMENT ON FUNCTION leap.worker_name(uuid) IS
'The name of a worker, or its id once it is forgotten (a day after it stopped); null for null.';

-- A moment is never cut in two, and a recording moves under its lock, so no earlier moment commits later: the last row's
-- time is where the next page begins.
CREATE OR REPLACE FUNCTION leap.history(recording uuid, since timestamptz = '-infinity', most int = 1000)
RETURNS TABLE (at timestamptz, who text, entity text, kind text, event text, from_state text, to_state text, attempt smallint,
               fence text, worker text, error jsonb, task bigint, target uuid)
LANGUAGE plpgsql STABLE ROWS 100 AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT e.at, e.who, e.entity, e.kind, e.event, e.from_state, e.to_state, e.attempt, '..' || lpad(to_hex(e.fence16), 4, '0'),
           leap.worker_name(e.worker_id), e.error, e.task, e.target_id
    FROM (SELECT x.at, x.who, x.entity, x.kind, x.event, x.from_state, x.to_state, x.attempt, x.fence16, x.worker_id, x.error, x.task, x.target_id
          FROM leap.task_events x WHERE x.recording_id = recording AND x.at > coalesce(since, '-infinity')
          ORDER BY x.at FETCH FIRST (coalesce(most, 1000)) ROWS WITH TIES) e
    ORDER BY e.at, e.task, e.entity;
    IF NOT FOUND AND NOT EXISTS (SELECT FROM leap.recordings r WHERE r.id = recording) THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', recording), 'A list of recordings shows the ids.');
    END IF;
END
$$;
COMMENT ON FUNCTION leap.history(uuid, timestamptz, int) IS
'What happened to a recording after a moment, oldest first: when, who asked (a database role), entity, kind, event, from, to, attempt, the end of the fence as logs show it, worker and error. About so many rows; the last one''s time as since continues. Error LP020 for an unknown recording and for another''s.';
