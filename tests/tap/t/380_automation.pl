# tests/tap/t/380_automation.pl
#     An automation job by itself, with no pg_cron and nobody who calls: its time comes, a worker
#     rings the bell, asks the inbox, and what matches is in the library. The clock of automation is
#     moved by the test, everything else is real. Then with pg_cron the worker leaves the bell alone.
use strict;
use warnings;

use LeapNode;
use Test::More;

my $leap = LeapNode->new('automation');
my $media = $leap->fake_media({});
my $user = 'teacher@example.org';

# the clock of automation: that of the server and a shift
$leap->sql(<<~'SQL');
	CREATE TABLE public.shift (by interval);
	INSERT INTO public.shift VALUES ('0');
	GRANT SELECT ON public.shift TO PUBLIC;
	CREATE OR REPLACE FUNCTION leap.clock() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT now() + by FROM public.shift';
	SQL

sub lecture
{
	my ($name) = @_;
	open my $out, '>', "$leap->{inbox}/$name.mp4" or die "$name: $!\n";
	print $out "$name\n" x 1000;
	close $out;
	return;
}

sub run_of
{
	my ($columns, $which) = @_;
	return $leap->sql("SELECT concat_ws(' ', $columns) FROM leap.automation_runs ORDER BY id DESC OFFSET " . ($which // 0) . ' LIMIT 1');
}

lecture('Algebra 1');
lecture('Botany');
$leap->sql(qq{SELECT leap.add_template('{"name": "Algebra", "matching_rules": {"keywords": ["algebra"]}}', '$user')});
$leap->sql(qq{SELECT leap.add_source(jsonb_build_object('name', 'inbox', 'source_type', 'INBOX', 'is_active', true,
	'config', jsonb_build_object('path', '$leap->{inbox}', 'settle_seconds', 1)), '$user')});
my $job = $leap->sql(qq{SELECT leap.add_job('{"name": "each week", "schedule_config": {"type": "hours", "hours": 168}, "sync_config": {"sync_days": 30}}', '$user')});

my $worker = $leap->worker(slots => 4, 'media-program' => $media);
is($leap->wait_for("SELECT count(*) FROM leap.bells WHERE ringer = 'worker'", 1), 1, 'without pg_cron a worker rings');
is($leap->sql('SELECT count(*) FROM leap.automation_runs'), 0, 'nothing is due yet');

# a dry run tells what would come, and nothing comes
my $dry = $leap->sql("SELECT leap.run_job('$job', true)");
is($leap->wait_for("SELECT state FROM leap.automation_runs WHERE id = '$dry'", qr/^(?!running)/), 'succeeded', 'a dry run');
is($leap->sql("SELECT concat_ws(' ', report->>'would_sync', report->>'would_start', matched, unmatched) FROM leap.automation_runs WHERE id = '$dry'"),
	'2 1 1 1', 'would take two lectures and start one');
is($leap->sql('SELECT count(*) FROM leap.recordings'), 0, 'and takes none');

# the time comes: nobody calls, and no minute has to end
my $rung = $leap->sql("SELECT rung_at FROM leap.bells WHERE ringer = 'worker'");
$leap->sql("UPDATE public.shift SET by = '8 days'");
is($leap->wait_for("SELECT count(*) FROM leap.recordings WHERE status = 'UPLOADED'", 1), 1, 'the lecture that matches is published') or diag($leap->log_text);
isnt($leap->sql("SELECT rung_at FROM leap.bells WHERE ringer = 'worker'"), $rung, 'the worker rang because of it');
is($leap->sql('SELECT leap.run_automation()') . '|' . run_of('state'), '1|succeeded', 'the next ring ends the run')
	if $leap->wait_for("SELECT state FROM leap.automation_runs WHERE trigger = 'schedule'", 'succeeded', 2) ne 'succeeded';
is(run_of('trigger, state, sources, synced, candidates, matched, unmatched, started, done, failed'), 'schedule succeeded 1 2 2 1 1 1 1 0', 'the run has counted everything');
is($leap->sql("SELECT string_agg(concat_ws(' ', display_name, status, CASE WHEN unmatched_reason IS NOT NULL THEN 'with a reason' END), ', ' ORDER BY display_name) FROM leap.recordings"),
	'Algebra 1 UPLOADED, Botany INITIALIZED with a reason', 'what matches nothing waits');
my $id = $leap->sql("SELECT id FROM leap.recordings WHERE display_name = 'Algebra 1'");
$leap->is_published_once($id, 'the lecture');
is($leap->sql("SELECT count(*) FROM leap.runs WHERE automation_run_id IS NOT NULL AND trigger = 'automation'"), 1, 'by the automation');

# a worker that dies while it asks: another one ends the run
lecture('Algebra 2');
$leap->sql("SELECT leap.pause_queue('automation', 'a test')");
$leap->sql("UPDATE public.shift SET by = '16 days'");
is($leap->wait_for('SELECT phase FROM leap.automation_runs ORDER BY id DESC LIMIT 1', 'sync'), 'sync', 'the next run asks its sources');
$leap->sql("SELECT leap.resume_queue('automation')");
$leap->wait_for("SELECT count(*) FROM leap.tasks WHERE kind = 'sync' AND state IN ('running', 'succeeded')", 3);
$leap->end_worker($worker, 'KILL');
$worker = $leap->worker(slots => 4, 'media-program' => $media);
is($leap->wait_for("SELECT count(*) FROM leap.recordings WHERE status = 'UPLOADED'", 2), 2, 'the second lecture is published although the worker died') or diag($leap->log_text);
is($leap->wait_for('SELECT count(leap.run_automation()), count(*) FILTER (WHERE state = $$running$$) FROM leap.automation_runs', qr/\|0$/), '3|0', 'no run is left open');
is(run_of('trigger, state, synced, started, done'), 'schedule succeeded 1 1 1', 'the run is whole');
is($leap->sql("SELECT count(*) FROM leap.automation_runs WHERE trigger = 'schedule'"), 2, 'a run for each time, none twice');

# where pg_cron rings, the worker does not, unless something is due
$leap->sql("UPDATE public.shift SET by = '16 days'; DELETE FROM leap.bells; INSERT INTO leap.bells VALUES ('cron', clock_timestamp())");
my $beat = $leap->sql('SELECT max(beat_at) FROM leap.workers');
is($leap->wait_for("SELECT max(beat_at) > '$beat'::timestamptz + interval '2 s' FROM leap.workers", 't'), 't', 'the worker lives and looks');
is($leap->sql("SELECT count(*) FROM leap.bells WHERE ringer = 'worker'"), 0, 'and has not rung');

is($leap->end_worker($worker, 'TERM'), 0, 'the worker stops');
done_testing();
