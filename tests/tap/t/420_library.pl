# tests/tap/t/420_library.pl
#     The published lesson: hostile titles and words stay text everywhere, publishing again
#     replaces the lesson as a whole, a library that cannot be written is said clearly, and
#     the page works in a browser.
use strict;
use warnings;

use File::Temp qw(tempdir);
use JSON::PP;
use LeapNode;
use PostgreSQL::Test::Utils;
use Test::More;

my $leap = LeapNode->new('library');
my $film = "$leap->{base}/film.mp4";
my $hostile = q{</script><script>alert(1)</script> "quoted" 'single' & {{data}} --> ../../etc } . "\x{202e}\x{5d0}\x{5d1} \x{1f393} " . 'long ' x 80;

# Titles are cut by the database after 500 characters.
$hostile = substr $hostile . 'x' x 500, 0, 500;

system(qw(ffmpeg -v error -y -f lavfi -i testsrc2=size=320x180:rate=5:duration=60 -f lavfi -i sine=f=300:d=60),
	qw(-c:v libx264 -pix_fmt yuv420p -g 25 -c:a aac -movflags +faststart), $film) == 0 or die "ffmpeg\n";

# leap-media that hears markup
my $media = $leap->fake_media;
my $program = slurp_file($media);
my $said = '<b onclick=x>&amp; </script> --> volcano%d';
$program =~ s/"word":"word%d"/"word":"<i>%d&lt;"/ or die "the fake leap-media has changed\n";
$program =~ s/word%d about volcano and tide/$said/ or die "the fake leap-media has changed\n";
spew($media, $program);

my @options = (slots => 2, 'media-program' => $media);
$leap->worker(@options);

sub spew
{
	my ($path, $text) = @_;
	open my $out, '>:utf8', $path or die "$path: $!\n";
	print $out $text;
	close $out or die "$path: $!\n";
}

sub slurp
{
	my ($path) = @_;
	open my $in, '<:encoding(UTF-8)', $path or die "$path: $!\n";
	local $/ = undef;
	return scalar readline $in;
}

sub detail
{
	my ($id) = @_;
	my $text = $leap->sql("SELECT leap.recording_detail('$id')");
	return decode_json($text);
}

# A recording of this name; its id.
sub add
{
	my ($name, $user) = @_;
	my $file = "$leap->{inbox}/film.mp4";

	utf8::encode(my $bytes = $name);
	link $film, $file if !-e $file;
	my $id = $leap->sql('SELECT leap.add_recording(' . (defined $user ? "'$user'" : 'NULL')
		  . ", jsonb_build_object('type', 'file', 'path', '$file'), \$leap\$$bytes\$leap\$)");
	$leap->sql("SELECT leap.run_recording('$id')");
	return $id;
}

sub folder_of
{
	my ($id) = @_;
	return "$leap->{library}/" . $leap->sql("SELECT remote_id FROM leap.output_targets WHERE recording_id = '$id'");
}

sub hidden_folders { return glob "$leap->{library}/*/.new-*"; }

