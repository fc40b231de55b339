# tests/tap/t/740_zoom.pl
#     Zoom as a source: what a sync finds, and that each recording comes whole, whatever breaks, expires or is refused on the way.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FakePlatform;
use JSON::PP;
use LeapChild;
use POSIX qw(strftime);
use PostgreSQL::Test::Utils;
use Test::More;
use Time::Local qw(timegm);

my $leap = LeapChild->new('zoom');
my $fake = FakePlatform->start("$leap->{base}/fake", platforms => ['zoom']);
my $id = '01990000-0000-7000-8000-00000000abcd';
my $moment = timegm(0, 0, 12, 15, 9, 2026);    # 15 October

system('ffmpeg', '-v', 'error', '-y', qw(-f lavfi -i testsrc2=size=640x360:rate=25:duration=8 -f lavfi -i sine=f=300:d=8
	-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 25 -c:a aac -movflags +faststart), "$leap->{base}/a.mp4") == 0 or die "ffmpeg\n";
my $bytes = slurp_file("$leap->{base}/a.mp4");
my $size = length $bytes;

# server to server: the credential has no token yet
sub account { return { id => '00000000-0000-7000-8000-00000000000c', platform => 'zoom', version => 1, data => { account_id => 'LeapAccount', client_id => 'ZoomLeapClient', client_secret => 'ZoomLeapSecret' } }; }

our $credential = account();

sub stamp { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $_[0]); }

sub meetings { my (@meetings) = @_; $fake->change(zoom => sub { $_[0]{meetings} = [@meetings] }); }

sub meeting
{
	my ($uuid, $day, %more) = @_;
	my $start = $moment - 86_400 * $day;
	return { uuid => $uuid, topic => "Meeting $uuid", start => stamp($start), duration => 90, files => [ { path => "$leap->{base}/a.mp4", start => stamp($start + 60), end => stamp($start + 3660) } ], %more };
}

# A sync of the 100 days before; its facts.
sub ask
{
	my ($config, %more) = @_;
	return $leap->run(sync => { type => 'ZOOM', most => 10_000, config => $config, endpoints => $fake->endpoints('zoom'), from_time => $moment - 100 * 86_400, to_time => $moment + 86_400, %more },
		credential => $credential, allow_private => 0);
}

