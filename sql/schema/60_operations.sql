-- What people do with recordings: add, run, retry, cancel, accept.
--
-- Every operation locks the recording, asks leap.operation_allowed() and only then acts.

CREATE OR REPLACE FUNCTION leap.add_user(email text, full_name text = NULL, role text = 'user')
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    id uuid;
BEGIN
    IF email !~ '^[^@\s]+@[^@\s]+$' OR length(email) > 254 THEN
        PERFORM leap.refuse('LP030', format('"%s" is no e-mail address', email), 'It looks like name@example.org.');
    END IF;
    IF role NOT IN ('user', 'admin') THEN
        PERFORM leap.refuse('LP030', format('there is no role "%s"', role), 'Roles are user and admin.');
    END IF;
    INSERT INTO leap.users AS u (email, full_name, role) VALUES (add_user.email, add_user.full_name, add_user.role)
    ON CONFLICT (lower(u.email)) DO NOTHING RETURNING u.id INTO id;
    IF id IS NULL THEN
        RAISE unique_violation USING MESSAGE = format('there is a user %s already', email),
            HINT = 'Addresses are compared without regard to case.';
    END IF;
    RETURN id;
END
$$;
COMMENT ON FUNCTION leap.add_user(text, text, text) IS
'Adds a user and returns its id. Errors: LP030 for a bad address or role, 23505 for an address that is taken.';

-- A user by e-mail; with null the only user there is.
CREATE OR REPLACE FUNCTION leap.find_user("user" text)
RETURNS leap.users LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users;
BEGIN
    IF "user" IS NULL AND (SELECT count(*) FROM leap.users) = 1 THEN
        SELECT * INTO u FROM leap.users;
        RETURN u;
    ELSIF "user" IS NULL THEN
        PERFORM leap.refuse('LP030', 'no user was named', CASE WHEN EXISTS (SELECT FROM leap.users)
            THEN 'Name one by e-mail address.' ELSE 'There is no user yet; add one first: leap user add EMAIL.' END);
    END IF;
    SELECT * INTO u FROM leap.users x WHERE lower(x.email) = lower("user") OR x.id::text = "user";
    IF NOT FOUND THEN
        PERFORM leap.refuse('LP020', format('there is no user %s', "user"), 'Add it first: leap user add EMAIL.');
    END IF;
    RETURN u;
END
$$;
COMMENT ON FUNCTION leap.find_user(text) IS
'The user with this e-mail address or id; null stands for the only user there is. Errors LP020, LP030.';

-- A file is named by operators only and lies below an import root; the worker checks it again, link by link.
CREATE OR REPLACE FUNCTION leap.check_source(source jsonb)
RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
    path text := source->>'path';
    roots text[] := array_remove(string_to_array(leap.setting('leap.import_roots'), ':'), '');
BEGIN
    IF source->>'type' = 'file' THEN
        IF path IS NULL OR path !~ '^/' OR path ~ '(^|/)\.\.(/|$)' THEN
            PERFORM leap.refuse('LP030', format('"%s" is not an absolute path', path), 'Name the file from the root, without "..".');
        END IF;
        IF NOT EXISTS (SELECT FROM unnest(roots) r WHERE starts_with(path, rtrim(r, '/') || '/')) THEN
            PERFORM leap.refuse('LP030', format('%s is not below an import root', path),
                format('Import roots are: %s. The setting leap.import_roots decides.',
                       coalesce(nullif(array_to_string(roots, ', '), ''), 'none')));
        END IF;
    ELSIF source->>'type' = 'url' THEN
        IF source->>'url' IS NULL OR source->>'url' !~* '^https?://[^\s/]+' THEN
            PERFORM leap.refuse('LP030', format('"%s" is not a URL LEAP can fetch', source->>'url'), 'It starts with http:// or https://.');
        END IF;
    ELSE
        PERFORM leap.refuse('LP030', format('there is no source type "%s"', source->>'type'), 'Types are file and url.');
    END IF;
