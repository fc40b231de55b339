# tests/tap/t/250_subtitles.pl
#     Subtitle files as others read them: those of random words by six parsers, which find
#     every cue at its time and with its words.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(basename dirname);
use File::Temp qw(tempdir);
use JSON::PP;
use PostgreSQL::Test::Utils;
use SubtitleFiles qw(cues_in look_alike text_of);
use Test::More;

my $root = abs_path(dirname(__FILE__) . '/../../..');
my $build = $ENV{LEAP_BUILD} // "$root/build";

# Compares what every parser found in a file with what it should hold.
sub is_read
{
	my ($readers, $file, $wanted, $what) = @_;
	my $found = $readers->read($file);
	my @wrong;

	for my $parser (sort keys %$found)
	{
		my ($cues, $errors) = @{ $found->{$parser} }{qw(cues errors)};
		my $i = 0;

		push @wrong, map { "$file, $parser: $_" } @$errors;
		$i++ while $i < @$wanted && $i < @$cues && join('|', @{ $cues->[$i] }) eq join('|', @{ $wanted->[$i] });
		push @wrong, sprintf '%s, %s: cue %d of %d is (%s), wanted (%s)', $file, $parser, $i + 1, scalar @$wanted,
		  map { join '|', @{ $_ // [] } } $cues->[$i], $wanted->[$i]
		  if $i < @$wanted || $i < @$cues;
	}
	return @wrong if !defined $what;
	is_deeply(\@wrong, [], $what);
}

# --- words by chance
{
	my $folder = tempdir('leap-cues-XXXXXX', TMPDIR => 1, CLEANUP => 1);
	local @ENV{qw(LEAP_CUES_ROUNDS LEAP_CUES_FOLDER)} = ($ENV{LEAP_CUES_ROUNDS} // 5, $folder);
	is(system("$build/unit/test_cues_random >'$folder/log'"), 0, 'random words are written as subtitles');
	my $readers = SubtitleFiles->new($folder);
	my %wrong = (srt => [], vtt => []);
	my $cues = 0;

	for my $list (sort glob "$folder/*.json")
	{
		my $name = basename($list, '.json');
		my @wanted = map { [ @$_[ 0, 1 ], join "\n", @$_[ 2 .. $#$_ ] ] } @{ decode_json(slurp_file($list)) };
		my @plain = map { [ @$_[ 0, 1 ], look_alike($_->[2]) ] } @wanted;

		push @{ $wrong{vtt} }, is_read($readers, "$name.vtt", \@wanted);
		push @{ $wrong{srt} }, is_read($readers, "$name.srt", \@plain);
		$cues += @wanted;
	}
	cmp_ok($cues, '>', 500, "in $cues cues");
	is_deeply($wrong{vtt}, [], 'four parsers and ffmpeg read WebVTT: the same times and the same text, and no error');
	is_deeply($wrong{srt}, [], 'two parsers and ffmpeg read SubRip');
}

done_testing();
