# tests/tap/t/410_download.pl
#     Downloads that meet broken connections, lying servers, redirects and wrong files: what
#     is stored is the whole file or nothing, and the reason is named.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use LeapChild;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $leap = LeapChild->new('download');
my $port = $leap->serve;
my $id = '01990000-0000-7000-8000-00000000abcd';

system('ffmpeg', '-v', 'error', '-y', qw(-f lavfi -i testsrc2=size=640x360:rate=25:duration=12 -f lavfi -i sine=f=300:d=12
	-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 25 -c:a aac -movflags +faststart), "$leap->{served}/a.mp4") == 0 or die "ffmpeg\n";
my $bytes = slurp_file("$leap->{served}/a.mp4");
my $size = length $bytes;
my $half = int($size / 2);
cmp_ok($size, '>', 300_000, "a recording of $size bytes");

sub url { return "http://127.0.0.1:$port/a.mp4" . ($_[0] ? "?$_[0]" : ''); }

sub input
{
	my ($source, %more) = @_;
	return { recording => { id => $id, lane => 7, name => 'x', source => $source },
		import_roots => [ $leap->{inbox} ], config => {}, artifacts => {}, %more };
}

sub download
{
	my ($query, %options) = @_;
	return $leap->run(download => input({ type => 'url', url => url($query) }, %{ $options{input} // {} }), %options);
}

sub forget { unlink map { "$leap->{storage}/$_" } $leap->stored; }

sub is_whole
{
	my ($end, $what) = @_;
	my $source = LeapChild::artifacts($end)->{source};
	my $stored = $source && -e "$leap->{storage}/$source->{uri}" ? slurp_file("$leap->{storage}/$source->{uri}") : '';

	ok($stored eq $bytes && ($source->{sha256} // '') eq sha256_hex($bytes), "$what: the whole file, and its hash")
	  or diag(explain($end->{failed}));
	is($end->{status}, 0, "$what: ended well");
	is(scalar(my @stored = $leap->stored), scalar(@{ $end->{done}{artifacts} // [] }), "$what: nothing else is stored");
	forget();
}

sub fails
{
	my ($end, $class, $code, $what) = @_;
	is_deeply([ @{ $end->{failed} // {} }{qw(class code)} ], [ $class, $code ], "$what: $class, $code")
	  or diag(explain($end->{failed}));
	is_deeply([ $leap->stored ], [], "$what: nothing is left");
	forget();
	return $end;
}

# whole downloads
my $plain = download('');
my $artifacts = LeapChild::artifacts($plain);
is_deeply([ sort keys %$artifacts ], [qw(analysis audio envelope miniature poster source waveform)], 'source, analysis, envelope, waveform, sound and pictures');
is($artifacts->{source}{media_type}, 'video/mp4', 'the type is what the analysis says');
like($artifacts->{source}{uri}, qr{^users/000007/$id/source-[0-9a-f]{16}\.mp4$}, 'a final, unique name');
is(($plain->{done}{facts}{verdict}), 'ok', 'facts are stated');
is_deeply([ $plain->{done}{facts}{transfer}{bytes}, $plain->{done}{facts}{transfer}{seconds} >= 0 ], [ $size, 1 ], 'what came, and in what time');
is_whole($plain, 'a plain download');

# broken connections
$leap->requests;
is_whole(download("cut=$half&times=1"), 'a connection that breaks once');
my @asked = $leap->requests;
is(scalar @asked, 2, 'two requests');
is($asked[1]{headers}{range}, "bytes=$half-", 'the second for the rest');
like($asked[1]{headers}{'if-range'} // '', qr/^".+"$/, 'if it is still the same file');
is_whole(download("cut=" . int($size / 5) . "&times=3"), 'a connection that breaks again and again, always a little later');

$leap->requests;
is_whole(download("cut=$half&times=1&etag=none"), 'no validator');
(undef, my $second) = $leap->requests;
is($second->{headers}{range}, 'bytes=' . ($half - 65536) . '-', 'an overlap is asked for, and compared');
ok(!exists $second->{headers}{'if-range'}, 'there is nothing to name');
is_whole(download("cut=$half&times=1&etag=weak"), 'a weak validator');
is_whole(download("cut=$half&times=1&range=off"), 'a server that ignores Range');
is_whole(download("cut=$half&times=1&range=bad"), 'a server that answers with another part than asked for');
is_whole(download("cut=$half&times=1&reset=1"), 'a connection that is reset');

# a file that changes: never a mixture
for my $etag ('strong', 'none')
{
	my $end = download("cut=$half&times=1&change=1&etag=$etag");
	my $mixed = scalar reverse $bytes;
	is(($end->{failed} // {})->{code}, 'not_media', "a file that changed ($etag validator): the new one, whole, is judged")
	  or diag(explain($end));
	forget();
}

# the next attempt goes on where the last one ended
my $broken = download('cut=1000');
is($broken->{failed}{class}, 'transient', 'a server that breaks every time: transient, after some tries');
my $checkpoint = $broken->{checkpoints}[-1];
is($checkpoint->{offset}, 5000, 'the checkpoint says how far it came');
is_deeply([ $leap->stored ], [ $checkpoint->{uri} ], 'the file waits for the next attempt');
$leap->requests;
$checkpoint->{url} = url('');
my $resumed = download('', attempt => 2, input => { checkpoint => $checkpoint });
is(($leap->requests)[0]{headers}{range}, 'bytes=5000-', 'which asks for the rest only');
isnt(LeapChild::artifacts($resumed)->{source}{uri}, $checkpoint->{uri}, 'into a file of its own');
is_whole($resumed, 'the next attempt');
$leap->requests;
is_whole(download('', input => { checkpoint => { %$checkpoint, url => url('other') } }), 'a checkpoint of another URL');
ok(!exists(($leap->requests)[0]{headers}{range}), 'is not used');

# a complete download whose analysis died is not fetched again
{
	local $leap->{media_program} = '/bin/false';
	my $died = download('');
	is($died->{failed}{code}, 'media_died', 'an analysis that died');
	$leap->requests;
	$leap->{media_program} = LeapChild->media_program;
	is_whole(download('', input => { checkpoint => $died->{checkpoints}[-1] }), 'the attempt after it');
	is(($leap->requests)[0]{headers}{range}, "bytes=$size-", 'nothing is missing');
}

# a child that is killed leaves its file to the sweep
my $killed = download('pace=1000000', on_line => sub {
	my ($line, $pid) = @_;
	kill 'KILL', $pid if exists $line->{progress} && $line->{progress} > 0.1;
});
ok(!$killed->{done} && !$killed->{failed}, 'an attempt that is killed says nothing');
forget();

# wrong answers
fails(download('status=404'), 'input', 'source_missing', '404');
fails(download('status=410'), 'input', 'source_missing', '410');
fails(download('status=403'), 'permanent', 'access_denied', '403');
fails(download('status=500'), 'transient', 'server_error', '500');
is(fails(download('status=429&retry=33'), 'rate_limited', 'rate_limited', '429')->{failed}{retry_after}, 33, 'and when to come back');
fails(download('type=text/html'), 'input', 'html_instead_of_media', 'a page by its type');
append_to_file("$leap->{served}/page.mp4", "\n<!DOCTYPE html><html>" . 'x' x 9000);
fails($leap->run(download => input({ type => 'url', url => "http://127.0.0.1:$port/page.mp4" })),
	'input', 'html_instead_of_media', 'a page by its content');
is_whole(download("claim=$half"), 'a length that is too small');
fails(download('claim=70000000000'), 'input', 'too_large', 'a file beyond the limit');

# redirects and addresses
sub to { return 'to=' . ($_[0] =~ s/([^A-Za-z0-9])/sprintf '%%%02x', ord $1/ger); }
is_whole(download(to(url(''))), 'a redirect');
is_whole(download(to('/a.mp4')), 'a relative redirect');
fails(download(to('file:///etc/passwd')), 'permanent', 'bad_url', 'a redirect to a file');
fails(download('', allow_private => 0), 'permanent', 'address_refused', 'a private address');
for my $host ('localhost', '[::ffff:127.0.0.1]', '0.0.0.0', '2130706433', '0x7f.1')
{
	fails($leap->run(download => input({ type => 'url', url => "http://$host:$port/a.mp4" }), allow_private => 0),
		'permanent', 'address_refused', "the same as $host");
}
is(scalar(grep { !exists $_->{headers}{range} && $_->{path} eq '/a.mp4' && $_->{query} eq '' } $leap->requests), 2,
	'the server was asked by the two redirects only');

# credentials do not leak
my $refused = fails($leap->run(download => input({ type => 'url', url => "http://me:secret\@127.0.0.1:$port/a.mp4?user=you&token=secret" })),
	'permanent', 'access_denied', 'wrong credentials');
unlike($refused->{failed}{message}, qr/secret/, 'secrets are not told');
is_whole($leap->run(download => input({ type => 'url', url => "http://me:secret\@127.0.0.1:$port/a.mp4?user=me" })), 'right credentials');

# cancel
my $began;
my $stopped = download('pace=300000', on_line => sub {
	my ($line, $pid) = @_;
	return if $began || !exists $line->{progress} || $line->{progress} < 0.05;
	$began = time;
	kill 'TERM', $pid;
});
is($stopped->{failed}{class}, 'lost', 'a cancelled download stops');
cmp_ok(time - $began, '<', 10, 'soon, on a busy machine too');
forget();

# files of this machine
system('cp', "$leap->{served}/a.mp4", "$leap->{inbox}/a.mp4");
is_whole($leap->run(download => input({ type => 'file', path => "$leap->{inbox}/a.mp4" })), 'a file of the inbox');
ok(-e "$leap->{inbox}/a.mp4", 'it stays where it was');
symlink '/etc/passwd', "$leap->{inbox}/link.mp4";
symlink '/etc', "$leap->{inbox}/etc";
my $file = sub { $leap->run(download => input({ type => 'file', path => $_[0] })) };
fails($file->("$leap->{inbox}/link.mp4"), 'permanent', 'outside_import_roots', 'a link');
fails($file->("$leap->{inbox}/etc/passwd"), 'permanent', 'outside_import_roots', 'a way through a link');
fails($file->("$leap->{inbox}/../storage"), 'permanent', 'outside_import_roots', 'a way up');
fails($file->('/etc/passwd'), 'permanent', 'outside_import_roots', 'another folder');
fails($file->("$leap->{inbox}x/a.mp4"), 'permanent', 'outside_import_roots', 'a folder of a similar name');
fails($file->("$leap->{inbox}/none.mp4"), 'input', 'file_not_found', 'no file');
mkdir "$leap->{inbox}/folder.mp4";
fails($file->("$leap->{inbox}/folder.mp4"), 'input', 'not_a_file', 'a folder');
require POSIX;
POSIX::mkfifo("$leap->{inbox}/pipe.mp4", 0600);
fails($file->("$leap->{inbox}/pipe.mp4"), 'input', 'not_a_file', 'a pipe, without waiting for a writer');

done_testing();