END
$$;
COMMENT ON FUNCTION leap.check_source(jsonb) IS
'Refuses (LP030) a source that cannot be fetched: {"type":"file","path"} below an import root, or {"type":"url","url"}.';

CREATE OR REPLACE FUNCTION leap.check_config(config jsonb)
RETURNS void LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    bad text;
BEGIN
    SELECT string_agg(format('%s.%s', s.key, k.key), ', ') INTO bad
    FROM jsonb_each(config) s
    CROSS JOIN LATERAL jsonb_object_keys(CASE jsonb_typeof(s.value) WHEN 'object' THEN s.value ELSE '{"":0}' END) AS k(key)
    WHERE NOT coalesce(leap.default_config() -> s.key ? k.key, false);
    IF bad IS NOT NULL THEN
        PERFORM leap.refuse('LP030', format('the configuration has unknown keys: %s', bad),
                            'SELECT jsonb_pretty(leap.default_config()) shows what there is.');
    END IF;
END
$$;
COMMENT ON FUNCTION leap.check_config(jsonb) IS
'Refuses (LP030) configuration keys that leap.default_config() does not have: a misspelt key would silently do nothing.';

CREATE OR REPLACE FUNCTION leap.add_recording("user" text, source jsonb, name text = NULL, config jsonb = '{}')
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.find_user("user");
    rec leap.recordings;
    place text := coalesce(source->>'path', split_part(split_part(source->>'url', '?', 1), '#', 1));
