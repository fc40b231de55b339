# tests/tap/t/738_s3_list.pl
#     A bucket of several pages, read in parts; with 25,000 recordings: long/971_s3_large.pl.
use strict;
use warnings;

use S3Many;
use Test::More;

S3Many::all_found(name => 's3_list', objects => 130, page => 20, part => 50);
done_testing();
