-- Notifications: what people are told, by which channel, and how far each message got.
--
-- leap.notifications is the in-app store and the outbox in one: a row is written by the transaction that caused it
-- (75_notify.sql), so there is no message of something that did not happen and nothing that happened in silence. What
-- leaves the house is planned in that transaction too, as rows of leap.deliveries with an errand each.
-- Lock order: everything else -> notifications -> deliveries; nobody waits for a task while holding one of these.

-- The catalogue. once: told once for each key, read or not; the others are counted up while they are unread.
CREATE OR REPLACE FUNCTION leap.notification_events()
RETURNS TABLE (event text, type text, severity text, once boolean, in_app boolean, email boolean, webhook boolean, description text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    VALUES
        ('processing_failed',    'recording.processing_failed',    'error',   false, true,  true,  true,  'a recording could not be downloaded or processed, and nobody tries again'),
        ('transcription_failed', 'recording.transcription_failed', 'error',   false, true,  true,  true,  'a recording could not be transcribed, and nobody tries again'),
        ('upload_failed',        'recording.upload_failed',        'error',   false, true,  true,  true,  'a recording could not be published to a target, and nobody tries again'),
        ('credential_expired',   'credential.expired',             'error',   false, true,  true,  true,  'a platform asks for a new authorisation'),
        ('automation_failed',    'automation.failed',              'error',   false, true,  true,  true,  'a run of an automation job failed'),
        ('source_failed',        'source.failed',                  'error',   false, true,  true,  true,  'a source could not be read'),
        ('webhook_disabled',     'webhook.disabled',               'warning', false, true,  true,  true,  'a webhook failed so often that it was switched off'),
        ('security_alert',       'account.security',               'warning', false, true,  true,  false, 'something happened to the account itself that its owner should know'),
        ('quota_warning',        'quota.warning',                  'warning', true,  true,  true,  true,  '80 percent of a limit are used; once a month'),
        ('quota_reached',        'quota.reached',                  'warning', true,  true,  true,  true,  '100 percent of a limit are used; once a month'),
        ('quota_overage',        'quota.overage',                  'warning', true,  true,  true,  true,  'more than a limit allows is used; once a month'),
        ('recordings_expiring',  'recording.expiring',             'warning', false, true,  true,  true,  'recordings will be deleted by themselves in some days'),
        ('recording_uploaded',   'recording.uploaded',             'info',    false, true,  false, true,  'a recording is published to all its targets'),
        ('automation_completed', 'automation.completed',           'info',    false, true,  false, true,  'a run of an automation job is done'),
        ('daily_summary',        'summary.daily',                  'info',    true,  false, false, false, 'the day before in one message, at 08:00'),
        ('weekly_summary',       'summary.weekly',                 'info',    true,  false, true,  false, 'the week before in one message, on Mondays at 08:00')
$$;
COMMENT ON FUNCTION leap.notification_events() IS
'What people can be told of: event, its type in webhooks, severity (error, warning, info), whether it is told only once for each key, the channels it takes unless the user says otherwise (in_app, email, webhook), and when it happens.';

-- In PL/pgSQL, whose plans are kept: it is asked for each row.
CREATE OR REPLACE FUNCTION leap.known_event(event text)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM leap.notification_events() e WHERE e.event = known_event.event);
END
$$;
COMMENT ON FUNCTION leap.known_event(text) IS 'Whether leap.notification_events() has it: the CHECK of every column event.';

-- Databases of the first months had quota alerts and failures only, each with columns of its own.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('leap.notifications') AND attname = 'kind' AND NOT attisdropped) THEN
        ALTER TABLE leap.notifications RENAME TO old_notifications;
        ALTER TABLE leap.old_notifications RENAME CONSTRAINT notifications_pkey TO old_notifications_pkey;
    END IF;
END
$$;

