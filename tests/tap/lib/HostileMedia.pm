# tests/tap/lib/HostileMedia.pm
#     Recordings that want something: other files, or all of the machine. Made from one honest
#     recording by changing bytes of its boxes.
package HostileMedia;

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(box insert_into patch_box read_bytes write_bytes with_reference with_linked_segment);

sub read_bytes
{
	my ($name) = @_;
	open my $in, '<:raw', $name or die "$name: $!\n";
	local $/ = undef;
	return <$in>;
}

sub write_bytes
{
	my ($name, @bytes) = @_;
	open my $out, '>:raw', $name or die "$name: $!\n";
	print $out @bytes;
	close $out or die "$name: $!\n";
	return;
}

sub box
{
	my ($type, $content) = @_;
	return pack('N a4', 8 + length $content, $type) . $content;
}

# The file with VALUE, so many bytes behind the name of the first box TYPE.
sub patch_box
{
	my ($bytes, $type, $offset, $value) = @_;
	my $at = index $bytes, $type;
	die "no box $type\n" if $at < 0;
	substr $bytes, $at + 4 + $offset, length $value, $value;
	return $bytes;
}

# The file with the box at PATH ("moov trak mdia") changed by CODE, which gets its content;
# sizes are put right. Nothing else may move: the index must be at the end.
sub insert_into
{
	my ($bytes, $path, $code) = @_;
	my ($type, $rest) = split ' ', $path, 2;
	my $at = 0;

	while ($at + 8 <= length $bytes)
	{
		my ($size, $name) = unpack 'N a4', substr $bytes, $at, 8;
		if ($name eq $type)
		{
			my $content = substr $bytes, $at + 8, $size - 8;
			$content = $rest ? insert_into($content, $rest, $code) : $code->($content);
			return substr($bytes, 0, $at) . box($type, $content) . substr($bytes, $at + $size);
		}
		last if $size < 8;
		$at += $size;
	}
	die "no box $type\n";
}

# An MP4 whose picture is said to lie in another file: an alias record with the path in the
# forms that players know.
sub with_reference
{
	my ($bytes, $path) = @_;
	my $name = $path =~ s{.*/}{}r;
	my $alias = "\0" x 10 . pack('C a27', 0, '') . "\0" x 12 . pack('C a63', length $name, $name) . "\0" x 16
		. pack('n n', 1, 1) . "\0" x 16;
	for my $row ([2, $path =~ tr{/}{:}r], [18, $path], [14, pack('n a*', length $name, $name)])
	{
		my ($type, $text) = @$row;
		$alias .= pack 'n n a*', $type, length $text, $text . (length($text) % 2 ? "\0" : '');
	}
	$alias .= pack 'n n', 0xffff, 0;
	return insert_into($bytes, 'moov trak mdia minf dinf dref',
		sub { return pack('N N', 0, 2) . box('alis', pack('N', 0) . $alias) . box('url ', pack('N', 0) . "file://$path\0"); });
}

# A Matroska file that says which file comes before and after it. It must be one whose
# segment has no size and no list of what lies where.
sub with_linked_segment
{
	my ($bytes, $path) = @_;
	my $at = index $bytes, "\x15\x49\xa9\x66";
	my $first = ord substr $bytes, $at + 4, 1;
	my $width = 1;

	$width++ while !($first & 0x80 >> $width - 1);
	my $size = oct '0x' . unpack 'H*', substr $bytes, $at + 4, $width;
	$size &= (1 << 7 * $width) - 1;
	my $content = substr $bytes, $at + 4 + $width, $size;
	for my $row (["\x3c\x83\xab", $path], ["\x3e\x83\xbb", $path], ["\x3c\xb9\x23", 'x' x 16], ["\x3e\xb9\x23", 'y' x 16])
	{
		$content .= $row->[0] . pack('n', 0x4000 | length $row->[1]) . $row->[1];
	}
	return substr($bytes, 0, $at + 4) . pack('N', 0x10000000 | length $content) . $content
		. substr($bytes, $at + 4 + $width + $size);
}

1;
