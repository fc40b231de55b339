# tests/fake/platform/YoutubeVideo.pm
#     Videos of the YouTube Data API: what a resource may say, list, update, delete. Rules: docs/platforms/youtube.md.
package YoutubeVideo;

use strict;
use warnings;

use Encode qw(encode);
use JSON::PP;

my ($YES, $NO) = (JSON::PP::true, JSON::PP::false);
our @PARTS = qw(contentDetails fileDetails id liveStreamingDetails localizations paidProductPlacementDetails player processingDetails recordingDetails
	snippet statistics status suggestions topicDetails);
my @WRITABLE = qw(snippet status localizations recordingDetails paidProductPlacementDetails);
# (D) members that a request may say; those that are only read are passed over, as the service does
my %members = (kind => 'text', etag => 'text', id => 'text',
	snippet => { title => 'text', description => 'text', tags => 'texts', categoryId => 'text', defaultLanguage => 'text', defaultAudioLanguage => 'text', publishedAt => 'text',
		channelId => 'text', channelTitle => 'text', thumbnails => 'map', localized => 'map', liveBroadcastContent => 'text' },
	status => { privacyStatus => 'text', publishAt => 'text', license => 'text', embeddable => 'flag', publicStatsViewable => 'flag', selfDeclaredMadeForKids => 'flag',
		containsSyntheticMedia => 'flag', madeForKids => 'flag', uploadStatus => 'text', failureReason => 'text', rejectionReason => 'text' },
	localizations => 'map', recordingDetails => { recordingDate => 'text', location => 'map', locationDescription => 'text' }, paidProductPlacementDetails => { hasPaidProductPlacement => 'flag' },
	contentDetails => 'map', statistics => 'map', player => 'map', processingDetails => 'map', fileDetails => 'map', topicDetails => 'map', liveStreamingDetails => 'map', suggestions => 'map');
my %said = (snippet => [qw(title description tags categoryId defaultLanguage defaultAudioLanguage)],
	status => [qw(privacyStatus publishAt license embeddable publicStatsViewable selfDeclaredMadeForKids containsSyntheticMedia)]);
# videoCategories.list, region US, assignable
our %CATEGORIES = (1 => 'Film & Animation', 2 => 'Autos & Vehicles', 10 => 'Music', 15 => 'Pets & Animals', 17 => 'Sports', 19 => 'Travel & Events', 20 => 'Gaming', 22 => 'People & Blogs',
	23 => 'Comedy', 24 => 'Entertainment', 25 => 'News & Politics', 26 => 'Howto & Style', 27 => 'Education', 28 => 'Science & Technology', 29 => 'Nonprofits & Activism');
my $LANGUAGE = qr/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/;
my $TIME = qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

# (V) commas count, and a tag with a space counts as if it were in quotation marks
sub tags_length
{
	my ($tags) = @_;
	my $length = @$tags ? @$tags - 1 : 0;
	$length += length($_) + (/ / ? 2 : 0) for @$tags;
	return $length;
}

