# tests/tap/t/330_worker_cancel.pl
#     What is cancelled ends within a second, whatever it is doing: the child, all that it
#     started, and every file it had begun. A child that fails, or dies, or is refused by the
#     database ends as it should.
use strict;
use warnings;

use LeapNode;
use Test::More;
use Time::HiRes qw(time);

my $leap = LeapNode->new('cancel');
my $media = $leap->fake_media;
my $worker = $leap->worker(slots => 1, 'media-program' => $media);

sub task
{
	my ($id, $kind) = @_;
	return $leap->sql("SELECT max(id) FROM leap.tasks WHERE recording_id = '$id' AND kind = '$kind'");
}

# Nothing is left of a cancelled task: no process, no file.
sub is_gone
{
	my ($what, $task, @children) = @_;

	ok($leap->wait_until(sub { !grep({ $leap->is_alive($_) } @children) && !$leap->media_processes && !$leap->children($worker) }, 20),
		"$what: no process is left");
	my $processes = time;
	my @left;
	ok($leap->wait_until(sub { !(@left = ($leap->stray_files, $leap->work_folders, $leap->half_lessons)) }, 20), "$what: no file is left")
		or diag(join "\n", @left);
	my $files = time;
	my $begin = $leap->sql("SELECT extract(epoch FROM finished_at) FROM leap.tasks WHERE id = $task");
	diag(sprintf '%s: processes gone after %.3f s, files after %.3f s', $what, $processes - $begin, $files - $begin);
	is($leap->sql("SELECT count(*) FROM leap.task_lease"), 0, "$what: no lease is left");
}

# those that leap-media works for, by the run and by the task
my %slow = (download => 'analyse', trim => 'cut', transcribe => 'transcribe');
my %stable = (download => 'INITIALIZED', trim => 'DOWNLOADED', transcribe => 'PROCESSED');

for my $kind (sort keys %slow)
{
	for my $by ('run', 'task')
	{
		$leap->behave({ $slow{$kind} => 30 });
		my $id = $leap->add("$kind cancelled by $by");
		my $what = "$kind, by its $by";

		is($leap->wait_for_running($id, $kind), 'running', "$what: it runs");
		$leap->wait_for_media;
		my @children = ($leap->children($worker), $leap->media_processes);
		my $task = task($id, $kind);
		$leap->sql($by eq 'run' ? "SELECT leap.cancel_recording('$id')" : "SELECT leap.cancel_task($task)");
		is_gone($what, $task, @children);
		is($leap->wait_for_end($id), 'cancelled', "$what: the run is cancelled");
		is($leap->recording($id, 'status'), $stable{$kind}, "$what: the recording is where it was");
		is($leap->sql("SELECT status FROM leap.get_task($task)"), 'CANCELLED', "$what: people are told");
	}
}

# the others are quick: frozen while they work, they do not even hear that they shall end
$leap->behave({ words => 5000 });
for my $kind ('topics', 'subtitles', 'upload')
{
	my $id = $leap->add("frozen in $kind");
	my @children;

	# an upload is caught with its folder half-made
	for my $try (1 .. 20)
	{
		my $running = sub { $leap->sql("SELECT count(*) FROM leap.tasks WHERE recording_id = '$id' AND kind = '$kind' AND state = 'running'") eq '1' };
		my $half = sub { $leap->half_lessons > 0 };
		@children = $leap->freeze_children($worker, $kind eq 'upload' ? $half : $running);
		last if @children && $running->() && ($kind ne 'upload' || $half->());
		kill 'CONT', @children;
		$leap->wait_for_end($id);
		$id = $leap->add("frozen in $kind, try $try");
	}
	is(scalar @children, 1, "$kind: it is frozen while it works");
	my $task = task($id, $kind);
	$leap->sql("SELECT leap.cancel_task($task)");
	is_gone($kind, $task, @children);
	is($leap->wait_for_end($id), 'cancelled', "$kind: the run is cancelled");
	is(scalar $leap->lessons($id), 0, "$kind: nothing is published");
	is($leap->recording($id, 'status'), $kind eq 'upload' ? 'TRANSCRIBED' : 'PROCESSED', "$kind: the recording is where it was");
	# what was cancelled is done by the next run, and nothing else
	$leap->sql("SELECT leap.run_recording('$id')");
	is($leap->wait_for_end($id), 'finished', "$kind: the next run ends well");
	$leap->is_published_once($id, $kind);
}

