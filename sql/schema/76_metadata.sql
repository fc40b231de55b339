-- Titles and descriptions for people: what they are made with, and how they look.

CREATE OR REPLACE FUNCTION leap.visible_recording(recording uuid)
RETURNS leap.recordings LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    r leap.recordings;
BEGIN
    SELECT * INTO r FROM leap.recordings x WHERE x.id = visible_recording.recording;
    IF r.id IS NULL OR NOT leap.may_see(r.user_id) THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', coalesce(recording::text, 'null')), 'A list of recordings shows the ids.');
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
        PERFORM leap.refuse('LP020', format('recording %s has no target %s', recording, coalesce(target::text, 'null')), 'leap.output_targets has the targets of each recording.');
    END IF;
    SELECT u.config INTO config FROM leap.runs u WHERE u.recording_id = r.id AND u.state = 'active';
    RETURN leap.publication_of(r, o, coalesce(config, leap.resolved_config(r))->'metadata');
END
$$;
COMMENT ON FUNCTION leap.publication(uuid, uuid) IS
'What a recording is published with on one of its targets, by the configuration of its run, or the one a run would have now: {title, description, tags, truncated[], fallbacks[], problems[]} and the settings for the platform. Errors LP020.';

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
    RETURN leap.published_texts(r, u, given, p, leap.clock()) || jsonb_build_object(
        'platform', p.platform, 'sample', recording IS NULL,
        'variables', leap.recording_variables(r, u.timezone, given, leap.clock()),
        'unknown', coalesce((SELECT jsonb_agg(DISTINCT n ORDER BY n) FROM jsonb_each(given) t CROSS JOIN LATERAL unnest(leap.template_names(t.value #>> '{}')) n
                             WHERE t.key LIKE '%\_template' AND jsonb_typeof(t.value) = 'string' AND n <> ALL (leap.render_variable_names())), '[]'));
END
$$;
COMMENT ON FUNCTION leap.preview_metadata(jsonb, text, uuid, text) IS
'How metadata looks on a platform, for a recording, or with sample data in the user''s language (e-mail or id; null is oneself, or the only one): as leap.publication(), with platform, sample, variables, and unknown, the names in templates that are no variables. Nothing is refused for its content: problems says what is wrong. Errors LP020, LP030.';
