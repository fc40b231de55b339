-- Credentials in tasks: what a task is told, how one of many renews a token, and what a refusal means.
--
-- The database hands out sealed boxes and takes sealed boxes back. Many tasks use one credential at a time; when its token
-- expires, each asks leap.renew_credential(), which lets one at a time refresh it and gives the others what it got.
-- The turn ends when the new token is stored, when the task that has it is reported as failed, or a minute later: not with
-- the lease, for a child whose task was cancelled or lost may be given a token still, and whoever asked with the old one then
-- would end the account. Who ever had the turn for a version may store what comes after it.
-- Lock order: tasks -> task_lease -> credential.

-- Workers seal without asking; this is for what people write.
CREATE OR REPLACE FUNCTION leap.sealing_key()
RETURNS leap.worker_keys LANGUAGE plpgsql STABLE AS $$
DECLARE
    k leap.worker_keys;
BEGIN
    SELECT * INTO k FROM leap.worker_keys x WHERE x.retired_at IS NULL ORDER BY x.created_at DESC, x.key_id LIMIT 1;
    IF NOT FOUND THEN
        PERFORM leap.refuse('LP003', 'there is no key to seal credentials with', 'An operator makes one: leap keys init FILE, and starts workers with --credential-keys FILE.');
    END IF;
    RETURN k;
END
$$;
COMMENT ON FUNCTION leap.sealing_key() IS 'The key of workers that what is new is sealed to: the newest that is not retired. Error LP003 if there is none.';

CREATE OR REPLACE FUNCTION leap.seal_for(data jsonb, k leap.worker_keys)
RETURNS bytea LANGUAGE sql VOLATILE AS $$ SELECT leap.seal_to(convert_to(data::text, 'UTF8'), k.public_key) $$;
COMMENT ON FUNCTION leap.seal_for(jsonb, leap.worker_keys) IS 'The document as a sealed box for this key.';

CREATE OR REPLACE FUNCTION leap.seal(data jsonb)
RETURNS bytea LANGUAGE sql VOLATILE AS $$ SELECT leap.seal_for(data, leap.sealing_key()) $$;
COMMENT ON FUNCTION leap.seal(jsonb) IS
'The document as a sealed box for the newest key of workers (leap.sealing_key()): crypto_box_seal of libsodium over its text. The database cannot open it again. Error LP003 without a key.';

CREATE OR REPLACE FUNCTION leap.base64(bytes bytea)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT translate(encode(bytes, 'base64'), E'\n', '') $$;
COMMENT ON FUNCTION leap.base64(bytea) IS 'Base64 in one line.';

CREATE OR REPLACE FUNCTION leap.box_json(box bytea, key_id text)
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT jsonb_build_object('key_id', key_id, 'sealed', leap.base64(box)) $$;
COMMENT ON FUNCTION leap.box_json(bytea, text) IS
'A sealed box as workers take it: {key_id, sealed in base64}. Those in the array boxes of a task''s input they open for its child: what is in them takes their place.';

-- However a secret of a webhook is written: sealed, if there is a key. Without one it lies openly until there is one.
CREATE OR REPLACE FUNCTION leap.seal_webhook()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    k leap.worker_keys;
BEGIN
    NEW.sealed := NULL;
    NEW.key_id := NULL;
    IF EXISTS (SELECT FROM leap.worker_keys x WHERE x.retired_at IS NULL) THEN
        k := leap.sealing_key();
        NEW.sealed := leap.seal_for(jsonb_build_object('secret', NEW.secret), k);
        NEW.key_id := k.key_id;
        NEW.secret := NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        NEW.secret_version := OLD.secret_version + 1;
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER seal_webhook BEFORE INSERT OR UPDATE OF secret ON leap.webhooks
    FOR EACH ROW WHEN (NEW.secret IS NOT NULL) EXECUTE FUNCTION leap.seal_webhook();

