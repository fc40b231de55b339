-- What a worker is told when it asks a source, and what becomes of its answer.
--
-- A worker lists what a source has; which of it is new is decided here, by a key that the source cannot have twice. Two
-- syncs of the same user take turns at the usage row of the month, and the unique key holds whoever writes. All comes in
-- one transaction with the end of the task. What a source says is a stranger's word: nothing of it may raise an error
-- here, for the tasks of others end in the same transaction; what does not fit is left out and told in the report.
-- Lock order: (complete: recordings -> task) -> sync -> usage -> new recordings -> known recordings, those that nobody
-- holds -> automation run -> source.

CREATE OR REPLACE FUNCTION leap.sync_input(subject uuid)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT jsonb_build_object('type', s.source_type, 'most', leap.setting('leap.sync_items')::int,
            'config', coalesce((SELECT jsonb_object_agg(o.key, o.standard) FROM leap.source_options() o
                                WHERE o.source_type IN (s.source_type, '*') AND o.standard IS NOT NULL), '{}') || s.config,
            'credential', leap.credential_input(s.user_id, lower(s.source_type), s.credential_id::text), 'endpoints', leap.endpoints_of(lower(s.source_type)),
            'import_roots', to_jsonb(array_remove(string_to_array(leap.setting('leap.import_roots'), ':'), '')))
            || jsonb_strip_nulls(jsonb_build_object('from_time', extract(epoch FROM x.from_time)::float8, 'to_time', extract(epoch FROM x.to_time)::float8,
                                                    'timezone', u.timezone, 'after', x.after, 'look', x.wish->'look', 'platform', leap.source_platform(s.source_type, s.config)))
        FROM leap.source_syncs x CROSS JOIN LATERAL leap.asked_source(x) s JOIN leap.users u ON u.id = s.user_id
        WHERE x.id = subject AND x.state = 'waiting'), '{"gone": true}')
$$;
COMMENT ON FUNCTION leap.sync_input(uuid) IS
'What the child that does a sync is told: type, config with defaults, credential, endpoints, import_roots, how many items are wanted at most (most), where a part begins that is not the first (after), whether the formats of a video are wanted instead (look), the span of time asked for as seconds since 1970 (from_time, to_time, without what is open), the time zone of the user, and the platform that the source is asked at with a credential; {"gone": true} if nobody waits for it any more.';

-- Times are seconds since 1970, sizes are text, keys short enough for their index; whatever else it is, it is not known.
CREATE OR REPLACE FUNCTION leap.sync_number(item jsonb, key text, low numeric, high numeric)
RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN jsonb_typeof(item->key) = 'number' THEN CASE WHEN (item->key)::numeric BETWEEN low AND high THEN (item->key)::float8 END END
$$;
COMMENT ON FUNCTION leap.sync_number(jsonb, text, numeric, numeric) IS 'A number of an item within these bounds, null for anything else.';

DO $$ BEGIN
    -- they returned less
    IF to_regprocedure('leap.sync_items(leap.input_sources, jsonb)') IS NOT NULL
       AND NOT 'parts' = ANY ((SELECT p.proargnames FROM pg_proc p WHERE p.oid = to_regprocedure('leap.sync_items(leap.input_sources, jsonb)'))::text[]) THEN
        DROP FUNCTION leap.sync_items(leap.input_sources, jsonb);
        DROP FUNCTION IF EXISTS leap.sorted_items(leap.source_syncs, leap.input_sources, jsonb);
    END IF;
END $$;
-- The key of a recording that is not ready may be one for the time being: what was a meeting becomes its first part.
-- Which recording that is, is found by its placeholder then. The other way round, what is not ready is known by its parts, whose
-- keys begin with what it says: a source goes on making files of a meeting that is known, and answers overtake one another.
CREATE OR REPLACE FUNCTION leap.sync_items(s leap.input_sources, items jsonb)
RETURNS TABLE (source_key text, display_name text, start_time timestamptz, appeared timestamptz, duration float8, bytes bigint,
               ready boolean, blank boolean, file text, metadata jsonb, source jsonb, fault text, placeholder text, expires timestamptz, parts text)
