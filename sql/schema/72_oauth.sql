-- Connecting an account at the page of its platform: OAuth 2 with authorization code and PKCE.
--
-- leap.begin_oauth() makes a state that nobody can guess and a verifier that lies sealed for workers until the exchange;
-- the person goes to the platform, which sends him back with the state and a code. Where he comes back to
-- (api.oauth_callback) finishes nothing, because there nobody knows who he is: the code becomes a credential when
-- leap.finish_oauth() is called by the user who began, with his token. So a link that somebody else made connects nobody's
-- account to the account of that other. A state is good once and for ten minutes. A task exchanges the code for tokens.
-- Lock order: oauth_states -> credential_checks.

-- What the platforms are asked for. Google gives a refresh token only if it is asked for, and surely only with consent.
CREATE OR REPLACE FUNCTION leap.oauth_rules()
RETURNS TABLE (platform text, scopes text[], extra jsonb, source text) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    VALUES ('youtube',     '{https://www.googleapis.com/auth/youtube.upload,https://www.googleapis.com/auth/youtube.force-ssl,openid,email}'::text[],
                           '{"access_type": "offline", "prompt": "consent"}'::jsonb, 'https://developers.google.com/identity/protocols/oauth2/web-server'),
           ('vk',          '{vkid.personal_info,video,groups,wall}', '{}', 'https://id.vk.com/about/business/go/docs/ru/vkid/latest/vk-id/connection/api-integration/api-description'),
           ('yandex_disk', '{cloud_api:disk.read,cloud_api:disk.write,cloud_api:disk.info}', '{"force_confirm": "yes"}', 'https://yandex.com/dev/id/doc/en/codes/code-url'),
           -- those that the app was registered with
           ('zoom',        '{}', '{}', 'https://developers.zoom.us/docs/integrations/oauth/')
$$;
COMMENT ON FUNCTION leap.oauth_rules() IS
'How accounts are connected at platforms: the scopes that are asked for unless the app says others (none: those it was registered with), what else the address of the page carries, and the document that says so.';

CREATE OR REPLACE FUNCTION leap.url_encode(said text)
RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(string_agg(CASE WHEN c ~ '^[A-Za-z0-9._~-]$' THEN c ELSE regexp_replace(upper(encode(convert_to(c, 'UTF8'), 'hex')), '(..)', '%\1', 'g') END, '' ORDER BY n), '')
    FROM regexp_split_to_table(said, '') WITH ORDINALITY AS x(c, n)
$$;
COMMENT ON FUNCTION leap.url_encode(text) IS 'A text as a value in the query of a URL.';

-- Apps -----------------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION leap.app_json(a leap.platform_apps)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('platform', a.platform, 'client_id', a.client_id, 'redirect_uri', a.redirect_uri, 'scopes', to_jsonb(a.scopes), 'key_id', a.key_id, 'updated_at', a.updated_at)
$$;
COMMENT ON FUNCTION leap.app_json(leap.platform_apps) IS 'An app as operators see it: everything but its secret.';

CREATE OR REPLACE FUNCTION leap.check_app(platform text, spec jsonb)
RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    usual jsonb := spec;
    f record;
    bad jsonb;
