# tests/fake/platform/Vk.pm
#     VK: the API at api.vk.com/method (rules common to all methods), with VK ID (VkId.pm), the methods (VkVideo.pm, VkWall.pm) and
#     the servers that take files (VkUpload.pm). Each rule and the document it is from: docs/platforms/vk.md.
#
# Settings: token ('vk-secret': works without OAuth, with all rights) | tokens {TOKEN => {user, scope}}; user, first_name, last_name;
# groups {ID => {name, admin, wall}}; rate (3 calls a second of a token; 0 = no limit), day_limits {METHOD => N}, deprecated (5.81).
package Vk;

use strict;
use warnings;

use Form;
use VkId;
use VkParameters;
use VkUpload;
use VkVideo;
use VkWall;

my %message = (1 => 'Unknown error occurred', 3 => 'Unknown method passed', 5 => 'User authorization failed', 6 => 'Too many requests per second',
	7 => 'Permission to perform this action is denied', 8 => 'Invalid request', 9 => 'Flood control', 10 => 'Internal server error',
	14 => 'Captcha needed', 15 => 'Access denied', 17 => 'Validation required: please open redirect_uri in browser', 18 => 'User was deleted or banned',
	22 => 'Upload error', 24 => 'Confirmation required', 28 => 'Application authorization failed', 29 => 'Rate limit reached',
	36 => 'Method execution was interrupted due to timeout', 100 => 'One of the parameters specified was missing or invalid',
	113 => 'Invalid user id', 114 => 'Invalid album id', 125 => 'Invalid group id', 129 => 'Invalid photo', 204 => 'Access denied',
	210 => "Access to wall's post denied", 214 => 'Access to adding post denied', 219 => 'Advertisement post was recently added',
	302 => 'Max number of albums is reached', 704 => 'User needs to enable 2FA for this action', 800 => 'This video is already added',
	1117 => 'Access token has expired');

my %method = (
	'users.get' => \&VkWall::users, 'groups.getById' => \&VkWall::groups,
	'wall.post' => \&VkWall::post, 'wall.get' => \&VkWall::list, 'wall.getById' => \&VkWall::by_id, 'wall.delete' => \&VkWall::remove,
	'video.save' => \&VkVideo::save, 'video.get' => \&VkVideo::get, 'video.edit' => \&VkVideo::edit, 'video.delete' => \&VkVideo::remove,
	'video.getAlbums' => \&VkVideo::albums, 'video.addAlbum' => \&VkVideo::add_album, 'video.addToAlbum' => \&VkVideo::add_to_album,
	'video.removeFromAlbum' => \&VkVideo::remove_from_album, 'video.getAlbumsByVideo' => \&VkVideo::albums_of,
	'video.getThumbUploadUrl' => \&VkVideo::thumb_url, 'video.saveUploadedThumb' => \&VkVideo::save_thumb,
);

