-- Installs or updates the schema in the current database, as superuser, in one transaction:
--   psql -X -v ON_ERROR_STOP=1 -1 -f sql/deploy.sql
-- `leap deploy` reads the same list, runs it only if something changed, and records version and digest.
-- Every file may run again: tables are made if they are missing, functions are replaced.

\ir schema/00_foundation.sql
\ir schema/05_callers.sql
\ir schema/10_users.sql
\ir schema/20_recordings.sql
\ir schema/22_sources.sql
\ir schema/25_kinds.sql
\ir schema/27_render.sql
\ir schema/28_publication.sql
\ir schema/30_tasks.sql
\ir schema/32_limits.sql
\ir schema/35_audit.sql
\ir schema/36_attempts.sql
\ir schema/38_correlation.sql
\ir schema/40_guards.sql
\ir schema/45_quota.sql
\ir schema/50_config.sql
\ir schema/51_queues.sql
\ir schema/51_settle.sql
\ir schema/51_errands.sql
\ir schema/51_sweep.sql
\ir schema/52_claim.sql
\ir schema/53_complete.sql
\ir schema/54_rescue.sql
\ir schema/55_fail.sql
\ir schema/56_limits.sql
\ir schema/57_breakers.sql
\ir schema/58_tuning.sql
\ir schema/58_compact.sql
\ir schema/60_input.sql
\ir schema/60_plan.sql
\ir schema/61_judge.sql
\ir schema/62_runs.sql
\ir schema/63_operations.sql
\ir schema/64_repair.sql
\ir schema/65_tasks_api.sql
\ir schema/66_lists.sql
\ir schema/67_plans.sql
\ir schema/69_history.sql
\ir schema/70_views.sql
\ir schema/71_admin.sql
\ir schema/76_metadata.sql
\ir schema/77_sync.sql
\ir schema/77_sync_results.sql
\ir schema/80_tick.sql
\ir schema/81_doctor.sql
\ir schema/82_attempts.sql
\ir schema/82_statistics.sql
\ir schema/83_metrics.sql
\ir schema/85_wall.sql
\ir schema/90_grants.sql
\ir schema/91_grants.sql
