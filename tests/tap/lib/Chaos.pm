# tests/tap/lib/Chaos.pm
#     Chaos: recordings go through all stages while workers, their children, their sessions and
#     the server are killed and frozen at random and people meddle. Then everything is counted.
#
#     Chaos->new(seconds => 60, recordings => 100, seed => 7)->run;
#
# The seed repeats the choices, not the instants at which they meet the system. Everything has
# the settings an operator could give it; only the clocks of the protocol run faster. The
# harness therefore keeps count of what it does to a task as an operator would have to believe
# it: a third dead worker under the same task is quarantine, so that it spares workers whose
# tasks lost two already (and children whose task failed already): Chaos::Blows.
#
# Beside the blows run, each a process of its own (Chaos::Witness, Chaos::Meddler):
#     a sampler     leases of every user, 20 times a second; tests/chaos/invariants.sql
#     a watcher     which processes work on which task, from when to when
#     people        who cancel, retry, pause, delete and add recordings
#     a latecomer   who tries every fence again that was revoked
# What they wrote down is judged when all is over, by Chaos::Evidence.
package Chaos;

use strict;
use warnings;

use Chaos::Blows;
use Chaos::Evidence;
use Chaos::Meddler;
use Chaos::Witness;
use IPC::Run ();
use LeapNode;
use List::Util qw(first sum0);
use POSIX qw(WNOHANG);
use Test::More;
use Time::HiRes qw(sleep time);

# Who owns which share of the recordings and how many of his tasks may run at a time (undef: any
# number). One of them floods the others.
my @users = (
	{ email => 'one@example.org', limit => 1, share => 0.05 },
	{ email => 'two@example.org', limit => 2, share => 0.15 },
	{ email => 'flood@example.org', limit => 3, share => 0.6 },
	{ email => 'any@example.org', limit => undef, share => 0.2 });

# What each worker serves: the one that does all, and two that need each other.
my @workers = (
	{ options => { queue => 'upload,processing,automation', slots => 3 } },
	{ options => { queue => 'upload=2' } },
	{ options => { queue => 'processing=3' } });

my $SETTINGS = <<~CONF;
	leap.worker_timeout = 6
	leap.heartbeat_interval = 1
	leap.start_grace = 4
	restart_after_crash = on
	wal_writer_delay = 2s
	max_connections = 60
	log_line_prefix = '%m [%p] %e '
	CONF

# new(seconds => S, recordings => N, seed => X, calm => S): the database, the users, recordings
# that wait for the first worker. calm: how long what is left may take when the chaos is over.
sub new
{
	my ($class, %options) = @_;
	my $seed = $options{seed} || int(time * 1000) % 1_000_000;
	my $self = bless { seed => $seed, calm => 180, %options, blows => {}, ended_alone => 0 }, $class;

	$self->{seed} = $seed;
	srand $seed;
	diag "chaos: $self->{seconds} seconds, $self->{recordings} recordings, seed $seed";
	$self->{leap} = LeapNode->new('chaos', settings => $SETTINGS);
	$self->{pace} = { analyse => 0.3, cut => 0.3, transcribe => 0.5 };
	$self->{media} = $self->{leap}->fake_media($self->{pace});
	for my $user (@users)
	{
		$self->must("SELECT leap.add_user('$user->{email}')");
		$self->must(qq{INSERT INTO leap.user_subscriptions (user_id, custom_limits)
			SELECT id, '{"concurrent_tasks": $user->{limit}}' FROM leap.users WHERE email = '$user->{email}'}) if $user->{limit};
		$self->add_recordings($user, int($self->{recordings} * $user->{share}) || 1);
	}
	$self->{team} = [ map { { %$_ } } @workers ];
	return $self;
}

sub leap { return $_[0]{leap}; }
sub users { return @users; }
sub team { return @{ $_[0]{team} }; }

# A file that a process of the harness writes to.
sub record
{
	my ($self, $name) = @_;
	return "$self->{leap}{base}/chaos-$name";
}

