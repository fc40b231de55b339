-- Quotas while tasks run: what is used, what running tasks will use, and which task has to wait.
--
-- Three ways to keep a limit:
--  * what is counted when its row appears (recordings, runs, artifacts) is refused by leap.quota_guard() in the same
--    statement, whoever writes;
--  * slots (concurrent_tasks) are the lease rows themselves, counted by the claim;
--  * work that is only known to be done when it is done (downloads, transcriptions) is let through by
--    leap.admit_tasks() at its claim, and counted when its result is stored; what a transcription asks of providers is
--    counted when it asks (50_usage.sql).
-- There is no counter of reservations that could leak: what is reserved follows from the leases, so it is gone with
-- them, however they end. A claim holds the lane lock of its user, so claims see each other's reservations; a result
-- takes its lease and adds its usage in one transaction, so they see each either before or after.
-- Lock order: lane -> recording -> tasks -> usage; usage rows by user, then quota.

CREATE OR REPLACE TRIGGER quota_runs AFTER INSERT ON leap.runs
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION leap.quota_guard('processing_per_month', 'count(*) FILTER (WHERE trigger <> ''retry'')');
CREATE OR REPLACE TRIGGER quota_seconds AFTER INSERT ON leap.usage_events
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION leap.quota_guard('transcription_seconds_per_month', 'sum(seconds)', 'settle');
CREATE OR REPLACE TRIGGER quota_transcriptions AFTER INSERT ON leap.usage_events
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION leap.quota_guard('transcriptions_per_month', 'sum(transcriptions)', 'settle');

-- Held recordings are looked through once a minute.
CREATE INDEX IF NOT EXISTS recordings_held ON leap.recordings (hold, user_id) WHERE hold IS NOT NULL;