CREATE OR REPLACE FUNCTION leap.seal_open_secrets()
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    n bigint := 0;
BEGIN
    IF EXISTS (SELECT FROM leap.worker_keys k WHERE k.retired_at IS NULL) AND EXISTS (SELECT FROM leap.webhooks w WHERE w.secret IS NOT NULL) THEN
        UPDATE leap.webhooks w SET secret = w.secret
        WHERE w.id IN (SELECT x.id FROM leap.webhooks x WHERE x.secret IS NOT NULL ORDER BY x.id LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED);
        GET DIAGNOSTICS n = ROW_COUNT;
    END IF;
    RETURN n;
END
$$;
COMMENT ON FUNCTION leap.seal_open_secrets() IS
'Seals secrets of webhooks that were made before there was a key of workers, at most 1000 a call; returns how many. A chore of every minute.';

-- Asked inside a claim: nothing in it raises.
CREATE OR REPLACE FUNCTION leap.credential_input(owner uuid, platform text, credential text, for_check boolean = false)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF credential IS NULL OR credential !~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' THEN
        RETURN NULL;
    END IF;
    RETURN (
        SELECT jsonb_build_object('id', c.id, 'platform', c.platform, 'version', c.version)
            || CASE WHEN c.needs_reauth AND NOT for_check THEN jsonb_build_object('needs_reauth', true, 'reason', c.reauth_reason)
                    ELSE leap.box_json(c.sealed, c.key_id) END
        FROM leap.credentials c
        WHERE c.id = credential::uuid AND c.user_id = owner AND c.platform = credential_input.platform AND (c.is_active OR for_check));
END
$$;
COMMENT ON FUNCTION leap.credential_input(uuid, text, text, boolean) IS
'What a task is told of a credential of its owner for a platform: {id, platform, version, key_id, sealed in base64}, or {id, platform, version, needs_reauth, reason}, unless it is to be checked; null if it is gone, switched off, somebody else''s or for another platform.';

CREATE OR REPLACE FUNCTION leap.endpoints_of(platform text)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((SELECT jsonb_object_agg(p.name, p.url) FROM leap.platform_endpoints p WHERE p.platform = endpoints_of.platform), '{}');
END
$$;
COMMENT ON FUNCTION leap.endpoints_of(text) IS 'The addresses that were set for a platform, {name: url}; {} for none.';

-- The errand -----------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION leap.credential_task_input(subject uuid)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((
        SELECT jsonb_build_object('action', x.action, 'platform', x.platform, 'endpoints', leap.endpoints_of(x.platform))
            || CASE x.action
               WHEN 'exchange' THEN x.grant_data - 'account_name' || jsonb_build_object('credential',
                        jsonb_build_object('platform', x.platform, 'version', 0) || leap.box_json(a.sealed_secret, a.key_id))
               ELSE jsonb_build_object('credential', CASE WHEN x.credential_id IS NOT NULL THEN leap.credential_input(x.user_id, x.platform, x.credential_id::text, true)
                        ELSE jsonb_build_object('platform', x.platform, 'version', coalesce(w.secret_version, a.version))
                             || leap.box_json(coalesce(w.sealed, a.sealed_secret), coalesce(w.key_id, a.key_id)) END) END
            || CASE WHEN x.action <> 'check' THEN (SELECT jsonb_build_object('seal_to', jsonb_build_object('key_id', k.key_id, 'public_key', leap.base64(k.public_key)))
                        FROM leap.worker_keys k WHERE k.retired_at IS NULL ORDER BY k.created_at DESC, k.key_id LIMIT 1) ELSE '{}' END
        FROM leap.credential_checks x
        LEFT JOIN leap.platform_apps a ON (x.action = 'exchange' OR x.credential_id IS NULL) AND a.platform = x.platform
        LEFT JOIN leap.webhooks w ON w.id = x.webhook_id AND w.sealed IS NOT NULL
        WHERE x.id = subject AND x.state = 'waiting'
          AND (a.platform IS NOT NULL OR w.id IS NOT NULL OR EXISTS (SELECT FROM leap.credentials c WHERE c.id = x.credential_id))), '{"gone": true}');
