-- Webhooks: URLs that people want events posted to, the secret they are signed with, and what happens to one that fails.
--
-- A webhook is made, changed and removed by its owner or an operator; each change is in the audit log, without the
-- secret. A secret is shown to who makes it, once, and only the owner can change it; after that only a delivery carries
-- it, sealed for workers if a key of theirs is known. Lock order: tasks -> webhooks -> deliveries -> notifications.

CREATE OR REPLACE FUNCTION leap.new_webhook_secret()
RETURNS text LANGUAGE sql VOLATILE AS $$
    -- 366 random bits, mixed into 256
    SELECT 'whsec_' || encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'base64')
$$;
COMMENT ON FUNCTION leap.new_webhook_secret() IS 'A new secret as Standard Webhooks writes it: whsec_ and 32 random bytes in base64.';

CREATE OR REPLACE FUNCTION leap.webhook_json(w leap.webhooks)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', w.id, 'name', w.name, 'url', w.url, 'events', to_jsonb(w.events), 'state', w.state, 'reason', w.reason,
        'failures', w.failures, 'disabled_at', w.disabled_at, 'created_at', w.created_at, 'updated_at', w.updated_at,
        'waiting', (SELECT count(*) FROM leap.deliveries d WHERE d.webhook_id = w.id AND d.finished_at IS NULL))
$$;
COMMENT ON FUNCTION leap.webhook_json(leap.webhooks) IS 'A webhook as people see it: everything but the secret, and how many deliveries wait.';

CREATE OR REPLACE FUNCTION leap.webhook_events(given jsonb)
RETURNS text[] LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF coalesce(given, 'null') = 'null' THEN
        RETURN '{}';
    ELSIF jsonb_typeof(given) <> 'array' OR jsonb_path_exists(given, '$[*] ? (@.type() != "string")') THEN
        PERFORM leap.refuse('LP030', format('events cannot be %s', left(given::text, 100)), 'It is an array of names of events; null or an empty one is all.');
    END IF;
    RETURN ARRAY(SELECT jsonb_array_elements_text(given));
END
$$;
COMMENT ON FUNCTION leap.webhook_events(jsonb) IS 'The events of a webhook as they are given: an array of names, null for all. Error LP030 for anything else.';

-- The webhook, locked, if the caller may see it.
CREATE OR REPLACE FUNCTION leap.own_webhook(id uuid)
RETURNS leap.webhooks LANGUAGE plpgsql AS $$
DECLARE
    w leap.webhooks;
BEGIN
    SELECT x.* INTO w FROM leap.webhooks x WHERE x.id = own_webhook.id AND leap.may_see(x.user_id) FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM leap.refuse('LP020', format('there is no webhook %s', id), 'leap.webhook_list() shows those there are.');
    END IF;
    RETURN w;
END
$$;
COMMENT ON FUNCTION leap.own_webhook(uuid) IS 'The webhook, locked, if the caller may see it. Error LP020.';

