# tests/tap/long/942_media_corpus_cut.pl
#     Cuts of all recordings of the corpus, of which `make check` takes one of every kind.
use strict;
use warnings;

$ENV{LEAP_EVERY_CUT} = 1;
exec $^X, 'tests/tap/t/124_media_corpus_cut.pl' or die "perl: $!\n";
