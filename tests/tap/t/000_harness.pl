# tests/tap/t/000_harness.pl
#     The harness does not call it a success when there was nothing to run.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Test::More;

my $root = abs_path(dirname(__FILE__) . '/../../..');
my $answer = qx(cd '$root' && '$^X' tests/harness.pl 2>&1);

isnt($?, 0, 'without tests the harness fails');
like($answer, qr/^there is no test to run/, 'and says why');

done_testing();
