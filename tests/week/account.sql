-- What has to be true of a world that came to rest (tests/tap/lib/Week.pm). No row: all of it is; else (rule, subject, detail).
--
--   scheduled times of a job          = runs for one + times that runs stand for + missed ones, each once
--   lectures of sources that answer   = recordings made by syncs; found = known + created + refused in each sync
--   recordings                        = published + failed + skipped + held + without a fitting template
--   candidates of a run               = unmatched + matched; matched = started + refused; started = done + failed + held
--   messages of an event              = how often it happened
--   used of a quota                   = what is there, and never more than its limit
WITH job AS (
    SELECT j.*, u.n AS owner, format('%s of user %s', j.name, u.n) AS label FROM week.jobs j JOIN week.users u ON u.id = j.user_id),
slot AS MATERIALIZED (
    SELECT j.id, s.at FROM job j CROSS JOIN week.setup w
    CROSS JOIN LATERAL leap.next_runs(j.schedule_config, j.first - interval '1 microsecond', w.days * 24 + 50) AS s(at) WHERE s.at <= leap.clock()),
run AS MATERIALIZED (
    SELECT r.*, CASE WHEN r.error->>'code' = 'missed' THEN (r.report->>'missed')::int ELSE coalesce((r.report->>'stands_for')::int, 1) END AS slots
    FROM leap.automation_runs r),
recording AS MATERIALIZED (
    SELECT r.*, format('%s of user %s', r.display_name, u.n) AS label FROM leap.recordings r JOIN week.users u ON u.id = r.user_id),
-- what happened, by what is there and by its history
happened (user_id, event, n) AS (
    SELECT r.user_id, CASE r.state WHEN 'failed' THEN 'automation_failed' ELSE 'automation_completed' END, count(*)
    FROM run r WHERE r.state IN ('failed', 'partial') OR (r.state = 'succeeded' AND r.synced + r.started > 0) GROUP BY 1, 2
    UNION ALL
    SELECT e.user_id, 'recording_uploaded', count(*) FROM leap.task_events e WHERE e.entity = 'recording' AND e.to_state = 'UPLOADED' AND e.event = 'step' GROUP BY 1
    UNION ALL
    SELECT t.user_id, CASE t.kind WHEN 'upload' THEN 'upload_failed' WHEN 'download' THEN 'processing_failed' WHEN 'trim' THEN 'processing_failed' ELSE 'transcription_failed' END, count(*)
    FROM leap.tasks t JOIN leap.error_classes c ON c.class = t.error->>'class' AND c.notifies
    WHERE t.state = 'failed' AND t.recording_id IS NOT NULL GROUP BY 1, 2),
told (user_id, event, n) AS (
    SELECT n.user_id, n.event, sum(n.count) FROM leap.notifications n
    WHERE n.event IN ('automation_failed', 'automation_completed', 'recording_uploaded', 'processing_failed', 'transcription_failed', 'upload_failed') GROUP BY 1, 2)
