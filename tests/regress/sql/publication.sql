-- What uploads do with what is there, where they go on, and how publications are taken back.
SELECT test.connect();
SELECT leap.add_user('publication@example.org') IS NOT NULL AS made;
SELECT sha256('publication') AS public_key, left(encode(sha256(sha256('publication')), 'hex'), 16) AS key_id \gset
INSERT INTO leap.worker_keys (key_id, public_key) VALUES (:'key_id', :'public_key') ON CONFLICT DO NOTHING;
INSERT INTO leap.credentials (user_id, platform, account_name, sealed, key_id)
    SELECT (leap.find_user('publication@example.org')).id, p, 'main', sha256('a') || sha256('b'), :'key_id' FROM unnest('{youtube,vk}'::text[]) p;
CREATE VIEW test.published AS
    SELECT r.display_name AS name, lower(o.target_type) AS platform, r.status AS recording, o.status, o.remote_id, o.failed, o.wanted, o.removed_at IS NOT NULL AS removed, o.target_meta - 'earlier' AS meta,
           (SELECT jsonb_agg(e->>'remote_id') FROM jsonb_array_elements(o.target_meta->'earlier') e) AS earlier
    FROM leap.output_targets o JOIN leap.recordings r ON r.id = o.recording_id ORDER BY 1, 2, o.preset_id;
