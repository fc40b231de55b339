# tests/tap/lib/FakeSpeech.pm
#     Starts a server of tests/fake for a test and speaks with it; see tests/fake/README.md.
#
#     my $server = FakeSpeech->start('speech/openai', variant => 'groq', key => 'k');    any program of tests/fake of this kind
#     $server->url                                 http://127.0.0.1:PORT
#     $server->settings(polls => 5)                changes settings; what is not named stays
#     $server->script({ on => 'transcriptions', times => 2, status => 503 }, ...)   what goes wrong from now on
#     $server->unmet                               the rows of it that nobody met as often as they say
#     $server->log('billed')                       the notes of that event, or all
#     $server->billed                              {requests, seconds, jobs => [...]}
#     $server->most_at_once                        how many requests it had at the same time
#     $server->wait_paused(5); $server->release    for pause => POINT
#     $server->forget                              empties log and script
package FakeSpeech;

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IPC::Open2;
use JSON::PP;
use Time::HiRes qw(sleep time);

my $root = abs_path(dirname(__FILE__) . '/../../..');
my $json = JSON::PP->new->canonical->utf8;

sub start
{
	my ($class, $program, %settings) = @_;
	my $self = bless { folder => tempdir(CLEANUP => 1), settings => \%settings }, $class;

	$self->settings;
	$self->{pid} = open2($self->{from}, $self->{to}, "$root/tests/fake/$program", $self->{folder});
	my $line = readline $self->{from};
	($self->{port}) = ($line // '') =~ /^port (\d+)$/ or die "$program did not start\n";
	return $self;
}

sub url { my ($self) = @_; return "http://127.0.0.1:$self->{port}"; }

sub write_json
{
	my ($self, $name, $value) = @_;
	open my $out, '>:raw', "$self->{folder}/$name.new2" or die "$name: $!\n";
	print $out $json->encode($value);
	close $out;
	rename "$self->{folder}/$name.new2", "$self->{folder}/$name.json";
}

sub settings
{
	my ($self, %changes) = @_;
	$self->{settings} = { %{ $self->{settings} }, %changes };
	$self->write_json(settings => $self->{settings});
}

sub script
{
	my ($self, @rows) = @_;
	unlink "$self->{folder}/release";
	$self->write_json(faults => \@rows);
}

sub unmet
{
	my ($self) = @_;
	open my $in, '<:raw', "$self->{folder}/faults.json" or return ();
	local $/ = undef;
	return grep { ($_->{times} // 0) > 0 } @{ $json->decode(<$in>) };
}

# What is said in any sound: [{word, start, end}...]; undef: what its tones say.
sub says
{
	my ($self, $words) = @_;
	return $words ? $self->write_json(says => $words) : unlink "$self->{folder}/says.json";
}

sub log
{
	my ($self, $event) = @_;
	open my $in, '<:raw', "$self->{folder}/log" or return ();
	my @lines = map { $json->decode($_) } grep { /\n\z/ } <$in>;
	return defined $event ? grep { $_->{event} eq $event } @lines : @lines;
}

sub billed
{
	my ($self) = @_;
	my %sum = (requests => 0, seconds => 0, jobs => []);

	for my $line ($self->log('billed'))
	{
		$sum{requests}++;
		$sum{seconds} += $line->{seconds};
		push @{ $sum{jobs} }, $line->{job} if defined $line->{job};
	}
	return \%sum;
}

sub most_at_once
{
	my ($self) = @_;
	my ($now, $most, %open) = (0, 0);

	for my $line ($self->log)
	{
		if ($line->{event} eq 'arrived') { $open{ $line->{no} } = 1; }
		elsif ($line->{event} =~ /^(?:answering|broken)$/) { delete $open{ $line->{no} }; }
		$now = keys %open;
		$most = $now if $now > $most;
	}
	return $most;
}

# Until so many requests stand at the point that was scripted; returns the notes of them.
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

sub forget
{
	my ($self) = @_;
	unlink map { "$self->{folder}/$_" } qw(log faults.json release);
}

sub DESTROY
{
	my ($self) = @_;
	local $?;
	close $self->{to} if $self->{to};
	waitpid $self->{pid}, 0 if $self->{pid};
}

1;
