# tests/tap/t/240_words.pl
#     Words of a lecture as people use them: found where they were said, read, cut into topics that are edited and found
#     again, given captions, heard again. On the command line and by HTTP, through a real worker.
use strict;
use warnings;

use JSON::PP;
use LeapNode;
use LeapServe;
use MediaProgram qw(run_ffmpeg);
use PostgreSQL::Test::Utils;
use Test::More;

my $lecture = $ENV{LEAP_LECTURE} or plan skip_all => 'no sample lecture (LEAP_LECTURE)';
my $leap = LeapNode->new('words');
my $worker = $leap->worker(slots => 2, threads => 2);
my $serve = LeapServe->new($leap);
my @teacher = $serve->bearer('teacher@example.org');
my %environment = $leap->environment;
@ENV{ keys %environment } = values %environment;

# leap(INPUT, ARGUMENT...): exit status, standard output, standard error
sub leap
{
	my ($in, @arguments) = @_;
	my ($out, $err) = ('', '');
	IPC::Run::run([ $leap->program, @arguments ], '<', \$in, '>', \$out, '2>', \$err);
	return ($? >> 8, $out, $err);
}

sub told { my ($status, $out, $err) = leap('', @_); diag($err) if $status != 0; return $out; }
sub json_of { return decode_json(told(@_, '--json')); }
sub file_of { my ($id, $kind) = @_; return slurp_file($leap->{storage} . '/' . $leap->sql("SELECT uri FROM leap.artifacts WHERE recording_id = '$id' AND kind = '$kind'")); }

# its first two minutes are enough
run_ffmpeg('-i', $lecture, qw(-t 120 -c copy), "$leap->{base}/beginning.mp4");
my $id = $leap->add('The world around us', file => "$leap->{base}/beginning.mp4");
is($leap->wait_for_end($id, 300), 'finished', 'the lecture is through') or diag($leap->log_text);
my $tail = substr $id, -8;

# found: a long word that was said once, where it was said
my $transcript = decode_json(file_of($id, 'transcript'));
my %said;
$said{ lc $_->{word} }++ for @{ $transcript->{words} };
my ($word) = grep { $said{ lc $_->{word} } == 1 && $_->{word} =~ /^[a-z]{8,}$/ } reverse @{ $transcript->{words} };
my $hits = json_of('search', $word->{word});
cmp_ok(scalar @$hits, '>=', 1, "\"$word->{word}\" is found");
is($hits->[0]{recording_id}, $id, 'in the lecture');
ok($hits->[0]{moment} <= $word->{start} + 0.01 && $word->{start} - $hits->[0]{moment} < 20, "it is said soon after the moment: $hits->[0]{moment}, $word->{start}");
like(told('search', $word->{word}, '--limit', 1), qr/^ *[\d:.]+(?: s)?  The world around us  \S+@\S+  $id\n +.*«\Q$word->{word}\E»/i, 'people read the moment, the name and what was said');
like(told('search', 'xylophonist'), qr/^nothing was found$/, 'what was not said is not found');
is_deeply([ (leap('', 'search'))[ 0, 2 ] ], [ 2, "leap search: say what to look for\nhint: leap search --help\n" ], 'a search for nothing is refused');
like(told('search', '--', $word->{word}, '-xylophonist'), qr/«\Q$word->{word}\E»/i, 'behind -- words may begin with -');
is((leap('', 'search', $word->{word}, '-moon'))[2], "leap search: there is no short option -moon\nhint: If it is none, write it behind --: leap search -- -moon\n", 'as is told');
unlike(told('topics', '--help'), qr/\(default (?:1|long)\)/, 'what has no default prints none');
my ($status, $answer) = $serve->json('GET', "/api/v1/transcripts/search?query=$word->{word}&language=en", \@teacher);
is($status, 200, 'by HTTP as well');
is($answer->{hits}[0]{moment}, $hits->[0]{moment}, 'the same moment');
like($answer->{hits}[0]{html}, qr{<mark>\Q$word->{word}\E</mark>}i, 'marked');
is(($serve->json('GET', '/api/v1/transcripts/search?query=%20', \@teacher))[0], 422, 'a search for nothing is refused there too');

