-- What comes in from people: users and recordings, checked before anything is written.

CREATE OR REPLACE FUNCTION leap.add_user(email text, full_name text = NULL, role text = 'user')
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    id uuid;
BEGIN
    IF email !~ '^[^@\s]+@[^@\s]+$' OR length(email) > 254 THEN
        PERFORM leap.refuse('LP030', format('"%s" is no e-mail address', email), 'It looks like name@example.org.');
    END IF;
    IF role NOT IN ('user', 'admin') THEN
        PERFORM leap.refuse('LP030', format('there is no role "%s"', role), 'Roles are user and admin.');
    END IF;
    INSERT INTO leap.users AS u (email, full_name, role) VALUES (add_user.email, add_user.full_name, add_user.role)
    ON CONFLICT (lower(u.email)) DO NOTHING RETURNING u.id INTO id;
    IF id IS NULL THEN
        RAISE unique_violation USING MESSAGE = format('there is a user %s already', email),
            HINT = 'Addresses are compared without regard to case.';
    END IF;
    PERFORM leap.audit('add', 'user', id::text, details => jsonb_build_object('role', role));
    RETURN id;
END
$$;
COMMENT ON FUNCTION leap.add_user(text, text, text) IS
'Adds a user and returns its id. Errors: LP030 for a bad address or role, 23505 for an address that is taken.';

-- A user by e-mail; with null the only user there is.
CREATE OR REPLACE FUNCTION leap.find_user("user" text)
RETURNS leap.users LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users;
BEGIN
    IF "user" IS NULL AND (SELECT count(*) FROM leap.users) = 1 THEN
        SELECT * INTO u FROM leap.users;
        RETURN u;
    ELSIF "user" IS NULL THEN
        PERFORM leap.refuse('LP030', 'no user was named', CASE WHEN EXISTS (SELECT FROM leap.users)
            THEN 'Name one by e-mail address: --user EMAIL.' ELSE 'There is no user yet; add one first: leap user add EMAIL.' END);
    END IF;
    SELECT * INTO u FROM leap.users x WHERE lower(x.email) = lower("user") OR x.id::text = "user";
    IF NOT FOUND THEN
        PERFORM leap.refuse('LP020', format('there is no user %s', "user"), 'Add it first: leap user add EMAIL.');
    END IF;
    RETURN u;
END
$$;
COMMENT ON FUNCTION leap.find_user(text) IS
'The user with this e-mail address or id; null stands for the only user there is. Errors LP020, LP030.';

-- Who acts for whom: a tenant for himself, an operator for whom he names.
CREATE OR REPLACE FUNCTION leap.acting_user("user" text = NULL)
RETURNS leap.users LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users;
BEGIN
    IF leap.calls_as_operator() AND ("user" IS NOT NULL OR leap.current_user_id() IS NULL) THEN
        RETURN leap.find_user("user");
    END IF;
    SELECT x.* INTO u FROM leap.users x WHERE x.id = leap.current_user_id();
    IF u.id IS NULL THEN
        PERFORM leap.refuse('LP020', 'the request speaks for no user that exists', 'The setting request.jwt.claims names him as sub.');
    ELSIF lower("user") NOT IN (lower(u.email), u.id::text) THEN
        PERFORM leap.refuse('LP020', format('there is no user %s', "user"), 'Everybody acts for himself.');
    END IF;
    RETURN u;
END
$$;
COMMENT ON FUNCTION leap.acting_user(text) IS
'The user for whom the caller acts: himself, or, for an operator, whom he names (e-mail or id; for one without claims null is the only user there is). Error LP020 for anybody else.';

