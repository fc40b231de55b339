# tests/tap/t/251_subtitles_worker.pl
#     The sample lecture with subtitles beside it, in two languages, through a real worker: nothing is
#     recognised, the lesson has both, cut as the lecture was, and they can be fetched by HTTP.
use strict;
use warnings;

use JSON::PP;
use LeapNode;
use LeapServe;
use PostgreSQL::Test::Utils;
use SubtitleFiles qw(cues_in text_of);
use Test::More;

my $lecture = $ENV{LEAP_LECTURE} or plan skip_all => 'no sample lecture (LEAP_LECTURE)';
my $leap = LeapNode->new('subtitles_worker');
my $file = "$leap->{inbox}/lecture.mp4";

sub spew
{
	my ($path, $text) = @_;
	open my $out, '>:utf8', $path or die "$path: $!\n";
	print $out $text;
	close $out or die "$path: $!\n";
}

sub timecode { return sprintf '%02d:%02d:%02d.%03d', $_[0] / 3600, $_[0] / 60 % 60, $_[0] % 60, $_[0] * 1000 % 1000; }

# The words of the lecture, two a second from 20 s on, seven in a cue; a Russian word for each cue.
my @said = split ' ', slurp_file($lecture =~ s/mp4$/txt/r);
my (@english, @russian, @numbers);
for (my ($at, $number) = (20, 0); $number < 60 && @said; $at += 3.5, $number++)
{
	my $times = timecode($at) . ' --> ' . timecode($at + 3.4);
	push @numbers, "\x{447}\x{430}\x{441}\x{442}\x{44c}$number";
	push @english, "$times\n" . join(' ', splice @said, 0, 7) . "\n";
	push @russian, ($number + 1) . "\n" . ($times =~ tr/./,/r) . "\n$numbers[-1]\n";
}
link $lecture, $file or system('cp', $lecture, $file);
spew("$leap->{inbox}/lecture.vtt", join "\n", "WEBVTT\n", @english);
spew("$leap->{inbox}/lecture.ru.srt", join "\n", @russian);
spew("$leap->{inbox}/lecture.de.srt", 'x' x 100);

$leap->worker(slots => 2);
my $id = $leap->sql("SELECT leap.add_recording(NULL, jsonb_build_object('type', 'file', 'path', '$file'), 'A lecture with subtitles',
	'{\"transcription\": {\"language\": \"en\", \"provider\": [\"captions\"], \"on_suspect\": \"publish\"}}')");
$leap->sql("SELECT leap.run_recording('$id')");
is($leap->wait_for_end($id, 240), 'finished', 'the lecture is through') or diag($leap->log_text);
is_deeply([ split /\n/, $leap->sql("SELECT DISTINCT kind FROM leap.artifacts WHERE recording_id = '$id' AND kind ~ '^(srt|vtt)' ORDER BY 1") ],
	[qw(srt srt:ru vtt vtt:ru)], 'with subtitles in two languages') or diag($leap->log_text);

my ($folder) = glob "$leap->{library}/*/*lecture-with-subtitles*";
my $readers = SubtitleFiles->new($folder);
my %text;
for my $name (qw(subtitles.srt subtitles.vtt subtitles.ru.srt subtitles.ru.vtt))
{
	my $found = $readers->read($name);
	my %seen = map { $_ => text_of($found->{$_}{cues}) } keys %$found;
	my %texts = map { $_ => 1 } values %seen;

	is_deeply([ map { @{ $_->{errors} } } values %$found ], [], "$name: no parser complains");
	is(scalar keys %texts, 1, "$name: all read the same") or diag(explain(\%seen));
	($text{$name}) = keys %texts;
}
is($text{'subtitles.ru.vtt'}, join(' ', @numbers), 'every Russian word in its order');
is($text{'subtitles.ru.srt'}, $text{'subtitles.ru.vtt'}, 'in both formats');
like($text{'subtitles.vtt'}, qr/^Good morning everyone and welcome to this lecture about the world around us\. We begin/, 'the English ones as they were brought along');

# what was cut off in front is not in their times
my $cut = $leap->sql("SELECT metadata #>> '{cuts,0,start}' FROM leap.artifacts WHERE recording_id = '$id' AND kind = 'video'");
utf8::decode(my $russian = slurp_file("$folder/subtitles.ru.vtt"));
cmp_ok(abs(cues_in($russian)->[0][0] / 1000 + $cut - 20), '<', 0.002, "the first begins at its time, $cut s of the lecture less");
my @tracks = slurp_file("$folder/index.html") =~ /<track kind="(\w+)" src="([\w.]+)"/g;
is_deeply(\@tracks, [qw(subtitles subtitles.vtt subtitles subtitles.ru.vtt chapters chapters.vtt)], 'the page has a track for each');
cmp_ok(scalar @{ decode_json(scalar qx(ffprobe -v error -show_chapters -of json '$folder/video.mp4'))->{chapters} }, '>=', 2, 'and the video its chapters');

# by HTTP, under names that tell the language
my $serve = LeapServe->new($leap);
my @teacher = $serve->bearer('teacher@example.org');
for my $row ([ 'vtt:ru', 'text/vtt', 'ru\.vtt' ], [ 'srt:ru', 'application/x-subrip', 'ru\.srt' ])
{
	my ($kind, $type, $name) = @$row;
	my $artifact = $leap->sql("SELECT id FROM leap.artifacts WHERE recording_id = '$id' AND kind = '$kind'");
	my @answer = $serve->request('GET', "/files/$artifact", \@teacher);

	is($answer[0], 200, "$kind is served");
	like($answer[1], qr/^Content-Type: \Q$type\E/m, "$kind: as what it is");
	like($answer[1], qr/^Content-Disposition: [^\r\n]*A lecture with subtitles\.$name/m, "$kind: under its name");
}

done_testing();
