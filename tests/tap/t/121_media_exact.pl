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
	['variable.mp4', 3.4, 'mp4', '-vf', "select='if(lt(mod(t,8),4),1,not(mod(n,20)))'",
		qw(-fps_mode vfr), @x264, qw(-g 40 -bf 2), @aac])
{
	my ($name, $gop, $container, @how) = @$row;
	my $variable = $name =~ /variable/;

	run_ffmpeg('-i', "$folder/source.mkv", @how, "$folder/$name");
	for my $mode ('copy', 'exact')
	{
		my $output = "$mode-$name" =~ s/\w+$/$container/r;
		my $before = written();
		my ($status, $got) = cut($name, $output, keep => $keep, mode => $mode);
		my $wrote = (written() // 0) - ($before // 0);

		is("$status $got->{mode}", "0 $mode", "$mode $name") or diag(explain($got)), next;
		is($got->{fallback}, undef, "$mode $name: as asked");
		is_playable("$folder/$output", "$mode $name");
		check_beats("$mode $name", $output, $name, $got) if $name !~ /variable|flac/;
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
done_testing();
