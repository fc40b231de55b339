# tests/tap/t/133_media_command.pl
#     leap media, as people and scripts use it without a database: what it says about honest
#     and broken recordings, what it writes, what it refuses, and that nothing half-made stays.
use strict;
use warnings;

use Fcntl;
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use FindBin;
use IPC::Run;
use JSON::PP;
use lib "$FindBin::RealBin/../lib";
use MediaProgram qw(run_ffmpeg media_program tree_root);
use Test::More;
use Time::HiRes qw(sleep time);

my $folder = tempdir('leap-command-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $leap = ($ENV{LEAP_BUILD} // tree_root() . '/build') . '/bin/leap';
my $real = media_program();

chdir $folder or die $!;
mkdir 'out' or die $!;
$ENV{LC_ALL} = 'C.UTF-8';
$ENV{LEAP_MEDIA_PROGRAM} = $real;
# no database, and none is asked for
$ENV{PGHOST} = "$folder/nowhere";
$ENV{LEAP_CONFIG} = '/dev/null';

# 100 s of a lecture that begins at 20 s, pauses from 50 s to 70 s, and ends at 80 s.
run_ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=25', '-f', 'lavfi', '-i',
	"aevalsrc='0.3*sin(2000*t)*lt(mod(t,0.23),0.15)*(between(t,20,50)+between(t,70,80))+0.002*random(0)':s=48000",
	qw(-t 100 -c:v libx264 -preset ultrafast -g 100 -pix_fmt yuv420p -c:a aac -movflags +faststart lecture.mp4));
run_ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=25', '-f', 'lavfi', '-i', 'anullsrc=r=48000:cl=mono',
	qw(-t 20 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac silent.mp4));
run_ffmpeg(qw(-i silent.mp4 -c copy -an mute.mp4));
run_ffmpeg(qw(-i lecture.mp4 -i silent.mp4 -map 1:v -map 1:a -map 0:a -c copy -t 60 two.mp4));
run_ffmpeg(qw(-i lecture.mp4 -c copy late.mp4));
head('lecture.mp4', 'short.mp4', 0.6);
head('late.mp4', 'headless.mp4', 0.5);
copy('lecture.mp4', 'hurt.mp4');
overwrite('hurt.mp4', 0.3, "\xa7" x 9000);
write_file('nothing.wav', 'RIFF' . pack('V', 36) . 'WAVEfmt ' . pack('VvvVVvv', 16, 1, 1, 16000, 32000, 2, 16) . 'data' . pack('V', 0));
write_file('page.mp4', '<!DOCTYPE html><html><body>Please sign in</body></html>' x 40);
write_file('empty.mp4', '');

sub write_file
{
	my ($name, $bytes) = @_;
	open my $out, '>:raw', $name or die "$name: $!";
	print $out $bytes;
	close $out or die "$name: $!";
	return;
}

sub slurp
{
	my ($name) = @_;
	open my $in, '<:raw', $name or die "$name: $!";
	local $/ = undef;
	return <$in>;
}

sub head
{
	my ($from, $to, $share) = @_;
	my $bytes = slurp($from);
	return write_file($to, substr $bytes, 0, $share * length $bytes);
}

sub overwrite
{
	my ($name, $share, $bytes) = @_;
	my $whole = slurp($name);
	substr($whole, $share * length $whole, length $bytes) = $bytes;
	return write_file($name, $whole);
}

# leap media ARGUMENT...: exit status, standard output, standard error
sub media
{
	my ($out, $err) = ('', '');
	IPC::Run::run([ $leap, 'media', @_ ], '<', \undef, '>', \$out, '2>', \$err);
	return ($? >> 8, $out, $err);
}

sub says
{
	my ($what, $arguments, $status, $out, $err) = @_;
	my @got = media(@$arguments);

	is($got[0], $status, "$what: exit status $status") || diag(@got[ 1, 2 ]);
	like($got[1], $out, "$what: standard output");
	like($got[2], $err, "$what: standard error");
	return @got;
}

