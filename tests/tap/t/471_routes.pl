# tests/tap/t/471_routes.pl
#     The paths of the REST API: every row of leap.routes() is found, with and without the prefix, asks who asks, and
#     refuses methods and arguments that it does not have; those of recordings and tasks do what they say.
use strict;
use warnings;

use JSON::PP;
use LeapNode;
use LeapServe;
use Test::More;

my $leap = LeapNode->new('routes');
my $address = 'teacher@example.org';
$leap->sql(<<~"SQL");
	SELECT leap.add_user('foe\@example.org');
	SELECT leap.add_recording('$address', '{"type": "url", "url": "https://example.org/a.mp4"}', 'Algebra'),
	       leap.add_recording('$address', '{"type": "url", "url": "https://example.org/b.mp4"}', 'Botany'),
	       leap.add_recording('foe\@example.org', '{"type": "url", "url": "https://example.org/c.mp4"}', 'Chemistry');
	SELECT leap.add_template('{"name": "Courses", "matching_rules": {"keywords": ["course"]}}', '$address');
	SQL
my $serve = LeapServe->new($leap);
my @me = $serve->bearer($address);
my $nobody = '01990000-0000-7000-8000-000000000000';

sub id_of { return $leap->sql("SELECT id FROM leap.recordings WHERE display_name = '$_[0]'"); }
my ($mine, $other, $foreign) = map { id_of($_) } qw(Algebra Botany Chemistry);
my $template = $leap->sql("SELECT id FROM leap.recording_templates WHERE name = 'Courses'");

# every row, whoever wrote it
my $routes = decode_json($leap->sql("SELECT json_agg(json_build_array(method, path, function, has_function_privilege('leap_anon', p.oid, 'EXECUTE'))) FROM leap.routes() r JOIN pg_proc p ON p.proname = r.function AND p.pronamespace = 'api'::regnamespace"));
ok(@$routes > 50, 'there are routes');
my (%methods, @bad);
push @{ $methods{ $_->[1] =~ s/\{\w+\}/$nobody/gr } }, $_ for @$routes;
for my $path (sort keys %methods)
{
	my @rows = @{ $methods{$path} };
	my ($status, $head) = $serve->request('OPTIONS', "/api/v1$path");
	my %allowed = map { $_ => 1 } split /, /, $head =~ /^Allow: (.*?)\r$/m ? $1 : '';

	push @bad, "OPTIONS $path: $status" if $status != 200 || grep { !$allowed{ $_->[0] } } @rows;
	($status, $head) = $serve->request('LOCK', "/api/v1$path", [@me]);
	push @bad, "LOCK $path: $status" if $status != 405 || $head !~ /^Allow: .*\b$rows[0][0]\b/m;
	for my $row (@rows)
	{
		my ($method, undef, $function, $open) = @$row;
		my $json;

		$status = $serve->status($method, "/api/v1$path?no_such_argument=1");
		push @bad, "$method $path: $status without a token" if $status != 422;    # what is no argument is told first
		($status, $json) = $serve->json($method, "/api/v1$path?no_such_argument=1", [@me]);
		push @bad, "$method $path: an argument that is none: $status" if $status != 422 || ref $json ne 'HASH' || $json->{message} !~ /"no_such_argument" is no argument/;
		next if $path !~ m{^/[^/]+/} || $path =~ m{^/share/};    # which is the page
		$status = $serve->status($method, "$path?no_such_argument=1", [@me]);
		push @bad, "$method $path without the prefix: $status" if $status != 422;
	}
}
is("@bad", '', 'every row is found by its path and methods, and refuses what it does not know');

