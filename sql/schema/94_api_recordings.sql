-- Schema api: what people do with recordings. Each function hands on to one of schema leap, which decides and locks.

CREATE OR REPLACE FUNCTION api.list_recordings(page int = 1, per_page int = 20, sort_by text = 'created_at', sort_order text = 'desc', search text = NULL,
    status text[] = NULL, template_id uuid[] = NULL, source_id uuid[] = NULL, failed boolean = NULL, held boolean = NULL, is_mapped boolean = NULL,
    include_blank boolean = false, include_deleted boolean = false, from_date date = NULL, to_date date = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT leap.recordings_by_page(jsonb_strip_nulls(jsonb_build_object('search', nullif(btrim(search), ''), 'status', status, 'template_id', template_id,
               'source_id', source_id, 'failed', failed, 'held', held, 'is_mapped', is_mapped, 'include_blank', coalesce(include_blank, false),
               'include_deleted', include_deleted, 'from_date', from_date, 'to_date', to_date)), page, per_page, sort_by, sort_order)
$$;
COMMENT ON FUNCTION api.list_recordings IS
'A page of recordings

{page, per_page (1 to 100), total, more (total is not all), total_pages, items}. An item has the name, times, status, template, source, uploads by platform, stages, failure and hold of a recording, and can_run, can_pause, ready_to_upload. sort_by: created_at, updated_at, start_time, display_name or status; sort_order: asc or desc. search: words of the name. from_date and to_date: days of UTC, both included.';

CREATE OR REPLACE FUNCTION api.browse_recordings(after text = NULL, before text = NULL, most int = 50, sort_by text = 'created_at', sort_order text = 'desc', total boolean = false,
    search text = NULL, status text[] = NULL, template_id uuid[] = NULL, source_id uuid[] = NULL, target_status text[] = NULL, failed boolean = NULL, held boolean = NULL,
    active boolean = NULL, is_mapped boolean = NULL, include_blank boolean = NULL, blank boolean = NULL, include_deleted boolean = NULL, deleted boolean = NULL,
    from_date text = NULL, to_date text = NULL, ids uuid[] = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT leap.browse_recordings(leap.browse_filters(search, status, template_id, source_id, target_status, failed, held, active, is_mapped, include_blank, blank, include_deleted, deleted,
                                                      from_date, to_date, ids),
                                  after, before, most, sort_by, sort_order, total)
$$;
COMMENT ON FUNCTION api.browse_recordings IS
'Recordings from a row on, or back

Up to most (500) of them behind the place after, or in front of the place before: {items, next, previous}. Next and previous are places to go on from, null at the end; total (with more when that is not all) is counted only when asked for. Filters and items are those of list_recordings; also active (a run of it is active), target_status, blank, deleted, and ids: these recordings, whatever they are. from_date and to_date: days of UTC, both included, or times. LP030 for a place of another sort order.';

CREATE OR REPLACE FUNCTION api.recording_choices(search text = NULL, status text[] = NULL, template_id uuid[] = NULL, source_id uuid[] = NULL, target_status text[] = NULL, failed boolean = NULL, held boolean = NULL,
    active boolean = NULL, is_mapped boolean = NULL, include_blank boolean = NULL, blank boolean = NULL, include_deleted boolean = NULL, deleted boolean = NULL,
    from_date text = NULL, to_date text = NULL, ids uuid[] = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT leap.recording_choices(leap.browse_filters(search, status, template_id, source_id, target_status, failed, held, active, is_mapped, include_blank, blank, include_deleted, deleted,
                                                      from_date, to_date, ids))
$$;
COMMENT ON FUNCTION api.recording_choices IS
'What a list can be narrowed to

{statuses {status: count}, templates [{id, name, count}], sources [{id, name, type, count}], failed (given up: neither held nor in a run), held, active}: each counted among what the other filters of browse_recordings leave, in the newest 10000.';

CREATE OR REPLACE FUNCTION api.recording_operations(id uuid)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.recording_operations(id) $$;
COMMENT ON FUNCTION api.recording_operations IS
'What may be done with a recording

[{operation, allowed, reason, code, hint}], every operation there is. LP020 for an unknown recording.';

CREATE OR REPLACE FUNCTION api.get_recording(id uuid, detailed boolean = false)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.get_recording(id, detailed) $$;
COMMENT ON FUNCTION api.get_recording IS
'One recording

As in list_recordings; detailed: also source, topics, facts, configuration, newest run with its tasks, outputs, files and what it waits for. LP020 for an unknown one.';

DROP FUNCTION IF EXISTS api.add_recording(text, text, uuid, jsonb, bigint, boolean);       -- it knew less
CREATE OR REPLACE FUNCTION api.add_recording(url text, display_name text = NULL, template_id uuid = NULL, config jsonb = NULL, bytes bigint = NULL, auto_run boolean = false,
    quality text = NULL, format_preference text = NULL)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT leap.add_recording_reply(jsonb_strip_nulls(jsonb_build_object('type', CASE WHEN quality IS NULL AND format_preference IS NULL THEN 'url' ELSE 'site' END, 'url', url, 'bytes', bytes::text,
                                                                        'quality', quality, 'format', format_preference)), display_name, template_id, config, auto_run)
$$;
COMMENT ON FUNCTION api.add_recording IS
'Add a recording from a URL

The URL is that of a media file (http or https, without user name and password); with quality or format_preference (references/qualities) that of a page of a video site, which a worker with yt-dlp fetches. auto_run starts its run at once. Returns {success, recording_id, display_name, status, run_id, task_id, message}. LP010 quota, LP020 template, LP030 URL or configuration.';

CREATE OR REPLACE FUNCTION api.change_recording(id uuid, display_name text = NULL, config jsonb = NULL)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.change_recording(id, display_name, config) $$;
COMMENT ON FUNCTION api.change_recording IS 'Rename a recording, or change its settings

config is laid over the settings it has; null in it removes one. Returns {id, display_name, config}.';

CREATE OR REPLACE FUNCTION api.run_recording(id uuid, dry_run boolean = false, force boolean = false, template_id uuid = NULL, bind_template boolean = false,
    processing_config jsonb = NULL, metadata_config jsonb = NULL, output_config jsonb = NULL, config jsonb = NULL,
    priority int = NULL, start_at timestamptz = NULL, idempotency_key text = NULL)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT CASE WHEN dry_run
        THEN leap.dry_run_reply(id, CASE WHEN force THEN 'force' ELSE 'run' END, template_id, leap.joined_config(config, processing_config, metadata_config, output_config))
        ELSE leap.operation_reply(leap.run_recording(id, idempotency_key, coalesce(force, false), priority, start_at, template_id, coalesce(bind_template, false),
                                                     leap.joined_config(config, processing_config, metadata_config, output_config))) END
$$;
COMMENT ON FUNCTION api.run_recording IS
'Run a recording

Goes on from where it stands, after a failure from the failed stage; force does everything again. dry_run tells what would be done. template_id is used for this run only, or with bind_template from now on; the configurations hold for this run only (config: all of it; processing_config: {trimming, transcription}; metadata_config; output_config). priority: -10 first, 10 last. Returns {success, recording_id, message, status, on_pause, hold, run_id, task_id}. LP003 not allowed, LP004 a run is active, LP005 held, LP006 key used otherwise, LP010 quota, LP020 unknown, LP043 permission.';

DROP FUNCTION IF EXISTS api.retry_recording(uuid, boolean);
CREATE OR REPLACE FUNCTION api.retry_recording(id uuid, dry_run boolean = false, anew boolean = false)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT CASE WHEN dry_run THEN leap.dry_run_reply(id, 'retry')
                ELSE leap.operation_reply(CASE WHEN anew THEN leap.retry_anew(id) ELSE leap.retry_recording(id) END) END
$$;
COMMENT ON FUNCTION api.retry_recording IS 'Try a failed recording again

From the failed stage; if a try waits for its time, now. With anew, failed uploads begin at their beginning: for one whose outcome nobody can tell (outcome_unknown), after a look at the platform. LP003 if it has not failed.';

CREATE OR REPLACE FUNCTION api.unpublish_recording(id uuid, target text = NULL)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.operation_reply(leap.unpublish(id, target)) $$;
COMMENT ON FUNCTION api.unpublish_recording IS 'Take a publication back

Everywhere, or on one target: its id, its type (YOUTUBE), or the id of its preset. It goes on by itself; runs publish there again only when an upload is asked for. LP003 if nothing is published there, LP004 while a run is active, LP020 for an unknown recording.';

-- The operations that take nothing but the recording; answers are those of run_recording.
DO $$
DECLARE
    o record;
BEGIN
    FOR o IN SELECT * FROM (VALUES
        ('cancel',  'Cancel the run of a recording', 'Its tasks end at once, and it goes back to its last stable status. LP003 if nothing runs.'),
        ('pause',   'Pause a recording', 'It is held after the tasks that run. LP003 if nothing runs, LP005 if it is held.'),
        ('resume',  'Let a paused recording go on', 'LP003 if it is not paused.'),
        ('accept',  'Let a held recording go on', 'One that is held because it is blank, its transcript unsure, its task killed workers, or for a quota that has room now. LP003 if it is not held so.'),
        ('skip',    'Mark a recording as not wanted', 'LP003 if it is published or skipped, LP004 while a run is active.'),
        ('unskip',  'Take a skipped recording back in', 'LP003 if it is not skipped.'),
        ('delete',  'Delete a recording', 'Its run is cancelled. It can be restored until its files are purged.'),
        ('restore', 'Restore a deleted recording', 'LP003 if it is not deleted or its files are gone.'),
        ('purge',   'Take the files of a deleted recording', 'At once: it cannot be restored then. LP003 if it is not deleted, its files are gone, or a task of it runs.')) AS v (name, title, comment)
    LOOP
        EXECUTE format('CREATE OR REPLACE FUNCTION api.%1$I(id uuid) RETURNS jsonb LANGUAGE sql AS $q$SELECT leap.operation_reply(leap.%1$I(id))$q$', o.name || '_recording');
        EXECUTE format('COMMENT ON FUNCTION api.%I IS %L', o.name || '_recording', format(E'%s\n\n%s LP020 for an unknown recording.', o.title, o.comment));
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION api.set_recording_expiry(id uuid, expire_at timestamptz = NULL, by_setting boolean = false)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.set_expiry(id, expire_at, by_setting) $$;
COMMENT ON FUNCTION api.set_recording_expiry IS 'When a recording is deleted by itself

expire_at: then, null: never, whatever the account''s settings say; by_setting: as they say. Returns {recording_id, expire_at, expire_by}. LP020 for an unknown or deleted recording, LP030 for a time that has passed.';

CREATE OR REPLACE FUNCTION api.reset_recording(id uuid, delete_files boolean = true)
RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    IF delete_files IS FALSE THEN
        PERFORM leap.refuse('LP030', 'a reset keeps no files', 'Leave delete_files out, or use run_recording with force.');
    END IF;
    RETURN leap.operation_reply(leap.reset_recording(id));
END
$$;
COMMENT ON FUNCTION api.reset_recording IS 'Take a recording back to its beginning

Its files go, its failures are forgotten; what is published stays published. LP003 while a task of it runs.';

CREATE OR REPLACE FUNCTION api.set_recording_priority(id uuid, priority int)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.operation_reply(leap.set_priority(id, priority)) $$;
COMMENT ON FUNCTION api.set_recording_priority IS 'Another place among what waits

-10 first, 10 last, among the tasks of the same user. LP003 if nothing of it runs or waits.';

CREATE OR REPLACE FUNCTION api.recording_stages(id uuid)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.get_recording(id, false) -> 'processing_stages' $$;
COMMENT ON FUNCTION api.recording_stages IS 'The stages of a recording

[{stage_type, status, progress, failed, failed_at, failed_reason, retry_count, started_at, completed_at, duration_seconds}].';

CREATE OR REPLACE FUNCTION api.recording_history(id uuid, since timestamptz = '-infinity', most int = 1000)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('at', h.at, 'entity', h.entity, 'kind', h.kind, 'event', h.event, 'from', h.from_state, 'to', h.to_state, 'attempt', h.attempt,
                                                 'task_id', h.task::text, 'target_id', h.target, 'error', h.error)), '[]')
    FROM leap.history(id, since, least(most, 1000)) h
$$;
COMMENT ON FUNCTION api.recording_history IS 'What happened to a recording

Oldest first, after since, at most 1000; the time of the last row as since goes on.';

CREATE OR REPLACE FUNCTION api.recording_files(id uuid)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(to_jsonb(a) - 'recording_id' ORDER BY a.kind), '[]') FROM api.artifacts a
    WHERE a.recording_id = (leap.get_recording(recording_files.id, false)->>'id')::uuid
