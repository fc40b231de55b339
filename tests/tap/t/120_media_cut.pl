# tests/tap/t/120_media_cut.pl
#     leap-media cut: a clip that flashes and beeps at every second is cut in every kind of
#     stream; picture and sound must stay together and the first picture must be there.
use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use POSIX qw(WNOHANG);
use lib "$FindBin::RealBin/../lib";
use MediaCheck qw(beats beat_errors is_playable probe);
use MediaProgram qw(run_media run_ffmpeg);
use Test::More;

my $folder = tempdir('leap-cut-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $start = 12.34;
my $end = 33.21;

my @x264 = (qw(-c:v libx264 -preset ultrafast -pix_fmt yuv420p -sc_threshold 0));
my @aac = qw(-c:a aac -b:a 64k);
my $source = "$folder/source.mkv";

run_ffmpeg(
	'-f', 'lavfi', '-i',
	"color=black:s=160x90:r=25,format=yuv420p,"
		. "geq=lum='if(lt(mod(T,1),0.05),235,16)':cb=128:cr=128",
	'-f', 'lavfi', '-i', "aevalsrc='if(lt(mod(t,1),0.05),0.6*sin(6283*t),0)':s=48000",
	'-t', 40, '-c:v', 'ffv1', '-c:a', 'pcm_s16le', $source);

# name, container of the cut, where its first picture may lie, how it is made
my @clips = (
	['gop10.mp4',    'mp4',  10, @x264, qw(-g 250 -bf 3), @aac],
	['low44.mp4',    'mp4',  10, @x264, qw(-g 250 -bf 2 -ar 44100), @aac],
	['low32.mp4',    'mp4',  10, @x264, qw(-g 125 -bf 0 -ar 32000), @aac],
	['low16.mp4',    'mp4',  10, @x264, qw(-g 125 -bf 2 -ar 16000), @aac],
	['open.mp4',     'mp4',  0,  @x264, qw(-g 125 -bf 3 -x264-params open-gop=1), @aac],
	['deep.mp4',     'mp4',  10, @x264, qw(-g 125 -bf 16 -b_strategy 0), @aac],
	['intra.mp4',    'mp4',  12.3, @x264, qw(-g 1), @aac],
	['endless.mp4',  'mp4',  0,  @x264, qw(-g 9999 -keyint_min 9999 -bf 2), @aac],
	['fragment.mp4', 'mp4',  10, @x264, qw(-g 125 -movflags frag_keyframe+empty_moov), @aac],
	['variable.mp4', 'mp4',  8.2, '-vf',
		"select='if(lt(mod(t,4),2),1,not(mod(n,5)))'", qw(-fps_mode vfr), @x264,
		qw(-g 125 -bf 2), @aac],
	['plain.mkv',    'mp4',  10, @x264, qw(-g 250 -bf 3), @aac],
	['live.mkv',     'mp4',  10, @x264, qw(-g 250 -bf 3), @aac, qw(-f matroska -live 1)],
	['stream.ts',    'mp4',  10, @x264, qw(-g 125 -bf 3), @aac],
	['vp8.webm',     'webm', 10, qw(-c:v libvpx -deadline realtime -cpu-used 8 -g 125 -c:a libopus)],
	['vp9.webm',     'webm', 10,
		qw(-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 125 -c:a libvorbis)],
	['vp9.mp4',      'mp4',  10,
		qw(-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 125), @aac],
	['opus.mkv',     'mp4',  10, @x264, qw(-g 125 -bf 2 -c:a libopus)],
	['hevc.mkv',     'mp4',  10,
		qw(-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=125), @aac],
	['flac.mkv',     'mkv',  10, @x264, qw(-g 125 -bf 2 -c:a flac)],
	['vorbis.mkv',   'mkv',  10, @x264, qw(-g 125 -bf 2 -c:a libvorbis)],
);

# cut in `make check-long` only (tests/tap/long/941): others are like them
my $like_others = qr/^(?:low44|low32|deep|intra|live|vp9\.webm)/;

for my $clip (@clips)
{
	my ($name, $container, $first, @how) = @$clip;

	next if $name =~ $like_others && !$ENV{LEAP_EVERY_CUT};
	run_ffmpeg('-i', $source, @how, "$folder/$name");
	check_cut($name, $container, $first);
}

sub check_cut
{
	my ($name, $container, $first) = @_;
	my $output = "$folder/cut-$name.$container";
	my ($status, $got) = run_media('cut', { input => "$folder/$name", output => $output },
		keep => "$start-$end");

	is($status, 0, "$name: cut") || diag(explain($got));
	return if $status ne '0';
	is($got->{container}, $container, "$name: into $container");
	is($got->{bytes}, -s $output, "$name: its bytes");
	ok(abs($got->{start} - $first) <= 0.1, "$name: from the key frame before: $got->{start}");
	ok($got->{end} <= $end + 0.1 && $got->{end} > $end - 0.8, "$name: to $got->{end}");
	my $facts = probe($output);
	ok(abs($facts->{format}{duration} - $got->{duration}) < 0.1,
		"$name: is as long as it says ($facts->{format}{duration})");
	is_playable($output, $name);
	my ($flashes, $before) = offset("$folder/$name");
	my ($left, $after) = offset($output);
	ok(abs($after - $before) <= 25, "$name: together within 25 ms ($before, then $after ms)");
	ok(abs($left - int($got->{duration} + 1)) <= 1, "$name: no flash is lost ($left)");
}

# The number of flashes and the median of flash minus beep, in ms.
sub offset
{
	my ($file, @options) = @_;
	my ($flashes, $beeps) = beats($file, @options);
	my @apart;

	for my $beep (@$beeps)
	{
		my ($nearest) = sort { abs $a <=> abs $b } map { ($_ - $beep) * 1000 } @$flashes;
		push @apart, $nearest if defined $nearest && abs $nearest < 400;
	}
	@apart = sort { $a <=> $b } @apart;
	return (scalar @$flashes, @apart ? sprintf('%.1f', $apart[@apart / 2]) : 9999);
}

# The language, the rotation and the chosen track go along.
{
	my $input = "$folder/two.mp4";
	run_ffmpeg('-i', "$folder/gop10.mp4", qw(-map 0:v -map 0:a -map 0:a -c copy
		-metadata:s:v rotate=90 -metadata:s:a:0 language=eng -metadata:s:a:1 language=rus),
		$input);
	my ($status, $got) = run_media('cut', { input => $input, output => "$folder/two.cut" },
		keep => "0-40", 'audio-track' => 2);
	my $facts = probe("$folder/two.cut");
	my ($video) = grep { $_->{codec_type} eq 'video' } @{ $facts->{streams} };
	my @audio = grep { $_->{codec_type} eq 'audio' } @{ $facts->{streams} };

	is($status, 0, 'the whole range is copied');
	is(scalar @audio, 1, 'one sound track is kept');
	is($got->{sound}, 'copied', 'and copied');
	is($audio[0]{tags}{language}, 'rus', 'the one asked for, with its language');
	is($video->{side_data_list}[0]{rotation}, 90, 'the picture is still turned');
	ok(abs($got->{duration} - 40) < 0.05, "nothing is lost: $got->{duration} s");
	($status, $got) = run_media('cut', { input => $input, output => "$folder/two.cut" },
		keep => "0-40", 'audio-track' => 7);
	is($got->{error}{code}, 'no_such_track', 'a track that is not there is refused');
	like($got->{error}{hint}, qr/`leap media probe FILE`/, 'with the command that lists them');
}

# Sound in packets too long to be moved: outside of MP4 they keep their times, for several spans
# in MP4 they are encoded. Apple's players open HEVC by one name alone.
for my $row (['flac.mkv', 'mkv', 'copied'], ['vorbis.mkv', 'mkv', 'copied'], ['low16.mp4', 'mp4', 'encoded'])
{
	my ($name, $container, $sound) = @$row;
	my $output = "$folder/spans-$name";
	my ($status, $got) = run_media('cut', { input => "$folder/$name", output => $output },
		keep => '6-8.3,12.34-18.1,23-31');
	is("$status $got->{mode} $got->{container} $got->{sound}", "0 copy $container $sound",
		"$name: spans, sound $sound");
	my @was = sort { $a <=> $b } beat_errors("$folder/$name");
	my @apart = beat_errors($output, map { $_->{at} } @{ $got->{cuts} });
	is(scalar(grep { abs($_ - $was[@was / 2]) > 25 } @apart), 0, "$name: together at every cut")
		|| diag("$was[@was / 2], then @apart");
	cmp_ok(scalar @apart, '>=', 10, "$name: of all beeps");
}
# Sound that begins only after the pictures stays where it was, also where it cannot be preceded
# by silence of its codec; so does sound before the first picture, which then stands.
for my $row (['aac', @aac], ['low', @aac, qw(-ar 16000)], ['opus', qw(-c:a libopus)], ['eac3', qw(-c:a eac3)], ['alac', qw(-c:a alac)])
{
	my ($codec, @how) = @$row;
	run_ffmpeg(qw(-t 16 -i), $source, @x264, qw(-g 50 -bf 2), @how, "$folder/even.mkv");
	run_ffmpeg('-i', "$folder/even.mkv", qw(-itsoffset 3.3 -i), "$folder/even.mkv", '-map', $_->[1], '-map', $_->[2], qw(-c copy), "$folder/$_->[0].mkv")
		for ['late_sound', '0:v', '1:a'], ['late_pictures', '1:v', '0:a'];
	for my $late ('late_sound', 'late_pictures')
	{
		for my $keep ('0-12', '1.9-12')
		{
			my $name = "$late, $codec, $keep";
			my ($status, $got) = run_media('cut', { input => "$folder/$late.mkv", output => "$folder/late.mp4" }, keep => $keep);
			is("$status $got->{container}", '0 mp4', $name) or diag(explain($got)), next;
			is_playable("$folder/late.mp4", $name);
			my ($before, $after) = map { [ beats($_) ] } "$folder/$late.mkv", "$folder/late.mp4";
			for my $kind (0, 1)
			{
				# the first packet may be heard at 0, and a beep right at the start is none
				my $zero = probe("$folder/$late.mkv")->{format}{start_time};
				my @was = map { $_ - $zero } @{ $before->[$kind] };
				my @is = grep { $_ >= $was[1] && $_ < 11 } map { $_ + $got->{start} } @{ $after->[$kind] };
				my ($worst) = sort { $b <=> $a } map { abs nearest($_, @was) } @is;
				cmp_ok(scalar @is, '>=', 5, "$name: @is of @was");
				cmp_ok($worst, '<=', 0.025, "$name: within 25 ms of their place ($worst)");
			}
			ok(abs($got->{start} - ($keep =~ m{^([\d.]+)})[0]) < 0.07 || $late eq 'late_sound', "$name: begins at $got->{start} s");
		}
	}
}

# Where the last picture stands for long, and sound goes on or not, the cut is as long as it says;
# a picture that is decoded before the others stop and shown after does not make it longer.
run_ffmpeg('-i', $source, qw(-t 40 -vf), "select='not(between(t,8.5,30))'", qw(-fps_mode passthrough), @x264, qw(-g 50 -bf 3), @aac, "$folder/stands.mkv");
run_ffmpeg('-i', "$folder/stands.mkv", qw(-c copy), "$folder/stands.mp4");
run_ffmpeg('-i', $source, qw(-t 40 -vf), "select='not(between(t,8.5,30))'", '-af', "aselect='not(between(t,8.5,30))'", qw(-fps_mode passthrough), @x264, qw(-g 50 -bf 3), @aac, "$folder/nothing.mkv");
for my $name ('stands.mkv', 'stands.mp4', 'nothing.mkv')
{
	for my $row (['copy', '2-20.5'], ['exact', '3.3-20.5'], ['copy', '2-33.3'], ['reencode', '3.3-20.5'])
	{
		my ($mode, $keep) = @$row;
		my ($status, $got) = run_media('cut', { input => "$folder/$name", output => "$folder/long.mp4" }, keep => $keep, mode => $mode);
		is("$status $got->{mode}", "0 $mode", "$name, $keep: $mode") or diag(explain($got)), next;
		is_playable("$folder/long.mp4", "$name, $mode, $keep");
		my $facts = probe("$folder/long.mp4");
		my ($video) = grep { $_->{codec_type} eq 'video' } @{ $facts->{streams} };
		cmp_ok(abs($_->[1] - $got->{duration}), '<=', 0.05, "$name, $mode, $keep: $_->[0] of $got->{duration} s ($_->[1])")
			for ['pictures', $video->{duration}], ['all', $facts->{format}{duration}];
	}
}

# How far the nearest of some times is from one.
sub nearest
{
	my ($time, @times) = @_;
	my ($apart) = sort { abs $a <=> abs $b } map { $time - $_ } @times;
	return $apart // 9999;
}

{
	my ($video) = grep { $_->{codec_type} eq 'video' } @{ probe("$folder/cut-hevc.mkv.mp4")->{streams} };
	is($video->{codec_tag_string}, 'hvc1', 'HEVC has the name that all players know');
}

# Picture alone, sound alone, and ranges that make no sense.
run_ffmpeg('-i', "$folder/gop10.mp4", qw(-an -c copy), "$folder/mute.mp4");
run_ffmpeg('-i', "$folder/gop10.mp4", qw(-vn -c copy), "$folder/sound.m4a");
for my $row (['mute.mp4', 23.2], ['sound.m4a', 20.87])
{
	my ($name, $length) = @$row;
	my ($status, $got) = run_media('cut',
		{ input => "$folder/$name", output => "$folder/alone.mp4" },
		keep => "$start-$end");
	is($status, 0, "$name: cut");
	ok(abs(probe("$folder/alone.mp4")->{format}{duration} - $length) < 0.1,
		"$name: is $length s long");
}
for my $range ([20, 20, 'bad_spans'], [30, 20, 'bad_spans'], [50, 60, 'bad_range'])
{
	my ($status, $got) = run_media('cut',
		{ input => "$folder/gop10.mp4", output => "$folder/none.mp4" },
		keep => "$range->[0]-$range->[1]");
	is("$status $got->{error}{code}", "1 $range->[2]", "@$range: nothing to cut");
}

# The same cut twice is the same file.
{
	my @sums = map {
		run_media('cut', { input => "$folder/gop10.mp4", output => "$folder/same$_.mp4" },
			keep => "$start-$end");
		`cksum <$folder/same$_.mp4`
	} 1 .. 2;
	is($sums[0], $sums[1], 'a cut made again is the same to the last byte');
}

# Parts are joined without a trace of what was between them: every picture decodes to the one
# of the source, in its order, whatever refers to pictures on the other side of a key frame.
run_ffmpeg(qw(-f lavfi -i testsrc2=s=160x90:r=25:d=30 -f lavfi -i sine=d=30 -c:v ffv1 -c:a pcm_s16le), "$folder/counted.mkv");
for my $clip (
	['open-hevc.mp4', 'mp4', qw(-c:v libx265 -preset ultrafast -bf 4 -x265-params log-level=none:keyint=50:min-keyint=50:open-gop=1), @aac],
	['open-hevc.mkv', 'mp4', qw(-c copy)],
	['open-hevc.ts',  'mp4', qw(-c copy)],
	['closed.mp4',    'mp4', @x264, qw(-g 50 -bf 3), @aac],
	['open.mpg',      'mkv', qw(-c:v mpeg2video -g 25 -bf 2 -c:a mp2 -f mpegts)],
	['part4.mp4',     'mp4', qw(-c:v mpeg4 -g 50 -bf 2), @aac],
	['hidden.webm',   'webm', qw(-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 50 -auto-alt-ref 1 -lag-in-frames 16 -c:a libopus)])
{
	my ($name, $container, @how) = @$clip;
	my $output = "$folder/joined.$container";
	run_ffmpeg('-i', $how[0] eq '-c' ? "$folder/open-hevc.mp4" : "$folder/counted.mkv", @how, "$folder/$name");
	my ($status, $got) = run_media('cut', { input => "$folder/$name", output => $output }, keep => '3.1-7,12.5-14,21-28.2');
	is("$status $got->{container}", "0 $container", "$name: joined") or diag(explain($got)), next;
	is(scalar @{ $got->{cuts} }, 3, "$name: of three parts");
	check_joined($name, $output, scalar @{ $got->{cuts} });
}

# What a copy has to keep beyond what was asked for is said, but for the usual few seconds.
for my $row (
	['endless.mp4', '5-14,29-35', qr/^its key frames lie far apart, so it begins 5\.0 s earlier than asked and keeps 15\.0 s between its parts$/],
	['open.mp4',    '12.5-35',    qr/ so it begins 12\.5 s earlier than asked$/],
	['open.mp4',    '0-14,29-35', qr/ so it keeps 15\.0 s between its parts$/],
	['open.mp4',    '9-35',       undef],
	['gop10.mp4',   '10-14,30-35', undef])
{
	my ($name, $keep, $why) = @$row;
	my ($status, $got) = run_media('cut', { input => "$folder/$name", output => "$folder/kept.mp4" }, keep => $keep);
	defined $why ? like($got->{fallback}, $why, "$name: $keep") : is($got->{fallback}, undef, "$name: $keep");
}

# So are pictures that an edit list hides, where a copy cannot do without.
run_ffmpeg(qw(-ss 13.3 -i), "$folder/gop10.mp4", qw(-c copy), "$folder/edited.mp4");
for my $row (['0-20', qr/^it shows 3\.\d s that the recording hides before its start$/], ['8-20', undef])
{
	my ($keep, $why) = @$row;
	my (undef, $got) = run_media('cut', { input => "$folder/edited.mp4", output => "$folder/kept.mp4" }, keep => $keep);
	defined $why ? like($got->{fallback}, $why, "edited.mp4: $keep") : is($got->{fallback}, undef, "edited.mp4: $keep");
}

# H.264 that recovers without an IDR picture is not joined: what is between stays, and is said.
{
	run_ffmpeg('-i', "$folder/counted.mkv", @x264, qw(-g 50 -bf 3 -x264-params open-gop=1 -an -f mpegts), "$folder/idr.ts");
	run_ffmpeg(qw(-ss 5 -i), "$folder/idr.ts", qw(-c copy), "$folder/recover.ts");
	my ($status, $got) = run_media('cut', { input => "$folder/recover.ts", output => "$folder/recover.mp4" }, keep => '3.1-7,12.5-14');
	is("$status " . @{ $got->{cuts} // [] }, '0 1', 'recover.ts: one part') or diag(explain($got));
	like($got->{fallback}, qr/ keeps 5\.5 s between its parts$/, 'recover.ts: told');
	check_joined('recover.ts', "$folder/recover.mp4", 1);
}

sub check_joined
{
	my ($name, $output, $parts) = @_;
	my %place;
	my @source = pictures("$folder/$name");
	$place{ $source[$_] } //= $_ for 0 .. $#source;
	my @joined = map { $place{$_} // -1 } pictures($output);
	my @jumps = grep { $joined[$_] != $joined[ $_ - 1 ] + 1 } 1 .. $#joined;
	is(scalar(grep { $_ < 0 } @joined), 0, "$name: all pictures are those of the source");
	is(scalar @jumps, $parts - 1, "$name: one behind the other but where parts meet")
		or diag("@joined[map { ($_ - 1, $_) } @jumps]");
	is(scalar(grep { $joined[$_] <= $joined[ $_ - 1 ] } @jumps), 0, "$name: and never back");
	my $said = run_ffmpeg(qw(-v warning -xerror -i), $output, qw(-f null -));
	# a recovery point may drop what is not there
	$said =~ s/^\[h264 .*mmco: unref short failure\n//mg if $name eq 'recover.ts';
	is($said, '', "$name: decoded without a word");
	my @times = map { /(-?\d+)/ } split /\n/, `ffprobe -v error -select_streams v -show_entries packet=dts -of csv=p=0 $output`;
	is(scalar(grep { $times[$_] <= $times[ $_ - 1 ] } 1 .. $#times), 0, "$name: decoding times ascend");
}

# A sum of every picture, in the order of their display.
sub pictures
{
	my ($file) = @_;
	return map { /^\d.*\s(\w+)$/ ? $1 : () } split /\n/,
		run_ffmpeg(qw(-v error -i), $file, qw(-map 0:v -fps_mode passthrough -f framemd5 -));
}

# Writes bytes into a copy of a file.
sub damage
{
	my ($from, $to, $at, $bytes) = @_;
	open my $in, '<:raw', "$folder/$from" or die $!;
	local $/ = undef;
	my $content = <$in>;
	$at = $at->($content) if ref $at;
	substr $content, $at, length $bytes, $bytes;
	open my $out, '>:raw', "$folder/$to" or die $!;
	print $out $content;
	close $out or die $!;
	return length $content;
}

sub cut_damaged
{
	my ($name, $output, $keep, $mode) = @_;
	my ($status, $got) = run_media('cut', { input => "$folder/$name", output => "$folder/$output" },
		keep => $keep, mode => $mode);
	is($status, 0, "$name $mode: cut") || diag(explain($got));
	return $got;
}

# Where a packet cannot be read the next ones still are; what cannot be read is told.
run_ffmpeg('-i', $source, qw(-vn -c:a libopus -b:a 128k), "$folder/sound.ogg");
damage('sound.ogg', 'hole.ogg', (-s "$folder/sound.ogg") / 2, "\xff" x 8192);
for my $mode ('copy', 'exact')
{
	my $got = cut_damaged('hole.ogg', 'hole.webm', '1-39', $mode);
	ok(abs($got->{duration} - 38) < 0.1, "hole.ogg $mode: to the end ($got->{duration} s)");
	is($got->{fallback}, undef, "hole.ogg $mode: as asked");
}
# one entry in the middle of the index points behind the end of the file
damage('gop10.mp4', 'index.mp4', sub {
	my $at = index $_[0], 'stco';
	return $at + 12 + 4 * int(unpack('N', substr $_[0], $at + 8, 4) / 2);
}, pack 'N', 0xfffffff0);
{
	my $got = cut_damaged('index.mp4', 'index-cut.mp4', '1-39', 'copy');
	cmp_ok($got->{end}, '<', 30, "index.mp4: is cut to $got->{end} s");
	like($got->{fallback}, qr/^the recording has nothing between [\d.]+ s and 39\.000 s$/, 'index.mp4: and told so');
}

# A recording that is cut off ends with its last whole packet.
run_ffmpeg('-i', "$folder/gop10.mp4", qw(-c copy -movflags faststart), "$folder/front.mp4");
for my $mode ('copy', 'exact')
{
	my $output = "off-$mode.mp4";
	my $size = damage('front.mp4', 'off.mp4', 0, '');
	truncate "$folder/off.mp4", $size * 0.6;
	my $got = cut_damaged('off.mp4', $output, '1-39', $mode);
	like($got->{fallback}, qr/^the recording has nothing between [12]\d\.\d+ s and 39\.000 s$/, "off.mp4 $mode: $got->{fallback}");
	ok(abs(probe("$folder/$output")->{format}{duration} - $got->{duration}) < 0.06, "off.mp4 $mode: is as long as it says");
	is_playable("$folder/$output", "off.mp4 $mode");
}

# What was asked and lies behind the end.
for my $mode ('copy', 'exact', 'reencode')
{
	my $got = cut_damaged('gop10.mp4', 'behind.mp4', '30-45,50-60', $mode);
	like($got->{fallback}, qr/^the recording has nothing between 40\.00\d s and 60\.000 s$/, "$mode: nothing is behind the end");
	is(scalar @{ $got->{cuts} }, 1, "$mode: one part is left");
	$got = cut_damaged('gop10.mp4', 'behind.mp4', '30-40.2', $mode);
	is($got->{fallback}, undef, "$mode: a little behind the end is the end");
}

# A span that holds no picture is none.
run_ffmpeg('-i', $source, qw(-an), @x264, qw(-g 125), "$folder/silent.mp4");
for my $name ('gop10.mp4', 'silent.mp4')
{
	my ($status, $got) = run_media('cut', { input => "$folder/$name", output => "$folder/none.mp4" },
		keep => '2.501-2.502,3.001-3.002', mode => 'exact');
	is("$status $got->{error}{code}", '1 nothing_left', "$name: spans without pictures");
	$got = cut_damaged($name, 'some.mp4', '2.501-2.502,5-6,7.001-7.002', 'exact');
	is(scalar @{ $got->{cuts} }, 1, "$name: only the one with pictures is a cut");
	ok(abs(probe("$folder/some.mp4")->{format}{duration} - 1) < 0.05, "$name: and is there");
}

# The pictures last as long as the cut, where the last of them stands for long.
for my $mode ('copy', 'exact')
{
	my $got = cut_damaged('variable.mp4', 'long.mp4', '2.51-5.2,6.7-10.333', $mode);
	my ($video) = grep { $_->{codec_type} eq 'video' } @{ probe("$folder/long.mp4")->{streams} };
	ok(abs($video->{duration} - $got->{duration}) < 0.01, "$mode: pictures of $video->{duration} s of $got->{duration} s");
}

# Pictures do not pile up in memory where there is no sound. The clip is 2 MB a second.
{
	run_ffmpeg(qw(-f lavfi -i), 'color=gray:s=320x180:r=25,noise=alls=100:allf=t', qw(-f lavfi -i sine -t 30),
		@x264, qw(-qp 0 -g 25), @aac, "$folder/full.mp4");
	run_ffmpeg('-i', "$folder/full.mp4", '-t', 4, '-i', "$folder/full.mp4", qw(-map 0:v -map 1:a -c copy), "$folder/part.mp4");
	my ($full, $part) = map { peak_memory($_, '1-29') } 'full.mp4', 'part.mp4';
	cmp_ok($full, '>', 1000, "memory is measured: $full kB");
	cmp_ok($part, '<', $full + 24_000, "sound that ends early takes little more: $part kB");
}

# The most memory that a cut takes, in kB, by looking often.
sub peak_memory
{
	my ($name, $keep) = @_;
	my $most = 0;
	my $starter = fork // die "fork: $!";
	if ($starter == 0)
	{
		my ($status) = run_media('cut', { input => "$folder/$name", output => "$folder/peak.mp4" }, keep => $keep);
		exec 'sh', '-c', "exit $status";
	}
	while (waitpid($starter, WNOHANG) == 0)
	{
		for my $child (split ' ', slurp("/proc/$starter/task/$starter/children"))
		{
			my ($kilobytes) = slurp("/proc/$child/status") =~ /^Name:\s+leap-media.*^VmHWM:\s+(\d+)/ms;
			$most = $kilobytes if defined $kilobytes && $kilobytes > $most;
		}
		select undef, undef, undef, 0.005;
	}
	is($?, 0, "$name: cut");
	return $most;
}

sub slurp
{
	my ($file) = @_;
	open my $in, '<', $file or return '';
	local $/ = undef;
	return <$in> // '';
}

done_testing();
