# tests/tap/lib/TopicCorpus.pm
#     Lectures whose topics are known: articles of Debian's documentation put behind each other, and how well a division finds
#     the borders again.
#
#     my $corpus = TopicCorpus->new('ru');                  dies, naming the packages, when there are too few articles
#     my $lecture = $corpus->lecture($seed, 'cross', 5);    {transcript, borders => [segment numbers], count => segments}
#     TopicCorpus::pk($count, $borders, $found), TopicCorpus::window_diff(...)     0 (the same) .. 1
#     TopicCorpus::even($count, $topics), TopicCorpus::random($count, $topics, $seed)
#
# "cross" takes articles of different books, "within" chapters of one. Words are lower case without punctuation, as a recogniser
# writes them, 150 a minute, in segments of 8 to 22.
package TopicCorpus;

use strict;
use warnings;

my %books = (
	en => {
		faq => '/usr/share/doc/debian/FAQ/*.en.html', developers => '/usr/share/developers-reference/*.html',
		history => '/usr/share/doc/debian-history/docs/*.en.html', aptitude => '/usr/share/doc/aptitude/html/en/*.html',
		maintainers => '/usr/share/doc/maint-guide/html/*.en.html', reference => '/usr/share/debian-reference/*.en.html' },
	ru => {
		faq => '/usr/share/doc/debian/FAQ/ru/*.ru.html', developers => '/usr/share/developers-reference/ru/*.html',
		aptitude => '/usr/share/doc/aptitude/html/ru/*.html', maintainers => '/usr/share/doc/maint-guide-ru/html/*.ru.html' });
my $LEAST = 700;       # words of an article
my $WORDS_A_SECOND = 2.5;

