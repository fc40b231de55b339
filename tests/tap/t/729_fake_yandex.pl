# tests/tap/t/729_fake_yandex.pl
#     The fake of Yandex Disk does what Yandex's documents say: each example in them is accepted and answered as it is there, what they
#     forbid is refused in their words, and what a test wants to go wrong does. docs/platforms/yandex-disk.md names the documents.
use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use Digest::SHA qw(sha256 sha256_hex);
use Encode qw(encode);
use FakePlatform;
use File::Temp qw(tempdir);
use HTTP::Tiny;
use JSON::PP;
use MIME::Base64 qw(encode_base64 encode_base64url);
use Test::More;
use utf8;

my $fake = FakePlatform->start(tempdir(CLEANUP => 1), platforms => ['yandex_disk']);
my $http = HTTP::Tiny->new(timeout => 30, max_redirect => 0);
my $api = $fake->url('yandex_disk.api');
my $film = join '', map { chr($_ * 13 % 251) } 1 .. 300_000;

sub value { my ($answer) = @_; return eval { decode_json($answer->{content}) } // { none => $answer->{content} }; }

sub escape { return encode('UTF-8', $_[0]) =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ger; }

# One request: ask(GET => 'resources', path => '/a'); its status and value. "-headers" and "-content" are what they say.
sub ask
{
	my ($method, $what, %given) = @_;
	my %headers = (Authorization => 'OAuth yandex-secret', %{ delete $given{-headers} // {} });
	my $content = delete $given{-content};
	my $query = join '&', map { "$_=" . escape($given{$_}) } sort keys %given;
	delete @headers{ grep { !defined $headers{$_} } keys %headers };
	my $answer = $http->request($method, "$api/$what" . ($query ne '' ? "?$query" : ''), { headers => \%headers, defined $content ? (content => $content) : () });
	return ($answer->{status}, value($answer));
}

sub of { return (ask(@_))[1]; }

# "409 DiskPathDoesntExistsError" of a request that was refused, "200 -" of one that was not.
sub verdict { my ($status, $value) = ask(@_); return "$status " . ($value->{error} // '-'); }

sub upload
{
	my ($path, $bytes, %given) = @_;
	my ($status, $link) = ask(GET => 'resources/upload', path => $path, overwrite => 'true', %given);
	return $status != 200 ? $status : $http->put($link->{href}, { content => $bytes })->{status};
}

sub link_ok
{
	my ($link, $path, $name) = @_;
	is_deeply($link, { href => "$api/resources?path=" . escape("disk:$path"), method => 'GET', templated => JSON::PP::false }, $name);
}

sub done
{
	my ($link) = @_;
	my ($id) = $link->{href} =~ m{/operations/(\w+)$} or return 'no operation';
	return join ' ', map { of(GET => "operations/$id")->{status} } 1, 2;
}

subtest 'examples of the documents: folders and files' => sub {
	my ($status, $link) = ask(PUT => 'resources', path => '/Music');
	is($status, 201, 'a folder is made');
	link_ok($link, '/Music', '... and the answer is a link to it');
	is(verdict(PUT => 'resources', path => 'disk:/Music'), '409 DiskPathPointsToExistentDirectoryError', 'there is one');
	my ($error) = of(PUT => 'resources', path => '/a/b/c');
	is_deeply($error, { error => 'DiskPathDoesntExistsError', description => 'Specified path "disk:/a/b/c" doesn\'t exists.', message => 'Указанного пути "disk:/a/b/c" не существует.' },
		'one level at a time, in these words');
	is(verdict(PUT => 'resources', path => '/bar'), '201 -', 'bar');
	($status, $link) = ask(GET => 'resources/upload', path => '/bar/photo.png');
	is_deeply([ $status, sort keys %$link ], [ 200, qw(href method operation_id templated) ], 'an address to upload to');
	like($link->{href}, qr{^http://127\.0\.0\.1:\d+/upload-target/[\w.]+$}, '... on another host');
	is($link->{method}, 'PUT', '... with PUT');
	is(of(GET => "operations/$link->{operation_id}")->{status}, 'in-progress', 'its operation waits for the bytes');
	my $came = $http->put($link->{href}, { content => $film });
	is_deeply([ @$came{qw(status content)} ], [ 201, '' ], 'they come: 201 and nothing else');
	is(done({ href => "/operations/$link->{operation_id}" }), 'in-progress success', 'the operation ends');
	my $photo = of(GET => 'resources', path => '/bar/photo.png');
	is_deeply([ @$photo{qw(name path type mime_type media_type size md5 sha256)} ],
		[ 'photo.png', 'disk:/bar/photo.png', 'file', 'image/png', 'image', length $film, md5_hex($film), sha256_hex($film) ], 'the file as it is told of');
	like($photo->{created}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/, '... with times of that form');
	my $folder = of(GET => 'resources', path => '/bar');
	is_deeply([ map { $folder->{_embedded}{$_} } qw(sort limit offset total path) ], [ '', 20, 0, 1, 'disk:/bar' ], 'a folder tells what lies in it, 20 at a time');
	is_deeply(of(GET => 'resources', path => '/bar', fields => 'type'), { type => 'dir' }, 'fields leaves what is named');
	is_deeply(of(GET => 'resources', path => '/bar', fields => 'name,_embedded.items.path'), { name => 'bar', _embedded => { items => [ { path => 'disk:/bar/photo.png' } ] } },
		'... at any depth: no total if it is not named');
	is_deeply(of(GET => 'resources', path => '/bar', limit => 500, fields => '_embedded.items.name,_embedded.items.type,type,_embedded,_embedded.offset,_embedded.limit,_embedded.total,_embedded.items'),
		{ type => 'dir', _embedded => { items => [ { type => 'file', name => 'photo.png' } ], total => 1, limit => 500, offset => 0 } }, '... a name with names below it keeps only those');
	($status, my $changed) = ask(PATCH => 'resources', path => '/bar/photo.png', -content => '{"custom_properties":{"foo":"1","bar":"2"}}', -headers => { 'Content-Type' => 'application/json' });
	is_deeply([ $status, $changed->{custom_properties} ], [ 200, { foo => '1', bar => '2' } ], 'attributes of one\'s own');
	is_deeply(of(PATCH => 'resources', path => '/bar/photo.png', fields => 'custom_properties', -content => '{"custom_properties":{"foo":null}}', -headers => { 'Content-Type' => 'application/json' }),
		{ custom_properties => { bar => '2' } }, '... and null takes one away');
	is_deeply([ sort keys %{ of(GET => 'resources/last-uploaded') } ], [ 'items', 'limit' ], 'the newest');
	is(of(GET => 'resources/files', media_type => 'image')->{items}[0]{name}, 'photo.png', 'all of a kind');
};

subtest 'examples of the documents: the disk' => sub {
	my $disk = of(GET => '');
	is_deeply([ @$disk{qw(total_space used_space trash_size max_file_size)} ], [ 10_737_418_240, length $film, 0, 1_073_741_824 ], 'what it holds');
	is($disk->{user}{login}, 'lecturer', '... and whose it is');
	is_deeply(of(GET => '', fields => 'used_space'), { used_space => length $film }, 'fields');
};

subtest 'examples of the documents: downloads' => sub {
	my ($status, $link) = ask(GET => 'resources/download', path => '/bar/photo.png');
	is_deeply([ $status, @$link{qw(method templated)} ], [ 200, 'GET', JSON::PP::false ], 'a link');
	my $first = $http->get($link->{href}, { headers => { Authorization => 'OAuth yandex-secret' } });
	is($first->{status}, 302, 'leads on');
	my $to = $first->{headers}{location};
	isnt(($to =~ m{^(http://[^/]+)})[0], ($link->{href} =~ m{^(http://[^/]+)})[0], '... to another host');
	is($http->get($to)->{content}, $film, 'where the bytes are');
	my $rest = $http->get($to, { headers => { Range => 'bytes=299990-' } });
	is_deeply([ @$rest{qw(status content)} ], [ 206, substr $film, 299990 ], '... or a part of them');
	is($http->get($to, { headers => { Authorization => 'OAuth yandex-secret' } })->{status}, 400, 'not for who brings a credential to a stranger');
	is($http->get($link->{href})->{status}, 401, 'one\'s own files need the token');
	is($http->get(of(GET => 'resources', path => '/bar/photo.png')->{file}, { headers => { Authorization => 'OAuth yandex-secret' } })->{status}, 302, 'a file is told with such an address');
	$fake->advance(14401);
	is($http->get($link->{href}, { headers => { Authorization => 'OAuth yandex-secret' } })->{status}, 410, 'it has an end');
	is($http->get($to)->{status}, 410, '... and so has the one behind it');
	is(verdict(GET => 'resources/download', path => '/bar/x'), '404 DiskNotFoundError', 'of nothing there is none');
};

subtest 'examples of the documents: published' => sub {
	is(upload('/bar/song.mp3', 'la la la'), 201, 'another file');
	my ($status, $link) = ask(PUT => 'resources/publish', path => '/bar');
	is($status, 200, 'a folder is published');
	link_ok($link, '/bar', '... and the answer is a link to it');
	my $bar = of(GET => 'resources', path => '/bar');
	like($bar->{public_url}, qr{^https://yadi\.sk/d/[\w-]+$}, 'it has an address');
	ask(PUT => 'resources/publish', path => '/bar');
	is(of(GET => 'resources', path => '/bar')->{public_key}, $bar->{public_key}, 'the same one when it is published again');
	for my $key ($bar->{public_key}, $bar->{public_url})
	{
		my $told = of(GET => 'public/resources', public_key => $key, sort => '-name', -headers => { Authorization => undef });
		is_deeply([ map { $_->{path} } @{ $told->{_embedded}{items} } ], [ '/song.mp3', '/photo.png' ], 'without a token it is seen, with paths below it');
	}
	my $one = of(GET => 'public/resources', public_key => $bar->{public_key}, path => '/song.mp3', -headers => { Authorization => undef });
	is_deeply([ @$one{qw(type md5 public_key)} ], [ 'file', md5_hex('la la la'), $bar->{public_key} ], 'a file in it');
	my $href = of(GET => 'public/resources/download', public_key => $bar->{public_key}, path => '/song.mp3', -headers => { Authorization => undef })->{href};
	is($http->get($http->get($href)->{headers}{location})->{content}, 'la la la', 'can be had without a token');
	is(verdict(GET => 'public/resources', public_key => $bar->{public_key}, path => '/../Music'), '400 FieldValidationError', 'but nothing above it');
	link_ok(of(PUT => 'resources/unpublish', path => '/bar'), '/bar', 'unpublished');
	is(verdict(GET => 'public/resources', public_key => $bar->{public_key}), '404 DiskNotFoundError', '... nobody sees it');
	ok(!exists of(GET => 'resources', path => '/bar')->{public_key}, '... and it has no key');
};

subtest 'examples of the documents: deleting, copying, moving' => sub {
	ask(PUT => 'resources', path => '/old');
	is(verdict(DELETE => 'resources', path => '/old'), '204 -', 'an empty folder: gone at once');
	ask(PUT => 'resources', path => '/old');
	upload('/old/a', 'a');
	my ($status, $link) = ask(DELETE => 'resources', path => '/old', permanently => 'true');
	is($status, 202, 'a folder with something in it: an operation');
	like($link->{href}, qr{^\Q$api\E/operations/\w+$}, '... with a link to it');
	is(done($link), 'in-progress success', '... that ends');
	is(verdict(GET => 'resources', path => '/old/a'), '404 DiskNotFoundError', 'and all of it is gone');
	is(verdict(GET => 'operations/0000'), '404 DiskOperationNotFoundError', 'an operation that is none');
	upload('/b.txt', 'b');
	is(verdict(DELETE => 'resources', path => '/b.txt', md5 => md5_hex('c')), '409 MD5DifferError', 'only what one knows');
	is((ask(DELETE => 'resources', path => '/b.txt', force_async => 'true'))[0], 202, 'an operation on demand');
	is(of(GET => '')->{trash_size}, 1, 'what is not deleted for good lies in the trash');
	is(verdict(DELETE => 'resources', path => '/b.txt'), '404 DiskNotFoundError', 'nothing is deleted twice');
	is(verdict(DELETE => 'resources', path => '/'), '409 DiskPathDoesntExistsError', 'nor the root');
	upload('/c.txt', 'c');
	is(verdict(POST => 'resources/copy', from => '/c.txt', path => '/d.txt'), '201 -', 'copied');
	is(verdict(POST => 'resources/move', from => '/c.txt', path => '/d.txt'), '409 DiskResourceAlreadyExistsError', 'not moved over another');
	is(verdict(POST => 'resources/move', from => '/c.txt', path => '/d.txt', overwrite => 'true'), '201 -', 'unless that is wanted');
	is_deeply([ map { verdict(GET => 'resources', path => $_, fields => 'md5') } '/c.txt', '/d.txt' ], [ '404 DiskNotFoundError', '200 -' ], 'it is there, and not here');
	is((ask(POST => 'resources/move', from => '/bar', path => '/baz'))[0], 202, 'a folder moves as an operation');
	is(verdict(GET => 'resources', path => '/baz/photo.png'), '200 -', '... with what is in it');
};

# [name, method, what, parameters, verdict]
for my $case (
	[ 'no token', 'GET', '', { -headers => { Authorization => undef } }, '401 UnauthorizedError' ],
	[ 'another token', 'GET', '', { -headers => { Authorization => 'OAuth x' } }, '401 UnauthorizedError' ],
	[ 'a token in another way', 'GET', '', { -headers => { Authorization => 'Bearer yandex-secret' } }, '401 UnauthorizedError' ],
	[ 'another format', 'GET', '', { -headers => { Accept => 'text/xml' } }, '406 NotAcceptableError' ],
	[ 'no path', 'GET', 'resources', {}, '400 FieldValidationError' ],
	[ 'a path that is none', 'GET', 'resources', { path => 'trash:/a' }, '400 FieldValidationError' ],
	[ 'a long name', 'PUT', 'resources', { path => '/' . 'ж' x 256 }, '400 FieldValidationError' ],
	[ 'an unknown parameter', 'GET', 'resources', { path => '/', recursive => 'true' }, '400 FieldValidationError' ],
	[ 'an order that is none', 'GET', 'resources', { path => '/', sort => 'kind' }, '400 FieldValidationError' ],
	[ 'a limit that is none', 'GET', 'resources', { path => '/', limit => 'all' }, '400 FieldValidationError' ],
	[ 'a flag that is none', 'GET', 'resources/upload', { path => '/x', overwrite => '1' }, '400 FieldValidationError' ],
	[ 'what is not there', 'GET', 'resources', { path => '/nothing' }, '404 DiskNotFoundError' ],
	[ 'an upload to nowhere', 'GET', 'resources/upload', { path => '/nowhere/x' }, '409 DiskPathDoesntExistsError' ],
	[ 'an upload over a folder', 'GET', 'resources/upload', { path => '/Music', overwrite => 'true' }, '409 DiskPathPointsToExistentDirectoryError' ],
	[ 'an upload over a file', 'GET', 'resources/upload', { path => '/d.txt' }, '409 DiskResourceAlreadyExistsError' ],
	[ 'a folder in a file', 'PUT', 'resources', { path => '/d.txt/x' }, '409 DiskPathDoesntExistsError' ],
	[ 'an attribute that is a list', 'PATCH', 'resources', { path => '/d.txt', -content => '{"custom_properties":{"a":[1]}}', -headers => { 'Content-Type' => 'application/json' } }, '400 FieldValidationError' ],
	[ 'attributes without end', 'PATCH', 'resources', { path => '/d.txt', -content => '{"custom_properties":{"a":"' . 'x' x 1024 . '"}}', -headers => { 'Content-Type' => 'application/json' } }, '400 FieldValidationError' ],
	[ 'publishing what is not there', 'PUT', 'resources/publish', { path => '/nothing' }, '404 DiskNotFoundError' ],
	[ 'a key of nobody', 'GET', 'public/resources', { public_key => 'x' }, '404 DiskNotFoundError' ],
	[ 'an address that is none', 'GET', 'resource', { path => '/' }, '404 DiskNotFoundError' ],
	[ 'a verb that is none', 'POST', 'resources', { path => '/' }, '405 MethodNotAllowedError' ],
  )
{
	my ($name, $method, $what, $given, $verdict) = @$case;
	is(verdict($method => $what, %$given), $verdict, "refused: $name");
}
is_deeply(of(GET => '', -headers => { Authorization => undef }), { error => 'UnauthorizedError', description => 'Unauthorized', message => 'Не авторизован.' }, 'in these words');

subtest 'rights' => sub {
	$fake->set(yandex_disk => { tokens => { reader => { scope => 'cloud_api:disk.read' } } });
	my @reader = (-headers => { Authorization => 'OAuth reader' });
	is(verdict(GET => 'resources', path => '/', @reader), '200 -', 'who may read reads');
	is(verdict(PUT => 'resources', path => '/x', @reader), '403 ForbiddenError', '... and writes nothing');
	$fake->set(yandex_disk => { tokens => undef });
};

subtest 'errors where a test wants them' => sub {
	for my $case ([ 423, 'DiskResourceLockedError' ], [ 429, 'TooManyRequestsError' ], [ 503, 'ServiceUnavailableError' ], [ 507, 'InsufficientStorageError' ], [ 500, 'InternalServerError' ],
		[ 401, 'UnauthorizedError' ], [ 403, 'ForbiddenError' ])
	{
		$fake->faults({ on => 'disk', times => 1, status => $case->[0] });
		is(verdict(GET => ''), "@$case", "$case->[0] by its status");
		$fake->faults({ on => 'disk', times => 1, reason => $case->[1] });
		is(verdict(GET => ''), "@$case", "$case->[1] by its name");
	}
	$fake->set(yandex_disk => { locked => ['/Music'] });
	is(verdict(DELETE => 'resources', path => '/Music'), '423 DiskResourceLockedError', 'a folder that is locked');
	is(verdict(GET => 'resources/upload', path => '/Music/x'), '423 DiskResourceLockedError', '... and what is in it');
	$fake->set(yandex_disk => { locked => [] });
};

subtest 'uploads' => sub {
	my $href = of(GET => 'resources/upload', path => '/Music/a.mp4')->{href};
	$fake->faults({ on => 'upload', times => 1, cut_request => 100_000 });
	is($http->put($href, { content => $film })->{status}, 599, 'the connection ends within the file');
	is(verdict(GET => 'resources', path => '/Music/a.mp4'), '404 DiskNotFoundError', '... and there is none');
	my $length = length $film;
	my $rest = sub { my ($from, $to) = @_; return $http->put($href, { content => substr($film, $from, $to - $from), headers => { 'Content-Range' => "bytes $from-" . ($to - 1) . "/$length" } })->{status}; };
	is($rest->(50_000, $length), 412, 'a range that does not continue what came');
	is($rest->(100_000, 200_000), 202, 'one that does');
	is($rest->(200_000, $length), 201, 'the last one');
	is(of(GET => 'resources', path => '/Music/a.mp4')->{sha256}, sha256_hex($film), 'and the file is whole');
	is($http->put($href, { content => $film })->{status}, 404, 'an address takes one file');
	$href = of(GET => 'resources/upload', path => '/Music/b.mp4')->{href};
	$fake->advance(1801);
	is($http->put($href, { content => $film })->{status}, 404, '... within half an hour');
	$fake->set(yandex_disk => { max_file_size => 1000 });
	is(upload('/Music/c.mp4', $film), 413, 'a file that is too large');
	$fake->set(yandex_disk => { max_file_size => undef, total_space => of(GET => '')->{used_space} + 1000 });
	is(upload('/Music/c.mp4', $film), 507, 'a disk that is full');
	is(upload('/Music/a.mp4', $film), 201, '... but not for what takes the place of its like');
	$fake->set(yandex_disk => { total_space => undef });
	is($fake->state('yandex_disk')->{entries}{'/Music/a.mp4'}{writes}, 2, 'how often a file was written is seen');
	my @two = map { of(GET => 'resources/upload', path => '/Music/d.mp4')->{href} } 1, 2;
	is_deeply([ map { $http->put($_, { content => $film })->{status} } @two ], [ 201, 409 ], 'of two that want one place without overwriting, one has it');
	$fake->faults({ on => 'upload', times => 2, lose => 1 });    # HTTP::Tiny asks once more
	is(upload('/Music/e.mp4', $film), 599, 'an answer is lost');
	$fake->faults;
	is(of(GET => 'resources', path => '/Music/e.mp4')->{md5}, md5_hex($film), '... but the file is there');
	$fake->set(yandex_disk => { accept => 202 });
	my $link = of(GET => 'resources/upload', path => '/Music/f.mp4');
	is($http->put($link->{href}, { content => $film })->{status}, 202, 'a file that is accepted');
	is(verdict(GET => 'resources', path => '/Music/f.mp4'), '404 DiskNotFoundError', '... and not there yet');
	is(done({ href => "/operations/$link->{operation_id}" }), 'in-progress success', '... is there when its operation ends');
	is(verdict(GET => 'resources', path => '/Music/f.mp4'), '200 -', '... so');
	$fake->set(yandex_disk => { accept => 201, hollow => 1 });
	is(upload('/Music/g.mp4', $film), 201, 'a file of which only the digest is kept');
	is(of(GET => 'resources', path => '/Music/g.mp4')->{sha256}, sha256_hex($film), '... has it');
	$fake->set(yandex_disk => { hollow => 0 });
};

subtest 'lists' => sub {
	$fake->change(yandex_disk => sub {
		my ($state) = @_;
		$state->{entries}{'/many'} = { type => 'dir', created => 1 };
		$state->{entries}{ sprintf '/many/%03d.mp4', $_ } = { type => 'file', size => 1000 - $_, created => $_ } for 1 .. 45;
	});
	my @seen;
	for my $offset (0, 20, 40) { push @seen, map { $_->{name} } @{ of(GET => 'resources', path => '/many', offset => $offset)->{_embedded}{items} }; }
	is_deeply(\@seen, [ map { sprintf '%03d.mp4', $_ } 1 .. 45 ], 'all of it by pages of 20');
	is(of(GET => 'resources', path => '/many', limit => 1)->{_embedded}{total}, 45, 'the total is told on each');
	is(of(GET => 'resources', path => '/many', limit => 1, sort => 'size')->{_embedded}{items}[0]{name}, '045.mp4', 'by size');
	is(of(GET => 'resources', path => '/many', limit => 1, sort => '-created')->{_embedded}{items}[0]{name}, '045.mp4', 'the newest first');
};

my $verifier = 'v' x 50;
my %client = (client_id => '1f2e3d', client_secret => 'yandex-app-secret');

sub authorize
{
	my (%given) = (response_type => 'code', client_id => '1f2e3d', redirect_uri => 'https://leap.example/oauth/yandex_disk/callback', state => 's t', @_);
	delete @given{ grep { !defined $given{$_} } keys %given };
	my $answer = $http->get($fake->url('yandex_disk.authorize') . '?' . $http->www_form_urlencode(\%given));
	my ($to, $query) = split /\?/, $answer->{headers}{location} // '', 2;
	return ($answer->{status}, $to, { map { s/%([0-9A-F]{2})/chr hex $1/ger } map { split /=/, $_, 2 } split /&/, $query // '' });
}

sub token
{
	my ($form, %headers) = @_;
	my $answer = $http->post_form($fake->url('yandex_disk.token'), $form, { headers => \%headers });
	return ($answer->{status}, value($answer));
}

sub usable { my ($token) = @_; return verdict(GET => '', -headers => { Authorization => "OAuth $token" }); }

subtest 'Yandex OAuth: the code' => sub {
	my ($status, $to, $told) = authorize();
	is_deeply([ $status, $to, $told->{state} ], [ 302, 'https://leap.example/oauth/yandex_disk/callback', 's t' ], 'a code comes by way of the person');
	like($told->{code}, qr/^[a-z0-9]{16}$/, '... of 16 characters');
	is((authorize(client_id => 'x'))[0], 400, 'not for an unknown client');
	is((authorize(redirect_uri => 'https://evil.example'))[0], 400, 'not to another address');
	is((authorize(response_type => 'token'))[2]{error}, 'invalid_request', 'not in another way');
	is((authorize(code_challenge => 'x'))[2]{error}, 'invalid_request', 'not with a challenge that is none');
	is((authorize(nonce => 'x'))[2]{error}, 'invalid_request', 'not with what it does not know');
	$fake->set(yandex_disk => { consent => 'deny' });
	is((authorize())[2]{error}, 'access_denied', 'not if the person does not want it');
	$fake->set(yandex_disk => { consent => 'allow' });
};

subtest 'Yandex OAuth: tokens' => sub {
	my %form = (grant_type => 'authorization_code', %client);
	my $code = (authorize())[2]{code};
	my ($status, $tokens) = token({ %form, code => $code });
	is_deeply([ $status, @$tokens{qw(token_type expires_in)} ], [ 200, 'bearer', 31536000 ], 'a code is exchanged, for a year');
	is((token({ %form, code => $code }))[1]{error}, 'invalid_grant', '... once');
	is(usable($tokens->{access_token}), '200 -', 'the token works');
	is((token({ %form, code => 'no such code' }))[1]{error}, 'bad_verification_code', 'not for what is no code');
	is((token({ %form, code => (authorize())[2]{code}, client_secret => 'x' }))[1]{error}, 'invalid_client', 'not with another secret');
	is((token({ grant_type => 'authorization_code', client_id => '1f2e3d', code => (authorize())[2]{code} }))[1]{error}, 'invalid_client', 'not without one');
	is((token({ %form, grant_type => 'password' }))[1]{error}, 'unsupported_grant_type', 'not for a password');
	my $late = (authorize())[2]{code};
	$fake->advance(601);
	is((token({ %form, code => $late }))[1]{error_description}, 'Code has expired', 'not after ten minutes');
	my $basic = 'Basic ' . encode_base64("$client{client_id}:$client{client_secret}", '');
	is((token({ grant_type => 'authorization_code', code => (authorize())[2]{code} }, Authorization => $basic))[0], 200, 'the client may be in a header');
	is((token({ grant_type => 'authorization_code', code => (authorize())[2]{code} }, Authorization => 'Basic %'))[1]{error_description}, 'Malformed Authorization header', '... that is one');
	my %challenge = (code_challenge => encode_base64url(sha256($verifier)), code_challenge_method => 'S256');
	is((token({ grant_type => 'authorization_code', client_id => '1f2e3d', code_verifier => $verifier, code => (authorize(%challenge))[2]{code} }))[0], 200, 'with a verifier it needs no secret');
	is((token({ %form, code_verifier => 'w' x 50, code => (authorize(%challenge))[2]{code} }))[1]{error}, 'invalid_grant', '... with the right one');

	my ($fine, $same) = token({ grant_type => 'refresh_token', refresh_token => $tokens->{refresh_token}, %client });
	is_deeply([ $fine, $same->{access_token} ], [ 200, $tokens->{access_token} ], 'a token that has most of its time is not made anew');
	isnt($same->{refresh_token}, $tokens->{refresh_token}, '... but the refresh token is');
	is((token({ grant_type => 'refresh_token', refresh_token => $tokens->{refresh_token}, %client }))[1]{error}, 'invalid_grant', 'the old one is none any more');
	$fake->advance(20_000_000);
	my $new = (token({ grant_type => 'refresh_token', refresh_token => $same->{refresh_token}, %client }))[1];
	isnt($new->{access_token}, $same->{access_token}, 'an old token is made anew');
	is(usable($new->{access_token}), '200 -', '... and works');
	$fake->advance(31536001);
	is(usable($new->{access_token}), '401 UnauthorizedError', 'after a year it does not');
	is((token({ grant_type => 'refresh_token', refresh_token => $new->{refresh_token}, %client }))[1]{error}, 'invalid_grant', 'nor does its refresh token: both live as long');
	$fake->set(yandex_disk => { token_uses => 2 });
	my $short = (token({ %form, code => (authorize())[2]{code} }))[1];
	is_deeply([ map { usable($short->{access_token}) } 1 .. 3 ], [ '200 -', '200 -', '401 UnauthorizedError' ], 'a token that ends after two requests, where a test wants it');
	is(usable((token({ grant_type => 'refresh_token', refresh_token => $short->{refresh_token}, %client }))[1]{access_token}), '200 -', '... and is renewed');
	$fake->set(yandex_disk => { token_uses => undef });
	my $last = (token({ %form, code => (authorize())[2]{code} }))[1];
	my $revoke = $fake->url('yandex_disk.token') =~ s/token$/revoke_token/r;
	is(value($http->post_form($revoke, { access_token => $last->{access_token}, %client }))->{status}, 'ok', 'it is revoked');
	is(usable($last->{access_token}), '401 UnauthorizedError', '... and works no more');
};

done_testing();
