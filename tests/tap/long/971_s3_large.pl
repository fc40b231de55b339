# tests/tap/long/971_s3_large.pl
#     A bucket with 4,000 recordings (Swift takes its time for each): found to its end in three parts, each once (tests/tap/lib/S3Many.pm).
use strict;
use warnings;

use S3Many;
use Test::More;

S3Many::all_found(objects => 4_000, page => 1000, part => 1_500);
done_testing();
