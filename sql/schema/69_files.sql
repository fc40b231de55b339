-- Links to files: who has one needs no token, for a while.
--
-- A link carries what it allows (the file, until when, to be shown or saved) and an HMAC over that and the owner, made
-- with the key of purpose "files". Only the current key verifies: leap.rotate_signing_key('files') makes all links
-- worthless. So does whatever makes the file unreachable: its recording deleted, its owner not active.

-- A name in the storage is given before it is known what the file is; its type is said by what has read it.
DROP FUNCTION IF EXISTS leap.file_name(text, text, text);
CREATE OR REPLACE FUNCTION leap.file_name(title text, kind text, uri text, media_type text = NULL)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT left(title, 120) || CASE WHEN kind IN ('video', 'text', 'poster', e.ending) THEN '' WHEN kind ~ ':' THEN '.' || split_part(kind, ':', 2)
                               ELSE ' ' || kind END || coalesce('.' || e.ending, '')
    FROM (SELECT coalesce((SELECT t.ending FROM (VALUES ('video/mp4', 'mp4'), ('audio/mp4', 'm4a'), ('video/quicktime', 'mov'), ('video/webm', 'webm'), ('audio/webm', 'weba'),
                                                        ('video/x-matroska', 'mkv'), ('audio/x-matroska', 'mka'), ('text/vtt', 'vtt')) AS t (name, ending)
                           WHERE t.name = media_type),
                          nullif(substring(uri FROM '\.([a-z0-9]{1,8})$'), 'bin')) AS ending) e
$$;
COMMENT ON FUNCTION leap.file_name(text, text, text, text) IS
'What people find a file of a recording under when they save it: the title, the kind where another file of the recording may have the same ending (all but video, text, poster, srt and vtt; of subtitles in another language that language: Lecture.ru.vtt), and the ending that belongs to its media type, or else that of its name in the storage. It is text of users: whoever writes it into a field or a path escapes it.';

CREATE OR REPLACE FUNCTION leap.file_signature(artifact uuid, expires bigint, owner uuid, download boolean)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT leap.base64url(leap.hmac_sha256(convert_to(format(E'GET\n/files/%s\n%s\n%s\n%s', artifact, expires, owner, download), 'UTF8'), k.secret))
    FROM leap.signing_keys k WHERE k.purpose = 'files' AND k.retired_at IS NULL
$$;
COMMENT ON FUNCTION leap.file_signature(uuid, bigint, uuid, boolean) IS
'The signature of a link to a file that is good until this second since 1970, under the current key.';

CREATE OR REPLACE FUNCTION leap.file_url(artifact uuid, seconds int = 3600, download boolean = false)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    owner uuid := (SELECT a.user_id FROM leap.artifacts a JOIN leap.recordings r ON r.id = a.recording_id AND r.deleted_at IS NULL
                   WHERE a.id = artifact AND leap.may_see(a.user_id));
    expires bigint := extract(epoch FROM leap.clock())::bigint + seconds;
BEGIN
    IF owner IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no file %s', artifact), 'The artifacts of a recording name its files.');
    ELSIF seconds IS NULL OR seconds NOT BETWEEN 1 AND 604800 THEN
        PERFORM leap.refuse('LP030', format('a link cannot be good for %s seconds', coalesce(seconds::text, 'null')), 'Name 1 to 604800 seconds (a week).');
    END IF;
    download := coalesce(download, false);
    RETURN jsonb_build_object('url', format('/files/%s?exp=%s&download=%s&sig=%s', artifact, expires, download::text,
                                             leap.file_signature(artifact, expires, owner, download)),
                              'expires_at', to_timestamp(expires));
END
$$;
COMMENT ON FUNCTION leap.file_url(uuid, int, boolean) IS
'A link by which anybody can fetch a file (its id in artifacts) for so many seconds, at most a week: {url, expires_at}; the URL is relative to the server. download: to be saved, else shown where that can be done. All links end with leap.rotate_signing_key(''files''). Errors: LP020 no such file, or not yours; LP030 seconds.';

-- Two digests under a key of chance differ in unforeseeable places: how long their comparison takes tells nothing.
CREATE OR REPLACE FUNCTION leap.signed_file(artifact uuid, expires bigint, download boolean, signature text)
RETURNS TABLE (uri text, sha256 text, media_type text, name text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT a.uri, a.sha256, a.media_type, leap.file_name(r.display_name, a.kind, a.uri, a.media_type)
    FROM leap.artifacts a JOIN leap.recordings r ON r.id = a.recording_id AND r.deleted_at IS NULL JOIN leap.users u ON u.id = a.user_id AND u.is_active
    CROSS JOIN (SELECT leap.random_bytes(32) AS chance) c
    WHERE a.id = signed_file.artifact AND expires > extract(epoch FROM leap.clock())
      AND leap.hmac_sha256(convert_to(leap.file_signature(a.id, expires, a.user_id, signed_file.download), 'UTF8'), c.chance)
        = leap.hmac_sha256(convert_to(left(signature, 200), 'UTF8'), c.chance)
$$;
COMMENT ON FUNCTION leap.signed_file(uuid, bigint, boolean, text) IS
'The file that a link allows: where it is, its digest, its type and its name for people; no row for a link that is not good, or no longer. For the gateway.';