SELECT v.* FROM (
    -- schedules
    SELECT 'a scheduled time is not accounted for, or twice', j.label, format('%s: %s times, %s in its history', j.misfire, count(s.at), coalesce(max(r.slots), 0))
    FROM job j LEFT JOIN slot s ON s.id = j.id LEFT JOIN (SELECT x.job_id, sum(x.slots) AS slots FROM run x WHERE x.trigger = 'schedule' GROUP BY 1) r ON r.job_id = j.id
    GROUP BY j.id, j.label, j.misfire HAVING count(s.at) <> coalesce(max(r.slots), 0)
    UNION ALL
    SELECT 'a run for a time that the schedule does not have', j.label, r.scheduled_for::text
    FROM run r JOIN job j ON j.id = r.job_id WHERE r.trigger = 'schedule' AND NOT EXISTS (SELECT FROM slot s WHERE s.id = j.id AND s.at = r.scheduled_for)
    UNION ALL
    SELECT 'a run by a policy that has none such', j.label, r.error->>'code'
    FROM run r JOIN job j ON j.id = r.job_id WHERE r.error->>'code' = 'missed' AND j.misfire = 'coalesce'
    UNION ALL
    SELECT 'a run goes on', j.label, r.phase FROM run r JOIN job j ON j.id = r.job_id WHERE r.state = 'running'
    UNION ALL
    SELECT 'a run without a reason', j.label, r.state FROM run r JOIN job j ON j.id = r.job_id WHERE r.state IN ('failed', 'skipped') AND r.error->>'code' IS NULL

    -- lectures and recordings
    UNION ALL
    SELECT 'a lecture that is no recording', l.name, s.name || ' of user ' || s.n
    FROM week.lectures l JOIN week.sources s ON s.id = l.source_id
    WHERE NOT s.broken AND l.appears <= leap.clock() AND NOT EXISTS (SELECT FROM leap.recordings r WHERE r.user_id = l.user_id AND r.source_key = l.key)
    UNION ALL
    SELECT 'a recording of nothing', r.label, r.source_key FROM recording r WHERE NOT EXISTS (SELECT FROM week.lectures l WHERE l.key = r.source_key AND l.user_id = r.user_id)
    UNION ALL
    SELECT 'a sync that does not add up', x.id::text, format('%s = %s + %s + %s', x.found, x.known, x.created, x.refused)
    FROM leap.source_syncs x WHERE x.state = 'succeeded' AND x.found <> x.known + x.created + x.refused
    UNION ALL
    SELECT 'recordings that no sync made', count(*)::text, max(x.n)::text FROM recording CROSS JOIN (SELECT sum(created) AS n FROM leap.source_syncs) x HAVING count(*) <> max(x.n)
    UNION ALL
    SELECT 'a recording that came to nothing', r.label, concat_ws(', ', r.status, r.hold, r.error_message)
    FROM recording r LEFT JOIN leap.recording_templates t ON t.id = r.template_id
    WHERE CASE WHEN r.delete_state <> 'active' OR r.status IN ('UPLOADED', 'SKIPPED') OR r.hold IS NOT NULL THEN false
               WHEN r.status = 'FAILED' THEN NOT r.failed OR r.error IS NULL
               WHEN r.status = 'INITIALIZED' THEN t.id IS NOT NULL OR r.unmatched_reason IS NULL ELSE true END
    UNION ALL
    SELECT 'a recording with the wrong template', r.label, coalesce(t.name, 'none')
    FROM recording r LEFT JOIN leap.recording_templates t ON t.id = r.template_id
    WHERE t.name IS DISTINCT FROM nullif(lower(split_part(r.display_name, ' ', 1)), 'dance')
    UNION ALL
    SELECT 'a recording that was started twice', max(r.label), count(*)::text FROM recording r JOIN leap.runs u ON u.recording_id = r.id AND u.trigger = 'automation'
    GROUP BY r.id HAVING count(*) > 1
    UNION ALL
    SELECT 'a recording that was published twice', max(r.label), count(*)::text FROM recording r JOIN leap.task_events e ON e.recording_id = r.id AND e.entity = 'recording' AND e.to_state = 'UPLOADED'
    GROUP BY r.id HAVING count(*) > 1

    -- runs
    UNION ALL
    SELECT 'a run that does not add up', j.label, (to_jsonb(r) - '{settings,report,todo,job_id,user_id}'::text[])::text
    FROM run r JOIN job j ON j.id = r.job_id
    WHERE r.candidates <> r.matched + r.unmatched OR r.matched <> r.started + r.refused OR r.started <> r.done + r.failed + r.held
       OR r.started <> (SELECT count(*) FROM leap.runs u WHERE u.automation_run_id = r.id)
       OR r.synced <> (SELECT coalesce(sum(x.created), 0) FROM leap.source_syncs x WHERE x.automation_run_id = r.id)
       OR r.sources <> (SELECT count(*) FROM leap.source_syncs x WHERE x.automation_run_id = r.id)
    UNION ALL
    SELECT 'a run of a recording by no job', u.id::text, u.trigger FROM leap.runs u
    WHERE (u.trigger = 'automation') <> EXISTS (SELECT FROM run r WHERE r.id = u.automation_run_id AND r.user_id = u.user_id)
    UNION ALL
    SELECT 'a lowered limit was passed', j.label, format('%s runs of a job that is the third', count(*))
    FROM run r JOIN job j ON j.id = r.job_id
    WHERE j.owner % 4 = 2 AND r.trigger = 'schedule' AND r.state <> 'skipped' AND r.started_at > (SELECT began + interval '19 hours' FROM week.setup)
      AND (SELECT count(*) FROM week.jobs o WHERE o.user_id = j.user_id AND o.id < j.id) >= 2
    GROUP BY j.label
    UNION ALL
    SELECT 'a lowered limit was passed', max(x.label), format('%s after %s', x.scheduled_for, x.earlier)
    FROM (SELECT j.label, r.scheduled_for, lag(r.scheduled_for) OVER (PARTITION BY r.job_id ORDER BY r.scheduled_for) AS earlier, j.schedule_config
          FROM run r JOIN job j ON j.id = r.job_id WHERE j.owner % 4 = 1 AND r.trigger = 'schedule' AND r.state <> 'skipped') x
    WHERE x.earlier > (SELECT began + interval '19 hours' FROM week.setup)
      AND leap.too_near(x.earlier, x.scheduled_for, '4 hours', coalesce(x.schedule_config->>'timezone', 'UTC')) GROUP BY x.scheduled_for, x.earlier

    -- messages
    UNION ALL
    SELECT 'messages that do not add up', format('%s of user %s', event, u.n), format('happened %s times, told %s times', coalesce(h.n, 0), coalesce(t.n, 0))
    FROM (SELECT user_id, event, sum(n) AS n FROM happened GROUP BY 1, 2) h FULL JOIN told t USING (user_id, event) JOIN week.users u ON u.id = user_id
    WHERE h.n IS DISTINCT FROM t.n
    UNION ALL
    SELECT 'a broken source of which nobody was told', s.name, 'user ' || s.n FROM week.sources s
    WHERE EXISTS (SELECT FROM leap.source_syncs x WHERE x.source_id = s.id AND x.state = 'failed')
      AND NOT EXISTS (SELECT FROM leap.notifications n WHERE n.user_id = s.user_id AND n.event = 'source_failed' AND n.subject->>'source' = s.id::text)
    UNION ALL
    SELECT 'a message that was not sent', d.id::text, concat_ws(' ', d.channel, d.state) FROM leap.deliveries d WHERE d.finished_at IS NULL
    UNION ALL
    SELECT 'a message that no mail took along', n.event, n.id::text FROM leap.notifications n
    WHERE n.mail AND n.mailed_count IS DISTINCT FROM n.count AND n.user_id NOT IN (SELECT d.user_id FROM leap.deliveries d WHERE d.channel = 'email' AND d.state = 'failed')

    -- quotas
    UNION ALL
    SELECT 'a quota was passed', format('%s of %s', l.quota, l."user"), format('%s of %s', l.used, l."limit")
    FROM week.limits l WHERE l.quota IN ('processing_per_month', 'recordings_per_month') AND l.used > l."limit"
    UNION ALL
    SELECT 'usage that is not there', format('%s of user %s', x.quota, w.n), format('counted %s, there are %s', coalesce(q.used, 0), x.n)
    FROM (SELECT user_id, 'recordings_per_month' AS quota, count(*) AS n FROM leap.recordings GROUP BY 1
          UNION ALL SELECT user_id, 'processing_per_month', count(*) FROM leap.runs WHERE trigger <> 'retry' GROUP BY 1
          UNION ALL SELECT user_id, 'automation_jobs', count(*) FROM leap.automation_jobs GROUP BY 1) x
    JOIN week.users w ON w.id = x.user_id
    LEFT JOIN (SELECT user_id, quota, sum(used) AS used FROM leap.quota_usage GROUP BY 1, 2) q USING (user_id, quota)
    WHERE coalesce(q.used, 0) <> x.n
) AS v (rule, subject, detail) ORDER BY 1, 2, 3;
