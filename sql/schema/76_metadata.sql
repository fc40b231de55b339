-- Titles and descriptions for people: what they are made with, how they look, and what is refused when metadata is saved.

CREATE OR REPLACE FUNCTION leap.visible_recording(recording uuid)
RETURNS leap.recordings LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    r leap.recordings;
BEGIN
    SELECT * INTO r FROM leap.recordings x WHERE x.id = visible_recording.recording;
    IF r.id IS NULL OR NOT leap.may_see(r.user_id) THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', coalesce(recording::text, 'null')), 'leap list shows the ids.');
    END IF;
    RETURN r;
END
$$;
COMMENT ON FUNCTION leap.visible_recording(uuid) IS 'The recording, if the caller may see it; error LP020.';

CREATE OR REPLACE FUNCTION leap.metadata_variables(recording uuid, metadata jsonb, at timestamptz = NULL)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    r leap.recordings := leap.visible_recording(recording);
BEGIN
    RETURN leap.recording_variables(r, (SELECT u.timezone FROM leap.users u WHERE u.id = r.user_id), leap.object_or_empty(metadata), coalesce(at, leap.clock()));
END
$$;
COMMENT ON FUNCTION leap.metadata_variables(uuid, jsonb, timestamptz) IS
'The variables a title of this recording is made with (leap.render_variables()), in its owner''s time zone; topics_display and questions_display of metadata shape the lists. publish_* are of that time, null is now. Error LP020.';

CREATE OR REPLACE FUNCTION leap.publication(recording uuid, target uuid)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    r leap.recordings := leap.visible_recording(recording);
    o leap.output_targets;
    config jsonb;
BEGIN
    SELECT * INTO o FROM leap.output_targets x WHERE x.id = publication.target AND x.recording_id = r.id;
    IF o.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('recording %s has no target %s', recording, coalesce(target::text, 'null')));
    END IF;
    SELECT u.config INTO config FROM leap.runs u WHERE u.recording_id = r.id AND u.state = 'active';
    RETURN leap.publication_of(r, o, coalesce(config, leap.resolved_config(r))->'metadata');
END
$$;
COMMENT ON FUNCTION leap.publication(uuid, uuid) IS
'What a recording is published with on one of its targets, by the configuration of its run, or the one a run would have now: {title, description, tags, truncated[], fallbacks[], problems[]} and the settings for the platform. Errors LP020.';

-- Samples: what an author of a template sees before there is a recording -------------------------------------------------

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

CREATE OR REPLACE FUNCTION leap.find_platform(platform text)
RETURNS leap.platforms LANGUAGE plpgsql STABLE AS $$
DECLARE
    p leap.platforms;
BEGIN
    SELECT * INTO p FROM leap.platforms x WHERE x.platform = lower(find_platform.platform);
    IF p.platform IS NULL THEN
        PERFORM leap.refuse('LP030', format('there is no platform "%s"', left(platform, 50)),
                            format('Platforms are %s.', (SELECT string_agg(x.platform, ', ' ORDER BY x.platform) FROM leap.platforms x)));
    END IF;
    RETURN p;
END
$$;
COMMENT ON FUNCTION leap.find_platform(text) IS 'The row of leap.platforms; error LP030.';

CREATE OR REPLACE FUNCTION leap.preview_metadata(metadata jsonb, platform text = 'library', recording uuid = NULL, "user" text = NULL)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    p leap.platforms := leap.find_platform(platform);
    r leap.recordings;
    u leap.users;
    language text;
    given jsonb;
