# tests/fake/platform/Google.pm
#     Google's OAuth 2.0 for web server applications, as the platform youtube uses it: consent, tokens, refresh, revocation.
#
# The documents its rules are ascribed to; docs/platforms/youtube.md says which of them were really seen:
#   (W) https://developers.google.com/identity/protocols/oauth2/web-server
#   (N) https://developers.google.com/identity/protocols/oauth2/native-app            PKCE
#   (R) https://www.rfc-editor.org/rfc/rfc6749 5.2, https://www.rfc-editor.org/rfc/rfc7636
package Google;

use strict;
use warnings;

use Connection;
use Tokens;

my %consent = map { $_ => 1 } qw(client_id redirect_uri response_type scope access_type state include_granted_scopes enable_granular_consent
	login_hint prompt code_challenge code_challenge_method);
my %asked = (authorization_code => [qw(code client_id client_secret redirect_uri grant_type code_verifier)],
	refresh_token => [qw(client_id client_secret refresh_token grant_type)]);
my $VALUES = { access_type => qr/^(?:online|offline)$/, response_type => qr/^code$/, code_challenge_method => qr/^(?:S256|plain)$/,
	include_granted_scopes => qr/^(?:true|false)$/, enable_granular_consent => qr/^(?:true|false)$/,
	prompt => qr/^(?:none|(?:consent|select_account)(?: (?:consent|select_account))?)$/, code_challenge => qr/^[A-Za-z0-9._~-]{43,128}$/ };

sub oauth_error
{
	my ($request, $status, $error, $description) = @_;
	$request->{problem} = "$error: $description";
	return { status => $status, json => { error => $error, error_description => $description }, headers => { 'Cache-Control' => 'no-cache, no-store, max-age=0, must-revalidate' } };
}

# (W) an error in the request for consent is shown to the person; nothing is redirected to an address that is not registered
sub page
{
	my ($request, $error) = @_;
	$request->{problem} = $error;
	return { status => 400, text => "<!DOCTYPE html><title>Error 400: $error</title><p>Access blocked: this app's request is invalid</p>" };
}

sub escape { my ($text) = @_; return $text =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ger; }

sub back
{
	my ($uri, @pairs) = @_;
	my $query = '';
	while (my ($name, $value) = splice @pairs, 0, 2) { $query .= ($query eq '' ? '' : '&') . $name . '=' . escape($value) if defined $value; }
	return { status => 302, text => '', headers => { Location => $uri . ($uri =~ /\?/ ? '&' : '?') . $query } };
}

