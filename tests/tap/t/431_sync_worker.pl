# tests/tap/t/431_sync_worker.pl
#     Sources with real workers: an inbox whose files become recordings by themselves once they
#     are complete, a list that grows, a dry run, failures that are told, and the command line.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use IPC::Open2;
use IPC::Run;
use JSON::PP;
use LeapNode;
use PostgreSQL::Test::Utils;
use Test::More;

my $root = abs_path(dirname(__FILE__) . '/../../..');
my $leap = LeapNode->new('sync_worker');
my $inbox = $leap->{inbox};
my $served = "$leap->{base}/served";
make_path($served, "$inbox/new");
my $pid = open2(my $from, my $to, "$root/tests/fake/web", $served, "$leap->{base}/web.log");
my ($port) = <$from> =~ /(\d+)/;
my $web = "http://127.0.0.1:$port";

sub spew
{
	my ($path, $content, $mode) = @_;
	open my $out, $mode // '>', $path or die "$path: $!\n";
	print $out $content;
	close $out or die "$path: $!\n";
}

# The program, as a person calls it: (exit status, its output, what it said about errors).
sub leap
{
	my %environment = $leap->environment;
	local @ENV{ keys %environment } = values %environment;
	my ($out, $err) = ('', '');
	my $run = IPC::Run::start([ $leap->program, @_ ], '<', \undef, '>', \$out, '2>', \$err, IPC::Run::timeout(60));
	$run->finish;
	return ($run->full_result(0) >> 8, $out, $err);
}

sub names { return $leap->sql(q{SELECT string_agg(display_name, ', ' ORDER BY display_name) FROM leap.recordings}); }

sub last_sync { return $leap->sql("SELECT state, found, created, known, refused FROM leap.source_syncs ORDER BY id DESC LIMIT 1"); }

$leap->sql("UPDATE leap.retry_policies SET base_delay = '100 ms', max_delay = '200 ms' WHERE kind = 'sync'");
my @workers = $leap->worker(queue => 'automation', 'allow-private-addresses' => 'on');

# an inbox: what is moved in, copied in, and brought along in a folder is found by itself
my ($status, $id) = leap(source => add => $inbox, '--name', 'Inbox');
chomp $id;
like($id, qr/^[0-9a-f-]{36}$/, 'a folder becomes a source');
$leap->sql(qq{SELECT leap.change_source('$id', '{"config": {"settle_seconds": 1}}')});
# it may not have looked yet: the first file is written until one was noticed
my $tries = 0;
ok($leap->wait_until(sub { spew("$inbox/first.mp4", 'first' . ++$tries) if names() eq '' && $tries < 200; return names() =~ /first/; }), 'a file that is written appears by itself');
spew("$leap->{base}/moved.mp4", 'moved');
rename "$leap->{base}/moved.mp4", "$inbox/moved.mp4" or die $!;
ok($leap->wait_until(sub { names() =~ /moved/ }), 'so does one that is moved in');
make_path("$leap->{base}/course/week 1");
spew("$leap->{base}/course/week 1/sets.mp4", 'sets');
rename "$leap->{base}/course", "$inbox/course" or die $!;
ok($leap->wait_until(sub { names() =~ /sets/ }), 'and one in a folder that is moved in');
spew("$inbox/course/week 1/maps.mp4.part", 'maps');
spew("$inbox/course/week 1/maps.mp4.part", ' and more', '>>');
rename "$inbox/course/week 1/maps.mp4.part", "$inbox/course/week 1/maps.mp4" or die $!;
ok($leap->wait_until(sub { names() =~ /maps/ }), 'and one that got its name when it was complete');
unlike(names(), qr/part/, 'not before');
is($leap->sql("SELECT string_agg(DISTINCT status, ',') FROM leap.recordings"), 'INITIALIZED', 'they wait to be run');
is($leap->sql("SELECT count(*) FROM leap.recordings WHERE source->>'path' = '$inbox/course/week 1/sets.mp4' AND source->>'bytes' = '4'"), 1, 'with their path and size');

# nothing comes twice: asked again, renamed, touched
rename "$inbox/moved.mp4", "$inbox/new/renamed.mp4" or die $!;
my $before = $leap->sql('SELECT count(*) FROM leap.recordings');
($status, my $said) = leap(source => sync => 'Inbox', '--watch');
is($status, 0, 'a sync by hand');
like($said, qr/succeeded .*\b0 new/, 'has nothing new');
is($leap->sql('SELECT count(*) FROM leap.recordings'), $before, 'nothing comes twice');
is($leap->sql("SELECT display_name, source->>'path' FROM leap.recordings WHERE source_metadata->>'path' = 'new/renamed.mp4'"), "renamed|$inbox/new/renamed.mp4",
	'what was renamed before its download is found under its new name');

