# tests/tap/t/123_media_play.pl
#     What leap-media cuts plays in a browser: time goes on, pictures are shown, sound is
#     decoded, and seeking leads to the place, one cut of every kind.
use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::RealBin/../lib";
use MediaCorpus qw(corpus_folder);
use MediaProgram qw(run_media);
use NodePeer;
use Test::More;

my $corpus = corpus_folder();
my $folder = tempdir('leap-play-XXXXXX', TMPDIR => 1, CLEANUP => 1);
mkdir "$folder/profile";
my $peer = NodePeer->start('play.mjs', $folder, "$folder/profile");
note($peer->read->{browser});

# what it shows, source, what is kept, how it is cut, pictures and sound
for my $row (
	['copied',        'end.mp4',        '12-40',           {},                'PS'],
	['exact',         'end.mp4',        '12.34-40',        { mode => 'exact' }, 'PS'],
	['pauses',        'end.mp4',        '5-15,21.3-28,33-45.7', { mode => 'exact' }, 'PS'],
	['key_frames',    'intra.mp4',      '5-15,21.3-28',    {},                'PS'],
	['open_gop',      'open_gop.mp4',   '12-40',           {},                'PS'],
	['many_b',        'deep.mp4',       '12-40',           {},                'PS'],
	['matroska',      'ok.mkv',         '12-40',           {},                'PS'],
	['transport',     'ok.ts',          '12-40',           {},                'PS'],
	['vp8',           'ok.webm',        '12-40',           {},                'PS'],
	['vp9',           'vp9.webm',       '12-40',           {},                'PS'],
	['av1',           'av1.webm',       '12-40',           {},                'PS'],
	['variable_rate', 'variable.mp4',   '12-40',           {},                'PS'],
	['rotated',       'rotated.mp4',    '12-40',           {},                'PS'],
	['mp3',           'mp3.mkv',        '12-40',           {},                'PS'],
	['he_aac',        'he_aac.mp4',     '12-40',           {},                'PS'],
	['h264_opus',     'opus.mkv',       '12-40',           {},                'PS'],
	['opus_exact',    'opus.mkv',       '12.34-20,25-40',  { mode => 'exact' }, 'PS'],
	['vp9_aac',       'vp9_aac.mp4',    '12-40',           {},                'PS'],
	['encoded',       'hevc.mp4',       '12.5-20,25-30',  { mode => 'reencode' }, 'PS'],
	['no_sound',      'no_audio.mp4',   '12-40',           {},                'P'],
	['sound_alone',   'no_video.m4a',   '12-40',           {},                'S'],
	['still',         'ok.mp3',         '12-40',           {},                'PS'],
	['still_opus',    'opus.ogg',       '12-40',           {},                'PS'],
	# Debian's Chromium has no decoder of HEVC: its sound plays, without pictures
	['hevc',          'hevc.mp4',       '12-40',           {},                'S'])
{
	my ($name, $source, $keep, $options, $tracks) = @$row;
	my ($status, $cut) = run_media('cut',
		{ input => "$corpus/$source", output => "$folder/$name", still_for($source, $name) },
		keep => $keep, %$options);

	is("$status " . ($cut->{mode} // ''), '0 ' . ($options->{mode} // 'copy'), "$name: cut")
		|| diag(explain($cut));
	next if $status ne '0';
	rename "$folder/$name", "$folder/$name.$cut->{container}";
	my $seen = $peer->ask({ file => "$name.$cut->{container}" });

	is($seen->{error}, undef, "$name: plays") || diag($seen->{message});
	next if defined $seen->{error};
	cmp_ok(abs($seen->{duration} - $cut->{duration}), '<', 0.15, "$name: is as long as it was cut");
	cmp_ok($seen->{played}, '>=', 1, "$name: its time goes on");
	cmp_ok(abs($seen->{sought} - 0.7 * $seen->{duration}), '<', 0.5, "$name: seeking leads there");
	check_tracks($name, $seen, $tracks);
}

# Chapters change nothing of it.
{
	open my $list, '>', "$folder/list" or die $!;
	print $list '[{"title":"One","start":0},{"title":"Two","start":9.5}]';
	close $list or die $!;
	my ($status) = run_media('chapters', { input => "$folder/copied.mp4", output => "$folder/chapters.mp4", chapters => "$folder/list" });
	my $seen = $peer->ask({ file => 'chapters.mp4' });
	is("$status " . ($seen->{error} // ''), '0 ', 'with chapters: plays') || diag($seen->{message});
	cmp_ok($seen->{played}, '>=', 1, 'with chapters: its time goes on');
	check_tracks('with chapters', $seen, 'PS');
}

# A picture of the sound, for one that has none.
sub still_for
{
	my ($source, $name) = @_;
	return if $name !~ /^still/;
	run_media('analyse', { input => "$corpus/$source", envelope => "$folder/envelope" });
	return (still => "$folder/envelope");
}

sub check_tracks
{
	my ($name, $seen, $tracks) = @_;

	is($seen->{sound} > 0, $tracks =~ /S/, "$name: " . ($tracks =~ /S/ ? 'sound' : 'no sound'));
	is($seen->{frames} > 0, $tracks =~ /P/, "$name: " . ($tracks =~ /P/ ? 'pictures' : 'no pictures'));
	is($seen->{more} > 0, 1, "$name: and on from there") if $tracks =~ /P/ && $name !~ /^still/;
	cmp_ok($seen->{height}, '>', $seen->{width}, "$name: stands upright") if $name eq 'rotated';
}

done_testing();
