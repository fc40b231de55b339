# tests/tap/t/841_command_words.pl
#     The command line around its commands: the monitor, help and slips of the finger,
#     completion in real shells, manual pages, colours, and JSON of every command.
use strict;
use warnings;
use utf8;

use Encode qw(decode);
use File::Path qw(make_path);
use IPC::Run;
use JSON::PP;
use LeapNode;
use LeapTerminal;
use PostgreSQL::Test::Utils;
use Test::More;

my $leap = LeapNode->new('command_words');
my %environment = $leap->environment;
@ENV{ keys %environment } = values %environment;
delete @ENV{qw(NO_COLOR CLICOLOR_FORCE LEAP_COLOR)};
my $share = $leap->program =~ s{/bin/leap\z}{/share}r;

sub run
{
	my ($out, $err) = ('', '');
	my $run = IPC::Run::start(\@_, '<', \undef, '>', \$out, '2>', \$err);
	$run->finish;
	return ($run->full_result(0) >> 8, decode('UTF-8', $out), $err);
}

sub leap { return run($leap->program, @_); }

sub parsed { return JSON::PP->new->allow_nonref->decode($_[0]); }

my $id = $leap->sql(qq{SELECT leap.add_recording(NULL, '{"type":"url","url":"https://example.org/a.mp4"}', 'Algebra one')});
$leap->sql("SELECT leap.run_recording('$id')");

# --- help
my ($status, $out, $err) = leap('lsit');
is($status, 2, 'an unknown command');
like($err, qr/there is no command "lsit"\nhint: Did you mean: leap list;/, '... and the nearest');
like((leap('watch', '--jsno'))[2], qr/no option --jsno\nhint: Did you mean --json\?/, 'an unknown option, and the nearest');
is((leap('help', 'watch'))[1], (leap('watch', '--help'))[1], 'leap help COMMAND is COMMAND --help');
like((leap('help', 'wacth'))[2], qr/Did you mean: leap watch/, 'help of an unknown command');
my @commands = map { $_->{command} } @{ parsed((leap('help', '--json'))[1]) };
cmp_ok(scalar @commands, '>', 40, 'help for programs');

# --- exit statuses: the overview, the manual pages and the document tell the same
my %told = (leap('help'))[1] =~ /^  (\d+) +(.+)$/mg;
is_deeply([ sort { $a <=> $b } keys %told ], [ 0 .. 6, 130 ], 'the exit statuses');
my $page = (leap('man'))[1];
for my $code (keys %told)
{
	like($page, qr/^\\fB$code\\fR$/m, "... $code is in leap(1)");
}

# --- manual pages
my @pages = glob "$share/man/*.1";
is(scalar @pages, @commands + 1, 'a page for each command, and leap(1)');
for my $lint ([ 'mandoc', '-Tlint', '-W', 'warning' ], [ 'man', '--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z' ])
{
	my %complaints;
	for my $file (@pages)
	{
		my ($bad, $text, $more) = run(@$lint, $file);
		$text = '' if $lint->[0] eq 'man';
		$complaints{ $file =~ s{.*/}{}r } = "$text$more" if $bad || "$text$more" ne '';
	}
	is_deeply(\%complaints, {}, "$lint->[0] has nothing to say about them");
}
for my $command (@commands)
{
	my $text = (leap('man', $command))[1];
	my @missing = grep { my $flag = s/-/\\-/gr; $text !~ /^\\fB\Q$flag\E/m } (leap('help', $command))[1] =~ /^  (--[a-z-]+)/mg;
	is_deeply(\@missing, [], "leap-$command(1) has every option");
}

