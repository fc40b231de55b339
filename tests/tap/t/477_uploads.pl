# tests/tap/t/477_uploads.pl
#     A lecture uploaded by HTTP: it becomes a recording and is processed; quotas are kept before and while bytes flow;
#     and whatever ends an upload early leaves nothing behind.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use File::Find;
use JSON::PP;
use LeapNode;
use LeapServe;
use Test::More;
use Time::HiRes qw(sleep time);

my $leap = LeapNode->new('uploads');
$leap->sql('CREATE SCHEMA api; GRANT USAGE ON SCHEMA api TO leap_anon, leap_user') if $leap->sql("SELECT to_regnamespace('api') IS NULL") eq 't';
my $serve = LeapServe->new($leap);
my $email = 'teacher@example.org';
my @teacher = $serve->bearer($email);
my $lecture = "a lecture\n" x 100_000;

# The files in the storage, without their folders and without the one that says whose it is.
sub files
{
	my @found;
	find({ wanted => sub { push @found, $_ if -f && !/\/\.leap-database$/ }, no_chdir => 1 }, $leap->{storage});
	return scalar @found;
}

sub reserved { return $leap->sql("SELECT reserved FROM leap.quota_status('$email') WHERE quota = 'storage_bytes'"); }
sub used { return $leap->sql("SELECT used FROM leap.quota_status('$email') WHERE quota = 'storage_bytes'"); }
sub limit_to { return $leap->sql("SELECT leap.set_quota('$email', '$_[0]', $_[1]::bigint)"); }