-- Every statement of a user who is near his limit comes by here: what he was told already costs one look.
CREATE OR REPLACE FUNCTION leap.raise_quota_alerts(of_user uuid, quota text, used bigint, "limit" bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    key text := format('%s/%s', quota, to_char(leap.this_month(), 'YYYY-MM'));
BEGIN
    PERFORM leap.raise_event(of_user, a.event, jsonb_build_object('quota', raise_quota_alerts.quota),
                             jsonb_build_object('used', used::text, 'limit', "limit"::text, 'percent', div(used::numeric * 100, "limit")), key)
    FROM (VALUES ('quota_warning', 80, true), ('quota_reached', 100, true), ('quota_overage', 100, used > "limit")) AS a(event, percent, due)
    WHERE a.due AND "limit" > 0 AND used::numeric * 100 >= "limit"::numeric * a.percent
      AND NOT EXISTS (SELECT FROM leap.notifications n WHERE n.user_id = of_user AND n.event = a.event AND n.dedup_key = key AND n.once);
END
$$;
COMMENT ON FUNCTION leap.raise_quota_alerts(uuid, text, bigint, bigint) IS
'Tells a user that 80 or 100 percent of a limit are used, or more than it allows, once a month each. A limit of 0 raises none: it forbids.';

-- What one task would use: the size of a source as far as it is known, the length of a lecture. What strangers say
-- is bounded (a petabyte, thirty years): their sums must stay numbers.
CREATE OR REPLACE FUNCTION leap.expected_bytes(kind text, source jsonb, stored bigint)
RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN kind = 'download' AND source->>'bytes' ~ '^\d{1,18}$'
                THEN least(1e15, greatest(0, (source->>'bytes')::bigint - coalesce(stored, 0)))::bigint ELSE 0 END
$$;
COMMENT ON FUNCTION leap.expected_bytes(text, jsonb, bigint) IS
'What a task adds to its owner''s storage: a download what its source is larger than the stored one, if {"bytes"} of the source says it; other tasks 0.';

CREATE OR REPLACE FUNCTION leap.asked_seconds(checkpoint jsonb)
RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(sum(least(greatest(s.value::numeric, 0), 1e9)), 0)::float8
    FROM jsonb_path_query(checkpoint, '$.usage.*.audio_seconds ? (@.type() == "number")') AS s(value)
$$;
COMMENT ON FUNCTION leap.asked_seconds(jsonb) IS 'How many seconds of sound a task has sent to providers already, by its checkpoint.';

DROP FUNCTION IF EXISTS leap.expected_seconds(text, float8, float8);
CREATE OR REPLACE FUNCTION leap.expected_seconds(kind text, final_duration float8, duration float8, checkpoint jsonb)
RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE kind WHEN 'transcribe' THEN least(1e9, greatest(1, ceil(coalesce(final_duration, duration, 1)
        - CASE WHEN checkpoint ? 'usage' THEN leap.asked_seconds(checkpoint) ELSE 0 END)))::bigint ELSE 0 END
$$;
COMMENT ON FUNCTION leap.expected_seconds(text, float8, float8, jsonb) IS
'How many seconds a task with this checkpoint will still transcribe: at least 1 for a transcription, 0 for another.';

CREATE OR REPLACE FUNCTION leap.expected_use(ids bigint[])
RETURNS TABLE (task bigint, recording_id uuid, bytes bigint, bytes_unknown boolean, seconds bigint, transcriptions bigint)
LANGUAGE sql STABLE AS $$
    SELECT t.id, t.recording_id, leap.expected_bytes(t.kind, r.source, a.bytes),
           t.kind = 'download' AND NOT coalesce(r.source->>'bytes' ~ '^\d{1,18}$', false) AND a.bytes IS NULL,
           leap.expected_seconds(t.kind, r.final_duration, r.duration, t.checkpoint),
           CASE WHEN t.kind = 'transcribe' AND (SELECT coalesce(sum(e.transcriptions), 0) FROM leap.usage_events e WHERE e.task_id = t.id) = 0 THEN 1 ELSE 0 END
    FROM leap.tasks t JOIN leap.recordings r ON r.id = t.recording_id
    LEFT JOIN leap.artifacts a ON a.recording_id = r.id AND a.kind = 'source' AND t.kind = 'download'
    WHERE t.id = ANY (ids) AND t.kind IN ('download', 'transcribe')
$$;
COMMENT ON FUNCTION leap.expected_use(bigint[]) IS
'What each of these tasks will use of storage_bytes (bytes_unknown: a download of unknown size) and of the transcription quotas. Other tasks have no row.';

CREATE OR REPLACE FUNCTION leap.uploads_reserved(of_lane int)
RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(p.reserved), 0)::bigint FROM leap.uploads p WHERE p.lane = of_lane AND p.state = 'receiving' AND p.expires_at > leap.clock()
$$;
COMMENT ON FUNCTION leap.uploads_reserved(int) IS 'The storage that is reserved for the uploads of a lane.';

CREATE OR REPLACE FUNCTION leap.quota_reserved(of_lane int, OUT bytes bigint, OUT seconds bigint, OUT transcriptions bigint)
LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(l.bytes), 0)::bigint + leap.uploads_reserved(of_lane), coalesce(sum(l.seconds), 0)::bigint, count(*) FILTER (WHERE l.seconds > 0)
    FROM leap.task_lease l WHERE l.lane = of_lane AND l.no >= leap.lease_floor(of_lane)
$$;
COMMENT ON FUNCTION leap.quota_reserved(int) IS
'What the running tasks and the uploads of a lane will use: the sum over its leases, and what is reserved for its uploads.';

