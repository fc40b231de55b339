-- The wall between tenants: row-level security on every table that has an owner.
--
-- Each table of schema leap with a column user_id, and leap.users itself, gets the same two policies: leap_user sees the
-- rows of leap.current_user_id(), operators see all. Grants (90_grants.sql) say what may be done with what is seen;
-- nobody else sees anything. The subselect makes the caller's id a value that is computed once a statement, so an index on
-- user_id serves it. It is forced, so that owning a table opens nothing; leap_owner, as whom the functions of workers and
-- tenants run, has BYPASSRLS: their plans have no trace of this. Partitions carry no policies of their own and are granted
-- to nobody.
-- A table that has its policies is left alone, so that deploying again locks nothing.

CREATE OR REPLACE FUNCTION leap.tenant_tables()
RETURNS TABLE (name regclass, owner_column name, walled boolean) LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.oid, a.attname,
           c.relrowsecurity AND c.relforcerowsecurity AND 2 = (SELECT count(*) FROM pg_policy p
                                     WHERE p.polrelid = c.oid AND p.polname IN ('own_rows', 'operators_see_all'))
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
        AND a.attname = CASE c.oid WHEN 'leap.users'::regclass THEN 'id' ELSE 'user_id' END
    WHERE c.relnamespace = 'leap'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
$$;
COMMENT ON FUNCTION leap.tenant_tables() IS
'Every table whose rows belong to users, the column that names the owner, and whether row-level security holds there, for its owner too.';

DO $$
DECLARE
    t record;
    p record;
BEGIN
    FOR t IN SELECT * FROM leap.tenant_tables() x WHERE NOT x.walled LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t.name);
        FOR p IN SELECT * FROM (VALUES
            ('own_rows', 'FOR SELECT TO leap_user', format('%I = (SELECT leap.current_user_id())', t.owner_column)),
            ('operators_see_all', 'TO leap_operator', 'true')) AS v (name, whose, condition)
            WHERE NOT EXISTS (SELECT FROM pg_policy q WHERE q.polrelid = t.name AND q.polname = v.name) LOOP
            EXECUTE format('CREATE POLICY %I ON %s %s USING (%s)', p.name, t.name, p.whose, p.condition);
        END LOOP;
    END LOOP;
END
$$;