# read
my $text = file_of($id, 'text');
my $read = json_of('transcript', $tail);
is(join(' ', map { $_->{text} } @{ $read->{segments} }), $text =~ s/\s+/ /gr =~ s/ $//r, 'all that was said can be read');
is_deeply([ map { [ @$_{qw(start end text)} ] } @{ $read->{segments} } ], [ map { [ @$_{qw(start end text)} ] } @{ $transcript->{segments} } ], 'each sentence with its beginning and end, as in the file');
is($read->{model}, $transcript->{model}, 'and the model that heard it');
is(join("\n", map { s/^ *[\d:.]+(?: s)?  //r } split /\n/, told('transcript', $tail)) . "\n", $text, 'also by people');
($status, $answer) = $serve->json('GET', "/api/v1/recordings/$id/transcript", \@teacher);
is(scalar @{ $answer->{segments} }, scalar @{ $read->{segments} }, 'and by HTTP');
like(told('show', $tail), qr/^words +pass, mean confidence 0\.\d\d, heard by pocketsphinx$/m, 'leap show says how good the words are, and whose');

# topics: versions, an edit, and back
my $versions = json_of('topics', $tail);
is(scalar @$versions, 1, 'there is one version of the topics');
is($versions->[0]{provider}, 'embedded', 'found by the embedded provider');
like(told('topics', $tail), qr/^\* +1 +long +embedded +\d+ topics .*\ntopics\n +[\d.]+ s  \S/, 'people see it');
my $half = int($leap->recording($id, 'final_duration') / 2);
my $edit = encode_json({ topics => [ { title => 'What <is> "it"', start => 0 }, { title => 'And why', start => $half } ], summary => 'In short & by hand.' });
($status, my $out, my $err) = leap($edit, 'topics', $tail, '--edit', '-');
is("$status $out$err", "0 version 2 of the topics of \"The world around us\" is in use; the published lesson follows\n", 'topics are edited by a file');
like(told('topics', $tail, '--activate', 1) . told('topics', $tail, '--activate', 2), qr/^version 1 .* is in use; .*\nversion 2 .* is in use; .*$/, 'and chosen at once, one after the other');
like(told('watch', $tail), qr/^published: /m, 'a run writes and publishes them');
is($leap->wait_for_end($id, 60), 'finished', 'that is all');
is($leap->recording($id, 'status'), 'UPLOADED', 'which is the end of it');
unlike(told('show', $tail), qr/older than what was made since/, 'the lesson is what there is');
like(file_of($id, 'chapters'), qr/-->.*\nWhat [^<>&]+is[^<>&]+ "it"\n(?s:.*)-->.*\nAnd why\n/, 'the chapters are those of the edit, without markup');
is($leap->recording($id, "topics #>> '{1,title}'"), 'And why', 'so is what people see');
is($leap->recording($id, "facts->>'summary'"), 'In short & by hand.', 'with the summary');
is_deeply([ (leap('{"topics": [{"title": "A", "start": 3}]}', 'topics', $tail, '--edit', '-'))[ 0, 2 ] ],
	[ 2, "leap: the first topic, \"A\", cannot start at 3\nhint: It starts at 0.\n" ], 'what cannot be is refused by value');
isnt((leap('', 'topics', $tail, '--edit', '/nowhere/file'))[0], 0, 'a file that is not there is refused');
isnt((leap('', 'topics', $tail, '--activate', '1', '--granularity', 'short'))[0], 0, 'so are two wishes at once');
told('topics', $tail, '--activate', 1);
is($leap->wait_for_end($id, 60), 'finished', 'an older version is put in use');
is($leap->recording($id, "topics->0->>'title'"), $versions->[0]{topics}[0]{title}, 'and is what people see');
($status, $answer) = $serve->json('PATCH', "/api/v1/recordings/$id/topics", \@teacher, { topic_timestamps => [ { topic => 'By HTTP', start => 0 } ] });
is("$status $answer->{version}", '200 3', 'edited by HTTP, as the original was');
is(($serve->json('PATCH', "/api/v1/recordings/$id/topics", \@teacher, { summary => 'And again' }))[0], 200, 'and again, while that is written');
$leap->wait_for_end($id, 60);
like(file_of($id, 'topics'), qr/"And again"/, 'its files are those of the last edit');
is(($serve->json('PATCH', "/api/v1/recordings/$id/topics", \@teacher, { topics => [ { title => 'A', start => -1 } ] }))[0], 422, 'and what cannot be is refused');
is(($serve->json('POST', "/api/v1/recordings/$id/topics/2/activate", \@teacher))[0], 200, 'a version is put in use by HTTP');
$leap->wait_for_end($id, 60);
told('topics', $tail, '--granularity', 'short');
is($leap->wait_for_end($id, 60), 'finished', 'found anew, less finely');
like(told('watch', $tail), qr/^published before: .*\nhint: leap run $id publishes what was made since$/m, 'but not published: that is said');
like(told('show', $tail), qr/^ +older than what was made since; leap run publishes that$/m, 'wherever people look');
($status, $answer) = $serve->json('GET', "/api/v1/recordings/$id/topics", \@teacher);
is_deeply([ map { "$_->{version} $_->{granularity}" . ($_->{edited} ? ' edited' : '') . ($_->{active} ? ' active' : '') } @{ $answer->{versions} } ],
	[ '5 short active', '4 long edited', '3 long edited', '2 long edited', '1 long' ], 'every version is there');
is(json_of('run', $tail)->{message}, 'the run of "The world around us" has started', 'a run publishes it');
$leap->wait_for_end($id, 60);
is($leap->recording($id, 'status'), 'UPLOADED', 'that is through');
is(scalar @{ json_of('topics', $tail) }, 5, 'and finds nothing anew');

# captions
my $vtt = "WEBVTT\n\n00:42.000 --> 00:44.000\nDie Welt um uns <b>herum</b>\n";
($status, $out, $err) = leap($vtt, 'captions', $tail, '-', '--language', 'DE');
is("$status $out$err", "0 captions in de of \"The world around us\" are kept; the next run makes subtitles of them\n", 'captions are given by a file');
like(told('captions', $tail), qr/^de +vtt +\d+ B +user$/m, 'and listed');
isnt((leap('no captions', 'captions', $tail, '-', '--language', 'fr'))[0], 0, 'what is none is refused');
is(($serve->json('PUT', "/api/v1/recordings/$id/captions/ru", \@teacher, { body => $vtt }))[0], 200, 'given by HTTP');
is(($serve->json('POST', "/api/v1/recordings/$id/captions", \@teacher, { language => 'xx-', body => $vtt }))[0], 422, 'refused by HTTP');
is(($serve->json('PUT', "/api/v1/recordings/$id/captions/ru", \@teacher, { body => "WEBVTT\n\n" . "NOTE " . "x" x 900_000 }))[0], 200, 'many at once are not too much');
for my $type ('Content-Type: text/vtt', 'Content-Type: text/plain; charset=utf-8', 'Content-Type: application/octet-stream', 'X-Nothing: said')
{
	my ($number, undef, $said) = $serve->request('PUT', "/api/v1/recordings/$id/captions/ru", [ @teacher, $type ], $vtt);

	is("$number " . decode_json($said)->{bytes}, '200 ' . length $vtt, "the file itself, $type");
}
($status, undef, $answer) = $serve->request('PUT', "/api/v1/recordings/$id/captions/ru", [ @teacher, 'Content-Type: text/html' ], '<p>');
like("$status $answer", qr{^400 .*"hint":"Send the text itself as text/plain, text/vtt or application/x-subrip, or application/json\."}, 'what it may be is told');
is(($serve->request('PUT', "/api/v1/recordings/$id/captions/ru", [ @teacher, 'Content-Type: text/vtt' ], "WEBVTT\n\n\0"))[0], 400, 'no zero bytes');
is(($serve->request('PUT', "/api/v1/recordings/$id/captions/ru", [ @teacher, 'Content-Type: text/vtt' ], "no captions"))[0], 422, 'and captions');
is(($serve->json('DELETE', "/api/v1/recordings/$id/captions/ru", \@teacher))[0], 200, 'taken by HTTP');
is((leap('', 'captions', $tail, '--remove', '--language', 'ru'))[0], 3, 'what is not there cannot be taken');
told('run', $tail);
is($leap->wait_for_end($id, 60), 'finished', 'a run makes subtitles of them');
like($leap->sql("SELECT string_agg(kind, ' ' ORDER BY kind) FROM leap.artifacts WHERE recording_id = '$id' AND kind ~ '^(srt|vtt)'"), qr/^srt srt:de vtt vtt:de$/, 'in two languages');
($status, $answer) = $serve->json('GET', "/api/v1/recordings/$id/files", \@teacher);
my ($german) = grep { $_->{kind} eq 'vtt:de' } @$answer;
like(($serve->request('GET', $german->{path} . '?download=true', \@teacher))[1], qr/filename.*The world around us\.de\.vtt|filename.*The%20world%20around%20us\.de\.vtt/, 'they are saved under a name that says so');

# heard again
like(told('retry', $tail, '--provider', 'pocketsphinx'), qr/is heard again, first by pocketsphinx$/, 'it is heard again');
is($leap->sql("SELECT input->>'anew' FROM leap.task_inputs i JOIN leap.tasks t ON t.id = i.task WHERE t.recording_id = '$id' AND t.kind = 'transcribe' ORDER BY t.id DESC LIMIT 1"), 'true', 'anew, whatever is known of its sound');
told('cancel', $tail);
is((leap('', 'retry', $tail, '--provider', 'nobody'))[0], 2, 'not by nobody');

# nobody knows the language
($status, $out, $err) = leap('', 'add', 'https://example.org/tide.mp4', '--language', 'ru', '--user', 'teacher@example.org');
like("$status $err", qr/^0 warning: none of its speech providers \(captions, pocketsphinx\) can do "ru".*\nhint: leap retry \S+ --provider NAME /, 'leap add tells that nobody knows the language');
my ($added) = $out =~ /^(\S+)$/m;
told('cancel', $added);
is((leap('', 'add', 'https://example.org/tide.mp4', '--provider', 'nobody', '--user', 'teacher@example.org'))[0], 2, 'a provider that is none is refused');
($status, $out, $err) = leap('', 'add', 'https://example.org/tide.mp4', '--provider', 'pocketsphinx', '--user', 'teacher@example.org');
is("$status $err", '0 ', 'one that knows the language is taken');
$out =~ s/\s+$//;
told('cancel', $out);
is($leap->recording($out, "config #>> '{transcription,provider}'"), 'pocketsphinx', 'and kept');

# held for its words: each reason once
$leap->sql(<<~"SQL");
	UPDATE leap.recordings SET facts = facts || '{"quality": {"verdict": "reject", "mean_confidence": 0.31, "withheld": true, "reasons": [{"code": "repeated", "message": "the text repeats", "value": 0.95, "limit": 0.5, "at": 61}]}}' WHERE id = '$id';
	UPDATE leap.recordings SET flags = leap.add_flag(flags, 'low_quality', leap.quality_message(facts->'quality'), facts #> '{quality,reasons}') WHERE id = '$id';
	SELECT leap.hold(ARRAY['$id'::uuid], 'quality', leap.quality_message(facts->'quality'), 'leap') FROM leap.recordings WHERE id = '$id';
	SQL
my $shown = told('show', $tail);
is(scalar(() = $shown =~ /the text repeats/g), 1, 'leap show tells a reason once') or diag($shown);
like($shown, qr/^ +- the text repeats \(0\.95, the limit is 0\.5\), at 1:01\n(?s:.*)^held +until somebody has read its transcript\n +hint +leap transcript $id prints it\n/m, 'with its numbers');
my (undef, $watched, $told) = leap('', 'watch', $tail);
is(scalar(() = "$watched$told" =~ /the text repeats/g), 1, 'so does leap watch') or diag("$watched$told");
is($leap->end_worker($worker, 'TERM'), 0, 'the worker stops with status 0');
$serve->stop;
done_testing();
