-- Rate limits: tasks wait for a token of every bucket they fall under, and that is neither a failure nor an attempt.
SELECT test.connect();
CREATE FUNCTION pg_temp.url(a_name text, url text, email text = 'test@example.org') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM leap.run_recording(leap.add_recording(email, jsonb_build_object('type', 'url', 'url', url), a_name));
END $$;
CREATE VIEW pg_temp.waits AS
SELECT r.display_name AS name, t.kind, t.state, t.attempt, t.failures, s.gate, round(extract(epoch FROM s.run_at - clock_timestamp()) / 3600) AS hours
FROM leap.recordings r JOIN leap.tasks t ON t.recording_id = r.id LEFT JOIN leap.task_scheduled s ON s.task = t.id
WHERE r.display_name ~ '^l\d' AND t.state IN ('ready', 'scheduled', 'running') ORDER BY s.run_at NULLS FIRST, name;
-- puts the clock of all buckets back, as if so much time had passed
CREATE FUNCTION pg_temp.later(span interval) RETURNS void LANGUAGE sql AS $$
    UPDATE leap.rate_buckets SET at = at - span;
    UPDATE leap.task_scheduled SET run_at = run_at - span WHERE gate_id IS NOT NULL $$;

-- what is a platform
SELECT u, leap.source_platform(jsonb_build_object('type', 'url', 'url', u))
FROM unnest('{https://Example.org/a.mp4,http://example.org:80/,http://u:p@example.org:8080?x=@y,https://[::1]:443/a,https://example.org#f}'::text[]) u;
SELECT leap.source_platform('{"type": "file", "path": "/srv/a"}');

-- two a day, two at once: the others wait, in order, a token apart, and nothing else of them changes
SET ROLE leap_operator;
INSERT INTO leap.rate_limits (platform, tokens, per) VALUES ('url:one.org', 2, '1 day');
RESET ROLE;
SELECT pg_temp.url('l' || i, 'https://one.org/' || i) FROM generate_series(1, 5) i;
SELECT * FROM test.claim(4);
TABLE pg_temp.waits;
SELECT status, failed, retry_count, next_attempt_at FROM leap.recordings WHERE display_name = 'l3';
SELECT platform, scope, "of", "limit", per, burst, tokens_now, next_token_at BETWEEN clock_timestamp() + '11 h' AND clock_timestamp() + '12 h' AS in_half_a_day, waiting
FROM leap.rate_status;
SELECT name, kind, state, regexp_replace(reason, 'at 20.* UTC', 'at <time>') AS reason, remedy FROM leap.stuck WHERE name = 'l3';
SELECT from_state, to_state, event FROM leap.task_events WHERE recording_id = test.id('l3') AND task IS NOT NULL AND kind = 'download' ORDER BY at;
-- what is no upload or download, and another host, is not concerned
SELECT pg_temp.url('l6', 'https://two.org/6');
SELECT test.complete('download', 'l1', '{"facts": {"speech": "speech", "has_audio": true}}');
SELECT * FROM test.claim();

-- when a token is due, the next one starts; a person who retries gains nothing
SELECT leap.promote_due();
SELECT pg_temp.later('12 h');
SELECT leap.promote_due();
SELECT * FROM test.claim();
UPDATE leap.task_scheduled SET run_at = clock_timestamp() WHERE recording_id = test.id('l5');
SELECT leap.promote_due();
SELECT * FROM test.claim();
TABLE pg_temp.waits;

-- a token that the one it was meant for does not use goes to the next
SELECT leap.cancel_recording(test.id('l4'))->>'message';
SELECT pg_temp.later('12 h');
UPDATE leap.task_scheduled SET run_at = run_at + interval '5 days' WHERE recording_id = test.id('l5');
SELECT leap.promote_due();
SELECT * FROM test.claim();

-- a claim that is rolled back gives its tokens back
UPDATE leap.rate_buckets SET tokens = 1, at = clock_timestamp();
SELECT pg_temp.url('l7', 'https://one.org/7');
BEGIN;
SELECT * FROM test.claim();
ROLLBACK;
SELECT tokens_now FROM leap.rate_status;
SELECT * FROM test.claim();
SELECT tokens_now FROM leap.rate_status;

-- a limit that is raised, or goes, lets those who wait ask again
SELECT pg_temp.url('l8', 'https://one.org/8'), pg_temp.url('l9', 'https://one.org/9');
SELECT * FROM test.claim();
UPDATE leap.rate_limits SET burst = 3, tokens = 86400;
UPDATE leap.rate_buckets SET tokens = 1, at = clock_timestamp();
SELECT leap.promote_due();
SELECT count(*) FROM test.claim() c WHERE c.name ~ '^l';
DELETE FROM leap.rate_limits;
SELECT leap.promote_due();
SELECT count(*) FROM leap.rate_buckets;
SELECT name FROM test.claim() c WHERE c.name ~ '^l';
SELECT count(leap.cancel_recording(r.id)) FROM leap.recordings r JOIN leap.runs u ON u.recording_id = r.id AND u.state = 'active' WHERE display_name ~ '^l\d';

