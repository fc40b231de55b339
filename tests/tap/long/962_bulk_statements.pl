# tests/tap/long/962_bulk_statements.pl
#     Statements of every operation for 1,000 recordings, of which `make check` takes 150.
use strict;
use warnings;

use FindBin;

$ENV{LEAP_BULK} = 1000;
do "$FindBin::RealBin/../t/050_bulk_statements.pl";
die $@ if $@;
