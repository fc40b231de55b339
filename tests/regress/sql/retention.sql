-- How long things are kept: settings, files of what was deleted, rows, sound and pictures of what is published, expiry.
SELECT test.connect();
SELECT leap.add_user('keeper@example.org') IS NOT NULL AS added;
CREATE FUNCTION test.keeper() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT id FROM leap.users WHERE email = 'keeper@example.org' $$;
-- a recording of that name with a file of each kind, ten bytes each
CREATE FUNCTION test.kept(name text, key text = NULL) RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO leap.recordings (user_id, display_name, source, source_key) VALUES (test.keeper(), name, '{"type": "url", "url": "https://example.org/a.mp4"}', key);
    INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
    SELECT r.id, r.user_id, k, format('k/%s-%s', name, k), 10, repeat('0', 64), 'x/y'
    FROM leap.recordings r, unnest('{source,analysis,audio,video,heard,poster,waveform,transcript,text,topics,chapters,srt,vtt,srt:ru}'::text[]) k WHERE r.display_name = name;
    SELECT id FROM leap.recordings WHERE display_name = name
$$;
CREATE FUNCTION test.kinds(name text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT string_agg(a.kind, ' ' ORDER BY a.kind) FROM leap.artifacts a JOIN leap.recordings r ON r.id = a.recording_id WHERE r.display_name = name
$$;
CREATE FUNCTION test.used() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT used FROM leap.quota_usage WHERE user_id = test.keeper() AND quota = 'storage_bytes' $$;
CREATE FUNCTION test.kept_as(name text, OUT delete_state text, OUT delete_reason text, OUT expires boolean, OUT expire_by text) LANGUAGE sql STABLE AS $$
    SELECT r.delete_state, r.delete_reason, r.expire_at IS NOT NULL, r.expire_by FROM leap.recordings r WHERE r.display_name = name
$$;

-- what can be said of it
SELECT key, lowest, highest, setting, standard FROM leap.retention_rules();
SELECT leap.retention('keeper@example.org');
SELECT leap.change_retention('{"soft_delete_days": 3, "expire_warning_days": 2}', 'keeper@example.org')->'own' AS own;
SELECT leap.change_retention('{"soft_delete_days": null}', 'keeper@example.org')->'own' AS null_takes_it_away;
SELECT action, before, after FROM leap.audit_logs WHERE resource_type = 'retention' ORDER BY at, id;
SELECT * FROM test.error($$SELECT leap.change_retention('{"soft_delete_days": -1}', 'keeper@example.org')$$) \gx
SELECT * FROM test.error($$SELECT leap.change_retention('{"media_days": 1.5}', 'keeper@example.org')$$) \gx
SELECT * FROM test.error($$SELECT leap.change_retention('{"forever": 1}', 'keeper@example.org')$$) \gx
SELECT * FROM test.error($$SELECT leap.change_retention('[]', 'keeper@example.org')$$) \gx
SELECT code FROM test.error($$UPDATE leap.users SET retention = '{"media_days": 0}' WHERE email = 'keeper@example.org'$$);

-- deleted, restored, deleted: the files stay until their time, then all go but the words, and usage with them
SELECT test.kept('keep1', 'meeting/1') IS NOT NULL AS made;
SELECT test.used();
SELECT leap.change_retention('{"soft_delete_days": 3, "hard_delete_days": 5}', 'keeper@example.org')->'resolved' AS resolved;
SELECT leap.delete_recording(test.id('keep1'))->>'message', leap.restore_days(test.id('keep1'));
SELECT * FROM test.kept_as('keep1');
SELECT leap.purge_deleted() AS too_early;
SELECT leap.restore_recording(test.id('keep1'))->>'message';
SELECT * FROM test.kept_as('keep1');
SELECT leap.delete_recording(test.id('keep1'))->>'message';
UPDATE leap.recordings SET deleted_at = deleted_at - interval '4 days' WHERE display_name = 'keep1';
SELECT leap.purge_deleted() AS purged;
SELECT test.kinds('keep1'), test.used();
SELECT leap.purge_deleted() AS once, leap.forget_purged() AS too_early;
SELECT * FROM test.error($$SELECT leap.restore_recording(test.id('keep1'))$$) \gx
SELECT count(*) AS garbage FROM leap.storage_garbage WHERE uri LIKE 'k/keep1-%';
-- the row goes, with the words; what its source calls it stays, so that no sync makes it anew
UPDATE leap.recordings SET purged_at = purged_at - interval '6 days' WHERE display_name = 'keep1';
SELECT leap.forget_purged() AS gone;
SELECT test.used();
SELECT count(*) AS recordings FROM leap.recordings WHERE display_name = 'keep1';
SELECT count(*) AS garbage FROM leap.storage_garbage WHERE uri LIKE 'k/keep1-%';
SELECT source_key FROM leap.purged_sources WHERE user_id = test.keeper();

-- by hand, at once
SELECT test.kept('keep2') IS NOT NULL AS made;
SELECT * FROM test.error($$SELECT leap.purge_recording(test.id('keep2'))$$) \gx
SELECT leap.delete_recording(test.id('keep2'))->>'message';
SELECT leap.purge_recording(test.id('keep2'))->>'message';
SELECT test.kinds('keep2');
SELECT * FROM test.error($$SELECT leap.purge_recording(test.id('keep2'))$$) \gx
SELECT o.done, o.reason FROM leap.operate('purge', ARRAY[test.id('keep2')]) o;

-- sound and pictures of what is published, where their owner wants that; not while something runs, and not too early
SELECT test.kept('keep3') IS NOT NULL AS made;
UPDATE leap.recordings SET status = leap.move('repair', 'UPLOADED') WHERE display_name = 'keep3';
INSERT INTO leap.runs (recording_id, user_id, state, trigger, config, finished_at) VALUES (test.id('keep3'), test.keeper(), 'finished', 'user', '{}', now() - interval '10 days');
SELECT leap.purge_media() AS nobody_wants_it;
SELECT leap.change_retention('{"media_days": 11}', 'keeper@example.org')->'own'->'media_days' AS days, leap.purge_media() AS too_early;
SELECT leap.change_retention('{"media_days": 9}', 'keeper@example.org')->'own'->'media_days' AS days;
INSERT INTO leap.runs (recording_id, user_id, trigger, config) VALUES (test.id('keep3'), test.keeper(), 'user', '{}');
SELECT leap.purge_media() AS it_runs;
UPDATE leap.runs SET state = 'finished', finished_at = now() - interval '10 days' WHERE recording_id = test.id('keep3');
UPDATE leap.recordings SET hold = 'paused', held_at = now() WHERE display_name = 'keep3';
SELECT leap.purge_media() AS held;
UPDATE leap.recordings SET hold = NULL, held_at = NULL WHERE display_name = 'keep3';
SELECT test.used() AS before, leap.purge_media() AS purged;
SELECT test.kinds('keep3'), test.used();
SELECT leap.purge_media() AS once;
SELECT delete_state, purged_at IS NOT NULL AS purged, status FROM leap.recordings WHERE display_name = 'keep3';
SELECT allowed, reason FROM leap.operation_allowed(test.id('keep3'), 'process');

-- expiry: never, unless somebody says so; what the setting ends gets its warning first
SELECT test.kept('keep4') IS NOT NULL AS made, test.kept('keep5') IS NOT NULL AS made, test.kept('keep6') IS NOT NULL AS made;
SELECT leap.plan_expiry() AS none, leap.expire_recordings() AS none;
UPDATE leap.recordings SET created_at = created_at - interval '100 days' WHERE display_name = 'keep4';
SELECT leap.change_retention('{"expire_after_days": 30, "media_days": null}', 'keeper@example.org')->'own' AS own;
SELECT leap.set_expiry(test.id('keep6'))->>'expire_by' AS for_ever;
SELECT leap.plan_expiry() AS planned;
SELECT display_name, expire_by, round(extract(epoch FROM expire_at - now()) / 86400) AS days_left FROM leap.recordings WHERE user_id = test.keeper() AND delete_state = 'active' ORDER BY 1;
SELECT leap.warn_of_expiry() AS one, leap.warn_of_expiry() AS once;
SELECT event, payload - 'expire_at' AS payload, count FROM leap.notifications WHERE user_id = test.keeper() AND event = 'recordings_expiring';
SELECT title, body LIKE '%come to the end of the time you set and will be deleted at %' AS says_when FROM leap.notification_list('{"event": "recordings_expiring"}', "user" => 'keeper@example.org');
SELECT leap.expire_recordings() AS not_yet;
UPDATE leap.recordings SET expire_at = now() - interval '1 minute' WHERE display_name = 'keep4';
INSERT INTO leap.runs (recording_id, user_id, trigger, config) VALUES (test.id('keep4'), test.keeper(), 'user', '{}');
SELECT leap.expire_recordings() AS it_runs;
UPDATE leap.runs SET state = 'finished', finished_at = now() WHERE recording_id = test.id('keep4');
SELECT leap.expire_recordings() AS expired;
SELECT * FROM test.kept_as('keep4');
SELECT action, after FROM leap.audit_logs WHERE resource_id = test.id('keep4')::text AND action = 'expire';
-- who brings it back keeps it
SELECT leap.restore_recording(test.id('keep4'))->>'message';
SELECT * FROM test.kept_as('keep4');
SELECT leap.plan_expiry() AS none, leap.expire_recordings() AS none;
-- another setting decides anew what the setting decided; a person's word stays
SELECT leap.set_expiry(test.id('keep3'), now() + interval '1 year')->>'expire_by' AS by;
SELECT leap.change_retention('{"expire_after_days": null}', 'keeper@example.org')->'own' AS own;
SELECT display_name, expire_by, expire_at > now() AS expires FROM leap.recordings WHERE user_id = test.keeper() AND delete_state = 'active' ORDER BY 1;
SELECT leap.set_expiry(test.id('keep3'), by_setting => true)->>'expire_by' AS by;
SELECT * FROM test.error($$SELECT leap.set_expiry(test.id('keep3'), '2026-01-02 03:04+00')$$) \gx
SELECT * FROM test.error($$SELECT leap.set_expiry(test.id('keep2'), now() + interval '1 day')$$) \gx
SELECT * FROM test.error($$SELECT leap.set_expiry(test.id('keep3'), 'infinity')$$) \gx

-- the chores are bounded
SELECT count(test.kept('many' || i)) AS made FROM generate_series(1, 5) i;
SELECT count(*) FILTER (WHERE o.done) AS deleted FROM leap.operate('delete', ARRAY(SELECT id FROM leap.recordings WHERE display_name LIKE 'many_')) o;
UPDATE leap.recordings SET deleted_at = deleted_at - interval '9 days' WHERE display_name LIKE 'many_';
SELECT leap.purge_deleted(2) AS two, leap.purge_deleted(2) AS two, leap.purge_deleted(2) AS one;

-- and the account: nothing of its sources is remembered
SELECT leap.delete_user('keeper@example.org') IS NOT NULL AS ended;
SELECT count(*) AS remembered FROM leap.purged_sources;
SELECT delete_state, count(*) FROM leap.recordings WHERE display_name ~ '^(keep|many)\d$' GROUP BY 1 ORDER BY 1;
DROP FUNCTION test.kept_as(text), test.used(), test.kinds(text), test.kept(text, text), test.keeper();
