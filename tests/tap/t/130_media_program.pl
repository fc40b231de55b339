# tests/tap/t/130_media_program.pl
#     leap-media as a program: usage, probe, options of the boundaries, progress, and what
#     it does with descriptors that are not what they should be.
use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::RealBin/../lib";
use MediaProgram qw(run_media run_ffmpeg media_program);
use Test::More;

my $folder = tempdir('leap-program-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $clip = "$folder/clip.mp4";

run_ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=25', '-f', 'lavfi', '-i',
	"aevalsrc='0.3*sin(2000*t)*lt(mod(t,0.23),0.15)*between(t,20,40)+0.002*random(0)':s=48000",
	qw(-t 60 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac), $clip);

# Usage.
like(`${\media_program()} --help`, qr/analyse.*boundaries.*cut.*probe.*transcribe/s,
	'--help names the commands');
for my $row (
	[['mow'],                                 qr/unknown command mow/],
	[['probe'],                               qr/missing option --input/],
	[['probe', '--inptu', 3],                 qr/unknown option --inptu/],
	[['probe', '--input'],                    qr/no value for --input/],
	[['probe', '--input', 'x'],               qr/--input x/],
	[['probe', '--input', '-1'],              qr/--input -1/],
	[['probe', '--input', '3.5'],             qr/whole number/],
	[['cut', '--input', 3, '--output', 4],    qr/missing option --keep/],
	[['boundaries', '--envelope', 3, '--duration', 'nan'], qr/--duration nan/],
	[['boundaries', '--envelope', 3, '--duration', 9, '--threshold', 3], qr/--threshold 3/])
{
	my ($arguments, $message) = @$row;
	my ($status, $got) = bare(@$arguments);
	is("$status $got->{error}{class} $got->{error}{code}", '1 permanent usage',
		"@$arguments: usage");
	like($got->{error}{message}, $message, "@$arguments: names the fault");
}

# Runs the program with nothing but its arguments.
sub bare
{
	my ($command, @rest) = @_;
	open my $out, '-|', media_program(), $command, @rest or die $!;
	local $/ = undef;
	my $text = <$out>;
	close $out;
	return ($? >> 8, JSON::PP::decode_json($text));
}

# Headers alone.
{
	my ($status, $got) = run_media('probe', { input => $clip });
	is($status, 0, 'probed');
	is($got->{container}, 'mp4', 'the container');
	is($got->{video}{codec}, 'h264', 'the codec of the picture');
	is($got->{video}{frame_rate}, 25, 'its rate');
	is($got->{audio}[0]{sample_rate}, 48000, 'the rate of the sound');
	ok(abs($got->{duration} - 60) < 0.05, 'the duration');
}

# Peaks for drawing: the form that players of waveforms read.
{
	my ($status) = run_media('analyse', { input => $clip, waveform => "$folder/wave.dat" });
	open my $in, '<:raw', "$folder/wave.dat" or die $!;
	local $/ = undef;
	my ($version, $flags, $rate, $scale, $length, $channels, @peaks) = unpack 'l<6c*', <$in>;

	is("$version $flags $rate $scale $channels", '2 1 16000 1600 1', 'a header of version 2');
	ok(abs($length - 600) <= 2, 'ten pixels a second');
	is(scalar @peaks, 2 * $length, 'of two amplitudes each');
	ok((grep { $peaks[$_] > 30 && $peaks[$_ - 1] == -$peaks[$_] } map { 2 * $_ + 1 } 200 .. 399) > 190,
		'loud where somebody speaks');
	ok(!(grep { abs > 2 } @peaks[ 0 .. 390 ]), 'quiet before');
}

# Boundary options, in the analysis and from the envelope.
{
	my %out = (envelope => "$folder/env");
	my ($status, $got) = run_media('analyse', { input => $clip, %out });
	is_deeply([map { sprintf '%.1f', $got->{keep}{$_} } qw(start end)], ['15.0', '45.0'],
		'the defaults keep 5 s on both sides');
	is($got->{keep}{flag}, 'large_trim', 'half of it gone raises the flag');
	for my $row (
		[['padding-before' => 2, 'padding-after' => 0], '18.0', '40.0'],
		[['padding-before' => 30],                      '0.0',  '45.0'],
		[['min-silence' => 25],                         '0.0',  '60.0'],
		[['threshold' => -1],                           '0.0',  '60.0'])
	{
		my ($options, @keep) = @$row;
		($status, $got) = run_media('boundaries', {%out}, duration => 60, @$options);
		is_deeply([map { sprintf '%.1f', $got->{keep}{$_} } qw(start end)], \@keep,
			"@$options: keeps @keep");
	}
	($status, $got) = run_media('boundaries', {%out}, duration => 60, 'max-trim-share' => 0.6);
	is($got->{keep}{flag}, undef, 'a greater share allowed raises none');
	($status, $got) = run_media('boundaries', { envelope => $clip }, duration => 60);
	is("$got->{error}{class} $got->{error}{code}", 'input bad_envelope',
		'what is no envelope is refused');
}

# Progress: growing fractions.
{
	run_media('analyse', { input => $clip, progress => "$folder/progress" });
	open my $in, '<', "$folder/progress" or die $!;
	chomp(my @lines = <$in>);
	cmp_ok(scalar @lines, '>', 20, 'progress is told');
	is_deeply([sort { $a <=> $b } @lines], \@lines, 'and grows');
	ok(!(grep { !/^[01]\.\d\d$/ } @lines), 'in fractions');

	# nearly all bytes lie in its first fifth
	run_ffmpeg(qw(-f lavfi -i color=gray:s=320x180:r=25 -vf), "noise=alls=60:allf=t:enable='lt(t,4)'",
		qw(-t 20 -c:v libx264 -preset ultrafast), "$folder/uneven.mp4");
	run_media('analyse', { input => "$folder/uneven.mp4", progress => "$folder/progress" });
	open $in, '<', "$folder/progress" or die $!;
	my $told = () = <$in>;
	cmp_ok($told, '>', 90, 'by time, not by bytes');
}

# Descriptors.
{
	my ($status, $got) = bare('probe', '--input', 55);
	is("$status $got->{error}{code}", '1 bad_descriptor', 'a closed descriptor');
	($status, $got) = run_media('probe', { input => '/dev/zero' });
	is("$status $got->{error}{code}", '1 bad_descriptor', 'a device is no recording');
	($status, $got)
		= run_media('cut', { input => $clip, output => '/dev/full' }, keep => '0-60');
	is("$status $got->{error}{code}", '1 write_failed', 'a device that cannot be emptied')
		|| diag(explain($got));
	($status, $got) = run_media('analyse', { input => $clip, audio => '/dev/full' });
	is("$status $got->{error}{code}", '1 write_failed', 'also for the sound')
		|| diag(explain($got));
}

done_testing();
