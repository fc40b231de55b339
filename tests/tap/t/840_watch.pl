# tests/tap/t/840_watch.pl
#     leap watch on a terminal and without one: bars that move without a flicker, through
#     resizes, whatever a title is made of, and an end that tells how it went.
use strict;
use warnings;
use utf8;

use IPC::Run;
use JSON::PP;
use LeapNode;
use LeapTerminal;
use Test::More;

my $leap = LeapNode->new('watch');
my %environment = $leap->environment;
@ENV{ keys %environment } = values %environment;
my $media = $leap->fake_media({ analyse => 'wait' });
my $hostile = "\x{202e}\e]0;title\a \e[2J\x{1f469}\x{200d}\x{1f3eb} 線形代数 Производная " . 'долгая ' x 40;

sub leap
{
	my ($out, $err) = ('', '');
	my $run = IPC::Run::start([ $leap->program, @_ ], '<', \undef, '>', \$out, '2>', \$err);
	$run->finish;
	return ($run->full_result(0) >> 8, $out, $err);
}

# a recording as it would be in the middle of its run
sub in_the_middle
{
	my ($id, $percent, $step) = @_;
	$leap->sql("SET session_replication_role = replica; UPDATE leap.tasks SET state = 'running', progress = $percent, current_step = '$step', started_at = now() WHERE recording_id = '$id' AND kind = 'download'");
}

sub add
{
	my ($name) = @_;
	utf8::encode(my $bytes = $name);
	$bytes =~ s/'/''/g;
	my $id = $leap->sql(qq{SELECT leap.add_recording(NULL, '{"type":"url","url":"https://example.org/a.mp4"}', E'$bytes')});
	$leap->sql("SELECT leap.run_recording('$id')");
	return $id;
}