BEGIN
    IF jsonb_typeof(spec) IS DISTINCT FROM 'object' THEN
        PERFORM leap.refuse('LP030', 'what is known of an app is no JSON object', 'It has client_id, client_secret, redirect_uri and scopes.');
    ELSIF spec ?| '{web,installed}' THEN        -- the file that Google offers
        usual := leap.object_or_empty(coalesce(spec->'web', spec->'installed'));
        usual := jsonb_strip_nulls(jsonb_build_object('client_id', usual->'client_id', 'client_secret', usual->'client_secret', 'scopes', spec->'scopes',
                                                      'redirect_uri', coalesce(spec->'redirect_uri', usual #> '{redirect_uris,0}')));
    END IF;
    PERFORM leap.check_keys(usual, '{client_id,client_secret,redirect_uri,scopes}', 'an app');
    FOR f IN SELECT x.* FROM (VALUES
                 ('client_id', true, '^[\x21-\x7e]+$', 'text without blanks'), ('client_secret', platform <> 'vk', '^[\x21-\x7e]+$', 'text without blanks'),
                 ('redirect_uri', true, '^https?://[^\s/?#@]+(/[^\s#]*)?$', 'the address where people come back, as the app is registered with: https://HOST/oauth/PLATFORM/callback')) AS x(key, needed, pattern, allowed) LOOP
        IF usual->f.key IS NULL AND f.needed THEN
            PERFORM leap.refuse('LP030', format('an app for %s has no %s', platform, f.key), format('It is %s.', f.allowed));
        ELSIF usual ? f.key AND NOT (jsonb_typeof(usual->f.key) = 'string' AND usual->>f.key ~ f.pattern AND length(usual->>f.key) <= 500) THEN
            PERFORM leap.refuse('LP030', format('the %s of an app cannot be that', f.key), format('It is %s.', f.allowed));
        END IF;
    END LOOP;
    bad := coalesce(nullif(usual->'scopes', 'null'), '[]');
    IF jsonb_typeof(bad) <> 'array' OR jsonb_array_length(bad) > 50 OR EXISTS (SELECT FROM jsonb_array_elements(bad) s WHERE NOT (jsonb_typeof(s) = 'string' AND s #>> '{}' ~ '^[\x21-\x7e]{1,200}$')) THEN
        PERFORM leap.refuse('LP030', format('the scopes of an app cannot be %s', left(bad::text, 100)), 'They are an array of up to 50 words.');
    END IF;
    RETURN usual;
END
$$;
COMMENT ON FUNCTION leap.check_app(text, jsonb) IS 'What is known of an app as LEAP writes it. Error LP030, which repeats no secret.';

CREATE OR REPLACE FUNCTION leap.set_platform_app(platform text, spec jsonb)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    a leap.platform_apps;
    usual jsonb;
    before jsonb;
    k leap.worker_keys;
BEGIN
    IF NOT EXISTS (SELECT FROM leap.oauth_rules() r WHERE r.platform = set_platform_app.platform) OR platform IS NULL THEN
        PERFORM leap.refuse('LP030', format('nobody connects to "%s" by an app', left(platform, 50)), 'One does to youtube, vk, yandex_disk and zoom.');
    END IF;
    usual := leap.check_app(platform, spec);
    k := leap.sealing_key();
    SELECT leap.app_json(x) INTO before FROM leap.platform_apps x WHERE x.platform = set_platform_app.platform FOR UPDATE;
    INSERT INTO leap.platform_apps AS x (platform, client_id, sealed_secret, key_id, redirect_uri, scopes)
    SELECT r.platform, usual->>'client_id', leap.seal_for(jsonb_strip_nulls(jsonb_build_object('client_id', usual->'client_id', 'client_secret', usual->'client_secret')), k), k.key_id,
           usual->>'redirect_uri', CASE WHEN coalesce(nullif(usual->'scopes', 'null'), '[]') = '[]' THEN r.scopes ELSE ARRAY(SELECT jsonb_array_elements_text(usual->'scopes')) END
    FROM leap.oauth_rules() r WHERE r.platform = set_platform_app.platform
    ON CONFLICT ON CONSTRAINT platform_apps_pkey DO UPDATE
    SET client_id = excluded.client_id, sealed_secret = excluded.sealed_secret, key_id = excluded.key_id, redirect_uri = excluded.redirect_uri, scopes = excluded.scopes,
        version = x.version + 1, updated_at = clock_timestamp()
    RETURNING x.* INTO a;
    PERFORM leap.audit(CASE WHEN before IS NULL THEN 'add' ELSE 'change' END, 'app', platform, before, leap.app_json(a));
    RETURN leap.app_json(a);
END
$$;
COMMENT ON FUNCTION leap.set_platform_app(text, jsonb) IS
'Says as what LEAP is registered with a platform, in place of what was said before: {client_id, client_secret (of vk it may be left out), redirect_uri, scopes (none: leap.oauth_rules())}, or the file of Google. The secret is sealed. Returns the app. For operators; audited. Errors LP003 (no key), LP030.';

CREATE OR REPLACE FUNCTION leap.remove_platform_app(platform text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    a leap.platform_apps;
BEGIN
    DELETE FROM leap.platform_apps x WHERE x.platform = remove_platform_app.platform RETURNING x.* INTO a;
    IF a.platform IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no app for "%s"', left(platform, 50)), 'leap app list shows those there are.');
    END IF;
    PERFORM leap.audit('delete', 'app', platform, leap.app_json(a), NULL);
END
$$;
COMMENT ON FUNCTION leap.remove_platform_app(text) IS 'Nobody connects to this platform any more; credentials there are go on. For operators; audited. Error LP020.';

CREATE OR REPLACE FUNCTION leap.platform_app_list()
RETURNS SETOF jsonb LANGUAGE sql STABLE SECURITY DEFINER ROWS 4 SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT leap.app_json(a) FROM leap.platform_apps a ORDER BY a.platform
$$;
COMMENT ON FUNCTION leap.platform_app_list() IS 'As what LEAP is registered with platforms (leap.app_json()). For operators.';

CREATE OR REPLACE FUNCTION leap.connectable()
RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER ROWS 4 SET search_path = pg_catalog, leap, pg_temp AS $$ SELECT a.platform FROM leap.platform_apps a ORDER BY 1 $$;
COMMENT ON FUNCTION leap.connectable() IS 'The platforms at whose page accounts can be connected.';

CREATE OR REPLACE FUNCTION leap.can_seal()
RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$ SELECT EXISTS (SELECT FROM leap.worker_keys k WHERE k.retired_at IS NULL) $$;
COMMENT ON FUNCTION leap.can_seal() IS 'Whether there is a key of workers that credentials can be sealed to; without one none is taken.';

-- There and back --------------------------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION leap.begin_oauth(platform text, account_name text, "user" text = NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    seconds CONSTANT int := 600;
    u leap.users := leap.acting_user("user");
    a leap.platform_apps;
    most bigint := leap.quota_limit(u.id, 'credentials');
    state text := leap.base64url(leap.random_bytes(32));
    verifier text := leap.base64url(leap.random_bytes(48));
    k leap.worker_keys;
    rule record;
BEGIN
    account_name := leap.check_credential_name(platform, account_name);
    SELECT x.* INTO a FROM leap.platform_apps x WHERE x.platform = begin_oauth.platform;
    IF NOT FOUND THEN
        PERFORM leap.refuse('LP003', format('accounts of %s cannot be connected: LEAP is not registered there', platform), 'An operator registers it: leap app set. Or add the credential by its data.');
    ELSIF most <= (SELECT count(*) FROM leap.credentials c WHERE c.user_id = u.id)
          AND NOT EXISTS (SELECT FROM leap.credentials c WHERE (c.user_id, c.platform, c.account_name) = (u.id, begin_oauth.platform, begin_oauth.account_name)) THEN
        PERFORM leap.refuse('LP010', format('quota credentials exceeded: the limit is %s', leap.quota_amount('credentials', most)), 'Delete one that is not needed, or ask an administrator to raise the limit.');
    END IF;
    k := leap.sealing_key();
    SELECT r.* INTO rule FROM leap.oauth_rules() r WHERE r.platform = a.platform;
    -- who begins again and again keeps the last twenty
    DELETE FROM leap.oauth_states s WHERE s.user_id = u.id AND (s.expires_at < clock_timestamp() OR s.state_hash IN (
        SELECT o.state_hash FROM leap.oauth_states o WHERE o.user_id = u.id ORDER BY o.created_at DESC OFFSET 19));
    INSERT INTO leap.oauth_states (state_hash, user_id, platform, account_name, sealed, key_id, redirect_uri, scopes, expires_at)
    VALUES (leap.token_hash(state), u.id, a.platform, begin_oauth.account_name, leap.seal_for(jsonb_build_object('code_verifier', verifier), k), k.key_id, a.redirect_uri, a.scopes, clock_timestamp() + make_interval(secs => seconds));
    RETURN jsonb_build_object('state', state, 'expires_in', seconds, 'authorization_url', leap.platform_endpoint(a.platform, 'authorize') || '?' || (
        SELECT string_agg(p.key || '=' || leap.url_encode(p.value), '&' ORDER BY p.n, p.key)
        FROM (VALUES (1, 'response_type', 'code'), (2, 'client_id', a.client_id), (3, 'redirect_uri', a.redirect_uri), (4, 'scope', nullif(array_to_string(a.scopes, ' '), '')),
                     (5, 'state', state), (6, 'code_challenge', leap.base64url(sha256(convert_to(verifier, 'UTF8')))), (7, 'code_challenge_method', 'S256')
              UNION ALL SELECT 8, e.key, e.value FROM jsonb_each_text(rule.extra) e) AS p(n, key, value) WHERE p.value IS NOT NULL));
END
$$;
COMMENT ON FUNCTION leap.begin_oauth(text, text, text) IS
'Begins to connect an account at the page of its platform, as a credential of this name; one that is there gets the new access. Returns {authorization_url (send the person there), state, expires_in (seconds)}. With the state and the code that the platform sends back call leap.finish_oauth(). Errors LP003 (no app, no key), LP010, LP020, LP030.';

CREATE OR REPLACE FUNCTION leap.finish_oauth(state text, code text, device_id text = NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    s leap.oauth_states;
    k leap.worker_keys := leap.sealing_key();
    made uuid;
BEGIN
    IF NOT coalesce(code ~ '^[\x21-\x7e]+$' AND length(code) <= 4000, false) OR NOT coalesce(device_id ~ '^[\x21-\x7e]+$' AND length(device_id) <= 500, true) THEN
        PERFORM leap.refuse('LP030', 'what came back from the platform is no code', 'It is the value of "code" in the address, and of "device_id" where there is one.');
    END IF;
    DELETE FROM leap.oauth_states x WHERE x.state_hash = leap.token_hash(state) AND x.expires_at > clock_timestamp() AND leap.may_see(x.user_id) RETURNING x.* INTO s;
    IF s.state_hash IS NULL THEN
        PERFORM leap.refuse('LP020', 'no such authorisation was begun by you, or it is over', 'A state is good once, for ten minutes, and for who began it. Begin again.');
    ELSIF s.platform = 'vk' AND device_id IS NULL THEN
        PERFORM leap.refuse('LP030', 'VK ID sends a device_id beside the code, and wants it back', 'It is the value of "device_id" in the address.');
    END IF;
    INSERT INTO leap.credential_checks AS x (user_id, platform, action, grant_data)
    VALUES (s.user_id, s.platform, 'exchange', jsonb_strip_nulls(jsonb_build_object('account_name', s.account_name, 'redirect_uri', s.redirect_uri,
            'scope', nullif(array_to_string(s.scopes, ' '), ''), 'boxes', jsonb_build_array(leap.box_json(s.sealed, s.key_id), leap.box_json(leap.seal_for(jsonb_strip_nulls(
                jsonb_build_object('code', code, 'device_id', device_id, 'state', CASE s.platform WHEN 'vk' THEN finish_oauth.state END)), k), k.key_id)))))
    RETURNING x.id INTO made;
    UPDATE leap.credential_checks x SET task_id = leap.add_errand('credential', s.user_id, made) WHERE x.id = made;
    RETURN jsonb_build_object('check', made, 'platform', s.platform, 'account_name', s.account_name);
END
$$;
COMMENT ON FUNCTION leap.finish_oauth(text, text, text) IS
'The person came back from the page of a platform with this state and code, from VK ID with a device_id too: a worker exchanges the code for tokens. For who began it, and operators. Returns {check, platform, account_name}; leap.credential_check_status(check) tells the rest. Code and verifier lie sealed until then. Errors LP003 (no key), LP020 (not begun, used, too old, or of somebody else), LP030.';

-- What waits since an older version, which had it openly.
UPDATE leap.credential_checks x
SET grant_data = x.grant_data - '{code,code_verifier,device_id,state}'::text[] || jsonb_build_object('boxes', jsonb_build_array(leap.box_json(leap.seal_for((
        SELECT jsonb_object_agg(g.key, g.value) FROM jsonb_each(x.grant_data) g WHERE g.key IN ('code', 'code_verifier', 'device_id', 'state')), k), k.key_id)))
FROM (SELECT w.* FROM leap.worker_keys w WHERE w.retired_at IS NULL ORDER BY w.created_at DESC, w.key_id LIMIT 1) k
WHERE x.action = 'exchange' AND x.state = 'waiting' AND x.grant_data ? 'code';

-- Where people come back to: a page that tells what to do with what the address has. It writes nothing and runs no script.
CREATE OR REPLACE FUNCTION leap.oauth_page(platform text, state text, code text, device_id text, error text, description text)
RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    name text := leap.platform_words(platform, 'en');
    line text := concat_ws(' ', state, code, device_id);
    -- behind the #, so no server is told; browsers go there, and who began it finishes with the token of his session
    page text := '/app/connect/' || leap.url_encode(left(platform, 50)) || '#' || (
        SELECT coalesce(string_agg(w.key || '=' || leap.url_encode(left(w.said, 4000)), '&'), '')
        FROM (VALUES ('state', state), ('code', code), ('device_id', device_id), ('error', error), ('error_description', left(description, 500))) AS w(key, said) WHERE w.said IS NOT NULL);
BEGIN
    PERFORM set_config('response.headers', jsonb_build_array(
        jsonb_build_object('Content-Type', 'text/html; charset=utf-8'), jsonb_build_object('Cache-Control', 'no-store'), jsonb_build_object('Referrer-Policy', 'no-referrer'),
        jsonb_build_object('Content-Security-Policy', 'default-src ''none''; frame-ancestors ''none''; base-uri ''none''; form-action ''none'''),
        jsonb_build_object('X-Content-Type-Options', 'nosniff'))::text, true);
    RETURN format(E'<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n<meta http-equiv="refresh" content="0;url=%s">\n<title>LEAP</title>\n<h1>%s</h1>\n%s\n</html>\n',
        leap.escape_html(page),
        CASE WHEN error IS NULL AND code IS NOT NULL THEN 'One more step' ELSE 'Not connected' END,
        CASE WHEN error IS NOT NULL THEN format('<p>%s answered: %s</p>%s<p>Nothing was changed. Begin again where you came from.</p>', leap.escape_html(name), leap.escape_html(left(error, 100)),
                    coalesce('<p>' || leap.escape_html(left(description, 500)) || '</p>', ''))
             WHEN code IS NULL OR state IS NULL OR concat(state, code, device_id) !~ '^[\x21-\x7e]+$' OR length(line) > 6000 THEN '<p>This address has no code of a platform in it. Begin again where you came from.</p>'
             ELSE format('<p>%s lets LEAP in. It is connected when who began it says so: send this page''s <code>state</code> and <code>code</code> to <code>POST /oauth/%s/finish</code> with your token, or give this line to an operator, who runs <code>leap credential finish</code> and pastes it:</p>'
                         || '<pre>%s</pre><p>It is good for ten minutes, and only for who began it. Do not give it to anybody else.</p>',
                         leap.escape_html(name), leap.escape_html(platform), leap.escape_html(line)) END);
END
$$;
COMMENT ON FUNCTION leap.oauth_page(text, text, text, text, text, text) IS
'The page that people see who come back from a platform: how to finish, or what the platform said instead of a code.';
