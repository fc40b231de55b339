-- Lectures on their way in by HTTP: what has arrived of each, and what is reserved for it.

CREATE TABLE IF NOT EXISTS leap.uploads (
    id          uuid PRIMARY KEY DEFAULT leap.uuid7(),
    user_id     uuid NOT NULL,
    lane        int NOT NULL,
    name        text NOT NULL DEFAULT '' CHECK (length(name) <= 500),
    uri         text NOT NULL UNIQUE,
    state       text NOT NULL DEFAULT 'receiving' CHECK (state IN ('receiving', 'finished', 'failed', 'expired')),
    expected    bigint CHECK (expected >= 0),
    received    bigint NOT NULL DEFAULT 0 CHECK (received >= 0),
    reserved    bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    sha256      text CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    created_at  timestamptz NOT NULL DEFAULT leap.clock(),
    expires_at  timestamptz NOT NULL,
    finished_at timestamptz,
    CHECK ((state = 'finished') = (sha256 IS NOT NULL)),
    CHECK ((state = 'receiving') = (finished_at IS NULL)),
    CHECK (state = 'receiving' OR reserved = 0)
) WITH (fillfactor = 50);
CREATE INDEX IF NOT EXISTS uploads_open ON leap.uploads (lane) WHERE state = 'receiving';
COMMENT ON TABLE leap.uploads IS
'Lectures that arrive, or arrived, by HTTP. The recording that is made of one has its id. reserved: bytes of the owner''s storage that are kept free for it. What nobody went on with until expires_at is given up, and its file (uri) removed.';
