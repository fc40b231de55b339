-- Syncs in parts: a source with more than a worker can tell at once is listed to its end, one task after the other.
--
-- A worker that has no more room says where it stopped (fact next), in the words of the type of source; the sync stays
-- waiting and gets another task, which begins there. Counts and reports of the parts add up. Each part is a transaction of
-- its own: a sync that fails in the middle keeps what it brought, and the next one begins anew.
-- Lock order: as in 77_sync_results.sql; the new task is nobody else's yet.

CREATE OR REPLACE FUNCTION leap.sync_counts(x leap.source_syncs, counts jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('found', x.found + coalesce((counts->>'found')::int, 0), 'created', x.created + coalesce((counts->>'created')::int, 0),
        'known', x.known + coalesce((counts->>'known')::int, 0), 'updated', x.updated + coalesce((counts->>'updated')::int, 0),
        'refused', x.refused + coalesce((counts->>'refused')::int, 0))
$$;
COMMENT ON FUNCTION leap.sync_counts(leap.source_syncs, jsonb) IS 'The counts {found, created, known, updated, refused} of a sync so far, with those of the part that ended now.';

CREATE OR REPLACE FUNCTION leap.joined_lists(one jsonb, other jsonb, most int)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN coalesce(jsonb_typeof(one), 'null') <> 'array' THEN other WHEN coalesce(jsonb_typeof(other), 'null') <> 'array' THEN one
                WHEN jsonb_array_length(one) + jsonb_array_length(other) <= most THEN one || other
                ELSE (SELECT jsonb_agg(e ORDER BY n) FROM jsonb_array_elements(one || other) WITH ORDINALITY AS l(e, n) WHERE n <= most) END
$$;
COMMENT ON FUNCTION leap.joined_lists(jsonb, jsonb, int) IS 'Two JSON arrays one after the other, the first `most` elements; one that is none is left out.';

CREATE OR REPLACE FUNCTION leap.sync_report(before jsonb, now jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN before IS NULL THEN now ELSE before || now
        || jsonb_build_object('seen', (before->>'seen')::numeric + (now->>'seen')::numeric, 'waiting', (before->>'waiting')::numeric + (now->>'waiting')::numeric)
        || jsonb_strip_nulls(jsonb_build_object('outside', coalesce((before->>'outside')::int, 0) + (now->>'outside')::int))
        || coalesce((SELECT jsonb_object_agg(l.key, leap.joined_lists(before->l.key, now->l.key, l.most))
                     FROM (VALUES ('problems', 100), ('refusals', 100), ('items', 10000), ('recordings', 100000), ('updated', 100000)) AS l(key, most)
                     WHERE before ? l.key OR now ? l.key), '{}') END
$$;
COMMENT ON FUNCTION leap.sync_report(jsonb, jsonb) IS
'The report of a sync with that of its next part: seen, waiting and outside add up, lists are joined (problems and refusals to a hundred, items of a dry run to ten thousand), truncated is the last one''s.';

-- Who says where it stopped, and stops in the same place again, has come to an end of another kind.
CREATE OR REPLACE FUNCTION leap.go_on_sync(x leap.source_syncs, facts jsonb, counts jsonb, report jsonb)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    next jsonb := facts->'next';
BEGIN
    IF facts->'truncated' IS DISTINCT FROM 'true' OR jsonb_typeof(next) IS DISTINCT FROM 'object' OR next = x.after
       OR octet_length(next::text) > 400000 OR x.part >= 10000 THEN
        RETURN false;
    END IF;
    UPDATE leap.source_syncs y
    SET part = y.part + 1, after = next, found = (counts->>'found')::int, created = (counts->>'created')::int, known = (counts->>'known')::int,
        updated = (counts->>'updated')::int, refused = (counts->>'refused')::int, report = go_on_sync.report,
        task_id = leap.add_errand('sync', y.user_id, y.id)
    WHERE y.id = x.id;
    RETURN true;
END
$$;
COMMENT ON FUNCTION leap.go_on_sync(leap.source_syncs, jsonb, jsonb, jsonb) IS
'Has the next part of a sync listed, whose row the caller holds, if the worker says where it begins; counts and report are those so far. Returns whether there is one: at most 10,000, each from another place.';
