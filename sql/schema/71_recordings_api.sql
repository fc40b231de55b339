-- Recordings as programs like to have them: what can be changed in one go, and what an operation answers.
--
-- The operations themselves are in 63_operations.sql; here is what doors add for people who are not at psql: one JSON
-- object an answer, and names that the rest of the API has. Lock order: recording -> tasks -> ready/lease/scheduled.

-- The task to look at: the first of the run that has something to do.
CREATE OR REPLACE FUNCTION leap.first_task(run uuid)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT t.id::text FROM leap.tasks t WHERE t.run_id = first_task.run AND t.state <> 'skipped' ORDER BY t.id LIMIT 1
$$;
COMMENT ON FUNCTION leap.first_task(uuid) IS 'The first task of a run that is not skipped, its number as text; null: there is none.';

-- Not STABLE: it tells what the operation, of the same statement, has left.
CREATE OR REPLACE FUNCTION leap.operation_reply(answer jsonb)
RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object('success', true, 'recording_id', r.id, 'message', answer->'message', 'status', r.status, 'on_pause', r.hold IS NOT DISTINCT FROM 'paused',
                                  'hold', r.hold, 'run_id', answer->'run', 'task_id', leap.first_task((answer->>'run')::uuid))
        FROM leap.recordings r WHERE r.id = (answer->>'recording')::uuid AND leap.may_see(r.user_id));
END
$$;
COMMENT ON FUNCTION leap.operation_reply(jsonb) IS
'The answer of an operation, {recording, run, message}, as the API gives it: {success, recording_id, message, status, on_pause, hold, run_id, task_id (the first of the run that has something to do)}.';

CREATE OR REPLACE FUNCTION leap.add_recording_reply(source jsonb, display_name text, template uuid, config jsonb, auto_run boolean)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    id uuid := leap.add_recording(NULL, source, display_name, coalesce(config, '{}'));
    answer jsonb := jsonb_build_object('recording', id, 'message', 'the recording is added');
BEGIN
    IF template IS NOT NULL THEN
        PERFORM leap.bind_template(id, template);
    END IF;
    IF auto_run THEN
        answer := leap.run_recording(id);
    END IF;
    RETURN leap.operation_reply(answer) || (SELECT jsonb_build_object('display_name', r.display_name, 'platform', r.source->'type')
                                            FROM leap.recordings r WHERE r.id = (answer->>'recording')::uuid);
END
$$;
COMMENT ON FUNCTION leap.add_recording_reply(jsonb, text, uuid, jsonb, boolean) IS
'leap.add_recording() for the caller, its template and, if told, its run: {success, recording_id, display_name, platform, message, status, run_id, task_id, ...}. Errors LP010, LP020, LP030, LP031 and those of a run.';

