# tests/tap/lib/Week.pm
#     Days in the life of a LEAP database, lived in minutes: Week->new(users => 50, jobs => 20, days => 7)->run.
#
# Teachers have sources that grow (tests/week/world.sql), jobs of every type of schedule and policy, quotas and webhooks.
# A worker in SQL claims and reports; tasks fail by chance, a platform is down for hours, a source for good
# (tests/week/hands.sql). The clock is the test's: for six hours nobody rings the bell, then the clock goes back by an
# hour, later ahead by three; limits are lowered; the server crashes; people pause, retry and delete. At the end everything
# has to come to rest, and every lecture, recording, run, scheduled time and message has to be accounted for: the
# equations are tests/week/account.sql.
package Week;

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $root = abs_path(dirname(__FILE__) . '/../../..');

sub new
{
	my ($class, %options) = @_;
	my $self = bless { users => 5, jobs => 6, days => 2, seed => 1, rest => 120, %options }, $class;
	my $node = $self->{node} = PostgreSQL::Test::Cluster->new('week');

	$node->init;
	$node->append_conf('postgresql.conf', <<~'CONF');
		shared_preload_libraries = 'leap'
		timezone = 'UTC'
		fsync = off
		max_wal_size = '4GB'
		shared_buffers = '256MB'
		leap.bell = 'worker'
		leap.mail = on
		leap.start_grace = 0
		leap.breaker_cooldown = 1
		leap.breaker_max_cooldown = 1
		CONF
	$node->start;
	$node->safe_psql('postgres', 'CREATE DATABASE leap');
	$self->file('sql/deploy.sql', '-1');
	$self->file('tests/week/world.sql', map { ('-v', "$_=$self->{$_}") } qw(users jobs days seed));
	$self->file('tests/week/hands.sql');
	return $self;
}

sub file
{
	my ($self, $file, @options) = @_;
	my @command = ('psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', @options, '-d', $self->{node}->connstr('leap'), '-f', "$root/$file");
	my ($out, $err);

	IPC::Run::run(\@command, '>', \$out, '2>', \$err) or die "$file: $err";
	return $out;
}

# One session of the worker that does this.
sub live
{
	my ($self, $what, @statements) = @_;
	my $began = time;

	$self->{node}->safe_psql('leap', join(";\n", 'SELECT week.connect()', @statements));
	note(sprintf '%s: %d s', $what, time - $began);
	return;
}

sub crash
{
	my ($self) = @_;
	$self->{node}->stop('immediate');
	$self->{node}->start;
	return;
}

sub week
{
	my ($self) = @_;

	$self->live('a day', 'CALL week.live(108)');
	$self->live('limits are lowered', <<~'SQL', 'CALL week.live(36)');
		SELECT leap.set_quota(email, 'automation_interval_hours', 4) FROM week.users WHERE n % 4 = 1;
		SELECT leap.set_quota(email, 'automation_jobs', 2) FROM week.users WHERE n % 4 = 2
		SQL
	$self->live('six hours without a bell', 'CALL week.live(36, false)', 'CALL week.live(18)');
	$self->crash;
	$self->live('after a crash; the clock is an hour behind', "UPDATE week.clock SET wrong = '-1 hour'", 'CALL week.live(30)', "UPDATE week.clock SET wrong = '0'");
	$self->live('people meddle', <<~'SQL', 'CALL week.live(30)');
		SELECT leap.operate('retry', ARRAY(SELECT r.id FROM leap.recordings r JOIN week.users u ON u.id = r.user_id WHERE r.status = 'FAILED' AND u.n % 2 = 0));
		SELECT leap.operate('delete', ARRAY(SELECT r.id FROM leap.recordings r WHERE r.status = 'UPLOADED' ORDER BY r.id LIMIT 3));
		SELECT leap.operate('skip', ARRAY(SELECT r.id FROM leap.recordings r WHERE r.status = 'INITIALIZED' AND r.template_id IS NULL ORDER BY r.id LIMIT 2));
		SELECT leap.change_source(s.id, '{"is_active": false}') FROM week.sources s WHERE s.broken AND s.n % 10 = 0
		SQL
	$self->live('the clock is ahead by three hours', "UPDATE week.clock SET wrong = '3 hours'", 'CALL week.live(30)');
	$self->live("day $_", 'CALL week.live(144)') for 3 .. $self->{days};
	return;
}

# Everything comes to rest; then quotas are lifted and a job of each teacher takes up what they kept back.
sub epilogue
{
	my ($self) = @_;
	my $node = $self->{node};

	$self->live('coming to rest', "CALL week.come_to_rest($self->{rest})", 'CREATE TABLE week.limits AS SELECT * FROM leap.limits');
	is($node->safe_psql('leap', 'SELECT week.restless()'), 0, 'everything comes to rest');
	$self->live('what quotas kept back', <<~SQL, "CALL week.come_to_rest($self->{rest})");
		SELECT leap.set_quota(email, q, 'unlimited') FROM week.users, unnest('{recordings_per_month,processing_per_month}'::text[]) q;
		SELECT leap.run_job(j.id) FROM week.jobs j WHERE j.name = 'job 3'
		SQL
	is($node->safe_psql('leap', 'SELECT week.restless()'), 0, 'and again');
	return;
}

sub run
{
	my ($self) = @_;
	my $node = $self->{node};

	$self->week;
	$self->epilogue;
	is($self->file('tests/week/account.sql'), '', 'every lecture, recording, run and message is accounted for');
	is($self->file('tests/chaos/invariants.sql'), '', 'the invariants hold');
	note($node->safe_psql('leap', <<~'SQL'));
		SELECT format('%s users, %s jobs, %s lectures, %s recordings', (SELECT count(*) FROM week.users), (SELECT count(*) FROM week.jobs),
		           (SELECT count(*) FROM week.lectures), (SELECT count(*) FROM leap.recordings));
		SELECT format('runs of jobs: %s', string_agg(concat(n, ' ', state), ', ')) FROM (SELECT state, count(*) AS n FROM leap.automation_runs GROUP BY 1 ORDER BY 1) x;
		SELECT format('recordings: %s', string_agg(concat(n, ' ', status), ', ')) FROM (SELECT status, count(*) AS n FROM leap.recordings GROUP BY 1 ORDER BY 1) x;
		SELECT format('tasks: %s', string_agg(concat(n, ' ', kind, ' ', state), ', ')) FROM (SELECT kind, state, count(*) AS n FROM leap.tasks GROUP BY 1, 2 ORDER BY 1, 2) x;
		SELECT format('events: %s', string_agg(concat(n, ' ', event), ', ')) FROM (SELECT event, sum(count) AS n FROM leap.notifications GROUP BY 1 ORDER BY 1) x;
		SQL
	return;
}

1;
