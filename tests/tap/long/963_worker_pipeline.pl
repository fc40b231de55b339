# tests/tap/long/963_worker_pipeline.pl
#     The whole sample lecture through a worker; `make check` takes it without its middle.
use strict;
use warnings;

use FindBin;

$ENV{LEAP_WHOLE} = 1;
do "$FindBin::RealBin/../t/300_worker_pipeline.pl";
die $@ if $@;
