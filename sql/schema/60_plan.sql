-- What a run has to do: which tasks are needed, and which are done already with the same input and configuration.
--
-- A task is done if the artifact that shows it exists, was made with the same input (input_hash: the part of the
-- configuration the task reads, its source, its target) and is not older than what it was made from. What has no hash
-- was made before there were any and counts as done with the same. A task that is needed makes all that follow it
-- needed, and, if a file it reads is gone, the task that makes that file. So a run after a change of the configuration
-- redoes what changed and what depends on it, and nothing else; with force everything is done anew.

-- What each kind reads and makes, and which settings change its result.
CREATE OR REPLACE FUNCTION leap.task_inputs()
RETURNS TABLE (kind text, reads text[], makes text[], settings text[]) LANGUAGE sql IMMUTABLE AS $$
    VALUES
        ('download', '{}'::text[], '{source,analysis,envelope,waveform,audio,poster,miniature}'::text[], '{}'::text[]),
        ('trim', '{source,analysis,envelope}', '{video}',
            '{trimming.enable_trimming,trimming.silence_threshold,trimming.min_silence_duration,trimming.padding_before,trimming.padding_after,trimming.max_trim_share}'),
        ('transcribe', '{audio,analysis,video}', '{transcript,text}',
            '{transcription.language,transcription.provider,transcription.vocabulary,transcription.min_confidence}'),
        ('topics', '{transcript}', '{topics,chapters}', '{transcription.granularity}'),
        ('subtitles', '{transcript}', '{srt,vtt}', '{}'),
        ('upload', '{video}', '{}', '{}')
$$;
COMMENT ON FUNCTION leap.task_inputs() IS
'The artifacts each kind of task reads and makes, and the paths in the configuration that its result depends on; leap.cut_settings() has more of trim, leap.word_settings() of transcribe and topics.';

