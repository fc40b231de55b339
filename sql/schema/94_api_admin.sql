-- Schema api: what administrators see and do beyond their own things. Granted to leap_admin only.
--
-- Views show the whole installation; functions name a user by id or e-mail address. Every change is in the audit log.

CREATE OR REPLACE VIEW api.admin_stuck WITH (security_invoker = true) AS
SELECT s.recording, s.name, s.status, s.task::text AS task, s.kind, s.queue, s.state, s.reason, s.remedy, s.code FROM leap.stuck s;
COMMENT ON VIEW api.admin_stuck IS
'What does not move

Recordings with a run that is not being worked on, or for very long, with the reason and what to do.';

CREATE OR REPLACE VIEW api.admin_failures WITH (security_invoker = true) AS
SELECT f.recording, f.name, f."user", f.status, f.stage, f.failed_at, f.class, f.code, f.message, f.hint, f.retry_count, f.next_attempt_at FROM leap.failures f;
COMMENT ON VIEW api.admin_failures IS
'What failed

Recordings whose last try failed, the newest first: FAILED ones need a person, the others are tried again at next_attempt_at.';

CREATE OR REPLACE VIEW api.admin_backlog WITH (security_invoker = true) AS
SELECT b.queue, b."user", b.ready, b.running, b.scheduled, b.blocked, extract(epoch FROM b.oldest_ready)::float8 AS oldest_ready_seconds FROM leap.backlog b;
COMMENT ON VIEW api.admin_backlog IS
'What waits

Tasks that have not ended, by queue and user (null: housekeeping).';

CREATE OR REPLACE VIEW api.admin_breakers WITH (security_invoker = true) AS
SELECT b.platform, b.credential, b.state, b.failures, b.opened_at, b.opened_times, b.retry_at, b.probe::text AS probe, b.paused_until, b.waiting, b.code, b.message FROM leap.breakers b;
COMMENT ON VIEW api.admin_breakers IS
'Platforms in trouble

Whether the breaker is open (no task starts until retry_at) or half open (the task probe tries), a pause the platform asked for, and how many tasks wait. No row: all is well.';

CREATE OR REPLACE VIEW api.admin_rate_limits WITH (security_invoker = true) AS
SELECT r.platform, r.scope, r."of", r."limit", extract(epoch FROM r.per)::float8 AS per_seconds, r.burst, r.tokens_now, r.next_token_at, r.waiting FROM leap.rate_status r;
COMMENT ON VIEW api.admin_rate_limits IS
'Rate limits

What is left of each, per platform and host and, by scope, per user or credential (of).';

CREATE OR REPLACE VIEW api.admin_limits WITH (security_invoker = true) AS
SELECT l."user", l.quota, l.unit, l.used::text AS used, l.reserved::text AS reserved, l."limit"::text AS "limit", l.source, l.remaining::text AS remaining, l.percent, l.resets_at FROM leap.limits l;
COMMENT ON VIEW api.admin_limits IS
'Quotas of all users

What each uses of each, the limit in force (null: unlimited); numbers are text.';

CREATE OR REPLACE VIEW api.admin_plans WITH (security_invoker = true) AS
SELECT p.id, p.name, p.display_name, p.description, p.limits, p.is_active, p.created_at,
       (SELECT count(*) FROM leap.user_subscriptions s WHERE s.plan_id = p.id) AS subscribers
FROM leap.subscription_plans p;
COMMENT ON VIEW api.admin_plans IS
'Plans

Named sets of limits. One that is not active takes no new subscribers.';
COMMENT ON COLUMN api.admin_plans.limits IS '{quota: number or "unlimited"}; what is not there is as the installation says.';

CREATE OR REPLACE VIEW api.admin_invitations WITH (security_invoker = true) AS
SELECT i.id, i.email, i.role, i.created_by, i.created_at, i.expires_at, i.used_at, i.used_by FROM leap.invitation_list() i;
COMMENT ON VIEW api.admin_invitations IS
'Invitations to register

DELETE withdraws one that was not used.';
CREATE OR REPLACE TRIGGER write_through INSTEAD OF DELETE ON api.admin_invitations FOR EACH ROW EXECUTE FUNCTION leap.write_through('invitation', '{}', '{}');

