-- Schema api: what the monitor and the administration of the web page show and do. Each hands on to schema leap.

CREATE OR REPLACE FUNCTION api.my_place()
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.my_place() $$;
COMMENT ON FUNCTION api.my_place() IS
'Where the caller''s work stands in the queues

{running, at_once (null: unlimited), scheduled, queues [{queue, ready, paused, served, others (people who take turns with him)}], waiting [{recording, name, task, kind, state, reason, code}]}.';

CREATE OR REPLACE FUNCTION api.task_detail(task_id bigint)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.task_in_detail(task_id) $$;
COMMENT ON FUNCTION api.task_detail(bigint) IS
'One task with its attempts

get_task and recording_name, user, input [{task_id, kind, state}] it waits for, attempts [{attempt, started_at, ended_at, seconds, outcome, worker (for administrators), error}], cancel {allowed, reason}. Administrators see those of everybody. LP020 for an unknown one.';

CREATE OR REPLACE FUNCTION api.admin_system()
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.system_state() || jsonb_build_object('at', now()) $$;
COMMENT ON FUNCTION api.admin_system() IS
'What goes on now

{at, queues, workers, tasks (what runs), running, failures (of the last hour, by class), succeeded, breakers, limits, next (bells, jobs and tasks that are due), history_to}. GET /events?topic=system tells it whenever it changes.';

CREATE OR REPLACE FUNCTION api.admin_throughput(period text = 'day')
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.throughput(period) $$;
COMMENT ON FUNCTION api.admin_throughput(text) IS
'How many attempts ended, and how long they took, over time

period: hour, day or week. {period, step, to, times [seconds since 1970], kinds [{kind, succeeded [], failed [], seconds [], waited []}]}; medians, null where nothing ended. Error LP030.';

CREATE OR REPLACE FUNCTION api.admin_failure_examples(kind text, class text, code text = NULL, per_page int = 10)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.failure_examples(kind, class, code, per_page) $$;
COMMENT ON FUNCTION api.admin_failure_examples(text, text, text, int) IS
'The last attempts that failed like this

[{at, task, attempt, outcome (failed, retried), platform, code, message, recording, recording_name, user}], the newest first, of 31 days.';

CREATE OR REPLACE FUNCTION api.admin_list_tasks(status text[] = NULL, kind text[] = NULL, queue text[] = NULL, "user" text = NULL, recording_id uuid = NULL, run_id uuid = NULL,
    from_date timestamptz = NULL, to_date timestamptz = NULL, per_page int = 20, after text = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('per_page', least(per_page, 1000), 'items', coalesce(jsonb_agg(leap.task_names(to_jsonb(t) - 'n') ORDER BY n), '[]'),
                              'next', CASE WHEN count(*) = least(per_page, 1000) THEN (array_agg(t.id ORDER BY n DESC))[1] END)
    FROM (SELECT x.*, row_number() OVER () AS n FROM leap.list_tasks("user", jsonb_strip_nulls(jsonb_build_object('status', to_jsonb(status), 'kind', to_jsonb(kind),
              'queue', to_jsonb(queue), 'recording', recording_id, 'run', run_id, 'from', from_date, 'to', to_date)), after, least(per_page, 1000)) x) t
$$;
COMMENT ON FUNCTION api.admin_list_tasks(text[], text[], text[], text, uuid, uuid, timestamptz, timestamptz, int, text) IS
'Tasks of everybody, the newest first

As list_tasks, with recording_name and user. user: only those of one. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION api.admin_cancel_task(task_id bigint, reason text = NULL)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    a jsonb;
BEGIN
    PERFORM leap.give_reason(reason);
    a := leap.cancel_task(task_id, NULL);
    RETURN jsonb_build_object('task_id', a->'task', 'cancelled', a->'cancelled', 'recording_id', a->'recording', 'run_id', a->'run', 'run_state', a->'run_state', 'message', a->'message');
END
$$;
COMMENT ON FUNCTION api.admin_cancel_task(bigint, text) IS
'Cancels a task of anybody and those that wait for it

{task_id, cancelled, recording_id, run_id, run_state, message}. reason goes into the audit log. LP003 if it has ended, LP020.';

CREATE OR REPLACE FUNCTION api.admin_operate(id uuid, operation text, reason text = NULL)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.administer(operation, id, reason) $$;
COMMENT ON FUNCTION api.admin_operate(uuid, text, text) IS
'Retries, starts (now, what was to start later), cancels, pauses, resumes or accepts a recording of anybody

{recording, message, run}. reason goes into the audit log. Errors LP003, LP020, LP030.';

CREATE OR REPLACE FUNCTION api.admin_list_stuck(per_page int = 50)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(to_jsonb(s)), '[]') FROM (
        SELECT x.*, r.hold, r.failed, u.email AS "user", (SELECT n.start_at FROM leap.runs n WHERE n.recording_id = r.id AND n.state = 'active' AND n.start_at > clock_timestamp()) AS starts_at
        FROM api.admin_stuck x JOIN leap.recordings r ON r.id = x.recording JOIN leap.users u ON u.id = r.user_id
        LIMIT least(greatest(per_page, 1), 500)) s
$$;
COMMENT ON FUNCTION api.admin_list_stuck(int) IS
'Recordings that do not move, and why

[{recording, name, user, status, hold, failed (it waits for another try), starts_at (null: it waits for no time of its own), task, kind, queue, state, reason, remedy}], at most so many (up to 500).';

CREATE OR REPLACE FUNCTION api.admin_end_sessions(id text, reason text = NULL)
RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('ended', leap.end_user_sessions(leap.get_user(id)->>'id', reason)) $$;
COMMENT ON FUNCTION api.admin_end_sessions(text, text) IS
'Signs a user out everywhere

{ended}; API keys stay good. Error LP020.';

CREATE OR REPLACE FUNCTION api.admin_outside()
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.outside_list() $$;
COMMENT ON FUNCTION api.admin_outside() IS
'Whom LEAP talks to

{public_url, apps (as what it is registered at platforms), platforms [{platform, scopes (asked for unless the app says others), document, public (an app without a password)}] where it can be, keys (of workers), credentials [{platform, all, users, needs_reauth}], providers (of speech and topics), currency}. No secret is in it.';

CREATE OR REPLACE FUNCTION api.admin_set_app(platform text, app jsonb)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.set_platform_app(platform, app) $$;
COMMENT ON FUNCTION api.admin_set_app(text, jsonb) IS
'Says as what LEAP is registered with a platform

app: {client_id, client_secret (of vk it may be left out), redirect_uri, scopes (none: those of admin_outside)}, or the file of Google; in place of what was said before. The secret is sealed and never shown. Returns the app. Errors LP003 (no key of workers), LP030.';

CREATE OR REPLACE FUNCTION api.admin_remove_app(platform text)
RETURNS void LANGUAGE sql AS $$ SELECT leap.remove_platform_app(platform) $$;
COMMENT ON FUNCTION api.admin_remove_app(text) IS
'Forgets as what LEAP is registered with a platform

Nobody connects there any more; credentials there are go on. Error LP020.';

GRANT EXECUTE ON FUNCTION
    api.admin_system, api.admin_throughput, api.admin_failure_examples, api.admin_list_tasks, api.admin_cancel_task,
    api.admin_operate, api.admin_list_stuck, api.admin_end_sessions, api.admin_outside, api.admin_set_app, api.admin_remove_app
TO leap_admin;
GRANT EXECUTE ON FUNCTION api.my_place, api.task_detail TO leap_user, leap_admin;