# what needs nobody's token is open, all else asks for one
@bad = ();
for my $row (@$routes)
{
	my ($method, $path, $function, $open) = @$row;
	my @needed = @{ decode_json($leap->sql("SELECT coalesce(json_agg(x.name), '[]') FROM pg_proc p, unnest(p.proargnames[1:p.pronargs - p.pronargdefaults]) x(name) WHERE p.proname = '$function' AND p.pronamespace = 'api'::regnamespace")) };
	my $filled = $path =~ s/\{\w+\}/$nobody/gr;
	my %body = map { $_ => undef } grep { $path !~ /\{$_\}/ && !($path =~ m{/bulk/} && $_ eq 'operation') } @needed;
	my ($status, $json) = $serve->json($method, "/api/v1$filled", [], $method eq 'GET' ? undef : \%body);

	next if $method eq 'GET' && keys %body;
	next if $path =~ m{^(?:/admin)?/tasks/\{|/\{version\}};    # a uuid is no number of a task or a version
	push @bad, "$method $path: $status" if !$open && $status != 401 || $open && $status == 401 && ($json->{code} // '') eq '42501';
}
is("@bad", '', 'only what is open to everybody answers without a token');

# answers(NAME, METHOD, PATH, BODY, STATUS, KEYS): JSON with these members; the answer
sub answers
{
	my ($name, $method, $path, $body, $expected, @keys) = @_;
	my ($status, $json) = $serve->json($method, "/api/v1$path", [@me], $body);
	my @missing = ref $json eq 'HASH' ? grep { !exists $json->{$_} } @keys : @keys;

	is("$status @missing", "$expected ", "$method $path: $name") or diag(explain($json));
	return $json;
}

my @reply = qw(success recording_id message status on_pause run_id task_id);
my $list = answers('a page', 'GET', '/recordings?per_page=1&sort_by=display_name&sort_order=asc', undef, 200, qw(page per_page total total_pages items));
is("$list->{total} $list->{total_pages} $list->{items}[0]{display_name}", '2 2 Algebra', 'has what it says');
is(scalar @{ $list->{items}[0]{processing_stages} }, 4, 'with the stages of each');
is(answers('filters', 'GET', '/recordings?status[]=INITIALIZED&status=FAILED&search=bot', undef, 200)->{items}[0]{id}, $other, 'several values and words');
answers('a bad filter', 'GET', '/recordings?status=GONE', undef, 422, qw(code message hint details));
my $added = answers('from a URL', 'POST', '/recordings', { url => 'https://example.org/d.mp4', display_name => 'Drama' }, 201, @reply);
answers('the same by another path', 'POST', '/recordings/add-url', { url => 'https://example.org/e.mp4', auto_run => JSON::PP::true }, 201, @reply);
answers('no file of the server', 'POST', '/recordings', { url => 'file:///etc/passwd' }, 422, 'code');
answers('nothing', 'POST', '/recordings', {}, 422, 'code');
answers('one', 'GET', "/recordings/$mine", undef, 200, qw(id display_name status uploads can_run can_pause ready_to_upload is_runtime));
answers('all of it', 'GET', "/recordings/$mine?detailed=true", undef, 200, qw(source topics facts run tasks outputs files config));
answers('of another', 'GET', "/recordings/$foreign", undef, 404, 'code');
answers('of nobody', 'GET', "/recordings/$nobody", undef, 404, 'code');

# explained(METHOD, PATH, BODY, STATUS, MESSAGE, HINT): a refusal in words for who asked
sub explained
{
	my ($method, $path, $body, $expected, $message, $hint, $who) = @_;
	my ($status, $json) = $serve->json($method, "/api/v1$path", $who // [@me], $body);

	is("$status $json->{message}", "$expected $message", "$method $path: says what is wrong");
	like($json->{hint}, $hint, 'and what would be right');
}
explained('GET', '/recordings/x', undef, 422, 'GET /recordings/{id}: id cannot be "x"', qr/^It is an id/);
explained('GET', "/recordings/$mine?detailed=perhaps", undef, 422, 'GET /recordings/{id}: detailed cannot be "perhaps"', qr/^It is true or false/);
explained('GET', '/recordings?page=two', undef, 422, 'GET /recordings: page cannot be "two"', qr/^It is a whole number/);
explained('POST', "/recordings/$mine/run", { template_id => 'x' }, 422, 'POST /recordings/{id}/run: template_id cannot be "x"', qr/^It is an id/);
explained('GET', '/tasks/x', undef, 422, 'GET /tasks/{task_id}: task_id cannot be "x"', qr/^It is a whole number/);
explained('GET', '/admin/workers', undef, 403, 'this is not allowed for the role leap_user', qr/administrators/);
explained('GET', '/recordings', undef, 401, 'this needs a login', qr/Authorization: Bearer/, []);
is(answers('a name', 'PATCH', "/recordings/$mine", { display_name => 'Algebra 1' }, 200)->{display_name}, 'Algebra 1', 'is changed');
answers('a status', 'PATCH', "/recordings/$mine", { status => 'READY' }, 422, 'hint');
answers('what would be done', 'POST', "/recordings/$mine/run?dry_run=true", undef, 200, qw(dry_run current_status steps config_sources));
my $run = answers('started', 'POST', "/recordings/$mine/run", { processing_config => { trimming => { padding_before => 1 } } }, 200, @reply);
answers('twice', 'POST', "/recordings/$mine/run", undef, 409, 'code');
answers('in the list of tasks', 'GET', "/tasks?recording_id=$mine&status=PENDING", undef, 200, qw(items next per_page));
is(answers('the task', 'GET', "/tasks/$run->{task_id}", undef, 200, qw(task_id state progress result error))->{state}, 'PENDING', 'waits');
for my $operation (qw(pause resume cancel skip unskip reset))
{
	is(answers('done', 'POST', "/recordings/$mine/$operation", undef, 200, @reply)->{recording_id}, $mine, 'with it');
}
for my $operation (qw(retry accept trim transcribe topics subtitles upload upload/library))
{
	answers('refused', 'POST', "/recordings/$mine/$operation", undef, 409, qw(code message));
}
like(answers('what is no platform', 'POST', "/recordings/$mine/upload/tiktok", undef, 422, qw(code message))->{message}, qr/no platform "tiktok"/, 'is named');
my $again = answers('alone', 'POST', "/recordings/$mine/download", undef, 200, @reply);
answers('another place', 'POST', "/recordings/$mine/priority", { priority => -1 }, 200, @reply);
answers('cancelled', 'DELETE', "/tasks/$again->{task_id}", undef, 200, qw(success cancelled run_state));
answers('twice', 'POST', "/tasks/$again->{task_id}/cancel", undef, 409, 'code');
answers('that there is not', 'GET', '/tasks/999999', undef, 404, 'code');
for my $part (qw(stages history files))
{
	my ($status, $json) = $serve->json('GET', "/recordings/$mine/$part", [@me]);
	is($status . ref $json, '200ARRAY', "GET /recordings/{id}/$part: a list");
}
answers('resolved', 'GET', "/recordings/$mine/config", undef, 200, qw(config layers origins));
is(answers('laid over', 'PATCH', "/recordings/$mine/config", { processing_config => { trimming => { on_blank => 'skip' } } }, 200)->{config}{trimming}{on_blank}, 'skip', 'is its own');
my ($status, $head, $body) = $serve->request('DELETE', "/recordings/$mine/config", [@me]);
is("$status$body", '204', 'DELETE /recordings/{id}/config: nothing to say');
answers('bound', 'POST', "/recordings/$mine/template/$template", undef, 200, qw(recording template));
answers('unbound', 'DELETE', "/recordings/$mine/template", undef, 200, 'recording');
answers('of nobody', 'POST', "/recordings/$mine/template/$nobody", undef, 404, 'code');
answers('what would be done', 'POST', '/recordings/bulk/run', { filters => { status => ['INITIALIZED'] }, dry_run => JSON::PP::true }, 200, qw(dry_run matched_count skipped_count total recordings));
my $bulk = answers('some', 'POST', '/recordings/bulk/run', { recording_ids => [ $mine, $foreign ] }, 200, qw(queued_count skipped_count error_count total tasks));
is("$bulk->{queued_count} $bulk->{error_count}", '1 1', 'one is, that of another is not there');
for my $operation (qw(pause resume cancel retry accept skip unskip reset download trim transcribe topics subtitles upload delete restore))
{
	answers('many', 'POST', "/recordings/bulk/$operation", { recording_ids => [$other] }, 200, qw(queued_count tasks));
}
answers('any', 'POST', '/recordings/bulk', { operation => 'cancel', filters => { search => 'algebra' } }, 200, qw(queued_count tasks));
like(answers('what is no operation', 'POST', '/recordings/bulk', { operation => 'explode', recording_ids => [$mine] }, 422, 'hint')->{hint}, qr/run, force, .*, republish\./, 'says which there are');
answers('of nothing', 'POST', '/recordings/bulk/run', {}, 422, 'hint');
($status, $head, $body) = $serve->request('POST', '/recordings/export', [ @me, 'Content-Type: application/json' ], '{"filters": {}, "format": "csv"}');
ok($status == 200 && $head =~ m{^Content-Type: text/csv; charset=utf-8\r$}m && $head =~ /^Content-Disposition: attachment; filename="recordings.csv"\r$/m && $body =~ /^\xef\xbb\xbf"id",/, 'POST /recordings/export: CSV');
($status, $body) = $serve->json('POST', '/recordings/export', [@me], { recording_ids => [$mine] });
is("$status $body->[0]{display_name}", '200 Algebra 1', 'POST /recordings/export: JSON');
answers('gone', 'DELETE', "/recordings/$mine", undef, 200, @reply);
answers('not in the list', 'GET', '/recordings?search=algebra', undef, 200);
answers('back', 'POST', "/recordings/$mine/restore", undef, 200, @reply);

# the view, the call and the path are three forms of one thing
is_deeply([ $serve->json('GET', '/rpc/get_recording?id=' . $mine, [@me]) ], [ $serve->json('GET', "/recordings/$mine", [@me]) ], 'a call answers what the path does');
($status, $body) = $serve->json('GET', "/recordings?select=id,processing_stages(stage_name),output_targets(status)&id=eq.$mine", [@me]);
is("$status " . scalar(@{ $body->[0]{processing_stages} }) . ' ' . scalar(@{ $body->[0]{output_targets} }), '200 4 1', 'the view has what belongs to it in one request');
is($serve->status('GET', '/recordings?page=2', [@me]), 400, 'GET /recordings without the prefix is the view');

# what is nearly right is told
for my $case ([ 'GET', '/recordngs', '/recordings' ], [ 'POST', "/recordings/$mine/rnu", '/recordings/{id}/run' ], [ 'GET', '/taks', '/tasks' ])
{
	my ($method, $path, $near) = @$case;
	my ($found, $json) = $serve->json($method, "/api/v1$path", [@me], $method eq 'POST' ? {} : ());
	is("$found $json->{hint}", "404 Perhaps you meant /api/v1$near", "$method $path: the nearest path");
}
is($serve->status('GET', '/no/such', [@me]), 404, 'outside of the prefix, too');
($status, $head) = $serve->request('HEAD', "/recordings/$mine", [@me]);
is($status, 200, 'HEAD is GET without the body');

# a request by path that would write is not let write by GET, nor by a key that only reads
my $key = decode_json($leap->sql("SELECT leap.add_api_key('reader', 'read', NULL, '$address')"))->{key};
is($serve->status('GET', "/api/v1/recordings/$mine", ["X-API-Key: $key"]), 200, 'a key that reads may');
is($serve->status('POST', "/api/v1/recordings/$mine/run", ["X-API-Key: $key"]), 403, 'and may not start a run');
# the table is read anew
$leap->sql("CREATE OR REPLACE FUNCTION leap.routes() RETURNS TABLE (method text, path text, function text, arguments jsonb, body text, status int, comment text) LANGUAGE sql STABLE AS \$\$ VALUES ('GET', '/one/more/path', 'list_recordings', '{}'::jsonb, NULL, 202, '') \$\$; NOTIFY pgrst");
ok($leap->wait_until(sub { $serve->status('GET', '/one/more/path', [@me]) == 202 }), 'a changed table is read when it is told');
is($serve->status('GET', '/recordings/x/run', [@me]), 404, 'what is not in it any more is gone');
done_testing();
