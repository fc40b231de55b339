# tests/tap/long/941_media_cut.pl
#     Cuts of all clips, of which `make check` takes one of every kind.
use strict;
use warnings;

use FindBin;

$ENV{LEAP_EVERY_CUT} = 1;
do "$FindBin::RealBin/../t/120_media_cut.pl";
die $@ if $@;
