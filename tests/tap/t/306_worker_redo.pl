# tests/tap/t/306_worker_redo.pl
#     A published recording whose configuration changes: a run redoes what the change concerns and
#     what depends on it with a real worker, publishes at the same place, and then there is nothing
#     left to do. Single stages do just themselves.
use strict;
use warnings;

use LeapNode;
use PostgreSQL::Test::Utils;
use Test::More;

my $leap = LeapNode->new('redo');
my $media = $leap->fake_media({});
my $worker = $leap->worker('media-program' => $media);

# what the newest run of a recording did
sub done_by_run
{
	my ($id) = @_;
	return $leap->sql(<<~SQL);
		SELECT string_agg(kind, ' ' ORDER BY leap.kind_place(kind)) FROM leap.tasks
		WHERE state = 'succeeded' AND run_id = (SELECT id FROM leap.runs WHERE recording_id = '$id' ORDER BY started_at DESC LIMIT 1)
		SQL
}

sub allowed { return $leap->sql("SELECT allowed FROM leap.operation_allowed('$_[0]', 'run')"); }

my $id = $leap->add('lecture');
is($leap->wait_for_end($id), 'finished', 'published');
is(done_by_run($id), 'download trim transcribe topics subtitles upload', '... by every task');
is($leap->sql("SELECT count(*) FROM leap.artifacts WHERE recording_id = '$id' AND input_hash IS NULL"), 0, 'each file is marked with what it was made from');
my @lessons = $leap->lessons($id);
is(scalar @lessons, 1, 'one lesson');
is(allowed($id), 'f', 'there is nothing to do');

my $transcript = $leap->sql("SELECT uri FROM leap.artifacts WHERE recording_id = '$id' AND kind = 'transcript'");
$leap->sql(qq{SELECT leap.configure_recording('$id', '{"transcription": {"granularity": "short"}}')});
is(allowed($id), 't', 'other topics are wanted: a run is allowed');
$leap->sql("SELECT leap.run_recording('$id')");
is($leap->wait_for_end($id), 'finished', 'the run ends');
is(done_by_run($id), 'topics upload', 'topics are found again and published, nothing else');
is($leap->sql("SELECT uri FROM leap.artifacts WHERE recording_id = '$id' AND kind = 'transcript'"), $transcript, 'the transcript is the same file');
is_deeply([ $leap->lessons($id) ], \@lessons, 'the lesson is at its place');
is($leap->recording($id, 'status'), 'UPLOADED', 'and the recording UPLOADED');
is(allowed($id), 'f', 'again there is nothing to do');

$leap->sql("SELECT leap.subtitles_recording('$id')");
is($leap->wait_for_end($id), 'finished', 'a single stage ends');
is(done_by_run($id), 'subtitles', '... and was the only one');
is($leap->recording($id, 'status'), 'TRANSCRIBED', 'new subtitles wait to be published');
$leap->sql("SELECT leap.run_recording('$id')");
is($leap->wait_for_end($id), 'finished', 'a run does what is left');
is(done_by_run($id), 'upload', '... the upload');
is(allowed($id), 'f', 'and nothing is left');

# a title is a setting like others; that it says when it was published does not make it another
$leap->sql(<<~SQL);
	SELECT leap.configure_recording('$id', '{"metadata": {"title_template": "{{ display_name | upper }} <b>, {{ publish_time }}", "description_template": "About {{ title }}"}}')
	SQL
is(allowed($id), 't', 'a title is wanted: a run is allowed');
$leap->sql("SELECT leap.run_recording('$id')");
is($leap->wait_for_end($id), 'finished', 'the run ends');
is(done_by_run($id), 'upload', 'the lesson is published anew, nothing else');
is_deeply([ $leap->lessons($id) ], \@lessons, 'at its place');
my $page = slurp_file("$lessons[0]/index.html");
like($page, qr{<h1 dir="auto">LECTURE &lt;b&gt;, \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d</h1>}, 'the page shows the title');
like($page, qr{<p dir="auto">About LECTURE &lt;b&gt;, }, 'and the description');
is(allowed($id), 'f', 'later there is nothing to do');
$leap->is_published_once($id, 'after all of it');
is($leap->end_worker($worker, 'TERM'), 0, 'the worker stops');

$leap->node->stop('immediate');
done_testing();
