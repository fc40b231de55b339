-- Schema api: templates, presets, sources, jobs, messages, accounts, and what administrators do, each as people call it.
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on
SET leap.password_cost = 4;
SELECT leap.add_user('anna@api.example', 'Anna') AS anna, leap.add_user('boris@api.example', 'Boris') AS boris, leap.add_user('root@api.example', 'Root', 'admin') AS root \gset
SELECT leap.set_password('anna@api.example', 'Anna secret 1'), leap.set_password('root@api.example', 'Root secret 1');

-- a request of somebody: the role and the claims; answers what was said without ids, times, tokens and numbers of tasks
CREATE TABLE test.things (name text PRIMARY KEY, id uuid);
CREATE FUNCTION test.thing(of_name text) RETURNS uuid LANGUAGE sql SECURITY DEFINER AS $$ SELECT id FROM test.things WHERE name = of_name $$;
CREATE FUNCTION test.plain(said text) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(regexp_replace(regexp_replace(regexp_replace(said, '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}', '<id>', 'g'),
        '"?\d{4}-\d\d-\d\d[T ][0-9:.]+([+-][0-9:]+|Z)?"?', '<time>', 'g'), '(whsec_|lpk_)[A-Za-z0-9+/=_-]+', '\1<secret>', 'g'), '"task(_id)?": "\d+"', '"task\1": "<task>"', 'g')
