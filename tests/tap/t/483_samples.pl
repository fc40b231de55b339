# tests/tap/t/483_samples.pl
#     The sample configurations of docker/: nginx takes its own and requests come through it to leap serve, systemd
#     takes the units and they are as locked up as they say, PostgREST's names what is there.
use strict;
use warnings;

use IO::Socket::INET;
use LeapNode;
use LeapServe;
use PostgreSQL::Test::Utils qw(slurp_file);
use Test::More;

sub found
{
	my ($program) = @_;
	return (grep { -x } map { "$_/$program" } '/usr/sbin', '/usr/bin', '/sbin', '/bin')[0];
}

sub run_tool
{
	my ($command) = @_;
	my $output = qx($command 2>&1);
	return ($? >> 8, $output);
}

sub write_file
{
	my ($file, $text) = @_;
	open my $out, '>', $file or die "$file: $!\n";
	print $out $text;
	close $out or die "$file: $!\n";
	return $file;
}

sub free_port
{
	my $socket = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die "listen: $!\n";
	return $socket->sockport;
}

my $leap = LeapNode->new('samples');
my $base = $leap->{base};

# every option that a unit sets is one, and systemd takes the unit
for my $name ('leap-serve', 'leap-worker')
{
	my $unit = slurp_file("docker/systemd/$name.service");
	my ($environment) = $unit =~ /^Environment=(.*)$/m;
	my ($command) = $unit =~ m{^ExecStart=/usr/local/bin/leap (\w+)$}m;
	my $manual = (run_tool($leap->program . " $command --help"))[1];
	is_deeply([ grep { my $option = lc s/^LEAP_//r =~ tr/_/-/r; $manual !~ /--$option\b/ } map { s/=.*//r } split / /, $environment ], [], "$name: options there are");
	SKIP:
	{
		my $analyze = found('systemd-analyze') or skip 'there is no systemd-analyze', 2;
		my $file = write_file("$base/$name.service", $unit =~ s{^ExecStart=\S+}{ExecStart=/bin/true}mr =~ s{^EnvironmentFile=.*\n}{}mr);
		my ($code, $said) = run_tool("$analyze verify $file");
		is($code . ($said =~ s/^(?!.*\Q$name\E).*\n//mgr), '0', "$name: systemd takes it") or diag($said);
		($code, $said) = run_tool("$analyze security --offline=yes --threshold=20 $file");
		is($code, 0, '  and it can do little harm') or diag($said);
	}
}

# PostgREST: what is named is there
{
	my %setting = map { /^([\w-]+) = "?(.*?)"?$/ ? ($1 => $2) : () } split /\n/, slurp_file('docker/postgrest/postgrest.conf');
	my @strange = grep { !/^(?:#|$)/ && !/^[\w-]+ = (?:"[^"]*"|\d+|true|false)$/ } split /\n/, slurp_file('docker/postgrest/postgrest.conf');
	is_deeply(\@strange, [], 'postgrest.conf has settings and comments only');
	is($leap->sql("SELECT to_regnamespace('$setting{'db-schemas'}') IS NOT NULL AND to_regrole('$setting{'db-anon-role'}') IS NOT NULL AND to_regprocedure('$setting{'db-pre-request'}()') IS NOT NULL"), 't', 'its schema, role and function are there');
	my ($role) = $setting{'db-uri'} =~ m{//(\w+)@};
	is($leap->sql("SELECT rolcanlogin AND NOT rolinherit AND pg_has_role(rolname, '$setting{'db-anon-role'}', 'MEMBER') FROM pg_roles WHERE rolname = '$role'"), 't', 'the role it logs in as can only become another');
	is($leap->sql("SET ROLE $role; SELECT count(*) > 0 FROM json_array_elements(leap.gateway_keys()::json->'keys') k WHERE k->>'kty' = 'oct' AND k ? 'k'" =~ s/k \? 'k'/k->>'k' IS NOT NULL/r), 't', 'and may have the keys');
}

# nginx: it takes the configuration, and requests come through
SKIP:
{
	my $nginx = found('nginx') or skip 'there is no nginx', 6;
	my $serve = LeapServe->new($leap, '--trusted-proxies=127.0.0.1', '--log-format=json');
	my ($http, $https) = (free_port(), free_port());
	my $upstream = $serve->port;
	my $site = slurp_file('docker/nginx/leap.conf');
	run_tool("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=leap.example.org -keyout $base/leap.key -out $base/leap.crt");
	$site =~ s{/etc/ssl/leap/}{$base/}g;
	$site =~ s{listen 80;}{listen 127.0.0.1:$http;};
	$site =~ s{listen 443 }{listen 127.0.0.1:$https };
	$site =~ s{127\.0\.0\.1:8080}{127.0.0.1:$upstream};
	mkdir "$base/nginx";
	write_file("$base/site.conf", $site);
	write_file("$base/nginx.conf", <<~CONF);
		pid $base/nginx/pid; error_log $base/nginx/error.log; daemon on; worker_processes 1;
		events { worker_connections 64; }
		http {
			access_log off; client_body_temp_path $base/nginx/body; proxy_temp_path $base/nginx/proxy; fastcgi_temp_path $base/nginx/f; uwsgi_temp_path $base/nginx/u; scgi_temp_path $base/nginx/s;
			include $base/site.conf;
		}
		CONF
	my ($code, $said) = run_tool("$nginx -t -e $base/nginx/error.log -c $base/nginx.conf");
	is($code, 0, 'nginx takes the sample') or diag($said);
	is((run_tool("$nginx -e $base/nginx/error.log -c $base/nginx.conf"))[0], 0, 'and starts');
	my $curl = sub { return (run_tool("curl -sk --max-time 20 --resolve leap.example.org:$https:127.0.0.1 @_"))[1]; };
	like($curl->("-i https://leap.example.org:$https/recordings"), qr{^HTTP/2 401 .*^x-request-id: [0-9a-f]{32}\r?$}ms, 'a request comes through, with a name');
	is($curl->("-o /dev/null -w '%{http_code}' https://leap.example.org:$https/health/ready"), '403', 'health is for the house');
	is($curl->("-o /dev/null -w '%{http_code} %{redirect_url}' -H 'Host: leap.example.org' http://127.0.0.1:$http/a?b=c"), '308 https://leap.example.org/a?b=c', 'without TLS it is sent to TLS');
	$curl->("--interface 127.0.0.2 -H 'X-Forwarded-For: 6.6.6.6' -X POST -H 'Content-Type: application/json' -d '{\"email\":\"teacher\@example.org\",\"password\":\"wrong wrong\"}' https://leap.example.org:$https/rpc/login");
	is($leap->sql("SELECT DISTINCT ip_address FROM leap.audit_logs WHERE action LIKE '%login%'"), '127.0.0.2', 'the address is that which nginx saw');
	run_tool("kill \$(cat $base/nginx/pid)");
	$serve->stop;
}

done_testing();
