# tests/tap/t/060_quota_load.pl
#     Limits under load: eight clients add recordings in every way there is, start runs and
#     change artifacts of the same users at once. Usage is what there is, to the last one,
#     the limit is reached and never passed, nobody is a deadlock's victim, and each alert is
#     raised once.
use strict;
use warnings;

use Cwd qw(abs_path);
use LeapCluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = LeapCluster::start('quota_load', "synchronous_commit = off\n");
my $rows = abs_path($PostgreSQL::Test::Utils::tmp_check) . '/recordings.tsv';
my @users = map { "user$_\@example.org" } 1 .. 3;

sub rows_of { return $node->safe_psql('leap', $_[0]); }

# what a client does; a refusal is an answer, any other error ends the client
rows_of(<<'SQL');
CREATE FUNCTION try(statement text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN true;
EXCEPTION WHEN SQLSTATE 'LP010' THEN
    RETURN false;
END $$;
CREATE FUNCTION within_limits() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    bad text;
BEGIN
    SELECT format('%s of %s: %s are there, %s counted, the limit is %s', s.quota, u.email, x.n, s.used, s."limit") INTO bad
    FROM leap.users u CROSS JOIN LATERAL leap.quota_status_of(u.id) s
    CROSS JOIN LATERAL (SELECT CASE s.quota
        WHEN 'recordings_per_month' THEN (SELECT count(*) FROM leap.recordings r WHERE r.user_id = u.id)
        WHEN 'processing_per_month' THEN (SELECT count(*) FROM leap.runs r WHERE r.user_id = u.id)
        WHEN 'storage_bytes' THEN (SELECT coalesce(sum(a.bytes), 0) FROM leap.artifacts a WHERE a.user_id = u.id) END) AS x(n)
    WHERE x.n > s."limit" OR x.n <> s.used LIMIT 1;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION '%', bad;
    END IF;
    RETURN true;
END $$;
SQL
rows_of("SELECT leap.add_user('$_'), leap.set_quota('$_', 'recordings_per_month', 301), leap.set_quota('$_', 'storage_bytes', 100000),
	leap.set_quota('$_', 'processing_per_month', 75)") for @users;

# a file that COPY reads: four recordings of each user, in the opposite order of ids
append_to_file($rows, join '', map { ("$_\tcopied\t{\"type\":\"url\",\"url\":\"https://example.org/a\"}\n") x 4 } reverse split /\n/,
	rows_of('SELECT id FROM leap.users ORDER BY id'));

my $one = "SELECT try(format('SELECT leap.add_recording(%L, ''{\"type\":\"url\",\"url\":\"https://example.org/a\"}'')', 'user' || :n || '\@example.org'));";
my %scripts = (
	'copy@2' => "SELECT try('COPY leap.recordings (user_id, display_name, source) FROM ''$rows''');",
	'insert@2' => "SELECT try(\$\$INSERT INTO leap.recordings (user_id, display_name, source)
		SELECT id, 'inserted', '{\"type\":\"url\"}' FROM leap.users, generate_series(1, 3) ORDER BY random()\$\$);",
	'one@3' => "\\set n random(1, 3)\n$one",
	'look@1' => 'SELECT within_limits();');

# the last line of each: clients that are refused go on, so that the limit is met from below
$node->pgbench('-n -c 8 -j 2 -t 60', 0, [qr/processed: 480\/480/, qr/number of failed transactions: 0 /], [qr/^(?!.*ERROR)/s], 'eight clients add recordings',
	\%scripts, 'leap');
rows_of("SELECT bool_or(try('SELECT leap.add_recording(''$_'', ''{\"type\":\"url\",\"url\":\"https://example.org/a\"}'')')) FROM generate_series(1, 301)") for @users;
is(rows_of('SELECT count(*) FROM leap.recordings GROUP BY user_id'), join("\n", (301) x 3), 'the limit is reached and not passed');
is(rows_of('SELECT within_limits()'), 't', 'usage is what there is');
is(rows_of("SELECT DISTINCT count(*) FROM leap.notifications WHERE subject->>'quota' = 'recordings_per_month' GROUP BY user_id, event"), 1,
	'80 and 100 percent are told once each');

# runs of distinct recordings, one by one and in bulk; artifacts that come, are replaced (of one user: complete() locks
# the usage of several first), grow and go
my $pick = 'SELECT r.id FROM leap.recordings r WHERE NOT EXISTS (SELECT FROM leap.runs u WHERE u.recording_id = r.id) ORDER BY random()';
my %work = (
	'run@4' => "SELECT try('SELECT leap.run_recording(id) FROM ($pick LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED) x');",
	'bulk@2' => "SELECT try('SELECT leap.operate(''run'', ARRAY(SELECT id FROM ($pick LIMIT 4 FOR NO KEY UPDATE SKIP LOCKED) x))');",
	'store@4' => "SELECT try(\$\$INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
		SELECT id, user_id, 'source', 'x/' || gen_random_uuid(), 1 + (random() * 5000)::int, repeat('0', 64), 'x/y'
		FROM (SELECT id, user_id FROM leap.recordings ORDER BY random() LIMIT 5) r WHERE user_id = (SELECT id FROM leap.users ORDER BY random() LIMIT 1) ORDER BY id
		ON CONFLICT (recording_id, kind) DO UPDATE SET bytes = excluded.bytes, uri = excluded.uri\$\$);",
	'grow@2' => "SELECT try(\$\$UPDATE leap.artifacts SET bytes = bytes + 100 WHERE id IN (SELECT id FROM leap.artifacts ORDER BY random() LIMIT 5 FOR UPDATE SKIP LOCKED)\$\$);",
	'drop@1' => "DELETE FROM leap.artifacts WHERE id IN (SELECT id FROM leap.artifacts ORDER BY random() LIMIT 3 FOR UPDATE SKIP LOCKED);",
	'check@1' => 'SELECT within_limits();');
$node->pgbench('-n -c 8 -j 2 -t 60', 0, [qr/processed: 480\/480/, qr/number of failed transactions: 0 /], [qr/^(?!.*ERROR)/s], 'eight clients run and store', \%work, 'leap');
rows_of("SELECT bool_or(try('SELECT leap.run_recording(id) FROM ($pick LIMIT 1) x')) FROM generate_series(1, 900)");
is(rows_of('SELECT within_limits()'), 't', 'usage is what there is');
is(rows_of('SELECT sum(used) = (SELECT count(*) FROM leap.runs), max(used) FROM leap.quota_usage WHERE quota = \'processing_per_month\''),
	't|75', 'runs: the limit is met and not passed');
is(rows_of('SELECT leap.reconcile_storage()'), 0, 'nothing to reconcile');
is(rows_of('SELECT max(n) FROM (SELECT count(*) AS n FROM leap.notifications GROUP BY user_id, event, dedup_key) x'), 1, 'no alert is told twice');

$node->stop('immediate');
done_testing();
