-- Credentials: what LEAP shows to platforms in the name of a user, sealed so that only workers read it.
--
-- A worker holds private keys in a file; their public halves are rows of leap.worker_keys. What people give is sealed to
-- the newest of them on its way in (leap.seal), and from then on it travels as it lies: the database, its backups and
-- whoever reads them cannot open it. facts hold what is no secret: the name of the account, its scopes, when a token
-- expires. Each new content has a new version; who refreshes a token says which version he had.
-- Lock order: recording -> tasks -> task_lease -> credential; nobody waits for anything while holding one.

CREATE TABLE IF NOT EXISTS leap.worker_keys (
    key_id     text PRIMARY KEY,
    public_key bytea NOT NULL CHECK (length(public_key) = 32),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    retired_at timestamptz,
    CONSTRAINT key_id_of_key CHECK (key_id = left(encode(sha256(public_key), 'hex'), 16))
);
COMMENT ON TABLE leap.worker_keys IS
'The public keys of workers. What is new is sealed to the newest that is not retired; key_id is the first 16 hex digits of the SHA-256 of the key. A key is retired when nothing is sealed to it any more.';

CREATE TABLE IF NOT EXISTS leap.credentials (
    id              uuid PRIMARY KEY DEFAULT leap.uuid7(),
    user_id         uuid NOT NULL REFERENCES leap.users ON DELETE CASCADE,
    platform        text NOT NULL CHECK (platform IN ('youtube', 'vk', 'yandex_disk', 'zoom', 's3')),
    account_name    text NOT NULL CHECK (length(account_name) BETWEEN 1 AND 255 AND account_name = btrim(account_name)),
    sealed          bytea NOT NULL CHECK (length(sealed) BETWEEN 49 AND 65536),
    key_id          text NOT NULL REFERENCES leap.worker_keys,
    version         int NOT NULL DEFAULT 1 CHECK (version > 0),
    facts           jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(facts) = 'object'),
    is_active       boolean NOT NULL DEFAULT true,
    needs_reauth    boolean NOT NULL DEFAULT false,
    reauth_reason   text,
    stored_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    stored_by       bigint,
    renewing_task   bigint,
    renewing_fence  bigint,
    renewing_until  timestamptz,
    last_used_at    timestamptz,
    last_checked_at timestamptz,
    last_error      jsonb,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT credentials_name UNIQUE (user_id, platform, account_name)
) WITH (fillfactor = 80);
CREATE INDEX IF NOT EXISTS credentials_by_key ON leap.credentials (key_id);
COMMENT ON TABLE leap.credentials IS
'Access to the accounts of users at platforms. One that is not active, or needs_reauth, is used by no task; the latter until its owner gives new data or a check finds that it works.';
COMMENT ON COLUMN leap.credentials.sealed IS 'The data, as a sealed box for the key key_id. Only workers open it.';
COMMENT ON COLUMN leap.credentials.version IS 'Counts its contents: new data and each renewed token.';
COMMENT ON COLUMN leap.credentials.facts IS 'What is known of it and no secret: account, title, kind, scopes, expires_at.';
COMMENT ON COLUMN leap.credentials.stored_by IS 'The task that stored what there is now; null: a person did.';
COMMENT ON COLUMN leap.credentials.renewing_task IS 'Who renews it: this task, with this fence, until then. Nobody else does at the same time.';
ALTER TABLE leap.credentials ADD COLUMN IF NOT EXISTS had_turn text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN leap.credentials.had_turn IS 'Who has or had the turn to renew this version, the last twenty as task/fence: what one of them got may be stored, however late it comes.';

CREATE OR REPLACE TRIGGER quota_credentials_insert AFTER INSERT ON leap.credentials
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION leap.quota_guard('credentials', 'count(*)');
CREATE OR REPLACE TRIGGER quota_credentials_delete AFTER DELETE ON leap.credentials
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION leap.quota_guard('credentials', 'count(*)');

CREATE TABLE IF NOT EXISTS leap.credential_checks (
    id            uuid PRIMARY KEY DEFAULT leap.uuid7(),
    credential_id uuid,
    user_id       uuid REFERENCES leap.users ON DELETE CASCADE,
    platform      text NOT NULL,
    action        text NOT NULL CHECK (action IN ('check', 'exchange', 'reseal')),
    grant_data    jsonb,
    task_id       bigint,
    state         text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'succeeded', 'failed', 'cancelled')),
    facts         jsonb,
    error         jsonb,
    requested_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at   timestamptz,
    CHECK ((state = 'waiting') = (finished_at IS NULL))
);
CREATE INDEX IF NOT EXISTS credential_checks_by_credential ON leap.credential_checks (credential_id, id);
CREATE INDEX IF NOT EXISTS credential_checks_by_user ON leap.credential_checks (user_id, id);
COMMENT ON TABLE leap.credential_checks IS
'What workers were asked to do with credentials: check (one cheap request that needs it), exchange (the code of an authorisation for tokens; there is a credential_id when they are stored) and reseal (for the newest key; without credential_id and webhook_id the secret of the app of the platform, which is nobody''s). facts: what was found out; error: why it failed.';
COMMENT ON COLUMN leap.credential_checks.grant_data IS
'Of an exchange that waits: account_name, redirect_uri, scope, and boxes [{key_id, sealed in base64}], which open to code, code_verifier and what else its request needs. Gone when it has ended.';

