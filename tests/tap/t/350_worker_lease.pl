# tests/tap/t/350_worker_lease.pl
#     A lease that its worker does not know of goes back; a yes that comes too late is a no;
#     a worker that returns does not wait for its own old session.
use strict;
use warnings;

use LeapNode;
use Test::More;

my $leap = LeapNode->new('lease', settings => "leap.worker_timeout = 3\nleap.heartbeat_interval = 1\nleap.start_grace = 1\n");
my $media = $leap->fake_media({ cut => 60 });
my @options = (slots => 1, 'log-level' => 'debug', 'media-program' => $media);
my $worker = $leap->worker(@options, name => 'first');

# the worker is busy; in its name something is claimed, and it never hears of it
my $busy = $leap->add('what it knows');
$leap->wait_for_running($busy, 'trim');
my $unknown = $leap->add('what it does not know');
is($leap->sql("SELECT leap.claim_queue(w, 'upload', 1) = ARRAY[t.id] FROM leap.workers w, leap.tasks t WHERE t.recording_id = '$unknown' AND t.kind = 'download'"),
	't', 'a claim whose answer is lost');
is($leap->sql("SELECT state FROM leap.tasks WHERE recording_id = '$unknown' AND kind = 'download'"), 'running', 'the task counts as running');
is($leap->wait_for("SELECT state FROM leap.tasks WHERE recording_id = '$unknown' AND kind = 'download'", 'ready', 30), 'ready', 'it goes back');
is($leap->wait_for("SELECT state FROM leap.tasks WHERE recording_id = '$busy' AND kind = 'trim'", 'running'), 'running', 'what the worker names stays');
is($leap->recording($unknown, 'status'), 'INITIALIZED', 'the recording is where it was');
$leap->behave({});
$leap->sql("SELECT leap.cancel_recording('$busy')");
is($leap->wait_for_end($unknown), 'finished', 'then it is done');
is($leap->tasks($unknown), 'download=succeeded/2 ' . join(' ', map { "$_=succeeded/1" } qw(trim transcribe topics subtitles upload)),
	'the lost claim was an attempt');
is($leap->sql("SELECT sum(failures + rescues) FROM leap.tasks WHERE recording_id = '$unknown'"), 0, 'and cost nothing');
$leap->is_published_once($unknown, 'unknown');

# the report of a long task is refused for the moment, while a heartbeat is on its way behind it
$leap->behave({ cut => 7 });
my $slow = $leap->add('reported twice');
$leap->wait_for_running($slow, 'trim');
$leap->sql(<<~'SQL');
	CREATE SEQUENCE public.refusals;
	GRANT ALL ON SEQUENCE public.refusals TO PUBLIC;
	CREATE FUNCTION public.refuse_once() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
	    IF nextval('public.refusals') = 1 THEN
	        PERFORM pg_sleep(1.5); -- a busy worker sends heartbeats more often
	        RAISE EXCEPTION USING ERRCODE = 'deadlock_detected', MESSAGE = 'deadlock for a test';
	    END IF;
	    RETURN NULL;
	END $$;
	CREATE TRIGGER refuse_once AFTER DELETE ON leap.task_lease FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_once();
	SQL
$leap->behave({});
is($leap->wait_for_end($slow), 'finished', 'a report that was refused for the moment is sent again');
is($leap->tasks($slow), join(' ', map { "$_=succeeded/1" } qw(download trim transcribe topics subtitles upload)), 'nothing is done twice');
cmp_ok($leap->sql('SELECT last_value FROM public.refusals'), '>', 1, 'it was refused');
$leap->sql('DROP TRIGGER refuse_once ON leap.task_lease');

# the worker is stopped while the database says yes; when it goes on somebody else has the task
$leap->behave({ words => 20000 });
my $late = $leap->add('too late');
$leap->wait_for_log(qr/ claimed task=\d+ kind=upload recording=$late /);
my ($child) = $leap->children($worker);
kill 'STOP', $child;
is($leap->sql("SELECT state FROM leap.tasks WHERE recording_id = '$late' AND kind = 'upload'"), 'running', 'the upload has begun');
my $lock = $leap->lock_leases('ACCESS EXCLUSIVE');
kill 'CONT', $child;
ok($leap->wait_for_log(qr/ asks to go on with: publish the lesson(?!.* claimed )/s, 30), 'it asks');
is($leap->wait_for_blocked_worker, 't', 'and waits for the answer');
kill 'STOP', $worker;
$leap->close_session($lock);
my $second = $leap->worker(@options, name => 'second');
is($leap->wait_for_end($late, 60), 'finished', 'another worker takes over');
my ($lesson) = $leap->lessons($late);
my $shown = (stat $lesson)[1];
kill 'CONT', $worker;
ok($leap->wait_for_log(qr/ may not go on: the database heard of this worker \d+ seconds ago/, 30), 'the first one sees that the yes is old');
ok($leap->wait_until(sub { !$leap->children($worker) }, 10), 'its child ends');
is((stat +($leap->lessons($late))[0])[1], $shown, 'and has not published');
$leap->is_published_once($late, 'late');
$leap->end_worker($_, 'TERM') for $worker, $second;

# the old session of a worker hangs on, as one does whose machine or network is gone
my $register = "SELECT leap.register_worker('twice', 1, '{upload}', 1, '{}'";
my $old = $leap->open_session("$register)");
my ($id) = PostgreSQL::Test::Utils::slurp_file($old->{output}) =~ /"worker": "([^"]+)"/;
my ($secret) = PostgreSQL::Test::Utils::slurp_file($old->{output}) =~ /"secret": "([^"]+)"/;
my $gone = "SELECT no <> ALL (leap.sessions_alive()) FROM leap.workers WHERE id = '$id'";
is($leap->sql($gone), 'f', 'a worker has a session');
my $new = $leap->open_session("SET statement_timeout = '5s'; $register, '$id', '$secret')");
$leap->close_session($old);
is($leap->wait_for("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = leap.worker_key()::oid", '1'), '1',
	'it comes back without waiting for the old session to end');
is($leap->sql($gone), 'f', 'whose end does not end the worker');
$leap->close_session($new);
is($leap->wait_for($gone, 't'), 't', 'the end of the last one does');

done_testing();
