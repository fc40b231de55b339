# tests/tap/lib/Chaos/Witness.pm
#     Processes that only look on while the chaos rages, and write down what they see.
package Chaos::Witness;

use strict;
use warnings;

use File::Basename qw(dirname);
use PostgreSQL::Test::Utils qw(slurp_file);
use Time::HiRes qw(sleep time clock_gettime CLOCK_MONOTONIC);

# "sample|one@example.org=1 two@example.org=2": the counted leases of everyone who has some
my $SAMPLE = q{SELECT 'sample', string_agg(format('%s=%s', email, leases), ' ') FROM (SELECT u.email, count(*) AS leases}
	. q{ FROM leap.task_lease l JOIN leap.users u USING (lane) WHERE l.counted GROUP BY u.email) x;};
my $SECONDS_BETWEEN_SAMPLES = 0.05;
my $SAMPLES_BETWEEN_INVARIANTS = 20;

# One of the queries in tests/chaos/.
sub query { return slurp_file(dirname(__FILE__) . "/../../../chaos/$_[0].sql"); }

# sample(CHAOS, GO_ON): in a session of its own, which comes back when it is lost.
sub sample
{
	my ($chaos, $go_on) = @_;
	my $invariants = query('invariants');
	my $output = $chaos->record('samples');

	open STDOUT, '>>', $output or die "$output: $!\n";
	open STDERR, '>', '/dev/null' or die "/dev/null: $!\n";
	while ($go_on->())
	{
		my $psql = open my $in, '|-', 'psql', '-XqAt', '-d', $chaos->leap->node->connstr('leap') or last;
		my $number = 0;

		$in->autoflush(1);
		while ($go_on->())
		{
			my $query = $number++ % $SAMPLES_BETWEEN_INVARIANTS ? $SAMPLE : qq{\\echo look\n$invariants};
			print $in "$query\n" or last;
			sleep $SECONDS_BETWEEN_SAMPLES;
		}
		close $in;
	}
}

# Of all samples: how many there are, how often the invariants were asked, the most leases of
# each user, and what was wrong at some instant (once each).
sub samples
{
	my ($chaos) = @_;
	my %seen = (samples => 0, looks => 0, most => {}, wrong => {});

	for (split /\n/, slurp_file($chaos->record('samples')))
	{
		if (/^sample\|(.*)/)
		{
			$seen{samples}++;
			for (split / /, $1)
			{
				my ($email, $leases) = split /=/;
				$seen{most}{$email} = $leases if $leases > ($seen{most}{$email} // 0);
			}
		}
		elsif ($_ eq 'look') { $seen{looks}++ }
		elsif ($_ ne '') { $seen{wrong}{$_}++ }
	}
	return \%seen;
}

sub read_proc
{
	my ($pid, $what) = @_;
	open my $in, '<', "/proc/$pid/$what" or return '';
	local $/ = undef;
	return readline($in) // '';
}

# (state, parent, seconds after boot at which it started) of a process; nothing when it is gone
sub stat_of
{
	my ($pid) = @_;
	my ($rest) = read_proc($pid, 'stat') =~ /\) (.*)/ or return;
	my @fields = split / /, $rest;

	return $fields[0] =~ /[ZX]/ ? () : (@fields[0, 1], $fields[19] / 100);
}

# What this process is to us: the task it works on, or "maybe" when it may become a child yet,
# or "no".
sub task_of
{
	my ($pid, $storage) = @_;
	my $command = read_proc($pid, 'cmdline');

	return 'maybe' if $command eq '' || $command =~ m{leap\0worker\0};
	return 'no' if $command !~ /^leap\0child\0/;
	return (readlink "/proc/$pid/cwd" // '') =~ m{^\Q$storage\E/tmp/(\d+)-} ? $1 : 'maybe';
}

# watch(CHAOS, GO_ON): who works on which task, from when to when, in seconds after boot. A child
# that is killed cannot say when it ended: so they are looked at, a hundred times a second.
sub watch
{
	my ($chaos, $go_on) = @_;
	my (%child, %ignored);
	my $storage = $chaos->leap->{storage};
	my $output = $chaos->record('children');

	open my $out, '>>', $output or die "$output: $!\n";
	$out->autoflush(1);
	my $bury = sub {
		my ($pid) = @_;
		my $one = delete $child{$pid};
		printf $out "%d %d %d %.2f %.2f\n", $one->{task}, $pid, $one->{parent}, $one->{start}, $one->{end};
	};
	while ($go_on->())
	{
		my $now = clock_gettime(CLOCK_MONOTONIC);
		opendir my $proc, '/proc' or die "/proc: $!\n";
		my %there = map { $_ => 1 } grep { /^\d+$/ } readdir $proc;
		closedir $proc;

		delete @ignored{ grep { !$there{$_} } keys %ignored };
		for my $pid (keys %child)
		{
			my ($state) = $there{$pid} ? stat_of($pid) : ();
			if (defined $state) { $child{$pid}{end} = $now }
			else { $bury->($pid) }
		}
		for my $pid (grep { !$ignored{$_} && !$child{$_} } keys %there)
		{
			my (undef, $parent, $start) = stat_of($pid) or next;
			my $task = task_of($pid, $storage);
			if ($task =~ /^\d+$/) { $child{$pid} = { task => $task, parent => $parent, start => $start, end => $now } }
			elsif ($task eq 'no' && $now - $start > 1) { $ignored{$pid} = 1 }
		}
		sleep 0.01;
	}
	$bury->($_) for keys %child;
}

# [{task, pid, parent, start, end}] of all that were seen
sub children
{
	my ($chaos) = @_;
	return map { my %one; @one{qw(task pid parent start end)} = split / /; \%one } split /\n/, slurp_file($chaos->record('children'));
}

1;
