-- Presets and configuration: what is refused, how layers lie over one another, and which targets a run has.
SELECT test.connect();
SELECT leap.add_user('presets@example.org') IS NOT NULL AS made;
CREATE FUNCTION test.preset(a_name text) RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM leap.output_presets WHERE name = a_name $$;
CREATE FUNCTION pg_temp.ids(variadic names text[]) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_agg(test.preset(n)) FROM unnest(names) n $$;

-- every platform has rules, and refuses what they do not allow
SELECT platform, publishes, (SELECT count(*) > 0 FROM leap.preset_rules() r WHERE r.platform = p.platform) AS has_rules FROM leap.platforms p ORDER BY 1;
SELECT leap.add_preset(s, 'presets@example.org') IS NOT NULL AS added FROM unnest(ARRAY['{"name": " Course pages ", "platform": "library", "preset_metadata": {"title_template": "{{ display_name }}: {{ themes }}", "tags": ["maths"], "description_template": null}}',
    '{"name": "Second library", "platform": "library", "preset_metadata": {"description_template": "{{ topics }}"}}', '{"name": "Channel", "platform": "youtube", "preset_metadata": {"privacy": "unlisted", "category_id": "27"}, "on_rerun": "replace"}',
    '{"name": "Group", "platform": "vk", "preset_metadata": {"group_id": 12, "wallpost": true}}', '{"name": "Disk", "platform": "yandex_disk", "preset_metadata": {"folder_path_template": "/L/{{ record_date_iso }}", "subtitles_srt": {}, "description_txt": {"content_template": "{{ topics }}"}}}']::jsonb[]) s;
SELECT leap.get_preset(test.preset('Course pages')) - '{id,user_id,created_at,updated_at}'::text[] AS preset;
SELECT c.spec, e.code, e.message, e.hint FROM (VALUES ('{}'), ('{"name": "x"}'), ('{"platform": "vk"}'), ('{"name": "x", "platform": "tv"}'), ('{"name": "x", "platform": "vk", "colour": 1}'),
    ('{"name": "x", "platform": "vk", "preset_metadata": {"privacy": "public"}}'), ('{"name": "x", "platform": "vk", "preset_metadata": {"privacy_view": 4}}'), ('{"name": "x", "platform": "vk", "preset_metadata": []}'),
    ('{"name": "x", "platform": "youtube", "preset_metadata": {"privacy": "secret"}}'), ('{"name": "x", "platform": "youtube", "preset_metadata": {"category_id": 27}}'), ('{"name": "x", "platform": "youtube", "preset_metadata": {"tags": "a, b"}}'),
    ('{"name": "x", "platform": "youtube", "preset_metadata": {"title_template": "Lecture"}}'), ('{"name": "x", "platform": "youtube", "preset_metadata": {"topics_display": {"max_count": -1}}}'), ('{"name": "x", "platform": "youtube", "preset_metadata": {"topics_display": {"colour": 1}}}'),
    ('{"name": "x", "platform": "library", "preset_metadata": {"url_prefix": "ftp://x"}}'), ('{"name": "x", "platform": "library", "on_rerun": "new"}'), ('{"name": "x", "platform": "youtube", "on_rerun": "twice"}'),
    ('{"name": "x", "platform": "yandex_disk", "preset_metadata": {}}'), ('{"name": "x", "platform": "yandex_disk", "preset_metadata": {"folder_path_template": "/a", "subtitles_srt": {"content_template": "x"}}}'), ('{"name": "Course pages", "platform": "vk"}')) AS c(spec),
    test.error(format('SELECT leap.add_preset(%L, %L)', c.spec, 'presets@example.org')) e;
SELECT leap.change_preset(test.preset('Second library'), '{"description": "for later", "preset_metadata": null, "is_active": null}') - '{id,user_id,created_at,updated_at}'::text[] AS changed;
SELECT code, message FROM test.error($$SELECT leap.change_preset(test.preset('Second library'), '{"platform": "vk"}')$$);
SELECT code, message FROM test.error($$UPDATE leap.output_presets SET preset_metadata = '{"colour": 1}' WHERE name = 'Second library'$$);
SELECT leap.copy_preset(test.preset('Group')) IS NOT NULL AS copied;
SELECT name, platform, is_active, preset_metadata FROM leap.output_presets WHERE name ~ '^Copy' AND user_id = test.user_id('presets@example.org');

