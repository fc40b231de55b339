-- Schema api: writing to views. Each trigger hands on to the function of schema leap that decides; what no function
-- can set is refused by name, never ignored. Lock order is that of those functions.

CREATE OR REPLACE FUNCTION leap.refuse_columns(was jsonb, said jsonb, allowed text[], what text)
RETURNS void LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    bad text := (SELECT string_agg(quote_ident(s.key), ', ' ORDER BY s.key) FROM jsonb_each(said) s
                 WHERE s.key <> ALL (allowed) AND s.value IS DISTINCT FROM coalesce(was -> s.key, 'null'));
BEGIN
    IF bad IS NOT NULL THEN
        PERFORM leap.refuse('LP030', format('%s cannot be written: %s', what, bad), format('What can be is %s; the rest is changed by functions.', array_to_string(allowed, ', ')));
    END IF;
END
$$;
COMMENT ON FUNCTION leap.refuse_columns(jsonb, jsonb, text[], text) IS
'Refuses (LP030) a row that says something else than the one before (null: a new one) in a column that is not allowed; what names the row in the message.';

CREATE OR REPLACE FUNCTION leap.write_recording()
RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed uuid;
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM leap.delete_recording(OLD.id);
        RETURN OLD;
    ELSIF TG_OP = 'INSERT' THEN
        PERFORM leap.refuse_columns(NULL, to_jsonb(NEW), '{source,display_name,config,template_id}', 'a new recording');
        changed := (leap.add_recording_reply(NEW.source, NEW.display_name, NEW.template_id, NEW.config, false)->>'recording_id')::uuid;
    ELSE
        PERFORM leap.refuse_columns(to_jsonb(OLD), to_jsonb(NEW), '{display_name,config,template_id}', 'a recording');
        changed := OLD.id;
        PERFORM leap.change_recording(changed, CASE WHEN NEW.display_name IS DISTINCT FROM OLD.display_name THEN coalesce(NEW.display_name, '') END,
                                      CASE WHEN NEW.config IS DISTINCT FROM OLD.config THEN coalesce(NEW.config, '{}') END);
        IF NEW.template_id IS DISTINCT FROM OLD.template_id THEN
            PERFORM leap.bind_template(changed, NEW.template_id) WHERE NEW.template_id IS NOT NULL;
            PERFORM leap.unbind_template(changed) WHERE NEW.template_id IS NULL;
        END IF;
    END IF;
    SELECT r.* INTO NEW FROM api.recordings r WHERE r.id = changed;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER write INSTEAD OF INSERT OR UPDATE OR DELETE ON api.recordings
    FOR EACH ROW EXECUTE FUNCTION leap.write_recording();

REVOKE ALL ON FUNCTION leap.refuse_columns(jsonb, jsonb, text[], text), leap.write_recording() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION leap.refuse_columns(jsonb, jsonb, text[], text) TO leap_user, leap_operator;
GRANT INSERT, UPDATE, DELETE ON api.recordings TO leap_user, leap_admin;
