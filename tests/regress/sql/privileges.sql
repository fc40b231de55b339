-- Who may do what: every grant, listed.
\pset format unaligned
\pset footer off
SELECT p.proname AS function, string_agg(g.rolname, ', ' ORDER BY g.rolname) AS may_execute
FROM pg_proc p CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
LEFT JOIN pg_roles r ON r.oid = a.grantee CROSS JOIN LATERAL (SELECT coalesce(r.rolname, 'PUBLIC') AS rolname) g
WHERE p.pronamespace = 'leap'::regnamespace AND a.privilege_type = 'EXECUTE' AND a.grantee <> p.proowner
GROUP BY p.proname ORDER BY 2, 1;

SELECT c.relname AS relation, string_agg(DISTINCT r.rolname || ' ' || a.privilege_type, ', ') AS may
FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
WHERE c.relnamespace = 'leap'::regnamespace AND a.grantee <> c.relowner GROUP BY 1 ORDER BY 1;

-- columns that may be written (what may be read is tried below)
SELECT c.relname AS relation, string_agg(t.attname, ', ' ORDER BY t.attnum) AS columns, r.rolname || ' ' || a.privilege_type AS may
FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid CROSS JOIN LATERAL aclexplode(t.attacl) a JOIN pg_roles r ON r.oid = a.grantee
WHERE c.relnamespace = 'leap'::regnamespace AND a.privilege_type <> 'SELECT' GROUP BY 1, 3 ORDER BY 1, 3;

-- everything belongs to the owner, and what runs as the owner pins its search path
SELECT count(*) FROM pg_class WHERE relnamespace = 'leap'::regnamespace AND relowner <> 'leap_owner'::regrole;
SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'leap'::regnamespace AND p.prosecdef AND p.proconfig IS NULL;

-- nothing is open to everybody, nor will be what is made later
SELECT p.oid::regprocedure AS open_to_all FROM pg_proc p WHERE p.pronamespace = 'leap'::regnamespace AND has_function_privilege('public', p.oid, 'EXECUTE');
SELECT d.defaclobjtype, a.grantee::regrole, a.privilege_type FROM pg_default_acl d CROSS JOIN LATERAL aclexplode(d.defaclacl) a WHERE d.defaclrole = 'leap_owner'::regrole;
SELECT p.name AS privilege, has_database_privilege('public', current_database(), p.name) AS of_the_database, has_schema_privilege('public', 'public', nullif(p.name, 'TEMPORARY')) AS of_public
FROM unnest('{CREATE,TEMPORARY}'::text[]) AS p(name);

-- what runs with the rights of who calls names only what he may call (of a filter the name stands in a text that the owner runs)
SELECT r.rolname AS role, p.oid::regprocedure AS calls, c.oid::regprocedure AS and_cannot
FROM pg_roles r, pg_proc p CROSS JOIN LATERAL (SELECT DISTINCT m[1] AS name FROM regexp_matches(p.prosrc, 'leap\.(\w+)\(', 'g') m) n
JOIN pg_proc c ON c.proname = n.name AND c.pronamespace = 'leap'::regnamespace
WHERE p.pronamespace = 'leap'::regnamespace AND NOT p.prosecdef AND r.rolname IN ('leap_anon', 'leap_user', 'leap_operator', 'leap_worker', 'leap_gateway')
  AND has_function_privilege(r.oid, p.oid, 'EXECUTE') AND NOT has_function_privilege(r.oid, c.oid, 'EXECUTE') ORDER BY 1, 2;

-- a worker can run the protocol and read no table
SET ROLE leap_worker;
SELECT * FROM leap.tasks;
SELECT * FROM leap.users;
SELECT leap.cancel_recording('018f0000-0000-7000-8000-000000000000');
SELECT leap.tick('worker') IS NOT NULL AS may_ring;
-- an operator reads, but neither fences nor secrets, and writes only through operations
SET ROLE leap_operator;
SELECT count(*) > 0 AS reads FROM leap.recordings;
SELECT count(*) >= 0 AS reads FROM leap.tasks WHERE state = 'running';
SELECT fence FROM leap.task_lease;
SELECT fence FROM leap.tasks;
SELECT secret_hash FROM leap.workers;
UPDATE leap.recordings SET display_name = 'x';
SELECT leap.move('step', 'UPLOADED');
SELECT leap.settle('{}', 'step');
RESET ROLE;
