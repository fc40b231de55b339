# tests/tap/t/738_storage_names.pl
#     What is LEAP's own in a storage: worker, doctor and database judge names alike, files of others are never touched, and
#     files that no row names are listed until somebody asks for their removal.
use strict;
use warnings;

use File::Basename qw(dirname);
use File::Path qw(make_path);
use JSON::PP;
use LeapNode;
use Test::More;

my $leap = LeapNode->new('storagenames', settings => "leap.bell = cron\n");
my $recording = '01990000-0000-7000-8000-0123456789ab';
my $folder = "users/000001/$recording";
my $hex = '0123456789abcdef';

my @own = ("$folder/source-$hex.mp4", "$folder/srt-ru-RU-$hex.srt", "$folder/heard-0a1b2c3d-$hex.json", "$folder/vtt-zh-Hant-$hex.vtt", "users/1000000/$recording/text-$hex.txt",
	"users/000001/$recording/video-$hex.m4a");
my @foreign = ('lessons/published.mp4', '2026-01-01-lesson-0123456789ab/video.mp4', "$recording/source-$hex.mp4", "old/$folder/source-$hex.mp4", "users/$recording/source-$hex.mp4",
	"users/00001/$recording/source-$hex.mp4", "users/12345678901/$recording/source-$hex.mp4", "users/00000a/$recording/source-$hex.mp4",
	"users/000001/${\ uc $recording}/source-$hex.mp4", "users/000001/0199/source-$hex.mp4", "users/000001/$recording-2/source-$hex.mp4", "users/000001/${\ ($recording =~ s/-//gr)}/source-$hex.mp4",
	"$folder/more/source-$hex.mp4", "$folder/$hex.mp4", "$folder/-$hex.mp4", "$folder/source-$hex", "$folder/source-$hex.", "$folder/source-$hex.mp4.bak", "$folder/source-$hex.MP4",
	"$folder/source-${hex}0.mp4", "$folder/source-" . substr($hex, 1) . '.mp4', "$folder/source-" . uc($hex) . '.mp4', "$folder/Source-$hex.mp4", "$folder/1source-$hex.mp4", "$folder/source--$hex.mp4",
	"$folder/source_$hex.mp4", "$folder/sou rce-$hex.mp4", "$folder/source-$hex.mp4~", "$folder/my lecture.mp4", "$folder/source-$hex.a-b", "$folder/" . ('k' x 33) . "-$hex.mp4", "$folder/source-$hex.123456789",
	"users/000001/avatar.png", 'users/notes.txt', 'library/index.html');

sub put
{
	my ($uri, $days) = @_;
	my $path = "$leap->{storage}/$uri";
	make_path(dirname($path));
	open my $out, '>', $path or die "$path: $!\n";
	print $out 'bytes';
	close $out;
	utime time - 86400 * $days, time - 86400 * $days, $path;
	return;
}

sub missing { return join ' ', grep { !-e "$leap->{storage}/$_" } @_; }

sub doctor
{
	my %environment = $leap->environment;
	local @ENV{ keys %environment } = values %environment;
	my $output = qx('${\ $leap->program}' doctor storage @_);
	return $output;
}

# a whole day's sweep, after which what is garbage has been garbage for long
sub sweep
{
	$leap->sql("UPDATE leap.storage_garbage SET deleted_at = deleted_at - interval '2 hours'");
	$leap->sql('SELECT leap.sweep_storage()');
	is($leap->wait_for("SELECT count(*) FROM leap.tasks WHERE kind = 'maintain' AND state IN ('ready', 'running', 'scheduled')", 0), 0, 'a sweep ends');
	return;
}

sub literals { return join ', ', map { "\$q\$$_\$q\$" } @_; }

$leap->worker(slots => 2, 'media-program' => $leap->fake_media);
my $id = $leap->add('A');
is($leap->wait_for_end($id), 'finished', 'a lecture is published');
my @named = split /\n/, $leap->sql('SELECT uri FROM leap.artifacts');
is($leap->sql('SELECT count(*) FROM leap.artifacts WHERE NOT leap.is_stored_name(uri)'), 0, 'the names of all its files are of the pattern');

# names
is(join("\n", split(/\n/, $leap->sql("SELECT u FROM unnest(ARRAY[${\ literals(@own, @foreign)}]) WITH ORDINALITY x(u, n) WHERE leap.is_stored_name(u) ORDER BY n"))), join("\n", @own),
	'the database knows the names that LEAP gives');
put($_, 3) for @own, @foreign;
put("$folder/young-$hex.mp4", 0);
my $said = decode_json(doctor('--json'));
is(join("\n", map { $_->{uri} } @{ $said->{orphans}{files} }), join("\n", sort @own), 'the doctor knows the same, and lets alone what is young');
is($said->{foreign}, scalar @foreign, 'and counts the others');
like(doctor(), qr/^${\ scalar @foreign} others are not LEAP's: they are let alone$/m, 'as it says');

# the sweep lists
sweep() for 1 .. 3;
is(missing(@own, @foreign, @named), '', 'sweeps remove no file that was never named');
is($leap->sql('SELECT count(*) FROM leap.storage_garbage'), 0, 'nor call it garbage');
is($leap->sql('SELECT string_agg(uri, E\'\n\' ORDER BY uri COLLATE "C") FROM leap.storage_orphans'), join("\n", sort @own), 'those with names that LEAP gives are listed');
is($leap->sql(q{SELECT status || ' ' || substring(detail FROM '^\d+ files') FROM leap.doctor() WHERE check_name = 'orphans'}), 'warning ' . @own . ' files', 'and an operator is told');

# names that are not LEAP's do not become garbage another way either
$leap->sql("INSERT INTO leap.storage_garbage VALUES (\$q\$$_\$q\$, clock_timestamp() - interval '2 hours')") for @foreign;
sweep();
is(missing(@foreign), '', 'a name that is not LEAP\'s is removed by no sweep');

# what LEAP knows as garbage goes by itself
$leap->sql("SELECT leap.run_recording('$id', NULL, true)");
is($leap->wait_for_end($id), 'finished', 'everything is made anew');
sweep() for 1 .. 2;
my %still = map { $_ => 1 } split /\n/, $leap->sql('SELECT uri FROM leap.artifacts');
is(join(' ', grep { !$still{$_} && -e "$leap->{storage}/$_" } @named), '', 'files that were replaced are removed');

# on request
like(doctor('--remove-orphans'), qr/^${\ scalar @own} orphans removed$/m, 'orphans are removed when that is asked for');
is(join(' ', grep { -e "$leap->{storage}/$_" } @own), '', 'all of them');
is(missing(@foreign, keys %still, "$folder/young-$hex.mp4"), '', 'and nothing else');
sweep();
is($leap->sql("SELECT status FROM leap.doctor() WHERE check_name = 'orphans'"), 'ok', 'the next sweep sees that they are gone');
done_testing();
