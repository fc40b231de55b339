-- What a lesson is published with: title, description, tags, and the settings of a platform, from templates and facts.
--
-- Layers, lowest first: what metadata says for all platforms, the preset of the target, what metadata says for this
-- platform (docs/adr/0015-specific-metadata-wins.md). These functions run inside a claim: nothing in them raises, whatever
-- metadata holds. A template that cannot be rendered gives its fallback and a word in `problems`.

CREATE OR REPLACE FUNCTION leap.object_or_empty(given jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$ SELECT CASE jsonb_typeof(given) WHEN 'object' THEN given ELSE '{}' END $$;
COMMENT ON FUNCTION leap.object_or_empty(jsonb) IS 'The object, or {} for anything else.';

CREATE OR REPLACE FUNCTION leap.platform_metadata(metadata jsonb, preset jsonb, platform text)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT leap.merge_config(leap.merge_config(m.given - ARRAY(SELECT p.platform FROM leap.platforms p), jsonb_strip_nulls(leap.object_or_empty(preset))),
                                 leap.object_or_empty(m.given->platform_metadata.platform))
        FROM (SELECT jsonb_strip_nulls(leap.object_or_empty(metadata)) AS given) m);
END
$$;
COMMENT ON FUNCTION leap.platform_metadata(jsonb, jsonb, text) IS
'The metadata in force for one platform: the keys for all platforms, over them those of the preset, over them the block of the platform. Nulls say nothing.';

-- Lists of topics and questions ---------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION leap.list_display(list text)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE list
        WHEN 'topics' THEN '{"enabled": true, "format": "numbered_list", "max_count": 999, "min_length": 0, "max_length": 999,
                             "prefix": "", "separator": "\n", "show_timestamps": false}'
        WHEN 'questions' THEN '{"enabled": false, "format": "numbered_list", "max_count": 20, "min_length": 0, "max_length": 1000,
                                "prefix": "", "separator": "\n"}' END::jsonb
$$;
COMMENT ON FUNCTION leap.list_display(text) IS 'How a list, topics or questions, is shown if metadata says nothing: topics_display, questions_display.';

CREATE OR REPLACE FUNCTION leap.list_formats()
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT '{"numbered_list": ["1. "], "bullet_list": ["• "], "dash_list": ["- "], "comma_separated": ["", ", "], "inline": ["", " | "],
             "plain": [""]}'::jsonb
$$;
COMMENT ON FUNCTION leap.list_formats() IS
'The formats of lists: what stands before an item (1. counts), and between items if it is not the separator of the display.';

CREATE OR REPLACE FUNCTION leap.number_or(given jsonb, otherwise numeric)
RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT CASE jsonb_typeof(given) WHEN 'number' THEN given::numeric ELSE otherwise END $$;
COMMENT ON FUNCTION leap.number_or(jsonb, numeric) IS 'The number, or the other one for anything else.';

