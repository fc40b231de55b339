# tests/tap/lib/Chaos/Meddler.pm
#     People who use LEAP while the chaos rages, and one who comes too late with everything.
package Chaos::Meddler;

use strict;
use warnings;

use List::Util qw(sum0);
use PostgreSQL::Test::Utils qw(slurp_file);
use Time::HiRes qw(sleep time);

my $FEW_RUNS = 30; # people add recordings when there is less to do

# What people do: how often, compared with the rest, the call, and to which recordings it mostly
# makes sense (now and then it does not: then it is refused).
my $ACTIVE = q{EXISTS (SELECT FROM leap.runs u WHERE u.recording_id = r.id AND u.state = 'active')};
my %deed = (
	add => { weight => 8 },
	pause => { weight => 5, of => "r.hold IS NULL AND $ACTIVE" },
	resume => { weight => 6, of => q{r.hold = 'paused'} },
	cancel => { weight => 3, of => $ACTIVE },
	run => { weight => 5, of => "NOT $ACTIVE AND r.status <> 'UPLOADED'" },
	retry => { weight => 4, of => 'r.failed' },
	delete => { weight => 1, of => $ACTIVE },
	reset => { weight => 1, of => "NOT $ACTIVE" },
	skip => { weight => 1, of => "NOT $ACTIVE AND r.status <> 'UPLOADED'" },
	unskip => { weight => 1, of => q{r.status = 'SKIPPED'} },
	transcribe => { weight => 1, of => "NOT $ACTIVE", call => q{(SELECT o.run FROM leap.operate('transcribe', ARRAY[id]) o)} },
	republish => { weight => 1, of => "NOT $ACTIVE AND r.status = 'UPLOADED'", call => q{(SELECT o.run FROM leap.operate('republish', ARRAY[id]) o)} },
	cancel_task => { weight => 2, of => $ACTIVE, call => q{(SELECT leap.cancel_task(t.id)->>'run' FROM leap.tasks t}
		. q{ WHERE t.recording_id = x.id AND t.state IN ('running', 'ready', 'scheduled') ORDER BY t.id LIMIT 1)} },
	force => { weight => 2, of => "NOT $ACTIVE", call => q{leap.run_recording(id, force => true)->>'run'} },
	bulk => { weight => 2, of => q{r.hold = 'paused'}, call => q{(SELECT o.run FROM leap.operate('resume', ARRAY[id]) o)} });

sub choose
{
	my $at = rand sum0(map { $_->{weight} } values %deed);

	for my $what (sort keys %deed)
	{
		return $what if ($at -= $deed{$what}{weight}) < 0;
	}
}

# The answer is "ID|RUN"; none when there is no such recording.
sub call
{
	my ($what, $sensible) = @_;
	my $number = int rand 1000;
	my $of = "r.delete_state = 'active' AND " . ($sensible ? $deed{$what}{of} : 'true');
	my $call = $deed{$what}{call} // "leap.${what}_recording(id)->>'run'";

	return "WITH fit AS MATERIALIZED (SELECT r.id, row_number() OVER (ORDER BY r.id) AS n, count(*) OVER () AS total FROM leap.recordings r WHERE $of)"
		. " SELECT id, $call FROM (SELECT id FROM fit WHERE n = 1 + $number % total OFFSET 0) x";
}

