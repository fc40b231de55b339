# tests/bench/Transfer.pm
#     What measurements of transfers have in common: a child of the worker and the program curl in turn, with the same file.
#
#     Transfer::server(sub { my ($client, $url) = @_; ... });     URL of a server, and the id of its process
#     my $head = Transfer::read_head($client);              a request to its empty line, and perhaps some of its body; undef: none came
#     Transfer::child($leap, KIND, INPUT, OPTIONS);         seconds, those of processors, kB of memory that it grew by
#     Transfer::curl(ARGUMENT...);                          seconds, those of processors
#     Transfer::shell(TEXT, ARGUMENT...);                   the same of a line for a shell
#     Transfer::compare($rounds, $bytes, $by_leap, name => $by_curl, ...);     prints medians and ratios to each
#     Transfer::guarded(sub { ... }, $pid);                 runs that, ends the server, and says what went wrong
package Transfer;

use strict;
use warnings;

use IO::Socket::INET;
use JSON::PP;
use POSIX ();
use Test::More;
use Time::HiRes qw(time);

my $out = Test::More->builder->output;    # standard output is a log here

sub server
{
	my ($serve) = @_;
	my $server = IO::Socket::INET->new(Listen => 16, LocalAddr => '127.0.0.1', ReuseAddr => 1) or die "listen: $!\n";
	my $pid = fork // die "fork: $!\n";

	my $url = 'http://127.0.0.1:' . $server->sockport;
	return ($url, $pid) if $pid;
	$SIG{CHLD} = 'IGNORE';
	while (my $client = $server->accept)
	{
		my $child = fork // die "fork: $!\n";
		next if $child;
		$serve->($client, $url);
		close $client;
		POSIX::_exit(0);
	}
	POSIX::_exit(0);
}

sub read_head
{
	my ($client) = @_;
	my $head = '';

	while ($head !~ /\r\n\r\n/)
	{
		sysread $client, $head, 65536, length $head or return undef;
	}
	return $head;
}

sub kilobytes
{
	my ($child, $what) = @_;
	open my $in, '<', "/proc/$child/status" or return undef;
	my ($size) = join('', <$in>) =~ /^$what:\s+(\d+)/m;
	return $size;
}

# Seconds of processors that the programs that have ended have used.
sub used { my @times = times; return $times[2] + $times[3]; }

sub child
{
	my ($leap, $kind, $input, %options) = @_;
	my ($idle, $most);
	my ($began, $used) = (time, used());
	my $end = $leap->run(
		$kind => $input, %options,
		on_line => sub {
			$idle //= kilobytes($_[1], 'VmRSS');    # it says that it begins
			$most = kilobytes($_[1], 'VmHWM') // $most;
		});
	my $seconds = time - $began;
	die encode_json($end->{failed} // {}), "\n" if !$end->{done};
	return ($seconds, used() - $used, $most - $idle);
}

sub program
{
	my ($began, $used) = (time, used());
	system(@_) == 0 or die "$_[0] failed\n";
	return (time - $began, used() - $used);
}

sub curl { return program('curl', '-sS', @_); }

sub shell { my ($text, @arguments) = @_; return program('sh', '-c', $text, 'sh', @arguments); }

sub median { my @sorted = sort { $a <=> $b } @_; return $sorted[ @sorted / 2 ]; }

# LEAP and the peers in turn, who begins changes from round to round.
sub compare
{
	my ($rounds, $bytes, $by_leap, @peers) = @_;
	my (%rate, %used, @memory);
	my @names = map { $peers[ 2 * $_ ] } 0 .. @peers / 2 - 1;
	my %run = (@peers, leap => $by_leap);
	my $measure = sub {
		my ($name) = @_;
		my ($seconds, $used, $grown) = $run{$name}->();
		push @{ $rate{$name} }, $bytes / $seconds / 1e6;
		push @{ $used{$name} }, $used;
		push @memory, $grown / 1024 if defined $grown;
	};

	$run{ $names[0] }->();    # so that the file is in memory for all
	for my $round (1 .. $rounds)
	{
		my @order = ('leap', @names);
		$measure->($_) for $round % 2 ? reverse @order : @order;
	}
	print $out sprintf("%-12s %10s %16s\n", 'program', 'MB/s', 'processor s');
	print $out sprintf("%-12s %10.0f %16.2f\n", $_, median(@{ $rate{$_} }), median(@{ $used{$_} })) for 'leap', @names;
	for my $name (@names)
	{
		my @ratios = map { $rate{leap}[$_] / $rate{$name}[$_] } 0 .. $rounds - 1;
		print $out sprintf("to %s, each round: %s; median %.2f, of processor time %.2f\n", $name, join(' ', map { sprintf '%.2f', $_ } @ratios), median(@ratios),
			median(@{ $used{$name} }) / median(@{ $used{leap} }));
	}
	print $out sprintf("memory beyond idle: %.1f MB\n", median(@memory));
}

sub guarded
{
	my ($run, $pid) = @_;
	my $done = eval { $run->(); 1 };
	my $problem = $@;
	kill TERM => $pid;
	print $out "failed: $problem" if !$done;
	exit($done ? 0 : 1);
}

1;
