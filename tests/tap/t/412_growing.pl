# tests/tap/t/412_growing.pl
#     Recordings that are looked at while they are fetched: what is found is what is found in
#     the finished file, to the byte, whatever the container and the server; and the file is
#     read once.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use JSON::PP;
use LeapChild;
use MediaProgram qw(run_media run_ffmpeg);
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $leap = LeapChild->new('growing');
my $port = $leap->serve;
my $served = $leap->{served};
my $json = JSON::PP->new->canonical;

# Half a minute of noisy pictures and a voice: about 9 MB, of which the index at the end is far
# from the beginning.
my $voice = "0.3*(sin(754*t)+sin(1508*t)/2+sin(5280*t)/4)*lt(mod(t,0.23),0.15)*between(t,8,22)";
run_ffmpeg(qw(-f lavfi -i testsrc2=s=320x180:r=25 -f lavfi -i), "aevalsrc='$voice+0.002*random(0)':s=48000",
	qw(-vf noise=alls=25:allf=t -t 30 -c:v libx264 -preset ultrafast -b:v 2M -g 50 -pix_fmt yuv420p -c:a aac -b:a 128k), "$served/front.mkv");
my @copy = (-i => "$served/front.mkv", qw(-c copy -map_metadata -1));
run_ffmpeg(@copy, qw(-movflags +faststart), "$served/front.mp4");
run_ffmpeg(@copy, "$served/end.mp4");
run_ffmpeg(@copy, qw(-movflags frag_keyframe+empty_moov), "$served/fragmented.mp4");
run_ffmpeg(@copy, "$served/stream.ts");
run_ffmpeg(qw(-i), "$served/front.mkv", qw(-vn -c:a libmp3lame -b:a 320k), "$served/sound.mp3");
run_ffmpeg(qw(-i), "$served/front.mkv", qw(-t 15 -s 160x90 -c:v libvpx -deadline realtime -cpu-used 8 -b:v 1M -c:a libopus), "$served/web.webm");
my @all = qw(front.mp4 end.mp4 front.mkv fragmented.mp4 stream.ts sound.mp3 web.webm);
truncate_copy('end.mp4', 'cut.mp4', 0.7);
truncate_copy('fragmented.mp4', 'cut_fragmented.mp4', 0.7);
truncate_copy('front.mp4', 'cut_front.mp4', 0.7);

sub truncate_copy
{
	my ($from, $to, $share) = @_;
	my $bytes = slurp_file("$served/$from");
	append_to_file("$served/$to", substr $bytes, 0, int($share * length $bytes));
}

# The files in the storage that a result names, by kind.
sub files
{
	my ($end) = @_;
	my $artifacts = LeapChild::artifacts($end);
	return { map { $_ => slurp_file("$leap->{storage}/$artifacts->{$_}{uri}") } keys %$artifacts };
}

sub forget { unlink map { "$leap->{storage}/$_" } $leap->stored; }

