# tests/tap/t/742_site.pl
#     Recordings of video sites by the program yt-dlp: files, playlists of segments, pages; what it may not reach, read or run;
#     that it ends when nobody wants it any more. The generic extractor of Debian's yt-dlp meets a web server of this machine.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use File::Path qw(make_path);
use JSON::PP;
use LeapChild;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

my $yt_dlp = '/usr/bin/yt-dlp';
plan skip_all => 'yt-dlp is not installed' if !-x $yt_dlp;

my $leap = LeapChild->new('site');
my $port = $leap->serve;
my $here = "http://127.0.0.1:$port";
my $id = '01990000-0000-7000-8000-00000000abcd';
my %allowed = (network => { allow => ['127.0.0.1'], proxy => '' });

system('ffmpeg', '-v', 'error', '-y', qw(-f lavfi -i testsrc2=size=320x240:rate=25:duration=8 -f lavfi -i sine=f=300:d=8
	-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 25 -c:a aac -movflags +faststart), "$leap->{served}/a.mp4") == 0 or die "ffmpeg\n";
system('ffmpeg', '-v', 'error', '-y', '-i', "$leap->{served}/a.mp4", qw(-c copy -f hls -hls_time 2 -hls_list_size 0 -hls_segment_filename), "$leap->{served}/s%d.ts", "$leap->{served}/list.m3u8") == 0 or die "ffmpeg\n";
my $bytes = slurp_file("$leap->{served}/a.mp4");

sub page { my ($name, $body) = @_; append_to_file("$leap->{served}/$name", "<!DOCTYPE html><html><head><title>A lecture</title></head><body>$body</body></html>\n"); return; }

sub to { return 'to=' . ($_[0] =~ s/([^A-Za-z0-9])/sprintf '%%%02x', ord $1/ger); }

