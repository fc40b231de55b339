-- Writes docs/routes.md from leap.routes() and the arguments of the functions.
\pset format unaligned
\pset tuples_only on

SELECT '# Paths of the REST API

Generated from `leap.routes()`; do not edit. Every path is found below `/api/v1`; those of two or more names also without it. Names in
braces, parameters of the query and members of a JSON body are arguments of the function, which is also `/rpc/<function>`. How to use
them: [api.md](api.md).

What the server itself answers, beside this table:

| path | what it does |
|---|---|
| `GET /` | the OpenAPI document of the views and functions that whoever asks may use |
| `POST /uploads`, `POST /api/v1/recordings` with a file | a recording from a file: the body itself, or a form ([serve.md](serve.md)) |
| `GET /files/{artifact}` | the bytes of a file, by a token or a signed link; parts of it by `Range` |
| `GET /events` | what happens, as a stream ([events.md](events.md)) |
| `GET /health/live`, `/health/ready`, `/metrics` | for operators ([serve.md](serve.md)) |
';

WITH route AS (
    SELECT r.*, split_part(r.path, '/', 2) AS part, p.proargnames[1:p.pronargs] AS names, p.pronargs - p.pronargdefaults AS needed,
           has_function_privilege('leap_anon', p.oid, 'EXECUTE') AS open, NOT has_function_privilege('leap_user', p.oid, 'EXECUTE') AS for_admins
    FROM leap.routes() WITH ORDINALITY AS r(method, path, function, arguments, body, status, comment, n)
    JOIN pg_proc p ON p.proname = r.function AND p.pronamespace = 'api'::regnamespace),
line AS (
    SELECT r.part, r.n, format('| `%s %s` | `%s`%s | %s | %s |', r.method, r.path, r.function,
               coalesce((SELECT string_agg(format(' %s=%s', a.key, a.value #>> '{}'), '' ORDER BY a.key) FROM jsonb_each(r.arguments) a), ''),
               coalesce((SELECT string_agg(CASE WHEN x.n <= r.needed THEN format('**%s**', x.name) ELSE x.name END, ', ' ORDER BY x.n)
                         FROM unnest(r.names) WITH ORDINALITY AS x(name, n)
                         WHERE r.path NOT LIKE '%{' || x.name || '}%' AND NOT r.arguments ? x.name), ''),
               concat_ws('; ', replace(r.comment, '|', '\|'), CASE WHEN r.body IS NOT NULL THEN format('the body is %s', r.body) END, CASE WHEN r.status > 200 THEN r.status::text END,
                         CASE WHEN r.open THEN 'needs no token' WHEN r.for_admins THEN 'administrators' END)) AS text
    FROM route r)
SELECT format(E'## /%s\n\n| path | function | arguments (**needed**) | what it does |\n|---|---|---|---|\n%s\n', l.part, string_agg(l.text, E'\n' ORDER BY l.n))
FROM line l GROUP BY l.part ORDER BY min(l.n);
