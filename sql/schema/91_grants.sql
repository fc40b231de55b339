-- Who may call what of the parts that run by themselves. Each function judges whose thing it is asked about
-- (leap.acting_user, leap.may_see).

-- templates, matching, configuration
GRANT EXECUTE ON FUNCTION leap.add_template(jsonb, text), leap.change_template(uuid, jsonb), leap.copy_template(uuid, text), leap.delete_template(uuid),
    leap.delete_templates(uuid[]), leap.set_default_template(uuid, boolean), leap.template_stats(uuid), leap.preview_template(uuid, boolean, uuid, int),
    leap.preview_rules(jsonb, boolean, uuid, int, text), leap.rematch_template(uuid, boolean), leap.bind_template(uuid, uuid),
    leap.unbind_template(uuid, boolean), leap.template_from_recording(uuid, text, text, text, boolean), leap.resolve_config(uuid, uuid, jsonb),
    leap.config_rules(), leap.thing_rules(), leap.display_rules(text), leap.default_config() TO leap_user, leap_operator;
GRANT SELECT (id, user_id, name, description, is_draft, is_active, is_default, matching_rules, processing_config, metadata_config, output_config,
    used_count, last_matched_at, created_at, updated_at) ON leap.recording_templates TO leap_user, leap_operator;

-- presets
GRANT EXECUTE ON FUNCTION leap.add_preset(jsonb, text), leap.change_preset(uuid, jsonb), leap.copy_preset(uuid, text), leap.delete_preset(uuid),
    leap.delete_presets(uuid[]), leap.get_preset(uuid), leap.preset_rules() TO leap_user, leap_operator;
GRANT SELECT ON leap.output_presets TO leap_user, leap_operator;

-- rendering
GRANT EXECUTE ON FUNCTION leap.check_text_template(text, boolean, text[], text), leap.render_variables(), leap.render_variable_names(),
    leap.metadata_variables(uuid, jsonb, timestamptz), leap.publication(uuid, uuid), leap.preview_metadata(jsonb, text, uuid, text)
TO leap_user, leap_operator;
GRANT SELECT ON leap.platforms TO leap_user, leap_operator;

-- sources
GRANT EXECUTE ON FUNCTION leap.ask_site(jsonb, text, boolean, text), leap.site_qualities(), leap.add_source(jsonb, text), leap.change_source(uuid, jsonb), leap.copy_source(uuid, text), leap.delete_source(uuid),
    leap.sync_source(uuid, date, date, boolean), leap.sync_status(uuid), leap.sync_list(text, uuid, int, uuid), leap.source_list(text),
    leap.find_source(text, text), leap.source_options() TO leap_user, leap_operator;
GRANT SELECT ON leap.input_sources, leap.source_syncs TO leap_user, leap_operator;
GRANT EXECUTE ON FUNCTION leap.inbox_watch(), leap.inbox_changed(text) TO leap_worker;

-- credentials: what is sealed is for workers, and who renews for nobody
GRANT EXECUTE ON FUNCTION leap.credential_fields(), leap.credential_forms(), leap.add_credential(text, text, jsonb, text), leap.change_credential(uuid, jsonb),
    leap.delete_credential(uuid, boolean), leap.get_credential(uuid), leap.credential_list(text, text), leap.find_credential(text, text), leap.check_credential(uuid),
    leap.credential_check_status(uuid), leap.begin_oauth(text, text, text), leap.finish_oauth(text, text, text), leap.connectable(), leap.can_seal() TO leap_user, leap_operator;
GRANT EXECUTE ON FUNCTION leap.oauth_page(text, text, text, text, text, text) TO leap_anon, leap_user, leap_operator;
GRANT SELECT (id, user_id, platform, account_name, key_id, version, facts, is_active, needs_reauth, reauth_reason, stored_at, last_used_at, last_checked_at, last_error,
    created_at, updated_at) ON leap.credentials TO leap_user, leap_operator;
GRANT SELECT (id, credential_id, user_id, platform, action, task_id, state, facts, error, requested_at, finished_at) ON leap.credential_checks TO leap_user, leap_operator;
GRANT EXECUTE ON FUNCTION leap.add_worker_key(text), leap.worker_key_list(), leap.set_platform_endpoint(text, text, text), leap.endpoint_names(),
    leap.set_platform_app(text, jsonb), leap.remove_platform_app(text), leap.platform_app_list(), leap.oauth_rules() TO leap_operator;
GRANT SELECT ON leap.worker_keys, leap.platform_endpoints TO leap_operator;
GRANT SELECT (platform, client_id, key_id, redirect_uri, scopes, updated_at) ON leap.platform_apps TO leap_operator;

