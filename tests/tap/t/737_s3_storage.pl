# tests/tap/t/737_s3_storage.pl
#     Recordings kept in a bucket, in an S3 service of others: all steps work on files that are there
#     and nowhere else; what is read lately is at hand; what breaks or was left on the way does no harm.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FaultProxy;
use HTTP::Tiny;
use IO::Select;
use JSON::PP;
use LeapChild;
use LeapNode;
use LeapServe;
use PostgreSQL::Test::Utils;
use S3Server;
use Test::More;

plan skip_all => 'python3-swift is not installed' if !S3Server::is_installed();

my $leap = LeapNode->new('s3storage');
my $s3 = S3Server->start("$leap->{base}/swift");
my $proxy = FaultProxy->start("$leap->{base}/proxy", $s3->{port});
my $media = $leap->fake_media;
my $keys = "$leap->{base}/s3.keys";
my $spool = "$leap->{base}/spool";

sub keys_file
{
	my ($mode, @lines) = @_;
	unlink $keys;
	open my $out, '>', $keys or die "$keys: $!\n";
	print $out map { "$_\n" } @lines;
	close $out;
	chmod $mode, $keys;
	return;
}

sub files
{
	my ($folder) = @_;
	my @files = grep { -f } glob "$folder/*";
	return @files;
}

# The rows of artifacts against the bucket, both ways.
sub is_all_there
{
	my ($what) = @_;
	my %rows = map { my ($uri, @more) = split /\|/; ("leap/$uri" => \@more) } split /\n/, $leap->sql('SELECT uri, bytes, sha256 FROM leap.artifacts');
	my @wrong = grep { my $bytes = $s3->get('lectures', $_); length $bytes != $rows{$_}[0] || sha256_hex($bytes) ne $rows{$_}[1] } sort keys %rows;

	is_deeply([ grep { !m{/\.leap-database$} } $s3->keys('lectures', 'leap/') ], [ sort keys %rows ], "$what: the bucket holds what the database names, and nothing else");
	is_deeply(\@wrong, [], "$what: as it is described");
}

$s3->make_bucket('lectures');
keys_file(0600, '# of the storage', "access_key_id = $s3->{access_key_id}", "secret_access_key=$s3->{secret_access_key}");
$leap->{storage} = "s3://lectures/leap?endpoint=$s3->{url}";
local @ENV{qw(LEAP_STORAGE_KEYS LEAP_SPOOL)} = ($keys, $spool);

# what is refused at the start
for my $case (
	[ qr/open to other users/, sub { chmod 0644, $keys } ],
	[ qr/has no access_key_id/, sub { keys_file(0600, 'access_key_id = a') } ],
	[ qr/names no bucket/, sub { $ENV{LEAP_STORAGE} = 's3:///x' } ],
	[ qr/parameter that is none of endpoint, region, path_style/, sub { $ENV{LEAP_STORAGE} = 's3://lectures/leap?endpint=x' } ],
	[ qr/prefix that is no path/, sub { $ENV{LEAP_STORAGE} = 's3://lectures/../x' } ],
	[ qr/a storage in S3 needs keys/, sub { delete $ENV{LEAP_STORAGE_KEYS} } ])
{
	my ($wanted, $spoil) = @$case;
	my %environment = $leap->environment;

	local @ENV{ keys %environment } = values %environment;
	local $ENV{LEAP_STORAGE_KEYS} = $keys;
	keys_file(0600, "access_key_id = $s3->{access_key_id}", "secret_access_key = $s3->{secret_access_key}");
	$spoil->();
	like(scalar(qx('${\ $leap->program}' worker 2>&1)), $wanted, "refused: $wanted");
}
keys_file(0600, "access_key_id = $s3->{access_key_id}", "secret_access_key = $s3->{secret_access_key}");

# all steps
my $worker = $leap->worker(slots => 2, media_program => $media, name => 'one');
my $id = $leap->add('a lecture');

