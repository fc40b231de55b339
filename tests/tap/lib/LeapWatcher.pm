# tests/tap/lib/LeapWatcher.pm
#     Somebody who listens to the events of a `leap serve`, as a browser would: what breaks is opened again, from
#     the last id on.
#
#     my $watcher = LeapWatcher->new($serve, \@fields, '?recording=ID');
#     $watcher->listen(2);                  two seconds, or until $watcher->listen(2, sub { … }) is true
#     my @events = $watcher->events('task') what was told: [event, decoded data]; ->count('task')
#     $watcher->hang_up;                    breaks the connection, as a train in a tunnel does
#     LeapWatcher::listen_all(2, @watchers)
package LeapWatcher;

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use JSON::PP ();
use Time::HiRes qw(sleep time);

my $json = JSON::PP->new->utf8;

sub new
{
	my ($class, $serve, $fields, $query, %options) = @_;
	my $self = bless { port => $serve->port, fields => $fields // [], query => $query // '', told => [], count => {}, opened => 0, %options }, $class;

	$self->open_again;
	return $self;
}

sub open_again
{
	my ($self) = @_;
	my @fields = @{ $self->{fields} };

	push @fields, "Last-Event-ID: $self->{id}" if defined $self->{id} && $self->{id} ne '';
	$self->{bytes} = $self->{text} = '';
	$self->{head} = undef;
	$self->{socket} = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port}, Timeout => 10) or return;
	$self->{opened}++;
	local $SIG{PIPE} = 'IGNORE';
	$self->{socket}->syswrite("GET /events$self->{query} HTTP/1.1\r\nHost: leap\r\n" . join('', map { "$_\r\n" } @fields) . "\r\n");
	$self->{socket}->blocking(0);
	return;
}

sub hang_up
{
	my ($self) = @_;
	close $self->{socket} if $self->{socket};
	$self->{socket} = undef;
	return;
}

sub status { return ($_[0]{head} // '') =~ m{^HTTP/1\.1 (\d+)} ? $1 : 0; }

# Decoded only when somebody looks: where hundreds listen that would take longest.
sub events
{
	my ($self, $event) = @_;
	return map { ref $_->[1] or $_->[1] = $json->decode($_->[1]); $_ } grep { !defined $event || $_->[0] eq $event } @{ $self->{told} };
}

# How many of them.
sub count { my ($self, $event) = @_; return $self->{count}{$event} // 0; }

# What is between empty lines: an id counts even where nothing is told.
sub take_block
{
	my ($self, $block) = @_;
	my ($event, @data) = ('message');

	for my $line (split /\n/, $block)
	{
		$event = $1 if $line =~ /^event: (.*)/;
		push @data, $1 if $line =~ /^data: (.*)/;
		$self->{id} = $1 if $line =~ /^id: (.*)/;
		$self->{retry} = $1 if $line =~ /^retry: (\d+)$/;
	}
	$self->{beats}++ if $event eq 'beat';
	return if !@data || $event eq 'beat';
	push @{ $self->{told} }, [ $event, join "\n", @data ];
	$self->{count}{$event}++;
	return;
}

# Takes what there is to be read. False: the connection has ended.
sub take
{
	my ($self) = @_;
	my $got = sysread $self->{socket}, $self->{bytes}, 1 << 20, length $self->{bytes};

	return 1 if !defined $got && $!{EAGAIN};
	return 0 if !$got;
	$self->{head} = $1 if !defined $self->{head} && $self->{bytes} =~ s/^(.*?\r\n)\r\n//s;
	return 1 if !defined $self->{head};
	my $over = 0;
	if ($self->{head} =~ /^Transfer-Encoding: chunked\r$/m)
	{
		while ($self->{bytes} =~ /^([0-9a-f]+)\r\n/ && length $self->{bytes} >= hex($1) + length($1) + 4)
		{
			$self->{text} .= substr $self->{bytes}, length($1) + 2, hex $1;
			$over ||= hex $1 == 0;
			substr $self->{bytes}, 0, hex($1) + length($1) + 4, '';
		}
	}
	else
	{
		$self->{text} .= $self->{bytes};
		$self->{bytes} = '';
	}
	$self->take_block($1) while $self->{text} =~ s/^(.*?)\n\n//s;
	return !$over;
}

sub listen_all
{
	my ($seconds, $enough, @watchers) = @_;
	my $end = time + $seconds;

	while (time < $end && !($enough && $enough->()))
	{
		my %by = map { $_->{socket} ? ($_->{socket} => $_) : () } @watchers;
		my @ready = IO::Select->new(map { $_->{socket} // () } @watchers)->can_read(0.1);

		for my $watcher (map { $by{$_} } @ready)
		{
			next if $watcher->take;
			$watcher->hang_up;
			$watcher->{ended}++;
		}
		my @gone = grep { !$_->{socket} && !$_->{once} } @watchers;
		sleep 0.1 if @gone;
		$_->open_again for @gone;
	}
	return $enough ? $enough->() : 1;
}

sub listen
{
	my ($self, $seconds, $enough) = @_;
	return listen_all($seconds, $enough, $self);
}

1;
