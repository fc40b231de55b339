-- Shares (26_shares.sql): people without an account see one lesson each, by a link that can be taken back.
--
-- What is shown is what was made of the lesson: the video, its words and topics; never the source, which may have what was
-- cut out. The links to its files are signed for the share and last as long as it does (69_files.sql). A token that is not
-- known, was revoked, has expired, or is of a recording that is gone is answered in the same words: who tries learns nothing.
-- Lock order: recording -> shares.

CREATE OR REPLACE FUNCTION leap.share_token(id uuid, kid text)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT leap.base64url(substring(leap.hmac_sha256(convert_to('share ' || id, 'UTF8'), k.secret) FOR 16))
    FROM leap.signing_keys k WHERE k.kid = share_token.kid AND k.purpose = 'shares' AND k.retired_at IS NULL
$$;
COMMENT ON FUNCTION leap.share_token(uuid, text) IS 'The token of a share, made again: 128 bits; null when its key was exchanged.';

CREATE OR REPLACE FUNCTION leap.share_json(s leap.shares)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', s.id, 'recording_id', s.recording_id, 'note', s.note, 'allow_download', s.allow_download,
        'state', CASE WHEN s.revoked_at IS NOT NULL THEN 'revoked' WHEN s.expires_at <= leap.clock() THEN 'expired' WHEN t.token IS NULL THEN 'ended' ELSE 'live' END,
        'token', t.token, 'path', '/share/' || t.token, 'url', nullif(rtrim(leap.setting('leap.public_url'), '/'), '') || '/share/' || t.token,
        'created_at', s.created_at, 'expires_at', s.expires_at, 'revoked_at', s.revoked_at, 'last_seen_at', s.last_seen_at, 'views', s.views)
    FROM (SELECT CASE WHEN leap.share_is_live(s) THEN leap.share_token(s.id, s.kid) END AS token) t
$$;
COMMENT ON FUNCTION leap.share_json(leap.shares) IS
'A share as its owner sees it: {id, recording_id, note, allow_download, state live | expired | revoked | ended (the key was exchanged), token, path, url (null without leap.public_url), created_at, expires_at, revoked_at, last_seen_at, views}; token, path and url are null unless it is live.';

CREATE OR REPLACE FUNCTION leap.shareable_recording(recording uuid)
RETURNS leap.recordings LANGUAGE plpgsql AS $$
DECLARE
    r leap.recordings;
BEGIN
    SELECT x.* INTO r FROM leap.recordings x WHERE x.id = recording AND x.delete_state = 'active' AND leap.may_see(x.user_id) FOR KEY SHARE;
    IF r.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', recording), 'The list of recordings shows the ids.');
    END IF;
    RETURN r;
END
$$;
COMMENT ON FUNCTION leap.shareable_recording(uuid) IS 'A recording the caller may see, held so that it is not removed. Error LP020.';

CREATE OR REPLACE FUNCTION leap.check_share(note text, expires_at timestamptz)
RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF length(note) > 200 THEN
        PERFORM leap.refuse('LP030', format('a note of %s characters is too long', length(note)), 'It has at most 200.');
    ELSIF expires_at <= leap.clock() THEN
        PERFORM leap.refuse('LP030', format('expires_at %s has passed', expires_at), 'Name a time to come, or null: until it is revoked.');
    END IF;
END
$$;
COMMENT ON FUNCTION leap.check_share(text, timestamptz) IS 'Refuses (LP030) a note that is too long and an end that has passed.';

CREATE OR REPLACE FUNCTION leap.add_share(recording uuid, note text = '', allow_download boolean = false, expires_at timestamptz = NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
#variable_conflict use_column
DECLARE
    r leap.recordings := leap.shareable_recording(recording);
    key text := (SELECT k.kid FROM leap.signing_keys k WHERE k.purpose = 'shares' AND k.retired_at IS NULL);
    fresh uuid := leap.uuid7();
    made leap.shares;
    most constant int := 100;
BEGIN
    PERFORM leap.check_share(add_share.note, add_share.expires_at);
    IF (SELECT count(*) FROM leap.shares s WHERE s.recording_id = r.id AND leap.share_is_live(s)) >= most THEN
        PERFORM leap.refuse('LP030', format('"%s" is shared by %s links', r.display_name, most), 'Revoke some that nobody needs.');
    END IF;
    INSERT INTO leap.shares AS s (id, recording_id, user_id, created_by, note, kid, hash, allow_download, expires_at)
    VALUES (fresh, r.id, r.user_id, leap.current_user_id(), coalesce(leap.one_line(add_share.note), ''), key, leap.token_hash(leap.share_token(fresh, key)),
            coalesce(add_share.allow_download, false), add_share.expires_at)
    RETURNING s.* INTO made;
    PERFORM leap.audit('share', 'recording', r.id::text, details => jsonb_build_object('share', made.id, 'allow_download', made.allow_download, 'expires_at', made.expires_at));
    RETURN leap.share_json(made);
END
$$;
COMMENT ON FUNCTION leap.add_share(uuid, text, boolean, timestamptz) IS
'Makes a link by which anybody sees what was made of a recording, until expires_at (null: until it is revoked): a note for its owner, and whether files may be saved. Returns it as leap.share_json(). Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION leap.list_shares(recording uuid)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM leap.recordings r WHERE r.id = recording AND leap.may_see(r.user_id)) THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', recording), 'The list of recordings shows the ids.');
    END IF;
    RETURN coalesce((SELECT jsonb_agg(leap.share_json(s) ORDER BY s.id DESC) FROM leap.shares s WHERE s.recording_id = recording), '[]');
