# tests/tap/lib/Chaos/Evidence.pm
#     When the chaos is over: was a promise broken?
#
# Exactness is judged by three sources that do not know of each other: the database and its
# history, the logs of the workers (what they were told), and the files.
package Chaos::Evidence;

use strict;
use warnings;

use Chaos::Meddler;
use Chaos::Witness;
use Digest::SHA;
use List::Util qw(max sum0);
use PostgreSQL::Test::Utils qw(slurp_file);
use Test::More;
use Time::HiRes qw(sleep);

my $chaos;

sub sql { return $chaos->must($_[0]); }

sub rows { return split /\n/, sql($_[0]); }

# No violation; otherwise each is named, as far as anyone wants to read.
sub none
{
	my ($what, @violations) = @_;
	my $count = @violations;

	$#violations = 19 if $count > 20;
	is(join("\n", @violations), '', $what) or diag "$count violations, seed $chaos->{seed}";
	return $count;
}

# What the workers were told: {task => [{answer, attempt, fence}]}. A line of an outcome follows
# the claim of the same process.
sub answers
{
	my (%fence, %told);

	for (split /\n/, $chaos->leap->log_text)
	{
		my ($pid, $answer, $task, $rest) = /\[(\d+)\] INFO: (claimed|done|lost|failed|handed back) task=(\d+) (.*)/ or next;
		my ($attempt) = $rest =~ /attempt=(\d+)/;

		($fence{"$pid $task"}) = $rest =~ /fence=\.\.(\w+)/ if $answer eq 'claimed';
		$answer .= " $1" if $answer eq 'failed' && $rest =~ /then=(\w+)/;
		push @{ $told{$task} }, { answer => $answer, attempt => $attempt, fence => $fence{"$pid $task"} };
	}
	return \%told;
}