LANGUAGE sql STABLE ROWS 1000 AS $$
    SELECT DISTINCT ON (coalesce(i.key, i.n::text)) i.key, left(coalesce(nullif(btrim(i.item->>'display_name'), ''), 'Lecture'), 500),
        to_timestamp(leap.sync_number(i.item, 'start_time', 0, 4102444800)), to_timestamp(leap.sync_number(i.item, 'appeared', 0, 4102444800)),
        i.duration, i.bytes, (i.item->'ready') IS DISTINCT FROM 'false',
        coalesce(i.duration < nullif((s.config->>'blank_seconds')::numeric, 0), false) OR coalesce(i.bytes < nullif((s.config->>'blank_bytes')::numeric, 0), false),
        i.item->>'file', CASE WHEN jsonb_typeof(i.item->'metadata') = 'object' AND length(i.item->>'metadata') <= 10000 THEN i.item->'metadata' ELSE '{}' END,
        i.source || CASE WHEN s.source_type IN ('INBOX', 'URL_LIST') THEN '{}' ELSE jsonb_strip_nulls(jsonb_build_object('source_id', s.id, 'credential_id', s.credential_id)) END,
        CASE WHEN i.key IS NULL THEN 'it has no key'
            -- each type of source has its kind of recordings, and an inbox those below its folder
            WHEN i.source->>'type' IS DISTINCT FROM leap.source_kind(s.source_type)
                 OR s.source_type = 'INBOX' AND NOT coalesce(starts_with(i.source->>'path', rtrim(s.config->>'path', '/') || '/'), false)
                THEN 'it does not lie in this source'
            WHEN length(i.source::text) > 5000 THEN 'its address is too long' ELSE leap.source_fault(i.source)->>'message' END,
        CASE WHEN octet_length(i.item->>'placeholder') BETWEEN 1 AND 1100 THEN i.item->>'placeholder' END,
        to_timestamp(leap.sync_number(i.item, 'expires', 0, 4102444800)),
        CASE WHEN i.item->'ready' = 'false' AND octet_length(i.item->>'parts') BETWEEN 1 AND 1100 THEN i.item->>'parts' END
    FROM (SELECT x.item, x.n, CASE WHEN octet_length(x.item->>'source_key') BETWEEN 1 AND 1100 THEN x.item->>'source_key' END AS key,
                 leap.sync_number(x.item, 'duration', 0, 1e7) AS duration, CASE WHEN x.item->>'bytes' ~ '^\d{1,15}$' THEN (x.item->>'bytes')::bigint END AS bytes,
                 CASE WHEN jsonb_typeof(x.item->'source') = 'object' THEN x.item->'source' ELSE '{}' END AS source
          FROM jsonb_array_elements(CASE jsonb_typeof(items) WHEN 'array' THEN items ELSE '[]' END) WITH ORDINALITY AS x(item, n)
          WHERE jsonb_typeof(x.item) = 'object' ORDER BY x.n LIMIT 10000) i
    ORDER BY coalesce(i.key, i.n::text), i.n
$$;
COMMENT ON FUNCTION leap.sync_items(leap.input_sources, jsonb) IS
'What a worker found in a source, the first of each key, in SQL''s types; fault says why one cannot be taken.';

CREATE OR REPLACE FUNCTION leap.known_part(of_user uuid, prefix text)
RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT r.id FROM leap.recordings r WHERE r.user_id = of_user AND r.source_key COLLATE "C" > prefix AND r.source_key COLLATE "C" < prefix || chr(1114111)
         ORDER BY r.source_key COLLATE "C" LIMIT 1),
        (SELECT f.recording_id FROM leap.purged_sources f WHERE f.user_id = of_user AND f.source_key COLLATE "C" > prefix AND f.source_key COLLATE "C" < prefix || chr(1114111)
         ORDER BY f.source_key COLLATE "C" LIMIT 1))
$$;
COMMENT ON FUNCTION leap.known_part(uuid, text) IS 'A recording of this user, perhaps one that was purged, whose key at its source begins so; null if there is none.';

-- What of it is where: known already, outside the days asked for, not matching.
CREATE OR REPLACE FUNCTION leap.sorted_items(x leap.source_syncs, s leap.input_sources, items jsonb)
RETURNS TABLE (source_key text, display_name text, start_time timestamptz, duration float8, bytes bigint, ready boolean, blank boolean,
               metadata jsonb, source jsonb, fault text, within boolean, known uuid, stale boolean, place bigint, expires timestamptz)
