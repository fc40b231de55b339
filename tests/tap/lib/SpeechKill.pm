# tests/tap/lib/SpeechKill.pm
#     kill -9 of the child that asks a speech service, at every point of the protocol: the next attempt ends the work.
#     AssemblyAI gets one job for one piece of sound; of a synchronous service no more is paid twice than was under
#     way, which chunk_seconds bounds; and usage is never below the bill.
#
#     SpeechKill::begin($seconds)            a lecture of so many seconds, and the servers
#     SpeechKill::synchronous(head => ...)   the child is killed when one request stands at that point, for each of these
#     SpeechKill::parallel(...)              ... when four stand there
#     SpeechKill::saving([1, 0], ...)        ... when it saves the N-th time: stored (0), or as if it was not (1)
#     SpeechKill::job([upload => 'head', ...], ...)   AssemblyAI: in these requests at these points
#     SpeechKill::job_saving([1, 0], ...)
package SpeechKill;

use strict;
use warnings;

use FakeSpeech;
use LeapChild;
use POSIX ();
use RemoteSpeech;
use Test::More;
use Time::HiRes qw(sleep time);

my ($leap, $lecture, $openai, $serial, $undisturbed, $assembly, $job);
my @keys = (keys => { cloud => 'secret' });
my $watcher = 0;
my @says = ({ word => 'one', start => 1, end => 1.4 }, { word => 'two', start => 2, end => 2.4 });

# A process that kills the child when so many requests stand at the scripted point.
sub killer_at
{
	my ($server, $count) = @_;
	return (on_start => sub {
		my ($child) = @_;
		$watcher = fork // die "fork: $!\n";
		return if $watcher;
		eval { $server->wait_paused($count); kill 'KILL', $child; };
		POSIX::_exit(0);
	});
}

# Kills the child when it wants to save the N-th time, unanswered.
sub killer_of
{
	my ($number) = @_;
	return (on_line => sub {
		my ($line, $child) = @_;
		kill 'KILL', $child if exists $line->{checkpoint} && --$number == 0;
	});
}

# Until nothing is under way there: what a killed child has sent is worked on and billed all the same.
sub settle
{
	my ($server) = @_;
	my %open = (none => 1);
	my $until = time + 60;

	while (%open && time < $until)
	{
		%open = ();
		for my $line ($server->log)
		{
			if ($line->{event} eq 'arrived') { $open{ $line->{no} } = 1; }
			elsif ($line->{event} =~ /^(?:answered|broken|malformed)$/) { delete $open{ $line->{no} }; }
		}
		sleep 0.05 if %open;
	}
	return;
}

# One attempt that is killed, and one that is not: its end. A state that was not stored counts as
# lost where `lost` is set; the killed child never heard which of both it is.
sub attempts
{
	my ($server, $row, $lost, @killer) = @_;
	my $killed = $leap->run(transcribe => $lecture->input([$row]), @keys, @killer);
	my @saved = @{ $killed->{checkpoints} };

	waitpid $watcher, 0 if $watcher;
	$watcher = 0;
	pop @saved if $lost;
	is($killed->{status} & 127, 9, '  the child was killed') or diag explain $killed->{failed};
	$server->release;
	settle($server);
	$server->script();
	return $leap->run(transcribe => $lecture->input([$row], @saved ? (checkpoint => $saved[-1]) : ()), @keys);
}

# Twice on the bill: [requests, seconds] of sound that was paid for before.
sub paid_twice
{
	my ($server) = @_;
	my ($requests, $seconds, %seen) = (0, 0);

	for my $line ($server->log('billed'))
	{
		next if !$seen{ $line->{sha256} }++;
		$requests++;
		$seconds += $line->{seconds};
	}
	return ($requests, $seconds);
}

