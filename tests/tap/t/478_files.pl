# tests/tap/t/478_files.pl
#     Files of recordings by HTTP: links that are good for whoever has them and for a while, names that users chose and
#     that say nothing else, versions and parts.
use strict;
use warnings;

use LeapNode;
use LeapServe;
use Test::More;
use utf8;

my $leap = LeapNode->new('files');
$leap->sql('CREATE SCHEMA api; GRANT USAGE ON SCHEMA api TO leap_anon, leap_user') if $leap->sql("SELECT to_regnamespace('api') IS NULL") eq 't';
my $serve = LeapServe->new($leap);
my $teacher = $leap->sql("SELECT id FROM leap.users WHERE email = 'teacher\@example.org'");
my @teacher = $serve->bearer('teacher@example.org');
$leap->sql("SELECT leap.add_user('stranger\@example.org')");
my $stranger = $leap->sql("SELECT id FROM leap.users WHERE email = 'stranger\@example.org'");

# file(NAME, KIND, TYPE): the id of an artifact with ten bytes
sub file
{
	my ($recording, $kind, $ending, $type) = @_;
	my $uri = "$kind-" . ++$leap->{files} . ".$ending";

	open my $out, '>', "$leap->{storage}/$uri" or die "$uri: $!\n";
	print $out '0123456789';
	close $out;
	return $leap->sql(<<~SQL);
		INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type)
		VALUES ('$recording', '$teacher', '$kind', '$uri', 10, repeat('a', 64), '$type') RETURNING id
		SQL
}

# as(USER, SQL): what the SQL answers in a request of this user
sub as
{
	my ($user, $sql) = @_;
	return $leap->sql(qq{BEGIN; SELECT set_config('request.jwt.claims', '{"sub":"$user"}', true) \\g /dev/null\nSET LOCAL ROLE leap_user; $sql; COMMIT});
}

sub refused
{
	my ($user, $sql) = @_;
	my (undef, undef, $error) = $leap->node->psql('leap', qq{\\set VERBOSITY sqlstate\nBEGIN; SELECT set_config('request.jwt.claims', '{"sub":"$user"}', true); SET LOCAL ROLE leap_user; $sql});
	return $error =~ /ERROR:\s+(\w+)/ ? $1 : '';
}

my $lecture = $leap->add('a lecture', user => 'teacher@example.org');
my $video = file($lecture, 'video', 'mp4', 'video/mp4');
my $analysis = file($lecture, 'analysis', 'json', 'application/json');
my $source = file($lecture, 'source', 'bin', 'video/quicktime');
my $words = file($lecture, 'vtt', 'vtt', 'text/vtt');
my $etag = '"' . 'a' x 64 . '"';

# with a token
my @answer = $serve->request('GET', "/files/$video", \@teacher);
is("$answer[0] $answer[2]", '200 0123456789', 'the owner gets the file');
like($answer[1], qr/^Content-Disposition: attachment; filename="a lecture\.mp4"\r?$/m, 'to be saved under its title');
@answer = $serve->request('HEAD', "/files/$video", [ @teacher, 'Range: bytes=2-4' ]);
is("$answer[0] $answer[2]", '200 ', 'HEAD has neither body nor parts');
like($answer[1], qr/^Content-Length: 10\r?$/m, 'and tells the length');
is($serve->status('GET', "/files/$video", [ @teacher, "If-None-Match: W/$etag" ]), 304, 'a version that somebody calls weak is the same');
@answer = $serve->request('GET', "/files/$video", [ @teacher, 'Range: bytes=10-' ]);
is($answer[0], 416, 'nothing of the part is in the file');
like($answer[1], qr{^Content-Range: bytes \*/10\r?$}m, 'and its length is told');
is($serve->status('GET', "/files/$video", [ @teacher, 'Range: bytes=0-1, 3-4' ]), 200, 'several parts: the whole');
is($serve->status('POST', "/files/$video", \@teacher), 405, 'files are not written to');

like(($serve->request('GET', "/files/$source", \@teacher))[1], qr/; filename="a lecture source\.mov"\r?$/m, 'the ending is that of what the file is, not of how it came');
like(($serve->request('GET', "/files/$words", \@teacher))[1], qr/; filename="a lecture\.vtt"\r?$/m, 'an ending that tells the kind is enough');

# links
my $url = as($teacher, "SELECT leap.file_url('$video', 600)->>'url'");
like($url, qr{^/files/$video\?exp=\d+&download=false&sig=[\w-]{43}$}, 'a link');
@answer = $serve->request('GET', $url);
is("$answer[0] $answer[2]", '200 0123456789', 'is good without a token');
like($answer[1], qr/^Content-Disposition: inline;/m, 'a video is shown');
@answer = $serve->request('GET', $url, [ 'Range: bytes=2-4', "If-Range: $etag" ]);
is("$answer[0] $answer[2]", '206 234', 'in parts, too');
is($serve->status('HEAD', $url), 200, 'and may be asked about');
is($serve->status('POST', $url), 405, 'but not written to');
@answer = $serve->request('GET', as($teacher, "SELECT leap.file_url('$video', download => true)->>'url'"));
like($answer[1], qr/^Content-Disposition: attachment;/m, 'a link to save');
@answer = $serve->request('GET', as($teacher, "SELECT leap.file_url('$analysis')->>'url'"));
like($answer[1], qr/^Content-Disposition: attachment; filename="a lecture analysis\.json"/m, 'what no page should show is saved');
like($answer[1], qr/^Content-Security-Policy: default-src 'none';.*sandbox\r?$/m, 'and runs nothing');

