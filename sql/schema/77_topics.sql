-- Topics as people change them: versions, edits, another granularity.
--
-- Each change makes or chooses a version (34_topics.sql) and starts a run that writes it, and publishes it where the lesson is
-- published: the files of a lesson are always written by a worker. While a run is active that has its transcript and does not
-- look for topics just now, the version is put in use all the same: the run writes it if it has not come to its topics yet,
-- else another run follows by itself (leap.settle_runs). Lock order: recording -> versions -> tasks -> ready.

CREATE OR REPLACE FUNCTION leap.topic_version_json(v leap.topic_versions)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('version', v.version, 'active', v.active, 'provider', v.provider, 'model', v.model, 'granularity', v.granularity, 'language', v.language,
        'created_at', v.created_at, 'edited', v.edited_at IS NOT NULL, 'edited_at', v.edited_at, 'edited_by', v.edited_by, 'based_on', v.based_on,
        'topics', coalesce(o.outline->'topics', '[]'), 'main_topics', coalesce(o.outline->'main_topics', '[]'), 'summary', o.outline->'summary',
        'questions', coalesce(o.outline->'questions', '[]'), 'pauses', coalesce(o.outline->'pauses', '[]'))
    FROM leap.retimed_outline(v.outline, v.cuts, leap.video_cuts(v.recording_id)) AS o(outline)
$$;
COMMENT ON FUNCTION leap.topic_version_json(leap.topic_versions) IS 'A version of topics as people see it, in the times of the lesson as it is cut now.';

CREATE OR REPLACE FUNCTION leap.topic_versions(recording uuid)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM leap.recordings x WHERE x.id = recording AND x.delete_state = 'active' AND leap.may_see(x.user_id)) THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', recording), 'The list of recordings shows the ids.');
    END IF;
    RETURN (SELECT coalesce(jsonb_agg(leap.topic_version_json(v) ORDER BY v.version DESC), '[]') FROM leap.topic_versions v WHERE v.recording_id = recording);
END
$$;
COMMENT ON FUNCTION leap.topic_versions(uuid) IS
'All versions of the topics of a recording, the newest first: [{version, active, provider, model, granularity, language, created_at, edited, edited_at, edited_by, based_on, topics [{title, start, end}], main_topics, summary, questions, pauses}]. Error LP020.';

