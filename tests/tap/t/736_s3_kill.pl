# tests/tap/t/736_s3_kill.pl
#     Lessons on their way into a bucket, whose children are killed at any moment; a hundred of them: long/952_s3_kill.pl.
use strict;
use warnings;

use S3Kill;
use Test::More;

S3Kill::rounds(10, $ENV{LEAP_SEED} // time);
done_testing();
