# tests/tap/t/741_yandex_source.pl
#     Yandex Disk as a source: folders and published links, all pages, and that each file comes whole and is what the disk says.
use strict;
use utf8;
use warnings;

use Digest::MD5 qw(md5_hex);
use Digest::SHA qw(sha256_hex);
use FakePlatform;
use JSON::PP;
use LeapChild;
use PostgreSQL::Test::Utils;
use Test::More;

my $leap = LeapChild->new('yandex_source');
my $fake = FakePlatform->start("$leap->{base}/fake", platforms => ['yandex_disk']);
my $id = '01990000-0000-7000-8000-00000000abcd';

system('ffmpeg', '-v', 'error', '-y', qw(-f lavfi -i testsrc2=size=640x360:rate=25:duration=8 -f lavfi -i sine=f=300:d=8
	-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 25 -c:a aac -movflags +faststart), "$leap->{base}/a.mp4") == 0 or die "ffmpeg\n";
my $bytes = slurp_file("$leap->{base}/a.mp4");
my $size = length $bytes;
our $credential = { id => '00000000-0000-7000-8000-00000000000c', platform => 'yandex_disk', version => 1, data => { oauth_token => 'yandex-secret' } };

sub file { return { type => 'file', size => $size, md5 => md5_hex($bytes), sha256 => sha256_hex($bytes), file => "$leap->{base}/a.mp4", @_ }; }

sub entries { my (%entries) = @_; $fake->change(yandex_disk => sub { $_[0]{entries} = { '/' => { type => 'dir' }, %entries } }); }

sub ask
{
	my ($config, %more) = @_;
	return $leap->run(sync => { type => 'YANDEX_DISK', most => 10_000, config => $config, endpoints => $fake->endpoints('yandex_disk'), %more }, credential => $config->{public_url} ? undef : $credential, allow_private => 0);
}

