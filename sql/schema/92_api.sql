-- Schema api: what people reach by HTTP. Views and functions only; no table.
--
-- A view shows the rows of the user that the request speaks for, to an administrator too: what concerns other users
-- is in views and functions named admin_. Views read as the caller, so the wall between tenants (85_wall.sql) stands
-- behind them. What is nobody's business has no column: fences, checkpoints, secrets, the numbers of lanes. 63-bit
-- numbers are text, because browsers round them.
-- The tables have no foreign keys among them, so a relation is a function from a row to rows (92_api_relations.sql),
-- which is planned like a join: GET /recordings?select=*,processing_stages(*),output_targets(*) is one statement.
-- What may be written goes through INSTEAD OF triggers to the functions of schema leap, which decide. Grants stand
-- beside what they open. Takes no locks.

COMMENT ON SCHEMA api IS
'LEAP: lecture recordings in, published lessons out

Recordings, their runs and stages, templates, presets, sources, automation, notifications and the account, as views and functions. Errors have a code: LPnnn are explained by rpc/error_codes.';
GRANT USAGE ON SCHEMA api TO leap_anon, leap_user, leap_admin, leap_gateway;

CREATE OR REPLACE VIEW api.recordings WITH (security_invoker = true) AS
SELECT r.id, r.display_name, r.status, r.source, r.start_time, r.duration, r.final_duration, r.failed, r.failed_at, r.failed_at_stage,
       r.error, r.error_message, r.retry_count, r.next_attempt_at, r.hold, r.hold_message, r.held_at, r.blank_record, r.flags, r.facts,
       r.config, r.topics, r.main_topics, r.template_id, r.template_by, r.input_source_id, r.source_metadata, r.unmatched_reason,
       r.expire_at, r.created_at, r.updated_at
FROM leap.recordings r WHERE r.user_id = (SELECT leap.current_user_id()) AND r.delete_state = 'active';
COMMENT ON VIEW api.recordings IS
'Recordings

The lectures of the caller that are not deleted. POST {source, display_name, config} adds one, PATCH changes display_name or config, DELETE puts it among deleted_recordings; everything else is done by functions: run_recording, retry_recording, pause_recording and so on.';
COMMENT ON COLUMN api.recordings.status IS 'PENDING_SOURCE, INITIALIZED, DOWNLOADING, DOWNLOADED, PROCESSING, PROCESSED, TRANSCRIBING, TRANSCRIBED, UPLOADING, UPLOADED, READY, SKIPPED or FAILED.';
COMMENT ON COLUMN api.recordings.source IS 'Where it comes from: {"type": "url", "url": "https://..."} and what is known of it.';
COMMENT ON COLUMN api.recordings.duration IS 'Seconds of the source.';
COMMENT ON COLUMN api.recordings.final_duration IS 'Seconds of the lesson that was made of it.';
COMMENT ON COLUMN api.recordings.failed IS 'The last try failed. With another status than FAILED it is tried again at next_attempt_at.';
COMMENT ON COLUMN api.recordings.failed_at_stage IS 'download, process, transcribe or upload.';
COMMENT ON COLUMN api.recordings.error IS '{class, code, message, hint} of the last failure, and reasons [{code, message, at, position}] where the file itself is of no use.';
COMMENT ON COLUMN api.recordings.retry_count IS 'Tries that failed, the last one included.';
COMMENT ON COLUMN api.recordings.hold IS 'Why nothing of it starts until a person decides: paused, blank, quality, credential, quota or quarantine; null: it is not held.';
COMMENT ON COLUMN api.recordings.flags IS 'What people should know although it is no failure: [{code, message, reasons}].';
COMMENT ON COLUMN api.recordings.facts IS 'What the tasks found out: verdict, reasons, speech, has_audio, has_video, cut {mode, fallback, spans, removed_seconds, removed_share, still}, language, quality, summary, questions.';
COMMENT ON COLUMN api.recordings.config IS 'The settings of this recording; they lie over those of the template and the account.';
COMMENT ON COLUMN api.recordings.topics IS '[{title, start}], start in seconds of the lesson.';
COMMENT ON COLUMN api.recordings.template_by IS 'Who chose the template: rule or user.';
COMMENT ON COLUMN api.recordings.unmatched_reason IS 'Why no template fits, if none does.';
COMMENT ON COLUMN api.recordings.expire_at IS 'When it will be deleted by itself.';

