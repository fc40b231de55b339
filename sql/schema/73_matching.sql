-- Which template a recording belongs to, and writing that down.
--
-- Templates that are active, no drafts and not the default one are tried in the order they were made; the first whose
-- rules match wins (extension/match_sql.c says how they match). What a person decided, that a recording has this
-- template or none (template_by = user), no rule changes; nor is anything changed that runs or is published.
-- Lock order: recordings -> templates.

CREATE OR REPLACE FUNCTION leap.rules_of(of_user uuid, candidates uuid[] = NULL, also uuid = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(t.matching_rules || jsonb_build_object('id', t.id, 'name', t.name) ORDER BY t.created_at, t.id), '[]')
    FROM leap.recording_templates t
    WHERE t.user_id = of_user AND NOT t.is_default AND t.matching_rules ?| '{exact_matches,keywords,patterns}'
      AND ((t.is_active AND NOT t.is_draft AND (candidates IS NULL OR t.id = ANY (candidates))) OR t.id = also)
$$;
COMMENT ON FUNCTION leap.rules_of(uuid, uuid[], uuid) IS
'The rules of a user''s templates that take part in matching, in their order, each with its id and name: all, or of these candidates, and in any case the one named by also.';

CREATE OR REPLACE FUNCTION leap.match_names(of_user uuid, names text[], sources uuid[], candidates uuid[] = NULL)
RETURNS TABLE (n int, template uuid, rule text, note text) LANGUAGE sql STABLE AS $$
    SELECT m.n, m.template, m.rule, m.note FROM leap.first_matches(leap.rules_of(of_user, candidates), names, sources) m
$$;
COMMENT ON FUNCTION leap.match_names(uuid, text[], uuid[], uuid[]) IS
'Which of a user''s templates (all, or of these candidates) recordings with these names, from the sources at the same places, would get, and by which rule; for lectures that are no recordings yet. One row a name, n its place; without a template, note says what kept a pattern from being tried, or which exclusion kept a template away.';

-- Each name is judged once, however many recordings bear it.
DROP FUNCTION IF EXISTS leap.match_verdicts(uuid[], uuid[], uuid);
CREATE OR REPLACE FUNCTION leap.match_verdicts(recordings uuid[], candidates uuid[] = NULL, also uuid = NULL, seconds int = 3600)
RETURNS TABLE (recording uuid, template uuid, rule text, note text) LANGUAGE sql STABLE AS $$
    WITH name AS MATERIALIZED (
        SELECT r.user_id, r.display_name, r.input_source_id, array_agg(r.id) AS ids,
               row_number() OVER (PARTITION BY r.user_id ORDER BY r.display_name COLLATE "C", r.input_source_id) AS n
        FROM leap.recordings r WHERE r.id = ANY (recordings) GROUP BY r.user_id, r.display_name, r.input_source_id),
    owner AS MATERIALIZED (
        SELECT m.user_id, array_agg(m.display_name ORDER BY m.n) AS names, array_agg(m.input_source_id ORDER BY m.n) AS sources, array_agg(m.ids::text ORDER BY m.n) AS ids
        FROM name m GROUP BY m.user_id)
    -- side by side: joined, the rules would be tried anew for each name where the planner takes new recordings for few
    SELECT unnest(v.ids::uuid[]), v.template, v.rule, v.note
    FROM owner o CROSS JOIN LATERAL ROWS FROM (leap.first_matches(leap.rules_of(o.user_id, candidates, also), o.names, o.sources, seconds), unnest(o.ids)) AS v(n, template, rule, note, ids)
$$;
COMMENT ON FUNCTION leap.match_verdicts(uuid[], uuid[], uuid, int) IS
'leap.match_recordings() with a row for each recording: without a template, note says what kept a pattern from being tried, or which exclusion kept a template away. also: a template that takes part although it is inactive or a draft; seconds: processor time for patterns, at most leap.match_seconds.';

CREATE OR REPLACE FUNCTION leap.match_recordings(recordings uuid[], candidates uuid[] = NULL)
RETURNS TABLE (recording uuid, template uuid, rule text) LANGUAGE sql STABLE AS $$
    SELECT v.recording, v.template, v.rule FROM leap.match_verdicts(recordings, candidates) v WHERE v.template IS NOT NULL
$$;
COMMENT ON FUNCTION leap.match_recordings(uuid[], uuid[]) IS
'The template that each of these recordings would get from rules, of all templates of its owner or of these candidates, and the rule that decides. No row: none. Nothing is changed.';

-- What rules may still decide.
CREATE OR REPLACE FUNCTION leap.left_to_rules(r leap.recordings)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT r.delete_state = 'active' AND r.template_by IS DISTINCT FROM 'user'
       AND (r.status IN ('PENDING_SOURCE', 'INITIALIZED', 'DOWNLOADED', 'PROCESSED', 'TRANSCRIBED', 'FAILED')
            OR (r.status = 'SKIPPED' AND r.unmatched_reason IS NOT NULL))
$$;
COMMENT ON FUNCTION leap.left_to_rules(leap.recordings) IS
'leap.open_to_rules() but for active runs, for statements about many recordings, which look for those at once.';

