-- Taking publications back, and uploads that begin anew.
--
-- Removing is an errand of its own (51_errands.sql), not a task of a run: it moves no recording through its stages, and a
-- deleted recording can have it too. Until it is done the target is REMOVING, and nothing is published to it. Afterwards it
-- is NOT_UPLOADED, and runs leave it alone (removed_at) until somebody asks for an upload. A recording of which nothing
-- is published any more is READY.
-- Lock order: recording -> tasks -> targets.

ALTER TABLE leap.users ADD COLUMN IF NOT EXISTS unpublish_deleted boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN leap.users.unpublish_deleted IS 'Whether what is published of a recording is taken back when it is deleted; otherwise it stays published.';

CREATE OR REPLACE FUNCTION leap.target_recording(target uuid)
RETURNS uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT o.recording_id FROM leap.output_targets o WHERE o.id = target);
END
$$;
COMMENT ON FUNCTION leap.target_recording(uuid) IS 'The recording of a target.';

CREATE OR REPLACE FUNCTION leap.published_targets(recordings uuid[], target text = NULL)
RETURNS SETOF leap.output_targets LANGUAGE sql STABLE AS $$
    SELECT o FROM leap.output_targets o
    WHERE o.recording_id = ANY (recordings) AND o.status = 'UPLOADED' AND o.remote_id IS NOT NULL
      AND (target IS NULL OR target IN (o.id::text, o.target_type, lower(o.target_type), o.preset_id::text))
$$;
COMMENT ON FUNCTION leap.published_targets(uuid[], text) IS
'The targets of these recordings that are published and not being taken back: all, or that of a type, id or preset.';

CREATE OR REPLACE FUNCTION leap.apply_unpublish(ids uuid[], target text = NULL)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    owners uuid[];
    targets uuid[];
BEGIN
    WITH leaving AS (
        UPDATE leap.output_targets o SET status = leap.move('unpublish', 'REMOVING'), removed_at = clock_timestamp(), wanted = false, failed = false, error = NULL
        FROM leap.published_targets(ids, target) p WHERE o.id = p.id RETURNING o.id, o.user_id)
    SELECT array_agg(l.user_id ORDER BY l.id), array_agg(l.id ORDER BY l.id) INTO owners, targets FROM leaving l;
    IF targets IS NOT NULL THEN
        PERFORM leap.add_errands('unpublish', owners, targets);
    END IF;
END
$$;
COMMENT ON FUNCTION leap.apply_unpublish(uuid[], text) IS
'Has what is published of these recordings, which the caller has locked, taken back: everywhere, or where target (type, id or preset) says.';

-- Two targets may share a place, as two presets of the library do: as long as one of them is published it stays.
CREATE OR REPLACE FUNCTION leap.unpublish_input(target uuid)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((
        SELECT jsonb_build_object(
            'recording', jsonb_build_object('id', r.id, 'name', r.display_name, 'lane', u.lane),
            'artifacts', '{}'::jsonb,
            'target', jsonb_build_object('id', o.id, 'type', o.target_type, 'todo', 'remove', 'meta', o.target_meta, 'config', o.config, 'earlier', o.target_meta->'earlier',
                'remote_id', CASE WHEN NOT EXISTS (SELECT FROM leap.output_targets x WHERE x.recording_id = o.recording_id AND x.id <> o.id
                                                   AND x.target_type = o.target_type AND x.remote_id = o.remote_id AND x.status IN ('UPLOADED', 'UPLOADING')) THEN o.remote_id END),
            'credential', CASE WHEN c.id IS NOT NULL THEN leap.credential_input(o.user_id, lower(o.target_type), c.id) END,
            'endpoints', leap.endpoints_of(lower(o.target_type)))
        FROM leap.output_targets o JOIN leap.recordings r ON r.id = o.recording_id JOIN leap.users u ON u.id = o.user_id
        -- the preset may have another account by now that still has the right
        LEFT JOIN leap.output_presets p ON p.id = o.preset_id
        CROSS JOIN LATERAL (SELECT coalesce(p.credential_id::text, o.config->>'credential_id') AS id) c
        WHERE o.id = unpublish_input.target AND o.status = 'REMOVING'), '{"gone": true}');
END
$$;
COMMENT ON FUNCTION leap.unpublish_input(uuid) IS 'What the child is told that takes the publication of a target back; {"gone": true} if there is none to be taken back any more.';

CREATE OR REPLACE FUNCTION leap.unpublished(target uuid)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    o leap.output_targets;
BEGIN
    UPDATE leap.output_targets x SET status = leap.move('unpublish', 'NOT_UPLOADED'), remote_id = NULL, url = NULL, input_hash = NULL, video_sha256 = NULL, uploaded_at = NULL,
           target_meta = x.target_meta - '{earlier,warnings}'::text[], failed = false, error = NULL
    WHERE x.id = target AND x.status = 'REMOVING' RETURNING * INTO o;
    UPDATE leap.recordings r SET status = leap.move('unpublish', 'READY'), updated_at = now()
    WHERE r.id = o.recording_id AND r.status = 'UPLOADED' AND NOT EXISTS (SELECT FROM leap.runs u WHERE u.recording_id = r.id AND u.state = 'active')
      AND NOT EXISTS (SELECT FROM leap.output_targets x WHERE x.recording_id = r.id AND (x.status IN ('UPLOADED', 'UPLOADING', 'REMOVING') OR (x.wanted AND x.removed_at IS NULL)));
