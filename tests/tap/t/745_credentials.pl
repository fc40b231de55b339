# tests/tap/t/745_credentials.pl
#     Credentials with real workers: the box is opened for one child, expired tokens are refreshed by one process at a time and
#     stored before they are used, refusals become needs_reauth, keys are exchanged, and nothing secret is said anywhere.
use strict;
use warnings;

use Digest::SHA qw(sha256);
use FakePlatform;
use HTTP::Tiny;
use JSON::PP;
use LeapNode;
use MIME::Base64 qw(encode_base64 encode_base64url);
use POSIX qw(strftime);
use Test::More;

my $leap = LeapNode->new('credentials');
my $fake = FakePlatform->start("$leap->{base}/fake", platforms => [ 'zoom', 'youtube' ]);
my $json = JSON::PP->new->canonical->utf8;
my $file = "$leap->{base}/keys";
my $owner = $leap->sql(q{SELECT id FROM leap.users WHERE email = 'teacher@example.org'});

sub slurp { my ($path) = @_; open my $in, '<:raw', $path or return ''; local $/; return scalar <$in> // ''; }

# Appends a pair to the file of keys, as OpenSSL makes it, and makes it known; returns its id.
sub new_key
{
	my $private = `openssl genpkey -algorithm X25519 -outform DER -out $leap->{base}/private.der && tail -c 32 $leap->{base}/private.der`;
	my $public = `openssl pkey -inform DER -in $leap->{base}/private.der -pubout -outform DER | tail -c 32`;
	my $id = $leap->sql(sprintf q{SELECT leap.add_worker_key('%s')}, encode_base64($public, ''));
	my $before = slurp($file);
	open my $out, '>', "$file.new" or die "$file: $!\n";
	chmod 0600, "$file.new";
	print $out $before, "$id = ", encode_base64($private, ''), "\n";
	close $out;
	rename "$file.new", $file or die "$file: $!\n";
	return $id;
}

sub add
{
	my ($platform, $name, $data) = @_;
	return $leap->sql(sprintf q{SELECT leap.add_credential('%s', '%s', $x$%s$x$, 'teacher@example.org')}, $platform, $name, $json->encode($data));
}

# Checks, as if that many people asked for them at once.
sub checks
{
	my ($id, $count) = @_;
	return map { $leap->sql(qq{DO \$\$ DECLARE made uuid; BEGIN
		INSERT INTO leap.credential_checks AS x (credential_id, user_id, platform, action) SELECT c.id, c.user_id, c.platform, 'check' FROM leap.credentials c WHERE c.id = '$id' RETURNING x.id INTO made;
		UPDATE leap.credential_checks x SET task_id = leap.add_errand('credential', x.user_id, made) WHERE x.id = made;
		PERFORM set_config('test.made', made::text, false); END \$\$; SELECT current_setting('test.made')}) } 1 .. $count;
}

sub status { my ($check) = @_; return $json->decode($leap->sql("SELECT leap.credential_check_json(x) FROM leap.credential_checks x WHERE id = '$check'")); }

sub ended
{
	my @checks = @_;
	$leap->wait_until(sub { return !grep { status($_)->{state} eq 'waiting' } @checks; });
	return map { status($_) } @checks;
}

sub check { my ($id) = @_; return (ended(checks($id, 1)))[0]; }
sub column { my ($id, $what) = @_; return $leap->sql("SELECT $what FROM leap.credentials WHERE id = '$id'"); }
# What somebody consented to, with a token that ends in a minute by our clock.
sub expiring { return { %{ $fake->grant('zoom') }, expires_at => strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time + 60)) }; }
sub outcome { my ($check) = @_; return $check->{state} . ($check->{error} ? " $check->{error}{class} $check->{error}{code}" : ''); }

for my $platform ('zoom', 'youtube')
{
	my $endpoints = $fake->endpoints($platform);
	$leap->sql("SELECT leap.set_platform_endpoint('$platform', '$_', '$endpoints->{$_}') FROM leap.endpoint_names() n WHERE (n.platform, n.name) = ('$platform', '$_')") for keys %$endpoints;
}
$leap->sql("UPDATE leap.retry_policies SET base_delay = '100 ms', max_delay = '200 ms' WHERE kind = 'credential'");
my $first = new_key();
my %how = (queue => 'automation=6', 'credential-keys' => $file);
my $worker = $leap->worker(%how);

