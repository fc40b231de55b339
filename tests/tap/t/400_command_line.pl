# tests/tap/t/400_command_line.pl
#     The command line as people and scripts use it: what it prints, what it exits with, and
#     that deploying twice changes nothing.
use strict;
use warnings;

use JSON::PP;
use LeapNode;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $leap = LeapNode->new('cli', settings => "leap.default_max_recordings_per_month = 4\n");
my %environment = $leap->environment;
@ENV{ keys %environment } = values %environment;

# leap ARGUMENT...: exit status, standard output, standard error
sub leap
{
	my @command = ($leap->program, @_);
	my ($out, $err) = ('', '');
	my $run = IPC::Run::start(\@command, '<', \undef, '>', \$out, '2>', \$err);
	$run->finish;
	return ($run->full_result(0) >> 8, $out, $err);
}

sub says
{
	my ($what, $arguments, $status, $out, $err) = @_;
	my @got = leap(@$arguments);

	is($got[0], $status, "$what: exit status $status");
	like($got[1], $out, "$what: standard output");
	like($got[2], $err, "$what: standard error");
	return @got;
}

# a database of its own, without a schema
$leap->node->safe_psql('postgres', 'CREATE DATABASE fresh');
my $fresh = '--database=' . $leap->node->connstr('fresh');
says('deploy', [ 'deploy', $fresh ], 0, qr/^schema 1\.0 is deployed$/m, qr/^$/);
my $versions = 'SELECT count(*), max(deployed_at) FROM leap.schema_versions';
my $objects = q(SELECT md5(string_agg(format('%s %s %s', oid, xmin, proname), ',' ORDER BY oid)) FROM pg_proc WHERE pronamespace = 'leap'::regnamespace);
my @before = map { $leap->node->safe_psql('fresh', $_) } $versions, $objects;
says('deploy again', [ 'deploy', $fresh ], 0, qr/^schema 1\.0 is deployed already$/m, qr/^$/);
is_deeply([ map { $leap->node->safe_psql('fresh', $_) } $versions, $objects ], \@before, 'and nothing has changed');
says('deploy where nothing is', [ 'deploy', '--database=host=/nowhere' ], 5, qr/^$/, qr/cannot connect.*hint: /s);

