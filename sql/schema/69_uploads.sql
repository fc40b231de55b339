-- Uploads: a lecture arrives in pieces, and becomes a recording when it is whole.
--
-- Before the first byte the owner's quotas are asked and storage is reserved: as much as was announced, or a step,
-- which grows with what arrives. Reservations count like those of running tasks (leap.quota_reserved()); the lane lock
-- makes claims and uploads see each other's. The file is written under its final name; when it is whole and synced,
-- one transaction makes the recording and its artifact "source", which is counted from then on, and ends the reservation.
-- The download task adopts that file: it compares it with its digest and looks at what it is.
-- An upload that ends otherwise leaves a row that expires, and nothing else.
-- Lock order: lane -> uploads -> recordings -> usage.

CREATE OR REPLACE FUNCTION leap.upload_most() RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 68719476736';    -- 64 GiB
COMMENT ON FUNCTION leap.upload_most() IS 'Bytes of the largest lecture that is taken.';

CREATE OR REPLACE FUNCTION leap.upload_step() RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 67108864';       -- 64 MiB
COMMENT ON FUNCTION leap.upload_step() IS 'Bytes that are reserved at least for an upload of unknown size.';

DROP FUNCTION IF EXISTS leap.upload_patience();
CREATE OR REPLACE FUNCTION leap.upload_patience(resumable boolean)
RETURNS interval LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN resumable THEN leap.setting('leap.upload_lifetime')::int * interval '1 s' ELSE interval '10 minutes' END
$$;
COMMENT ON FUNCTION leap.upload_patience(boolean) IS
'How long an upload that nobody goes on with keeps its reservation: one in a single request, of which servers say more often that it goes on, or one that can be resumed.';

