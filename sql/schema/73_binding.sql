-- What people do with templates and recordings: choose one, ask the rules again, see what rules would do.
--
-- Lock order: recordings -> template.

CREATE OR REPLACE FUNCTION leap.own_recording(recording uuid)
RETURNS leap.recordings LANGUAGE plpgsql AS $$
DECLARE
    r leap.recordings;
BEGIN
    SELECT x.* INTO r FROM leap.recordings x
    WHERE x.id = recording AND x.delete_state = 'active' AND leap.may_see(x.user_id) FOR NO KEY UPDATE;
    IF r.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', recording), 'A list of recordings shows those there are.');
    END IF;
    RETURN r;
END
$$;
COMMENT ON FUNCTION leap.own_recording(uuid) IS 'Locks a recording of the caller, or, for an operator, of anybody, and returns it. Error LP020.';

CREATE OR REPLACE FUNCTION leap.choose_template(r leap.recordings, template uuid, chosen_by text)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    t leap.recording_templates;
BEGIN
    IF template IS NOT NULL THEN
        SELECT x.* INTO t FROM leap.recording_templates x WHERE x.id = template AND x.user_id = r.user_id FOR NO KEY UPDATE;
        IF t.id IS NULL THEN
            PERFORM leap.refuse('LP020', format('there is no template %s', template), 'It must belong to the owner of the recording.');
        ELSIF t.is_default THEN
            PERFORM leap.refuse('LP030', format('"%s" is the default template', t.name), 'It lies beneath every recording anyway; choose another one, or none.');
        END IF;
        PERFORM leap.note_use(ARRAY[t.id]) WHERE r.template_id IS DISTINCT FROM t.id;
    END IF;
    UPDATE leap.recordings x SET template_id = t.id, template_by = chosen_by, unmatched_reason = NULL, updated_at = now() WHERE x.id = r.id;
    PERFORM leap.audit(CASE WHEN t.id IS NULL THEN 'unbind' ELSE 'bind' END, 'recording', r.id::text,
                       jsonb_build_object('template', r.template_id, 'by', r.template_by), jsonb_build_object('template', t.id, 'by', chosen_by));
    RETURN jsonb_build_object('recording', r.id, 'template', t.id, 'name', t.name, 'by', chosen_by);
END
$$;
COMMENT ON FUNCTION leap.choose_template(leap.recordings, uuid, text) IS
'Gives a locked recording a template, or none, chosen by user or (null) left to rules. Returns {recording, template, name, by}.';

CREATE OR REPLACE FUNCTION leap.bind_template(recording uuid, template uuid)
RETURNS jsonb LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT leap.choose_template(leap.own_recording(recording), template, 'user')
$$;
COMMENT ON FUNCTION leap.bind_template(uuid, uuid) IS
'Gives a recording a template for good: no rule changes it. It holds for runs that start from now on. Returns {recording, template, name, by}. Errors LP020, LP030 for the default template.';

CREATE OR REPLACE FUNCTION leap.unbind_template(recording uuid, for_good boolean = true)
RETURNS jsonb LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT leap.choose_template(leap.own_recording(recording), NULL, CASE WHEN for_good THEN 'user' END)
$$;
COMMENT ON FUNCTION leap.unbind_template(uuid, boolean) IS
'Takes the template off a recording: for good, so that no rule gives it another, or (for_good = false) until rules are asked again. Returns {recording, template, name, by}. Error LP020.';

-- Which recordings a rematch or a preview looks at.
CREATE OR REPLACE FUNCTION leap.rematchable(of_user uuid, unmapped boolean, source uuid = NULL, most int = NULL)
RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT r.id FROM leap.recordings r
                 WHERE r.user_id = of_user AND r.delete_state = 'active' AND (rematchable.source IS NULL OR r.input_source_id = rematchable.source)
                   AND (NOT unmapped OR (r.template_id IS NULL AND leap.open_to_rules(r)))
                 ORDER BY r.start_time DESC, r.id DESC LIMIT most)
