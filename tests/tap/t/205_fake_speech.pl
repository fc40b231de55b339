# tests/tap/t/205_fake_speech.pl
#     The servers that the tests of speech providers trust: what they refuse, what they hear, what they bill, and what they let
#     go wrong. Asked by curl, which is no client of ours.
use strict;
use warnings;

use FakeSpeech;
use File::Temp qw(tempdir);
use JSON::PP;
use POSIX ();
use SpokenTones;
use Test::More;

my $folder = tempdir(CLEANUP => 1);
my @words = SpokenTones::lecture(16, pauses => [ [ 6, 9 ] ]);

SpokenTones::write_wav("$folder/a.wav", \@words, 16);
for my $made ([ 'a.ogg', '-c:a libopus -b:a 24k' ], [ 'a.mp3', '-b:a 32k' ], [ 'a.flac', '' ])
{
	system("ffmpeg -nostdin -v error -i $folder/a.wav $made->[1] $folder/$made->[0]") == 0 or die "ffmpeg\n";
}

# Asks by curl: (status, decoded JSON or text, exit code).
sub ask
{
	my ($url, @arguments) = @_;
	open my $in, '-|', 'curl', '-s', '-m', 30, '-w', "\n%{http_code}", @arguments, $url or die "curl: $!\n";
	local $/;
	my $text = <$in>;
	close $in;
	my $code = $? >> 8;
	$text =~ s/\n(\d+)\z//;
	return ($1 + 0, eval { decode_json($text) } // $text, $code);
}

sub form
{
	my (%fields) = @_;
	my @form = map { ref $fields{$_} ? map { ('-F', $_) } @{ $fields{$_} } : ('-F', "$_=$fields{$_}") } sort keys %fields;
	return ('-H', 'Authorization: Bearer secret', @form);
}

sub heard
{
	my ($answer) = @_;
	return [ map { SpokenTones::id_of($_) } split / /, $answer->{text} =~ s/^ //r ];
}

my @said = map { $_->{id} } @words;
my %plain = (file => "\@$folder/a.ogg", model => 'whisper-1', response_format => 'verbose_json', times => [ 'timestamp_granularities[]=word', 'timestamp_granularities[]=segment' ]);

my $server = FakeSpeech->start('speech/openai');
my $url = $server->url . '/v1/audio/transcriptions';

for my $kind (qw(wav ogg mp3 flac))
{
	my ($status, $answer) = ask($url, form(%plain, file => "\@$folder/a.$kind"));
	is($status, 200, "$kind is taken");
	is_deeply(heard($answer), \@said, "$kind: every word is heard once, in order");
	my @late = grep { abs($answer->{words}[$_]{start} - $words[$_]{start}) > 0.03 } 0 .. $#words;
	is_deeply(\@late, [], "$kind: where it was said");
	is($answer->{segments}[0]{start}, $answer->{words}[0]{start}, "$kind: segments begin with words");
}
is($server->billed->{requests}, 4, 'four are billed');
cmp_ok(abs($server->billed->{seconds} - 64), '<', 0.5, 'for the seconds that were sent');

my @refused = (
	[ 'no key', 401, sub { ask($url, '-F', "file=\@$folder/a.ogg", '-F', 'model=whisper-1') } ],
	[ 'an unknown field', 400, sub { ask($url, form(%plain, colour => 'red')) } ],
	[ 'no model', 400, sub { ask($url, form(file => "\@$folder/a.ogg")) } ],
	[ 'a model that is not there', 404, sub { ask($url, form(%plain, model => 'whisper-9')) } ],
	[ 'a language that is none', 400, sub { ask($url, form(%plain, language => 'en-US')) } ],
	[ 'word times without verbose_json', 400, sub { ask($url, form(%plain, response_format => 'json')) } ],
	[ 'verbose_json of gpt-4o-transcribe', 400, sub { ask($url, form(%plain, model => 'gpt-4o-transcribe')) } ],
	[ 'no file', 400, sub { ask($url, form(model => 'whisper-1')) } ],
	[ 'a file that is no sound', 400, sub { ask($url, form(%plain, file => "\@$0;filename=a.ogg")) } ],
	[ 'a sound under a wrong name', 400, sub { ask($url, form(%plain, file => "\@$folder/a.ogg;filename=a.wav")) } ],
	[ 'a temperature of 3', 400, sub { ask($url, form(%plain, temperature => 3)) } ],
	[ 'JSON', 400, sub { ask($url, '-H', 'Authorization: Bearer secret', '-H', 'Content-Type: application/json', '-d', '{}') } ],
	[ 'GET', 405, sub { ask($url) } ],
	[ 'another path', 404, sub { ask($server->url . '/v1/speech') } ]);
for my $row (@refused)
{
	my ($status, $answer) = $row->[2]->();
	is($status, $row->[1], "$row->[0] is refused with $row->[1]");
	ok(length $answer->{error}{message}, "$row->[0]: and told why: $answer->{error}{message}");
}
is($server->billed->{requests}, 4, 'what is refused is not billed');

$server->settings(most_bytes => 1000);
is((ask($url, form(%plain)))[0], 413, 'a file that is too large is refused with 413');
$server->settings(most_bytes => undef);

# what goes wrong
my %wrong = (
	'an answer that is cut off' => [ { cut_answer => 20 }, sub { my ($status, $answer, $code) = @_; $code == 18 } ],
	'a request that is cut off' => [ { cut_request => 5000 }, sub { my ($status, $answer, $code) = @_; $code != 0 && $status == 0 } ],
	'garbage' => [ { garbage => 1 }, sub { my ($status, $answer, $code) = @_; $status == 200 && $code == 0 && !ref $answer } ],
	'truncated JSON' => [ { truncate => 100 }, sub { my ($status, $answer, $code) = @_; $code == 0 && length $answer == 100 } ],
	'an empty answer' => [ { empty => 1 }, sub { my ($status, $answer, $code) = @_; $status == 200 && $answer eq '' } ],
	'a redirect' => [ { redirect => 'http://127.0.0.1:9/' }, sub { $_[0] == 302 } ],
	'a status' => [ { status => 503 }, sub { $_[0] == 503 && $_[1]{error}{type} eq 'server_error' } ],
	'an early status' => [ { status => 413, early => 1 }, sub { $_[0] == 413 } ],
	'another answer' => [ { answer => { text => 'x' } }, sub { $_[1]{text} eq 'x' } ]);
for my $name (sort keys %wrong)
{
	$server->script({ on => 'transcriptions', times => 1, %{ $wrong{$name}[0] } });
	ok($wrong{$name}[1]->(ask($url, form(%plain))), $name);
	is((ask($url, form(%plain)))[0], 200, "$name: once");
}
$server->script({ on => 'transcriptions', times => 2, skip => 1, status => 429, retry_after => 7 });
is_deeply([ map { (ask($url, form(%plain)))[0] } 1 .. 4 ], [ 200, 429, 429, 200 ], 'a script may skip and repeat');

$server->forget;
$server->script({ pause => 'billed' });
my $asker = fork // die "fork: $!\n";
if (!$asker) { ask($url, form(%plain)); POSIX::_exit(0); }
my ($paused) = $server->wait_paused;
my $of_it = sub { my @lines = grep { $_->{no} == $paused->{no} } $server->log($_[0]); return scalar @lines; };
is($paused->{point}, 'billed', 'a request stands at a point');
is($of_it->('billed'), 1, 'it is billed already');
is($of_it->('answering'), 0, 'and not answered yet');
$server->release;
waitpid $asker, 0;
is($of_it->('answering'), 1, 'until it is let go');

# the other services
my %others = (
	groq => [ { model => 'whisper-large-v3' }, sub { $_[0]{language} eq 'English' && @{ $_[0]{words} } == @words } ],
	fireworks => [ { model => 'whisper-v3', times => ['timestamp_granularities=word,segment'] }, sub { $_[0]{language} eq 'en' && @{ $_[0]{words} } == @words } ],
	speaches => [ { model => 'Systran/faster-whisper-small' }, sub { @{ $_[0]{words} } == @words } ],
	whisper => [ { file => "\@$folder/a.wav" }, sub { !$_[0]{words} && $_[0]{segments}[0]{words}[0]{word} =~ /^ \w/ && @words == map { @{ $_->{words} } } @{ $_[0]{segments} } } ]);
for my $variant (sort keys %others)
{
	my $other = FakeSpeech->start('speech/openai', variant => $variant);
	my ($status, $answer) = ask($other->url . '/v1/audio/transcriptions', form(%plain, %{ $others{$variant}[0] }));
	is($status, 200, "$variant answers") or diag(explain($answer));
	ok($others{$variant}[1]->($answer), "$variant: with words where it puts them");
	is((ask($other->url . '/v1/audio/transcriptions', form(%plain)))[0], 400, 'whisper.cpp takes no Opus') if $variant eq 'whisper';
}
my ($russian) = (ask($url, form(%plain, language => 'ru')))[1];
is($russian->{language}, 'russian', 'the language that was asked for');
is_deeply(heard($russian), \@said, 'in its letters');
$server->says([ { word => 'thanks', start => 1, end => 2 }, { word => 'late', start => 50, end => 51 } ]);
is((ask($url, form(%plain)))[1]{text}, 'thanks', 'what a test lets be said');

# AssemblyAI
my $assembly = FakeSpeech->start('speech/assemblyai', polls => 3);
my @key = ('-H', 'Authorization: secret');
my @bytes = ('-H', 'Content-Type: application/octet-stream', '--data-binary');
my @json = ('-H', 'Content-Type: application/json', '-d');
my $root = $assembly->url . '/v2';

is((ask("$root/upload", '-H', 'Authorization: Bearer secret', @bytes, "\@$folder/a.ogg"))[0], 401, 'AssemblyAI takes the bare key');
is((ask("$root/upload", @key, '--data-binary', "\@$folder/a.ogg"))[0], 400, 'and bytes as what they are');
my $uploaded = (ask("$root/upload", @key, @bytes, "\@$folder/a.ogg"))[1]{upload_url};
like($uploaded, qr{^https://cdn\.assemblyai\.com/upload/}, 'an upload has a URL');
for my $row ([ 'no audio', {} ], [ 'an unknown parameter', { audio_url => $uploaded, colour => 'red' } ], [ 'a wrong type', { audio_url => $uploaded, punctuate => 'yes' } ],
	[ 'two languages', { audio_url => $uploaded, language_code => 'ru', language_detection => JSON::PP::true } ], [ 'a language that is none', { audio_url => $uploaded, language_code => 'xx' } ],
	[ 'a model that is none', { audio_url => $uploaded, speech_models => ['whisper-1'] } ], [ 'long key terms', { audio_url => $uploaded, keyterms_prompt => ['a b c d e f g'] } ])
{
	my ($status, $answer) = ask("$root/transcript", @key, @json, encode_json($row->[1]));
	is($status, 400, "$row->[0] is refused: $answer->{error}");
}
my $made = (ask("$root/transcript", @key, @json, encode_json({ audio_url => $uploaded, speech_models => ['universal-2'], language_detection => JSON::PP::true })))[1];
is($made->{status}, 'queued', 'a transcript is queued');
is_deeply([ map { (ask("$root/transcript/$made->{id}", @key))[1]{status} } 1 .. 4 ], [ 'processing', 'processing', 'completed', 'completed' ], 'and done after some polls');
my $done = (ask("$root/transcript/$made->{id}", @key))[1];
is_deeply([ map { SpokenTones::id_of($_->{text}) } @{ $done->{words} } ], \@said, 'every word is heard');
cmp_ok(abs($done->{words}[0]{start} - 1000), '<', 30, 'times are milliseconds');
my $sentences = (ask("$root/transcript/$made->{id}/sentences", @key))[1]{sentences};
is(scalar(map { @{ $_->{words} } } @$sentences), scalar @words, 'sentences have all the words');
is_deeply($assembly->billed->{jobs}, [ $made->{id} ], 'one job is billed');

my $broken = (ask("$root/transcript", @key, @json, encode_json({ audio_url => 'https://cdn.assemblyai.com/upload/x' })))[1];
ask("$root/transcript/$broken->{id}", @key) for 1 .. 2;
like((ask("$root/transcript/$broken->{id}", @key))[1]{error}, qr/Download error/, 'an upload that is not there is an error of the job');
is($assembly->billed->{requests}, 1, 'which is not billed');

my @ids = ($broken->{id}, $made->{id});
for (1 .. 3) { unshift @ids, (ask("$root/transcript", @key, @json, encode_json({ audio_url => $uploaded })))[1]{id}; }
my ($next, @listed) = ("$root/transcript?limit=2");
while (defined $next)
{
	my $page = (ask($next, @key))[1];
	push @listed, map { $_->{id} } @{ $page->{transcripts} };
	$next = $page->{page_details}{prev_url};
}
is_deeply(\@listed, \@ids, 'all are listed page by page, newest first');
is((ask("$root/transcript?limit=900", @key))[0], 400, 'a page has at most 200');
is((ask("$root/transcript/$made->{id}x", @key))[0], 404, 'what is not there is not found');

done_testing();