# a list that grows
spew("$served/list", "$web/a.mp4\tLecture A\n$web/b.mp4\n");
($status, $id) = leap(source => add => "$web/list", '--name', 'List');
($status, $said) = leap(source => sync => 'List', '--dry-run', '--watch');
is($status, 0, 'a dry run');
like($said, qr/dry run, 2 found, 0 new, 0 known.*new +Lecture A\n.*new +b\n/s, 'tells what would come');
is($leap->sql('SELECT count(*) FROM leap.recordings'), $before, 'and adds nothing');
($status, $said) = leap(source => sync => 'List', '--watch');
like($said, qr/2 found, 2 new, 0 known, 0 refused/, 'two links, two recordings');
spew("$served/list", "$web/c.mp4\tLecture C\n", '>>');
($status, $said) = leap(source => sync => 'List', '--watch', '--json');
is_deeply([ @{ decode_json($said) }{qw(found created known)} ], [ 3, 1, 2 ], 'then only the new one');
is($leap->sql("SELECT count(*) FROM leap.recordings WHERE display_name IN ('Lecture A', 'b', 'Lecture C')"), 3, 'each once');

# two syncs of the same list at the same time, and of another source with the same links
leap(source => add => "$web/list?again", '--name', 'Again');
spew("$served/list", join '', map { "$web/$_.mp4\n" } 'd' .. 'k');
push @workers, $leap->worker(queue => 'automation', slots => 4, 'allow-private-addresses' => 'on');
$leap->sql("SELECT leap.start_syncs(array_agg(id)) FROM leap.input_sources WHERE name IN ('List', 'Again')") for 1 .. 3;
ok($leap->wait_until(sub { $leap->sql("SELECT count(*) FROM leap.source_syncs WHERE state = 'waiting'") == 0 }), 'several syncs end');
is($leap->sql("SELECT count(*) || ' ' || count(DISTINCT source_key) FROM leap.recordings WHERE display_name ~ '^[d-k]\$'"), '8 8', 'each link is one recording');
is($leap->sql("SELECT count(*) FROM leap.source_syncs WHERE state <> 'succeeded'"), 0, 'none failed');

# failures: tried again, then told at the source; told no more once it works
leap(source => add => "$web/list?status=500", '--name', 'Broken');
($status, $said) = leap(source => sync => 'Broken', '--watch');
is($status, 1, 'a sync that fails');
like($said, qr/failed.*in trouble/, 'says why');
is($leap->sql("SELECT failures FROM leap.tasks WHERE kind = 'sync' ORDER BY id DESC LIMIT 1"), 4, 'after some tries');
is($leap->sql("SELECT last_error->>'code' FROM leap.input_sources WHERE name = 'Broken'"), 'server_error', 'the source tells it');
($status, $said) = leap(source => show => 'Broken');
like($said, qr/failed.*in trouble/s, 'to people, too');
$leap->sql(qq{SELECT leap.change_source(leap.find_source('Broken'), '{"config": {"url": "$web/list"}}')});
leap(source => sync => 'Broken', '--watch');
is($leap->sql("SELECT last_error IS NULL FROM leap.input_sources WHERE name = 'Broken'"), 't', 'until it works');

# the command line
($status, $said) = leap(source => 'list');
is(scalar(my @lines = split /\n/, $said), 4, 'a line each');
($status, $said) = leap(source => delete => 'Broken');
is($status, 0, 'a source can be deleted');
($status, undef, $said) = leap(source => sync => 'Broken');
is($status, 3, 'and is gone then');
like($said, qr/there is no source "Broken"/, 'as it says');
($status, undef, $said) = leap(source => add => '/etc');
like($said, qr/not below an import root/, 'not every folder can be a source');
($status) = leap(source => 'sing');
is($status, 2, 'an unknown word');

# an inbox that is deleted is not watched any more; one that is gone fails with its name
$leap->sql("SELECT leap.delete_source(leap.find_source('Inbox'))");
make_path("$inbox/gone");
leap(source => add => "$inbox/gone", '--name', 'Gone');
rmdir "$inbox/gone" or die $!;
($status, $said) = leap(source => sync => 'Gone', '--watch');
like($said, qr/there is no folder "\Q$inbox\E\/gone"/, 'a folder that is gone');
make_path("$inbox/gone");
leap(source => sync => 'Gone', '--watch');
is($leap->sql("SELECT last_error IS NULL FROM leap.input_sources WHERE name = 'Gone'"), 't', 'and is back');

# a worker that is not allowed to reach private addresses does not
$leap->end_worker($_, 'TERM') for @workers;
$leap->worker(queue => 'automation');
($status, $said) = leap(source => sync => 'List', '--watch');
like($said, qr/failed.*leads to an address that may not be/, 'a private address is refused');

close $to;
waitpid $pid, 0;
done_testing();
