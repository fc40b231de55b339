# tests/fake/platform/ZoomOauth.pm
#     Zoom's OAuth: server-to-server tokens, and what people consent to, with refresh tokens that change. Rules: docs/platforms/zoom.md.
package ZoomOauth;

use strict;
use warnings;

use Form;
use Google;
use Tokens;

my %asked = (account_credentials => [qw(grant_type account_id)], authorization_code => [qw(grant_type code redirect_uri code_verifier)], refresh_token => [qw(grant_type refresh_token)]);
my %consent = map { $_ => 1 } qw(response_type client_id redirect_uri state code_challenge code_challenge_method);
our $ADMIN = join ' ', map { "$_:admin" } qw(cloud_recording:read:list_user_recordings cloud_recording:read:list_recording_files user:read:list_users user:read:user);
our $PERSON = 'cloud_recording:read:list_user_recordings cloud_recording:read:list_recording_files user:read:user';

sub oauth_error
{
	my ($request, $status, $error, $reason) = @_;
	$request->{problem} = "$error: $reason";
	return { status => $status, json => { reason => $reason, error => $error } };
}

sub page
{
	my ($request, $code, $message) = @_;
	$request->{problem} = $message;
	return { status => 400, text => "<!DOCTYPE html><title>Error - Zoom</title><p>$message ($code)</p>" };
}

