# tests/bench/topics.pl LECTURES
#     See topics.sh.
use strict;
use warnings;

# before what tests load takes the standard output for itself
my $out;
BEGIN { open $out, '>&', \*STDOUT or die "standard output: $!\n"; }

use LeapChild;
use Time::HiRes qw(time);
use TopicCorpus;
use TopicTrial;

my ($lectures) = @ARGV;
$out->autoflush(1);
my $leap = LeapChild->new('bench');
my $trial = TopicTrial->new($leap);
binmode $out, ':utf8';

printf $out "%-8s %-7s %-12s %-14s %-14s %-14s %s\n", qw(language kind granularity embedded even random topics);
my %samples;
for my $language (qw(en ru))
{
	for my $kind (qw(cross within))
	{
		my $topics = $kind eq 'cross' ? 5 : 4;
		for my $granularity (qw(short medium long))
		{
			my $row = $trial->run(language => $language, kind => $kind, topics => $topics, lectures => $lectures, granularity => $granularity);
			printf $out "%-8s %-7s %-12s %-14s %-14s %-14s %.1f of %d\n", $language, $kind, $granularity,
			  (map { sprintf '%.3f / %.3f', @{ $row->{$_} }{qw(pk wd)} } qw(embedded even random)), $row->{found}, $topics;
			$samples{$language} //= $row->{samples} if $kind eq 'cross' && $granularity eq 'medium';
		}
	}
}
for my $language (sort keys %samples)
{
	print $out "\nTitles, $language:\n";
	print $out '  ', join(' | ', @$_), "\n" for @{ $samples{$language} }[ 0 .. 2 ];
}

# three hours: 25,000 words
my $lecture = TopicCorpus->new('en')->lecture(1, 'cross', 24);
my ($began, $peak, $seconds) = (0, 0, 0);
my $watch = sub {
	my ($line, $pid) = @_;
	my $step = $line->{step} // '';

	$began = time if $step eq 'finding topics' && !$began;
	$seconds = time - $began if $step eq 'writing' && !$seconds;
	open my $in, '<', "/proc/$pid/status" or return;
	while (<$in>) { $peak = $1 if /^VmHWM:\s+(\d+)/ && $1 > $peak; }
};
my $outline = $trial->outline($lecture->{transcript}, 'long', on_line => $watch);
my $words = 0;
$words += () = $_->{text} =~ /\S+/g for @{ $lecture->{transcript}{segments} };
printf $out "\n%.1f hours, %d words: %d topics in %.2f s, %d MB at most\n", $lecture->{transcript}{duration} / 3600, $words,
  scalar @{ $outline->{topics} }, $seconds, $peak / 1024;