END
$$;
COMMENT ON FUNCTION leap.list_shares(uuid) IS 'The links to a recording, the newest first, as leap.share_json(). Error LP020.';

CREATE OR REPLACE FUNCTION leap.own_share(id uuid)
RETURNS leap.shares LANGUAGE plpgsql AS $$
DECLARE
    s leap.shares;
BEGIN
    SELECT x.* INTO s FROM leap.shares x WHERE x.id = own_share.id AND leap.may_see(x.user_id) FOR UPDATE;
    IF s.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no share %s', id), 'The shares of a recording show the ids.');
    END IF;
    RETURN s;
END
$$;
COMMENT ON FUNCTION leap.own_share(uuid) IS 'A share of the caller, locked. Error LP020.';

CREATE OR REPLACE FUNCTION leap.change_share(id uuid, changes jsonb)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    s leap.shares := leap.own_share(id);
    new leap.shares;
BEGIN
    PERFORM leap.check_keys(changes, '{note,allow_download,expires_at}', 'a share');
    IF s.revoked_at IS NOT NULL THEN
        PERFORM leap.refuse('LP003', 'the share was revoked', 'Make another one.');
    ELSIF jsonb_typeof(changes->'allow_download') <> 'boolean' THEN
        PERFORM leap.refuse('LP030', format('allow_download cannot be %s', left(changes->>'allow_download', 100)), 'It is true or false.');
    END IF;
    new := jsonb_populate_record(s, changes);
    PERFORM leap.check_share(new.note, CASE WHEN changes ? 'expires_at' THEN new.expires_at END);
    UPDATE leap.shares x SET note = coalesce(leap.one_line(new.note), ''), allow_download = new.allow_download, expires_at = new.expires_at WHERE x.id = s.id RETURNING x.* INTO new;
    PERFORM leap.audit('change share', 'recording', s.recording_id::text, before => jsonb_build_object('allow_download', s.allow_download, 'expires_at', s.expires_at),
        after => jsonb_build_object('allow_download', new.allow_download, 'expires_at', new.expires_at), details => jsonb_build_object('share', s.id));
    RETURN leap.share_json(new);
EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format THEN
    PERFORM leap.refuse('LP030', format('expires_at cannot be "%s"', left(changes->>'expires_at', 50)), 'It is a time like 2026-09-01T10:00:00Z.');
END
$$;
COMMENT ON FUNCTION leap.change_share(uuid, jsonb) IS
'Changes note, allow_download or expires_at of a share that was not revoked; one that has expired lives again with another end. Returns it as leap.share_json(). Errors LP003 revoked, LP020, LP030.';

CREATE OR REPLACE FUNCTION leap.revoke_share(id uuid)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    s leap.shares := leap.own_share(id);
BEGIN
    IF s.revoked_at IS NULL THEN
        UPDATE leap.shares x SET revoked_at = leap.clock() WHERE x.id = s.id RETURNING x.* INTO s;
        PERFORM leap.audit('revoke share', 'recording', s.recording_id::text, details => jsonb_build_object('share', s.id));
    END IF;
    RETURN leap.share_json(s);
END
$$;
COMMENT ON FUNCTION leap.revoke_share(uuid) IS 'Ends a share and every link to a file that it gave, at once. Returns it as leap.share_json(). Error LP020.';

-- Who has the link ----------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION leap.share_file(s leap.shares, a leap.artifacts, expires bigint, download boolean)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('kind', a.kind, 'media_type', a.media_type, 'bytes', a.bytes::text,
        'url', format('/files/%s?exp=%s&download=%s&sig=%s.%s', a.id, expires, download::text, s.id, leap.file_signature(a.id, expires, s.id, download)))
$$;
COMMENT ON FUNCTION leap.share_file(leap.shares, leap.artifacts, bigint, boolean) IS
'A file as a share shows it: {kind, media_type, bytes, url}; the link is good until this second since 1970, and no longer than the share.';