CREATE OR REPLACE FUNCTION leap.check_keys(given jsonb, allowed text[], what text)
RETURNS void LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    unknown text;
BEGIN
    IF jsonb_typeof(given) IS DISTINCT FROM 'object' THEN
        PERFORM leap.refuse('LP030', format('%s cannot be %s', what, coalesce(left(given::text, 100), 'null')), 'It is a JSON object.');
    END IF;
    SELECT string_agg(format('"%s"', left(k, 50)), ', ' ORDER BY k) INTO unknown FROM jsonb_object_keys(given) k WHERE k <> ALL (allowed);
    IF unknown IS NOT NULL THEN
        PERFORM leap.refuse('LP030', format('%s has no %s', what, unknown), format('It has %s.', array_to_string(allowed, ', ')));
    END IF;
END
$$;
COMMENT ON FUNCTION leap.check_keys(jsonb, text[], text) IS
'Refuses (LP030) what is no JSON object, and keys other than the allowed ones; what is named in the message.';

-- A file is named by operators only and lies below an import root; the worker checks it again, link by link.
CREATE OR REPLACE FUNCTION leap.source_fault(source jsonb)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    path text := source->>'path';
    roots text[] := array_remove(string_to_array(leap.setting('leap.import_roots'), ':'), '');
    message text;
    hint text;
BEGIN
    IF source->>'type' = 'file' THEN
        IF path IS NULL OR path !~ '^/' OR path ~ '(^|/)\.\.(/|$)' THEN
            message := format('"%s" is not an absolute path', path);
            hint := 'Name the file from the root, without "..".';
        ELSIF NOT EXISTS (SELECT FROM unnest(roots) r WHERE starts_with(path, rtrim(r, '/') || '/')) THEN
            message := format('%s is not below an import root', path);
            hint := format('Import roots are: %s. The setting leap.import_roots decides.',
                           coalesce(nullif(array_to_string(roots, ', '), ''), 'none'));
        END IF;
    ELSIF source->>'type' IN ('url', 'site') THEN
        IF source->>'url' IS NULL OR source->>'url' !~* '^https?://[^\s/]+' THEN
            message := format('"%s" is not a URL LEAP can fetch', leap.safe_url(source->>'url'));
            hint := 'It starts with http:// or https://.';
        ELSIF source->>'url' ~* '^https?://[^/?#\s]*@' THEN
            message := format('a URL cannot carry a user name or password: %s', leap.safe_url(source->>'url'));
            hint := 'It would stand in tables and logs for all to read; use a link that needs none.';
        ELSIF source->>'type' = 'site' AND coalesce(source->>'quality', 'best') NOT IN ('best', '1080p', '720p', '480p') THEN
            message := format('the quality cannot be "%s"', left(source->>'quality', 20));
            hint := 'It is best, 1080p, 720p or 480p.';
        ELSIF source->>'type' = 'site' AND coalesce(source->>'format', 'mp4') NOT IN ('mp4', 'mp3', 'audio', 'any') THEN
            message := format('the format cannot be "%s"', left(source->>'format', 20));
            hint := 'It is mp4, mp3, audio or any.';
        END IF;
    ELSIF source->>'type' IN ('zoom', 'yandex_disk', 's3') THEN
        -- what a sync finds: a worker asks the platform again, with the credential, where the file is
        SELECT format('a source of type %s has no %s', k.type, replace(k.needed, '|', ' or ')) INTO message
        FROM (VALUES ('zoom', 'meeting'), ('yandex_disk', 'path|public_key'), ('s3', 'bucket'), ('s3', 'key')) AS k(type, needed)
        WHERE k.type = source->>'type' AND NOT EXISTS (SELECT FROM unnest(string_to_array(k.needed, '|')) n
                                                       WHERE jsonb_typeof(source->n) = 'string' AND length(source->>n) BETWEEN 1 AND 4000) LIMIT 1;
        hint := 'A sync of a source finds such recordings.';
    ELSE
        message := format('there is no source type "%s"', source->>'type');
        hint := 'Types are file and url, and of what a sync finds zoom, yandex_disk, s3 and site.';
    END IF;
    IF message IS NULL AND source->>'bytes' !~ '^\d{1,18}$' THEN
        message := format('"%s" is no size of a source', source->>'bytes');
        hint := 'bytes is a whole number; leave it out if it is unknown.';
    END IF;
    RETURN CASE WHEN message IS NOT NULL THEN jsonb_build_object('message', message, 'hint', hint) END;
