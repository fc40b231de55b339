-- Writes docs/sql.md: what the database says about its own objects, from COMMENT ON.
\pset format unaligned
\pset tuples_only on

SELECT '# Tables, views and functions

Generated from the comments in the database by `make docs`; not to be edited. `\dt+ leap.*`
and `\df+ leap.*` in psql show the same. Trigger functions are left out.';

SELECT format(E'\n## %s of schema %s\n\n| name | what it is |\n|---|---|\n%s',
              CASE kind WHEN 'v' THEN 'Views' ELSE 'Tables' END, schema,
              string_agg(format('| `%s` | %s |', name, comment), E'\n' ORDER BY name COLLATE "C"))
FROM (
    SELECT n.nspname AS schema, c.relname AS name,
           CASE WHEN c.relkind IN ('v', 'm') THEN 'v' ELSE 't' END AS kind,
           replace(obj_description(c.oid, 'pg_class'), '|', '\|') AS comment
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('leap', 'api') AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
) AS relation
GROUP BY schema, kind
ORDER BY schema DESC, kind;

SELECT format(E'\n## Functions of schema %s\n%s', schema,
              string_agg(format(E'\n### %s\n\n`%s`\n\n%s', name, signature, comment), E'\n'
                         ORDER BY name COLLATE "C", signature COLLATE "C"))
FROM (
    SELECT n.nspname AS schema, p.proname AS name,
           format('%I.%I(%s) returns %s', n.nspname, p.proname, pg_get_function_arguments(p.oid),
                  pg_get_function_result(p.oid)) AS signature,
           obj_description(p.oid, 'pg_proc') AS comment
    FROM pg_proc p
    JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname IN ('leap', 'api') AND p.prorettype <> 'trigger'::regtype
) AS callable
GROUP BY schema
ORDER BY schema DESC;
