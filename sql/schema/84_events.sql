-- Events for those who watch: what became visible since they looked last, in pages that lose nothing.
--
-- Nothing is written for watchers and nobody is notified: moves are in leap.task_events, messages in leap.notifications,
-- progress in leap.tasks. Rows carry the transaction that wrote them, and a place in the stream is a snapshot: what comes
-- next is what that snapshot did not see and this one sees. A transaction that commits late is told late and never
-- passed over, which a number or a time in each row would do. An id is life.time.snapshot:
--   life      changes when the server lost transactions or is another one, because their numbers are used again then
--   time      everything that the snapshot did not see was written later (leap.settled_until), so an index finds it
--   snapshot  of pg_current_snapshot()
-- It says nothing of whose events, so it is no secret and gives no right.

-- Empty after a crash, in a promoted standby and in a restored backup, as unlogged tables are.
CREATE UNLOGGED TABLE IF NOT EXISTS leap.event_life (
    one    boolean PRIMARY KEY DEFAULT true CHECK (one),
    life   text NOT NULL,
    system bigint NOT NULL
);
COMMENT ON TABLE leap.event_life IS 'What ids of events begin with as long as this server has lost no transaction; system: the server it was made in.';

CREATE UNLOGGED TABLE IF NOT EXISTS leap.event_tickets (
    hash       bytea PRIMARY KEY,
    user_id    uuid NOT NULL,
    claims     jsonb NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS event_tickets_by_user ON leap.event_tickets (user_id, expires_at);
COMMENT ON TABLE leap.event_tickets IS 'Hashes of tickets that open one stream of events each, with the claims of the token they were asked for with.';

CREATE OR REPLACE FUNCTION leap.current_event_life()
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    here bigint := (SELECT c.system_identifier FROM pg_control_system() c);
    found text := (SELECT l.life FROM leap.event_life l WHERE l.one AND l.system = here);
BEGIN
    IF found IS NULL THEN
        INSERT INTO leap.event_life AS l (life, system) VALUES (encode(leap.random_bytes(4), 'hex'), here)
        ON CONFLICT (one) DO UPDATE SET life = CASE WHEN l.system = excluded.system THEN l.life ELSE excluded.life END, system = excluded.system
        RETURNING l.life INTO found;
    END IF;
    RETURN found;
END
$$;
COMMENT ON FUNCTION leap.current_event_life() IS 'What ids of events begin with now: 8 hexadecimal digits; made when there are none.';

CREATE OR REPLACE FUNCTION leap.event_place(id text, life text, settled timestamptz, OUT seen pg_snapshot, OUT later_than timestamptz)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    parts text[] := regexp_match(id, '^([0-9a-f]{8})\.(\d{1,17})\.(\d{1,18}:\d{1,18}:[\d,]*)$');
BEGIN
    IF parts[1] = life THEN
        later_than := 'epoch'::timestamptz + parts[2]::bigint * interval '1 microsecond';
        -- while a transaction stays open for hours, ids are that old from the start
        IF later_than BETWEEN settled - leap.setting('leap.event_horizon')::int * interval '1 s' AND clock_timestamp()
           AND split_part(parts[3], ':', 2)::bigint <= pg_snapshot_xmax(pg_current_snapshot())::text::bigint THEN
            seen := parts[3]::pg_snapshot;
        END IF;
    END IF;
EXCEPTION WHEN invalid_text_representation OR numeric_value_out_of_range OR datetime_field_overflow THEN
    seen := NULL;
END
$$;
COMMENT ON FUNCTION leap.event_place(text, text, timestamptz) IS
'What an id of an event stands for: the snapshot, and the time after which everything was written that it did not see. Null when it cannot be continued from: no id, of another life, or older than leap.event_horizon when everything up to settled can be seen now.';

-- Not STABLE: the time is taken before the snapshot of the statement that reads, or what is written between them is lost.
-- It is planned once: planning it takes ten times as long as running it. A plan for any values takes the indexes because
-- both ends of the ranges are said.
DROP FUNCTION IF EXISTS leap.events_since(text[], uuid[], int[]);
CREATE OR REPLACE FUNCTION leap.events_since(ids text[], users uuid[], id_of int[], everyone boolean[] = '{}')
RETURNS TABLE (place int, event text, recording text, data text)
LANGUAGE plpgsql ROWS 100 SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    life text := leap.current_event_life();
    -- nor is a snapshot younger than its transaction; and a clock may be set back a little
    settled timestamptz := least(leap.settled_until(), now()) - interval '2 s';
    page int := leap.setting('leap.event_page')::int;
    seens pg_snapshot[];
    times timestamptz[];
    oldest timestamptz;
    newest CONSTANT timestamptz := clock_timestamp() + interval '1 day';
    oldest_xact xid8;
    newest_xact CONSTANT xid8 := '9223372036854775807';
    -- of everybody's: a client that is told more than it takes is let go
    most CONSTANT int := 500;
BEGIN
    SELECT array_agg(p.seen ORDER BY i.n), array_agg(p.later_than ORDER BY i.n), min(p.later_than) FILTER (WHERE p.seen IS NOT NULL),
           min(pg_snapshot_xmin(p.seen)::text::bigint)::text::xid8
    INTO seens, times, oldest, oldest_xact
    FROM unnest(ids) WITH ORDINALITY AS i(id, n) CROSS JOIN LATERAL leap.event_place(i.id, life, settled) p;
    RETURN QUERY
    WITH asked AS MATERIALIZED (
        SELECT u.n::int AS place, u.user_id, u.id, seens[u.id] AS seen, times[u.id] AS later_than, coalesce(everyone[u.n], false) AS all_of_it
        FROM unnest(users, id_of) WITH ORDINALITY AS u(user_id, id, n)),
    -- first by what is new, which an index finds, then by who asked: never the other way round
    fresh AS MATERIALIZED (
        SELECT e.* FROM leap.task_events e WHERE e.at > oldest AND e.at < newest AND (e.user_id = ANY (users) OR true = ANY (everyone))),
    fresh_notes AS MATERIALIZED (
        SELECT n.* FROM leap.notifications n WHERE n.xact >= oldest_xact AND n.xact < newest_xact AND n.in_app),
    due AS MATERIALIZED (
        SELECT a.place, a.seen, a.later_than, e.* FROM fresh e JOIN asked a ON a.user_id = e.user_id WHERE NOT a.all_of_it
        UNION ALL SELECT a.place, a.seen, a.later_than, e.* FROM asked a CROSS JOIN fresh e WHERE a.all_of_it AND true = ANY (everyone)),
    moved AS MATERIALIZED (
        SELECT e.place, e.at, e.entity AS event, e.recording_id::text AS recording, json_strip_nulls(json_build_object(
                   'at', e.at, 'recording', e.recording_id, 'task', e.task::text, CASE e.entity WHEN 'automation' THEN 'run' ELSE 'target' END, e.target_id, 'kind', e.kind, 'from', e.from_state, 'to', e.to_state,
                   'status', CASE e.entity WHEN 'task' THEN leap.task_word(e.to_state) END, 'event', e.event, 'attempt', e.attempt,
                   'error', CASE WHEN e.error IS NOT NULL THEN json_build_object('class', e.error->'class', 'code', e.error->'code',
                                                                                 'message', e.error->'message', 'hint', e.error->'hint') END))::text AS data
        FROM due e WHERE e.at > e.later_than AND NOT pg_visible_in_snapshot(e.xact, e.seen)),
    changed AS MATERIALIZED (
        -- their times are those at which transactions began, so they say little: enough to leave out what a backup brought
        SELECT a.place, n.* FROM fresh_notes n JOIN asked a ON a.user_id = n.user_id
        WHERE greatest(n.last_at, n.read_at) > a.later_than - interval '1 day' AND NOT pg_visible_in_snapshot(n.xact, a.seen)),
    told AS MATERIALIZED (
        SELECT c.place, c.last_at AS at, 'notification' AS event, c.subject->>'recording' AS recording, json_build_object(
                   'id', c.id, 'event', c.event, 'severity', e.severity, 'subject', c.subject, 'payload', c.payload, 'count', c.count,
                   'created_at', c.created_at, 'last_at', c.last_at)::text AS data
        FROM changed c JOIN leap.notification_events() e ON e.event = c.event WHERE c.read_at IS NULL),
    lines AS MATERIALIZED (
        SELECT l.*, count(*) OVER (PARTITION BY l.place) AS n FROM (SELECT * FROM moved UNION ALL SELECT * FROM told) l),
    lost AS MATERIALIZED (
        SELECT a.place FROM asked a WHERE a.id > 0 AND a.seen IS NULL UNION SELECT l.place FROM lines l WHERE l.n > page),
    unread AS (
        SELECT a.place, (SELECT count(*) FROM leap.notifications n WHERE n.user_id = a.user_id AND n.in_app AND n.read_at IS NULL) AS n
        FROM asked a WHERE a.seen IS NULL OR a.place IN (SELECT c.place FROM changed c)),
    leased AS (
        SELECT a.place, l.task FROM asked a JOIN leap.users u ON u.id = a.user_id
        JOIN leap.task_lease l ON l.lane = u.lane AND l.no >= leap.lease_floor(u.lane) WHERE NOT a.all_of_it
        UNION ALL SELECT a.place, l.task FROM asked a CROSS JOIN (SELECT x.task FROM leap.task_lease x ORDER BY x.task LIMIT most) l
        WHERE a.all_of_it AND true = ANY (everyone)),
    progress AS (
        SELECT l.place, t.id, t.recording_id::text AS recording, json_strip_nulls(json_build_object(
                   'task', t.id::text, 'recording', t.recording_id, 'target', t.target_id, 'kind', t.kind, 'attempt', t.attempt,
                   'progress', t.progress, 'current_step', t.current_step))::text AS data
        FROM leased l JOIN leap.tasks t ON t.id = l.task AND t.state = 'running')
    SELECT x.place, x.event, x.recording, x.data FROM (
        SELECT 0 AS place, 0 AS rank, NULL::timestamptz AS at, 'place' AS event, NULL AS recording,
               format('%s.%s.%s', life, trunc(extract(epoch FROM settled) * 1000000), pg_current_snapshot()) AS data
        UNION ALL SELECT l.place, 1, NULL, 'reset', NULL, '{}' FROM lost l
        UNION ALL SELECT l.place, 2, l.at, l.event, l.recording, l.data FROM lines l WHERE l.n <= page
        UNION ALL SELECT u.place, 3, NULL, 'unread', NULL, format('{"unread":%s}', u.n) FROM unread u
        UNION ALL SELECT p.place, 4, NULL, 'progress', p.recording, p.data FROM progress p) x
    ORDER BY x.place, x.rank, x.at;
END
$$;
COMMENT ON FUNCTION leap.events_since(text[], uuid[], int[], boolean[]) IS
'For the gateway: what these users are to be told. id_of[n] says which of ids user n has seen everything up to; 0: nothing yet. everyone[n]: user n, an administrator, is told of the recordings and tasks of everybody (progress of at most 500), of messages only his own. Rows (place, event, recording, data): place 0 is the id of this moment, place n something for user n, in order. event: task, recording, target, deletion, notification; unread (how many messages are); progress of each running task, whether it changed or not; reset where the id cannot be continued from or leap.event_page are not enough: then everything is to be read anew.';

-- One that is stored nowhere in the clear, good for a minute, once, and for one stream of events only: so it may stand in a URL.
CREATE OR REPLACE FUNCTION leap.event_ticket()
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    seconds CONSTANT int := 60;
    most CONSTANT int := 20;
    me uuid := leap.current_user_id();
    ticket text := 'lpt_' || leap.base64url(leap.random_bytes(32));
BEGIN
    IF me IS NULL THEN
        PERFORM leap.refuse('LP042', 'nobody is known who could watch', 'A ticket is asked for with an access token or an API key.');
    END IF;
    DELETE FROM leap.event_tickets t WHERE t.hash IN (
        SELECT o.hash FROM leap.event_tickets o WHERE o.user_id = me ORDER BY o.expires_at > clock_timestamp() DESC, o.expires_at DESC OFFSET most - 1 FOR UPDATE SKIP LOCKED);
    INSERT INTO leap.event_tickets (hash, user_id, claims, expires_at)
    VALUES (leap.token_hash(ticket), me, current_setting('request.jwt.claims')::jsonb, clock_timestamp() + seconds * interval '1 s');
    RETURN jsonb_build_object('ticket', ticket, 'url', '/events?ticket=' || ticket, 'expires_in', seconds,
        'id', (SELECT e.data FROM leap.events_since('{}', '{}', '{}') e), 'unread', leap.unread_count(NULL));
END
$$;
COMMENT ON FUNCTION leap.event_ticket() IS
'A ticket that opens one stream of events of the caller: {ticket, url, expires_in, id, unread}. Whoever goes on from the id is told all that happens from now on, whenever he opens the stream; unread: how many messages are. Good once, for a minute, and for nothing else; the newest 20 of a user are kept. For browsers, whose EventSource sends no header Authorization. Error LP042 without claims.';

CREATE OR REPLACE FUNCTION leap.claims_of_ticket(ticket text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    found leap.event_tickets;
BEGIN
    DELETE FROM leap.event_tickets t WHERE t.hash = leap.token_hash(ticket) RETURNING * INTO found;
    RETURN CASE WHEN found.expires_at > clock_timestamp() THEN found.claims END;
END
$$;
COMMENT ON FUNCTION leap.claims_of_ticket(text) IS
'For the gateway: the claims that a ticket of leap.event_ticket() stands for, which is used up by this; null for one that is not good, or no longer.';

CREATE OR REPLACE FUNCTION leap.ended_claims(claims jsonb)
RETURNS TABLE (place int) LANGUAGE sql STABLE ROWS 1 SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT c.n::int FROM jsonb_array_elements(claims) WITH ORDINALITY AS c(one, n)
    WHERE (c.one->>'exp')::float8 <= extract(epoch FROM clock_timestamp()) OR leap.claims_hold(c.one, c.one->>'role') IS NOT TRUE
$$;
COMMENT ON FUNCTION leap.ended_claims(jsonb) IS
'For the gateway: which of an array of claims, counted from 1, are good no more: the token has expired, or what it says is no longer so (leap.claims_hold).';
