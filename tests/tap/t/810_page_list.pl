# tests/tap/t/810_page_list.pl
#     The list of recordings in a browser: what it shows, filters and pages in its address, what happens while it is
#     looked at, operations on one and on many, what is refused, adding, and 500 recordings in progress.
use strict;
use warnings;

use PageTrial;

PageTrial->new('list')->run('list.mjs');
