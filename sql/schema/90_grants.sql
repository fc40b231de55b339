-- Who may call what. Functions are closed to PUBLIC and opened by name.

DO $$
DECLARE
    f record;
BEGIN
    FOR f IN SELECT p.oid::regprocedure AS name FROM pg_proc p
             WHERE p.pronamespace = 'leap'::regnamespace AND has_function_privilege('public', p.oid, 'EXECUTE') LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f.name);
    END LOOP;
END
$$;

GRANT EXECUTE ON FUNCTION
    leap.register_worker(text, int, text[], int, jsonb, uuid, text, jsonb), leap.claim(uuid, text, int, jsonb, int),
    leap.heartbeat(uuid, text, text[], text[], jsonb), leap.confirm(text, text), leap.checkpoint(text, text, jsonb),
    leap.complete(jsonb), leap.fail(text, text, jsonb), leap.hand_back(uuid, text, text[], text[]),
    leap.unregister_worker(uuid, text), leap.housekeep(), leap.tick(text),
    leap.renew_credential(bigint, bigint, int), leap.store_credential(bigint, bigint, int, bytea, text, jsonb)
TO leap_worker;

GRANT EXECUTE ON FUNCTION
    leap.add_user(text, text, text), leap.find_user(text), leap.add_recording(text, jsonb, text, jsonb),
    leap.find_recording(text), leap.operation_allowed(uuid, text, text), leap.run_recording(uuid, text, boolean, int, timestamptz, uuid, boolean, jsonb),
    leap.set_priority(uuid, int), leap.start_time(text, uuid),
    leap.retry_recording(uuid), leap.retry_anew(uuid), leap.unpublish(uuid, text), leap.cancel_recording(uuid), leap.pause_recording(uuid), leap.resume_recording(uuid),
    leap.accept_recording(uuid), leap.skip_recording(uuid), leap.unskip_recording(uuid), leap.reset_recording(uuid),
    leap.delete_recording(uuid), leap.restore_recording(uuid), leap.purge_recording(uuid), leap.operate(text, uuid[], boolean, int, timestamptz, text, uuid, jsonb),
    leap.select_recordings(jsonb, int), leap.pause_queue(text, text), leap.resume_queue(text), leap.queue_list(), leap.recording_detail(uuid),
    leap.recording_list(text, text, int), leap.same_file(uuid), leap.worker_list(), leap.event_list(uuid, timestamptz), leap.monitor(), leap.running_tasks(int),
    leap.system_state(), leap.throughput(text), leap.failure_examples(text, text, text, int), leap.task_names(jsonb), leap.give_reason(text),
    leap.administer(text, uuid, text), leap.end_user_sessions(text, text), leap.outside_list(),
    leap.doctor(), leap.tick(text), leap.default_config(), leap.quota_status(text), leap.quota_status_of(uuid), leap.set_plan(text, jsonb, text, text, boolean),
    leap.subscribe(text, text, timestamptz, timestamptz, text), leap.unsubscribe(text), leap.set_quota(text, text, text, text),
    leap.set_quota(text, text, bigint, text), leap.set_provider(text, text, jsonb), leap.remove_provider(text, text)
TO leap_operator;

-- what the extension knows and computes, without state of a session or fences: for people at psql
GRANT EXECUTE ON FUNCTION
    leap.library_version(), leap.setting(text), leap.fsm(), leap.stages(), leap.fsm_known(text, text), leap.quotas(), leap.quota_limit(uuid, text),
    leap.quota_source(uuid, text), leap.quota_amount(text, bigint), leap.merge_config(jsonb, jsonb), leap.uuid7(), leap.uuid7_time(uuid),
    leap.error_codes(), leap.check_pattern(text, text), leap.check_schedule(jsonb), leap.next_run(jsonb, timestamptz),
    leap.next_runs(jsonb, timestamptz, int), leap.least_interval(jsonb, timestamptz), leap.schedule_text(jsonb, text), leap.render(text, jsonb),
    leap.try_render(text, jsonb), leap.check_template(text, boolean, text[], text), leap.template_names(text), leap.render_filters(),
    leap.text_size(text, text), leap.fit_text(text, int, text, text), leap.zone_or_utc(text)
