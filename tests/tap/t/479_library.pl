# tests/tap/t/479_library.pl
#     Published lessons at /library/ of leap serve: their files for everybody, in parts, and nothing else.
use strict;
use warnings;

use File::Path qw(make_path);
use LeapNode;
use LeapServe;
use Test::More;

my $leap = LeapNode->new('serve_library');
my $library = "$leap->{base}/lessons";
my $lesson = '000007/2026-11-21-algebra-0123456789ab';

sub spew
{
	my ($file, $bytes) = @_;
	open my $out, '>', "$library/$file" or die "$file: $!\n";
	print $out $bytes;
	close $out or die "$file: $!\n";
	return;
}

make_path("$library/$lesson", "$library/000007/.being-made", "$library/$lesson/deeper");
spew("$lesson/index.html", '<h1>Algebra</h1>');
spew("$lesson/video.mp4", '0123456789');
spew("$lesson/.secret", 'hidden');
spew("$lesson/deeper/file.txt", 'deep');
spew('000007/.being-made/index.html', 'not yet');
spew('000007/index.html', 'all lessons of a person');
spew('secret.txt', 'beside the lessons');
unlink "$library/$lesson/link.txt", "$library/000007/etc";
symlink '../../secret.txt', "$library/$lesson/link.txt" or die "symlink: $!\n";
symlink '/etc', "$library/000007/etc" or die "symlink: $!\n";

my $serve = LeapServe->new($leap, "--library=$library", '--library-url=https://lessons.example.org/library');

my ($status, $head, $body) = $serve->request('GET', "/library/$lesson/");
is("$status $body", '200 <h1>Algebra</h1>', 'the page of a lesson, for everybody');
like($head, qr{\r\nContent-Type: text/html; charset=utf-8\r\n}, 'as a page');
like($head, qr{\r\nContent-Security-Policy: default-src 'none'; script-src 'self'; .*frame-ancestors 'none'\r\n}, 'that runs nothing of others');
like($head, qr{\r\nX-Content-Type-Options: nosniff\r\n}, 'and is nothing else');
my ($etag) = $head =~ /\r\nETag: (\S+)\r\n/;
is($serve->status('GET', "/library/$lesson/index.html", ["If-None-Match: $etag"]), 304, 'nothing new');
($status, $head, $body) = $serve->request('GET', "/library/$lesson/video.mp4", ['Range: bytes=2-4']);
is("$status $body", '206 234', 'a part of the video');
like($head, qr{\r\nContent-Range: bytes 2-4/10\r\n}, 'which it is');
like($head, qr{\r\nContent-Type: video/mp4\r\n}, 'of a video');
is($serve->status('GET', "/library/$lesson/video.mp4", ['Range: bytes=10-']), 416, 'a part that there is not');
($status, $head, $body) = $serve->request('HEAD', "/library/$lesson/video.mp4");
is("$status $body", '200 ', 'HEAD');
like($head, qr{\r\nContent-Length: 10(?:\r\n|$)}, 'tells its length');
is($serve->status('POST', "/library/$lesson/"), 405, 'lessons are only read');

for my $path ('', '000007', '000007/', '000007/index.html', 'secret.txt', $lesson, "$lesson/none.html", "$lesson/.secret", "$lesson/deeper/file.txt",
	"$lesson/deeper", "$lesson/deeper/", '000007/.being-made/', "$lesson/link.txt", '000007/etc/passwd', "$lesson/../secret.txt", '../../etc/passwd',
	"$lesson/..", '000007/../secret.txt', "$lesson/%2e%2e/secret.txt", "$lesson/%2E./index.html", "$lesson//index.html", "/$lesson/index.html", '/etc/passwd',
	"$lesson/..\\index.html", 'a' x 400 . '/b/c')
{
	my ($answer, undef, $said) = $serve->request('GET', "/library/$path");
	is("$answer $said", "404 There is no such lesson.\n", 'nothing at /library/' . substr $path, 0, 60);
}
$serve->stop;

$serve = LeapServe->new($leap, "--library=$library");
is($serve->status('GET', "/library/$lesson/"), 404, 'without an address the library is not served');
$serve->stop;
$serve = LeapServe->new($leap, "--library=$library/none", '--library-url=https://lessons.example.org/library');
is($serve->status('GET', "/library/$lesson/"), 404, 'a library that is away has no lessons');
done_testing();
