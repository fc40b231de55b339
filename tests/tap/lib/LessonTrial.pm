# tests/tap/lib/LessonTrial.pm
#     One lesson on its way to a fake platform: attempts follow each other as the database would have them, each with the
#     checkpoint of the one before. Needs no database. VkTrial and YandexTrial say which platform.
#
#     my $trial = VkTrial->new('name', fake => { settings of the fake }, bytes => N);
#     $trial->file(srt => 'srt', $bytes)     a file of the lesson
#     my $end = $trial->attempt(todo => 'update', remote_id => ..., OPTIONS of LeapChild->run);
package LessonTrial;

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FakePlatform;
use LeapChild;

my $recording = '01990000-0000-7000-8000-0123456789ab';

sub begin
{
	my ($class, $name, $platform, %options) = @_;
	my $leap = LeapChild->new($name);
	my $fake = FakePlatform->start("$leap->{base}/fake", platforms => [$platform], $platform => $options{fake} // {});
	my $self = bless { leap => $leap, fake => $fake, platform => $platform, token => $options{token}, settings => $options{settings}, files => {} }, $class;

	$self->file(video => 'mp4', join('', map { sha256_hex("$name $_") } 1 .. ($options{bytes} // 300_000) / 64));
	return $self;
}

sub file
{
	my ($self, $kind, $extension, $bytes) = @_;
	my $sha256 = sha256_hex($bytes);
	my $uri = "users/000007/$recording/" . ($kind =~ tr/:/-/r) . '-' . substr($sha256, 0, 16) . ".$extension";

	system('mkdir', '-p', "$self->{leap}{storage}/users/000007/$recording");
	open my $out, '>:raw', "$self->{leap}{storage}/$uri" or die "$uri: $!\n";
	print $out $bytes;
	close $out or die "$uri: $!\n";
	$self->{files}{$kind} = { uri => $uri, bytes => length($bytes) . '', sha256 => $sha256, media_type => 'x/y', metadata => { container => 'mp4' } };
}

sub attempt
{
	my ($self, %options) = @_;
	my $platform = $self->{platform};
	my %target = (id => '01990000-0000-7000-8000-00000000000a', type => uc $platform, config => {}, meta => {}, todo => 'publish', publication => $self->{settings});
	my $on_line = delete $options{on_line};

	$target{$_} = delete $options{$_} for grep { exists $options{$_} } qw(todo remote_id meta earlier video_changed);
	return $self->{leap}->run(upload => {
			recording => { id => $recording, lane => 7, name => 'The name', created_at => '2026-11-21T05:00:00+00:00', facts => {} },
			artifacts => $self->{files}, target => \%target, endpoints => $self->{fake}->endpoints($platform), checkpoint => $self->{checkpoint} },
		allow_private => 0,
		credential => { id => '01990000-0000-7000-8000-00000000000c', platform => $platform, version => 1, data => { access_token => $self->{token}, %{ $self->{grant} // {} } } },
		%options,
		on_line => sub {
			my ($line) = @_;
			$self->{checkpoint} = $line->{checkpoint} if exists $line->{checkpoint};
			$on_line->(@_) if $on_line;
		});
}

sub state_of { my ($self) = @_; return $self->{fake}->state($self->{platform}); }

1;
