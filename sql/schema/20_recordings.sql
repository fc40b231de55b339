-- Recordings, their runs, output targets and artifacts.
--
-- No foreign keys: a row updated twice in a transaction, as every step does, would be checked again row by row, and
-- each check would lock its user. Ownership and removal are guarded by statement triggers instead (40_guards.sql).

CREATE TABLE IF NOT EXISTS leap.recordings (
    id              uuid PRIMARY KEY DEFAULT leap.uuid7(),
    user_id         uuid NOT NULL,
    display_name    text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 500),
    source          jsonb NOT NULL CHECK (jsonb_typeof(source) = 'object' AND source ? 'type'),
    start_time      timestamptz NOT NULL DEFAULT now(),
    status          text NOT NULL CHECK (leap.fsm_known('recording', status)),
    duration        double precision CHECK (duration >= 0),
    final_duration  double precision CHECK (final_duration >= 0),
    blank_record    boolean NOT NULL DEFAULT false,
    failed          boolean NOT NULL DEFAULT false,
    failed_at       timestamptz,
    failed_at_stage text CHECK (failed_at_stage IN ('download', 'process', 'transcribe', 'upload')),
    error           jsonb,
    error_message   text GENERATED ALWAYS AS (error->>'message') STORED,
    retry_count     int NOT NULL DEFAULT 0,     -- tries that failed, the last one included
    next_attempt_at timestamptz,
    hold            text CHECK (hold IN ('paused', 'blank', 'quality', 'credential', 'quota', 'quarantine')),
    hold_message    text,
    held_by         text,
    held_at         timestamptz,
    flags           jsonb NOT NULL DEFAULT '[]',
    facts           jsonb NOT NULL DEFAULT '{}',
    config          jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(config) = 'object'),
    topics          jsonb,
    main_topics     jsonb,
    delete_state    text NOT NULL CHECK (leap.fsm_known('deletion', delete_state)),
    deleted_at      timestamptz,
    expire_at       timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CHECK ((hold IS NULL) = (held_at IS NULL)),
    CHECK ((delete_state = 'active') = (deleted_at IS NULL))
) WITH (fillfactor = 70);
-- For lists (66_lists.sql). A move changes status and updated_at, so each index here costs every move a row of it.
CREATE INDEX IF NOT EXISTS recordings_by_start ON leap.recordings (user_id, start_time, id);
CREATE INDEX IF NOT EXISTS recordings_by_status ON leap.recordings (user_id, status, id) WHERE delete_state = 'active';
CREATE INDEX IF NOT EXISTS recordings_by_created_at ON leap.recordings (user_id, created_at) WHERE delete_state = 'active';
CREATE INDEX IF NOT EXISTS recordings_by_title ON leap.recordings (user_id, display_name, id) WHERE delete_state = 'active';
CREATE INDEX IF NOT EXISTS recordings_by_change ON leap.recordings (user_id, updated_at, id) WHERE delete_state = 'active';
-- a file that was added before (leap.same_file)
CREATE INDEX IF NOT EXISTS recordings_by_size ON leap.recordings (user_id, (source->>'bytes')) WHERE source->>'type' = 'file';
CREATE INDEX IF NOT EXISTS recordings_failed ON leap.recordings (user_id, id) WHERE failed;
CREATE INDEX IF NOT EXISTS recordings_held ON leap.recordings (user_id, id) WHERE hold IS NOT NULL;
DO $$ BEGIN
    EXECUTE format('CREATE INDEX IF NOT EXISTS recordings_by_name ON leap.recordings USING gin
        (translate(lower(normalize(display_name, NFKC)), ''ё'', ''е'') %I.gin_trgm_ops) WITH (gin_pending_list_limit = 256)',
        (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm'));
    IF to_regclass('leap.recordings_by_user') IS NOT NULL THEN
        DROP INDEX leap.recordings_by_user;
    END IF;
    IF to_regclass('leap.recordings_by_creation') IS NOT NULL THEN
        DROP INDEX leap.recordings_by_creation;
    END IF;
END $$;
ALTER TABLE leap.recordings ADD COLUMN IF NOT EXISTS template_id uuid,
    ADD COLUMN IF NOT EXISTS template_by text CHECK (template_by IN ('rule', 'user')),
    ADD COLUMN IF NOT EXISTS input_source_id uuid,
    ADD COLUMN IF NOT EXISTS source_key text CHECK (length(source_key) BETWEEN 1 AND 2000),
    ADD COLUMN IF NOT EXISTS source_metadata jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN IF NOT EXISTS unmatched_reason text,
    ADD COLUMN IF NOT EXISTS source_expires_at timestamptz;
CREATE INDEX IF NOT EXISTS recordings_pending_source ON leap.recordings (input_source_id) WHERE status = 'PENDING_SOURCE' AND delete_state = 'active';
COMMENT ON COLUMN leap.recordings.source_expires_at IS
'When its source removes it, as far as the source says; its download is begun the earlier for it.';
CREATE UNIQUE INDEX IF NOT EXISTS recordings_by_source_key ON leap.recordings (user_id, source_key) WHERE source_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS recordings_by_template ON leap.recordings (template_id) WHERE template_id IS NOT NULL;
-- what a list can be narrowed to is counted without reading its rows
DROP INDEX IF EXISTS leap.recordings_by_age;
CREATE INDEX IF NOT EXISTS recordings_choices ON leap.recordings (user_id, id) INCLUDE (blank_record, status, template_id, input_source_id, failed, hold)
    WHERE delete_state = 'active';
ALTER TABLE leap.recordings ADD COLUMN IF NOT EXISTS expire_by text CHECK (expire_by IN ('setting', 'user')),
    ADD COLUMN IF NOT EXISTS expire_warned_at timestamptz, ADD COLUMN IF NOT EXISTS delete_reason text CHECK (delete_reason IN ('user', 'expired')),
    ADD COLUMN IF NOT EXISTS purged_at timestamptz;
CREATE INDEX IF NOT EXISTS recordings_deleted ON leap.recordings (delete_state, deleted_at) WHERE delete_state <> 'active';
CREATE INDEX IF NOT EXISTS recordings_expiring ON leap.recordings (expire_at) WHERE expire_at IS NOT NULL AND delete_state = 'active';
COMMENT ON COLUMN leap.recordings.expire_by IS
'Who decided about expire_at, or that there is none: user (a person: no setting changes it) or setting; null: nobody yet.';
COMMENT ON COLUMN leap.recordings.delete_reason IS 'Why it is deleted: a person wanted it, or it expired; null: it is not, or was before that was noted.';
COMMENT ON COLUMN leap.recordings.purged_at IS 'When its files went: all but what was said if it is deleted, sound and pictures if it is not.';

-- What a source has and nobody wants any more: a sync that finds it again makes nothing of it.
CREATE TABLE IF NOT EXISTS leap.purged_sources (
    user_id      uuid NOT NULL REFERENCES leap.users ON DELETE CASCADE,
    source_key   text NOT NULL,
    recording_id uuid NOT NULL,
    purged_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (user_id, source_key)
);
-- parts of what a source calls by the beginning of their keys
CREATE INDEX IF NOT EXISTS recordings_by_key_prefix ON leap.recordings (user_id, source_key COLLATE "C") WHERE source_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS purged_sources_by_prefix ON leap.purged_sources (user_id, source_key COLLATE "C");
COMMENT ON TABLE leap.purged_sources IS
'What sources call recordings that were deleted and of which nothing is left: a sync knows them, and makes none of them anew.';
COMMENT ON COLUMN leap.recordings.template_by IS
'Who chose the template, or chose that there is none: user (a person: no rule changes it) or rule.';
COMMENT ON COLUMN leap.recordings.source_key IS
'What a source calls this recording: a sync that finds it again makes no second one. Unique for a user, deleted recordings included.';
COMMENT ON TABLE leap.recordings IS 'One lecture each: a source, a status, what is known of it.';
COMMENT ON COLUMN leap.recordings.failed IS
'The last try failed. With status FAILED nobody tries again by itself; with another status it is tried again at next_attempt_at.';
COMMENT ON COLUMN leap.recordings.hold IS
'Why no task of it may start until a person decides; null = not held.';
COMMENT ON COLUMN leap.recordings.flags IS
'What people should know although it is no failure: [{"code","message","reasons"}]; reasons, where there are any, as the task reported them.';
COMMENT ON COLUMN leap.recordings.facts IS 'What the tasks found out: verdict, reasons, speech, has_audio, has_video, cut, language, quality.';

CREATE TABLE IF NOT EXISTS leap.runs (
    id              uuid PRIMARY KEY DEFAULT leap.uuid7(),
    recording_id    uuid NOT NULL,
    user_id         uuid NOT NULL,
    state           text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'finished', 'failed', 'cancelled')),
    trigger         text NOT NULL CHECK (trigger IN ('user', 'automation', 'bulk', 'retry', 'force')),
    idempotency_key text CHECK (length(idempotency_key) BETWEEN 1 AND 200),
    request_hash    text,
    config          jsonb NOT NULL,
    requested_by    text NOT NULL DEFAULT session_user,
    started_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at     timestamptz,
    CHECK ((state = 'active') = (finished_at IS NULL))
);
CREATE UNIQUE INDEX IF NOT EXISTS runs_one_active ON leap.runs (recording_id) WHERE state = 'active';
CREATE UNIQUE INDEX IF NOT EXISTS runs_idempotency ON leap.runs (user_id, idempotency_key);
CREATE INDEX IF NOT EXISTS runs_by_recording ON leap.runs (recording_id, started_at);
ALTER TABLE leap.runs ADD COLUMN IF NOT EXISTS priority smallint NOT NULL DEFAULT 0 CHECK (priority BETWEEN -10 AND 10),
    ADD COLUMN IF NOT EXISTS start_at timestamptz;
