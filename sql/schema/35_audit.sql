-- Who did what on purpose: an append-only log of what people do to recordings, limits and the system itself.
--
-- Nobody changes or removes a row, the owner of the table and superusers included: triggers refuse it (LP007), on each
-- partition too. Whole months go when leap.audit_months are over (80_tick.sql). The log has no foreign keys and no
-- user_id: it outlives what it tells about. What the pipeline does by itself is in leap.task_events.

CREATE TABLE IF NOT EXISTS leap.audit_logs (
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    who       text NOT NULL DEFAULT session_user,
    caller    uuid DEFAULT leap.current_user_id(),
    action    text NOT NULL,
    entity    text NOT NULL,
    entity_id text,
    before    jsonb,
    after     jsonb,
    why       text
) PARTITION BY RANGE (at);
CREATE TABLE IF NOT EXISTS leap.audit_logs_default PARTITION OF leap.audit_logs DEFAULT;
CREATE INDEX IF NOT EXISTS audit_logs_by_entity ON leap.audit_logs (entity_id, at);
COMMENT ON TABLE leap.audit_logs IS
'What people did: who (the login), caller (the user a request spoke for), action, what it was done to, before and after, why. Append-only, a partition a month.';

CREATE OR REPLACE FUNCTION leap.refuse_change()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- housekeeping takes what is older than the months it is kept for
    IF TG_OP = 'DELETE' AND OLD.at < now() - make_interval(months => leap.setting('leap.audit_months')::int) THEN
        RETURN OLD;
    END IF;
    PERFORM leap.refuse('LP007', format('%s of leap.audit_logs is refused: the log is only added to', TG_OP),
                        'Add a row that corrects it. Rows go by themselves after leap.audit_months.');
END
$$;
CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON leap.audit_logs
    FOR EACH ROW EXECUTE FUNCTION leap.refuse_change();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON leap.audit_logs
    FOR EACH STATEMENT EXECUTE FUNCTION leap.refuse_change();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON leap.audit_logs_default
    FOR EACH STATEMENT EXECUTE FUNCTION leap.refuse_change();

CREATE OR REPLACE FUNCTION leap.audit(action text, entity text, entity_id text, before jsonb = NULL, after jsonb = NULL, why text = NULL)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO leap.audit_logs (action, entity, entity_id, before, after, why)
    VALUES (audit.action, audit.entity, audit.entity_id, audit.before, audit.after, audit.why)
$$;
COMMENT ON FUNCTION leap.audit(text, text, text, jsonb, jsonb, text) IS
'Adds a row to the log of what people did: action, kind of thing, its id, what changed from and to, and the reason if one was given. Who did it is taken from the session.';
