-- Uploads that can be resumed (the tus protocol, version 1.0): a lecture arrives in several requests, each to any server.
--
-- The row says whose it is, what was announced and what is to be made of it; how far it has come is the length of its file,
-- which only a server that has locked the file makes longer. So nothing that was acknowledged depends on a process. When the
-- file is whole it becomes a recording by leap.finish_upload(), like one that came in a single request.
-- Lock order: lane -> uploads.

CREATE OR REPLACE FUNCTION leap.http_date(at timestamptz)
RETURNS text LANGUAGE sql STABLE AS $$ SELECT to_char(at AT TIME ZONE 'UTC', 'Dy, DD Mon YYYY HH24:MI:SS "GMT"') $$;
COMMENT ON FUNCTION leap.http_date(timestamptz) IS 'A time as HTTP writes it: Sun, 06 Nov 1994 08:49:37 GMT.';

CREATE OR REPLACE FUNCTION leap.begin_resumable(name text, bytes bigint, options jsonb = '{}', metadata text = NULL)
RETURNS TABLE (id uuid, uri text, expires_at text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
#variable_conflict use_column
DECLARE
    u leap.users := leap.acting_user();
    most constant int := 100;
    fresh record;
BEGIN
    IF (SELECT count(*) FROM leap.uploads p WHERE p.lane = u.lane AND p.state = 'receiving' AND p.expires_at > leap.clock()) >= most THEN
        PERFORM leap.refuse('LP044', format('%s uploads are under way', most), 'Go on with those that there are, or end some, before there are more.');
    END IF;
    SELECT b.id INTO fresh FROM leap.begin_upload(begin_resumable.name, bytes, options) b;
    RETURN QUERY UPDATE leap.uploads p SET resumable = true, options = begin_resumable.options, metadata = begin_resumable.metadata,
                                           expires_at = leap.clock() + leap.upload_patience(true)
    WHERE p.id = fresh.id RETURNING p.id, p.uri, leap.http_date(p.expires_at);
END
$$;
COMMENT ON FUNCTION leap.begin_resumable(text, bigint, jsonb, text) IS
'Begins an upload of the caller that can be resumed: its file name, its size if it is known, options as of leap.begin_upload(), and what the client said of it, to be told again. Returns the id, where the file is to be written, and until when it is kept, as HTTP writes a time. For servers. Errors: as leap.begin_upload(), and LP044 when 100 of the user are under way.';

CREATE OR REPLACE FUNCTION leap.resumable_upload(id uuid)
RETURNS TABLE (state text, uri text, name text, options jsonb, metadata text, expected bigint, received bigint, unproved_from bigint, reserved bigint, expires_at text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT CASE WHEN p.state = 'receiving' AND p.expires_at <= leap.clock() THEN 'expired' ELSE p.state END,
           p.uri, p.name, p.options, p.metadata, p.expected, p.received, p.unproved_from, p.reserved, leap.http_date(p.expires_at)
    FROM leap.uploads p WHERE p.id = resumable_upload.id AND p.resumable AND p.user_id = (leap.acting_user()).id
$$;
COMMENT ON FUNCTION leap.resumable_upload(uuid) IS
'What is known of an upload of the caller that can be resumed; no row: there is none, or it ended a week ago. received counts when it is finished; before, the length of the file does. For servers.';

CREATE OR REPLACE FUNCTION leap.announce_upload(id uuid, bytes bigint)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.acting_user();
    p leap.uploads;
    room bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(leap.lane_key(), u.lane);
    p := leap.own_upload(id, u.id);
    IF bytes IS NULL OR bytes NOT BETWEEN 1 AND leap.upload_most() THEN
        PERFORM leap.refuse('LP030', format('an upload cannot have %s bytes', coalesce(bytes::text, 'no')), format('It has 1 to %s bytes.', leap.upload_most()));
    ELSIF p.expected <> bytes THEN
        PERFORM leap.refuse('LP030', format('the upload has %s bytes, not %s', p.expected, bytes), 'What was announced stays.');
    ELSIF p.expected IS NULL THEN
        room := CASE WHEN bytes <= p.reserved THEN bytes ELSE leap.upload_room(u.id, u.lane, p.reserved, bytes, bytes) END;
        UPDATE leap.uploads x SET expected = bytes, reserved = room WHERE x.id = p.id;
    END IF;
    RETURN bytes;
END
$$;
COMMENT ON FUNCTION leap.announce_upload(uuid, bigint) IS
'Says how large an upload of the caller will be that was begun without saying so, and reserves that. For servers. Errors: LP010 no room, LP020 given up, LP030 another size was announced, or none that can be.';

CREATE OR REPLACE FUNCTION leap.keep_upload(id uuid, received bigint, unproved boolean = false)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    p leap.uploads := leap.own_upload(id, (leap.acting_user()).id);
    ends timestamptz := leap.clock() + leap.upload_patience(p.resumable);
BEGIN
    UPDATE leap.uploads x SET received = keep_upload.received, expires_at = ends, unproved_from = CASE WHEN unproved THEN keep_upload.received END WHERE x.id = p.id;
    RETURN leap.http_date(ends);
END
$$;
COMMENT ON FUNCTION leap.keep_upload(uuid, bigint, boolean) IS
'Says that so many bytes of an upload of the caller are stored, and whether what comes behind them counts only when it has been proved. Returns until when it is kept, as HTTP writes a time. For servers. Error LP020: given up.';

CREATE OR REPLACE FUNCTION leap.end_upload(id uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    PERFORM leap.drop_upload((leap.own_upload(id, (leap.acting_user()).id)).id);
END
$$;
COMMENT ON FUNCTION leap.end_upload(uuid) IS 'Gives up an upload of the caller; its file is garbage. For servers. Error LP020: there is none under way.';