says('user add', [qw(user add second@example.org --full-name Second)], 0, qr/^user second\@example\.org added: [0-9a-f-]{36}$/, qr/^$/);
says('user invite', [qw(user invite ann@example.org --public-url https://leap.example.org/)], 0,
	qr{^The link to an account:\n  https://leap\.example\.org/register\#[\w-]{43}&ann\@example\.org\ngood once, until .+\n$}, qr/^$/);
my @first = map { (says('the first administrator', [qw(user first)], 0, qr{^  http://127\.0\.0\.1:8080/register\#[\w-]{43}$}m, qr/^$/))[1] } 1, 2;
isnt($first[0], $first[1], 'another link each time');
is($leap->sql("SELECT count(*) FROM leap.invitations WHERE email IS NULL AND role = 'admin'"), 1, 'of which the last is good');
says('the same user', [qw(user add SECOND@example.org)], 1, qr/^$/, qr/already\nhint: /);
says('no address', [qw(user add nobody)], 2, qr/^$/, qr/"nobody" is no e-mail address\nhint: /);


# a password comes from standard input and is nowhere to be seen
my ($secret, $output) = ("Lecture-Hall-7\n", '');
IPC::Run::run([ $leap->program, qw(user password second@example.org) ], '<', \$secret, '>', \$output, '2>&1');
is($output, "the password of second\@example.org is set\n", 'a password from standard input');
unlike(slurp_file($leap->node->logfile), qr/Lecture-Hall-7/, 'reaches no log');
is($leap->sql("SELECT leap.password_fits(id, 'Lecture-Hall-7') FROM leap.users WHERE email = 'second\@example.org'"), 't', 'is that one');
says('no password', [qw(user password second@example.org)], 2, qr/^$/, qr/no password was given/);
($secret, $output) = ("x7Kw\n", '');
IPC::Run::run([ $leap->program, qw(user password second@example.org) ], '<', \$secret, '>', \$output, '2>&1');
like($output, qr/this cannot be a password\nhint: /, 'a password that breaks the rule');
unlike(slurp_file($leap->node->logfile), qr/x7Kw/, 'does not, either');

($secret, $output) = ("Lecture-Hall-9\n", '');
IPC::Run::run([ $leap->program, qw(user add third@example.org) ], '<', \$secret, '>', \$output, '2>&1');
like($output, qr/^user third\@example\.org added: [0-9a-f-]{36}\n\z/, 'an account and its password in one');
is($leap->sql("SELECT leap.password_fits(id, 'Lecture-Hall-9') FROM leap.users WHERE email = 'third\@example.org'"), 't', 'is that one');
($secret, $output) = ("x7Kw\n", '');
IPC::Run::run([ $leap->program, qw(user add fourth@example.org) ], '<', \$secret, '>', \$output, '2>&1');
like($output, qr/this cannot be a password\nhint: .*leap user password fourth\@example\.org sets one/s, 'or the account alone, and how to go on');

says('no user named', [qw(add https://example.org/a.mp4)], 2, qr/^$/, qr/no user was named\nhint: Name one by e-mail address: --user EMAIL/);
my @user = qw(--user teacher@example.org);
my (undef, $id) = says('add', [ 'add', 'https://example.org/talks/a.mp4', @user, '--name', "A \e[31mtalk" ], 0, qr/^[0-9a-f-]{36}$/, qr/^$/);
chomp $id;
says('add outside', [ 'add', '/etc/passwd', @user ], 2, qr/^$/, qr{/etc/passwd is not below an import root\nhint: .*\Q$leap->{inbox}\E});
says('add what is no URL', [ 'add', 'ftp://example.org/a', @user ], 2, qr/^$/, qr/not a URL LEAP can fetch\nhint: /);
says('add a file that is not there', [ 'add', "$leap->{inbox}/none.mp4", @user ], 2, qr/^$/, qr{there is no file \Q$leap->{inbox}\E/none\.mp4\nhint: \S});
says('add a folder', [ 'add', $leap->{inbox}, @user ], 2, qr/^$/, qr{\Q$leap->{inbox}\E is a folder\nhint: \S});
says('add nothing', ['add'], 2, qr/^$/, qr/name one file or URL\nhint: leap add --help/);

says('list', ['list'], 0, qr/^\Q$id\E  INITIALIZED +0 %  +-  teacher\@example\.org  +A \?\[31mtalk$/m, qr/^$/);
says('list what cannot be', [qw(list --status NONSENSE)], 2, qr/^$/, qr/no status "NONSENSE"\nhint: Statuses are DOWNLOADED/);
says('list of nobody', [qw(list --user nobody@example.org)], 3, qr/^$/, qr/there is no user/);
says('deploy as an operator', [ 'deploy', '--database=' . $leap->node->connstr('leap') . ' user=leap_operator' ], 4, qr/^$/,
	qr/only a superuser.*"leap_operator" is none\nhint: /);
says('show', [ 'show', $id ], 0, qr/^status +INITIALIZED.*^waiting +no worker serves the queue upload.*^steps\n  download +ready/ms, qr/^$/);
$leap->node->safe_psql('leap', "UPDATE leap.recordings SET unmatched_reason = 'no template matches' WHERE id = '$id'");
says('show why it has no template', [ 'show', $id ], 0, qr/^template   none: no template matches$/m, qr/^$/);
says('show by its end', [ 'show', substr $id, 28 ], 0, qr/^id +\Q$id\E$/m, qr/^$/);
says('an unknown id', [qw(show 00000000)], 3, qr/^$/, qr/there is no recording 00000000\nhint: /);
says('what is no name either', [qw(show lecture)], 3, qr/^$/, qr/there is no recording lecture\nhint: leap list shows the ids; the beginning/);
my $called = $leap->sql("SELECT display_name FROM leap.recordings WHERE id = '$id'");
$leap->node->safe_psql('leap', "UPDATE leap.recordings SET display_name = 'Week 3: gases' WHERE id = '$id'");
says('show by its name', [ 'show', 'week 3: Gases' ], 0, qr/^id +\Q$id\E$/m, qr/^$/);
$leap->node->safe_psql('leap', "UPDATE leap.recordings SET display_name = \$\$$called\$\$ WHERE id = '$id'");
says('a word that is none of the command', [qw(queue stop upload)], 2, qr/^$/, qr/there is no leap queue stop\nhint: The word behind leap queue is pause or resume/);
says('run twice', [ 'run', $id ], 4, qr/^$/, qr/run [0-9a-f-]+ of this recording is active\nhint: Wait for it/);
says('retry', [ 'retry', $id ], 4, qr/^$/, qr/has not failed/);
says('accept', [ 'accept', $id ], 4, qr/^$/, qr/not held/);
says('cancel', [ 'cancel', $id ], 0, qr/is cancelled$/, qr/^$/);
says('watch what was cancelled', [ 'watch', $id ], 1, qr/task +download +ready -> cancelled/, qr/cancelled: .*\nhint: leap run \Q$id\E continues/);
my (undef, undef, $json) = says('an error for programs', [ 'cancel', $id, '--json' ], 4, qr/^$/, qr/no run of this recording is active/);
is(decode_json($json)->{error}{sqlstate}, 'LP003', 'has the SQLSTATE');
my (undef, $detail) = leap('show', $id, '--json');
is(decode_json($detail)->{status}, 'INITIALIZED', 'show for programs');

says('run later', [ 'run', $id, '--at', 'tomorrow 03:00', '--priority', '-5' ], 0, qr/^the run of .* starts at \d{4}-\d\d-\d\d 03:00:00 UTC$/, qr/^$/);
says('show what waits', [ 'show', $id ], 0, qr/^waiting +starts at .* 03:00:00 UTC/m, qr/^$/);
says('prioritize', [ 'prioritize', $id, '--priority=9' ], 0, qr/has another place among what waits$/, qr/^$/);
says('prioritize without a number', [ 'prioritize', $id ], 2, qr/^$/, qr/say --priority=N/);
says('a priority out of range', [ 'prioritize', $id, '--priority', '11' ], 2, qr/^$/, qr/"11" is no whole number of -10 to 10/);
my (undef, $tasks) = says('tasks', [ 'tasks', $id, '--status', 'pending', '--limit=2' ], 0, qr/^ +\d+  \w{8}  upload +PENDING +0 %  try 0  \n +\d+  \w{8}  subtitles +PENDING/, qr/^$/);
my ($task) = $tasks =~ /(\d+)/;
says('tasks for programs', [ 'tasks', '--json', @user ], 0, qr/"status":\s*"CANCELLED"/, qr/^$/);
says('tasks of nobody', [qw(tasks --user nobody@example.org)], 3, qr/^$/, qr/there is no user/);
says('tasks of another kind', [qw(tasks --status DONE)], 2, qr/^$/, qr/no status "DONE"\nhint: There are CANCELLED/);
says('task show', [ 'task', 'show', $task ], 0, qr/^id +$task\nrun +.*^kind +upload\n.*^status +PENDING\n.*^recording_name +A \?\[31mtalk$/ms, qr/^$/);
says('task cancel', [ 'task', 'cancel', $task ], 0, qr/^task $task \(upload\) is cancelled$/, qr/^$/);
says('task cancel again', [ 'task', 'cancel', $task ], 4, qr/^$/, qr/it has ended: CANCELLED/);
says('no task', [qw(task cancel 0)], 3, qr/^$/, qr/there is no task 0/);
says('what is no task', [qw(task show upload)], 2, qr/^$/, qr/a task's number/);
says('queue pause', [qw(queue pause upload --reason), 'a new disk'], 0, qr/^the queue upload is paused$/, qr/^$/);
says('queues', ['queues'], 0, qr/^upload +paused +\d+ ready .*  a new disk$/m, qr/^$/);
says('doctor', ['doctor'], 1, qr/^warning +paused +upload, .*: a new disk\n +leap queue resume/m, qr/^$/);
says('queue resume', [qw(queue resume upload)], 0, qr/^the queue upload goes on$/, qr/^$/);
says('no queue', [qw(queue pause beer)], 2, qr/^$/, qr/there is no queue "beer"\nhint: Queues are/);
says('cancel what waits', [ 'cancel', $id ], 0, qr/is cancelled$/, qr/^$/);
says('a time that is none', [ 'run', $id, '--at', 'soon' ], 2, qr/^$/, qr/"soon"/);

says('add what only workers may see', [ 'add', "$leap->{inbox}/elsewhere/a.mp4", @user ], 0, qr/^[0-9a-f-]{36}$/, qr{^note: .*elsewhere/a\.mp4 cannot be seen from here});
says('within the quota', [ 'add', 'https://example.org/b.mp4', @user ], 0, qr/^[0-9a-f-]{36}$/, qr/^$/) for 1 .. 2;
says('the quota', [ 'add', 'https://example.org/c.mp4', @user ], 4, qr/^$/, qr/quota recordings_per_month exceeded: the limit is 4 recordings a month, 4 recordings used\nhint: It counts anew on /);

# held: watch says so and what to do
my (undef, $held) = leap('list', '--json');
my $other = decode_json($held)->[0]{id};
says('pause', [ 'pause', $other ], 0, qr/is paused$/, qr/^$/);
says('watch what is held', [ 'watch', $other ], 4, qr/./, qr/held: .*\nhint: leap resume/);
says('doctor about it', ['doctor'], 1, qr/^warning +held +1 recording waits for a person$/m, qr/^$/);
says('retry what is held', [ 'retry', $other ], 4, qr/^$/, qr/not failed|held: paused/);
is((leap('show', $other))[1] =~ /\((\d+) %\)/ && $1, (leap('list'))[1] =~ /^\Q$other\E.*? (\d+) %/m && $1, 'show and list tell the same progress');
says('resume', [ 'resume', $other ], 0, qr/goes on$/, qr/^$/);
says('delete', [ 'delete', $other ], 0, qr/is deleted; leap restore brings it back for 30 days$/, qr/^$/);
says('show what is deleted', [ 'show', $other ], 0, qr/^deleted +\d{4}-\d\d-\d\d [\d:]{8} UTC; leap restore brings it back until \d{4}-\d\d-\d\d [\d:]{8} UTC$/m, qr/^$/);
says('run what is deleted', [ 'run', $other ], 3, qr/^$/, qr/there is no recording/);
says('restore', [ 'restore', $other ], 0, qr/is restored$/, qr/^$/);
my $idle = $leap->sql(q{SELECT leap.add_recording('second@example.org', '{"type":"url","url":"https://example.org/d.mp4"}')});
says('watch what has no run', [ 'watch', $idle ], 4, qr/new -> INITIALIZED/, qr/no run of this recording has begun\nhint: leap run/);

says('doctor without a worker', ['doctor'], 1, qr/^error +workers +0 alive.*^ +Start one: leap worker/ms, qr/^$/);
my $worker = $leap->worker(name => 'hands');
$leap->wait_for('SELECT count(*) FROM leap.workers WHERE stopped_at IS NULL', '1');
my (undef, $checks) = leap('doctor', '--json');
my %status = map { $_->{check_name} => $_->{status} } @{ decode_json($checks) };
is_deeply([ map { "$_ $status{$_}" } 'workers', 'leap-media', 'storage', 'library', 'preload' ],
	[ 'workers ok', 'leap-media ok', 'storage ok', 'library ok', 'preload ok' ], 'doctor with a worker');
says('workers', ['workers'], 0, qr/^alive +\d of .*hands/, qr/^$/);
$leap->worker(name => 'stranger', library => '/usr', queue => 'notify');
ok($leap->wait_for_log(qr{cannot write into folder "/usr".*\n.*hint: Every worker on this storage}), 'a worker that may not write the folder of another user says what to do');

# what nobody meant
says('an unknown command', ['fly'], 2, qr/^$/, qr/there is no command "fly"\nhint: leap help/);
says('an unknown option', [qw(list --colour)], 2, qr/^$/, qr/--colour\nhint: Did you mean --color\?/);
my ($status, $help) = leap('--help');
for my $command (qw(add list show watch run retry cancel pause resume accept delete restore workers user deploy doctor worker))
{
	like($help, qr/^  $command +\S/m, "--help names $command");
	says("$command --help", [ $command, '--help' ], 0, qr/^Usage: leap $command/m, qr/^$/);
}

done_testing();
