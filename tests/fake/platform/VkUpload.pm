# tests/fake/platform/VkUpload.pm
#     The servers of VK that take files: videos at the upload_url of video.save, covers at that of video.getThumbUploadUrl.
#
# A form without a last boundary, or whose connection ends, leaves the video without bytes. An upload_url takes one file.
package VkUpload;

use strict;
use warnings;

use JSON::PP;

my $FORMATS = qr/\.(?:avi|mp4|m4v|3gp|mpe?g|mov|mp3|flv|wmv|mkv|webm)$/i;
my $COVER = 5_000_000;    # bytes of a cover at most

sub routes
{
	return ([ 'GET|POST', 'upload', qr{^/upload\.do$}, 'upload', \&video, { stream => 1 } ],
		[ 'POST', 'upload', qr{^/thumb\.php$}, 'thumb', \&cover, { stream => 1 } ]);
}

# Gives up in the words of the upload servers.
sub refuse
{
	my ($service, $request, $text) = @_;
	$request->{problem} = $text;
	my $status = $service->settings('vk')->{upload_error_status} // 400;
	die { answer => { status => $status, json => { error => 'unknown error', error_code => 2, error_descr => $text, error_is_logged => JSON::PP::true } }, close => 1 };
}

# The one file of a form; a form with anything else is refused.
sub only_file
{
	my ($service, $request, @names) = @_;
	my $form = $service->form($request) // refuse($service, $request, 'the body is no multipart/form-data');
	my @parts = @{ $form->{parts} };

	refuse($service, $request, 'one file is expected in the form') if @parts != 1 || !defined $parts[0]{file_name};
	refuse($service, $request, "the field \"$parts[0]{name}\" is unknown") if !grep { $_ eq $parts[0]{name} } @names;
	refuse($service, $request, 'the file is empty') if !$parts[0]{bytes};
	return $parts[0];
}

# The upload that an address stands for, if it still takes a file.
sub upload_of
{
	my ($service, $request) = @_;
	my $upload = $service->state('vk')->{uploads}{ $request->{parameters}{sig} // '' };

	refuse($service, $request, 'wrong signature') if !$upload;
	refuse($service, $request, 'upload_url has expired') if $upload->{expires} <= $service->now;
	refuse($service, $request, 'something was uploaded here before') if $upload->{done};
	return $upload;
}

sub video
{
	my ($service, $request) = @_;
	my $upload = upload_of($service, $request);
	my $link = $service->state('vk')->{videos}{ $upload->{video} }{link};
	my $file = {};

	$request->{noted}{video} = $upload->{video};
	refuse($service, $request, 'no file') if !defined $link && $request->{method} ne 'POST';
	if (!defined $link)
	{
		$file = only_file($service, $request, 'video_file');
		refuse($service, $request, "the format of \"$file->{file_name}\" is unknown") if $file->{file_name} =~ /\./ && $file->{file_name} !~ $FORMATS;
	}
	my ($video) = $service->change(vk => sub { my ($state) = @_; return arrived($service, $state, $request->{parameters}{sig}, $file); });
	refuse($service, $request, 'something was uploaded here before') if !$video;
	return { status => 200, json => { size => ($file->{bytes} // 0) + 0, video_id => $video->{id} + 0, owner_id => $video->{owner} + 0, video_hash => $video->{hash},
		direct_link => "https://vkvd547.okcdn.ru/?id=$video->{id}" } };
}

# Bytes have come whole: the video is there, and stands on the wall if that was wanted.
sub arrived
{
	my ($service, $state, $sig, $file) = @_;
	my $upload = $state->{uploads}{$sig};
	my $video = $state->{videos}{ $upload->{video} };

	return undef if $upload->{done}++ || !$video;
	@$video{qw(there bytes sha256 md5 file file_name uploaded)} = (1, @$file{qw(bytes sha256 md5 file file_name)}, $service->now);
	push @{ $state->{posts} }, { id => ++$state->{next_post}{ $video->{owner} }, owner => $video->{owner}, message => '', attachments => "video$upload->{video}", date => int $service->now }
	  if $video->{wallpost};
	return $video;
}

sub cover
{
	my ($service, $request) = @_;
	my $key = $request->{parameters}{key} // '';
	my $upload = $service->state('vk')->{thumb_uploads}{$key} // refuse($service, $request, 'wrong key');
	my $file = only_file($service, $request, qw(file photo file1));
	my $token = $service->random_text(16);

	open my $in, '<:raw', $file->{file} or die "$file->{file}: $!\n";
	read $in, my $magic, 8;
	refuse($service, $request, 'the file is no JPG, PNG or GIF') if $magic !~ /^(?:\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8)/;
	refuse($service, $request, 'the file is too large') if $file->{bytes} > $COVER;
	$service->change(vk => sub { my ($state) = @_; @{ $state->{thumb_uploads}{$key} }{qw(token sha256)} = ($token, $file->{sha256}); return 1; });
	return { status => 200, json => { server => 854232, app_id => 6732123, token => $token, owner_id => $upload->{owner} + 0, size => $file->{bytes} + 0 } };
}

1;
