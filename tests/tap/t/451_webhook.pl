# tests/tap/t/451_webhook.pl
#     Webhooks, verified by the library of Standard Webhooks: what is signed is what arrives, what
#     goes wrong is classed as the specification says, and nothing private can be reached.
use strict;
use warnings;
use utf8;

use JSON::PP;
use LeapChild;
use NodePeer;
use Test::More;
use Time::HiRes qw(time);

my $leap = LeapChild->new('webhook');
my $secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

# the library's own words on the specification's example
my $peer = NodePeer->start('webhook.mjs');
my %vector = (id => 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp => 1614265330, body => '{"test": 2432232314}');
is($peer->ask({ secret => $secret, sign => \%vector })->{signature},
	'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=', 'the example of the specification');

my $hook = NodePeer->start('hook.mjs');
my $port = $hook->read->{port};
my $origin = "http://127.0.0.1:$port";
$hook->ask({ secrets => { '/hook' => $secret, '/other' => $secret } });
my $sent = 0;

sub send_hook
{
	my ($query, %options) = @_;

	$sent++;
	return $leap->run(
		notify => { channel => 'webhook', url => "$origin/hook$query", id => "d-$sent", secret => $secret,
			body => '{"type":"recording.uploaded","timestamp":"2026-11-21T10:00:00Z","data":{}}', %{ $options{input} // {} } },
		map { $_ => $options{$_} } grep { exists $options{$_} } qw(confirm allow_private on_line));
}

sub taken { return @{ $hook->ask({ take => JSON::PP::true }) }; }

sub fails
{
	my ($end, $class, $code, $what) = @_;
	is_deeply([ @{ $end->{failed} // {} }{qw(class code)} ], [ $class, $code ], "$what: $class, $code") or diag(explain($end));
	ok(encode_json($end) !~ /MfKQ9r8|services/, "$what: secret and path are nowhere");
	return $end->{failed} // {};
}

# what arrives
my $body = '{"type":"recording.uploaded","timestamp":"2026-11-21T10:00:00Z","data":{"name":"Лекция \u0022ä\u0022 <b>","size":"9007199254740993", "spaced" : [ 1 ]}}';
my $end = send_hook('', input => { body => $body });
my ($came) = taken();
is($end->{status}, 0, 'a webhook is sent') or diag(explain($end));
is($came->{verified}, JSON::PP::true, 'the library verifies it') or diag(explain($came));
is($came->{body}, $body, 'it is the body, byte by byte');
is($came->{payload}{type}, 'recording.uploaded', 'its type');
is($came->{method}, 'POST', 'it is posted');
is($came->{headers}{'content-type'}, 'application/json', 'as JSON');
is($came->{headers}{'webhook-id'}, 'd-1', 'with its id');
like($came->{headers}{'user-agent'}, qr{^leap/\d}, 'by LEAP');
cmp_ok(abs($came->{headers}{'webhook-timestamp'} - time), '<', 300, 'signed for the time of the attempt');
is_deeply([ @{ $end->{done}{facts} }{qw(status answer)} ], [ 200, 'thank you' ], 'the log is told the answer');
cmp_ok($end->{done}{facts}{seconds}, '>=', 0, 'and how long it took');
is($end->{confirms}, 1, 'the lease was confirmed before');

# sent again
send_hook('', input => { id => 'same' }) for 1 .. 2;
is_deeply([ map { $_->{headers}{'webhook-id'} } taken() ], [ 'same', 'same' ], 'a redelivery has the same id');

# answers
is(send_hook('?status=204')->{status}, 0, 'every status of success');
is(length(send_hook('?long=200')->{done}{facts}{answer}), 200, 'an answer is kept');
is(length(send_hook('?long=10000')->{done}{facts}{answer}), 300, 'its beginning');
is(send_hook('?long=9000000')->{done}{facts}{status}, 200, 'an endless answer is not read to its end');
is(send_hook('?text=%0a%0da%00b%1b[31m')->{done}{facts}{answer}, 'a b [31m', 'an answer is one line of text');
my $broken = fails(send_hook('?status=500&text=oops'), 'transient', 'webhook_failed', '500');
is($broken->{status}, 500, 'the log is told');
is($broken->{message}, "$origin answered 500: oops", 'what it said');
fails(send_hook('?status=404'), 'transient', 'webhook_missing', '404');
fails(send_hook('?status=401'), 'transient', 'webhook_refused', '401');
fails(send_hook('?status=418'), 'transient', 'webhook_failed', 'any other');
fails(send_hook('?status=410'), 'permanent', 'gone', '410');
fails(send_hook('?status=429'), 'transient', 'rate_limited', '429 that says no time');
is(fails(send_hook('?status=429&retry=77'), 'transient', 'rate_limited', '429')->{retry_after}, 77, 'and when to come back');
is(fails(send_hook('?status=503&retry=5'), 'transient', 'webhook_failed', '503')->{retry_after}, 5, 'so does 503');
taken();
fails(send_hook("?to=$origin/other"), 'transient', 'webhook_redirect', 'a redirect');
is_deeply([ map { $_->{path} } taken() ], ['/hook'], 'is not followed');
fails(send_hook('?reset=1'), 'transient', 'connection_lost', 'a connection that ends');
my $began = time;
fails(send_hook('?slow=60'), 'transient', 'connection_lost', 'a receiver that is silent');
cmp_ok(time - $began, '<', 40, 'is given up');
fails(send_hook('', input => { url => 'http://127.0.0.1:1/services/x' }), 'transient', 'connection_lost', 'nobody there');

# a receiver that wants the old secret
send_hook('', input => { secret => 'whsec_' . 'QUJD' x 8 });
is((taken())[-1]{verified}, JSON::PP::false, 'another secret is not taken for the right one');

# what is not sent
taken();
is(send_hook('', confirm => 0)->{failed}{class}, 'lost', 'without a lease');
fails(send_hook('', allow_private => 0), 'permanent', 'address_refused', 'a private address');
for my $host ('localhost', '[::ffff:127.0.0.1]', '0.0.0.0', '2130706433')
{
	fails(send_hook('', allow_private => 0, input => { url => "http://$host:$port/services/x" }),
		'permanent', 'address_refused', "the same as $host");
}
fails(send_hook('', input => { url => $_ }), 'permanent', 'bad_url', "no URL: $_") for 'file:///etc/passwd', 'ftp://x/', 'x';
fails(send_hook('', input => { secret => 'x' }), 'permanent', 'bad_message', 'no secret');
fails(send_hook('', input => { id => "x\r\nX-Evil: 1" }), 'permanent', 'bad_message', 'an id with a line end');
is_deeply([ taken() ], [], 'nothing of that arrived');

done_testing();