CREATE OR REPLACE FUNCTION leap.open_to_rules(r leap.recordings)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT leap.left_to_rules(r) AND NOT EXISTS (SELECT FROM leap.runs u WHERE u.recording_id = r.id AND u.state = 'active')
$$;
COMMENT ON FUNCTION leap.open_to_rules(leap.recordings) IS
'Whether rules may give this recording a template: no person decided, no run is active, it is not published, not deleted, and skipped only because nothing matched.';

-- Writes verdicts down. The recordings are locked by the caller.
CREATE OR REPLACE FUNCTION leap.write_matches(recordings uuid[], templates uuid[], reasons text[], candidates uuid[])
RETURNS uuid[] LANGUAGE plpgsql AS $$
DECLARE
    bound uuid[];
    used uuid[];
    gone uuid[];
BEGIN
    WITH verdict AS (SELECT v.* FROM unnest(recordings, templates, reasons) AS v(recording, template, reason)),
    written AS (
        UPDATE leap.recordings r
        SET template_id = x.template, template_by = CASE WHEN x.template IS NULL THEN NULL ELSE 'rule' END,
            unmatched_reason = CASE WHEN x.template IS NULL THEN v.reason END,
            status = CASE WHEN r.status = 'SKIPPED' AND x.template IS NOT NULL THEN leap.move('unskip', 'INITIALIZED') ELSE r.status END,
            updated_at = now()
        FROM verdict v, leap.recordings o,
             -- what another list of templates gave stays until this one gives something else
             LATERAL (SELECT CASE WHEN v.template IS NULL AND candidates IS NOT NULL AND o.template_id <> ALL (candidates)
                                  THEN o.template_id ELSE v.template END AS template) x
        WHERE r.id = v.recording AND o.id = r.id AND leap.left_to_rules(o)
          AND NOT EXISTS (SELECT FROM leap.runs u WHERE u.recording_id = o.id AND u.state = 'active')
          AND (x.template IS DISTINCT FROM o.template_id OR (x.template IS NULL AND v.reason IS DISTINCT FROM o.unmatched_reason))
        RETURNING r.id, r.template_id, o.template_id AS before)
    SELECT array_agg(w.id) FILTER (WHERE w.template_id IS NOT NULL),
           array_agg(w.template_id) FILTER (WHERE w.template_id IS DISTINCT FROM w.before AND w.template_id IS NOT NULL)
    INTO bound, used FROM written w;
    IF bound IS NULL THEN
        RETURN '{}';
    END IF;
    gone := leap.note_use(used);
    IF cardinality(gone) > 0 THEN       -- deleted since its rules were read
        UPDATE leap.recordings r SET template_id = NULL, template_by = NULL, unmatched_reason = 'the template was deleted'
        WHERE r.id = ANY (bound) AND r.template_id = ANY (gone);
    END IF;
    RETURN bound;
END
$$;
COMMENT ON FUNCTION leap.write_matches(uuid[], uuid[], text[], uuid[]) IS
'Gives each of these recordings, which the caller has locked, the template at the same place (null: none, with the reason there), as far as leap.open_to_rules() lets it. Returns those whose template changed to another.';

-- Templates are locked in the order of their ids.
CREATE OR REPLACE FUNCTION leap.note_use(templates uuid[])
RETURNS uuid[] LANGUAGE plpgsql AS $$
DECLARE
    there uuid[] := ARRAY(SELECT t.id FROM leap.recording_templates t WHERE t.id = ANY (templates) ORDER BY t.id FOR NO KEY UPDATE);
BEGIN
    UPDATE leap.recording_templates t SET used_count = t.used_count + c.n, last_matched_at = leap.clock()
    FROM (SELECT u, count(*) AS n FROM unnest(templates) u GROUP BY u) c WHERE t.id = c.u AND t.id = ANY (there);
    RETURN ARRAY(SELECT DISTINCT u FROM unnest(templates) u WHERE u <> ALL (there));
END
$$;
COMMENT ON FUNCTION leap.note_use(uuid[]) IS
'Counts that these templates, as often as they are named, were given to recordings. Returns those that are not there any more.';

DROP FUNCTION IF EXISTS leap.apply_matches(uuid[], uuid[]);
CREATE OR REPLACE FUNCTION leap.apply_matches(recordings uuid[], candidates uuid[] = NULL, seconds int = 3600)
RETURNS TABLE (recording uuid, template uuid) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    ids uuid[] := ARRAY(SELECT r.id FROM leap.recordings r WHERE r.id = ANY (recordings) ORDER BY r.id FOR NO KEY UPDATE);
BEGIN
    PERFORM leap.write_matches(array_agg(v.recording), array_agg(v.template), array_agg(coalesce(v.note, 'no template matches')), candidates)
    FROM leap.match_verdicts(ids, candidates, seconds => seconds) v;
    RETURN QUERY
        SELECT r.id, r.template_id FROM leap.recordings r
        WHERE r.id = ANY (ids) AND r.template_id IS NOT NULL AND (candidates IS NULL OR r.template_id = ANY (candidates))
        ORDER BY r.id;
END
$$;
COMMENT ON FUNCTION leap.apply_matches(uuid[], uuid[], int) IS
'Gives these recordings the templates that rules choose for them, of all of their owner''s or of these candidates; the others keep the reason in unmatched_reason. A choice of a person, what runs and what is published stay as they are; what was skipped because nothing matched is taken back in. Returns the recordings that now have a template, or one of the candidates, with it: also those to which a person gave it. Patterns get so many seconds of processor time, at most leap.match_seconds.';