END
$$;
COMMENT ON FUNCTION leap.unpublished(uuid) IS
'Notes that the publication of a target was taken back; the caller has locked its recording, which is READY if it was the last one.';

-- A recording that is deleted waits with the rest of what it had until its publications are gone: nobody else would ask for
-- that again. Whoever gives up cancels the task, which is audited.
CREATE OR REPLACE FUNCTION leap.unpublish_ended(target uuid, state text, error jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    o leap.output_targets;
    r leap.recordings;
    again boolean;
    told boolean;
BEGIN
    SELECT x.* INTO o FROM leap.output_targets x WHERE x.id = target AND x.status = 'REMOVING';
    SELECT x.* INTO r FROM leap.recordings x WHERE x.id = o.recording_id;
    again := state = 'failed' AND r.delete_state <> 'active' AND unpublish_ended.error->>'class' IN ('transient', 'rate_limited', 'lost');
    told := again AND o.error IS NOT NULL;
    IF again THEN
        UPDATE leap.output_targets x SET error = unpublish_ended.error WHERE x.id = o.id;
        PERFORM leap.add_errand('unpublish', o.user_id, o.id, clock_timestamp() + interval '6 hours');
    ELSE
        UPDATE leap.output_targets x SET status = leap.move('keep', 'UPLOADED'), removed_at = NULL, wanted = true, error = unpublish_ended.error WHERE x.id = o.id;
    END IF;
    PERFORM leap.raise_event(r.user_id, 'upload_failed', jsonb_build_object('recording', r.id, 'target', o.id),
        jsonb_build_object('name', r.display_name, 'task_kind', 'unpublish', 'class', unpublish_ended.error->>'class', 'code', unpublish_ended.error->>'code',
                           'message', left(unpublish_ended.error->>'message', 2000), 'hint', left(unpublish_ended.error->>'hint', 2000), 'platform', lower(o.target_type)),
        concat_ws('/', 'unpublish', unpublish_ended.error->>'class', unpublish_ended.error->>'code', lower(o.target_type)))
    WHERE o.id IS NOT NULL AND state = 'failed' AND NOT told;
END
$$;
COMMENT ON FUNCTION leap.unpublish_ended(uuid, text, jsonb) IS
'Notes that the publication of a target could not be taken back, or that somebody gave it up: it stays, the target has the error, and the owner is told of a failure. That of a deleted recording is tried again, every six hours, as long as the platform may be able to.';

CREATE OR REPLACE FUNCTION leap.unpublish(id uuid, target text = NULL)
RETURNS jsonb LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT leap.operate_one('unpublish', id, options => jsonb_strip_nulls(jsonb_build_object('target', target)))
$$;
COMMENT ON FUNCTION leap.unpublish(uuid, text) IS
'Takes back what is published of a recording: everywhere, or on one target (type, id or preset). It goes on by itself; runs do not publish there again until an upload is asked for. Returns {recording, message, run}. Errors: LP003 nothing is published, LP004 a run is active, LP020.';

-- Who has the address of an upload may write to it, and dumps have what is here. A platform forgets it after a while; then it
-- goes here, too, and what it was for is told as before: an upload goes on as after an address that the platform has forgotten.
CREATE OR REPLACE FUNCTION leap.drop_upload_addresses()
RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    WITH life(key, days) AS (VALUES ('session', 7), ('upload_url', 1)),     -- of YouTube and of VK
    dropped AS (
        UPDATE leap.tasks t SET checkpoint = jsonb_set(t.checkpoint, ARRAY['platform', l.key], '""')
        FROM life l
        WHERE t.kind = 'upload' AND t.state IN ('succeeded', 'failed', 'cancelled') AND t.finished_at < clock_timestamp() - make_interval(days => l.days)
          AND t.checkpoint #>> ARRAY['platform', l.key] <> '' RETURNING 1)
    SELECT count(*) FROM dropped
$$;
COMMENT ON FUNCTION leap.drop_upload_addresses() IS
'Empties the addresses of uploads in the checkpoints of tasks that ended longer ago than platforms keep them (YouTube 7 days, VK 1); returns how many. A chore of every day.';

-- An upload that nobody can tell the end of.
CREATE OR REPLACE FUNCTION leap.forget_uploads(ids uuid[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE leap.tasks t SET checkpoint = NULL
    FROM leap.output_targets o
    WHERE t.recording_id = ANY (ids) AND t.checkpoint IS NOT NULL AND t.state <> 'running' AND o.id = t.target_id AND (o.failed OR o.status = 'FAILED');
    -- somebody deleted it on the platform
    UPDATE leap.output_targets o SET remote_id = NULL, url = NULL
    WHERE o.recording_id = ANY (ids) AND o.failed AND o.error->>'code' = 'published_gone';
END
$$;
COMMENT ON FUNCTION leap.forget_uploads(uuid[]) IS
'Forgets how far the failed uploads of these recordings had come, and publications that are gone on their platform: the next upload begins anew.';

CREATE OR REPLACE FUNCTION leap.retry_anew(id uuid)
RETURNS jsonb LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT leap.operate_one('retry', id, options => '{"anew": true}')
$$;
COMMENT ON FUNCTION leap.retry_anew(uuid) IS
'leap.retry_recording(), and failed uploads begin anew instead of where they broke off: for one whose outcome cannot be found out (outcome_unknown), after somebody has looked at the platform, and for a publication that is gone there. Returns {recording, message, run}. Errors: LP003, LP005, LP020.';
