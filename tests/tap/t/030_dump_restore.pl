# tests/tap/t/030_dump_restore.pl
#     A dumped database comes back under another name with its data, and goes on working:
#     guards, quotas and claims hold in the copy. That is why tables are not members of the
#     extension.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sql = abs_path(dirname(__FILE__) . '/../../../sql');
my $node = PostgreSQL::Test::Cluster->new('dump');
my $dump = "$PostgreSQL::Test::Utils::tmp_check/leap.dump";

$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'leap'\n");
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE leap');
$node->command_ok([ 'psql', '-XqAt1', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('leap'), '-f', "$sql/deploy.sql" ],
	'the schema is deployed');

# one recording half way, one failed, one published, one held: rows in every kind of state
my $claim = <<~'SQL';
	SELECT c.task, c.fence, c.kind FROM (SELECT leap.register_worker('w', 1, '{upload,processing}', 4) AS w) r,
		leap.claim((r.w->>'worker')::uuid, r.w->>'secret', 10) c
	SQL
$node->safe_psql('leap', <<~"SQL");
	SELECT leap.add_user('a\@example.org');
	INSERT INTO leap.user_subscriptions (user_id, custom_limits) SELECT id, '{"recordings_per_month": 3}' FROM leap.users;
	SELECT leap.run_recording(leap.add_recording(NULL, '{"type":"url","url":"https://e.org/1"}', 'one'));
	SELECT leap.run_recording(leap.add_recording(NULL, '{"type":"url","url":"https://e.org/2"}', 'two'));
	CREATE TEMP TABLE c AS $claim;
	SELECT leap.fail(task, fence, '{"class":"input","code":"x","message":"broken"}') FROM c LIMIT 1;
	SELECT leap.complete(jsonb_build_array(jsonb_build_object('task', task, 'fence', fence, 'result', jsonb_build_object('artifacts',
		jsonb_build_array(jsonb_build_object('kind', 'source', 'uri', 'a/b', 'bytes', '5', 'sha256', repeat('0', 64), 'media_type', 'video/mp4'))))))
	FROM c OFFSET 1;
	SELECT leap.seal_audit();
	SQL
my $head = $node->safe_psql('leap', "SELECT leap.audit_head()->>'head'");

my $tables = $node->safe_psql('leap',
	"SELECT string_agg(format('%s %s', relname, (xpath('/row/n/text()', query_to_xml('SELECT count(*) AS n FROM leap.' || relname, false, true, '')))[1]), E'\\n' ORDER BY relname)
	 FROM pg_class WHERE relnamespace = 'leap'::regnamespace AND relkind = 'r'");
my $recordings = 'SELECT display_name, status, failed, error_message FROM leap.recordings ORDER BY 1';
my $before = $node->safe_psql('leap', $recordings);

$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, $node->connstr('leap') ], 'dump');
$node->safe_psql('postgres', 'CREATE DATABASE copy');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr('copy'), $dump ], 'restore under another name');

is($node->safe_psql('copy', $recordings), $before, 'the recordings are back');
for my $line (split /\n/, $tables)
{
	my ($table, $count) = split / /, $line;
	is($node->safe_psql('copy', "SELECT count(*) FROM leap.$table"), $count, "rows of $table");
}

my ($status, undef, $error) = $node->psql('copy', "UPDATE leap.recordings SET status = 'UPLOADED'");
isnt($status, 0, 'the state guard holds in the copy');
like($error, qr/cannot go from|only through an operation/, 'and says why');
$node->safe_psql('copy', q(SELECT leap.add_recording(NULL, '{"type":"url","url":"https://e.org/3"}', 'three')));
(undef, undef, $error) = $node->psql('copy', q(SELECT leap.add_recording(NULL, '{"type":"url","url":"https://e.org/4"}', 'four')));
like($error, qr/quota recordings_per_month exceeded/, 'the quota guard holds in the copy');
is($node->safe_psql('copy', "SELECT kind FROM ($claim) x"), 'trim', 'a worker claims what was ready');
is($node->safe_psql('copy', 'SELECT leap.reconcile_storage()'), '0', 'storage usage came along');
is($node->safe_psql('copy', "SELECT leap.audit_verify('$head')->>'ok'"), 'true', 'the seals of the audit log hold');
is($node->safe_psql('copy', "SELECT leap.audit('test', 'copy'); SELECT leap.seal_audit() > 0"), "\nt", 'and go on');
is($node->safe_psql('copy', "SELECT leap.audit_verify('$head')->>'ok'"), 'true', 'from the same head');

$node->stop('immediate');
done_testing();