# [reason, message] of what is wrong with a snippet or status; undef: nothing.
sub problem_of
{
	my ($snippet, $status, $writing) = @_;

	if ($snippet)
	{
		my ($title, $description, $tags) = ($snippet->{title} // '', $snippet->{description} // '', $snippet->{tags} // []);
		return [ 400, 'invalidTitle', 'The request metadata specifies an invalid or empty video title.' ] if $title !~ /\S/ || length $title > 100 || $title =~ /[<>]/;
		return [ 400, 'invalidDescription', 'The request metadata specifies an invalid video description.' ] if length(encode('UTF-8', $description)) > 5000 || $description =~ /[<>]/;
		return [ 400, 'invalidTags', 'The request metadata specifies invalid video keywords.' ] if tags_length($tags) > 500 || grep { /[<>]/ || $_ eq '' } @$tags;
		return [ 400, 'invalidCategoryId', 'The snippet.categoryId property specifies an invalid category ID. Use the videoCategories.list method to retrieve supported categories.' ]
		  if defined $snippet->{categoryId} && !$CATEGORIES{ $snippet->{categoryId} };
		return [ 400, 'invalidVideoMetadata', 'The request metadata is invalid.' ] if grep { defined && !/$LANGUAGE/ } @$snippet{qw(defaultLanguage defaultAudioLanguage)};
	}
	return undef if !$status;
	my ($privacy, $at) = @$status{qw(privacyStatus publishAt)};
	return [ 400, 'invalidVideoMetadata', "\"$privacy\" is no privacy status" ] if defined $privacy && $privacy !~ /^(?:private|public|unlisted)$/;
	return [ 400, 'invalidVideoMetadata', "\"$status->{license}\" is no license" ] if defined $status->{license} && $status->{license} !~ /^(?:youtube|creativeCommon)$/;
	return undef if !defined $at;
	return [ 400, 'invalidPublishAt', 'The request metadata specifies an invalid scheduled publishing time.' ] if $at !~ $TIME || ($privacy // '') ne 'private' || $writing && $writing->{was_published};
	return undef;
}

# What a body says of a video, once it is checked: {snippet => {...}, status => {...}}; only for parts that were named.
sub metadata
{
	my ($service, $request, $body, $parts, $video) = @_;

	Youtube::check_members($service, $request, $body, \%members, 'video');
	for my $part (@WRITABLE)
	{
		# what is written has to be named in part, as the documents say: otherwise it would be lost silently
		Youtube::refuse($service, $request, 400, 'unexpectedPart', "The body sets \"$part\", and the parameter part does not name it", location => 'part') if defined $body->{$part} && !$parts->{$part} && !$video;
	}
	my $snippet = $parts->{snippet} ? $body->{snippet} // {} : undef;
	my $status = $parts->{status} ? $body->{status} // {} : undef;
	Youtube::refuse($service, $request, 400, 'invalidVideoMetadata', 'The request metadata is invalid: title and categoryId are required.')
	  if $video && $snippet && (($snippet->{title} // '') eq '' || !defined $snippet->{categoryId});
	Youtube::refuse($service, $request, 400, 'defaultLanguageNotSet', 'The request is trying to add localized video details without specifying the default language of the video details.')
	  if $parts->{localizations} && %{ $body->{localizations} // {} } && !defined(($snippet // $video->{snippet} // {})->{defaultLanguage});
	my $problem = problem_of($snippet, $status, $video);
	Youtube::refuse($service, $request, @$problem) if $problem;
	return { map { my $part = $_; my $from = $part eq 'snippet' ? $snippet : $status; $from ? ($part => { map { defined $from->{$_} ? ($_ => $from->{$_}) : () } @{ $said{$part} } }) : () } qw(snippet status) };
}

# What the service fills in where nothing was said.
sub with_defaults
{
	my ($part, $said) = @_;
	return { description => '', categoryId => '22', %$said, defined $said->{categoryId} ? (categoryId => "$said->{categoryId}") : () } if $part eq 'snippet';
	return { privacyStatus => 'public', license => 'youtube', embeddable => $YES, publicStatsViewable => $YES, %$said };
}

# A video in the state, made of checked metadata.
sub make
{
	my ($service, $state, $channel, $said, %file) = @_;
	my $id = $service->random_id(11);
	my $video = { id => $id, channel => $channel->{id}, at => $service->now, polls => 0, %file, snippet => with_defaults(snippet => $said->{snippet} // { title => 'unknown' }), status => with_defaults(status => $said->{status} // {}),
		hidden => $service->settings('youtube')->{lag} // 0, number => ++$state->{videos_made} };
	$video->{was_published} = 1 if $video->{status}{privacyStatus} eq 'public';
	$video->{status}{privacyStatus} = 'private' if $service->settings('youtube')->{unaudited};    # (V) projects that were not audited
	$state->{videos}{$id} = $video;
	return $video;
}

sub thumbnails { my ($video) = @_; return { map { $_->[0] => { url => "https://i.ytimg.com/vi/$video->{id}/$_->[1].jpg", width => $_->[2], height => $_->[3] } } [ 'default', 'default', 120, 90 ], [ 'medium', 'mqdefault', 320, 180 ], [ 'high', 'hqdefault', 480, 360 ] }; }

# The resource with these parts, as its owner sees it.
sub resource
{
	my ($service, $video, $channel, $parts) = @_;
	my $done = $video->{polls} >= ($service->settings('youtube')->{processing_polls} // 1);
	my $failed = $video->{failed};
	my $snippet = $video->{snippet};
	my %all = (
		snippet => { %$snippet, publishedAt => $service->stamp($video->{at}), channelId => $channel->{id}, channelTitle => $channel->{title}, thumbnails => thumbnails($video),
			liveBroadcastContent => 'none', localized => { title => $snippet->{title}, description => $snippet->{description} } },
		status => { %{ $video->{status} }, uploadStatus => $failed ? 'failed' : $done ? 'processed' : 'uploaded', $failed ? (failureReason => $failed) : (), madeForKids => $video->{status}{selfDeclaredMadeForKids} // $NO },
		processingDetails => { processingStatus => $failed ? 'failed' : $done ? 'succeeded' : 'processing', $failed ? (processingFailureReason => 'transcodeFailed') : (),
			$done || $failed ? () : (processingProgress => { partsTotal => '1000', partsProcessed => '100', timeLeftMs => '60000' }), fileDetailsAvailability => 'available' },
		contentDetails => { duration => $done ? 'PT1M' : 'P0D', dimension => '2d', definition => 'hd', caption => $video->{captions} ? 'true' : 'false', licensedContent => $NO, projection => 'rectangular', contentRating => {} },
		statistics => { viewCount => '0', likeCount => '0', favoriteCount => '0', commentCount => '0' },
		fileDetails => { fileName => $video->{file_name} // 'unknown', fileSize => "$video->{bytes}", fileType => 'video' },
		player => { embedHtml => "<iframe src=\"//www.youtube.com/embed/$video->{id}\"></iframe>" }, recordingDetails => {}, localizations => {}, topicDetails => {}, suggestions => {}, paidProductPlacementDetails => { hasPaidProductPlacement => $NO });
	return { kind => 'youtube#video', etag => "etag-$video->{id}", id => $video->{id}, map { exists $all{$_} ? ($_ => $all{$_}) : () } keys %$parts };
}

sub list
{
	my ($service, $request, $state, $channel) = @_;
	my $number = qr/^\d{1,3}$/;

	Youtube::check_parameters($service, $request, { '!part' => undef, id => undef, chart => qr/^mostPopular$/, myRating => qr/^(?:like|dislike)$/, hl => undef, maxResults => $number, maxHeight => $number,
		maxWidth => $number, pageToken => undef, regionCode => qr/^[A-Z]{2}$/, videoCategoryId => undef, onBehalfOfContentOwner => undef });
	my $parts = Youtube::parts($service, $request, @PARTS);
	my @filters = grep { defined $request->{parameters}{$_} } qw(id chart myRating);
	Youtube::refuse($service, $request, 400, 'missingRequiredParameter', 'No filter selected. Expected one of: chart, id, myRating', location => '') if !@filters;
	Youtube::refuse($service, $request, 400, 'incompatibleParameters', "Incompatible parameters specified in the request: @filters") if @filters > 1;
	my @ids = map { split /,/ } @{ $request->{lists}{id} // [] };
	Youtube::refuse($service, $request, 400, 'invalidFilters', 'at most 50 ids') if @ids > 50;
	my @found;
	for my $video (grep { defined } map { $state->{videos}{$_} } @ids)
	{
		my $mine = $video->{channel} eq $channel->{id};
		next if !$mine && $video->{status}{privacyStatus} eq 'private';
		Youtube::refuse($service, $request, 403, 'forbidden', 'The requested fileDetails, processingDetails or suggestions are of another channel') if !$mine && grep { $parts->{$_} } qw(fileDetails processingDetails suggestions);
		push @found, resource($service, $video, $channel, $parts);
		$video->{polls}++;
	}
	my ($items, $page) = Youtube::page($service, $request, 50, 50, @found);
	return { status => 200, json => { kind => 'youtube#videoListResponse', etag => 'etag-list', items => $items, %$page } };
}

# The video of a channel; ends the request if there is none.
sub mine
{
	my ($service, $request, $state, $channel, $id) = @_;
	my $video = $state->{videos}{ $id // '' };
	Youtube::refuse($service, $request, 404, 'videoNotFound', 'The video that you are trying to update cannot be found.') if !$video;
	Youtube::refuse($service, $request, 403, 'forbidden', 'Forbidden') if $video->{channel} ne $channel->{id};
	return $video;
}

# (V) "If you are submitting an update request, and your request does not specify a value for a property that already has a value, the
# property's existing value will be deleted."
sub update
{
	my ($service, $request, $state, $channel) = @_;

	Youtube::check_parameters($service, $request, { '!part' => undef, onBehalfOfContentOwner => undef });
	my $parts = Youtube::parts($service, $request, @PARTS);
	my $body = $service->json_body($request);
	Youtube::check_members($service, $request, $body, \%members, 'video');
	my $video = mine($service, $request, $state, $channel, $body->{id});
	my $said = metadata($service, $request, $body, $parts, $video);
	Youtube::refuse($service, $request, 400, 'invalidPublishAt', 'The request metadata specifies an invalid scheduled publishing time.')
	  if defined(($said->{status} // {})->{publishAt}) && $video->{was_published};
	for my $part (keys %$said) { $video->{$part} = with_defaults($part, $said->{$part}); }
	$video->{was_published} = 1 if $video->{status}{privacyStatus} eq 'public';
	$video->{updates}++;
	return { status => 200, json => resource($service, $video, $channel, $parts) };
}

sub remove
{
	my ($service, $request, $state, $channel) = @_;

	Youtube::check_parameters($service, $request, { '!id' => undef, onBehalfOfContentOwner => undef });
	my $video = $state->{videos}{ $request->{parameters}{id} };
	Youtube::refuse($service, $request, 404, 'videoNotFound', 'The video that you are trying to delete cannot be found. Check the value of the request\'s id parameter to ensure that it is correct.') if !$video;
	Youtube::refuse($service, $request, 403, 'forbidden', 'The video that you are trying to delete cannot be deleted. The request might not be properly authorized.') if $video->{channel} ne $channel->{id};
	delete $state->{videos}{ $video->{id} };
	$state->{removed}{ $video->{id} } = $video;
	unlink $video->{file} if defined $video->{file};
	return { status => 204, text => '' };
}

sub routes
{
	my @write = qw(youtube youtube.force-ssl youtubepartner);
	return ([ 'GET', 'www', qr{^/youtube/v3/videos$}, 'videos.list', Youtube::guarded([ @write, 'youtube.readonly' ], \&list) ],
		[ 'PUT', 'www', qr{^/youtube/v3/videos$}, 'videos.update', Youtube::guarded(\@write, \&update) ],
		[ 'DELETE', 'www', qr{^/youtube/v3/videos$}, 'videos.delete', Youtube::guarded(\@write, \&remove) ]);
}

1;
