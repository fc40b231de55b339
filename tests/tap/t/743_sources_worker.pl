# tests/tap/t/743_sources_worker.pl
#     Zoom and Yandex Disk with real workers: credentials that only they can open, what is new found once by many syncs, what was
#     not ready found again by itself, downloads, and nothing secret in tables or logs.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FakePlatform;
use IPC::Run;
use LeapNode;
use POSIX qw(strftime);
use PostgreSQL::Test::Utils;
use Test::More;

my $leap = LeapNode->new('sources_worker');
my $fake = FakePlatform->start("$leap->{base}/fake", platforms => [qw(zoom yandex_disk)]);
my $keys = "$leap->{base}/keys";

sub run_leap
{
	my %environment = $leap->environment;
	local @ENV{ keys %environment } = values %environment;
	my ($out, $err) = ('', '');
	return IPC::Run::run([ $leap->program, @_ ], '<', \undef, '>', \$out, '2>', \$err, IPC::Run::timeout(60)) || !diag($err);
}

sub count { return $leap->sql("SELECT count(*) FROM leap.recordings WHERE $_[0]"); }

system('ffmpeg', '-v', 'error', '-y', qw(-f lavfi -i testsrc2=size=320x240:rate=25:duration=4 -f lavfi -i sine=f=300:d=4
	-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 25 -c:a aac -movflags +faststart), "$leap->{base}/a.mp4") == 0 or die "ffmpeg\n";
my $sha256 = sha256_hex(slurp_file("$leap->{base}/a.mp4"));
my $now = time;

sub meeting
{
	my ($uuid, $hours, %more) = @_;
	return { uuid => $uuid, topic => "Meeting $uuid", start => strftime('%Y-%m-%dT%H:%M:%SZ', gmtime($now - 3600 * $hours)), files => [ { path => "$leap->{base}/a.mp4" } ], %more };
}

$fake->change(zoom => sub { $_[0]{meetings} = [ map({ meeting("m$_==", $_) } 1 .. 20), meeting('late==', 30, processing => 'files') ] });
$fake->change(yandex_disk => sub { $_[0]{entries}{'/L'} = { type => 'dir' }; $_[0]{entries}{"/L/$_.mp4"} = { type => 'file', size => -s "$leap->{base}/a.mp4", sha256 => $sha256, file => "$leap->{base}/a.mp4" } for 1 .. 5 });
for my $platform (qw(zoom yandex_disk))
{
	my $endpoints = $fake->endpoints($platform);
	$leap->sql("SELECT leap.set_platform_endpoint('$platform', '$_', '$endpoints->{$_}') FROM leap.endpoint_names() n WHERE (n.platform, n.name) = ('$platform', '$_')") for sort keys %$endpoints;
}
ok(run_leap(keys => init => $keys), 'a key for credentials');
$leap->sql(q{SELECT leap.add_credential('zoom', 'main', '{"account_id": "LeapAccount", "client_id": "ZoomLeapClient", "client_secret": "ZoomLeapSecret"}'),
	leap.add_credential('yandex_disk', 'main', '{"oauth_token": "yandex-secret"}')});
$leap->sql(qq{SELECT leap.add_source(jsonb_build_object('name', n.name, 'source_type', n.type, 'config', n.config::jsonb, 'credential_id', (SELECT c.id FROM leap.credentials c WHERE c.platform = lower(n.type))))
	FROM (VALUES ('zoom', 'ZOOM', '{}'), ('again', 'ZOOM', '{"views": ["gallery_view"]}'), ('disk', 'YANDEX_DISK', '{"folder_path": "/L"}')) AS n(name, type, config)});
$leap->worker(queue => 'automation=4', 'credential-keys' => $keys) for 1 .. 2;

