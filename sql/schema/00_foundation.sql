-- Roles, the schema's version, and small helpers.
--
-- Roles: leap_owner owns everything and runs the functions; leap_worker may only call the task
-- protocol; leap_operator is for people at psql and the command line. Both log in by whatever
-- pg_hba.conf says; they get no password here. A request by HTTP runs as leap_anon (nobody yet), leap_user (a tenant)
-- or leap_admin (an administrator, who is an operator): nobody logs in as these, because who can send SQL can also say
-- who he is (05_callers.sql). leap_gateway logs in and can do nothing but become one of the three for a request.

-- what is there already is not worth a word
SET LOCAL client_min_messages = warning;

DO $$
DECLARE
    r record;
BEGIN
    FOR r IN VALUES ('leap_owner', 'NOLOGIN BYPASSRLS'), ('leap_worker', 'LOGIN'), ('leap_operator', 'LOGIN'),
             ('leap_user', 'NOLOGIN'), ('leap_anon', 'NOLOGIN'), ('leap_admin', 'NOLOGIN IN ROLE leap_operator'),
             ('leap_gateway', 'LOGIN NOINHERIT') LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r.column1) THEN
            EXECUTE format('CREATE ROLE %I %s', r.column1, r.column2);
        END IF;
    END LOOP;
END
$$;
-- the wall (85_wall.sql) holds for owners of tables as well; only what runs as leap_owner is not stopped by it
DO $$
BEGIN
    IF NOT (SELECT rolbypassrls FROM pg_roles WHERE rolname = 'leap_owner') THEN
        ALTER ROLE leap_owner BYPASSRLS;
    END IF;
END
$$;
GRANT leap_anon, leap_user, leap_admin TO leap_gateway;
-- bind values of the gateway are passwords and tokens, those of operators passwords they set: they reach no log
ALTER ROLE leap_gateway SET log_parameter_max_length = 0;
ALTER ROLE leap_gateway SET log_parameter_max_length_on_error = 0;
-- nor does the CONTEXT of an error, which quotes the document that is no JSON to the server
ALTER ROLE leap_gateway SET log_error_verbosity = terse;
ALTER ROLE leap_operator SET log_parameter_max_length = 0;
ALTER ROLE leap_operator SET log_parameter_max_length_on_error = 0;
-- and those of workers hold fences, and the addresses of uploads, which are the right to write to them
ALTER ROLE leap_worker SET log_parameter_max_length = 0;
ALTER ROLE leap_worker SET log_parameter_max_length_on_error = 0;
-- statements here are short and have many parts: to compile one takes seconds, to run it milliseconds; what was set
-- otherwise stays
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) c
                   WHERE d.datname = current_database() AND s.setrole = 0 AND c LIKE 'jit=%') THEN
        EXECUTE format('ALTER DATABASE %I SET jit = off', current_database());
    END IF;
END
$$;
-- how long a statement of a request may take, and how long a transaction of the gateway waits for its next one; what was
-- set otherwise stays
DO $$
DECLARE
    r record;
BEGIN
    FOR r IN SELECT * FROM (VALUES ('leap_anon', '10s'), ('leap_user', '30s'), ('leap_admin', '60s')) AS v (name, most)
             WHERE NOT EXISTS (SELECT FROM pg_db_role_setting s, unnest(s.setconfig) c WHERE s.setrole = v.name::regrole AND c LIKE 'statement_timeout=%') LOOP
        EXECUTE format('ALTER ROLE %I SET statement_timeout = %L', r.name, r.most);
    END LOOP;
    IF NOT EXISTS (SELECT FROM pg_db_role_setting s, unnest(s.setconfig) c WHERE s.setrole = 'leap_gateway'::regrole AND c LIKE 'idle_in_transaction%') THEN
        ALTER ROLE leap_gateway SET idle_in_transaction_session_timeout = '30s';
    END IF;
END
$$;

CREATE EXTENSION IF NOT EXISTS leap;
-- for leap.recordings_by_name
CREATE EXTENSION IF NOT EXISTS pg_trgm;
-- for passwords, tokens and keys; in a schema that only leap_owner enters
CREATE SCHEMA IF NOT EXISTS leap_crypto;
CREATE EXTENSION IF NOT EXISTS pgcrypto SCHEMA leap_crypto;
GRANT USAGE ON SCHEMA leap_crypto TO leap_owner;

-- what people reach by HTTP (92_api.sql)
CREATE SCHEMA IF NOT EXISTS api AUTHORIZATION leap_owner;
GRANT USAGE, CREATE ON SCHEMA leap TO leap_owner;
GRANT USAGE ON SCHEMA leap TO leap_worker, leap_operator, leap_user, leap_anon, leap_gateway;
-- Functions are closed to PUBLIC: those of leap_owner from birth (in this database), those of the extension here, where
-- leap_owner gets them all, to pass on. 90_grants.sql and 91_grants.sql open what roles need.
ALTER DEFAULT PRIVILEGES FOR ROLE leap_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
DO $$
DECLARE
    f record;
BEGIN
    FOR f IN SELECT p.oid::regprocedure AS name FROM pg_proc p
             WHERE p.pronamespace = 'leap'::regnamespace AND p.proowner <> 'leap_owner'::regrole
               AND (has_function_privilege('public', p.oid, 'EXECUTE') OR NOT has_function_privilege('leap_owner', p.oid, 'EXECUTE WITH GRANT OPTION')) LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f.name);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO leap_owner WITH GRANT OPTION', f.name);
    END LOOP;
    -- who is nobody makes nothing here
    EXECUTE format('REVOKE CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
END
$$;
-- for leap.doctor(): preloaded libraries, the age of transactions
GRANT pg_read_all_settings, pg_read_all_stats TO leap_owner;

SET LOCAL ROLE leap_owner;

CREATE TABLE IF NOT EXISTS leap.schema_versions (
    version     text NOT NULL,
    digest      text NOT NULL,
    deployed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE leap.schema_versions IS
'Every deployment that changed something: version and SHA-256 of the files. The newest row is in force.';

-- A refusal with LEAP's own SQLSTATE, for use inside SQL expressions and functions alike.
CREATE OR REPLACE FUNCTION leap.refuse(code text, message text, hint text = NULL)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF hint IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = code, MESSAGE = message;
    END IF;
    RAISE EXCEPTION USING ERRCODE = code, MESSAGE = message, HINT = hint;
END
$$;
COMMENT ON FUNCTION leap.refuse(text, text, text) IS
'Raises an error with one of the SQLSTATEs of leap.error_codes().';
