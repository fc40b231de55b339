# tests/tap/t/481_outage.pl
#     leap serve under load while things go wrong: a takeover loses no request, a process that is killed takes no other
#     with it, without the database there are clean refusals and it recovers by itself, what nobody waits for is
#     cancelled, and too much work is refused until there is less.
use strict;
use warnings;

use JSON::PP;
use LeapNode;
use LeapServe;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $leap = LeapNode->new('outage');
$leap->sql(<<~'SQL');
	CREATE SCHEMA door;
	GRANT USAGE ON SCHEMA door TO leap_anon;
	CREATE TABLE door.words (id int PRIMARY KEY, word text NOT NULL);
	INSERT INTO door.words VALUES (1, 'one');
	GRANT SELECT, UPDATE ON door.words TO leap_anon;
	CREATE FUNCTION door.nap(seconds float8) RETURNS int LANGUAGE sql AS 'SELECT 1 FROM pg_sleep(seconds)';
	SQL
my @options = ('--schemas=door', '--processes=2', '--connections=2');
my $serve = LeapServe->new($leap, @options);

# ask(SOCKET): one request on a connection that stays; the status with "!" behind it when the server ends the
# connection, "broken" when there is no whole answer, "hasty" for a refusal that does not say when to come back
sub ask
{
	my ($socket) = @_;
	my $answer = '';
	local $SIG{PIPE} = 'IGNORE';
	syswrite $socket, "GET /words?id=eq.1 HTTP/1.1\r\nHost: leap\r\n\r\n" or return 'broken!';
	while ($answer !~ /\r\n\r\n/ || length($answer) < $+[0] + ($answer =~ /^Content-Length: (\d+)/mi ? $1 : 0))
	{
		$answer =~ /\r\n\r\n/;
		sysread $socket, $answer, 65536, length $answer or return 'broken!';
	}
	my ($status, $head) = LeapServe::parts($answer);
	my $end = $head =~ /^Connection: close\r?$/mi ? '!' : '';
	return ($status >= 500 && $head !~ /^Retry-After: \d+\r?$/m ? 'hasty' : $status) . $end;
}

# load(SECONDS, CODE): six clients that ask all the time, half of them on connections that stay; how often what was said
sub load
{
	my ($seconds, $code) = @_;
	pipe my $read, my $write or die "pipe: $!\n";
	my @pids = map {
		my $stays = $_ % 2;
		my $pid = fork // die "fork: $!\n";
		if ($pid == 0)
		{
			my (%count, $socket);
			my $end = time + $seconds;
			while (time < $end)
			{
				$socket //= eval { $serve->connect } or do { $count{unreachable}++; next };
				my $said = ask($socket);
				my $ended = $said =~ s/!$//;
				undef $socket if $ended || !$stays;
				$count{$said}++;
			}
			syswrite $write, join('', map { "$_ $count{$_}\n" } keys %count);
			POSIX::_exit(0);
		}
		$pid;
	} 1 .. 6;
	close $write;
	$code->();
	waitpid $_, 0 for @pids;
	my %total;
	while (<$read>) { /^(\S+) (\d+)/ and $total{$1} += $2; }
	return \%total;
}

sub told { return join ' ', map { "$_: $_[0]{$_}" } sort keys %{ $_[0] }; }

# Whichever process is asked: it answers.
sub recovers { return $leap->wait_until(sub { !grep { $serve->status('GET', '/words') != 200 } 1 .. 30 }); }

# new processes take over, again and again
{
	my $answers = load(8, sub {
		for (1 .. 3)
		{
			my %before = map { $_ => 1 } $serve->processes;
			kill 'HUP', $serve->pid;
			ok($leap->wait_until(sub { my @now = $serve->processes; @now == 2 && !grep { $before{$_} } @now }), "takeover $_");
		}
	});
	is(join(' ', keys %$answers), '200', 'no request is lost by it') or diag(told($answers));
	note(told($answers));
	# new processes that learn slowly what the database holds leave the clients to the old ones
	$answers = load(5, sub {
		my %before = map { $_ => 1 } $serve->processes;
		my $slow = $leap->open_session('BEGIN; LOCK TABLE pg_description IN ACCESS EXCLUSIVE MODE');
		kill 'HUP', $serve->pid;
		ok($leap->wait_until(sub { $serve->processes == 4 }), 'the new ones are there');
		$leap->sql('SELECT pg_sleep(3)');
		$leap->close_session($slow);
		ok($leap->wait_until(sub { my @now = $serve->processes; @now == 2 && !grep { $before{$_} } @now }), 'and take over late');
	});
	is(join(' ', keys %$answers), '200', 'no request is lost by a slow one') or diag(told($answers));
	kill 'HUP', $serve->pid for 1 .. 5;
	ok(recovers(), 'several at once do no harm');
	ok($leap->wait_until(sub { $serve->processes == 2 }), 'and end with as many processes');
}

