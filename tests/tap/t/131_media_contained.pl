# tests/tap/t/131_media_contained.pl
#     A hostile file gets nothing but itself: playlists and references named .mp4 lead nowhere,
#     an index that claims millions is refused in little memory, and the kernel would not let a
#     hijacked leap-media do more. What exactly is refused: tests/unit/test_media_contain.c.
use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use IO::Socket::INET;
use lib "$FindBin::RealBin/../lib";
use HostileMedia qw(box insert_into patch_box read_bytes write_bytes with_reference with_linked_segment);
use JSON::PP;
use MediaProgram qw(run_media run_ffmpeg media_program);
use Test::More;
use Time::HiRes qw(sleep);

my $folder = tempdir('leap-hostile-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my @source = ('-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=10', '-f', 'lavfi', '-i', 'sine=440:r=16000');

run_ffmpeg(@source, qw(-t 3 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac), "$folder/honest.mp4");
run_ffmpeg(@source, qw(-t 3 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -f matroska -live 1), "$folder/honest.mkv");
my $honest = read_bytes("$folder/honest.mp4");

# Files and doors that must see nobody: one that notices when it is read, one that would make
# its reader wait for ever, and one that hears who knocks.
my $secret = "$folder/secret.mp4";
my $fifo = "$folder/fifo.mp4";
my $door = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1', Blocking => 0) or die $!;
my $port = $door->sockport;

write_bytes($secret, $honest);
system('mkfifo', $fifo) == 0 or die "mkfifo: $?";
utime 1, time, $secret;
read_bytes($secret);
my $notices = (stat $secret)[8] != 1;
utime 1, time, $secret;

sub is_untouched
{
	my ($what) = @_;
	ok(!$door->accept, "$what: nobody knocked");
	is((stat $secret)[8], 1, "$what: nothing else was read") if $notices;
}

# What names other files: the name, its text, and what the message says.
for my $row (
	['hls',    "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nTARGET\n#EXT-X-ENDLIST\n",     qr/playlist/],
	['concat', "ffconcat version 1.0\nfile TARGET\nduration 3\n",                            qr/text/],
	['sdp',    "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video $port RTP/AVP 96\na=rtpmap:96 H264/90000\n", qr/text/],
	['dash',   '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT3S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>TARGET</BaseURL></Representation></AdaptationSet></Period></MPD>', qr/text|page|XML/],
	['imf',    '<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016"><Id>urn:uuid:1</Id><Resource>TARGET</Resource></CompositionPlaylist>', qr/text|page|XML/],
	['url',    "[InternetShortcut]\nURL=TARGET\n",                                           qr/text/],
	['name',   "TARGET\n",                                                                   qr/text/],
	['metadata', ";FFMETADATA1\ntitle=TARGET\n",                                             qr/text/])
{
	my ($kind, $text, $message) = @$row;

	for my $target ($secret, $fifo, "file:$secret", "http://127.0.0.1:$port/x.ts", "tcp://127.0.0.1:$port", "concat:$secret|$fifo")
	{
		write_bytes("$folder/$kind.mp4", $text =~ s/TARGET/$target/r);
		my ($status, $got) = run_media('analyse', { input => "$folder/$kind.mp4", audio => "$folder/out.wav" });
		is("$status $got->{error}{code}", '1 not_media', "$kind to $target: refused");
		like($got->{error}{message}, $message, "$kind: says what it is");
	}
	is_untouched($kind);
}

# What is media and names other files beside: they stay closed, and nobody waits for them.
for my $target ($secret, $fifo)
{
	for my $row (['reference.mp4', with_reference($honest, $target)],
		['linked.mkv', with_linked_segment(read_bytes("$folder/honest.mkv"), $target)])
	{
		my ($name, $bytes) = @$row;

		write_bytes("$folder/$name", $bytes);
		my ($status, $got) = run_media('analyse', { input => "$folder/$name", poster => "$folder/out.jpg" });
		ok(defined $got, "$name to $target: is answered");
		is($got->{video}{codec}, 'h264', "$name: is judged by what is in it") if $status == 0;
		is_untouched("$name to $target");
	}
}

# An index that claims more than there can be.
my $many = pack 'N', 0x7fffffff;
my $tracks = insert_into($honest, 'moov', sub { $_[0] . substr($_[0], index($_[0], 'trak') - 4, unpack 'N', substr $_[0], index($_[0], 'trak') - 4, 4) x 10_000 });
my $deep = '';
$deep = box('udta', $deep) for 1 .. 20_000;
my %bombs = (
	'samples of their own size'  => patch_box($honest, 'stsz', 8, $many),
	'samples of one size'        => patch_box($honest, 'stsz', 4, pack 'N N', 1, 0x7fffffff),
	'samples of one length'      => patch_box($honest, 'stts', 4, pack 'N N N', 1, 0x7fffffff, 1),
	'descriptions'               => patch_box($honest, 'stsd', 4, $many),
	'chunks'                     => patch_box($honest, 'stco', 4, $many),
	'years'                      => patch_box($honest, 'mvhd', 12, pack 'N N', 1, 0x7fffffff),
	'seconds a unit'             => patch_box($honest, 'mdhd', 12, pack 'N N', 1, 0x7fffffff),
	'no units a second'          => patch_box($honest, 'mdhd', 12, pack 'N N', 0, 0),
	'streams'                    => $tracks,
	'boxes in boxes'             => insert_into($honest, 'moov', sub { $_[0] . $deep }),
	'boxes beside boxes'         => box('free', '') x 500_000 . $honest,
	'a box without size'         => pack('N a4 N N', 1, 'free', 0, 0) . $honest,
	'boxes that end before they begin' => box('ftyp', "isom\0\0\0\0") . pack('N a4', 7, 'moov') x 100_000);

for my $name (sort keys %bombs)
{
	write_bytes("$folder/bomb.mp4", $bombs{$name});
	for my $command ('probe', 'analyse', 'cut')
	{
		my $files = { input => "$folder/bomb.mp4", $command eq 'analyse' ? (audio => "$folder/out.wav") : (), $command eq 'cut' ? (output => "$folder/out.mp4") : () };
		my ($status, $got) = run_media($command, $files, $command eq 'cut' ? (keep => '0-3') : ());
		ok(ref $got eq 'HASH', "2^31 $name, $command: is answered");
		is($got->{error}{class}, 'input', "$name, $command: refused as a bad recording") if $status != 0;
	}
}

# Sound that would fill the disk with silence.
run_ffmpeg('-i', "$folder/honest.mp4", '-c', 'copy', '-bsf:v', "setts=ts='TS+gte(N,20)*1e5/TB'", '-bsf:a', "setts=ts='TS+gte(N,30)*1e5/TB'", "$folder/day.mp4");
{
	my ($status, $got) = run_media('analyse', { input => "$folder/day.mp4", audio => "$folder/out.wav" });
	is("$status $got->{error}{class} $got->{error}{code}", '1 input output_too_large', 'a day of silence in a small file is out of proportion');
	cmp_ok(-s "$folder/out.wav", '<', 128 << 20, 'and is not written');
}

# What a running one is held by.
sub start_transcribing
{
	pipe my $read, my $write or die $!;
	my $child = fork // die $!;
	if ($child == 0)
	{
		open STDIN, '<', "$folder/noise.wav" or die $!;
		open STDOUT, '>', '/dev/null' or die $!;
		open STDERR, '>', '/dev/null' or die $!;
		exec { media_program() } 'leap-media', qw(transcribe --audio 0 --start 0 --end 120 --language en --threads 1);
		die $!;
	}
	return $child;
}

sub status_of
{
	my ($pid, $file) = @_;
	open my $in, '<', "/proc/$pid/$file" or return '';
	local $/ = undef;
	return <$in> // '';
}

{
	run_ffmpeg('-f', 'lavfi', '-i', 'anoisesrc=r=16000:a=0.5', qw(-t 120 -ac 1 -c:a pcm_s16le -flags +bitexact -fflags +bitexact), "$folder/noise.wav");
	my $can = decode_json(qx(${\media_program()} containment));
	my $child = start_transcribing();
	my $status = '';
	for (1 .. 3000)
	{
		$status = status_of($child, 'status');
		last if $status eq '' || $status =~ /^NoNewPrivs:\s*1/m && (!$can->{seccomp} || $status =~ /^Seccomp:\s*2/m);
		sleep 0.01;
	}
	like($status, qr/^NoNewPrivs:\s*1/m, 'it can gain no privileges');
	like($status, qr/^Seccomp:\s*2/m, 'its system calls are filtered') if $can->{seccomp};
	my $limits = status_of($child, 'limits');
	like($limits, qr/^Max address space\s+2147483648 /m, 'its memory is limited');
	like($limits, qr/^Max cpu time\s+\d+ /m, 'its processor time');
	like($limits, qr/^Max file size\s+\d+ /m, 'the size of its files');
	like($limits, qr/^Max core file size\s+0 /m, 'and that of its remains');
	is(status_of($child, 'oom_score_adj') + 0, 500, 'it goes first when memory runs out');
	kill 'KILL', $child;
	waitpid $child, 0;
}

done_testing();
