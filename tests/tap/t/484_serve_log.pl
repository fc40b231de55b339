# tests/tap/t/484_serve_log.pl
#     What leap serve tells about requests: a line each, with a name that the client may choose and the database learns,
#     without anything secret; and numbers for Prometheus, from a process of its own.
use strict;
use warnings;

use JSON::PP;
use LeapNode;
use LeapServe;
use PostgreSQL::Test::Utils qw(slurp_file);
use Test::More;

my $leap = LeapNode->new('serve_log');
my $address = 'teacher@example.org';
$leap->sql(<<~'SQL');
	CREATE SCHEMA door;
	GRANT USAGE ON SCHEMA door TO leap_anon, leap_user;
	CREATE FUNCTION door.name_of_request() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT leap.correlation_id()';
	CREATE FUNCTION door.check(password text) RETURNS text LANGUAGE sql STABLE AS 'SELECT ''no''::text';
	CREATE FUNCTION door.nap(seconds float8) RETURNS int LANGUAGE sql AS 'SELECT 1 FROM pg_sleep(seconds)';
	SQL
my $serve = LeapServe->new($leap, '--schemas=door', '--log-format=json', '--metrics=0', '--processes=2');
my $user = $leap->sql("SELECT id FROM leap.users WHERE email = '$address'");
my @bearer = ($serve->bearer($address));

# line(ID): the line of the log about a request
sub line
{
	my ($id) = @_;
	return $leap->wait_until(sub { my ($json) = grep { /"correlation_id":"\Q$id\E"/ } split /\n/, $leap->log_text; $json && decode_json($json) }) // {};
}

my ($status, $head, $body) = $serve->request('GET', '/rpc/name_of_request', [ @bearer, 'X-Request-Id: mine-1' ]);
is("$status $body", '200 "mine-1"', 'the name that a client gave a request reaches the database');
like($head, qr/^X-Request-Id: mine-1\r?$/m, 'and comes back');
my $line = line('mine-1');
is_deeply([ @$line{qw(level method path status user)} ], [ 'info', 'GET', '/rpc/name_of_request', 200, $user ], 'the log says who asked for what, and how it went');
like($line->{ms}, qr/^\d+(?:\.\d+)?$/, 'and how long it took');
($status, $head, $body) = $serve->request('GET', '/rpc/name_of_request', \@bearer);
like($body, qr/^"[0-9a-f]{16}"$/, 'a request without a name gets one');
is(line($body =~ tr/"//dr)->{status}, 200, 'by which the log knows it');
for my $bad ('a b', 'x' x 65, '"}', '')
{
	($status, $head, $body) = $serve->request('GET', '/rpc/name_of_request', [ @bearer, "X-Request-Id: $bad" ]);
	like($body, qr/^"[0-9a-f]{16}"$/, "\"$bad\" is no name");
}

$serve->request('GET', '/rpc/check?password=hush-1', [ @bearer, 'X-Request-Id: secret-1', 'Cookie: a=hush-2' ]);
is(line('secret-1')->{path}, '/rpc/check', 'what stands in the query is not in the log');
$serve->request('GET', '/files/hush-3/01890a5d-ac96-774b-bcce-b302099a8057/17', [ 'X-Request-Id: secret-2', 'Authorization: Bearer hush-4' ]);
is(line('secret-2')->{path}, '/files/{value}/{id}/{id}', 'of the path only its shape');
is(line('secret-2')->{user}, undef, 'nobody is named who did not prove it');
unlike($leap->log_text, qr/hush/, 'secrets are nowhere');

my $gone = $serve->connect;
syswrite $gone, "GET /rpc/nap?seconds=600 HTTP/1.1\r\nHost: a\r\nX-Request-Id: gone-1\r\n\r\n";
$leap->wait_until(sub { $leap->sql("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%nap%' AND usename = 'leap_gateway'") == 1 });
close $gone;
is(line('gone-1')->{status}, 499, 'a client that went away is told from one that was answered');
$serve->raw("nonsense\r\n\r\n");
ok($leap->wait_until(sub { $leap->log_text =~ /"method":"-","path":"","status":400|"method":"-","status":400/ }), 'what is no request has a line, too');
unlike($leap->log_text, qr{"path":"/health/}, 'who watches leaves no lines');

# metrics, in a process of their own
my $port = $leap->wait_until(sub { $leap->log_text =~ m{metrics at http://127\.0\.0\.1:(\d+)/metrics} ? $1 : undef });

sub page
{
	my ($path) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 10) or return (0, '');
	print $socket "GET $path HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
	my ($answer, undef, $content) = LeapServe::parts(do { local $/; <$socket> } // '');
	return ($answer, $content);
}

# value(SERIES): its number, or -1
sub value
{
	my ($series) = @_;
	return ((page('/metrics'))[1] =~ /^\Q$series\E (\S+)$/m)[0] // -1;
}

is((page('/health/ready'))[0], 200, 'the server of metrics says that it is ready');
ok($leap->wait_until(sub { value('leap_http_requests_total{method="GET",status="499"}') == 1 }), 'requests are counted by status');
ok(value('leap_http_request_seconds_count{kind="call"}') >= 8, 'and by what was asked for');
is(value('leap_http_request_seconds_count{kind="refused"}'), 1, 'what was no request by itself');
is(value('leap_http_processes'), 2, 'two processes');
is(value('leap_http_database_connections'), 4, 'with two connections each');
my $held = $serve->connect;
ok($leap->wait_until(sub { value('leap_http_clients') == 1 }), 'and a client');
my %told = map { $_ => 1 } (page('/metrics'))[1] =~ /^# TYPE (\S+)/mg;
my %documented = map { $_ => 1 } slurp_file('docs/monitoring.md') =~ /`(leap_http_\w+)`/g;
is_deeply([ sort keys %told ], [ sort keys %documented ], 'the manual tells of each number, and of no other one');
my $tool = 'build/tools/promtool';
SKIP:
{
	skip 'there is no promtool', 1 if !-x $tool;
	open my $check, '|-', "$tool check metrics >/dev/null 2>&1" or die "promtool: $!\n";
	print $check (page('/metrics'))[1];
	ok(close $check, 'the text is as Prometheus wants it');
}
kill 'HUP', $serve->pid;
ok($leap->wait_until(sub { value('leap_http_processes') == 2 && $serve->status('GET', '/rpc/check?password=a') == 200 }), 'a takeover goes on counting');
ok(value('leap_http_requests_total{method="GET",status="499"}') == 1, 'from where it was');
$leap->node->stop;
ok($leap->wait_until(sub { (page('/health/ready'))[0] == 503 }), 'without the database it is not ready');
is((page('/health/live'))[0], 200, 'but it lives');
is($serve->stop, 0, 'it ends when told to');
ok($leap->wait_until(sub { (page('/metrics'))[0] == 0 }), 'and the server of metrics with it');

done_testing();
