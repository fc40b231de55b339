# tests/tap/lib/Chaos/Blows.pm
#     What is done to workers, their children, their sessions and the server.
#
# A worker is frozen first and looked at: what it holds cannot change then. It is spared when one
# of its tasks has lost all the workers but one that leap.max_rescues allows, and a child when its
# task has failed before: that much misfortune is not the harness's to give, it would be poison.
package Chaos::Blows;

use strict;
use warnings;

use List::Util qw(shuffle sum0);
use Time::HiRes qw(sleep time);

# how often each of them strikes, compared with the others
my %weight = (
	'kill worker' => 6, 'freeze worker' => 4, 'stop worker' => 2,
	'kill child' => 5, 'freeze child' => 4, 'kill media' => 3,
	'cut sessions' => 4, 'freeze session' => 2, 'flip synchronous_commit' => 2, 'slow media' => 4);

# these by the clock, so that even a short chaos has them: seconds between two
my %every = ('crash server' => 11, 'kill session' => 17, 'restart server' => 29);

my (%thaw, $chaos); # process id => when it goes on

sub sql { return $chaos->must($_[0]); }

sub freeze
{
	my ($pid, $seconds) = @_;
	kill 'STOP', $pid;
	$thaw{$pid} = time + $seconds;
}

sub thaw
{
	my ($now) = @_;

	for my $pid (grep { $thaw{$_} <= $now } keys %thaw)
	{
		kill 'CONT', $pid;
		delete $thaw{$pid};
	}
}

# The sessions of a worker are those that hold its lock.
sub sessions_of
{
	my ($place) = @_;
	return qq{SELECT l.pid FROM pg_locks l JOIN leap.workers w ON l.objid = w.no::oid
		WHERE l.locktype = 'advisory' AND l.classid = leap.worker_key()::oid AND w.name = '$place->{name}'};
}

# Freezes a worker and says whether it may be struck: not when a task of it has lost too many.
sub aim
{
	my ($place) = @_;

	kill 'STOP', $place->{pid};
	$chaos->leap->wait_until(sub {
		sql("SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' AND pid IN (" . sessions_of($place) . ')') == 0;
	}, 2);
	my $spared = sql(qq{SELECT count(*) FROM leap.task_lease l JOIN leap.workers w ON w.id = l.worker_id JOIN leap.tasks t ON t.id = l.task
		WHERE w.name = '$place->{name}' AND t.rescues >= leap.setting('leap.max_rescues')::int - 1});
	return 1 if !$spared;
	kill 'CONT', $place->{pid} if !$thaw{ $place->{pid} };
	return 0;
}

sub awake { return first_of(grep { !$thaw{ $_->{pid} } } $chaos->team); }

sub first_of { return (shuffle @_)[0]; }

# A child that works on a task which has not failed yet, or what it started.
sub child_of
{
	my ($place) = @_;
	my $child = first_of($chaos->leap->children($place->{pid})) or return;
	my ($task) = (readlink "/proc/$child/cwd" // '') =~ m{/tmp/(\d+)-\w+} or return;

	return sql("SELECT count(*) FROM leap.tasks WHERE id = $task AND failures = 0") ? $child : undef;
}

my %strike = (
	'kill worker' => sub {
		my $place = first_of($chaos->team);
		return 0 if !aim($place);
		delete $thaw{ $place->{pid} };
		$chaos->leap->end_worker($place->{pid}, 'KILL');
		$chaos->start_worker($place);
	},

	# some come back in time, some are taken for dead meanwhile
	'freeze worker' => sub {
		my $place = awake() or return 0;
		return 0 if !aim($place);
		freeze($place->{pid}, rand 1 < 0.5 ? rand 2 : 2 + rand 8);
	},
	'stop worker' => sub {
		my $place = awake() or return 0;
		sql(sessions_of($place)) or return 0; # it is just being started
		push @{ $chaos->{leaving} }, $place->{pid};
		kill 'TERM', $place->{pid};
		$chaos->start_worker($place);
	},
	'kill child' => sub {
		my $place = awake() or return 0;
		my $child = child_of($place) or return 0;
		return kill 'KILL', $child;
	},
	'freeze child' => sub {
		my $place = awake() or return 0;
		my $child = first_of($chaos->leap->children($place->{pid})) or return 0;
		freeze($child, rand 4);
	},
	'kill media' => sub {
		my $place = awake() or return 0;
		my $child = child_of($place) or return 0;
		my $media = first_of($chaos->leap->children($child)) or return 0;
		return kill 'KILL', $media;
	},

	# what begins in the next moment takes long: the other blows then meet it in the middle
	'slow media' => sub {
		$chaos->leap->behave({ %{ $chaos->{pace} }, (qw(analyse cut transcribe))[ rand 3 ] => 4 + int rand 8 });
		sleep 0.7;
		$chaos->leap->behave($chaos->{pace});
		return 1;
	},

	# the worker hears of it at once and comes back
	'cut sessions' => sub {
		my $place = awake() or return 0;
		return 0 if !aim($place);
		my $cut = sql('SELECT count(pg_terminate_backend(pid)) FROM (' . sessions_of($place) . ') x');
		kill 'CONT', $place->{pid};
		return $cut;
	},

	# the worker hears nothing, for a while; nor does anybody else when the session has a lock that
	# the server needs, so that another process lets it go on
	'freeze session' => sub {
		my $place = awake() or return 0;
		my $backend = sql(sessions_of($place) . ' LIMIT 1') or return 0;
		my $seconds = rand 2;
		kill 'STOP', $backend;
		$chaos->start_process(5, sub { sleep $seconds; kill 'CONT', $backend });
	},

	# all sessions of workers begin anew with it
	'flip synchronous_commit' => sub {
		$chaos->{asynchronous} = !$chaos->{asynchronous};
		sql('ALTER DATABASE leap SET synchronous_commit = ' . ($chaos->{asynchronous} ? 'off' : 'on'));
		sql(q{SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'leap worker'});
		return 1;
	},
	'crash server' => sub {
		$chaos->leap->node->stop('immediate');
		sleep rand 2;
		$chaos->leap->node->start;
	},
	'restart server' => sub {
		$chaos->leap->node->restart;
	},

	# the server takes all its sessions down and recovers
	'kill session' => sub {
		my $backend = sql(q{SELECT pid FROM pg_stat_activity WHERE application_name = 'leap worker' ORDER BY random() LIMIT 1}) or return 0;
		return kill 'KILL', $backend;
	});

sub choose
{
	my $at = rand sum0(values %weight);

	for my $blow (sort keys %weight)
	{
		return $blow if ($at -= $weight{$blow}) < 0;
	}
}

# rain(CHAOS, UNTIL): strikes until then, and lets everything frozen go.
sub rain
{
	($chaos, my $end) = @_;
	my $begin = time;
	my %next = map { $_ => $begin + $every{$_} * (0.3 + rand 0.4) } keys %every;

	while (time < $end)
	{
		my $due = (grep { $next{$_} <= time } sort keys %next)[0];
		my $blow = $due // choose();

		$next{$due} = time + $every{$due} * (0.5 + rand) if $due;
		$chaos->{blows}{ $strike{$blow}->() ? $blow : 'spared' }++;
		sleep rand 0.6;
		thaw(time);
		$chaos->look_after_workers;
	}
	thaw('inf');
}

1;
