-- Writes the second part of docs/configuration.md: the settings leap.* of the server.
\pset format unaligned
\pset tuples_only on

LOAD 'leap';

SELECT '
## Settings of the server

Superuser settings: `ALTER SYSTEM SET leap.… = …`, or `ALTER DATABASE … SET leap.… = …`, then
`SELECT pg_reload_conf()`.

| setting | default | unit | meaning |
|---|---|---|---|';

SELECT format('| `%s` | %s | %s | %s |', name,
              CASE WHEN boot_val IS NULL OR boot_val = '' THEN '' ELSE '`' || boot_val || '`' END,
              coalesce(unit, CASE WHEN enumvals IS NOT NULL THEN array_to_string(enumvals, ', ') ELSE '' END),
              short_desc || coalesce(' ' || extra_desc, ''))
FROM pg_settings
WHERE name LIKE 'leap.%'
ORDER BY name COLLATE "C";
