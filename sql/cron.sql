-- The minute bell, for the database postgres; :database is LEAP's database as a literal.
-- pg_cron lives in postgres because in LEAP's own database it would break a restore under another name.

CREATE EXTENSION IF NOT EXISTS pg_cron;

SELECT cron.schedule_in_database('leap-tick-' || :database, '* * * * *', $$SELECT leap.tick('cron')$$, :database);
SELECT cron.schedule('leap-purge-job-log', '17 3 * * *',
                     $$DELETE FROM cron.job_run_details WHERE end_time < now() - interval '7 days'$$);
