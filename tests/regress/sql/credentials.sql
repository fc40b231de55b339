-- Credentials: what is taken, what comes of it for tasks, one renewal at a time, and what a refusal means.
\set VERBOSITY terse
\set QUIET on
SET client_min_messages = warning;

SELECT leap.add_user('ann@vault.example') AS ann, leap.add_user('bob@vault.example') AS bob \gset
-- the errors, with their hints, as people see them
CREATE FUNCTION pg_temp.try(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
    hint text;
BEGIN
    EXECUTE query INTO answer;
    RETURN coalesce('ok: ' || regexp_replace(answer, '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', 'ID', 'g'), 'ok');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN sqlstate || ': ' || sqlerrm || ' | ' || hint;
END
$$;
CREATE FUNCTION pg_temp.add(platform text, name text, data jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.try(format('SELECT leap.add_credential(%L, %L, %L, ''ann@vault.example'')', platform, name, data))
$$;

\echo -- nothing is stored before there is a key
SELECT pg_temp.add('zoom', 'main', '{"access_token": "t"}');
SELECT leap.add_worker_key(encode(sha256('key one'), 'base64')) = left(encode(sha256(sha256('key one')), 'hex'), 16) AS named_by_its_hash;
SELECT leap.add_worker_key(encode(sha256('key one'), 'base64')) = (SELECT key_id FROM leap.worker_keys) AS known;
SELECT pg_temp.try($$SELECT leap.add_worker_key(encode(decode(repeat('00', 32), 'hex'), 'base64'))$$);
SELECT pg_temp.try($$SELECT leap.add_worker_key('short')$$);
SELECT length(leap.seal('{"a": 1}')) - length('{"a": 1}') AS longer, leap.seal('{"a": 1}') = leap.seal('{"a": 1}') AS ever_the_same,
       position('access' IN encode(leap.seal('{"access_token": "t"}'), 'escape')) AS readable;

\echo -- what a platform needs, and what Google and others call it
SELECT platform, needs, kind FROM leap.credential_forms();
SELECT leap.check_credential_data('youtube', '{"client_secrets": {"web": {"client_id": "c", "client_secret": "s", "project_id": "p"}},
    "token": {"token": "t", "refresh_token": "r", "token_uri": "https://oauth2.googleapis.com/token", "scopes": ["a", "b"], "expiry": "2026-01-01T10:00:00.123456"}}');
SELECT leap.check_credential_data('youtube', '{"token": "t", "refresh_token": "r", "client_id": "c", "client_secret": "s", "universe_domain": "googleapis.com"}');
SELECT leap.check_credential_data('vk', '{"access_token": "t", "user_id": 12, "group_id": -3}');
SELECT leap.check_credential_data('yandex_disk', '{"oauth_token": "t", "expiry": "2026-12-01T00:00:00+03:00", "token_type": "bearer"}');
SELECT leap.check_credential_data('s3', '{"access_key_id": "a", "secret_access_key": "s"}');
SELECT leap.check_credential_data('s3', '{"access_key_id": "a", "secret_access_key": "s", "endpoint": "http://store:9000", "region": "eu-1"}');

\echo -- a refusal names field and rule, and of a secret nothing more
SELECT d AS data, pg_temp.add(p, 'x', d::jsonb) AS answer FROM (VALUES
    ('zoom', '{}'), ('zoom', '"hush"'), ('zoom', '{"client_id": "c"}'), ('zoom', '{"account_id": "a", "client_id": "c"}'), ('zoom', '{"access_token": "hush hush"}'),
    ('zoom', '{"access_token": "hush", "refresh_token": "hush"}'), ('zoom', '{"access_token": 17}'), ('zoom', '{"access_token": ""}'), ('zoom', '{"access_token": "hush", "colour": 1}'),
    ('zoom', '{"access_token": "hush", "account": "two words"}'),
    ('youtube', '{"access_token": "hush"}'), ('vk', '{"access_token": "hush", "user_id": "x"}'), ('yandex_disk', '{"access_token": "hush", "expires_at": "soon"}'),
    ('yandex_disk', '{"access_token": "hush", "expires_at": "2026-13-01T00:00:00Z"}'), ('s3', '{"access_key_id": "a", "secret_access_key": "hush", "endpoint": "https://u:hush@e.org"}'),
    ('s3', '{"access_key_id": "a", "secret_access_key": "hush", "path_style": "yes"}'), ('ftp', '{}')) AS v(p, d);
SELECT pg_temp.add('zoom', ' ', '{"access_token": "t"}'), pg_temp.add('zoom', E'a\nb', '{"access_token": "t"}');
SELECT pg_temp.add('zoom', ' main ', '{"access_token": "t"}'), pg_temp.add('zoom', 'main', '{"access_token": "t"}');
SELECT pg_temp.add('youtube', 'main', '{"refresh_token": "r", "client_id": "c", "client_secret": "s", "scope": "a b"}');
SELECT id AS zoom FROM leap.credentials WHERE platform = 'zoom' \gset
SELECT id AS youtube FROM leap.credentials WHERE platform = 'youtube' \gset
SELECT x - '{id,key_id,created_at,updated_at}'::text[] FROM leap.credential_list('ann@vault.example') x;
SELECT pg_temp.try('SELECT leap.find_credential(''main'')'), leap.find_credential('youtube/main') = :'youtube' AS found;

\echo -- a limit of the owner holds
SELECT leap.set_quota('ann@vault.example', 'credentials', 2::bigint) \gset
SELECT pg_temp.add('s3', 'one more', '{"access_key_id": "a", "secret_access_key": "s"}');
SELECT leap.set_quota('ann@vault.example', 'credentials', NULL::text) \gset

\echo -- presets name what their owner has, for their platform
SELECT leap.add_preset('{"name": "channel", "platform": "youtube"}', 'ann@vault.example') AS preset, leap.add_preset('{"name": "channel", "platform": "youtube"}', 'bob@vault.example') AS of_bob \gset
SELECT pg_temp.try(format('UPDATE leap.output_presets SET credential_id = %L WHERE id = %L RETURNING ''set''', :'zoom', :'preset'));
SELECT pg_temp.try(format('UPDATE leap.output_presets SET credential_id = %L WHERE id = %L RETURNING ''set''', :'youtube', :'of_bob')) LIKE 'LP030: credential_id: there is no credential %' AS refused;
SELECT pg_temp.try(format('UPDATE leap.output_presets SET credential_id = %L WHERE id = %L RETURNING ''set''', :'youtube', :'preset'));
SELECT pg_temp.try(format('SELECT leap.delete_credential(%L)', :'youtube'));
SELECT leap.get_credential(:'youtube')->'used_by' AS used_by;

\echo -- a task gets the box of its own credential, and a stranger, one for another platform or one switched off gives nothing
SELECT c.x - 'sealed' - 'id' - 'key_id' AS told, length(decode(c.x->>'sealed', 'base64')) > 48 AS sealed FROM leap.credential_input(:'ann', 'zoom', :'zoom') AS c(x);
SELECT leap.credential_input(:'bob', 'zoom', :'zoom') AS of_a_stranger, leap.credential_input(:'ann', 'vk', :'zoom') AS elsewhere, leap.credential_input(:'ann', 'zoom', 'nonsense') AS no_id;
SELECT pg_temp.try('SELECT leap.set_platform_endpoint(''zoom'', ''apo'', ''https://e.org'')') LIKE 'LP030: "zoom" has no endpoint "apo"%' AS no_such_name,
       pg_temp.try('SELECT leap.set_platform_endpoint(''zoom'', ''api'', ''https://u:p@e.org/?x'')') AS no_address;
SELECT leap.set_platform_endpoint('zoom', 'api', 'http://127.0.0.1:1/v2/');
SELECT leap.endpoints_of('zoom'), leap.platform_endpoint('zoom', 'api'), leap.platform_endpoint('zoom', 'token');
SELECT leap.set_platform_endpoint('zoom', 'api', NULL);
SELECT leap.endpoints_of('zoom'), leap.platform_endpoint('zoom', 'api');

\echo -- two checks at once are one; two tasks with the same credential renew it one after the other
SELECT leap.check_credential(:'zoom') = leap.check_credential(:'zoom') AS same;
SELECT r->>'worker' AS worker, r->>'secret' AS secret FROM leap.register_worker('vault', 1, '{automation}', 4) AS r \gset
SELECT task AS a, fence AS fa FROM leap.claim(:'worker', :'secret', 1) \gset
SELECT leap.check_credential(:'zoom') \gset
SELECT task AS b, fence AS fb, input::jsonb - '{credential,correlation_id}'::text[] AS input FROM leap.claim(:'worker', :'secret', 1) \gset
SELECT :'input' AS input;
SELECT leap.renew_credential(:a, :fa, 1) - '{key_id,public_key}'::text[] AS a;
SELECT leap.renew_credential(:b, :fb, 1) AS b, leap.renew_credential(:b, :fa, 1) AS another_fence;
SELECT leap.store_credential(:b, :fb, 1, leap.seal('{"b": 1}'), (leap.sealing_key()).key_id, '{}') AS b;
SELECT leap.store_credential(:a, :fa, 1, leap.seal('{"a": 1}'), 'nobody''s', '{}') AS unknown_key;
SELECT leap.seal('{"a": 1}') AS box \gset
SELECT leap.store_credential(:a, :fa, 1, :'box', (leap.sealing_key()).key_id, '{"account": "ann", "expires_at": "2026-03-01T12:00:00Z", "token": "hush"}') AS a;
SELECT leap.store_credential(:a, :fa, 1, :'box', (leap.sealing_key()).key_id, '{}') AS a_again;
SELECT c.x - '{key_id}'::text[] = jsonb_build_object('ok', true, 'version', 2, 'sealed', leap.base64(:'box')) AS b_gets_it FROM leap.renew_credential(:b, :fb, 1) AS c(x);
SELECT leap.renew_credential(:b, :fb, 2)->'turn' AS then_its_turn;
SELECT version, facts, last_used_at IS NOT NULL AS used FROM leap.credentials WHERE id = :'zoom';

\echo -- the turn of a task that is gone lasts out its minute; who had it may still store
SELECT leap.hand_back(:'worker', :'secret', ARRAY[:'b'], ARRAY[:'fb']);
SELECT leap.renew_credential(:b, :fb, 2) AS lost;
SELECT leap.renew_credential(:a, :fa, 2) AS not_yet;
UPDATE leap.credentials SET renewing_until = clock_timestamp() WHERE id = :'zoom';
SELECT leap.renew_credential(:a, :fa, 2)->'turn' AS free;
SELECT leap.store_credential(:b, :fb, 2, leap.seal('{"b": 2}'), (leap.sealing_key()).key_id, '{}') AS late;
SELECT leap.store_credential(:a, :fa, 2, leap.seal('{"a": 2}'), (leap.sealing_key()).key_id, '{}') AS second;
SELECT leap.store_credential(:b, :fb, 3, leap.seal('{"b": 3}'), (leap.sealing_key()).key_id, '{}') AS of_another_version;
SELECT leap.hand_back(:'worker', :'secret', ARRAY[:'a'], ARRAY[:'fa']);
SELECT task AS a, fence AS fa2 FROM leap.claim(:'worker', :'secret', 1) \gset
SELECT task AS b, fence AS fb2 FROM leap.claim(:'worker', :'secret', 1) \gset

\echo -- one that failed has ended: the turn is free at once; what is refused while somebody renews is tried again
SELECT leap.renew_credential(:a, :fa2, 3)->'turn' AS turn, leap.renew_credential(:b, :fb2, 3)->'wait' AS wait;
SELECT (leap.first_refusal(t, '{"class": "credential", "code": "token_refused"}'))->>'class' AS of_another, leap.credential_refused(t, '{"class": "credential"}') AS counts
FROM leap.tasks t WHERE t.id = :'b';
SELECT (leap.first_refusal(t, '{"class": "credential", "code": "token_refused"}'))->>'class' AS of_its_own FROM leap.tasks t WHERE t.id = :'a';
SELECT leap.fail(:'a', :'fa2', '{"class": "transient", "code": "server_error", "message": "busy", "retry_after": 3600}');
SELECT leap.renew_credential(:b, :fb2, 3)->'turn' AS free;
UPDATE leap.credentials SET renewing_until = NULL WHERE id = :'zoom';
UPDATE leap.task_scheduled SET run_at = clock_timestamp() WHERE task = :'a';
SELECT leap.housekeep() IS NOT NULL AS promoted;
SELECT task AS a, fence AS fa2 FROM leap.claim(:'worker', :'secret', 1) \gset

\echo -- that a platform refuses what it has just given is no proof the first time: another credential of the account may have ended it
SELECT leap.fail(:'a', :'fa2', '{"class": "credential", "code": "new_token_refused", "message": "a new one"}') AS first;
SELECT t.state, t.error->>'class' AS class, s.run_at - clock_timestamp() BETWEEN '50 s' AND '130 s' AS pause FROM leap.tasks t JOIN leap.task_scheduled s ON s.task = t.id WHERE t.id = :'a';
SELECT needs_reauth FROM leap.credentials WHERE id = :'zoom';
SELECT (leap.first_refusal(t, '{"class": "credential", "code": "new_token_refused"}'))->>'class' AS second, (leap.first_refusal(t, '{"class": "credential", "code": "token_refused"}'))->>'class' AS another FROM leap.tasks t WHERE t.id = :'a';
UPDATE leap.task_scheduled SET run_at = clock_timestamp() WHERE task = :'a';
SELECT leap.housekeep() IS NOT NULL AS promoted;
SELECT task AS a, fence AS fa2 FROM leap.claim(:'worker', :'secret', 1) \gset
\echo -- a refusal is told once; nothing begins with the credential, a check may; success clears it
SELECT leap.fail(:'a', :'fa2', '{"class": "credential", "code": "token_refused", "message": "no longer", "hint": "sign in"}');
SELECT leap.fail(:'b', :'fb2', '{"class": "credential", "code": "token_refused", "message": "no longer", "hint": "sign in"}');
SELECT event, count, payload - 'hint' AS payload FROM leap.notifications WHERE event = 'credential_expired' AND user_id = :'ann';
SELECT x->>'state' AS state, x->>'reauth_reason' AS reason FROM leap.get_credential(:'zoom') x;
SELECT leap.credential_input(:'ann', 'zoom', :'zoom') - 'id' AS for_a_task, leap.credential_input(:'ann', 'zoom', :'zoom', true) ? 'sealed' AS for_a_check;
SELECT area, status, found FROM leap.doctor() AS d(area, status, found, hint) WHERE area = 'credentials';
SELECT leap.check_credential(:'zoom') AS checked \gset
SELECT task AS a, fence AS fa FROM leap.claim(:'worker', :'secret', 1) \gset
SELECT accepted FROM leap.complete(jsonb_build_array(jsonb_build_object('task', :'a', 'fence', :'fa', 'result', '{"facts": {"account": "ann", "title": "Ann Lee", "scopes": ["a"]}}'::jsonb)));
SELECT x->>'state' AS state, x->'facts' AS facts FROM leap.get_credential(:'zoom') x;
SELECT x->>'state' AS state, x->'facts' AS facts FROM leap.credential_check_status(:'checked') x;

\echo -- a failure of what there was before the new data says nothing about it: the task is tried with that
SELECT leap.check_credential(:'zoom') \gset
SELECT task AS a, fence AS fa FROM leap.claim(:'worker', :'secret', 1) \gset
SELECT leap.change_credential(:'zoom', '{"data": {"access_token": "newer"}}')->>'version' AS version;
SELECT leap.fail(:'a', :'fa', '{"class": "credential", "code": "token_refused", "message": "no longer"}');
SELECT needs_reauth FROM leap.credentials WHERE id = :'zoom';
SELECT t.state, t.error->>'class' AS class, t.error->>'code' AS code, t.error ? 'retry_after' AS pause FROM leap.tasks t WHERE t.id = :'a';
UPDATE leap.task_scheduled SET run_at = clock_timestamp() WHERE task = :'a';
SELECT leap.housekeep() IS NOT NULL AS promoted;

\echo -- of a task that stored the new data itself it does
SELECT task AS a, fence AS fa, input::jsonb #>> '{credential,version}' AS version FROM leap.claim(:'worker', :'secret', 1) \gset
SELECT :version = c.version AS has_the_newest FROM leap.credentials c WHERE c.id = :'zoom';
SELECT leap.renew_credential(:a, :fa, :version)->'turn' AS turn, leap.store_credential(:a, :fa, :version, leap.seal('{"a": 3}'), (leap.sealing_key()).key_id, '{}')->'ok' AS stored;
SELECT leap.fail(:'a', :'fa', '{"class": "credential", "code": "no_channel", "message": "the account has no channel"}');
SELECT needs_reauth, reauth_reason FROM leap.credentials WHERE id = :'zoom';
SELECT leap.change_credential(:'zoom', '{"data": {"access_token": "newest"}}')->'state' AS state;

\echo -- a newer key: everything is sealed anew, then the old one retires
SELECT leap.add_worker_key(encode(sha256('key two'), 'base64')) AS two \gset
SELECT x - '{key_id,created_at,retired_at}'::text[] AS key FROM leap.worker_key_list() x;
SELECT leap.reseal_credentials() AS begun, leap.reseal_credentials() AS again;
SELECT task AS a, fence AS fa, input::jsonb #>> '{credential,version}' AS version FROM leap.claim(:'worker', :'secret', 1) \gset
SELECT leap.store_credential(:a, :fa, :version, leap.seal('{"a": 1}'), :'two', NULL) AS resealed;
SELECT leap.change_credential(leap.credential_of(t), '{"data": {"access_token": "t", "refresh_token": "r", "client_id": "c", "client_secret": "s"}}')->>'key_id' = :'two' AS new_data_is_sealed_to_it
FROM leap.tasks t WHERE t.kind = 'credential' AND t.state = 'ready';
SELECT leap.reseal_credentials() AS begun;
SELECT x - '{key_id,created_at,retired_at}'::text[] AS key FROM leap.worker_key_list() x;

\echo -- connecting at the page of a platform: a state is good once, for who began it
SELECT pg_temp.try('SELECT leap.begin_oauth(''zoom'', ''by page'', ''ann@vault.example'')') AS no_app;
SELECT s AS spec, pg_temp.try(format('SELECT leap.set_platform_app(%L, %L)', p, s)) AS answer FROM (VALUES
    ('s3', '{}'), ('zoom', '{"client_id": "c", "redirect_uri": "https://l.example/cb"}'), ('zoom', '{"client_id": "c", "client_secret": "hush hush", "redirect_uri": "https://l.example/cb"}'),
    ('zoom', '{"client_id": "c", "client_secret": "hush", "redirect_uri": "ftp://x"}'), ('zoom', '{"client_id": "c", "client_secret": "hush", "redirect_uri": "https://l.example/cb", "scopes": "all"}')) AS v(p, s);
SELECT leap.set_platform_app('youtube', '{"web": {"client_id": "c.apps", "client_secret": "hush", "redirect_uris": ["https://l.example/oauth/youtube/callback"], "project_id": "p"}}') - 'key_id' - 'updated_at' AS app;
SELECT leap.set_platform_app('vk', '{"client_id": "12", "redirect_uri": "https://l.example/oauth/vk/callback"}')->'scopes' AS scopes_of_vk;
SELECT leap.set_platform_app('zoom', '{"client_id": "c", "client_secret": "hush", "redirect_uri": "https://l.example/oauth/zoom/callback"}')->'scopes' AS scopes_of_zoom;
SELECT leap.begin_oauth('youtube', 'by page', 'ann@vault.example') AS begun \gset
SELECT (:'begun'::jsonb)->>'state' AS state \gset
SELECT replace(regexp_replace((:'begun'::jsonb)->>'authorization_url', '(state|code_challenge)=[A-Za-z0-9_-]{43}(&|$)', '\1=43\2', 'g'), '&', E'\n&') AS address;
SELECT count(*) AS states, bool_or(o::text LIKE '%' || :'state' || '%') AS readable FROM leap.oauth_states o;
SELECT length(o.sealed) - 48 - length('{"code_verifier": ""}') AS digits_of_the_verifier, o.key_id = :'two' AS newest_key FROM leap.oauth_states o;
SELECT jsonb_build_object('sub', :'bob', 'role', 'leap_user') AS bob_says, jsonb_build_object('sub', :'ann', 'role', 'leap_user') AS ann_says \gset
SET ROLE leap_user;
SET request.jwt.claims = :'bob_says';
SELECT pg_temp.try(format('SELECT leap.finish_oauth(%L, %L)', :'state', 'code')) AS by_another;
SET request.jwt.claims = :'ann_says';
SELECT pg_temp.try(format('SELECT leap.finish_oauth(%L, %L)', :'state', 'a code')) AS no_code;
SELECT pg_temp.try(format('SELECT leap.finish_oauth(%L, %L)', :'state', 'code-of-google')) LIKE 'ok: {"check": "%' AS finished;
SELECT pg_temp.try(format('SELECT leap.finish_oauth(%L, %L)', :'state', 'code-of-google')) AS again;
SELECT leap.begin_oauth('vk', 'by page')->>'state' AS vk_state \gset
SELECT pg_temp.try(format('SELECT leap.finish_oauth(%L, %L)', :'vk_state', 'code')) AS vk_without_device;
SELECT pg_temp.try('SELECT grant_data FROM leap.credential_checks') AS codes_are_not_shown;
RESET ROLE;
RESET request.jwt.claims;
SELECT count(*) AS waiting, bool_or(x::text ~ 'code-of-google|code_verifier') AS readable FROM leap.credential_checks x WHERE x.grant_data IS NOT NULL;
UPDATE leap.oauth_states SET expires_at = clock_timestamp();
SELECT pg_temp.try(format('SELECT leap.finish_oauth(%L, %L, %L)', :'vk_state', 'code', 'device')) AS too_old;
SELECT c.task AS x, c.fence AS fx, jsonb_array_length(c.input::jsonb->'boxes') AS boxes, (c.input::jsonb - '{correlation_id,boxes}'::text[]) #- '{seal_to,public_key}' #- '{seal_to,key_id}' #- '{credential,sealed}' #- '{credential,key_id}' AS input FROM leap.claim(:'worker', :'secret', 9) c WHERE c.input::jsonb->>'action' = 'exchange' \gset
SELECT :'boxes' AS boxes, :'input' AS input;
SELECT leap.store_credential(:x, :fx, 0, leap.seal('{"refresh_token": "r"}'), :'two', '{"account": "UC1", "title": "Channel"}') AS stored;
SELECT leap.store_credential(:x, :fx, 0, leap.seal('{"refresh_token": "r"}'), :'two', '{}') AS stored_again;
SELECT accepted FROM leap.complete(jsonb_build_array(jsonb_build_object('task', :'x', 'fence', :'fx', 'result', '{"facts": {"account": "UC1", "title": "Channel"}}'::jsonb)));
SELECT x->>'platform' AS platform, x->>'account_name' AS name, x->>'state' AS state, x->'facts' AS facts FROM leap.credential_list('ann@vault.example', 'youtube') x WHERE x->>'account_name' = 'by page';
SELECT count(*) FILTER (WHERE grant_data IS NOT NULL) AS codes_left FROM leap.credential_checks;
\echo -- a key that seals secrets of apps is not retired before they are sealed anew; one that was set anew meanwhile stays
SELECT leap.add_worker_key(encode(sha256('key three'), 'base64')) AS three \gset
SELECT leap.reseal_credentials() AS begun;
SELECT task AS r, fence AS fr FROM leap.claim(:'worker', :'secret', 9) c WHERE (c.input::jsonb) #>> '{credential,id}' IS NULL AND c.input::jsonb->>'platform' = 'zoom' \gset
SELECT leap.store_credential(:r, :fr, 1, leap.seal('{}'), :'three', NULL) AS app_resealed, leap.store_credential(:r, :fr, 7, leap.seal('{}'), :'three', NULL) AS another;
SELECT platform, key_id = :'three' AS newest FROM leap.platform_apps ORDER BY platform;
SELECT leap.remove_platform_app('zoom');
SELECT pg_temp.try('SELECT leap.remove_platform_app(''zoom'')') AS gone;

\echo -- what webhooks sign with is sealed however it is written, what is older by the next tick; and sealed anew for a newer key
ALTER TABLE leap.webhooks DISABLE TRIGGER seal_webhook;
SELECT leap.add_webhook('{"url": "https://example.org/old"}', 'ann@vault.example')->>'id' AS old \gset
ALTER TABLE leap.webhooks ENABLE TRIGGER seal_webhook;
SELECT leap.add_webhook('{"url": "https://example.org/new"}', 'ann@vault.example') AS made \gset
SELECT w.url, w.secret IS NULL AS sealed, w.key_id = :'three' AS newest_key, w.secret_version AS version FROM leap.webhooks w ORDER BY w.url;
SELECT check_name, status, detail, hint FROM leap.doctor() WHERE check_name = 'webhooks';
SELECT leap.seal_open_secrets() AS sealed, leap.seal_open_secrets() AS again;
SELECT (:'made'::jsonb)->>'id' AS new \gset
SELECT length(w.sealed) - 48 - length('{"secret": ""}') = length((:'made'::jsonb)->>'secret') AS whole, strpos(w::text, substr((:'made'::jsonb)->>'secret', 7)) > 0 AS readable FROM leap.webhooks w WHERE w.id = :'new';
SELECT leap.test_webhook(:'new') AS delivery \gset
SELECT jsonb_object_keys(leap.delivery_input(:'delivery')) AS told;
UPDATE leap.webhooks SET secret = leap.new_webhook_secret() WHERE id = :'old';
SELECT w.url, w.secret IS NULL AS sealed, w.secret_version AS version FROM leap.webhooks w ORDER BY w.url;
SELECT pg_temp.try('INSERT INTO leap.webhooks (user_id, name, url) SELECT user_id, name, url FROM leap.webhooks LIMIT 1') AS without;
SELECT leap.add_worker_key(encode(sha256('key four'), 'base64')) AS four \gset
SELECT leap.reseal_credentials() > 1 AS begun, leap.reseal_credentials() AS again;
SELECT x->>'state' AS state, x->'webhooks' AS webhooks FROM leap.worker_key_list() x;
UPDATE leap.webhooks SET secret = leap.new_webhook_secret() WHERE id = :'old';
SELECT c.task AS w, c.fence AS fw, c.input::jsonb #>> '{credential,version}' AS version FROM leap.claim(:'worker', :'secret', 9) c WHERE c.input::jsonb->>'platform' = 'webhook' AND c.input::jsonb #>> '{credential,version}' = '1' \gset
SELECT leap.store_credential(:w, :fw, 7, leap.seal('{}'), :'four') AS of_another, leap.store_credential(:w, :fw, :version, leap.seal('{"secret": "s"}'), :'four') AS resealed;
SELECT w.url, w.key_id = :'four' AS newest_key, w.secret_version AS version FROM leap.webhooks w ORDER BY w.url;

\echo -- what goes, goes; the log has everything but the data
SELECT pg_temp.try(format('SELECT leap.delete_credential(%L, true)', :'youtube'));
SELECT credential_id, is_active FROM leap.output_presets WHERE id = :'preset';
SELECT action, before->>'version' AS before, after->>'version' AS after, coalesce(after, before)->>'account_name' AS name FROM leap.audit_logs WHERE resource_type = 'credential' ORDER BY at, id;
SELECT count(*) AS secrets FROM leap.audit_logs a WHERE a::text ~ 'hush|access_token|refresh_token|client_secret';
SELECT leap.delete_user('ann@vault.example')->'deleted' AS deleted;
SELECT (SELECT count(*) FROM leap.credentials) AS credentials, (SELECT count(*) FROM leap.credential_checks WHERE user_id IS NOT NULL) AS checks, (SELECT count(*) FROM leap.oauth_states) AS states;
DELETE FROM leap.users WHERE id IN (:'ann', :'bob');
DELETE FROM leap.platform_apps;
DELETE FROM leap.credential_checks;
DELETE FROM leap.worker_keys;
