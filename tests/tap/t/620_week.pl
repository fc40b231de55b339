# tests/tap/t/620_week.pl
#     Two days in the life of five teachers. The week of fifty is tests/tap/long/930_week.pl; what is promised is said in
#     tests/tap/lib/Week.pm.
use strict;
use warnings;

use Test::More;
use Week;

Week->new(users => 5, jobs => 6, days => 2, seed => $ENV{LEAP_WEEK_SEED} || 1)->run;
done_testing();
