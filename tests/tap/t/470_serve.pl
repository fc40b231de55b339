# tests/tap/t/470_serve.pl
#     leap serve: what is no request is refused, a request is one transaction with the rights of its role, and
#     neither slow clients nor a takeover, a dead process or a restart of the database harm the others.
use strict;
use warnings;

use IO::Socket::INET;
use IO::Uncompress::Gunzip qw(gunzip);
use JSON::PP;
use LeapNode;
use Test::More;
use Time::HiRes qw(sleep time);

my $leap = LeapNode->new('serve');
my $address = 'teacher@example.org';
$leap->sql(<<~'SQL');
	CREATE SCHEMA door;
	GRANT USAGE ON SCHEMA door TO leap_anon, leap_user;
	CREATE TABLE door.words (id int PRIMARY KEY, word text NOT NULL);
	INSERT INTO door.words VALUES (1, 'one'), (2, 'two');
	GRANT SELECT ON door.words TO leap_anon, leap_user;
	GRANT INSERT, UPDATE, DELETE ON door.words TO leap_user;
	CREATE FUNCTION door.whoami() RETURNS json LANGUAGE sql AS $$
	    SELECT json_build_object('role', current_user, 'sub', current_setting('request.jwt.claims')::json->>'sub', 'headers', current_setting('request.headers')::json,
	                             'read_only', current_setting('transaction_read_only'), 'timeout', current_setting('statement_timeout')) $$;
	CREATE FUNCTION door.many() RETURNS json LANGUAGE sql STABLE AS $$ SELECT json_agg(n) FROM generate_series(1, 2000) n $$;
	CREATE FUNCTION door.nap(seconds float8) RETURNS int LANGUAGE sql AS 'SELECT 1 FROM pg_sleep(seconds)';
	ALTER ROLE leap_anon SET statement_timeout = '30s';
	SQL

my ($server, $port);

