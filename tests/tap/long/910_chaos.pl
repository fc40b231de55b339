# tests/tap/long/910_chaos.pl
#     Chaos for as long as one likes: `make chaos SECONDS=600 RECORDINGS=400 SEED=7`.
use strict;
use warnings;

use Chaos;
use Test::More;

my $seconds = $ENV{LEAP_CHAOS_SECONDS} || 120;

Chaos->new(
	seconds => $seconds,
	recordings => $ENV{LEAP_CHAOS_RECORDINGS} || 200,
	seed => $ENV{LEAP_CHAOS_SEED},
	calm => 180 + $seconds)->run;
done_testing();
