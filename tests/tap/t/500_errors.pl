# tests/tap/t/500_errors.pl
#     What goes wrong is said clearly: each bad input has a code, a message that names it and a
#     hint, the recording shows it, and nothing half-written is left behind.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use IPC::Open2;
use JSON::PP;
use LeapNode;
use Test::More;

my $root = abs_path(dirname(__FILE__) . '/../../..');
my $leap = LeapNode->new('errors', settings => "leap.default_max_recordings_per_month = 40\n");
my $files = "$leap->{base}/made";
mkdir $files;

sub ffmpeg
{
	my ($name, @arguments) = @_;
	system('ffmpeg', '-v', 'error', '-y', @arguments, "$files/$name") == 0 or die "ffmpeg: $name\n";
	return "$files/$name";
}

sub spew
{
	my ($name, $bytes) = @_;
	open my $out, '>:raw', "$files/$name" or die "$files/$name: $!\n";
	print $out $bytes;
	close $out;
	return "$files/$name";
}

my @picture = qw(-f lavfi -i testsrc2=size=320x180:rate=25:duration=8);
my @video = qw(-c:v libx264 -pix_fmt yuv420p -g 25);
my $whole = ffmpeg('whole.mp4', @picture, '-f', 'lavfi', '-i', 'sine=f=300:d=8', @video, qw(-c:a aac -movflags +faststart));
my $no_audio = ffmpeg('no-audio.mp4', @picture, @video);
my $silent = ffmpeg('silent.mp4', @picture, '-f', 'lavfi', '-i', 'anullsrc=r=48000:d=8', @video, qw(-c:a aac));
my $bytes = do { local (@ARGV, $/) = ($whole); binmode STDIN; <> };
my $truncated = spew('truncated.mp4', substr $bytes, 0, int(length($bytes) * 0.6));
my $page = spew('page.mp4', "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>" . 'x' x 2000 . "</body></html>\n");
my $noise = spew('noise.mp4', join '', map { chr(($_ * 7919) % 251) } 1 .. 5000);

my $web = open2(my $from_web, my $to_web, "$root/tests/fake/web", $files);
my ($port) = <$from_web> =~ /(\d+)/;

$leap->worker(slots => 2, 'allow-private-addresses' => 'true');

