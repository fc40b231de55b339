# tests/tap/t/225_speech_worker.pl
#     A lecture through a real worker and a real database to speech services: what they heard becomes the transcript,
#     what they bill is the usage, a child that is killed costs no second job, and the key is nowhere but with them.
use strict;
use warnings;

use FakeSpeech;
use JSON::PP;
use LeapNode;
use MediaProgram qw(run_ffmpeg);
use PostgreSQL::Test::Utils;
use SpokenTones;
use Test::More;

my $KEY = 'sk-planted-0815-key';
my $SECONDS = 20;
my $leap = LeapNode->new('speech_worker');
my @words = SpokenTones::lecture($SECONDS, seed => 3);
my $file = "$leap->{base}/tones.mp4";
SpokenTones::write_wav("$leap->{base}/tones.wav", \@words, $SECONDS);
run_ffmpeg('-f', 'lavfi', '-i', "color=c=gray:s=160x120:r=5:d=$SECONDS", '-i', "$leap->{base}/tones.wav",
	qw(-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -shortest), $file);

my $keys = "$leap->{base}/keys";
open my $out, '>', $keys or die "$keys: $!\n";
print $out "# both services\ncloud = $KEY\nassembly = $KEY\n";
close $out or die "$keys: $!\n";
chmod 0600, $keys;

my %service = (cloud => FakeSpeech->start('speech/openai', variant => 'openai', key => $KEY), assembly => FakeSpeech->start('speech/assemblyai', key => $KEY));
my %row = (
	cloud => { protocol => 'openai', base_url => $service{cloud}->url . '/v1', model => 'whisper-1', price_per_hour => 0.36 },
	assembly => { protocol => 'assemblyai', base_url => $service{assembly}->url, price_per_hour => 0.27, settings => { poll_seconds => 0.1 } });
$leap->sql("SELECT leap.set_provider('speech', '$_', '" . encode_json($row{$_}) . "')") for sort keys %row;
$leap->sql(q{UPDATE leap.retry_policies SET base_delay = '1 ms', max_delay = '1 ms', max_failures = 2 WHERE kind = 'transcribe'});
my $worker = $leap->worker(slots => 1, 'provider-keys' => $keys, 'log-level' => 'debug');

sub add
{
	my ($name) = @_;
	return $leap->add("asks $name", file => $file,
		config => encode_json({ transcription => { language => 'en', provider => [$name], on_suspect => 'publish', on_reject => 'without_text' } }));
}

