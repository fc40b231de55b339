# tests/tap/t/800_page_shell.pl
#     The web page itself, in a browser: signing in and out, what a tab tells the other, looks and
#     language, errors, the policy that forbids what is not ours, and how little is sent at first.
use strict;
use warnings;

use PageTrial;

PageTrial->new('shell')->run('shell.mjs');
