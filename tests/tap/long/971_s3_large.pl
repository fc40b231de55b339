# tests/tap/long/971_s3_large.pl
#     A bucket with 25,000 recordings: found to its end in three parts, each once (tests/tap/lib/S3Many.pm).
use strict;
use warnings;

use S3Many;
use Test::More;

S3Many::all_found(name => 's3_large', objects => 25_000, page => 1000, part => 10_000);
done_testing();
