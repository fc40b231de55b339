# tests/tap/t/755_retention.pl
#     How long things are kept, with real workers and files: a recording from an inbox is published, deleted, brought back, deleted
#     again; its sound and pictures leave the disk, then its words, and then nobody makes it anew. What is published stays.
use strict;
use warnings;

use IPC::Run;
use JSON::PP;
use LeapNode;
use Test::More;

my $leap = LeapNode->new('retention', settings => "leap.bell = cron\n");    # nobody rings but the test
my $inbox = "$leap->{inbox}/lectures";
mkdir $inbox or die "$inbox: $!\n";

sub leap
{
	my %environment = $leap->environment;
	local @ENV{ keys %environment } = values %environment;
	my ($out, $err) = ('', '');
	my $run = IPC::Run::start([ $leap->program, @_ ], '<', \undef, '>', \$out, '2>', \$err, IPC::Run::timeout(60));
	$run->finish;
	return ($run->full_result(0) >> 8, $out, $err);
}

sub kinds { return $leap->sql("SELECT string_agg(DISTINCT split_part(kind, ':', 1), ' ' ORDER BY split_part(kind, ':', 1)) FROM leap.artifacts WHERE recording_id = '$_[0]'"); }

sub used { return $leap->sql("SELECT used - (SELECT coalesce(sum(bytes), 0) FROM leap.artifacts) FROM leap.quota_usage WHERE quota = 'storage_bytes'"); }

# The files of artifacts, and how many of them are there.
sub files { my (@uris) = @_; return scalar grep { -e "$leap->{storage}/$_" } @uris; }

sub uris { return split /\n/, $leap->sql("SELECT uri FROM leap.artifacts WHERE recording_id = '$_[0]' ORDER BY uri"); }

# Lets a worker remove what is garbage, as if its hour were over.
sub sweep
{
	$leap->sql("UPDATE leap.storage_garbage SET deleted_at = deleted_at - interval '2 hours'");
	$leap->sql('SELECT leap.sweep_storage()');
	ok($leap->wait_until(sub { $leap->sql('SELECT count(*) FROM leap.storage_garbage') == 0 }), 'a worker removes what is garbage');
}

my $worker = $leap->worker(slots => 2, 'media-program' => $leap->fake_media);
my ($status, $source) = leap(source => add => $inbox, '--name', 'Inbox');
chomp $source;
is($status, 0, 'an inbox is a source');
$leap->sql(qq{SELECT leap.change_source('$source', '{"config": {"settle_seconds": 1}}')});
open my $out, '>', "$inbox/lecture.mp4" or die "lecture: $!\n";
print $out "a lecture\n" x 1000;
close $out;
ok($leap->wait_until(sub { leap(source => sync => 'Inbox', '--watch'); $leap->sql('SELECT count(*) FROM leap.recordings') == 1 }), 'a lecture in it is found');
my $id = $leap->sql('SELECT id FROM leap.recordings');
$leap->sql("SELECT leap.run_recording('$id')");
is($leap->wait_for_end($id), 'finished', 'and published') or diag($leap->log_text);
my @all = uris($id);
my @words = split /\n/, $leap->sql("SELECT uri FROM leap.artifacts WHERE recording_id = '$id' AND leap.tells_words(kind) ORDER BY uri");
my @lessons = $leap->lessons($id);
is(files(@all), scalar @all, 'its files are on the disk');

# deleted and brought back
my ($code, $said) = leap(delete => $id);
like($said, qr/is deleted; leap restore brings it back for 30 days$/m, 'leap delete says for how long it can be restored');
$leap->sql(q{SELECT leap.change_retention('{"soft_delete_days": 3, "hard_delete_days": 5}')});
like((leap(show => $id))[1], qr/leap restore brings it back until /, 'leap show says until when');
is($leap->sql('SELECT leap.purge_deleted()'), 0, 'nothing goes before its time');
is((leap(restore => $id))[0], 0, 'leap restore');
is(files(@all), scalar @all, 'brings it back with all its files');
is($leap->recording($id, 'status'), 'UPLOADED', 'as it was');
like((leap(purge => $id))[2], qr/not deleted/, 'what is not deleted is not purged');

# the files go, but for the words, and usage follows
leap(delete => $id);
$leap->sql("UPDATE leap.recordings SET deleted_at = deleted_at - interval '4 days'");
is($leap->sql("SELECT leap.tick()->>'purge_deleted'"), 1, 'the tick takes the files when their time has come') or diag($leap->sql('TABLE leap.chore_runs'));
is(kinds($id), 'chapters srt text topics transcript vtt', 'what was said is kept');
is(used(), 0, 'usage is what the files that are left have');
is(files(@all), scalar @all, 'on the disk they stay for an hour: who reads them may finish');
sweep();
is(files(@all), scalar @words, 'and then they are gone');
is(files(@words), scalar @words, '... but the words');
like((leap(restore => $id))[2], qr/its files are gone/, 'it cannot be brought back');
is_deeply([ $leap->lessons($id) ], \@lessons, 'what is published stays published');

