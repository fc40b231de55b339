-- Who may call what of the parts that run by themselves. Each function judges whose thing it is asked about
-- (leap.acting_user, leap.may_see).

-- templates, matching, configuration

-- presets

-- rendering
GRANT EXECUTE ON FUNCTION leap.check_text_template(text, boolean, text[], text), leap.render_variables(), leap.render_variable_names(),
    leap.metadata_variables(uuid, jsonb, timestamptz), leap.publication(uuid, uuid), leap.preview_metadata(jsonb, text, uuid, text)
TO leap_user, leap_operator;
GRANT SELECT ON leap.platforms TO leap_user, leap_operator;

-- sources
GRANT EXECUTE ON FUNCTION leap.add_source(jsonb, text), leap.change_source(uuid, jsonb), leap.copy_source(uuid, text), leap.delete_source(uuid),
    leap.sync_source(uuid, date, date, boolean), leap.sync_status(uuid), leap.sync_list(text, uuid, int, uuid), leap.source_list(text),
    leap.find_source(text, text), leap.source_options() TO leap_user, leap_operator;
GRANT SELECT ON leap.input_sources, leap.source_syncs TO leap_user, leap_operator;
GRANT EXECUTE ON FUNCTION leap.inbox_watch(), leap.inbox_changed(text) TO leap_worker;

-- schedules and automation jobs

-- notifications

-- statistics and metrics
GRANT EXECUTE ON FUNCTION leap.user_stats(text, date, date), leap.stage_stats(date, date, text), leap.failure_stats(date, date, text) TO leap_user, leap_operator;
GRANT EXECUTE ON FUNCTION leap.metrics() TO leap_worker, leap_operator;
GRANT EXECUTE ON FUNCTION leap.platform_stats(), leap.users_stats(boolean, text, int, text), leap.quota_stats(date) TO leap_operator;
GRANT SELECT ON leap.task_attempts, leap.task_moves, leap.task_levels, leap.task_durations, leap.platform_calls, leap.statistics_state TO leap_operator;
