-- Credentials for people: what one has to have, and adding, changing, checking and deleting them.
--
-- What is given is judged field by field here, brought into one form and sealed, and from then on nobody reads it but a
-- worker. No message, log or answer repeats the value of a secret field, and none goes back out.
-- Lock order: presets, sources -> credential.

-- What goes into the head of a request is short enough for every server (worker/net/account.h).
CREATE OR REPLACE FUNCTION leap.credential_fields()
RETURNS TABLE (platform text, key text, secret boolean, type text, pattern text, most int, allowed text, comment text) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT p.platform, f.key, f.secret, f.type, f.pattern, f.most, f.allowed, f.comment
    FROM (VALUES
        ('zoom', 'account_id',             false, 'string', '^[\x21-\x7e]+$', 200,   'text without blanks',            'the account of a server-to-server app'),
        ('zoom', 'account',                false, 'string', '^[^\s@]+@[^\s@]+$|^[\x21-\x7e]+$', 254, 'an e-mail address or the id of a user', 'whose recordings, if not all of the account'),
        ('vk',   'user_id',                false, 'string', '^\d{1,19}$',     19,    'a number',                       'whose token it is'),
        ('vk',   'group_id',               false, 'string', '^-?\d{1,19}$',   20,    'a number',                       'the community that videos go to unless a preset says another'),
        ('vk',   'device_id',              false, 'string', '^[\x21-\x7e]+$', 500,   'text without blanks',            'what VK ID calls the device that signed in; it renews only for that'),
        ('s3',   'access_key_id',          false, 'string', '^[\x21-\x7e]+$', 200,   'text without blanks',            'the name of the key'),
        ('s3',   'secret_access_key',      true,  'string', '^[\x21-\x7e]+$', 500,   'text without blanks',            'the key'),
        ('s3',   'session_token',          true,  'string', '^[\x21-\x7e]+$', 4000,  'text without blanks',            'what temporary keys come with'),
        ('s3',   'endpoint',               false, 'string', '^https?://[^\s/?#@]+(/[^\s?#]*)?$', 500, 'an http or https address without user name, query and fragment', 'where the service is; without it that of Amazon in the region'),
        ('s3',   'region',                 false, 'string', '^[a-z0-9-]+$',   50,    'letters, digits and -',          'the region, "us-east-1" if none is said'),
        ('s3',   'path_style',             false, 'boolean', NULL,            NULL,  'true or false',                  'whether the bucket stands in the path and not in the host; true if an endpoint is given'),
        (NULL,   'access_token',           true,  'string', '^[\x21-\x7e]+$', 4000,  'text without blanks',            'what requests are made with'),
        (NULL,   'refresh_token',          true,  'string', '^[\x21-\x7e]+$', 10000, 'text without blanks',            'what gets the next access token'),
        (NULL,   'expires_at',             false, 'string', '^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?$', 40, 'a time such as "2026-03-01T12:00:00Z"', 'when the access token ends'),
        (NULL,   'client_id',              false, 'string', '^[\x21-\x7e]+$', 500,   'text without blanks',            'the app that got the tokens'),
        (NULL,   'client_secret',          true,  'string', '^[\x21-\x7e]+$', 500,   'text without blanks',            'its secret'),
        (NULL,   'scope',                  false, 'string', '^[\x20-\x7e]*$', 4000,  'words with blanks between them', 'what the tokens allow')) AS f(only_of, key, secret, type, pattern, most, allowed, comment)
    JOIN unnest('{youtube,vk,yandex_disk,zoom,s3}'::text[]) AS p(platform) ON p.platform = f.only_of OR f.only_of IS NULL AND p.platform <> 's3'
$$;
COMMENT ON FUNCTION leap.credential_fields() IS
'The fields of credentials by platform: key, whether it is secret, type of its JSON value, pattern and greatest length of a text, what is allowed in words, and what it is for. leap.credential_forms() tells which go together.';