-- Text in one line, without control characters.
CREATE OR REPLACE FUNCTION leap.one_line(t text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT btrim(regexp_replace(t, '[\s\x01-\x1f\x7f-\x9f]+', ' ', 'g')) $$;
COMMENT ON FUNCTION leap.one_line(text) IS 'The text with every run of blanks, line ends and control characters as one blank, and none at the ends.';

CREATE OR REPLACE FUNCTION leap.show_list(items jsonb, display jsonb, defaults jsonb)
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    d jsonb := defaults || leap.object_or_empty(display);
    format jsonb := coalesce(leap.list_formats()->(d->>'format'), leap.list_formats()->(defaults->>'format'));
    mark text := format->>0;
    separator text := coalesce(format->>1, d->>'separator');
    body text;
BEGIN
    IF jsonb_typeof(items) IS DISTINCT FROM 'array' OR d->'enabled' IS DISTINCT FROM 'true' THEN
        RETURN NULL;
    END IF;
    SELECT string_agg(CASE mark WHEN '1. ' THEN i.n || '. ' ELSE mark END
               || CASE WHEN i.start IS NOT NULL AND d->'show_timestamps' = 'true'
                       THEN to_char(make_interval(secs => floor(least(greatest(i.start, 0), 359999))::int), 'HH24:MI:SS — ') ELSE '' END
               || i.title, separator ORDER BY i.n)
    INTO body
    FROM (SELECT row_number() OVER (ORDER BY x.n) AS n, x.title, x.start
          FROM (SELECT y.n, leap.number_or(y.item->'start', NULL) AS start,
                       leap.one_line(CASE jsonb_typeof(y.item) WHEN 'string' THEN y.item #>> '{}' WHEN 'object' THEN y.item->>'title' END) AS title
                FROM jsonb_array_elements(items) WITH ORDINALITY AS y(item, n)) x
          WHERE x.title <> '' AND length(x.title) BETWEEN leap.number_or(d->'min_length', 0) AND leap.number_or(d->'max_length', 1000)) i
    WHERE i.n <= leap.number_or(d->'max_count', 999);
    RETURN coalesce(nullif(d->>'prefix', '') || separator, '') || body;
END
$$;
COMMENT ON FUNCTION leap.show_list(jsonb, jsonb, jsonb) IS
'An array of texts, or of {"title","start"}, as a text: display over defaults (leap.list_display()) says how. Null if the list is off or has nothing to show.';

-- Divided as worker/outline/chapters.c divides them for players: those that would be too short join the one before.
CREATE OR REPLACE FUNCTION leap.chapters_block(topics jsonb, duration numeric)
RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    topic record;
    last numeric;
    at bigint;
    lines text[] := '{}';
BEGIN
    FOR topic IN
        SELECT x.start, left(translate(x.title, '<>', '‹›'), 70) AS title
        FROM (SELECT y.n, greatest(leap.number_or(y.item->'start', NULL), 0) AS start,
                     leap.one_line(CASE jsonb_typeof(y.item) WHEN 'object' THEN y.item->>'title' END) AS title
              FROM jsonb_array_elements(CASE jsonb_typeof(topics) WHEN 'array' THEN topics ELSE '[]' END) WITH ORDINALITY AS y(item, n)) x
        WHERE x.start < 359999 AND x.title <> '' ORDER BY x.start, x.n
    LOOP
        CONTINUE WHEN topic.start - last < 10 OR (last IS NOT NULL AND duration - topic.start < 10);
        at := CASE WHEN last IS NULL THEN 0 ELSE floor(topic.start) END;
        last := CASE WHEN last IS NULL THEN 0 ELSE topic.start END;
        lines := lines || (CASE WHEN at >= 3600 THEN at / 3600 || to_char(make_interval(secs => at % 3600), ':MI:SS ')
                                ELSE at / 60 || to_char(make_interval(secs => at % 60), ':SS ') END || topic.title);
    END LOOP;
    RETURN CASE WHEN cardinality(lines) >= 3 THEN array_to_string(lines, E'\n') END;
END
$$;
COMMENT ON FUNCTION leap.chapters_block(jsonb, numeric) IS
'Topics [{"title","start"}] of a lesson that lasts duration seconds (null: unknown) as YouTube reads chapters in a description: lines "0:00 Title", the first at 0:00, ten seconds apart at least, of 70 characters at most. Null if there are fewer than three.';

-- Variables -----------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION leap.time_variables(prefix text, local timestamp)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_object_agg(prefix || f.name, to_char(local, f.format))
        FROM (VALUES ('_date', 'DD.MM.YYYY'), ('_date_short', 'DD.MM.YY'), ('_date_iso', 'YYYY-MM-DD'), ('_datetime', 'DD.MM.YYYY HH24:MI'),
                     ('_datetime_iso', 'YYYY-MM-DD HH24:MI'), ('_time_hm', 'HH24:MI'), ('_time', 'YYYY-MM-DD"T"HH24:MI:SS'),
                     ('_timestamp_local', 'YYYY-MM-DD"T"HH24:MI:SS')) f (name, format));
END
$$;
COMMENT ON FUNCTION leap.time_variables(text, timestamp) IS 'The variables <prefix>_date and so on for a local time.';

CREATE OR REPLACE FUNCTION leap.recording_variables(r leap.recordings, zone text, metadata jsonb, at timestamptz)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'display_name', r.display_name, 'original_title', r.display_name, 'recording_id', r.id,
            'duration', d.seconds::text,
            'duration_hm', CASE WHEN d.seconds >= 3600 THEN d.seconds / 3600 || to_char(make_interval(secs => d.seconds % 3600), ':MI:SS')
                                ELSE d.seconds / 60 || to_char(make_interval(secs => d.seconds % 60), ':SS') END,
            'summary', r.facts->>'summary', 'topic', m.first_topics, 'themes', m.first_topics,
            'topics', leap.show_list(CASE WHEN r.topics @> '[]' AND r.topics <> '[]' THEN r.topics ELSE r.main_topics END,
                                     metadata->'topics_display', leap.list_display('topics')),
            'chapters', leap.chapters_block(r.topics, coalesce(r.final_duration, r.duration)::numeric),
            'questions', leap.show_list(r.facts->'questions', metadata->'questions_display', leap.list_display('questions')),
            'date', to_char(z.recorded, 'DD.MM.YYYY'))
            || leap.time_variables('record', z.recorded) || leap.time_variables('publish', z.published)
        FROM (SELECT r.start_time AT TIME ZONE k.name AS recorded, at AT TIME ZONE k.name AS published FROM (SELECT leap.zone_or_utc(zone) AS name) k) z,
             (SELECT CASE WHEN coalesce(r.final_duration, r.duration) >= 0 THEN round(least(coalesce(r.final_duration, r.duration), 3599999))::int END AS seconds) d,
             (SELECT string_agg(t.title, ', ' ORDER BY t.n) AS first_topics
              FROM (SELECT leap.one_line(x.title) AS title, x.n
                    FROM jsonb_array_elements_text(CASE jsonb_typeof(r.main_topics) WHEN 'array' THEN r.main_topics ELSE '[]' END) WITH ORDINALITY AS x(title, n)
                    WHERE leap.one_line(x.title) <> '' ORDER BY x.n LIMIT 3) t) m);
