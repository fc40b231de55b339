-- Input sources for people: adding, changing, asking them, and what became of it. (What a sync does: 77_sync_results.sql.)
--
-- A sync is asked for by a person, by an automation run, or by a worker that saw a file appear in an inbox. It is an
-- errand: a worker lists the source, the database decides what of it is new.
-- Lock order: sync -> source; who adds syncs for people locks their sources first, so that two wishes for the same
-- become one.

CREATE OR REPLACE FUNCTION leap.source_json(s leap.input_sources)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', s.id, 'user', u.email, 'name', s.name, 'description', s.description, 'source_type', s.source_type,
        'config', leap.safe_url(s.config::text)::jsonb, 'credential_id', s.credential_id, 'is_active', s.is_active, 'last_sync_at', s.last_sync_at, 'last_error', s.last_error,
        'syncing', EXISTS (SELECT FROM leap.source_syncs x WHERE x.source_id = s.id AND x.state = 'waiting'),
        'created_at', s.created_at, 'updated_at', s.updated_at)
    FROM leap.users u WHERE u.id = s.user_id
$$;
COMMENT ON FUNCTION leap.source_json(leap.input_sources) IS
'An input source as people see it: id, user (e-mail), name, description, source_type, config (without the passwords that URLs once could carry), credential_id, is_active, last_sync_at, last_error, syncing (is it being asked now), created_at, updated_at.';

CREATE OR REPLACE FUNCTION leap.visible_source(id uuid)
RETURNS leap.input_sources LANGUAGE plpgsql STABLE AS $$
DECLARE
    s leap.input_sources;
BEGIN
    SELECT x.* INTO s FROM leap.input_sources x WHERE x.id = visible_source.id AND leap.may_see(x.user_id);
    IF NOT FOUND THEN
        PERFORM leap.refuse('LP020', format('there is no source %s', id), 'leap source list shows them.');
    END IF;
    RETURN s;
END
$$;
COMMENT ON FUNCTION leap.visible_source(uuid) IS 'The input source with this id, if the caller may see it. Error LP020.';

CREATE OR REPLACE FUNCTION leap.credential_named(spec jsonb)
RETURNS uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF spec->>'credential_id' !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN
        PERFORM leap.refuse('LP030', format('credential_id cannot be %s', left((spec->'credential_id')::text, 100)), 'It is the id of a credential; leap credential list shows them.');
    END IF;
    RETURN (spec->>'credential_id')::uuid;
END
$$;
COMMENT ON FUNCTION leap.credential_named(jsonb) IS 'The credential_id of what a person says, null without. Error LP030 for what is no id.';

CREATE OR REPLACE FUNCTION leap.add_source(spec jsonb, "user" text = NULL)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.acting_user("user");
    s leap.input_sources;
BEGIN
    PERFORM leap.check_keys(spec, '{name,description,source_type,config,credential_id,is_active}', 'a source');
    IF jsonb_typeof(spec->'is_active') NOT IN ('boolean', 'null') THEN
        PERFORM leap.refuse('LP030', format('is_active cannot be %s', left((spec->'is_active')::text, 50)), 'It is true or false.');
    END IF;
    INSERT INTO leap.input_sources AS x (user_id, name, description, source_type, config, credential_id, is_active)
    VALUES (u.id, spec->>'name', left(spec->>'description', 2000), spec->>'source_type', coalesce(nullif(spec->'config', 'null'), '{}'), leap.credential_named(spec),
            coalesce((spec->>'is_active')::boolean, true))
    ON CONFLICT ON CONSTRAINT input_sources_name DO NOTHING RETURNING * INTO s;
    IF s.id IS NULL THEN
        PERFORM leap.refuse_taken_name('source', btrim(spec->>'name'));
    END IF;
    PERFORM leap.audit('add', 'source', s.id::text, NULL, leap.source_json(s));
    RETURN s.id;
END
$$;
COMMENT ON FUNCTION leap.add_source(jsonb, text) IS
'Adds an input source {name, source_type: INBOX or URL_LIST, config (leap.source_options()), description, is_active} of the caller or, by an operator, of the user named. Returns its id. Errors: LP020 (another user; an inbox by a tenant), LP030 naming the value and the rule, 23505 for a name that is taken.';

CREATE OR REPLACE FUNCTION leap.change_source(id uuid, changes jsonb)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    before leap.input_sources := leap.visible_source(id);
    s leap.input_sources;
