# tests/tap/t/320_worker_stop.pl
#     A worker that is asked to stop claims nothing more, lets its tasks end within the
#     grace, and hands back what does not; a second signal shortens the grace.
use strict;
use warnings;

use LeapNode;
use Test::More;
use Time::HiRes qw(sleep time);

my $leap = LeapNode->new('stop');
my $media = $leap->fake_media({ cut => 2 });
my @options = (slots => 1, 'media-program' => $media);
my ($worker, $begin, $id);

sub claimed_trim
{
	my ($name, %more) = @_;
	$worker = $leap->worker(@options, %more);
	$id = $leap->add($name);
	$leap->wait_for_running($id, 'trim');
	$leap->wait_for_media;
	$begin = time;
}

claimed_trim('within the grace', grace => 60);
is($leap->end_worker($worker, 'TERM'), 0, 'stopped with status 0');
cmp_ok(time - $begin, '<', 40, 'as soon as the task was done, not after the grace');
like($leap->tasks($id), qr/trim=succeeded\/1 transcribe=ready\/0/, 'the task is done, the next one is not begun');

$leap->behave({ cut => 60 });
claimed_trim('beyond the grace', grace => 1);
is($leap->end_worker($worker, 'TERM'), 0, 'stopped with status 0');
cmp_ok(time - $begin, '<', 40, 'after the grace, not with the end of the task');
ok(defined $leap->wait_for_no_media(0.5), 'the child is gone');
like($leap->tasks($id), qr/trim=ready\/1/, 'its task is back');
is($leap->sql("SELECT failures + rescues FROM leap.tasks WHERE recording_id = '$id' AND kind = 'trim'"), 0, 'at no cost');
is($leap->recording($id, 'status'), 'DOWNLOADED', 'the recording is where it was');
is($leap->recording($id, 'failed'), 'f', 'and has not failed');
is(scalar(grep { !/^users\/.*\/source-/ } $leap->stray_files), 0, 'no half-written file is left');

claimed_trim('two signals', grace => 60, slots => 2); # the other recording's runs as well
kill 'TERM', $worker;
sleep 0.3;
is($leap->end_worker($worker, 'INT'), 0, 'a second signal');
cmp_ok(time - $begin, '<', 40, 'ends the grace at once');
like($leap->tasks($id), qr/trim=ready\/1/, 'the task is back');

# everything that was handed back is done by the next worker
$leap->behave({});
$worker = $leap->worker(@options);
is($leap->wait_for("SELECT count(*) FROM leap.runs WHERE state = 'active'", '0', 60), '0', 'nothing is left to do');
is($leap->sql("SELECT string_agg(DISTINCT status, ' ') FROM leap.recordings"), 'UPLOADED', 'all are published');

done_testing();