-- a template may name presets of its owner; what cannot be published yet only without auto_upload
CREATE FUNCTION pg_temp.output(output jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('output_config', output) $$;
SELECT leap.add_template('{"name": "Publishing", "matching_rules": {"keywords": ["publish"]}}', 'presets@example.org') IS NOT NULL AS added;
SELECT e.code, e.message, e.hint FROM (VALUES (jsonb_build_object('preset_ids', pg_temp.ids('Channel', 'Course pages'))), (jsonb_build_object('preset_ids', pg_temp.ids('Course pages', 'Course pages'))),
    ('{"preset_ids": ["018f0000-0000-7000-8000-000000000000"]}')) AS c(output), test.error(format('SELECT leap.change_template(test.template(''Publishing''), %L)', pg_temp.output(c.output))) e;
SELECT leap.change_template(test.template('Publishing'), pg_temp.output(jsonb_build_object('preset_ids', pg_temp.ids('Channel', 'Course pages'), 'auto_upload', false)))->'output_config'->'auto_upload' AS auto_upload;
SELECT leap.get_preset(test.preset('Channel'))->'used_by_templates' AS used;
SELECT e.code, e.message FROM test.error(format('UPDATE leap.users SET config = %L WHERE email = ''presets@example.org''', jsonb_build_object('output', jsonb_build_object('preset_ids', pg_temp.ids('Channel'))))) e;

-- the layers, lowest first: default, user, default template, template, template of the run, recording, run
UPDATE leap.users SET config = '{"transcription": {"language": "ru", "vocabulary": ["Fourier"]}, "trimming": {"padding_before": 1, "padding_after": 1}}' WHERE email = 'presets@example.org';
SELECT leap.add_template('{"name": "Base", "processing_config": {"trimming": {"padding_before": 2, "min_silence_duration": 2}, "transcription_vocabulary": ["Euler", "Fourier"]}, "metadata_config": {"title_template": "{{ display_name }}"}}', 'presets@example.org') IS NOT NULL AS added;
SELECT leap.set_default_template(test.template('Base')) IS NOT NULL AS set;
SELECT leap.add_template('{"name": "Course", "matching_rules": {"keywords": ["course"]}, "processing_config": {"trimming": {"padding_before": 3, "min_silence_duration": 3}, "transcription": {"vocabulary": ["Gauss"], "language": null}, "transcription_vocabulary": ["Euler", "Noether"]},
    "metadata_config": {"youtube": {"tags": ["a", "b"]}}}', 'presets@example.org') IS NOT NULL AS added;
SELECT leap.add_template('{"name": "Once", "processing_config": {"trimming": {"padding_before": 4, "max_trim_share": 0.5}}, "metadata_config": {"youtube": {"tags": ["c"]}}}', 'presets@example.org') IS NOT NULL AS added;
SELECT leap.add_recording('presets@example.org', '{"type": "url", "url": "https://e.org/a"}', 'course 1', '{"trimming": {"padding_before": 5}, "transcription": {"vocabulary": ["Abel"]}}') IS NOT NULL AS added;
SELECT count(*) FROM leap.apply_matches(ARRAY[test.id('course 1')]);
SELECT c.config, jsonb_pretty(c.origins) AS origins FROM jsonb_to_record(leap.resolve_config(test.id('course 1'), test.template('Once'), '{"trimming": {"padding_before": 6}, "transcription": {"vocabulary": ["Lie"]}, "output": {"auto_upload": null}}')) AS c(config jsonb, origins jsonb) \gx
SELECT l->>'layer' AS layer, l->>'name' AS name, l->'config' AS config FROM jsonb_array_elements(leap.resolve_config(test.id('course 1'), test.template('Once'), '{"trimming": {"padding_before": 6}}')->'layers') l;
SELECT leap.resolve_config(test.id('course 1')) #> '{config,trimming}' AS trimming;
SELECT e.code, e.message FROM unnest(ARRAY[$$leap.resolve_config('018f0000-0000-7000-8000-000000000000')$$, $$leap.resolve_config(test.id('course 1'), '018f0000-0000-7000-8000-000000000000')$$,
    $$leap.resolve_config(test.id('course 1'), override => '{"trimming": {"colour": 1}}')$$, $$leap.run_recording(test.id('course 1'), override => '{"trimming": 7}')$$,
    $$leap.operate('pause', ARRAY[test.id('course 1')], override => '{}')$$, $$leap.operate('run', ARRAY[test.id('course 1')], template => '018f0000-0000-7000-8000-000000000000')$$]) c, test.error('SELECT ' || c) e;

-- a run has the configuration of its layers; the same request again is the same run, another override another request
SELECT leap.run_recording(test.id('course 1'), 'p-1', template => test.template('Once'), override => '{"trimming": {"max_trim_share": 0.9}}') IS NOT NULL AS started;
SELECT config #> '{trimming,padding_before}' AS padding_before, config #> '{trimming,max_trim_share}' AS max_trim_share, config #> '{trimming,min_silence_duration}' AS silence, config #> '{transcription,vocabulary}' AS vocabulary FROM leap.runs WHERE recording_id = test.id('course 1') AND state = 'active';
SELECT code FROM test.error($$SELECT leap.run_recording(test.id('course 1'), 'p-1', template => test.template('Once'))$$);
-- a template that is deleted or changed under a run: the run keeps what it was resolved to
SELECT leap.delete_template(test.template('Course'));
SELECT kind, name FROM test.claim() WHERE name IS NOT NULL; -- housekeeping has none
SELECT u.config #> '{trimming,min_silence_duration}' AS silence, r.template_id, r.template_by, r.unmatched_reason FROM leap.runs u JOIN leap.recordings r ON r.id = u.recording_id WHERE r.id = test.id('course 1') AND u.state = 'active';
SELECT i.input #> '{config,trimming,min_silence_duration}' AS told FROM leap.task_inputs i JOIN leap.tasks t ON t.id = i.task WHERE t.recording_id = test.id('course 1') AND t.kind = 'download';
SELECT leap.cancel_recording(test.id('course 1')) IS NOT NULL AS cancelled;
-- with bind the template is the recording's
SELECT leap.run_recording(test.id('course 1'), template => test.template('Once'), bind => true) IS NOT NULL AS started;
SELECT t.name, r.template_by, u.config #> '{trimming,padding_before}' AS padding_before FROM leap.recordings r JOIN leap.recording_templates t ON t.id = r.template_id JOIN leap.runs u ON u.recording_id = r.id AND u.state = 'active' WHERE r.id = test.id('course 1');
SELECT leap.cancel_recording(test.id('course 1')) IS NOT NULL AS cancelled;

-- targets follow the configuration when a run starts
CREATE VIEW test.targets AS SELECT r.display_name AS name, o.target_type AS type, p.name AS preset, o.status, o.configured, o.wanted, o.config FROM leap.output_targets o JOIN leap.recordings r ON r.id = o.recording_id
    LEFT JOIN leap.output_presets p ON p.id = o.preset_id WHERE r.user_id = test.user_id('presets@example.org') ORDER BY 1, 3 NULLS FIRST;
CREATE FUNCTION pg_temp.plan(a_name text, operation text, target text = NULL) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', i->>'kind', CASE WHEN i ? 'target' THEN coalesce((SELECT p.name FROM leap.output_targets o JOIN leap.output_presets p ON p.id = o.preset_id WHERE o.id = (i->>'target')::uuid), '(no preset)') END, '(' || (i->>'skip_reason') || ')'), ', ')
    FROM leap.operate(plan.operation, ARRAY[test.id(a_name)], true, target => plan.target) o, jsonb_array_elements(o.plan) i $$;
SELECT * FROM test.targets;
SELECT leap.change_template(test.template('Publishing'), pg_temp.output(jsonb_build_object('preset_ids', pg_temp.ids('Course pages', 'Second library')))) IS NOT NULL AS changed;
SELECT leap.add_recording('presets@example.org', '{"type": "url", "url": "https://e.org/p"}', 'publish 1') IS NOT NULL AS added;
SELECT * FROM test.targets WHERE name = 'publish 1';
SELECT count(*) FROM leap.apply_matches(ARRAY[test.id('publish 1')]);
-- a dry run tells of targets that are not there yet
SELECT pg_temp.plan('publish 1', 'run');
SELECT * FROM test.targets WHERE name = 'publish 1';
SELECT leap.run_recording(test.id('publish 1')) IS NOT NULL AS started;
SELECT * FROM test.targets WHERE name = 'publish 1';
SELECT test.advance('publish 1', 'upload');
SELECT i.input #> '{target,config}' AS told, i.input #>> '{target,publication,title}' AS title FROM leap.task_inputs i JOIN leap.tasks t ON t.id = i.task JOIN leap.output_targets o ON o.id = t.target_id WHERE t.recording_id = test.id('publish 1') AND t.kind = 'upload' ORDER BY o.preset_id;
-- one is published, the other fails; a retry is for that one
SELECT string_agg(coalesce(c.reason, 'accepted'), ', ') FROM test.leases l JOIN leap.tasks t ON t.id::text = l.task JOIN leap.output_targets o ON o.id = t.target_id AND o.preset_id = test.preset('Course pages')
    CROSS JOIN LATERAL leap.complete(jsonb_build_array(jsonb_build_object('task', l.task, 'fence', l.fence, 'result', '{"target": {"remote_id": "r1", "url": "file:///r1"}}'::jsonb))) c WHERE l.name = 'publish 1' AND l.kind = 'upload';
SELECT string_agg(leap.fail(l.task, l.fence, '{"class": "permanent", "code": "full", "message": "no room", "hint": "make room"}'), ', ') FROM test.leases l JOIN leap.tasks t ON t.id::text = l.task AND t.state = 'running' WHERE l.name = 'publish 1' AND l.kind = 'upload';
SELECT status, failed_at_stage FROM leap.recordings WHERE id = test.id('publish 1');
SELECT leap.get_preset(test.preset('Course pages'))->'used_by_targets' AS used;
-- the preset that failed is not wanted any more: the next run has nothing to do with it
SELECT leap.change_template(test.template('Publishing'), pg_temp.output(jsonb_build_object('preset_ids', pg_temp.ids('Course pages')))) IS NOT NULL AS changed;
SELECT pg_temp.plan('publish 1', 'retry') ~ 'upload \(|Second' AS retries_it, pg_temp.plan('publish 1', 'run') ~ 'Second' AS runs_it;
SELECT leap.run_recording(test.id('publish 1'))->>'message';
SELECT name, preset, status, configured, wanted FROM test.targets WHERE name = 'publish 1';
SELECT status FROM leap.recordings WHERE id = test.id('publish 1');
-- a preset that changed is published again, one that did not is not
SELECT pg_temp.plan('publish 1', 'run');
SELECT leap.change_preset(test.preset('Course pages'), '{"preset_metadata": {"tags": ["algebra"]}}') IS NOT NULL AS changed;
SELECT pg_temp.plan('publish 1', 'run');
-- no upload by itself: what was published stays and is left alone; a person may ask for it
SELECT leap.change_template(test.template('Publishing'), pg_temp.output(jsonb_build_object('preset_ids', pg_temp.ids('Course pages', 'Second library'), 'auto_upload', false))) IS NOT NULL AS changed;
SELECT leap.run_recording(test.id('publish 1'), force => true) IS NOT NULL AS started;
SELECT name, preset, status, configured, wanted FROM test.targets WHERE name = 'publish 1';
SELECT count(*) FROM leap.tasks t JOIN leap.runs u ON u.id = t.run_id AND u.state = 'active' WHERE t.recording_id = test.id('publish 1') AND t.kind = 'upload';
SELECT leap.cancel_recording(test.id('publish 1')) IS NOT NULL AS cancelled;
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    SELECT r.id, r.user_id, k, 'presets/' || k, 1, repeat('0', 64), 'x/y' FROM leap.recordings r, unnest('{source,analysis,video,transcript}'::text[]) k WHERE r.id = test.id('publish 1');
SELECT leap.repair(test.id('publish 1'), 'TRANSCRIBED', 'a test')->>'message' IS NOT NULL AS repaired;
SELECT pg_temp.plan('publish 1', 'upload', test.preset('Second library')::text);
SELECT code, message FROM test.error($$SELECT leap.upload_recording(test.id('publish 1'), '018f0000-0000-7000-8000-000000000000')$$);
SELECT leap.upload_recording(test.id('publish 1'), test.preset('Second library')::text)->>'message';
SELECT name, preset, status, wanted FROM test.targets WHERE name = 'publish 1';
-- a preset that is deleted under an upload: the upload keeps its settings; configurations are as if they did not name it
SELECT kind, name FROM test.claim() WHERE name IS NOT NULL; -- housekeeping has none
SELECT leap.delete_preset(test.preset('Second library'));
SELECT output_config->'preset_ids' = pg_temp.ids('Course pages') AS named FROM leap.recording_templates WHERE name = 'Publishing';
SELECT test.complete('upload', 'publish 1', '{"target": {"remote_id": "r2", "url": "file:///r2"}}');
SELECT name, preset, status, wanted FROM test.targets WHERE name = 'publish 1';
SELECT deleted, reason IS NOT NULL AS refused, sqlstate FROM leap.delete_presets(ARRAY[test.preset('Group'), '018f0000-0000-7000-8000-000000000000']) ORDER BY 1;
-- a configuration without targets ends READY
SELECT leap.add_recording('presets@example.org', '{"type": "url", "url": "https://e.org/q"}', 'quiet', '{"output": {"auto_upload": false}}') IS NOT NULL AS added;
SELECT leap.run_recording(test.id('quiet')) IS NOT NULL AS started;
SELECT test.advance('quiet', 'upload');
SELECT r.status, (SELECT count(*) FROM leap.output_targets o WHERE o.recording_id = r.id) AS targets FROM leap.recordings r WHERE r.id = test.id('quiet');
SELECT action, count(*) FROM leap.audit_logs WHERE resource_type = 'preset' GROUP BY 1 ORDER BY 1;

-- tenants: their own things only
CREATE FUNCTION pg_temp.as_tenant(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    PERFORM set_config('request.jwt.claims', jsonb_build_object('sub', test.user_id('other@example.org'))::text, true);
    SET LOCAL ROLE leap_user;
    BEGIN
        EXECUTE command INTO answer;
    EXCEPTION WHEN OTHERS THEN
        answer := SQLSTATE || ' ' || SQLERRM;
    END;
    RESET ROLE;
    RETURN answer;
END
$$;
SELECT leap.add_user('other@example.org') IS NOT NULL AS made;
SELECT test.template('Publishing') AS template, test.preset('Course pages') AS preset, test.id('publish 1') AS recording \gset
SELECT regexp_replace(c, '[0-9a-f]{8}-[-0-9a-f]{27}', '<id>', 'g') AS command, regexp_replace(pg_temp.as_tenant(c), '[0-9a-f]{8}-[-0-9a-f]{27}', '<id>', 'g') AS answer FROM unnest(ARRAY[
    'SELECT count(*) FROM leap.recording_templates', 'SELECT count(*) FROM leap.output_presets', format('SELECT leap.change_template(%L, ''{}'')', :'template'), format('SELECT leap.copy_template(%L)', :'template'),
    format('SELECT leap.delete_template(%L)', :'template'), format('SELECT leap.set_default_template(%L)', :'template'), format('SELECT leap.template_stats(%L)', :'template'), format('SELECT leap.preview_template(%L)', :'template'),
    format('SELECT leap.rematch_template(%L)', :'template'), format('SELECT leap.bind_template(%L, %L)', :'recording', :'template'), format('SELECT leap.unbind_template(%L)', :'recording'), format('SELECT leap.resolve_config(%L)', :'recording'),
    format('SELECT leap.template_from_recording(%L, ''x'')', :'recording'), format('SELECT leap.get_preset(%L)', :'preset'), format('SELECT leap.change_preset(%L, ''{}'')', :'preset'), format('SELECT leap.copy_preset(%L)', :'preset'),
    format('SELECT leap.delete_preset(%L)', :'preset'), format('SELECT deleted FROM leap.delete_templates(ARRAY[%L]::uuid[])', :'template'), format('SELECT deleted FROM leap.delete_presets(ARRAY[%L]::uuid[])', :'preset'),
    'SELECT leap.add_template(''{"name": "x"}'', ''presets@example.org'')', format('SELECT leap.add_template(''{"name": "x", "output_config": {"preset_ids": ["%s"]}}'')', :'preset'),
    'SELECT leap.add_template(''{"name": "mine"}'') IS NOT NULL', 'SELECT name FROM leap.recording_templates', 'SELECT layer FROM leap.recording_templates', 'UPDATE leap.recording_templates SET name = ''x''']) c;
DELETE FROM leap.users WHERE email IN ('presets@example.org', 'other@example.org');
