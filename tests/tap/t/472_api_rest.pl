# tests/tap/t/472_api_rest.pl
#     The REST paths of templates, presets, sources, jobs, messages, accounts and administration: each is asked,
#     in an order that makes sense, and answers the status and the members that it promises. The same things by
#     PostgREST's forms.
use strict;
use warnings;

use JSON::PP;
use LeapNode;
use LeapServe;
use Test::More;

my $leap = LeapNode->new('rest');
$leap->sql(q{ALTER SYSTEM SET leap.password_cost = 4; ALTER SYSTEM SET leap.registration = 'open'});
$leap->sql('SELECT pg_reload_conf()');
$leap->sql(<<~'SQL');
	SELECT leap.set_password(leap.add_user('root@example.org', 'Root', 'admin')::text, 'Root secret 1');
	SELECT leap.add_user('other@example.org', 'Other');
	SQL
my $serve = LeapServe->new($leap);
my %asks;      # who => the fields that say so
my %seen;      # what an answer said, by name: {name} in paths and bodies stands for it
my %walked;

# Replaces {name} by what was kept under it.
sub filled { my ($text) = @_; $text =~ s/\{(\w+)\}/$seen{$1} \/\/ die "nothing is kept as $1\n"/ge; return $text; }

# ask(WHO, METHOD, ROUTE, STATUS, more): one request. more: query, body (JSON text), path (where a segment is no kept
# name), keep (name => path into the answer), has (members the answer has), is (path => value).
sub ask
{
	my ($who, $method, $route, $status, %more) = @_;
	my $path = '/api/v1' . filled($more{path} // $route) . ($more{query} // '');
	my $body = defined $more{body} ? filled($more{body}) : '';
	my ($got, $head, $text) = $serve->request($method, $path, [ @{ $asks{$who} // [] }, $body eq '' ? () : 'Content-Type: application/json' ], $body);
	my $answer = $text eq '' ? undef : eval { JSON::PP->new->utf8->allow_nonref->decode($text) };
	my $good = $got == $status;

	$walked{"$method $route"} = 1 if $status < 400 || $more{walked};
	for my $member (@{ $more{has} // [] })
	{
		$good &&= defined member($answer, $member);
	}
	for my $member (sort keys %{ $more{is} // {} })
	{
		$good &&= (member($answer, $member) // 'null') eq $more{is}{$member};
	}
	ok($good, "$who: $method $path: $status") or diag("$got $text");
	$seen{$_} = member($answer, $more{keep}{$_}) for keys %{ $more{keep} // {} };
	return ($answer, $head);
}

# member(ANSWER, 'a/0/b'): undef if it is not there; true and false are 1 and 0.
sub member
{
	my ($value, $path) = @_;
	for my $step (split m{/}, $path)
	{
		$value = ref $value eq 'HASH' ? $value->{$step} : ref $value eq 'ARRAY' ? $value->[$step] : undef;
	}
	return JSON::PP::is_bool($value) ? $value + 0 : $value;
}

# log in
ask('nobody', 'POST', '/auth/register', 201, body => '{"email": "anna@example.org", "password": "Anna secret 1", "full_name": "Anna"}', is => { email => 'anna@example.org' });
ask('nobody', 'POST', '/auth/register', 409, body => '{"email": "anna@example.org", "password": "Anna secret 1"}', is => { code => '23505' });
ask('nobody', 'POST', '/auth/register', 422, body => '{"email": "x@example.org", "password": "short"}', is => { code => 'LP030' });
my ($refused, $head) = ask('nobody', 'POST', '/auth/login', 401, body => '{"email": "anna@example.org", "password": "wrong"}', is => { code => 'LP042' });
ask('nobody', 'POST', '/auth/login', 200, body => '{"email": "anna@example.org", "password": "Anna secret 1", "device": "a pad"}', has => ['expires_in'],
	keep => { access => 'access_token', refresh => 'refresh_token' });
ask('nobody', 'POST', '/auth/refresh', 200, body => '{"refresh_token": "{refresh}"}', keep => { access => 'access_token' });
$asks{anna} = ["Authorization: Bearer $seen{access}"];
ask('nobody', 'POST', '/auth/login', 200, body => '{"email": "root@example.org", "password": "Root secret 1"}', keep => { access => 'access_token' });
$asks{root} = ["Authorization: Bearer $seen{access}"];
$asks{other} = [ $serve->bearer('other@example.org') ];
ask('nobody', 'POST', '/auth/forgot-password', 200, body => '{"email": "anna@example.org"}', is => { accepted => 1 });
ask('nobody', 'POST', '/auth/resend-verification', 200, body => '{"email": "anna@example.org"}', is => { accepted => 1 });
ask('nobody', 'POST', '/auth/reset-password', 403, body => '{"token": "none", "new_password": "Another secret 1"}', is => { code => 'LP043' }, walked => 1);
ask('nobody', 'GET', '/auth/installation', 200, is => { administered => 1 });
ask('nobody', 'POST', '/auth/verify-email', 403, body => '{"token": "none"}', is => { code => 'LP043' }, walked => 1);
ask('nobody', 'GET', '/users/me', 401);
is($serve->status('POST', '/rpc/login', ['Content-Type: application/json'], '{"email": "anna@example.org", "password": "wrong"}'), 401, 'a refusal has its status through the other door, too');

# access to platforms: what is given never comes back
$leap->sql(<<~'SQL');
	SELECT leap.add_worker_key(encode(sha256('workers'), 'base64'));
	SELECT leap.set_platform_app('youtube', '{"client_id": "app", "client_secret": "hush", "redirect_uri": "https://leap.example.org/oauth/youtube/callback"}');
	SQL
ask('anna', 'GET', '/credentials/fields', 200, query => '?platform=s3', has => ['fields/0/key'], is => { 'forms/0/kind' => 'key' });
ask('anna', 'POST', '/credentials', 201, body => '{"platform": "s3", "account_name": "Store", "data": {"access_key_id": "a", "secret_access_key": "hush"}}',
	keep => { credential => 'id' }, is => { data => 'null', sealed => 'null', account_name => 'Store' });
ask('anna', 'POST', '/credentials', 409, body => '{"platform": "s3", "account_name": "Store", "data": {"access_key_id": "a", "secret_access_key": "hush"}}');
ask('anna', 'POST', '/credentials', 422, body => '{"platform": "s3", "account_name": "Other", "data": {"access_key_id": "a"}}', is => { code => 'LP030' });
ask('anna', 'GET', '/credentials', 200, query => '?platform=s3&search=sto', is => { total => 1, 'items/0/account_name' => 'Store', 'items/0/needs_reauth' => 0 });
ask('anna', 'GET', '/credentials', 200, query => '?search=nothing', is => { total => 0 });
ask('anna', 'GET', '/credentials/{id}', 200, path => '/credentials/{credential}', is => { state => 'unchecked', 'facts/title' => 'https://s3.us-east-1.amazonaws.com', sealed => 'null' });
ask('anna', 'PATCH', '/credentials/{id}', 200, path => '/credentials/{credential}', body => '{"data": {"access_key_id": "a", "secret_access_key": "hush2", "region": "eu-1"}}', is => { version => 2 });
ask('anna', 'POST', '/credentials/{id}/check', 202, path => '/credentials/{credential}/check', keep => { check => 'id' }, is => { state => 'waiting' });
ask('anna', 'GET', '/credentials/checks/{id}', 200, path => '/credentials/checks/{check}', is => { action => 'check' });
ask('other', 'GET', '/credentials/{id}', 404, path => '/credentials/{credential}');
ask('anna', 'DELETE', '/credentials/{id}', 204, path => '/credentials/{credential}');
ask('anna', 'GET', '/oauth', 200, is => { 'platforms/0' => 'youtube' });
ask('anna', 'POST', '/oauth/{platform}/authorize', 200, path => '/oauth/youtube/authorize', body => '{"account_name": "Channel"}', keep => { state => 'state' }, has => ['authorization_url']);
ask('anna', 'POST', '/oauth/{platform}/authorize', 409, path => '/oauth/vk/authorize', body => '{"account_name": "Channel"}', is => { code => 'LP003' });
my (undef, $page) = ask('nobody', 'GET', '/oauth/{platform}/callback', 200, path => '/oauth/youtube/callback', query => "?state=$seen{state}&code=abc&scope=email&authuser=0&prompt=consent&iss=x");
like($page, qr{^Content-Type: text/html}m, 'who comes back sees a page');
like($page, qr{^Content-Security-Policy: default-src 'none'}m, 'that runs nothing');
like(($serve->request('GET', "/oauth/youtube/callback?state=$seen{state}&code=abc"))[2], qr{url=/app/connect/youtube#state=\Q$seen{state}\E&amp;code=abc"}, 'and leads on to where he finishes, behind the #');
ask('other', 'POST', '/oauth/{platform}/finish', 404, path => '/oauth/youtube/finish', body => '{"state": "{state}", "code": "abc"}', is => { code => 'LP020' });
ask('anna', 'POST', '/oauth/{platform}/finish', 202, path => '/oauth/youtube/finish', body => '{"state": "{state}", "code": "abc"}', keep => { check => 'check' });
ask('anna', 'POST', '/oauth/{platform}/finish', 404, path => '/oauth/youtube/finish', body => '{"state": "{state}", "code": "abc"}', is => { code => 'LP020' });
ask('anna', 'GET', '/credentials/checks/{id}', 200, path => '/credentials/checks/{check}', is => { action => 'exchange', state => 'waiting' });

# templates and presets
ask('anna', 'POST', '/presets', 201, body => '{"name": "Library", "platform": "library"}', keep => { preset => 'id' });
ask('anna', 'POST', '/presets', 409, body => '{"name": "Library", "platform": "library"}');
ask('anna', 'GET', '/presets', 200, query => '?platform=library&platform=vk&is_active=true', is => { total => 1, page => 1, 'items/0/name' => 'Library' });
ask('anna', 'GET', '/presets/rules', 200, query => '?platform=library', has => ['0/path']);
ask('anna', 'GET', '/presets/{id}', 200, path => '/presets/{preset}', is => { publishes => 1 });
ask('anna', 'PATCH', '/presets/{id}', 200, path => '/presets/{preset}', body => '{"description": "ours"}', is => { description => 'ours' });
ask('anna', 'POST', '/presets/{id}/copy', 201, path => '/presets/{preset}/copy', keep => { copy => 'id' });
ask('anna', 'POST', '/presets/bulk/delete', 200, body => '{"ids": ["{copy}"]}', is => { deleted_count => 1 });
ask('anna', 'POST', '/presets/render-preview', 200, body => '{"metadata": {"title_template": "x"}, "platform": "library"}', is => { title => 'x' });
ask('anna', 'POST', '/templates', 201, query => '?auto_rematch=true', body => '{"name": "Algebra", "matching_rules": {"keywords": ["algebra"]}, "output_config": {"preset_ids": ["{preset}"]}}',
	has => ['rematch/checked'], keep => { template => 'id' });
ask('anna', 'POST', '/templates', 422, body => '{"name": "Bad", "matching_rules": {"patterns": ["("]}}', is => { code => 'LP030' });
ask('anna', 'GET', '/templates', 200, query => '?search=alg&include_drafts=false&per_page=5', is => { per_page => 5, total => 1, total_pages => 1 });
ask('anna', 'GET', '/templates/default', 404, is => { code => 'LP020' });
ask('anna', 'POST', '/templates/{id}/set-as-default', 200, path => '/templates/{template}/set-as-default', is => { is_default => 1 });
ask('anna', 'GET', '/templates/default', 200, is => { name => 'Algebra' });
ask('anna', 'DELETE', '/templates/{id}', 409, path => '/templates/{template}', is => { code => 'LP009' });
ask('anna', 'POST', '/templates/{id}/set-as-default', 200, path => '/templates/{template}/set-as-default', query => '?is_default=false', is => { is_default => 0 });
ask('anna', 'GET', '/templates/{id}', 200, path => '/templates/{template}', is => { name => 'Algebra' });
ask('anna', 'PATCH', '/templates/{id}', 200, path => '/templates/{template}', body => '{"description": "d"}', is => { description => 'd' });
ask('anna', 'PATCH', '/templates/{id}', 422, path => '/templates/{template}', body => '{"colour": "red"}', is => { code => 'LP030' });
ask('anna', 'GET', '/templates/{id}/stats', 200, path => '/templates/{template}/stats', is => { total_recordings => 0 });
ask('anna', 'GET', '/templates/{id}/preview', 200, path => '/templates/{template}/preview', is => { will_match_count => 0 });
ask('anna', 'POST', '/templates/{id}/preview', 200, path => '/templates/{template}/preview', query => '?limit=10', is => { will_match_count => 0 });
ask('anna', 'POST', '/templates/preview-rules', 200, body => '{"rules": {"keywords": ["x"]}}', is => { will_match_count => 0 });
ask('anna', 'POST', '/templates/{id}/rematch', 200, path => '/templates/{template}/rematch', query => '?only_unmapped=true', is => { matched => 0 });
ask('anna', 'POST', '/templates/render-preview', 200, body => '{"metadata": {"title_template": "t"}}', is => { title => 't', sample => 1 });
$seen{recording} = $leap->sql(q{SELECT leap.add_recording('anna@example.org', '{"type": "url", "url": "https://example.org/a.mp4"}', 'Lecture')});
ask('anna', 'POST', '/templates/from-recording/{id}', 201, path => '/templates/from-recording/{recording}', body => '{"name": "Like it"}', is => { name => 'Like it' });
ask('anna', 'POST', '/templates/{id}/copy', 201, path => '/templates/{template}/copy', keep => { copy => 'id' }, is => { name => 'Copy of Algebra', is_draft => 1 });
ask('anna', 'POST', '/templates/bulk/delete', 200, body => '{"ids": ["{copy}", "{recording}"]}', is => { deleted_count => 1, error_count => 1 });
ask('anna', 'GET', '/config/resolve', 200, query => filled('?recording_id={recording}&include_layers=false'), has => ['config/output']);
ask('anna', 'GET', '/config/resolve', 200, query => filled('?template_id={template}'), is => { 'layers/1/name' => 'Algebra' });
ask('anna', 'GET', '/config/rules', 200, has => ['rules/0/path']);
ask('other', 'GET', '/templates/{id}', 404, path => '/templates/{template}', is => { code => 'LP020' });
ask('root', 'DELETE', '/templates/{id}', 404, path => '/templates/{template}', is => { code => 'LP020' });

# sources and jobs
ask('anna', 'GET', '/sources/options', 200, has => ['0/key']);
ask('anna', 'POST', '/sources', 201, body => '{"name": "Feed", "source_type": "URL_LIST", "config": {"urls": ["https://example.org/a.mp4"]}}', keep => { source => 'id' });
ask('anna', 'GET', '/sources', 200, query => '?active_only=true&platform[]=URL_LIST', is => { total => 1 });
ask('anna', 'GET', '/sources/{id}', 200, path => '/sources/{source}', is => { syncing => 0 });
ask('anna', 'PATCH', '/sources/{id}', 200, path => '/sources/{source}', body => '{"config": {"blank_seconds": 5}}', is => { 'config/blank_seconds' => 5 });
ask('anna', 'POST', '/sources/{id}/sync', 202, path => '/sources/{source}/sync', query => '?from_date=2026-01-01', has => ['task_id'], keep => { sync => 'sync_id' }, is => { status => 'queued' });
ask('anna', 'POST', '/sources/bulk/sync', 202, body => '{"source_ids": ["{source}"]}', is => { queued_count => 1 });
ask('anna', 'GET', '/sources/syncs', 200, is => { total => 2 });
ask('anna', 'GET', '/sources/syncs/{id}', 200, path => '/sources/syncs/{sync}', is => { from_date => '2026-01-01' });
ask('anna', 'GET', '/sources/{id}/syncs', 200, path => '/sources/{source}/syncs', query => '?per_page=1', is => { total_pages => 2 });
ask('anna', 'POST', '/sources/{id}/copy', 201, path => '/sources/{source}/copy', keep => { copy => 'id' });
ask('anna', 'DELETE', '/sources/{id}', 204, path => '/sources/{copy}');
ask('anna', 'POST', '/automation/jobs', 201, body => '{"name": "Nightly", "schedule_config": {"type": "daily", "time": "03:00"}, "template_ids": ["{template}"]}', keep => { job => 'id' });
ask('anna', 'POST', '/automation/jobs', 422, body => '{"name": "Never", "schedule_config": {"type": "weekdays", "days": [0], "time": "03:00"}}', is => { code => 'LP030' });
ask('anna', 'POST', '/automation/schedule', 200, body => '{"schedule": {"type": "daily", "time": "03:00", "timezone": "Europe/Berlin"}, "language": "en"}', is => { text => 'every day at 03:00 (Europe/Berlin)' }, has => [ 'next_runs/4', 'least_hours' ]);
ask('anna', 'POST', '/automation/schedule', 422, body => '{"schedule": {"type": "daily", "time": "3"}}', is => { code => 'LP030' });
ask('anna', 'GET', '/automation/jobs', 200, query => '?is_active=true', is => { total => 1 });
ask('anna', 'GET', '/automation/jobs/{id}', 200, path => '/automation/jobs/{job}', has => [ 'schedule', 'next_runs/0' ]);
ask('anna', 'PATCH', '/automation/jobs/{id}', 200, path => '/automation/jobs/{job}', body => '{"is_enabled": false}', is => { is_enabled => 0 });
ask('anna', 'POST', '/automation/jobs/{id}/dry-run', 202, path => '/automation/jobs/{job}/dry-run', is => { mode => 'dry_run' }, keep => { run => 'automation_run_id' });
ask('anna', 'POST', '/automation/jobs/{id}/run', 202, path => '/automation/jobs/{job}/run', is => { mode => 'execute' });
ask('anna', 'POST', '/automation/jobs/{id}/run', 409, path => '/automation/jobs/{job}/run', is => { code => 'LP008' });
ask('anna', 'GET', '/automation/jobs/{id}/runs', 200, path => '/automation/jobs/{job}/runs', is => { total => 2 });
ask('anna', 'GET', '/automation/runs/{id}', 200, path => '/automation/runs/{run}', is => { trigger => 'dry_run' });
ask('anna', 'POST', '/automation/jobs/{id}/copy', 201, path => '/automation/jobs/{job}/copy', is => { is_enabled => 0 });
ask('other', 'POST', '/automation/jobs/{id}/run', 404, path => '/automation/jobs/{job}/run');
ask('anna', 'DELETE', '/automation/jobs/{id}', 204, path => '/automation/jobs/{job}');
ask('anna', 'DELETE', '/templates/{id}', 204, path => '/templates/{template}');
ask('anna', 'DELETE', '/presets/{id}', 204, path => '/presets/{preset}');

# messages
$leap->sql(q{SELECT leap.raise_event(id, 'upload_failed', '{}', '{"name": "Lecture", "message": "no"}') FROM leap.users WHERE email = 'anna@example.org'});
ask('anna', 'GET', '/notifications', 200, query => '?severity=error&unread=true', is => { 'items/0/event' => 'upload_failed' }, has => ['items/0/title']);
ask('anna', 'GET', '/notifications/unread-count', 200);
ask('anna', 'GET', '/notifications/events', 200, has => ['0/event']);
ask('anna', 'POST', '/notifications/read', 200, body => '{}', has => ['marked']);
ask('anna', 'GET', '/notifications/preferences', 200, has => ['0/channel']);
ask('anna', 'PUT', '/notifications/preferences/{event}/{channel}', 200, path => '/notifications/preferences/upload_failed/email', body => '{"enabled": false}', is => { enabled => 0 });
ask('anna', 'POST', '/notifications/webhooks', 201, body => '{"url": "https://example.org/hook"}', has => ['secret'], keep => { hook => 'id' });
ask('anna', 'GET', '/notifications/webhooks', 200, is => { total => 1, 'items/0/secret' => 'null' });
ask('anna', 'GET', '/notifications/webhooks/{id}', 200, path => '/notifications/webhooks/{hook}', is => { state => 'active' });
ask('anna', 'PATCH', '/notifications/webhooks/{id}', 200, path => '/notifications/webhooks/{hook}', body => '{"events": ["upload_failed"]}', is => { 'events/0' => 'upload_failed' });
ask('anna', 'POST', '/notifications/webhooks/{id}/rotate-secret', 200, path => '/notifications/webhooks/{hook}/rotate-secret', has => ['secret']);
ask('anna', 'POST', '/notifications/webhooks/{id}/test', 202, path => '/notifications/webhooks/{hook}/test', keep => { delivery => 'id' });
ask('anna', 'GET', '/notifications/deliveries', 200, query => '?channel=webhook', is => { 'items/0/events/0' => 'webhook_test' });
ask('anna', 'POST', '/notifications/deliveries/{id}/redeliver', 409, path => '/notifications/deliveries/{delivery}/redeliver', is => { code => 'LP003' }, walked => 1);
ask('anna', 'DELETE', '/notifications/webhooks/{id}', 204, path => '/notifications/webhooks/{hook}');

# the account
ask('anna', 'GET', '/users/me', 200, is => { email => 'anna@example.org', role => 'user' });
ask('anna', 'PATCH', '/users/me', 200, body => '{"timezone": "Europe/Moscow"}', is => { timezone => 'Europe/Moscow' });
ask('anna', 'PATCH', '/users/me', 403, body => '{"email": "new@example.org"}', is => { code => 'LP043' });
ask('anna', 'POST', '/users/me/password', 403, body => '{"current_password": "no", "new_password": "Anna secret 2"}', is => { code => 'LP043' });
ask('anna', 'POST', '/users/me/password', 200, body => '{"current_password": "Anna secret 1", "new_password": "Anna secret 2"}', is => { changed => 1 });
ask('anna', 'GET', '/users/me/stats', 200, query => '?from=2026-01-01&to=2199-01-01', is => { 'recordings/total' => 1 });
ask('anna', 'GET', '/users/me/stats/stages', 200, has => ['stages']);
ask('anna', 'GET', '/users/me/stats/failures', 200, has => ['failures']);
ask('anna', 'GET', '/users/me/quota', 200, has => ['quotas/0/quota']);
ask('anna', 'GET', '/users/me/first-steps', 200);
ask('anna', 'GET', '/users/me/activity', 200, query => '?per_page=3', has => [ 'items/2/action', 'next' ]);
ask('anna', 'GET', '/users/me/config', 200, has => ['defaults']);
ask('anna', 'PATCH', '/users/me/config', 200, body => '{"transcription": {"language": "ru"}}', is => { 'own/transcription/language' => 'ru' });
ask('anna', 'POST', '/users/me/config/reset', 200, is => { 'resolved/transcription/language' => 'en' });
ask('anna', 'GET', '/users/me/retention', 200, has => ['resolved']);
ask('anna', 'PATCH', '/users/me/retention', 200, body => '{"expire_after_days": 400}', is => { 'own/expire_after_days' => 400, 'resolved/soft_delete_days' => 30 });
ask('anna', 'POST', '/auth/keys', 201, body => '{"name": "a script", "scope": "write"}', keep => { key => 'id', secret => 'key' });
$asks{script} = ["X-API-Key: $seen{secret}"];
ask('script', 'GET', '/templates', 200);
ask('script', 'GET', '/auth/sessions', 403, is => { code => 'LP043' });
ask('script', 'POST', '/users/me/password', 403, body => '{"current_password": "Anna secret 2", "new_password": "Anna secret 3"}');
ask('anna', 'GET', '/auth/keys', 200, is => { '0/name' => 'a script', '0/key' => 'null' });
ask('other', 'DELETE', '/auth/keys/{id}', 404, path => '/auth/keys/{key}');
ask('anna', 'DELETE', '/auth/keys/{id}', 204, path => '/auth/keys/{key}');
ask('script', 'GET', '/templates', 401);
ask('nobody', 'POST', '/auth/login', 200, body => '{"email": "anna@example.org", "password": "Anna secret 2"}', keep => { access => 'access_token', session => 'session' });
ask('anna', 'GET', '/auth/sessions', 200, has => ['1/id'], is => { '2' => 'null' });
ask('anna', 'DELETE', '/auth/sessions/{id}', 204, path => '/auth/sessions/{session}');
ask('anna', 'POST', '/auth/logout-others', 200, is => { sessions_ended => 0 });

# by PostgREST's forms: the same functions, through views
{
	my @json = (@{ $asks{anna} }, 'Prefer: return=representation');
	my $form = sub {
		my ($method, $path, $value, $status, $member, $is, $what) = @_;
		my ($got, $answer) = $serve->json($method, $path, \@json, $value);
		my $said = member($answer, $member) // 'null';
		ok($got == $status && $said =~ /^$is$/, "$method $path: $what") or diag("$got " . encode_json([$answer]));
	};
	$form->('POST', '/recording_templates', [ { name => 'One', is_draft => JSON::PP::false }, { name => 'Two', is_draft => JSON::PP::true } ], 201, '1/name', 'Two', 'rows are added through a view');
	$form->('PATCH', '/recording_templates?name=eq.Two', { is_draft => JSON::PP::false }, 200, '0/is_draft', '0', 'changed');
	$form->('PATCH', '/recording_templates?name=eq.Two', { used_count => '9' }, 422, 'code', 'LP030', 'but for what nobody may set');
	$form->('DELETE', '/recording_templates?is_draft=is.false&order=name', undef, 200, '2/name', '.+', 'and deleted');
	$form->('POST', '/webhooks?select=name,secret', { url => 'https://example.org/hook' }, 201, '0/secret', 'whsec_.+', 'what is shown once is in the answer');
	$form->('GET', '/webhooks?select=name,secret', undef, 200, '0/secret', 'null', 'and never again');
	$form->('GET', '/input_sources?select=name,source_syncs(state)&name=eq.Feed', undef, 200, '0/source_syncs/0/state', 'waiting', 'what belongs to a row comes with it');
	$form->('PATCH', '/notifications?event=eq.upload_failed', { read_at => 'now' }, 200, '0/event', 'upload_failed', 'a message is read');
	is($serve->status('POST', '/recording_templates', [ @{ $asks{other} }, 'Content-Type: application/json' ], '{"name": "Mine"}'), 201, 'a row without an answer');
	is($serve->status('GET', "/recording_templates?$_", $asks{other}), 200, "GET /recording_templates?$_") for ('select=name,recordings(id)', 'order=created_at.desc&limit=1');
}

# administrators
ask('anna', 'GET', '/admin/stats/overview', 403);
ask('root', 'GET', '/admin/stats/overview', 200, has => [ 'total_users', 'total_storage_gb' ]);
ask('root', 'GET', '/admin/stats/users', 200, query => '?exceeded_only=false&per_page=1', has => [ 'items/0/email', 'next' ]);
ask('root', 'GET', '/admin/stats/quotas', 200, query => '?period=2026-01', is => { period => '2026-01' });
ask('root', 'GET', '/admin/stats/stages', 200, has => ['stages']);
ask('root', 'GET', '/admin/stats/failures', 200, query => '?user=anna@example.org', has => ['failures']);
ask('root', 'POST', '/admin/plans', 201, body => '{"name": "gold", "limits": {"storage_bytes": "50 GB"}}', is => { subscribers => 0 });
ask('root', 'PATCH', '/admin/plans/{name}', 200, path => '/admin/plans/gold', body => '{"limits": {"recordings_per_month": 10}}', is => { 'limits/recordings_per_month' => 10 });
ask('root', 'GET', '/admin/plans', 200, query => '?search=gold', is => { total => 1 });
ask('root', 'POST', '/admin/users', 201, body => '{"email": "dora@example.org", "password": "Dora secret 1", "plan": "gold"}', keep => { dora => 'id' }, is => { 'subscription/plan' => 'gold' });
ask('root', 'POST', '/admin/users', 409, body => '{"email": "dora@example.org"}');
ask('root', 'GET', '/admin/users', 200, query => '?search=dora&role=user', is => { 'items/0/plan' => 'gold' });
ask('root', 'GET', '/admin/users/{id}', 200, path => '/admin/users/{dora}', is => { email => 'dora@example.org' });
ask('root', 'PATCH', '/admin/users/{id}', 200, path => '/admin/users/{dora}', body => '{"can_upload": false}', is => { can_upload => 0 });
ask('root', 'POST', '/admin/users/{id}/password', 204, path => '/admin/users/{dora}/password', body => '{"password": "Dora secret 2"}');
ask('root', 'GET', '/admin/users/{id}/quota', 200, path => '/admin/users/{dora}/quota', has => ['0/quota']);
ask('root', 'POST', '/admin/users/{id}/quota', 200, path => '/admin/users/{dora}/quota', body => '{"quota": "recordings_per_month", "limit": 7, "why": "asked"}', is => { limit => 7, source => 'override' });
ask('root', 'GET', '/admin/users/{id}/subscription', 200, path => '/admin/users/{dora}/subscription', is => { plan => 'gold' });
ask('root', 'PATCH', '/admin/users/{id}/subscription', 200, path => '/admin/users/{dora}/subscription', body => '{"expires_at": "2199-01-01"}', has => ['expires_at']);
ask('root', 'DELETE', '/admin/plans/{name}', 409, path => '/admin/plans/gold', is => { code => 'LP009' });
ask('root', 'DELETE', '/admin/users/{id}/subscription', 200, path => '/admin/users/{dora}/subscription', is => { plan => 'null' });
ask('root', 'POST', '/admin/users/{id}/subscription', 201, path => '/admin/users/{dora}/subscription', body => '{"plan": "gold"}', is => { plan => 'gold' });
ask('root', 'GET', '/admin/users/{id}/events', 200, path => '/admin/users/{dora}/events', has => ['items']);
$leap->sql(q{SELECT leap.add_recording('dora@example.org', '{"type": "url", "url": "https://example.org/d.mp4"}')});
ask('root', 'DELETE', '/admin/users/{id}', 200, path => '/admin/users/{dora}', is => { deleted => 1, recordings => 1 });
ask('root', 'DELETE', '/admin/plans/{name}', 204, path => '/admin/plans/gold');
ask('root', 'POST', '/admin/invitations', 201, body => '{"email": "erik@example.org", "days": 3}', has => ['invitation'], is => { url => 'null' }, keep => { invitation => 'id' });
ask('root', 'GET', '/admin/invitations', 200, is => { '0/email' => 'erik@example.org' });
ask('root', 'DELETE', '/admin/invitations/{id}', 204, path => '/admin/invitations/{invitation}');
ask('root', 'GET', '/admin/audit', 200, query => '?action=set_plan&action=subscribe&per_page=2', has => [ 'items/1/action', 'next' ]);
ask('root', 'GET', '/admin/audit-log', 200, query => '?result=failure', is => { 'items/0/result' => 'failure' });
ask('root', 'GET', '/admin/audit', 422, query => '?result=perhaps', is => { code => 'LP030' });
ask('root', 'POST', '/admin/audit/export', 200, body => '{"filters": {"action": "set_plan"}, "format": "json"}', is => { '0/action' => 'set_plan' });
{
	my @export = ('POST', '/api/v1/admin/audit/export', [ @{ $asks{root} }, 'Content-Type: application/json' ]);
	my ($status, $head, $text) = $serve->request(@export, '{"filters": {"action": ["set_plan", "export"]}, "format": "csv"}');

	ok($status == 200 && $head =~ m{^Content-Type: text/csv; charset=utf-8\r$}m && $head =~ /^Content-Disposition: attachment; filename="audit.csv"\r$/m
		&& $text =~ /^\xef\xbb\xbf"id","timestamp",.*"details","resource_name"\r\n"\d+","\d{4}-.*"set_plan",.*\r\n.*"export",/s, 'the audit log as CSV is a file') or diag("$status $head$text");
	for my $as ([ 'text/csv', 200 ], [ 'application/xml', 406 ])
	{
		is($serve->status(@export[ 0, 1 ], [ @{ $export[2] }, "Accept: $as->[0]" ], '{}'), $as->[1], "who accepts only $as->[0]: $as->[1]");
	}
	ask('root', 'POST', '/admin/audit/export', 422, body => '{"format": "xlsx"}', is => { code => 'LP030' });
	ask('anna', 'DELETE', '/auth/sessions/{id}', 404, path => '/auth/sessions/01990000-0000-7000-8000-000000000000');
	ask('anna', 'GET', '/admin/users', 403);
	for my $words ('export audit_log', 'end session user', 'list user')
	{
		ok($leap->wait_until(sub { $leap->sql("SELECT count(*) FROM leap.audit_logs WHERE result = 'failure' AND action || ' ' || resource_type = '$words'") > 0 }), "refused: $words, as when it is done");
	}
	is($serve->status('GET', '/api/v1/admin/audit', [ @{ $asks{root} }, 'Accept: text/csv' ]), 406, 'and a list is JSON');
}
ask('root', 'GET', '/admin/audit/head', 200);
ask('root', 'GET', '/admin/audit/verify', 200, is => { ok => 1 });
ask('root', 'GET', '/admin/queues', 200, has => ['0/queue']);
ask('root', 'POST', '/admin/queues/{queue}/pause', 200, path => '/admin/queues/notify/pause', body => '{"reason": "a test"}', is => { state => 'paused' });
ask('root', 'POST', '/admin/queues/{queue}/resume', 200, path => '/admin/queues/notify/resume', is => { state => 'running' });
ask('root', 'GET', '/admin/workers', 200);
ask('root', 'GET', '/admin/outside', 200, is => { 'platforms/0/platform' => 'youtube', 'platforms/1/public' => 1 });
ask('root', 'PUT', '/admin/apps/{platform}', 422, path => '/admin/apps/zoom', body => '{"client_id": "zoom-app", "redirect_uri": "https://leap.example.org/oauth/zoom/callback"}', is => { code => 'LP030' });
ask('root', 'PUT', '/admin/apps/{platform}', 422, path => '/admin/apps/s3', body => '{"client_id": "a"}', is => { code => 'LP030' });
ask('anna', 'PUT', '/admin/apps/{platform}', 403, path => '/admin/apps/zoom', body => '{"client_id": "a"}');
my ($app) = ask('root', 'PUT', '/admin/apps/{platform}', 200, path => '/admin/apps/zoom',
	body => '{"client_id": "zoom-app", "client_secret": "zoom-hush", "redirect_uri": "https://leap.example.org/oauth/zoom/callback"}', is => { platform => 'zoom', client_id => 'zoom-app' });
unlike(encode_json($app), qr/zoom-hush/, 'the secret of an app is not shown again');
ask('anna', 'GET', '/oauth', 200, is => { 'platforms/1' => 'zoom', sealing => 1 });
ask('anna', 'DELETE', '/admin/apps/{platform}', 403, path => '/admin/apps/zoom');
ask('root', 'DELETE', '/admin/apps/{platform}', 204, path => '/admin/apps/zoom');
ask('root', 'DELETE', '/admin/apps/{platform}', 404, path => '/admin/apps/zoom', is => { code => 'LP020' });
ask('root', 'GET', "/admin/$_", 200) for qw(system stats/throughput tasks stuck);
ask('root', 'POST', '/admin/tasks/{task_id}/cancel', 404, path => '/admin/tasks/9/cancel', walked => 1);
ask('root', 'POST', '/admin/recordings/{id}/{operation}', 404, path => '/admin/recordings/00000000-0000-7000-8000-000000000000/pause', walked => 1);
ask('root', 'POST', '/admin/users/{id}/sessions/end', 404, path => '/admin/users/00000000-0000-7000-8000-000000000000/sessions/end', walked => 1);
ask('anna', 'GET', '/tasks/place', 200);
ask('anna', 'GET', '/tasks/{task_id}/detail', 404, path => '/tasks/9/detail', walked => 1);
ask('root', 'GET', '/admin/stats/failures/examples', 200, query => '?kind=download&class=input');
ask('root', 'POST', '/admin/breakers/{platform}/close', 404, path => '/admin/breakers/vk/close', walked => 1);
ask('root', 'POST', '/admin/doctor', 200, has => ['0/status']);
is($serve->status('GET', "/admin_$_", $asks{root}), 200, "GET /admin_$_") for qw(stuck failures backlog breakers rate_limits limits plans invitations);
is($serve->status('GET', '/admin_stuck', $asks{anna}), 403, 'not for everybody');
ask('anna', 'GET', "/references/$_", 200) for qw(languages granularities qualities timezones platforms providers);

# the end
ask('anna', 'POST', '/auth/logout', 200, is => { sessions_ended => 1 });
ask('anna', 'GET', '/users/me', 401);
for my $way ('/auth/logout-all', undef)
{
	ask('nobody', 'POST', '/auth/login', 200, body => '{"email": "anna@example.org", "password": "Anna secret 2"}', keep => { access => 'access_token' });
	$asks{anna} = ["Authorization: Bearer $seen{access}"];
	ask('anna', 'POST', $way, 200, has => ['sessions_ended']) if defined $way;
}
ask('anna', 'DELETE', '/users/me', 403, body => '{"password": "wrong"}', is => { code => 'LP043' });
ask('root', 'DELETE', '/users/me', 409, body => '{"password": "Root secret 1"}', is => { code => 'LP003' });
ask('anna', 'DELETE', '/users/me', 200, body => '{"password": "Anna secret 2"}', is => { deleted => 1, recordings => 1 });
ask('anna', 'GET', '/users/me', 401);
ask('nobody', 'POST', '/auth/login', 401, body => '{"email": "anna@example.org", "password": "Anna secret 2"}');

my @left = grep { !$walked{$_} } split /\n/, $leap->sql(q{SELECT method || ' ' || path FROM leap.routes() WHERE path ~ '^/(templates|presets|config|sources|automation|notifications|auth|users|admin|references)/?' AND path <> '/references/errors' ORDER BY 1});
is_deeply(\@left, [], 'every path was walked');
done_testing();
