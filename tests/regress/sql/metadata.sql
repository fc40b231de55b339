-- Titles and descriptions: variables, lists, layers, limits of platforms, previews, and what reaches a publication.
\pset format unaligned
\pset tuples_only on
SELECT test.connect();
SELECT leap.add_user('m-own@example.org') IS NOT NULL AND leap.add_user('m-other@example.org') IS NOT NULL;
UPDATE leap.users SET timezone = 'Europe/Moscow' WHERE email = 'm-own@example.org';
SELECT test.start('ИИ_1 курс_Алгебра', 'm-own@example.org');
SELECT test.id('ИИ_1 курс_Алгебра') AS id \gset
SELECT id AS target FROM leap.output_targets WHERE recording_id = :'id' \gset
UPDATE leap.recordings SET start_time = '2026-02-28 22:05:09+00', duration = 6000, final_duration = 5405.4,
    main_topics = '["Ряды", "Фурье", "Анализ", "Ещё"]',
    topics = '[{"title": "Ряды Фурье", "start": 0, "end": 700}, {"title": "Сходимость\n ряда", "start": 3754.9}, {"title": "Разбор", "start": 400000}, {"title": " "}, {}]',
    facts = facts || '{"summary": "О рядах.", "questions": ["Что такое ряд?", "Зачем он?"]}'
WHERE id = :'id';

-- every variable, in the owner's zone: his 1 March is 28 February in London
SELECT v.key, v.value FROM jsonb_each_text(leap.metadata_variables(:'id', '{}', '2026-06-30 21:00+00') - 'recording_id') v ORDER BY v.key;
-- and nothing else: catalogue and values agree, but for the title, which is made of them
SELECT array_agg(n) FROM (SELECT unnest(leap.render_variable_names()) n EXCEPT SELECT jsonb_object_keys(leap.metadata_variables(:'id', '{}'))) x;
SELECT count(*) FROM (SELECT jsonb_object_keys(leap.metadata_variables(:'id', '{}')) EXCEPT SELECT unnest(leap.render_variable_names())) x;
-- a zone that is none is UTC, and what is not known is empty
BEGIN;
ALTER TABLE leap.users DISABLE TRIGGER USER;
UPDATE leap.users SET timezone = 'Mars/Olympus' WHERE email = 'm-own@example.org';
UPDATE leap.recordings SET main_topics = NULL, topics = '[]', facts = '{}', duration = NULL, final_duration = NULL WHERE id = :'id';
SELECT leap.render('{{ record_datetime }} [{{ topics }}{{ topic }}{{ questions }}{{ summary }}{{ duration }}{{ duration_hm }}]', leap.metadata_variables(:'id', '{}'));
UPDATE leap.recordings SET main_topics = '["только", "главные"]', duration = 59.6 WHERE id = :'id';
SELECT leap.render('{{ topics }} {{ duration_hm }}', leap.metadata_variables(:'id', '{}'));
ROLLBACK;

-- lists; times are cut and not rounded, as in the list of chapters
SELECT d, leap.show_list(r.topics, d, leap.list_display('topics'))
FROM leap.recordings r, unnest(ARRAY['{"enabled": false}', '{"format": "bullet_list"}', '{"format": "dash_list", "separator": "; "}', '{"format": "comma_separated", "separator": "x"}',
    '{"format": "inline", "prefix": "Темы:"}', '{"prefix": "Темы:", "show_timestamps": true}', '{"max_count": 1}', '{"min_length": 7, "max_length": 11}', '{"max_length": 3}',
    '{"format": "unheard of", "max_count": "many", "enabled": true, "show_timestamps": "yes"}', '[]', 'null']::jsonb[]) d WHERE r.id = :'id';