TO leap_operator;
-- of these, tenants what their views and functions ask: tables of constants, words
GRANT EXECUTE ON FUNCTION leap.stages(), leap.fsm(), leap.error_codes(), leap.quotas(), leap.quota_amount(text, bigint), leap.schedule_text(jsonb, text),
    leap.uuid7_time(uuid), leap.check_template(text, boolean, text[], text) TO leap_user;

-- single stages, and settings of one recording
GRANT EXECUTE ON FUNCTION
    leap.download_recording(uuid), leap.process_recording(uuid), leap.transcribe_recording(uuid), leap.topics_recording(uuid),
    leap.subtitles_recording(uuid), leap.upload_recording(uuid, text, boolean), leap.configure_recording(uuid, jsonb)
TO leap_operator;

-- what a tenant does with his own recordings; each judges whose they are
GRANT EXECUTE ON FUNCTION leap.operation_allowed(uuid, text, text), leap.run_recording(uuid, text, boolean, int, timestamptz, uuid, boolean, jsonb),
    leap.set_priority(uuid, int), leap.retry_recording(uuid), leap.retry_anew(uuid), leap.unpublish(uuid, text), leap.cancel_recording(uuid), leap.pause_recording(uuid), leap.resume_recording(uuid),
    leap.accept_recording(uuid), leap.skip_recording(uuid), leap.unskip_recording(uuid), leap.reset_recording(uuid), leap.delete_recording(uuid),
    leap.restore_recording(uuid), leap.purge_recording(uuid), leap.operation_reply(jsonb), leap.add_recording_reply(jsonb, text, uuid, jsonb, boolean), leap.change_recording(uuid, text, jsonb),
    leap.clear_recording_config(uuid), leap.joined_config(jsonb, jsonb, jsonb, jsonb), leap.do_stage(uuid, text, text, jsonb, int, timestamptz),
    leap.dry_run_reply(uuid, text, uuid, jsonb), leap.recordings_by_page(jsonb, int, int, text, text), leap.get_recording(uuid, boolean),
    leap.browse_recordings(jsonb, text, text, int, text, text, boolean), leap.recording_choices(jsonb), leap.recording_operations(uuid),
    leap.browse_filters(text, text[], uuid[], uuid[], text[], boolean, boolean, boolean, boolean, boolean, boolean, boolean, boolean, text, text, uuid[]),
    leap.operate_reply(text, uuid[], jsonb, int, boolean, int, timestamptz, text, uuid, jsonb), leap.export_recordings(uuid[], jsonb, int, text, text),
    leap.export_reply(text, text, text)
TO leap_user, leap_operator;
GRANT EXECUTE ON FUNCTION leap.recording_overview(uuid), leap.recording_runs(uuid, uuid, int), leap.recording_doings(uuid, text, int) TO leap_user, leap_operator;

-- operators read everything but secrets and fences
GRANT SELECT ON leap.users, leap.subscription_plans, leap.user_subscriptions, leap.quota_usage, leap.recordings, leap.runs,
    leap.output_targets, leap.artifacts, leap.task_kinds, leap.error_classes, leap.retry_policies, leap.task_ready,
    leap.task_scheduled, leap.task_edge,
    leap.task_events, leap.audit_logs, leap.bells, leap.chore_runs, leap.schema_versions, leap.processing_stages, leap.queues,
    leap.backlog, leap.failures, leap.limits, leap.stuck, leap.usage_events TO leap_operator;
