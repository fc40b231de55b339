# tests/tap/long/953_vk_kill.pl
#     A hundred lessons on their way to VK, whose children are killed at any moment (tests/tap/lib/KillRounds.pm).
use strict;
use warnings;

use KillRounds;
use Test::More;

KillRounds::rounds(vk => 100, $ENV{LEAP_SEED} // time);
done_testing();
