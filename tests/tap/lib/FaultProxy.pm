# tests/tap/lib/FaultProxy.pm
#     A server on loopback that hands connections on to another, and spoils those it is told to. Each has one request: the
#     other server is asked to close it behind its answer.
#
#     my $proxy = FaultProxy->start($folder, $port);   hands on to that port of loopback
#     $proxy->url;                                     http://127.0.0.1:...
#     $proxy->set({ match => 'PATTERN of the first line', times => 1, do => 'answer', status => 503, body => '...' },
#         { match => ..., do => 'cut', bytes => 1000 },      both sides are closed after so many bytes of the request
#         { match => ..., do => 'lose' },                    ... when the answer comes
#         { match => ..., do => 'short', bytes => 1000 },    ... after so many bytes of the answer
#         { match => ..., do => 'slow', seconds => 1 },      handed on after so long
#         { match => ..., do => 'wait', file => PATH },      handed on when that file is there
#         { match => ..., do => 'change', bytes => 1000 },   that byte of the request is another
#         { match => ..., do => 'kill', bytes => 1000 },     as cut and lose (without bytes), but it is the
#             pid => 123 },                                  process `pid` that is killed
#         { match => ..., do => 'kill', answer => 1000, pid => 123 });     ... after so many bytes of the answer
#     head => 'PATTERN' in a rule: the whole head of the request has to have it, too; drop => 'NAME': that header is not handed on
#     $proxy->requests;                                first lines of the requests since the last time
#     $proxy->heads;                                   their whole heads, likewise
package FaultProxy;

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use JSON::PP;
use POSIX ();

sub start
{
	my ($class, $folder, $port) = @_;
	my $self = bless { folder => $folder, to => $port, generation => 0 }, $class;
	my $listener = IO::Socket::INET->new(Listen => 64, LocalAddr => '127.0.0.1', ReuseAddr => 1) or die "listen: $!\n";

	mkdir $folder;
	$self->{port} = $listener->sockport;
	$self->set();
	$self->{pid} = fork // die "fork: $!\n";
	if ($self->{pid} == 0)
	{
		local $SIG{CHLD} = 'IGNORE';
		$self->serve($listener);
		POSIX::_exit(0);
	}
	return $self;
}

sub url { return "http://127.0.0.1:$_[0]{port}"; }

sub set
{
	my ($self, @rules) = @_;
	my $file = "$self->{folder}/rules";

	open my $out, '>', "$file.new" or die "$file: $!\n";
	print $out encode_json({ generation => ++$self->{generation}, rules => \@rules });
	close $out;
	rename "$file.new", $file or die "$file: $!\n";
}

sub requests
{
	my ($self) = @_;
	my $file = "$self->{folder}/requests";
	return () if !rename $file, "$file.read";
	open my $in, '<', "$file.read" or die "$file: $!\n";
	my @lines = <$in>;
	chomp @lines;
	return @lines;
}

sub heads
{
	my ($self) = @_;
	my $file = "$self->{folder}/heads";
	return () if !rename $file, "$file.read";
	open my $in, '<', "$file.read" or die "$file: $!\n";
	local $/ = "\r\n\r\n";
	return <$in>;
}

