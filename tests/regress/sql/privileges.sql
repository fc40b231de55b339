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

-- what may be read column by column
SELECT c.relname AS relation, r.rolname AS may_read, string_agg(t.attname, ', ' ORDER BY t.attnum) AS columns
FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid CROSS JOIN LATERAL aclexplode(t.attacl) a JOIN pg_roles r ON r.oid = a.grantee
WHERE c.relnamespace = 'leap'::regnamespace AND a.privilege_type = 'SELECT' GROUP BY 1, 2 ORDER BY 1, 2;

-- schema api: what is there, who may use it
SELECT c.relname AS relation, string_agg(DISTINCT r.rolname || ' ' || a.privilege_type, ', ') AS may
FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
WHERE c.relnamespace = 'api'::regnamespace AND a.grantee <> c.relowner GROUP BY 1 ORDER BY 1;
SELECT p.oid::regprocedure AS function, (SELECT string_agg(r.rolname, ', ' ORDER BY r.rolname) FROM aclexplode(p.proacl) a JOIN pg_roles r ON r.oid = a.grantee
                                         WHERE a.grantee <> p.proowner) AS may_execute
FROM pg_proc p WHERE p.pronamespace = 'api'::regnamespace ORDER BY p.oid::regprocedure::text;

-- it has views that read as the caller and functions that run as the caller, with comments, and nothing else
SELECT c.relname, c.relkind, c.reloptions FROM pg_class c
WHERE c.relnamespace = 'api'::regnamespace AND (c.relkind <> 'v' OR c.reloptions IS NULL OR 'security_invoker=true' <> ALL (c.reloptions));
SELECT c.oid::regclass AS without_comment FROM pg_class c WHERE c.relnamespace = 'api'::regnamespace AND c.relkind = 'v' AND obj_description(c.oid, 'pg_class') IS NULL
UNION ALL SELECT NULL FROM pg_proc p WHERE p.pronamespace = 'api'::regnamespace AND obj_description(p.oid, 'pg_proc') IS NULL AND p.prorettype <> 'trigger'::regtype;
SELECT p.oid::regprocedure AS runs_as_its_owner FROM pg_proc p WHERE p.pronamespace = 'api'::regnamespace AND p.prosecdef;
-- SQL that is put together at run time, of what a caller may say: each of these quotes (%I, %L) or takes from a table of constants
SELECT p.oid::regprocedure AS dynamic FROM pg_proc p WHERE p.pronamespace IN ('leap'::regnamespace, 'api'::regnamespace) AND p.prosrc ~* '\mEXECUTE\M'
  AND (has_function_privilege('leap_user', p.oid, 'EXECUTE') OR has_function_privilege('leap_anon', p.oid, 'EXECUTE')) ORDER BY p.oid::regprocedure::text;

-- roles: who logs in, what a role is beside that, who may become whom
SELECT r.rolname, array_to_string(ARRAY[CASE WHEN r.rolcanlogin THEN 'login' END, CASE WHEN NOT r.rolinherit THEN 'noinherit' END, CASE WHEN r.rolsuper THEN 'super' END,
    CASE WHEN r.rolcreaterole THEN 'createrole' END, CASE WHEN r.rolcreatedb THEN 'createdb' END, CASE WHEN r.rolreplication THEN 'replication' END,
    CASE WHEN r.rolbypassrls THEN 'bypassrls' END], ' ') AS is,
    (SELECT string_agg(g.rolname, ', ' ORDER BY g.rolname) FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid) AS member_of,
    (SELECT string_agg(c, ', ' ORDER BY c) FROM pg_db_role_setting s, unnest(s.setconfig) c WHERE s.setrole = r.oid AND s.setdatabase = 0) AS settings
FROM pg_roles r WHERE r.rolname LIKE 'leap\_%' ORDER BY 1;
-- those of requests own nothing at all
SELECT r.rolname AS owner, count(d.objid) AS things FROM pg_roles r LEFT JOIN pg_shdepend d ON d.refobjid = r.oid AND d.deptype = 'o' AND d.refclassid = 'pg_authid'::regclass
WHERE r.rolname IN ('leap_gateway', 'leap_anon', 'leap_user', 'leap_admin', 'leap_operator', 'leap_worker') GROUP BY 1 ORDER BY 1;

-- schemas, and what a role may do with the database; types have no grants of their own
SELECT n.nspname AS schema, string_agg(coalesce(nullif(a.grantee, 0)::regrole::text, 'PUBLIC') || ' ' || a.privilege_type, ', ' ORDER BY a.grantee::regrole::text, a.privilege_type) AS may
FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) a WHERE n.nspname IN ('leap', 'api', 'leap_crypto', 'public') AND a.grantee <> n.nspowner GROUP BY 1 ORDER BY 1;
SELECT r.rolname FROM pg_roles r WHERE r.rolname LIKE 'leap\_%'
  AND (has_database_privilege(r.oid, current_database(), 'CREATE') OR has_database_privilege(r.oid, current_database(), 'TEMPORARY') OR has_schema_privilege(r.oid, 'public', 'CREATE'));
