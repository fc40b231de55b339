#!/usr/bin/perl
# tests/harness.pl TEST...
#     Runs tests that print TAP, two more at a time than there are processors ($TEST_JOBS),
#     as many of them wait for something, those of tests/longest first, and ends with
#     "N passed, N failed".
#
# A test that ends in the middle, prints another number of results than it planned, or takes
# longer than ten minutes ($TEST_SECONDS) counts as failed. So does a skip that tests/skips
# does not list.
# Without a test there is nothing that could pass: that fails, too.
use strict;
use warnings;

use TAP::Harness;

my $SECONDS = $ENV{TEST_SECONDS} // 600;
my @allowed = read_allowed('tests/skips');
my (%skipped, @refused);

sub read_allowed
{
	my ($file) = @_;
	my @rules;

	open my $in, '<', $file or die "$file: $!\n";
	while (<$in>)
	{
		next if /^\s*(#|$)/;
		die "$file:$.: a line is FILE: REGULAR EXPRESSION\n" if !/^(\S+):\s*(\S.*?)\s*$/;
		push @rules, { file => $1, reason => qr/$2/ };
	}
	return @rules;
}

# The tests, those of tests/longest before all others.
sub longest_first
{
	my (@tests) = @_;
	my (%place, $count);

	open my $in, '<', 'tests/longest' or die "tests/longest: $!\n";
	while (<$in>)
	{
		next if /^\s*(#|$)/;
		chomp;
		die "tests/longest:$.: there is no $_\n" if !-e;
		$place{$_} = ++$count;
	}
	return sort { ($place{$a} // 1e9) <=> ($place{$b} // 1e9) } @tests;
}

# The source of a program below build/unit is what people know it by.
sub known_as
{
	my ($test) = @_;
	return $test =~ s{^build/unit/((fuzz_)?\w+)$}{'tests/' . ($2 ? 'fuzz' : 'unit') . "/$1.c"}er;
}

sub note_skip
{
	my ($test, $reason) = @_;
	my $name = known_as($test);

	$skipped{"$name: $reason"}++;
	return if grep { $_->{file} eq $name && $reason =~ $_->{reason} } @allowed;
	push @refused, "$name: $reason";
}

sub command
{
	my (undef, $test) = @_;
	my @limited = ('timeout', '--kill-after=10', $SECONDS);
	return [ @limited, $test =~ /\.(?:pl|t)$/ ? ($^X, $test) : $test ];
}

die "there is no test to run: name files that print TAP\n" if !@ARGV;

my $harness = TAP::Harness->new(
	{
		jobs => $ENV{TEST_JOBS} // 2 + `nproc`,
		exec => \&command,
		timer => 1,
		color => -t STDOUT,
		failures => 1,
	});

$harness->callback(
	made_parser => sub {
		my ($parser, $job) = @_;
		my $test = ref $job eq 'ARRAY' ? $job->[0] : $job->filename;

		$parser->callback(
			test => sub {
				note_skip($test, $_[0]->explanation || 'no reason') if $_[0]->has_skip;
			});
		$parser->callback(
			plan => sub {
				note_skip($test, $_[0]->explanation || 'no reason') if $_[0]->has_skip;
			});
	});

my $results = $harness->runtests(longest_first(@ARGV));

# a broken test without a failed result counts once
my $broken = grep {
	my $parser = $_;
	!$parser->failed && ($parser->exit || $parser->parse_errors)
} $results->parsers;
my $failed = scalar($results->failed) + $broken + @refused;

print "skipped, $skipped{$_} times: $_\n" for sort keys %skipped;
print "NOT ALLOWED to be skipped (tests/skips): $_\n" for @refused;
print "what the tests left: $ENV{LEAP_STAGE}\n" if $failed && $ENV{LEAP_STAGE};
printf "%d passed, %d failed\n", scalar($results->passed), $failed;
exit($failed ? 1 : 0);
