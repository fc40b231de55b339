# tests/tap/t/722_youtube_worker.pl
#     A lecture goes to YouTube through database and worker: with a sealed credential, once, though the worker is killed while
#     it uploads; what the account does not allow waits for a person.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use JSON::PP;
use MIME::Base64;
use PostgreSQL::Test::Utils;
use Test::More;

use FakePlatform;
use LeapNode;

my $leap = LeapNode->new('youtube_worker');
my $fake = FakePlatform->start("$leap->{base}/fake", platforms => ['youtube']);
my $keys = "$leap->{base}/keys";

# A pair of keys as leap keys makes it: the raw halves are the last 32 bytes of what openssl writes.
sub make_keys
{
	system('openssl', 'genpkey', '-algorithm', 'X25519', '-outform', 'DER', '-out', "$keys.der") == 0 or die "no key\n";
	my $private = substr slurp_file("$keys.der"), -32;
	my $public = substr scalar(qx(openssl pkey -inform DER -in '$keys.der' -pubout -outform DER)), -32;
	my $id = $leap->sql("SELECT leap.add_worker_key('" . encode_base64($public, '') . "')");

	umask 077;
	open my $out, '>', $keys or die "$keys: $!\n";
	print $out "$id = ", encode_base64($private, ''), "\n";
	close $out;
	umask 022;
}

sub set_up
{
	my $data = encode_json($fake->grant('youtube'));
	my $id = $leap->sql("SELECT leap.add_credential('youtube', 'channel', '$data')");
	my $endpoints = $fake->endpoints('youtube');

	$leap->sql("SELECT leap.set_platform_endpoint('youtube', '$_', '$endpoints->{$_}')") for sort keys %$endpoints;
	return $leap->sql(qq{SELECT leap.add_preset('{"name": "YouTube", "platform": "youtube", "credential_id": "$id", "preset_metadata": {"privacy": "private"}}')});
}

sub worker { return $leap->worker(slots => 2, 'media-program' => $leap->fake_media({}), 'credential-keys' => $keys, @_); }

sub target { return $leap->sql("SELECT status || ' ' || coalesce(remote_id, '-') FROM leap.output_targets WHERE recording_id = '$_[0]'"); }

sub video_of { return $leap->sql("SELECT sha256 FROM leap.artifacts WHERE recording_id = '$_[0]' AND kind = 'video'"); }

make_keys();
my $preset = set_up();
my $config = qq({"output": {"preset_ids": ["$preset"]}});
my $worker = worker();

# once, by a worker that nothing happens to
my $id = $leap->add('Linear algebra', config => $config);
is($leap->wait_for_end($id), 'finished', 'a lecture is published') or diag($leap->log_text);
my ($video) = values %{ $fake->state('youtube')->{videos} };
is(target($id), "UPLOADED $video->{id}", 'the target names the video');
is($video->{sha256}, video_of($id), 'with the bytes of the lecture');
is($video->{status}{privacyStatus}, 'private', 'as the preset says');

# the worker dies while the video is on its way
$fake->forget;
$fake->faults({ on => 'videos.upload', times => 1, pause => 'body' });
$id = $leap->add('Geometry', config => $config);
$fake->wait_paused(1);
$leap->end_worker($worker, 'KILL');
$fake->release;
$fake->faults();
$worker = worker();
is($leap->wait_for_end($id), 'finished', 'another worker finishes what a dead one began') or diag($leap->log_text);
my @videos = grep { $_->{snippet}{title} eq 'Geometry' } values %{ $fake->state('youtube')->{videos} };
is_deeply([ map { $_->{sha256} } @videos ], [ video_of($id) ], 'the video is there once, with its bytes');
is(scalar($fake->requests('videos\.insert')), 1, 'in one session');

# a credential that ends is replaced, and kept for the next
$fake->forget;
$fake->change('youtube', sub { %{ $_[0]{access} } = () });
$id = $leap->add('Analysis', config => $config);
is($leap->wait_for_end($id), 'finished', 'a token that has ended is replaced');
is($leap->sql("SELECT version > 1 AND NOT needs_reauth FROM leap.credentials"), 't', 'and stored');

# no secret is anywhere
my $session = (grep { $_->{endpoint} eq 'videos.upload' } $fake->requests)[0]{query};
my ($upload_id) = $session =~ /upload_id=([^&]+)/;
my @tokens = map { keys %{ $fake->state('youtube')->{$_} } } qw(access refresh);
my $known = $leap->log_text . $leap->sql('SELECT string_agg(x::text, chr(10)) FROM (SELECT to_jsonb(a) AS x FROM leap.audit_logs a UNION ALL SELECT to_jsonb(t) FROM leap.output_targets t UNION ALL SELECT to_jsonb(e) FROM leap.task_events e) y');
ok($upload_id && !grep({ index($known, $_) >= 0 } $upload_id, @tokens), 'neither a token nor a session is in logs, targets, events');

# a channel that is gone
$fake->faults({ on => 'videos.insert', status => 403, reason => 'channelSuspended', message => 'no' });
$id = $leap->add('Topology', config => $config);
is($leap->wait_for_end($id), 'failed', 'what the account does not allow fails at once');
is(target($id), 'FAILED -', 'for its target');
is($leap->sql('SELECT needs_reauth FROM leap.credentials'), 't', 'and the credential waits for a person');

$leap->end_worker($worker, 'TERM');
done_testing();
