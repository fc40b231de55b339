-- Events: one call writes the message, groups it with its like, and plans what is sent, in the transaction of its cause.
--
-- Every part of LEAP says what happened with leap.raise_event() and knows nothing of channels. The call never waits for
-- the network, and for another transaction only where both count up the same unread message. Mails are not written
-- here: one mail a user is open at a time and collects until it is sent (75_mails.sql). Webhooks get a delivery for each
-- event. Lock order: everything else -> notifications (by user, key) -> deliveries; errands are only added.

CREATE OR REPLACE FUNCTION leap.mail_key() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1296126284';     -- "MAIL"
COMMENT ON FUNCTION leap.mail_key() IS 'First key of the advisory locks under which a user''s next mail is planned.';

-- This and what follows is called for every event: PL/pgSQL keeps the plans.
CREATE OR REPLACE FUNCTION leap.notification_channels(of_user uuid, event text, OUT in_app boolean, OUT email boolean, OUT webhook boolean)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    SELECT coalesce(bool_or(p.enabled) FILTER (WHERE p.channel = 'in_app'), e.in_app),
           coalesce(bool_or(p.enabled) FILTER (WHERE p.channel = 'email'), e.email),
           coalesce(bool_or(p.enabled) FILTER (WHERE p.channel = 'webhook'), e.webhook)
    INTO in_app, email, webhook
    FROM leap.notification_events() e
    LEFT JOIN leap.notification_preferences p ON p.user_id = of_user AND p.event = e.event
    WHERE e.event = notification_channels.event GROUP BY e.in_app, e.email, e.webhook;
END
$$;
COMMENT ON FUNCTION leap.notification_channels(uuid, text) IS
'By which channels a user hears of an event: his preferences over the defaults of the catalogue.';

