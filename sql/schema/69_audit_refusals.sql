-- Refused attempts through the HTTP door. A refusal that raises takes its own row in the log with it, so the gateway
-- records it afterwards, in a transaction of its own with the claims and headers of the same request.
--
-- A flood of refusals must not fill the log: of one user at one address the first ones of a minute get a row each, the
-- rest are counted here and get one row together when the minute is over (chore note_refusal_floods).

CREATE TABLE IF NOT EXISTS leap.audit_refusal_counts (
    minute  timestamptz NOT NULL,
    key     text NOT NULL,
    caller  uuid,
    address inet,
    seen    int NOT NULL,
    PRIMARY KEY (minute, key)
);
COMMENT ON TABLE leap.audit_refusal_counts IS
'How many requests of a caller at an address were refused in a minute; each row goes when its minute is over.';

CREATE OR REPLACE FUNCTION leap.audit_refusal_limit() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 20';
COMMENT ON FUNCTION leap.audit_refusal_limit() IS 'How many refusals a minute get an entry of their own, per user and address.';

-- "POST /recordings/ID/run" is run of a recording, "PATCH /recordings" change, "POST /rpc/run_recording" what it says.
CREATE OR REPLACE FUNCTION leap.request_words(method text, path text, OUT action text, OUT resource_type text, OUT resource_id text)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    parts text[] := array_remove(string_to_array(regexp_replace(path, '^/api/v1(?=/)', ''), '/'), '');
    id text := '^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{1,18})$';
    n int := coalesce(cardinality(parts), 0);
    place int;      -- of the id
    thing int;      -- of the word for what it is
BEGIN
    IF parts[1] = 'rpc' THEN
        action := parts[2];
        resource_type := coalesce(substring(parts[2] FROM '^[a-z]+_([a-z_]+)$'), 'request');
        RETURN;
    END IF;
    place := (SELECT max(i) FROM generate_series(2, n) i WHERE parts[i] ~* id);
    thing := coalesce(place - 1, CASE WHEN parts[1] IN ('admin', 'automation') AND n > 1 THEN 2 ELSE 1 END);
    resource_id := parts[place];
    resource_type := coalesce(CASE WHEN parts[1] = 'auth' THEN 'user' ELSE regexp_replace(parts[thing], 's$', '') END, 'request');
    action := CASE WHEN n > thing AND n IS DISTINCT FROM place THEN parts[n]
                   ELSE CASE method WHEN 'POST' THEN 'add' WHEN 'DELETE' THEN 'delete' WHEN 'PATCH' THEN 'change' WHEN 'PUT' THEN 'change' WHEN 'GET' THEN 'read' WHEN 'HEAD' THEN 'read' ELSE lower(method) END END;
END
$$;
COMMENT ON FUNCTION leap.request_words(text, text) IS
'What a request meant to do, in the words of the log: action, type of resource and, where the path names one, its id.';

-- A refused call is in the log under the words of one that is not: run_recording is run of a recording; those that say it
-- otherwise are named here.
CREATE OR REPLACE FUNCTION leap.function_words(called text, OUT action text, OUT resource_type text)
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(x.action, split_part(n.name, '_', 1)),
           coalesce(x.resource_type, CASE WHEN n.name LIKE '%\_job' THEN 'automation_job' END, regexp_replace(substring(n.name FROM '^[a-z]+_(.+)$'), 's$', ''), 'request')
    FROM (SELECT regexp_replace(called, '^admin_', '') AS name) n
    LEFT JOIN (VALUES
        ('login', NULL, 'user'), ('refresh', NULL, 'user'), ('register', NULL, 'user'), ('forgot_password', 'reset password', 'user'), ('reset_password', 'reset password', 'user'),
        ('verify_email', 'verify email', 'user'), ('resend_verification', 'verify email', 'user'), ('change_password', 'change password', 'user'), ('set_password', 'set password', 'user'),
        ('logout', NULL, 'user'), ('logout_others', 'logout others', 'user'), ('logout_all', 'logout everywhere', 'user'), ('end_session', 'end session', 'user'),
        ('add_api_key', 'add API key', 'user'), ('revoke_api_key', 'revoke API key', 'user'), ('change_me', 'change user', 'user'), ('change_user', 'change user', 'user'),
        ('delete_me', 'delete account', 'user'), ('change_my_config', 'configure', 'user'), ('reset_my_config', 'configure', 'user'),
        ('set_quota', 'set_quota', 'user'), ('subscribe', NULL, 'user'), ('change_subscription', 'subscribe', 'user'), ('unsubscribe', NULL, 'user'),
        ('add_plan', 'set_plan', 'plan'), ('change_plan', 'set_plan', 'plan'), ('delete_plan', 'delete_plan', 'plan'),
        ('add_invitation', 'invite', 'invitation'), ('delete_invitation', 'withdraw invitation', 'invitation'),
        ('audit', 'read', 'audit_log'), ('audit_head', 'read', 'audit_log'), ('audit_verify', 'read', 'audit_log'), ('audit_export', 'export', 'audit_log'), ('audit_file', 'export', 'audit_log'),
        ('operate_recordings', 'bulk', 'recording'), ('set_recording_priority', 'prioritize', 'recording'), ('extract_topics', 'topics', 'recording'), ('generate_subtitles', 'subtitles', 'recording'),
        ('change_recording_config', 'configure', 'recording'), ('clear_recording_config', 'configure', 'recording'),
        ('bind_recording_template', 'bind', 'recording'), ('unbind_recording_template', 'unbind', 'recording'),
        ('template_from_recording', 'add', 'template'), ('set_default_template', 'change', 'template'), ('rotate_webhook_secret', 'rotate', 'webhook'),
        ('redeliver', NULL, 'delivery'), ('set_app', 'change', 'app'), ('remove_app', 'delete', 'app'), ('close_breaker', 'close_breaker', 'platform')) AS x (name, action, resource_type) ON x.name = n.name
