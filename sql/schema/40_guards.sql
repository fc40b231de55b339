-- The triggers that hold whoever writes: states, quotas, history.

CREATE OR REPLACE TRIGGER fsm_guard BEFORE INSERT OR UPDATE ON leap.recordings
    FOR EACH ROW EXECUTE FUNCTION leap.fsm_guard('recording', 'status', 'id');
CREATE OR REPLACE TRIGGER fsm_guard_deletion BEFORE INSERT OR UPDATE ON leap.recordings
    FOR EACH ROW EXECUTE FUNCTION leap.fsm_guard('deletion', 'delete_state', 'id');
CREATE OR REPLACE TRIGGER fsm_guard BEFORE INSERT OR UPDATE ON leap.output_targets
    FOR EACH ROW EXECUTE FUNCTION leap.fsm_guard('target', 'status', 'id');
CREATE OR REPLACE TRIGGER fsm_guard BEFORE INSERT OR UPDATE ON leap.tasks
    FOR EACH ROW EXECUTE FUNCTION leap.fsm_guard('task', 'state', 'id');

-- A birth that names no status is the ordinary one, so that COPY of the other columns works.
ALTER TABLE leap.recordings
    ALTER status SET DEFAULT leap.move('create', 'INITIALIZED'),
    ALTER delete_state SET DEFAULT leap.move('create', 'active');

CREATE OR REPLACE TRIGGER quota_recordings AFTER INSERT ON leap.recordings
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION leap.quota_guard('recordings_per_month', 'count(*)');
CREATE OR REPLACE TRIGGER quota_storage_insert AFTER INSERT ON leap.artifacts
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION leap.quota_guard('storage_bytes', 'sum(bytes)');
CREATE OR REPLACE TRIGGER quota_storage_update AFTER UPDATE ON leap.artifacts
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION leap.quota_guard('storage_bytes', 'sum(bytes)');
CREATE OR REPLACE TRIGGER quota_storage_delete AFTER DELETE ON leap.artifacts
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION leap.quota_guard('storage_bytes', 'sum(bytes)');

-- A recording belongs to a user that exists, and stays until the transaction ends.
CREATE OR REPLACE FUNCTION leap.owners_exist()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    owners uuid[] := ARRAY(SELECT DISTINCT n.user_id FROM new_rows n);
    known uuid[] := ARRAY(SELECT u.id FROM leap.users u WHERE u.id = ANY (owners) ORDER BY u.id FOR KEY SHARE);
BEGIN
    IF cardinality(known) < cardinality(owners) THEN
        PERFORM leap.refuse('LP020', format('there is no user %s', (SELECT min(o::text) FROM unnest(owners) o WHERE o <> ALL (known))));
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER owners_exist AFTER INSERT ON leap.recordings
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION leap.owners_exist();

-- What belongs to a removed recording goes with it; a removed user's recordings go with him.
CREATE OR REPLACE FUNCTION leap.remove_parts()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    ids uuid[] := ARRAY(SELECT o.id FROM old_rows o ORDER BY o.id);
    task_ids bigint[] := ARRAY(SELECT t.id FROM leap.tasks t WHERE t.recording_id = ANY (ids) ORDER BY t.id);
BEGIN
    DELETE FROM leap.task_ready WHERE task = ANY (task_ids);
    DELETE FROM leap.task_lease WHERE task = ANY (task_ids);
    DELETE FROM leap.task_scheduled WHERE task = ANY (task_ids);
    DELETE FROM leap.task_edge WHERE from_task = ANY (task_ids);
    DELETE FROM leap.tasks WHERE id = ANY (task_ids);
    DELETE FROM leap.runs WHERE recording_id = ANY (ids);
    DELETE FROM leap.output_targets WHERE recording_id = ANY (ids);
    DELETE FROM leap.artifacts WHERE recording_id = ANY (ids);
    DELETE FROM leap.transcript_passages WHERE recording_id = ANY (ids);
    DELETE FROM leap.topic_versions WHERE recording_id = ANY (ids);
    DELETE FROM leap.captions WHERE recording_id = ANY (ids);
    DELETE FROM leap.shares WHERE recording_id = ANY (ids);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER remove_parts AFTER DELETE ON leap.recordings
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION leap.remove_parts();

CREATE OR REPLACE FUNCTION leap.remove_recordings()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    DELETE FROM leap.recordings WHERE user_id IN (SELECT o.id FROM old_rows o);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER remove_recordings AFTER DELETE ON leap.users
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION leap.remove_recordings();

-- A file whose row goes is garbage from that commit on.
CREATE OR REPLACE FUNCTION leap.artifacts_to_garbage()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    INSERT INTO leap.storage_garbage (uri)
    SELECT o.uri FROM old_rows o
    WHERE NOT EXISTS (SELECT FROM leap.artifacts a WHERE a.uri = o.uri)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER garbage_delete AFTER DELETE ON leap.artifacts
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION leap.artifacts_to_garbage();
CREATE OR REPLACE TRIGGER garbage_update AFTER UPDATE ON leap.artifacts
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION leap.artifacts_to_garbage();

-- History: every move, written once a statement.
DO $$
DECLARE
    h record;
BEGIN
    FOR h IN SELECT * FROM (VALUES ('tasks', 'task'), ('recordings', 'recording'),
                                   ('output_targets', 'target')) AS v (tab, entity) LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON leap.%I REFERENCING NEW TABLE AS new_rows
                        FOR EACH STATEMENT EXECUTE FUNCTION leap.history(%L)', h.tab, h.entity);
        EXECUTE format('CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON leap.%I
                        REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
                        FOR EACH STATEMENT EXECUTE FUNCTION leap.history(%L)', h.tab, h.entity);
    END LOOP;
END
$$;
CREATE OR REPLACE TRIGGER history_deletion AFTER UPDATE ON leap.recordings
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION leap.history('deletion');
