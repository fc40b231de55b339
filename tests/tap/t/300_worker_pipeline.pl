# tests/tap/t/300_worker_pipeline.pl
#     The sample lecture without its middle (tests/tap/long/963: all of it) goes through all steps:
#     claimed, done by children, completed, published once. What the worker says about it is fit for
#     a log.
use strict;
use warnings;

use LeapNode;
use MediaProgram qw(run_ffmpeg);
use Test::More;

my $lecture = $ENV{LEAP_LECTURE} or plan skip_all => 'no sample lecture (LEAP_LECTURE)';
my $leap = LeapNode->new('pipeline');
my $worker = $leap->worker(slots => 2, name => 'hands', threads => 2);
my $id = $leap->add('The world around us', file => $ENV{LEAP_WHOLE} ? $lecture : without_middle());

is($leap->wait_for_end($id, 540), 'finished', 'the run is finished');
is($leap->tasks($id), join(' ', map { "$_=succeeded/1" } qw(download trim transcribe topics subtitles upload)),
	'every task succeeded at once') or diag($leap->log_text);
$leap->is_published_once($id, 'the lecture');

is($leap->sql("SELECT string_agg(split_part(kind, ':', 1), ' ' ORDER BY kind) FROM leap.artifacts WHERE recording_id = '$id'"),
	'analysis audio chapters envelope heard miniature poster source srt text topics transcript video vtt waveform',
	'all artifacts are there');
is_deeply([ $leap->stray_files ], [], 'and no other files');
cmp_ok($leap->recording($id, 'duration - final_duration'), '>', 25, 'dead air was cut off');
cmp_ok($leap->recording($id, 'jsonb_array_length(topics)'), '>=', 3, 'topics were found');
is($leap->recording($id, "facts #>> '{quality,verdict}'"), 'pass', 'the transcript is good enough');

my $log = $leap->log_text;
for my $kind (qw(download trim transcribe topics subtitles upload))
{
	like($log, qr/ claimed task=\d+ kind=$kind recording=$id attempt=1 fence=\.\.[0-9a-f]{4}$/m, "$kind: claimed is one line");
	like($log, qr/ done task=\d+ kind=$kind recording=$id attempt=1 seconds=[\d.]+$/m, "$kind: done is one line");
}
my @fences = split /\n/, $leap->sql("SELECT fence FROM leap.tasks WHERE recording_id = '$id'");
is(scalar(grep { index($log, $_) >= 0 } @fences), 0, 'no fence is in the log');
unlike($log, qr/ (?:WARNING|ERROR): /, 'nothing to complain about');

is($leap->sql("SELECT count(*) FROM leap.workers WHERE name = 'hands' AND stopped_at IS NULL"), 1, 'the worker is on the list');
is($leap->end_worker($worker, 'TERM'), 0, 'it stops with status 0');
is($leap->sql("SELECT count(*) FROM leap.workers WHERE stopped_at IS NULL"), 0, 'and is off the list');

# Its first two minutes and its end, with the dead air before and behind.
sub without_middle
{
	my ($list, $file) = map { "$leap->{base}/$_" } qw(parts.txt parts.mp4);

	open my $out, '>', $list or die "$list: $!\n";
	print $out "file '$lecture'\noutpoint 115\nfile '$lecture'\ninpoint 230\n";
	close $out or die "$list: $!\n";
	run_ffmpeg(qw(-f concat -safe 0 -i), $list, qw(-c copy), $file);
	return $file;
}

done_testing();
