-- The clock: leap.tick() once a minute, rung by pg_cron, a worker or by hand.
--
-- Each chore runs in a subtransaction of its own: one that fails stops no other, its error is in the report.

-- Histories are partitioned by month, in UTC, with a default partition so that a silent bell never stops work. What
-- needs a lock that is not to be had within a tenth of a second is left for the next time: a reader in a long
-- transaction delays it, and it delays nobody. Attaching lets writers go on; dropping stops them for that moment.
CREATE OR REPLACE FUNCTION leap.histories()
RETURNS TABLE (name text, months int) LANGUAGE sql STABLE AS $$
    VALUES ('task_events', leap.setting('leap.history_months')::int), ('task_attempts', leap.setting('leap.history_months')::int), ('audit_logs', leap.setting('leap.audit_months')::int)
$$;
COMMENT ON FUNCTION leap.histories() IS
'The tables kept in monthly partitions, and how many whole months before this one are kept of each.';

-- A month that began in the default partition stays there: moving rows would stop writers. It goes by its age.
CREATE OR REPLACE FUNCTION leap.add_partition(history text, month date)
RETURNS boolean LANGUAGE plpgsql SET timezone = 'UTC' SET lock_timeout = '100ms' AS $$
DECLARE
    partition text := format('%s_%s', history, to_char(month, 'YYYYMM'));
    taken boolean;
BEGIN
    IF to_regclass(format('leap.%I', partition)) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('SELECT EXISTS (SELECT FROM leap.%I d WHERE d.at >= $1 AND d.at < $2)', history || '_default')
        INTO taken USING month::timestamptz, (month + interval '1 month')::timestamptz;
    IF taken THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE leap.%I (LIKE leap.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition, history);
    EXECUTE format('ALTER TABLE leap.%I ATTACH PARTITION leap.%I FOR VALUES FROM (%L) TO (%L)',
                   history, partition, month::timestamptz, (month + interval '1 month')::timestamptz);
    -- attaching clones row triggers, but not the one that refuses TRUNCATE
    IF history = 'audit_logs' THEN
        EXECUTE format('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON leap.%I EXECUTE FUNCTION leap.refuse_change()', partition);
    END IF;
    RETURN true;
EXCEPTION WHEN lock_not_available OR check_violation OR duplicate_table THEN
    RETURN false;
END
$$;
COMMENT ON FUNCTION leap.add_partition(text, date) IS
'Makes the partition of a history for the month that begins at this day. False if it is there, if the default partition has rows of that month, or if a lock was not to be had.';

CREATE OR REPLACE FUNCTION leap.drop_partition(partition regclass)
RETURNS boolean LANGUAGE plpgsql SET lock_timeout = '100ms' AS $$
BEGIN
    EXECUTE format('DROP TABLE %s', partition);
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END
$$;
COMMENT ON FUNCTION leap.drop_partition(regclass) IS
'Drops a partition with its rows; false if a lock was not to be had.';

CREATE OR REPLACE FUNCTION leap.maintain_partitions(ahead int = 3)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    this_month date := date_trunc('month', now());
    h record;
    changed int := 0;
    n int;
BEGIN
    FOR h IN SELECT x.name, (this_month - make_interval(months => x.months))::date AS oldest FROM leap.histories() x LOOP
        SELECT count(*) INTO n FROM generate_series(0, ahead) i
        WHERE leap.add_partition(h.name, (this_month + make_interval(months => i))::date);
        changed := changed + n;
        SELECT count(*) INTO n FROM (
            SELECT c.oid::regclass AS partition FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = format('leap.%I', h.name)::regclass AND c.relname ~ '_\d{6}$'
              AND to_date(right(c.relname, 6), 'YYYYMM') < h.oldest ORDER BY c.relname) old
        WHERE leap.drop_partition(old.partition);
        changed := changed + n;
        EXECUTE format('DELETE FROM leap.%I WHERE at < $1', h.name || '_default') USING h.oldest::timestamptz;
    END LOOP;
    RETURN changed;
END
$$;
COMMENT ON FUNCTION leap.maintain_partitions(int) IS
'Makes the monthly partitions of every history some months ahead and drops what is older than it is kept; returns how many partitions came or went. What is locked waits for the next call.';