GRANT SELECT ON api.admin_stuck, api.admin_failures, api.admin_backlog, api.admin_breakers, api.admin_rate_limits, api.admin_limits, api.admin_plans TO leap_admin;
GRANT SELECT, DELETE ON api.admin_invitations TO leap_admin;

-- statistics

CREATE OR REPLACE FUNCTION api.admin_overview()
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT s.x || jsonb_build_object('total_users', s.x #> '{users,total}', 'active_users', s.x #> '{users,active}', 'total_recordings', s.x #> '{recordings,total}',
        'total_storage_gb', round((s.x->>'storage_bytes')::numeric / 1e9, 3), 'total_plans', s.x->'plans', 'exceeding_users_count', s.x->'exceeding')
    FROM (SELECT leap.platform_stats() AS x OFFSET 0) s
$$;
COMMENT ON FUNCTION api.admin_overview() IS
'The whole installation

{total_users, active_users, total_recordings, total_storage_gb, total_plans, users_by_plan, exceeding_users_count, users, recordings {total, deleted, by_status}, storage_bytes}.';

CREATE OR REPLACE FUNCTION api.admin_user_stats(exceeded_only boolean = false, plan_name text = NULL, per_page int = 20, after text = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('items', s.x->'users', 'per_page', coalesce(per_page, 20), 'next', s.x->'cursor')
    FROM (SELECT leap.users_stats(exceeded_only, plan_name, coalesce(per_page, 20), after) AS x OFFSET 0) s
$$;
COMMENT ON FUNCTION api.admin_user_stats(boolean, text, int, text) IS
'A page of users with what they use

{items [{id, email, is_active, created_at, plan, recordings, failed, last_recording_at, running, quotas {quota: {used, limit}}, exceeded}], per_page, next}; next, as after, goes on; only those who have reached a limit, or of one plan (none: without), if asked. Errors LP020 (plan), LP030.';

CREATE OR REPLACE FUNCTION api.admin_quota_stats(period text = NULL)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF period !~ '^\d{4}-?(0[1-9]|1[0-2])$' THEN
        PERFORM leap.refuse('LP030', format('"%s" is no month', left(period, 30)), 'Write it like 2026-09.');
    END IF;
    RETURN leap.quota_stats(to_date(replace(period, '-', ''), 'YYYYMM'));
END
$$;
COMMENT ON FUNCTION api.admin_quota_stats(text) IS
'What all users together use of each quota in a month (2026-09; without one the current)

{period, quotas [{quota, unit, monthly, users, used, most, limited, near, reached}]}. Error LP030.';

CREATE OR REPLACE FUNCTION api.admin_stage_stats("from" date = NULL, "to" date = NULL, "user" text = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.stage_stats("from", "to", "user") $$;
COMMENT ON FUNCTION api.admin_stage_stats(date, date, text) IS
'How long each kind of task takes, of everybody or of one user

As my_stage_stats. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION api.admin_failure_stats("from" date = NULL, "to" date = NULL, "user" text = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.failure_stats("from", "to", "user") $$;
COMMENT ON FUNCTION api.admin_failure_stats(date, date, text) IS
'What goes wrong, of everybody or of one user

As my_failure_stats. Errors LP020, LP030.';

-- users

CREATE OR REPLACE FUNCTION api.admin_list_users(search text = NULL, role text = NULL, is_active boolean = NULL, is_verified boolean = NULL, plan text = NULL,
                                                exceeded_only boolean = false, per_page int = 20, after text = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('items', s.x->'items', 'per_page', coalesce(per_page, 20), 'next', s.x->'cursor')
    FROM (SELECT leap.user_list(jsonb_strip_nulls(jsonb_build_object('search', search, 'role', role, 'is_active', is_active, 'is_verified', is_verified, 'plan', plan,
                                                               'exceeded_only', exceeded_only)), coalesce(per_page, 20), after) AS x OFFSET 0) s
$$;
COMMENT ON FUNCTION api.admin_list_users(text, text, boolean, boolean, text, boolean, int, text) IS
'A page of users in the order they were added

{items [the account, plan, recordings, exceeded], per_page, next}. search: part of address or name. next, as after, goes on; null: there are no more. Errors LP020 (plan), LP030.';

CREATE OR REPLACE FUNCTION api.admin_get_user(id text)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.get_user(id) $$;
COMMENT ON FUNCTION api.admin_get_user(text) IS
'A user and what is known of him

id may be the e-mail address. The account, config, subscription, quotas, and how many recordings, sessions and api_keys. Error LP020.';

CREATE OR REPLACE FUNCTION api.admin_add_user("user" jsonb)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.create_user("user") $$;
COMMENT ON FUNCTION api.admin_add_user(jsonb) IS
'Adds a user

user: {email, full_name, role, password, timezone, language, plan}; only email must be there. Without a password he resets it by mail. Returns admin_get_user. Errors LP020 (plan), LP030, 23505 for an address that is taken.';

CREATE OR REPLACE FUNCTION api.admin_change_user(id text, changes jsonb)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.change_user(leap.get_user(id)->>'id', changes) $$;
COMMENT ON FUNCTION api.admin_change_user(text, jsonb) IS
'Changes a user

changes: full_name, role, is_active, is_verified, can_transcribe, can_process_video, can_upload, can_export_data; a new role or an end of is_active ends his sessions. Returns the account. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION api.admin_delete_user(id text)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.delete_user(leap.get_user(id)->>'id') $$;
COMMENT ON FUNCTION api.admin_delete_user(text) IS
'Ends the account of a user for good, as delete_me does

{deleted, recordings}. Errors LP003 for the last administrator, LP020.';

CREATE OR REPLACE FUNCTION api.admin_set_password(id text, password text)
RETURNS void LANGUAGE sql AS $$ SELECT leap.set_password(leap.get_user(id)->>'id', password) $$;
COMMENT ON FUNCTION api.admin_set_password(text, text) IS
'Sets the password of a user and ends his sessions and blocks; he is told

Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION api.admin_user_quota(id text)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(q.x || jsonb_build_object('limit', q.x->>'limit', 'used', q.x->>'used', 'reserved', q.x->>'reserved', 'remaining', q.x->>'remaining') ORDER BY q.n), '[]')
    FROM jsonb_array_elements(leap.get_user(id)->'quotas') WITH ORDINALITY AS q(x, n)
$$;
COMMENT ON FUNCTION api.admin_user_quota(text) IS
'The quotas of a user

[{quota, unit, limit (null: unlimited), source, used, reserved, remaining, percent, resets_at}]; numbers are text. Error LP020.';

CREATE OR REPLACE FUNCTION api.admin_set_quota(id text, quota text, "limit" text, why text = NULL)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT q.x || jsonb_build_object('limit', q.x->>'limit', 'used', q.x->>'used', 'reserved', q.x->>'reserved', 'remaining', q.x->>'remaining')
    FROM (SELECT leap.set_quota(leap.get_user(id)->>'id', quota, "limit", why) AS x OFFSET 0) q
$$;
COMMENT ON FUNCTION api.admin_set_quota(text, text, text, text) IS
'Overrides a limit of a user

limit: a number (0 lets nothing in; bytes also as 50 GB, seconds as 20 h), "unlimited", or null to inherit again. Returns the quota; its numbers are text. Errors LP020, LP030.';

-- subscriptions and plans

CREATE OR REPLACE FUNCTION api.admin_get_subscription(id text)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    s jsonb := leap.get_user(id)->'subscription';
BEGIN
    IF s->>'plan' IS NULL THEN
        PERFORM leap.refuse('LP020', format('%s has no plan', id), 'POST gives him one.');
    END IF;
    RETURN s;
END
$$;
COMMENT ON FUNCTION api.admin_get_subscription(text) IS
'The subscription of a user

{plan, custom_limits, starts_at, expires_at, notes}. Error LP020, also for one without a plan.';

CREATE OR REPLACE FUNCTION api.admin_subscribe(id text, plan text, expires_at timestamptz = NULL, starts_at timestamptz = NULL, notes text = NULL)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.subscribe(leap.get_user(id)->>'id', plan, expires_at, starts_at, notes) $$;
COMMENT ON FUNCTION api.admin_subscribe(text, text, timestamptz, timestamptz, text) IS
'Gives a user a plan, in place of the one he has

{user, plan, starts_at, expires_at, overrides}. Overrides of single limits stay. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION api.admin_change_subscription(id text, changes jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    s jsonb := api.admin_get_subscription(id);
    said jsonb := s || CASE jsonb_typeof(changes) WHEN 'object' THEN changes ELSE '{}' END;
BEGIN
    PERFORM leap.check_keys(changes, '{plan,starts_at,expires_at,notes}', 'a subscription');
    RETURN leap.subscribe(leap.get_user(id)->>'id', said->>'plan', (said->>'expires_at')::timestamptz, (said->>'starts_at')::timestamptz, said->>'notes');
END
$$;
COMMENT ON FUNCTION api.admin_change_subscription(text, jsonb) IS
'Changes the subscription of a user

plan, starts_at, expires_at (null: never) or notes. Answers as admin_subscribe. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION api.admin_unsubscribe(id text)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.unsubscribe(leap.get_user(id)->>'id') $$;
COMMENT ON FUNCTION api.admin_unsubscribe(text) IS
'Takes the plan from a user; overrides stay

{user, plan, overrides}. Error LP020.';

CREATE OR REPLACE FUNCTION api.admin_list_plans(page int = 1, per_page int = 20, sort_by text = 'created_at', sort_order text = 'asc', search text = NULL, is_active boolean = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.page_of('admin_plans', jsonb_build_object('is_active', is_active), search, page, per_page, sort_by, sort_order) $$;
COMMENT ON FUNCTION api.admin_list_plans(int, int, text, text, text, boolean) IS
'A page of plans

{page, per_page, total, total_pages, items}. Error LP030.';

CREATE OR REPLACE FUNCTION api.admin_add_plan(plan jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM leap.check_keys(plan, '{name,limits,display_name,description,is_active}', 'a plan');
    IF EXISTS (SELECT FROM api.admin_plans p WHERE p.name = plan->>'name') THEN
        PERFORM leap.refuse_taken_name('plan', plan->>'name');
    ELSIF plan->>'name' IS NULL THEN
        PERFORM leap.refuse('LP030', 'a plan without a name', 'Say {"name": "..."}.');
    END IF;
    PERFORM leap.set_plan(plan->>'name', coalesce(nullif(plan->'limits', 'null'), '{}'), plan->>'display_name', plan->>'description', (plan->>'is_active')::boolean);
    RETURN (SELECT to_jsonb(p) FROM api.admin_plans p WHERE p.name = plan->>'name');
END
$$;
COMMENT ON FUNCTION api.admin_add_plan(jsonb) IS
'Adds a plan

plan: {name, limits {quota: number, "50 GB" or "unlimited"}, display_name, description, is_active}; name must be there. Errors LP030, 23505 name taken.';

CREATE OR REPLACE FUNCTION api.admin_change_plan(name text, changes jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM leap.check_keys(changes, '{limits,display_name,description,is_active}', 'a plan'), leap.find_plan(name);
    PERFORM leap.set_plan(name, coalesce(nullif(changes->'limits', 'null'), '{}'), changes->>'display_name', changes->>'description', (changes->>'is_active')::boolean);
    RETURN (SELECT to_jsonb(p) FROM api.admin_plans p WHERE p.name = admin_change_plan.name);
END
$$;
COMMENT ON FUNCTION api.admin_change_plan(text, jsonb) IS
'Changes a plan

changes: limits (single ones; null: as the installation says), display_name, description, is_active. It holds for its subscribers at once. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION api.admin_delete_plan(name text)
RETURNS void LANGUAGE sql AS $$ SELECT leap.delete_plan(name) $$;
COMMENT ON FUNCTION api.admin_delete_plan(text) IS
'Deletes a plan

Errors LP009 while somebody has it, LP020.';

-- invitations, queues, the machinery

CREATE OR REPLACE FUNCTION api.admin_list_invitations()
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT coalesce(jsonb_agg(to_jsonb(i) ORDER BY i.id DESC), '[]') FROM api.admin_invitations i $$;
COMMENT ON FUNCTION api.admin_list_invitations() IS
'All invitations, the newest first

[{id, email, role, created_by, created_at, expires_at, used_at, used_by}].';

CREATE OR REPLACE FUNCTION api.admin_add_invitation(email text = NULL, role text = 'user', days int = NULL)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.add_invitation(email, role, days) $$;
COMMENT ON FUNCTION api.admin_add_invitation(text, text, int) IS
'An invitation to register, good once, for so many days

{id, email, role, expires_at, invitation, url}, shown only now: who is invited sends invitation to POST /auth/register; url (null unless leap.public_url is set) is a link with it for a page of your own. Error LP030.';

CREATE OR REPLACE FUNCTION api.admin_delete_invitation(id uuid)
RETURNS void LANGUAGE sql AS $$ SELECT leap.delete_invitation(id) $$;
COMMENT ON FUNCTION api.admin_delete_invitation(uuid) IS
'Withdraws an invitation that was not used

Error LP020.';

CREATE OR REPLACE FUNCTION api.admin_queues()
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.queue_list() $$;
COMMENT ON FUNCTION api.admin_queues() IS
'The queues

[{queue, state (running, paused), paused_at, paused_by, reason, workers, places, ready, running, scheduled}].';

CREATE OR REPLACE FUNCTION api.admin_pause_queue(queue text, reason text = NULL)
RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM leap.pause_queue(queue, reason);
    RETURN (SELECT q FROM jsonb_array_elements(leap.queue_list()) q WHERE q->>'queue' = admin_pause_queue.queue);
END
$$;
COMMENT ON FUNCTION api.admin_pause_queue(text, text) IS
'Nothing of a queue is begun until it is resumed; what runs goes on

Returns the queue. Error LP030.';

DROP FUNCTION IF EXISTS api.admin_resume_queue(text);
CREATE OR REPLACE FUNCTION api.admin_resume_queue(queue text, reason text = NULL)
RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM leap.give_reason(reason);
    PERFORM leap.resume_queue(queue);
    RETURN (SELECT q FROM jsonb_array_elements(leap.queue_list()) q WHERE q->>'queue' = admin_resume_queue.queue);
END
$$;
COMMENT ON FUNCTION api.admin_resume_queue(text, text) IS
'Lets a paused queue go on

Returns the queue. Error LP030.';

DROP FUNCTION IF EXISTS api.admin_close_breaker(text, text);
CREATE OR REPLACE FUNCTION api.admin_close_breaker(platform text, credential text = NULL, reason text = NULL)
RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM leap.give_reason(reason);
    RETURN jsonb_build_object('released', leap.close_breaker(platform, credential));
END
$$;
COMMENT ON FUNCTION api.admin_close_breaker(text, text, text) IS
'Closes the breaker of a platform by hand

{released: tasks that may start}. Error LP020 if there is nothing to close.';

CREATE OR REPLACE FUNCTION api.admin_workers()
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.worker_list() $$;
COMMENT ON FUNCTION api.admin_workers() IS 'The workers that live, and those that stopped within the hour';

CREATE OR REPLACE FUNCTION api.admin_doctor()
RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_agg(to_jsonb(d)) FROM leap.doctor() d $$;
COMMENT ON FUNCTION api.admin_doctor() IS
'Checks of the database side

[{check_name, status (ok, warning, error), detail, hint}].';

GRANT EXECUTE ON FUNCTION api.admin_overview(), api.admin_user_stats(boolean, text, int, text), api.admin_quota_stats(text), api.admin_stage_stats(date, date, text),
    api.admin_failure_stats(date, date, text), api.admin_list_users(text, text, boolean, boolean, text, boolean, int, text), api.admin_get_user(text), api.admin_add_user(jsonb),
    api.admin_change_user(text, jsonb), api.admin_delete_user(text), api.admin_set_password(text, text), api.admin_user_quota(text), api.admin_set_quota(text, text, text, text),
    api.admin_get_subscription(text), api.admin_subscribe(text, text, timestamptz, timestamptz, text), api.admin_change_subscription(text, jsonb), api.admin_unsubscribe(text),
    api.admin_list_plans(int, int, text, text, text, boolean), api.admin_add_plan(jsonb), api.admin_change_plan(text, jsonb), api.admin_delete_plan(text),
    api.admin_list_invitations(), api.admin_add_invitation(text, text, int), api.admin_delete_invitation(uuid), api.admin_queues(), api.admin_pause_queue(text, text),
    api.admin_resume_queue(text, text), api.admin_close_breaker(text, text, text), api.admin_workers(), api.admin_doctor() TO leap_admin;
