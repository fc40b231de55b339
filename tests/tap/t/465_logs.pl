# tests/tap/t/465_logs.pl
#     Logs for programs: one JSON object a line from the worker and its children, and one id that
#     leads from a request to all of them.
use strict;
use warnings;

use JSON::PP;
use LeapNode;
use Test::More;

my $leap = LeapNode->new('logs');
my %environment = $leap->environment;
my $secret = 'hush-hush-password';
my $media = $leap->fake_media({});
my $worker = $leap->worker(
	'media-program' => $media,
	'log-format' => 'json', 'log-level' => 'debug', name => 'room "1"', slots => 2,
	database => "$environment{LEAP_DATABASE} password=$secret");

# a request of a gateway: what strangers send is reduced to harmless characters
my $id = $leap->sql(q{SELECT leap.add_recording(NULL, jsonb_build_object('type', 'file', 'path', '} . $leap->{inbox} . q{/missing.mp4'), 'lost')});
$leap->sql(qq{SET request.headers = '{"host": "leap", "x-request-id": "a <b>\\" c-1.2"}'; SELECT leap.run_recording('$id')});
is($leap->sql("SELECT correlation_id FROM leap.runs WHERE recording_id = '$id'"), 'abc-1.2', 'the request is known by its id');
my $other = $leap->add('a lecture');
is($leap->wait_for_end($other), 'finished', 'a lecture is published');
is($leap->wait_for_end($id), 'failed', 'a file that is not there fails');
like(my $made_up = $leap->sql("SELECT correlation_id FROM leap.runs WHERE recording_id = '$other'"), qr/^[0-9a-f]{12}$/, 'without a request an id is made up');
is($leap->sql(qq{BEGIN; SET LOCAL request.headers = 'no json \\\\ at "all'; SELECT leap.correlation_id() ~ '^[0-9a-f]{12}\$'; ROLLBACK}) =~ /t/, 1,
	'headers nobody understands do no harm');
is($leap->end_worker($worker, 'TERM'), 0, 'the worker stops');

my $text = $leap->log_text;
my @lines = map { eval { decode_json($_) } // { bad => $_ } } split /\n/, $text;
is_deeply([ map { $_->{bad} } grep { $_->{bad} } @lines ], [], 'every line is an object');
is_deeply([ grep { $_->{time} !~ /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ || $_->{level} !~ /^(?:debug|info|warning|error)$/ || $_->{worker} ne 'room "1"' || !$_->{message} } @lines ],
	[], 'every line has time, level, worker and message');
unlike($text, qr/\Q$secret\E/, 'no line has the password');

for my $case ([ $id, 'abc-1.2', qr/^failed task=/ ], [ $other, $made_up, qr/^done task=/ ])
{
	my ($recording, $correlation, $message) = @$case;
	my $run = $leap->sql("SELECT id FROM leap.runs WHERE recording_id = '$recording'");
	my @about = grep { ($_->{recording} // '') eq $recording } @lines;
	my ($end) = grep { $_->{message} =~ $message } @about;

	ok($end, 'what became of it is told');
	is_deeply([ map { $_->{message} } grep { ($_->{run} // '') ne $run || ($_->{correlation_id} // '') ne $correlation || !$_->{task} || !$_->{attempt} } @about ],
		[], '... with run, task, attempt and the id of the request on every line');
}
my @of_children = grep { $_->{pid} != $worker && $_->{task} } @lines;
is_deeply([ grep { !$_->{correlation_id} } @of_children ], [], 'children tell the same ids');
note scalar(@lines), ' lines, ', scalar(@of_children), ' of children';

# as text nothing changes for people
$worker = $leap->worker(slots => 1);
$leap->sql("SELECT leap.run_recording('$id')");
ok($leap->wait_for_log(qr/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z \[$worker\] INFO: failed task=\d+ kind=download recording=$id attempt=1 /m), 'text for people is the default');
$leap->end_worker($worker, 'TERM');
done_testing();
