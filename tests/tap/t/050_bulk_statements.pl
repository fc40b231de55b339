# tests/tap/t/050_bulk_statements.pl
#     Operations are set-based: the number of statements inside them, counted by
#     pg_stat_statements with track = all, is the same for 10 and for 150 recordings
#     (tests/tap/long/962: 1,000).
use strict;
use warnings;

use LeapCluster;
use Test::More;

my $bulk = $ENV{LEAP_BULK} // 150;
my $more = 10 + $bulk;
my $node = LeapCluster::start('bulk', <<~'CONF');
	shared_preload_libraries = 'leap,pg_stat_statements'
	pg_stat_statements.track = all
	CONF

$node->safe_psql('leap', <<~"SQL");
	CREATE EXTENSION pg_stat_statements SCHEMA public;
	SELECT leap.add_user('a\@example.org');
	SELECT leap.add_recording(NULL, '{"type":"url","url":"https://e.org/a"}', 'r' || i) FROM generate_series(1, $more) i;
	-- the first run of a month makes the row that counts them
	SELECT count(*) FROM leap.operate('run', ARRAY(SELECT id FROM leap.recordings WHERE display_name = 'r1'));
	SELECT count(*) FROM leap.operate('cancel', ARRAY(SELECT id FROM leap.recordings WHERE display_name = 'r1'));
	SQL

# Statements within one call for the recordings that a condition names, but for leap.default_config(), a
# constant: the planner asks for it as often as it makes a plan, which depends on estimates.
sub nested_calls
{
	my ($operation, $condition, $dry_run, $more) = @_;
	my $ids = "ARRAY(SELECT id FROM leap.recordings WHERE $condition)";
	my $done = $node->safe_psql('leap', <<~"SQL");
		SELECT pg_stat_statements_reset();
		SELECT count(*) FILTER (WHERE done) FROM leap.operate('$operation', $ids, $dry_run$more);
		SQL
	my $calls = $node->safe_psql('leap', "SELECT sum(calls) FROM pg_stat_statements WHERE NOT toplevel AND query <> 'SELECT \$1::jsonb'");
	return ($done =~ s/^\s+//r, $calls);
}

# gives every recording this status and all artifacts
sub set_up
{
	my ($status) = @_;
	$node->safe_psql('leap', <<~"SQL");
		INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
		SELECT r.id, r.user_id, m, r.id || '/' || m, 1, repeat('0', 64), 'x/y' FROM leap.task_inputs() i, unnest(i.makes) m, leap.recordings r
		ORDER BY leap.kind_place(i.kind) ON CONFLICT DO NOTHING;
		SELECT count(leap.repair(id, '$status', 'test')) FROM leap.recordings;
		SQL
}

my $few = "substr(display_name, 2)::int <= 10";
my $many = "substr(display_name, 2)::int > 10";

for my $case ([ 'run', 'true' ], [ 'run', 'false' ], [ 'prioritize', 'false', ', priority => 3' ], [ 'pause', 'false' ], [ 'resume', 'false' ], [ 'cancel', 'false' ], [ 'skip', 'false' ],
	[ 'unskip', 'false' ], [ 'force', 'false' ], [ 'reset', 'false' ], [ 'delete', 'false' ], [ 'restore', 'false' ],
	# from here on every file is there, and the recordings are published
	[ 'files', 'UPLOADED' ], [ 'download', 'true' ], map({ [ $_, 'false' ], [ 'cancel', 'false' ] } qw(download process transcribe topics subtitles)),
	[ 'files', 'UPLOADED' ], [ 'republish', 'false' ], [ 'cancel', 'false' ], [ 'files', 'TRANSCRIBED' ], [ 'upload', 'false', ", target => 'LIBRARY'" ],
	[ 'cancel', 'false' ], [ 'files', 'READY' ], [ 'run', 'true' ], [ 'run', 'false' ], [ 'cancel', 'false' ], [ 'files', 'FAILED' ], [ 'retry', 'false' ],
	[ 'cancel', 'false' ])
{
	my ($operation, $dry_run, $more) = (@$case, '');

	if ($operation eq 'files')
	{
		set_up($dry_run);
		next;
	}
	my ($done_few, $calls_few) = nested_calls($operation, $few, $dry_run, $more);
	my ($done_many, $calls_many) = nested_calls($operation, $many, $dry_run, $more);
	my $name = $operation . ($dry_run eq 'true' ? ', dry run' : '');

	is($done_few, 10, "$name: 10 are done");
	is($done_many, $bulk, "$name: $bulk are done");
	is($calls_many, $calls_few, "$name: $calls_few statements for both");
}

$node->stop('immediate');
done_testing();
