# tests/tap/lib/PgRegress.pm
#     pg_regress and pg_isolation_regress as TAP: one result a file, differences shown.
#
# They run in a private cluster, in a database that holds the extension and the schema as
# `psql -f sql/deploy.sql` makes them.
package PgRegress;

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $tests = abs_path(dirname(__FILE__) . '/../..');

# run(FOLDER below tests/, PROGRAM)
sub run
{
	my ($suite, $program) = @_;
	my $node = PostgreSQL::Test::Cluster->new($suite);
	my $output = "$PostgreSQL::Test::Utils::tmp_check/$suite";

	start($node);
	mkdir $output;
	report(
		scalar run_program(
			$program, '--use-existing',
			"--host=" . $node->host, "--port=" . $node->port,
			"--dbname=leap", "--bindir=" . $node->config_data('--bindir'),
			"--inputdir=$tests/$suite", "--outputdir=$output",
			"--schedule=$tests/$suite/schedule"));
	show("$output/regression.diffs");
	$node->stop('immediate');
	done_testing();
}

sub start
{
	my ($node) = @_;

	$node->init;
	$node->append_conf('postgresql.conf', <<~SETTINGS);
		shared_preload_libraries = 'pg_cron,leap'
		cron.database_name = 'postgres'
		cron.use_background_workers = on
		timezone = 'UTC'
		max_prepared_transactions = 0
		SETTINGS
	$node->start;
	$node->safe_psql('postgres', 'CREATE DATABASE leap');
	$node->command_ok(
		[ 'psql', '-XqAt1', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('leap'),
			'-f', "$tests/../sql/deploy.sql" ],
		'the schema is deployed');
}

sub run_program
{
	my (@command) = @_;
	open my $out, '-|', @command or die "$command[0]: $!\n";
	my $text = join '', <$out>;
	close $out;
	return $text;
}

# "test name ... ok 12 ms", "     name ... FAILED 12 ms"
sub report
{
	my ($text) = @_;
	my $count = 0;

	for my $line (split /\n/, $text)
	{
		next if $line !~ /^(?:test|    )\s+(\S+)\s+\.\.\. (ok|FAILED|failed|ignored)/;
		$count++;
		ok($2 eq 'ok', $1);
	}
	ok($count > 0, 'some tests were found') or diag($text);
}

sub show
{
	my ($differences) = @_;
	open my $in, '<', $differences or return;
	my @lines = <$in>;
	splice @lines, 400, @lines - 400, "...\n" if @lines > 400;
	diag(@lines);
}

1;
