# tests/tap/t/307_worker_verdicts.pl
#     What follows from what a recording turns out to be, with real files and a real worker: a
#     cut-off or useless one fails and says why, a damaged one goes on and says what is wrong, a
#     silent one waits for a person, is skipped or published, one without sound or without
#     pictures is published as it is. People see it by `leap show` and by HTTP.
use strict;
use warnings;

use JSON::PP;
use LeapNode;
use LeapServe;
use MediaProgram qw(run_ffmpeg);
use PostgreSQL::Test::Utils;
use Test::More;

my $leap = LeapNode->new('verdicts');
my $worker = $leap->worker(slots => 2, threads => 1);
my $serve = LeapServe->new($leap);
my @teacher = $serve->bearer('teacher@example.org');
my $folder = $leap->{base};
my $silent = '{"transcription": {"enable_transcription": false}}';

# made(NAME, ARGUMENTS of ffmpeg...): a file of that name
sub made
{
	my ($name, @how) = @_;
	run_ffmpeg(@how, "$folder/$name");
	return "$folder/$name";
}

my @picture = ('-f', 'lavfi', '-i', 'testsrc=size=160x90:rate=10');
my @tone = ('-f', 'lavfi', '-i', "aevalsrc='0.4*sin(700*t)*gt(mod(t,3),1.2)':s=48000");
my @x264 = qw(-c:v libx264 -preset ultrafast -g 50 -pix_fmt yuv420p);
my $whole = made('whole.mp4', @picture, @tone, '-t', 60, @x264, qw(-c:a aac -b:a 64k -movflags +faststart));

# changed(NAME, CODE): the whole one with its bytes ($_) changed
sub changed
{
	my ($name, $change) = @_;
	local $_ = slurp_file($whole);
	$change->();
	open my $out, '>:raw', "$folder/$name" or die "$name: $!\n";
	print $out $_;
	close $out;
	return "$folder/$name";
}

