-- Writes docs/pipeline.md: the state machines as the guard enforces them, from leap.fsm().
\pset format unaligned
\pset tuples_only on
\pset fieldsep ' '

SELECT '# The state machines

Generated from `leap.fsm()` by `make docs`; not to be edited. The table behind it is
`extension/fsm.c`; the guard refuses every other move. A birth comes from nothing; moves from
any status are left out of the diagrams. What an event is: docs/architecture.md.';

WITH machine AS (
    SELECT entity, min(n) AS n
    FROM leap.fsm() WITH ORDINALITY AS f (entity, from_status, to_status, event, comment, n)
    GROUP BY entity
), move AS (
    SELECT f.entity, f.n, coalesce(f.from_status, '') AS from_status, f.to_status, f.event,
           coalesce(f.comment, '') AS comment
    FROM leap.fsm() WITH ORDINALITY AS f (entity, from_status, to_status, event, comment, n)
), arrow AS (
    SELECT entity, min(n) AS n, from_status, to_status,
           string_agg(event, ', ' ORDER BY n) AS events
    FROM move
    GROUP BY entity, from_status, to_status
)
SELECT format(E'\n## %s\n\n```mermaid\nstateDiagram-v2\n%s\n```\n\n| from | to | event | meaning |\n|---|---|---|---|\n%s',
              m.entity,
              (SELECT string_agg(format('    %s --> %s: %s',
                                        CASE from_status WHEN '' THEN '[*]' ELSE from_status END,
                                        to_status, events), E'\n' ORDER BY n)
               FROM arrow WHERE entity = m.entity AND from_status <> '*'),
              (SELECT string_agg(format('| %s | %s | %s | %s |', CASE from_status WHEN '*' THEN 'any' ELSE from_status END, to_status, event, comment),
                                 E'\n' ORDER BY n)
               FROM move WHERE entity = m.entity))
FROM machine m
ORDER BY m.n;
