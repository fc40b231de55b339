# tests/tap/long/910_storm.pl
#     A storm: for a minute and a half workers are killed, frozen and cut off, and the server
#     crashes twice. No user ever has more leases than his limit, and when it is over everything
#     ends by itself, every recording published exactly once.
#
# The storm is random; its seed is printed, and $LEAP_STORM_SEED repeats the order of blows.
use strict;
use warnings;

use LeapNode;
use List::Util qw(shuffle sum0);
use POSIX qw(WNOHANG);
use PostgreSQL::Test::Utils qw(slurp_file);
use Test::More;
use Time::HiRes qw(sleep time);

my $STORM_SECONDS = 90;
my $CALM_SECONDS = 240; # enough for what is left, with a wide margin
my $WORKERS = 3;

# how many recordings of whom, and how many tasks of his may run at a time (undef: any number)
my @users = (
	{ email => 'one@example.org', limit => 1, recordings => 14 },
	{ email => 'two@example.org', limit => 2, recordings => 20 },
	{ email => 'any@example.org', limit => undef, recordings => 26 });

# the leases of everyone who has some: "sample|one@example.org=1 two@example.org=2"
my $SAMPLE = q{SELECT 'sample', string_agg(format('%s=%s', email, leases), ' ') FROM (
	SELECT u.email, count(*) AS leases FROM leap.task_lease l JOIN leap.users u USING (lane) WHERE l.counted GROUP BY u.email) x};

# What an attempt that was killed may leave behind, by the kind of its task.
my %half_made = (
	download => [qw(source analysis envelope audio poster)],
	trim => ['video'],
	transcribe => [qw(transcript text)],
	topics => [qw(topics chapters)],
	subtitles => [qw(srt vtt)]);

