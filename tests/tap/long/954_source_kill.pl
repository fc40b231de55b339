# tests/tap/long/954_source_kill.pl
#     A hundred downloads from a bucket and as many from a disk, whose children are killed at any byte (tests/tap/lib/SourceKill.pm).
use strict;
use warnings;

use SourceKill;
use Test::More;

subtest $_ => sub { SourceKill::rounds($_, 100, $ENV{LEAP_SEED} // time); } for qw(yandex_disk s3);
done_testing();
