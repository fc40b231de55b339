-- What every object in the database must have; each row printed is a violation.
\pset format unaligned
\pset tuples_only on

SELECT format('%s has no comment (COMMENT ON ...)', p.oid::regprocedure)
FROM pg_proc p
WHERE p.pronamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('leap', 'api'))
  AND p.prorettype <> 'trigger'::regtype
  AND obj_description(p.oid, 'pg_proc') IS NULL;

SELECT format('%s has no comment (COMMENT ON ...)', c.oid::regclass)
FROM pg_class c
WHERE c.relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('leap', 'api'))
  AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
  AND c.relname !~ '_default$'
  AND obj_description(c.oid, 'pg_class') IS NULL;

SELECT format('%s runs with the rights of its owner and does not pin search_path with pg_temp last',
              p.oid::regprocedure)
FROM pg_proc p
WHERE p.pronamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('leap', 'api'))
  AND p.prosecdef
  AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS setting
                  WHERE setting ~ '^search_path=pg_catalog, .*pg_temp$');
