-- Templates, which say how the recordings that match their rules are processed, and presets, which say how to publish.
--
-- Rows are checked by triggers (72_templates.sql, 74_presets.sql), so that they hold whoever writes. A template's three
-- configurations are what people see; layer is the same as the pipeline reads it, kept by the trigger.
-- Lock order: recording -> template, preset.

CREATE TABLE IF NOT EXISTS leap.recording_templates (
    id                uuid PRIMARY KEY DEFAULT leap.uuid7(),
    user_id           uuid NOT NULL REFERENCES leap.users ON DELETE CASCADE,
    name              text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    description       text CHECK (length(description) <= 5000),
    is_draft          boolean NOT NULL DEFAULT false,
    is_active         boolean NOT NULL DEFAULT true,
    is_default        boolean NOT NULL DEFAULT false,
    matching_rules    jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(matching_rules) = 'object'),
    processing_config jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(processing_config) = 'object'),
    metadata_config   jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(metadata_config) = 'object'),
    output_config     jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(output_config) = 'object'),
    layer             jsonb NOT NULL DEFAULT '{}',
    used_count        bigint NOT NULL DEFAULT 0 CHECK (used_count >= 0),
    last_matched_at   timestamptz,
    created_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (user_id, name)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX IF NOT EXISTS recording_templates_default ON leap.recording_templates (user_id) WHERE is_default;
COMMENT ON TABLE leap.recording_templates IS
'Rules that say which recordings a template is for, and configuration for them. Active ones that are no drafts are tried in the order they were made; the default one, at most one a user, matches nothing and lies beneath all.';
COMMENT ON COLUMN leap.recording_templates.layer IS
'The three configurations as one layer of leap.resolve_config(); written by a trigger.';
COMMENT ON COLUMN leap.recording_templates.used_count IS 'How many recordings were given this template, by rules and by people.';

CREATE TABLE IF NOT EXISTS leap.output_presets (
    id              uuid PRIMARY KEY DEFAULT leap.uuid7(),
    user_id         uuid NOT NULL REFERENCES leap.users ON DELETE CASCADE,
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    description     text CHECK (length(description) <= 5000),
    platform        text NOT NULL,
    credential_id   uuid,
    preset_metadata jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(preset_metadata) = 'object'),
    on_rerun        text NOT NULL DEFAULT 'update' CHECK (on_rerun IN ('update', 'replace', 'new')),
    is_active       boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (user_id, name)
);
COMMENT ON TABLE leap.output_presets IS
'Settings for publishing to a platform. A recording whose configuration names presets has one target for each.';
COMMENT ON COLUMN leap.output_presets.on_rerun IS
'What a publication that is made anew does with the one there is: update it, replace it by a new one, or add a new one.';

-- Targets that follow the configuration are renewed when a run starts (62_runs.sql); others were added by hand and stay.
ALTER TABLE leap.output_targets ADD COLUMN IF NOT EXISTS configured boolean NOT NULL DEFAULT false,
    ADD COLUMN IF NOT EXISTS wanted boolean NOT NULL DEFAULT true,
    ADD COLUMN IF NOT EXISTS removed_at timestamptz;
CREATE INDEX IF NOT EXISTS output_targets_by_preset ON leap.output_targets (preset_id) WHERE preset_id IS NOT NULL;
COMMENT ON COLUMN leap.output_targets.configured IS 'The configuration names it, or did: the start of a run renews or removes it.';
COMMENT ON COLUMN leap.output_targets.wanted IS 'False: it is published, and the configuration does not name it any more; runs leave it alone.';

COMMENT ON COLUMN leap.output_targets.removed_at IS 'Somebody took it back then: runs leave it alone until an upload to it is asked for.';

-- The default template is not counted: everybody may have one.
CREATE OR REPLACE TRIGGER quota_templates_insert AFTER INSERT ON leap.recording_templates
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION leap.quota_guard('templates', 'count(*) FILTER (WHERE NOT is_default)');
CREATE OR REPLACE TRIGGER quota_templates_update AFTER UPDATE ON leap.recording_templates
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION leap.quota_guard('templates', 'count(*) FILTER (WHERE NOT is_default)');
CREATE OR REPLACE TRIGGER quota_templates_delete AFTER DELETE ON leap.recording_templates
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT
    EXECUTE FUNCTION leap.quota_guard('templates', 'count(*) FILTER (WHERE NOT is_default)');