my $seed = srand($ENV{LEAP_STORM_SEED} // time);
my $leap = LeapNode->new('storm', settings => <<~SETTINGS);
	leap.max_rescues = 100
	leap.worker_timeout = 6
	leap.heartbeat_interval = 1
	leap.start_grace = 4
	log_line_prefix = '%m [%p] %e '
	SETTINGS
my @options = (slots => 2, 'media-program' => $leap->fake_media({ analyse => 2, cut => 2, transcribe => 3 }));
my (@workers, %frozen, %blows, %name_of);
my $ended_alone = 0;

sub add_recordings
{
	for my $user (@users)
	{
		$leap->sql("SELECT leap.add_user('$user->{email}')");
		$leap->sql(qq{INSERT INTO leap.user_subscriptions (user_id, custom_limits)
			SELECT id, '{"concurrent_tasks": $user->{limit}}' FROM leap.users WHERE email = '$user->{email}'}) if $user->{limit};
	}
	for my $user (@users)
	{
		for my $number (1 .. $user->{recordings})
		{
			my $name = ($user->{limit} // 'any') . " $number";
			$name_of{ $leap->add($name, user => $user->{email}) } = $name;
		}
	}
}

# Samples 20 times a second, in a session of its own that comes back when it is lost, as long as
# the test runs.
sub start_sampler
{
	my ($output) = @_;
	my $test = $$;
	my $pid = fork // die "fork: $!\n";
	return $pid if $pid;

	open STDOUT, '>', $output or die "$output: $!\n";
	open STDERR, '>', '/dev/null' or die "/dev/null: $!\n";
	my $over = 0;
	my $psql;
	local $SIG{TERM} = sub { $over = 1; kill 'TERM', $psql if $psql };
	while (!$over && getppid == $test)
	{
		$psql = open my $in, '|-', 'psql', '-XqAt', '-d', $leap->node->connstr('leap') or last;
		print $in "$SAMPLE \\watch 0.05\n";
		close $in; # waits for its end
		sleep 0.05;
	}
	POSIX::_exit(0);
}

# Of all samples: how many there are, and the most leases of each user.
sub read_samples
{
	my ($output) = @_;
	my ($samples, %most) = (0);

	for my $line (split /\n/, slurp_file($output))
	{
		next if $line !~ /^sample\|(.*)/;
		$samples++;
		for (split / /, $1)
		{
			my ($email, $leases) = split /=/;
			$most{$email} = $leases if $leases > ($most{$email} // 0);
		}
	}
	return ($samples, \%most);
}

# One that ends without having been killed is counted, and replaced.
sub replace_dead
{
	for my $worker (@workers)
	{
		next if waitpid($worker, WNOHANG) == 0;
		$ended_alone++;
		diag "worker $worker ended by itself: $?";
		$worker = $leap->worker(@options);
	}
}

sub thaw
{
	my ($now) = @_;

	for my $worker (grep { $frozen{$_} <= $now } keys %frozen)
	{
		kill 'CONT', $worker;
		delete $frozen{$worker};
	}
}

my %strike = (
	kill => sub {
		my $at = int rand @workers;
		delete $frozen{ $workers[$at] };
		$leap->end_worker($workers[$at], 'KILL');
		$workers[$at] = $leap->worker(@options);
	},

	# some come back in time, some are taken for dead meanwhile
	freeze => sub {
		my ($worker) = grep { !$frozen{$_} } shuffle @workers;
		return if !$worker;
		kill 'STOP', $worker;
		$frozen{$worker} = time + 0.5 + rand 10;
	},
	cut => sub {
		$leap->sql(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'leap worker' ORDER BY random() LIMIT 2});
	},
	crash => sub {
		$leap->node->stop('immediate');
		sleep rand 3;
		$leap->node->start;
	});

sub storm
{
	my $begin = time;
	my @crashes = map { $begin + $STORM_SECONDS * $_ } 0.3, 0.7;

	while (time < $begin + $STORM_SECONDS)
	{
		my $blow = (qw(kill kill freeze cut))[ rand 4 ];
		if (@crashes && time > $crashes[0])
		{
			shift @crashes;
			$blow = 'crash';
		}
		$strike{$blow}->();
		$blows{$blow}++;
		sleep 0.3 + rand 1.7;
		thaw(time);
		replace_dead();
	}
	thaw('inf');
}

# Waits for the end of all runs, and accepts what the storm brought into quarantine.
sub calm_down
{
	my $end = time + $CALM_SECONDS;
	my $active;

	do
	{
		$blows{quarantine} += $leap->sql(q{SELECT count(leap.accept_recording(id)) FROM leap.recordings WHERE hold = 'quarantine'});
		$active = $leap->sql(q{SELECT count(*) FROM leap.runs WHERE state = 'active'});
		sleep 0.5;
		replace_dead();
	} while ($active && time < $end);
	return $active;
}

# Every move is one of leap.fsm(), and begins where the one before it ended. The history knows
# no birth of a target.
sub history_is_legal
{
	is($leap->sql(q{SELECT string_agg(format('%s %s: %s -> %s', e.entity, e.event, e.from_state, e.to_state), ', ') FROM leap.task_events e
		WHERE NOT EXISTS (SELECT FROM leap.fsm() f WHERE (f.entity, f.event, f.to_status) = (e.entity, e.event, e.to_state)
			AND f.from_status IS NOT DISTINCT FROM e.from_state)}), '', 'every move is allowed');
	is($leap->sql(q{SELECT string_agg(format('%s %s: %s after %s', entity, recording_id, from_state, before), ', ') FROM (
		SELECT *, lag(to_state, 1, CASE entity WHEN 'target' THEN 'NOT_UPLOADED' END) OVER (PARTITION BY entity, recording_id, task, target_id ORDER BY at) AS before
		FROM leap.task_events) e
		WHERE from_state IS DISTINCT FROM before}), '', 'every move begins where the last one ended');
	is($leap->sql(q{SELECT string_agg(format('%s: %s', recording_id, n), ', ') FROM (
		SELECT r.id AS recording_id, count(e.to_state) AS n FROM leap.recordings r
		LEFT JOIN leap.task_events e ON (e.recording_id, e.entity, e.to_state) = (r.id, 'recording', 'UPLOADED') GROUP BY r.id) x WHERE n <> 1}),
		'', 'each recording became published once');
	is($leap->sql(q{SELECT string_agg(DISTINCT state, ' ') FROM leap.tasks WHERE recording_id IS NOT NULL}), 'succeeded', 'every task succeeded');
	is($leap->sql(q{SELECT sum(failures) FROM leap.tasks}), 0, 'none of them failed: the storm is no fault of theirs');
	is($leap->sql(q{SELECT (SELECT count(*) FROM leap.task_lease) + (SELECT count(*) FROM leap.task_ready) + (SELECT count(*) FROM leap.task_scheduled)}),
		0, 'no lease is left, and nothing waits');
}

# Files without a name come from attempts that were not the last.
sub strays_are_explained
{
	my %again = map { $_ => 1 } split /\n/, $leap->sql(q{SELECT recording_id || ' ' || kind FROM leap.tasks WHERE attempt > 1});
	my %maker = map { my $kind = $_; map { $_ => $kind } @{ $half_made{$kind} } } keys %half_made;
	my @strays = $leap->stray_files;
	my @odd = grep { !(m{^users/\d+/([-0-9a-f]{36})/(\w+)-[0-9a-f]{16}\.\w+$} && $maker{$2} && $again{"$1 $maker{$2}"}) } @strays;

	is_deeply(\@odd, [], 'unnamed files are the half-made ones of attempts that were ended');
	return scalar @strays;
}

add_recordings();
note "seed $seed";
my $samples_file = "$leap->{base}/samples";
my $sampler = start_sampler($samples_file);
my $begin = time;
@workers = map { $leap->worker(@options) } 1 .. $WORKERS;
storm();
my $stormed = time - $begin;
my $left = $leap->sql(q{SELECT count(*) FROM leap.runs WHERE state = 'active'});
$leap->behave({ analyse => 0.2, cut => 0.2, transcribe => 0.2 });

cmp_ok($left, '>', 0, 'the storm ends before the work does');
is(calm_down(), 0, 'after the storm every run ends by itself');
my $seconds = time - $begin;
kill 'TERM', $sampler;
waitpid $sampler, 0;
is($leap->end_worker($_, 'TERM'), 0, 'a worker stops in order') for @workers;
is($ended_alone, 0, 'no worker ended that was not killed');

my ($samples, $most) = read_samples($samples_file);
cmp_ok($samples, '>', $seconds * 10, "$samples samples of the leases");
is($most->{ $_->{email} }, $_->{limit}, "$_->{email} had up to $_->{limit} leases and never more") for grep { $_->{limit} } @users;

$leap->is_published_once($_, $name_of{$_}) for sort { $name_of{$a} cmp $name_of{$b} } keys %name_of;
is(scalar(my @lessons = glob "$leap->{library}/*/*/index.html"), sum0(map { $_->{recordings} } @users), 'one lesson a recording');
history_is_legal();
my $strays = strays_are_explained();
is_deeply([ slurp_file($leap->node->logfile) =~ /^\S+ \S+ \S+ \[\d+\] ((?:LP00|40P01|XX).*)/mg ],
	[], 'no forbidden move was tried, nobody met a deadlock, nothing is corrupt');
is_deeply([ $leap->log_text =~ /^(.* ERROR: .*)/mg ], [], 'no worker met an error that it does not outlive');

diag sprintf '%d recordings, %.0f s of storm (%d runs left then), %.0f s in all', scalar keys %name_of, $stormed, $left, $seconds;
diag join ', ', map { "$_ " . ($blows{$_} // 0) } qw(kill freeze cut crash quarantine);
diag $leap->sql(q{SELECT format('%s tasks, %s attempts, %s rescues', count(*), sum(attempt), sum(rescues)) FROM leap.tasks WHERE recording_id IS NOT NULL})
	. ", $strays unnamed files, seed $seed";

done_testing();
