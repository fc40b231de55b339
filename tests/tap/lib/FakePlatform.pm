# tests/tap/lib/FakePlatform.pm
#     Starts the servers of platforms (tests/fake/platform) for a test and speaks with them; see tests/fake/README.md.
#
#     my $fake = FakePlatform->start($dir, platforms => ['youtube', 'zoom'], youtube => { token_seconds => 60 });
#     $fake->url('youtube.api')            the endpoint, to be given to leap.set_platform_endpoint or a task's "endpoints"
#     $fake->endpoints, $fake->endpoints('youtube')     all of them: {platform => {name => url}}, {name => url}
#     $fake->set(youtube => { ... }); $fake->set(chunked => JSON::PP::true)   settings of a platform, of all; what is not named stays
#     $fake->faults({ on => 'videos.insert', times => 1, status => 503 }, ...)    what goes wrong from now on; () = nothing
#     $fake->unmet                         the rows of it that nobody met as often as they say
#     $fake->idle                          waits until all requests have had their effect
#     $fake->state('youtube')              what exists
#     $fake->change('zoom', sub { my ($state) = @_; ... })     makes it different, while nobody else looks
#     $fake->grant('youtube', scope => '...')   what somebody consented to: {access_token, refresh_token, expires_at, client_id, client_secret, scope}
#     $fake->requests, $fake->requests('videos\.insert')       what was asked, in order
#     $fake->advance(3600)                 moves the clock of the services
#     $fake->wait_paused(1); $fake->release                    for pause => POINT
#     $fake->forget                        empties the notes
#     $fake->stop; $fake->go               takes the services away, and brings them back with all they know, at the same ports
package FakePlatform;

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use IPC::Open2;
use Cpanel::JSON::XS ();
use JSON::PP;
use POSIX qw(strftime);
use Time::HiRes qw(sleep time);

my $root = abs_path(dirname(__FILE__) . '/../../..');
my $json = Cpanel::JSON::XS->new->canonical->utf8;
require "$root/tests/fake/platform/$_.pm" for qw(Folder Tokens);
our @ISA = ('Folder');
*slurp = \&Folder::slurp;    # for tests, too
my %scope_of = (youtube => join(' ', map { "https://www.googleapis.com/auth/$_" } qw(youtube youtube.upload youtube.force-ssl)),
	yandex_disk => 'cloud_api:disk.info cloud_api:disk.read cloud_api:disk.write', zoom => 'cloud_recording:read:list_user_recordings cloud_recording:read:list_recording_files user:read:user');
my %module_of = (echo => 'Echo', youtube => 'Youtube', zoom => 'Zoom', vk => 'Vk', yandex_disk => 'Yandex');