CREATE TABLE IF NOT EXISTS leap.notifications (
    id           uuid PRIMARY KEY DEFAULT leap.uuid7(),
    user_id      uuid NOT NULL REFERENCES leap.users ON DELETE CASCADE,
    event        text NOT NULL CHECK (leap.known_event(event)),
    subject      jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(subject) = 'object'),
    payload      jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(payload) = 'object'),
    dedup_key    text CHECK (length(dedup_key) <= 500),
    once         boolean NOT NULL DEFAULT false,
    count        int NOT NULL DEFAULT 1 CHECK (count > 0),
    in_app       boolean NOT NULL DEFAULT true,
    mail         boolean NOT NULL DEFAULT false,
    mailed_at    timestamptz,
    mailed_count int,
    created_at   timestamptz NOT NULL DEFAULT leap.clock(),
    last_at      timestamptz NOT NULL DEFAULT leap.clock(),
    read_at      timestamptz
) WITH (fillfactor = 80);
-- what is not there twice: an event of a key while it is unread, or ever
CREATE UNIQUE INDEX IF NOT EXISTS notifications_alike ON leap.notifications (user_id, event, dedup_key) WHERE dedup_key IS NOT NULL AND (once OR read_at IS NULL);
DROP INDEX IF EXISTS leap.notifications_once;
CREATE INDEX IF NOT EXISTS notifications_by_user ON leap.notifications (user_id, last_at, id) WHERE in_app;
CREATE INDEX IF NOT EXISTS notifications_unread ON leap.notifications (user_id) WHERE in_app AND read_at IS NULL;
CREATE INDEX IF NOT EXISTS notifications_to_mail ON leap.notifications (user_id) WHERE mail;
COMMENT ON TABLE leap.notifications IS
'What users are told. subject: the ids of what it is about (recording, target, job, run, source, webhook, quota); payload: what there is to say. Events of the same dedup_key are one row, counted up until it is read (count, last_at); once: never again. in_app: shown in the list. mail: the next mail to the user takes it along; mailed_at and mailed_count: when that was last, and the count it told.';

-- which transaction changed what is shown: those who watch are told what a snapshot did not see yet (84_events.sql)
ALTER TABLE leap.notifications ADD COLUMN IF NOT EXISTS xact xid8;
ALTER TABLE leap.notifications ALTER COLUMN xact SET DEFAULT pg_current_xact_id();
CREATE INDEX IF NOT EXISTS notifications_by_xact ON leap.notifications (xact);
COMMENT ON COLUMN leap.notifications.xact IS 'The transaction that wrote it, counted it up, or marked it as read last.';

CREATE OR REPLACE FUNCTION leap.note_xact()
RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.xact := pg_current_xact_id();
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER note_xact BEFORE UPDATE ON leap.notifications
    FOR EACH ROW WHEN (NEW.count <> OLD.count OR NEW.read_at IS DISTINCT FROM OLD.read_at OR NEW.in_app <> OLD.in_app) EXECUTE FUNCTION leap.note_xact();

DO $$
BEGIN
    IF to_regclass('leap.old_notifications') IS NOT NULL THEN
        INSERT INTO leap.notifications (id, user_id, event, subject, payload, dedup_key, once, count, created_at, last_at, read_at)
        SELECT o.id, o.user_id, v.event, CASE WHEN o.quota IS NULL THEN jsonb_build_object('recording', o.payload->'recording') ELSE jsonb_build_object('quota', o.quota) END,
               o.payload - '{count,recording}'::text[], CASE WHEN o.quota IS NOT NULL THEN format('%s/%s', o.quota, to_char(o.period, 'YYYY-MM')) END,
               o.quota IS NOT NULL, coalesce((o.payload->>'count')::int, 1), o.created_at, o.created_at, o.read_at
        FROM leap.old_notifications o
        CROSS JOIN LATERAL (SELECT CASE WHEN o.quota IS NOT NULL THEN o.kind WHEN o.payload->>'task_kind' = 'upload' THEN 'upload_failed'
                                        WHEN o.payload->>'task_kind' IN ('transcribe', 'topics', 'subtitles') THEN 'transcription_failed'
                                        ELSE 'processing_failed' END AS event) v;
        DROP TABLE leap.old_notifications;
    END IF;
END
$$;

CREATE TABLE IF NOT EXISTS leap.notification_preferences (
    user_id uuid NOT NULL REFERENCES leap.users ON DELETE CASCADE,
    event   text NOT NULL CHECK (leap.known_event(event)),
    channel text NOT NULL CHECK (channel IN ('email', 'webhook', 'in_app')),
    enabled boolean NOT NULL,
    PRIMARY KEY (user_id, event, channel)
);
COMMENT ON TABLE leap.notification_preferences IS
'Where users differ from the channels that leap.notification_events() gives an event.';

