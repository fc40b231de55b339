-- Setting a status on purpose: the way out when a recording stands where no operation helps.
--
-- Only superusers and members of leap_owner may, and whoever they let: GRANT EXECUTE. Lock order: recording -> tasks ->
-- ready/lease/scheduled.

CREATE OR REPLACE FUNCTION leap.repair(recording uuid, status text, why text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    was leap.recordings;
    run uuid;
BEGIN
    IF btrim(coalesce(why, '')) = '' THEN
        PERFORM leap.refuse('LP030', 'a repair needs a reason', 'Say why in the third argument: the log keeps it.');
    END IF;
    IF leap.fsm_known('recording', status) IS NOT TRUE THEN
        PERFORM leap.refuse('LP030', CASE WHEN status IS NULL THEN 'a repair needs a status' ELSE format('there is no status "%s"', status) END, format('Statuses are %s.',
            (SELECT string_agg(DISTINCT f.to_status, ', ') FROM leap.fsm() f WHERE f.entity = 'recording')));
    END IF;
    SELECT r.* INTO was FROM leap.recordings r WHERE r.id = recording FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', recording), 'A list of recordings shows those there are.');
    END IF;
    PERFORM set_config('synchronous_commit', 'on', true);
    SELECT u.id INTO run FROM leap.runs u WHERE u.recording_id = recording AND u.state = 'active';
    PERFORM leap.apply_cancel(ARRAY[recording]);
    -- a recording that failed says where, so that a run knows where to go on
    UPDATE leap.recordings r
    SET status = CASE WHEN r.status = repair.status THEN r.status ELSE leap.move('repair', repair.status) END,
        failed = repair.status = 'FAILED',
        failed_at = CASE WHEN repair.status = 'FAILED' THEN clock_timestamp() END,
        failed_at_stage = CASE WHEN repair.status = 'FAILED' THEN coalesce(was.failed_at_stage, 'download') END,
        error = CASE WHEN repair.status = 'FAILED' THEN jsonb_build_object('class', 'permanent', 'code', 'repaired', 'message', why) END,
        next_attempt_at = NULL, updated_at = now()
    WHERE r.id = recording;
    PERFORM leap.audit('repair', 'recording', recording::text,
        jsonb_build_object('status', was.status, 'failed', was.failed, 'failed_at_stage', was.failed_at_stage, 'error', was.error,
                           'hold', was.hold, 'run', run),
        jsonb_build_object('status', repair.status), why);
    RETURN jsonb_build_object('recording', recording, 'from', was.status, 'to', repair.status, 'cancelled_run', run,
                              'message', format('"%s" is %s now, it was %s', was.display_name, repair.status, was.status));
END
$$;
COMMENT ON FUNCTION leap.repair(uuid, text, text) IS
'Gives a recording any status there is, on purpose and in the audit log. Its active run is cancelled, its hold released, its failure forgotten (FAILED keeps the stage); artifacts and targets are not touched. Returns {recording, from, to, cancelled_run, message}. Errors: LP020 unknown recording, LP030 unknown status or no reason.';
