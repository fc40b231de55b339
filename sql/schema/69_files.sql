-- Links to files: who has one needs no token, for a while.
--
-- A link carries what it allows (the file, until when, to be shown or saved) and an HMAC over that and the owner, made
-- with the key of purpose "files". Only the current key verifies: leap.rotate_signing_key('files') makes all links
-- worthless. So does whatever makes the file unreachable: its recording deleted, its owner not active. One that a share
-- gives names the share in front of its signature, is signed for it in the place of the owner, and ends with it.

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

CREATE OR REPLACE FUNCTION leap.file_link(recording uuid, kinds text[], download boolean = false, redirect boolean = true)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    r leap.recordings;
    a leap.artifacts;
    link jsonb;
BEGIN
    SELECT x.* INTO r FROM leap.recordings x WHERE x.id = recording AND x.deleted_at IS NULL AND leap.may_see(x.user_id);
    IF r.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', recording), 'The list of recordings shows the ids.');
    END IF;
    SELECT x.* INTO a FROM leap.artifacts x WHERE x.recording_id = r.id AND x.kind = ANY (kinds) ORDER BY array_position(kinds, x.kind) LIMIT 1;
    IF a.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('"%s" has no file %s', r.display_name, array_to_string(kinds, ' or ')),
            format('It has %s.', coalesce((SELECT string_agg(x.kind, ', ' ORDER BY x.kind) FROM leap.artifacts x WHERE x.recording_id = r.id), 'no files yet')));
    END IF;
    link := leap.file_url(a.id, 3600, download);
    IF redirect IS DISTINCT FROM false THEN
        PERFORM set_config('response.status', '302', true), set_config('response.headers', jsonb_build_array(jsonb_build_object('Location', link->>'url'),
                    jsonb_build_object('Cache-Control', 'private, no-store'), jsonb_build_object('Referrer-Policy', 'no-referrer'))::text, true);
    END IF;
    RETURN link || jsonb_build_object('id', a.id, 'kind', a.kind, 'media_type', a.media_type, 'bytes', a.bytes::text);
END
$$;
COMMENT ON FUNCTION leap.file_link(uuid, text[], boolean, boolean) IS
'A link, good for an hour, to the file of a recording of the first of these kinds that it has: {url, expires_at, id, kind, media_type, bytes}. By HTTP that is 302 to the link unless redirect is false. Error LP020.';

-- Two digests under a key of chance differ in unforeseeable places: how long their comparison takes tells nothing.
CREATE OR REPLACE FUNCTION leap.signed_file(artifact uuid, expires bigint, download boolean, signature text)
RETURNS TABLE (uri text, sha256 text, media_type text, name text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT a.uri, a.sha256, a.media_type, leap.file_name(r.display_name, a.kind, a.uri, a.media_type)
    FROM leap.artifacts a JOIN leap.recordings r ON r.id = a.recording_id AND r.deleted_at IS NULL JOIN leap.users u ON u.id = a.user_id AND u.is_active
    CROSS JOIN (SELECT leap.random_bytes(32) AS chance, substring(signature FROM '^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})\.')::uuid AS share) c
    LEFT JOIN leap.shares s ON s.id = c.share
    WHERE a.id = signed_file.artifact AND expires > extract(epoch FROM leap.clock())
      AND (s.id IS NULL OR (s.recording_id = a.recording_id AND leap.share_is_live(s) AND (s.allow_download OR NOT signed_file.download)))
      AND leap.hmac_sha256(convert_to(coalesce(s.id || '.', '') || leap.file_signature(a.id, expires, coalesce(s.id, a.user_id), signed_file.download), 'UTF8'), c.chance)
        = leap.hmac_sha256(convert_to(left(signature, 200), 'UTF8'), c.chance)
$$;
COMMENT ON FUNCTION leap.signed_file(uuid, bigint, boolean, text) IS
'The file that a link allows: where it is, its digest, its type and its name for people; no row for a link that is not good, or no longer, be it by itself or with its share. For the gateway.';
