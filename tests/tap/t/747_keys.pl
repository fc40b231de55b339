# tests/tap/t/747_keys.pl
#     Keys by leap keys: the file it writes is private and opens what the database seals, by the program itself; a newer key
#     takes over, and what is not needed any more retires. Secrets of webhooks go the same way. leap credential takes data by
#     file and standard input only.
use strict;
use warnings;

use FakePlatform;
use IPC::Run ();
use JSON::PP;
use LeapNode;
use NodePeer;
use Test::More;

my $leap = LeapNode->new('keys');
my $fake = FakePlatform->start("$leap->{base}/fake", platforms => ['zoom']);
my $json = JSON::PP->new->canonical->utf8;
my $file = "$leap->{base}/keys";
my $data = "$leap->{base}/data.json";
my $endpoints = $fake->endpoints('zoom');
$leap->sql("SELECT leap.set_platform_endpoint('zoom', '$_', '$endpoints->{$_}') FROM leap.endpoint_names() n WHERE (n.platform, n.name) = ('zoom', '$_')") for keys %$endpoints;
$leap->sql("UPDATE leap.retry_policies SET base_delay = '100 ms', max_delay = '200 ms' WHERE kind = 'credential'");

# leap with these arguments: {status, out, err}
sub leap
{
	my @arguments = @_;
	my %environment = $leap->environment;
	local @ENV{ keys %environment } = values %environment;
	my ($in, $out, $err) = ('', '', '');
	IPC::Run::run([ $leap->program, @arguments ], '<', \$in, '>', \$out, '2>', \$err);
	return { status => $? >> 8, out => $out, err => $err };
}

sub keys_known { return map { "$_->{state} $_->{credentials}" } @{ $json->decode(leap('keys', 'list', $file, '--json')->{out}) }; }

my $ran = leap('credential', 'list');
is($ran->{status}, 0, 'there are no credentials yet');
$ran = leap('keys', 'init', $file);
is($ran->{status}, 0, 'a first pair') or diag($ran->{err});
is(sprintf('%o', (stat $file)[2] & 0777), '600', 'its file is its owner\'s');
isnt(leap('keys', 'init', $file)->{status}, 0, 'a file that is there is not written over');
is($leap->sql(q{SELECT count(*) FROM leap.worker_keys}), 1, 'the database knows one key');
open my $in, '<', $file or die "$file: $!\n";
my ($private) = <$in> =~ /= (\S+)/;
close $in;
unlike($leap->sql('SELECT k::text FROM leap.worker_keys k'), qr/\Q$private\E/, 'and not its private half');

open my $out, '>', $data or die "$data: $!\n";
print $out $json->encode({ account_id => 'LeapAccount', client_id => 'ZoomLeapClient', client_secret => 'ZoomLeapSecret' });
close $out;
$ran = leap('credential', 'add', 'zoom', 'Department', $data, '--user', 'teacher@example.org');
is($ran->{status}, 0, 'an account by its data') or diag($ran->{err});
my $worker = $leap->worker(queue => 'automation=2', 'credential-keys' => $file);
$ran = leap('credential', 'check', 'Department', '--watch');
is($ran->{status}, 0, 'a worker with the file opens what was sealed') or diag("$ran->{out} $ran->{err}");
like($ran->{out}, qr/^succeeded/, 'and the platform takes it');
for my $asked ([ 'credential', 'list' ], [ 'credential', 'show', 'Department' ])
{
	my $told = leap(@$asked, '--json');
	is($told->{status}, 0, "leap @$asked") or diag($told->{err});
	unlike($told->{out}, qr/ZoomLeapSecret/, 'tells no secret');
}

$ran = leap('keys', 'rotate', $file);
is($ran->{status}, 0, 'a newer key') or diag($ran->{err});
$leap->sql(q{SELECT leap.reseal_credentials()});
ok($leap->wait_until(sub { $leap->sql('SELECT leap.reseal_credentials()'); return join(',', keys_known()) eq 'in use 1,retired 0'; }), 'takes over, and the old one retires')
	or diag(join(',', keys_known()));
is(leap('credential', 'check', 'Department', '--watch')->{status}, 0, 'what was sealed anew opens');

# the secret of a webhook goes the same way, and what arrives is signed with what was shown
my $hook = NodePeer->start('hook.mjs');
my $origin = 'http://127.0.0.1:' . $hook->read->{port};
my $shown = $json->decode($leap->sql(qq(SELECT leap.add_webhook('{"url": "$origin/hook"}', 'teacher\@example.org'))));
$hook->ask({ secrets => { '/hook' => $shown->{secret} } });
sub verified
{
	my ($delivery) = $leap->sql("SELECT leap.test_webhook('$shown->{id}')");
	$leap->wait_for("SELECT state FROM leap.deliveries WHERE id = '$delivery'", 'delivered');
	return join ' ', map { $_->{verified} ? 'verified' : 'not' } @{ $hook->ask({ take => JSON::PP::true }) };
}
is($leap->sql('SELECT secret IS NULL FROM leap.webhooks'), 't', 'the secret of a webhook is sealed');
$leap->end_worker($worker, 'TERM');
$worker = $leap->worker(queue => 'automation=2,notify=2', 'credential-keys' => $file, 'allow-private-addresses' => 'on');
is(verified(), 'verified', 'and opened for what is sent');
is(leap('keys', 'rotate', $file)->{status}, 0, 'a third key');
ok($leap->wait_until(sub { $leap->sql('SELECT leap.reseal_credentials()'); return $leap->sql('SELECT count(*) FROM leap.worker_keys WHERE retired_at IS NULL') == 1; }), 'takes over webhooks, too');
is(verified(), 'verified', 'which sign as before');
$leap->end_worker($worker, 'TERM');
is($leap->sql("SELECT status FROM leap.doctor() WHERE check_name = 'credential keys'"), 'ok', 'a worker with keys is fine');
$worker = $leap->worker(queue => 'automation=2,notify=2');
ok($leap->wait_until(sub { $leap->sql("SELECT status || ': ' || detail FROM leap.doctor() WHERE check_name = 'credential keys'") =~ /^error: .*automation \(1 of 1\), notify \(1 of 1\)/; }), 'one without is told');
$leap->end_worker($worker, 'TERM');

is(leap('keys', 'make', $file)->{status}, 0, 'a key that nobody is told of');
is($leap->sql(q{SELECT count(*) FROM leap.worker_keys}), 3, 'is not known');
is(leap('keys', 'register', $file)->{status}, 0, 'until it is registered');
is($leap->sql(q{SELECT count(*) FROM leap.worker_keys}), 4, 'then it is');
chmod 0644, $file;
isnt(leap('keys', 'list', $file)->{status}, 0, 'a file that others can read is refused');
like(leap('doctor', '--credential-keys', $file)->{out}, qr/^error +credential file +.*open to other users/m, 'and the doctor tells');
chmod 0600, $file;
like(leap('doctor', '--credential-keys', $file)->{out}, qr/^ok +credential file +\Q$file\E$/m, 'who takes it as it was');

done_testing();