-- schedules and automation jobs
GRANT EXECUTE ON FUNCTION leap.add_job(jsonb, text), leap.change_job(uuid, jsonb), leap.enable_job(uuid, boolean), leap.copy_job(uuid, text),
    leap.delete_job(uuid), leap.get_job(uuid), leap.job_list(text, boolean), leap.run_job(uuid, boolean), leap.job_runs(uuid, int, uuid),
    leap.automation_run(uuid), leap.automation_run_progress(uuid), leap.automation_statuses() TO leap_user, leap_operator;
GRANT SELECT ON leap.automation_jobs, leap.automation_runs TO leap_user, leap_operator;

-- notifications
GRANT EXECUTE ON FUNCTION leap.notification_events(), leap.notification_list(jsonb, text, int, text), leap.unread_count(text), leap.mark_read(uuid[], text),
    leap.preference_list(text), leap.set_preference(text, text, boolean, text), leap.set_locale(text, text, text), leap.delivery_list(jsonb, text, int, text),
    leap.redeliver(uuid), leap.add_webhook(jsonb, text), leap.change_webhook(uuid, jsonb), leap.rotate_webhook_secret(uuid), leap.delete_webhook(uuid),
    leap.webhook_list(text), leap.test_webhook(uuid) TO leap_user, leap_operator;
GRANT SELECT ON leap.notifications, leap.notification_preferences, leap.deliveries TO leap_user, leap_operator;
-- everything but the secret
GRANT SELECT (id, user_id, name, url, events, state, reason, failures, disabled_at, created_at, updated_at) ON leap.webhooks TO leap_user, leap_operator;
GRANT SELECT (language) ON leap.users TO leap_user;
-- operators choose the words; the trigger of the table judges them
GRANT EXECUTE ON FUNCTION leap.known_event(text), leap.known_mail_text(text), leap.mail_variables(), leap.default_mail_texts(), leap.mail_text(text, text) TO leap_operator;
GRANT SELECT, DELETE, INSERT (name, language, subject, body, html), UPDATE (subject, body, html) ON leap.mail_texts TO leap_operator;
GRANT SELECT ON leap.summaries TO leap_operator;

-- statistics and metrics
GRANT EXECUTE ON FUNCTION leap.user_stats(text, date, date), leap.stage_stats(date, date, text), leap.failure_stats(date, date, text) TO leap_user, leap_operator;
GRANT EXECUTE ON FUNCTION leap.metrics() TO leap_worker, leap_operator;
GRANT EXECUTE ON FUNCTION leap.platform_stats(), leap.users_stats(boolean, text, int, text), leap.quota_stats(date) TO leap_operator;
GRANT SELECT ON leap.task_attempts, leap.task_moves, leap.task_levels, leap.task_durations, leap.platform_calls, leap.statistics_state TO leap_operator;

-- accounts: what people reach without being known, what they do with their own account, what operators do with all
GRANT EXECUTE ON FUNCTION leap.login(text, text, boolean, text), leap.refresh(text, interval), leap.tokens_by_cookie(jsonb), leap.refresh_by_cookie(),
    leap.register(text, text, text, text, text, text), leap.token_from_key(text), leap.forgot_password(text), leap.resend_verification(text), leap.reset_password(text, text), leap.verify_email(text)
TO leap_anon, leap_user, leap_operator;
GRANT EXECUTE ON FUNCTION leap.session_list(), leap.end_session(uuid), leap.drop_session_cookie(), leap.logout(), leap.logout_others(), leap.logout_everywhere(),
    leap.change_password(text, text), leap.change_account(jsonb, text), leap.my_account(), leap.add_api_key(text, text, timestamptz, text), leap.api_key_list(text),
    leap.revoke_api_key(uuid), leap.require_permission(text, uuid) TO leap_user, leap_operator;
GRANT EXECUTE ON FUNCTION leap.set_password(text, text), leap.change_user(text, jsonb), leap.rotate_signing_key(text),
    leap.set_issuer(text, boolean), leap.delete_issuer(text), leap.link_identity(text, text, text), leap.unlink_identity(text, text),
    leap.add_invitation(text, text, int), leap.lacks_administrator(), leap.first_invitation(), leap.invitation_list(), leap.delete_invitation(uuid) TO leap_operator;
GRANT EXECUTE ON FUNCTION leap.lacks_administrator() TO leap_anon, leap_user;
GRANT SELECT (is_verified, last_login_at, can_transcribe, can_process_video, can_upload, can_export_data) ON leap.users TO leap_user;
GRANT SELECT ON leap.issuers, leap.identities TO leap_operator;
-- the gateway as itself; as one of the other roles it asks before each request
GRANT SELECT ON leap.database_identity TO leap_gateway;
GRANT EXECUTE ON FUNCTION leap.gateway_keys(), leap.database_id(), leap.claims_of_identity(jsonb), leap.claims_of_key(text) TO leap_gateway;
GRANT EXECUTE ON FUNCTION leap.check_request() TO leap_anon, leap_user, leap_operator;

