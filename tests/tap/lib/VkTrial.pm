# tests/tap/lib/VkTrial.pm
#     One lesson on its way to the fake VK: a LessonTrial, which has new, file and attempt.
#
#     $trial->sign_in(3)     from here on with a token that ends after so many calls, and is renewed
#     $trial->there      the videos whose bytes are on VK
#     $trial->once($end, 'what')    a test: exactly one, with our bytes, and the target names it
package VkTrial;

use strict;
use warnings;

use parent 'LessonTrial';
use POSIX qw(strftime);
use Test::More;

sub new
{
	my ($class, $name, %options) = @_;

	return $class->begin($name, 'vk', %options, fake => { rate => 0, processing => 0, %{ $options{fake} // {} } }, token => 'vk-secret',
		settings => { title => 'Eigenvalues', description => "A lecture\nin lines" });
}

# Tokens of somebody who consented; the first is good for so many calls.
sub sign_in
{
	my ($self, $uses) = @_;
	my %token = (user => 743784474, scope => 'video wall groups');
	my $until = time + 3600;

	$self->{fake}->change(vk => sub {
		my ($state) = @_;
		$state->{tokens}{'vk2.a.access'} = { %token, expires => $until, uses_left => $uses };
		$state->{refresh}{'vk2.a.refresh'} = { %token, device => 'device', access => 'vk2.a.access', expires => $until };
	});
	$self->{grant} = { access_token => 'vk2.a.access', refresh_token => 'vk2.a.refresh', client_id => '51234567', device_id => 'device', expires_at => strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $until) };
}

sub there
{
	my ($self) = @_;
	my $videos = $self->state_of->{videos} // {};
	return map { { %{ $videos->{$_} }, name => $_ } } grep { $videos->{$_}{there} } sort keys %$videos;
}

sub posts { my ($self) = @_; my $posts = $self->state_of->{posts} // {}; return ref $posts eq 'HASH' ? values %$posts : @$posts; }

sub once
{
	my ($self, $end, $what) = @_;
	my @there = $self->there;
	my $target = $end->{done}{target} // {};

	ok(@there == 1 && ($there[0]{sha256} // '') eq $self->{files}{video}{sha256} && ($target->{remote_id} // '') eq $there[0]{name}
		  && $target->{url} eq "https://vk.com/video$there[0]{name}", $what)
	  or diag(explain({ end => $end->{done} // $end->{failed}, there => \@there }));
	return $there[0];
}

1;