BEGIN
    PERFORM leap.check_keys(changes, '{name,description,config,credential_id,is_active}', 'a source');
    PERFORM leap.check_keys(coalesce(nullif(changes->'config', 'null'), '{}'), ARRAY(SELECT o.key FROM leap.source_options() o WHERE o.source_type IN (before.source_type, '*')),
                            format('the config of a source of type %s', before.source_type));
    IF jsonb_typeof(changes->'is_active') NOT IN ('boolean', 'null') THEN
        PERFORM leap.refuse('LP030', format('is_active cannot be %s', left((changes->'is_active')::text, 50)), 'It is true or false.');
    END IF;
    PERFORM FROM leap.input_sources x WHERE x.id = before.id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM leap.input_sources x WHERE x.user_id = before.user_id AND x.name = btrim(changes->>'name') AND x.id <> before.id) THEN
        PERFORM leap.refuse_taken_name('source', btrim(changes->>'name'));
    END IF;
    UPDATE leap.input_sources x
    SET name = CASE WHEN changes ? 'name' THEN coalesce(changes->>'name', '') ELSE x.name END,
        description = CASE WHEN changes ? 'description' THEN left(changes->>'description', 2000) ELSE x.description END,
        credential_id = CASE WHEN changes ? 'credential_id' THEN leap.credential_named(changes) ELSE x.credential_id END,
        is_active = CASE WHEN changes ? 'is_active' THEN coalesce((changes->>'is_active')::boolean, true) ELSE x.is_active END,
        -- url and urls stand for each other
        config = (x.config - CASE WHEN nullif(changes#>'{config,url}', 'null') IS NOT NULL THEN 'urls' WHEN nullif(changes#>'{config,urls}', 'null') IS NOT NULL THEN 'url' ELSE '' END)
                 || coalesce(nullif(changes->'config', 'null'), '{}')
    WHERE x.id = before.id RETURNING * INTO s;
    PERFORM leap.audit('change', 'source', s.id::text, leap.source_json(before), leap.source_json(s));
    RETURN leap.source_json(s);
END
$$;
COMMENT ON FUNCTION leap.change_source(uuid, jsonb) IS
'Changes name, description, credential_id, is_active or single keys of config (null sets back to the default); returns the source as it is now. Errors: LP020, LP030 naming the value and the rule, 23505 for a name that is taken.';

CREATE OR REPLACE FUNCTION leap.copy_source(id uuid, name text = NULL)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    s leap.input_sources := leap.visible_source(id);
    base text := left(coalesce(nullif(btrim(copy_source.name), ''), 'Copy of ' || s.name), 250);
    made leap.input_sources;
BEGIN
    FOR n IN 1..100 LOOP
        INSERT INTO leap.input_sources AS x (user_id, name, description, source_type, config, credential_id, is_active)
        VALUES (s.user_id, base || CASE WHEN n > 1 THEN format(' %s', n) ELSE '' END, s.description, s.source_type, s.config, s.credential_id, false)
        ON CONFLICT ON CONSTRAINT input_sources_name DO NOTHING RETURNING * INTO made;
        EXIT WHEN made.id IS NOT NULL;
        IF nullif(btrim(copy_source.name), '') IS NOT NULL OR n = 100 THEN
            PERFORM leap.refuse_taken_name('source', base);
        END IF;
    END LOOP;
    PERFORM leap.audit('copy', 'source', made.id::text, leap.source_json(s), leap.source_json(made));
    RETURN made.id;
END
$$;
COMMENT ON FUNCTION leap.copy_source(uuid, text) IS
'Copies an input source under this name or "Copy of ..."; the copy is not active. Returns its id. Errors: LP020, 23505 for a name that is taken.';

-- Taking it out of a template would turn "from this source" into "from any".
CREATE OR REPLACE FUNCTION leap.source_users(of_source uuid)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT string_agg(n.name, ', ' ORDER BY n.name) FROM (
        SELECT format('template "%s"', t.name) FROM leap.recording_templates t WHERE t.matching_rules->'source_ids' ? of_source::text
        UNION ALL
        SELECT format('automation job "%s"', j.name) FROM leap.automation_jobs j WHERE j.sync_config->'source_ids' ? of_source::text) AS n(name)
$$;
COMMENT ON FUNCTION leap.source_users(uuid) IS 'The templates and automation jobs that name this source, in words; null for none.';

CREATE OR REPLACE FUNCTION leap.delete_source(id uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    s leap.input_sources := leap.visible_source(id);
    named text := leap.source_users(s.id);
    sync uuid;
BEGIN
    IF named IS NOT NULL THEN
        PERFORM leap.refuse('LP009', format('the source "%s" is named by %s', s.name, named), 'Take it out there first, or switch the source off: is_active false.');
    END IF;
    FOR sync IN SELECT x.id FROM leap.source_syncs x WHERE x.source_id = s.id AND x.state = 'waiting' ORDER BY x.id LOOP
        PERFORM leap.sync_ended(sync, 'cancelled', jsonb_build_object('class', 'permanent', 'code', 'source_deleted', 'message', 'the source was deleted'));
    END LOOP;
    DELETE FROM leap.input_sources x WHERE x.id = s.id;
    PERFORM leap.audit('delete', 'source', s.id::text, leap.source_json(s), NULL);
END
$$;
COMMENT ON FUNCTION leap.delete_source(uuid) IS
'Deletes an input source; a sync that waits for it is cancelled. Its recordings stay, and what it had is known for ever: another source finds nothing twice. Errors: LP020, LP009 while a template or an automation job names it.';

-- Those that wait for the same are joined, unless an automation run wants to know when its own ends. One that is running
-- has perhaps looked already.
CREATE OR REPLACE FUNCTION leap.start_syncs(sources uuid[], from_date date = NULL, to_date date = NULL, dry_run boolean = false,
                                            automation_run uuid = NULL, run_at timestamptz = NULL)
RETURNS uuid[] LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    joined uuid[];
    started uuid[];
    owners uuid[];
BEGIN
    PERFORM FROM leap.input_sources s WHERE automation_run IS NULL AND s.id = ANY (sources) ORDER BY s.id FOR NO KEY UPDATE;
    joined := ARRAY(SELECT DISTINCT ON (x.source_id) x.id FROM leap.source_syncs x JOIN leap.tasks t ON t.id = x.task_id
                    JOIN leap.input_sources s ON s.id = x.source_id AND s.is_active
                    WHERE automation_run IS NULL AND x.source_id = ANY (sources) AND x.state = 'waiting' AND x.automation_run_id IS NULL
                      AND x.dry_run = start_syncs.dry_run AND x.after IS NULL AND t.state IN ('ready', 'scheduled')
                      AND (x.from_date, x.to_date) IS NOT DISTINCT FROM (start_syncs.from_date, start_syncs.to_date)
                    ORDER BY x.source_id, x.id);
    WITH made AS (
        INSERT INTO leap.source_syncs (source_id, user_id, dry_run, from_date, to_date, from_time, to_time, automation_run_id)
        SELECT s.id, s.user_id, start_syncs.dry_run, start_syncs.from_date, start_syncs.to_date,
               start_syncs.from_date::timestamp AT TIME ZONE u.timezone, (start_syncs.to_date + 1)::timestamp AT TIME ZONE u.timezone, automation_run
        FROM (SELECT id, min(n) AS n FROM unnest(sources) WITH ORDINALITY AS x(id, n) GROUP BY id) a
        JOIN leap.input_sources s ON s.id = a.id AND s.is_active JOIN leap.users u ON u.id = s.user_id
        WHERE NOT EXISTS (SELECT FROM leap.source_syncs j WHERE j.id = ANY (joined) AND j.source_id = s.id)
        ORDER BY a.n RETURNING id, user_id)
    SELECT array_agg(m.id), array_agg(m.user_id) INTO started, owners FROM made m;
    IF started IS NOT NULL THEN
        UPDATE leap.source_syncs x SET task_id = e.task
        FROM unnest(started, leap.add_errands('sync', owners, started, array_fill(run_at, ARRAY[cardinality(started)]))) AS e(sync, task)
        WHERE x.id = e.sync;
    END IF;
    RETURN ARRAY(SELECT x.id FROM unnest(sources) WITH ORDINALITY AS a(source, n)
                 JOIN leap.source_syncs x ON x.source_id = a.source AND x.id = ANY (joined || started) GROUP BY x.id ORDER BY min(a.n));
END
$$;
COMMENT ON FUNCTION leap.start_syncs(uuid[], date, date, boolean, uuid, timestamptz) IS
'Asks these sources, those that are active, what they have between two days (of the user''s time zone, both included; null = any). A dry run only tells. Returns the syncs in the order of their sources; one that waits to be begun with the same wishes serves again, unless it is for an automation run.';

CREATE OR REPLACE FUNCTION leap.sync_source(id uuid, from_date date = NULL, to_date date = NULL, dry_run boolean = false)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    s leap.input_sources := leap.visible_source(id);
BEGIN
    IF NOT s.is_active THEN
        PERFORM leap.refuse('LP003', format('the source "%s" is switched off', s.name), 'Set is_active to true first.');
    ELSIF from_date > to_date OR NOT isfinite(from_date) OR NOT isfinite(to_date) THEN
        PERFORM leap.refuse('LP030', format('there is no day from %s to %s', from_date, to_date), 'from_date is not later than to_date.');
    END IF;
    RETURN (leap.start_syncs(ARRAY[s.id], from_date, to_date, coalesce(dry_run, false)))[1];
END
$$;
COMMENT ON FUNCTION leap.sync_source(uuid, date, date, boolean) IS
'Asks a source what is new, of these days or at all; returns the sync (leap.sync_status()). A dry run writes no recording and tells what would come. Errors: LP003 (switched off), LP020, LP030.';

CREATE OR REPLACE FUNCTION leap.sync_json(x leap.source_syncs)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', x.id, 'source', x.source_id, 'source_name', s.name, 'task', x.task_id::text, 'dry_run', x.dry_run,
        'from_date', x.from_date, 'to_date', x.to_date, 'automation_run', x.automation_run_id, 'state', x.state, 'found', x.found,
        'created', x.created, 'known', x.known, 'updated', x.updated, 'refused', x.refused, 'report', x.report, 'error', x.error,
        'requested_at', x.requested_at, 'finished_at', x.finished_at, 'part', x.part,
        'begun', t.state = 'running' OR x.part > 1, 'last_try', t.error)
    FROM (SELECT x.source_id) o LEFT JOIN leap.input_sources s ON s.id = o.source_id
    LEFT JOIN leap.tasks t ON t.id = x.task_id AND x.state = 'waiting'
$$;
COMMENT ON FUNCTION leap.sync_json(leap.source_syncs) IS 'A sync as people see it: the columns of leap.source_syncs, the name of its source, and of one that waits whether a worker is at it (begun), which part it is at and why the last try failed (last_try).';

CREATE OR REPLACE FUNCTION leap.sync_status(id uuid)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    x leap.source_syncs;
BEGIN
    SELECT y.* INTO x FROM leap.source_syncs y WHERE y.id = sync_status.id AND leap.may_see(y.user_id);
    IF NOT FOUND THEN
        PERFORM leap.refuse('LP020', format('there is no sync %s', id), 'leap source show tells the last ones.');
    END IF;
    RETURN leap.sync_json(x);
END
$$;
COMMENT ON FUNCTION leap.sync_status(uuid) IS
'What became of a sync: state (waiting, succeeded, failed, cancelled), counts, report, error; see leap.source_syncs. Error LP020.';

CREATE OR REPLACE FUNCTION leap.sync_list("user" text = NULL, source uuid = NULL, most int = 50, before uuid = NULL)
RETURNS SETOF jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50 SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    owner uuid := leap.tasks_owner("user");
BEGIN
    IF coalesce(most, 50) NOT BETWEEN 1 AND 10000 THEN
        PERFORM leap.refuse('LP030', format('a page cannot have %s rows', most), 'It has 1 to 10000.');
    END IF;
    -- what would come is told by leap.sync_status()
    RETURN QUERY SELECT leap.sync_json(x) #- '{report,items}' FROM leap.source_syncs x
        WHERE (owner IS NULL OR x.user_id = owner) AND (sync_list.source IS NULL OR x.source_id = sync_list.source) AND (before IS NULL OR x.id < before)
        ORDER BY x.id DESC LIMIT coalesce(most, 50);
END
$$;
COMMENT ON FUNCTION leap.sync_list(text, uuid, int, uuid) IS
'The syncs of the caller, or as operator of the user named (null: of everybody), perhaps of one source, the newest first, made before the one given; each as leap.sync_status() without the items of a dry run. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION leap.source_list("user" text = NULL)
RETURNS SETOF jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    owner uuid := leap.tasks_owner("user");
BEGIN
    RETURN QUERY SELECT leap.source_json(s) FROM leap.input_sources s WHERE owner IS NULL OR s.user_id = owner ORDER BY s.name, s.id;
END
$$;
COMMENT ON FUNCTION leap.source_list(text) IS
'The input sources of the caller, or as operator of the user named (null: of everybody), by name; each as leap.source_json() tells. Error LP020.';

CREATE OR REPLACE FUNCTION leap.find_source(said text, "user" text = NULL)
RETURNS uuid LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    owner uuid := leap.tasks_owner("user");
    found_ids uuid[] := ARRAY(SELECT s.id FROM leap.input_sources s
                              WHERE (owner IS NULL OR s.user_id = owner) AND (s.name = said OR s.id::text = lower(said)
                                     OR length(said) >= 4 AND said ~ '^[0-9a-fA-F-]+$' AND s.id::text LIKE '%' || lower(said)) LIMIT 2);
BEGIN
    IF cardinality(found_ids) = 0 THEN
        PERFORM leap.refuse('LP020', format('there is no source "%s"', said), 'leap source list shows names and ids.');
    ELSIF cardinality(found_ids) > 1 THEN
        PERFORM leap.refuse('LP021', format('several sources are called "%s"', said), 'Give the id; leap source list shows it.');
    END IF;
    RETURN found_ids[1];
END
$$;
COMMENT ON FUNCTION leap.find_source(text, text) IS
'The source with this name, id, or end of an id, of the caller or as operator of the user named (null: of anybody). Errors LP020 (none), LP021 (several).';

-- What was not ready when it was found becomes so within hours; nobody else may ask that source for days.
CREATE OR REPLACE FUNCTION leap.recheck_sources(most int = 100)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    w record;
    n int := 0;
BEGIN
    FOR w IN SELECT s.id, (p.first AT TIME ZONE u.timezone)::date AS first_day, (p.last AT TIME ZONE u.timezone)::date AS last_day
             FROM (SELECT r.input_source_id AS source, min(r.start_time) AS first, max(r.start_time) AS last FROM leap.recordings r
                   WHERE r.status = 'PENDING_SOURCE' AND r.delete_state = 'active' AND r.input_source_id IS NOT NULL
                   GROUP BY r.input_source_id) p
             JOIN leap.input_sources s ON s.id = p.source AND s.is_active AND s.last_error->>'class' IS DISTINCT FROM 'credential'
             JOIN leap.users u ON u.id = s.user_id
             WHERE NOT EXISTS (SELECT FROM leap.source_syncs x WHERE x.source_id = s.id AND NOT x.dry_run
                               AND (x.state = 'waiting' OR x.requested_at > clock_timestamp() - make_interval(mins => leap.setting('leap.pending_source_minutes')::int)))
             ORDER BY s.id LIMIT most LOOP
        n := n + cardinality(leap.start_syncs(ARRAY[w.id], w.first_day, w.last_day));
    END LOOP;
    RETURN n;
END
$$;
COMMENT ON FUNCTION leap.recheck_sources(int) IS
'Asks sources again that have recordings that are not ready (PENDING_SOURCE), for the days of these, unless they were asked within leap.pending_source_minutes; at most so many at a time. Returns how many syncs it made. Those that have not become ready after leap.pending_source_days are skipped by leap.skip_stale_sources().';

-- What workers watch, and what they say when something appeared.
CREATE OR REPLACE FUNCTION leap.inbox_watch()
RETURNS TABLE (source text, path text, recursive boolean, settle_seconds float8)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT s.id::text, s.config->>'path', coalesce((s.config->>'recursive')::boolean, true), coalesce((s.config->>'settle_seconds')::float8, 10)
    FROM leap.input_sources s WHERE s.source_type = 'INBOX' AND s.is_active ORDER BY s.id
$$;
COMMENT ON FUNCTION leap.inbox_watch() IS
'The folders a worker watches, as leap.input_sources has them now; NOTIFY leap_inboxes says that they changed.';

CREATE OR REPLACE FUNCTION leap.inbox_changed(source text)
RETURNS boolean LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT cardinality(leap.start_syncs(ARRAY(SELECT s.id FROM leap.input_sources s WHERE s.id::text = inbox_changed.source AND s.source_type = 'INBOX'))) > 0
$$;
COMMENT ON FUNCTION leap.inbox_changed(text) IS
'A file appeared in this inbox: it is asked what is new, unless that waits to be done already. Returns whether there is such an inbox.';
