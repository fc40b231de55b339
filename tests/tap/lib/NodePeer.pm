# tests/tap/lib/NodePeer.pm
#     A program of tests/node, run by the Node that was installed with its libraries. It speaks
#     JSON, one object a line, and ends when its standard input is closed.
package NodePeer;

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use IPC::Open2;
use JSON::PP;

my $root = abs_path(dirname(__FILE__) . '/../../..');

# The command that runs a program of tests/node.
sub command
{
	my ($program, @arguments) = @_;
	return ("$root/tests/node/node_modules/.bin/node", "$root/tests/node/$program", @arguments);
}

sub start
{
	my ($class, @program) = @_;
	my $self = bless {}, $class;

	$self->{pid} = open2($self->{from}, $self->{to}, command(@program));
	$self->{to}->autoflush(1);
	return $self;
}

# The next line it says, decoded; dies when it has ended.
sub read
{
	my ($self) = @_;
	my $line = readline $self->{from};

	die "the program of tests/node has ended\n" if !defined $line;
	return decode_json($line);
}

sub ask
{
	my ($self, $question) = @_;

	print { $self->{to} } encode_json($question), "\n";
	return $self->read;
}

sub DESTROY
{
	my ($self) = @_;
	local $?;
	close $self->{to} if $self->{to};
	waitpid $self->{pid}, 0 if $self->{pid};
}

1;