# An answer that a worker got is true for ever.
sub acknowledged_work_stays
{
	my $told = answers();
	my %task = map { my ($id, @rest) = split /\|/; $id => \@rest }
		rows(q{SELECT id, state, attempt, lpad(to_hex(fence & 65535), 4, '0') FROM leap.tasks});
	my %moved = map { $_ => 1 } rows(q{SELECT format('%s %s %s %s', task, attempt, lpad(to_hex(fence16), 4, '0'), event) FROM leap.task_events
		WHERE entity = 'task' AND 'running' IN (from_state, to_state)});
	my %event = ('failed retry' => 'retry', 'failed failed' => 'fail', 'done' => 'complete');
	my (@lost, @stale);

	for my $id (sort { $a <=> $b } keys %$told)
	{
		my ($state, $attempt, $fence) = @{ $task{$id} // ['missing', 0, ''] };
		for my $one (@{ $told->{$id} })
		{
			$chaos->{undone}++ if $one->{answer} eq 'claimed' && !$moved{"$id $one->{attempt} $one->{fence} claim"};
			my $event = $event{ $one->{answer} } or next;
			my $what = "task $id attempt $one->{attempt} fence ..$one->{fence} was answered $one->{answer}";
			$chaos->{acknowledged}++;
			push @lost, "$what: no such move in the history" if !$moved{"$id $one->{attempt} $one->{fence} $event"};
			next if $event ne 'complete';
			push @lost, "$what: it is $state" if $state ne 'succeeded';
			push @stale, "$what: it was completed with fence ..$fence, attempt $attempt" if $one->{fence} ne $fence;
		}
	}
	$chaos->{told_lost} = grep { $_->{answer} eq 'lost' } map { @$_ } values %$told;
	none('no acknowledged work is lost', @lost);
	none('no result of a lost lease was accepted', @stale);
}

sub late_writes_are_refused
{
	my ($refused, $accepted) = Chaos::Meddler::late_writes($chaos);

	$chaos->{refused} = $refused;
	none('every write with a revoked fence was refused', @$accepted);
	none('none of them left a trace', rows(q{SELECT id FROM leap.recordings WHERE facts ? 'chaos'
		UNION SELECT recording_id FROM leap.tasks WHERE result #>> '{facts,chaos}' IS NOT NULL OR checkpoint ? 'chaos' OR error->>'code' = 'late'}));
}

# What people were told is true as well.
sub acknowledged_deeds_stay
{
	my $deeds = Chaos::Meddler::deeds($chaos);
	my %run = map { split /\|/ } rows('SELECT id, state FROM leap.runs');
	my %recording = map { split /\|/ } rows('SELECT id, delete_state FROM leap.recordings');
	my @lost;

	for (@{ $deeds->{done} })
	{
		my ($operation, $id, $run) = @$_;
		my $state = $operation eq 'add' || $operation eq 'bulk' ? '' : $run{ $run // '' } // 'missing';
		push @lost, "$operation $id: the recording is gone" if !$recording{$id};
		push @lost, "$operation $id: its run $run is gone" if $state eq 'missing' && $operation =~ /^(?:run|force|retry|cancel)$/;
		push @lost, "cancel $id: its run $run is $state" if $operation eq 'cancel' && $state ne 'cancelled';
		push @lost, "delete $id: it is there" if $operation eq 'delete' && ($recording{$id} // '') ne 'soft';
	}
	none('no acknowledged deed of people is lost', @lost);
	none('people met no error but refusals', map { join ' ', @$_ } grep { $_->[1] !~ /^(?:LP00|LP02|57P0|08)/ } @{ $deeds->{refused} });
	$chaos->{deeds} = @{ $deeds->{done} };
	$chaos->{unanswered} = @{ $deeds->{unknown} };
}

sub limits_were_kept
{
	my ($seen) = @_;

	cmp_ok($seen->{samples}, '>', $chaos->{seconds} * 4, "$seen->{samples} samples of the leases");
	cmp_ok($seen->{looks}, '>', $chaos->{seconds} / 10, "the invariants were asked $seen->{looks} times while it went on");
	for my $user (grep { $_->{limit} } $chaos->users)
	{
		cmp_ok($seen->{most}{ $user->{email} } // 0, '<=', $user->{limit}, "$user->{email} never had more leases than $user->{limit}");
	}
}

# Published videos by their content: the fake program copies, so that it is the source's.
sub published_once
{
	my (%copies, @wrong);

	for my $video (glob "$chaos->{leap}{library}/*/*/video.*")
	{
		$copies{ Digest::SHA->new(256)->addfile($video)->hexdigest }++;
	}
	$chaos->{duplicates} = none('nothing is published twice', map { "content $_: $copies{$_} times" } grep { $copies{$_} > 1 } sort keys %copies);
	for (rows(q{SELECT o.id, o.recording_id, a.sha256 FROM leap.output_targets o JOIN leap.artifacts a ON a.recording_id = o.recording_id AND a.kind = 'video'
		WHERE o.status = 'UPLOADED'}))
	{
		my ($target, $recording, $sum) = split /\|/;
		push @wrong, "target $target of recording $recording" if !$copies{$sum};
	}
	none('what counts as published is there', @wrong);
	$chaos->{published} = keys %copies;
}

# What people cancelled, deleted, reset, skipped or had done in part need not end published by
# itself; everything else does. Then everything that is not deleted is run to its end.
sub everything_ended
{
	my $left_out = q{(SELECT r.id FROM leap.recordings r WHERE r.delete_state <> 'active'
		OR EXISTS (SELECT FROM leap.tasks t WHERE t.recording_id = r.id AND t.state = 'cancelled')
		OR EXISTS (SELECT FROM leap.task_events e WHERE e.recording_id = r.id AND e.entity = 'recording' AND e.event IN ('reset', 'rerun', 'skip', 'unskip')))};

	is($chaos->{unended}, 0, 'when the chaos is over every run ends by itself');
	none('every recording that people left alone ends published', rows(qq{SELECT format('%s %s, hold %s, %s', r.id, r.status, r.hold, r.error->>'message')
		FROM leap.recordings r WHERE r.id NOT IN $left_out AND r.status <> 'UPLOADED'}));
	none('nothing was taken for poison', rows(q{SELECT format('%s: %s', id, hold_message) FROM leap.recordings WHERE hold = 'quarantine'}));
	$chaos->{left_out} = sql("SELECT count(*) FROM $left_out x");

	sql(q{SELECT count(leap.unskip_recording(id)) FROM leap.recordings WHERE delete_state = 'active' AND status = 'SKIPPED'});
	none('all the others can be run', rows(q{SELECT format('%s %s: %s', r.id, r.status, o.reason) FROM leap.operate('run', ARRAY(
		SELECT id FROM leap.recordings WHERE delete_state = 'active' AND status <> 'UPLOADED')) o JOIN leap.recordings r ON r.id = o.recording WHERE NOT o.done}));
	is($chaos->leap->wait_for(q{SELECT count(*) FROM leap.runs WHERE state = 'active'}, '0', $chaos->{calm}), '0', 'and their runs end');
	none('then everything is published', rows(q{SELECT format('%s is %s, its target %s, hold %s, %s', r.id, r.status, o.status, r.hold, r.error->>'message')
		FROM leap.recordings r JOIN leap.output_targets o ON o.recording_id = r.id
		WHERE r.delete_state = 'active' AND (r.status <> 'UPLOADED' OR o.status <> 'UPLOADED')}));
}

# All files grow old at once; then a sweep removes what is garbage, and lists what attempts left that died;
# that the doctor removes when asked. A worker's start and the next lesson sweep their own places.
sub sweep
{
	my $leap = $chaos->leap;
	my $place = ($chaos->team)[0];

	for my $round (1 .. 2)
	{
		system('find', $leap->{storage}, $leap->{library}, '-exec', 'touch', '-h', '-d', '2 days ago', '{}', '+');
		sql(q{UPDATE leap.storage_garbage SET deleted_at = deleted_at - interval '2 hours'});
		sql('SELECT leap.sweep_storage()');
		is($leap->wait_for(q{SELECT count(*) FROM leap.tasks WHERE kind = 'maintain' AND state IN ('ready', 'running', 'scheduled')}, '0'),
			'0', "sweep $round ends");
	}
	my %environment = $leap->environment;
	local @ENV{ keys %environment } = values %environment;
	like(scalar(qx('${\ $leap->program}' doctor storage --remove-orphans)), qr/ files are missing, /, 'and what is left is removed when that is asked for');
	is($leap->end_worker($place->{pid}, 'TERM'), 0, 'a worker stops in order');
	$chaos->start_worker($place);
	for my $user ($chaos->users)
	{
		$chaos->add_recordings($user, 1);
	}
	is($leap->wait_for(q{SELECT count(*) FROM leap.runs WHERE state = 'active'}, '0'), '0', 'a last lesson of each user');
}

sub no_file_is_left
{
	my $leap = $chaos->leap;
	my @before = $leap->stray_files;
	my @wrong;

	$chaos->{strays} = @before;
	sweep();
	none('no file is left that nothing names', $leap->stray_files);
	none('no work folder is left', glob "$leap->{storage}/tmp/*");
	none('nothing half-made is left in the library', glob "$leap->{library}/*/.new-*");
	for (rows('SELECT uri, bytes, sha256 FROM leap.artifacts'))
	{
		my ($uri, $bytes, $sum) = split /\|/;
		my $file = "$leap->{storage}/$uri";
		push @wrong, $uri if !-e $file || -s $file != $bytes || Digest::SHA->new(256)->addfile($file)->hexdigest ne $sum;
	}
	none('every artifact is as the database describes it', @wrong);
}

sub logs_are_clean
{
	none('no forbidden move was tried, nobody met a deadlock, nothing is corrupt',
		slurp_file($chaos->leap->node->logfile) =~ /^\S+ \S+ \S+ \[\d+\] ((?:LP00[12]|40P01|XX).*)/mg);
	none('no worker met an error that it does not outlive', $chaos->leap->log_text =~ /^(.* ERROR: .*)/mg);
	is($chaos->{ended_alone}, 0, 'no worker ended that was not told to');
	is($chaos->{ended_badly} // 0, 0, 'every worker that was asked to stop did so in order');
}

# judge(CHAOS): everything but the children, whose watcher is still at work.
sub judge
{
	($chaos) = @_;
	my $seen = Chaos::Witness::samples($chaos);

	none('the invariants held in every snapshot', map { "$_ ($seen->{wrong}{$_} times)" } sort keys %{ $seen->{wrong} });
	limits_were_kept($seen);
	$chaos->{seen} = $seen;
	everything_ended();
	acknowledged_work_stays();
	late_writes_are_refused();
	acknowledged_deeds_stay();
	published_once();
	no_file_is_left();
	none('the invariants hold in the end', rows(Chaos::Witness::query('invariants')));
	none('the history is one of allowed moves within the limits', rows(Chaos::Witness::query('history')));
	logs_are_clean();
}

# Two processes on one task at the same time: possible while a frozen worker does not know yet
# that it lost the task. The leases never overlap: that is what the history says.
sub judge_children
{
	my %of;
	my ($overlaps, $longest) = (0, 0);

	my @seen = Chaos::Witness::children($chaos);
	my %is_child = map { ("$_->{task} $_->{pid}" => 1) } @seen;
	# one that a child started was seen on its way to become leap-media
	push @{ $of{ $_->{task} } }, $_ for grep { !$is_child{"$_->{task} $_->{parent}"} } @seen;
	for my $task (keys %of)
	{
		my @all = sort { $a->{start} <=> $b->{start} } @{ $of{$task} };
		my $end = 0;
		for my $child (@all)
		{
			my $both = ($end < $child->{end} ? $end : $child->{end}) - $child->{start};
			if ($both > 0.02) { $overlaps++; $longest = max($longest, $both) }
			$end = max($end, $child->{end});
		}
	}
	$chaos->{children} = sum0(map { scalar @$_ } values %of);
	@$chaos{qw(overlaps longest)} = ($overlaps, $longest);
	cmp_ok($chaos->{children}, '>', 0, 'the children were watched');
}

sub report
{
	my $blows = $chaos->{blows};
	my @figures = (
		[ 'seed', $chaos->{seed} ],
		[ 'seconds of chaos, in all', sprintf '%.0f, %.0f', @$chaos{qw(stormed took)} ],
		[ 'recordings, published, left out by people', sql('SELECT count(*) FROM leap.recordings') . ", $chaos->{published}, $chaos->{left_out}" ],
		[ 'tasks, attempts, rescues, failures', join ', ', split /\|/, sql(q{SELECT count(*), sum(attempt), sum(rescues), sum(failures) FROM leap.tasks WHERE recording_id IS NOT NULL AND state <> 'skipped'}) ],
		(map { [ $_, $blows->{$_} ] } sort grep { $_ ne 'spared' } keys %$blows),
		[ 'blows spared', $blows->{spared} // 0 ],
		[ 'answers to workers that had to stay', $chaos->{acknowledged} // 0 ],
		[ 'claims that a crash undid', $chaos->{undone} // 0 ],
		[ 'deeds of people, without answer', "$chaos->{deeds}, $chaos->{unanswered}" ],
		[ 'stale writes refused: latecomer, workers', "$chaos->{refused}, $chaos->{told_lost}" ],
		[ 'children, physical overlaps, longest', sprintf '%d, %d, %.1f s', @$chaos{qw(children overlaps longest)} ],
		[ 'most leases seen', join ', ', map { sprintf '%s %d of %s', $_->{email} =~ /^(\w+)/, $chaos->{seen}{most}{ $_->{email} } // 0, $_->{limit} // 'any' } $chaos->users ],
		[ 'samples, snapshots with all invariants', "$chaos->{seen}{samples}, $chaos->{seen}{looks}" ],
		[ 'published twice', $chaos->{duplicates} ],
		[ 'unnamed files before the sweep', $chaos->{strays} ]);

	diag sprintf '%-45s %s', @$_ for @figures;
}

1;
