-- Schema api: logging in, sessions, keys, and the caller's own account.
--
-- The first seven functions are all that nobody in particular can call. They return their refusals, so that what was
-- counted stays: response.status says which it is, through any door. Tokens travel in bodies and in Authorization; only
-- the page's refresh token is a cookie, if it asks for that (68_session_cookie.sql).

DROP FUNCTION IF EXISTS api.login(text, text, boolean, text);
CREATE OR REPLACE FUNCTION api.login(email text, password text, remember_me boolean = true, device text = NULL, cookie boolean = false)
RETURNS jsonb LANGUAGE sql AS $$ SELECT CASE WHEN cookie THEN leap.tokens_by_cookie(t) ELSE t END FROM leap.login(email, password, remember_me, device) t $$;
COMMENT ON FUNCTION api.login(text, text, boolean, text, boolean) IS
'Logs in

{token_type, access_token, expires_in, refresh_token, refresh_expires_in, session, user}. remember_me: the session lasts long; device: what the user calls it; cookie: the refresh token comes as a cookie that no script can read, for pages. 401 (LP042, the same for every reason), 429 (LP044) with Retry-After.';

CREATE OR REPLACE FUNCTION api.register(email text, password text, full_name text = NULL, invitation text = NULL, timezone text = 'UTC', language text = 'en')
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.register(email, password, full_name, invitation, timezone, language) $$;
COMMENT ON FUNCTION api.register(text, text, text, text, text, text) IS
'Makes an account

201 {email, verify: whether the address must be verified before the first login}. Errors LP030; 403 (LP043) without the invitation that is needed or where nobody registers, 409 (23505) for an address that is taken, 429 (LP044).';

DROP FUNCTION IF EXISTS api.refresh(text);
CREATE OR REPLACE FUNCTION api.refresh(refresh_token text = NULL, cookie boolean = false)
RETURNS jsonb LANGUAGE sql AS $$ SELECT CASE WHEN cookie THEN leap.refresh_by_cookie() ELSE leap.refresh(refresh_token) END $$;
COMMENT ON FUNCTION api.refresh(text, boolean) IS
'The next pair of tokens

For a refresh token, which is used up by that; presenting it again ends the session. cookie: for the one in the cookie of a page. Answers as login. 401 (LP042), 403 (LP043) where another site asks by the cookie.';

CREATE OR REPLACE FUNCTION api.forgot_password(email text)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.forgot_password(email) $$;
COMMENT ON FUNCTION api.forgot_password(text) IS
'Mails a link that resets the password

If there is such an account; the answer is always {"accepted": true}. Error LP030.';

CREATE OR REPLACE FUNCTION api.reset_password(token text, new_password text)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.reset_password(token, new_password) $$;
COMMENT ON FUNCTION api.reset_password(text, text) IS
'Sets a new password by the token of a mail and ends all sessions

Error LP030; 403 (LP043) for a token that is not good, 429 (LP044).';

CREATE OR REPLACE FUNCTION api.verify_email(token text)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.verify_email(token) $$;
COMMENT ON FUNCTION api.verify_email(text) IS
'Verifies an address by the token of a mail

403 (LP043) for a token that is not good, 429 (LP044).';

CREATE OR REPLACE FUNCTION api.resend_verification(email text)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.resend_verification(email) $$;
COMMENT ON FUNCTION api.resend_verification(text) IS
'Mails another link that verifies the address

If there is such an account and it is not verified; the answer is always {"accepted": true}. Error LP030.';

GRANT EXECUTE ON FUNCTION api.login(text, text, boolean, text, boolean), api.register(text, text, text, text, text, text), api.refresh(text, boolean), api.forgot_password(text),
    api.reset_password(text, text), api.verify_email(text), api.resend_verification(text) TO leap_anon, leap_user, leap_admin;

-- sessions and keys

CREATE OR REPLACE VIEW api.sessions WITH (security_invoker = true) AS
SELECT s.id, s.device, s.user_agent, host(s.address) AS address, s.created_at, s.last_used_at, s.expires_at, s.is_current FROM leap.session_list() s;
COMMENT ON VIEW api.sessions IS
'Open sessions

DELETE ends one: its tokens are worthless at once. Not for API keys (LP043).';
COMMENT ON COLUMN api.sessions.is_current IS 'The one of this request.';
CREATE OR REPLACE TRIGGER write_through INSTEAD OF DELETE ON api.sessions FOR EACH ROW EXECUTE FUNCTION leap.write_through('session', '{}', '{}', 'end_session');

