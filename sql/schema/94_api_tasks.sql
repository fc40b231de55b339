-- Schema api: tasks, and what errors mean.

CREATE OR REPLACE FUNCTION api.list_tasks(status text[] = NULL, kind text[] = NULL, queue text[] = NULL, recording_id uuid = NULL, run_id uuid = NULL,
    from_date timestamptz = NULL, to_date timestamptz = NULL, per_page int = 20, after text = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('per_page', least(per_page, 1000), 'items', coalesce(jsonb_agg(leap.task_reply(to_jsonb(t)) ORDER BY n), '[]'),
                              'next', CASE WHEN count(*) = least(per_page, 1000) THEN (array_agg(t.id ORDER BY n DESC))[1] END)
    FROM (SELECT x.*, row_number() OVER () AS n FROM leap.list_tasks(leap.current_user_id()::text, jsonb_strip_nulls(jsonb_build_object('status', to_jsonb(status), 'kind', to_jsonb(kind),
              'queue', to_jsonb(queue), 'recording', recording_id, 'run', run_id, 'from', from_date, 'to', to_date)), after, least(per_page, 1000)) x) t
$$;
COMMENT ON FUNCTION api.list_tasks IS
'Tasks, the newest first

{items, per_page, next}: per_page is at most 1000; next, as after, goes on; null: there are no more. status: PENDING, PROCESSING, SUCCESS, FAILURE or CANCELLED. An item has task_id, state (the same words), kind, progress, current_step, result, error, reason, attempt, queue, priority, recording_id, run_id, target_id and times.';

CREATE OR REPLACE FUNCTION api.get_task(task_id bigint)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.task_reply(to_jsonb(t)) FROM leap.get_task(task_id, leap.current_user_id()::text) t $$;
COMMENT ON FUNCTION api.get_task IS 'One task

As in list_tasks. LP020 for an unknown one.';

CREATE OR REPLACE FUNCTION api.cancel_task(task_id bigint)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('success', true, 'task_id', a->'task', 'cancelled', a->'cancelled', 'recording_id', a->'recording', 'run_id', a->'run', 'run_state', a->'run_state', 'message', a->'message')
    FROM leap.cancel_task(task_id, leap.current_user_id()::text) a
$$;
COMMENT ON FUNCTION api.cancel_task IS
'Cancel a task

And those that wait for it; other branches of its run go on. {success, task_id, cancelled, recording_id, run_id, run_state, message}. LP003 if it has ended, LP020 for an unknown one.';

CREATE OR REPLACE FUNCTION api.error_codes()
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT jsonb_agg(to_jsonb(e)) FROM leap.error_codes() e $$;
COMMENT ON FUNCTION api.error_codes IS 'What the codes LPnnn of errors mean';

GRANT EXECUTE ON FUNCTION api.list_tasks, api.get_task, api.cancel_task, api.error_codes TO leap_user, leap_admin;