# many syncs at the same time, of two sources with the same meetings
$leap->sql('SELECT leap.start_syncs(array_agg(id), dry_run => false, from_date => d::date) FROM leap.input_sources CROSS JOIN generate_series(current_date - 9, current_date - 7, interval \'1 day\') d WHERE source_type = \'ZOOM\' GROUP BY d');
$leap->sql("SELECT leap.start_syncs(array_agg(id), dry_run => d) FROM leap.input_sources, unnest('{f,t}'::boolean[]) d WHERE name = 'disk' GROUP BY d");
ok($leap->wait_until(sub { $leap->sql("SELECT count(*) FROM leap.source_syncs WHERE state = 'waiting'") == 0 }), 'eight syncs end');
is($leap->sql("SELECT string_agg(DISTINCT concat_ws(' ', state, error->>'code'), ', ') FROM leap.source_syncs"), 'succeeded', 'well');
is(count("source->>'type' = 'zoom' AND status = 'INITIALIZED'"), 20, 'each meeting is one recording');
is(count("source->>'type' = 'yandex_disk'"), 5, 'each file of the disk, too');
is(count("status = 'PENDING_SOURCE'"), 1, 'one is not ready');

# more than a worker tells at once: part after part, by tasks of their own
$leap->sql("ALTER SYSTEM SET leap.sync_items = 2");
$leap->sql('SELECT pg_reload_conf()');
$fake->change(yandex_disk => sub { $_[0]{entries}{"/L/more $_.mp4"} = { type => 'file', size => -s "$leap->{base}/a.mp4", sha256 => $sha256, file => "$leap->{base}/a.mp4" } for 1 .. 4 });
ok($leap->wait_until(sub { $leap->sql("SELECT leap.setting('leap.sync_items')") == 2 }), 'two at a time');
my $sync = $leap->sql("SELECT leap.sync_source(leap.find_source('disk'))");
ok($leap->wait_until(sub { $leap->sql("SELECT state FROM leap.source_syncs WHERE id = '$sync'") ne 'waiting' }), 'a sync in parts ends');
is($leap->sql("SELECT concat_ws(' ', state, found, created, known, part, report->>'truncated') FROM leap.source_syncs WHERE id = '$sync'"), 'succeeded 9 4 5 5 false', 'all of the disk in five parts, each file once');
is(count("source->>'type' = 'yandex_disk'"), 9, 'and each is one recording');
is($leap->sql("SELECT count(*) FROM leap.tasks WHERE subject = '$sync' AND state = 'succeeded'"), 5, 'by five tasks');
$leap->sql('ALTER SYSTEM RESET leap.sync_items');
$leap->sql('SELECT pg_reload_conf()');

# it becomes ready, and nobody asks
$fake->change(zoom => sub { delete $_->{processing} for @{ $_[0]{meetings} } });
$leap->sql("UPDATE leap.source_syncs SET requested_at = requested_at - interval '1 hour'");
is($leap->sql('SELECT leap.recheck_sources()'), 1, 'its source is asked again');
ok($leap->wait_until(sub { count("status = 'PENDING_SOURCE'") == 0 }), 'it is found ready');
is(count("source->>'type' = 'zoom'"), 21, 'and still one');
is($leap->sql("SELECT source_key LIKE 'zoom:late==:%' FROM leap.recordings WHERE source->>'meeting' = 'late=='"), 't', 'by its own key now');

# one more view of a meeting that is known
sub sync_of
{
	my ($name) = @_;
	my $asked = $leap->sql("SELECT leap.sync_source(leap.find_source('$name'))");
	$leap->wait_until(sub { $leap->sql("SELECT state FROM leap.source_syncs WHERE id = '$asked'") ne 'waiting' });
	return $leap->sql("SELECT concat_ws(' ', state, created, updated) FROM leap.source_syncs WHERE id = '$asked'");
}

sub parts_of { my ($uuid) = @_; return $leap->sql("SELECT string_agg((split_part(source_key, '==', 2) <> '') || ' ' || status, ', ') FROM leap.recordings WHERE source->>'meeting' = '$uuid'"); }

