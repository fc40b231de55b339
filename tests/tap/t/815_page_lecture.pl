# tests/tap/t/815_page_lecture.pl
#     The page of one recording, the search and the shared lesson, in a browser, over a lecture that went
#     through the pipeline: player, waveform, transcript, topics, operations, targets, links.
use strict;
use warnings;

use PageTrial;

my $trial = PageTrial->new('lecture');
my $leap = $trial->{leap};
my $film = "$leap->{inbox}/film.mp4";

# ten seconds of silence, twenty of sound, fifteen of silence, twenty of sound, ten of silence
system(qw(ffmpeg -v error -y -f lavfi -i testsrc2=size=320x180:rate=5:duration=75),
	'-f', 'lavfi', '-i', 'aevalsrc=if(between(t\,10\,30)+between(t\,45\,65)\,0.4*sin(2*PI*(300+40*sin(9*t))*t)\,0):d=75:s=16000',
	qw(-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 10 -c:a aac -b:a 48k -movflags +faststart), $film) == 0 or die "ffmpeg\n";

# what is said is given as captions: nothing has to be recognised
my @words = qw(volcano tide moon lava magma ocean cloud rain wind river granite crater harbour storm glacier desert island comet planet valley
	summit canyon meadow forest lagoon tundra prairie geyser basalt fjord delta monsoon);
my @cues = map { [ 10 + 2 * $_, "Sentence $_ about $words[3 * $_ % @words] and the $words[(5 * $_ + 2) % @words]" ] } 0 .. 9;
push @cues, map { [ 25 + 2 * $_, "Here $words[7 * $_ % @words] meets some $words[(11 * $_ + 4) % @words] once" ] } 10 .. 19;
$cues[2][1] = q{This is <b>no markup</b> & "nothing" <script>alert(1)</script> volcano};
$cues[3][1] = "\x{5e9}\x{5dc}\x{5d5}\x{5dd} \x{5e2}\x{5d5}\x{5dc}\x{5dd} \x{1f30b} right to left tide";
my $captions = "WEBVTT\n\n" . join '', map { sprintf "00:%02d:%02d.000 --> 00:%02d:%02d.900\n%s\n\n", $_->[0] / 60, $_->[0] % 60, ($_->[0] + 1) / 60, ($_->[0] + 1) % 60,
	$_->[1] =~ s/&/&amp;/gr =~ s/</&lt;/gr =~ s/>/&gt;/gr } @cues;
utf8::encode($captions);

my $id = $leap->sql(<<~"SQL");
	SELECT leap.add_recording('teacher\@example.org', '{"type": "file", "path": "$film"}', 'Volcanoes and tides', '{"trimming": {"shorten_pauses_above": 8}}');
	SQL
$leap->sql("SELECT leap.add_captions('$id', 'en', \$leap\$$captions\$leap\$)");
$leap->worker(slots => 1, threads => 1);
$leap->sql("SELECT leap.run_recording('$id')");
my $end = $leap->wait_for_end($id, 120);
die 'the lecture did not get through: ' . $leap->log_text if $end ne 'finished';
my $bad = $leap->sql(<<~"SQL");
	SELECT leap.add_recording('teacher\@example.org', '{"type": "file", "path": "$leap->{inbox}/missing.mp4"}',
		E'<img src=x onerror=alert(1)> "quoted" & \\u05d0\\u05d1 \\U0001f393 ' || repeat('long title ', 40));
	SQL
$leap->sql("SELECT leap.run_recording('$bad')");
$leap->wait_for_end($bad);

$trial->run('lecture.mjs', LEAP_E2E_RECORDING => $id, LEAP_E2E_FAILED => $bad);