-- links to files; what a link allows is looked up before anybody is known
GRANT EXECUTE ON FUNCTION leap.file_url(uuid, int, boolean), leap.file_name(text, text, text, text) TO leap_user, leap_operator;
GRANT EXECUTE ON FUNCTION leap.file_link(uuid, text[], boolean, boolean) TO leap_user, leap_operator;
GRANT EXECUTE ON FUNCTION leap.signed_file(uuid, bigint, boolean, text) TO leap_gateway;

-- the audit log: everybody his own, operators all; the gateway notes what was refused
GRANT EXECUTE ON FUNCTION leap.activity(text, int) TO leap_user, leap_operator;
GRANT EXECUTE ON FUNCTION leap.audit_filters(), leap.audit_list(jsonb, text, int), leap.audit_export(jsonb, text), leap.audit_file(jsonb, text), leap.erase_audit_clients(text, timestamptz),
    leap.audit_head(), leap.audit_verify(text) TO leap_operator;
GRANT SELECT ON leap.audit_seals TO leap_operator;
GRANT EXECUTE ON FUNCTION leap.audit_refusal(text, text, text, text, text) TO leap_gateway;

-- events: a ticket for whoever is known; what it is worth and what happened, only for the gateway as itself
GRANT EXECUTE ON FUNCTION leap.event_ticket() TO leap_user, leap_operator;
GRANT EXECUTE ON FUNCTION leap.claims_of_ticket(text), leap.events_since(text[], uuid[], int[], boolean[]), leap.ended_claims(jsonb), leap.system_page() TO leap_gateway;
GRANT EXECUTE ON FUNCTION leap.my_place(), leap.task_in_detail(bigint) TO leap_user, leap_operator;
-- what schema api is made with, the settings and the end of an account, and users for operators
GRANT EXECUTE ON FUNCTION leap.word_for(text), leap.row_of(text, uuid), leap.id_in(text, uuid), leap.page_of(text, jsonb, text, int, int, text, text),
    leap.safe_url(text), leap.display_rules(text), leap.my_api_keys(), leap.my_config(), leap.change_my_config(jsonb), leap.reset_my_config(), leap.resolve_template_config(uuid),
    leap.delete_account(text), leap.retention(text), leap.change_retention(jsonb, text), leap.set_expiry(uuid, timestamptz, boolean), leap.restore_days(uuid) TO leap_user, leap_operator;
GRANT EXECUTE ON FUNCTION leap.retention_rules() TO leap_user, leap_operator;
GRANT EXECUTE ON FUNCTION leap.delete_plan(text), leap.find_plan(text), leap.refuse_taken_name(text, text), leap.check_keys(jsonb, text[], text),
    leap.user_list(jsonb, int, text), leap.get_user(text), leap.create_user(jsonb), leap.delete_user(text) TO leap_operator;

GRANT EXECUTE ON FUNCTION leap.add_sample(text), leap.first_steps() TO leap_user, leap_operator;

-- shares: their owners make, see and end them; who has a link needs no name
GRANT EXECUTE ON FUNCTION leap.add_share(uuid, text, boolean, timestamptz), leap.list_shares(uuid), leap.change_share(uuid, jsonb), leap.revoke_share(uuid) TO leap_user, leap_operator;
GRANT EXECUTE ON FUNCTION leap.shared_lesson(text) TO leap_anon, leap_user, leap_operator;

-- uploads: servers call these for whoever uploads, and drop what nobody waits for any more as themselves
GRANT EXECUTE ON FUNCTION leap.begin_upload(text, bigint, jsonb), leap.continue_upload(uuid, bigint, bigint),
    leap.finish_upload(uuid, text, bigint, text, jsonb) TO leap_user, leap_operator;
GRANT EXECUTE ON FUNCTION leap.begin_resumable(text, bigint, jsonb, text), leap.resumable_upload(uuid), leap.announce_upload(uuid, bigint), leap.keep_upload(uuid, bigint, boolean),
    leap.end_upload(uuid) TO leap_user, leap_operator;
GRANT EXECUTE ON FUNCTION leap.drop_upload(uuid) TO leap_gateway;
GRANT SELECT (id, user_id, name, state, expected, received, reserved, sha256, created_at, expires_at, finished_at) ON leap.uploads TO leap_user, leap_operator;

-- requests with an Idempotency-Key: servers call these for whoever sends it
GRANT EXECUTE ON FUNCTION leap.idempotent_answer(text, text), leap.begin_idempotent(text, text), leap.end_idempotent(text, int, text, text)
TO leap_user, leap_operator;
