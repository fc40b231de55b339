# tests/tap/t/460_metrics.pl
#     What a worker tells Prometheus: the text is valid, alerts and dashboard ask for what there is, and
#     whatever becomes of the server or the database, the tasks do not notice.
use strict;
use warnings;

use IO::Socket::INET;
use JSON::PP;
use LeapNode;
use PostgreSQL::Test::Utils qw(slurp_file);
use Test::More;
use Time::HiRes qw(sleep time);

my $leap = LeapNode->new('metrics');
my $media = $leap->fake_media({});
my $promtool = 'build/tools/promtool';

# the same in a shell, its output with it
sub run_tool
{
	my ($command) = @_;
	my $output = qx($command 2>&1);
	return ($? >> 8, $output);
}

sub connect_to
{
	my ($port) = @_;
	return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 10);
}

# request(PORT, METHOD, PATH): status, headers, body; status 0: nobody is there
sub request
{
	my ($port, $method, $path) = @_;
	my $socket = connect_to($port) or return (0, '', '');
	print $socket "$method $path HTTP/1.1\r\nHost: leap\r\nConnection: close\r\n" . ($method eq 'POST' ? "Content-Length: 5\r\n\r\nhello" : "\r\n");
	my $answer = do { local $/; <$socket> } // '';
	my ($head, $body) = split /\r\n\r\n/, $answer, 2;
	return (($head // '') =~ m{^HTTP/1\.1 (\d+)} ? $1 : 0, $head // '', $body // '');
}

sub start_worker
{
	my (%options) = @_;
	my $pid = $leap->worker(metrics => 0, slots => 2, 'media-program' => $media, %options);
	my $port = $leap->wait_until(sub { $leap->log_text =~ m{\[$pid\] INFO: metrics at http://127\.0\.0\.1:(\d+)/metrics} ? $1 : undef });
	$leap->wait_for_log(qr/\[$pid\] INFO: registered/);
	return ($pid, $port);
}

sub value
{
	my ($text, $series) = @_;
	return $text =~ /^\Q$series\E (\S+)$/m ? $1 : undef;
}

# waits until the page says so (it may be a second old)
sub wait_for_page
{
	my ($port, $wanted, $between) = @_;
	my $page;
	$leap->wait_until(sub { $leap->sql($between) if $between; (undef, undef, $page) = request($port, 'GET', '/metrics'); return $page =~ $wanted; });
	return $page;
}

my ($worker, $port) = start_worker();
ok($port, 'it says where it listens');

# before there is anything, and with everything
my ($status, $head, $page) = request($port, 'GET', '/metrics');
is($status, 200, 'metrics');
like($head, qr{^Content-Type: text/plain; version=0\.0\.4}m, 'in format 0.0.4');
$leap->sql(q{INSERT INTO leap.rate_limits (platform, tokens, per) VALUES ('library', 1000, '1 s')});
$leap->sql(q{INSERT INTO leap.circuits (platform, state, retry_at) VALUES ('url:example.org', 'open', now() + interval '1 h')});
$leap->sql('SELECT leap.roll_statistics()');
my $id = $leap->add('a lecture');
is($leap->wait_for_end($id), 'finished', 'a lecture is published');
$leap->sql('SELECT leap.tick(), leap.count_limits()');
$page = wait_for_page($port, qr/^leap_tasks_finished_total\{kind="upload",outcome="succeeded"\} 1$/m, 'SELECT leap.roll_statistics()');
is(value($page, 'leap_up'), 1, 'the database answers');
is(value($page, "leap_tasks_finished_total{kind=\"$_\",outcome=\"succeeded\"}"), 1, "$_ is counted") for qw(download trim transcribe topics subtitles upload);
is(value($page, 'leap_task_seconds_count{kind="trim"}'), 1, 'its duration as well');
is(value($page, 'leap_platform_calls_total{platform="library",kind="upload",outcome="succeeded"}'), 1, 'and its platform');
is(value($page, 'leap_platform_breakers{platform="url",state="open"}'), 1, 'a breaker is told without its host');
is(value($page, 'leap_workers{state="alive"}'), 1, 'the worker');
is(value($page, 'leap_worker_connected'), 1, 'and that it is registered');
cmp_ok(value($page, 'leap_worker_children_started_total'), '>=', 6, 'its children');
cmp_ok(value($page, 'leap_worker_resident_bytes'), '>', 1_000_000, 'its memory');
unlike($page, qr/\Q$id\E|teacher|example\.org/, 'nobody is named');

# promtool: warnings are failures
open my $out, '>', "$leap->{base}/page" or die "page: $!\n";
print $out $page;
close $out;
my ($code, $said) = run_tool("'$promtool' check metrics <'$leap->{base}/page'");
is("$code $said", '0 ', 'promtool finds nothing to say about the page');
for my $check ('check config docker/monitoring/prometheus.yml', 'test rules tests/prometheus/alerts_test.yml')
{
	($code, $said) = run_tool("'$promtool' $check");
	is($code, 0, "promtool $check") or diag $said;
}

# what is asked for is there, what is there is shown and documented, and every alert is tested
my %there = map { $_ => 1 } $page =~ /^# TYPE (\S+)/mg;
my $dashboard = decode_json(slurp_file('docker/monitoring/grafana-dashboard.json'));
my @asked = map { $_->{expr} } map { @{ $_->{targets} // [] } } @{ $dashboard->{panels} };
my $rules = slurp_file('docker/monitoring/alerts.yml');
my $docs = slurp_file('docs/monitoring.md');
my $tests = slurp_file('tests/prometheus/alerts_test.yml');
my %asked = map { $_ => 1 } map { /\b(leap_\w+)/g } @asked, $rules =~ s/^\s*(?:summary|description):.*//mgr;
$asked{ s/_(?:bucket|sum|count)$//r } = 1 for grep { !$there{$_} } keys %asked;
delete @asked{ grep { !$there{$_} && $there{s/_(?:bucket|sum|count)$//r} } keys %asked };
is_deeply([ grep { !$there{$_} } sort keys %asked ], [], 'dashboard and alerts ask for metrics there are');
is_deeply([ grep { !$asked{$_} } sort keys %there ], [], 'every metric is shown or watched');
is_deeply([ grep { $docs !~ /`$_\b/ } sort keys %there ], [], 'every metric is documented');
is_deeply([ grep { !$there{$_} && !$there{s/_(?:bucket|sum|count)$//r} } $docs =~ /`(leap_(?!http_)\w+_\w+)[`{]/g ], [], 'and no other one');
my @alerts = $rules =~ /alert: (\w+)/g;
is_deeply([ grep { $tests !~ /\b$_\b/ } @alerts ], [], 'every alert is tested');
is_deeply([ grep { $docs !~ /\b$_\b/ } @alerts ], [], 'and documented');
for my $expression (@asked)
{
	(my $plain = $expression) =~ s/\$__rate_interval/5m/g;
	$plain =~ s/\$(?:queue|kind)/.*/g;
	open my $file, '>>', "$leap->{base}/rules.yml" or die "rules: $!\n";
	print $file (-s $file ? '' : "groups:\n  - name: dashboard\n    rules:\n"), '      - {record: panel:n', int(rand 1e9), ', expr: ', JSON::PP->new->allow_nonref->encode($plain), "}\n";
}
($code, $said) = run_tool("'$promtool' check rules '$leap->{base}/rules.yml'");
is($code, 0, scalar(@asked) . ' expressions of the dashboard can be read') or diag $said;
my %ids;
is_deeply([ grep { $ids{$_}++ } map { $_->{id} } @{ $dashboard->{panels} } ], [], 'each panel has an id of its own');

# the other doors
is((request($port, 'GET', '/health/live'))[0], 200, 'live');
is_deeply(decode_json((request($port, 'GET', '/health/ready'))[2]), { ready => JSON::PP::true, checks => { database => JSON::PP::true, worker => JSON::PP::true } }, 'ready');
is((request($port, 'HEAD', '/metrics'))[2], '', 'HEAD has no body');
is((request($port, 'GET', '/'))[0], 404, 'there is nothing else');
($status, $head) = request($port, 'POST', '/metrics');
is($status, 405, 'nothing can be sent');
like($head, qr/^Allow: GET, HEAD\r?$/m, '... and what can be asked is told');

# people who hold the line or talk nonsense keep nobody else waiting
my @held = map { connect_to($port) } 1 .. 12;
print { $held[$_] } "GET /metr" for 0 .. 5;
print { $held[6] } "\0\xff" x 20_000;
is((request($port, 'GET', '/metrics'))[0], 200, 'twelve idle strangers, and still an answer');
close $_ for @held;

# the server dies: another takes its place; tasks do not notice
my ($guardian) = $leap->children($worker);
my ($server) = $leap->children($guardian);
my $running = $leap->add('while the server dies');
kill 'KILL', $server;
ok($leap->wait_until(sub { my ($now) = $leap->children($guardian); return $now && $now != $server; }), 'another server takes the place of a dead one');
like(wait_for_page($port, qr/^leap_up 1$/m), qr/^leap_up 1$/m, '... and answers');
is($leap->wait_for_end($running), 'finished', 'tasks did not notice');

# the database is gone, then back
$leap->node->stop('fast');
like(wait_for_page($port, qr/^leap_up 0$/m), qr/^leap_worker_info/m, 'without the database the worker still answers');
is((request($port, 'GET', '/health/ready'))[0], 503, 'it is not ready');
is((request($port, 'GET', '/health/live'))[0], 200, 'but it lives');
$leap->node->start;
like(wait_for_page($port, qr/^leap_up 1$/m), qr/^leap_schema_info/m, 'the database is back');
$page = wait_for_page($port, qr/^leap_worker_connected 1$/m);
cmp_ok(value($page, 'leap_worker_connections_total'), '>=', 2, 'the worker registered again');

# a slow database holds up the page only
$leap->sql('CREATE OR REPLACE FUNCTION leap.metrics() RETURNS text LANGUAGE sql AS $$ SELECT pg_sleep(60)::text $$');
like(wait_for_page($port, qr/^leap_up 0$/m), qr/^leap_up 0$/m, 'a database that does not answer in time is down');
is($leap->wait_for_end($leap->add('meanwhile')), 'finished', 'and tasks go on');

# the port is taken; nonsense is refused
my %environment = $leap->environment;
@ENV{ keys %environment } = values %environment;
($code, $said) = run_tool("'@{[ $leap->program ]}' worker --metrics 127.0.0.1:$port");
is($code, 1, 'a port that is taken');
like($said, qr/^leap worker: cannot listen at 127\.0\.0\.1:$port: Address already in use/, '... is named');
for my $place ('x', '1.2.3.4:', ':9187', 'localhost:9187', '::1:9187', '9187x', '1:99999')
{
	($code, $said) = run_tool("'@{[ $leap->program ]}' worker '--metrics=$place'");
	is($code, 2, "\"$place\" is no place");
	like($said, qr/^leap worker: "\Q$place\E" is no place to listen at\nhint: Say PORT/, '... and the rule is told');
}

# when the worker is killed nothing of it stays
kill 'KILL', $worker;
ok($leap->wait_until(sub { !$leap->is_alive($guardian) && (request($port, 'GET', '/metrics'))[0] == 0 }), 'with the worker its server is gone');
done_testing();
