-- Who calls: the tenant a request speaks for, and whether the caller may see everything.
--
-- A request of a tenant is one transaction with the role leap_user and the verified claims of its token in the setting
-- request.jwt.claims, both set by the gateway. The wall (85_wall.sql) and the functions that run as leap_owner ask
-- here. A setting can be forged by whoever can send SQL, so leap_user cannot log in; and claims never make an operator.

-- The one clock of what is decided by time: schedules, months, summaries. A test that replaces it lives at another time.
CREATE OR REPLACE FUNCTION leap.clock()
RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT now()';
COMMENT ON FUNCTION leap.clock() IS 'The time now, for everything that is decided by time.';

-- Not in SQL: a policy asks for it once a statement and table, and SQL would plan it anew each time. The pattern is
-- written out because a group that repeats takes much longer.
CREATE OR REPLACE FUNCTION leap.current_user_id()
RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    subject text := nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub';
BEGIN
    IF subject ~ '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$' THEN
        RETURN subject::uuid;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION leap.current_user_id() IS
'The user this transaction speaks for: sub of the setting request.jwt.claims (a JSON object). Null without claims or without an id in them: then no row is his.';

-- Functions that run as their owner do not change the role that was set or the session's user.
CREATE OR REPLACE FUNCTION leap.calls_as_operator()
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT pg_has_role(r.name, 'leap_operator', 'USAGE') OR pg_has_role(r.name, 'leap_owner', 'USAGE')
    FROM (SELECT coalesce(nullif(current_setting('role'), 'none'), session_user) AS name) r
$$;
COMMENT ON FUNCTION leap.calls_as_operator() IS
'Whether the caller, however many functions of leap_owner lie between, is an operator, leap_owner or a superuser.';

CREATE OR REPLACE FUNCTION leap.may_see(owner uuid)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(owner = leap.current_user_id(), false) OR leap.calls_as_operator()
$$;
CREATE OR REPLACE FUNCTION leap.walled_user()
RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN NOT leap.calls_as_operator() THEN coalesce(leap.current_user_id(), '00000000-0000-0000-0000-000000000000') END
$$;
COMMENT ON FUNCTION leap.walled_user() IS
'The user beyond whose things the caller sees nothing; null for operators. leap.may_see() for many rows at once.';
COMMENT ON FUNCTION leap.may_see(uuid) IS
'Whether the caller may see what belongs to this user: his own, or anything as operator. For functions that run as leap_owner, which row-level security does not stop.';

-- What the client of this request is, as the gateway says: it knows which proxies to trust. Null in psql.
CREATE OR REPLACE FUNCTION leap.client_address()
RETURNS inet LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    said text := nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-leap-client-address';
BEGIN
    IF said IS NULL OR said !~ '^[0-9a-fA-F:.]+$' OR length(said) > 45 THEN
        RETURN NULL;
    ELSIF said ~ '^(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$' THEN
        RETURN said::inet;      -- without the subtransaction of a block that catches errors
    END IF;
    BEGIN
        RETURN said::inet;
    EXCEPTION WHEN invalid_text_representation THEN
        RETURN NULL;
    END;
END
$$;
COMMENT ON FUNCTION leap.client_address() IS
'The address of the client of this request: the header x-leap-client-address, which the gateway sets and takes from nobody. Null outside a request and for what is no address.';

CREATE OR REPLACE FUNCTION leap.client_agent()
RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    said text := nullif(current_setting('request.headers', true), '')::jsonb ->> 'user-agent';
BEGIN
    RETURN CASE WHEN said IS NOT NULL THEN nullif(left(leap.one_line(said), 500), '') END;
END
$$;
COMMENT ON FUNCTION leap.client_agent() IS
'What the client of this request calls itself: the header user-agent in one line of at most 500 characters. Null outside a request.';
