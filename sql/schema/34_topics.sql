-- Topics of lectures, every version of them.
--
-- A version is an outline (docs/protocol.md, section 5) that a provider found or a person wrote. It is never changed, and stays
-- as long as its recording: when that is cut anew, the times of what is read and written are moved along
-- (leap.retimed_outline()), those of the version are not. One is in use (active), and what people see of a recording (topics,
-- main_topics, and summary and questions of its facts) is that one's. What finds topics by itself leaves a person's words in
-- use; only who asks for topics by hand puts others in their place (77_topics.sql). Lock order: recording -> its versions.

CREATE TABLE IF NOT EXISTS leap.topic_versions (
    recording_id uuid NOT NULL,
    user_id      uuid NOT NULL,
    version      int NOT NULL CHECK (version > 0),
    provider     text,
    model        text,
    granularity  text,
    language     text,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    active       boolean NOT NULL DEFAULT false,
    edited_at    timestamptz,
    edited_by    text,
    based_on     int,
    basis        text,
    cuts         jsonb,
    outline      jsonb NOT NULL CHECK (jsonb_typeof(outline) = 'object'),
    PRIMARY KEY (recording_id, version),
    CHECK ((edited_at IS NULL) = (edited_by IS NULL))
);
CREATE UNIQUE INDEX IF NOT EXISTS topic_versions_one_active ON leap.topic_versions (recording_id) WHERE active;
COMMENT ON TABLE leap.topic_versions IS
'Every version of the topics of each recording: who found them (provider, model) how finely, who edited which version when, the transcript they are of (basis), and by which cuts its times are. One is active.';

-- A transcript that was made of the same words, only cut otherwise, is the same. It was made of what was stored last.
CREATE OR REPLACE FUNCTION leap.transcript_basis(recording uuid)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT concat_ws(' ', a.metadata->>'audio_sha256', a.metadata->>'settings_key') FROM leap.artifacts a
                     WHERE a.recording_id = recording AND left(a.kind, 5) = 'heard' AND a.metadata ?& '{audio_sha256,settings_key}'
                     ORDER BY a.created_at DESC LIMIT 1),
                    (SELECT a.sha256 FROM leap.artifacts a WHERE a.recording_id = recording AND a.kind = 'transcript'))
$$;
COMMENT ON FUNCTION leap.transcript_basis(uuid) IS
'What tells the transcript of a recording from others of it, whatever is cut out: sound and settings it was heard with, or else its digest. Null without one.';

CREATE OR REPLACE FUNCTION leap.video_cuts(recording uuid)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE jsonb_typeof(a.metadata->'cuts') WHEN 'array' THEN a.metadata->'cuts' END FROM leap.artifacts a WHERE a.recording_id = recording AND a.kind = 'video'
$$;
COMMENT ON FUNCTION leap.video_cuts(uuid) IS 'How the lesson was cut out of its recording, [{start, end, at}]; null if that is not known.';

-- From one cut to the source, and from there to the other. What is cut out there is where the next kept part begins.
CREATE OR REPLACE FUNCTION leap.moved_time(seconds float8, was jsonb, cuts jsonb)
RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    WITH source AS (
        SELECT least((c->>'start')::float8 + seconds - (c->>'at')::float8, (c->>'end')::float8) AS at
        FROM jsonb_array_elements(was) c WHERE (c->>'at')::float8 <= seconds ORDER BY (c->>'at')::float8 DESC LIMIT 1)
    SELECT round(coalesce((SELECT (c->>'at')::float8 + greatest(s.at - (c->>'start')::float8, 0)
                     FROM jsonb_array_elements(cuts) c WHERE (c->>'end')::float8 > s.at ORDER BY (c->>'start')::float8 LIMIT 1),
                    (SELECT max((c->>'at')::float8 + (c->>'end')::float8 - (c->>'start')::float8) FROM jsonb_array_elements(cuts) c))::numeric, 3)::float8
    FROM (SELECT coalesce((SELECT x.at FROM source x), 0) AS at) s
$$;
COMMENT ON FUNCTION leap.moved_time(float8, jsonb, jsonb) IS
'Where in a lesson that was cut like this (cuts) the moment is that was at so many seconds when it was cut like that (was).';