$fake->change(zoom => sub { push @{ $_[0]{meetings} }, meeting('once==', 30), meeting('better==', 31, files => [ { path => "$leap->{base}/a.mp4", view => 'active_speaker' } ]) });
is(sync_of('zoom'), 'succeeded 2 0', 'two more meetings');
for my $making (1, 0)
{
	$fake->change(zoom => sub {
		for my $meeting (grep { $_->{uuid} =~ /^(once|better)==/ } @{ $_[0]{meetings} })
		{
			push @{ $meeting->{files} }, { path => "$leap->{base}/a.mp4", view => $meeting->{uuid} eq 'once==' ? 'gallery_view' : 'shared_screen_with_speaker_view' } if $making;
			$meeting->{files}[-1]{processing} = $making;
		}
	});
	my $said = sync_of('zoom');
	like($said, qr/^succeeded 0 /, $making ? 'one more view of theirs that Zoom is making is no other recording' : 'nor is it when it is ready') or diag($said);
	is(parts_of("$_=="), 'true INITIALIZED', "$_ is one") for qw(once better);
}
is($leap->sql("SELECT source_metadata->>'view' FROM leap.recordings WHERE source->>'meeting' = 'better=='"), 'shared_screen_with_speaker_view', 'and a better view takes the place of the other');

# of two syncs the one with the older answer ends last
$fake->change(zoom => sub { push @{ $_[0]{meetings} }, meeting('overtaken==', 40, processing => 'files') });
$fake->faults({ on => 'recordings.list', times => 1, pause => 'done' });
my $stale = $leap->sql("SELECT leap.sync_source(leap.find_source('zoom'))");
ok($fake->wait_paused(1), 'Zoom answers one sync slowly');
$fake->change(zoom => sub { delete $_->{processing} for @{ $_[0]{meetings} } });
like(sync_of('again'), qr/^succeeded 1 /, 'another one finds the meeting ready');
$fake->release;
ok($leap->wait_until(sub { $leap->sql("SELECT state FROM leap.source_syncs WHERE id = '$stale'") ne 'waiting' }), 'then the first one ends');
is($leap->sql("SELECT concat_ws(' ', state, created) FROM leap.source_syncs WHERE id = '$stale'"), 'succeeded 0', 'which makes nothing');
is(parts_of('overtaken=='), 'true INITIALIZED', 'and the meeting is one recording');
$fake->faults;

# downloads, by credentials that are opened for each
my $ids = $leap->sql("SELECT array_agg(id) FROM (SELECT DISTINCT ON (source->>'type') id FROM leap.recordings ORDER BY source->>'type', id) x");
$leap->sql("SELECT leap.run_recording(id) FROM unnest('$ids'::uuid[]) id");
$leap->worker(queue => 'upload', slots => 2, 'credential-keys' => $keys);
ok($leap->wait_until(sub { $leap->sql("SELECT count(*) FROM leap.artifacts WHERE kind = 'source'") == 2 }), 'one of each is downloaded')
  or diag($leap->sql("SELECT kind, state, error FROM leap.tasks WHERE kind = 'download'"));
is($leap->sql("SELECT string_agg(DISTINCT sha256, ',') FROM leap.artifacts WHERE kind = 'source'"), $sha256, 'as it is there');

# nothing secret
my $secrets = qr/ZoomLeapSecret|yandex-secret|eyJ[A-Za-z0-9]{20}|Signature=/;
unlike($leap->log_text, $secrets, 'no secret is in the logs');
unlike($leap->sql("SELECT string_agg(x, ' ') FROM (SELECT to_jsonb(r)::text FROM leap.recordings r UNION ALL SELECT to_jsonb(t)::text FROM leap.tasks t UNION ALL SELECT to_jsonb(s)::text FROM leap.source_syncs s) AS y(x)"),
	$secrets, 'nor in recordings, tasks and syncs');

# by the program
ok(run_leap(source => add => '{"name": "link", "source_type": "YANDEX_DISK", "config": {"public_url": "https://disk.yandex.ru/d/a"}}'), 'a source of a platform is added by its description');
is($leap->sql("SELECT source_type FROM leap.input_sources WHERE name = 'link'"), 'YANDEX_DISK', 'it is there');

# a credential that is removed
$leap->sql("SELECT leap.delete_credential(id, force => true) FROM leap.credentials WHERE platform = 'zoom'");
is($leap->sql("SELECT count(*) FROM leap.input_sources WHERE credential_id IS NULL AND source_type = 'ZOOM'"), 2, 'its sources stay without it');
$leap->sql("SELECT leap.sync_source(leap.find_source('zoom'))");
ok($leap->wait_until(sub { $leap->sql("SELECT last_error->>'code' FROM leap.input_sources WHERE name = 'zoom'") eq 'credential_missing' }), 'and say what is missing when they are asked');

done_testing();
