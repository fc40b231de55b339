-- Files that rows named once are swept by a worker after an hour; unknown old ones are listed, and those of others not even that.
SELECT test.connect();
DELETE FROM leap.storage_garbage;
SELECT leap.sweep_storage() AS made, leap.sweep_storage() AS one_is_enough;

INSERT INTO leap.storage_garbage VALUES ('lessons/a.mp4', clock_timestamp() - interval '2 hours'), ('users/000001/01990000-0000-7000-8000-0123456789ab/text-0123456789abcde0.txt', clock_timestamp() - interval '2 hours'), ('users/000001/01990000-0000-7000-8000-0123456789ab/text-0123456789abcde1.txt', clock_timestamp());
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    SELECT id, user_id, 'poster', 'users/000001/01990000-0000-7000-8000-0123456789ab/text-0123456789abcde2.txt', 1, repeat('0', 64), 'image/jpeg' FROM leap.recordings ORDER BY id LIMIT 1;
-- what a task that waits goes on with stays, however long that takes
SELECT leap.add_user('sweep@example.org') IS NOT NULL AS added;
SELECT leap.run_recording(leap.add_recording('sweep@example.org', '{"type": "url", "url": "https://e.org/half.mp4"}', 'half'), start_at => clock_timestamp() + interval '5 days') IS NOT NULL AS waits;
UPDATE leap.tasks t SET checkpoint = '{"uri": "users/000001/01990000-0000-7000-8000-0123456789ab/text-0123456789abcde4.txt", "outputs": ["users/000001/01990000-0000-7000-8000-0123456789ab/text-0123456789abcde5.txt"]}'
    FROM leap.recordings r WHERE r.id = t.recording_id AND r.display_name = 'half' AND t.kind = 'download';
SELECT c.kind, c.input->'remove' AS remove, c.input->'keep' AS keep FROM test.me m, leap.claim(m.worker, m.secret, 1) c WHERE c.kind = 'maintain';
SELECT c.accepted FROM leap.task_lease l JOIN leap.tasks t ON t.id = l.task AND t.kind = 'maintain',
    leap.complete(jsonb_build_array(jsonb_build_object('task', l.task, 'fence', l.fence, 'result',
        '{"facts": {"removed": ["users/000001/01990000-0000-7000-8000-0123456789ab/text-0123456789abcde0.txt"], "found": ["users/000001/01990000-0000-7000-8000-0123456789ab/text-0123456789abcde2.txt", "users/000001/01990000-0000-7000-8000-0123456789ab/text-0123456789abcde3.txt", "users/000001/01990000-0000-7000-8000-0123456789ab/text-0123456789abcde1.txt", "users/000001/01990000-0000-7000-8000-0123456789ab/text-0123456789abcde4.txt", "users/000001/01990000-0000-7000-8000-0123456789ab/text-0123456789abcde5.txt", "lessons/b.mp4"]}}'::jsonb))) c;
SELECT uri FROM leap.storage_garbage ORDER BY uri;
SELECT uri FROM leap.storage_orphans;
SELECT status, split_part(detail, ',', 1) AS detail, hint FROM leap.doctor() WHERE check_name = 'orphans';
DELETE FROM leap.storage_garbage WHERE uri LIKE 'lessons/%';
SELECT leap.sweep_storage() AS again;
-- of one that failed for good it is garbage
SELECT leap.drop_checkpoints(ARRAY[t.id]) FROM leap.tasks t JOIN leap.recordings r ON r.id = t.recording_id AND r.display_name = 'half' AND t.kind = 'download';
SELECT uri FROM leap.storage_garbage WHERE uri ~ '[45].txt$' ORDER BY uri;
DELETE FROM leap.users WHERE email = 'sweep@example.org';
DELETE FROM leap.storage_garbage;