$$;
COMMENT ON FUNCTION leap.rematchable(uuid, boolean, uuid, int) IS
'A user''s recordings, of one source if it is named, the newest first: all, or (unmapped) those without a template to which rules may give one.';

CREATE OR REPLACE FUNCTION leap.rematch_template(id uuid, only_unmapped boolean = true)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    t leap.recording_templates;
    ids uuid[];
    bound uuid[];
    won int;
BEGIN
    SELECT x.* INTO t FROM leap.recording_templates x WHERE x.id = rematch_template.id AND leap.may_see(x.user_id);
    IF t.id IS NULL THEN
        PERFORM leap.own_template(id);
    ELSIF t.is_default OR t.is_draft OR NOT t.is_active THEN
        PERFORM leap.refuse('LP030', format('"%s" is %s', t.name, CASE WHEN t.is_default THEN 'the default template' WHEN t.is_draft THEN 'a draft' ELSE 'not active' END),
                            'Only active templates are given to recordings by rules.');
    END IF;
    ids := leap.rematchable(t.user_id, only_unmapped);
    ids := ARRAY(SELECT r.id FROM leap.recordings r WHERE r.id = ANY (ids) AND leap.open_to_rules(r) ORDER BY r.id FOR NO KEY UPDATE);
    -- an earlier template that matches as well keeps its right
    SELECT leap.write_matches(array_agg(v.recording), array_agg(v.template), array_agg(v.note), ARRAY[t.id]), count(*)
    INTO bound, won FROM leap.match_verdicts(ids) v WHERE v.template = t.id;
    PERFORM leap.audit('rematch', 'template', t.id::text, NULL, jsonb_build_object('only_unmapped', only_unmapped, 'recordings', to_jsonb(bound)))
    WHERE cardinality(bound) > 0;
    RETURN jsonb_build_object('checked', cardinality(ids), 'matched', won, 'bound', to_jsonb(coalesce(bound, '{}')));
END
$$;
COMMENT ON FUNCTION leap.rematch_template(uuid, boolean) IS
'Gives a template to the recordings whose first match it is: to those without one, or (only_unmapped = false) also to those that rules gave another. A choice of a person, what runs and what is published stay as they are; what was skipped because nothing matched is taken back in. Returns {checked, matched, bound [ids]}. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION leap.preview_json(ids uuid[], verdicts jsonb, most int)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('total_checked', cardinality(ids), 'will_match_count', jsonb_array_length(verdicts), 'will_match', coalesce((
        SELECT jsonb_agg(jsonb_build_object('recording', r.id, 'name', r.display_name, 'status', r.status, 'start_time', r.start_time, 'source', r.input_source_id,
                                            'template', r.template_id, 'rule', v->'rule', 'stays', NOT leap.open_to_rules(r)) ORDER BY n)
        FROM jsonb_array_elements(verdicts) WITH ORDINALITY AS v(v, n) JOIN leap.recordings r ON r.id = (v->>'recording')::uuid WHERE n <= most), '[]'))
$$;
COMMENT ON FUNCTION leap.preview_json(uuid[], jsonb, int) IS 'What a preview answers.';

CREATE OR REPLACE FUNCTION leap.preview_template(template uuid, only_skipped boolean = true, source uuid = NULL, "limit" int = 100)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    t leap.recording_templates;
    ids uuid[];
BEGIN
    SELECT x.* INTO t FROM leap.recording_templates x WHERE x.id = preview_template.template AND leap.may_see(x.user_id);
    IF t.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no template %s', template), 'SELECT id, name FROM leap.recording_templates shows those there are.');
    END IF;
    ids := leap.rematchable(t.user_id, only_skipped, source, 10000);
    RETURN leap.preview_json(ids, (SELECT coalesce(jsonb_agg(jsonb_build_object('recording', v.recording, 'rule', v.rule) ORDER BY array_position(ids, v.recording)), '[]')
                                   FROM leap.match_verdicts(ids, NULL, t.id) v WHERE v.template = t.id), leap.preview_limit("limit"));
