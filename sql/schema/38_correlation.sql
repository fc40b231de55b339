-- Correlation: one id from the request of a person to the task, its child and every line they log.
--
-- A gateway puts the headers of a request into the setting request.headers (a JSON object of texts), as PostgREST does. What
-- strangers send is reduced to a few harmless characters, and nothing they send makes a run fail.
-- Not in SQL: each run that is made asks for it, and a statement of its own each time is dear in bulk.

CREATE OR REPLACE FUNCTION leap.correlation_id()
RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN coalesce(nullif(left(regexp_replace(substring(current_setting('request.headers', true) FROM '"x-request-id"\s*:\s*"((?:[^"\\]|\\.)*)"'),
                                               '[^A-Za-z0-9._-]', '', 'g'), 64), ''),
                    left(md5(pg_backend_pid() || ' ' || now()), 12));
END
$$;
COMMENT ON FUNCTION leap.correlation_id() IS
'The id of the request that is being served: its header x-request-id, at most 64 of the characters A-Z a-z 0-9 . _ -, or one made up for this transaction.';

ALTER TABLE leap.runs ADD COLUMN IF NOT EXISTS correlation_id text;
ALTER TABLE leap.runs ALTER COLUMN correlation_id SET DEFAULT leap.correlation_id();
COMMENT ON COLUMN leap.runs.correlation_id IS
'The request that began the run (leap.correlation_id()); every line that workers and their children log about it has it.';
