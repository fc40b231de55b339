# tests/tap/t/805_page_live.pl
#     What happens, in a browser, while servers come and go: open pages say that the server is away, look for it less and
#     less often, and show what happened meanwhile, without being loaded again. And many tabs with one stream of events.
use strict;
use warnings;

use PageTrial;

PageTrial->new('live')->run('live.mjs');
