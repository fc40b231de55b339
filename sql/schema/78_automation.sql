-- What people do with automation jobs: add, change, copy, switch on and off, delete, list. Running: 79_automation_runs.sql.
--
-- The rules of a job are checked by its table (23_automation.sql), whoever writes. A job that is changed, switched off
-- or deleted while a run of it is under way does not disturb the run: it has its settings, and its recordings go on.

-- The columns of a job that people set, as its JSON names them.
CREATE OR REPLACE FUNCTION leap.job_keys()
RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT '{name,description,template_ids,schedule_config,sync_config,filters,processing_config,misfire,is_enabled}'::text[]
$$;
COMMENT ON FUNCTION leap.job_keys() IS 'The keys of an automation job that leap.add_job() and leap.change_job() take.';

CREATE OR REPLACE FUNCTION leap.job_templates(template_ids uuid[], of_user uuid)
RETURNS TABLE (id uuid, name text, state text) LANGUAGE sql STABLE AS $$
    SELECT coalesce(t.id, i.id), t.name, CASE WHEN t.id IS NULL THEN 'deleted' WHEN t.is_draft THEN 'draft' WHEN NOT t.is_active THEN 'inactive' ELSE 'active' END
    FROM unnest(template_ids) AS i(id) LEFT JOIN leap.recording_templates t ON t.id = i.id AND t.user_id = of_user
    UNION ALL
    SELECT t.id, t.name, 'active' FROM leap.recording_templates t
    WHERE job_templates.template_ids IS NULL AND t.user_id = of_user AND t.is_active AND NOT t.is_draft AND NOT t.is_default
$$;
COMMENT ON FUNCTION leap.job_templates(uuid[], uuid) IS
'The templates that a job of this user names (null: every active one that is no default) and their state: active, inactive, draft, deleted. Only active ones match.';

CREATE OR REPLACE FUNCTION leap.job_json(j leap.automation_jobs)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', j.id, 'user_id', j.user_id, 'name', j.name, 'description', j.description, 'template_ids', j.template_ids,
        'templates', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'name', t.name, 'state', t.state) ORDER BY t.name, t.id), '[]')
                      FROM leap.job_templates(j.template_ids, j.user_id) t),
        'schedule_config', j.schedule_config, 'schedule', leap.schedule_text(j.schedule_config), 'sync_config', j.sync_config,
        'filters', j.filters, 'processing_config', j.processing_config, 'misfire', j.misfire, 'is_enabled', j.is_enabled,
        'next_run_at', j.next_run_at, 'next_runs', (
            SELECT coalesce(jsonb_agg(n ORDER BY n), '[]') FROM leap.next_runs(j.schedule_config, leap.clock(), 5) n WHERE j.is_enabled),
        'last_run_at', j.last_run_at, 'run_count', j.run_count, 'last_error', j.last_error,
        'created_at', j.created_at, 'updated_at', j.updated_at,
        'running', (SELECT r.id FROM leap.automation_runs r WHERE r.job_id = j.id AND r.state = 'running' AND r.trigger <> 'dry_run' ORDER BY r.id DESC LIMIT 1))
$$;
COMMENT ON FUNCTION leap.job_json(leap.automation_jobs) IS
'An automation job as people and programs see it: its keys, the schedule in words, its templates with their state, the next five runs (none while it is switched off), and the run that is under way.';

-- What the log of people's doings keeps of a job.
CREATE OR REPLACE FUNCTION leap.job_facts(j leap.automation_jobs)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_object_agg(f.key, f.value) FROM jsonb_each(to_jsonb(j)) f WHERE f.key = ANY (leap.job_keys())
$$;
COMMENT ON FUNCTION leap.job_facts(leap.automation_jobs) IS 'What people set of a job, for leap.audit_logs.';

CREATE OR REPLACE FUNCTION leap.own_job(id uuid)
RETURNS leap.automation_jobs LANGUAGE plpgsql AS $$
DECLARE
    j leap.automation_jobs;
BEGIN
    SELECT x.* INTO j FROM leap.automation_jobs x WHERE x.id = own_job.id AND leap.may_see(x.user_id) FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM leap.no_job(id);
    END IF;
    RETURN j;
END
$$;
COMMENT ON FUNCTION leap.own_job(uuid) IS 'Locks a job that the caller may see and returns it. Error LP020 for any other.';

CREATE OR REPLACE FUNCTION leap.no_job(id uuid)
RETURNS void LANGUAGE sql AS $$
    SELECT leap.refuse('LP020', format('there is no automation job %s', id), 'leap.job_list() shows the jobs there are.')
$$;
COMMENT ON FUNCTION leap.no_job(uuid) IS 'Refuses (LP020) the id of a job that is not there or not the caller''s.';

-- Writes the keys of a specification into a job; what it does not name stays, and null is the default.
CREATE OR REPLACE FUNCTION leap.job_with(j leap.automation_jobs, given jsonb)
RETURNS leap.automation_jobs LANGUAGE plpgsql STABLE AS $$
DECLARE
    bad text;
