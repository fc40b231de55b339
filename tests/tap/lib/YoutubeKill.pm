# tests/tap/lib/YoutubeKill.pm
#     Lessons that are published to the fake YouTube while the child that does it is killed, and connections break, at points and bytes by chance.
#
#     YoutubeKill::rounds(10, $seed);     so many lessons; makes the checks
#     YoutubeKill::rounds(10, $seed, 140_000_000);     the last of them of so many bytes
package YoutubeKill;

use strict;
use warnings;

use POSIX ();
use Test::More;
use Time::HiRes qw(sleep);

use YoutubeTrial;

# Where a request can be held while its client dies.
my @held = (
	(map { [ 'videos.upload', $_ ] } qw(head body body body body done answer)), (map { [ 'videos.insert', $_ ] } qw(head done answer)),
	(map { [ 'playlistItems.insert', $_ ] } qw(head done)), (map { [ 'captions.insert', $_ ] } qw(head done)), [ 'thumbnails.set', 'done' ], [ 'playlists.insert', 'done' ]);

# The process that kills: what it does is chosen before it is made, so that a seed says everything but the times.
sub killer
{
	my ($trial, $plan, $child) = @_;
	my $pid = fork // die "fork: $!\n";

	return $pid if $pid;
	if ($plan->{seconds})
	{
		sleep $plan->{seconds};
	}
	else
	{
		eval { $trial->{fake}->wait_paused(1, 30) };
	}
	kill KILL => $child;
	$trial->{fake}->release;
	POSIX::_exit(0);
}

sub choose
{
	my ($bytes) = @_;

	return { seconds => 0.005 + rand 0.4 } if rand() < 0.3;
	return { line => 1 + int rand 12 } if rand() < 0.2;
	return { line => 1000, fault => { on => 'videos.upload', times => 1 + int rand 2, cut_request => int rand $bytes } } if rand() < 0.2;
	my ($on, $point) = @{ $held[ rand @held ] };
	return { fault => { on => $on, times => 1, skip => int rand 2, pause => $point, $point eq 'body' ? (pause_at => int rand $bytes) : () } };
}

# One attempt with a plan; was the child killed?
sub attempt
{
	my ($trial, $plan) = @_;
	my ($killer, $lines) = (0, 0);

	$trial->{fake}->forget;
	$trial->{fake}->faults($plan->{fault} // ());
	my $end = $trial->attempt(
		on_start => sub { $killer = killer($trial, $plan, $_[0]) if !$plan->{line} },
		on_line => sub { kill KILL => $_[1] if $plan->{line} && ++$lines == $plan->{line} });
	if ($killer)
	{
		local $?;
		kill KILL => $killer;
		waitpid $killer, 0;
		$trial->{fake}->release;
	}
	# the next attempt is made long after this one, as a lease ends first
	$trial->{fake}->idle;
	return ($end, ($end->{status} & 127) == 9);
}

# A lesson, killed up to three times; [videos of it, their digests, entries in playlists, tracks] afterwards.
sub lesson
{
	my ($trial, $number, $bytes) = @_;
	my $kills = 0;

	$trial->anew;
	$trial->video($bytes, $number);
	$trial->{publication}{title} = "Lesson $number";
	for (1 .. 1 + int rand 3)
	{
		my ($end, $killed) = attempt($trial, choose($bytes));
		$kills += $killed;
		last if $end->{done};
	}
	my ($end) = attempt($trial, {});
	return ($end, $kills);
}

sub rounds
{
	my ($count, $seed, $long) = @_;
	my $trial = YoutubeTrial->new('youtube_kill', youtube => { units => 10_000_000, inserts => 100_000 });
	my ($kills, $lessons, @wrong) = (0, 0);

	srand $seed;
	note "seed $seed";
	$trial->{publication}{playlist_title} = 'All lessons';
	$trial->artifact(poster => 'poster-0000000000000001.jpg', "\xff\xd8\xff\xe0\0\x10JFIF\0picture\xff\xd9", 'image/jpeg');
	$trial->artifact(srt => 'srt-0000000000000001.srt', "1\n00:00:00,000 --> 00:00:01,000\nHello\n", 'application/x-subrip', language => 'en');
	# a blow may wait for a request that never comes: then there are more lessons, until a third of $count have struck
	for (my $number = 1; $number <= $count || $kills < $count / 3 && $number <= 3 * $count; $number++)
	{
		my $bytes = $long && $number == $count ? $long : 1 + int rand($number % 3 ? 3_000_000 : 300_000);
		my ($end, $killed) = lesson($trial, $number, $bytes);
		my $state = $trial->{fake}->state('youtube');
		my @videos = grep { $_->{snippet}{title} eq "Lesson $number" } values %{ $state->{videos} };
		my $id = $videos[0]{id} // '';

		$kills += $killed;
		$lessons = $number;
		push @wrong, { number => $number, bytes => $bytes, end => $end->{failed} // $end->{done}, videos => [ map { { bytes => $_->{bytes}, sha256 => $_->{sha256}, tags => $_->{snippet}{tags} } } @videos ],
			playlists => $state->{playlists}, captions => [ grep { $_->{video} eq $id } values %{ $state->{captions} } ] }
		  if !$end->{done} || @videos != 1 || $videos[0]{sha256} ne $trial->{artifacts}{video}{sha256} || $end->{done}{target}{remote_id} ne $id
		  || grep({ $_->{video} eq $id } map { @{ $_->{items} } } values %{ $state->{playlists} }) != 1 || grep({ $_->{video} eq $id } values %{ $state->{captions} }) != 1;
	}
	is_deeply(\@wrong, [], "each of $lessons lessons is there once, with its bytes, one entry in the playlist and one track") or diag(explain(\@wrong));
	is(scalar($trial->videos), $lessons, 'and nothing else is');
	ok($kills >= $count / 3, "$kills children were killed");
}

1;
