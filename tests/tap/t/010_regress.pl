# tests/tap/t/010_regress.pl
#     SQL regression tests: tests/regress/schedule, by pg_regress.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../lib";
use PgRegress;

PgRegress::run('regress', $ENV{PG_REGRESS});
