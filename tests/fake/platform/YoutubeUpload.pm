# tests/fake/platform/YoutubeUpload.pm
#     videos.insert by Google's resumable protocol. Rules: docs/platforms/youtube.md, "Uploads".
#
# A session is a row of $state->{sessions}: {upload_id, account, channel, metadata, parts, total, type, made, received, sha, video, lost}. What has
# come is in files/youtube/session-UPLOAD_ID, as long as it is; who writes holds that file's lock for each piece, and only the
# request that came last (files/youtube/session-UPLOAD_ID.turn) goes on writing.
package YoutubeUpload;

use strict;
use warnings;

use Connection;
use Digest::SHA;
use Fcntl qw(:flock SEEK_END);
use Service;
use Time::HiRes qw(time);

my $BLOCK = 262144;

sub header { my ($request, $name) = @_; return $request->{headers}{$name}; }

# Step 1: the session. What it will be called is settled, nothing is uploaded yet.
sub begin
{
	my ($service, $request, $state, $channel) = @_;
	my ($length, $type) = (header($request, 'x-upload-content-length'), header($request, 'x-upload-content-type'));

	Youtube::check_parameters($service, $request, { '!part' => undef, '!uploadType' => qr/^resumable$/, notifySubscribers => qr/^(?:true|false)$/i, autoLevels => qr/^(?:true|false)$/i, stabilize => qr/^(?:true|false)$/i,
		onBehalfOfContentOwner => undef, onBehalfOfContentOwnerChannel => undef });
	my $parts = Youtube::parts($service, $request, @YoutubeVideo::PARTS);
	my $said = YoutubeVideo::metadata($service, $request, $service->json_body($request), $parts);
	Youtube::refuse($service, $request, 400, 'badRequest', 'X-Upload-Content-Length is missing or wrong') if ($length // '') !~ /^\d{1,15}$/ || $length > 274_877_906_944;
	Youtube::refuse($service, $request, 400, 'mediaBodyRequired', 'The request does not include the video content.') if $length == 0;
	Youtube::refuse($service, $request, 400, 'badRequest', "Media type '" . ($type // '') . "' is not supported. Valid media types: [video/*, application/octet-stream]") if ($type // '') !~ m{^(?:video/[A-Za-z0-9.+*-]+|application/octet-stream)$};
	my $id = 'AHmUCY' . $service->random_id(60);
	$state->{sessions}{$id} = { upload_id => $id, channel => $channel->{id}, account => $channel->{account}, metadata => $said, parts => $parts, total => $length + 0, type => $type, made => $service->now, received => 0,
		notify => lc($request->{parameters}{notifySubscribers} // 'true') eq 'true' ? 1 : 0, file_name => header($request, 'slug') };
	my $location = $service->origin(youtube => 'www') . "/upload/youtube/v3/videos?uploadType=resumable&upload_id=$id&part=" . join ',', sort keys %$parts;
	$request->{noted} = { upload_id => $id };
	return { status => 200, text => '', type => 'text/html; charset=UTF-8', headers => { Location => $location, 'X-GUploader-UploadID' => $id } };
}

# Says what a PUT wants: {from, bytes} | {query => 1}; ends the request if that cannot be.
sub wanted
{
	my ($service, $request, $session) = @_;
	my ($range, $length) = (header($request, 'content-range'), Connection::announced($request));
	my $no = sub { Youtube::refuse($service, $request, 400, 'badRequest', $_[0]) };

	Youtube::refuse($service, $request, 411, 'badRequest', 'Content-Length is missing') if !defined $length || !defined header($request, 'content-length');
	if (!defined $range)
	{
		$no->("Content-Length: $length, and $session->{total} bytes were announced") if $length != $session->{total};
		return { from => 0, bytes => $length };
	}
	if ($range =~ m{^bytes \*/(\d+)$})
	{
		$no->("Failed to parse Content-Range header: $range, and $session->{total} bytes were announced") if $1 != $session->{total};
		$no->('a question for the status has no body') if $length != 0;
		return { query => 1 };
	}
	my ($from, $to, $total) = $range =~ m{^bytes (\d+)-(\d+)/(\d+)$} or $no->("Failed to parse Content-Range header: $range");
	$no->("Invalid request. Content-Range: $range, and $session->{total} bytes were announced") if $total != $session->{total} || $to >= $total || $from > $to;
	$no->("Invalid request. Content-Range: $range, and Content-Length: $length") if $length != $to - $from + 1;
	$no->("Invalid request. The number of bytes uploaded is required to be equal or greater than $BLOCK, except for the final request (it's recommended to be the exact multiple of $BLOCK). The received request contained $length bytes, which does not meet this requirement.")
	  if $to + 1 < $total && $length % $BLOCK;
	return { from => $from, bytes => $length };
}

sub path_of { my ($service, $session) = @_; return "$service->{platforms}{youtube}{path}/session-$session->{upload_id}"; }

# Makes this request the one that may write, and returns its number.
sub take_turn
{
	my ($service, $session) = @_;
	my $file = path_of($service, $session) . '.turn';
	return $service->locked('state/turns', sub { my $turn = 1 + (Folder::slurp($file) // 0); Folder::write_file($file, $turn); return $turn; });
}

# Bytes that have come; waits for the piece that is being written.
sub received
{
	my ($service, $session) = @_;
	open my $in, '<:raw', path_of($service, $session) or return 0;
	flock $in, LOCK_SH;
	return -s $in;
}

# The digest of what was there before, where the content is not kept; undef: it is not known.
sub digest_at
{
	my ($session, $from) = @_;
	return Digest::SHA->new(256) if $from == 0;
	return defined $session->{sha} && $session->{sha_at} == $from ? Digest::SHA->putstate($session->{sha}) : undef;
}

# The digest of a file; large ones by openssl, if it is there: it is many times as fast.
sub digest_of
{
	my ($path) = @_;
	no warnings 'exec';
	if (-s $path > 64 * $BLOCK && open my $in, '-|', 'openssl', 'dgst', '-r', '-sha256', $path)
	{
		my ($digest) = (readline($in) // '') =~ /^([0-9a-f]{64})\b/;
		close $in;
		return $digest if defined $digest;
	}
	return Digest::SHA->new(256)->addfile($path, 'b')->hexdigest;
}

# Takes the body behind what is there. What came stays, also if the connection breaks.
sub receive
{
	my ($service, $request, $session, $turn) = @_;
	my $path = path_of($service, $session);
	my $hollow = $service->settings('youtube')->{hollow};    # files have the right length and no content; 'blind': no digest is made either
	my $sha = $hollow && $hollow ne 'blind' ? digest_at($session, received($service, $session)) : undef;

	open my $out, '>>:raw', $path or die "$path: $!\n";
	my $whole = eval {
		$service->read_body($request, sub {
			flock $out, LOCK_EX;
			die { cut => 1 } if Folder::slurp("$path.turn") != $turn;
			$sha->add($_[0]) if $sha;
			if ($hollow) { truncate $out, (-s $out) + length $_[0] or die "$path: $!\n"; }
			else { defined syswrite $out, $_[0] or die "$path: $!\n"; }
			flock $out, LOCK_UN;
		});
		1;
	};
	my $broken = $@;
	flock $out, LOCK_EX;
	die { cut => 1 } if Folder::slurp("$path.turn") != $turn;
	my $keep = $service->settings('youtube')->{keep} // 'all';
	if (!$whole && $keep ne 'all')
	{
		my $size = $keep eq 'blocks' ? int((-s $out) / $BLOCK) * $BLOCK : $session->{received};
		truncate $out, $size < $session->{received} ? $session->{received} : $size;
		undef $sha;
	}
	$service->change(youtube => sub { my $now = $_[0]{sessions}{ $session->{upload_id} }; $now->{received} = -s $out; @$now{qw(sha sha_at)} = $sha ? ($sha->getstate, -s $out) : (); $now->{pieces}++; });
	if (!$whole)
	{
		# the last byte has come: the video is made, whether somebody waits for the answer or not
		complete($service, $request, $session, $sha) if -s $out == $session->{total};
		die $broken;
	}
	return $sha;
}

sub incomplete
{
	my ($size) = @_;
	return { status => 308, text => '', type => 'text/plain; charset=utf-8', headers => { $size > 0 ? (Range => 'bytes=0-' . ($size - 1)) : () } };
}

# Step 4: the video is there, once; its digest is made from the file where $sha is not known.
sub complete
{
	my ($service, $request, $session, $sha) = @_;
	my $path = path_of($service, $session);
	my $hollow = $service->settings('youtube')->{hollow};
	my $known = $hollow && !$sha ? $service->state('youtube')->{sessions}{ $session->{upload_id} } : undef;
	$sha //= digest_at($known, $session->{total}) if $known;
	my $digest = $sha ? $sha->hexdigest : $hollow ? undef : digest_of($path);

	my ($answer) = $service->change(youtube => sub {
		my ($state) = @_;
		my $now = $state->{sessions}{ $session->{upload_id} };
		return $now->{answer} if $now->{answer};
		my $channel = Youtube::channel($state, $session->{account});
		my $video = YoutubeVideo::make($service, $state, $channel, $session->{metadata}, bytes => $session->{total}, sha256 => $digest, file => $path, type => $session->{type},
			file_name => $session->{file_name}, notified => $session->{notify}, upload_id => $session->{upload_id});
		my $failure = $service->settings('youtube')->{failure};
		$video->{failed} = $failure if defined $failure;
		delete @$now{qw(sha sha_at)};
		$now->{video} = $video->{id};
		return $now->{answer} = { status => 201, json => YoutubeVideo::resource($service, $video, $channel, $session->{parts}) };
	});
	return $answer;
}

# Steps 3 and 4, and the question how much has come.
sub put
{
	my ($service, $request) = @_;
	Google::account($service, $request, qw(youtube youtube.upload youtube.force-ssl youtubepartner));
	my $settings = $service->settings('youtube');
	my $session = $service->state('youtube')->{sessions}{ $request->{parameters}{upload_id} // '' };

	$request->{noted} = { upload_id => $request->{parameters}{upload_id}, content_range => header($request, 'content-range') };
	return { status => 404, text => 'Not Found' } if !$session || $service->now - $session->{made} > ($settings->{session_seconds} // 604_800);
	return { status => $session->{lost}, text => $session->{lost} == 410 ? 'Gone' : 'Not Found' } if $session->{lost};
	if ($session->{answer})
	{
		$service->read_body($request, sub { });
		return $session->{answer};
	}
	my $type = header($request, 'content-type');
	Youtube::refuse($service, $request, 400, 'badRequest', "Content-Type: $type, and $session->{type} was announced") if defined $type && $type ne $session->{type};
	my $wanted = wanted($service, $request, $session);
	my $there = received($service, $session);
	return $there < $session->{total} ? incomplete($there) : complete($service, $request, $session) if $wanted->{query};
	my $turn = take_turn($service, $session);
	$there = received($service, $session);
	# (U) "none of the remaining bytes are uploaded"
	Youtube::refuse($service, $request, 400, 'badRequest', "Invalid request. According to the Content-Range header, the upload offset is $wanted->{from} byte(s), and $there byte(s) have been uploaded.") if $wanted->{from} != $there && $there < $session->{total};
	$session->{received} = $there;
	my $sha = $there < $session->{total} ? receive($service, $request, $session, $turn) : undef;
	my $size = received($service, $session);
	return $size < $session->{total} ? incomplete($size) : complete($service, $request, $session, $sha);
}

# uploadType=media and =multipart exist; nothing as large as a lecture goes that way, and they are not played here.
sub routes
{
	my @scopes = qw(youtube youtube.upload youtube.force-ssl youtubepartner);
	return ([ 'POST', 'www', qr{^/upload/youtube/v3/videos$}, 'videos.insert', Youtube::guarded(\@scopes, \&begin) ],
		[ 'PUT', 'www', qr{^/upload/youtube/v3/videos$}, 'videos.upload', \&put, { stream => 1 } ]);
}

1;
