# tests/fake/platform/YoutubeCaption.pm
#     Caption tracks of the YouTube Data API. Rules: docs/platforms/youtube.md, "Captions".
package YoutubeCaption;

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Form;
use JSON::PP;

my $json = JSON::PP->new->utf8;
my @SCOPES = qw(youtube.force-ssl youtubepartner);
my %members = (kind => 'text', etag => 'text', id => 'text', snippet => { videoId => 'text', language => 'text', name => 'text', isDraft => 'flag', lastUpdated => 'text', trackKind => 'text', audioTrackType => 'text',
	isCC => 'flag', isLarge => 'flag', isEasyReader => 'flag', isAutoSynced => 'flag', status => 'text', failureReason => 'text' });

sub resource
{
	my ($service, $track) = @_;
	return { kind => 'youtube#caption', etag => "etag-$track->{id}", id => $track->{id}, snippet => { videoId => $track->{video}, lastUpdated => $service->stamp($track->{at}), trackKind => 'standard', language => $track->{language}, name => $track->{name},
		audioTrackType => 'unknown', isCC => JSON::PP::false, isLarge => JSON::PP::false, isEasyReader => JSON::PP::false, isDraft => $track->{draft} ? JSON::PP::true : JSON::PP::false, isAutoSynced => JSON::PP::false, status => 'serving' } };
}

