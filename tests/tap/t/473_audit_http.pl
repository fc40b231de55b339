# tests/tap/t/473_audit_http.pl
#     What people do and what they are refused through HTTP is in the audit log with where it came from; a flood of
#     refusals does not fill it; a user reads his own activity, operators read, export and verify all of it.
use strict;
use warnings;

use JSON::PP;
use LeapNode;
use LeapServe;
use PostgreSQL::Test::Utils qw(slurp_file);
use Test::More;

my $leap = LeapNode->new('audit');
my $address = 'teacher@example.org';
$leap->sql(<<~'SQL');
	CREATE SCHEMA door;
	GRANT USAGE ON SCHEMA door TO leap_anon, leap_user, leap_admin;
	CREATE TABLE door.words (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), word text NOT NULL UNIQUE CHECK (word <> 'no'));
	GRANT SELECT, INSERT, UPDATE, DELETE ON door.words TO leap_user;
	CREATE FUNCTION door.add_job(job jsonb) RETURNS jsonb LANGUAGE sql AS 'SELECT to_jsonb(leap.add_job(job))';
	CREATE FUNCTION door.refuse_words() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
	    PERFORM leap.refuse('LP003', 'words stay', 'No token=hush either.');
	END $$;
	CREATE TRIGGER stay BEFORE DELETE ON door.words FOR EACH ROW EXECUTE FUNCTION door.refuse_words();
	CREATE FUNCTION door.login(email text, password text) RETURNS jsonb LANGUAGE sql AS 'SELECT leap.login(email, password)';
	CREATE VIEW door.activity WITH (security_invoker) AS SELECT * FROM leap.activity();
	GRANT SELECT ON door.activity TO leap_user;
	CREATE FUNCTION door.audit_export(filters jsonb = '{}', format text = 'csv')
	RETURNS TABLE (action text, resource_type text, resource_id text, result text, ip_address text) LANGUAGE sql AS
	$$ SELECT action, resource_type, resource_id, result, ip_address FROM leap.audit_export(filters, format) $$;
	CREATE FUNCTION door.audit_list(filters jsonb = '{}') RETURNS SETOF jsonb LANGUAGE sql STABLE AS 'SELECT to_jsonb(a) FROM leap.audit_list(filters) a';
	CREATE FUNCTION door.audit_verify(head text = NULL) RETURNS jsonb LANGUAGE sql STABLE AS 'SELECT leap.audit_verify(head)';
	REVOKE ALL ON ALL FUNCTIONS IN SCHEMA door FROM PUBLIC;
	GRANT EXECUTE ON FUNCTION door.login TO leap_anon;
	GRANT EXECUTE ON FUNCTION door.add_job TO leap_user;
	GRANT EXECUTE ON FUNCTION door.audit_export, door.audit_list, door.audit_verify TO leap_admin;
	SELECT leap.set_password('teacher@example.org', 'Secret123');
	SELECT leap.add_user('head@example.org', role => 'admin');
	INSERT INTO door.words (word) VALUES ('one');
	SQL
my $user = $leap->sql("SELECT id FROM leap.users WHERE email = '$address'");
my $serve = LeapServe->new($leap, '--schemas=door', '--trusted-proxies=127.0.0.1');
my @from = ('X-Forwarded-For: 192.0.2.7', 'User-Agent: probe/1', 'Content-Type: application/json');
my @mine = (@from, $serve->bearer($address));

# entries(CONDITION): what the log has, as "action type id result address agent sqlstate"
sub entries
{
	my ($condition) = @_;
	return $leap->sql("SELECT concat_ws(' ', action, resource_type, coalesce(resource_id, '-'), result, host(ip_address), user_agent, details->>'sqlstate') FROM leap.audit_logs WHERE $condition ORDER BY id");
}

