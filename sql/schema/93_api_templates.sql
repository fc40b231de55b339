-- Schema api: templates, presets, and what configuration comes of them.
--
-- Lists, single rows and the answers of what writes all have the columns of the view. What is done by way of a view or
-- its id is done with the caller's own.

CREATE OR REPLACE VIEW api.recording_templates WITH (security_invoker = true) AS
SELECT t.id, t.name, t.description, t.is_draft, t.is_active, t.is_default, t.matching_rules, t.processing_config, t.metadata_config, t.output_config,
       t.used_count::text AS used_count, t.last_matched_at, t.created_at, t.updated_at
FROM leap.recording_templates t WHERE t.user_id = (SELECT leap.current_user_id());
COMMENT ON VIEW api.recording_templates IS
'Templates

Which recordings they are for, and how those are processed. POST, PATCH and DELETE are the functions add_template, change_template and delete_template.';
COMMENT ON COLUMN api.recording_templates.is_draft IS 'A draft matches nothing.';
COMMENT ON COLUMN api.recording_templates.is_default IS 'It lies beneath the templates of all recordings and matches nothing by rules. set_default_template changes it.';
COMMENT ON COLUMN api.recording_templates.matching_rules IS '{exact_matches, keywords, patterns, exclude_keywords, exclude_patterns, source_ids: lists; case_sensitive}. The first active template that matches is taken, in the order they were made.';
COMMENT ON COLUMN api.recording_templates.processing_config IS '{trimming, transcription, transcription_vocabulary}';
COMMENT ON COLUMN api.recording_templates.metadata_config IS 'Titles, descriptions and tags, for all platforms and for single ones.';
COMMENT ON COLUMN api.recording_templates.output_config IS '{preset_ids, auto_upload, upload_captions}';
COMMENT ON COLUMN api.recording_templates.used_count IS 'How many recordings it was given to, as text.';
CREATE OR REPLACE TRIGGER write_through INSTEAD OF INSERT OR UPDATE OR DELETE ON api.recording_templates FOR EACH ROW EXECUTE FUNCTION leap.write_through('template',
    '{name,description,is_draft,is_active,matching_rules,processing_config,metadata_config,output_config}',
    '{name,description,is_draft,is_active,matching_rules,processing_config,metadata_config,output_config}');

CREATE OR REPLACE VIEW api.output_presets WITH (security_invoker = true) AS
SELECT p.id, p.name, p.description, p.platform, p.preset_metadata, p.on_rerun, p.is_active, p.created_at, p.updated_at, p.credential_id
FROM leap.output_presets p WHERE p.user_id = (SELECT leap.current_user_id());
COMMENT ON VIEW api.output_presets IS
'Presets

Settings for publishing to a platform. POST, PATCH and DELETE are the functions add_preset, change_preset and delete_preset.';
COMMENT ON COLUMN api.output_presets.platform IS 'One of the function platforms; it cannot be changed.';
COMMENT ON COLUMN api.output_presets.preset_metadata IS 'What the platform can be told: preset_rules lists it.';
COMMENT ON COLUMN api.output_presets.credential_id IS 'With which it is published; the library needs none.';
COMMENT ON COLUMN api.output_presets.on_rerun IS 'What a publication that is made anew does with the one there is: update, replace or new.';
CREATE OR REPLACE TRIGGER write_through INSTEAD OF INSERT OR UPDATE OR DELETE ON api.output_presets FOR EACH ROW EXECUTE FUNCTION leap.write_through('preset',
    '{name,description,platform,preset_metadata,credential_id,on_rerun,is_active}', '{name,description,preset_metadata,credential_id,on_rerun,is_active}');

GRANT SELECT, INSERT, UPDATE, DELETE ON api.recording_templates, api.output_presets TO leap_user, leap_admin;

