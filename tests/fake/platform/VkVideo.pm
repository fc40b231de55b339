# tests/fake/platform/VkVideo.pm
#     The methods video.* of VK. A video is {owner, id, title, description, there, ...}: it is reserved by video.save and there when
#     its bytes have come. Videos are kept under "OWNER_ID" in state->{videos}, deleted ones in state->{deleted}.
#
# Settings: upload_seconds (86400) an upload_url lasts; processing (1): how many times video.get tells that a video is being
# processed; reserved ('hidden' | 'processing'): what video.get makes of a video without bytes; lag (0): how many lists do not have a
# new video yet; most_albums (1000).
package VkVideo;

use strict;
use warnings;

use JSON::PP;

sub save
{
	my ($service, $request, $given, $caller) = @_;
	my $owner = $given->{group_id} ? -$given->{group_id} : $caller->{user};
	my $settings = $service->settings('vk');
	my $sig = $service->random_text(20);
	my $expires = int(($service->now + ($settings->{upload_seconds} // 86400)) * 1000);
	my $hash = $service->random_text(9);

	Vk::check_owner($service, $request, $caller, $owner);
	Vk::refuse($request, 15, 'no access to call this method. It cannot be called with current scopes.') if $owner < 0 && $caller->{scope} !~ /\bgroups\b/;
	Vk::refuse($request, 214) if $given->{wallpost} && ($caller->{scope} !~ /\bwall\b/ || $owner < 0 && !Vk::group($service, $request, -$owner)->{wall});
	my ($video) = $service->change(vk => sub {
		my ($state) = @_;
		return undef if $given->{album_id} && !$state->{albums}{"${owner}_$given->{album_id}"};
		my $id = $state->{next_video}{$owner} = ($state->{next_video}{$owner} // 456239016) + 1;
		my $new = { %$given, owner => $owner, id => $id, user => $caller->{user}, title => $given->{name} // 'Untitled', description => $given->{description} // '',
			access_key => $service->random_text(9), hash => $hash, created => int $service->now, there => 0, asked => 0, listed => 0,
			albums => [ $given->{album_id} ? $given->{album_id} : () ] };
		$state->{videos}{"${owner}_$id"} = $new;
		$state->{uploads}{$sig} = { video => "${owner}_$id", expires => $expires / 1000 };
		return $new;
	});
	Vk::refuse($request, 204, undef) if !$video;
	$request->{noted}{video} = "${owner}_$video->{id}";
	return { access_key => $video->{access_key}, description => $video->{description}, owner_id => $owner + 0, title => $video->{title}, video_id => $video->{id} + 0,
		upload_url => $service->origin('vk', 'upload') . "/upload.do?sig=$sig&expires=$expires&clientType=14&vkOwnerId=$owner&vkVideoId=$video->{id}"
		  . "&vkUserId=$caller->{user}&vkVideoHash=$hash&saveOriginal=1" };
}

# The video as video.get tells of it; undef if nothing is to be seen of it.
sub shown
{
	my ($service, $video, $caller) = @_;
	my $settings = $service->settings('vk');

	return undef if !$video || !$video->{there} && ($settings->{reserved} // 'hidden') eq 'hidden';
	my %shown = (id => $video->{id} + 0, owner_id => $video->{owner} + 0, title => $video->{title}, description => $video->{description}, date => $video->{created} + 0,
		adding_date => $video->{created} + 0, access_key => $video->{access_key}, duration => 0, views => 0, comments => 0, type => 'video',
		can_edit => 1, can_delete => 1, can_comment => $video->{no_comments} ? 0 : 1, can_add => 1, is_favorite => JSON::PP::false, response_type => 'full');
	$shown{user_id} = $video->{user} + 0 if $video->{owner} < 0;
	$shown{repeat} = 1 if $video->{repeat};
	$shown{is_private} = 1 if $video->{is_private};
	if (!$video->{there} || $video->{asked}++ < ($settings->{processing} // 1)) { @shown{qw(processing converting)} = (1, 1); }
	else
	{
		@shown{qw(duration width height)} = (60, 1280, 720);
		$shown{player} = "https://vk.com/video_ext.php?oid=$video->{owner}&id=$video->{id}&hash=$video->{hash}";
	}
	$shown{image} = [ { url => "https://sun9-1.userapi.com/thumb/$video->{thumb}{photo_id}.jpg", width => 1280, height => 720 } ] if $video->{thumb};
	return \%shown;
}

sub get
{
	my ($service, $request, $given, $caller) = @_;
	my $owner = $given->{owner_id} // $caller->{user};
	my $settings = $service->settings('vk');

	for my $name (split /,/, $given->{videos} // '') { Vk::refuse($request, 100, 'videos') if $name !~ /^-?\d+_\d+(?:_\w+)?$/; }
	my ($all) = $service->change(vk => sub {
		my ($state) = @_;
		my @videos = values %{ $state->{videos} // {} };
		if (defined $given->{videos}) { @videos = grep { $_ } map { $state->{videos}{ s/^(-?\d+_\d+).*/$1/r } } split /,/, $given->{videos}; }
		else
		{
			@videos = sort { $b->{created} <=> $a->{created} || $b->{id} <=> $a->{id} } grep { $_->{owner} == $owner } @videos;
			@videos = grep { $_->{listed}++ >= ($settings->{lag} // 0) } grep { $_->{there} || ($settings->{reserved} // '') eq 'processing' } @videos;
			@videos = grep { my $video = $_; grep { $_ == $given->{album_id} } @{ $video->{albums} } } @videos if defined $given->{album_id} && $given->{album_id} > 0;
			@videos = reverse @videos if $given->{sort_album};
		}
		@videos = grep { $_->{owner} == $caller->{user} || !$_->{is_private} } @videos;
		return [ grep { $_ } map { shown($service, $_, $caller) } @videos ];
	});
	my $count = @$all;
	splice @$all, 0, $given->{offset};
	splice @$all, $given->{count};
	return { count => $count, items => $all, $given->{extended} ? (profiles => [], groups => []) : () };
}

# Changes a video of somebody the caller may act for; the result of code is that of this function.
sub with_video
{
	my ($service, $request, $given, $caller, $code) = @_;
	my $owner = $given->{owner_id} // $caller->{user};

	Vk::check_owner($service, $request, $caller, $owner, 204);
	my ($found, $result) = $service->change(vk => sub {
		my ($state) = @_;
		my $video = $state->{videos}{"${owner}_$given->{video_id}"};
		return $video ? (1, $code->($state, $video)) : (0, undef);
	});
	Vk::refuse($request, 204) if !$found;
	return $result;
}

sub edit
{
	my ($service, $request, $given, $caller) = @_;
	return with_video($service, $request, $given, $caller, sub {
		my ($state, $video) = @_;
		$video->{title} = $given->{name} if defined $given->{name};
		$video->{description} = $given->{desc} if defined $given->{desc};
		for my $name (qw(privacy_view privacy_comment no_comments repeat)) { $video->{$name} = $given->{$name} if defined $given->{$name}; }
		$video->{edits}++;
		return { success => 1, access_key => $video->{access_key} };
	});
}

sub remove
{
	my ($service, $request, $given, $caller) = @_;
	return with_video($service, $request, $given, $caller, sub {
		my ($state, $video) = @_;
		my $name = "$video->{owner}_$video->{id}";
		$state->{deleted}{$name} = delete $state->{videos}{$name};
		return 1;
	});
}

sub albums
{
	my ($service, $request, $given, $caller) = @_;
	my $owner = $given->{owner_id} // $caller->{user};
	my $state = $service->state('vk');
	my @all = map {
		my $album = $_;
		my $count = grep { my $video = $_; grep { $_ == $album->{id} && $video->{owner} == $album->{owner} } @{ $video->{albums} } } values %{ $state->{videos} // {} };
		{ id => $album->{id} + 0, owner_id => $owner + 0, title => $album->{title}, response_type => $given->{extended} ? 'full' : 'min',
			$given->{extended} ? (count => $count, updated_time => $album->{created} + 0, can_edit => 1, can_delete => 1, can_upload => 1) : () }
	} sort { $b->{id} <=> $a->{id} } grep { $_->{owner} == $owner } values %{ $state->{albums} // {} };
	my $count = @all;

	splice @all, 0, $given->{offset};
	splice @all, $given->{count};
	return { count => $count, items => \@all };
}

sub add_album
{
	my ($service, $request, $given, $caller) = @_;
	my $owner = $given->{group_id} ? -$given->{group_id} : $caller->{user};
	my $most = $service->settings('vk')->{most_albums} // 1000;

	Vk::check_owner($service, $request, $caller, $owner);
	Vk::refuse($request, 100, 'title is undefined') if ($given->{title} // '') eq '';
	my ($id) = $service->change(vk => sub {
		my ($state) = @_;
		return 0 if grep({ $_->{owner} == $owner } values %{ $state->{albums} // {} }) >= $most;
		my $id = $state->{next_album}{$owner} = ($state->{next_album}{$owner} // 0) + 1;
		$state->{albums}{"${owner}_$id"} = { id => $id, owner => $owner, title => $given->{title}, created => int $service->now };
		return $id;
	});
	Vk::refuse($request, 302) if !$id;
	return { album_id => $id + 0 };
}

sub album_ids
{
	my ($request, $given) = @_;
	my @ids = split /,/, $given->{album_ids} // $given->{album_id} // '';
	Vk::refuse($request, 100, 'album_id is undefined') if !@ids;
	Vk::refuse($request, 100, 'album_id not integer') if grep { !/^-?\d+$/ } @ids;
	return @ids;
}

sub add_to_album
{
	my ($service, $request, $given, $caller) = @_;
	my @ids = album_ids($request, $given);
	my $target = $given->{target_id} // $caller->{user};

	Vk::check_owner($service, $request, $caller, $target);
	my $code = with_video($service, $request, $given, $caller, sub {
		my ($state, $video) = @_;
		return 204 if grep { !$state->{albums}{"${target}_$_"} } @ids;
		for my $id (@ids) { return 800 if grep { $_ == $id } @{ $video->{albums} }; }
		push @{ $video->{albums} }, @ids;
		return 0;
	});
	Vk::refuse($request, $code) if $code;
	return defined $given->{album_ids} ? [ map { $_ + 0 } @ids ] : 1;
}

sub remove_from_album
{
	my ($service, $request, $given, $caller) = @_;
	my %gone = map { $_ => 1 } album_ids($request, $given);
	return with_video($service, $request, $given, $caller, sub {
		my ($state, $video) = @_;
		$video->{albums} = [ grep { !$gone{$_} } @{ $video->{albums} } ];
		return defined $given->{album_ids} ? [ map { $_ + 0 } sort keys %gone ] : 1;
	});
}

sub albums_of
{
	my ($service, $request, $given, $caller) = @_;
	return with_video($service, $request, $given, $caller, sub { my ($state, $video) = @_; return [ map { $_ + 0 } @{ $video->{albums} } ]; });
}

sub thumb_url
{
	my ($service, $request, $given, $caller) = @_;
	my $key = $service->random_text(16);

	Vk::check_owner($service, $request, $caller, $given->{owner_id});
	$service->change(vk => sub { my ($state) = @_; $state->{thumb_uploads}{$key} = { owner => $given->{owner_id} }; return 1; });
	return { upload_url => $service->origin('vk', 'upload') . "/thumb.php?act=add_thumb&key=$key" };
}

# Takes what the upload answered, letter for letter.
sub save_thumb
{
	my ($service, $request, $given, $caller) = @_;
	my $told = eval { JSON::PP->new->decode($given->{thumb_json}) };

	Vk::check_owner($service, $request, $caller, $given->{owner_id});
	Vk::refuse($request, 100, 'video_id is undefined') if $given->{set_thumb} && !defined $given->{video_id};
	my ($saved, $code) = $service->change(vk => sub {
		my ($state) = @_;
		my ($came) = ref $told eq 'HASH' ? grep { $_->{token} && $_->{token} eq ($told->{token} // '') } values %{ $state->{thumb_uploads} // {} } : ();
		return (undef, 129) if !$came || $came->{owner} != $given->{owner_id};
		my $video = defined $given->{video_id} ? $state->{videos}{"$given->{owner_id}_$given->{video_id}"} : undef;
		return (undef, 204) if defined $given->{video_id} && !$video;
		my $photo = { photo_id => ++$state->{next_photo} + 457239000, photo_owner_id => $given->{owner_id} + 0, photo_hash => $came->{token} };
		$video->{thumb} = { %$photo, sha256 => $came->{sha256} } if $video && $given->{set_thumb};
		$video->{thumbs}++ if $video;
		return ($photo, 0);
	});
	Vk::refuse($request, $code) if $code;
	return $saved;
}

1;