-- Hashes of old lessons must stay as they are: what is as by default, and what counts for nothing, is left out.
CREATE OR REPLACE FUNCTION leap.cut_settings(config jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(d.key, c.trimming->d.key), '{}')
    FROM (SELECT config->'trimming' AS trimming, leap.default_config()->'trimming' AS standard,
                 (config #>> '{trimming,enable_trimming}')::boolean AS trims, config #>> '{trimming,mode}' = 'reencode' AS encodes) c
    CROSS JOIN LATERAL (VALUES ('mode', true), ('shorten_pauses_above', c.trims), ('shorten_pauses_to', c.trims AND c.trimming->>'shorten_pauses_above' IS NOT NULL),
                               ('crf', c.encodes), ('max_height', c.encodes), ('max_bitrate', c.encodes), ('audio_bitrate', c.encodes)) AS d(key, counts)
    WHERE d.counts AND c.trimming->d.key <> c.standard->d.key
$$;
COMMENT ON FUNCTION leap.cut_settings(jsonb) IS
'How this configuration wants a recording to be cut, as far as that is not as by default: {mode, shorten_pauses_above, shorten_pauses_to, and what reencode goes by}.';

-- The same for what is made of speech. How often a provider is asked changes nothing of what it says; once there was no other
-- provider than pocketsphinx, which all that was made then has in its hash.
CREATE OR REPLACE FUNCTION leap.provider_names(wanted jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_agg(n.name ORDER BY n.n), '[]') FROM leap.named_providers(wanted) n WHERE n.name <> 'captions'
$$;
COMMENT ON FUNCTION leap.provider_names(jsonb) IS
'The names of the providers that a setting names, in their order; captions are left out, which matter only to recordings that have some.';

CREATE OR REPLACE FUNCTION leap.word_settings(kind text, config jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_object_agg(s.key, s.value) FILTER (WHERE s.value <> s.standard), '{}')
    FROM (SELECT config->'transcription' AS own, leap.default_config()->'transcription' AS standard) c
    CROSS JOIN LATERAL (VALUES
        ('transcribe', 'gate', (SELECT coalesce(jsonb_object_agg(g.key, g.value), '{}') FROM jsonb_each(coalesce(c.own->'gate', '{}')) g WHERE g.value <> c.standard->'gate'->g.key), '{}'),
        ('transcribe', 'provider', leap.provider_names(c.own->'provider'), leap.provider_names(c.standard->'provider')),
        ('topics', 'provider', leap.provider_names(coalesce(c.own->'outline_provider', c.standard->'outline_provider')), leap.provider_names(c.standard->'outline_provider')),
        ('topics', 'questions', coalesce(c.own->'questions', c.standard->'questions'), c.standard->'questions')) AS s(of_kind, key, value, standard)
    WHERE s.of_kind = word_settings.kind
$$;
COMMENT ON FUNCTION leap.word_settings(text, jsonb) IS
'Whom a task (transcribe, topics) asks under this configuration, and what else changes its result, as far as that is not as by default.';

-- Which kind waits for which: the shape of every run. A direct way is taken only if none of the kinds between is.
DROP FUNCTION IF EXISTS leap.task_order();
CREATE OR REPLACE FUNCTION leap.run_shape()
RETURNS TABLE (from_kind text, to_kind text, unless text[]) LANGUAGE sql IMMUTABLE AS $$
    VALUES ('download', 'trim', '{}'::text[]), ('trim', 'transcribe', '{}'), ('transcribe', 'topics', '{}'),
           ('transcribe', 'subtitles', '{}'), ('trim', 'upload', '{}'), ('topics', 'upload', '{}'),
           ('subtitles', 'upload', '{}'), ('transcribe', 'upload', '{topics,subtitles}')
$$;
COMMENT ON FUNCTION leap.run_shape() IS
'Which kind of task waits for which within a run, unless one of these other kinds is in the run too.';

-- The operations that do one task and nothing else.
CREATE OR REPLACE FUNCTION leap.single_operations()
RETURNS TABLE (operation text, kind text) LANGUAGE sql IMMUTABLE AS $$
    VALUES ('download', 'download'), ('process', 'trim'), ('transcribe', 'transcribe'), ('topics', 'topics'),
           ('subtitles', 'subtitles'), ('upload', 'upload'), ('republish', 'upload')
$$;
COMMENT ON FUNCTION leap.single_operations() IS 'The operations that consist of one kind of task, and which.';

CREATE OR REPLACE FUNCTION leap.operation_names()
RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT '{run,force,retry,cancel,prioritize,pause,resume,accept,skip,unskip,reset,unpublish,delete,restore,purge}'::text[] || array_agg(o.operation) FROM leap.single_operations() o
$$;
COMMENT ON FUNCTION leap.operation_names() IS 'All that can be done with a recording by name.';

-- Where a configuration wants a recording to be published: to its presets, or, without any, to its targets.
CREATE OR REPLACE FUNCTION leap.effective_targets(config jsonb, owner uuid, by_hand boolean)
RETURNS TABLE (target_type text, preset_id uuid, config jsonb) LANGUAGE sql STABLE AS $$
    WITH named AS MATERIALIZED (
        -- whose account it is, and what happens to what is published already, follow the preset of the run
        SELECT l.target_type, p.id, p.preset_metadata || jsonb_strip_nulls(jsonb_build_object('credential_id', p.credential_id, 'on_rerun', nullif(p.on_rerun, 'update'))) AS config
        FROM jsonb_array_elements_text(effective_targets.config #> '{output,preset_ids}') i
        JOIN leap.output_presets p ON p.id = i::uuid AND p.user_id = owner
        JOIN leap.platforms l ON l.platform = p.platform)
    SELECT n.target_type, n.id, n.config
    FROM named n JOIN leap.output_presets p ON p.id = n.id AND p.is_active JOIN leap.platforms l ON l.platform = p.platform AND l.publishes
    WHERE by_hand OR (effective_targets.config #>> '{output,auto_upload}')::boolean
    UNION ALL
    SELECT DISTINCT ON (x->>'type') x->>'type', NULL::uuid, x - 'type'
    FROM jsonb_array_elements(effective_targets.config #> '{output,targets}') x
    WHERE NOT EXISTS (SELECT FROM named) AND (by_hand OR (effective_targets.config #>> '{output,auto_upload}')::boolean)
$$;
COMMENT ON FUNCTION leap.effective_targets(jsonb, uuid, boolean) IS
'The targets of a resolved configuration: one for each of output.preset_ids that is active and that this version can publish to; without presets those of output.targets. None if output.auto_upload is false, unless somebody asks for the upload (by_hand).';

-- Every task a recording could have: whether it may be needed, and whether it is done. Settings are digested once for
-- each configuration there is, not for each recording. Few recordings share a plan that is kept; for many it is
-- made anew, because what is right for one is not for thousands.
DROP FUNCTION IF EXISTS leap.possible_tasks(uuid[], boolean);
CREATE OR REPLACE FUNCTION leap.possible_tasks(recording_ids uuid[], operation text, run_layers jsonb = '{}')
RETURNS TABLE (recording uuid, status text, standing int, gone text[], kind text, stage_no int, target_id uuid, input_hash bytea, off text, done text,
               target_names text[], target_open boolean)
LANGUAGE plpgsql STABLE ROWS 6000 SET plan_cache_mode = auto SET jit = off AS $$
#variable_conflict use_column
DECLARE
    force boolean := operation = 'force';
    by_hand boolean := operation IN ('upload', 'republish');
BEGIN
    PERFORM set_config('plan_cache_mode', CASE WHEN cardinality(recording_ids) > 100 THEN 'force_custom_plan' ELSE 'force_generic_plan' END, true);
    RETURN QUERY
    WITH stage AS MATERIALIZED (SELECT s.stage, s.after_status, s.n::int FROM leap.stages() WITH ORDINALITY AS s (stage, b, d, after_status, n)),
    -- the stage that is next for a recording with this status; 5 is the end
    place (status, failed_at_stage, n) AS MATERIALIZED (
        SELECT after_status, NULL, n + 1 FROM stage UNION ALL SELECT 'FAILED', stage, n FROM stage UNION ALL SELECT 'READY', NULL, 5),
    file AS MATERIALIZED (
        SELECT a.recording_id, a.kind, a.input_hash, a.created_at FROM leap.artifacts a WHERE a.recording_id = ANY (recording_ids)),
    -- when the newest of the files that a kind of task works from was made
    newest AS MATERIALIZED (
        SELECT f.recording_id, o.to_kind AS kind, max(f.created_at) AS made_at
        FROM file f JOIN leap.task_kinds k ON k.output = f.kind JOIN leap.run_shape() o ON o.from_kind = k.kind GROUP BY f.recording_id, o.to_kind),
    rec AS MATERIALIZED (
        SELECT r.id, r.user_id, r.status, r.facts, r.source, r.display_name, r.start_time, u.timezone, u.can_transcribe, u.can_upload, coalesce(p.n, 1) AS standing,
               coalesce(a.config, c.config) AS resolved,
               ARRAY(SELECT m FROM leap.task_inputs() i, unnest(i.makes) m WHERE m <> ALL (h.kinds)) AS gone
        FROM leap.recordings r JOIN leap.users u ON u.id = r.user_id JOIN leap.resolved_configs(recording_ids, run_layers) c ON c.recording = r.id
        LEFT JOIN leap.runs a ON a.recording_id = r.id AND a.state = 'active'
        LEFT JOIN (SELECT f.recording_id, array_agg(f.kind) AS kinds FROM file f GROUP BY f.recording_id) h ON h.recording_id = r.id
        LEFT JOIN place p ON p.status = r.status AND (p.failed_at_stage IS NULL OR p.failed_at_stage = coalesce(r.failed_at_stage, 'download'))
        WHERE r.id = ANY (recording_ids)),
    digest AS MATERIALIZED (
        SELECT c.resolved, k.kind, k.stage, k.output, s.n,
               CASE WHEN k.stage = 'transcribe' THEN (c.resolved #>> '{transcription,enable_transcription}')::boolean
                         AND coalesce((c.resolved -> 'transcription' ->> ('enable_' || k.kind))::boolean, true) ELSE true END AS enabled,
               substr(sha256(convert_to((jsonb_build_array(k.kind, (
                   SELECT jsonb_agg(CASE x WHEN 'transcription.provider' THEN '"pocketsphinx"' ELSE c.resolved #> string_to_array(x, '.') END ORDER BY x) FROM unnest(i.settings) x))
                   || CASE WHEN o.settings <> '{}' THEN jsonb_build_array(o.settings) ELSE '[]' END)::text, 'UTF8')), 1, 16) AS hash
        FROM (SELECT DISTINCT rec.resolved FROM rec) c CROSS JOIN leap.task_kinds k JOIN leap.task_inputs() i USING (kind) JOIN stage s USING (stage)
        CROSS JOIN LATERAL (SELECT CASE WHEN k.kind = 'trim' THEN leap.cut_settings(c.resolved) WHEN k.kind IN ('transcribe', 'topics') THEN leap.word_settings(k.kind, c.resolved) ELSE '{}' END) AS o(settings)),
    wanted AS MATERIALIZED (
        SELECT c.user_id, c.resolved, e.target_type, e.preset_id, e.config
        FROM (SELECT DISTINCT rec.user_id, rec.resolved FROM rec) c CROSS JOIN LATERAL leap.effective_targets(c.resolved, c.user_id, by_hand) e),
    -- as the start of a run will make them (leap.arrange_targets()); those that nobody configured are there in any case, and
    -- those that were taken back only if somebody asks for the upload
    target AS MATERIALIZED (
        SELECT rec.id AS recording_id, o.id, w.target_type, w.preset_id, w.config, coalesce(o.status, 'NOT_UPLOADED') AS status,
               coalesce(o.failed, false) AS failed, o.input_hash, o.uploaded_at
        FROM rec JOIN wanted w ON w.user_id = rec.user_id AND w.resolved = rec.resolved
        LEFT JOIN leap.output_targets o ON o.recording_id = rec.id AND o.target_type = w.target_type AND o.preset_id IS NOT DISTINCT FROM w.preset_id
        WHERE o.id IS NULL OR (o.status <> 'REMOVING' AND (o.removed_at IS NULL OR by_hand))
        UNION ALL
        SELECT o.recording_id, o.id, o.target_type, o.preset_id, o.config, o.status, o.failed, o.input_hash, o.uploaded_at
        FROM rec JOIN leap.output_targets o ON o.recording_id = rec.id
        WHERE (NOT o.configured OR by_hand OR (o.wanted AND operation = 'retry'))
          AND o.status <> 'REMOVING' AND (o.removed_at IS NULL OR by_hand)
          AND NOT EXISTS (SELECT FROM wanted w WHERE w.user_id = rec.user_id AND w.resolved = rec.resolved
                          AND w.target_type = o.target_type AND w.preset_id IS NOT DISTINCT FROM o.preset_id)),
    -- what titles and descriptions are made with; not what they render to, which may say when it was published
    texts AS MATERIALIZED (
        SELECT c.resolved, p.target_type, leap.platform_metadata(c.resolved->'metadata', '{}', p.platform) AS metadata
        FROM (SELECT DISTINCT rec.resolved FROM rec WHERE rec.resolved->'metadata' <> '{}') c CROSS JOIN leap.platforms p)
    SELECT rec.id, rec.status, rec.standing, rec.gone, k.kind, k.n, NULL::uuid, h.hash,
           CASE WHEN k.stage <> 'transcribe' THEN NULL
                WHEN NOT rec.can_transcribe THEN 'the account may not transcribe'
                WHEN NOT force AND rec.facts->>'has_audio' = 'false' THEN 'the recording has no audio track'
                WHEN NOT force AND rec.facts->>'speech' = 'none' THEN 'no speech was found'
                WHEN NOT k.enabled THEN 'switched off' END,
           CASE WHEN force THEN NULL
                WHEN k.kind IN ('topics', 'subtitles') AND rec.facts #>> '{quality,withheld}' = 'true' AND leap.quality_rule(rec.facts->'quality', rec.resolved) = 'without_text'
                     THEN 'the transcript is not to be published'
                WHEN a.kind IS NOT NULL THEN
                    -- a still picture that is wanted no more stays
                    CASE WHEN k.kind = 'trim' AND CASE WHEN rec.facts->>'has_video' = 'false' AND rec.facts #>> '{cut,still}' IS DISTINCT FROM 'true'
                                                       THEN leap.wants_picture(rec.id, rec.user_id, rec.resolved) ELSE false END THEN NULL
                         WHEN coalesce(a.input_hash = h.hash, true) AND coalesce(w.made_at <= a.created_at, true)
                         THEN 'done already with the same input and configuration' END
                -- what it made was cleaned away since
                WHEN k.n < rec.standing AND EXISTS (SELECT FROM leap.tasks t WHERE t.recording_id = rec.id AND t.kind = k.kind AND t.state = 'succeeded')
                     THEN 'done already' END, NULL::text[], NULL::boolean
    FROM rec JOIN digest k ON k.resolved = rec.resolved
    LEFT JOIN file a ON a.recording_id = rec.id AND a.kind = k.output
    LEFT JOIN newest w ON w.recording_id = rec.id AND w.kind = k.kind
    CROSS JOIN LATERAL (SELECT CASE k.kind WHEN 'download' THEN substr(sha256(k.hash || convert_to(rec.source::text, 'UTF8')), 1, 16) ELSE k.hash END AS hash) h
    WHERE k.kind <> 'upload'
    UNION ALL
    SELECT rec.id, rec.status, rec.standing, rec.gone, k.kind, k.n, o.id, h.hash, NULL,
           CASE WHEN NOT force AND o.status = 'UPLOADED' AND NOT o.failed AND coalesce(o.input_hash = h.hash, true) AND coalesce(w.made_at <= o.uploaded_at, true)
                THEN 'published already with the same input and configuration' END,
           ARRAY[o.id::text, o.target_type, o.preset_id::text], o.status IN ('NOT_UPLOADED', 'FAILED')
    FROM rec JOIN digest k ON k.resolved = rec.resolved AND k.kind = 'upload'
    JOIN target o ON o.recording_id = rec.id AND rec.can_upload      -- else it ends READY
    LEFT JOIN newest w ON w.recording_id = rec.id AND w.kind = k.kind
    LEFT JOIN texts x ON x.resolved = rec.resolved AND x.target_type = o.target_type
    CROSS JOIN LATERAL (SELECT substr(sha256(k.hash || convert_to((
        jsonb_build_array(o.target_type, o.config - '{credential_id,on_rerun}'::text[], rec.display_name, rec.start_time)
        || CASE WHEN coalesce(x.metadata, '{}') = '{}' AND o.preset_id IS NULL THEN '[]' ELSE jsonb_build_array(x.metadata, rec.timezone) END)::text, 'UTF8')), 1, 16) AS hash) h;
END
$$;
COMMENT ON FUNCTION leap.possible_tasks(uuid[], text, jsonb) IS
'Every task each recording could have (one upload a target): the stage the recording stands before, which kinds of artifact are gone (none as long as it has none at all), the stage of the task, the hash of its input (16 bytes, over its kind, the settings it reads, and its source or target), why it is off, and why it counts as done; of an upload its names (target id, null before there is one; type; preset) and whether it is still to be published. The configuration is that of the active run, or what a run with these layers (leap.resolved_configs()) would have.';

-- An upload that was asked for by itself: what is published is sent again only on purpose.
DROP FUNCTION IF EXISTS leap.wanted_target(leap.output_targets, text, text);
CREATE OR REPLACE FUNCTION leap.wanted_target(names text[], open boolean, operation text, target text)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT (operation = 'republish' OR open) AND (target IS NULL OR coalesce(target = ANY (names), false))
$$;
COMMENT ON FUNCTION leap.wanted_target(text[], boolean, text, text) IS
'Whether the operation upload or republish, narrowed to a target (type, id or preset; null is any), means the one with these names, which is open if it is not published.';

-- The tasks a run of each recording would have, with the reason for those that need not be done.
DROP FUNCTION IF EXISTS leap.plan_runs(uuid[], boolean);
DROP FUNCTION IF EXISTS leap.plan_runs(uuid[], text, text);
CREATE OR REPLACE FUNCTION leap.plan_runs(recording_ids uuid[], operation text, target text = NULL, run_layers jsonb = '{}')
RETURNS TABLE (recording uuid, kind text, target_id uuid, skip_reason text, input_hash bytea) LANGUAGE plpgsql STABLE SET plan_cache_mode = auto SET jit = off AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('plan_cache_mode', CASE WHEN cardinality(recording_ids) > 100 THEN 'force_custom_plan' ELSE 'force_generic_plan' END, true);
    RETURN QUERY
    WITH RECURSIVE task AS MATERIALIZED (
        SELECT p.*, o.kind AS asked,
               CASE WHEN o.kind IS NULL THEN p.off IS NULL AND p.done IS NULL
                    WHEN p.kind = 'upload' AND plan_runs.operation = 'write_topics' THEN p.target_id IS NOT NULL AND NOT p.target_open AND p.status = 'UPLOADED'
                         AND NOT EXISTS (SELECT FROM leap.recordings r WHERE r.id = p.recording AND r.facts #>> '{quality,withheld}' = 'true')
                    ELSE p.kind = o.kind AND (p.kind <> 'upload' OR leap.wanted_target(p.target_names, p.target_open, plan_runs.operation, target)) END AS needed
        FROM leap.possible_tasks(recording_ids, plan_runs.operation, run_layers) p
        LEFT JOIN leap.single_operations() o ON o.operation = CASE plan_runs.operation WHEN 'write_topics' THEN 'topics' ELSE plan_runs.operation END),
    -- what is needed by itself, what else there could be, what is gone: thousands of recordings have few such patterns
    own AS MATERIALIZED (
        SELECT t.*, coalesce(array_agg(t.kind) FILTER (WHERE t.needed) OVER r, '{}') AS kinds,
               coalesce(array_agg(t.kind) FILTER (WHERE NOT t.needed AND t.off IS NULL AND t.asked IS NULL) OVER r, '{}') AS others
        FROM task t WINDOW r AS (PARTITION BY t.recording ORDER BY t.kind ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)),
    -- what is needed makes needed what works from it, and what makes the files that it lacks
    spread (kinds, others, gone, kind) AS (
        SELECT p.kinds, p.others, p.gone, k FROM (SELECT DISTINCT o.kinds, o.others, o.gone FROM own o) p CROSS JOIN unnest(p.kinds) k
        UNION
        SELECT s.kinds, s.others, s.gone, k
        FROM spread s CROSS JOIN unnest(s.others) k
        WHERE EXISTS (SELECT FROM leap.run_shape() e WHERE e.from_kind = s.kind AND e.to_kind = k)
           OR EXISTS (SELECT FROM leap.task_inputs() u JOIN leap.task_inputs() m ON m.kind = k WHERE u.kind = s.kind
                      AND EXISTS (SELECT FROM unnest(u.reads) f WHERE f = ANY (m.makes) AND f = ANY (s.gone)))),
    need AS MATERIALIZED (SELECT s.kinds, s.others, s.gone, array_agg(s.kind) AS all_kinds FROM spread s GROUP BY s.kinds, s.others, s.gone),
    chosen AS (
        -- one upload that is needed by itself does not make the others so
        SELECT o.*, o.needed OR (o.asked IS NULL AND o.off IS NULL
                   AND coalesce(CASE o.kind WHEN 'upload' THEN NOT n.all_kinds <@ '{upload}' ELSE o.kind = ANY (n.all_kinds) END, false)) AS chosen,
               CASE WHEN o.asked IS NOT NULL AND o.status = 'FAILED' THEN 5 ELSE o.standing END AS by_status
        FROM own o LEFT JOIN need n ON n.kinds = o.kinds AND n.others = o.others AND n.gone = o.gone),
    begun AS (SELECT c.*, min(c.stage_no) FILTER (WHERE c.chosen) OVER (PARTITION BY c.recording) AS by_need FROM chosen c)
    SELECT b.recording, b.kind, b.target_id,
           CASE WHEN b.chosen THEN NULL WHEN b.asked IS NOT NULL THEN 'not asked for' ELSE coalesce(b.off, b.done) END, b.input_hash
    FROM begun b
    WHERE b.stage_no >= least(b.by_status, b.by_need) AND (b.asked IS NULL OR b.chosen OR b.stage_no < b.by_need);
END
$$;
COMMENT ON FUNCTION leap.plan_runs(uuid[], text, text, jsonb) IS
'The tasks each of these recordings would have if the operation (run, retry, force, one of leap.single_operations(), or write_topics, which writes the topics and publishes them where the lesson is published) were done now, from the first stage that has to be passed, and why some of them would be skipped. target: only this upload (type, id or preset). run_layers: {template, override} of the run.';
