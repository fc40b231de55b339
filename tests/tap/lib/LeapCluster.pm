# tests/tap/lib/LeapCluster.pm
#     PostgreSQL servers in whose database "leap" the schema is there already.
#
#     my $node = LeapCluster::start('name', $settings);     a running PostgreSQL::Test::Cluster
#
# initdb and sql/deploy.sql take seconds of processor time. They are done once for all programs of
# a test run; a cluster is a copy of what they left. Tests of the deployment itself (010 to 040)
# deploy on their own.
package LeapCluster;

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(remove_tree);
use IPC::Run ();
use MadeOnce qw(made_once);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $root = abs_path(dirname(__FILE__) . '/../../..');

# start(NAME, TEXT for postgresql.conf)
sub start
{
	my ($name, $settings) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	init($node);
	$node->append_conf('postgresql.conf', "shared_preload_libraries = 'leap'\n" . ($settings // ''));
	$node->start;
	is($node->safe_psql('leap', "SELECT to_regclass('leap.recordings')"), 'leap.recordings', 'the schema is deployed');
	return $node;
}

# As $node->init, which runs initdb, but with the copy instead.
sub init
{
	my ($node) = @_;
	my $template = made_once('cluster', \&make_template);
	my $run = \&PostgreSQL::Test::Utils::system_or_bail;

	no warnings 'redefine';
	local *PostgreSQL::Test::Utils::system_or_bail = sub {
		return $run->(@_) if $_[0] ne 'initdb';
		return $run->('cp', '-R', '--preserve=mode', "$template/data", $node->data_dir);
	};
	$node->init;
	return;
}

# A cluster that was shut down in order; its postgresql.conf is as initdb writes it.
sub make_template
{
	my ($folder) = @_;
	my $sockets = PostgreSQL::Test::Utils::tempdir_short();
	my %settings = (
		fsync => 'off',
		listen_addresses => '',
		max_wal_senders => 0,
		min_wal_size => '32MB',
		shared_preload_libraries => 'leap',
		timezone => 'UTC',
		unix_socket_directories => $sockets,
		wal_level => 'minimal');
	my $options = join ' ', map { "-c $_='$settings{$_}'" } sort keys %settings;
	my @psql = ('psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-h', $sockets);

	remove_tree("$folder/data"); # somebody was killed while he made it
	command('initdb', '-D', "$folder/data", '-A', 'trust', '-N');
	command('pg_ctl', '-w', '-D', "$folder/data", '-l', "$folder/log", '-o', $options, 'start');
	my $deployed = eval {
		command(@psql, '-d', 'postgres', '-c', 'CREATE DATABASE leap');
		command(@psql, '-1', '-d', 'leap', '-f', "$root/sql/deploy.sql");
		command(@psql, '-d', 'leap', '-c', 'CHECKPOINT');
	};
	my $why = $@;
	command('pg_ctl', '-w', '-D', "$folder/data", '-m', 'fast', 'stop');
	die $why if !$deployed;
	return;
}

# Runs a program; dies with what it said when it fails.
sub command
{
	my (@command) = @_;
	my ($out, $err);

	IPC::Run::run(\@command, '>', \$out, '2>', \$err) or die "@command: $out$err\n";
	return 1;
}

1;
