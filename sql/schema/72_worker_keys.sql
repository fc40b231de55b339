-- The keys of workers: making them known, sealing for a newer one, and retiring the old.
--
-- Only public halves come here; leap keys makes pairs and keeps the private halves in the file of the workers. What is
-- sealed to an older key is sealed anew by workers, a few hundred a minute, and a key that seals nothing any more retires.
-- Lock order: tasks are only added; then checks.

CREATE OR REPLACE FUNCTION leap.add_worker_key(public_key text)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    bytes bytea;
    made text;
BEGIN
    IF coalesce(public_key, '') !~ '^[A-Za-z0-9+/]{43}=$' THEN
        PERFORM leap.refuse('LP030', 'a public key is 32 bytes in base64', 'leap keys init FILE makes a pair and registers its public half.');
    END IF;
    bytes := decode(public_key, 'base64');
    PERFORM leap.seal_to('\x', bytes);      -- 22023 for what would keep nothing secret
    INSERT INTO leap.worker_keys AS k (key_id, public_key) VALUES (left(encode(sha256(bytes), 'hex'), 16), bytes)
    ON CONFLICT ON CONSTRAINT worker_keys_pkey DO NOTHING RETURNING k.key_id INTO made;
    IF made IS NOT NULL THEN
        PERFORM leap.audit('add', 'worker_key', made);
    END IF;
    RETURN left(encode(sha256(bytes), 'hex'), 16);
END
$$;
COMMENT ON FUNCTION leap.add_worker_key(text) IS
'Makes a public key of workers (32 bytes in base64) known; from now on credentials are sealed to it, and those there are will be sealed anew. Returns its id. One that is known stays as it is. For operators; audited. Errors LP030, 22023 for bytes that are no key.';

CREATE OR REPLACE FUNCTION leap.worker_key_list()
RETURNS SETOF jsonb LANGUAGE sql STABLE SECURITY DEFINER ROWS 3 SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT jsonb_build_object('key_id', k.key_id, 'state', CASE WHEN k.retired_at IS NOT NULL THEN 'retired' WHEN k.n = 1 THEN 'in use' ELSE 'leaving' END,
        'credentials', (SELECT count(*) FROM leap.credentials c WHERE c.key_id = k.key_id), 'apps', (SELECT count(*) FROM leap.platform_apps a WHERE a.key_id = k.key_id),
        'webhooks', (SELECT count(*) FROM leap.webhooks w WHERE w.key_id = k.key_id),
        'created_at', k.created_at, 'retired_at', k.retired_at)
    FROM (SELECT x.*, row_number() OVER (ORDER BY x.retired_at IS NOT NULL, x.created_at DESC, x.key_id) AS n FROM leap.worker_keys x) k ORDER BY k.n
$$;
COMMENT ON FUNCTION leap.worker_key_list() IS
'The keys of workers: key_id, state (in use: new things are sealed to it; leaving: what is sealed to it is being sealed anew; retired), how many credentials, apps and webhooks are sealed to it.';

CREATE OR REPLACE FUNCTION leap.reseal_credentials()
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    k leap.worker_keys;
    checks uuid[];
    owners uuid[];
    a record;
    made uuid;
    errand bigint;
    begun int := 0;