# (whether it was done, what was answered, what went wrong): also while there is no server.
sub ask
{
	my ($self, $sql) = @_;
	my ($out, $err) = ('', '');
	my $done = IPC::Run::run(
		[ 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=verbose', '-d', $self->{leap}->node->connstr('leap') ],
		'<', \$sql, '>', \$out, '2>', \$err);

	chomp $out;
	return ($done, $out, $err);
}

# The answer; patient with a server that is just coming back.
sub must
{
	my ($self, $sql) = @_;
	my $answer;

	return $answer if $self->{leap}->wait_until(sub {
		(my $done, $answer, my $err) = $self->ask($sql);
		die "$sql: $err" if !$done && $err =~ /ERROR: /;
		return $done;
	}, 60) && defined $answer;
	die "no server for: $sql\n";
}

# Files of which no two are alike, so that what is published is known by its content.
sub add_recordings
{
	my ($self, $user, $count) = @_;
	my @calls;

	for (1 .. $count)
	{
		my $name = sprintf '%s-%d-%d', $user->{email} =~ /^(\w+)/, $$, ++$self->{added};
		my $file = "$self->{leap}{inbox}/$name.mp4";
		open my $out, '>', $file or die "$file: $!\n";
		print $out "$name\n" x 200;
		close $out;
		push @calls, "SELECT 'added', leap.run_recording(leap.add_recording('$user->{email}',"
			. " '{\"type\": \"file\", \"path\": \"$file\"}', '$name'))->>'recording';\n";
	}
	return $self->ask(join '', "BEGIN;\n", @calls, "COMMIT;\n");
}

# Runs CODE in a process of its own until stop_process(), or until this one is gone.
sub start_process
{
	my ($self, $number, $code) = @_;
	my $test = $$;
	my $pid = fork // die "fork: $!\n";

	if ($pid == 0)
	{
		my $over = 0;
		local $SIG{TERM} = sub { $over = 1 };
		local $SIG{PIPE} = 'IGNORE';
		srand $self->{seed} + $number;
		open STDOUT, '>', '/dev/null' or die "/dev/null: $!\n";
		eval { $code->(sub { !$over && getppid == $test }); 1 } or warn $@;
		POSIX::_exit(0);
	}
	return $pid;
}

sub stop_process
{
	my ($self, $pid) = @_;
	kill 'TERM', $pid;
	waitpid $pid, 0;
}

sub start_worker
{
	my ($self, $place) = @_;

	$place->{name} = 'w' . ++$self->{started};
	$place->{frozen} = undef;
	$place->{pid} = $self->{leap}->worker(%{ $place->{options} }, name => $place->{name}, grace => 1, 'media-program' => $self->{media});
}

# One that ends without having been killed is counted, and replaced.
sub look_after_workers
{
	my ($self) = @_;

	for my $place ($self->team)
	{
		next if waitpid($place->{pid}, WNOHANG) == 0;
		$self->{ended_alone}++;
		diag "worker $place->{name} ended by itself: $?";
		$self->start_worker($place);
	}
	@{ $self->{leaving} } = grep { $self->is_leaving($_) } @{ $self->{leaving} // [] };
}

# A worker that was asked to stop; it has to end in order.
sub is_leaving
{
	my ($self, $pid) = @_;
	return 1 if waitpid($pid, WNOHANG) == 0;
	return 0 if $? == 0;
	$self->{ended_badly}++;
	diag "worker process $pid was asked to stop and ended with wait status $?";
	return 0;
}

# After the chaos: everything goes on, nothing is done any more, and whoever was paused is let go.
# Returns the number of runs that did not end.
sub calm_down
{
	my ($self) = @_;
	my $end = time + $self->{calm};
	my $active;

	$self->{leap}->behave({ analyse => 0.05, cut => 0.05, transcribe => 0.05 });
	$self->must('ALTER DATABASE leap RESET synchronous_commit');
	do
	{
		$self->must(q{SELECT count(leap.resume_recording(id)) FROM leap.recordings WHERE hold = 'paused' AND delete_state = 'active'});
		$active = $self->must(q{SELECT count(*) FROM leap.runs WHERE state = 'active'});
		sleep 0.3;
		$self->look_after_workers;
	} while ($active && time < $end);
	return $active;
}

sub run
{
	my ($self) = @_;
	my $begin = time;

	my $sampler = $self->start_process(1, sub { Chaos::Witness::sample($self, @_) });
	my $watcher = $self->start_process(2, sub { Chaos::Witness::watch($self, @_) });
	my @meddlers = (
		$self->start_process(3, sub { Chaos::Meddler::people($self, @_) }),
		$self->start_process(4, sub { Chaos::Meddler::latecomer($self, @_) }));
	$self->start_worker($_) for $self->team;
	Chaos::Blows::rain($self, $begin + $self->{seconds});
	$self->stop_process($meddlers[0]);
	$self->{stormed} = time - $begin;

	$self->{unended} = $self->calm_down;
	$self->stop_process($_) for $meddlers[1], $sampler;
	$self->{took} = time - $begin;
	Chaos::Evidence::judge($self);
	is($self->{leap}->end_worker($_->{pid}, 'TERM'), 0, 'a worker stops in order') for $self->team;
	$self->stop_process($watcher);
	Chaos::Evidence::judge_children($self);
	Chaos::Evidence::report($self);
}

1;
