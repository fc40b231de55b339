# tests/tap/long/941_media_cut.pl
#     Cuts of all clips, of which `make check` takes one of every kind.
use strict;
use warnings;

$ENV{LEAP_EVERY_CUT} = 1;
exec $^X, 'tests/tap/t/120_media_cut.pl' or die "perl: $!\n";
