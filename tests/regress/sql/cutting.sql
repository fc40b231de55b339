-- How a recording is cut: which settings make a new cut, what the cut found out, and the picture that sound may need.
SELECT test.connect();

-- What a run would do now; what it does, kind by kind. facts: what the download and the trim tell.
CREATE FUNCTION pg_temp.todo(a_name text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(p.kind, ' ' ORDER BY leap.kind_place(p.kind)) FROM leap.plan_runs(ARRAY[test.id(a_name)], 'run') p WHERE p.skip_reason IS NULL $$;
CREATE FUNCTION pg_temp.work(a_name text, facts jsonb = '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    step record;
    done text := '';
BEGIN
    FOR i IN 1..6 LOOP
        FOR step IN SELECT c.kind FROM test.claim() c WHERE c.name = a_name ORDER BY leap.kind_place(c.kind) LOOP
            done := done || step.kind || CASE WHEN step.kind = 'trim' THEN
                (SELECT CASE WHEN (g.input->>'still')::boolean THEN ' (still) ' ELSE ' ' END FROM got g WHERE g.kind = 'trim' AND g.input #>> '{recording,name}' = a_name) ELSE ' ' END;
            PERFORM test.complete(step.kind, a_name, jsonb_build_object(
                'artifacts', coalesce((SELECT jsonb_agg(test.artifact(m)) FROM leap.task_inputs() i, unnest(i.makes) m WHERE i.kind = step.kind), '[]'),
                'facts', CASE step.kind WHEN 'download' THEN '{"duration": 300, "has_audio": true, "has_video": true, "speech": "speech", "verdict": "ok"}'::jsonb
                                        WHEN 'trim' THEN '{"final_duration": 250, "cut": {"mode": "copy", "spans": 1, "still": false}}' ELSE '{}' END || coalesce(facts->step.kind, '{}'))
                || CASE step.kind WHEN 'upload' THEN '{"target": {"remote_id": "r", "url": "file:///r"}}'::jsonb ELSE '{}' END);
        END LOOP;
        DROP TABLE IF EXISTS got;
    END LOOP;
    RETURN done;
END
$$;
CREATE VIEW pg_temp.flags AS SELECT r.display_name AS name, f->>'code' AS code, f->>'message' AS message, f->'reasons' AS reasons
FROM leap.recordings r, jsonb_array_elements(r.flags) WITH ORDINALITY AS x(f, n) ORDER BY r.display_name, x.n;

SELECT test.start('cut 1');
SELECT pg_temp.work('cut 1');
SELECT pg_temp.todo('cut 1');

-- what is said as it is by default, and what counts for nothing, changes nothing: the lessons of before are not made anew
SELECT c.settings, leap.configure_recording(test.id('cut 1'), c.settings) IS NOT NULL AS set, pg_temp.todo('cut 1') AS todo
FROM unnest(ARRAY['{"trimming": {"mode": "copy", "shorten_pauses_to": 1, "crf": 23, "audio_bitrate": 128000}}', '{"trimming": {"crf": 30, "max_height": 480, "max_bitrate": 1000000, "audio_bitrate": 64000}}',
    '{"trimming": {"shorten_pauses_to": 3}}']::jsonb[]) AS c(settings);
SELECT leap.cut_settings(leap.resolved_config(r)) FROM leap.recordings r WHERE r.id = test.id('cut 1');
-- another way to cut, and what it goes by, makes a new cut and all that follows
SELECT leap.configure_recording(test.id('cut 1'), '{"trimming": {"mode": "reencode"}}') IS NOT NULL AS set;
SELECT leap.cut_settings(leap.resolved_config(r)) FROM leap.recordings r WHERE r.id = test.id('cut 1');
SELECT pg_temp.todo('cut 1');
SELECT leap.configure_recording(test.id('cut 1'), '{"trimming": {"mode": "exact"}}') IS NOT NULL AS set;
SELECT leap.cut_settings(leap.resolved_config(r)) FROM leap.recordings r WHERE r.id = test.id('cut 1');
SELECT leap.configure_recording(test.id('cut 1'), '{"trimming": {"mode": null, "shorten_pauses_above": 8}}') IS NOT NULL AS set;
SELECT leap.cut_settings(leap.resolved_config(r)) FROM leap.recordings r WHERE r.id = test.id('cut 1');
SELECT pg_temp.todo('cut 1');
-- with trimming off no pause is shortened
SELECT leap.cut_settings(leap.merge_config(leap.resolved_config(r), '{"trimming": {"enable_trimming": false}}')) FROM leap.recordings r WHERE r.id = test.id('cut 1');

-- what a farther layer switched on, false switches off; null takes back only what the layer itself says
SELECT path FROM leap.config_rules() WHERE type ~ '_or_false$' EXCEPT SELECT path FROM leap.config_leaves(leap.default_config()) WHERE value = 'null';
SELECT path FROM leap.config_leaves(leap.default_config()) WHERE value = 'null' EXCEPT SELECT path FROM leap.config_rules() WHERE type ~ '_or_false$';
SELECT t.path, leap.layered_config(a, b) #> string_to_array(t.path, '.') AS by_false, leap.layered_config(a, c) #> string_to_array(t.path, '.') AS by_null
FROM (SELECT r.path, split_part(r.path, '.', 2) AS key, least(r.high, 3000) AS most FROM leap.config_rules() r WHERE r.type ~ '_or_false$') t,
    LATERAL (SELECT jsonb_build_object('trimming', jsonb_build_object(t.key, t.most)) AS a, jsonb_build_object('trimming', jsonb_build_object(t.key, false)) AS b,
                    jsonb_build_object('trimming', jsonb_build_object(t.key, NULL)) AS c) x ORDER BY 1;
SELECT leap.configure_recording(test.id('cut 1'), '{"trimming": {"shorten_pauses_above": false, "max_height": false}}') AS own;
SELECT leap.cut_settings(leap.resolved_config(r)), leap.resolve_config(r.id) #> '{origins,trimming.shorten_pauses_above}' AS origin FROM leap.recordings r WHERE r.id = test.id('cut 1');
SELECT pg_temp.todo('cut 1');
SELECT e.code, e.message, e.hint FROM unnest(ARRAY['{"trimming": {"crf": false}}', '{"trimming": {"max_height": true}}', '{"trimming": {"shorten_pauses_to": 5, "shorten_pauses_above": false}}',
    '{"trimming": {"mode": "fast", "crf": 52, "max_height": 100}}']) c, test.error(format('SELECT leap.configure_recording(test.id(''cut 1''), %L)', c)) e;
SELECT leap.configure_recording(test.id('cut 1'), '{"trimming": {"max_height": null, "shorten_pauses_to": null}}') AS own;

-- values that cannot be
SELECT e.code, e.message, e.hint FROM unnest(ARRAY['{"trimming": {"mode": "fast"}}', '{"trimming": {"shorten_pauses_above": 0.5}}', '{"trimming": {"shorten_pauses_to": 0.1}}', '{"trimming": {"crf": 52}}',
    '{"trimming": {"crf": 23.5}}', '{"trimming": {"max_height": 100}}', '{"trimming": {"max_bitrate": "2M"}}', '{"trimming": {"audio_bitrate": 31999}}',
    '{"trimming": {"shorten_pauses_above": 5, "shorten_pauses_to": 5}}']) c, test.error(format('SELECT leap.configure_recording(test.id(''cut 1''), %L)', c)) e;

-- the stage by itself takes all of it for one time
SELECT set_config('request.jwt.claims', jsonb_build_object('sub', user_id)::text, false) IS NOT NULL AS speaks FROM leap.recordings WHERE id = test.id('cut 1');
SELECT api.trim_recording(test.id('cut 1'), mode => 'reencode', crf => 28, max_height => 720, shorten_pauses_above => 4, shorten_pauses_to => 0.5)->>'success' AS success;
SELECT set_config('request.jwt.claims', '', false) AS nobody;
SELECT leap.cut_settings(u.config) FROM leap.runs u WHERE u.recording_id = test.id('cut 1') AND u.state = 'active';

-- what a cut could not do, and one that takes much away, is told; a new cut forgets it
SELECT pg_temp.work('cut 1', '{"trim": {"cut": {"mode": "copy", "fallback": "the video is HEVC, which is only cut at key frames.", "flag": "large_trim", "removed_share": 0.453}}}');
SELECT code, message FROM pg_temp.flags WHERE name = 'cut 1';
SELECT facts->'cut' AS cut FROM leap.recordings WHERE id = test.id('cut 1');
SELECT leap.process_recording(test.id('cut 1'))->>'message';
SELECT flags, facts ? 'cut' AS cut FROM leap.recordings WHERE id = test.id('cut 1');
SELECT pg_temp.work('cut 1');
SELECT flags, facts #>> '{cut,mode}' AS mode FROM leap.recordings WHERE id = test.id('cut 1');

-- a damaged file is told with what is wrong and where
SELECT test.start('cut damaged');
SELECT pg_temp.work('cut damaged', '{"download": {"verdict": "degraded", "reasons": [{"code": "bad_video_packet", "message": "video packets with impossible inner lengths: 64", "at": 3725.4},
    {"code": "audio_gap", "message": "sound is missing in the middle; longest gap in seconds: 1.25", "at": 12}, {"code": "garbage", "message": "the file holds bytes that belong to none of its parts", "position": "4096"}]}}');
SELECT message, jsonb_array_length(reasons) AS reasons FROM pg_temp.flags WHERE name = 'cut damaged';
SELECT status FROM leap.recordings WHERE id = test.id('cut damaged');
SELECT test.start('cut damaged somehow');
SELECT pg_temp.work('cut damaged somehow', '{"download": {"verdict": "degraded"}}');
SELECT message, reasons FROM pg_temp.flags WHERE name = 'cut damaged somehow';

-- sound without pictures goes through as it is
SELECT test.start('cut sound');
SELECT pg_temp.work('cut sound', '{"download": {"has_video": false}}');
SELECT code, message FROM pg_temp.flags WHERE name = 'cut sound';
SELECT status FROM leap.recordings WHERE id = test.id('cut sound');
SELECT pg_temp.todo('cut sound');
-- where a target takes nothing without, it gets one, and what has pictures is left as it is
SELECT platform, needs_picture FROM leap.platforms ORDER BY platform;
BEGIN;
UPDATE leap.platforms SET needs_picture = true WHERE platform = 'library';
SELECT pg_temp.todo('cut sound'), pg_temp.todo('cut damaged') AS damaged;
SELECT o.allowed, o.reason, o.sqlstate, leap.refusal_hint(o.sqlstate, 'republish', 'UPLOADED') AS hint FROM leap.operation_allowed(test.id('cut sound'), 'republish') o;
SELECT o.allowed FROM leap.operation_allowed(test.id('cut damaged'), 'republish') o;
SELECT leap.run_recording(test.id('cut sound')) IS NOT NULL AS started;
SELECT pg_temp.work('cut sound', '{"trim": {"cut": {"mode": "copy", "still": true}}}');
SELECT o.allowed FROM leap.operation_allowed(test.id('cut sound'), 'republish') o;
SELECT pg_temp.todo('cut sound');
-- also one that nobody uploads by himself
SELECT test.start('cut later', config => '{"output": {"auto_upload": false}}');
SELECT pg_temp.work('cut later', '{"download": {"has_video": false}, "trim": {"cut": {"still": true}}}');
SELECT test.start('cut pictures');
SELECT pg_temp.work('cut pictures');
-- when the target that needed it goes, nothing is to be redone
UPDATE leap.platforms SET needs_picture = false WHERE platform = 'library';
SELECT pg_temp.todo('cut sound');
ROLLBACK;

-- nothing is left to do of what is skipped; what need not be done of what is held counts as done
BEGIN;
SELECT test.start('cut blank', config => '{"trimming": {"on_blank": "skip"}}');
SELECT pg_temp.work('cut blank', '{"download": {"speech": "none"}}');
SELECT test.start('cut held');
SELECT pg_temp.work('cut held', '{"download": {"speech": "none"}}');
SELECT l.name, l.status, l.hold, l.progress, leap.recording_detail(l.id)->'progress' AS detail FROM leap.list_recordings('{}', NULL, 100) l WHERE l.name IN ('cut blank', 'cut held') ORDER BY 1;
ROLLBACK;
