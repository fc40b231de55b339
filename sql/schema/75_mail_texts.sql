-- What mails and lists say: a subject and a text for each event and each mail with a link, in English and Russian, and the frame of a mail.
--
-- The texts below come with the version. Who wants other words puts a row into leap.mail_texts, which wins and stays when
-- LEAP is deployed again; taking the row away brings ours back. Texts are templates (leap.render()). A text is plain: in
-- the HTML part it is escaped as a whole and its paragraphs are kept, unless its row has HTML of its own, which escapes
-- by itself ({{ name | escape }}). "layout" is what stands around the messages, its subject that of a mail with several.

CREATE OR REPLACE FUNCTION leap.mail_variables()
RETURNS TABLE (variable text, description text) LANGUAGE sql IMMUTABLE AS $$
    VALUES ('user_name', 'the full name of the user, if it is known'), ('to', 'the address of the user'),
           ('count', 'how often it happened'), ('many', 'it happened more than once'), ('at', 'when it happened last, in the time zone of the user'),
           ('first_at', 'when it happened first'), ('name', 'the name of the recording, the job, the source or the webhook'),
           ('message', 'what went wrong'), ('code', 'which error it was'), ('hint', 'what can be done'), ('platform', 'the platform it went wrong with'),
           ('url', 'where the lesson can be seen, or the link of a mail that has one'), ('quota', 'the name of the limit'), ('used', 'what is used of it'), ('limit', 'the limit'),
           ('percent', 'how much of it is used, in percent'), ('resets', 'the day on which it counts anew'),
           ('state', 'how the run of a job ended'), ('started', 'recordings it started'), ('done', 'recordings it published'),
           ('failed', 'recordings that failed'), ('held', 'recordings that wait for a person'), ('refused', 'recordings a limit refused'),
           ('unmatched', 'recordings no template fits'), ('sources_failed', 'sources that did not answer'),
           ('from', 'the first day of a summary'), ('until', 'the last day of a summary; how long a link is good'), ('published', 'recordings published in that time'),
           ('waiting', 'recordings that wait for a person now'), ('published_list', 'their names, a line each'), ('failed_list', 'names and reasons, a line each'),
           ('recordings', 'how many recordings it is about'), ('expires', 'when the first of them is deleted, in the time zone of the user'),
           ('waiting_list', 'names and reasons, a line each'), ('quota_list', 'the limits that are nearly used, a line each'),
           ('items', 'the messages of a mail; in the layout only'), ('first', 'the subject of the first message; in the layout only'),
           ('others', 'how many messages a mail has beside the first; in the layout only'), ('more', 'how many more there are than the mail tells; in the layout only')
$$;
COMMENT ON FUNCTION leap.mail_variables() IS 'The variables of mail texts; what an event has nothing to say of is empty.';

CREATE OR REPLACE FUNCTION leap.default_mail_texts()
RETURNS TABLE (name text, language text, subject text, body text, html text) LANGUAGE sql IMMUTABLE AS $texts$
    VALUES