BEGIN
    SELECT x.* INTO k FROM leap.worker_keys x WHERE x.retired_at IS NULL ORDER BY x.created_at DESC, x.key_id LIMIT 1;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    -- one that could not be opened is tried again in an hour
    WITH old AS (
        SELECT c.id AS credential, NULL::uuid AS webhook, c.user_id, c.platform FROM leap.credentials c
        WHERE c.key_id <> k.key_id AND NOT EXISTS (SELECT FROM leap.credential_checks x WHERE x.credential_id = c.id AND x.action = 'reseal'
              AND (x.state = 'waiting' OR x.state <> 'succeeded' AND x.finished_at > clock_timestamp() - interval '1 hour'))
        UNION ALL
        SELECT NULL, w.id, w.user_id, 'webhook' FROM leap.webhooks w
        WHERE w.key_id <> k.key_id AND NOT EXISTS (SELECT FROM leap.credential_checks x WHERE x.webhook_id = w.id AND x.action = 'reseal'
              AND (x.state = 'waiting' OR x.state <> 'succeeded' AND x.finished_at > clock_timestamp() - interval '1 hour'))
        ORDER BY 1, 2 LIMIT 500),
    put AS (
        INSERT INTO leap.credential_checks AS x (credential_id, webhook_id, user_id, platform, action)
        SELECT o.credential, o.webhook, o.user_id, o.platform, 'reseal' FROM old o ON CONFLICT DO NOTHING RETURNING x.id, x.user_id)
    SELECT array_agg(p.id), array_agg(p.user_id) INTO checks, owners FROM put p;
    IF checks IS NOT NULL THEN
        UPDATE leap.credential_checks x SET task_id = e.task FROM unnest(checks, leap.add_errands('credential', owners, checks)) AS e(id, task) WHERE x.id = e.id;
        begun := cardinality(checks);
    END IF;
    -- the secrets of apps are nobody's: lane 0
    FOR a IN SELECT p.platform FROM leap.platform_apps p
             WHERE p.key_id <> k.key_id AND NOT EXISTS (SELECT FROM leap.credential_checks x WHERE x.credential_id IS NULL AND x.webhook_id IS NULL AND x.platform = p.platform AND x.action = 'reseal'
                   AND (x.state = 'waiting' OR x.state <> 'succeeded' AND x.finished_at > clock_timestamp() - interval '1 hour')) LOOP
        INSERT INTO leap.credential_checks AS x (platform, action) VALUES (a.platform, 'reseal') RETURNING x.id INTO made;
        INSERT INTO leap.tasks AS t (user_id, lane, kind, queue, subject, state)
        SELECT '00000000-0000-0000-0000-000000000000', 0, n.kind, n.queue, made, leap.move('create', 'ready') FROM leap.task_kinds n WHERE n.kind = 'credential' RETURNING t.id INTO errand;
        INSERT INTO leap.task_ready (queue, lane, prio, task, counted) SELECT t.queue, t.lane, t.prio, t.id, false FROM leap.tasks t WHERE t.id = errand;
        UPDATE leap.credential_checks x SET task_id = errand WHERE x.id = made;
        PERFORM leap.ring(ARRAY['automation']);
        begun := begun + 1;
    END LOOP;
    UPDATE leap.worker_keys w SET retired_at = clock_timestamp()
    WHERE w.retired_at IS NULL AND w.key_id <> k.key_id AND NOT EXISTS (SELECT FROM leap.credentials c WHERE c.key_id = w.key_id)
      AND NOT EXISTS (SELECT FROM leap.platform_apps p WHERE p.key_id = w.key_id)
      AND NOT EXISTS (SELECT FROM leap.webhooks h WHERE h.key_id = w.key_id)
      AND NOT EXISTS (SELECT FROM leap.oauth_states s WHERE s.key_id = w.key_id AND s.expires_at > clock_timestamp())
      AND NOT EXISTS (SELECT FROM leap.credential_checks x WHERE x.action = 'exchange' AND x.state = 'waiting' AND x.grant_data->'boxes' @> jsonb_build_array(jsonb_build_object('key_id', w.key_id)));
    RETURN begun;
END
$$;
COMMENT ON FUNCTION leap.reseal_credentials() IS
'Has workers seal anew what is sealed to an older key, at most 500 credentials and webhooks a call, and retires keys that seal nothing any more. Returns how many were begun. A chore of every minute.';

-- What is over is kept for a month, except what a credential was last told.
CREATE OR REPLACE FUNCTION leap.forget_credential_checks()
RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    WITH gone AS (DELETE FROM leap.credential_checks x
                  WHERE x.finished_at < clock_timestamp() - CASE WHEN x.action = 'reseal' AND x.state = 'succeeded' THEN interval '1 day' ELSE interval '30 days' END RETURNING 1),
    late AS (DELETE FROM leap.oauth_states s WHERE s.expires_at < clock_timestamp() - interval '1 hour' RETURNING 1)
    SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM late)
$$;
COMMENT ON FUNCTION leap.forget_credential_checks() IS
'Deletes checks that ended a month ago, reseals that succeeded a day ago, and authorisations that nobody came back from; returns how many.';
