# tests/tap/long/970_sources_large.pl
#     A folder of Yandex Disk with 25,000 recordings: found to its end in three parts, each once.
use strict;
use warnings;

use FakePlatform;
use JSON::PP;
use LeapChild;
use Test::More;

my $leap = LeapChild->new('sources_large');
my $fake = FakePlatform->start("$leap->{base}/fake", platforms => ['yandex_disk']);
my $credential = { id => '00000000-0000-7000-8000-00000000000c', platform => 'yandex_disk', version => 1, data => { oauth_token => 'yandex-secret' } };
my $parts = 0;

$fake->change(yandex_disk => sub {
	$_[0]{entries} = { '/' => { type => 'dir' }, '/all' => { type => 'dir' }, map { ("/all/$_.mp4" => { type => 'file', size => $_, created => 1_700_000_000 + $_ }) } 1 .. 25_000 };
});
my @items = $leap->parts(sub {
	$parts++;
	return $leap->run(sync => { type => 'YANDEX_DISK', most => 10_000, config => { folder_path => '/all' }, endpoints => $fake->endpoints('yandex_disk'), @_ }, credential => $credential, allow_private => 0);
});
is($parts, 3, 'three parts');
is(scalar @items, 25_000, '25,000 recordings');
my %keys = map { (ref $_ ? $_->{source_key} : $_) => 1 } @items;
is(scalar keys %keys, 25_000, 'each once');

done_testing();
