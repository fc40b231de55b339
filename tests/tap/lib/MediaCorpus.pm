# tests/tap/lib/MediaCorpus.pm
#     The recordings of tests/media/corpus.sh, what tests/media/expected says of them, and how
#     sound and picture of a file lie to each other.
package MediaCorpus;

use strict;
use warnings;

use Exporter qw(import);
use JSON::PP;
use MadeOnce qw(made_once);
use MediaProgram qw(tree_root);

our @EXPORT_OK = qw(corpus_folder expected told watch_and_listen probe_file
	index_of onsets_of_wav median slurp);

# The folder with all recordings. They are made once for all programs of a test run.
sub corpus_folder
{
	my $script = tree_root() . '/tests/media/corpus.sh';

	return made_once('corpus', sub { system($script, $_[0]) == 0 or die "$script failed\n" }, $ENV{LEAP_CORPUS});
}

# The rows of tests/media/expected, in order.
sub expected
{
	my $file = tree_root() . '/tests/media/expected';
	my @rows;

	open my $in, '<', $file or die "$file: $!";
	while (<$in>)
	{
		next if /^\s*(?:#|$)/;
		my ($name, $verdict, $reasons, $duration, $speech, $copy, $told, @rest) = split;
		die "$file:$.: seven columns" if !defined $told || @rest;
		push @rows,
			{
			file => $name,
			verdict => $verdict,
			reasons => $reasons eq '-' ? [] : [ split /,/, $reasons ],
			duration => $duration,
			speech => $speech,
			copy => $copy,
			told => $told
			};
	}
	return @rows;
}

# The names of the last column, and what each stands for in the answer of a cut.
my %sentences = (
	codec => qr/^only H\.264 can be cut exactly/,
	sets => qr/^the parameter sets of the pictures are not in the header of the recording/,
	depth => qr/^only 8-bit 4:2:0 pictures of the profiles/,
	fields => qr/^interlaced pictures cannot be cut exactly/,
	damaged => qr/^(?:pictures are damaged|the pictures at [\d.]+ s are damaged)/,
	far => qr/it begins [\d.]+ s earlier than asked and keeps [\d.]+ s between its parts$/,
	early => qr/the recording has nothing between [\d.]+ s and [\d.]+ s$/);

# What the row tells of a cut in a mode: (the error's code, or undef, the sentences' patterns).
sub told
{
	my ($row, $mode) = @_;
	my %of;
	@of{qw(copy exact reencode)} = $row->{told} =~ m{/} ? split m{/}, $row->{told} : ($row->{told}) x 3;
	my $told = $of{$mode};

	return undef if $told eq '=';
	return $told if $told =~ /^\w+$/ && !$sentences{$told};
	return undef, map { $sentences{$_} // die "no sentence is called $_\n" } split /\+/, $told;
}

# Decodes a file whole, as strictly as ffmpeg can: the times at which the picture flashes and
# at which a syllable begins, and what ffmpeg complained about.
sub watch_and_listen
{
	my ($file, @options) = @_;
	my %found = (flashes => [], beeps => [], complaints => []);
	my $bright = 0;

	my $pid = open my $said, '-|' // die "fork: $!";
	if ($pid == 0)
	{
		open STDERR, '>&', \*STDOUT or die $!;
		exec qw(ffmpeg -hide_banner -nostdin -nostats -loglevel level+info -xerror), @options,
			'-i', $file, qw(-copyts -vf blackframe=amount=0:threshold=128 -af
			silencedetect=noise=-26dB:d=0.1 -enc_time_base -1 -f null -);
		die "ffmpeg: $!";
	}
	while (<$said>)
	{
		# what ffmpeg says of the clock of its own output is no complaint about the file
		push @{ $found{complaints} }, $_ if /\[(?:error|fatal|panic)\]/ && !/^\[null @/;
		push @{ $found{beeps} }, $1 if /silence_end: (-?[\d.]+)/;
		next if !/pblack:(\d+).*? t:(-?[\d.]+)/;
		push @{ $found{flashes} }, $2 if $1 < 50 && !$bright;
		$bright = $1 < 50;
	}
	close $said;
	push @{ $found{complaints} }, "ffmpeg ended with $?\n" if $? != 0;
	$found{apart} = median(pairs(@found{qw(flashes beeps)}));
	return \%found;
}

# For every syllable how many ms later the nearest flash is.
sub pairs
{
	my ($flashes, $beeps) = @_;
	my @apart;

	for my $beep (@$beeps)
	{
		my ($nearest) = sort { abs $a <=> abs $b } map { ($_ - $beep) * 1000 } @$flashes;
		push @apart, $nearest if defined $nearest && abs $nearest < 400;
	}
	return @apart;
}

sub median
{
	my @sorted = sort { $a <=> $b } @_;
	return @sorted ? $sorted[ @sorted / 2 ] : undef;
}

# Its format, its streams and its first 20 packets.
sub probe_file
{
	open my $in, '-|', qw(ffprobe -v error -of json -show_format -show_streams -show_packets -read_intervals), '%+#20', $_[0] or die $!;
	local $/ = undef;
	return decode_json(<$in>);
}

# All of an MP4 file that lies before its pictures and sound; undef where that comes first.
sub index_of
{
	my ($file) = @_;
	my $index = '';

	open my $in, '<:raw', $file or die "$file: $!";
	while (read($in, my $header, 8) == 8)
	{
		my ($size, $type) = unpack 'Na4', $header;
		last if $type eq 'mdat' || $size < 8;
		read $in, my $body, $size - 8;
		$index .= $header . $body;
	}
	return $index =~ /moov/ ? $index : undef;
}

# The seconds at which a sound begins in 16 kHz WAV: after 0.1 s below the level, the first
# sample above it.
sub onsets_of_wav
{
	my ($file, $level) = @_;
	my @samples = unpack 's<*', substr slurp($file), 44;
	my ($quiet, @onsets) = (0);

	for my $i (0 .. $#samples)
	{
		if (abs $samples[$i] < $level)
		{
			$quiet++;
			next;
		}
		push @onsets, $i / 16000 if $quiet >= 1600;
		$quiet = 0;
	}
	return @onsets;
}

sub slurp
{
	my ($name) = @_;
	open my $in, '<:raw', $name or die "$name: $!";
	local $/ = undef;
	return scalar <$in>;
}

1;