-- What deliveries are signed with is sealed too, as soon as there is a key (51_credentials.sql).
ALTER TABLE leap.webhooks ADD COLUMN IF NOT EXISTS sealed bytea CHECK (length(sealed) BETWEEN 49 AND 65536);
ALTER TABLE leap.webhooks ADD COLUMN IF NOT EXISTS key_id text REFERENCES leap.worker_keys;
ALTER TABLE leap.webhooks ADD COLUMN IF NOT EXISTS secret_version int NOT NULL DEFAULT 1;
COMMENT ON COLUMN leap.webhooks.secret IS 'What its deliveries are signed with, openly, while no key of workers is known; null when it is sealed.';
COMMENT ON COLUMN leap.webhooks.sealed IS '{secret} as a sealed box for the key key_id. Only workers open it.';
COMMENT ON COLUMN leap.webhooks.secret_version IS 'Counts its secrets.';
DO $$
BEGIN
    ALTER TABLE leap.webhooks ADD CONSTRAINT webhooks_one_secret CHECK (num_nonnulls(secret, sealed) = 1 AND (sealed IS NULL) = (key_id IS NULL));
EXCEPTION WHEN duplicate_object THEN
    NULL;
END
$$;
CREATE INDEX IF NOT EXISTS webhooks_open ON leap.webhooks (id) WHERE secret IS NOT NULL;

-- a webhook's box is sealed anew like those of credentials
ALTER TABLE leap.credential_checks ADD COLUMN IF NOT EXISTS webhook_id uuid;
CREATE INDEX IF NOT EXISTS credential_checks_by_webhook ON leap.credential_checks (webhook_id) WHERE webhook_id IS NOT NULL;
DROP INDEX IF EXISTS leap.credential_checks_reseal;
CREATE UNIQUE INDEX IF NOT EXISTS credential_checks_one_reseal ON leap.credential_checks (coalesce(credential_id::text, webhook_id::text, platform)) WHERE action = 'reseal' AND state = 'waiting';
COMMENT ON COLUMN leap.credential_checks.webhook_id IS 'Of a reseal of the secret of a webhook: which.';

-- a source, like a preset, names the credential it is asked with
ALTER TABLE leap.input_sources ADD COLUMN IF NOT EXISTS credential_id uuid;
CREATE INDEX IF NOT EXISTS input_sources_by_credential ON leap.input_sources (credential_id) WHERE credential_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS output_presets_by_credential ON leap.output_presets (credential_id) WHERE credential_id IS NOT NULL;
COMMENT ON COLUMN leap.input_sources.credential_id IS 'What it is asked with, for platforms that want to know who asks.';

