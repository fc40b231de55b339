# tests/tap/t/411_download_worker.pl
#     Downloads: what a server can do wrong, a worker that is killed in the middle, and files
#     of this machine that are not what they seem. What arrives is byte for byte what was
#     served, and what has arrived is not sent again.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use IO::Socket::UNIX;
use IPC::Open2;
use JSON::PP;
use LeapNode;
use POSIX qw(mkfifo);
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $root = abs_path(dirname(__FILE__) . '/../../..');
my $json = JSON::PP->new->canonical;
my $leap = LeapNode->new('download_worker', settings => "leap.start_grace = 1\n");
my $inbox = $leap->{inbox};
my $served = "$leap->{base}/served";
my $size = 3_000_000;
my $bytes = join '', map { pack 'N', ($_ * 2654435761) % 4294967296 } 1 .. $size / 4;

sub spew
{
	my ($path, $content) = @_;
	open my $out, '>:raw', $path or die "$path: $!\n";
	print $out $content;
	close $out or die "$path: $!\n";
	return $path;
}

mkdir $served;
spew("$served/lecture.mp4", $bytes);
spew("$served/small.mp4", substr $bytes, 0, 5000);
spew("$served/empty.mp4", '');

# A web server: (its address, a function that gives the requests for a query so far).
my @servers;

sub web
{
	my $log = "$leap->{base}/web-" . @servers . '.log';
	my $pid = open2(my $from, my $to, "$root/tests/fake/web", $served, $log);
	my ($port) = <$from> =~ /(\d+)/;

	push @servers, [ $pid, $from, $to ];
	my $requests = sub {
		my ($query) = @_;
		return () if !-e $log;
		return grep { $_->{query} eq $query } map { $json->decode($_) } split /\n/, slurp_file($log);
	};
	return ("127.0.0.1:$port", $requests);
}

my ($web, $requests) = web();
my ($slow_web, $slow_requests) = web();
my ($hidden_web, $hidden_requests) = web();
my @patient_webs = map { (web())[0] } 1 .. 2; # apart, because nobody else may ask them then

$leap->sql("UPDATE leap.retry_policies SET base_delay = '10 min' WHERE kind = 'download'");
$leap->sql("ALTER DATABASE leap SET leap.import_roots = '$inbox:/dev'");
my $media = $leap->fake_media;
my @options = (slots => 4, 'media-program' => $media);