-- What is told must never be too large to be sent, and never stop what it tells of.
CREATE OR REPLACE FUNCTION leap.fit_payload(payload jsonb)
RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF jsonb_typeof(payload) IS DISTINCT FROM 'object' THEN
        RETURN '{}';
    ELSIF octet_length(payload::text) <= 16000 THEN
        RETURN payload;
    END IF;
    RETURN (SELECT coalesce(jsonb_object_agg(p.key, to_jsonb(left(p.value #>> '{}', 1000))) FILTER (WHERE p.n <= 12), '{}')
            FROM (SELECT x.key, x.value, row_number() OVER (ORDER BY octet_length(x.value::text)) AS n FROM jsonb_each(payload) x) p);
END
$$;
COMMENT ON FUNCTION leap.fit_payload(jsonb) IS 'A payload of at most 16 kB or so: of a larger one the smallest dozen of its values, as texts cut at 1000 characters.';

-- Errands of deliveries that will not be sent. One that a worker just takes is left to him: nobody waits for it here.
CREATE OR REPLACE FUNCTION leap.cancel_deliveries(ids uuid[], as_state text, why text)
RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    task_ids bigint[] := ARRAY(SELECT t.id FROM leap.deliveries d JOIN leap.tasks t ON t.id = d.task_id
                               WHERE d.id = ANY (ids) AND d.finished_at IS NULL AND t.state IN ('ready', 'scheduled')
                               ORDER BY t.id FOR NO KEY UPDATE OF t SKIP LOCKED);
    n int;
BEGIN
    DELETE FROM leap.task_ready WHERE task = ANY (task_ids);
    DELETE FROM leap.task_scheduled WHERE task = ANY (task_ids);
    UPDATE leap.tasks SET state = leap.move('cancel', 'cancelled'), finished_at = clock_timestamp(), skip_reason = why WHERE id = ANY (task_ids);
    UPDATE leap.deliveries SET state = as_state, reason = why, finished_at = leap.clock() WHERE task_id = ANY (task_ids) AND id = ANY (ids) AND finished_at IS NULL;
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END
$$;
COMMENT ON FUNCTION leap.cancel_deliveries(uuid[], text, text) IS
'Ends those of these deliveries that wait, as cancelled or suppressed, for this reason; returns how many. What a worker has is left alone.';

-- While mails are off, what would have been sent is noted and forgotten: switching them on does not bring the past.
CREATE OR REPLACE FUNCTION leap.suppress_mail(of_user uuid)
RETURNS void LANGUAGE sql AS $$
    WITH off AS (
        UPDATE leap.notifications n SET mail = false, mailed_at = leap.clock(), mailed_count = n.count
        WHERE n.user_id = of_user AND n.mail RETURNING n.id, n.event)
    INSERT INTO leap.deliveries (user_id, channel, events, notification_ids, state, reason, finished_at)
    SELECT of_user, 'email', array_agg(DISTINCT o.event), array_agg(o.id ORDER BY o.id), 'suppressed', 'mails are switched off here (leap.mail)', leap.clock()
    FROM off o HAVING count(*) > 0
$$;
COMMENT ON FUNCTION leap.suppress_mail(uuid) IS 'Notes as suppressed what the next mail to this user would tell.';

CREATE OR REPLACE FUNCTION leap.mail_due_at(of_user uuid)
RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT greatest(leap.clock() + leap.setting('leap.mail_delay')::int * interval '1 s',
                    (SELECT max(d.sent_at) FROM leap.deliveries d WHERE d.user_id = of_user AND d.channel = 'email')
                    + leap.setting('leap.mail_interval')::int * interval '1 s')
$$;
COMMENT ON FUNCTION leap.mail_due_at(uuid) IS 'When the next mail to a user may be sent: after leap.mail_delay, and leap.mail_interval after the last.';

-- Whoever finds that another transaction is planning the mail leaves it to that one; if that fails, or was too early to see
-- this message, the end of the mail or the next tick finds what was left (leap.plan_left_mails).
CREATE OR REPLACE FUNCTION leap.plan_mail(of_users uuid[])
RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    u record;
    delivery uuid;
    at timestamptz;
    n int := 0;
BEGIN
    FOR u IN SELECT x.id, x.lane FROM leap.users x WHERE x.id = ANY (of_users) ORDER BY x.id LOOP
        IF leap.setting('leap.mail') = 'off' THEN
            PERFORM leap.suppress_mail(u.id);
            CONTINUE;
        END IF;
        CONTINUE WHEN EXISTS (SELECT FROM leap.deliveries d WHERE d.user_id = u.id AND d.channel = 'email' AND d.finished_at IS NULL)
                   OR NOT pg_try_advisory_xact_lock(leap.mail_key(), u.lane);
        -- again, seen by a statement that began under the lock
        CONTINUE WHEN EXISTS (SELECT FROM leap.deliveries d WHERE d.user_id = u.id AND d.channel = 'email' AND d.finished_at IS NULL);
        delivery := leap.uuid7();
        at := leap.mail_due_at(u.id);
        INSERT INTO leap.deliveries (id, user_id, channel, state, run_at, task_id)
        VALUES (delivery, u.id, 'email', 'scheduled', at, leap.add_errand('notify', u.id, delivery, at));
        n := n + 1;
    END LOOP;
    RETURN n;
END
$$;
COMMENT ON FUNCTION leap.plan_mail(uuid[]) IS
'Plans the next mail to each of these users unless one is on its way; returns how many it planned. With leap.mail = off it notes them as suppressed.';

CREATE OR REPLACE FUNCTION leap.plan_left_mails()
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    IF leap.setting('leap.mail') = 'off' THEN
        PERFORM leap.cancel_deliveries(ARRAY(SELECT d.id FROM leap.deliveries d WHERE d.channel = 'email' AND d.finished_at IS NULL ORDER BY d.id LIMIT 1000),
                                       'suppressed', 'mails are switched off here (leap.mail)');
    END IF;
    RETURN leap.plan_mail(ARRAY(
        SELECT DISTINCT n.user_id FROM leap.notifications n
        WHERE n.mail AND (leap.setting('leap.mail') = 'off'
            OR NOT EXISTS (SELECT FROM leap.deliveries d WHERE d.user_id = n.user_id AND d.channel = 'email' AND d.finished_at IS NULL)) LIMIT 1000));
END
$$;
COMMENT ON FUNCTION leap.plan_left_mails() IS
'Plans mails for messages that nobody planned one for, and calls off what waits where leap.mail is off; a chore of every minute. Returns how many it planned.';

-- A delivery for each event, at most leap.webhook_rate a minute: the others come later, in their order. Behind
-- leap.webhook_backlog of them an event is only noted.
CREATE OR REPLACE FUNCTION leap.plan_webhooks(hooks uuid[], notifications uuid[], event text, bodies text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    rate int := leap.setting('leap.webhook_rate')::int;
    backlog int := leap.setting('leap.webhook_backlog')::int;
    nos bigint[];
    ids uuid[];
    owners uuid[];
    places bigint[];
    times timestamptz[];
    errands bigint[];
BEGIN
    SELECT array_agg(p.n), array_agg(p.id), array_agg(p.user_id), array_agg(p.place),
           array_agg(CASE WHEN p.place > rate THEN leap.clock() + (p.place - 1) / rate * interval '1 min' END)
    INTO nos, ids, owners, places, times
    FROM (SELECT leap.uuid7() AS id, w.user_id, g.n, row_number() OVER (PARTITION BY w.id ORDER BY g.n)
                 + (SELECT count(*) FROM leap.deliveries d WHERE d.webhook_id = w.id AND d.finished_at IS NULL) AS place
          FROM unnest(hooks) WITH ORDINALITY AS g(hook, n) JOIN leap.webhooks w ON w.id = g.hook ORDER BY g.n) p;
    SELECT leap.add_errands('notify', array_agg(o.owner), array_agg(o.id), array_agg(o.run_at)) INTO errands
    FROM unnest(ids, owners, places, times) AS o(id, owner, place, run_at) WHERE o.place <= backlog;
    INSERT INTO leap.deliveries (id, user_id, channel, events, webhook_id, notification_ids, body, run_at, task_id, state, reason, finished_at)
    SELECT o.id, o.owner, 'webhook', ARRAY[event], g.hook, array_remove(ARRAY[g.notification], NULL), g.body, CASE WHEN t.task IS NOT NULL THEN o.run_at END, t.task,
           CASE WHEN t.task IS NOT NULL THEN 'scheduled' ELSE 'suppressed' END,
           CASE WHEN t.task IS NULL THEN format('%s deliveries to this webhook wait already (leap.webhook_backlog)', backlog) END,
           CASE WHEN t.task IS NULL THEN leap.clock() END
    FROM unnest(nos, ids, owners, times) AS o(n, id, owner, run_at)
    JOIN unnest(hooks, notifications, bodies) WITH ORDINALITY AS g(hook, notification, body, n) USING (n)
    LEFT JOIN (SELECT k.subject, k.id AS task FROM leap.tasks k WHERE k.id = ANY (errands)) t ON t.subject = o.id;
END
$$;
COMMENT ON FUNCTION leap.plan_webhooks(uuid[], uuid[], text, text[]) IS
'Plans a delivery of each of these bodies to its webhook, all of them there and each body about its notification (null: about none).';

-- The shape that Standard Webhooks recommends.
CREATE OR REPLACE FUNCTION leap.webhook_body(type text, at timestamptz, data jsonb)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('{"type":%s,"timestamp":"%s","data":%s}', to_json(type), to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), data)
$$;
COMMENT ON FUNCTION leap.webhook_body(text, timestamptz, jsonb) IS 'The text that is posted: {"type","timestamp","data"}.';

CREATE OR REPLACE FUNCTION leap.raise_events(of_users uuid[], event text, subjects jsonb[], payloads jsonb[], dedups text[] = NULL)
RETURNS int LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    e record;
    at timestamptz := leap.clock();
    repeat_at timestamptz := at - leap.setting('leap.mail_repeat')::int * interval '1 h';
    told uuid[];
    mailed uuid[];
    hooks uuid[];
    about uuid[];
    bodies text[];
BEGIN
    SELECT * INTO e FROM leap.notification_events() x WHERE x.event = raise_events.event;
    IF e.event IS NULL THEN
        PERFORM leap.refuse('LP030', format('there is no event "%s"', event), format('Events are %s.', (SELECT string_agg(x.event, ', ') FROM leap.notification_events() x)));
    END IF;
    WITH given AS MATERIALIZED (
        SELECT leap.uuid7() AS id, g.n, u.id AS user_id, coalesce(g.subject, '{}') AS subject, leap.fit_payload(g.payload) AS payload,
               left(g.dedup, 500) AS dedup, c.in_app, c.email, c.webhook
        FROM unnest(of_users, subjects, payloads, dedups) WITH ORDINALITY AS g(user_id, subject, payload, dedup, n)
        JOIN leap.users u ON u.id = g.user_id AND u.is_active
        CROSS JOIN LATERAL leap.notification_channels(u.id, e.event) c
        WHERE c.in_app OR c.email OR c.webhook ORDER BY g.n),
    alike AS (    -- a row each; what is alike in one call is counted at once
        SELECT DISTINCT ON (g.user_id, g.dedup, g.single) g.*, count(*) OVER (PARTITION BY g.user_id, g.dedup, g.single) AS times
        FROM (SELECT x.*, CASE WHEN x.dedup IS NULL THEN x.n END AS single FROM given x) g ORDER BY g.user_id, g.dedup, g.single, g.n),
    put AS (
        INSERT INTO leap.notifications AS n (id, user_id, event, subject, payload, dedup_key, once, count, in_app, mail, created_at, last_at)
        SELECT a.id, a.user_id, e.event, a.subject, a.payload, a.dedup, e.once, a.times, a.in_app, a.email, at, at
        FROM alike a ORDER BY a.user_id, a.dedup, a.n
        ON CONFLICT (user_id, event, dedup_key) WHERE dedup_key IS NOT NULL AND (once OR read_at IS NULL)
        DO UPDATE SET count = n.count + excluded.count, last_at = excluded.last_at, in_app = n.in_app OR excluded.in_app,
            -- a mail told of it: the next one does when it has grown tenfold, or a day later
            mail = n.mail OR (excluded.mail AND (n.mailed_at IS NULL OR n.count + excluded.count >= 10 * n.mailed_count OR n.mailed_at <= repeat_at))
        WHERE NOT n.once
        RETURNING n.id, n.user_id, n.dedup_key, n.mail)
    SELECT array_agg(p.id) FILTER (WHERE p.id = g.id), array_agg(DISTINCT p.user_id) FILTER (WHERE p.mail),
           array_agg(w.id ORDER BY g.n, w.id) FILTER (WHERE w.id IS NOT NULL), array_agg(p.id ORDER BY g.n, w.id) FILTER (WHERE w.id IS NOT NULL),
           array_agg(leap.webhook_body(e.type, at, g.payload || jsonb_build_object('subject', g.subject, 'user', g.user_id)) ORDER BY g.n, w.id) FILTER (WHERE w.id IS NOT NULL)
    INTO told, mailed, hooks, about, bodies
    FROM given g JOIN put p ON p.user_id = g.user_id AND CASE WHEN g.dedup IS NULL THEN p.id = g.id ELSE p.dedup_key = g.dedup END
    LEFT JOIN leap.webhooks w ON g.webhook AND w.user_id = g.user_id AND w.state = 'active' AND (w.events = '{}' OR e.event = ANY (w.events));
    IF hooks IS NOT NULL THEN
        PERFORM leap.plan_webhooks(hooks, about, e.event, bodies);
    END IF;
    IF mailed IS NOT NULL THEN
        PERFORM leap.plan_mail(mailed);
    END IF;
    RETURN coalesce(cardinality(told), 0);
END
$$;
COMMENT ON FUNCTION leap.raise_events(uuid[], text, jsonb[], jsonb[], text[]) IS
'leap.raise_event() for many: user, subject, payload and dedup of each. Returns how many messages are new; the others were counted up, were told before, or nobody wants to hear of them. Error LP030 for an unknown event.';

CREATE OR REPLACE FUNCTION leap.raise_event(of_user uuid, event text, subject jsonb, payload jsonb, dedup text = NULL)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM leap.raise_events(ARRAY[of_user], event, ARRAY[subject], ARRAY[payload], ARRAY[dedup]);
END
$$;
COMMENT ON FUNCTION leap.raise_event(uuid, text, jsonb, jsonb, text) IS
'Tells a user of an event (leap.notification_events()), in the transaction of its cause: in the list, by mail and by webhook, as he wants it. subject: ids of what it is about; payload: what there is to say, without secrets; dedup: events of the same one are a single message, counted up until it is read. Errors: LP030 for an unknown event.';

-- Published: called where recordings become UPLOADED.
CREATE OR REPLACE FUNCTION leap.raise_uploaded(recordings uuid[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM leap.raise_events(array_agg(r.user_id ORDER BY r.id), 'recording_uploaded', array_agg(jsonb_build_object('recording', r.id) ORDER BY r.id),
        array_agg(jsonb_build_object('name', r.display_name, 'duration', r.final_duration, 'targets', (
            SELECT jsonb_agg(jsonb_build_object('id', o.id, 'type', o.target_type, 'url', o.url) ORDER BY o.id)
            FROM leap.output_targets o WHERE o.recording_id = r.id)) ORDER BY r.id))
    FROM leap.recordings r WHERE r.id = ANY (recordings) HAVING count(*) > 0;
END
$$;
COMMENT ON FUNCTION leap.raise_uploaded(uuid[]) IS 'Tells the owners of these recordings, which the caller holds, that they are published to all their targets.';
