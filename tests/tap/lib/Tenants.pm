# tests/tap/lib/Tenants.pm
#     Tenants that have some of everything, and what of it an answer must not hold.
#
#     Tenants::prepare($leap);                    functions for what follows
#     my $ann = Tenants::add($leap, 'ann');       a tenant: {name, email, id, ids => {KIND => ID}, all => [every id]}
#     Tenants::empty_tables($leap, $ann);         tables of tenants in which he has no row
#     Tenants::digest($leap, $ann);               {TABLE => digest of his rows}
#     Tenants::token($leap, $ann);                an access token of his
#
# Every text of a tenant holds his mark, which is in nobody else's. A table that is new is filled by the types of its
# columns; one whose rules refuse that needs a line in give_all().
package Tenants;

use strict;
use warnings;

use JSON::PP;

sub prepare
{
	my ($leap) = @_;
	$leap->sql(<<~'SQL');
		SELECT leap.add_worker_key(encode(sha256('workers'), 'base64'));
		SELECT leap.set_platform_app('youtube', '{"client_id": "app", "client_secret": "hush", "redirect_uri": "https://leap.example.org/oauth/youtube/callback"}');
		CREATE SCHEMA test;
		CREATE FUNCTION test.give_all(mark text, inbox text) RETURNS uuid LANGUAGE plpgsql AS $$
		DECLARE
		    address text := mark || '@example.org';
		    me uuid := leap.add_user(address, mark);
		    mine jsonb := jsonb_build_object('sub', me, 'role', 'leap_user');
		    recording uuid;
		    source uuid;
		    template uuid;
		    preset uuid;
		    job uuid;
		BEGIN
		    PERFORM leap.set_password(address, 'Secret-of-' || mark || '-1');
		    PERFORM leap.subscribe(address, 'tenants', notes => mark), leap.link_identity(address, 'https://id.example.org', mark);
		    source := leap.add_source(jsonb_build_object('name', mark || ' source', 'source_type', 'URL_LIST', 'config', jsonb_build_object('urls', jsonb_build_array('https://example.org/' || mark || '.mp4'))), address);
		    preset := leap.add_preset(jsonb_build_object('name', mark || ' preset', 'platform', 'library'), address);
		    template := leap.add_template(jsonb_build_object('name', mark || ' template', 'matching_rules', jsonb_build_object('keywords', jsonb_build_array(mark))), address);
		    recording := leap.add_recording(address, jsonb_build_object('type', 'url', 'url', 'https://example.org/' || mark || '.mp4'), mark || ' recording',
		                                    jsonb_build_object('output', jsonb_build_object('preset_ids', jsonb_build_array(preset))));
		    PERFORM leap.bind_template(recording, template), leap.run_recording(recording), leap.sync_source(source);
		    INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
		    VALUES (recording, me, 'source', mark || '/source-1', 5, repeat('0', 64), 'video/mp4'), (recording, me, 'poster', mark || '/poster-1', 5, repeat('0', 64), 'image/jpeg');
		    job := leap.add_job(jsonb_build_object('name', mark || ' job', 'template_ids', jsonb_build_array(template), 'schedule_config', '{"type": "daily", "time": "03:00"}'::jsonb,
		                                           'sync_config', jsonb_build_object('source_ids', jsonb_build_array(source))), address);
		    PERFORM leap.run_job(job);
		    PERFORM set_config('request.jwt.claims', mine::text, true);
		    PERFORM leap.test_webhook((leap.add_webhook(jsonb_build_object('name', mark || ' hook', 'url', 'https://example.org/' || mark))->>'id')::uuid);
		    PERFORM leap.add_api_key(mark || ' key', 'read'), leap.set_preference('recording_uploaded', 'email', true);
		    PERFORM leap.raise_event(me, 'security_alert', '{}', jsonb_build_object('name', mark, 'message', mark));
		    PERFORM leap.login(address, 'Secret-of-' || mark || '-1', true, mark || ' device');
		    PERFORM leap.begin_oauth('youtube', mark || ' channel'),
		            leap.check_credential(leap.add_credential('s3', mark || ' store', jsonb_build_object('access_key_id', mark, 'secret_access_key', mark || '-secret')));
		    PERFORM set_config('request.jwt.claims', '', true);
		    INSERT INTO leap.task_attempts (at, task, attempt, user_id, recording_id, kind, outcome, seconds, message) VALUES (now(), 1, 1, me, recording, 'download', 'failed', 1, mark);
		    INSERT INTO leap.usage_events (user_id, event, recording_id, task_id, seconds) SELECT me, 'transcription', recording, min(t.id), 1 FROM leap.tasks t WHERE t.recording_id = recording;
		    INSERT INTO leap.transcript_passages (recording_id, user_id, no, start, "end", language, text, starts, tsv) VALUES (recording, me, 0, 0, 1, 'en', mark, '{0}', to_tsvector('simple', mark));
		    INSERT INTO leap.topic_versions (recording_id, user_id, version, outline) VALUES (recording, me, 1, jsonb_build_object('summary', mark));
		    INSERT INTO leap.captions (recording_id, user_id, language, format, body, origin) VALUES (recording, me, 'en', 'vtt', mark, 'user');
		    INSERT INTO leap.summaries VALUES (me, 'daily_summary', current_date, true);
		    INSERT INTO leap.account_tokens (user_id, purpose, email, kid, hash, expires_at) VALUES (me, 'reset', address, 'x', sha256(convert_to(mark, 'UTF8')), now() + interval '1 day');
		    PERFORM test.fill(t.name, t.owner_column, me, mark) FROM leap.tenant_tables() t;
		    RETURN me;
		END
		$$;
		CREATE FUNCTION test.fill(relation regclass, owner_column name, me uuid, mark text) RETURNS void LANGUAGE plpgsql AS $$
		DECLARE
		    filled boolean;
		    names text;
		    items text;
		BEGIN
		    EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE %I = $1)', relation, owner_column) INTO filled USING me;
		    IF NOT filled THEN
		        SELECT string_agg(quote_ident(a.attname), ', '), string_agg(CASE WHEN a.attname = owner_column THEN quote_literal(me) WHEN a.attname = 'lane' THEN format('(SELECT lane FROM leap.users WHERE id = %L)', me)
		            ELSE CASE a.atttypid WHEN 'uuid'::regtype THEN 'leap.uuid7()' WHEN 'timestamptz'::regtype THEN 'now() + interval ''1 day''' WHEN 'bytea'::regtype THEN 'leap.random_bytes(32)'
		            WHEN 'jsonb'::regtype THEN '''{}''' WHEN 'boolean'::regtype THEN 'true' WHEN 'text'::regtype THEN quote_literal(mark || '-' || a.attname) ELSE '0' END END, ', ')
		        INTO names, items
		        FROM pg_attribute a WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull AND NOT a.atthasdef AND a.attidentity = '';
		        EXECUTE format('INSERT INTO %s (%s) VALUES (%s)', relation, names, items);
		    END IF;
		END
		$$;
		-- what is a tenant's, and does not change by itself
		CREATE FUNCTION test.digests(me uuid) RETURNS TABLE (name text, digest text) LANGUAGE plpgsql AS $$
		DECLARE
		    t record;
		BEGIN
		    FOR t IN SELECT x.name, x.owner_column FROM leap.tenant_tables() x LOOP
		        name := t.name::text;
		        EXECUTE format('SELECT md5(coalesce(string_agg(x::text, '','' ORDER BY x::text), '''')) FROM %s x WHERE %I = $1', t.name, t.owner_column) INTO digest USING me;
		        RETURN NEXT;
		    END LOOP;
		    FOR name IN SELECT 'leap.' || n FROM unnest('{task_ready,task_scheduled,task_lease}'::text[]) n LOOP
		        EXECUTE format('SELECT md5(coalesce(string_agg(x::text, '','' ORDER BY x::text), '''')) FROM %s x JOIN leap.tasks t ON t.id = x.task WHERE t.user_id = $1', name) INTO digest USING me;
		        RETURN NEXT;
		    END LOOP;
		END
		$$;
		-- ids of a tenant's things by kind, the oldest of each
		CREATE FUNCTION test.ids(me uuid) RETURNS jsonb LANGUAGE plpgsql AS $$
		DECLARE
		    t record;
		    found jsonb;
		    kinds jsonb := jsonb_build_object('user', me);
		    whole jsonb := '[]';
		BEGIN
		    FOR t IN SELECT x.name, c.relname FROM leap.tenant_tables() x JOIN pg_class c ON c.oid = x.name
		             WHERE x.owner_column = 'user_id' AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = x.name AND a.attname = 'id' AND NOT a.attisdropped) LOOP
		        EXECUTE format('SELECT coalesce(jsonb_agg(x.id::text ORDER BY x.id), ''[]'') FROM %s x WHERE x.user_id = $1', t.name) INTO found USING me;
		        kinds := kinds || jsonb_build_object(t.relname, found->0);
		        whole := whole || found;
		    END LOOP;
		    RETURN jsonb_build_object('kinds', kinds, 'all', whole);
		END
		$$;
		-- what a function of leap that takes one object says to a tenant
		CREATE FUNCTION test.says(me uuid, function name, spec jsonb) RETURNS text LANGUAGE plpgsql AS $$
		DECLARE
		    answer text;
		BEGIN
		    PERFORM set_config('request.jwt.claims', jsonb_build_object('sub', me, 'role', 'leap_user')::text, true), set_config('role', 'leap_user', true);
		    EXECUTE format('SELECT leap.%I($1)', function) INTO answer USING spec;
		    RETURN answer;
		EXCEPTION WHEN OTHERS THEN
		    RETURN sqlstate || ' ' || sqlerrm;
		END
		$$;
		SELECT leap.set_plan('tenants', '{}', 'Tenants'), leap.set_issuer('https://id.example.org');
		SQL
	return;
}

sub add
{
	my ($leap, $mark) = @_;
	my $id = $leap->sql("SELECT test.give_all('$mark', '$leap->{inbox}')");
	my $ids = decode_json($leap->sql("SELECT test.ids('$id')"));
	return { name => $mark, email => "$mark\@example.org", id => $id, ids => $ids->{kinds}, all => [ grep { length > 12 } @{ $ids->{all} }, $id ] };
}

sub empty_tables
{
	my ($leap, $tenant) = @_;
	return $leap->sql("SELECT string_agg(d.name, ' ') FROM test.digests('$tenant->{id}') d WHERE d.digest = md5('') AND d.name !~ 'task_(scheduled|lease)'");
}

sub digest
{
	my ($leap, $tenant) = @_;
	return { map { split /\|/ } split /\n/, $leap->sql("SELECT * FROM test.digests('$tenant->{id}')") };
}

sub token
{
	my ($leap, $tenant) = @_;
	return $leap->access_token("id = '$tenant->{id}'", 3600);
}

1;
