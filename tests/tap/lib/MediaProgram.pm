# tests/tap/lib/MediaProgram.pm
#     Runs leap-media as a worker's child does: files by descriptor, an empty environment.
package MediaProgram;

use strict;
use warnings;

use Cwd qw(abs_path);
use Exporter qw(import);
use Fcntl;
use File::Basename qw(dirname);
use File::Temp;
use JSON::PP;

our @EXPORT_OK = qw(run_media media_program tree_root run_ffmpeg);

sub tree_root
{
	return abs_path(dirname(abs_path(__FILE__)) . '/../../..');
}

sub media_program
{
	my $build = $ENV{LEAP_BUILD} // tree_root() . '/build';
	return $ENV{LEAP_MEDIA} // "$build/libexec/leap-media";
}

# run_media COMMAND, {option => file, ...}, option => value ...: the status and the decoded
# result. Files named input are read; all others are made or emptied for writing unless they
# exist already (an envelope to be judged again).
sub run_media
{
	my ($command, $files, @options) = @_;
	my $out = File::Temp->new;
	my @arguments = ($command);
	my @open;

	local $^F = 1000; # descriptors survive exec
	for my $name (sort keys %$files)
	{
		my $reads = $name eq 'input' || $command eq 'boundaries' || $command eq 'transcribe' || $name =~ /^(?:still|chapters)$/
		  || ($command eq 'sound' && $name eq 'audio');
		sysopen my $file, $files->{$name}, $reads ? O_RDONLY : O_RDWR | O_CREAT | O_TRUNC
			or die "$files->{$name}: $!";
		push @open, $file;
		push @arguments, "--$name", fileno $file;
	}
	while (my ($name, $value) = splice @options, 0, 2)
	{
		push @arguments, "--$name", $value;
	}
	my $program = media_program();
	my $child = fork // die "fork: $!";
	if ($child == 0)
	{
		open STDOUT, '>&', $out or die $!;
		open STDERR, '>', '/dev/null' or die $!;
		%ENV = ();
		exec { $program } 'leap-media', @arguments;
		die "exec: $!";
	}
	waitpid $child, 0;
	my $status = $? & 127 ? "signal " . ($? & 127) : $? >> 8;
	local $/ = undef;
	seek $out, 0, 0;
	my $text = <$out>;
	my $result = eval { decode_json($text) } // { text => $text };
	return ($status, $result);
}

# Runs ffmpeg quietly; what it says on standard error.
sub run_ffmpeg
{
	my @arguments = @_;
	my $pid = open my $pipe, '-|' // die "fork: $!";
	if ($pid == 0)
	{
		open STDERR, '>&', \*STDOUT or die $!;
		exec 'ffmpeg', '-hide_banner', '-nostdin', '-nostats', '-y', @arguments;
		die "ffmpeg: $!";
	}
	local $/ = undef;
	my $said = <$pipe>;
	close $pipe or die "ffmpeg @arguments: $said";
	return $said;
}

1;
