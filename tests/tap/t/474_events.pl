# tests/tap/t/474_events.pl
#     Events: whoever listens is told everything that happens to him and nothing of others, over broken connections,
#     dead processes and restarts of the database; listening costs little memory, and ends when the session does.
use strict;
use warnings;

use IO::Socket::INET;
use LeapNode;
use LeapServe;
use LeapWatcher;
use MIME::Base64 qw(decode_base64url);
use NodePeer;
use POSIX ();
use Socket qw(SOL_SOCKET SO_RCVBUF);
use Test::More;
use Time::HiRes qw(sleep time);

my $leap = LeapNode->new('events', settings => "autovacuum_naptime = 5\nmax_connections = 60\n");
my $email = 'teacher@example.org';
my $user = $leap->sql("SELECT id FROM leap.users WHERE email = '$email'");
my $stranger = $leap->sql("SELECT leap.add_user('stranger\@example.org')");
my $serve = LeapServe->new($leap, '--processes=2', '--event-interval=100', '--max-user-streams=30');
my @bearer = $serve->bearer($email);

# add(NAME, OWNER): the id of a recording that nobody works at
sub add
{
	my ($name, $owner) = @_;
	return $leap->sql("SELECT leap.add_recording('" . ($owner // $email) . "', '{\"type\": \"url\", \"url\": \"https://example.org/a\"}', '$name')");
}

sub told { my ($watcher, $event, $count) = @_; return sub { $watcher->count($event) >= ($count // 1) }; }
sub statuses { my ($watcher) = @_; return join ' ', map { ($_->[1]{from} // '') . ">$_->[1]{to}" } $watcher->events('recording'); }

# who may listen
is($serve->status('GET', '/events'), 401, 'nobody listens unknown');
is($serve->status('GET', '/events', ['Authorization: Bearer a.b.c']), 401, 'or with a token that is none');
is($serve->status('POST', '/events', \@bearer), 405, 'events are only read');
is($serve->status('GET', '/events?recording=1', \@bearer), 400, 'a recording has an id');
is($serve->status('GET', '/events?ticket=lpt_x', []), 401, 'a ticket that is none');

# what is told
my $watcher = LeapWatcher->new($serve, \@bearer);
ok($watcher->listen(10, told($watcher, 'unread')), 'first how many messages are unread');
like($watcher->{head}, qr{^HTTP/1\.1 200 OK\r\n.*^Content-Type: text/event-stream\r\nCache-Control: no-store\r\nX-Accel-Buffering: no\r$}ms, 'no proxy keeps it');
ok($watcher->{retry} >= 1000 && $watcher->{retry} < 3000, 'when to come back');
is_deeply([ $watcher->events ], [ [ 'unread', { unread => 0 } ] ], 'and nothing else');
like($watcher->{id}, qr/^[0-9a-f]{8}\.\d+\.\d+:\d+:[\d,]*$/, 'with an id');
my $other = LeapWatcher->new($serve, [ $serve->bearer('stranger@example.org') ]);
my $lecture = add('a lecture');
my $filtered = LeapWatcher->new($serve, \@bearer, '?recording=' . uc $lecture);
my $second = add('another');
$leap->sql("SELECT leap.skip_recording('$_')") for $lecture, $second;
ok($watcher->listen(10, told($watcher, 'recording', 4)), 'what happens to recordings');
is(statuses($watcher), '>INITIALIZED >INITIALIZED INITIALIZED>SKIPPED INITIALIZED>SKIPPED', 'in its order');
is(($watcher->events)[-1][1]{recording}, $second, 'and which they are');
$leap->sql("SELECT leap.unskip_recording('$lecture')");
ok($filtered->listen(10, sub { statuses($filtered) =~ /SKIPPED>INITIALIZED$/ }), 'one that wants to know of one recording');
is(scalar(grep { $_->[1]{recording} ne $lecture } $filtered->events('recording')), 0, 'is told of no other');
$filtered->hang_up;
$leap->sql("SELECT leap.raise_event('$user', 'security_alert', '{}', '{\"what\": \"a login\"}', 'k')");
ok($watcher->listen(10, told($watcher, 'unread', 2)), 'a message');
is(($watcher->events('notification'))[-1][1]{payload}{what}, 'a login', 'says what it is about');
is(($watcher->events('unread'))[-1][1]{unread}, 1, 'and how many there are');
$leap->sql("SELECT leap.mark_read(NULL, '$email')");
ok($watcher->listen(10, sub { ($watcher->events('unread'))[-1][1]{unread} == 0 }), 'which goes down again');
$other->listen(0.5);
is_deeply([ $other->events ], [ [ 'unread', { unread => 0 } ] ], 'nobody hears of others');
$other->hang_up;

# progress is a state: told when it changes, and to who comes new
{
	my $worker = $leap->sql(q{SELECT a->>'worker' || ' ' || (a->>'secret') FROM leap.register_worker('t', 1, '{upload}', 4) a});
	my ($id, $secret) = split / /, $worker;
	$leap->sql("SELECT leap.run_recording('$lecture')");
	my ($task, $fence) = split /\|/, $leap->sql("SELECT task, fence FROM leap.claim('$id', '$secret', 1)");
	ok($watcher->listen(10, told($watcher, 'progress')), 'a task that was taken');
	for my $percent (10, 20)
	{
		$leap->sql("SELECT count(*) FROM leap.heartbeat('$id', '$secret', '{$task}', '{$fence}', '[{\"task\": \"$task\", \"progress\": $percent, \"step\": \"fetching\"}]')");
		ok($watcher->listen(10, sub { grep { $_->[1]{progress} == $percent } $watcher->events('progress') }), "$percent percent");
	}
	$watcher->listen(0.5);
	is(join(' ', map { $_->[1]{progress} } $watcher->events('progress')), '0 10 20', 'are told once');
	my $late = LeapWatcher->new($serve, \@bearer);
	ok($late->listen(10, told($late, 'progress')), 'who comes later is told how far it is');
	is_deeply(($late->events('progress'))[0][1], { task => $task, recording => $lecture, kind => 'download', attempt => 1, progress => 20, current_step => 'fetching' }, 'and what is done');
	$late->hang_up;
	$leap->sql("SELECT leap.fail('$task', '$fence', '{\"class\": \"permanent\", \"code\": \"x\", \"message\": \"gone\"}')");
	ok($watcher->listen(10, sub { grep { ($_->[1]{error}{message} // '') eq 'gone' } $watcher->events('task') }), 'a failure says why');
}

# tickets
{
	my $claims = decode_base64url((split /\./, $bearer[0])[1]);
	my $ask = "SELECT set_config('request.jwt.claims', '$claims', false) \\g /dev/null\nSET ROLE leap_user;\nSELECT api.event_ticket()->>'ticket'";
	my $ticket = $leap->sql($ask);
	my $id = $watcher->{id};
	my $browser = LeapWatcher->new($serve, [], "?ticket=$ticket", once => 1);
	ok($browser->listen(10, told($browser, 'unread')), 'a ticket opens a stream');
	is($serve->status('GET', "/events?ticket=$ticket"), 401, 'but no second one');
	is($serve->status('GET', "/files/$lecture?ticket=" . $leap->sql($ask)), 401, 'and nothing else');
	$leap->sql("SELECT leap.skip_recording('$lecture')");
	$ticket = $leap->sql($ask);
	my $again = LeapWatcher->new($serve, [], "?ticket=$ticket&last_event_id=$id", once => 1);
	ok($again->listen(10, told($again, 'recording')), 'a page says in the URL where it was');
	is(scalar($again->events('unread')), 0, 'and is told only what came since');
	$_->hang_up for $browser, $again;
}

# an administrator may be told of everybody; nobody else, and of messages only his own
{
	my $admin = $leap->sql("SELECT leap.add_user('watch\@example.org', 'Watch', 'admin')");
	my @watch = $serve->bearer('watch@example.org');
	for my $query ('topic=everyone', 'topic=system,everyone', "topic=everyone&recording=$lecture")
	{
		is($serve->status('GET', "/events?$query", \@bearer), 403, "$query is not for everybody");
	}
	is($serve->status('GET', '/events?topic=everyone,', \@watch), 400, 'a topic that there is not');
	my $all = LeapWatcher->new($serve, \@watch, '?topic=everyone');
	my $one = LeapWatcher->new($serve, \@watch, "?topic=everyone&recording=$lecture");
	my $own = LeapWatcher->new($serve, \@watch);
	ok(LeapWatcher::listen_all(10, sub { !grep { !$_->count('unread') } $all, $one, $own }, $all, $one, $own), 'three streams of an administrator');
	my $foreign = add('of a stranger', 'stranger@example.org');
	$leap->sql("SELECT leap.raise_event('$user', 'security_alert', '{}', '{\"what\": \"of another\"}', 'all')");
	$leap->sql("SELECT leap.unskip_recording('$lecture')");
	$leap->sql("SELECT leap.skip_recording('$lecture')");
	ok($all->listen(10, sub { statuses($all) =~ />SKIPPED$/ }), 'one is told what happens to others');
	ok((grep { $_->[1]{recording} eq $foreign } $all->events('recording')), 'all of them');
	is($all->count('notification'), 0, 'but not what they are told');
	ok($one->listen(10, sub { statuses($one) =~ />SKIPPED$/ }), 'one of a recording of somebody else');
	is(scalar(grep { ($_->[1]{recording} // $lecture) ne $lecture } $one->events), 0, 'and of no other');
	my $mine = add('of the administrator', 'watch@example.org');
	ok($own->listen(10, told($own, 'target')), 'one of himself');
	is(scalar(grep { ($_->[1]{recording} // $mine) ne $mine } $own->events), 0, 'and of nobody else');

	# progress, and what came while he was away
	my ($id, $secret) = split / /, $leap->sql(q{SELECT a->>'worker' || ' ' || (a->>'secret') FROM leap.register_worker('t2', 1, '{upload}', 4) a});
	$all->hang_up;
	$leap->sql("SELECT leap.run_recording('$foreign')");
	my ($task, $fence) = split /\|/, $leap->sql("SELECT task, fence FROM leap.claim('$id', '$secret', 1)");
	$leap->sql("SELECT count(*) FROM leap.heartbeat('$id', '$secret', '{$task}', '{$fence}', '[{\"task\": \"$task\", \"progress\": 30}]')");
	ok($all->listen(10, sub { grep { $_->[1]{progress} == 30 } $all->events('progress') }), 'progress of others is told');
	ok((grep { $_->[1]{to} eq 'running' && $_->[1]{task} eq $task } $all->events('task')), 'and what came while the connection was broken');
	$own->listen(0.5);
	is($own->count('progress'), 0, 'but only to who asked for it');
	$leap->sql("SELECT leap.fail('$task', '$fence', '{\"class\": \"permanent\", \"code\": \"x\", \"message\": \"gone\"}')");

	# whoever is no administrator any more
	$_->hang_up for $one, $own;
	$leap->sql("SELECT leap.change_user('watch\@example.org', '{\"role\": \"user\"}')");
	$all->{once} = 1;
	ok($all->listen(20, sub { $all->{ended} }), 'the stream of an administrator ends when he is none any more');
	is($serve->status('GET', '/events?topic=everyone', \@watch), 401, 'his token is worth nothing');
	is($serve->status('GET', '/events?topic=everyone', [ $serve->bearer('watch@example.org') ]), 403, 'with another one he is refused');
	$leap->sql("SELECT leap.mark_read(NULL, '$email')");
}

# a browser's own EventSource: what it makes of the stream, and how it goes on
{
	local $ENV{NODE_OPTIONS} = '--experimental-eventsource --no-warnings';
	my $browser = NodePeer->start('events.mjs');
	my $ticket = sub { return $serve->json('POST', '/events/ticket', \@bearer, {}); };
	my $url = sub { my (undef, $answer) = $ticket->(); return 'http://127.0.0.1:' . $serve->port . $answer->{url}; };
	my $read_until = sub { my ($wanted) = @_; my $said; do { $said = $browser->read } until $wanted->($said); return $said; };

	is($browser->ask({ open => $url->() })->{state}, 'open', 'an EventSource opens');
	my $said = $read_until->(sub { ($_[0]{event} // '') eq 'unread' });
	is($said->{data}{unread}, $leap->sql("SELECT leap.unread_count('$email')"), 'and understands');
	my $seen = add('seen by a browser');
	$said = $read_until->(sub { ($_[0]{event} // '') eq 'recording' });
	is($said->{data}{recording}, $seen, 'what happens');
	$said = $read_until->(sub { ($_[0]{event} // '') eq 'target' });
	like($said->{id}, qr/^[0-9a-f]{8}\./, 'and up to where it has seen everything');
	kill 'HUP', $serve->pid;
	$read_until->(sub { ($_[0]{state} // '') eq 'closed' });
	pass('with a ticket that is used up it does not come back by itself');
	$leap->sql("SELECT leap.skip_recording('$seen')");
	$browser->ask({ open => $url->() . '&last_event_id=' . $said->{id} });
	$said = $read_until->(sub { ($_[0]{event} // '') eq 'recording' });
	is("$said->{data}{from} $said->{data}{to}", 'INITIALIZED SKIPPED', 'with another it goes on where it was');
}

# whose id stands still though nothing happens would be asked about hours
{
	my $quiet = LeapWatcher->new($serve, [ $serve->bearer('stranger@example.org') ]);
	$quiet->listen(10, told($quiet, 'unread'));
	my $id = $quiet->{id};
	ok($quiet->listen(40, sub { $quiet->{id} ne $id }), 'an id moves on in silence');
	ok($quiet->{beats}, 'with a beat');
	is(scalar($quiet->events), 1, 'and nothing is told');
	$quiet->hang_up;
}

# whose session ends
{
	$leap->sql("SELECT leap.set_password('$email', 'Secret123')");
	my $token = $leap->sql("SELECT leap.login('$email', 'Secret123')->>'access_token'");
	my $session = LeapWatcher->new($serve, ["Authorization: Bearer $token"], '', once => 1);
	ok($session->listen(10, told($session, 'unread')), 'a session listens');
	$leap->sql("SELECT leap.end_sessions('$user', NULL, 'logout everywhere')");
	ok($session->listen(20, sub { $session->{ended} }), 'until it is ended');
	is_deeply(($session->events)[-1], [ 'end', { reason => 'token' } ], 'and is told so');
	my $short = LeapWatcher->new($serve, [ 'Authorization: Bearer ' . $leap->access_token("id = '$user'", 2) ], '', once => 1);
	ok($short->listen(20, sub { $short->{ended} }), 'a token that expires ends its stream');
}

@bearer = $serve->bearer($email);
$watcher->hang_up;

# ids that lead nowhere
for my $odd ('nonsense', '00000000.1.1:1:', "'; DROP TABLE leap.users --", '1' x 7000)
{
	my $lost = LeapWatcher->new($serve, [ @bearer, "Last-Event-ID: $odd" ], '', once => 1);
	ok($lost->listen(10, told($lost, 'unread')), 'an id that leads nowhere');
	is(($lost->events)[0][0], 'reset', 'says that everything is to be read anew');
	$lost->hang_up;
}

# load(SECONDS): sessions that move recordings all the time, in transactions that end in another order than they
# began; and one that works like a worker. What breaks is tried again.
sub load
{
	my ($seconds) = @_;
	my $end = time + $seconds;
	my @pids;

	for my $n (1 .. 4)
	{
		my $pid = fork // die "fork: $!\n";
		push @pids, $pid;
		next if $pid;
		open STDERR, '>', '/dev/null';
		while (time < $end)
		{
			my $name = "load $n " . int(time * 1000);
			my $move = $n == 4 ? <<~"RUN" : <<~"MOVE";
				PERFORM leap.run_recording(r); COMMIT;
				FOR t IN SELECT * FROM leap.claim(w, s, 4) LOOP
				    PERFORM leap.fail(t.task, t.fence, '{"class": "permanent", "code": "x", "message": "no"}');
				END LOOP; COMMIT;
				RUN
				PERFORM leap.skip_recording(r), pg_sleep(random() * 0.2); COMMIT;
				PERFORM leap.unskip_recording(r), pg_sleep(random() * 0.05); COMMIT;
				MOVE
			# the server may go while it is asked; what dies here would end it for all
			eval { $leap->node->psql('leap', <<~"SQL") };
				DO \$\$ DECLARE r uuid; t record; a jsonb := leap.register_worker('load', 1, '{upload}', 4); w uuid := a->>'worker'; s text := a->>'secret';
				BEGIN FOR i IN 1..5 LOOP
				    r := leap.add_recording('$email', '{"type": "url", "url": "https://example.org/a"}', '$name ' || i);
				    $move
				END LOOP; END \$\$
				SQL
		}
		POSIX::_exit(0);
	}
	return @pids;
}

# missing(WATCHER, SINCE): moves of the user that he was not told, all there are, and how many were told twice
sub missing
{
	my ($who, $since) = @_;
	my (%told, $twice);
	my $key = sub { my ($e) = @_; return join ' ', map { $e->{$_} // '' } qw(at recording task target from to) };

	for my $event (map { $_->[1] } grep { $_->[0] =~ /^(?:task|recording|target|deletion)$/ } $who->events)
	{
		$twice++ if $told{ $key->($event) }++;
	}
	my @all = map { JSON::PP::decode_json($_) } split /\n/, $leap->sql(<<~SQL);
		SELECT json_strip_nulls(json_build_object('at', at, 'recording', recording_id, 'task', task::text, 'target', target_id, 'from', from_state, 'to', to_state))
		FROM leap.task_events WHERE user_id = '$user' AND at > '$since'
		SQL
	return (scalar(grep { !$told{ $key->($_) } } @all), scalar @all, $twice // 0);
}

# caught_up(WATCHERS): they have seen what happened last
sub caught_up
{
	my (@who) = @_;
	my $mark = add('mark ' . time);
	my $target = sub { my ($who) = @_; return grep { $_->[1]{recording} eq $mark } $who->events('target') };
	return LeapWatcher::listen_all(60, sub { !grep { !$target->($_) } @who }, @who);
}

sub now { return $leap->sql('SELECT clock_timestamp()'); }
sub wait_for { waitpid $_, 0 for @_; return; }

# connections that break
{
	my @who = map { LeapWatcher->new($serve, \@bearer) } 1 .. 5;
	LeapWatcher::listen_all(10, sub { !grep { !$_->count('unread') } @who }, @who);
	my $since = now();
	my $end = time + 8;
	my @pids = load(8);
	while (time < $end)
	{
		LeapWatcher::listen_all(0.1 + rand 0.5, undef, @who);
		$_->hang_up for grep { rand() < 0.5 } @who;
	}
	wait_for(@pids);
	caught_up(@who);
	my @result = map { [ missing($_, $since) ] } @who;
	is(join(' ', map { $_->[0] } @result), '0 0 0 0 0', "nothing is lost over broken connections (of $result[0][1] moves; opened " . join(', ', map { $_->{opened} } @who)
		  . ' times; told twice ' . join(', ', map { $_->[2] } @result) . ')');
	is(scalar(map { $_->events('reset') } @who), 0, 'and nothing has to be read anew');
	$_->hang_up for @who;
}

# a process that dies, and a takeover
{
	my @who = map { LeapWatcher->new($serve, \@bearer) } 1 .. 6;
	LeapWatcher::listen_all(10, sub { !grep { !$_->count('unread') } @who }, @who);
	my $since = now();
	my @pids = load(8);
	LeapWatcher::listen_all(2, undef, @who);
	kill 'KILL', ($serve->processes)[0];
	LeapWatcher::listen_all(2, undef, @who);
	kill 'HUP', $serve->pid;
	LeapWatcher::listen_all(4, undef, @who);
	wait_for(@pids);
	caught_up(@who);
	my @result = map { [ missing($_, $since) ] } @who;
	is(join(' ', map { $_->[0] } @result), '0 0 0 0 0 0', "nothing is lost with a process that is killed, or replaced (of $result[0][1] moves; told twice " . join(', ', map { $_->[2] } @result) . ')');
	ok(!grep({ $_->{opened} < 2 } @who), 'the old ones let everybody go');
	ok((grep { $_->[1]{reason} eq 'server' } map { $_->events('end') } @who) > 0, 'and said so');
	is(scalar(map { $_->events('reset') } @who), 0, 'and nothing has to be read anew');
	$_->hang_up for @who;
}

# the database goes and comes back
{
	my $who = LeapWatcher->new($serve, \@bearer);
	$who->listen(10, told($who, 'unread'));
	my $since = now();
	my @pids = load(8);
	$who->listen(2);
	$leap->node->restart;
	$who->listen(6);
	wait_for(@pids);
	caught_up($who);
	my ($lost, $all, $twice) = missing($who, $since);
	is($lost, 0, "nothing is lost over a restart of the database (of $all moves; told twice $twice)");
	is(scalar($who->events('reset')), 0, 'and nothing has to be read anew');
	is($who->{opened}, 1, 'the stream itself stays open');
	my $before = $who->{id};
	$leap->node->stop('immediate');
	$leap->node->start;
	ok($who->listen(60, told($who, 'reset')), 'after a crash, which may lose what was told, everything is read anew');
	isnt(substr($who->{id}, 0, 8), substr($before, 0, 8), 'ids of before lead nowhere');
	ok(caught_up($who), 'and it goes on');
	$who->hang_up;
}
$serve->stop;

# 500 streams, and what they cost
$serve = LeapServe->new($leap, '--event-interval=100', '--max-user-streams=500');
sub memory
{
	my ($process) = $serve->processes;
	open my $status, '<', "/proc/$process/status" or die "status: $!\n";
	return (map { /^VmRSS:\s+(\d+)/ } <$status>)[0];
}
{
	my @who = map { LeapWatcher->new($serve, \@bearer) } 1 .. 10;
	my $ready = sub { !grep { !$_->count('unread') } @who };
	LeapWatcher::listen_all(10, $ready, @who);
	my $few = memory();
	push @who, map { LeapWatcher->new($serve, \@bearer) } 1 .. 490;
	ok(LeapWatcher::listen_all(60, $ready, @who), '500 streams');
	is($serve->status('GET', '/events', \@bearer), 429, 'and not one more');
	my $idle = memory();
	cmp_ok($idle - $few, '<', 16 * 1024, 'take little memory (' . ($idle - $few) . ' kB)');
	my $recording = add('for all');
	ok(LeapWatcher::listen_all(60, sub { !grep { !$_->count('recording') } @who }, @who), 'all of them are told');
	# pages of about 100 kB for each of them
	for my $round (1 .. 2)
	{
		$leap->sql("SELECT leap.add_recording('$email', '{\"type\": \"url\", \"url\": \"https://example.org/a\"}', 'many ' || i) FROM generate_series(1, 200) i");
		LeapWatcher::listen_all(60, sub { !grep { $_->count('recording') < $round * 200 } @who }, @who);
	}
	is(scalar(grep { $_->count('recording') != 401 } @who), 0, 'of many things, too');
	LeapWatcher::listen_all(1, undef, @who);
	my $busy = memory();
	cmp_ok($busy - $few, '<', 32 * 1024, 'and what that took is given back (' . ($busy - $few) . ' kB)');
	$_->hang_up for @who;
}

# one that does not listen to what it asked for
{
	my $deaf = IO::Socket::INET->new(Proto => 'tcp') or die "socket: $!\n";
	setsockopt $deaf, SOL_SOCKET, SO_RCVBUF, pack('l', 4096);
	connect $deaf, Socket::pack_sockaddr_in($serve->port, Socket::inet_aton('127.0.0.1')) or die "connect: $!\n";
	my $query = 'GET /events HTTP/1.1';
	syswrite $deaf, "$query\r\nHost: leap\r\n" . join('', map { "$_\r\n" } @bearer) . "\r\n";
	my $good = LeapWatcher->new($serve, \@bearer);
	$good->listen(10, told($good, 'unread'));
	my ($process) = $serve->processes;
	my $sockets = sub { scalar grep { (readlink($_) // '') =~ /^socket:/ } glob "/proc/$process/fd/*" };
	my $with = $sockets->();
	my $n = 0;
	my $let_go = sub { $sockets->() < $with };
	for (1 .. 400)
	{
		$leap->sql("SELECT leap.raise_event('$user', 'security_alert', '{}', jsonb_build_object('text', repeat('x', 15000)), 'deaf $n.' || i) FROM generate_series(1, 5) i");
		$n += 5;
		$good->listen(10, sub { $good->count('notification') >= $n });
		last if $let_go->();
	}
	ok($leap->wait_until($let_go), "one that does not take what it asked for is let go (after $n messages of 15 kB)");
	is($good->count('notification'), $n, 'and others are told all of it');
	cmp_ok(memory(), '<', 64 * 1024, 'without much memory (' . memory() . ' kB)');
	$good->hang_up;
}

# HTTP/1.0 knows no chunks
{
	my $old = $serve->connect;
	syswrite $old, "GET /events HTTP/1.0\r\nConnection: keep-alive\r\n" . join('', map { "$_\r\n" } @bearer) . "\r\n";
	my $text = '';
	local $SIG{ALRM} = sub { die "slow\n" };
	eval { alarm 20; while ($text !~ /^event: unread\ndata: .*\nid: /m) { sysread($old, $text, 4096, length $text) or last } alarm 0; };
	like($text, qr{\r\nConnection: close\r\n\r\nretry: \d+\n\n}, 'HTTP/1.0: a stream until the connection ends');
}
is($serve->stop, 0, 'the server ends though somebody listens');
done_testing();