$$;
CREATE FUNCTION test.says(email text, called text, keep text = NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    u leap.users;
    answer jsonb;
    status text;
BEGIN
    SELECT * INTO u FROM leap.users x WHERE x.email = says.email;
    PERFORM set_config('response.status', '', true), set_config('request.headers', '{"x-leap-client-address": "192.0.2.7", "user-agent": "tests/1"}', true),
            set_config('request.jwt.claims', CASE WHEN u.id IS NOT NULL THEN (leap.user_claims(u) || coalesce((SELECT jsonb_build_object('sid', t.id) FROM test.things t WHERE t.name = 'session of ' || says.email), '{}'))::text ELSE '' END, true),
            set_config('role', CASE WHEN u.id IS NULL THEN 'leap_anon' WHEN u.role = 'admin' THEN 'leap_admin' ELSE 'leap_user' END, true);
    BEGIN
        IF called ~ '^(INSERT|UPDATE|DELETE)' THEN
            EXECUTE format('WITH x AS (%s) SELECT coalesce(jsonb_agg(to_jsonb(x)), ''[]'') FROM x', called) INTO answer;
        ELSE
            EXECUTE format('SELECT to_jsonb(y.x) FROM (SELECT %s AS x) y', called) INTO answer;
        END IF;
    EXCEPTION WHEN OTHERS THEN
        answer := jsonb_build_object('code', SQLSTATE, 'message', SQLERRM);
    END;
    PERFORM set_config('role', 'none', true);
    IF keep IS NOT NULL THEN
        INSERT INTO test.things VALUES (keep, (CASE jsonb_typeof(answer) WHEN 'array' THEN answer->0 ELSE answer END->>'id')::uuid);
    END IF;
    status := nullif(current_setting('response.status'), '');
    RETURN test.plain(coalesce(status || ' ', '') || coalesce(answer::text, 'null'));
END
$$;
GRANT USAGE ON SCHEMA test TO leap_user, leap_admin, leap_anon;

-- templates: functions and the view have the same columns
SELECT test.says('anna@api.example', $$api.add_template('{"name": "Algebra", "matching_rules": {"keywords": ["algebra"]}}', true)$$, 'algebra');
SELECT test.says('anna@api.example', $$INSERT INTO api.recording_templates (name, is_draft, processing_config) VALUES ('Draft', true, '{"trimming": {"padding_before": 1}}') RETURNING *$$, 'draft');
SELECT test.says('anna@api.example', $$INSERT INTO api.recording_templates (name, used_count) VALUES ('Never', 7) RETURNING *$$);
SELECT test.says('anna@api.example', $$INSERT INTO api.recording_templates (name) VALUES ('Algebra') RETURNING *$$);
SELECT test.says('anna@api.example', $$UPDATE api.recording_templates SET description = 'd', is_draft = false WHERE name = 'Draft' RETURNING name, description, is_draft$$);
SELECT test.says('anna@api.example', $$UPDATE api.recording_templates SET is_default = true, used_count = 3 WHERE name = 'Draft' RETURNING *$$);
SELECT test.says('anna@api.example', $$api.list_templates(search => 'ALG')$$);
SELECT test.says('anna@api.example', $$api.list_templates(page => 2, per_page => 1, sort_by => 'name', sort_order => 'asc') #> '{items,0,name}'$$);
SELECT test.says('anna@api.example', $$api.list_templates(sort_by => 'matching_rules')$$);
SELECT test.says('anna@api.example', $$api.list_templates(per_page => 101)$$);
SELECT test.says('anna@api.example', $$api.list_templates(sort_order => 'up')$$);
SELECT test.says('anna@api.example', $$api.get_template(test.thing('algebra'))->'name'$$);
SELECT test.says('anna@api.example', $$api.change_template(test.thing('draft'), '{"description": null}')->'description'$$);
SELECT test.says('anna@api.example', $$api.default_template()$$);
SELECT test.says('anna@api.example', $$api.set_default_template(test.thing('draft'))->'is_default'$$);
SELECT test.says('anna@api.example', $$api.default_template()->'name'$$);
SELECT test.says('anna@api.example', $$api.delete_template(test.thing('draft'))$$);
SELECT test.says('anna@api.example', $$api.copy_template(test.thing('algebra'))->'name'$$);
SELECT test.says('anna@api.example', $$api.template_stats(test.thing('algebra'))$$);
SELECT test.says('anna@api.example', $$api.preview_template(test.thing('algebra'))$$);
SELECT test.says('anna@api.example', $$api.preview_rules('{"keywords": ["x"]}')$$);
SELECT test.says('anna@api.example', $$api.rematch_template(test.thing('algebra'))$$);
SELECT leap.add_recording('anna@api.example', '{"type": "url", "url": "https://example.org/a.mp4"}', 'Lecture 1') AS lecture \gset
INSERT INTO test.things VALUES ('lecture', :'lecture');
SELECT test.says('anna@api.example', $$api.template_from_recording(test.thing('lecture'), 'Like lecture 1')->'matching_rules'$$);
SELECT test.says('anna@api.example', $$api.delete_templates(ARRAY[test.thing('algebra'), test.thing('draft'), test.thing('lecture')])$$);

-- presets, and what is published
SELECT test.says('anna@api.example', $$api.add_preset('{"name": "Lib", "platform": "library"}')$$, 'preset');
SELECT test.says('anna@api.example', $$api.get_preset(test.thing('preset'))$$);
SELECT test.says('anna@api.example', $$api.change_preset(test.thing('preset'), '{"name": "Library", "is_active": false}')->'name'$$);
SELECT test.says('anna@api.example', $$UPDATE api.output_presets SET platform = 'vk' RETURNING *$$);
SELECT test.says('anna@api.example', $$api.copy_preset(test.thing('preset'))->'name'$$);
SELECT test.says('anna@api.example', $$api.list_presets(platform => '{library,vk}', is_active => false)->'total'$$);
SELECT test.says('anna@api.example', $$api.delete_presets(ARRAY[test.thing('preset')])$$);
SELECT test.says('anna@api.example', $$DELETE FROM api.output_presets RETURNING name$$);
SELECT test.says('anna@api.example', $$jsonb_array_length(api.preset_rules('library')) > 0$$);
SELECT test.says('anna@api.example', $$api.preview_metadata('{"title_template": "{{ display_name }}!"}', recording_id => test.thing('lecture'))->'title'$$);
SELECT test.says('anna@api.example', $$api.preview_metadata('{"title_template": "{{ nonsense }}"}')->'unknown'$$);
SELECT test.says('anna@api.example', $$api.resolve_config(test.thing('lecture'))->'layers'->1$$);
SELECT test.says('anna@api.example', $$api.resolve_config(template_id => test.thing('draft')) #> '{config,trimming,padding_before}'$$);
SELECT test.says('anna@api.example', $$api.resolve_config(template_id => test.thing('algebra'))$$);
SELECT test.says('anna@api.example', $$api.config_rules()->'defaults'->'output'$$);

-- sources
SELECT test.says('anna@api.example', $$INSERT INTO api.input_sources (name, source_type, config) VALUES ('Feed', 'URL_LIST', '{"urls": ["https://example.org/1.mp4"]}') RETURNING name, config, is_active, id$$, 'feed');
SELECT test.says('anna@api.example', $$api.add_source('{"name": "Box", "source_type": "INBOX", "config": {"path": "/srv/lectures"}}')$$);
SELECT test.says('anna@api.example', $$api.add_source('{"name": "Box", "source_type": "INBOX", "config": {"path": "/etc"}}')$$);
SELECT test.says('anna@api.example', $$api.change_source(test.thing('feed'), '{"config": {"blank_seconds": 60}}')->'config'$$);
SELECT test.says('anna@api.example', $$UPDATE api.input_sources SET source_type = 'INBOX' RETURNING *$$);
SELECT test.says('anna@api.example', $$api.sync_source(test.thing('feed'), '2026-01-01', '2026-02-01')$$);
SELECT test.says('anna@api.example', $$api.sync_sources(ARRAY[test.thing('feed'), test.thing('lecture')])$$);
SELECT test.says('anna@api.example', $$api.get_source(test.thing('feed'))->'syncing'$$);
SELECT test.says('anna@api.example', $$api.list_syncs(test.thing('feed'))->'total'$$);
SELECT test.says('anna@api.example', $$api.get_sync((SELECT min(id::text)::uuid FROM api.source_syncs))->'state'$$);
SELECT test.says('anna@api.example', $$api.copy_source(test.thing('feed'))->'name'$$);
SELECT test.says('anna@api.example', $$api.list_sources(active_only => true, platform => '{URL_LIST}') #> '{items,0,name}'$$);
SELECT test.says('anna@api.example', $$jsonb_array_length(api.source_options()) > 0$$);

-- automation jobs
SELECT test.says('anna@api.example', $$api.add_job('{"name": "Nightly", "schedule_config": {"type": "daily", "time": "03:00"}}')->'name'$$);
SELECT test.says('anna@api.example', $$INSERT INTO api.automation_jobs (name, schedule_config) VALUES ('Hourly', '{"type": "hours", "hours": 6}') RETURNING name, schedule_config, is_enabled, id$$, 'job');
SELECT test.says('anna@api.example', $$INSERT INTO api.automation_jobs (name, schedule_config) VALUES ('Sundays', '{"type": "weekdays", "days": [0], "time": "03:00"}') RETURNING *$$);
SELECT test.says('anna@api.example', $$api.change_job(test.thing('job'), '{"misfire": "skip"}')->'misfire'$$);
SELECT test.says('anna@api.example', $$UPDATE api.automation_jobs SET is_enabled = false WHERE name = 'Hourly' RETURNING is_enabled, next_run_at$$);
SELECT test.says('anna@api.example', $$api.get_job(test.thing('job'))->'schedule'$$);
SELECT test.says('anna@api.example', $$api.list_jobs(is_active => true) #> '{items,0,name}'$$);
SELECT test.says('anna@api.example', $$api.run_job(test.thing('job'), true)$$);
SELECT test.says('anna@api.example', $$api.run_job(test.thing('job'))$$);
SELECT test.says('anna@api.example', $$api.run_job(test.thing('job'))$$);
SELECT test.says('anna@api.example', $$api.job_runs(test.thing('job'))->'total'$$);
SELECT test.says('anna@api.example', $$api.get_automation_run((SELECT id FROM api.automation_runs WHERE trigger = 'dry_run'))->'state'$$);
SELECT test.says('anna@api.example', $$api.copy_job(test.thing('job'))->'is_enabled'$$);
SELECT test.says('anna@api.example', $$DELETE FROM api.automation_jobs WHERE name = 'Nightly' RETURNING name$$);

-- messages and webhooks
SELECT leap.raise_event(:'anna', 'security_alert', '{}', '{"name": "LEAP", "message": "a test"}'), leap.raise_event(:'anna', 'upload_failed', '{}', '{"name": "Lecture 1", "message": "another"}');
SELECT test.says('anna@api.example', $$(SELECT jsonb_agg(i - '{body,payload}'::text[] ORDER BY i->>'event') FROM jsonb_array_elements(api.list_notifications(unread => true)->'items') i)$$);
SELECT test.says('anna@api.example', $$api.list_notifications(severity => '{fatal}')$$);
SELECT test.says('anna@api.example', $$UPDATE api.notifications SET read_at = 'now' WHERE event = 'upload_failed' RETURNING event, read_at$$);
SELECT test.says('anna@api.example', $$UPDATE api.notifications SET count = 9 RETURNING *$$);
SELECT test.says('anna@api.example', $$UPDATE api.notifications SET read_at = NULL RETURNING *$$);
SELECT test.says('anna@api.example', $$api.unread_count() > 0$$);
SELECT test.says('anna@api.example', $$api.mark_read() ? 'marked'$$);
SELECT test.says('anna@api.example', $$api.unread_count()$$);
SELECT test.says('anna@api.example', $$UPDATE api.notification_preferences SET enabled = false WHERE event = 'upload_failed' AND channel = 'email' RETURNING *$$);
SELECT test.says('anna@api.example', $$UPDATE api.notification_preferences SET event = 'x' RETURNING *$$);
SELECT test.says('anna@api.example', $$api.set_preference('upload_failed', 'email', NULL)$$);
SELECT test.says('anna@api.example', $$jsonb_array_length(api.list_preferences())$$);
SELECT test.says('anna@api.example', $$INSERT INTO api.webhooks (url, events) VALUES ('https://example.org/hook', '{upload_failed}') RETURNING *$$, 'hook');
SELECT test.says('anna@api.example', $$api.add_webhook('{"url": "https://example.net/hook"}')->'secret'$$);
SELECT test.says('anna@api.example', $$INSERT INTO api.webhooks (url, secret) VALUES ('https://example.org/hook', 'mine') RETURNING *$$);
SELECT test.says('anna@api.example', $$UPDATE api.webhooks SET state = 'disabled' WHERE name = 'example.org' RETURNING state, reason, secret$$);
SELECT test.says('anna@api.example', $$api.change_webhook(test.thing('hook'), '{"state": "active"}')->'state'$$);
SELECT test.says('anna@api.example', $$api.get_webhook(test.thing('hook'))->'secret'$$);
SELECT test.says('anna@api.example', $$api.rotate_webhook_secret(test.thing('hook'))->'secret'$$);
SELECT test.says('anna@api.example', $$api.test_webhook(test.thing('hook')) - '{body}'::text[]$$, 'delivery');
SELECT test.says('anna@api.example', $$api.redeliver(test.thing('delivery'))$$);
SELECT test.says('anna@api.example', $$api.list_deliveries(channel => '{webhook}', webhook_id => test.thing('hook')) #> '{items,0,state}'$$);
SELECT test.says('anna@api.example', $$api.list_webhooks(search => 'net')->'total'$$);
SELECT test.says('anna@api.example', $$DELETE FROM api.webhooks WHERE name = 'example.net' RETURNING name$$);
SELECT test.says('anna@api.example', $$api.delete_webhook(test.thing('hook'))$$);

-- what is another's is not there, for an administrator neither
SELECT r.who, c.called, test.says(r.who, format(c.called, c.name))
FROM (VALUES ('boris@api.example'), ('root@api.example')) AS r(who)
CROSS JOIN (VALUES ('api.get_template(test.thing(%L))', 'draft'), ('api.change_template(test.thing(%L), ''{"name": "x"}'')', 'draft'), ('api.delete_template(test.thing(%L))', 'draft'),
    ('api.delete_templates(ARRAY[test.thing(%L)])', 'draft'), ('api.template_from_recording(test.thing(%L), ''x'')', 'lecture'), ('api.resolve_config(test.thing(%L))', 'lecture'),
    ('api.get_source(test.thing(%L))', 'feed'), ('api.sync_source(test.thing(%L))', 'feed'), ('api.delete_source(test.thing(%L))', 'feed'),
    ('api.get_job(test.thing(%L))', 'job'), ('api.run_job(test.thing(%L))', 'job'), ('api.job_runs(test.thing(%L))', 'job'), ('api.delete_job(test.thing(%L))', 'job'),
    ('api.redeliver(test.thing(%L))', 'delivery')) AS c(called, name) ORDER BY 1 DESC, 2;
SELECT v.relname, test.says('root@api.example', format('(SELECT count(*) FROM api.%I)', v.relname))
FROM pg_class v WHERE v.relnamespace = 'api'::regnamespace AND v.relkind = 'v' AND v.relname IN
    ('recording_templates', 'output_presets', 'input_sources', 'source_syncs', 'automation_jobs', 'automation_runs', 'webhooks', 'sessions', 'api_keys') ORDER BY 1;

-- nobody in particular, then somebody
SELECT test.says(NULL, 'api.me()');
SELECT test.says(NULL, $$api.login('anna@api.example', 'wrong')$$);
SELECT test.says(NULL, $$api.register('carl@api.example', 'Carl secret 1')$$);
SELECT test.says(NULL, $$api.refresh('none')$$);
SELECT test.says(NULL, $$api.forgot_password('anna@api.example')$$);
SELECT test.says(NULL, $$api.resend_verification('anna@api.example')$$);
SELECT test.says(NULL, $$api.reset_password('none', 'Another secret 1')$$);
SELECT test.says(NULL, $$api.verify_email('none')$$);
SELECT test.says(NULL, $$(SELECT jsonb_build_object('id', x->'session') FROM api.login('anna@api.example', 'Anna secret 1', device => 'a pad') x)$$, 'session of anna@api.example');
SELECT test.says(NULL, $$(SELECT x->'expires_in' FROM api.login('anna@api.example', 'Anna secret 1') x)$$);
SELECT test.says('anna@api.example', $$(SELECT jsonb_agg(jsonb_build_array(s->'device', s->'address', s->'user_agent', s->'is_current') ORDER BY s->>'device') FROM jsonb_array_elements(api.list_sessions()) s)$$);
SELECT test.says('anna@api.example', 'DELETE FROM api.sessions WHERE NOT is_current RETURNING device');
SELECT test.says('anna@api.example', 'api.end_session(test.thing(''lecture''))');
SELECT test.says('anna@api.example', 'api.logout_others()');
SELECT test.says('anna@api.example', 'api.me()');
SELECT test.says('anna@api.example', $$api.change_me('{"timezone": "europe/moscow", "full_name": "Anna B."}')->'timezone'$$);
SELECT test.says('anna@api.example', $$api.change_me('{"email": "new@api.example"}')$$);
SELECT test.says('anna@api.example', $$api.change_me('{"email": "new@api.example", "current_password": "Anna secret 1"}')->'email'$$);
SELECT test.says('new@api.example', $$api.change_me('{"email": "anna@api.example", "current_password": "Anna secret 1"}')->'is_verified'$$);
SELECT test.says('anna@api.example', $$api.change_me('{"role": "admin"}')$$);
SELECT test.says('anna@api.example', $$api.change_password('no', 'Anna secret 2')$$);
SELECT test.says('anna@api.example', $$api.change_password('Anna secret 1', 'Anna secret 2')$$);
SELECT test.says('anna@api.example', $$api.add_api_key('a script', 'write')$$, 'key');
SELECT test.says('anna@api.example', 'api.list_api_keys()');
SELECT test.says('anna@api.example', 'DELETE FROM api.api_keys RETURNING name');
SELECT test.says('anna@api.example', 'api.revoke_api_key(test.thing(''key''))');
SELECT test.says('boris@api.example', 'api.revoke_api_key(test.thing(''key''))');
SELECT test.says('anna@api.example', $$api.my_stats()->'recordings'->'total'$$);
SELECT test.says('anna@api.example', $$api.my_stats('2026-02-01', '2026-01-01')$$);
SELECT test.says('anna@api.example', $$api.my_stage_stats()->'stages'$$);
SELECT test.says('anna@api.example', $$api.my_failure_stats()->'failures'$$);
SELECT test.says('anna@api.example', $$jsonb_path_query(api.my_quota(), '$.quotas[*] ? (@.quota == "storage_bytes")')$$);
SELECT test.says('anna@api.example', $$api.change_my_config('{"transcription": {"language": "ru"}}')->'own'$$);
SELECT test.says('anna@api.example', $$api.change_my_config('{"transcription": {"language": 7}}')$$);
SELECT test.says('anna@api.example', $$api.my_config() #> '{resolved,transcription,language}'$$);
SELECT test.says('anna@api.example', $$api.reset_my_config()->'own'$$);
SELECT test.says('anna@api.example', $$jsonb_build_array(api.languages()->'texts'->0, api.granularities()->0->'name', api.timezones() ? 'Europe/Moscow', jsonb_array_length(api.platforms()), jsonb_array_length(api.notification_events()) > 9)$$);

-- administrators
SELECT test.says('anna@api.example', 'api.admin_overview()');
SELECT test.says('root@api.example', 'api.admin_overview() ?& ''{total_users,active_users,total_recordings,total_storage_gb,total_plans,users_by_plan,exceeding_users_count}''');
SELECT test.says('root@api.example', $$api.admin_user_stats(plan_name => 'none', per_page => 1) ? 'next'$$);
SELECT test.says('root@api.example', $$api.admin_quota_stats('2026-01')->'period'$$);
SELECT test.says('root@api.example', $$api.admin_quota_stats('soon')$$);
SELECT test.says('root@api.example', $$api.admin_stage_stats("user" => 'anna@api.example')->'stages'$$);
SELECT test.says('root@api.example', $$api.admin_failure_stats('2026-01-01', '2026-01-02')->'failures'$$);
SELECT test.says('root@api.example', $$(SELECT jsonb_agg(i->'email') FROM jsonb_array_elements(api.admin_list_users(search => 'API.EXAMPLE', role => 'user')->'items') i)$$);
SELECT test.says('root@api.example', $$(SELECT jsonb_build_array(a #> '{items,0,email}', api.admin_list_users(search => 'api.example', per_page => 1, after => a->>'next') #> '{items,0,email}') FROM api.admin_list_users(search => 'api.example', per_page => 1) a)$$);
SELECT test.says('root@api.example', $$api.admin_list_users(is_active => false, search => 'api.example')$$);
SELECT test.says('root@api.example', $$api.admin_list_users(plan => 'api-gold')$$);
SELECT test.says('root@api.example', $$api.admin_list_users(after => 'x')$$);
SELECT test.says('root@api.example', $$api.admin_add_plan('{"name": "api-gold", "limits": {"recordings_per_month": 5}}')$$);
SELECT test.says('root@api.example', $$api.admin_add_plan('{"name": "api-gold"}')$$);
SELECT test.says('root@api.example', $$api.admin_change_plan('api-gold', '{"limits": {"storage_bytes": "1 GB"}, "display_name": "Gold"}')->'limits'$$);
SELECT test.says('root@api.example', $$api.admin_list_plans(search => 'api-gold')->'total'$$);
SELECT test.says('root@api.example', $$(SELECT x - '{quotas,created_at}'::text[] FROM api.admin_add_user('{"email": "dora@api.example", "full_name": "Dora", "password": "Dora secret 1", "plan": "api-gold"}') x)$$);
SELECT test.says('root@api.example', $$api.admin_add_user('{"email": "dora@api.example"}')$$);
SELECT test.says('root@api.example', $$api.admin_add_user('{"full_name": "Nobody"}')$$);
SELECT test.says('root@api.example', $$api.admin_delete_plan('api-gold')$$);
SELECT test.says('root@api.example', $$api.admin_get_user('dora@api.example')->'recordings'$$);
SELECT test.says('root@api.example', $$api.admin_get_user('nobody@api.example')$$);
SELECT test.says('root@api.example', $$api.admin_change_user('dora@api.example', '{"can_upload": false}')->'can_upload'$$);
SELECT test.says('root@api.example', $$api.admin_set_password('dora@api.example', 'short')$$);
SELECT test.says('root@api.example', $$api.admin_set_quota('dora@api.example', 'storage_bytes', '2 GB', 'asked for it')$$);
SELECT test.says('root@api.example', $$jsonb_path_query(api.admin_user_quota('dora@api.example'), '$[*] ? (@.quota == "recordings_per_month")')$$);
SELECT test.says('root@api.example', $$api.admin_get_subscription('dora@api.example')->'plan'$$);
SELECT test.says('root@api.example', $$api.admin_change_subscription('dora@api.example', '{"notes": "a gift", "expires_at": "2199-01-01"}')->'expires_at' IS NOT NULL$$);
SELECT test.says('root@api.example', $$api.admin_change_subscription('dora@api.example', '{"price": 1}')$$);
SELECT test.says('root@api.example', $$api.admin_unsubscribe('dora@api.example')$$);
SELECT test.says('root@api.example', $$api.admin_get_subscription('dora@api.example')$$);
SELECT test.says('root@api.example', $$api.admin_subscribe('dora@api.example', 'api-gold')->'plan'$$);
SELECT test.says('root@api.example', $$(SELECT x - '{invitation,url}'::text[] FROM api.admin_add_invitation('erik@api.example', days => 3) x)$$, 'invitation');
SELECT test.says('root@api.example', $$jsonb_array_length(api.admin_list_invitations()) > 0$$);
SELECT test.says('root@api.example', $$DELETE FROM api.admin_invitations WHERE email = 'erik@api.example' RETURNING email$$);
SELECT test.says('root@api.example', $$api.admin_delete_invitation(test.thing('invitation'))$$);
SELECT test.says('root@api.example', $$api.admin_pause_queue('notify', 'a test') - '{paused_at,ready,running,scheduled,workers,places}'::text[]$$);
SELECT test.says('root@api.example', $$api.admin_resume_queue('notify')->'state'$$);
SELECT test.says('root@api.example', $$api.admin_pause_queue('no such')$$);
SELECT test.says('root@api.example', $$api.admin_close_breaker('vk')$$);
SELECT test.says('root@api.example', $$jsonb_build_array(jsonb_typeof(api.admin_queues()), jsonb_typeof(api.admin_workers()), jsonb_typeof(api.admin_doctor()))$$);
SELECT v.relname, test.says('root@api.example', format('(SELECT count(*) >= 0 FROM api.%I)', v.relname)), test.says('anna@api.example', format('(SELECT count(*) >= 0 FROM api.%I)', v.relname))
FROM pg_class v WHERE v.relnamespace = 'api'::regnamespace AND v.relkind = 'v' AND v.relname LIKE 'admin\_%' ORDER BY 1;

-- the audit log
SELECT test.says('anna@api.example', $$(SELECT jsonb_agg(DISTINCT i->'action') FROM jsonb_array_elements(api.my_activity(per_page => 1000)->'items') i)$$);
SELECT test.says('anna@api.example', $$(SELECT jsonb_build_array(a->'next' IS NOT NULL, jsonb_array_length(a->'items'), api.my_activity(1, a->>'next') #> '{items,0,id}' <> a #> '{items,0,id}') FROM api.my_activity(per_page => 1) a)$$);
SELECT test.says('anna@api.example', 'api.admin_audit()');
SELECT test.says('root@api.example', $$(SELECT jsonb_agg(jsonb_build_array(i->'user', i->'action', i->'result') ORDER BY i->>'id') FROM jsonb_array_elements(api.admin_audit(user_id => 'dora@api.example')->'items') i)$$);
SELECT test.says('root@api.example', $$(SELECT jsonb_agg(DISTINCT i->'action') FROM jsonb_array_elements(api.admin_audit(resource_type => '{plan}', result => '{success}')->'items') i)$$);
SELECT test.says('root@api.example', $$api.admin_audit(result => '{perhaps}')$$);
SELECT test.says('root@api.example', $$jsonb_typeof(api.admin_user_events('root@api.example', per_page => 1)->'items')$$);
SELECT test.says('root@api.example', $$(SELECT count(*) > 0 FROM api.admin_audit_export('{"action": "set_quota"}'))$$);
SELECT test.says('root@api.example', $$api.admin_audit_head() ? 'head'$$);
SELECT test.says('root@api.example', $$api.admin_audit_verify()->'ok'$$);

-- the end of an account
SELECT test.says('dora@api.example', $$api.delete_me('wrong')$$);
SELECT test.says('root@api.example', $$api.admin_delete_user('dora@api.example')$$);
SELECT test.says('root@api.example', $$api.admin_delete_plan('api-gold')$$);
UPDATE leap.users SET role = 'user' WHERE role = 'admin' AND email <> 'root@api.example';
SELECT test.says('root@api.example', $$api.delete_me('Root secret 1')$$);
SELECT leap.run_recording(:'lecture')->>'message' = '' AS never;
SELECT test.says('anna@api.example', $$leap.begin_upload('On its way', 1000) IS NOT NULL$$);
SELECT test.says('anna@api.example', $$api.delete_me('Anna secret 2')$$);
SELECT test.says(NULL, $$api.login('anna@api.example', 'Anna secret 2')$$);
SELECT test.plain(to_jsonb(u)::text) ~ '"email": "deleted-<id>@invalid"' AS renamed, u.full_name, u.is_active, u.config FROM leap.users u WHERE u.id = :'anna';
SELECT r.delete_state, r.template_id, n.state FROM leap.recordings r JOIN leap.runs n ON n.recording_id = r.id WHERE r.id = :'lecture';
SELECT (SELECT count(*) FROM leap.recording_templates WHERE user_id = :'anna'), (SELECT count(*) FROM leap.input_sources WHERE user_id = :'anna'),
       (SELECT count(*) FROM leap.automation_jobs WHERE user_id = :'anna'), (SELECT count(*) FROM leap.webhooks WHERE user_id = :'anna'),
       (SELECT count(*) FROM leap.notifications WHERE user_id = :'anna'), (SELECT count(*) FROM leap.api_keys WHERE user_id = :'anna'),
       (SELECT count(*) FROM leap.sessions WHERE user_id = :'anna' AND (ended_at IS NULL OR user_agent IS NOT NULL)), (SELECT count(*) FROM leap.passwords WHERE user_id = :'anna');
SELECT p.state FROM leap.uploads p WHERE p.user_id = :'anna';
-- its address is free
SELECT leap.add_user('anna@api.example') <> :'anna' AS fresh;

-- everything is described, granted to somebody and to nobody in general
SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'api'::regnamespace AND (obj_description(p.oid) IS NULL OR p.prosecdef
    OR EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0) OR NOT has_function_privilege('leap_admin', p.oid, 'EXECUTE'));
SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'api'::regnamespace AND (obj_description(c.oid) IS NULL OR NOT 'security_invoker=true' = ANY (coalesce(c.reloptions, '{}')));
