# tests/tap/t/211_heard.pl
#     What was heard once is not heard again: another cut of a recording, or the same file of the
#     same user, is told from memory, the recogniser does not even start; what is new is all it
#     listens to. Providers are asked in their order: a broken model is named and the next one
#     answers; captions come first.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use JSON::PP;
use LeapNode;
use NodePeer;
use PostgreSQL::Test::Utils;
use Test::More;

my $lecture = $ENV{LEAP_LECTURE} or plan skip_all => 'no sample lecture (LEAP_LECTURE)';
my $root = abs_path(dirname(__FILE__) . '/../../..');
my $leap = LeapNode->new('heard');

# leap-media that counts how often it is asked to listen
my $calls = "$leap->{base}/calls";
my $media = "$leap->{base}/leap-media";
append_to_file($media, "#!/bin/sh\necho \"\$1\" >>'$calls'\nexec '$ENV{LEAP_BUILD}/libexec/leap-media' \"\$\@\"\n");
chmod 0755, $media;
my $worker = $leap->worker('media-program' => $media, threads => 2);

my $clip = "$leap->{base}/clip.mp4";
# sentences around a pause, from the key frame before
system('ffmpeg', qw(-nostdin -v error -ss 124 -t 19 -i), $lecture, qw(-c copy -avoid_negative_ts make_zero), $clip) == 0 or die 'ffmpeg';

sub listened { return -e $calls ? scalar grep { /^transcribe/ } split /\n/, slurp_file($calls) : 0; }
sub facts { return decode_json($leap->sql("SELECT facts FROM leap.recordings WHERE id = '$_[0]'")); }

sub artifact
{
	my ($id, $kind) = @_;
	my $uri = $leap->sql("SELECT uri FROM leap.artifacts WHERE recording_id = '$id' AND (kind = '$kind' OR kind LIKE '$kind:%') ORDER BY created_at DESC LIMIT 1");
	return decode_json(slurp_file("$leap->{storage}/$uri"));
}

sub run_again
{
	my ($id, $config) = @_;
	$leap->sql("SELECT leap.configure_recording('$id', '$config')");
	$leap->sql("SELECT leap.run_recording('$id')");
	return $leap->wait_for_end($id, 300);
}

# Seconds of sound that the newest run of a recording listened to.
sub asked
{
	my ($id) = @_;
	return $leap->sql(<<~SQL);
		SELECT coalesce(sum(e.audio_seconds), 0)::int FROM leap.usage_events e JOIN leap.tasks t ON t.id = e.task_id
		WHERE t.recording_id = '$id' AND t.run_id = (SELECT id FROM leap.runs WHERE recording_id = '$id' ORDER BY started_at DESC LIMIT 1)
		SQL
}

sub said { return join ' ', map { $_->{word} } @{ artifact($_[0], 'transcript')->{words} }; }