sub synchronous_is_right
{
	my ($end, $name, $requests, $seconds, $row) = @_;
	settle($openai);
	my $usage = $end->{done}{facts}{usage}{cloud}{audio_seconds} // -1;
	my $billed = $openai->billed->{seconds};
	my ($again, $again_seconds) = paid_twice($openai);

	diag explain $end->{failed} if $end->{failed};
	is_deeply(RemoteSpeech::heard($leap, $end), $undisturbed, "$name: all is heard") if $row == $serial;
	cmp_ok($again, '<=', $requests, "$name: paid twice: $again requests");
	cmp_ok($again_seconds, '<=', $seconds, "$name: of $again_seconds s");
	cmp_ok($usage, '>=', $billed - 0.1, "$name: usage ($usage s) is not below the bill ($billed s)");
	cmp_ok($usage, '<=', $billed + $seconds, "$name: and above it by what was under way at most");
	return;
}

sub begin
{
	my ($seconds) = @_;

	$SIG{PIPE} = 'IGNORE';
	$leap = LeapChild->new('speech_kill');
	$lecture = RemoteSpeech->new($leap, seconds => $seconds, seed => 5);
	$openai = FakeSpeech->start('speech/openai', variant => 'openai');
	$openai->says(\@says);
	$serial = RemoteSpeech::provider('openai', $openai->url . '/v1', parallel => 1, chunk_seconds => 31, upload_format => 'wav');
	$undisturbed = RemoteSpeech::heard($leap, $leap->run(transcribe => $lecture->input([$serial]), @keys));
	cmp_ok(scalar @$undisturbed, '>=', 6, 'undisturbed, all pieces are heard');
	$assembly = FakeSpeech->start('speech/assemblyai');
	$assembly->says(\@says);
	$job = RemoteSpeech::provider('assemblyai', $assembly->url, upload_format => 'wav');
	return;
}

sub synchronous
{
	for my $point (@_)
	{
		$openai->forget;
		$openai->script({ on => 'transcriptions', skip => 1, times => 1, pause => $point });
		synchronous_is_right(attempts($openai, $serial, 0, killer_at($openai, 1)), "killed at $point", 1, 32, $serial);
	}
	return;
}

sub saving
{
	for my $case (@_)
	{
		my ($number, $lost) = @$case;
		$openai->forget;
		synchronous_is_right(attempts($openai, $serial, $lost, killer_of($number)), 'killed as it saves ' . ($lost ? 'in vain' : 'it') . ", $number", 1, 32, $serial);
	}
	return;
}

# several at once: together no more than chunk_seconds
sub parallel
{
	my $row = RemoteSpeech::provider('openai', $openai->url . '/v1', parallel => 4, chunk_seconds => 124, upload_format => 'wav');
	for my $point (@_)
	{
		$openai->forget;
		$openai->script({ on => 'transcriptions', times => 4, pause => $point });
		synchronous_is_right(attempts($openai, $row, 0, killer_at($openai, 4)), "four at once, killed at $point", 4, 125, $row);
	}
	return;
}

sub job_is_right
{
	my ($end, $name) = @_;
	settle($assembly);
	my $billed = $assembly->billed;

	diag explain $end->{failed} if $end->{failed};
	is_deeply(RemoteSpeech::texts($leap, $end), [qw(one two)], "$name: all is heard");
	is(scalar @{ $billed->{jobs} }, 1, "$name: one job");
	cmp_ok(abs(($end->{done}{facts}{usage}{cloud}{audio_seconds} // -1) - $billed->{seconds}), '<', 0.1, "$name: usage is the bill");
	return;
}

sub job
{
	for my $case (@_)
	{
		my ($endpoint, @points) = @$case;
		for my $point (@points)
		{
			$assembly->forget;
			$assembly->script({ on => $endpoint, times => 1, pause => $point });
			job_is_right(attempts($assembly, $job, 0, killer_at($assembly, 1)), "AssemblyAI, killed in $endpoint at $point");
		}
	}
	return;
}

sub job_saving
{
	for my $case (@_)
	{
		my ($number, $lost) = @$case;
		$assembly->forget;
		job_is_right(attempts($assembly, $job, $lost, killer_of($number)), 'AssemblyAI, killed as it saves ' . ($lost ? 'in vain' : 'it') . ", $number");
	}
	return;
}

1;