ALTER TABLE leap.runs ADD COLUMN IF NOT EXISTS automation_run_id uuid, ADD COLUMN IF NOT EXISTS asked_for text,
    ADD COLUMN IF NOT EXISTS topics_changed bigint;
CREATE INDEX IF NOT EXISTS runs_by_automation ON leap.runs (automation_run_id) WHERE automation_run_id IS NOT NULL;
COMMENT ON TABLE leap.runs IS
'Passages of recordings through the pipeline, with the configuration each was resolved to. At most one active per recording. priority: -10 first .. 10 last among the tasks of the same user; start_at: nothing of it starts earlier; asked_for: the operation it is, or write_topics for the one that only writes those in use, hear for one that hears anew (null in runs from before that was noted).';

COMMENT ON COLUMN leap.runs.topics_changed IS
'A person put another version of the topics in use while it was active: the fence of the attempt that was writing the one before, 0 if none was; null: nobody did.';

CREATE TABLE IF NOT EXISTS leap.output_targets (
    id            uuid PRIMARY KEY DEFAULT leap.uuid7(),
    recording_id  uuid NOT NULL,
    user_id       uuid NOT NULL,
    target_type   text NOT NULL CHECK (target_type IN ('LIBRARY', 'YOUTUBE', 'VK', 'YANDEX_DISK', 'S3')),
    preset_id     uuid,
    status        text NOT NULL CHECK (leap.fsm_known('target', status)),
    config        jsonb NOT NULL DEFAULT '{}',
    target_meta   jsonb NOT NULL DEFAULT '{}',
    remote_id     text,
    url           text,
    failed        boolean NOT NULL DEFAULT false,
    error         jsonb,
    retry_count   int NOT NULL DEFAULT 0,
    started_at    timestamptz,
    uploaded_at   timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX IF NOT EXISTS output_targets_once ON leap.output_targets
    (recording_id, target_type, coalesce(preset_id, '00000000-0000-0000-0000-000000000000'));
ALTER TABLE leap.output_targets ADD COLUMN IF NOT EXISTS input_hash bytea;
COMMENT ON COLUMN leap.output_targets.input_hash IS 'What the publication was made with (leap.possible_tasks()); null: before there were hashes.';
ALTER TABLE leap.output_targets ADD COLUMN IF NOT EXISTS video_sha256 text;
COMMENT ON COLUMN leap.output_targets.video_sha256 IS 'Which video is published; null: it was published before that was noted.';
-- it once was the library alone
DO $$
BEGIN
    IF (SELECT pg_get_constraintdef(c.oid) FROM pg_constraint c
        WHERE c.conrelid = 'leap.output_targets'::regclass AND c.conname = 'output_targets_target_type_check') NOT LIKE '%YOUTUBE%' THEN
        ALTER TABLE leap.output_targets DROP CONSTRAINT output_targets_target_type_check,
            ADD CONSTRAINT output_targets_target_type_check CHECK (target_type IN ('LIBRARY', 'YOUTUBE', 'VK', 'YANDEX_DISK', 'S3'));
    END IF;
END
$$;
COMMENT ON TABLE leap.output_targets IS
'Where a recording is to be published and how far that is: one row per platform and preset.';

CREATE TABLE IF NOT EXISTS leap.artifacts (
    id           uuid PRIMARY KEY DEFAULT leap.uuid7(),
    recording_id uuid NOT NULL,
    user_id      uuid NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('source', 'analysis', 'envelope', 'waveform', 'audio', 'poster', 'miniature', 'video', 'heard',
                     'transcript', 'text', 'topics', 'chapters', 'srt', 'vtt') OR kind ~ '^(srt|vtt):[a-z]{2,3}(-[A-Za-z0-9]+)*$' OR kind ~ '^heard:[0-9a-f]{8}$'),
    uri          text NOT NULL UNIQUE CHECK (uri !~ '(^/|(^|/)\.\.(/|$))'),
    bytes        bigint NOT NULL CHECK (bytes >= 0),
    sha256       text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    media_type   text NOT NULL,
    metadata     jsonb NOT NULL DEFAULT '{}',
    task_id      bigint,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
DO $$ BEGIN
    IF pg_get_constraintdef((SELECT c.oid FROM pg_constraint c WHERE c.conrelid = 'leap.artifacts'::regclass AND c.conname = 'artifacts_kind_check')) NOT LIKE '%miniature%' THEN
        ALTER TABLE leap.artifacts DROP CONSTRAINT artifacts_kind_check,
            ADD CONSTRAINT artifacts_kind_check CHECK (kind IN ('source', 'analysis', 'envelope', 'waveform', 'audio', 'poster', 'miniature', 'video', 'heard',
                'transcript', 'text', 'topics', 'chapters', 'srt', 'vtt') OR kind ~ '^(srt|vtt):[a-z]{2,3}(-[A-Za-z0-9]+)*$' OR kind ~ '^heard:[0-9a-f]{8}$');
    END IF;
END $$;
CREATE UNIQUE INDEX IF NOT EXISTS artifacts_by_recording ON leap.artifacts (recording_id, kind);
-- what was heard of the same sound, whichever recording of the user it was
DROP INDEX IF EXISTS leap.artifacts_heard;
CREATE INDEX IF NOT EXISTS artifacts_hearings ON leap.artifacts (user_id, (metadata->>'audio_sha256'), created_at) WHERE left(kind, 5) = 'heard';
ALTER TABLE leap.artifacts ADD COLUMN IF NOT EXISTS input_hash bytea;
COMMENT ON COLUMN leap.artifacts.input_hash IS 'What the file was made with (leap.possible_tasks()); null: before there were hashes.';
COMMENT ON TABLE leap.artifacts IS
'The files LEAP keeps for a recording, one of each kind. The file is whole and synced before its row exists; uri is relative to the storage root.';

CREATE TABLE IF NOT EXISTS leap.storage_garbage (
    uri        text PRIMARY KEY,
    deleted_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE leap.storage_garbage IS
'Files no row names any more: removed from storage after the deletion has committed.';

-- no two databases may share a storage: each would take the other's files for orphans
CREATE TABLE IF NOT EXISTS leap.database_identity (
    id    uuid NOT NULL DEFAULT gen_random_uuid(),
    alone boolean PRIMARY KEY DEFAULT true CHECK (alone)
);
COMMENT ON TABLE leap.database_identity IS 'Which database this is, as its storage says it (docs/storage.md). A restored copy is the same one.';
INSERT INTO leap.database_identity DEFAULT VALUES ON CONFLICT DO NOTHING;

CREATE OR REPLACE FUNCTION leap.database_id()
RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT i.id FROM leap.database_identity i
$$;
COMMENT ON FUNCTION leap.database_id() IS 'The id by which a storage knows this database as its own.';

CREATE TABLE IF NOT EXISTS leap.storage_orphans (
    uri      text PRIMARY KEY,
    found_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE leap.storage_orphans IS
'Files of LEAP older than a day that no row names, as the last sweep saw them (20,000 at most); leap doctor storage lists and, when asked, removes them.';
