# tests/tap/t/345_worker_outage.pl
#     The server restarts more often, under long tasks, than a task may lose workers: nothing is
#     lost, rescued or quarantined. A worker that is silent for longer than its leases live loses
#     them: the tasks run again elsewhere, and when it wakes up its writes are refused and its
#     children end.
use strict;
use warnings;

use LeapNode;
use Test::More;

my $leap = LeapNode->new('outage', settings => "restart_after_crash = on\nleap.start_grace = 5\n");
my $media = $leap->fake_media({ cut => 'wait' });
my @options = (slots => 2, 'media-program' => $media);
my ($first, $second) = map { $leap->worker(@options, name => $_) } qw(first second);
my $all_once = join ' ', map { "$_=succeeded/1" } qw(download trim transcribe topics subtitles upload);

# Every worker is there again: a session holds the lock of each.
sub workers_are_back
{
	my ($how) = @_;
	is($leap->wait_for(q{SELECT count(*) FROM leap.workers w WHERE w.no = ANY (leap.sessions_alive()) AND gone_at IS NULL AND stopped_at IS NULL}, 2),
		2, "$how: both workers come back");
	is($leap->sql(q{SELECT count(*) FROM leap.task_lease}), 4, "$how: with all they hold");
}

my %outage = (
	'fast restart' => sub { $leap->node->restart },
	'crash' => sub { $leap->node->stop('immediate'); $leap->node->start },
	'killed session' => sub {
		my $started = $leap->sql('SELECT pid FROM pg_stat_activity WHERE backend_type = $$checkpointer$$');
		kill 'KILL', $leap->sql(q{SELECT pid FROM pg_stat_activity WHERE application_name = 'leap worker' LIMIT 1});
		# all processes of the server but the first are new ones then
		$leap->wait_until(sub {
			my ($status, $pid) = $leap->node->psql('leap', 'SELECT pid FROM pg_stat_activity WHERE backend_type = $$checkpointer$$');
			return $status == 0 && $pid ne '' && $pid ne $started;
		});
	});

my @ids = map { $leap->add("long $_") } 1 .. 4;
$leap->wait_for_running($_, 'trim') for @ids;
for my $how (('fast restart', 'crash', 'killed session') x 2)
{
	$outage{$how}->();
	workers_are_back($how);
}

# One that cannot come back at once, after the server has recovered without a restart.
is($leap->wait_for(q{SELECT clock_timestamp() > leap.server_started_at() + interval '5 s'}, 't'), 't', 'the server has been up for a while');
kill 'STOP', $first;
$outage{'killed session'}->();
is($leap->wait_for(q{SELECT clock_timestamp() > leap.server_started_at() + interval '3 s'}, 't'), 't', 'time enough to miss the session of a worker');
is($leap->wait_for(q{SELECT cardinality(leap.sessions_alive())}, 1), 1, 'which is not there');
kill 'CONT', $first;
workers_are_back('a slow return');

$leap->behave({});
for my $id (@ids)
{
	is($leap->wait_for_end($id), 'finished', 'after all outages: finished');
	is($leap->tasks($id), $all_once, 'at the first attempt');
	$leap->is_published_once($id, 'outages');
}
is($leap->sql('SELECT sum(rescues) + sum(failures) FROM leap.tasks'), 0, 'nothing was rescued, nothing failed');
is($leap->sql('SELECT count(*) FROM leap.recordings WHERE hold IS NOT NULL'), 0, 'nothing is in quarantine');
is($leap->sql('SELECT count(*) FROM leap.workers'), 2, 'they are the same two workers');
is($leap->end_worker($second, 'TERM'), 0, 'one of them stops');

# Silence. One task is done while its worker is frozen, another one is still running when it wakes up.
$leap->sql('ALTER SYSTEM SET leap.worker_timeout = 4');
$leap->sql('ALTER SYSTEM SET leap.heartbeat_interval = 1');
$leap->sql('SELECT pg_reload_conf()');
$leap->end_worker($first, 'TERM');
$first = $leap->worker(@options, name => 'silent'); # a worker learns at its start how long it may be silent
$leap->behave({ transcribe => 'wait' });
my $running = $leap->add('still running');
$leap->wait_for_running($running, 'transcribe');
$leap->behave({ cut => 'wait', transcribe => 'wait' });
my $ended = $leap->add('done meanwhile');
$leap->wait_for_running($ended, 'trim');
ok($leap->wait_until(sub { $leap->media_processes == 2 }), 'two children are at work');

kill 'STOP', $first;
$leap->behave({ transcribe => 'wait' });
ok($leap->wait_until(sub { $leap->media_processes == 1 }), 'one of them is done while the worker is silent');
$second = $leap->worker(@options, name => 'awake');
for my $task ([ $running, 'transcribe' ], [ $ended, 'trim' ])
{
	my ($id, $kind) = @$task;
	my $claims = "FROM leap.task_events WHERE recording_id = '$id' AND kind = '$kind' AND to_state = 'running'";
	is($leap->wait_for("SELECT count(*) $claims", 2), 2, "$kind runs again");
	is($leap->sql("SELECT max(at) - (SELECT beat_at FROM leap.workers WHERE name = 'silent') > '4 s' $claims"), 't', "$kind: not before the lease was over");
	note "$kind: " . $leap->sql("SELECT extract(epoch FROM max(at) - (SELECT beat_at FROM leap.workers WHERE name = 'silent')) $claims") . ' seconds after the last sign of life';
}
my ($lost_running, $lost_ended) = map { $leap->sql("SELECT id FROM leap.tasks WHERE recording_id = '$_->[0]' AND kind = '$_->[1]'") } [ $running, 'transcribe' ], [ $ended, 'trim' ];
is($leap->wait_for_running($ended, 'transcribe'), 'running', 'trim is done by the other one');
kill 'CONT', $first;
ok($leap->wait_for_log(qr/\[$first\] INFO: (?:lost|ended) task=$lost_ended kind=trim /), 'the result of the first one is refused');
ok($leap->wait_for_log(qr/\[$first\] INFO: order lost: ending task=$lost_running kind=transcribe /), 'what it still runs is ended');
ok($leap->wait_until(sub { !$leap->children($first) }, 30), 'its child is gone');
$leap->behave({});
for my $id ($running, $ended)
{
	is($leap->wait_for_end($id), 'finished', 'silence: finished');
	$leap->is_published_once($id, 'silence');
}
is($leap->sql("SELECT string_agg(DISTINCT format('%s %s', attempt, rescues), ', ') FROM leap.tasks WHERE id IN ($lost_running, $lost_ended)"), '2 1',
	'second attempts, each after a rescue');
is($leap->sql("SELECT count(*) FROM leap.tasks JOIN leap.workers w ON w.id = worker_id WHERE tasks.id IN ($lost_running, $lost_ended) AND w.name = 'awake'"), 2,
	'whose results count');
is($leap->end_worker($_, 'TERM'), 0, 'a worker stops in order') for $first, $second;

done_testing();
