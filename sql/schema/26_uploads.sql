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
ALTER TABLE leap.uploads ADD COLUMN IF NOT EXISTS resumable boolean NOT NULL DEFAULT false,
    ADD COLUMN IF NOT EXISTS options jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(options) = 'object'),
    ADD COLUMN IF NOT EXISTS metadata text CHECK (length(metadata) <= 16384),
    ADD COLUMN IF NOT EXISTS unproved_from bigint CHECK (unproved_from >= 0);
COMMENT ON COLUMN leap.uploads.resumable IS 'It comes in several requests, by the tus protocol; how far it is, is the length of its file.';
COMMENT ON COLUMN leap.uploads.options IS 'Of a resumable one: what leap.finish_upload() is to be told when it is whole.';
COMMENT ON COLUMN leap.uploads.metadata IS 'Of a resumable one: its Upload-Metadata as it was sent.';
COMMENT ON COLUMN leap.uploads.unproved_from IS 'What the file has from this byte on came with a checksum that nobody has compared: it does not count. Null: all of it counts.';
COMMENT ON TABLE leap.uploads IS
'Lectures that arrive, or arrived, by HTTP. The recording that is made of one has its id. reserved: bytes of the owner''s storage that are kept free for it. What nobody went on with until expires_at is given up, and its file (uri) removed.';