sub start_server
{
	my (@options) = @_;
	my $log = $leap->worker_log(++$leap->{workers});
	my $pid = fork // die "fork: $!\n";
	if ($pid == 0)
	{
		$ENV{LEAP_STORAGE} = $leap->{storage};
		$ENV{LEAP_DATABASE} = $leap->node->connstr('leap') . ' user=leap_gateway';
		open STDERR, '>>', $log or die "$log: $!\n";
		exec $leap->program, 'serve', '--listen=0', '--processes=2', '--connections=2', '--schemas=door', '--rate-limit=0', '--address-rate-limit=0', @options
		  or die "leap: $!\n";
	}
	my $at = $leap->wait_until(sub { $leap->log_text =~ m{\[$pid\] INFO: serving at http://127\.0\.0\.1:(\d+)/} ? $1 : undef });
	return ($pid, $at);
}

sub connect_to { return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 10) // die "connect: $!\n"; }

# raw(BYTES): all that comes until the server ends the connection, or for some seconds
sub raw
{
	my ($bytes) = @_;
	my $socket = connect_to();
	print $socket $bytes;
	my $answer = '';
	local $SIG{ALRM} = sub { die "slow\n" };
	eval { alarm 20; $answer = do { local $/; <$socket> } // ''; alarm 0; };
	alarm 0;
	return $answer;
}

# request(METHOD, PATH, FIELDS, BODY): status, head, body
sub request
{
	my ($method, $path, $fields, $body) = @_;
	$body //= '';
	my $length = $method eq 'GET' ? '' : 'Content-Length: ' . length($body) . "\r\n";
	my $answer = raw("$method $path HTTP/1.1\r\nHost: leap\r\nConnection: close\r\n$length" . join('', map { "$_\r\n" } @{ $fields // [] }) . "\r\n$body");
	my ($head, $content) = split /\r\n\r\n/, $answer, 2;
	return (($head // '') =~ m{^HTTP/1\.1 (\d+)} ? $1 : 0, $head // '', $content // '');
}

sub status { return (request(@_))[0]; }

($server, $port) = start_server();
ok($port, 'it says where it listens');
ok($leap->wait_until(sub { status('GET', '/health/ready') == 200 }), 'it is ready');
is(status('GET', '/health/live'), 200, 'and lives');
is(status('POST', '/health/live'), 405, 'health is only read');

# what two programs could understand differently
my @probes = (
	[ "GET /words HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 'two lengths of different kinds' ],
	[ "POST /words HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 'two lengths' ],
	[ "GET /words HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 'a blank before the colon' ],
	[ "GET /words HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 'a NUL' ],
	[ "GET /words HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 'a bare CR' ],
	[ "GET /words HTTP/1.1\nHost: a\n\n", 'bare LFs' ],
	[ "GET /words HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", 'a folded field' ],
	[ "GET /words HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 'two hosts' ],
	[ "POST /words HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 'a length below zero' ],
	[ "GET /words\r\n\r\n", 'no version' ]);
for my $probe (@probes)
{
	my $answer = raw($probe->[0]);
	like($answer, qr{^HTTP/1\.1 4\d\d .*\r\nConnection: close\r\n}s, "$probe->[1]: refused");
	is(() = $answer =~ m{HTTP/1\.1}g, 1, 'and nothing after it is taken for a request');
}
is(status('GET', '/words', [ ("$_: lpk_a") x 2 ]), 400, "two fields $_: refused") for qw(Authorization X-API-Key);
like(raw('GET /' . 'a' x 20000 . " HTTP/1.1\r\nHost: a\r\n\r\n"), qr{^HTTP/1\.1 4(?:14|31)}, 'a URL that is too long');
is(() = raw("GET /words HTTP/1.1\r\nHost: a\r\n\r\nGET /words HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") =~ m{HTTP/1\.1 200}g, 2, 'two requests at once have two answers');
is(status('POST', '/words', [], 'x' x 2_000_000), 413, 'a body that is too large');

# a request is one transaction with the rights of its role
is_deeply(decode_json((request('GET', '/words?order=id'))[2]), [ { id => 1, word => 'one' }, { id => 2, word => 'two' } ], 'rows');
is(status('POST', '/words', ['Content-Type: application/json'], '{"id":3,"word":"three"}'), 401, 'what nobody may do');
is(status('GET', '/words', ['Authorization: Bearer a.b.c']), 401, 'a token that is none');
my $token = $leap->access_token("email = '$address'", 600);
my $user = $leap->sql("SELECT id FROM leap.users WHERE email = '$address'");
my @bearer = ("Authorization: Bearer $token");
my $self = decode_json((request('GET', '/rpc/whoami', [ @bearer, 'X-Forwarded-For: 1.2.3.4', 'X-Leap-Client-Address: 6.6.6.6', 'Cookie: a=b' ]))[2]);
is("$self->{role} $self->{sub} $self->{read_only}", "leap_user $user on", 'a token says who asks; GET only reads');
is($self->{headers}{'x-leap-client-address'}, '127.0.0.1', 'nobody chooses his address');
ok(!exists $self->{headers}{authorization} && !exists $self->{headers}{cookie}, 'secrets do not reach SQL');
is(decode_json((request('GET', '/rpc/whoami'))[2])->{timeout}, '30s', "the settings of a role hold in its requests");
is(status('POST', '/words', [ @bearer, 'Content-Type: application/json' ], '{"id":3,"word":"three"}'), 201, 'what he may do');
is(status('POST', '/words', [ @bearer, 'Content-Type: application/json' ], '[{"id":4,"word":"four"},{"id":3,"word":"again"}]'), 409, 'an error');
is($leap->sql('SELECT count(*) FROM door.words'), 3, 'undoes all of its request');
is(status('PATCH', '/words?id=lt.3', [ @bearer, 'Content-Type: application/json', 'Prefer: handling=strict, max-affected=1' ], '{"word":"x"}'), 400, 'more rows than allowed');
is($leap->sql("SELECT count(*) FROM door.words WHERE word = 'x'"), 0, 'are not changed');
$leap->sql("UPDATE leap.users SET token_version = token_version + 1 WHERE id = '$user'");
is(status('GET', '/words', \@bearer), 401, 'a token whose time is over');
my @key = ('X-API-Key: ' . $leap->sql("SELECT leap.add_api_key('a script', 'read', NULL, '$address')->>'key'"));
is(decode_json((request('GET', '/rpc/whoami', \@key))[2])->{sub}, $user, 'an API key says who asks, too');
is(status('POST', '/words', [ @key, 'Content-Type: application/json' ], '{"id":5,"word":"five"}'), 403, 'one that may read only reads');
is(status('GET', '/words', ['X-API-Key: lpk_no_such']), 401, 'a key that is none');

# long answers are compressed for who takes that, unless a secret might be in them
{
	my @gzip = ('Accept-Encoding: gzip, br');
	my (undef, $plain_head, $plain) = request('GET', '/rpc/many');
	my (undef, $head, $small) = request('GET', '/rpc/many', \@gzip);

	like($head, qr{\r\nContent-Encoding: gzip(?:\r\n|$)}, 'a long answer is compressed');
	my $again = '';
	ok(gunzip(\$small => \$again) && $again eq $plain, 'and is the same again');
	cmp_ok(length $small, '<', 0.5 * length $plain, 'in fewer bytes');
	unlike($plain_head, qr/Content-Encoding/i, 'not for who does not ask for it');
	like($_, qr{\r\nVary: Accept-Encoding(?:\r\n|$)}, 'caches are told') for $head, $plain_head;
	for my $other ([ GET => '/rpc/many', 'Accept-Encoding: gzip;q=0' ], [ GET => '/words', @gzip ], [ POST => '/rpc/many', @gzip ])
	{
		my ($method, $path, @fields) = @$other;
		unlike((request($method, $path, \@fields))[1], qr/Content-Encoding/i, "not $method $path with $fields[0]");
	}
}

# files: whose they are, and which part is wanted
{
	my $recording = $leap->add('a lecture');
	open my $out, '>', "$leap->{storage}/text-0123.txt" or die "text: $!\n";
	print $out '0123456789';
	close $out;
	my $file = $leap->sql(<<~SQL);
		INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
		VALUES ('$recording', '$user', 'text', 'text-0123.txt', 10, repeat('a', 64), 'text/plain') RETURNING id
		SQL
	my $etag = '"' . 'a' x 64 . '"';
	my @answer = request('GET', "/files/$file", \@key);
	is("$answer[0] $answer[2]", '200 0123456789', 'a file');
	like($answer[1], qr/^ETag: $etag\r\n.*^Content-Disposition: attachment; filename="a lecture\.txt"\r\n/ms, 'with its version, to be stored');
	for my $row ([ 'bytes=2-4', 206, '234' ], [ 'bytes=7-', 206, '789' ], [ 'bytes=-2', 206, '89' ], [ 'bytes=10-', 416, '' ], [ 'bytes=0-1,3-4', 200, '0123456789' ])
	{
		@answer = request('GET', "/files/$file", [ @key, "Range: $row->[0]" ]);
		is("$answer[0] $answer[2]", "$row->[1] $row->[2]", "Range: $row->[0]");
	}
	is(status('GET', "/files/$file", [ @key, 'Range: bytes=2-4', 'If-Range: "b"' ]), 200, 'a part of another version: the whole');
	is(status('GET', "/files/$file", [ @key, "If-None-Match: $etag" ]), 304, 'the version that the client has');
	my $stranger = $leap->sql("SELECT leap.add_user('stranger\@example.org')");
	my @strange = ('X-API-Key: ' . $leap->sql("SELECT leap.add_api_key('k', 'read', NULL, 'stranger\@example.org')->>'key'"));
	is(status('GET', "/files/$file", \@strange), 404, 'nobody sees the file of another');
	is(status('GET', "/files/$file"), 401, 'or without saying who he is');
	is(status('GET', '/files/../../etc/passwd', \@key), 404, 'a file has an id, no path');
	unlink "$leap->{storage}/text-0123.txt";
	is(status('GET', "/files/$file", \@key), 404, 'a file that is gone');
}

# a table that changes under prepared statements
is(status('GET', '/words?id=eq.1&select=*'), 200, 'a statement is prepared') for 1 .. 8;
$leap->sql('ALTER TABLE door.words ADD note text');
is(status('GET', '/words?id=eq.1&select=*'), 200, 'and prepared again when its table has changed') for 1 .. 8;
$leap->sql("NOTIFY pgrst, 'reload schema'");
ok($leap->wait_until(sub { status('GET', '/words?note=is.null&select=note') == 200 }), 'a new column is there when the catalog was read anew');

# a client that goes away
{
	my $gone = connect_to();
	print $gone "GET /rpc/nap?seconds=600 HTTP/1.1\r\nHost: a\r\n\r\n";
	my $naps = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%nap%' AND usename = 'leap_gateway'";
	ok($leap->wait_until(sub { $leap->sql($naps) == 1 }), 'a long statement runs');
	close $gone;
	ok($leap->wait_until(sub { $leap->sql($naps) == 0 }), 'and is cancelled when nobody waits for it');
}

# 500 clients that send a byte now and then
{
	my @slow = map { my $s = connect_to(); print $s 'G'; $s->flush; $s } 1 .. 500;
	is(status('GET', '/words'), 200, '500 slow clients hold up nobody');
	my $end = time + 30;
	my $open = @slow;
	while ($open && time < $end)
	{
		$open = 0;
		for my $socket (@slow)
		{
			local $SIG{PIPE} = 'IGNORE';
			$open++ if $socket->connected && defined send($socket, 'E', 0);
		}
		sleep 0.5;
	}
	is($open, 0, 'and are let go');
}

# clients(SECONDS, CODE): four clients that ask all the time; how often what was answered
sub clients
{
	my ($seconds, $code) = @_;
	pipe my $read, my $write or die "pipe: $!\n";
	my @pids = map {
		my $pid = fork // die "fork: $!\n";
		if ($pid == 0)
		{
			my %count;
			my $end = time + $seconds;
			$count{ eval { status('GET', '/words?id=eq.1') } // 'refused' }++ while time < $end;
			syswrite $write, join('', map { "$_ $count{$_}\n" } keys %count);
			POSIX::_exit(0);
		}
		$pid;
	} 1 .. 4;
	close $write;
	$code->();
	waitpid $_, 0 for @pids;
	my %total;
	while (<$read>) { /^(\S+) (\d+)/ and $total{$1} += $2; }
	return \%total;
}

require POSIX;
my @before = $leap->children($server);
my $answers = clients(4, sub { kill 'HUP', $server; });
is(join(' ', keys %$answers), '200', "a takeover is not noticed ($answers->{200} requests)");
ok($leap->wait_until(sub { my %now = map { $_ => 1 } $leap->children($server); keys %now == 2 && !grep { $now{$_} } @before }), 'and new processes serve');
kill 'KILL', ($leap->children($server))[0];
ok($leap->wait_until(sub { $leap->children($server) == 2 }), 'a process that died is replaced');
$answers = clients(6, sub { $leap->node->restart; });
ok(!grep({ !/^(?:200|503)$/ } keys %$answers), 'a restart of the database: answers, or 503 (' . join(' ', map { "$_: $answers->{$_}" } sort keys %$answers) . ')');
ok($leap->wait_until(sub { status('GET', '/words') == 200 }), 'and it recovers by itself');
my ($status, $head) = ($leap->node->stop, undef);
ok($leap->wait_until(sub { ($status, $head) = request('GET', '/words'); $status == 503 }), 'no database: 503');
like($head, qr/^Retry-After: \d+\r?$/m, 'with the time to come back');
is(status('GET', '/health/ready'), 503, 'not ready');
is(status('GET', '/health/live'), 200, 'but alive');
$leap->node->start;
ok($leap->wait_until(sub { status('GET', '/words') == 200 }), 'the database is back');

kill 'TERM', $server;
waitpid $server, 0;
is($?, 0, 'it ends when told to');

# limits
($server, $port) = start_server('--address-rate-limit=60');
ok($leap->wait_until(sub { status('GET', '/health/ready') == 200 }), 'a server with limits');
my @statuses = map { [ request('GET', '/words') ] } 1 .. 8;
is($statuses[0][0], 200, 'the first requests are answered');
like($statuses[0][1], qr/^RateLimit-Limit: 6\r\nRateLimit-Remaining: 5\r\nRateLimit-Reset: 1\r?$/m, 'with what is left');
is($statuses[-1][0], 429, 'too many are not');
like($statuses[-1][1], qr/^Retry-After: 1\r?$/m, 'and it is said when to come back');
kill 'TERM', $server;
waitpid $server, 0;

done_testing();