CREATE OR REPLACE VIEW api.api_keys WITH (security_invoker = true) AS
SELECT k.id, k.name, k.prefix, k.scope, k.created_at, k.expires_at, k.last_used_at, k.revoked_at FROM leap.my_api_keys() k;
COMMENT ON VIEW api.api_keys IS
'API keys

Keys of the caller for programs, revoked ones too. add_api_key makes one and shows it once; DELETE makes one worthless at once.';
COMMENT ON COLUMN api.api_keys.prefix IS 'The beginning of the key, by which people know it.';
COMMENT ON COLUMN api.api_keys.scope IS 'read, write (and read) or admin.';
COMMENT ON COLUMN api.api_keys.last_used_at IS 'To the minute.';
CREATE OR REPLACE TRIGGER write_through INSTEAD OF DELETE ON api.api_keys FOR EACH ROW EXECUTE FUNCTION leap.write_through('api_key', '{}', '{}', 'revoke_api_key');
GRANT SELECT, DELETE ON api.sessions, api.api_keys TO leap_user, leap_admin;

CREATE OR REPLACE FUNCTION api.list_sessions()
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT coalesce(jsonb_agg(to_jsonb(s)), '[]') FROM api.sessions s $$;
COMMENT ON FUNCTION api.list_sessions() IS
'The caller''s open sessions, the one used last first

[{id, device, user_agent, address, created_at, last_used_at, expires_at, is_current}]. Errors LP042, LP043.';

CREATE OR REPLACE FUNCTION api.end_session(id uuid)
RETURNS void LANGUAGE sql AS $$ SELECT leap.end_session(id) $$;
COMMENT ON FUNCTION api.end_session(uuid) IS
'Ends one of the caller''s sessions

Errors LP020, LP042, LP043.';

CREATE OR REPLACE FUNCTION api.logout()
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.drop_session_cookie(); SELECT jsonb_build_object('sessions_ended', leap.logout()) $$;
COMMENT ON FUNCTION api.logout() IS
'Ends the session of this request

{sessions_ended}. Errors LP042, LP043.';

CREATE OR REPLACE FUNCTION api.logout_all()
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.drop_session_cookie(); SELECT jsonb_build_object('sessions_ended', leap.logout_everywhere()) $$;
COMMENT ON FUNCTION api.logout_all() IS
'Ends all sessions of the caller and makes all his tokens worthless, this one too

{sessions_ended}. API keys stay. Errors LP042, LP043.';

CREATE OR REPLACE FUNCTION api.logout_others()
RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('sessions_ended', leap.logout_others()) $$;
COMMENT ON FUNCTION api.logout_others() IS
'Ends the caller''s sessions but this one

{sessions_ended}. Errors LP042, LP043.';

CREATE OR REPLACE FUNCTION api.list_api_keys()
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT coalesce(jsonb_agg(to_jsonb(k) ORDER BY k.id), '[]') FROM api.api_keys k $$;
COMMENT ON FUNCTION api.list_api_keys() IS
'The caller''s keys, revoked ones too

[{id, name, prefix, scope, created_at, expires_at, last_used_at, revoked_at}].';

CREATE OR REPLACE FUNCTION api.add_api_key(name text, scope text = 'read', expires_at timestamptz = NULL)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.add_api_key(name, scope, expires_at) $$;
COMMENT ON FUNCTION api.add_api_key(text, text, timestamptz) IS
'Makes a key for programs and shows it, as key, this once

scope: read, write or admin. Errors LP010 (50 keys), LP030, LP042, LP043.';

CREATE OR REPLACE FUNCTION api.revoke_api_key(id uuid)
RETURNS void LANGUAGE sql AS $$ SELECT leap.revoke_api_key(leap.id_in('api_keys', id)) $$;
COMMENT ON FUNCTION api.revoke_api_key(uuid) IS
'Makes a key worthless at once

Errors LP020, LP043.';

-- the account

CREATE OR REPLACE FUNCTION api.me()
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.my_account() $$;
COMMENT ON FUNCTION api.me() IS
'The caller''s account

{id, email, full_name, role, is_active, is_verified, timezone, language, can_transcribe, can_process_video, can_upload, can_export_data, unpublish_deleted, created_at, last_login_at}.';

