-- Links by which people without an account see one lesson each.
--
-- A link shows a token of 128 bits, which leap.share_token() makes again from the id of the share and the key "shares" of
-- this database: its owner can copy it again, and here only its hash is kept. A share whose key was exchanged has no token
-- any more and lets nobody in.

CREATE TABLE IF NOT EXISTS leap.shares (
    id             uuid PRIMARY KEY DEFAULT leap.uuid7(),
    recording_id   uuid NOT NULL,
    user_id        uuid NOT NULL,
    created_by     uuid,
    note           text NOT NULL DEFAULT '' CHECK (length(note) <= 200),
    kid            text NOT NULL,
    hash           bytea NOT NULL UNIQUE,
    allow_download boolean NOT NULL DEFAULT false,
    created_at     timestamptz NOT NULL DEFAULT leap.clock(),
    expires_at     timestamptz,
    revoked_at     timestamptz,
    last_seen_at   timestamptz,
    views          bigint NOT NULL DEFAULT 0 CHECK (views >= 0)
) WITH (fillfactor = 70);
CREATE INDEX IF NOT EXISTS shares_by_recording ON leap.shares (recording_id);
COMMENT ON TABLE leap.shares IS
'Links to lessons for people without an account: what each allows, until when, and how often it was opened. kid and hash: the key its token was made with, and what is kept of the token.';

CREATE OR REPLACE FUNCTION leap.share_is_live(s leap.shares)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT s.revoked_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > leap.clock())
       AND EXISTS (SELECT FROM leap.signing_keys k WHERE k.kid = s.kid AND k.purpose = 'shares' AND k.retired_at IS NULL)
$$;
COMMENT ON FUNCTION leap.share_is_live(leap.shares) IS 'Whether a share still lets people in: not revoked, not expired, made with the key there is now.';
