# tests/tap/long/952_s3_kill.pl
#     A hundred lessons on their way into a bucket, whose children are killed at any moment (tests/tap/lib/S3Kill.pm).
use strict;
use warnings;

use S3Kill;
use Test::More;

S3Kill::rounds(100, $ENV{LEAP_SEED} // time);
done_testing();
