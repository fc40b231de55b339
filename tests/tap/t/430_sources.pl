# tests/tap/t/430_sources.pl
#     What a sync's child finds: files of an inbox that are complete, and links of lists in all
#     their forms. Nothing outside is read, nobody's network is reached, nothing is removed.
use strict;
use warnings;

use File::Path qw(make_path);
use JSON::PP;
use LeapChild;
use POSIX qw(mkfifo);
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $leap = LeapChild->new('sources');
my $port = $leap->serve;
my $web = "http://127.0.0.1:$port";
my $inbox = $leap->{inbox};

sub spew
{
	my ($path, $content, $age) = @_;
	open my $out, '>:raw', $path or die "$path: $!\n";
	print $out $content;
	close $out or die "$path: $!\n";
	utime time - $age, time - $age, $path if defined $age;
	return $path;
}

sub ask
{
	my ($type, $config, %options) = @_;
	return $leap->run(sync => { type => $type, most => $options{most} // 10000, config => $config, import_roots => [ $inbox ], $options{after} ? (after => $options{after}) : (),
		$options{from_time} ? (from_time => $options{from_time}) : () }, %options);
}

sub inbox { return ask(INBOX => { path => $inbox, recursive => JSON::PP::true, settle_seconds => 1, %{ $_[0] // {} } }, @_[ 1 .. $#_ ]); }

sub list { return ask(URL_LIST => { url => "$web/$_[0]" }, @_[ 1 .. $#_ ]); }

sub names
{
	my ($end) = @_;
	return [ sort map { $_->{display_name} } @{ $end->{done}{facts}{items} } ] if $end->{done};
	return $end->{failed};
}

sub fails
{
	my ($end, $class, $code, $what) = @_;
	return is_deeply([ @{ $end->{failed} // {} }{qw(class code)} ], [ $class, $code ], "$what: $class, $code") || diag(explain($end));
}

# files of an inbox
make_path("$inbox/deep/er", "$inbox/.hidden");
spew("$inbox/Lecture 1.mp4", 'one' x 1000, 86400 * 30);
spew("$inbox/deep/er/Lecture  2 .MKV", 'two' x 1000);
spew("$inbox/$_", 'x') for 'notes.txt', '.secret.mp4', 'a.mp4.part', '.hidden/b.mp4';
spew("$inbox/empty.mp4", '');
spew("$inbox/bad-\xff.mp4", 'x');
make_path("$inbox/worse-\xfe");
spew("$inbox/worse-\xfe/x.mp4", 'x');
spew("$leap->{base}/outside.mp4", 'x');
symlink "$leap->{base}/outside.mp4", "$inbox/link.mp4";
symlink $leap->{base}, "$inbox/linked";
mkfifo("$inbox/pipe.mp4", 0600);
my $end = inbox();
is_deeply(names($end), [ 'Lecture 1', 'Lecture 2' ], 'whole files, also deep ones; no hidden, partial, linked, empty ones, no other kinds');
my ($first) = grep { $_->{display_name} eq 'Lecture 1' } @{ $end->{done}{facts}{items} };
like($first->{source_key}, qr/^inbox:[0-9a-f]{40}$/, 'a key');
is_deeply([ @$first{qw(bytes file)}, $first->{metadata}{path} ], [ 3000, 'Lecture 1.mp4', 'Lecture 1.mp4' ], 'size and names');
is_deeply($first->{source}, { type => 'file', path => "$inbox/Lecture 1.mp4", bytes => '3000' }, 'the source to be downloaded');
cmp_ok(abs($first->{start_time} - (time - 86400 * 30)), '<', 60, 'it is of when it was written');
cmp_ok(time - $first->{appeared}, '<', 60, 'and appeared just now');
my $facts = $end->{done}{facts};
is($facts->{waiting}, 0, 'nothing is being written');
is_deeply([ sort @{ $facts->{problems} } ],
	[ '"empty.mp4" is empty', map { "the name of \"$_\" is no text" } "bad-\x{fffd}.mp4", "worse-\x{fffd}" ], 'what cannot be taken is told');
ok(-e "$inbox/Lecture 1.mp4", 'nothing is removed');
is_deeply(names(inbox({ recursive => JSON::PP::false })), [ 'Lecture 1' ], 'without the folders in it');
is_deeply(names(inbox({ file_pattern => '.*' })), [ 'Lecture 1', 'Lecture 2', 'notes' ], 'with a pattern any file: the database decides');
my $few = inbox({}, most => 1)->{done}{facts};
ok($few->{truncated} && @{ $few->{items} } == 1 && $few->{seen} >= 2, 'no more than was asked for, and that is told');
is_deeply([ sort map { $_->{display_name} } $leap->parts(sub { inbox({}, most => 1, after => undef, @_) }) ], [ 'Lecture 1', 'Lecture 2' ], 'the rest in parts');

# what a file is known by
my $key = $first->{source_key};
rename "$inbox/Lecture 1.mp4", "$inbox/deep/Renamed.mp4";
utime time, time, "$inbox/deep/Renamed.mp4";
my ($renamed) = grep { $_->{display_name} eq 'Renamed' } @{ inbox()->{done}{facts}{items} };
is($renamed->{source_key}, $key, 'a file that was renamed, moved and touched is the same');
spew("$inbox/deep/Renamed.mp4", 'One' x 1000);
my ($anew) = grep { $_->{display_name} eq 'Renamed' } @{ inbox()->{done}{facts}{items} };
isnt($anew->{source_key}, $key, 'one that was written anew is not');

# files that are being written
my $growing = "$inbox/growing.mp4";
open my $writer, '>', $growing or die $!;
$writer->autoflush(1);
print $writer 'x' x 100;
my $steps = 0;
$end = inbox({}, on_line => sub {
	print $writer 'x' if ($_[0]{step} // '') eq 'waiting for files that just changed' && $steps++ >= 0;
});
is((grep { $_ eq 'growing' } @{ names($end) }), 0, 'a file that grows is not taken');
is($end->{done}{facts}{waiting}, 1, 'and that is told');
cmp_ok($steps, '>', 0, 'the child waited and looked again');
close $writer;
is_deeply([ grep { $_ eq 'growing' } @{ names(inbox()) } ], [ 'growing' ], 'once it is complete it is taken');

# the folder must be one below an import root
fails(ask(INBOX => { path => "$inbox/none", settle_seconds => 1 }), 'permanent', 'folder_not_found', 'no folder');
fails(ask(INBOX => { path => "$inbox/deep/Renamed.mp4", settle_seconds => 1 }), 'permanent', 'not_a_folder', 'a file');
fails(ask(INBOX => { path => $leap->{base}, settle_seconds => 1 }), 'permanent', 'outside_import_roots', 'another folder');
fails(ask(INBOX => { path => "$inbox/linked", settle_seconds => 1 }), 'permanent', 'outside_import_roots', 'a link to another folder');
fails(ask(INBOX => { path => "$inbox/../storage", settle_seconds => 1 }), 'permanent', 'outside_import_roots', 'a way up');
fails(ask(NOTHING => {}), 'permanent', 'unknown_source', 'a type that does not exist');
is_deeply(names($leap->run(sync => { gone => JSON::PP::true })), [], 'a source that is gone has nothing');

# a cancelled sync ends
spew("$inbox/just now.mp4", 'x' x 10);
my $stopped = inbox({ settle_seconds => 30 }, on_line => sub {
	my ($line, $pid) = @_;
	kill 'TERM', $pid if ($line->{step} // '') =~ /waiting/;
});
is($stopped->{failed}{class}, 'lost', 'a child that waits for files can be stopped');

# lists
spew("$leap->{served}/lines", "# all lectures\n$web/a.mp4\tThe first\nhttps://E.org:443/b%20c.mp4#t=5\nrelative/d.mp4\nftp://e.org/no\n");
$end = list('lines');
is_deeply(names($end), [ 'The first', 'b c', 'd' ], 'a link a line');
is_deeply([ sort map { $_->{source}{url} } @{ $end->{done}{facts}{items} } ], [ sort "$web/a.mp4", 'https://E.org:443/b%20c.mp4#t=5', "$web/relative/d.mp4" ],
	'links are relative to the list, and kept as they are');
is((grep { $_->{source_key} eq 'url:https://e.org/b%20c.mp4' } @{ $end->{done}{facts}{items} }), 1, 'keys are in the usual form');
spew("$leap->{served}/bytes", "$web/\xff\xfe.mp4\t\xfftitle\nhttp://h\xffst/a.mp4\n");
my $odd = list('bytes')->{done}{facts};
is_deeply([ map { $_->{source}{url} } @{ $odd->{items} } ], ["$web/%ff%fe.mp4"], 'bytes that are no text are encoded in a path, and refused in a host');
is(scalar @{ $odd->{problems} }, 1, 'which is told');
like($end->{done}{facts}{problems}[0], qr/^"ftp:.*scheme "ftp"/, 'what cannot be fetched is told');
spew("$leap->{served}/feed", '<?xml version="1.0"?><rss version="2.0"><channel><item><title>On sets &amp; maps</title><pubDate>Sun, 01 Mar 2026 10:00:00 GMT</pubDate>'
	. '<enclosure url="e.mp3" length="77" type="audio/mpeg"/></item></channel></rss>');
my ($entry) = @{ list('feed')->{done}{facts}{items} };
is_deeply([ @$entry{qw(display_name start_time bytes)}, $entry->{source}{url} ], [ 'On sets & maps', 1772359200, '77', "$web/e.mp3" ], 'a feed');
my @keys;
for my $token (1, 2)
{
	spew("$leap->{served}/tokens", qq{<rss><channel><item><guid>episode 1</guid><enclosure url="e.mp3?token=$token"/></item><item><enclosure url="f.mp3"/></item></channel></rss>});
	push @keys, [ map { $_->{source_key} } map { @{ ask(URL_LIST => { url => "$web/tokens", key_by => $_ })->{done}{facts}{items} } } qw(url id) ];
}
isnt($keys[0][0], $keys[1][0], 'a link with another token is another link');
is($keys[0][2], $keys[1][2], 'unless the id of the feed is the key');
like($keys[0][2], qr/^id:[0-9a-f]{40}$/, 'which says what it is');
is($keys[0][3], $keys[0][1], 'what has no id is known by its link');
is_deeply(names(ask(URL_LIST => { urls => [ 'https://e.org/a.mp4', 'https://e.org/b.mp4' ] })), [ 'a', 'b' ], 'a list of our own');
spew("$leap->{served}/json", encode_json([ { url => "$web/f.mp4", ready => JSON::PP::false, duration => 5 } ]));
is_deeply({ %{ list('json')->{done}{facts}{items}[0] }{qw(ready duration)} }, { ready => JSON::PP::false, duration => 5 }, 'one that is not ready yet');
is_deeply(names(list('to?to=/lines')), [ 'The first', 'b c', 'd' ], 'a redirect');

# lists that go on elsewhere
sub page { my ($name, %feed) = @_; return spew("$leap->{served}/$name", encode_json({ version => 'https://jsonfeed.org/version/1.1', %feed })); }
sub dated { my ($name, $day) = @_; return { url => "$name.mp4", date_published => "2026-03-${day}T10:00:00Z" }; }
sub pages_asked { return [ map { $_->{path} } $leap->requests ]; }
page('p1', items => [ dated('one', '09'), dated('two', '08') ], next_url => "$web/p2");
page('p2', items => [ dated('three', '07') ], next_url => 'p3');
page('p3', items => [ dated('four', '06') ]);
$leap->requests;
is_deeply(names(list('p1')), [ sort qw(one two three four) ], 'a JSON Feed is read to its last page');
is_deeply(pages_asked(), [qw(/p1 /p2 /p3)], 'each page once');
my %in_parts = map { $_->{source_key} => 1 } $leap->parts(sub { list('p1', most => 2, @_) });
is(scalar keys %in_parts, 4, 'the listing is full in the middle: the rest comes in parts');
$leap->requests;
is(scalar @{ names(list('p1', from_time => 1772928000)) }, 3, 'the newest first, and the second page older than what is wanted');
is_deeply(pages_asked(), [qw(/p1 /p2)], '... ends the walk');
page('p1', items => [ dated('two', '08'), dated('one', '09') ], next_url => "$web/p2");
is(scalar @{ names(list('p1', from_time => 1772928000)) }, 4, 'in another order all pages are read');
page('p1', items => [ { url => 'one.mp4' }, dated('two', '08') ], next_url => "$web/p2");
is(scalar @{ names(list('p1', from_time => 1772928000)) }, 4, '... and where one has no time');
page('p3', items => [ dated('four', '06') ], next_url => "HTTP://127.0.0.1:$port/p1#again");
$leap->requests;
my $round = list('p1')->{done}{facts};
is(scalar @{ $round->{items} }, 4, 'pages that lead in a circle');
like("@{ $round->{problems} }", qr{^page 3 of the list leads back to one that was read: \Q$web\E/p1$}, '... are told');
is_deeply(pages_asked(), [qw(/p1 /p2 /p3)], '... and read once');
page('p3', items => [ dated('four', '06') ], next_url => 'file:///etc/passwd');
like("@{ list('p1')->{done}{facts}{problems} }", qr/scheme "file"/, 'a next page is judged as any address');
page('p3', items => [ dated('four', '06') ], next_url => 'nowhere');
my $short = list('p1')->{done}{facts};
is(scalar @{ $short->{items} }, 4, 'a next page that is not there costs nothing of those before');
like("@{ $short->{problems} }", qr/^page 4 of the list: .*404/, '... and is told');
page('p2', items => [], next_url => "$web/p3?status=503");
fails(list('p1'), 'transient', 'server_error', 'a page in trouble is for the next try');
page("e$_", items => [ { url => "$_.mp4" } ], next_url => 'e' . ($_ + 1)) for 1 .. 102;
$leap->requests;
my $endless = list('e1')->{done}{facts};
is(scalar @{ $endless->{items} }, 100, 'a hundred pages at most');
like("@{ $endless->{problems} }", qr{^the list has more than 100 pages, and this one was not read: \Q$web\E/e101$}, '... and that is told');
is(scalar @{ pages_asked() }, 100, '... and no more is asked');
spew("$leap->{served}/atom", '<feed xmlns="http://www.w3.org/2005/Atom"><link rel="self" href="atom"/><link rel="next" href="atom2"/><entry><title>A</title><link rel="enclosure" href="a.mp4"/><link rel="next" href="wrong"/></entry></feed>');
spew("$leap->{served}/atom2", '<feed xmlns="http://www.w3.org/2005/Atom"><link rel="previous" href="atom"/><entry><title>B</title><link rel="enclosure" href="b.mp4"/></entry></feed>');
is_deeply(names(list('atom')), [qw(A B)], 'Atom in pages (RFC 5005)');
spew("$leap->{served}/rss", '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><link>http://e.org</link><atom:link rel="next" href="rss2"/><item><title>A</title><enclosure url="a.mp3"/></item></channel></rss>');
spew("$leap->{served}/rss2", '<rss version="2.0"><channel><item><title>B</title><enclosure url="b.mp3"/></item></channel></rss>');
is_deeply(names(list('rss')), [qw(A B)], 'RSS with a link of Atom');

# what is no list, and servers in trouble
spew("$leap->{served}/page", '<!DOCTYPE html><html></html>');
fails(list('page'), 'input', 'html_instead_of_list', 'a web page');
spew("$leap->{served}/bomb", '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><rss><channel><item><title>&b;</title><enclosure url="x"/></item></channel></rss>');
fails(list('bomb'), 'input', 'bad_list', 'a feed with entities of its own');
spew("$leap->{served}/broken", '[{"url":');
fails(list('broken'), 'input', 'bad_json', 'JSON that breaks off');
spew("$leap->{served}/large", "#" x (9 << 20));
fails(list('large'), 'input', 'too_large', 'a list beyond the limit');
fails(list('none'), 'input', 'source_missing', 'no list');
fails(list('lines?status=500'), 'transient', 'server_error', 'a server in trouble');
is(list('lines?status=429&retry=7')->{failed}{retry_after}, 7, 'one that asks to come back later');
fails(list('lines?cut=10'), 'transient', 'connection_lost', 'a connection that breaks');
fails(list('x?to=self'), 'permanent', 'too_many_redirects', 'a circle of redirects');
$leap->requests;
fails(list('lines', allow_private => 0), 'permanent', 'address_refused', 'a private address');
fails(ask(URL_LIST => { url => 'file:///etc/passwd' }), 'permanent', 'bad_url', 'a file');
is(scalar(my @asked = $leap->requests), 0, 'nobody was asked');

# many: what is told is bounded
spew("$leap->{served}/many", join '', map { "https://e.org/$_.mp4\n" } 1 .. 12000);
my $many = list('many')->{done}{facts};
is(scalar @{ $many->{items} }, 10000, 'ten thousand at most');
ok($many->{truncated}, 'and that is told');
my %every = map { $_->{source_key} => 1 } $leap->parts(sub { list('many', @_) });
is(scalar keys %every, 12000, 'the rest in parts');
spew("$leap->{served}/long", join '', map { "https://e.org/$_/" . 'x' x 3900 . "\n" } 1 .. 1900);
my $long = list('long')->{done}{facts};
is(scalar @{ $long->{items} }, 1900, 'long ones, which make a list of 7 MiB, fit into a message');
ok(!$long->{truncated}, 'and nothing is left out');

done_testing();
