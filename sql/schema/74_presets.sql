-- Presets: settings for publishing to a platform, and which configurations name them.
--
-- Lock order: templates -> preset.

CREATE OR REPLACE FUNCTION leap.check_output(output jsonb, owner uuid)
RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
    ids uuid[] := ARRAY(SELECT p::uuid FROM jsonb_array_elements_text(coalesce(nullif(output->'preset_ids', 'null'), '[]')) p);
    lost uuid;
    silent record;
    anonymous record;
BEGIN
    IF cardinality(ids) = 0 THEN
        RETURN;
    END IF;
    SELECT i INTO lost FROM unnest(ids) i WHERE NOT EXISTS (SELECT FROM leap.output_presets p WHERE p.id = i AND p.user_id = owner) LIMIT 1;
    IF lost IS NOT NULL THEN
        PERFORM leap.refuse('LP030', format('output.preset_ids: there is no preset %s', lost), 'Only presets of the same owner can be named.');
    ELSIF cardinality(ids) > 10 OR cardinality(ids) > (SELECT count(DISTINCT i) FROM unnest(ids) i) THEN
        PERFORM leap.refuse('LP030', format('output.preset_ids names %s presets%s', cardinality(ids), CASE WHEN cardinality(ids) > 10 THEN '' ELSE ', one of them twice' END),
                            'At most 10, each once.');
    ELSIF coalesce((output->>'auto_upload')::boolean, true) THEN
        SELECT p.name, p.platform INTO silent FROM leap.output_presets p JOIN leap.platforms l ON l.platform = p.platform
        WHERE p.id = ANY (ids) AND NOT l.publishes ORDER BY array_position(ids, p.id) LIMIT 1;
        IF silent.name IS NOT NULL THEN
            PERFORM leap.refuse('LP030', format('output.preset_ids: this version of LEAP cannot publish to %s, which preset "%s" is for', silent.platform, silent.name),
                                format('It publishes to %s. With "auto_upload": false the preset can be named already.',
                                       (SELECT string_agg(l.platform, ', ' ORDER BY l.platform) FROM leap.platforms l WHERE l.publishes)));
        END IF;
        SELECT p.name, p.platform INTO anonymous FROM leap.output_presets p JOIN leap.platforms l ON l.platform = p.platform
        WHERE p.id = ANY (ids) AND l.needs_credential AND p.credential_id IS NULL ORDER BY array_position(ids, p.id) LIMIT 1;
        IF anonymous.name IS NOT NULL THEN
            PERFORM leap.refuse('LP030', format('output.preset_ids: preset "%s" has no credential, and %s asks for an account', anonymous.name, anonymous.platform),
                                'Give the preset a credential_id. With "auto_upload": false the preset can be named already.');
        END IF;
    END IF;
END
$$;
COMMENT ON FUNCTION leap.check_output(jsonb, uuid) IS
'Refuses (LP030) the section output of a configuration whose presets are not the owner''s, are too many or named twice, or, unless auto_upload is false, are for a platform that this version cannot publish to, or lack the credential that their platform asks for.';

DROP FUNCTION IF EXISTS leap.check_preset_credential(leap.output_presets);
CREATE OR REPLACE FUNCTION leap.guard_preset()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    NEW.name := btrim(NEW.name);
    IF length(NEW.name) NOT BETWEEN 1 AND 255 THEN
        PERFORM leap.refuse('LP030', format('a preset cannot be called "%s"', left(NEW.name, 300)), 'A name has 1 to 255 characters.');
    ELSIF TG_OP = 'UPDATE' AND NEW.user_id <> OLD.user_id THEN
        PERFORM leap.refuse('LP030', 'the owner of a preset cannot be changed', 'Add a preset to the other user, then delete this one.');
    ELSIF TG_OP = 'UPDATE' AND NEW.platform <> OLD.platform THEN
        PERFORM leap.refuse('LP030', format('preset "%s" is for %s', OLD.name, OLD.platform), 'A preset keeps its platform; add another one.');
    ELSIF NOT EXISTS (SELECT FROM leap.platforms l WHERE l.platform = NEW.platform) THEN
        PERFORM leap.refuse('LP030', format('there is no platform "%s"', left(NEW.platform, 100)),
                            format('Platforms are %s.', (SELECT string_agg(l.platform, ', ' ORDER BY l.platform) FROM leap.platforms l)));
    ELSIF NEW.platform = 'library' AND NEW.on_rerun <> 'update' THEN
        PERFORM leap.refuse('LP030', format('on_rerun cannot be "%s" for the library', NEW.on_rerun), 'A lesson in the library is updated in its place.');
    END IF;
    PERFORM leap.check_values(NEW.preset_metadata, NEW.platform, format('preset_metadata of a %s preset', NEW.platform));
    NEW.preset_metadata := jsonb_strip_nulls(NEW.preset_metadata);
    IF NEW.preset_metadata ? 'publish_at' AND NEW.preset_metadata->>'privacy' <> 'private' THEN
        PERFORM leap.refuse('LP030', format('privacy cannot be "%s" together with publish_at', NEW.preset_metadata->>'privacy'),
                            'Until publish_at the video is private, from then on public: leave privacy out.');
    END IF;
    IF NEW.platform = 's3' AND NOT NEW.preset_metadata ? 'bucket' THEN
        PERFORM leap.refuse('LP030', 'an s3 preset without bucket', 'Say which: {"bucket": "lectures"}.');
    ELSIF NEW.platform = 'yandex_disk' AND NOT NEW.preset_metadata ? 'folder_path_template' THEN
        PERFORM leap.refuse('LP030', 'a yandex_disk preset without folder_path_template', 'Say which folder: {"folder_path_template": "/Lectures/{{ record_date_iso }}"}.');
    END IF;
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER guard BEFORE INSERT OR UPDATE ON leap.output_presets FOR EACH ROW EXECUTE FUNCTION leap.guard_preset();