-- what the child of the task is told
CREATE FUNCTION pg_temp.told(kind text, name text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT concat_ws(' | ', lower(x.t->>'type'), x.t->>'todo', x.t->>'remote_id', x.t->>'video_changed', x.i->'checkpoint', x.i #>> '{credential,platform}', x.t->'earlier')
    FROM (SELECT i.input::jsonb AS i, i.input::jsonb->'target' AS t FROM test.leases l JOIN leap.task_inputs i ON i.task = l.task::bigint WHERE l.kind = told.kind AND l.name = told.name) x ORDER BY 1
$$;
CREATE FUNCTION pg_temp.preset(spec jsonb) RETURNS uuid LANGUAGE sql AS $$
    SELECT leap.add_preset(spec || jsonb_build_object('credential_id', (SELECT c.id FROM leap.credentials c JOIN leap.users u ON u.id = c.user_id
        WHERE u.email = 'publication@example.org' AND c.platform = spec->>'platform')), 'publication@example.org') $$;
SELECT pg_temp.preset('{"name": "tube", "platform": "youtube", "preset_metadata": {"privacy": "unlisted"}}') AS tube, pg_temp.preset('{"name": "group", "platform": "vk", "on_rerun": "replace"}') AS vk \gset
-- rules of presets
SELECT e.code, e.message, e.hint FROM (VALUES ('{"name": "x", "platform": "youtube", "preset_metadata": {"publish_at": "2027-01-31T09:00:00Z", "privacy": "public"}}'),
    ('{"name": "x", "platform": "youtube", "preset_metadata": {"publish_at": "tomorrow"}}'), ('{"name": "x", "platform": "youtube", "preset_metadata": {"license": "mit"}}'), ('{"name": "x", "platform": "vk", "preset_metadata": {"privacy_view": 4}}'),
    ('{"name": "x", "platform": "s3"}'), ('{"name": "x", "platform": "s3", "preset_metadata": {"bucket": "Big"}}'), ('{"name": "x", "platform": "s3", "preset_metadata": {"bucket": "b-1", "sidecars": ["srt", "exe"]}}')) AS c(spec),
    test.error(format('SELECT pg_temp.preset(%L)', c.spec)) e;
SELECT test.start('lesson', 'publication@example.org', jsonb_build_object('output', jsonb_build_object('preset_ids', jsonb_build_array(:'tube', :'vk'))));
SELECT test.advance('lesson', 'upload');
SELECT pg_temp.told('upload', 'lesson');
CREATE FUNCTION pg_temp.task(platform text) RETURNS test.leases LANGUAGE sql AS $$
    SELECT l FROM test.leases l JOIN leap.tasks t ON t.id = l.task::bigint JOIN leap.output_targets o ON o.id = coalesce(t.target_id, t.subject)
    WHERE lower(o.target_type) = task.platform AND t.state = 'running' $$;
CREATE FUNCTION pg_temp.done(platform text, target jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(c.reason, 'accepted') FROM pg_temp.task(platform) t, leap.complete(jsonb_build_array(jsonb_build_object('task', t.task, 'fence', t.fence, 'result', jsonb_build_object('target', target)))) c $$;
CREATE FUNCTION pg_temp.failed(platform text, error jsonb) RETURNS text LANGUAGE sql AS $$ SELECT leap.fail(t.task, t.fence, error) FROM pg_temp.task(platform) t $$;

-- one is published, the other fails for good: the recording too, and a retry concerns only that one, which goes on where it was
SELECT pg_temp.done('youtube', '{"remote_id": "y1", "url": "https://y/1", "video_sha256": "aaaa", "meta": {"warnings": [{"step": "thumbnail", "code": "x", "message": "m"}]}}');
SELECT leap.checkpoint(t.task, t.fence, '{"todo": "publish", "platform": {"video_id": "7"}}') FROM pg_temp.task('vk') t;
SELECT pg_temp.failed('vk', '{"class": "permanent", "code": "outcome_unknown", "message": "nobody knows"}');
SELECT * FROM test.published WHERE name = 'lesson';
SELECT leap.retry_recording(test.id('lesson'))->>'message';
SELECT kind, name FROM test.claim() WHERE name = 'lesson';
SELECT pg_temp.told('upload', 'lesson');
SELECT pg_temp.failed('vk', '{"class": "permanent", "code": "outcome_unknown", "message": "nobody knows"}');
-- anew: what was stored is forgotten
SELECT leap.retry_anew(test.id('lesson'))->>'message';
SELECT kind, name FROM test.claim() WHERE name = 'lesson';
SELECT pg_temp.told('upload', 'lesson');
SELECT leap.checkpoint(t.task, t.fence, '{"todo": "publish", "platform": {"video_id": "8"}}') FROM pg_temp.task('vk') t;
SELECT leap.cancel_recording(test.id('lesson'))->>'message';
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    SELECT r.id, r.user_id, k, 'publication/' || k, 1, repeat('b', 64), 'x/y' FROM leap.recordings r, unnest('{source,analysis,video}'::text[]) k WHERE r.id = test.id('lesson');
SELECT leap.upload_recording(test.id('lesson'), 'VK')->>'message';
SELECT kind, name FROM test.claim() WHERE name = 'lesson';
SELECT pg_temp.told('upload', 'lesson');
SELECT pg_temp.done('vk', '{"remote_id": "v1", "url": "https://v/1", "video_sha256": "aaaa"}');
SELECT * FROM test.published WHERE name = 'lesson';

-- published again: by on_rerun; warnings that do not hold any more go
SELECT leap.upload_recording(test.id('lesson'), force => true)->>'message';
SELECT kind, name FROM test.claim() WHERE name = 'lesson';
SELECT pg_temp.told('upload', 'lesson');
SELECT pg_temp.done('youtube', '{"remote_id": "y1", "url": "https://y/1"}'), pg_temp.done('vk', '{"remote_id": "v2", "url": "https://v/2", "video_sha256": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}');
SELECT o.remote_id, left(o.video_sha256, 4) AS video, leap.video_changed(o) AS changed, o.target_meta FROM leap.output_targets o WHERE o.recording_id = test.id('lesson') ORDER BY 1 DESC;
SELECT leap.change_preset(:'vk', '{"on_rerun": "new"}')->>'on_rerun' AS on_rerun;
SELECT leap.upload_recording(test.id('lesson'), :'vk', force => true)->>'message';
SELECT kind, name FROM test.claim() WHERE name = 'lesson';
SELECT pg_temp.told('upload', 'lesson');
SELECT pg_temp.done('vk', '{"remote_id": "v3", "url": "https://v/3", "video_sha256": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}');
SELECT * FROM test.published WHERE name = 'lesson';
-- neither another account nor another on_rerun is a reason to publish again
SELECT leap.change_preset(:'vk', '{"on_rerun": "update"}')->>'on_rerun' AS on_rerun;
SELECT count(*) FROM leap.plan_runs(ARRAY[test.id('lesson')], 'run') WHERE kind = 'upload' AND skip_reason IS NULL;

-- taken back: there, and what an earlier on_rerun = new left
SELECT leap.unpublish(test.id('lesson'), 'vk')->>'message';
SELECT * FROM test.error(format('SELECT leap.unpublish(%L, ''VK'')', test.id('lesson')));
SELECT * FROM test.published WHERE name = 'lesson';
SELECT allowed, reason, sqlstate FROM leap.operation_allowed(test.id('lesson'), 'upload', 'VK');
SELECT kind, name FROM test.claim() WHERE name = 'lesson';
SELECT regexp_replace(t, '"published_at": "[^"]*"', '"published_at": "…"') FROM pg_temp.told('unpublish', 'lesson') t;
SELECT platform FROM leap.task_platforms(ARRAY(SELECT task::bigint FROM pg_temp.task('vk')));
SELECT pg_temp.done('vk', '{}');
SELECT * FROM test.published WHERE name = 'lesson';
-- runs leave it alone, whatever they do; the rest goes on as before
SELECT leap.run_recording(test.id('lesson'), force => true)->>'message';
SELECT test.advance('lesson', 'upload');
SELECT pg_temp.told('upload', 'lesson');
SELECT e.code, e.message FROM test.error(format('SELECT leap.unpublish(%L)', test.id('lesson'))) e;
SELECT pg_temp.done('youtube', '{"remote_id": "y1", "url": "https://y/1"}');
SELECT * FROM test.published WHERE name = 'lesson';
-- it cannot be taken back: it stays, and the owner hears of it
SELECT leap.unpublish(test.id('lesson'))->>'message';
SELECT kind, name FROM test.claim() WHERE name = 'lesson';
SELECT pg_temp.failed('youtube', '{"class": "credential", "code": "token_refused", "message": "sign in"}');
SELECT * FROM test.published WHERE name = 'lesson';
SELECT n.event, n.payload->>'task_kind' AS task_kind, n.payload->>'message' AS message FROM leap.notifications n WHERE n.payload->>'task_kind' = 'unpublish';
-- the last one: nothing is published any more
SELECT leap.unpublish(test.id('lesson'))->>'message';
SELECT kind, name FROM test.claim() WHERE name = 'lesson';
SELECT pg_temp.done('youtube', '{}');
SELECT * FROM test.published WHERE name = 'lesson';
SELECT e.code, e.message, e.hint FROM test.error(format('SELECT leap.unpublish(%L)', test.id('lesson'))) e;
SELECT allowed, reason FROM leap.operation_allowed(test.id('lesson'), 'run');
-- until somebody asks
SELECT leap.upload_recording(test.id('lesson'), 'YOUTUBE')->>'message';
SELECT kind, name FROM test.claim() WHERE name = 'lesson';
SELECT pg_temp.told('upload', 'lesson');
SELECT pg_temp.done('youtube', '{"remote_id": "y2", "url": "https://y/2"}');
SELECT * FROM test.published WHERE name = 'lesson';

-- what is gone on the platform is published anew if somebody says so
SELECT leap.upload_recording(test.id('lesson'), 'YOUTUBE', force => true)->>'message';
SELECT kind, name FROM test.claim() WHERE name = 'lesson';
SELECT pg_temp.failed('youtube', '{"class": "permanent", "code": "published_gone", "message": "the video is gone"}');
SELECT leap.retry_anew(test.id('lesson'))->>'message';
SELECT kind, name FROM test.claim() WHERE name = 'lesson';
SELECT pg_temp.told('upload', 'lesson');
SELECT pg_temp.done('youtube', '{"remote_id": "y3", "url": "https://y/3"}');

-- a deleted recording keeps what is published, unless its owner wants otherwise
SELECT leap.delete_recording(test.id('lesson'))->>'message';
SELECT * FROM test.published WHERE name = 'lesson';
SELECT leap.restore_recording(test.id('lesson'))->>'message';
UPDATE leap.users SET unpublish_deleted = true WHERE email = 'publication@example.org';
SELECT leap.delete_recording(test.id('lesson'))->>'message';
SELECT kind, name FROM test.claim() WHERE name = 'lesson';
-- as long as the platform is down it is tried again, and nobody forgets the recording; what is gone need not be taken back
SELECT leap.unpublish_ended(o.id, 'failed', '{"class": "transient", "code": "server_error", "message": "down"}') FROM leap.output_targets o WHERE o.recording_id = test.id('lesson') AND o.status = 'REMOVING';
SELECT o.status, o.error->>'message' AS error, t.state, x.run_at > clock_timestamp() + interval '5 hours' AS later, leap.idle_recordings(ARRAY[test.id('lesson')]) AS idle
FROM leap.output_targets o JOIN leap.tasks t ON t.kind = 'unpublish' AND t.subject = o.id AND t.state = 'scheduled' JOIN leap.task_scheduled x ON x.task = t.id WHERE o.recording_id = test.id('lesson');
SELECT pg_temp.done('youtube', '{}');
SELECT * FROM test.published WHERE name = 'lesson';
SELECT leap.unpublish_input(t.subject), leap.cancel_task(t.id)->'cancelled' IS NOT NULL AS cancelled FROM leap.tasks t WHERE t.kind = 'unpublish' AND t.state = 'scheduled';
DELETE FROM leap.credentials;
DELETE FROM leap.worker_keys;

\echo -- addresses of uploads go when their platforms must have forgotten them; that there was one is kept
BEGIN;
CREATE TEMP TABLE ended ON COMMIT DROP AS SELECT t.id, row_number() OVER (ORDER BY t.id) AS n FROM leap.tasks t WHERE t.kind = 'upload' AND t.state IN ('succeeded', 'failed', 'cancelled') ORDER BY t.id LIMIT 3;
UPDATE leap.tasks t SET checkpoint = CASE e.n WHEN 3 THEN '{"platform": {"upload_url": "https://vk.example/u", "video_id": 1}, "kept": 1}'::jsonb ELSE '{"platform": {"session": "https://yt.example/s", "last": true}}' END,
    finished_at = clock_timestamp() - CASE e.n WHEN 1 THEN interval '6 days' WHEN 2 THEN interval '8 days' ELSE interval '2 days' END FROM ended e WHERE e.id = t.id;
SELECT leap.drop_upload_addresses() AS dropped, leap.drop_upload_addresses() AS again;
SELECT t.checkpoint FROM leap.tasks t JOIN ended e ON e.id = t.id ORDER BY e.n;
ROLLBACK;