# refused(STATUS, CONDITION, EXPECTED, NAME, REQUEST...): a request that is refused and noted so
sub refused
{
	my ($status, $condition, $expected, $name, @request) = @_;
	is($serve->status(@request), $status, "$name: $status");
	$leap->wait_until(sub { entries($condition) ne '' });
	is(entries($condition), $expected, 'is in the log with where it came from');
}

is($serve->status('POST', '/rpc/login', \@from, qq({"email": "$address", "password": "Secret123"})), 200, 'who logs in');
is(entries("action = 'login' AND user_id = '$user'"), "login user $user success 192.0.2.7 probe/1", 'is in the log, with where he is');
is($serve->status('POST', '/rpc/login', \@from, qq({"email": "$address", "password": "Guess1234"})), 401, 'who guesses a password');
is(entries("action = 'login' AND result = 'failure'"), "login user $user failure 192.0.2.7 probe/1", 'too');

my $word = $leap->sql('SELECT id FROM door.words');
refused(409, "details->>'sqlstate' = 'LP003'", "delete word $word failure 192.0.2.7 probe/1 LP003", 'what a rule forbids', 'DELETE', "/words?id=eq.$word", \@mine);
is($leap->sql("SELECT user_id = '$user' AND who = 'leap_gateway' AND details->>'message' = 'words stay' AND details->>'request' = 'DELETE /words' FROM leap.audit_logs WHERE details->>'sqlstate' = 'LP003'"),
	't', 'by whom, and in which words');
refused(409, "details->>'sqlstate' = '23505'", 'add word - failure 192.0.2.7 probe/1 23505', 'what is there already', 'POST', '/words', \@mine, '{"word": "one"}');
refused(400, "details->>'sqlstate' = '23514'", 'add word - failure 192.0.2.7 probe/1 23514', 'what breaks a check', 'POST', '/words', \@mine, '{"word": "no"}');
refused(422, "details->>'sqlstate' = 'LP030'", 'add_job job - failure 192.0.2.7 probe/1 LP030', 'a call with a bad value', 'POST', '/rpc/add_job', \@mine, '{"job": {"name": "x"}}');
refused(401, "details->>'sqlstate' = '42501'", 'change word - failure 192.0.2.7 probe/1 42501', 'nobody who writes', 'PATCH', '/words?word=eq.one', \@from, '{"word": "two"}');
is($leap->sql("SELECT count(*) FROM leap.audit_logs WHERE details->>'sqlstate' = '42501' AND user_id IS NULL"), 1, 'of nobody');
{
	my @key = (@from, 'X-API-Key: ' . $leap->sql("SELECT leap.add_api_key('a script', 'read', NULL, '$address')->>'key'"));
	refused(403, "details->>'sqlstate' = 'PT403'", 'add word - failure 192.0.2.7 probe/1 PT403', 'a key that may only read', 'POST', '/words', \@key, '{"word": "x"}');
}
my $before = $leap->sql('SELECT count(*) FROM leap.audit_logs');
is($serve->status('GET', '/words', \@from), 401, 'who may not read');
is($serve->status('POST', '/words', \@mine, '{"word": '), 400, 'and what is no JSON');
is($serve->status('POST', '/nothing', \@mine, '{}'), 404, 'or nowhere');
is($serve->status('POST', '/words', \@mine, '{"word": "new"}'), 201, 'or done');
is($leap->sql('SELECT count(*) FROM leap.audit_logs'), $before, 'is not');

# a flood: entries end, counting goes on
{
	my @flood = ('X-Forwarded-For: 192.0.2.66', 'Content-Type: application/json');
	my $sent = 70;
	$serve->status('PATCH', '/words?word=eq.one', \@flood, '{"word": "two"}') for 1 .. $sent;
	ok($leap->wait_until(sub { $leap->sql("SELECT sum(seen) FROM leap.audit_refusal_counts WHERE address = '192.0.2.66'") == $sent }), "$sent refusals are counted");
	cmp_ok($leap->sql("SELECT count(*) FROM leap.audit_logs WHERE ip_address = '192.0.2.66'"), '<', $sent, 'fewer have entries');
	$leap->sql("UPDATE leap.audit_refusal_counts SET minute = minute - interval '1 minute'");
	$leap->sql('SELECT leap.note_refusal_floods()');
	is($leap->sql("SELECT count(*) FILTER (WHERE action = 'change') + coalesce(sum((details->>'more')::int), 0) FROM leap.audit_logs WHERE ip_address = '192.0.2.66'"), $sent, 'and the others one together');
}

