# tests/tap/long/961_fair_share.pl
#     Fair sharing beside a backlog of 20,000 tasks, of which `make check` has 3,000.
use strict;
use warnings;

use FindBin;

$ENV{LEAP_BACKLOG} = 20000;
do "$FindBin::RealBin/../t/061_fair_share.pl";
die $@ if $@;
