# tests/tap/t/421_library_publish.pl
#     Publishing into the library: complete, for all to read, in one step, at the same place
#     again, and with hostile titles and transcripts that stay text.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use File::Basename qw(basename);
use JSON::PP;
use LeapChild;
use PostgreSQL::Test::Utils;
use Test::More;

my $leap = LeapChild->new('library_publish');
my $id = '01990000-0000-7000-8000-0123456789ab';
my $hostile = qq{</title></script><script>hacked=1</script><img src=x onerror=hacked=2>" onload="hacked=3 {{data}} \x{202e}};
my $lane = "$leap->{library}/000007";

sub artifact
{
	my ($kind, $extension, $bytes, %metadata) = @_;
	my $uri = "users/000007/$id/$kind-" . substr(sha256_hex($kind . $bytes), 0, 16) . ".$extension";

	system('mkdir', '-p', "$leap->{storage}/users/000007/$id");
	open my $out, '>:raw', "$leap->{storage}/$uri" or die "$uri: $!\n";
	print $out $bytes;
	close $out;
	return ($kind => { kind => $kind, uri => $uri, bytes => length($bytes) . '', sha256 => sha256_hex($bytes),
			media_type => 'x/y', metadata => \%metadata });
}

sub input
{
	my ($title, $video, %more) = @_;
	return {
		recording => { id => $id, lane => 7, name => $title, created_at => '2026-11-21T05:00:00+00:00', final_duration => 200 },
		target => { type => 'LIBRARY', meta => {}, config => {} },
		artifacts => {
			artifact(video => 'mp4', $video, container => 'mp4', duration => 200),
			artifact(poster => 'jpg', 'picture'),
			artifact(srt => 'srt', "1\r\n00:00:01,000 --> 00:00:02,000\r\nhello\r\n\r\n"),
			artifact(vtt => 'vtt', "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nhello </script>\n\n"),
			artifact(chapters => 'vtt', "WEBVTT\n\n00:00:00.000 --> 00:01:00.000\nOne\n\n"),
			artifact(text => 'txt', "hello\n"),
			artifact(transcript => 'json', encode_json({ version => 1, language => 'en"><script>hacked=4</script>',
				segments => [ map { { id => $_, start => $_ * 10.5, end => $_ * 10.5 + 8, text => "sentence $_ $title" } } 0 .. 9 ] })),
			artifact(topics => 'json', encode_json({ version => 1, summary => "About $title", main_topics => [$title],
				topics => [ { title => "First $title", start => 0, end => 60 }, { title => 'Second', start => 60, end => 200 } ] })),
		},
		%more };
}

