# tests/tap/t/801_tus.pl
#     Uploads by the tus protocol, rule by rule: what is asked of every request, how an upload begins, goes on, is looked
#     at and ends; what stays when a client or a server dies in the middle; and that it is one recording, counted once.
use strict;
use warnings;

use Digest::SHA qw(sha1_base64 sha256_hex sha256_base64);
use JSON::PP;
use LeapNode;
use LeapServe;
use MIME::Base64 qw(encode_base64);
use Test::More;

my $leap = LeapNode->new('tus');
my $serve = LeapServe->new($leap);
my $email = 'teacher@example.org';
my @teacher = ($serve->bearer($email), 'Tus-Resumable: 1.0.0');
my @bytes = ('Content-Type: application/offset+octet-stream');
my $place = '/api/v1/uploads/tus';

sub reserved { return $leap->sql("SELECT reserved FROM leap.quota_status('$email') WHERE quota = 'storage_bytes'"); }
sub used { return $leap->sql("SELECT used FROM leap.quota_status('$email') WHERE quota = 'storage_bytes'"); }
sub metadata { my %said = @_; return 'Upload-Metadata: ' . join ', ', map { "$_ " . encode_base64($said{$_}, '') } sort keys %said; }
sub field { my ($head, $name) = @_; return $head =~ /^\Q$name\E: ?(.*?)\r?$/mi ? $1 : undef; }

# begin(FIELD...): where the upload is
sub begin
{
	my ($status, $head, $body) = $serve->request('POST', $place, [ @teacher, @_ ]);
	die "not begun: $status $body\n" if $status != 201;
	return field($head, 'Location');
}

# patch(WHERE, OFFSET, BYTES, FIELD...): status, head
sub patch
{
	my ($where, $offset, $body, @fields) = @_;
	return $serve->request('PATCH', $where, [ @teacher, @bytes, "Upload-Offset: $offset", @fields ], $body);
}

# look(WHERE): status, offset, head
sub look
{
	my ($status, $head) = $serve->request('HEAD', $_[0], \@teacher);
	return ($status, field($head, 'Upload-Offset'), $head);
}

# part(WHERE, OFFSET, LENGTH, BYTES): a PATCH that has sent only these bytes of so many
sub part
{
	my ($where, $offset, $length, $body, @fields) = @_;
	my $socket = $serve->connect;
	print $socket join("\r\n", "PATCH $where HTTP/1.1", 'Host: a', @teacher, @bytes, "Upload-Offset: $offset", "Content-Length: $length", @fields, '', ''), $body;
	$socket->flush;
	return $socket;
}

sub file_of { my ($id) = $_[0] =~ /([0-9a-f-]{36})$/; return "$leap->{storage}/" . $leap->sql("SELECT uri FROM leap.uploads WHERE id = '$id'"); }

# what there is
my ($status, $head, $body) = $serve->request('OPTIONS', $place, []);
is($status, 204, 'OPTIONS asks for no token and no version');
is(field($head, 'Tus-Version'), '1.0.0', 'and tells the version');
is(field($head, 'Tus-Extension'), 'creation,creation-with-upload,creation-defer-length,termination,expiration,checksum', 'what of it there is');
is(field($head, 'Tus-Max-Size'), 64 * 2**30, 'how much may come');
is(field($head, 'Tus-Checksum-Algorithm'), 'sha1,sha256', 'and which digests are known');
($status, $head) = $serve->request('OPTIONS', $place, [ 'Origin: https://a.example', 'Access-Control-Request-Method: PATCH', 'Access-Control-Request-Headers: tus-resumable' ]);
like(field($head, 'Access-Control-Allow-Methods'), qr/PATCH/, 'a browser of another origin may ask');

# every request names the version
for my $version ([], ['Tus-Resumable: 0.2.2'])
{
	($status, $head) = $serve->request('POST', $place, [ $teacher[0], @$version, 'Upload-Length: 1' ]);
	is($status . ' ' . field($head, 'Tus-Version'), '412 1.0.0', 'refused: version ' . (@$version ? 'another' : 'none'));
}

