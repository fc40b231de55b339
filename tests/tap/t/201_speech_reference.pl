# tests/tap/t/201_speech_reference.pl
#     The embedded recogniser on recordings of speech whose words are known: how many it gets
#     wrong at most, where the words lie in time, and that it is unsure of what it cannot do.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use JSON::PP;
use Test::More;

my $root = abs_path(dirname(__FILE__) . '/../../..');
my $build = $ENV{LEAP_BUILD} // "$root/build";
my $media = "$build/libexec/leap-media";
my $folder = "$build/speech";

make_path($folder);

# heard(NAME[, SECONDS]): (what leap-media answers, its word error rate) for that recording
sub heard
{
	my ($name, $most) = @_;
	system("$root/tests/media/speech.pl", $folder, $name) == 0 or die "speech.pl $name failed";
	my $seconds = $most // ((-s "$folder/$name.wav") - 44) / 32000;
	my $command = "exec '$media' transcribe --audio 3 --start 0 --end $seconds --threads 2 3<'$folder/$name.wav' 2>/dev/null";
	open(my $out, '-|', 'bash', '-c', $command) or die "bash: $!";
	local $/;
	my $answer = <$out>;
	close($out) or die "leap-media transcribe $name failed: $answer";
	open(my $json, '>:raw', "$folder/$name.json") or die "$!";
	print $json $answer;
	close($json);
	my ($rate) = `'$root/tests/media/wer.pl' '$folder/$name.txt' '$folder/$name.json'` =~ /WER=([\d.]+)/;
	return (decode_json($answer), $rate);
}

# The rates were 29.6 and 26.1 % when this was written; a bound is some wrong words above.
my %bound = (librivox => 37, 'prompts-few' => 32);
for my $name (sort keys %bound)
{
	my ($transcript, $rate) = heard($name);
	cmp_ok($rate, '<=', $bound{$name}, "$name: $rate % of the words are wrong");
	cmp_ok($transcript->{statistics}{mean_confidence}, '>=', 0.6,
		"  and it is sure of them: $transcript->{statistics}{mean_confidence}");
	is(scalar(grep { $_->{end} <= $_->{start} || $_->{end} > $transcript->{duration} } @{ $transcript->{words} }), 0, '  each has its time');
}

my ($foreign) = heard('espeak-ru', 20);
cmp_ok($foreign->{statistics}{mean_confidence}, '<', 0.5,
	"Russian is taken for English, but not surely: $foreign->{statistics}{mean_confidence}");

done_testing();