CREATE TABLE IF NOT EXISTS leap.webhooks (
    id          uuid PRIMARY KEY DEFAULT leap.uuid7(),
    user_id     uuid NOT NULL REFERENCES leap.users ON DELETE CASCADE,
    name        text NOT NULL,
    url         text NOT NULL,
    secret      text,
    events      text[] NOT NULL DEFAULT '{}',
    state       text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),
    reason      text,
    failures    int NOT NULL DEFAULT 0,
    disabled_at timestamptz,
    created_at  timestamptz NOT NULL DEFAULT leap.clock(),
    updated_at  timestamptz NOT NULL DEFAULT leap.clock(),
    CHECK ((state = 'disabled') = (disabled_at IS NOT NULL))
) WITH (fillfactor = 80);
CREATE INDEX IF NOT EXISTS webhooks_by_user ON leap.webhooks (user_id);
COMMENT ON TABLE leap.webhooks IS
'URLs that users want events posted to. events: only these, empty is all; failures: deliveries in a row that failed for good. Nobody is granted the columns secret and sealed: a delivery carries what is in them to the worker, and who makes it is shown it once (26_credentials.sql).';
ALTER TABLE leap.webhooks ALTER COLUMN secret DROP NOT NULL;

CREATE TABLE IF NOT EXISTS leap.deliveries (
    id               uuid PRIMARY KEY DEFAULT leap.uuid7(),
    user_id          uuid NOT NULL REFERENCES leap.users ON DELETE CASCADE,
    channel          text NOT NULL CHECK (channel IN ('email', 'webhook')),
    events           text[] NOT NULL DEFAULT '{}',
    webhook_id       uuid,
    notification_ids uuid[] NOT NULL DEFAULT '{}',
    task_id          bigint,
    state            text NOT NULL CHECK (state IN ('scheduled', 'pending', 'delivered', 'failed', 'cancelled', 'suppressed')),
    reason           text,
    body             text,
    message          jsonb,
    attempts         int NOT NULL DEFAULT 0,
    status           int,
    answer           text CHECK (length(answer) <= 300),
    seconds          double precision,
    error            jsonb,
    created_at       timestamptz NOT NULL DEFAULT leap.clock(),
    run_at           timestamptz,
    sent_at          timestamptz,
    finished_at      timestamptz,
    CHECK ((channel = 'webhook') = (webhook_id IS NOT NULL)),
    CHECK ((state IN ('scheduled', 'pending')) = (finished_at IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX IF NOT EXISTS deliveries_by_user ON leap.deliveries (user_id, id);
CREATE INDEX IF NOT EXISTS deliveries_open ON leap.deliveries (webhook_id) WHERE finished_at IS NULL;
CREATE INDEX IF NOT EXISTS deliveries_mails ON leap.deliveries (user_id, sent_at) WHERE channel = 'email';
CREATE UNIQUE INDEX IF NOT EXISTS deliveries_one_mail ON leap.deliveries (user_id) WHERE channel = 'email' AND state = 'scheduled';
CREATE INDEX IF NOT EXISTS deliveries_finished ON leap.deliveries (finished_at);
COMMENT ON TABLE leap.deliveries IS
'The delivery log: what was sent, or was to be, by mail or webhook. scheduled: waits for its time, a mail still collects notifications; pending: a worker has it, or tries again (task_id); delivered, failed for good, cancelled, suppressed (never sent, reason says why). body: the text of a webhook, to the byte; message: subject, text and html of a mail; attempts: those of errands that have ended. The id is the stable part of Message-ID and webhook-id, in every attempt and redelivery.';

-- What users say of themselves is needed in the middle of the night: it is checked when it is said.
ALTER TABLE leap.users ADD COLUMN IF NOT EXISTS language text NOT NULL DEFAULT 'en';
COMMENT ON COLUMN leap.users.language IS 'The language of mails and of other texts for the user: en or ru.';

CREATE OR REPLACE FUNCTION leap.known_zone(name text)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT z.name FROM pg_timezone_names z WHERE lower(z.name) = lower(known_zone.name) AND z.name !~ '^(posix|right)/' AND z.name <> 'localtime'
$$;
COMMENT ON FUNCTION leap.known_zone(text) IS 'The time zone of PostgreSQL''s database with this name, as it is written there; null: there is none.';

CREATE OR REPLACE FUNCTION leap.check_user_locale()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    zone text := CASE WHEN NEW.timezone = 'UTC' THEN 'UTC' ELSE leap.known_zone(NEW.timezone) END;
BEGIN
    IF zone IS NULL THEN
        PERFORM leap.refuse('LP030', format('there is no time zone "%s"', NEW.timezone), 'Write a name such as Europe/Moscow or UTC.');
    ELSIF NEW.language NOT IN ('en', 'ru') THEN
        PERFORM leap.refuse('LP030', format('there are no texts in the language "%s"', NEW.language), 'Languages are en and ru.');
    END IF;
    NEW.timezone := zone;
    RETURN NEW;
END
$$;
UPDATE leap.users SET timezone = coalesce(leap.known_zone(timezone), 'UTC')
WHERE timezone <> 'UTC' AND timezone NOT IN (SELECT z.name FROM pg_timezone_names z);
CREATE OR REPLACE TRIGGER check_locale_insert BEFORE INSERT ON leap.users
    FOR EACH ROW WHEN (NEW.timezone <> 'UTC' OR NEW.language <> 'en') EXECUTE FUNCTION leap.check_user_locale();
CREATE OR REPLACE TRIGGER check_locale_update BEFORE UPDATE OF timezone, language ON leap.users
    FOR EACH ROW WHEN (NEW.timezone <> OLD.timezone OR NEW.language <> OLD.language) EXECUTE FUNCTION leap.check_user_locale();

-- A webhook is checked however it is written. Where its host may lie is judged when it is called, after DNS.
CREATE OR REPLACE FUNCTION leap.check_webhook()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    unknown text := (SELECT string_agg(format('"%s"', e), ', ') FROM unnest(NEW.events) e WHERE leap.known_event(e) IS NOT TRUE);
BEGIN
    IF NEW.url !~* '^https?://(\[[0-9a-f:.]+\]|[^\s/?#@:\[\]]+)(:\d{1,5})?([/?][^\s#[:cntrl:]]*)?$' OR length(NEW.url) > 2000 THEN
        PERFORM leap.refuse('LP030', format('"%s" is no address of a webhook', left(regexp_replace(NEW.url, '//[^/@]*@', '//'), 200)),
                            'It is a URL with http or https, at most 2000 characters, without user, password or "#".');
    ELSIF NEW.name !~ '\S' OR length(NEW.name) > 100 THEN
        PERFORM leap.refuse('LP030', format('a webhook cannot be named "%s"', left(NEW.name, 120)), 'A name has 1 to 100 characters.');
    ELSIF NEW.secret !~ '^whsec_[A-Za-z0-9+/]{32,}={0,2}$' THEN    -- not a CHECK: those show the row
        PERFORM leap.refuse('LP030', 'that is no secret of a webhook', 'It is made by leap.add_webhook() and leap.rotate_webhook_secret(): whsec_ and at least 24 bytes in base64.');
    ELSIF unknown IS NOT NULL THEN
        PERFORM leap.refuse('LP030', format('there is no event %s', unknown), format('Events are %s.', (SELECT string_agg(e.event, ', ') FROM leap.notification_events() e)));
    ELSIF TG_OP = 'INSERT' AND (SELECT count(*) FROM leap.webhooks w WHERE w.user_id = NEW.user_id) >= 10 THEN
        PERFORM leap.refuse('LP010', 'a user has at most 10 webhooks', 'Delete one that is not needed.');
    END IF;
    NEW.events := ARRAY(SELECT DISTINCT e FROM unnest(NEW.events) e ORDER BY e);
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER check_webhook BEFORE INSERT OR UPDATE OF url, name, events, secret ON leap.webhooks
    FOR EACH ROW EXECUTE FUNCTION leap.check_webhook();