# people(CHAOS, GO_ON): notes "done OPERATION RECORDING RUN", "refused OPERATION SQLSTATE" and
# "unknown OPERATION" (no answer came). What is done was acknowledged: it stays.
sub people
{
	my ($chaos, $go_on) = @_;
	my $output = $chaos->record('people');
	my ($flood) = grep { $_->{email} =~ /^flood/ } $chaos->users;

	open my $out, '>>', $output or die "$output: $!\n";
	$out->autoflush(1);
	while ($go_on->())
	{
		my $what = choose();
		my $sensible = rand 1 < 0.9;

		sleep rand 0.1;
		if ($what eq 'add')
		{
			my ($done, $few) = $chaos->ask("SELECT count(*) < $FEW_RUNS FROM leap.runs WHERE state = 'active'");
			next if !$done || $few ne 't';
			($done, my $added) = $chaos->add_recordings($flood, 5);
			while ($done && $added =~ /^added\|(\S+)$/mg) { print $out "done add $1\n" }
			next;
		}
		my ($done, $answer, $err) = $chaos->ask(call($what, $sensible));
		my ($state) = $err =~ /(?:ERROR|FATAL):  (\w{5}): /;
		if ($done) { printf $out "done $what %s\n", $answer =~ tr/|/ /r if $answer ne '' }
		else { print $out $state ? "refused $what $state\n" : "unknown $what\n" }
	}
}

# {done => [[OPERATION, RECORDING, RUN]], refused => [[OPERATION, SQLSTATE]], unknown => [[OPERATION]]}
sub deeds
{
	my ($chaos) = @_;
	my %deeds = map { $_ => [] } qw(done refused unknown);

	for (split /\n/, slurp_file($chaos->record('people')))
	{
		my ($how, @deed) = split / /;
		push @{ $deeds{$how} }, \@deed;
	}
	return \%deeds;
}

# Every write a worker has, with a lease that is gone. Complete comes last, with facts that would
# show in the recording.
my $TRY = <<~'SQL';
	SELECT 'confirm', leap.confirm('%1$s', '%2$s');
	SELECT 'checkpoint', leap.checkpoint('%1$s', '%2$s', '{"chaos": "late"}');
	SELECT 'fail', leap.fail('%1$s', '%2$s', '{"class": "input", "code": "late", "message": "too late"}');
	SELECT 'complete', accepted, coalesce(reason, 'new') FROM leap.complete('[{"task": "%1$s", "fence": "%2$s", "result": {"facts": {"chaos": "late"}}}]');
	SQL

# What may be answered: nothing is stored, unless this very lease has been used up by its owner.
my %refusal = (
	confirm => qr/^f$/, checkpoint => qr/^f$/,
	fail => qr/^(?:lost|failed|retry)$/,
	complete => qr/^(?:f\|lost|t\|already complete)$/);

# latecomer(CHAOS, GO_ON): knows the fences of all leases, and uses each once it is revoked. Notes
# "refused CALL" and "accepted CALL TASK FENCE ANSWER".
sub latecomer
{
	my ($chaos, $go_on) = @_;
	my $output = $chaos->record('latecomer');
	my %known;

	open my $out, '>>', $output or die "$output: $!\n";
	$out->autoflush(1);
	while ($go_on->())
	{
		sleep 0.2;
		my ($done, $leases) = $chaos->ask('SELECT task, fence FROM leap.task_lease');
		next if !$done;
		my %now = map { $_ => 1 } split /\n/, $leases;
		my @gone = grep { !$now{$_} } sort keys %known;
		%known = (%now, map { $_ => 1 } @gone);

		for my $lease (@gone > 10 ? @gone[0 .. 9] : @gone)
		{
			my ($task, $fence) = split /\|/, $lease;
			my ($tried, $answers) = $chaos->ask(sprintf $TRY, $task, $fence);
			while ($answers =~ /^(\w+)\|(.*)$/mg)
			{
				printf $out "%s\n", $2 =~ $refusal{$1} ? "refused $1" : sprintf 'accepted %s task %s fence ..%04x: %s', $1, $task, $fence & 0xffff, $2;
			}
			delete $known{$lease} if $tried;
		}
	}
}

# (how many writes were refused, what was accepted)
sub late_writes
{
	my ($chaos) = @_;
	my @lines = split /\n/, slurp_file($chaos->record('latecomer'));
	return (scalar(grep { /^refused/ } @lines), [ grep { /^accepted/ } @lines ]);
}

1;