SELECT leap.show_list(r.facts->'questions', d, leap.list_display('questions'))
FROM leap.recordings r, unnest(ARRAY['{}', '{"enabled": true}', '{"enabled": true, "format": "plain", "max_count": 1}']::jsonb[]) d WHERE r.id = :'id';
SELECT count(*) FROM unnest(ARRAY['null', '1', '"x"', '{}', '[null, 1, [], true]', NULL]::jsonb[]) items WHERE leap.show_list(items, '{}', leap.list_display('topics')) IS NOT NULL;

-- layers: all platforms < the preset < this platform; null says nothing
SELECT leap.platform_metadata('{"title_template": "all", "tags": ["a"], "privacy": "public", "topics_display": {"format": "inline", "max_count": 3},
    "youtube": {"privacy": "unlisted", "title_template": null, "topics_display": {"max_count": 5}}, "vk": {"privacy": "vk"}}',
    p, 'youtube') FROM unnest(ARRAY['{}', '{"title_template": "preset", "privacy": "preset", "category_id": "27"}', NULL]::jsonb[]) p;
SELECT leap.platform_metadata(m, m, 'youtube') FROM unnest(ARRAY['null', '[]', '"x"', '{"youtube": 1, "x": []}', NULL]::jsonb[]) m;

-- limits of platforms, in their units; < and > are wide where they are not allowed
CREATE FUNCTION pg_temp.fits(p text, m jsonb) RETURNS TABLE (platform text, title int, bytes int, description_chars int, description_bytes int, truncated jsonb) LANGUAGE sql AS $$
    SELECT p, leap.text_size(x->>'title', 'utf16'), octet_length(x->>'title'), length(x->>'description'), octet_length(x->>'description'), x->'truncated'
    FROM leap.preview_metadata(m, p, "user" => 'm-own@example.org') x $$;
SELECT f.* FROM leap.platforms p, pg_temp.fits(p.platform, jsonb_build_object('title_template', '{{ display_name }} ' || repeat('😀', 260), 'description_template', repeat('Длинное описание ', 600))) f ORDER BY 1;
SELECT f.* FROM leap.platforms p, pg_temp.fits(p.platform, '{"title_template": "{{ display_name }}"}') f ORDER BY 1;
SELECT p.platform, x->>'title', x->>'description' FROM leap.platforms p, leap.preview_metadata(
    '{"title_template": "  <b>{{ display_name | part(0) }}</b>\n\t\u0007 x", "description_template": "a\r\nb > {{ title }}\u0001\n"}', p.platform, "user" => 'm-own@example.org') x ORDER BY 1;
-- tags: each once, as many as fit, and settings of the platform come along
SELECT leap.platform_tags(t, most, angles) FROM (VALUES ('["a", "A", " b c ", "", "d,e", "<f>"]'::jsonb, 500, false), ('"x, y ,x"', 500, true), ('["aaaa", "b c", "d"]', 10, true), ('{}', 500, true), ('[1, null, ["x"]]', 500, true)) v (t, most, angles);
SELECT leap.preview_metadata('{"tags": ["a", "b"], "youtube": {"privacy": "unlisted", "playlist_id": "PL1"}}', 'youtube', "user" => 'm-own@example.org') - '{variables,description}'::text[];
SELECT leap.preview_metadata('{"folder_path_template": "/{{ display_name | split_path }}/../{{ record_date_iso }}//x", "filename_template": "{{ date }}/{{ title }}.mp4",
    "subtitles_srt": {}, "description_txt": {"filename_template": "..", "content_template": "{{ topics }}\n"}, "transcription": {"filename_template": "{{ oops"}}', 'yandex_disk', :'id')
    - '{variables,description}'::text[];

