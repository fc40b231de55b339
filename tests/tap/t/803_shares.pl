# tests/tap/t/803_shares.pl
#     A lesson shown to people without an account: by HTTP, with parts of its video, until its owner takes the link back;
#     and links to the files of one's own recording by their kind.
use strict;
use warnings;

use File::Path qw(make_path);
use Digest::SHA qw(sha256_hex);
use LeapNode;
use LeapServe;
use Test::More;

my $leap = LeapNode->new('shares');
my $serve = LeapServe->new($leap);
my @teacher = $serve->bearer('teacher@example.org');
my $id = $leap->sql(q(SELECT leap.add_recording('teacher@example.org', '{"type": "url", "url": "https://example.org/a.mp4"}', '<script>alert(1)</script>')));
my $video = join '', map { chr(ord('a') + $_ % 26) } 1 .. 1000;
make_path("$leap->{storage}/users/000001");
for my $kind ([ 'video', 'video/mp4' ], [ 'vtt', 'text/vtt' ])
{
	open my $out, '>', "$leap->{storage}/users/000001/$kind->[0]" or die "$kind->[0]: $!\n";
	print $out $video;
	close $out;
	my $digest = sha256_hex($video);
	$leap->sql("INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
		SELECT r.id, r.user_id, '$kind->[0]', 'users/000001/$kind->[0]', 1000, '$digest', '$kind->[1]' FROM leap.recordings r WHERE r.id = '$id'");
}

my ($status, $share) = $serve->json('POST', "/api/v1/recordings/$id/shares", \@teacher, { note => 'for the class' });
is($status, 201, 'a link is made');
is($serve->status('POST', "/api/v1/recordings/$id/shares", [], '{}'), 401, 'by nobody else');
my $place = "/api/v1/share/$share->{token}";
($status, my $lesson) = $serve->json('GET', $place);
is("$status $lesson->{title}", '200 <script>alert(1)</script>', 'who has it sees the lesson, without a token');
my (undef, $head) = $serve->request('GET', $place);
like($head, qr/^$_\r?$/m, "with $_") for 'Content-Type: application/json.*', 'Cache-Control: no-store', 'Referrer-Policy: no-referrer';
is((($serve->json('GET', "/api/v1/recordings/$id/shares", \@teacher))[1])->[0]{views}, 2, 'each view is counted');
my $body;
($status, $head, $body) = $serve->request('GET', $lesson->{video}{url}, ['Range: bytes=10-19']);
is("$status $body", '206 ' . substr($video, 10, 10), 'a part of the video');
like($head, qr/^Content-Disposition: inline/m, 'to be shown');
is($serve->status('GET', $lesson->{video}{url} =~ s/download=false/download=true/r), 403, 'and not saved');
is($serve->status('GET', $lesson->{captions}[0]{url}), 200, 'its subtitles');

my $unknown = ($serve->request('GET', '/api/v1/share/' . 'A' x 22))[2];
($status, $share) = $serve->json('PATCH', "/api/v1/shares/$share->{id}", \@teacher, { allow_download => JSON::PP::true });
is($status, 200, 'a link is changed');
is($serve->status('GET', (($serve->json('GET', $place))[1])->{downloads}[0]{url}), 200, 'and lets files be saved');
is($serve->status('DELETE', "/api/v1/shares/$share->{id}", \@teacher), 200, 'it is taken back');
($status, undef, $body) = $serve->request('GET', $place);
is($status, 404, 'and leads nowhere');
is($body, $unknown, 'in the words of one that never was');
is($serve->status('GET', $lesson->{video}{url}), 403, 'what it gave ends with it');

# one's own files
for my $file ([ 'media', 'video/mp4' ], [ 'files/vtt', 'text/vtt' ])
{
	($status, $head) = $serve->request('GET', "/api/v1/recordings/$id/$file->[0]", \@teacher);
	is($status, 302, "$file->[0] leads on");
	my ($link) = $head =~ /^Location: (\S+)/m;
	($status, $head) = $serve->request('GET', $link);
	is($status, 200, 'to a link that needs no token');
	like($head, qr/^Content-Type: \Q$file->[1]\E/m, 'to the file');
	($status, my $said) = $serve->json('GET', "/api/v1/recordings/$id/$file->[0]?redirect=false", \@teacher);
	is("$status $said->{media_type}", "200 $file->[1]", 'or is told');
}
is($serve->status('GET', "/api/v1/recordings/$id/$_", \@teacher), 404, "there is no $_") for qw(poster files/srt media?type=original);
is($serve->status('GET', "/api/v1/recordings/$id/media"), 401, 'nobody is led there');
is($serve->stop, 0, 'the server ends');
done_testing();
