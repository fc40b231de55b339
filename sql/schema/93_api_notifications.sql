-- Schema api: messages to the caller, how he is told, what was sent to him, and his webhooks.

CREATE OR REPLACE VIEW api.notifications WITH (security_invoker = true) AS
SELECT n.id, n.event, e.severity, n.subject, n.payload, n.count, n.created_at, n.last_at, n.read_at
FROM leap.notifications n JOIN leap.notification_events() e ON e.event = n.event
WHERE n.user_id = (SELECT leap.current_user_id()) AND n.in_app;
COMMENT ON VIEW api.notifications IS
'Messages

What the caller was told. PATCH {"read_at": "now"} marks as read; list_notifications has them in words of his language.';
COMMENT ON COLUMN api.notifications.severity IS 'error, warning or info.';
COMMENT ON COLUMN api.notifications.subject IS 'The ids of what it is about: recording, target, job, run, source, webhook, quota.';
COMMENT ON COLUMN api.notifications.payload IS 'What there is to say.';
COMMENT ON COLUMN api.notifications.count IS 'How often it happened while it was unread, the last time at last_at.';

CREATE OR REPLACE FUNCTION leap.read_through()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'read_at' <> to_jsonb(OLD) - 'read_at' OR NEW.read_at IS NULL AND OLD.read_at IS NOT NULL THEN
        PERFORM leap.refuse('LP030', 'a message cannot be changed', 'It can be marked as read: {"read_at": "now"}.');
    ELSIF NEW.read_at IS NOT NULL THEN
        PERFORM leap.mark_read(ARRAY[OLD.id], leap.current_user_id()::text);
        SELECT v.* INTO NEW FROM api.notifications v WHERE v.id = OLD.id;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION leap.read_through() IS 'INSTEAD OF trigger of api.notifications: a message can be marked as read, whatever the time that is given. Error LP030 for anything else.';
REVOKE ALL ON FUNCTION leap.read_through() FROM PUBLIC;
CREATE OR REPLACE TRIGGER read_through INSTEAD OF UPDATE ON api.notifications FOR EACH ROW EXECUTE FUNCTION leap.read_through();

CREATE OR REPLACE VIEW api.notification_preferences WITH (security_invoker = true) AS
SELECT p.event, p.channel, p.enabled, p.is_default, p.description FROM leap.preference_list() p;
COMMENT ON VIEW api.notification_preferences IS
'How the caller is told

One row an event and channel (in_app, email, webhook). PATCH {"enabled": true, false or null (the default)}.';
CREATE OR REPLACE FUNCTION leap.preference_through()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'enabled' <> to_jsonb(OLD) - 'enabled' THEN
        PERFORM leap.refuse('LP030', 'only enabled can be set', 'Say {"enabled": true}, false, or null for the default.');
    END IF;
    PERFORM leap.set_preference(OLD.event, OLD.channel, NEW.enabled);
    SELECT v.* INTO NEW FROM api.notification_preferences v WHERE v.event = OLD.event AND v.channel = OLD.channel;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION leap.preference_through() IS 'INSTEAD OF trigger of api.notification_preferences: enabled is set by leap.set_preference(). Error LP030 for anything else.';
REVOKE ALL ON FUNCTION leap.preference_through() FROM PUBLIC;
CREATE OR REPLACE TRIGGER preference_through INSTEAD OF UPDATE ON api.notification_preferences FOR EACH ROW EXECUTE FUNCTION leap.preference_through();

CREATE OR REPLACE VIEW api.webhooks WITH (security_invoker = true) AS
SELECT w.id, w.name, w.url, w.events, w.state, w.reason, w.failures, w.disabled_at, NULL::text AS secret, w.created_at, w.updated_at
FROM leap.webhooks w WHERE w.user_id = (SELECT leap.current_user_id());
COMMENT ON VIEW api.webhooks IS
'Webhooks

URLs that events are posted to. POST, PATCH and DELETE are the functions add_webhook, change_webhook and delete_webhook.';
COMMENT ON COLUMN api.webhooks.events IS 'Only these; empty: all.';
COMMENT ON COLUMN api.webhooks.state IS 'active or disabled; PATCH sets it.';
COMMENT ON COLUMN api.webhooks.reason IS 'Why it was switched off.';
COMMENT ON COLUMN api.webhooks.failures IS 'Deliveries in a row that failed for good.';
COMMENT ON COLUMN api.webhooks.secret IS 'What deliveries are signed with: only in the answer to POST, and null ever after.';
CREATE OR REPLACE TRIGGER write_through INSTEAD OF INSERT OR UPDATE OR DELETE ON api.webhooks FOR EACH ROW EXECUTE FUNCTION leap.write_through('webhook',
    '{name,url,events}', '{name,url,events,state}');

