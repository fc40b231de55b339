-- Configuration: the defaults of the system, and how the layers merge.
--
-- Merge order, lowest first: system defaults, the user's, the recording's own. Objects merge key by key,
-- everything else is replaced as a whole.

CREATE OR REPLACE FUNCTION leap.default_config()
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT '{
        "trimming": {"enable_trimming": true, "silence_threshold": null, "min_silence_duration": 2.0,
                     "padding_before": 5.0, "padding_after": 5.0, "max_trim_share": 0.4,
                     "on_blank": "hold"},
        "transcription": {"enable_transcription": true, "language": "en", "provider": "pocketsphinx",
                          "vocabulary": [], "enable_topics": true, "granularity": "long",
                          "enable_subtitles": true, "min_confidence": 0.5, "on_low_quality": "hold"},
        "output": {"targets": [{"type": "LIBRARY"}]}
    }'::jsonb
$$;
COMMENT ON FUNCTION leap.default_config() IS
'The configuration of a recording for which nobody configured anything. on_blank: hold (a person decides), skip (not published) or publish; on_low_quality: hold or publish.';

-- What each value may be, beside null. Workers check it again; a rule a row, so that nobody waits for a run to hear of it.
CREATE OR REPLACE FUNCTION leap.config_rules()
RETURNS TABLE (section text, key text, type text, pattern text, low numeric, high numeric, bad_item jsonpath, allowed text)
LANGUAGE sql IMMUTABLE AS $$
    VALUES
        ('trimming', 'enable_trimming', 'boolean', NULL, NULL::numeric, NULL::numeric, NULL::jsonpath, 'true or false'),
        ('trimming', 'silence_threshold', 'number', NULL, -127, 0, NULL, 'a level in dBFS, a number from -127 to 0'),
        ('trimming', 'min_silence_duration', 'number', NULL, 0, 10000000, NULL, 'a number of seconds from 0 to 10000000'),
        ('trimming', 'padding_before', 'number', NULL, 0, 10000000, NULL, 'a number of seconds from 0 to 10000000'),
        ('trimming', 'padding_after', 'number', NULL, 0, 10000000, NULL, 'a number of seconds from 0 to 10000000'),
        ('trimming', 'max_trim_share', 'number', NULL, 0, 1, NULL, 'a number from 0 to 1'),
        ('trimming', 'on_blank', 'string', '^(hold|skip|publish)$', NULL, NULL, NULL, '"hold", "skip" or "publish"'),
        ('transcription', 'enable_transcription', 'boolean', NULL, NULL, NULL, NULL, 'true or false'),
        ('transcription', 'language', 'string', '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$', NULL, NULL, NULL, 'a language tag such as "en" or "pt-BR"'),
        ('transcription', 'provider', 'string', '^[a-z0-9][a-z0-9_-]{0,49}$', NULL, NULL, NULL, 'the name of a speech provider, such as "pocketsphinx"'),
        ('transcription', 'vocabulary', 'array', NULL, NULL, NULL, '$[*] ? (@.type() != "string")', 'an array of strings'),
        ('transcription', 'enable_topics', 'boolean', NULL, NULL, NULL, NULL, 'true or false'),
        ('transcription', 'granularity', 'string', '^(short|medium|long)$', NULL, NULL, NULL, '"short", "medium" or "long"'),
        ('transcription', 'enable_subtitles', 'boolean', NULL, NULL, NULL, NULL, 'true or false'),
        ('transcription', 'min_confidence', 'number', NULL, 0, 1, NULL, 'a number from 0 to 1'),
        ('transcription', 'on_low_quality', 'string', '^(hold|publish)$', NULL, NULL, NULL, '"hold" or "publish"'),
        ('output', 'targets', 'array', NULL, NULL, NULL, '$[*] ? (@.type() != "object" || !exists(@.type ? (@ == "LIBRARY")))',
         'an array of objects, each with a "type": "LIBRARY"')
$$;
COMMENT ON FUNCTION leap.config_rules() IS
'What each value of the configuration may be: JSON type, pattern of a string, range of a number, what no item of an array may match, and all that in words. A row for each key of leap.default_config().';

CREATE OR REPLACE FUNCTION leap.own_config(config jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(s.key, x.kept) FILTER (WHERE x.kept IS NOT NULL), '{}')
    FROM jsonb_each(config) s
    CROSS JOIN LATERAL (SELECT jsonb_object_agg(k.key, k.value) FILTER (WHERE k.value <> 'null') AS kept
                        FROM jsonb_each(CASE jsonb_typeof(s.value) WHEN 'object' THEN s.value ELSE '{}' END) k) x
$$;
COMMENT ON FUNCTION leap.own_config(jsonb) IS
'A configuration without what says nothing: a null removes an override, and a section without any goes.';

-- Most recordings have no configuration of their own.
CREATE OR REPLACE FUNCTION leap.over_defaults(of_user jsonb, of_recording jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN of_recording = '{}' AND of_user = '{}' THEN leap.default_config()
                WHEN of_recording = '{}' THEN leap.merge_config(leap.default_config(), of_user)
                ELSE leap.merge_config(leap.merge_config(leap.default_config(), of_user), of_recording) END
$$;
COMMENT ON FUNCTION leap.over_defaults(jsonb, jsonb) IS
'The defaults with the configuration of a user laid over them and that of a recording over both.';

CREATE OR REPLACE FUNCTION leap.resolved_config(recording leap.recordings)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT leap.over_defaults(u.config, recording.config)
    FROM leap.users u WHERE u.id = recording.user_id
$$;
COMMENT ON FUNCTION leap.resolved_config(leap.recordings) IS
'The configuration a run of this recording would use now.';