sub items { return @{ $_[0]{done}{facts}{items} // [] }; }

sub keys_of { return [ sort map { $_->{source_key} } items($_[0]) ]; }

sub download
{
	my ($source, %options) = @_;
	return $leap->run(download => { recording => { id => $id, lane => 7, name => 'x', source => $source }, config => {}, artifacts => {}, endpoints => $fake->endpoints('zoom'), %{ $options{input} // {} } },
		credential => $credential, allow_private => 0, %options);
}

sub is_whole
{
	my ($end, $what) = @_;
	my $source = LeapChild::artifacts($end)->{source};
	my $stored = $source && -e "$leap->{storage}/$source->{uri}" ? slurp_file("$leap->{storage}/$source->{uri}") : '';

	ok($stored eq $bytes && $source->{sha256} eq sha256_hex($bytes), "$what: the whole file, and its hash") or diag(explain($end->{failed}));
	is(scalar(my @stored = $leap->stored), scalar(@{ $end->{done}{artifacts} // [] }), "$what: nothing else is stored");
	unlink map { "$leap->{storage}/$_" } $leap->stored;
}

sub fails
{
	my ($end, $class, $code, $what) = @_;
	is_deeply([ @{ $end->{failed} // {} }{qw(class code)} ], [ $class, $code ], "$what: $class, $code") or diag(explain($end->{failed} // $end->{done}));
	unlink map { "$leap->{storage}/$_" } $leap->stored;
	return $end;
}

# a user: months in pieces, pages to the end, odd uuids, parts, what is not ready
{
	my @start = ($moment - 3 * 86_400, $moment - 3 * 86_400 + 4000);
	meetings(meeting('old==', 80), meeting('/begins//twice==', 40), meeting('plain==', 1, auto_delete_date => '2026-11-01', passcode => 'hush'),
		meeting('busy==', 2, processing => 'files'), meeting('hidden==', 2, processing => 'hidden'),
		meeting('parts==', 3, files => [ map { my $at = $_; map { { path => "$leap->{base}/a.mp4", view => $_, start => stamp($at), end => stamp($at + 1800) } } qw(gallery_view shared_screen_with_speaker_view) } @start ]),
		meeting('outside==', 200));
	my $end = ask({});
	is_deeply(keys_of($end), [ sort map { "zoom:$_" } 'busy==', map({ my ($uuid, $day) = @$_; "$uuid:" . stamp($moment - 86_400 * $day + 60) } [ 'old==', 80 ], [ '/begins//twice==', 40 ], [ 'plain==', 1 ]),
			map { 'parts==:' . stamp($_) } @start ], 'what a user has in a hundred days')
	  or diag(explain($end));
	my %item = map { $_->{source_key} => $_ } items($end);
	my ($plain) = grep { $_->{source}{meeting} eq 'plain==' } values %item;
	is_deeply([ @$plain{qw(display_name bytes duration expires)} ], [ 'Meeting plain==', "$size", 3600, timegm(0, 0, 0, 1, 10, 2026) ], 'name, size, length, and when Zoom deletes it');
	is_deeply([ map { $item{ 'zoom:parts==:' . stamp($_) }{display_name} } @start ], [ map { "Meeting parts== (part $_ of 2)" } 1, 2 ], 'a meeting that was stopped and begun again has two parts');
	ok(exists $item{'zoom:busy=='} && !$item{'zoom:busy=='}{ready}, 'what is being made is not ready');
	unlike(encode_json($end->{done}), qr/hush|eyJ|ZoomLeapSecret|zoom\.us/, 'no passcode, token, secret or link is told');
	is(scalar(my @asked = $fake->requests('recordings\.list')), 4, 'a hundred days are four questions');
	is(scalar(my @tokens = $fake->requests('token')), 1, 'with one token');

	$fake->change(zoom => sub { delete $_->{processing} for @{ $_[0]{meetings} } });
	my ($ready) = grep { $_->{source}{meeting} eq 'busy==' } items(ask({}));
	is($ready->{placeholder}, 'zoom:busy==', 'what has become ready says as what it was known');
}

# several pages
meetings(map { meeting("m$_==", 1 + $_ % 20) } 1 .. 650);
$fake->forget;
is(scalar(my @found = items(ask({}))), 650, '650 meetings of a month');
is(scalar(my @pages = grep { $_->{query} =~ /next_page_token/ } $fake->requests('recordings\.list')), 2, 'are three pages');

# in parts: each begins where the one before was full
meetings(map { meeting("m$_==", 2 + 3 * $_) } 1 .. 30);
for my $most (1, 4, 13)
{
	my %seen = map { (ref $_ ? $_->{source_key} : $_) => 1 } $leap->parts(sub { ask({}, most => $most, @_) });
	is(scalar keys %seen, 30, "parts of $most: all is found");
}

# a master account
$fake->change(zoom => sub { $_[0]{users} = [ map { { id => "u$_", email => "u$_\@example.org" } } 1 .. 3 ]; $_[0]{meetings} = [ map { meeting("of$_==", $_, host => "u$_") } 1 .. 3 ] });
is(scalar(@found = items(ask({ is_master_account => JSON::PP::true }))), 3, 'all users of an account');
{
	my $end = ask({ is_master_account => JSON::PP::true, user_emails => [ 'u2@example.org', 'nobody@example.org', 'u3@example.org' ] });
	is(scalar(@found = items($end)), 2, 'some users of it');
	is_deeply([ map { s/:.*//r } @{ $end->{done}{facts}{problems} } ], ['nobody@example.org'], 'whom there is not is told');
	is(ask({ user_id => 'u2@example.org' })->{done}{facts}{seen}, 1, 'one user');
	local $credential = account();
	$credential->{data}{account} = 'u3@example.org';
	my $his = ask({ user_id => 'me' });
	like("@{ keys_of($his) }", qr/^zoom:of3==:\S+$/, 'whom the credential names') or diag(explain($his));
	like("@{ keys_of(ask({ user_id => 'u1' })) }", qr/^zoom:of1==:\S+$/, 'unless the source names another');
}
{
	# who comes and goes between the parts hides nobody
	$fake->change(zoom => sub { $_[0]{users} = [ map { { id => "u$_", email => "u$_\@example.org" } } 5, 3, 1, 4, 2 ]; $_[0]{meetings} = [ map { my $u = $_; map { meeting("of$u-$_==", 20 * $_, host => "u$u") } 1 .. 4 } 1 .. 5 ] });
	my %seen = map { (ref $_ ? $_->{source}{meeting} : $_) => 1 } $leap->parts(sub { ask({ is_master_account => JSON::PP::true }, most => 3, @_) }, sub {
		my ($part) = @_;
		$fake->change(zoom => sub { $_[0]{users} = [ grep { $_->{id} ne 'u2' } @{ $_[0]{users} } ]; unshift @{ $_[0]{users} }, { id => 'u0', email => 'u0@example.org' } }) if $part == 3;
	});
	is_deeply([ sort grep { !/^of2/ } keys %seen ], [ sort map { my $u = $_; map { "of$u-$_==" } 1 .. 4 } 1, 3, 4, 5 ], 'all users that stay, in parts');
}
$fake->change(zoom => sub { delete $_[0]{users} });

# what Zoom refuses
meetings(meeting('plain==', 1));
$fake->faults({ on => 'recordings.list', times => 2, status => 429 });
is(scalar(items(ask({}))), 1, 'too many requests in a second: a moment is waited');
$fake->faults({ on => 'recordings.list', times => 1, status => 429, daily => 1 });
{
	my $end = fails(ask({}), 'rate_limited', 'rate_limited', 'too many in a day');
	cmp_ok($end->{failed}{retry_after}, '>', 0, 'which says when it goes on');
	cmp_ok($end->{failed}{retry_after}, '<=', 86_400, 'at midnight');
}
$fake->faults({ on => 'recordings.list', times => 1, status => 503 });
fails(ask({}), 'transient', 'server_error', 'a service in trouble');
$fake->faults;
{
	local $credential = account();
	$credential->{data}{client_secret} = 'wrong';
	is(ask({})->{failed}{class}, 'credential', 'another secret of the app');
	$fake->set(zoom => { scope => 'user:read:user' });
	$credential = account();
	fails(ask({}), 'credential', 'scope_missing', 'an app without the rights');
	$fake->set(zoom => { scope => undef });
	$credential = undef;
	fails(ask({}), 'credential', 'credential_missing', 'a source whose credential is gone');
}

# downloads
meetings(meeting('/a//b==', 1));
my ($item) = items(ask({}));
my $source = $item->{source};
$fake->forget;
is_whole(download($source), 'a recording');
ok(!(grep { $_->{problem} } $fake->requests), 'the token goes to Zoom, not to where it leads') or diag(explain([ grep { $_->{problem} } $fake->requests ]));
is_whole(download({ type => 'zoom', meeting => '/a//b==' }), 'one that was found before it was ready');

# connections that break
{
	$fake->faults({ on => 'replay', times => 1, cut_answer => int($size / 2) });
	$fake->forget;
	is_whole(download($source), 'a connection that breaks');
	my @asked = $fake->requests('replay');
	like($asked[-1]{headers}{range} // '', qr/^bytes=[1-9]\d{4,}-$/, 'is taken up where it broke');
	$fake->faults;
}
for my $round (1 .. 5)
{
	$fake->faults(map { { on => 'replay', times => 1, cut_answer => 1 + int rand($size / 3) } } 1 .. 2);
	is_whole(download($source), "round $round: a connection cut at random");
}
$fake->faults;

# a token that has ended: asked for again, once
{
	my $version = $credential->{version};
	$fake->change(zoom => sub { delete $_[0]{access} });
	is_whole(download($source), 'a token that ended early');
	is($credential->{version}, $version + 1, 'it was renewed once, and stored');
}
$fake->faults({ on => 'download', times => 1, status => 401 });
is_whole(download($source), 'a file that refuses the token once');

# ... or is refused while the file comes: the rest is fetched from the byte where it broke
{
	my $break = int($size / 2);
	$fake->forget;
	$fake->faults({ on => 'replay', times => 1, cut_answer => $break }, { on => 'download', skip => 1, times => 1, status => 401 });
	is_whole(download($source), 'a token that is refused while the file comes');
	my ($first, @more) = $fake->requests('replay');
	my ($from) = ($more[0]{headers}{range} // '') =~ /^bytes=(\d+)-$/;
	ok(@more == 1 && !defined $first->{headers}{range} && ($from // 0) > $break - 2000 && $from <= $break, '... the rest is fetched from where it broke')
	  or diag(explain([ $break, map { $_->{headers} } $first, @more ]));
}
# ... or really ends while the file comes, and the signed address with it: the connection breaks, and nothing of before counts any more
{
	my $break = int($size / 2);
	my $version = $credential->{version};
	my $ended = 0;
	$fake->forget;
	$fake->faults({ on => 'replay', times => 1, cut_answer => $break, pace => 2_000_000 });
	my $end = download($source, on_line => sub { $fake->advance(3700) if !$ended && ($_[0]{progress} // 0) > 0.05 && ($ended = 1) });
	is($ended, 1, 'a token whose hour ends while the file comes');
	is_whole($end, '... and is refreshed');
	is_deeply([ map { $_->{status} } $fake->requests('download') ], [ 302, 401, 302 ], '... is refused where the rest is asked for, and the new one is not');
	is($credential->{version}, $version + 1, '... one new token, stored');
	is(scalar(my @new = $fake->requests('token')), 1, '... asked for once');
	my ($first, @more) = $fake->requests('replay');
	my ($from) = ($more[0]{headers}{range} // '') =~ /^bytes=(\d+)-$/;
	ok(@more == 1 && ($from // 0) > $break - 2000 && $from <= $break, '... and the file goes on from its byte') or diag(explain([ $break, map { $_->{headers} } $first, @more ]));
	my ($query) = $more[0]{query} =~ /Expires=(\d+)/;
	my ($before) = $first->{query} =~ /Expires=(\d+)/;
	cmp_ok($query, '>', $before, '... at another signed address');
	is(scalar(grep { $_ eq $item->{source_key} } @{ keys_of(ask({})) }), 1, '... and a sync finds the one recording, not a second');
}
$fake->faults({ on => 'download', status => 401 });
$fake->forget;
{
	my $end = fails(download($source), 'permanent', 'access_denied', 'one that always does');
	unlike(encode_json($end->{failed}), qr{rec/download}, 'the address Zoom gave is not in the error');
	like($end->{failed}{hint}, qr/on the platform/, 'which says what to do');
}
is(scalar(my @tries = $fake->requests('download')), 2, 'was asked for twice');
$fake->faults({ on => 'replay', times => 1, status => 403 });
is_whole(download($source), 'a signed address that has ended');
$fake->faults;
$fake->set(zoom => { login_page => 1 });
fails(download($source), 'input', 'html_instead_of_media', 'a page for people instead of the file');
$fake->set(zoom => { login_page => 0 });

# killed anywhere, and gone on with by the next attempt, whatever the address is then
for my $round (1 .. 5)
{
	$fake->faults({ on => 'replay', times => 1, cut_answer => int($size / 5) }, { on => 'replay', pace => 1_000_000 });
	my $at = 0.2 + rand 0.6;
	my $killed = download($source, on_line => sub { kill 'KILL', $_[1] if ($_[0]{progress} // 0) > $at });
	$fake->faults;
	is_whole(download($source, attempt => 2, input => { checkpoint => $killed->{checkpoints}[-1] }), "round $round: after a kill");
	unlink map { "$leap->{storage}/$_" } $leap->stored;
}
{
	$fake->faults({ on => 'replay', cut_answer => 1000 });
	my $broken = download($source);
	is($broken->{failed}{class}, 'transient', 'a server that breaks every time');
	$fake->faults;
	$fake->advance(10);    # another address
	$fake->forget;
	my $checkpoint = $broken->{checkpoints}[-1];
	unlike(encode_json($checkpoint), qr/Signature|eyJ/, 'no checkpoint holds an address or a token');
	is_whole(download($source, attempt => 2, input => { checkpoint => $checkpoint }), 'the next attempt');
	is(($fake->requests('replay'))[0]{headers}{range}, "bytes=$checkpoint->{offset}-", 'asks for the rest');
}

# what is not what Zoom says
$fake->change(zoom => sub { $_[0]{meetings}[0]{files}[0]{size} = $size + 1 });
my $odd = fails(download($source), 'input', 'size_mismatch', 'a file of another size');
like($odd->{failed}{message}, qr/@{[ $size + 1 ]} bytes.*$size/, 'both sizes are told');
$fake->change(zoom => sub { delete $_[0]{meetings}[0]{files}[0]{size}; $_[0]{meetings}[0]{files}[0]{processing} = 1 });
fails(download($source), 'transient', 'source_not_ready', 'a file that is made anew');
meetings();
fails(download($source), 'input', 'source_missing', 'a recording that was deleted');
{
	# the file that was chosen is gone: the source's own order decides between those that are left
	my $files = sub { return [ map { { path => $_ eq 'gallery_view' ? "$leap->{base}/a.mp4" : $0, id => "f-$_", view => $_, start => stamp($moment - 8000), end => stamp($moment - 4400) } } @_ ] };
	my $views = [qw(active_speaker gallery_view)];
	meetings(meeting('views==', 1, files => $files->('shared_screen', 'gallery_view', 'active_speaker')));
	my ($own) = items(ask({ views => $views }));
	is_deeply($own->{source}{views}, $views, 'which views a source wants goes with its recordings');
	my ($usual) = items(ask({}));
	is($usual->{source}{views}, undef, 'but for the usual order');
	meetings(meeting('views==', 1, files => $files->('shared_screen', 'gallery_view')));
	is_whole(download($own->{source}), 'another view of the same time, the next one that its source wants');
}

done_testing();
