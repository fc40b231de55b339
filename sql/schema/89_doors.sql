-- What the views and functions of schema api (92_api*.sql and after) have in common: one row of a view, a page of a
-- view, and writing through a view.
--
-- All of it runs as the caller and reads views of schema api only, so it shows nobody more than he may see there. What
-- is decided is decided by the functions that are called: leap.add_...(), leap.change_...(), leap.delete_...().

-- What the rows of a view are called when one is not there.
CREATE OR REPLACE FUNCTION leap.word_for(relation text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE relation WHEN 'source_syncs' THEN 'sync' WHEN 'deliveries' THEN 'delivery' WHEN 'api_keys' THEN 'key'
           ELSE replace(regexp_replace(regexp_replace(relation, '^(admin|recording|output|input)_', ''), 's$', ''), '_', ' ') END
$$;
COMMENT ON FUNCTION leap.word_for(text) IS 'What a row of a view of schema api is called in messages: a template, a preset, an automation job.';

-- VOLATILE: it reads what the statement that calls it has written just now.
CREATE OR REPLACE FUNCTION leap.row_of(relation text, id uuid)
RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    found_row jsonb;
BEGIN
    EXECUTE format('SELECT to_jsonb(v) FROM api.%I v WHERE v.id = $1', relation) INTO found_row USING row_of.id;
    IF found_row IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no %s %s', leap.word_for(relation), coalesce(id::text, 'null')), 'It was deleted, it never was, or it belongs to somebody else.');
    END IF;
    RETURN found_row;
END
$$;
COMMENT ON FUNCTION leap.row_of(text, uuid) IS 'The row with this id of a view of schema api, as JSON. Error LP020 if the caller sees none there.';

CREATE OR REPLACE FUNCTION leap.id_in(relation text, id uuid)
RETURNS uuid LANGUAGE sql VOLATILE AS $$ SELECT (leap.row_of(relation, id)->>'id')::uuid $$;
COMMENT ON FUNCTION leap.id_in(text, uuid) IS 'The same id, if the caller sees it in this view of schema api: what he does by way of it, he does with his own. Error LP020.';

-- Pages that are counted are for lists that stay short: what a user has made by hand.
CREATE OR REPLACE FUNCTION leap.page_of(relation text, filters jsonb, search text, page int, per_page int, sort_by text, sort_order text)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    known text[] := ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = format('api.%I', relation)::regclass AND a.attnum > 0
                          AND a.atttypid NOT IN ('jsonb'::regtype, 'text[]'::regtype, 'uuid[]'::regtype) ORDER BY a.attnum);
    conditions text := 'true';
    f record;
    answer jsonb;
BEGIN
    page := coalesce(page, 1);
    per_page := coalesce(per_page, 20);
    sort_by := coalesce(sort_by, 'created_at');
    sort_order := lower(coalesce(sort_order, 'desc'));
    IF page NOT BETWEEN 1 AND 1000000 OR per_page NOT BETWEEN 1 AND 100 THEN
        PERFORM leap.refuse('LP030', format('there is no page %s of %s rows', page, per_page), 'Pages count from 1, and have 1 to 100 rows (per_page).');
    ELSIF sort_by <> ALL (known) THEN
        PERFORM leap.refuse('LP030', format('a list cannot be sorted by "%s"', left(sort_by, 50)), format('Sort by %s.', array_to_string(known, ', ')));
    ELSIF sort_order NOT IN ('asc', 'desc') THEN
        PERFORM leap.refuse('LP030', format('sort_order cannot be "%s"', left(sort_order, 50)), 'It is asc or desc.');
    ELSIF length(search) > 200 THEN
        PERFORM leap.refuse('LP030', format('the search "%s…" is too long', left(search, 30)), 'It has at most 200 characters.');
    END IF;
    FOR f IN SELECT x.key, CASE jsonb_typeof(x.value) WHEN 'array' THEN x.value ELSE jsonb_build_array(x.value) END AS list
             FROM jsonb_each(filters) x WHERE x.value <> 'null' LOOP
        conditions := conditions || format(' AND %L::jsonb @> to_jsonb(v.%I)', f.list, f.key);
    END LOOP;
    IF btrim(search) <> '' THEN
        conditions := conditions || format(' AND strpos(lower(v.%I), lower(%L)) > 0', CASE WHEN 'name' = ANY (known) THEN 'name' ELSE 'account_name' END, btrim(search));
    END IF;
    EXECUTE format($q$
        WITH matching AS MATERIALIZED (SELECT v.* FROM api.%1$I v WHERE %2$s),
        shown AS (SELECT to_jsonb(m) AS item, row_number() OVER (ORDER BY m.%3$I %4$s, m.id %4$s) AS n FROM matching m
                  ORDER BY m.%3$I %4$s, m.id %4$s LIMIT %5$s OFFSET %6$s)
        SELECT jsonb_build_object('page', %7$s, 'per_page', %5$s, 'total', t.n, 'total_pages', (t.n + %5$s - 1) / %5$s,
                                  'items', (SELECT coalesce(jsonb_agg(s.item ORDER BY s.n), '[]') FROM shown s))
        FROM (SELECT count(*) AS n FROM matching) t$q$,
        relation, conditions, sort_by, sort_order, per_page, (page - 1)::bigint * per_page, page) INTO answer;
    RETURN answer;
