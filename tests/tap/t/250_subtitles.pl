# tests/tap/t/250_subtitles.pl
#     Subtitle files as others read them: those of random words by six parsers, which find
#     every cue at its time and with its words; files that lie beside a recording; and the
#     page of a lesson in a browser, where words are read when they are heard.
use strict;
use warnings;

use Cwd qw(abs_path);
use Digest::SHA qw(sha256_hex);
use File::Basename qw(basename dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use JSON::PP;
use LeapChild;
use NodePeer;
use PostgreSQL::Test::Utils;
use SubtitleFiles qw(cues_in look_alike text_of);
use Test::More;

my $root = abs_path(dirname(__FILE__) . '/../../..');
my $build = $ENV{LEAP_BUILD} // "$root/build";

# Compares what every parser found in a file with what it should hold.
sub is_read
{
	my ($readers, $file, $wanted, $what) = @_;
	my $found = $readers->read($file);
	my @wrong;

	for my $parser (sort keys %$found)
	{
		my ($cues, $errors) = @{ $found->{$parser} }{qw(cues errors)};
		my $i = 0;

		push @wrong, map { "$file, $parser: $_" } @$errors;
		$i++ while $i < @$wanted && $i < @$cues && join('|', @{ $cues->[$i] }) eq join('|', @{ $wanted->[$i] });
		push @wrong, sprintf '%s, %s: cue %d of %d is (%s), wanted (%s)', $file, $parser, $i + 1, scalar @$wanted,
		  map { join '|', @{ $_ // [] } } $cues->[$i], $wanted->[$i]
		  if $i < @$wanted || $i < @$cues;
	}
	return @wrong if !defined $what;
	is_deeply(\@wrong, [], $what);
}

# --- words by chance
{
	my $folder = tempdir('leap-cues-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	local @ENV{qw(LEAP_CUES_ROUNDS LEAP_CUES_FOLDER)} = ($ENV{LEAP_CUES_ROUNDS} // 5, $folder);
	is(system("$build/unit/test_cues_random >'$folder/log'"), 0, 'random words are written as subtitles');
	my $readers = SubtitleFiles->new($folder);
	my %wrong = (srt => [], vtt => []);
	my $cues = 0;

	$readers->expect(map { basename($_) } glob "$folder/*.{srt,vtt}");
	for my $list (sort glob "$folder/*.json")
	{
		my $name = basename($list, '.json');
		my @wanted = map { [ @$_[ 0, 1 ], join "\n", @$_[ 2 .. $#$_ ] ] } @{ decode_json(slurp_file($list)) };
		my @plain = map { [ @$_[ 0, 1 ], look_alike($_->[2]) ] } @wanted;

		push @{ $wrong{vtt} }, is_read($readers, "$name.vtt", \@wanted);
		push @{ $wrong{srt} }, is_read($readers, "$name.srt", \@plain);
		$cues += @wanted;
	}
	cmp_ok($cues, '>', 500, "in $cues cues");
	is_deeply($wrong{vtt}, [], 'four parsers and ffmpeg read WebVTT: the same times and the same text, and no error');
	is_deeply($wrong{srt}, [], 'two parsers and ffmpeg read SubRip');
}

# --- files beside a recording
my $leap = LeapChild->new('subtitles');
my $film = "$leap->{inbox}/film one.mp4";

sub spew
{
	my ($path, $bytes) = @_;
	open my $out, '>:raw', $path or die "$path: $!\n";
	print $out $bytes;
	close $out or die "$path: $!\n";
}

sub download
{
	my $end = $leap->run(download => { recording => { id => '01990000-0000-7000-8000-000000000250', lane => 1, name => 'Film',
				source => { type => 'file', path => $film } }, import_roots => [ $leap->{inbox} ], config => {}, artifacts => {} });
	ok($end->{done}, 'the recording is downloaded') or diag(explain($end->{failed}));
	return $end->{done}{facts};
}

is(system(qw(ffmpeg -nostdin -v error -f lavfi -i testsrc2=size=160x90:rate=5:duration=6 -f lavfi -i sine=f=300:d=6),
		qw(-c:v libx264 -pix_fmt yuv420p -g 10 -c:a aac), $film), 0, 'a film');
is_deeply(download()->{captions}, [], 'nothing beside it');
spew("$leap->{inbox}/film one.vtt", "\xef\xbb\xbfWEBVTT\n\n00:01.000 --> 00:02.000\nhello\n");
spew("$leap->{inbox}/film one.RU.srt", "1\n00:00:01,000 --> 00:00:02,000\n\xd0\xb4\xd0\xb0\n");
spew("$leap->{inbox}/film one.ru.vtt", "WEBVTT\n");
spew("$leap->{inbox}/film one.pt-BR.srt", "1\n");
spew("$leap->{inbox}/film one.german.srt", "1\n");
spew("$leap->{inbox}/film one two.de.srt", "1\n");
spew("$leap->{inbox}/film.fr.srt", "1\n");
spew("$leap->{inbox}/film one.de.srt", "1\n\xe4\n");
spew("$leap->{inbox}/film one.fr.vtt", "\xff\xfeW\0");
spew("$leap->{inbox}/film one.es.vtt", "WEBVTT\n\n\0");
spew("$leap->{inbox}/film one.it.vtt", '');
spew("$leap->{inbox}/film one.pl.vtt", 'x' x ((4 << 20) + 1));
spew("$leap->{base}/secret", "secret\n");
symlink "$leap->{base}/secret", "$leap->{inbox}/film one.cs.vtt" or die "symlink: $!\n";
is(system('mkfifo', "$leap->{inbox}/film one.nl.vtt"), 0, 'a pipe');
mkdir "$leap->{inbox}/film one.sv.vtt";
my $facts = download();
is_deeply($facts->{captions}, [
	{ language => '', format => 'vtt', body => "WEBVTT\n\n00:01.000 --> 00:02.000\nhello\n" },
	{ language => 'pt-BR', format => 'srt', body => "1\n" },
	{ language => 'ru', format => 'vtt', body => "WEBVTT\n" } ], 'what is named like it, by language');
my $left = 'The subtitles film one.%s were left aside: %s';
is_deeply($facts->{caption_notes}, [ map { sprintf $left, @$_ }
	[ 'cs.vtt', 'they are no ordinary file that may be read.' ],
	[ 'de.srt', 'they are no UTF-8; save them as UTF-8.' ],
	[ 'es.vtt', 'they hold bytes that are no text; save them as UTF-8.' ],
	[ 'fr.vtt', 'they are UTF-16; save them as UTF-8.' ],
	[ 'it.vtt', 'they are empty.' ],
	[ 'nl.vtt', 'they are no ordinary file that may be read.' ],
	[ 'pl.vtt', 'they have more than 4 MB.' ],
	[ 'RU.srt', 'there are others of that language.' ],
	[ 'sv.vtt', 'they are no ordinary file that may be read.' ] ], 'and what is left aside, with the reason');
unlink grep { !/mp4$/ } glob "'$leap->{inbox}/film one.'*";
spew("$leap->{inbox}/film one.a$_.vtt", "WEBVTT\n") for 'a' .. 'i';
spew("$leap->{inbox}/film one.b$_.vtt", 'x' x (3 << 20)) for 'a' .. 'd';
$facts = download();
is_deeply([ map { $_->{language} } @{ $facts->{captions} } ], [ map { "a$_" } 'a' .. 'h' ], 'at most eight');
unlink glob "'$leap->{inbox}/film one.a'*";
is_deeply([ map { $_->{language} } @{ download()->{captions} } ], [qw(ba bb)], 'and eight megabytes of all together');

# --- the page of a lesson
my $id = '01990000-0000-7000-8000-000000000251';
my %artifacts;

sub store
{
	my ($kind, $extension, $bytes, %metadata) = @_;
	my $uri = sprintf 'users/000001/%s/%s-%s.%s', $id, $kind =~ s/:/-/r, substr(sha256_hex("$kind$bytes"), 0, 16), $extension;

	make_path("$leap->{storage}/users/000001/$id");
	spew("$leap->{storage}/$uri", $bytes);
	$artifacts{$kind} = { kind => $kind, uri => $uri, bytes => length($bytes) . '', sha256 => sha256_hex($bytes),
		media_type => 'x/y', metadata => \%metadata };
}

sub task
{
	my ($kind, %more) = @_;
	my $end = $leap->run($kind => { recording => { id => $id, lane => 1, name => 'A <b>film</b>', created_at => '2026-11-21T05:00:00+00:00',
				final_duration => 40 }, config => {}, artifacts => \%artifacts, %more });

	ok($end->{done}, "$kind is done") or diag(explain($end->{failed}));
	$artifacts{ $_->{kind} } = $_ for @{ $end->{done}{artifacts} // [] };
	return $end->{done};
}

# somebody who counts for 40 seconds, with pauses
my (@words, $at);
$at = 1;
for my $number (1 .. 60)
{
	push @words, { id => $number - 1, start => $at, end => $at + 0.4, word => "word$number" . ($number % 9 ? '' : '.') };
	$at += $number % 20 ? 0.5 : 3.5;
}
is(system(qw(ffmpeg -nostdin -v error -f lavfi -i testsrc2=size=320x180:rate=5:duration=40 -f lavfi -i sine=f=300:d=40),
		qw(-c:v libx264 -pix_fmt yuv420p -g 10 -c:a aac -movflags +faststart), "$leap->{base}/video.mp4"), 0, 'a longer film');
# of the source, what was said up to 10 s, from 20 to 40 s and from 50 to 60 s was kept
store(video => 'mp4', slurp_file("$leap->{base}/video.mp4"), container => 'mp4', duration => 40,
	cuts => [ { start => 0, end => 10, at => 0 }, { start => 20, end => 40, at => 10 }, { start => 50, end => 60, at => 30 } ]);
store(transcript => 'json', encode_json({ version => 1, language => 'en', provider => 'captions', model => '', duration => 40, words => \@words,
		segments => [ map { { id => $_, start => 1 + $_, end => 2 + $_, text => "line $_" } } 0 .. 30 ], statistics => {} }));
store(topics => 'json', encode_json({ version => 1, summary => 'Numbers', main_topics => [], topics => [ map { { title => "Part $_ & <more>", start => 11 * ($_ - 1), end => 11 * $_ } } 1 .. 3 ] }));
store(chapters => 'vtt', "WEBVTT\n\n00:00:00.000 --> 00:00:11.000\nPart 1\n\n00:00:11.000 --> 00:00:40.000\nPart 2\n");
my @russian = map { sprintf "\x{441}\x{43b}\x{43e}\x{432}\x{43e}%d", $_ } 0 .. 59;
my $time = sub { sprintf '%02d:%02d.%03d', $_[0] / 60, $_[0] % 60, $_[0] * 1000 % 1000 };
my $captions = join "\n", "WEBVTT\n", map { ($time->($_) . ' --> ' . $time->($_ + 0.8), "<v Ann>$russian[$_]</v>", '') } 0 .. 59;
my $facts_said = task('subtitles', captions => [
		{ language => '', format => 'vtt', body => "WEBVTT\n\n00:01.000 --> 00:02.000\nx\n" },
		{ language => 'en-US', format => 'vtt', body => "WEBVTT\n\n00:01.000 --> 00:02.000\nx\n" },
		{ language => 'ru', format => 'vtt', body => $captions },
		{ language => 'de', format => 'srt', body => 'nothing' },
		{ language => 'fr', format => 'srt', body => "1\n00:00:45,000 --> 00:00:46,000\nx\n" } ])->{facts};
is_deeply([ sort keys %artifacts ], [ sort qw(video transcript topics chapters srt vtt srt:ru vtt:ru) ], 'subtitles of each other language');
is_deeply($artifacts{'vtt:ru'}{metadata}{language}, 'ru', 'which is told');
unlike($artifacts{'vtt:ru'}{uri}, qr/:/, 'and their files have names that all file systems take');
is(scalar(@{ $facts_said->{subtitle_notes} }), 2, 'captions that are none, and those of what was cut away, are notes');
my @kept = map { my ($from, $at) = @$_; map { [ $_ - $from + $at, $russian[$_] ] } $from .. $from + $_->[2] - 1 } [ 0, 0, 10 ], [ 20, 10, 20 ], [ 50, 30, 10 ];
utf8::decode(my $written = slurp_file("$leap->{storage}/$artifacts{'vtt:ru'}{uri}"));
my $fitted = cues_in($written);
is(text_of($fitted), join(' ', map { $_->[1] } @kept), 'of captions, what was kept, in its order');
my @late = grep { my ($start, $word) = @$_; !grep { $_->[0] <= $start * 1000 + 400 && $_->[1] > $start * 1000 + 400 && $_->[2] =~ /\Q$word\E/ } @$fitted } @kept;
is_deeply(\@late, [], 'each word at its time in the trimmed video');
{
	my $readers = SubtitleFiles->new($leap->{storage});
	my @wrong;
	for my $kind (qw(srt vtt srt:ru vtt:ru))
	{
		my $bytes = slurp_file("$leap->{storage}/$artifacts{$kind}{uri}");
		utf8::decode($bytes);
		push @wrong, is_read($readers, $artifacts{$kind}{uri}, cues_in($bytes));
	}
	is_deeply(\@wrong, [], 'all files are read by every parser');
}
my $cues = cues_in(slurp_file("$leap->{storage}/$artifacts{vtt}{uri}"));
is(text_of($cues), join(' ', map { $_->{word} } @words), 'subtitles of the transcript: every word in its order');
store('vtt:ru', 'vtt', "WEBVTT\n\n00:00:01.000 --> 00:00:30.000\n\xd0\xb4\xd0\xb0 &amp; &lt;b&gt;\n");
my $target = task('upload', target => { type => 'LIBRARY', meta => {}, config => {} })->{target};

my $lesson = "$leap->{library}/$target->{remote_id}";
my @chapters = @{ decode_json(scalar qx(ffprobe -v error -show_chapters -of json '$lesson/video.mp4'))->{chapters} };
is_deeply([ map { [ $_->{tags}{title}, $_->{start_time} + 0 ] } @chapters ], [ map { [ "Part $_ & \x{2039}more\x{203a}", 11 * ($_ - 1) ] } 1 .. 3 ],
	'the video has chapters');
my ($described) = grep { $_->{name} eq 'video.mp4' } @{ decode_json(slurp_file("$lesson/metadata.json"))->{files} };
is("$described->{bytes} $described->{sha256}", (-s "$lesson/video.mp4") . ' ' . sha256_hex(slurp_file("$lesson/video.mp4")), 'and is described as it is');
is(qx(ffmpeg -nostdin -v error -i '$lesson/video.mp4' -map 0:v -map 0:a -c copy -f streamhash -), qx(ffmpeg -nostdin -v error -i '$leap->{base}/video.mp4' -map 0:v -map 0:a -c copy -f streamhash -),
	'its pictures and sound are as they were');

my $profile = tempdir('leap-page-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $browser = NodePeer->start('page.mjs', $leap->{library}, $profile);
note($browser->read->{browser});

# What is in the page, when the video has come to that time.
sub tracks_at
{
	my ($time) = @_;
	my $answer = $browser->ask({ run => <<~JS });
		(async () => {
		    const video = document.getElementById('video');
		    const until = async (happened) => { while (!happened()) await new Promise((resume) => setTimeout(resume, 20)); };
		    await until(() => video.readyState >= 1);
		    video.currentTime = $time;
		    await until(() => !video.seeking && video.readyState >= 2);
		    const shown = [...video.textTracks].filter((track) => track.kind === 'subtitles' && track.mode === 'showing');
		    await until(() => shown.every((track) => track.cues !== null && track.cues.length > 0));
		    await new Promise((resume) => requestAnimationFrame(() => setTimeout(resume, 50)));
		    return { shown: shown.map((track) => [track.language, ...[...track.activeCues].map((cue) => cue.getCueAsHTML().textContent)]),
		        chapter: document.querySelector('.chapters [aria-current]')?.textContent,
		        pressed: [...document.querySelectorAll('.languages [aria-pressed=true]')].map((button) => button.textContent) };
		})()
		JS
	return $answer->{value} // diag($answer->{error});
}

for my $address ("$target->{remote_id}/index.html", $target->{url})
{
	my $how = $address =~ /^file:/ ? 'as a file' : 'over HTTP';
	is($browser->ask({ open => $address })->{title}, 'A <b>film</b>', "$how: the page opens");
	my @missing = grep { my $seen = tracks_at($_->{start} + 0.2)->{shown}[0]; ($seen->[1] // '') !~ /\b\Q$_->{word}\E/ } @words[ map { $_ * 7 } 0 .. 8 ];
	is_deeply(\@missing, [], "$how: a word is read when it is heard");
	is_deeply(tracks_at(12.9), { shown => [ ['en'] ], chapter => '0:11Part 2 & <more>', pressed => ['English'] }, "$how: nothing is read in a pause");
	$browser->ask({ run => "document.querySelectorAll('.languages button')[1].click()" });
	is_deeply(tracks_at(5)->{shown}, [ [ 'ru', "\x{434}\x{430} & <b>" ] ], "$how: another language is chosen, its text is text");
	$browser->ask({ run => "document.querySelectorAll('.languages button')[2].click()" });
	is_deeply([ @{ tracks_at(5) }{qw(shown pressed)} ], [ [], ['Off'] ], "$how: and none");
	$browser->ask({ run => "document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'c', bubbles: true }))" });
	is_deeply(tracks_at(5)->{pressed}, ["\x{420}\x{443}\x{441}\x{441}\x{43a}\x{438}\x{439}"], "$how: the key brings back the one before");
	is($browser->ask({ run => "(document.querySelectorAll('.chapters a')[2].click(), document.getElementById('video').currentTime)" })->{value}, 22,
		"$how: a chapter leads there");
	is($browser->ask({ run => "document.querySelectorAll('.chapters b, .chapters more, h1 b').length" })->{value}, 0, "$how: titles are text");
}

done_testing();