CREATE OR REPLACE FUNCTION leap.credential_forms()
RETURNS TABLE (platform text, needs text[], kind text, comment text) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    VALUES ('youtube',     '{refresh_token,client_id,client_secret}'::text[], 'oauth', 'a channel that was connected'),
           ('vk',          '{refresh_token,client_id,device_id}',             'oauth', 'an account that was connected'),
           ('vk',          '{access_token}',                                  'token', 'a token without end'),
           ('yandex_disk', '{refresh_token,client_id,client_secret}',         'oauth', 'a disk that was connected'),
           ('yandex_disk', '{access_token}',                                  'token', 'a token that ends after a year'),
           ('zoom',        '{account_id,client_id,client_secret}',            'server', 'a server-to-server app of an account'),
           ('zoom',        '{refresh_token,client_id,client_secret}',         'oauth', 'a user who connected'),
           ('zoom',        '{access_token}',                                  'token', 'a token that ends within the hour'),
           ('s3',          '{access_key_id,secret_access_key}',               'key',   'an access key')
$$;
COMMENT ON FUNCTION leap.credential_forms() IS
'What credentials of a platform need: all fields of one row, the first that fits. Whoever has the first field of a row needs the others too.';

-- What Google writes into its files, and names that others use for the same.
CREATE OR REPLACE FUNCTION leap.usual_credential(platform text, given jsonb)
RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    app jsonb := leap.object_or_empty(coalesce(given #> '{client_secrets,installed}', given #> '{client_secrets,web}', given->'installed', given->'web'));
    token jsonb;
BEGIN
    IF platform = 'youtube' AND given ?| '{client_secrets,token,installed,web}' THEN
        token := CASE WHEN jsonb_typeof(given->'token') = 'object' THEN given->'token' ELSE given END;
        RETURN jsonb_strip_nulls(jsonb_build_object('access_token', coalesce(token->'token', token->'access_token'), 'refresh_token', token->'refresh_token',
            'expires_at', coalesce(token->'expires_at', token->'expiry'), 'client_id', coalesce(token->'client_id', app->'client_id'),
            'client_secret', coalesce(token->'client_secret', app->'client_secret'),
            'scope', CASE jsonb_typeof(token->'scopes') WHEN 'array' THEN to_jsonb((SELECT string_agg(s, ' ') FROM jsonb_array_elements_text(token->'scopes') s))
                          ELSE coalesce(token->'scopes', token->'scope') END));
    END IF;
    IF given ? 'expiry' AND NOT given ? 'expires_at' THEN
        given := given - 'expiry' || jsonb_build_object('expires_at', given->'expiry');
    END IF;
    IF platform = 'yandex_disk' AND given ? 'oauth_token' AND NOT given ? 'access_token' THEN
        given := given - 'oauth_token' || jsonb_build_object('access_token', given->'oauth_token');
    ELSIF platform = 'vk' THEN
        given := given || coalesce((SELECT jsonb_object_agg(e.key, e.value #>> '{}') FROM jsonb_each(given) e
                                    WHERE e.key IN ('user_id', 'group_id') AND jsonb_typeof(e.value) = 'number'), '{}');
    END IF;
    RETURN jsonb_strip_nulls(given - 'token_type');
END
$$;
COMMENT ON FUNCTION leap.usual_credential(text, jsonb) IS
'The data of a credential with the names that LEAP uses: client_secrets and token of Google taken together, oauth_token of Yandex as access_token, expiry as expires_at, numbers of VK as text.';

CREATE OR REPLACE FUNCTION leap.check_credential_data(platform text, given jsonb)
RETURNS jsonb LANGUAGE plpgsql STABLE SET timezone = 'UTC' AS $$
DECLARE
    data jsonb;
    f record;
    value jsonb;
    missing text;
    form record;
BEGIN
    IF jsonb_typeof(given) IS DISTINCT FROM 'object' THEN
        PERFORM leap.refuse('LP030', format('the data of a %s credential is no JSON object', platform), 'leap.credential_fields() lists what it has.');
    END IF;
    data := leap.usual_credential(platform, given);
    PERFORM leap.check_keys(data, ARRAY(SELECT x.key FROM leap.credential_fields() x WHERE x.platform = check_credential_data.platform),
                            format('the data of a %s credential', platform));
    FOR f IN SELECT x.* FROM leap.credential_fields() x WHERE x.platform = check_credential_data.platform AND data ? x.key LOOP
        value := data->f.key;
        -- of a secret its length is all that is told
        IF jsonb_typeof(value) <> f.type THEN
            PERFORM leap.refuse('LP030', format('the field %s of a %s credential is a JSON %s', f.key, platform, jsonb_typeof(value)), format('It is %s.', f.allowed));
        ELSIF f.type = 'string' AND NOT length(value #>> '{}') BETWEEN 1 AND f.most THEN
            PERFORM leap.refuse('LP030', format('the field %s of a %s credential has %s characters', f.key, platform, length(value #>> '{}')), format('It has 1 to %s: %s.', f.most, f.allowed));
        ELSIF f.type = 'string' AND (value #>> '{}') !~ f.pattern THEN
            PERFORM leap.refuse('LP030', CASE WHEN f.secret THEN format('the field %s of a %s credential has characters that it cannot have', f.key, platform)
                                              ELSE format('the field %s of a %s credential cannot be %s', f.key, platform, left(leap.safe_url(value::text), 100)) END, format('It is %s.', f.allowed));
        END IF;
    END LOOP;
    FOR form IN SELECT x.* FROM leap.credential_forms() x WHERE x.platform = check_credential_data.platform AND data ? x.needs[1] LOOP
        missing := (SELECT string_agg(n, ', ') FROM unnest(form.needs) n WHERE NOT data ? n);
        IF missing IS NOT NULL THEN
            PERFORM leap.refuse('LP030', format('a %s credential with %s lacks %s', platform, form.needs[1], missing), format('%s needs %s.', initcap(left(form.comment, 1)) || substr(form.comment, 2), array_to_string(form.needs, ', ')));
        END IF;
    END LOOP;
    IF NOT EXISTS (SELECT FROM leap.credential_forms() x WHERE x.platform = check_credential_data.platform AND data ?& x.needs) THEN
        PERFORM leap.refuse('LP030', format('a %s credential with %s is not complete', platform, coalesce((SELECT string_agg(k, ', ' ORDER BY k) FROM jsonb_object_keys(data) k), 'no field')),
            format('It needs %s.', (SELECT string_agg(format('%s (%s)', array_to_string(x.needs, ', '), x.comment), ', or ') FROM leap.credential_forms() x WHERE x.platform = check_credential_data.platform)));
    END IF;
    IF data ? 'expires_at' THEN
        BEGIN
            -- what has no zone is UTC: libraries of Google write it so
            data := data || jsonb_build_object('expires_at', to_char((data->>'expires_at')::timestamptz, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'));
        EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format OR invalid_time_zone_displacement_value THEN
            PERFORM leap.refuse('LP030', format('the field expires_at of a %s credential cannot be %s', platform, left((data->'expires_at')::text, 50)), 'There is no such time.');
        END;
    END IF;
    RETURN CASE platform WHEN 's3' THEN jsonb_build_object('region', 'us-east-1', 'path_style', data ? 'endpoint',
                'endpoint', format('https://s3.%s.amazonaws.com', coalesce(data->>'region', 'us-east-1'))) ELSE '{}' END || data;
END
$$;
COMMENT ON FUNCTION leap.check_credential_data(text, jsonb) IS
'The data of a credential in the form that workers take. Error LP030 names the field and its rule, of a secret one never the value.';

CREATE OR REPLACE FUNCTION leap.openly_known(platform text, data jsonb)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'kind', (SELECT x.kind FROM leap.credential_forms() WITH ORDINALITY AS x(platform, needs, kind, comment, n) WHERE x.platform = openly_known.platform AND data ?& x.needs ORDER BY x.n LIMIT 1),
        'account', coalesce(data->>'account', data->>'group_id', data->>'user_id'),
        'title', CASE platform WHEN 's3' THEN data->>'endpoint' END,
        'scopes', CASE WHEN data->>'scope' <> '' THEN to_jsonb(regexp_split_to_array(btrim(data->>'scope'), '[\s,]+')) END,
        'expires_at', data->>'expires_at'))
$$;
COMMENT ON FUNCTION leap.openly_known(text, jsonb) IS 'What of the data of a credential is kept openly: kind (leap.credential_forms()), account, title, scopes, expires_at.';

-- One of them -----------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION leap.credential_uses(c leap.credentials, only_active boolean = false)
RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(x.name ORDER BY x.name), '{}') FROM (
        SELECT format('preset "%s"', p.name) FROM leap.output_presets p WHERE p.credential_id = c.id AND (p.is_active OR NOT only_active)
        UNION ALL
        SELECT format('source "%s"', s.name) FROM leap.input_sources s WHERE s.credential_id = c.id AND (s.is_active OR NOT only_active)) AS x(name)
$$;
COMMENT ON FUNCTION leap.credential_uses(leap.credentials, boolean) IS 'The presets and sources that name a credential, or the active ones of them, in words.';

CREATE OR REPLACE FUNCTION leap.credential_json(c leap.credentials)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', c.id, 'platform', c.platform, 'account_name', c.account_name,
        'state', CASE WHEN NOT c.is_active THEN 'off' WHEN c.needs_reauth THEN 'needs_reauth' WHEN c.last_checked_at IS NULL THEN 'unchecked' WHEN c.last_error IS NOT NULL THEN 'failed' ELSE 'ok' END,
        'facts', c.facts, 'is_active', c.is_active, 'needs_reauth', c.needs_reauth, 'reauth_reason', c.reauth_reason, 'version', c.version, 'key_id', c.key_id,
        'used_by', to_jsonb(leap.credential_uses(c)), 'last_used_at', c.last_used_at, 'last_checked_at', c.last_checked_at, 'last_error', c.last_error,
        'created_at', c.created_at, 'updated_at', c.updated_at)
$$;
COMMENT ON FUNCTION leap.credential_json(leap.credentials) IS
'A credential as people see it: everything but its data; state: off, needs_reauth, unchecked, failed (the last check did not get that far) or ok; used_by: presets and sources in words.';

-- What the log keeps of it.
CREATE OR REPLACE FUNCTION leap.credential_log(c leap.credentials)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('platform', c.platform, 'account_name', c.account_name, 'is_active', c.is_active, 'version', c.version, 'facts', c.facts)
$$;
COMMENT ON FUNCTION leap.credential_log(leap.credentials) IS 'A credential as the audit log has it.';

CREATE OR REPLACE FUNCTION leap.own_credential(id uuid)
RETURNS leap.credentials LANGUAGE plpgsql AS $$
DECLARE
    c leap.credentials;
BEGIN
    SELECT x.* INTO c FROM leap.credentials x WHERE x.id = own_credential.id AND leap.may_see(x.user_id) FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM leap.refuse('LP020', format('there is no credential %s', id), 'leap credential list shows those there are.');
    END IF;
    RETURN c;
END
$$;
COMMENT ON FUNCTION leap.own_credential(uuid) IS 'The credential, locked, if the caller may see it. Error LP020.';

CREATE OR REPLACE FUNCTION leap.check_credential_name(platform text, account_name text)
RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF platform IS NULL OR NOT EXISTS (SELECT FROM leap.credential_forms() x WHERE x.platform = check_credential_name.platform) THEN
        PERFORM leap.refuse('LP030', format('there are no credentials for "%s"', left(platform, 50)), 'There are for youtube, vk, yandex_disk, zoom and s3.');
    ELSIF NOT coalesce(length(btrim(account_name)) BETWEEN 1 AND 255, false) OR account_name ~ '[\x01-\x1f\x7f]' THEN
        PERFORM leap.refuse('LP030', format('a credential cannot be called "%s"', left(account_name, 50)), 'A name has 1 to 255 characters in one line.');
    END IF;
    RETURN btrim(account_name);
END
$$;
COMMENT ON FUNCTION leap.check_credential_name(text, text) IS 'The name of a credential without blanks around it. Error LP030 for it or the platform.';

CREATE OR REPLACE FUNCTION leap.add_credential(platform text, account_name text, data jsonb, "user" text = NULL)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.acting_user("user");
    c leap.credentials;
    k leap.worker_keys;
    usual jsonb;
BEGIN
    account_name := leap.check_credential_name(platform, account_name);
    usual := leap.check_credential_data(platform, data);
    k := leap.sealing_key();
    INSERT INTO leap.credentials AS x (user_id, platform, account_name, sealed, key_id, facts)
    VALUES (u.id, add_credential.platform, add_credential.account_name, leap.seal_for(usual, k), k.key_id, leap.credential_facts(leap.openly_known(add_credential.platform, usual)))
    ON CONFLICT ON CONSTRAINT credentials_name DO NOTHING RETURNING x.* INTO c;
    IF c.id IS NULL THEN
        PERFORM leap.refuse_taken_name(platform || ' credential', account_name);
    END IF;
    PERFORM leap.audit('add', 'credential', c.id::text, NULL, leap.credential_log(c));
    RETURN c.id;
END
$$;
COMMENT ON FUNCTION leap.add_credential(text, text, jsonb, text) IS
'Keeps access to an account at a platform, sealed to the workers'' key: data as leap.credential_fields() and leap.credential_forms() say. Returns its id. Audited without the data. Errors: LP003 no key (leap keys init), LP010 the limit of credentials, LP020 user, LP030 naming the field and its rule, 23505 name taken.';

CREATE OR REPLACE FUNCTION leap.change_credential(id uuid, changes jsonb)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    c leap.credentials := leap.own_credential(id);
    before jsonb := leap.credential_log(c);
    name text := c.account_name;
    k leap.worker_keys;
    usual jsonb;
BEGIN
    -- not as check_keys does it: what is no object may be a secret
    IF jsonb_typeof(changes) IS DISTINCT FROM 'object' THEN
        PERFORM leap.refuse('LP030', 'what changes of a credential is no JSON object', 'It has account_name, is_active or data.');
    END IF;
    PERFORM leap.check_keys(changes, '{account_name,is_active,data}', 'a credential');
    IF changes ? 'account_name' THEN
        name := leap.check_credential_name(c.platform, changes->>'account_name');
        IF EXISTS (SELECT FROM leap.credentials x WHERE x.user_id = c.user_id AND x.platform = c.platform AND x.account_name = name AND x.id <> c.id) THEN
            PERFORM leap.refuse_taken_name(c.platform || ' credential', name);
        END IF;
    END IF;
    IF jsonb_typeof(coalesce(changes->'is_active', 'true')) <> 'boolean' THEN
        PERFORM leap.refuse('LP030', format('is_active cannot be %s', left((changes->'is_active')::text, 50)), 'It is true or false.');
    END IF;
    UPDATE leap.credentials x SET account_name = name, is_active = coalesce((changes->>'is_active')::boolean, x.is_active), updated_at = clock_timestamp()
    WHERE x.id = c.id;
    IF changes ? 'data' THEN
        usual := leap.check_credential_data(c.platform, changes->'data');
        k := leap.sealing_key();
        UPDATE leap.credentials x
        SET sealed = leap.seal_for(usual, k), key_id = k.key_id, version = x.version + 1, facts = leap.credential_facts(leap.openly_known(c.platform, usual)),
            stored_at = clock_timestamp(), stored_by = NULL, needs_reauth = false, reauth_reason = NULL, last_error = NULL, last_checked_at = NULL,
            renewing_task = NULL, renewing_fence = NULL, renewing_until = NULL, had_turn = '{}'
        WHERE x.id = c.id;
    END IF;
    SELECT x.* INTO c FROM leap.credentials x WHERE x.id = c.id;
    PERFORM leap.audit('change', 'credential', c.id::text, before, leap.credential_log(c));
    RETURN leap.credential_json(c);
END
$$;
COMMENT ON FUNCTION leap.change_credential(uuid, jsonb) IS
'Changes account_name, is_active or data of a credential; data is given whole and ends a needs_reauth. Returns it as it is now. Audited without the data. Errors LP003, LP020, LP030, 23505.';

-- Who is told to, waits for nothing: a worker that has it already goes on with what it has.
CREATE OR REPLACE FUNCTION leap.delete_credential(id uuid, force boolean = false)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    c leap.credentials;
    uses text[];
    waiting uuid;
BEGIN
    PERFORM FROM leap.output_presets p WHERE p.credential_id = delete_credential.id ORDER BY p.id FOR NO KEY UPDATE;
    PERFORM FROM leap.input_sources s WHERE s.credential_id = delete_credential.id ORDER BY s.id FOR NO KEY UPDATE;
    c := leap.own_credential(id);
    -- who just names it is waited for, and seen
    PERFORM FROM leap.credentials x WHERE x.id = c.id FOR UPDATE;
    uses := leap.credential_uses(c, true);
    IF cardinality(uses) > 0 AND NOT coalesce(force, false) THEN
        PERFORM leap.refuse('LP009', format('the credential "%s" is used by %s', c.account_name, array_to_string(uses[1:5], ', '))
                || CASE WHEN cardinality(uses) > 5 THEN format(' and %s more', cardinality(uses) - 5) ELSE '' END,
            'Give them another one first, or switch them off; with force it goes all the same, and what needs it fails.');
    END IF;
    FOR waiting IN SELECT x.id FROM leap.credential_checks x WHERE x.credential_id = c.id AND x.state = 'waiting' ORDER BY x.id LOOP
        PERFORM leap.credential_check_ended(waiting, 'cancelled', jsonb_build_object('class', 'permanent', 'code', 'credential_deleted', 'message', 'the credential was deleted'));
    END LOOP;
    UPDATE leap.output_presets p SET credential_id = NULL WHERE p.credential_id = c.id;
    UPDATE leap.input_sources s SET credential_id = NULL WHERE s.credential_id = c.id;
    DELETE FROM leap.credentials x WHERE x.id = c.id;
    PERFORM leap.audit('delete', 'credential', c.id::text, leap.credential_log(c), NULL);
END
$$;
COMMENT ON FUNCTION leap.delete_credential(uuid, boolean) IS
'Deletes a credential; its access at the platform is not revoked there. With force also one that active presets and sources use: they lose it, and their tasks fail with class credential until they get another. Errors LP009 (in use), LP020.';

CREATE OR REPLACE FUNCTION leap.get_credential(id uuid)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    c leap.credentials;
BEGIN
    SELECT x.* INTO c FROM leap.credentials x WHERE x.id = get_credential.id AND leap.may_see(x.user_id);
    IF NOT FOUND THEN
        PERFORM leap.refuse('LP020', format('there is no credential %s', id), 'leap credential list shows those there are.');
    END IF;
    RETURN leap.credential_json(c) || jsonb_build_object('checks', (
        SELECT coalesce(jsonb_agg(leap.credential_check_json(x) ORDER BY x.id DESC), '[]')
        FROM (SELECT y.* FROM leap.credential_checks y WHERE y.credential_id = c.id AND y.action <> 'reseal' ORDER BY y.id DESC LIMIT 5) x));
END
$$;
COMMENT ON FUNCTION leap.get_credential(uuid) IS 'A credential without its data (leap.credential_json()), and its last five checks. Error LP020.';

CREATE OR REPLACE FUNCTION leap.credential_list("user" text = NULL, platform text = NULL)
RETURNS SETOF jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    owner uuid := leap.tasks_owner("user");
BEGIN
    RETURN QUERY SELECT leap.credential_json(c) || CASE WHEN owner IS NULL THEN jsonb_build_object('user', (SELECT u.email FROM leap.users u WHERE u.id = c.user_id)) ELSE '{}' END
        FROM leap.credentials c WHERE (owner IS NULL OR c.user_id = owner) AND (credential_list.platform IS NULL OR c.platform = credential_list.platform)
        ORDER BY c.platform, c.account_name, c.id;
END
$$;
COMMENT ON FUNCTION leap.credential_list(text, text) IS
'The credentials of the caller, or as operator of the user named (null: of everybody, with user), perhaps of one platform, without their data (leap.credential_json()). Error LP020.';

CREATE OR REPLACE FUNCTION leap.find_credential(said text, "user" text = NULL)
RETURNS uuid LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    owner uuid := leap.tasks_owner("user");
    ids uuid[] := ARRAY(SELECT c.id FROM leap.credentials c
                        WHERE (owner IS NULL OR c.user_id = owner)
                          AND (said IN (c.account_name, c.platform || '/' || c.account_name) OR c.id::text = lower(said)
                               OR length(said) >= 4 AND said ~ '^[0-9a-fA-F-]+$' AND c.id::text LIKE '%' || lower(said)) LIMIT 2);
BEGIN
    IF cardinality(ids) = 0 THEN
        PERFORM leap.refuse('LP020', format('there is no credential "%s"', left(said, 300)), 'leap credential list shows names and ids.');
    ELSIF cardinality(ids) > 1 THEN
        PERFORM leap.refuse('LP021', format('several credentials are called "%s"', said), 'Name the platform, too: youtube/NAME; or give the id.');
    END IF;
    RETURN ids[1];
END
$$;
COMMENT ON FUNCTION leap.find_credential(text, text) IS
'The credential with this name, PLATFORM/name, id, or end of an id, of the caller or as operator of the user named (null: of anybody). Errors LP020 (none), LP021 (several).';

-- Checks ---------------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION leap.credential_check_json(x leap.credential_checks)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', x.id, 'credential', x.credential_id, 'platform', x.platform, 'action', x.action, 'task', x.task_id::text, 'state', x.state, 'facts', x.facts,
        'error', x.error, 'requested_at', x.requested_at, 'finished_at', x.finished_at, 'begun', t.state = 'running', 'last_try', t.error)
    FROM (SELECT x.task_id) o LEFT JOIN leap.tasks t ON t.id = o.task_id AND x.state = 'waiting'
$$;
COMMENT ON FUNCTION leap.credential_check_json(leap.credential_checks) IS
'A check as people see it, and of one that waits whether a worker is at it (begun) and why the last try failed (last_try).';

-- One that nobody has begun serves again.
CREATE OR REPLACE FUNCTION leap.check_credential(id uuid)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    c leap.credentials := leap.own_credential(id);
    made uuid := (SELECT x.id FROM leap.credential_checks x JOIN leap.tasks t ON t.id = x.task_id
                  WHERE x.credential_id = c.id AND x.action = 'check' AND x.state = 'waiting' AND t.state IN ('ready', 'scheduled') ORDER BY x.id LIMIT 1);
BEGIN
    IF made IS NULL THEN
        INSERT INTO leap.credential_checks AS x (credential_id, user_id, platform, action) VALUES (c.id, c.user_id, c.platform, 'check') RETURNING x.id INTO made;
        UPDATE leap.credential_checks x SET task_id = leap.add_errand('credential', c.user_id, made) WHERE x.id = made;
    END IF;
    RETURN made;
END
$$;
COMMENT ON FUNCTION leap.check_credential(uuid) IS
'Has a worker try a credential, by one cheap request that needs it; returns the check (leap.credential_check_status()). One that succeeds ends a needs_reauth. Error LP020.';

CREATE OR REPLACE FUNCTION leap.credential_check_status(id uuid)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    x leap.credential_checks;
BEGIN
    SELECT y.* INTO x FROM leap.credential_checks y WHERE y.id = credential_check_status.id AND leap.may_see(y.user_id);
    IF NOT FOUND THEN
        PERFORM leap.refuse('LP020', format('there is no check %s', id), 'leap.check_credential() makes one.');
    END IF;
    RETURN leap.credential_check_json(x);
END
$$;
COMMENT ON FUNCTION leap.credential_check_status(uuid) IS
'What became of a check or of an authorisation: state (waiting, succeeded, failed, cancelled), credential, facts, error. Error LP020.';

-- A preset names only what its owner has, for its platform.
CREATE OR REPLACE FUNCTION leap.guard_credential_of()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    c leap.credentials;
BEGIN
    SELECT x.* INTO c FROM leap.credentials x WHERE x.id = NEW.credential_id AND x.user_id = NEW.user_id FOR KEY SHARE;
    IF NOT FOUND THEN
        PERFORM leap.refuse('LP030', format('credential_id: there is no credential %s', NEW.credential_id), 'Only credentials of the same owner can be named.');
    ELSIF c.platform <> NEW.platform THEN
        PERFORM leap.refuse('LP030', format('credential_id: "%s" is for %s, not for %s', c.account_name, c.platform, NEW.platform), 'Name a credential for the same platform.');
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER guard_credential BEFORE INSERT OR UPDATE OF credential_id, user_id ON leap.output_presets
    FOR EACH ROW WHEN (NEW.credential_id IS NOT NULL) EXECUTE FUNCTION leap.guard_credential_of();
-- sources have a guard of their own
DROP TRIGGER IF EXISTS guard_credential ON leap.input_sources;
