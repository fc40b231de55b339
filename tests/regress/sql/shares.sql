-- Links by which people without an account see one lesson each: what they show, when they end, and who may make them.
\set ON_ERROR_STOP off
\set VERBOSITY default
BEGIN;
SELECT leap.add_user('share-' || n || '@example.org') IS NOT NULL AS added FROM unnest('{owner,other}'::text[]) n;
SELECT u.id AS owner FROM leap.users u WHERE u.email = 'share-owner@example.org' \gset
SELECT u.id AS other FROM leap.users u WHERE u.email = 'share-other@example.org' \gset
SELECT leap.add_recording('share-owner@example.org', '{"type": "url", "url": "https://example.org/a.mp4"}', 'Limits <b>') AS lesson \gset
UPDATE leap.recordings r SET final_duration = 60, facts = '{"language": "en", "summary": "About limits.", "questions": ["Why?"]}', main_topics = '["Limits"]',
    topics = '[{"title": "Begin", "start": 0}, {"title": "Middle", "start": 20.5}]' WHERE r.id = :'lesson';
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
SELECT :'lesson', :'owner', k, 'users/share/' || replace(k, ':', '-'), 10, repeat('0', 64), t
FROM (VALUES ('source', 'video/mp4'), ('video', 'video/mp4'), ('poster', 'image/jpeg'), ('vtt', 'text/vtt'), ('vtt:ru', 'text/vtt'), ('text', 'text/plain'), ('transcript', 'application/json')) v (k, t);
CREATE FUNCTION pg_temp.said(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    m text;
    h text;
BEGIN
    EXECUTE query INTO m;
    RETURN m;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS m = MESSAGE_TEXT, h = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, m, h);
END
$$;
-- whether what the URL of a file allows is what it is
CREATE FUNCTION pg_temp.opens(url text) RETURNS boolean LANGUAGE sql AS $$
    SELECT count(*) = 1 FROM regexp_match(url, '^/files/([^?]+)\?exp=(\d+)&download=(\w+)&sig=(.+)$') m
    CROSS JOIN LATERAL leap.signed_file(m[1]::uuid, m[2]::bigint, m[3]::boolean, m[4])
$$;
SELECT set_config('request.jwt.claims', format('{"sub": "%s", "role": "leap_user"}', :'owner'), true) IS NULL AS x;
SET ROLE leap_user;
SELECT api.add_share(:'lesson', '  for the' || E'\n' || 'class ') AS share \gset
SELECT :'share'::jsonb - '{id,recording_id,token,path,url,created_at}'::text[] AS made, length(:'share'::jsonb->>'token') AS token, :'share'::jsonb->>'path' = '/share/' || (:'share'::jsonb->>'token') AS path;
SELECT api.list_shares(:'lesson') -> 0 = :'share'::jsonb AS the_owner_sees_it_again;
SELECT pg_temp.said('SELECT count(*) FROM leap.shares') AS nobody_reads_the_table;
SELECT pg_temp.said(format($$SELECT api.add_share(%L, repeat('x', 201))$$, :'lesson'));
SELECT pg_temp.said(format($$SELECT api.add_share(%L, expires_at => '2020-01-01Z')$$, :'lesson')) ~ '^LP030 \| expires_at .* has passed' AS an_end_that_has_passed;
SELECT pg_temp.said(format($$SELECT api.change_share(%L, '{"color": 1}')$$, :'share'::jsonb->>'id'));
SELECT pg_temp.said(format($$SELECT api.change_share(%L, '{"allow_download": "perhaps"}')$$, :'share'::jsonb->>'id'));
SELECT pg_temp.said(format($$SELECT api.change_share(%L, '{"expires_at": "soon"}')$$, :'share'::jsonb->>'id'));
RESET ROLE;
SELECT length(s.hash) AS hash, s.hash = sha256(convert_to(:'share'::jsonb->>'token', 'UTF8')) AS of_the_token, to_jsonb(s)::text ~ (:'share'::jsonb->>'token') AS in_the_table FROM leap.shares s;

-- others
SELECT set_config('request.jwt.claims', format('{"sub": "%s", "role": "leap_user"}', :'other'), true) IS NULL AS x;
SET ROLE leap_user;
SELECT replace(pg_temp.said(format('SELECT api.%s', f)), :'lesson', '?') AS others FROM unnest(ARRAY[format('add_share(%L)', :'lesson'), format('list_shares(%L)', :'lesson')]) f;
SELECT pg_temp.said(format('SELECT api.%s', f)) ~ '^LP020 \| there is no share' AS others FROM unnest(ARRAY[format($$change_share(%L, '{}')$$, :'share'::jsonb->>'id'), format('revoke_share(%L)', :'share'::jsonb->>'id')]) f;

-- who has the link
RESET ROLE;
SELECT set_config('request.jwt.claims', '{"role": "leap_anon"}', true) IS NULL AS x;
SET ROLE leap_anon;
SELECT api.shared_lesson(:'share'::jsonb->>'token') AS lesson_shown \gset
SELECT jsonb_pretty(:'lesson_shown'::jsonb - '{video,poster,captions,links_expire_at,start_time,description}'::text[]) AS shown;
SELECT :'lesson_shown'::jsonb #>> '{video,kind}' AS video, :'lesson_shown'::jsonb #>> '{poster,media_type}' AS poster,
       jsonb_path_query_array(:'lesson_shown', '$.captions[*].language') AS captions, :'lesson_shown' ~ 'source' AS source, length(:'lesson_shown'::jsonb->>'description') > 0 AS description;
