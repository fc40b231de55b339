# tests/tap/t/111_media_noise.pl
#     Where speech begins and ends, in eight rooms: from a quiet one to a fan and to clicks. What
#     holds no voice, or one too quiet to be understood, is flagged and kept whole.
use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::RealBin/../lib";
use MediaProgram qw(run_media run_ffmpeg);
use Test::More;

my $folder = tempdir('leap-noise-XXXXXX', TMPDIR => 1, CLEANUP => 1);

# syllables of 0.15 s in sentences of 6 s, from 27.3 s to 99.3 s of two minutes
my $voice = '(sin(754*t)+sin(1508*t)/2+sin(5280*t)/4)*lt(mod(t-27.3,0.23),0.15)'
	. '*lt(mod(t-27.3,6.6),6)*(0.6+0.4*sin(t))*between(t,27.3,99.5)';
my $clicks = '0.25*lt(mod(t,1.7),0.0008)';

# dB: the voice's peak, and pink noise; a click every 1.7 s
my @rooms = (
	['a quiet room',          -6,  -66],
	['a quiet voice',         -26, -66],
	['a very quiet voice',    -36, -70],
	['some noise',            -6,  -45],
	['much noise',            -6,  -35],
	['a quiet voice in noise', -21, -45],
	['clicks',                -6,  -60, 1],
	['a fan',                 -6,  -28]);

# Makes a recording and analyses it.
sub analyse_room
{
	my ($loud, $noise, $clicking) = @_;
	my $sound = defined $loud ? sprintf('%g*%s', 10**($loud / 20) / 1.75, $voice) : '0';
	$sound .= "+$clicks" if $clicking;
	# pink noise of amplitude 1 has about -10 dB
	my @noise = defined $noise
		? ('-f', 'lavfi', '-i', sprintf('anoisesrc=r=16000:c=pink:seed=3:a=%g', 3 * 10**($noise / 20)))
		: ('-f', 'lavfi', '-i', 'anullsrc=r=16000:cl=mono');

	run_ffmpeg('-v', 'error', '-f', 'lavfi', '-i', "aevalsrc='$sound':s=16000", @noise,
		'-filter_complex', 'amix=inputs=2:normalize=0', '-t', 120, "$folder/room.wav");
	my ($status, $got) = run_media('analyse', { input => "$folder/room.wav" });
	is($status, 0, 'analysed') || diag(explain($got));
	return $got;
}

for my $room (@rooms)
{
	my ($name, @how) = @$room;
	my $got = analyse_room(@how);

	is($got->{speech}{verdict}, 'speech', "$name: speech is found");
	cmp_ok(abs($got->{speech}{first} - 27.3), '<=', 0.25, "$name: its begin ($got->{speech}{first})");
	cmp_ok(abs($got->{speech}{last} - 99.3), '<=', 0.25, "$name: its end ($got->{speech}{last})");
	cmp_ok(abs($got->{keep}{start} - 22.3), '<=', 0.25, "$name: kept from 5 s before");
	cmp_ok(abs($got->{keep}{end} - 104.3), '<=', 0.25, "$name: kept to 5 s behind");
}

for my $room (['digital silence'], ['a fan alone', undef, -30], ['a whisper', -66, -75])
{
	my ($name, @how) = @$room;
	my $got = analyse_room(@how);

	is($got->{speech}{verdict}, 'none', "$name: no speech");
	is($got->{keep}{flag}, 'no_speech', "$name: is flagged");
	is("$got->{keep}{start} $got->{keep}{end}", '0 120', "$name: is kept whole");
}

done_testing();
