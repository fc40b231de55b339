# tests/tap/t/040_cron_bell.pl
#     pg_cron alone keeps the pipeline alive: with leap.bell = cron and no worker that rings,
#     what a dead worker held is rescued and what was put off becomes due within a minute or
#     two; the doctor hears the bell, and says so when it falls silent.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sql = abs_path(dirname(__FILE__) . '/../../../sql');
my $node = PostgreSQL::Test::Cluster->new('bell');

$node->init;
$node->append_conf('postgresql.conf', <<~'CONF');
	shared_preload_libraries = 'pg_cron,leap'
	cron.database_name = 'postgres'
	cron.use_background_workers = on
	leap.bell = 'cron'
	leap.start_grace = 0
	leap.rescue_grace = 0
	CONF
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE leap');
$node->command_ok([ 'psql', '-XqAt1', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('leap'), '-f', "$sql/deploy.sql" ],
	'the schema is deployed');
$node->command_ok([ 'psql', '-XqAt1', '-v', 'ON_ERROR_STOP=1', '-v', "database='leap'", '-d', $node->connstr('postgres'), '-f', "$sql/cron.sql" ],
	'the bell is installed');

# a worker that claims and dies: its session ends with psql
$node->safe_psql('leap', <<~'SQL');
	SELECT leap.add_user('a@example.org');
	SELECT leap.run_recording(leap.add_recording(NULL, '{"type":"url","url":"https://e.org/1"}', 'rescued'));
	SELECT leap.run_recording(leap.add_recording(NULL, '{"type":"url","url":"https://e.org/2"}', 'due'));
	CREATE TEMP TABLE c AS SELECT c.* FROM (SELECT leap.register_worker('w', 1, '{upload}', 4) AS w) r,
		leap.claim((r.w->>'worker')::uuid, r.w->>'secret', 10) c;
	SELECT leap.fail(task, fence, '{"class":"transient","code":"x","message":"later"}') FROM c WHERE input #>> '{recording,name}' = 'due';
	UPDATE leap.task_scheduled SET run_at = clock_timestamp();
	SQL
my $states = "SELECT string_agg(t.state, ',' ORDER BY t.id) FROM leap.tasks t WHERE kind = 'download'";
is($node->safe_psql('leap', $states), 'running,scheduled', 'one task is lost with its worker, one is due');
is($node->safe_psql('leap', 'SELECT leap.housekeep()'), '{}', 'a worker may not ring here');
is($node->safe_psql('leap', "SELECT status FROM leap.doctor() WHERE check_name = 'bell'"), 'error', 'the doctor misses the bell');

# two rings: the first sees the session gone, the second is past the grace
ok($node->poll_query_until('leap', "SELECT ($states) = 'ready,ready'"), 'pg_cron rang, both tasks are ready')
	or diag($node->safe_psql('postgres', 'SELECT status, return_message FROM cron.job_run_details'));
is($node->safe_psql('leap', "SELECT ringer FROM leap.bells"), 'cron', 'only cron rang');
is($node->safe_psql('leap', "SELECT status FROM leap.doctor() WHERE check_name = 'bell'"), 'ok', 'the doctor hears it');
is($node->safe_psql('leap', "SELECT string_agg(event, ',' ORDER BY at) FROM leap.task_events WHERE to_state = 'ready' AND event IN ('rescue', 'due')") =~ tr/,//,
	1, 'the history names rescue and due');

$node->stop('immediate');
done_testing();
