# tests/tap/t/825_page_monitor.pl
#     The monitor and the administration in a browser, over a running system with a worker: what administrators
#     watch as it happens and do from there, what others see of their own, and that nobody else gets in.
use strict;
use warnings;

use PageTrial;

my $trial = PageTrial->new('monitor');
my $leap = $trial->{leap};
my $hostile = q{E'<img src=x onerror=alert(1)> "quoted" & \\u05d0\\u05d1 \\U0001f393 ' || repeat('long title ', 20)};

# one that fails, with a name that is not to become markup, and one that waits for its time
my $bad = $leap->sql("SELECT leap.add_recording('teacher\@example.org', '{\"type\": \"file\", \"path\": \"$leap->{inbox}/missing.mp4\"}', $hostile)");
$leap->worker(slots => 2, threads => 1);
$leap->sql("SELECT leap.run_recording('$bad')");
$leap->wait_for_end($bad);
$leap->sql("SELECT leap.roll_statistics()");
my $later = $leap->sql("SELECT leap.add_recording('teacher\@example.org', '{\"type\": \"url\", \"url\": \"https://example.org/later.mp4\"}', 'Later lecture')");
$leap->sql("SELECT leap.run_recording('$later', start_at => now() + interval '3 hours')");

$trial->run('monitor.mjs', LEAP_E2E_FAILED => $bad, LEAP_E2E_LATER => $later);