# The words of the prose of a page: no code, no tables, no navigation.
sub prose
{
	my ($file, $language) = @_;
	open my $in, '<:raw', $file or return ();
	local $/;
	my $text = <$in>;
	utf8::decode($text);
	$text =~ s{<(script|style|pre|table|code|head|nav|title)\b.*?</\1\s*>}{ }gsi;
	$text =~ s{</?(?:p|li|h\d|dt|dd|div|br|ul|ol|dl)\b[^>]*>}{\n}gi;
	$text =~ s/<[^>]*>//g;
	$text =~ s/&(?:nbsp|#160);/ /g;
	$text =~ s/&\w+;|&#\d+;/ /g;
	my @words;
	for my $line (split /\n\s*\n|\n/, $text)
	{
		my @line = split ' ', $line;
		my $letters = () = $line =~ /[\p{L} ]/g;
		next if @line < 8 || $letters < 0.85 * length $line;
		next if $language eq 'ru' && (() = $line =~ /\p{Cyrillic}/g) < $letters / 2;
		push @words, map { lc } $line =~ /\p{L}[\p{L}'\x{2019}-]*/g;
	}
	return @words;
}

sub new
{
	my ($class, $language) = @_;
	my $self = bless { language => $language, books => {} }, $class;

	for my $book (sort keys %{ $books{$language} })
	{
		for my $file (sort glob $books{$language}{$book})
		{
			my @words = prose($file, $language);
			push @{ $self->{books}{$book} }, \@words if @words >= $LEAST;
		}
	}
	my $articles = map { @$_ } values %{ $self->{books} };
	die "there are too few articles in the language $language: install what docker/local/packages-check lists\n" if keys %{ $self->{books} } < 3 || $articles < 12;
	return $self;
}

sub articles { my ($self) = @_; return map { { book => $_, articles => scalar @{ $self->{books}{$_} } } } sort keys %{ $self->{books} }; }

# Numbers by chance that are the same everywhere.
sub dice
{
	my ($state) = @_;
	return sub { $state = ($state * 1103515245 + 12345) % 2147483648; return int $state / 2147483648 * $_[0]; };
}

sub shuffled
{
	my ($dice, @items) = @_;
	for my $i (reverse 1 .. $#items)
	{
		my $j = $dice->($i + 1);
		@items[ $i, $j ] = @items[ $j, $i ];
	}
	return @items;
}

sub choose
{
	my ($self, $dice, $kind, $topics) = @_;
	my $books = $self->{books};

	if ($kind eq 'within')
	{
		my @rich = grep { @{ $books->{$_} } >= $topics } sort keys %$books;
		return (shuffled($dice, @{ $books->{ $rich[ $dice->(scalar @rich) ] } }))[ 0 .. $topics - 1 ];
	}
	my (@chosen, $last);
	while (@chosen < $topics)
	{
		my @others = grep { !defined $last || $_ ne $last } sort keys %$books;
		$last = $others[ $dice->(scalar @others) ];
		my $article = $books->{$last}[ $dice->(scalar @{ $books->{$last} }) ];
		push @chosen, $article if !grep { $_ == $article } @chosen;
	}
	return @chosen;
}

sub lecture
{
	my ($self, $seed, $kind, $topics) = @_;
	my $dice = dice($seed * 7919 + 1);
	my (@segments, @borders);
	my $at = 3;

	$dice->(2) for 1 .. 5;
	for my $article ($self->choose($dice, $kind, $topics))
	{
		my $most = $LEAST + $dice->(900);
		my @words = @$article[ 0 .. ($#$article < $most ? $#$article : $most) ];
		push @borders, scalar @segments if @segments;
		while (my @said = splice @words, 0, 8 + $dice->(15))
		{
			my $seconds = @said / $WORDS_A_SECOND;
			push @segments, { id => scalar @segments, start => $at, end => $at + $seconds - 0.2, text => join ' ', @said };
			$at += $seconds;
		}
	}
	return { borders => \@borders, count => scalar @segments,
		transcript => { version => 1, language => $self->{language}, duration => $at, words => [], segments => \@segments } };
}

# The segments at which topics begin, without the first.
sub borders_of
{
	my ($lecture, $topics) = @_;
	my %number = map { (sprintf('%.3f', $lecture->{transcript}{segments}[$_]{start}) => $_) } 0 .. $lecture->{count} - 1;
	return [ map { $number{ sprintf '%.3f', $_->{start} } // die "a topic begins at $_->{start}, where no segment does\n" } @$topics[ 1 .. $#$topics ] ];
}

sub even { my ($count, $topics) = @_; return [ map { int $count * $_ / $topics + 0.5 } 1 .. $topics - 1 ]; }

sub random
{
	my ($count, $topics, $seed) = @_;
	my $dice = dice($seed * 104729 + 3);
	my %chosen;

	$dice->(2) for 1 .. 5;
	$chosen{ 1 + $dice->($count - 1) } = 1 while keys %chosen < $topics - 1;
	return [ sort { $a <=> $b } keys %chosen ];
}

# Borders between each segment and the one `window` further, for all places.
sub crossings
{
	my ($count, $borders, $window) = @_;
	my %is = map { $_ => 1 } @$borders;
	my @before = (0);

	push @before, $before[-1] + ($is{$_} // 0) for 1 .. $count - 1;
	return map { $before[ $_ + $window ] - $before[$_] } 0 .. $count - 1 - $window;
}

# Half the mean length of a topic (Beeferman, Berger and Lafferty, 1999).
sub window { my ($count, $borders) = @_; my $window = int $count / (@$borders + 1) / 2 + 0.5; return $window < 2 ? 2 : $window; }

sub share
{
	my ($count, $borders, $found, $differ) = @_;
	my $window = window($count, $borders);
	my @true = crossings($count, $borders, $window);
	my @said = crossings($count, $found, $window);
	return (grep { $differ->($true[$_], $said[$_]) } 0 .. $#true) / @true;
}

# How often two places are wrongly held for one topic or for two.
sub pk { return share(@_[ 0 .. 2 ], sub { !$_[0] != !$_[1] }); }

# ... and how often the number of borders between them is wrong (Pevzner and Hearst, 2002).
sub window_diff { return share(@_[ 0 .. 2 ], sub { $_[0] != $_[1] }); }

1;
