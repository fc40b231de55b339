# tests/tap/t/451_webhook.pl
#     What the library of Standard Webhooks says of webhooks.
use strict;
use warnings;

use NodePeer;
use Test::More;

my $peer = NodePeer->start('webhook.mjs');
my $vector = {
	id => 'msg_p5jXN8AQM9LWM0D4loKWxJek',
	timestamp => 1614265330,
	body => '{"test": 2432232314}',
};
my $secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

is($peer->ask({ secret => $secret, sign => $vector })->{signature},
	'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=', 'the example of the specification');
is($peer->ask({ secret => $secret, headers => {}, body => '{}' })->{ok}, JSON::PP::false, 'what is not signed is refused');

done_testing();