sub start
{
	my ($class, $dir, %options) = @_;
	my @platforms = @{ delete $options{platforms} // die "no platforms named\n" };
	my @modules = map { $module_of{$_} // die "no platform \"$_\"\n" } @platforms;

	mkdir $dir;
	my $self = bless { folder => abs_path($dir), settings => \%options, modules => \@modules }, $class;
	$self->write_json(settings => $self->{settings});
	return $self->go;
}

sub go
{
	my ($self) = @_;
	$self->{pid} = open2($self->{from}, $self->{to}, "$root/tests/fake/platform/server", $self->{folder}, @{ $self->{modules} });
	(readline($self->{from}) // '') eq "ready\n" or die "the fake platforms did not start\n";
	$self->{endpoints} = $self->read_json('endpoints');
	return $self;
}

sub stop
{
	my ($self) = @_;
	local $?;
	close $self->{to} if $self->{to};
	waitpid $self->{pid}, 0 if $self->{pid};
	delete @$self{qw(to from pid)};
}

sub DESTROY { my ($self) = @_; $self->stop; }

sub read_json { my ($self, $name) = @_; my $text = Folder::slurp("$self->{folder}/$name.json"); return defined $text ? $json->decode($text) : undef; }

sub write_json { my ($self, $name, $value) = @_; return Folder::write_file("$self->{folder}/$name.json", $json->encode($value)); }

sub endpoints
{
	my ($self, $platform) = @_;
	return defined $platform ? $self->{endpoints}{$platform} : $self->{endpoints};
}

sub url
{
	my ($self, $name) = @_;
	my ($platform, $endpoint) = split /\./, $name, 2;
	return $self->{endpoints}{$platform}{$endpoint} // die "no endpoint \"$name\"\n";
}

sub set
{
	my ($self, %changes) = @_;
	for my $name (keys %changes)
	{
		$self->{settings}{$name} = ref $changes{$name} eq 'HASH' ? { %{ $self->{settings}{$name} // {} }, %{ $changes{$name} } } : $changes{$name};
	}
	$self->write_json(settings => $self->{settings});
}

sub advance { my ($self, $seconds) = @_; $self->set(clock => ($self->{settings}{clock} // 0) + $seconds); }

sub faults
{
	my ($self, @rows) = @_;
	unlink "$self->{folder}/release";
	$self->locked(faults => sub { $self->write_json(faults => \@rows) });
}

sub unmet { my ($self) = @_; return grep { ($_->{times} // 0) > 0 } @{ $self->read_json('faults') // [] }; }

# Tokens as the fields of a credential; seconds: how long the access token lives, uses: for how many requests; account: whose.
sub grant
{
	my ($self, $platform, %what) = @_;
	my $settings = { %{ $self->{settings} }, %{ $self->{settings}{$platform} // {} } };
	my $clients = Tokens::clients($settings, $platform);
	my ($client) = $what{client} // sort keys %$clients;
	my $scope = $what{scope} // $scope_of{$platform};
	my $now = time + ($settings->{clock} // 0);
	my ($made) = $self->change($platform, sub {
		return Tokens::grant($_[0], $now, account => $what{account} // $settings->{account} // 'teacher', client => $client, scope => $scope, seconds => $what{seconds} // $settings->{token_seconds} // 3599,
			uses => $what{uses} // $settings->{token_uses}, refresh => 'refresh-', prefix => 'access-');
	});
	return { access_token => $made->{access_token}, refresh_token => $made->{refresh_token}, expires_at => strftime('%Y-%m-%dT%H:%M:%SZ', gmtime($now + $made->{expires_in})),
		client_id => $client, client_secret => $clients->{$client}{secret}, scope => $scope };
}

# The notes of an event (arrived, request, answered, paused, malformed), or all.
sub log
{
	my ($self, $event) = @_;
	my @lines = map { $json->decode($_) } (Folder::slurp("$self->{folder}/log") // '') =~ /(.+)\n/g;
	return defined $event ? grep { $_->{event} eq $event } @lines : @lines;
}

# What was asked of endpoints with such a name: {no, platform, endpoint, method, path, query, headers, body, received, status, problem, noted}.
sub requests
{
	my ($self, $endpoint) = @_;
	return grep { !defined $endpoint || $_->{endpoint} =~ /^(?:$endpoint)$/ } $self->log('request');
}

sub wait_paused
{
	my ($self, $count, $seconds) = @_;
	my $until = time + ($seconds // 60);

	while (time < $until)
	{
		my @paused = $self->log('paused');
		return @paused if @paused >= ($count // 1);
		sleep 0.02;
	}
	die "no request has come to the point\n";
}

sub release
{
	my ($self) = @_;
	open my $out, '>', "$self->{folder}/release" or die "release: $!\n";
	close $out;
}

# Until each request has had its effect, also those of clients that were killed: the server has a process for each connection.
sub idle
{
	my ($self) = @_;
	my $until = time + 60;

	while (time < $until)
	{
		open my $in, '<', "/proc/$self->{pid}/task/$self->{pid}/children" or return;
		return if !grep { is_alive($_) } split ' ', <$in> // '';
		sleep 0.01;
	}
	die "the server is still busy with a request\n";
}

sub is_alive
{
	my ($pid) = @_;
	open my $in, '<', "/proc/$pid/stat" or return 0;
	return (<$in> // '') =~ /\) [^ZX]/;
}

sub forget
{
	my ($self) = @_;
	$self->locked(log => sub { unlink "$self->{folder}/log" });
	unlink "$self->{folder}/release";
}

1;