BEGIN
    PERFORM leap.check_source(source);
    PERFORM leap.check_config(config);
    INSERT INTO leap.recordings (user_id, display_name, source, status, delete_state, config)
    VALUES (u.id, left(coalesce(nullif(btrim(name), ''), nullif(regexp_replace(place, '^.*/|\.[A-Za-z0-9]{1,5}$', '', 'g'), ''), 'Lecture'), 500),
            add_recording.source, leap.move('create', 'INITIALIZED'), leap.move('create', 'active'), add_recording.config)
    RETURNING * INTO rec;
    INSERT INTO leap.output_targets (recording_id, user_id, target_type, status, config)
    SELECT rec.id, u.id, x->>'type', leap.move('create', 'NOT_UPLOADED'), x - 'type'
    FROM jsonb_array_elements(leap.resolved_config(rec) #> '{output,targets}') x;
    RETURN rec.id;
END
$$;
COMMENT ON FUNCTION leap.add_recording(text, jsonb, text, jsonb) IS
'Adds a recording of a user (e-mail, id, or null for the only one) and its output targets; starts nothing. Without a name the file''s is taken. Returns the id. Errors: LP010 quota, LP020 unknown user, LP030 bad source or configuration.';

CREATE OR REPLACE FUNCTION leap.find_recording(prefix text)
RETURNS uuid LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    found_ids uuid[];
BEGIN
    IF prefix !~ '^[0-9a-fA-F-]{1,36}$' THEN
        PERFORM leap.refuse('LP030', format('"%s" is no recording id', prefix), 'An id, or its beginning or end, has only the characters 0-9, a-f and -.');
    END IF;
    found_ids := ARRAY(SELECT r.id FROM leap.recordings r
                       WHERE r.id::text LIKE lower(prefix) || '%' OR r.id::text LIKE '%' || lower(prefix) LIMIT 3);
    IF cardinality(found_ids) = 0 THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', prefix), 'leap list shows the ids.');
    ELSIF cardinality(found_ids) > 1 THEN
        PERFORM leap.refuse('LP021', format('several recordings match %s', prefix), 'Give more characters; leap list shows the ids.');
    END IF;
    RETURN found_ids[1];
END
$$;
COMMENT ON FUNCTION leap.find_recording(text) IS
'The recording whose id begins or ends like this. Errors LP020 (none), LP021 (several), LP030 (no id at all). Ids made in the same minute differ at the end.';

-- The only judge of what may be done: every door asks it.
CREATE OR REPLACE FUNCTION leap.operation_allowed(recording uuid, operation text,
                                                  OUT allowed boolean, OUT reason text, OUT sqlstate text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    r leap.recordings;
    run leap.runs;
BEGIN
    allowed := false;
    SELECT * INTO r FROM leap.recordings WHERE id = recording;
    IF NOT FOUND OR (r.delete_state <> 'active' AND operation <> 'restore') THEN
        sqlstate := 'LP020';
        reason := format('there is no recording %s', recording);
        RETURN;
    END IF;
    SELECT * INTO run FROM leap.runs WHERE recording_id = recording AND state = 'active';

    sqlstate := 'LP003';
    CASE
        WHEN operation IN ('run', 'force') AND run.id IS NOT NULL THEN
            sqlstate := CASE WHEN r.hold IS NULL THEN 'LP004' ELSE 'LP005' END;
            reason := format('run %s of this recording is active%s', run.id, CASE WHEN r.hold IS NULL THEN '' ELSE ' and held: ' || r.hold END);
        WHEN operation IN ('run', 'force') AND r.hold IS NOT NULL THEN
            sqlstate := 'LP005';
            reason := format('the recording is held: %s', r.hold);
        WHEN operation = 'run' AND r.status IN ('READY', 'UPLOADED', 'SKIPPED') THEN
            reason := format('the recording is %s already', r.status);
        WHEN operation IN ('run', 'force') AND r.status = 'PENDING_SOURCE' THEN
            reason := 'the source is not ready yet';
        WHEN operation IN ('run', 'force') AND r.status LIKE '%ING' THEN
            reason := format('the recording is %s although no run is active', r.status);
        WHEN operation = 'retry' AND NOT (r.status = 'FAILED' OR (r.failed AND r.next_attempt_at IS NOT NULL)) THEN
            reason := format('the recording has not failed, it is %s', r.status);
        WHEN operation = 'cancel' AND run.id IS NULL THEN
            reason := 'no run of this recording is active';
        WHEN operation = 'accept' AND (r.hold IS NULL OR r.hold NOT IN ('blank', 'quality', 'quarantine')) THEN
            reason := CASE WHEN r.hold IS NULL THEN 'the recording is not held' ELSE format('the recording is held as %s', r.hold) END;
        WHEN operation NOT IN ('run', 'force', 'retry', 'cancel', 'accept') THEN
            sqlstate := 'LP030';
            reason := format('there is no operation "%s"', operation);
        ELSE
            allowed := true;
            sqlstate := NULL;
    END CASE;
END
$$;
COMMENT ON FUNCTION leap.operation_allowed(uuid, text) IS
'Whether an operation (run, force, retry, cancel, accept) may be done now, and if not, why and with which SQLSTATE.';

CREATE OR REPLACE FUNCTION leap.require_operation(recording uuid, operation text)
RETURNS leap.recordings LANGUAGE plpgsql AS $$
DECLARE
    r leap.recordings;
    judged record;
BEGIN
    SELECT * INTO r FROM leap.recordings WHERE id = recording FOR NO KEY UPDATE;
    SELECT * INTO judged FROM leap.operation_allowed(recording, operation);
    IF NOT judged.allowed THEN
        PERFORM leap.refuse(judged.sqlstate, format('cannot %s: %s', operation, judged.reason),
            CASE judged.sqlstate
                WHEN 'LP020' THEN 'leap list shows the recordings there are.'
                WHEN 'LP004' THEN 'Wait for it (leap watch), or cancel it first.'
                WHEN 'LP005' THEN 'Look at why (leap show); leap accept lets it go on, leap cancel ends it.'
                WHEN 'LP003' THEN CASE WHEN r.status IN ('READY', 'UPLOADED', 'SKIPPED') AND operation = 'run'
                                       THEN 'Add --force to do it again.' ELSE 'leap show tells what the recording is doing.' END
            END);
    END IF;
    RETURN r;
END
$$;
COMMENT ON FUNCTION leap.require_operation(uuid, text) IS
'Locks the recording and returns it, or refuses the operation with the judge''s reason.';

-- What a run would still have to do, and what waits for what. A row per task of the graph.
CREATE OR REPLACE FUNCTION leap.plan_run(rec leap.recordings, config jsonb, force boolean)
RETURNS TABLE (kind text, target_id uuid, skip_reason text) LANGUAGE sql STABLE AS $$
    WITH from_stage AS (
        SELECT CASE WHEN force OR rec.status IN ('INITIALIZED', 'SKIPPED') THEN 1
                    WHEN rec.status = 'FAILED' THEN array_position(ARRAY['download', 'process', 'transcribe', 'upload'], rec.failed_at_stage)
                    ELSE (SELECT n + 1 FROM leap.stages() WITH ORDINALITY AS s(stage, b, d, after_status, n) WHERE after_status = rec.status)
               END::int AS n)
    SELECT k.kind, NULL::uuid,
           CASE WHEN k.stage = 'transcribe' AND NOT force AND rec.facts->>'has_audio' = 'false' THEN 'the recording has no audio track'
                WHEN k.stage = 'transcribe' AND NOT force AND rec.facts->>'speech' = 'none' THEN 'no speech was found'
                WHEN k.stage = 'transcribe' AND NOT (config #>> '{transcription,enable_transcription}')::boolean THEN 'switched off'
                WHEN k.kind IN ('topics', 'subtitles')
                     AND NOT (config -> 'transcription' ->> ('enable_' || k.kind))::boolean THEN 'switched off'
                WHEN NOT force AND EXISTS (SELECT FROM leap.artifacts a WHERE a.recording_id = rec.id AND a.kind = k.output) THEN 'already done'
           END
    FROM leap.task_kinds k JOIN leap.stages() WITH ORDINALITY AS s(stage, b, d, a, n) USING (stage), from_stage f
    WHERE k.stage <> 'upload' AND s.n >= f.n
    UNION ALL
    SELECT 'upload', o.id, NULL FROM leap.output_targets o
    WHERE o.recording_id = rec.id AND (force OR o.status IN ('NOT_UPLOADED', 'FAILED'))
$$;
COMMENT ON FUNCTION leap.plan_run(leap.recordings, jsonb, boolean) IS
'The tasks a run of this recording would have, from the stage where it stands; with the reason for those that need not be done.';

-- Which kind waits for which: the shape of every run.
CREATE OR REPLACE FUNCTION leap.task_order()
RETURNS TABLE (from_kind text, to_kind text) LANGUAGE sql IMMUTABLE AS $$
    VALUES ('download', 'trim'), ('trim', 'transcribe'), ('transcribe', 'topics'), ('transcribe', 'subtitles'),
           ('trim', 'upload'), ('topics', 'upload'), ('subtitles', 'upload')
$$;
COMMENT ON FUNCTION leap.task_order() IS 'Which kind of task waits for which within a run.';

CREATE OR REPLACE FUNCTION leap.create_tasks(run leap.runs, rec leap.recordings, force boolean)
RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    owner_lane int := (SELECT lane FROM leap.users WHERE id = run.user_id);
BEGIN
    INSERT INTO leap.tasks (run_id, recording_id, user_id, lane, kind, queue, stage, target_id, state, skip_reason, finished_at)
    SELECT run.id, rec.id, run.user_id, owner_lane, p.kind, k.queue, k.stage, p.target_id,
           leap.move('create', CASE WHEN p.skip_reason IS NULL THEN 'blocked' ELSE 'skipped' END), p.skip_reason,
           CASE WHEN p.skip_reason IS NULL THEN NULL ELSE clock_timestamp() END
    FROM leap.plan_run(rec, run.config, force) p JOIN leap.task_kinds k USING (kind);
    INSERT INTO leap.task_edge (from_task, to_task)
    SELECT a.id, b.id FROM leap.task_order() o
    JOIN leap.tasks a ON a.run_id = run.id AND a.kind = o.from_kind AND a.state = 'blocked'
    JOIN leap.tasks b ON b.run_id = run.id AND b.kind = o.to_kind AND b.state = 'blocked';
    UPDATE leap.tasks t SET deps_left = e.n
    FROM (SELECT to_task, count(*)::smallint AS n FROM leap.task_edge
          WHERE to_task IN (SELECT id FROM leap.tasks WHERE run_id = run.id) GROUP BY to_task) e
    WHERE t.id = e.to_task;
    RETURN leap.make_ready(ARRAY(SELECT id FROM leap.tasks WHERE run_id = run.id AND deps_left = 0 AND state = 'blocked' ORDER BY id));
END
$$;
COMMENT ON FUNCTION leap.create_tasks(leap.runs, leap.recordings, boolean) IS
'Creates the tasks of a run with their edges and readies the first; returns the queues to ring.';

CREATE OR REPLACE FUNCTION leap.start_run(rec leap.recordings, cause text, key text, hash text, force boolean)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    run leap.runs;
BEGIN
    IF force AND rec.status = 'SKIPPED' THEN
        UPDATE leap.recordings r SET status = leap.move('unskip', 'INITIALIZED') WHERE r.id = rec.id RETURNING * INTO rec;
    ELSIF force AND rec.status IN ('READY', 'UPLOADED', 'TRANSCRIBED', 'PROCESSED') THEN
        UPDATE leap.recordings r SET status = leap.move('rerun', 'INITIALIZED') WHERE r.id = rec.id RETURNING * INTO rec;
    ELSIF force AND rec.status <> 'INITIALIZED' THEN
        UPDATE leap.recordings r SET status = leap.move('reset', 'INITIALIZED') WHERE r.id = rec.id RETURNING * INTO rec;
    END IF;
    IF force THEN
        UPDATE leap.recordings r SET flags = '[]', blank_record = false, facts = '{}' WHERE r.id = rec.id RETURNING * INTO rec;
    END IF;
    INSERT INTO leap.runs (recording_id, user_id, trigger, idempotency_key, request_hash, config)
    VALUES (rec.id, rec.user_id, cause, key, hash, leap.resolved_config(rec)) RETURNING * INTO run;
    PERFORM leap.ring(leap.create_tasks(run, rec, force));
    PERFORM leap.settle(ARRAY[rec.id], 'step');
    RETURN jsonb_build_object('run', run.id, 'recording', rec.id, 'message', format('run of "%s" started', rec.display_name));
END
$$;
COMMENT ON FUNCTION leap.start_run(leap.recordings, text, text, text, boolean) IS
'Starts a run of a recording whose lock the caller holds and whose operation was allowed.';

CREATE OR REPLACE FUNCTION leap.run_recording(id uuid, idempotency_key text = NULL, force boolean = false)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    rec leap.recordings;
    earlier leap.runs;
    hash text := encode(sha256(convert_to(format('run %s %s', id, force), 'UTF8')), 'hex');
BEGIN
    PERFORM set_config('synchronous_commit', 'on', true);
    SELECT r.* INTO rec FROM leap.recordings r WHERE r.id = run_recording.id FOR NO KEY UPDATE;
    SELECT u.* INTO earlier FROM leap.runs u
    WHERE u.user_id = rec.user_id AND u.idempotency_key = run_recording.idempotency_key;
    IF FOUND AND earlier.request_hash = hash THEN
        RETURN jsonb_build_object('run', earlier.id, 'recording', earlier.recording_id, 'message', 'this request was answered before');
    ELSIF FOUND THEN
        PERFORM leap.refuse('LP006', format('idempotency key "%s" was used for another request', idempotency_key),
                            'Use a new key for a new request.');
    END IF;
    rec := leap.require_operation(id, CASE WHEN force THEN 'force' ELSE 'run' END);
    RETURN leap.start_run(rec, CASE WHEN force THEN 'force' ELSE 'user' END, idempotency_key, hash, force);
END
$$;
COMMENT ON FUNCTION leap.run_recording(uuid, text, boolean) IS
'Starts a run: continues from where the recording stands (after a failure: from the failed stage), or with force does everything again. The same idempotency_key gives the same answer. Returns {run, recording, message}. Errors: LP003 not allowed, LP004 a run is active, LP005 held, LP006 key used otherwise, LP020 unknown.';

CREATE OR REPLACE FUNCTION leap.retry_recording(id uuid)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    rec leap.recordings := leap.require_operation(id, 'retry');
    waiting leap.runs;
BEGIN
    PERFORM set_config('synchronous_commit', 'on', true);
    SELECT u.* INTO waiting FROM leap.runs u WHERE u.recording_id = rec.id AND u.state = 'active';
    IF NOT FOUND THEN
        RETURN leap.start_run(rec, 'retry', NULL, NULL, false);
    END IF;
    UPDATE leap.task_scheduled SET run_at = clock_timestamp() WHERE recording_id = rec.id;
    PERFORM leap.promote_due();
    RETURN jsonb_build_object('run', waiting.id, 'recording', rec.id, 'message', 'the waiting try starts now');
END
$$;
COMMENT ON FUNCTION leap.retry_recording(uuid) IS
'Tries a failed recording again from the failed stage; if a try is waiting for its time, now. Returns {run, recording, message}. Error LP003 if it has not failed.';

CREATE OR REPLACE FUNCTION leap.cancel_recording(id uuid)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    rec leap.recordings := leap.require_operation(id, 'cancel');
    run leap.runs;
    dropped int;
BEGIN
    PERFORM set_config('synchronous_commit', 'on', true);
    SELECT u.* INTO run FROM leap.runs u WHERE u.recording_id = rec.id AND u.state = 'active';
    UPDATE leap.output_targets o
    SET status = leap.move(CASE WHEN o.remote_id IS NULL THEN 'cancel' ELSE 'keep' END,
                           CASE WHEN o.remote_id IS NULL THEN 'NOT_UPLOADED' ELSE 'UPLOADED' END)
    WHERE o.recording_id = rec.id AND o.status = 'UPLOADING';
    dropped := leap.drop_tasks(ARRAY[run.id], 'the run was cancelled');
    UPDATE leap.recordings r SET hold = NULL, hold_message = NULL, held_by = NULL, held_at = NULL, next_attempt_at = NULL
    WHERE r.id = rec.id;
    PERFORM leap.settle(ARRAY[rec.id], 'cancel');
    PERFORM pg_notify('leap_orders', '');
    RETURN jsonb_build_object('run', run.id, 'recording', rec.id, 'message', format('cancelled, %s tasks dropped', dropped));
END
$$;
COMMENT ON FUNCTION leap.cancel_recording(uuid) IS
'Cancels the active run: revokes its leases, so that workers end its tasks at once, and moves the recording back to its last stable status. Returns {run, recording, message}. Error LP003 if nothing runs.';

CREATE OR REPLACE FUNCTION leap.accept_recording(id uuid)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    rec leap.recordings := leap.require_operation(id, 'accept');
BEGIN
    PERFORM set_config('synchronous_commit', 'on', true);
    UPDATE leap.recordings r SET hold = NULL, hold_message = NULL, held_by = NULL, held_at = NULL, updated_at = now() WHERE r.id = rec.id;
    UPDATE leap.tasks t SET rescues = 0 WHERE t.recording_id = rec.id AND t.state = 'blocked' AND t.rescues > 0;
    PERFORM leap.ring(leap.make_ready(ARRAY(SELECT t.id FROM leap.tasks t JOIN leap.runs u ON u.id = t.run_id AND u.state = 'active'
                                            WHERE t.recording_id = rec.id AND t.state = 'blocked' AND t.deps_left = 0 ORDER BY t.id)));
    RETURN jsonb_build_object('recording', rec.id, 'message', format('released from hold %s', rec.hold));
END
$$;
COMMENT ON FUNCTION leap.accept_recording(uuid) IS
'Lets a recording go on that was held because it is blank, its transcript unsure, or its task killed workers. Returns {recording, message}. Error LP003 if it is not held so.';
