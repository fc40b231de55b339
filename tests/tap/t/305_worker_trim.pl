# tests/tap/t/305_worker_trim.pl
#     A recording with its own settings for trimming: the window is computed anew from the
#     envelope that the download stored, and nothing of it is decoded again. What was cut is kept
#     and told, and what comes later is in the time of the result, pauses shortened or not.
use strict;
use warnings;

use JSON::PP;
use LeapNode;
use MediaProgram qw(run_ffmpeg);
use Test::More;

my $lecture = $ENV{LEAP_LECTURE} or plan skip_all => 'no sample lecture (LEAP_LECTURE)';
my $leap = LeapNode->new('trim');
my $worker = $leap->worker(slots => 2, threads => 2);

# Published without a transcript; returns (analysis, metadata of the video).
sub trimmed
{
	my ($name, $trimming, $file) = @_;
	my $config = encode_json({ trimming => $trimming, transcription => { enable_transcription => JSON::PP::false } });
	my $id = $leap->add($name, file => $file // $lecture, config => $config);

	is($leap->wait_for_end($id, 120), 'finished', "$name: finished") or diag($leap->log_text);
	$leap->is_published_once($id, $name);
	my ($uri) = $leap->sql("SELECT uri FROM leap.artifacts WHERE recording_id = '$id' AND kind = 'analysis'");
	my $video = $leap->sql("SELECT metadata FROM leap.artifacts WHERE recording_id = '$id' AND kind = 'video'");
	return (decode_json(PostgreSQL::Test::Utils::slurp_file("$leap->{storage}/$uri")), decode_json($video));
}

my ($analysis, $wide) = trimmed('standard', {});
my ($again, $tight) = trimmed('tight', { padding_before => 0.1, padding_after => 1 });
my (undef, $whole) = trimmed('whole', { enable_trimming => JSON::PP::false });
my $speech = $analysis->{speech};

is_deeply($again->{keep}, $analysis->{keep}, 'the analysis does not depend on the settings');
cmp_ok(abs($wide->{end} - ($speech->{last} + 5)), '<', 0.5, 'five seconds after the last word are standard');
cmp_ok(abs($tight->{end} - ($speech->{last} + 1)), '<', 0.5, 'one is kept when one is asked for');
cmp_ok($tight->{start}, '<=', $speech->{first} - 0.05, 'the cut is at a key frame before the first word');
cmp_ok($tight->{start}, '>', $wide->{start}, 'at a later one than with five seconds');
cmp_ok($tight->{duration}, '<', $wide->{duration} - 4, 'the lesson is shorter');
cmp_ok(abs($whole->{duration} - $analysis->{duration}), '<', 0.5, 'whole when trimming is off');

# What was cut, and what people hear of it.
sub facts { return decode_json($leap->sql("SELECT jsonb_build_object('cut', facts->'cut', 'flags', flags, 'length', final_duration) FROM leap.recordings WHERE display_name = '$_[0]'")); }
is_deeply([ map { $_->{at} } @{ $wide->{cuts} } ], [0], 'the cut list is kept: one part');
my $told = facts('standard');
is("$told->{cut}{mode} $told->{cut}{spans}", 'copy 1', 'and what was done is told');
cmp_ok(abs($told->{cut}{removed_seconds} - ($analysis->{duration} - $wide->{duration})), '<', 0.01, 'with what was removed');
is_deeply($told->{flags}, [], 'nobody has to look at it');
trimmed('much', { max_trim_share => 0.01 });
like(facts('much')->{flags}[0]{message}, qr/^\d+ % of the recording was cut off as silence, more than the 1 % /, 'more than the configured share is flagged');

# Pauses of more than two and a half seconds become half a second, whatever the key frames.
my ($again2, $short) = trimmed('short pauses', { shorten_pauses_above => 2.5, shorten_pauses_to => 0.5 });
my @long = grep { $_->{end} - $_->{start} > 2.5 } @{ $analysis->{pauses} };
my $less = 0;
$less += $_->{end} - $_->{start} - 0.5 for @long;
cmp_ok(scalar @long, '>', 2, 'there are such pauses');
is($short->{mode}, 'exact', 'they are cut exactly');
is(scalar @{ $short->{cuts} }, @long + 1, 'each of them');
my $kept = 0;
$kept += $_->{end} - $_->{start} for @{ $short->{cuts} };
cmp_ok(abs($kept - $short->{duration}), '<', 0.1, 'the lesson is as long as what was kept');
# each part begins and ends with a whole picture, and with one that no later one needs: up to four of 1/15 s earlier
cmp_ok(abs($analysis->{keep}{end} - $analysis->{keep}{start} - $less - $kept), '<', 4 / 15 * @{ $short->{cuts} }, 'the window without the middles of its pauses');
is(facts('short pauses')->{cut}{spans}, @long + 1, 'which is told');
is_deeply(facts('short pauses')->{flags}, [], 'and no reason to look');

# Encoded anew, smaller, and what cannot be cut exactly is told.
my $made = sub { my ($name, @how) = @_; run_ffmpeg(@how, "$leap->{base}/$name"); return "$leap->{base}/$name" };
my $small = $made->('small.mp4', '-t', 30, '-i', $lecture, qw(-c copy));
my (undef, $encoded) = trimmed('encoded', { mode => 'reencode', max_height => 180, crf => 35, audio_bitrate => 48000 }, $small);
my ($encoded_uri) = $leap->sql("SELECT uri FROM leap.artifacts a JOIN leap.recordings r ON r.id = a.recording_id WHERE r.display_name = 'encoded' AND a.kind = 'video'");
is("$encoded->{mode} " . qx(ffprobe -v error -select_streams v -show_entries stream=codec_name,height -of csv=p=0 '$leap->{storage}/$encoded_uri'), "reencode h264,180\n", 'encoded anew as asked');
my $vp8 = $made->('vp8.webm', '-t', 24, '-i', $lecture, qw(-s 160x90 -r 5 -c:v libvpx -deadline realtime -cpu-used 8 -g 25 -c:a libopus));
my (undef, $inexact) = trimmed('inexact', { mode => 'exact', padding_before => 1 }, $vp8);
is("$inexact->{mode} $inexact->{container}", 'copy webm', 'what cannot be cut exactly is cut at key frames');
like(facts('inexact')->{flags}[0]{message}, qr/^The recording was not cut exactly as configured: \S/, 'which is told, with the reason');

# The words of a lesson with shortened pauses are those of the whole one, each at its time in the result.
my $clip = "$leap->{base}/clip.mp4";
run_ffmpeg('-ss', 140, '-t', 34, '-i', $lecture, qw(-c copy -avoid_negative_ts make_zero), $clip);
my %words;
for my $pauses ('', ', "shorten_pauses_above": 2.5, "shorten_pauses_to": 0.5')
{
	my $id = $leap->add($pauses ? "said short" : "said whole", file => $clip, config => qq({"trimming": {"mode": "exact"$pauses}, "transcription": {"min_confidence": 0, "enable_topics": false}}));

	is($leap->wait_for_end($id, 300), 'finished', 'transcribed') or diag($leap->log_text);
	my %uri = split /[|\n]/, $leap->sql("SELECT kind, uri FROM leap.artifacts WHERE recording_id = '$id'");
	my $cuts = decode_json($leap->sql("SELECT metadata->'cuts' FROM leap.artifacts WHERE recording_id = '$id' AND kind = 'video'"));
	my $said = decode_json(PostgreSQL::Test::Utils::slurp_file("$leap->{storage}/$uri{transcript}"))->{words};
	my ($last) = PostgreSQL::Test::Utils::slurp_file("$leap->{storage}/$uri{vtt}") =~ /.*--> (\S+)/s;

	$words{$pauses} = [ map { [ $_->{word}, source_time($cuts, ($_->{start} + $_->{end}) / 2) ] } @$said ];
	cmp_ok(seconds($last), '<=', $leap->recording($id, 'final_duration') + 0.001, 'no subtitle is shown behind the end');
}
my ($plain, $shortened) = map { $words{$_} } sort keys %words;
my $same = grep { my $word = $_; grep { $_->[0] eq $word->[0] && abs($_->[1] - $word->[1]) < 0.2 } @$shortened } @$plain;
cmp_ok(scalar @$plain, '>', 30, 'words were understood');
cmp_ok($same / @$plain, '>', 0.9, 'with shortened pauses the same ones, at the same places of the source');

# The source time of an output time.
sub source_time
{
	my ($cuts, $at) = @_;
	my ($cut) = grep { $_->{at} <= $at } reverse @$cuts;
	return $cut->{start} + $at - $cut->{at};
}

sub seconds { my @part = split /:/, $_[0]; return @part > 2 ? $part[0] * 3600 + $part[1] * 60 + $part[2] : $part[0] * 60 + $part[1]; }

done_testing();
