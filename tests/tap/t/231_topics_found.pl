# tests/tap/t/231_topics_found.pl
#     Topics of lectures made of articles of Debian's documentation: the embedded provider finds their borders much better than a
#     division into even parts or one by chance, in English and in Russian. The bounds are loose; tests/bench/topics.sh prints figures.
use strict;
use warnings;

use LeapChild;
use Test::More;
use TopicCorpus;
use TopicTrial;

is(TopicCorpus::pk(20, [ 5, 10, 15 ], [ 5, 10, 15 ]), 0, 'Pk of the same borders');
is(TopicCorpus::window_diff(20, [ 5, 10, 15 ], [ 5, 10, 15 ]), 0, 'WindowDiff of the same borders');
cmp_ok(TopicCorpus::pk(40, [20], []), '>', 0.2, 'Pk of no border');
cmp_ok(TopicCorpus::window_diff(40, [20], [ 1 .. 39 ]), '>', 0.9, 'WindowDiff of a border everywhere');

my $trial = TopicTrial->new(LeapChild->new('topics'));
for my $row ([ 'en', 'cross', 0.2, 0.5 ], [ 'ru', 'cross', 0.3, 0.75 ], [ 'en', 'within', 0.35, 0.85 ])
{
	my ($language, $kind, $most, $share) = @$row;
	my $found = $trial->run(language => $language, kind => $kind, topics => $kind eq 'cross' ? 5 : 4, lectures => 8, granularity => 'long');
	for my $measure (qw(pk wd))
	{
		my ($embedded, $even, $random) = map { $found->{$_}{$measure} } qw(embedded even random);
		my $figures = sprintf '%s %s, %s: %.3f, even %.3f, random %.3f', $language, $kind, $measure, $embedded, $even, $random;
		cmp_ok($embedded, '<', $most, $figures);
		cmp_ok($embedded, '<', $share * $even, 'better than an even division');
		cmp_ok($embedded, '<', $share * $random, 'better than one by chance');
	}
}

done_testing();