# a process that is killed
{
	my $answers = load(4, sub { sleep 1; kill 'KILL', ($serve->processes)[0]; });
	my $broken = ($answers->{broken} // 0) + ($answers->{unreachable} // 0);
	ok($answers->{200} > 100 && $broken <= 6 && keys %$answers <= 2, 'takes with it what it was about, and no more') or diag(told($answers));
	ok($leap->wait_until(sub { $serve->processes == 2 }), 'and is replaced');
}

# the database goes and comes, gently and not
for my $how ('fast', 'immediate')
{
	my $answers = load(7, sub { sleep 1; $leap->node->stop($how); sleep 1; $leap->node->start; recovers(); });
	is(join(' ', grep { !/^(?:200|503)$/ } sort keys %$answers), '', "the database ends ($how): answers, or 503 with Retry-After");
	ok($answers->{200} && $answers->{503}, 'both were seen (' . told($answers) . ')');
	ok(recovers(), 'and it recovers by itself');
}

# naps(): statements of clients that run
sub naps { return $leap->sql("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND usename = 'leap_gateway' AND query LIKE '%nap%'"); }

# clients that go away, all at once
{
	my @gone = map { my $s = $serve->connect; syswrite $s, "GET /rpc/nap?seconds=600 HTTP/1.1\r\nHost: a\r\n\r\n"; $s } 1 .. 12;
	ok($leap->wait_until(sub { naps() >= 2 }), 'statements run');
	close $_ for @gone;
	ok($leap->wait_until(sub { naps() == 0 }), 'and all of them are cancelled when the clients go');
	is($serve->status('GET', '/words'), 200, 'the next request is not hit') for 1 .. 8;
}

# a statement that takes too long; the setting is read with the catalog
{
	$leap->sql("ALTER ROLE leap_anon SET statement_timeout = '300ms'; NOTIFY pgrst, 'reload schema'");
	my ($status, $body);
	ok($leap->wait_until(sub { ($status, $body) = $serve->json('GET', '/rpc/nap?seconds=3'); $status == 500 }), 'a statement that takes too long is ended');
	is_deeply($body, { code => '57014', details => undef, hint => undef, message => 'canceling statement due to statement timeout' }, 'and the answer says so');
	$leap->sql("ALTER ROLE leap_anon RESET statement_timeout; NOTIFY pgrst, 'reload schema'");
}

# tables change under statements that are prepared, also of requests whose transaction waits for its end
{
	my @fields = ('Prefer: handling=strict, max-affected=1, return=representation');
	my $change = sub { return ($serve->json('PATCH', '/words?id=eq.1', \@fields, { word => 'uno' }))[0]; };
	is($change->(), 200, 'a change') for 1 .. 8;
	$leap->sql('ALTER TABLE door.words ALTER word TYPE varchar(40)');
	is($change->(), 200, 'and after the table was changed') for 1 .. 8;
}
is($serve->stop, 0, 'it ends when told to');

# more work than one connection can do
{
	$serve = LeapServe->new($leap, '--schemas=door', '--processes=1', '--connections=1', '--max-clients=1000');
	my @busy = map { my $s = $serve->connect; syswrite $s, "GET /rpc/nap?seconds=600 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"; $s } 1 .. 257;
	ok($leap->wait_until(sub { naps() == 1 }), 'one statement runs and many requests wait');
	my ($status, $head);
	ok($leap->wait_until(sub { ($status, $head) = $serve->request('GET', '/words'); $status == 503 && $head =~ /^Retry-After: \d+\r?$/m }), 'the next ones are told to come back');
	is($serve->status('GET', '/health/live'), 200, 'who only asks whether it lives is answered');
	my $answer = do { local $/; readline $busy[-1] };
	like($answer, qr{^HTTP/1\.1 504 .*"code":"PGRST003"}s, 'who waited too long is told, too');
	close $_ for @busy;
	ok(recovers(), 'and when the clients have gone it answers again');
	is($serve->stop, 0, 'it ends when told to');
}

# limits hold for all processes together
{
	$serve = LeapServe->new($leap, @options, '--rate-limit=60', '--address-rate-limit=600', '--trusted-proxies=127.0.0.1');
	my @fields = ($serve->bearer('teacher@example.org'));
	my $end = time + 20;
	my ($taken, $head, $body, $status, @refused) = (0);
	my $began = time;
	while (@refused < 20 && time < $end)
	{
		($status, $head, $body) = $serve->request('GET', '/words', [ @fields, 'X-Forwarded-For: 192.0.2.' . int(1 + rand 200) ]);
		$status == 429 ? push @refused, $head : $taken++;
	}
	cmp_ok($taken, '<=', 6 + (time - $began) + 1, 'a user has one bucket, whichever process he meets and wherever he is');
	cmp_ok($taken, '>=', 6, 'which holds the tenth of a minute');
	like($refused[-1], qr/^RateLimit-Limit: 6\r\nRateLimit-Remaining: 0\r\nRateLimit-Reset: 1\r?$/m, 'the answer says what is left');
	like($refused[-1], qr/^Retry-After: 1\r?$/m, 'and when to come back');
	is(decode_json($body)->{code}, 'LP044', 'with the code of a limit');
	my %others = map { ($serve->status('GET', '/words', ["X-Forwarded-For: 198.51.100.$_"]) => 1) } 1 .. 100;
	ok(!$others{429}, 'a hundred addresses do not share a bucket');
	my %one = map { ($serve->status('GET', '/words', ['X-Forwarded-For: 203.0.113.9']) => 1) } 1 .. 200;
	ok($one{429}, 'one address does');
	is($serve->stop, 0, 'it ends when told to');
}

done_testing();