sub publish
{
	my ($title, $video, %options) = @_;
	return $leap->run(upload => input($title, $video, %{ $options{input} // {} }), %options);
}

sub lessons { return grep { -d } glob "$lane/*"; }
sub hidden { return grep { !m{/\.(lock|\.?)$} } glob "$lane/.*"; }

# complete
my $end = publish($hostile, 'the video');
ok($end->{done}, 'published') or diag(explain($end));
my ($folder) = lessons();
is(basename($folder), '2026-11-21-title-script-script-hacked-1-script-img-src-x-onerror-hacked-2-0123456789ab',
	'the folder is named by day, letters of the title, end of the id');
is_deeply([ map { basename($_) } sort glob "$folder/*" ],
	[ sort qw(video.mp4 poster.jpg subtitles.srt subtitles.vtt chapters.vtt transcript.txt transcript.json metadata.json
		index.html lesson.css lesson.js) ], 'all files are there');
is($end->{done}{target}{remote_id}, '000007/' . basename($folder), 'the target names the folder');
is($end->{done}{target}{url}, "file://$folder/index.html", 'and the address');
is($end->{confirms}, 1, 'the lease was confirmed once');
is(scalar(grep { ((stat)[2] & 0444) != 0444 } glob "$folder/*"), 0, 'every file is for all to read');
is((stat "$folder/video.mp4")[3], 2, 'the video is a hard link');
my $metadata = decode_json(slurp_file("$folder/metadata.json"));
is($metadata->{title}, $hostile, 'metadata: the title as it is');
is_deeply([ grep { sha256_hex(slurp_file("$folder/$_->{name}")) ne $_->{sha256} } @{ $metadata->{files} } ], [], 'metadata: files and their hashes');

# hostile text stays text
my $page = slurp_file("$folder/index.html");
my ($data) = $page =~ m{<script type="application/json" id="lesson">(.*?)</script>}s;
(my $rest = $page) =~ s{<script type="application/json" id="lesson">.*?</script>}{}s;
is_deeply([ $rest =~ /<script[^>]*>/g ], ['<script src="lesson.js" defer>'], 'one script, from a file');
unlike($rest, qr/<style|\sstyle=|\son\w+\s*=\s*["']|<img/, 'no inline style, no handlers, no images');
like($page, qr/Content-Security-Policy" content="default-src 'none'; script-src 'self';/, 'a policy that allows only its own files');
unlike($data, qr/[<>&]/, 'nothing in the data can end it');
like(decode_json($data)->{tracks}[0]{cues}, qr{hello </script>}, 'and it is the same text');
my $list = slurp_file("$lane/index.html");
unlike($list, qr/<script|<img src=x/, 'the list of lessons as well');
like($list, qr{href="\Q@{[basename($folder)]}\E/index.html"}, 'and links to the lesson');

SKIP:
{
	skip 'no chromium', 2 if system('command -v chromium >/dev/null 2>&1') != 0;
	my $profile = "$leap->{base}/chromium";
	my $dom = qx(timeout 60 env HOME=$profile chromium --headless --no-sandbox --disable-dev-shm-usage --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync --user-data-dir=$profile --virtual-time-budget=4000 --dump-dom 'file://$folder/index.html' 2>$leap->{base}/chromium.log);
	like($dom, qr/<body class="live">/, 'the script of the page runs from a file');
	unlike($dom, qr/<img src="?x/, 'the title made no element');
}

# what people wrote: the title in place of the name, and a description in paragraphs
$end = publish('The name', 'the video', input => { target => { type => 'LIBRARY', meta => {}, config => {},
	publication => { title => "$hostile 2", description => "About $hostile\nin two lines\n\nand a paragraph", tags => ['a <b>'], fallbacks => [] } } });
ok($end->{done}, 'published with a title of its own');
$page = slurp_file("$folder/index.html");
$metadata = decode_json(slurp_file("$folder/metadata.json"));
is_deeply([ @{$metadata}{qw(title description tags)} ], [ "$hostile 2", "About $hostile\nin two lines\n\nand a paragraph", ['a <b>'] ], 'metadata tells both');
like($page, qr{<h1 dir="auto">&lt;/title&gt;.* 2</h1>}, 'the page shows the title');
like($page, qr{<section class="description">\n<p dir="auto">About &lt;/title&gt;[^<]*\nin two lines</p>\n<p dir="auto">and a paragraph</p>\n</section>}, 'and the description');
($rest = $page) =~ s{<script type="application/json" id="lesson">.*?</script>}{}s;
is_deeply([ $rest =~ /<script[^>]*>/g ], ['<script src="lesson.js" defer>'], 'as text and nothing else');
unlike(slurp_file("$lane/index.html"), qr/<script|<img src=x/, 'in the list as well');
publish('The name', 'the video', input => { target => { type => 'LIBRARY', meta => {}, config => {},
	publication => { title => 'The name', description => 'Uploaded on 2026-11-21', fallbacks => ['description'] } } });
unlike(slurp_file("$folder/index.html"), qr/class="description"/, 'a description that only stands in for one is not shown');

# again
my $old = (stat $folder)[1];
$end = publish('Another title', 'another video');
is_deeply([ lessons() ], [$folder], 'published again: at the same place, whatever the title');
isnt((stat $folder)[1], $old, 'as a whole');
is(slurp_file("$folder/video.mp4"), 'another video', 'with the new video');
unlike(slurp_file("$folder/index.html"), qr/hacked=1/, 'and the new title');
is_deeply([ hidden() ], [], 'nothing hidden is left');

# the lease is gone
$end = publish('Stale', 'stale video', confirm => 0);
is($end->{failed}{class}, 'lost', 'without the lease nothing is published');
is(slurp_file("$folder/video.mp4"), 'another video', 'what was published stays');
is_deeply([ hidden() ], [], 'and what was built is gone');

# killed between the question and the answer
publish('Killed', 'killed video', on_line => sub { kill 'KILL', $_[1] if exists $_[0]{confirm} });
is(slurp_file("$folder/video.mp4"), 'another video', 'a child that is killed shows nothing');
is(scalar(my @left = hidden()), 1, 'what it built is left in hiding');
utime 1, 1, $left[0];
publish('Last', 'last video');
is_deeply([ hidden() ], [], 'and removed a day later');
is(slurp_file("$folder/video.mp4"), 'last video', 'by the next one');

# readers and writers at the same time
{
	my $writer = fork // die "fork: $!\n";
	if ($writer == 0)
	{
		publish($_ % 2 ? 'Odd' : 'Even', $_ % 2 ? 'odd' : 'even') for 1 .. 6;
		POSIX::_exit(0);
	}
	my ($looks, $wrong) = (0, 0);
	while (waitpid($writer, POSIX::WNOHANG()) == 0)
	{
		opendir my $open, $folder or do { $wrong++; next };
		my $seen = "/proc/$$/fd/" . POSIX::dup(fileno $open);
		my $title = -e "$seen/metadata.json" && eval { decode_json(slurp_file("$seen/metadata.json"))->{title} };
		my $video = -e "$seen/video.mp4" && eval { slurp_file("$seen/video.mp4") };
		my ($number) = $seen =~ /(\d+)$/;
		POSIX::close($number);
		$looks++;
		$wrong++ if $title && $video && lc($title) ne $video && $title ne 'Last';
	}
	is($wrong, 0, "a reader sees one lesson or the other, never parts of both ($looks looks)");
	cmp_ok($looks, '>', 20, 'and sees one at every moment');
}

# in other languages, and what is no language
my $many = input('Many languages', 'spoken video');
$many->{recording}{id} = '01990000-0000-7000-8000-ffff00000002';
$many->{artifacts} = { %{ $many->{artifacts} }, map { my $language = $_;
	map { artifact("$_:$language", $_, "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n$language & <b>\n") } qw(srt vtt) } 'ru', 'pt-BR', 'x"><script>' };
$many->{artifacts}{transcript} = { artifact(transcript => 'json', encode_json({ version => 1, language => 'en', segments => [] })) }->{transcript};
ok($leap->run(upload => $many)->{done}, 'a lesson in several languages');
my ($spoken) = grep { /ffff00000002$/ } lessons();
is_deeply([ map { basename($_) } sort glob "$spoken/subtitles.*" ],
	[ sort map { ("subtitles$_.srt", "subtitles$_.vtt") } '', '.ru', '.pt-BR' ], 'a file for each, none for what is no language');
$page = slurp_file("$spoken/index.html");
is_deeply([ sort $page =~ /<track kind="subtitles" ([^>]*)>/g ], [
	'src="subtitles.pt-BR.vtt" label="Português (BR)" srclang="pt-BR"',
	'src="subtitles.ru.vtt" label="Русский" srclang="ru"',
	'src="subtitles.vtt" label="English" srclang="en" default' ], 'a track for each, that of the lesson is shown');
like($page, qr{<a href="subtitles\.ru\.srt" download>Русский \(SRT\)</a>}, 'and all can be downloaded');

# the words are not to be published
$many->{recording}{facts} = { quality => { withheld => JSON::PP::true } };
ok($leap->run(upload => $many)->{done}, 'a lesson whose text is withheld');
is_deeply([ map { basename($_) } sort glob "$spoken/*" ], [ sort qw(video.mp4 poster.jpg metadata.json index.html lesson.css lesson.js) ],
	'has no file with words');
unlike(slurp_file("$spoken/index.html"), qr/<track|<section|class="chapters"|recognised/, 'and none on its page');

# refusals
$end = $leap->run(upload => { %{ input('x', 'y') }, target => { type => 'NOWHERE' } });
is($end->{failed}{code}, 'unknown_platform', 'a platform nobody knows');
my $bare = input('x', 'y');
delete $bare->{artifacts}{video};
is($leap->run(upload => $bare)->{failed}{code}, 'artifact_missing', 'a lesson without video');
my $lost = input('x', 'never stored');
unlink "$leap->{storage}/$lost->{artifacts}{video}{uri}";
is($leap->run(upload => $lost)->{failed}{code}, 'file_missing', 'a video that is not in the storage');
$end = publish('x', 'y', input => { target => { type => 'LIBRARY', config => { url_prefix => 'https://lessons.example/all' } } });
is($end->{done}{target}{url}, 'https://lessons.example/all/000007/' . basename($folder) . '/', 'an address below the prefix');
$end = publish('x', 'y', library_url => 'https://leap.example/library/');
is($end->{done}{target}{url}, 'https://leap.example/library/000007/' . basename($folder) . '/', 'or where the library is served');

# only what is needed: no speech, no topics
my $silent = input('Silent', 'silent video');
delete @{ $silent->{artifacts} }{qw(srt vtt chapters text transcript topics)};
$silent->{recording}{id} = '01990000-0000-7000-8000-ffff00000001';
ok($leap->run(upload => $silent)->{done}, 'a lesson without speech');
my ($quiet) = grep { /ffff00000001$/ } lessons();
unlike(slurp_file("$quiet/index.html"), qr/<track|<section|class="chapters"/, 'its page has nothing empty');
is(scalar(() = slurp_file("$lane/index.html") =~ /<li>/g), 3, 'the list has all lessons');

done_testing();
