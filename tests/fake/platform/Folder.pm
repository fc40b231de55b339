# tests/fake/platform/Folder.pm
#     The folder in which the platforms keep what they know, {folder} of an object: their servers and the tests that move
#     things there by hand take turns at it.
package Folder;

use strict;
use warnings;

use Fcntl qw(:flock);
use Storable ();

sub slurp
{
	my ($file) = @_;
	open my $in, '<:raw', $file or return undef;
	local $/;
	return scalar <$in>;
}

sub write_file
{
	my ($file, $bytes) = @_;
	open my $out, '>:raw', "$file.new$$" or die "$file: $!\n";
	print $out $bytes;
	close $out or die "$file: $!\n";
	rename "$file.new$$", $file or die "$file: $!\n";
}

# Runs code while no other process has that lock.
sub locked
{
	my ($self, $name, $code) = @_;
	open my $lock, '>>', "$self->{folder}/$name.lock" or die "lock: $!\n";
	flock $lock, LOCK_EX;
	my @result = $code->();
	close $lock;
	return wantarray ? @result : $result[0];
}

# Runs code with the state of a platform, and keeps what it made of it. Keep it short: nobody else gets in meanwhile.
sub change
{
	my ($self, $platform, $code) = @_;
	my $file = "$self->{folder}/state/$platform";

	return $self->locked("state/$platform", sub {
		my $state = -e $file ? Storable::retrieve($file) : {};
		my @result = $code->($state);
		Storable::nstore($state, "$file.new$$");
		rename "$file.new$$", $file or die "$file: $!\n";
		return @result;
	});
}

# The state of a platform, to be read only.
sub state
{
	my ($self, $platform) = @_;
	my $file = "$self->{folder}/state/$platform";
	return $self->locked("state/$platform", sub { return -e $file ? Storable::retrieve($file) : {}; });
}

1;
