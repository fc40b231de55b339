# tests/tap/t/721_youtube_kill.pl
#     A lesson is on YouTube once, with its bytes, however often the child that brings it there is killed (100 lessons:
#     tests/tap/long/951_youtube_kill.pl).
use strict;
use warnings;

use Test::More;

use YoutubeKill;

YoutubeKill::rounds(10, $ENV{LEAP_SEED} // time);
done_testing();