END
$$;
COMMENT ON FUNCTION leap.page_of(text, jsonb, text, int, int, text, text) IS
'A page of a view of schema api: {page, per_page, total, total_pages, items}. filters: {column: value or array of values}, null for any; search: a part of the name. Error LP030 for a page, size or order that there is not.';

-- Writing through a view. The trigger names the thing of leap.add_<thing>(jsonb, text), leap.change_<thing>(uuid, jsonb) and
-- leap.delete_<thing>(uuid), the columns that can be said when one is made, those that can be changed, and what the
-- function that deletes is called if it has another name. What these functions show only once is a column of the view
-- that is null but in the answer to who made the row.
CREATE OR REPLACE FUNCTION leap.write_through()
RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    thing text := TG_ARGV[0];
    allowed text[] := CASE TG_OP WHEN 'INSERT' THEN TG_ARGV[1]::text[] WHEN 'UPDATE' THEN TG_ARGV[2]::text[] END;
    given jsonb;
    bad text;
    made jsonb;
BEGIN
    IF TG_OP = 'DELETE' THEN
        EXECUTE format('SELECT leap.%I($1)', coalesce(TG_ARGV[3], 'delete_' || thing)) USING OLD.id;
        RETURN OLD;
    END IF;
    SELECT coalesce(jsonb_object_agg(n.key, n.value), '{}') INTO given FROM jsonb_each(to_jsonb(NEW)) n
    WHERE CASE TG_OP WHEN 'INSERT' THEN n.value <> 'null' ELSE n.value IS DISTINCT FROM to_jsonb(OLD)->n.key END;
    SELECT string_agg(format('"%s"', k), ', ' ORDER BY k) INTO bad FROM jsonb_object_keys(given) k WHERE k <> ALL (allowed);
    IF bad IS NOT NULL THEN
        PERFORM leap.refuse('LP030', format('%s cannot be set', bad), format('Of a %s one can set %s.', replace(thing, '_', ' '), array_to_string(allowed, ', ')));
    ELSIF TG_OP = 'INSERT' THEN
        EXECUTE format('SELECT to_jsonb(leap.%I($1))', 'add_' || thing) INTO made USING given;
        EXECUTE format('SELECT v.* FROM %I.%I v WHERE v.id = $1', TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO NEW
        USING (CASE jsonb_typeof(made) WHEN 'object' THEN made->>'id' ELSE made #>> '{}' END)::uuid;
        IF jsonb_typeof(made) = 'object' THEN
            NEW := jsonb_populate_record(NEW, (SELECT coalesce(jsonb_object_agg(m.key, m.value), '{}') FROM jsonb_each(made) m WHERE m.key IN ('secret', 'key')));
        END IF;
    ELSIF given <> '{}' THEN
        EXECUTE format('SELECT leap.%I($1, $2)', 'change_' || thing) USING OLD.id, given;
        EXECUTE format('SELECT v.* FROM %I.%I v WHERE v.id = $1', TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO NEW USING OLD.id;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION leap.write_through() IS
'INSTEAD OF trigger of views of schema api: rows are made, changed and deleted by the functions of the thing that the trigger names. A column that nobody may set is refused with LP030; other errors are those of the functions.';
