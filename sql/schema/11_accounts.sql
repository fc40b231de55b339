-- Accounts: what proves who somebody is, and what each account may do.
--
-- Nothing here can be used if it is stolen: passwords are bcrypt hashes, tokens, invitations and keys SHA-256 hashes of
-- random bits. Only the keys that sign (leap.signing_keys) are secrets as they are; nobody is granted that table.
-- What is decided with these rows is in 68_passwords.sql, 68_login.sql, 68_sessions.sql, 68_keys.sql and 68_admission.sql.
-- Lock order: users -> login_failures (by kind, key) -> sessions -> refresh_tokens, api_keys, account_tokens.

-- Wrappers that find pgcrypto where it is; a test counts what passwords cost by replacing leap.bcrypt().
DO $do$
DECLARE
    place text := (SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pgcrypto');
BEGIN
    EXECUTE format('CREATE OR REPLACE FUNCTION leap.bcrypt(password text, salt text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS %L',
                   format('SELECT %s.crypt(password, salt)', place));
    EXECUTE format('CREATE OR REPLACE FUNCTION leap.bcrypt_salt(cost int) RETURNS text LANGUAGE sql VOLATILE STRICT AS %L',
                   format('SELECT %s.gen_salt(''bf'', cost)', place));
    EXECUTE format('CREATE OR REPLACE FUNCTION leap.hmac_sha256(data bytea, key bytea) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT AS %L',
                   format('SELECT %s.hmac(data, key, ''sha256'')', place));
    EXECUTE format('CREATE OR REPLACE FUNCTION leap.random_bytes(count int) RETURNS bytea LANGUAGE sql VOLATILE STRICT AS %L',
                   format('SELECT %s.gen_random_bytes(count)', place));
END
$do$;
COMMENT ON FUNCTION leap.bcrypt(text, text) IS 'The bcrypt hash of a password with a salt, or with the salt of a hash.';
COMMENT ON FUNCTION leap.bcrypt_salt(int) IS 'A new bcrypt salt for this cost (4..31).';
COMMENT ON FUNCTION leap.hmac_sha256(bytea, bytea) IS 'HMAC with SHA-256 (32 bytes) of the data under a key.';
COMMENT ON FUNCTION leap.random_bytes(int) IS 'So many (1..1024) bytes that nobody can guess.';

CREATE OR REPLACE FUNCTION leap.base64url(data bytea)
RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT translate(encode(data, 'base64'), E'+/=\n', '-_') $$;
COMMENT ON FUNCTION leap.base64url(bytea) IS 'Bytes as tokens write them: base64url without padding.';

CREATE OR REPLACE FUNCTION leap.token_hash(token text)
RETURNS bytea LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT sha256(convert_to(token, 'UTF8')) $$;
COMMENT ON FUNCTION leap.token_hash(text) IS 'What is kept of a token: its SHA-256. Tokens are 256 random bits, so that needs neither salt nor time.';

-- what an account may do, and what is known of it
ALTER TABLE leap.users ADD COLUMN IF NOT EXISTS is_verified boolean NOT NULL DEFAULT false;
ALTER TABLE leap.users ADD COLUMN IF NOT EXISTS token_version int NOT NULL DEFAULT 0;
ALTER TABLE leap.users ADD COLUMN IF NOT EXISTS last_login_at timestamptz;
ALTER TABLE leap.users ADD COLUMN IF NOT EXISTS can_transcribe boolean NOT NULL DEFAULT true;
ALTER TABLE leap.users ADD COLUMN IF NOT EXISTS can_process_video boolean NOT NULL DEFAULT true;
ALTER TABLE leap.users ADD COLUMN IF NOT EXISTS can_upload boolean NOT NULL DEFAULT true;
ALTER TABLE leap.users ADD COLUMN IF NOT EXISTS can_export_data boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN leap.users.token_version IS 'Tokens carry it as tv and are good only while it stays; leap.logout_everywhere() counts it up.';
COMMENT ON COLUMN leap.users.is_verified IS 'Whether a link that was mailed to the address came back.';

CREATE TABLE IF NOT EXISTS leap.passwords (
    user_id    uuid PRIMARY KEY REFERENCES leap.users ON DELETE CASCADE,
    hash       text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT leap.clock()
);
COMMENT ON TABLE leap.passwords IS 'bcrypt hashes of passwords; an account without a row cannot log in by one.';

CREATE TABLE IF NOT EXISTS leap.sessions (
    id           uuid PRIMARY KEY DEFAULT leap.uuid7(),
    user_id      uuid NOT NULL REFERENCES leap.users ON DELETE CASCADE,
    device       text CHECK (length(device) <= 100),
    user_agent   text CHECK (length(user_agent) <= 500),
    address      inet,
    remember     boolean NOT NULL DEFAULT true,
    created_at   timestamptz NOT NULL DEFAULT leap.clock(),
    last_used_at timestamptz NOT NULL DEFAULT leap.clock(),
    expires_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    end_reason   text CHECK (end_reason IN ('logout', 'logout everywhere', 'logout others', 'ended', 'password', 'reuse', 'account')),
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX IF NOT EXISTS sessions_by_user ON leap.sessions (user_id) WHERE ended_at IS NULL;
COMMENT ON TABLE leap.sessions IS
'Logins: a row each, with all the refresh tokens that followed. One that has ended or expired makes its access tokens worthless at once (leap.check_request).';

CREATE TABLE IF NOT EXISTS leap.refresh_tokens (
    hash       bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES leap.sessions ON DELETE CASCADE,
    user_id    uuid NOT NULL REFERENCES leap.users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT leap.clock(),
    used_at    timestamptz
);
CREATE INDEX IF NOT EXISTS refresh_tokens_by_session ON leap.refresh_tokens (session_id);
CREATE INDEX IF NOT EXISTS refresh_tokens_by_user ON leap.refresh_tokens (user_id);
COMMENT ON TABLE leap.refresh_tokens IS
'Hashes of refresh tokens. Each is good once; one that is presented again was stolen or copied, and ends its session.';

CREATE TABLE IF NOT EXISTS leap.login_failures (
    kind     text NOT NULL CHECK (kind IN ('account', 'address')),
    key      bytea NOT NULL,
    failures int NOT NULL DEFAULT 0,
    last_at  timestamptz NOT NULL DEFAULT leap.clock(),
    until    timestamptz,
    PRIMARY KEY (kind, key)
) WITH (fillfactor = 70);
COMMENT ON TABLE leap.login_failures IS
'Failed logins in a row of an account (by the hash of the address that was typed, whether it exists or not) and of a network address, and until when it is blocked.';

CREATE TABLE IF NOT EXISTS leap.invitations (
    id         uuid PRIMARY KEY DEFAULT leap.uuid7(),
    hash       bytea NOT NULL UNIQUE,
    email      text CHECK (length(email) <= 254),
    role       text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'admin')),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT leap.clock(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    used_by    uuid
);
COMMENT ON TABLE leap.invitations IS 'Hashes of invitations to register, each good once; email null: for whoever has it.';

CREATE TABLE IF NOT EXISTS leap.api_keys (
    id           uuid PRIMARY KEY DEFAULT leap.uuid7(),
    user_id      uuid NOT NULL REFERENCES leap.users ON DELETE CASCADE,
    name         text NOT NULL CHECK (name ~ '\S' AND length(name) <= 100),
    prefix       text NOT NULL,
    hash         bytea NOT NULL UNIQUE,
    scope        text NOT NULL CHECK (scope IN ('read', 'write', 'admin')),
    created_at   timestamptz NOT NULL DEFAULT leap.clock(),
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz
) WITH (fillfactor = 80);
CREATE INDEX IF NOT EXISTS api_keys_by_user ON leap.api_keys (user_id);
COMMENT ON TABLE leap.api_keys IS
'Keys for programs: the hash, the prefix people know a key by, what it may do (read; write too; admin: as an administrator), and when it was used last, to the minute.';

CREATE TABLE IF NOT EXISTS leap.signing_keys (
    kid        text PRIMARY KEY,
    purpose    text NOT NULL CHECK (purpose IN ('access', 'mail', 'files', 'shares')),
    secret     bytea NOT NULL CHECK (length(secret) >= 32),
    created_at timestamptz NOT NULL DEFAULT leap.clock(),
    retired_at timestamptz
);
CREATE UNIQUE INDEX IF NOT EXISTS signing_keys_current ON leap.signing_keys (purpose) WHERE retired_at IS NULL;
DO $$ BEGIN
    IF pg_get_constraintdef((SELECT c.oid FROM pg_constraint c WHERE c.conrelid = 'leap.signing_keys'::regclass AND c.conname = 'signing_keys_purpose_check')) NOT LIKE '%shares%' THEN
        ALTER TABLE leap.signing_keys DROP CONSTRAINT signing_keys_purpose_check,
            ADD CONSTRAINT signing_keys_purpose_check CHECK (purpose IN ('access', 'mail', 'files', 'shares'));
    END IF;
END $$;
COMMENT ON TABLE leap.signing_keys IS
'The secrets that sign access tokens and links to files, and make the tokens of mails and shares. The one that is not retired signs; a retired one still verifies what it signed, until that has expired. Nobody is granted this table.';

CREATE TABLE IF NOT EXISTS leap.account_tokens (
    id         uuid PRIMARY KEY DEFAULT leap.uuid7(),
    user_id    uuid NOT NULL REFERENCES leap.users ON DELETE CASCADE,
    purpose    text NOT NULL CHECK (purpose IN ('verify', 'reset')),
    email      text NOT NULL,
    kid        text NOT NULL,
    hash       bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT leap.clock(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX IF NOT EXISTS account_tokens_by_user ON leap.account_tokens (user_id, purpose);
COMMENT ON TABLE leap.account_tokens IS
'Links in mails that verify an address or reset a password: hashes. The token itself is stored nowhere; leap.mail_token() makes it from the id and a signing key when the mail is handed out.';

CREATE TABLE IF NOT EXISTS leap.account_requests (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email      text NOT NULL,
    purpose    text NOT NULL CHECK (purpose IN ('verify', 'reset')),
    created_at timestamptz NOT NULL DEFAULT leap.clock()
);
COMMENT ON TABLE leap.account_requests IS
'Addresses that asked for a mail, known or not: who asks cannot tell, because leap.answer_account_requests() looks only later.';

-- keys are made where there are none
INSERT INTO leap.signing_keys (kid, purpose, secret)
SELECT encode(leap.random_bytes(6), 'hex'), p, leap.random_bytes(32) FROM unnest('{access,mail,files,shares}'::text[]) p
WHERE NOT EXISTS (SELECT FROM leap.signing_keys k WHERE k.purpose = p AND k.retired_at IS NULL);
