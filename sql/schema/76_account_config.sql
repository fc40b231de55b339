-- The settings of an account: the layer of configuration that lies over the defaults for all recordings of a user.
--
-- The trigger of leap.users (60_input.sql) judges and notes them, whoever writes. Takes the lock of the user's row.

CREATE OR REPLACE FUNCTION leap.my_config()
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT jsonb_build_object('own', u.config, 'resolved', leap.layered_config(u.config, d.layer), 'defaults', leap.default_config())
    FROM leap.acting_user() u LEFT JOIN leap.recording_templates d ON d.user_id = u.id AND d.is_default
$$;
COMMENT ON FUNCTION leap.my_config() IS
'The caller''s settings: {own (what he said), resolved (what holds for a recording without a template: his default template lies over own), defaults}. Error LP020 for nobody.';

CREATE OR REPLACE FUNCTION leap.change_my_config(changes jsonb)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    me leap.users := leap.acting_user();
BEGIN
    PERFORM leap.check_config(changes);
    SELECT u.* INTO me FROM leap.users u WHERE u.id = me.id FOR NO KEY UPDATE;
    UPDATE leap.users u SET config = leap.own_config(leap.merge_config(me.config, changes)), updated_at = leap.clock() WHERE u.id = me.id;
    RETURN leap.my_config();
END
$$;
COMMENT ON FUNCTION leap.change_my_config(jsonb) IS
'Lays these settings over the caller''s own and returns leap.my_config(); null removes a value of his. They hold for runs that start from now on. Errors LP020 for nobody, LP030 and LP031 as leap.check_config() says.';

CREATE OR REPLACE FUNCTION leap.reset_my_config()
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    UPDATE leap.users u SET config = '{}', updated_at = leap.clock() WHERE u.id = (leap.acting_user()).id;
    RETURN leap.my_config();
END
$$;
COMMENT ON FUNCTION leap.reset_my_config() IS 'Forgets the caller''s settings, so that the defaults hold, and returns leap.my_config(). Error LP020 for nobody.';

-- For a recording there is leap.resolve_config(); this is what one would have that does not exist yet.
CREATE OR REPLACE FUNCTION leap.resolve_template_config(template uuid)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    me leap.users := leap.acting_user();
    d leap.recording_templates;
    t leap.recording_templates;
BEGIN
    PERFORM leap.check_run_layers(me.id, template, NULL);
    SELECT x.* INTO d FROM leap.recording_templates x WHERE x.user_id = me.id AND x.is_default;
    SELECT x.* INTO t FROM leap.recording_templates x WHERE x.id = template AND x.user_id = me.id AND NOT x.is_default;
    RETURN jsonb_build_object('config', leap.layered_config(me.config, d.layer, t.layer), 'layers', (
        SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('layer', l.layer, 'id', l.id, 'name', l.name)) || jsonb_build_object('config', l.config) ORDER BY l.n)
        FROM (VALUES (0, 'default', NULL::uuid, NULL::text, leap.default_config()), (1, 'user', me.id, NULL, me.config),
                     (2, 'default_template', d.id, d.name, d.layer), (3, 'template', t.id, t.name, t.layer)) AS l(n, layer, id, name, config)
        WHERE l.n = 0 OR l.config <> '{}'));
END
$$;
COMMENT ON FUNCTION leap.resolve_template_config(uuid) IS
'The configuration that a recording of the caller with this template (null: with none) would have: {config, layers [{layer, id, name, config}, lowest first]}. Error LP020.';
