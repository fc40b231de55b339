# tests/tap/t/452_notifications.pl
#     What happened reaches people: a real database, a real worker, a mail server and a receiver of
#     webhooks that others wrote. Many failures are one mail; what goes wrong on the way is tried
#     again with the same id; no secret is seen anywhere.
use strict;
use warnings;
use utf8;

use JSON::PP;
use LeapNode;
use MailServer;
use NodePeer;
use PostgreSQL::Test::Utils;
use Test::More;

my $leap = LeapNode->new('notifications',
	settings => "leap.poll_interval = 100\nleap.mail = on\nleap.mail_delay = 1\nleap.webhook_failures = 2\n");
my $password = 'pa55word-of-the-server';
my $server = MailServer->new($leap->{base}, user => 'leap', password => $password);
my $hook = NodePeer->start('hook.mjs');
my $origin = 'http://127.0.0.1:' . $hook->read->{port};
my $password_file = "$leap->{base}/password";
append_to_file($password_file, "$password\n");
chmod 0600, $password_file;
my @options = (slots => 4, 'smtp-url' => $server->{url}, 'smtp-user' => 'leap', 'smtp-password-file' => $password_file,
	'smtp-ca-file' => $server->{certificate}, 'mail-from' => 'LEAP <leap@leap.example>');
my %secrets;
my $secret = qr{\Q$password\E|whsec_[A-Za-z0-9+/]{40}};

sub json { return decode_json($leap->sql($_[0])); }

sub taken { return @{ $hook->ask({ take => JSON::PP::true }) }; }