# Nothing from outside has become part of the page.
sub is_harmless
{
	my ($page, $scripts, $what) = @_;
	my @tags = $page =~ /<(script\b[^>]*)>/g;

	is_deeply(\@tags, $scripts, "$what: no scripts but its own");
	unlike($page, qr/<b\b|<i\b|<[^>]*\son\w+=|<style\b|<[^>]*\sstyle=/, "$what: no markup from outside, nothing inline");
	like($page, qr/<meta http-equiv="Content-Security-Policy" content="default-src 'none';/, "$what: a strict policy");
	unlike($page, qr/unsafe|data:|https?:/, "$what: that opens nothing");
	like($page, qr/&lt;script&gt;alert\(1\)&lt;\/script&gt; &quot;quoted&quot; &#39;single&#39; &amp; \{\{data\}\} --&gt;/,
		"$what: the title is text");
}

# --- hostile text
my $id = add($hostile);
is($leap->wait_for_end($id), 'finished', 'a hostile title: published');
my $folder = folder_of($id);
my ($name) = $folder =~ m{([^/]+)$};
my $page = slurp("$folder/index.html");
my $metadata = decode_json(slurp_file("$folder/metadata.json"));

like($name, qr/^\d{4}-\d\d-\d\d-[a-z0-9]+(?:-[a-z0-9]+)*-[0-9a-f]{12}$/, 'the folder has a harmless name');
cmp_ok(length $name, '<', 100, 'of moderate length');
my @own = ('script src="lesson.js" defer', 'script type="application/json" id="lesson"');
is_harmless($page, \@own, 'the lesson');
is_harmless(slurp("$leap->{library}/000001/index.html"), [], 'the list');
is($metadata->{title}, $hostile, 'metadata.json says what the title is');
my ($data) = $page =~ m{<script type="application/json" id="lesson">(.*?)</script>}s;
my $subtitles = slurp_file("$folder/subtitles.vtt");
is(decode_json($data)->{tracks}[0]{cues}, $subtitles, 'the cues inside the page are those of subtitles.vtt');
my @cue_lines = grep { $_ ne '' && $_ ne 'WEBVTT' && !/^[\d:.]+ --> [\d:.]+$/ } map { split /\n/ } $subtitles, slurp_file("$folder/chapters.vtt");
cmp_ok(scalar @cue_lines, '>', 10, 'there are cues');
is_deeply([ grep { /[<>]|&(?!amp;|lt;|gt;)/ } @cue_lines ], [], 'no markup and no arrow in the text of a cue');
is((stat "$folder/index.html")[2] & 07777, 0644, 'anybody may read it');

# --- again, and a namesake
my %environment = $leap->environment;
local @ENV{ keys %environment } = values %environment;
my $inode = (stat $folder)[1];
$leap->node->command_ok([ $leap->program, 'run', $id, '--force' ], 'published again');
is($leap->wait_for_end($id), 'finished', 'again: finished');
is(folder_of($id), $folder, 'again: at the same place');
isnt((stat $folder)[1], $inode, 'again: as a new folder');
$leap->is_published_once($id, 'again');

my @namesakes = map { add('The tides') } 1 .. 2;
is($leap->wait_for_end($_), 'finished', 'two lessons of one name and day: finished') for @namesakes;
isnt(folder_of($namesakes[0]), folder_of($namesakes[1]), 'each in its own folder');
$leap->is_published_once($_, 'a namesake') for @namesakes;
my $list = slurp("$leap->{library}/000001/index.html");
is(() = $list =~ /<li><a /g, 3, 'the list has three lessons');
is_deeply([ hidden_folders() ], [], 'nothing half-made is left');

# --- taken back, and published again when somebody asks
my $taken = folder_of($namesakes[1]);
$leap->node->command_like([ $leap->program, 'unpublish', $namesakes[1] ], qr/is being taken back/, 'taken back');
ok($leap->node->poll_query_until('leap', "SELECT status = 'NOT_UPLOADED' FROM leap.output_targets WHERE recording_id = '$namesakes[1]'"), '... by the worker');
is($leap->sql("SELECT status FROM leap.recordings WHERE id = '$namesakes[1]'"), 'READY', '... and nothing of it is published');
ok(!-e $taken, '... its folder is gone');
is(() = slurp("$leap->{library}/000001/index.html") =~ /<li><a /g, 2, '... and not in the list');
$leap->sql("SELECT leap.upload_recording('$namesakes[1]')");
is($leap->wait_for_end($namesakes[1]), 'finished', 'asked for again');
$leap->is_published_once($namesakes[1], 'once more');


# --- a library that does not take it
sub fails_to_publish
{
	my ($what, $failed, $message) = @_;

	is($leap->wait_for_end($failed), 'failed', "$what: the run ends");
	my $seen = detail($failed);
	is("$seen->{status} $seen->{failed_at_stage}", 'FAILED upload', "$what: at upload");
	like($seen->{error}{message}, $message, "$what: message");
	like($seen->{error}{hint} // '', qr/library/, "$what: hint");
	is($seen->{targets}[0]{status}, 'FAILED', "$what: nothing is said to be published");
	is_deeply([ hidden_folders() ], [], "$what: nothing half-made is left");
}

# and is taken when it is mended
sub publishes_after
{
	my ($what, $failed) = @_;

	$leap->sql("SELECT leap.retry_recording('$failed')");
	is($leap->wait_for_end($failed), 'finished', "$what: a retry publishes it");
	$leap->is_published_once($failed, $what);
}

chmod 0555, "$leap->{library}/000001" or die "chmod: $!\n";
my $locked = add('Locked out');
fails_to_publish('a read-only library', $locked, qr/Permission denied/);
is(slurp("$leap->{library}/000001/index.html"), $list, 'the list is as it was');
chmod 0755, "$leap->{library}/000001";
publishes_after('a read-only library', $locked);

$leap->sql("SELECT leap.add_user('second\@example.org')");
spew("$leap->{library}/000002", "in the way\n");
my $blocked = add('Blocked', 'second@example.org');
fails_to_publish('a file in place of the folder', $blocked, qr/000002/);
is(slurp("$leap->{library}/000002"), "in the way\n", 'and the file is left alone');
unlink "$leap->{library}/000002";
publishes_after('a file in place of the folder', $blocked);

# --- in a browser, opened as a file
sub dumped
{
	my ($page_file, @more) = @_;
	my $profile = tempdir(CLEANUP => 1);
	my @command = (qw(timeout 120 chromium --headless --no-sandbox --disable-dev-shm-usage --disable-gpu --no-first-run),
		qw(--disable-background-networking --disable-component-update --disable-sync --virtual-time-budget=8000),
		"--user-data-dir=$profile", @more, '--dump-dom', "file://$page_file");

	local @ENV{qw(HOME TMPDIR)} = ($profile) x 2;
	my $pid = open my $from, '-|' // die "fork: $!\n";
	if ($pid == 0)
	{
		open STDERR, '>', "$leap->{log}/chromium.log" or die "chromium.log: $!\n";
		exec @command or die "chromium: $!\n";
	}
	binmode $from, ':utf8';
	local $/ = undef;
	my $dom = readline $from;
	close $from;
	return $dom // '';
}

my $dom = dumped("$folder/index.html");
like($dom, qr/<h1 dir="auto">&lt;\/script&gt;&lt;script&gt;alert\(1\)/, 'in a browser the title is text');
like($dom, qr/<body class="live">/, 'its script runs under the policy');
my $topics = @{ $metadata->{topics} };
cmp_ok($topics, '>', 0, 'the lesson has chapters');
is(() = $dom =~ /<li><a href="#t=[\d.]+" data-at="[\d.]+"[^>]*><time>/g, $topics, 'all of them are listed');

# a page beside it that may look into the lesson
my $probe = "$leap->{base}/probe.html";
spew($probe, <<~HTML);
	<!DOCTYPE html><meta charset="utf-8"><iframe id="lesson" src="file://$folder/index.html"></iframe><pre id="seen"></pre>
	<script>
	document.getElementById('lesson').addEventListener('load', (event) => {
	    const lesson = event.target.contentDocument;
	    const tracks = [...lesson.getElementById('video').textTracks].map((track) =>
	        [track.kind, track.mode, track.cues.length, track.cues[0].getCueAsHTML().querySelectorAll('*').length].join(' '));
	    document.getElementById('seen').textContent = tracks.join(', ') + '; scripts ' + lesson.scripts.length;
	});
	</script>
	HTML
my $cues = () = $subtitles =~ / --> /g;
like(dumped($probe, '--allow-file-access-from-files'), qr/<pre id="seen">subtitles showing $cues 0; scripts 2</,
	'the subtitles are there as text, and no script but its own');

done_testing();
