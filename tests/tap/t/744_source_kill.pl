# tests/tap/t/744_source_kill.pl
#     Downloads from a bucket and from a disk whose children are killed at any byte; more of them: long/954_source_kill.pl.
use strict;
use warnings;

use SourceKill;
use Test::More;

subtest $_ => sub { SourceKill::rounds($_, 5, $ENV{LEAP_SEED} // time); } for qw(yandex_disk s3);
done_testing();