CREATE OR REPLACE VIEW api.deliveries WITH (security_invoker = true) AS
SELECT d.id, d.channel, d.webhook_id, d.events, d.state, d.reason, d.attempts, d.status, d.answer, d.seconds, d.error, d.notification_ids, d.body,
       d.created_at, d.sent_at, d.finished_at
FROM leap.deliveries d WHERE d.user_id = (SELECT leap.current_user_id());
COMMENT ON VIEW api.deliveries IS
'Deliveries

What was sent to the caller by mail or webhook, or is to be; redeliver sends one again.';
COMMENT ON COLUMN api.deliveries.state IS 'scheduled, pending, delivered, failed, cancelled or suppressed.';
COMMENT ON COLUMN api.deliveries.reason IS 'Why it was never sent.';
COMMENT ON COLUMN api.deliveries.status IS 'The HTTP status a webhook answered; answer: the beginning of what it said.';
COMMENT ON COLUMN api.deliveries.body IS 'What a webhook was sent, to the byte.';

GRANT SELECT, INSERT, UPDATE, DELETE ON api.webhooks TO leap_user, leap_admin;
GRANT SELECT, UPDATE ON api.notifications, api.notification_preferences TO leap_user, leap_admin;
GRANT SELECT ON api.deliveries TO leap_user, leap_admin;

