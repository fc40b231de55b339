-- Lists of recordings as a page on a screen turns them: on and back from a row instead of by number, rows anew by their
-- ids when something happened to them, what there is to choose from, and what may be done with a row, or why not.
--
-- A place is a row (leap.make_cursor), so that a page stays what it is while rows come and go, and the thousandth costs
-- what the first does. Counting is asked for, never a by-product. Takes no locks.

-- Going back is going on in the opposite order.
CREATE OR REPLACE FUNCTION leap.turn_cursor(cursor text, sort text)
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    type text := (SELECT s.type FROM leap.recording_sorts() s WHERE s.sort = ltrim(turn_cursor.sort, '-'));
    place record;
BEGIN
    place := leap.read_cursor(cursor, sort, type);
    RETURN leap.make_cursor(leap.opposite_sort(sort), place.key, place.id);
END
$$;
COMMENT ON FUNCTION leap.turn_cursor(text, text) IS
'A place of leap.recording_page() in this sort order as one of the opposite order. Error LP030 for anything else.';

CREATE OR REPLACE FUNCTION leap.opposite_sort(sort text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT CASE WHEN sort LIKE '-%' THEN substr(sort, 2) ELSE '-' || sort END $$;
COMMENT ON FUNCTION leap.opposite_sort(text) IS 'A sort order of lists turned round.';

-- A list that says nothing of blank ones leaves them out, as everywhere; of rows that are named it says nothing.
CREATE OR REPLACE FUNCTION leap.read_browse_filters(said jsonb)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    filters jsonb := leap.read_list_filters(CASE WHEN said ?| '{include_blank,exclude_blank,blank,ids}' THEN said ELSE said || '{"include_blank": false}' END);
BEGIN
    IF filters ? 'ids' AND NOT filters ? 'deleted' THEN
        filters := filters || '{"deleted": "any"}';
    END IF;
    IF leap.current_user_id() IS NOT NULL THEN
        filters := jsonb_build_object('user', leap.current_user_id()) || filters;
    END IF;
    RETURN filters;
END
$$;
COMMENT ON FUNCTION leap.read_browse_filters(jsonb) IS
'Filters as people write them (leap.read_list_filters()) for the recordings of whoever asks; with ids blank and deleted ones are in it unless said otherwise. Error LP030.';

-- The filters of a list that a page turns, as an object: only what was said.
CREATE OR REPLACE FUNCTION leap.browse_filters(search text, status text[], template_id uuid[], source_id uuid[], target_status text[], failed boolean, held boolean,
    active boolean, is_mapped boolean, include_blank boolean, blank boolean, include_deleted boolean, deleted boolean, from_date text, to_date text, ids uuid[])
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('search', nullif(btrim(search), ''), 'status', status, 'template_id', template_id, 'source_id', source_id,
        'target_status', target_status, 'failed', failed, 'held', held, 'active', active, 'is_mapped', is_mapped, 'include_blank', include_blank, 'blank', blank,
        'include_deleted', include_deleted, 'deleted', deleted, 'from_date', from_date, 'to_date', to_date, 'ids', ids))
$$;
COMMENT ON FUNCTION leap.browse_filters IS 'What a request says of leap.read_browse_filters(), as one object; null says nothing.';

CREATE OR REPLACE FUNCTION leap.browse_recordings(said jsonb, after text, before text, most int, sort_by text, sort_order text, total boolean)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    filters jsonb := leap.read_browse_filters(said);
    sort text := CASE lower(sort_order) WHEN 'desc' THEN '-' ELSE '' END || sort_by;
    ids uuid[];
    places text[];
    found int;
    counted jsonb := '{}';
BEGIN
    IF coalesce(most NOT BETWEEN 1 AND 500, true) THEN
        PERFORM leap.refuse('LP030', format('a page cannot have %s rows', coalesce(most::text, 'null')), 'It has 1 to 500.');
    ELSIF coalesce(lower(sort_order) NOT IN ('asc', 'desc'), true) THEN
        PERFORM leap.refuse('LP030', format('there is no sort order "%s"', sort_order), 'It is asc or desc.');
    ELSIF num_nonnulls(after, before) > 1 THEN
        PERFORM leap.refuse('LP030', 'a page is after a row or before one', 'Give one of the two.');
    ELSIF before IS NOT NULL THEN
        SELECT array_agg(p.id ORDER BY p.n DESC), array_agg(leap.turn_cursor(p."cursor", leap.opposite_sort(sort)) ORDER BY p.n DESC), count(*) INTO ids, places, found
        FROM leap.recording_page(filters, leap.turn_cursor(before, sort), most + 1, leap.opposite_sort(sort)) WITH ORDINALITY AS p(id, "cursor", n);
        IF found > most THEN
            ids := ids[2:];
            places := places[2:];
        ELSE
            before := NULL;     -- the beginning: a whole page of it
        END IF;
    END IF;
    IF before IS NULL THEN
        SELECT array_agg(p.id ORDER BY p.n), array_agg(p."cursor" ORDER BY p.n), count(*) INTO ids, places, found
        FROM leap.recording_page(filters, after, most + 1, sort) WITH ORDINALITY AS p(id, "cursor", n);
        ids := ids[:most];
    END IF;
    IF total THEN
        counted := (SELECT jsonb_build_object('total', c.recordings, 'more', c.more) FROM leap.count_recordings(filters) c);
    END IF;
    RETURN jsonb_build_object('items', coalesce((SELECT jsonb_agg(i.item) FROM leap.recording_items(ids) i), '[]'),
        'next', CASE WHEN before IS NOT NULL OR found > most THEN places[least(most, cardinality(ids))] END,
        'previous', CASE WHEN before IS NOT NULL OR after IS NOT NULL THEN places[1] END)
        || counted;
