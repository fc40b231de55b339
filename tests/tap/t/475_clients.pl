# tests/tap/t/475_clients.pl
#     Schema api through the client library of PostgREST and as an OpenAPI document: the document is valid and whole,
#     each relation and function that it names answers, and what people do every day works.
use strict;
use warnings;
use utf8;

use JSON::PP ();
use LeapNode;
use LeapServe;
use NodePeer;
use Test::More;

my $leap = LeapNode->new('clients');
my $serve = LeapServe->new($leap);
my $origin = 'http://127.0.0.1:' . $serve->port;
my $peer = NodePeer->start('rest.mjs');
my $yes = JSON::PP::true;

# What a token of this user is; those of the walk may lose theirs.
sub token
{
	my ($email) = @_;
	return ($serve->bearer($email))[0] =~ s/^Authorization: Bearer //r;
}

# All checks of an answer, as one test each of those that fail and one of all.
sub report
{
	my ($what, $answer) = @_;
	my @checks = @{ $answer->{checks} };
	my @failed = grep { !$_->{ok} } @checks;

	ok(@checks > 0 && !@failed, "$what: " . @checks . ' checks');
	diag("$_->{name}: " . substr $_->{got} // '', 0, 600) for @failed;
}

# ask(EMAIL, QUESTION): as this user, undef: as nobody
sub ask
{
	my ($email, %question) = @_;
	return $peer->ask({ origin => $origin, (defined $email ? (token => token($email)) : ()), %question });
}

$leap->sql("SELECT leap.add_user('$_\@example.org')") for qw(stranger walker);
$leap->sql("SELECT leap.add_user('boss\@example.org'); UPDATE leap.users SET role = 'admin' WHERE email = 'boss\@example.org'");
my @ids = map { $leap->add("Lecture $_", user => 'teacher@example.org') } 1 .. 3;

my $document = ask('teacher@example.org', document => $yes);
report('the document of a user', $document);
ok((grep { $_ eq '/recordings' } @{ $document->{paths} }), 'it tells recordings');
ok(!(grep { m{/admin_} } @{ $document->{paths} }), 'and nothing of administrators');
$document = ask(undef, document => $yes);
report('the document of nobody', $document);
ok(!(grep { $_ eq '/recordings' } @{ $document->{paths} }), 'it does not tell recordings');
report('the document of an administrator', ask('boss@example.org', document => $yes));

# what would hit more than was meant, or cannot be done
my @teacher = $serve->bearer('teacher@example.org');
my %refused = (
	'DELETE /recordings?limit=1&order=id' => 'PGRST127',
	'DELETE /recordings?id' => 'PGRST100',
	'PATCH /recordings?offset=1' => 'PGRST127',
	'PUT /recordings?id=eq.' . $ids[0] => 'PGRST127',
	'GET /recordings?limit=abc' => 'PGRST100',
	'GET /recordings?select=id,tasks!nope(id)' => 'PGRST200');
for my $what (sort keys %refused)
{
	my ($method, $path) = split / /, $what;
	my ($status, undef, $body) = $serve->request($method, $path, [ @teacher, 'Content-Type: application/json' ], $method =~ /^P/ ? '{"name": "x"}' : '');
	is("$status " . (JSON::PP::decode_json($body)->{code} // ''), "400 $refused{$what}", "$what is refused");
}
is($leap->sql("SELECT count(*) FROM leap.recordings WHERE display_name LIKE 'Lecture%' AND delete_state = 'active'"), 3, 'and all is as it was');
my %allow = map { $_ => ($serve->request('OPTIONS', "/$_", \@teacher))[1] =~ /^Allow: (.*?)\r?$/m ? $1 : '' } qw(recordings artifacts);
is($allow{recordings}, 'OPTIONS,GET,HEAD,POST,PATCH,DELETE', 'a view with triggers takes all but PUT');
is($allow{artifacts}, 'OPTIONS,GET,HEAD', 'a view that nobody may write is read only');

# half a character is refused before the database reads it, and tells its log what stands beside it
for my $body ('{"email": "a", "password": "secret\u0000"}', '{"email": "a", "password": "secret\ud800"}')
{
	for my $path ('/rpc/login', '/rpc/login?columns=email,password', '/api/v1/auth/login')
	{
		is($serve->status('POST', $path, ['Content-Type: application/json'], $body), 400, "$path refuses $body");
	}
}

report('what people do', ask('teacher@example.org', tour => $yes, other => token('stranger@example.org'), ids => \@ids));

# all of it, by a user who may lose everything
my $ends = '/rpc/(logout|.*password|delete_(me|account)|.*sessions?$)';
report('everything, by a user', ask('walker@example.org', walk => $yes, last => $ends));
report('everything, by an administrator', ask('boss@example.org', walk => $yes, last => $ends));

done_testing();
