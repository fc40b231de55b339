# tests/tap/t/751_secrets.pl
#     Secrets go in by every door, are used, refused, renewed and echoed by platforms, and afterwards stand nowhere: not in logs of
#     our programs and of a server that logs every statement with its values, nor in statistics of statements, dumps, answers,
#     arguments and environments.
use strict;
use warnings;

use Digest::SHA qw(sha1_hex);
use FakePlatform;
use HTTP::Tiny;
use IPC::Run ();
use JSON::PP;
use LeapNode;
use LeapServe;
use POSIX qw(strftime);
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

my $leap = LeapNode->new('secrets', settings => <<~SETTINGS);
	shared_preload_libraries = 'leap,pg_stat_statements'
	pg_stat_statements.track = all
	log_statement = all
	log_min_duration_statement = 0
	log_min_messages = debug1
	log_min_error_statement = debug5
	log_error_verbosity = verbose
	log_parameter_max_length = -1
	log_parameter_max_length_on_error = -1
	SETTINGS
my $json = JSON::PP->new->canonical->utf8;
my $keys = "$leap->{base}/keys";
my $http = HTTP::Tiny->new(max_redirect => 0);

# What must not be seen again, by what it is.
my %planted = (
	'the secret of an app at Google' => 'GOCSPX-plantedgoogleapp', 'the secret of an app at Zoom' => 'plantedzoomapp', 'the secret of an app at Yandex' => 'plantedyandexapp',
	'a token of VK' => 'vk1.a.plantedvktoken', 'a token of Yandex' => 'y0_plantedyandextoken', 'a key of S3' => 'planted/s3/secret+key', 'a session of S3' => 'plantedsessiontoken',
	'what was given in vain' => 'plantedinvain', 'what is no JSON' => 'plantedinnojson', 'a code in vain' => 'plantedcode', 'a key of a provider' => 'plantedproviderkey', 'a password of mail' => 'plantedmailpassword',
	'a password of the database' => 'planteddatabasepassword', 'a password of a person' => 'Planted-Person-1');
my %app = (
	youtube => { client_id => 'leap.apps.googleusercontent.com', client_secret => $planted{'the secret of an app at Google'} },
	zoom => { client_id => 'ZoomLeapClient', client_secret => $planted{'the secret of an app at Zoom'} },
	yandex_disk => { client_id => '1f2e3d', client_secret => $planted{'the secret of an app at Yandex'} });
my %back = map { $_ => "http://127.0.0.1:8080/oauth/$_/callback" } keys %app;

my $fake = FakePlatform->start("$leap->{base}/fake", platforms => [qw(youtube vk zoom yandex_disk)],
	youtube => { clients => { $app{youtube}{client_id} => { secret => $app{youtube}{client_secret}, redirect_uris => [ $back{youtube} ] } } },
	zoom => { clients => { $app{zoom}{client_id} => { secret => $app{zoom}{client_secret}, redirect_uris => [ $back{zoom} ], account_id => 'LeapAccount' } } },
	yandex_disk => { clients => { $app{yandex_disk}{client_id} => { secret => $app{yandex_disk}{client_secret}, redirect_uris => [ $back{yandex_disk} ] } }, token => $planted{'a token of Yandex'} },
	vk => { rate => 0, processing => 0, token => $planted{'a token of VK'} });
for my $platform (qw(youtube vk zoom yandex_disk))
{
	my $endpoints = $fake->endpoints($platform);
	$leap->sql("SELECT leap.set_platform_endpoint('$platform', '$_', '$endpoints->{$_}') FROM leap.endpoint_names() n WHERE (n.platform, n.name) = ('$platform', '$_')") for sort keys %$endpoints;
}
$leap->sql(q{CREATE EXTENSION pg_stat_statements SCHEMA public;
	UPDATE leap.retry_policies SET base_delay = '50 ms', max_delay = '200 ms'});

