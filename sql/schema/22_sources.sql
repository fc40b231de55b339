-- Where recordings come from by themselves: input sources, and each time one was asked what is new (a sync).
--
-- An INBOX is a folder of the workers' machines below an import root, watched for finished files; only operators make
-- one. A URL_LIST is a list of links, kept here or fetched from a URL. ZOOM, YANDEX_DISK and S3 are asked with a
-- credential of the same user (a public link of Yandex Disk without), SITE by the program yt-dlp. What a sync finds and
-- what becomes of it: 77_sync_results.sql.
-- Syncs are rows of their own: an errand does the work (51_errands.sql), the row keeps what came of it.
-- Lock order: ... tasks -> ready/lease/scheduled -> sync -> usage; a source's row is locked last and only for a moment.

CREATE OR REPLACE FUNCTION leap.source_kind(source_type text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE source_type WHEN 'INBOX' THEN 'file' WHEN 'URL_LIST' THEN 'url' WHEN 'ZOOM' THEN 'zoom' WHEN 'YANDEX_DISK' THEN 'yandex_disk'
                            WHEN 'S3' THEN 's3' WHEN 'SITE' THEN 'site' END
$$;
COMMENT ON FUNCTION leap.source_kind(text) IS
'The type of the recordings (member type of leap.recordings.source) that sources of this type have; null for a type that there is not.';

CREATE TABLE IF NOT EXISTS leap.input_sources (
    id           uuid PRIMARY KEY DEFAULT leap.uuid7(),
    user_id      uuid NOT NULL REFERENCES leap.users ON DELETE CASCADE,
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    description  text CHECK (length(description) <= 2000),
    source_type  text NOT NULL CHECK (leap.source_kind(source_type) IS NOT NULL),
    credential_id uuid,
    config       jsonb NOT NULL CHECK (jsonb_typeof(config) = 'object'),
    is_active    boolean NOT NULL DEFAULT true,
    last_sync_at timestamptz,
    last_error   jsonb,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT input_sources_name UNIQUE (user_id, name)
);
ALTER TABLE leap.input_sources ADD COLUMN IF NOT EXISTS credential_id uuid;
DO $$ BEGIN
    -- a database from before there were more than two types
    IF EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = 'leap.input_sources'::regclass AND c.conname = 'input_sources_source_type_check'
               AND pg_get_constraintdef(c.oid) !~ 'source_kind') THEN
        ALTER TABLE leap.input_sources DROP CONSTRAINT input_sources_source_type_check,
            ADD CONSTRAINT input_sources_source_type_check CHECK (leap.source_kind(source_type) IS NOT NULL);
    END IF;
END $$;
CREATE INDEX IF NOT EXISTS input_sources_by_credential ON leap.input_sources (credential_id) WHERE credential_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS input_sources_inboxes ON leap.input_sources (id) WHERE source_type = 'INBOX' AND is_active;
COMMENT ON TABLE leap.input_sources IS
'Places that are asked for new recordings. One that is not active is asked by nobody. last_error: why the last sync failed, null since one succeeded. credential_id: of the same user, with which the platform is asked.';

CREATE TABLE IF NOT EXISTS leap.source_syncs (
    id                uuid PRIMARY KEY DEFAULT leap.uuid7(),
    source_id         uuid,             -- or wish
    user_id           uuid NOT NULL REFERENCES leap.users ON DELETE CASCADE,
    wish              jsonb,
    task_id           bigint,
    dry_run           boolean NOT NULL DEFAULT false,
    from_date         date,
    to_date           date,
    from_time         timestamptz,      -- the same as moments, in the time zone the user had
    to_time           timestamptz,
    automation_run_id uuid,
    state             text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'succeeded', 'failed', 'cancelled')),
    found             int NOT NULL DEFAULT 0,
    created           int NOT NULL DEFAULT 0,
    known             int NOT NULL DEFAULT 0,
    updated           int NOT NULL DEFAULT 0,
    refused           int NOT NULL DEFAULT 0,
    report            jsonb,
    error             jsonb,
    part              int NOT NULL DEFAULT 1,
    after             jsonb,            -- where the part that is next begins, in the words of the type
    requested_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at       timestamptz,
    CHECK ((state = 'waiting') = (finished_at IS NULL)),
    CHECK (from_date <= to_date)
);
ALTER TABLE leap.source_syncs ADD COLUMN IF NOT EXISTS part int NOT NULL DEFAULT 1, ADD COLUMN IF NOT EXISTS after jsonb,
    ADD COLUMN IF NOT EXISTS wish jsonb, ALTER COLUMN source_id DROP NOT NULL;
