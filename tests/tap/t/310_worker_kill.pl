# tests/tap/t/310_worker_kill.pl
#     A worker is killed in each of the six steps, and then again and again: its children die
#     with it, another worker takes over, and the recording is published exactly once.
#
# Steps that call leap-media are slow because it is; the others are frozen where they are to
# be killed: the child by SIGSTOP, its question by a lock that the answer has to wait for.
use strict;
use warnings;

use LeapNode;
use Test::More;
use Time::HiRes qw(sleep);

my $leap = LeapNode->new('kill', settings => "leap.start_grace = 1\n");
my $media = $leap->fake_media;
my @options = (slots => 1, 'log-level' => 'debug', 'media-program' => $media);
my ($worker, $id, $lock);

# What the killed attempt may leave behind, by the kind of the artifact.
my %half_made = (
	download => qr/source|analysis|envelope|waveform|audio|poster|miniature/,
	trim => qr/video/,
	transcribe => qr/transcript|text/,
	topics => qr/topics|chapters/,
	subtitles => qr/srt|vtt/);

# Starts a worker and a recording, whose task of that kind then runs.
sub begin
{
	my ($name, $kind, %behaviour) = @_;

	$leap->behave(\%behaviour);
	$worker = $leap->worker(@options);
	$id = $leap->add($name);
	$leap->wait_for_log(qr/ claimed task=\d+ kind=$kind recording=$id /);
}

# The same with the child frozen. It may be done before the signal arrives: then another one.
sub begin_frozen
{
	my ($kind, %behaviour) = @_;

	for my $try (1 .. 10)
	{
		begin("killed in $kind $try", $kind, %behaviour);
		my ($child) = $leap->children($worker);
		kill 'STOP', $child if $child;
		return $child if $child && $leap->wait_until(sub { $leap->processes->{$child}{state} eq 'T' }, 5)
			&& $leap->sql("SELECT state FROM leap.tasks WHERE recording_id = '$id' AND kind = '$kind'") eq 'running';
		$leap->wait_for_end($id);
		$leap->end_worker($worker, 'TERM');
	}
	die "every child was done before it could be frozen in $kind\n";
}

# Another worker does it all again, once.
sub is_done_again
{
	my ($what, $kind, $unnamed) = @_;

	$leap->behave({});
	$worker = $leap->worker(@options);
	is($leap->wait_for_end($id, 60), 'finished', "$what: another worker finishes it");
	is($leap->sql("SELECT format('%s %s %s', attempt, failures, rescues) FROM leap.tasks WHERE recording_id = '$id' AND kind = '$kind'"),
		'2 0 1', "$what: the second attempt, a rescue, no failure");
	is($leap->sql("SELECT count(*) FROM leap.tasks WHERE recording_id = '$id' AND (attempt, failures, rescues) = (1, 0, 0) AND state = 'succeeded'"),
		5, "$what: the other steps are done once");
	is($leap->sql("SELECT count(*) FROM leap.task_events WHERE recording_id = '$id' AND entity = 'recording' AND to_state = 'UPLOADED'"),
		1, "$what: it became published once");
	$leap->is_published_once($id, $what);
	is_deeply([ grep { !m{^users/\d+/$id/$unnamed-[0-9a-f]{16}\.\w+$} } grep { /\Q$id\E/ || m{^tmp/} } $leap->stray_files ],
		[], "$what: only half-made files are left, which nothing names");
	$leap->end_worker($worker, 'TERM');
}

sub dies
{
	my ($what, @children) = @_;

	$leap->end_worker($worker, 'KILL');
	ok($leap->wait_until(sub { !grep { $leap->is_alive($_) } @children }, 2), "$what: the child dies with the worker");
	ok(defined $leap->wait_for_no_media(2), "$what: and what it started");
}

my %slow = (download => 'analyse', trim => 'cut', transcribe => 'transcribe');
for my $kind (sort keys %slow)
{
	begin("killed in $kind", $kind, $slow{$kind} => 30);
	ok($leap->wait_for_media, "$kind runs");
	dies($kind, $leap->children($worker));
	is_done_again($kind, $kind, $half_made{$kind});
}

for my $kind (qw(topics subtitles))
{
	my $child = begin_frozen($kind, words => 20000);
	pass("$kind runs");
	dies($kind, $child);
	is_done_again($kind, $kind, $half_made{$kind});
}

# the lesson is ready, the question whether it may be shown is asked and not answered
my $child = begin_frozen('upload', words => 20000);
$lock = $leap->lock_leases('ACCESS EXCLUSIVE');
kill 'CONT', $child;
my $asking = $leap->sql("SELECT id FROM leap.tasks WHERE recording_id = '$id' AND kind = 'upload'");
ok($leap->wait_for_log(qr/ task $asking asks to go on with: publish the lesson/, 60), 'upload asks whether it may publish');
is($leap->wait_for_blocked_worker, 't', 'and gets no answer');
is_deeply([ $leap->lessons($id) ], [], 'nothing is to be seen yet');
dies('upload', $child);
$leap->close_session($lock);
is_done_again('upload', 'upload', qr/nothing/);
is(scalar(my @hidden = glob "$leap->{library}/*/.new-*"), 1, 'upload: what was ready to be shown stays hidden');

# the lesson is shown, and nobody was told
$child = begin_frozen('upload', words => 20000);
$lock = $leap->lock_leases('EXCLUSIVE');
kill 'CONT', $child;
ok($leap->wait_until(sub { $leap->lessons($id) }, 30), 'published: the lesson is there');
is($leap->wait_for_blocked_worker, 't', 'and the report of it does not arrive');
dies('published', $child);
is($leap->sql(q{SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE application_name = 'leap worker'}),
	1, 'neither does it later');
$leap->close_session($lock);
is($leap->recording($id, 'status'), 'UPLOADING', 'the database does not know of it');
is_done_again('published', 'upload', qr/nothing/);
is(scalar(my @lessons = $leap->lessons($id)), 1, 'published: again in the same place');

# whatever it is doing: kill it
$leap->sql('ALTER SYSTEM SET leap.max_rescues = 100');
$leap->sql('SELECT pg_reload_conf()');
$leap->behave({ analyse => 0.2, cut => 0.2, transcribe => 0.2 });
@options = (slots => 2, 'media-program' => $media);
my @ids = map { $leap->add("storm $_") } 1 .. 3;
my $kills = 0;
for my $pause (map { 0.25 + $_ * 0.15 } 1 .. 20)
{
	$worker = $leap->worker(@options);
	sleep $pause;
	$leap->end_worker($worker, 'KILL');
	$kills++;
	last if $leap->sql("SELECT count(*) FROM leap.runs WHERE state = 'active'") == 0;
}
my $last = $leap->worker(@options);
for my $storm (@ids)
{
	is($leap->wait_for_end($storm, 60), 'finished', "after $kills kills");
	$leap->is_published_once($storm, 'storm');
}
is($leap->end_worker($last, 'TERM'), 0, 'the last worker stops in order');

done_testing();
