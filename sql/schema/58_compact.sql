-- Queues stay small although somebody holds an old snapshot.
--
-- Ready and scheduled tasks enter and leave narrow tables. Their dead rows cannot be vacuumed while the oldest
-- transaction of the server might still see them, and every claim would pass them: with tens of thousands a claim is
-- slower by orders of magnitude. So a table that is mostly dead rows is written anew. (Leases: leap.lease_floor().)
--
-- TRUNCATE is not transactional for older snapshots: one that reads the table later finds it empty. The functions of
-- LEAP take each statement's snapshot after its locks. A dump would keep the empty table: none is made smaller meanwhile.

CREATE OR REPLACE FUNCTION leap.compact(queue_table regclass)
RETURNS boolean LANGUAGE plpgsql SET lock_timeout = '50ms' AS $$
DECLARE
    mostly_dead boolean;
BEGIN
    -- the statistics' number of living rows is wrong for a while after a TRUNCATE: they are counted
    EXECUTE format('SELECT count(*) < $1 FROM %s', queue_table) INTO mostly_dead USING pg_stat_get_dead_tuples(queue_table);
    IF NOT mostly_dead THEN
        RETURN false;
    END IF;
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', queue_table);
    EXECUTE format('CREATE TEMPORARY TABLE leap_compact ON COMMIT DROP AS SELECT * FROM %s', queue_table);
    EXECUTE format('TRUNCATE %s', queue_table);
    EXECUTE format('INSERT INTO %s OVERRIDING SYSTEM VALUE SELECT * FROM pg_temp.leap_compact', queue_table);
    DROP TABLE pg_temp.leap_compact;
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END
$$;
COMMENT ON FUNCTION leap.compact(regclass) IS
'Writes a queue table anew, without its dead rows, if they are most of it; false: they are not, or it was in use for 50 ms.';

CREATE OR REPLACE FUNCTION leap.compact_queues()
RETURNS int LANGUAGE sql AS $$
    SELECT count(*)::int
    FROM unnest('{leap.task_ready,leap.task_scheduled}'::regclass[]) q
    WHERE pg_stat_get_dead_tuples(q) > 2000
      AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datname = current_database() AND a.application_name = 'pg_dump')
      AND leap.compact(q)
$$;
COMMENT ON FUNCTION leap.compact_queues() IS
'Writes those queue tables anew that are mostly dead rows; returns how many. Called by housekeeping.';
