# tests/tap/lib/YoutubeTrial.pm
#     A lesson that is published to the fake YouTube by `leap child`, attempt after attempt: what one stored as its checkpoint
#     the next one gets, as the database would do it. Needs no database.
#
#     my $trial = YoutubeTrial->new('name', bytes => 3_000_000);
#     $trial->{publication} = { title => ..., ... };      settings, as leap.publication() makes them
#     my $end = $trial->attempt(%options)                 as of LeapChild->run; todo => 'update', remote_id => ..., meta => ...,
#                                                         video_changed => 1 go into the target
#     $trial->{fake}, $trial->videos, $trial->marked      the server; its videos; those that LEAP marked
package YoutubeTrial;

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use File::Path qw(make_path);

use FakePlatform;
use LeapChild;

my $folder = 'users/000001/00000000-0000-7000-8000-000000000001';

sub new
{
	my ($class, $name, %options) = @_;
	my $leap = LeapChild->new($name);
	my $fake = FakePlatform->start("$leap->{base}/fake", platforms => ['youtube'], youtube => $options{youtube} // {});
	my $self = bless { leap => $leap, fake => $fake, artifacts => {}, publication => { title => 'Eigenvalues', description => 'A lecture.', tags => ['algebra'] } }, $class;

	$self->video($options{bytes} // 3_000_000);
	$self->sign_in;
	return $self;
}

# The credential as the worker opens it.
sub sign_in
{
	my ($self, %grant) = @_;
	$self->{credential} = { id => '00000000-0000-7000-8000-00000000000c', platform => 'youtube', version => 1, data => $self->{fake}->grant('youtube', %grant) };
}

sub artifact
{
	my ($self, $kind, $name, $bytes, $type, %metadata) = @_;

	make_path("$self->{leap}{storage}/$folder");
	open my $out, '>:raw', "$self->{leap}{storage}/$folder/$name" or die "$name: $!\n";
	print $out $bytes;
	close $out or die "$name: $!\n";
	$self->{artifacts}{$kind} = { uri => "$folder/$name", bytes => length($bytes) . '', sha256 => sha256_hex($bytes), media_type => $type, metadata => \%metadata };
}

# A video of so many bytes, the same for the same seed.
sub video
{
	my ($self, $bytes, $seed) = @_;
	my $unit = join '', map { sha256_hex("$_ " . ($seed // 1)) } 1 .. 1024;

	$self->artifact(video => sprintf('video-%016x.mp4', $bytes + 1000 * ($seed // 1)), substr($unit x (1 + $bytes / length $unit), 0, $bytes), 'video/mp4', container => 'mp4');
}

sub input
{
	my ($self, %options) = @_;
	my %target = (id => '00000000-0000-7000-8000-00000000000a', type => 'YOUTUBE', config => {}, publication => $self->{publication}, todo => $options{todo} // 'publish',
		meta => $options{meta} // {}, remote_id => $options{remote_id}, video_changed => $options{video_changed} ? JSON::PP::true : JSON::PP::false);

	return { recording => { id => '00000000-0000-7000-8000-000000000001', name => 'Eigenvalues', lane => 1, facts => {} }, artifacts => $self->{artifacts}, target => \%target,
		endpoints => $self->{fake}->endpoints('youtube'), checkpoint => $self->{checkpoint} };
}

sub attempt
{
	my ($self, %options) = @_;
	my $on_line = delete $options{on_line};

	return $self->{leap}->run(upload => $self->input(%options), credential => $self->{credential}, allow_private => 0, %options,
		on_line => sub {
			my ($line, $pid) = @_;
			# what a killed child has not been told is stored all the same
			$self->{checkpoint} = $line->{checkpoint} if exists $line->{checkpoint};
			$self->{credential} = { %{ $self->{credential} }, version => $line->{version} + 1, data => $line->{data} } if ($line->{credential} // '') eq 'store';
			$on_line->(@_) if $on_line;
		});
}

# A new lesson: what the attempts before stored is not its.
sub anew { my ($self) = @_; $self->{checkpoint} = undef; }

sub videos
{
	my ($self) = @_;
	my $videos = $self->{fake}->state('youtube')->{videos} // {};
	return map { $videos->{$_} } sort keys %$videos;
}

sub marked
{
	my ($self) = @_;
	return grep { grep { /^leap:[0-9a-f]{16}$/ } @{ $_->{snippet}{tags} // [] } } $self->videos;
}

1;