my %changed = (
	'another file' => $url =~ s/$video/$analysis/r,
	'a later end' => $url =~ s/exp=\K(\d+)/$1 + 1/er,
	'saved instead of shown' => $url =~ s/download=false/download=true/r,
	'another signature' => $url =~ s/sig=\K(.)/$1 eq 'A' ? 'B' : 'A'/er,
	'a shorter signature' => $url =~ s/.$//r,
	'no signature' => $url =~ s/sig=.*/sig=/r,
	'no end' => $url =~ s/exp=\d+&//r,
	'an end that is no number' => $url =~ s/exp=\d+/exp=1e9/r);
{
	my ($status, $made) = $serve->json('GET', "/artifacts/$video/url?seconds=60&download=true", \@teacher);
	is($status, 200, 'a link is made by HTTP, too');
	is($serve->status('GET', $made->{url}), 200, 'and is as good');
	is($serve->status('GET', "/rpc/file_url?artifact=$video", [ $serve->bearer('stranger@example.org') ]), 404, 'for whose file it is');
	is($serve->status('GET', "/rpc/file_url?artifact=$video"), 401, 'and not for nobody');
}
is($serve->status('GET', $changed{$_}), 403, "a link that was changed: $_") for sort keys %changed;
is($serve->status('GET', $url =~ s/sig=/gis=/r), 401, 'without a signature it is no link');

is(refused($stranger, "SELECT leap.file_url('$video')"), 'LP020', "nobody makes links to another's files");
is(refused($teacher, "SELECT leap.file_url('$video', 604801)"), 'LP030', 'or links for more than a week');
is(refused($teacher, "SELECT leap.file_url('$video', 0)"), 'LP030', 'or for no time');
is(refused($teacher, "SELECT leap.signed_file('$video', 1, true, '')"), '42501', 'the gateway alone looks links up');

$leap->sql("CREATE OR REPLACE FUNCTION leap.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT now() + interval ''601 s'''");
is($serve->status('GET', $url), 403, 'a link whose time is over');
$leap->sql("CREATE OR REPLACE FUNCTION leap.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT now()'");
is($serve->status('GET', $url), 200, 'time is what the database says');
$leap->sql("UPDATE leap.users SET is_active = false WHERE id = '$teacher'");
is($serve->status('GET', $url), 403, 'a link of an account that is shut');
$leap->sql("UPDATE leap.users SET is_active = true WHERE id = '$teacher'");
$leap->sql("SELECT leap.rotate_signing_key('files')");
is($serve->status('GET', $url), 403, 'a new key ends all links');
$url = as($teacher, "SELECT leap.file_url('$video')->>'url'");
is($serve->status('GET', $url), 200, 'and makes new ones');

# names of users
for my $row (
	[ 'Лекция 1', "filename=\"______ 1.mp4\"; filename*=UTF-8''%D0%9B%D0%B5%D0%BA%D1%86%D0%B8%D1%8F%201.mp4" ],
	[ '../../etc/passwd', 'filename="_.._etc_passwd.mp4"' ],
	[ 'a"; filename="b.exe', 'filename="a_; filename=_b.exe.mp4"' ],
	[ "a\r\nSet-Cookie: x=y", 'filename="aSet-Cookie_ x=y.mp4"' ],
	[ "gnp\x{202e}exe.", 'filename="gnpexe..mp4"' ],
	[ '100%41', "filename=\"100_41.mp4\"; filename*=UTF-8''100%2541.mp4" ])
{
	my $name = $row->[0];
	utf8::encode(my $bytes = $name);
	$leap->sql("UPDATE leap.recordings SET display_name = convert_from(decode('" . unpack('H*', $bytes) . "', 'hex'), 'UTF8') WHERE id = '$lecture'");
	@answer = $serve->request('GET', $url);
	my ($said) = $answer[1] =~ /^Content-Disposition: inline; (.*?)\r?$/m;
	is($said, $row->[1], 'a title in a field: ' . $row->[1]);
	unlike($answer[1], qr/^Set-Cookie/m, 'and nothing beside it');
}

$leap->sql("SELECT leap.delete_recording('$lecture')");
is($serve->status('GET', $url), 403, 'a link to what was deleted');
is($serve->status('GET', "/files/$video", \@teacher), 404, 'which its owner does not get either');

done_testing();
