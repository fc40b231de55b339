-- Who did what on purpose: an append-only log of what people do to recordings, accounts, limits and the system itself,
-- and of what they were refused.
--
-- Nobody changes or removes a row, the owner of the table and superusers included: triggers refuse it (LP007), on each
-- partition too. Whole months go when leap.audit_months are over (80_tick.sql). The log has no foreign keys: it outlives
-- what it tells about. One thing can be taken out of a row: what tells where somebody was (ip_address, user_agent).
-- client_digest stands for it then, a hash under a salt that goes with it, so that the seals (69_audit_seals.sql) hold.
-- What the pipeline does by itself is in leap.task_events. What raises in psql leaves no row, only a line in the
-- server's log; the HTTP door records its refusals (69_audit_refusals.sql).
-- user_id is null where nobody is spoken for: in psql (who names the login) and before a login.

CREATE SEQUENCE IF NOT EXISTS leap.audit_log_ids;
COMMENT ON SEQUENCE leap.audit_log_ids IS 'Places in leap.audit_logs; they grow in the order rows are written, with gaps.';

CREATE TABLE IF NOT EXISTS leap.audit_logs (
    at            timestamptz NOT NULL DEFAULT clock_timestamp(),
    who           text NOT NULL DEFAULT session_user,
    user_id       uuid DEFAULT leap.current_user_id(),
    action        text NOT NULL,
    resource_type text NOT NULL,
    resource_id   text,
    before        jsonb,
    after         jsonb,
    why           text
) PARTITION BY RANGE (at);
CREATE TABLE IF NOT EXISTS leap.audit_logs_default PARTITION OF leap.audit_logs DEFAULT;

-- databases of the first months
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'leap.audit_logs'::regclass AND attname = 'entity') THEN
        ALTER TABLE leap.audit_logs RENAME caller TO user_id;
        ALTER TABLE leap.audit_logs RENAME entity TO resource_type;
        ALTER TABLE leap.audit_logs RENAME entity_id TO resource_id;
        DROP INDEX leap.audit_logs_by_entity;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'leap.audit_logs'::regclass AND attname = 'id') THEN
        ALTER TABLE leap.audit_logs
            ADD COLUMN id bigint NOT NULL DEFAULT nextval('leap.audit_log_ids'),
            ADD COLUMN result text NOT NULL DEFAULT 'success' CHECK (result IN ('success', 'failure', 'partial')),
            ADD COLUMN details jsonb,
            ADD COLUMN ip_address inet,
            ADD COLUMN user_agent text CHECK (length(user_agent) <= 500),
            ADD COLUMN client_salt uuid,
            ADD COLUMN client_digest bytea;
        ALTER TABLE leap.audit_logs
            ALTER COLUMN ip_address SET DEFAULT leap.client_address(),
            ALTER COLUMN user_agent SET DEFAULT leap.client_agent();
    END IF;
END
$$;
ALTER TABLE leap.audit_logs ADD COLUMN IF NOT EXISTS resource_name text CHECK (length(resource_name) <= 500);
-- a reason that was given for all of the transaction: leap.give_reason()
ALTER TABLE leap.audit_logs ALTER COLUMN why SET DEFAULT nullif(current_setting('request.reason', true), '');
CREATE INDEX IF NOT EXISTS audit_logs_by_user ON leap.audit_logs (user_id, at) WHERE user_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS audit_logs_by_action ON leap.audit_logs (action, at);
CREATE INDEX IF NOT EXISTS audit_logs_by_resource ON leap.audit_logs (resource_type, resource_id, at);
CREATE INDEX IF NOT EXISTS audit_logs_by_time ON leap.audit_logs (at);
-- rows lie in the order of their ids
CREATE INDEX IF NOT EXISTS audit_logs_by_id ON leap.audit_logs USING brin (id) WITH (pages_per_range = 16, autosummarize = on);
COMMENT ON TABLE leap.audit_logs IS
'What people did and what they were refused. Append-only, a partition a month. leap.audit_list() shows it as it is meant to be read.';
COMMENT ON COLUMN leap.audit_logs.at IS 'When: the timestamp of the entry.';
COMMENT ON COLUMN leap.audit_logs.who IS 'The login of the session: a person in psql, leap_gateway for requests.';
COMMENT ON COLUMN leap.audit_logs.user_id IS 'The user who did it; null in psql and for somebody who did not say who he is.';
COMMENT ON COLUMN leap.audit_logs.resource_name IS
'What it was done to was called then: it outlives its resource. Of a user there is none, as whoever is deleted leaves his id and nothing else.';
COMMENT ON COLUMN leap.audit_logs.result IS 'success; failure: it was refused and nothing was changed; partial: some of it.';
COMMENT ON COLUMN leap.audit_logs.ip_address IS 'Where the request came from; null in psql, and when it was erased (leap.erase_audit_clients).';
COMMENT ON COLUMN leap.audit_logs.client_digest IS 'SHA-256 of client_salt, ip_address and user_agent; stays when they are erased.';

