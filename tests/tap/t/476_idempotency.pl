# tests/tap/t/476_idempotency.pl
#     A POST with an Idempotency-Key is carried out once, however often it is sent: after its answer, beside itself, after
#     a failure, and after the server died under it.
use strict;
use warnings;

use JSON::PP;
use LeapNode;
use LeapServe;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $leap = LeapNode->new('idempotency');
$leap->sql(<<~'SQL');
	CREATE SCHEMA door;
	GRANT USAGE ON SCHEMA door TO leap_anon, leap_user;
	CREATE TABLE door.words (id int PRIMARY KEY, word text NOT NULL);
	CREATE TABLE door.done (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text);
	GRANT SELECT, INSERT, DELETE ON door.words, door.done TO leap_anon, leap_user;
	CREATE FUNCTION door.work(what text, seconds float8 = 0) RETURNS json LANGUAGE plpgsql AS $$
	DECLARE n int;
	BEGIN
	    INSERT INTO door.done (what) VALUES (work.what) RETURNING id INTO n;
	    PERFORM pg_sleep(seconds);
	    RETURN json_build_object('done', n);
	END $$;
	CREATE FUNCTION door.make_secret() RETURNS json LANGUAGE sql AS $$ INSERT INTO door.done (what) VALUES ('secret') RETURNING json_build_object('secret', id) $$;
	CREATE FUNCTION door.look() RETURNS int LANGUAGE sql STABLE AS 'SELECT count(*)::int FROM door.done';
	CREATE FUNCTION door.refuse_softly() RETURNS json LANGUAGE plpgsql AS $$
	BEGIN
	    INSERT INTO door.done (what) VALUES ('refused');
	    PERFORM set_config('response.status', '429', true);
	    RETURN json_build_object('code', 'later');
	END $$;
	SQL
$leap->sql('CREATE SCHEMA api; GRANT USAGE ON SCHEMA api TO leap_anon, leap_user') if $leap->sql("SELECT to_regnamespace('api') IS NULL") eq 't';
$leap->sql("SELECT leap.add_user('other\@example.org')");
my $serve = LeapServe->new($leap, '--schemas=door,api');
my @teacher = $serve->bearer('teacher@example.org');
my @other = $serve->bearer('other@example.org');

# post(PATH, KEY, VALUE, FIELD...): status, whether it was replayed, body
sub post
{
	my ($path, $key, $value, @fields) = @_;
	my ($status, $head, $body) = $serve->request('POST', $path,
		[ 'Content-Type: application/json', defined $key ? "Idempotency-Key: $key" : (), @fields ? @fields : @teacher ], JSON::PP->new->utf8->canonical->encode($value));
	return ($status, $head =~ /^Idempotency-Replayed: true\r?$/m ? 1 : 0, $body);
}

sub done { return $leap->sql("SELECT count(*) FROM door.done WHERE what = '$_[0]'"); }

# the same request again
my @first = post('/words', 'k1', { id => 1, word => 'one' }, @teacher, 'Prefer: return=representation');
is("@first[0, 1]", '201 0', 'a request');
my @again = post('/words', 'k1', { id => 1, word => 'one' }, @teacher, 'Prefer: return=representation');
is("@again[0, 1]", '201 1', 'is answered again as before, and it is said so');
is($again[2], $first[2], 'with the same body');
is($leap->sql('SELECT count(*) FROM door.words'), 1, 'and done once');
is((post('/words', undef, { id => 1, word => 'one' }))[0], 409, 'without the key it would be done again');
my @mismatch = post('/words', 'k1', { id => 2, word => 'two' });
is("$mismatch[0] " . decode_json($mismatch[2])->{code}, '422 LP006', 'another body with the same key');
is((post('/words?select=id', 'k1', { id => 1, word => 'one' }))[0], 422, 'another query');
is((post('/rpc/work', 'k1', { what => 'a' }))[0], 422, 'another path');
is(done('a'), 0, 'are not carried out');
is((post('/rpc/work', 'k1', { what => 'b' }, @other))[0], 200, 'the key of another user is another key');
is((post('/rpc/work', 'k2', { what => 'c' }, @teacher))[0], 200, 'a function');
is(join(' ', (post('/rpc/work', undef, { what => 'c' }, @teacher, 'X-Idempotency-Key: k2'))[0, 1]), '200 1', 'the other name of the field is the same');
is(done('c'), 1, 'and it was called once');

# failures are not kept
is((post('/words', 'k3', { id => 1, word => 'again' }))[0], 409, 'a request that fails');
$leap->sql('DELETE FROM door.words');
is(join(' ', (post('/words', 'k3', { id => 1, word => 'again' }))[0, 1]), '201 0', 'is carried out when it is sent again');
is((post('/rpc/refuse_softly', 'k4', {}))[0], 429, 'a refusal that is returned');
is((post('/rpc/refuse_softly', 'k4', {}))[1], 0, 'is no success either');
is(done('refused'), 2, 'though what it wrote stays');