('layout', 'en', '{{ first }}{% if others %} (and {{ others }} more {% if others == 1 %}message{% else %}messages{% endif %}){% endif %}',
'Hello{% if user_name %} {{ user_name }}{% endif %},

{{ items }}
{% if more %}
There is more: {{ more }} further messages wait for you in LEAP.
{% endif %}
--
You get this mail because LEAP notifies {{ to }}. In your notification settings you choose what you are told and how.',
'<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"></head>
<body style="margin:0;padding:24px;background:#f4f5f7;color:#1c1e21;font:16px/1.5 sans-serif">
<div style="max-width:600px;margin:0 auto;padding:24px;background:#ffffff;border-radius:8px">
<p>Hello{% if user_name %} {{ user_name | escape }}{% endif %},</p>
{{ items }}
{% if more %}<p>There is more: {{ more }} further messages wait for you in LEAP.</p>{% endif %}
<p style="margin-top:32px;padding-top:16px;border-top:1px solid #dddfe2;color:#65676b;font-size:13px">You get this mail because LEAP notifies {{ to | escape }}. In your notification settings you choose what you are told and how.</p>
</div></body></html>'),

('layout', 'ru', '{{ first }}{% if others %} (и ещё сообщений: {{ others }}){% endif %}',
'Здравствуйте{% if user_name %}, {{ user_name }}{% endif %}!

{{ items }}
{% if more %}
Это не всё: в LEAP вас ждут и другие сообщения ({{ more }}).
{% endif %}
--
Вы получили это письмо, потому что LEAP отправляет уведомления на адрес {{ to }}. О чём и как вам сообщать, можно выбрать в настройках уведомлений.',
'<!DOCTYPE html>
<html lang="ru"><head><meta charset="utf-8"></head>
<body style="margin:0;padding:24px;background:#f4f5f7;color:#1c1e21;font:16px/1.5 sans-serif">
<div style="max-width:600px;margin:0 auto;padding:24px;background:#ffffff;border-radius:8px">
<p>Здравствуйте{% if user_name %}, {{ user_name | escape }}{% endif %}!</p>
{{ items }}
{% if more %}<p>Это не всё: в LEAP вас ждут и другие сообщения ({{ more }}).</p>{% endif %}
<p style="margin-top:32px;padding-top:16px;border-top:1px solid #dddfe2;color:#65676b;font-size:13px">Вы получили это письмо, потому что LEAP отправляет уведомления на адрес {{ to | escape }}. О чём и как вам сообщать, можно выбрать в настройках уведомлений.</p>
</div></body></html>'),

('processing_failed', 'en', '{% if many %}{{ count }} recordings could not be processed{% else %}“{{ name }}” could not be processed{% endif %}',
'{% if many %}LEAP could not process {{ count }} recordings, the first of them “{{ name }}”. All of them failed in the same way.{% else %}LEAP could not process the recording “{{ name }}”.{% endif %}

What happened: {{ message }}{% if hint %}
What you can do: {{ hint }}{% endif %}

LEAP will not try again by itself. When the cause is gone, retry {% if many %}the recordings{% else %}the recording{% endif %}.', NULL),
('processing_failed', 'ru', '{% if many %}Не удалось обработать записи: {{ count }}{% else %}Не удалось обработать запись «{{ name }}»{% endif %}',
'{% if many %}Не удалось обработать записи ({{ count }}), первая из них – «{{ name }}». Причина у всех одна.{% else %}Не удалось обработать запись «{{ name }}».{% endif %}

Что случилось: {{ message }}{% if hint %}
Что можно сделать: {{ hint }}{% endif %}

Сам LEAP больше пробовать не будет. Когда причина исчезнет, запустите {% if many %}записи{% else %}запись{% endif %} ещё раз.', NULL),

('transcription_failed', 'en', '{% if many %}{{ count }} recordings could not be transcribed{% else %}“{{ name }}” could not be transcribed{% endif %}',
'{% if many %}LEAP could not transcribe {{ count }} recordings, the first of them “{{ name }}”. All of them failed in the same way.{% else %}LEAP could not transcribe the recording “{{ name }}”.{% endif %}

What happened: {{ message }}{% if hint %}
What you can do: {{ hint }}{% endif %}

The video that was made so far is kept. When the cause is gone, retry: the work goes on from there.', NULL),
('transcription_failed', 'ru', '{% if many %}Не удалось расшифровать записи: {{ count }}{% else %}Не удалось расшифровать запись «{{ name }}»{% endif %}',
'{% if many %}Не удалось расшифровать записи ({{ count }}), первая из них – «{{ name }}». Причина у всех одна.{% else %}Не удалось расшифровать запись «{{ name }}».{% endif %}

Что случилось: {{ message }}{% if hint %}
Что можно сделать: {{ hint }}{% endif %}

Готовое видео сохранено. Когда причина исчезнет, запустите {% if many %}записи{% else %}запись{% endif %} ещё раз: работа продолжится с этого места.', NULL),

('upload_failed', 'en', '{% if many %}{{ count }} recordings could not be published{% else %}“{{ name }}” could not be published{% endif %}{% if platform %} ({{ platform }}){% endif %}',
'{% if many %}LEAP could not publish {{ count }} recordings, the first of them “{{ name }}”. All of them failed in the same way.{% else %}LEAP could not publish the recording “{{ name }}”.{% endif %}

Where: {{ platform | default("–") }}
What happened: {{ message }}{% if hint %}
What you can do: {{ hint }}{% endif %}

Everything is ready and kept, and what is published elsewhere stays published. When the cause is gone, retry: only this upload is done again.', NULL),
('upload_failed', 'ru', '{% if many %}Не удалось опубликовать записи: {{ count }}{% else %}Не удалось опубликовать запись «{{ name }}»{% endif %}{% if platform %} ({{ platform }}){% endif %}',
'{% if many %}Не удалось опубликовать записи ({{ count }}), первая из них – «{{ name }}». Причина у всех одна.{% else %}Не удалось опубликовать запись «{{ name }}».{% endif %}

Где: {{ platform | default("–") }}
Что случилось: {{ message }}{% if hint %}
Что можно сделать: {{ hint }}{% endif %}

Всё готовое сохранено, а то, что уже опубликовано на других площадках, остаётся там. Когда причина исчезнет, запустите {% if many %}записи{% else %}запись{% endif %} ещё раз: повторится только эта публикация.', NULL),

('credential_expired', 'en', '{{ platform | default("A platform") }} asks you to sign in again',
'{{ platform | default("A platform") }} no longer accepts the access you gave LEAP. {% if many %}{{ count }} recordings wait for it, the first of them “{{ name }}”.{% else %}{% if name %}The recording “{{ name }}” waits for it.{% endif %}{% endif %}

What the platform said: {{ message }}{% if hint %}
What you can do: {{ hint }}{% endif %}

Connect the account again and retry {% if many %}the recordings{% else %}the recording{% endif %}. Until then LEAP leaves the platform alone.', NULL),
('credential_expired', 'ru', 'Нужно заново подключить: {{ platform | default("площадка") }}',
'Площадка ({{ platform | default("без названия") }}) больше не принимает доступ, который вы дали LEAP. {% if many %}Из-за этого ждут записи: {{ count }}, первая из них – «{{ name }}».{% else %}{% if name %}Из-за этого ждёт запись «{{ name }}».{% endif %}{% endif %}

Ответ площадки: {{ message }}{% if hint %}
Что можно сделать: {{ hint }}{% endif %}

Подключите учётную запись ещё раз и повторите публикацию. До тех пор LEAP не будет обращаться к этой площадке.', NULL),

('automation_failed', 'en', 'The automation “{{ name }}” failed{% if many %} {{ count }} times{% endif %}',
'The automation “{{ name }}” failed{% if many %} {{ count }} times, the last time{% endif %} at {{ at }}.

What happened: {{ message }}{% if failed_list %}:
{{ failed_list }}{% endif %}{% if hint %}
What you can do: {{ hint }}{% endif %}

The history of the job shows every run, and the job itself when it starts next.', NULL),
('automation_failed', 'ru', 'Сбой автоматизации «{{ name }}»{% if many %} (сбоев: {{ count }}){% endif %}',
'Автоматизация «{{ name }}» завершилась с ошибкой{% if many %}, таких запусков уже {{ count }}{% endif %}. Последний сбой: {{ at }}.

{% if code == "recordings_failed" %}Что случилось: ни одну из начатых записей не удалось обработать:
{{ failed_list }}
Что можно сделать: причина указана у каждой записи. Когда она исчезнет, запустите записи ещё раз.{% elif code == "sources_failed" %}Что случилось: ни один источник не ответил. {{ message }}
Что можно сделать: проверьте адреса источников и доступ к ним. Ответ каждого из них показан в запуске.{% elif code == "no_template" %}Что случилось: у задания нет ни одного активного шаблона.
Что можно сделать: включите шаблон (не черновик) или укажите в задании другие.{% elif code == "no_source" %}Что случилось: ни один из источников задания не включён.
Что можно сделать: включите хотя бы один или измените список источников задания.{% else %}Что случилось: {{ message }}{% if hint %}
Что можно сделать: {{ hint }}{% endif %}{% endif %}

Все запуски видны в истории задания, время следующего – в самом задании.', NULL),

('automation_completed', 'en', 'The automation “{{ name }}” is done{% if state == "partial" %}, not everything went well{% endif %}',
'The automation “{{ name }}” is done ({{ at }}).

Recordings started: {{ started | default("0") }}
Published: {{ done | default("0") }}{% if failed %}
Failed: {{ failed }}{% endif %}{% if held %}
Waiting for you: {{ held }}{% endif %}{% if refused %}
Refused by a limit: {{ refused }}{% endif %}{% if unmatched %}
Without a fitting template: {{ unmatched }}{% endif %}{% if sources_failed %}
Sources that did not answer: {{ sources_failed }}{% endif %}', NULL),
('automation_completed', 'ru', 'Автоматизация «{{ name }}» завершена{% if state == "partial" %}, но не всё удалось{% endif %}',
'Автоматизация «{{ name }}» завершена ({{ at }}).

Запущено записей: {{ started | default("0") }}
Опубликовано: {{ done | default("0") }}{% if failed %}
Не удалось: {{ failed }}{% endif %}{% if held %}
Ждут вашего решения: {{ held }}{% endif %}{% if refused %}
Отклонено из-за лимита: {{ refused }}{% endif %}{% if unmatched %}
Без подходящего шаблона: {{ unmatched }}{% endif %}{% if sources_failed %}
Источники, которые не ответили: {{ sources_failed }}{% endif %}', NULL),

('source_failed', 'en', 'The source “{{ name }}” cannot be read',
'LEAP could not ask the source “{{ name }}” for new recordings ({{ at }}).

What happened: {{ message }}{% if hint %}
What you can do: {{ hint }}{% endif %}

New recordings of this source will not come in until that is mended. You hear of it again if something else breaks.', NULL),
('source_failed', 'ru', 'Источник «{{ name }}» недоступен',
'LEAP не смог проверить, есть ли в источнике «{{ name }}» новые записи ({{ at }}).

Что случилось: {{ message }}{% if hint %}
Что можно сделать: {{ hint }}{% endif %}

Пока это не исправлено, новые записи из этого источника не поступают. Следующее сообщение придёт, только если сломается что-то ещё.', NULL),

('recording_uploaded', 'en', '“{{ name }}” is published',
'The recording “{{ name }}” is published.{% if url %}

{{ url }}{% endif %}', NULL),
('recording_uploaded', 'ru', 'Запись «{{ name }}» опубликована',
'Запись «{{ name }}» опубликована.{% if url %}

{{ url }}{% endif %}', NULL),

('recordings_expiring', 'en', '{% if recordings == 1 %}“{{ name }}” will be deleted{% else %}{{ recordings }} recordings will be deleted{% endif %}',
'{% if recordings == 1 %}The recording “{{ name }}” has come to the end of the time you set and will be deleted at {{ expires }}.{% else %}{{ recordings }} recordings have come to the end of the time you set; the first of them, “{{ name }}”, will be deleted at {{ expires }}.{% endif %}

Say of a recording that it is not to expire if you want to keep it. What was deleted can be restored for a while.', NULL),
('recordings_expiring', 'ru', '{% if recordings == 1 %}Запись «{{ name }}» будет удалена{% else %}Будет удалено записей: {{ recordings }}{% endif %}',
'{% if recordings == 1 %}Срок хранения записи «{{ name }}», который вы задали, истекает: она будет удалена {{ expires }}.{% else %}Срок хранения, который вы задали, истекает у записей: {{ recordings }}. Первой будет удалена «{{ name }}» — {{ expires }}.{% endif %}

Если запись нужна, укажите, что у неё нет срока. Удалённую запись можно ещё некоторое время восстановить.', NULL),

('password_reset', 'en', 'A new password for LEAP',
'Hello{% if user_name %} {{ user_name }}{% endif %},

somebody, most likely you, wants to set a new password for the LEAP account of {{ to }}. This link does it:

{{ url }}

It is good once, until {{ until }}. If it was not you, do nothing: the password stays as it is.', NULL),
('password_reset', 'ru', 'Новый пароль для LEAP',
'Здравствуйте{% if user_name %}, {{ user_name }}{% endif %}!

Кто-то, скорее всего вы, хочет задать новый пароль для учётной записи LEAP {{ to }}. Это можно сделать по ссылке:

{{ url }}

Она действует один раз, до {{ until }}. Если это были не вы, ничего не делайте: пароль останется прежним.', NULL),

('address_verification', 'en', 'Please verify your address for LEAP',
'Hello{% if user_name %} {{ user_name }}{% endif %},

there is a LEAP account with the address {{ to }}. Follow this link to show that the address is yours:

{{ url }}

It is good once, until {{ until }}. If you did not register, do nothing.', NULL),
('address_verification', 'ru', 'Подтвердите свой адрес для LEAP',
'Здравствуйте{% if user_name %}, {{ user_name }}{% endif %}!

С адресом {{ to }} создана учётная запись LEAP. Перейдите по ссылке, чтобы подтвердить, что адрес ваш:

{{ url }}

Она действует один раз, до {{ until }}. Если вы не регистрировались, ничего не делайте.', NULL),

('quota_warning', 'en', 'You have used {{ percent }} % of a limit: {{ quota }}',
'You have used {{ used }} of {{ limit }} ({{ quota }}).

When the limit is reached, new work waits or is refused; what is running goes on.{% if resets %} It counts anew on {{ resets }} (UTC).{% else %} Delete what you no longer need, or ask your administrator for more.{% endif %}', NULL),
('quota_warning', 'ru', 'Использовано {{ percent }} % лимита: {{ quota }}',
'Использовано {{ used }} из {{ limit }} ({{ quota }}).

Когда лимит закончится, новые задачи будут ждать или получат отказ; то, что уже выполняется, продолжится.{% if resets %} Новый отсчёт начнётся {{ resets }} (UTC).{% else %} Удалите ненужное или попросите администратора увеличить лимит.{% endif %}', NULL),

('quota_reached', 'en', 'You have reached a limit: {{ quota }}',
'You have used {{ used }} of {{ limit }} ({{ quota }}).

New work of this kind waits or is refused from now on; what is running goes on, and nothing is lost.{% if resets %} It counts anew on {{ resets }} (UTC).{% else %} Delete what you no longer need, or ask your administrator for more.{% endif %}', NULL),
('quota_reached', 'ru', 'Лимит исчерпан: {{ quota }}',
'Использовано {{ used }} из {{ limit }} ({{ quota }}).

Новые задачи этого вида теперь ждут или получают отказ; то, что уже выполняется, продолжится, и ничего не потеряется.{% if resets %} Новый отсчёт начнётся {{ resets }} (UTC).{% else %} Удалите ненужное или попросите администратора увеличить лимит.{% endif %}', NULL),

('quota_overage', 'en', 'You are over a limit: {{ quota }}',
'You have used {{ used }} where {{ limit }} are allowed ({{ quota }}). That happens when work that had begun needed more than was left, or when the limit was lowered.

Nothing is taken away, but nothing new is accepted.{% if resets %} It counts anew on {{ resets }} (UTC).{% else %} Delete what you no longer need, or ask your administrator for more.{% endif %}', NULL),
('quota_overage', 'ru', 'Лимит превышен: {{ quota }}',
'Использовано {{ used }} при лимите {{ limit }} ({{ quota }}). Так бывает, если начатая работа потребовала больше, чем оставалось, или если лимит уменьшили.

Ничего не удаляется, но новое не принимается.{% if resets %} Новый отсчёт начнётся {{ resets }} (UTC).{% else %} Удалите ненужное или попросите администратора увеличить лимит.{% endif %}', NULL),

('security_alert', 'en', 'Security of your LEAP account: {{ message }}',
'Something happened to your account ({{ to }}).

What happened: {{ message }}
Where: {{ name }}
When: {{ at }}

If that was you, nothing needs to be done. If not, change your password and end the other sessions.', NULL),
('security_alert', 'ru', 'Безопасность вашей учётной записи LEAP',
'С вашей учётной записью ({{ to }}) кое-что произошло.

Что случилось: {{ message }}
Где: {{ name }}
Когда: {{ at }}

Если это были вы, делать ничего не нужно. Если нет, смените пароль и завершите другие сеансы.', NULL),

('webhook_disabled', 'en', 'The webhook “{{ name }}” was switched off',
'LEAP no longer sends events to the webhook “{{ name }}”.

What happened: {{ message }}{% if hint %}
What you can do: {{ hint }}{% endif %}

What was not delivered is in the delivery log and can be sent again.', NULL),
('webhook_disabled', 'ru', 'Вебхук «{{ name }}» отключён',
'LEAP больше не отправляет события на вебхук «{{ name }}».

Что случилось: {{ message }}{% if hint %}
Что можно сделать: {{ hint }}{% endif %}

Недоставленные события остались в журнале доставок, их можно отправить ещё раз.', NULL),

('daily_summary', 'en', 'Your day in LEAP: {{ published | default("0") }} published{% if failed %}, {{ failed }} failed{% endif %}{% if waiting %}, {{ waiting }} waiting for you{% endif %}',
'{{ from }}{% if published %}

Published: {{ published }}
{{ published_list }}{% endif %}{% if failed %}

Failed: {{ failed }}
{{ failed_list }}{% endif %}{% if waiting %}

Waiting for your decision: {{ waiting }}
{{ waiting_list }}{% endif %}{% if quota_list %}

Limits that are nearly used
{{ quota_list }}{% endif %}', NULL),
('daily_summary', 'ru', 'День в LEAP: опубликовано {{ published | default("0") }}{% if failed %}, не удалось {{ failed }}{% endif %}{% if waiting %}, ждут вас {{ waiting }}{% endif %}',
'{{ from }}{% if published %}

Опубликовано: {{ published }}
{{ published_list }}{% endif %}{% if failed %}

Не удалось: {{ failed }}
{{ failed_list }}{% endif %}{% if waiting %}

Ждут вашего решения: {{ waiting }}
{{ waiting_list }}{% endif %}{% if quota_list %}

Лимиты на исходе
{{ quota_list }}{% endif %}', NULL),

('weekly_summary', 'en', 'Your week in LEAP: {{ published | default("0") }} published{% if failed %}, {{ failed }} failed{% endif %}{% if waiting %}, {{ waiting }} waiting for you{% endif %}',
'{{ from }} – {{ until }}{% if published %}

Published: {{ published }}
{{ published_list }}{% endif %}{% if failed %}

Failed: {{ failed }}
{{ failed_list }}{% endif %}{% if waiting %}

Waiting for your decision: {{ waiting }}
{{ waiting_list }}{% endif %}{% if quota_list %}

Limits that are nearly used
{{ quota_list }}{% endif %}', NULL),
('weekly_summary', 'ru', 'Неделя в LEAP: опубликовано {{ published | default("0") }}{% if failed %}, не удалось {{ failed }}{% endif %}{% if waiting %}, ждут вас {{ waiting }}{% endif %}',
'{{ from }} – {{ until }}{% if published %}

Опубликовано: {{ published }}
{{ published_list }}{% endif %}{% if failed %}

Не удалось: {{ failed }}
{{ failed_list }}{% endif %}{% if waiting %}

Ждут вашего решения: {{ waiting }}
{{ waiting_list }}{% endif %}{% if quota_list %}

Лимиты на исходе
{{ quota_list }}{% endif %}', NULL)
$texts$;
COMMENT ON FUNCTION leap.default_mail_texts() IS
'The texts that come with LEAP: an event or layout, the language, subject, plain text, and HTML where it is not made from the text.';

CREATE OR REPLACE FUNCTION leap.known_mail_text(name text)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT name IN ('layout', 'password_reset', 'address_verification') OR leap.known_event(name) $$;
COMMENT ON FUNCTION leap.known_mail_text(text) IS 'Whether there is a text of this name: layout, a mail with a link, or an event.';

CREATE TABLE IF NOT EXISTS leap.mail_texts (
    name       text NOT NULL,
    language   text NOT NULL CHECK (language IN ('en', 'ru')),
    subject    text NOT NULL,
    body       text NOT NULL,
    html       text,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    PRIMARY KEY (name, language),
    CONSTRAINT known_text CHECK (leap.known_mail_text(name)),
    CHECK (name <> 'layout' OR html IS NOT NULL)
);
-- databases of the first months knew events only
DO $$
DECLARE
    old name := (SELECT c.conname FROM pg_constraint c WHERE c.conrelid = 'leap.mail_texts'::regclass AND pg_get_constraintdef(c.oid) LIKE '%known_event%');
BEGIN
    IF old IS NOT NULL THEN
        EXECUTE format('ALTER TABLE leap.mail_texts DROP CONSTRAINT %I, ADD CONSTRAINT known_text CHECK (leap.known_mail_text(name))', old);
    END IF;
END
$$;
COMMENT ON TABLE leap.mail_texts IS
'Texts of mails that operators want otherwise than leap.default_mail_texts(); without a row the default holds. html null: made from the text.';

CREATE OR REPLACE FUNCTION leap.check_mail_text()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    known text[] := ARRAY(SELECT v.variable FROM leap.mail_variables() v);
BEGIN
    PERFORM leap.check_text_template(NEW.subject, false, known, format('the subject of %s (%s)', NEW.name, NEW.language)),
            leap.check_text_template(NEW.body, false, known, format('the text of %s (%s)', NEW.name, NEW.language)),
            leap.check_text_template(NEW.html, false, known, format('the HTML of %s (%s)', NEW.name, NEW.language));
    IF NEW.subject ~ '[[:cntrl:]]' OR NEW.subject !~ '\S' THEN
        PERFORM leap.refuse('LP030', format('the subject of %s (%s) is not one line of text', NEW.name, NEW.language), 'Write it without line ends and tabs.');
    END IF;
    NEW.changed_at := leap.clock();
    NEW.changed_by := session_user;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER check_mail_text BEFORE INSERT OR UPDATE ON leap.mail_texts
    FOR EACH ROW EXECUTE FUNCTION leap.check_mail_text();
CREATE OR REPLACE TRIGGER audit_tuning AFTER INSERT OR UPDATE OR DELETE ON leap.mail_texts
    FOR EACH ROW EXECUTE FUNCTION leap.audit_tuning();

CREATE OR REPLACE FUNCTION leap.mail_text(name text, language text, OUT subject text, OUT body text, OUT html text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    SELECT coalesce(m.subject, d.subject), coalesce(m.body, d.body), CASE WHEN m.name IS NOT NULL THEN m.html ELSE d.html END
    INTO subject, body, html
    FROM leap.default_mail_texts() d LEFT JOIN leap.mail_texts m ON m.name = d.name AND m.language = d.language
    WHERE d.name = mail_text.name AND d.language = mail_text.language;
END
$$;
COMMENT ON FUNCTION leap.mail_text(text, text) IS 'The texts in force for an event, or for layout, in a language: the operators'' or ours.';
