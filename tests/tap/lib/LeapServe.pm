# tests/tap/lib/LeapServe.pm
#     A running `leap serve` over a LeapNode, and what clients send to it.
#
#     my $serve = LeapServe->new($leap, '--body-limit=1000');     ready to be asked
#     my ($status, $head, $body) = $serve->request('GET', '/words', [@fields], $body);
#     my $answer = $serve->raw($bytes);                           all that comes, as it comes
#     my @bearer = $serve->bearer('teacher@example.org');         the field that says who asks
#     $serve->stop;
#
# What is started here ends with the test.
package LeapServe;

use strict;
use warnings;

use IO::Socket::INET;
use JSON::PP ();

my @started;

sub new
{
	my ($class, $leap, @options) = @_;
	my $self = bless { leap => $leap }, $class;
	my $log = $leap->worker_log(++$leap->{workers});
	my $pid = fork // die "fork: $!\n";

	if ($pid == 0)
	{
		$ENV{LEAP_STORAGE} = $leap->{storage};
		$ENV{LEAP_DATABASE} = $leap->node->connstr('leap') . ' user=leap_gateway';
		open STDERR, '>>', $log or die "$log: $!\n";
		exec $leap->program, 'serve', '--listen=0', '--processes=1', '--connections=2', '--rate-limit=0', '--address-rate-limit=0', @options
		  or die "leap: $!\n";
	}
	push @started, $pid;
	$self->{pid} = $pid;
	$self->{port} = $leap->wait_until(sub { $leap->log_text =~ m{(?:\[$pid\] INFO: |"pid":$pid,"message":")serving at http://127\.0\.0\.1:(\d+)/} ? $1 : undef })
	  // die "leap serve does not say where it listens\n";
	$leap->wait_until(sub { $self->status('GET', '/health/ready') == 200 }) // die "leap serve is not ready\n";
	return $self;
}

sub pid { return $_[0]{pid}; }
sub port { return $_[0]{port}; }

# The processes that serve.
sub processes { return $_[0]{leap}->children($_[0]{pid}); }

sub connect
{
	my ($self) = @_;
	return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port}, Timeout => 10) // die "connect: $!\n";
}

# Sends the bytes; all that comes until the server ends the connection, or for 30 seconds.
sub raw
{
	my ($self, $bytes) = @_;
	my $socket = $self->connect;
	my $answer = '';

	local $SIG{ALRM} = sub { die "slow\n" };
	local $SIG{PIPE} = 'IGNORE';
	eval { alarm 30; print $socket $bytes; $answer = do { local $/; <$socket> } // ''; alarm 0; };
	alarm 0;
	return $answer;
}

# request(METHOD, PATH, FIELDS, BODY): status, head, body
sub request
{
	my ($self, $method, $path, $fields, $body) = @_;
	my @lines = ('Host: leap', 'Connection: close', @{ $fields // [] });

	$body //= '';
	push @lines, 'Content-Length: ' . length $body if $method !~ /^(?:GET|HEAD)$/ && !grep { /^(?:Content-Length|Transfer-Encoding):/i } @lines;
	return parts($self->raw("$method $path HTTP/1.1\r\n" . join('', map { "$_\r\n" } @lines) . "\r\n$body"));
}

# An answer as status (0: none), head, body.
sub parts
{
	my ($head, $content) = split /\r\n\r\n/, $_[0], 2;
	return (($head // '') =~ m{^HTTP/1\.1 (\d+)} ? $1 : 0, $head // '', $content // '');
}

sub status
{
	my ($self, @request) = @_;
	return ($self->request(@request))[0];
}

# json(METHOD, PATH, FIELDS, VALUE): status and the decoded answer; VALUE is sent as JSON.
sub json
{
	my ($self, $method, $path, $fields, $value) = @_;
	my $body = defined $value ? JSON::PP->new->utf8->allow_nonref->encode($value) : undef;
	my ($status, undef, $content) = $self->request($method, $path, [ @{ $fields // [] }, defined $value ? 'Content-Type: application/json' : () ], $body);
	return ($status, $content ne '' ? eval { JSON::PP->new->utf8->allow_nonref->decode($content) } // $content : undef);
}

# The field that says that this user asks: a token of ten minutes.
sub bearer
{
	my ($self, $email) = @_;
	return 'Authorization: Bearer ' . $self->{leap}->access_token("email = '$email'", 600);
}

# Tells it to end; the wait status.
sub stop
{
	my ($self, $signal) = @_;
	my $pid = $self->{pid};

	kill $signal // 'TERM', $pid;
	waitpid $pid, 0;
	@started = grep { $_ != $pid } @started;
	return $?;
}

END
{
	my $status = $?;

	for my $pid (@started)
	{
		kill 'TERM', $pid;
		waitpid $pid, 0;
	}
	$? = $status;
}

1;
