# tests/tap/lib/YandexTrial.pm
#     One lesson on its way to the fake Yandex Disk: a LessonTrial, which has new, file and attempt.
#
#     $trial->files      what lies on the disk: {path => sha256}, hidden files too
#     $trial->folders    its folders
#     $trial->once($end, 'what')    a test: the video is there once, whole, at the path the target names; no hidden file
#     $trial->put('/path', 'text')  a file of somebody else
#     $trial->sign_in(uses => 3)    from here on with a token of an application, which is renewed when it ends
package YandexTrial;

use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use Digest::SHA qw(sha256_hex);
use parent 'LessonTrial';
use Test::More;

sub new
{
	my ($class, $name, %options) = @_;

	return $class->begin($name, 'yandex_disk', %options, token => 'yandex-secret',
		settings => { title => 'Eigenvalues', description => "A lecture\nin lines", folder_path => '/Lectures/2026', filename => 'Eigenvalues.mp4', sidecars => [] });
}

# A token of somebody who consented; `uses`: for so many requests.
sub sign_in { my ($self, %what) = @_; $self->{grant} = $self->{fake}->grant('yandex_disk', %what); }

sub entries { my ($self) = @_; return $self->state_of->{entries} // {}; }

sub files
{
	my ($self) = @_;
	my $entries = $self->entries;
	return { map { $_ => $entries->{$_}{sha256} } grep { $entries->{$_}{type} eq 'file' } keys %$entries };
}

sub folders { my ($self) = @_; my $entries = $self->entries; return [ sort grep { $entries->{$_}{type} eq 'dir' } keys %$entries ]; }

sub put
{
	my ($self, $path, $bytes) = @_;
	my $up = $path;

	$self->{fake}->change(yandex_disk => sub {
		my ($state) = @_;
		while ($up =~ s{/[^/]+$}{} && $up ne '') { $state->{entries}{$up} //= { type => 'dir' }; }
		$state->{entries}{$path} = { type => 'file', size => length $bytes, sha256 => sha256_hex($bytes), md5 => md5_hex($bytes) };
	});
}

sub asked { my ($self, $which) = @_; return map { $_->{endpoint} } $self->{fake}->requests($which); }

sub once
{
	my ($self, $end, $what) = @_;
	my $files = $self->files;
	my @there = grep { ($files->{$_} // '') eq $self->{files}{video}{sha256} } sort keys %$files;
	my @hidden = grep { m{/\.leap-} } keys %$files;
	my $target = $end->{done}{target} // {};

	ok(@there == 1 && !@hidden && ($target->{remote_id} // '') eq "disk:$there[0]" && $target->{meta}{sha256} eq $self->{files}{video}{sha256}, $what)
	  or diag(explain({ end => $end->{done} // $end->{failed}, files => $files }));
	return $there[0];
}

1;
