# tests/tap/long/963_worker_pipeline.pl
#     The whole sample lecture through a worker; `make check` takes it without its middle.
use strict;
use warnings;

$ENV{LEAP_WHOLE} = 1;
exec $^X, 'tests/tap/t/300_worker_pipeline.pl' or die "perl: $!\n";