SELECT count(*) FROM (SELECT pg_temp.said(format('SELECT api.shared_lesson(%L)', t)) AS m FROM unnest(ARRAY['', 'x', repeat('A', 22), repeat('A', 5000)]) t) x WHERE m = 'LP020 | this link leads nowhere, or no longer | Ask whoever sent it for another one.';
RESET ROLE;
SELECT s.views, s.last_seen_at IS NOT NULL AS seen FROM leap.shares s;
SELECT :'lesson_shown'::jsonb #>> '{video,url}' AS url \gset
SELECT pg_temp.opens(:'url') AS opens, pg_temp.opens(replace(:'url', 'download=false', 'download=true')) AS saves, pg_temp.opens(regexp_replace(:'url', '.$', '_')) AS another_signature,
       pg_temp.opens(regexp_replace(:'url', 'sig=[^.]*', 'sig=')) AS without_share, pg_temp.opens(regexp_replace(:'url', 'exp=\d', 'exp=9')) AS longer;
SELECT bool_or(pg_temp.opens(regexp_replace(:'url', '/files/[^?]*', '/files/' || a.id))) AS another_file FROM leap.artifacts a WHERE a.recording_id = :'lesson' AND a.kind <> 'video';

-- changed, revoked, expired, deleted, another key
SELECT set_config('request.jwt.claims', format('{"sub": "%s", "role": "leap_user"}', :'owner'), true) IS NULL AS x;
CREATE FUNCTION pg_temp.shown(token text) RETURNS boolean LANGUAGE sql AS $$ SELECT pg_temp.said(format('SELECT leap.shared_lesson(%L)', token)) ~ 'About limits' $$;
SELECT leap.change_share((:'share'::jsonb->>'id')::uuid, '{"allow_download": true, "note": "all"}') ->> 'note' AS note;
SELECT jsonb_path_query_array(leap.shared_lesson(:'share'::jsonb->>'token'), '$.downloads[*].kind') AS downloads;
SELECT bool_and(pg_temp.opens(d->>'url')) AS save FROM jsonb_array_elements(leap.shared_lesson(:'share'::jsonb->>'token')->'downloads') d;
UPDATE leap.shares SET expires_at = leap.clock() - interval '1 s';
SELECT pg_temp.shown(:'share'::jsonb->>'token') AS expired, pg_temp.opens(:'url') AS opens, leap.list_shares(:'lesson') #>> '{0,state}' AS state, leap.list_shares(:'lesson') #>> '{0,token}' AS token;
SELECT leap.change_share((:'share'::jsonb->>'id')::uuid, '{"expires_at": null}') ->> 'state' AS state;
SELECT pg_temp.shown(:'share'::jsonb->>'token') AS again, pg_temp.opens(:'url') AS opens;
SELECT leap.delete_recording(:'lesson') ->> 'status' AS status;
SELECT pg_temp.shown(:'share'::jsonb->>'token') AS deleted, pg_temp.opens(:'url') AS opens, pg_temp.said(format('SELECT leap.add_share(%L)', :'lesson')) ~ '^LP020' AS nothing_to_share;
SELECT leap.restore_recording(:'lesson') IS NOT NULL AS restored;
SELECT pg_temp.shown(:'share'::jsonb->>'token') AS restored, pg_temp.opens(:'url') AS opens;
UPDATE leap.users SET is_active = false WHERE id = :'owner';
SELECT pg_temp.shown(:'share'::jsonb->>'token') AS owner_is_off, pg_temp.opens(:'url') AS opens;
UPDATE leap.users SET is_active = true WHERE id = :'owner';
SAVEPOINT keys;
SELECT length(leap.rotate_signing_key('shares')) AS kid;
SELECT pg_temp.shown(:'share'::jsonb->>'token') AS another_key, pg_temp.opens(:'url') AS opens, leap.list_shares(:'lesson') #>> '{0,state}' AS state;
ROLLBACK TO keys;
SELECT leap.revoke_share((:'share'::jsonb->>'id')::uuid) ->> 'state' AS state;
SELECT pg_temp.shown(:'share'::jsonb->>'token') AS revoked, pg_temp.opens(:'url') AS opens, pg_temp.said(format('SELECT leap.change_share(%L, %L)', :'share'::jsonb->>'id', '{}')) AS changed;
SELECT a.action, a.resource_type, a.details - 'share' AS details FROM leap.audit_logs a WHERE a.resource_id = :'lesson' AND a.action ~ 'share' ORDER BY a.id;

-- links to the files of one's own recording
SELECT pg_temp.said(format($$SELECT api.recording_%s - '{url,expires_at,id}'::text[]$$, replace(f, '%', quote_literal(:'lesson')))) AS link
FROM unnest(ARRAY['media(%)', $$media(%, 'original')$$, 'poster(%)', $$file(%, 'vtt:ru')$$, $$file(%, 'txt')$$, $$file(%, 'json')$$, $$file(%, 'srt')$$, $$media(%, 'best')$$]) f;
SELECT current_setting('response.status') AS status, current_setting('response.headers') ~ 'Location.*/files/' AS location;
DELETE FROM leap.recordings WHERE id = :'lesson';
SELECT count(*) AS left_of_it FROM leap.shares;
ROLLBACK;