is($leap->wait_for_end($id, 120), 'finished', 'all steps are done') or diag($leap->log_text);
is($leap->recording($id, 'status'), 'UPLOADED', 'it is published');
is_all_there('after all steps');
is($s3->head('lectures', 'leap/' . $leap->sql("SELECT uri FROM leap.artifacts WHERE kind = 'video'"))->{headers}{'x-amz-meta-leap'},
	$leap->sql("SELECT sha256 FROM leap.artifacts WHERE kind = 'video'"), 'an object says what its bytes are');
my ($lesson) = $leap->lessons($id);
is(sha256_hex(slurp_file((glob "$lesson/*.mp4")[0])), sha256_hex($s3->get('lectures', 'leap/' . $leap->sql("SELECT uri FROM leap.artifacts WHERE kind = 'video'"))),
	'the lesson has the same video');
is(scalar(files("$spool/new")), 0, 'nothing half-made is left');
is(scalar(files("$spool/kept")), $leap->sql('SELECT count(*) + 1 FROM leap.artifacts'), 'copies are at hand, also of whose the storage is');
is($s3->get('lectures', 'leap/.leap-database'), $leap->sql('SELECT leap.database_id()') . "\n", 'the bucket says which database it belongs to');
is_deeply([ glob "$spool/tmp/*" ], [], 'nor a work folder');
unlike($leap->log_text, qr/\Q$s3->{secret_access_key}\E|WARNING|ERROR/, 'no secret in the log, nothing to complain about');

# another machine, which keeps nothing: everything comes out of the bucket
$leap->end_worker($worker, 'TERM');
$worker = $leap->worker(slots => 2, media_program => $media, name => 'two', spool => "$spool-2", 'spool-bytes' => 0);
$leap->sql("SELECT leap.run_recording('$id', NULL, true)");
is($leap->wait_for_end($id, 120), 'finished', 'on another machine') or diag($leap->log_text);
is(scalar(files("$spool-2/kept")) + files("$spool-2/part") + files("$spool-2/new"), 0, 'which keeps no more than it may');
$leap->sql(q{UPDATE leap.storage_garbage SET deleted_at = deleted_at - interval '2 hours'; SELECT leap.sweep_storage()});
is($leap->wait_for('SELECT count(*) FROM leap.storage_garbage', 0), 0, 'what it replaced is swept') or diag($leap->log_text);
is_all_there('after that');
$leap->end_worker($worker, 'TERM');

# single tasks, through a network that breaks
my $child = LeapChild->new('s3child');
my $number = 0;

sub storage { return { where => "s3://lectures/child?endpoint=" . $proxy->url, spool => "$child->{base}/spool-$number", spool_bytes => '1000000000',
		keys => { map { $_ => $s3->{$_} } qw(access_key_id secret_access_key) } }; }

