-- The hands of the world: a worker in SQL. It claims, does everything at once, and reports, as a real one does; some of it
-- goes wrong, some platforms are down for hours, and some answers are lost.

-- What comes of a task: null is well, else the class of the error.
CREATE FUNCTION week.fate(kind text, name text, attempt int) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN kind = 'upload' AND now_at >= began + interval '30 hours' AND now_at < began + interval '35 hours' THEN 'transient'
                WHEN luck < 0.05 THEN 'transient' WHEN luck < 0.06 THEN 'rate_limited'
                WHEN kind <> 'sync' AND luck < 0.075 THEN 'permanent' WHEN kind IN ('download', 'trim') AND luck < 0.09 THEN 'input' END
    FROM (SELECT week.chance('fate', kind, name, attempt::text) AS luck, leap.clock() AS now_at, s.began FROM week.setup s) x
$$;

CREATE FUNCTION week.items(of_source uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('seen', count(*), 'items', coalesce(jsonb_agg(jsonb_build_object('source_key', l.key, 'display_name', l.name,
        'start_time', extract(epoch FROM l.appears), 'source', jsonb_build_object('type', 'url', 'url', 'https://example.org/' || md5(l.key)))), '[]'))
    FROM week.lectures l WHERE l.source_id = of_source AND l.appears <= leap.clock()
$$;

-- One handful: returns how many tasks it had.
CREATE FUNCTION week.work(wanted int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    t record;
    reports jsonb := '[]';
    had int := 0;
    fate text;
    facts jsonb;
BEGIN
    FOR t IN SELECT c.task, c.fence, c.kind, c.attempt, c.input, k.subject, k.recording_id FROM week.me m, leap.claim(m.worker, m.secret, wanted) c
             JOIN leap.tasks k ON k.id = c.task::bigint LOOP
        had := had + 1;
        fate := CASE WHEN t.kind = 'sync' AND (SELECT s.broken FROM leap.source_syncs x JOIN week.sources s ON s.id = x.source_id WHERE x.id = t.subject) THEN 'permanent'
                     WHEN t.kind = 'notify' AND t.input->>'url' LIKE '%/6' THEN 'permanent'
                     WHEN t.kind = 'maintain' THEN NULL
                     ELSE week.fate(t.kind, coalesce(t.input #>> '{recording,name}', t.task), t.attempt) END;
        IF fate IS NOT NULL THEN
            PERFORM leap.fail(t.task, t.fence, jsonb_build_object('class', fate, 'code', 'week_' || fate, 'message', t.kind || ' went wrong', 'hint', 'wait', 'retry_after', 1));
            CONTINUE;
        END IF;
        facts := CASE t.kind WHEN 'sync' THEN (SELECT week.items(x.source_id) FROM leap.source_syncs x WHERE x.id = t.subject)
                             WHEN 'download' THEN '{"duration": 300, "has_audio": true, "has_video": true, "speech": "speech", "verdict": "ok"}'
                             WHEN 'notify' THEN '{"status": 250, "answer": "ok", "seconds": 0.1}' ELSE '{}' END;
        reports := reports || jsonb_build_object('task', t.task, 'fence', t.fence, 'result', jsonb_build_object('facts', facts)
            || CASE t.kind WHEN 'upload' THEN jsonb_build_object('target', jsonb_build_object('url', 'week/' || t.task, 'remote_id', t.task)) ELSE '{}' END);
    END LOOP;
    PERFORM leap.complete(reports) WHERE reports <> '[]';
    RETURN had;
END
$$;

-- Until nothing is left that could be done now, or so many handfuls are done.
CREATE FUNCTION week.due() RETURNS void LANGUAGE sql AS $$
    UPDATE leap.task_scheduled SET run_at = clock_timestamp() - interval '1 s' WHERE gate_id IS NULL
$$;
CREATE PROCEDURE week.work_off(handfuls int) LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1..handfuls LOOP
        EXIT WHEN week.work(64) = 0;
        COMMIT;
    END LOOP;
END
$$;

-- Ten minutes: the bell, if it is heard, then everything that can be done.
CREATE PROCEDURE week.live(steps int, bell boolean = true) LANGUAGE plpgsql AS $$
DECLARE
    report jsonb;
BEGIN
    FOR i IN 1..steps LOOP
        UPDATE week.clock SET at = at + interval '10 min';
        COMMIT;
        IF bell THEN
            PERFORM week.due();
            report := leap.tick();
            INSERT INTO week.rings SELECT leap.clock(), report;
            COMMIT;
        END IF;
        CALL week.work_off(12);
        IF bell THEN
            PERFORM leap.run_automation();
            COMMIT;
            CALL week.work_off(4);
        END IF;
    END LOOP;
END
$$;

-- Until everything has come to rest: no task could be done, no job is due, no run goes on. The clock stands.
CREATE FUNCTION week.restless() RETURNS bigint LANGUAGE sql AS $$
    SELECT (SELECT count(*) FROM leap.tasks t LEFT JOIN leap.recordings r ON r.id = t.recording_id
            WHERE t.state IN ('blocked', 'scheduled', 'ready', 'running') AND r.hold IS NULL)
         + (SELECT count(*) FROM leap.automation_runs WHERE state = 'running') + cardinality(leap.due_jobs(10000))
$$;
CREATE PROCEDURE week.come_to_rest(seconds int) LANGUAGE plpgsql AS $$
DECLARE
    until timestamptz := clock_timestamp() + make_interval(secs => seconds);
BEGIN
    WHILE week.restless() > 0 AND clock_timestamp() < until LOOP
        PERFORM week.due();
        PERFORM leap.tick();
        COMMIT;
        CALL week.work_off(50);
        PERFORM pg_sleep(0.05);     -- what a platform asked to put off waits by the real clock
    END LOOP;
END
$$;

CREATE FUNCTION week.connect() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    m week.me;
    answer jsonb;
BEGIN
    SELECT * INTO m FROM week.me;
    answer := leap.register_worker('week', 1, '{upload,processing,automation,notify}', 64, '{}', m.worker, m.secret);
    DELETE FROM week.me;
    INSERT INTO week.me VALUES ((answer->>'worker')::uuid, answer->>'secret');
END
$$;
