-- Who may call what of the parts that run by themselves. Each function judges whose thing it is asked about
-- (leap.acting_user, leap.may_see).

-- templates, matching, configuration

-- presets

-- rendering

-- sources

-- schedules and automation jobs

-- notifications

-- statistics and metrics
GRANT EXECUTE ON FUNCTION leap.user_stats(text, date, date), leap.stage_stats(date, date, text), leap.failure_stats(date, date, text) TO leap_user, leap_operator;
GRANT EXECUTE ON FUNCTION leap.platform_stats(), leap.users_stats(boolean, text, int, text), leap.quota_stats(date) TO leap_operator;
GRANT SELECT ON leap.task_attempts, leap.task_moves, leap.task_levels, leap.task_durations, leap.platform_calls, leap.statistics_state TO leap_operator;