# creation
($status, $head) = $serve->request('POST', $place, [ @teacher, 'Upload-Length: 10', 'Origin: https://a.example', metadata(filename => 'Limits.mp4', filetype => 'video/mp4') ]);
is($status, 201, 'an upload begins');
my $where = field($head, 'Location');
like($where, qr{^\Q$place\E/[0-9a-f-]{36}$}, 'and has a place');
is(field($head, 'Tus-Resumable'), '1.0.0', 'with the version');
like(field($head, 'Upload-Expires'), qr/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/, 'and an end');
like($head, qr/^Access-Control-Expose-Headers: .*Upload-Offset/m, 'which another origin may read');
is(reserved(), 10, 'its bytes are reserved');
($status, my $offset, $head) = look($where);
is("$status $offset " . field($head, 'Upload-Length'), '200 0 10', 'HEAD tells how far it is, and of how much');
is(field($head, 'Upload-Metadata'), 'filename ' . encode_base64('Limits.mp4', '') . ', filetype ' . encode_base64('video/mp4', ''), 'what was said of it');
is(field($head, 'Cache-Control'), 'no-store', 'and is not to be kept');
my %refused = (
	'no length' => [400],
	'two lengths' => [ 400, 'Upload-Length: 1', 'Upload-Defer-Length: 1' ],
	'a length that is none' => [ 400, 'Upload-Length: -1' ],
	'a length beyond all numbers' => [ 400, 'Upload-Length: 99999999999999999999' ],
	'a wish that is none' => [ 400, 'Upload-Defer-Length: 2' ],
	'more than may come' => [ 413, 'Upload-Length: ' . (64 * 2**30 + 1) ],
	'nothing' => [ 422, 'Upload-Length: 0' ],
	'metadata that is no base64' => [ 400, 'Upload-Length: 1', 'Upload-Metadata: filename =*=' ],
	'metadata with a zero' => [ 400, 'Upload-Length: 1', metadata(filename => "a\0b") ],
	'an option that there is not' => [ 422, 'Upload-Length: 1', metadata(color => 'red') ],
	'a configuration that is no JSON' => [ 400, 'Upload-Length: 1', metadata(config => '{') ],
	'a template of nobody' => [ 404, 'Upload-Length: 1', metadata(template_id => '01900000-0000-7000-8000-000000000000') ]);
for my $what (sort keys %refused)
{
	my ($wanted, @fields) = @{ $refused{$what} };
	is($serve->status('POST', $place, [ @teacher, @fields ]), $wanted, "refused: $what");
}
is($serve->status('POST', $place, [ $teacher[1], 'Upload-Length: 1' ]), 401, 'refused: nobody');
is($serve->status('GET', $place, \@teacher), 405, 'refused: GET');
is(reserved(), 10, 'and nothing is reserved for that');

# going on
($status, $head) = patch($where, 0, 'abc');
is("$status " . field($head, 'Upload-Offset'), '204 3', 'PATCH brings bytes');
is((patch($where, 0, 'abc'))[0], 409, 'not at another offset');
is((patch($where, 4, 'abc'))[0], 409, 'nor behind it');
is($serve->status('PATCH', $where, [ @teacher, 'Upload-Offset: 3', 'Content-Type: application/octet-stream' ], 'd'), 415, 'nor of another type');
is($serve->status('PATCH', $where, [ @teacher, @bytes ], 'd'), 400, 'nor without an offset');
is((patch($where, 3, 'defghijk'))[0], 413, 'nor more than was announced');
is((patch($where, 3, "8\r\ndefghijk\r\n0\r\n\r\n", 'Transfer-Encoding: chunked'))[0], 413, 'in chunks neither');
is($serve->status('PATCH', "$place/01900000-0000-7000-8000-000000000000", [ @teacher, @bytes, 'Upload-Offset: 0' ], 'd'), 404, 'nor where nothing is');
is($serve->status('PATCH', "$place/x", [ @teacher, @bytes, 'Upload-Offset: 0' ], 'd'), 404, 'nor where nothing can be');
is($serve->status('PUT', $where, \@teacher), 405, 'nor by another method');
my @stranger = ($serve->bearer('stranger@example.org'), 'Tus-Resumable: 1.0.0') if $leap->sql("SELECT leap.add_user('stranger\@example.org') IS NOT NULL") eq 't';
is($serve->status('HEAD', $where, \@stranger), 404, 'nor somebody else');
($status, $offset) = look($where);
$offset >= 3 or diag($offset);
($status, $head) = patch($where, $offset, substr('abcdefghij', $offset));
is($status, 204, 'the rest');
my ($id) = $where =~ /([0-9a-f-]{36})$/;
is(field($head, 'Leap-Recording'), $id, 'makes a recording');
is($leap->recording($id, "concat_ws(' ', display_name, status, source->>'type', source->>'bytes', source->>'sha256')"), 'Limits INITIALIZED upload 10 ' . sha256_hex('abcdefghij'), 'of all of it');
is(used() . ' ' . reserved(), '10 0', 'which is counted, and nothing reserved');
($status, $offset, $head) = look($where);
is("$status $offset " . field($head, 'Leap-Recording'), "200 10 $id", 'HEAD still tells which');
is((patch($where, 10, ''))[0], 204, 'the last request may come again');
is((patch($where, 10, 'x'))[0], 409, 'with nothing new');
is($serve->status('DELETE', $where, \@teacher), 409, 'and it is not ended this way');