CREATE OR REPLACE FUNCTION leap.add_webhook(spec jsonb, "user" text = NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.acting_user("user");
    w leap.webhooks;
    made text := leap.new_webhook_secret();
BEGIN
    PERFORM leap.check_keys(spec, '{name,url,events}', 'a webhook');
    IF spec->>'url' IS NULL THEN
        PERFORM leap.refuse('LP030', 'a webhook needs a url', 'Write {"url": "https://example.org/hook"}.');
    END IF;
    INSERT INTO leap.webhooks (user_id, name, url, secret, events)
    VALUES (u.id, coalesce(spec->>'name', substring(spec->>'url' FROM '^[^:]+://([^/?]{1,100})'), '?'), spec->>'url', made, leap.webhook_events(spec->'events'))
    RETURNING * INTO w;
    PERFORM leap.audit('add', 'webhook', w.id::text, NULL, leap.webhook_json(w));
    RETURN leap.webhook_json(w) || jsonb_build_object('secret', made);
END
$$;
COMMENT ON FUNCTION leap.add_webhook(jsonb, text) IS
'Adds a webhook {url, name, events}: http or https, the host as name if there is none, events as an array (none: all). Returns it with its secret, which is never shown again. Errors LP010 (more than 10), LP020, LP030.';

CREATE OR REPLACE FUNCTION leap.change_webhook(id uuid, changes jsonb)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    w leap.webhooks := leap.own_webhook(id);
    before jsonb := leap.webhook_json(w);
BEGIN
    PERFORM leap.check_keys(changes, '{name,url,events,state}', 'a webhook');
    IF changes ? 'url' AND changes->>'url' IS NULL THEN
        PERFORM leap.refuse('LP030', 'a webhook needs a url', 'Leave url out to keep it.');
    ELSIF changes ? 'state' AND coalesce(changes->>'state', 'active') NOT IN ('active', 'disabled') THEN
        PERFORM leap.refuse('LP030', format('a webhook cannot be %s', changes->'state'), 'state is "active" or "disabled".');
    END IF;
    UPDATE leap.webhooks x
    SET url = coalesce(changes->>'url', x.url),
        name = CASE WHEN changes ? 'name' THEN coalesce(changes->>'name', substring(coalesce(changes->>'url', x.url) FROM '^[^:]+://([^/?]{1,100})'), '?') ELSE x.name END,
        events = CASE WHEN changes ? 'events' THEN leap.webhook_events(changes->'events') ELSE x.events END, updated_at = leap.clock()
    WHERE x.id = w.id;
    IF changes ? 'state' AND coalesce(changes->>'state', 'active') = 'active' THEN
        UPDATE leap.webhooks x SET state = 'active', reason = NULL, disabled_at = NULL, failures = 0 WHERE x.id = w.id;
    ELSIF changes ? 'state' THEN
        PERFORM leap.disable_webhook(w.id, 'switched off by its owner or an operator');
    END IF;
    SELECT x.* INTO w FROM leap.webhooks x WHERE x.id = w.id;
    PERFORM leap.audit('change', 'webhook', w.id::text, before, leap.webhook_json(w));
    RETURN leap.webhook_json(w);
END
$$;
COMMENT ON FUNCTION leap.change_webhook(uuid, jsonb) IS
'Changes url, name, events or state of a webhook: active (failures are forgotten) or disabled (what waits for it is cancelled); null sets back to the default. Returns it as it is now. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION leap.rotate_webhook_secret(id uuid)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    w leap.webhooks := leap.own_webhook(id);
    made text := leap.new_webhook_secret();
BEGIN
    IF w.user_id IS DISTINCT FROM leap.current_user_id() THEN
        PERFORM leap.refuse('LP003', 'only its owner can give a webhook another secret', 'Who gets the answer could sign in his name. An operator can switch a webhook off or delete it.');
    END IF;
    UPDATE leap.webhooks x SET secret = made, updated_at = leap.clock() WHERE x.id = w.id RETURNING x.* INTO w;
    PERFORM leap.audit('rotate', 'webhook', w.id::text);
    RETURN leap.webhook_json(w) || jsonb_build_object('secret', made);
END
$$;
COMMENT ON FUNCTION leap.rotate_webhook_secret(uuid) IS
'Gives a webhook a new secret, which signs everything from now on, also what waits. Returns the webhook with it; it is never shown again. For its owner only, not for operators: LP003. Errors LP003, LP020.';

CREATE OR REPLACE FUNCTION leap.delete_webhook(id uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    w leap.webhooks := leap.own_webhook(id);
BEGIN
    PERFORM leap.cancel_deliveries(ARRAY(SELECT d.id FROM leap.deliveries d WHERE d.webhook_id = w.id AND d.finished_at IS NULL), 'cancelled', 'the webhook was deleted');
    DELETE FROM leap.webhooks x WHERE x.id = w.id;
    PERFORM leap.audit('delete', 'webhook', w.id::text, leap.webhook_json(w));
END
$$;
COMMENT ON FUNCTION leap.delete_webhook(uuid) IS 'Removes a webhook and cancels what waits for it; the log of its deliveries stays. Error LP020.';

CREATE OR REPLACE FUNCTION leap.webhook_list("user" text = NULL)
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT coalesce(jsonb_agg(leap.webhook_json(w) ORDER BY w.id), '[]') FROM leap.webhooks w WHERE w.user_id = (SELECT (leap.acting_user("user")).id)
$$;
COMMENT ON FUNCTION leap.webhook_list(text) IS 'The webhooks of the caller, or of the user an operator names, as a JSON array. Error LP020.';

CREATE OR REPLACE FUNCTION leap.test_webhook(id uuid)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    w leap.webhooks := leap.own_webhook(id);
    delivery uuid := leap.uuid7();
BEGIN
    INSERT INTO leap.deliveries (id, user_id, channel, events, webhook_id, body, state, task_id)
    VALUES (delivery, w.user_id, 'webhook', '{webhook_test}', w.id,
            leap.webhook_body('webhook.test', leap.clock(), jsonb_build_object('webhook', w.id, 'user', w.user_id)),
            'scheduled', leap.add_errand('notify', w.user_id, delivery));
    RETURN delivery;
END
$$;
COMMENT ON FUNCTION leap.test_webhook(uuid) IS
'Sends an event of the type webhook.test, also to a webhook that is switched off, and returns the delivery: leap.delivery_list() shows what came of it. Error LP020.';

-- Switched off, with what waits for it; the caller holds the row.
CREATE OR REPLACE FUNCTION leap.disable_webhook(webhook uuid, why text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE leap.webhooks w SET state = 'disabled', reason = why, disabled_at = leap.clock() WHERE w.id = webhook AND w.state = 'active';
    PERFORM leap.cancel_deliveries(ARRAY(SELECT d.id FROM leap.deliveries d WHERE d.webhook_id = webhook AND d.finished_at IS NULL), 'cancelled', 'the webhook was switched off');
END
$$;
COMMENT ON FUNCTION leap.disable_webhook(uuid, text) IS 'Switches a webhook off, for this reason, and cancels what waits for it.';

CREATE OR REPLACE FUNCTION leap.webhook_failed(webhook uuid, error jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    w leap.webhooks;
    why text;
    hint text := 'Mend what its address points at, send it a test event, then switch it on again.';
BEGIN
    UPDATE leap.webhooks x SET failures = x.failures + 1 WHERE x.id = webhook RETURNING x.* INTO w;
    IF error->>'code' = 'gone' OR error->>'status' = '410' THEN
        why := 'It answered 410 (gone): it wants no more events.';
        hint := 'Delete the webhook, or give it another address and switch it on again.';
    ELSIF w.failures >= leap.setting('leap.webhook_failures')::int THEN
        why := format('%s deliveries in a row failed, the last with: %s', w.failures, left(error->>'message', 500));
    END IF;
    IF why IS NOT NULL AND w.state = 'active' THEN
        PERFORM leap.disable_webhook(w.id, why);
        PERFORM leap.raise_event(w.user_id, 'webhook_disabled', jsonb_build_object('webhook', w.id),
                                 jsonb_build_object('name', w.name, 'message', why, 'hint', hint), w.id::text);
    END IF;
END
$$;
COMMENT ON FUNCTION leap.webhook_failed(uuid, jsonb) IS
'Counts a delivery that failed for good. After leap.webhook_failures of them in a row, or one 410, the webhook is switched off and its owner told.';
