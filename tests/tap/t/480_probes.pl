# tests/tap/t/480_probes.pl
#     What a client may say to leap serve and what not: every kind of request that two programs could understand
#     differently is refused with the status that says why, the connection ends there, and slow or many clients harm nobody.
use strict;
use warnings;

use IO::Select;
use LeapNode;
use LeapServe;
use Test::More;
use Time::HiRes qw(time);

my $leap = LeapNode->new('probes');
$leap->sql(<<~'SQL');
	CREATE SCHEMA door;
	GRANT USAGE ON SCHEMA door TO leap_anon;
	CREATE TABLE door.words (id int PRIMARY KEY, word text NOT NULL);
	INSERT INTO door.words VALUES (1, 'one');
	GRANT SELECT ON door.words TO leap_anon;
	CREATE FUNCTION door.echo(text text) RETURNS text LANGUAGE sql AS 'SELECT $1';
	GRANT EXECUTE ON FUNCTION door.echo(text) TO leap_anon;
	SQL
my $serve = LeapServe->new($leap, '--schemas=door', '--processes=2', '--max-clients=700');
my $ok = "GET /words HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

# The slow ones begin now and are looked at in the end.
my %slow = (
	head => [ 'GET /words HTTP/1.1' . "\r\n", 'X-A: b' . "\r\n", 408 ],
	line => [ 'GET /', 'a', 408 ],
	body => [ "POST /rpc/echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n", '{', 408 ]);
for my $case (values %slow)
{
	$case->[3] = $serve->connect;
	syswrite $case->[3], $case->[0];
}
my @crowd = map { my $s = $serve->connect; syswrite $s, 'G'; $s } 1 .. 500;