CREATE OR REPLACE FUNCTION leap.skip_stale_sources()
RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    WITH stale AS (
        UPDATE leap.recordings r SET status = leap.move('step', 'SKIPPED'), unmatched_reason = NULL, updated_at = now(),
               error = jsonb_build_object('code', 'source_never_ready', 'message', 'the source never became ready',
                                          'hint', 'Unskip the recording when it is, or delete it.')
        WHERE r.status = 'PENDING_SOURCE' AND r.delete_state = 'active'
          AND r.created_at < now() - make_interval(days => leap.setting('leap.pending_source_days')::int)
        RETURNING 1)
    SELECT count(*)::int FROM stale
$$;
COMMENT ON FUNCTION leap.skip_stale_sources() IS
'Skips recordings whose source stayed PENDING_SOURCE longer than leap.pending_source_days; returns how many.';

CREATE OR REPLACE FUNCTION leap.forget_old()
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    n int;
    total int := 0;
BEGIN
    DELETE FROM leap.workers w WHERE w.stopped_at < clock_timestamp() - interval '1 day'
        AND NOT EXISTS (SELECT FROM leap.task_lease l WHERE l.worker_id = w.id);
    GET DIAGNOSTICS n = ROW_COUNT;
    total := total + n;
    UPDATE leap.runs SET idempotency_key = NULL, request_hash = NULL
    WHERE idempotency_key IS NOT NULL AND started_at < clock_timestamp() - interval '24 h';
    GET DIAGNOSTICS n = ROW_COUNT;
    total := total + n;
    DELETE FROM leap.idempotent_requests r WHERE r.created_at < leap.clock() - interval '24 h';
    GET DIAGNOSTICS n = ROW_COUNT;
    total := total + n;
    DELETE FROM leap.tasks t WHERE t.recording_id IS NULL AND t.finished_at < clock_timestamp() - interval '7 days';
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN total + n;
END
$$;
COMMENT ON FUNCTION leap.forget_old() IS
'Removes workers stopped for a day, idempotency keys and what they kept older than 24 h and finished tasks without a recording after 7 days; returns how many.';

-- The sound for speech recognition is large and only needed again when everything is redone from the source.
CREATE OR REPLACE FUNCTION leap.drop_intermediates()
RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    WITH dropped AS (
        DELETE FROM leap.artifacts a USING leap.recordings r
        WHERE r.id = a.recording_id AND a.kind = 'audio' AND r.status IN ('UPLOADED', 'READY')
          AND NOT EXISTS (SELECT FROM leap.runs u WHERE u.recording_id = r.id AND (u.state = 'active'
                OR u.finished_at > clock_timestamp() - make_interval(days => leap.setting('leap.intermediate_days')::int)))
        RETURNING 1)
    SELECT count(*)::int FROM dropped
$$;
COMMENT ON FUNCTION leap.drop_intermediates() IS
'Removes the sound files of recordings published longer ago than leap.intermediate_days; returns how many.';

-- Storage usage is kept by trigger; this finds and mends a difference, which would be a defect.
CREATE OR REPLACE FUNCTION leap.reconcile_storage()
RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    WITH truth AS (SELECT u.user_id, coalesce(sum(a.bytes), 0)::bigint AS bytes
                   FROM leap.quota_usage u LEFT JOIN leap.artifacts a USING (user_id)
                   WHERE u.quota = 'storage_bytes' GROUP BY u.user_id),
    mended AS (
        UPDATE leap.quota_usage u SET used = t.bytes FROM truth t
        WHERE u.user_id = t.user_id AND u.quota = 'storage_bytes' AND u.used <> t.bytes RETURNING 1)
    SELECT count(*)::int FROM mended
$$;
COMMENT ON FUNCTION leap.reconcile_storage() IS
'Compares storage usage with the sum of artifacts and mends it; returns how many users differed (0 unless something is wrong).';

-- The chores of a minute, in order. Names are functions of schema leap that return a count. Partitions come last:
-- their locks are held until the tick ends.
CREATE OR REPLACE FUNCTION leap.chores()
RETURNS TABLE (chore text, every interval) LANGUAGE sql IMMUTABLE AS $$
    VALUES ('rescue', interval '0'), ('promote_due', '0'), ('raise_expiring', '5 minutes'), ('release_quota_holds', '0'), ('skip_stale_sources', '0'), ('recheck_sources', '0'),
           ('answer_account_requests', '0'), ('note_refusal_floods', '0'), ('seal_audit', '0'), ('plan_left_mails', '0'), ('seal_open_secrets', '0'), ('reseal_credentials', '0'), ('forget_credential_checks', '1 hour'), ('raise_summaries', '0'), ('forget_notifications', '1 hour'),
           ('run_automation', '0'), ('mend_next_runs', '1 hour'), ('forget_automation_runs', '1 hour'), ('forget_accounts', '1 hour'), ('forget_uploads', '0'),
           ('forget_old', '1 hour'), ('drop_upload_addresses', '1 day'), ('forget_platforms', '1 hour'), ('drop_intermediates', '1 hour'),
           ('plan_expiry', '1 hour'), ('warn_of_expiry', '1 hour'), ('expire_recordings', '5 minutes'), ('purge_media', '1 hour'), ('purge_deleted', '1 hour'), ('forget_purged', '1 hour'),
           ('roll_statistics', '0'), ('count_limits', '5 minutes'), ('recount_tasks', '1 day'),
           ('sweep_storage', '1 hour'), ('reconcile_storage', '1 day'), ('maintain_partitions', '1 hour')