CREATE OR REPLACE FUNCTION api.list_notifications(event text[] = NULL, severity text[] = NULL, unread boolean = NULL, per_page int = 20, after text = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('items', coalesce(jsonb_agg(to_jsonb(n) - '{cursor,place}'::text[] ORDER BY n.place), '[]'), 'unread', leap.unread_count(),
               'per_page', coalesce(per_page, 20), 'next', CASE WHEN count(*) = coalesce(per_page, 20) THEN (array_agg(n."cursor" ORDER BY n.place DESC))[1] END)
    FROM leap.notification_list(jsonb_strip_nulls(jsonb_build_object('event', event, 'severity', severity, 'unread', unread)), after, coalesce(per_page, 20)) WITH ORDINALITY
         AS n(id, event, severity, title, body, subject, payload, count, created_at, last_at, read_at, "cursor", place)
$$;
COMMENT ON FUNCTION api.list_notifications(text[], text[], boolean, int, text) IS
'A page of messages in words, the newest first

{items [{id, event, severity, title, body, subject, payload, count, created_at, last_at, read_at}], unread (how many there are), per_page, next}: next, as after, goes on; null: there are no more. event and severity may be several. Error LP030.';

CREATE OR REPLACE FUNCTION api.unread_count()
RETURNS int LANGUAGE sql STABLE AS $$ SELECT leap.unread_count() $$;
COMMENT ON FUNCTION api.unread_count() IS 'How many messages are unread';

CREATE OR REPLACE FUNCTION api.mark_read(ids uuid[] = NULL)
RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('marked', leap.mark_read(ids)) $$;
COMMENT ON FUNCTION api.mark_read(uuid[]) IS
'Marks messages as read, these or all

{marked}. Ids of others'' are passed by.';

CREATE OR REPLACE FUNCTION api.list_preferences()
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT jsonb_agg(to_jsonb(p)) FROM leap.preference_list() p $$;
COMMENT ON FUNCTION api.list_preferences() IS
'By which channels the caller hears of each event

[{event, channel, enabled, is_default, description}].';

CREATE OR REPLACE FUNCTION api.set_preference(event text, channel text, enabled boolean)
RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM leap.set_preference(event, channel, enabled);
    RETURN (SELECT to_jsonb(p) FROM leap.preference_list() p WHERE p.event = set_preference.event AND p.channel = set_preference.channel);
END
$$;
COMMENT ON FUNCTION api.set_preference(text, text, boolean) IS
'Whether the caller hears of an event by a channel (email, webhook, in_app); null sets back to the default

Returns the preference. Error LP030.';

CREATE OR REPLACE FUNCTION api.list_deliveries(channel text[] = NULL, state text[] = NULL, event text[] = NULL, webhook_id uuid = NULL, per_page int = 20, after text = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('items', coalesce(jsonb_agg(to_jsonb(d) - 'cursor' ORDER BY d.created_at DESC, d.id DESC), '[]'),
               'per_page', coalesce(per_page, 20), 'next', CASE WHEN count(*) = coalesce(per_page, 20) THEN (array_agg(d."cursor" ORDER BY d.id))[1] END)
    FROM leap.delivery_list(jsonb_strip_nulls(jsonb_build_object('channel', channel, 'state', state, 'event', event, 'webhook', webhook_id)), after, coalesce(per_page, 20)) d
$$;
COMMENT ON FUNCTION api.list_deliveries(text[], text[], text[], uuid, int, text) IS
'A page of deliveries, the newest first: {items, per_page, next}

While one is tried again its error is that of the last try, next_attempt_at the time of the next try. next, as after, goes on; null: there are no more. Error LP030.';

CREATE OR REPLACE FUNCTION api.redeliver(id uuid)
RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM leap.redeliver(leap.id_in('deliveries', id));
    RETURN leap.row_of('deliveries', id);
END
$$;
COMMENT ON FUNCTION api.redeliver(uuid) IS
'Sends a delivery that has ended once more, and returns it

Errors LP003 (on its way, webhook off or gone, mails off), LP020.';

CREATE OR REPLACE FUNCTION api.list_webhooks(page int = 1, per_page int = 20, sort_by text = 'created_at', sort_order text = 'desc', search text = NULL, state text = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.page_of('webhooks', jsonb_build_object('state', state), search, page, per_page, sort_by, sort_order) $$;
COMMENT ON FUNCTION api.list_webhooks(int, int, text, text, text, text) IS
'A page of the caller''s webhooks

{page, per_page, total, total_pages, items}. Error LP030.';

CREATE OR REPLACE FUNCTION api.get_webhook(id uuid)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.row_of('webhooks', id) $$;
COMMENT ON FUNCTION api.get_webhook(uuid) IS
'A webhook of the caller

Error LP020.';

CREATE OR REPLACE FUNCTION api.add_webhook(webhook jsonb)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT leap.row_of('webhooks', (w.made->>'id')::uuid) || jsonb_build_object('secret', w.made->'secret') FROM (SELECT leap.add_webhook(webhook) AS made OFFSET 0) w
$$;
COMMENT ON FUNCTION api.add_webhook(jsonb) IS
'Adds a webhook

webhook: {url, name, events}. Returns it with its secret, which is never shown again. Errors LP010 (more than 10), LP030.';

CREATE OR REPLACE FUNCTION api.change_webhook(id uuid, changes jsonb)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.row_of('webhooks', (leap.change_webhook(leap.id_in('webhooks', id), changes)->>'id')::uuid) $$;
COMMENT ON FUNCTION api.change_webhook(uuid, jsonb) IS
'Changes url, name, events or state of a webhook

active: failures are forgotten; disabled: what waits for it is cancelled. Returns the webhook. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION api.delete_webhook(id uuid)
RETURNS void LANGUAGE sql AS $$ SELECT leap.delete_webhook(leap.id_in('webhooks', id)) $$;
COMMENT ON FUNCTION api.delete_webhook(uuid) IS
'Removes a webhook and cancels what waits for it

Error LP020.';

CREATE OR REPLACE FUNCTION api.rotate_webhook_secret(id uuid)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT leap.row_of('webhooks', (w.made->>'id')::uuid) || jsonb_build_object('secret', w.made->'secret')
    FROM (SELECT leap.rotate_webhook_secret(leap.id_in('webhooks', id)) AS made OFFSET 0) w
$$;
COMMENT ON FUNCTION api.rotate_webhook_secret(uuid) IS
'Gives a webhook a new secret and returns the webhook with it; it is never shown again

Error LP020.';

CREATE OR REPLACE FUNCTION api.test_webhook(id uuid)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.row_of('deliveries', leap.test_webhook(leap.id_in('webhooks', id))) $$;
COMMENT ON FUNCTION api.test_webhook(uuid) IS
'Sends an event of the type webhook.test, also to a webhook that is switched off, and returns the delivery

Error LP020.';

GRANT EXECUTE ON FUNCTION api.list_notifications(text[], text[], boolean, int, text), api.unread_count(), api.mark_read(uuid[]), api.list_preferences(),
    api.set_preference(text, text, boolean), api.list_deliveries(text[], text[], text[], uuid, int, text), api.redeliver(uuid),
    api.list_webhooks(int, int, text, text, text, text), api.get_webhook(uuid), api.add_webhook(jsonb), api.change_webhook(uuid, jsonb), api.delete_webhook(uuid),
    api.rotate_webhook_secret(uuid), api.test_webhook(uuid) TO leap_user, leap_admin;
