-- Schema api: the audit log. Everybody sees what he did and what was done to his account, administrators all of it.

CREATE OR REPLACE FUNCTION api.my_activity(per_page int = 20, after text = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('items', coalesce(jsonb_agg(to_jsonb(a) - '{cursor,place}'::text[] ORDER BY a.place), '[]'),
                              'per_page', coalesce(per_page, 20), 'next', CASE WHEN count(*) = coalesce(per_page, 20) THEN (array_agg(a."cursor" ORDER BY a.place DESC))[1] END)
    FROM leap.activity(after, coalesce(per_page, 20)) WITH ORDINALITY
         AS a(id, "timestamp", action, resource_type, resource_id, resource_name, result, by_me, ip_address, user_agent, details, "cursor", place)
$$;
COMMENT ON FUNCTION api.my_activity(int, text) IS
'What the caller did, and what was done to his account

{items [{id, timestamp, action, resource_type, resource_id, resource_name (what it was called; null for what others did or was refused), result, by_me, ip_address, user_agent, details}], per_page, next}, the newest first. next, as after, goes on; null: there are no more. Error LP030.';
GRANT EXECUTE ON FUNCTION api.my_activity(int, text) TO leap_user, leap_admin;

CREATE OR REPLACE FUNCTION api.admin_audit(user_id text = NULL, action text[] = NULL, resource_type text[] = NULL, resource_id text = NULL, result text[] = NULL, address text = NULL,
                                           from_date text = NULL, to_date text = NULL, per_page int = 20, after text = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('items', coalesce(jsonb_agg(to_jsonb(a) - '{cursor,place}'::text[] ORDER BY a.place), '[]'),
                              'per_page', coalesce(per_page, 20), 'next', CASE WHEN count(*) = coalesce(per_page, 20) THEN (array_agg(a."cursor" ORDER BY a.place DESC))[1] END)
    FROM leap.audit_list(jsonb_strip_nulls(jsonb_build_object('user', user_id, 'action', action, 'resource_type', resource_type, 'resource_id', resource_id, 'result', result,
             'address', address, 'from', from_date, 'to', to_date)), admin_audit.after, coalesce(per_page, 20)) WITH ORDINALITY
         AS a(id, "timestamp", user_id, "user", who, action, resource_type, resource_id, resource_name, result, ip_address, user_agent, before, after, why, details, "cursor", place)
$$;
COMMENT ON FUNCTION api.admin_audit(text, text[], text[], text, text[], text, text, text, int, text) IS
'The audit log

{items [{id, timestamp, user_id, user, who, action, resource_type, resource_id, resource_name (what it was called then), result, ip_address, user_agent, before, after, why, details}], per_page, next}, the newest first. user_id: id or e-mail address of who did it; address: one or a network; from_date, to_date: times. next, as after, goes on; null: there are no more. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION api.admin_user_events(id text, per_page int = 20, after text = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT api.admin_audit(user_id => id, per_page => per_page, after => after) $$;
COMMENT ON FUNCTION api.admin_user_events(text, int, text) IS
'What a user did

admin_audit of him, also of one who is gone. Errors LP020, LP030.';

DROP FUNCTION IF EXISTS api.admin_audit_export(jsonb, text);
CREATE OR REPLACE FUNCTION api.admin_audit_export(filters jsonb = '{}', format text = 'csv')
RETURNS TABLE (id text, "timestamp" text, user_id text, who text, action text, resource_type text, resource_id text, result text,
               ip_address text, user_agent text, before text, after text, why text, details text, resource_name text) LANGUAGE sql AS $$
    SELECT * FROM leap.audit_export(filters, format)
$$;
COMMENT ON FUNCTION api.admin_audit_export(jsonb, text) IS
'All entries of the audit log that match

The oldest first, every column as text; ask for text/csv or JSON. filters: {user, action, resource_type, resource_id, result, address, from, to}; format csv: what a spreadsheet would take for a formula has a quote in front; json: as it is. It is noted in the log itself. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION api.admin_audit_file(filters jsonb = '{}', format text = 'csv')
RETURNS text LANGUAGE sql AS $$ SELECT leap.export_reply(leap.audit_file(filters, format), format, 'audit') $$;
COMMENT ON FUNCTION api.admin_audit_file(jsonb, text) IS
'The audit log as a file

As csv or json: the entries of admin_audit_export; the answer is the file. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION api.admin_audit_head()
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.audit_head() $$;
COMMENT ON FUNCTION api.admin_audit_head() IS
'The newest seal of the audit log

{seal, head, up_to, sealed_at}. Keep the head elsewhere: admin_audit_verify proves later that nothing it covers was changed.';

CREATE OR REPLACE FUNCTION api.admin_audit_verify(head text = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.audit_verify(head) $$;
COMMENT ON FUNCTION api.admin_audit_verify(text) IS
'Computes all seals of the audit log again

{ok, broken, seals, entries, head, unsealed, aged_out_before}. head: one that was kept must be in the chain.';

GRANT EXECUTE ON FUNCTION api.admin_audit(text, text[], text[], text, text[], text, text, text, int, text), api.admin_user_events(text, int, text),
    api.admin_audit_export(jsonb, text), api.admin_audit_file(jsonb, text), api.admin_audit_head(), api.admin_audit_verify(text) TO leap_admin;