LANGUAGE sql STABLE ROWS 1000 AS $$
    WITH listed AS MATERIALIZED (SELECT l.*, row_number() OVER () AS n FROM leap.sync_items(s, items) l),
    -- other tasks end in the same transaction: patterns get a second of processor time
    tried AS MATERIALIZED (
        SELECT m.hit, m.n FROM unnest((SELECT leap.pattern_matches(s.config->>'file_pattern', array_agg(coalesce(left(l.file, 500), '') ORDER BY l.n), 1)
                                       FROM listed l WHERE s.config ? 'file_pattern')) WITH ORDINALITY AS m(hit, n)),
    item AS (
        SELECT l.source_key, l.display_name, l.start_time, l.appeared, l.duration, l.bytes, l.ready, l.blank, l.metadata, l.source, l.placeholder, l.expires, l.parts,
               coalesce(l.fault, CASE WHEN s.config ? 'file_pattern' AND t.hit IS NULL THEN 'the file_pattern could not be tried: it cannot be used, or takes too long' END) AS fault
        FROM listed l LEFT JOIN tried t ON t.n = l.n WHERE NOT s.config ? 'file_pattern' OR t.hit IS DISTINCT FROM false)
    SELECT i.source_key, i.display_name, coalesce(i.start_time, leap.clock()), i.duration, i.bytes, i.ready, i.blank, m.metadata, i.source, i.fault,
        w.within, w.known,
        -- a person's name stays; what is being made, or was made, keeps what it was made of
        coalesce(r.delete_state = 'active' AND (r.status IN ('INITIALIZED', 'PENDING_SOURCE') OR r.status = 'FAILED' AND r.failed_at_stage = 'download')
            AND (r.input_source_id = s.id OR NOT EXISTS (SELECT FROM leap.input_sources o WHERE o.id = r.input_source_id))
            AND (r.source <> i.source OR r.source_metadata <> m.metadata OR r.input_source_id <> s.id OR i.start_time <> r.start_time
                 OR r.source_key <> i.source_key OR i.expires IS DISTINCT FROM r.source_expires_at
                 OR i.duration IS DISTINCT FROM r.duration AND i.duration IS NOT NULL OR r.status = 'PENDING_SOURCE' AND i.ready), false),
        CASE WHEN w.known IS NULL AND w.within AND i.fault IS NULL
             THEN row_number() OVER (PARTITION BY w.known IS NULL AND w.within AND i.fault IS NULL ORDER BY i.blank, coalesce(i.start_time, leap.clock()), i.source_key) END,
        i.expires
    FROM item i
    CROSS JOIN LATERAL (SELECT i.metadata || jsonb_build_object('display_name', i.display_name) AS metadata) m
    LEFT JOIN leap.recordings k ON k.user_id = s.user_id AND k.source_key = i.source_key
    LEFT JOIN leap.recordings p ON p.user_id = s.user_id AND p.source_key = i.placeholder
    LEFT JOIN leap.recordings r ON r.id = coalesce(k.id, p.id)
    LEFT JOIN leap.purged_sources f ON f.user_id = s.user_id AND f.source_key = i.source_key
    LEFT JOIN LATERAL leap.known_part(s.user_id, i.parts) q(id) ON r.id IS NULL AND i.parts IS NOT NULL
    CROSS JOIN LATERAL (SELECT coalesce(r.id, f.recording_id, q.id) AS known, coalesce(i.appeared, i.start_time, leap.clock()) >= coalesce(x.from_time, '-infinity')
                               AND coalesce(i.appeared, i.start_time, leap.clock()) < coalesce(x.to_time, 'infinity') AS within) w
$$;
COMMENT ON FUNCTION leap.sorted_items(leap.source_syncs, leap.input_sources, jsonb) IS
'The items of a sync that match the pattern of their source, or with a fault if it could not be tried in a second: within the days asked for, the recording they are known as, whether that is to be brought up to date (stale), and the place of a new one in the order in which they are taken: blank ones last, the oldest first.';

