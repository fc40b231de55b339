# tests/tap/lib/MadeOnce.pm
#     Folders whose content takes long to make: made once for all programs of a test run.
#
#     my $folder = made_once('corpus', sub { my ($folder) = @_; ... });
#
# Whoever comes first makes it, the others wait. A program that runs without tests/run makes a
# folder of its own, which ends with it.
package MadeOnce;

use strict;
use warnings;

use Exporter qw(import);
use Fcntl qw(:flock);
use File::Path qw(make_path);
use File::Temp qw(tempdir);

our @EXPORT_OK = qw(made_once);

my %own;

# made_once(NAME, CODE, [FOLDER]): the folder that CODE has filled; it dies when it cannot
sub made_once
{
	my ($name, $make, $folder) = @_;

	$folder //= "$ENV{LEAP_STAGE}/$name" if defined $ENV{LEAP_STAGE};
	$folder //= $own{$name} //= tempdir("leap-$name-XXXXXX", TMPDIR => 1, CLEANUP => 1);
	make_path($folder);
	open my $lock, '>', "$folder/lock" or die "$folder/lock: $!\n";
	flock $lock, LOCK_EX or die "flock: $!\n";
	return $folder if -e "$folder/made";
	$make->($folder);
	open my $made, '>', "$folder/made" or die "$folder/made: $!\n";
	return $folder;
}

1;
