# tests/bench/download.pl ROUNDS GIGABYTES
#     What tests/bench/download.sh measures: a download by `leap child` and by curl from a server that sends a file.
use strict;
use warnings;

use File::Copy qw(copy);
use JSON::PP;

use LeapChild;
use Transfer;

my ($rounds, $gigabytes) = @ARGV;
my $bytes = int($gigabytes * 1_000_000_000) + 12345;
my $leap = LeapChild->new('download');
my $lecture = "$leap->{served}/lecture.mp4";

# One request a connection, as both programs ask.
sub serve
{
	my ($client) = @_;
	my $head = Transfer::read_head($client) // return;
	my $piece = '';
	my ($from) = $head =~ /^Range: *bytes=(\d+)-/mi;
	my $status = defined $from ? '206 Partial Content' : '200 OK';
	my $range = defined $from ? sprintf("Content-Range: bytes %d-%d/%d\r\n", $from, $bytes - 1, $bytes) : '';
	open my $in, '<:raw', $lecture or die "$lecture: $!\n";
	sysseek $in, $from // 0, 0;
	syswrite $client, sprintf("HTTP/1.1 %s\r\nContent-Type: video/mp4\r\nETag: \"one\"\r\nAccept-Ranges: bytes\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n",
		$status, $range, $bytes - ($from // 0));
	return if $head =~ /^HEAD/;
	while (sysread $in, $piece, 1 << 20)
	{
		my $sent = 0;
		while ($sent < length $piece)
		{
			$sent += syswrite($client, $piece, length($piece) - $sent, $sent) // return;
		}
	}
}

# A file that is a recording to its first bytes.
open my $out, '>:raw', $lecture or die "$lecture: $!\n";
print $out pack('N', 24), 'ftypisom', pack('N', 512), 'isommp41', pack('N', 1), 'mdat', pack('Q>', $bytes - 24);
close $out;
truncate $lecture, $bytes or die "$lecture: $!\n";

copy("$ENV{LEAP_ROOT}/tests/fake/leap-media", "$leap->{base}/leap-media") or die "leap-media: $!\n";
chmod 0755, "$leap->{base}/leap-media";
$leap->{media_program} = "$leap->{base}/leap-media";

my ($url, $pid) = Transfer::server(\&serve);
my $recording = { id => '00000000-0000-7000-8000-000000000001', lane => 1, name => 'x', source => { type => 'url', url => "$url/lecture.mp4" } };

sub by_leap
{
	unlink map { "$leap->{storage}/$_" } $leap->stored;
	return Transfer::child($leap, download => { recording => $recording, config => {}, artifacts => {} });
}

Transfer::guarded(sub { Transfer::compare($rounds, $bytes, \&by_leap, curl => sub { Transfer::curl('-o', "$leap->{base}/curl.mp4", "$url/lecture.mp4") }) }, $pid);
