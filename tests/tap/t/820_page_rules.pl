# tests/tap/t/820_page_rules.pl
#     What people set up, in a browser: templates, presets, sources, credentials, automation; forms that follow the
#     server's rules, previews, syncs and runs as they happen.
use strict;
use warnings;

use LeapNode;
use PageTrial;

my $trial = PageTrial->new('rules');
my $leap = $trial->{leap};
my $keys = "$leap->{base}/credential.keys";
my %environment = $leap->environment;

{
	local %ENV = (%ENV, %environment);
	system($leap->program, 'keys', 'init', $keys) == 0 or die "leap keys init failed\n";
}
$leap->worker(queue => 'automation', slots => 1, 'credential-keys' => $keys);
$trial->run('rules.mjs');
