-- Queues and their rooms: how many tasks of which queue a worker gets.
SELECT test.connect();
SELECT leap.queue_names();

CREATE TABLE test.roomy AS SELECT (w->>'worker')::uuid AS worker, w->>'secret' AS secret
FROM leap.register_worker('roomy', 1, '{upload,processing,automation}', 7, room => '{"upload": 2, "processing": 1}') w;
SELECT w.name, w.queues, w.slots, w.room FROM leap.workers w JOIN test.roomy r ON r.worker = w.id;

-- three are ready for trim, then three more for download
SELECT test.start('ra' || i, 'rooms@example.org') FROM generate_series(1, 3) i;
SELECT name FROM test.claim() WHERE name ~ '^ra\d$';
SELECT test.complete('download', 'ra' || i) FROM generate_series(1, 3) i;
SELECT test.start('rb' || i, 'rooms@example.org') FROM generate_series(1, 3) i;

-- each queue has its own room, none takes the other's; what comes back is told by queue
CREATE TEMP TABLE first AS SELECT c.* FROM test.roomy m, leap.claim(m.worker, m.secret, 0, '{"upload": 2, "processing": 1}') c;
SELECT queue, count(*) FROM first GROUP BY queue ORDER BY queue;
SELECT leap.hand_back(m.worker, m.secret, ARRAY(SELECT task FROM first), ARRAY(SELECT fence FROM first)) FROM test.roomy m;
-- a full room takes nothing
WITH c AS (SELECT c.* FROM test.roomy m, leap.claim(m.worker, m.secret, 9, '{"upload": 0, "processing": 5}') c),
     back AS (SELECT leap.hand_back(m.worker, m.secret, array_agg(c.task), array_agg(c.fence)) FROM c, test.roomy m GROUP BY m.worker, m.secret)
SELECT queue, count(*) FROM c, back GROUP BY queue ORDER BY queue;
-- a queue without a number shares what is wanted with the others like it
WITH c AS (SELECT c.* FROM test.roomy m, leap.claim(m.worker, m.secret, 1, '{"upload": 1}') c),
     back AS (SELECT leap.hand_back(m.worker, m.secret, array_agg(c.task), array_agg(c.fence)) FROM c, test.roomy m GROUP BY m.worker, m.secret)
SELECT queue, count(*) FROM c, back GROUP BY queue ORDER BY queue;
WITH c AS (SELECT c.* FROM test.roomy m, leap.claim(m.worker, m.secret, 4) c),
     back AS (SELECT leap.hand_back(m.worker, m.secret, array_agg(c.task), array_agg(c.fence)) FROM c, test.roomy m GROUP BY m.worker, m.secret)
SELECT queue, count(*) FROM c, back GROUP BY queue ORDER BY queue;

-- queues that share slots take turns: one that is never empty keeps no other waiting
CREATE FUNCTION pg_temp.first_of(turn int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    got record;
BEGIN
    SELECT c.* INTO got FROM test.roomy m, leap.claim(m.worker, m.secret, 1, NULL, turn) c;
    PERFORM leap.hand_back(m.worker, m.secret, ARRAY[got.task], ARRAY[got.fence]) FROM test.roomy m;
    RETURN got.queue;
END
$$;
SELECT turn, pg_temp.first_of(turn) FROM generate_series(0, 3) turn;

-- a paused queue gives nothing, and the list of workers says so
SELECT leap.pause_queue('processing', 'the fans are too loud');
SELECT count(*) FROM test.roomy m, leap.claim(m.worker, m.secret, 0, '{"upload": 0, "processing": 5}') c;
SELECT x->>'name' AS name, x->'queues' AS queues, x->'room' AS room, x->'paused' AS paused
FROM jsonb_array_elements(leap.worker_list()) x WHERE x->>'name' = 'roomy';
SELECT status, regexp_replace(detail, 'processing, .* ago by \w+', 'processing, … ago by …') AS detail, hint FROM leap.doctor() WHERE check_name = 'paused';
SELECT x->>'queue' AS queue, x->>'state' AS state, x->>'reason' AS reason, x->'ready' AS ready, x->'running' AS running, x->'scheduled' AS scheduled,
       (x->>'places')::int >= CASE x->>'queue' WHEN 'notify' THEN 0 WHEN 'upload' THEN 10 WHEN 'processing' THEN 9 ELSE 12 END AS places
FROM jsonb_array_elements(leap.queue_list()) x;
SELECT DISTINCT reason, remedy FROM leap.stuck s JOIN leap.recordings r ON r.id = s.recording WHERE r.display_name ~ '^ra\d$';
SELECT leap.resume_queue('processing');
SELECT status, detail FROM leap.doctor() WHERE check_name = 'paused';
SELECT action, resource_id, why FROM leap.audit_logs WHERE resource_type = 'queue' AND resource_id = 'processing' ORDER BY at;

-- refusals
SELECT * FROM test.error($$SELECT leap.pause_queue('gpu')$$) \gx
SELECT * FROM test.error($$SELECT leap.resume_queue('gpu')$$) \gx
SELECT * FROM test.error($$SELECT leap.register_worker('w', 1, '{}', 1)$$) \gx
SELECT * FROM test.error($$SELECT leap.register_worker('w', 1, '{upload,uplaod}', 1)$$) \gx
SELECT * FROM test.error($$SELECT leap.register_worker('w', 1, '{upload,upload}', 1)$$) \gx
SELECT * FROM test.error($$SELECT leap.register_worker('w', 1, '{upload}', 1, room => '{"upload": 0}')$$) \gx
SELECT * FROM test.error($$SELECT leap.register_worker('w', 1, '{upload}', 1, room => '{"upload": 1025}')$$) \gx
SELECT * FROM test.error($$SELECT leap.register_worker('w', 1, '{upload}', 1, room => '{"upload": "2"}')$$) \gx
SELECT * FROM test.error($$SELECT leap.register_worker('w', 1, '{upload}', 1, room => '{"processing": 2}')$$) \gx
SELECT * FROM test.error($$SELECT leap.register_worker('w', 1, '{upload}', 1, room => '{"gpu": 2}')$$) \gx

SELECT count(leap.cancel_recording(id)) FROM leap.recordings WHERE display_name ~ '^r[ab]\d$';
SELECT leap.unregister_worker(worker, secret) FROM test.roomy;
DROP TABLE test.roomy;
