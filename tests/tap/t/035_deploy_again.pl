# tests/tap/t/035_deploy_again.pl
#     Deploying again, over a database of today or one from before policies were rows, keeps
#     what operators changed.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $sql = abs_path(dirname(__FILE__) . '/../../../sql');
my $node = PostgreSQL::Test::Cluster->new('again');
$node->init;
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'leap'\n");
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE leap');

sub deploy
{
	$node->command_ok([ 'psql', '-XqAt1', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('leap'), '-f', "$sql/deploy.sql" ], $_[0]);
}

sub rows { return $node->safe_psql('leap', $_[0]); }

my $policies = 'SELECT * FROM leap.retry_policies ORDER BY kind, class';
my $classes = 'SELECT class, counts, breaker FROM leap.error_classes ORDER BY class';
my $deadlines = 'SELECT kind, deadline FROM leap.task_kinds ORDER BY kind';

deploy('the schema is deployed');
my $seeded = rows($policies);
like($seeded, qr/^upload\|transient\|5\|00:00:10\|00:10:00$/m, 'a policy is there from the start');
# mail waits for the operator's own login to be mended
unlike($seeded =~ s/^notify\|credential\|.*\n//mr, qr/\|(credential|quota|input|permanent)\|/, 'what no further try can mend has none');

rows(q{
	UPDATE leap.retry_policies SET max_failures = 9, base_delay = '1 min' WHERE kind = 'upload' AND class = 'transient';
	INSERT INTO leap.retry_policies VALUES ('upload', 'credential', 2, '1 h', '1 h');
	DELETE FROM leap.retry_policies WHERE kind = 'maintain';
	UPDATE leap.error_classes SET breaker = 'trips' WHERE class = 'lost';
	UPDATE leap.task_kinds SET deadline = '5 h' WHERE kind = 'trim'});
my %before = map { $_ => rows($_) } $policies, $classes, $deadlines;
deploy('and again');
is(rows($_), $before{$_}, "kept: $_") for $policies, $classes, $deadlines;

# the same columns, types and constraints as they were in leap.task_kinds before there were policies
rows(q{
	DROP TABLE leap.retry_policies, leap.error_classes CASCADE;
	ALTER TABLE leap.task_kinds DROP CONSTRAINT deadline_in_range,
		ADD max_failures smallint NOT NULL DEFAULT 3 CHECK (max_failures > 0),
		ADD base_delay interval NOT NULL DEFAULT '10 s', ADD max_delay interval NOT NULL DEFAULT '10 min';
	ALTER TABLE leap.task_kinds ALTER max_failures DROP DEFAULT, ALTER base_delay DROP DEFAULT, ALTER max_delay DROP DEFAULT;
	UPDATE leap.task_kinds SET max_failures = 7, base_delay = '2 min', max_delay = '1 min' WHERE kind = 'download'});
deploy('over a database from before');
is(rows("SELECT class, max_failures, base_delay, max_delay FROM leap.retry_policies WHERE kind = 'download' ORDER BY class"),
	"lost|7|00:01:00|00:01:00\nrate_limited||00:01:00|00:01:00\ntransient|7|00:01:00|00:01:00", 'policies are taken over');
is(rows("SELECT count(*) FROM leap.task_kinds k WHERE NOT EXISTS (SELECT FROM leap.retry_policies p WHERE p.kind = k.kind)"), 0, 'of every kind');
is(rows("SELECT deadline FROM leap.task_kinds WHERE kind = 'trim'"), '05:00:00', 'deadlines stay');
is(rows("SELECT count(*) FROM pg_attribute WHERE attrelid = 'leap.task_kinds'::regclass AND attname IN ('max_failures', 'base_delay', 'max_delay')"),
	0, 'the old columns are gone');
my $taken = rows($policies);
deploy('and once more');
is(rows($policies), $taken, 'nothing changes then');

# an audit log with fewer columns, under the names of before
rows(q{
	DROP TABLE leap.audit_seals, leap.audit_sealing CASCADE;
	DROP TRIGGER prepare_audit ON leap.audit_logs;
	ALTER TABLE leap.audit_logs DROP id, DROP result, DROP details, DROP ip_address, DROP user_agent, DROP client_salt, DROP client_digest;
	ALTER TABLE leap.audit_logs RENAME user_id TO caller;
	ALTER TABLE leap.audit_logs RENAME resource_type TO entity;
	ALTER TABLE leap.audit_logs RENAME resource_id TO entity_id;
	DROP INDEX leap.audit_logs_by_user, leap.audit_logs_by_resource;
	CREATE INDEX audit_logs_by_entity ON leap.audit_logs (entity_id, at);
	INSERT INTO leap.audit_logs (action, entity, entity_id, why) VALUES ('old', 'thing', '1', 'early'), ('old', 'thing', '2', 'late')});
deploy('over an audit log from before');
is(rows("SELECT action, resource_type, resource_id, why, result FROM leap.audit_logs WHERE action = 'old' ORDER BY id"),
	"old|thing|1|early|success\nold|thing|2|late|success", 'its entries stay');
is(rows('SELECT leap.seal_audit() = count(*) AND count(*) = count(DISTINCT id) FROM leap.audit_logs'), 't', 'and are sealed');
is(rows("SELECT leap.audit_verify()->>'ok'"), 'true', 'which holds');

done_testing();