-- The caller holds the usage row then: until it ends nobody else adds recordings of this user that are counted.
CREATE OR REPLACE FUNCTION leap.sync_room(of_user uuid, lock boolean)
RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    IF lock THEN
        INSERT INTO leap.quota_usage (user_id, quota, period) VALUES (of_user, 'recordings_per_month', leap.this_month()) ON CONFLICT DO NOTHING;
        PERFORM FROM leap.quota_usage u WHERE u.user_id = of_user AND u.quota = 'recordings_per_month' AND u.period = leap.this_month() FOR UPDATE;
    END IF;
    RETURN (SELECT coalesce(q.remaining, 1e15::bigint) FROM leap.quota_status_of(of_user) q WHERE q.quota = 'recordings_per_month');
END
$$;
COMMENT ON FUNCTION leap.sync_room(uuid, boolean) IS
'How many recordings a user may still add this month; with lock, until this transaction ends.';

CREATE OR REPLACE FUNCTION leap.sync_refusals(refused jsonb[])
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_agg(r ORDER BY n), '[]') FROM unnest(refused) WITH ORDINALITY AS x(r, n) WHERE n <= 100
$$;
COMMENT ON FUNCTION leap.sync_refusals(jsonb[]) IS 'The first hundred of what was not taken.';

-- New ones. What they are made of is not looked at before their download.
CREATE OR REPLACE FUNCTION leap.take_items(x leap.source_syncs, s leap.input_sources, items jsonb, OUT counts jsonb, OUT made uuid[], OUT stale uuid[], OUT news jsonb[])
LANGUAGE plpgsql AS $$
DECLARE
    room bigint := leap.sync_room(s.user_id, true);
BEGIN
    WITH i AS MATERIALIZED (
        SELECT * FROM leap.sorted_items(x, s, items)),
    put AS (
        INSERT INTO leap.recordings (user_id, display_name, source, start_time, duration, status, delete_state, blank_record, flags,
                                     input_source_id, source_key, source_metadata, source_expires_at)
        SELECT s.user_id, i.display_name, i.source, i.start_time, i.duration,
               leap.move('create', CASE WHEN i.blank THEN 'SKIPPED' WHEN i.ready THEN 'INITIALIZED' ELSE 'PENDING_SOURCE' END), leap.move('create', 'active'),
               i.blank, CASE WHEN i.blank THEN leap.add_flag('[]', 'blank', 'The source says that it is shorter or smaller than a recording has to be.') ELSE '[]' END,
               s.id, i.source_key, i.metadata, i.expires
        FROM i WHERE i.place <= room ORDER BY i.source_key
        ON CONFLICT DO NOTHING RETURNING id)
    SELECT jsonb_build_object('found', count(*) FILTER (WHERE i.within), 'known', count(*) FILTER (WHERE i.within AND i.known IS NOT NULL),
               'refused', count(*) FILTER (WHERE i.within AND i.known IS NULL AND (i.fault IS NOT NULL OR i.place > room)),
               'outside', count(*) FILTER (WHERE NOT i.within),
               'refusals', leap.sync_refusals(array_agg(jsonb_build_object('source_key', leap.safe_url(i.source_key), 'display_name', leap.safe_url(i.display_name), 'reason', CASE WHEN i.fault IS NULL THEN 'quota' ELSE 'invalid' END,
                   'message', coalesce(i.fault, 'the monthly number of recordings is used up')) ORDER BY i.place, i.source_key)
                   FILTER (WHERE i.within AND i.known IS NULL AND (i.fault IS NOT NULL OR i.place > room)))),
           ARRAY(SELECT p.id FROM put p ORDER BY p.id),
           coalesce(array_agg(i.known ORDER BY i.known) FILTER (WHERE i.stale AND i.fault IS NULL), '{}'),
           coalesce(array_agg(jsonb_build_object('display_name', i.display_name, 'start_time', i.start_time, 'duration', i.duration, 'ready', i.ready, 'blank', i.blank,
                       'metadata', i.metadata, 'source', i.source, 'source_key', i.source_key, 'expires', i.expires) ORDER BY i.known) FILTER (WHERE i.stale AND i.fault IS NULL), '{}')
    INTO counts, made, stale, news FROM i;