CREATE OR REPLACE FUNCTION leap.change_recording(id uuid, display_name text = NULL, config jsonb = NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    r leap.recordings := leap.own_recording(id);
    name text := btrim(display_name);
BEGIN
    IF length(name) NOT BETWEEN 1 AND 500 THEN
        PERFORM leap.refuse('LP030', format('a name of %s characters', length(name)), 'A name has 1 to 500 characters.');
    END IF;
    IF name <> r.display_name THEN
        UPDATE leap.recordings x SET display_name = name, updated_at = now() WHERE x.id = r.id;
        PERFORM leap.audit('rename', 'recording', r.id::text, jsonb_build_object('display_name', r.display_name), jsonb_build_object('display_name', name));
    END IF;
    IF config IS NOT NULL THEN
        config := leap.configure_recording(id, config);
    END IF;
    RETURN jsonb_build_object('id', r.id, 'display_name', coalesce(name, r.display_name), 'config', coalesce(config, r.config));
END
$$;
COMMENT ON FUNCTION leap.change_recording(uuid, text, jsonb) IS
'Renames a recording and lays settings over its own (leap.configure_recording()); null leaves as it is. Returns {id, display_name, config}. Errors LP020, LP030, LP031.';

CREATE OR REPLACE FUNCTION leap.clear_recording_config(id uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    r leap.recordings := leap.own_recording(id);
BEGIN
    IF r.config <> '{}' THEN
        UPDATE leap.recordings x SET config = '{}', updated_at = now() WHERE x.id = r.id;
        PERFORM leap.audit('configure', 'recording', r.id::text, r.config, '{}');
    END IF;
END
$$;
COMMENT ON FUNCTION leap.clear_recording_config(uuid) IS 'Takes all settings of its own from a recording. Error LP020.';

-- A configuration in the parts that programs of the original have: the first wins where parts say the same.
CREATE OR REPLACE FUNCTION leap.joined_config(config jsonb, processing_config jsonb, metadata_config jsonb, output_config jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT CASE WHEN num_nonnulls(config, processing_config, metadata_config, output_config) > 0 THEN
        leap.merge_config(coalesce(processing_config, '{}') || CASE WHEN metadata_config IS NULL THEN '{}' ELSE jsonb_build_object('metadata', metadata_config) END
            || CASE WHEN output_config IS NULL THEN '{}' ELSE jsonb_build_object('output', output_config) END, coalesce(config, '{}')) END
$$;
COMMENT ON FUNCTION leap.joined_config(jsonb, jsonb, jsonb, jsonb) IS
'One configuration of up to four parts: a whole one, which lies above the others; {trimming, transcription}; what metadata says; what output says. Null if all are null.';

-- Single stages with what is said for this time only.
CREATE OR REPLACE FUNCTION leap.do_stage(id uuid, operation text, target text = NULL, override jsonb = NULL, priority int = NULL, start_at timestamptz = NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    options jsonb := leap.run_options(priority, start_at) || jsonb_strip_nulls(jsonb_build_object('target', target, 'override', override));
BEGIN
    IF operation NOT IN (SELECT o.operation FROM leap.single_operations() o) THEN
        PERFORM leap.refuse('LP030', format('"%s" is no stage', operation), format('Stages are %s.', (SELECT string_agg(o.operation, ', ') FROM leap.single_operations() o)));
    END IF;
    PERFORM leap.check_options(operation, options);
    IF target !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' AND NOT EXISTS (SELECT FROM leap.platforms p WHERE p.target_type = target) THEN
        PERFORM leap.refuse('LP030', format('there is no platform "%s"', left(lower(target), 50)),
                            format('Platforms are %s.', (SELECT string_agg(p.platform, ', ' ORDER BY p.platform) FROM leap.platforms p)));
    END IF;
    PERFORM leap.check_start(start_at);
    PERFORM leap.check_run_layers(r.user_id, NULL, override) FROM leap.recordings r WHERE r.id = do_stage.id AND leap.may_see(r.user_id);
    RETURN leap.operate_one(operation, id, options => options);
END
$$;
COMMENT ON FUNCTION leap.do_stage(uuid, text, text, jsonb, int, timestamptz) IS
'One stage of a recording and nothing else: download, process, transcribe, topics, subtitles, upload or republish (leap.single_operations()); target for the last two, override: a configuration for this time only. Returns {recording, message, run}. Errors LP003, LP004, LP005, LP020, LP030, LP031, LP043.';

-- What a run would do, in steps that people know.
CREATE OR REPLACE FUNCTION leap.dry_run_reply(recording uuid, operation text, template uuid = NULL, override jsonb = NULL)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    r leap.recordings;
    said record;
BEGIN
    SELECT x.* INTO r FROM leap.recordings x WHERE x.id = recording AND x.delete_state = 'active' AND leap.may_see(x.user_id);
    IF r.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', recording), 'Perhaps it was deleted.');
    END IF;
    SELECT o.* INTO said FROM leap.operate(operation, ARRAY[recording], dry_run => true, template => template, override => override) o;
    RETURN jsonb_build_object('dry_run', true, 'recording_id', r.id, 'current_status', r.status, 'allowed', said.done, 'reason', said.reason, 'code', said.sqlstate, 'verdict', said.verdict,
        'steps', coalesce((SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('name', p->>'kind', 'enabled', p->>'skip_reason' IS NULL,
                      'skip_reason', p->>'skip_reason', 'warning', p->>'warning', 'note', p->>'note', 'target_id', p->>'target')) ORDER BY n)
                  FROM jsonb_array_elements(said.plan) WITH ORDINALITY AS x(p, n)), '[]'),
        'config_sources', jsonb_build_object('has_manual_overrides', override IS NOT NULL OR r.config <> '{}',
            'bound_template', (SELECT jsonb_build_object('id', t.id, 'name', t.name) FROM leap.recording_templates t WHERE t.id = r.template_id AND t.user_id = r.user_id),
            'runtime_template', (SELECT jsonb_build_object('id', t.id, 'name', t.name) FROM leap.recording_templates t WHERE t.id = template AND t.user_id = r.user_id)));
END
$$;
COMMENT ON FUNCTION leap.dry_run_reply(uuid, text, uuid, jsonb) IS
'What an operation that starts a run (run, force, retry) would do now: {dry_run, recording_id, current_status, allowed, reason, code, verdict, steps [{name, enabled, skip_reason, warning, note, target_id}], config_sources}. Nothing is done. Errors LP020, LP030, LP031.';
