#!/usr/bin/perl
# tests/media/speech.pl
#	Recordings of speech whose words are known: NAME.wav (16 kHz, mono) and NAME.txt.
#
#	speech.pl FOLDER NAME...    makes the named ones; without a name, tells what there is
#
# Real speech: LibriVox readings of pocketsphinx-testdata, and the prompts of a telephone
# exchange (Allison Smith, English; IvrvoiceRU, Russian) of asterisk-core-sounds-*. Synthetic:
# the sample lecture read by voices of flite and eSpeak NG, and a Russian one by the latter.
# The result is the same every time.
use strict;
use warnings;

use Cwd qw(abs_path);
use Encode qw(decode encode);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);

my $here = abs_path(dirname(__FILE__));
my $rate = 32000;    # bytes of a second
my $work = tempdir(CLEANUP => 1);
my %digits = (
	en => [qw(zero one two three four five six seven eight nine)],
	ru => [ map { decode('UTF-8', $_) } qw(ноль один два три четыре пять шесть семь восемь девять) ]);

my %made = (
	'librivox'     => ['real: a novel, read by a volunteer', \&librivox],
	'prompts-few'  => ['real: 8 of them', sub { prompts('en', 'en_US_f_Allison', 8, 8) }],
	'prompts'      => ['real: 24 prompts of a telephone exchange', sub { prompts('en', 'en_US_f_Allison', 8, 24) }],
	'prompts-all'  => ['real: 70 prompts', sub { prompts('en', 'en_US_f_Allison', 8, 70) }],
	'prompts-ru'   => ['real, Russian: 60 prompts', sub { prompts('ru', 'ru_RU_f_IvrvoiceRU', 7, 60) }],
	'telephone'    => ['the 24 prompts in telephone quality', sub { spoilt('lowpass=f=3400,aresample=8000,aresample=16000') }],
	'hall'         => ['the 24 prompts in a large hall', sub { spoilt('aecho=0.8:0.9:60|110|190|310:0.5|0.4|0.3|0.2') }],
	'noise'        => ['the 24 prompts with noise', \&noisy],
	(map { my $voice = $_; ("flite-$voice" => ["synthetic: the sample lecture, voice $voice", sub { flite($voice) }]) } qw(rms slt awb kal16)),
	'espeak'       => ['synthetic: the sample lecture, formants', sub { espeak('en-us', 'lecture.txt') }],
	'espeak-ru'    => ['synthetic, Russian: a lecture, formants', sub { espeak('ru', 'lecture.ru.txt') }],
);

sub run
{
	system(@_) == 0 or die "speech.pl: $_[0] failed\n";
	return;
}