END
$$;
COMMENT ON FUNCTION leap.credential_task_input(uuid) IS
'What the child of a credential task is told: action, platform, endpoints and credential; of an exchange, whose credential opens to {client_id, client_secret}, redirect_uri, scope and boxes with code, code_verifier and what else was given; of an exchange and a reseal, seal_to {key_id, public_key}. {"gone": true} if nobody waits for it any more.';

-- What may be known of a credential, however much a platform says.
CREATE OR REPLACE FUNCTION leap.credential_facts(given jsonb)
RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN coalesce((SELECT jsonb_object_agg(e.key, CASE jsonb_typeof(e.value) WHEN 'string' THEN to_jsonb(left(e.value #>> '{}', 500)) ELSE e.value END)
                     FROM jsonb_each(leap.object_or_empty(given)) e
                     WHERE e.key IN ('account', 'title', 'kind', 'scopes', 'expires_at') AND jsonb_typeof(e.value) <> 'null' AND length(e.value::text) <= 4000), '{}');
END
$$;
COMMENT ON FUNCTION leap.credential_facts(jsonb) IS 'Of a document what LEAP keeps openly of a credential: account, title, kind, scopes, expires_at.';

CREATE OR REPLACE FUNCTION leap.store_credential_check(subject uuid, facts jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    x leap.credential_checks;
BEGIN
    UPDATE leap.credential_checks y SET state = 'succeeded', finished_at = clock_timestamp(), facts = leap.credential_facts(store_credential_check.facts), grant_data = NULL, error = NULL
    WHERE y.id = subject AND y.state = 'waiting' RETURNING * INTO x;
    UPDATE leap.credentials c SET facts = c.facts || x.facts, last_checked_at = clock_timestamp(), last_used_at = clock_timestamp(), last_error = NULL,
           needs_reauth = false, reauth_reason = NULL
    WHERE c.id = x.credential_id AND x.action IN ('check', 'exchange');
END
$$;
COMMENT ON FUNCTION leap.store_credential_check(uuid, jsonb) IS 'A credential task is done: what it found out is kept, and the credential works.';

CREATE OR REPLACE FUNCTION leap.credential_check_ended(subject uuid, as_state text, error jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    x leap.credential_checks;
BEGIN
    UPDATE leap.credential_checks y SET state = as_state, finished_at = clock_timestamp(), grant_data = NULL, error = credential_check_ended.error
    WHERE y.id = subject AND y.state = 'waiting' RETURNING * INTO x;
    UPDATE leap.credentials c SET last_checked_at = clock_timestamp(), last_error = credential_check_ended.error
    WHERE c.id = x.credential_id AND x.action = 'check' AND as_state = 'failed';
END
$$;
COMMENT ON FUNCTION leap.credential_check_ended(uuid, text, jsonb) IS 'A credential task ended undone: failed for good, or cancelled.';

-- Renewing -------------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION leap.credential_of(t leap.tasks)
RETURNS uuid LANGUAGE plpgsql STABLE AS $$
DECLARE
    said text;
BEGIN
    CASE t.kind
        WHEN 'upload' THEN said := (SELECT o.config->>'credential_id' FROM leap.output_targets o WHERE o.id = t.target_id);
        WHEN 'download' THEN said := (SELECT r.source->>'credential_id' FROM leap.recordings r WHERE r.id = t.recording_id);
        WHEN 'sync' THEN said := (SELECT s.credential_id::text FROM leap.source_syncs x JOIN leap.input_sources s ON s.id = x.source_id WHERE x.id = t.subject);
        WHEN 'credential' THEN said := (SELECT x.credential_id::text FROM leap.credential_checks x WHERE x.id = t.subject AND x.action <> 'exchange');
        ELSE RETURN NULL;
    END CASE;
    IF said ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' THEN
        RETURN (SELECT c.id FROM leap.credentials c WHERE c.id = said::uuid AND c.user_id = t.user_id);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION leap.credential_of(leap.tasks) IS 'The credential that a task uses, if its owner still has it; null: none.';

CREATE OR REPLACE FUNCTION leap.turn_holder(task bigint, fence bigint)
RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT task || '/' || fence $$;
COMMENT ON FUNCTION leap.turn_holder(bigint, bigint) IS 'One attempt at a task, as leap.credentials.had_turn names it.';

CREATE OR REPLACE FUNCTION leap.is_renewed_by_another(c leap.credentials, task bigint, fence bigint)
RETURNS boolean LANGUAGE sql VOLATILE AS $$
    SELECT coalesce(c.renewing_until > clock_timestamp() AND (c.renewing_task, c.renewing_fence) IS DISTINCT FROM (task, fence), false)
$$;
COMMENT ON FUNCTION leap.is_renewed_by_another(leap.credentials, bigint, bigint) IS 'Whether somebody has the turn to renew this credential, and it is not this attempt at this task.';

CREATE OR REPLACE FUNCTION leap.was_replaced(c leap.credentials, t leap.tasks)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(c.stored_at > t.started_at AND c.stored_by IS DISTINCT FROM t.id, false)
$$;
COMMENT ON FUNCTION leap.was_replaced(leap.credentials, leap.tasks) IS 'Whether somebody else stored a newer content of this credential after this attempt at the task began: it need not have tried that.';

CREATE OR REPLACE FUNCTION leap.end_turn(t leap.tasks)
RETURNS void LANGUAGE sql AS $$
    UPDATE leap.credentials c SET renewing_task = NULL, renewing_fence = NULL, renewing_until = NULL
    WHERE c.id = leap.credential_of(t) AND (c.renewing_task, c.renewing_fence) = (t.id, t.fence)
$$;
COMMENT ON FUNCTION leap.end_turn(leap.tasks) IS 'The child of this attempt has ended: if it had the turn to renew its credential, the next may have it.';

CREATE OR REPLACE FUNCTION leap.renew_credential(task bigint, fence bigint, version int)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    turn CONSTANT interval := '60 s';
    holder CONSTANT text := leap.turn_holder(task, fence);
    t leap.tasks;
    c leap.credentials;
BEGIN
    SELECT k.* INTO t FROM leap.tasks k JOIN leap.task_lease l ON l.task = k.id AND l.fence = renew_credential.fence WHERE k.id = renew_credential.task;
    IF NOT FOUND THEN
        RETURN '{"ok": false, "reason": "lost"}';
    END IF;
    SELECT x.* INTO c FROM leap.credentials x WHERE x.id = leap.credential_of(t) AND (x.is_active OR t.kind = 'credential') FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN '{"ok": false, "reason": "credential_missing"}';
    ELSIF c.version > renew_credential.version THEN
        RETURN jsonb_build_object('ok', true, 'version', c.version, 'key_id', c.key_id, 'sealed', leap.base64(c.sealed));
    ELSIF c.needs_reauth AND t.kind <> 'credential' THEN
        RETURN '{"ok": false, "reason": "needs_reauth"}';
    ELSIF leap.is_renewed_by_another(c, renew_credential.task, renew_credential.fence) THEN
        RETURN '{"ok": true, "wait": 0.5}';
    END IF;
    UPDATE leap.credentials x
    SET renewing_task = renew_credential.task, renewing_fence = renew_credential.fence, renewing_until = clock_timestamp() + turn,
        had_turn = CASE WHEN holder = ANY (x.had_turn) THEN x.had_turn ELSE x.had_turn[greatest(cardinality(x.had_turn) - 18, 1):] || holder END
    WHERE x.id = c.id;
    RETURN (SELECT jsonb_build_object('ok', true, 'turn', true, 'key_id', k.key_id, 'public_key', leap.base64(k.public_key)) FROM leap.sealing_key() k);
END
$$;
COMMENT ON FUNCTION leap.renew_credential(bigint, bigint, int) IS
'A task, with this lease and this version of its credential, needs a newer token. Answers {ok, version, key_id, sealed}: there is one already; {ok, turn, key_id, public_key}: refresh it, nobody else does for a minute, and store it for this key; {ok, wait}: somebody does, ask again after so many seconds; {ok: false, reason: lost, credential_missing or needs_reauth}.';

-- Who had the turn may store although lease or turn were lost meanwhile: the platform has forgotten the token before.
CREATE OR REPLACE FUNCTION leap.store_credential(task bigint, fence bigint, version int, sealed bytea, key_id text, facts jsonb = NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    t leap.tasks;
    c leap.credentials;
    x leap.credential_checks;
BEGIN
    PERFORM set_config('synchronous_commit', 'on', true);
    SELECT k.* INTO t FROM leap.tasks k WHERE k.id = store_credential.task;
    IF NOT FOUND THEN
        RETURN '{"ok": false, "reason": "lost"}';
    ELSIF NOT EXISTS (SELECT FROM leap.worker_keys k WHERE k.key_id = store_credential.key_id) THEN
        RETURN '{"ok": false, "reason": "unknown_key"}';
    END IF;
    IF t.kind = 'credential' THEN
        SELECT y.* INTO x FROM leap.credential_checks y WHERE y.id = t.subject;
        IF x.action <> 'check' AND t.fence <> store_credential.fence THEN
            RETURN '{"ok": false, "reason": "lost"}';
        ELSIF x.action = 'exchange' THEN
            RETURN leap.store_exchange(t, sealed, key_id, facts);
        ELSIF x.action = 'reseal' AND x.credential_id IS NULL THEN
            IF x.webhook_id IS NOT NULL THEN
                UPDATE leap.webhooks w SET sealed = store_credential.sealed, key_id = store_credential.key_id
                WHERE w.id = x.webhook_id AND w.sealed IS NOT NULL AND w.secret_version = store_credential.version;
            ELSE
                UPDATE leap.platform_apps a SET sealed_secret = store_credential.sealed, key_id = store_credential.key_id
                WHERE a.platform = x.platform AND a.version = store_credential.version;
            END IF;
            RETURN jsonb_build_object('ok', FOUND, CASE WHEN FOUND THEN 'version' ELSE 'reason' END, CASE WHEN FOUND THEN to_jsonb(version) ELSE '"newer"' END);
        END IF;
    END IF;
    SELECT y.* INTO c FROM leap.credentials y WHERE y.id = leap.credential_of(t) FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN '{"ok": false, "reason": "credential_missing"}';
    ELSIF c.sealed = store_credential.sealed THEN       -- the answer was lost, not the token
        RETURN jsonb_build_object('ok', true, 'version', c.version);
    ELSIF c.version <> store_credential.version THEN
        RETURN '{"ok": false, "reason": "newer"}';
    ELSIF x.action = 'reseal' THEN    -- the same content: nobody has to take notice
        UPDATE leap.credentials y SET sealed = store_credential.sealed, key_id = store_credential.key_id WHERE y.id = c.id;
        RETURN jsonb_build_object('ok', true, 'version', c.version);
    ELSIF leap.turn_holder(task, fence) <> ALL (c.had_turn) THEN
        RETURN '{"ok": false, "reason": "no_turn"}';
    END IF;
    UPDATE leap.credentials y
    SET sealed = store_credential.sealed, key_id = store_credential.key_id, version = y.version + 1, facts = y.facts || leap.credential_facts(store_credential.facts),
        needs_reauth = false, reauth_reason = NULL, last_error = NULL, stored_at = clock_timestamp(), stored_by = t.id, last_used_at = clock_timestamp(),
        renewing_task = NULL, renewing_fence = NULL, renewing_until = NULL, had_turn = '{}'
    WHERE y.id = c.id RETURNING y.* INTO c;
    RETURN jsonb_build_object('ok', true, 'version', c.version);
END
$$;
COMMENT ON FUNCTION leap.store_credential(bigint, bigint, int, bytea, text, jsonb) IS
'Stores what a task got of a platform in place of this version, sealed for the key named, and what is openly known of it. It is durable when this answers {ok, version}; the same sent again is answered the same. For who has or had the turn for this version (leap.renew_credential), for an exchange, which makes the credential, and for a reseal, which keeps the version. {ok: false, reason: lost, unknown_key, credential_missing, newer or no_turn}. Error LP010: no more credentials.';

CREATE OR REPLACE FUNCTION leap.store_exchange(t leap.tasks, box bytea, box_key text, known jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    x leap.credential_checks;
    c leap.credentials;
BEGIN
    SELECT y.* INTO x FROM leap.credential_checks y WHERE y.id = t.subject FOR NO KEY UPDATE;
    IF x.state <> 'waiting' OR NOT EXISTS (SELECT FROM leap.users u WHERE u.id = x.user_id AND u.is_active) THEN
        RETURN '{"ok": false, "reason": "lost"}';
    ELSIF x.credential_id IS NOT NULL THEN
        RETURN (SELECT jsonb_build_object('ok', true, 'version', y.version) FROM leap.credentials y WHERE y.id = x.credential_id);
    END IF;
    INSERT INTO leap.credentials AS y (user_id, platform, account_name, sealed, key_id, facts, stored_by)
    VALUES (x.user_id, x.platform, x.grant_data->>'account_name', box, box_key, leap.credential_facts(known), t.id)
    ON CONFLICT ON CONSTRAINT credentials_name DO UPDATE
    SET sealed = excluded.sealed, key_id = excluded.key_id, version = y.version + 1, facts = y.facts || excluded.facts, is_active = true, needs_reauth = false,
        reauth_reason = NULL, last_error = NULL, stored_at = clock_timestamp(), stored_by = t.id, updated_at = clock_timestamp(),
        renewing_task = NULL, renewing_fence = NULL, renewing_until = NULL, had_turn = '{}'
    RETURNING y.* INTO c;
    UPDATE leap.credential_checks y SET credential_id = c.id WHERE y.id = x.id;
    PERFORM leap.audit(CASE WHEN c.version = 1 THEN 'add' ELSE 'change' END, 'credential', c.id::text, NULL,
                       jsonb_build_object('platform', c.platform, 'account_name', c.account_name, 'version', c.version), 'connected at the page of the platform', user_id => c.user_id);
    RETURN jsonb_build_object('ok', true, 'version', c.version);
END
$$;
COMMENT ON FUNCTION leap.store_exchange(leap.tasks, bytea, text, jsonb) IS
'Makes the credential of an exchange, or gives the one of that name its new content. Answers as leap.store_credential().';

-- Refusals -------------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION leap.credential_refused(t leap.tasks, error jsonb)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    c leap.credentials;
BEGIN
    IF error->>'class' IS DISTINCT FROM 'credential' OR t.kind NOT IN ('upload', 'download', 'sync', 'credential') THEN
        RETURN false;
    END IF;
    SELECT x.* INTO c FROM leap.credentials x WHERE x.id = leap.credential_of(t) AND x.is_active FOR NO KEY UPDATE;
    -- what others stored after it began it need not have tried, and what somebody gets just now neither
    IF c.id IS NULL OR leap.was_replaced(c, t) OR leap.is_renewed_by_another(c, t.id, t.fence) THEN
        RETURN false;
    ELSIF NOT c.needs_reauth THEN
        UPDATE leap.credentials x
        SET needs_reauth = true, reauth_reason = left(error->>'message', 2000), last_error = credential_refused.error, last_checked_at = clock_timestamp(),
            renewing_task = NULL, renewing_fence = NULL, renewing_until = NULL
        WHERE x.id = c.id;
        PERFORM leap.raise_event(c.user_id, 'credential_expired',
            jsonb_strip_nulls(jsonb_build_object('credential', c.id, 'recording', t.recording_id, 'run', t.run_id, 'target', t.target_id, 'task', t.id::text)),
            jsonb_strip_nulls(jsonb_build_object('name', (SELECT r.display_name FROM leap.recordings r WHERE r.id = t.recording_id), 'task_kind', t.kind, 'class', 'credential',
                'code', error->>'code', 'message', left(error->>'message', 2000), 'hint', left(error->>'hint', 2000), 'platform', c.platform, 'account_name', c.account_name)),
            format('credential/%s', c.id));
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION leap.credential_refused(leap.tasks, jsonb) IS
'A task ended with this error. If it is of class credential, the credential it used is known, and nobody has stored a newer content or has the turn to: that needs a new authorisation, of which its owner is told once, and this returns true.';