sub everything_said_by_processes
{
	my $said = '';
	for my $name (glob '/proc/[0-9]*/{cmdline,environ}') { open my $in, '<', $name or next; local $/ = undef; $said .= <$in> // ''; }
	return $said;
}

# While a question stands: where the task waits, whom it talks to, and who can see the key.
sub is_asked_in_secret
{
	my ($id, $name) = @_;
	my $task = $leap->sql("SELECT id FROM leap.tasks WHERE recording_id = '$id' AND kind = 'transcribe'");
	my $processes = everything_said_by_processes();

	is($leap->sql("SELECT queue FROM leap.tasks WHERE id = $task"), 'upload', "$name: the task is one of the queue of what waits for others");
	is($leap->sql("SELECT platform FROM leap.task_platforms(ARRAY[$task])"), "speech:$name", "$name: its limits are those of the provider");
	like($processes, qr/leap\0child/, "$name: while a child asks");
	unlike($processes, qr/\Q$KEY\E/, '  the key is in no argument and no environment');
	unlike($leap->sql('SELECT string_agg(a::text, chr(10)) FROM pg_stat_activity a'), qr/\Q$KEY\E/, '  and in no query');
	return;
}

# The words of the transcript and their times are those of the lecture, as far as it was kept; the usage is the bill.
sub is_right
{
	my ($id, $name) = @_;
	my $state = $leap->wait_for("SELECT state FROM leap.tasks WHERE recording_id = '$id' AND kind = 'transcribe'", qr/^(?:succeeded|failed)$/, 120);
	is($state, 'succeeded', "$name: it is transcribed") or diag($leap->log_text);
	my $uri = $leap->sql("SELECT uri FROM leap.artifacts WHERE recording_id = '$id' AND kind = 'transcript'");
	my @cuts = @{ decode_json($leap->sql("SELECT metadata->'cuts' FROM leap.artifacts WHERE recording_id = '$id' AND kind = 'video'")) };
	my $transcript = decode_json(slurp_file("$leap->{storage}/$uri"));
	my @said = grep { my $word = $_; grep { $word->{start} >= $_->{start} && $word->{end} <= $_->{end} } @cuts } @words;
	my $billed = $service{$name}->billed;

	cmp_ok(scalar @said, '>', 10, '  most of what was said is kept');
	is_deeply([ map { lc $_->{word} =~ s/\W//gr } @{ $transcript->{words} } ], [ map { SpokenTones::word($_->{id}) } @said ], '  word by word');
	is($billed->{requests}, 1, '  for one bill');
	my ($asked, $seconds, $cost) = split /\|/, $leap->sql("SELECT sum(requests), sum(audio_seconds), sum(cost) FROM leap.usage_events WHERE recording_id = '$id' AND provider = '$name'");
	is($asked, 1, '  one request is counted');
	cmp_ok(abs($seconds - $billed->{seconds}), '<', 0.2, "  $seconds s of sound are: what is billed");
	cmp_ok(abs($cost - $billed->{seconds} * $row{$name}{price_per_hour} / 3600), '<', 0.0001, "  and what it costs, $cost");
	return;
}

# nobody is there: the questions count, the sound does not
$leap->sql(q{SELECT leap.set_provider('speech', 'gone', '{"protocol": "openai", "base_url": "http://127.0.0.1:1/v1", "model": "x", "price_per_hour": 1, "settings": {"attempts": 1}}')});
my $gone = add('gone');
is($leap->wait_for_end($gone, 120), 'failed', 'a service that is not there is asked in vain') or diag($leap->log_text);
my ($requests, $seconds, $cost, $counted) = split /\|/, $leap->sql("SELECT sum(requests) > 0, sum(audio_seconds), sum(cost), sum(transcriptions) FROM leap.usage_events WHERE recording_id = '$gone'");
is_deeply([ $requests, $seconds + 0, $cost + 0, $counted ], [ 't', 0, 0, 0 ], 'nobody is there: no sound, no cost, no transcription is counted');
is($leap->sql(q{SELECT sum(used) FROM leap.quota_usage WHERE quota IN ('transcription_seconds_per_month', 'transcriptions_per_month')}), 0, '  by no quota, either');

$service{cloud}->script({ on => 'transcriptions', times => 1, pause => 'request' });
my $cloud = add('cloud');
$service{cloud}->wait_paused(1, 120);
is_asked_in_secret($cloud, 'cloud');
$service{cloud}->release;
is_right($cloud, 'cloud');
$leap->wait_for_end($cloud, 120);

$service{assembly}->script({ on => 'create', times => 1, pause => 'billed' });
my $assembly = add('assembly');
$service{assembly}->wait_paused(1, 120);
is_asked_in_secret($assembly, 'assembly');
my ($child) = $leap->children($worker);
kill 'KILL', $child;
$leap->wait_until(sub { !$leap->is_alive($child) }, 30);
$service{assembly}->release;
is_right($assembly, 'assembly');
is($leap->sql("SELECT attempt FROM leap.tasks WHERE recording_id = '$assembly' AND kind = 'transcribe'"), 2, '  by the attempt behind the one whose child was killed');
is(scalar @{ $service{assembly}->billed->{jobs} }, 1, '  and of one job');

# afterwards it is in no row, file or log
$leap->wait_for_end($assembly, 120);
$leap->end_worker($worker, 'TERM');
my ($dump) = run_command([ 'pg_dump', '--data-only', '--schema=leap', $leap->node->connstr('leap') ]);
like($dump, qr/asks assembly/, 'the database was looked through');
unlike($dump, qr/\Q$KEY\E/, '  the key is in no row of it');
unlike($leap->log_text, qr/\Q$KEY\E/, '  in no line of the worker\'s log');
unlike(slurp_file($leap->node->logfile), qr/\Q$KEY\E/, '  nor of the server\'s');
is(system('grep', '-rqF', $KEY, @$leap{qw(storage library)}) >> 8, 1, '  and in no file that was made');

done_testing();
