# tests/bench/Transfer.pm
#     What measurements of transfers have in common: a child of the worker and the program curl in turn, with the same file.
#
#     Transfer::server(sub { my ($client) = @_; ... });     URL of a server, and the id of its process
#     Transfer::child($leap, KIND, INPUT, OPTIONS);         seconds, those of processors, kB of memory that it grew by
#     Transfer::curl(ARGUMENT...);                          seconds, those of processors
#     Transfer::compare($rounds, $bytes, $by_leap, $by_curl);     prints medians and ratios
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

	return ('http://127.0.0.1:' . $server->sockport, $pid) if $pid;
	$SIG{CHLD} = 'IGNORE';
	while (my $client = $server->accept)
	{
		my $child = fork // die "fork: $!\n";
		next if $child;
		$serve->($client);
		close $client;
		POSIX::_exit(0);
	}
	POSIX::_exit(0);
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
		on_start => sub { select undef, undef, undef, 0.02; $idle = kilobytes($_[0], 'VmRSS') },
		on_line => sub { $most = kilobytes($_[1], 'VmHWM') // $most });
	my $seconds = time - $began;
	die encode_json($end->{failed} // {}), "\n" if !$end->{done};
	return ($seconds, used() - $used, $most - $idle);
}

sub curl
{
	my ($began, $used) = (time, used());
	system('curl', '-sS', @_) == 0 or die "curl failed\n";
	return (time - $began, used() - $used);
}

sub median { my @sorted = sort { $a <=> $b } @_; return $sorted[ @sorted / 2 ]; }

sub compare
{
	my ($rounds, $bytes, $by_leap, $by_curl) = @_;
	my (@leap, @curl, @memory, %used);
	my $ask_curl = sub {
		my ($seconds, $used) = $by_curl->();
		push @curl, $bytes / $seconds / 1e6;
		push @{ $used{curl} }, $used;
	};
	$by_curl->();    # so that the file is in memory for both
	for my $round (1 .. $rounds)
	{
		$ask_curl->() if $round % 2;
		my ($seconds, $used, $grown) = $by_leap->();
		push @leap, $bytes / $seconds / 1e6;
		push @{ $used{leap} }, $used;
		push @memory, $grown / 1024;
		$ask_curl->() if !($round % 2);
	}
	print $out sprintf("%-10s %10s %16s\n", 'program', 'MB/s', 'processor s');
	print $out sprintf("%-10s %10.0f %16.2f\n", @$_) for [ 'leap', median(@leap), median(@{ $used{leap} }) ], [ 'curl', median(@curl), median(@{ $used{curl} }) ];
	print $out sprintf("ratio of each round: %s; median %.2f, of processor time %.2f\n", join(' ', map { sprintf '%.2f', $leap[$_] / $curl[$_] } 0 .. $#leap),
		median(map { $leap[$_] / $curl[$_] } 0 .. $#leap), median(@{ $used{curl} }) / median(@{ $used{leap} }));
	print $out sprintf("memory beyond idle: %.1f MB\n", median(@memory));
}

1;
