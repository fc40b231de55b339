-- Schema api: links to files, and uploads on their way. The bytes themselves travel by /files and /uploads of leap serve.

CREATE OR REPLACE FUNCTION api.file_url(artifact uuid, seconds int = 3600, download boolean = false)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.file_url(artifact, seconds, download) $$;
COMMENT ON FUNCTION api.file_url IS
'A link to a file

By which anybody can fetch it for so many seconds, at most a week: {url, expires_at}; the URL is relative to the server. download: to be saved, else shown where that can be done. Links end early when the recording is deleted or the key is changed. LP020 for an unknown file, LP030 for seconds out of range.';

CREATE OR REPLACE VIEW api.uploads WITH (security_invoker = true) AS
SELECT p.id, p.name, p.state, p.expected::text AS expected, p.received::text AS received, p.reserved::text AS reserved, p.sha256, p.created_at, p.expires_at, p.finished_at
FROM leap.uploads p WHERE p.user_id = (SELECT leap.current_user_id());
COMMENT ON VIEW api.uploads IS
'Lectures on their way in

Those that arrive by HTTP, and those that arrived in the last week: the recording that was made of one has its id.';
COMMENT ON COLUMN api.uploads.id IS 'Also the id of its recording, once it is finished.';
COMMENT ON COLUMN api.uploads.state IS 'receiving, finished, failed or expired.';
COMMENT ON COLUMN api.uploads.expected IS 'The size that was announced, as text; null: none was.';
COMMENT ON COLUMN api.uploads.received IS 'Bytes that have arrived, told once a minute, as text.';
COMMENT ON COLUMN api.uploads.reserved IS 'Bytes of storage that are kept free for it, as text.';
COMMENT ON COLUMN api.uploads.expires_at IS 'When it is given up if nothing more arrives.';

GRANT EXECUTE ON FUNCTION api.file_url(uuid, int, boolean) TO leap_user, leap_admin;
GRANT SELECT ON api.uploads TO leap_user, leap_admin;