# (W) step 2; who asks is the person's browser, and it consents as the settings say.
sub authorize
{
	my ($service, $request) = @_;
	my $asked = $request->{parameters};
	my $settings = $service->settings('youtube');
	my $client = Tokens::clients($settings, 'youtube')->{ $asked->{client_id} // '' } or return page($request, 'invalid_client');

	return page($request, 'redirect_uri_mismatch') if !grep { $_ eq ($asked->{redirect_uri} // '') } @{ $client->{redirect_uris} };
	return page($request, 'unsupported_response_type') if ($asked->{response_type} // '') ne 'code';
	return page($request, 'invalid_scope') if ($asked->{scope} // '') !~ /\S/;
	for my $name (sort keys %$asked)
	{
		return page($request, "invalid_request: $name") if !$consent{$name} || $VALUES->{$name} && $asked->{$name} !~ $VALUES->{$name} || @{ $request->{lists}{$name} } > 1;
	}
	return page($request, 'invalid_request: code_challenge') if defined $asked->{code_challenge_method} && !defined $asked->{code_challenge};
	return back($asked->{redirect_uri}, error => 'access_denied', state => $asked->{state}) if ($settings->{consent} // 'allow') eq 'deny';
	my $scope = join ' ', grep { my $one = $_; !$settings->{granted} || grep { $_ eq $one } @{ $settings->{granted} } } split / /, $asked->{scope};
	my $code = '4/0A' . Tokens::random(40);
	my $account = $settings->{account} // 'teacher';
	my $now = $service->now;
	$service->change(youtube => sub {
		my ($state) = @_;
		my $first = !$state->{consented}{ $asked->{client_id} }{$account}++;
		$state->{codes}{$code} = { client => $asked->{client_id}, redirect_uri => $asked->{redirect_uri}, scope => $scope, account => $account,
			challenge => $asked->{code_challenge}, method => $asked->{code_challenge_method} // 'plain', until => $now + ($settings->{code_seconds} // 600),
			# (W) a refresh token comes at the first consent only, or where consent is asked for again
			offline => ($asked->{access_type} // 'online') eq 'offline' && ($first || ($asked->{prompt} // '') =~ /consent/) ? 1 : 0 };
	});
	return back($asked->{redirect_uri}, state => $asked->{state}, code => $code, scope => $scope);
}

sub answer_with
{
	my ($tokens, $scope) = @_;
	return { status => 200, headers => { 'Cache-Control' => 'no-cache, no-store, max-age=0, must-revalidate' },
		json => { access_token => $tokens->{access_token}, expires_in => $tokens->{expires_in}, scope => $scope, token_type => 'Bearer',
			defined $tokens->{refresh_token} ? (refresh_token => $tokens->{refresh_token}) : () } };
}

sub terms { my ($settings) = @_; return (prefix => 'ya29.a0', seconds => $settings->{token_seconds} // 3599, uses => $settings->{token_uses}, refresh_seconds => $settings->{refresh_seconds}); }

# A code is used up by the first who comes with it, whether all else is right or not.
sub redeem
{
	my ($service, $request, $form, $settings) = @_;
	my $now = $service->now;
	my ($problem, $tokens, $scope) = $service->change(youtube => sub {
		my ($state) = @_;
		my $code = delete $state->{codes}{ $form->{code} // '' };
		return [ 400, 'invalid_grant', 'Malformed auth code.' ] if !$code || $code->{until} <= $now;
		return [ 400, 'invalid_grant', 'the code is of another client' ] if $code->{client} ne $form->{client_id};
		return [ 400, 'redirect_uri_mismatch', 'Bad Request' ] if $code->{redirect_uri} ne ($form->{redirect_uri} // '');
		my $wrong = Tokens::verifier_problem($code, $form->{code_verifier});
		return [ 400, 'invalid_grant', $wrong ] if defined $wrong;
		return (undef, Tokens::grant($state, $now, terms($settings), (map { $_ => $code->{$_} } qw(account client scope)), refresh => $code->{offline} ? '1//0g' : undef), $code->{scope});
	});
	return $problem ? oauth_error($request, @$problem) : answer_with($tokens, $scope);
}

sub refresh
{
	my ($service, $request, $form, $settings) = @_;
	my $now = $service->now;
	my ($problem, $tokens, $scope) = $service->change(youtube => sub {
		my ($state) = @_;
		my $old = Tokens::find_refresh($state, $now, $form->{refresh_token} // '');
		return [ 400, 'invalid_grant', 'Token has been expired or revoked.' ] if !$old || $settings->{refuse_refresh};
		return [ 401, 'unauthorized_client', 'Unauthorized' ] if $old->{client} ne $form->{client_id};
		my %mine = map { $_ => $old->{$_} } qw(account client scope);
		my $rotate = $settings->{rotate} ? '1//0g' : undef;
		my $made = Tokens::grant($state, $now, terms($settings), %mine, refresh => $rotate, old_refresh => $form->{refresh_token});
		$old->{replaced_by} = $made->{refresh_token} if $rotate;
		return (undef, $made, $old->{scope});
	});
	return $problem ? oauth_error($request, @$problem) : answer_with($tokens, $scope);
}

sub token
{
	my ($service, $request) = @_;
	my $settings = $service->settings('youtube');
	my ($form, $problem) = Form::urlencoded($request);

	return oauth_error($request, 400, 'invalid_request', $problem) if defined $problem;
	return oauth_error($request, 400, 'invalid_request', 'parameters belong into the body') if %{ $request->{parameters} };
	my $known = $asked{ $form->{grant_type} // '' } or return oauth_error($request, 400, 'unsupported_grant_type', 'Invalid grant_type: ' . ($form->{grant_type} // ''));
	for my $name (sort keys %$form) { return oauth_error($request, 400, 'invalid_request', "Invalid parameter: $name") if !grep { $_ eq $name } @$known; }
	for my $name (qw(client_id client_secret)) { return oauth_error($request, 400, 'invalid_request', "Could not determine client ID from request: $name") if ($form->{$name} // '') eq ''; }
	my $client = Tokens::clients($settings, 'youtube')->{ $form->{client_id} } or return oauth_error($request, 401, 'invalid_client', 'The OAuth client was not found.');
	return oauth_error($request, 401, 'invalid_client', 'Unauthorized') if $client->{secret} ne $form->{client_secret};
	return $form->{grant_type} eq 'refresh_token' ? refresh($service, $request, $form, $settings) : redeem($service, $request, $form, $settings);
}

# (W) "Revoking a token": an access or a refresh token, by form or in the query.
sub revoke
{
	my ($service, $request) = @_;
	my ($form, $problem) = Form::urlencoded($request);

	return oauth_error($request, 400, 'invalid_request', $problem) if defined $problem;
	my $token = $form->{token} // $request->{parameters}{token} // '';
	my ($known) = $service->change(youtube => sub { return Tokens::revoke($_[0], $token) });
	return $known ? { status => 200, json => {} } : oauth_error($request, 400, 'invalid_token', 'Token expired or revoked');
}

# https://developers.google.com/identity/protocols/oauth2/web-server mentions it for checking; shape as the service gives it.
sub tokeninfo
{
	my ($service, $request) = @_;
	my $now = $service->now;
	my $known = $service->state('youtube')->{access}{ $request->{parameters}{access_token} // '' };

	return oauth_error($request, 400, 'invalid_token', 'Invalid Value') if !$known || $known->{revoked} || $known->{until} <= $now;
	return { status => 200, json => { azp => $known->{client}, aud => $known->{client}, scope => $known->{scope}, exp => '' . int($known->{until}),
		expires_in => '' . int($known->{until} - $now), access_type => defined $known->{refresh} ? 'offline' : 'online' } };
}

# Who asks, if the token is good and has one of the scopes; dies with the answer otherwise.
sub account
{
	my ($service, $request, @scopes) = @_;
	my $token = Tokens::bearer($request);

	die { answer => $service->refuse($request, status => 401, reason => 'required', message => 'Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential.') }
	  if !defined $token;
	my ($known) = Tokens::accept($service, youtube => $token);
	die { answer => $service->refuse($request, status => 401, reason => 'authError', message => 'Invalid Credentials') } if !$known;
	my %has = map { $_ => 1 } split / /, $known->{scope};
	die { answer => $service->refuse($request, status => 403, reason => 'insufficientPermissions', message => 'Request had insufficient authentication scopes.') }
	  if !grep { $has{"https://www.googleapis.com/auth/$_"} } @scopes;
	return $known->{account};
}

sub routes
{
	return ([ 'GET', 'accounts', qr{^/o/oauth2/v2/auth$}, 'authorize', \&authorize ], [ 'POST', 'oauth2', qr{^/token$}, 'token', \&token ],
		[ 'POST', 'oauth2', qr{^/revoke$}, 'revoke', \&revoke ], [ 'GET', 'oauth2', qr{^/tokeninfo$}, 'tokeninfo', \&tokeninfo ]);
}

1;
