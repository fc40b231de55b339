# tests/tap/t/200_speech_transcribe.pl
#     leap-media transcribe on the sample lecture: what it understands, that threads do not
#     change it, times of a part, progress, and what it says to silence, noise, other
#     languages and files that are no audio.
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

# the whole lecture
my ($whole_status, $whole) = transcribe($audio, "--start 15 --end 300 --threads 2 --progress 5 5>'$dir/progress'");
is($whole_status, 0, 'the lecture is transcribed');
write_file("$dir/whole.json", encode_json($whole));
my ($rate) = `'$root/tests/media/wer.pl' '$text' '$dir/whole.json'` =~ /WER=([\d.]+)/;
cmp_ok($rate, '<=', 20, "word error rate $rate %");
cmp_ok($whole->{statistics}{mean_confidence}, '>=', 0.6, "mean confidence $whole->{statistics}{mean_confidence}");
is($whole->{statistics}{words}, scalar @{ $whole->{words} }, 'the statistics count the words');
is($whole->{duration}, 285, 'the duration is that of the part');
is_deeply([ $whole->{language}, $whole->{provider}, $whole->{model} ], [qw(en pocketsphinx en-us)], 'who heard what');

my $orderly = 1;
my $last = 0;
for my $word (@{ $whole->{words} })
{
	$orderly = 0 if $word->{start} < $last || $word->{end} <= $word->{start} || $word->{end} > 285;
	$last = $word->{start};
}
ok($orderly, 'words are in order, within the part');
my ($first) = @{ $whole->{words} };
ok(abs($first->{start} - 5.1) < 0.5, "the first word comes at $first->{start} s, after the dead air");
my ($from, $longest) = (0, 0);
for my $i (1 .. $#{ $whole->{words} })
{
	my $gap = $whole->{words}[$i]{start} - $whole->{words}[ $i - 1 ]{end};
	($from, $longest) = ($whole->{words}[ $i - 1 ]{end}, $gap) if $gap > $longest;
}
ok($longest > 8 && $longest < 11, sprintf('the pause of the lecture is heard: %.1f s behind %.1f s', $longest, $from));

my @progress = split /\n/, slurp("$dir/progress");
is_deeply(\@progress, [ sort { $a <=> $b } @progress ], 'progress goes one way');
is($progress[-1], '1.00', 'up to the end');

# a part: the same words whatever the threads, times from its start
my @part = map { (transcribe($audio, "--start 60 --end 110 --threads $_"))[1] } 1, 2;
is_deeply($part[0], $part[1], 'one and two threads give the same');
my ($bread) = grep { $_->{word} eq 'bread' } @{ $part[0]{words} };
my ($bread_whole) = grep { $_->{word} eq 'bread' && $_->{start} > 45 } @{ $whole->{words} };
ok($bread && $bread_whole && abs($bread->{start} + 60 - $bread_whole->{start} - 15) < 0.1,
	'times count from the start of the part');

# by a cut list: what is kept, as if the rest were not there
sub said { return map { "$_->{word} " . sprintf('%.1f', $_->{start} + $_[1]) } @{ $_[0]{words} } }
write_file("$dir/cuts", '[{"start":60,"end":75.5,"at":0},{"start":95,"end":110,"at":15.5}]');
my (undef, $joined) = transcribe($audio, "--cuts 6 --threads 2 6<'$dir/cuts'");
my ($early, $late) = map { (transcribe($audio, "--start $_ --threads 2"))[1] } '60 --end 75.5', '95 --end 110';
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
like($foreign->{hint}, qr/transcription\.provider/, '  the hint names what to configure');
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