my $whole = '"mode": "exact", "padding_before": 0, "padding_after": 0';
my $id = $leap->add('first', file => $clip, config => qq({"trimming": {$whole}, "transcription": {"min_confidence": 0}}));
is($leap->wait_for_end($id, 300), 'finished', 'a recording is transcribed') or diag($leap->log_text);
is(listened(), 1, 'the recogniser listened');
cmp_ok(asked($id), '>', 5, 'which is counted');
my $heard = artifact($id, 'heard');
my $first = artifact($id, 'transcript');
is(scalar @{ $heard->{words} }, scalar @{ $first->{words} }, 'what was heard is kept');
is($heard->{audio_sha256}, $leap->sql("SELECT sha256 FROM leap.artifacts WHERE recording_id = '$id' AND kind = 'audio'"), 'with the sound it comes from');
is_deeply(facts($id)->{provider_errors} // [], [], 'nobody failed: captions that are not there are no failure');

# pauses go: nothing new is heard
is(run_again($id, qq({"trimming": {"shorten_pauses_above": 2, "shorten_pauses_to": 0.4}})), 'finished', 'its pauses are cut out');
my $shorter = artifact($id, 'transcript');
is(listened(), 1, 'the recogniser does not start');
is(asked($id), 0, 'and nothing is counted');
cmp_ok($shorter->{duration}, '<', $first->{duration} - 1, 'the transcript is shorter');
my @kept = map { $_->{word} } @{ $shorter->{words} };
my @all = map { $_->{word} } @{ $first->{words} };
is("@kept", "@all", 'and has the same words');
my $late = (grep { $shorter->{words}[$_]{start} > $first->{words}[$_]{start} + 0.001 } 0 .. $#kept)[0];
is($late, undef, 'none of them later than before');

# the same file again, of the same user
my $again = $leap->add('second', file => $clip, config => qq({"trimming": {$whole}, "transcription": {"min_confidence": 0}}));
is($leap->wait_for_end($again, 300), 'finished', 'the same file as another recording');
is(listened(), 1, 'nobody listens');
is(asked($again), 0, 'nor is it counted');
is(said($again), "@all", 'and the words are known');

# by force it is heard anew
$leap->sql("SELECT leap.run_recording('$again', force => true)");
is($leap->wait_for_end($again, 300), 'finished', 'forced');
is(listened(), 2, 'it is heard anew');
cmp_ok(asked($again), '>', 5, '... and counted anew');

# a provider whose model is broken, and one that answers
my $model = "$leap->{base}/model";
mkdir $model or die $!;
append_to_file("$model/$_", 'no model') for qw(en-us.lm.bin cmudict-en-us.dict);
mkdir "$model/en-us" or die $!;
$leap->sql(qq{SELECT leap.set_provider('speech', 'broken', '{"protocol": "pocketsphinx", "model": "$model"}')});
# one whose recogniser ends in the middle of its model
my $dead = "$leap->{base}/dead";
system('cp', '-rL', '/usr/share/pocketsphinx/model/en-us', $dead) == 0 or die 'cp';
open(my $out, '>', "$dead/en-us/transition_matrices") or die $!;
print $out "no numbers\n" x 500;
close($out) or die $!;
$leap->sql(qq{SELECT leap.set_provider('speech', 'dead', '{"protocol": "pocketsphinx", "model": "$dead"}')});
is(run_again($id, '{"transcription": {"provider": ["broken", "dead", "pocketsphinx"]}}'), 'finished', 'two providers are broken');
my ($error, $death) = @{ facts($id)->{provider_errors} };
is("$error->{provider} $error->{code}", 'broken speech_model_bad', 'its failure is kept');
like($error->{message}, qr/\Q$model\E cannot be loaded/, '... and names the model');
is("$death->{provider} $death->{code}", 'dead speech_engine_died', 'the second one dies');
like($death->{message}, qr/\Q$dead\E/, '... and is named too');
is(artifact($id, 'transcript')->{provider}, 'pocketsphinx', 'the next one answers');
is($leap->sql("SELECT leap.configure_recording('$again', '{\"transcription\": {\"provider\": \"broken\"}}') IS NOT NULL"), 't', 'only the broken one');
$leap->sql("SELECT leap.run_recording('$again')");
is($leap->wait_for_end($again, 300), 'failed', 'nobody answers: the recording fails');
like($leap->sql("SELECT error->>'message' FROM leap.tasks WHERE recording_id = '$again' AND kind = 'transcribe' ORDER BY id DESC LIMIT 1"), qr/\Q$model\E/, '... and says of which model');

# captions come first
my $captions = "WEBVTT\n\n00:05.000 --> 00:10.000\nThis is what the speaker says\n\n00:12.000 --> 00:20.000\nas somebody wrote it down\n";
my $captioned = $leap->sql("SELECT leap.add_recording(NULL, jsonb_build_object('type', 'file', 'path', '$leap->{inbox}/second.mp4'), 'captioned')");
$leap->sql("SELECT leap.add_captions('$captioned', 'en', '$captions')");
my $before = listened();
$leap->sql("SELECT leap.run_recording('$captioned')");
is($leap->wait_for_end($captioned, 300), 'finished', 'with captions');
is(said($captioned), 'This is what the speaker says as somebody wrote it down', 'they are the transcript');
is(listened(), $before, 'and nobody listens');

# what was made is what is published as its schema
my @transcripts = map { "$leap->{storage}/$_" } split /\n/, $leap->sql("SELECT uri FROM leap.artifacts WHERE kind = 'transcript'");
cmp_ok(scalar @transcripts, '>=', 3, scalar(@transcripts) . ' transcripts');
is(system(NodePeer::command('schema.mjs', "$root/docs/transcript.schema.json", @transcripts)), 0, 'they are as the schema says');
my $bad = "$leap->{base}/bad.json";
append_to_file($bad, '{"version": 1, "words": []}');
isnt(system(join(' ', NodePeer::command('schema.mjs', "$root/docs/transcript.schema.json", $bad)) . " >/dev/null"), 0, 'which refuses others');

done_testing();
