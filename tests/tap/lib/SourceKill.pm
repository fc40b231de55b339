# tests/tap/lib/SourceKill.pm
#     Rounds in which the child that downloads a recording is killed at a random byte, as often as it takes; then one is let go
#     on. In the end there is the whole file, once, and what had come before was not fetched again.
#
#     SourceKill::rounds(s3 => 10, $seed);    so many downloads from a bucket, or from a 'yandex_disk'
package SourceKill;

use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use Digest::SHA qw(sha256_hex);
use FakePlatform;
use LeapChild;
use POSIX ();
use PostgreSQL::Test::Utils;
use S3Trial;
use Test::More;

my $id = '01990000-0000-7000-8000-00000000abcd';

# A recording in a bucket behind a proxy that breaks connections and kills at a byte.
sub bucket
{
	my $trial = S3Trial->new('s3_source_kill') or return undef;
	my $proxy = $trial->{proxy};
	return { leap => $trial->{leap}, credential => $trial->credential, trial => $trial,
		fill => sub { $trial->{s3}->put('films', 'in/lecture.mp4', $_[0]); return { type => 's3', bucket => 'films', key => 'in/lecture.mp4' }; },
		# breaks the connection at one byte of an answer, and kills at another of the next
		strike => sub { my ($pid, $break, $byte) = @_;
			$proxy->set({ match => '^GET .*X-Amz-Signature', do => 'short', bytes => $break }, { match => '^GET .*X-Amz-Signature', do => 'kill', answer => $byte, pid => $pid }); },
		forget => sub { $proxy->set; $proxy->heads; },
		first => sub { my ($head) = grep { /^GET \S*X-Amz-Signature/ } $proxy->heads; return ($head // '') =~ /\r\nRange: bytes=(\d+)-/i ? $1 : 0; } };
}

# The process that kills the child when its request is held, and ends with it.
sub killer
{
	my ($fake, $child) = @_;
	my $pid = fork // die "fork: $!\n";

	return $pid if $pid;
	for (1 .. 1000)
	{
		POSIX::_exit(0) if !kill 0, $child;
		last if $fake->log('paused');
		select undef, undef, undef, 0.02;
	}
	kill KILL => $child;
	POSIX::_exit(0);
}

# A recording on a disk; the server breaks the connection at a byte, and the child is killed when it has half of the rest, or
# at another byte when the connection broke there, too.
sub disk
{
	my $leap = LeapChild->new('yandex_source_kill');
	my $fake = FakePlatform->start("$leap->{base}/fake", platforms => ['yandex_disk']);
	my $killer;
	return { leap => $leap, fake => $fake, endpoints => $fake->endpoints('yandex_disk'),
		credential => { id => '00000000-0000-7000-8000-00000000000c', platform => 'yandex_disk', version => 1, data => { oauth_token => 'yandex-secret' } },
		fill => sub {
			my ($bytes, $file) = @_;
			$fake->change(yandex_disk => sub { $_[0]{entries} = { '/' => { type => 'dir' }, '/L' => { type => 'dir' },
				'/L/One.mp4' => { type => 'file', size => length $bytes, md5 => md5_hex($bytes), sha256 => sha256_hex($bytes), file => $file } } });
			my ($item) = @{ $leap->run(sync => { type => 'YANDEX_DISK', most => 10, config => { folder_path => '/L' }, endpoints => $fake->endpoints('yandex_disk') },
				credential => { id => 'c', platform => 'yandex_disk', version => 1, data => { oauth_token => 'yandex-secret' } }, allow_private => 0)->{done}{facts}{items} };
			return $item->{source};
		},
		strike => sub { my ($pid, $break, $byte) = @_;
			my @held = rand() < 0.5 ? { pause => 'answer' } : ({ cut_answer => $byte }, { pause => 'request' });
			$fake->faults(map { { on => 'storage', times => 1, %$_ } } { cut_answer => $break }, @held);
			$killer = killer($fake, $pid); },
		forget => sub { waitpid $killer, 0 if $killer; undef $killer; $fake->release; $fake->faults; $fake->forget; },
		first => sub { my ($request) = $fake->requests('storage'); return ($request->{headers}{range} // '') =~ /^bytes=(\d+)-/ ? $1 : 0; } };
}

my %platforms = (s3 => \&bucket, yandex_disk => \&disk);

sub rounds
{
	my ($name, $rounds, $seed) = @_;
	my $trial = $platforms{$name}->() or plan skip_all => 'python3-swift is not installed';
	my $leap = $trial->{leap};
	my ($killed, $resumed) = (0, 0);

	srand $seed;
	note("LEAP_SEED=$seed");
	system('ffmpeg', '-v', 'error', '-y', qw(-f lavfi -i testsrc2=size=640x360:rate=25:duration=8 -f lavfi -i sine=f=300:d=8
		-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 25 -c:a aac -movflags +faststart), "$leap->{base}/a.mp4") == 0 or die "ffmpeg\n";
	my $bytes = slurp_file("$leap->{base}/a.mp4");
	my $source = $trial->{fill}->($bytes, "$leap->{base}/a.mp4");
	my $attempt = sub {
		my ($number, $checkpoint, %options) = @_;
		return $leap->run(download => { recording => { id => $id, lane => 7, name => 'x', source => $source }, config => {}, artifacts => {}, $checkpoint ? (checkpoint => $checkpoint) : (),
				$trial->{endpoints} ? (endpoints => $trial->{endpoints}) : () }, attempt => $number, credential => $trial->{credential}, allow_private => $name eq 's3' ? 1 : 0, %options);
	};

	for my $round (1 .. $rounds)
	{
		my ($checkpoint, $end, $number) = (undef, undef, 0);
		my $left = length $bytes;

		for (1 .. 1 + int rand 3)
		{
			my $break = 1 + int rand($left / 3);
			$trial->{forget}->();
			$end = $attempt->(++$number, $checkpoint, on_start => sub { $trial->{strike}->($_[0], $break, 1 + int rand($left / 3)) });
			$killed++ if ($end->{status} & 127) == 9;
			$trial->{forget}->();
			last if $end->{done};
			$checkpoint = $end->{checkpoints}[-1] // $checkpoint;
			$left = length($bytes) - ($checkpoint->{offset} // 0) if $checkpoint;
		}
		$end = $attempt->(++$number, $checkpoint) if !$end->{done};
		my $from = $trial->{first}->();
		my $offset = $checkpoint->{offset} // 0;
		is($from, $offset, "round $round: the last attempt begins at byte $offset, which is what was stored") if $number > 1;
		$resumed++ if $from > 0;
		my $artifact = LeapChild::artifacts($end)->{source};
		my $stored = $artifact && -e "$leap->{storage}/$artifact->{uri}" ? slurp_file("$leap->{storage}/$artifact->{uri}") : '';
		ok($stored eq $bytes && ($artifact->{sha256} // '') eq sha256_hex($bytes), "round $round: byte for byte") or diag(explain($end->{failed}));
		is(scalar(my @there = $leap->stored), scalar(@{ $end->{done}{artifacts} // [] }), "round $round: once, and nothing else");
		unlink map { "$leap->{storage}/$_" } $leap->stored;
	}
	cmp_ok($killed, '>=', $rounds / 2, "$killed children were killed");
	cmp_ok($resumed, '>=', $rounds / 2, "$resumed downloads went on where they were");
}

1;
