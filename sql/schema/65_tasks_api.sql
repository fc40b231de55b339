-- Tasks for those they belong to: lists, one in detail, and cancelling one.
--
-- Everything here is meant to be served over HTTP as it is. Words are the original's: PENDING (blocked, ready or
-- scheduled), PROCESSING, SUCCESS (also skipped), FAILURE, CANCELLED. A tenant sees his own tasks, whatever he asks for;
-- an operator sees all, or those of the user he names. What somebody may not see does not exist for him (LP020).
-- Lock order of leap.cancel_task: recording -> tasks -> ready/lease/scheduled.

CREATE OR REPLACE FUNCTION leap.task_word(state text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN state IN ('blocked', 'ready', 'scheduled') THEN 'PENDING' WHEN state = 'running' THEN 'PROCESSING'
                WHEN state IN ('succeeded', 'skipped') THEN 'SUCCESS' WHEN state = 'failed' THEN 'FAILURE'
                WHEN state = 'cancelled' THEN 'CANCELLED' END
$$;
COMMENT ON FUNCTION leap.task_word(text) IS
'The word of the tasks API for a task''s state: PENDING, PROCESSING, SUCCESS, FAILURE or CANCELLED.';

-- What is shown of tasks. The 63-bit id is text, as everywhere in JSON; the fence is nobody's business.
CREATE OR REPLACE FUNCTION leap.shown_tasks(ids bigint[])
RETURNS TABLE (id text, kind text, status text, progress int, current_step text, result jsonb, error jsonb, reason text, attempt int,
               queue text, priority int, recording uuid, run uuid, target uuid, created_at timestamptz, started_at timestamptz,
               finished_at timestamptz, next_attempt_at timestamptz) LANGUAGE sql STABLE AS $$
    SELECT t.id::text, t.kind, leap.task_word(t.state), CASE WHEN t.state IN ('succeeded', 'skipped') THEN 100 WHEN t.state IN ('blocked', 'ready', 'scheduled') THEN 0 ELSE t.progress END,
           CASE WHEN t.state = 'running' THEN t.current_step END, t.result,
           CASE WHEN t.error IS NOT NULL THEN jsonb_build_object('class', t.error->'class', 'code', t.error->'code',
                                                                 'message', t.error->'message', 'hint', t.error->'hint') END,
           t.skip_reason, t.attempt, t.queue, t.prio, t.recording_id, t.run_id, t.target_id, t.created_at, t.started_at, t.finished_at,
           CASE WHEN t.state = 'scheduled' THEN (SELECT s.run_at FROM leap.task_scheduled s WHERE s.task = t.id) END
    FROM unnest(ids) WITH ORDINALITY AS x(id, place) JOIN leap.tasks t ON t.id = x.id ORDER BY x.place
$$;
COMMENT ON FUNCTION leap.shown_tasks(bigint[]) IS 'These tasks as the tasks API shows them, in the order given.';

-- The same with the names that the rest of the API has.
CREATE OR REPLACE FUNCTION leap.task_reply(shown jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT shown - '{id,status,recording,run,target,n}'::text[] || jsonb_build_object('task_id', shown->'id', 'state', shown->'status', 'status', shown->'status',
        'recording_id', shown->'recording', 'run_id', shown->'run', 'target_id', shown->'target')
$$;
COMMENT ON FUNCTION leap.task_reply(jsonb) IS 'A row of leap.shown_tasks() as the API gives it: task_id, state, recording_id, run_id and target_id for id, status, recording, run and target.';

-- Whose tasks a caller gets: null is everybody's, for operators only.
CREATE OR REPLACE FUNCTION leap.tasks_owner("user" text)
RETURNS uuid LANGUAGE plpgsql STABLE AS $$
DECLARE
    me uuid := leap.current_user_id();
    asked leap.users;
BEGIN
    IF leap.calls_as_operator() THEN
        RETURN CASE WHEN "user" IS NOT NULL THEN (leap.find_user("user")).id END;
    END IF;
    SELECT u.* INTO asked FROM leap.users u WHERE u.id = me;
    IF asked.id IS NULL THEN
        PERFORM leap.refuse('LP020', 'the request speaks for no user that exists', 'The setting request.jwt.claims names him as sub.');
    ELSIF lower("user") NOT IN (lower(asked.email), me::text) THEN
        PERFORM leap.refuse('LP020', format('there is no user %s', "user"), 'Tasks are shown to the user they belong to.');
    END IF;
    RETURN me;
END
$$;
COMMENT ON FUNCTION leap.tasks_owner(text) IS
'The user whose tasks the caller may see, or the one an operator names; null, for operators only, is everybody. Error LP020.';

-- What a filter of leap.list_tasks is: the type of its value and the condition on leap.tasks t; %L stands for the value.
CREATE OR REPLACE FUNCTION leap.task_filters()
RETURNS TABLE (filter text, type text, condition text, comment text) LANGUAGE sql IMMUTABLE AS $$
    VALUES ('status',    'word',   't.state = ANY (%L::text[])',      'one of PENDING, PROCESSING, SUCCESS, FAILURE, CANCELLED; or an array of them'),
           ('kind',      'kind',   't.kind = ANY (%L::text[])',       'one kind of task, or an array of them'),
           ('queue',     'queue',  't.queue = ANY (%L::text[])',      'one queue, or an array of them'),
           ('recording', 'uuid',   't.recording_id = %L::uuid',       'the tasks of this recording'),
           ('run',       'uuid',   't.run_id = %L::uuid',             'the tasks of this run'),
           ('from',      'time',   't.created_at >= %L::timestamptz', 'made at this time or later'),
           ('to',        'time',   't.created_at < %L::timestamptz',  'made before this time')
$$;
COMMENT ON FUNCTION leap.task_filters() IS 'The filters of leap.list_tasks(): name, type and meaning.';

CREATE OR REPLACE FUNCTION leap.task_condition(filter text, value jsonb)
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    rule record;
    listed text[] := CASE jsonb_typeof(value) WHEN 'array' THEN ARRAY(SELECT x #>> '{}' FROM jsonb_array_elements(value) x)
                                              WHEN 'object' THEN '{}' ELSE ARRAY[value #>> '{}'] END;
    known text[];
BEGIN
    SELECT * INTO rule FROM leap.task_filters() f WHERE f.filter = task_condition.filter;
    IF rule.filter IS NULL THEN
        PERFORM leap.refuse('LP030', format('there is no filter "%s"', filter),
            format('Filters are %s.', (SELECT string_agg(f.filter, ', ') FROM leap.task_filters() f)));
    END IF;
    known := CASE rule.type WHEN 'word' THEN ARRAY(SELECT DISTINCT leap.task_word(f.to_status) FROM leap.fsm() f WHERE f.entity = 'task' ORDER BY 1)
                            WHEN 'kind' THEN ARRAY(SELECT k.kind FROM leap.task_kinds k ORDER BY 1)
                            WHEN 'queue' THEN leap.queue_names() END;
    IF known IS NOT NULL THEN
        IF NOT listed <@ known OR cardinality(listed) = 0 THEN
            PERFORM leap.refuse('LP030', format('filter %s: there is no %s %s', filter, filter, value), format('There are %s.', array_to_string(known, ', ')));
        END IF;
        RETURN format(rule.condition, CASE rule.type WHEN 'word' THEN ARRAY(SELECT DISTINCT f.to_status FROM leap.fsm() f
                                                     WHERE f.entity = 'task' AND leap.task_word(f.to_status) = ANY (listed)) ELSE listed END)
            -- what runs has a lease, and those are few
            || CASE WHEN rule.type = 'word' AND listed <@ '{PROCESSING}' THEN ' AND t.id IN (SELECT l.task FROM leap.task_lease l)' ELSE '' END;
    ELSIF cardinality(listed) <> 1 OR NOT (CASE rule.type WHEN 'uuid' THEN listed[1] ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                                                        ELSE listed[1] ~ '^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?)?$' END) THEN
        PERFORM leap.refuse('LP030', format('filter %s: %s is no %s', filter, value, CASE rule.type WHEN 'uuid' THEN 'id' ELSE 'time' END),
            CASE rule.type WHEN 'uuid' THEN 'Write the whole id.' ELSE 'Write it like 2026-09-01 or 2026-09-01T08:30:00+03.' END);
    END IF;
    RETURN format(rule.condition, listed[1]);
END
$$;
COMMENT ON FUNCTION leap.task_condition(text, jsonb) IS
'The condition on leap.tasks t that a filter with this value stands for. Error LP030 for an unknown filter or an unfitting value.';

CREATE OR REPLACE FUNCTION leap.list_tasks("user" text = NULL, filters jsonb = '{}', after text = NULL, most int = 50)
RETURNS TABLE (id text, kind text, status text, progress int, current_step text, result jsonb, error jsonb, reason text, attempt int,
               queue text, priority int, recording uuid, run uuid, target uuid, created_at timestamptz, started_at timestamptz,
               finished_at timestamptz, next_attempt_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50 SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    owner uuid := leap.tasks_owner("user");
    conditions text;
    page bigint[];
BEGIN
    most := coalesce(most, 50);
    IF most NOT BETWEEN 1 AND 10000 THEN
        PERFORM leap.refuse('LP030', format('a page cannot have %s rows', most), 'It has 1 to 10000.');
    ELSIF after !~ '^\d{1,18}$' THEN
        PERFORM leap.refuse('LP030', format('"%s" is no place in this list', left(after, 40)), 'Pass the id of the last task that you have.');
    ELSIF jsonb_typeof(filters) IS DISTINCT FROM 'object' THEN
        PERFORM leap.refuse('LP030', 'filters are no object', 'Write them like {"status": ["FAILURE"], "kind": "upload"}.');
    END IF;
    SELECT string_agg(c, ' AND ') INTO conditions FROM (
        SELECT 'true' UNION ALL SELECT format('t.user_id = %L::uuid', owner) WHERE owner IS NOT NULL
        UNION ALL SELECT format('t.id < %L::bigint', after) WHERE after IS NOT NULL
        UNION ALL SELECT leap.task_condition(f.key, f.value) FROM jsonb_each(filters) f WHERE f.value <> 'null') AS x (c);
    EXECUTE format('SELECT array_agg(p.id ORDER BY p.id DESC) FROM (SELECT t.id FROM leap.tasks t WHERE %s ORDER BY t.id DESC LIMIT %s) p',
                   conditions, most) INTO page;
    RETURN QUERY SELECT s.* FROM leap.shown_tasks(page) s;
END
$$;
COMMENT ON FUNCTION leap.list_tasks(text, jsonb, text, int) IS
'Tasks of the caller, or as operator of the user named (null: of everybody), the newest first: at most so many that match all filters (leap.task_filters()), made before the task whose id is given as after. Fewer rows than asked for mean the end. Columns: id (text), kind, status (PENDING, PROCESSING, SUCCESS, FAILURE, CANCELLED), progress 0..100, current_step, result, error {class, code, message, hint} of the last try, reason (why it was skipped or cancelled), attempt, queue, priority (-10 first .. 10 last), recording, run, target, created_at, started_at, finished_at, next_attempt_at (of one that waits for its time). Errors LP020 (another user), LP030 (filter, after, size).';

-- The task, if the caller may see it.
CREATE OR REPLACE FUNCTION leap.visible_task(id bigint, "user" text)
RETURNS leap.tasks LANGUAGE plpgsql STABLE AS $$
DECLARE
    t leap.tasks;
    owner uuid := leap.tasks_owner("user");
BEGIN
    SELECT x.* INTO t FROM leap.tasks x WHERE x.id = visible_task.id AND (owner IS NULL OR x.user_id = owner);
    IF NOT FOUND THEN
        PERFORM leap.refuse('LP020', format('there is no task %s', id), 'A list of tasks shows them.');
    END IF;
    RETURN t;
END
$$;
COMMENT ON FUNCTION leap.visible_task(bigint, text) IS 'The task with this id, if it belongs to the caller or the user named. Error LP020.';

CREATE OR REPLACE FUNCTION leap.get_task(task bigint, "user" text = NULL)
RETURNS TABLE (id text, kind text, status text, progress int, current_step text, result jsonb, error jsonb, reason text, attempt int,
               queue text, priority int, recording uuid, run uuid, target uuid, created_at timestamptz, started_at timestamptz,
               finished_at timestamptz, next_attempt_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT s.* FROM leap.shown_tasks(ARRAY[(leap.visible_task($1, $2)).id]) s
$$;
COMMENT ON FUNCTION leap.get_task(bigint, text) IS
'One task, with the columns of leap.list_tasks(). Error LP020 for an unknown task and for one of somebody else.';

-- The judge for single tasks: it asks the one for recordings.
CREATE OR REPLACE FUNCTION leap.task_allowed(t leap.tasks, operation text, OUT allowed boolean, OUT reason text, OUT sqlstate text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT coalesce(j.allowed, true), j.reason, j.sqlstate INTO allowed, reason, sqlstate
    FROM (VALUES (1)) v LEFT JOIN leap.judged(CASE WHEN t.recording_id IS NOT NULL THEN ARRAY[t.recording_id] ELSE '{}' END, operation) j ON true;
    IF operation <> 'cancel' THEN
        allowed := false; reason := format('there is no operation "%s" for a task', operation); sqlstate := 'LP030';
    ELSIF t.state NOT IN ('blocked', 'ready', 'scheduled', 'running') THEN
        allowed := false; reason := format('it has ended: %s', leap.task_word(t.state)); sqlstate := 'LP003';
    END IF;
END
$$;
COMMENT ON FUNCTION leap.task_allowed(leap.tasks, text) IS
'Whether an operation (cancel) may be done with this task now, and if not, why and with which SQLSTATE.';

-- The task and all that waits for it, directly or not.
CREATE OR REPLACE FUNCTION leap.task_and_dependents(task bigint)
RETURNS bigint[] LANGUAGE sql STABLE AS $$
    WITH RECURSIVE waits AS (
        SELECT task_and_dependents.task AS id
        UNION SELECT e.to_task FROM leap.task_edge e JOIN waits w ON w.id = e.from_task)
    SELECT array_agg(w.id ORDER BY w.id) FROM waits w
$$;
COMMENT ON FUNCTION leap.task_and_dependents(bigint) IS 'This task and those that wait for it, directly or not, in the order of their ids.';

-- Files that only a checkpoint names, as the one that is being made ("uri") or beside it ("outputs"): no later attempt will
-- go on with them.
CREATE OR REPLACE FUNCTION leap.drop_checkpoints(ids bigint[])
RETURNS void LANGUAGE sql AS $$
    INSERT INTO leap.storage_garbage (uri)
    SELECT DISTINCT named.uri FROM leap.tasks t CROSS JOIN LATERAL leap.checkpoint_files(t.checkpoint) named
    WHERE t.id = ANY (ids) AND NOT EXISTS (SELECT FROM leap.artifacts a WHERE a.uri = named.uri)
    ON CONFLICT DO NOTHING
$$;
COMMENT ON FUNCTION leap.drop_checkpoints(bigint[]) IS 'Notes as garbage the half-made files that the checkpoints of these tasks name, which are over and were not done, (uri, and the list outputs).';

CREATE OR REPLACE FUNCTION leap.cancel_task(task bigint, "user" text = NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    t leap.tasks := leap.visible_task(task, "user");
    verdict record;
    ids bigint[];
BEGIN
    PERFORM set_config('synchronous_commit', 'on', true);
    PERFORM FROM leap.recordings r WHERE r.id = t.recording_id FOR NO KEY UPDATE;
    SELECT x.* INTO t FROM leap.tasks x WHERE x.id = t.id FOR NO KEY UPDATE;
    verdict := leap.task_allowed(t, 'cancel');
    IF NOT verdict.allowed THEN
        PERFORM leap.refuse(verdict.sqlstate, format('cannot cancel task %s: %s', t.id, verdict.reason),
                            leap.refusal_hint(verdict.sqlstate, 'cancel', NULL));
    END IF;
    ids := ARRAY(SELECT x.id FROM leap.tasks x WHERE x.id = ANY (leap.task_and_dependents(t.id))
                 AND x.state IN ('blocked', 'ready', 'scheduled', 'running') ORDER BY x.id FOR NO KEY UPDATE);
    UPDATE leap.output_targets o
    SET status = leap.move(CASE WHEN o.remote_id IS NULL THEN 'cancel' ELSE 'keep' END,
                           CASE WHEN o.remote_id IS NULL THEN 'NOT_UPLOADED' ELSE 'UPLOADED' END)
    WHERE o.status = 'UPLOADING' AND o.id IN (SELECT x.target_id FROM leap.tasks x WHERE x.id = ANY (ids));
    DELETE FROM leap.task_ready c WHERE c.task = ANY (ids);
    DELETE FROM leap.task_lease l WHERE l.task = ANY (ids);
    DELETE FROM leap.task_scheduled s WHERE s.task = ANY (ids);
    UPDATE leap.tasks x SET state = leap.move('cancel', 'cancelled'), finished_at = clock_timestamp(),
           skip_reason = CASE WHEN x.id = t.id THEN 'the task was cancelled' ELSE format('it waited for the task %s, which was cancelled', t.kind) END
    WHERE x.id = ANY (ids);
    PERFORM leap.drop_checkpoints(ids);
    UPDATE leap.recordings r SET next_attempt_at = NULL, updated_at = now()
    WHERE r.id = t.recording_id AND NOT EXISTS (SELECT FROM leap.task_scheduled s WHERE s.recording_id = r.id);
    IF t.recording_id IS NULL THEN
        PERFORM leap.end_errand(t, 'cancelled', NULL);
    ELSE
        PERFORM leap.settle(ARRAY[t.recording_id], 'cancel');
    END IF;
    PERFORM leap.forget_failures(ARRAY[t.recording_id]);
    -- nothing is left that could be held
    UPDATE leap.recordings r SET hold = NULL, hold_message = NULL, held_by = NULL, held_at = NULL
    WHERE r.id = t.recording_id AND r.hold IS NOT NULL
      AND NOT EXISTS (SELECT FROM leap.runs u WHERE u.recording_id = r.id AND u.state = 'active');
    PERFORM pg_notify('leap_orders', '');
    PERFORM leap.audit('cancel', 'task', t.id::text, jsonb_build_object('state', t.state), jsonb_build_object('cancelled', cardinality(ids)));
    RETURN jsonb_build_object('task', t.id::text, 'cancelled', (SELECT jsonb_agg(i::text) FROM unnest(ids) i), 'recording', t.recording_id,
        'run', t.run_id, 'run_state', (SELECT u.state FROM leap.runs u WHERE u.id = t.run_id),
        'message', format('task %s (%s) is cancelled%s', t.id, t.kind, CASE WHEN cardinality(ids) > 1
            THEN format(', and %s that waited for it', cardinality(ids) - 1) ELSE '' END));
END
$$;
COMMENT ON FUNCTION leap.cancel_task(bigint, text) IS
'Cancels a task of the caller, or of the user named, and those that wait for it; other branches of its run go on. A worker that runs one ends it within a second and removes what it had begun. When nothing of the run is left it ends as cancelled; a stage that has a cancelled task takes its recording back to the status before it. Returns {task, cancelled [ids], recording, run, run_state, message}. Errors: LP003 it has ended, LP020 unknown or somebody else''s.';