# upload(BYTES, OPTIONS): adopts what was uploaded, which reads all of it
sub adopt
{
	my ($bytes, %options) = @_;
	my $uri = $options{uri} // 'users/000007/01990000-0000-7000-8000-0123456789ad/source-' . substr(sha256_hex($bytes), 0, 16) . '.mp4';

	$s3->put('lectures', "child/$uri", $bytes, 'x-amz-meta-leap' => $options{mark} // sha256_hex($bytes)) if !$options{missing};
	$number++;
	$child->{settings} = storage();
	return $child->run(download => {
			recording => { id => '01990000-0000-7000-8000-0123456789ab', lane => 7, name => 'x', source => { type => 'upload', sha256 => sha256_hex($bytes) } },
			artifacts => { source => { kind => 'source', uri => $uri, bytes => length($bytes) . '', sha256 => sha256_hex($bytes) } } });
}

my $bytes = join '', map { pack 'N', $_ * 2654435761 % 2**32 } 1 .. 1 << 20;
my $end;

$child->{media_program} = $media;
for my $at (1, 4096, 1_000_003, 4_100_000)
{
	$proxy->set({ match => '^GET ', times => 1, do => 'short', bytes => $at });
	$end = adopt($bytes);
	ok($end->{done}, "fetched over a connection that broke after $at bytes") or diag(encode_json($end));
}
$proxy->set();
$end = adopt($bytes, mark => 'f' x 64);
is($end->{failed}{code}, 'artifact_changed', 'another file in its place is not taken for it');
$end = adopt($bytes, uri => 'users/000007/r/source-none.mp4', missing => 1);
is($end->{failed}{code}, 'file_missing', 'one that is gone is missed');
$proxy->set({ match => '^HEAD ', times => 100, do => 'answer', status => 403, body => '' });
is(adopt($bytes)->{failed}{class}, 'permanent', 'keys that are refused are nobody\'s account');
$proxy->set();

# what others left, LEAP and strangers
my $place = 'users/000007/01990000-0000-7000-8000-0123456789ad';
$s3->begin_upload('lectures', "child/$place/video-0123456789abcdef.mp4");
$s3->begin_upload('lectures', 'child/2026-lesson/video-1.mp4');
$s3->begin_upload('lectures', 'elsewhere/video-2.mp4');
my @foreign = ('child/2026-lesson/video-1.mp4', 'elsewhere/video-2.mp4');
open my $left, '>', "$child->{settings}{spool}/new/left" or die "$!\n";
close $left;
$end = $child->run(maintain => { find_older_seconds => 86400, remove => [] });
is(scalar($s3->uploads('lectures')), 3, 'what was begun today is let alone');
my $half = "$place/source-00000000000000aa.mp4";
my @spooled = map { "$child->{settings}{spool}/new/" . sha256_hex("s3://lectures/child/$_") } $half, $half =~ s/aa/bb/r;
for my $file (@spooled)
{
	open $left, '>', $file or die "$file: $!\n";
	close $left;
	utime 1, 1, $file;
}
$end = $child->run(maintain => { find_older_seconds => 86400, remove => [], keep => [$half] });
is(join(' ', map { -e $_ ? 'kept' : 'gone' } @spooled), 'kept gone', 'half-made files are let alone as long as a task goes on with them');
unlink $spooled[0];
$s3->put('lectures', "child/$place/text-0123456789abcdef.txt", 'left');
$s3->put('lectures', "child/$_", 'a stranger') for '2026-lesson/video.mp4', 'users/000007/notes.txt';
$end = $child->run(maintain => { find_older_seconds => -10, remove => [ "$place/source-" . substr(sha256_hex($bytes), 0, 16) . '.mp4', "$place/never-0123456789abcdef.mp4", '2026-lesson/video.mp4' ] });
is_deeply([ sort $s3->uploads('lectures') ], \@foreign, 'later it is aborted, where it is ours');
ok(!-e "$child->{settings}{spool}/new/left", 'and half-made files go');
is_deeply([ grep { !m{89ab/} } $s3->keys('lectures', 'child/') ], [ 'child/2026-lesson/video.mp4', "child/$place/text-0123456789abcdef.txt", 'child/users/000007/notes.txt' ],
	'garbage is removed, and nothing of strangers');
is_deeply([ grep { !m{89ab/} } @{ $end->{done}{facts}{found} } ], ["$place/text-0123456789abcdef.txt"], 'what nobody named is found');

# files by HTTP: from the service itself, or through the server
my $teacher = 'teacher@example.org';
my $serve = LeapServe->new($leap, '--file-link-seconds=60');
my @bearer = $serve->bearer($teacher);
my ($artifact, $uri) = split /\|/, $leap->sql("SELECT id, uri FROM leap.artifacts WHERE kind = 'video'");
my ($status, $head) = $serve->request('GET', "/files/$artifact", \@bearer);
my ($link) = $head =~ /^Location: (\S+)\r?$/m;
is($status, 302, 'a client is sent to the service');
my $answer = HTTP::Tiny->new->get($link // '', { headers => { Range => 'bytes=2-5' } });
is("$answer->{status} $answer->{content}", '206 ' . substr($s3->get('lectures', "leap/$uri"), 2, 4), 'which gives it, in parts too');
like($answer->{headers}{'content-disposition'}, qr/^attachment; filename="a lecture/, 'under its title');
is($answer->{headers}{'content-type'}, 'video/mp4', 'as what it is');
($status, $head) = $serve->request('HEAD', "/files/$artifact", \@bearer);
is(HTTP::Tiny->new->head($head =~ /^Location: (\S+)\r?$/m)->{status}, 200, 'a link for HEAD is one for HEAD');
is(($serve->request('GET', "/files/$artifact"))[0], 401, 'not to nobody');
my ($origin) = ($link // '') =~ m{^(\w+://[^/]+)/};
like(($serve->request('GET', '/app/'))[1], qr/^Content-Security-Policy: .*; media-src 'self' blob: \Q$origin\E; /m, 'and the page may show it');
my ($words, $words_uri) = split /\|/, $leap->sql("SELECT id, uri FROM leap.artifacts WHERE kind = 'srt' LIMIT 1");
my @words = $serve->request('GET', "/files/$words", \@bearer);
is("$words[0] $words[2]", '200 ' . $s3->get('lectures', "leap/$words_uri"), 'words, which a page reads from its own origin only, come through the server');
$serve->stop;
$serve = LeapServe->new($leap, '--file-links=through');
like(($serve->request('GET', '/app/'))[1], qr/; media-src 'self' blob:; /, 'where nobody is sent away the page stays here');
my @answer = $serve->request('GET', "/files/$artifact", [ @bearer, 'Range: bytes=2-5' ]);
is("$answer[0] $answer[2]", '206 ' . substr($s3->get('lectures', "leap/$uri"), 2, 4), 'through the server');
@answer = $serve->request('POST', '/uploads?name=uploaded.mp4', [ @bearer, 'Content-Type: video/mp4' ], 'a lecture' x 1000);
is($answer[0], 201, 'an upload is taken') or diag($answer[2]);
ok($s3->get('lectures', 'leap/' . $leap->sql("SELECT uri FROM leap.artifacts WHERE kind = 'source' ORDER BY created_at DESC LIMIT 1")) eq 'a lecture' x 1000,
	'and is in the bucket');
is_all_there('after that');
$serve->stop;

# while a file comes from a slow service, the one process answers others; who leaves harms nobody
{
	local $leap->{storage} = 's3://lectures/leap?endpoint=' . $proxy->url;
	$serve = LeapServe->new($leap, '--file-links=through', "--spool=$spool-serve");
	$proxy->set({ match => '^GET .*\Q$uri\E', times => 2, do => 'slow', seconds => 8 });
	my ($leaving, $waiting) = map { $serve->connect } 1 .. 2;
	print $_ "GET /files/$artifact HTTP/1.1\r\nHost: x\r\nConnection: close\r\n$bearer[0]\r\n\r\n" for $leaving, $waiting;
	$_->flush for $leaving, $waiting;
	ok($leap->wait_until(sub { files("$spool-serve/part") }), 'the service is asked');
	close $leaving;
	is($serve->status('GET', '/health/ready'), 200, 'others are answered');
	ok(!IO::Select->new($waiting)->can_read(0), 'while the file has not come');
	my $got = do { local $/; <$waiting> };
	is(($got =~ /\r\n\r\n(.*)/s)[0], $s3->get('lectures', "leap/$uri"), 'which comes in the end');
	$proxy->set();
	$serve->stop;
}

# the doctor
sub leap_command
{
	my ($where, @arguments) = @_;
	my %environment = ($leap->environment, %$where);

	local @ENV{ keys %environment } = values %environment;
	my $output = qx('${\ $leap->program}' @arguments);
	return ($? >> 8, $output);
}

sub doctor
{
	my ($where, @arguments) = @_;
	my ($code, $output) = leap_command($where, 'doctor', 'storage', '--json', @arguments);
	my $said = $output =~ /^\{/ ? decode_json($output) : {};
	return join ' ', $code, map { "$_=" . ($said->{$_}{count} // '') . (@{ $said->{$_}{files} // [] } ? '(' . join(',', map { $_->{found_at} // $_->{uri} } @{ $said->{$_}{files} }) . ')' : '') }
		qw(missing different damaged orphans);
}

is(doctor({}, '--deep'), '0 missing=0 different=0 damaged=0 orphans=0', 'a bucket where nothing is wrong');

# of another database nothing is taken, and nothing is put beside what it has
my $other = '01990000-0000-4000-8000-00000000000a';
{
	my $sweep = { find_older_seconds => -10, remove => [] };
	$child->{settings} = { %{ storage() }, where => "s3://lectures/leap?endpoint=" . $proxy->url };
	my $before = join ' ', $s3->keys('lectures', 'leap/');
	$end = $child->run(maintain => $sweep, database => $other);
	like("$end->{failed}{class} $end->{failed}{code} $end->{failed}{message}", qr/^permanent storage_of_another .*belongs to database .*, and this is $other$/, 'a bucket of another database is not swept');
	is(join(' ', $s3->keys('lectures', 'leap/')), $before, 'and stays as it is');
	$leap->sql("UPDATE leap.database_identity SET id = '$other'");
	like((leap_command({}, 'doctor', 'storage', '--remove-orphans', '2>&1'))[1], qr/belongs to database/, 'the doctor takes nothing from it either');
	$s3->delete('lectures', 'leap/.leap-database');
	like((leap_command({}, 'doctor', 'storage', '--remove-orphans', '2>&1'))[1], qr/may hold files of another database/, 'nor from a storage that is nobody\'s');
	$child->{settings}{where} =~ s{/leap\?}{/fresh?};
	$end = $child->run(maintain => $sweep, database => $other) for 1 .. 2;
	ok($end->{done} && $s3->get('lectures', 'fresh/.leap-database') eq "$other\n", 'what is nobody\'s is claimed');
	$end = $child->run(maintain => $sweep, database => $other =~ s/a$/b/r);
	is($end->{failed}{code}, 'storage_of_another', 'once');
	$s3->delete('lectures', 'fresh/.leap-database');
}

# to a folder and back, killed on the way
my $bucket = $leap->{storage};
my $folder = "$leap->{base}/folder";
mkdir $_ for $folder, "$leap->{base}/progress";
my %there = (LEAP_STORAGE => $folder, LEAP_STORAGE_FROM => $bucket);
my $second = $bucket =~ s{/leap\?}{/leap-2?}r;
my %back = (LEAP_STORAGE => $second, LEAP_STORAGE_FROM => $folder);
my $all = $leap->sql('SELECT count(*) FROM leap.artifacts');

sub migrate_and_kill
{
	my ($where, $seen) = @_;
	my $pid = fork // die "fork: $!\n";

	if ($pid == 0)
	{
		my %environment = ($leap->environment, %$where);
		@ENV{ keys %environment } = values %environment;
		open STDOUT, '>', '/dev/null';
		open STDERR, '>', '/dev/null';
		exec $leap->program, 'storage', 'migrate';
	}
	$leap->wait_until($seen, 30);
	kill 'KILL', $pid;
	waitpid $pid, 0;
	return;
}

# a large one last, so that there is something on the way
$leap->sql("UPDATE leap.artifacts SET uri = 'zz/' || uri, bytes = 30000000, sha256 = '" . sha256_hex('x' x 30_000_000) . "' WHERE id = '$artifact'");
$s3->put('lectures', "leap/zz/$uri", 'x' x 30_000_000);
$s3->delete('lectures', "leap/$uri");
my $said = (leap_command({ %there, LEAP_STORAGE => "$leap->{base}/progress" }, 'storage', 'migrate', '2>&1'))[1];
like($said, qr/^0 of $all files: 0 copied \(0 B\), 0 failed; (?:fetching|storing)[^\n]* \S+: \S+ \S+ of \S+ \S+$/m, 'it is told how much of a file is copied') or diag($said);
migrate_and_kill(\%there, sub { my @files = glob "$folder/users/*/*/*"; return @files > 3; });
my ($code, $output) = leap_command(\%there, 'storage', 'migrate', '--json', '2>/dev/null');
is($code, 0, 'the rest is copied') or diag($output);
cmp_ok(decode_json($output)->{copied}, '<', $all, 'and not more than the rest');
is(doctor({ LEAP_STORAGE => $folder }, '--deep'), '0 missing=0 different=0 damaged=0 orphans=0', 'the folder has it all');
migrate_and_kill(\%back, sub { return $s3->keys('lectures', 'leap-2/') > 3; });
is((leap_command(\%back, 'storage', 'migrate', '2>/dev/null'))[0], 0, 'and back') or diag($output);
is(doctor({ LEAP_STORAGE => $second }, '--deep'), '0 missing=0 different=0 damaged=0 orphans=0', 'another prefix has it all');
is_deeply([ sort $s3->uploads('lectures') ], \@foreign, 'what was killed before it sent parts left none');

# while files move
my $some = (split /\n/, $leap->sql("SELECT uri FROM leap.artifacts WHERE kind = 'text'"))[0];
unlink "$folder/$some";
$leap->{storage} = $folder;
local $ENV{LEAP_STORAGE_FROM} = $second;
local $ENV{LEAP_SPOOL} = "$spool-3";
$serve = LeapServe->new($leap);
my ($text) = $leap->sql("SELECT id FROM leap.artifacts WHERE uri = '$some'");
is(($serve->request('GET', "/files/$text", \@bearer))[0], 200, 'what only the old storage has is read from there');
$serve->stop;
delete $ENV{LEAP_STORAGE_FROM};

# what is wrong
my @uris = grep { m{^users/} && !m{text-} } split /\n/, $leap->sql('SELECT uri FROM leap.artifacts ORDER BY uri COLLATE "C"');
mkdir "$folder/elsewhere";
rename "$folder/$uris[0]", "$folder/elsewhere/" . ($uris[0] =~ s{.*/}{}r) or die "$!\n";
open my $out, '>>', "$folder/$uris[1]" or die "$!\n";
print $out 'more';
close $out;
open $out, '+<', "$folder/$uris[2]" or die "$!\n";
print $out chr(255);
close $out;
my ($orphan, $young, $alien) = ("$place/orphan-0123456789abcdef.mp4", "$place/young-0123456789abcdef.mp4", 'users/orphan-1.mp4');
mkdir "$folder/users/000007";
mkdir "$folder/$place" or die "$place: $!\n";
for my $name ($orphan, $young, $alien)
{
	open $out, '>', "$folder/$name" or die "$name: $!\n";
	close $out;
	utime 1, 1, "$folder/$name" if $name ne $young;
}
is(doctor({}, '--deep'), "1 missing=2(elsewhere/" . ($uris[0] =~ s{.*/}{}r) . ",$some) different=1($uris[1]) damaged=1($uris[2]) orphans=1($orphan)",
	'missing, moved, different, damaged files and orphans are found');
like((leap_command({}, 'doctor', 'storage'))[1], qr/lies at elsewhere.*removes what nobody names/s, 'people are told what to do');
doctor({}, '--remove-orphans');
ok(!-e "$folder/$orphan" && -e "$folder/$young" && -e "$folder/$alien", 'orphans go when that is asked for, what is young or not LEAP\'s stays');
like(qx(LEAP_STORAGE='$bucket' LEAP_DATABASE='${\ $leap->node->connstr('leap')}' '${\ $leap->program}' doctor --library='$leap->{library}'), qr/^ok\s+storage\s+s3:.* free in the spool$/m,
	'the doctor asks the bucket');

done_testing();
