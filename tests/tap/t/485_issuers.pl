# tests/tap/t/485_issuers.pl
#     Tokens that another issuer signed with a key of his own (RS256): good for the account that an operator linked, as a
#     tenant, and only if they say whose they are, for whom, and until when.
use strict;
use warnings;

use JSON::PP;
use LeapNode;
use LeapServe;
use MIME::Base64 qw(encode_base64url);
use Test::More;

my $leap = LeapNode->new('issuers');
my $key = "$leap->{base}/key.pem";
system('openssl', 'genpkey', '-quiet', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', $key) == 0 or die "openssl genpkey\n";
my ($modulus) = qx(openssl rsa -in $key -noout -modulus) =~ /=(\w+)/ or die "openssl rsa\n";

sub write_file
{
	my ($path, $text) = @_;
	open my $out, '>', $path or die "$path: $!\n";
	print $out $text;
	close $out;
	return $path;
}

my $issuer = 'https://id.example.org';
my $set = write_file("$leap->{base}/jwks.json",
	encode_json({ keys => [ { kty => 'RSA', kid => 'a', alg => 'RS256', iss => $issuer, n => encode_base64url(pack 'H*', $modulus), e => 'AQAB' } ] }));
my $serve = LeapServe->new($leap, '--schemas=api', "--jwks-file=$set", '--jwt-audience=leap');

# asks(CLAIMS): the status of a request with such a token, and whom it showed
sub asks
{
	my (%claims) = @_;
	my $signed = encode_base64url('{"alg":"RS256","kid":"a"}') . '.' . encode_base64url(encode_json({ iss => $issuer, aud => 'leap', exp => time + 600, sub => 'u1', %claims }));
	my $text = write_file("$leap->{base}/token", $signed);
	my $signature = qx(openssl dgst -sha256 -sign $key $text);
	my ($status, undef, $body) = $serve->request('GET', '/recordings?select=display_name', [ "Authorization: Bearer $signed." . encode_base64url($signature) ]);
	return "$status " . ($status == 200 ? join ',', map { $_->{display_name} } @{ decode_json($body) } : '');
}

$leap->sql("SELECT leap.change_user('teacher\@example.org', '{\"role\": \"admin\"}'), leap.add_user('other\@example.org')");
$leap->sql("SELECT leap.add_recording('teacher\@example.org', '{\"type\": \"url\", \"url\": \"https://example.org/a\"}', 'hers')");
is(asks(), '401 ', 'an issuer nobody has named is nobody');
$leap->sql("SELECT leap.set_issuer('$issuer'), leap.link_identity('teacher\@example.org', '$issuer', 'u1')");
is(asks(), '200 hers', 'a linked identity is that account');
is(asks(sub => $leap->sql("SELECT id FROM leap.users WHERE email = 'teacher\@example.org'")), '401 ', 'ids of accounts are no identities');
is(asks(sub => 'u2', role => 'leap_admin'), '401 ', 'a role is none');
my $whole = asks(role => 'leap_admin');
is($whole, '200 hers', 'nor is it heard of who is known');
is(asks(iss => 'https://other.example.org'), '401 ', 'a token of another issuer');
is(asks(aud => 'other'), '401 ', 'for somebody else');
is(asks(aud => undef), '401 ', 'for nobody');
is(asks(exp => time - 100), '401 ', 'that has expired');
is(asks(exp => undef), '401 ', 'that never does');
my $stranger = write_file("$leap->{base}/nobodys.json",
	encode_json({ keys => [ { kty => 'RSA', kid => 'b', n => encode_base64url(pack 'H*', $modulus), e => 'AQAB' } ] }));
my $said = qx(@{[ $leap->program ]} serve --listen=0 --jwks-file=$stranger --database='@{[ $leap->node->connstr('leap') ]} user=leap_gateway' 2>&1);
isnt($?, 0, 'a key that says not whose it is is refused at the start');
like($said, qr/the key "b" of the key set does not say whose it is/, 'and it is said which');
is($serve->status('GET', '/recordings', [ $serve->bearer('teacher@example.org') ]), 200, "LEAP's own tokens need none of it");
$leap->sql("SELECT leap.delete_issuer('$issuer')");
is(asks(), '401 ', 'an issuer that was taken out');
done_testing();
