# tests/tap/t/760_platforms_pipeline.pl [RECORDINGS]
#     Lectures come from Zoom and go to YouTube, VK and a bucket of S3 at the same time, by real workers, one of which is killed,
#     while platforms refuse, break off and lose what they answered: each lecture is everywhere, once, with the bytes that
#     leap-media made of it.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FakePlatform;
use IPC::Run ();
use JSON::PP;
use LeapNode;
use MediaProgram qw(run_ffmpeg);
use POSIX qw(strftime);
use PostgreSQL::Test::Utils;
use S3Server;
use Test::More;

my $count = shift // 6;
my $sample = $ENV{LEAP_LECTURE} or plan skip_all => 'no sample lecture (LEAP_LECTURE)';
plan(skip_all => 'Swift\'s S3 interface is not installed (swift-proxy)') if !S3Server::is_installed();

my $leap = LeapNode->new("platforms_pipeline_$count");
my $json = JSON::PP->new->canonical->utf8;
my $keys = "$leap->{base}/keys";
my $fake = FakePlatform->start("$leap->{base}/fake", platforms => [qw(youtube vk zoom)], vk => { rate => 0, processing => 0 });
my $s3 = S3Server->start("$leap->{base}/swift");
$s3->make_bucket('films');

sub run_leap
{
	my ($input, @arguments) = @_;
	my %environment = $leap->environment;
	local @ENV{ keys %environment } = values %environment;
	my ($out, $err) = ('', '');
	return IPC::Run::run([ $leap->program, @arguments ], '<', \$input, '>', \$out, '2>', \$err, IPC::Run::timeout(60)) || !diag($err);
}

# Twenty seconds of the sample lecture each, and no two alike: it has a picture to begin with every ten seconds.
sub lecture
{
	my ($number) = @_;
	my $path = "$leap->{base}/$number.mp4";
	run_ffmpeg('-ss', 10 * (4 + $number % 22), '-i', $sample, '-t', 20 + int($number / 22), '-c', 'copy', $path);
	return $path;
}

my %sha256;
my @meetings = map {
	my $path = lecture($_);
	$sha256{"Lecture $_"} = sha256_hex(slurp_file($path));
	{ uuid => "/m$_/x==", topic => "Lecture $_", start => strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time - 3600 * $_)), files => [ { path => $path } ] }
} 1 .. $count;
$fake->change(zoom => sub { $_[0]{meetings} = [@meetings] });
for my $platform (qw(youtube vk zoom))
{
	my $endpoints = $fake->endpoints($platform);
	$leap->sql("SELECT leap.set_platform_endpoint('$platform', '$_', '$endpoints->{$_}') FROM leap.endpoint_names() n WHERE (n.platform, n.name) = ('$platform', '$_')") for sort keys %$endpoints;
}
ok(run_leap('', keys => init => $keys), 'a key of workers');
my %data = (zoom => { account_id => 'LeapAccount', client_id => 'ZoomLeapClient', client_secret => 'ZoomLeapSecret' }, youtube => $fake->grant('youtube', uses => 3), vk => { access_token => 'vk-secret' }, s3 => $s3->credential);
ok(run_leap($json->encode($data{$_}), credential => add => $_, 'Mine'), "access to $_") for sort keys %data;
my %preset = map { $_ => $leap->sql(sprintf q{SELECT leap.add_preset(jsonb_build_object('name', '%s', 'platform', '%s', 'credential_id', (SELECT id FROM leap.credentials WHERE platform = '%s'), 'preset_metadata', '%s'::jsonb))},
	$_, $_, $_, $_ eq 's3' ? '{"bucket": "films", "key_template": "{{ display_name }}.mp4", "sidecars": []}' : '{}') } qw(youtube vk s3);
$leap->sql(q{SELECT leap.add_source(jsonb_build_object('name', 'zoom', 'source_type', 'ZOOM', 'config', '{}'::jsonb, 'credential_id', (SELECT id FROM leap.credentials WHERE platform = 'zoom')));
	UPDATE leap.retry_policies SET base_delay = '100 ms', max_delay = '500 ms', max_failures = 20});

sub worker { return $leap->worker(slots => 4, 'credential-keys' => $keys, 'allow-address' => '127.0.0.1'); }

