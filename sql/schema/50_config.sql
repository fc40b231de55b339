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
'The configuration of a recording for which nobody configured anything. on_blank and on_low_quality: hold (a person decides), skip (not published) or publish.';

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
