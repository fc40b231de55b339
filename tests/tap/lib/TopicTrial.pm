# tests/tap/lib/TopicTrial.pm
#     How well the embedded provider finds the topics of TopicCorpus, beside a division into even parts and one by chance.
#
#     my $row = TopicTrial->new($leap)->run(language => 'ru', kind => 'cross', topics => 5, lectures => 10, granularity => 'medium');
#     {embedded => {pk, wd}, even => {...}, random => {...}, found => topics on average, samples => [[title...]...]}
#
# The even and the random division know how many topics there are; the provider does not.
package TopicTrial;

use strict;
use warnings;

use JSON::PP;
use TopicCorpus;

my $json = JSON::PP->new->utf8;

sub new { my ($class, $leap) = @_; return bless { leap => $leap, corpora => {} }, $class; }

# The outline that the program makes of a transcript; options as of LeapChild->run.
sub outline
{
	my ($self, $transcript, $granularity, %options) = @_;
	my $leap = $self->{leap};
	my $bytes = $json->encode($transcript);

	open my $out, '>:raw', "$leap->{storage}/trial.json" or die "trial.json: $!\n";
	print $out $bytes;
	close $out;
	my $end = $leap->run(topics => {
		recording => { id => '01990000-0000-7000-8000-00000000cafe', lane => 7, name => 'x', final_duration => $transcript->{duration} },
		config => { transcription => { granularity => $granularity } }, providers => [ { name => 'embedded', protocol => 'embedded' } ],
		artifacts => { transcript => { kind => 'transcript', uri => 'trial.json', bytes => length $bytes, sha256 => 'x' } } }, %options);
	return $end->{done}{facts}{outline} // die 'no outline: ' . encode_json($end->{failed}) . "\n";
}

sub run
{
	my ($self, %what) = @_;
	my $corpus = $self->{corpora}{ $what{language} } //= TopicCorpus->new($what{language});
	my %sum = (found => 0, samples => []);

	for my $seed (1 .. $what{lectures})
	{
		my $lecture = $corpus->lecture($seed, $what{kind}, $what{topics});
		my ($count, $borders) = @$lecture{qw(count borders)};
		my $topics = $self->outline($lecture->{transcript}, $what{granularity})->{topics};
		my %division = (embedded => TopicCorpus::borders_of($lecture, $topics), even => TopicCorpus::even($count, $what{topics}),
			random => TopicCorpus::random($count, $what{topics}, $seed));
		for my $name (keys %division)
		{
			$sum{$name}{pk} += TopicCorpus::pk($count, $borders, $division{$name}) / $what{lectures};
			$sum{$name}{wd} += TopicCorpus::window_diff($count, $borders, $division{$name}) / $what{lectures};
		}
		$sum{found} += @$topics / $what{lectures};
		push @{ $sum{samples} }, [ map { $_->{title} } @$topics ];
	}
	return \%sum;
}

1;
