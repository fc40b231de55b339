-- Where recordings come from by themselves: input sources, and each time one was asked what is new (a sync).
--
-- An INBOX is a folder of the workers' machines below an import root, watched for finished files; only operators make
-- one. A URL_LIST is a list of links, kept here or fetched from a URL. What a sync finds and what becomes of it: 77_sync_results.sql.
-- Syncs are rows of their own: an errand does the work (51_errands.sql), the row keeps what came of it.
-- Lock order: ... tasks -> ready/lease/scheduled -> sync -> usage; a source's row is locked last and only for a moment.

CREATE TABLE IF NOT EXISTS leap.input_sources (
    id           uuid PRIMARY KEY DEFAULT leap.uuid7(),
    user_id      uuid NOT NULL REFERENCES leap.users ON DELETE CASCADE,
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
    description  text CHECK (length(description) <= 2000),
    source_type  text NOT NULL CHECK (source_type IN ('INBOX', 'URL_LIST')),
    config       jsonb NOT NULL CHECK (jsonb_typeof(config) = 'object'),
    is_active    boolean NOT NULL DEFAULT true,
    last_sync_at timestamptz,
    last_error   jsonb,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT input_sources_name UNIQUE (user_id, name)
);
CREATE INDEX IF NOT EXISTS input_sources_inboxes ON leap.input_sources (id) WHERE source_type = 'INBOX' AND is_active;
COMMENT ON TABLE leap.input_sources IS
'Places that are asked for new recordings. One that is not active is asked by nobody. last_error: why the last sync failed, null since one succeeded.';

CREATE TABLE IF NOT EXISTS leap.source_syncs (
    id                uuid PRIMARY KEY DEFAULT leap.uuid7(),
    source_id         uuid NOT NULL,
    user_id           uuid NOT NULL REFERENCES leap.users ON DELETE CASCADE,
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
    requested_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at       timestamptz,
    CHECK ((state = 'waiting') = (finished_at IS NULL)),
    CHECK (from_date <= to_date)
);
CREATE INDEX IF NOT EXISTS source_syncs_by_source ON leap.source_syncs (source_id, id);
CREATE INDEX IF NOT EXISTS source_syncs_by_user ON leap.source_syncs (user_id, id);
CREATE INDEX IF NOT EXISTS source_syncs_by_run ON leap.source_syncs (automation_run_id) WHERE automation_run_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS source_syncs_waiting ON leap.source_syncs (source_id) WHERE state = 'waiting';
COMMENT ON TABLE leap.source_syncs IS
'Each time a source was asked. found: recordings it has in the span of dates; created: new ones; known: those that were there already, of which updated were brought up to date; refused: new ones that were not taken, with reasons in the report. A dry run writes no recording and tells in report.items what would come.';

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
        PERFORM leap.refuse('LP030', format('there is no source type "%s"', source_type), 'Types are INBOX and URL_LIST.');
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
    IF config->>'key_by' NOT IN ('url', 'id') THEN
        PERFORM leap.refuse('LP030', format('config.key_by cannot be %s', config->'key_by'), 'It is "url" or "id".');
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
    ELSIF (config ? 'url') = (config ? 'urls') THEN
        PERFORM leap.refuse('LP030', 'a list of links has url or urls', 'url says where the list is fetched from, urls is the list itself; give one of them.');
    ELSE
        FOR url IN SELECT config->>'url' WHERE config ? 'url' UNION ALL SELECT x#>>'{}' FROM jsonb_array_elements(config->'urls') x LOOP
            bad := leap.source_fault(jsonb_build_object('type', 'url', 'url', url));
            IF bad IS NOT NULL THEN
                PERFORM leap.refuse('LP030', bad->>'message', bad->>'hint');
            END IF;
        END LOOP;
    END IF;
    RETURN config;
END
$$;
COMMENT ON FUNCTION leap.check_source_config(text, jsonb) IS
'The config of an input source in its usual form. Error LP030, naming key, value and rule, for what leap.source_options() does not allow, a folder that is not below an import root, a URL that cannot be fetched or carries a password, a bad file_pattern.';

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
    NEW.updated_at := now();
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER guard_source BEFORE INSERT OR UPDATE OF user_id, name, source_type, config ON leap.input_sources
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
