# tests/tap/t/750_ssrf.pl
#     A user's URL does not lead into the operator's network: spellings, redirects, lists, webhooks; what the operator allows,
#     and a proxy. The table of addresses is tests/unit/test_guard.c; here the program itself is asked.
use strict;
use warnings;

use IO::Socket::INET;
use IPC::Run;
use JSON::PP;
use LeapChild;
use PostgreSQL::Test::Utils;
use Test::More;

my $leap = LeapChild->new('ssrf');
my $port = $leap->serve;
my $id = '01990000-0000-7000-8000-00000000abcd';
append_to_file("$leap->{served}/a.mp4", 'no film, but bytes ' x 5000);
append_to_file("$leap->{served}/list.txt", "https://example.org/a.mp4\n");

sub to { return 'to=' . ($_[0] =~ s/([^A-Za-z0-9])/sprintf '%%%02x', ord $1/ger); }

# What becomes of a download: the code of its failure.
sub code_of
{
	my ($url, %options) = @_;
	my $end = $leap->run(download => { recording => { id => $id, lane => 7, name => 'x', source => { type => 'url', url => $url } }, import_roots => [], config => {}, artifacts => {} },
		allow_private => 0, %options);
	return $end->{failed}{code} // 'done';
}

my @private = ("http://127.0.0.1:$port", "http://127.0.0.2:$port", "http://localhost:$port", "http://LocalHost:$port", "http://0.0.0.0:$port", "http://[::1]:$port", "http://[::ffff:127.0.0.1]:$port",
	"http://[::ffff:7f00:1]:$port", "http://2130706433:$port", "http://0x7f000001:$port", "http://0177.1:$port", "http://127.1:$port", "http://8.8.8.8\@127.0.0.1:$port", "http://169.254.169.254",
	"http://10.255.255.1", "http://[fd00::1]", "http://[64:ff9b::7f00:1]", "http://[fe80::1%25lo]");
is(code_of("$_/a.mp4"), 'address_refused', $_) for @private;
is_deeply([ $leap->requests ], [], 'nobody was asked');
is(code_of($_), 'bad_url', $_) for "file:///etc/passwd", "ftp://127.0.0.1/a", "gopher://127.0.0.1:$port/_GET", "dict://127.0.0.1:$port/", "scp://127.0.0.1/a";

my $allowed = { network => { allow => ['127.0.0.1'], proxy => '' } };
my $here = "http://127.0.0.1:$port/a.mp4";
my $arrived = code_of($here, %$allowed);
is($arrived, 'not_media', 'an address that the operator allows is reached');
is(scalar(grep { $_->{path} eq '/a.mp4' } $leap->requests) > 0, 1, 'the server was asked');
is(code_of("http://127.0.0.2:$port/a.mp4", %$allowed), 'address_refused', 'its neighbour is not');
is(code_of("$here?" . to("$_/a.mp4"), %$allowed), 'address_refused', "a redirect to $_") for "http://127.0.0.2:$port", "http://[::1]:$port", 'http://169.254.169.254', "http://0x7f000002:$port";
is(code_of("$here?" . to("file:///etc/passwd"), %$allowed), 'bad_url', 'a redirect to a file');
is(code_of("http://localhost:$port/a.mp4", network => { allow => ['LOCALHOST'], proxy => '' }), $arrived, 'a host by its name');
is(code_of("http://127.0.0.1:$port/a.mp4", network => { allow => ['localhost'], proxy => '' }), 'address_refused', 'and by nothing else');
is(code_of("http://127.0.0.2:$port/a.mp4", network => { allow => ['127.0.0.0/30'], proxy => '' }), 'connection_lost', 'a network, in which nobody answers there');
$leap->requests;

# lists and webhooks go the same way, and each page of a list
open my $paged, '>', "$leap->{served}/paged" or die "paged: $!\n";
print $paged encode_json({ items => [ { url => 'https://e.org/a.mp4' } ], next_url => "http://127.0.0.2:$port/more" });
close $paged;
my $pages = $leap->run(sync => { type => 'URL_LIST', most => 10, config => { url => "http://127.0.0.1:$port/paged" }, import_roots => [] }, allow_private => 0, %$allowed);
is(scalar @{ $pages->{done}{facts}{items} }, 1, 'a list at an address that the operator allows');
like("@{ $pages->{done}{facts}{problems} }", qr/^page 2 of the list: .*127\.0\.0\.2/, '... whose next page is at another one: it is not asked');
is_deeply([ map { $_->{path} } $leap->requests ], ['/paged'], '... and nobody there heard of it');
my $list = $leap->run(sync => { type => 'URL_LIST', most => 10, config => { url => "http://127.0.0.1:$port/list.txt" }, import_roots => [] }, allow_private => 0);
is($list->{failed}{code}, 'address_refused', 'a list of URLs');
my $hook = $leap->run(notify => { channel => 'webhook', url => "http://127.0.0.1:$port/hook", id => 'x', body => '{}', secret => 'whsec_' . 'A' x 32 }, allow_private => 0);
is($hook->{failed}{code}, 'address_refused', 'a webhook');
is_deeply([ $leap->requests ], [], 'nobody was asked');

# a proxy: says what it was asked and refuses
my $proxy = IO::Socket::INET->new(Listen => 10, LocalAddr => '127.0.0.1', ReuseAddr => 1) or die "proxy: $!\n";
my $asked = "$leap->{base}/asked";
my $pid = fork // die "fork: $!\n";
if ($pid == 0)
{
	while (my $client = $proxy->accept)
	{
		my $line = <$client> // '';
		while (my $header = <$client>) { last if $header eq "\r\n"; }
		append_to_file($asked, $line);
		print $client "HTTP/1.1 403 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
		close $client;
	}
	POSIX::_exit(0);
}
my %behind = (network => { allow => ['127.0.0.2'], proxy => 'http://127.0.0.1:' . $proxy->sockport });
is(code_of('http://8.8.8.8/a.mp4', %behind), 'access_denied', 'a public address is asked for at the proxy');
like(slurp_file($asked), qr{^GET http://8\.8\.8\.8/a\.mp4 HTTP}, 'which is on this machine');
unlink $asked;
is(code_of($_, %behind), 'address_refused', "$_ is not") for "http://127.0.0.1:$port/a.mp4", "http://localhost:$port/a.mp4", 'http://169.254.169.254/', 'http://[::1]/';
ok(!-e $asked, 'the proxy hears nothing of them');
isnt(code_of("http://127.0.0.2:$port/a.mp4", %behind), 'address_refused', 'what is allowed inside');
ok(!-e $asked, 'is reached without it');
kill 'KILL', $pid;
waitpid $pid, 0;

# the program refuses what it cannot understand
for my $option ('--allow-address=10.0.0.0/33', '--allow-address=300.1.1.1', '--proxy=proxy:3128')
{
	my ($out, $err) = ('', '');
	IPC::Run::run([ "$ENV{LEAP_BUILD}/bin/leap", 'worker', '--config', '/dev/null', '--storage', $leap->{storage}, '--library', $leap->{library}, $option ], '<', \undef, '>', \$out, '2>', \$err, IPC::Run::timeout(30));
	like($err, qr/--(?:allow-address|proxy)/, "$option is refused");
}
done_testing();