$$;
COMMENT ON FUNCTION api.recording_files IS 'The files of a recording

[{id, kind, media_type, bytes, sha256, path, metadata, task_id, created_at}].';

-- Single stages -------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION api.download_recording(id uuid, force boolean = true, config jsonb = NULL)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.operation_reply(leap.do_stage(id, 'download', override => config)) $$;
COMMENT ON FUNCTION api.download_recording IS 'Download a recording, and nothing else

What is there is fetched anew. config: for this time only.';

DROP FUNCTION IF EXISTS api.trim_recording(uuid, numeric, numeric, numeric, numeric, jsonb);
CREATE OR REPLACE FUNCTION api.trim_recording(id uuid, silence_threshold numeric = NULL, min_silence_duration numeric = NULL, padding_before numeric = NULL, padding_after numeric = NULL,
                                              mode text = NULL, shorten_pauses_above numeric = NULL, shorten_pauses_to numeric = NULL,
                                              crf int = NULL, max_height int = NULL, max_bitrate int = NULL, audio_bitrate int = NULL, config jsonb = NULL)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT leap.operation_reply(leap.do_stage(id, 'process', override => leap.joined_config(config, jsonb_build_object('trimming', jsonb_strip_nulls(jsonb_build_object(
        'silence_threshold', silence_threshold, 'min_silence_duration', min_silence_duration, 'padding_before', padding_before, 'padding_after', padding_after,
        'mode', mode, 'shorten_pauses_above', shorten_pauses_above, 'shorten_pauses_to', shorten_pauses_to,
        'crf', crf, 'max_height', max_height, 'max_bitrate', max_bitrate, 'audio_bitrate', audio_bitrate))), NULL, NULL)))