CREATE OR REPLACE FUNCTION leap.retimed_outline(outline jsonb, was jsonb, cuts jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN was IS NULL OR cuts IS NULL OR was = cuts OR jsonb_array_length(was) = 0 OR jsonb_array_length(cuts) = 0 THEN outline ELSE
        outline || jsonb_build_object('topics', (
            SELECT jsonb_agg(k.topic || jsonb_build_object('start', k.start, 'end', k.stop) ORDER BY k.start)
            FROM (SELECT m.topic, CASE WHEN row_number() OVER (ORDER BY m.start) = 1 THEN 0 ELSE m.start END AS start,
                         lead(m.start, 1, (SELECT max((c->>'at')::float8 + (c->>'end')::float8 - (c->>'start')::float8) FROM jsonb_array_elements(cuts) c)) OVER (ORDER BY m.start) AS stop
                  -- of several that fall together, because what lay between is gone, the last goes on
                  FROM (SELECT DISTINCT ON (leap.moved_time((t.topic->>'start')::float8, was, cuts)) t.topic, leap.moved_time((t.topic->>'start')::float8, was, cuts) AS start
                        FROM jsonb_array_elements(outline->'topics') WITH ORDINALITY AS t(topic, n)
                        ORDER BY leap.moved_time((t.topic->>'start')::float8, was, cuts), t.n DESC) m) k
            WHERE k.stop > k.start))
        || CASE WHEN outline ? 'pauses' THEN jsonb_build_object('pauses', coalesce((
            SELECT jsonb_agg(jsonb_build_object('start', p.start, 'end', p.stop) ORDER BY p.start)
            FROM (SELECT leap.moved_time((x->>'start')::float8, was, cuts) AS start, leap.moved_time((x->>'end')::float8, was, cuts) AS stop
                  FROM jsonb_array_elements(outline->'pauses') x) p WHERE p.stop > p.start), '[]')) ELSE '{}' END END
$$;
COMMENT ON FUNCTION leap.retimed_outline(jsonb, jsonb, jsonb) IS
'An outline whose times are those of a lesson cut like this (was) with the times it has when cut like that (cuts); topics of what is not there any more are left out. As it is where one of the two is not known.';

-- What a task that writes topics writes without asking a provider.
CREATE OR REPLACE FUNCTION leap.outline_to_write(recording uuid, asked_for text)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT leap.retimed_outline(v.outline, v.cuts, leap.video_cuts(recording)) FROM leap.topic_versions v
        WHERE v.recording_id = recording AND v.active AND asked_for IS DISTINCT FROM 'topics'
          AND (asked_for = 'write_topics' OR v.edited_at IS NOT NULL
               OR asked_for IS DISTINCT FROM 'force' AND v.basis = leap.transcript_basis(recording)
                  AND EXISTS (SELECT FROM leap.artifacts a WHERE a.recording_id = recording AND a.kind = 'topics' AND a.input_hash = '\x00')));
END
$$;
COMMENT ON FUNCTION leap.outline_to_write(uuid, text) IS
'The version of the topics that a run of a recording only writes: the active one, if a person wrote it, or chose it and its files are not written yet, or the run was asked for that (write_topics). Null: topics are to be found, for a run that was asked for topics always.';

