-- Notifications for those they are meant for: the list, reading, preferences, and the log of deliveries.
--
-- A tenant sees and changes his own, an operator those of the user he names. Lists are paged by the last row. Marking and
-- preferences wait for nobody: a message that is counted up at this very moment stays unread, as it should.

CREATE OR REPLACE FUNCTION leap.check_page(filters jsonb, allowed text[], most int)
RETURNS void LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    PERFORM leap.check_keys(filters, allowed, 'the filter');
    IF most NOT BETWEEN 1 AND 1000 THEN
        PERFORM leap.refuse('LP030', format('a page cannot have %s rows', most), 'It has 1 to 1000.');
    END IF;
END
$$;
COMMENT ON FUNCTION leap.check_page(jsonb, text[], int) IS 'Refuses (LP030) filters with other keys than these and pages of less than 1 or more than 1000 rows.';

CREATE OR REPLACE FUNCTION leap.filter_words(filters jsonb, filter text, known text[])
RETURNS text[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    value jsonb := nullif(filters->filter, 'null');
    listed text[] := CASE jsonb_typeof(value) WHEN 'array' THEN ARRAY(SELECT x #>> '{}' FROM jsonb_array_elements(value) x) ELSE ARRAY[value #>> '{}'] END;
BEGIN
    IF value IS NULL THEN
        RETURN NULL;
    ELSIF NOT listed <@ known THEN
        PERFORM leap.refuse('LP030', format('filter %s: there is no %s', filter, left(value::text, 100)), format('There are %s.', array_to_string(known, ', ')));
    END IF;
    RETURN listed;
END
$$;
COMMENT ON FUNCTION leap.filter_words(jsonb, text, text[]) IS 'The value of a filter as an array, one or several of the known words; null without the filter. Error LP030 for another word.';

CREATE OR REPLACE FUNCTION leap.notification_list(filters jsonb = '{}', after text = NULL, most int = 50, "user" text = NULL)
RETURNS TABLE (id uuid, event text, severity text, title text, body text, subject jsonb, payload jsonb, count int, created_at timestamptz,
               last_at timestamptz, read_at timestamptz, "cursor" text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50 SET search_path = pg_catalog, leap, pg_temp AS $$
#variable_conflict use_column
DECLARE
    u leap.users := leap.acting_user("user");
    events text[] := leap.filter_words(filters, 'event', ARRAY(SELECT e.event FROM leap.notification_events() e));
    severities text[] := leap.filter_words(filters, 'severity', '{error,warning,info}');
    unread text[] := leap.filter_words(filters, 'unread', '{true,false}');
    place record;
BEGIN
    PERFORM leap.check_page(filters, '{event,severity,unread}', coalesce(most, 50));
    SELECT * INTO place FROM leap.read_cursor(after, 'notifications', 'timestamptz') WHERE after IS NOT NULL;
    RETURN QUERY
    SELECT p.id, p.event, p.severity, t.subject, t.body, p.subject, p.payload, p.count, p.created_at, p.last_at, p.read_at,
           leap.make_cursor('notifications', to_jsonb(p.last_at) #>> '{}', p.id)
    FROM (SELECT n AS whole, n.*, e.severity FROM leap.notifications n JOIN leap.notification_events() e ON e.event = n.event
          WHERE n.user_id = u.id AND n.in_app AND (after IS NULL OR (n.last_at, n.id) < (place.key::timestamptz, place.id))
            AND (events IS NULL OR n.event = ANY (events)) AND (severities IS NULL OR e.severity = ANY (severities))
            AND (unread IS NULL OR (n.read_at IS NULL) = ANY (unread::boolean[]))
          ORDER BY n.last_at DESC, n.id DESC LIMIT coalesce(most, 50)) p
    CROSS JOIN LATERAL leap.notification_text(p.whole, u) t
    ORDER BY p.last_at DESC, p.id DESC;
END
$$;
COMMENT ON FUNCTION leap.notification_list(jsonb, text, int, text) IS
'A page of messages in the list, the newest first: at most so many that match the filters event, severity (one or an array) and unread (true or false), after the row whose cursor is given. title and body are in the user''s language. What grows meanwhile moves to the top. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION leap.unread_count("user" text = NULL)
RETURNS int LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.acting_user("user");
BEGIN
    RETURN (SELECT count(*) FROM leap.notifications n WHERE n.user_id = u.id AND n.in_app AND n.read_at IS NULL);
END
$$;
COMMENT ON FUNCTION leap.unread_count(text) IS 'How many messages in the list are unread. Error LP020.';

-- A mail that nothing is left for is not sent.
CREATE OR REPLACE FUNCTION leap.drop_empty_mail(of_user uuid)
RETURNS void LANGUAGE sql AS $$
    SELECT leap.cancel_deliveries(array_agg(d.id), 'cancelled', 'nothing was left to tell')
    FROM leap.deliveries d WHERE d.user_id = of_user AND d.channel = 'email' AND d.state = 'scheduled'
      AND NOT EXISTS (SELECT FROM leap.notifications n CROSS JOIN LATERAL leap.notification_channels(n.user_id, n.event) c
                      WHERE n.user_id = of_user AND n.mail AND c.email) HAVING count(*) > 0
$$;
COMMENT ON FUNCTION leap.drop_empty_mail(uuid) IS 'Cancels the mail that waits for a user if everything it would tell was read or is no longer wanted.';

CREATE OR REPLACE FUNCTION leap.mark_read(ids uuid[] = NULL, "user" text = NULL)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.acting_user("user");
    n int;
BEGIN
    UPDATE leap.notifications x SET read_at = leap.clock(), mail = false
    FROM (SELECT y.id FROM leap.notifications y WHERE y.user_id = u.id AND y.read_at IS NULL AND (ids IS NULL AND y.in_app OR y.id = ANY (ids))
          ORDER BY y.id FOR NO KEY UPDATE SKIP LOCKED) r
    WHERE x.id = r.id;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n > 0 THEN
        PERFORM leap.drop_empty_mail(u.id);
    END IF;
    RETURN n;
END
$$;
COMMENT ON FUNCTION leap.mark_read(uuid[], text) IS
'Marks messages as read, these or (null) all, and returns how many were not. What is read is not mailed any more. Ids of others'' messages and of messages that are counted up at this moment are passed by. Error LP020.';

CREATE OR REPLACE FUNCTION leap.preference_list("user" text = NULL)
RETURNS TABLE (event text, channel text, enabled boolean, is_default boolean, description text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 45 SET search_path = pg_catalog, leap, pg_temp AS $$
#variable_conflict use_column
DECLARE
    u leap.users := leap.acting_user("user");
BEGIN
    RETURN QUERY
    SELECT e.event, c.channel, coalesce(p.enabled, c.standard), p.enabled IS NULL, e.description
    FROM leap.notification_events() WITH ORDINALITY AS e(event, type, severity, once, in_app, email, webhook, description, n)
    CROSS JOIN LATERAL (VALUES (1, 'in_app', e.in_app), (2, 'email', e.email), (3, 'webhook', e.webhook)) AS c(n, channel, standard)
    LEFT JOIN leap.notification_preferences p ON p.user_id = u.id AND p.event = e.event AND p.channel = c.channel
    ORDER BY e.n, c.n;
END
$$;
COMMENT ON FUNCTION leap.preference_list(text) IS
'By which channels a user hears of each event, and whether that is the default. Error LP020.';

CREATE OR REPLACE FUNCTION leap.set_preference(event text, channel text, enabled boolean, "user" text = NULL)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.acting_user("user");
BEGIN
    IF event IS NULL OR NOT leap.known_event(event) THEN
        PERFORM leap.refuse('LP030', format('there is no event "%s"', event), format('Events are %s.', (SELECT string_agg(e.event, ', ') FROM leap.notification_events() e)));
    ELSIF channel IS NULL OR channel NOT IN ('email', 'webhook', 'in_app') THEN
        PERFORM leap.refuse('LP030', format('there is no channel "%s"', channel), 'Channels are email, webhook and in_app.');
    END IF;
    IF enabled IS NULL THEN
        DELETE FROM leap.notification_preferences p WHERE p.user_id = u.id AND p.event = set_preference.event AND p.channel = set_preference.channel;
    ELSE
        INSERT INTO leap.notification_preferences AS p VALUES (u.id, set_preference.event, set_preference.channel, set_preference.enabled)
        ON CONFLICT ON CONSTRAINT notification_preferences_pkey DO UPDATE SET enabled = excluded.enabled;
    END IF;
    PERFORM leap.drop_empty_mail(u.id);
END
$$;
COMMENT ON FUNCTION leap.set_preference(text, text, boolean, text) IS
'Whether a user hears of an event by a channel (email, webhook, in_app); null sets back to the default. It counts from now on, for a mail that waits as well. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION leap.set_locale(language text = NULL, timezone text = NULL, "user" text = NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.acting_user("user");
BEGIN
    UPDATE leap.users x SET language = coalesce(set_locale.language, x.language), timezone = coalesce(set_locale.timezone, x.timezone), updated_at = now()
    WHERE x.id = u.id RETURNING x.* INTO u;
    RETURN jsonb_build_object('language', u.language, 'timezone', u.timezone);
END
$$;
COMMENT ON FUNCTION leap.set_locale(text, text, text) IS
'Sets the language (en, ru) and the time zone of a user; null leaves as it is. Returns {language, timezone}. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION leap.delivery_list(filters jsonb = '{}', after text = NULL, most int = 50, "user" text = NULL)
RETURNS TABLE (id uuid, channel text, webhook uuid, events text[], state text, reason text, attempts int, next_attempt_at timestamptz, status int, answer text,
               seconds double precision, error jsonb, notifications uuid[], body text, message jsonb, created_at timestamptz, sent_at timestamptz,
               finished_at timestamptz, "cursor" text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50 SET search_path = pg_catalog, leap, pg_temp AS $$
#variable_conflict use_column
DECLARE
    u leap.users := leap.acting_user("user");
    channels text[] := leap.filter_words(filters, 'channel', '{email,webhook}');
    states text[] := leap.filter_words(filters, 'state', '{scheduled,pending,delivered,failed,cancelled,suppressed}');
    -- not "events": that is a column
    told text[] := leap.filter_words(filters, 'event', ARRAY(SELECT e.event FROM leap.notification_events() e) || 'webhook_test'::text);
    hook text := filters->>'webhook';
    place record;
BEGIN
    PERFORM leap.check_page(filters, '{channel,state,event,webhook}', coalesce(most, 50));
    SELECT * INTO place FROM leap.read_cursor(after, 'deliveries', 'uuid') WHERE after IS NOT NULL;
    RETURN QUERY
    SELECT d.id, d.channel, d.webhook_id, d.events, d.state, d.reason, d.attempts + CASE WHEN d.finished_at IS NULL THEN coalesce(t.attempt, 0) ELSE 0 END,
           CASE WHEN d.finished_at IS NULL THEN s.run_at END, d.status, d.answer, d.seconds,
           coalesce(d.error, CASE WHEN d.finished_at IS NULL THEN t.error END), d.notification_ids, d.body, d.message, d.created_at, d.sent_at, d.finished_at,
           leap.make_cursor('deliveries', d.id::text, d.id)
    FROM (SELECT x.* FROM leap.deliveries x
          WHERE x.user_id = u.id AND (after IS NULL OR x.id < place.id) AND (channels IS NULL OR x.channel = ANY (channels))
            AND (states IS NULL OR x.state = ANY (states)) AND (told IS NULL OR x.events && told) AND (hook IS NULL OR x.webhook_id::text = lower(hook))
          ORDER BY x.id DESC LIMIT coalesce(most, 50)) d
    LEFT JOIN leap.tasks t ON t.id = d.task_id LEFT JOIN leap.task_scheduled s ON s.task = d.task_id
    ORDER BY d.id DESC;
END
$$;
COMMENT ON FUNCTION leap.delivery_list(jsonb, text, int, text) IS
'A page of the delivery log, the newest first: at most so many that match the filters channel, state, event (one or an array) and webhook, after the row whose cursor is given. While one is tried again, error is that of the last try and next_attempt_at the time of the next. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION leap.redeliver(id uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    d leap.deliveries;
    hook text;
BEGIN
    SELECT x.* INTO d FROM leap.deliveries x WHERE x.id = redeliver.id AND leap.may_see(x.user_id) FOR NO KEY UPDATE;
    SELECT w.state INTO hook FROM leap.webhooks w WHERE w.id = d.webhook_id;
    IF d.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no delivery %s', id), 'leap.delivery_list() shows those there are.');
    ELSIF d.finished_at IS NULL THEN
        PERFORM leap.refuse('LP003', format('delivery %s is on its way', id), 'leap.delivery_list() shows when it is tried next.');
    ELSIF d.channel = 'webhook' AND coalesce(hook, 'deleted') <> 'active' THEN
        PERFORM leap.refuse('LP003', format('the webhook of delivery %s is %s', id, coalesce(hook, 'deleted')), 'Set its state to active first: leap.change_webhook().');
    ELSIF d.channel = 'email' AND leap.setting('leap.mail') = 'off' THEN
        PERFORM leap.refuse('LP003', 'mails are switched off here', 'An administrator can switch them on: leap.mail.');
    ELSIF d.channel = 'email' AND NOT EXISTS (SELECT FROM leap.notifications n WHERE n.id = ANY (d.notification_ids)) AND d.message IS NULL THEN
        PERFORM leap.refuse('LP003', format('of delivery %s nothing is left to tell', id), 'The notifications it told of were deleted.');
    END IF;
    UPDATE leap.deliveries x
    SET state = 'pending', reason = NULL, status = NULL, answer = NULL, seconds = NULL, error = NULL, run_at = NULL, finished_at = NULL, sent_at = leap.clock(),
        message = CASE WHEN d.channel = 'email' THEN coalesce(d.message, leap.compose_mail(d.user_id, d.notification_ids)) END,
        task_id = leap.add_errand('notify', d.user_id, d.id)
    WHERE x.id = d.id;
    PERFORM leap.audit('redeliver', 'delivery', d.id::text, jsonb_build_object('state', d.state));
END
$$;
COMMENT ON FUNCTION leap.redeliver(uuid) IS
'Sends a delivery that has ended once more, at once: the same content under the same Message-ID or webhook-id. Errors LP003 (it is on its way, its webhook is off or gone, mails are off), LP020.';
