-- Events: what those who watch are told, by whom they are, and from where they go on.
\set SHOW_CONTEXT never
\pset null '-'
SELECT test.connect();
SELECT leap.add_user('ev@example.org') AS u \gset
SELECT leap.add_user('ev2@example.org') AS v \gset

-- a page of a user from an id: what is told, without what differs from run to run; the id of the page is kept
CREATE TABLE test.place (id text);
INSERT INTO test.place VALUES (NULL);
CREATE FUNCTION test.page(of_user uuid, from_id text = NULL) RETURNS TABLE (event text, about text, told text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    CREATE TEMP TABLE got ON COMMIT DROP AS SELECT row_number() OVER () AS n, e.* FROM test.place p
        CROSS JOIN LATERAL leap.events_since(ARRAY[coalesce(from_id, p.id)], ARRAY[of_user], ARRAY[CASE WHEN coalesce(from_id, p.id) IS NULL THEN 0 ELSE 1 END]) e;
    UPDATE test.place SET id = (SELECT g.data FROM got g WHERE g.place = 0);
    RETURN QUERY SELECT g.event, coalesce(r.display_name, CASE WHEN g.recording IS NOT NULL THEN 'gone' END),
           (SELECT string_agg(concat(m.key, '=', m.value), ' ' ORDER BY m.key) FROM json_each_text(g.data::json) m
            WHERE m.key NOT IN ('at', 'recording', 'task', 'target', 'id', 'created_at', 'last_at', 'subject', 'payload'))
        FROM got g LEFT JOIN leap.recordings r ON r.id::text = g.recording WHERE g.place > 0 ORDER BY g.n;
    DROP TABLE got;
END
$$;

-- from nothing: how many messages are unread, and what is running
SELECT * FROM test.page(:'u');
SELECT id ~ '^[0-9a-f]{8}\.\d+\.\d+:\d+:[\d,]*$' AS an_id FROM test.place;
SELECT * FROM test.page(:'u');

-- a recording, its targets and its tasks
SELECT test.start('ev1', 'ev@example.org');
SELECT * FROM test.page(:'u') ORDER BY event, told COLLATE "C";
SELECT kind FROM test.claim(100) WHERE name = 'ev1';
SELECT * FROM test.page(:'u') ORDER BY event, told COLLATE "C";
-- progress is told whether it is new or not: it is a state
SELECT count(*) FROM test.me m, leap.heartbeat(m.worker, m.secret, ARRAY(SELECT task FROM test.leases WHERE name = 'ev1'), ARRAY(SELECT fence FROM test.leases WHERE name = 'ev1'),
    (SELECT jsonb_agg(jsonb_build_object('task', task, 'progress', 42, 'step', 'fetching')) FROM test.leases WHERE name = 'ev1'));
SELECT * FROM test.page(:'u');
SELECT * FROM test.page(:'u');
-- nobody else hears of it
SELECT * FROM test.page(:'v', NULL);
SELECT test.fail('download', 'ev1', 'permanent', 'the file is gone');
SELECT * FROM test.page(:'u') ORDER BY event, told COLLATE "C";
SELECT * FROM test.page(:'u');

-- messages: told when they are new or counted up; read ones only by their number
SELECT leap.raise_event(:'u', 'security_alert', '{}', '{"what": "x"}', 'k');
SELECT * FROM test.page(:'u');
SELECT leap.raise_event(:'u', 'security_alert', '{}', '{"what": "x"}', 'k');
SELECT leap.raise_event(:'v', 'security_alert', '{}', '{"what": "x"}', 'k');
SELECT * FROM test.page(:'u');
SELECT leap.mark_read(NULL, 'ev@example.org') > 0 AS marked;
SELECT * FROM test.page(:'u');
SELECT * FROM test.page(:'u');

-- several at once, each from where it stands
SELECT id AS before FROM test.place \gset
SELECT leap.skip_recording(test.id('ev1')) IS NOT NULL AS skipped;
SELECT count(*) AS events FROM test.page(:'u');
SELECT leap.unskip_recording(test.id('ev1')) IS NOT NULL AS unskipped;
SELECT place, event, data::json->>'to' AS became FROM leap.events_since(ARRAY[:'before', (SELECT id FROM test.place)], ARRAY[:'u', :'u', :'v', :'u']::uuid[], '{1,2,1,0}') WHERE place > 0 ORDER BY 1, data::json->>'at';
-- an administrator of everybody's; of messages only his own
SELECT leap.raise_event(:'u', 'security_alert', '{}', '{"what": "y"}', 'k2');
SELECT place, event, data::json->>'to' AS became FROM leap.events_since(ARRAY[:'before'], ARRAY[:'v', :'v', :'u']::uuid[], '{1,1,0}', '{f,t,f}')
WHERE place > 0 AND event <> 'progress' AND coalesce(recording, test.id('ev1')::text) = test.id('ev1')::text ORDER BY 1, data::json->>'at', 2;
SELECT leap.mark_read(NULL, 'ev@example.org') > 0 AS marked;
SELECT * FROM test.page(:'u');

-- where it cannot be gone on from
CREATE FUNCTION test.odd(id text) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(e.event, ' '), 'goes on') FROM leap.events_since(ARRAY[id], ARRAY(SELECT u.id FROM leap.users u WHERE u.email = 'ev@example.org'), '{1}') e WHERE e.place > 0 AND e.event NOT IN ('recording', 'unread') $$;
SELECT split_part(id, '.', 1) AS life, split_part(id, '.', 2) AS at, split_part(id, '.', 3) AS seen FROM test.place \gset
SELECT odd, test.odd(odd) FROM (VALUES (''), ('-'), ('x.y.z'), ('00000000.1.1:1:')) v (odd);
SELECT test.odd(:'life' || '.' || :'at' || '.' || :'seen') AS good,
       test.odd(:'life' || '.' || (:'at'::bigint - 3600 * 1000000::bigint) || '.' || :'seen') AS old,
       test.odd(:'life' || '.' || (:'at'::bigint + 3600 * 1000000::bigint) || '.' || :'seen') AS of_tomorrow,
       test.odd(:'life' || '.99999999999999999.' || :'seen') AS of_never,
       test.odd(:'life' || '.' || :'at' || '.1:999999999999999999:') AS of_the_future,
       test.odd(:'life' || '.' || :'at' || '.5:4:') AS backwards,
       test.odd(:'life' || '.' || :'at' || '.5:8:7,6') AS unordered,
       test.odd(:'life' || '.' || :'at' || '.0:0:') AS zero,
       test.odd(:'life' || '.' || :'at' || '.1:1:,,,') AS commas;