$$;
COMMENT ON FUNCTION leap.chores() IS 'What leap.tick() does and how often at most.';

CREATE TABLE IF NOT EXISTS leap.chore_runs (
    chore  text PRIMARY KEY,
    ran_at timestamptz NOT NULL,
    result text NOT NULL
);
COMMENT ON TABLE leap.chore_runs IS 'When each chore of leap.tick() last ran, and its count or error.';

CREATE OR REPLACE FUNCTION leap.run_chore(chore text)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    outcome text;
BEGIN
    BEGIN
        EXECUTE format('SELECT leap.%I()::text', chore) INTO outcome;
    EXCEPTION WHEN OTHERS THEN
        outcome := 'error: ' || SQLERRM;
        RAISE WARNING 'leap.tick: % failed: %', chore, SQLERRM;
    END;
    INSERT INTO leap.chore_runs AS c VALUES (chore, clock_timestamp(), outcome)
    ON CONFLICT ON CONSTRAINT chore_runs_pkey DO UPDATE SET ran_at = excluded.ran_at, result = excluded.result;
    RETURN outcome;
END
$$;
COMMENT ON FUNCTION leap.run_chore(text) IS
'Runs one chore in a subtransaction and notes its count or error, which it returns.';

CREATE OR REPLACE FUNCTION leap.tick(ringer text = 'hand')
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    allowed text := leap.setting('leap.bell');
    c record;
    report jsonb := '{}';
BEGIN
    IF (ringer = 'cron' AND allowed = 'worker') OR (ringer = 'worker' AND allowed = 'cron')
       OR NOT pg_try_advisory_xact_lock(leap.tick_key(), 2) THEN
        RETURN NULL;
    END IF;
    FOR c IN SELECT k.chore FROM leap.chores() WITH ORDINALITY AS k(chore, every, n) LEFT JOIN leap.chore_runs r USING (chore)
             -- a time that has not come is one of a clock that went back since
             WHERE r.ran_at IS NULL OR r.result LIKE 'error:%' OR r.ran_at + k.every <= clock_timestamp() OR r.ran_at > clock_timestamp() ORDER BY k.n LOOP
        report := report || jsonb_build_object(c.chore, leap.run_chore(c.chore));
    END LOOP;
    INSERT INTO leap.bells AS b VALUES (tick.ringer, clock_timestamp(), report)
    ON CONFLICT ON CONSTRAINT bells_pkey DO UPDATE SET rung_at = excluded.rung_at, report = excluded.report;
    RETURN report;
END
$$;
COMMENT ON FUNCTION leap.tick(text) IS
'The minute''s chores: rescue, due tasks, quota holds, stale sources, partitions, retention, reconciliation. ringer is cron, worker or hand; leap.bell decides who is heard. Returns what each chore did, null if another tick is at it or the ringer is not heard.';

-- Whose turn it is: pg_cron's each minute, and a worker's where pg_cron is silent or not wanted, or where an automation
-- would have to wait for the minute to end. Rung is at most once a second.
CREATE OR REPLACE FUNCTION leap.bell_waits()
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT b.bell <> 'cron' AND coalesce(b.silent_for > interval '1 s' AND (
               b.silent_for > CASE b.bell WHEN 'worker' THEN interval '60 s' ELSE '75 s' END OR leap.automation_waits()), true)
    FROM (SELECT leap.setting('leap.bell') AS bell, (SELECT clock_timestamp() - max(x.rung_at) FROM leap.bells x WHERE x.rung_at <= clock_timestamp()) AS silent_for) b
$$;
COMMENT ON FUNCTION leap.bell_waits() IS
'Whether a worker should ring leap.tick() now: nobody has done so for more than a minute (75 s where pg_cron may ring too), or automation has something to do. Never where leap.bell = cron.';

-- history starts in partitions of its own
DO $$ BEGIN PERFORM leap.maintain_partitions(); END $$;
