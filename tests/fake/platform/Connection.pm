# tests/fake/platform/Connection.pm
#     One connection of HTTP/1.1: reads requests to the letter, one after the other, and sends answers. Knows no platform.
#
#     my $connection = Connection->new($socket);
#     my ($request, $problem) = $connection->head;     request undef: the other side has gone
#     $connection->body($request, sub { my ($bytes) = @_; ... })   in pieces of at most 256 KiB; undef, or what is wrong with it
#     $connection->send_head(200, [Name => 'value', ...]); $connection->send($bytes)
#     $connection->reset                               the other side may lose what is on its way
package Connection;

use strict;
use warnings;

use IO::Select;
use Socket qw(SOL_SOCKET SO_LINGER SO_RCVBUF IPPROTO_TCP TCP_NODELAY MSG_PEEK);
use Time::HiRes qw(time);

my $TOKEN = qr/[!#\$%&'*+.^_`|~0-9A-Za-z-]+/;
my $HEAD = 65536;     # bytes of a head
my $PIECE = 262144;
my %reason = (100 => 'Continue', 200 => 'OK', 201 => 'Created', 202 => 'Accepted', 204 => 'No Content', 206 => 'Partial Content',
	301 => 'Moved Permanently', 302 => 'Found', 303 => 'See Other', 304 => 'Not Modified', 307 => 'Temporary Redirect', 308 => 'Resume Incomplete',
	400 => 'Bad Request', 401 => 'Unauthorized', 403 => 'Forbidden', 404 => 'Not Found', 405 => 'Method Not Allowed', 406 => 'Not Acceptable',
	408 => 'Request Timeout', 409 => 'Conflict', 410 => 'Gone', 411 => 'Length Required', 412 => 'Precondition Failed', 413 => 'Payload Too Large',
	415 => 'Unsupported Media Type', 416 => 'Range Not Satisfiable', 423 => 'Locked', 429 => 'Too Many Requests', 500 => 'Internal Server Error',
	501 => 'Not Implemented', 502 => 'Bad Gateway', 503 => 'Service Unavailable', 504 => 'Gateway Timeout', 507 => 'Insufficient Storage');

sub new
{
	my ($class, $socket) = @_;
	binmode $socket;
	setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1;
	setsockopt $socket, SOL_SOCKET, SO_RCVBUF, 4 * $PIECE;
	return bless { socket => $socket, buffer => '' }, $class;
}

sub read_more
{
	my ($self) = @_;
	return sysread $self->{socket}, $self->{buffer}, $PIECE, length $self->{buffer};
}

sub unescape { my ($text) = @_; return $text =~ s/\+/ /gr =~ s/%([0-9a-fA-F]{2})/chr hex $1/ger; }

# name=value&... as ({name => last value}, {name => [values]}), or what is wrong with it.
sub pairs
{
	my ($text) = @_;
	my (%last, %all);

	for my $pair (split /&/, $text)
	{
		return "\"$pair\" in a query or form" if $pair =~ /%(?![0-9a-fA-F]{2})/ || $pair !~ /^([^=]+)(?:=(.*))?$/s;
		my ($name, $value) = map { unescape($_) } ($1, $2 // '');
		$last{$name} = $value;
		push @{ $all{$name} }, $value;
	}
	return (\%last, \%all);
}

sub head_problem
{
	my ($request) = @_;
	my $headers = $request->{headers};
	my ($length, $encoding) = @$headers{qw(content-length transfer-encoding)};

	return 'no Host' if !defined $headers->{host};
	return 'both Content-Length and Transfer-Encoding' if defined $length && defined $encoding;
	return "Transfer-Encoding: $encoding" if defined $encoding && lc $encoding ne 'chunked';
	return "Content-Length: $length" if defined $length && $length !~ /^\d{1,15}$/;
	return undef;
}

# {method, path, query, parameters, lists, headers}; or undef and what is wrong, or undef alone at the end.
sub head
{
	my ($self) = @_;
	my $end;

	while (($end = index $self->{buffer}, "\r\n\r\n") < 0)
	{
		return (undef, 'the head is too long') if length $self->{buffer} > $HEAD;
		$self->read_more or return;
	}
	my ($first, @lines) = split /\r\n/, substr $self->{buffer}, 0, $end;
	substr($self->{buffer}, 0, $end + 4) = '';
	my %request = (headers => {}, parameters => {}, lists => {});
	@request{qw(method path query)} = ($first // '') =~ m{^([A-Z]+) (/[!-~]*?)(?:\?([!-~]*))? HTTP/1\.1$} or return (undef, 'the request line');
	for (@lines)
	{
		my ($name, $value) = /^($TOKEN):[ \t]*([\t -~\x80-\xff]*?)[ \t]*$/ or return (undef, "the header line \"$_\"");
		return (undef, "the header $name comes twice") if exists $request{headers}{ lc $name };
		$request{headers}{ lc $name } = $value;
	}
	my ($parameters, $lists) = pairs($request{query} // '');
	return (undef, $parameters) if !ref $parameters;
	@request{qw(parameters lists)} = ($parameters, $lists);
	my $problem = head_problem(\%request);
	return defined $problem ? (undef, $problem) : (\%request, undef);
}

# Bytes of the body to come, undef if that is not told before.
sub announced
{
	my ($request) = @_;
	return undef if defined $request->{headers}{'transfer-encoding'};
	return $request->{headers}{'content-length'} // 0;
}

sub continue
{
	my ($self, $request) = @_;
	$self->send("HTTP/1.1 100 Continue\r\n\r\n") if lc($request->{headers}{expect} // '') eq '100-continue' && !$self->{continued}++;
}

# Up to so many bytes of what the other side sends; undef: it has gone.
sub take
{
	my ($self, $most) = @_;
	return substr $self->{buffer}, 0, $most, '' if length $self->{buffer};
	sysread $self->{socket}, my $bytes, $most or return undef;
	return $bytes;
}

sub line
{
	my ($self) = @_;
	my $end;
	while (($end = index $self->{buffer}, "\r\n") < 0) { $self->read_more or return undef; }
	return substr $self->{buffer}, 0, $end + 2, '';
}

sub chunked_body
{
	my ($self, $give) = @_;

	while (1)
	{
		my $line = $self->line // return 'the body breaks off';
		$line =~ /^([0-9a-fA-F]{1,8})(?:;[^\r\n]*)?\r\n$/ or return 'the length of a chunk';
		my $rest = hex $1;
		my $last = $rest == 0;
		while ($rest > 0)
		{
			my $bytes = $self->take($rest < $PIECE ? $rest : $PIECE) // return 'the body breaks off';
			$rest -= length $bytes;
			$give->($bytes);
		}
		my $end = $self->line // return 'the body breaks off';
		return 'a chunk does not end where it said' if $end ne "\r\n";
		return undef if $last;
	}
}

sub body
{
	my ($self, $request, $give) = @_;
	my $rest = announced($request);

	$request->{body_read} = 1;
	$self->continue($request);
	return $self->chunked_body($give) if !defined $rest;
	while ($rest > 0)
	{
		my $bytes = $self->take($rest < $PIECE ? $rest : $PIECE) // return 'the body breaks off';
		$rest -= length $bytes;
		$give->($bytes);
	}
	return undef;
}

# False when the other side has gone.
sub send
{
	my ($self, $bytes) = @_;
	my $sent = 0;
	while ($sent < length $bytes)
	{
		$sent += syswrite($self->{socket}, $bytes, length($bytes) - $sent, $sent) // return 0;
	}
	return 1;
}

sub head_text
{
	my ($status, $headers) = @_;
	my $text = "HTTP/1.1 $status " . ($reason{$status} // 'Whatever') . "\r\n";
	for (my $i = 0; $i < @$headers; $i += 2) { $text .= "$headers->[$i]: $headers->[$i + 1]\r\n"; }
	return "$text\r\n";
}

# Whether the other side has closed; what it sent stays to be read.
sub gone
{
	my ($self, $seconds) = @_;
	return 0 if !IO::Select->new($self->{socket})->can_read($seconds);
	my $got = recv $self->{socket}, my $byte, 1, MSG_PEEK;
	return !defined $got || !length $byte;
}

sub reset
{
	my ($self) = @_;
	setsockopt $self->{socket}, SOL_SOCKET, SO_LINGER, pack 'II', 1, 0;
	close $self->{socket};
	$self->{closed} = 1;
}

# Ends politely: an answer given before the body was read is not lost by a reset.
sub finish
{
	my ($self) = @_;
	return if $self->{closed}++;
	shutdown $self->{socket}, 1;
	my $until = time + 2;
	while (time < $until && IO::Select->new($self->{socket})->can_read($until - time)) { sysread $self->{socket}, my $bytes, $PIECE or last; }
	close $self->{socket};
}

1;
