#!/usr/bin/perl
# tests/media/wer.pl
#	Word error rate of a transcript against the text that was read.
#
#	wer.pl REFERENCE.txt TRANSCRIPT.json|TEXT   prints one line
#	    WER=12.3 sub=20 del=3 ins=4 ref=220 hyp=221
#
# Letters, digits and apostrophes make words; case and punctuation do not count.
use strict;
use warnings;
use JSON::PP;

sub slurp
{
	my ($path) = @_;
	open(my $in, '<:raw', $path) or die "$path: $!\n";
	local $/;
	my $bytes = <$in>;
	close($in);
	return $bytes;
}

sub words_of
{
	my ($bytes) = @_;
	my $text;
	if ($bytes =~ /^\s*\{/)
	{
		my $transcript = decode_json($bytes);
		$text = join ' ', map { $_->{word} } @{ $transcript->{words} };
	}
	else
	{
		$text = $bytes;
		utf8::decode($text);
	}
	$text = lc $text;
	$text =~ tr/\x{2019}/'/;
	return [ $text =~ /[\w']+/g ];
}

# Edit distance with its operations; each cell is [cost, sub, del, ins].
sub compare
{
	my ($ref, $hyp) = @_;
	my @row = map { [ $_, 0, 0, $_ ] } 0 .. @$hyp;
	for my $i (1 .. @$ref)
	{
		my @next = ([ $i, 0, $i, 0 ]);
		for my $j (1 .. @$hyp)
		{
			my $differs = $ref->[ $i - 1 ] ne $hyp->[ $j - 1 ] ? 1 : 0;
			my ($diagonal, $above, $left) = ($row[ $j - 1 ], $row[$j], $next[ $j - 1 ]);
			my $best = [ $diagonal->[0] + $differs, $diagonal->[1] + $differs,
				$diagonal->[2], $diagonal->[3] ];
			$best = [ $above->[0] + 1, $above->[1], $above->[2] + 1, $above->[3] ]
			  if $above->[0] + 1 < $best->[0];
			$best = [ $left->[0] + 1, $left->[1], $left->[2], $left->[3] + 1 ]
			  if $left->[0] + 1 < $best->[0];
			push @next, $best;
		}
		@row = @next;
	}
	return $row[-1];
}

die "usage: wer.pl REFERENCE.txt TRANSCRIPT.json|TEXT\n" unless @ARGV == 2;
my ($ref, $hyp) = map { words_of(slurp($_)) } @ARGV;
die "$ARGV[0]: no words\n" unless @$ref;
my ($cost, $sub, $del, $ins) = @{ compare($ref, $hyp) };
printf "WER=%.1f sub=%d del=%d ins=%d ref=%d hyp=%d\n",
  100 * $cost / @$ref, $sub, $del, $ins, scalar @$ref, scalar @$hyp;