-- All links of a day are the same, so that what a browser has of them stays good.
CREATE OR REPLACE FUNCTION leap.share_files(s leap.shares, language text)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    WITH e AS (SELECT (extract(epoch FROM leap.clock())::bigint / 86400 + 2) * 86400 AS expires),
    f AS (SELECT a.kind, a.id, leap.share_file(s, a, e.expires, false) AS shown, leap.share_file(s, a, e.expires, true) AS saved FROM e, leap.artifacts a WHERE a.recording_id = s.recording_id)
    SELECT jsonb_build_object(
        'video', (SELECT f.shown FROM f WHERE f.kind = 'video'), 'poster', (SELECT f.shown FROM f WHERE f.kind = 'poster'),
        'captions', coalesce((SELECT jsonb_agg(f.shown || jsonb_build_object('language', CASE f.kind WHEN 'vtt' THEN language ELSE split_part(f.kind, ':', 2) END) ORDER BY f.kind)
                              FROM f WHERE f.kind = 'vtt' OR f.kind LIKE 'vtt:%'), '[]'),
        'downloads', coalesce((SELECT jsonb_agg(f.saved ORDER BY f.kind) FROM f
                               WHERE s.allow_download AND (f.kind IN ('video', 'text', 'srt', 'vtt') OR f.kind LIKE 'srt:%' OR f.kind LIKE 'vtt:%')), '[]'),
        'links_expire_at', (SELECT to_timestamp(e.expires) FROM e))
$$;
COMMENT ON FUNCTION leap.share_files(leap.shares, text) IS
'The files that a share shows: {video, poster, captions [{.., language}], downloads, links_expire_at}; a file is {kind, media_type, bytes, url}, null where there is none. downloads is empty unless the share allows it.';

CREATE OR REPLACE FUNCTION leap.chapter_list(topics jsonb, duration double precision)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('title', c.title, 'start', c.start, 'end', c.stop) ORDER BY c.start), '[]')
    FROM (SELECT t.x->>'title' AS title, (t.x->>'start')::float8 AS start, coalesce(lead((t.x->>'start')::float8) OVER (ORDER BY (t.x->>'start')::float8), duration) AS stop
          FROM jsonb_array_elements(CASE jsonb_typeof(topics) WHEN 'array' THEN topics ELSE '[]' END) AS t(x) WHERE jsonb_typeof(t.x->'start') = 'number') c
$$;
COMMENT ON FUNCTION leap.chapter_list(jsonb, double precision) IS 'Topics as chapters, each up to the next one: [{title, start, end}] in seconds of the lesson.';

CREATE OR REPLACE FUNCTION leap.shared_lesson(token text)
RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    s leap.shares;
    r leap.recordings;
    made jsonb;
BEGIN
    PERFORM set_config('response.headers', '[{"Cache-Control": "no-store"}, {"Referrer-Policy": "no-referrer"}, {"X-Robots-Tag": "noindex"}]', true);
    SELECT x.* INTO s FROM leap.shares x WHERE x.hash = leap.token_hash(left(token, 100)) AND leap.share_is_live(x);
    SELECT x.* INTO r FROM leap.recordings x JOIN leap.users u ON u.id = x.user_id AND u.is_active WHERE x.id = s.recording_id AND x.delete_state = 'active';
    IF r.id IS NULL THEN
        PERFORM leap.refuse('LP020', 'this link leads nowhere, or no longer', 'Ask whoever sent it for another one.');
    ELSIF current_setting('transaction_read_only') = 'off' THEN
        UPDATE leap.shares x SET views = x.views + 1, last_seen_at = leap.clock() WHERE x.id = s.id;
    END IF;
    SELECT leap.published_texts(r, u, leap.platform_metadata(leap.resolved_config(r)->'metadata', '{}', p.platform), p, leap.clock()) INTO made
    FROM leap.users u, leap.platforms p WHERE u.id = r.user_id AND p.platform = 'library';
    RETURN jsonb_build_object('title', coalesce(nullif(made->>'title', ''), r.display_name), 'description', made->'description', 'start_time', r.start_time,
            'duration', r.final_duration, 'language', r.facts->'language', 'summary', r.facts->'summary', 'questions', coalesce(r.facts->'questions', '[]'),
            'main_topics', coalesce(r.main_topics, '[]'), 'topics', coalesce(r.topics, '[]'), 'chapters', leap.chapter_list(r.topics, r.final_duration),
            'segments', coalesce((SELECT jsonb_agg(jsonb_build_object('start', x.start, 'end', x."end", 'text', x.text)) FROM leap.passage_segments(r.id) x), '[]'),
            'allow_download', s.allow_download, 'expires_at', s.expires_at)
        || leap.share_files(s, r.facts->>'language');
END
$$;
COMMENT ON FUNCTION leap.shared_lesson(text) IS
'What a link shows: {title, description, start_time, duration, language, summary, questions, main_topics, topics, chapters [{title, start, end}], segments [{start, end, text}], allow_download, expires_at} and the files of leap.share_files(). Counted as a view, where the transaction may write. Error LP020, in the same words whatever the reason.';
