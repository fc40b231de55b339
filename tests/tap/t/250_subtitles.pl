# tests/tap/t/250_subtitles.pl
#     Subtitle files as others read them: those of random words by six parsers, which find
#     every cue at its time and with its words.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(basename dirname);
use File::Temp qw(tempdir);
use JSON::PP;
use LeapChild;
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

# --- files beside a recording
my $leap = LeapChild->new('subtitles');
my $film = "$leap->{inbox}/film one.mp4";

sub spew
{
	my ($path, $bytes) = @_;
	open my $out, '>:raw', $path or die "$path: $!\n";
	print $out $bytes;
	close $out or die "$path: $!\n";
}

sub download
{
	my $end = $leap->run(download => { recording => { id => '01990000-0000-7000-8000-000000000250', lane => 1, name => 'Film',
				source => { type => 'file', path => $film } }, import_roots => [ $leap->{inbox} ], config => {}, artifacts => {} });
	ok($end->{done}, 'the recording is downloaded') or diag(explain($end->{failed}));
	return $end->{done}{facts};
}

is(system(qw(ffmpeg -nostdin -v error -f lavfi -i testsrc2=size=160x90:rate=5:duration=6 -f lavfi -i sine=f=300:d=6),
		qw(-c:v libx264 -pix_fmt yuv420p -g 10 -c:a aac), $film), 0, 'a film');
is_deeply(download()->{captions}, [], 'nothing beside it');
spew("$leap->{inbox}/film one.vtt", "\xef\xbb\xbfWEBVTT\n\n00:01.000 --> 00:02.000\nhello\n");
spew("$leap->{inbox}/film one.RU.srt", "1\n00:00:01,000 --> 00:00:02,000\n\xd0\xb4\xd0\xb0\n");
spew("$leap->{inbox}/film one.ru.vtt", "WEBVTT\n");
spew("$leap->{inbox}/film one.pt-BR.srt", "1\n");
spew("$leap->{inbox}/film one.german.srt", "1\n");
spew("$leap->{inbox}/film one two.de.srt", "1\n");
spew("$leap->{inbox}/film.fr.srt", "1\n");
spew("$leap->{inbox}/film one.de.srt", "1\n\xe4\n");
spew("$leap->{inbox}/film one.fr.vtt", "\xff\xfeW\0");
spew("$leap->{inbox}/film one.es.vtt", "WEBVTT\n\n\0");
spew("$leap->{inbox}/film one.it.vtt", '');
spew("$leap->{inbox}/film one.pl.vtt", 'x' x ((4 << 20) + 1));
spew("$leap->{base}/secret", "secret\n");
symlink "$leap->{base}/secret", "$leap->{inbox}/film one.cs.vtt" or die "symlink: $!\n";
is(system('mkfifo', "$leap->{inbox}/film one.nl.vtt"), 0, 'a pipe');
mkdir "$leap->{inbox}/film one.sv.vtt";
my $facts = download();
is_deeply($facts->{captions}, [
	{ language => '', format => 'vtt', body => "WEBVTT\n\n00:01.000 --> 00:02.000\nhello\n" },
	{ language => 'pt-BR', format => 'srt', body => "1\n" },
	{ language => 'ru', format => 'vtt', body => "WEBVTT\n" } ], 'what is named like it, by language');
my $left = 'The subtitles film one.%s were left aside: %s';
is_deeply($facts->{caption_notes}, [ map { sprintf $left, @$_ }
	[ 'cs.vtt', 'they are no ordinary file that may be read.' ],
	[ 'de.srt', 'they are no UTF-8; save them as UTF-8.' ],
	[ 'es.vtt', 'they hold bytes that are no text; save them as UTF-8.' ],
	[ 'fr.vtt', 'they are UTF-16; save them as UTF-8.' ],
	[ 'it.vtt', 'they are empty.' ],
	[ 'nl.vtt', 'they are no ordinary file that may be read.' ],
	[ 'pl.vtt', 'they have more than 4 MB.' ],
	[ 'RU.srt', 'there are others of that language.' ],
	[ 'sv.vtt', 'they are no ordinary file that may be read.' ] ], 'and what is left aside, with the reason');
unlink grep { !/mp4$/ } glob "'$leap->{inbox}/film one.'*";
spew("$leap->{inbox}/film one.a$_.vtt", "WEBVTT\n") for 'a' .. 'i';
spew("$leap->{inbox}/film one.b$_.vtt", 'x' x (3 << 20)) for 'a' .. 'd';
$facts = download();
is_deeply([ map { $_->{language} } @{ $facts->{captions} } ], [ map { "a$_" } 'a' .. 'h' ], 'at most eight');
unlink glob "'$leap->{inbox}/film one.a'*";
is_deeply([ map { $_->{language} } @{ download()->{captions} } ], [qw(ba bb bc)], 'and ten megabytes of all together');

done_testing();
