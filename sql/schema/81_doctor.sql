-- What is missing or misconfigured in the database, and how to mend it.

CREATE OR REPLACE FUNCTION leap.doctor()
RETURNS TABLE (check_name text, status text, detail text, hint text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    bell text := leap.setting('leap.bell');
    cron_silence interval := (SELECT clock_timestamp() - rung_at FROM leap.bells WHERE ringer = 'cron' AND rung_at <= clock_timestamp());
    worker_silence interval := (SELECT clock_timestamp() - rung_at FROM leap.bells WHERE ringer = 'worker' AND rung_at <= clock_timestamp());
    alive int := (SELECT count(*) FROM leap.workers WHERE stopped_at IS NULL AND gone_at IS NULL);
    newest leap.schema_versions;
    ahead bigint := (SELECT count(*) FROM leap.jobs_ahead());
BEGIN
    SELECT * INTO newest FROM leap.schema_versions ORDER BY deployed_at DESC LIMIT 1;
    RETURN QUERY SELECT 'schema', CASE WHEN newest.version IS NULL THEN 'warning' ELSE 'ok' END,
        CASE WHEN newest.version IS NULL THEN 'deployed by hand, version unknown'
             ELSE format('version %s, deployed %s', newest.version, newest.deployed_at) END,
        CASE WHEN newest.version IS NULL THEN 'Run leap deploy: it records what it deployed.' END;

    RETURN QUERY SELECT 'extension',
        CASE WHEN leap.library_version() = e.extversion THEN 'ok' ELSE 'error' END,
        format('extension %s, loaded library %s', e.extversion, leap.library_version()),
        CASE WHEN leap.library_version() <> e.extversion THEN 'Restart PostgreSQL so that it loads the installed library; then leap deploy.' END
    FROM pg_extension e WHERE e.extname = 'leap';

    RETURN QUERY SELECT 'preload',
        CASE WHEN p.setting ~ '(^|[, ])leap([, ]|$)' THEN 'ok' ELSE 'warning' END,
        format('shared_preload_libraries = ''%s''', p.setting),
        CASE WHEN p.setting !~ '(^|[, ])leap([, ]|$)' THEN 'Add leap to shared_preload_libraries and restart: settings leap.* are then known to every session from its start.' END
    FROM pg_settings p WHERE p.name = 'shared_preload_libraries';

    RETURN QUERY SELECT 'workers', CASE WHEN alive > 0 THEN 'ok' ELSE 'error' END,
        format('%s alive, %s tasks ready, %s running', alive, (SELECT count(*) FROM leap.task_ready), (SELECT count(*) FROM leap.task_lease)),
        CASE WHEN alive = 0 THEN 'Start one: leap worker. Nothing moves without it.' END;

    RETURN QUERY SELECT 'queues', CASE WHEN count(*) = 0 THEN 'ok' ELSE 'error' END,
        CASE WHEN count(*) = 0 THEN 'every queue is served' ELSE 'nobody serves: ' || string_agg(q.queue, ', ') END,
        CASE WHEN count(*) > 0 THEN 'Start a worker with these queues: leap worker --queue ' || string_agg(q.queue, ',') END
    FROM (SELECT DISTINCT k.queue FROM leap.task_kinds k) q
    WHERE alive > 0 AND NOT EXISTS (SELECT FROM leap.workers w WHERE w.stopped_at IS NULL AND w.gone_at IS NULL AND q.queue = ANY (w.queues));

    RETURN QUERY SELECT 'paused', CASE WHEN count(*) = 0 THEN 'ok' ELSE 'warning' END,
        coalesce(string_agg(format('%s, %s ago by %s: %s', p.queue, date_trunc('second', clock_timestamp() - p.paused_at), p.paused_by, p.reason), '; ' ORDER BY p.queue),
                 'no queue is paused'),
        CASE WHEN count(*) > 0 THEN 'leap queue resume QUEUE lets it go on.' END
    FROM leap.queues p WHERE p.paused_at IS NOT NULL;

    RETURN QUERY SELECT 'bell',
        CASE WHEN bell <> 'worker' AND cron_silence < interval '3 minutes' THEN 'ok'
             WHEN bell = 'cron' OR worker_silence >= interval '3 minutes' THEN 'error'
             WHEN bell = 'worker' AND worker_silence IS NOT NULL THEN 'ok' ELSE 'warning' END,
        concat_ws('; ', CASE WHEN bell = 'worker' THEN NULL WHEN cron_silence IS NULL THEN 'pg_cron has never rung'
                             ELSE format('pg_cron rang %s ago', date_trunc('second', cron_silence)) END,
                  CASE WHEN bell = 'cron' OR (bell = 'both' AND cron_silence < interval '3 minutes') THEN NULL WHEN worker_silence IS NULL THEN 'no worker has rung'
                       ELSE format('a worker rang %s ago', date_trunc('second', worker_silence)) END),
        CASE WHEN bell <> 'worker' AND (cron_silence IS NULL OR cron_silence >= interval '3 minutes')
             THEN 'leap deploy installs the job leap-tick in the database postgres; pg_cron must be in shared_preload_libraries, with cron.database_name = postgres and cron.use_background_workers = on. Look into cron.job_run_details there.'
             WHEN bell = 'worker' AND (worker_silence IS NULL OR worker_silence >= interval '3 minutes') THEN 'Start a worker: leap worker. Only workers ring (leap.bell = worker).' END;

    RETURN QUERY SELECT 'automation', CASE WHEN count(*) FILTER (WHERE j.late OR j.last_error IS NOT NULL) + ahead = 0 THEN 'ok' ELSE 'warning' END,
        format('%s switched on, %s late, the last run of %s went wrong', count(*) FILTER (WHERE j.is_enabled), count(*) FILTER (WHERE j.late),
               count(*) FILTER (WHERE j.last_error IS NOT NULL AND NOT j.set_back))
            || CASE WHEN ahead > 0 OR bool_or(j.set_back) THEN format(', the clock went back: %s wait for a time too far ahead, %s were set back', ahead, count(*) FILTER (WHERE j.set_back)) ELSE '' END,
        nullif(concat_ws(' ', CASE WHEN count(*) FILTER (WHERE j.late) > 0 THEN 'A job is late while the bell is silent, or while its run before waits for its sources.' END,
                  CASE WHEN count(*) FILTER (WHERE j.last_error IS NOT NULL) > 0 THEN 'SELECT name, last_error FROM leap.automation_jobs WHERE last_error IS NOT NULL tells why.' END,
                  CASE WHEN ahead > 0 THEN 'The next ring or, of many jobs, that of the next hour sets them back; what ran up to three hours ahead is not repeated.' END), '')
    FROM (SELECT x.is_enabled, x.last_error, coalesce(x.last_error ->> 'code' = 'clock_went_back', false) AS set_back, coalesce(x.next_run_at < leap.clock() - make_interval(secs => leap.setting('leap.automation_late')::int), false) AS late
          FROM leap.automation_jobs x) j;

    RETURN QUERY SELECT 'sources', CASE WHEN count(*) FILTER (WHERE s.last_error IS NOT NULL) = 0 THEN 'ok' ELSE 'warning' END,
        format('%s switched on, the last sync of %s failed', count(*), count(*) FILTER (WHERE s.last_error IS NOT NULL)),
        CASE WHEN count(*) FILTER (WHERE s.last_error IS NOT NULL) > 0 THEN 'leap source list shows which, leap source show NAME tells why; their owners were told.' END
    FROM leap.input_sources s WHERE s.is_active;

    RETURN QUERY SELECT 'chores', CASE WHEN count(*) = 0 THEN 'ok' ELSE 'warning' END,
        coalesce(string_agg(c.chore || ': ' || c.result, '; '), 'no chore failed'),
        CASE WHEN count(*) > 0 THEN 'The next tick tries them again; the server log has the whole message.' END
    FROM leap.chore_runs c WHERE c.result LIKE 'error:%';

    RETURN QUERY SELECT 'orphans', CASE WHEN count(*) = 0 THEN 'ok' ELSE 'warning' END,
        CASE WHEN count(*) = 0 THEN 'the last sweep found no file without a name in the database'
             ELSE format('%s files in the storage that no row names, seen %s', count(*), max(o.found_at)) END,
        CASE WHEN count(*) > 0 THEN 'leap doctor storage lists them, with --remove-orphans it removes them.' END
    FROM leap.storage_orphans o;

    RETURN QUERY SELECT 'import roots', CASE WHEN leap.setting('leap.import_roots') = '' THEN 'warning' ELSE 'ok' END,
        CASE WHEN leap.setting('leap.import_roots') = '' THEN 'none: local files cannot be added' ELSE leap.setting('leap.import_roots') END,
        CASE WHEN leap.setting('leap.import_roots') = '' THEN 'ALTER DATABASE ... SET leap.import_roots = ''/srv/lectures''; then start a new session.' END;

    RETURN QUERY SELECT 'held', CASE WHEN count(*) = 0 THEN 'ok' ELSE 'warning' END,
        format(CASE count(*) WHEN 1 THEN '%s recording waits for a person' ELSE '%s recordings wait for a person' END, count(*)),
        CASE WHEN count(*) > 0 THEN 'leap list shows them; leap accept ID lets one go on, leap cancel ID ends it.' END
    FROM leap.recordings r WHERE r.hold <> 'quota' AND r.delete_state = 'active';      -- a quota's wait ends by itself

    RETURN QUERY SELECT 'platforms', CASE WHEN count(*) = 0 THEN 'ok' ELSE 'warning' END,
        coalesce('in trouble: ' || string_agg(concat_ws(' with credential ', b.platform, b.credential), ', '), 'none is in trouble'),
        CASE WHEN count(*) > 0 THEN 'SELECT * FROM leap.breakers tells why and until when they are left alone; leap.close_breaker() tries at once.' END
    FROM leap.breakers b WHERE b.state <> 'closed';

    RETURN QUERY SELECT 'credentials', CASE WHEN n.expired + n.stuck = 0 AND (n.keys > 0 OR n.all_of = 0) THEN 'ok' WHEN n.keys = 0 AND n.all_of > 0 THEN 'error' ELSE 'warning' END,
        CASE WHEN n.keys = 0 THEN 'no key of workers is known: none can be stored' ELSE format('%s, %s of them need a new authorisation', n.all_of, n.expired)
             || CASE WHEN n.old > 0 THEN format('; %s are sealed to an older key', n.old) || CASE WHEN n.stuck > 0 THEN format(', of which %s could not be sealed anew', n.stuck) ELSE '' END ELSE '' END END,
        CASE WHEN n.keys = 0 THEN 'If anybody is to connect accounts: leap keys init FILE, then workers with --credential-keys FILE.'
             WHEN n.stuck > 0 THEN 'Workers need the older key, too: leap keys list FILE compares a file with what is known here. It is tried again each hour.'
             WHEN n.expired > 0 THEN 'leap credential list shows which; their owners were told.' END
    FROM (SELECT (SELECT count(*) FROM leap.worker_keys w WHERE w.retired_at IS NULL) AS keys, count(*) AS all_of, count(*) FILTER (WHERE c.needs_reauth) AS expired,
                 count(*) FILTER (WHERE c.key_id <> k.key_id) AS old, count(*) FILTER (WHERE c.key_id <> k.key_id AND EXISTS (SELECT FROM leap.credential_checks x
                     WHERE x.credential_id = c.id AND x.action = 'reseal' AND x.state = 'failed' AND x.finished_at > clock_timestamp() - interval '2 hours')) AS stuck
          FROM leap.credentials c
          CROSS JOIN (SELECT max(w.key_id) AS key_id FROM (SELECT y.key_id FROM leap.worker_keys y WHERE y.retired_at IS NULL ORDER BY y.created_at DESC, y.key_id LIMIT 1) w) k) n;

    -- a worker says at its registration whether it has any
    RETURN QUERY SELECT 'credential keys', CASE WHEN coalesce(sum(q.without), 0) = 0 THEN 'ok' WHEN bool_or(q.without > 0 AND q.having = 0) THEN 'error' ELSE 'warning' END,
        coalesce('workers without private keys serve queues whose tasks need them: '
                 || string_agg(format('%s (%s of %s)', q.queue, q.without, q.without + q.having), ', ' ORDER BY q.queue) FILTER (WHERE q.without > 0), 'no worker lacks them that needs them'),
        CASE WHEN sum(q.without) > 0 THEN 'Start them with --credential-keys FILE: what a worker without keys claims waits for one that has them.' END
    FROM (SELECT n.queue, count(w.id) FILTER (WHERE w.info->'credential_keys' = 'false') AS without, count(w.id) FILTER (WHERE w.info->'credential_keys' IS DISTINCT FROM 'false') AS having
          FROM (SELECT DISTINCT k.queue FROM leap.task_kinds k
                WHERE k.kind IN ('upload', 'download', 'sync', 'credential') AND EXISTS (SELECT FROM leap.credentials)
                   OR k.kind = 'notify' AND EXISTS (SELECT FROM leap.webhooks h WHERE h.sealed IS NOT NULL)) n
          JOIN leap.workers w ON w.stopped_at IS NULL AND w.gone_at IS NULL AND n.queue = ANY (w.queues) GROUP BY n.queue) q;

    RETURN QUERY SELECT 'mail', CASE WHEN leap.setting('leap.mail') = 'off' OR m.failed > 0 OR m.late > 0 THEN 'warning' ELSE 'ok' END,
        CASE WHEN leap.setting('leap.mail') = 'off' THEN 'mails are switched off'
             ELSE format('mails are switched on; since yesterday %s sent, %s failed, %s late%s', m.sent, m.failed, m.late, ': ' || left(m.message, 200)) END,
        CASE WHEN leap.setting('leap.mail') = 'off' THEN 'Start workers with --smtp-url and --mail-from, try leap mail test, then set leap.mail = on.'
             WHEN m.failed > 0 OR m.late > 0 THEN 'leap mail test tries the settings of the workers; leap.deliveries tells of each mail.' END
    FROM (SELECT count(*) FILTER (WHERE d.state = 'delivered') AS sent, count(*) FILTER (WHERE d.state = 'failed') AS failed,
                 count(*) FILTER (WHERE d.finished_at IS NULL AND d.run_at < leap.clock() - interval '1 hour') AS late,
                 (array_agg(coalesce(d.error, t.error)->>'message' ORDER BY d.id DESC) FILTER (WHERE coalesce(d.error, t.error) IS NOT NULL))[1] AS message
          FROM leap.deliveries d LEFT JOIN leap.tasks t ON t.id = d.task_id
          WHERE d.channel = 'email' AND (d.finished_at IS NULL OR d.finished_at > leap.clock() - interval '1 day')) m;

    RETURN QUERY SELECT 'webhooks', CASE WHEN count(*) FILTER (WHERE w.state = 'disabled' AND w.failures > 0 OR w.secret IS NOT NULL) > 0 THEN 'warning' ELSE 'ok' END,
        format('%s, %s of them switched off, %s deliveries wait', count(*), count(*) FILTER (WHERE w.state = 'disabled'),
               (SELECT count(*) FROM leap.deliveries d WHERE d.channel = 'webhook' AND d.finished_at IS NULL))
            || CASE WHEN count(w.secret) > 0 THEN format(', the secrets of %s lie openly', count(w.secret)) ELSE '' END,
        CASE WHEN count(*) FILTER (WHERE w.state = 'disabled' AND w.failures > 0) > 0 THEN 'leap.webhooks tells why; their owners were told.'
             WHEN count(w.secret) > 0 THEN 'Dumps and backups hold them. With a key (leap keys init FILE, then workers with --credential-keys FILE) the next minute seals them.' END
    FROM leap.webhooks w;

    RETURN QUERY SELECT 'oldest transaction', CASE WHEN coalesce(max(clock_timestamp() - a.xact_start), '0') < interval '10 minutes' THEN 'ok' ELSE 'warning' END,
        coalesce(date_trunc('second', max(clock_timestamp() - a.xact_start)) || ' old', 'none'),
        CASE WHEN max(clock_timestamp() - a.xact_start) >= interval '10 minutes'
             THEN 'A transaction open for long keeps dead rows and slows claims; find it in pg_stat_activity.' END
    FROM pg_stat_activity a WHERE a.backend_type = 'client backend' AND a.datname = current_database();
END
$$;
COMMENT ON FUNCTION leap.doctor() IS
'Checks of the database side: name, status (ok, warning, error), what was found, and how to mend it.';
