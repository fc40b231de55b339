-- How long things are kept: what people set, recordings that expire, and what goes when they are deleted.
--
-- A deleted recording can be restored for soft_delete_days. Then its files go (purge) and what was said in it is left; after
-- hard_delete_days more its row goes with all that belongs to it, and only the name its source has for it is kept, so that no sync makes
-- it anew. Of published recordings sound and pictures may go earlier (media_days). A recording expires at expire_at: then it is deleted
-- as if its owner had done it. Nothing is taken of a recording with a run or a lease; files are removed after the commit, by a sweep.
-- Lock order: recording -> tasks -> ready/lease/scheduled -> usage. Recordings are taken in the order of their ids; what somebody else
-- holds is left for the next time, and what was taken is looked at again under the lock.

CREATE OR REPLACE FUNCTION leap.retention_of(of_user uuid, OUT soft_delete_days int, OUT hard_delete_days int, OUT media_days int, OUT expire_after_days int,
                                             OUT expire_warning_days int)
LANGUAGE sql STABLE AS $$
    SELECT max(v.days) FILTER (WHERE v.key = 'soft_delete_days'), max(v.days) FILTER (WHERE v.key = 'hard_delete_days'), max(v.days) FILTER (WHERE v.key = 'media_days'),
           max(v.days) FILTER (WHERE v.key = 'expire_after_days'), max(v.days) FILTER (WHERE v.key = 'expire_warning_days')
    FROM (SELECT r.key, coalesce((u.retention->>r.key)::int, leap.setting(r.setting)::int, r.standard) AS days
          FROM leap.retention_rules() r LEFT JOIN leap.users u ON u.id = of_user) v
$$;
COMMENT ON FUNCTION leap.retention_of(uuid) IS 'How many days this user keeps what (leap.retention_rules()): his own number, or else the system''s; null: no end.';

CREATE OR REPLACE FUNCTION leap.restore_days(recording uuid)
RETURNS int LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT d.soft_delete_days FROM leap.recordings r CROSS JOIN LATERAL leap.retention_of(r.user_id) d WHERE r.id = recording AND leap.may_see(r.user_id)
$$;
COMMENT ON FUNCTION leap.restore_days(uuid) IS 'For how many days a recording that the caller may see can be restored when it is deleted; null: there is none.';

CREATE OR REPLACE FUNCTION leap.retention("user" text = NULL)
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT jsonb_build_object('own', u.retention, 'resolved', to_jsonb(d)) FROM leap.acting_user("user") u CROSS JOIN LATERAL leap.retention_of(u.id) d
$$;
COMMENT ON FUNCTION leap.retention(text) IS
'How long the caller, or the user whom an operator names, keeps what: {own (what he said), resolved (what holds; null: no end)}, keys as in leap.retention_rules(). Error LP020.';

