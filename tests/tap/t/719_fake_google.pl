# tests/tap/t/719_fake_google.pl
#     The fake YouTube accepts what Google's documents show and refuses what they forbid, as far as the documents could be seen:
#     docs/platforms/youtube.md says of each rule whether it is from a page, from what others quote, or from experience alone.
use strict;
use warnings;

use Digest::SHA qw(sha256 sha256_hex);
use FakePlatform;
use File::Temp qw(tempdir);
use HTTP::Tiny;
use JSON::PP;
use MIME::Base64 qw(encode_base64url);
use POSIX ();
use Test::More;

my $fake = FakePlatform->start(tempdir(CLEANUP => 1), platforms => ['youtube']);
my $http = HTTP::Tiny->new(timeout => 30, max_redirect => 0);
my %url = %{ $fake->endpoints('youtube') };
my $callback = 'http://127.0.0.1:8080/oauth/youtube/callback';
my %client = (client_id => 'leap.apps.googleusercontent.com', client_secret => 'GOCSPX-leap');
my $scope = 'https://www.googleapis.com/auth/youtube https://www.googleapis.com/auth/youtube.upload https://www.googleapis.com/auth/youtube.force-ssl';
my $json = JSON::PP->new->utf8->canonical;
my $token;

sub form { my (%fields) = @_; return $http->www_form_urlencode(\%fields); }
sub value { my ($answer) = @_; return $json->decode($answer->{content}); }
sub reason { my ($answer) = @_; my $value = eval { value($answer) } // {}; return "$answer->{status} " . (ref $value->{error} ? $value->{error}{errors}[0]{reason} : $value->{error} // ''); }

# A request with the token; a body that is a reference goes as JSON.
sub ask
{
	my ($method, $url, $body, %headers) = @_;
	my %options = (headers => { Authorization => "Bearer $token", %headers });
	delete $options{headers}{$_} for grep { !defined $options{headers}{$_} } keys %headers;
	if (ref $body) { $options{content} = $json->encode($body); $options{headers}{'Content-Type'} //= 'application/json; charset=UTF-8'; }
	elsif (defined $body) { $options{content} = $body; $options{headers}{'Content-Type'} //= 'video/*'; }
	return $http->request($method, $url, \%options);
}

sub consent { my (%more) = @_; return $http->get("$url{authorize}?" . form(client_id => $client{client_id}, redirect_uri => $callback, response_type => 'code', scope => $scope, access_type => 'offline', state => 's 1', %more)); }
sub code { my ($answer) = @_; my ($code) = ($answer->{headers}{location} // '') =~ /[?&]code=([^&]+)/; return ($code // '') =~ s/%(..)/chr hex $1/ger; }
sub tokens { my (%fields) = @_; return $http->post_form($url{token}, { %client, %fields }); }
sub redeem { my ($code, %more) = @_; return tokens(grant_type => 'authorization_code', code => $code, redirect_uri => $callback, %more); }

subtest 'consent' => sub {
	my $verifier = 'v' x 50;
	my $answer = consent(include_granted_scopes => 'true', prompt => 'consent', code_challenge => encode_base64url(sha256($verifier)), code_challenge_method => 'S256');
	is($answer->{status}, 302, 'the request of the documents');
	like($answer->{headers}{location}, qr{^\Q$callback\E\?state=s%201&code=4%2F0A[^&]+&scope=https%3A%2F%2F}, 'back with code, state and scope');
	my $code = code($answer);
	is(reason(redeem($code)), '400 invalid_grant', 'PKCE: no verifier');
	is(reason(redeem($code, code_verifier => $verifier)), '400 invalid_grant', 'a code that was tried is used up');
	$code = code(consent(prompt => 'consent', code_challenge => encode_base64url(sha256($verifier)), code_challenge_method => 'S256'));
	is(reason(redeem($code, code_verifier => 'w' x 50)), '400 invalid_grant', 'PKCE: another verifier');
	$code = code(consent(prompt => 'consent', code_challenge => encode_base64url(sha256($verifier)), code_challenge_method => 'S256'));
	my $got = redeem($code, code_verifier => $verifier);
	is($got->{status}, 200, 'the exchange');
	is_deeply([ sort keys %{ value($got) } ], [qw(access_token expires_in refresh_token scope token_type)], '... with the members of the documents');
	is_deeply([ @{ value($got) }{qw(expires_in scope token_type)} ], [ 3599, $scope, 'Bearer' ], '... and their values');
	is(reason(redeem($code, code_verifier => $verifier)), '400 invalid_grant', 'a code serves once');
	is(reason(redeem(code(consent()), redirect_uri => "$callback/")), '400 redirect_uri_mismatch', 'another redirect_uri');
	is(reason(redeem(code(consent()), client_secret => 'x')), '401 invalid_client', 'another secret');
	is(value(redeem(code(consent())))->{refresh_token}, undef, 'a second consent brings no refresh token');
	ok(value(redeem(code(consent(prompt => 'consent'))))->{refresh_token}, '... if it is not asked for');
	is(value(redeem(code(consent(prompt => 'consent', access_type => 'online'))))->{refresh_token}, undef, '... and none online');
	for my $wrong ([ redirect_uri => 'http://127.0.0.1:1/' ], [ response_type => 'token' ], [ client_id => 'nobody' ], [ scope => '' ], [ access_type => 'x' ], [ unknown => 1 ], [ code_challenge_method => 'S256' ])
	{
		my $page = consent(@$wrong);
		ok($page->{status} == 400 && !$page->{headers}{location}, "refused without a redirect: @$wrong");
	}
	$fake->set(youtube => { consent => 'deny' });
	like(consent()->{headers}{location}, qr/\?error=access_denied&state=s%201$/, 'a person who says no');
	$fake->set(youtube => { consent => 'allow', granted => [ 'https://www.googleapis.com/auth/youtube.upload' ] });
	is(value(redeem(code(consent())))->{scope}, 'https://www.googleapis.com/auth/youtube.upload', 'a person who grants a part');
	$fake->set(youtube => { granted => undef });
	$code = code(consent());
	$fake->advance(601);
	is(reason(redeem($code)), '400 invalid_grant', 'a code that is too old');
};

subtest 'tokens' => sub {
	my $got = value(redeem(code(consent(prompt => 'consent'))));
	my $info = $http->get("$url{token}info?access_token=$got->{access_token}");
	is_deeply([ @{ value($info) }{qw(aud scope access_type)} ], [ $client{client_id}, $scope, 'offline' ], 'tokeninfo');
	my $again = tokens(grant_type => 'refresh_token', refresh_token => $got->{refresh_token});
	is_deeply([ sort keys %{ value($again) } ], [qw(access_token expires_in scope token_type)], 'a refresh, with the members of the documents');
	isnt(value($again)->{access_token}, $got->{access_token}, '... gives another token');
	is(reason(tokens(grant_type => 'refresh_token', refresh_token => 'x')), '400 invalid_grant', 'an unknown refresh token');
	is(reason(tokens(grant_type => 'password')), '400 unsupported_grant_type', 'another grant');
	is(reason(tokens(grant_type => 'refresh_token', refresh_token => $got->{refresh_token}, more => 1)), '400 invalid_request', 'an unknown field');
	is(reason($http->post($url{token}, { headers => { 'Content-Type' => 'application/json' }, content => '{}' })), '400 invalid_request', 'JSON instead of a form');
	my $other = $fake->grant('youtube')->{access_token};
	is($http->post("$url{revoke}?token=$other", { headers => { 'Content-Type' => 'application/x-www-form-urlencoded' }, content => '' })->{status}, 200, 'revoked, with the token in the address');
	is($http->post_form($url{revoke}, { token => $got->{refresh_token} })->{status}, 200, 'revoked');
	is(reason(tokens(grant_type => 'refresh_token', refresh_token => $got->{refresh_token})), '400 invalid_grant', '... ends the refresh token');
	$token = value($again)->{access_token};
	is(reason(ask(GET => "$url{api}/channels?part=id&mine=true")), '401 authError', '... and what was made of it');
	is(reason($http->post_form($url{revoke}, { token => $got->{refresh_token} . 'x' })), '400 invalid_token', 'an unknown token');
	$fake->set(youtube => { refuse_refresh => 1 });
	$got = $fake->grant('youtube');
	is(reason(tokens(grant_type => 'refresh_token', refresh_token => $got->{refresh_token})), '400 invalid_grant', 'a person who took consent back');
	$fake->set(youtube => { refuse_refresh => 0 });
	is(tokens(grant_type => 'refresh_token', refresh_token => $got->{refresh_token})->{status}, 200, 'a token made by the test is refreshed too');
};

subtest 'who may what' => sub {
	my $list = "$url{api}/channels?part=id&mine=true";
	$token = $fake->grant('youtube')->{access_token};
	is(ask(GET => $list)->{status}, 200, 'a token');
	is(reason(ask(GET => $list, undef, Authorization => undef)), '401 required', 'none');
	is(reason(ask(GET => $list, undef, Authorization => "OAuth $token")), '401 required', 'another scheme');
	$fake->advance(3600);
	my $late = ask(GET => $list);
	is(reason($late), '401 authError', 'one that is too old');
	like($late->{headers}{'www-authenticate'}, qr/^Bearer .*error="invalid_token"/, '... says so in the head');
	$token = $fake->grant('youtube', uses => 2)->{access_token};
	is_deeply([ map { ask(GET => $list)->{status} } 1 .. 3 ], [ 200, 200, 401 ], 'one for two requests');
	$token = $fake->grant('youtube', scope => 'https://www.googleapis.com/auth/youtube.upload')->{access_token};
	is(reason(ask(GET => $list)), '403 insufficientPermissions', 'one without the scope');
	$token = $fake->grant('youtube')->{access_token};
};

my $video = { snippet => { title => 'My video title', description => 'This is a description of my video', tags => [ 'cool', 'video', 'more keywords' ], categoryId => 22 },
	status => { privacyStatus => 'public', embeddable => JSON::PP::true, license => 'youtube' } };
my $bytes = join '', map { chr($_ * 31 % 251) } 1 .. 700_000;
my $insert = "$url{upload}/videos?uploadType=resumable&part=snippet,status,contentDetails";

sub session
{
	my ($body, %headers) = @_;
	my $url = delete $headers{url} // $insert;
	return ask(POST => $url, $body // $video, 'X-Upload-Content-Length' => length $bytes, 'X-Upload-Content-Type' => 'video/*', %headers);
}

sub location { my ($answer) = @_; return $answer->{headers}{location} // die "no session: $answer->{content}\n"; }
sub put { my ($uri, $from, $count, %headers) = @_; return ask(PUT => $uri, substr($bytes, $from, $count), 'Content-Range' => sprintf('bytes %d-%d/%d', $from, $from + $count - 1, length $bytes), %headers); }
sub status { my ($uri) = @_; return ask(PUT => $uri, '', 'Content-Range' => 'bytes */' . length $bytes); }
sub videos { return values %{ $fake->state('youtube')->{videos} // {} }; }

subtest 'an upload' => sub {
	my $answer = session();
	is($answer->{status}, 200, 'the session of the documents');
	my $uri = location($answer);
	like($uri, qr{^\Q$url{upload}\E/videos\?uploadType=resumable&upload_id=[\w-]+&part=}, 'is at a URI');
	my $none = status($uri);
	is_deeply([ $none->{status}, $none->{headers}{range} ], [ 308, undef ], 'nothing has come: no Range');
	my $done = ask(PUT => $uri, $bytes, 'Content-Type' => 'video/*');
	is($done->{status}, 201, 'all bytes');
	my $made = value($done);
	is_deeply([ @$made{qw(kind)}, @{ $made->{snippet} }{qw(title categoryId)}, @{ $made->{status} }{qw(uploadStatus privacyStatus)} ], [ 'youtube#video', 'My video title', '22', 'uploaded', 'public' ], 'the resource of the video');
	is_deeply([ map { [ @$_{qw(id bytes sha256 notified)} ] } videos() ], [ [ $made->{id}, 700_000, sha256_hex($bytes), 1 ] ], 'the video is there');
	is_deeply(value(status($uri)), $made, 'asked again, the answer is the same');
	is_deeply(value(ask(PUT => $uri, $bytes)), $made, 'sent again too');
	is(scalar(videos()), 1, '... and there is one video');
	$uri = location(session($video, url => "$insert&notifySubscribers=false"));
	is(put($uri, 0, 524_288)->{headers}{range}, 'bytes=0-524287', 'a first chunk of 512 KiB');
	is(status($uri)->{headers}{range}, 'bytes=0-524287', '... is there');
	is(reason(put($uri, 524_289, 100_000)), '400 badRequest', 'one that leaves a hole');
	is(reason(put($uri, 524_287, 175_713)), '400 badRequest', 'one that overlaps');
	is(put($uri, 524_288, 175_712)->{status}, 201, 'the last one');
	is_deeply([ sort map { "$_->{notified} $_->{sha256}" } videos() ], [ map { "$_ " . sha256_hex($bytes) } 0, 1 ], 'the same bytes, and nobody was notified');
};

subtest 'an upload that is interrupted' => sub {
	my $count = videos();
	my $uri = location(session());
	$fake->faults({ on => 'videos.upload', times => 1, cut_request => 300_001 });
	is(put($uri, 0, 700_000)->{status}, 599, 'the connection breaks');
	is(status($uri)->{headers}{range}, 'bytes=0-300000', 'what came is there');
	is(put($uri, 300_001, 399_999)->{status}, 201, 'and the rest comes');
	is_deeply([ map { $_->{sha256} } videos() ], [ (sha256_hex($bytes)) x ($count + 1) ], 'the bytes are right');
	$uri = location(session());
	$fake->set(youtube => { keep => 'blocks' });
	$fake->faults({ on => 'videos.upload', times => 1, cut_request => 300_001 });
	put($uri, 0, 700_000);
	is(status($uri)->{headers}{range}, 'bytes=0-262143', 'or only what fills blocks');
	$fake->set(youtube => { keep => 'all' });
	$fake->faults({ on => 'videos.upload', times => 2, lose => 1 });
	is(put($uri, 262_144, 437_856)->{status}, 599, 'the answer is lost');
	is(status($uri)->{status}, 201, '... and can be asked for');
	is(scalar(videos()), $count + 2, '... the video is there once');
	$uri = location(session());
	$fake->faults({ on => 'videos.upload', times => 1, cut_request => 700_000 });
	put($uri, 0, 700_000);
	is(scalar(videos()), $count + 3, 'the connection breaks behind the last byte: the video is there');
	is(status($uri)->{status}, 201, '... and the session says so');
	$uri = location(session());
	$fake->faults({ on => 'videos.upload', times => 1, status => 503, retry_after => 3 });
	my $busy = put($uri, 0, 700_000);
	is_deeply([ $busy->{status}, $busy->{headers}{'retry-after'} ], [ 503, 3 ], 'a server that is busy');
	$fake->change(youtube => sub { $_->{lost} = 410 for values %{ $_[0]{sessions} } });
	is(status($uri)->{status}, 410, 'a session that is gone');
	$uri = location(session());
	$fake->advance(604_801);
	$token = $fake->grant('youtube')->{access_token};
	is(status($uri)->{status}, 404, 'one that is too old');
	is(status("$insert&upload_id=nobody")->{status}, 404, 'one that never was');
	$uri = location(session());
	$fake->stop;
	$fake->go;
	is(put($uri, 0, 700_000)->{status}, 201, 'a session outlives the server');
	$uri = location(session());
	my $new = $token;
	$token = $fake->grant('youtube', seconds => 60)->{access_token};
	is(put($uri, 0, 262_144)->{status}, 308, 'a token that ends');
	$fake->advance(61);
	is(reason(put($uri, 262_144, 437_856)), '401 authError', '... between two parts');
	$token = $new;
	is(put($uri, 262_144, 437_856)->{status}, 201, 'another one goes on');
	$fake->faults({ on => 'videos.insert', times => 1, late => 1, status => 500 });
	my $sessions = keys %{ $fake->state('youtube')->{sessions} };
	is(reason(session()), '500 internalError', 'a session whose URI nobody got');
	is(scalar(keys %{ $fake->state('youtube')->{sessions} }), $sessions + 1, '... is there, and makes no video');
	$fake->faults;
};

subtest 'uploads that are not kept' => sub {
	my @new;
	for my $hollow (1, 'blind')
	{
		$fake->set(youtube => { hollow => $hollow });
		my $uri = location(session());
		put($uri, 0, 262_144);
		push @new, value(put($uri, 262_144, 437_856))->{id};
	}
	$fake->set(youtube => { hollow => 0 });
	is_deeply([ map { [ @$_{qw(bytes sha256)} ] } @{ $fake->state('youtube')->{videos} }{@new} ], [ [ 700_000, sha256_hex($bytes) ], [ 700_000, undef ] ], 'their size is known, and their digest if it is asked for');
};

subtest 'who comes last writes' => sub {
	my $uri = location(session());
	$fake->faults({ on => 'videos.upload', times => 1, pause => 'body', pause_at => 1 });
	my $child = fork // die "fork: $!\n";
	if (!$child) { put($uri, 0, 700_000); POSIX::_exit(0); }
	$fake->wait_paused(1);
	my ($at) = (status($uri)->{headers}{range} // '') =~ /-(\d+)$/;
	my $from = defined $at ? $at + 1 : 0;
	is(put($uri, $from, 700_000 - $from)->{status}, 201, 'while the first one stands still, the second one brings the rest');
	$fake->release;
	waitpid $child, 0;
	my ($made) = sort { $b->{number} <=> $a->{number} } videos();
	is($made->{sha256}, sha256_hex($bytes), 'nothing is written twice');
	$fake->faults;
	$fake->forget;
};

subtest 'many at once, and nothing goes well' => sub {
	my $before = videos();
	my $clients = 12;
	$fake->faults({ on => 'videos.upload', where => { 'content-range' => '^bytes \d' }, every => 3, cut_request => 123_457 }, { on => 'videos.upload', every => 5, status => 503 },
		{ on => 'videos.upload', every => 4, lose => 1 }, { on => 'videos.upload', every => 7, cut_answer => 40, reset => 1 });
	my @children = map {
		my $child = fork // die "fork: $!\n";
		if (!$child)
		{
			my $uri = location(session());
			for (1 .. 200)
			{
				my $answer = status($uri);
				POSIX::_exit(0) if $answer->{status} == 201;
				next if $answer->{status} != 308;
				my $from = ($answer->{headers}{range} // '') =~ /-(\d+)$/ ? $1 + 1 : 0;
				my $count = 700_000 - $from;
				put($uri, $from, $count > 262_144 ? 262_144 : $count);
			}
			POSIX::_exit(1);
		}
		$child;
	} 1 .. $clients;
	my $failed = grep { waitpid($_, 0) < 0 || $? } @children;
	$fake->faults;
	is($failed, 0, 'all clients come to an end');
	is(scalar(videos()), $before + $clients, 'each has one video');
	is(scalar(grep { defined $_->{sha256} && $_->{sha256} ne sha256_hex($bytes) } videos()), 0, 'with the bytes that were sent');
};

subtest 'sessions that are refused' => sub {
	my %wrong = (
		'title of 101' => [ snippet => title => 'x' x 101, '400 invalidTitle' ], 'title with <' => [ snippet => title => 'a < b', '400 invalidTitle' ], 'empty title' => [ snippet => title => ' ', '400 invalidTitle' ],
		'description of 5001 bytes' => [ snippet => description => ("\x{416}" x 2500) . 'x', '400 invalidDescription' ], 'description with >' => [ snippet => description => 'a > b', '400 invalidDescription' ],
		'tags of 501' => [ snippet => tags => [ 'x' x 250, 'y' x 250 ], '400 invalidTags' ], 'tags of 501 with quotation marks' => [ snippet => tags => [ 'x' x 250, 'y ' x 124 ], '400 invalidTags' ],
		'category' => [ snippet => categoryId => '21', '400 invalidCategoryId' ], 'unknown member' => [ snippet => colour => 'red', '400 badRequest' ], 'a text that is none' => [ snippet => title => ['x'], '400 badRequest' ],
		'privacy' => [ status => privacyStatus => 'secret', '400 invalidVideoMetadata' ], 'publishAt of a public video' => [ status => publishAt => '2030-01-01T00:00:00Z', '400 invalidPublishAt' ], 'license' => [ status => license => 'mit', '400 invalidVideoMetadata' ],
		'a flag as text' => [ status => embeddable => 'true', '400 badRequest' ]);
	for my $name (sort keys %wrong)
	{
		my ($part, $member, $one, $expected) = @{ $wrong{$name} };
		is(reason(session({ %$video, $part => { %{ $video->{$part} }, $member => $one } })), $expected, $name);
	}
	my %right = ('title of 100' => [ snippet => title => "\x{416}" x 100 ], 'description of 5000 bytes' => [ snippet => description => "\x{416}" x 2500 ], 'tags of 500' => [ snippet => tags => [ 'x' x 250, 'y' x 249 ] ],
		'Foo Baz counts nine' => [ snippet => tags => [ 'x' x 490, 'Foo Baz' ] ], 'privacy' => [ status => privacyStatus => 'unlisted' ]);
	for my $name (sort keys %right)
	{
		my ($part, $member, $one) = @{ $right{$name} };
		is(session({ %$video, $part => { %{ $video->{$part} }, $member => $one } })->{status}, 200, $name);
	}
	is(session({ %$video, status => { privacyStatus => 'private', publishAt => '2030-01-01T00:00:00Z' } })->{status}, 200, 'publishAt of a private video');
	is(reason(session($video, url => "$url{upload}/videos?uploadType=resumable&part=snippet")), '400 unexpectedPart', 'a part that is not named');
	is(reason(session($video, url => "$url{upload}/videos?uploadType=resumable")), '400 missingRequiredParameter', 'no part');
	is(reason(session($video, url => "$insert,colour")), '400 unknownPart', 'an unknown part');
	is(reason(session($video, url => "$insert&colour=red")), '400 badRequest', 'an unknown parameter');
	is(reason(session($video, 'Content-Type' => 'text/plain')), '415 unsupportedMediaType', 'another content type');
	is(reason(session($video, 'X-Upload-Content-Type' => 'text/html')), '400 badRequest', 'something that is no video');
	is(reason(session($video, 'X-Upload-Content-Length' => undef)), '400 badRequest', 'no length');
	is(reason(session($video, 'X-Upload-Content-Length' => '0')), '400 mediaBodyRequired', 'no bytes');
	my $uri = location(session());
	is(reason(put($uri, 0, 100_000)), '400 badRequest', 'a chunk that is no multiple of 256 KiB');
	is(reason(ask(PUT => $uri, $bytes, 'Content-Range' => 'bytes 0-699999/700001')), '400 badRequest', 'another total');
	is(reason(ask(PUT => $uri, substr($bytes, 1), 'Content-Range' => 'bytes 0-699999/700000')), '400 badRequest', 'a length that is not that of the range');
	is(reason(ask(PUT => $uri, substr($bytes, 1))), '400 badRequest', 'less than was announced');
	is(reason(ask(PUT => $uri, $bytes, 'Content-Range' => '0-699999/700000')), '400 badRequest', 'a range in other words');
	is(reason(ask(PUT => $uri, $bytes, 'Content-Type' => 'video/mp4')), '400 badRequest', 'another type than was announced');
	is(reason(ask(PUT => $uri, $bytes, Authorization => undef)), '401 required', 'no token');
	is(ask(PUT => $uri, $bytes)->{status}, 201, 'the session can still be used');
};

subtest 'videos' => sub {
	my ($id) = map { value(put(location(session()), 0, 700_000))->{id} } 1;
	my $list = "$url{api}/videos?part=snippet,status,processingDetails&id=$id";
	my @states = map { value(ask(GET => $list))->{items}[0] } 1 .. 2;
	is_deeply([ map { $_->{processingDetails}{processingStatus} } @states ], [ 'processing', 'succeeded' ], 'a video is processed after it was asked for');
	is_deeply($states[0]{snippet}{tags}, $video->{snippet}{tags}, 'what was said of it');
	is_deeply(value(ask(GET => "$url{api}/videos?part=id&id=nobody"))->{items}, [], 'an unknown one is not in the list');
	is(reason(ask(GET => "$url{api}/videos?part=id")), '400 missingRequiredParameter', 'no filter');
	is(reason(ask(GET => "$url{api}/videos?part=id&id=$id&myRating=like")), '400 incompatibleParameters', 'two filters');
	my $update = "$url{api}/videos?part=snippet";
	is(reason(ask(PUT => $update, { id => $id, snippet => { title => 'New' } })), '400 invalidVideoMetadata', 'an update without category');
	is(reason(ask(PUT => $update, { id => 'nobody', snippet => { title => 'New', categoryId => '27' } })), '404 videoNotFound', 'one of an unknown video');
	my $new = value(ask(PUT => $update, { id => $id, snippet => { title => 'New', categoryId => '27' } }));
	is_deeply([ @{ $new->{snippet} }{qw(title description tags)} ], [ 'New', '', undef ], 'what an update does not say is deleted');
	is(value(ask(GET => $list))->{items}[0]{status}{embeddable}, JSON::PP::true, '... in the parts that are named only');
	ask(PUT => "$url{api}/videos?part=status", { id => $id, status => { privacyStatus => 'private', embeddable => JSON::PP::false } });
	is(value(ask(PUT => "$url{api}/videos?part=status", { id => $id, status => {} }))->{status}{privacyStatus}, 'public', 'privacy that is not said becomes public');
	is(reason(ask(PUT => "$url{api}/videos?part=status", { id => $id, status => { privacyStatus => 'private', publishAt => '2030-01-01T00:00:00Z' } })), '400 invalidPublishAt', 'publishAt of a video that was public');
	is(ask(DELETE => "$url{api}/videos?id=$id")->{status}, 204, 'deleted');
	is(reason(ask(DELETE => "$url{api}/videos?id=$id")), '404 videoNotFound', '... once');
};

subtest 'lists' => sub {
	my $channel = value(ask(GET => "$url{api}/channels?part=snippet,contentDetails&mine=true"))->{items}[0];
	my $uploads = $channel->{contentDetails}{relatedPlaylists}{uploads};
	like($channel->{id}, qr/^UC/, 'the channel');
	is(reason(ask(GET => "$url{api}/channels?part=id")), '400 missingRequiredParameter', 'without a filter');
	$fake->set(youtube => { lag => 2 });
	my $id = value(put(location(session({ %$video, snippet => { %{ $video->{snippet} }, tags => ['leap:42'] } })), 0, 700_000))->{id};
	my @seen = map { scalar grep { $_->{contentDetails}{videoId} eq $id } @{ value(ask(GET => "$url{api}/playlistItems?part=contentDetails&maxResults=50&playlistId=$uploads"))->{items} } } 1 .. 3;
	is_deeply(\@seen, [ 0, 0, 1 ], 'a new video appears in the third list');
	$fake->set(youtube => { lag => 0 });
	is_deeply([ map { $_->{id}{videoId} } @{ value(ask(GET => "$url{api}/search?part=snippet&forMine=true&type=video&q=leap:42"))->{items} } ], [$id], 'and can be looked for');
	my (@all, $page);
	do
	{
		my $answer = value(ask(GET => "$url{api}/playlistItems?part=contentDetails&maxResults=2&playlistId=$uploads" . ($page ? "&pageToken=$page" : '')));
		push @all, map { $_->{contentDetails}{videoId} } @{ $answer->{items} };
		$page = $answer->{nextPageToken};
	} while ($page);
	is_deeply([ sort @all ], [ sort map { $_->{id} } videos() ], 'page after page, each is there once');
	is(reason(ask(GET => "$url{api}/playlistItems?part=id&playlistId=$uploads&pageToken=x")), '400 invalidPageToken', 'a wrong page');
	is(reason(ask(GET => "$url{api}/playlistItems?part=id&playlistId=$uploads&maxResults=51")), '400 badRequest', 'too many a page');
	my $made = value(ask(POST => "$url{api}/playlists?part=snippet,status", { snippet => { title => 'Sample playlist created via API', description => 'This is a sample playlist description.', tags => [ 'sample playlist', 'API call' ], defaultLanguage => 'en' }, status => { privacyStatus => 'private' } }));
	like($made->{id}, qr/^PL/, 'a playlist');
	is(reason(ask(POST => "$url{api}/playlists?part=snippet", { snippet => { title => '' } })), '400 playlistTitleRequired', 'one without a title');
	is_deeply([ map { $_->{id} } @{ value(ask(GET => "$url{api}/playlists?part=snippet,contentDetails&mine=true"))->{items} } ], [ $made->{id} ], 'the own playlists');
	my $item = { snippet => { playlistId => $made->{id}, position => 0, resourceId => { kind => 'youtube#video', videoId => $id } } };
	is(ask(POST => "$url{api}/playlistItems?part=snippet", $item)->{status}, 200, 'a video in it');
	is(ask(POST => "$url{api}/playlistItems?part=snippet", $item)->{status}, 200, 'twice');
	is_deeply([ map { $_->{contentDetails}{videoId} } @{ value(ask(GET => "$url{api}/playlistItems?part=contentDetails&playlistId=$made->{id}&videoId=$id"))->{items} } ], [ $id, $id ], '... and so it is there twice');
	is(reason(ask(POST => "$url{api}/playlistItems?part=snippet", { snippet => { playlistId => 'PLx', resourceId => $item->{snippet}{resourceId} } })), '404 playlistNotFound', 'an unknown playlist');
	is(reason(ask(POST => "$url{api}/playlistItems?part=snippet", { snippet => { playlistId => $made->{id}, resourceId => { kind => 'youtube#video', videoId => 'nobody' } } })), '404 videoNotFound', 'an unknown video');
	is(reason(ask(POST => "$url{api}/playlistItems?part=snippet", { snippet => { playlistId => $made->{id} } })), '400 resourceIdRequired', 'no video');
	is(reason(ask(POST => "$url{api}/playlistItems?part=snippet", { snippet => { %{ $item->{snippet} }, position => 9 } })), '400 invalidPlaylistItemPosition', 'a position behind the end');
	is(reason(ask(POST => "$url{api}/playlistItems?part=id", $item)), '400 unexpectedPart', 'a part that is not named');
	$fake->set(youtube => { manual_sort => 0, refuse_duplicates => 1 });
	is(reason(ask(POST => "$url{api}/playlistItems?part=snippet", $item)), '409 videoAlreadyInPlaylist', 'a list that refuses what it holds');
	$fake->set(youtube => { refuse_duplicates => 0 });
	is(reason(ask(POST => "$url{api}/playlistItems?part=snippet", $item)), '400 manualSortRequired', 'a list that sorts by itself refuses positions');
	delete $item->{snippet}{position};
	is(ask(POST => "$url{api}/playlistItems?part=snippet", $item)->{status}, 200, '... and takes the video without one');
	$fake->set(youtube => { manual_sort => 1, slow_playlists => 1 });
	my $fresh = value(ask(POST => "$url{api}/playlists?part=snippet", { snippet => { title => 'Fresh' } }))->{id};
	my @first = map { reason(ask(POST => "$url{api}/playlistItems?part=snippet", { snippet => { %{ $item->{snippet} }, playlistId => $fresh } })) } 1 .. 2;
	is_deeply(\@first, [ '409 SERVICE_UNAVAILABLE', '200 ' ], 'a new list that is not ready');
	$fake->set(youtube => { slow_playlists => 0 });
};

subtest 'thumbnails and captions' => sub {
	my ($id) = map { $_->{id} } videos();
	my $set = "$url{upload}/thumbnails/set?videoId=$id";
	my $jpeg = "\xff\xd8\xff\xe0" . 'x' x 1000;
	is(ask(POST => $set, $jpeg, 'Content-Type' => 'image/jpeg')->{status}, 200, 'a thumbnail');
	is($fake->state('youtube')->{videos}{$id}{thumbnail}{sha256}, sha256_hex($jpeg), 'is there');
	is(reason(ask(POST => $set, $jpeg, 'Content-Type' => 'image/gif')), '400 badRequest', 'another type');
	is(reason(ask(POST => $set, 'GIF89a', 'Content-Type' => 'image/png')), '400 invalidImage', 'no image');
	is(reason(ask(POST => $set, '', 'Content-Type' => 'image/png')), '400 mediaBodyRequired', 'nothing');
	is(reason(ask(POST => $set, $jpeg . 'x' x 2_097_152, 'Content-Type' => 'image/jpeg')), '413 uploadTooLarge', 'more than 2 MiB');
	is(reason(ask(POST => "$url{upload}/thumbnails/set?videoId=nobody", $jpeg, 'Content-Type' => 'image/jpeg')), '404 videoNotFound', 'of an unknown video');
	my $captions = "$url{upload}/captions?uploadType=multipart&part=snippet";
	my $vtt = "WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n";
	my $caption = sub {
		my ($snippet, $text, %headers) = @_;
		my $body = "--B\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n" . $json->encode({ snippet => $snippet }) . "\r\n--B\r\nContent-Type: application/octet-stream\r\n\r\n$text\r\n--B--\r\n";
		return ask(POST => $captions, $body, 'Content-Type' => 'multipart/related; boundary=B', %headers);
	};
	my %snippet = (videoId => $id, language => 'ru', name => '');
	my $made = $caption->(\%snippet, $vtt);
	is($made->{status}, 200, 'a caption track');
	is_deeply([ map { [ @$_{qw(language sha256)} ] } values %{ $fake->state('youtube')->{captions} } ], [ [ 'ru', sha256_hex($vtt) ] ], 'is there');
	is(reason($caption->(\%snippet, $vtt)), '409 captionExists', 'the same language and name again');
	is(reason($caption->({ %snippet, name => 'x' x 151 }, $vtt)), '400 nameTooLong', 'a name of 151');
	is(reason($caption->({ %snippet, language => 'Russian!' }, $vtt)), '400 invalidMetadata', 'a language that is none');
	is(reason($caption->({ %snippet, name => 'b' }, '')), '400 contentRequired', 'no file');
	is(reason($caption->({ %snippet, videoId => 'nobody' }, $vtt)), '404 videoNotFound', 'of an unknown video');
	is(reason($caption->(\%snippet, $vtt, 'Content-Type' => 'multipart/form-data; boundary=B')), '400 badContent', 'a form');
	my $list = value(ask(GET => "$url{api}/captions?part=snippet&videoId=$id"));
	is_deeply([ map { $_->{snippet}{language} } @{ $list->{items} } ], ['ru'], 'the tracks of a video');
	my $track = $list->{items}[0]{id};
	my $srt = "1\r\n00:00:00,000 --> 00:00:01,000\r\nHello\r\n";
	my $again = "--B\r\nContent-Type: application/json\r\n\r\n" . $json->encode({ id => $track }) . "\r\n--B\r\nContent-Type: text/plain\r\n\r\n$srt\r\n--B--";
	is(ask(PUT => "$url{upload}/captions?uploadType=multipart&part=snippet", $again, 'Content-Type' => 'multipart/related; boundary="B"')->{status}, 200, 'another file for a track');
	is($fake->state('youtube')->{captions}{$track}{sha256}, sha256_hex($srt), 'is there');
	is(value(ask(PUT => "$url{api}/captions?part=snippet", { id => $track, snippet => { isDraft => JSON::PP::true } }))->{snippet}{isDraft}, JSON::PP::true, 'a track becomes a draft');
	is(reason(ask(PUT => "$url{api}/captions?part=snippet", { id => 'nobody' })), '404 captionNotFound', 'an unknown track');
	is(ask(DELETE => "$url{api}/captions?id=$track")->{status}, 204, 'deleted');
	$token = $fake->grant('youtube', scope => 'https://www.googleapis.com/auth/youtube')->{access_token};
	is(reason($caption->(\%snippet, $vtt)), '403 insufficientPermissions', 'captions need youtube.force-ssl');
	$token = $fake->grant('youtube')->{access_token};
};

subtest 'quota and other errors' => sub {
	my $list = "$url{api}/channels?part=id&mine=true";
	$fake->faults(map { { on => 'channels.list', times => 1, %$_ } } { reason => 'rateLimitExceeded' }, { reason => 'quotaExceeded' }, { reason => 'backendError' }, { status => 500 }, { reason => 'uploadLimitExceeded' });
	is_deeply([ map { reason(ask(GET => $list)) } 1 .. 5 ], [ '403 rateLimitExceeded', '403 quotaExceeded', '503 backendError', '500 internalError', '400 uploadLimitExceeded' ], 'errors in the words of the documents');
	$fake->faults;
	my ($spent) = map { $_->{units} } map { $_->{ (sort keys %$_)[-1] } } $fake->state('youtube')->{quota};
	$fake->set(youtube => { units => $spent + 51 });
	is(ask(GET => $list)->{status}, 200, 'a list costs a unit');
	is(reason(ask(DELETE => "$url{api}/videos?id=nobody")), '404 videoNotFound', 'a deletion costs 50, also in vain');
	is(reason(ask(GET => $list)), '403 quotaExceeded', 'the units of the day are spent');
	$fake->advance(86_400);
	$token = $fake->grant('youtube')->{access_token};
	is(ask(GET => $list)->{status}, 200, 'another day');
	$fake->set(youtube => { inserts => 1 });
	is(session()->{status}, 200, 'one upload a day');
	is(reason(session()), '403 quotaExceeded', '... and not two');
};

done_testing;
