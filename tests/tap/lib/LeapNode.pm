# tests/tap/lib/LeapNode.pm
#     A PostgreSQL server with LEAP in it, folders for its files, and workers.
#
#     my $leap = LeapNode->new('name');          a running server, the schema, a user, folders
#     my $worker = $leap->worker(slots => 1);    a running worker; its options as named
#     my $id = $leap->add('a lecture');          a recording, its run started
#     $leap->wait_for_end($id);                  the state in which its run ended
#
# Programs are taken from $LEAP_BUILD, as tests/run sets it, or from build/. What is started
# here ends with the test.
package LeapNode;

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Copy qw(copy);
use File::Path qw(make_path remove_tree);
use LeapCluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $root = abs_path(dirname(__FILE__) . '/../../..');
my $build = $ENV{LEAP_BUILD} // "$root/build";
my @started;

# new(NAME, settings => TEXT for postgresql.conf)
sub new
{
	my ($class, $name, %options) = @_;
	my $self = bless { workers => 0 }, $class;

	$self->{base} = abs_path($PostgreSQL::Test::Utils::tmp_check) . "/$name";
	$self->{$_} = "$self->{base}/$_" for qw(storage library inbox log);
	remove_tree($self->{base});    # what is in a storage belongs to the database of an earlier run
	make_path(@$self{qw(storage library inbox log)});
	$self->{node} = LeapCluster::start($name, <<~SETTINGS . ($options{settings} // ''));
		timezone = 'UTC'
		leap.import_roots = '$self->{inbox}'
		SETTINGS
	$self->sql("SELECT leap.add_user('teacher\@example.org')");
	return $self;
}

sub node { return $_[0]{node}; }

# The rows of a query, columns parted by "|".
sub sql
{
	my ($self, $query) = @_;
	return $self->{node}->safe_psql('leap', $query);
}

# The program leap, and leap-media: the one that was built, or a copy of the fake one that
# behaves as told: {COMMAND => SECONDS, 'wait', 'die' or a signal, words => COUNT}.
# access_token(WHO, SECONDS): a token of a session of its own, for the user of whom the condition is true
sub access_token
{
	my ($self, $who, $seconds) = @_;
	return $self->sql("WITH s AS (INSERT INTO leap.sessions (user_id, expires_at) SELECT id, leap.clock() + interval '1 day' FROM leap.users WHERE $who RETURNING id, user_id)
		SELECT leap.access_token(u, jsonb_build_object('sid', s.id), $seconds) FROM s JOIN leap.users u ON u.id = s.user_id");
}

sub program { return "$build/bin/leap"; }

sub fake_media
{
	my ($self, $behaviour) = @_;
	my $program = "$self->{base}/leap-media";

	copy("$root/tests/fake/leap-media", $program) or die "$program: $!\n";
	chmod 0755, $program;
	$self->behave($behaviour // {});
	return $program;
}

sub behave
{
	my ($self, $behaviour) = @_;
	my $file = "$self->{base}/leap-media.behaviour";
	open my $out, '>', "$file.new" or die "$file: $!\n";
	print $out "$_ $behaviour->{$_}\n" for sort keys %$behaviour;
	close $out;
	rename "$file.new", $file or die "$file: $!\n"; # whoever reads it sees all of it
}

# The environment of leap for this server.
sub environment
{
	my ($self) = @_;
	return (
		LEAP_DATABASE => $self->{node}->connstr('leap'),
		LEAP_STORAGE => $self->{storage},
		LEAP_LIBRARY => $self->{library});
}

# worker(OPTION => VALUE...): starts one; returns its process id
sub worker
{
	my ($self, %options) = @_;
	my @arguments = map { "--$_=$options{$_}" } sort keys %options;
	my $log = $self->worker_log(++$self->{workers});
	my $pid = fork // die "fork: $!\n";

	if ($pid == 0)
	{
		my %environment = $self->environment;
		@ENV{ keys %environment } = values %environment;
		open STDERR, '>>', $log or die "$log: $!\n";
		open STDIN, '<', '/dev/null' or die "/dev/null: $!\n";
		exec $self->program, 'worker', @arguments or die $self->program . ": $!\n";
	}
	push @started, $pid;
	return $pid;
}

sub worker_log
{
	my ($self, $number) = @_;
	return "$self->{log}/worker-$number.log";
}

# All that the workers said so far.
sub log_text
{
	my ($self) = @_;
	return join '', map { slurp_file($self->worker_log($_)) } grep { -e $self->worker_log($_) } 1 .. $self->{workers};
}

# Waits until CODE returns something true; returns it, or undef when it took too long.
sub wait_until
{
	my ($self, $code, $seconds) = @_;
	my $end = time + ($seconds // 60);

	while (time < $end)
	{
		my $answer = $code->();
		return $answer if $answer;
		sleep 0.002;
	}
	return undef;
}

sub wait_for_log
{
	my ($self, $pattern, $seconds) = @_;
	return $self->wait_until(sub { $self->log_text =~ $pattern }, $seconds);
}

# State (a letter) and parent of every process.
sub processes
{
	my %processes;

	for my $file (glob '/proc/[0-9]*/stat')
	{
		open my $in, '<', $file or next; # it has ended meanwhile
		my $line = <$in> // '';
		$processes{$1} = { state => $2, parent => $3 } if $line =~ /^(\d+) \(.*\) (\S) (\d+)/;
	}
	return \%processes;
}

# The children of a worker that live.
sub children
{
	my ($self, $worker) = @_;
	my $processes = processes();
	return grep { $processes->{$_}{parent} == $worker && $processes->{$_}{state} ne 'Z' } keys %$processes;
}

sub is_alive
{
	my ($self, $pid) = @_;
	my $process = processes()->{$pid};
	return $process && $process->{state} ne 'Z';
}

# A session that does this SQL and stays: close_session() ends it, and what it began.
sub open_session
{
	my ($self, $sql) = @_;
	my $session = { output => "$self->{base}/session-" . ++$self->{sessions} };
	my @command = ('psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', $self->{node}->connstr('leap'), '-o', $session->{output});

	open my $in, '|-', @command or die "psql: $!\n";
	$in->autoflush(1);
	print $in "$sql;\n\\o\n\\! touch $session->{output}.done\n";
	$session->{in} = $in;
	$self->wait_until(sub { -e "$session->{output}.done" }) or die "no answer: $sql\n";
	return $session;
}

sub close_session
{
	my ($self, $session) = @_;
	return close delete $session->{in};
}

# A lock on the leases until its session is closed: EXCLUSIVE lets nobody change one, ACCESS
# EXCLUSIVE lets nobody see one.
sub lock_leases
{
	my ($self, $mode) = @_;
	return $self->open_session("BEGIN; LOCK TABLE leap.task_lease IN $mode MODE");
}

# Waits until a worker's session waits for that lock.
sub wait_for_blocked_worker
{
	my ($self) = @_;
	return $self->wait_for(q{SELECT count(*) > 0 FROM pg_locks JOIN pg_stat_activity USING (pid)
		WHERE relation = 'leap.task_lease'::regclass AND NOT granted AND application_name = 'leap worker'}, 't', 30);
}

# Sends a signal and waits for the end; returns the wait status.
sub end_worker
{
	my ($self, $pid, $signal) = @_;

	kill $signal, $pid;
	waitpid $pid, 0;
	@started = grep { $_ != $pid } @started;
	return $?;
}

# add(NAME, file => PATH, config => JSON, user => E-MAIL): a recording whose run has begun;
# returns its id. The user may be left out where there is only one.
sub add
{
	my ($self, $name, %options) = @_;
	my $file = "$self->{inbox}/" . ($name =~ s/\W+/-/gr) . '.mp4';

	if ($options{file})
	{
		copy($options{file}, $file) or die "$file: $!\n";
	}
	else
	{
		open my $out, '>', $file or die "$file: $!\n";
		print $out "a lecture\n" x 1000;
		close $out;
	}
	my $config = $options{config} // '{}';
	my $user = $options{user} ? "'$options{user}'" : 'NULL';
	my $id = $self->sql(qq{SELECT leap.add_recording($user, jsonb_build_object('type', 'file', 'path', '$file'), '$name', '$config')});
	$self->sql("SELECT leap.run_recording('$id')");
	return $id;
}

# Waits until a query's answer is as wanted (a text or a pattern); returns the answer.
sub wait_for
{
	my ($self, $query, $wanted, $seconds) = @_;
	my $end = time + ($seconds // 60);
	my $answer;

	do
	{
		$answer = $self->sql($query);
		return $answer if ref $wanted ? $answer =~ $wanted : $answer eq $wanted;
		sleep 0.05;
	} while (time < $end);
	return $answer;
}

# The state in which the last run ended, or "active" when it did not within the time.
sub wait_for_end
{
	my ($self, $id, $seconds) = @_;
	return $self->wait_for("SELECT state FROM leap.runs WHERE recording_id = '$id' ORDER BY started_at DESC LIMIT 1",
		qr/^(?:finished|failed|cancelled)$/, $seconds);
}

sub wait_for_running
{
	my ($self, $id, $kind, $seconds) = @_;
	return $self->wait_for("SELECT state FROM leap.tasks WHERE recording_id = '$id' AND kind = '$kind' ORDER BY id DESC LIMIT 1",
		'running', $seconds);
}

# One column of a recording.
sub recording
{
	my ($self, $id, $column) = @_;
	return $self->sql("SELECT $column FROM leap.recordings WHERE id = '$id'");
}

# "download=succeeded/1 trim=..." with the attempts
sub tasks
{
	my ($self, $id) = @_;
	return $self->sql("SELECT string_agg(format('%s=%s/%s', kind, state, attempt), ' ' ORDER BY id) FROM leap.tasks WHERE recording_id = '$id'");
}

# Processes of the fake leap-media that live.
sub media_processes
{
	my ($self) = @_;
	return split /\n/, qx(pgrep -f '^/usr/bin/perl $self->{base}/leap-media ');
}

# Waits until there are some.
sub wait_for_media
{
	my ($self) = @_;
	my $end = time + 30;

	sleep 0.05 while !$self->media_processes && time < $end;
	return scalar $self->media_processes;
}

# Waits until they are gone; returns how long it took, or undef when it took too long.
sub wait_for_no_media
{
	my ($self, $seconds) = @_;
	my $begin = time;

	while ($self->media_processes)
	{
		return undef if time - $begin > $seconds;
		sleep 0.02;
	}
	return time - $begin;
}

# The folders of the lessons of a recording.
sub lessons
{
	my ($self, $id) = @_;
	my ($end) = $id =~ /(\w+)$/;
	my @folders = glob "$self->{library}/*/*-$end";
	return @folders;
}

# A recording is published once: one lesson, and every artifact is there as it is described.
sub is_published_once
{
	my ($self, $id, $what) = @_;
	my @lessons = glob "$self->{library}/*/*/index.html";
	my $wrong = 0;

	for my $row (split /\n/, $self->sql("SELECT uri, bytes, sha256 FROM leap.artifacts WHERE recording_id = '$id'"))
	{
		my ($uri, $bytes, $sha256) = split /\|/, $row;
		my ($sum) = qx(sha256sum '$self->{storage}/$uri') =~ /^(\w+)/;
		$wrong++ if -s "$self->{storage}/$uri" != $bytes || $sum ne $sha256;
	}
	is($self->recording($id, 'status'), 'UPLOADED', "$what: published");
	is($wrong, 0, "$what: every file is as the database says");
	is(scalar(grep { slurp_file($_) =~ /\Q$id\E/ } map { s/index\.html$/metadata.json/r } @lessons), 1, "$what: one lesson");
	is($self->sql("SELECT count(*) FROM leap.task_lease"), 0, "$what: no lease is left");
}

# Files below the storage that no artifact names.
sub stray_files
{
	my ($self) = @_;
	my %named = map { $_ => 1 } split /\n/, $self->sql('SELECT uri FROM leap.artifacts');
	my @files = split /\n/, qx(cd '$self->{storage}' && find . -type f -not -name .leap-database -printf '%P\\n');
	return grep { !$named{$_} } @files;
}

# Folders of attempts below the storage.
sub work_folders
{
	my ($self) = @_;
	my @folders = glob "$self->{storage}/tmp/*";
	return @folders;
}

# What is half-made in the library.
sub half_lessons
{
	my ($self) = @_;
	my @folders = glob "$self->{library}/*/.new-*";
	return @folders;
}

# Stops the children of a worker as soon as it has some, where CODE says that it is time;
# returns them, or nothing when they were quicker.
sub freeze_children
{
	my ($self, $worker, $code) = @_;
	my @frozen;

	$self->wait_until(sub {
			@frozen = grep { kill 'STOP', $_ } $self->children($worker) if $code->();
			return @frozen > 0;
		}, 30);
	return grep { $self->is_alive($_) } @frozen;
}

END
{
	my $status = $?;

	kill 'KILL', @started if @started;
	waitpid $_, 0 for @started;
	$? = $status;
}

1;