END
$$;
COMMENT ON FUNCTION leap.take_items(leap.source_syncs, leap.input_sources, jsonb) IS
'Adds the new recordings of a sync as far as the quota allows: counts and refusals, the recordings made, those that are to be brought up to date, and with what.';

-- What somebody works on, or a person decided, is passed by; the next sync comes to it.
CREATE OR REPLACE FUNCTION leap.refresh_items(s leap.input_sources, stale uuid[], news jsonb[])
RETURNS uuid[] LANGUAGE plpgsql AS $$
DECLARE
    free uuid[] := ARRAY(SELECT r.id FROM leap.recordings r WHERE r.id = ANY (stale) ORDER BY r.id FOR NO KEY UPDATE SKIP LOCKED);
    done uuid[];
BEGIN
    WITH put AS (
        UPDATE leap.recordings r
        SET display_name = CASE WHEN r.display_name = r.source_metadata->>'display_name' THEN n.item->>'display_name' ELSE r.display_name END,
            source = n.item->'source', start_time = (n.item->>'start_time')::timestamptz, duration = coalesce((n.item->>'duration')::float8, r.duration),
            source_metadata = n.item->'metadata', input_source_id = s.id, updated_at = now(), source_key = n.item->>'source_key',
            source_expires_at = (n.item->>'expires')::timestamptz,
            blank_record = r.blank_record OR r.status = 'PENDING_SOURCE' AND (n.item->>'blank')::boolean,
            -- what is skipped with a reason of this kind is taken back in when a template fits
            unmatched_reason = CASE WHEN r.status = 'PENDING_SOURCE' AND (n.item->>'blank')::boolean THEN NULL ELSE r.unmatched_reason END,
            status = CASE WHEN r.status <> 'PENDING_SOURCE' OR NOT (n.item->>'ready')::boolean THEN r.status
                          WHEN (n.item->>'blank')::boolean THEN leap.move('skip', 'SKIPPED') ELSE leap.move('step', 'INITIALIZED') END
        FROM unnest(stale, news) AS n(id, item)
        WHERE r.id = n.id AND r.id = ANY (free) AND r.delete_state = 'active'
          AND (r.status IN ('INITIALIZED', 'PENDING_SOURCE') OR r.status = 'FAILED' AND r.failed_at_stage = 'download')
        RETURNING r.id)
    SELECT coalesce(array_agg(p.id), '{}') INTO done FROM put p;
    RETURN done;
END
$$;
COMMENT ON FUNCTION leap.refresh_items(leap.input_sources, uuid[], jsonb[]) IS
'Brings known recordings, whose download has not begun, up to date: name (unless a person gave it another), time, length, address, and whether the source is ready. Returns those it changed.';

-- What would come, in the order in which it would be taken.
CREATE OR REPLACE FUNCTION leap.dry_items(x leap.source_syncs, s leap.input_sources, items jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    -- what earlier parts would have brought
    room bigint := leap.sync_room(s.user_id, false) - (x.found - x.known - x.refused);
BEGIN
    RETURN (SELECT jsonb_build_object('found', count(*) FILTER (WHERE i.within), 'known', count(*) FILTER (WHERE i.within AND i.known IS NOT NULL),
                'refused', count(*) FILTER (WHERE i.within AND i.known IS NULL AND (i.fault IS NOT NULL OR i.place > room)),
                'outside', count(*) FILTER (WHERE NOT i.within),
                'items', coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('source_key', leap.safe_url(i.source_key), 'display_name', leap.safe_url(i.display_name), 'start_time', i.start_time,
                    'duration', i.duration, 'bytes', i.bytes::text, 'known', i.known IS NOT NULL, 'recording', i.known, 'ready', i.ready, 'blank', i.blank,
                    'refused', CASE WHEN i.known IS NOT NULL THEN NULL WHEN i.fault IS NOT NULL THEN i.fault WHEN i.place > room THEN 'quota' END))
                    ORDER BY i.place, i.start_time, i.source_key) FILTER (WHERE i.within), '[]'))
            FROM leap.sorted_items(x, s, items) i);
END
$$;
COMMENT ON FUNCTION leap.dry_items(leap.source_syncs, leap.input_sources, jsonb) IS
'What a sync would do: counts, and items {source_key, display_name, start_time, duration, bytes, known, recording, ready, blank, refused: why it would not be taken}. Writes nothing.';

