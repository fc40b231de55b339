-- Who may call what of the parts that run by themselves. Each function judges whose thing it is asked about
-- (leap.acting_user, leap.may_see).

-- templates, matching, configuration

-- presets

-- rendering

-- sources

-- schedules and automation jobs

-- notifications

-- statistics and metrics
