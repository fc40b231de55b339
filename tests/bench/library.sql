-- tests/bench/library.sql
--     100,000 recordings of 200 users (bench.owners; one has 20,000, or with :sole = true all) and a million tasks and events, for measurements
--     of what reads them (:recordings: another number). Rows are made with triggers off: it is their number that matters, not how they came.
\if :{?recordings}
\else
\set recordings 100000
\endif
\if :{?sole}
\else
\set sole false
\endif
SET session_replication_role = replica;
SET synchronous_commit = off;
CREATE SCHEMA bench;
SELECT leap.add_user(format('bench%s@example.org', i)) FROM generate_series(1, 200) i;
CREATE TABLE bench.owners AS SELECT row_number() OVER (ORDER BY lane) AS n, id, lane FROM leap.users;
SET ROLE leap_owner;
SELECT leap.add_partition('task_events', (date_trunc('month', now()) - make_interval(months => i))::date) FROM generate_series(1, 12) i;
RESET ROLE;

-- every fifth is the first user's; 3 % have failed, 1 % are held, 1 % are under way
CREATE TABLE bench.plan AS
SELECT i, leap.uuid7() AS id, o.id AS owner, o.lane, now() - make_interval(mins => 5 * (:recordings - i)) AS at,
       CASE WHEN i % 100 < 3 THEN 'FAILED' WHEN i % 100 = 3 THEN 'TRANSCRIBED' WHEN i % 100 = 4 THEN 'TRANSCRIBING' ELSE 'UPLOADED' END AS status,
       (ARRAY['Linear algebra', 'Operating systems', 'Математический анализ', 'Теория вероятностей', 'History of art', 'Organic chemistry'])[1 + i % 6]
           || ', ' || (ARRAY['lecture', 'seminar', 'лекция'])[1 + i % 3] || ' ' || i || CASE WHEN i % 4999 = 0 THEN ' eigenvalues' ELSE '' END AS name
FROM generate_series(1, :recordings) i
JOIN bench.owners o ON o.n = CASE WHEN i % 5 = 0 OR :sole THEN 1 ELSE 2 + i * 7919::bigint % 199 END ORDER BY i;
INSERT INTO leap.recordings (id, user_id, display_name, source, start_time, status, duration, final_duration, failed, failed_at, failed_at_stage, error,
        hold, hold_message, held_at, facts, topics, delete_state, created_at, updated_at)
    SELECT id, owner, name, '{"type": "url", "url": "https://example.org/lecture.mp4"}', at - interval '1 day' * (i % 7), status, 5400, 5200,
        status = 'FAILED', CASE status WHEN 'FAILED' THEN at END, CASE status WHEN 'FAILED' THEN 'upload' END,
        CASE status WHEN 'FAILED' THEN '{"class": "permanent", "code": "refused", "message": "the platform refused it", "hint": "ask it"}'::jsonb END,
        CASE status WHEN 'TRANSCRIBED' THEN 'quality' END, CASE status WHEN 'TRANSCRIBED' THEN 'unsure' END, CASE status WHEN 'TRANSCRIBED' THEN at END,
        '{"speech": "speech", "verdict": "ok", "has_audio": true}',
        (SELECT jsonb_agg(jsonb_build_object('title', 'Topic ' || t, 'start', t * 300, 'end', t * 300 + 299)) FROM generate_series(1, 15) t),
        'active', at, at + interval '2 hours' FROM bench.plan ORDER BY i;
INSERT INTO leap.output_targets (recording_id, user_id, target_type, status, url)
    SELECT id, owner, 'LIBRARY', CASE status WHEN 'UPLOADED' THEN 'UPLOADED' WHEN 'FAILED' THEN 'FAILED' ELSE 'NOT_UPLOADED' END,
        CASE status WHEN 'UPLOADED' THEN 'library/' || i END FROM bench.plan ORDER BY i;
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    SELECT id, owner, k, k || i, 1000000, repeat('0a', 32), 'x/y' FROM bench.plan, unnest('{source,video,transcript,topics,vtt}'::text[]) k ORDER BY i;

-- two of three were run twice: ten tasks a recording
CREATE TABLE bench.runs AS
SELECT leap.uuid7() AS run, p.*, n FROM bench.plan p, generate_series(1, CASE WHEN i % 3 = 0 THEN 1 ELSE 2 END) n ORDER BY i, n;
INSERT INTO leap.runs (id, recording_id, user_id, state, trigger, config, started_at, finished_at)
    SELECT run, id, owner, CASE WHEN n = 1 AND i % 3 > 0 THEN 'cancelled' WHEN status = 'FAILED' THEN 'failed' WHEN status = 'UPLOADED' THEN 'finished' ELSE 'active' END,
        'user', leap.default_config(), at + n * interval '10 min',
        CASE WHEN (n = 1 AND i % 3 > 0) OR status IN ('FAILED', 'UPLOADED') THEN at + n * interval '20 min' END FROM bench.runs ORDER BY i, n;
INSERT INTO leap.tasks (run_id, recording_id, user_id, lane, kind, queue, stage, state, progress, attempt, result, created_at, started_at, finished_at)
    SELECT run, r.id, owner, lane, k.kind, k.queue, k.stage,
        CASE WHEN n = 1 AND i % 3 > 0 THEN 'cancelled' WHEN k.kind = 'upload' AND status = 'FAILED' THEN 'failed'
             WHEN status LIKE 'TRANSCRIB%' AND k.kind IN ('topics', 'subtitles', 'upload') THEN 'blocked' ELSE 'succeeded' END,
        100, 1, '{"facts": {"duration": 5400, "has_audio": true, "has_video": true}}', at, at + interval '1 min', at + interval '20 min'
    FROM bench.runs r, leap.task_kinds k WHERE k.stage IS NOT NULL ORDER BY i, n;
INSERT INTO leap.task_events (at, entity, recording_id, user_id, task, kind, from_state, to_state, event, attempt)
    SELECT finished_at, 'task', recording_id, user_id, id, kind, 'running', state, 'step', 1 FROM leap.tasks ORDER BY id;
SELECT leap.roll_statistics();
VACUUM (ANALYZE);