CREATE OR REPLACE VIEW api.deleted_recordings WITH (security_invoker = true) AS
SELECT r.id, r.display_name, r.status, r.start_time, r.duration, r.deleted_at, r.delete_state = 'soft' AS restorable, r.created_at
FROM leap.recordings r WHERE r.user_id = (SELECT leap.current_user_id()) AND r.delete_state <> 'active';
COMMENT ON VIEW api.deleted_recordings IS
'Recordings that were deleted

restore_recording brings one back as long as it is restorable.';
COMMENT ON COLUMN api.deleted_recordings.restorable IS 'Its files are still there.';

CREATE OR REPLACE VIEW api.processing_stages WITH (security_invoker = true) AS
SELECT s.recording_id, s.stage_name, s.status, s.progress, s.attempt, s.error_message, s.started_at, s.completed_at, s.metadata AS tasks, s.place
FROM leap.processing_stages s WHERE s.user_id = (SELECT leap.current_user_id());
COMMENT ON VIEW api.processing_stages IS
'Stages of recordings

Four of each recording, in the order of place: download, process, transcribe, upload.';
COMMENT ON COLUMN api.processing_stages.status IS 'pending, running, completed, failed or skipped.';
COMMENT ON COLUMN api.processing_stages.progress IS 'Percent.';
COMMENT ON COLUMN api.processing_stages.tasks IS 'The tasks of the newest run in this stage: [{task, kind, state, skip_reason}].';

CREATE OR REPLACE VIEW api.output_targets WITH (security_invoker = true) AS
SELECT o.id, o.recording_id, o.target_type, o.preset_id, o.status, o.url, o.remote_id, o.wanted, o.config, o.failed, o.error, o.retry_count,
       o.started_at, o.uploaded_at, o.created_at
FROM leap.output_targets o WHERE o.user_id = (SELECT leap.current_user_id());
COMMENT ON VIEW api.output_targets IS
'Where recordings are published

One of each recording, platform and preset.';
COMMENT ON COLUMN api.output_targets.status IS 'NOT_UPLOADED, UPLOADING, UPLOADED or FAILED.';
COMMENT ON COLUMN api.output_targets.remote_id IS 'What the platform calls it.';
COMMENT ON COLUMN api.output_targets.wanted IS 'False: it is published, and the configuration does not name it any more.';
COMMENT ON COLUMN api.output_targets.config IS 'The settings it is published with.';
COMMENT ON COLUMN api.output_targets.error IS '{class, code, message, hint} of the last failure.';

CREATE OR REPLACE VIEW api.artifacts WITH (security_invoker = true) AS
SELECT a.id, a.recording_id, a.kind, a.media_type, a.bytes::text AS bytes, a.sha256, a.metadata, a.task_id::text AS task_id,
       '/files/' || a.id AS path, a.created_at
FROM leap.artifacts a WHERE a.user_id = (SELECT leap.current_user_id());
COMMENT ON VIEW api.artifacts IS
'Files of recordings

One of each kind: source, analysis, envelope, waveform, audio, poster, miniature, video, transcript, text, topics, chapters, srt, vtt.';
COMMENT ON COLUMN api.artifacts.path IS 'Where this server sends the file.';
COMMENT ON COLUMN api.artifacts.bytes IS 'Its size, as text.';
COMMENT ON COLUMN api.artifacts.task_id IS 'The task that made it.';

CREATE OR REPLACE VIEW api.runs WITH (security_invoker = true) AS
SELECT u.id, u.recording_id, u.state, u.trigger, u.priority, u.start_at, u.config, u.idempotency_key, u.automation_run_id, u.started_at, u.finished_at
FROM leap.runs u WHERE u.user_id = (SELECT leap.current_user_id());
COMMENT ON VIEW api.runs IS
'Passages of recordings through the pipeline

