# tests/tap/t/370_rate_limit.pl
#     Thirty uploads under a rate limit, by two workers: they wait without failing, and at no
#     instant have more started than the bucket held. A platform in trouble is left alone,
#     tried by one, and used again.
use strict;
use warnings;

use LeapNode;
use Test::More;

my $leap = LeapNode->new('rate_limit', settings => "leap.poll_interval = 100\nleap.breaker_failures = 3\nleap.breaker_cooldown = 2\n");
my @options = (slots => 4, 'media-program' => $leap->fake_media);
my $count = 30;

sub uploads
{
	my ($what, $where) = @_;
	return $leap->sql("SELECT $what FROM leap.tasks WHERE kind = 'upload'" . ($where ? " AND $where" : ''));
}

# --- one token in all: everything else is done and waits
$leap->sql("INSERT INTO leap.rate_limits (platform, tokens, per) VALUES ('library', 1, '31 days')");
my $short = '{"trimming": {"enable_trimming": false}, "transcription": {"enable_transcription": false}}';
my @ids = map { $leap->add("lecture $_", config => $short) } 1 .. $count;
my @workers = map { $leap->worker(@options) } 1 .. 2;
ok($leap->wait_until(sub { uploads('count(*)', "state = 'succeeded'") == 1 && uploads('count(*)', "state = 'scheduled'") == $count - 1 }, 120),
	'one is published, the others wait');
is(uploads("string_agg(DISTINCT format('%s %s', attempt, failures), ',')", "state = 'scheduled'"), '0 0', 'without an attempt or a failure');
is($leap->sql(q{SELECT count(*) FROM leap.stuck WHERE state = 'scheduled' AND reason LIKE 'the limit of library is used up: 1 per 31 days for all; %'}),
	$count - 1, 'for a reason that people can read');
is($leap->sql("SELECT format('%s %s', tokens_now < 1, waiting) FROM leap.rate_status"), 't ' . ($count - 1), 'and that the view of limits shows');

# --- more tokens: they come as the bucket allows
my ($tokens, $burst) = (5, 3);
my $since = $leap->sql("UPDATE leap.rate_limits SET tokens = $tokens, per = '1 s', burst = $burst RETURNING clock_timestamp()");
is($leap->wait_for_end($_), 'finished', "$_ is published") for @ids;
is(uploads("string_agg(DISTINCT format('%s %s %s', state, attempt, failures), ',')"), 'succeeded 1 0', 'each in its first attempt, without a failure');
is($leap->sql('SELECT count(*) FROM leap.recordings WHERE retry_count > 0 OR failed'), 0, 'no recording saw a failure');
$leap->is_published_once($_, 'limited') for @ids[ 0, -1 ];
my @starts = split /\n/, $leap->sql("SELECT extract(epoch FROM at) FROM leap.task_events
	WHERE kind = 'upload' AND event = 'claim' AND at >= '$since' ORDER BY at");
is(scalar @starts, $count - 1, 'every start is in the history');

# between any two starts there were no more than the bucket held and got meanwhile; one more for
# the time from the token to the entry in the history
my $most = 0;
for my $from (0 .. $#starts)
{
	for my $to ($from .. $#starts)
	{
		my $over = $to - $from + 1 - $burst - $tokens * ($starts[$to] - $starts[$from]);
		$most = $over if $over > $most;
	}
}
cmp_ok($most, '<=', 1, 'never more starts than tokens');
diag(sprintf '%d starts in %.1f s, at most %.2f beyond the bucket', scalar @starts, $starts[-1] - $starts[0], $most);
$leap->sql('DELETE FROM leap.rate_limits');
is($leap->end_worker($_, 'TERM'), 0, 'a worker stops in order') for @workers;

# --- a source that breaks: after three failures the others do not even try, until one has
my $port = 1; # nobody listens there
my $worker = $leap->worker(@options, slots => 3, 'allow-private-addresses' => 'on');
my @sick = map { $leap->sql("SELECT leap.run_recording(leap.add_recording(NULL, '{\"type\": \"url\", \"url\": \"http://127.0.0.1:$port/$_.mp4\"}', 'sick $_'))->>'recording'") } 1 .. 8;
ok($leap->wait_until(sub { $leap->sql("SELECT state FROM leap.breakers WHERE platform = 'url:127.0.0.1:$port'") eq 'open' }), 'the breaker opens');
my $tried = $leap->sql("SELECT count(*) FROM leap.tasks t JOIN leap.recordings r ON r.id = t.recording_id
	WHERE t.kind = 'download' AND r.display_name LIKE 'sick %' AND t.attempt > 0");
cmp_ok($tried, '<=', 5, 'three failed, two had begun: the others did not try');
ok($leap->wait_until(sub { $leap->sql("SELECT probe IS NOT NULL AND waiting > 0 FROM leap.breakers WHERE state = 'half_open'") eq 't' }),
	'one tries, and others wait');
$leap->sql("SELECT leap.operate('cancel', ARRAY[" . join(', ', map { "'$_'::uuid" } @sick) . '])');
is($leap->end_worker($worker, 'TERM'), 0, 'the worker stops in order');

done_testing();
