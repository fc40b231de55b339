-- Configuration: the defaults of the system, and how the layers merge.
--
-- Layers, lowest first: the system's defaults, the user's, his default template, the template of the recording, a
-- template for this run only, the recording's own, and what was said for this run only. Objects merge key by key;
-- transcription.vocabulary adds up; everything else is replaced as a whole. A null says nothing; what is off by default
-- (null there) and was switched on by a farther layer is switched off by false.
-- The configuration of a run is resolved when it starts and stays with it (runs.config).

-- transcription.on_low_quality became on_suspect, beside which there is on_reject now. The guards of these tables know only one of
-- the two names, this deployment or the last one's.
DO $$
DECLARE
    renamed boolean := false;
    t record;
BEGIN
    IF to_regprocedure('leap.default_config()') IS NOT NULL THEN
        EXECUTE $q$SELECT leap.default_config()->'transcription' ? 'on_low_quality'$q$ INTO renamed;
    END IF;
    IF NOT renamed THEN
        RETURN;
    END IF;
    FOR t IN SELECT * FROM (VALUES ('users', '{config}'::name[]), ('recording_templates', '{processing_config,layer}'), ('automation_jobs', '{processing_config}'),
                                   ('recordings', '{config}'), ('runs', '{config}')) AS v (name, columns) LOOP
        EXECUTE format('ALTER TABLE leap.%I DISABLE TRIGGER USER', t.name);
        EXECUTE (SELECT string_agg(format($q$UPDATE leap.%1$I SET %2$I = jsonb_set(%2$I #- '{transcription,on_low_quality}', '{transcription,on_suspect}', %2$I #> '{transcription,on_low_quality}')
                                             WHERE %2$I #> '{transcription,on_low_quality}' IS NOT NULL$q$, t.name, c), ';') FROM unnest(t.columns) c);
        EXECUTE format('ALTER TABLE leap.%I ENABLE TRIGGER USER', t.name);
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION leap.default_config()
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT '{
        "trimming": {"enable_trimming": true, "silence_threshold": null, "min_silence_duration": 2.0,
                     "padding_before": 5.0, "padding_after": 5.0, "max_trim_share": 0.4,
                     "mode": "copy", "shorten_pauses_above": null, "shorten_pauses_to": 1.0,
                     "crf": 23, "max_height": null, "max_bitrate": null, "audio_bitrate": 128000,
                     "on_blank": "hold"},
        "transcription": {"enable_transcription": true, "language": "en", "provider": ["captions", "pocketsphinx"],
                          "vocabulary": [], "enable_topics": true, "outline_provider": "embedded", "granularity": "long", "questions": 3,
                          "enable_subtitles": true, "min_confidence": 0.5,
                          "gate": {"min_words_per_minute": 10, "max_repeated_share": 0.3, "max_known_phrases_share": 0.3, "max_silent_share": 0.3, "max_periodic_share": 0.6},
                          "on_suspect": "hold", "on_reject": "hold"},
        "metadata": {},
        "output": {"targets": [{"type": "LIBRARY"}], "preset_ids": [], "auto_upload": true, "upload_captions": true}
    }'::jsonb
$$;
COMMENT ON FUNCTION leap.default_config() IS
'The configuration of a recording for which nobody configured anything. trimming.mode: copy (nothing is encoded: cuts begin at key frames), exact (what lies around a cut is encoded) or reencode (everything is, by crf, max_height, max_bitrate and audio_bitrate); pauses longer than shorten_pauses_above seconds are cut down to shorten_pauses_to, exactly, whatever mode says. What is null here is off; false in a layer switches it off again. on_blank: hold (a person decides), skip (not published) or publish. transcription.provider and outline_provider: a provider, or those that are asked one after the other until one answers; language: auto is found out; gate: beyond which words a minute, and which shares of repeated words, known inventions, words where nobody speaks and segments that end by the clock, a transcript is rejected; on_suspect: hold, publish or without_text (the lesson without transcript, topics and subtitles), on_reject: hold or without_text. targets counts if preset_ids is empty. metadata: leap.config_rules() says what it may have.';

CREATE OR REPLACE FUNCTION leap.own_config(config jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(s.key, s.value) FILTER (WHERE s.value <> '{}'), '{}') FROM jsonb_each(jsonb_strip_nulls(config)) s
$$;
COMMENT ON FUNCTION leap.own_config(jsonb) IS
'A configuration without what says nothing: a null removes an override, and a section without any goes.';

DROP FUNCTION IF EXISTS leap.over_defaults(jsonb, jsonb);

CREATE OR REPLACE FUNCTION leap.joined_lists(a jsonb, b jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_agg(x.value ORDER BY x.n), '[]')
    FROM (SELECT v.value, min(v.n) AS n FROM jsonb_array_elements(a || b) WITH ORDINALITY AS v(value, n) GROUP BY v.value) x
$$;
COMMENT ON FUNCTION leap.joined_lists(jsonb, jsonb) IS 'What is in either array, each value once, in the order of its first appearance.';

CREATE OR REPLACE FUNCTION leap.layered_config(VARIADIC layers jsonb[])
RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    vocabulary constant text[] := '{transcription,vocabulary}';
    switch text;
    config jsonb := leap.default_config();
    layer jsonb;
    words jsonb;
BEGIN
    FOREACH layer IN ARRAY layers LOOP
        CONTINUE WHEN layer IS NULL OR layer = '{}';
        words := config #> vocabulary;
        config := leap.merge_config(config, jsonb_strip_nulls(layer));
        IF words <> '[]' AND config #> vocabulary <> words THEN
            config := jsonb_set(config, vocabulary, leap.joined_lists(words, config #> vocabulary));
        END IF;
    END LOOP;
    -- off is as it is by default, so that what was made before needs not be made anew
    FOREACH switch IN ARRAY '{silence_threshold,shorten_pauses_above,max_height,max_bitrate}'::text[] LOOP
        IF config->'trimming'->switch = 'false' THEN
            config := jsonb_set(config, ARRAY['trimming', switch], 'null');
        END IF;
    END LOOP;
    RETURN config;
END
$$;
COMMENT ON FUNCTION leap.layered_config(jsonb[]) IS
'The defaults with these layers laid over them, the lowest first; a layer that is null or says null says nothing, and false for what is off by default (type number_or_false, integer_or_false) makes it null again. transcription.vocabulary adds up.';

-- Most recordings of a user have the same layers: each set of layers is merged once.
CREATE OR REPLACE FUNCTION leap.resolved_configs(recording_ids uuid[], run_layers jsonb = '{}')
RETURNS TABLE (recording uuid, config jsonb) LANGUAGE sql STABLE AS $$
    SELECT unnest(k.ids), leap.layered_config(u.config, d.layer, t.layer, x.layer, k.config, run_layers->'override')
    FROM (SELECT r.user_id, r.template_id, r.config, array_agg(r.id) AS ids FROM leap.recordings r
          WHERE r.id = ANY (recording_ids) GROUP BY r.user_id, r.template_id, r.config) k
    JOIN leap.users u ON u.id = k.user_id
    LEFT JOIN leap.recording_templates d ON d.user_id = k.user_id AND d.is_default
    LEFT JOIN leap.recording_templates t ON t.id = k.template_id AND t.user_id = k.user_id AND NOT t.is_default
    LEFT JOIN leap.recording_templates x ON x.id = (run_layers->>'template')::uuid AND x.user_id = k.user_id AND NOT x.is_default
$$;
COMMENT ON FUNCTION leap.resolved_configs(uuid[], jsonb) IS
'The configuration that a run of each of these recordings would use now; a template of another user counts for nothing. run_layers: {template, override} for this run only.';

CREATE OR REPLACE FUNCTION leap.resolved_config(recording leap.recordings)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT c.config FROM leap.resolved_configs(ARRAY[recording.id]) c $$;
COMMENT ON FUNCTION leap.resolved_config(leap.recordings) IS 'The configuration a run of this recording would use now.';

-- The places of a configuration that hold values, not objects of values.
CREATE OR REPLACE FUNCTION leap.config_leaves(config jsonb)
RETURNS TABLE (path text, value jsonb) LANGUAGE sql IMMUTABLE AS $$
    WITH RECURSIVE node (path, value) AS (
        SELECT k.key, k.value FROM jsonb_each(config) k
        UNION ALL
        SELECT n.path || '.' || k.key, k.value
        FROM node n CROSS JOIN LATERAL jsonb_each(CASE jsonb_typeof(n.value) WHEN 'object' THEN n.value ELSE '{}' END) k)
    SELECT n.path, n.value FROM node n WHERE jsonb_typeof(n.value) <> 'object'
$$;
COMMENT ON FUNCTION leap.config_leaves(jsonb) IS 'Every value of a configuration that is no object, with its path.';

CREATE OR REPLACE FUNCTION leap.check_run_layers(owner uuid, template uuid, override jsonb)
RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF template IS NOT NULL AND NOT EXISTS (SELECT FROM leap.recording_templates t WHERE t.id = template AND t.user_id = owner) THEN
        PERFORM leap.refuse('LP020', format('there is no template %s', template), 'It must belong to the owner of the recording.');
    END IF;
    IF override IS NOT NULL THEN
        PERFORM leap.check_config(override);
        PERFORM leap.check_output(override->'output', owner);
    END IF;
END
$$;
COMMENT ON FUNCTION leap.check_run_layers(uuid, uuid, jsonb) IS
'Refuses a template for a run that is not the owner''s (LP020), and an override that is no configuration of his (LP030, LP031).';

CREATE OR REPLACE FUNCTION leap.resolve_config(recording uuid, template uuid = NULL, override jsonb = '{}')
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    r leap.recordings;
    layers jsonb;
BEGIN
    SELECT x.* INTO r FROM leap.recordings x WHERE x.id = recording AND leap.may_see(x.user_id);
    IF r.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', recording), 'A list of recordings shows the ids.');
    END IF;
    PERFORM leap.check_run_layers(r.user_id, template, override);
    SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('layer', l.layer, 'id', l.id, 'name', l.name)) || jsonb_build_object('config', l.config) ORDER BY l.n)
    INTO layers
    FROM (SELECT 0 AS n, 'default' AS layer, NULL::uuid AS id, NULL::text AS name, leap.default_config() AS config
          UNION ALL SELECT 1, 'user', u.id, NULL, u.config FROM leap.users u WHERE u.id = r.user_id
          UNION ALL SELECT 2, 'default_template', t.id, t.name, t.layer FROM leap.recording_templates t WHERE t.user_id = r.user_id AND t.is_default
          UNION ALL SELECT 3, 'template', t.id, t.name, t.layer FROM leap.recording_templates t WHERE t.id = r.template_id AND NOT t.is_default
          UNION ALL SELECT 4, 'run_template', t.id, t.name, t.layer FROM leap.recording_templates t WHERE t.id = template AND NOT t.is_default
          UNION ALL SELECT 5, 'recording', r.id, NULL, r.config
          UNION ALL SELECT 6, 'run', NULL, NULL, jsonb_strip_nulls(override)) l
    WHERE l.n = 0 OR l.config <> '{}';
    RETURN (
        SELECT jsonb_build_object('config', c.config, 'layers', layers, 'origins', (
            SELECT jsonb_object_agg(f.path, CASE WHEN f.path = 'transcription.vocabulary' AND f.value <> '[]' THEN (
                       SELECT jsonb_agg(l->'layer' ORDER BY n) FROM jsonb_array_elements(layers) WITH ORDINALITY AS l(l, n)
                       WHERE jsonb_array_length(l #> ARRAY['config', 'transcription', 'vocabulary']) > 0)
                   ELSE (SELECT l->'layer' FROM jsonb_array_elements(layers) WITH ORDINALITY AS l(l, n)
                         WHERE l->'config' #> string_to_array(f.path, '.') IS NOT NULL ORDER BY n DESC LIMIT 1) END)
            FROM leap.config_leaves(c.config) f))
        FROM leap.resolved_configs(ARRAY[r.id], jsonb_strip_nulls(jsonb_build_object('template', template, 'override', override))) c);
END
$$;
COMMENT ON FUNCTION leap.resolve_config(uuid, uuid, jsonb) IS
'The configuration that a run of this recording would use now, with this template and this override for that run only: {config, layers [{layer, id, name, config}, lowest first], origins {path: layer that the value comes from; of transcription.vocabulary all that add to it}}. Layers: default, user, default_template, template, run_template, recording, run. Errors LP020, LP030, LP031.';
