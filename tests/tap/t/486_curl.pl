# tests/tap/t/486_curl.pl
#     The scripts of tests/curl, with a real curl: each runs to its end, and together they ask every path of
#     leap.routes() and get what they asked for.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(basename dirname);
use LeapNode;
use LeapServe;
use IPC::Run ();
use PostgreSQL::Test::Utils;
use Test::More;

my $scripts = abs_path(dirname(__FILE__) . '/../../curl');
my $leap = LeapNode->new('curl', settings => "leap.password_cost = 4\nleap.registration = 'open'\n");
my $serve = LeapServe->new($leap);
my $asked = "$leap->{base}/asked";
# what cannot be had here: a sample lecture, words from a mail, a delivery that failed, a platform that refuses, a
# recording that waits for a person or for nothing but its publication
my %refused = (
	'POST /auth/reset-password' => 403, 'POST /auth/verify-email' => 403,
	'POST /notifications/deliveries/{id}/redeliver' => 409, 'POST /admin/breakers/{platform}/close' => 404,
	'POST /admin/tasks/{task_id}/cancel' => 404, 'POST /admin/recordings/{id}/{operation}' => 404, 'POST /admin/users/{id}/sessions/end' => 404,
	'POST /recordings/sample' => 404, 'POST /recordings/{id}/accept' => 409, 'POST /recordings/{id}/upload' => 409, 'POST /recordings/{id}/upload/{platform}' => 409);

# one lecture that is published and one whose file is gone
my $media = $leap->fake_media;
my $finished = $leap->add('Finished');
my $failed = $leap->add('Failed');
unlink "$leap->{inbox}/Failed.mp4";
my $worker = $leap->worker('media-program' => $media);
is($leap->wait_for_end($finished), 'finished', 'a run ends');
is($leap->wait_for_end($failed), 'failed', 'a run fails');
$leap->end_worker($worker, 'TERM');
$leap->sql(<<~'SQL');
	SELECT leap.set_password('teacher@example.org', 'A teacher''s secret 1');
	SELECT leap.add_worker_key(encode(sha256('workers'), 'base64'));
	SELECT leap.set_platform_app('youtube', '{"client_id": "app", "client_secret": "hush", "redirect_uri": "https://leap.example.org/oauth/youtube/callback"}');
	SELECT leap.set_password(leap.add_user('root@example.org', 'Root', 'admin')::text, 'The root''s secret 1');
	SQL

local %ENV = (
	%ENV, LEAP_URL => 'http://127.0.0.1:' . $serve->port, LEAP_ASKED => $asked, TMPDIR => $leap->{base}, no_proxy => '*',
	LEAP_EMAIL => 'teacher@example.org', LEAP_PASSWORD => "A teacher's secret 1",
	LEAP_ADMIN_EMAIL => 'root@example.org', LEAP_ADMIN_PASSWORD => "The root's secret 1");
for my $script (grep { !m{/lib\.sh$} } glob "$scripts/*.sh")
{
	my ($out, $error);
	my $good = IPC::Run::run([ 'bash', $script ], '>', \$out, '2>', \$error);

	ok($good, basename($script)) or diag(($out // '') =~ s/.*\n(?=(?:.*\n){5})//sr . $error);
}

# the routes, those with more fixed names first: a request is of the first that fits
my @routes = sort { ($a->{path} =~ tr/{//) <=> ($b->{path} =~ tr/{//) }
  map { my ($method, $path) = split / /; { method => $method, path => $path, is => qr/^\Q$path\E$/ =~ s/\\\{\w+\\\}/[^\/]+/gr } } split /\n/, $leap->sql("SELECT method || ' ' || path FROM leap.routes()");
my %answers;

for my $line (split /\n/, slurp_file($asked))
{
	my ($status, $method, $path) = split / /, $line;
	my ($route) = grep { $_->{method} eq $method && $path =~ /$_->{is}/ } @routes;

	$answers{"$method $route->{path}"}{$status} = 1 if defined $route;
}
my @left;
for my $route (map { "$_->{method} $_->{path}" } @routes)
{
	my $wanted = $refused{$route} // '2..';
	push @left, $route if !grep { /^$wanted$/ } keys %{ $answers{$route} // {} };
}
is_deeply([ sort @left ], [], 'every path was asked, and answered');
is_deeply([ sort grep { !defined $answers{$_} } keys %refused ], [], 'nothing is excused that is not there');
done_testing();