# What the application may; chosen where it is registered, so consent asks for no scope.
sub scope_of { my ($client, $settings, $default) = @_; return $settings->{scope} // $client->{scope} // $default; }

sub authorize
{
	my ($service, $request) = @_;
	my $asked = $request->{parameters};
	my $settings = $service->settings('zoom');
	my $client = Tokens::clients($settings, 'zoom')->{ $asked->{client_id} // '' } or return page($request, 4702, 'Invalid client');

	return page($request, 4700, "Invalid redirect: $asked->{redirect_uri}") if !grep { $_ eq ($asked->{redirect_uri} // '') } @{ $client->{redirect_uris} };
	return page($request, 4700, 'response_type has to be code') if ($asked->{response_type} // '') ne 'code';
	for my $name (sort keys %$asked) { return page($request, 4700, "unknown parameter $name") if !$consent{$name}; }
	return page($request, 4700, 'code_challenge') if defined $asked->{code_challenge} && $asked->{code_challenge} !~ /^[A-Za-z0-9._~-]{43,128}$/;
	return page($request, 4700, 'code_challenge_method') if defined $asked->{code_challenge_method} && ($asked->{code_challenge_method} !~ /^(?:S256|plain)$/ || !defined $asked->{code_challenge});
	return Google::back($asked->{redirect_uri}, error => 'access_denied', state => $asked->{state}) if ($settings->{consent} // 'allow') eq 'deny';
	my $code = Tokens::random(24);
	my $now = $service->now;
	$service->change(zoom => sub {
		$_[0]{codes}{$code} = { client => $asked->{client_id}, redirect_uri => $asked->{redirect_uri}, scope => scope_of($client, $settings, $PERSON), account => $settings->{account} // 'teacher',
			challenge => $asked->{code_challenge}, method => $asked->{code_challenge_method} // 'plain', until => $now + ($settings->{code_seconds} // 300) };
	});
	return Google::back($asked->{redirect_uri}, code => $code, state => $asked->{state});
}

sub terms
{
	my ($settings, $client) = @_;
	return (client => $client, prefix => 'eyJ', seconds => $settings->{token_seconds} // 3600, uses => $settings->{token_uses});
}

sub answer_with
{
	my ($service, $tokens, $scope) = @_;
	return { status => 200, json => { access_token => $tokens->{access_token}, token_type => 'bearer', expires_in => $tokens->{expires_in}, scope => $scope,
		defined $tokens->{refresh_token} ? (refresh_token => $tokens->{refresh_token}) : (), api_url => $service->origin(zoom => 'api') } };
}

# Two-legged: no refresh token, several tokens live side by side unless the setting single_token is true.
sub of_account
{
	my ($service, $request, $form, $id, $client, $settings) = @_;
	return oauth_error($request, 400, 'invalid_request', 'Bad Request') if ($form->{account_id} // '') ne ($client->{account_id} // '');
	my $scope = scope_of($client, $settings, $ADMIN);
	my $now = $service->now;
	my ($made) = $service->change(zoom => sub {
		my ($state) = @_;
		if ($settings->{single_token}) { $_->{revoked} = 1 for grep { $_->{client} eq $id } values %{ $state->{access} }; }
		return Tokens::grant($state, $now, terms($settings, $id), account => 'owner', scope => $scope);
	});
	return answer_with($service, $made, $scope);
}

sub of_code
{
	my ($service, $request, $form, $id, $settings) = @_;
	my $now = $service->now;
	my ($problem, $made, $scope) = $service->change(zoom => sub {
		my ($state) = @_;
		my $code = delete $state->{codes}{ $form->{code} // '' };
		return [ 400, 'invalid_grant', 'Invalid authorization code ' . ($form->{code} // '') ] if !$code || $code->{until} <= $now || $code->{client} ne $id;
		return [ 400, 'invalid_request', 'Redirect URI mismatch.' ] if $code->{redirect_uri} ne ($form->{redirect_uri} // '');
		my $wrong = Tokens::verifier_problem($code, $form->{code_verifier});
		return [ 400, 'invalid_grant', $wrong ] if defined $wrong;
		return (undef, Tokens::grant($state, $now, terms($settings, $id), (map { $_ => $code->{$_} } qw(account scope)), refresh => 'eyJr', refresh_seconds => $settings->{refresh_seconds} // 7_776_000), $code->{scope});
	});
	return $problem ? oauth_error($request, @$problem) : answer_with($service, $made, $scope);
}

# Each refresh brings another refresh token, and the one that was used ends.
sub of_refresh
{
	my ($service, $request, $form, $id, $settings) = @_;
	my $now = $service->now;
	my ($problem, $made, $scope) = $service->change(zoom => sub {
		my ($state) = @_;
		my $old = Tokens::find_refresh($state, $now, $form->{refresh_token} // '');
		return [ 400, 'invalid_grant', 'Invalid Token!' ] if !$old || $settings->{refuse_refresh} || $old->{client} ne $id;
		my $new = Tokens::grant($state, $now, terms($settings, $id), (map { $_ => $old->{$_} } qw(account scope)), refresh => 'eyJr', refresh_seconds => $settings->{refresh_seconds} // 7_776_000);
		$old->{replaced_by} = $new->{refresh_token};
		return (undef, $new, $old->{scope});
	});
	return $problem ? oauth_error($request, @$problem) : answer_with($service, $made, $scope);
}

# The application that asks, by "Authorization: Basic"; dies with the answer.
sub client_of
{
	my ($service, $request, $settings) = @_;
	my ($id, $secret) = Tokens::basic($request);
	my $client = Tokens::clients($settings, 'zoom')->{ $id // '' };
	die { answer => oauth_error($request, 400, 'invalid_client', 'Invalid client_id or client_secret') } if !$client || $client->{secret} ne $secret;
	return ($id, $client);
}

# Fields are in the body, or in the query, as the documents show both; not in both.
sub fields_of
{
	my ($request) = @_;
	my ($form, $problem) = length $request->{body} || defined $request->{headers}{'content-type'} ? Form::urlencoded($request) : ({}, undef);

	die { answer => oauth_error($request, 400, 'invalid_request', $problem) } if defined $problem;
	die { answer => oauth_error($request, 400, 'invalid_request', 'Bad Request') } if %$form && %{ $request->{parameters} };
	return %$form ? $form : $request->{parameters};
}

sub token
{
	my ($service, $request) = @_;
	my $settings = $service->settings('zoom');
	my $form = fields_of($request);
	my $grant = $form->{grant_type} // '';
	my ($id, $client) = client_of($service, $request, $settings);

	my $known = $asked{$grant} or return oauth_error($request, 400, 'unsupported_grant_type', 'unsupported grant type');
	for my $name (sort keys %$form) { return oauth_error($request, 400, 'invalid_request', "unknown field $name") if !grep { $_ eq $name } @$known; }
	return of_account($service, $request, $form, $id, $client, $settings) if $grant eq 'account_credentials';
	return $grant eq 'refresh_token' ? of_refresh($service, $request, $form, $id, $settings) : of_code($service, $request, $form, $id, $settings);
}

sub revoke
{
	my ($service, $request) = @_;
	my $form = fields_of($request);
	client_of($service, $request, $service->settings('zoom'));
	my ($known) = $service->change(zoom => sub { return Tokens::revoke($_[0], $form->{token} // '') });
	return $known ? { status => 200, json => { status => 'success' } } : oauth_error($request, 400, 'invalid_request', 'Invalid Token!');
}

sub routes
{
	return ([ 'GET', 'zoom', qr{^/oauth/authorize$}, 'authorize', \&authorize ], [ 'POST', 'zoom', qr{^/oauth/token$}, 'token', \&token ], [ 'POST', 'zoom', qr{^/oauth/revoke$}, 'revoke', \&revoke ]);
}

1;
