# tests/tap/t/132_media_limits.pl
#     What goes wrong with one recording costs it one attempt and nothing else: a leap-media that
#     crashes, hangs or runs into a limit, and a disk that is full, are named, leave nothing
#     half-made, and the worker goes on.
use strict;
use warnings;

use JSON::PP;
use LeapNode;
use Test::More;

my $leap = LeapNode->new('limits');
my $media = $leap->fake_media;
# what is put off waits until it is asked for
$leap->sql("UPDATE leap.retry_policies SET base_delay = '1 h', max_delay = '2 h'");
my $worker = $leap->worker(slots => 2, 'media-program' => $media, 'media-seconds' => 2);

# The last task of a kind, with what it says.
sub task
{
	my ($id, $kind) = @_;
	return decode_json($leap->sql("SELECT to_jsonb(t) FROM leap.tasks t WHERE recording_id = '$id' AND kind = '$kind' ORDER BY id DESC LIMIT 1"));
}

# The task was put off after one attempt, for a reason that passes.
sub is_put_off
{
	my ($what, $id, $kind, $code, $message) = @_;
	my $state = "SELECT state FROM leap.tasks WHERE recording_id = '$id' AND kind = '$kind' ORDER BY id DESC LIMIT 1";

	is($leap->wait_for($state, 'scheduled'), 'scheduled', "$what: tried again later") or diag($leap->log_text);
	my $task = task($id, $kind);
	is("$task->{error}{class} $task->{error}{code}", "transient $code", "$what: class and code");
	like($task->{error}{message}, $message, "$what: the message says what happened");
	is($task->{attempt}, 1, "$what: it cost one attempt");
	return;
}

# leap-media ends in many ways.
for my $row (
	['SEGV', qr/signal 11 .*while cutting: it crashed/],
	['XCPU', qr/signal 24 .*processor time/],
	['SYS',  qr/signal 31 .*asked the kernel/],
	['ABRT', qr/signal 6 .*lack of memory \(it may use \d+ MiB/],
	['KILL', qr/signal 9 .*memory ran out/],
	['STOP', qr/took longer than 2 seconds while cutting/])
{
	my ($signal, $message) = @$row;

	$leap->behave({ cut => $signal });
	my $id = $leap->add("ends by $signal");
	is_put_off($signal, $id, 'trim', 'media_died', $message);
	ok($leap->wait_until(sub { !$leap->media_processes }, 20), "$signal: no process is left");
	is_deeply([$leap->stray_files], [], "$signal: no file is left");
	$leap->behave({});
	my $other = $leap->add("beside $signal");
	is($leap->wait_for_end($other), 'finished', "$signal: the worker does other work");
	$leap->sql("SELECT leap.retry_recording('$id')");
	is($leap->wait_for_end($id), 'finished', "$signal: and this one, when it can be done");
}
ok($leap->is_alive($worker), 'it is the same worker');
$leap->end_worker($worker, 'TERM');

# A worker whose storage is a disk of its own, which only takes the memory that is used: it
# lives in a namespace where it may mount one. What is written to $control becomes its size.
my $control;

sub disk_worker
{
	my ($size, %options) = @_;
	my $wrapper = "$leap->{base}/on-disk";
	my $program = $leap->program;

	system('mkfifo', "$leap->{base}/size") == 0 or die "mkfifo: $?";
	open my $out, '>', $wrapper or die "$wrapper: $!\n";
	# who mounts is called root; then the worker gets its name back
	print $out <<~"SHELL";
		#!/bin/sh
		export ME=\$(id -u) US=\$(id -g)
		exec unshare --user --map-root-user --mount sh -c '
			mount -t tmpfs -o size=$size,mode=755 tmpfs "\$0" || exit
			(exec <$leap->{base}/size; while read size; do mount -t tmpfs -o remount,size=\$size,mode=755 tmpfs "\$0"; done) &
			exec unshare --user --map-user=\$ME --map-group=\$US "\$@"' "\$LEAP_STORAGE" $program "\$@"
		SHELL
	close $out;
	chmod 0755, $wrapper;
	no warnings 'redefine';
	local *LeapNode::program = sub { return $wrapper };
	my $pid = $leap->worker(%options);
	open $control, '>', "$leap->{base}/size" or die "size: $!\n";
	$control->autoflush(1);
	return $pid;
}

SKIP:
{
	skip 'no user namespaces, so no disk of its own', 1
		if system('unshare --user --map-root-user --mount true 2>/dev/null') != 0;

	my $lecture = "$leap->{base}/lecture.mp4";
	system(qw(ffmpeg -hide_banner -nostdin -loglevel error -y -f lavfi -i testsrc2=s=640x360:r=10 -f lavfi -i), "aevalsrc='0.3*sin(2000*t)*lt(mod(t,0.23),0.15)':s=16000",
		qw(-t 30 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -b:v 1M -g 20 -c:a aac), $lecture) == 0 or die 'ffmpeg';
	my $config = encode_json({ transcription => { enable_transcription => JSON::PP::false } });

	$worker = disk_worker('640m', slots => 2);
	$leap->wait_for("SELECT count(*) FROM leap.workers WHERE stopped_at IS NULL", 1);
	local $leap->{storage} = "/proc/$worker/root$leap->{storage}";

	# gives the disk room for so many KiB
	my $leave = sub {
		my ($kibibytes) = @_;
		my $size = sub { # in blocks: all, used
			my ($all, $free) = split ' ', qx(stat -f -c '%b %f' '$leap->{storage}');
			return ($all, $all - $free);
		};
		my $wanted = ($size->())[1] + $kibibytes / 4;
		print $control 4 * $wanted . "k\n";
		ok($leap->wait_until(sub { ($size->())[0] == $wanted }, 20), "the disk has room for $kibibytes KiB");
	};
	my $stray = sub { return [$leap->stray_files] };

	# the disk is full when the trimmed video is written
	$leap->sql("SELECT leap.pause_queue('processing')");
	my $id = $leap->add('no room for the video', file => $lecture, config => $config);
	is($leap->wait_for("SELECT status FROM leap.recordings WHERE id = '$id'", 'DOWNLOADED'), 'DOWNLOADED', 'there was room for the source');
	is_deeply($stray->(), [], 'all files have names');
	$leave->(200);
	$leap->sql("SELECT leap.resume_queue('processing')");
	is_put_off('trim', $id, 'trim', 'storage_full', qr/No space left on device/);
	is_deeply($stray->(), [], 'trim: nothing half-made is left');

	# and when another one is to be fetched
	my $other = $leap->add('no room for the source', file => $lecture, config => $config);
	is_put_off('download', $other, 'download', 'storage_full', qr/the storage has room for 0/);
	is_deeply($stray->(), [], 'download: nothing half-made is left');

	# there is room again
	ok($leap->is_alive($worker), 'the worker is well');
	$leave->(600 << 10);
	$leap->sql("SELECT leap.retry_recording('$_')") for $id, $other;
	is($leap->wait_for_end($_), 'finished', 'with room again it ends well') or diag($leap->log_text) for $id, $other;
	$leap->is_published_once($_, 'with room again') for $id, $other;
	is_deeply($stray->(), [], 'no stray file after all');
}

done_testing();