sub slurp
{
	my ($path, $mode) = @_;
	open(my $in, $mode // '<:raw', $path) or die "speech.pl: $path: $!\n";
	local $/;
	return <$in>;
}

# 16-bit samples of any file ffmpeg reads
sub samples
{
	my (@input) = @_;
	open(my $out, '-|', qw(ffmpeg -nostdin -v error), @input, qw(-ar 16000 -ac 1 -bitexact -f s16le -)) or die "speech.pl: ffmpeg: $!\n";
	binmode $out;
	local $/;
	my $pcm = <$out>;
	close($out) or die "speech.pl: ffmpeg @input failed\n";
	return $pcm;
}

sub quiet { return "\0" x (int($_[0] * 16000) * 2) }

sub librivox
{
	my $folder = '/usr/share/pocketsphinx/test/data/librivox';
	my ($pcm, @text) = ('');
	for my $line (split /\n/, slurp("$folder/transcription"))
	{
		my ($said, $name) = $line =~ m{^<s>\s*(.*?)\s*</s>\s*\((\S+)\)} or next;
		$pcm .= samples('-i', "$folder/$name.wav") . quiet(0.7);
		push @text, $said;
	}
	return ($pcm, join("\n", @text) . "\n");
}

# Prompts of at least so many words without digits in a row, signs and brackets.
sub prompts
{
	my ($language, $voice, $words, $most) = @_;
	my $list = decode('UTF-8', `gzip -dc /usr/share/doc/asterisk-core-sounds-$language/core-sounds-$language.txt.gz`);
	my ($pcm, @text) = ('');
	for my $line (split /\n/, $list)
	{
		my ($name, $said) = $line =~ /^([^;:][^:]*?)\s*:\s*(.*?)\s*$/ or next;
		my $path = "/usr/share/asterisk/sounds/$voice/$name.g722";
		next if $said =~ /[\[\]()<>#*]|\d\d/ || !-e $path;
		$said =~ s/(\d)/ $digits{$language}[$1] /g;
		next if (() = $said =~ /[\w']+/g) < $words;
		$pcm .= samples('-f', 'g722', '-i', $path) . quiet(0.7);
		push @text, $said;
		last if @text == $most;
	}
	die "speech.pl: only " . @text . " prompts of $voice are installed\n" if @text < $most;
	return ($pcm, encode('UTF-8', join("\n", @text) . "\n"));
}

sub spoilt
{
	my ($filter) = @_;
	my ($pcm, $text) = prompts('en', 'en_US_f_Allison', 8, 24);
	open(my $out, '>:raw', "$work/clean.pcm") or die "speech.pl: $!\n";
	print $out $pcm;
	close($out);
	return (samples(qw(-f s16le -ar 16000 -ac 1 -i), "$work/clean.pcm", '-af', $filter), $text);
}

sub noisy
{
	my ($pcm, $text) = prompts('en', 'en_US_f_Allison', 8, 24);
	open(my $out, '>:raw', "$work/clean.pcm") or die "speech.pl: $!\n";
	print $out $pcm;
	close($out);
	return (samples(qw(-f s16le -ar 16000 -ac 1 -i), "$work/clean.pcm", qw(-f lavfi -i anoisesrc=color=pink:amplitude=0.02:seed=7:r=16000),
			'-filter_complex', 'amix=inputs=2:duration=first:normalize=0'), $text);
}

# What a lecture's file has to be read, without its slides and pauses.
sub lines_of
{
	my ($file) = @_;
	return grep { $_ ne '' && !/^[#=(-]/ } split /\n/, slurp("$here/lecture/$file");
}

sub read_by
{
	my ($lines, @program) = @_;
	my $pcm = '';
	for my $line (@$lines)
	{
		run(map { $_ eq 'TEXT' ? $line : $_ eq 'FILE' ? "$work/line.wav" : $_ } @program);
		$pcm .= samples('-i', "$work/line.wav") . quiet(0.5);
	}
	return ($pcm, join("\n", @$lines) . "\n");
}

sub flite { return read_by([ lines_of('lecture.txt') ], 'flite', '-voice', $_[0], '-t', 'TEXT', '-o', 'FILE') }
sub espeak { return read_by([ lines_of($_[1]) ], 'espeak-ng', '-v', $_[0], '-w', 'FILE', 'TEXT') }

sub write_file
{
	my ($path, $bytes) = @_;
	open(my $out, '>:raw', "$path.new") or die "speech.pl: $path: $!\n";
	print $out $bytes;
	close($out) or die "speech.pl: $path: $!\n";
	rename("$path.new", $path) or die "speech.pl: $path: $!\n";
	return;
}

my ($folder, @names) = @ARGV;
if (!@names)
{
	printf "%-12s %s\n", $_, $made{$_}[0] for sort keys %made;
	exit(defined $folder ? 2 : 0);
}
for my $name (@names)
{
	die "speech.pl: there is no recording \"$name\"; there are: " . join(', ', sort keys %made) . "\n" if !$made{$name};
	next if -e "$folder/$name.wav" && -e "$folder/$name.txt";
	my ($pcm, $text) = $made{$name}[1]->();
	write_file("$folder/$name.txt", $text);
	write_file("$folder/$name.wav", pack('a4Va4a4VvvVVvva4V', 'RIFF', 36 + length $pcm, 'WAVE', 'fmt ', 16, 1, 1, 16000, $rate, 2, 16, 'data', length $pcm) . $pcm);
}
