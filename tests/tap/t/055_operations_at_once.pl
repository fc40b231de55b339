# tests/tap/t/055_operations_at_once.pl
#     Many people at the same recordings: twenty who press "run" at the same moment start one
#     run, with a key all get the same answer; operations in bulk on overlapping recordings,
#     named in any order, never meet in a deadlock and leave nothing half-done.
use strict;
use warnings;

use LeapCluster;
use Test::More;

my $node = LeapCluster::start('at_once', "synchronous_commit = off\n");

sub rows_of { return $node->safe_psql('leap', $_[0]); }

# an answer or refusal is written down, any other error ends the client
rows_of(<<'SQL');
SELECT leap.add_user('a@example.org');
SELECT leap.add_recording(NULL, '{"type":"url","url":"https://example.org/a"}', 'r' || i) FROM generate_series(1, 200) i;
CREATE TABLE outcome (test text, said text);
-- returns when twenty have come: they go on together
CREATE SEQUENCE arrived;
CREATE FUNCTION gate() RETURNS void LANGUAGE plpgsql SET statement_timeout = '2min' AS $$
BEGIN
    PERFORM nextval('arrived');
    LOOP
        EXIT WHEN (SELECT last_value >= 20 FROM arrived);
        PERFORM pg_sleep(0.001);
    END LOOP;
END $$;
CREATE FUNCTION press_run(test text, name text, key text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    said text;
BEGIN
    PERFORM gate();
    BEGIN
        said := leap.run_recording((SELECT id FROM leap.recordings WHERE display_name = name), key)->>'run';
    EXCEPTION WHEN SQLSTATE 'LP004' THEN
        said := 'LP004 ' || SQLERRM;
    END;
    INSERT INTO outcome VALUES (test, said);
END $$;
CREATE FUNCTION consistent() RETURNS TABLE (wrong text, n bigint) LANGUAGE sql AS $$
    SELECT 'ready rows and ready tasks differ', count(*) FROM leap.task_ready c FULL JOIN (SELECT id FROM leap.tasks WHERE state = 'ready') t ON t.id = c.task
        WHERE t.id IS NULL OR c.task IS NULL HAVING count(*) > 0
    UNION ALL
    SELECT 'tasks go on in a run that has ended', count(*) FROM leap.tasks t JOIN leap.runs u ON u.id = t.run_id
        WHERE u.state <> 'active' AND t.state IN ('blocked', 'ready', 'scheduled', 'running') HAVING count(*) > 0
    UNION ALL
    SELECT 'runs are active without a task to go on', count(*) FROM leap.runs u WHERE u.state = 'active'
        AND NOT EXISTS (SELECT FROM leap.tasks t WHERE t.run_id = u.id AND t.state IN ('blocked', 'ready', 'scheduled', 'running')) HAVING count(*) > 0
    UNION ALL
    SELECT 'held recordings have ready tasks', count(*) FROM leap.recordings r JOIN leap.task_ready c ON c.recording_id = r.id WHERE r.hold IS NOT NULL HAVING count(*) > 0
    UNION ALL
    SELECT 'operations are missing in the log', 1 WHERE (SELECT count(*) FROM leap.audit_logs WHERE action IN ('run', 'force')) <> (SELECT count(*) FROM leap.runs)
$$;
SQL

for my $case ([ 'without a key', 'r1', 'NULL' ], [ 'with a key', 'r2', "'key'" ])
{
	my ($test, $name, $key) = @$case;

	rows_of('ALTER SEQUENCE arrived RESTART');
	$node->pgbench('-n -c 20 -j 2 -t 1', 0, [qr/processed: 20\/20/], [qr/^(?!.*ERROR)/s], "20 clients press run $test",
		{ "run_$name" => "SELECT press_run('$test', '$name', $key);" }, 'leap');
	is(rows_of("SELECT count(*) FROM leap.runs u JOIN leap.recordings r ON r.id = u.recording_id WHERE r.display_name = '$name'"), 1, "one run starts, $test");
}
my $run = rows_of("SELECT u.id FROM leap.runs u JOIN leap.recordings r ON r.id = u.recording_id WHERE r.display_name = 'r1'");
is(rows_of("SELECT said, count(*) FROM outcome WHERE test = 'without a key' GROUP BY 1 ORDER BY 2"),
	"$run|1\nLP004 cannot run: run $run of this recording is active|19", 'one is told its run, nineteen which run is active');
is(rows_of("SELECT count(DISTINCT said), count(*) FROM outcome WHERE test = 'with a key'"), '1|20', 'with a key all twenty get the same run');

# the same keys for other recordings, at once: one request has the key, the others are refused, none by accident
rows_of(<<'SQL');
CREATE FUNCTION press_other(n int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    said text;
BEGIN
    PERFORM gate();
    BEGIN
        said := leap.run_recording((SELECT id FROM leap.recordings WHERE display_name = 'r' || n), 'shared')->>'recording';
    EXCEPTION WHEN SQLSTATE 'LP006' THEN
        said := 'LP006';
    END;
    INSERT INTO outcome VALUES ('shared', said);
END $$;
SQL
rows_of('ALTER SEQUENCE arrived RESTART');
$node->pgbench('-n -c 20 -j 2 -t 1', 0, [qr/processed: 20\/20/], [qr/^(?!.*ERROR)/s], '20 clients use one key for 20 recordings',
	{ shared => 'SELECT press_other(10 + :client_id);' }, 'leap');
is(rows_of("SELECT said = 'LP006', count(*) FROM outcome WHERE test = 'shared' GROUP BY 1 ORDER BY 1"), "f|1\nt|19", 'the key belongs to one of them');

# in bulk: overlapping recordings, in any order, several operations, and single ones between
my $some = "ARRAY(SELECT id FROM leap.recordings ORDER BY random() LIMIT 60)";
my %scripts = map { ("$_\@2" => "SELECT count(*) FROM leap.operate('$_', $some);") } qw(run cancel pause resume force reset retry);
$scripts{'prioritize@1'} = "SELECT count(*) FROM leap.operate('prioritize', $some, priority => 5);";
$scripts{'dry@1'} = "SELECT count(*) FROM leap.operate('run', $some, true);";
$node->pgbench('-n -c 8 -j 2 -t 12', 0, [qr/processed: 96\/96/, qr/number of failed transactions: 0 /], [qr/^(?!.*ERROR)/s],
	'eight clients operate on overlapping recordings', \%scripts, 'leap');
is(rows_of("SELECT deadlocks FROM pg_stat_database WHERE datname = 'leap'"), 0, 'nobody met in a deadlock');
is(rows_of('SELECT * FROM consistent()'), '', 'nothing is left half-done');
is(rows_of('SELECT count(*) FILTER (WHERE done) FROM leap.operate(\'delete\', ARRAY(SELECT id FROM leap.recordings))'), 200, 'all can be deleted at once');
is(rows_of('SELECT * FROM consistent()'), '', 'and leave nothing behind');

$node->stop('immediate');
done_testing();
