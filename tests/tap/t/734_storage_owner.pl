# tests/tap/t/734_storage_owner.pl
#     A storage is one database's, and nothing else lies in it: folders that overlap are refused, and so is what belongs to another
#     database.
use strict;
use warnings;

use File::Path qw(make_path);
use LeapNode;
use LeapServe;
use PostgreSQL::Test::Utils;
use Test::More;

my $leap = LeapNode->new('storageowner', settings => "leap.bell = cron\n");
my ($base, $storage) = @$leap{qw(base storage)};
my %environment = $leap->environment;
my $keys = "$base/s3.keys";

open my $out, '>', $keys or die "$keys: $!\n";
print $out "access_key_id = a\nsecret_access_key = b\n";
close $out;
chmod 0600, $keys;
make_path("$storage/library", "$base/outer/storage", "$storage/spool");
symlink "$storage/library", "$base/linked";

sub said
{
	my ($with, @command) = @_;
	local @ENV{ keys %environment, keys %$with } = (values %environment, values %$with);
	my $output = qx('${\ $leap->program}' @command 2>&1);
	return ($? >> 8) . " $output";
}

# folders in one another
for my $case (
	[ 'a library in the storage', '--storage', '--library', LEAP_LIBRARY => "$storage/library" ],
	[ 'a library in it that is to be made', '--storage', '--library', LEAP_LIBRARY => "$storage/new/library" ],
	[ 'a link into it', '--storage', '--library', LEAP_LIBRARY => "$base/linked" ],
	[ 'a library that is the storage', '--storage', '--library', LEAP_LIBRARY => "$storage/" ],
	[ 'a storage in the library', '--storage', '--library', LEAP_LIBRARY => "$base/outer", LEAP_STORAGE => "$base/outer/storage" ],
	[ 'a library in the storage before', '--storage-from', '--library', LEAP_LIBRARY => "$storage/library", LEAP_STORAGE => "$base/outer", LEAP_STORAGE_FROM => $storage ],
	[ 'a library in the spool', '--spool', '--library', LEAP_STORAGE => 's3://bucket/p?endpoint=http://127.0.0.1:1', LEAP_STORAGE_KEYS => $keys, LEAP_SPOOL => $storage, LEAP_LIBRARY => "$storage/library" ],
	[ 'a spool in the storage before', '--storage-from', '--spool', LEAP_STORAGE => 's3://bucket/p?endpoint=http://127.0.0.1:1', LEAP_STORAGE_KEYS => $keys, LEAP_SPOOL => "$storage/spool", LEAP_STORAGE_FROM => $storage ])
{
	my ($what, $one, $other, %with) = @$case;
	my $message = qr/(?:\Q$one\E .* and \Q$other\E|\Q$other\E .* and \Q$one\E) .* lie in one another/;
	like(said(\%with, 'worker'), qr/^1 .*$message/s, "refused: $what") or BAIL_OUT('a worker may be running');
	like(said(\%with, 'doctor'), $message, 'and the doctor says it');
}

# import roots
my $worker = $leap->worker(slots => 2, 'media-program' => $leap->fake_media);
my $fine = $leap->add('A');
is($leap->wait_for_end($fine), 'finished', 'folders beside one another are fine');
for my $root ($base, $storage, "$storage/users")
{
	my $file = $root eq $base ? "$leap->{inbox}/a.mp4" : (split /\n/, $leap->sql("SELECT '$storage/' || uri FROM leap.artifacts WHERE kind = 'source'"))[0];
	system('cp', (glob "$leap->{inbox}/*")[0], $file) if !-e $file;
	$leap->sql("ALTER DATABASE leap SET leap.import_roots = '$root'");
	$leap->end_worker($worker, 'TERM');
	$worker = $leap->worker(slots => 2, 'media-program' => $leap->fake_media);
	my $id = $leap->sql("SELECT leap.add_recording(NULL, jsonb_build_object('type', 'file', 'path', '$file'), 'of $root')");
	$leap->sql("SELECT leap.run_recording('$id')");
	$leap->wait_for_end($id);
	is($leap->sql("SELECT error->>'class' || ' ' || (error->>'code') FROM leap.recordings WHERE id = '$id'"), 'permanent import_root_in_storage', "refused: import root $root") or diag($leap->log_text);
}
$leap->sql("ALTER DATABASE leap SET leap.import_roots = '$leap->{inbox}'");
$leap->end_worker($worker, 'TERM');

# whose it is
my $own = $leap->sql('SELECT leap.database_id()');
is(slurp_file("$storage/.leap-database"), "$own\n", 'a storage says which database it belongs to');
$leap->sql("UPDATE leap.database_identity SET id = gen_random_uuid()");
my $other = $leap->sql('SELECT leap.database_id()');
$worker = $leap->worker(slots => 2, 'media-program' => $leap->fake_media);
my @before = sort $leap->stray_files;
my $id = $leap->add('B');
$leap->wait_for_end($id);
is($leap->sql("SELECT error->>'class' || ' ' || (error->>'code') FROM leap.recordings WHERE id = '$id'"), 'permanent storage_of_another', 'another database makes no file there') or diag($leap->log_text);
like($leap->sql("SELECT error->>'message' FROM leap.recordings WHERE id = '$id'"), qr/^the storage \Q$storage\E belongs to database $own, and this is $other$/, 'and is told why');
$leap->sql('SELECT leap.sweep_storage()');
is($leap->wait_for(q{SELECT error->>'code' FROM leap.tasks WHERE kind = 'maintain'}, 'storage_of_another'), 'storage_of_another', 'nor does it sweep');
like(said({}, 'doctor', 'storage', '--remove-orphans'), qr/^1 .*belongs to database $own/s, 'nor may the doctor');
my $serve = LeapServe->new($leap);
my @teacher = $serve->bearer('teacher@example.org');
my @tus = (@teacher, 'Tus-Resumable: 1.0.0', 'Upload-Length: 5');
ok($leap->wait_until(sub { $leap->log_text =~ /no uploads can be taken: the storage \Q$storage\E belongs to database $own, and this is $other/ }), 'a server says so when it starts');
is(($serve->request('POST', '/uploads?name=a.mp4', \@teacher, 'bytes'))[0], 500, 'and takes no upload');
is(($serve->request('POST', '/uploads/tus', \@tus))[0], 500, 'nor one that can be resumed');
is($leap->sql("SELECT count(*) FROM leap.recordings WHERE source->>'type' = 'upload'"), 0, 'no recording is made of them');
is_deeply([ sort $leap->stray_files ], \@before, 'everything is as it was');

# nobody's
unlink "$storage/.leap-database";
like(said({}, 'doctor', 'storage', '--remove-orphans'), qr/^1 .*may hold files of another database/s, 'what is nobody\'s is not cleaned up');
like(said({}, 'doctor', 'storage'), qr/^0 /, 'but may be looked at');
$id = $leap->add('C');
is($leap->wait_for_end($id), 'finished', 'who makes a file there claims it');
is(slurp_file("$storage/.leap-database"), "$other\n", 'for his database');

unlink "$storage/.leap-database";
is(($serve->request('POST', '/uploads/tus', \@tus))[0], 201, 'an upload is taken into what is nobody\'s');
is(slurp_file("$storage/.leap-database"), "$other\n", 'and claims it, too');
is(($serve->request('POST', '/uploads?name=a.mp4', \@teacher, 'bytes'))[0], 201, 'in what is its database\'s own they are all taken');
$serve->stop;
done_testing();
