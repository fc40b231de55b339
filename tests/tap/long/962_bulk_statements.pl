# tests/tap/long/962_bulk_statements.pl
#     Statements of every operation for 1,000 recordings, of which `make check` takes 150.
use strict;
use warnings;

$ENV{LEAP_BULK} = 1000;
exec $^X, 'tests/tap/t/050_bulk_statements.pl' or die "perl: $!\n";