SELECT r.rolname, n.nspname AS creates_in FROM pg_roles r, pg_namespace n WHERE r.rolname LIKE 'leap\_%' AND has_schema_privilege(r.oid, n.oid, 'CREATE') ORDER BY 1, 2;
SELECT t.typname FROM pg_type t WHERE t.typnamespace IN ('leap'::regnamespace, 'api'::regnamespace) AND t.typacl IS NOT NULL;

-- of the server's own functions and tables requests have what everybody has; nothing was granted to them
SELECT p.oid::regprocedure AS granted, a.grantee::regrole FROM pg_proc p CROSS JOIN LATERAL aclexplode(p.proacl) a
WHERE p.pronamespace = 'pg_catalog'::regnamespace AND a.grantee IN (SELECT oid FROM pg_roles WHERE rolname LIKE 'leap\_%');
SELECT c.oid::regclass AS granted, a.grantee::regrole FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
WHERE c.relnamespace = 'pg_catalog'::regnamespace AND a.grantee IN (SELECT oid FROM pg_roles WHERE rolname LIKE 'leap\_%');
-- neither files, programs nor other servers, not even for who could send SQL (the old forms and the signal ask for a superuser themselves)
SELECT p.oid::regprocedure AS reaches_out FROM pg_proc p CROSS JOIN pg_roles r
WHERE r.rolname IN ('leap_anon', 'leap_user', 'leap_admin', 'leap_gateway', 'leap_worker') AND has_function_privilege(r.oid, p.oid, 'EXECUTE')
  AND p.proname ~ '^(pg_read_|pg_write|pg_ls_|pg_stat_file|lo_import|lo_export|dblink|pg_terminate_backend|pg_reload_conf|pg_rotate_logfile|pg_promote|pg_file_)'
  AND p.proname !~ '_old$|^pg_terminate_backend$';

-- the policies, and what tenants read that belongs to nobody
SELECT p.polname, p.polcmd, (SELECT string_agg(o::regrole::text, ', ') FROM unnest(p.polroles) o) AS to_roles,
       regexp_replace(pg_get_expr(p.polqual, p.polrelid), '\m(user_id|id) =', 'owner =') AS using, pg_get_expr(p.polwithcheck, p.polrelid) AS with_check,
       count(*) = (SELECT count(*) FROM leap.tenant_tables()) AS on_all_tables
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = 'leap'::regnamespace GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4;
SELECT c.relname AS for_all FROM pg_class c WHERE c.relnamespace = 'leap'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND has_any_column_privilege('leap_user', c.oid, 'SELECT')
  AND c.oid NOT IN (SELECT name FROM leap.tenant_tables()) AND NOT (c.relkind = 'v' AND 'security_invoker=true' = ANY (c.reloptions)) ORDER BY 1;
-- a view that reads as its owner goes around the wall: for operators only
SELECT c.relname, r.rolname FROM pg_class c CROSS JOIN pg_roles r WHERE c.relnamespace = 'leap'::regnamespace AND c.relkind = 'v'
  AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false) AND r.rolname IN ('leap_user', 'leap_anon', 'leap_worker', 'leap_gateway') AND has_any_column_privilege(r.oid, c.oid, 'SELECT');

-- everything belongs to the owner, and what runs as the owner pins its search path, with what is temporary last
SELECT count(*) FROM pg_class WHERE relnamespace IN ('leap'::regnamespace, 'api'::regnamespace) AND relowner <> 'leap_owner'::regrole;
SELECT p.oid::regprocedure AS of_another FROM pg_proc p WHERE p.pronamespace IN ('leap'::regnamespace, 'api'::regnamespace) AND p.proowner <> 'leap_owner'::regrole
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e');
SELECT p.oid::regprocedure AS runs_as_its_owner, p.proconfig FROM pg_proc p WHERE p.pronamespace IN ('leap'::regnamespace, 'api'::regnamespace) AND p.prosecdef
  AND NOT coalesce(p.proconfig && '{"search_path=pg_catalog, leap, pg_temp","search_path=pg_catalog, pg_temp"}', false);

-- nothing is open to everybody, nor will be what is made later
SELECT p.oid::regprocedure AS open_to_all FROM pg_proc p WHERE p.pronamespace IN ('leap'::regnamespace, 'api'::regnamespace) AND has_function_privilege('public', p.oid, 'EXECUTE');
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
