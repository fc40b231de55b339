# tests/tap/lib/SubtitleFiles.pm
#     Subtitle files as other people's programs read them: four libraries of npm and ffmpeg.
#
#     my $readers = SubtitleFiles->new($folder);
#     $readers->expect(@files);               has ffmpeg read them already, many in one process
#     my $found = $readers->read('a.vtt');    {parser => {cues => [[start, end, text], ...], errors => []}, ...}
#     my $cues = cues_in($text);              what a file says, read by its simplest form
package SubtitleFiles;

use strict;
use warnings;

use Exporter qw(import);
use File::Temp qw(tempdir);
use NodePeer;

our @EXPORT_OK = qw(cues_in look_alike text_of);

sub new
{
	my ($class, $folder) = @_;
	return bless { folder => $folder, peer => NodePeer->start('subtitles.mjs', $folder) }, $class;
}

sub read
{
	my ($self, $file) = @_;
	my $found = $self->{peer}->ask({ file => $file });

	$found->{ffmpeg} = { cues => $self->{told}{$file} // $self->read_with_ffmpeg($file), errors => [] };
	return $found;
}

# Forty a process: to start one takes longer than it reads. Those of a process that fails are
# read one by one later, which tells whose fault it was.
sub expect
{
	my ($self, @files) = @_;

	while (my @some = splice @files, 0, 40)
	{
		my $folder = tempdir('leap-told-XXXXXX', TMPDIR => 1, CLEANUP => 1);
		my @arguments = (map({ input_of($self, $_) } @some), map { ('-map', "$_:s", output_of($some[$_]), "$folder/$_") } 0 .. $#some);
		next if system(qw(ffmpeg -nostdin -v quiet -xerror), @arguments) != 0;
		$self->{told}{ $some[$_] } = cues_in(text_in("$folder/$_")) for 0 .. $#some;
	}
}

# As ffmpeg takes it apart: packets, told as the same format. It knows a format by what it
# reads, so a SubRip file without a cue, which holds no byte, is one only if it is told so.
sub input_of
{
	my ($self, $file) = @_;
	my @told = -z "$self->{folder}/$file" ? ('-f', $file =~ /(srt|vtt)$/) : ();

	return @told, '-i', "$self->{folder}/$file";
}

sub output_of { return qw(-c copy -f), $_[0] =~ /vtt$/ ? 'webvtt' : 'srt'; }

sub text_in
{
	my ($path) = @_;

	open my $in, '<:encoding(UTF-8)', $path or die "$path: $!\n";
	local $/;
	return <$in> // '';
}

sub read_with_ffmpeg
{
	my ($self, $file) = @_;

	open my $from, '-|:encoding(UTF-8)', qw(ffmpeg -nostdin -v error -xerror), input_of($self, $file), qw(-map 0:s), output_of($file), '-'
	  or die "ffmpeg: $!\n";
	local $/;
	my $text = <$from>;
	return close($from) ? cues_in($text // '') : [ [ 0, 0, "ffmpeg ended with $?" ] ];
}

sub milliseconds
{
	my ($time) = @_;
	my ($rest, $ms) = $time =~ /^(.*)[.,](\d+)$/;
	my $seconds = 0;

	$seconds = $seconds * 60 + $_ for split /:/, $rest;
	return $seconds * 1000 + $ms;
}

my %entities = ('&lt;' => '<', '&gt;' => '>', '&amp;' => '&');

sub cues_in
{
	my ($text) = @_;
	my $vtt = $text =~ /^WEBVTT/;
	my @cues;

	$text =~ s/\r\n/\n/g;
	while ($text =~ /^((?:\d+:)+\d+[.,]\d{3}) --> ((?:\d+:)+\d+[.,]\d{3})\n((?:.+\n?)*)/mg)
	{
		my ($start, $end, $said) = ($1, $2, $3);
		$said =~ s{\n\z}{};
		$said =~ s/(&(?:lt|gt|amp);)/$entities{$1}/g if $vtt;
		push @cues, [ milliseconds($start), milliseconds($end), $said ];
	}
	return \@cues;
}

# SubRip knows no escapes: what players would obey is written as what looks like it.
sub look_alike
{
	my ($text) = @_;
	$text =~ tr/<>{}/\x{2039}\x{203a}()/;
	return $text;
}

sub text_of { return join ' ', map { s/\n/ /gr } map { $_->[2] } @{ $_[0] }; }

1;