# runs one source to its end (or hold) and returns the recording's detail
sub detail_of
{
	my ($name, $source) = @_;
	my $id = $leap->sql("SELECT leap.add_recording(NULL, '" . encode_json($source) . "', '$name')");

	$leap->sql("SELECT leap.run_recording('$id')");
	$leap->wait_for("SELECT u.state <> 'active' OR r.hold IS NOT NULL OR r.next_attempt_at IS NOT NULL
		FROM leap.runs u JOIN leap.recordings r ON r.id = u.recording_id WHERE r.id = '$id'", 't');
	return decode_json($leap->sql("SELECT leap.recording_detail('$id')"));
}

sub imported
{
	my ($path) = @_;
	my $name = $path =~ s{.*/}{}r;
	system('cp', $path, "$leap->{inbox}/$name") == 0 or die "cp: $path\n";
	return { type => 'file', path => "$leap->{inbox}/$name" };
}

sub fails_with
{
	my ($what, $source, $stage, $code, $message) = @_;
	my $seen = detail_of($what, $source);

	subtest $what => sub {
		is($seen->{status}, 'FAILED', 'the recording is FAILED');
		is($seen->{failed_at_stage}, $stage, 'at the stage where it happened');
		is($seen->{error}{code}, $code, 'with a code of its own');
		like($seen->{error}{message}, $message, 'a message that names it');
		like($seen->{error}{hint} // '', qr/\w.{10,}\./, 'and a hint');
		is_deeply($seen->{artifacts}, [], 'nothing is kept of it');
		diag(encode_json($seen->{error})) if !Test::More->builder->is_passing;
	};
}

fails_with('a missing file', { type => 'file', path => "$leap->{inbox}/nowhere.mp4" }, 'download', 'file_not_found', qr/nowhere\.mp4/);
fails_with('a page instead of a video', imported($page), 'download', 'not_media', qr/web page/);
fails_with('a page behind a URL', { type => 'url', url => "http://127.0.0.1:$port/page.mp4?type=text/html" },
	'download', 'html_instead_of_media', qr/HTML|page/i);
fails_with('no media at all', imported($noise), 'download', 'not_media', qr/\S/);
fails_with('a truncated file', imported($truncated), 'download', 'truncated', qr/\S/);
fails_with('a URL that is gone', { type => 'url', url => "http://127.0.0.1:$port/nowhere.mp4" }, 'download', 'source_missing', qr/404/);

my $unreachable = detail_of('a server that does not answer', { type => 'url', url => 'http://127.0.0.1:1/a.mp4' });
subtest 'a server that does not answer' => sub {
	is($unreachable->{status}, 'INITIALIZED', 'the recording waits where it was');
	ok($unreachable->{failed} && $unreachable->{next_attempt_at}, 'for the next try');
	is($unreachable->{error}{class}, 'transient', 'it may come back');
	like($unreachable->{error}{message}, qr/127\.0\.0\.1/, 'the message names the server');
	# it would be tried again some time, perhaps while the end of this test looks for files
	$leap->sql("SELECT leap.cancel_recording('$unreachable->{id}')");
};

my $mute = detail_of('no audio', imported($no_audio));
subtest 'no audio' => sub {
	is($mute->{status}, 'UPLOADED', 'the video is published');
	is($mute->{flags}[0]{code}, 'no_audio', 'the recording says so');
	is_deeply([ map { "$_->{kind}: $_->{skip_reason}" } grep { $_->{state} eq 'skipped' } @{ $mute->{tasks} } ],
		[ map { "$_: the recording has no audio track" } qw(transcribe topics subtitles) ], 'and why there is no transcript');
};

my $still = detail_of('all silence', imported($silent));
subtest 'all silence' => sub {
	is($still->{hold}{reason}, 'blank', 'it is held');
	like($still->{hold}{message}, qr/No speech/, 'in words');
	is($still->{flags}[0]{code}, 'no_speech', 'flagged');
	is($still->{targets}[0]{status}, 'NOT_UPLOADED', 'and not published');
	$leap->sql("SELECT leap.accept_recording('$still->{id}')");
	is($leap->wait_for_end($still->{id}), 'finished', 'one call lets it go on');
	is($leap->recording($still->{id}, 'status'), 'UPLOADED', 'to the end');
};

# what psql says
sub refused
{
	my ($what, $statement, $message, $hint) = @_;
	my (undef, undef, $error) = $leap->node->psql('leap', $statement);

	like($error, $message, "$what: the message");
	like($error, $hint, "$what: the hint");
}

refused('an illegal move by hand', "UPDATE leap.recordings SET status = 'UPLOADED' WHERE id = '$mute->{id}' OR status = 'FAILED'",
	qr/cannot go from FAILED to UPLOADED/, qr/HINT: .*DOWNLOADING \(retry\)/);
refused('an unknown id', "SELECT leap.run_recording('018f0000-0000-7000-8000-000000000000')", qr/there is no recording/, qr/HINT: .*list of recordings/);
$leap->sql('ALTER DATABASE leap SET leap.default_max_recordings_per_month = 3');
refused('a quota', qq(SELECT leap.add_recording(NULL, '{"type": "url", "url": "https://e.org/a.mp4"}')),
	qr/quota recordings_per_month exceeded: the limit is 3 recordings/, qr/HINT: .*counts anew on \d{4}-\d\d-01 at 00:00 UTC/);

is_deeply([ $leap->stray_files ], [], 'no file is left that nobody names');
is($leap->sql('SELECT count(*) FROM leap.task_lease'), 0, 'no lease is left');

close $to_web;
waitpid $web, 0;
done_testing();
