-- Metrics: every line is one Prometheus understands, every metric is announced, and figures are the truth.
SELECT leap.tick('hand') IS NOT NULL AS rung;
SELECT leap.roll_statistics() >= 0 AS rolled, leap.recount_tasks() >= 0 AS counted, leap.count_limits() >= 0 AS limits;
CREATE TABLE test.metric_lines AS SELECT line, n FROM string_to_table(leap.metrics(), E'\n') WITH ORDINALITY AS l (line, n);
SELECT line FROM test.metric_lines
WHERE line <> '' AND line !~ '^# (HELP [a-z_]+ [^\\]+|TYPE [a-z_]+ (gauge|counter|histogram))$'
  AND line !~ '^leap_[a-z_]+(\{[a-z_]+="([^"\\]|\\[\\"n])*"(,[a-z_]+="([^"\\]|\\[\\"n])*")*\})? (\+Inf|-?\d+(\.\d+)?(e[+-]?\d+)?)$';
CREATE VIEW test.metrics AS
SELECT substring(line FROM '^[a-z_]+') AS name, coalesce(substring(line FROM '\{.*\}'), '') AS labels, replace(substring(line FROM ' (\S+)$'), '+Inf', 'Infinity')::float8 AS value, n
FROM test.metric_lines WHERE line LIKE 'leap%';
-- each family once, its lines together, no line twice
SELECT name, labels FROM test.metrics GROUP BY name, labels HAVING count(*) > 1;
SELECT count(*) AS twice FROM (SELECT line FROM test.metric_lines WHERE line LIKE '# TYPE%' GROUP BY line HAVING count(*) > 1) x;
-- announced and shown: what is missing has nothing to show here
SELECT m.name, m.type FROM leap.metric_names() m WHERE NOT EXISTS (SELECT FROM test.metrics x WHERE regexp_replace(x.name, '_(bucket|sum|count)$', '') = m.name) ORDER BY 1;
SELECT DISTINCT x.name FROM test.metrics x WHERE regexp_replace(x.name, '_(bucket|sum|count)$', '') NOT IN (SELECT m.name FROM leap.metric_names() m);
SELECT name FROM leap.metric_names() WHERE (type = 'counter') <> (name LIKE '%\_total');
-- no label grows with use
SELECT DISTINCT substring(l[1] FROM '^[a-z]+') AS label FROM test.metrics, regexp_matches(labels, '([a-z]+=")', 'g') l ORDER BY 1;
SELECT leap.metric_labels('a', E'say "x"\\\nnow', 'b', NULL, 'c', 'é') AS escaped;

-- the truth
SELECT x.labels, x.value, t.n FROM test.metrics x
JOIN (SELECT leap.metric_labels('kind', kind, 'state', state) AS labels, count(*) AS n FROM leap.tasks GROUP BY kind, state) t USING (labels)
WHERE x.name = 'leap_tasks' AND x.value <> t.n;
SELECT sum(value) = (SELECT count(*) FROM leap.task_ready) AS ready FROM test.metrics WHERE name = 'leap_queue_tasks' AND labels LIKE '%ready%';
SELECT sum(value) = (SELECT count(*) FROM leap.task_lease) AS running FROM test.metrics WHERE name = 'leap_queue_tasks' AND labels LIKE '%running%';
SELECT bool_and(b.value = c.value) AS infinity_is_count FROM test.metrics b JOIN test.metrics c ON c.name = regexp_replace(b.name, '_bucket$', '_count') AND b.labels = replace(c.labels, '}', ',le="+Inf"}')
WHERE b.name LIKE '%\_bucket';
SELECT count(*) AS falling FROM (SELECT value < lag(value, 1, 0::float8) OVER (PARTITION BY name, regexp_replace(labels, ',le=.*', '') ORDER BY n) AS falls FROM test.metrics WHERE name LIKE '%\_bucket') x WHERE falls;
SELECT value > 0 AS sounds FROM test.metrics WHERE name = 'leap_bell_age_seconds' AND labels LIKE '%hand%';
-- who should ring and never did is not left out: what is missing raises no alarm
BEGIN;
DELETE FROM leap.bells;
SELECT l AS nobody FROM string_to_table(leap.metrics(), E'\n') l WHERE l LIKE 'leap_bell_%';
SET LOCAL leap.bell = 'worker';
SELECT l AS nobody FROM string_to_table(leap.metrics(), E'\n') l WHERE l LIKE 'leap_bell_%';
ROLLBACK;

-- counters only grow, also when what they counted is deleted
CREATE TABLE test.counted AS SELECT name, labels, value FROM test.metrics WHERE name ~ '_(total|bucket|count|sum)$';
DELETE FROM leap.users WHERE email = 'stat@example.org';
SELECT leap.roll_statistics() >= 0 AS rolled;
SELECT c.name, c.labels, c.value, (SELECT substring(l FROM ' (\S+)$') FROM string_to_table(leap.metrics(), E'\n') l WHERE l LIKE replace(replace(c.name || c.labels, '\', '\\'), '_', '\_') || ' %') AS now
FROM test.counted c WHERE c.value > 0 AND c.name LIKE '%finished_total' AND c.value > (SELECT substring(l FROM ' (\S+)$')::float8 FROM string_to_table(leap.metrics(), E'\n') l
    WHERE l LIKE replace(replace(c.name || c.labels, '\', '\\'), '_', '\_') || ' %');
-- who may look
SELECT r.role, has_function_privilege(r.role, 'leap.metrics()', 'EXECUTE') AS may FROM unnest('{leap_worker,leap_operator,leap_user}'::text[]) AS r (role);
SET ROLE leap_worker;
SELECT length(leap.metrics()) > 10000 AS a_worker_may;
RESET ROLE;
