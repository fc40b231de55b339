# tests/tap/t/305_worker_trim.pl
#     A recording with its own settings for trimming: the window is computed anew from the
#     envelope that the download stored, and nothing of it is decoded again.
use strict;
use warnings;

use JSON::PP;
use LeapNode;
use Test::More;

my $lecture = $ENV{LEAP_LECTURE} or plan skip_all => 'no sample lecture (LEAP_LECTURE)';
my $leap = LeapNode->new('trim');
my $worker = $leap->worker(slots => 2, threads => 2);

# Published without a transcript; returns (analysis, metadata of the video).
sub trimmed
{
	my ($name, $trimming) = @_;
	my $config = encode_json({ trimming => $trimming, transcription => { enable_transcription => JSON::PP::false } });
	my $id = $leap->add($name, file => $lecture, config => $config);

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

done_testing();