-- scopes: each user by himself; each host by itself, unless it is named; all that fit must allow
SELECT leap.add_user('limit-a@example.org') IS NOT NULL, leap.add_user('limit-b@example.org') IS NOT NULL;
INSERT INTO leap.rate_limits (platform, scope, tokens, per) VALUES ('url', 'user', 1, '1 day'), ('url:named.org', 'user', 2, '1 day'), ('url', 'platform', 3, '30 days');
SELECT pg_temp.url('la' || i, 'https://any.org/' || i, 'limit-a@example.org'), pg_temp.url('lb' || i, 'https://any.org/' || i, 'limit-b@example.org'),
       pg_temp.url('ln' || i, 'https://named.org/' || i, 'limit-a@example.org') FROM generate_series(1, 3) i;
SELECT left(name, 2) AS who, count(*) FROM test.claim() WHERE name ~ '^l' GROUP BY 1 ORDER BY 1;
SELECT platform, scope, "of", "limit", tokens_now, waiting FROM leap.rate_status;
-- both users may again, but the host has one token left
UPDATE leap.rate_buckets SET tokens = 1 WHERE key <> '';
UPDATE leap.task_scheduled SET run_at = clock_timestamp() WHERE gate_id IS NOT NULL;
SELECT leap.promote_due();
SELECT count(*) FILTER (WHERE name ~ '^l[ab]') AS any_org, count(*) FILTER (WHERE name LIKE 'ln_') AS named_org FROM test.claim();
SELECT platform, scope, "of", tokens_now, waiting FROM leap.rate_status WHERE scope = 'platform';

-- a credential has a bucket of its own
DELETE FROM leap.rate_limits;
INSERT INTO leap.rate_limits (platform, scope, tokens, per) VALUES ('url', 'credential', 1, '1 day');
SELECT pg_temp.url('lc' || i, 'https://secret.org/' || i) FROM generate_series(1, 4) i;
UPDATE leap.recordings SET source = source || jsonb_build_object('credential_id', 'c' || right(display_name, 1)::int % 2) WHERE display_name LIKE 'lc_';
SELECT name FROM test.claim() WHERE name LIKE 'lc_';
SELECT platform, scope, "of", tokens_now, waiting FROM leap.rate_status WHERE platform = 'url:secret.org';

-- many at once make way for what stands behind them in the queue
DELETE FROM leap.rate_limits;
INSERT INTO leap.rate_limits (platform, tokens, per) VALUES ('url:many.org', 1, '1 day');
SELECT count(pg_temp.url('lm' || i, 'https://many.org/' || i, 'limit-b@example.org')) FROM generate_series(1, 50) i;
SELECT count(pg_temp.url('lz', 'https://other.org/', 'limit-b@example.org'));
SELECT name FROM test.claim(2) WHERE name ~ '^l[mz]';
SELECT name FROM test.claim(2) WHERE name ~ '^l[mz]';
SELECT waiting FROM leap.rate_status;

-- who has priority does not wait behind the others
SELECT leap.run_recording(leap.add_recording('limit-b@example.org', '{"type": "url", "url": "https://many.org/first"}', 'lp'), priority => -5) IS NOT NULL;
SELECT name FROM test.claim() WHERE name ~ '^l[mp]';
SELECT count(*) <= 1 AS among_the_first FROM leap.task_scheduled WHERE gate_id IS NOT NULL AND run_at < (SELECT run_at FROM leap.task_scheduled WHERE recording_id = test.id('lp'));
SELECT pg_temp.later('1 day');
SELECT leap.promote_due() > 0 AS due;
SELECT name FROM test.claim() WHERE name ~ '^l[mp]';

-- full buckets that nobody waits for are forgotten
SELECT leap.forget_platforms();
DELETE FROM leap.users WHERE email ~ '^limit-';
SELECT pg_temp.later('2 days');
SELECT leap.forget_platforms();

-- nonsense is refused
SET ROLE leap_operator;
INSERT INTO leap.rate_limits (platform, tokens, per) VALUES ('YouTube', 1, '1 s');
INSERT INTO leap.rate_limits (platform, tokens, per) VALUES ('youtube', 0, '1 s');
INSERT INTO leap.rate_limits (platform, tokens, per) VALUES ('youtube', 1, '0');
INSERT INTO leap.rate_limits (platform, tokens, per, scope) VALUES ('youtube', 1, '1 s', 'planet');
UPDATE leap.rate_buckets SET tokens = 9;
RESET ROLE;
DELETE FROM leap.rate_limits;
SELECT count(leap.cancel_recording(r.id)) > 0 AS cancelled FROM leap.recordings r JOIN leap.runs u ON u.recording_id = r.id AND u.state = 'active' WHERE display_name ~ '^l';
SELECT count(*) FROM leap.task_scheduled WHERE gate_id IS NOT NULL;