# A value has the shape: a word names its type, a pattern matches it, an array holds items of one
# shape, an object has exactly these members. "word?" may be null.
sub misfit
{
	my ($value, $shape, $path) = @_;
	if (ref $shape eq 'ARRAY')
	{
		return "$path is no list" if ref $value ne 'ARRAY';
		return join '', map { misfit($value->[$_], $shape->[0], "$path\[$_]") } 0 .. $#$value;
	}
	if (ref $shape eq 'HASH')
	{
		return "$path is no object" if ref $value ne 'HASH';
		my %optional = map { s/\?$//r => 1 } grep { /\?$/ } keys %$shape;
		my $bad = join '', map { "$path.$_ is unknown; " }
		  grep { !exists $shape->{$_} && !$optional{$_} } keys %$value;
		for my $name (keys %$shape)
		{
			my $plain = $name =~ s/\?$//r;
			next if $plain ne $name && !exists $value->{$plain};
			$bad .= exists $value->{$plain} ? misfit($value->{$plain}, $shape->{$name}, "$path.$plain") : "$path.$plain is missing; ";
		}
		return $bad;
	}
	return '' if $shape =~ s/\?$// && !defined $value;
	return ref $shape && $value =~ $shape ? '' : "$path is $value; " if ref $shape;
	my %types = (
		text => sub { !ref $_[0] && defined $_[0] && encode_json([ $_[0] ]) =~ /^\["/ },
		number => sub { !ref $_[0] && defined $_[0] && encode_json([ $_[0] ]) =~ /^\[-?\d/ },
		bytes => sub { ($_[0] // '') =~ /^\d+$/ && encode_json([ $_[0] ]) =~ /^\["/ },
		bool => sub { ref $_[0] eq 'JSON::PP::Boolean' },
		object => sub { ref $_[0] eq 'HASH' });
	return $types{$shape}->($value) ? '' : "$path is no $shape; ";
}

my %file = (file => 'text', container => 'text', duration => 'number', bytes => 'bytes');
my %span = (start => 'number', end => 'number');
my %video = (codec => 'text', width => 'number', height => 'number', frame_rate => 'number',
	variable_rate => 'bool', rotation => 'number');
my %track = (index => 'number', codec => 'text', sample_rate => 'number', channels => 'number', 'language?' => 'text');
my %analysis = (
	%file, version => 'number', verdict => 'text',
	reasons => [ { code => 'text', message => 'text', advice => 'text', 'at?' => 'number', 'position?' => 'bytes' } ],
	cut_container => 'text', 'good_bytes?' => 'bytes', bytes_read => 'bytes', video => { %video },
	audio => [ { %track, speech_db => 'number', speech_seconds => 'number' } ],
	audio_track => 'number?', poster => 'object?',
	loudness => { noise_db => 'number', speech_db => 'number', threshold_db => 'number' },
	speech => { verdict => 'text', first => 'number', last => 'number', seconds => 'number' },
	pauses => [ {%span} ], keep => { %span, removed_share => 'number', flag => 'text?' }, spans => [ ['number'] ]);

sub has_shape
{
	my ($text, $shape, $what) = @_;
	my $got = eval { decode_json($text) };

	ok(defined $got, "$what: is JSON") || diag($text);
	is(misfit($got, $shape, ''), '', "$what: of the documented shape");
	return $got;
}

# What people see of a recording that is well.
my $blocks = qr/[\x{2581}-\x{2588}]/;
{
	my ($status, $out) = says('probe', [qw(probe lecture.mp4)], 0, qr/^lecture\.mp4: MP4, 1:(39\.9|40\.\d), \S+ [KM]iB \(\d+ kbit\/s\)$/m, qr/^$/);
	utf8::decode($out);
	for my $line (
		qr/^  picture +H\.264, 160 x 90, 25 pictures a second$/m,
		qr/^  sound +AAC, 48 kHz, mono, 40\.\d s of speech at -\d+ dBFS$/m,
		qr/^  verdict +ok: /m,
		qr/^  speech +from 0:20\.\d to 1:(19\.9|20\.\d), 40\.\d s of it spoken$/m,
		qr/^  pauses +1, (19\.9|20\.\d) s together; the longest /m,
		qr/^  loudness +voice -\d+ dBFS, room -\d+ dBFS, .*: loud and clear$/m,
		qr/^  trimming +keeps 0:15\.\d to 1:(24\.9|25\.\d), 1:(09\.\d|10\.\d) in 1 part$/m,
		qr/^ +removed: 15\.\d s at the start, (14\.9|15\.\d) s at the end \(30\.\d %\)$/m,
		qr/^  ${blocks}{77}$/m)
	{
		like($out, $line, "it says $line");
	}
	local $ENV{LC_ALL} = 'C';
	my (undef, $plain) = media(qw(probe lecture.mp4));
	unlike($plain, qr/[^\x00-\x7f]/, 'without UTF-8 no blocks are drawn');
}

says('headers alone', [qw(probe --fast lecture.mp4)], 0, qr/^lecture\.mp4: MP4, 1:(39|40)\..*\n  picture .*\n  sound .*\n$/, qr/^$/);
says('two tracks', [qw(probe two.mp4)], 0, qr/track 1: .*no speech\n.*track 2: .*<- taken for the speech$/m, qr/^$/);
says('silence', [qw(probe silent.mp4)], 0, qr/^  speech +none: .*microphone.*trimming\.on_blank.*flag +without speech.*/ms, qr/^$/);
{
	my (undef, $out) = media(qw(probe silent.mp4));
	utf8::decode($out);
	unlike($out, qr/[\x{2582}-\x{2588}]/, 'which is drawn low');
}
says('no sound', [qw(probe mute.mp4)], 0, qr/^  sound +none: /m, qr/^$/);
says('options of the boundaries', [qw(probe lecture.mp4 --padding-before 2 --padding-after=0 --max-trim-share 0.3)],
	0, qr/keeps 0:18\.\d to 1:(19\.9|20\.\d).*2 s before.*flag +more than --max-trim-share/s, qr/^$/);
says('pauses shortened', [qw(probe lecture.mp4 --shorten-above 5 --shorten-to 2)],
	0, qr/in 2 parts\n.*18\.\d s out of 1 place between/ms, qr/^$/);

# The same for programs.
{
	my $got = has_shape((media(qw(probe lecture.mp4 --json)))[1], \%analysis, 'probe --json');
	is("$got->{file} $got->{verdict}", 'lecture.mp4 ok', 'with the name and the verdict');
	is(scalar @{ $got->{spans} }, 1, 'and the span to keep');
	$got = has_shape((media(qw(probe hurt.mp4 --json)))[1], \%analysis, 'of a damaged one');
	ok((grep { length $_->{advice} } @{ $got->{reasons} }) == @{ $got->{reasons} }, 'with advice for each reason');
	has_shape((media(qw(probe --fast lecture.mp4 --json)))[1], { %file, video => \%video, audio => [ \%track ] }, 'probe --fast --json');
	my ($status, $out, $err) = media(qw(probe page.mp4 --json));
	is($out, '', 'an error: no answer');
	has_shape($err, { file => 'text', error => { class => 'text', code => 'text', message => 'text', hint => 'text', 'retry_after?' => 'number', 'status?' => 'number' } }, 'an error');
	like($err, qr/web page/, 'which people are told as well');
}

# Broken recordings: what, where, what to do.
my $place = qr/at \d+:[\d.]+, byte [\d,]+/;
says('a cut off one', [qw(probe short.mp4)], 1,
	qr/^  verdict +truncated: .*missing bytes: \d+\n +at byte [\d,]+\n +Copy or download it again.*$place/ms, qr/^$/);
says('one without its index', [qw(probe headless.mp4)], 1, qr/contents +unknown.*verdict +truncated: .*no index/s, qr/^$/);
says('a damaged one', [qw(probe hurt.mp4)], 0, qr/verdict +degraded: .*$place\n +Look there/s, qr/^$/);
says('a recording of nothing', [qw(probe nothing.wav)], 1, qr/verdict +rejected:.*\n.*neither sound nor picture/, qr/^$/);
says('a web page', [qw(probe page.mp4)], 1, qr/^$/, qr/^leap: page\.mp4: .*web page.*\nhint: Look what the file is.*sign-in/);
says('nothing', [qw(probe empty.mp4)], 1, qr/^$/, qr/^leap: empty\.mp4: the file is empty\nhint: /);

# What cannot be looked at.
says('no such file', [qw(probe nowhere.mp4)], 3, qr/^$/, qr/^leap: cannot open nowhere\.mp4: No such file/);
says('a folder', [qw(probe out)], 1, qr/^$/, qr/out is a folder\nhint: Name one of the files/);
says('standard input', [qw(probe -)], 2, qr/^$/, qr/"-" is no file\nhint: .*save it to a file/);
says('a device', [qw(probe /dev/null)], 1, qr/^$/, qr/no regular file\nhint: /);
says('no name', [qw(probe)], 2, qr/^$/, qr/say: probe FILE, /);
says('two names', [qw(probe lecture.mp4 short.mp4)], 2, qr/^$/, qr/probe takes 1 name of files, not 2; say: /);
says('another word', [qw(mow lecture.mp4)], 2, qr/^$/, qr/there is no "mow"; say: /);
says('an option of another', [qw(probe lecture.mp4 --max-height 720)], 2, qr/^$/, qr/--max-height does nothing for probe, only for: trim$/m);
says('one of two others', [qw(envelope lecture.mp4 --padding-before 2)], 2, qr/^$/, qr/--padding-before does nothing for envelope/);
says('pauses made longer', [qw(probe lecture.mp4 --shorten-above 2 --shorten-to 2)], 2, qr/^$/, qr/must be less than/);
for my $row (
	[ 'trim', '--crf does nothing without --mode reencode', qw(--crf 20) ],
	[ 'trim', '--audio-bitrate does nothing without --mode reencode', qw(--mode exact --audio-bitrate 64000) ],
	[ 'trim', '--shorten-pauses-to does nothing without --shorten-pauses-above', qw(--shorten-to 2) ],
	[ 'trim', '--padding-after does nothing beside --keep', qw(--keep 1-2 --padding-after 2) ],
	[ 'trim', '--mode copy cannot shorten pauses', qw(--mode copy --shorten-above 5) ],
	[ 'trim', '--keep names no part', '--keep=' ],
	[ 'trim', '--max-height: "143" is less than 144', qw(--mode reencode --max-height 143) ],
	[ 'trim', '--max-bitrate: "49999" is less than 50000', qw(--mode reencode --max-bitrate 49999) ],
	[ 'envelope', '--csv does nothing where a file is written', '--csv' ],
	[ 'envelope', '--csv and --json exclude each other', qw(--csv --json) ],
	[ 'envelope', '--waveform names no file', '--waveform=' ])
{
	my ($subcommand, $message, @options) = @$row;
	my $complaint = "@options" =~ /--json/ ? qr/^\{.*"code":\s*"usage".*\Q$message\E/ : qr/^leap media: \Q$message\E/;
	says("$subcommand @options", [ $subcommand, qw(lecture.mp4 out/a.mp4), @options ], 2, qr/^$/, $complaint);
}
says('wrong words, for a program', [qw(mow lecture.mp4 --json)], 2, qr/^$/, qr/^\{"error":.*there is no \\"mow\\"/);
says('probe --fast of padding', [qw(probe lecture.mp4 --fast --padding-before 2)], 2, qr/^$/, qr/--padding-before does nothing beside --fast/);
says('--force without a file', [qw(envelope lecture.mp4 --force)], 2, qr/^$/, qr/--force does nothing where no file is written/);
says('a database', [qw(probe lecture.mp4 --database leap)], 2, qr/^$/, qr/no option --database/);
unlike((media('--help'))[1], qr/--(database|storage|library)/, 'which the help does not offer');
says('a wrong number', [qw(probe lecture.mp4 --max-trim-share 40)], 2, qr/^$/, qr/"40" is no number of 0 to 1$/m);
says('a wrong level', [qw(probe lecture.mp4 --silence-threshold 3)], 2, qr/^$/, qr/"3" is no number of -127 to 0$/m);
says('no leap-media', [ qw(probe lecture.mp4), "--media-program=$folder/nothing" ], 1, qr/^$/, qr{cannot use media_program $folder/nothing});
# root may read everything
if ($> != 0)
{
	chmod 0, 'two.mp4';
	says('a file of somebody else', [qw(probe two.mp4)], 1, qr/^$/, qr/cannot open two\.mp4: Permission denied/);
}
{
	open my $full, '>', '/dev/full' or die $!;
	my $err = '';
	IPC::Run::run([ $leap, qw(media probe lecture.mp4) ], '<', \undef, '>', $full, '2>', \$err);
	is($? >> 8, 1, 'an answer that cannot be written is a failure');
	like($err, qr/^leap: cannot write the answer: No space left/, 'which is said');
}

# Loudness as text, and as files.
{
	my ($status, $out) = says('envelope', [qw(envelope lecture.mp4 --step 10)], 0, qr/^ +time +rms +peak$/m, qr/^$/);
	cmp_ok(abs(split(/\n/, $out) - 11.5), '<', 1, 'a line for each step');
	like($out, qr/^ +0:20\.0 +-\d+\.\d +-\d+\.\d +#{20,}$/m, 'with its levels');
	(undef, $out) = media(qw(envelope lecture.mp4 --csv));
	my @lines = split /\n/, $out;
	is($lines[0], 'time,rms,peak', 'lines of three values');
	ok(abs(@lines - 10001) < 30, 'a hundred a second');
	is((grep { !/^\d+\.\d\d,(-?\d+\.\d,-?\d+\.\d|,)$/ } @lines[ 1 .. $#lines ]), 0, 'of numbers');
	my $got = has_shape((media(qw(envelope lecture.mp4 --json --step 20)))[1],
		{ file => 'text', step => 'number', duration => 'number', levels => [ ['number'] ] }, 'envelope --json');
	my @loud = map { $_->[0] > -40 ? 1 : 0 } @{ $got->{levels} };
	is("@loud[0 .. 4]", '0 1 1 1 0', 'that tell when somebody speaks');
	says('envelope without sound', [qw(envelope mute.mp4)], 1, qr/^$/, qr/no sound/);
}
says('stored', [qw(envelope lecture.mp4 out/a.lenv --waveform out/a.dat)], 0, qr/^out\/a\.lenv: envelope, .*\nout\/a\.dat: waveform, /, qr/^$/);
is(unpack('l<', slurp('out/a.dat')), 2, 'the peaks are of version 2');
says('what was stored', [qw(probe out/a.lenv --padding-before 1)], 0, qr/stored loudness envelope\n.*keeps 0:19\.\d to 1:/s, qr/^$/);
says('its text', [qw(envelope out/a.lenv --step 50)], 0, qr/^ +0:50\.0 /m, qr/^$/);
says('peaks of it', [qw(envelope out/a.lenv --waveform out/b.dat)], 1, qr/^$/, qr/peaks are made of a recording/);
write_file('out/lies.lenv', 'LENV' . pack('V3', 1, 10, 99) . 'xy');
says('a stored one that lies', [qw(probe out/lies.lenv)], 1, qr/^$/, qr/ends before its 99 levels/);
unlink glob 'out/*';

# Trimming.
my %cut = (
	file => 'text', output => 'text', verdict => 'text', source_duration => 'number',
	speech => $analysis{speech}, flag => 'text?', mode => qr/^(copy|exact|reencode)$/, fallback => 'text?',
	sound => 'text?', cuts => [ { %span, at => 'number' } ], %span, duration => 'number', container => 'text', bytes => 'bytes');
{
	my ($status, $out);
	says('trim', [qw(trim lecture.mp4 out/a.mp4)], 0,
		qr/^out\/a\.mp4: 1:1\d\.\d, .*\n  kept +0:1[2-5]\.\d to 1:2\d.*\n +removed: .* at the start, .* at the end .*\n  how +copied/, qr/^$/);
	is(join(' ', names()), 'a.mp4', 'there is the file, and nothing beside it');
	is(run_ffmpeg(qw(-v error -xerror -i out/a.mp4 -f null -)), '', 'which plays');
	my $before = slurp('out/a.mp4');
	says('over it', [qw(trim lecture.mp4 out/a.mp4)], 4, qr/^$/, qr/out\/a\.mp4 exists already\nhint: .*--force/);
	ok($before eq slurp('out/a.mp4'), 'what was there is untouched');
	my $got = has_shape((media(qw(trim lecture.mp4 out/a.mp4 --force --padding-before 1 --json)))[1], \%cut, 'trim --json');
	ok($got->{bytes} == -s 'out/a.mp4', 'with --force it is replaced');
	ok($before ne slurp('out/a.mp4'), 'by another cut');
	$got = decode_json((media("trim", "lecture.mp4", "out/b.mp4", "--keep=20-30,70-80", "--json"))[1]);
	is(scalar @{ $got->{cuts} }, 2, 'spans of one\'s own are kept');
	says('pauses shortened', [qw(trim lecture.mp4 out/p.mp4 --shorten-above 5 --shorten-to 2)], 0,
		qr/in 2 parts\n.*18\.\d s out of 1 place between.*\n  how +copied, but for a few pictures/, qr/^$/);
	is(run_ffmpeg(qw(-v error -xerror -i out/p.mp4 -f null -)), '', 'which plays as well');
	run_ffmpeg(qw(-i lecture.mp4 -c:v mpeg4 -c:a copy -t 30 old.mp4));
	$got = has_shape((media(qw(trim old.mp4 out/o.mp4 --mode exact --json)))[1], \%cut, 'of an older codec');
	is($got->{mode}, 'copy', 'which cannot be cut exactly');
	says('which people are told', [qw(trim old.mp4 out/o.mp4 --mode exact --force)], 0, qr/^  note +not cut as asked: \w/m, qr/^$/);
	$got = decode_json((media("trim", "lecture.mp4", "out/m.mp4", "--keep=0:20-0:30.5,1:10-0:01:20", "--mode=exact", "--json"))[1]);
	is(join(' ', map { sprintf '%.1f-%.1f', @$_{qw(start end)} } @{ $got->{cuts} }), '20.0-30.5 70.0-80.0', 'in minutes as well');
	says('which is no large trim', [qw(trim lecture.mp4 out/p.mp4 --force --max-trim-share 0.35 --shorten-above 5 --shorten-to 2)], 0,
		qr/\A(?!.*flag).*removed: .* out of 1 place between.*\((4[6-9])\.\d %\)/s, qr/^$/);
	says('as cut off at the ends is', [qw(trim lecture.mp4 out/p.mp4 --force --mode exact --max-trim-share 0.25)], 0, qr/^  flag +more than/m, qr/^$/);
	says('a part behind the end', [qw(trim lecture.mp4 out/l.mp4 --keep 90-200)], 0, qr/^  note +the recording ends at 1:(39\.9|40\.\d), before/m, qr/^$/);
	says('next to nothing', [qw(trim lecture.mp4 out/n.mp4 --keep 10-10.05)], 1, qr/^$/, qr/^leap: 0\.050 s of lecture\.mp4 are no lesson: at least 0\.1 s/);
	ok(!-e 'out/n.mp4', 'is not written');
	says('a drawn picture of a video', [qw(trim lecture.mp4 out/l.mp4 --keep 90-99 --still --force)], 0, qr/^  note +--still did nothing/m, qr/^$/);
	says('spans that are none', [qw(trim lecture.mp4 out/c.mp4 --keep 30-20)], 2, qr/^$/, qr/spans is wrong.*\nhint: /);
	says('another name', [qw(trim lecture.mp4 out/c.webm)], 0, qr/note +players expect .*\.mp4$/m, qr/^$/);
	run_ffmpeg(qw(-i lecture.mp4 -vn talk.mp3));
	says('sound only', [qw(probe talk.mp3)], 0, qr/^talk\.mp3: MP3, .*\n  picture +none: sound only$/m, qr/^$/);
	($status, $out) = says('sound only', [qw(trim talk.mp3 out/t.m4a)], 0, qr/^out\/t\.m4a: 1:\d\d\.\d, /, qr/^$/);
	unlike($out, qr/note/, 'under a name for sound');
	$got = decode_json((media(qw(trim talk.mp3 out/t.mp4 --still --json)))[1]);
	is(run_ffmpeg(qw(-v error -xerror -i out/t.mp4 -f null -)), '', 'which becomes a video that plays');
	like((media(qw(probe --fast out/t.mp4)))[1], qr/^  picture +H\.264, 1280 x 720/m, 'with a picture');
	$got = has_shape((media(qw(trim lecture.mp4 out/r.mp4 --mode reencode --keep=10-14.5 --crf 30 --audio-bitrate 64000 --json)))[1],
		\%cut, 'encoded anew');
	is($got->{mode}, 'reencode', 'as asked for');
	cmp_ok(abs($got->{duration} - 4.5), '<', 0.1, 'to the picture');
	says('without speech', [qw(trim silent.mp4 out/d.mp4)], 0, qr/removed: nothing\n.*flag +without speech/s, qr/^$/);
	says('what is there of it', [qw(trim short.mp4 out/e.mp4)], 6, qr/^out\/e\.mp4: /, qr/not complete.*verdict +truncated/s);
}
unlink glob 'out/*';

for my $row (
	[ 'standard output',      [qw(trim lecture.mp4 -)],               2, qr/"-" is no file\nhint: .*name a file/ ],
	[ 'itself',               [qw(trim lecture.mp4 lecture.mp4 --force)], 4, qr/is the recording itself/ ],
	[ 'a folder',             [qw(trim lecture.mp4 out --force)],     4, qr/out is no regular file/ ],
	[ 'a device',             [qw(trim lecture.mp4 /dev/full --force)], 4, qr/is no regular file/ ],
	[ 'no folder',            [qw(trim lecture.mp4 nowhere/a.mp4)],   1, qr/cannot write nowhere\/a\.mp4/ ],
	[ 'a page',               [qw(trim page.mp4 out/a.mp4)],          1, qr/web page/ ],
	[ 'without an index',     [qw(trim headless.mp4 out/a.mp4)],      1, qr/no index/ ],
	[ 'no recording',         [qw(trim nowhere.mp4 out/a.mp4)],       3, qr/No such file/ ],
	[ 'one name',             [qw(trim lecture.mp4)],                 2, qr/say: / ])
{
	my ($what, $arguments, $status, $message) = @$row;
	says("trim: $what", $arguments, $status, qr/^$/, $message);
	is(join(' ', names()), '', "trim: $what: nothing is left");
}

sub names
{
	opendir my $handle, 'out' or die $!;
	my @names = sort grep { !/^\.\.?$/ } readdir $handle;
	return @names;
}

# A disk that is full: a file system of its own, or a limit where none can be mounted.
{
	my @unshare = ('unshare', $> == 0 ? '-m' : '-rm');
	my @limited = system("@unshare true 2>/dev/null") == 0
	  ? (@unshare, 'sh', '-c', "mount -t tmpfs -o size=64k tmpfs $folder/out && { \"\$@\"; s=\$?; ls -A out; exit \$s; }", 'sh')
	  : ('bash', '-c', 'ulimit -f 64; "$@"; s=$?; ls -A out; exit $s', 'bash');
	my ($out, $err) = ('', '');

	IPC::Run::run([ @limited, $leap, qw(media trim lecture.mp4 out/a.mp4) ], '<', \undef, '>', \$out, '2>', \$err);
	is($? >> 8, 1, 'a full disk is a failure');
	like($err, qr/^leap: .*(No space left|too large)/, 'which is named');
	is($out, '', 'and nothing is left there');
}

# Ctrl-C: leap-media ends, and what it had begun goes.
{
	my $fake = "$folder/leap-media";
	copy(tree_root() . '/tests/fake/leap-media', $fake);
	chmod 0755, $fake;
	write_file("$fake.behaviour", "cut wait\n");
	for my $signal (qw(INT TERM))
	{
		my ($out, $err) = ('', '');
		my $run = IPC::Run::start([ $leap, qw(media trim lecture.mp4 out/a.mp4), "--media-program=$fake" ],
			'<', \undef, '>', \$out, '2>', \$err);
		wait_until(sub { names() && children($fake) }, 'cutting has begun');
		my ($child) = children($fake);
		$run->signal($signal);
		$run->finish;
		is($run->full_result(0) >> 8, 130, "$signal: ends with 130");
		like($err, qr/^leap: interrupted while /, "$signal: and says so");
		is(join(' ', names()), '', "$signal: nothing is left");
		ok(!-e "/proc/$child" || !children($fake), "$signal: leap-media has ended");
	}
}

sub wait_until
{
	my ($is_so, $what) = @_;
	my $end = time + 60;

	until ($is_so->())
	{
		die "$what: not within a minute" if time > $end;
		sleep 0.05;
	}
	return;
}

# The processes that run this stand-in's cut.
sub children
{
	my ($program) = @_;

	return map { m{/(\d+)/} } grep { (eval { slurp($_) } // '') =~ /\Q$program\E\0cut\0/ } glob '/proc/[0-9]*/cmdline';
}

done_testing();
