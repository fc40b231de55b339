-- Replays the history of a LEAP database. No row: every move was allowed, began where the one before it ended, leads to
-- what is there now, and no user ever had more tasks running than his limit of today.
--
--     psql -d leap -f tests/chaos/history.sql
--
-- Each row is (rule, subject, detail). Needs the whole history: not what retention left of it.
WITH moves AS (
    SELECT e.*, coalesce(e.task::text, e.target_id::text, e.recording_id::text) AS subject,
           row_number() OVER one AS nth, lag(e.to_state) OVER one AS before, lag(e.fence16) OVER one AS fence16_before, lead(e.to_state) OVER one IS NULL AS last
    FROM leap.task_events e
    WINDOW one AS (PARTITION BY e.entity, e.task, e.target_id, e.recording_id ORDER BY e.at)),
slots AS (
    SELECT m.user_id, m.at, m.task, sum(m.step) OVER (PARTITION BY m.user_id ORDER BY m.at, m.step, m.task) AS used
    FROM (SELECT e.user_id, e.at, e.task, CASE WHEN e.to_state = 'running' THEN 1 ELSE -1 END AS step
          FROM leap.task_events e JOIN leap.task_kinds k USING (kind)
          WHERE e.entity = 'task' AND k.counted AND 'running' IN (e.from_state, e.to_state)) m)
SELECT v.* FROM (
    SELECT 'a move that is not allowed', m.entity || ' ' || m.subject, format('%s: %s -> %s', m.event, coalesce(m.from_state, 'nothing'), m.to_state)
    FROM moves m
    WHERE NOT EXISTS (SELECT FROM leap.fsm() f WHERE (f.entity, f.event, f.to_status) = (m.entity, m.event, m.to_state)
                                                 AND f.from_status IS NOT DISTINCT FROM m.from_state)
    UNION ALL
    -- a history that began late knows no birth of targets, and none does of deletions
    SELECT 'a move that begins elsewhere', m.entity || ' ' || m.subject,
           format('%s: %s -> %s after %s at %s', m.event, coalesce(m.from_state, 'nothing'), m.to_state, coalesce(m.before, 'nothing'), m.at)
    FROM moves m LEFT JOIN (VALUES ('target', 'NOT_UPLOADED'), ('deletion', 'active')) AS b (entity, born) USING (entity)
    WHERE m.from_state IS DISTINCT FROM coalesce(m.before, CASE WHEN m.from_state IS NOT NULL THEN b.born END)
    UNION ALL
    SELECT 'a result under another fence than the claim', m.subject, format('%s at %s: ..%s after ..%s', m.event, m.at, to_hex(m.fence16), to_hex(m.fence16_before))
    FROM moves m WHERE m.entity = 'task' AND m.from_state = 'running' AND m.fence16 <> m.fence16_before
    UNION ALL
    SELECT 'a state without its move', m.entity || ' ' || m.subject, format('moved to %s, is %s', m.to_state, c.state)
    FROM moves m JOIN (
        SELECT 'task' AS entity, t.id::text AS subject, t.state FROM leap.tasks t
        UNION ALL SELECT 'recording', r.id::text, r.status FROM leap.recordings r
        UNION ALL SELECT 'deletion', r.id::text, r.delete_state FROM leap.recordings r
        UNION ALL SELECT 'target', o.id::text, o.status FROM leap.output_targets o) c USING (entity, subject)
    WHERE m.last AND m.to_state <> c.state
    UNION ALL
    SELECT 'a task without history', t.id::text, t.kind
    FROM leap.tasks t WHERE NOT EXISTS (SELECT FROM moves m WHERE m.task = t.id)
    UNION ALL
    SELECT 'more tasks at once than the limit', u.email, format('%s with task %s at %s, at most %s', s.used, s.task, s.at, l.slots)
    FROM slots s JOIN leap.users u ON u.id = s.user_id
    CROSS JOIN LATERAL (SELECT leap.quota_limit(u.id, 'concurrent_tasks') AS slots) l
    WHERE s.used > l.slots
    ) v (rule, subject, detail) ORDER BY 1, 2;