# request, status; the connection must end after one answer
my $json = "Host: a\r\nContent-Type: application/json\r\n";
my $two = '{"text":"a"}';
my @probes = (
	[ 'Content-Length beside Transfer-Encoding', "POST /rpc/echo HTTP/1.1\r\n${json}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n$ok", 400 ],
	[ 'the other way round', "POST /rpc/echo HTTP/1.1\r\n${json}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n$ok", 400 ],
	[ 'two lengths that differ', "POST /rpc/echo HTTP/1.1\r\n${json}Content-Length: 0\r\nContent-Length: 12\r\n\r\n$two$ok", 400 ],
	[ 'two lengths that are the same', "POST /rpc/echo HTTP/1.1\r\n${json}Content-Length: 12\r\nContent-Length: 12\r\n\r\n$two$ok", 400 ],
	[ 'a list of lengths', "POST /rpc/echo HTTP/1.1\r\n${json}Content-Length: 12, 12\r\n\r\n$two$ok", 400 ],
	[ 'a signed length', "POST /rpc/echo HTTP/1.1\r\n${json}Content-Length: +12\r\n\r\n$two$ok", 400 ],
	[ 'a negative length', "POST /rpc/echo HTTP/1.1\r\n${json}Content-Length: -1\r\n\r\n$two$ok", 400 ],
	[ 'a hexadecimal length', "POST /rpc/echo HTTP/1.1\r\n${json}Content-Length: 0xc\r\n\r\n$two$ok", 400 ],
	[ 'an empty length', "POST /rpc/echo HTTP/1.1\r\n${json}Content-Length:\r\n\r\n$two$ok", 400 ],
	[ 'a length beyond all numbers', "POST /rpc/echo HTTP/1.1\r\n${json}Content-Length: 99999999999999999999\r\n\r\n$two$ok", 400 ],
	[ 'a space before the colon', "POST /rpc/echo HTTP/1.1\r\n${json}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n$ok", 400 ],
	[ 'a tab before the colon', "GET /words HTTP/1.1\r\nHost\t: a\r\n\r\n$ok", 400 ],
	[ 'a name that is none', "GET /words HTTP/1.1\r\nHost: a\r\nX Y: b\r\n\r\n$ok", 400 ],
	[ 'a field without a name', "GET /words HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n$ok", 400 ],
	[ 'a line without a colon', "GET /words HTTP/1.1\r\nHost: a\r\nabc\r\n\r\n$ok", 400 ],
	[ 'a NUL in a value', "GET /words HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n$ok", 400 ],
	[ 'a NUL in a name', "GET /words HTTP/1.1\r\nHost: a\r\nX\0Y: a\r\n\r\n$ok", 400 ],
	[ 'a NUL in the URL', "GET /wor\0ds HTTP/1.1\r\nHost: a\r\n\r\n$ok", 400 ],
	[ 'a bare CR in a value', "GET /words HTTP/1.1\r\nHost: a\r\nX: a\rY: b\r\n\r\n$ok", 400 ],
	[ 'a bare LF at the end of a line', "GET /words HTTP/1.1\r\nHost: a\nX: b\r\n\r\n$ok", 400 ],
	[ 'bare LFs only', "GET /words HTTP/1.1\nHost: a\n\n$ok", 400 ],
	[ 'a folded field', "GET /words HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n$ok", 400 ],
	[ 'a folded field by a tab', "GET /words HTTP/1.1\r\nHost: a\r\nX: a\r\n\tb\r\n\r\n$ok", 400 ],
	[ 'a blank before the first field', "GET /words HTTP/1.1\r\n Host: a\r\n\r\n$ok", 400 ],
	[ 'control characters in a value', "GET /words HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n$ok", 400 ],
	[ 'an extension of a chunk', "POST /rpc/echo HTTP/1.1\r\n${json}Transfer-Encoding: chunked\r\n\r\nc;a=b\r\n$two\r\n0\r\n\r\n$ok", 400 ],
	[ 'a trailer', "POST /rpc/echo HTTP/1.1\r\n${json}Transfer-Encoding: chunked\r\n\r\nc\r\n$two\r\n0\r\nX: a\r\n\r\n$ok", 400 ],
	[ 'a size of a chunk that is none', "POST /rpc/echo HTTP/1.1\r\n${json}Transfer-Encoding: chunked\r\n\r\n-1\r\n$ok", 400 ],
	[ 'a size with 0x', "POST /rpc/echo HTTP/1.1\r\n${json}Transfer-Encoding: chunked\r\n\r\n0xc\r\n$two\r\n0\r\n\r\n$ok", 400 ],
	[ 'a size beyond all numbers', "POST /rpc/echo HTTP/1.1\r\n${json}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n$ok", 400 ],
	[ 'a bare LF behind a size', "POST /rpc/echo HTTP/1.1\r\n${json}Transfer-Encoding: chunked\r\n\r\nc\n$two\r\n0\r\n\r\n$ok", 400 ],
	[ 'a chunk longer than it says', "POST /rpc/echo HTTP/1.1\r\n${json}Transfer-Encoding: chunked\r\n\r\n3\r\n$two\r\n0\r\n\r\n$ok", 400 ],
	[ 'an encoding nobody knows', "POST /rpc/echo HTTP/1.1\r\n${json}Transfer-Encoding: gzip\r\n\r\n$ok", 501 ],
	[ 'an encoding beside chunked', "POST /rpc/echo HTTP/1.1\r\n${json}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n$ok", 501 ],
	[ 'chunked in disguise', "POST /rpc/echo HTTP/1.1\r\n${json}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n$ok", 501 ],
	[ 'chunked twice', "POST /rpc/echo HTTP/1.1\r\n${json}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n$ok", 400 ],
	[ 'chunked in HTTP/1.0', "POST /rpc/echo HTTP/1.0\r\n${json}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n$ok", 400 ],
	[ 'two hosts', "GET /words HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n$ok", 400 ],
	[ 'no host', "GET /words HTTP/1.1\r\n\r\n$ok", 400 ],
	[ 'a host that is none', "GET /words HTTP/1.1\r\nHost: a/b\r\n\r\n$ok", 400 ],
	[ 'a host of the URL that is none', "GET http://a\@b/words HTTP/1.1\r\nHost: a\r\n\r\n$ok", 400 ],
	[ 'an expectation nobody knows', "POST /rpc/echo HTTP/1.1\r\n${json}Expect: 200-ok\r\nContent-Length: 12\r\n\r\n$two$ok", 417 ],
	[ 'a URL that is no path', "GET words HTTP/1.1\r\nHost: a\r\n\r\n$ok", 400 ],
	[ 'two blanks', "GET  /words HTTP/1.1\r\nHost: a\r\n\r\n$ok", 400 ],
	[ 'a tab for a blank', "GET\t/words HTTP/1.1\r\nHost: a\r\n\r\n$ok", 400 ],
	[ 'a fragment', "GET /words#a HTTP/1.1\r\nHost: a\r\n\r\n$ok", 400 ],
	[ 'bytes above ASCII in the URL', "GET /w\xc3\xb6rter HTTP/1.1\r\nHost: a\r\n\r\n$ok", 400 ],
	[ 'no version', "GET /words\r\n\r\n$ok", 400 ],
	[ 'HTTP in small letters', "GET /words http/1.1\r\nHost: a\r\n\r\n$ok", 400 ],
	[ 'HTTP/2', "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n$ok", 505 ],
	[ 'HTTP/2 of a path', "GET /words HTTP/2.0\r\nHost: a\r\n\r\n$ok", 505 ],
	[ 'TLS', "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400 ],
	[ 'a method that is none', "G(T /words HTTP/1.1\r\nHost: a\r\n\r\n$ok", 400 ],
	[ 'a method without end', 'A' x 100 . " /words HTTP/1.1\r\nHost: a\r\n\r\n$ok", 501 ],
	[ 'a URL of 8 KiB and more', '/' . 'a' x 8192 . " HTTP/1.1\r\nHost: a\r\n\r\n$ok", 400 ],
	[ 'a URL that is too long', 'GET /' . 'a' x 8192 . " HTTP/1.1\r\nHost: a\r\n\r\n$ok", 414 ],
	[ 'a head that is too long', "GET /words HTTP/1.1\r\nHost: a\r\nX: " . 'a' x 17000 . "\r\n\r\n$ok", 431 ],
	[ 'a head without end', "GET /words HTTP/1.1\r\nHost: a\r\n" . "X: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" x 99 . 'Y: ' . 'a' x 17000, 431 ],
	[ 'too many fields', "GET /words HTTP/1.1\r\nHost: a\r\n" . "X: a\r\n" x 100 . "\r\n$ok", 431 ],
	[ 'a body that is too large', "POST /rpc/echo HTTP/1.1\r\n${json}Content-Length: 2000000\r\n\r\n{", 413 ],
	[ 'chunks that are too large', "POST /rpc/echo HTTP/1.1\r\n${json}Transfer-Encoding: chunked\r\n\r\n" . "10000\r\n" . 'a' x 65536 . "\r\n", 413, 17 ]);
for my $probe (@probes)
{
	my ($name, $bytes, $status, $times) = @$probe;
	if ($times) # the last piece again and again
	{
		my ($head, $piece) = $bytes =~ /^(.*?\r\n\r\n)(.*)$/s;
		$bytes = $head . $piece x $times;
	}
	my $answer = $serve->raw($bytes);
	my ($got, $head) = LeapServe::parts($answer);
	is($got, $status, $name);
	ok($head =~ /^Connection: close\r?$/m && (() = $answer =~ m{HTTP/1\.1 \d}g) == 1, '  and nothing behind it is a request') or diag($answer);
}

# what is allowed, though it looks odd
for my $row (
	[ 'two requests at once', "GET /words HTTP/1.1\r\nHost: a\r\n\r\n$ok", 2 ],
	[ 'an empty line before a request', "\r\n$ok", 1 ],
	[ 'a URL with a host', "GET http://leap/words HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 1 ],
	[ 'HTTP/1.0 without a host', "GET /words HTTP/1.0\r\n\r\n", 1 ],
	[ 'names in any case', "GET /words HTTP/1.1\r\nhOsT: a\r\ncONNECTION: Close\r\n\r\n", 1 ],
	[ 'chunks, then another request', "POST /rpc/echo HTTP/1.1\r\n${json}Transfer-Encoding: Chunked\r\n\r\n5\r\n{\"tex\r\n07\r\nt\":\"a\"}\r\n0\r\n\r\n$ok", 2 ],
	[ '100 fields', "GET /words HTTP/1.1\r\nHost: a\r\n" . "X: a\r\n" x 98 . "Connection: close\r\n\r\n", 1 ])
{
	my $answer = $serve->raw($row->[1]);
	is(() = $answer =~ m{HTTP/1\.1 200 OK}g, $row->[2], $row->[0]) or diag($answer);
}
like($serve->raw("POST /rpc/echo HTTP/1.1\r\n${json}Expect: 100-continue\r\nContent-Length: 12\r\nConnection: close\r\n\r\n$two"), qr{^HTTP/1\.1 100 Continue\r\n\r\nHTTP/1\.1 200 OK\r\n}, 'a client that asks before it sends');
unlike($serve->raw("POST /rpc/echo HTTP/1.1\r\n${json}Expect: 100-continue\r\nContent-Length: 2000000\r\nConnection: close\r\n\r\n"), qr{100 Continue}, 'is not told to send what is too large');

# slow clients
is($serve->status('GET', '/words'), 200, '500 clients that say a byte and wait hold up nobody') for 1 .. 10;
{
	local $SIG{PIPE} = 'IGNORE';
	my $waiting = IO::Select->new(map { $_->[3] } values %slow);
	my $end = time + 60;
	while ($waiting->count && time < $end)
	{
		for my $case (grep { $waiting->exists($_->[3]) } values %slow)
		{
			syswrite $case->[3], $case->[1];
		}
		for my $socket ($waiting->can_read(0.2))
		{
			my ($case) = grep { $_->[3] == $socket } values %slow;
			my $got = sysread $socket, my $piece, 65536;
			$case->[4] .= $piece if $got;
			$waiting->remove($socket) if !$got;
		}
	}
}
like($slow{$_}[4] // '', qr{^HTTP/1\.1 $slow{$_}[2] .*^Connection: close\r$}ms, "a $_ that trickles is refused") for sort keys %slow;
{
	my $open = IO::Select->new(@crowd);
	my $end = time + 60;
	while ($open->count && time < $end)
	{
		for my $socket ($open->can_read(1))
		{
			$open->remove($socket) if !sysread $socket, my $piece, 65536;
		}
	}
	is($open->count, 0, 'and the 500 are let go');
}
$serve->stop;

# as many clients as allowed
$serve = LeapServe->new($leap, '--schemas=door', '--max-address-clients=5');
{
	my $idle = sub { $serve->status('GET', '/words') == 200 };
	ok($leap->wait_until($idle), 'a server with room for five clients of an address');
	my @held = map { my $s = $serve->connect; syswrite $s, "GET /words HTTP/1.1\r\nHost: a\r\n\r\n"; sysread $s, my $answer, 65536; $s } 1 .. 5;
	like($serve->raw($ok), qr{^HTTP/1\.1 503 .*^Retry-After: \d+\r$}ms, 'turns a sixth away, with a word');
	close pop @held;
	ok($leap->wait_until($idle), 'until there is room');
}
is($serve->stop, 0, 'it ends when told to');

done_testing();