-- Passwords are for nobody's eyes: what is shown of a URL, in messages, audit logs and details, has none.
CREATE OR REPLACE FUNCTION leap.safe_url(said text)
RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(said, '([a-z][a-z0-9+.-]*://)[^/?#\s"]*@', '\1***@', 'gi')
$$;
COMMENT ON FUNCTION leap.safe_url(text) IS
'The text with *** for the user name and password of each URL in it.';

CREATE OR REPLACE FUNCTION leap.is_secret_key(key text)
RETURNS boolean LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT key ~* '(passw|passphrase|pass[-_]?code|pwd|secret|token|api[-_]?key|authoriz|cookie|private[-_]?key|signature|credential(?!s?[-_]?id)|^(key|sig)$)'
        OR key ~* '(^|[-_.])pin([-_]?code)?$' OR key ~ '[a-z]P(IN|in)(Code)?$'
$$;
COMMENT ON FUNCTION leap.is_secret_key(text) IS
'Whether a key of an object names a secret, as far as a name can tell. The id of a credential is none.';

-- Numbers and booleans under such a key are versions, counts and "there is one".
CREATE OR REPLACE FUNCTION leap.redacted(thing jsonb)
RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN CASE jsonb_typeof(thing)
        WHEN 'object' THEN (SELECT coalesce(jsonb_object_agg(e.key, CASE
                                WHEN leap.is_secret_key(e.key) AND jsonb_typeof(e.value) IN ('string', 'object', 'array') THEN to_jsonb('***'::text)
                                ELSE leap.redacted(e.value) END), '{}') FROM jsonb_each(thing) e)
        WHEN 'array' THEN (SELECT coalesce(jsonb_agg(leap.redacted(e.value) ORDER BY e.n), '[]') FROM jsonb_array_elements(thing) WITH ORDINALITY AS e(value, n))
        WHEN 'string' THEN to_jsonb(leap.redacted_text(thing #>> '{}'))
        ELSE thing END;
END
$$;
COMMENT ON FUNCTION leap.redacted(jsonb) IS
'The document with *** for what lies under the name of a secret (leap.is_secret_key), at any depth, and for secrets in URLs.';

CREATE OR REPLACE FUNCTION leap.redacted_text(said text)
RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(leap.safe_url(said), '([?&]([^=&#\s"]*(passw|passphrase|pass[-_]?code|pwd|secret|token|key|sig|credential)[^=&#\s"]*|([^=&#\s"]*[-_])?pin)=)[^&#\s"]+', '\1***', 'gi')
$$;
COMMENT ON FUNCTION leap.redacted_text(text) IS
'The text with *** for passwords in URLs, and for arguments in URLs that are named like secrets.';

CREATE OR REPLACE FUNCTION leap.client_digest(salt uuid, address inet, agent text)
RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(convert_to(salt::text || '|' || coalesce(host(address), '') || '|' || coalesce(agent, ''), 'UTF8'))
$$;
COMMENT ON FUNCTION leap.client_digest(uuid, inet, text) IS 'What stays of an address and a user agent when they are erased from the log.';

-- Resources whose id is what people call them (plans, queues, platforms) need no name.
CREATE OR REPLACE FUNCTION leap.audit_resource_name(entry leap.audit_logs)
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    key uuid := CASE WHEN entry.resource_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN entry.resource_id END;
    task bigint := CASE WHEN entry.resource_type = 'task' AND entry.resource_id ~ '^\d{1,18}$' THEN entry.resource_id END;
    said jsonb := coalesce(entry.before, '{}') || coalesce(entry.after, '{}');
BEGIN
    IF key IS NULL AND task IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN left(coalesce(CASE entry.resource_type
        WHEN 'recording' THEN (SELECT r.display_name FROM leap.recordings r WHERE r.id = key)
        WHEN 'task' THEN (SELECT concat_ws(': ', t.kind, r.display_name) FROM leap.tasks t LEFT JOIN leap.recordings r ON r.id = t.recording_id WHERE t.id = task)
        WHEN 'user' THEN (SELECT u.email FROM leap.users u WHERE u.id = key)
        WHEN 'retention' THEN (SELECT u.email FROM leap.users u WHERE u.id = key)
        WHEN 'credential' THEN (SELECT c.account_name FROM leap.credentials c WHERE c.id = key)
        WHEN 'template' THEN (SELECT x.name FROM leap.recording_templates x WHERE x.id = key)
        WHEN 'preset' THEN (SELECT p.name FROM leap.output_presets p WHERE p.id = key)
        WHEN 'source' THEN (SELECT s.name FROM leap.input_sources s WHERE s.id = key)
        WHEN 'automation_job' THEN (SELECT j.name FROM leap.automation_jobs j WHERE j.id = key)
        WHEN 'webhook' THEN (SELECT w.name FROM leap.webhooks w WHERE w.id = key)
        WHEN 'delivery' THEN (SELECT w.name FROM leap.deliveries d JOIN leap.webhooks w ON w.id = d.webhook_id WHERE d.id = key)
        END, said->>'display_name', said->>'account_name', said->>'name'), 500);
END
$$;
COMMENT ON FUNCTION leap.audit_resource_name(leap.audit_logs) IS
'What people call the resource of an entry: the name of a recording, credential, template and the like, kind and recording of a task, address of a user; as it is now, or of what is gone as the entry tells what was before. Null for others.';

-- Holds whoever writes, so that nobody has to think of it. What could be a secret is looked at closer.
CREATE OR REPLACE FUNCTION leap.prepare_audit()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.resource_name IS NULL AND NEW.resource_type NOT IN ('user', 'retention') THEN
        NEW.resource_name := leap.audit_resource_name(NEW);
    END IF;
    IF concat(NEW.before, NEW.after, NEW.details, NEW.why, NEW.resource_name) ~* '(passw|passphrase|pass[-_]?code|pwd|pin|secret|token|key|authoriz|cookie|sig|credential|://)' THEN
        NEW.before := leap.redacted(NEW.before);
        NEW.after := leap.redacted(NEW.after);
        NEW.details := leap.redacted(NEW.details);
        NEW.why := leap.redacted_text(NEW.why);
        NEW.resource_name := leap.redacted_text(NEW.resource_name);
    END IF;
    IF NEW.ip_address IS NOT NULL OR NEW.user_agent IS NOT NULL THEN
        NEW.client_salt := gen_random_uuid();
        NEW.client_digest := leap.client_digest(NEW.client_salt, NEW.ip_address, NEW.user_agent);
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER prepare_audit BEFORE INSERT ON leap.audit_logs FOR EACH ROW EXECUTE FUNCTION leap.prepare_audit();

CREATE OR REPLACE FUNCTION leap.refuse_change()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- housekeeping takes what is older than the months it is kept for
    IF TG_OP = 'DELETE' AND OLD.at < now() - make_interval(months => leap.setting('leap.audit_months')::int) THEN
        RETURN OLD;
    END IF;
    -- and where somebody was can be forgotten, nothing else
    IF TG_OP = 'UPDATE' AND NEW.ip_address IS NULL AND NEW.user_agent IS NULL AND NEW.client_salt IS NULL
       AND to_jsonb(NEW) = to_jsonb(OLD) || '{"ip_address": null, "user_agent": null, "client_salt": null}' THEN
        RETURN NEW;
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

DROP FUNCTION IF EXISTS leap.audit(text, text, text, jsonb, jsonb, text);
-- Not in SQL, which would plan the statement anew each time.
CREATE OR REPLACE FUNCTION leap.audit(action text, resource_type text, resource_id text = NULL, before jsonb = NULL, after jsonb = NULL, why text = NULL,
                                      details jsonb = NULL, result text = 'success', user_id uuid = NULL)
RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_variable
BEGIN
    INSERT INTO leap.audit_logs (user_id, action, resource_type, resource_id, before, after, why, details, result)
    VALUES (coalesce(user_id, leap.current_user_id()), action, resource_type, resource_id, before, after,
            coalesce(why, nullif(current_setting('request.reason', true), '')), details, result);
END
$$;
COMMENT ON FUNCTION leap.audit(text, text, text, jsonb, jsonb, text, jsonb, text, uuid) IS
'Adds a row to the log of what people did: action, type and id of what it was done to, what changed from and to, the reason if one was given (here or by leap.give_reason()), further details, and result (success, failure, partial). Who did it, and from where, is taken from the session and the request; user_id is for somebody who proved just now who he is. Secrets in the documents are replaced by ***.';

CREATE OR REPLACE FUNCTION leap.audit_user_removal()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    PERFORM leap.audit('delete', 'user', OLD.id::text, details => jsonb_build_object('role', OLD.role));
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER audit_removal AFTER DELETE ON leap.users FOR EACH ROW EXECUTE FUNCTION leap.audit_user_removal();
