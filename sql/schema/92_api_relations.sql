-- What belongs to what in schema api: functions from a row to the rows that belong to it.
--
-- Named like the view they lead to, so that a request embeds them by that name; ROWS 1 says that there is at most one.
-- They are inlined: plain SQL, STABLE, with no settings of their own, reading as the caller. Takes no locks.

DO $$
DECLARE
    l record;
BEGIN
    FOR l IN SELECT * FROM (VALUES
        ('recordings',     'processing_stages', 4, 'x.recording_id = $1.id',   'The stages of a recording.'),
        ('recordings',     'output_targets',    2, 'x.recording_id = $1.id',   'Where a recording is published.'),
        ('recordings',     'artifacts',        12, 'x.recording_id = $1.id',   'The files of a recording.'),
        ('recordings',     'runs',              3, 'x.recording_id = $1.id',   'The runs of a recording.'),
        ('recordings',     'tasks',            20, 'x.recording_id = $1.id',   'The tasks of a recording.'),
        ('recordings',     'task_events',     100, 'x.recording_id = $1.id',   'The history of a recording.'),
        ('processing_stages', 'recordings',     1, 'x.id = $1.recording_id',   'The recording of a stage.'),
        ('output_targets', 'recordings',        1, 'x.id = $1.recording_id',   'The recording that is published.'),
        ('artifacts',      'recordings',        1, 'x.id = $1.recording_id',   'The recording a file belongs to.'),
        ('runs',           'recordings',        1, 'x.id = $1.recording_id',   'The recording of a run.'),
        ('tasks',          'recordings',        1, 'x.id = $1.recording_id',   'The recording a task works for.'),
        ('task_events',    'recordings',        1, 'x.id = $1.recording_id',   'The recording whose history it is.'),
        ('runs',           'tasks',             6, 'x.run_id = $1.id',         'The tasks of a run.'),
        ('tasks',          'runs',              1, 'x.id = $1.run_id',         'The run of a task.'),
        ('tasks',          'output_targets',    1, 'x.id = $1.target_id',      'The target that a task uploads to.'),
        ('task_events',    'output_targets',    1, 'x.id = $1.target_id',      'The target that moved.'),
        ('recordings',     'recording_templates', 1, 'x.id = $1.template_id',  'The template of a recording.'),
        ('recordings',     'input_sources',     1, 'x.id = $1.input_source_id', 'The source that a recording was found in.'),
        ('recording_templates', 'recordings',  50, 'x.template_id = $1.id',    'The recordings that have a template.'),
        ('input_sources',  'recordings',       50, 'x.input_source_id = $1.id', 'The recordings that were found in a source.'),
        ('input_sources',  'source_syncs',     20, 'x.source_id = $1.id',      'Each time a source was asked.'),
        ('source_syncs',   'input_sources',     1, 'x.id = $1.source_id',      'The source that was asked.'),
        ('output_targets', 'output_presets',    1, 'x.id = $1.preset_id',      'The preset of a target.'),
        ('output_presets', 'output_targets',   50, 'x.preset_id = $1.id',      'The targets that have a preset.'),
        ('automation_jobs', 'automation_runs', 20, 'x.job_id = $1.id',         'The runs of a job.'),
        ('automation_runs', 'automation_jobs',  1, 'x.id = $1.job_id',         'The job that ran.'),
        ('automation_runs', 'source_syncs',     5, 'x.automation_run_id = $1.id', 'The sources that a run of a job asked.'),
        ('automation_runs', 'runs',            20, 'x.automation_run_id = $1.id', 'The runs of recordings that a run of a job started.'),
        ('webhooks',       'deliveries',       50, 'x.webhook_id = $1.id',     'What was sent to a webhook.'),
        ('deliveries',     'webhooks',          1, 'x.id = $1.webhook_id',     'The webhook it was sent to.')) AS v (here, there, n, condition, comment)
    LOOP
        EXECUTE format('CREATE OR REPLACE FUNCTION api.%2$I(api.%1$I) RETURNS SETOF api.%2$I LANGUAGE sql STABLE ROWS %3$s AS %4$L',
                       l.here, l.there, l.n, format('SELECT x.* FROM api.%I x WHERE %s', l.there, l.condition));
        EXECUTE format('COMMENT ON FUNCTION api.%2$I(api.%1$I) IS %3$L', l.here, l.there, l.comment);
        EXECUTE format('REVOKE ALL ON FUNCTION api.%2$I(api.%1$I) FROM PUBLIC', l.here, l.there);
        EXECUTE format('GRANT EXECUTE ON FUNCTION api.%2$I(api.%1$I) TO leap_user, leap_admin', l.here, l.there);
    END LOOP;
END
$$;
