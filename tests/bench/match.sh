#!/bin/bash
# tests/bench/match.sh [ROUNDS]
#     How long it takes to match 10,000 recordings of one user against his 200 templates, each
#     with three keywords, two patterns, three words and two patterns to exclude, in one
#     statement; the same without patterns; and writing the result down. Beside it: the same
#     rules asked one by one in SQL, for 100 of the recordings.
# shellcheck source=tests/bench/server.bash
. "$(dirname "$0")/server.bash"

rounds=${1:-5}

sql >/dev/null <<'SQL'
SELECT leap.add_user('match@example.org');
SET session_replication_role = replica;
INSERT INTO leap.recordings (user_id, display_name, source, status, delete_state)
SELECT u.id, (ARRAY['Linear algebra', 'Operating systems', 'Математический анализ', 'Теория вероятностей', 'History of art', 'Organic chemistry'])[1 + i % 6]
    || ', ' || (ARRAY['lecture', 'seminar', 'лекция', 'Практическое занятие'])[1 + i % 4] || ' ' || i
    || ', group ' || (ARRAY['AB', 'CD', 'МГ', 'EF'])[1 + i / 7 % 4] || '-' || i % 997 || ' (autumn term)',
    '{"type": "url", "url": "https://example.org/a"}', 'INITIALIZED', 'active'
FROM leap.users u, generate_series(1, 10000) i;
RESET session_replication_role;
INSERT INTO leap.recording_templates (user_id, name, matching_rules)
SELECT u.id, 'Template ' || i, jsonb_build_object(
    'keywords', jsonb_build_array('course ' || i, 'предмет ' || i, 'subject no ' || i),
    'patterns', jsonb_build_array(format('group (AB|CD|МГ)-%s\y', i * 5), format('^(Organic|History).*(seminar|лекция) \d*%s,', 100 + i)),
    'exclude_keywords', jsonb_build_array('test', 'пробный', 'draft ' || i),
    'exclude_patterns', jsonb_build_array(format('\(repeat of %s\)', i), '^(copy|копия) \d+'))
FROM leap.users u, generate_series(1, 200) i;
ANALYZE leap.recordings, leap.recording_templates;
CREATE SCHEMA bench;
-- the median time of a statement in milliseconds, and the rows it gave
CREATE FUNCTION bench.measure(statement text, rounds int) RETURNS TABLE (ms numeric, hits bigint) LANGUAGE plpgsql AS $$
DECLARE
    took numeric[] := '{}';
    began timestamptz;
BEGIN
    FOR i IN 1..rounds LOOP
        began := clock_timestamp();
        EXECUTE format('SELECT count(*) FROM (%s) x', statement) INTO hits;
        took[i] := 1000 * extract(epoch FROM clock_timestamp() - began);
    END LOOP;
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY t) INTO ms FROM unnest(took) t;
    RETURN NEXT;
END $$;
SQL

all='(SELECT array_agg(id) FROM leap.recordings)'

# measure LABEL STATEMENT ROUNDS
measure()
{
    local ms hits

    IFS='|' read -r ms hits <<<"$(sql -c "SELECT round(ms), hits FROM bench.measure(\$\$$2\$\$, $3)")"
    printf '%-60s %8s ms %8s found\n' "$1" "$ms" "$hits"
}

measure '10,000 recordings against 200 templates' "SELECT FROM leap.match_recordings($all)" "$rounds"
measure '  without their patterns' "SELECT FROM leap.first_matches((SELECT jsonb_agg(t.matching_rules - '{patterns,exclude_patterns}'::text[] || jsonb_build_object('id', t.id))
    FROM leap.recording_templates t), (SELECT array_agg(r.display_name) FROM leap.recordings r), '{}') WHERE template IS NOT NULL" "$rounds"
measure '  100 of them, rule by rule in SQL' "SELECT FROM (SELECT * FROM leap.recordings ORDER BY id LIMIT 100) r WHERE EXISTS (
    SELECT FROM leap.recording_templates t
    WHERE NOT EXISTS (SELECT FROM jsonb_array_elements_text(t.matching_rules->'exclude_keywords') k WHERE position(lower(k) IN lower(r.display_name)) > 0)
      AND (EXISTS (SELECT FROM jsonb_array_elements_text(t.matching_rules->'keywords') k WHERE position(lower(k) IN lower(r.display_name)) > 0)
           OR EXISTS (SELECT FROM jsonb_array_elements_text(t.matching_rules->'patterns') p WHERE r.display_name ~* p))
      AND NOT EXISTS (SELECT FROM jsonb_array_elements_text(t.matching_rules->'exclude_patterns') p WHERE r.display_name ~* p))" 1
measure 'and written down, the first time' "SELECT FROM leap.apply_matches($all)" 1
measure 'asked again, nothing to write' "SELECT FROM leap.apply_matches($all)" "$rounds"