CREATE OR REPLACE FUNCTION leap.preset_json(p leap.output_presets)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT to_jsonb(p) || jsonb_build_object(
        'publishes', (SELECT l.publishes FROM leap.platforms l WHERE l.platform = p.platform),
        'used_by_templates', (SELECT count(*) FROM leap.recording_templates t WHERE t.user_id = p.user_id AND t.output_config->'preset_ids' ? p.id::text),
        'used_by_targets', (SELECT count(*) FROM leap.output_targets o WHERE o.preset_id = p.id))
$$;
COMMENT ON FUNCTION leap.preset_json(leap.output_presets) IS
'A preset as people see it, with whether this version publishes to its platform, and how many templates and output targets name it.';

CREATE OR REPLACE FUNCTION leap.own_preset(id uuid)
RETURNS leap.output_presets LANGUAGE plpgsql AS $$
DECLARE
    p leap.output_presets;
BEGIN
    SELECT x.* INTO p FROM leap.output_presets x WHERE x.id = own_preset.id AND leap.may_see(x.user_id) FOR NO KEY UPDATE;
    IF p.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no preset %s', id), 'SELECT id, name FROM leap.output_presets shows those there are.');
    END IF;
    RETURN p;
END
$$;
COMMENT ON FUNCTION leap.own_preset(uuid) IS 'Locks a preset of the caller, or, for an operator, of anybody, and returns it. Error LP020.';

CREATE OR REPLACE FUNCTION leap.get_preset(id uuid)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    p leap.output_presets;
BEGIN
    SELECT x.* INTO p FROM leap.output_presets x WHERE x.id = get_preset.id AND leap.may_see(x.user_id);
    IF p.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no preset %s', id), 'SELECT id, name FROM leap.output_presets shows those there are.');
    END IF;
    RETURN leap.preset_json(p);
END
$$;
COMMENT ON FUNCTION leap.get_preset(uuid) IS
'A preset with publishes (whether this version can), used_by_templates and used_by_targets. What it makes of a recording shows leap.preview_metadata(). Error LP020.';

CREATE OR REPLACE FUNCTION leap.add_preset(spec jsonb, "user" text = NULL)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.acting_user("user");
    p leap.output_presets;
BEGIN
    PERFORM leap.check_values(spec, 'preset', 'a preset');
    spec := jsonb_strip_nulls(spec);
    IF NOT spec ?& '{name,platform}' THEN
        PERFORM leap.refuse('LP030', format('a preset without a %s', CASE WHEN spec ? 'name' THEN 'platform' ELSE 'name' END), 'Say {"name": "...", "platform": "library"}.');
    END IF;
    INSERT INTO leap.output_presets AS x (user_id, name, description, platform, credential_id, preset_metadata, on_rerun, is_active)
    VALUES (u.id, btrim(spec->>'name'), spec->>'description', spec->>'platform', (spec->>'credential_id')::uuid, coalesce(spec->'preset_metadata', '{}'),
            coalesce(spec->>'on_rerun', 'update'), coalesce((spec->>'is_active')::boolean, true))
    ON CONFLICT (user_id, name) DO NOTHING RETURNING x.* INTO p;
    IF p.id IS NULL THEN
        PERFORM leap.refuse_taken_name('preset', btrim(spec->>'name'));
    END IF;
    PERFORM leap.audit('add', 'preset', p.id::text, NULL, to_jsonb(p));
    RETURN p.id;
END
$$;
COMMENT ON FUNCTION leap.add_preset(jsonb, text) IS
'Adds a preset of a user and returns its id. spec: {name, platform (leap.platforms), description, credential_id (of the same owner and platform), preset_metadata (leap.preset_rules()), on_rerun = update | replace | new, is_active = true}; name and platform must be there. Errors: LP020 user, LP030 values, LP031 text templates, 23505 name taken.';

CREATE OR REPLACE FUNCTION leap.change_preset(id uuid, changes jsonb)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    standard constant jsonb := '{"preset_metadata": {}, "on_rerun": "update", "is_active": true}';
    p leap.output_presets := leap.own_preset(id);
    said leap.output_presets;
    now_is leap.output_presets;