# what is no key, and where it does not matter
is((post('/words', $_->[0], { id => 5, word => 'five' }))[0], 422, "refused: $_->[1]") for [ 'a b', 'a blank' ], [ 'x' x 201, '201 characters' ];
is((post('/words', 'k5', { id => 5, word => 'five' }, @teacher, 'X-Idempotency-Key: k6'))[0], 422, 'refused: two keys');
is((post('/rpc/work', 'x' x 200, { what => 'long' }))[0], 200, '200 characters');
is((post('/rpc/look', 'k7', {}))[1], 0, 'what only reads needs no key') for 1 .. 2;
is(join(' ', (post('/words', 'k8', { id => $_, word => 'nobody' }, 'Accept: */*'))[0, 1]), '201 0', 'nobody has keys: the field is ignored') for 8, 9;

# secrets are shown once
is((post('/rpc/make_secret', 'k10', {}))[0], 200, 'a secret');
@again = post('/rpc/make_secret', 'k10', {});
is("$again[0] " . decode_json($again[2])->{code}, '409 LP006', 'is not shown again');
is(done('secret'), 1, 'or made again');
is($leap->sql("SELECT count(*) FROM leap.idempotent_requests WHERE body LIKE '%secret%'"), 0, 'or kept');

# twins
{
	my @pids = map {
		my $pid = fork // die "fork: $!\n";
		if ($pid == 0)
		{
			my ($status, undef, $body) = post('/rpc/work', 'twins', { what => 'twins', seconds => 0.5 });
			POSIX::_exit($status == 200 && decode_json($body)->{done} ? 0 : 1);
		}
		$pid;
	} 1 .. 6;
	is(join(' ', map { waitpid $_, 0; $? } @pids), '0 0 0 0 0 0', 'six at once are all answered');
	is(done('twins'), 1, 'and one is carried out');
}

# a server that dies between the work and the commit
{
	my $socket = $serve->connect;
	my $body = encode_json({ what => 'killed', seconds => 60 });
	print $socket "POST /rpc/work HTTP/1.1\r\nHost: a\r\n$teacher[0]\r\nIdempotency-Key: killed\r\nContent-Type: application/json\r\nContent-Length: " . length($body) . "\r\n\r\n$body";
	my $sleeping = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'leap_gateway' AND wait_event = 'PgSleep'";
	ok($leap->wait_until(sub { $leap->sql($sleeping) == 1 }), 'a request under way');
	my ($process) = $serve->processes;
	kill 'KILL', $process;
	$leap->sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'leap_gateway' AND wait_event = 'PgSleep'");
	ok($leap->wait_until(sub { my ($now) = $serve->processes; $now && $now != $process && $serve->status('GET', '/health/ready') == 200 }), 'its server dies');
	is(done('killed'), 0, 'it was not done');
	is(join(' ', (post('/rpc/work', 'killed', { what => 'killed', seconds => 0 }))[0, 1]), '200 0', 'nobody holds its key');
	is(done('killed'), 1, 'and now it was');
}

# an answer that cannot be kept: then nothing was done, and the connection is good for others
$leap->sql('REVOKE EXECUTE ON FUNCTION leap.end_idempotent(text, int, text, text) FROM leap_user');
is((post('/rpc/work', 'k11', { what => 'lost' }))[0], 403, 'an answer that cannot be kept') for 1 .. 3;
$leap->sql('GRANT EXECUTE ON FUNCTION leap.end_idempotent(text, int, text, text) TO leap_user');
is(done('lost'), 0, 'undoes its request');
is((post('/rpc/work', 'k11', { what => 'lost' }))[0], 200, 'which can be sent again');
is($leap->sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'leap_gateway' AND state LIKE 'idle in%'"), 0, 'no transaction stays open');

# the key of psql and the field have one rule
my $recording = $leap->sql("SELECT leap.add_recording('teacher\@example.org', '{\"type\":\"url\",\"url\":\"https://example.org/a.mp4\"}')");
my $run = $leap->sql("SELECT leap.run_recording('$recording', 'from psql')->>'run'");
is($leap->sql("SELECT leap.run_recording('$recording', 'from psql')->>'run'"), $run, 'in psql the argument does the same');
my (undef, undef, $error) = $leap->node->psql('leap', "\\set VERBOSITY sqlstate\nSELECT leap.run_recording('$recording', 'from psql', true)");
like($error, qr/LP006/, 'with the same refusal');

# after a day
$leap->sql("UPDATE leap.idempotent_requests SET created_at = created_at - interval '25 h' WHERE key = 'k2'");
is((post('/rpc/work', 'k2', { what => 'c' }))[1], 0, 'a day later a key is new');
is(done('c'), 2, 'and its request is carried out');
$leap->sql("UPDATE leap.idempotent_requests SET created_at = created_at - interval '25 h'; SELECT leap.forget_old()");
is($leap->sql('SELECT count(*) FROM leap.idempotent_requests'), 0, 'old answers go');
is($serve->stop, 0, 'the server ends');

done_testing();
