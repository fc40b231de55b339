-- Schema api: input sources, their syncs, and automation jobs with their runs.

CREATE OR REPLACE VIEW api.input_sources WITH (security_invoker = true) AS
SELECT s.id, s.name, s.description, s.source_type, leap.safe_url(s.config::text)::jsonb AS config, s.is_active, s.last_sync_at, s.last_error, s.created_at, s.updated_at, s.credential_id
FROM leap.input_sources s WHERE s.user_id = (SELECT leap.current_user_id());
COMMENT ON VIEW api.input_sources IS
'Sources

Places that are asked for new recordings. POST, PATCH and DELETE are the functions add_source, change_source and delete_source.';
COMMENT ON COLUMN api.input_sources.source_type IS 'URL_LIST, ZOOM, YANDEX_DISK, S3, SITE, or INBOX (a folder that an operator made); it cannot be changed.';
COMMENT ON COLUMN api.input_sources.credential_id IS 'With which the platform is asked; of ZOOM, S3, and YANDEX_DISK with a folder_path.';
COMMENT ON COLUMN api.input_sources.config IS 'What source_options lists for the type; PATCH changes single keys, null sets one back to its default.';
COMMENT ON COLUMN api.input_sources.is_active IS 'One that is not active is asked by nobody.';
COMMENT ON COLUMN api.input_sources.last_error IS 'Why the last sync failed; null since one succeeded.';
CREATE OR REPLACE TRIGGER write_through INSTEAD OF INSERT OR UPDATE OR DELETE ON api.input_sources FOR EACH ROW EXECUTE FUNCTION leap.write_through('source',
    '{name,description,source_type,config,is_active,credential_id}', '{name,description,config,is_active,credential_id}');

CREATE OR REPLACE VIEW api.source_syncs WITH (security_invoker = true) AS
SELECT x.id, x.source_id, x.task_id::text AS task_id, x.dry_run, x.from_date, x.to_date, x.automation_run_id, x.state, x.found, x.created, x.known, x.updated, x.refused,
       x.report, x.error, x.requested_at, x.finished_at, x.part
FROM leap.source_syncs x WHERE x.user_id = (SELECT leap.current_user_id());
COMMENT ON VIEW api.source_syncs IS
'Syncs

Each time a source was asked what is new.';
COMMENT ON COLUMN api.source_syncs.dry_run IS 'It wrote no recording; report.items tells what would have come.';
COMMENT ON COLUMN api.source_syncs.state IS 'waiting, succeeded, failed or cancelled.';
COMMENT ON COLUMN api.source_syncs.found IS 'Recordings that the source has in the days asked for.';
COMMENT ON COLUMN api.source_syncs.known IS 'Those that were there already; updated: of them brought up to date.';
COMMENT ON COLUMN api.source_syncs.part IS 'Of a source with more than fits into one answer: the part it is at, or that was the last.';
COMMENT ON COLUMN api.source_syncs.refused IS 'New ones that were not taken; the report has the reasons.';

CREATE OR REPLACE VIEW api.automation_jobs WITH (security_invoker = true) AS
SELECT j.id, j.name, j.description, j.template_ids, j.schedule_config, j.sync_config, j.filters, j.processing_config, j.misfire, j.is_enabled,
       j.next_run_at, j.last_run_at, j.run_count::text AS run_count, j.last_error, j.created_at, j.updated_at
FROM leap.automation_jobs j WHERE j.user_id = (SELECT leap.current_user_id());
COMMENT ON VIEW api.automation_jobs IS
'Automation jobs

A schedule by which sources are asked and recordings matched and processed. POST, PATCH and DELETE are the functions add_job, change_job and delete_job; get_job tells more.';
COMMENT ON COLUMN api.automation_jobs.template_ids IS 'Only these templates; null: every active one.';
COMMENT ON COLUMN api.automation_jobs.schedule_config IS '{type: daily {time}, hours {hours}, weekdays {days 1..7 (1 = Monday), time} or cron {expression}; timezone}';
COMMENT ON COLUMN api.automation_jobs.sync_config IS '{sync_days 1..30, source_ids}';
COMMENT ON COLUMN api.automation_jobs.filters IS '{status: list, exclude_blank}';
COMMENT ON COLUMN api.automation_jobs.misfire IS 'What becomes of runs that were missed: skip, coalesce (one for all) or catch_up.';
COMMENT ON COLUMN api.automation_jobs.run_count IS 'As text.';
COMMENT ON COLUMN api.automation_jobs.last_error IS 'What last went wrong; null since a run went well.';
CREATE OR REPLACE TRIGGER write_through INSTEAD OF INSERT OR UPDATE OR DELETE ON api.automation_jobs FOR EACH ROW EXECUTE FUNCTION leap.write_through('job',
    '{name,description,template_ids,schedule_config,sync_config,filters,processing_config,misfire,is_enabled}',
    '{name,description,template_ids,schedule_config,sync_config,filters,processing_config,misfire,is_enabled}');