END
$$;
COMMENT ON FUNCTION leap.browse_recordings(jsonb, text, text, int, text, text, boolean) IS
'A page of 1 to 500 recordings of the user this request speaks for, behind the place after, or in front of the place before: {items, next, previous, total, more}. items: leap.recording_items(); next and previous: where to go on, as after and before, null where the list ends (a page that goes back beyond the beginning is the first one, whole). total, at most 10000 (more: there are more), is counted only if it is asked for. said: leap.read_browse_filters(); sort_by: leap.recording_sorts(). Error LP030.';

-- Each choice is counted among what all other filters leave.
CREATE OR REPLACE FUNCTION leap.count_choices(filters jsonb, expression text)
RETURNS TABLE (choice text, n bigint) LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT x.choice, count(*) FROM (SELECT (%s)::text AS choice FROM leap.recordings r WHERE %s ORDER BY r.id DESC LIMIT 10000) x
        WHERE x.choice IS NOT NULL GROUP BY 1', expression, leap.recording_conditions(filters));
END
$$;
COMMENT ON FUNCTION leap.count_choices(jsonb, text) IS
'For functions of leap_owner: how many of the newest 10000 recordings r that match the filters have each value of an expression.';

CREATE OR REPLACE FUNCTION leap.recording_choices(said jsonb)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    filters jsonb := leap.read_browse_filters(said);
    me uuid := leap.current_user_id();
BEGIN
    RETURN jsonb_build_object(
        'statuses', (SELECT coalesce(jsonb_object_agg(c.choice, c.n), '{}') FROM leap.count_choices(filters - 'status', 'r.status') c),
        'templates', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', t.id, 'name', t.name, 'count', coalesce(c.n, 0)) ORDER BY c.n DESC NULLS LAST, lower(t.name)), '[]')
                      FROM leap.recording_templates t LEFT JOIN leap.count_choices(filters - '{template,mapped}'::text[], 'r.template_id') c ON c.choice = t.id::text
                      WHERE t.user_id = me AND (c.n > 0 OR NOT t.is_draft)),
        'sources', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'name', s.name, 'type', s.source_type, 'count', coalesce(c.n, 0)) ORDER BY c.n DESC NULLS LAST, lower(s.name)), '[]')
                    FROM leap.input_sources s LEFT JOIN leap.count_choices(filters - 'source', 'r.input_source_id') c ON c.choice = s.id::text
                    WHERE s.user_id = me),
        'failed', (SELECT (leap.count_recordings(filters || '{"failed": true, "held": false, "active": false}')).recordings),
        'held', (SELECT (leap.count_recordings(filters || '{"held": true}')).recordings),
        'active', (SELECT (leap.count_recordings(filters || '{"active": true}')).recordings));
END
$$;
COMMENT ON FUNCTION leap.recording_choices(jsonb) IS
'What a list with these filters (leap.read_browse_filters()) can be narrowed to: {statuses {status: count}, templates [{id, name, count}], sources [{id, name, type, count}], failed (given up: neither held nor in a run), held, active}. Each is counted without its own filter, the first three among the newest 10000. Error LP030.';

CREATE OR REPLACE FUNCTION leap.recording_operations(recording uuid)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    r leap.recordings;
BEGIN
    SELECT x.* INTO r FROM leap.recordings x WHERE x.id = recording AND leap.may_see(x.user_id);
    IF r.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', recording), 'The list of recordings shows the ids.');
    END IF;
    RETURN (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('operation', o.name, 'allowed', j.allowed, 'reason', j.reason, 'code', j.sqlstate, 'verdict', j.verdict,
                       'hint', CASE WHEN NOT j.allowed THEN leap.refusal_hint(j.sqlstate, o.name, r.status) END)) ORDER BY o.n)
            FROM unnest(leap.operation_names()) WITH ORDINALITY AS o(name, n)
            CROSS JOIN LATERAL leap.judged(ARRAY[r.id], o.name, of_user => r.user_id) j);
END
$$;
COMMENT ON FUNCTION leap.recording_operations(uuid) IS
'What may be done with a recording now, and of everything else why not: [{operation, allowed, reason, code, verdict, hint}], all of leap.operation_names(), as the judge says. Error LP020.';
