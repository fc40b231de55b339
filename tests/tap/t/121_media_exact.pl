# tests/tap/t/121_media_exact.pl
#     leap-media cut with several spans: by copying and exactly. Pictures that are copied are
#     those of the source to the last bit, sound stays with them at every cut, and what cannot
#     be cut exactly is copied and says why.
use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::RealBin/../lib";
use MediaCheck qw(make_clip probe beats beat_errors is_playable pictures boxes written);
use MediaProgram qw(run_media run_ffmpeg);
use Test::More;

my $folder = tempdir('leap-exact-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my @x264 = (qw(-c:v libx264 -preset ultrafast -pix_fmt yuv420p -sc_threshold 0));
my @aac = qw(-c:a aac -b:a 64k);
my @asked = ([0.52, 4.48], [6.52, 9.2], [11, 17.4], [18.52, 19.48], [23.52, 33.2]);
my $keep = join ',', map {"$_->[0]-$_->[1]"} @asked;

make_clip("$folder/source.mkv", 36);

sub cut
{
	my ($input, $output, @options) = @_;
	return run_media('cut', { input => "$folder/$input", output => "$folder/$output" }, @options);
}

# Picture and sound together, at every beat.
sub check_beats
{
	my ($name, $file, $source, $got) = @_;
	my @before = sort { $a <=> $b } beat_errors("$folder/$source");
	my $usual = $before[@before / 2];
	my @apart = beat_errors("$folder/$file", $got->{duration}, map { $_->{at} } @{ $got->{cuts} });
	my ($worst) = sort { abs $b <=> abs $a } map { $_ - $usual } @apart;
	cmp_ok(scalar @apart, '>=', 20, "$name: beats are found");
	cmp_ok(abs $worst, '<=', 25, "$name: together within 25 ms at every beat ($worst)");
	return;
}

# A clip this small is index to a good part, and that is written twice.
sub index_size
{
	my ($file) = @_;
	return $file =~ /mp4$/ ? (map { $_->[0] eq 'moov' ? $_->[1] : () } boxes($file))[0] : 0;
}

# Every picture of the output is that of the source at its time; returns how many are the same.
sub check_pictures
{
	my ($name, $file, $source, $got) = @_;
	my %at = map { sprintf('%.3f', $_->[0]) => $_->[1] } pictures("$folder/$source");
	my ($same, $other, $strange) = (0, 0, 0);

	for my $picture (pictures("$folder/$file"))
	{
		my ($cut) = grep { $picture->[0] >= $_->{at} - 0.002 } reverse @{ $got->{cuts} };
		my ($sum) = grep {defined} map { $at{ sprintf '%.3f', $picture->[0] - $cut->{at} + $cut->{start} + $_ / 1000 } } 0, -1, 1;
		!defined $sum ? $strange++ : $sum eq $picture->[1] ? $same++ : $other++;
	}
	# where a picture stands for long, a span begins with the one shown then
	cmp_ok($strange, '<=', $name =~ /exact variable/ ? @{ $got->{cuts} } : 0,
		"$name: every picture is one of the source");
	return ($same, $other);
}

for my $row (
	['gop.mp4',     2, 'mp4', @x264, qw(-g 50 -bf 3), @aac],
	['main.mp4',    2, 'mp4', @x264, qw(-g 50 -bf 0 -profile:v main -ar 32000), @aac],
	['base.mkv',    2, 'mp4', @x264, qw(-g 75 -profile:v baseline -ar 44100), @aac],
	['flac.mkv',    2, 'mkv', @x264, qw(-g 60 -bf 2 -c:a flac)],
	['low16.mp4',   2, 'mp4', @x264, qw(-g 50 -bf 2 -c:a aac -ar 16000)],
	['variable.mp4', 3.4, 'mp4', '-vf', "select='if(lt(mod(t,8),4),1,not(mod(n,20)))'",
		qw(-fps_mode vfr), @x264, qw(-g 40 -bf 2), @aac])
{
	my ($name, $gop, $container, @how) = @$row;
	my $variable = $name =~ /variable/;

	run_ffmpeg('-i', "$folder/source.mkv", @how, "$folder/$name");
	for my $mode ('copy', 'exact')
	{
		# sound in long packets cannot be copied to the picture
		my $long = $name =~ /flac|low/;
		my $kind = $mode eq 'exact' && $long ? 'mp4' : $container;
		my $output = "$mode-$name" =~ s/\w+$/$kind/r;
		my $before = written();
		my ($status, $got) = cut($name, $output, keep => $keep, mode => $mode);
		my $wrote = (written() // 0) - ($before // 0);

		is("$status $got->{mode}", "0 $mode", "$mode $name") or diag(explain($got)), next;
		# copies begin with key frames, and say so where those lie far apart
		my $far = qr/^its key frames lie far apart, so it keeps \d+\.\d s between its parts$/;
		ok(!defined $got->{fallback} || ($mode eq 'copy' && $got->{fallback} =~ $far), "$mode $name: as asked")
			or diag($got->{fallback});
		is($got->{container}, $kind, "$mode $name: into $kind");
		is_playable("$folder/$output", "$mode $name");
		check_beats("$mode $name", $output, $name, $got)
			if !$variable;
		my ($same, $other) = check_pictures("$mode $name", $output, $name, $got);
		cmp_ok($wrote, '<=', 1.05 * $got->{bytes} + index_size("$folder/$output"), "$mode $name: written once") if defined $before;
		is($got->{bytes}, -s "$folder/$output", "$mode $name: its bytes");
		ok(abs(probe("$folder/$output")->{format}{duration} - $got->{duration}) < 0.06,
			"$mode $name: is as long as it says");
		if ($mode eq 'copy')
		{
			is($other, 0, "copy $name: $same pictures are those of the source");
			next;
		}
		is(scalar @{ $got->{cuts} }, scalar @asked, "exact $name: as many cuts as asked for");
		cmp_ok($other, '<', 6 * 25 * $gop, "exact $name: $other pictures are new");
		cmp_ok($same, '>', $other, "exact $name: $same are those of the source");
		next if $variable;
		for my $i (0 .. $#asked)
		{
			my $cut = $got->{cuts}[$i];
			cmp_ok(abs($cut->{start} - $asked[$i][0]), '<', 0.041, "exact $name: begins at $cut->{start}");
			cmp_ok(abs($cut->{end} - $asked[$i][1]), '<', 0.17, "exact $name: ends at $cut->{end}");
		}
	}
}
# What H.264 allows besides: every picture still is that of the source or new, and shown.
for my $row (
	['intra.mp4',   qw(-g 1)],
	['endless.mp4', qw(-g 9999 -keyint_min 9999 -bf 2)],
	['deep.mp4',    qw(-g 50 -bf 16 -b_strategy 0)],
	['piece.mp4',   qw(-g 50 -movflags frag_keyframe+empty_moov)],
	['sets.mkv',    qw(-g 50 -bf 2 -x264-params repeat-headers=1)],
	['refs.mp4',    qw(-preset fast -pix_fmt yuvj420p -g 50 -bf 3 -refs 4 -x264-params weightp=2:slices=4)],
	['crop.mp4',    '-vf', 'scale=322:182,setsar=4/3', qw(-g 50 -bf 2 -colorspace bt709)],
	['open.mp4',    qw(-preset veryfast -g 50 -bf 3 -x264-params open-gop=1)])
{
	my ($name, @how) = @$row;
	run_ffmpeg('-t', 12, '-i', "$folder/source.mkv", @x264, @how, @aac, "$folder/$name");
	my ($status, $got) = cut($name, "exact-$name.mp4", keep => '0.52-2.48,4.52-5.2,7-9.4,9.5-10.48', mode => 'exact');
	is("$status $got->{mode}", '0 exact', "exact $name") or diag(explain($got)), next;
	is_playable("$folder/exact-$name.mp4", "exact $name");
	my ($same, $other) = check_pictures("exact $name", "exact-$name.mp4", $name, $got);
	cmp_ok($same + $other, '>=', 125, "exact $name: $same pictures are those of the source, $other are new");
	cmp_ok($same, '>', 30, "exact $name: enough are copied") if $name !~ /endless|open/;
}

# What cannot be cut exactly is copied, and plays.
for my $row (
	['hevc.mp4',  qr/only H.264/, qw(-c:v libx265 -preset ultrafast -x265-params log-level=none), @aac],
	['vp8.webm',  qr/only H.264/, qw(-c:v libvpx -deadline realtime -cpu-used 8 -g 50 -c:a libopus)],
	['field.mp4', qr/interlaced/, '-vf', 'pad=160:96', @x264, qw(-flags +ilme+ildct -x264-params tff=1 -g 50), @aac],
	['ten.mp4',   qr/8-bit/, @x264, qw(-pix_fmt yuv420p10le -g 50), @aac],
	['stream.ts', qr/header/, @x264, qw(-g 50), @aac])
{
	my ($name, $why, @how) = @$row;
	my $output = "copy-$name" =~ s/\w+$/@{[$name =~ m{webm} ? 'webm' : 'mp4']}/r;
	run_ffmpeg('-t', 12, '-i', "$folder/source.mkv", @how, "$folder/$name");
	my ($status, $got) = cut($name, $output, keep => '0.52-2.48,7-9.4', mode => 'exact');
	is("$status $got->{mode}", '0 copy', "$name: copied") or diag(explain($got)), next;
	like($got->{fallback}, $why, "$name: $got->{fallback}");
	cmp_ok($got->{start}, '<=', 0.52, "$name: from the key frame before");
	is_playable("$folder/$output", $name);
}

# Parameter sets that change on the way: two recordings put one behind the other.
{
	run_ffmpeg('-t', 6, '-i', "$folder/source.mkv", @x264, qw(-g 50), @aac, "$folder/one.ts");
	run_ffmpeg('-t', 6, '-i', "$folder/source.mkv", @x264, qw(-preset fast -refs 3 -g 50), @aac, "$folder/two.ts");
	run_ffmpeg('-i', "concat:$folder/one.ts|$folder/two.ts", qw(-c copy), "$folder/both.mp4");
	my ($status, $got) = cut('both.mp4', 'copy-both.mp4', keep => '0.5-3,7-9', mode => 'exact');
	is("$status $got->{mode} $got->{fallback}", '0 copy the parameter sets of the pictures change',
		'parameter sets that change');
	is_playable("$folder/copy-both.mp4", 'parameter sets that change');
}

# The last picture stands where sound goes on without.
{
	run_ffmpeg('-t', 3, '-i', "$folder/gop.mp4", '-i', "$folder/gop.mp4", qw(-map 0:v -map 1:a -c copy),
		"$folder/short.mp4");
	my ($status, $got) = cut('short.mp4', 'exact-short.mp4', keep => '5.7-9.4', mode => 'exact');
	is("$status $got->{mode}", '0 exact', 'behind the last picture');
	is_playable("$folder/exact-short.mp4", 'behind the last picture');
	ok(abs($got->{duration} - 3.7) < 0.05, "the sound is there: $got->{duration} s");
}

done_testing();