# An error of the API: status 200, as all of them.
sub failure
{
	my ($request, $code, $detail, %more) = @_;
	my $message = $message{$code} // "error $code";
	my %given = %{ $request->{given} // $request->{parameters} };

	$message .= ": $detail" if defined $detail;
	$message = $more{message} if defined $more{message};
	$request->{problem} = "$code $message";
	$more{captcha_sid} //= '239633676097', $more{captcha_img} //= 'https://api.vk.com/captcha.php?sid=239633676097&s=1' if $code == 14;
	$more{redirect_uri} //= 'https://m.vk.com/activation?act=validate&api_hash=f2fed5f22ebadc301e&hash=c8acf371111c938417' if $code == 17;
	my @parameters = map { { key => $_, value => $given{$_} } } grep { $_ ne 'access_token' } sort keys %given;
	my %shown = map { $_ => $more{$_} } grep { exists $more{$_} } qw(captcha_sid captcha_img redirect_uri remixstlid error_subcode confirmation_text);
	return { status => 200, json => { error => { error_code => $code + 0, error_msg => $message, %shown,
		request_params => [ { key => 'method', value => $request->{captures}[0] // '' }, { key => 'oauth', value => '1' }, @parameters ] } } };
}

# Gives up with an error of the API.
sub refuse { my ($request, @error) = @_; die { answer => failure($request, @error) }; }

sub error
{
	my ($service, $request, $what) = @_;
	my $reason = $what->{reason} // '';

	return VkId::error($request, $what) if $request->{host} eq 'id' && $what->{status} < 500;
	return failure($request, $reason, undef, $what->{message} eq 'scripted failure' ? (%$what, message => undef) : %$what) if $reason =~ /^\d+$/;
	return { status => $what->{status}, text => "<html>\r\n<head><title>$what->{status}</title></head>\r\n<body>$what->{message}</body>\r\n</html>\r\n" };
}

# All parameters, from the address and from the body; in the words of the documents it does not matter where they are.
sub parameters
{
	my ($service, $request) = @_;
	my %all = %{ $request->{parameters} };
	my $type = $request->{headers}{'content-type'} // '';
	my ($fields, $problem) = ({}, undef);

	if ($request->{method} eq 'POST' && $type =~ m{^multipart/form-data}i)
	{
		my $form = Form->new($type, $service->{platforms}{vk}{path}) // refuse($request, 8, 'the form has no boundary');
		$form->give($request->{body});
		$problem = $form->end;
		$fields = { map { $_->{name} => $_->{text} // '' } @{ $form->{parts} } };
	}
	elsif ($request->{method} eq 'POST' && length $request->{body}) { ($fields, $problem) = Form::urlencoded($request); }
	refuse($request, 8, $problem) if defined $problem;
	for my $name (keys %$fields)
	{
		refuse($request, 100, "$name comes twice") if exists $all{$name};
		$all{$name} = $fields->{$name};
	}
	if (($request->{headers}{authorization} // '') =~ /^Bearer (\S+)$/) { $all{access_token} //= $1; }
	return \%all;
}

sub check_version
{
	my ($service, $request, $version) = @_;
	my $oldest = $service->settings('vk')->{deprecated} // 81;

	refuse($request, 8, 'v (version) is required') if !defined $version;
	my ($minor) = $version =~ /^5\.(\d{1,3})$/ or refuse($request, 8, "v is \"$version\"");
	refuse($request, 8, "versions below 5.$oldest are deprecated. Version param should be passed as \"v\"") if $minor < $oldest;
	return $minor;
}

# {user, scope, ...} of the token, or gives up: 5.
sub caller_of
{
	my ($service, $request, $token) = @_;
	my $settings = $service->settings('vk');

	refuse($request, 5, 'no access_token passed.') if !defined $token || $token eq '';
	my $known = $settings->{tokens} // { $settings->{token} // 'vk-secret' => { scope => 'video wall groups' } };
	my $row = $known->{$token} // VkId::token($service, $token);
	refuse($request, 5, 'invalid access_token (4).') if !$row;
	refuse($request, 5, 'access_token has expired.', error_subcode => 1114) if defined $row->{expires} && $row->{expires} <= $service->now;
	refuse($request, 5, 'access_token was given to another ip address.', error_subcode => 1130) if $row->{other_address};
	return { user => $settings->{user} // 743784474, %$row, token => $token };
}

# At most so many calls of a token in any second, and so many of a method a day.
sub check_rate
{
	my ($service, $request, $caller) = @_;
	my $settings = $service->settings('vk');
	my $rate = $settings->{rate} // 3;
	my $daily = { 'video.save' => 5000, %{ $settings->{day_limits} // {} } }->{ $request->{captures}[0] };
	my $now = $service->now;

	my $code = $service->change(vk => sub {
		my ($state) = @_;
		my @recent = grep { $_ > $now - 1 && $_ <= $now } @{ $state->{calls}{ $caller->{token} } // [] };
		return 6 if $rate && @recent >= $rate;
		$state->{calls}{ $caller->{token} } = [ @recent, $now ];
		my $today = $request->{captures}[0] . ' ' . int($now / 86400);
		return defined $daily && ++$state->{days}{$today} > $daily ? 29 : 0;
	});
	refuse($request, $code) if $code;
}

# One call of a method.
sub call
{
	my ($service, $request) = @_;
	my ($name) = @{ $request->{captures} };

	$request->{given} = { v => $request->{parameters}{v} // '' };
	my $given = $request->{given} = parameters($service, $request);
	my $version = check_version($service, $request, $given->{v});
	my $caller = caller_of($service, $request, $given->{access_token});
	check_rate($service, $request, $caller);
	refuse($request, 3) if !VkParameters::known($name);
	my ($method, $problem) = VkParameters::check($name, $given);
	refuse($request, 100, $problem) if !$method;
	refuse($request, 15, 'no access to call this method. It cannot be called with current scopes.', error_subcode => 1133)
	  if $method->{scope} ne '' && $caller->{scope} !~ /(?:^|[ ,])$method->{scope}(?:$|[ ,])/;
	my $answer = $method{$name}->($service, $request, $method->{values}, { %$caller, version => $version });
	return { status => 200, json => { response => $answer } };
}

# The group, if the caller may act for it.
sub group
{
	my ($service, $request, $id) = @_;
	my $groups = $service->settings('vk')->{groups} // { 218861756 => { name => 'Lectures', admin => 1, wall => 1 } };
	return $groups->{$id};
}

# Gives up unless the caller may change what that owner has.
sub check_owner
{
	my ($service, $request, $caller, $owner, $code) = @_;
	return if $owner == $caller->{user};
	my $group = $owner < 0 ? group($service, $request, -$owner) : undef;
	refuse($request, $code // 204) if !$group || !$group->{admin};
}

sub platform
{
	return { name => 'vk', hosts => [qw(api id upload)], error => \&error,
		endpoints => { api => 'api/method', authorize => 'id/authorize', token => 'id/oauth2/auth', user_info => 'id/oauth2/user_info' },
		routes => [ [ 'GET|POST', 'api', qr{^/method/([A-Za-z.]+)$}, '*', \&call ], VkId::routes(), VkUpload::routes() ] };
}

1;
