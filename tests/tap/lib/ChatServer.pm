# tests/tap/lib/ChatServer.pm
#     The strict server of chat completions (tests/fake/chat) for one test.
#
#     my $chat = ChatServer->new(FOLDER, dialect => 'openai', key => 'k', model => 'm', context => 8000);
#     $chat->{url}                      base URL, as a provider has it
#     $chat->scenario(STEP...)          what the next requests get (tests/fake/README.md); one hash: all
#     my @requests = $chat->requests;   what it was asked since the last time
#     $chat->release                    lets answers with `hold` go
package ChatServer;

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use IPC::Open2;
use JSON::PP;

my $root = abs_path(dirname(__FILE__) . '/../../..');

sub new
{
	my ($class, $folder, %options) = @_;
	my $self = bless { folder => $folder, read => 0 }, $class;

	make_path($folder);
	unlink map { "$folder/$_" } qw(requests.jsonl scenario.json release);
	$self->{pid} = open2(my $from, $self->{to}, "$root/tests/fake/chat/server", $folder,
		map { "$_=$options{$_}" } sort keys %options);
	my ($port) = (<$from> // '') =~ /(\d+)/;
	die "the chat server does not start\n" if !defined $port;
	$self->{from} = $from;
	$self->{port} = $port;
	$self->{url} = "http://127.0.0.1:$port" . (($options{dialect} // '') eq 'deepseek' ? '' : '/v1');
	return $self;
}

# Each call begins a new scenario; \%step alone holds for every request.
sub scenario
{
	my ($self, @steps) = @_;
	my $scenario = @steps == 1 && delete $steps[0]{always} ? $steps[0] : \@steps;

	open my $out, '>', "$self->{folder}/scenario.new" or die "scenario.new: $!\n";
	print $out encode_json($scenario);
	close $out or die "scenario.new: $!\n";
	unlink "$self->{folder}/release";
	rename "$self->{folder}/scenario.new", "$self->{folder}/scenario.json" or die "scenario.json: $!\n";
	return;
}

sub release
{
	my ($self) = @_;
	open my $out, '>', "$self->{folder}/release" or die "release: $!\n";
	close $out;
	return;
}

sub requests
{
	my ($self) = @_;
	open my $in, '<:raw', "$self->{folder}/requests.jsonl" or return ();
	seek $in, $self->{read}, 0;
	my @new = <$in>;
	$self->{read} = tell $in;
	return map { decode_json($_) } @new;
}

sub DESTROY
{
	my ($self) = @_;
	local $?;
	close $self->{to} if $self->{to};
	waitpid $self->{pid}, 0 if $self->{pid};
}

1;
