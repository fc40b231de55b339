# tests/tap/long/930_week.pl
#     A week in the life of fifty teachers with twenty jobs each, lived in minutes (tests/tap/lib/Week.pm).
use strict;
use warnings;

use Test::More;
use Week;

Week->new(users => 50, jobs => 20, days => 7, rest => 600, seed => $ENV{LEAP_WEEK_SEED} || 7)->run;
done_testing();