# Every write of a frame is whole, and moves the cursor without clearing what it then draws.
sub is_calm
{
	my ($what, $terminal) = @_;
	my $raw = $terminal->{raw};

	is_deeply([ $terminal->unknown ], [], "$what: no escape but those that move the cursor, colour, and clear behind what is drawn");
	unlike($raw, qr/\e\[2J|\e\[H|\e\[\?1049/, '... never the whole screen');
	is(() = $raw =~ /\e\[\?2026h/g, () = $raw =~ /\e\[\?2026l/g, '... every frame begins and ends as one update');
	ok($terminal->{cursor} && $terminal->{wraps}, '... and the terminal is as it was');
}

my $id = add($hostile);
in_the_middle($id, 43, 'fetching 430 of 1000 MB');

my $terminal = LeapTerminal->new([ $leap->program, 'watch', $id ], columns => 80, rows => 20);
ok($terminal->wait_for(qr/download +━+╸?─+ +43 % .* fetching 430 of 10/), 'a step has a bar, its percents, its time and what it does') or diag($terminal->shown);
like(($terminal->lines)[0], qr/\A\??.*線形代数 Производная долгая.* +INITIALIZED +\d+ %\z/, 'the title is cut, harmless, and does not move what stands behind it');
is(scalar(grep { length > 80 } $terminal->lines), 0, 'nothing is wider than the terminal');
is($terminal->{overflows} // 0, 0, 'or tries to be');
ok($terminal->{coloured}, 'a terminal has colours');
my $frames = $terminal->frames;
in_the_middle($id, 77, 'fetching 770 of 1000 MB');
ok($terminal->wait_for(qr/77 %/), 'it goes on by itself');
my ($changed) = $terminal->{raw} =~ /.*\e\[\?2026h(.*?77.*?)\e\[\?2026l/s;
unlike($changed, qr/upload|subtitles/, 'a frame has only the lines that changed');
$terminal->resize(60, 20);
ok($terminal->wait_for(qr/\A\S[^\n]{30,59}\n[^\n]*download[^\n]*77 %/), 'after a resize it is drawn anew at the new width') or diag($terminal->shown);
is(() = $terminal->text =~ /subtitles/g, 1, '... and once') or diag($terminal->shown);
$terminal->resize(140, 20);
ok($terminal->wait_for(qr/fetching 770 of 1000 MB/), '... wider as well');
is(() = $terminal->text =~ /subtitles/g, 1, '... and once') or diag($terminal->shown);
$terminal->press('q');
is($terminal->end, 130, 'q ends it: interrupted');
is_calm('a picture', $terminal);
is($leap->sql("SELECT state FROM leap.runs WHERE recording_id = '$id'"), 'active', 'and the work goes on');

$terminal = LeapTerminal->new([ $leap->program, 'watch', $id ], environment => { NO_COLOR => 1 });
ok($terminal->wait_for(qr/77 %/) && !$terminal->{coloured}, 'NO_COLOR: bars without colours');
kill INT => $terminal->{pid};
is($terminal->end, 130, 'Ctrl-C: interrupted');
is_calm('Ctrl-C', $terminal);
$terminal = LeapTerminal->new([ $leap->program, 'watch', $id ], environment => { TERM => 'dumb' });
ok($terminal->wait_for(qr/task +download/) && $terminal->{raw} !~ /\e/, 'TERM=dumb: lines without escapes');
kill TERM => $terminal->{pid};
is($terminal->end, 130, 'SIGTERM: interrupted');

# more than fit: a line each, those that move first
my @many = map { add("Lecture $_") } 1 .. 12;
in_the_middle($many[7], 50, 'at it');
$terminal = LeapTerminal->new([ $leap->program, 'watch', '--all' ], columns => 100, rows => 12);
ok($terminal->wait_for(qr/0 of 13 ended/), 'all that have a run') or diag($terminal->shown);
like($terminal->text, qr/^▸ Lecture 8 .*download 50 %  at it$/m, '... a line each, with what it does');
like($terminal->text, qr/^… and \d+ more$/m, '... as many as fit');
is((grep { $terminal->{rows} < scalar(split /\n/) } $terminal->frames), 0, '... and no frame is higher than the terminal');
$terminal->resize(100, 120);
ok($terminal->wait_for(qr/Lecture 12\b.*upload/s), 'all of each where there is room');
$leap->sql("SELECT leap.cancel_recording('$_')") for $id, @many;
is($terminal->end, 1, 'all cancelled: failed');
like($terminal->{raw}, qr/13 recordings: 13 cancelled/, '... which a line sums up');
is_calm('many', $terminal);

# to the end, with a worker
$leap->worker(slots => 2, 'media-program' => $media);
my $good = $leap->add('A good lecture');
$terminal = LeapTerminal->new([ $leap->program, 'watch', $good ], columns => 100, rows => 24);
ok($terminal->wait_for(qr/▸ download/), 'a worker begins');
$leap->behave({});
is($terminal->end, 0, 'published: done') or diag($terminal->shown);
like($terminal->text, qr/A good lecture +UPLOADED +100 %.*✓ upload.*^published: /ms, 'the last picture stays, with where it is published below');
is_calm('to its end', $terminal);

# without a terminal
my ($status, $out, $err) = leap('watch', $good);
is($status, 0, 'lines: done');
unlike($out, qr/\e/, '... without escapes');
like($out, qr/^\S+T\S+  task +upload +running -> succeeded\n.*^published: /ms, '... an event each');
($status, $out, $err) = leap('watch', $good, $many[0]);
is($status, 6, 'one well, one not: in part');
like($out, qr/^\Q@{[substr $many[0], 28]}\E  \S+  task .*^2 recordings: 1 finished, 1 cancelled$/ms, '... each line says which');
like($err, qr/^Lecture 1\ncancelled: .*\nhint: leap run \Q$many[0]\E continues it$/m, '... and what to do');
($status, $out, $err) = leap('watch', $many[0], '--json');
my @lines = map { decode_json($_) } split /\n/, $out;
is_deeply([ $status, $lines[-1]{entity}, $lines[-1]{state}, $lines[-1]{exit_status}, $lines[0]{recording} ], [ 1, 'end', 'cancelled', 1, $many[0] ],
	'JSON: an object a line, the end last');
is_deeply([ (leap('watch', '--all'))[ 0, 1 ] ], [ 3, '' ], 'nothing is going on: not found');
is_deeply([ (leap('watch', '--all', $good))[0] ], [2], 'all and one: wrong usage');

done_testing();
