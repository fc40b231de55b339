# tests/tap/t/061_fair_share.pl
#     Fair sharing: thousands of queued tasks of one user do not delay the single task of another,
#     counted in claims, whatever the size of a claim and whichever user came first; not in
#     the next queue either, where a worker's queues share its places; and a claim reads as
#     few pages with the backlog as without it. 3,000 tasks in `make check`, 20,000 in
#     tests/tap/long/961.
use strict;
use warnings;

use LeapCluster;
use Test::More;

my $backlog = $ENV{LEAP_BACKLOG} // 3000;
my $node = LeapCluster::start('fair_share', <<~'CONF');
	synchronous_commit = off
	autovacuum = off
	leap.start_grace = 600
	leap.worker_timeout = 3600
	CONF

sub rows_of { return $node->safe_psql('leap', $_[0]); }

# two workers whose sessions are pgbench's clients 0 and 1; what they claim is written down
rows_of(<<'SQL');
CREATE TABLE worker AS SELECT n, (w->>'worker')::uuid AS id, w->>'secret' AS secret
    FROM generate_series(0, 1) n, leap.register_worker('fair ' || n, 1, '{upload,processing}', 1000) w;
CREATE TABLE claim (n bigint GENERATED ALWAYS AS IDENTITY, worker int, tasks jsonb);
CREATE FUNCTION take(client int, wanted int) RETURNS bigint LANGUAGE sql AS $$
    INSERT INTO claim (worker, tasks) SELECT client, coalesce((SELECT jsonb_object_agg(c.task, c.fence) FROM leap.claim(w.id, w.secret, wanted,
        turn => (SELECT count(*)::int FROM claim x WHERE x.worker = client)) c), '{}')
    FROM worker w WHERE w.n = client RETURNING n $$;
-- how many claims of one worker it took until somebody had the task of that user and kind; null: nobody has it
CREATE FUNCTION claims_until(who text, what text) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM claim c
    JOIN (SELECT c.n, c.worker FROM claim c JOIN leap.tasks t ON c.tasks ? t.id::text JOIN leap.users u ON u.id = t.user_id
          WHERE u.email = who AND t.kind = what) f ON c.worker = f.worker AND c.n <= f.n
    HAVING count(*) > 0 $$;
CREATE FUNCTION add(who text, many int) RETURNS void LANGUAGE sql AS $$
    INSERT INTO leap.recordings (user_id, display_name, source) SELECT u.id, 'lecture', '{"type":"url","url":"https://example.org/a"}'
    FROM leap.users u, generate_series(1, many) WHERE u.email = who;
    SELECT count(*) FROM leap.operate('run', ARRAY(SELECT r.id FROM leap.recordings r WHERE r.status = 'INITIALIZED'
        AND NOT EXISTS (SELECT FROM leap.runs x WHERE x.recording_id = r.id))) $$;
SQL
rows_of("SELECT leap.add_user('$_\@example.org')") for qw(early crowd late);

sub claim_with_both
{
	my ($size, $what) = @_;
	rows_of('TRUNCATE claim');
	$node->pgbench('-n -c 2 -j 1 -t 4', 0, [qr/processed: 8\/8/], [qr/^(?!.*ERROR)/s], $what,
		{ $what =~ s/\W+/_/gr => "SELECT take(:client_id, $size);" }, 'leap');
}

# pages that one claim of one task reads, the least of three
sub pages_of_a_claim
{
	my @counts = map { /Buffers: shared hit=(\d+)(?: read=(\d+))?/ ? $1 + ($2 // 0) : die "no buffers: $_\n" }
	  map { (split /\n/, rows_of("SET jit = off; SELECT take(0, 1); EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, COSTS OFF) SELECT take(0, 1)"))[2] } 1 .. 3;
	return (sort { $a <=> $b } @counts)[0];
}

# what the planner knows stays what it was before the backlog came
rows_of("SELECT add('crowd\@example.org', 20); ANALYZE");
my $few = pages_of_a_claim();
rows_of("SELECT add('crowd\@example.org', $backlog)");
my $many = pages_of_a_claim();
note("a claim reads $few pages with 20 tasks in the queue, $many with $backlog");
cmp_ok($many, '<=', $few + 30, 'a claim does not read the backlog');
rows_of("SELECT leap.set_quota('crowd\@example.org', 'concurrent_tasks', 1)");
my $full = pages_of_a_claim();
note("a claim that passes a user at his limit reads $full pages");
cmp_ok($full, '<=', $many, 'nor does one that passes him because he is at his limit');
rows_of("SELECT leap.set_quota('crowd\@example.org', 'concurrent_tasks', 'unlimited')");

for my $size (1 .. 10)
{
	for my $user (qw(early late))
	{
		rows_of("DELETE FROM leap.recordings WHERE user_id = (SELECT id FROM leap.users WHERE email = '$user\@example.org')");
		rows_of("SELECT add('$user\@example.org', 1)");
		claim_with_both($size, "claims of $size, $user");
		cmp_ok(rows_of("SELECT claims_until('$user\@example.org', 'download')") || 99, '<=', 2, "claims of $size: $user is served by the second");
	}
}

# the next step is in another queue: the backlog of the first does not keep the places
is(rows_of(q{SELECT c.accepted FROM claim x, jsonb_each_text(x.tasks) t, leap.complete(jsonb_build_array(jsonb_build_object('task', t.key, 'fence', t.value,
	'result', jsonb_build_object()))) c JOIN leap.tasks k ON k.id = c.task::bigint JOIN leap.users u ON u.id = k.user_id
	WHERE u.email = 'late@example.org' AND t.key::bigint = k.id}), 't', 'the download is done');
claim_with_both(1, 'the next step');
cmp_ok(rows_of("SELECT claims_until('late\@example.org', 'trim')") || 99, '<=', 2, 'the next step is served by the second claim');

$node->stop('immediate');
done_testing();