CREATE OR REPLACE FUNCTION leap.check_retention(changes jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    IF jsonb_typeof(changes) IS DISTINCT FROM 'object' THEN
        PERFORM leap.refuse('LP030', 'how long things are kept is no object', 'It is like {"expire_after_days": 365}.');
    END IF;
    SELECT d.key, d.value, r.lowest, r.highest INTO wrong FROM jsonb_each(changes) d LEFT JOIN leap.retention_rules() r ON r.key = d.key
    WHERE d.value <> 'null' AND NOT leap.valid_retention(jsonb_build_object(d.key, d.value)) OR r.key IS NULL ORDER BY d.key LIMIT 1;
    IF wrong.key IS NOT NULL AND wrong.lowest IS NULL THEN
        PERFORM leap.refuse('LP030', format('there is no %s to set', wrong.key), format('Keys are %s.', (SELECT string_agg(r.key, ', ') FROM leap.retention_rules() r)));
    ELSIF wrong.key IS NOT NULL THEN
        PERFORM leap.refuse('LP030', format('%s cannot be %s', wrong.key, wrong.value),
                            format('It is a whole number of days from %s to %s, or null for what the system has.', wrong.lowest, wrong.highest));
    END IF;
END
$$;
COMMENT ON FUNCTION leap.check_retention(jsonb) IS 'Refuses with LP030 what cannot be said of how long things are kept; null is allowed.';

CREATE OR REPLACE FUNCTION leap.change_retention(changes jsonb, "user" text = NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    me leap.users := leap.acting_user("user");
    own jsonb;
BEGIN
    PERFORM leap.check_retention(changes);
    SELECT u.* INTO me FROM leap.users u WHERE u.id = me.id FOR NO KEY UPDATE;
    own := jsonb_strip_nulls(me.retention || changes);
    IF own <> me.retention THEN
        UPDATE leap.users u SET retention = own, updated_at = leap.clock() WHERE u.id = me.id;
        PERFORM leap.audit('configure', 'retention', me.id::text, me.retention, own);
        -- what the setting had decided is decided anew, with a warning of its own
        IF own->'expire_after_days' IS DISTINCT FROM me.retention->'expire_after_days' THEN
            UPDATE leap.recordings r SET expire_at = NULL, expire_by = NULL, expire_warned_at = NULL WHERE r.user_id = me.id AND r.expire_by = 'setting' AND r.delete_state = 'active';
        END IF;
    END IF;
    RETURN leap.retention("user");
END
$$;
COMMENT ON FUNCTION leap.change_retention(jsonb, text) IS
'Changes how long the caller, or the user whom an operator names, keeps what; null: as the system has it. Returns leap.retention(). No recording expires sooner than the days of warning after a change. Errors LP020, LP030 with key and bounds.';

CREATE OR REPLACE FUNCTION leap.set_expiry(id uuid, expire_at timestamptz = NULL, by_setting boolean = false)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
#variable_conflict use_column
DECLARE
    was leap.recordings;
    wanted constant timestamptz := CASE WHEN by_setting THEN NULL ELSE set_expiry.expire_at END;
    decided constant text := CASE WHEN by_setting THEN NULL ELSE 'user' END;
BEGIN
    SELECT r.* INTO was FROM leap.recordings r WHERE r.id = set_expiry.id AND r.delete_state = 'active' AND leap.may_see(r.user_id) FOR NO KEY UPDATE;
    IF was.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', set_expiry.id), 'A list of recordings shows those there are.');
    ELSIF wanted <= leap.clock() OR NOT isfinite(wanted) THEN
        PERFORM leap.refuse('LP030', format('a recording cannot expire at %s', CASE WHEN isfinite(wanted) THEN to_char(wanted AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC' ELSE 'infinity' END), 'Say a time to come, or delete it.');
    END IF;
    UPDATE leap.recordings r SET expire_at = wanted, expire_by = decided, expire_warned_at = NULL, updated_at = now() WHERE r.id = was.id;
    PERFORM leap.audit('expiry', 'recording', was.id::text, jsonb_build_object('expire_at', was.expire_at, 'by', was.expire_by), jsonb_build_object('expire_at', wanted, 'by', decided));
    RETURN jsonb_build_object('recording_id', was.id, 'expire_at', wanted, 'expire_by', decided);
END
$$;
COMMENT ON FUNCTION leap.set_expiry(uuid, timestamptz, boolean) IS
'Says when a recording is deleted by itself: then, or never (null), whatever the settings say; with by_setting as they say. Returns {recording_id, expire_at, expire_by}. Errors: LP020 unknown or deleted, LP030 a time that has passed.';

-- The kinds that tell what was said, and how: small, and what people come back for.
CREATE OR REPLACE FUNCTION leap.tells_words(kind text)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT kind IN ('transcript', 'text', 'topics', 'chapters') OR kind ~ '^(srt|vtt)(:|$)' $$;
COMMENT ON FUNCTION leap.tells_words(text) IS 'Whether a kind of artifact holds what was said, as text.';

-- Those of these recordings, whose locks the caller has, that nothing runs on and nobody works on: asked anew under the lock.
CREATE OR REPLACE FUNCTION leap.idle_recordings(ids uuid[])
RETURNS uuid[] LANGUAGE plpgsql AS $$
BEGIN
    RETURN ARRAY(SELECT i FROM unnest(ids) i
                 WHERE NOT EXISTS (SELECT FROM leap.runs u WHERE u.recording_id = i AND u.state = 'active')
                   AND NOT EXISTS (SELECT FROM leap.tasks t JOIN leap.task_lease l ON l.task = t.id WHERE t.recording_id = i)
                   AND NOT EXISTS (SELECT FROM leap.output_targets o WHERE o.recording_id = i AND o.status = 'REMOVING') ORDER BY i);
END
$$;
COMMENT ON FUNCTION leap.idle_recordings(uuid[]) IS
'Those of these recordings, which the caller holds, without an active run, a lease, and a publication that is being taken back, in the order of their ids.';

CREATE OR REPLACE FUNCTION leap.purge_files(ids uuid[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM leap.artifacts a WHERE a.recording_id = ANY (ids) AND NOT leap.tells_words(a.kind);
    DELETE FROM leap.transcript_passages WHERE recording_id = ANY (ids);
    UPDATE leap.recordings SET delete_state = leap.move('purge', 'hard'), purged_at = clock_timestamp(), updated_at = now() WHERE id = ANY (ids);
END
$$;
COMMENT ON FUNCTION leap.purge_files(uuid[]) IS
'Takes the files of deleted recordings, which the caller holds and nobody works on, but for what was said; nobody finds that any more. They cannot be restored then.';

CREATE OR REPLACE FUNCTION leap.purge_deleted(most int = 1000)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    ids uuid[] := ARRAY(SELECT r.id FROM leap.recordings r
                        WHERE r.delete_state = 'soft'
                          AND r.deleted_at < clock_timestamp() - make_interval(days => (SELECT d.soft_delete_days FROM leap.retention_of(r.user_id) d))
                          AND NOT EXISTS (SELECT FROM leap.output_targets o WHERE o.recording_id = r.id AND o.status = 'REMOVING')
                        ORDER BY r.id LIMIT most FOR NO KEY UPDATE SKIP LOCKED);
BEGIN
    ids := leap.idle_recordings(ids);
    PERFORM leap.purge_files(ids);
    RETURN cardinality(ids);
END
$$;
COMMENT ON FUNCTION leap.purge_deleted(int) IS
'Takes the files of recordings deleted longer ago than their owners keep them (soft_delete_days), but for what was said; they cannot be restored then. Returns how many.';

CREATE OR REPLACE FUNCTION leap.forget_purged(most int = 1000)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    ids uuid[] := ARRAY(SELECT r.id FROM leap.recordings r
                        WHERE r.delete_state = 'hard'
                          AND coalesce(r.purged_at, r.updated_at) < clock_timestamp() - make_interval(days => (SELECT d.hard_delete_days FROM leap.retention_of(r.user_id) d))
                          AND NOT EXISTS (SELECT FROM leap.output_targets o WHERE o.recording_id = r.id AND o.status = 'REMOVING')
                        ORDER BY r.id LIMIT most FOR UPDATE SKIP LOCKED);
BEGIN
    ids := leap.idle_recordings(ids);
    INSERT INTO leap.purged_sources (user_id, source_key, recording_id)
    SELECT r.user_id, r.source_key, r.id FROM leap.recordings r JOIN leap.users u ON u.id = r.user_id AND u.is_active
    WHERE r.id = ANY (ids) AND r.source_key IS NOT NULL ON CONFLICT DO NOTHING;
    INSERT INTO leap.audit_logs (action, resource_type, resource_id, resource_name, before)
    SELECT 'forget', 'recording', r.id::text, r.display_name, leap.audit_facts(r) FROM leap.recordings r WHERE r.id = ANY (ids) ORDER BY r.id;
    DELETE FROM leap.recordings r WHERE r.id = ANY (ids);
    RETURN cardinality(ids);
END
$$;
COMMENT ON FUNCTION leap.forget_purged(int) IS
'Removes recordings whose files went longer ago than their owners keep what was said (hard_delete_days), with all that belongs to them; what their sources call them stays. Returns how many.';

-- The words, and the picture and the curve that lists show, stay.
CREATE OR REPLACE FUNCTION leap.purge_media(most int = 1000)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    ids uuid[] := ARRAY(SELECT r.id FROM leap.users u CROSS JOIN LATERAL leap.retention_of(u.id) d JOIN leap.recordings r ON r.user_id = u.id
                        WHERE u.retention ? 'media_days' AND r.delete_state = 'active' AND r.status IN ('UPLOADED', 'READY') AND r.hold IS NULL
                          AND NOT EXISTS (SELECT FROM leap.runs x WHERE x.recording_id = r.id
                                          AND (x.state = 'active' OR x.finished_at > clock_timestamp() - make_interval(days => d.media_days)))
                          AND EXISTS (SELECT FROM leap.artifacts a WHERE a.recording_id = r.id AND NOT leap.tells_words(a.kind) AND a.kind NOT IN ('poster', 'miniature', 'waveform'))
                        ORDER BY r.id LIMIT most FOR NO KEY UPDATE OF r SKIP LOCKED);
BEGIN
    ids := leap.idle_recordings(ids);
    DELETE FROM leap.artifacts a WHERE a.recording_id = ANY (ids) AND NOT leap.tells_words(a.kind) AND a.kind NOT IN ('poster', 'miniature', 'waveform');
    UPDATE leap.recordings SET purged_at = clock_timestamp(), updated_at = now() WHERE id = ANY (ids);
    RETURN cardinality(ids);
END
$$;
COMMENT ON FUNCTION leap.purge_media(int) IS
'Takes sound and pictures of published recordings whose last run ended longer ago than their owners keep them (media_days); words, topics and subtitles stay, and what is published. Returns how many.';

-- Nobody is surprised: what the setting would have ended already gets the days of warning first.
CREATE OR REPLACE FUNCTION leap.plan_expiry(most int = 1000)
RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    WITH due AS (
        SELECT r.id, greatest(r.created_at + make_interval(days => d.expire_after_days), leap.clock() + make_interval(days => d.expire_warning_days)) AS expire_at
        FROM leap.users u CROSS JOIN LATERAL leap.retention_of(u.id) d JOIN leap.recordings r ON r.user_id = u.id
        WHERE u.retention ? 'expire_after_days' AND r.delete_state = 'active' AND r.expire_by IS NULL ORDER BY r.id LIMIT most FOR NO KEY UPDATE OF r SKIP LOCKED),
    put AS (UPDATE leap.recordings r SET expire_at = d.expire_at, expire_by = 'setting' FROM due d WHERE r.id = d.id RETURNING 1)
    SELECT count(*)::int FROM put
$$;
COMMENT ON FUNCTION leap.plan_expiry(int) IS
'Says of recordings of which nobody did when they expire, where their owners set expire_after_days: so many days after they were made, but not before the days of warning are over. Returns how many.';

CREATE OR REPLACE FUNCTION leap.warn_of_expiry(most int = 1000)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    ids uuid[] := ARRAY(SELECT r.id FROM leap.recordings r
                        WHERE r.delete_state = 'active' AND r.expire_warned_at IS NULL
                          AND r.expire_at < leap.clock() + make_interval(days => (SELECT d.expire_warning_days FROM leap.retention_of(r.user_id) d))
                        ORDER BY r.id LIMIT most FOR NO KEY UPDATE SKIP LOCKED);
BEGIN
    UPDATE leap.recordings SET expire_warned_at = leap.clock() WHERE id = ANY (ids);
    PERFORM leap.raise_events(array_agg(x.user_id ORDER BY x.user_id), 'recordings_expiring', array_agg(x.subject ORDER BY x.user_id), array_agg(x.payload ORDER BY x.user_id))
    FROM (SELECT r.user_id, jsonb_build_object('recordings', (array_agg(r.id ORDER BY r.expire_at, r.id))[1:100]) AS subject,
                 jsonb_build_object('recordings', count(*), 'name', (array_agg(r.display_name ORDER BY r.expire_at, r.id))[1], 'expire_at', min(r.expire_at)) AS payload
          FROM leap.recordings r WHERE r.id = ANY (ids) GROUP BY r.user_id) x HAVING count(*) > 0;
    RETURN cardinality(ids);
END
$$;
COMMENT ON FUNCTION leap.warn_of_expiry(int) IS
'Tells the owners of recordings that expire within their days of warning: one message of all of them, once. Returns of how many recordings.';

CREATE OR REPLACE FUNCTION leap.expire_recordings(most int = 1000)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    ids uuid[] := ARRAY(SELECT r.id FROM leap.recordings r WHERE r.delete_state = 'active' AND r.expire_at <= leap.clock()
                          AND NOT EXISTS (SELECT FROM leap.runs u WHERE u.recording_id = r.id AND u.state = 'active')
                        ORDER BY r.id LIMIT most FOR NO KEY UPDATE SKIP LOCKED);
BEGIN
    ids := leap.idle_recordings(ids);
    IF cardinality(ids) = 0 THEN
        RETURN 0;
    END IF;
    PERFORM leap.apply_operation('delete', ids, 'user');
    UPDATE leap.recordings SET delete_reason = 'expired' WHERE id = ANY (ids);
    INSERT INTO leap.audit_logs (action, resource_type, resource_id, resource_name, before, after)
    SELECT 'expire', 'recording', r.id::text, r.display_name, jsonb_build_object('status', r.status), leap.audit_facts(r) FROM leap.recordings r WHERE r.id = ANY (ids) ORDER BY r.id;
    RETURN cardinality(ids);
END
$$;
COMMENT ON FUNCTION leap.expire_recordings(int) IS
'Deletes recordings whose time has come, as their owners could: they can be restored. One that runs expires when it is done. Returns how many.';