END
$$;
COMMENT ON FUNCTION leap.recording_variables(leap.recordings, text, jsonb, timestamptz) IS
'The values of leap.render_variables() for a recording, but for title: in this time zone (unknown: UTC), with the displays of this metadata, published at this time.';

-- Texts for a platform ------------------------------------------------------------------------------------------------

-- Tags as platforms take them: comma, and quotes around one with blanks, count.
CREATE OR REPLACE FUNCTION leap.platform_tags(tags jsonb, most int, angles boolean)
RETURNS text[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(array_agg(s.tag ORDER BY s.n) FILTER (WHERE s.used <= most + 1), '{}')
        FROM (SELECT f.tag, f.n, sum(length(f.tag) + 1 + CASE WHEN f.tag ~ ' ' THEN 2 ELSE 0 END) OVER (ORDER BY f.n) AS used
              FROM (SELECT DISTINCT ON (lower(t.tag)) t.tag, t.n
                    FROM (SELECT leap.one_line(translate(x.tag, CASE WHEN angles THEN ',' ELSE ',<>' END, '')) AS tag, x.n
                          FROM jsonb_array_elements_text(CASE jsonb_typeof(tags) WHEN 'array' THEN tags
                                   WHEN 'string' THEN to_jsonb(string_to_array(tags #>> '{}', ',')) ELSE '[]' END) WITH ORDINALITY AS x(tag, n)) t
                    WHERE t.tag <> '' ORDER BY lower(t.tag), t.n) f) s);
END
$$;
COMMENT ON FUNCTION leap.platform_tags(jsonb, int, boolean) IS
'The tags of an array or of a text with commas, each once, as many of the first as fit into so many characters.';

-- A path below a folder of the platform, or the name of a file there: no way up, no empty names.
CREATE OR REPLACE FUNCTION leap.platform_path(t text, one_name boolean)
RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN t LIKE '/%' AND NOT one_name THEN '/' ELSE '' END || string_agg(p.name, CASE WHEN one_name THEN '-' ELSE '/' END ORDER BY p.n)
        FROM (SELECT leap.one_line(x.name) AS name, x.n FROM unnest(string_to_array(t, '/')) WITH ORDINALITY AS x(name, n)) p
        WHERE p.name NOT IN ('', '.', '..'));
END
$$;
COMMENT ON FUNCTION leap.platform_path(text, boolean) IS
'The path without empty names, "." and ".."; as one name with hyphens for slashes if told. Null if nothing is left.';

CREATE OR REPLACE FUNCTION leap.platform_text(t text, one_line boolean, angles boolean)
RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    clean text := CASE WHEN one_line THEN leap.one_line(t)
                       ELSE btrim(regexp_replace(replace(t, E'\r\n', E'\n'), '[\x01-\x08\x0b-\x1f\x7f-\x9f]', '', 'g'), E' \t\n') END;
BEGIN
    RETURN CASE WHEN angles THEN clean ELSE translate(clean, '<>', '＜＞') END;
END
$$;
COMMENT ON FUNCTION leap.platform_text(text, boolean, boolean) IS
'A text as platforms take it: without control characters, in one line or several, and with wide ＜ ＞ where < and > are not allowed.';

DROP FUNCTION IF EXISTS leap.fallback_description();
CREATE OR REPLACE FUNCTION leap.fallback_description(language text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE language WHEN 'ru' THEN 'Опубликовано {{ record_date }}' ELSE 'Uploaded on {{ record_date_iso }}' END
        || E'{% if topics %}\n\n{{ topics }}{% endif %}{% if questions %}\n\n{{ questions }}{% endif %}'
$$;
COMMENT ON FUNCTION leap.fallback_description(text) IS
'The template of descriptions where there is none, or where it renders to nothing: in Russian (ru), or in English.';

-- Names of files and folders, and of what is put beside the lesson.
CREATE OR REPLACE FUNCTION leap.render_settings(settings jsonb, known jsonb)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    setting record;
    made text;
BEGIN
    IF settings::text NOT LIKE '%\_template"%' THEN
        RETURN settings;
    END IF;
    FOR setting IN SELECT s.key, s.value FROM jsonb_each(settings) s LOOP
        IF jsonb_typeof(setting.value) = 'object' THEN
            settings := settings || jsonb_build_object(setting.key, leap.render_settings(setting.value, known));
        ELSIF jsonb_typeof(setting.value) = 'string' AND setting.key LIKE '%\_template' THEN
            made := (leap.try_render(setting.value #>> '{}', known)).rendered;
            settings := settings - setting.key || jsonb_build_object(left(setting.key, -length('_template')),
                CASE setting.key WHEN 'filename_template' THEN leap.platform_path(made, true) WHEN 'folder_path_template' THEN leap.platform_path(made, false)
                                 WHEN 'key_template' THEN ltrim(leap.platform_path(made, false), '/')
                                 ELSE leap.platform_text(made, false, true) END);
        END IF;
    END LOOP;
    RETURN settings;
END
$$;
COMMENT ON FUNCTION leap.render_settings(jsonb, jsonb) IS
'The settings of a platform with every <name>_template rendered as <name>: names of files and folders without a way up, other texts as they are; in objects within as well. Null where a template fails.';

-- One text, put into what is made already.
CREATE OR REPLACE FUNCTION leap.published_text(made jsonb, field text, template jsonb, fallback text, known jsonb, most int, unit text, angles boolean)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    got record;
    whole text;
    fitted text;
BEGIN
    IF jsonb_typeof(template) = 'string' THEN
        got := leap.try_render(template #>> '{}', known);
        whole := leap.platform_text(got.rendered, field = 'title', angles);
        IF got.problem IS NOT NULL THEN
            made := jsonb_insert(made, '{problems,-1}', jsonb_build_object('field', field || '_template', 'message', got.problem), true);
        END IF;
    END IF;
    IF coalesce(whole, '') = '' THEN
        whole := leap.platform_text((leap.try_render(fallback, known)).rendered, field = 'title', angles);
        made := jsonb_insert(made, '{fallbacks,-1}', to_jsonb(field), true);
    END IF;
    fitted := leap.fit_text(whole, most, unit);
    IF fitted <> whole THEN
        made := jsonb_insert(made, '{truncated,-1}', to_jsonb(field), true);
    END IF;
    RETURN made || jsonb_build_object(field, fitted);
END
$$;
COMMENT ON FUNCTION leap.published_text(jsonb, text, jsonb, text, jsonb, int, text, boolean) IS
'What is made for a publication with one text more: the template rendered, or the fallback, cut to the platform''s limit, and whether so.';

DROP FUNCTION IF EXISTS leap.published_texts(leap.recordings, text, jsonb, leap.platforms, timestamptz);
CREATE OR REPLACE FUNCTION leap.published_texts(r leap.recordings, u leap.users, metadata jsonb, p leap.platforms, at timestamptz)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    known jsonb := leap.recording_variables(r, u.timezone, metadata, at);
    made jsonb := '{"truncated": [], "fallbacks": [], "problems": []}';
    rest jsonb := metadata - '{title_template,description_template,tags,topics_display,questions_display}'::text[];
    tags text[] := CASE WHEN metadata ? 'tags' THEN leap.platform_tags(metadata->'tags', p.tags_max, p.angles) ELSE '{}' END;
BEGIN
    -- the title first: the description may name it
    made := leap.published_text(made, 'title', metadata->'title_template', '{{ display_name }}', known, p.title_max, p.title_unit, p.angles);
    known := known || jsonb_build_object('title', made->'title');
    made := leap.published_text(made, 'description', metadata->'description_template', leap.fallback_description(u.language), known, p.description_max,
                                p.description_unit, p.angles);
    IF metadata ? 'tags' AND cardinality(tags) < cardinality(leap.platform_tags(metadata->'tags', 1000000, p.angles)) THEN
        made := jsonb_insert(made, '{truncated,-1}', '"tags"', true);
    END IF;
    RETURN leap.render_settings(rest, known) || made || jsonb_build_object('tags', tags);
END
$$;
COMMENT ON FUNCTION leap.published_texts(leap.recordings, leap.users, jsonb, leap.platforms, timestamptz) IS
'What a recording of this user is published with on a platform, in his time zone and, where nobody wrote a description, his language: {title, description, tags, truncated[], fallbacks[], problems[{field, message}]} and whatever else metadata says for the platform, templates rendered. Raises nothing.';

CREATE OR REPLACE FUNCTION leap.publication_of(r leap.recordings, o leap.output_targets, metadata jsonb)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT leap.published_texts(r, u, leap.platform_metadata(metadata, o.config - '{credential_id,on_rerun}'::text[], p.platform), p, leap.clock())
        FROM leap.platforms p JOIN leap.users u ON u.id = r.user_id WHERE p.target_type = o.target_type);
END
$$;
COMMENT ON FUNCTION leap.publication_of(leap.recordings, leap.output_targets, jsonb) IS
'leap.published_texts() for a target, with the metadata of a resolved configuration.';

-- What an upload does with what is there -------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION leap.target_todo(o leap.output_targets)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN o.remote_id IS NULL THEN 'publish'
                ELSE CASE coalesce(o.config->>'on_rerun', 'update') WHEN 'new' THEN 'publish' ELSE coalesce(o.config->>'on_rerun', 'update') END END
$$;
COMMENT ON FUNCTION leap.target_todo(leap.output_targets) IS
'What an upload to this target does: publish (nothing is there, or on_rerun = new adds another), update, or replace.';

CREATE OR REPLACE FUNCTION leap.video_changed(o leap.output_targets)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF o.remote_id IS NULL THEN
        RETURN false;
    END IF;
    RETURN coalesce((SELECT coalesce(a.sha256 <> o.video_sha256, a.created_at > o.uploaded_at)
                     FROM leap.artifacts a WHERE a.recording_id = o.recording_id AND a.kind = 'video'), false);
END
$$;
COMMENT ON FUNCTION leap.video_changed(leap.output_targets) IS
'Whether the recording has another video now than the one that is published: by what was published, or, where that is not known, by when.';

-- When templates are saved ---------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION leap.sample_recording(language text)
RETURNS leap.recordings LANGUAGE sql STABLE AS $$
    SELECT jsonb_populate_record(NULL::leap.recordings, CASE language
        WHEN 'ru' THEN '{"display_name": "ИИ_1 курс_Линейная алгебра", "main_topics": ["Собственные значения", "Диагонализация", "Квадратичные формы"],
            "topics": [{"title": "Повторение: определители", "start": 0}, {"title": "Собственные значения и векторы", "start": 754},
                       {"title": "Диагонализация матриц", "start": 2210}, {"title": "Квадратичные формы", "start": 3940}],
            "facts": {"summary": "Что такое собственные значения, как их найти и зачем приводить матрицу к диагональному виду.",
                      "questions": ["Когда матрица диагонализуема?", "Чем собственный вектор отличается от любого другого?"]}}'
        ELSE '{"display_name": "AI_Year 1_Linear algebra", "main_topics": ["Eigenvalues", "Diagonalization", "Quadratic forms"],
            "topics": [{"title": "Determinants, once more", "start": 0}, {"title": "Eigenvalues and eigenvectors", "start": 754},
                       {"title": "Diagonalization of matrices", "start": 2210}, {"title": "Quadratic forms", "start": 3940}],
            "facts": {"summary": "What eigenvalues are, how to find them, and why a matrix is brought into diagonal form.",
                      "questions": ["When can a matrix be diagonalized?", "What makes a vector an eigenvector?"]}}' END::jsonb
        || '{"id": "01990000-0000-7000-8000-000000000001", "start_time": "2026-09-01T07:30:00Z", "duration": 5520, "final_duration": 5400}')
$$;
COMMENT ON FUNCTION leap.sample_recording(text) IS 'A recording that there is not, in English or Russian (ru), for previews.';

CREATE OR REPLACE FUNCTION leap.check_publication_text(template text, is_title boolean, what text)
RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
    problem text;
BEGIN
    PERFORM leap.check_text_template(template, is_title,
        CASE WHEN is_title THEN array_remove(leap.render_variable_names(), 'title') ELSE leap.render_variable_names() END, what);
    SELECT t.problem INTO problem
    FROM unnest('{en,ru}'::text[]) l, leap.try_render(template, leap.recording_variables(leap.sample_recording(l), 'UTC', '{}', leap.clock())) t
    WHERE t.problem IS NOT NULL LIMIT 1;
    IF problem IS NOT NULL THEN
        PERFORM leap.refuse('LP031', format('%s: %s', what, problem), 'It was rendered with sample data.');
    END IF;
END
$$;
COMMENT ON FUNCTION leap.check_publication_text(text, boolean, text) IS
'Refuses (LP031) a template of a publication that cannot be read, names what is no variable, or fails with sample data; a title must name a variable, and not itself. what names it in the message. Null passes.';