# Arguments and environments of everything that this test starts, as long as it lives.
my $seen = "$leap->{base}/processes";
my $watcher = fork // die "fork: $!\n";
if ($watcher == 0)
{
	my %told;
	my $test = getppid;
	open my $out, '>>:raw', $seen or POSIX::_exit(1);
	$out->autoflush(1);
	while (kill 0, $test)
	{
		for my $folder (glob '/proc/[0-9]*')
		{
			for my $what (qw(cmdline environ))
			{
				open my $in, '<:raw', "$folder/$what" or next;
				my $text = do { local $/; <$in> } // '';
				# ours, and no other test's: they are told by the folder of this one
				print $out "$text\n" if $text ne '' && !$told{$text}++ && ($what eq 'cmdline' || index($text, $leap->{base}) >= 0);
			}
		}
		sleep 0.02;
	}
	POSIX::_exit(0);
}

# leap with these arguments and that input: its exit status, and all it said
my $said = '';
sub leap_says
{
	my ($input, @arguments) = @_;
	my %environment = $leap->environment;
	local @ENV{ keys %environment } = values %environment;
	my ($out, $err) = ('', '');
	IPC::Run::run([ $leap->program, @arguments ], '<', \$input, '>', \$out, '2>', \$err, IPC::Run::timeout(60));
	my $status = $? >> 8;
	$said .= "$out$err";
	return ($status, $out, $err);
}

sub file
{
	my ($name, $text) = @_;
	open my $out, '>', "$leap->{base}/$name" or die "$name: $!\n";
	chmod 0600, "$leap->{base}/$name";
	print $out $text;
	close $out;
	return "$leap->{base}/$name";
}

is((leap_says('', keys => init => $keys))[0], 0, 'a key of workers');
my $serve = LeapServe->new($leap, '--log-level=debug');
my @me = $serve->bearer('teacher@example.org');

# What the API answers is kept, and how it was asked is not.
sub ask
{
	my ($method, $path, $value) = @_;
	my ($status, $answer) = $serve->json($method, "/api/v1$path", \@me, $value);
	$said .= ref $answer ? $json->encode($answer) : $answer // '';
	return ($status, $answer);
}

# every door ----------------------------------------------------------------------------------------------------------------

for my $platform (sort keys %app)
{
	my ($status, undef, $err) = leap_says($json->encode({ %{ $app{$platform} }, redirect_uri => $back{$platform} }), app => set => $platform);
	is($status, 0, "an app at $platform") or diag($err);
}
my %id;
for my $row ([ vk => { access_token => $planted{'a token of VK'} } ], [ yandex_disk => { oauth_token => $planted{'a token of Yandex'} } ],
	[ s3 => { access_key_id => 'known', secret_access_key => $planted{'a key of S3'}, session_token => $planted{'a session of S3'}, endpoint => 'http://127.0.0.1:9' } ])
{
	my ($status, $answer) = ask(POST => '/credentials', { platform => $row->[0], account_name => 'Mine', data => $row->[1] });
	is($status, 201, "a credential of $row->[0] by HTTP") or diag(explain($answer));
	$id{ $row->[0] } = $answer->{id};
}
is((ask(PATCH => "/credentials/$id{s3}", { data => { access_key_id => 'known', secret_access_key => $planted{'a key of S3'}, session_token => $planted{'a session of S3'}, endpoint => 'http://127.0.0.1:9' } }))[0], 200, 'is changed');
my $zoom = $json->encode({ account_id => 'LeapAccount', %{ $app{zoom} } });
is((leap_says('', credential => add => 'zoom', 'Mine', file('zoom.json', $zoom)))[0], 0, 'one of zoom by the program, from a file');
is((leap_says($zoom, credential => change => 'zoom/Mine'))[0], 0, 'and from its input');
my $grant = $fake->grant('youtube');
@planted{ 'a first token of Google', 'a refresh token of Google' } = @$grant{qw(access_token refresh_token)};
is((leap_says($json->encode($grant), credential => add => 'youtube', 'Mine'))[0], 0, 'one of youtube, too');
my $known = $json->decode((leap_says('', credential => list => '--json'))[1]);
$id{ $_->{platform} } = $_->{id} for @$known;