BEGIN
    IF jsonb_typeof(metadata) IS DISTINCT FROM 'object' THEN
        PERFORM leap.refuse('LP030', format('metadata cannot be %s', coalesce(left(metadata::text, 100), 'null')), 'It is a JSON object.');
    END IF;
    IF recording IS NOT NULL THEN
        r := leap.visible_recording(recording);
        SELECT * INTO u FROM leap.users x WHERE x.id = r.user_id;
    ELSE
        u := leap.acting_user("user");
        language := coalesce(to_jsonb(u)->>'language', split_part(u.config #>> '{transcription,language}', '-', 1), 'en');
        r := leap.sample_recording(language);
    END IF;
    given := leap.platform_metadata(metadata, '{}', p.platform);
    RETURN leap.published_texts(r, u.timezone, given, p, leap.clock()) || jsonb_build_object(
        'platform', p.platform, 'sample', recording IS NULL,
        'variables', leap.recording_variables(r, u.timezone, given, leap.clock()),
        'unknown', coalesce((SELECT jsonb_agg(DISTINCT n ORDER BY n) FROM jsonb_each(given) t CROSS JOIN LATERAL unnest(leap.template_names(t.value #>> '{}')) n
                             WHERE t.key LIKE '%\_template' AND jsonb_typeof(t.value) = 'string' AND n <> ALL (leap.render_variable_names())), '[]'));
END
$$;
COMMENT ON FUNCTION leap.preview_metadata(jsonb, text, uuid, text) IS
'How metadata looks on a platform, for a recording, or with sample data in the user''s language (e-mail or id; null is oneself, or the only one): as leap.publication(), with platform, sample, variables, and unknown, the names in templates that are no variables. Nothing is refused for its content: problems says what is wrong. Errors LP020, LP030.';

-- At save ---------------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION leap.check_display(display jsonb, list text, what text)
RETURNS void LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    defaults jsonb := leap.list_display(list);
    bad record;
BEGIN
    IF display IS NULL OR display = 'null' THEN
        RETURN;
    END IF;
    PERFORM leap.check_keys(display, ARRAY(SELECT k FROM jsonb_object_keys(defaults) k ORDER BY k), what);
    SELECT d.key, d.value, CASE
               WHEN jsonb_typeof(d.value) <> jsonb_typeof(defaults->d.key) THEN CASE jsonb_typeof(defaults->d.key)
                    WHEN 'boolean' THEN 'It is true or false.' WHEN 'number' THEN 'It is a whole number from 0 to 10000.' ELSE 'It is a text.' END
               WHEN d.key = 'format' AND NOT leap.list_formats() ? (d.value #>> '{}') THEN
                    format('It is one of %s.', (SELECT string_agg(f, ', ' ORDER BY f) FROM jsonb_object_keys(leap.list_formats()) f))
               WHEN jsonb_typeof(d.value) = 'number' AND d.value::text !~ '^([0-9]{1,4}|10000)$' THEN 'It is a whole number from 0 to 10000.'
               WHEN jsonb_typeof(d.value) = 'string' AND length(d.value #>> '{}') > 200 THEN 'It has at most 200 characters.' END AS rule
    INTO bad FROM jsonb_each(display) d WHERE d.value <> 'null' ORDER BY 3 NULLS LAST, 1 LIMIT 1;
    IF bad.rule IS NOT NULL THEN
        PERFORM leap.refuse('LP030', format('%s.%s cannot be %s', what, bad.key, left(bad.value::text, 100)), bad.rule);
    END IF;
END
$$;
COMMENT ON FUNCTION leap.check_display(jsonb, text, text) IS
'Refuses (LP030) a topics_display or questions_display with keys that leap.list_display() does not have or values of another kind. Null passes.';

-- One block of metadata: that for all platforms, or that of one.
CREATE OR REPLACE FUNCTION leap.check_texts(block jsonb, what text)
RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record;
    language text;
    problem text;
BEGIN
    FOR t IN SELECT b.key, b.value, b.value #>> '{}' AS template, concat_ws('.', nullif(what, ''), b.key) AS what,
                    CASE b.key WHEN 'description_template' THEN 5000 ELSE 500 END AS most
             FROM jsonb_each(block) b WHERE b.key LIKE '%\_template' AND b.value <> 'null' ORDER BY b.key LOOP
        IF jsonb_typeof(t.value) <> 'string' OR length(t.template) > t.most THEN
            PERFORM leap.refuse('LP030', format('%s cannot be %s', t.what, left(t.value::text, 100)), format('It is a text of at most %s characters.', t.most));
        END IF;
        CONTINUE WHEN btrim(t.template) = '';
        PERFORM leap.check_text_template(t.template, t.key = 'title_template',
            CASE t.key WHEN 'title_template' THEN array_remove(leap.render_variable_names(), 'title') ELSE leap.render_variable_names() END, t.what);
        FOREACH language IN ARRAY '{en,ru}'::text[] LOOP
            problem := (leap.try_render(t.template, leap.recording_variables(leap.sample_recording(language), 'UTC', block, leap.clock()))).problem;
            IF problem IS NOT NULL THEN
                PERFORM leap.refuse('LP031', format('%s: %s', t.what, problem));
            END IF;
        END LOOP;
    END LOOP;
    PERFORM leap.check_display(block->'topics_display', 'topics', concat_ws('.', nullif(what, ''), 'topics_display'));
    PERFORM leap.check_display(block->'questions_display', 'questions', concat_ws('.', nullif(what, ''), 'questions_display'));
END
$$;
COMMENT ON FUNCTION leap.check_texts(jsonb, text) IS
'leap.check_metadata() for one block of metadata; what is its name, empty for the keys for all platforms.';

CREATE OR REPLACE FUNCTION leap.check_metadata(metadata jsonb, what text = '')
RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
    b record;
BEGIN
    IF metadata IS NULL OR metadata = 'null' THEN
        RETURN;
    ELSIF jsonb_typeof(metadata) <> 'object' THEN
        PERFORM leap.refuse('LP030', format('metadata cannot be %s', left(metadata::text, 100)), 'It is a JSON object.');
    END IF;
    PERFORM leap.check_texts(metadata, what);
    FOR b IN SELECT m.key, m.value, concat_ws('.', nullif(what, ''), m.key) AS what FROM jsonb_each(metadata) m
             WHERE m.key IN (SELECT p.platform FROM leap.platforms p UNION ALL SELECT 'common') AND m.value <> 'null' ORDER BY m.key LOOP
        IF jsonb_typeof(b.value) <> 'object' THEN
            PERFORM leap.refuse('LP030', format('%s cannot be %s', b.what, left(b.value::text, 100)), 'It is a JSON object.');
        END IF;
        PERFORM leap.check_texts(b.value, b.what);
    END LOOP;
END
$$;
COMMENT ON FUNCTION leap.check_metadata(jsonb, text) IS
'Refuses metadata whose texts cannot be made: templates that leap.check_text_template() refuses, a title without a variable or one that fails with sample data (LP031), displays of lists that make no sense (LP030); in the keys for all platforms and in the block of each. what is put before the names of keys in messages. Other keys are not looked at. Null passes.';
