# tests/tap/t/340_worker_database.pl
#     The database goes away and comes back: tasks go on, leases are kept, nothing is done
#     twice. A worker that was silent for too long is taken for dead, and comes back.
use strict;
use warnings;

use LeapNode;
use Test::More;
use Time::HiRes qw(sleep time);

my $leap = LeapNode->new('database', settings => "leap.worker_timeout = 5\n");
my $media = $leap->fake_media({ cut => 3, transcribe => 3 });
my @options = (slots => 2, 'media-program' => $media);
my $worker = $leap->worker(@options);

sub ends_at_once
{
	my ($id, $what) = @_;
	is($leap->wait_for_end($id), 'finished', "$what: finished");
	is($leap->tasks($id), join(' ', map { "$_=succeeded/1" } qw(download trim transcribe topics subtitles upload)),
		"$what: at the first attempt");
	is($leap->sql("SELECT sum(rescues) FROM leap.tasks WHERE recording_id = '$id'"), 0, "$what: nothing was rescued");
	$leap->is_published_once($id, $what);
}

my $id = $leap->add('restart');
$leap->wait_for_running($id, 'trim');
$leap->node->restart;
ends_at_once($id, 'a restart');

$id = $leap->add('crash');
$leap->wait_for_running($id, 'trim');
$leap->node->stop('immediate');
sleep 1;
$leap->node->start;
ends_at_once($id, 'a crash of the server');

# the result is ready while nobody is there to take it
$leap->behave({ cut => 1 });
$id = $leap->add('result during the outage');
$leap->wait_for_running($id, 'trim');
$leap->node->stop('fast');
sleep 2.5;
$leap->node->start;
ends_at_once($id, 'a result without a database');

$id = $leap->add('connection cut');
$leap->wait_for_running($id, 'trim');
$leap->sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'leap worker'") for 1 .. 2;
ends_at_once($id, 'a cut connection');
is($leap->sql('SELECT count(*) FROM leap.workers'), 1, 'it is one worker all the time');

# an update of the schema under a running worker: what it prepared does not fit any more
my $signature = $leap->sql("SELECT 'leap.claim'::regproc::regprocedure");
my $claim = $leap->sql("SELECT pg_get_functiondef('leap.claim'::regproc)");
ok($claim =~ s/, input json\)/, input json, news text)/ && $claim =~ s/, i\.input$/, i.input, 'new'::text/m, 'claim() gets another column');
$leap->sql("BEGIN; DROP FUNCTION $signature; $claim; ALTER FUNCTION $signature OWNER TO leap_owner; COMMIT");
$id = $leap->add('another protocol');
ends_at_once($id, 'a new schema');

# silence
$leap->behave({ cut => 8 });
$id = $leap->add('silent worker');
$leap->wait_for_running($id, 'trim');
kill 'STOP', $worker;
$leap->behave({});
my $second = $leap->worker(@options, name => 'second');
is($leap->wait_for_end($id, 40), 'finished', 'another worker takes over from a silent one');
is($leap->sql("SELECT attempt FROM leap.tasks WHERE recording_id = '$id' AND kind = 'trim'"), 2, 'with a second attempt');
kill 'CONT', $worker;
$leap->is_published_once($id, 'silence');
$leap->end_worker($second, 'TERM');
$id = $leap->add('after the silence');
ends_at_once($id, 'the worker that was silent');

unlike($leap->log_text, qr/\b[0-9a-f]{64}\b/, 'no secret is in the log');

done_testing();
