# tests/tap/t/122_media_reencode.pl
#     leap-media cut --mode reencode: whatever libav decodes becomes H.264 and AAC, cut to the
#     picture and the sample, in the size and at the rate that were asked for.
use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::RealBin/../lib";
use MediaCheck qw(make_clip probe beats beat_errors is_playable pictures written);
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

# The mean of a few bars as red, green and blue.
sub colours
{
	my ($file) = @_;
	my $out = "$folder/colours.rgb";
	run_ffmpeg('-i', $file, qw(-frames:v 1 -vf), 'format=rgb24,crop=iw:16:0:40,scale=20:1:flags=area', qw(-f rawvideo), $out);
	open my $in, '<:raw', $out or die "$out: $!";
	local $/ = undef;
	return [unpack 'C*', <$in>];
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
	# the clock of the stream starts anew within: what lies before that is before 0
	['again.ts', @x264, qw(-g 125 -bf 2 -c:a aac -muxdelay 0 -output_ts_offset 95436)],
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

# Where some pictures stand for longer, programs that count in steps of the rate drop none.
{
	run_ffmpeg('-i', "$folder/source.mkv", '-vf', "select='if(lt(mod(t,8),4),1,not(mod(n,5)))'",
		qw(-fps_mode vfr), @x264, qw(-g 50 -bf 2 -c:a aac), "$folder/variable.mp4");
	for my $mode ('exact', 'reencode')
	{
		my ($status) = run_media('cut', { input => "$folder/variable.mp4", output => "$folder/steps.mp4" },
			keep => '0.52-9.2,11-17', mode => $mode);
		is($status, 0, "a variable rate, $mode");
		is(run_ffmpeg(qw(-loglevel warning -i), "$folder/steps.mp4", qw(-f null -)), '', "a variable rate, $mode: in steps");
	}
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
	cut('large.mp4', 'odd.mp4', keep => '0-1', 'max-height' => 145);
	is(stream('odd.mp4', 'video')->{height}, 144, 'never higher than asked for');
	for my $row (['nothing is lost', 'large.mp4'], ['nor by a rate', 'large.mp4', 'max-bitrate' => 100000])
	{
		my ($name, $input, @more) = @$row;
		is((cut($input, 'same.mp4', keep => '0-4', crf => 0, @more))[0], 0, "crf 0: $name");
		my @before = map { $_->[1] } pictures("$folder/$input");
		my @after = map { $_->[1] } pictures("$folder/same.mp4");
		is("@after", "@before", "crf 0: $name of " . @before . ' pictures');
	}
}

# Numbers of all, of the usual part, and of red, green and blue: they look as they did.
for my $row (
	['full.mp4', 'pc', qw(-c:v libx264 -pix_fmt yuvj420p)],
	['usual.mp4', 'tv', qw(-c:v libx264 -pix_fmt yuv420p -color_range tv)],
	['marked.mkv', 'pc', qw(-c:v ffv1 -pix_fmt yuv422p -color_range pc)],
	['colours.mp4', 'tv', qw(-c:v libx264rgb)])
{
	my ($name, $range, @how) = @$row;
	run_ffmpeg('-f', 'lavfi', '-i', 'smptehdbars=s=320x240:r=25', '-t', 2, @how, '-preset', 'ultrafast', "$folder/$name")
		if $name !~ /mkv/;
	run_ffmpeg('-f', 'lavfi', '-i', 'smptehdbars=s=320x240:r=25', '-t', 2, @how, "$folder/$name") if $name =~ /mkv/;
	is((cut($name, 'range.mp4', keep => '0-2'))[0], 0, "$name is encoded");
	my ($before, $after) = map { colours("$folder/$_") } $name, 'range.mp4';
	my ($apart) = sort { $b <=> $a } map { abs($before->[$_] - $after->[$_]) } 0 .. $#$before;
	cmp_ok($apart, '<=', 4, "$name: looks the same (@$before and @$after)");
	like(stream('range.mp4', 'video')->{color_range} // 'tv', qr/^$range/, "$name: says so");
}

# A transport stream is entered between key frames; from wherever, no picture is missed.
{
	run_ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25', '-f', 'lavfi', '-i', 'sine', '-t', 40,
		@x264, qw(-g 250 -b:v 200k -c:a aac), "$folder/long.ts");
	for my $keep (8, 18, 29.5)
	{
		my ($status, $got) = cut('long.ts', 'long.mp4', keep => "$keep-" . ($keep + 3));
		is($status, 0, "a stream from $keep s on") or diag(explain($got)), next;
		cmp_ok(abs($got->{start} - $keep), '<', 0.045, "it begins with $got->{start}");
		cmp_ok(abs($got->{duration} - 3), '<', 0.045, "and takes $got->{duration} s");
	}
}

# Where a packet cannot be read the next ones still are.
{
	run_ffmpeg(qw(-f lavfi -i sine=d=40 -c:a libopus -b:a 128k), "$folder/hole.ogg");
	open my $hole, '+<:raw', "$folder/hole.ogg" or die $!;
	seek $hole, (-s $hole) / 2, 0;
	print $hole "\xff" x 8192;
	close $hole or die $!;
	my ($status, $got) = cut('hole.ogg', 'hole.mp4', keep => '1-39');
	is($status, 0, 'a hole in a file') or diag(explain($got));
	cmp_ok(abs($got->{duration} - 38), '<', 0.1, "it is read to its end: $got->{duration} s");
	is_playable("$folder/hole.mp4", 'a hole in a file');
}

# Two fields stay two fields, unless they are scaled.
{
	for my $row (['tt'], ['progressive', 'max-height' => 48])
	{
		my ($order, @more) = @$row;
		cut('field.ts', 'field.mp4', keep => '1-3', @more);
		is(stream('field.mp4', 'video')->{field_order}, $order, "fields: $order");
	}
}

# Pictures that begin late: the first one stands before, and all of the sound is kept.
{
	run_ffmpeg(qw(-itsoffset 3 -i), "$folder/h264.mp4", '-i', "$folder/h264.mp4",
		qw(-map 0:v -map 1:a -c copy -shortest), "$folder/late.mp4");
	run_ffmpeg('-i', "$folder/late.mp4", qw(-c copy), "$folder/late.$_") for qw(mkv ts);
	run_ffmpeg(qw(-itsoffset 3 -i), "$folder/hevc.mp4", '-i', "$folder/h264.mp4",
		qw(-map 0:v -map 1:a -c copy -shortest -tag:v hvc1), "$folder/late_hevc.mp4");
	# name, how it is to be cut, and how it can be
	for my $row (
		['late.mp4', 'copy', 'copy'], ['late.mp4', 'exact', 'exact'], ['late.mp4', 'reencode', 'reencode'],
		['late.mkv', 'copy', 'copy'], ['late.mkv', 'exact', 'exact'], ['late.mkv', 'reencode', 'reencode'],
		['late.ts', 'exact', 'copy'], ['late.ts', 'reencode', 'reencode'],
		['late_hevc.mp4', 'exact', 'copy'])
	{
		my ($name, $mode, $done) = @$row;
		for my $keep ('0-6', '0.5-1.5,2-5.4', '0-2')
		{
			my ($status, $got) = cut($name, 'late-cut.mp4', keep => $keep, mode => $mode);
			is("$status $got->{mode}", "0 $done", "$mode $name $keep") or diag(explain($got)), next;
			is_playable("$folder/late-cut.mp4", "$mode $name $keep");
			# a copy that begins with the one key frame twice holds what is between
			my $asked = $keep =~ /,/ ? ($done eq 'copy' ? 4.9 : 4.4) : $keep =~ /6/ ? 6 : 2;
			cmp_ok(abs($got->{duration} - $asked), '<', 0.17, "$mode $name $keep: $got->{duration} s of $asked");
			my (undef, $beeps) = beats("$folder/late-cut.mp4");
			cmp_ok(scalar @$beeps, '>=', int $asked - 1, "$mode $name $keep: the sound before is there (@$beeps)");
		}
	}
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
