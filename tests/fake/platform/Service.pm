# tests/fake/platform/Service.pm
#     What the platforms share: their hosts (each a port of its own), state in files, a clock that tests move, the notes of what
#     was asked, and what a test lets go wrong. How tests use it: tests/fake/README.md.
#
# A platform is a module with one function, platform():
#
#     { name => 'youtube',
#       hosts => ['api', 'accounts'],                      each is a port: another origin
#       endpoints => { api => 'api/youtube/v3', ... },     endpoint => HOST/path, as operators may override it
#       routes => [[ 'GET|POST', 'api', qr{^/youtube/v3/videos$}, 'videos.list', \&handler, { stream => 1 } ], ...],
#       error => sub { my ($service, $request, \%what) = @_; answer } }     in its own words: what = {status, reason, message, ...}
#
# In a route's name, '*' stands for the first capture of its path. A handler gets service and request {no, platform, host,
# endpoint, method, path, query, parameters, lists, headers, captures, body, fault} and returns an answer {status, headers, and
# json | text | file => {path, from, bytes}}, `close` => 1, `type`. With `stream` the body is not read before: the handler calls
# $service->read_body($request, sub { my ($bytes) = @_ ... }) or $service->form($request); both give up by themselves, and
# the handler with them, when the body breaks off, so what came until then has to be kept as it comes.
# $request->{problem} = '...' notes why something was refused; $request->{noted}{x} = ... whatever a test may want to see.
package Service;

use strict;
use warnings;

use parent 'Folder';

use Connection;
use Digest::SHA qw(sha256_hex);
use Form;
use Cpanel::JSON::XS ();
use JSON::PP;
use POSIX qw(strftime);
use Time::HiRes qw(sleep time);

my $json = Cpanel::JSON::XS->new->canonical->utf8;
my $LONGEST = 8_000_000;    # of a body that is read as a whole
my $PATIENCE = 120;         # seconds a pause lasts at most

sub new
{
	my ($class, $folder, @platforms) = @_;
	my $self = bless { folder => $folder, platforms => {}, ports => {} }, $class;

	mkdir "$folder/$_" for qw(state files);
	for my $platform (@platforms)
	{
		$platform->{path} = "$folder/files/$platform->{name}";
		mkdir $platform->{path};
		$self->{platforms}{ $platform->{name} } = $platform;
	}
	return $self;
}

