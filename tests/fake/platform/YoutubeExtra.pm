# tests/fake/platform/YoutubeExtra.pm
#     What stands around videos in the YouTube Data API: channels, categories, search, playlists and their items, thumbnails.
#     Rules: docs/platforms/youtube.md.
package YoutubeExtra;

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Encode qw(encode);
use JSON::PP;
use YoutubeCaption;

my @READ = qw(youtube youtube.readonly youtube.force-ssl youtubepartner);
my @WRITE = qw(youtube youtube.force-ssl youtubepartner);
my @PLAYLIST_PARTS = qw(contentDetails id localizations player snippet status);
my @ITEM_PARTS = qw(contentDetails id snippet status);
my %playlist_members = (kind => 'text', etag => 'text', id => 'text', localizations => 'map', contentDetails => 'map', player => 'map', status => { privacyStatus => 'text', podcastStatus => 'text' },
	snippet => { title => 'text', description => 'text', tags => 'texts', defaultLanguage => 'text', channelId => 'text', publishedAt => 'text', localized => 'map', thumbnails => 'map' });
my %item_members = (kind => 'text', etag => 'text', id => 'text', status => 'map', contentDetails => { note => 'text', startAt => 'text', endAt => 'text', videoId => 'text' },
	snippet => { playlistId => 'text', position => 'number', resourceId => { kind => 'text', videoId => 'text', channelId => 'text', playlistId => 'text' }, title => 'text', description => 'text' });
my $COUNT = qr/^\d{1,3}$/;
my $FLAG = qr/^(?:true|false)$/;

sub response { my ($kind, $items, $page) = @_; return { status => 200, json => { kind => "youtube#${kind}ListResponse", etag => 'etag-list', items => $items, %$page } }; }

# Exactly one of these parameters.
sub one_filter
{
	my ($service, $request, @names) = @_;
	my @given = grep { defined $request->{parameters}{$_} } @names;
	Youtube::refuse($service, $request, 400, 'missingRequiredParameter', 'No filter selected. Expected one of: ' . join(', ', @names), location => '') if !@given;
	Youtube::refuse($service, $request, 400, 'incompatibleParameters', "Incompatible parameters specified in the request: @given") if @given > 1;
	return $given[0];
}

sub channels_list
{
	my ($service, $request, $state, $channel) = @_;
	Youtube::check_parameters($service, $request, { '!part' => undef, id => undef, mine => $FLAG, managedByMe => $FLAG, mySubscribers => $FLAG, forHandle => undef, forUsername => undef, categoryId => undef, hl => undef,
		maxResults => $COUNT, pageToken => undef, onBehalfOfContentOwner => undef });
	my $parts = Youtube::parts($service, $request, qw(auditDetails brandingSettings contentDetails contentOwnerDetails id localizations snippet statistics status topicDetails));
	my $filter = one_filter($service, $request, qw(id mine forHandle forUsername managedByMe));
	Youtube::refuse($service, $request, 401, 'youtubeSignupRequired', 'Unauthorized') if $service->settings('youtube')->{no_channel};
	my @found = $filter eq 'mine' ? ($channel) : $filter eq 'id' ? grep { my $id = $_->{id}; grep { $_ eq $id } split /,/, $request->{parameters}{id} } values %{ $state->{channels} } : ();
	my @items = map { my $one = $_; my %all = (snippet => { title => $one->{title}, description => '', customUrl => '@' . $one->{account}, publishedAt => '2020-01-01T00:00:00Z', thumbnails => {} },
		contentDetails => { relatedPlaylists => { likes => '', uploads => $one->{uploads} } },
		status => { privacyStatus => 'public', isLinked => JSON::PP::true, longUploadsStatus => 'allowed' }, statistics => { viewCount => '0', subscriberCount => '0', hiddenSubscriberCount => JSON::PP::false, videoCount => '0' });
		{ kind => 'youtube#channel', etag => 'etag-channel', id => $one->{id}, map { exists $all{$_} ? ($_ => $all{$_}) : () } keys %$parts } } @found;
	my ($some, $page) = Youtube::page($service, $request, 50, 5, @items);
	return response('channel', $some, $page);
}