subtest 'an app of the account' => sub {
	my $id = add(zoom => 'Account', { account_id => 'LeapAccount', client_id => 'ZoomLeapClient', client_secret => 'ZoomLeapSecret' });
	my $check = check($id);
	is(outcome($check), 'succeeded', 'works') or diag(explain($check));
	ok($check->{facts}{account}, "and is known by its name: " . ($check->{facts}{account} // '')) or diag(explain($check));
	is(column($id, 'version'), 2, 'its token is kept');
	is(outcome(check($id)), 'succeeded', 'for the next');
	is(scalar(grep { $_->{body} =~ /account_credentials/ } $fake->requests('token')), 1, 'who asks for none');
};

subtest 'one refresh for many' => sub {
	my $id = add(zoom => 'Person', expiring());
	$fake->forget;
	is_deeply([ map { outcome($_) } ended(checks($id, 6)) ], [ ('succeeded') x 6 ], 'six tasks find the token ending');
	is(scalar($fake->requests('token')), 1, 'and one of them refreshes it');
	is(column($id, 'version'), 2, 'once');
	is(column($id, q{(facts->>'expires_at')::timestamptz > now() + interval '50 min'}), 't', 'its new end is known');
	$fake->advance(4000);
	is(outcome(check($id)), 'succeeded', 'a token that ended early is refreshed with the rotated one');
	is(column($id, 'version'), 3, 'and stored');
};

subtest 'a child that is cancelled while it refreshes' => sub {
	my $id = add(zoom => 'Cancelled', expiring());
	$fake->forget;
	$fake->faults({ on => 'token', times => 1, pause => 'done' });
	my ($check) = checks($id, 1);
	$fake->wait_paused(1);
	$leap->sql("SELECT leap.cancel_task((SELECT task_id FROM leap.credential_checks WHERE id = '$check'))");
	ok($leap->wait_until(sub { return status($check)->{state} eq 'cancelled'; }), 'it is cancelled');
	$fake->release;
	ok($leap->wait_until(sub { return column($id, 'version') eq '2'; }), 'what the platform gave is stored all the same');
	$fake->faults;
	is(outcome(check($id)), 'succeeded', 'so the account still works');
};

subtest 'another asks while a cancelled child refreshes' => sub {
	my $id = add(zoom => 'Cancelled while two ask', expiring());
	$fake->forget;
	$fake->faults({ on => 'token', times => 1, pause => 'done' });
	my ($check) = checks($id, 1);
	$fake->wait_paused(1);
	$leap->sql("SELECT leap.cancel_task((SELECT task_id FROM leap.credential_checks WHERE id = '$check'))");
	ok($leap->wait_until(sub { return status($check)->{state} eq 'cancelled'; }), 'one is cancelled while the platform answers');
	my ($second) = checks($id, 1);
	ok($leap->wait_until(sub { return $leap->sql("SELECT current_step FROM leap.tasks WHERE id = (SELECT task_id FROM leap.credential_checks WHERE id = '$second')") =~ /waiting/; }), 'the other waits for its token');
	is(scalar($fake->requests('token')), 1, 'and does not ask with the one that is void by now');
	$fake->release;
	is(outcome((ended($second))[0]), 'succeeded', 'it gets what the cancelled one got');
	$fake->faults;
	is(scalar($fake->requests('token')), 1, 'of one request');
	is_deeply([ column($id, 'version'), column($id, 'needs_reauth') ], [ 2, 'f' ], 'which is stored, and nobody has to connect the account anew');
};

subtest 'refusals' => sub {
	my $id = add(zoom => 'Refused', { %{ expiring() }, refresh_token => 'sauerkraut' });
	my $check = check($id);
	is(outcome($check), 'failed credential token_refused', 'a refresh token that is none');
	unlike($json->encode($check), qr/sauerkraut/, 'is not told');
	is(column($id, 'needs_reauth'), 't', 'the account must be connected anew');
	is($leap->sql("SELECT sum(count) FROM leap.notifications WHERE event = 'credential_expired' AND subject::text LIKE '%$id%'"), 1, 'its owner is told once')
	  or diag($leap->sql("SELECT row_to_json(n) FROM leap.notifications n"));
	check($id);
	$leap->sql(sprintf q{SELECT leap.change_credential('%s', $x$%s$x$)}, $id, $json->encode({ data => { %{ $fake->grant('zoom') } } }));
	is(outcome(check($id)), 'succeeded', 'with new data it works');
	is(column($id, 'needs_reauth'), 'f', 'and is asked for nothing');

	$fake->faults({ on => 'token', times => 1, status => 503 });
	my $busy = add(zoom => 'Busy', expiring());
	is(outcome(check($busy)), 'succeeded', 'a token server in trouble is asked again');
	is(column($busy, 'needs_reauth'), 'f', 'and nobody is bothered');
};

subtest 'an exchange' => sub {
	my $back = 'http://127.0.0.1:8080/oauth/zoom/callback';
	my $verifier = 'v' x 50;
	my $answer = HTTP::Tiny->new(max_redirect => 0)->get($fake->url('zoom.authorize') . '?' . HTTP::Tiny->new->www_form_urlencode({ response_type => 'code', client_id => 'ZoomLeapClient',
		redirect_uri => $back, state => 'xyz', code_challenge_method => 'S256', code_challenge => encode_base64url(sha256($verifier)) }));
	my ($code) = $answer->{headers}{location} =~ /[?&]code=([^&]+)/;
	$leap->sql(qq{INSERT INTO leap.platform_apps (platform, client_id, sealed_secret, key_id, redirect_uri, scopes)
		SELECT 'zoom', 'ZoomLeapClient', leap.seal('{"client_id": "ZoomLeapClient", "client_secret": "ZoomLeapSecret"}'), (leap.sealing_key()).key_id, '$back', '{}'});
	my $check = $leap->sql(qq{DO \$\$ DECLARE made uuid; BEGIN
		INSERT INTO leap.credential_checks AS x (user_id, platform, action, grant_data)
		VALUES ('$owner', 'zoom', 'exchange', '{"account_name": "Connected", "code": "$code", "code_verifier": "$verifier", "redirect_uri": "$back"}') RETURNING x.id INTO made;
		UPDATE leap.credential_checks x SET task_id = leap.add_errand('credential', x.user_id, made) WHERE x.id = made;
		PERFORM set_config('test.made', made::text, false); END \$\$; SELECT current_setting('test.made')});
	my ($done) = ended($check);
	is(outcome($done), 'succeeded', 'a code becomes a credential') or diag(explain($done));
	is($done->{facts}{account}, 'teacher@example.org', 'whose account is known');
	is(outcome(check($done->{credential})), 'succeeded', 'and which works');
	is(scalar(grep { $_->{body} =~ /\Q$code\E/ } $fake->requests('token')), 1, 'the code was asked for once');
};

subtest 'another key' => sub {
	my $second = new_key();
	my $count = $leap->sql('SELECT leap.reseal_credentials()');
	cmp_ok($count, '>=', 4, "$count are sealed anew");
	ok($leap->wait_until(sub { return $leap->sql("SELECT count(*) FROM leap.credentials WHERE key_id <> '$second'") eq '0'; }), 'by a worker that was not started again')
	  or diag($leap->sql("SELECT leap.credential_check_json(x) FROM leap.credential_checks x WHERE action = 'reseal'"));
	is(outcome(check($leap->sql(q{SELECT id FROM leap.credentials WHERE account_name = 'Account'}))), 'succeeded', 'and work as before');
};

subtest 'a worker without keys' => sub {
	$leap->end_worker($worker, 'TERM');
	$worker = $leap->worker(queue => 'automation=6');
	my $check = check($leap->sql(q{SELECT id FROM leap.credentials WHERE account_name = 'Account'}));
	is(outcome($check), 'failed transient no_credential_key', 'says what it lacks');
	like($check->{error}{hint}, qr/--credential-keys/, 'and how it gets it');
	is($leap->sql(q{SELECT needs_reauth FROM leap.credentials WHERE account_name = 'Account'}), 'f', 'which is not the fault of the credential');
};

# What the workers said, and what they said to the server, which logs every statement; not what this test said.
my $log = $leap->log_text . join '', grep { /leap worker/ } split /^/, slurp($leap->node->logfile);
my $all = `pg_dump -d '@{[ $leap->node->connstr('leap') ]}' --data-only`;
ok($log =~ /store_credential/ && $all =~ /Connected/, 'there is something to look through');
for my $secret ('ZoomLeapSecret', 'sauerkraut', 'refresh-', 'access-', 'eyJ0', map { (split / = /)[1] =~ s/\s//gr } split /^/, slurp($file))
{
	ok(index($log, $secret) < 0, 'no log holds ' . substr($secret, 0, 12));
	ok(index($all, $secret) < 0, 'nor the database');
}
done_testing();
