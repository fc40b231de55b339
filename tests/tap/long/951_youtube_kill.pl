# tests/tap/long/951_youtube_kill.pl
#     A hundred lessons, each published once to YouTube though the child that does it is killed and connections break.
use strict;
use warnings;

use Test::More;

use YoutubeKill;

YoutubeKill::rounds(100, $ENV{LEAP_SEED} // time, 140_000_000);
done_testing();