CREATE TABLE IF NOT EXISTS leap.platform_apps (
    platform      text PRIMARY KEY CHECK (platform IN ('youtube', 'vk', 'yandex_disk', 'zoom')),
    client_id     text NOT NULL CHECK (length(client_id) BETWEEN 1 AND 500),
    sealed_secret bytea NOT NULL,
    key_id        text NOT NULL REFERENCES leap.worker_keys,
    version       int NOT NULL DEFAULT 1,
    redirect_uri  text NOT NULL CHECK (length(redirect_uri) <= 500),
    scopes        text[] NOT NULL,
    updated_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE leap.platform_apps IS
'As what LEAP is registered with a platform, for people who connect their accounts by its page. sealed_secret: {client_id, client_secret} as a sealed box; redirect_uri: where the page sends them back to.';

CREATE TABLE IF NOT EXISTS leap.oauth_states (
    state_hash    bytea PRIMARY KEY,
    user_id       uuid NOT NULL REFERENCES leap.users ON DELETE CASCADE,
    platform      text NOT NULL,
    account_name  text NOT NULL,
    sealed        bytea NOT NULL,
    key_id        text NOT NULL REFERENCES leap.worker_keys,
    redirect_uri  text NOT NULL,
    scopes        text[] NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at    timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS oauth_states_by_user ON leap.oauth_states (user_id);
CREATE INDEX IF NOT EXISTS oauth_states_by_expiry ON leap.oauth_states (expires_at);
COMMENT ON TABLE leap.oauth_states IS
'Authorisations that somebody began and has not come back from. The state is kept as its SHA-256 and taken away by its first use; sealed: {code_verifier} as a sealed box.';

-- Databases of the first months had the verifier openly; who was on his way begins again.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('leap.oauth_states') AND attname = 'code_verifier' AND NOT attisdropped) THEN
        DELETE FROM leap.oauth_states;
        ALTER TABLE leap.oauth_states DROP COLUMN code_verifier, ADD COLUMN sealed bytea NOT NULL, ADD COLUMN key_id text NOT NULL REFERENCES leap.worker_keys;
    END IF;
END
$$;

-- Where platforms are, if it is not where their documents say.
CREATE TABLE IF NOT EXISTS leap.platform_endpoints (
    platform text NOT NULL,
    name     text NOT NULL,
    url      text NOT NULL CHECK (length(url) BETWEEN 8 AND 500),
    PRIMARY KEY (platform, name)
);
COMMENT ON TABLE leap.platform_endpoints IS
'Addresses of platforms that an operator set instead of the usual ones (leap.endpoint_names()), for gateways and for tests.';

CREATE OR REPLACE FUNCTION leap.endpoint_names()
RETURNS TABLE (platform text, name text, standard text) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    VALUES ('youtube',     'api',       'https://www.googleapis.com/youtube/v3'),
           ('youtube',     'upload',    'https://www.googleapis.com/upload/youtube/v3'),
           ('youtube',     'authorize', 'https://accounts.google.com/o/oauth2/v2/auth'),
           ('youtube',     'token',     'https://oauth2.googleapis.com/token'),
           ('youtube',     'revoke',    'https://oauth2.googleapis.com/revoke'),
           ('vk',          'api',       'https://api.vk.com/method'),
           ('vk',          'authorize', 'https://id.vk.com/authorize'),
           ('vk',          'token',     'https://id.vk.com/oauth2/auth'),
           ('yandex_disk', 'api',       'https://cloud-api.yandex.net/v1/disk'),
           ('yandex_disk', 'authorize', 'https://oauth.yandex.ru/authorize'),
           ('yandex_disk', 'token',     'https://oauth.yandex.ru/token'),
           ('zoom',        'api',       'https://api.zoom.us/v2'),
           ('zoom',        'authorize', 'https://zoom.us/oauth/authorize'),
           ('zoom',        'token',     'https://zoom.us/oauth/token')
$$;
COMMENT ON FUNCTION leap.endpoint_names() IS
'The addresses at which platforms are asked, and what they are unless leap.set_platform_endpoint() said otherwise. The endpoint of S3 is part of each credential.';

CREATE OR REPLACE FUNCTION leap.platform_endpoint(platform text, name text)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(p.url, n.standard)
    FROM leap.endpoint_names() n LEFT JOIN leap.platform_endpoints p USING (platform, name)
    WHERE (n.platform, n.name) = (platform_endpoint.platform, platform_endpoint.name)
$$;
COMMENT ON FUNCTION leap.platform_endpoint(text, text) IS 'The address of a platform that is in force; null for an unknown one.';

CREATE OR REPLACE FUNCTION leap.set_platform_endpoint(platform text, name text, url text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    before jsonb;
BEGIN
    IF NOT EXISTS (SELECT FROM leap.endpoint_names() n WHERE (n.platform, n.name) = (set_platform_endpoint.platform, set_platform_endpoint.name)) THEN
        PERFORM leap.refuse('LP030', format('"%s" has no endpoint "%s"', left(platform, 50), left(name, 50)),
            format('There are %s.', (SELECT string_agg(n.platform || ' ' || n.name, ', ') FROM leap.endpoint_names() n)));
    ELSIF url !~ '^https?://[^\s/?#@]+(/[^\s?#]*)?$' OR length(url) > 500 THEN
        PERFORM leap.refuse('LP030', format('the endpoint "%s" of %s cannot be %s', name, platform, left(leap.safe_url(url), 100)),
            'It is an http or https address without user name, query and fragment.');
    END IF;
    SELECT jsonb_build_object('url', p.url) INTO before FROM leap.platform_endpoints p
    WHERE (p.platform, p.name) = (set_platform_endpoint.platform, set_platform_endpoint.name) FOR UPDATE;
    IF url IS NULL THEN
        DELETE FROM leap.platform_endpoints p WHERE (p.platform, p.name) = (set_platform_endpoint.platform, set_platform_endpoint.name);
    ELSE
        INSERT INTO leap.platform_endpoints AS p (platform, name, url) VALUES (set_platform_endpoint.platform, set_platform_endpoint.name, rtrim(set_platform_endpoint.url, '/'))
        ON CONFLICT ON CONSTRAINT platform_endpoints_pkey DO UPDATE SET url = excluded.url;
    END IF;
    PERFORM leap.audit('change', 'endpoint', format('%s/%s', platform, name), before, CASE WHEN url IS NOT NULL THEN jsonb_build_object('url', rtrim(url, '/')) END);
END
$$;
COMMENT ON FUNCTION leap.set_platform_endpoint(text, text, text) IS
'Sets the address at which a platform is asked (leap.endpoint_names()); null sets back the usual one. Tasks claimed from then on use it. For operators; audited. Error LP030.';