# A webhook of the first user; returns its id.
sub add_webhook
{
	my ($path, $user) = @_;
	my $webhook = json("SELECT leap.add_webhook('{\"url\": \"$origin$path\"}', '$user')");

	$secrets{ $path =~ s/\?.*//r } = $webhook->{secret};
	$hook->ask({ secrets => \%secrets });
	return $webhook->{id};
}

sub add_user
{
	my ($user) = @_;
	$leap->sql("SELECT leap.add_user('$user')");
}

# Failures that are for good: recordings whose file is not there.
sub fail_recordings
{
	my ($count, $user) = @_;

	$leap->sql(qq{SELECT leap.add_recording('$user', jsonb_build_object('type', 'file', 'path', '$leap->{inbox}/none-' || n || '.mp4'),
		'Лекция <b onclick="x">' || n || '</b>') FROM generate_series(1, $count) n});
	$leap->sql("SELECT leap.run_recording(r.id) FROM leap.recordings r JOIN leap.users u ON u.id = r.user_id WHERE u.email = '$user' AND r.status = 'INITIALIZED'");
}

sub deliveries
{
	my ($what, $where) = @_;
	return $leap->sql("SELECT $what FROM leap.deliveries d JOIN leap.users u ON u.id = d.user_id WHERE $where");
}

# tries follow quickly, and end soon
$leap->sql("UPDATE leap.retry_policies SET base_delay = '100 ms', max_delay = '100 ms' WHERE kind = 'notify'");

# --- five hundred failures
my $teacher = 'teacher@example.org';
$leap->sql("SELECT leap.set_locale('ru', 'Europe/Moscow', '$teacher')");
my $many = 500;
fail_recordings($many, $teacher);
my $worker = $leap->worker(@options, 'allow-private-addresses' => 'on');
is($leap->wait_for("SELECT coalesce(sum(count), 0) FROM leap.notifications WHERE event = 'processing_failed'", $many, 240), $many, "$many failures are told");
is($leap->sql('SELECT count(*) FROM leap.notifications'), 1, 'in one message');
is($leap->wait_for("SELECT count(*) FROM leap.deliveries WHERE channel = 'email' AND state = 'delivered'", 1), 1, 'by one mail');
my $mail = $server->wait_for_mail(sub { 1 });
is_deeply($mail->{defects}, [], 'which keeps the rules of mail');
is($mail->{envelope}{to}[0], $teacher, 'to their owner');
like($mail->{subject}, qr/\p{Cyrillic}/, 'in his language');
like($mail->{headers}{'content-language'}, qr/ ru$/, 'and says so');
unlike($mail->{html}, qr/<b onclick/, 'a hostile name is no HTML');
is(deliveries(q{format('%s %s', status, answer)}, "channel = 'email' AND d.state = 'delivered'"), '250 2.0.0 Queued as 4711', 'the log has the answer');
is_deeply($server->take->{mails}, [], 'there is no second mail');
is(deliveries('count(*)', "channel = 'email' AND d.state <> 'delivered' AND d.run_at < leap.clock() + interval '10 min'"), 0,
	'and none for the next minutes, however much is told');

# --- webhooks
my $hooks = 'hooks@example.org';
add_user($hooks);
$leap->sql("SELECT leap.set_preference('processing_failed', 'email', false, '$hooks'), leap.set_preference('webhook_disabled', 'email', false, '$hooks')");
my $webhook = add_webhook('/events?status=500&times=2', $hooks);
fail_recordings(1, $hooks);
is($leap->wait_for("SELECT format('%s %s %s', state, attempts, status) FROM leap.deliveries WHERE webhook_id = '$webhook'", 'delivered 3 200'),
	'delivered 3 200', 'a receiver in trouble gets it with the third try');
my @came = taken();
is(scalar @came, 3, 'three requests');
is_deeply([ grep { !$_->{verified} } @came ], [], 'all verified by the library of Standard Webhooks');
is(scalar(keys %{ { map { $_->{headers}{'webhook-id'} => 1 } @came } }), 1, 'with one id');
is($came[0]{payload}{type}, 'recording.processing_failed', 'its type');
like($came[0]{payload}{data}{name}, qr/^Лекция <b onclick="x">1/, 'and content');
my $delivery = deliveries('d.id', "webhook_id = '$webhook'");
$leap->sql("SELECT leap.redeliver('$delivery')");
$leap->wait_for("SELECT state FROM leap.deliveries WHERE id = '$delivery'", 'delivered');
my ($again) = taken();
is($again->{headers}{'webhook-id'}, $came[0]{headers}{'webhook-id'}, 'a redelivery has the same id');
is($again->{body}, $came[0]{body}, 'and body');
ok($again->{verified}, 'and is signed anew');
# only its owner may: whoever has the secret can sign
my $claims = $leap->sql("SELECT jsonb_build_object('sub', user_id) FROM leap.webhooks WHERE id = '$webhook'");
my $rotated = json(<<~SQL)->{secret};
	BEGIN;
	SET LOCAL ROLE leap_user;
	SET LOCAL request.jwt.claims = '$claims';
	SELECT leap.rotate_webhook_secret('$webhook');
	COMMIT
	SQL
$hook->ask({ secrets => { '/events' => $rotated } });
$leap->sql("SELECT leap.test_webhook('$webhook')");
$leap->wait_for("SELECT count(*) FROM leap.deliveries WHERE webhook_id = '$webhook' AND state = 'delivered'", 2);
ok((taken())[-1]{verified}, 'a new secret signs from then on');

my $busy = add_webhook('/busy?status=429&retry=2&times=1', $hooks);
$leap->sql("SELECT leap.test_webhook('$busy')");
$leap->wait_for("SELECT state FROM leap.deliveries WHERE webhook_id = '$busy'", 'delivered');
@came = grep { $_->{path} eq '/busy' } taken();
cmp_ok($came[1]{headers}{'webhook-timestamp'} - $came[0]{headers}{'webhook-timestamp'}, '>=', 1, 'a receiver that asks for a pause gets one');
my $gone = add_webhook('/gone?status=410', $hooks);
$leap->sql("SELECT leap.test_webhook('$gone')");
is($leap->wait_for("SELECT state FROM leap.webhooks WHERE id = '$gone'", 'disabled'), 'disabled', 'one 410 switches a webhook off');
is($leap->sql("SELECT count(*) FROM leap.notifications WHERE event = 'webhook_disabled' AND subject->>'webhook' = '$gone'"), 1, 'and its owner is told');
$leap->sql("UPDATE leap.retry_policies SET max_failures = 1 WHERE kind = 'notify'");
my $dead = add_webhook('/dead?status=503&text=out%20of%20order', $hooks);
$leap->sql("SELECT leap.test_webhook('$dead')") for 1 .. 2;
is($leap->wait_for("SELECT state FROM leap.webhooks WHERE id = '$dead'", 'disabled'), 'disabled', 'so do failures for good in a row');
like($leap->sql("SELECT reason FROM leap.webhooks WHERE id = '$dead'"), qr/503: out of order/, 'the reason is kept');
is($leap->sql("SELECT string_agg(DISTINCT status::text, ',') FROM leap.deliveries WHERE webhook_id = '$dead'"), '503', 'the log has the status');
$leap->sql("UPDATE leap.retry_policies SET max_failures = 8 WHERE kind = 'notify'");

# --- secrets, while a child that has them is at work
my $slow = add_webhook('/slow?slow=4', $hooks);
$leap->sql("SELECT leap.test_webhook('$slow')");
my @seen;
$leap->wait_until(sub {
	@seen = map { my $pid = $_; map { slurp_file("/proc/$pid/$_") } qw(cmdline environ) } $leap->children($worker);
	return scalar grep { /child/ } @seen;
}, 30);
push @seen, map { slurp_file("/proc/$worker/$_") } qw(cmdline environ);
cmp_ok(scalar(grep { /child/ } @seen), '>=', 1, 'a child at work is seen');
is(scalar(grep { $_ =~ $secret } @seen), 0, 'no command line and no environment holds a secret');

# a child that is killed when the receiver has it already, and nobody was told
$leap->wait_until(sub { @came = grep { $_->{path} eq '/slow' } @came, taken(); return scalar @came }, 30);
my @killed = grep { kill 'KILL', $_ } $leap->children($worker);
cmp_ok(scalar @killed, '>=', 1, 'the child is killed after the receiver was told');
is($leap->wait_for("SELECT state || attempts FROM leap.deliveries WHERE webhook_id = '$slow'", 'delivered2'), 'delivered2', 'another try delivers it');
push @came, grep { $_->{path} eq '/slow' } taken();
is_deeply([ map { [ $_->{headers}{'webhook-id'}, $_->{body} ] } @came ], [ ([ $came[0]{headers}{'webhook-id'}, $came[0]{body} ]) x 2 ],
	'and the receiver can tell that it is the same');

# --- mail that is not taken at once, or of which nobody knows whether it was
for my $case ([ grey => 1 ], [ drop => 2 ])
{
	my ($name, $wanted) = @$case;
	add_user("$name\@example.org");
	fail_recordings(1, "$name\@example.org");
	is($leap->wait_for("SELECT string_agg(state || attempts, ',') FROM leap.deliveries d JOIN leap.users u ON u.id = d.user_id
		WHERE u.email = '$name\@example.org'", 'delivered2'), 'delivered2', "$name: delivered with the second try");
	my @mails = map { $server->wait_for_mail(sub { $_[0]{envelope}{to}[0] eq "$name\@example.org" }) } 1 .. $wanted;
	is(scalar(keys %{ { map { $_->{message_id} => 1 } @mails } }), 1, "$name: all that arrived has one id");
}
add_user('gone@example.org');
fail_recordings(1, 'gone@example.org');
is($leap->wait_for("SELECT string_agg(d.state || ' ' || (d.error->>'code') || ' ' || d.status, ',') FROM leap.deliveries d JOIN leap.users u ON u.id = d.user_id
	WHERE u.email = 'gone\@example.org'", qr/failed/), 'failed recipient_refused 550', 'an address that does not exist is not tried again');

# --- a login that the server refuses is the operator's to mend: mail waits for it
is($leap->end_worker($worker, 'TERM'), 0, 'the worker stops in order');
$leap->sql("UPDATE leap.retry_policies SET base_delay = '1 h', max_delay = '1 h' WHERE (kind, class) = ('notify', 'credential')");
my $wrong_file = "$leap->{base}/wrong";
append_to_file($wrong_file, "pa55word-of-yesterday\n");
chmod 0600, $wrong_file;
$worker = $leap->worker(@options, 'smtp-password-file' => $wrong_file);
add_user('late@example.org');
fail_recordings(1, 'late@example.org');
my $late = "FROM leap.tasks t JOIN leap.users u ON u.id = t.user_id WHERE u.email = 'late\@example.org' AND t.kind = 'notify'";
is($leap->wait_for("SELECT format('%s %s', t.state, t.error->>'code') $late", 'scheduled smtp_login_refused'),
	'scheduled smtp_login_refused', 'a wrong password: the mail waits');
is($leap->end_worker($worker, 'TERM'), 0, 'the worker stops in order');
$worker = $leap->worker(@options);
$leap->sql("UPDATE leap.task_scheduled SET run_at = now() WHERE task = (SELECT t.id $late)");
is($leap->wait_for("SELECT t.state $late", 'succeeded'), 'succeeded', 'and is sent when the password is right');
is($server->wait_for_mail(sub { $_[0]{envelope}{to}[0] eq 'late@example.org' })->{user}, 'leap', 'after the login');

# --- private addresses, unless the operator allows them
is($leap->end_worker($worker, 'TERM'), 0, 'the worker stops in order');
$worker = $leap->worker(@options);
taken();
my $inside = add_webhook('/inside', $hooks);
$leap->sql("SELECT leap.test_webhook('$inside')");
is($leap->wait_for("SELECT state || ' ' || (error->>'code') FROM leap.deliveries WHERE webhook_id = '$inside'", qr/failed/),
	'failed address_refused', 'a private address is refused');
is_deeply([ taken() ], [], 'and not asked');
is($leap->end_worker($worker, 'TERM'), 0, 'the worker stops in order');

# --- nothing was said that should not be
my $log = $leap->log_text;
my $told = $leap->sql('SELECT string_agg(t::text, chr(10)) FROM leap.tasks t')
  . $leap->sql('SELECT string_agg(t::text, chr(10)) FROM leap.task_events t')
  . $leap->sql('SELECT string_agg(d::text, chr(10)) FROM leap.deliveries d')
  . $leap->sql('SELECT string_agg(a::text, chr(10)) FROM leap.audit_logs a');
unlike($log, $secret, 'no secret in a log');
unlike($told, $secret, 'nor in what the database keeps of tasks and deliveries');
unlike(slurp_file($leap->node->logfile), $secret, 'nor in the log of the server');
my ($refused, undef, $complaint) = do
{
	my ($out, $err);
	IPC::Run::run([ $leap->program, 'worker', "--database=" . $leap->node->connstr('leap'), "--storage=$leap->{storage}", "--library=$leap->{library}",
		'--smtp-url=nonsense', '--mail-from=x@y' ], '>', \$out, '2>', \$err);
	($? >> 8, $out, $err);
};
isnt($refused, 0, 'a worker with wrong settings of mail does not start');
like($complaint, qr/no address of a mail server/, 'and says why');

done_testing();
