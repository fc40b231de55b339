# tests/tap/t/746_oauth.pl
#     Accounts that people connect at the page of their platform, with real workers: the address of the page, the code that
#     comes back, its exchange, and what happens when the token has ended at the platform before its time.
use strict;
use warnings;

use FakePlatform;
use HTTP::Tiny;
use JSON::PP;
use LeapNode;
use MIME::Base64 qw(encode_base64);
use Test::More;

my %app = (
	youtube => { client_id => 'leap.apps.googleusercontent.com', client_secret => 'GOCSPX-leap' },
	vk => { client_id => '51234567' },
	yandex_disk => { client_id => '1f2e3d', client_secret => 'yandex-app-secret' },
	zoom => { client_id => 'ZoomLeapClient', client_secret => 'ZoomLeapSecret' });
my $leap = LeapNode->new('oauth');
my $fake = FakePlatform->start("$leap->{base}/fake", platforms => [ sort keys %app ]);
my $json = JSON::PP->new->canonical->utf8;
my $http = HTTP::Tiny->new(max_redirect => 0);

# a pair of keys, as OpenSSL makes it
my $private = `openssl genpkey -algorithm X25519 -outform DER -out $leap->{base}/private.der && tail -c 32 $leap->{base}/private.der`;
my $public = `openssl pkey -inform DER -in $leap->{base}/private.der -pubout -outform DER | tail -c 32`;
my $key = $leap->sql(sprintf q{SELECT leap.add_worker_key('%s')}, encode_base64($public, ''));
open my $out, '>', "$leap->{base}/keys" or die "keys: $!\n";
chmod 0600, "$leap->{base}/keys";
print $out "$key = ", encode_base64($private, '');
close $out;

sub value { my ($sql) = @_; return $json->decode($leap->sql($sql)); }

sub ended
{
	my ($check) = @_;
	my $status;
	$leap->wait_until(sub { return ($status = value("SELECT leap.credential_check_status('$check')"))->{state} ne 'waiting'; });
	return $status;
}

sub outcome { my ($check) = @_; return $check->{state} . ($check->{error} ? " $check->{error}{code}: $check->{error}{message}" : ''); }

for my $platform (sort keys %app)
{
	my $endpoints = $fake->endpoints($platform);
	$leap->sql("SELECT leap.set_platform_endpoint('$platform', '$_', '$endpoints->{$_}') FROM leap.endpoint_names() n WHERE (n.platform, n.name) = ('$platform', '$_')") for keys %$endpoints;
	$leap->sql(sprintf q{SELECT leap.set_platform_app('%s', $x$%s$x$)}, $platform, $json->encode({ %{ $app{$platform} }, redirect_uri => "http://127.0.0.1:8080/oauth/$platform/callback" }));
}
is($leap->sql(q{SELECT leap.base64url(sha256('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'))}), 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', 'the challenge of a verifier, as RFC 7636 has it (appendix B)');
$leap->worker(queue => 'automation=4', 'credential-keys' => "$leap->{base}/keys");

my %connected;
for my $platform (sort keys %app)
{
	my $begun = value("SELECT leap.begin_oauth('$platform', 'Mine', 'teacher\@example.org')");
	my $answer = $http->get($begun->{authorization_url});
	my %back = map { split /=/, $_, 2 } split /&/, ($answer->{headers}{location} // '') =~ s/.*?\?//r;
	s/%([0-9A-Fa-f]{2})/chr hex $1/ge for values %back;
	is($back{state}, $begun->{state}, "$platform: the page sends its visitor back") or diag("$answer->{status} $answer->{content}");
	my $finished = value("SELECT leap.finish_oauth('$back{state}', '$back{code}', " . (defined $back{device_id} ? "'$back{device_id}'" : 'NULL') . ')');
	my $done = ended($finished->{check});
	is(outcome($done), 'succeeded', "$platform: the code becomes a credential") or diag(explain([ map { $_->{problem} } $fake->requests ]));
	$connected{$platform} = $done->{credential};
	is(outcome(ended($leap->sql("SELECT leap.check_credential('$done->{credential}')"))), 'succeeded', "$platform: which works");
	my $version = $leap->sql("SELECT version FROM leap.credentials WHERE id = '$done->{credential}'");
	is($version, 1, "$platform: with the token it came with");
}

# an hour later by the clock of the platforms, and not by ours; Yandex' refresh tokens end with their tokens
$fake->advance(3700);
for my $platform (grep { $_ ne 'yandex_disk' } sort keys %connected)
{
	my $id = $connected{$platform};
	is(outcome(ended($leap->sql("SELECT leap.check_credential('$id')"))), 'succeeded', "$platform: a token that is refused is refreshed");
	is($leap->sql("SELECT version, needs_reauth FROM leap.credentials WHERE id = '$id'"), '2|f', "$platform: once");
	$fake->advance(3700);
	is(outcome(ended($leap->sql("SELECT leap.check_credential('$id')"))), 'succeeded', "$platform: with what the refresh brought it is refreshed again");
}
unlike($leap->log_text, qr/GOCSPX|yandex-app-secret|ZoomLeapSecret|vk2\.a\.|eyJr/, 'no log tells a secret');
done_testing();