BEGIN
    PERFORM leap.check_values(changes, 'preset', 'a preset');
    said := jsonb_populate_record(p, (
        SELECT coalesce(jsonb_object_agg(c.key, CASE c.value WHEN 'null' THEN coalesce(standard->c.key, 'null') ELSE c.value END), '{}')
        FROM jsonb_each(changes) c WHERE c.key NOT IN ('name', 'platform') OR c.value <> 'null'));
    IF EXISTS (SELECT FROM leap.output_presets x WHERE x.user_id = p.user_id AND x.name = btrim(said.name) AND x.id <> p.id) THEN
        PERFORM leap.refuse_taken_name('preset', btrim(said.name));
    END IF;
    UPDATE leap.output_presets x SET name = said.name, description = said.description, platform = said.platform, credential_id = said.credential_id, preset_metadata = said.preset_metadata,
           on_rerun = said.on_rerun, is_active = said.is_active
    WHERE x.id = p.id RETURNING x.* INTO now_is;
    PERFORM leap.audit('change', 'preset', p.id::text, to_jsonb(p), to_jsonb(now_is));
    RETURN leap.preset_json(now_is);
END
$$;
COMMENT ON FUNCTION leap.change_preset(uuid, jsonb) IS
'Changes what is named of a preset (keys as in leap.add_preset(); the platform stays) and returns it; null sets back to the default; preset_metadata is replaced as a whole. It holds for runs that start from now on: what is published with it is then published again. Errors as of leap.add_preset().';

CREATE OR REPLACE FUNCTION leap.copy_preset(id uuid, name text = NULL)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
#variable_conflict use_column
DECLARE
    p leap.output_presets := leap.own_preset(id);
    made leap.output_presets;
BEGIN
    INSERT INTO leap.output_presets AS x (user_id, name, description, platform, credential_id, preset_metadata, on_rerun, is_active)
    VALUES (p.user_id, coalesce(btrim(copy_preset.name), leap.free_name('Copy of ' || p.name, ARRAY(
                SELECT o.name FROM leap.output_presets o WHERE o.user_id = p.user_id AND o.name LIKE 'Copy of %'))),
            p.description, p.platform, p.credential_id, p.preset_metadata, p.on_rerun, false)
    ON CONFLICT (user_id, name) DO NOTHING RETURNING x.* INTO made;
    IF made.id IS NULL THEN
        PERFORM leap.refuse_taken_name('preset', btrim(copy_preset.name));
    END IF;
    PERFORM leap.audit('copy', 'preset', made.id::text, jsonb_build_object('copy_of', p.id), to_jsonb(made));
    RETURN made.id;
END
$$;
COMMENT ON FUNCTION leap.copy_preset(uuid, text) IS
'Copies a preset as one that is not active, called "Copy of …" unless a name is given. Returns the id. Errors LP020, LP030, 23505.';

-- A list of presets without one of them; an empty list says nothing.
CREATE OR REPLACE FUNCTION leap.without_preset(output jsonb, preset uuid)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN (output->'preset_ids') - preset::text = '[]' THEN output - 'preset_ids'
                ELSE jsonb_set(output, '{preset_ids}', (output->'preset_ids') - preset::text) END
$$;
COMMENT ON FUNCTION leap.without_preset(jsonb, uuid) IS 'A section output that names a preset, without it.';

CREATE OR REPLACE FUNCTION leap.delete_preset(id uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    p leap.output_presets;
BEGIN
    PERFORM FROM leap.recording_templates t JOIN leap.output_presets x ON x.id = delete_preset.id AND x.user_id = t.user_id
    WHERE leap.may_see(t.user_id) AND t.output_config->'preset_ids' ? delete_preset.id::text ORDER BY t.id FOR NO KEY UPDATE OF t;
    p := leap.own_preset(id);
    UPDATE leap.recording_templates t SET output_config = leap.without_preset(t.output_config, p.id)
    WHERE t.user_id = p.user_id AND t.output_config->'preset_ids' ? p.id::text;
    DELETE FROM leap.output_presets x WHERE x.id = p.id;
    PERFORM leap.audit('delete', 'preset', p.id::text, to_jsonb(p));
END
$$;
COMMENT ON FUNCTION leap.delete_preset(uuid) IS
'Deletes a preset; templates do not name it any more, and other configurations that do are as if they did not. Uploads that have been asked for keep its settings. Error LP020.';

CREATE OR REPLACE FUNCTION leap.delete_presets(ids uuid[])
RETURNS TABLE (preset uuid, deleted boolean, reason text, sqlstate text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    FOREACH preset IN ARRAY ARRAY(SELECT DISTINCT i FROM unnest(ids) i ORDER BY i) LOOP
        deleted := EXISTS (SELECT FROM leap.output_presets p WHERE p.id = preset AND leap.may_see(p.user_id));
        reason := CASE WHEN NOT deleted THEN format('there is no preset %s', preset) END;
        delete_presets.sqlstate := CASE WHEN NOT deleted THEN 'LP020' END;
        IF deleted THEN
            PERFORM leap.delete_preset(preset);
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION leap.delete_presets(uuid[]) IS 'leap.delete_preset() for several: those that are there are deleted, the others say why not.';
