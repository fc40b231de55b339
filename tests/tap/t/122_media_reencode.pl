# tests/tap/t/122_media_reencode.pl
#     leap-media cut --mode reencode: whatever libav decodes becomes H.264 and AAC, cut to the
#     picture and the sample, in the size and at the rate that were asked for.
use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::RealBin/../lib";
use MediaCheck qw(make_clip probe beat_errors is_playable written);
use MediaProgram qw(run_media run_ffmpeg);
use Test::More;

my $folder = tempdir('leap-reencode-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my @x264 = (qw(-c:v libx264 -preset ultrafast -pix_fmt yuv420p));
my @asked = ([0.52, 4.48], [6.52, 9.2], [11, 14.4], [14.52, 15.48]);
my $keep = join ',', map {"$_->[0]-$_->[1]"} @asked;

make_clip("$folder/source.mkv", 18);

sub cut
{
	my ($input, $output, @options) = @_;
	return run_media('cut', { input => "$folder/$input", output => "$folder/$output" },
		mode => 'reencode', @options);
}

sub stream
{
	my ($file, $type) = @_;
	my ($found) = grep { $_->{codec_type} eq $type } @{ probe("$folder/$file")->{streams} };
	return $found;
}

# name, and how the clip is made
for my $row (
	['h264.mp4', @x264, qw(-g 250 -bf 3 -c:a aac)],
	['hevc.mp4', qw(-c:v libx265 -preset ultrafast -x265-params log-level=none:open-gop=1 -c:a aac -ar 44100)],
	['vp9.webm', qw(-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 125 -c:a libopus)],
	['mpeg4.avi', qw(-c:v mpeg4 -q:v 4 -bf 2 -c:a libmp3lame -ar 32000 -ac 1)],
	['field.ts', @x264, qw(-vf pad=160:96 -flags +ilme+ildct -x264-params tff=1 -c:a mp2 -ar 48000)],
	['low16.mp4', @x264, qw(-g 125 -c:a aac -ar 16000)],
	['six.mkv', @x264, qw(-pix_fmt yuv444p -profile:v high444 -c:a flac -ac 6)])
{
	my ($name, @how) = @$row;
	my $output = $name =~ s/\.\w+$/.cut.mp4/r;

	run_ffmpeg('-i', "$folder/source.mkv", @how, "$folder/$name");
	my $before = written();
	my ($status, $got) = cut($name, $output, keep => $keep);
	my $wrote = (written() // 0) - ($before // 0);

	is("$status $got->{mode} $got->{container}", '0 reencode mp4', $name) or diag(explain($got)), next;
	is_playable("$folder/$output", $name);
	is(stream($output, 'video')->{pix_fmt}, 'yuv420p', "$name: 8-bit 4:2:0");
	is(stream($output, 'audio')->{codec_name}, 'aac', "$name: sound is AAC");
	my @usual = sort { $a <=> $b } beat_errors("$folder/$name");
	my @apart = map { $_ - $usual[@usual / 2] } beat_errors("$folder/$output",
		$got->{duration}, map { $_->{at} } @{ $got->{cuts} });
	my ($worst) = sort { abs $b <=> abs $a } @apart;
	cmp_ok(scalar @apart, '>=', 9, "$name: beats are found");
	cmp_ok(abs $worst, '<=', 25, "$name: together within 25 ms at every beat ($worst)");
	for my $i (0 .. $#asked)
	{
		my $cut = $got->{cuts}[$i];
		ok(abs($cut->{start} - $asked[$i][0]) < 0.045 && abs($cut->{end} - $asked[$i][1]) < 0.045,
			"$name: $cut->{start} to $cut->{end}, to the picture");
	}
	for my $type ('video', 'audio')
	{
		ok(abs(stream($output, $type)->{duration} - $got->{duration}) < 0.045, "$name: so long is its $type");
	}
	cmp_ok($wrote, '<=', 1.15 * $got->{bytes} + 2000, "$name: written once") if defined $before;
}

# Size, rate, quality.
{
	run_ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=25', '-t', 4, @x264,
		qw(-vf setsar=4/3), "$folder/upright.mp4");
	run_ffmpeg('-i', "$folder/upright.mp4", qw(-c copy -metadata:s:v rotate=90), "$folder/large.mp4");
	my ($status, $got) = cut('large.mp4', 'small.mp4', keep => '0-4', 'max-height' => 144);
	my $small = stream('small.mp4', 'video');
	is("$small->{width}x$small->{height}", '256x144', 'scaled to a height');
	is($small->{sample_aspect_ratio}, '4:3', 'the shape of its pixels stays');
	is($small->{side_data_list}[0]{rotation}, 90, 'and how it is turned');
	is_playable("$folder/small.mp4", 'scaled');
	my $usual = (cut('large.mp4', 'usual.mp4', keep => '0-4'))[1]{bytes};
	my $coarse = (cut('large.mp4', 'coarse.mp4', keep => '0-4', crf => 40))[1]{bytes};
	my $narrow = (cut('large.mp4', 'narrow.mp4', keep => '0-4', 'max-bitrate' => 100000))[1]{bytes};
	cmp_ok($coarse, '<', $usual / 2, "coarser: $coarse of $usual bytes");
	cmp_ok($narrow, '<', 2 * 4 * 100000 / 8 + 30000, "not more than a rate: $narrow bytes");
	is((cut('large.mp4', 'none.mp4', keep => '9-10'))[1]{error}{code}, 'bad_range', 'nothing to keep');
}

# Pictures alone, sound alone, pictures that stand for long, and sound that goes on without.
{
	run_ffmpeg('-i', "$folder/h264.mp4", qw(-an -c copy), "$folder/mute.mp4");
	run_ffmpeg('-i', "$folder/h264.mp4", qw(-vn -c copy), "$folder/sound.m4a");
	run_ffmpeg('-i', "$folder/h264.mp4", '-vf', "select='not(mod(n,75))'", qw(-fps_mode vfr), @x264,
		qw(-c:a copy), "$folder/slides.mp4");
	run_ffmpeg(qw(-t 3 -i), "$folder/h264.mp4", '-i', "$folder/h264.mp4",
		qw(-map 0:v -map 1:a -c copy), "$folder/short.mp4");
	for my $name ('mute.mp4', 'sound.m4a', 'slides.mp4', 'short.mp4')
	{
		my ($status, $got) = cut($name, 'out.mp4', keep => '1.2-2.2,4-10');
		is($status, 0, $name) or diag(explain($got));
		ok(abs($got->{duration} - 7) < 0.13, "$name: $got->{duration} s") if $name ne 'short.mp4';
		is_playable("$folder/out.mp4", $name);
	}
}

# Sound alone gets a picture of its loudness.
{
	my $why = 'MP4 does not take the sound as it is';
	run_ffmpeg('-i', "$folder/six.mkv", qw(-vn -c copy), "$folder/sound.mka");
	run_ffmpeg('-i', "$folder/sound.m4a", qw(-c:a pcm_s16le), "$folder/sound.wav");
	for my $row (['sound.m4a', 'copy', undef], ['sound.mka', 'reencode', $why], ['sound.wav', 'reencode', $why])
	{
		my ($name, $mode, $fallback) = @$row;
		run_media('analyse', { input => "$folder/$name", envelope => "$folder/envelope" });
		my ($status, $got) = run_media('cut',
			{ input => "$folder/$name", output => "$folder/still.mp4", still => "$folder/envelope" },
			keep => '1-9,10-15.5');
		is("$status $got->{mode}", "0 $mode", "$name: with a picture") or diag(explain($got)), next;
		is($got->{fallback}, $fallback, "$name: how");
		is_playable("$folder/still.mp4", $name);
		my $video = stream('still.mp4', 'video');
		is("$video->{codec_name} $video->{width}x$video->{height} $video->{nb_frames}", 'h264 1280x720 14',
			"$name: a picture a second");
		ok(abs(stream('still.mp4', 'audio')->{duration} - 13.5) < 0.05, "$name: all of the sound");
		my $bars = run_ffmpeg('-i', "$folder/still.mp4", qw(-frames:v 1 -vf), 'signalstats,metadata=print', qw(-f null -));
		my ($high) = $bars =~ /YMAX=(\d+)/;
		cmp_ok($high, '>', 140, "$name: loudness is drawn");
	}
}

done_testing();
