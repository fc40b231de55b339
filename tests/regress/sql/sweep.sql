-- Files that no row names are swept by a worker: replaced ones after an hour, unknown old ones after they were found.
SELECT test.connect();
DELETE FROM leap.storage_garbage;
SELECT leap.sweep_storage() AS made, leap.sweep_storage() AS one_is_enough;

INSERT INTO leap.storage_garbage VALUES ('w/old', clock_timestamp() - interval '2 hours'), ('w/new', clock_timestamp());
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    SELECT id, user_id, 'poster', 'w/named', 1, repeat('0', 64), 'image/jpeg' FROM leap.recordings ORDER BY id LIMIT 1;
SELECT c.kind, c.input FROM test.me m, leap.claim(m.worker, m.secret, 1) c WHERE c.kind = 'maintain';
SELECT c.accepted FROM leap.task_lease l JOIN leap.tasks t ON t.id = l.task AND t.kind = 'maintain',
    leap.complete(jsonb_build_array(jsonb_build_object('task', l.task, 'fence', l.fence, 'result',
        '{"facts": {"removed": ["w/old"], "found": ["w/named", "w/lost"]}}'::jsonb))) c;
SELECT uri FROM leap.storage_garbage ORDER BY uri;
SELECT leap.sweep_storage() AS again;
