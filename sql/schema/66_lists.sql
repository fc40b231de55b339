-- Lists of recordings: filters, search, sort orders, and pages that go on after the last row instead of counting from
-- the first.
--
-- leap.recording_page() picks the rows: it runs as leap_owner and walls the tenant off by itself, because under row-level
-- security LIKE could not use an index (it is not leakproof). leap.list_recordings() then reads what is shown as the
-- caller, so the wall stands a second time. Every value is written into the statement as a literal, which gives each
-- combination of filters a plan of its own. Takes no locks.

-- What a filter is: the type of its value and the condition on leap.recordings r; %L stands for the value. OFFSET 0 keeps
-- the planner from reading all targets of all users. A boolean without %L is denied as a whole: compared with a value, a
-- subselect would be asked for each recording.
CREATE OR REPLACE FUNCTION leap.recording_filters()
RETURNS TABLE (filter text, type text, condition text, comment text) LANGUAGE sql IMMUTABLE AS $$
    VALUES ('user',          'user',      'r.user_id = %L::uuid',                        'e-mail address or id of the owner'),
           ('status',        'recording', 'r.status = ANY (%L::text[])',                 'one of these statuses'),
           ('failed',        'boolean',   'r.failed = %L::boolean',                      'the last try failed'),
           ('held',          'boolean',   '(r.hold IS NOT NULL) = %L::boolean',          'waits for a person'),
           ('active',        'boolean',   'EXISTS (SELECT FROM leap.runs u WHERE u.recording_id = r.id AND u.state = ''active'')', 'a run of it is active'),
           ('ids',           'ids',       'r.id = ANY (%L::uuid[])',                     'one of these'),
           ('blank',         'boolean',   'r.blank_record = %L::boolean',                'without speech'),
           ('mapped',        'boolean',   '(r.template_id IS NOT NULL) = %L::boolean',   'has a template'),
           ('template',      'ids',       'r.template_id = ANY (%L::uuid[])',            'has one of these templates'),
           ('source',        'ids',       'r.input_source_id = ANY (%L::uuid[])',        'came from one of these sources'),
           ('search',        'words',     '',                                            'the name contains all these words'),
           ('from',          'time',      'r.start_time >= %L::timestamptz',             'begun at this time or later'),
           ('to',            'time',      'r.start_time < %L::timestamptz',              'begun before this time'),
           ('deleted',       'boolean',   '(r.delete_state <> ''active'') = %L::boolean', 'the deleted ones; any: those too; otherwise they are left out'),
           ('target_status', 'target',    'EXISTS (SELECT FROM leap.output_targets o WHERE o.recording_id = r.id AND o.status = ANY (%L::text[]) OFFSET 0)',
                                                                                         'a target has one of these statuses')
$$;
COMMENT ON FUNCTION leap.recording_filters() IS
'The filters of lists of recordings: name, type (user, boolean, ids, time, words, or the entity whose statuses it takes as an array) and meaning.';

-- Compatibility forms, case and the two dots of the letter yo do not matter. The same expression is indexed
-- (recordings_by_name). Signs with a meaning to LIKE stand for themselves.
CREATE OR REPLACE FUNCTION leap.search_condition(words text)
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    folded text := btrim(regexp_replace(translate(lower(normalize(words, NFKC)), 'ё', 'е'), '\s+', ' ', 'g'));
BEGIN
    IF length(folded) > 200 OR cardinality(string_to_array(folded, ' ')) > 10 THEN
        PERFORM leap.refuse('LP030', format('the search "%s…" is too long', left(words, 30)), 'It has at most 10 words and 200 characters.');
    END IF;
    RETURN (SELECT string_agg(format('translate(lower(normalize(r.display_name, NFKC)), ''ё'', ''е'') LIKE %L',
                                     '%' || regexp_replace(w, '([\\%_])', '\\\1', 'g') || '%'), ' AND ')
            FROM unnest(string_to_array(folded, ' ')) w WHERE w <> '');
END
$$;
COMMENT ON FUNCTION leap.search_condition(text) IS
'The condition that the name of a recording r contains all these words, in any case; null without any. Error LP030 for more than 10 words or 200 characters.';