# A recording whose run has begun; its id. A link with a password is refused at the door: it is put
# where those from before that still are.
sub start
{
	my ($source, $name) = @_;
	my %plain = %$source;
	$plain{url} =~ s{//[^/]*@}{//} if defined $plain{url};
	my $text = $json->encode(\%plain);
	my $id = $leap->sql("SELECT leap.add_recording(NULL, \$leap\$$text\$leap\$, " . (defined $name ? "\$leap\$$name\$leap\$" : 'NULL') . ')');

	$leap->sql("UPDATE leap.recordings SET source = jsonb_set(source, '{url}', to_jsonb('$source->{url}'::text)) WHERE id = '$id'")
		if ($plain{url} // '') ne ($source->{url} // '');
	$leap->sql("SELECT leap.run_recording('$id')");
	return $id;
}

sub url { return { type => 'url', url => $_[0] }; }
sub file { return { type => 'file', path => $_[0] }; }

# Its run has ended, or the next try has been put off.
sub detail
{
	my ($id) = @_;
	$leap->wait_for("SELECT u.state <> 'active' OR r.next_attempt_at IS NOT NULL
		FROM leap.runs u JOIN leap.recordings r ON r.id = u.recording_id WHERE r.id = '$id'", 't', 90);
	return $json->decode($leap->sql("SELECT leap.recording_detail('$id')"));
}

sub stored
{
	my ($id) = @_;
	my $uri = $leap->sql("SELECT uri FROM leap.artifacts WHERE recording_id = '$id' AND kind = 'source'");
	return $uri eq '' ? undef : slurp_file("$leap->{storage}/$uri");
}

sub download_task
{
	my ($id, $columns) = @_;
	return $leap->sql("SELECT $columns FROM leap.tasks WHERE recording_id = '$id' AND kind = 'download'");
}

my $worker = $leap->worker(@options, 'allow-private-addresses' => 'true');

# --- servers and connections that fail; all of them at once
my %odd = (
	'connections that break' => 'cut=700000&times=3&pace=20000000',
	'a server that ignores Range' => 'cut=900000&times=1&pace=20000000&range=off',
	'a server that answers another range' => 'cut=900000&times=1&pace=20000000&range=bad&etag=none',
	'a file that changes in between' => 'cut=900000&times=1&pace=20000000&change=1',
	'a server without validators' => 'cut=900000&times=2&pace=20000000&etag=none',
	'a weak validator' => 'cut=900000&times=1&pace=20000000&etag=weak',
	'a Content-Length that is too large' => 'claim=3000100',
	'a redirect' => "to=http://$web/lecture.mp4",
	'a redirect without a host' => 'to=/lecture.mp4&code=307',
);
my %odd_ids = map { $_ => start(url("http://$web/lecture.mp4?$odd{$_}"), $_) } sort keys %odd;

for my $what (sort keys %odd)
{
	my $id = $odd_ids{$what};
	my $wanted = $what =~ /changes/ ? reverse $bytes : $bytes;

	is($leap->wait_for_end($id, 120), 'finished', "$what: finished") or diag($json->encode(detail($id)->{error}));
	my $got = stored($id) // '';
	ok($got eq $wanted, "$what: byte for byte what was served") or diag(length $got);
	is(download_task($id, "format('%s %s', attempt, failures)"), '1 0', "$what: in one attempt");
}

my @asked = $requests->($odd{'connections that break'});
is(scalar @asked, 4, 'four requests for three broken connections');
is_deeply([ map { $_->{headers}{range} } @asked ], [ undef, map { 'bytes=' . $_ * 700000 . '-' } 1 .. 3 ],
	'each goes on where the last one broke');
is((grep { defined $_->{headers}{'if-range'} } @asked), 3, 'if it is still the same file');
@asked = $requests->($odd{'a file that changes in between'});
is_deeply([ map { $_->{headers}{range} } @asked ], [ undef, 'bytes=900000-' ], 'a changed file comes from its beginning in the same answer');
@asked = $requests->($odd{'a server without validators'});
is($asked[1]{headers}{range}, 'bytes=' . (900000 - 65536) . '-', 'without a validator the bytes overlap');
unlike($asked[1]{headers}{'if-range'} // '', qr/./, 'and nothing is claimed');

# --- refusals
my @refused = (
	[ 'redirects in a circle', "http://$web/lecture.mp4?to=self", 'permanent', 'too_many_redirects', qr/more than 10 times/ ],
	[ 'a redirect to a file', "http://$web/lecture.mp4?to=file:///etc/passwd", 'permanent', 'bad_url', qr/scheme "file"/ ],
	[ 'a redirect to FTP', "http://$web/lecture.mp4?to=ftp://127.0.0.1/a", 'permanent', 'bad_url', qr/scheme "ftp"/ ],
	[ 'a redirect to nowhere', "http://$web/lecture.mp4?status=302", 'permanent', 'bad_redirect', qr/302/ ],
	[ 'a file without bytes', "http://$web/empty.mp4", 'input', 'empty', qr/no bytes|empty/ ],
	[ 'access denied', "http://$web/lecture.mp4?status=403", 'permanent', 'access_denied', qr/403/ ],
	[ 'a bad password', "http://teacher:wr0ngpass\@$web/lecture.mp4?user=teacher", 'permanent', 'access_denied', qr/401/ ],
	[ 'a page with a password in its link', "http://teacher:secret\@$web/lecture.mp4?user=teacher&type=text/html&token=t0pt0ken",
		'input', 'html_instead_of_media', qr/web page/ ],
	[ 'no web server', "http://someone:s3cretpass\@127.0.0.1:1/a.mp4", 'transient', 'connection_lost', qr/127\.0\.0\.1/ ],
	[ 'a server in trouble', "http://$web/lecture.mp4?status=503", 'transient', 'server_error', qr/503/ ],
	[ 'a server that asks for patience', "http://$patient_webs[0]/lecture.mp4?status=429&retry=1200", 'rate_limited', 'rate_limited', qr/429/ ],
	[ 'a server in trouble that says for how long', "http://$patient_webs[1]/lecture.mp4?status=503&retry=1200", 'rate_limited', 'server_error', qr/503/ ],
);
my @refused_ids = map { start(url($_->[1]), $_->[0]) } @refused;

my %patience;
for my $case (@refused)
{
	my ($what, $url, $class, $code, $message) = @$case;
	my $id = shift @refused_ids;
	my $seen = detail($id);

	is($seen->{error}{class}, $class, "$what: class");
	like($seen->{error}{code}, qr/^(?:$code)$/, "$what: code");
	like($seen->{error}{message}, $message, "$what: message");
	like($seen->{error}{hint} // '', qr/\w.{10,}\./, "$what: hint") if $class !~ /transient|rate_limited/;
	unlike($json->encode($seen->{error}), qr/secret|wr0ngpass|s3cretpass|t0pt0ken/, "$what: no password in the error");
	is($seen->{status}, $class =~ /transient|rate_limited/ ? 'INITIALIZED' : 'FAILED', "$what: status");
	$patience{$id} = $what if $class eq 'rate_limited';
}
for my $id (sort keys %patience)
{
	is(download_task($id, "format('%s %s', state, failures)"), 'scheduled 0', "$patience{$id}: waits, and it is no failure");
	is($leap->sql("SELECT s.run_at - now() BETWEEN '1100 s' AND '1205 s' FROM leap.task_scheduled s
		JOIN leap.tasks t ON t.id = s.task WHERE t.recording_id = '$id'"), 't', "$patience{$id}: as long as the server said");
}
my $later = start(url("http://$patient_webs[0]/lecture.mp4"), 'a server that asked for patience');
ok($leap->wait_until(sub { $leap->sql("SELECT reason ~ 'asked to come back later' FROM leap.stuck WHERE recording = '$later'") eq 't' }),
	'nobody else asks that server either');
is(download_task($later, "format('%s %s', attempt, failures)"), '0 0', 'which is no attempt');
is($leap->sql("SELECT leap.close_breaker('url:$patient_webs[0]')"), 1, 'until an operator says so');
is($leap->wait_for_end($later), 'finished', 'then it is fetched');
unlike($leap->log_text, qr/secret|wr0ngpass|s3cretpass|t0pt0ken/, 'no password in the log of the worker');

for my $source (url('file:///etc/passwd'), url('ftp://127.0.0.1/a.mp4'), url('gopher://127.0.0.1/'))
{
	my $text = $json->encode($source);
	my (undef, undef, $error) = $leap->node->psql('leap', "SELECT leap.add_recording(NULL, '$text')");
	like($error, qr/is not a URL LEAP can fetch.*HINT: .*https?:/s, "$source->{url} is not even added");
}

# --- files of this machine
sub in_inbox { return spew("$inbox/$_[0]", $_[1] // substr $bytes, 0, 5000); }

my $unicode = 'Лекция «№ 1» – 日本語 🎓';
utf8::encode($unicode);
my $long = 'я' x 120;
utf8::encode($long) if utf8::is_utf8($long);
mkdir "$inbox/$_" for 'folder', $long;
my %names = (
	'quotes' => q{it's "a" lecture; DROP TABLE $x$ `id` \\ %s.mp4},
	'a newline' => "first\nsecond\t.mp4",
	'Unicode' => "$unicode.mp4",
	'400 characters' => "$long/" . $long . '.mp4',
	'a leading dash' => '-rf.mp4',
	'a leading dot' => '.hidden.mp4',
);
my %name_ids = map { in_inbox($names{$_}); $_ => start_path("$inbox/$names{$_}") } sort keys %names;

# The path as bytes: JSON wants characters.
sub start_path
{
	my ($path, $name) = @_;
	utf8::decode(my $text = $path);
	my $source = JSON::PP->new->ascii->encode(file($text));
	my $id = $leap->sql("SELECT leap.add_recording(NULL, \$leap\$$source\$leap\$" . (defined $name ? ", '$name'" : '') . ')');
	$leap->sql("SELECT leap.run_recording('$id')");
	return $id;
}

for my $what (sort keys %names)
{
	is($leap->wait_for_end($name_ids{$what}), 'finished', "a name with $what: finished");
	ok((stored($name_ids{$what}) // '') eq substr($bytes, 0, 5000), "a name with $what: the same bytes");
}

my $outside = spew("$leap->{base}/outside.mp4", 'a secret');
in_inbox('twice.mp4');
mkfifo("$inbox/pipe.mp4", 0600) or die "mkfifo: $!\n";
symlink $outside, "$inbox/link.mp4" or die "symlink: $!\n";
symlink 'twice.mp4', "$inbox/inner-link.mp4" or die "symlink: $!\n";
symlink $leap->{base}, "$inbox/link-folder" or die "symlink: $!\n";
in_inbox('nothing.mp4', '');
in_inbox('closed.mp4');
chmod 0, "$inbox/closed.mp4";
chdir $inbox or die "$inbox: $!\n";
my $socket = IO::Socket::UNIX->new(Local => 'socket.mp4', Listen => 1) or die "socket: $!\n";
chdir $root or die "$root: $!\n";

my @bad = (
	[ 'a link that leads out', "$inbox/link.mp4", 'permanent', 'outside_import_roots', qr/link/ ],
	[ 'a link that stays inside', "$inbox/inner-link.mp4", 'permanent', 'outside_import_roots', qr/link/ ],
	[ 'a folder that is a link', "$inbox/link-folder/outside.mp4", 'permanent', 'outside_import_roots', qr/link/ ],
	[ 'a named pipe', "$inbox/pipe.mp4", 'input', 'not_a_file', qr/pipe\.mp4/ ],
	[ 'a socket', "$inbox/socket.mp4", 'input', 'not_a_file', qr/socket\.mp4/ ],
	[ 'a device', '/dev/zero', 'input', 'not_a_file', qr{/dev/zero} ],
	[ 'a folder', "$inbox/folder", 'input', 'not_a_file', qr/folder/ ],
	[ 'an empty file', "$inbox/nothing.mp4", 'input', 'empty', qr/nothing\.mp4/ ],
	[ 'a missing file with a long name', "$inbox/$long/no" . $long, 'input', 'file_not_found', qr/there is no file/ ],
	[ 'a name that no file system has', "$inbox/" . 'x' x 400, 'input', 'file_not_found', qr/xxx/ ],
	[ 'a file as a folder', "$inbox/twice.mp4/a.mp4", 'input', 'file_not_found', qr/twice/ ],
);
push @bad, [ 'a file that may not be read', "$inbox/closed.mp4", 'permanent', 'file_not_readable', qr/closed\.mp4/ ] if $> != 0;
my @bad_ids = map { start_path($_->[1], $_->[0]) } @bad;
for my $case (@bad)
{
	my ($what, undef, $class, $code, $message) = @$case;
	my $seen = detail(shift @bad_ids);

	is("$seen->{status} $seen->{error}{class} $seen->{error}{code}", "FAILED $class $code", "$what: refused");
	like($seen->{error}{message}, $message, "$what: message");
	like($seen->{error}{hint} // '', qr/\w.{10,}\./, "$what: hint");
	is($seen->{retry_count}, 1, "$what: not tried again");
}

my @twice = map { start_path("$inbox/twice.mp4", "again $_") } 1 .. 2;
is($leap->wait_for_end($_), 'finished', 'the same file twice: finished') for @twice;
is($leap->sql("SELECT count(DISTINCT uri) || ' ' || count(DISTINCT sha256) FROM leap.artifacts
	WHERE kind = 'source' AND recording_id IN ('$twice[0]', '$twice[1]')"), '2 1', 'two files of the same content');

$leap->sql("UPDATE leap.retry_policies SET base_delay = '0.5 s' WHERE kind = 'download'");

# a file that is still being written: grows and shrinks all the time
my $moving = in_inbox('moving.mp4', $bytes x 20);
my $mover = fork // die "fork: $!\n";
if ($mover == 0)
{
	my $full = -s $moving;
	for (my $turn = 0; $turn < 60000; $turn++)
	{
		truncate $moving, $full + $turn % 7 - 3;
		sleep 0.0005;
	}
	POSIX::_exit(0);
}
my $unsteady = start_path($moving, 'a file that is being written');
my $seen = detail($unsteady);
is("$seen->{error}{class} $seen->{error}{code}", 'transient source_changed', 'a file that is being written is tried again later');
kill 'KILL', $mover;
waitpid $mover, 0;
spew($moving, $bytes);
is($leap->wait_for_end($unsteady), 'finished', 'and taken when it is complete');
ok((stored($unsteady) // '') eq $bytes, 'as it is then');

# --- a worker that is killed in the middle
my $query = 'cut=1000000&times=1&pace=1000000';
my $id = start(url("http://$slow_web/lecture.mp4?$query"), 'killed');
$leap->wait_for("SELECT checkpoint->>'offset' FROM leap.tasks WHERE recording_id = '$id' AND kind = 'download'", qr/^\d+$/);
my $reached = download_task($id, "checkpoint->>'offset'");
$leap->end_worker($worker, 'KILL');
my $before = () = $slow_requests->($query);
is($reached, 1000000, 'the state is stored when the connection breaks');
$worker = $leap->worker(@options, 'allow-private-addresses' => 'true');
is($leap->wait_for_end($id), 'finished', 'another worker goes on');
ok((stored($id) // '') eq $bytes, 'byte for byte');
my @all = $slow_requests->($query);
is((grep { !defined $_->{headers}{range} } @all), 1, 'only one request began at the first byte');
ok(@all > $before, 'the second worker asked for the rest');
is($all[-1]{headers}{range}, "bytes=$reached-", 'from where the first one had come');
is($leap->sql("SELECT count(*) FROM leap.tasks WHERE recording_id = '$id' AND kind = 'download' AND failures = 0"), 1, 'no failure is counted');
$leap->end_worker($worker, 'TERM');

# --- private addresses
$leap->worker(@options);
my ($port) = $hidden_web =~ /:(\d+)/;
my @private = map { "http://$_/small.mp4" } $hidden_web, "localhost:$port", "0.0.0.0:$port", "2130706433:$port", "0x7f.1:$port",
	"[::1]:$port", "[::ffff:127.0.0.1]:$port", '169.254.169.254', '10.0.0.1', '192.168.1.1', '100.64.0.1';
my @private_ids = map { start(url($_)) } @private;
for my $address (@private)
{
	my $got = detail(shift @private_ids);

	is("$got->{status} " . ($got->{error}{code} // ''), 'FAILED address_refused', "$address is refused");
	like($got->{error}{hint} // '', qr/allow-private-addresses/, 'and the hint names the option') if $address =~ /^\Q$hidden_web/;
}
is_deeply([ $hidden_requests->('') ], [], 'no request was sent there');

is_deeply([ $leap->stray_files ], [], 'no file is left that nobody names');

for my $server (@servers)
{
	close $server->[2];
	waitpid $server->[0], 0;
}
done_testing();
