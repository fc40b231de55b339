# tests/fake/platform/Youtube.pm
#     The YouTube Data API v3 with Google's OAuth: addresses, parameters, errors, quota, and the resources around videos.
#
# The documents its rules are ascribed to; docs/platforms/youtube.md says which of them were really seen:
#   (V) https://developers.google.com/youtube/v3/docs/videos, .../videos/insert, /list, /update, /delete
#   (U) https://developers.google.com/youtube/v3/guides/using_resumable_upload_protocol      YoutubeUpload.pm
#   (E) https://developers.google.com/youtube/v3/docs/errors, .../core_errors
#   (Q) https://developers.google.com/youtube/v3/determine_quota_cost
#   (D) the discovery document youtube:v3                                                     names of parameters and members, scopes
package Youtube;

use strict;
use warnings;

use Google;
use JSON::PP;
use POSIX qw(strftime);
use Service;
use YoutubeExtra;
use YoutubeUpload;
use YoutubeVideo;

my $json = JSON::PP->new->canonical->utf8;
my %status_name = (400 => 'INVALID_ARGUMENT', 401 => 'UNAUTHENTICATED', 403 => 'PERMISSION_DENIED', 404 => 'NOT_FOUND', 409 => 'ABORTED', 429 => 'RESOURCE_EXHAUSTED');
# (E) what a reason is answered with
my %status_of = (quotaExceeded => 403, rateLimitExceeded => 403, userRateLimitExceeded => 403, dailyLimitExceeded => 403, uploadLimitExceeded => 400,
	uploadRateLimitExceeded => 429, forbidden => 403, backendError => 503, internalError => 500, authError => 401, youtubeSignupRequired => 401);
my %domain_of = (quotaExceeded => 'youtube.quota', rateLimitExceeded => 'usageLimits', userRateLimitExceeded => 'usageLimits', dailyLimitExceeded => 'usageLimits',
	uploadLimitExceeded => 'youtube.video', uploadRateLimitExceeded => 'youtube.thumbnail', authError => 'global', required => 'global', insufficientPermissions => 'global', badRequest => 'global',
	backendError => 'global', internalError => 'global', notFound => 'global', unexpectedParameter => 'youtube.parameter', missingRequiredParameter => 'youtube.parameter', unknownPart => 'youtube.part');
# (D) parameters of all methods
my @standard = qw(access_token alt callback fields key oauth_token prettyPrint quotaUser uploadType upload_protocol $.xgafv);
# (Q) units of a call
my %cost = ('videos.list' => 1, 'videos.update' => 50, 'videos.delete' => 50, 'channels.list' => 1, 'playlists.list' => 1, 'playlists.insert' => 50, 'playlists.delete' => 50,
	'playlistItems.list' => 1, 'playlistItems.insert' => 50, 'playlistItems.delete' => 50, 'captions.list' => 50, 'captions.insert' => 400,
	'captions.update' => 450, 'captions.delete' => 50, 'thumbnails.set' => 50, 'videoCategories.list' => 1);
# (Q) methods with an allowance of calls of their own
my %bucket = ('videos.insert' => 'inserts', 'search.list' => 'searches');

# The error in the words of the service; $what: status, reason, message, domain, location.
sub error
{
	my ($service, $request, $what) = @_;
	my $reason = $what->{reason} // ($what->{status} == 404 ? 'notFound' : $what->{status} == 401 ? 'authError' : $what->{status} == 503 ? 'backendError' : $what->{status} >= 500 ? 'internalError' : 'badRequest');
	my $status = defined $what->{reason} && (!defined $what->{status} || $what->{status} == 500) ? $status_of{$reason} // $what->{status} // 400 : $what->{status};

	return { status => $status, json => { error => $reason, error_description => $what->{message} } } if $request->{host} ne 'www';
	my %one = (message => $what->{message}, domain => $what->{domain} // $domain_of{$reason} // 'youtube.' . ($request->{endpoint} =~ s/s?\..*//r), reason => $reason,
		defined $what->{location} ? (location => $what->{location}, locationType => 'parameter') : $status == 401 ? (location => 'Authorization', locationType => 'header') : ());
	return { status => $status, headers => { $status == 401 ? ('WWW-Authenticate' => 'Bearer realm="https://accounts.google.com/", error="invalid_token"') : () },
		json => { error => { code => $status + 0, message => $what->{message}, errors => [ \%one ], defined $status_name{$status} ? (status => $status_name{$status}) : () } } };
}

# Ends the request with an error.
sub refuse
{
	my ($service, $request, $status, $reason, $message, %more) = @_;
	die { answer => $service->refuse($request, status => $status, reason => $reason, message => $message, %more) };
}

