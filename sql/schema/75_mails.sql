-- Mails: what has piled up for a user becomes one message when a worker takes it.
--
-- The content is fixed then and kept with the delivery, so that every attempt sends the same under the same Message-ID.
-- The errands' side of deliveries is here too: what a worker is told, and what becomes of its answer. All of it runs in
-- the protocol's transactions. Lock order: tasks -> deliveries -> notifications; waits for nothing else.

CREATE OR REPLACE FUNCTION leap.local_time(at timestamptz, u leap.users)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(at AT TIME ZONE leap.zone_or_utc(u.timezone), CASE u.language WHEN 'ru' THEN 'DD.MM.YYYY HH24:MI' ELSE 'YYYY-MM-DD HH24:MI' END)
           || ', ' || leap.zone_or_utc(u.timezone)
$$;
COMMENT ON FUNCTION leap.local_time(timestamptz, leap.users) IS 'A moment as a user reads it: his time zone, which is named, and the custom of his language.';

CREATE OR REPLACE FUNCTION leap.local_day(day date, language text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT to_char(day, CASE language WHEN 'ru' THEN 'DD.MM.YYYY' ELSE 'YYYY-MM-DD' END) $$;
COMMENT ON FUNCTION leap.local_day(date, text) IS 'A day as it is written in a language.';

CREATE OR REPLACE FUNCTION leap.quota_words(quota text, language text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce((SELECT CASE language WHEN 'ru' THEN w.ru ELSE w.en END FROM (VALUES
        ('recordings_per_month', 'recordings this month', 'записи за месяц'),
        ('processing_per_month', 'runs this month', 'запуски обработки за месяц'),
        ('transcriptions_per_month', 'transcriptions this month', 'расшифровки за месяц'),
        ('transcription_seconds_per_month', 'transcribed hours this month', 'часы расшифровки за месяц'),
        ('storage_bytes', 'storage', 'место в хранилище'),
        ('concurrent_tasks', 'tasks at the same time', 'одновременные задачи'),
        ('automation_jobs', 'automation jobs', 'задания автоматизации'),
        ('automation_interval_hours', 'hours between runs of a job', 'часы между запусками задания'),
        ('templates', 'templates', 'шаблоны'),
        ('credentials', 'connected accounts', 'подключённые учётные записи')) AS w(quota, en, ru)
        WHERE w.quota = quota_words.quota), quota)
$$;
COMMENT ON FUNCTION leap.quota_words(text, text) IS 'What people call a quota, in English or Russian.';

CREATE OR REPLACE FUNCTION leap.platform_words(platform text, language text)
RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (SELECT coalesce((SELECT CASE language WHEN 'ru' THEN w.ru ELSE w.en END FROM (VALUES
        ('library', 'library', 'библиотека'), ('youtube', 'YouTube', 'YouTube'), ('vk', 'VK', 'VK'), ('zoom', 'Zoom', 'Zoom'),
        ('yandex_disk', 'Yandex Disk', 'Яндекс Диск'), ('s3', 'S3', 'S3'), ('file', 'file', 'файл')) AS w(platform, en, ru)
        WHERE w.platform = p.name), regexp_replace(p.name, '^url:', ''))
    FROM (SELECT split_part(platform_words.platform, ' with credential ', 1) AS name) p);
END
$$;
COMMENT ON FUNCTION leap.platform_words(text, text) IS 'What people call a platform, in English or Russian; of links the host, and nothing of the credential.';

-- Units of sizes and times are translated; what is counted is named by leap.quota_words().
CREATE OR REPLACE FUNCTION leap.amount_words(quota text, amount bigint, language text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN language <> 'ru' THEN leap.quota_amount(quota, amount)
                WHEN quota LIKE '%bytes' OR quota LIKE '%seconds%' THEN (
                    SELECT string_agg(coalesce(x.ru, replace(w, '.', ',')), ' ' ORDER BY n)
                    FROM regexp_split_to_table(leap.quota_amount(quota, amount), ' ') WITH ORDINALITY AS p(w, n)
                    LEFT JOIN (VALUES ('bytes', 'Б'), ('byte', 'Б'), ('KiB', 'КиБ'), ('kB', 'КБ'), ('MiB', 'МиБ'), ('GiB', 'ГиБ'), ('TiB', 'ТиБ'), ('PiB', 'ПиБ'),
                                      ('h', 'ч'), ('min', 'мин'), ('s', 'с')) AS x(en, ru) ON x.en = w)
                ELSE amount::text END
$$;
COMMENT ON FUNCTION leap.amount_words(text, bigint, text) IS 'leap.quota_amount() in English or Russian.';

-- Names come from strangers: no line ends, no controls, nothing that turns the writing direction round.
CREATE OR REPLACE FUNCTION leap.one_line(t text, most int)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT leap.fit_text(btrim(regexp_replace(regexp_replace(t, '[\u200e\u200f\u202a-\u202e\u2066-\u2069]', '', 'g'), '[\s\u0001-\u001f\u007f-\u009f\u2028\u2029]+', ' ', 'g')), most)
$$;
COMMENT ON FUNCTION leap.one_line(text, int) IS 'A text as one line of at most so many characters, without control characters and marks of direction.';

CREATE OR REPLACE FUNCTION leap.list_lines(items jsonb, total bigint, language text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT string_agg('• ' || leap.one_line(concat_ws(': ', i.item->>'name', i.item->>'message'), 300), E'\n' ORDER BY i.n)
           || CASE WHEN total > count(*) THEN format(CASE language WHEN 'ru' THEN E'\n… и ещё %s' ELSE E'\n… and %s more' END, total - count(*)) ELSE '' END
    FROM jsonb_array_elements(CASE jsonb_typeof(items) WHEN 'array' THEN items ELSE '[]' END) WITH ORDINALITY AS i(item, n)
$$;
COMMENT ON FUNCTION leap.list_lines(jsonb, bigint, text) IS 'An array of {name, message} as lines, and how many more there are of the total; null for none.';

CREATE OR REPLACE FUNCTION leap.notification_variables(n leap.notifications, u leap.users)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_strip_nulls(n.payload - '{targets,published_list,failed_list,waiting_list,quota_list,expire_at}'::text[] || jsonb_build_object(
        'name', leap.one_line(coalesce(n.payload->>'name', n.payload->>'source_name', n.payload->>'job', ''), 200),
        'message', nullif(leap.one_line(coalesce(n.payload->>'message', ''), 1000), ''), 'hint', nullif(leap.one_line(coalesce(n.payload->>'hint', ''), 1000), ''),
        'platform', nullif(leap.one_line(leap.platform_words(n.payload->>'platform', u.language), 200), ''),
        'count', n.count, 'many', n.count > 1,
        'failed_list', leap.list_lines(n.payload->'failed_list', (n.payload->>'failed')::bigint, u.language), 'at', leap.local_time(n.last_at, u), 'first_at', leap.local_time(n.created_at, u),
        'expires', leap.local_time((n.payload->>'expire_at')::timestamptz, u), 'user_name', nullif(leap.one_line(coalesce(u.full_name, ''), 200), ''), 'to', u.email,
        'url', jsonb_path_query_first(n.payload, '$.targets[*].url ? (@ starts with "http")'))
        || CASE WHEN n.subject->>'quota' IS NULL THEN '{}' ELSE jsonb_build_object(
            'quota', leap.quota_words(n.subject->>'quota', u.language),
            'used', leap.amount_words(n.subject->>'quota', (n.payload->>'used')::bigint, u.language),
            'limit', leap.amount_words(n.subject->>'quota', (n.payload->>'limit')::bigint, u.language),
            'resets', (SELECT leap.local_day((date_trunc('month', n.created_at AT TIME ZONE 'UTC') + interval '1 month')::date, u.language)
                       FROM leap.quotas() q WHERE q.quota = n.subject->>'quota' AND q.measure = 'monthly')) END
        || CASE WHEN n.event NOT IN ('daily_summary', 'weekly_summary') THEN '{}' ELSE jsonb_build_object(
            'from', leap.local_day((n.payload->>'from')::date, u.language), 'until', leap.local_day((n.payload->>'until')::date, u.language),
            'published_list', leap.list_lines(n.payload->'published_list', (n.payload->>'published')::bigint, u.language),
            'waiting_list', leap.list_lines(n.payload->'waiting_list', (n.payload->>'waiting')::bigint, u.language),
            'quota_list', (SELECT string_agg(format(CASE u.language WHEN 'ru' THEN '• %s: %s из %s (%s %%)' ELSE '• %s: %s of %s (%s %%)' END,
                                  leap.quota_words(q->>'quota', u.language), leap.amount_words(q->>'quota', (q->>'used')::bigint, u.language),
                                  leap.amount_words(q->>'quota', (q->>'limit')::bigint, u.language), q->>'percent'), E'\n')
                           FROM jsonb_array_elements(n.payload->'quota_list') q)) END);
END
$$;
COMMENT ON FUNCTION leap.notification_variables(leap.notifications, leap.users) IS
'The variables (leap.mail_variables()) of a message to this user. What comes from strangers is one line each.';

CREATE OR REPLACE FUNCTION leap.notification_text(n leap.notifications, u leap.users, OUT subject text, OUT body text, OUT html text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record;
    v jsonb := leap.notification_variables(n, u);
BEGIN
    SELECT * INTO t FROM leap.mail_text(n.event, u.language);
    subject := leap.one_line(coalesce((leap.try_render(t.subject, v)).rendered, n.event), 200);
    body := btrim(regexp_replace(coalesce((leap.try_render(t.body, v)).rendered, subject), '\n{3,}', E'\n\n', 'g'), E' \n');
    html := (leap.try_render(t.html, v)).rendered;
END
$$;
COMMENT ON FUNCTION leap.notification_text(leap.notifications, leap.users) IS
'A message in the words of the user''s language: subject (one line), body, and html where its text has any of its own.';

CREATE OR REPLACE FUNCTION leap.escape_html(t text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT replace(replace(replace(replace(replace(t, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;'), '''', '&#39;')
$$;
COMMENT ON FUNCTION leap.escape_html(text) IS 'A text as it can stand in HTML, attributes included.';

CREATE OR REPLACE FUNCTION leap.compose_mail(of_user uuid, ids uuid[])
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    most CONSTANT int := 20;
    u leap.users := (SELECT x FROM leap.users x WHERE x.id = of_user);
    frame record;
    v jsonb;
    several boolean := cardinality(ids) > 1;
    plain text;
    rich text;
BEGIN
    SELECT * INTO frame FROM leap.mail_text('layout', u.language);
    SELECT jsonb_build_object('first', (array_agg(m.subject ORDER BY m.place))[1], 'others', cardinality(ids) - 1, 'more', greatest(cardinality(ids) - most, 0),
                              'user_name', nullif(leap.one_line(coalesce(u.full_name, ''), 200), ''), 'to', u.email),
           string_agg(CASE WHEN several THEN m.subject || E'\n' || repeat('-', least(length(m.subject), 70)) || E'\n' ELSE '' END || m.body, E'\n\n\n' ORDER BY m.place),
           string_agg(format('<h2 style="font-size:18px;margin:24px 0 8px">%s</h2>', leap.escape_html(m.subject)) || coalesce(m.html,
                      format('<p>%s</p>', replace(replace(leap.escape_html(m.body), E'\n\n', '</p><p>'), E'\n', '<br>'))), E'\n' ORDER BY m.place)
    INTO v, plain, rich
    FROM (SELECT x.place, t.* FROM (
              SELECT n, row_number() OVER (ORDER BY array_position('{error,warning,info}', e.severity), n.last_at DESC, n.id) AS place
              FROM leap.notifications n JOIN leap.notification_events() e USING (event) WHERE n.id = ANY (ids)) x
          CROSS JOIN LATERAL leap.notification_text(x.n, u) t WHERE x.place <= most) m;
    v := jsonb_strip_nulls(v);
    RETURN jsonb_build_object('language', u.language, 'subject', leap.one_line(coalesce((leap.try_render(frame.subject, v)).rendered, v->>'first'), 200),
        'text', btrim(regexp_replace(coalesce((leap.try_render(frame.body, v || jsonb_build_object('items', plain))).rendered, plain), '\n{4,}', E'\n\n\n', 'g'), E' \n') || E'\n',
        'html', coalesce((leap.try_render(frame.html, v || jsonb_build_object('items', rich))).rendered, rich));
END
$$;
COMMENT ON FUNCTION leap.compose_mail(uuid, uuid[]) IS
'One mail of these notifications to their user, the gravest first, twenty at most: {language, subject, text, html}.';

-- A mail that is taken is closed: what happens from now on goes into the next.
CREATE OR REPLACE FUNCTION leap.close_mail(d leap.deliveries)
RETURNS leap.deliveries LANGUAGE plpgsql AS $$
BEGIN
    IF d.notification_ids = '{}' THEN
        -- one that is counted up at this moment is left for the next mail; one that its user no longer wants by mail is dropped
        WITH taken AS (
            UPDATE leap.notifications n SET mail = false, mailed_at = CASE WHEN w.email THEN leap.clock() ELSE n.mailed_at END,
                   mailed_count = CASE WHEN w.email THEN n.count ELSE n.mailed_count END
            FROM (SELECT x.id, c.email FROM leap.notifications x CROSS JOIN LATERAL leap.notification_channels(x.user_id, x.event) c
                  WHERE x.user_id = d.user_id AND x.mail ORDER BY x.id FOR NO KEY UPDATE OF x SKIP LOCKED) w
            WHERE n.id = w.id RETURNING n.id, w.email)
        SELECT coalesce(array_agg(t.id ORDER BY t.id) FILTER (WHERE t.email), '{}') INTO d.notification_ids FROM taken t;
    END IF;
    UPDATE leap.deliveries x
    SET state = 'pending', sent_at = leap.clock(), notification_ids = d.notification_ids,
        events = ARRAY(SELECT DISTINCT n.event FROM leap.notifications n WHERE n.id = ANY (d.notification_ids) ORDER BY 1),
        message = CASE WHEN d.notification_ids <> '{}' THEN leap.compose_mail(d.user_id, d.notification_ids) END
    WHERE x.id = d.id RETURNING x.* INTO d;
    RETURN d;
END
$$;
COMMENT ON FUNCTION leap.close_mail(leap.deliveries) IS
'Fixes what a mail tells: everything that waits to be mailed to its user, or what it told before. The caller holds the row; the result is the row as it is now.';

-- Asked again, it answers the same. Settings of the claim that calls it are not for these statements.
CREATE OR REPLACE FUNCTION leap.delivery_input(subject uuid)
RETURNS jsonb LANGUAGE plpgsql VOLATILE
SET enable_seqscan = on SET enable_hashjoin = on SET enable_mergejoin = on SET enable_sort = on SET plan_cache_mode = auto AS $$
DECLARE
    d leap.deliveries;
    u leap.users;
    w leap.webhooks;
BEGIN
    SELECT * INTO d FROM leap.deliveries x WHERE x.id = subject FOR NO KEY UPDATE;
    IF d.channel = 'webhook' THEN
        SELECT * INTO w FROM leap.webhooks x WHERE x.id = d.webhook_id;
        UPDATE leap.deliveries x SET state = 'pending', sent_at = leap.clock() WHERE x.id = d.id AND x.state = 'scheduled';
        IF w.id IS NOT NULL THEN
            RETURN jsonb_build_object('channel', 'webhook', 'url', w.url, 'id', 'msg_' || replace(d.id::text, '-', ''), 'body', d.body)
                || CASE WHEN w.sealed IS NULL THEN jsonb_build_object('secret', w.secret) ELSE jsonb_build_object('boxes', jsonb_build_array(leap.box_json(w.sealed, w.key_id))) END;
        END IF;
    ELSIF d.channel = 'email' THEN
        IF d.message IS NULL AND d.state = 'scheduled' THEN
            d := leap.close_mail(d);
        END IF;
        SELECT * INTO u FROM leap.users x WHERE x.id = d.user_id;
        IF d.message ? 'account_token' THEN    -- its link is made now (75_account_mails.sql)
            d.message := leap.compose_account_mail((d.message->>'account_token')::uuid, u);
        END IF;
        IF d.message IS NOT NULL THEN
            RETURN d.message || jsonb_build_object('channel', 'email', 'to', u.email, 'to_name', nullif(leap.one_line(coalesce(u.full_name, ''), 200), ''),
                'message_id', d.id || '@leap.local',
                -- a mail about the account tells of no event, and a header is not empty
                'headers', CASE WHEN cardinality(d.events) > 0 THEN jsonb_build_object('X-LEAP-Events', array_to_string(d.events, ', ')) ELSE '{}' END);
        END IF;
    END IF;
    RETURN '{"channel": "none"}';
END
$$;
COMMENT ON FUNCTION leap.delivery_input(uuid) IS
'What the child that delivers is told: {"channel": "email", to, to_name, subject, text, html, language, message_id, headers}, {"channel": "webhook", url, id, body, and secret or boxes (leap.box_json) with it}, or {"channel": "none"} if there is nothing left to deliver.';

CREATE OR REPLACE FUNCTION leap.store_delivery(subject uuid, facts jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    d leap.deliveries;
BEGIN
    UPDATE leap.deliveries x
    SET state = 'delivered', reason = NULL, error = NULL, finished_at = leap.clock(), answer = left(facts->>'answer', 300),
        status = CASE WHEN facts->>'status' ~ '^\d{1,5}$' THEN (facts->>'status')::int END,
        seconds = CASE WHEN jsonb_typeof(facts->'seconds') = 'number' THEN (facts->>'seconds')::float8 END,
        attempts = x.attempts + coalesce((SELECT t.attempt FROM leap.tasks t WHERE t.id = x.task_id), 1)
    WHERE x.id = subject AND x.finished_at IS NULL RETURNING x.* INTO d;
    UPDATE leap.webhooks w SET failures = 0 WHERE w.id = d.webhook_id AND w.failures > 0;
    PERFORM leap.plan_mail(ARRAY[d.user_id]) WHERE d.channel = 'email' AND EXISTS (SELECT FROM leap.notifications n WHERE n.user_id = d.user_id AND n.mail);
END
$$;
COMMENT ON FUNCTION leap.store_delivery(uuid, jsonb) IS
'Notes that a delivery arrived: {"status", "answer", "seconds"}. What came up for the user meanwhile gets the next mail.';

CREATE OR REPLACE FUNCTION leap.delivery_ended(subject uuid, state text, error jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    d leap.deliveries;
    empty boolean;
BEGIN
    SELECT x.* INTO d FROM leap.deliveries x WHERE x.id = delivery_ended.subject AND x.finished_at IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    empty := d.channel = 'email' AND d.message IS NULL OR d.channel = 'webhook' AND NOT EXISTS (SELECT FROM leap.webhooks w WHERE w.id = d.webhook_id);
    UPDATE leap.deliveries x
    SET state = CASE WHEN delivery_ended.state = 'failed' AND NOT empty THEN 'failed' ELSE 'cancelled' END, finished_at = leap.clock(),
        reason = CASE WHEN empty THEN CASE d.channel WHEN 'email' THEN 'nothing was left to tell' ELSE 'the webhook was deleted' END WHEN delivery_ended.state = 'cancelled' THEN coalesce(delivery_ended.error->>'message', 'its task was cancelled') END,
        error = CASE WHEN NOT empty THEN delivery_ended.error END, answer = left(delivery_ended.error->>'answer', 300),
        status = CASE WHEN delivery_ended.error->>'status' ~ '^\d{1,5}$' THEN (delivery_ended.error->>'status')::int END,
        attempts = x.attempts + coalesce((SELECT t.attempt FROM leap.tasks t WHERE t.id = x.task_id), 1)
    WHERE x.id = d.id;
    IF d.channel = 'webhook' AND delivery_ended.state = 'failed' AND NOT empty THEN
        PERFORM leap.webhook_failed(d.webhook_id, delivery_ended.error);
    END IF;
    PERFORM leap.plan_mail(ARRAY[d.user_id]) WHERE d.channel = 'email' AND EXISTS (SELECT FROM leap.notifications n WHERE n.user_id = d.user_id AND n.mail);
END
$$;
COMMENT ON FUNCTION leap.delivery_ended(uuid, text, jsonb) IS
'Notes that a delivery failed for good or was cancelled, with the error; a webhook that fails too often is switched off.';