-- One filter as a condition; a value of the wrong kind is refused with the rule it breaks.
CREATE OR REPLACE FUNCTION leap.filter_condition(filter text, value jsonb)
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    rule record;
    plain text := CASE WHEN jsonb_typeof(value) NOT IN ('object', 'array') THEN value #>> '{}' END;
    listed text[] := ARRAY(SELECT x #>> '{}' FROM jsonb_array_elements(CASE jsonb_typeof(value) WHEN 'array' THEN value ELSE jsonb_build_array(value) END) x);
    bad text;
BEGIN
    SELECT * INTO rule FROM leap.recording_filters() f WHERE f.filter = filter_condition.filter;
    IF rule.filter IS NULL THEN
        PERFORM leap.refuse('LP030', format('there is no filter "%s"', filter),
            format('Filters are %s.', (SELECT string_agg(f.filter, ', ') FROM leap.recording_filters() f)));
    ELSIF rule.type IN ('recording', 'target') THEN
        SELECT s INTO bad FROM unnest(listed) s WHERE NOT coalesce(leap.fsm_known(rule.type, s), false) LIMIT 1;
        IF FOUND THEN
            PERFORM leap.refuse('LP030', format('there is no status "%s"', coalesce(bad, 'null')), format('Statuses are %s.',
                (SELECT string_agg(DISTINCT f.to_status, ', ') FROM leap.fsm() f WHERE f.entity = rule.type)));
        END IF;
        -- of one status an index has the rows in their order
        IF rule.type = 'recording' AND cardinality(listed) = 1 THEN
            RETURN format('r.status = %L', listed[1]);
        END IF;
        RETURN format(rule.condition, listed);
    ELSIF rule.type = 'ids' THEN
        SELECT s INTO bad FROM unnest(listed) s WHERE coalesce(s !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$', true) LIMIT 1;
        IF FOUND THEN
            PERFORM leap.refuse('LP030', format('filter %s: "%s" is no id', filter, coalesce(bad, 'null')), 'Write the whole id, or an array of them.');
        END IF;
        RETURN format(rule.condition, listed);
    ELSIF rule.type = 'boolean' AND coalesce(lower(plain) NOT IN ('true', 'false'), true) THEN
        PERFORM leap.refuse('LP030', format('filter %s: %s is neither true nor false', filter, value), 'Write true or false.');
    ELSIF rule.type = 'boolean' AND rule.condition NOT LIKE '%\%L%' THEN
        RETURN CASE lower(plain) WHEN 'true' THEN rule.condition ELSE 'NOT ' || rule.condition END;
    ELSIF plain IS NULL THEN
        PERFORM leap.refuse('LP030', format('filter %s: %s is no text', filter, value), 'Write a single value.');
    ELSIF rule.type = 'words' THEN
        RETURN leap.search_condition(plain);
    ELSIF rule.type = 'user' THEN
        -- found once: the planner knows how many rows are his, and no row is asked whose it is
        plain := (leap.find_user(plain)).id;
    ELSIF rule.type = 'time' THEN
        plain := plain::timestamptz::text;
    END IF;
    RETURN format(rule.condition, plain);
EXCEPTION WHEN invalid_datetime_format OR datetime_field_overflow OR invalid_parameter_value THEN
    PERFORM leap.refuse('LP030', format('filter %s: "%s" is no time', filter, plain), 'Write it like 2026-09-01 or 2026-09-01T08:30:00+03.');
END
$$;
COMMENT ON FUNCTION leap.filter_condition(text, jsonb) IS
'The condition on leap.recordings r that a filter with this value stands for; null for none. Error LP030 for an unknown filter or an unfitting value.';

-- A tenant's rows are his own whatever he asks for; that others exist he does not learn.
CREATE OR REPLACE FUNCTION leap.recording_conditions(filters jsonb)
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    me uuid := leap.current_user_id();
    asked text := lower(filters->>'user');
    wall text;
BEGIN
    IF jsonb_typeof(filters) <> 'object' THEN
        PERFORM leap.refuse('LP030', 'filters are no object', 'Write them like {"status": ["FAILED"], "search": "algebra"}.');
    ELSIF NOT leap.calls_as_operator() THEN
        IF asked <> me::text AND NOT EXISTS (SELECT FROM leap.users u WHERE u.id = me AND lower(u.email) = asked) THEN
            PERFORM leap.refuse('LP020', format('there is no user %s', filters->>'user'));
        END IF;
        wall := coalesce(format('r.user_id = %L::uuid', me), 'false');
        filters := filters - 'user';
    END IF;
    RETURN (SELECT string_agg(c, ' AND ') FROM (
        SELECT wall UNION ALL
        SELECT CASE lower(filters->>'deleted') WHEN 'true' THEN 'r.delete_state <> ''active''' WHEN 'any' THEN 'true' ELSE 'r.delete_state = ''active''' END
        UNION ALL
        SELECT leap.filter_condition(f.key, f.value) FROM jsonb_each(filters) f
        WHERE f.value <> 'null' AND NOT (f.key = 'deleted' AND lower(f.value #>> '{}') = 'any')) AS x (c));
END
$$;
COMMENT ON FUNCTION leap.recording_conditions(jsonb) IS
'All conditions on leap.recordings r that filters and the wall between tenants make. For functions of leap_owner. Errors LP020 (another user), LP030.';

-- How lists can be sorted. Ids are ordered by time, so that they serve as the moment of creation.
CREATE OR REPLACE FUNCTION leap.recording_sorts()
RETURNS TABLE (sort text, expression text, type text) LANGUAGE sql IMMUTABLE AS $$
    VALUES ('created_at', 'r.id', 'uuid'), ('start_time', 'r.start_time', 'timestamptz'), ('updated_at', 'r.updated_at', 'timestamptz'),
           ('display_name', 'r.display_name', 'text'), ('status', 'r.status', 'text')
$$;
COMMENT ON FUNCTION leap.recording_sorts() IS 'The sort orders of lists of recordings: name, expression on leap.recordings r, type.';

CREATE OR REPLACE FUNCTION leap.make_cursor(sort text, key text, id uuid)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT translate(encode(convert_to(jsonb_build_array(sort, key, id)::text, 'UTF8'), 'base64'), E'+/=\n', '-_')
$$;
COMMENT ON FUNCTION leap.make_cursor(text, text, uuid) IS 'A place in a list, as a text that fits into a URL.';

CREATE OR REPLACE FUNCTION leap.read_cursor(cursor text, sort text, type text, OUT key text, OUT id uuid)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    place jsonb;
BEGIN
    place := convert_from(decode(rpad(translate(cursor, '-_', '+/'), (length(cursor) + 3) / 4 * 4, '='), 'base64'), 'UTF8')::jsonb;
    key := place ->> 1;
    id := (place ->> 2)::uuid;
    IF place ->> 0 IS DISTINCT FROM sort OR key IS NULL OR id IS NULL THEN
        RAISE invalid_parameter_value;
    END IF;
    EXECUTE format('SELECT %L::%s::text', key, type) INTO key;
EXCEPTION WHEN data_exception OR untranslatable_character THEN
    PERFORM leap.refuse('LP030', format('"%s" is no place in this list', left(cursor, 40)),
                        'Pass the cursor of the last row that you have, with the sort order it came with.');
END
$$;
COMMENT ON FUNCTION leap.read_cursor(text, text, text) IS
'Sort key, of this type, and id of a place made by leap.make_cursor() for this sort order. Error LP030 for anything else.';

-- key and id have to lie in one index order: both descend or both ascend.
DROP FUNCTION IF EXISTS leap.recording_page(jsonb, text, int, text);
CREATE OR REPLACE FUNCTION leap.recording_page(filters jsonb, after text, most int, sort text, skip int = 0)
RETURNS TABLE (id uuid, "cursor" text) LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50 SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    direction text := CASE WHEN sort LIKE '-%' THEN 'DESC' ELSE 'ASC' END;
    s record;
    place record;
    beyond text := 'true';
BEGIN
    most := coalesce(most, 50);
    SELECT * INTO s FROM leap.recording_sorts() x WHERE x.sort = ltrim(recording_page.sort, '-');
    IF s.sort IS NULL THEN
        PERFORM leap.refuse('LP030', format('there is no sort order "%s"', left(ltrim(coalesce(sort, ''), '-'), 50)), format('Sort by %s; a minus in front turns it round.',
            (SELECT string_agg(x.sort, ', ') FROM leap.recording_sorts() x)));
    ELSIF most NOT BETWEEN 1 AND 10000 THEN
        PERFORM leap.refuse('LP030', format('a page cannot have %s rows', most), 'It has 1 to 10000.');
    ELSIF after IS NOT NULL THEN
        place := leap.read_cursor(after, sort, s.type);
        beyond := format('(%s, r.id) %s (%L::%s, %L::uuid)', s.expression, CASE direction WHEN 'DESC' THEN '<' ELSE '>' END, place.key, s.type, place.id);
    END IF;
    RETURN QUERY EXECUTE format('SELECT r.id, leap.make_cursor(%L, to_jsonb(%2$s) #>> ''{}'', r.id) FROM leap.recordings r
        WHERE %3$s AND %4$s ORDER BY %2$s %5$s, r.id %5$s LIMIT %6$s OFFSET %7$s', sort, s.expression, leap.recording_conditions(filters), beyond, direction, most, skip);
END
$$;
COMMENT ON FUNCTION leap.recording_page(jsonb, text, int, text, int) IS
'The ids of one page of the recordings the caller may see, without the first skip ones, in their order, each with its place in the list. See leap.list_recordings().';

CREATE OR REPLACE FUNCTION leap.list_recordings(filters jsonb = '{}', after text = NULL, most int = 50, sort text = '-created_at')
RETURNS TABLE (id uuid, name text, status text, "user" text, failed boolean, failed_at_stage text, error jsonb, retry_count int,
               next_attempt_at timestamptz, hold text, hold_message text, flags jsonb, blank boolean, progress int, stages jsonb,
               targets jsonb, duration double precision, final_duration double precision, start_time timestamptz,
               created_at timestamptz, updated_at timestamptz, deleted_at timestamptz, expire_at timestamptz, "cursor" text)
LANGUAGE plpgsql STABLE ROWS 50 AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT r.id, r.display_name, r.status, u.email, r.failed, r.failed_at_stage, r.error, r.retry_count, r.next_attempt_at,
           r.hold, r.hold_message, r.flags, r.blank_record, s.progress, s.stages, t.targets, r.duration, r.final_duration,
           r.start_time, r.created_at, r.updated_at, r.deleted_at, r.expire_at, p."cursor"
    FROM leap.recording_page(filters, after, most, sort) WITH ORDINALITY AS p(id, "cursor", place)
    JOIN leap.recordings r ON r.id = p.id
    JOIN leap.users u ON u.id = r.user_id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN r.status <> 'SKIPPED' THEN coalesce(sum(x.points)::numeric / nullif(sum(x.tasks), 0), avg(x.progress))::int ELSE 100 END AS progress,
               jsonb_agg(jsonb_build_object('stage', x.stage_name, 'status', x.status, 'progress', x.progress, 'attempt', x.attempt,
                   'error', x.error_message, 'started_at', x.started_at, 'completed_at', x.completed_at) ORDER BY x.place) AS stages
        FROM leap.processing_stages x WHERE x.recording_id = r.id) s
    CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'type', o.target_type, 'status', o.status, 'url', o.url, 'failed', o.failed,
                   'error', o.error, 'uploaded_at', o.uploaded_at) ORDER BY o.id), '[]') AS targets
        FROM leap.output_targets o WHERE o.recording_id = r.id) t
    ORDER BY p.place;
END
$$;
COMMENT ON FUNCTION leap.list_recordings(jsonb, text, int, text) IS
'A page of the recordings the caller may see, with stages and targets: at most so many that match all filters (leap.recording_filters()), sorted by created_at, start_time, updated_at, display_name or status (a minus turns it round), after the row whose cursor is given. Fewer rows than asked for mean the end; what is added or removed meanwhile neither repeats nor hides a row. Errors LP020 (another user), LP030 (filter, cursor, sort order, size).';

-- Counting is a question of its own, and stops where people no longer care.
CREATE OR REPLACE FUNCTION leap.count_recordings(filters jsonb = '{}', most int = 10000, OUT recordings bigint, OUT more boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    most := greatest(coalesce(most, 10000), 0);
    EXECUTE format('SELECT least(count(*), %1$s::bigint), count(*) > %1$s::bigint FROM (SELECT FROM leap.recordings r WHERE %2$s LIMIT %1$s::bigint + 1) x',
                   most, leap.recording_conditions(filters)) INTO recordings, more;
END
$$;
COMMENT ON FUNCTION leap.count_recordings(jsonb, int) IS
'How many recordings a list with these filters has; counting stops at most, and more says whether there are more. Errors as of leap.list_recordings().';