# nothing is left, and no sync makes it anew
$leap->sql("UPDATE leap.recordings SET purged_at = purged_at - interval '6 days'; UPDATE leap.chore_runs SET ran_at = ran_at - interval '1 day'");
is($leap->sql("SELECT leap.tick()->>'forget_purged'"), 1, 'the tick removes the row when its time has come');
is($leap->sql("SELECT (SELECT count(*) FROM leap.recordings) + (SELECT count(*) FROM leap.tasks WHERE recording_id IS NOT NULL) + (SELECT count(*) FROM leap.artifacts)"), 0, 'with all that belongs to it');
is(used(), 0, 'and its usage');
sweep();
is(files(@all), 0, 'no file is left');
is_deeply([ $leap->stray_files ], [], 'nor another one');
($code, $said) = leap(source => sync => 'Inbox', '--watch');
like($said, qr/1 found, 0 new, 1 known/, 'its source still has the lecture: it is known, and not made anew');
is($leap->sql('SELECT count(*) FROM leap.recordings'), 0, '... so');

# a recording that expires
$id = $leap->add('Of the day');
is($leap->wait_for_end($id), 'finished', 'another one');
($code, $said) = leap(expire => '--at', 'in 5 minutes', $id);
like($said, qr/^it expires at \d/, 'leap expire says when');
is($leap->sql("SELECT leap.warn_of_expiry()"), 1, 'its owner is told');
is($leap->sql("SELECT leap.expire_recordings()"), 0, 'it does not before');
$leap->sql("UPDATE leap.recordings SET expire_at = now() - interval '1 s'");
is($leap->sql("SELECT leap.expire_recordings()"), 1, 'then it does');
is($leap->recording($id, "delete_state || ' ' || delete_reason"), 'soft expired', 'as if it had been deleted');
leap(restore => $id);
is($leap->sql("SELECT leap.expire_recordings()"), 0, 'who brings it back keeps it');
like((leap(expire => $id))[1], qr/^it does not expire$/m, 'leap expire without a time: never');

# sound and pictures of what is published
$leap->sql(q{SELECT leap.change_retention('{"media_days": 1}')});
is($leap->sql('SELECT leap.purge_media()'), 0, 'sound and pictures stay for their days');
$leap->sql("UPDATE leap.runs SET finished_at = finished_at - interval '2 days'");
is($leap->sql('SELECT leap.purge_media()'), 1, 'and go after them');
is(kinds($id), 'chapters miniature poster srt text topics transcript vtt waveform', 'words and picture stay');
is(used(), 0, 'usage follows');
is($leap->recording($id, "status || ' ' || delete_state"), 'UPLOADED active', 'and it is published as before');
$leap->sql("SELECT leap.run_recording('$id', force => true)");
is($leap->wait_for_end($id), 'finished', 'done again from its source, it has them again');
like(kinds($id), qr/source .*video/, '... all');

# what is to be taken back is waited for, however short things are kept
@lessons = $leap->lessons($id);
is(scalar @lessons, 1, 'a lesson is there');
$leap->end_worker($worker, 'TERM');
$leap->sql(q{UPDATE leap.users SET unpublish_deleted = true, retention = '{"soft_delete_days": 0, "hard_delete_days": 0}'});
leap(delete => $id);
is($leap->sql('SELECT leap.purge_deleted() + leap.forget_purged()'), 0, 'as long as a publication is being taken back, nothing is forgotten');
$worker = $leap->worker(slots => 2, 'media-program' => $leap->fake_media);
ok($leap->wait_until(sub { !grep { -e } @lessons }), 'a worker that comes back takes it back');
is($leap->wait_for("SELECT status FROM leap.output_targets WHERE recording_id = '$id'", 'NOT_UPLOADED'), 'NOT_UPLOADED', 'which is noted');
is($leap->sql('SELECT leap.purge_deleted()'), 1, 'then its files go');
is($leap->sql('SELECT leap.forget_purged()'), 1, 'and nothing is left');
is($leap->sql("SELECT count(*) FROM leap.tasks WHERE kind = 'unpublish' AND state = 'failed'"), 0, 'no attempt failed');

# an errand for what is gone
my $ghost = $leap->sql(q{SELECT leap.add_errand('unpublish', (SELECT id FROM leap.users WHERE email = 'teacher@example.org'), leap.uuid7())});
is($leap->wait_for("SELECT state FROM leap.tasks WHERE id = $ghost", 'succeeded'), 'succeeded', 'what is gone need not be taken back') or diag($leap->sql("SELECT error FROM leap.tasks WHERE id = $ghost"));

done_testing();