END
$$;
COMMENT ON FUNCTION leap.source_fault(jsonb) IS
'Why a recording cannot be fetched from this source, {message, hint}; null if nothing speaks against it. A source is {"type":"file","path"} below an import root, or {"type":"url","url"} without user name and password, or what a sync found: {"type":"zoom","meeting"}, {"type":"yandex_disk","path" or "public_key"}, {"type":"s3","bucket","key"}, {"type":"site","url","quality","format"}; each may tell its size, {"bytes"}, so that room for it is reserved.';

CREATE OR REPLACE FUNCTION leap.check_source(source jsonb)
RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
    fault jsonb := leap.source_fault(source);
BEGIN
    IF fault IS NOT NULL THEN
        PERFORM leap.refuse('LP030', fault->>'message', fault->>'hint');
    END IF;
END
$$;
COMMENT ON FUNCTION leap.check_source(jsonb) IS 'Refuses (LP030) a source that leap.source_fault() objects to.';

-- Operators set it with UPDATE leap.users SET config = ...
CREATE OR REPLACE FUNCTION leap.guard_user_config()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    PERFORM leap.check_config(NEW.config);
    PERFORM leap.check_output(NEW.config->'output', NEW.id);
    NEW.config := leap.own_config(NEW.config);
    IF TG_OP = 'UPDATE' AND NEW.config <> OLD.config THEN
        PERFORM leap.audit('configure', 'user', NEW.id::text, OLD.config, NEW.config);
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER guard_config BEFORE INSERT OR UPDATE OF config ON leap.users
    FOR EACH ROW EXECUTE FUNCTION leap.guard_user_config();

-- What is no text stays as it is written.
CREATE OR REPLACE FUNCTION leap.percent_decoded(written text)
RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF written !~ '%[0-9A-Fa-f]{2}' THEN
        RETURN written;
    END IF;
    RETURN (SELECT regexp_replace(convert_from(string_agg(CASE WHEN m.part[1] ~ '^%' THEN decode(substr(m.part[1], 2), 'hex') ELSE convert_to(m.part[1], 'UTF8') END, '' ORDER BY m.n), 'UTF8'), '[[:cntrl:]]', ' ', 'g')
            FROM regexp_matches(written, '%[0-9A-Fa-f]{2}|[^%]+|%', 'g') WITH ORDINALITY AS m(part, n));
EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
    RETURN written;
END
$$;
COMMENT ON FUNCTION leap.percent_decoded(text) IS 'A part of a URL as people read it: "Week%201" is "Week 1"; as it is if that is no text.';

-- The caller has checked source and configuration.
CREATE OR REPLACE FUNCTION leap.create_recording(owner uuid, source jsonb, name text, file text, config jsonb, id uuid = leap.uuid7())
RETURNS uuid LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO leap.recordings (id, user_id, display_name, source, status, delete_state, config)
    SELECT create_recording.id, owner, left(coalesce(nullif(btrim(create_recording.name), ''), nullif(CASE create_recording.source->>'type' WHEN 'url' THEN leap.percent_decoded(bare.tail) ELSE bare.tail END, ''), 'Lecture'), 500),
            create_recording.source, leap.move('create', 'INITIALIZED'), leap.move('create', 'active'), leap.own_config(create_recording.config)
    FROM (SELECT regexp_replace(file, '^.*/|\.[A-Za-z0-9]{1,5}$', '', 'g') AS tail) bare;
    INSERT INTO leap.output_targets (recording_id, user_id, target_type, preset_id, status, config, configured)
    SELECT create_recording.id, owner, e.target_type, e.preset_id, leap.move('create', 'NOT_UPLOADED'), e.config, true
    FROM leap.resolved_configs(ARRAY[create_recording.id]) c CROSS JOIN LATERAL leap.effective_targets(c.config, owner, false) e;
    RETURN create_recording.id;