$$;
COMMENT ON FUNCTION api.trim_recording IS 'Trim a downloaded recording, and nothing else

silence_threshold in dBFS; durations, paddings and pauses in seconds; mode: copy, exact or reencode, which goes by crf, max_height (lines) and the bit rates (bits a second). All hold for this time only.';

CREATE OR REPLACE FUNCTION api.transcribe_recording(id uuid, language text = NULL, config jsonb = NULL)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT leap.operation_reply(leap.do_stage(id, 'transcribe', override => leap.joined_config(config, CASE WHEN language IS NOT NULL THEN
        jsonb_build_object('transcription', jsonb_build_object('language', language)) END, NULL, NULL)))
$$;
COMMENT ON FUNCTION api.transcribe_recording IS 'Transcribe a trimmed recording, and nothing else';

CREATE OR REPLACE FUNCTION api.generate_subtitles(id uuid, config jsonb = NULL)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.operation_reply(leap.do_stage(id, 'subtitles', override => config)) $$;
COMMENT ON FUNCTION api.generate_subtitles IS 'Write the subtitles of a transcript, and nothing else';

CREATE OR REPLACE FUNCTION api.upload_recording(id uuid, platform text = NULL, preset_id uuid = NULL, force boolean = false, config jsonb = NULL)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT leap.operation_reply(leap.do_stage(id, CASE WHEN force THEN 'republish' ELSE 'upload' END, coalesce(preset_id::text, upper(platform)), config))
$$;
COMMENT ON FUNCTION api.upload_recording IS 'Upload a transcribed recording, and nothing else