END
$$;
COMMENT ON FUNCTION leap.preview_template(uuid, boolean, uuid, int) IS
'Which recordings a template, also a draft, would get from rules, and by which: of those without a template to which rules may give one, or (only_skipped = false) of all, of one source if it is named; the newest 10000 are looked at. Recordings that an earlier template matches are not its own. Returns {total_checked, will_match_count, will_match [{recording, name, status, start_time, source, template, rule}, at most limit 1..500]}. Nothing is changed. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION leap.preview_limit("limit" int)
RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF "limit" NOT BETWEEN 1 AND 500 THEN
        PERFORM leap.refuse('LP030', format('a preview cannot list %s recordings', "limit"), 'It lists 1 to 500.');
    END IF;
    RETURN "limit";
END
$$;
COMMENT ON FUNCTION leap.preview_limit(int) IS 'The number of recordings a preview lists. Error LP030 beyond 1..500.';

CREATE OR REPLACE FUNCTION leap.preview_rules(rules jsonb, only_skipped boolean = true, source uuid = NULL, "limit" int = 100, "user" text = NULL)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.acting_user("user");
    clean jsonb := leap.clean_rules(rules, u.id);
    ids uuid[] := leap.rematchable(u.id, only_skipped, source, 10000);
    verdicts jsonb;
BEGIN
    SELECT coalesce(jsonb_agg(jsonb_build_object('recording', r.id, 'rule', v.rule) ORDER BY v.n), '[]') INTO verdicts
    FROM (SELECT array_agg(x.display_name ORDER BY i.n) AS names, array_agg(x.input_source_id ORDER BY i.n) AS sources
          FROM unnest(ids) WITH ORDINALITY AS i(id, n) JOIN leap.recordings x ON x.id = i.id) a
    CROSS JOIN LATERAL leap.first_matches(jsonb_build_array(clean || jsonb_build_object('id', u.id)), a.names, a.sources) v
    JOIN leap.recordings r ON r.id = ids[v.n]
    WHERE v.template IS NOT NULL;
    RETURN leap.preview_json(ids, verdicts, leap.preview_limit("limit"));
END
$$;
COMMENT ON FUNCTION leap.preview_rules(jsonb, boolean, uuid, int, text) IS
'leap.preview_template() for rules that are not saved yet; other templates are not looked at. Errors LP020, LP030 as when a template is saved.';

CREATE OR REPLACE FUNCTION leap.template_from_recording(recording uuid, name text, description text = NULL, match_pattern text = NULL, match_source boolean = false)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    r leap.recordings := leap.own_recording(recording);
BEGIN
    IF match_source AND r.input_source_id IS NULL THEN
        PERFORM leap.refuse('LP030', format('"%s" came from no source', r.display_name), 'Leave match_source out.');
    END IF;
    RETURN leap.add_template(jsonb_strip_nulls(jsonb_build_object('name', name, 'description', description,
        'matching_rules', CASE WHEN match_pattern IS NULL THEN jsonb_build_object('exact_matches', jsonb_build_array(r.display_name))
                               ELSE jsonb_build_object('patterns', jsonb_build_array(match_pattern)) END
                          || CASE WHEN match_source THEN jsonb_build_object('source_ids', jsonb_build_array(r.input_source_id)) ELSE '{}' END,
        'processing_config', jsonb_build_object('trimming', r.config->'trimming', 'transcription', r.config->'transcription'),
        'metadata_config', r.config->'metadata', 'output_config', r.config->'output')), r.user_id::text);
END
$$;
COMMENT ON FUNCTION leap.template_from_recording(uuid, text, text, text, boolean) IS
'Makes a template of a recording''s own configuration, for recordings of the same name, or that a pattern matches, from the same source only if match_source. Returns the id of the template. Errors as of leap.add_template().';