CREATE OR REPLACE FUNCTION api.list_templates(page int = 1, per_page int = 20, sort_by text = 'created_at', sort_order text = 'desc', search text = NULL,
                                              include_drafts boolean = true, is_active boolean = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT leap.page_of('recording_templates', jsonb_build_object('is_active', is_active, 'is_draft', CASE WHEN NOT include_drafts THEN false END),
                        search, page, per_page, sort_by, sort_order)
$$;
COMMENT ON FUNCTION api.list_templates(int, int, text, text, text, boolean, boolean) IS
'A page of the caller''s templates

{page, per_page, total, total_pages, items}; search looks for a part of the name. Error LP030.';

CREATE OR REPLACE FUNCTION api.get_template(id uuid)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.row_of('recording_templates', id) $$;
COMMENT ON FUNCTION api.get_template(uuid) IS
'A template of the caller

Error LP020.';

CREATE OR REPLACE FUNCTION api.default_template()
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    found_row jsonb := (SELECT to_jsonb(t) FROM api.recording_templates t WHERE t.is_default);
BEGIN
    IF found_row IS NULL THEN
        PERFORM leap.refuse('LP020', 'there is no default template', 'POST /templates/{id}/set-as-default, or set_default_template, makes one the default.');
    END IF;
    RETURN found_row;
END
$$;
COMMENT ON FUNCTION api.default_template() IS
'The default template of the caller

Error LP020 if there is none.';

CREATE OR REPLACE FUNCTION api.add_template(template jsonb, auto_rematch boolean = false)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    made uuid := leap.add_template(template);
BEGIN
    RETURN leap.row_of('recording_templates', made) || CASE WHEN auto_rematch THEN jsonb_build_object('rematch', leap.rematch_template(made)) ELSE '{}' END;
END
$$;
COMMENT ON FUNCTION api.add_template(jsonb, boolean) IS
'Adds a template

template: {name, description, is_draft, is_active, matching_rules, processing_config, metadata_config, output_config}; only name must be there. With auto_rematch it is given at once to the recordings that it matches and that have none: rematch says to which. Errors LP010 quota, LP030 values, LP031 text templates, 23505 name taken.';

CREATE OR REPLACE FUNCTION api.change_template(id uuid, changes jsonb)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.row_of('recording_templates', (leap.change_template(leap.id_in('recording_templates', id), changes)->>'id')::uuid) $$;
COMMENT ON FUNCTION api.change_template(uuid, jsonb) IS
'Changes a template

changes has the members of add_template that are to change; null sets back to the default; rules and configurations are replaced as a whole. Returns the template. Errors LP020, and those of add_template.';

CREATE OR REPLACE FUNCTION api.delete_template(id uuid)
RETURNS void LANGUAGE sql AS $$ SELECT leap.delete_template(leap.id_in('recording_templates', id)) $$;
COMMENT ON FUNCTION api.delete_template(uuid) IS
'Deletes a template

Its recordings have none then, and jobs do not name it any more. Errors LP009 for the default one, LP020.';

CREATE OR REPLACE FUNCTION api.delete_templates(ids uuid[])
RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('deleted_count', count(*) FILTER (WHERE d.deleted), 'error_count', count(*) FILTER (WHERE NOT d.deleted),
               'details', coalesce(jsonb_agg(jsonb_build_object('id', d.template, 'deleted', d.deleted, 'reason', d.reason, 'code', d.sqlstate) ORDER BY d.template), '[]'))
    FROM (SELECT x.* FROM leap.delete_templates(ARRAY(SELECT t.id FROM api.recording_templates t WHERE t.id = ANY (ids))) x
          UNION ALL SELECT i, false, format('there is no template %s', i), 'LP020' FROM unnest(ids) i WHERE NOT EXISTS (SELECT FROM api.recording_templates t WHERE t.id = i)) d
$$;
COMMENT ON FUNCTION api.delete_templates(uuid[]) IS
'Deletes several templates

{deleted_count, error_count, details [{id, deleted, reason, code}]}. Those that cannot be say why.';

CREATE OR REPLACE FUNCTION api.copy_template(id uuid, name text = NULL)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.row_of('recording_templates', leap.copy_template(leap.id_in('recording_templates', id), name)) $$;
COMMENT ON FUNCTION api.copy_template(uuid, text) IS
'Copies a template as a draft that is not active, called "Copy of ..." unless a name is given

Returns the copy. Errors LP010, LP020, LP030, 23505.';

CREATE OR REPLACE FUNCTION api.set_default_template(id uuid, is_default boolean = true)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.row_of('recording_templates', (leap.set_default_template(leap.id_in('recording_templates', id), is_default)->>'id')::uuid) $$;
COMMENT ON FUNCTION api.set_default_template(uuid, boolean) IS
'Makes a template the default one

In place of any other, or (is_default false) an ordinary one again. Returns the template. Errors LP010, LP020.';

CREATE OR REPLACE FUNCTION api.template_stats(id uuid)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.template_stats(leap.id_in('recording_templates', id)) $$;
COMMENT ON FUNCTION api.template_stats(uuid) IS
'What became of the recordings of a template

{template, total_recordings, by_status, chosen_by_people, failed, duration_seconds, used_count, last_matched_at}. Error LP020.';

CREATE OR REPLACE FUNCTION api.preview_template(id uuid, only_skipped boolean = true, source_id uuid = NULL, "limit" int = 100)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.preview_template(leap.id_in('recording_templates', id), only_skipped, source_id, "limit") $$;
COMMENT ON FUNCTION api.preview_template(uuid, boolean, uuid, int) IS
'Which recordings a template would be given to

{total_checked, will_match_count, will_match [{recording, name, status, start_time, source, template, rule, stays (rules change nothing of it: it is published, in a run, or chosen by hand)}]}: of those without a template, or (only_skipped false) of all, of one source if it is named. limit 1..500. Nothing is changed. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION api.preview_rules(rules jsonb, only_skipped boolean = true, source_id uuid = NULL, "limit" int = 100)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.preview_rules(rules, only_skipped, source_id, "limit", leap.current_user_id()::text) $$;
COMMENT ON FUNCTION api.preview_rules(jsonb, boolean, uuid, int) IS
'preview_template for rules that are not saved yet

Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION api.rematch_template(id uuid, only_unmapped boolean = true)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.rematch_template(leap.id_in('recording_templates', id), only_unmapped) $$;
COMMENT ON FUNCTION api.rematch_template(uuid, boolean) IS
'Gives a template to the recordings that it matches

To those without one, or (only_unmapped false) also to those that rules gave another. {checked, matched, bound [ids]}. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION api.template_from_recording(id uuid, name text, description text = NULL, match_pattern text = NULL, match_source_id boolean = false)
RETURNS jsonb LANGUAGE sql AS $$
    SELECT leap.row_of('recording_templates', leap.template_from_recording(leap.id_in('recordings', id), name, description, match_pattern, match_source_id))
$$;
COMMENT ON FUNCTION api.template_from_recording(uuid, text, text, text, boolean) IS
'Makes a template of the configuration of a recording

For recordings of the same name, or that match_pattern matches, of the same source only if match_source_id. Returns the template. Errors LP010, LP020, LP030, 23505.';

-- presets

CREATE OR REPLACE FUNCTION api.list_presets(page int = 1, per_page int = 20, sort_by text = 'created_at', sort_order text = 'desc', search text = NULL,
                                            platform text[] = NULL, is_active boolean = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT leap.page_of('output_presets', jsonb_build_object('platform', platform, 'is_active', is_active), search, page, per_page, sort_by, sort_order)
$$;
COMMENT ON FUNCTION api.list_presets(int, int, text, text, text, text[], boolean) IS
'A page of the caller''s presets

{page, per_page, total, total_pages, items}; platform may be several, search looks for a part of the name. Error LP030.';

CREATE OR REPLACE FUNCTION api.get_preset(id uuid)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT leap.row_of('output_presets', id) || (SELECT jsonb_build_object('publishes', p->'publishes', 'used_by_templates', p->'used_by_templates', 'used_by_targets', p->'used_by_targets')
                                                 FROM leap.get_preset(id) p)
$$;
COMMENT ON FUNCTION api.get_preset(uuid) IS
'A preset of the caller, with publishes (whether this version publishes to its platform), used_by_templates and used_by_targets (how many name it)

Error LP020.';

CREATE OR REPLACE FUNCTION api.add_preset(preset jsonb)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.row_of('output_presets', leap.add_preset(preset)) $$;
COMMENT ON FUNCTION api.add_preset(jsonb) IS
'Adds a preset

preset: {name, platform, description, preset_metadata, credential_id, on_rerun, is_active}; name and platform must be there. Errors LP030 values, LP031 text templates, 23505 name taken.';

CREATE OR REPLACE FUNCTION api.change_preset(id uuid, changes jsonb)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.row_of('output_presets', (leap.change_preset(leap.id_in('output_presets', id), changes)->>'id')::uuid) $$;
COMMENT ON FUNCTION api.change_preset(uuid, jsonb) IS
'Changes a preset

changes has the members of add_preset that are to change, but not platform; null sets back to the default; preset_metadata is replaced as a whole. Returns the preset. Errors LP020, and those of add_preset.';

CREATE OR REPLACE FUNCTION api.delete_preset(id uuid)
RETURNS void LANGUAGE sql AS $$ SELECT leap.delete_preset(leap.id_in('output_presets', id)) $$;
COMMENT ON FUNCTION api.delete_preset(uuid) IS
'Deletes a preset; templates do not name it any more

Error LP020.';

CREATE OR REPLACE FUNCTION api.delete_presets(ids uuid[])
RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('deleted_count', count(*) FILTER (WHERE d.deleted), 'error_count', count(*) FILTER (WHERE NOT d.deleted),
               'details', coalesce(jsonb_agg(jsonb_build_object('id', d.preset, 'deleted', d.deleted, 'reason', d.reason, 'code', d.sqlstate) ORDER BY d.preset), '[]'))
    FROM (SELECT x.* FROM leap.delete_presets(ARRAY(SELECT p.id FROM api.output_presets p WHERE p.id = ANY (ids))) x
          UNION ALL SELECT i, false, format('there is no preset %s', i), 'LP020' FROM unnest(ids) i WHERE NOT EXISTS (SELECT FROM api.output_presets p WHERE p.id = i)) d
$$;
COMMENT ON FUNCTION api.delete_presets(uuid[]) IS
'Deletes several presets

{deleted_count, error_count, details [{id, deleted, reason, code}]}.';

CREATE OR REPLACE FUNCTION api.copy_preset(id uuid, name text = NULL)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.row_of('output_presets', leap.copy_preset(leap.id_in('output_presets', id), name)) $$;
COMMENT ON FUNCTION api.copy_preset(uuid, text) IS
'Copies a preset as one that is not active, called "Copy of ..." unless a name is given

Returns the copy. Errors LP020, LP030, 23505.';

CREATE OR REPLACE FUNCTION api.preset_rules(platform text = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('platform', r.platform, 'path', r.path, 'type', r.type, 'low', r.low, 'high', r.high, 'allowed', r.allowed) ORDER BY r.platform, r.path), '[]')
    FROM leap.preset_rules() r WHERE preset_rules.platform IS NULL OR r.platform = preset_rules.platform
$$;
COMMENT ON FUNCTION api.preset_rules(text) IS
'What preset_metadata may have for a platform, or for each

[{platform, path, type, low, high, allowed}].';

-- what comes of it

CREATE OR REPLACE FUNCTION api.preview_metadata(metadata jsonb, platform text = 'library', recording_id uuid = NULL)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.preview_metadata(metadata, platform, recording_id, CASE WHEN recording_id IS NULL THEN leap.current_user_id()::text END) $$;
COMMENT ON FUNCTION api.preview_metadata(jsonb, text, uuid) IS
'How a title and a description look on a platform

For a recording, or with sample data: {title, description, tags, truncated, fallbacks, problems, platform, sample, variables, unknown}. metadata: {title_template, description_template, ...}. Nothing is refused for its content: problems says what is wrong. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION api.resolve_config(recording_id uuid = NULL, template_id uuid = NULL, include_layers boolean = true)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN include_layers THEN c.config ELSE c.config - '{layers}'::text[] END
    FROM (SELECT CASE WHEN recording_id IS NOT NULL THEN leap.resolve_config(leap.id_in('recordings', recording_id), template_id)
                      ELSE leap.resolve_template_config(template_id) END AS config) c
$$;
COMMENT ON FUNCTION api.resolve_config(uuid, uuid, boolean) IS
'The configuration that a run would use

Of a recording, also with another template; or, without one, of a recording that there is not yet, with this template or none: {config, layers [{layer, id, name, config}, lowest first], origins (of a recording: {path: layer})}. Error LP020.';

CREATE OR REPLACE FUNCTION api.config_rules()
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('defaults', leap.default_config(),
        'rules', (SELECT jsonb_agg(jsonb_build_object('path', r.path, 'type', r.type, 'low', r.low, 'high', r.high, 'allowed', r.allowed) ORDER BY r.path) FROM leap.config_rules() r),
        'variables', (SELECT jsonb_agg(to_jsonb(v)) FROM leap.render_variables() v))
$$;
COMMENT ON FUNCTION api.config_rules() IS
'What can be configured

{defaults, rules [{path, type, low, high, allowed}], variables (of titles and descriptions)}.';

GRANT EXECUTE ON FUNCTION api.list_templates(int, int, text, text, text, boolean, boolean), api.get_template(uuid), api.default_template(), api.add_template(jsonb, boolean),
    api.change_template(uuid, jsonb), api.delete_template(uuid), api.delete_templates(uuid[]), api.copy_template(uuid, text), api.set_default_template(uuid, boolean),
    api.template_stats(uuid), api.preview_template(uuid, boolean, uuid, int), api.preview_rules(jsonb, boolean, uuid, int), api.rematch_template(uuid, boolean),
    api.template_from_recording(uuid, text, text, text, boolean), api.list_presets(int, int, text, text, text, text[], boolean), api.get_preset(uuid), api.add_preset(jsonb),
    api.change_preset(uuid, jsonb), api.delete_preset(uuid), api.delete_presets(uuid[]), api.copy_preset(uuid, text), api.preset_rules(text),
    api.preview_metadata(jsonb, text, uuid), api.resolve_config(uuid, uuid, boolean), api.config_rules() TO leap_user, leap_admin;
