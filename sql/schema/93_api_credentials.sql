-- Schema api: access to platforms, and connecting accounts. Nothing here shows the data of a credential.

CREATE OR REPLACE VIEW api.credentials WITH (security_invoker = true) AS
SELECT c.id, c.platform, c.account_name, c.facts, c.is_active, c.needs_reauth, c.reauth_reason, c.version, c.last_used_at, c.last_checked_at, c.last_error, c.created_at, c.updated_at
FROM leap.credentials c WHERE c.user_id = (SELECT leap.current_user_id());
COMMENT ON VIEW api.credentials IS
'Access to platforms

What LEAP shows to a platform in the name of the caller, without its data: nobody reads that but workers. add_credential, begin_oauth, change_credential and delete_credential change it.';
COMMENT ON COLUMN api.credentials.account_name IS 'What its owner calls it; unique for a platform.';
COMMENT ON COLUMN api.credentials.facts IS 'What is known and no secret: {kind, account, title, scopes, expires_at}.';
COMMENT ON COLUMN api.credentials.is_active IS 'One that is not is used by no task.';
COMMENT ON COLUMN api.credentials.needs_reauth IS 'The platform refused it: it is used by no task until there is new data, or a check succeeds.';
COMMENT ON COLUMN api.credentials.version IS 'Counts its contents.';

CREATE OR REPLACE VIEW api.credential_checks WITH (security_invoker = true) AS
SELECT x.id, x.credential_id, x.platform, x.action, x.task_id::text AS task_id, x.state, x.facts, x.error, x.requested_at, x.finished_at
FROM leap.credential_checks x WHERE x.user_id = (SELECT leap.current_user_id());
COMMENT ON VIEW api.credential_checks IS
'Checks of credentials

What workers tried with them in the last month.';
COMMENT ON COLUMN api.credential_checks.action IS 'check, exchange (a code for access, when an account is connected) or reseal.';
COMMENT ON COLUMN api.credential_checks.state IS 'waiting, succeeded, failed or cancelled.';

GRANT SELECT ON api.credentials, api.credential_checks TO leap_user, leap_admin;

