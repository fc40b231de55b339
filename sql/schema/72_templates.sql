-- Templates: what is refused when one is saved, and what people do with them. Which recordings they match: 73_matching.sql.
--
-- Lock order: recordings -> template -> usage.

-- Words as people type them: trimmed, each once, empty ones gone.
CREATE OR REPLACE FUNCTION leap.clean_list(words jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_agg(to_jsonb(x.word) ORDER BY x.n)
    FROM (SELECT btrim(w.word, E' \t\r\n\u00A0') AS word, min(w.n) AS n
          FROM jsonb_array_elements_text(words) WITH ORDINALITY AS w(word, n) GROUP BY 1) x
    WHERE x.word <> ''
$$;
COMMENT ON FUNCTION leap.clean_list(jsonb) IS
'A list of words trimmed, without empty ones and repetitions, in the order of their first appearance; null if nothing is left.';

CREATE OR REPLACE FUNCTION leap.clean_rules(rules jsonb, owner uuid, before jsonb = '{}')
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    clean jsonb;
    bad record;
    lost text;
BEGIN
    PERFORM leap.check_values(rules, 'rules', 'matching_rules');
    SELECT coalesce(jsonb_object_agg(r.key, c.value) FILTER (WHERE c.value IS NOT NULL), '{}') INTO clean
    FROM jsonb_each(jsonb_strip_nulls(rules)) r
    CROSS JOIN LATERAL (SELECT CASE WHEN r.key = 'case_sensitive' THEN nullif(r.value, 'false') ELSE leap.clean_list(r.value) END AS value) c;
    SELECT l.key, CASE WHEN jsonb_array_length(l.value) > 100 THEN format('%s has %s entries', l.key, jsonb_array_length(l.value))
                       ELSE format('%s: "%s…" is too long', l.key, left(w.word, 50)) END AS message
    INTO bad
    FROM jsonb_each(clean - 'case_sensitive') l LEFT JOIN LATERAL (
        SELECT e.word FROM jsonb_array_elements_text(l.value) e(word) WHERE length(e.word) > 500 LIMIT 1) w ON true
    WHERE jsonb_array_length(l.value) > 100 OR w.word IS NOT NULL LIMIT 1;
    IF bad.key IS NOT NULL THEN
        PERFORM leap.refuse('LP030', bad.message, 'A list has at most 100 entries of at most 500 characters.');
    END IF;
    PERFORM leap.check_pattern(p.pattern, p.key)
    FROM (VALUES ('patterns'), ('exclude_patterns')) AS k(key)
    CROSS JOIN LATERAL (SELECT k.key, e.pattern FROM jsonb_array_elements_text(clean->k.key) e(pattern)) p
    WHERE NOT coalesce(before->k.key ? p.pattern, false);
    -- a source that was deleted since may stay: without it the rules would be for any source
    SELECT s.id INTO lost FROM jsonb_array_elements_text(clean->'source_ids') s(id)
    WHERE NOT coalesce(before->'source_ids' ? s.id, false)
      AND NOT EXISTS (SELECT FROM leap.input_sources i WHERE i.id = s.id::uuid AND i.user_id = owner);
    IF lost IS NOT NULL THEN
        PERFORM leap.refuse('LP030', format('source_ids: there is no source %s', lost), 'A template can name sources of its owner only.');
    END IF;
    RETURN clean;
END
$$;
COMMENT ON FUNCTION leap.clean_rules(jsonb, uuid, jsonb) IS
'Matching rules as they are kept: lists trimmed, without repetitions and empty ones. Error LP030 for unknown keys, lists that are too long, patterns that leap.check_pattern() refuses, and sources that are not the owner''s; what was there before is not checked again.';

CREATE OR REPLACE FUNCTION leap.template_layer(t leap.recording_templates)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT leap.own_config(jsonb_build_object(
        'trimming', t.processing_config->'trimming',
        'transcription', CASE WHEN t.processing_config ? 'transcription_vocabulary' THEN
            coalesce(t.processing_config->'transcription', '{}') || jsonb_build_object('vocabulary', leap.joined_lists(
                coalesce(t.processing_config #> '{transcription,vocabulary}', '[]'), t.processing_config->'transcription_vocabulary'))
            ELSE t.processing_config->'transcription' END,
        'metadata', t.metadata_config, 'output', t.output_config))
$$;
COMMENT ON FUNCTION leap.template_layer(leap.recording_templates) IS 'The three configurations of a template as one layer of a configuration.';

-- Whoever writes a template: the same rules.
CREATE OR REPLACE FUNCTION leap.guard_template()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.user_id <> OLD.user_id THEN
        PERFORM leap.refuse('LP030', 'the owner of a template cannot be changed', 'Add a template to the other user, then delete this one.');
    END IF;
    NEW.name := btrim(NEW.name);
    IF length(NEW.name) NOT BETWEEN 1 AND 255 THEN
        PERFORM leap.refuse('LP030', format('a template cannot be called "%s"', left(NEW.name, 300)), 'A name has 1 to 255 characters.');
    END IF;
    NEW.matching_rules := leap.clean_rules(NEW.matching_rules, NEW.user_id, CASE TG_OP WHEN 'UPDATE' THEN OLD.matching_rules ELSE '{}' END);
    PERFORM leap.check_keys(NEW.processing_config, '{trimming,transcription,transcription_vocabulary}', 'processing_config');
    PERFORM leap.check_config(jsonb_build_object('transcription', jsonb_build_object('vocabulary', NEW.processing_config->'transcription_vocabulary')));
    NEW.processing_config := jsonb_strip_nulls(NEW.processing_config);
    NEW.metadata_config := jsonb_strip_nulls(NEW.metadata_config);
    NEW.output_config := jsonb_strip_nulls(NEW.output_config);
    NEW.layer := leap.template_layer(NEW);
    PERFORM leap.check_config(NEW.layer);
    PERFORM leap.check_output(NEW.output_config, NEW.user_id);
    IF NEW.is_default AND (NEW.is_draft OR NOT NEW.is_active) THEN
        PERFORM leap.refuse('LP030', format('the default template "%s" cannot be %s', NEW.name, CASE WHEN NEW.is_draft THEN 'a draft' ELSE 'inactive' END),
                            'It lies beneath all others; let another one, or none, be the default first: leap.set_default_template().');
    END IF;
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER guard BEFORE INSERT OR UPDATE OF user_id, name, is_draft, is_active, is_default, matching_rules, processing_config, metadata_config, output_config, layer
    ON leap.recording_templates FOR EACH ROW EXECUTE FUNCTION leap.guard_template();

CREATE OR REPLACE FUNCTION leap.template_json(t leap.recording_templates)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT to_jsonb(t) - '{layer}'::text[] $$;
COMMENT ON FUNCTION leap.template_json(leap.recording_templates) IS 'A template as people see it.';

-- The caller's template, locked; another's is as if it were not there.
CREATE OR REPLACE FUNCTION leap.own_template(id uuid)
RETURNS leap.recording_templates LANGUAGE plpgsql AS $$
DECLARE
    t leap.recording_templates;
BEGIN
    SELECT x.* INTO t FROM leap.recording_templates x WHERE x.id = own_template.id AND leap.may_see(x.user_id) FOR NO KEY UPDATE;
    IF t.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no template %s', id), 'SELECT id, name FROM leap.recording_templates shows those there are.');
    END IF;
    RETURN t;
END
$$;
COMMENT ON FUNCTION leap.own_template(uuid) IS 'Locks a template of the caller, or, for an operator, of anybody, and returns it. Error LP020.';

CREATE OR REPLACE FUNCTION leap.refuse_taken_name(what text, name text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE unique_violation USING MESSAGE = format('there is a %s "%s" already', what, name), HINT = 'Names are unique for a user; choose another one.';
END
$$;
COMMENT ON FUNCTION leap.refuse_taken_name(text, text) IS 'Raises 23505: the user has a thing of this name.';

CREATE OR REPLACE FUNCTION leap.add_template(spec jsonb, "user" text = NULL)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.acting_user("user");
    t leap.recording_templates;
BEGIN
    PERFORM leap.check_values(spec, 'template', 'a template');
    spec := jsonb_strip_nulls(spec);
    IF NOT spec ? 'name' THEN
        PERFORM leap.refuse('LP030', 'a template without a name', 'Say {"name": "..."}.');
    END IF;
    INSERT INTO leap.recording_templates AS x (user_id, name, description, is_draft, is_active, matching_rules, processing_config, metadata_config, output_config)
    VALUES (u.id, btrim(spec->>'name'), spec->>'description', coalesce((spec->>'is_draft')::boolean, false), coalesce((spec->>'is_active')::boolean, true),
            coalesce(spec->'matching_rules', '{}'), coalesce(spec->'processing_config', '{}'), coalesce(spec->'metadata_config', '{}'),
            coalesce(spec->'output_config', '{}'))
    ON CONFLICT (user_id, name) DO NOTHING RETURNING x.* INTO t;
    IF t.id IS NULL THEN
        PERFORM leap.refuse_taken_name('template', btrim(spec->>'name'));
    END IF;
    PERFORM leap.audit('add', 'template', t.id::text, NULL, leap.template_json(t));
    RETURN t.id;
END
$$;
COMMENT ON FUNCTION leap.add_template(jsonb, text) IS
'Adds a template of a user and returns its id. spec: {name, description, is_draft = false, is_active = true, matching_rules {exact_matches, keywords, patterns, exclude_keywords, exclude_patterns, source_ids: lists; case_sensitive = false}, processing_config {trimming, transcription, transcription_vocabulary}, metadata_config, output_config {preset_ids, auto_upload, upload_captions, targets}}; only name must be there. Recordings get it from rules when they are synced, or by leap.rematch_template(). Errors: LP010 quota, LP020 user, LP030 values, LP031 text templates, 23505 name taken.';

CREATE OR REPLACE FUNCTION leap.change_template(id uuid, changes jsonb)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    standard constant jsonb := '{"is_draft": false, "is_active": true, "matching_rules": {}, "processing_config": {}, "metadata_config": {}, "output_config": {}}';
    t leap.recording_templates := leap.own_template(id);
    said leap.recording_templates;
    now_is leap.recording_templates;
BEGIN
    PERFORM leap.check_values(changes, 'template', 'a template');
    -- null sets back to the default; a name has none
    said := jsonb_populate_record(t, (
        SELECT coalesce(jsonb_object_agg(c.key, CASE c.value WHEN 'null' THEN coalesce(standard->c.key, 'null') ELSE c.value END), '{}')
        FROM jsonb_each(changes) c WHERE c.key <> 'name' OR c.value <> 'null'));
    IF EXISTS (SELECT FROM leap.recording_templates x WHERE x.user_id = t.user_id AND x.name = btrim(said.name) AND x.id <> t.id) THEN
        PERFORM leap.refuse_taken_name('template', btrim(said.name));
    END IF;
    UPDATE leap.recording_templates x SET name = said.name, description = said.description, is_draft = said.is_draft, is_active = said.is_active,
           matching_rules = said.matching_rules, processing_config = said.processing_config, metadata_config = said.metadata_config,
           output_config = said.output_config
    WHERE x.id = t.id RETURNING x.* INTO now_is;
    PERFORM leap.audit('change', 'template', t.id::text, leap.template_json(t), leap.template_json(now_is));
    RETURN leap.template_json(now_is);
END
$$;
COMMENT ON FUNCTION leap.change_template(uuid, jsonb) IS
'Changes what is named of a template (keys as in leap.add_template()) and returns it; null sets back to the default. A configuration or the rules are replaced as a whole. It holds for runs that start from now on; recordings keep their template until rules are asked again. Errors as of leap.add_template().';

-- A name nobody has yet.
CREATE OR REPLACE FUNCTION leap.free_name(wanted text, taken text[])
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT c.name FROM (SELECT left(wanted, 240) || CASE n WHEN 1 THEN '' ELSE format(' (%s)', n) END AS name, n
                        FROM generate_series(1, cardinality(taken) + 1) n) c
    WHERE c.name <> ALL (taken) ORDER BY c.n LIMIT 1
$$;
COMMENT ON FUNCTION leap.free_name(text, text[]) IS 'The wanted name, or the same with the first number in parentheses that is not taken.';

CREATE OR REPLACE FUNCTION leap.copy_template(id uuid, name text = NULL)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
#variable_conflict use_column
DECLARE
    t leap.recording_templates := leap.own_template(id);
    made leap.recording_templates;
BEGIN
    INSERT INTO leap.recording_templates AS x (user_id, name, description, is_draft, is_active, matching_rules, processing_config, metadata_config, output_config)
    VALUES (t.user_id, coalesce(btrim(copy_template.name), leap.free_name('Copy of ' || t.name, ARRAY(
                SELECT o.name FROM leap.recording_templates o WHERE o.user_id = t.user_id AND o.name LIKE 'Copy of %'))),
            t.description, true, false, t.matching_rules, t.processing_config, t.metadata_config, t.output_config)
    ON CONFLICT (user_id, name) DO NOTHING RETURNING x.* INTO made;
    IF made.id IS NULL THEN
        PERFORM leap.refuse_taken_name('template', btrim(copy_template.name));
    END IF;
    PERFORM leap.audit('copy', 'template', made.id::text, jsonb_build_object('copy_of', t.id), leap.template_json(made));
    RETURN made.id;
END
$$;
COMMENT ON FUNCTION leap.copy_template(uuid, text) IS
'Copies a template as a draft that is not active, called "Copy of …" unless a name is given. Returns the id. Errors LP010, LP020, LP030, 23505.';

CREATE OR REPLACE FUNCTION leap.set_default_template(id uuid, is_default boolean = true)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    t leap.recording_templates := leap.own_template(id);
    now_is leap.recording_templates;
BEGIN
    PERFORM FROM leap.users u WHERE u.id = t.user_id FOR NO KEY UPDATE;      -- one after the other
    UPDATE leap.recording_templates x SET is_default = false WHERE x.user_id = t.user_id AND x.is_default AND x.id <> t.id AND set_default_template.is_default;
    UPDATE leap.recording_templates x SET is_default = set_default_template.is_default,
           is_draft = x.is_draft AND NOT set_default_template.is_default, is_active = x.is_active OR set_default_template.is_default
    WHERE x.id = t.id RETURNING x.* INTO now_is;
    PERFORM leap.audit('change', 'template', t.id::text, leap.template_json(t), leap.template_json(now_is));
    RETURN leap.template_json(now_is);
END
$$;
COMMENT ON FUNCTION leap.set_default_template(uuid, boolean) IS
'Makes a template the default one of its user, in place of any other, or an ordinary one again. The default lies beneath the templates of all his recordings, matches none by rules, and does not count for the quota. Returns the template. Errors LP010, LP020.';

-- Recordings are locked before the template. What got it meanwhile is looked for again.
CREATE OR REPLACE FUNCTION leap.delete_template(id uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    t leap.recording_templates;
BEGIN
    PERFORM FROM leap.recordings r WHERE r.template_id = delete_template.id AND leap.may_see(r.user_id) ORDER BY r.id FOR NO KEY UPDATE;
    t := leap.own_template(id);
    IF t.is_default THEN
        PERFORM leap.refuse('LP009', format('"%s" is the default template', t.name), 'Let another one, or none, be the default first: leap.set_default_template().');
    END IF;
    DELETE FROM leap.recording_templates x WHERE x.id = t.id;
    UPDATE leap.recordings r SET template_id = NULL, template_by = 'rule', unmatched_reason = format('its template "%s" was deleted', t.name), updated_at = now()
    WHERE r.template_id = t.id;
    UPDATE leap.automation_jobs j SET template_ids = array_remove(j.template_ids, t.id) WHERE j.user_id = t.user_id AND t.id = ANY (j.template_ids);
    PERFORM leap.audit('delete', 'template', t.id::text, leap.template_json(t));
END
$$;
COMMENT ON FUNCTION leap.delete_template(uuid) IS
'Deletes a template. Its recordings have none then, and rules may give them another; jobs do not name it any more; a run that has started keeps the configuration it was resolved to. Errors LP009 for the default one, LP020.';

CREATE OR REPLACE FUNCTION leap.delete_templates(ids uuid[])
RETURNS TABLE (template uuid, deleted boolean, reason text, sqlstate text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    FOREACH template IN ARRAY ARRAY(SELECT DISTINCT i FROM unnest(ids) i ORDER BY i) LOOP
        SELECT CASE WHEN t.id IS NULL THEN format('there is no template %s', template) WHEN t.is_default THEN 'it is the default template' END,
               CASE WHEN t.id IS NULL THEN 'LP020' WHEN t.is_default THEN 'LP009' END
        INTO reason, delete_templates.sqlstate
        FROM (VALUES (1)) v LEFT JOIN leap.recording_templates t ON t.id = template AND leap.may_see(t.user_id);
        deleted := reason IS NULL;
        IF deleted THEN
            PERFORM leap.delete_template(template);
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION leap.delete_templates(uuid[]) IS
'leap.delete_template() for several: those that can be are deleted, the others say why not, with the SQLSTATE.';

CREATE OR REPLACE FUNCTION leap.template_stats(id uuid)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    t leap.recording_templates;
BEGIN
    SELECT x.* INTO t FROM leap.recording_templates x WHERE x.id = template_stats.id AND leap.may_see(x.user_id);
    IF t.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no template %s', id), 'SELECT id, name FROM leap.recording_templates shows those there are.');
    END IF;
    RETURN (
        SELECT jsonb_build_object('template', t.id, 'total_recordings', coalesce(sum(s.n), 0), 'by_status', coalesce(jsonb_object_agg(s.status, s.n), '{}'),
                                  'chosen_by_people', coalesce(sum(s.by_people), 0), 'failed', coalesce(sum(s.failed), 0),
                                  'duration_seconds', coalesce(sum(s.seconds), 0), 'used_count', t.used_count, 'last_matched_at', t.last_matched_at)
        FROM (SELECT r.status, count(*) AS n, count(*) FILTER (WHERE r.template_by = 'user') AS by_people, count(*) FILTER (WHERE r.failed) AS failed,
                     sum(coalesce(r.final_duration, r.duration)) AS seconds
              FROM leap.recordings r WHERE r.template_id = t.id AND r.delete_state = 'active' GROUP BY r.status) s);
END
$$;
COMMENT ON FUNCTION leap.template_stats(uuid) IS
'What became of the recordings of a template: {template, total_recordings, by_status, chosen_by_people, failed, duration_seconds, used_count, last_matched_at}; deleted recordings do not count. Error LP020.';
