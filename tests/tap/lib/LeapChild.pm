# tests/tap/lib/LeapChild.pm
#     Plays the worker for one task at a time: starts `leap child`, gives it an assignment and
#     answers its questions. Needs no database.
#
#     my $leap = LeapChild->new('name');                 folders for storage, library, work
#         $leap->{settings} = {...};                     another storage (worker/storage/settings.h)
#     my $end = $leap->run(download => {recording => ...}, OPTIONS);
#         {done => ...} or {failed => ...}, and lines => [all it said], checkpoints => [...]
#     my @items = $leap->parts(sub { ask for a sync with $_[0] (after => ...) and return its end }, BETWEEN);
#         of all parts of a source that is asked so; BETWEEN is called with the number of each part
#     OPTIONS: attempt, allow_private (default 1), confirm (answer, default 1), mail (settings), keys
#         ({provider => key}), credential ({id, platform, version, data}, opened as the worker gives it; a token that is
#         renewed comes into it), media_seconds, site_program, database (its id), network ({allow => [...], proxy => URL}),
#         on_start => sub, called with the child's process id; on_line => sub, called with each line and the child's process id
package LeapChild;

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(make_path remove_tree);
use IPC::Open2;
use JSON::PP;
use PostgreSQL::Test::Utils;
use Socket;

my $root = abs_path(dirname(__FILE__) . '/../../..');
my $build = $ENV{LEAP_BUILD} // "$root/build";

sub new
{
	my ($class, $name) = @_;
	my $self = bless { base => abs_path($PostgreSQL::Test::Utils::tmp_check) . "/$name", tasks => 0 }, $class;

	remove_tree($self->{base});
	$self->{$_} = "$self->{base}/$_" for qw(storage library inbox served);
	make_path(@$self{qw(storage library inbox served)});
	$self->{media_program} = media_program();
	return $self;
}

sub media_program { return "$build/libexec/leap-media"; }

# In the child's place, after fork: descriptor 3 becomes the control socket.
sub become_child
{
	my ($socket) = @_;
	my $number = fileno $socket;

	POSIX::dup2($number, 3) if $number != 3;
	open STDIN, '<', '/dev/null' or die "/dev/null: $!\n";
	%ENV = ();
	$^F = 3;
	fcntl $socket, Fcntl::F_SETFD(), 0 if $number == 3;
	exec "$build/bin/leap", 'child' or die "leap: $!\n";
}

sub run
{
	my ($self, $kind, $input, %options) = @_;
	my $task = ++$self->{tasks};
	my $work = "$self->{storage}/tmp/$task-0a1b";

	require POSIX;
	require Fcntl;
	make_path($work);
	socketpair(my $ours, my $theirs, AF_UNIX, SOCK_STREAM, PF_UNSPEC) or die "socketpair: $!\n";
	my $pid = fork // die "fork: $!\n";
	become_child($theirs) if $pid == 0;
	close $theirs;
	$ours->autoflush(1);
	print $ours encode_json({
		task => "$task", kind => $kind, attempt => $options{attempt} // 1, input => $input,
		settings => { storage => $self->{settings} // $self->{storage}, library => $self->{library},
			media_program => $self->{media_program}, work => $work, threads => 2,
			allow_private_addresses => ($options{allow_private} // 1) ? JSON::PP::true : JSON::PP::false,
			$options{media_seconds} ? (media_seconds => $options{media_seconds}) : (),
			$options{site_program} ? (site_program => $options{site_program}) : (),
			$options{library_url} ? (library_url => $options{library_url}) : (),
			$options{network} ? (network => $options{network}) : (),
			$options{database} ? (database => $options{database}) : (),
			$options{keys} ? (keys => $options{keys}) : (),
			$options{credential} ? (credential => $options{credential}) : (),
			$options{mail} ? (mail => $options{mail}) : () },
	}), "\n";
	$options{on_start}->($pid) if $options{on_start};
	my $end = $self->listen($ours, $pid, %options);
	waitpid $pid, 0;
	$end->{status} = $?;
	remove_tree($work);
	return $end;
}

sub parts
{
	my ($self, $ask, $between) = @_;
	my (@items, @after);

	for my $part (1 .. 200)
	{
		my $facts = $ask->(@after)->{done}{facts} or return 'failed';
		push @items, @{ $facts->{items} };
		return @items if !$facts->{next};
		return 'not full' if !@{ $facts->{items} } || !$facts->{truncated};
		@after = (after => $facts->{next});
		$between->($part) if $between;
	}
	return 'no end';
}

# What the worker answers when a child wants a newer token, or has one.
sub renew
{
	my ($credential, $line) = @_;

	return (ok => JSON::PP::false, reason => 'credential_missing') if !$credential;
	if ($line->{credential} eq 'store')
	{
		@$credential{qw(version data)} = ($line->{version} + 1, $line->{data});
		return (ok => JSON::PP::true, version => $credential->{version});
	}
	return $credential->{version} > $line->{version} ? (ok => JSON::PP::true, version => $credential->{version}, data => $credential->{data}) : (ok => JSON::PP::true, turn => JSON::PP::true);
}

sub listen
{
	my ($self, $socket, $pid, %options) = @_;
	my %end = (lines => [], checkpoints => [], confirms => 0);

	while (my $text = <$socket>)
	{
		my $line = decode_json($text);
		push @{ $end{lines} }, $line;
		$options{on_line}->($line, $pid) if $options{on_line};
		if (exists $line->{seq})
		{
			my $ok = exists $line->{confirm} ? $options{confirm} // 1 : 1;
			push @{ $end{checkpoints} }, $line->{checkpoint} if exists $line->{checkpoint};
			$end{confirms}++ if exists $line->{confirm};
			print $socket encode_json({ seq => $line->{seq}, ok => $ok ? JSON::PP::true : JSON::PP::false, exists $line->{credential} ? renew($options{credential}, $line) : () }), "\n";
		}
		$end{done} = $line->{done} if exists $line->{done};
		$end{failed} = $line->{failed} if exists $line->{failed};
	}
	return \%end;
}

# The fake web server over the folder `served`; returns its port. What it was asked is
# read by requests().
sub serve
{
	my ($self) = @_;
	$self->{web} = open2(my $from, $self->{to_web}, "$root/tests/fake/web", $self->{served}, "$self->{base}/web.log");
	my ($port) = <$from> =~ /(\d+)/;
	$self->{port} = $port;
	return $port;
}

sub requests
{
	my ($self) = @_;
	return () if !-e "$self->{base}/web.log";
	my @requests = map { decode_json($_) } split /\n/, slurp_file("$self->{base}/web.log");
	unlink "$self->{base}/web.log";
	return @requests;
}

# Files of the storage, relative to it.
sub stored
{
	my ($self) = @_;
	return sort split /\n/, qx(cd '$self->{storage}' && find . -type f -not -path './tmp/*' -printf '%P\\n');
}

# The artifacts of a result as the next task's input has them.
sub artifacts
{
	my ($end) = @_;
	return { map { $_->{kind} => $_ } @{ $end->{done}{artifacts} } };
}

sub DESTROY
{
	my ($self) = @_;
	local $?;
	close $self->{to_web} if $self->{to_web};
	waitpid $self->{web}, 0 if $self->{web};
}

1;