# reading it
my $activity = decode_json(($serve->request('GET', '/activity?action=eq.delete', \@mine))[2]);
is(@$activity, 1, 'a user reads what he did');
is("$activity->[0]{result} $activity->[0]{ip_address}", 'failure 192.0.2.7', 'and how it ended');
my @admin = (@from, $serve->bearer('head@example.org'));
is(@{ decode_json(($serve->request('GET', '/rpc/audit_list?filters=' . '{"result":"failure","address":"192.0.2.7"}' =~ s/([^\w:,.])/sprintf '%%%02x', ord $1/ger, \@admin))[2]) }, 7, 'an administrator reads all of it');
refused(403, "details->>'request' = 'GET /rpc/audit_list'", 'audit_list list - failure 192.0.2.7 probe/1 42501', 'a user does not', 'GET', '/rpc/audit_list', \@mine);
refused(401, "action = 'authenticate' AND resource_type = 'token'", 'authenticate token - failure 192.0.2.7 probe/1 PGRST301', 'a forged token', 'GET', '/words', [ @from, 'Authorization: Bearer ' . ($mine[-1] =~ s/.*Bearer //r =~ s/[^.]*$/Zm9yZ2Vk/r) ]);
refused(401, "action = 'authenticate' AND resource_type = 'api_key'", 'authenticate api_key - failure 192.0.2.7 probe/1 LP042', 'a key that is none', 'GET', '/words', [ @from, 'X-API-Key: lpk_guessed' ]);
is($leap->sql("SELECT count(*) FROM leap.audit_logs WHERE action = 'authenticate' AND (user_id IS NOT NULL OR to_jsonb(audit_logs)::text ~ 'guessed|Zm9y')"), 0, 'both of nobody, and not told');
$leap->sql("SELECT leap.audit('formula', '=cmd()', '+1')");
my ($status, $head, $csv) = $serve->request('POST', '/rpc/audit_export', [ @admin, 'Accept: text/csv' ], '{"filters": {"action": "formula"}}');
is($csv =~ s/\r?\n\z//r, "action,resource_type,resource_id,result,ip_address\nformula,\"'=cmd()\",'+1,success,", 'an export is no formula');
is(entries("action = 'export'"), 'export audit_log - success 192.0.2.7 probe/1', 'and noted');

# seals
ok($leap->wait_until(sub { $leap->sql('SELECT leap.seal_audit()'); $leap->sql("SELECT leap.audit_verify()->>'unsealed'") == 0 }), 'all is sealed');
my $known = $leap->sql("SELECT leap.audit_head()->>'head'");
my $verdict = decode_json(($serve->request('GET', "/rpc/audit_verify?head=$known", \@admin))[2]);
ok($verdict->{ok} && $verdict->{head} eq $known, 'and proved');
$leap->sql('SELECT leap.seal_audit()');
like(slurp_file($leap->node->logfile), qr/audit log is sealed up to entry \d+: seal \d+, head $known/, 'the server log has the head');
$leap->sql("SET session_replication_role = replica; DELETE FROM leap.audit_logs WHERE action = 'delete'");
$verdict = decode_json(($serve->request('GET', '/rpc/audit_verify', \@admin))[2]);
ok(!$verdict->{ok}, "what was taken out shows: $verdict->{broken}{reason}");
unlike($leap->log_text, qr/missing in the audit log/, 'no refusal got lost');

done_testing();