-- Edits -----------------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION leap.check_texts(given jsonb, what text, most int, longest int)
RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    bad text;
BEGIN
    IF jsonb_typeof(given) IS DISTINCT FROM 'array' OR jsonb_array_length(given) > most THEN
        PERFORM leap.refuse('LP030', format('%s cannot be %s', what, coalesce(left(given::text, 60), 'null')), format('It is an array of at most %s texts.', most));
    END IF;
    SELECT left(t::text, 60) INTO bad FROM jsonb_array_elements(given) t
    WHERE jsonb_typeof(t) <> 'string' OR length(leap.one_line(t #>> '{}')) NOT BETWEEN 1 AND longest LIMIT 1;
    IF bad IS NOT NULL THEN
        PERFORM leap.refuse('LP030', format('%s cannot hold %s', what, bad), format('Each is a text of 1 to %s characters.', longest));
    END IF;
    RETURN (SELECT coalesce(jsonb_agg(leap.one_line(t #>> '{}') ORDER BY n), '[]') FROM jsonb_array_elements(given) WITH ORDINALITY AS x(t, n));
END
$$;
COMMENT ON FUNCTION leap.check_texts(jsonb, text, int, int) IS
'An array of at most so many texts of at most so many characters, each in one line; refuses (LP030) anything else, what names it.';

CREATE OR REPLACE FUNCTION leap.check_topics(given jsonb, duration float8)
RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    topic jsonb;
    before float8;
    start float8;
    checked jsonb[] := '{}';
BEGIN
    IF jsonb_typeof(given) IS DISTINCT FROM 'array' OR jsonb_array_length(given) NOT BETWEEN 1 AND 200 THEN
        PERFORM leap.refuse('LP030', format('topics cannot be %s', coalesce(left(given::text, 60), 'null')), 'It is an array of 1 to 200 topics {"title", "start"}.');
    END IF;
    FOR topic IN SELECT t FROM jsonb_array_elements(given) WITH ORDINALITY AS x(t, n) ORDER BY n LOOP
        topic := CASE WHEN jsonb_typeof(topic) = 'object' AND topic ? 'topic' AND NOT topic ? 'title' THEN topic - 'topic' || jsonb_build_object('title', topic->'topic') ELSE topic END;
        PERFORM leap.check_keys(topic, '{title,start,end}', 'a topic');
        IF jsonb_typeof(topic->'title') IS DISTINCT FROM 'string' OR length(leap.one_line(topic->>'title')) NOT BETWEEN 1 AND 200 THEN
            PERFORM leap.refuse('LP030', format('a topic cannot have the title %s', coalesce(left((topic->'title')::text, 60), 'null')), 'It is a text of 1 to 200 characters.');
        ELSIF jsonb_typeof(topic->'start') IS DISTINCT FROM 'number' OR (topic->>'start')::float8 < 0 OR (topic->>'start')::float8 >= duration THEN
            PERFORM leap.refuse('LP030', format('topic "%s" cannot start at %s', left(topic->>'title', 60), coalesce(left((topic->'start')::text, 30), 'null')),
                                format('It is a number of seconds from 0 to the end of the lesson%s.', ', ' || round(duration::numeric, 3)));
        END IF;
        start := round((topic->>'start')::numeric, 3)::float8;
        IF before IS NULL AND start <> 0 THEN
            PERFORM leap.refuse('LP030', format('the first topic, "%s", cannot start at %s', left(topic->>'title', 60), start), 'It starts at 0.');
        ELSIF start <= before THEN
            PERFORM leap.refuse('LP030', format('topic "%s" cannot start at %s: the one before it starts at %s', left(topic->>'title', 60), start, before),
                                'Each topic starts after the one before it.');
        END IF;
        before := start;
        checked := checked || jsonb_build_object('title', leap.one_line(topic->>'title'), 'start', start);
    END LOOP;
    RETURN (SELECT jsonb_agg(t || jsonb_build_object('end', coalesce((checked[n + 1]->>'start')::float8, round(greatest(duration, before)::numeric, 3)::float8, before)) ORDER BY n)
            FROM unnest(checked) WITH ORDINALITY AS x(t, n));
END
$$;
COMMENT ON FUNCTION leap.check_topics(jsonb, float8) IS
'Topics [{title (or topic), start}] of a lesson of so many seconds (null: not known) as [{title, start, end}]: the first at 0, ascending, each until the next. Refuses (LP030) what is none, with the value.';

CREATE OR REPLACE FUNCTION leap.edited_outline(base jsonb, changes jsonb, duration float8)
RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    edited jsonb := base;
BEGIN
    PERFORM leap.check_keys(changes, '{topics,main_topics,summary,questions}', 'an edit of topics');
    IF changes = '{}' THEN
        PERFORM leap.refuse('LP030', 'nothing is changed', 'Say topics, main_topics, summary or questions.');
    END IF;
    IF changes ? 'topics' THEN
        edited := edited || jsonb_build_object('topics', leap.check_topics(changes->'topics', duration));
    END IF;
    IF changes ? 'main_topics' THEN
        edited := edited || jsonb_build_object('main_topics', leap.check_texts(changes->'main_topics', 'main_topics', 20, 200));
    END IF;
    IF changes ? 'questions' THEN
        edited := edited - 'questions_note' || jsonb_build_object('questions', leap.check_texts(changes->'questions', 'questions', 50, 500));
    END IF;
    IF changes ? 'summary' THEN
        IF jsonb_typeof(changes->'summary') NOT IN ('string', 'null') OR length(changes->>'summary') > 5000 THEN
            PERFORM leap.refuse('LP030', format('summary cannot be %s', left((changes->'summary')::text, 60)), 'It is a text of at most 5000 characters.');
        END IF;
        edited := edited || jsonb_build_object('summary', btrim(coalesce(changes->>'summary', '')));
    END IF;
    IF coalesce(jsonb_array_length(edited->'topics'), 0) = 0 THEN
        PERFORM leap.refuse('LP030', 'there are no topics to be edited', 'Say topics, all of them: [{"title": "...", "start": 0}].');
    END IF;
    RETURN edited;
END
$$;
COMMENT ON FUNCTION leap.edited_outline(jsonb, jsonb, float8) IS
'An outline with these changes {topics, main_topics, summary, questions} of a lesson of so many seconds. Error LP030 with the value that does not fit.';

CREATE OR REPLACE FUNCTION leap.show_topics(recording uuid)
RETURNS void LANGUAGE sql AS $$
    UPDATE leap.recordings r
    SET topics = f.facts->'topic_timestamps', main_topics = f.facts->'main_topics', facts = r.facts || (f.facts - '{topic_timestamps,main_topics}'::text[]),
        flags = coalesce((SELECT jsonb_agg(g) FROM jsonb_array_elements(r.flags) g WHERE g->>'code' <> 'old_topics'), '[]'), updated_at = now()
    FROM leap.topic_versions v CROSS JOIN LATERAL leap.topic_facts(leap.retimed_outline(v.outline, v.cuts, leap.video_cuts(v.recording_id))) AS f(facts)
    WHERE r.id = recording AND v.recording_id = r.id AND v.active
$$;
COMMENT ON FUNCTION leap.show_topics(uuid) IS 'Makes what people see of a recording, whose lock the caller holds, that of the active version of its topics.';

CREATE OR REPLACE FUNCTION leap.find_topic_version(recording uuid, wanted int)
RETURNS leap.topic_versions LANGUAGE plpgsql STABLE AS $$
DECLARE
    v leap.topic_versions;
BEGIN
    SELECT x.* INTO v FROM leap.topic_versions x WHERE x.recording_id = recording AND CASE WHEN wanted IS NULL THEN x.active ELSE x.version = wanted END;
    IF v.version IS NULL AND (wanted IS NOT NULL OR NOT EXISTS (SELECT FROM leap.recordings r WHERE r.id = recording AND leap.may_see(r.user_id))) THEN
        PERFORM leap.refuse('LP020', format('there is no version %s of the topics', coalesce(wanted::text, 'at all')),
            coalesce((SELECT 'There are ' || string_agg(x.version::text, ', ' ORDER BY x.version) || '.' FROM leap.topic_versions x WHERE x.recording_id = recording), 'There is none yet.'));
    END IF;
    RETURN v;
END
$$;
COMMENT ON FUNCTION leap.find_topic_version(uuid, int) IS
'A version of the topics of a recording, or, for null, the active one, which may not be there. Error LP020.';

CREATE OR REPLACE FUNCTION leap.editor_name()
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT u.email FROM leap.users u WHERE u.id = leap.current_user_id()), session_user)
$$;
COMMENT ON FUNCTION leap.editor_name() IS 'Who edits: the address of the user the request speaks for, or the role at psql.';

-- Changes beside an active run ------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION leap.topics_busy(rec leap.recordings)
RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT CASE
            WHEN bool_or(t.stage <> 'upload' AND t.kind NOT IN ('topics', 'subtitles') AND t.state IN ('blocked', 'scheduled', 'ready', 'running'))
                THEN format('run %s of this recording has not got its transcript yet', u.id)
            WHEN u.asked_for = 'topics' OR bool_or(t.kind = 'topics' AND t.state = 'running') AND leap.outline_to_write(rec.id, u.asked_for) IS NULL
                THEN format('run %s of this recording is looking for topics', u.id) END
        FROM leap.runs u JOIN leap.tasks t ON t.run_id = u.id WHERE u.recording_id = rec.id AND u.state = 'active' GROUP BY u.id, u.asked_for);
END
$$;
COMMENT ON FUNCTION leap.topics_busy(leap.recordings) IS
'Why the topics of a recording, whose lock the caller holds, cannot be changed while its active run goes on; null if they can, or none is active.';

CREATE OR REPLACE FUNCTION leap.require_topics_change(recording uuid, doing text)
RETURNS leap.recordings LANGUAGE plpgsql AS $$
DECLARE
    r leap.recordings;
    judged record;
    busy text;
BEGIN
    SELECT * INTO r FROM leap.recordings x WHERE x.id = recording AND leap.may_see(x.user_id) FOR NO KEY UPDATE;
    SELECT * INTO judged FROM leap.judged(ARRAY[recording], 'topics', of_user => leap.walled_user());
    IF judged.allowed THEN
        RETURN r;
    ELSIF judged.sqlstate = 'LP004' THEN
        busy := leap.topics_busy(r);
        IF busy IS NULL AND EXISTS (SELECT FROM leap.users o WHERE o.id = r.user_id AND o.can_transcribe)
           AND EXISTS (SELECT FROM leap.artifacts a WHERE a.recording_id = r.id AND a.kind = 'transcript') THEN
            RETURN r;
        END IF;
    END IF;
    PERFORM leap.refuse(judged.sqlstate, format('cannot %s topics: %s', doing, coalesce(busy, judged.reason)),
        CASE WHEN busy IS NULL THEN leap.refusal_hint(judged.sqlstate, 'topics', r.status)
             ELSE format('Wait until it has ended, then %s them; or cancel it first.', doing) END);
END
$$;
COMMENT ON FUNCTION leap.require_topics_change(uuid, text) IS
'Locks a recording the caller may see, whose topics can be changed now, and returns it; or refuses to do so (edit, activate) with the reason. Errors LP003, LP004, LP005, LP020, LP043.';

CREATE OR REPLACE FUNCTION leap.write_topics(rec leap.recordings, version int)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb;
    active uuid := (SELECT u.id FROM leap.runs u WHERE u.recording_id = rec.id AND u.state = 'active');
    follows text;
BEGIN
    PERFORM leap.forget_topics_file(rec.id);
    IF active IS NULL THEN
        answer := leap.operate_one('topics', rec.id, options => '{"asked_for": "write_topics"}');
    ELSE
        UPDATE leap.runs u SET topics_changed = coalesce((SELECT t.fence FROM leap.tasks t WHERE t.run_id = u.id AND t.kind = 'topics' AND t.state = 'running'), 0)
        WHERE u.id = active;
        answer := jsonb_build_object('recording', rec.id, 'run', active);
    END IF;
    follows := CASE
        WHEN EXISTS (SELECT FROM leap.tasks t WHERE t.run_id = active AND t.kind = 'topics' AND t.state IN ('blocked', 'scheduled', 'ready')) THEN 'the active run writes it'
        WHEN active IS NOT NULL THEN 'it is written when the active run has ended'
        WHEN EXISTS (SELECT FROM leap.tasks t WHERE t.run_id = (answer->>'run')::uuid AND t.kind = 'upload' AND t.state = 'blocked') THEN 'the published lesson follows'
        WHEN EXISTS (SELECT FROM leap.output_targets o WHERE o.recording_id = rec.id AND o.status = 'UPLOADED') THEN 'the next run publishes it' END;
    RETURN answer || jsonb_build_object('version', version,
        'message', format('version %s of the topics of "%s" is in use%s', version, rec.display_name, '; ' || follows));
END
$$;
COMMENT ON FUNCTION leap.write_topics(leap.recordings, int) IS
'Has the version of the topics that is in use from now on written: by a run that also publishes it where the lesson is published, or beside the run that is active. The caller holds the lock of the recording. Returns {recording, run, version, message}.';

CREATE OR REPLACE FUNCTION leap.write_topics_again(ids uuid[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    behind uuid[] := ARRAY(SELECT i FROM unnest(ids) i WHERE NOT EXISTS (
        SELECT FROM leap.artifacts a WHERE a.recording_id = i AND a.kind = 'topics' AND a.input_hash IS DISTINCT FROM '\x00'));
BEGIN
    IF cardinality(behind) > 0 THEN
        PERFORM leap.start_runs(behind, 'user', 'topics', options => '{"asked_for": "write_topics"}');
    END IF;
END
$$;
COMMENT ON FUNCTION leap.write_topics_again(uuid[]) IS
'Starts a run for those of these recordings, whose locks the caller holds and whose runs have ended, whose files are not of the topics in use.';

CREATE OR REPLACE FUNCTION leap.edit_topics(recording uuid, changes jsonb, version int = NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    rec leap.recordings := leap.require_topics_change(recording, 'edit');
    base leap.topic_versions := leap.find_topic_version(rec.id, version);
    now_there jsonb := leap.video_cuts(rec.id);
    number int;
BEGIN
    number := leap.add_topic_version(rec, leap.edited_outline(
        coalesce(leap.retimed_outline(base.outline, base.cuts, now_there), jsonb_build_object('version', 1, 'topics', '[]'::jsonb, 'main_topics', '[]'::jsonb, 'summary', '', 'questions', '[]'::jsonb,
                 'pauses', '[]'::jsonb, 'language', rec.facts->'language')), changes, rec.final_duration),
        leap.editor_name(), base.version);
    PERFORM leap.show_topics(rec.id);
    PERFORM leap.audit('edit_topics', 'recording', rec.id::text, jsonb_build_object('version', base.version), jsonb_build_object('version', number, 'changed', (SELECT jsonb_agg(k) FROM jsonb_object_keys(changes) k)));
    RETURN leap.write_topics(rec, number);
END
$$;
COMMENT ON FUNCTION leap.edit_topics(uuid, jsonb, int) IS
'Changes topics by hand: a new version made of the active one, or of this one, with these changes {topics (all of them: [{title, start}], the first at 0, ascending), main_topics, summary, questions}, marked as edited, in use from now on; a run writes its files, and publishes them where the lesson is published. What finds topics later by itself leaves it in use. Returns {recording, run, version, message}. Errors: LP003 no transcript, LP004 the active run has no transcript yet or looks for topics, LP005 held, LP020 unknown recording or version, LP030 a value that does not fit.';

CREATE OR REPLACE FUNCTION leap.activate_topics(recording uuid, version int)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    rec leap.recordings := leap.require_topics_change(recording, 'activate');
    chosen leap.topic_versions := leap.find_topic_version(rec.id, coalesce(version, 0));
    used int := (SELECT v.version FROM leap.topic_versions v WHERE v.recording_id = rec.id AND v.active);
BEGIN
    IF chosen.active THEN
        RETURN jsonb_build_object('recording', rec.id, 'run', NULL, 'version', chosen.version, 'message', format('version %s of the topics of "%s" is in use already', chosen.version, rec.display_name));
    END IF;
    UPDATE leap.topic_versions v SET active = false WHERE v.recording_id = rec.id AND v.active;
    UPDATE leap.topic_versions v SET active = true
    WHERE v.recording_id = rec.id AND v.version = chosen.version;
    PERFORM leap.show_topics(rec.id);
    PERFORM leap.audit('activate_topics', 'recording', rec.id::text, jsonb_build_object('version', used), jsonb_build_object('version', chosen.version));
    RETURN leap.write_topics(rec, chosen.version);
END
$$;
COMMENT ON FUNCTION leap.activate_topics(uuid, int) IS
'Puts a version of the topics of a recording in use; a run writes its files, and publishes them where the lesson is published. Returns {recording, run (null if it was in use), version, message}. Errors LP003, LP004, LP005, LP020.';

CREATE OR REPLACE FUNCTION leap.find_topics(recording uuid, granularity text = NULL, provider text = NULL)
RETURNS jsonb LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT leap.do_stage(recording, 'topics', override => CASE WHEN num_nonnulls(granularity, provider) > 0 THEN
        jsonb_build_object('transcription', jsonb_strip_nulls(jsonb_build_object('granularity', granularity, 'outline_provider', provider))) END)
$$;
COMMENT ON FUNCTION leap.find_topics(uuid, text, text) IS
'Finds the topics of a transcript anew: as finely as said (short, medium, long) and by this provider, or as configured. What is found is a new version, and in use. Returns {recording, message, run}. Errors LP003, LP004, LP005, LP020, LP030.';