CREATE OR REPLACE FUNCTION leap.check_upload_options(options jsonb, owner uuid)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM leap.check_keys(options, '{display_name,template_id,config,auto_run}', 'an upload');
    IF jsonb_typeof(options->'display_name') <> 'string' OR length(options->>'display_name') > 500 THEN
        PERFORM leap.refuse('LP030', 'the display_name of an upload is a text of at most 500 characters');
    ELSIF jsonb_typeof(options->'auto_run') <> 'boolean' THEN
        PERFORM leap.refuse('LP030', format('auto_run cannot be %s', left(options->>'auto_run', 100)), 'It is true or false.');
    ELSIF options ? 'template_id' AND NOT EXISTS (SELECT FROM leap.recording_templates t WHERE t.user_id = owner AND t.id::text = options->>'template_id') THEN
        PERFORM leap.refuse('LP020', format('there is no template %s', left(options->>'template_id', 100)));
    ELSIF options ? 'config' THEN
        PERFORM leap.check_config(options->'config');
        PERFORM leap.check_output(options #> '{config,output}', owner);
    END IF;
END
$$;
COMMENT ON FUNCTION leap.check_upload_options(jsonb, uuid) IS
'Refuses options of an upload other than {display_name, template_id, config, auto_run}, or with values that cannot be. Errors LP020, LP030.';

-- The caller holds the lane lock. Nobody waits for the room: what does not fit is refused, with the numbers.
CREATE OR REPLACE FUNCTION leap.upload_room(owner uuid, in_lane int, mine bigint, needed bigint, wanted bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    room bigint;
    s record;
BEGIN
    SELECT r.bytes + mine INTO room FROM leap.quota_rooms(owner, in_lane) r;
    IF room >= needed AND room > 0 OR room IS NULL THEN
        RETURN least(wanted, room);
    END IF;
    SELECT * INTO s FROM leap.quota_status_of(owner) x WHERE x.quota = 'storage_bytes';
    PERFORM leap.refuse('LP010', format('quota storage_bytes exceeded: the upload needs %s; the limit is %s, %s used, %s reserved by other uploads and tasks',
                            CASE WHEN needed > 0 THEN leap.quota_amount(s.quota, needed) ELSE 'room' END, leap.quota_amount(s.quota, s."limit"),
                            leap.quota_amount(s.quota, s.used), leap.quota_amount(s.quota, s.reserved - mine)),
                        'Delete recordings that are not needed, or ask an administrator for more storage.');
END
$$;
COMMENT ON FUNCTION leap.upload_room(uuid, int, bigint, bigint, bigint) IS
'How many of the wanted bytes can be reserved for an upload that holds mine already. Error LP010 if not even those that are needed.';

CREATE OR REPLACE FUNCTION leap.check_upload_count(owner uuid)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    under_way bigint := (SELECT count(*) FROM leap.uploads u WHERE u.user_id = owner AND u.state = 'receiving' AND u.expires_at > leap.clock());
    s record;
BEGIN
    SELECT * INTO s FROM leap.quota_status_of(owner) x WHERE x.quota = 'recordings_per_month';
    IF s.remaining <= under_way THEN
        PERFORM leap.refuse('LP010', format('quota %s exceeded: the limit is %s a month, %s used, %s on the way', s.quota, s."limit", s.used, under_way),
                            format('It counts anew on %s at 00:00 UTC.', to_char(s.resets_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')));
    END IF;
END
$$;
COMMENT ON FUNCTION leap.check_upload_count(uuid) IS 'Refuses (LP010) an upload for which no recording is left this month.';

CREATE OR REPLACE FUNCTION leap.begin_upload(name text = NULL, bytes bigint = NULL, options jsonb = '{}')
RETURNS TABLE (id uuid, uri text, reserved bigint) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
#variable_conflict use_column
DECLARE
    u leap.users := leap.acting_user();
    fresh uuid := leap.uuid7();
    ending text := coalesce(substring(lower(begin_upload.name) FROM '\.(mp4|m4v|mov|webm|mkv|avi|ts|m4a|mp3|ogg|opus|wav|flac)$'), 'bin');
    room bigint;
BEGIN
    PERFORM leap.require_permission('can_process_video', u.id);
    PERFORM leap.check_upload_options(options, u.id);
    IF bytes NOT BETWEEN 1 AND leap.upload_most() THEN
        PERFORM leap.refuse('LP030', format('an upload cannot have %s bytes', bytes), format('It has 1 to %s bytes.', leap.upload_most()));
    END IF;
    PERFORM pg_advisory_xact_lock(leap.lane_key(), u.lane);
    PERFORM leap.check_upload_count(u.id);
    room := leap.upload_room(u.id, u.lane, 0, coalesce(bytes, 0), coalesce(bytes, leap.upload_step()));
    RETURN QUERY INSERT INTO leap.uploads AS n (id, user_id, lane, name, uri, expected, reserved, expires_at)
    VALUES (fresh, u.id, u.lane, left(coalesce(begin_upload.name, ''), 500),
            format('users/%s/%s/source-%s.%s', lpad(u.lane::text, 6, '0'), fresh, encode(leap.random_bytes(8), 'hex'), ending),
            bytes, room, leap.clock() + leap.upload_patience(false))
    RETURNING n.id, n.uri, n.reserved;
END
$$;
COMMENT ON FUNCTION leap.begin_upload(text, bigint, jsonb) IS
'Begins an upload of the caller: its file name, its size if it is known, options {display_name, template_id, config, auto_run} if they are. Reserves storage; returns the id, where the file is to be written, and how many bytes may come before more are reserved. For servers. Errors: LP010 quota, LP020 no such template, LP030, LP043 the account may not.';

CREATE OR REPLACE FUNCTION leap.own_upload(id uuid, owner uuid)
RETURNS leap.uploads LANGUAGE plpgsql AS $$
DECLARE
    p leap.uploads;
BEGIN
    SELECT x.* INTO p FROM leap.uploads x WHERE x.id = own_upload.id AND x.user_id = owner AND x.state = 'receiving' FOR UPDATE;
    IF p.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no upload %s under way', id), 'It was given up after a pause: begin again.');
    END IF;
    RETURN p;
END
$$;
COMMENT ON FUNCTION leap.own_upload(uuid, uuid) IS 'An upload of this user that is under way, locked. Error LP020.';

CREATE OR REPLACE FUNCTION leap.continue_upload(id uuid, received bigint, wanted bigint)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.acting_user();
    p leap.uploads;
    room bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(leap.lane_key(), u.lane);
    p := leap.own_upload(id, u.id);
    room := p.reserved;
    IF wanted > leap.upload_most() THEN
        PERFORM leap.refuse('LP030', format('an upload cannot have %s bytes', wanted), format('It has at most %s bytes.', leap.upload_most()));
    ELSIF wanted > p.reserved THEN
        -- half of what came as well, so that even long ones ask seldom
        room := leap.upload_room(u.id, u.lane, p.reserved, wanted, wanted + greatest(leap.upload_step(), continue_upload.received / 2));
    END IF;
    UPDATE leap.uploads x SET received = continue_upload.received, reserved = room, expires_at = leap.clock() + leap.upload_patience(x.resumable) WHERE x.id = p.id;
    RETURN room;
END
$$;
COMMENT ON FUNCTION leap.continue_upload(uuid, bigint, bigint) IS
'Says that so many bytes of an upload are stored and so many in all are wanted; returns how many may come. For servers, which call it once a minute at least. Errors: LP010 no room, LP020 given up, LP030 too large.';

CREATE OR REPLACE FUNCTION leap.finish_upload(id uuid, name text, bytes bigint, sha256 text, options jsonb = '{}')
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.acting_user();
    p leap.uploads;
    file text := left(coalesce(finish_upload.name, ''), 500);
BEGIN
    PERFORM leap.check_upload_options(options, u.id);
    PERFORM pg_advisory_xact_lock(leap.lane_key(), u.lane);
    p := leap.own_upload(id, u.id);
    UPDATE leap.uploads x SET state = 'finished', name = file, received = bytes, reserved = 0, sha256 = finish_upload.sha256, finished_at = leap.clock()
    WHERE x.id = p.id;
    PERFORM leap.create_recording(u.id, jsonb_build_object('type', 'upload', 'name', file, 'bytes', bytes::text, 'sha256', finish_upload.sha256),
                                  options->>'display_name', file, coalesce(options->'config', '{}'), p.id);
    -- not the work of any task yet: no input has this hash
    INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type, input_hash)
    VALUES (p.id, u.id, 'source', p.uri, finish_upload.bytes, finish_upload.sha256, 'application/octet-stream', '\x00');
    IF options ? 'template_id' THEN
        PERFORM leap.choose_template(p.id, (options->>'template_id')::uuid, 'user');
    END IF;
    IF (options->>'auto_run')::boolean THEN
        PERFORM leap.run_recording(p.id);
    END IF;
    RETURN leap.recording_detail(p.id);
END
$$;
COMMENT ON FUNCTION leap.finish_upload(uuid, text, bigint, text, jsonb) IS
'Makes a recording of an upload that is whole: its file name, its size and digest, and options as in leap.begin_upload(). Returns the recording as leap.recording_detail() does; it has the id of the upload. For servers. Errors: LP010 quota, LP020 given up, LP030.';

CREATE OR REPLACE FUNCTION leap.drop_upload(id uuid)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    WITH dropped AS (
        UPDATE leap.uploads p SET state = 'failed', reserved = 0, finished_at = leap.clock() WHERE p.id = drop_upload.id AND p.state = 'receiving' RETURNING p.uri)
    INSERT INTO leap.storage_garbage (uri) SELECT d.uri FROM dropped d ON CONFLICT DO NOTHING
$$;
COMMENT ON FUNCTION leap.drop_upload(uuid) IS 'Gives an upload up: nothing is reserved for it any more, and its file is garbage. For servers.';

CREATE OR REPLACE FUNCTION leap.forget_uploads()
RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    WITH over AS (
        SELECT p.id FROM leap.uploads p WHERE p.state = 'receiving' AND p.expires_at < leap.clock() ORDER BY p.id FOR UPDATE SKIP LOCKED),
    expired AS (
        UPDATE leap.uploads p SET state = 'expired', reserved = 0, finished_at = leap.clock() FROM over o WHERE p.id = o.id RETURNING p.uri),
    garbage AS (
        INSERT INTO leap.storage_garbage (uri) SELECT e.uri FROM expired e ON CONFLICT DO NOTHING),
    old AS (
        DELETE FROM leap.uploads p WHERE p.finished_at < leap.clock() - interval '7 days' RETURNING 1)
    SELECT (SELECT count(*) FROM expired)::int + (SELECT count(*) FROM old)::int
$$;
COMMENT ON FUNCTION leap.forget_uploads() IS
'Gives up uploads that nobody went on with, and forgets those that ended a week ago. A chore of every minute; returns how many.';