CREATE OR REPLACE VIEW api.automation_runs WITH (security_invoker = true) AS
SELECT r.id, r.job_id, r.trigger, r.scheduled_for, r.state, r.phase, r.sources, r.sources_failed, r.synced, r.candidates, r.matched, r.unmatched, r.started,
       r.refused, r.done, r.failed, r.held, r.report, r.error, r.started_at, r.finished_at
FROM leap.automation_runs r WHERE r.user_id = (SELECT leap.current_user_id());
COMMENT ON VIEW api.automation_runs IS
'Runs of automation jobs

Also those that were skipped, with the reason, and dry runs; get_automation_run tells more.';
COMMENT ON COLUMN api.automation_runs.trigger IS 'schedule, manual or dry_run.';
COMMENT ON COLUMN api.automation_runs.state IS 'running, succeeded, partial (some of it went wrong), failed or skipped.';
COMMENT ON COLUMN api.automation_runs.phase IS 'What a run that is running does: sync, match, start or processing.';

GRANT SELECT, INSERT, UPDATE, DELETE ON api.input_sources, api.automation_jobs TO leap_user, leap_admin;
GRANT SELECT ON api.source_syncs, api.automation_runs TO leap_user, leap_admin;

-- sources

CREATE OR REPLACE FUNCTION api.list_sources(page int = 1, per_page int = 20, sort_by text = 'created_at', sort_order text = 'desc', search text = NULL,
                                            active_only boolean = false, platform text[] = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT leap.page_of('input_sources', jsonb_build_object('is_active', CASE WHEN active_only THEN true END, 'source_type', platform), search, page, per_page, sort_by, sort_order)
$$;
COMMENT ON FUNCTION api.list_sources(int, int, text, text, text, boolean, text[]) IS
'A page of the caller''s sources

{page, per_page, total, total_pages, items}; platform: source types, search: a part of the name. Error LP030.';

CREATE OR REPLACE FUNCTION api.get_source(id uuid)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT leap.row_of('input_sources', id) || jsonb_build_object('syncing', EXISTS (SELECT FROM api.source_syncs x WHERE x.source_id = get_source.id AND x.state = 'waiting'))
$$;
COMMENT ON FUNCTION api.get_source(uuid) IS
'A source of the caller, and whether it is being asked now (syncing)

Error LP020.';

CREATE OR REPLACE FUNCTION api.add_source(source jsonb)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.row_of('input_sources', leap.add_source(source)) $$;
COMMENT ON FUNCTION api.add_source(jsonb) IS
'Adds a source

source: {name, source_type, config (source_options), credential_id, description, is_active}. Errors LP020 (folders are for operators), LP030, 23505 name taken.';

CREATE OR REPLACE FUNCTION api.change_source(id uuid, changes jsonb)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.row_of('input_sources', (leap.change_source(leap.id_in('input_sources', id), changes)->>'id')::uuid) $$;
COMMENT ON FUNCTION api.change_source(uuid, jsonb) IS
'Changes a source

changes: name, description, credential_id, is_active, or single keys of config (null sets back to the default). Returns the source. Errors LP020, LP030, 23505.';

CREATE OR REPLACE FUNCTION api.delete_source(id uuid)
RETURNS void LANGUAGE sql AS $$ SELECT leap.delete_source(leap.id_in('input_sources', id)) $$;
COMMENT ON FUNCTION api.delete_source(uuid) IS
'Deletes a source; its recordings stay

Errors LP009 while a template or a job names it, LP020.';

CREATE OR REPLACE FUNCTION api.copy_source(id uuid, name text = NULL)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.row_of('input_sources', leap.copy_source(leap.id_in('input_sources', id), name)) $$;
COMMENT ON FUNCTION api.copy_source(uuid, text) IS
'Copies a source as one that is not active

Returns the copy. Errors LP020, 23505.';

CREATE OR REPLACE FUNCTION api.sync_source(id uuid, from_date date = NULL, to_date date = NULL, dry_run boolean = false)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('task_id', s.x->'task_id', 'status', 'queued', 'sync_id', s.x->'id', 'source_id', s.x->'source_id', 'dry_run', s.x->'dry_run',
                              'source_name', (SELECT v.name FROM api.input_sources v WHERE v.id = sync_source.id))
    FROM (SELECT leap.row_of('source_syncs', leap.sync_source(leap.id_in('input_sources', id), from_date, to_date, dry_run)) AS x) s
$$;
COMMENT ON FUNCTION api.sync_source(uuid, date, date, boolean) IS
'Asks a source what is new

Between two days (both included) or at all: {task_id, status, sync_id, source_id, source_name, dry_run}; get_sync tells what came of it. A dry run writes no recording. Errors LP003 (switched off), LP020, LP030.';

CREATE OR REPLACE FUNCTION api.sync_sources(source_ids uuid[], from_date date = NULL, to_date date = NULL, dry_run boolean = false)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('queued_count', count(s.answer), 'skipped_count', count(*) FILTER (WHERE s.answer IS NULL),
               'sources', coalesce(jsonb_agg(coalesce(s.answer, jsonb_build_object('source_id', s.id, 'status', 'skipped', 'reason', s.reason)) ORDER BY s.n), '[]'))
    FROM (SELECT w.id, w.n, CASE WHEN v.id IS NULL THEN format('there is no source %s', w.id) WHEN NOT v.is_active THEN 'it is switched off' END AS reason,
                 CASE WHEN v.is_active THEN api.sync_source(v.id, from_date, to_date, dry_run) END AS answer
          FROM (SELECT i AS id, min(n) AS n FROM unnest(source_ids) WITH ORDINALITY AS u(i, n) GROUP BY i) w LEFT JOIN api.input_sources v ON v.id = w.id) s
$$;
COMMENT ON FUNCTION api.sync_sources(uuid[], date, date, boolean) IS
'Asks several sources what is new

{queued_count, skipped_count, sources [sync_source, or {source_id, status: skipped, reason}]}. Error LP030.';

CREATE OR REPLACE FUNCTION api.get_sync(id uuid)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.sync_status(leap.id_in('source_syncs', id)) $$;
COMMENT ON FUNCTION api.get_sync(uuid) IS
'What became of a sync

state, counts, report, error, and while it waits whether a worker is at it (begun) and why the last try failed (last_try). Error LP020.';

CREATE OR REPLACE FUNCTION api.list_syncs(id uuid = NULL, page int = 1, per_page int = 20)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT leap.page_of('source_syncs', jsonb_build_object('source_id', CASE WHEN id IS NOT NULL THEN leap.id_in('input_sources', id) END), NULL, page, per_page, 'requested_at', 'desc')
$$;
COMMENT ON FUNCTION api.list_syncs(uuid, int, int) IS
'A page of the syncs of a source, or of all, the newest first

{page, per_page, total, total_pages, items}. Errors LP020, LP030.';

-- The worker that asks may be a while: who wants to know looks at the sync.
CREATE OR REPLACE FUNCTION leap.site_reply(sync uuid)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('task_id', s.x->'task_id', 'status', 'queued', 'sync_id', s.x->'id', 'dry_run', s.x->'dry_run') FROM (SELECT leap.row_of('source_syncs', sync) AS x) s
$$;
COMMENT ON FUNCTION leap.site_reply(uuid) IS 'What a question to a video site is answered with at first: {task_id, status, sync_id, dry_run}.';

CREATE OR REPLACE FUNCTION api.add_playlist(url text, quality text = NULL, format_preference text = NULL, most int = NULL, dry_run boolean = false)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT leap.site_reply(leap.ask_site(jsonb_strip_nulls(jsonb_build_object('url', url, 'quality', quality, 'format', format_preference, 'most', most)), NULL, dry_run))
$$;
COMMENT ON FUNCTION api.add_playlist(text, text, text, int, boolean) IS
'Adds the recordings of a playlist or channel

Once; a source of type SITE asks again. {task_id, status, sync_id, dry_run}; get_sync tells what came: created, known, report.recordings. most: the first so many (100). A dry run adds none and tells them in report.items. Errors LP030, LP044 while twenty such questions wait.';

CREATE OR REPLACE FUNCTION api.preview_formats(url text)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.site_reply(leap.ask_site(jsonb_build_object('url', url), 'formats')) $$;
COMMENT ON FUNCTION api.preview_formats(text) IS
'Asks in which formats a site has a video

{task_id, status, sync_id}; when a worker has asked, get_sync tells in report.formats {title, site, duration, formats [{id, ext, width, height, fps, video, audio, bytes, about_bytes}]}. Errors LP030, LP044 while twenty such questions wait.';

CREATE OR REPLACE FUNCTION api.qualities()
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('qualities', (SELECT jsonb_agg(jsonb_build_object('id', q.quality, 'name', q.comment)) FROM leap.site_qualities() q WHERE q.quality IS NOT NULL),
                              'formats', (SELECT jsonb_agg(jsonb_build_object('id', q.format, 'name', q.comment)) FROM leap.site_qualities() q WHERE q.format IS NOT NULL))
$$;
COMMENT ON FUNCTION api.qualities() IS
'What can be wished of recordings of video sites

{qualities [{id, name}], formats [{id, name}]}; the first of each is the standard.';

CREATE OR REPLACE FUNCTION api.source_options()
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT jsonb_agg(to_jsonb(o)) FROM leap.source_options() o $$;
COMMENT ON FUNCTION api.source_options() IS
'What the config of a source may have, by type (* = each)

[{source_type, key, type, required, standard, low, high, allowed, comment}].';

-- automation jobs

CREATE OR REPLACE FUNCTION api.list_jobs(page int = 1, per_page int = 20, sort_by text = 'created_at', sort_order text = 'desc', search text = NULL, is_active boolean = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.page_of('automation_jobs', jsonb_build_object('is_enabled', is_active), search, page, per_page, sort_by, sort_order) $$;
COMMENT ON FUNCTION api.list_jobs(int, int, text, text, text, boolean) IS
'A page of the caller''s automation jobs

{page, per_page, total, total_pages, items}; search looks for a part of the name. Error LP030.';

CREATE OR REPLACE FUNCTION api.get_job(id uuid)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.row_of('automation_jobs', id) || (SELECT jsonb_build_object('templates', j->'templates', 'schedule', j->'schedule', 'next_runs', j->'next_runs', 'running', j->'running') FROM leap.get_job(id) j) $$;
COMMENT ON FUNCTION api.get_job(uuid) IS
'An automation job of the caller, with its templates and their state, the schedule in words, its next_runs and the run that is under way (running)

Error LP020.';

-- With the rights of the owner, for next_runs would count as far as it is told to.
CREATE OR REPLACE FUNCTION leap.preview_schedule(schedule jsonb, language text)
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT jsonb_build_object('schedule', c.schedule, 'text', leap.schedule_text(c.schedule, language),
                              'next_runs', (SELECT coalesce(jsonb_agg(n ORDER BY n), '[]') FROM leap.next_runs(c.schedule, leap.clock(), 5) n),
                              'least_hours', round(extract(epoch FROM leap.least_interval(c.schedule, leap.clock())) / 3600, 2))
    FROM (SELECT leap.check_schedule(schedule) AS schedule) c
$$;
COMMENT ON FUNCTION leap.preview_schedule(jsonb, text) IS
'A schedule in its one way of writing, as text in a language, its next five runs and the hours between two at least: {schedule, text, next_runs, least_hours}. Error LP030 naming the field.';

CREATE OR REPLACE FUNCTION api.preview_schedule(schedule jsonb, language text = 'en')
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.preview_schedule(schedule, language) $$;
COMMENT ON FUNCTION api.preview_schedule(jsonb, text) IS
'When a schedule would run

{schedule (in its one way of writing), text (in words, en or ru), next_runs (five), least_hours (between two runs)}. Error LP030 naming the field.';

CREATE OR REPLACE FUNCTION api.add_job(job jsonb)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.row_of('automation_jobs', leap.add_job(job)) $$;
COMMENT ON FUNCTION api.add_job(jsonb) IS
'Adds an automation job

job: {name, schedule_config, description, template_ids, sync_config, filters, processing_config, misfire, is_enabled}; name and schedule_config must be there. Errors LP010 quotas, LP020 template or source, LP030, 23505 name taken.';

CREATE OR REPLACE FUNCTION api.change_job(id uuid, changes jsonb)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.row_of('automation_jobs', (leap.change_job(leap.id_in('automation_jobs', id), changes)->>'id')::uuid) $$;
COMMENT ON FUNCTION api.change_job(uuid, jsonb) IS
'Changes an automation job

changes has the members of add_job that are to change; null is the default. Returns the job. Errors LP020, and those of add_job.';

CREATE OR REPLACE FUNCTION api.delete_job(id uuid)
RETURNS void LANGUAGE sql AS $$ SELECT leap.delete_job(leap.id_in('automation_jobs', id)) $$;
COMMENT ON FUNCTION api.delete_job(uuid) IS
'Deletes an automation job and its history; what it has begun goes on

Error LP020.';

CREATE OR REPLACE FUNCTION api.copy_job(id uuid, name text = NULL)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.row_of('automation_jobs', leap.copy_job(leap.id_in('automation_jobs', id), name)) $$;
COMMENT ON FUNCTION api.copy_job(uuid, text) IS
'Copies an automation job, switched off

Returns the copy. Errors LP010, LP020, LP030, 23505.';

CREATE OR REPLACE FUNCTION api.run_job(id uuid, dry_run boolean = false)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('automation_run_id', leap.run_job(leap.id_in('automation_jobs', id), dry_run), 'job_id', id,
                              'mode', CASE WHEN dry_run THEN 'dry_run' ELSE 'execute' END,
                              'message', CASE WHEN dry_run THEN 'its report will say what a run would do' ELSE 'the job runs' END)
$$;
COMMENT ON FUNCTION api.run_job(uuid, boolean) IS
'Runs an automation job now

{automation_run_id, job_id, mode, message}; get_automation_run tells how far it is. With dry_run the sources are asked and nothing is changed: the report of the run says what a run would do. Errors LP008 while a run asks sources or starts recordings, LP020.';

CREATE OR REPLACE FUNCTION api.job_runs(id uuid, page int = 1, per_page int = 20)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT leap.page_of('automation_runs', jsonb_build_object('job_id', leap.id_in('automation_jobs', id)), NULL, page, per_page, 'started_at', 'desc')
$$;
COMMENT ON FUNCTION api.job_runs(uuid, int, int) IS
'A page of the runs of an automation job, the newest first

{page, per_page, total, total_pages, items}. Kept are the hundred newest and all of the last 30 days. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION api.get_automation_run(id uuid)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.automation_run(leap.id_in('automation_runs', id)) $$;
COMMENT ON FUNCTION api.get_automation_run(uuid) IS
'A run of an automation job with all that is known of it

counts, progress, syncs of its sources, the recordings it started, and report: what was not matched or refused and why, or what a dry run found. Error LP020.';

REVOKE ALL ON FUNCTION leap.site_reply(uuid), leap.preview_schedule(jsonb, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION leap.site_reply(uuid), leap.preview_schedule(jsonb, text), api.list_sources(int, int, text, text, text, boolean, text[]), api.get_source(uuid), api.add_source(jsonb), api.change_source(uuid, jsonb),
    api.delete_source(uuid), api.copy_source(uuid, text), api.sync_source(uuid, date, date, boolean), api.sync_sources(uuid[], date, date, boolean), api.get_sync(uuid),
    api.list_syncs(uuid, int, int), api.source_options(), api.add_playlist(text, text, text, int, boolean), api.preview_formats(text), api.qualities(), api.list_jobs(int, int, text, text, text, boolean), api.get_job(uuid), api.preview_schedule(jsonb, text), api.add_job(jsonb), api.change_job(uuid, jsonb),
    api.delete_job(uuid), api.copy_job(uuid, text), api.run_job(uuid, boolean), api.job_runs(uuid, int, int), api.get_automation_run(uuid) TO leap_user, leap_admin;
