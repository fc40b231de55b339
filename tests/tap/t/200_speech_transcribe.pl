# tests/tap/t/200_speech_transcribe.pl
#     leap-media transcribe on a part of the sample lecture: what it understands, that threads
#     do not change it, its times, progress, and what it says to silence, noise, other languages
#     and files that are no audio. All of the lecture: tests/tap/long/944_speech_lecture.pl.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;

my $root = abs_path(dirname(__FILE__) . '/../../..');
my $build = $ENV{LEAP_BUILD} // "$root/build";
my $media = "$build/libexec/leap-media";
my $lecture = $ENV{LEAP_LECTURE} // "$build/lecture/lecture.mp4";
(my $text = $lecture) =~ s/\.mp4$/.txt/;
my $dir = tempdir(CLEANUP => 1);

# Runs leap-media with descriptors redirected as the shell does; returns (status, answer).
sub media
{
	my ($arguments, $redirections) = @_;
	open(my $out, '-|', 'bash', '-c', "exec '$media' $arguments $redirections 2>>'$dir/log'")
	  or die "bash: $!";
	local $/;
	my $answer = <$out>;
	close($out);
	return ($? >> 8, $answer eq '' ? undef : decode_json($answer));
}

sub transcribe
{
	my ($audio, $options) = @_;
	return media("transcribe --audio 3 $options", "3<'$audio'");
}

sub slurp
{
	my ($path) = @_;
	open(my $in, '<:raw', $path) or die "$path: $!";
	local $/;
	return <$in>;
}

sub write_file
{
	my ($path, $bytes) = @_;
	open(my $out, '>:raw', $path) or die "$path: $!";
	print $out $bytes;
	close($out) or die "$path: $!";
	return $path;
}

sub wav
{
	my ($samples) = @_;
	return pack('a4Va4a4VvvVVvva4V', 'RIFF', 36 + length $samples,
		'WAVE', 'fmt ', 16, 1, 1, 16000, 32000, 2, 16, 'data', length $samples) . $samples;
}

my $audio = "$dir/lecture.wav";
my ($status) = media('analyse --input 3 --audio 4', "3<'$lecture' 4>'$audio'");
is($status, 0, 'the analysis writes the sound of the lecture');

# fifty seconds, which begin in the middle of a sentence and end in another one
my ($part_status, $part) = transcribe($audio, "--start 60 --end 110 --threads 2 --progress 5 5>'$dir/progress'");
is($part_status, 0, 'a part of the lecture is transcribed');
my $between = [ grep { $_->{start} >= 3 && $_->{start} < 46.5 } @{ $part->{words} } ];
write_file("$dir/part.json", encode_json({ words => $between }));
write_file("$dir/part.txt", join "\n", (split /\n/, slurp($text))[ 5 .. 9 ]);
my ($rate) = `'$root/tests/media/wer.pl' '$dir/part.txt' '$dir/part.json'` =~ /WER=([\d.]+)/;
cmp_ok($rate, '<=', 20, "word error rate $rate % of the whole sentences");
cmp_ok($part->{statistics}{mean_confidence}, '>=', 0.6, "mean confidence $part->{statistics}{mean_confidence}");
is($part->{statistics}{words}, scalar @{ $part->{words} }, 'the statistics count the words');
is($part->{duration}, 50, 'the duration is that of the part');
is_deeply([ $part->{language}, $part->{provider}, $part->{model} ], [qw(en pocketsphinx en-us)], 'who heard what');

my $orderly = 1;
my $last = 0;
for my $word (@{ $part->{words} })
{
	$orderly = 0 if $word->{start} < $last || $word->{end} <= $word->{start} || $word->{end} > 50;
	$last = $word->{start};
}
ok($orderly, 'words are in order, within the part');

my @progress = split /\n/, slurp("$dir/progress");
is_deeply(\@progress, [ sort { $a <=> $b } @progress ], 'progress goes one way');
is($progress[-1], '1.00', 'up to the end');
is_deeply((transcribe($audio, '--start 60 --end 110 --threads 1'))[1], $part, 'one and two threads give the same');

