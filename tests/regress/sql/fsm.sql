-- The state machines: the table is the whole truth, for every pair of statuses and every event.
SELECT entity, from_status, to_status, event, comment FROM leap.fsm();
SELECT * FROM leap.stages();

-- Each entity's table takes exactly the moves of leap.fsm(): every (from, to, event) is tried by force.
CREATE FUNCTION pg_temp.try_moves(entity text, tbl regclass, col text, id_condition text) RETURNS TABLE (tried int, wrong text)
LANGUAGE plpgsql AS $$
DECLARE
    statuses text[] := ARRAY(SELECT DISTINCT f.to_status FROM leap.fsm() f WHERE f.entity = try_moves.entity);
    events text[] := ARRAY(SELECT DISTINCT f.event FROM leap.fsm() f);
    a text; b text; e text;
    expected boolean; passed boolean;
BEGIN
    tried := 0;
    FOREACH a IN ARRAY statuses LOOP FOREACH b IN ARRAY statuses LOOP FOREACH e IN ARRAY events LOOP
        CONTINUE WHEN a = b;
        expected := EXISTS (SELECT FROM leap.fsm() f WHERE f.entity = try_moves.entity AND f.from_status IN (a, '*') AND f.to_status = b AND f.event = e);
        SET LOCAL session_replication_role = replica;
        EXECUTE format('UPDATE %s SET %I = %L WHERE %s', tbl, col, a, id_condition);
        SET LOCAL session_replication_role = origin;
        BEGIN
            EXECUTE format('UPDATE %s SET %I = leap.move(%L, %L) WHERE %s', tbl, col, e, b, id_condition);
            passed := true;
        EXCEPTION WHEN SQLSTATE 'LP001' THEN
            passed := false;
        END;
        tried := tried + 1;
        IF passed <> expected THEN
            wrong := concat_ws('; ', wrong, format('%s -> %s by %s', a, b, e));
        END IF;
    END LOOP; END LOOP; END LOOP;
    RETURN NEXT;
END
$$;

SELECT test.start('moves');
BEGIN;
SELECT * FROM pg_temp.try_moves('recording', 'leap.recordings', 'status', $$display_name = 'moves'$$);
SELECT * FROM pg_temp.try_moves('target', 'leap.output_targets', 'status', $$recording_id = test.id('moves')$$);
SELECT * FROM pg_temp.try_moves('task', 'leap.tasks', 'state', $$recording_id = test.id('moves') AND kind = 'trim'$$);
ROLLBACK;
-- deletion also has to keep deleted_at right, so the legal moves carry it; here only that illegal ones fail
BEGIN;
ALTER TABLE leap.recordings DROP CONSTRAINT recordings_check1;
SELECT * FROM pg_temp.try_moves('deletion', 'leap.recordings', 'delete_state', $$display_name = 'moves'$$);
ROLLBACK;

-- By hand, as superuser, nothing moves: an illegal move names the legal ones, a legal one names the operations.
SELECT * FROM test.error($$UPDATE leap.recordings SET status = 'UPLOADED' WHERE display_name = 'moves'$$) \gx
SELECT * FROM test.error($$UPDATE leap.recordings SET status = 'DOWNLOADING' WHERE display_name = 'moves'$$) \gx
SELECT * FROM test.error($$UPDATE leap.tasks SET state = 'succeeded' WHERE recording_id = test.id('moves') AND kind = 'trim'$$) \gx
SELECT * FROM test.error($$UPDATE leap.output_targets SET status = 'UPLOADED' WHERE recording_id = test.id('moves')$$) \gx
SELECT * FROM test.error($$INSERT INTO leap.recordings (user_id, display_name, source, status, delete_state)
    SELECT user_id, 'born wrong', source, 'UPLOADED', 'active' FROM leap.recordings LIMIT 1$$) \gx

-- A status that does not exist is refused whoever announces it.
SELECT * FROM test.error($$UPDATE leap.recordings SET status = leap.move('step', 'DONE') WHERE display_name = 'moves'$$) \gx

-- An announced move is good for one row of one statement: nothing is left for the next.
\set VERBOSITY terse
BEGIN;
SELECT leap.move('step', 'DOWNLOADING');
SAVEPOINT s;
UPDATE leap.recordings SET status = 'DOWNLOADING' WHERE display_name = 'moves';
ROLLBACK TO s;
COMMIT;
\set VERBOSITY default

-- Updates that change no status pass without an operation.
UPDATE leap.recordings SET display_name = 'moves 2', status = status WHERE display_name = 'moves';
SELECT name, status FROM test.recordings WHERE name LIKE 'moves%';

-- Only the owner of the operations may announce a move.
SELECT r.rolname, has_function_privilege(r.oid, 'leap.move(text, text)', 'EXECUTE')
FROM pg_roles r WHERE r.rolname LIKE 'leap\_%' ORDER BY 1;

SELECT leap.cancel_recording(test.id('moves 2'))->>'message';

-- conclusions and triggers bear nonsense
SELECT leap.next_move(NULL, NULL, 1, 'step') IS NULL AS nothing, leap.next_move('INITIALIZED', NULL, 2, NULL) IS NULL AS nothing_either;
CREATE TEMP TABLE odd (id int, user_id int, s bigint, bytes int);
CREATE TRIGGER g BEFORE INSERT ON odd FOR EACH ROW EXECUTE FUNCTION leap.fsm_guard('task', 's', 'id');
INSERT INTO odd VALUES (1, 2, 3, 4);
DROP TRIGGER g ON odd;
CREATE TRIGGER q AFTER INSERT ON odd REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION leap.quota_guard('storage_bytes', 'sum(bytes)');
INSERT INTO odd VALUES (1, 2, 3, 4);
DROP TRIGGER q ON odd;
CREATE TRIGGER h AFTER INSERT ON odd REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION leap.history('task');
INSERT INTO odd VALUES (1, 2, 3, 4);
DROP TABLE odd;
