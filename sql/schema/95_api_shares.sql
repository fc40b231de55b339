-- Schema api: links to lessons for people without an account (77_shares.sql), and to single files of a recording.

CREATE OR REPLACE FUNCTION api.add_share(id uuid, note text = '', allow_download boolean = false, expires_at timestamptz = NULL)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.add_share(id, note, allow_download, expires_at) $$;
COMMENT ON FUNCTION api.add_share IS
'Share a recording by a link

Anybody who has it sees the lesson: video, words, topics; not the source. expires_at: until then, null: until it is revoked. allow_download: files may be saved. note: for yourself. Returns {id, recording_id, note, allow_download, state, token, path, url, created_at, expires_at, revoked_at, last_seen_at, views}. LP020 for an unknown recording, LP030.';

CREATE OR REPLACE FUNCTION api.list_shares(id uuid)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.list_shares(id) $$;
COMMENT ON FUNCTION api.list_shares IS
'The links to a recording

The newest first, as add_share returns one. state: live, expired, revoked, or ended (the key of links was exchanged); token, path and url are null unless it is live.';

CREATE OR REPLACE FUNCTION api.change_share(id uuid, changes jsonb)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.change_share(id, changes) $$;
COMMENT ON FUNCTION api.change_share IS 'Change a link to a recording

note, allow_download, expires_at. LP003 if it was revoked.';

CREATE OR REPLACE FUNCTION api.revoke_share(id uuid)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.revoke_share(id) $$;
COMMENT ON FUNCTION api.revoke_share IS 'Take a link to a recording back

It and the links to files that it gave end at once. Returns it.';

-- it counts what it shows, so reading may write
CREATE OR REPLACE FUNCTION api.shared_lesson(share text)
RETURNS jsonb LANGUAGE sql VOLATILE SET default_transaction_read_only = off AS $$ SELECT leap.shared_lesson(share) $$;
COMMENT ON FUNCTION api.shared_lesson IS
'The lesson of a link; needs no token

share: what stands at the end of the link. {title, description, start_time, duration, language, summary, questions, main_topics, topics, chapters [{title, start, end}], segments [{start, end, text}], video, poster, captions [{.., language}], downloads, allow_download, expires_at, links_expire_at}; a file is {kind, media_type, bytes, url}. LP020, in the same words, for a link that is unknown, revoked or expired, or whose recording is gone.';

CREATE OR REPLACE FUNCTION api.recording_media(id uuid, type text = NULL, download boolean = false, redirect boolean = true)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT leap.file_link(id, CASE WHEN type IS NULL THEN '{video,source}'::text[] WHEN type = 'processed' THEN '{video}' WHEN type = 'original' THEN '{source}' ELSE ARRAY[left(type, 50)] END, download, redirect)
$$;
COMMENT ON FUNCTION api.recording_media IS
'The video of a recording

302 to a link, good for an hour: to the lesson, or to its source where there is none yet; type: processed or original. With redirect=false the link itself: {url, expires_at, id, kind, media_type, bytes}. LP020 if there is none.';

CREATE OR REPLACE FUNCTION api.recording_poster(id uuid, redirect boolean = true)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.file_link(id, '{poster}', false, redirect) $$;
COMMENT ON FUNCTION api.recording_poster IS 'The picture of a recording

302 to a link, or with redirect=false the link, as recording_media.';

CREATE OR REPLACE FUNCTION api.recording_file(id uuid, kind text, download boolean = true, redirect boolean = true)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT leap.file_link(id, ARRAY[CASE WHEN kind IN ('txt', 'transcript_txt') THEN 'text' WHEN kind IN ('json', 'transcript_json', 'transcript_words') THEN 'transcript'
                                         WHEN kind IN ('jpg', 'thumbnail') THEN 'poster' ELSE left(kind, 50) END], download, redirect)
$$;
COMMENT ON FUNCTION api.recording_file IS
'A file of a recording by its kind

302 to a link, or with redirect=false the link, as recording_media. kind: srt, vtt, txt, json (the transcript), video, source, poster, topics, chapters, or another one of recording_files; srt:ru and vtt:ru are subtitles in another language. LP020 names those it has.';

GRANT EXECUTE ON FUNCTION
    api.add_share, api.list_shares, api.change_share, api.revoke_share, api.shared_lesson, api.recording_media,
    api.recording_poster, api.recording_file
TO leap_user, leap_admin;
GRANT EXECUTE ON FUNCTION api.shared_lesson TO leap_anon;