$$;
COMMENT ON FUNCTION leap.function_words(text) IS
'What a call of a function of schema api means to do, in the words that its success has in the log: action and type of resource.';

DROP FUNCTION IF EXISTS leap.audit_refusal(text, text, text, text, text);
CREATE FUNCTION leap.audit_refusal(action text, resource_type text, resource_id text, sqlstate text, message text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    method text := coalesce(nullif(left(current_setting('request.method', true), 20), ''), '?');
    path text := coalesce(left(current_setting('request.path', true), 300), '');
    words record := leap.request_words(method, path);
    called text := nullif(left(current_setting('request.function', true), 100), '');
    client inet := leap.client_address();
    me uuid := leap.current_user_id();
    n int;
BEGIN
    INSERT INTO leap.audit_refusal_counts AS c (minute, key, caller, address, seen)
    VALUES (date_trunc('minute', leap.clock()), concat_ws(' ', coalesce(me::text, 'nobody'), convert_from(leap.address_key(client), 'UTF8')), me, client, 1)
    ON CONFLICT ON CONSTRAINT audit_refusal_counts_pkey DO UPDATE SET seen = c.seen + 1 RETURNING c.seen INTO n;
    IF n > leap.audit_refusal_limit() THEN
        RETURN false;
    END IF;
    IF called IS NOT NULL THEN
        SELECT w.action, w.resource_type, words.resource_id INTO words FROM leap.function_words(called) w;
    END IF;
    PERFORM leap.audit(left(coalesce(audit_refusal.action, words.action, 'request'), 100), left(coalesce(audit_refusal.resource_type, words.resource_type), 100),
        left(coalesce(audit_refusal.resource_id, words.resource_id), 100), result => 'failure',
        details => jsonb_build_object('sqlstate', left(audit_refusal.sqlstate, 8), 'message', left(leap.one_line(audit_refusal.message), 500), 'request', method || ' ' || leap.one_line(path)));
    RETURN true;
END
$$;
COMMENT ON FUNCTION leap.audit_refusal(text, text, text, text, text) IS
'For the gateway: notes that a request was refused with this SQLSTATE and message, result failure. What is null of action, resource_type and resource_id is read from request.function (what a path of leap.routes() calls; empty: nothing), request.method and request.path. Of one caller at one address at most leap.audit_refusal_limit() a minute; whether it got an entry.';

CREATE OR REPLACE FUNCTION leap.note_refusal_floods()
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    n int;
BEGIN
    WITH over AS (DELETE FROM leap.audit_refusal_counts c WHERE c.minute < date_trunc('minute', leap.clock()) OR c.minute > leap.clock() RETURNING *)
    INSERT INTO leap.audit_logs (user_id, action, resource_type, result, ip_address, user_agent, details)
    SELECT o.caller, 'refusals', 'request', 'failure', o.address, NULL, jsonb_build_object('minute', o.minute, 'more', o.seen - leap.audit_refusal_limit())
    FROM over o WHERE o.seen > leap.audit_refusal_limit();
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END
$$;
COMMENT ON FUNCTION leap.note_refusal_floods() IS
'Notes how many refusals of a caller at an address a minute had beyond those with entries of their own, one entry for each; returns how many entries. A chore of every minute.';
