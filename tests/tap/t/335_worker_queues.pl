# tests/tap/t/335_worker_queues.pl
#     A worker runs as many tasks of a queue as it was told, never more, and a queue that is full
#     of slow work keeps no other queue waiting.
use strict;
use warnings;

use LeapNode;
use Test::More;

my $leap = LeapNode->new('queues');
my $media = $leap->fake_media({ analyse => 1, cut => 1, transcribe => 1 });

# the most tasks of a queue that ran at the same time, from when each was claimed until it ended
sub most_at_once
{
	my ($queue) = @_;
	return $leap->sql(<<~SQL);
		SELECT max(n) FROM (
		    SELECT sum(step) OVER (ORDER BY at, step) AS n
		    FROM leap.tasks t, LATERAL (VALUES (t.started_at, 1), (t.finished_at, -1)) AS e (at, step)
		    WHERE t.queue = '$queue' AND t.started_at IS NOT NULL) x
		SQL
}

my $worker = $leap->worker(queue => 'processing=2,upload=3,automation', slots => 1, 'media-program' => $media);
$leap->wait_for('SELECT count(*) FROM leap.workers', 1);
is($leap->sql('SELECT array_to_string(queues, $$,$$), slots, room FROM leap.workers'),
	'processing,upload,automation|6|{"upload": 3, "processing": 2}', 'the database knows the rooms');

$leap->sql("SELECT leap.pause_queue('processing', 'a test')");
my %environment = $leap->environment;
@ENV{ keys %environment } = values %environment;
# a chore may have a slot for a moment
ok($leap->wait_until(sub { qx(@{[ $leap->program ]} workers) =~ / 0 of  6 slots .*  processing 2 \(paused\), upload 3, automation$/m }), 'so do people');
$leap->sql("SELECT leap.resume_queue('processing')");

my @ids = map { $leap->add("lecture $_") } 1 .. 6;
$leap->wait_for("SELECT count(*) FROM leap.task_lease", qr/^[3-6]$/);
$leap->sql('SELECT leap.sweep_storage()');
is($leap->wait_for("SELECT state FROM leap.tasks WHERE kind = 'maintain' ORDER BY id DESC LIMIT 1", 'succeeded'), 'succeeded', 'a queue that shares the slots is served');
cmp_ok($leap->sql(q{SELECT count(*) FROM leap.runs WHERE state = 'active'}), '>', 0, '... while the others are busy');
is($leap->wait_for_end($_), 'finished', 'published') for @ids;
is(most_at_once('upload'), 3, 'the most uploads and downloads at once');
is(most_at_once('processing'), 2, 'the most processing at once');
is(most_at_once('automation'), 1, 'and the shared slot');
is($leap->end_worker($worker, 'TERM'), 0, 'the worker stops');

# a queue full of slow work keeps no other waiting: nothing but processing is busy here
$leap->behave({ cut => 60 });
$worker = $leap->worker(queue => 'processing=1,upload=1', 'media-program' => $media);
my @slow = map { $leap->add("slow $_") } 1 .. 3;
is($leap->wait_for("SELECT count(*) FROM leap.tasks WHERE kind = 'download' AND state = 'succeeded' AND recording_id IN ('" . join("','", @slow) . "')", 3),
	3, 'all are downloaded while the first is cut');
is($leap->sql("SELECT count(*) FROM leap.tasks WHERE kind = 'trim' AND state = 'running'"), 1, 'one is cut');

# without numbers queues take turns: a hundred downloads of one user keep no step of another waiting
$leap->end_worker($worker, 'KILL');
$leap->sql("SELECT leap.operate('cancel', ARRAY(SELECT id FROM leap.recordings))");
$leap->behave({});
$leap->sql("SELECT leap.add_user('busy\@example.org')");
$leap->add('busy', user => 'busy@example.org');
$leap->sql(<<~SQL);
	SELECT count(leap.run_recording(leap.add_recording('busy\@example.org', jsonb_build_object('type', 'file', 'path', '$leap->{inbox}/busy.mp4'))))
	FROM generate_series(1, 100)
	SQL
my $one = $leap->add('one of another', user => 'teacher@example.org');
$worker = $leap->worker(slots => 1, 'media-program' => $media);
is($leap->wait_for_end($one), 'finished', 'the only recording of another user is published');
cmp_ok($leap->sql("SELECT count(*) FROM leap.task_ready WHERE queue = 'upload'"), '>', 0, '... before a busy user has all his downloads');

my %refused = (
	'gpu=2' => qr/gpu=2.*upload processing automation notify/s,
	'upload=0' => qr/upload=0.*1 to 1024/s,
	'upload=1025' => qr/upload=1025/,
	'upload=2,upload=3' => qr/name once/,
	'upload=x' => qr/upload=x/,
	'upload=1024,processing=1024' => qr/2048 tasks.*at most 1024/s);
for my $queue (sort keys %refused)
{
	my $said = qx(@{[ $leap->program ]} worker --queue=$queue 2>&1);
	isnt($?, 0, "--queue=$queue is refused");
	like($said, $refused{$queue}, '... with the reason');
}
my $said = qx(@{[ $leap->program ]} worker --queue upload=1 --queue processing=2 --slots=2 2>&1);
like($said, qr/no slots are left to share/, 'slots nobody would share are refused');

done_testing();
