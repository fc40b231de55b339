-- What the tests share: a worker's hands in SQL, with names instead of ids.
CREATE SCHEMA test;

DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET leap.import_roots = %L', current_database(), '/srv/lectures:/srv/more');
END $$;

CREATE TABLE test.me (worker uuid, secret text);
CREATE TABLE test.leases (task text, fence text, kind text, name text);

-- registers the tests' worker, or connects it again in this session
CREATE FUNCTION test.connect(queues text[] = '{upload,processing,automation}') RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    m test.me;
    answer jsonb;
BEGIN
    SELECT * INTO m FROM test.me;
    answer := leap.register_worker('test', 1, queues, 8, '{}', m.worker, m.secret);
    DELETE FROM test.me;
    INSERT INTO test.me VALUES ((answer->>'worker')::uuid, answer->>'secret');
END
$$;

CREATE FUNCTION test.id(recording text) RETURNS uuid LANGUAGE sql AS
$$ SELECT id FROM leap.recordings WHERE display_name = recording $$;

-- adds a recording of a user (made if missing) and starts its run
CREATE FUNCTION test.start(recording text, email text = 'test@example.org', config jsonb = '{}') RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    id uuid;
BEGIN
    IF NOT EXISTS (SELECT FROM leap.users u WHERE u.email = start.email) THEN
        PERFORM leap.add_user(email);
    END IF;
    id := leap.add_recording(email, '{"type": "file", "path": "/srv/lectures/a.mp4"}', recording, config);
    PERFORM leap.run_recording(id);
END
$$;

CREATE FUNCTION test.claim(wanted int = 100) RETURNS TABLE (kind text, name text, attempt int) LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE got ON COMMIT DROP AS
        SELECT c.* FROM test.me m, leap.claim(m.worker, m.secret, wanted) c;
    DELETE FROM test.leases l USING got g WHERE l.kind = g.kind AND l.name = g.input #>> '{recording,name}';
    INSERT INTO test.leases SELECT g.task, g.fence, g.kind, g.input #>> '{recording,name}' FROM got g;
    RETURN QUERY SELECT g.kind, g.input #>> '{recording,name}', g.attempt FROM got g ORDER BY 2, 1;
END
$$;

CREATE FUNCTION test.artifact(kind text, bytes bigint = 1000) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('kind', kind, 'uri', 'test/' || kind || '-' || leap.uuid7(), 'bytes', bytes::text,
        'sha256', repeat('0a', 32), 'media_type', 'application/octet-stream', 'metadata', '{}'::jsonb)
$$;

CREATE FUNCTION test.complete(a_kind text, a_name text, result jsonb = '{}') RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(coalesce(c.reason, 'accepted'), ', ') FROM leap.complete(
        (SELECT jsonb_agg(jsonb_build_object('task', l.task, 'fence', l.fence, 'result', result))
         FROM test.leases l WHERE l.kind = a_kind AND l.name = a_name)) c
$$;

CREATE FUNCTION test.fail(a_kind text, a_name text, class text, message text = 'it broke') RETURNS text LANGUAGE sql AS $$
    SELECT leap.fail(l.task, l.fence, jsonb_build_object('class', class, 'code', 'test', 'message', message, 'hint', 'mend it'))
    FROM test.leases l WHERE l.kind = a_kind AND l.name = a_name
$$;

-- takes a recording through steps until before the named kind
CREATE FUNCTION test.advance(a_name text, until_kind text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    step record;
BEGIN
    FOR i IN 1..10 LOOP
        FOR step IN SELECT c.kind FROM test.claim() c WHERE c.name = a_name LOOP
            IF step.kind = until_kind THEN
                RETURN;
            END IF;
            PERFORM test.complete(step.kind, a_name, jsonb_build_object('facts', CASE step.kind
                WHEN 'download' THEN '{"duration": 300, "has_audio": true, "has_video": true, "speech": "speech", "verdict": "ok"}'::jsonb
                ELSE '{}' END));
        END LOOP;
        DROP TABLE IF EXISTS got;
    END LOOP;
END
$$;

CREATE VIEW test.recordings AS
SELECT display_name AS name, status, failed, failed_at_stage AS stage, error_message, hold FROM leap.recordings ORDER BY display_name;

-- runs a statement and tells its SQLSTATE, message, detail and hint
CREATE FUNCTION test.error(statement text) RETURNS TABLE (code text, message text, detail text, hint text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN QUERY SELECT 'none', 'the statement succeeded', '', '';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    code := SQLSTATE;
    message := regexp_replace(message, '[0-9a-f]{8}-[0-9a-f-]{27}', '<id>', 'g');
    detail := regexp_replace(detail, '[0-9a-f]{8}-[0-9a-f-]{27}', '<id>', 'g');
    RETURN NEXT;
END
$$;