BEGIN
    PERFORM leap.check_keys(given, leap.job_keys(), 'an automation job');
    SELECT k.key INTO bad FROM (VALUES ('name', 'string'), ('description', 'string'), ('misfire', 'string'), ('is_enabled', 'boolean')) AS k(key, type)
    WHERE jsonb_typeof(given -> k.key) NOT IN (k.type, 'null') LIMIT 1;
    IF bad IS NOT NULL THEN
        PERFORM leap.refuse('LP030', format('%s cannot be %s', bad, left((given -> bad)::text, 100)),
                            format('It is %s.', CASE bad WHEN 'is_enabled' THEN 'true or false' ELSE 'a text' END));
    END IF;
    j.name := CASE WHEN given ? 'name' THEN coalesce(given ->> 'name', '') ELSE j.name END;
    j.description := CASE WHEN given ? 'description' THEN given ->> 'description' ELSE j.description END;
    IF given ? 'template_ids' THEN
        j.template_ids := CASE WHEN given -> 'template_ids' NOT IN ('null', '[]')
            THEN leap.own_ids(given -> 'template_ids', j.template_ids, j.user_id, 'leap.recording_templates', 'template') END;
    END IF;
    j.schedule_config := CASE WHEN given ? 'schedule_config' THEN given -> 'schedule_config' ELSE j.schedule_config END;
    j.sync_config := CASE WHEN given ? 'sync_config' THEN coalesce(nullif(given -> 'sync_config', 'null'), '{}') ELSE j.sync_config END;
    j.filters := CASE WHEN given ? 'filters' THEN coalesce(nullif(given -> 'filters', 'null'), '{}') ELSE j.filters END;
    j.processing_config := CASE WHEN given ? 'processing_config' THEN coalesce(nullif(given -> 'processing_config', 'null'), '{}') ELSE j.processing_config END;
    j.misfire := CASE WHEN given ? 'misfire' THEN coalesce(given ->> 'misfire', 'coalesce') ELSE j.misfire END;
    j.is_enabled := CASE WHEN given ? 'is_enabled' THEN coalesce((given ->> 'is_enabled')::boolean, true) ELSE j.is_enabled END;
    RETURN j;
END
$$;
COMMENT ON FUNCTION leap.job_with(leap.automation_jobs, jsonb) IS
'The job with the keys of this object laid over it; null sets one back to its default. Errors LP030, LP020.';

CREATE OR REPLACE FUNCTION leap.add_job(spec jsonb, "user" text = NULL)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    j leap.automation_jobs;
BEGIN
    j.user_id := (leap.acting_user("user")).id;
    PERFORM leap.check_keys(spec, leap.job_keys(), 'an automation job');
    j := leap.job_with(j, (SELECT jsonb_object_agg(k, NULL) FROM unnest(leap.job_keys()) k) || spec);
    INSERT INTO leap.automation_jobs AS n (user_id, name, description, template_ids, schedule_config, sync_config, filters, processing_config, misfire, is_enabled)
    VALUES (j.user_id, j.name, j.description, j.template_ids, j.schedule_config, j.sync_config, j.filters, j.processing_config, j.misfire, j.is_enabled)
    RETURNING n.* INTO j;
    PERFORM leap.audit('add', 'automation_job', j.id::text, NULL, leap.job_facts(j));
    RETURN j.id;
END
$$;
COMMENT ON FUNCTION leap.add_job(jsonb, text) IS
'Adds an automation job for the caller, or for the user an operator names, and returns its id. spec: {name, schedule_config (leap.check_schedule; without a timezone that of the user), description, template_ids (none: every active template), sync_config {sync_days 1..30 = 2, source_ids}, filters {status[] = ["INITIALIZED"], exclude_blank = true}, processing_config (laid over the configuration of its runs, last), misfire skip | coalesce | catch_up = coalesce, is_enabled = true}. Errors: LP030 for a key or value that breaks a rule, LP020 for a template or source that is not the user''s, LP010 for the quotas automation_jobs and automation_interval_hours, 23505 for a name that is taken.';

CREATE OR REPLACE FUNCTION leap.write_job(j leap.automation_jobs, action text)
RETURNS leap.automation_jobs LANGUAGE plpgsql AS $$
DECLARE
    was leap.automation_jobs;
    is_now leap.automation_jobs;
BEGIN
    SELECT x.* INTO was FROM leap.automation_jobs x WHERE x.id = j.id;
    UPDATE leap.automation_jobs x
    SET name = j.name, description = j.description, template_ids = j.template_ids, schedule_config = j.schedule_config, sync_config = j.sync_config,
        filters = j.filters, processing_config = j.processing_config, misfire = j.misfire, is_enabled = j.is_enabled, updated_at = leap.clock()
    WHERE x.id = j.id RETURNING x.* INTO is_now;
    PERFORM leap.audit(action, 'automation_job', j.id::text, leap.job_facts(was), leap.job_facts(is_now)) WHERE leap.job_facts(was) <> leap.job_facts(is_now);
    RETURN is_now;