CREATE INDEX IF NOT EXISTS source_syncs_by_source ON leap.source_syncs (source_id, id);
CREATE INDEX IF NOT EXISTS source_syncs_by_user ON leap.source_syncs (user_id, id);
CREATE INDEX IF NOT EXISTS source_syncs_by_run ON leap.source_syncs (automation_run_id) WHERE automation_run_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS source_syncs_waiting ON leap.source_syncs (source_id) WHERE state = 'waiting';
COMMENT ON TABLE leap.source_syncs IS
'Each time a source was asked. found: recordings it has in the span of dates; created: new ones; known: those that were there already, of which updated were brought up to date; refused: new ones that were not taken, with reasons in the report. A dry run writes no recording and tells in report.items what would come. part: of a source that has more than a worker can tell at once, which part is being listed, or was the last; after: where it begins. wish: what is asked once, without a source of its own: {config} of type SITE, and look: formats of a video instead of recordings.';

CREATE OR REPLACE FUNCTION leap.asked_source(x leap.source_syncs)
RETURNS leap.input_sources LANGUAGE sql STABLE AS $$
    SELECT s FROM leap.input_sources s WHERE s.id = x.source_id
    UNION ALL
    SELECT jsonb_populate_record(NULL::leap.input_sources, jsonb_build_object('user_id', x.user_id, 'name', x.wish#>>'{config,url}', 'source_type', 'SITE', 'config', x.wish->'config', 'is_active', true))
    WHERE x.wish IS NOT NULL
$$;
COMMENT ON FUNCTION leap.asked_source(leap.source_syncs) IS 'The source that a sync asks, or what stands for one, without an id, where something is asked once; null if it was deleted.';

-- What a source can be told: one row a key. Workers check it again.
CREATE OR REPLACE FUNCTION leap.source_options()
RETURNS TABLE (source_type text, key text, type text, required boolean, standard jsonb, low numeric, high numeric, allowed text, comment text)
LANGUAGE sql IMMUTABLE AS $$
    VALUES ('INBOX',    'path',           'string',  true,  NULL::jsonb, NULL::numeric, 4000::numeric, 'the absolute path of a folder', 'the folder, below an import root; it cannot be changed'),
           ('INBOX',    'recursive',      'boolean', false, 'true',      NULL, NULL,       'true or false',                   'folders in it, too'),
           ('INBOX',    'settle_seconds', 'number',  false, '10',        1,    3600,       'a number of seconds from 1 to 3600', 'a file that did not change for so long is complete'),
           ('URL_LIST', 'url',            'string',  false, NULL,        NULL, 4000,       'a URL that begins with http:// or https://', 'the list is fetched from here'),
           ('URL_LIST', 'urls',           'array',   false, NULL,        1,    1000,       'an array of 1 to 1000 URLs that begin with http:// or https://', 'the list itself, instead of url'),
           ('URL_LIST', 'key_by',         'string',  false, '"url"',     2,    3,          '"url" or "id"',                   'what a recording is known by: its link, or the id that a feed gives it (guid), for links that change'),
           ('ZOOM',     'user_id',        'string',  false, '"me"',      1,    254,        'the id or the e-mail address of a user, or "me"', 'whose recordings; me is the account that the credential names, else the user it belongs to'),
           ('ZOOM',     'is_master_account', 'boolean', false, 'false', NULL, NULL,      'true or false',                   'the recordings of other users of the account, too'),
           ('ZOOM',     'user_emails',    'array',   false, NULL,        1,    1000,       'an array of 1 to 1000 e-mail addresses', 'of a master account: whose recordings; without it those of all its users'),
           ('ZOOM',     'views',          'array',   false, '["shared_screen_with_speaker_view", "shared_screen_with_speaker_view(CC)", "shared_screen_with_gallery_view", "shared_screen", "active_speaker", "gallery_view"]',
                                                                         1,    30,         'an array of 1 to 30 kinds of recording files', 'which picture is taken of those that there are, the best first; of other kinds whichever is a video'),
           ('ZOOM',     'days_back',      'number',  false, '90',        1,    3650,       'a number of days from 1 to 3650', 'how far back a sync looks that is told no days'),
           ('YANDEX_DISK', 'folder_path', 'string',  false, NULL,        1,    4000,       'the path of a folder of the disk', 'a folder of the disk of the credential'),
           ('YANDEX_DISK', 'public_url',  'string',  false, NULL,        1,    2000,       'a public link that begins with https://', 'a folder or a file that is published, instead of folder_path; no credential is needed'),
           ('YANDEX_DISK', 'recursive',   'boolean', false, 'true',      NULL, NULL,       'true or false',                   'folders in it, too'),
           ('S3',       'bucket',         'string',  true,  NULL,        3,    63,         'the name of a bucket, 3 to 63 characters', 'the bucket; where it is says the credential'),
           ('S3',       'prefix',         'string',  false, NULL,        1,    1000,       'the beginning of keys, 1 to 1000 characters', 'only objects whose key begins so'),
           ('SITE',     'url',            'string',  true,  NULL,        NULL, 4000,       'a URL that begins with http:// or https://', 'a video, a playlist or a channel of a site that yt-dlp knows'),
           ('SITE',     'quality',        'string',  false, '"best"',    NULL, 10,         '"best", "1080p", "720p" or "480p"', 'the height of the picture at most'),
           ('SITE',     'format',         'string',  false, '"mp4"',     NULL, 10,         '"mp4", "mp3", "audio" or "any"',  'which files are preferred'),
           ('SITE',     'most',           'number',  false, '100',       1,    10000,      'a number from 1 to 10000',        'recordings of a playlist or channel, the first of it'),
           ('*',        'file_pattern',   'string',  false, NULL,        1,    500,        'a regular expression of at most 500 characters', 'only files, or links, whose name matches; without it an inbox takes files with a usual suffix of media'),
           ('*',        'blank_seconds',  'number',  false, '0',         0,    86400,      'a number of seconds from 0 to 86400', 'a recording that says it is shorter is skipped as blank'),
           ('*',        'blank_bytes',    'number',  false, '0',         0,    1e15,       'a number of bytes from 0 to 1000000000000000', 'a recording that says it is smaller is skipped as blank')
$$;
COMMENT ON FUNCTION leap.source_options() IS
'What the config of an input source may have, by source_type (* = each): key, JSON type, whether it has to be there, default, least and most (of a number; of the length of a string or array), and all that in words.';

CREATE OR REPLACE FUNCTION leap.check_source_config(source_type text, config jsonb)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    o record;
    given jsonb;
    bad jsonb;
    url text;
    roots text[] := array_remove(string_to_array(leap.setting('leap.import_roots'), ':'), '');
BEGIN
    IF source_type IS NULL OR NOT EXISTS (SELECT FROM leap.source_options() x WHERE x.source_type = check_source_config.source_type) THEN
        PERFORM leap.refuse('LP030', format('there is no source type "%s"', source_type), 'Types are INBOX, URL_LIST, ZOOM, YANDEX_DISK, S3 and SITE.');
    END IF;
    PERFORM leap.check_keys(config, ARRAY(SELECT x.key FROM leap.source_options() x WHERE x.source_type IN (check_source_config.source_type, '*')),
                            format('the config of a source of type %s', source_type));
    config := jsonb_strip_nulls(config);
    FOR o IN SELECT x.* FROM leap.source_options() x WHERE x.source_type IN (check_source_config.source_type, '*') LOOP
        given := config->o.key;
        IF given IS NULL AND o.required THEN
            PERFORM leap.refuse('LP030', format('config.%s is missing', o.key), format('It is %s.', o.allowed));
        ELSIF given IS NOT NULL AND NOT (CASE WHEN jsonb_typeof(given) <> o.type THEN false
                WHEN o.type = 'number' THEN (given#>>'{}')::numeric BETWEEN o.low AND o.high
                WHEN o.type = 'string' THEN length(given#>>'{}') BETWEEN coalesce(o.low, 1) AND o.high
                WHEN o.type = 'array' THEN jsonb_array_length(given) BETWEEN o.low AND o.high
                ELSE true END) THEN
            PERFORM leap.refuse('LP030', format('config.%s cannot be %s', o.key, left(leap.safe_url(given::text), 100)), format('It is %s.', o.allowed));
        END IF;
    END LOOP;
    IF config ? 'file_pattern' THEN
        PERFORM leap.check_pattern(config->>'file_pattern', 'config.file_pattern');
    END IF;
    SELECT format('config.%s cannot be %s', c.key, left((config->c.key)::text, 50)) AS message, format('It is %s.', x.allowed) AS hint INTO o
    FROM (VALUES ('key_by', '{url,id}'::text[]), ('quality', '{best,1080p,720p,480p}'), ('format', '{mp4,mp3,audio,any}')) AS c(key, allowed)
    JOIN leap.source_options() x ON x.key = c.key AND x.source_type = check_source_config.source_type
    WHERE config->>c.key <> ALL (c.allowed);
    IF o.message IS NOT NULL THEN
        PERFORM leap.refuse('LP030', o.message, o.hint);
    END IF;
    IF source_type = 'INBOX' THEN
        config := config || jsonb_build_object('path', regexp_replace(regexp_replace(config->>'path', '/{2,}', '/', 'g'), '(.)/$', '\1'));
        IF config->>'path' !~ '^/' OR config->>'path' ~ '(^|/)\.\.?(/|$)' THEN
            PERFORM leap.refuse('LP030', format('"%s" is not an absolute path', config->>'path'), 'Name the folder from the root, without "." and "..".');
        ELSIF NOT EXISTS (SELECT FROM unnest(roots) r WHERE starts_with(config->>'path' || '/', rtrim(r, '/') || '/')) THEN
            -- which folders there are is nothing for tenants: any of them gets the same answer
            PERFORM leap.refuse('LP020', 'there is no folder that you could name', 'An operator adds inbox folders.') WHERE NOT leap.calls_as_operator();
            PERFORM leap.refuse('LP030', format('%s is not below an import root', config->>'path'), format('Import roots are: %s. The setting leap.import_roots decides.',
                                coalesce(nullif(array_to_string(roots, ', '), ''), 'none')));
        END IF;
    ELSIF source_type = 'URL_LIST' AND (config ? 'url') = (config ? 'urls') THEN
        PERFORM leap.refuse('LP030', 'a list of links has url or urls', 'url says where the list is fetched from, urls is the list itself; give one of them.');
    ELSIF source_type = 'ZOOM' THEN
        PERFORM leap.refuse('LP030', 'config.user_emails is for master accounts', 'Set is_master_account to true, or name one user as user_id.')
        WHERE config ? 'user_emails' AND config->'is_master_account' IS DISTINCT FROM 'true';
        PERFORM leap.refuse('LP030', format('config.user_emails cannot have %s', left(e.email::text, 100)), 'They are e-mail addresses of users of the account.')
        FROM jsonb_array_elements(config->'user_emails') AS e(email) WHERE jsonb_typeof(e.email) <> 'string' OR (e.email#>>'{}') !~ '^[^@\s/]+@[^@\s/]+$';
        PERFORM leap.refuse('LP030', format('config.views cannot have %s', left(v.view::text, 100)), 'They are kinds of recording files, such as shared_screen_with_speaker_view.')
        FROM jsonb_array_elements(config->'views') AS v(view) WHERE jsonb_typeof(v.view) <> 'string' OR (v.view#>>'{}') !~ '^[a-z_]{1,60}(\(CC\))?$';
        PERFORM leap.refuse('LP030', format('config.user_id cannot be %s', config->'user_id'), 'It is the id or the e-mail address of a user, or "me".')
        WHERE config->>'user_id' !~ '^[^\s/?#%]+$';
    ELSIF source_type = 'YANDEX_DISK' THEN
        PERFORM leap.refuse('LP030', 'a source of Yandex Disk has folder_path or public_url', 'folder_path is a folder of your own disk, public_url a published one; give one of them.')
        WHERE (config ? 'folder_path') = (config ? 'public_url');
        PERFORM leap.refuse('LP030', format('"%s" is no public link', left(leap.safe_url(config->>'public_url'), 200)), 'It looks like https://disk.yandex.ru/d/...')
        WHERE config->>'public_url' !~ '^https://[^\s/@]+/\S+$';
    ELSIF source_type = 'S3' THEN
        PERFORM leap.refuse('LP030', format('"%s" is no name of a bucket', config->>'bucket'), 'It has 3 to 63 lower-case letters, digits, dots and hyphens, and begins and ends with a letter or digit.')
        WHERE config->>'bucket' !~ '^[a-z0-9][a-z0-9.-]*[a-z0-9]$' OR config->>'bucket' ~ '\.\.';
    END IF;
    FOR url IN SELECT config->>'url' WHERE config ? 'url' UNION ALL SELECT x#>>'{}' FROM jsonb_array_elements(config->'urls') x LOOP
        bad := leap.source_fault(jsonb_build_object('type', 'url', 'url', url));
        IF bad IS NOT NULL THEN
            PERFORM leap.refuse('LP030', bad->>'message', bad->>'hint');
        END IF;
    END LOOP;
    RETURN config;
END
$$;
COMMENT ON FUNCTION leap.check_source_config(text, jsonb) IS
'The config of an input source in its usual form. Error LP030, naming key, value and rule, for what leap.source_options() does not allow, a folder that is not below an import root, a URL that cannot be fetched or carries a password, a bad file_pattern.';

CREATE OR REPLACE FUNCTION leap.source_platform(source_type text, config jsonb)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN source_type IN ('ZOOM', 'S3') OR source_type = 'YANDEX_DISK' AND config ? 'folder_path' THEN lower(source_type) END
$$;
COMMENT ON FUNCTION leap.source_platform(text, jsonb) IS
'The platform that a source of this type and config is asked at with a credential, such as zoom; null for one that needs none.';

-- A credential that is removed is taken out of its sources; they fail until they get another.
CREATE OR REPLACE FUNCTION leap.check_source_credential(s leap.input_sources)
RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
    needed text := leap.source_platform(s.source_type, s.config);
BEGIN
    IF s.credential_id IS NULL AND needed IS NOT NULL THEN
        PERFORM leap.refuse('LP030', format('a source of type %s needs a credential', s.source_type), format('Add one of the platform %s and name it as credential_id.', needed));
    ELSIF s.credential_id IS NOT NULL AND needed IS NULL THEN
        PERFORM leap.refuse('LP030', 'this source uses no credential', 'Leave credential_id out.');
    END IF;
END
$$;
COMMENT ON FUNCTION leap.check_source_credential(leap.input_sources) IS
'Refuses (LP030) a source without the credential it needs or with one that it does not use. Whose credential it is and for which platform, leap.guard_credential_of() looks at.';

-- Whoever writes. A folder of the workers' machines is named by operators only: another tenant's lectures may lie there.
CREATE OR REPLACE FUNCTION leap.guard_source()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.source_type, NEW.user_id) <> (OLD.source_type, OLD.user_id) THEN
        PERFORM leap.refuse('LP030', 'type and owner of a source cannot be changed', 'Add another source.');
    END IF;
    NEW.name := btrim(NEW.name);
    IF NOT coalesce(length(NEW.name) BETWEEN 1 AND 255, false) THEN
        PERFORM leap.refuse('LP030', format('"%s" is no name of a source', left(NEW.name, 50)), 'It has 1 to 255 characters.');
    END IF;
    IF TG_OP = 'INSERT' OR NEW.config IS DISTINCT FROM OLD.config THEN
        NEW.config := leap.check_source_config(NEW.source_type, NEW.config);
    END IF;
    IF NEW.source_type = 'INBOX' AND (TG_OP = 'INSERT' OR NEW.config <> OLD.config) AND NOT leap.calls_as_operator() THEN
        PERFORM leap.refuse('LP020', 'there is no folder that you could name', 'An operator adds inbox folders.');
    ELSIF TG_OP = 'UPDATE' AND NEW.config->>'path' <> OLD.config->>'path' THEN
        PERFORM leap.refuse('LP030', 'the folder of an inbox cannot be changed', 'Add another source, then delete this one.');
    END IF;
    IF TG_OP = 'INSERT' OR NEW.config <> OLD.config OR NEW.credential_id <> OLD.credential_id OR OLD.credential_id IS NULL AND NEW.credential_id IS NOT NULL THEN
        PERFORM leap.check_source_credential(NEW);
    END IF;
    NEW.updated_at := now();
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER guard_source BEFORE INSERT OR UPDATE OF user_id, name, source_type, config, credential_id ON leap.input_sources
    FOR EACH ROW EXECUTE FUNCTION leap.guard_source();

-- Workers that watch inboxes look again at which there are.
CREATE OR REPLACE FUNCTION leap.ring_inboxes()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    NOTIFY leap_inboxes;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER ring_inboxes AFTER INSERT OR DELETE OR UPDATE OF config, is_active ON leap.input_sources
    FOR EACH STATEMENT EXECUTE FUNCTION leap.ring_inboxes();
