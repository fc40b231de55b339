# tests/tap/t/330_worker_cancel.pl
#     A cancelled run ends its task within a second, and what was half-written goes with it.
#     A child that fails, or dies, or is refused by the database ends as it should.
use strict;
use warnings;

use LeapNode;
use Test::More;
use Time::HiRes qw(sleep time);

my $leap = LeapNode->new('cancel');
my $media = $leap->fake_media;
my $worker = $leap->worker(slots => 2, 'media-program' => $media);
my %slow = (download => 'analyse', trim => 'cut', transcribe => 'transcribe');

for my $kind (sort keys %slow)
{
	$leap->behave({ $slow{$kind} => 30 });
	my $id = $leap->add("cancelled in $kind");

	is($leap->wait_for_running($id, $kind), 'running', "$kind runs");
	$leap->wait_for_media;
	$leap->sql("SELECT leap.cancel_recording('$id')");
	my $took = $leap->wait_for_no_media(1);
	ok(defined $took, sprintf "$kind: the child is gone after %.2f s", $took // -1);
	is($leap->wait_for_end($id), 'cancelled', "$kind: the run is cancelled");
	is($leap->sql("SELECT count(*) FROM leap.task_lease"), 0, "$kind: no lease is left");
}
is($leap->wait_for("SELECT count(*) FROM leap.tasks WHERE state = 'running'", '0'), '0', 'nothing runs');
sleep 0.5;
is_deeply([ $leap->stray_files ], [], 'no file is left that no recording knows');

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

done_testing();
