-- A dry run answers what the real call does: every status, every situation, every operation, both compared.
SELECT test.connect();
CREATE FUNCTION pg_temp.answer(operation text, id uuid, dry_run boolean) RETURNS text LANGUAGE sql AS $$
    SELECT jsonb_build_object('done', o.done, 'reason', o.reason, 'sqlstate', o.sqlstate, 'plan', o.plan,
                              'active run', CASE WHEN NOT leap.starts_runs(operation) OR NOT o.done THEN o.run END)::text
    FROM leap.operate(operation, ARRAY[id], dry_run, priority => CASE operation WHEN 'prioritize' THEN 3 END) o $$;

CREATE FUNCTION pg_temp.tried(operation text, id uuid, OUT dry text, OUT wet text) LANGUAGE plpgsql AS $$
BEGIN
    dry := pg_temp.answer(operation, id, true);
    BEGIN
        wet := pg_temp.answer(operation, id, false);
        RAISE EXCEPTION USING ERRCODE = 'ZZ000', MESSAGE = wet;
    EXCEPTION
        WHEN SQLSTATE 'ZZ000' THEN NULL;
        WHEN OTHERS THEN wet := SQLSTATE || ': ' || SQLERRM;
    END;
END
$$;

-- each situation has a recording of its own; what it is like in each status
CREATE FUNCTION pg_temp.situations() RETURNS TABLE (situation text, active boolean, files boolean, changes text) LANGUAGE sql AS $$
    VALUES ('dry idle', false, false, 'failed_at_stage = NULL'), ('dry idle, files', false, true, 'failed_at_stage = NULL'),
           ('dry failed at upload', false, true, 'failed = true, failed_at_stage = ''upload'''),
           ('dry held', false, true, 'hold = ''blank'', held_at = now()'),
           ('dry deleted', false, true, 'delete_state = CASE delete_state WHEN ''soft'' THEN ''soft'' ELSE leap.move(''delete'', ''soft'') END, deleted_at = now()'),
           ('dry active', true, false, 'hold = NULL'),
           ('dry active, will be tried again', true, true, 'failed = true, next_attempt_at = now() + ''1 h'''),
           ('dry active, paused', true, true, 'hold = ''paused'', held_at = now()') $$;

CREATE FUNCTION pg_temp.compared() RETURNS TABLE (situation text, status text, operation text, done boolean, dry text, wet text) LANGUAGE plpgsql AS $$
DECLARE
    s record;
    answers record;
BEGIN
    FOR s IN SELECT x.*, f.to_status, test.id(x.situation) AS id FROM pg_temp.situations() x, (SELECT DISTINCT to_status FROM leap.fsm() WHERE entity = 'recording') f
             WHERE x.situation ~ 'idle|upload' OR f.to_status IN ('INITIALIZED', 'PROCESSING', 'FAILED', 'UPLOADED') LOOP
        EXECUTE format('UPDATE leap.recordings SET status = CASE status WHEN %1$L THEN status ELSE leap.move(''repair'', %1$L) END, %2$s WHERE id = %3$L',
                       s.to_status, s.changes, s.id);
        situation := s.situation; status := s.to_status;
        FOR operation IN SELECT * FROM unnest('{run,force,retry,cancel,prioritize,pause,resume,accept,skip,unskip,reset,delete,restore,paint}'::text[])
                         UNION ALL SELECT o.operation FROM leap.single_operations() o LOOP
            SELECT * INTO answers FROM pg_temp.tried(operation, s.id);
            dry := answers.dry; wet := answers.wet; done := (dry::jsonb->>'done')::boolean;
            RETURN NEXT;
        END LOOP;
    END LOOP;
END
$$;
SELECT count(test.start(situation)) FROM pg_temp.situations();
SELECT count(leap.cancel_recording(test.id(situation))) FROM pg_temp.situations() WHERE NOT active;
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    SELECT r.id, r.user_id, m, r.id || '/' || m, 1, repeat('0', 64), 'x/y' FROM leap.recordings r JOIN pg_temp.situations() x ON x.situation = r.display_name AND x.files,
        leap.task_inputs() i, unnest(i.makes) m ORDER BY leap.kind_place(i.kind);
CREATE TABLE pg_temp.compared AS SELECT * FROM pg_temp.compared();
SELECT situation, count(*) AS calls, count(*) FILTER (WHERE done) AS done, count(*) FILTER (WHERE dry IS DISTINCT FROM wet) AS differences FROM pg_temp.compared GROUP BY 1 ORDER BY 1;
SELECT situation, status, operation, dry, wet FROM pg_temp.compared WHERE dry IS DISTINCT FROM wet ORDER BY 1, 2, 3 LIMIT 20;
DELETE FROM leap.recordings WHERE id IN (SELECT test.id(situation) FROM pg_temp.situations());