# what is refused, in every way
my $vain = $planted{'what was given in vain'};
for my $data ({ access_token => "$vain with blanks" }, { access_token => [$vain] }, { access_token => $vain, client_secret => "$vain\n" }, { secret => $vain }, $vain, [$vain],
	{ token => $vain, refresh_token => $vain }, { access_token => $vain x 1000 }, { access_token => "\x{1}$vain" })
{
	is((ask(POST => '/credentials', { platform => 'vk', account_name => 'Vain', data => $data }))[0], 422, 'bad data is refused by HTTP');
	isnt((leap_says($json->allow_nonref->encode($data), credential => add => 'vk', 'Vain'))[0], 0, '... and by the program');
}
ask(POST => '/credentials', { platform => 'vk', account_name => 'Mine', data => { access_token => $vain } });
ask(POST => '/credentials', { platform => 'nowhere', account_name => 'Mine', data => { access_token => $vain } });
ask(PATCH => "/credentials/$id{vk}", { data => $vain });
ask(PATCH => "/credentials/$id{vk}", $vain);
my $broken = qq({"platform": "vk", "account_name": "x", "data": {"access_token": "$planted{'what is no JSON'}", }});
for my $body ($broken, substr($broken, 0, -6), qq({"data": "$planted{'what is no JSON'}\\u0000"}), qq({"platform": "vk", "account_name": "x", "data": {"access_token": "\\ud800$planted{'what is no JSON'}"}}))
{
	my ($status, undef, $content) = $serve->request(POST => '/api/v1/credentials', [ @me, 'Content-Type: application/json' ], $body);
	cmp_ok($status, '>=', 400, "what is no JSON is refused ($status)");
	leap_says($body, credential => add => 'vk', 'Vain');
	leap_says($body, app => set => 'youtube');
}

# a person
my $password = $planted{'a password of a person'};
ask(POST => '/auth/register', { email => 'new@example.org', password => $password });
ask(POST => '/auth/login', { email => 'new@example.org', password => "$password-wrong" });
my (undef, $login) = $serve->json(POST => '/api/v1/auth/login', [], { email => 'new@example.org', password => $password });
if (ref $login eq 'HASH')
{
	$planted{"a token of a session ($_)"} = $login->{$_} for grep { defined $login->{$_} } qw(access_token refresh_token);
}