# --- completion: what it answers
sub offers { my @words = @_; return map { s/\t.*//r } split /\n/, (leap('complete', '--', @words))[1]; }
is_deeply([ offers('ca') ], [qw(cancel captions)], 'commands');
is_deeply([ offers('watch', '--a') ], ['--all'], 'options of the command');
is_deeply([ offers('top', '--sort=p') ], ['--sort=progress'], 'values, behind =');
is_deeply([ offers('top', '--sort', 'p') ], ['progress'], 'and behind a blank');
is_deeply([ offers('queue', '') ], [qw(pause resume)], 'verbs');
is_deeply([ offers('queue', 'pause', 'pr') ], ['processing'], 'queues');
is_deeply([ offers('list', '--user', 't') ], ['teacher@example.org'], 'users');
is_deeply([ offers('show', substr $id, 0, 6) ], [$id], 'recordings by their id');
is_deeply([ offers('show', 'alge') ], [$id], '... by a name that only one has');
is_deeply([ offers('show', substr $id, 28) ], [$id], '... by the end of the id');
is_deeply([ offers('--database=host=/nowhere', 'show', '') ], [], 'nothing where there is nothing');
is((leap('complete', '--', 'list', '--database=host=/nowhere', '--user', ''))[2], '', 'a database that does not answer is no message');

# --- completion: bash and zsh
my $bash = <<'BASH';
source "$1"; shift
COMP_LINE=$* COMP_POINT=${#COMP_LINE}
read -ra COMP_WORDS <<<"${COMP_LINE//=/ = }"
[[ $COMP_LINE != *' ' ]] || COMP_WORDS+=('')
COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
compopt() { echo "compopt $*"; }
COMP_WORDS[0]=$PROGRAM
_leap
printf '%s\n' "${COMPREPLY[@]}"
BASH
$ENV{PROGRAM} = $leap->program;
sub bash { return (run('bash', '-c', $bash, 'bash', "$share/leap.bash", "leap $_[0]"))[1]; }
is(bash('ca'), "cancel\ncaptions\n", 'bash: commands');
is(bash('top --so'), "compopt -o nospace\n--sort=\n", 'bash: an option that wants a value');
is(bash('top --sort=p'), "progress\n", 'bash: its value');
is(bash('queue pause '), "automation\nnotify\nprocessing\nupload\n", 'bash: names of the database');
like(bash("add $leap->{base}/inb"), qr{^compopt -o filenames\n\Q$leap->{base}\E/inbox$}m, 'bash: files');

{
	my $folder = "$leap->{base}/zsh";
	make_path($folder);
	local @ENV{qw(ZDOTDIR HOME)} = ($folder, $folder);
	append_to_file("$folder/.zshrc", <<~ZSH);
		PATH=@{[ $leap->program =~ s{/leap\z}{}r ]}:\$PATH
		fpath=($share \$fpath)
		PS1='ready> '
		zstyle ':completion:*' menu no
		autoload -Uz compinit && compinit -u -d $folder/dump
		ZSH
	my $zsh = LeapTerminal->new([ 'zsh', '-o', 'NO_GLOBAL_RCS', '-i' ], columns => 120, rows => 30, environment => { TERM => 'dumb' });
	ok($zsh->wait_for(qr/ready>/), 'zsh: begins');
	for my $case ([ "leap capt\t", qr/captions/ ], [ "top --sort=pro\t", qr/--sort=progress/, 'leap ' ], [ "pause pro\t", qr/pause processing/, 'leap queue ' ],
		[ "show alge\t", qr/\Q$id\E/, 'leap ' ])
	{
		$zsh->{raw} = '';
		$zsh->press("\025" . ($case->[2] // '') . $case->[0]);
		ok($zsh->wait_until(sub { $zsh->{raw} =~ s/[\r\n\x08]|\e\[\w+//gr =~ $case->[1] }, 20), 'zsh: ' . $case->[0] =~ s/\t//r) or diag($zsh->shown);
	}
	$zsh->press("\025exit\n");
	$zsh->end;
}

# --- the monitor
$leap->sql("SET session_replication_role = replica; INSERT INTO leap.workers (id, name, secret_hash, protocol, queues, slots) VALUES ('11111111-1111-4111-8111-111111111111', 'лаборатория', '', 1, '{upload}', 4);
	INSERT INTO leap.task_lease (task, fence, worker_id, lane, counted, deadline) SELECT t.id, 1, '11111111-1111-4111-8111-111111111111', 1, true, now() + interval '1 hour' FROM leap.tasks t WHERE t.kind = 'download';
	UPDATE leap.tasks SET state = 'running', progress = 43, started_at = now(), worker_id = '11111111-1111-4111-8111-111111111111', current_step = 'fetching' WHERE kind = 'download';
	INSERT INTO leap.task_attempts (at, task, attempt, kind, outcome, seconds, class, code, message) SELECT now(), g, 1, 'upload', 'retried', 1, 'transient', 'http_503', 'try later' FROM generate_series(1, 4) g;
	INSERT INTO leap.circuits (platform, state, failed_tasks, opened_at, opened_times, retry_at, error) VALUES ('youtube', 'open', '{1,2}', now(), 1, now() + interval '1 hour', '{\"message\": \"no answer\"}')");
my $terminal = LeapTerminal->new([ $leap->program, 'top' ], columns => 100, rows => 30);
ok($terminal->wait_for(qr/q end/), 'top draws') or diag($terminal->shown);
my $text = $terminal->text;
like($text, qr/^leap top  \d\d:\d\d:\d\d UTC  1 running, 1 worker; last hour: 0 done, 4 failed$/m, '... what goes on');
like($text, qr/^upload +\d+ +\S+.* +1 +0 +1 +4$/m, '... queues with depth and age');
like($text, qr/^лаборатория +alive +1 of 4 .*download 43 %$/m, '... workers with what their children do');
like($text, qr/^download +━+╸?─+ +43 % .* Algebra one +fetching$/m, '... running tasks with progress');
like($text, qr/^transient +upload +4 +0  try later$/m, '... failures by class');
like($text, qr/^youtube +open +2 +0  no answer$/m, '... breakers');
$terminal->press('s');
ok($terminal->wait_for(qr/^running  by progress/m), 's changes the order');
$terminal->press("\e[D");
ok($terminal->wait_for(qr/^running  by time/m), 'an arrow changes it back');
$terminal->press('p');
ok($terminal->wait_for(qr/failed  paused$/m), 'p stops it');
$terminal->resize(70, 12);
ok($terminal->wait_until(sub { my @lines = $terminal->frames; (split /\n/, $lines[-1])[0] =~ /paused|failed/ && $terminal->{columns} == 70 && !$terminal->{updating} }), 'a small terminal gets what fits');
$terminal->press('q');
is($terminal->end, 0, 'q ends it');
is_deeply([ $terminal->unknown ], [], 'only the escapes that frames are made of');
ok($terminal->{cursor}, 'the cursor is back');
$leap->sql("UPDATE leap.tasks SET current_step = repeat('a step that is long ', 20) WHERE kind = 'download'");
for my $columns (100, 60, 40)
{
	my $once = LeapTerminal->new([ $leap->program, 'top', '--once' ], columns => $columns, rows => 10);
	is($once->end, 0, "top --once in $columns columns");
	my @wide = grep { length($_) > $columns } split /\r?\n/, decode('UTF-8', $once->{raw}) =~ s/\e\[[\d;?]*\w//gr;
	is_deeply(\@wide, [], '... prints no line that is wider');
}
$leap->sql("UPDATE leap.tasks SET current_step = 'fetching' WHERE kind = 'download'");
($status, $out) = leap('top');
is($status, 0, 'top without a terminal');
like($out, qr/^upload .*^download .*43 %/ms, '... prints it once');
unlike($out, qr/\e|q end/, '... without escapes and keys');
is(parsed((leap('top', '--json'))[1])->{tasks}[0]{kind}, 'download', '... and for programs');

# --- colours
my %coloured = (
	'nothing said' => [ [], {}, 0 ],
	'--color=always' => [ ['--color=always'], {}, 1 ],
	'CLICOLOR_FORCE' => [ [], { CLICOLOR_FORCE => 1 }, 1 ],
	'CLICOLOR_FORCE=0' => [ [], { CLICOLOR_FORCE => 0 }, 0 ],
	'NO_COLOR over it' => [ [], { CLICOLOR_FORCE => 1, NO_COLOR => 1 }, 0 ],
	'--color over both' => [ ['--color=always'], { NO_COLOR => 1 }, 1 ],
	'LEAP_COLOR=always' => [ [], { LEAP_COLOR => 'always' }, 1 ]);
for my $case (sort keys %coloured)
{
	my ($words, $variables, $wanted) = @{ $coloured{$case} };
	local @ENV{ keys %$variables } = values %$variables;
	is((leap('workers', @$words))[1] =~ /\e\[3/ ? 1 : 0, $wanted, "no terminal, $case: " . ($wanted ? 'colours' : 'none'));
}
for my $case ([ 'a terminal', {}, [], 1 ], [ 'TERM=dumb', { TERM => 'dumb' }, [], 0 ], [ 'NO_COLOR', { NO_COLOR => 1 }, [], 0 ], [ '--color=never', {}, ['--color=never'], 0 ])
{
	my $list = LeapTerminal->new([ $leap->program, 'workers', @{ $case->[2] } ], environment => $case->[1]);
	$list->end;
	is($list->{raw} =~ /\e\[3/ ? 1 : 0, $case->[3], "$case->[0]: " . ($case->[3] ? 'colours' : 'none'));
}

# --- JSON: every command answers with one document, and complains with one line
my $task = $leap->sql("SELECT max(id) FROM leap.tasks WHERE recording_id = '$id'");
my $video = "$leap->{base}/second.mp4";
run('ffmpeg', qw(-v error -f lavfi -i testsrc=size=64x48:rate=5 -f lavfi -i sine=frequency=300 -t 3 -pix_fmt yuv420p), $video);
my $keys = "$leap->{base}/worker.keys";
my @teacher = ('--user=teacher@example.org');
my $inbox = '{"name":"Inbox","source_type":"URL_LIST","config":{"url":"https://example.org/list.txt"}}';
append_to_file("$leap->{base}/app.json", '{"client_id": "a", "client_secret": "b", "redirect_uri": "https://leap.example.org/connect/zoom"}');
append_to_file("$leap->{base}/zoom.json", '{"account_id":"LeapAccount","client_id":"ZoomLeapClient","client_secret":"ZoomLeapSecret"}');
make_path("$leap->{base}/to");
# in this order
my @answers = (
	[ help => 'help' ], [ options => 'options' ], [ kinds => 'kinds' ], [ deploy => 'deploy' ], [ doctor => 'doctor' ], [ 'doctor storage' => 'doctor', 'storage' ],
	[ add => 'add', 'https://example.org/b.mp4', @teacher ], [ list => 'list' ], [ show => 'show', $id ], [ top => 'top' ], [ tasks => 'tasks' ],
	[ cancel => 'cancel', $id ], [ run => 'run', $id, '--force' ], [ prioritize => 'prioritize', $id, '--priority=3' ], [ pause => 'pause', $id ], [ resume => 'resume', $id ],
	[ 'task show' => 'task', 'show', $task ], [ 'task cancel' => 'task', 'cancel', $task ],
	[ 'queue pause' => 'queue', 'pause', 'upload' ], [ 'queue resume' => 'queue', 'resume', 'upload' ], [ queues => 'queues' ], [ workers => 'workers' ],
	[ 'user add' => 'user', 'add', 'second@example.org' ], [ 'user password' => 'user', 'password', 'second@example.org' ], [ 'user invite' => 'user', 'invite', 'third@example.org' ],
	[ 'user first' => 'user', 'first' ], [ 'keys make' => 'keys', 'make', $keys ], [ 'keys register' => 'keys', 'register', $keys ], [ 'keys init' => 'keys', 'init', "$keys.2" ],
	[ 'keys rotate' => 'keys', 'rotate', $keys ], [ 'keys list' => 'keys', 'list' ],
	[ 'app set' => 'app', 'set', 'zoom', "$leap->{base}/app.json" ], [ 'app list' => 'app', 'list' ], [ 'app remove' => 'app', 'remove', 'zoom' ],
	[ 'endpoint list' => 'endpoint', 'list' ], [ 'endpoint set' => 'endpoint', 'set', 'zoom', 'api', 'https://zoom.example.org' ], [ 'endpoint reset' => 'endpoint', 'reset', 'zoom', 'api' ],
	[ 'source add' => 'source', 'add', $inbox, @teacher ], [ 'source list' => 'source', 'list' ], [ 'source show' => 'source', 'show', 'Inbox' ], [ 'source sync' => 'source', 'sync', 'Inbox' ],
	[ 'source delete' => 'source', 'delete', 'Inbox' ],
	(map { [ "credential $_->[0]" => 'credential', @$_, @teacher ] } [ 'add', 'zoom', 'Words', "$leap->{base}/zoom.json" ], ['list'], [ 'show', 'Words' ], [ 'check', 'Words' ], [ 'fields', 'zoom' ], [ 'connect', 'zoom', 'Others' ], [ 'finish', 'https://leap.example.org/connect/zoom?code=1&state=2' ],
		[ 'change', 'Words', "$leap->{base}/zoom.json" ], [ 'disable', 'Words' ], [ 'enable', 'Words' ], [ 'delete', 'Words', '--force' ]),
	[ 'media probe' => 'media', 'probe', $video ], [ 'media trim' => 'media', 'trim', $video, "$leap->{base}/trimmed.mp4" ], [ 'media envelope' => 'media', 'envelope', $video ],
	[ 'mail test' => 'mail', 'test', '--to=a@example.org', '--smtp-url=smtp://127.0.0.1:1', '--smtp-tls=off', '--mail-from=leap@example.org' ],
	[ 'storage migrate' => 'storage', 'migrate', "--storage-from=$leap->{base}/storage", "--storage=$leap->{base}/to" ],
	[ audit => 'audit' ], [ formats => 'formats', 'https://example.org/watch' ], [ topics => 'topics', $id ], [ captions => 'captions', $id ], [ search => 'search', 'algebra' ], [ transcript => 'transcript', $id ],
	[ retry => 'retry', $id ], [ accept => 'accept', $id ], [ unpublish => 'unpublish', $id ], [ expire => 'expire', $id ],
	[ delete => 'delete', $id ], [ restore => 'restore', $id ], [ purge => 'purge', $id ]);
# refused here, answered elsewhere (133, 240, 450, 747 and so on)
my %refused = map { $_ => 1 } ('doctor', 'credential connect', 'credential finish', 'task cancel', 'keys init', 'mail test', 'formats', 'topics', 'transcript', 'retry', 'accept', 'unpublish', 'purge', 'user password');
for my $case (@answers)
{
	my ($label, @words) = @$case;
	($status, $out, $err) = leap(@words, '--json');
	my $text = $out ne '' ? $out : $err;
	my $answer = eval { parsed($text) };
	ok(ref $answer, "$label --json: JSON") or diag("$status: $out $err");
	is($out, '', "$label: ... and nothing else was said") if $status != 0 && ref $answer eq 'HASH' && $answer->{error};
	ok($status == 0 || $refused{$label}, "$label: ... is answered") or diag("$status: $out $err");
}
# watch says a line for each change, completion is for shells, the others work until they are ended
my %asked = map { $_->[0] => 1 } @answers;
for my $command (grep { !/^(?:watch|completion|worker|serve)$/ } @commands)
{
	my @verbs = $command =~ /^(?:help|captions)$/ ? () : grep { /^[a-z]+$/ } offers($command, '');
	my @wanted = ((grep { $asked{$command} } 1) || !@verbs ? $command : (), map { "$command $_" } @verbs);
	is_deeply([ grep { !$asked{$_} } @wanted ], [], "$command is asked for JSON");
}
for my $case ([ 2, 'list', '--nonsense' ], [ 2, 'fly' ], [ 2, 'queue', 'paint', 'upload' ], [ 3, 'show', '00000000' ], [ 4, 'accept', $id ], [ 5, 'list', '--database=host=/nowhere' ],
	[ 2, 'media', 'probe', 'x', '--nonsense' ], [ 3, 'media', 'probe', '/nowhere/x.mp4' ])
{
	my ($wanted, @words) = @$case;
	($status, $out, $err) = leap(@words, '--json');
	my $error = eval { parsed($err)->{error} } // {};
	is_deeply([ $status, $out, scalar(grep { ($error->{$_} // '') ne '' } qw(class code message)), scalar(split /\n/, $err) ], [ $wanted, '', 3, 1 ], "@words: status $wanted, one line of JSON on standard error")
		or diag($out, $err);
}

# --- whose recordings are listed
like((leap('list'))[1], qr/^\Q$id\E .*  teacher\@example\.org  +Algebra one$/m, 'list tells whose it is');
unlike((leap('list', @teacher))[1], qr/teacher\@/, '... but of one of whom it was asked');

# --- a file that is added twice
{
	my ($first, $second) = map { "$leap->{inbox}/$_" } 'twice.mp4', 'more/twice.mp4';
	make_path("$leap->{inbox}/more");
	append_to_file($_, 'the same') for $first, $second;
	my ($done, $one, $said) = leap('add', $first, @teacher, '--name', 'Twice');
	is("$done $said", '0 ', 'a file is added');
	chomp $one;
	($done, my $two, $said) = leap('add', $second, @teacher);
	chomp $two;
	is($done, 0, '... and again');
	like($said, qr/^note: a file with this name and size is a recording already: Twice, \Q$one\E, of \S+ \S+ UTC\nhint: if it is the same: leap delete \Q$two\E\n$/, '... which is noted');
	is(parsed((leap('add', $first, @teacher, '--json'))[1])->{same_file}{recording}, $two, '... for programs as well');
	append_to_file($second, ', but longer');
	is((leap('add', $second, @teacher))[2], '', 'another file of this name is none');
	is((leap('delete', $two))[0], 0, 'what was added twice is deleted as the hint says');
}

# --- who did what
like((leap('audit', $id))[1], qr/^\S+ \S+ UTC  \S+ +cancel +recording +Algebra one  \Q$id\E/m, 'audit tells what was done to a recording');
$leap->sql("SELECT leap.audit_refusal('purge', 'recording', '$id', 'LP003', 'it is not deleted')");
like((leap('audit', $id, '--limit=1'))[1], qr/^\S+ \S+ UTC  \S+ +purge +recording +Algebra one  \Q$id\E  failure: it is not deleted$/, '... and what was refused');
$leap->sql("DELETE FROM leap.recordings WHERE id = '$id'");
like((leap('audit', $id, '--limit=1'))[1], qr/  Algebra one  /, '... by its name, though it is gone');
is((leap('audit', '--since=2999-01-01'))[2], "nothing was done that this asks for\n", 'nobody did anything yet then');

# --- source add --credential
is((leap('source', 'add', '{"name":"Meetings","source_type":"ZOOM","config":{}}', '--credential=zoom/None', '--user=teacher@example.org'))[0], 3, 'a credential that is not there');
my $seal = "$leap->{base}/seal.keys";
is((leap('keys', 'init', $seal))[0], 0, 'a key');
my $data = '{"account_id":"LeapAccount","client_id":"ZoomLeapClient","client_secret":"ZoomLeapSecret"}';
IPC::Run::run([ $leap->program, qw(credential add zoom Department --user teacher@example.org) ], '<', \$data, '>', \$out, '2>', \$err) or diag($err);
is((leap('source', 'add', '{"name":"Meetings","source_type":"ZOOM","config":{}}', '--credential=zoom/Department', '--user=teacher@example.org'))[0], 0, 'source add --credential');
is($leap->sql("SELECT c.account_name FROM leap.input_sources s JOIN leap.credentials c ON c.id = s.credential_id WHERE s.name = 'Meetings'"), 'Department', '... is asked with it');

done_testing();
