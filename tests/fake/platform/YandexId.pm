# tests/fake/platform/YandexId.pm
#     Yandex OAuth (oauth.yandex.ru): /authorize, /token (code and refresh token), /revoke_token. What it remembers: Tokens.pm.
#
# Settings: clients {ID => {secret, redirect_uris}} (1f2e3d with 'yandex-app-secret'), consent ('allow' | 'deny'), granted (a list of rights),
# token_seconds (31536000), token_uses, rotate (1: each refresh ends the refresh token it came with).
package YandexId;

use strict;
use warnings;

use Form;
use Tokens;

my %describe = (invalid_client => 'Client not found', invalid_grant => 'Code has expired', bad_verification_code => 'Invalid code', unsupported_grant_type => 'Unknown grant type',
	invalid_request => 'Invalid request', invalid_scope => 'Invalid scope', unauthorized_client => 'Client is blocked');

sub routes
{
	return ([ 'GET', 'oauth', qr{^/authorize$}, 'authorize', \&authorize ], [ 'POST', 'oauth', qr{^/token$}, 'token', \&token_request ],
		[ 'POST', 'oauth', qr{^/revoke_token$}, 'revoke', \&revoke ]);
}

sub failure
{
	my ($request, $error, $text, $status) = @_;
	$request->{problem} = "$error: " . ($text // $describe{$error} // $error);
	return { status => $status // 400, json => { error => $error, error_description => $text // $describe{$error} // $error } };
}

sub error
{
	my ($request, $what) = @_;
	return failure($request, $what->{reason}, undef, $what->{status} == 500 ? 400 : $what->{status}) if defined $what->{reason};
	return failure($request, 'invalid_request', $what->{message}, $what->{status}) if $what->{status} < 500;
	return { status => $what->{status}, text => "<html><body>$what->{message}</body></html>" };
}

sub refuse { die { answer => failure(@_) }; }

# The application of that id, or nothing.
sub client { my ($service, $id) = @_; return defined $id ? Tokens::clients($service->settings('yandex_disk'), 'yandex_disk')->{$id} : undef; }

sub redirect
{
	my ($request, $uri, %told) = @_;
	my $query = join '&', map { "$_=" . $told{$_} =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ger } grep { defined $told{$_} } sort keys %told;
	return { status => 302, text => '', headers => { Location => $uri . ($uri =~ /\?/ ? '&' : '?') . $query } };
}

sub authorize
{
	my ($service, $request) = @_;
	my $given = $request->{parameters};
	my $settings = $service->settings('yandex_disk');
	my $page = sub { $request->{problem} = $_[0]; return { status => 400, text => "<html><body>$_[0]</body></html>" }; };
	my $client = client($service, $given->{client_id}) // return $page->('client_id');
	my @registered = @{ $client->{redirect_uris} };
	my %known = map { $_ => 1 } qw(response_type client_id device_id device_name redirect_uri login_hint scope optional_scope force_confirm state code_challenge code_challenge_method);

	my $uri = $given->{redirect_uri} // $registered[0];
	return $page->('redirect_uri') if !grep { $_ eq $uri } @registered;
	my ($unknown) = grep { !$known{$_} } sort keys %$given;
	my $method = $given->{code_challenge_method} // 'plain';
	my $problem = defined $unknown ? "$unknown is unknown" : ($given->{response_type} // '') ne 'code' ? 'response_type' : length($given->{state} // '') > 1024 ? 'state'
	  : defined $given->{code_challenge} && ($given->{code_challenge} !~ /^[A-Za-z0-9._~-]{43,128}$/ || $method !~ /^(?:S256|plain)$/) ? 'code_challenge' : undef;
	return redirect($request, $uri, state => $given->{state}, error => 'invalid_request', error_description => $request->{problem} = $problem) if defined $problem;
	return redirect($request, $uri, state => $given->{state}, error => 'access_denied', error_description => 'User denied') if ($settings->{consent} // '') eq 'deny';
	my $code = $service->random_id(16, 'abcdefghijklmnopqrstuvwxyz0123456789');
	my $scope = $settings->{granted} // $given->{scope} // 'cloud_api:disk.info cloud_api:disk.read cloud_api:disk.write';
	$service->change(yandex_disk => sub {
		my ($state) = @_;
		$state->{codes}{$code} = { client => $given->{client_id}, redirect_uri => $uri, scope => $scope, challenge => $given->{code_challenge}, method => $method, until => $service->now + 600 };
		return 1;
	});
	return redirect($request, $uri, code => $code, state => $given->{state});
}

# The form of a request, with the client that sent it: from the header, or from the form.
sub fields
{
	my ($service, $request) = @_;
	my ($fields, $problem) = Form::urlencoded($request);

	refuse($request, 'invalid_request', $problem) if defined $problem;
	if (defined $request->{headers}{authorization})
	{
		refuse($request, 'invalid_client', 'Basic auth required') if $request->{headers}{authorization} !~ /^Basic /;
		@$fields{qw(client_id client_secret)} = Tokens::basic($request) or refuse($request, 'invalid_client', 'Malformed Authorization header');
	}
	refuse($request, 'invalid_request', 'client_id not in POST') if ($fields->{client_id} // '') eq '';
	my $client = client($service, $fields->{client_id}) // refuse($request, 'invalid_client', 'Client not found');
	refuse($request, 'invalid_client', 'Wrong client secret') if defined $fields->{client_secret} && $fields->{client_secret} ne $client->{secret};
	$request->{noted}{grant_type} = $fields->{grant_type} if defined $fields->{grant_type};
	return $fields;
}

my %grants = (authorization_code => { map { $_ => 1 } qw(grant_type code client_id client_secret device_id device_name code_verifier redirect_uri) },
	refresh_token => { map { $_ => 1 } qw(grant_type refresh_token client_id client_secret) });

sub token_request
{
	my ($service, $request) = @_;
	my $fields = fields($service, $request);
	my $grant = $fields->{grant_type} // '';

	refuse($request, 'unsupported_grant_type') if !$grants{$grant};
	for my $name (sort keys %$fields) { refuse($request, 'invalid_request', "$name is unknown") if !$grants{$grant}{$name}; }
	my ($tokens, @problem) = $service->change(yandex_disk => sub { return $grant eq 'refresh_token' ? renew($service, $fields, @_) : exchange($service, $fields, @_); });
	refuse($request, @problem) if !$tokens;
	return { status => 200, json => { token_type => 'bearer', %$tokens } };
}

sub issue
{
	my ($service, $state, $client, $scope, $bare) = @_;
	my $settings = $service->settings('yandex_disk');
	my $tokens = Tokens::grant($state, $service->now, client => $client, scope => $scope, seconds => ($settings->{token_seconds} // 31536000) + 0,
		uses => $settings->{token_uses}, prefix => 'y0_AgAAAA', refresh => '1:', refresh_seconds => $settings->{token_seconds} // 31536000);
	$state->{refresh}{ $tokens->{refresh_token} }{bare} = 1 if $bare;
	return $tokens;
}

sub exchange
{
	my ($service, $fields, $state) = @_;

	return (undef, 'invalid_request', 'code not in POST') if ($fields->{code} // '') eq '';
	return (undef, 'bad_verification_code') if $fields->{code} !~ /^[a-z0-9]{7,16}$/;
	my $code = delete $state->{codes}{ $fields->{code} } // return (undef, 'invalid_grant', 'Invalid code');
	return (undef, 'invalid_grant', 'Code has expired') if $code->{until} <= $service->now;
	return (undef, 'invalid_grant', 'Code of another application') if $code->{client} ne $fields->{client_id};
	return (undef, 'invalid_grant', 'redirect_uri mismatch') if defined $fields->{redirect_uri} && $fields->{redirect_uri} ne $code->{redirect_uri};
	return (undef, 'invalid_client', 'Wrong client secret') if !defined $code->{challenge} && !defined $fields->{client_secret};
	return (undef, 'invalid_grant', 'code_verifier mismatch') if defined Tokens::verifier_problem($code, $fields->{code_verifier});
	return issue($service, $state, $code->{client}, $code->{scope}, !defined $fields->{client_secret});
}

# A new refresh token; the access token stays while more than half of its time is left.
sub renew
{
	my ($service, $fields, $state) = @_;
	my $token = $fields->{refresh_token} // '';
	my $row = Tokens::find_refresh($state, $service->now, $token) // return (undef, 'invalid_grant', 'expired_token');
	my ($access) = grep { ($state->{access}{$_}{refresh} // '') eq $token } keys %{ $state->{access} };
	my $kept = defined $access ? $state->{access}{$access} : undef;
	my $seconds = $service->settings('yandex_disk')->{token_seconds} // 31536000;

	return (undef, 'invalid_grant', 'Token of another application') if $row->{client} ne $fields->{client_id};
	return (undef, 'invalid_client', 'Wrong client secret') if !$row->{bare} && !defined $fields->{client_secret};
	my $tokens = issue($service, $state, $row->{client}, $row->{scope}, $row->{bare});
	$row->{replaced_by} = $tokens->{refresh_token} if $service->settings('yandex_disk')->{rotate} // 1;
	return $tokens if !$kept || $kept->{revoked} || defined $kept->{uses_left} || $kept->{until} - $service->now <= $seconds / 2;
	delete $state->{access}{ $tokens->{access_token} };
	$kept->{refresh} = $tokens->{refresh_token};
	return { %$tokens, access_token => $access, expires_in => int($kept->{until} - $service->now) };
}

sub revoke
{
	my ($service, $request) = @_;
	my $fields = fields($service, $request);
	refuse($request, 'invalid_request', 'access_token not in POST') if ($fields->{access_token} // '') eq '';
	$service->change(yandex_disk => sub { my ($state) = @_; Tokens::revoke($state, $fields->{access_token}); return 1; });
	return { status => 200, json => { status => 'ok' } };
}

# The row of an access token that was issued here and may be used.
sub token { my ($service, $token) = @_; return $service->change(yandex_disk => sub { return Tokens::use_access($_[0], $service->now, $token); }); }

1;
