# tests/tap/t/718_fake_server.pl
#     The server behind the fake platforms speaks HTTP/1.1 as it should, keeps what it knows, and lets go wrong exactly
#     what a test asks for. What is tested with it is only as good as it is.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FakePlatform;
use File::Temp qw(tempdir);
use HTTP::Tiny;
use IO::Socket::INET;
use JSON::PP;
use Test::More;

my $fake = FakePlatform->start(tempdir(CLEANUP => 1), platforms => ['echo']);
my $http = HTTP::Tiny->new(keep_alive => 1, timeout => 30, max_redirect => 0);
my $api = $fake->url('echo.api');
my $bytes = join '', map { chr($_ * 7 % 256) } 1 .. 700_000;

sub ask { my ($method, $url, %options) = @_; return $http->request($method, $url, \%options); }
sub value { my ($answer) = @_; return decode_json($answer->{content}); }

# What comes back for the bytes of a request, until the connection ends.
sub raw
{
	my ($text) = @_;
	my ($port) = $api =~ /:(\d+)/;
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or die "connect: $!\n";
	print $socket $text;
	shutdown $socket, 1;
	local $/ = undef;
	return scalar(<$socket>) // '';
}

subtest 'requests and answers' => sub {
	is_deeply(value(ask(GET => "$api/echo/a?x=1&y=%D0%96+%2F")),
		{ method => 'GET', path => '/v1/echo/a', parameters => { x => '1', y => "\x{d0}\x{96} /" }, body => '', captures => ['a'], host => 'one' }, 'parameters are decoded');
	is(value(ask(POST => "$api/echo/b", content => 'hello'))->{body}, 'hello', 'a body with its length');
	my @pieces = ('chunks ', 'of ', 'it', undef);
	is(value(ask(POST => "$api/echo/b", content => sub { shift @pieces }))->{body}, 'chunks of it', 'a body in chunks');
	is(ask(GET => "$api/nowhere")->{status}, 404, 'an unknown path');
	is(ask(PUT => "$api/echo/a", content => '')->{status}, 405, 'a method that it does not have');
	my @seen = $fake->requests('echo\.b');
	is_deeply([ map { [ @$_{qw(method body status received)} ] } @seen ], [ [ 'POST', 'hello', 200, 5 ], [ 'POST', 'chunks of it', 200, 12 ] ], 'the notes of them');
	my $two = "GET /v1/echo/a HTTP/1.1\r\nHost: x\r\n\r\n";
	is(scalar(() = raw($two x 3) =~ /HTTP\/1\.1 200 OK\r\n/g), 3, 'three requests on one connection');
	like(raw("PUT /v1/digest HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab"), qr{^HTTP/1\.1 100 Continue\r\n\r\nHTTP/1\.1 200 OK\r\n}, 'Expect is answered');
	$fake->set(chunked => JSON::PP::true);
	like(raw($two), qr/Transfer-Encoding: chunked/, 'answers come in chunks where a test wants it');
	is(value(ask(GET => "$api/echo/a"))->{path}, '/v1/echo/a', '... and are whole');
	$fake->set(chunked => JSON::PP::false);
};