-- fallbacks, and templates that fail: a publication never fails for them
CREATE FUNCTION pg_temp.publish(m jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    UPDATE leap.runs SET config = config || jsonb_build_object('metadata', m) WHERE recording_id = test.id('ИИ_1 курс_Алгебра');
    RETURN leap.publication(test.id('ИИ_1 курс_Алгебра'), (SELECT id FROM leap.output_targets WHERE recording_id = test.id('ИИ_1 курс_Алгебра')));
END $$;
SELECT pg_temp.publish(m) FROM unnest(ARRAY['{}', '{"title_template": "{{ nothing }}"}', '{"title_template": "{{ display_name", "description_template": "{{ topics | unknown }}"}',
    '{"title_template": 5, "description_template": ["x"], "tags": 3, "topics_display": "x", "questions_display": null}', '"x"', 'null',
    '{"title_template": "{{ topic }}: {{ date }}", "description_template": "{{ title }}, {{ summary }}", "library": {"description_template": "{{ questions }}", "questions_display": {"enabled": true}}}']::jsonb[]) m;
-- the preset of a target lies between
UPDATE leap.output_targets SET config = '{"title_template": "Preset: {{ display_name }}", "url_prefix": "https://lessons.example"}' WHERE id = :'target';
SELECT pg_temp.publish('{"title_template": "{{ topic }}"}');

-- the child that uploads is told, and no other
SELECT count(*) FROM leap.task_inputs i WHERE i.input #> '{recording,id}' IS NOT NULL AND i.kind <> 'upload' AND i.input::jsonb #> '{target,publication}' <> 'null';
SELECT i.input #>> '{target,publication,title}' FROM leap.task_inputs i JOIN leap.tasks t ON t.id = i.task WHERE t.kind = 'upload' AND t.recording_id = :'id';

-- what titles are made with decides whether a publication is still the same; when it is made does not
CREATE FUNCTION pg_temp.hash() RETURNS bytea LANGUAGE sql AS $$
    SELECT input_hash FROM leap.possible_tasks(ARRAY[test.id('ИИ_1 курс_Алгебра')], 'run') WHERE kind = 'upload' $$;
SELECT pg_temp.hash() AS before \gset
UPDATE leap.runs SET config = jsonb_set(config, '{output,targets,0,title_template}', '"{{ publish_datetime }} {{ display_name }}"') WHERE recording_id = test.id('ИИ_1 курс_Алгебра');
SELECT pg_temp.hash() <> :'before' AS changed;
SELECT pg_temp.hash() AS before \gset
UPDATE leap.output_targets SET target_meta = '{"folder": "x"}' WHERE id = :'target';
SELECT pg_temp.hash() = :'before' AS same;
UPDATE leap.recordings SET config = '{"metadata": {"youtube": {"title_template": "{{ display_name }}!"}}}' WHERE id = :'id';
SELECT pg_temp.hash() = :'before' AS same;
UPDATE leap.runs SET config = config || '{"metadata": {"description_template": "{{ record_datetime }}"}}' WHERE recording_id = :'id';
SELECT pg_temp.hash() <> :'before' AS changed;
SELECT pg_temp.hash() AS before \gset
UPDATE leap.users SET timezone = 'Asia/Tokyo' WHERE email = 'm-own@example.org';
SELECT pg_temp.hash() <> :'before' AS changed;

-- previews: samples in both languages, real data, and what is no variable
SELECT jsonb_pretty(leap.preview_metadata('{"title_template": "{{ display_name | part(-1) }}: {{ themes }} ({{ date }})", "topics_display": {"show_timestamps": true, "prefix": "Topics:"}, "questions_display": {"enabled": true}}', "user" => 'm-own@example.org') - 'variables');
SELECT leap.preview_metadata('{"title_template": "{{ display_name }}"}', "user" => 'm-own@example.org')->'variables' ? 'duration_hm';
SELECT x->>'title', x->'unknown', x->'problems' FROM leap.preview_metadata('{"title_template": "{{ naem }} {{ summary", "description_template": "{{ b }}{{ title }}{{ a.x }}", "vk": {"title_template": "{{ c }}"}}', 'Youtube', :'id') x;
UPDATE leap.users SET language = 'ru' WHERE email = 'm-own@example.org';
SELECT x->>'title', x->>'description' FROM leap.preview_metadata('{}', "user" => 'm-own@example.org') x;
SELECT leap.preview_metadata('{}', 'vimeo', "user" => 'm-own@example.org');
SELECT leap.preview_metadata('[]', "user" => 'm-own@example.org');

-- a tenant sees his own
SELECT set_config('request.jwt.claims', jsonb_build_object('sub', id)::text, false) IS NOT NULL FROM leap.users WHERE email = 'm-other@example.org';
SET ROLE leap_user;
SELECT leap.preview_metadata('{"title_template": "{{ display_name }}"}')->>'title';
\set VERBOSITY sqlstate
SELECT leap.preview_metadata('{}', recording => :'id');
SELECT leap.preview_metadata('{}', "user" => 'm-own@example.org');
SELECT leap.publication(:'id', :'target');
SELECT leap.metadata_variables(:'id', '{}');
RESET ROLE;
RESET request.jwt.claims;
SELECT leap.publication(:'id', :'id');
\set VERBOSITY default

-- what is refused at save
CREATE FUNCTION pg_temp.check(m jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text;
    hint text;
BEGIN
    PERFORM leap.check_config(jsonb_build_object('metadata', m));
    RETURN 'fine';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' / ', SQLSTATE, message, nullif(hint, ''));
END $$;
SELECT pg_temp.check(m) FROM unnest(ARRAY[
    'null', '{}', '{"title_template": "{{ display_name }} | {{ topic }} ({{ date }})", "description_template": "Запись от {{ date }}", "topics_display": {"prefix": "Темы:"}, "questions_display": {"enabled": false, "max_count": 3, "prefix": "Вопросы:"}, "tags": ["x"], "youtube": {"privacy": "unlisted"}}',
    '"x"', '{"title_template": "My lecture"}', '{"title_template": "{{ title }}"}', '{"title_template": "{{ display_name }"}', '{"description_template": "{{ topcs }}"}', '{"youtube": {"title_template": "{{ display_name | uppper }}"}}',
    '{"library": {"description_template": "{% if topics %}"}}', '{"vk": "x"}', '{"title_template": ["x"]}', '{"title_template": null, "description_template": ""}',
    '{"description_template": "{{ topics | part(summary) }}"}',
    '{"topics_display": {"format": "table"}}', '{"topics_display": {"enabled": "yes"}}', '{"topics_display": {"max_count": -1}}', '{"topics_display": {"max_count": 1.5}}', '{"questions_display": {"show_timestamps": true}}', '{"youtube": {"topics_display": 1}}',
    jsonb_build_object('title_template', '{{ date }}' || repeat('x', 491)), jsonb_build_object('topics_display', jsonb_build_object('prefix', repeat('x', 201)))]::jsonb[]) m;
SELECT leap.cancel_recording(:'id') IS NOT NULL;

-- chapters as YouTube reads them
SELECT leap.chapters_block('[{"title": "One <1>", "start": 4}, {"title": "Two\nlines", "start": 70.9}, {"title": "soon after", "start": 75}, {"title": " ", "start": 100}, {"title": "Three", "start": 3725}, {"title": "the end", "start": 3995}]', 4000);
SELECT leap.chapters_block('[{"title": "Two", "start": 60}, {"title": "One", "start": 0}, {"title": "late", "start": 95}]', 100) IS NULL AS too_few,
       leap.chapters_block(NULL, NULL) IS NULL AS none, leap.chapters_block('{"title": 1}', 5) IS NULL AS no_list,
       length(split_part(leap.chapters_block(jsonb_build_array(jsonb_build_object('title', repeat('x', 100), 'start', 0), '{"title": "b", "start": 20}'::jsonb, '{"title": "c", "start": 30}'::jsonb), NULL), E'\n', 1)) AS longest;
SELECT leap.preview_metadata('{"description_template": "About\n{{ chapters }}"}', "user" => 'm-own@example.org')->>'description' AS described;
