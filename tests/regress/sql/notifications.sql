-- Notifications: what people are told, how it is grouped, and the one mail that tells it.
\set SHOW_CONTEXT never
SELECT event, type, severity, once, in_app, email, webhook FROM leap.notification_events();

-- these tests live at a time of their own
CREATE FUNCTION test.at(t timestamptz) RETURNS void LANGUAGE sql AS $$ SELECT set_config('test.clock', t::text, false) $$;
CREATE FUNCTION test.refusal(command text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE command;
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ': ' || SQLERRM;
END
$$;
SELECT test.at('2026-03-04 10:00+00');
CREATE OR REPLACE FUNCTION leap.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT current_setting('test.clock')::timestamptz $$;
SET leap.mail = on;

SELECT leap.add_user('nina@example.org', 'Nina') IS NOT NULL AS added, leap.add_user('nils@example.org') IS NOT NULL AS other;
CREATE FUNCTION test.nina() RETURNS uuid LANGUAGE sql AS $$ SELECT (leap.find_user('nina@example.org')).id $$;
CREATE VIEW test.told AS SELECT n.event, n.dedup_key, n.payload, n.count, n.mail, n.read_at IS NULL AS unread FROM leap.notifications n
    WHERE n.user_id = test.nina() ORDER BY n.created_at, n.id;
-- mails of Nina: when they are due, what became of them
CREATE VIEW test.mails AS SELECT d.state, d.run_at AT TIME ZONE 'UTC' AS due, cardinality(d.notification_ids) AS tells, d.events, d.reason FROM leap.deliveries d
    WHERE d.user_id = test.nina() AND d.channel = 'email' ORDER BY d.id;
-- what a worker is told of the mail that is open, and the end of its delivery
CREATE FUNCTION test.take_mail() RETURNS jsonb LANGUAGE sql AS $$
    SELECT leap.delivery_input(d.id) FROM leap.deliveries d WHERE d.user_id = test.nina() AND d.channel = 'email' AND d.finished_at IS NULL $$;
CREATE FUNCTION test.end_mail() RETURNS void LANGUAGE sql AS $$
    SELECT leap.store_delivery(d.id, '{"status": 250, "answer": "queued", "seconds": 0.5}')
    FROM leap.deliveries d WHERE d.user_id = test.nina() AND d.channel = 'email' AND d.finished_at IS NULL $$;

-- what is alike is one message until it is read; what has no key stands for itself
SELECT leap.raise_event(test.nina(), 'source_failed', '{"source": "s1"}', '{"name": "inbox", "message": "no such folder"}', 's1') FROM generate_series(1, 3);
SELECT leap.raise_event(test.nina(), 'recording_uploaded', '{}', '{"name": "algebra"}') FROM generate_series(1, 2);
SELECT * FROM test.told;
SELECT leap.mark_read((SELECT array_agg(id) FROM leap.notifications WHERE event = 'source_failed' AND user_id = test.nina()), 'nina@example.org');
SELECT leap.raise_event(test.nina(), 'source_failed', '{"source": "s1"}', '{"name": "inbox", "message": "no such folder"}', 's1');
SELECT event, count, unread FROM test.told WHERE event = 'source_failed';
-- alike in one call, for several users, of whom one is gone and one is not active
UPDATE leap.users SET is_active = false WHERE email = 'nils@example.org';
SELECT leap.raise_events(ARRAY[test.nina(), test.nina(), (leap.find_user('nils@example.org')).id, gen_random_uuid(), test.nina()], 'source_failed', array_fill('{}'::jsonb, '{5}'),
                         array_fill('{"name": "b"}'::jsonb, '{5}'), '{s2,s2,s2,s2,s1}') AS fresh;
SELECT event, dedup_key, count, unread FROM test.told WHERE event = 'source_failed';
SELECT leap.raise_event(test.nina(), 'sun_rises', '{}', '{}');

-- the first message opens a mail; reading all of it calls the mail off, the next opens another
SELECT * FROM test.mails;
SELECT leap.mark_read(NULL, 'nina@example.org'), leap.unread_count('nina@example.org');
SELECT * FROM test.mails;

-- 500 failures make one message and one mail
SELECT test.connect('{upload,processing,automation,notify}');
SELECT count(leap.add_recording('nina@example.org', '{"type": "file", "path": "/srv/lectures/a.mp4"}', 'n' || i)) FROM generate_series(1, 500) i;
SELECT count(*) FROM leap.operate('run', ARRAY(SELECT r.id FROM leap.recordings r WHERE r.user_id = test.nina()));
SELECT count(*) FROM test.claim(600) WHERE name ~ '^n\d';
SELECT DISTINCT test.fail('download', 'n' || i, 'permanent', 'the disk is gone') FROM generate_series(1, 500) i;
SELECT event, dedup_key, payload - '{name}'::text[] AS payload, count, mail FROM test.told WHERE unread;
SELECT * FROM test.mails WHERE state = 'scheduled';
SELECT channel, events, state FROM leap.delivery_list('{"state": "scheduled"}', "user" => 'nina@example.org');
SELECT t.kind, t.queue, t.state FROM leap.deliveries d JOIN leap.tasks t ON t.id = d.task_id AND t.subject = d.id WHERE d.user_id = test.nina() AND d.state = 'scheduled';
-- it collects until a worker takes it; asked twice, it says the same
SELECT leap.raise_event(test.nina(), 'upload_failed', '{}', '{"name": "<b>Mischa</b>\u202e\r\nBcc: x@example.org", "message": "full & <shut>", "platform": "library", "hint": "free some"}', 'u');
SELECT test.at('2026-03-04 10:01+00');
CREATE TEMP TABLE sent AS SELECT test.take_mail() AS mail;
SELECT mail->>'channel' AS channel, mail->>'to' AS "to", mail->>'to_name' AS to_name, mail->>'subject' AS subject, mail->>'language' AS language, mail->'headers' AS headers,
       mail->>'message_id' ~ '^[0-9a-f-]{36}@leap\.local$' AS stable_id, (SELECT count(*) FROM jsonb_object_keys(mail)) AS keys FROM sent;
SELECT mail->>'text' FROM sent;
SELECT mail->>'html' FROM sent;
SELECT test.take_mail() = mail AS same FROM sent;
-- while it is under way a further failure waits for the next one, which comes a quarter of an hour later
SELECT leap.raise_event(test.nina(), 'automation_failed', '{}', '{"job": "nightly", "message": "no source"}', 'j');
SELECT leap.raise_event(test.nina(), 'upload_failed', '{}', '{"name": "more"}', 'u');
SELECT event, count, mail FROM test.told WHERE unread;
SELECT * FROM test.mails WHERE state <> 'cancelled';
SELECT test.end_mail();
SELECT * FROM test.mails WHERE state <> 'cancelled';
SELECT state, attempts, status, answer, seconds, error FROM leap.delivery_list('{"channel": "email", "state": ["delivered"]}', "user" => 'nina@example.org');
SELECT event, (SELECT count(*) FROM leap.delivery_list(jsonb_build_object('event', event), "user" => 'nina@example.org') d WHERE d.state = 'delivered')
FROM unnest('{upload_failed,quota_reached}'::text[]) AS event;
-- what was told and is unread is told again by mail when it has grown tenfold, or after a day
SELECT test.at('2026-03-04 10:16+00'), test.take_mail()->>'subject' AS subject;
SELECT test.end_mail();
SELECT leap.raise_event(test.nina(), 'upload_failed', '{}', '{"name": "more"}', 'u') FROM generate_series(3, 9);
SELECT count, mail FROM test.told WHERE event = 'upload_failed';
SELECT leap.raise_event(test.nina(), 'upload_failed', '{}', '{"name": "more"}', 'u');
SELECT count, mail FROM test.told WHERE event = 'upload_failed';
SELECT test.at('2026-03-04 10:17+00'), test.take_mail()->>'subject' AS subject, test.end_mail();
SELECT leap.raise_event(test.nina(), 'upload_failed', '{}', '{"name": "more"}', 'u');
SELECT count, mail FROM test.told WHERE event = 'upload_failed';
SELECT test.at('2026-03-05 10:17+00'), leap.raise_event(test.nina(), 'upload_failed', '{}', '{"name": "more"}', 'u');
SELECT count, mail FROM test.told WHERE event = 'upload_failed';
SELECT leap.mark_read(NULL, 'nina@example.org');

-- a mail that fails says so; the next message opens another
SELECT leap.raise_event(test.nina(), 'source_failed', '{}', '{"name": "c"}', 's3');
SELECT test.take_mail()->>'subject' AS subject;
SELECT leap.delivery_ended(d.id, 'failed', '{"class": "input", "code": "bad_address", "message": "there is no such mailbox", "status": 550, "answer": "550 no such user"}')
FROM leap.deliveries d WHERE d.user_id = test.nina() AND d.state = 'pending';
SELECT channel, state, status, answer, error->>'message' AS message FROM leap.delivery_list('{"state": "failed"}', "user" => 'nina@example.org');
-- and can be sent again: the same, under the same id
CREATE TEMP TABLE again AS SELECT id FROM leap.delivery_list('{"state": "failed"}', "user" => 'nina@example.org');
SELECT leap.redeliver(id) FROM again;
SELECT test.refusal(format('SELECT leap.redeliver(%L)', id)) ~ '^LP003: delivery .* is on its way$' AS refused FROM again;
SELECT d.state, leap.delivery_input(d.id)->>'message_id' = d.id || '@leap.local' AS same_id, leap.delivery_input(d.id)->>'subject' AS subject
FROM leap.deliveries d JOIN again USING (id);
SELECT test.end_mail();

-- who does not want it is not told: neither by mail, nor at all
SELECT leap.set_preference('source_failed', 'email', false, 'nina@example.org'), leap.set_preference('recording_uploaded', 'in_app', false, 'nina@example.org'),
       leap.set_preference('recording_uploaded', 'webhook', false, 'nina@example.org');
SELECT * FROM leap.preference_list('nina@example.org') WHERE NOT is_default;
SELECT leap.mark_read(NULL, 'nina@example.org');
SELECT leap.raise_event(test.nina(), e, '{}', '{"name": "d"}', 'd') FROM unnest('{source_failed,recording_uploaded}'::text[]) e;
SELECT event, dedup_key, mail FROM test.told WHERE unread;
SELECT count(*) FROM test.mails WHERE state IN ('scheduled', 'pending');
SELECT leap.set_preference('source_failed', 'email', NULL, 'nina@example.org');
SELECT leap.raise_event(test.nina(), 'source_failed', '{}', '{"name": "e"}', 'e');
SELECT leap.set_preference('source_failed', 'email', false, 'nina@example.org');
SELECT state, reason FROM test.mails OFFSET (SELECT count(*) - 1 FROM test.mails);
SELECT leap.set_preference('sun_rises', 'email', true, 'nina@example.org');
SELECT leap.set_preference('source_failed', 'pigeon', true, 'nina@example.org');

-- the list: newest first, page by page, in the user's language
SELECT leap.set_locale('ru', 'europe/moscow', 'nina@example.org');
SELECT leap.set_locale('tlh', NULL, 'nina@example.org');
SELECT leap.set_locale(NULL, 'Mars/Olympus', 'nina@example.org');
SELECT event, severity, title, count, read_at IS NULL AS unread FROM leap.notification_list('{"unread": true}', "user" => 'nina@example.org');
SELECT body FROM leap.notification_list('{"event": "upload_failed", "severity": ["error"]}', most => 1, "user" => 'nina@example.org');
SELECT count(*) AS rows, count(DISTINCT id) AS different FROM (
    WITH RECURSIVE page AS (
        (SELECT l.id, l."cursor", 1 AS n FROM leap.notification_list('{}', NULL, 2, 'nina@example.org') l)
        UNION ALL
        SELECT l.* FROM (SELECT p."cursor", p.n FROM page p ORDER BY p.n DESC) p
        CROSS JOIN LATERAL (SELECT x.id, x."cursor", p.n + 1 FROM leap.notification_list('{}', p."cursor", 1, 'nina@example.org') x) l)
    SELECT id FROM page WHERE n = 1 UNION ALL SELECT id FROM (SELECT DISTINCT id FROM page WHERE n > 1) x WHERE id NOT IN (SELECT id FROM page WHERE n = 1)) p;
SELECT count(*) FROM leap.notification_list('{}', NULL, 1000, 'nina@example.org');
SELECT * FROM leap.notification_list('{"colour": "red"}', "user" => 'nina@example.org');
SELECT * FROM leap.notification_list('{"event": "sun_rises"}', "user" => 'nina@example.org');
SELECT * FROM leap.notification_list('{}', 'nowhere', "user" => 'nina@example.org');
SELECT * FROM leap.notification_list('{}', most => 0, "user" => 'nina@example.org');

-- each tenant has his own, and nobody acts for another
UPDATE leap.users SET is_active = true WHERE email = 'nils@example.org';
BEGIN;
SELECT set_config('request.jwt.claims', jsonb_build_object('sub', (leap.find_user('nils@example.org')).id)::text, true) IS NOT NULL AS said;
CREATE TEMP TABLE hers AS SELECT array_agg(id) AS ids FROM leap.notifications WHERE user_id = test.nina();
GRANT SELECT ON hers TO leap_user;
SET LOCAL ROLE leap_user;
SELECT (SELECT count(*) FROM leap.notifications) AS seen, (SELECT count(*) FROM leap.deliveries) AS sent, (SELECT count(*) FROM leap.notification_list()) AS listed,
       leap.unread_count() AS unread, leap.mark_read(ids) AS marked FROM hers;
SAVEPOINT here;
SELECT leap.mark_read(NULL, 'nina@example.org');
ROLLBACK TO here;
UPDATE leap.notifications SET read_at = NULL;
ROLLBACK TO here;
SELECT leap.raise_event(NULL, 'source_failed', '{}', '{}');
ROLLBACK TO here;
SELECT leap.redeliver(id) FROM (SELECT '00000000-0000-7000-8000-000000000000'::uuid AS id) x;
ROLLBACK;

-- texts: every default can be rendered, and names only what there is
SELECT t.name, t.language FROM leap.default_mail_texts() t
WHERE (leap.try_render(t.subject, '{}')).rendered IS NULL OR (leap.try_render(t.body, '{}')).rendered IS NULL
   OR NOT leap.template_names(t.subject || t.body || coalesce(t.html, '')) <@ ARRAY(SELECT variable FROM leap.mail_variables());
SELECT e.event, l FROM leap.notification_events() e CROSS JOIN unnest('{en,ru}'::text[]) l
WHERE NOT EXISTS (SELECT FROM leap.default_mail_texts() t WHERE t.name = e.event AND t.language = l);
-- operators write their own, which are judged
SET ROLE leap_operator;
INSERT INTO leap.mail_texts (name, language, subject, body) VALUES ('source_failed', 'en', 'Broken: {{ name }}', 'Look at {{ nmae }}.');
INSERT INTO leap.mail_texts (name, language, subject, body) VALUES ('source_failed', 'en', E'Broken:\n{{ name }}', 'Look at {{ name }}.');
INSERT INTO leap.mail_texts (name, language, subject, body) VALUES ('source_failed', 'en', 'Broken: {{ name', 'Look at {{ name }}.');
INSERT INTO leap.mail_texts (name, language, subject, body) VALUES ('layout', 'en', 'x', '{{ items }}');
INSERT INTO leap.mail_texts (name, language, subject, body) VALUES ('source_failed', 'en', 'Broken: {{ name }}', 'Look at {{ name }}.');
UPDATE leap.mail_texts SET html = '<p class="x">Look at {{ name | escape }}.</p>';
SELECT * FROM leap.mail_text('source_failed', 'en');
RESET ROLE;
SELECT t.* FROM leap.notifications n, leap.users u, leap.notification_text(jsonb_populate_record(n, '{"payload": {"name": "<i>&"}}'), jsonb_populate_record(u, '{"language": "en"}')) t
WHERE n.user_id = u.id AND u.id = test.nina() AND n.event = 'source_failed' LIMIT 1;
SET ROLE leap_operator;
DELETE FROM leap.mail_texts;
SELECT subject FROM leap.mail_text('source_failed', 'en');
RESET ROLE;

-- mails are switched off: what would be sent is noted and not made up for
SET leap.mail = off;
SELECT leap.set_preference('source_failed', 'email', NULL, 'nina@example.org');
SELECT leap.raise_event(test.nina(), 'source_failed', '{}', '{"name": "f"}', 'f') FROM generate_series(1, 3);
SELECT state, tells, events, reason FROM test.mails WHERE state = 'suppressed';
SELECT count, mail FROM test.told WHERE dedup_key = 'f';
SET leap.mail = on;
SELECT leap.plan_left_mails();
SELECT leap.raise_event(test.nina(), 'source_failed', '{}', '{"name": "g"}', 'g');
SELECT count(*) FROM test.mails WHERE state = 'scheduled';
SET leap.mail = off;
SELECT leap.plan_left_mails();
SELECT count(*) FILTER (WHERE state = 'scheduled') AS scheduled, count(*) FILTER (WHERE state = 'suppressed') AS suppressed FROM test.mails;
SET leap.mail = on;

-- a mail nobody planned, because who should have did not come to its end, is planned by the next tick
SELECT leap.mark_read(NULL, 'nina@example.org');
UPDATE leap.notifications SET mail = true, read_at = NULL WHERE dedup_key = 'g';
SELECT leap.plan_left_mails(), leap.plan_left_mails();
SELECT count(*) FROM test.mails WHERE state = 'scheduled';
SELECT leap.mark_read(NULL, 'nina@example.org');

-- a delivery whose errand is gone keeps no other mail back for ever
SELECT leap.raise_event(test.nina(), 'source_failed', '{}', '{"name": "h"}', 'h');
DELETE FROM leap.task_ready WHERE task = (SELECT task_id FROM leap.deliveries WHERE user_id = test.nina() AND finished_at IS NULL);
DELETE FROM leap.tasks WHERE id = (SELECT task_id FROM leap.deliveries WHERE user_id = test.nina() AND finished_at IS NULL);
SELECT check_name, status, detail FROM leap.doctor() WHERE check_name IN ('mail', 'webhooks');
SELECT leap.forget_notifications() > 0 AS mended, leap.plan_left_mails() AS planned;
SELECT leap.mark_read(NULL, 'nina@example.org');

-- quotas: once a month each, read or not
SELECT leap.raise_quota_alerts(test.nina(), 'storage_bytes', 9000000000, 10000000000);
SELECT leap.mark_read(NULL, 'nina@example.org');
SELECT leap.raise_quota_alerts(test.nina(), 'storage_bytes', 9000000000, 10000000000), leap.raise_quota_alerts(test.nina(), 'storage_bytes', 12000000000, 10000000000);
SELECT event, dedup_key, count, unread, payload FROM test.told WHERE event LIKE 'quota%';
SELECT title, body FROM leap.notification_list('{"event": ["quota_warning", "quota_overage"]}', "user" => 'nina@example.org');
SELECT test.at('2026-04-01 10:00+00');
SELECT leap.raise_quota_alerts(test.nina(), 'storage_bytes', 9000000000, 10000000000);
SELECT count(*) FROM test.told WHERE event = 'quota_warning';

-- what is old is forgotten: the read and the log after 90 days, what is told once a month never within one
SELECT leap.forget_notifications() > 0 AS forgot;
SELECT test.at('2026-07-01 10:00+00');
SELECT leap.forget_notifications() > 0 AS forgot;
SELECT event, unread FROM test.told;
SELECT count(*) FROM test.mails WHERE state NOT IN ('scheduled', 'pending');
SELECT test.at('2027-05-01 10:00+00'), leap.mark_read(NULL, 'nina@example.org');
SELECT test.at('2027-09-01 10:00+00'), leap.forget_notifications() > 0 AS forgot;
SELECT count(*) FROM test.told;

-- as it was, for the tests that follow
CREATE OR REPLACE FUNCTION leap.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT now()';
RESET leap.mail;
DROP TABLE sent, again;
DELETE FROM leap.users WHERE email LIKE 'ni__@example.org';
