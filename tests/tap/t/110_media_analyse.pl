# tests/tap/t/110_media_analyse.pl
#     leap-media analyse over honest, odd and broken recordings (tests/media/corpus.sh): the
#     verdict with its reasons, the facts, the boundaries, and what it writes, as
#     tests/media/expected says.
use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::RealBin/../lib";
use MediaCorpus qw(corpus_folder expected onsets_of_wav slurp);
use MediaProgram qw(run_media);
use Test::More;

my $folder = corpus_folder();
my $out = tempdir('leap-media-XXXXXX', TMPDIR => 1, CLEANUP => 1);

# analyse FILE, options: result; the outputs lie in $out
sub analyse
{
	my ($file, @options) = @_;
	return run_media(
		'analyse',
		{   input    => "$folder/$file",
			envelope => "$out/env",
			audio    => "$out/wav",
			poster   => "$out/jpg" },
		@options);
}

sub is_near
{
	my ($got, $wanted, $within, $what) = @_;
	return ok(defined $got && abs($got - $wanted) <= $within, $what)
		|| diag("got " . ($got // 'nothing') . ", expected $wanted +- $within");
}

for my $row (expected())
{
	my $file = $row->{file};
	my ($status, $got) = analyse($file);

	if ($row->{verdict} eq 'refused')
	{
		is("$status $got->{error}{class} $got->{error}{code}", "1 input @{ $row->{reasons} }",
			"$file: refused");
		isnt($got->{error}{hint}, '', "$file: with a hint what to do");
		next;
	}
	is("$status $got->{verdict}", "0 $row->{verdict}", "$file: $row->{verdict}")
		|| diag(explain($got));
	check_reasons($row, $got->{reasons} // []);
	check_speech($row, $got);
	is($got->{bytes}, -s "$folder/$file", "$file: its bytes as text");
	is_near($got->{duration}, $row->{duration}, 0.15, "$file: $row->{duration} s long")
		if $row->{duration} ne '-';
	check_outputs($file, $got) if $row->{verdict} eq 'ok';
}

# Those expected are given, none for an honest file; each says what and where.
sub check_reasons
{
	my ($row, $reasons) = @_;
	my %given = map { $_->{code} => $_ } @$reasons;
	my @missing = grep { !$given{$_} } @{ $row->{reasons} };

	is("@missing", '', "$row->{file}: because of @{ $row->{reasons} }")
		|| diag('given: ' . join ' ', sort keys %given);
	is(join(' ', keys %given), '', "$row->{file}: without reasons") if $row->{verdict} eq 'ok';
	ok(!(grep { !length $_->{message} } @$reasons), "$row->{file}: every reason has a message");
	my @placeless = grep { !defined $given{$_}{at} && !/^(?:file_cut_off|index_missing|garbage)$/ }
		keys %given;
	is("@placeless", '', "$row->{file}: every fault within it has a time");
	my @lost = grep { !is_placed($_, -s "$folder/$row->{file}") } @$reasons;
	is(scalar @lost, 0, "$row->{file}: and says where in the file") || diag(explain(\@lost));
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

# Speech as expected, and the window around it.
sub check_speech
{
	my ($row, $got) = @_;
	my ($first, $last) = $row->{speech} =~ /^([\d.]+)-([\d.]+)$/;
	my $file = $row->{file};

	return is($got->{speech}{verdict}, $row->{speech}, "$file: $row->{speech}")
		if !defined $last;
	is($got->{speech}{verdict}, 'speech', "$file: speech is found");
	is_near($got->{speech}{first}, $first, 0.25, "$file: from $first s");
	is_near($got->{speech}{last}, $last, 0.25, "$file: to $last s");
	is_near($got->{keep}{start}, $first - 5, 0.25, "$file: kept from 5 s before");
	my $end = $last + 5 > $got->{duration} ? $got->{duration} : $last + 5;
	is_near($got->{keep}{end}, $end, 0.25, "$file: kept to $end s") if $row->{duration} ne '-';
}

# Sound, envelope and poster of an honest recording.
sub check_outputs
{
	my ($file, $got) = @_;

	is(defined $got->{poster}, defined $got->{video}, "$file: a poster if there is a picture");
	return if $got->{speech}{verdict} ne 'speech';
	my $heard = (-s "$out/wav") / 32000;
	is_near($heard, $got->{duration}, 0.15, "$file: all of the sound at 16 kHz")
		if $file ne 'late_picture.mp4';
	is_near(((-s "$out/env") - 16) / 200, $heard, 0.02, "$file: an envelope of its length");
}

# What is no media says what it is.
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

	like($got->{error}{message}, $message, "$file: the message says what it is");
}

# Whatever is missing before it, sound lies where it was: in the 16 kHz sound, from which
# subtitles come, every syllable begins with a second.
for my $file (qw(front.mp4 ok.webm hole.mkv hole.ts hole_vp9.webm zeros.mp4 zeros.mkv zeros.ts
	zeros_hevc.mp4 noise.mp4 noise.mkv noise.ts twice.mkv gap.mkv))
{
	my ($status, $got) = analyse($file);
	my @late = map { $_ - int($_ + 0.5) } grep { $_ > 36 && $_ < 50 } onsets_of_wav("$out/wav", 1000);
	my @delays = sort { $a <=> $b } @late;
	my $shift = $file =~ /mkv|ts$/ ? 0.021 : 0;

	cmp_ok(scalar @late, '>=', 12, "$file: the syllables behind the damage are heard");
	ok(@delays && abs($delays[0] - $shift) <= 0.020 && abs($delays[-1] - $shift) <= 0.020,
		"$file: each of them within 20 ms of its second")
		|| diag("@delays");
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
	is(-s "$out/env", 16, 'the envelope is empty');
	is(-s "$out/wav", 44, 'and so is the sound');

	($status, $got) = analyse('two_tracks.mp4');
	is(scalar @{ $got->{audio} }, 2, 'both tracks are named');
	is($got->{audio_track}, $got->{audio}[1]{index}, 'the one with the voice is chosen');
	is_near((-s "$out/wav") / 32000, 60, 0.1, 'and written');

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
	rename "$out/env", "$out/whole";
	my ($again, $got) = analyse('gap.mkv');
	my ($first, $second) = map { slurp("$out/$_") } qw(whole env);

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
	my $sound = slurp("$out/wav");
	my (undef, $four) = analyse($file, threads => 4);

	is_deeply($four, $one, "$file: one thread and four agree");
	ok($sound eq slurp("$out/wav"), "$file: to the last sample");
	my (undef, $again)
		= run_media('boundaries', { envelope => "$out/env" }, duration => $one->{duration});
	is_deeply(delete $again->{spans}, [ [ @{ $one->{keep} }{qw(start end)} ] ],
		"$file: without shorter pauses one span is kept");
	is_deeply($again, { map { $_ => $one->{$_} } qw(loudness speech pauses keep) },
		"$file: the stored envelope gives the same boundaries");
}

done_testing();
