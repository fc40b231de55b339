# tests/tap/t/020_isolation.pl
#     Races between sessions: tests/isolation/schedule, by pg_isolation_regress.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/../lib";
use PgRegress;

PgRegress::run('isolation', $ENV{PG_ISOLATION_REGRESS});