-- What the worker noticed by the way, as far as it is what it should be.
CREATE OR REPLACE FUNCTION leap.sync_remarks(facts jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('seen', coalesce(leap.sync_number(facts, 'seen', 0, 1e9), 0), 'waiting', coalesce(leap.sync_number(facts, 'waiting', 0, 1e9), 0),
        'truncated', facts->'truncated' IS NOT DISTINCT FROM 'true',
        'problems', coalesce((SELECT jsonb_agg(left(leap.safe_url(p#>>'{}'), 300)) FROM (SELECT p FROM jsonb_array_elements(
            CASE jsonb_typeof(facts->'problems') WHEN 'array' THEN facts->'problems' ELSE '[]' END) AS x(p) LIMIT 100) y), '[]'))
$$;
COMMENT ON FUNCTION leap.sync_remarks(jsonb) IS
'Of a worker''s report: how much it saw, how many files were still being written (waiting), whether there was more than it could tell (truncated), and what it could not read (problems).';

-- Syncs are kept for a week, and the last hundred of each source.
CREATE OR REPLACE FUNCTION leap.close_sync(x leap.source_syncs, new_state text, counts jsonb, report jsonb, error jsonb)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE leap.source_syncs y
    SET state = new_state, found = coalesce((counts->>'found')::int, y.found), created = coalesce((counts->>'created')::int, y.created),
        known = coalesce((counts->>'known')::int, y.known), updated = coalesce((counts->>'updated')::int, y.updated), refused = coalesce((counts->>'refused')::int, y.refused),
        report = coalesce(close_sync.report, y.report), error = close_sync.error, after = NULL, finished_at = clock_timestamp()
    WHERE y.id = x.id;
    DELETE FROM leap.source_syncs y
    WHERE y.source_id = x.source_id AND y.state <> 'waiting' AND y.finished_at < clock_timestamp() - interval '7 days'
      AND y.id < (SELECT z.id FROM leap.source_syncs z WHERE z.source_id = x.source_id ORDER BY z.id DESC OFFSET 99 LIMIT 1);
    DELETE FROM leap.source_syncs y
    WHERE x.source_id IS NULL AND y.user_id = x.user_id AND y.source_id IS NULL AND y.state <> 'waiting' AND y.finished_at < clock_timestamp() - interval '7 days';
    IF x.automation_run_id IS NOT NULL THEN
        PERFORM leap.advance_automation(x.automation_run_id);
    END IF;
END
$$;
COMMENT ON FUNCTION leap.close_sync(leap.source_syncs, text, jsonb, jsonb, jsonb) IS
'Writes what became of a sync whose row the caller holds, without counts or report what its parts brought so far, lets its automation run go on, and forgets old syncs of the source.';

CREATE OR REPLACE FUNCTION leap.store_sync(subject uuid, facts jsonb)
RETURNS void LANGUAGE plpgsql
-- leap.complete() plans for single rows
SET plan_cache_mode = auto SET enable_hashjoin = on SET enable_mergejoin = on SET enable_seqscan = on AS $$
DECLARE
    x leap.source_syncs;
    s leap.input_sources;
    taken record;
    updated uuid[];
    counts jsonb;
    report jsonb := leap.sync_remarks(facts);
BEGIN
    SELECT y.* INTO x FROM leap.source_syncs y WHERE y.id = subject FOR UPDATE;
    IF x.id IS NULL OR x.state <> 'waiting' THEN
        RETURN;
    END IF;
    s := leap.asked_source(x);
    IF s.user_id IS NULL THEN
        PERFORM leap.close_sync(x, 'cancelled', NULL, NULL, jsonb_build_object('class', 'permanent', 'code', 'source_deleted', 'message', 'the source was deleted'));
        RETURN;
    END IF;
    IF x.wish ? 'look' THEN
        PERFORM leap.close_sync(x, 'succeeded', NULL, jsonb_build_object('formats', leap.site_formats(facts->'formats')), NULL);
        RETURN;
    ELSIF x.dry_run THEN
        counts := leap.dry_items(x, s, facts->'items');
        report := report || jsonb_build_object('outside', counts->'outside', 'items', counts->'items');
    ELSE
        taken := leap.take_items(x, s, facts->'items');
        updated := leap.refresh_items(s, taken.stale, taken.news);
        PERFORM leap.match_synced(taken.made || updated);
        counts := taken.counts || jsonb_build_object('created', cardinality(taken.made), 'updated', cardinality(updated));
        report := report || jsonb_build_object('outside', counts->'outside', 'refusals', counts->'refusals', 'recordings', to_jsonb(taken.made),
                                               'updated', to_jsonb(updated));
    END IF;
    -- the items are in the recordings now
    UPDATE leap.tasks t SET result = jsonb_build_object('facts', (counts - '{refusals,items}'::text[]) || (report - '{items,refusals,recordings,updated}'::text[]))
    WHERE t.id = x.task_id;
    counts := leap.sync_counts(x, counts);
    report := leap.sync_report(x.report, report);
    IF leap.go_on_sync(x, facts, counts, report) THEN
        RETURN;
    END IF;
    PERFORM leap.close_sync(x, 'succeeded', counts, report, NULL);
    UPDATE leap.input_sources y SET last_sync_at = CASE WHEN x.dry_run THEN y.last_sync_at ELSE leap.clock() END, last_error = NULL
    WHERE y.id = s.id AND NOT (x.dry_run AND y.last_error IS NULL);
END
$$;
COMMENT ON FUNCTION leap.store_sync(uuid, jsonb) IS
'Takes what a worker found, {items, seen, waiting, truncated, next, problems}: adds what is new and fits, brings known recordings up to date, matches templates, and ends the sync, or has its next part listed. A dry run only writes down what would come.';

-- Templates of what came. What no template fits stays, with the reason.
CREATE OR REPLACE FUNCTION leap.match_synced(ids uuid[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- a blank one is skipped for another reason than that no template fits
    ids := ARRAY(SELECT r.id FROM leap.recordings r WHERE r.id = ANY (ids) AND NOT r.blank_record ORDER BY r.id);
    IF cardinality(ids) > 0 THEN
        PERFORM leap.apply_matches(ids, seconds => 1);
    END IF;
END
$$;
COMMENT ON FUNCTION leap.match_synced(uuid[]) IS 'Gives recordings that a sync made or changed their templates; those without one keep a reason. Patterns get one second of processor time, for other tasks wait: what is left over is matched by automation or leap.rematch_template().';

CREATE OR REPLACE FUNCTION leap.sync_ended(subject uuid, state text, error jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    x leap.source_syncs;
    s leap.input_sources;
    what jsonb := jsonb_build_object('class', coalesce(error->>'class', 'permanent'), 'code', coalesce(error->>'code', sync_ended.state),
                                     'message', coalesce(error->>'message', 'the sync was ' || sync_ended.state)) || jsonb_strip_nulls(jsonb_build_object('hint', error->'hint'));
BEGIN
    SELECT y.* INTO x FROM leap.source_syncs y WHERE y.id = subject FOR UPDATE;
    IF x.id IS NULL OR x.state <> 'waiting' THEN
        RETURN;
    END IF;
    PERFORM leap.close_sync(x, CASE sync_ended.state WHEN 'cancelled' THEN 'cancelled' ELSE 'failed' END, NULL, NULL, what);
    IF sync_ended.state = 'cancelled' OR x.dry_run THEN
        RETURN;
    END IF;
    SELECT y.* INTO s FROM leap.input_sources y WHERE y.id = x.source_id FOR NO KEY UPDATE;
    UPDATE leap.input_sources y SET last_error = what || jsonb_build_object('at', leap.clock()) WHERE y.id = s.id;
    -- once, until it works again or something else breaks
    IF s.id IS NOT NULL AND s.last_error->>'code' IS DISTINCT FROM what->>'code' THEN
        PERFORM leap.raise_event(s.user_id, 'source_failed', jsonb_build_object('source', s.id),
                                 what || jsonb_build_object('name', s.name), s.id::text || ' ' || (what->>'code'));
    END IF;
END
$$;
COMMENT ON FUNCTION leap.sync_ended(uuid, text, jsonb) IS
'Ends a sync whose task failed for good or was cancelled. Its source tells the error until it works again; the owner is told once. A dry run leaves the source alone: its own row tells.';
