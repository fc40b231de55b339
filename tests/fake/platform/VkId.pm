# tests/fake/platform/VkId.pm
#     VK ID (id.vk.com), OAuth 2.1: /authorize with PKCE, /oauth2/auth (code and refresh token), user_info, revoke, logout.
#
# Settings: client_id (51234567), redirect_uris (/oauth/vk/callback of https://leap.example and http://127.0.0.1:8080), consent ('allow' | 'deny'), scope (what
# the person allows), code_seconds (600), token_seconds (3600), refresh_seconds (15552000), token_uses, id_error_status (400: that of errors).
package VkId;

use strict;
use warnings;

use Connection;
use Form;
use JSON::PP;
use Tokens;

my %answers = (
	authorization_code => { code => 1, code_verifier => 1, client_id => 1, device_id => 1, redirect_uri => 1, state => 1, service_token => 0, ip => 0 },
	refresh_token => { refresh_token => 1, client_id => 1, device_id => 1, state => 1, scope => 0, redirect_uri => 0, service_token => 0, ip => 0 },
);

sub routes
{
	return ([ 'GET', 'id', qr{^/authorize$}, 'authorize', \&authorize ], [ 'POST', 'id', qr{^/oauth2/auth$}, 'token', \&token_request ],
		[ 'POST', 'id', qr{^/oauth2/user_info$}, 'user_info', \&user_info ], [ 'POST', 'id', qr{^/oauth2/(revoke|logout)$}, '*', \&end ]);
}

sub failure
{
	my ($service, $request, $error, $text, $status) = @_;
	$request->{problem} = "$error: $text";
	my $state = $request->{fields}{state};
	return { status => $status // $service->settings('vk')->{id_error_status} // 400,
		json => { error => $error, error_description => $text, defined $state ? (state => $state) : () } };
}

sub refuse { die { answer => failure(@_) }; }

# What a test wants to go wrong, and what the server finds wrong with an address or a body.
sub error
{
	my ($request, $what) = @_;
	my $reason = $what->{reason} // 'invalid_request';
	return { status => $what->{status} == 500 ? 400 : $what->{status}, json => { error => $reason, error_description => $what->{message} } };
}

sub redirect
{
	my ($request, %told) = @_;
	my $uri = $request->{parameters}{redirect_uri};
	my $escape = sub { $_[0] =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ger };
	my $query = join '&', map { "$_=" . $escape->($told{$_}) } sort keys %told;
	return { status => 302, text => '', headers => { Location => $uri . ($uri =~ /\?/ ? '&' : '?') . $query } };
}

