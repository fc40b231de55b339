# tests/tap/lib/MailServer.pm
#     A mail server of npm (tests/node/mail.mjs) with a certificate of our own.
#
#     my $server = MailServer->new(FOLDER, tls => 'starttls', user => ..., password => ...);
#     $server->{url}, $server->{certificate}; folder => PATH: each mail is a file there, too
#     my $came = $server->take;    {mails => [...], logins => [...]} since the last time
#     my $mail = $server->wait_for_mail(sub { $_[0] ... });   polls until one fits, or dies
package MailServer;

use strict;
use warnings;

use JSON::PP;
use NodePeer;
use Time::HiRes qw(sleep time);

# Of 127.0.0.1 alone, signed by itself.
sub make_certificate
{
	my ($folder) = @_;

	my $request = 'openssl req -x509 -batch -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 2'
	  . " -subj /CN=mail -addext subjectAltName=IP:127.0.0.1 -keyout '$folder/key.pem' -out '$folder/cert.pem'";

	return if -e "$folder/cert.pem";
	system("$request 2>'$folder/openssl.log'") == 0 or die "openssl: see $folder/openssl.log\n";
}

sub new
{
	my ($class, $folder, %options) = @_;
	my $self = bless { tls => 'starttls', %options, arrived => [] }, $class;

	make_certificate($folder);
	$self->{certificate} = "$folder/cert.pem";
	$self->{peer} = NodePeer->start('mail.mjs', encode_json({
		tls => $self->{tls}, key => "$folder/key.pem", cert => $self->{certificate},
		map { $_ => $options{$_} } grep { defined $options{$_} } qw(user password folder) }));
	$self->{port} = $self->{peer}->read->{port};
	$self->{url} = ($self->{tls} eq 'smtps' ? 'smtps' : 'smtp') . "://127.0.0.1:$self->{port}";
	return $self;
}

sub take
{
	my ($self) = @_;
	return $self->{peer}->ask({ take => JSON::PP::true });
}

sub wait_for_mail
{
	my ($self, $fits, $seconds) = @_;
	my $until = time + ($seconds // 60);

	while (time < $until)
	{
		push @{ $self->{arrived} }, @{ $self->take->{mails} };
		for my $i (0 .. $#{ $self->{arrived} })
		{
			return splice @{ $self->{arrived} }, $i, 1 if $fits->($self->{arrived}[$i]);
		}
		sleep 0.1;
	}
	die "no such mail has come\n";
}

1;
