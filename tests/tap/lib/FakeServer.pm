# tests/tap/lib/FakeServer.pm
#     The HTTP side of the strict servers of tests/fake: reads requests to the letter, notes them, and lets go wrong what a
#     test asked for. How tests speak with it: tests/fake/README.md.
#
#     FakeServer->run(FOLDER, endpoints => [[METHOD, qr{^/path$}, NAME, \&handler]...], error => \&error)
#
# A handler gets the server and the request {method, path, query, parameters, headers, body, captures} and returns
# {status, json | text, headers}; error gets status and message and returns such an answer in the words of the service.
# $server->bill($request, seconds => S, ...) notes what the service will ask money for: at most once a request.
package FakeServer;

use strict;
use warnings;

use Fcntl qw(:flock);
use IO::Select;
use IO::Socket::INET;
use Cpanel::JSON::XS ();
use JSON::PP;
use POSIX qw(WNOHANG);
use Socket qw(SOL_SOCKET SO_LINGER IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(sleep time);

my $json = Cpanel::JSON::XS->new->canonical->utf8;
my $TOKEN = qr/[!#\$%&'*+.^_`|~0-9A-Za-z-]+/;
my $LONGEST = 100_000_000;    # of a body
my $PATIENCE = 120;           # seconds a pause lasts at most

sub run
{
	my ($class, $folder, %options) = @_;
	my $self = bless { folder => $folder, %options }, $class;

	die "a folder is missing: see tests/fake/README.md\n" if !defined $folder || !-d $folder;
	$SIG{PIPE} = 'IGNORE';
	local $| = 1;
	$self->{listener} = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $self->settings->{port} // 0,
		Listen => 64, ReuseAddr => 1) or die "cannot listen: $!\n";
	$self->{port} = $self->{listener}->sockport;
	print "port $self->{port}\n";
	$self->accept_all;
}

# Lives as long as its standard input is open; each connection is a process of its own.
sub accept_all
{
	my ($self) = @_;
	my $select = IO::Select->new($self->{listener}, \*STDIN);

	while (1)
	{
		for my $handle ($select->can_read(1))
		{
			exit 0 if $handle == \*STDIN && !sysread STDIN, my $unused, 4096;
			next if $handle == \*STDIN;
			my $client = $self->{listener}->accept or next;
			if (!(fork // die "fork: $!\n"))
			{
				close $self->{listener};
				setsockopt $client, IPPROTO_TCP, TCP_NODELAY, 1;
				eval { $self->serve($client); 1 } or warn "fake server: $@";
				close $client;
				POSIX::_exit(0);
			}
			close $client;
		}
		1 while waitpid(-1, WNOHANG) > 0;
	}
}

sub slurp
{
	my ($file) = @_;
	open my $in, '<:raw', $file or return undef;
	local $/;
	return scalar <$in>;
}

# FOLDER/settings.json as it is now.
sub settings
{
	my ($self) = @_;
	return $json->decode(slurp("$self->{folder}/settings.json") // '{}');
}

# Runs code while no other process of this server does.
sub locked
{
	my ($self, $code) = @_;
	open my $lock, '>>', "$self->{folder}/lock" or die "lock: $!\n";
	flock $lock, LOCK_EX;
	my @result = $code->();
	close $lock;
	return wantarray ? @result : $result[0];
}

sub note
{
	my ($self, $line) = @_;
	$self->locked(sub {
		open my $out, '>>:raw', "$self->{folder}/log" or die "log: $!\n";
		syswrite $out, $json->encode({ %$line, at => time }) . "\n";
		close $out;
	});
}

# The number of this request, counted over all processes and lives of the server.
sub number
{
	my ($self) = @_;
	return $self->locked(sub {
		my $number = 1 + (slurp("$self->{folder}/count") // 0);
		open my $out, '>', "$self->{folder}/count" or die "count: $!\n";
		print $out $number;
		close $out;
		return $number;
	});
}

# What is to go wrong with a request for that endpoint: the first row that fits, once less from now on.
sub fault
{
	my ($self, $endpoint) = @_;
	return $self->locked(sub {
		my $rows = $json->decode(slurp("$self->{folder}/faults.json") // '[]');
		my $found = {};
		for my $row (@$rows)
		{
			next if defined $row->{on} && $row->{on} ne $endpoint;
			if (($row->{skip} // 0) > 0) { $row->{skip}--; next; }
			next if defined $row->{times} && $row->{times}-- < 1;
			$found = $row;
			last;
		}
		if (%$found || @$rows)
		{
			open my $out, '>', "$self->{folder}/faults.new" or die "faults: $!\n";
			print $out $json->encode($rows);
			close $out;
			rename "$self->{folder}/faults.new", "$self->{folder}/faults.json";
		}
		return $found;
	});
}

# Tells the test that a request stands at a point, and waits until it is let go or the client has gone.
sub pause
{
	my ($self, $client, $request, $point) = @_;
	return if ($request->{fault}{pause} // '') ne $point;
	my $until = time + $PATIENCE;
	my $gone = IO::Select->new($client);

	$self->note({ event => 'paused', no => $request->{no}, endpoint => $request->{endpoint}, point => $point });
	while (!-e "$self->{folder}/release" && time < $until)
	{
		last if $gone->can_read(0.03) && !defined recv_peek($client);
	}
}

# undef when the other side has closed; what it sent stays to be read.
sub recv_peek
{
	my ($client) = @_;
	my $got = recv $client, my $byte, 1, Socket::MSG_PEEK();
	sleep 0.03;
	return defined $got && length $byte ? $byte : undef;
}

sub read_more
{
	my ($client, $buffer) = @_;
	my $count = sysread $client, $$buffer, 65536, length $$buffer;
	return $count;
}

sub read_head
{
	my ($client, $buffer) = @_;
	my $end;

	while (($end = index $$buffer, "\r\n\r\n") < 0)
	{
		return (undef, 'the head is too long') if length $$buffer > 32768;
		read_more($client, $buffer) or return;
	}
	my ($first, @lines) = split /\r\n/, substr $$buffer, 0, $end;
	substr($$buffer, 0, $end + 4) = '';
	my %request = (headers => {}, parameters => {});
	@request{qw(method path query)} = ($first // '') =~ m{^([A-Z]+) (/[!-~]*?)(?:\?([!-~]*))? HTTP/1\.1$} or return (undef, 'the request line');
	for (@lines)
	{
		my ($name, $value) = /^($TOKEN):[ \t]*([\t -~\x80-\xff]*?)[ \t]*$/ or return (undef, "the header line \"$_\"");
		return (undef, "the header $name comes twice") if exists $request{headers}{ lc $name };
		$request{headers}{ lc $name } = $value;
	}
	return (undef, 'no Host') if !defined $request{headers}{host};
	for my $pair (split /&/, $request{query} // '')
	{
		my ($name, $value) = map { s/\+/ /gr =~ s/%([0-9a-fA-F]{2})/chr hex $1/ger } $pair =~ /^([^=]+)=(.*)$/ or return (undef, "the query \"$pair\"");
		return (undef, "the parameter $name comes twice") if exists $request{parameters}{$name};
		$request{parameters}{$name} = $value;
	}
	return (\%request, undef);
}

# Resets the connection: the other side may lose what is on its way.
sub reset_connection
{
	my ($client) = @_;
	setsockopt $client, SOL_SOCKET, SO_LINGER, pack 'II', 1, 0;
	close $client;
	POSIX::_exit(0);
}

sub read_chunked
{
	my ($client, $buffer, $body) = @_;

	while (1)
	{
		my $end;
		while (($end = index $$buffer, "\r\n") < 0) { read_more($client, $buffer) or return 'the body breaks off'; }
		my $line = substr $$buffer, 0, $end + 2, '';
		$line =~ /^([0-9a-fA-F]{1,8})(?:;[^\r\n]*)?\r\n$/ or return 'the length of a chunk';
		my $size = hex $1;
		return 'the body is too long' if length($$body) + $size > $LONGEST;
		while (length $$buffer < $size + 2) { read_more($client, $buffer) or return 'the body breaks off'; }
		return 'a chunk does not end where it said' if substr($$buffer, $size, 2) ne "\r\n";
		$$body .= substr $$buffer, 0, $size;
		substr($$buffer, 0, $size + 2) = '';
		return undef if $size == 0;
	}
}

# The body into the request; or what is wrong with it.
sub read_body
{
	my ($self, $client, $buffer, $request) = @_;
	my ($length, $encoding, $expect) = @{ $request->{headers} }{qw(content-length transfer-encoding expect)};
	my $cut = $request->{fault}{cut_request};

	$request->{body} = '';
	return 'both Content-Length and Transfer-Encoding' if defined $length && defined $encoding;
	return "Transfer-Encoding: $encoding" if defined $encoding && lc $encoding ne 'chunked';
	return "Content-Length: $length" if defined $length && $length !~ /^\d{1,12}$/;
	return 'a POST without length' if !defined $length && !defined $encoding && $request->{method} =~ /^(?:POST|PUT)$/;
	return 'the body is too long' if ($length // 0) > $LONGEST;
	syswrite $client, "HTTP/1.1 100 Continue\r\n\r\n" if lc($expect // '') eq '100-continue';
	return read_chunked($client, $buffer, \$request->{body}) if defined $encoding;
	my $half = int(($length // 0) / 2);
	while (length $$buffer < ($length // 0))
	{
		reset_connection($client) if defined $cut && length $$buffer >= $cut;
		if (defined $half && length $$buffer >= $half) { $self->pause($client, $request, 'body'); undef $half; }
		read_more($client, $buffer) or return 'the body breaks off';
	}
	reset_connection($client) if defined $cut && $cut <= ($length // 0);
	$request->{body} = substr $$buffer, 0, $length // 0, '';
	return length $$buffer ? 'more bytes than Content-Length says' : undef;
}

# Finds who answers: sets endpoint, captures and handler of the request, or returns status and message.
sub route
{
	my ($self, $request) = @_;
	my $known;

	$request->{endpoint} = 'unknown';
	for my $row (@{ $self->{endpoints} })
	{
		my @captures = $request->{path} =~ $row->[1] or next;
		$known = 1;
		next if $row->[0] ne $request->{method};
		@$request{qw(endpoint handler captures)} = (@$row[ 2, 3 ], \@captures);
		return;
	}
	return $known ? (405, 'Method not allowed') : (404, 'Not found');
}

# Notes what the service takes money for; before it answers, as services do.
sub bill
{
	my ($self, $request, %what) = @_;
	die "billed twice\n" if $request->{billed};
	$request->{billed} = { %what };
	$self->note({ event => 'billed', no => $request->{no}, endpoint => $request->{endpoint}, %what });
}

# What the handler says, unless something else is to be answered.
sub decide
{
	my ($self, $request) = @_;
	my $fault = $request->{fault};
	my $answer;

	return $self->{error}->($request, @{ $request->{refused} }) if $request->{refused};
	return { status => $fault->{code} // 302, headers => { Location => $fault->{redirect} }, text => '' } if defined $fault->{redirect};
	$answer = $self->{error}->($request, $fault->{status}, $fault->{message} // "scripted failure $fault->{status}") if defined $fault->{status};
	$answer = eval { $request->{handler}->($self, $request) } if !$answer || $fault->{bill};
	if (!$answer)
	{
		print STDERR "fake server: $@";
		return { status => 500, text => "the fake server itself failed: $@" };
	}
	$answer = $self->{error}->($request, $fault->{status}, $fault->{message} // "scripted failure $fault->{status}") if defined $fault->{status};
	$answer->{headers}{'Retry-After'} = $fault->{retry_after} if defined $fault->{retry_after};
	return $answer;
}

# The bytes of an answer's body, spoilt as scripted.
sub body_of
{
	my ($answer, $fault) = @_;
	my $body = exists $answer->{json} ? $json->encode($answer->{json}) : $answer->{text} // '';

	$body = $json->encode($fault->{answer}) if ref $fault->{answer};
	$body = $fault->{answer} if defined $fault->{answer} && !ref $fault->{answer};
	$body = "<html><body>\xff\xfe gateway \0 says hello {\"text\":" if $fault->{garbage};
	$body = '' if $fault->{empty};
	$body = substr $body, 0, $fault->{truncate} if defined $fault->{truncate};
	return $body;
}

sub send_answer
{
	my ($self, $client, $request, $answer) = @_;
	my $fault = $request->{fault};
	my $body = body_of($answer, $fault);
	my %headers = ('Content-Type' => exists $answer->{json} ? 'application/json' : 'text/plain; charset=utf-8',
		'Content-Length' => length $body, Connection => 'close', %{ $answer->{headers} // {} });
	my $head = "HTTP/1.1 $answer->{status} Whatever\r\n" . join '', map { "$_: $headers{$_}\r\n" } sort keys %headers;
	my $sent = 0;
	my $piece = $fault->{pace} ? int($fault->{pace} / 10) + 1 : 65536;

	$self->note({ event => 'answering', no => $request->{no}, endpoint => $request->{endpoint} });
	syswrite $client, "$head\r\n";
	$body = substr $body, 0, $fault->{cut_answer} if defined $fault->{cut_answer};
	while ($sent < length $body)
	{
		my $count = syswrite $client, $body, $piece, $sent or last;
		$sent += $count;
		sleep 0.1 if $fault->{pace};
		$self->pause($client, $request, 'answer') if $sent * 2 >= length $body;
	}
	reset_connection($client) if defined $fault->{cut_answer} && $fault->{reset};
	$self->note({ event => 'answered', no => $request->{no}, endpoint => $request->{endpoint}, status => $answer->{status},
		whole => !defined $fault->{cut_answer} && $sent == length $body ? JSON::PP::true : JSON::PP::false });
}

sub refuse
{
	my ($self, $client, $request, $problem) = @_;
	$self->note({ event => 'malformed', no => $request->{no}, endpoint => $request->{endpoint} // 'unknown', problem => $problem });
	$self->send_answer($client, $request, $self->{error}->($request, 400, "malformed HTTP request: $problem"));
}

sub serve
{
	my ($self, $client) = @_;
	my $buffer = '';
	my ($request, $problem) = read_head($client, \$buffer);

	return if !$request && !defined $problem;
	my $number = $self->number;
	return $self->refuse($client, { no => $number, fault => {} }, $problem) if !$request;
	@$request{qw(no fault)} = ($number, {});
	my @refused = $self->route($request);
	$request->{refused} = \@refused if @refused;
	$request->{fault} = $self->fault($request->{endpoint});
	$self->note({ event => 'arrived', no => $number, map { $_ => $request->{$_} } qw(endpoint method path query headers) });
	$self->pause($client, $request, 'head');
	return $self->send_answer($client, $request, $self->decide($request)) if $request->{fault}{early};
	$problem = $self->read_body($client, \$buffer, $request);
	return $self->note({ event => 'broken', no => $number, endpoint => $request->{endpoint} }) if ($problem // '') eq 'the body breaks off';
	return $self->refuse($client, $request, $problem) if defined $problem;
	$self->pause($client, $request, 'request');
	if ($request->{fault}{hang}) { $request->{fault}{pause} = 'hang'; $self->pause($client, $request, 'hang'); return; }
	my $answer = $self->decide($request);
	$self->note({ event => 'request', no => $number, status => $answer->{status}, endpoint => $request->{endpoint},
		map { defined $request->{$_} ? ($_ => $request->{$_}) : () } qw(fields file content problem billed) });
	$self->pause($client, $request, 'billed');
	sleep $request->{fault}{slow} if $request->{fault}{slow};
	$self->send_answer($client, $request, $answer);
}

1;
