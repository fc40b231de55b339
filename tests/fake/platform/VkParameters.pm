# tests/fake/platform/VkParameters.pm
#     The methods of VK's API that are played, the right each needs and the parameters each takes, as the schema 5.199 has them.
#
#     my ($method, $problem) = VkParameters::check('video.save', \%given)     {scope, values} of what was given; or what is wrong
#
# A parameter is NAME:TYPE, with "!" behind the type if it must be there and "=X" if it is X where it is missing. Types: bool
# (0 or 1), int, id (at least 1), count (0 to what stands behind it), owner (not 0), textN (N characters at most), list, privacy.
package VkParameters;

use strict;
use warnings;

use Encode qw(decode FB_CROAK);

my $video = 'owner_id:owner video_id:id!';
my %methods = (
	'users.get' => [ '', 'user_ids:list fields:list name_case:text10 from_group_id:int' ],
	'groups.getById' => [ '', 'group_ids:list group_id:text64 fields:list' ],
	'video.save' => [ 'video', 'name:text128 description:text5000 is_private:bool wallpost:bool link:text2000 group_id:id album_id:count '
		  . 'privacy_view:privacy privacy_comment:privacy no_comments:bool repeat:bool compression:bool ord_info:text5000 auto_publish:bool' ],
	'video.get' => [ 'video', 'owner_id:owner videos:list album_id:int count:count200=100 offset:count=0 extended:bool fields:list sort_album:bool=0' ],
	'video.edit' => [ 'video', "$video name:text128 desc:text5000 privacy_view:privacy privacy_comment:privacy no_comments:bool repeat:bool ord_info:text5000" ],
	'video.delete' => [ 'video', "$video target_id:owner" ],
	'video.getAlbums' => [ 'video', 'owner_id:owner offset:count=0 count:count100=50 extended:bool=0 need_system:bool' ],
	'video.addAlbum' => [ 'video', 'group_id:id title:text128 privacy:privacy' ],
	'video.addToAlbum' => [ 'video', 'target_id:owner album_id:int album_ids:list owner_id:owner! video_id:id!' ],
	'video.removeFromAlbum' => [ 'video', 'target_id:owner album_id:int album_ids:list owner_id:owner! video_id:id!' ],
	'video.getAlbumsByVideo' => [ 'video', 'target_id:owner owner_id:owner! video_id:id! extended:bool' ],
	'video.getThumbUploadUrl' => [ 'video', 'owner_id:owner!' ],
	'video.saveUploadedThumb' => [ 'video', 'owner_id:owner! thumb_json:text20000! thumb_size:text64 random_tag:text64 video_id:id set_thumb:bool' ],
	'wall.post' => [ 'wall', 'owner_id:owner friends_only:bool from_group:bool message:text16000 attachments:list services:text100 signed:bool '
		  . 'publish_date:count lat:text20 long:text20 place_id:count post_id:count guid:text255 mark_as_ads:bool link_title:text200 '
		  . 'link_photo_id:text64 close_comments:bool donut_paid_duration:int mute_notifications:bool copyright:text2000' ],
	'wall.get' => [ 'wall', 'owner_id:owner domain:text64 offset:count=0 count:count100=20 filter:text20 extended:bool fields:list' ],
	'wall.getById' => [ 'wall', 'posts:list! extended:bool copy_history_depth:int fields:list' ],
	'wall.delete' => [ 'wall', 'owner_id:owner post_id:count' ],
);
my %common = map { $_ => 1 } qw(v access_token lang test_mode https captcha_sid captcha_key success_token);

# What the special format of privacy allows; the digits are what addAlbum names.
my $privacy = qr/^(?:all|friends|friends_of_friends|friends_of_friends_only|nobody|only_me|by_link|[0-3]|-?list\d+|-?\d+)$/;

my %types = (
	bool => sub { $_[0] =~ /^[01]$/ ? undef : 'should be 0 or 1' },
	int => sub { $_[0] =~ /^-?\d{1,18}$/ ? undef : 'not integer' },
	id => sub { $_[0] =~ /^\d{1,18}$/ ? ($_[0] > 0 ? undef : 'should be positive') : 'not integer' },
	owner => sub { $_[0] =~ /^-?\d{1,18}$/ ? ($_[0] != 0 ? undef : 'is 0') : 'not integer' },
	count => sub { $_[0] !~ /^\d{1,18}$/ ? 'not a whole number' : $_[1] ne '' && $_[0] > $_[1] ? "should be less or equal to $_[1]" : undef },
	text => sub { length $_[0] > $_[1] ? "is longer than $_[1] characters" : undef },
	list => sub { $_[0] =~ /^[^,]+(?:,[^,]+)*$/ ? undef : 'is no list' },
	privacy => sub { (grep { $_ !~ $privacy } split /,/, $_[0], -1) || $_[0] eq '' ? 'has no such setting' : undef },
);

sub known { my ($name) = @_; return exists $methods{$name}; }

# undef, or what is wrong with the value of a parameter.
sub value_problem
{
	my ($name, $type, $value) = @_;
	my ($kind, $limit) = $type =~ /^([a-z]+)(\d*)$/;
	my $problem = $types{$kind}->($value, $limit);
	return defined $problem ? "$name $problem" : undef;
}

sub check
{
	my ($method, $given) = @_;
	my ($scope, $text) = @{ $methods{$method} };
	my %types = map { /^(\w+):(.*)$/ } split ' ', $text;
	my %values;

	for my $name (sort keys %$given)
	{
		next if $common{$name};
		return (undef, "$name is unknown") if !exists $types{$name};
		my $value = eval { decode('UTF-8', "$given->{$name}", FB_CROAK) } // return (undef, "$name is not UTF-8");
		my ($type) = $types{$name} =~ /^(\w+)/;
		my $problem = value_problem($name, $type, $value);
		return (undef, $problem) if defined $problem;
		$values{$name} = $value;
	}
	for my $name (sort keys %types)
	{
		return (undef, "$name is undefined") if $types{$name} =~ /!$/ && !exists $values{$name};
		$values{$name} //= $1 if $types{$name} =~ /=(.*)$/;
	}
	return ({ scope => $scope, values => \%values }, undef);
}

1;
