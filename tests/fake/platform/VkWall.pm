# tests/fake/platform/VkWall.pm
#     The methods wall.*, users.get and groups.getById of VK.
#
# A post is {id, owner, message, attachments, guid, from_group, date} in state->{posts}.
package VkWall;

use strict;
use warnings;

use JSON::PP;

sub users
{
	my ($service, $request, $given, $caller) = @_;
	my $settings = $service->settings('vk');
	my %more = (bdate => '21.12.2000', screen_name => 'persik', sex => 2);
	my @fields = grep { exists $more{$_} } split /,/, $given->{fields} // '';

	return [ map {
		{ id => $_ + 0, first_name => $settings->{first_name} // "\x{41f}\x{435}\x{440}\x{441}\x{438}\x{43a}", last_name => $settings->{last_name} // "\x{420}\x{44b}\x{436}\x{438}\x{439}",
			can_access_closed => JSON::PP::true, is_closed => JSON::PP::false, map { $_ => $more{$_} } @fields }
	} grep { $_ eq $caller->{user} } split /,/, $given->{user_ids} // $caller->{user} ];
}

sub groups
{
	my ($service, $request, $given, $caller) = @_;
	my $ids = $given->{group_ids} // $given->{group_id} // Vk::refuse($request, 100, 'group_ids is undefined');
	my @found;

	for my $id (split /,/, $ids)
	{
		my $group = Vk::group($service, $request, $id =~ s/^club//r) // next;
		push @found, { id => ($id =~ s/^club//r) + 0, name => $group->{name}, screen_name => 'club' . ($id =~ s/^club//r), is_closed => 0, type => 'group',
			is_admin => $group->{admin} ? 1 : 0, $group->{admin} ? (admin_level => 3) : () };
	}
	Vk::refuse($request, 125) if !@found;
	return $caller->{version} >= 139 ? { groups => \@found, profiles => [] } : \@found;
}

# The same guid within an hour is the same post: only one is made.
sub post
{
	my ($service, $request, $given, $caller) = @_;
	my $owner = $given->{owner_id} // $caller->{user};
	my $state = $service->state('vk');
	my @attached = split /,/, $given->{attachments} // '';

	Vk::check_owner($service, $request, $caller, $owner, 214);
	Vk::refuse($request, 214) if $owner < 0 && !Vk::group($service, $request, -$owner)->{wall};
	Vk::refuse($request, 100, 'message or attachments required') if ($given->{message} // '') eq '' && !@attached;
	Vk::refuse($request, 100, 'more than one link is attached') if 1 < grep { m{^https?://} } @attached;
	for my $what (@attached)
	{
		next if $what =~ m{^https?://};
		my ($video) = $what =~ /^video(-?\d+_\d+)/ or Vk::refuse($request, 100, "attachments has \"$what\"");
		Vk::refuse($request, 100, "there is no $what") if !$state->{videos}{$video};
	}
	my ($id) = $service->change(vk => sub {
		my ($now) = @_;
		my $guid = $given->{guid} // '';
		my ($same) = grep { $guid ne '' && ($_->{guid} // '') eq $guid && $_->{owner} == $owner && $_->{date} > $service->now - 3600 } @{ $now->{posts} // [] };
		return $same->{id} if $same;
		my $id = ++$now->{next_post}{$owner};
		push @{ $now->{posts} }, { %$given, id => $id, owner => $owner, message => $given->{message} // '', date => int $service->now };
		return $id;
	});
	return { post_id => $id + 0 };
}

sub shown
{
	my ($post) = @_;
	my @videos = map { /^video(-?\d+)_(\d+)/ ? { type => 'video', video => { owner_id => $1 + 0, id => $2 + 0 } } : () } split /,/, $post->{attachments} // '';
	return { id => $post->{id} + 0, owner_id => $post->{owner} + 0, from_id => $post->{owner} + 0, date => $post->{date} + 0, text => $post->{message}, post_type => 'post',
		attachments => \@videos };
}

sub list
{
	my ($service, $request, $given, $caller) = @_;
	my $owner = $given->{owner_id} // $caller->{user};
	my @all = map { shown($_) } sort { $b->{id} <=> $a->{id} } grep { $_->{owner} == $owner } @{ $service->state('vk')->{posts} // [] };
	my $count = @all;

	splice @all, 0, $given->{offset};
	splice @all, $given->{count};
	return { count => $count, items => \@all };
}

sub by_id
{
	my ($service, $request, $given) = @_;
	my %wanted = map { $_ => 1 } split /,/, $given->{posts};
	return { items => [ map { shown($_) } grep { $wanted{"$_->{owner}_$_->{id}"} } @{ $service->state('vk')->{posts} // [] } ] };
}

sub remove
{
	my ($service, $request, $given, $caller) = @_;
	my $owner = $given->{owner_id} // $caller->{user};

	Vk::check_owner($service, $request, $caller, $owner, 210);
	my ($found) = $service->change(vk => sub {
		my ($state) = @_;
		my @kept = grep { $_->{owner} != $owner || $_->{id} != ($given->{post_id} // 0) } @{ $state->{posts} // [] };
		my $gone = @kept < @{ $state->{posts} // [] };
		$state->{posts} = \@kept;
		return $gone;
	});
	Vk::refuse($request, 210) if !$found;
	return 1;
}

1;
