# tests/tap/long/961_fair_share.pl
#     Fair sharing beside a backlog of 20,000 tasks, of which `make check` has 3,000.
use strict;
use warnings;

$ENV{LEAP_BACKLOG} = 20000;
exec $^X, 'tests/tap/t/061_fair_share.pl' or die "perl: $!\n";