subtest 'refused by the letter' => sub {
	my %wrong = ('no Host' => "GET /v1/echo/a HTTP/1.1\r\n\r\n", 'HTTP/1.0' => "GET /v1/echo/a HTTP/1.0\r\nHost: x\r\n\r\n",
		'a header twice' => "GET /v1/echo/a HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 'a blank in the path' => "GET /v1/echo/a b HTTP/1.1\r\nHost: x\r\n\r\n",
		'two lengths' => "POST /v1/echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
		'no number' => "POST /v1/echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 'a wrong escape' => "GET /v1/echo/a?x=%zz HTTP/1.1\r\nHost: x\r\n\r\n",
		'a wrong chunk' => "POST /v1/echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
	like(raw($wrong{$_}), qr{^HTTP/1\.1 400 }, $_) for sort keys %wrong;
};

subtest 'files and forms' => sub {
	is_deeply(value(ask(PUT => "$api/digest", content => $bytes)), { sha256 => sha256_hex($bytes), bytes => 700_000, times => 2 }, 'a long body');
	my $file = $fake->url('echo.other') . '/file';
	is(ask(GET => $file)->{content}, $bytes, 'the file comes back');
	my $part = ask(GET => $file, headers => { Range => 'bytes=100-299999' });
	is_deeply([ @$part{qw(status content)}, $part->{headers}{'content-range'} ], [ 206, substr($bytes, 100, 299_900), 'bytes 100-299999/700000' ], 'a range of it');
	is(ask(GET => $file, headers => { Range => 'bytes=699990-' })->{content}, substr($bytes, 699_990), 'its end');
	is(ask(GET => $file, headers => { Range => 'bytes=700000-' })->{status}, 416, 'behind its end');
	is(ask(GET => $file, headers => { Range => 'bytes=5-', 'If-Range' => '"another"' })->{status}, 200, 'another file since');
	my $head = ask(HEAD => $file);
	is_deeply([ $head->{status}, $head->{headers}{'content-length'}, $head->{content} // '' ], [ 200, 700_000, '' ], 'HEAD');
	my $form = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\n--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.mp4\"\r\n"
	  . "Content-Type: video/mp4\r\n\r\n$bytes\r\n--B--\r\n";
	my $parts = value(ask(POST => "$api/form", headers => { 'Content-Type' => 'multipart/form-data; boundary=B' }, content => $form));
	is_deeply([ map { [ @$_{qw(name text file_name bytes sha256)} ] } @$parts ],
		[ [ 'a', 'one', undef, 3, sha256_hex('one') ], [ 'f', undef, 'x.mp4', 700_000, sha256_hex($bytes) ] ], 'a form with a file');
	is(ask(POST => "$api/form", headers => { 'Content-Type' => 'multipart/form-data; boundary=B' }, content => "--B\r\n\r\nx")->{status}, 400, 'a form that does not end');
};

subtest 'what goes wrong' => sub {
	$fake->faults({ on => 'digest', times => 1, status => 503, retry_after => 7 }, { on => 'digest', times => 1, cut_request => 300_000 }, { on => 'digest', times => 2, lose => 1 });
	my $answer = ask(PUT => "$api/digest", content => $bytes);
	is_deeply([ $answer->{status}, $answer->{headers}{'retry-after'} ], [ 503, 7 ], 'an error once');
	is(ask(PUT => "$api/digest", content => $bytes)->{status}, 599, 'a connection that breaks while it sends');
	is(-s "$fake->{folder}/files/echo/came", 300_000, '... after the bytes that were to come');
	is($fake->state('echo')->{digests}, 2, '... and nothing was done');
	is(ask(PUT => "$api/digest", content => $bytes)->{status}, 599, 'an answer that is lost');
	is($fake->state('echo')->{digests}, 4, '... of something that was done, twice: this client asks again');
	is(scalar $fake->unmet, 0, 'all of it has happened');
	$fake->faults({ on => 'file', cut_answer => 1000, reset => 1 });
	is(ask(GET => $fake->url('echo.other') . '/file')->{status}, 599, 'an answer that breaks off');
	$fake->faults({ on => 'echo.*', where => { query => 'x=2' }, status => 429, every => 2 });
	is_deeply([ map { ask(GET => "$api/echo/a?x=$_")->{status} } 1, 2, 2, 1, 2, 2 ], [ 200, 200, 429, 200, 200, 429 ], 'each second of those that fit');
	$fake->faults({ on => 'digest', early => 1, status => 413 });
	is(ask(PUT => "$api/digest", content => substr $bytes, 0, 1000)->{status}, 413, 'an answer before the body');
	$fake->faults({ on => 'echo.a', answer => 'no JSON', times => 1 });
	is(ask(GET => "$api/echo/a")->{content}, 'no JSON', 'another body');
	$fake->faults;
};

subtest 'it comes back' => sub {
	my $before = $fake->endpoints;
	$fake->stop;
	is(ask(GET => "$api/echo/a")->{status}, 599, 'away');
	$fake->go;
	is_deeply($fake->endpoints, $before, 'at the same places');
	is(value(ask(PUT => "$api/digest", content => 'x'))->{times}, 5, 'with what it knew');
	$fake->change(echo => sub { $_[0]{digests} = 10 });
	is(value(ask(PUT => "$api/digest", content => 'x'))->{times}, 11, 'and with what a test told it');
};

done_testing;
