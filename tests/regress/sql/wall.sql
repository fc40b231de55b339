-- The wall between tenants: everybody sees his own rows, nobody another's, and nothing is written around the functions.
SELECT leap.add_user('ann@example.org') IS NOT NULL AND leap.add_user('bob@example.org') IS NOT NULL AS added;
CREATE FUNCTION test.user_id(email text) RETURNS uuid LANGUAGE sql SECURITY DEFINER AS $$ SELECT u.id FROM leap.users u WHERE u.email = user_id.email $$;
INSERT INTO leap.user_subscriptions (user_id, notes) SELECT test.user_id(u), 'pays late' FROM unnest('{ann@example.org,bob@example.org}'::text[]) u;
SELECT test.start('ann''s', 'ann@example.org'), test.start('bob''s', 'bob@example.org');
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    SELECT id, user_id, 'source', 'w/' || id, 1, repeat('0', 64), 'x/y' FROM leap.recordings WHERE display_name IN ('ann''s', 'bob''s');

-- becomes a tenant for the rest of the transaction, as the gateway does
GRANT USAGE ON SCHEMA test TO leap_user;
CREATE FUNCTION test.become(email text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('request.jwt.claims', jsonb_build_object('role', 'leap_user', 'sub', test.user_id(email))::text, true);
    PERFORM set_config('role', 'leap_user', true);
END
$$;

-- every table that has an owner is walled, and no partition can be read around it
SELECT name FROM leap.tenant_tables() WHERE NOT walled;
SELECT count(*) >= 9 AS tables FROM leap.tenant_tables();
SELECT c.relname FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
WHERE c.relnamespace = 'leap'::regnamespace AND c.relispartition AND a.grantee <> c.relowner;

-- own rows, and only those, in every table that may be read at all
CREATE FUNCTION test.seen(email text) RETURNS TABLE (relation text, own bigint, of_others bigint) LANGUAGE plpgsql AS $$
DECLARE
    t record;
    them uuid := test.user_id(email);
BEGIN
    FOR t IN SELECT x.name, x.owner_column FROM leap.tenant_tables() x
             WHERE has_column_privilege('leap_user', x.name, x.owner_column, 'SELECT') ORDER BY x.name::text LOOP
        PERFORM test.become(email);
        relation := t.name::text;
        EXECUTE format('SELECT count(*) FILTER (WHERE %1$I = $1), count(*) FILTER (WHERE %1$I IS DISTINCT FROM $1) FROM %2$s', t.owner_column, t.name)
            INTO own, of_others USING them;
        RESET ROLE;
        RETURN NEXT;
    END LOOP;
END
$$;
SELECT relation, own > 0 AS own, of_others FROM test.seen('ann@example.org')
WHERE relation IN ('leap.users', 'leap.user_subscriptions', 'leap.quota_usage', 'leap.recordings', 'leap.runs', 'leap.tasks',
                   'leap.output_targets', 'leap.artifacts', 'leap.task_events');
SELECT email, s.* FROM unnest('{ann@example.org,bob@example.org}'::text[]) email, test.seen(email) s WHERE s.of_others > 0;
BEGIN;
SELECT test.become('bob@example.org');
SELECT display_name FROM leap.recordings;
SELECT DISTINCT status FROM leap.processing_stages;
SELECT (SELECT count(*) FROM leap.users) AS users, (SELECT count(*) FROM leap.recordings WHERE display_name = 'ann''s') AS hers;
ROLLBACK;

-- operators see everybody's, the worker's functions do not notice
SET ROLE leap_operator;
SELECT count(DISTINCT user_id) >= 2 AS everybody FROM leap.recordings;
RESET ROLE;
SELECT test.connect();
SELECT kind, name FROM test.claim(100) WHERE name IN ('ann''s', 'bob''s');

-- the wall is no part of their plans; in a tenant's it is a value, computed once, that an index can look up (what is only
-- reached through a recording has no index of its own)
CREATE FUNCTION test.wall_in_plan(who name, relation text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    plan text := '';
BEGIN
    PERFORM set_config('role', who, true), set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true);
    FOR line IN EXECUTE format('EXPLAIN (VERBOSE, COSTS off) SELECT user_id FROM leap.%I', relation) LOOP
        plan := plan || line || E'\n';
    END LOOP;
    RESET ROLE;
    RETURN CASE WHEN plan !~ 'InitPlan|current_user_id' THEN 'none'
                WHEN plan ~ 'Index Cond: \([a-z_]+\.user_id = \$0\)' THEN 'looked up in an index' ELSE 'a filter' END;