# Settings of a platform as they are now: those of all, and its own on top.
sub settings
{
	my ($self, $platform) = @_;
	my $all = $json->decode(Folder::slurp("$self->{folder}/settings.json") // '{}');
	return { %$all, %{ $all->{ $platform // '' } // {} } };
}

# Seconds since 1970 on the service's own clock.
sub now
{
	my ($self) = @_;
	return time + ($self->settings->{clock} // 0);
}

# 2026-11-21T23:58:23Z
sub stamp
{
	my ($self, $time) = @_;
	return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime($time // $self->now));
}

sub random_text
{
	my ($self, $bytes) = @_;
	open my $in, '<:raw', '/dev/urandom' or die "urandom: $!\n";
	read $in, my $random, $bytes // 24;
	return unpack 'H*', $random;
}

# Characters of a set, as many as asked for.
sub random_id
{
	my ($self, $length, $set) = @_;
	my @set = split //, $set // 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-';
	return join '', map { $set[ hex(substr $_, 0, 4) % @set ] } $self->random_text($length * 2) =~ /(.{4})/g;
}

# Where a host of a platform is: http://127.0.0.1:PORT
sub origin
{
	my ($self, $platform, $host) = @_;
	return "http://127.0.0.1:$self->{ports}{\"$platform.$host\"}";
}

# How often something was asked since the beginning, this time included.
sub count
{
	my ($self, $what) = @_;
	return $self->locked("state/count", sub {
		my $file = "$self->{folder}/state/count.json";
		my $counts = $json->decode(Folder::slurp($file) // '{}');
		my $now = ++$counts->{$what};
		Folder::write_file($file, $json->encode($counts));
		return $now;
	});
}

sub note
{
	my ($self, $line) = @_;
	$self->locked('log', sub {
		open my $out, '>>:raw', "$self->{folder}/log" or die "log: $!\n";
		syswrite $out, $json->encode({ %$line, at => time }) . "\n";
		close $out;
	});
}

sub fits
{
	my ($row, $request) = @_;
	my %text = (%{ $request->{headers} }, query => $request->{query} // '', path => $request->{path});

	return 0 if defined $row->{platform} && $row->{platform} ne $request->{platform};
	return 0 if defined $row->{on} && $request->{endpoint} !~ /^(?:$row->{on})$/;
	for my $name (keys %{ $row->{where} // {} }) { return 0 if ($text{$name} // '') !~ /$row->{where}{$name}/; }
	return 1;
}

# What is to go wrong with a request: the first row that fits, once less from now on.
sub fault
{
	my ($self, $request) = @_;
	return $self->locked('faults', sub {
		my $rows = $json->decode(Folder::slurp("$self->{folder}/faults.json") // '[]');
		my $found = {};
		return $found if !@$rows;
		for my $row (@$rows)
		{
			next if !fits($row, $request);
			if (($row->{skip} // 0) > 0) { $row->{skip}--; next; }
			next if defined $row->{times} && $row->{times} < 1;
			$row->{seen}++;
			next if defined $row->{every} && $row->{seen} % $row->{every};
			$row->{times}-- if defined $row->{times};
			$found = $row;
			last;
		}
		Folder::write_file("$self->{folder}/faults.json", $json->encode($rows));
		return $found;
	});
}

# Tells the test that a request stands at a point, and waits until it is let go or the client has gone.
sub pause
{
	my ($self, $request, $point) = @_;
	return if ($request->{fault}{pause} // '') ne $point;
	my $until = time + $PATIENCE;

	$self->note({ event => 'paused', no => $request->{no}, platform => $request->{platform}, endpoint => $request->{endpoint}, point => $point });
	while (!-e "$self->{folder}/release" && time < $until)
	{
		last if $request->{connection}->gone(0);
		sleep 0.03;
	}
}

# Finds who answers, or says what is wrong with the address.
sub route
{
	my ($self, $platform, $request) = @_;
	my $known;

	$request->{endpoint} = 'unknown';
	for my $row (@{ $platform->{routes} })
	{
		my ($methods, $host, $path, $name, $handler, $options) = @$row;
		next if $host ne $request->{host};
		my @captures = $request->{path} =~ $path or next;
		$known = 1;
		next if $request->{method} !~ /^(?:$methods)$/;
		$request->{endpoint} = $name =~ s/\*/$captures[0]/r;
		@$request{qw(captures handler options)} = (\@captures, $handler, $options // {});
		return undef;
	}
	return $known ? { status => 405, message => 'Method not allowed' } : { status => 404, message => 'Not found' };
}

# An answer in the words of the platform.
sub refuse
{
	my ($self, $request, %what) = @_;
	$request->{problem} //= $what{message};
	return $self->{platforms}{ $request->{platform} }{error}->($self, $request, \%what);
}

# Gives the body to code, piece by piece; counts it, cuts and pauses where a test wants it.
sub read_body
{
	my ($self, $request, $give) = @_;
	my $fault = $request->{fault};
	my $pause = ($fault->{pause} // '') eq 'body' ? $fault->{pause_at} // int((Connection::announced($request) // 0) / 2) : undef;
	my $pace = $fault->{request_pace};
	my $count = 0;

	my $problem = $request->{connection}->body($request, sub {
		my ($bytes) = @_;
		my $cut = defined $fault->{cut_request} && $count + length $bytes >= $fault->{cut_request};
		$bytes = substr $bytes, 0, $fault->{cut_request} - $count if $cut;
		$count += length $bytes;
		$request->{received} = $count;
		$give->($bytes) if length $bytes;
		die { cut => 1 } if $cut;
		if (defined $pause && $count >= $pause) { $self->pause($request, 'body'); undef $pause; }
		sleep length($bytes) / $pace if $pace;
	});
	die { cut => 1 } if !defined $problem && defined $fault->{cut_request} && $fault->{cut_request} <= $count;
	die { broken => 1 } if ($problem // '') eq 'the body breaks off';
	die { answer => $self->refuse($request, status => 400, message => "malformed HTTP request: $problem"), close => 1 } if defined $problem;
	return $count;
}

# The body as a multipart form that was read; undef if it is none.
sub form
{
	my ($self, $request) = @_;
	my $form = Form->new($request->{headers}{'content-type'}, $self->{platforms}{ $request->{platform} }{path}) or return undef;
	$self->read_body($request, sub { $form->give($_[0]) });
	my $problem = $form->end;
	die { answer => $self->refuse($request, status => 400, message => "malformed form: $problem") } if defined $problem;
	return $form;
}

# The value of a JSON body; dies with an answer if it is none.
sub json_body
{
	my ($self, $request) = @_;
	my $type = $request->{headers}{'content-type'} // '';
	die { answer => $self->refuse($request, status => 415, reason => 'unsupportedMediaType', message => "Content-Type \"$type\" is not application/json") }
	  if $type !~ m{^application/json(?:\s*;\s*charset="?utf-8"?)?$}i;
	my $value = eval { $json->decode($request->{body}) };
	die { answer => $self->refuse($request, status => 400, reason => 'parseError', message => 'Parse Error: the body is no JSON') } if !defined $value;
	return $value;
}

# A file with Range, If-Range and HEAD as they should be.
sub file_answer
{
	my ($self, $request, $path, %headers) = @_;
	my $size = -s $path;
	my $tag = '"' . sha256_hex($path . $size) =~ s/^(.{32}).*/$1/r . '"';
	my ($from, $to, $status) = (0, $size - 1, 200);
	my $range = $request->{headers}{range};

	undef $range if defined $request->{headers}{'if-range'} && $request->{headers}{'if-range'} ne $tag;
	if (defined $range && $range =~ /^bytes=(\d*)-(\d*)$/ && "$1$2" ne '')
	{
		($from, $to) = $1 eq '' ? ($2 < $size ? $size - $2 : 0, $size - 1) : ($1, $2 eq '' || $2 >= $size ? $size - 1 : $2);
		return { status => 416, text => '', headers => { 'Content-Range' => "bytes */$size" } } if $from > $to;
		$status = 206;
		$headers{'Content-Range'} = "bytes $from-$to/$size";
	}
	return { status => $status, file => { path => $path, from => $from, bytes => $to - $from + 1 },
		headers => { 'Accept-Ranges' => 'bytes', ETag => $tag, 'Content-Type' => 'application/octet-stream', %headers } };
}

# What the handler says; answer or {cut, broken} is thrown by what it calls.
sub handle
{
	my ($self, $request) = @_;
	if (!$request->{options}{stream})
	{
		my $body = '';
		my $done = eval {
			$self->read_body($request, sub { $body .= $_[0]; die { answer => { status => 413, text => 'too long' }, close => 1 } if length $body > $LONGEST; });
			1;
		};
		return $@ if !$done && ref $@;
		die $@ if !$done;
		$request->{body} = $body;
	}
	$self->pause($request, 'request');
	my $answer = eval { $request->{handler}->($self, $request) };
	return { answer => $answer } if $answer;
	return $@ if ref $@;
	print STDERR "fake platform: $request->{endpoint}: $@";
	return { answer => { status => 500, text => "the fake platform itself failed: $@" }, close => 1 };
}

# The answer, or what else happens: {answer, close} | {cut} | {broken}.
sub decide
{
	my ($self, $request) = @_;
	my $fault = $request->{fault};
	my $instead;

	if (defined $fault->{redirect}) { $instead = { status => $fault->{status} // 302, headers => { Location => $fault->{redirect} }, text => '' }; }
	elsif (defined $fault->{answer}) { $instead = { status => $fault->{status} // 200, ref $fault->{answer} ? (json => $fault->{answer}) : (text => $fault->{answer}, type => $fault->{type}) }; }
	elsif (defined $fault->{status} || defined $fault->{reason}) { $instead = $self->refuse($request, status => 500, message => 'scripted failure', %$fault); }
	$instead->{headers}{'Retry-After'} = $fault->{retry_after} if $instead && defined $fault->{retry_after};
	$instead->{headers} = { %{ $instead->{headers} // {} }, %{ $fault->{headers} } } if $instead && $fault->{headers};
	return { answer => $instead, close => 1 } if $instead && $fault->{early};
	if ($instead && !$fault->{late})    # the body is read, nothing is done with it
	{
		my $done = eval { $self->read_body($request, sub { }); 1 };
		return $done ? { answer => $instead } : $@;
	}
	my $outcome = handle($self, $request);
	$outcome->{answer} = $instead if $instead && $outcome->{answer};
	return $outcome;
}

sub date { return strftime('%a, %d %b %Y %H:%M:%S GMT', gmtime); }

# Sends what is left of a limit, slowly if a test wants it; false: no more may go.
sub send_limited
{
	my ($self, $request, $bytes, $limit) = @_;
	my $pace = $request->{fault}{pace};

	while (length $bytes)
	{
		my $piece = substr $bytes, 0, $pace ? int($pace / 20) + 1 : length $bytes, '';
		$piece = substr $piece, 0, $$limit if defined $$limit && length $piece > $$limit;
		$$limit -= length $piece if defined $$limit;
		$request->{sent} += length $piece;
		$request->{connection}->send($piece) or return 0;
		return 0 if defined $$limit && $$limit <= 0;
		sleep 0.05 if $pace;
	}
	return 1;
}

sub send_file
{
	my ($self, $request, $file, $limit) = @_;
	my $rest = $file->{bytes};
	my $half = int($rest / 2);

	open my $in, '<:raw', $file->{path} or die "$file->{path}: $!\n";
	sysseek $in, $file->{from} // 0, 0;
	while ($rest > 0)
	{
		my $count = sysread $in, my $bytes, $rest < 262144 ? $rest : 262144 or die "$file->{path} is too short\n";
		$rest -= $count;
		$self->send_limited($request, $bytes, $limit) or return 0;
		if (defined $half && $rest <= $half) { $self->pause($request, 'answer'); undef $half; }
	}
	return 1;
}

# False: the connection is over.
sub send_answer
{
	my ($self, $request, $answer, $close) = @_;
	my $fault = $request->{fault};
	my $body = exists $answer->{json} ? $json->encode($answer->{json}) : $answer->{text} // '';
	my $length = $answer->{file} ? $answer->{file}{bytes} : length $body;
	my $chunked = !$answer->{file} && $self->settings($request->{platform})->{chunked};
	my $type = $answer->{type} // (exists $answer->{json} ? 'application/json; charset=UTF-8' : 'text/html; charset=utf-8');
	my %headers = (Date => date(), 'Content-Type' => $type, %{ $answer->{headers} // {} }, $close ? (Connection => 'close') : ());
	my $limit = $fault->{lose} ? 0 : $fault->{cut_answer};

	if (defined $fault->{truncate} && !$answer->{file}) { $body = substr $body, 0, $fault->{truncate}; $length = length $body; }
	delete $headers{'Content-Type'} if $answer->{status} == 204;
	my $bodiless = $request->{method} eq 'HEAD' || $answer->{status} == 204;
	if ($chunked && !$bodiless) { $headers{'Transfer-Encoding'} = 'chunked'; $body = join '', (map { sprintf("%x\r\n%s\r\n", length $_, $_) } $body =~ /(.{1,1000})/gs), "0\r\n\r\n"; }
	elsif ($answer->{status} != 204) { $headers{'Content-Length'} = $length; }
	my $head = Connection::head_text($answer->{status}, [ map { $_ => $headers{$_} } sort keys %headers ]);
	return 0 if defined $limit && $limit <= 0;
	$self->send_limited($request, $head, \$limit) or return 0;
	return 1 if $bodiless;
	return $self->send_file($request, $answer->{file}, \$limit) if $answer->{file};
	return 0 if !$self->send_limited($request, substr($body, 0, int(length($body) / 2), ''), \$limit);
	$self->pause($request, 'answer');
	return $self->send_limited($request, $body, \$limit);
}

sub noted_body
{
	my ($request) = @_;
	my $body = $request->{body} // '';
	return length $body && length $body <= 65536 && $body !~ /[^\t\r\n -~\x80-\xff]/ ? (body => $body) : ();
}

# One request and its answer; false: the connection is over.
sub exchange
{
	my ($self, $request) = @_;
	my $connection = $request->{connection};
	my $platform = $self->{platforms}{ $request->{platform} };

	$request->{no} = $self->count('requests');
	my $wrong = $self->route($platform, $request);
	$request->{handler} = sub { return $self->refuse($request, %$wrong) } if $wrong;
	$request->{fault} = $self->fault($request);
	my %told = map { $_ => $request->{$_} } grep { defined $request->{$_} } qw(no platform host endpoint method path query headers);
	$self->note({ event => 'arrived', %told });
	$self->pause($request, 'head');
	my $fault = $request->{fault};
	my $outcome = $self->decide($request);
	my $answer = $outcome->{answer};
	$self->note({ event => 'request', %told, noted_body($request), status => $answer ? $answer->{status} + 0 : undef, received => ($request->{received} // 0) + 0,
		$outcome->{cut} || $outcome->{broken} ? (broken => $outcome->{cut} ? 'cut' : 'gone') : (),
		map { defined $request->{$_} ? ($_ => $request->{$_}) : () } qw(problem noted) });
	if ($outcome->{cut} || !$answer) { $connection->reset; return 0; }
	$self->pause($request, 'done');
	if ($fault->{hang}) { $fault->{pause} = 'hang'; $self->pause($request, 'hang'); return 0; }
	sleep $fault->{slow} if $fault->{slow};
	my $unread = !$request->{body_read} && (Connection::announced($request) // 1);
	my $close = $outcome->{close} || $answer->{close} || $unread || $fault->{close} || lc($request->{headers}{connection} // '') eq 'close';
	my $whole = $self->send_answer($request, $answer, $close);
	$self->note({ event => 'answered', no => $request->{no}, platform => $request->{platform}, endpoint => $request->{endpoint}, status => $answer->{status} + 0,
		sent => ($request->{sent} // 0) + 0, whole => $whole ? JSON::PP::true : JSON::PP::false });
	$connection->reset if !$whole && $fault->{reset};
	return $whole && !$close;
}

# All requests of one connection.
sub serve
{
	my ($self, $socket, $platform, $host) = @_;
	my $connection = Connection->new($socket);

	while (1)
	{
		my ($request, $problem) = $connection->head;
		last if !$request && !defined $problem;
		if (!$request)
		{
			$self->note({ event => 'malformed', platform => $platform, problem => $problem });
			$connection->send(Connection::head_text(400, [ 'Content-Length' => 0, Connection => 'close' ]));
			last;
		}
		@$request{qw(connection platform host)} = ($connection, $platform, $host);
		delete $connection->{continued};
		$self->exchange($request) or last;
	}
	$connection->finish;
}

1;
