# tests/tap/long/944_speech_lecture.pl
#     leap-media transcribe on the whole sample lecture: how much of it is understood, and where
#     it lies in time; `make check` listens to a part.
use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::RealBin/../lib";
use JSON::PP;
use MediaProgram qw(run_media tree_root);
use Test::More;

my $lecture = $ENV{LEAP_LECTURE} or plan skip_all => 'no sample lecture (LEAP_LECTURE)';
(my $text = $lecture) =~ s/\.mp4$/.txt/;
my $dir = tempdir('leap-lecture-XXXXXX', TMPDIR => 1, CLEANUP => 1);

my ($status) = run_media('analyse', { input => $lecture, audio => "$dir/wav" });
is($status, 0, 'the analysis writes the sound of the lecture');
($status, my $whole) = run_media('transcribe', { audio => "$dir/wav" }, start => 15, end => 300, threads => 2);
is($status, 0, 'the lecture is transcribed');
open my $out, '>:raw', "$dir/json" or die $!;
print $out encode_json($whole);
close $out or die $!;
my ($rate) = qx('@{[ tree_root() ]}/tests/media/wer.pl' '$text' '$dir/json') =~ /WER=([\d.]+)/;
cmp_ok($rate, '<=', 20, "word error rate $rate %");
cmp_ok($whole->{statistics}{mean_confidence}, '>=', 0.6, "mean confidence $whole->{statistics}{mean_confidence}");
is($whole->{duration}, 285, 'it is as long as was asked for');

my @words = @{ $whole->{words} };
my @wrong = grep { $words[$_]{end} <= $words[$_]{start} || $words[$_]{end} > 285 || ($_ > 0 && $words[$_]{start} < $words[ $_ - 1 ]{start}) } 0 .. $#words;
is_deeply(\@wrong, [], 'words are in order, within the part');
ok(abs($words[0]{start} - 5.1) < 0.5, "the first word comes at $words[0]{start} s, after the dead air");
my ($longest) = sort { gap($b) <=> gap($a) } 1 .. $#words;
ok(gap($longest) > 8 && gap($longest) < 11, sprintf('the pause of the lecture is heard: %.1f s behind %.1f s', gap($longest), $words[ $longest - 1 ]{end}));

# seconds between a word and the one before
sub gap { return $words[ $_[0] ]{start} - $words[ $_[0] - 1 ]{end}; }

done_testing();
