-- Reading the audit log: operators see all of it, everybody sees what he did and what was done to his account.
--
-- Pages go on after the last row, in the order (at, id), the newest first; a place is at in microseconds and id. Every
-- value is written into the statement as a literal, so that each combination of filters finds its index. No locks.

CREATE OR REPLACE FUNCTION leap.audit_filters()
RETURNS TABLE (filter text, type text, condition text, comment text) LANGUAGE sql IMMUTABLE AS $$
    VALUES ('user',          'user',    'a.user_id = %L::uuid',            'e-mail address or id of the user who did it, also of one who is gone'),
           ('action',        'words',   'a.action = ANY (%L::text[])',     'one action, or an array of them'),
           ('resource_type', 'words',   'a.resource_type = ANY (%L::text[])', 'one type of what it was done to, or an array of them'),
           ('resource_id',   'text',    'a.resource_id = %L',              'the id of what it was done to'),
           ('result',        'result',  'a.result = ANY (%L::text[])',     'success, failure or partial; or an array of them'),
           ('address',       'address', 'a.ip_address <<= %L::inet',       'an address, or a network like 192.0.2.0/24'),
           ('from',          'time',    'a.at >= %L::timestamptz',         'at this time or later'),
           ('to',            'time',    'a.at < %L::timestamptz',          'before this time')
$$;
COMMENT ON FUNCTION leap.audit_filters() IS 'The filters of leap.audit_list(): name, type and meaning.';

