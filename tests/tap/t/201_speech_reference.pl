# tests/tap/t/201_speech_reference.pl
#     The embedded recogniser on recordings of speech whose words are known: how many it gets
#     wrong at most, where the words lie in time, and that it is unsure of what it cannot do.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use JSON::PP;
use Test::More;

use lib dirname(__FILE__) . '/../lib';
use HeardSpeech qw(heard_speech);
use MediaCorpus qw(slurp);

my $root = abs_path(dirname(__FILE__) . '/../../..');

# heard(NAME[, SECONDS]): (what leap-media answers, its word error rate) for that recording
sub heard
{
	my ($name, $most) = @_;
	my $folder = heard_speech($name, $most // 62);
	my ($rate) = `'$root/tests/media/wer.pl' '$folder/$name.txt' '$folder/$name.json'` =~ /WER=([\d.]+)/;
	return (decode_json(slurp("$folder/$name.json")), $rate);
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