sub items { return @{ $_[0]{done}{facts}{items} // [] }; }

sub names { return join ', ', sort map { $_->{display_name} } items($_[0]); }

sub download
{
	my ($source, %options) = @_;
	return $leap->run(download => { recording => { id => $id, lane => 7, name => 'x', source => $source }, config => {}, artifacts => {}, endpoints => $fake->endpoints('yandex_disk'), %{ $options{input} // {} } },
		credential => $source->{public_key} ? undef : $credential, allow_private => 0, %options);
}

sub is_whole
{
	my ($end, $what) = @_;
	my $source = LeapChild::artifacts($end)->{source};
	my $stored = $source && -e "$leap->{storage}/$source->{uri}" ? slurp_file("$leap->{storage}/$source->{uri}") : '';

	ok($stored eq $bytes && $source->{sha256} eq sha256_hex($bytes), "$what: the whole file, and its hash") or diag(explain($end->{failed}));
	is(scalar(my @stored = $leap->stored), scalar(@{ $end->{done}{artifacts} // [] }), "$what: nothing else is stored");
	unlink map { "$leap->{storage}/$_" } $leap->stored;
}

sub fails
{
	my ($end, $class, $code, $what) = @_;
	is_deeply([ @{ $end->{failed} // {} }{qw(class code)} ], [ $class, $code ], "$what: $class, $code") or diag(explain($end->{failed} // $end->{done}));
	is_deeply([ $leap->stored ], [], "$what: nothing is left");
	unlink map { "$leap->{storage}/$_" } $leap->stored;
	return $end;
}

# folders
entries('/Лекции' => { type => 'dir' }, '/Лекции/week 1' => { type => 'dir' }, '/Лекции/week 1/deep & far' => { type => 'dir' }, '/other' => { type => 'dir' },
	'/Лекции/One.mp4' => file(), '/Лекции/notes.txt' => file(), '/Лекции/week 1/Two 100%.MKV' => file(), '/Лекции/week 1/deep & far/Three.webm' => file(), '/other/Four.mp4' => file());
{
	my $end = ask({ folder_path => '/Лекции' });
	is(names($end), 'One, Three, Two 100%', 'recordings of a folder and those in it') or diag(explain($end));
	my ($one) = grep { $_->{display_name} eq 'One' } items($end);
	is_deeply([ @$one{qw(bytes file)} ], [ "$size", 'One.mp4' ], 'size and name');
	is($one->{source}{path}, 'disk:/Лекции/One.mp4', 'where it is');
	unlike(encode_json($end->{done}), qr/yandex-secret|http/, 'no token and no link');
	is(names(ask({ folder_path => '/Лекции', recursive => JSON::PP::false })), 'One', 'of one folder alone');
	is(names(ask({ folder_path => '/Лекции', file_pattern => '.' })), 'One, Three, Two 100%, notes', 'with a pattern all files, which the database looks at');
	fails(ask({ folder_path => '/gone' }), 'input', 'source_missing', 'a folder that there is not');
}

# pages
entries('/many' => { type => 'dir' }, map { ("/many/$_.mp4" => { type => 'file', size => 1000 + $_ }) } 1 .. 1201);
$fake->forget;
is(scalar(my @found = items(ask({ folder_path => '/many' }))), 1201, '1201 files of a folder');
is(scalar(my @pages = $fake->requests('resources.get')), 3, 'are three pages');

# in parts: each begins where the one before was full, whatever comes and goes meanwhile
sub parts
{
	my ($config, $most, %more) = @_;
	my $between = delete $more{between};
	return map { ref $_ ? $_->{display_name} : $_ } $leap->parts(sub { ask($config, most => $most, %more, @_) }, $between);
}

sub unique { my %seen; return grep { !$seen{$_}++ } @_; }

my %tree = ('/p' => { type => 'dir' }, (map { ("/p/$_.mp4" => { type => 'file', size => 5, created => 1_700_000_000 + $_ }) } 1 .. 23),
	(map { my $d = $_; ("/p/d$d" => { type => 'dir', created => 1_700_000_005 + 4 * $d }, map { ("/p/d$d/$d-$_.mp4" => { type => 'file', size => 5, created => 1_700_000_000 }) } 1 .. 8) } 1 .. 3), '/p/d2/in' => { type => 'dir' }, map { ("/p/d2/in/deep-$_.mp4" => { type => 'file', size => 5 }) } 1 .. 5);
my @there = sort map { m{([^/]+)\.mp4$} ? $1 : () } keys %tree;
entries(%tree);
for my $most (1, 3, 7, 1000)
{
	my @found = parts({ folder_path => '/p' }, $most);
	is(join(' ', sort(unique(@found))), "@there", "parts of $most: all is found");
	is(scalar @found, scalar @there, "parts of $most: once each, also of equal age");
}
{
	# what is new, and what is taken out on both sides of the place
	my @found = parts({ folder_path => '/p' }, 6, between => sub {
		my ($part) = @_;
		$fake->change(yandex_disk => sub {
			my $entries = $_[0]{entries};
			$entries->{"/p/new$part.mp4"} = { type => 'file', size => 5, created => 1_800_000_000 + $part } for 1 .. 3;
			delete @$entries{ '/p/23.mp4', '/p/22.mp4' } if $part == 1;
			delete @$entries{ '/p/d3', grep { m{^/p/d3/} } keys %$entries } if $part == 3;
			delete $entries->{'/p/2.mp4'} if $part == 2;
		});
	});
	my %gone = map { $_ => 1 } qw(22 23 2), map { "3-$_" } 1 .. 8;
	my %found = map { $_ => 1 } @found;
	is_deeply([ grep { !$gone{$_} && !$found{$_} } @there ], [], 'what stays is found, while others come and go');
}

# days
entries(%tree);
is(join(' ', sort(map { $_->{display_name} } items(ask({ folder_path => '/p', recursive => JSON::PP::false }, from_time => 1_700_000_020, to_time => 1_700_000_023)))), '20 21 22', 'only what came within the days that are asked for');
is(join(' ', sort(parts({ folder_path => '/p', recursive => JSON::PP::false }, 2, from_time => 1_700_000_010, to_time => 1_700_000_016))), '10 11 12 13 14 15', 'in parts, too');

# refused: the address is as good as the file, and is not told
{
	entries('/L' => { type => 'dir' }, '/L/One.mp4' => file());
	my ($item) = items(ask({ folder_path => '/L' }));
	for my $fault ({ status => 403 }, { status => 404 }, { status => 500 })
	{
		my ($what) = map { "$_ $fault->{$_}" } keys %$fault;
		$fake->forget;
		$fake->faults({ on => 'download', %$fault });
		my $failed = download($item->{source})->{failed};
		my @secrets = map { m{^/disk/(.+)/(.+)/(.+)$} } map { $_->{path} } $fake->requests('download');
		ok(@secrets >= 3 && !grep({ index(encode_json($failed), $_) >= 0 } @secrets), "$what: the address Yandex gave is not in the error") or diag(explain($failed));
		like($failed->{message}, qr/Yandex gave/, "$what: but whose it is");
		like($failed->{hint} // '', qr/on the platform/, "$what: and what to do") if ($fault->{status} // 500) < 500;
		unlink map { "$leap->{storage}/$_" } $leap->stored;
	}
	$fake->faults;
}

# published
entries('/pub' => { type => 'dir', public_key => 'key/1=' }, '/pub/in' => { type => 'dir' }, '/pub/One.mp4' => file(), '/pub/in/Two.mp4' => file(), '/single.mp4' => file(public_key => 'key/2='));
{
	my $end = ask({ public_url => 'key/1=' });
	is(names($end), 'One, Two', 'a published folder, without an account') or diag(explain($end));
	is_whole(download($_->{source}), "$_->{display_name} of a published folder") for sort { $a->{display_name} cmp $b->{display_name} } items($end);
	my ($single) = items(ask({ public_url => 'key/2=' }));
	is($single->{display_name}, 'single', 'a published file');
	is_whole(download($single->{source}), 'a published file');
	fails(ask({ public_url => 'key/none=' }), 'input', 'source_missing', 'a link that is none');
}

# downloads of one's own
entries('/L' => { type => 'dir' }, '/L/One.mp4' => file());
my ($item) = items(ask({ folder_path => '/L' }));
my $source = $item->{source};
$fake->forget;
is_whole(download($source), 'a file');
ok(!(grep { $_->{problem} } $fake->requests), 'the token goes where it belongs') or diag(explain([ grep { $_->{problem} } $fake->requests ]));
for my $round (1 .. 4)
{
	$fake->faults(map { { on => 'storage', times => 1, cut_answer => 1 + int rand($size / 3) } } 1 .. 2);
	is_whole(download($source), "round $round: a connection cut at random");
}
$fake->faults({ on => 'storage', times => 1, status => 410 });
is_whole(download($source), 'an address that has ended');
{
	# the file would take minutes
	my $told = 0;
	$fake->faults({ on => 'storage', times => 1, pace => 3_000 });
	my $end = download($source, on_line => sub { kill TERM => $_[1] if exists $_[0]{progress} && !$told++ });
	is_deeply([ @{ $end->{failed} // {} }{qw(class code)} ], [ 'lost', 'cancelled' ], 'a download is stopped on request') or diag(explain($end));
	$fake->faults;
	is_whole(download($source, attempt => 2, input => { checkpoint => $end->{checkpoints}[-1] }), 'and taken up again');
}
$fake->faults({ on => 'resources.get', times => 1, status => 429 });
is_whole(download($source), 'too many requests for a moment');
$fake->faults({ on => 'resources.get', times => 1, status => 429, retry_after => 100 });
is(fails(download($source), 'rate_limited', 'rate_limited', 'for longer')->{failed}{retry_after}, 100, 'it comes back when the disk says');
$fake->faults({ on => 'resources.download', times => 1, status => 503 });
fails(download($source), 'transient', 'server_error', 'a disk in trouble');
$fake->faults;
{
	local $credential = { %$credential, data => { oauth_token => 'wrong' } };
	is(download($source)->{failed}{class}, 'credential', 'a token that is none');
	$credential = undef;
	fails(download($source), 'credential', 'credential_missing', 'a source whose credential is gone');
}

# a token that ends while the file comes: the rest is fetched with a new one, from the byte where it broke
for my $uses (1 .. 3)
{
	local $credential = { %$credential, version => 1, data => $fake->grant('yandex_disk', uses => $uses) };
	my $break = int($size / 2);
	$fake->forget;
	$fake->faults({ on => 'storage', times => 1, cut_answer => $break });
	is_whole(download($source), "a token that ends after $uses requests");
	is($credential->{version}, 2, '... is renewed once, and stored');
	my ($first, @more) = $fake->requests('storage');
	my ($from) = ($more[0]{headers}{range} // '') =~ /^bytes=(\d+)-$/;
	is(scalar @more, 1, '... the file is asked for once more');
	ok(!defined $first->{headers}{range} && ($from // 0) > $break - 2000 && $from <= $break, '... from where it broke') or diag(explain([ $break, $first->{headers}, $more[0]{headers} ]));
}
$fake->faults;

# what is not what the disk says
my $other = sha256_hex('other');
entries('/L' => { type => 'dir' }, '/L/One.mp4' => file(sha256 => $other));
my $end = fails(download($source), 'input', 'checksum_mismatch', 'another SHA-256');
like($end->{failed}{message}, qr/SHA-256 $other.*@{[ sha256_hex($bytes) ]}/, 'both are told');
entries('/L' => { type => 'dir' }, '/L/One.mp4' => file(sha256 => undef, md5 => md5_hex('other')));
fails(download($source), 'input', 'checksum_mismatch', 'another MD5');
entries('/L' => { type => 'dir' }, '/L/One.mp4' => file(sha256 => undef));
is_whole(download($source), 'an MD5 that fits');
entries('/L' => { type => 'dir' }, '/L/One.mp4' => file(size => $size - 1));
fails(download($source), 'input', 'size_mismatch', 'another size');
entries('/L' => { type => 'dir' });
fails(download($source), 'input', 'source_missing', 'a file that was deleted');

# an attempt that goes on with bytes of a file that is another one now begins anew, and is judged by what came then
{
	entries('/L' => { type => 'dir' }, '/L/One.mp4' => file());
	$fake->faults({ on => 'storage', cut_answer => 60_000 });
	my $broken = download($source);
	my $checkpoint = $broken->{checkpoints}[-1];
	$fake->faults;
	open my $out, '+<:raw', "$leap->{storage}/$checkpoint->{uri}" or die "$checkpoint->{uri}: $!\n";
	print $out 'other';
	close $out;
	is_whole(download($source, attempt => 2, input => { checkpoint => $checkpoint }), 'bytes of an earlier attempt that do not fit');
}

done_testing();