END
$$;
COMMENT ON FUNCTION leap.write_job(leap.automation_jobs, text) IS 'Stores what people set of a job that the caller has locked, and logs the change under this action; returns it as it is then.';

CREATE OR REPLACE FUNCTION leap.change_job(id uuid, changes jsonb)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    j leap.automation_jobs := leap.own_job(id);
BEGIN
    RETURN leap.job_json(leap.write_job(leap.job_with(j, coalesce(changes, 'null')), 'change'));
END
$$;
COMMENT ON FUNCTION leap.change_job(uuid, jsonb) IS
'Changes the keys of a job that are named (those of leap.add_job(); null is the default) and returns leap.job_json(). sync_config, filters and processing_config are replaced as a whole. A new schedule counts from now. A run under way keeps the settings it began with. Errors as leap.add_job().';

CREATE OR REPLACE FUNCTION leap.enable_job(id uuid, enabled boolean = true)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    j leap.automation_jobs := leap.own_job(id);
BEGIN
    j.is_enabled := coalesce(enable_job.enabled, true);
    RETURN leap.job_json(leap.write_job(j, CASE WHEN j.is_enabled THEN 'enable' ELSE 'disable' END));
END
$$;
COMMENT ON FUNCTION leap.enable_job(uuid, boolean) IS
'Switches a job on or off and returns leap.job_json(). What it missed while it was off is not made up for; a run under way goes on. Errors: LP020, LP010 if its schedule is too dense for the quota by now.';

CREATE OR REPLACE FUNCTION leap.delete_job(id uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    j leap.automation_jobs := leap.own_job(id);
BEGIN
    DELETE FROM leap.automation_jobs x WHERE x.id = j.id;
    PERFORM leap.audit('delete', 'automation_job', j.id::text, leap.job_facts(j));
END
$$;
COMMENT ON FUNCTION leap.delete_job(uuid) IS
'Deletes a job and its history. Of a run under way what has begun goes on (sources are asked, recordings processed), and nothing more is started. Error LP020.';

CREATE OR REPLACE FUNCTION leap.copy_job(id uuid, name text = NULL)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    j leap.automation_jobs := leap.own_job(id);
    c leap.automation_jobs;
BEGIN
    INSERT INTO leap.automation_jobs AS n (user_id, name, description, template_ids, schedule_config, sync_config, filters, processing_config, misfire, is_enabled)
    SELECT j.user_id, coalesce(copy_job.name, (
               SELECT x.name FROM generate_series(1, 10000) i
               CROSS JOIN LATERAL (SELECT left(format('Copy%s of %s', CASE WHEN i > 1 THEN ' ' || i END, j.name), 200) AS name) x
               WHERE NOT EXISTS (SELECT FROM leap.automation_jobs o WHERE o.user_id = j.user_id AND o.name = x.name) ORDER BY i LIMIT 1)),
           -- what is gone of its templates and sources is not copied
           j.description, CASE WHEN j.template_ids IS NOT NULL THEN
               ARRAY(SELECT t.id FROM leap.job_templates(j.template_ids, j.user_id) t WHERE t.state <> 'deleted') END,
           j.schedule_config,
           CASE WHEN j.sync_config ? 'source_ids' THEN jsonb_set(j.sync_config, '{source_ids}', coalesce((
               SELECT jsonb_agg(s) FROM jsonb_array_elements_text(j.sync_config -> 'source_ids') s
               WHERE EXISTS (SELECT FROM leap.input_sources i WHERE i.id = s::uuid)), '[]')) ELSE j.sync_config END,
           j.filters, j.processing_config, j.misfire, false
    RETURNING n.* INTO c;
    PERFORM leap.audit('copy', 'automation_job', c.id::text, NULL, leap.job_facts(c), format('a copy of %s', j.id));
    RETURN c.id;
END
$$;
COMMENT ON FUNCTION leap.copy_job(uuid, text) IS
'Copies a job, switched off, under this name or "Copy of ..."; returns the id of the copy. Errors LP020, LP030, LP010, 23505.';

CREATE OR REPLACE FUNCTION leap.get_job(id uuid)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    j jsonb := (SELECT leap.job_json(x) FROM leap.automation_jobs x WHERE x.id = get_job.id AND leap.may_see(x.user_id));
BEGIN
    PERFORM leap.no_job(id) WHERE j IS NULL;
    RETURN j;
END
$$;
COMMENT ON FUNCTION leap.get_job(uuid) IS 'One automation job, as leap.job_json(). Error LP020.';

CREATE OR REPLACE FUNCTION leap.job_list("user" text = NULL, enabled boolean = NULL)
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT coalesce(jsonb_agg(leap.job_json(j) ORDER BY j.name), '[]')
    FROM leap.automation_jobs j
    WHERE j.user_id = (leap.acting_user("user")).id AND (enabled IS NULL OR j.is_enabled = enabled)
$$;
COMMENT ON FUNCTION leap.job_list(text, boolean) IS
'The automation jobs of the caller, or of the user an operator names, by name, as a JSON array of leap.job_json(): all, or only those switched on (true) or off (false). Error LP020.';
