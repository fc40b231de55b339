# tests/tap/long/940_media_memory.pl
#     How much memory leap-media has of its own for long and for large recordings, while it looks
#     at them and while it cuts them. What it shares with others, the code of its libraries, is
#     told beside.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::RealBin/../lib";
use HostileMedia qw(box insert_into read_bytes write_bytes);
use JSON::PP;
use MediaProgram qw(media_program run_ffmpeg run_media);
use Test::More;
use Time::HiRes qw(sleep);

my $folder = tempdir('leap-memory-XXXXXX', TMPDIR => 1, CLEANUP => 1);

# Runs the program and looks at it every few milliseconds: (status, result, own memory at most,
# shared memory at most), in MB.
sub measure
{
	my ($command, $files, @options) = @_;
	my ($own, $shared) = (0, 0);

	pipe my $in, my $out or die $!;
	my $watched = fork // die $!;
	if ($watched == 0)
	{
		close $in;
		my ($status, $got) = run_media($command, $files, @options);
		print $out encode_json([$status, $got]);
		close $out;
		exec 'true' or die $!;
	}
	close $out;
	my $ready = '';
	vec($ready, fileno $in, 1) = 1;
	until (select my $readable = $ready, undef, undef, 0.005)
	{
		my ($media) = glob_children($watched) or next;
		open my $status, '<', "/proc/$media/status" or next;
		my %is = map { /^(\w+):\s+(\d+) kB/ ? ($1, $2) : () } <$status>;
		my $now = (($is{RssAnon} // 0) + ($is{RssShmem} // 0)) / 1024;
		$own = $now if $now > $own;
		$shared = $is{RssFile} / 1024 if ($is{RssFile} // 0) / 1024 > $shared;
	}
	my $answer = decode_json(join '', <$in>);
	waitpid $watched, 0;
	return (@$answer, $own, $shared);
}

sub glob_children
{
	my ($pid) = @_;
	open my $in, '<', "/proc/$pid/task/$pid/children" or return;
	return split ' ', <$in> // '';
}

sub is_within
{
	my ($what, $most, $command, $files, @options) = @_;
	my ($status, $got, $own, $shared) = measure($command, $files, @options);

	is($status, 0, "$what: done") or diag(explain($got));
	cmp_ok($own, '>', 1, "$what: measured");
	cmp_ok($own, '<=', $most, sprintf '%s: %.0f MB of its own (and %.0f MB of libraries)', $what, $own, $shared);
	return $got;
}

# Minutes of picture and sound, repeated without being encoded again.
run_ffmpeg(qw(-f lavfi -i testsrc2=s=640x360:r=25 -t 60 -pix_fmt yuv420p -c:v libx264 -preset ultrafast -b:v 150k -g 250), "$folder/picture.mp4");
run_ffmpeg('-f', 'lavfi', '-i', "aevalsrc='0.3*sin(2000*t)*lt(mod(t,0.23),0.15)*lt(mod(t,30),26)':s=48000", qw(-t 60 -ac 2 -c:a aac -b:a 64k), "$folder/sound.m4a");

# libav's list of samples takes 24 bytes for each that is read; ours of those written 4 to 20
for my $row ([2, 64], [10, 150])
{
	my ($hours, $most) = @$row;
	my $file = "$folder/long.mp4";
	my $times = $hours * 60 - 1;

	run_ffmpeg('-stream_loop', $times, '-i', "$folder/picture.mp4", '-stream_loop', $times, '-i', "$folder/sound.m4a",
		qw(-map 0:v -map 1:a -c copy -t), $hours * 3600, $file);
	my $got = is_within("$hours hours, analyse", $most, 'analyse',
		{ input => $file, map { $_ => "$folder/out.$_" } qw(envelope audio poster) }, threads => 2);
	is($got->{verdict}, 'ok', "$hours hours: nothing is wrong");
	cmp_ok(abs($got->{duration} - $hours * 3600), '<', 1, "$hours hours: they are that long");
	$got = is_within("$hours hours, cut", $most, 'cut', { input => $file, output => "$folder/out.mp4" }, keep => '60-' . ($hours * 3600 - 60));
	cmp_ok($got->{duration}, '>', $hours * 3600 - 140, "$hours hours: they are cut");
	unlink $file, "$folder/out.mp4";
}

# Spans that begin between key frames: a decoder and an encoder are there as well.
{
	my $file = "$folder/two.mp4";

	run_ffmpeg(qw(-f lavfi -i testsrc2=s=1280x720:r=25 -t 60 -pix_fmt yuv420p -c:v libx264 -preset veryfast -b:v 350k -g 250 -bf 3), "$folder/large.mp4");
	run_ffmpeg(qw(-stream_loop 119 -i), "$folder/large.mp4", qw(-stream_loop 119 -i), "$folder/sound.m4a", qw(-map 0:v -map 1:a -c copy -t 7200), $file);
	my $got = is_within('2 hours of 720 lines, exact', 64, 'cut', { input => $file, output => "$folder/out.mp4" },
		keep => '3-2000,2003-4000,4003-7195', mode => 'exact', threads => 2);
	is("$got->{mode} " . @{ $got->{cuts} }, 'exact 3', 'as asked');
	for my $row ([1, '3-63'], [2, '0-7200'])
	{
		my ($threads, $keep) = @$row;

		$got = is_within("2 hours of 720 lines, $keep encoded anew by $threads", 64, 'cut', { input => $file, output => "$folder/out.mp4" },
			keep => $keep, mode => 'reencode', threads => $threads);
		is($got->{mode}, 'reencode', 'as asked');
	}
	cmp_ok(abs($got->{duration} - 7200), '<', 1, 'all of it');
	unlink $file, "$folder/large.mp4", "$folder/out.mp4";
}

# More than 4 GiB, of which most is a hole: a box of nothing before the samples, whose places
# then need 64 bits.
sub far_away
{
	my ($stbl, $by) = @_;
	my $at = index($stbl, 'stco') - 4;
	my ($size, undef, undef, $count) = unpack 'N a4 N N', substr $stbl, $at, 16;
	my @places = unpack 'N*', substr $stbl, $at + 16, 4 * $count;

	return substr($stbl, 0, $at) . box('co64', pack('N N', 0, $count) . pack 'Q>*', map { $_ + $by } @places) . substr $stbl, $at + $size;
}

{
	my $hole = 5 << 30;
	my $file = "$folder/large.mp4";
	run_ffmpeg('-i', "$folder/picture.mp4", qw(-map 0:v -c copy -t 60), "$folder/small.mp4");
	my $small = insert_into(read_bytes("$folder/small.mp4"), 'moov trak mdia minf stbl', sub { far_away($_[0], $hole) });
	my $head = unpack 'N', $small;
	write_bytes($file, substr($small, 0, $head), pack 'N a4 Q>', 1, 'free', $hole);
	open my $out, '+<:raw', $file or die $!;
	seek $out, $head + $hole, 0;
	print $out substr $small, $head;
	close $out or die $!;

	my $got = is_within('more than 4 GiB, analyse', 64, 'analyse', { input => $file, poster => "$folder/out.jpg" });
	is($got->{verdict}, 'ok', 'more than 4 GiB: nothing is wrong') or diag(explain($got));
	is($got->{bytes}, -s $file, 'more than 4 GiB: its size is told');
	$got = is_within('more than 4 GiB, cut', 64, 'cut', { input => $file, output => "$folder/out.mp4" }, keep => '20-50');
	cmp_ok($got->{duration}, '>', 25, 'more than 4 GiB: what lies behind the hole is cut');
	cmp_ok(-s "$folder/out.mp4", '<', 64 << 20, 'more than 4 GiB: and nothing else');
}

done_testing();
