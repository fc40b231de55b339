# tests/bench/upload.pl ROUNDS GIGABYTES PLATFORM
#     What tests/bench/upload.sh measures: an upload by `leap child` and by curl to a server that only counts.
use strict;
use warnings;

use File::Path qw(make_path);
use IPC::Open2;
use JSON::PP;

use LeapChild;
use Transfer;

my ($rounds, $gigabytes, $platform) = @ARGV;
my $bytes = int($gigabytes * 1_000_000_000) + 12345;
my $name = 'users/000001/00000000-0000-7000-8000-000000000001/video-0000000000000001.mp4';
my ($url, $pid, $sink);

sub answer
{
	my ($client, $status, $head, $body) = @_;
	syswrite $client, "HTTP/1.1 $status\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n$head" . 'Content-Length: ' . length($body) . "\r\n\r\n$body";
}

# A bucket in which nothing is, and every part arrives.
sub answer_s3
{
	my ($client, $head) = @_;
	return answer($client, '404 Not Found', '', '') if $head =~ /^HEAD/;
	return answer($client, '200 OK', qq(ETag: "part"\r\n), '') if $head =~ /^PUT/;
	return answer($client, '200 OK', '', '<InitiateMultipartUploadResult><UploadId>one</UploadId></InitiateMultipartUploadResult>') if $head =~ /^POST [^ ]*\?uploads/;
	return answer($client, '200 OK', '', '<CompleteMultipartUploadResult><ETag>"whole"</ETag></CompleteMultipartUploadResult>') if $head =~ /^POST/;
	return answer($client, '200 OK', '', '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>');
}

sub answer_request
{
	my ($client, $own, $head) = @_;
	my $piece = '';
	my ($length) = $head =~ /^Content-Length: *(\d+)/mi;
	my $left = ($length // 0) - (length($head) - index($head, "\r\n\r\n") - 4);
	while ($left > 0)
	{
		$left -= sysread($client, $piece, 4 << 20) || return 0;
	}
	return answer_s3($client, $head) if $head =~ m{^\w+ /bucket};
	return answer($client, '200 OK', "Location: $own/session\r\n", '{}') if $head =~ /^POST/;
	my ($to, $total) = $head =~ m{^Content-Range: bytes \d+-(\d+)/(\d+)}mi;
	return answer($client, '308 Resume Incomplete', "Range: bytes=0-$to\r\n", '') if defined $to && $to + 1 < $total;
	return answer($client, '201 Created', "Content-Type: application/json\r\n", '{"id":"video"}');
}

# As long as the client asks.
sub serve
{
	my ($client, $own) = @_;

	while (defined(my $head = Transfer::read_head($client)))
	{
		answer_request($client, $own, $head) or return;
	}
}

sub sink
{
	my $pid = open2(my $from, my $to, "$ENV{LEAP_ROOT}/tests/bench/sink", 'certificate.pem', 'key.pem');
	my $port = readline($from) // die "no server\n";
	$sink = $to;
	return ('https://127.0.0.1:' . $port =~ s/\s//r, $pid);
}

my $tls = $platform =~ s/tls$//;
($url, $pid) = $tls ? sink() : Transfer::server(\&serve);

my %access = (youtube => { access_token => 't', expires_at => '2099-01-01T00:00:00Z' },
	s3 => { access_key_id => 'a', secret_access_key => 'b', endpoint => $url, region => 'us-east-1', path_style => JSON::PP::true });

sub by_leap
{
	my ($leap) = @_;
	return Transfer::child(
		$leap,
		upload => {
			recording => { id => '00000000-0000-7000-8000-000000000001', name => 'x', lane => 1, facts => {} },
			artifacts => { video => { uri => $name, bytes => "$bytes", sha256 => '0' x 64, media_type => 'video/mp4', metadata => {} } },
			target => { id => 'x', type => uc $platform, config => {}, meta => {}, todo => 'publish', publication => { title => 'x', bucket => 'bucket' } },
			endpoints => { api => $url, upload => $url } },
		credential => { id => '00000000-0000-7000-8000-00000000000c', platform => $platform, version => 1, data => $access{$platform} });
}

my $leap = LeapChild->new('upload');
my $video = "$leap->{storage}/$name";
make_path($video =~ s{/[^/]*$}{}r);
open my $out, '>', $video or die "$name: $!\n";
truncate $out, $bytes or die "$name: $!\n";
close $out;

sub by_curl { return Transfer::curl('-o', '/dev/null', '-T', $video, '-H', 'Expect:', @_); }

# One request that is signed as S3 wants it over plain HTTP: with the SHA-256 of what is sent, which is found out before.
sub by_signed_curl
{
	return Transfer::shell('curl -sS -o /dev/null -T "$1" -H Expect: --aws-sigv4 aws:amz:us-east-1:s3 --user a:b '
		  . '-H "x-amz-content-sha256: $(openssl dgst -sha256 -r "$1" | cut -c1-64)" "$2"', $video, "$url/bucket/video.mp4");
}

my @peers = (curl => sub { by_curl("$url/session") });
push @peers, 'curl, signed' => \&by_signed_curl if $platform eq 's3' && !$tls;
Transfer::guarded(sub { Transfer::compare($rounds, $bytes, sub { by_leap($leap) }, @peers) }, $pid);