sub authorize
{
	my ($service, $request) = @_;
	my $given = $request->{parameters};
	my $settings = $service->settings('vk');
	my $page = sub { $request->{problem} = $_[0]; return { status => 400, text => "<html><body>$_[0]</body></html>" }; };
	my %known = map { $_ => 1 } qw(response_type client_id redirect_uri state code_challenge code_challenge_method scope prompt provider lang_id scheme);

	return $page->('client_id') if ($given->{client_id} // '') ne ($settings->{client_id} // 51234567);
	return $page->('redirect_uri') if !grep { $_ eq ($given->{redirect_uri} // '') } @{ $settings->{redirect_uris} // [ map { "$_/oauth/vk/callback" } 'https://leap.example', 'http://127.0.0.1:8080' ] };
	my %state = map { $_ => $given->{$_} } grep { defined $given->{$_} } 'state';
	my ($unknown) = grep { !$known{$_} } sort keys %$given;
	my $problem = defined $unknown ? "$unknown is unknown" : ($given->{response_type} // '') ne 'code' ? 'response_type' : ($given->{state} // '') eq '' ? 'state is missing'
	  : lc($given->{code_challenge_method} // '') ne 's256' ? 'code_challenge_method' : ($given->{code_challenge} // '') !~ /^[A-Za-z0-9_-]{43}$/ ? 'code_challenge' : undef;
	return redirect($request, %state, error => 'invalid_request', error_description => $request->{problem} = $problem) if defined $problem;
	return redirect($request, %state, error => 'access_denied', error_description => 'The user denied') if ($settings->{consent} // '') eq 'deny';
	my ($code, $device) = ('vk2.a.' . $service->random_id(64), $service->random_id(64));
	$service->change(vk => sub {
		my ($all) = @_;
		$all->{codes}{$code} = { device => $device, challenge => $given->{code_challenge}, method => 'S256', redirect_uri => $given->{redirect_uri},
			scope => $settings->{scope} // $given->{scope} // 'vkid.personal_info', expires => $service->now + ($settings->{code_seconds} // 600) };
		return 1;
	});
	return redirect($request, %state, code => $code, device_id => $device, expires_in => $settings->{code_seconds} // 600, type => 'code_v2');
}

# Parameters of a POST, from the form and from the address (the service's own program sends some of them there).
sub fields
{
	my ($service, $request, %allowed) = @_;
	my ($fields, $problem) = Form::urlencoded($request);

	refuse($service, $request, 'invalid_request', $problem) if defined $problem;
	for my $name (sort keys %{ $request->{parameters} })
	{
		refuse($service, $request, 'invalid_request', "$name comes twice") if exists $fields->{$name};
		$fields->{$name} = $request->{parameters}{$name};
	}
	$request->{fields} = $fields;
	$request->{noted}{grant_type} = $fields->{grant_type} if defined $fields->{grant_type};
	return $fields;
}

sub check_fields
{
	my ($service, $request, $fields, $allowed) = @_;
	for my $name (sort keys %$fields) { refuse($service, $request, 'invalid_request', "$name is unknown") if !exists $allowed->{$name}; }
	for my $name (sort keys %$allowed)
	{
		refuse($service, $request, 'invalid_request', "$name is missing or invalid") if $allowed->{$name} && ($fields->{$name} // '') eq '';
	}
	refuse($service, $request, 'invalid_client', 'client_id is unknown') if $fields->{client_id} ne ($service->settings('vk')->{client_id} // 51234567);
}

sub token_request
{
	my ($service, $request) = @_;
	my $fields = fields($service, $request);
	my $grant = $fields->{grant_type} // '';

	refuse($service, $request, 'unsupported_grant_type', "grant_type \"$grant\"") if !$answers{$grant};
	check_fields($service, $request, $fields, { %{ $answers{$grant} }, grant_type => 1 });
	my ($tokens, $problem) = $service->change(vk => sub { return $grant eq 'refresh_token' ? refresh($service, $fields, @_) : exchange($service, $fields, @_); });
	refuse($service, $request, 'invalid_grant', $problem) if !$tokens;
	return { status => 200, json => { %$tokens, state => $fields->{state} } };
}

# New tokens; the old refresh token of theirs is none any more.
sub issue
{
	my ($service, $state, $device, $scope) = @_;
	my $settings = $service->settings('vk');
	my $user = $settings->{user} // 743784474;
	my ($access, $refresh) = map { 'vk2.a.' . $service->random_id(80) } 1, 2;
	my $seconds = $settings->{token_seconds} // 3600;

	$state->{tokens}{$access} = { user => $user, scope => $scope, expires => $service->now + $seconds, uses_left => $settings->{token_uses}, issued => ++$state->{issued} };
	$state->{refresh}{$refresh} = { device => $device, scope => $scope, access => $access, expires => $service->now + ($settings->{refresh_seconds} // 15552000) };
	return { access_token => $access, refresh_token => $refresh, id_token => $service->random_id(120), token_type => 'Bearer', expires_in => $seconds + 0, user_id => $user + 0,
		scope => $scope };
}

sub exchange
{
	my ($service, $fields, $state) = @_;
	my $code = delete $state->{codes}{ $fields->{code} } // return (undef, 'code is invalid');

	return (undef, 'code has expired') if $code->{expires} <= $service->now;
	return (undef, 'redirect_uri is another one') if $code->{redirect_uri} ne $fields->{redirect_uri};
	return (undef, 'device_id is another one') if $code->{device} ne $fields->{device_id};
	return (undef, 'code_verifier does not fit') if $fields->{code_verifier} !~ /^[A-Za-z0-9_-]{43,128}$/ || defined Tokens::verifier_problem($code, $fields->{code_verifier});
	return issue($service, $state, $code->{device}, $code->{scope});
}

sub refresh
{
	my ($service, $fields, $state) = @_;
	my $row = $state->{refresh}{ $fields->{refresh_token} } // return (undef, 'refresh_token is invalid');
	my %had = map { $_ => 1 } split ' ', $row->{scope};

	return (undef, 'device_id is another one') if $row->{device} ne $fields->{device_id};
	return (undef, 'refresh_token has expired') if $row->{expires} <= $service->now;
	return (undef, 'scope asks for more than there was') if grep { !$had{$_} } split ' ', $fields->{scope} // '';
	delete $state->{refresh}{ $fields->{refresh_token} };
	delete $state->{tokens}{ $row->{access} };
	return issue($service, $state, $row->{device}, $fields->{scope} // $row->{scope});
}

# The row of an access token that was issued here; its uses are counted, and after the last one it has expired.
sub token
{
	my ($service, $token) = @_;
	return $service->change(vk => sub {
		my ($state) = @_;
		my $row = $state->{tokens}{$token} or return undef;
		$row->{expires} = 0 if defined $row->{uses_left} && $row->{uses_left}-- < 1;
		return $row;
	});
}

sub user_info
{
	my ($service, $request) = @_;
	my $fields = fields($service, $request);
	check_fields($service, $request, $fields, { client_id => 1, access_token => 0 });
	my $token = $fields->{access_token} // (($request->{headers}{authorization} // '') =~ /^Bearer (\S+)$/)[0] // '';
	my $row = token($service, $token);
	my $settings = $service->settings('vk');

	refuse($service, $request, 'invalid_token', 'access_token is missing or invalid') if !$row || $row->{expires} <= $service->now;
	my %user = (user_id => "$row->{user}", first_name => $settings->{first_name} // 'Ivan', last_name => $settings->{last_name} // 'Ivanov',
		avatar => 'https://pp.userapi.com/60tZWMo4SmwcploUVl9XEt8ufnTTvDUmQ6Bj1g/mmv1pcj63C4.png', sex => 2, verified => JSON::PP::false, birthday => '01.01.2000');
	$user{email} = 'ivan_i123@vk.com' if $row->{scope} =~ /\bemail\b/;
	$user{phone} = '79991234567' if $row->{scope} =~ /\bphone\b/;
	return { status => 200, json => { user => \%user } };
}

# After revoke and logout the token is none, nor is the refresh token it came with.
sub end
{
	my ($service, $request) = @_;
	my $fields = fields($service, $request);
	check_fields($service, $request, $fields, { client_id => 1, access_token => 1 });
	my ($known) = $service->change(vk => sub {
		my ($state) = @_;
		for my $name (keys %{ $state->{refresh} // {} }) { delete $state->{refresh}{$name} if $state->{refresh}{$name}{access} eq $fields->{access_token}; }
		return delete $state->{tokens}{ $fields->{access_token} };
	});
	refuse($service, $request, 'invalid_token', 'access_token is missing or invalid') if !$known;
	return { status => 200, json => { response => 1 } };
}

1;