# housekeeping belongs to no recording
my ($sweep, @sweepers);
for my $try (1 .. 20)
{
	$leap->sql('SELECT leap.sweep_storage()');
	@sweepers = $leap->freeze_children($worker, sub { 1 });
	$sweep = $leap->sql("SELECT max(id) FROM leap.tasks WHERE kind = 'maintain' AND state = 'running'");
	last if @sweepers && $sweep;
	kill 'CONT', @sweepers;
	$leap->wait_for("SELECT count(*) FROM leap.tasks WHERE kind = 'maintain' AND state IN ('ready', 'running')", 0);
}
is(scalar @sweepers, 1, 'maintain: it is frozen while it works');
$leap->sql("SELECT leap.cancel_task($sweep)");
is_gone('maintain', $sweep, @sweepers);
is($leap->sql("SELECT status FROM leap.get_task($sweep)"), 'CANCELLED', 'maintain: people are told');

# the worker goes on as if nothing had happened
$leap->behave({});
my $id = $leap->add('afterwards');
is($leap->wait_for_end($id), 'finished', 'the next recording is published');

# leap-media dies: tried again later
$leap->behave({ cut => 'die' });
$id = $leap->add('media dies');
is($leap->wait_for("SELECT state FROM leap.tasks WHERE recording_id = '$id' AND kind = 'trim'", 'scheduled'), 'scheduled', 'put off');
is($leap->sql("SELECT error->>'code' FROM leap.tasks WHERE recording_id = '$id' AND kind = 'trim'"), 'media_died', 'the code says why');
is($leap->recording($id, 'failed_at_stage'), 'process', 'the recording knows where');
$leap->behave({});
$leap->sql("SELECT leap.retry_recording('$id')");
is($leap->wait_for_end($id), 'finished', 'a retry mends it');

# the child dies itself
$leap->behave({ cut => 30 });
$id = $leap->add('child dies');
$leap->wait_for_running($id, 'trim');
$leap->wait_for_media;
my ($child) = map { qx(ps -o ppid= -p $_) =~ /(\d+)/ } $leap->media_processes;
kill 'SEGV', $child;
is($leap->wait_for("SELECT state FROM leap.tasks WHERE recording_id = '$id' AND kind = 'trim'", 'scheduled'), 'scheduled', 'put off');
like($leap->sql("SELECT error->>'message' FROM leap.tasks WHERE recording_id = '$id' AND kind = 'trim'"), qr/signal 11/, 'the signal is named');
ok(defined $leap->wait_for_no_media(1), 'its leap-media died with it');

# a worker that was killed leaves its folders to the next one, which takes nothing that is in use
my $second = $leap->worker(slots => 1, 'media-program' => $media, queue => 'processing');
$leap->sql("SELECT leap.retry_recording('$id')");
is($leap->wait_for_running($id, 'trim'), 'running', 'tried again');
$leap->wait_for_media;
my ($used) = $leap->work_folders;
ok(-d $used, 'an attempt has a folder');
my ($busy) = grep { $leap->children($_) } $worker, $second;
my $third = $leap->worker(slots => 1, 'media-program' => $media, queue => 'automation');
$leap->wait_for("SELECT count(*) FROM leap.workers WHERE stopped_at IS NULL", 3);
ok(-d $used, 'a worker that starts leaves it there');
$leap->end_worker($busy, 'KILL');
ok($leap->wait_until(sub { $leap->media_processes && !-d $used }, 30), 'the next attempt removes that of a killed worker');
$leap->sql("SELECT leap.cancel_recording('$id')");
ok($leap->wait_until(sub { !$leap->work_folders }, 30), 'and its own');

# what nobody attempts again goes at the start of a worker
$leap->end_worker($_, 'KILL') for grep { $leap->is_alive($_) } $worker, $second, $third;
$worker = $leap->worker(slots => 1, 'media-program' => $media);
my $last = $leap->add('killed and cancelled');
is($leap->wait_for_running($last, 'trim'), 'running', 'another one runs');
$leap->wait_for_media;
$leap->end_worker($worker, 'KILL');
ok($leap->wait_until(sub { !$leap->media_processes }, 30), 'its worker is killed');
is(scalar(my @left = $leap->work_folders), 1, 'a folder is left');
$leap->sql("SELECT leap.cancel_recording('$last')");
$leap->worker(slots => 1, 'media-program' => $media);
ok($leap->wait_until(sub { !$leap->work_folders }, 30), 'the next worker removes it');

done_testing();