# The two parts of multipart/related: the resource (decoded), and the file's text with its type; without `uploadType` only the resource.
sub parts_of
{
	my ($service, $request) = @_;
	my $type = $request->{headers}{'content-type'} // '';

	return ($service->json_body($request)) if !defined $request->{parameters}{uploadType} && $request->{path} !~ m{^/upload/};
	Youtube::refuse($service, $request, 400, 'badRequest', 'uploadType has to be multipart') if ($request->{parameters}{uploadType} // '') ne 'multipart';
	my $form = $type =~ m{^multipart/related\b}i ? Form->new($type, $service->{platforms}{youtube}{path}) : undef;
	Youtube::refuse($service, $request, 400, 'badContent', "Content-Type: $type, and multipart/related is expected") if !$form;
	$form->give($request->{body});
	my $problem = $form->end;
	Youtube::refuse($service, $request, 400, 'badContent', "malformed multipart body: $problem") if defined $problem;
	my ($first, $second, @more) = @{ $form->{parts} };
	my $text = $second ? Folder::slurp($second->{file}) : undef;
	unlink map { $_->{file} } grep { defined $_->{file} } $second, @more;
	Youtube::refuse($service, $request, 400, 'badContent', 'two parts are expected: the resource, and the file') if !$first || @more;
	Youtube::refuse($service, $request, 400, 'badContent', 'the first part is not application/json') if ($first->{headers}{'content-type'} // '') !~ m{^application/json\b}i;
	my $resource = eval { $json->decode($first->{text}) };
	Youtube::refuse($service, $request, 400, 'parseError', 'Parse Error') if !$resource;
	Youtube::refuse($service, $request, 400, 'contentRequired', 'The request does not contain the caption track contents.') if !defined $text || $text eq '';
	Youtube::refuse($service, $request, 413, 'uploadTooLarge', 'Media too large') if length $text > 104_857_600;
	return ($resource, $text, $second->{headers}{'content-type'});
}

sub check_content
{
	my ($service, $request, $text) = @_;
	Youtube::refuse($service, $request, 400, 'invalidMetadata', 'The request contains invalid metadata values, which prevent the track from being created: the file is neither SRT, WebVTT nor XML')
	  if $text !~ /^(?:\xef\xbb\xbf)?(?:WEBVTT|<|\s*\d+\r?\n\d+:\d\d:\d\d|\d+:\d\d:\d\d)/;
}

sub insert
{
	my ($service, $request, $state, $channel) = @_;
	Youtube::check_parameters($service, $request, { '!part' => qr/^(?:id|snippet|id,snippet|snippet,id)$/, sync => qr/^(?:true|false)$/, onBehalfOf => undef, onBehalfOfContentOwner => undef });
	my ($body, $text, $type) = parts_of($service, $request);
	Youtube::check_members($service, $request, $body, \%members, 'caption');
	my $snippet = $body->{snippet} // {};
	for my $name (qw(videoId language name)) { Youtube::refuse($service, $request, 400, 'invalidMetadata', "The request contains invalid metadata values, which prevent the track from being created: snippet.$name is required") if !defined $snippet->{$name}; }
	Youtube::refuse($service, $request, 400, 'nameTooLong', 'The snippet.name specified in the request is too long. The maximum length supported is 150 characters.') if length $snippet->{name} > 150;
	Youtube::refuse($service, $request, 400, 'invalidMetadata', 'snippet.language is no BCP-47 language') if $snippet->{language} !~ /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/;
	my $video = $state->{videos}{ $snippet->{videoId} } or Youtube::refuse($service, $request, 404, 'videoNotFound', 'The video identified by the videoId parameter could not be found.');
	Youtube::refuse($service, $request, 403, 'forbidden', 'The permissions associated with the request are not sufficient to upload the caption track.') if $video->{channel} ne $channel->{id};
	Youtube::refuse($service, $request, 409, 'captionExists', 'The specified video already contains a caption track with the provided snippet.language and snippet.name values.')
	  if grep { $_->{video} eq $video->{id} && $_->{language} eq $snippet->{language} && $_->{name} eq $snippet->{name} } values %{ $state->{captions} };
	check_content($service, $request, $text);
	my $track = { id => 'AUieDa' . $service->random_id(30), video => $video->{id}, language => $snippet->{language}, name => $snippet->{name}, draft => $snippet->{isDraft} ? 1 : 0, at => $service->now,
		bytes => length $text, sha256 => sha256_hex($text), text => $text, type => $type };
	$state->{captions}{ $track->{id} } = $track;
	$video->{captions}++;
	return { status => 200, json => resource($service, $track) };
}

# A track of an own video; ends the request if there is none.
sub own_track
{
	my ($service, $request, $state, $channel, $id) = @_;
	my $track = $state->{captions}{ $id // '' } or Youtube::refuse($service, $request, 404, 'captionNotFound', 'The specified caption track could not be found.');
	Youtube::refuse($service, $request, 403, 'forbidden', 'The permissions associated with the request are not sufficient.') if ($state->{videos}{ $track->{video} } // {})->{channel} ne $channel->{id};
	return $track;
}

sub update
{
	my ($service, $request, $state, $channel) = @_;
	Youtube::check_parameters($service, $request, { '!part' => qr/^(?:id|snippet|id,snippet|snippet,id)$/, sync => qr/^(?:true|false)$/, onBehalfOf => undef, onBehalfOfContentOwner => undef });
	my ($body, $text) = parts_of($service, $request);
	Youtube::check_members($service, $request, $body, \%members, 'caption');
	my $track = own_track($service, $request, $state, $channel, $body->{id});
	check_content($service, $request, $text) if defined $text;
	@$track{qw(bytes sha256 text)} = (length $text, sha256_hex($text), $text) if defined $text;
	$track->{draft} = $body->{snippet}{isDraft} ? 1 : 0 if defined(($body->{snippet} // {})->{isDraft});
	$track->{at} = $service->now;
	return { status => 200, json => resource($service, $track) };
}

sub list
{
	my ($service, $request, $state, $channel) = @_;
	Youtube::check_parameters($service, $request, { '!part' => qr/^(?:id|snippet|id,snippet|snippet,id)$/, '!videoId' => undef, id => undef, onBehalfOf => undef, onBehalfOfContentOwner => undef });
	my $video = $state->{videos}{ $request->{parameters}{videoId} } or Youtube::refuse($service, $request, 404, 'videoNotFound', 'The video identified by the videoId parameter could not be found.');
	Youtube::refuse($service, $request, 403, 'forbidden', 'Forbidden') if $video->{channel} ne $channel->{id};
	my %wanted = map { $_ => 1 } split /,/, $request->{parameters}{id} // '';
	my @tracks = grep { $_->{video} eq $video->{id} && (!%wanted || $wanted{ $_->{id} }) } sort { $a->{at} <=> $b->{at} || $a->{id} cmp $b->{id} } values %{ $state->{captions} };
	return { status => 200, json => { kind => 'youtube#captionListResponse', etag => 'etag-list', items => [ map { resource($service, $_) } @tracks ] } };
}

sub remove
{
	my ($service, $request, $state, $channel) = @_;
	Youtube::check_parameters($service, $request, { '!id' => undef, onBehalfOf => undef, onBehalfOfContentOwner => undef });
	my $track = own_track($service, $request, $state, $channel, $request->{parameters}{id});
	delete $state->{captions}{ $track->{id} };
	return { status => 204, text => '' };
}

sub routes
{
	return ([ 'POST', 'www', qr{^/upload/youtube/v3/captions$}, 'captions.insert', Youtube::guarded(\@SCOPES, \&insert) ], [ 'PUT', 'www', qr{^(?:/upload)?/youtube/v3/captions$}, 'captions.update', Youtube::guarded(\@SCOPES, \&update) ],
		[ 'GET', 'www', qr{^/youtube/v3/captions$}, 'captions.list', Youtube::guarded(\@SCOPES, \&list) ], [ 'DELETE', 'www', qr{^/youtube/v3/captions$}, 'captions.delete', Youtube::guarded(\@SCOPES, \&remove) ]);
}

1;