sub site
{
	my ($url, %options) = @_;
	my $source = { type => 'site', url => $url, %{ delete $options{source} // {} } };
	return $leap->run(download => { recording => { id => $id, lane => 7, name => 'x', source => $source }, import_roots => [], config => {}, artifacts => {} },
		allow_private => 0, site_program => $yt_dlp, %allowed, %options);
}

sub fails
{
	my ($end, $class, $code, $what) = @_;
	is_deeply([ @{ $end->{failed} // {} }{qw(class code)} ], [ $class, $code ], "$what: $class, $code") or diag(explain($end->{failed} // $end->{done}));
	is_deeply([ $leap->stored ], [], "$what: nothing is left");
	unlink map { "$leap->{storage}/$_" } $leap->stored;
	return $end->{failed};
}

sub is_stored
{
	my ($end, $what, $check) = @_;
	my $source = LeapChild::artifacts($end)->{source};
	my $stored = $source && -e "$leap->{storage}/$source->{uri}" ? slurp_file("$leap->{storage}/$source->{uri}") : '';
	ok($stored ne '' && sha256_hex($stored) eq $source->{sha256}, "$what: stored, with its hash") or diag(explain($end->{failed}));
	my $seconds = $end->{done}{facts}{duration} // 0;
	ok($seconds > 7.5 && $seconds < 8.5, "$what: all of it ($seconds s)");
	unlink map { "$leap->{storage}/$_" } $leap->stored;
	return $stored;
}

# switched off, and not there
like(fails(site("$here/a.mp4", site_program => ''), 'permanent', 'site_disabled', 'a worker without the program')->{hint}, qr/--yt-dlp/, 'says what to do');
like(fails(site("$here/a.mp4", site_program => '/nowhere/yt-dlp'), 'permanent', 'site_program_missing', 'a program that is not there')->{message}, qr{/nowhere/yt-dlp}, 'says which');
is_deeply([ $leap->requests ], [], 'nobody was asked');

# what it brings
ok(is_stored(site("$here/a.mp4"), 'a file') eq $bytes, 'a file comes as it is');
is_stored(site("$here/list.m3u8"), 'a playlist of segments');
page('page.html', '<video src="a.mp4"></video>');
ok(is_stored(site("$here/page.html?type=text%2Fhtml"), 'a page with a film') eq $bytes, 'the film of a page');
ok(is_stored(site("$here/a.mp4?" . to("$here/a.mp4")), 'a redirect') eq $bytes, 'a redirect is followed');
is_stored(site("$here/a.mp4", source => { quality => '720p', format => 'any' }), 'a quality');
{
	my $end = site("$here/a.mp4", source => { format => 'mp3' });
	my ($sound) = is_stored($end, 'its sound alone');
	like($sound, qr/\A(?:ID3|\xff)/, 'as MP3');
}

# lists: a feed that the generic extractor reads, a page with several films, a single one
sub ask { my ($url, %more) = @_; my $config = { url => $url, quality => '720p', format => 'any', most => 100, %{ delete $more{config} // {} } };
	return $leap->run(sync => { type => 'SITE', most => 10, config => $config, import_roots => [], %more }, allow_private => 0, site_program => $yt_dlp, %allowed); }

append_to_file("$leap->{served}/feed.xml", join '', '<?xml version="1.0"?><rss version="2.0"><channel><title>Lectures</title><link>http://e.org/</link><description>d</description>',
	map({ "<item><title>Lecture $_ &amp; more</title><link>$here/$_.mp4</link></item>" } 1 .. 12), '<item><title>odd</title><link>ftp://e.org/a.mp4</link></item></channel></rss>');
my $feed = "$here/feed.xml?type=application%2Frss%2Bxml";
{
	my $end = ask($feed, most => 10000);
	my @items = @{ $end->{done}{facts}{items} // [] };
	is(scalar @items, 12, 'the recordings of a list') or diag(explain($end->{failed}));
	is_deeply([ @{ $items[0] // {} }{qw(display_name source_key)} ], [ 'Lecture 1 & more', "url:$here/1.mp4" ], 'by their names and addresses');
	is_deeply($items[0]{source}, { type => 'site', url => "$here/1.mp4", quality => '720p', format => 'any' }, 'with what is wished of them');
	is(scalar @{ $end->{done}{facts}{problems} // [] }, 1, 'what cannot be fetched is told');
	is(join(',', map { ref $_ ? $_->{source}{url} =~ /(\d+)\.mp4/ : $_ } $leap->parts(sub { ask($feed, most => 5, @_) })), join(',', 1 .. 12), 'in parts');
	my $few = ask($feed, config => { most => 3 })->{done}{facts};
	is(scalar @{ $few->{items} }, 3, 'no more than the source wants');
	ok($few->{truncated} && !$few->{next}, 'and that there is more is told');
	page('two.html', '<video src="a.mp4"></video><p>and</p><video src="b.mp4"></video>');
	is_deeply([ map { $_->{source}{url} } @{ ask("$here/two.html?type=text%2Fhtml")->{done}{facts}{items} // [] } ], [ "$here/a.mp4", "$here/b.mp4" ], 'the films of a page');
	is_deeply([ map { $_->{source_key} } @{ ask("$here/a.mp4")->{done}{facts}{items} // [] } ], ["url:$here/a.mp4"], 'a single one is a list, too');
	fails(ask("$here/none.xml"), 'input', 'source_missing', 'a list that is not there');
	$leap->requests;
	fails($leap->run(sync => { type => 'SITE', most => 10, config => { url => $feed } }, allow_private => 0, site_program => $yt_dlp), 'permanent', 'address_refused', 'a list on this machine');
	is_deeply([ $leap->requests ], [], 'nobody was asked');
}
{
	# what extractors that know their site tell, said by a program in its place
	my $known = "$leap->{base}/known/yt-dlp";
	make_path("$leap->{base}/known");
	append_to_file($known, <<'END');
#!/usr/bin/python3
print('{"_type": "url", "ie_key": "Youtube", "id": "dQw4w9WgXcQ", "title": "One", "url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ", "duration": 212.0}')
print('{"_type": "url", "ie_key": "YoutubeTab", "id": "UC1", "title": "Shorts", "url": "https://www.youtube.com/@c/shorts"}')
print('{"id": "77", "extractor_key": "Vimeo", "title": "Two", "url": "https://cdn.example/x.mp4?sig=1", "webpage_url": "https://vimeo.com/77", "timestamp": 1700000000}')
print('no JSON')
END
	chmod 0755, $known;
	my $facts = $leap->run(sync => { type => 'SITE', most => 10, config => { url => 'https://e.org/list' } }, allow_private => 0, site_program => $known)->{done}{facts};
	is_deeply([ map { [ @$_{qw(source_key duration start_time)}, $_->{source}{url} ] } @{ $facts->{items} } ],
		[ [ 'site:youtube:dQw4w9WgXcQ', 212, undef, 'https://www.youtube.com/watch?v=dQw4w9WgXcQ' ], [ 'site:vimeo:77', undef, 1_700_000_000, 'https://vimeo.com/77' ] ], 'known by what their site calls them, with the address that lasts');
	is(scalar @{ $facts->{problems} }, 2, 'a list in the list and a line that is none are told');
}
{
	my $end = ask("$here/a.mp4", look => 'formats');
	is_deeply([ map { [ @$_{qw(id ext)} ] } @{ $end->{done}{facts}{formats}{formats} } ], [ [ 'mp4', 'mp4' ] ], 'the formats of a video') or diag(explain($end));
	is($end->{done}{facts}{formats}{title}, 'a', 'and its title');
	unlike(encode_json($end->{done}), qr/http:/, 'no address of its files');
}

# what it is told
fails(site("$here/none.mp4"), 'input', 'source_missing', 'a file that is not there');
fails(site("$here/a.mp4?status=403"), 'permanent', 'access_denied', 'one that is not for us');
fails(site("$here/a.mp4?status=500"), 'transient', 'server_error', 'a site in trouble');
page('plain.html', 'nothing to see');
my $refused = fails(site("$here/plain.html?type=text%2Fhtml&token=hush"), 'input', 'unsupported_site', 'a page without a recording');
unlike(encode_json($refused), qr/hush/, 'no query of a URL in a message');
fails(site($_), 'permanent', 'bad_url', $_) for 'file:///etc/passwd', '--exec=id', 'ytsearch:lecture';

# where it may not go
$leap->requests;
fails(site("$here/a.mp4", network => undef), 'permanent', 'address_refused', 'an address of this machine');
fails(site("http://localhost:$port/a.mp4", network => undef), 'permanent', 'address_refused', 'a name of it');
is_deeply([ $leap->requests ], [], 'nobody was asked');
for my $inside ("http://127.0.0.2:$port/a.mp4", 'http://169.254.169.254/a.mp4', "http://[::1]:$port/a.mp4", "http://2130706434:$port/a.mp4")
{
	my $failed = fails(site("$here/a.mp4?" . to($inside)), 'permanent', 'address_refused', "a redirect to $inside");
	like($failed->{message}, qr/(?:loopback|link-local|port)/, 'says why');
}
append_to_file("$leap->{served}/inside.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://169.254.169.254/s0.ts\n#EXT-X-ENDLIST\n");
fails(site("$here/inside.m3u8"), 'permanent', 'address_refused', 'a playlist that names the inside');
append_to_file("$leap->{served}/file.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n");
isnt(site("$here/file.m3u8")->{failed}{code}, undef, 'a playlist that names a file of this machine brings nothing');
unlink map { "$leap->{storage}/$_" } $leap->stored;

# what it may not read or run: a program in its place tells what it sees and can do
my $spy = "$leap->{base}/spy/yt-dlp";
make_path("$leap->{base}/spy", "$leap->{base}/home/.config/yt-dlp");
append_to_file("$leap->{base}/home/.config/yt-dlp/config", "--exec 'touch $leap->{base}/run'\n");
append_to_file("$leap->{base}/secret", 'planted');
append_to_file($spy, <<"END");
#!/usr/bin/python3
import os, socket, sys
print('ERROR: spy', file=sys.stderr, end='')
def tell(*words): print('', *words, file=sys.stderr, end='')
tell('arguments', ' '.join(a for a in sys.argv[1:] if 'leap:' in a) or 'clean')
tell('environment', ','.join(sorted(k for k in os.environ)))
for what, mode in ('$leap->{base}/secret', 'r'), ('/etc/passwd', 'r'), ('$leap->{base}/made', 'w'):
    try:
        open(what, mode).close()
        tell('could', os.path.basename(what))
    except OSError: pass
s = socket.socket()
s.settimeout(5)
try:
    s.connect(('127.0.0.1', $port))
    tell('connected')
except OSError: pass
tell('home', 'own' if os.environ['HOME'] == os.getcwd() else 'other', 'group', 'own' if os.getpgrp() == os.getpid() else 'other')
sys.exit(1)
END
chmod 0755, $spy;
{
	local $ENV{HOME} = "$leap->{base}/home";
	is_stored(site("$here/a.mp4"), 'with a configuration in the home folder');
	ok(!-e "$leap->{base}/run", 'which is not read');
	my $said = fails(site("$here/a.mp4", site_program => $spy), 'transient', 'site_failed', 'a program that looks around')->{message};
	like($said, qr/arguments clean/, 'the proxy and its secret are in no argument');
	like($said, qr/environment HOME,LANG,PATH,PYTHONDONTWRITEBYTECODE,PYTHONNOUSERSITE,TMPDIR,YTDLP_NO_PLUGINS,http_proxy,https_proxy /, 'it has these variables') or diag($said);
	like($said, qr/home own group own/, 'a home and a process group of its own');
  SKIP:
	{
		my ($version) = $said ? landlock() : 0;
		skip 'this kernel has no Landlock', 1 if $version < 1;
		unlike($said, qr/could/, 'it can neither read nor write elsewhere');
		skip 'this kernel cannot limit TCP', 1 if $version < 4;
		unlike($said, qr/connected/, 'it cannot go round the proxy');
	}
}

sub stat_of { open my $in, '<', "/proc/$_[0]/stat" or return ''; return <$in> // ''; }

sub landlock { my $v = syscall 444, 0, 0, 1; return $v > 0 ? $v : 0; }

# nobody may use the proxy who has not its secret; and what nobody wants any more ends
{
	my ($proxy, $pid);
	my $begun = 0;
	my @seen;
	my $end = site("$here/a.mp4?pace=2000", on_line => sub {
		my ($line, $child) = @_;
		return if $begun++ < 2;
		if (!@seen)
		{
			@seen = grep { $_ } map { my $p = $_; ((stat_of($p) =~ /^\d+ \(.*\) \S (\d+)/s)[0] // 0) == $child ? $p : () } grep { -r "/proc/$_/stat" } map { m{(\d+)$} } glob '/proc/[0-9]*';
			my %ports = map { $_ => 1 } qx(ss -Hltnp 2>/dev/null) =~ /127\.0\.0\.1:(\d+)\s.*pid=(?:@{[ join '|', @seen ]}),/g;
			($proxy) = keys %ports;
			if ($proxy)
			{
				my $answer = qx(curl -s -o /dev/null -w '%{http_code}' -x http://127.0.0.1:$proxy $here/a.mp4);
				is($answer, '407', 'the proxy serves nobody without its secret');
			}
			kill 'KILL', $child;
		}
	});
	ok(@seen >= 2, 'a program and a proxy ran');
	my $alive = 1;
	for (1 .. 100) { $alive = grep { stat_of($_) =~ /\) [^Z]/ } @seen; last if !$alive; sleep 0.1; }
	is($alive, 0, 'they die with who started them');
}
done_testing();
