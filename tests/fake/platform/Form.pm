# tests/fake/platform/Form.pm
#     Bodies that are forms, as they come: urlencoded, and multipart/form-data or multipart/related of any size (files go to disk).
#
#     my ($fields, $problem) = Form::urlencoded($request)              a request whose body was read
#     my $form = Form->new($content_type, $folder); $form->give($bytes)...; my $problem = $form->end;
#     $form->{parts}    [{headers => {lower-case name}, name, file_name, bytes, sha256, md5, file | text}]: text for what is no file
package Form;

use strict;
use warnings;

use Digest::MD5;
use Digest::SHA;
use Connection;

my $MOST = 4_000_000;    # bytes of a part that is no file
my $counter = 0;

sub urlencoded
{
	my ($request) = @_;
	my $type = $request->{headers}{'content-type'} // '';

	return (undef, "Content-Type: $type") if $type !~ m{^application/x-www-form-urlencoded(?:\s*;\s*charset=utf-8)?$}i;
	my ($fields, $lists) = Connection::pairs($request->{body});
	return (undef, $fields) if !ref $fields;
	for my $name (sort keys %$lists) { return (undef, "the field $name comes twice") if @{ $lists->{$name} } > 1; }
	return ($fields, undef);
}

sub new
{
	my ($class, $type, $folder) = @_;
	my ($kind, $rest) = ($type // '') =~ m{^(multipart/(?:form-data|related))\s*;\s*(.*)$}i or return undef;
	my ($quoted, $bare) = $rest =~ /\bboundary=(?:"([^"]{1,70})"|([^\s";]{1,70}))/i or return undef;
	return bless { kind => lc $kind, boundary => $quoted // $bare, folder => $folder, buffer => "\r\n", parts => [], place => 'preamble' }, $class;
}

sub begin_part
{
	my ($self, $head) = @_;
	my %part = (headers => {}, bytes => 0, sha => Digest::SHA->new(256), md => Digest::MD5->new);

	for my $line (split /\r\n/, $head)
	{
		my ($name, $value) = $line =~ /^([!-9;-~]+):[ \t]*(.*?)[ \t]*$/ or return $self->{problem} = "the line \"$line\" of a part";
		$part{headers}{ lc $name } = $value;
	}
	my $shown = $part{headers}{'content-disposition'} // '';
	if ($self->{kind} eq 'multipart/form-data')
	{
		return $self->{problem} = 'a part without a name' if $shown !~ /^form-data\s*;.*?\bname="([^"]*)"/;
		$part{name} = $1;
		$part{file_name} = $1 if $shown =~ /\bfilename="((?:[^"\\]|\\.)*)"/;
	}
	if (defined $part{file_name} || $self->{kind} eq 'multipart/related' && @{ $self->{parts} })
	{
		$part{file} = "$self->{folder}/part-$$-" . $counter++;
		open $part{out}, '>:raw', $part{file} or die "$part{file}: $!\n";
	}
	push @{ $self->{parts} }, \%part;
}

sub add
{
	my ($self, $bytes) = @_;
	my $part = $self->{parts}[-1];

	$part->{bytes} += length $bytes;
	$part->{sha}->add($bytes);
	$part->{md}->add($bytes);
	if ($part->{out}) { print { $part->{out} } $bytes; }
	elsif ($part->{bytes} > $MOST) { $self->{problem} = 'a field is too long'; }
	else { $part->{text} .= $bytes; }
}

sub end_part
{
	my ($self) = @_;
	my $part = $self->{parts}[-1];
	if ($part->{out}) { close $part->{out} or die "$part->{file}: $!\n"; }
	else { $part->{text} //= ''; }
	@$part{qw(sha256 md5)} = ($part->{sha}->hexdigest, $part->{md}->hexdigest);
	delete @$part{qw(out sha md)};
}

# What stands at the beginning of a line after a boundary: the end of all, or a part's head.
sub after_boundary
{
	my ($self) = @_;
	my $buffer = \$self->{buffer};

	return 0 if length $$buffer < 2;
	if (substr($$buffer, 0, 2) eq '--') { $self->{place} = 'end'; return 1; }
	my $end = index $$buffer, "\r\n\r\n";
	return 0 if $end < 0 && length $$buffer < 16384;
	return $self->{problem} = 'the head of a part' if $end < 0 || substr($$buffer, 0, 2) ne "\r\n";
	$self->begin_part(substr $$buffer, 2, $end - 2);
	substr($$buffer, 0, $end + 4) = '';
	$self->{place} = 'part';
	return 1;
}

sub give
{
	my ($self, $bytes) = @_;
	my $mark = "\r\n--$self->{boundary}";

	$self->{buffer} .= $bytes;
	while (!$self->{problem} && $self->{place} ne 'end')
	{
		if ($self->{place} eq 'head') { $self->after_boundary or return; next; }
		my $at = index $self->{buffer}, $mark;
		my $sure = $at >= 0 ? $at : length($self->{buffer}) - length($mark);
		if ($sure > 0)
		{
			my $data = substr $self->{buffer}, 0, $sure, '';
			$self->add($data) if $self->{place} eq 'part';
		}
		return if $at < 0;
		$self->end_part if $self->{place} eq 'part';
		substr($self->{buffer}, 0, length $mark) = '';
		$self->{place} = 'head';
	}
}

# undef, or what is wrong with the whole.
sub end
{
	my ($self) = @_;
	return $self->{problem} if $self->{problem};
	return $self->{place} eq 'end' ? undef : 'the last boundary is missing';
}

# The value of a field that is no file.
sub field
{
	my ($self, $name) = @_;
	my ($part) = grep { ($_->{name} // '') eq $name && !defined $_->{file_name} } @{ $self->{parts} };
	return $part ? $part->{text} : undef;
}

# The part that is a file: {file_name, file, bytes, sha256, md5, headers}.
sub file
{
	my ($self, $name) = @_;
	return (grep { ($_->{name} // '') eq $name && defined $_->{file_name} } @{ $self->{parts} })[0];
}

1;
