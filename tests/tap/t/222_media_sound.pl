# tests/tap/t/222_media_sound.pl
#     leap-media sound: spans of the sound in each form that services take; as long as they are,
#     whole for any decoder, in order, and small; and what it refuses.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Test::More;

use lib dirname(abs_path(__FILE__)) . '/../lib';
use MediaProgram qw(run_media run_ffmpeg);

my $dir = tempdir(CLEANUP => 1);

# a tone that rises: what is heard tells where it is from
run_ffmpeg('-f', 'lavfi', '-i', 'aevalsrc=0.3*sin(2*PI*(200*t+25*t*t)):s=16000:d=60', '-ac', 1, '-c:a', 'pcm_s16le', "$dir/tone.wav");
run_ffmpeg('-f', 'lavfi', '-i', 'anoisesrc=c=pink:a=0.1:r=16000:d=600', '-ac', 1, '-c:a', 'pcm_s16le', "$dir/long.wav");

sub sound
{
	my ($wav, $out, @options) = @_;
	return run_media('sound', { audio => $wav, output => $out }, @options);
}

# Sign changes a second in a second of decoded sound, from `at` on.
sub pitch
{
	my ($file, $at) = @_;
	run_ffmpeg('-i', $file, '-ss', $at, '-t', 1, '-ac', 1, '-ar', 16000, '-f', 's16le', "$dir/pcm");
	open my $in, '<:raw', "$dir/pcm" or die "pcm: $!";
	local $/ = undef;
	my @samples = unpack 's<*', <$in>;
	return scalar grep { ($samples[$_] < 0) != ($samples[ $_ - 1 ] < 0) } 1 .. $#samples;
}

# form => [a packet's seconds, the most bytes a second, what ffprobe calls it]
my %forms = (ogg => [ 0.02, 4000, 'opus' ], mp3 => [ 0.1, 4200, 'mp3' ], flac => [ 0.001, 32000, 'flac' ], wav => [ 0.001, 32100, 'pcm_s16le' ]);
for my $form (sort keys %forms)
{
	my ($packet, $rate, $codec) = @{ $forms{$form} };
	my ($status, $result) = sound("$dir/tone.wav", "$dir/out.$form", keep => '5-15.5,40-50', format => $form);
	is($status, 0, "$form: written");
	is($result->{bytes}, -s "$dir/out.$form", '  its size is told');
	is($result->{seconds}, 20.75, '  and its length: the spans, and a quarter of a second between them');
	is(run_ffmpeg('-v', 'error', '-xerror', '-i', "$dir/out.$form", '-f', 'null', '-'), '', '  a decoder finds no fault');
	my ($name, $length) = split /\s+/, `ffprobe -v error -show_entries stream=codec_name:format=duration -of csv=p=0 '$dir/out.$form'`;
	is($name, $codec, "  it is $codec");
	cmp_ok(abs($length - 20.75), '<=', $packet, "  it lasts $length s");
	cmp_ok($result->{bytes} / 20.75, '<=', $rate, '  and is small');
	# the pitch at t is 200 + 50 t; twice as many sign changes
	cmp_ok(abs(pitch("$dir/out.$form", 2) - 2 * (200 + 50 * 7.5)), '<', 40, '  the first span is where it belongs');
	cmp_ok(abs(pitch("$dir/out.$form", 15) - 2 * (200 + 50 * 44.75)), '<', 60, '  and so is the second');
}

my ($status, $result) = sound("$dir/long.wav", "$dir/long.ogg", keep => '0-600');
is($status, 0, 'ten minutes, in the form that is usual');
cmp_ok($result->{bytes}, '<', 2_300_000, "  are $result->{bytes} bytes");
($status, $result) = sound("$dir/long.wav", "$dir/long.ogg", keep => '0-600', bitrate => 12000);
cmp_ok($result->{bytes}, '<', 1_200_000, "  and half of that where it is asked for: $result->{bytes}");
($status, $result) = sound("$dir/tone.wav", "$dir/out.ogg", keep => '50-100');
is($result->{seconds}, 10, 'what a span has beyond the sound is not there');

sub refused
{
	my ($name, $wav, $code, @options) = @_;
	my ($bad, $answer) = sound($wav, "$dir/out.bad", @options);
	is("$bad $answer->{error}{code}", "1 $code", "refused: $name");
	return;
}
refused('a form nobody knows', "$dir/tone.wav", 'usage', keep => '0-5', format => 'aiff');
refused('no spans', "$dir/tone.wav", 'bad_spans', keep => '5-1');
refused('a part beyond the end', "$dir/tone.wav", 'bad_range', keep => '100-200');
open my $out, '>', "$dir/text" or die $!;
print $out 'no sound';
close $out;
refused('a file that is no sound', "$dir/text", 'bad_audio', keep => '0-5');

done_testing();
