# tests/tap/t/830_page_account.pl
#     The notification centre and the account, in a browser: what rings the bell, by which channels it comes, webhooks, the
#     profile, sessions, keys, limits, settings, retention, and the end of an account.
use strict;
use warnings;

use PageTrial;

PageTrial->new('account')->run('account.mjs');