# Counts what a call costs; false: the day's allowance is used up. Days begin at midnight Pacific time (Q).
sub spend
{
	my ($service, $state, $endpoint) = @_;
	my $settings = $service->settings('youtube');
	local $ENV{TZ} = 'America/Los_Angeles';
	POSIX::tzset();
	my $day = strftime('%Y-%m-%d', localtime $service->now);
	my $quota = $state->{quota}{$day} //= { units => 0, inserts => 0, searches => 0, calls => {} };

	$quota->{calls}{$endpoint}++;
	if (my $bucket = $bucket{$endpoint}) { return $quota->{$bucket}++ < ($settings->{$bucket} // 100); }
	my $units = $cost{$endpoint} // return 1;
	return 0 if $quota->{units} + $units > ($settings->{units} // 10_000);
	$quota->{units} += $units;
	return 1;
}

# Query parameters against those a method knows; $known: {name => pattern or undef}, names of required ones with a '!' before.
sub check_parameters
{
	my ($service, $request, $known) = @_;
	my $given = $request->{lists};
	my %all = map { s/^!//r => $known->{$_} } keys %$known;

	for my $name (sort keys %$given)
	{
		refuse($service, $request, 400, 'badRequest', "Invalid JSON payload received. Unknown name \"$name\": Cannot bind query parameter. Field '$name' could not be found in request message.", location => $name)
		  if !exists $all{$name} && !grep { $_ eq $name } @standard;
		refuse($service, $request, 400, 'badRequest', "Invalid value at '$name', \"$_\"", location => $name) for grep { defined $all{$name} && $_ !~ $all{$name} } @{ $given->{$name} };
	}
	for my $name (map { /^!(.*)/ ? $1 : () } sort keys %$known)
	{
		refuse($service, $request, 400, 'missingRequiredParameter', "Required parameter: $name", location => $name) if ($request->{parameters}{$name} // '') eq '';
	}
}

# The parts asked for as a set; (D) part may come more than once, each a list with commas.
sub parts
{
	my ($service, $request, @known) = @_;
	my %parts;

	refuse($service, $request, 400, 'missingRequiredParameter', 'No filter selected. Required parameter: part', location => 'part') if ($request->{parameters}{part} // '') eq '';
	for my $part (map { split /,/ } @{ $request->{lists}{part} })
	{
		refuse($service, $request, 400, 'unknownPart', "\"$part\"", location => 'part') if !grep { $_ eq $part } @known;
		$parts{$part} = 1;
	}
	return \%parts;
}

# Members of a JSON body against what there is; $known: {name => {…} | 'text' | 'flag' | 'number' | 'texts' | 'map'}.
sub check_members
{
	my ($service, $request, $value, $known, $at) = @_;
	my $bad = sub { refuse($service, $request, 400, 'badRequest', "Invalid value at '$at' ($_[0]), " . $json->allow_nonref->encode($_[1])) };

	ref $value eq 'HASH' or $bad->('object', $value);
	for my $name (sort keys %$value)
	{
		my ($what, $one) = ($known->{$name}, $value->{$name});
		refuse($service, $request, 400, 'badRequest', "Invalid JSON payload received. Unknown name \"$name\" at '$at': Cannot find field.") if !defined $what;
		next if !defined $one;
		if (ref $what) { check_members($service, $request, $one, $what, "$at.$name"); next; }
		my $fits = { text => sub { !ref $one }, flag => sub { JSON::PP::is_bool($one) }, number => sub { !ref $one && $one =~ /^\d+$/ },
			texts => sub { ref $one eq 'ARRAY' && !grep { ref } @$one }, map => sub { ref $one eq 'HASH' } }->{$what};
		refuse($service, $request, 400, 'badRequest', "Invalid value at '$at.$name' ($what), " . $json->allow_nonref->encode($one)) if !$fits->();
	}
}

# Which page of a list: (the items, {nextPageToken, prevPageToken, pageInfo}).
sub page
{
	my ($service, $request, $most, $default, @items) = @_;
	my $size = $request->{parameters}{maxResults} // $default;
	my $token = $request->{parameters}{pageToken} // '';
	my $from = 0;

	refuse($service, $request, 400, 'badRequest', "Invalid value '$size'. Values must be within the range: [0, $most]", location => 'maxResults') if $size !~ /^\d{1,3}$/ || $size > $most;
	if ($token ne '')
	{
		$token =~ /^CAUQ(\d+)A$/ && $1 <= @items or refuse($service, $request, 400, 'invalidPageToken', 'The request specifies an invalid page token.', location => 'pageToken');
		$from = $1;
	}
	my $to = $from + $size > @items ? scalar @items : $from + $size;
	return ([ @items[ $from .. $to - 1 ] ], { $to < @items ? (nextPageToken => "CAUQ${to}A") : (), $from > 0 ? (prevPageToken => 'CAUQ' . ($from > $size ? $from - $size : 0) . 'A') : (),
		pageInfo => { totalResults => scalar @items, resultsPerPage => $size + 0 } });
}

# The channel of an account, made when it is first asked for.
sub channel
{
	my ($state, $account) = @_;
	return $state->{channels}{$account} //= do { my $tail = substr Digest::SHA::sha1_hex($account), 0, 22;
		{ id => "UC$tail", uploads => "UU$tail", title => "Channel of $account", account => $account } };
}

# A handler behind token, scope and quota: code gets service, request, the state (changed by it) and the channel of who asks.
sub guarded
{
	my ($scopes, $code, %options) = @_;
	return sub {
		my ($service, $request) = @_;
		my $account = Google::account($service, $request, @$scopes);
		refuse($service, $request, 400, 'badRequest', 'the parameter alt can only be json here') if ($request->{parameters}{alt} // 'json') !~ /^(?:json|media)$/;
		my ($over) = $service->change(youtube => sub { return !spend($service, $_[0], $request->{endpoint}) }) if !$options{free};
		refuse($service, $request, 403, 'quotaExceeded', 'The request cannot be completed because you have exceeded your <a href="/youtube/v3/getting-started#quota">quota</a>.') if $over;
		return $code->($service, $request, $account) if $options{stream};
		my ($answer) = $service->change(youtube => sub { my ($state) = @_; return $code->($service, $request, $state, channel($state, $account)); });
		return $answer;
	};
}

sub platform
{
	return { name => 'youtube', hosts => [qw(www oauth2 accounts)], error => \&error,
		endpoints => { api => 'www/youtube/v3', upload => 'www/upload/youtube/v3', token => 'oauth2/token', authorize => 'accounts/o/oauth2/v2/auth', revoke => 'oauth2/revoke' },
		routes => [ Google::routes(), YoutubeVideo::routes(), YoutubeUpload::routes(), YoutubeExtra::routes() ] };
}

1;