CREATE OR REPLACE FUNCTION api.list_credentials(page int = 1, per_page int = 20, sort_by text = 'created_at', sort_order text = 'desc', search text = NULL,
                                                platform text[] = NULL, is_active boolean = NULL, needs_reauth boolean = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT leap.page_of('credentials', jsonb_build_object('platform', platform, 'is_active', is_active, 'needs_reauth', needs_reauth), search, page, per_page, sort_by, sort_order)
$$;
COMMENT ON FUNCTION api.list_credentials(int, int, text, text, text, text[], boolean, boolean) IS
'A page of the caller''s credentials

{page, per_page, total, total_pages, items}, without their data. Error LP030.';

CREATE OR REPLACE FUNCTION api.get_credential(id uuid)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.get_credential(leap.id_in('credentials', id)) $$;
COMMENT ON FUNCTION api.get_credential(uuid) IS
'A credential of the caller without its data, who uses it (used_by), its state and its last checks

state: off, needs_reauth, unchecked, failed or ok. Error LP020.';

CREATE OR REPLACE FUNCTION api.credential_fields(platform text = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'fields', (SELECT jsonb_agg(to_jsonb(f) - 'pattern') FROM leap.credential_fields() f WHERE f.platform = coalesce(credential_fields.platform, f.platform)),
        'forms', (SELECT jsonb_agg(to_jsonb(x)) FROM leap.credential_forms() x WHERE x.platform = coalesce(credential_fields.platform, x.platform)))
$$;
COMMENT ON FUNCTION api.credential_fields(text) IS
'What the data of credentials has

{fields [{platform, key, secret, type, most, allowed, comment}], forms [{platform, needs, kind, comment}]}: of a platform, or of all. All fields of one form are needed.';

CREATE OR REPLACE FUNCTION api.add_credential(platform text, account_name text, data jsonb)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.row_of('credentials', leap.add_credential(platform, account_name, data)) $$;
COMMENT ON FUNCTION api.add_credential(text, text, jsonb) IS
'Adds a credential by its data

data: credential_fields. It is sealed at once and never shown. Errors LP003 (no key), LP010, LP030, 23505 name taken.';

CREATE OR REPLACE FUNCTION api.change_credential(id uuid, changes jsonb)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.change_credential(leap.id_in('credentials', id), changes) $$;
COMMENT ON FUNCTION api.change_credential(uuid, jsonb) IS
'Changes a credential

changes: account_name, is_active, or data, which is given whole. Returns it without its data. Errors LP020, LP030, 23505.';

CREATE OR REPLACE FUNCTION api.delete_credential(id uuid, force boolean = false)
RETURNS void LANGUAGE sql AS $$ SELECT leap.delete_credential(leap.id_in('credentials', id), force) $$;
COMMENT ON FUNCTION api.delete_credential(uuid, boolean) IS
'Deletes a credential

force: also one that active presets and sources use. The platform is not told. Errors LP009, LP020.';

CREATE OR REPLACE FUNCTION api.check_credential(id uuid)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    made uuid := leap.check_credential(leap.id_in('credentials', id));
BEGIN
    RETURN leap.credential_check_status(made);
END
$$;
COMMENT ON FUNCTION api.check_credential(uuid) IS
'Has a worker try a credential

Returns the check; get_credential_check tells what became of it. Error LP020.';

CREATE OR REPLACE FUNCTION api.get_credential_check(id uuid)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.credential_check_status(leap.id_in('credential_checks', id)) $$;
COMMENT ON FUNCTION api.get_credential_check(uuid) IS
'What became of a check, or of an account that was connected

{id, credential, platform, action, task, state, facts, error, requested_at, finished_at, begun, last_try}. Error LP020.';

CREATE OR REPLACE FUNCTION api.connectable_platforms()
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT jsonb_build_object('platforms', coalesce(jsonb_agg(p), '[]'), 'sealing', leap.can_seal()) FROM leap.connectable() p $$;
COMMENT ON FUNCTION api.connectable_platforms() IS
'Platforms at whose page an account can be connected

{platforms, sealing (whether there is a key of workers: without one no credential is taken)}.';

CREATE OR REPLACE FUNCTION api.begin_oauth(platform text, account_name text)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.begin_oauth(platform, account_name) $$;
COMMENT ON FUNCTION api.begin_oauth(text, text) IS
'Begins to connect an account at the page of its platform

{authorization_url, state, expires_in}: send the person there; what he comes back with goes to finish_oauth. Errors LP003 (no app), LP010, LP030.';

-- Platforms add words of their own to the address; a word that is not here would be refused.
CREATE OR REPLACE FUNCTION api.oauth_callback(platform text, state text = NULL, code text = NULL, device_id text = NULL, error text = NULL, error_description text = NULL,
    error_uri text = NULL, error_reason text = NULL, error_subtype text = NULL, scope text = NULL, iss text = NULL, authuser text = NULL, hd text = NULL, prompt text = NULL,
    type text = NULL, expires_in text = NULL, ext_id text = NULL, cid text = NULL, session_state text = NULL, payload text = NULL)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT leap.oauth_page(platform, state, code, device_id, error, error_description)
$$;
COMMENT ON FUNCTION api.oauth_callback IS
'Where platforms send people back

A page that tells how to finish; it changes nothing. state, code, device_id and error are those of the platform, the rest is left aside.';

CREATE OR REPLACE FUNCTION api.finish_oauth(platform text, state text, code text, device_id text = NULL)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.finish_oauth(state, code, device_id) $$;
COMMENT ON FUNCTION api.finish_oauth(text, text, text, text) IS
'Connects the account that the caller began to connect

state and code, from VK a device_id too, as the platform sent them. {check, platform, account_name}: get_credential_check tells when it is there. Errors LP020 (not begun by the caller, used, or too old), LP030.';

GRANT EXECUTE ON FUNCTION
    api.list_credentials, api.get_credential, api.credential_fields, api.add_credential, api.change_credential,
    api.delete_credential, api.check_credential, api.get_credential_check, api.connectable_platforms, api.begin_oauth,
    api.oauth_callback, api.finish_oauth
TO leap_user, leap_admin;
GRANT EXECUTE ON FUNCTION api.oauth_callback TO leap_anon;
