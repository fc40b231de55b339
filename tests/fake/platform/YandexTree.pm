# tests/fake/platform/YandexTree.pm
#     What lies on the disk of the fake of Yandex Disk, and how the API tells of it.
#
# state->{entries}{PATH} = {type => 'dir' | 'file', created, modified, public_key, public_url, properties, and of a file: size, md5,
# sha256, file (where its bytes are)}; what is missing is made up, so tests may put in entries with a type (and a size) alone.
# Paths begin with a slash and end without one; the root is "/" and always there.
package YandexTree;

use strict;
use utf8;
use warnings;

use Digest::SHA qw(sha256_hex);
use Encode qw(decode encode FB_CROAK);

my %kind = (mp4 => [ 'video/mp4', 'video' ], mkv => [ 'video/x-matroska', 'video' ], webm => [ 'video/webm', 'video' ], mov => [ 'video/quicktime', 'video' ],
	txt => [ 'text/plain', 'document' ], srt => [ 'application/x-subrip', 'text' ], vtt => [ 'text/vtt', 'text' ], png => [ 'image/png', 'image' ],
	jpg => [ 'image/jpeg', 'image' ], mp3 => [ 'audio/mpeg', 'audio' ], zip => [ 'application/zip', 'compressed' ], pdf => [ 'application/pdf', 'document' ]);

# "/a/b" of "disk:/a/b/", "/a/b" or "a/b" in UTF-8; undef if it is no path.
sub path
{
	my ($given) = @_;
	my $text = eval { decode('UTF-8', "$given", FB_CROAK) } // return undef;

	$text =~ s{^app:/?}{/Приложения/leap/};
	$text =~ s{^disk:}{};
	return undef if $text =~ /^[a-z]+:/ || length $text > 32760;
	my @names = grep { $_ ne '' } split m{/}, $text;
	return undef if grep { length > 255 || $_ eq '..' } @names;
	return '/' . join '/', @names;
}

sub name { my ($path) = @_; return $path eq '/' ? 'disk' : $path =~ s{.*/}{}r; }

sub parent { my ($path) = @_; my $up = $path =~ s{/[^/]*$}{}r; return $up eq '' ? '/' : $up; }

sub entry
{
	my ($state, $path) = @_;
	return $path eq '/' ? { type => 'dir', created => 1484408483, modified => 1484408483 } : $state->{entries}{$path};
}

sub is_folder { my ($state, $path) = @_; my $entry = entry($state, $path); return $entry && $entry->{type} eq 'dir'; }

sub is_file { my ($state, $path) = @_; my $entry = entry($state, $path); return $entry && $entry->{type} eq 'file'; }

# Paths of what lies in a folder, or anywhere below it.
sub children { my ($state, $path) = @_; my $at = $path eq '/' ? '' : $path; return grep { m{^\Q$at\E/[^/]+$} } keys %{ $state->{entries} // {} }; }

sub below { my ($state, $path) = @_; my $at = $path eq '/' ? '' : $path; return grep { m{^\Q$at\E/} } keys %{ $state->{entries} // {} }; }

sub used { my ($state) = @_; my $sum = 0; $sum += $_->{size} // 0 for values %{ $state->{entries} // {} }, values %{ $state->{trash} // {} }; return $sum; }

sub escape { my ($text) = @_; return encode('UTF-8', $text) =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ger; }

# The members of a resource, without what lies in it. `root` is the path of what was published, seen from outside; its key is everywhere below.
sub resource
{
	my ($service, $path, $entry, $root, $key) = @_;
	my $id = '455675172:' . sha256_hex(encode('UTF-8', $path) . ($entry->{created} // 0));
	my $stamp = sub { $service->stamp($_[0] // 1720559553) =~ s/Z$/+00:00/r };
	my ($ending) = $path =~ /\.(\w+)$/;
	my %shown = (name => name($path), path => defined $root ? '/' . (substr($path, length $root) =~ s{^/}{}r) : "disk:$path", type => $entry->{type},
		created => $stamp->($entry->{created}), modified => $stamp->($entry->{modified} // $entry->{created}), exif => {}, resource_id => $id,
		revision => int(($entry->{modified} // 1720559553) * 1_000_000), comment_ids => { private_resource => $id, public_resource => $id });

	$shown{custom_properties} = $entry->{properties} if $entry->{properties} && !defined $root;
	$shown{public_key} = $key // $entry->{public_key} if defined($key // $entry->{public_key});
	$shown{public_url} = $entry->{public_url} if defined $entry->{public_url};
	$shown{views_count} = 0 if defined $root;
	return \%shown if $entry->{type} eq 'dir';
	my $known = $kind{ lc($ending // '') } // [ 'application/octet-stream', 'data' ];
	@shown{qw(size mime_type media_type antivirus_status)} = (($entry->{size} // 0) + 0, $entry->{mime_type} // $known->[0], $known->[1], 'clean');
	$shown{md5} = $entry->{md5} if defined $entry->{md5};
	$shown{sha256} = $entry->{sha256} if defined $entry->{sha256};
	return \%shown;
}

my %order = (name => sub { $_[0]{name} cmp $_[1]{name} }, path => sub { $_[0]{path} cmp $_[1]{path} }, created => sub { $_[0]{created} cmp $_[1]{created} },
	modified => sub { $_[0]{modified} cmp $_[1]{modified} }, size => sub { ($_[0]{size} // 0) <=> ($_[1]{size} // 0) });

sub is_order { my ($sort) = @_; return exists $order{ $sort =~ s/^-//r }; }

# Resources of paths in the order that is asked for; by name if they are equal.
sub sorted
{
	my ($sort, @items) = @_;
	my ($down, $by) = ($sort // '') =~ /^(-?)(\w+)$/ ? ($1, $2) : ('', 'name');
	return sort { ($down ? $order{$by}->($b, $a) : $order{$by}->($a, $b)) || $a->{name} cmp $b->{name} } @items;
}

# What `fields` leaves of a value: "a,b.c" keeps a whole and c of b; a name with names below it keeps only those.
sub selected
{
	my ($value, $fields) = @_;
	my %tree;

	return $value if !defined $fields || $fields eq '';
	for my $field (split /\s*,\s*/, $fields)
	{
		my $at = \%tree;
		$at = $at->{$_} //= {} for split /\./, $field;
	}
	return pick($value, \%tree);
}

sub pick
{
	my ($value, $tree) = @_;
	return $value if !%$tree;
	return [ map { pick($_, $tree) } @$value ] if ref $value eq 'ARRAY';
	return $value if ref $value ne 'HASH';
	return { map { exists $value->{$_} ? ($_ => pick($value->{$_}, $tree->{$_})) : () } keys %$tree };
}

1;
