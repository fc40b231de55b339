# tests/tap/lib/S3Kill.pm
#     Rounds in which the child that brings a lesson into a bucket is killed at a random moment, as often as it takes; then one is
#     let go on. In the end there is one object with our bytes, its files, and no part that belongs to nothing.
package S3Kill;

use strict;
use warnings;

use S3Trial;
use Test::More;

# Requests at which to strike: when they are answered, or within the bytes that are sent.
my @requests = ('^HEAD', '^POST .*uploads=', '^PUT .*partNumber=1', '^PUT .*partNumber=2', '^PUT .*partNumber=3', '^POST .*uploadId=', '^GET .*uploadId=', '^PUT .*srt');

sub strike
{
	my ($trial, $input) = @_;

	if (rand() < 0.25)
	{
		my ($heard, $line) = (0, 1 + int rand 12);
		return $trial->upload($input, on_line => sub { kill KILL => $_[1] if ++$heard >= $line; });
	}
	my $rule = { match => $requests[rand @requests], do => 'kill', rand() < 0.5 ? (bytes => int rand $S3Trial::part) : () };
	my $end = $trial->upload($input, on_start => sub { $trial->{proxy}->set({ %$rule, pid => $_[0] }); });
	$trial->{proxy}->set();
	return $end;
}

sub rounds
{
	my ($rounds, $seed) = @_;
	my $trial = S3Trial->new('s3_kill') or plan skip_all => 'python3-swift is not installed';
	my $killed = 0;

	srand $seed;
	note("LEAP_SEED=$seed");
	# a blow may wait for a request that never comes: then there are more rounds, until half of $rounds have struck
	for (my $round = 1; $round <= $rounds || $killed < $rounds / 2 && $round <= 3 * $rounds; $round++)
	{
		my $video = S3Trial::video($S3Trial::part * (0.5 + rand 2.4));
		my $input = $trial->input("round$round.mp4", $video, publication => { sidecars => ['srt'] });
		my $end = { checkpoints => [] };

		for (1 .. 1 + int rand 3)
		{
			$end = strike($trial, $trial->again($input, $end));
			last if $end->{done};
			$killed++;
		}
		$end = $trial->upload($trial->again($input, $end)) if !$end->{done};
		ok($end->{done}, "round $round: published") or diag(explain($end->{failed}));
		$trial->is_there("round$round.mp4", $video, "round $round");
		is_deeply([ sort $trial->{s3}->keys('films') ], [ map { "round$round.$_" } qw(mp4 ru.srt srt) ], "round $round: once, with its files");
		$trial->{s3}->delete('films', $_) for $trial->{s3}->keys('films');
		unlink glob "$trial->{leap}{storage}/users/000007/*/video-*";
	}
	cmp_ok($killed, '>=', $rounds / 2, "$killed children were killed");
}

1;
