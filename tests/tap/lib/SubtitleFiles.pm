# tests/tap/lib/SubtitleFiles.pm
#     Subtitle files as other people's programs read them: four libraries of npm and ffmpeg.
#
#     my $readers = SubtitleFiles->new($folder);
#     my $found = $readers->read('a.vtt');    {parser => {cues => [[start, end, text], ...], errors => []}, ...}
#     my $cues = cues_in($text);              what a file says, read by its simplest form
package SubtitleFiles;

use strict;
use warnings;

use Exporter qw(import);
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

	$found->{ffmpeg} = { cues => $self->read_with_ffmpeg($file), errors => [] };
	return $found;
}

# As ffmpeg takes it apart: packets, told as the same format. It knows a format by what it
# reads, so a SubRip file without a cue, which holds no byte, is one only if it is told so.
sub read_with_ffmpeg
{
	my ($self, $file) = @_;
	my ($format) = $file =~ /(srt|vtt)$/;
	my $muxer = $format eq 'vtt' ? 'webvtt' : 'srt';

	my @told = -z "$self->{folder}/$file" ? ('-f', $format) : ();

	open my $from, '-|:encoding(UTF-8)', qw(ffmpeg -nostdin -v error -xerror), @told, '-i', "$self->{folder}/$file",
	  qw(-map 0:s -c copy -f), $muxer, '-'
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
