# tests/tap/lib/KillRounds.pm
#     Rounds in which the child that brings a lesson to a fake platform is killed at a random moment, as often as it takes; then
#     one is let go on.
#
#     KillRounds::rounds(vk => 10, $seed);    so many lessons; makes the checks: in the end there is one video with our bytes,
#                                             and beside it what there should be
package KillRounds;

use strict;
use warnings;

use JSON::PP;
use POSIX ();
use Test::More;
use VkTrial;
use YandexTrial;

# lines, by_line: of so many things the child says one is struck at, in so many of the blows; on: else one of these requests;
# lesson: a new one for a round; there: tests what is there in the end
my %platforms = (
	vk => {
		lines => 8, by_line => 0.5, on => [qw(upload upload video\.save wall\.post video\.get)],
		lesson => sub {
			my ($round) = @_;
			my $trial = VkTrial->new("vk_kill_$round", bytes => 400_000, fake => { reserved => (qw(hidden processing))[ rand 2 ] });
			$trial->{settings}{wallpost} = JSON::PP::true;
			return $trial;
		},
		there => sub { is(scalar($_[0]->posts), 1, '... and one post'); }
	},
	yandex_disk => {
		lines => 12, by_line => 0.4, on => [qw(upload upload resources\.upload resources\.put resources\.move resources\.get)],
		lesson => sub {
			my ($round) = @_;
			my $trial = YandexTrial->new("yandex_kill_$round", bytes => 400_000, fake => { accept => (201, 202)[ rand 2 ] });
			$trial->file(srt => 'srt', "1\n00:00:01,000 --> 00:00:02,000\nround $round\n");
			$trial->{settings}{sidecars} = ['srt'];
			return $trial;
		},
		there => sub {
			is_deeply([ sort keys %{ $_[0]->files } ], [ '/Lectures/2026/Eigenvalues.mp4', '/Lectures/2026/Eigenvalues.srt' ], '... with its subtitles, and nothing else');
		}
	});

# When to strike: at the n-th thing the child says, or within a request and its answer.
sub choose
{
	my ($platform) = @_;

	return rand() < $platform->{by_line}
	  ? { line => 1 + int rand $platform->{lines} }
	  : { fault => { on => $platform->{on}[ rand @{ $platform->{on} } ], times => 1, pause => (qw(body request done answer))[ rand 4 ] } };
}

# The process that kills the child when its request is held, and ends with it.
sub killer
{
	my ($trial, $child) = @_;
	my $pid = fork // die "fork: $!\n";

	return $pid if $pid;
	for (1 .. 200)
	{
		POSIX::_exit(0) if !kill 0, $child;
		last if $trial->{fake}->log('paused');
		select undef, undef, undef, 0.02;
	}
	kill KILL => $child;
	POSIX::_exit(0);
}

sub strike
{
	my ($trial, $plan) = @_;
	my ($heard, $killer) = (0);

	return $trial->attempt(on_line => sub { kill KILL => $_[1] if ++$heard >= $plan->{line}; }) if $plan->{line};
	$trial->{fake}->faults($plan->{fault});
	$trial->{fake}->forget;
	my $end = $trial->attempt(on_start => sub { $killer = killer($trial, $_[0]); });
	waitpid $killer, 0;
	$trial->{fake}->release;
	$trial->{fake}->faults;
	return $end;
}

sub rounds
{
	my ($name, $rounds, $seed) = @_;
	my $platform = $platforms{$name};
	my $killed = 0;

	srand $seed;
	note("LEAP_SEED=$seed");
	# a blow may come too late: then there are more rounds, until half of $rounds have struck
	for (my $round = 1; $round <= $rounds || $killed < $rounds / 2 && $round <= 3 * $rounds; $round++)
	{
		my $trial = $platform->{lesson}->($round);
		my $end;

		for (1 .. 1 + int rand 3)
		{
			$end = strike($trial, choose($platform));
			last if $end->{done};
			$killed++;
		}
		$end = $trial->attempt if !$end->{done};
		$trial->once($end, "round $round: once, byte for byte");
		$platform->{there}->($trial);
	}
	cmp_ok($killed, '>=', $rounds / 2, "$killed children were killed");
}

1;
