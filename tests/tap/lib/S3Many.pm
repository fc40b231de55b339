# tests/tap/lib/S3Many.pm
#     A bucket with many recordings, read through to its end in parts, each of several pages of the service; while it is
#     read, recordings come and go on both sides of the place.
#
#     S3Many::all_found(name => 's3_list', objects => 130, page => 20, part => 50);
package S3Many;

use strict;
use warnings;

use LeapChild;
use S3Server;
use Test::More;

sub key { my ($number) = @_; return sprintf 'in/%03d/lecture %06d.mp4', $number / 100, $number; }

sub put_one { my ($s3, $number) = @_; return $s3->put('films', key($number), "lecture $number"); }

sub all_found
{
	my (%size) = @_;
	plan skip_all => 'python3-swift is not installed' if !S3Server::is_installed();
	my $leap = LeapChild->new($size{name});
	my $s3 = S3Server->start("$leap->{base}/swift", max_bucket_listing => $size{page});
	my $parts = 0;

	$s3->make_bucket('films');
	my @moved = (1, $size{part}, $size{objects});    # behind the place at which the first part ends, the place, before it
	$s3->fill('films', 'in/{1:03d}/lecture {0:06d}.mp4', 1, $size{objects});
	put_one($s3, $_) for @moved;
	my @items = $leap->parts(
		sub {
			$parts++;
			return $leap->run(sync => { type => 'S3', most => $size{part}, config => { bucket => 'films', prefix => 'in/' }, @_ }, credential => { id => 'c', platform => 's3', version => 1, data => $s3->credential });
		},
		sub {
			my ($part) = @_;
			return if $part > 1;
			$s3->delete('films', key($_)) for @moved;
			put_one($s3, $size{objects} + 1);
		});
	my @keys = map { ref $_ ? $_->{source}{key} : $_ } @items;
	is($parts, int(($size{objects} - 1) / $size{part}) + 1, "$parts parts");
	is_deeply(\@keys, [ map { key($_) } 1 .. $size{objects} - 1, $size{objects} + 1 ], scalar(@keys) . ' recordings, each once, in the order of keys');
	return;
}

1;