CREATE OR REPLACE FUNCTION leap.audit_condition(filter text, value jsonb)
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    rule record;
    plain text := CASE WHEN jsonb_typeof(value) IN ('string', 'number') THEN value #>> '{}' END;
    listed text[] := ARRAY(SELECT x #>> '{}' FROM jsonb_array_elements(CASE jsonb_typeof(value) WHEN 'array' THEN value ELSE jsonb_build_array(value) END) x);
BEGIN
    SELECT * INTO rule FROM leap.audit_filters() f WHERE f.filter = audit_condition.filter;
    IF rule.filter IS NULL THEN
        PERFORM leap.refuse('LP030', format('there is no filter "%s"', filter), format('Filters are %s.', (SELECT string_agg(f.filter, ', ') FROM leap.audit_filters() f)));
    ELSIF rule.type IN ('words', 'result') THEN
        IF rule.type = 'result' AND NOT listed <@ '{success,failure,partial}' THEN
            PERFORM leap.refuse('LP030', format('filter result: there is no result %s', value), 'There are success, failure and partial.');
        END IF;
        RETURN format(rule.condition, listed);
    ELSIF plain IS NULL THEN
        PERFORM leap.refuse('LP030', format('filter %s: %s is no text', filter, value), 'Write a single value.');
    ELSIF rule.type = 'user' AND plain !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN
        plain := (leap.find_user(plain)).id;
    ELSIF rule.type = 'time' THEN
        plain := plain::timestamptz::text;
    ELSIF rule.type = 'address' THEN
        plain := plain::inet::text;
    END IF;
    RETURN format(rule.condition, plain);
EXCEPTION WHEN data_exception THEN
    PERFORM leap.refuse('LP030', format('filter %s: "%s" is no %s', filter, left(plain, 100), rule.type),
        CASE rule.type WHEN 'time' THEN 'Write it like 2026-09-01 or 2026-09-01T08:30:00+03.' ELSE 'Write it like 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32.' END);
END
$$;
COMMENT ON FUNCTION leap.audit_condition(text, jsonb) IS
'The condition on leap.audit_logs a that a filter with this value stands for. Error LP030 for an unknown filter or an unfitting value, LP020 for an unknown user.';

CREATE OR REPLACE FUNCTION leap.audit_conditions(filters jsonb)
RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF jsonb_typeof(filters) IS DISTINCT FROM 'object' THEN
        PERFORM leap.refuse('LP030', 'filters are no object', 'Write them like {"action": ["login"], "result": "failure"}.');
    END IF;
    RETURN (SELECT coalesce(string_agg(leap.audit_condition(f.key, f.value), ' AND '), 'true') FROM jsonb_each(filters) f WHERE f.value <> 'null');
END
$$;
COMMENT ON FUNCTION leap.audit_conditions(jsonb) IS 'All conditions of a set of filters; a filter that is null says nothing. Errors as leap.audit_condition().';

CREATE OR REPLACE FUNCTION leap.audit_place(a leap.audit_logs)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT format('%s-%s', (extract(epoch FROM a.at) * 1000000)::bigint, a.id)
$$;
COMMENT ON FUNCTION leap.audit_place(leap.audit_logs) IS 'The place of an entry in lists of the audit log.';

CREATE OR REPLACE FUNCTION leap.read_audit_place(place text, OUT at timestamptz, OUT id bigint)
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF place !~ '^\d{1,17}-\d{1,18}$' THEN
        PERFORM leap.refuse('LP030', format('"%s" is no place in this list', left(place, 40)), 'Pass the cursor of the last row that you have.');
    END IF;
    at := coalesce(timestamptz 'epoch' + split_part(place, '-', 1)::bigint * interval '1 microsecond', 'infinity');
    id := coalesce(split_part(place, '-', 2)::bigint, 0);
END
$$;
COMMENT ON FUNCTION leap.read_audit_place(text) IS 'Time and id of a place made by leap.audit_place(); for null the beginning of the list. Error LP030.';

CREATE OR REPLACE FUNCTION leap.check_page(most int, limit_of_page int)
RETURNS void LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF most NOT BETWEEN 1 AND limit_of_page THEN
        PERFORM leap.refuse('LP030', format('a page cannot have %s rows', most), format('It has 1 to %s.', limit_of_page));
    END IF;
END
$$;
COMMENT ON FUNCTION leap.check_page(int, int) IS 'Refuses (LP030) a number of rows that no page has.';

DROP FUNCTION IF EXISTS leap.audit_list(jsonb, text, int);
CREATE OR REPLACE FUNCTION leap.audit_list(filters jsonb = '{}', after text = NULL, most int = 50)
RETURNS TABLE (id text, "timestamp" timestamptz, user_id uuid, "user" text, who text, action text, resource_type text, resource_id text, resource_name text, result text,
               ip_address text, user_agent text, before jsonb, after_change jsonb, why text, details jsonb, "cursor" text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50 SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    place record := leap.read_audit_place(after);
BEGIN
    PERFORM leap.check_page(most, 10000);
    RETURN QUERY EXECUTE format(
        'SELECT a.id::text, a.at, a.user_id, (SELECT u.email FROM leap.users u WHERE u.id = a.user_id), a.who, a.action, a.resource_type, a.resource_id,
                coalesce(a.resource_name, leap.audit_resource_name(a)), a.result, host(a.ip_address), a.user_agent, a.before, a.after, a.why, a.details, leap.audit_place(a)
         FROM leap.audit_logs a WHERE %s AND (a.at, a.id) < (%L::timestamptz, %L::bigint) ORDER BY a.at DESC, a.id DESC LIMIT %s',
        leap.audit_conditions(filters), place.at, place.id, coalesce(most, 50));
END
$$;
COMMENT ON FUNCTION leap.audit_list(jsonb, text, int) IS
'For operators: a page of the audit log, the newest first: at most so many (1 to 10000) entries that match the filters of leap.audit_filters(), after the row whose cursor is given. user: the e-mail address as it is now, null for one who is gone; resource_name: what it was done to was called, of a user the address as it is now; after_change: what changed to. Errors LP020, LP030.';

-- Two indexes, each read from its end. What somebody else did keeps where he was to itself.
DROP FUNCTION IF EXISTS leap.activity(text, int);
CREATE OR REPLACE FUNCTION leap.activity(after text = NULL, most int = 50)
RETURNS TABLE (id text, "timestamp" timestamptz, action text, resource_type text, resource_id text, resource_name text, result text, by_me boolean,
               ip_address text, user_agent text, details jsonb, "cursor" text)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50 SET search_path = pg_catalog, leap, pg_temp AS $$
#variable_conflict use_column
DECLARE
    place record := leap.read_audit_place(after);
    me uuid := leap.current_user_id();
BEGIN
    IF me IS NULL THEN
        PERFORM leap.refuse('LP042', 'the request speaks for nobody', 'Log in first; operators use leap.audit_list().');
    END IF;
    most := coalesce(most, 50);
    PERFORM leap.check_page(most, 1000);
    RETURN QUERY
    SELECT (x.a).id::text, (x.a).at, (x.a).action, (x.a).resource_type, (x.a).resource_id,
           -- who was refused may not have known what it is called
           CASE WHEN x.own AND (x.a).result = 'success' THEN coalesce((x.a).resource_name, leap.audit_resource_name(x.a)) END, (x.a).result, x.own,
           CASE WHEN x.own OR (x.a).user_id IS NULL THEN host((x.a).ip_address) END, CASE WHEN x.own OR (x.a).user_id IS NULL THEN (x.a).user_agent END,
           (x.a).details, leap.audit_place(x.a)
    FROM ((SELECT a, true AS own FROM leap.audit_logs a
           WHERE a.user_id = me AND (a.at, a.id) < (place.at, place.id) ORDER BY a.at DESC, a.id DESC LIMIT most)
          UNION ALL
          (SELECT a, false FROM leap.audit_logs a
           WHERE a.resource_type = 'user' AND a.resource_id = me::text AND a.user_id IS DISTINCT FROM me AND (a.at, a.id) < (place.at, place.id)
           ORDER BY a.at DESC, a.id DESC LIMIT most)) x
    ORDER BY (x.a).at DESC, (x.a).id DESC LIMIT most;
END
$$;
COMMENT ON FUNCTION leap.activity(text, int) IS
'What the caller did, and what others did to his account (by_me false): a page of the audit log, the newest first, at most so many (1 to 1000) after the row whose cursor is given. Errors LP030, LP042.';

-- A spreadsheet takes a cell for a formula that begins like one; a quote in front makes it text.
CREATE OR REPLACE FUNCTION leap.csv_cell(said text)
RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN said ~ '^[\s\x01-\x1f]*[=+@|-]' OR said ~ '^[\t\r\n]' THEN '''' || said ELSE said END
$$;
COMMENT ON FUNCTION leap.csv_cell(text) IS 'A text that no spreadsheet takes for a formula: where it begins like one, with a quote in front.';

DROP FUNCTION IF EXISTS leap.audit_export(jsonb, text);
CREATE OR REPLACE FUNCTION leap.audit_export(filters jsonb = '{}', format text = 'csv')
RETURNS TABLE (id text, "timestamp" text, user_id text, who text, action text, resource_type text, resource_id text, result text,
               ip_address text, user_agent text, before text, after text, why text, details text, resource_name text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    cell text := CASE format WHEN 'csv' THEN 'leap.csv_cell(%s)' WHEN 'json' THEN '%s' END;
    columns text;
BEGIN
    IF cell IS NULL THEN
        PERFORM leap.refuse('LP030', pg_catalog.format('there is no format "%s"', left(format, 40)), 'There are csv (cells that look like formulas get a quote) and json (as it is).');
    END IF;
    PERFORM leap.audit('export', 'audit_log', details => jsonb_build_object('filters', filters, 'format', format));
    SELECT string_agg(pg_catalog.format(cell, c), ', ' ORDER BY n) INTO columns FROM unnest(ARRAY[
        'a.who', 'a.action', 'a.resource_type', 'a.resource_id', 'a.result', 'host(a.ip_address)', 'a.user_agent', 'a.before::text', 'a.after::text', 'a.why', 'a.details::text', 'coalesce(a.resource_name, leap.audit_resource_name(a))'])
        WITH ORDINALITY AS x(c, n);
    RETURN QUERY EXECUTE pg_catalog.format(
        'SELECT a.id::text, to_char(a.at AT TIME ZONE ''UTC'', ''YYYY-MM-DD"T"HH24:MI:SS.US"Z"''), a.user_id::text, %s FROM leap.audit_logs a WHERE %s ORDER BY a.at, a.id',
        columns, leap.audit_conditions(filters));
END
$$;
COMMENT ON FUNCTION leap.audit_export(jsonb, text) IS
'For operators: all entries that match the filters of leap.audit_filters(), the oldest first, every column as text; itself noted in the log. format csv: a cell that a spreadsheet would take for a formula has a quote in front (ask for text/csv, or use \copy); json: as it is. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION leap.audit_file(filters jsonb = '{}', format text = 'csv')
RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    file text;
BEGIN
    IF format = 'json' THEN
        SELECT coalesce(json_agg(e), '[]')::text INTO file FROM leap.audit_export(filters, format) e;
        RETURN file;
    END IF;
    -- "'" in front of a formula is no formula: leap.csv_field() leaves it at one
    SELECT chr(65279) || '"id","timestamp","user_id","who","action","resource_type","resource_id","result","ip_address","user_agent","before","after","why","details","resource_name"' || E'\r\n'
        || coalesce(string_agg((SELECT string_agg(leap.csv_field(c.value), ',' ORDER BY c.n) FROM json_each_text(to_json(e)) WITH ORDINALITY AS c(name, value, n)), E'\r\n') || E'\r\n', '')
    INTO file FROM leap.audit_export(filters, format) e;
    RETURN file;
END
$$;
COMMENT ON FUNCTION leap.audit_file(jsonb, text) IS
'For operators: leap.audit_export() as one text: csv with a byte order mark and a line of names, or json. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION leap.erase_audit_clients("user" text = NULL, before timestamptz = NULL)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    n bigint;
    whose uuid;
BEGIN
    IF "user" IS NULL AND before IS NULL THEN
        PERFORM leap.refuse('LP030', 'nothing says whose addresses to erase', 'Name a user, or a time before which to erase, or both.');
    END IF;
    whose := CASE WHEN "user" ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN "user"::uuid WHEN "user" IS NOT NULL THEN (leap.find_user("user")).id END;
    UPDATE leap.audit_logs a SET ip_address = NULL, user_agent = NULL, client_salt = NULL
    WHERE (a.ip_address IS NOT NULL OR a.user_agent IS NOT NULL) AND (erase_audit_clients.before IS NULL OR a.at < erase_audit_clients.before)
      AND (whose IS NULL OR a.user_id = whose OR (a.resource_type = 'user' AND a.resource_id = whose::text));
    GET DIAGNOSTICS n = ROW_COUNT;
    PERFORM leap.audit('erase clients', 'audit_log', details => jsonb_strip_nulls(jsonb_build_object('user', whose, 'before', before, 'rows', n)));
    RETURN n;
END
$$;
COMMENT ON FUNCTION leap.erase_audit_clients(text, timestamptz) IS
'For operators: erases addresses and user agents from the audit log: those of a user (e-mail address, or id if he is gone), those before a time, or both. The entries stay and their seals hold. Itself noted in the log. Returns how many entries. Errors LP020, LP030.';