# by a cut list: what is kept, as if the rest were not there
sub said { return map { "$_->{word} " . sprintf('%.1f', $_->{start} + $_[1]) } @{ $_[0]{words} } }
write_file("$dir/cuts", '[{"start":60,"end":75.5,"at":0},{"start":95,"end":110,"at":15.5}]');
my (undef, $joined) = transcribe($audio, "--cuts 6 --threads 2 6<'$dir/cuts'");
my ($early, $late) = map { (transcribe($audio, "--start $_ --threads 2"))[1] } '60 --end 75.5', '95 --end 110';
my %heard = map { $_ => 1 } said($part, 0);
my @same = map { scalar grep { $heard{$_} } @$_ } [ said($early, 0) ], [ said($late, 35) ];
cmp_ok($same[0], '>=', 0.8 * @{ $early->{words} }, 'a smaller part is told the same');
cmp_ok($same[1], '>=', 0.8 * @{ $late->{words} }, 'and times count from the start of the part');
my @wanted = (said($early, 0), said($late, 15.5));
my %seen = map { $_ => 1 } said($joined, 0);
cmp_ok(scalar(grep { $seen{$_} } @wanted), '>=', 0.9 * @wanted, 'the words of two kept parts, at their times in the output');
is_deeply([ map { $_->{word} } @{ $joined->{words} } ], [ map { $_->{word} } @{ $early->{words} }, @{ $late->{words} } ], 'none is lost and none comes from what was cut away');
is($joined->{duration}, 30.5, 'it is as long as what is kept');
write_file("$dir/cuts", '[{"start":60,"end":50,"at":0}]');
my ($bad_status, $bad) = transcribe($audio, "--cuts 6 6<'$dir/cuts'");
is("$bad_status $bad->{error}{code}", '1 bad_cuts', 'a list that is none is refused');

# a term that no dictionary has
write_file("$dir/terms", "Jacobian matrix\n");
is(system(qw(flite -voice rms -t), 'The curve has a Jacobian matrix.', '-o', "$dir/terms.wav"), 0, 'flite speaks');
my ($without, $with) = map {
	my (undef, $heard) = transcribe("$dir/terms.wav", "--start 0 --end 20 $_");
	join ' ', map { $_->{word} } @{ $heard->{words} };
} '', "--words 6 6<'$dir/terms'";
unlike($without, qr/jacobian/, 'a term is not understood by itself');
like($with, qr/jacobian matrix/, 'but with a vocabulary');

# what holds no speech
my ($silent_status, $silent) = transcribe(write_file("$dir/silence.wav", wav("\0" x 640000)), '--start 0 --end 20');
is($silent_status, 0, 'silence is no error');
is(scalar @{ $silent->{words} }, 0, 'silence has no words');
srand(7);
my $noise = pack('s<*', map { int(rand(400)) - 200 } 1 .. 320000);
my (undef, $hiss) = transcribe(write_file("$dir/noise.wav", wav($noise)), '--start 0 --end 20');
is(scalar @{ $hiss->{words} }, 0, 'noise has no words');

# refusals
sub refused
{
	my ($path, $options, $class, $code) = @_;
	my ($refused, $answer) = transcribe($path, $options);
	is($refused, 1, "refused: $code");
	is_deeply([ @{ $answer->{error} }{qw(class code)} ], [ $class, $code ], '  its class and code');
	return $answer->{error};
}
my $foreign = refused($audio, '--start 0 --end 20 --language ru', 'input', 'language_unsupported');
like($foreign->{hint}, qr{leap retry ID --provider NAME.*transcription\.language}s, '  the hint says what to do');
refused(write_file("$dir/text", 'no audio'), '--start 0 --end 20', 'input', 'bad_audio');
refused(write_file("$dir/short.wav", substr(wav(''), 0, 30)), '--start 0 --end 20', 'input', 'bad_audio');
refused(write_file("$dir/cd.wav", pack('a4Va4a4VvvVVvva4V', 'RIFF', 36, 'WAVE', 'fmt ', 16, 1, 2, 44100, 176400, 4, 16, 'data', 0)),
	'--start 0 --end 20', 'input', 'bad_audio');
refused($audio, '--start 5000 --end 6000', 'input', 'bad_range');

# models of others
(refused($audio, "--model $_", 'permanent', 'speech_model_missing')) for "$dir/none", 'relative', $dir;
mkdir "$dir/model" or die $!;
mkdir "$dir/model/en-us" or die $!;
write_file("$dir/model/$_", 'no model') for qw(en-us.lm.bin cmudict-en-us.dict);
like(refused($audio, "--model $dir/model", 'permanent', 'speech_model_bad')->{message}, qr/\Q$dir\E.model/, '  which names the model');
chmod 0666, "$dir/model/en-us.lm.bin";
refused($audio, "--model $dir/model", 'permanent', 'speech_model_unsafe');

done_testing();