# upload(PATH, BODY, FIELD...): status, and the decoded answer
sub upload
{
	my ($path, $body, @fields) = @_;
	my ($status, $head, $content) = $serve->request('POST', $path, [ @teacher, @fields ], $body);
	return ($status, eval { decode_json($content) } // {}, $head);
}

# part of an upload: the connection stays open
sub begin
{
	my ($path, $length, $body) = @_;
	my $socket = $serve->connect;
	print $socket "POST $path HTTP/1.1\r\nHost: a\r\n$teacher[0]\r\n"
	  . (defined $length ? "Content-Length: $length" : 'Transfer-Encoding: chunked') . "\r\n\r\n" . ($body // '');
	$socket->flush;
	return $socket;
}

sub chunk { return sprintf("%x\r\n%s\r\n", length $_[0], $_[0]); }

# one body
my ($status, $made, $head) = upload('/uploads?name=Analysis%201.mp4', $lecture);
is($status, 201, 'a lecture');
is("$made->{name} $made->{status}", 'Analysis 1 INITIALIZED', 'is a recording with the name of its file');
like($head, qr/^Location: \/recordings\?id=eq\.$made->{id}\r?$/m, 'and it is said where');
is($leap->recording($made->{id}, "concat_ws(' ', source->>'type', source->>'bytes', source->>'sha256')"), "upload 1000000 " . sha256_hex($lecture), 'with its size and digest');
my $uri = $leap->sql("SELECT uri FROM leap.artifacts WHERE recording_id = '$made->{id}' AND kind = 'source'");
like($uri, qr{^users/\d{6}/$made->{id}/source-[0-9a-f]{16}\.mp4$}, 'its file has its final name');
is(PostgreSQL::Test::Utils::slurp_file("$leap->{storage}/$uri"), $lecture, 'and all that was sent');
is(used() . ' ' . reserved(), '1000000 0', 'it is counted, and nothing is reserved any more');
is($serve->status('GET', '/files/' . $leap->sql("SELECT id FROM leap.artifacts WHERE uri = '$uri'"), \@teacher), 200, 'it can be fetched');

# without a length, in chunks
($status, $made) = upload('/uploads', join('', map { chunk($lecture) } 1 .. 3) . "0\r\n\r\n", 'Transfer-Encoding: chunked');
is("$status $made->{name}", '201 Lecture', 'chunks of unknown number');
is($leap->recording($made->{id}, "source->>'sha256'"), sha256_hex($lecture x 3), 'all of them');

# a form
my $boundary = 'x' x 60;
sub form { return map { s/\n/\r\n/gr } join '', (map { "--$boundary\n$_\n" } @_), "--$boundary--\n"; }
sub file_part { return qq(Content-Disposition: form-data; name="file"; filename="$_[0]"\nContent-Type: video/mp4\n\n) . $_[1]; }
sub field { return qq(Content-Disposition: form-data; name="$_[0]"\n\n$_[1]); }
my @form = ("Content-Type: multipart/form-data; boundary=$boundary");
($status, $made) = upload('/api/v1/recordings', form(field('display_name', 'Limits'), file_part('../a.mkv', 'bytes'), field('config', '{"trimming": {"enable_trimming": false}}')), @form);
is("$status $made->{name}", '201 Limits', 'a form with fields before and behind its file');
is($leap->recording($made->{id}, 'config'), '{"trimming": {"enable_trimming": false}}', 'which are kept');
is($leap->recording($made->{id}, "source->>'bytes'"), 5, 'the file is nothing but itself');
{
	my $out = "$leap->{base}/curl.mp4";
	open my $file, '>', $out or die "$out: $!\n";
	print $file $lecture;
	close $file;
	my $answer = qx(curl -sS -w '\n%{http_code}' -H '$teacher[0]' -F 'file=\@$out;filename=by curl.mp4' -F display_name=Curl http://127.0.0.1:@{[ $serve->port ]}/api/v1/recordings);
	like($answer, qr/^201\z/m, 'what curl sends');
	is($leap->sql("SELECT source->>'name' FROM leap.recordings WHERE display_name = 'Curl' AND source->>'sha256' = '" . sha256_hex($lecture) . "'"), 'by curl.mp4', 'is understood');
}

is((upload('/recordings', form(file_part('a.mp4', 'x')), @form))[0], 201, 'a form is taken where recordings are, too');
is(($serve->json('GET', '/uploads_by_name', \@teacher))[0], 404, 'what is no path of uploads');

# sent again with its key
{
	my @key = ('Idempotency-Key: lecture-1');
	my $path = '/uploads?name=again.mp4&auto_run=true';
	my $rows = sub { $leap->sql("SELECT count(*) FROM leap.recordings WHERE source->>'name' = '$_[0]'") };
	($status, $made) = upload($path, $lecture, @key);
	is($status, 201, 'an upload with a key');
	my ($before, $usage) = (files(), used());
	my ($again, $same, $fields) = upload($path, $lecture, @key);
	is("$again $same->{id}", "201 $made->{id}", 'is answered as before when it is sent again');
	like($fields, qr/^Idempotency-Replayed: true\r?$/m, 'and it is said so');
	like($fields, qr/^Location: \/recordings\?id=eq\.$made->{id}\r?$/m, 'with where the first one is');
	is($rows->('again.mp4'), 1, 'it is one recording');
	is($leap->sql("SELECT count(*) FROM leap.runs WHERE recording_id = '$made->{id}'"), 1, 'run once');
	ok($leap->wait_until(sub { files() == $before && reserved() == 0 }), 'the second file is given up');
	is(used(), $usage, 'and not counted');
	is($leap->sql("SELECT count(*) FROM leap.uploads WHERE state = 'receiving'"), 0, 'no upload waits');

	for my $other ([ 'another file', $path, $lecture . 'x' ], [ 'another name', '/uploads?name=b.mp4&auto_run=true', $lecture ],
		[ 'another option', '/uploads?name=again.mp4', $lecture ])
	{
		my ($refused, $error) = upload(@$other[1, 2], @key);
		is("$refused $error->{code}", '422 LP006', "the same key with $other->[0]");
	}
	is((upload('/uploads', 'x', 'Idempotency-Key: a b'))[0], 422, 'what is no key');
	ok($leap->wait_until(sub { files() == $before && reserved() == 0 }), 'leaves nothing');

	my @fields = (field('display_name', 'Keyed'), file_part('keyed.mp4', 'bytes'));
	($status, $made) = upload('/api/v1/recordings', form(@fields), @form, 'Idempotency-Key: form-1');
	my ($next) = map { s/x{60}/y/gr } form(@fields);
	($again, $same) = upload('/api/v1/recordings', $next, 'Content-Type: multipart/form-data; boundary=y', 'Idempotency-Key: form-1');
	is("$status $again $same->{id}", "201 201 $made->{id}", 'a form is the same with another boundary');
	is($rows->('keyed.mp4'), 1, 'and one recording');

	my @twins = map {
		my $twin = $serve->connect;
		print $twin "POST /uploads?name=twin.mp4 HTTP/1.1\r\nHost: a\r\n$teacher[0]\r\nIdempotency-Key: twins\r\nContent-Length: 5\r\n\r\ntw";
		$twin->flush;
		$twin;
	} 1 .. 3;
	ok($leap->wait_until(sub { reserved() == 15 }), 'three at once');
	print $_ 'ins' for @twins;
	$_->flush for @twins;
	is(join('', map { scalar(<$_>) =~ /^HTTP\/1\.1 201 / ? 'y' : 'n' } @twins), 'yyy', 'are all answered');
	is($rows->('twin.mp4'), 1, 'and one is a recording');
	close $_ for @twins;
	ok($leap->wait_until(sub { reserved() == 0 }), 'the others are given up');

	($status) = upload('/uploads?name=later.mp4&template_id=01900000-0000-7000-8000-000000000000', 'x', 'Idempotency-Key: later');
	is($status, 404, 'an upload that is refused');
	is((upload('/uploads?name=later.mp4', 'x', 'Idempotency-Key: later'))[0], 201, 'holds no key');
}

# what is refused, and leaves nothing
my ($before, $usage) = (files(), used());
my %refused = (
	'no bytes' => [ 422, '/uploads', '' ],
	'no bytes in chunks' => [ 422, '/uploads', "0\r\n\r\n", 'Transfer-Encoding: chunked' ],
	'an unknown option' => [ 422, '/uploads?color=red', 'x' ],
	'a template of nobody' => [ 404, '/uploads?template_id=01900000-0000-7000-8000-000000000000', 'x' ],
	'a configuration that is none' => [ 422, '/uploads?config=%7B', 'x' ],
	'a wrong configuration' => [ 422, '/uploads?config=%7B%22a%22:1%7D', 'x' ],
	'words instead of a file' => [ 415, '/uploads', '{"url": "https://example.org/a.mp4"}', 'Content-Type: application/json; charset=utf-8' ],
	'fields instead of a file' => [ 415, '/api/v1/uploads', 'url=https://example.org/a.mp4', 'Content-Type: application/x-www-form-urlencoded' ],
	'bytes that are no text' => [ 400, '/uploads?name=%ff', 'x' ],
	'a form without a file' => [ 422, '/api/v1/recordings', form(field('display_name', 'x')), @form ],
	'a form with two files' => [ 422, '/api/v1/recordings', form(file_part('a', 'x'), file_part('b', 'x')), @form ],
	'a form with an empty file' => [ 422, '/api/v1/recordings', form(file_part('a', '')), @form ],
	'a form that ends early' => [ 400, '/api/v1/recordings', "--$boundary\r\n", @form ],
	'a form with another boundary' => [ 400, '/api/v1/recordings', form(file_part('a', 'x')) =~ s/x{60}/y/gr, @form ],
	'a form without a boundary' => [ 400, '/api/v1/recordings', form(file_part('a', 'x')), 'Content-Type: multipart/form-data' ],
	'a wrong field behind the file' => [ 422, '/api/v1/recordings', form(file_part('a', 'x'), field('auto_run', 'perhaps')), @form ],
	'chunks that cannot be read' => [ 400, '/uploads', "2\r\nxxxx\r\n0\r\n\r\n", 'Transfer-Encoding: chunked' ]);
for my $what (sort keys %refused)
{
	my ($wanted, @request) = @{ $refused{$what} };
	is((upload(@request))[0], $wanted, "refused: $what");
}
like((upload(@{ $refused{'words instead of a file'} }[ 1 .. 3 ]))[1]{hint}, qr{POST /api/v1/recordings}, 'and said where words are taken');
is($serve->status('POST', '/uploads', [], 'x'), 401, 'refused: nobody knows who sends it');
is($serve->status('DELETE', '/uploads', \@teacher), 405, 'refused: DELETE');
$leap->sql("UPDATE leap.users SET can_process_video = false WHERE email = '$email'");
is((upload('/uploads', 'x'))[0], 403, 'refused: the account may not');
$leap->sql("UPDATE leap.users SET can_process_video = true WHERE email = '$email'");
ok($leap->wait_until(sub { files() == $before && reserved() == 0 }), 'nothing of it is left');
is(used(), $usage, 'or counted');

# quotas: before a byte is read, and while bytes flow
limit_to('storage_bytes', $usage + 1_000_000);
my ($answer) = LeapServe::parts($serve->raw("POST /uploads HTTP/1.1\r\nHost: a\r\n$teacher[0]\r\nContent-Length: 1000001\r\nExpect: 100-continue\r\n\r\n"));
is($answer, 413, 'too large for what is left: refused before a byte was sent');
($status, $made) = upload('/uploads', 'x' x 1_000_001);
is("$status $made->{code}", '413 LP010', 'also without asking first');
like($made->{message}, qr/^quota storage_bytes exceeded: the upload needs \S+ \w+; the limit is .* used, .* reserved/, 'with the numbers');
my $one = begin('/uploads', 600_000, 'x' x 100_000);
ok($leap->wait_until(sub { reserved() == 600_000 }), 'what is announced is reserved');
is((upload('/uploads', 'x' x 500_000))[0], 413, 'and is not there for others');
is((upload('/uploads', 'x' x 400_000))[0], 201, 'who get the rest');
print $one 'x' x 500_000;
like(scalar <$one>, qr{^HTTP/1\.1 201 }, 'what was reserved is there to the end');
close $one;
is(reserved(), 0, 'a reservation ends with its upload');

my $flood = begin('/uploads', undef, chunk('x' x 1_000_000) x 2);
$answer = do { local $SIG{ALRM} = sub { die "slow\n" }; alarm 30; my $line = <$flood>; alarm 0; $line };
like($answer, qr{^HTTP/1\.1 413 }, 'more than there is room for, without a length: stopped under way');
close $flood;
ok($leap->wait_until(sub { reserved() == 0 }), 'and nothing stays reserved');
limit_to('storage_bytes', 10_000_000_000);
limit_to('recordings_per_month', $leap->sql("SELECT used + 1 FROM leap.quota_status('$email') WHERE quota = 'recordings_per_month'"));
$one = begin('/uploads', 10, 'x');
ok($leap->wait_until(sub { reserved() == 10 }), 'the last recording of the month is on its way');
($status, $made) = upload('/uploads', 'x');
is("$status $made->{code}", '429 LP010', 'there is none for another upload');
close $one;
ok($leap->wait_until(sub { reserved() == 0 }), 'but when it does not come');
is((upload('/uploads', 'x'))[0], 201, 'there is');
$leap->sql("SELECT leap.set_quota('$email', 'recordings_per_month', 'unlimited')");

# a client that goes away
$before = files();
$one = begin('/uploads', 5_000_000, 'x' x 2_000_000);
ok($leap->wait_until(sub { files() == $before + 1 }), 'a file grows');
close $one;
ok($leap->wait_until(sub { files() == $before && reserved() == 0 }), 'and goes when its client goes');
is($leap->sql("SELECT count(*) FROM leap.uploads WHERE state = 'receiving'"), 0, 'no upload waits for it');

# memory does not grow with the upload, and others are served meanwhile
{
	my ($process) = $serve->processes;
	my $most = sub { my ($kb) = PostgreSQL::Test::Utils::slurp_file("/proc/$process/status") =~ /^VmHWM:\s+(\d+)/m; $kb };
	my $low = $most->();
	my $big = begin('/uploads?name=big.mp4', undef);
	my ($sha, $piece, $slowest) = (Digest::SHA->new(256), 'z' x 1_000_000, 0);
	for my $n (1 .. 200)
	{
		print $big chunk($piece);
		$sha->add($piece);
		next if $n % 20;
		my $at = time;
		is($serve->status('GET', '/health/live'), 200, "$n MB, and the server answers");
		$slowest = time - $at if time - $at > $slowest;
	}
	print $big "0\r\n\r\n";
	like(scalar <$big>, qr{^HTTP/1\.1 201 }, '200 MB');
	is($leap->sql("SELECT count(*) FROM leap.recordings WHERE source->>'sha256' = '" . $sha->hexdigest . "'"), 1, 'are what was sent');
	my $grown = $most->() - $low;
	cmp_ok($grown, '<', 8192, "with constant memory ($grown kB more)");
	note(sprintf 'slowest other answer: %.1f ms', 1000 * $slowest);
	close $big;
}

# a full disk, or what looks like one
{
	my ($process) = $serve->processes;
	system('prlimit', "--pid=$process", '--fsize=1000000:1000000') == 0 or die "prlimit\n";
	$before = files();
	($status, $made) = upload('/uploads', 'x' x 3_000_000);
	is("$status $made->{code}", '507 53100', 'no room on the disk');
	ok($leap->wait_until(sub { files() == $before && reserved() == 0 }), 'leaves nothing');
	$serve->stop;
	$serve = LeapServe->new($leap);
}

# a server that is killed, and a database that goes away
$one = begin('/uploads', 5_000_000, 'x' x 2_000_000);
ok($leap->wait_until(sub { files() == $before + 1 }), 'a file grows');
my ($killed) = $serve->processes;
kill 'KILL', $killed;
ok($leap->wait_until(sub { my ($now) = $serve->processes; $now && $now != $killed && $serve->status('GET', '/health/ready') == 200 }), 'the process dies and another takes its place');
is(reserved(), 5_000_000, 'its reservation is still there');
$leap->sql("UPDATE leap.uploads SET expires_at = now() - interval '1 s' WHERE state = 'receiving'");
is(reserved(), 0, 'until it expires');
is($leap->sql('SELECT leap.forget_uploads()'), 1, 'the tick gives it up');
is($leap->sql("SELECT count(*) FROM leap.storage_garbage g JOIN leap.uploads p USING (uri) WHERE p.state = 'expired'"), 1, 'and its file is garbage, which a worker removes');
close $one;
$one = begin('/uploads', 1_000_000, 'x' x 500_000);
ok($leap->wait_until(sub { reserved() == 1_000_000 }), 'an upload');
$leap->node->restart;
print $one 'x' x 500_000;
like(scalar <$one>, qr{^HTTP/1\.1 (?:201|503) }, 'a restart of the database: it ends, or is refused');
close $one;

ok($leap->wait_until(sub { $serve->status('GET', '/health/ready') == 200 }), 'it is back');

# a worker adopts the file, and what is not what was uploaded it does not take
my $worker = $leap->worker(slots => 2, 'media-program' => $leap->fake_media);
($status, $made) = upload('/uploads?name=whole.mp4&auto_run=true', $lecture);
is($leap->wait_for_end($made->{id}), 'finished', 'an upload that is run at once');
is($leap->sql("SELECT uri FROM leap.artifacts WHERE recording_id = '$made->{id}' AND kind = 'source' AND uri LIKE '%.mp4' AND metadata <> '{}'"),
	$leap->sql("SELECT uri FROM leap.uploads WHERE id = '$made->{id}'"), 'the file is the one that was uploaded');
$leap->sql("SELECT leap.reset_recording('$made->{id}'); SELECT leap.run_recording('$made->{id}')");
is($leap->wait_for_end($made->{id}), 'finished', 'after a reset it is still there');
($status, $made) = upload('/uploads?name=changed.mp4', $lecture);
{
	my $file = "$leap->{storage}/" . $leap->sql("SELECT uri FROM leap.uploads WHERE id = '$made->{id}'");
	open my $out, '+<', $file or die "$file: $!\n";
	print $out 'b';
	close $out;
	$leap->sql("SELECT leap.run_recording('$made->{id}')");
	is($leap->wait_for_end($made->{id}), 'failed', 'a file that was changed');
	is($leap->recording($made->{id}, "error->>'code'"), 'upload_changed', 'is not taken');
	ok(-e $file, 'and not removed');
}
$leap->end_worker($worker, 'TERM');
is($serve->stop, 0, 'the server ends');

done_testing();