CREATE OR REPLACE FUNCTION leap.quota_status_of(of_user uuid)
RETURNS TABLE (quota text, unit text, "limit" bigint, source text, used bigint, reserved bigint, remaining bigint,
               percent int, resets_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT s.quota, s.unit, s.max, s.source, s.used, s.reserved,
           CASE WHEN s.max IS NOT NULL AND s.used IS NOT NULL THEN greatest(s.max - s.used - s.reserved, 0) END,
           CASE WHEN s.used IS NULL OR s.max IS NULL THEN NULL WHEN s.max = 0 THEN 100
                ELSE least(floor(s.used * 100.0 / s.max), 1000000)::int END,
           CASE WHEN s.measure = 'monthly' THEN (leap.this_month() + interval '1 month') AT TIME ZONE 'UTC' END
    FROM (SELECT q.quota, q.unit, q.measure, leap.quota_limit(of_user, q.quota) AS max, leap.quota_source(of_user, q.quota) AS source,
                 CASE WHEN q.measure = 'least' THEN NULL
                      WHEN q.quota = 'concurrent_tasks' THEN (SELECT count(*) FROM leap.task_lease l WHERE l.lane = o.lane AND l.counted)
                      ELSE coalesce(u.used, 0) END AS used,
                 CASE WHEN q.measure = 'least' THEN NULL ELSE CASE q.quota WHEN 'storage_bytes' THEN r.bytes
                      WHEN 'transcription_seconds_per_month' THEN r.seconds
                      WHEN 'transcriptions_per_month' THEN r.transcriptions ELSE 0 END END AS reserved
          FROM leap.users o CROSS JOIN leap.quotas() WITH ORDINALITY AS q(quota, unit, period, measure, setting, comment, n)
          CROSS JOIN leap.quota_reserved(o.lane) r
          LEFT JOIN leap.quota_usage u ON u.user_id = o.id AND u.quota = q.quota
               AND u.period = CASE q.measure WHEN 'monthly' THEN leap.this_month() ELSE date 'epoch' END
          WHERE o.id = of_user ORDER BY q.n) s
$$;
COMMENT ON FUNCTION leap.quota_status_of(uuid) IS
'leap.quota_status() for a user''s id; no row for an unknown one.';

CREATE OR REPLACE FUNCTION leap.run_rooms(recordings uuid[])
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_object_agg(o.user_id, jsonb_build_object('room', s.remaining, 'reason', format(
        'quota %s exceeded: the limit is %s a month, %s used, room for %s; it counts anew on %s at 00:00 UTC', s.quota,
        leap.quota_amount(s.quota, s."limit"), leap.quota_amount(s.quota, s.used), leap.quota_amount(s.quota, s.remaining), to_char(s.resets_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')))), '{}')
    -- OFFSET 0: the limit is asked for once an owner, not once a recording
    FROM (SELECT DISTINCT r.user_id FROM leap.recordings r WHERE r.id = ANY (recordings) OFFSET 0) o
    JOIN LATERAL leap.quota_status_of(o.user_id) s ON s.quota = 'processing_per_month'
    WHERE leap.quota_limit(o.user_id, 'processing_per_month') IS NOT NULL
$$;
COMMENT ON FUNCTION leap.run_rooms(uuid[]) IS
'How many runs the owners of these recordings may still start this month: {user id: {room, reason for more}}; an owner without a limit has no entry.';

-- What is left of the quotas that running tasks use up, null where there is no limit. The function is stable: its
-- statements share a snapshot, so that used and reserved are of one moment.
CREATE OR REPLACE FUNCTION leap.quota_rooms(of_user uuid, of_lane int, OUT bytes bigint, OUT transcriptions bigint, OUT seconds bigint)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT leap.quota_limit(of_user, 'storage_bytes') - r.bytes
               - coalesce((SELECT u.used FROM leap.quota_usage u
                           WHERE u.user_id = of_user AND u.quota = 'storage_bytes' AND u.period = date 'epoch'), 0),
           leap.quota_limit(of_user, 'transcriptions_per_month') - r.transcriptions
               - coalesce((SELECT u.used FROM leap.quota_usage u
                           WHERE u.user_id = of_user AND u.quota = 'transcriptions_per_month' AND u.period = leap.this_month()), 0),
           leap.quota_limit(of_user, 'transcription_seconds_per_month') - r.seconds
               - coalesce((SELECT u.used FROM leap.quota_usage u
                           WHERE u.user_id = of_user AND u.quota = 'transcription_seconds_per_month' AND u.period = leap.this_month()), 0)
    INTO bytes, transcriptions, seconds
    FROM leap.quota_reserved(of_lane) r;
END
$$;
COMMENT ON FUNCTION leap.quota_rooms(uuid, int) IS
'What a user, whose lane this is, has left of storage, transcriptions and seconds of transcription this month; below 0 after a limit was lowered, null without a limit.';

-- The first quota that keeps a task waiting, given what is left; null if none does.
CREATE OR REPLACE FUNCTION leap.quota_short(room_bytes bigint, room_transcriptions bigint, room_seconds bigint,
                                            e_bytes bigint, e_bytes_unknown boolean, e_transcriptions bigint, e_seconds bigint)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN e_bytes > 0 AND e_bytes > room_bytes THEN 'storage_bytes'
                -- any room at all will do: what it took is checked when it is stored
                WHEN e_bytes_unknown AND room_bytes <= 0 THEN 'storage_bytes'
                WHEN e_transcriptions > 0 AND e_transcriptions > room_transcriptions THEN 'transcriptions_per_month'
                WHEN e_seconds > 0 AND e_seconds > room_seconds THEN 'transcription_seconds_per_month' END
$$;
COMMENT ON FUNCTION leap.quota_short(bigint, bigint, bigint, bigint, boolean, bigint, bigint) IS
'The quota of which too little is left for a task with this expected use, null if it may start.';

CREATE OR REPLACE FUNCTION leap.quota_wait_message(of_user uuid, of_quota text, wanted bigint, room bigint)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('quota %s: this needs %s; limit %s, used %s, reserved by running tasks %s. ', of_quota,
               CASE WHEN wanted = 0 THEN 'room' ELSE leap.quota_amount(of_quota, wanted) END,
               leap.quota_amount(of_quota, s."limit"), leap.quota_amount(of_quota, s.used),
               leap.quota_amount(of_quota, greatest(s."limit" - s.used - room, 0)))
           || CASE WHEN wanted > s."limit" THEN 'It never fits below this limit: an administrator has to raise it.'
                   WHEN s.resets_at IS NULL THEN 'It goes on by itself when there is room: delete what is not needed, or have the limit raised.'
                   ELSE format('It goes on by itself when the month begins, at %s UTC, or when the limit is raised.',
                               to_char(s.resets_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')) END
    FROM leap.quota_status_of(of_user) s WHERE s.quota = of_quota
$$;
COMMENT ON FUNCTION leap.quota_wait_message(uuid, text, bigint, bigint) IS
'Why a task waits for a quota: what it needs (0: any room), limit, usage, what of it is reserved if so much room is left, and when it goes on.';

-- Why a recording held for a quota would be held again at once, in the words of its hold.
CREATE OR REPLACE FUNCTION leap.quota_hold_reason(recording uuid)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE s.short
        WHEN 'storage_bytes' THEN leap.quota_wait_message(u.id, s.short, e.bytes, room.bytes)
        WHEN 'transcriptions_per_month' THEN leap.quota_wait_message(u.id, s.short, e.transcriptions, room.transcriptions)
        WHEN 'transcription_seconds_per_month' THEN leap.quota_wait_message(u.id, s.short, e.seconds, room.seconds) END
    FROM leap.recordings r JOIN leap.users u ON u.id = r.user_id
    CROSS JOIN LATERAL leap.quota_rooms(u.id, u.lane) room
    CROSS JOIN LATERAL (
        SELECT sum(w.bytes)::bigint AS bytes, bool_or(w.bytes_unknown) AS bytes_unknown, sum(w.seconds)::bigint AS seconds,
               sum(w.transcriptions)::bigint AS transcriptions
        FROM leap.expected_use(ARRAY(SELECT t.id FROM leap.runs n JOIN leap.tasks t ON t.run_id = n.id
                                     WHERE n.recording_id = r.id AND n.state = 'active' AND t.state = 'blocked' AND t.deps_left = 0)) w) e
    CROSS JOIN LATERAL (SELECT leap.quota_short(room.bytes, room.transcriptions, room.seconds,
                                                e.bytes, e.bytes_unknown, e.transcriptions, e.seconds) AS short) s
    WHERE r.id = recording
$$;
COMMENT ON FUNCTION leap.quota_hold_reason(uuid) IS
'Why the next tasks of a held recording do not fit into its owner''s quotas, as leap.quota_wait_message() says it; null if they fit.';

DROP FUNCTION IF EXISTS leap.storage_refusal(uuid, bigint);
CREATE OR REPLACE FUNCTION leap.storage_refusal(of_user uuid, needed bigint, excess bigint, reporting bigint[])
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('class', 'quota', 'code', 'storage_quota',
        'message', format('quota storage_bytes exceeded: the result needs %s, %s too much; limit %s, used %s, reserved by other running tasks %s',
                          leap.quota_amount(s.quota, needed), leap.quota_amount(s.quota, excess), leap.quota_amount(s.quota, s."limit"),
                          leap.quota_amount(s.quota, s.used), leap.quota_amount(s.quota, (
                              SELECT coalesce(sum(l.bytes), 0)::bigint + leap.uploads_reserved((SELECT o.lane FROM leap.users o WHERE o.id = of_user)) FROM leap.users u JOIN leap.task_lease l ON l.lane = u.lane
                              WHERE u.id = of_user AND l.task <> ALL (reporting)))),
        'hint', 'Delete recordings that are not needed, or ask an administrator for more storage; then retry.')
    FROM leap.quota_status_of(of_user) s WHERE s.quota = 'storage_bytes'
$$;
COMMENT ON FUNCTION leap.storage_refusal(uuid, bigint, bigint, bigint[]) IS
'The error of a task whose result adds so many bytes (needed), by so many (excess) more than the room its owner has left; what the reporting tasks reserved for themselves does not count.';

CREATE OR REPLACE FUNCTION leap.admit_tasks(picked bigint[], in_lane int)
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    owner uuid;
    room record;
    e record;
    short text;
    refused bigint[] := '{}';
BEGIN
    -- most claims have nothing that is measured here
    SELECT u.id INTO owner FROM leap.users u
    WHERE u.lane = in_lane AND EXISTS (SELECT FROM leap.tasks t WHERE t.id = ANY (picked) AND t.kind IN ('download', 'transcribe'))
      AND (leap.quota_limit(u.id, 'storage_bytes') IS NOT NULL OR leap.quota_limit(u.id, 'transcriptions_per_month') IS NOT NULL
           OR leap.quota_limit(u.id, 'transcription_seconds_per_month') IS NOT NULL);
    IF NOT FOUND THEN
        RETURN picked;
    END IF;
    SELECT * INTO room FROM leap.quota_rooms(owner, in_lane);
    -- all together, mostly, fit
    IF (SELECT leap.quota_short(room.bytes, room.transcriptions, room.seconds, sum(x.bytes)::bigint, bool_or(x.bytes_unknown),
                                sum(x.transcriptions)::bigint, sum(x.seconds)::bigint) FROM leap.expected_use(picked) x) IS NULL THEN
        RETURN picked;
    END IF;
    -- one that was cancelled before its recording was locked is nobody's wait any more
    FOR e IN SELECT x.* FROM leap.expected_use(picked) x JOIN leap.tasks t ON t.id = x.task AND t.state = 'ready'
             ORDER BY array_position(picked, x.task) LOOP
        short := leap.quota_short(room.bytes, room.transcriptions, room.seconds, e.bytes, e.bytes_unknown, e.transcriptions, e.seconds);
        IF short IS NULL THEN
            room.bytes := room.bytes - e.bytes;
            room.transcriptions := room.transcriptions - e.transcriptions;
            room.seconds := room.seconds - e.seconds;
            CONTINUE;
        END IF;
        refused := refused || e.task;
        PERFORM leap.hold(ARRAY[e.recording_id], 'quota', CASE short
            WHEN 'storage_bytes' THEN leap.quota_wait_message(owner, short, e.bytes, room.bytes)
            WHEN 'transcriptions_per_month' THEN leap.quota_wait_message(owner, short, 1, room.transcriptions)
            ELSE leap.quota_wait_message(owner, short, e.seconds, room.seconds) END, 'leap');
    END LOOP;
    RETURN ARRAY(SELECT p FROM unnest(picked) WITH ORDINALITY AS x(p, n) WHERE p <> ALL (refused) ORDER BY n);
END
$$;
COMMENT ON FUNCTION leap.admit_tasks(bigint[], int) IS
'Of ready tasks that are about to be claimed, in a lane whose lock the caller holds: those that the owner''s quotas let start. The recordings of the others, whose locks the caller holds, are held with reason quota, before any work was done.';

CREATE OR REPLACE FUNCTION leap.release_quota_holds(of_user uuid = NULL)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    owner uuid;
    room record;
    e record;
    fit uuid[] := '{}';
BEGIN
    FOR e IN
        SELECT r.user_id, u.lane, r.id, coalesce(x.bytes, 0) AS bytes, coalesce(x.bytes_unknown, false) AS bytes_unknown,
               coalesce(x.seconds, 0) AS seconds, coalesce(x.transcriptions, 0) AS transcriptions
        FROM (SELECT o.id AS user_id, o.lane FROM leap.users o WHERE o.id IN (
                  SELECT h.user_id FROM leap.recordings h WHERE h.hold = 'quota' AND (of_user IS NULL OR h.user_id = of_user))) u
        CROSS JOIN LATERAL (SELECT h.user_id, h.id, h.held_at FROM leap.recordings h
                            WHERE h.hold = 'quota' AND h.user_id = u.user_id ORDER BY h.held_at, h.id LIMIT 1000) r
        LEFT JOIN LATERAL (
            SELECT sum(w.bytes)::bigint AS bytes, bool_or(w.bytes_unknown) AS bytes_unknown, sum(w.seconds)::bigint AS seconds,
                   sum(w.transcriptions)::bigint AS transcriptions
            FROM leap.expected_use(ARRAY(SELECT t.id FROM leap.runs n JOIN leap.tasks t ON t.run_id = n.id
                                         WHERE n.recording_id = r.id AND n.state = 'active' AND t.state = 'blocked' AND t.deps_left = 0)) w) x ON true
        ORDER BY r.user_id, r.held_at, r.id
    LOOP
        IF owner IS DISTINCT FROM e.user_id THEN
            owner := e.user_id;
            SELECT * INTO room FROM leap.quota_rooms(owner, e.lane);
        END IF;
        IF leap.quota_short(room.bytes, room.transcriptions, room.seconds, e.bytes, e.bytes_unknown, e.transcriptions, e.seconds) IS NULL THEN
            room.bytes := room.bytes - e.bytes;
            room.transcriptions := room.transcriptions - e.transcriptions;
            room.seconds := room.seconds - e.seconds;
            fit := fit || e.id;
        END IF;
    END LOOP;
    IF cardinality(fit) > 0 THEN
        fit := ARRAY(SELECT r.id FROM leap.recordings r WHERE r.id = ANY (fit) AND r.hold = 'quota' ORDER BY r.id FOR NO KEY UPDATE SKIP LOCKED);
        PERFORM leap.apply_release(fit);
    END IF;
    RETURN cardinality(fit);
END
$$;
COMMENT ON FUNCTION leap.release_quota_holds(uuid) IS
'Lets recordings go on that were held with reason quota, as many as fit now of the thousand that each user has held longest; of one user, or of all. Returns how many. A chore of every minute, and called whenever limits change.';