-- more than a page
SET leap.event_page = 2;
SELECT test.start('ev2', 'ev@example.org');
SELECT * FROM test.page(:'u');
SELECT * FROM test.page(:'u');
RESET leap.event_page;
-- another life: transactions were lost, and their numbers are used again
TRUNCATE leap.event_life;
SELECT * FROM test.page(:'u');
SELECT split_part(id, '.', 1) <> :'life' AS another FROM test.place;
SELECT * FROM test.page(:'u');
-- a backup that was restored elsewhere
UPDATE leap.event_life SET system = 1;
SELECT * FROM test.page(:'u');
SELECT count(*) AS lives FROM leap.event_life;

-- a ticket is good once, for a minute, and for whoever asked for it
CREATE FUNCTION test.ticket(of_user uuid) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('request.jwt.claims', json_build_object('sub', of_user, 'role', 'leap_user', 'sid', 's')::text, true), set_config('role', 'leap_user', true);
    RETURN leap.event_ticket()->>'ticket';
END
$$;
BEGIN;
SET LOCAL ROLE leap_user;
SELECT leap.event_ticket();
ROLLBACK;
SELECT test.ticket(:'u') AS t \gset
RESET ROLE;
SELECT :'t' ~ '^lpt_[A-Za-z0-9_-]{43}$' AS a_ticket, (SELECT count(*) FROM leap.event_tickets t WHERE t::text LIKE '%' || :'t' || '%') AS kept;
SET SESSION AUTHORIZATION leap_gateway;
SELECT leap.claims_of_ticket(:'t') = jsonb_build_object('sub', :'u', 'role', 'leap_user', 'sid', 's') AS his, leap.claims_of_ticket(:'t') AS again, leap.claims_of_ticket('lpt_') AS none, leap.claims_of_ticket(NULL) AS null;
SELECT leap.event_ticket();
RESET SESSION AUTHORIZATION;
SELECT test.ticket(:'u') AS t \gset
UPDATE leap.event_tickets SET expires_at = clock_timestamp();
SELECT leap.claims_of_ticket(:'t') AS late;
SELECT count(test.ticket(:'u')) FROM generate_series(1, 30);
SELECT count(*) FROM leap.event_tickets;
UPDATE leap.event_tickets SET expires_at = clock_timestamp();
SELECT leap.forget_accounts() >= 20 AS swept;
SELECT count(*) FROM leap.event_tickets;

-- whose claims have ended
SELECT leap.set_password('ev@example.org', 'Secret123');
SELECT leap.login('ev@example.org', 'Secret123') IS NOT NULL AS logged_in;
SELECT id AS sid FROM leap.sessions WHERE user_id = :'u' \gset
CREATE FUNCTION test.ended(VARIADIC claims jsonb[]) RETURNS int[] LANGUAGE sql AS 'SELECT array_agg(place ORDER BY place) FROM leap.ended_claims(to_jsonb(claims))';
SELECT leap.add_api_key('events', 'write', NULL, 'ev@example.org')->>'id' AS key \gset
SELECT jsonb_build_object('sub', :'u', 'role', 'leap_user', 'tv', token_version) AS who FROM leap.users WHERE id = :'u' \gset
SELECT :'who'::jsonb || jsonb_build_object('key', :'key', 'scope', 'write') AS good, :'who'::jsonb || jsonb_build_object('sid', :'sid', 'exp', 99999999999) AS session \gset
SELECT test.ended(:'good', :'session') AS ended;
SELECT test.ended(:'who', :'who'::jsonb || '{"exp": 99999999999}', :'session'::jsonb - 'exp', :'session'::jsonb - 'tv', :'good'::jsonb - 'tv', :'who'::jsonb || '{"iss": "https://id.example.org"}') AS ended;
SELECT test.ended(:'good'::jsonb || '{"exp": 1}', :'good'::jsonb || '{"tv": 7}', :'good'::jsonb || '{"role": "leap_admin"}', :'good'::jsonb || '{"sub": "x"}', '{}',
                  :'good'::jsonb || '{"exp": 99999999999}', :'good'::jsonb || jsonb_build_object('sub', leap.uuid7())) AS ended;
SELECT leap.end_sessions(:'u', NULL, 'logout everywhere') IS NOT NULL AS ended;
SELECT test.ended(:'good', :'session') AS ended;

-- tenants reach none of it
SET ROLE leap_user;
SELECT leap.events_since('{}', '{}', '{}');
SELECT leap.claims_of_ticket('x');
SELECT leap.ended_claims('[]');
SELECT FROM leap.event_tickets;
SELECT xact FROM leap.task_events;
RESET ROLE;
DELETE FROM leap.users WHERE email IN ('ev@example.org', 'ev2@example.org');
