# tests/tap/t/610_chaos.pl
#     Half a minute of chaos: kills, frozen processes, crashes of the server, people who meddle.
#     What it promises to survive is said in tests/tap/lib/Chaos.pm; the long one is `make chaos`.
use strict;
use warnings;

use Chaos;
use Test::More;

Chaos->new(seconds => 25, recordings => 40, seed => $ENV{LEAP_CHAOS_SEED})->run;
done_testing();
