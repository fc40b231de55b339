# tests/tap/lib/MultipartForm.pm
#     Reads multipart/form-data by RFC 2046 and RFC 7578, and refuses what breaks them.
#
#     my ($parts, $problem) = MultipartForm::parse($content_type, $body);
#
# Parts: [{name, filename, type, content}...] in order; filename and type are undef where not said.
package MultipartForm;

use strict;
use warnings;

my $TOKEN = qr/[!#\$%&'*+.^_`|~0-9A-Za-z-]+/;
my $QUOTED = qr/"((?:[^"\\\r\n]|\\.)*)"/;

sub boundary
{
	my ($type) = @_;
	return undef if ($type // '') !~ m{^multipart/form-data\s*;\s*boundary=(?:"([^"]+)"|($TOKEN))\s*$}i;
	my $boundary = $1 // $2;
	return $boundary =~ m{^[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]$} ? $boundary : undef;
}

# The headers of a part into {name, filename, type}; or what is wrong.
sub headers
{
	my ($text) = @_;
	my %part;

	for my $line (split /\r\n/, $text)
	{
		my ($name, $value) = $line =~ /^($TOKEN):[ \t]*(.*?)[ \t]*$/ or return "the header \"$line\" of a part";
		$name = lc $name;
		if ($name eq 'content-type') { $part{type} = $value; }
		elsif ($name eq 'content-disposition')
		{
			return 'a part has two names' if exists $part{name};
			$value =~ s/^form-data(?=\s*;)//i or return "the disposition \"$value\"";
			while ($value =~ s/^\s*;\s*($TOKEN)=$QUOTED//)
			{
				return "the parameter $1" if lc $1 ne 'name' && lc $1 ne 'filename' || exists $part{ lc $1 };
				$part{ lc $1 } = $2 =~ s/\\(["\\])/$1/gr;
			}
			return "\"$value\" in a disposition" if $value =~ /\S/;
		}
		elsif ($name eq 'content-transfer-encoding') { return "the encoding $value" if $value !~ /^(?:binary|8bit|7bit)$/i; }
		else { return "the header $name of a part"; }
	}
	return defined $part{name} ? \%part : 'a part has no name';
}

sub parse
{
	my ($type, $body) = @_;
	my $boundary = boundary($type) // return (undef, 'the Content-Type is not multipart/form-data with a boundary');
	my $at = length $boundary;
	my @parts;

	return (undef, 'the body does not begin with the boundary') if substr($body, 0, $at + 4) ne "--$boundary\r\n";
	$at += 4;
	while (1)
	{
		my $end = index $body, "\r\n\r\n", $at;
		return (undef, 'the headers of a part do not end') if $end < 0 || $end - $at > 8192;
		my $part = headers(substr $body, $at, $end - $at);
		return (undef, "$part is not allowed") if !ref $part;
		my $next = index $body, "\r\n--$boundary", $end + 4;
		return (undef, "the part \"$part->{name}\" does not end") if $next < 0;
		$part->{content} = substr $body, $end + 4, $next - $end - 4;
		push @parts, $part;
		$at = $next + 4 + length $boundary;
		my $mark = substr $body, $at, 2;
		$at += 2;
		last if $mark eq '--' && (substr($body, $at) eq '' || substr($body, $at) eq "\r\n");
		return (undef, 'something follows a boundary') if $mark ne "\r\n";
	}
	return (\@parts, undef);
}

1;