CREATE OR REPLACE FUNCTION api.change_me(changes jsonb)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT leap.change_account(CASE jsonb_typeof(changes) WHEN 'object' THEN changes - 'current_password' ELSE changes END,
                               CASE jsonb_typeof(changes) WHEN 'object' THEN changes->>'current_password' END)
$$;
COMMENT ON FUNCTION api.change_me(jsonb) IS
'Changes the caller''s account

changes: full_name, timezone, language, unpublish_deleted (whether what is published is taken back when its recording is deleted), and, with current_password, email, which must then be verified. Returns the account. Errors LP030, 23505 for an address that is taken; 403 (LP043) for a wrong password, 429 (LP044).';

CREATE OR REPLACE FUNCTION api.delete_me(password text)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.delete_account(password) $$;
COMMENT ON FUNCTION api.delete_me(text) IS
'Ends the caller''s account for good

Runs are cancelled and recordings deleted; jobs, templates, presets, sources, webhooks, messages, sessions and keys go; nothing that is kept names a person. {deleted, recordings}. 403 (LP043) for a wrong password, 429 (LP044); LP003 for the last administrator.';

CREATE OR REPLACE FUNCTION api.change_password(current_password text, new_password text)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.change_password(current_password, new_password) $$;
COMMENT ON FUNCTION api.change_password(text, text) IS
'Changes the caller''s password and ends his other sessions

{changed}. Error LP030; 403 (LP043) for a wrong current one, 429 (LP044).';