my $first = worker();
worker();
$leap->sql("SELECT leap.sync_source(leap.find_source('zoom'))");
ok($leap->wait_until(sub { $leap->sql('SELECT count(*) FROM leap.recordings') == $count }), 'Zoom has them all') or diag($leap->sql('SELECT error FROM leap.source_syncs'));
$fake->faults(
	{ on => 'download', every => 4, status => 503, retry_after => 1 }, { on => 'replay', every => 3, cut_answer => 50_000 }, { on => 'meeting\.recordings', times => 1, status => 401 },
	{ on => 'videos\.insert', every => 5, status => 503 }, { on => 'videos\.upload', every => 4, cut_request => 70_000 }, { on => 'videos\.upload', every => 5, lose => 1 },
	{ on => 'video\.save', times => 1, reason => 10 }, { on => 'upload', platform => 'vk', every => 3, cut_request => 60_000 }, { on => 'upload', platform => 'vk', every => 4, lose => 1 });
$leap->sql(sprintf q{UPDATE leap.recordings SET config = '{"output": {"preset_ids": ["%s", "%s", "%s"]}, "transcription": {"enable_transcription": false}}'; SELECT leap.run_recording(id) FROM leap.recordings}, @preset{qw(youtube vk s3)});
ok($leap->wait_until(sub { $leap->sql("SELECT count(*) FROM leap.output_targets WHERE status = 'UPLOADING'") > 0 }, 120), 'uploads begin');
$leap->end_worker($first, 'KILL');
worker();
ok($leap->wait_until(sub { $leap->sql("SELECT count(*) FROM leap.runs WHERE state = 'active'") == 0 }, 60 + 8 * $count), 'all come to an end');
is($leap->sql("SELECT string_agg(x.n || ' ' || x.what, ', ' ORDER BY x.what) FROM (SELECT target_type || ' ' || status AS what, count(*) AS n FROM leap.output_targets GROUP BY 1) x"),
	"$count S3 UPLOADED, $count VK UPLOADED, $count YOUTUBE UPLOADED", 'with all of them everywhere')
  or diag($leap->sql("SELECT kind, state, attempt, error FROM leap.tasks WHERE state NOT IN ('succeeded', 'skipped')"), $leap->sql('SELECT display_name, status, error_message FROM leap.recordings'));
is($leap->sql("SELECT count(*) FROM leap.recordings r JOIN leap.artifacts a ON a.recording_id = r.id AND a.kind = 'video' WHERE a.sha256 <> '-' AND r.status = 'UPLOADED'"), $count, 'uploaded');

my %of = map { split /\|/ } split /\n/, $leap->sql("SELECT r.display_name, a.sha256 FROM leap.recordings r JOIN leap.artifacts a ON a.recording_id = r.id AND a.kind = 'source'");
is_deeply(\%of, \%sha256, 'what came is what Zoom has');
my %video = map { split /\|/ } split /\n/, $leap->sql("SELECT r.display_name, a.sha256 FROM leap.recordings r JOIN leap.artifacts a ON a.recording_id = r.id AND a.kind = 'video'");
my @wanted = sort map { "$_ $video{$_}" } keys %video;
my %made = map { split /\|/ } split /\n/, $leap->sql("SELECT a.uri, a.sha256 FROM leap.artifacts a WHERE a.kind = 'video'");
is_deeply({ map { $_ => sha256_hex(slurp_file("$leap->{storage}/$_")) } keys %made }, \%made, 'what was made of it is in the storage');
is(scalar(keys %{ { map { $_ => 1 } values %video, values %sha256 } }), 2 * $count, 'and is no other one, nor what came');
is_deeply([ sort map { "$_->{snippet}{title} $_->{sha256}" } values %{ $fake->state('youtube')->{videos} } ], \@wanted, 'YouTube has each once, with its bytes');
is_deeply([ sort map { "$_->{title} $_->{sha256}" } grep { $_->{there} } values %{ $fake->state('vk')->{videos} } ], \@wanted, 'so has VK');
is_deeply([ sort map { (s/\.mp4$//r) . ' ' . sha256_hex($s3->get('films', $_)) } $s3->keys('films') ], \@wanted, 'so has the bucket');
is_deeply([ $s3->uploads('films') ], [], 'without parts of anything else');
is($leap->sql('SELECT count(*) FROM leap.task_lease'), 0, 'no lease is left');
note scalar($fake->requests), ' requests, ', scalar(grep { $_->{status} && $_->{status} >= 400 || $_->{broken} } $fake->requests), ' of them refused or broken, ', $leap->sql('SELECT sum(attempt) FROM leap.tasks'), ' attempts';
done_testing();