sub categories_list
{
	my ($service, $request) = @_;
	Youtube::check_parameters($service, $request, { '!part' => qr/^snippet$/, id => undef, regionCode => qr/^[A-Z]{2}$/, hl => undef });
	one_filter($service, $request, qw(id regionCode));
	my @ids = defined $request->{parameters}{id} ? grep { $YoutubeVideo::CATEGORIES{$_} } split /,/, $request->{parameters}{id} : sort { $a <=> $b } keys %YoutubeVideo::CATEGORIES;
	return { status => 200, json => { kind => 'youtube#videoCategoryListResponse', etag => 'etag-list',
		items => [ map { { kind => 'youtube#videoCategory', etag => "etag-$_", id => "$_", snippet => { title => $YoutubeVideo::CATEGORIES{$_}, assignable => JSON::PP::true, channelId => 'UCBR8-60-B28hp2BmDPdntcQ' } } } @ids ] } };
}

# Own videos that a list shows, newest first. A new one is hidden from as many lists as the setting lag says.
sub own_videos
{
	my ($state, $channel) = @_;
	my @own = grep { $_->{channel} eq $channel->{id} } values %{ $state->{videos} };
	my @shown = grep { !$_->{hidden} } @own;
	$_->{hidden}-- for grep { $_->{hidden} } @own;
	return sort { $b->{number} <=> $a->{number} } @shown;
}