END
$$;
COMMENT ON FUNCTION leap.create_recording(uuid, jsonb, text, text, jsonb, uuid) IS
'Makes a recording with its output targets; without a name that of the file, or of the path, is taken. Returns the id. Error LP010 quota.';

CREATE OR REPLACE FUNCTION leap.add_recording("user" text, source jsonb, name text = NULL, config jsonb = '{}')
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.acting_user("user");
BEGIN
    IF NOT leap.calls_as_operator() AND (source->>'type' IS DISTINCT FROM 'url' OR EXISTS (SELECT FROM jsonb_object_keys(source) k WHERE k NOT IN ('type', 'url', 'bytes'))) THEN
        PERFORM leap.refuse('LP030', 'a recording cannot be made from this source', 'It is {"type": "url", "url": "https://..."}; only operators name files.');
    END IF;
    PERFORM leap.check_source(source);
    PERFORM leap.check_config(config);
    PERFORM leap.check_output(config->'output', u.id);
    RETURN leap.create_recording(u.id, source, name, coalesce(source->>'path', split_part(split_part(source->>'url', '?', 1), '#', 1)), config);
END
$$;
COMMENT ON FUNCTION leap.add_recording(text, jsonb, text, jsonb) IS
'Adds a recording of the caller, or of the user whom an operator names (e-mail, id, or null for the only one), and its output targets; starts nothing. Without a name the file''s is taken. Returns the id. Errors: LP010 quota, LP020 unknown user, LP030 bad source or configuration.';

-- Not STABLE: a statement that adds a recording asks about it.
CREATE OR REPLACE FUNCTION leap.same_file(recording uuid)
RETURNS jsonb LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT jsonb_build_object('recording', o.id, 'name', o.display_name, 'status', o.status, 'created_at', o.created_at)
    FROM leap.recordings r JOIN leap.recordings o ON o.user_id = r.user_id AND o.source->>'type' = 'file' AND o.source->>'bytes' = r.source->>'bytes'
        AND o.id <> r.id AND o.delete_state = 'active' AND regexp_replace(o.source->>'path', '^.*/', '') = regexp_replace(r.source->>'path', '^.*/', '')
    WHERE r.id = recording AND r.source->>'type' = 'file' ORDER BY o.id DESC LIMIT 1
$$;
COMMENT ON FUNCTION leap.same_file(uuid) IS
'For operators: the newest other recording of the same owner that was made of a file with the same name and size: {recording, name, status, created_at}; null if there is none, or the size was not known. Nothing is read: it may be another file.';

CREATE OR REPLACE FUNCTION leap.find_recording(prefix text)
RETURNS uuid LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    found_ids uuid[];
BEGIN
    IF prefix ~ '^[0-9a-fA-F-]{1,36}$' THEN
        found_ids := ARRAY(SELECT r.id FROM leap.recordings r
                           WHERE r.id::text LIKE lower(prefix) || '%' OR r.id::text LIKE '%' || lower(prefix) LIMIT 3);
    END IF;
    IF coalesce(cardinality(found_ids), 0) = 0 THEN
        found_ids := ARRAY(SELECT r.id FROM leap.recordings r WHERE lower(r.display_name) = lower(prefix) AND r.delete_state = 'active' LIMIT 3);
    END IF;
    IF cardinality(found_ids) = 0 THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', left(prefix, 200)), 'leap list shows the ids; the beginning or end of an id, or the whole name, will do.');
    ELSIF cardinality(found_ids) > 1 THEN
        PERFORM leap.refuse('LP021', format('several recordings match %s', left(prefix, 200)), 'Give the id, or more of it; leap list shows the ids.');
    END IF;
    RETURN found_ids[1];
END
$$;
COMMENT ON FUNCTION leap.find_recording(text) IS
'The recording whose id begins or ends like this, or else the one that is called so. Errors LP020 (none), LP021 (several). Ids made in the same minute differ at the end.';