CREATE OR REPLACE FUNCTION leap.topic_facts(outline jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('topic_timestamps', coalesce(outline->'topics', '[]'), 'main_topics', coalesce(outline->'main_topics', '[]'),
                              'summary', outline->'summary', 'questions', coalesce(outline->'questions', '[]'))
$$;
COMMENT ON FUNCTION leap.topic_facts(jsonb) IS 'What an outline says of a recording, as a finished task reports it.';

-- Which outline is another one: what was paid for it, and how finely was asked, does not matter.
CREATE OR REPLACE FUNCTION leap.same_outline(a jsonb, b jsonb)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT a - '{tokens,usage,granularity,note}'::text[] = b - '{tokens,usage,granularity,note}'::text[] $$;
COMMENT ON FUNCTION leap.same_outline(jsonb, jsonb) IS 'Whether two outlines say the same, by the same provider.';

CREATE OR REPLACE FUNCTION leap.add_topic_version(rec leap.recordings, new_outline jsonb, editor text = NULL, base int = NULL)
RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    number int := (SELECT coalesce(max(v.version), 0) + 1 FROM leap.topic_versions v WHERE v.recording_id = rec.id);
BEGIN
    UPDATE leap.topic_versions v SET active = false WHERE v.recording_id = rec.id AND v.active;
    INSERT INTO leap.topic_versions (recording_id, user_id, version, provider, model, granularity, language, active, edited_at, edited_by, based_on, basis, cuts, outline)
    VALUES (rec.id, rec.user_id, number, new_outline->>'provider', new_outline->>'model', new_outline->>'granularity', new_outline->>'language', true,
            CASE WHEN editor IS NOT NULL THEN clock_timestamp() END, editor, base, leap.transcript_basis(rec.id), leap.video_cuts(rec.id), new_outline);
    RETURN number;
END
$$;
COMMENT ON FUNCTION leap.add_topic_version(leap.recordings, jsonb, text, int) IS
'Makes this outline the newest and active version of the topics of a recording, whose lock the caller holds; returns its number. editor: who wrote it, base: from which version.';

CREATE OR REPLACE FUNCTION leap.forget_topics_file(recording uuid)
RETURNS void LANGUAGE sql AS $$ UPDATE leap.artifacts a SET input_hash = '\x00' WHERE a.recording_id = recording AND a.kind = 'topics' $$;
COMMENT ON FUNCTION leap.forget_topics_file(uuid) IS
'The files of the topics of a recording are not those of the version in use: the next run that comes to its topics writes them, whatever else it does.';

CREATE OR REPLACE FUNCTION leap.outline_put_in_use(task bigint)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT leap.retimed_outline(v.outline, v.cuts, leap.video_cuts(v.recording_id))
    FROM leap.tasks t JOIN leap.runs u ON u.id = t.run_id AND u.topics_changed = t.fence JOIN leap.topic_versions v ON v.recording_id = t.recording_id AND v.active
    WHERE t.id = task
$$;
COMMENT ON FUNCTION leap.outline_put_in_use(bigint) IS
'The outline that a person put in use while this attempt of a task wrote the one before; null if nobody did.';

-- What a finished task reports is a new version, unless that was given to it, or is in use already.
CREATE OR REPLACE FUNCTION leap.store_outlines(tasks bigint[], results jsonb[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    said record;
    used leap.topic_versions;
    rec leap.recordings;
    old boolean;
BEGIN
    FOR said IN SELECT t.recording_id, u.asked_for, u.topics_changed = t.fence AS late, x.result #> '{facts,outline}' AS outline
                FROM unnest(tasks, results) AS x(task, result) JOIN leap.tasks t ON t.id = x.task LEFT JOIN leap.runs u ON u.id = t.run_id
                WHERE jsonb_typeof(x.result #> '{facts,outline}') = 'object' AND t.recording_id IS NOT NULL ORDER BY t.id LOOP
        SELECT r.* INTO rec FROM leap.recordings r WHERE r.id = said.recording_id;
        SELECT v.* INTO used FROM leap.topic_versions v WHERE v.recording_id = rec.id AND v.active;
        old := false;
        IF said.late THEN   -- it wrote what was in use when it began
            PERFORM leap.forget_topics_file(rec.id);
            CONTINUE;
        END IF;
        IF leap.outline_to_write(rec.id, said.asked_for) IS NOT NULL THEN
            old := used.edited_at IS NOT NULL AND used.basis IS DISTINCT FROM leap.transcript_basis(rec.id);
        ELSIF leap.same_outline(leap.retimed_outline(used.outline, used.cuts, leap.video_cuts(rec.id)), said.outline) IS NOT TRUE THEN
            PERFORM leap.add_topic_version(rec, said.outline);
        END IF;
        IF old OR rec.flags @> '[{"code":"old_topics"}]' THEN
            PERFORM leap.flag_old_topics(rec.id, old);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION leap.store_outlines(bigint[], jsonb[]) IS
'Keeps the outlines of finished tasks (fact outline) as versions of the topics of their recordings, whose locks the caller holds.';

CREATE OR REPLACE FUNCTION leap.flag_old_topics(recording uuid, old boolean)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE leap.recordings r
    SET flags = CASE WHEN old THEN leap.add_flag(r.flags, 'old_topics', 'The edited topics are of an older transcript: read them again, or let topics be found anew.')
                     ELSE coalesce((SELECT jsonb_agg(f) FROM jsonb_array_elements(r.flags) f WHERE f->>'code' <> 'old_topics'), '[]') END
    WHERE r.id = recording;
END
$$;
COMMENT ON FUNCTION leap.flag_old_topics(uuid, boolean) IS 'Says or takes back that the edited topics of a recording are of an older transcript.';