# The first rule that the request meets and that is not used up.
sub rule_for
{
	my ($self, $line, $head) = @_;
	open my $in, '<', "$self->{folder}/rules" or die "rules: $!\n";
	my $now = decode_json(join '', <$in>);

	@$self{qw(rules seen)} = ($now->{rules}, $now->{generation}) if $now->{generation} != ($self->{seen} // 0);
	for my $rule (@{ $self->{rules} })
	{
		next if $line !~ /$rule->{match}/ || ($rule->{times} // 1) <= 0 || (defined $rule->{head} && $head !~ /$rule->{head}/i);
		$rule->{times} = ($rule->{times} // 1) - 1;
		return $rule;
	}
	return undef;
}

sub serve
{
	my ($self, $listener) = @_;

	while (1)
	{
		my $client = $listener->accept or next;
		my $head = '';
		while ($head !~ /\r\n\r\n/)
		{
			sysread($client, $head, 16384, length $head) or last;
		}
		next if $head !~ /^([^\r]*)\r\n/;
		my $line = $1;
		open my $out, '>>', "$self->{folder}/requests" or die "requests: $!\n";
		syswrite $out, "$line\n";
		close $out;
		open $out, '>>', "$self->{folder}/heads" or die "heads: $!\n";
		syswrite $out, $head =~ /^(.*?\r\n\r\n)/s ? $1 : '';
		close $out;
		my $rule = $self->rule_for($line, $head);
		my $pid = fork // die "fork: $!\n";
		next if $pid != 0;
		close $listener;
		$self->hand_on($client, $head, $rule // { do => '' });
		POSIX::_exit(0);
	}
}

sub answer
{
	my ($client, $head, $rule) = @_;
	my ($length) = $head =~ /\r\nContent-Length: (\d+)/i;
	my $left = ($length // 0) - length($head =~ s/^.*?\r\n\r\n//sr);

	while ($left > 0)
	{
		my $got = sysread($client, my $bytes, 65536) or last;
		$left -= $got;
	}
	my $more = join '', map { "$_\r\n" } @{ $rule->{headers} // [] };
	syswrite $client, "HTTP/1.1 $rule->{status} Told\r\nContent-Length: " . length($rule->{body} // '') . "\r\n${more}Connection: close\r\n\r\n" . ($rule->{body} // '');
}

# Kills who is to be killed; then, and when only the connection is to go, both sides are closed.
sub spoil
{
	my ($rule) = @_;
	kill 'KILL', $rule->{pid} if $rule->{do} eq 'kill';
	POSIX::_exit(0);
}

sub hand_on
{
	my ($self, $client, $head, $rule) = @_;

	return answer($client, $head, $rule) if $rule->{do} eq 'answer';
	$head =~ s/\r\n\Q$rule->{drop}\E:[^\r]*//i if $rule->{drop};
	select undef, undef, undef, $rule->{seconds} if $rule->{do} eq 'slow';
	if ($rule->{do} eq 'wait') { select undef, undef, undef, 0.02 until -e $rule->{file}; }
	my $least = $rule->{do} eq 'short' ? delete $rule->{bytes} : delete $rule->{answer};
	spoil($rule) if defined $rule->{bytes} && $rule->{bytes} <= 0;
	my $server = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{to}) or return;
	my $sent = 0;
	my $changed = $rule->{do} eq 'change' ? delete $rule->{bytes} : undef;
	my $forward = sub {
		my ($bytes) = @_;
		substr($bytes, $changed - $sent, 1) ^= "\x01" if defined $changed && $changed >= $sent && $changed < $sent + length $bytes;
		my $most = defined $rule->{bytes} && $sent + length $bytes >= $rule->{bytes} ? $rule->{bytes} - $sent : length $bytes;
		for (my $at = 0; $at < $most;)
		{
			$at += syswrite($server, $bytes, $most - $at, $at) // POSIX::_exit(0);
		}
		$sent += $most;
		spoil($rule) if defined $rule->{bytes} && $sent >= $rule->{bytes};
	};
	my $loses = !defined $rule->{bytes} && !defined $least && $rule->{do} =~ /^(?:lose|kill)$/;
	my $select = IO::Select->new($client, $server);

	# so that each request comes by a connection of its own
	$head =~ s/\r\n/\r\nConnection: close\r\n/ if $head !~ /\r\nConnection:/i;
	$forward->($head);
	while (my @ready = $select->can_read)
	{
		for my $socket (@ready)
		{
			my $got = sysread($socket, my $bytes, 262144);
			return if !$got;
			if ($socket == $client)
			{
				$forward->($bytes);
				next;
			}
			spoil($rule) if $loses;
			$got = $least if defined $least && $got > $least;
			for (my $at = 0; $at < $got;)
			{
				$at += syswrite($client, $bytes, $got - $at, $at) // return;
			}
			next if !defined $least || ($least -= $got) > 0;
			spoil($rule) if $rule->{do} eq 'kill';
			return;
		}
	}
}

sub DESTROY
{
	my ($self) = @_;
	local $?;
	return if !$self->{pid};
	kill 'KILL', $self->{pid};
	waitpid $self->{pid}, 0;
}

1;
