# tests/tap/t/110_media_analyse.pl
#     leap-media analyse over honest, odd and broken recordings (tests/media/corpus.sh): the
#     verdict with its reasons, the facts, the boundaries, and what it writes.
use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::RealBin/../lib";
use MediaProgram qw(run_media tree_root);
use Test::More;

my $folder = tempdir('leap-media-XXXXXX', TMPDIR => 1, CLEANUP => 1);
system(tree_root() . '/tests/media/corpus.sh', $folder) == 0 or die "corpus.sh failed";

# analyse FILE, options: result; the outputs lie beside as out.*
sub analyse
{
	my ($file, @options) = @_;
	return run_media(
		'analyse',
		{   input    => "$folder/$file",
			envelope => "$folder/out.env",
			audio    => "$folder/out.wav",
			poster   => "$folder/out.jpg" },
		@options);
}

sub reasons
{
	return join ' ', sort map { $_->{code} } @{ $_[0]{reasons} };
}

sub is_near
{
	my ($got, $wanted, $within, $what) = @_;
	return ok(defined $got && abs($got - $wanted) <= $within, $what)
		|| diag("got " . ($got // 'nothing') . ", expected $wanted +- $within");
}

# Honest recordings whose voice lies from 10 s to 50 s.
for my $file (
	qw(front.mp4 end.mp4 ok.mkv fragmented.mp4 live.mkv ok.ts ok.webm ok.mp3 no_video.m4a
	rotated.mp4 two_tracks.mp4 variable.mp4 ntsc_44100.mp4 surround.m4a one_byte.mp4))
{
	my ($status, $got) = analyse($file);

	is($status, 0, "$file: analysed");
	is($got->{verdict}, 'ok', "$file: ok") || diag(explain($got->{reasons}));
	is_near($got->{duration}, 60, 0.15, "$file: a minute long");
	is($got->{bytes}, -s "$folder/$file", "$file: its bytes as text");
	is($got->{speech}{verdict}, 'speech', "$file: speech is found");
	is_near($got->{speech}{first}, 10, 0.25, "$file: from 10 s");
	is_near($got->{speech}{last}, 50, 0.25, "$file: to 50 s");
	is_near($got->{keep}{start}, 5, 0.25, "$file: kept from 5 s");
	is_near($got->{keep}{end}, 55, 0.25, "$file: kept to 55 s");
	is_near((-s "$folder/out.wav") / 32000, 60, 0.15, "$file: a minute of sound at 16 kHz");
	is_near(((-s "$folder/out.env") - 16) / 200, 60, 0.15, "$file: an envelope of a minute");
	is(defined $got->{poster}, defined $got->{video}, "$file: a poster if there is a picture");
}

# What each broken one is called: file, verdict, reasons that must be among those given.
for my $row (
	['no_index.mp4',           'truncated', 'file_cut_off index_missing'],
	['cut_off.mp4',            'truncated', 'file_cut_off sample_beyond_end'],
	['cut_off.mkv',            'truncated', 'ends_early file_cut_off'],
	['cut_off.webm',           'truncated', 'ends_early file_cut_off'],
	['cut_off_fragmented.mp4', 'truncated', 'file_cut_off'],
	['hole.mp4',               'rejected',  'bad_video_packet sample_beyond_end'],
	['twice.mp4',              'rejected',  'bad_video_packet'],
	['zeros.mp4',              'rejected',  'bad_video_packet'],
	['zeros.mkv',              'degraded',  'audio_gap'],
	['noise.mp4',              'degraded',  'bad_video_packet'],
	['gap.mkv',                'degraded',  'audio_gap'])
{
	my ($file, $verdict, $wanted) = @$row;
	my ($status, $got) = analyse($file);
	my $given = reasons($got);

	is($status, 0, "$file: analysed");
	is($got->{verdict}, $verdict, "$file: $verdict") || diag(explain($got));
	my @missing = grep { $given !~ /\b$_\b/ } split ' ', $wanted;
	is("@missing", '', "$file: because of $wanted") || diag("given: $given");
	ok((grep { length $_->{message} } @{ $got->{reasons} }) == @{ $got->{reasons} },
		"$file: every reason has a message");
	my @lost = grep { !is_placed($_, -s "$folder/$file") } @{ $got->{reasons} };
	is(scalar @lost, 0, "$file: and says where in the file") || diag(explain(\@lost));
}

# Faults that lie in one place of the file name it by its byte.
sub is_placed
{
	my ($reason, $size) = @_;
	my $position = $reason->{position};

	return !defined $position
		if $reason->{code} =~ /^(index_missing|ends_early|ends_apart|wrong_duration|no_stream)$/;
	return defined $position && $position =~ /^\d+$/
		&& ($position <= $size || $reason->{code} eq 'sample_beyond_end');
}

# What is no media at all.
for my $row (
	['page.mp4',     qr/web page/],
	['playlist.mp4', qr/playlist/],
	['concat.mp4',   qr/text/],
	['empty.mp4',    qr/empty/],
	['zeros1k.mp4',  qr/zeros/],
	['noise.bin',    qr/no media container/])
{
	my ($file, $message) = @$row;
	my ($status, $got) = analyse($file);

	is($status, 1, "$file: refused");
	is("$got->{error}{class} $got->{error}{code}", 'input not_media', "$file: as no media");
	like($got->{error}{message}, $message, "$file: saying what it is");
	isnt($got->{error}{hint}, '', "$file: and what to do");
}

# Sound that is silent, absent, or in the second track.
{
	my ($status, $got) = analyse('silent.mp4');
	is($got->{speech}{verdict}, 'none', 'digital silence holds no speech');
	is_near($got->{keep}{end} - $got->{keep}{start}, 60, 0.1, 'and is kept whole');
	is($got->{keep}{flag}, 'no_speech', 'with a flag');

	($status, $got) = analyse('no_audio.mp4');
	is($got->{speech}{verdict}, 'no_audio', 'no sound is told from silence');
	is_deeply($got->{audio}, [], 'there is no track');
	is($got->{loudness}, undef, 'and no loudness');
	is_near($got->{keep}{end}, 60, 0.1, 'all is kept');
	is(-s "$folder/out.env", 16, 'the envelope is empty');
	is(-s "$folder/out.wav", 44, 'and so is the sound');

	($status, $got) = analyse('two_tracks.mp4');
	is(scalar @{ $got->{audio} }, 2, 'both tracks are named');
	is($got->{audio_track}, $got->{audio}[1]{index}, 'the one with the voice is chosen');
	is_near((-s "$folder/out.wav") / 32000, 60, 0.1, 'and written');

	($status, $got) = analyse('no_video.m4a');
	is($got->{video}, undef, 'sound alone has no video');
	($status, $got) = analyse('variable.mp4');
	is($got->{video}{variable_rate}, 1, 'a variable rate is told');
	($status, $got) = analyse('rotated.mp4');
	is($got->{video}{rotation}, 270, 'the rotation is told');
	cmp_ok($got->{poster}{height}, '>', $got->{poster}{width}, 'and the poster is upright');
	($status, $got) = analyse('tiny.mp4');
	is($status, 0, 'one picture is enough');
}

# Times stay true behind a gap: the sound after 30 s is the sound that was there.
{
	my ($status, $whole) = analyse('ok.mkv');
	rename "$folder/out.env", "$folder/whole.env";
	my ($again, $got) = analyse('gap.mkv');
	my ($first, $second) = map { slurp("$folder/$_.env") } qw(whole out);

	is(substr($second, 16 + 2 * 2700, 2), "\xff\xff", 'within the gap sound is missing');
	my $differences = grep {
		abs(ord(substr $first, 16 + 2 * $_, 1) - ord(substr $second, 16 + 2 * $_, 1)) > 12
	} 3100 .. 4900;
	cmp_ok($differences, '<', 180, 'behind the gap every 10 ms are where they were');
}

# The result does not depend on threads, and the stored envelope judges the same.
for my $file (qw(front.mp4 ok.webm ok.mp3 ntsc_44100.mp4 surround.m4a))
{
	my (undef, $one) = analyse($file, threads => 1);
	my $sound = slurp("$folder/out.wav");
	my (undef, $four) = analyse($file, threads => 4);

	is_deeply($four, $one, "$file: one thread and four agree");
	ok($sound eq slurp("$folder/out.wav"), "$file: to the last sample");
	my (undef, $again)
		= run_media('boundaries', { envelope => "$folder/out.env" }, duration => $one->{duration});
	is_deeply($again, { map { $_ => $one->{$_} } qw(loudness speech pauses keep) },
		"$file: the stored envelope gives the same boundaries");
}

sub slurp
{
	my ($name) = @_;
	open my $in, '<:raw', $name or die "$name: $!";
	local $/ = undef;
	return <$in>;
}

done_testing();