# with the creation; by another method's name; the length later
($status, $head) = $serve->request('POST', $place, [ @teacher, @bytes, 'Upload-Length: 4', metadata(filename => 'a.mp4', display_name => 'At once', auto_run => 'true') ], 'once');
is("$status " . field($head, 'Upload-Offset'), '201 4', 'all of it with the creation');
is($leap->recording(field($head, 'Leap-Recording'), 'display_name'), 'At once', 'with its options');
is($leap->sql("SELECT count(*) FROM leap.runs WHERE recording_id = '" . field($head, 'Leap-Recording') . "'"), 1, 'and run, as it was wished');
($status, $head) = $serve->request('POST', $place, [ @teacher, @bytes, 'Upload-Length: 4' ], 'on');
is("$status " . field($head, 'Upload-Offset'), '201 2', 'or a part');
is((patch(field($head, 'Location'), 2, 'ce'))[0], 204, 'and the rest');
is($serve->status('POST', $place, [ @teacher, 'Upload-Length: 4', 'Content-Type: video/mp4' ], 'once'), 415, 'a body of another type is refused');
is($serve->status('POST', $place, [ @teacher, @bytes, 'Upload-Length: 3' ], 'once'), 413, 'and one that is too large');
$where = begin('Upload-Defer-Length: 1');
is(field((look($where))[2], 'Upload-Defer-Length'), 1, 'a length that is not known yet');
is($serve->status('POST', $where, [ @teacher, @bytes, 'X-HTTP-Method-Override: PATCH', 'Upload-Offset: 0' ], 'later'), 204, 'POST that means PATCH');
is((patch($where, 5, 'x', 'Upload-Length: 5'))[0], 413, 'a length that is less than there is');
($status, $head) = patch($where, 5, '!', 'Upload-Length: 6');
is($status, 204, 'a length with the last bytes');
like(field($head, 'Leap-Recording'), qr/^[0-9a-f-]{36}$/, 'makes it whole');
is(reserved(), 0, 'nothing is reserved any more');

# checksums
$where = begin('Upload-Length: 9');
is((patch($where, 0, 'abc', 'Upload-Checksum: sha1 ' . sha1_base64('abc') . '='))[0], 204, 'a checksum that fits');
is((patch($where, 3, 'dex', 'Upload-Checksum: sha256 ' . sha256_base64('def') . '='))[0], 460, 'one that does not');
is((look($where))[1], 3, 'takes back what came with it');
is((patch($where, 3, 'd', 'Upload-Checksum: md5 xx'))[0], 400, 'one that is not known');
my $socket = part($where, 3, 3, 'd', 'Upload-Checksum: sha1 ' . sha1_base64('def') . '=');
ok($leap->wait_until(sub { $leap->sql("SELECT unproved_from FROM leap.uploads WHERE id = '" . substr($where, -36) . "'") eq '3' }), 'bytes that are to be proved');
close $socket;
ok($leap->wait_until(sub { (look($where))[0] == 200 }), 'and whose proof never comes');
is((look($where))[1], 3, 'do not count');
is((patch($where, 3, 'defghi', 'Upload-Checksum: sha256 ' . sha256_base64('defghi') . '='))[0], 204, 'until they are');

