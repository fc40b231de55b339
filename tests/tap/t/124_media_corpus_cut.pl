# tests/tap/t/124_media_corpus_cut.pl
#     Every recording of the corpus that is not cut off or rejected is trimmed as its analysis
#     says. What comes out decodes without a complaint, begins with a picture at 0, has its index
#     in front and no edit list, and holds sound and picture as far apart as the source did.
#     Where parts of it cannot be cut as asked, in whichever mode, that is told.
#     `make check` takes one of every kind, tests/tap/long/942 all of them.
use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::RealBin/../lib";
use MediaCorpus qw(corpus_folder expected told watch_and_listen probe_file index_of);
use MediaProgram qw(run_media);
use Test::More;

my $folder = corpus_folder();
my $out = tempdir('leap-trim-XXXXXX', TMPDIR => 1, CLEANUP => 1) . '/cut';

# Damage that lies in the pictures or the sound themselves goes along.
my $damaged = qr/^(?:one_byte|noise|zeros|hole|twice|cut_off)/;
# AVI names decoding times alone: which picture is shown when is guessed.
my %apart = ('h264.avi' => 50);

my %kinds = map { $_ => 1 } qw(end.mp4 fragmented.mp4 ok.mkv ok.ts h264.avi ok.mpg ok.webm av1.webm hevc.mp4 open_gop.mp4 deep.mp4
	variable.mp4 rotated.mp4 ntsc_44100.mp4 ac3.mp4 core.mp4 he_aac.mp4 pcm.mov two_tracks.mp4 silent.mp4 no_audio.mp4 cover.m4a ok.mp3
	ok.wav);

for my $row (expected())
{
	my $file = $row->{file};
	check_told($row) if $row->{told} ne '-' && ($kinds{$file} || $ENV{LEAP_EVERY_CUT});
	next if $row->{copy} eq '-' || !($kinds{$file} || $ENV{LEAP_EVERY_CUT} || $file =~ /^(?:edit|late|negative|gap|hole\.)/);
	my (undef, $seen) = run_media('analyse', { input => "$folder/$file" });
	my ($status, $cut) = run_media('cut', { input => "$folder/$file", output => $out },
		keep => "$seen->{keep}{start}-$seen->{keep}{end}",
		defined $seen->{audio_track} ? ('audio-track' => $seen->{audio_track}) : ());

	is("$status " . ($cut->{container} // ''), "0 $row->{copy}", "$file: cut into $row->{copy}")
		|| diag(explain($cut));
	next if $status ne '0';
	is($seen->{cut_container}, $cut->{container}, "$file: as its analysis says");
	my $got = watch_and_listen($out);
	is(join('', @{ $got->{complaints} }), '', "$file: decodes without a complaint")
		if $file !~ $damaged;
	check_begin($file, $cut);
	check_sync($file, $cut, $got) if $seen->{video} && $seen->{speech}{verdict} eq 'speech';
}

# What is told of a cut of two parts in every mode.
sub check_told
{
	my ($row) = @_;

	for my $mode (qw(copy exact reencode))
	{
		my ($code, @sentences) = told($row, $mode);
		my ($status, $cut) = run_media('cut', { input => "$folder/$row->{file}", output => $out },
			keep => '11.5-13,30.2-31.5', mode => $mode, $mode eq 'reencode' ? ('max-height' => 48) : ());
		my $name = "$row->{file}, $mode";
		my $said = $cut->{fallback} // '';

		is("$status " . ($cut->{error}{code} // ''), defined $code ? "1 $code" : '0 ', "$name: " . ($code // 'cut')) or diag(explain($cut));
		next if defined $code;
		is($cut->{fallback}, undef, "$name: as asked") if !@sentences;
		like($said, $_, "$name: $said") for @sentences;
		# another mode than asked always has a reason
		is($cut->{mode}, $mode, "$name: in that mode") if $row->{told} =~ m{^[^/]*/(?:=|early)/};
	}
	return;
}

# The first picture lies at 0, where players begin; the sound nearly.
sub check_begin
{
	my ($file, $cut) = @_;
	my $facts = probe_file($out);

	for my $stream (@{ $facts->{streams} })
	{
		# long packets keep their times where the container has one for each
		cmp_ok(abs($stream->{start_time}), '<=', $cut->{container} eq 'mkv' ? 0.1 : 0.025,
			"$file: $stream->{codec_type} begins at 0");
	}
	# the last picture of a variable rate lasts as long as the one before, up to 0.2 s
	cmp_ok(abs($facts->{format}{duration} - $cut->{duration}), '<', $file =~ /variable/ ? 0.25 : 0.1,
		"$file: is as long as it says");
	my ($first) = grep { $_->{codec_type} eq 'video' } @{ $facts->{packets} };
	like($first->{flags}, qr/^K/, "$file: with a key frame") if $first;
	return if $cut->{container} ne 'mp4';
	my $index = index_of($out);
	ok(defined $index, "$file: the index is in front");
	unlike($index // '', qr/edts|elst/, "$file: no edit list");
}

sub check_sync
{
	my ($file, $cut, $got) = @_;
	my $was = watch_and_listen("$folder/$file")->{apart};
	my $is = $got->{apart};

	# the beeps of noise and syllables of another track have no flash of their own
	return if $file eq 'two_tracks.mp4' || !defined $was || $file =~ /^one_pixel/;
	cmp_ok(abs($is - $was), '<=', $apart{$file} // 25, "$file: together as in the source")
		|| diag("$was ms, then $is ms");
}

done_testing();