# Only own videos can be looked for here.
sub search_list
{
	my ($service, $request, $state, $channel) = @_;
	Youtube::check_parameters($service, $request, { '!part' => qr/^snippet$/, '!forMine' => qr/^true$/, '!type' => qr/^video$/, q => undef, maxResults => $COUNT, pageToken => undef, order => qr/^(?:date|rating|relevance|title|videoCount|viewCount)$/,
		onBehalfOfContentOwner => undef });
	my @words = map { lc } grep { length } split /\s+/, $request->{parameters}{q} // '';
	my @found = grep { my $text = lc join ' ', $_->{snippet}{title}, $_->{snippet}{description}, @{ $_->{snippet}{tags} // [] }; !grep { index($text, $_) < 0 } @words } own_videos($state, $channel);
	my ($some, $page) = Youtube::page($service, $request, 50, 5, map { { kind => 'youtube#searchResult', etag => "etag-$_->{id}", id => { kind => 'youtube#video', videoId => $_->{id} },
		snippet => { publishedAt => $service->stamp($_->{at}), channelId => $channel->{id}, title => $_->{snippet}{title}, description => substr($_->{snippet}{description}, 0, 150), channelTitle => $channel->{title}, liveBroadcastContent => 'none' } } } @found);
	return response('search', $some, $page);
}

sub playlist_resource
{
	my ($service, $state, $list, $channel, $parts) = @_;
	my %all = (snippet => { %{ $list->{snippet} }, publishedAt => $service->stamp($list->{at}), channelId => $channel->{id}, channelTitle => $channel->{title}, thumbnails => {}, localized => { title => $list->{snippet}{title}, description => $list->{snippet}{description} // '' } },
		status => $list->{status}, contentDetails => { itemCount => scalar @{ $list->{items} } }, player => {}, localizations => {});
	return { kind => 'youtube#playlist', etag => "etag-$list->{id}", id => $list->{id}, map { exists $all{$_} ? ($_ => $all{$_}) : () } keys %$parts };
}

sub playlists_list
{
	my ($service, $request, $state, $channel) = @_;
	Youtube::check_parameters($service, $request, { '!part' => undef, id => undef, mine => $FLAG, channelId => undef, hl => undef, maxResults => $COUNT, pageToken => undef, onBehalfOfContentOwner => undef, onBehalfOfContentOwnerChannel => undef });
	my $parts = Youtube::parts($service, $request, @PLAYLIST_PARTS);
	my $filter = one_filter($service, $request, qw(id mine channelId));
	my @lists = sort { $b->{number} <=> $a->{number} } values %{ $state->{playlists} };
	@lists = grep { my $id = $_->{id}; grep { $_ eq $id } split /,/, $request->{parameters}{id} } @lists if $filter eq 'id';
	@lists = grep { $_->{channel} eq ($filter eq 'mine' ? $channel->{id} : $request->{parameters}{channelId}) } @lists if $filter ne 'id';
	my ($some, $page) = Youtube::page($service, $request, 50, 5, map { playlist_resource($service, $state, $_, $channel, $parts) } @lists);
	return response('playlist', $some, $page);
}

sub playlists_insert
{
	my ($service, $request, $state, $channel) = @_;
	Youtube::check_parameters($service, $request, { '!part' => undef, onBehalfOfContentOwner => undef, onBehalfOfContentOwnerChannel => undef });
	my $parts = Youtube::parts($service, $request, @PLAYLIST_PARTS);
	my $body = $service->json_body($request);
	Youtube::check_members($service, $request, $body, \%playlist_members, 'playlist');
	for my $part (qw(snippet status)) { Youtube::refuse($service, $request, 400, 'unexpectedPart', "The body sets \"$part\", and the parameter part does not name it", location => 'part') if $body->{$part} && !$parts->{$part}; }
	my $title = $body->{snippet}{title} // '';
	Youtube::refuse($service, $request, 400, 'playlistTitleRequired', 'The request must specify a playlist title.') if $title !~ /\S/;
	Youtube::refuse($service, $request, 400, 'invalidPlaylistSnippet', 'The request provides an invalid playlist snippet.')
	  if length $title > 150 || $title =~ /[<>]/ || length(encode('UTF-8', $body->{snippet}{description} // '')) > 5000 || ($body->{snippet}{description} // '') =~ /[<>]/;
	Youtube::refuse($service, $request, 400, 'invalidValue', 'privacyStatus') if ($body->{status}{privacyStatus} // 'public') !~ /^(?:private|public|unlisted)$/;
	my $list = { id => 'PL' . $service->random_id(32), channel => $channel->{id}, at => $service->now, number => ++$state->{playlists_made}, items => [],
		snippet => { title => $title, description => $body->{snippet}{description} // '' }, status => { privacyStatus => $body->{status}{privacyStatus} // 'public' } };
	$state->{playlists}{ $list->{id} } = $list;
	return { status => 200, json => playlist_resource($service, $state, $list, $channel, $parts) };
}

# A playlist of the channel that can be changed; ends the request if there is none.
sub own_playlist
{
	my ($service, $request, $state, $channel, $id) = @_;
	my $list = $state->{playlists}{$id} or Youtube::refuse($service, $request, 404, 'playlistNotFound', 'The playlist identified with the request\'s playlistId parameter cannot be found.');
	Youtube::refuse($service, $request, 403, 'playlistItemsNotAccessible', 'The request is not properly authorized.') if $list->{channel} ne $channel->{id};
	return $list;
}

sub playlists_delete
{
	my ($service, $request, $state, $channel) = @_;
	Youtube::check_parameters($service, $request, { '!id' => undef, onBehalfOfContentOwner => undef });
	my $list = own_playlist($service, $request, $state, $channel, $request->{parameters}{id});
	delete $state->{playlists}{ $list->{id} };
	return { status => 204, text => '' };
}

sub item_resource
{
	my ($service, $state, $item, $channel, $parts) = @_;
	my $video = $state->{videos}{ $item->{video} };
	my %all = (snippet => { publishedAt => $service->stamp($item->{at}), channelId => $channel->{id}, title => $video ? $video->{snippet}{title} : 'Deleted video', description => $video ? $video->{snippet}{description} : 'This video is unavailable.',
		thumbnails => {}, channelTitle => $channel->{title}, playlistId => $item->{playlist}, position => $item->{position}, resourceId => { kind => 'youtube#video', videoId => $item->{video} } },
		contentDetails => { videoId => $item->{video}, $video ? (videoPublishedAt => $service->stamp($video->{at})) : () }, status => { privacyStatus => $video ? $video->{status}{privacyStatus} : 'privacyStatusUnspecified' });
	return { kind => 'youtube#playlistItem', etag => "etag-$item->{id}", id => $item->{id}, map { exists $all{$_} ? ($_ => $all{$_}) : () } keys %$parts };
}

sub items_list
{
	my ($service, $request, $state, $channel) = @_;
	Youtube::check_parameters($service, $request, { '!part' => undef, id => undef, playlistId => undef, videoId => undef, maxResults => $COUNT, pageToken => undef, onBehalfOfContentOwner => undef });
	my $parts = Youtube::parts($service, $request, @ITEM_PARTS);
	my $filter = one_filter($service, $request, qw(id playlistId));
	my $list = $request->{parameters}{playlistId} // '';
	my $count = 0;
	my @items = $filter eq 'id' ? grep { my $id = $_->{id}; grep { $_ eq $id } split /,/, $request->{parameters}{id} } map { @{ $_->{items} } } values %{ $state->{playlists} }
	  : $list eq $channel->{uploads} ? map { { id => "UP$_->{id}", video => $_->{id}, playlist => $list, at => $_->{at}, position => $count++ } } own_videos($state, $channel)
	  : map { { %$_, position => $count++ } } @{ own_playlist($service, $request, $state, $channel, $list)->{items} };
	@items = grep { $_->{video} eq $request->{parameters}{videoId} } @items if defined $request->{parameters}{videoId};
	my ($some, $page) = Youtube::page($service, $request, 50, 5, map { item_resource($service, $state, $_, $channel, $parts) } @items);
	return response('playlistItem', $some, $page);
}

# The same video may be put into a list more than once; where the setting refuse_duplicates is true it may not.
sub items_insert
{
	my ($service, $request, $state, $channel) = @_;
	Youtube::check_parameters($service, $request, { '!part' => undef, onBehalfOfContentOwner => undef });
	my $parts = Youtube::parts($service, $request, @ITEM_PARTS);
	my $body = $service->json_body($request);
	Youtube::check_members($service, $request, $body, \%item_members, 'playlist_item');
	my $snippet = $body->{snippet} // {};
	for my $part (qw(snippet contentDetails)) { Youtube::refuse($service, $request, 400, 'unexpectedPart', "The body sets \"$part\", and the parameter part does not name it", location => 'part') if $body->{$part} && !$parts->{$part}; }
	Youtube::refuse($service, $request, 400, 'playlistIdRequired', 'The request does not specify a value for the required playlistId property.') if ($snippet->{playlistId} // '') eq '';
	Youtube::refuse($service, $request, 400, 'resourceIdRequired', 'The request must contain a resource in which the snippet object specifies a resourceId.') if !$snippet->{resourceId};
	Youtube::refuse($service, $request, 400, 'invalidResourceType', 'The type specified for the resource ID is not supported for this operation.') if ($snippet->{resourceId}{kind} // '') ne 'youtube#video';
	my $list = own_playlist($service, $request, $state, $channel, $snippet->{playlistId});
	Youtube::refuse($service, $request, 409, 'SERVICE_UNAVAILABLE', 'The operation was aborted.') if $service->settings('youtube')->{slow_playlists} && $service->count("playlist-$list->{id}") == 1;
	my $video = $state->{videos}{ $snippet->{resourceId}{videoId} // '' } or Youtube::refuse($service, $request, 404, 'videoNotFound', 'The video that you are trying to add to the playlist cannot be found.');
	Youtube::refuse($service, $request, 409, 'videoAlreadyInPlaylist', 'The video that you are trying to add to the playlist is already in the playlist.')
	  if $service->settings('youtube')->{refuse_duplicates} && grep { $_->{video} eq $video->{id} } @{ $list->{items} };
	Youtube::refuse($service, $request, 400, 'manualSortRequired', 'The request attempts to set the playlist item\'s position, but the playlist does not use manual sorting.')
	  if defined $snippet->{position} && !($service->settings('youtube')->{manual_sort} // 1);
	Youtube::refuse($service, $request, 400, 'invalidContentDetails', 'The contentDetails property in the request is not valid. A possible reason is that contentDetails.note field is longer than 280 characters.')
	  if length(($body->{contentDetails} // {})->{note} // '') > 280;
	Youtube::refuse($service, $request, 403, 'playlistContainsMaximumNumberOfVideos', 'The playlist already contains the maximum allowed number of items.') if @{ $list->{items} } >= 5000;
	my $position = $snippet->{position} // scalar @{ $list->{items} };
	Youtube::refuse($service, $request, 400, 'invalidPlaylistItemPosition', 'The request attempts to set the playlist item\'s position to an invalid or unsupported value.') if $position > @{ $list->{items} };
	my $item = { id => 'UEx' . $service->random_id(40), video => $video->{id}, playlist => $list->{id}, at => $service->now, position => $position + 0 };
	splice @{ $list->{items} }, $position, 0, $item;
	return { status => 200, json => item_resource($service, $state, $item, $channel, $parts) };
}

sub items_delete
{
	my ($service, $request, $state, $channel) = @_;
	Youtube::check_parameters($service, $request, { '!id' => undef, onBehalfOfContentOwner => undef });
	for my $list (grep { $_->{channel} eq $channel->{id} } values %{ $state->{playlists} })
	{
		my @rest = grep { $_->{id} ne $request->{parameters}{id} } @{ $list->{items} };
		next if @rest == @{ $list->{items} };
		$list->{items} = \@rest;
		return { status => 204, text => '' };
	}
	Youtube::refuse($service, $request, 404, 'playlistItemNotFound', 'The playlist item identified with the request\'s id parameter cannot be found.');
}

# The image is the body; its size is checked before it is read.
sub thumbnails_set
{
	my ($service, $request, $state, $channel) = @_;
	my $settings = $service->settings('youtube');
	my $type = $request->{headers}{'content-type'} // '';

	Youtube::check_parameters($service, $request, { '!videoId' => undef, onBehalfOfContentOwner => undef });
	Youtube::refuse($service, $request, 400, 'badRequest', 'uploadType') if ($request->{parameters}{uploadType} // 'media') ne 'media';
	Youtube::refuse($service, $request, 400, 'badRequest', "Media type '$type' is not supported. Valid media types: [image/jpeg, image/png, application/octet-stream]") if $type !~ m{^(?:image/jpeg|image/png|application/octet-stream)$};
	Youtube::refuse($service, $request, 400, 'mediaBodyRequired', 'The request does not include the image content.') if !length $request->{body};
	Youtube::refuse($service, $request, 413, 'uploadTooLarge', 'Media too large. Limit: ' . ($settings->{thumbnail_bytes} // 2_097_152)) if length $request->{body} > ($settings->{thumbnail_bytes} // 2_097_152);
	Youtube::refuse($service, $request, 400, 'invalidImage', 'The provided image content is invalid.') if $request->{body} !~ /^(?:\xff\xd8\xff|\x89PNG\r\n\x1a\n)/;
	Youtube::refuse($service, $request, 403, 'forbidden', 'The thumbnail can\'t be set for the specified video. The request might not be properly authorized.') if $settings->{no_thumbnails};
	my $video = $state->{videos}{ $request->{parameters}{videoId} } or Youtube::refuse($service, $request, 404, 'videoNotFound', 'The video that you are trying to insert a thumbnail image for cannot be found.');
	Youtube::refuse($service, $request, 403, 'forbidden', 'Forbidden') if $video->{channel} ne $channel->{id};
	$video->{thumbnail} = { bytes => length $request->{body}, sha256 => sha256_hex($request->{body}), set => 1 + (($video->{thumbnail} // {})->{set} // 0) };
	return { status => 200, json => { kind => 'youtube#thumbnailSetResponse', etag => 'etag-thumbnail', items => [ YoutubeVideo::thumbnails($video) ] } };
}

sub routes
{
	my @all = (
		[ 'GET', 'channels', 'channels.list', [ @READ, 'youtubepartner-channel-audit' ], \&channels_list ], [ 'GET', 'videoCategories', 'videoCategories.list', \@READ, \&categories_list ],
		[ 'GET', 'search', 'search.list', \@READ, \&search_list ],
		[ 'GET', 'playlists', 'playlists.list', \@READ, \&playlists_list ], [ 'POST', 'playlists', 'playlists.insert', \@WRITE, \&playlists_insert ], [ 'DELETE', 'playlists', 'playlists.delete', \@WRITE, \&playlists_delete ],
		[ 'GET', 'playlistItems', 'playlistItems.list', \@READ, \&items_list ], [ 'POST', 'playlistItems', 'playlistItems.insert', \@WRITE, \&items_insert ], [ 'DELETE', 'playlistItems', 'playlistItems.delete', \@WRITE, \&items_delete ]);
	return ((map { [ $_->[0], 'www', qr{^/youtube/v3/\Q$_->[1]\E$}, $_->[2], Youtube::guarded(@$_[ 3, 4 ]) ] } @all),
		[ 'POST', 'www', qr{^/upload/youtube/v3/thumbnails/set$}, 'thumbnails.set', Youtube::guarded([ @WRITE, 'youtube.upload' ], \&thumbnails_set) ], YoutubeCaption::routes());
}

1;
