# tests/fake/platform/Tokens.pm
#     What an authorization server remembers: codes, access tokens, refresh tokens, in the state of a platform. Knows no platform's words.
#
#     $state->{codes}{CODE}      {client, redirect_uri, scope, account, challenge, method, until, offline}
#     $state->{access}{TOKEN}    {client, scope, account, until, uses_left, refresh, revoked}
#     $state->{refresh}{TOKEN}   {client, scope, account, until, revoked, replaced_by}
package Tokens;

use strict;
use warnings;

use Digest::SHA qw(sha256);
use MIME::Base64 qw(decode_base64 encode_base64url);

# The applications that are registered where the setting `clients` names none: {platform => {client id => {secret, redirect_uris}}}.
our %CLIENTS = (
	youtube => { 'leap.apps.googleusercontent.com' => { secret => 'GOCSPX-leap', redirect_uris => ['http://127.0.0.1:8080/oauth/youtube/callback'] } },
	yandex_disk => { '1f2e3d' => { secret => 'yandex-app-secret', redirect_uris => [ map { "$_/oauth/yandex_disk/callback" } 'https://leap.example', 'http://127.0.0.1:8080' ] } },
	zoom => { 'ZoomLeapClient' => { secret => 'ZoomLeapSecret', redirect_uris => ['http://127.0.0.1:8080/oauth/zoom/callback'], account_id => 'LeapAccount' } });

sub clients
{
	my ($settings, $platform) = @_;
	return $settings->{clients} // $CLIENTS{$platform};
}

sub random
{
	my ($bytes) = @_;
	open my $in, '<:raw', '/dev/urandom' or die "urandom: $!\n";
	my $random = '';
	read $in, $random, $bytes;
	return encode_base64url($random);
}

# A new access token, and a refresh token if `refresh` is a prefix of one; what: account, client, scope, seconds, uses, prefix, refresh, refresh_seconds.
sub grant
{
	my ($state, $now, %what) = @_;
	my $access = ($what{prefix} // '') . random(48);
	my %mine = map { $_ => $what{$_} } qw(account client scope);
	my $refresh = $what{old_refresh};

	if (defined $what{refresh})
	{
		$refresh = $what{refresh} . random(36);
		$state->{refresh}{$refresh} = { %mine, until => $what{refresh_seconds} ? $now + $what{refresh_seconds} : undef };
	}
	$state->{access}{$access} = { %mine, until => $now + $what{seconds}, uses_left => $what{uses}, refresh => $refresh };
	return { access_token => $access, refresh_token => $what{refresh} ? $refresh : undef, expires_in => $what{seconds} };
}

# The access token as it is known, if it may be used; counts the use.
sub use_access
{
	my ($state, $now, $token) = @_;
	my $known = $state->{access}{$token} or return undef;

	return undef if $known->{revoked} || $known->{until} <= $now;
	return $known if !defined $known->{uses_left};
	return undef if $known->{uses_left} < 1;
	$known->{uses_left}--;
	return $known;
}

# The same for a platform; its state is written only where uses are counted.
sub accept
{
	my ($service, $platform, $token) = @_;
	my $now = $service->now;
	my $known = $service->state($platform)->{access}{$token} or return undef;

	return use_access({ access => { $token => $known } }, $now, $token) if !defined $known->{uses_left};
	my ($found) = $service->change($platform, sub { return use_access($_[0], $now, $token) });
	return $found;
}

# The refresh token as it is known, if it may be used.
sub find_refresh
{
	my ($state, $now, $token) = @_;
	my $known = $state->{refresh}{$token} or return undef;
	return $known->{revoked} || $known->{replaced_by} || defined $known->{until} && $known->{until} <= $now ? undef : $known;
}

# Ends a token and what belongs to it; false if it is unknown.
sub revoke
{
	my ($state, $token) = @_;
	my $refresh = $state->{refresh}{$token} ? $token : $state->{access}{$token} ? $state->{access}{$token}{refresh} : undef;

	return 0 if !$state->{refresh}{$token} && !$state->{access}{$token};
	$state->{access}{$token}{revoked} = 1 if $state->{access}{$token};
	return 1 if !defined $refresh;
	$state->{refresh}{$refresh}{revoked} = 1;
	for my $access (values %{ $state->{access} }) { $access->{revoked} = 1 if ($access->{refresh} // '') eq $refresh; }
	return 1;
}

# Whether a verifier is the one a code was asked for with: undef, or what is wrong.
sub verifier_problem
{
	my ($code, $verifier) = @_;

	return defined $verifier ? 'a code verifier without a challenge' : undef if !defined $code->{challenge};
	return 'Missing code verifier.' if !defined $verifier;
	return 'Invalid code verifier.' if $verifier !~ /^[A-Za-z0-9._~-]{43,128}$/;
	my $made = $code->{method} eq 'S256' ? encode_base64url(sha256($verifier)) : $verifier;
	return $made eq $code->{challenge} ? undef : 'Invalid code verifier.';
}

# (user, password) of "Authorization: Basic ...".
sub basic
{
	my ($request) = @_;
	my ($encoded) = ($request->{headers}{authorization} // '') =~ m{^Basic ([A-Za-z0-9+/]+=*)$} or return;
	return map { s/\+/ /gr =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ger } decode_base64($encoded) =~ /^([^:]*):(.*)$/s;
}

sub bearer
{
	my ($request) = @_;
	my ($token) = ($request->{headers}{authorization} // '') =~ /^Bearer ([A-Za-z0-9._~+\/-]+=*)$/;
	return $token;
}

1;
