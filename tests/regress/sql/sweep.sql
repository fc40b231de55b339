-- Files that rows named once are swept by a worker after an hour; unknown old ones are listed, and those of others not even that.
SELECT test.connect();
DELETE FROM leap.storage_garbage;
SELECT leap.sweep_storage() AS made, leap.sweep_storage() AS one_is_enough;

INSERT INTO leap.storage_garbage VALUES ('lessons/a.mp4', clock_timestamp() - interval '2 hours'), ('users/000001/01990000-0000-7000-8000-0123456789ab/text-0123456789abcde0.txt', clock_timestamp() - interval '2 hours'), ('users/000001/01990000-0000-7000-8000-0123456789ab/text-0123456789abcde1.txt', clock_timestamp());
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    SELECT id, user_id, 'poster', 'users/000001/01990000-0000-7000-8000-0123456789ab/text-0123456789abcde2.txt', 1, repeat('0', 64), 'image/jpeg' FROM leap.recordings ORDER BY id LIMIT 1;
SELECT c.kind, c.input FROM test.me m, leap.claim(m.worker, m.secret, 1) c WHERE c.kind = 'maintain';
SELECT c.accepted FROM leap.task_lease l JOIN leap.tasks t ON t.id = l.task AND t.kind = 'maintain',
    leap.complete(jsonb_build_array(jsonb_build_object('task', l.task, 'fence', l.fence, 'result',
        '{"facts": {"removed": ["users/000001/01990000-0000-7000-8000-0123456789ab/text-0123456789abcde0.txt"], "found": ["users/000001/01990000-0000-7000-8000-0123456789ab/text-0123456789abcde2.txt", "users/000001/01990000-0000-7000-8000-0123456789ab/text-0123456789abcde3.txt", "users/000001/01990000-0000-7000-8000-0123456789ab/text-0123456789abcde1.txt", "lessons/b.mp4"]}}'::jsonb))) c;
SELECT uri FROM leap.storage_garbage ORDER BY uri;
SELECT uri FROM leap.storage_orphans;
SELECT status, split_part(detail, ',', 1) AS detail, hint FROM leap.doctor() WHERE check_name = 'orphans';
DELETE FROM leap.storage_garbage WHERE uri LIKE 'lessons/%';
SELECT leap.sweep_storage() AS again;
