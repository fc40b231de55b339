# tests/tap/lib/S3Trial.pm
#     A lesson on its way into a bucket: a child of LEAP, an S3 service of others (S3Server), and between them a proxy that
#     spoils what it is told to (FaultProxy).
#
#     my $trial = S3Trial->new('name');                 with the bucket "films"; undef where there is no such service
#     my $input = $trial->input('a.mp4', $bytes, publication => {...}, target => {...});
#     my $end = $trial->upload($input, OPTIONS);        of LeapChild; credential => undef: none
#     $trial->again($input, $end)                       the same task with what was stored last
#     $trial->is_there('a.mp4', $bytes, 'what');        tests
package S3Trial;

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FaultProxy;
use LeapChild;
use S3Server;
use Test::More;

our $id = '01990000-0000-7000-8000-0123456789ab';
our $target = '01990000-0000-7000-8000-00000000aaaa';
our $part = 8 << 20;

sub new
{
	my ($class, $name) = @_;
	return undef if !S3Server::is_installed();
	my $self = bless { leap => LeapChild->new($name) }, $class;

	$self->{s3} = S3Server->start("$self->{leap}{base}/swift");
	$self->{proxy} = FaultProxy->start("$self->{leap}{base}/proxy", $self->{s3}{port});
	$self->{s3}->make_bucket('films');
	return $self;
}

sub artifact
{
	my ($self, $kind, $extension, $bytes, %more) = @_;
	my $uri = "users/000007/$id/" . ($kind =~ s/:/-/r) . '-' . substr(sha256_hex($kind . $bytes), 0, 16) . ".$extension";

	system('mkdir', '-p', "$self->{leap}{storage}/users/000007/$id");
	open my $out, '>:raw', "$self->{leap}{storage}/$uri" or die "$uri: $!\n";
	print $out $bytes;
	close $out;
	return ($kind => { kind => $kind, uri => $uri, bytes => length($bytes) . '', sha256 => sha256_hex($bytes),
			media_type => 'x/y', metadata => {}, %more });
}

# So many bytes that are the same nowhere at the borders of parts.
sub video
{
	my ($bytes) = @_;
	my $block = join '', map { pack 'N', int rand 2**32 } 1 .. 16384;
	my $video = '';
	$video .= pack('N', length $video) . $block while length $video < $bytes;
	return substr $video, 0, $bytes;
}

sub input
{
	my ($self, $key, $video, %more) = @_;
	my %publication = (title => 'Pages', description => "About pages\n", tags => ['a'], fallbacks => [], bucket => 'films', key => $key,
		%{ delete $more{publication} // {} });
	return {
		recording => { id => $id, lane => 7, name => 'Pages', created_at => '2026-11-21T05:00:00+00:00', final_duration => 200 },
		target => { id => $target, type => 'S3', todo => 'publish', meta => {}, config => {}, publication => \%publication, %{ delete $more{target} // {} } },
		artifacts => {
			$self->artifact(video => 'mp4', $video, media_type => 'video/mp4', metadata => { container => 'mp4' }),
			$self->artifact(srt => 'srt', "1\r\n00:00:01,000 --> 00:00:02,000\r\nhello\r\n\r\n", media_type => 'application/x-subrip'),
			$self->artifact('srt:ru' => 'srt', "1\r\n00:00:01,000 --> 00:00:02,000\r\nprivet\r\n\r\n", media_type => 'application/x-subrip'),
			$self->artifact(vtt => 'vtt', "WEBVTT\n\n", media_type => 'text/vtt'),
			$self->artifact(poster => 'jpg', 'picture', media_type => 'image/jpeg'),
			$self->artifact(text => 'txt', "hello\n", media_type => 'text/plain'),
		},
		%more };
}

sub credential
{
	my ($self, %more) = @_;
	return { id => 'c', platform => 's3', version => 1, data => $self->{s3}->credential(endpoint => $self->{proxy}->url, %more) };
}

sub upload
{
	my ($self, $input, %options) = @_;
	return $self->{leap}->run(upload => $input, credential => $self->credential, %options);
}

# The same task again, as the database would give it out: with what was stored last.
sub again
{
	my ($self, $input, $end) = @_;
	$input->{checkpoint} = $end->{checkpoints}[-1] if @{ $end->{checkpoints} };
	return $input;
}

sub is_there
{
	my ($self, $key, $video, $what) = @_;
	my $head = $self->{s3}->head('films', $key);

	is(sha256_hex($self->{s3}->get('films', $key)), sha256_hex($video), "$what: the bytes are those of the video");
	is($head->{headers}{'x-amz-meta-leap'}, "$target " . sha256_hex($video), "$what: marked");
	is_deeply([ $self->{s3}->uploads('films') ], [], "$what: nothing half-done is left");
}

1;
