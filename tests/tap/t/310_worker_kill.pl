# tests/tap/t/310_worker_kill.pl
#     A worker is killed in every step, and then again and again: its children die with it,
#     another worker takes over, and the recording is published exactly once.
use strict;
use warnings;

use LeapNode;
use Test::More;
use Time::HiRes qw(sleep);

my %slow = (download => 'analyse', trim => 'cut', transcribe => 'transcribe');
my $leap = LeapNode->new('kill', settings => "leap.start_grace = 1\n");
my $media = $leap->fake_media;
my @options = (slots => 2, 'media-program' => $media);

for my $kind (sort keys %slow)
{
	$leap->behave({ $slow{$kind} => 30 });
	my $worker = $leap->worker(@options);
	my $id = $leap->add("killed in $kind");

	is($leap->wait_for_running($id, $kind), 'running', "$kind runs");
	$leap->wait_for_media;
	$leap->end_worker($worker, 'KILL');
	my $took = $leap->wait_for_no_media(1);
	ok(defined $took, "$kind: the children die with the worker");

	$leap->behave({});
	$worker = $leap->worker(@options);
	is($leap->wait_for_end($id, 30), 'finished', "$kind: another worker finishes it");
	is($leap->sql("SELECT format('%s %s %s', attempt, failures, rescues) FROM leap.tasks WHERE recording_id = '$id' AND kind = '$kind'"),
		'2 0 1', "$kind: the second attempt, a rescue, no failure");
	$leap->is_published_once($id, $kind);
	$leap->end_worker($worker, 'TERM');
}

# whatever it is doing: kill it
$leap->sql('ALTER SYSTEM SET leap.max_rescues = 100');
$leap->sql('SELECT pg_reload_conf()');
$leap->behave({ analyse => 0.2, cut => 0.2, transcribe => 0.2 });
my @ids = map { $leap->add("storm $_") } 1 .. 3;
my $kills = 0;
for my $pause (map { 0.25 + $_ * 0.15 } 1 .. 20)
{
	my $worker = $leap->worker(@options);
	sleep $pause;
	$leap->end_worker($worker, 'KILL');
	$kills++;
	last if $leap->sql("SELECT count(*) FROM leap.runs WHERE state = 'active'") == 0;
}
my $last = $leap->worker(@options);
for my $id (@ids)
{
	is($leap->wait_for_end($id, 60), 'finished', "after $kills kills");
	$leap->is_published_once($id, 'storm');
}
is($leap->end_worker($last, 'TERM'), 0, 'the last worker stops in order');

done_testing();