CREATE OR REPLACE FUNCTION api.my_stats("from" date = NULL, "to" date = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.user_stats(leap.current_user_id()::text, "from", "to") $$;
COMMENT ON FUNCTION api.my_stats(date, date) IS
'What the caller has

{user, from, to, timezone, recordings {total, by_status, by_template, published, failed}, transcription_seconds, runs, storage_bytes} of the days from .. to of his time zone, both included, or of all time. Error LP030.';

CREATE OR REPLACE FUNCTION api.my_stage_stats("from" date = NULL, "to" date = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.stage_stats("from", "to", leap.current_user_id()::text) $$;
COMMENT ON FUNCTION api.my_stage_stats(date, date) IS
'How long each kind of task of the caller takes

{from, to, timezone, user, stages [{stage, kind, attempts, succeeded, failed, retried, rescued, seconds, seconds_per_lecture_hour, waiting}]}. Error LP030.';

CREATE OR REPLACE FUNCTION api.my_failure_stats("from" date = NULL, "to" date = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.failure_stats("from", "to", leap.current_user_id()::text) $$;
COMMENT ON FUNCTION api.my_failure_stats(date, date) IS
'What goes wrong for the caller, the most frequent first

{from, to, timezone, user, failures [{stage, kind, class, code, attempts, final, recordings, last_at, last_message, last_recording}]}. Error LP030.';

CREATE OR REPLACE FUNCTION api.my_quota()
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('plan', (SELECT p.name FROM leap.user_subscriptions s JOIN leap.subscription_plans p ON p.id = s.plan_id
                                       WHERE s.user_id = (SELECT leap.current_user_id()) AND s.starts_at <= now() AND (s.expires_at IS NULL OR s.expires_at > now())),
                              'quotas', (SELECT coalesce(jsonb_agg(to_jsonb(q)), '[]') FROM api.quota q))
$$;
COMMENT ON FUNCTION api.my_quota() IS
'What the caller may use and uses

{plan (null: none in force), quotas [{quota, unit, limit (null: unlimited), source, used, reserved, remaining, percent, resets_at}]}; numbers are text.';

CREATE OR REPLACE FUNCTION api.my_config()
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.my_config() $$;
COMMENT ON FUNCTION api.my_config() IS
'The caller''s settings for all recordings

{own, resolved (with his default template), defaults}.';

CREATE OR REPLACE FUNCTION api.change_my_config(changes jsonb)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.change_my_config(changes) $$;
COMMENT ON FUNCTION api.change_my_config(jsonb) IS
'Lays these settings (config_rules) over the caller''s own; null removes one

Returns my_config. Errors LP030, LP031.';

CREATE OR REPLACE FUNCTION api.reset_my_config()
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.reset_my_config() $$;
COMMENT ON FUNCTION api.reset_my_config() IS
'Forgets the caller''s settings, so that the defaults hold

Returns my_config.';

CREATE OR REPLACE FUNCTION api.my_retention()
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.retention() $$;
COMMENT ON FUNCTION api.my_retention() IS
'How long the caller keeps what

{own, resolved} in days: soft_delete_days, hard_delete_days, media_days, expire_after_days, expire_warning_days; null: no end.';

CREATE OR REPLACE FUNCTION api.change_my_retention(changes jsonb)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.change_retention(changes) $$;
COMMENT ON FUNCTION api.change_my_retention(jsonb) IS
'Changes how long the caller keeps what; null: as the system has it

Nothing expires sooner than the days of warning after the change. Returns my_retention. Error LP030 names the key and its bounds.';

GRANT EXECUTE ON FUNCTION api.my_retention(), api.change_my_retention(jsonb) TO leap_user, leap_admin;
GRANT EXECUTE ON FUNCTION api.list_sessions(), api.end_session(uuid), api.logout(), api.logout_all(), api.logout_others(), api.list_api_keys(),
    api.add_api_key(text, text, timestamptz), api.revoke_api_key(uuid), api.me(), api.change_me(jsonb), api.delete_me(text), api.change_password(text, text),
    api.my_stats(date, date), api.my_stage_stats(date, date), api.my_failure_stats(date, date), api.my_quota(), api.my_config(), api.change_my_config(jsonb),
    api.reset_my_config() TO leap_user, leap_admin;

-- what people choose from

CREATE OR REPLACE FUNCTION api.languages()
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT '{"texts": [{"code": "en", "name": "English"}, {"code": "ru", "name": "Русский"}],
             "speech": [{"code": "en", "name": "English"}, {"code": "ru", "name": "Русский"}, {"code": "de", "name": "Deutsch"}, {"code": "es", "name": "Español"}, {"code": "fr", "name": "Français"}]}'::jsonb
$$;
COMMENT ON FUNCTION api.languages() IS
'Languages

texts: those of mails and messages. speech: names for transcription.language, which takes any language tag; what is understood depends on the speech provider.';

CREATE OR REPLACE FUNCTION api.granularities()
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT '[{"name": "short", "description": "few long topics, of 5 to 40 minutes"}, {"name": "medium", "description": "topics of 4 to 20 minutes"}, {"name": "long", "description": "many short topics, of 3 to 12 minutes"}]'::jsonb
$$;
COMMENT ON FUNCTION api.granularities() IS
'How finely topics divide a lecture (transcription.granularity)

[{name, description}].';

CREATE OR REPLACE FUNCTION api.timezones()
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT jsonb_agg(z.name ORDER BY z.name) FROM pg_timezone_names z WHERE z.name !~ '^(posix|right)/' AND z.name NOT IN ('localtime', 'posixrules', 'Factory') $$;
COMMENT ON FUNCTION api.timezones() IS 'The names of the time zones there are';

CREATE OR REPLACE FUNCTION api.platforms()
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_agg(jsonb_build_object('platform', p.platform, 'target_type', p.target_type, 'publishes', p.publishes, 'title_max', p.title_max, 'title_unit', p.title_unit,
               'description_max', p.description_max, 'description_unit', p.description_unit, 'tags_max', p.tags_max, 'needs_picture', p.needs_picture) ORDER BY p.platform) FROM leap.platforms p
$$;
COMMENT ON FUNCTION api.platforms() IS
'Where lessons can be published to

[{platform, target_type, publishes (this version can), title_max, title_unit, description_max, description_unit, tags_max, needs_picture (no sound without pictures)}].';

CREATE OR REPLACE FUNCTION api.providers()
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('family', p.family, 'name', p.name, 'protocol', p.protocol, 'model', p.model, 'languages', p.languages, 'is_active', p.is_active)
                              ORDER BY p.family DESC, p.name), '[]') FROM leap.providers p
$$;
COMMENT ON FUNCTION api.providers() IS
'Who can be asked for speech and outlines (transcription.provider, transcription.outline_provider)

[{family (speech, outline), name, protocol, model, languages (null: any), is_active}].';

CREATE OR REPLACE FUNCTION api.notification_events()
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT jsonb_agg(to_jsonb(e) - 'once') FROM leap.notification_events() e $$;
COMMENT ON FUNCTION api.notification_events() IS
'What people can be told of

[{event, type (in webhooks), severity, in_app, email, webhook (by default), description}].';

GRANT EXECUTE ON FUNCTION api.languages(), api.granularities(), api.timezones(), api.platforms(), api.providers(), api.notification_events() TO leap_user, leap_admin;