To one platform or preset, or to all that do not have it; with force also to those that do.';

-- Settings and template -----------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION api.get_recording_config(id uuid, template_id uuid = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.resolve_config(id, template_id) $$;
COMMENT ON FUNCTION api.get_recording_config IS 'The configuration a run would use

{config, layers [{layer, id, name, config}, the lowest first], origins {path: layer}}; with another template if one is given.';

CREATE OR REPLACE FUNCTION api.change_recording_config(id uuid, config jsonb = NULL, processing_config jsonb = NULL, metadata_config jsonb = NULL, output_config jsonb = NULL)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT leap.change_recording(id, NULL, leap.joined_config(config, processing_config, metadata_config, output_config))
$$;
COMMENT ON FUNCTION api.change_recording_config IS 'Change the settings of a recording

They are laid over those it has; null in them removes one. Returns {id, display_name, config}.';

CREATE OR REPLACE FUNCTION api.clear_recording_config(id uuid)
RETURNS void LANGUAGE sql AS $$ SELECT leap.clear_recording_config(id) $$;
COMMENT ON FUNCTION api.clear_recording_config IS 'Take all its own settings from a recording';

CREATE OR REPLACE FUNCTION api.bind_recording_template(id uuid, template_id uuid, reset_preferences boolean = false)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT leap.clear_recording_config(id) WHERE reset_preferences;
    SELECT leap.bind_template(id, template_id)
$$;
COMMENT ON FUNCTION api.bind_recording_template IS 'Give a recording a template

reset_preferences takes its own settings from it. Returns {recording, template, name, by}.';

CREATE OR REPLACE FUNCTION api.unbind_recording_template(id uuid, for_good boolean = true)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.unbind_template(id, coalesce(for_good, true)) $$;
COMMENT ON FUNCTION api.unbind_recording_template IS 'Take its template from a recording

With for_good no rule gives it one again.';

-- Many at once --------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION api.operate_recordings(operation text, recording_ids uuid[] = NULL, filters jsonb = NULL, "limit" int = 50, dry_run boolean = false,
    priority int = NULL, start_at timestamptz = NULL, platform text = NULL, preset_id uuid = NULL, template_id uuid = NULL,
    processing_config jsonb = NULL, metadata_config jsonb = NULL, output_config jsonb = NULL, config jsonb = NULL)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT leap.operate_reply(operation, recording_ids, filters, "limit", coalesce(dry_run, false), priority, start_at, coalesce(preset_id::text, upper(platform)), template_id,
                              leap.joined_config(config, processing_config, metadata_config, output_config))
$$;
COMMENT ON FUNCTION api.operate_recordings IS
'Do something with many recordings

operation: run, force, retry, cancel, prioritize, pause, resume, accept, skip, unskip, reset, delete, restore, purge, unpublish, or one stage: download, process, transcribe, topics, subtitles, upload, republish. The recordings are named by recording_ids or by filters (those of list_recordings; the oldest first, at most limit of them). Those that are allowed are done, the others say why not: {queued_count, skipped_count, error_count, total, tasks [{recording_id, display_name, status, reason, code, run_id, task_id}]}. With dry_run nothing is done: {matched_count, skipped_count, total, recordings}.';

CREATE OR REPLACE FUNCTION api.export_recordings(recording_ids uuid[] = NULL, filters jsonb = NULL, "limit" int = 2000, format text = 'json', verbosity text = 'short')
RETURNS text LANGUAGE sql AS $$
    SELECT leap.export_reply(leap.export_recordings(recording_ids, filters, "limit", format, verbosity), format)
$$;
COMMENT ON FUNCTION api.export_recordings IS
'Export recordings

As json or csv, short or long, 1 to 2000 of them; the answer is the file. It is noted in the audit log. LP043 without the permission can_export_data.';

-- What nobody but known users may call; the functions of schema leap say whose things they are.
GRANT EXECUTE ON FUNCTION
    api.list_recordings, api.browse_recordings, api.recording_choices, api.recording_operations, api.get_recording,
    api.add_recording, api.change_recording, api.run_recording, api.retry_recording, api.cancel_recording, api.pause_recording,
    api.resume_recording, api.accept_recording, api.skip_recording, api.unskip_recording, api.delete_recording,
    api.restore_recording, api.purge_recording, api.unpublish_recording, api.set_recording_expiry, api.reset_recording,
    api.set_recording_priority, api.recording_stages, api.recording_history, api.recording_files, api.download_recording,
    api.trim_recording, api.transcribe_recording, api.generate_subtitles, api.upload_recording, api.get_recording_config,
    api.change_recording_config, api.clear_recording_config, api.bind_recording_template, api.unbind_recording_template,
    api.operate_recordings, api.export_recordings
TO leap_user, leap_admin;