# webhooks: shown once, to who makes one
my (undef, $hook) = $serve->json(POST => '/api/v1/notifications/webhooks', \@me, { url => 'https://hooks.example.org/x', name => 'hook' });
ok(($hook->{secret} // '') =~ /^whsec_(.+)/, 'the secret of a webhook is shown once') and $planted{'the secret of a webhook'} = $1;
ask(GET => '/notifications/webhooks');

# accounts that are connected: with a code, and with one that is no code
my $worker = $leap->worker(slots => 6, 'credential-keys' => $keys, 'media-program' => $leap->fake_media({}), 'log-level' => 'debug',
	'provider-keys' => file('providers', "cloud = $planted{'a key of a provider'}\n"),
	'smtp-url' => 'smtp://127.0.0.1:9', 'smtp-user' => 'leap', 'smtp-password-file' => file('mail', "$planted{'a password of mail'}\n"), 'mail-from' => 'leap@example.org',
	config => file('worker.conf', "database = " . $leap->node->connstr('leap') . " password=$planted{'a password of the database'}\n"));

sub check_ended
{
	my ($id) = @_;
	my $answer;
	$leap->wait_until(sub { $answer = $json->decode($leap->sql("SELECT leap.credential_check_status('$id')")); return $answer->{state} ne 'waiting'; });
	ask(GET => "/credentials/checks/$id");
	return $answer;
}

my $number = 0;
for my $platform (sort keys %app)
{
	my (undef, $begun) = $serve->json(POST => "/api/v1/oauth/$platform/authorize", \@me, { account_name => 'Connected' });
	my $page = $http->get($begun->{authorization_url});
	my ($code) = ($page->{headers}{location} // '') =~ /[?&]code=([^&]+)/;
	$code =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
	$planted{"a code of $platform"} = $code if ok($code, "$platform gives a code");
	my (undef, $finished) = ask(POST => "/oauth/$platform/finish", { state => $begun->{state}, code => $code });
	is(check_ended($finished->{check})->{state}, 'succeeded', "$platform is connected") or diag(explain($finished));
	(undef, $begun) = $serve->json(POST => "/api/v1/oauth/$platform/authorize", \@me, { account_name => 'Connected' });
	(undef, $finished) = ask(POST => "/oauth/$platform/finish", { state => $begun->{state}, code => $planted{'a code in vain'} . $number++ });
	is(check_ended($finished->{check})->{state}, 'failed', "... and not by a code that is none");
}

# work, with failures of each kind --------------------------------------------------------------------------------------------

sub credential_of { my ($platform) = @_; return $leap->sql("SELECT id FROM leap.credentials WHERE platform = '$platform' AND account_name = 'Mine' AND user_id = (SELECT id FROM leap.users WHERE email = 'teacher\@example.org')"); }

system('ffmpeg', '-v', 'error', '-y', qw(-f lavfi -i testsrc2=size=320x240:rate=10:duration=2 -f lavfi -i sine=f=300:d=2 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac), "$leap->{base}/a.mp4") == 0 or die "ffmpeg\n";
$fake->change(zoom => sub { $_[0]{meetings} = [ map { { uuid => "m$_==", topic => "Meeting $_", passcode => 'plantedpasscode', start => strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time - 3600 * $_)), files => [ { path => "$leap->{base}/a.mp4" } ] } } 1 .. 6 ] });
$planted{'the passcode of a meeting'} = 'plantedpasscode';
my %preset = map { $_ => $leap->sql(sprintf q{SELECT leap.add_preset('{"name": "%s", "platform": "%s", "credential_id": "%s", "preset_metadata": %s}', 'teacher@example.org')},
	$_, $_, credential_of($_), $_ eq 's3' ? '{"bucket": "films"}' : '{}') } qw(youtube vk s3);
$leap->sql(sprintf q{SELECT leap.add_source('{"name": "zoom", "source_type": "ZOOM", "config": {}, "credential_id": "%s"}', 'teacher@example.org')}, credential_of('zoom'));

$fake->faults(
	{ on => 'recordings\.list', times => 1, status => 401 },
	{ on => 'token', platform => 'zoom', times => 1, status => 500 },
	# of two recordings: who is refused again with a new token is refused for good
	{ on => 'download', times => 1, status => 401, where => { path => substr sha1_hex('m1==/0'), 0, 8 } },
	{ on => 'download', times => 1, status => 403, where => { path => substr sha1_hex('m2==/0'), 0, 8 } }, { on => 'replay', times => 2, cut_answer => 5000 },
	{ on => 'videos\.insert', times => 1, status => 503 }, { on => 'videos\.upload', times => 1, cut_request => 2000 }, { on => 'videos\.upload', times => 1, status => 401 },
	{ on => 'videos\.upload', times => 1, lose => 1 }, { on => 'token', platform => 'youtube', times => 1, lose => 1 },
	{ on => 'video\.save', times => 1, reason => 10 }, { on => 'video\.save', times => 1, lose => 1 }, { on => 'upload', platform => 'vk', times => 1, cut_request => 3000 });
$leap->sql("SELECT leap.sync_source(leap.find_source('zoom', 'teacher\@example.org'))");
ok($leap->wait_until(sub { $leap->sql('SELECT count(*) FROM leap.recordings') == 6 }), 'a sync finds recordings') or diag($leap->sql('SELECT error FROM leap.source_syncs'));
$leap->sql(sprintf q{UPDATE leap.recordings SET config = '{"output": {"preset_ids": ["%s", "%s", "%s"]}, "transcription": {"enable_transcription": false}}'; SELECT leap.run_recording(id) FROM leap.recordings}, @preset{qw(youtube vk s3)});
ok($leap->wait_until(sub { $leap->sql("SELECT count(*) FROM leap.runs WHERE state = 'active'") == 0 }, 100), 'all of them come to an end')
  or diag($leap->sql("SELECT kind, state, error FROM leap.tasks WHERE state NOT IN ('succeeded', 'skipped')"));
is_deeply([ map { "$_->{on} $_->{status}" } grep { $_->{on} eq 'download' } $fake->unmet ], [], 'two downloads were refused');
is($leap->sql("SELECT string_agg(DISTINCT target_type || ' ' || status, ', ' ORDER BY target_type || ' ' || status) FROM leap.output_targets"), 'S3 FAILED, VK UPLOADED, YOUTUBE UPLOADED', 'where the platform is there they are published')
  or diag($leap->sql("SELECT kind, state, error FROM leap.tasks WHERE state NOT IN ('succeeded', 'skipped')"));

# addresses that platforms give for files are as good as the files: refused ones, broken ones, and what is asked for again
$fake->change(yandex_disk => sub { $_[0]{entries}{'/L'} = { type => 'dir' }; $_[0]{entries}{"/L/$_.mp4"} = { type => 'file', size => -s "$leap->{base}/a.mp4", file => "$leap->{base}/a.mp4" } for 1 .. 3 });
$leap->sql(sprintf q{SELECT leap.add_source('{"name": "disk", "source_type": "YANDEX_DISK", "config": {"folder_path": "/L"}, "credential_id": "%s"}', 'teacher@example.org')}, credential_of('yandex_disk'));
$leap->sql("SELECT leap.sync_source(leap.find_source('disk', 'teacher\@example.org'))");
ok($leap->wait_until(sub { $leap->sql("SELECT count(*) FROM leap.recordings WHERE source->>'type' = 'yandex_disk'") == 3 }), 'a sync of a disk finds recordings') or diag($leap->sql('SELECT error FROM leap.source_syncs'));
$fake->faults({ on => 'download', platform => 'yandex_disk', times => 2, status => 500 }, { on => 'download', platform => 'yandex_disk', times => 1, cut_answer => 1000 },
	{ on => 'download', platform => 'yandex_disk', status => 403 });
$leap->sql(q{UPDATE leap.recordings SET config = '{"transcription": {"enable_transcription": false}}' WHERE source->>'type' = 'yandex_disk'; SELECT leap.run_recording(id) FROM leap.recordings WHERE source->>'type' = 'yandex_disk'});
ok($leap->wait_until(sub { $leap->sql("SELECT count(*) FROM leap.runs WHERE state = 'active'") == 0 }, 100), 'they come to an end');
cmp_ok($leap->sql("SELECT count(*) FROM leap.tasks WHERE kind = 'download' AND error->>'message' LIKE '%the address Yandex gave%'"), '>=', 1, 'with an error that names no address');
for my $request (grep { $_->{endpoint} eq 'download' } $fake->requests)
{
	$planted{'the address of a file of Yandex (' . $number++ . ')'} = $1 if $request->{path} =~ m{^/disk/\w+/[0-9a-f]+/([\w-]{20,})};
	$planted{'the address of a file of Zoom'} = 'rec/download/' if $request->{path} =~ m{^/rec/download/};
}
ok($planted{'the address of a file of Zoom'} && grep({ /file of Yandex/ } keys %planted), 'there are addresses to look for');
ask(GET => '/tasks');

# access is withdrawn everywhere
$fake->change($_, sub { delete @{ $_[0] }{qw(access refresh)} }) for qw(youtube zoom);
$fake->set(vk => { token => 'another' }, yandex_disk => { token => 'another' });
$leap->sql("SELECT leap.check_credential(id) FROM leap.credentials");
ok($leap->wait_until(sub { $leap->sql("SELECT count(*) FROM leap.credential_checks WHERE state = 'waiting'") == 0 }), 'checks after that end')
  or diag($leap->sql("SELECT platform, state, error FROM leap.credential_checks"));
is($leap->sql("SELECT string_agg(DISTINCT platform, ', ' ORDER BY platform) FROM leap.credentials WHERE needs_reauth"), 'vk, yandex_disk, youtube, zoom', 'and find that people have to connect them anew')
  or diag($leap->sql("SELECT platform, account_name, state, error FROM leap.credential_checks ORDER BY id"));
ask(GET => $_) for '/credentials', '/recordings', '/notifications', map({ "/credentials/$id{$_}" } sort keys %id);
leap_says('', @$_) for [ 'credential', 'list' ], [ 'credential', 'list', '--json' ], [ 'app', 'list' ], [ 'list' ], [ 'doctor' ];
$leap->end_worker($worker, 'TERM');
$serve->stop;

# what was to be seen -----------------------------------------------------------------------------------------------------------

kill 'KILL', $watcher;
waitpid $watcher, 0;
my ($private) = slurp_file($keys) =~ /= (\S+)/;
$planted{'the private key of workers'} = $private;
my $number_of = 0;
for my $platform (qw(youtube zoom vk yandex_disk))
{
	my $state = $fake->state($platform);
	for my $kind (qw(access refresh))
	{
		$planted{"a token of $platform (" . ++$number_of . ')'} = $_ for grep { length > 12 } keys %{ $state->{$kind} // {} };
	}
}
for my $request ($fake->requests)
{
	my ($header) = map { $_->{authorization} // () } $request->{headers} // {};
	$planted{"a token that was sent to $request->{platform} (" . ++$number_of . ')'} = $1 if ($header // '') =~ /^(?:Bearer|OAuth) (\S{12,})/;
	$planted{'the session of an upload (' . ++$number_of . ')'} = $1 if ($request->{query} // '') =~ /upload_id=([^&]{8,})/;
}
my %unique = map { $planted{$_} => $_ } sort keys %planted;

my %places = (
	'logs of workers and servers' => $leap->log_text,
	'the log of the database' => slurp_file($leap->node->logfile),
	'what people are told' => $said,
	'arguments and environments' => slurp_file($seen),
	'statistics of statements' => $leap->sql('SELECT string_agg(query, chr(10)) FROM pg_stat_statements'),
	'the audit log' => $leap->sql('SELECT string_agg(to_jsonb(a)::text, chr(10)) FROM leap.audit_logs a'),
	'a dump' => scalar(`pg_dump --inserts -d '@{[ $leap->node->connstr('leap') ]}' --data-only`));
my $where = sub { my ($text, $secret) = @_; my $at = index $text, $secret; return substr $text, $at > 300 ? $at - 300 : 0, 600; };
ok($places{'the log of the database'} =~ /store_credential/, 'the database logs what workers ask');
ok($places{'a dump'} =~ /leap\.credentials VALUES/, 'a dump holds boxes');
ok($places{'arguments and environments'} =~ /worker.*--credential-keys/, 'processes were seen');
for my $place (sort keys %places)
{
	my @found = grep { index($places{$place}, $_) >= 0 } sort keys %unique;
	is_deeply([ sort map { $unique{$_} } @found ], [], "no secret is in $place") or diag(map { "$unique{$_}: " . $where->($places{$place}, $_) . "\n----\n" } @found);
}
note scalar(keys %unique), ' secrets, ', scalar(grep { /Bearer|OAuth/ } map { $_->{headers}{authorization} // () } $fake->requests), ' requests with tokens';
done_testing();