# ends: by the client, by time
$where = begin('Upload-Length: 1000');
patch($where, 0, 'x' x 500);
my $file = file_of($where);
ok(-e $file, 'a file');
is($serve->status('DELETE', $where, \@teacher), 204, 'that its client gives up');
is((look($where))[0], 410, 'is gone');
is($serve->status('DELETE', $where, \@teacher), 410, 'and cannot go again');
is(reserved(), 0, 'nothing is reserved for it');
is($leap->sql("SELECT count(*) FROM leap.storage_garbage g JOIN leap.uploads p USING (uri) WHERE p.id = '" . substr($where, -36) . "'"), 1, 'and its file is garbage');
$where = begin('Upload-Length: 1000');
my $life = $leap->sql("SELECT extract(epoch FROM expires_at - created_at)::int FROM leap.uploads WHERE id = '" . substr($where, -36) . "'");
is($life, 86400, 'one that nobody goes on with stays a day');
$leap->sql("UPDATE leap.uploads SET expires_at = now() - interval '1 s' WHERE id = '" . substr($where, -36) . "'");
is((look($where))[0] . ' ' . (patch($where, 0, 'x'))[0] . ' ' . reserved(), '410 410 0', 'then it is gone');
is($leap->sql('SELECT leap.forget_uploads()'), 1, 'and swept');

# two at once
my $lecture = join '', map { pack 'N', $_ * 2654435761 % 2**32 } 1 .. 500_000;
$where = begin('Upload-Length: ' . length $lecture);
$socket = part($where, 0, length $lecture, substr $lecture, 0, 300_000);
$file = file_of($where);
ok($leap->wait_until(sub { -s $file }), 'a request is under way');
is((patch($where, 0, 'x'))[0], 423, 'another one is told to wait');
is((look($where))[0], 423, 'looking as well');
close $socket;

# a client that goes away
ok($leap->wait_until(sub { (look($where))[0] == 200 }), 'until the first is gone');
is((look($where))[1], 300_000, 'and all that it brought is there');
is(reserved(), length $lecture, 'with what is reserved');

# a server that dies; another goes on
$socket = part($where, 300_000, length($lecture) - 300_000, substr $lecture, 300_000, 700_000);
ok($leap->wait_until(sub { -s $file > 500_000 }), 'bytes arrive');
my ($process) = $serve->processes;
kill 'KILL', $process;
ok($leap->wait_until(sub { my ($now) = $serve->processes; $now && $now != $process && $serve->status('GET', '/health/ready') == 200 }), 'and the process dies');
close $socket;
($status, $offset) = look($where);
cmp_ok($offset, '>', 500_000, "$offset bytes are there");
my $other = LeapServe->new($leap);
$serve->stop;
$serve = $other;
is((look($where))[1], $offset, 'for another server, too');
($status, $head) = patch($where, $offset, substr $lecture, $offset);
is($status, 204, 'which takes the rest');
$id = field($head, 'Leap-Recording');
is($leap->recording($id, "source->>'sha256'"), sha256_hex($lecture), 'and the recording is byte for byte what was sent');
is($leap->sql("SELECT count(*) FROM leap.recordings WHERE source->>'sha256' = '" . sha256_hex($lecture) . "'"), 1, 'once');

# whole, but nobody could make a recording of it
$where = begin('Upload-Length: 3');
patch($where, 0, 'ab');
$leap->sql("SELECT leap.set_quota('$email', 'recordings_per_month', (SELECT used FROM leap.quota_status('$email') WHERE quota = 'recordings_per_month'))");
is((patch($where, 2, 'c'))[0], 429, 'a month that is full when the last byte comes');
is((look($where))[0], 429, 'is not over by looking');
$leap->sql("SELECT leap.set_quota('$email', 'recordings_per_month', 'unlimited')");
($status, $offset, $head) = look($where);
is("$status $offset " . field($head, 'Leap-Recording'), '200 3 ' . substr($where, -36), 'when there is room it is enough to look');

# room
my $usage = used();
$leap->sql("SELECT leap.set_quota('$email', 'storage_bytes', ($usage + 1000)::bigint)");
is($serve->status('POST', $place, [ @teacher, 'Upload-Length: 1001' ]), 413, 'more than there is room for');
$where = begin('Upload-Length: 800');
is($serve->status('POST', $place, [ @teacher, 'Upload-Length: 300' ]), 413, 'what is reserved is not there for others');
is($serve->status('DELETE', $where, \@teacher), 204, 'until it is given up');
$where = begin('Upload-Defer-Length: 1');
is((patch($where, 0, 'x' x 1001))[0], 413, 'without a length it ends where the room does');
is($serve->status('DELETE', $where, \@teacher), 204, 'and goes');
is(used() . ' ' . reserved(), "$usage 0", 'nothing of it is counted or reserved');

is($serve->stop, 0, 'the server ends');
done_testing();