At most one of a recording is active.';
COMMENT ON COLUMN api.runs.state IS 'active, finished, failed or cancelled.';
COMMENT ON COLUMN api.runs.trigger IS 'What began it: user, automation, bulk, retry or force.';
COMMENT ON COLUMN api.runs.priority IS '-10 (first) to 10 (last) among the tasks of the same user.';
COMMENT ON COLUMN api.runs.start_at IS 'Nothing of it starts earlier.';
COMMENT ON COLUMN api.runs.config IS 'The configuration it was resolved to.';

CREATE OR REPLACE VIEW api.tasks WITH (security_invoker = true) AS
SELECT t.id::text AS id, t.recording_id, t.run_id, t.target_id, t.kind, t.queue, t.stage, leap.task_word(t.state) AS status, t.state, t.prio AS priority,
       t.attempt, t.failures, CASE t.state WHEN 'succeeded' THEN 100 WHEN 'skipped' THEN 100 ELSE t.progress END::int AS progress, t.current_step, t.result,
       t.error, t.skip_reason, t.created_at, t.started_at, t.finished_at
FROM leap.tasks t WHERE t.user_id = (SELECT leap.current_user_id());
COMMENT ON VIEW api.tasks IS
'Tasks

The units of work that workers claim. cancel_task ends one.';
COMMENT ON COLUMN api.tasks.id IS 'Its number, as text. get_task reads a single one faster than a filter on this column.';
COMMENT ON COLUMN api.tasks.status IS 'PENDING, PROCESSING, SUCCESS, FAILURE or CANCELLED.';
COMMENT ON COLUMN api.tasks.state IS 'The same in more words: blocked, ready, scheduled, running, succeeded, skipped, failed, cancelled.';
COMMENT ON COLUMN api.tasks.attempt IS 'How often it was claimed.';
COMMENT ON COLUMN api.tasks.failures IS 'How often it failed.';
COMMENT ON COLUMN api.tasks.progress IS 'Percent.';
COMMENT ON COLUMN api.tasks.skip_reason IS 'Why it was skipped or cancelled.';

-- Recordings are joined because their events are found by recording only; those of errands are no recording's.
CREATE OR REPLACE VIEW api.task_events WITH (security_invoker = true) AS
SELECT e.at, e.recording_id, e.entity, e.kind, e.task::text AS task_id, e.target_id, e.from_state, e.to_state, e.event, e.attempt, e.error
FROM leap.recordings r JOIN leap.task_events e ON e.recording_id = r.id WHERE r.user_id = (SELECT leap.current_user_id());
COMMENT ON VIEW api.task_events IS
'History of recordings

Every move of a recording, of its tasks and of its targets.';
COMMENT ON COLUMN api.task_events.entity IS 'recording, task or target.';
COMMENT ON COLUMN api.task_events.event IS 'The transition that was made.';

CREATE OR REPLACE FUNCTION leap.my_quota()
RETURNS TABLE (quota text, unit text, "limit" bigint, source text, used bigint, reserved bigint, remaining bigint, percent int, resets_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT s.* FROM leap.quota_status_of(leap.current_user_id()) s
$$;
COMMENT ON FUNCTION leap.my_quota() IS 'leap.quota_status() of the user this request speaks for; no row where it speaks for nobody.';

CREATE OR REPLACE VIEW api.quota WITH (security_invoker = true) AS
SELECT q.quota, q.unit, q."limit"::text AS "limit", q.source, q.used::text AS used, q.reserved::text AS reserved, q.remaining::text AS remaining, q.percent, q.resets_at
FROM leap.my_quota() q;
COMMENT ON VIEW api.quota IS
'What the caller may use and uses

One row a quota.';
COMMENT ON COLUMN api.quota."limit" IS 'As text; null: unlimited.';
COMMENT ON COLUMN api.quota.source IS 'Who set the limit: default, plan or override.';
COMMENT ON COLUMN api.quota.reserved IS 'What running tasks will use.';
COMMENT ON COLUMN api.quota.resets_at IS 'When it is counted anew; null: it is not.';

REVOKE ALL ON FUNCTION leap.my_quota() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION leap.my_quota(), leap.task_word(text) TO leap_user, leap_operator;
GRANT SELECT ON api.recordings, api.deleted_recordings, api.processing_stages, api.output_targets, api.artifacts, api.runs, api.tasks, api.task_events, api.quota
TO leap_user, leap_admin;
