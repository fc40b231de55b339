# tests/bench/growing.pl ROUNDS PACE FILE...
#     The measuring half of growing.sh: downloads each file ROUNDS times as a worker's child does.
use strict;
use warnings;

use JSON::PP;
use LeapChild;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my ($rounds, $pace, @files) = @ARGV;
my $leap = LeapChild->new('growing');
my $port = $leap->serve;
my $out = Test::More->builder->output; # standard output is a log here

sub median { return (sort { $a <=> $b } @_)[ @_ / 2 ]; }

# One download: (seconds in all, seconds from its last byte to the analysis, share of the file read).
sub measure
{
	my ($file, $query) = @_;
	open my $errors, '>&', \*STDERR or die "stderr: $!\n";
	open STDERR, '>', 'log' or die "log: $!\n";
	my $began = time;
	my $end = $leap->run(download => {
		recording => { id => '01990000-0000-7000-8000-00000000abcd', lane => 1, name => 'x',
			source => { type => 'url', url => "http://127.0.0.1:$port/$file?$query" } },
		import_roots => [], config => {}, artifacts => {} });
	my $seconds = time - $began;
	open STDERR, '>&', $errors or die "stderr: $!\n";
	die "$file: ", JSON::PP->new->encode($end->{failed}), "\n" if !$end->{done};

	my $artifacts = LeapChild::artifacts($end);
	my $analysis = decode_json(slurp_file("$leap->{storage}/$artifacts->{analysis}{uri}"));
	my ($after) = slurp_file('log') =~ /looked at ([0-9.]+) s after the last byte/;
	unlink map { "$leap->{storage}/$_" } $leap->stored;
	return ($seconds, $after, $analysis->{bytes_read} / $artifacts->{source}{bytes});
}

print $out sprintf "%-34s %10s %12s %12s %10s\n", 'an hour, fetched and looked at', 'in all s', 'after end s', '(longest)', 'reads';
for my $file (@files)
{
	link $file, "$leap->{served}/$file" or die "$file: $!\n";
	for my $way ([ 'meanwhile', "pace=$pace&fast=1" ], [ 'afterwards', "pace=$pace&length=none" ])
	{
		my @runs = map { [ measure($file, $way->[1]) ] } 1 .. $rounds;
		my @after = map { $_->[1] } @runs;
		print $out sprintf "%-34s %10.2f %12.3f %12.3f %10.3f\n", "$file, $way->[0]", median(map { $_->[0] } @runs),
		  median(@after), (sort { $b <=> $a } @after)[0], median(map { $_->[2] } @runs);
	}
}