GRANT SELECT (id, run_id, recording_id, user_id, lane, kind, queue, stage, target_id, subject, state, prio, deps_left, attempt, failures, rescues,
    worker_id, progress, current_step, result, error, skip_reason, created_at, started_at, finished_at) ON leap.tasks TO leap_operator;
GRANT SELECT (task, worker_id, lane, counted, deadline) ON leap.task_lease TO leap_operator;
GRANT SELECT (id, no, name, protocol, queues, slots, room, info, registered_at, beat_at, gone_at, stopped_at) ON leap.workers TO leap_operator;
-- what operators tune by SQL; the checks of the tables hold
GRANT UPDATE (deadline) ON leap.task_kinds TO leap_operator;
GRANT UPDATE (counts, notifies, breaker) ON leap.error_classes TO leap_operator;
GRANT EXECUTE ON FUNCTION leap.bucket_level(leap.rate_buckets, leap.rate_limits), leap.close_breaker(text, text) TO leap_operator;
GRANT SELECT ON leap.rate_limits, leap.rate_buckets, leap.circuits, leap.rate_status, leap.breakers TO leap_operator;
GRANT INSERT, UPDATE, DELETE ON leap.retry_policies, leap.rate_limits TO leap_operator;

-- who can be asked; where, only operators need to know
GRANT SELECT ON leap.providers TO leap_operator;
GRANT SELECT (family, name, protocol, model, languages, is_active) ON leap.providers TO leap_user;
GRANT EXECUTE ON FUNCTION leap.provider_rules() TO leap_operator;

-- a tenant reads his own rows (85_wall.sql) and writes nothing: neither fences nor checkpoints nor what operators note
GRANT EXECUTE ON FUNCTION leap.current_user_id(), leap.list_recordings(jsonb, text, int, text), leap.count_recordings(jsonb, int),
    leap.recording_page(jsonb, text, int, text, int), leap.recording_filters(), leap.recording_sorts(), leap.recording_detail(uuid),
    leap.history(uuid, timestamptz, int), leap.worker_name(uuid), leap.refuse(text, text, text) TO leap_user, leap_operator;
GRANT EXECUTE ON FUNCTION leap.list_tasks(text, jsonb, text, int), leap.get_task(bigint, text), leap.cancel_task(bigint, text),
    leap.task_filters(), leap.task_reply(jsonb) TO leap_user, leap_operator;
GRANT SELECT ON leap.subscription_plans, leap.quota_usage, leap.recordings, leap.runs, leap.output_targets, leap.artifacts,
    leap.task_kinds, leap.processing_stages, leap.usage_events TO leap_user;
GRANT SELECT (id, email, full_name, role, is_active, timezone, config, created_at, updated_at) ON leap.users TO leap_user;
GRANT SELECT (user_id, plan_id, custom_limits, starts_at, expires_at) ON leap.user_subscriptions TO leap_user;
GRANT SELECT (id, run_id, recording_id, user_id, kind, queue, stage, target_id, subject, state, prio, deps_left, attempt, failures,
    progress, current_step, result, error, skip_reason, created_at, started_at, finished_at) ON leap.tasks TO leap_user;
GRANT SELECT (at, entity, recording_id, user_id, task, target_id, kind, from_state, to_state, event, attempt, worker_id,
    fence16, who, error) ON leap.task_events TO leap_user;

-- what was said and what is made of it: words are read and searched by functions that ask whose they are
GRANT EXECUTE ON FUNCTION leap.search_transcripts(text, text, uuid, text, int), leap.transcript(uuid, int, int), leap.retry_transcription(uuid, text),
    leap.topic_versions(uuid), leap.edit_topics(uuid, jsonb, int), leap.activate_topics(uuid, int), leap.find_topics(uuid, text, text),
    leap.list_captions(uuid), leap.add_captions(uuid, text, text), leap.remove_captions(uuid, text) TO leap_user, leap_operator;
GRANT SELECT ON leap.transcript_passages, leap.topic_versions, leap.captions, leap.text_languages TO leap_operator;