sub ended
{
	my ($name, $file, $config) = @_;
	my $id = $leap->add($name, file => $file, config => $config // '{}');

	$leap->wait_for("SELECT state FROM leap.runs WHERE recording_id = '$id' AND (state <> 'active' OR EXISTS (SELECT FROM leap.recordings WHERE id = '$id' AND hold IS NOT NULL))", qr/./);
	return $id;
}

# What `leap show` prints of a recording.
sub shown
{
	local %ENV = (%ENV, $leap->environment);
	my $text = qx('@{[ $leap->program ]}' show $_[0] 2>&1);
	return $text;
}

sub asked { return ($serve->json('GET', "/api/v1/recordings/$_[0]", \@teacher))[1]; }
sub codes { return join ' ', map { $_->{code} } @{ asked($_[0])->{flags} }; }

# one that broke off
my $id = ended('cut off', changed('cut.mp4', sub { $_ = substr $_, 0, length($_) * 0.6 }));
is($leap->recording($id, 'status'), 'FAILED', 'a recording that breaks off fails');
like(shown($id), qr/^error +the recording is not complete: .*bytes.*\n +hint +Download or copy it again/m, 'and says what is missing and what to do');
like(asked($id)->{failed_reason}, qr/^the recording is not complete: /, 'by HTTP too');
is($leap->recording($id, "error->>'class'"), 'input', 'once: trying again would not help');
my $reasons = ($serve->json('GET', "/api/v1/recordings/$id?detailed=true", \@teacher))[1]{error}{reasons};
is(ref $reasons && @$reasons > 0 && @$reasons == grep({ $_->{code} =~ /^[a-z_]+$/ && $_->{message} =~ /\S/ } @$reasons), 1, 'programs read the reasons one by one');

# no recording at all
$id = ended('page', changed('page.mp4', sub { $_ = "<html>Please log in</html>\n" x 100 }));
is($leap->recording($id, 'status'), 'FAILED', 'what is no recording fails');
like(shown($id), qr/^error .*\n +hint +\S/m, 'with a reason and a hint');

# damaged in the middle
$id = ended('damaged', changed('holes.mp4', sub { substr($_, length($_) * 0.5, 2000) = "\0" x 2000 }), $silent);
is($leap->recording($id, 'status'), 'UPLOADED', 'a damaged recording goes on');
is(codes($id), 'degraded', 'and is flagged');
like(shown($id), qr/^note +The file has damaged places; the lesson is made from what can be read: .*first at 0:\d\d\)/m, 'with what is wrong, and where');
like(shown($id), qr/^cut +copied without encoding; 1 part, .* removed \(/m, 'and how it was cut');
cmp_ok(scalar @{ asked($id)->{flags}[0]{reasons} }, '>', 0, 'for programs too');

# nobody speaks
my $quiet = made('quiet.mp4', @picture, '-f', 'lavfi', '-i', 'anullsrc=r=48000', '-t', 12, @x264, qw(-c:a aac));
$id = ended('quiet', $quiet);
is($leap->recording($id, 'hold'), 'blank', 'a recording without speech is held');
is(asked($id)->{hold}, 'blank', 'by HTTP as well');
like(shown($id), qr/^held +No speech.*\n +hint +leap accept lets it go on/m, 'and says how it goes on');
my ($status, $answer) = $serve->json('POST', "/api/v1/recordings/$id/accept", \@teacher, {});
is($status, 200, 'one call accepts it');
is($leap->wait_for_end($id, 60), 'finished', 'then it goes on');
is($leap->recording($id, 'status'), 'UPLOADED', 'to the end');
is(codes($id), 'no_speech', 'with its flag');
like($leap->tasks($id), qr/transcribe=skipped/, 'without a transcript');
cmp_ok($leap->recording($id, 'final_duration'), '>', 11.5, 'and whole');
$id = ended('quiet again', $quiet);
{
	local %ENV = (%ENV, $leap->environment);
	is(system($leap->program, 'accept', $id), 0, 'the command line accepts as well');
}
is($leap->wait_for_end($id, 60), 'finished', 'and it goes on');
$id = ended('quiet skipped', $quiet, '{"trimming": {"on_blank": "skip"}}');
is($leap->recording($id, 'status'), 'SKIPPED', 'or is skipped by configuration');
$id = ended('quiet published', $quiet, '{"trimming": {"on_blank": "publish"}}');
is($leap->recording($id, 'status'), 'UPLOADED', 'or published');

# no sound
$id = ended('mute', made('mute.mp4', @picture, '-t', 12, @x264));
is($leap->recording($id, 'status'), 'UPLOADED', 'a recording without sound is published');
is(codes($id), 'no_audio', 'with a flag');
like($leap->tasks($id), qr/transcribe=skipped.*topics=skipped|topics=skipped.*transcribe=skipped/s, 'without a transcript');

# sound alone
$id = ended('sound', made('sound.m4a', @tone, qw(-t 30 -c:a aac -b:a 64k)), $silent);
is($leap->recording($id, 'status'), 'UPLOADED', 'sound alone is published');
is(codes($id), 'no_video', 'with a flag');
my $video = sub { decode_json($leap->sql("SELECT jsonb_build_object('type', media_type, 'uri', uri) || metadata FROM leap.artifacts WHERE recording_id = '$id' AND kind = 'video'")) };
is($video->()->{type}, 'audio/mp4', 'as sound');
is(scalar(() = $leap->lessons($id)), 1, 'in one lesson');

# where it is to go needs pictures: one is drawn, and when that is no more, nothing is done anew
sub may_run { return $leap->sql("SELECT allowed FROM leap.operation_allowed('$id', 'run')"); }
is(may_run(), 'f', 'there is nothing to do');
$leap->sql("UPDATE leap.platforms SET needs_picture = true WHERE platform = 'library'");
is(may_run(), 't', 'until a target needs pictures');
$leap->sql("SELECT leap.run_recording('$id')");
is($leap->wait_for_end($id, 120), 'finished', 'then it is cut anew') or diag($leap->log_text);
is($leap->recording($id, 'status'), 'UPLOADED', 'and published');
my $drawn = $video->();
is($drawn->{type}, 'video/mp4', 'as a video');
my $streams = qx(ffprobe -v error -show_entries stream=codec_type,codec_name -of csv=p=0 '$leap->{storage}/$drawn->{uri}');
is(join(' ', sort split /\n/, $streams), 'aac,audio h264,video', 'with a picture');
cmp_ok(abs($leap->recording($id, 'final_duration') - 30), '<', 0.5, 'as long as the sound');
is(may_run(), 'f', 'once');
$leap->sql("UPDATE leap.platforms SET needs_picture = false WHERE platform = 'library'");
is(may_run(), 'f', 'and it stays when no target needs it any more');
$leap->sql("UPDATE leap.platforms SET needs_picture = true WHERE platform = 'library'");
$id = ended('sound at once', "$folder/sound.m4a", $silent);
is($video->()->{still}, JSON::PP::true, 'a new one gets it at once');
is($leap->sql("SELECT count(*) FROM leap.tasks WHERE recording_id = '$id' AND kind = 'trim'"), 1, 'by one trim');

done_testing();