sub download
{
	my ($file, $query, %options) = @_;
	my $source = { type => 'url', url => "http://127.0.0.1:$port/$file?$query" };
	$leap->requests;
	return $leap->run(download => {
		recording => { id => '01990000-0000-7000-8000-00000000abcd', lane => 7, name => 'x', source => $source },
		import_roots => [], config => {}, artifacts => {}, %{ $options{input} // {} } }, %options);
}

# What leap-media finds in the finished file: {analysis => ..., envelope => bytes ...}.
my %known;

sub known
{
	my ($file) = @_;
	$known{$file} //= do {
		my %out = map { $_ => "$leap->{base}/$_.known" } qw(envelope audio poster miniature waveform);
		my ($status, $analysis) = run_media('analyse', { input => "$served/$file", %out });
		is($status, 0, "$file: the finished file is analysed");
		+{ analysis => $analysis, map { $_ => slurp_file($out{$_}) } keys %out };
	};
	return $known{$file};
}

sub without_counts
{
	my %analysis = %{ $_[0] };
	delete $analysis{bytes_read};
	return $json->encode(\%analysis);
}

# It ended well, with the whole file and the same findings.
sub is_same
{
	my ($end, $file, $what) = @_;
	my $known = known($file);
	my $got = $end->{done} ? files($end) : {};

	ok($end->{done}, "$what: downloaded") or diag(explain($end->{failed}));
	my $source = LeapChild::artifacts($end)->{source} // {};
	ok(($got->{source} // '') eq slurp_file("$served/$file"), "$what: the whole file");
	is($source->{sha256}, sha256_hex($got->{source} // ''), "$what: and its hash");
	my $analysis = eval { decode_json($got->{analysis}) } // {};
	is(without_counts($analysis), without_counts($known->{analysis}), "$what: the same analysis");
	is_deeply([ grep { ($got->{$_} // '') ne $known->{$_} } grep { $_ ne 'analysis' && exists $got->{$_} } sort keys %$known ], [],
		"$what: the same envelope, sound, picture and waveform");
	forget();
	return $analysis;
}

# --- every container, while the last bytes are still held back: nearly all has been read by then
for my $file (@all)
{
	my $size = -s "$served/$file";
	my $held = int($size * 0.2);
	unlink "$served/release";
	my $watcher = watch_reading(0.85 * ($size - $held));
	my $end = download($file, "hold=$held&fast=1");
	waitpid $watcher, 0;
	is($? >> 8, 0, "$file: read before its last bytes came");
	my $analysis = is_same($end, $file, $file);
	# libav reads the beginning of a transport stream twice, to know what is in it
	cmp_ok($analysis->{bytes_read}, '<', ($file =~ /ts$/ ? 1.25 : 1.06) * $size, "$file: read once");
	my @requests = $leap->requests;
	ok((grep { defined $_->{headers}{range} } @requests) > 0, "$file: its end is asked for first") if $file eq 'end.mp4';
	is(scalar @requests, 1, "$file: with one request") if $file =~ /front.mp4|fragmented/;
}

# The leap-media of these tests that look at something, below /proc.
sub analysers
{
	return grep {
		my $process = $_;
		(readlink("$process/exe") // '') eq $leap->{media_program}
		  && grep { (readlink($_) // '') =~ m{^\Q$leap->{storage}\E/} } glob "$process/fd/*"
	} glob '/proc/[0-9]*';
}

# Releases the held bytes when leap-media has read so many; status 1 when it does not.
sub watch_reading
{
	my ($bytes) = @_;
	my $pid = fork // die "fork: $!\n";
	return $pid if $pid;
	my $read = 0;
	for (my $until = time + 60; time < $until && $read < $bytes; sleep 0.05)
	{
		for my $process (analysers())
		{
			open my $io, '<', "$process/io" or next;
			($read) = join('', <$io>) =~ /rchar: (\d+)/;
		}
	}
	append_to_file("$served/release", '');
	POSIX::_exit($read >= $bytes ? 0 : 1);
}
unlink "$served/release";

# --- servers: what comes later or otherwise is found all the same
my @servers = (
	[ 'a server without ranges', 'range=off&pace=8000000', qw(end.mp4 fragmented.mp4) ],
	[ 'another range than asked for', 'range=bad&pace=8000000', 'end.mp4' ],
	[ 'no length', 'length=none', 'end.mp4' ],
	[ 'chunks', 'chunked=1', qw(end.mp4 stream.ts) ],
	[ 'no validator', 'etag=none&pace=8000000', 'end.mp4' ],
	[ 'a connection that breaks', 'cut=4000000&times=1&pace=20000000', qw(end.mp4 stream.ts) ],
	[ 'a connection that breaks, no validator', 'cut=4000000&times=1&pace=20000000&etag=none', 'fragmented.mp4' ],
	[ 'an end that lies', 'tail=lie&pace=8000000&etag=none', 'end.mp4' ],
	[ 'a length that is too small', 'claim=5000000', qw(front.mp4 end.mp4) ],
	[ 'a length that is too large', 'claim=70000000', qw(end.mp4 stream.ts) ],
);
for my $server (@servers)
{
	my ($what, $query, @files) = @$server;
	is_same(download($_, $query), $_, "$what, $_") for @files;
}

# --- a file that is another one from the second request on: the new one is judged, whole
my $changed = download('end.mp4', 'change=1&cut=4000000&times=1&pace=20000000');
is(($changed->{failed} // {})->{code}, 'not_media', 'a file that changes: the new one is judged');
is_deeply([ $leap->stored ], [], 'and nothing is left');

# --- the next attempt goes on, and looks from the beginning
my $broken = download('end.mp4', 'cut=1000000&pace=20000000');
is($broken->{failed}{class}, 'transient', 'a server that breaks every time');
my $checkpoint = { %{ $broken->{checkpoints}[-1] }, url => "http://127.0.0.1:$port/end.mp4?etag=strong" };
is_same(download('end.mp4', 'etag=strong', attempt => 2, input => { checkpoint => $checkpoint }), 'end.mp4', 'the attempt after it');
is(($leap->requests)[0]{headers}{range}, "bytes=$checkpoint->{offset}-", 'asks for the rest only');

# --- a recording that is not complete
my $short = int(0.6 * -s "$served/front.mp4");
my $continued = download('front.mp4', "short=$short");
is_same($continued, 'front.mp4', 'a file that was still being written there');
my @asked = $leap->requests;
is(scalar @asked, 2, 'is asked for once more');
like($asked[1]{headers}{range}, qr/^bytes=\d+-$/, 'from its last good byte on');
for my $file (qw(cut.mp4 cut_front.mp4 cut_fragmented.mp4))
{
	my $size = -s "$served/$file";
	my $end = download($file, '');
	is_deeply([ @{ $end->{failed} // {} }{qw(class code)} ], [qw(input truncated)], "$file: truncated") or diag(explain($end));
	like($end->{failed}{message}, qr/the source itself ends at byte $size/, "$file: and there is no more");
	like($end->{failed}{message}, qr/missing|beyond|ends before/, "$file: because");
	is(scalar(grep { !defined $_->{headers}{range} } $leap->requests), 1, "$file: nothing is fetched twice");
	is_deeply([ $leap->stored ], [], "$file: and nothing is left");
}

# --- what is no recording ends the download early; an analyser that dies does not
append_to_file("$served/text.mp4", "no recording\n" x 1_000_000);
my $refused = download('text.mp4', 'pace=1000000');
is($refused->{failed}{code}, 'not_media', 'what is no recording is refused');
is_deeply([ $leap->stored ], [], 'before all of it came, and nothing is left');
my $killed = download('end.mp4', 'pace=4000000', on_line => sub {
	my ($line, $pid) = @_;
	return if ($line->{progress} // 0) < 0.3;
	kill 'KILL', grep { (readlink("/proc/$_/exe") // '') eq $leap->{media_program} } split ' ', qx(pgrep -P $pid);
});
is($killed->{failed}{code}, 'media_died', 'an analyser that is killed costs the attempt');
is($killed->{checkpoints}[-1]{offset}, -s "$served/end.mp4", 'not the download');
forget();

# --- one that hangs is told no more than its socket takes, and has its time when all is there
{
	append_to_file("$leap->{base}/deaf", "#!/bin/sh\nexec sleep 300\n");
	chmod 0755, "$leap->{base}/deaf";
	append_to_file("$served/large.mp4", '');
	truncate "$served/large.mp4", 200 << 20;
	local $leap->{media_program} = "$leap->{base}/deaf";
	my $deaf = download('large.mp4', '', media_seconds => 2);
	is($deaf->{failed}{code}, 'media_died', 'an analyser that hangs costs the attempt');
	like($deaf->{failed}{message}, qr/longer than 2 seconds while analysing/, 'when its time is over');
	is($deaf->{checkpoints}[-1]{offset}, 200 << 20, 'not the download');
	forget();
	unlink "$served/large.mp4";
}

# --- cancel while the analyser waits for bytes
my $began;
my $stopped = download('end.mp4', 'hold=4000000', on_line => sub {
	my ($line, $pid) = @_;
	return if $began || ($line->{progress} // 0) < 0.1;
	$began = time;
	kill 'TERM', $pid;
});
is($stopped->{failed}{class}, 'lost', 'a cancelled download stops');
cmp_ok(time - $began, '<', 10, 'soon, on a busy machine too');
forget();
is_deeply([ analysers() ], [], 'and no analyser is left');

done_testing();