END
$$;
SELECT relation, test.wall_in_plan('leap_owner', relation) AS owner, test.wall_in_plan('leap_operator', relation) AS operator, test.wall_in_plan('leap_user', relation) AS tenant
FROM unnest('{recordings,runs,tasks,output_targets,artifacts,quota_usage,user_subscriptions,task_events}'::text[]) relation;
RESET enable_seqscan;
RESET enable_bitmapscan;

-- without claims, with an empty or a foolish subject: nothing
CREATE FUNCTION test.rows_with(claims text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    PERFORM set_config('request.jwt.claims', claims, true);
    SET LOCAL ROLE leap_user;
    SELECT count(*) INTO n FROM leap.recordings;
    RESET ROLE;
    RETURN n;
END
$$;
SELECT claims, test.rows_with(claims) FROM unnest(ARRAY['', '{}', '{"sub": null}', '{"sub": ""}', '{"sub": "1 OR 1=1"}', '{"sub": "018f0000-0000-7000-8000-000000000000"}', '[]']) claims;

-- a statement prepared for one tenant serves the next with his own rows
SET ROLE leap_user;
PREPARE names AS SELECT display_name FROM leap.recordings;
RESET ROLE;
SET plan_cache_mode = force_generic_plan;
BEGIN; SELECT test.become('ann@example.org'); EXECUTE names; COMMIT;
BEGIN; SELECT test.become('bob@example.org'); EXECUTE names; COMMIT;
RESET plan_cache_mode;

-- nothing can be written, and secrets and fences are not readable
SELECT c.relname, p.privilege FROM pg_class c, unnest('{INSERT,UPDATE,DELETE,TRUNCATE}'::text[]) AS p(privilege)
WHERE c.relnamespace = 'leap'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND has_table_privilege('leap_user', c.oid, p.privilege);
SELECT a.attrelid::regclass, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'leap'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0 AND NOT a.attisdropped
  AND has_column_privilege('leap_user', c.oid, a.attnum, 'SELECT') AND a.attname ~ '^(fence|checkpoint|notes|.*(secret|password|token).*)$'
  AND a.attname NOT IN ('input_tokens', 'output_tokens')    -- numbers of what an outline cost
ORDER BY 1, 2;
BEGIN;
SELECT test.become('ann@example.org');
SAVEPOINT s; UPDATE leap.recordings SET display_name = 'x'; ROLLBACK TO s;
SAVEPOINT s; DELETE FROM leap.recordings; ROLLBACK TO s;
SAVEPOINT s; SELECT fence FROM leap.tasks; ROLLBACK TO s;
SAVEPOINT s; SELECT count(*) FROM leap.task_lease; ROLLBACK TO s;
SAVEPOINT s; SELECT leap.move('step', 'UPLOADED'); ROLLBACK TO s;
ROLLBACK;
-- the grants gone wrong: rows of others still cannot be written, nor one's own
BEGIN;
GRANT INSERT, UPDATE, DELETE ON leap.quota_usage TO leap_user;
SELECT test.become('ann@example.org');
WITH w AS (UPDATE leap.quota_usage SET used = 0 RETURNING 1) SELECT count(*) FROM w;
WITH w AS (DELETE FROM leap.quota_usage RETURNING 1) SELECT count(*) FROM w;
INSERT INTO leap.quota_usage VALUES (test.user_id('bob@example.org'), 'x', '1970-01-01');
ROLLBACK;

-- a function that runs as its owner and is open to tenants asks whose the rows are; the exceptions tell nothing of others
SELECT p.oid::regprocedure AS asks_nobody FROM pg_proc p WHERE p.pronamespace = 'leap'::regnamespace AND p.prosecdef
  AND has_function_privilege('leap_user', p.oid, 'EXECUTE') AND p.prorettype <> 'trigger'::regtype
  AND p.prosrc !~ 'may_see|current_user_id|recording_conditions|tasks_owner|visible_task|acting_user|statistics_scope|visible_source|visible_recording|own_template|own_preset|own_recording|own_share|own_webhook|own_job|account_owner|walled_user|operate_one|do_stage|captioned_recording|require_topics_change|recording_items|leap.add_recording\('
ORDER BY p.oid::regprocedure::text;

-- who may see what, through functions of the owner
SELECT leap.may_see(test.user_id('ann@example.org')) AS a_superuser;
BEGIN;
GRANT EXECUTE ON FUNCTION leap.may_see(uuid), leap.calls_as_operator() TO leap_user;
SELECT test.become('ann@example.org');
SELECT leap.may_see(test.user_id('ann@example.org')) AS own, leap.may_see(test.user_id('bob@example.org')) AS of_another, leap.may_see(NULL) AS of_nobody;
ROLLBACK;
DELETE FROM leap.users WHERE email IN ('ann@example.org', 'bob@example.org');
