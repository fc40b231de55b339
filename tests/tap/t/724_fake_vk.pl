# tests/tap/t/724_fake_vk.pl
#     The fake of VK does what VK's documents say: each example in them is accepted and answered as it is there, what they forbid is
#     refused in their words, and what a test wants to go wrong does. docs/platforms/vk.md names the documents.
use strict;
use warnings;

use Digest::SHA qw(sha256 sha256_hex);
use FakePlatform;
use File::Temp qw(tempdir);
use HTTP::Tiny;
use JSON::PP;
use MIME::Base64 qw(encode_base64url);
use Test::More;
use utf8;

my $USER = 743784474;    # the one of the documents' examples
my $GROUP = 218861756;
my $fake = FakePlatform->start(tempdir(CLEANUP => 1), platforms => ['vk'], vk => { rate => 0, processing => 1 });
my $http = HTTP::Tiny->new(timeout => 30, max_redirect => 0);
my $api = $fake->url('vk.api');
my $film = join '', map { chr($_ * 11 % 251) } 1 .. 400_000;

sub value { my ($answer) = @_; return eval { decode_json($answer->{content}) } // { none => $answer->{content} }; }

# One call by POST: its answer, whole.
sub call
{
	my ($method, %given) = @_;
	my %form = (access_token => 'vk-secret', v => '5.199', %given);
	delete @form{ grep { !defined $form{$_} } keys %form };
	return value($http->post_form("$api/$method", \%form));
}

sub response { my $answer = call(@_); diag(explain($answer)) if !exists $answer->{response}; return $answer->{response}; }

# "5 User authorization failed: ..." of a call that was refused.
sub refusal { my $answer = call(@_); return $answer->{error} ? "$answer->{error}{error_code} $answer->{error}{error_msg}" : 'none'; }

# A form with one file, as "curl -F field=@file" sends it.
sub send_file
{
	my ($url, $field, $bytes, %options) = @_;
	my $name = $options{name} // 'video.mp4';
	my $form = "--xyz\r\nContent-Disposition: form-data; name=\"$field\"; filename=\"$name\"\r\nContent-Type: video/mp4\r\n\r\n$bytes\r\n--xyz"
	  . ($options{more} // '') . "--\r\n";
	return $http->post($url, { headers => { 'Content-Type' => 'multipart/form-data; boundary=xyz' }, content => $form });
}

subtest 'examples of the documents: calls' => sub {
	my $answer = value($http->post("$api/users.get?user_ids=$USER&fields=bdate&access_token=vk-secret&v=5.131"));
	is_deeply([ @{ $answer->{response}[0] }{qw(id first_name last_name bdate)} ], [ $USER, 'Персик', 'Рыжий', '21.12.2000' ], 'users.get, by POST with everything in the address');
	is_deeply(value($http->get("$api/users.get?user_ids=$USER&fields=bdate&access_token=vk-secret&v=5.131")), $answer, '... by GET: the verbs are equivalent');
	is_deeply(value($http->get("$api/users.get?fields=bdate&v=5.131", { headers => { Authorization => 'Bearer vk-secret' } })), $answer, '... with the token in a header');
	my $form = "--b\r\nContent-Disposition: form-data; name=\"access_token\"\r\n\r\nvk-secret\r\n--b\r\nContent-Disposition: form-data; name=\"v\"\r\n\r\n5.131\r\n--b--\r\n";
	my $saved = value($http->post("$api/video.save", { headers => { 'Content-Type' => 'multipart/form-data; boundary=b' }, content => $form }))->{response};
	is_deeply([ sort keys %$saved ], [qw(access_key description owner_id title upload_url video_id)], 'video.save as curl -F: the members of its answer');
	is_deeply([ @$saved{qw(description owner_id title video_id)} ], [ '', $USER, 'Untitled', 456239017 ], '... are those of the example');
	like($saved->{upload_url}, qr{^http://127\.0\.0\.1:\d+/upload\.do\?sig=\w+&expires=\d{13}&clientType=14&vkOwnerId=$USER&vkVideoId=456239017&vkUserId=$USER&vkVideoHash=\w+&saveOriginal=1$},
		'... with such an address');
	my $came = value(send_file($saved->{upload_url}, 'video_file', $film));
	is_deeply([ sort keys %$came ], [qw(direct_link owner_id size video_hash video_id)], 'the file is sent: the members of the answer');
	is_deeply([ @$came{qw(owner_id size video_id)} ], [ $USER, length $film, 456239017 ], '... name the video');
	is($fake->state('vk')->{videos}{"${USER}_456239017"}{sha256}, sha256_hex($film), 'and these are its bytes');
	my $groups = response('groups.getById', group_id => $GROUP);
	is($groups->{groups}[0]{id}, $GROUP, 'groups.getById');
	is(ref(response('groups.getById', group_id => $GROUP, v => '5.131')), 'ARRAY', '... was a list before 5.139');
};

subtest 'examples of the documents: errors' => sub {
	$fake->faults({ on => 'users.get', times => 1, reason => 14 });
	my $error = value($http->get("$api/users.get?user_ids=66748&access_token=vk-secret&v=5.199"))->{error};
	is_deeply([ @$error{qw(error_code error_msg captcha_sid captcha_img)} ],
		[ 14, 'Captcha needed', '239633676097', 'https://api.vk.com/captcha.php?sid=239633676097&s=1' ], 'a captcha, in the older form');
	is_deeply([ grep { $_->{key} eq 'access_token' } @{ $error->{request_params} } ], [], 'what was asked is told, without the token');
	is_deeply({ map { @$_{qw(key value)} } @{ $error->{request_params} } }, { method => 'users.get', oauth => '1', user_ids => 66748, v => '5.199' }, '... as a list of pairs');
	$fake->faults({ on => 'users.get', times => 1, reason => 14, redirect_uri => 'https://id.vk.com/not_robot_captcha?session_token=x', remixstlid => 90697 });
	$error = call('users.get')->{error};
	is_deeply([ @$error{qw(redirect_uri remixstlid)} ], [ 'https://id.vk.com/not_robot_captcha?session_token=x', 90697 ], '... and in the newer one');
	for my $code (1, 5, 6, 9, 10, 14, 15, 17, 28, 29, 100, 204, 214, 800)
	{
		$fake->faults({ on => 'video\.get', times => 1, reason => $code });
		is(call('video.get')->{error}{error_code}, $code, "error $code, where a test wants it");
	}
	$fake->faults({ on => 'video\.get', times => 1, status => 502 });
	is(call('video.get')->{none} =~ /502/, 1, 'a gateway that answers with a page');
};

# [name, method, parameters, what it says]
for my $case (
	[ 'no version', 'users.get', { v => undef }, qr/^8 Invalid request: v \(version\) is required/ ],
	[ 'an old version', 'users.get', { v => '5.21' }, qr/^8 .*versions below 5\.81 are deprecated/ ],
	[ 'another version', 'users.get', { v => '6.0' }, qr/^8 / ],
	[ 'no token', 'users.get', { access_token => undef }, qr/^5 User authorization failed: no access_token passed/ ],
	[ 'another token', 'users.get', { access_token => 'x' }, qr/^5 User authorization failed: invalid access_token/ ],
	[ 'an unknown method', 'video.upload', {}, qr/^3 Unknown method passed/ ],
	[ 'a method in another case', 'video.Save', {}, qr/^3 / ],
	[ 'an unknown parameter', 'video.save', { title => 'x' }, qr/^100 .*title is unknown/ ],
	[ 'a long name', 'video.save', { name => 'ж' x 129 }, qr/^100 .*name is longer than 128/ ],
	[ 'a long description', 'video.save', { description => 'x' x 5001 }, qr/^100 .*description/ ],
	[ 'a flag that is none', 'video.save', { wallpost => 'true' }, qr/^100 .*wallpost/ ],
	[ 'a privacy that is none', 'video.save', { privacy_view => 'everybody' }, qr/^100 .*privacy_view/ ],
	[ 'a group with its sign', 'video.save', { group_id => -$GROUP }, qr/^100 .*group_id/ ],
	[ 'a group of others', 'video.save', { group_id => 1 }, qr/^204 Access denied/ ],
	[ 'an album that is not there', 'video.save', { album_id => 77 }, qr/^204 / ],
	[ 'no id of a video', 'video.delete', { owner_id => $USER }, qr/^100 .*video_id is undefined/ ],
	[ 'a video that is not there', 'video.edit', { owner_id => $USER, video_id => 5, name => 'x' }, qr/^204 / ],
	[ 'more than a page', 'video.get', { count => 201 }, qr/^100 .*count should be less or equal to 200/ ],
	[ 'an album without a title', 'video.addAlbum', {}, qr/^100 .*title/ ],
	[ 'a cover that nobody sent', 'video.saveUploadedThumb', { owner_id => $USER, thumb_json => '{"token":"x"}' }, qr/^129 Invalid photo/ ],
	[ 'a post with nothing in it', 'wall.post', {}, qr/^100 .*message or attachments/ ],
	[ 'two links in a post', 'wall.post', { attachments => 'http://a.b,http://c.d' }, qr/^100 .*more than one link/ ],
	[ 'a post with a video that is not there', 'wall.post', { attachments => 'video1_2' }, qr/^100 / ],
	[ 'a post on a wall of others', 'wall.post', { owner_id => -1, message => 'x' }, qr/^214 Access to adding post denied/ ],
	[ 'a group that is not there', 'groups.getById', { group_id => 5 }, qr/^125 / ],
  )
{
	my ($name, $method, $given, $words) = @$case;
	like(refusal($method, %$given), $words, "refused: $name");
}
is(refusal('video.save', name => 'ж' x 128, description => 'ж' x 5000), 'none', 'limits count characters, not bytes');
is(value($http->post("$api/users.get?v=5.199&access_token=vk-secret", { headers => { 'Content-Type' => 'application/json' }, content => '{}' }))->{error}{error_code}, 8,
	'refused: a body of JSON');

subtest 'rights and limits' => sub {
	$fake->set(vk => { tokens => { poor => { scope => 'wall' }, rich => { scope => 'video,wall,groups' }, elsewhere => { scope => 'video', other_address => 1 } } });
	like(refusal('video.get', access_token => 'poor'), qr/^15 Access denied: no access to call this method/, 'a token without the right to videos');
	is(refusal('video.get', access_token => 'rich'), 'none', '... with it');
	like(refusal('users.get', access_token => 'elsewhere'), qr/^5 .*another ip address/, 'a token of another address');
	$fake->set(vk => { tokens => undef, rate => 3 });
	$fake->advance(2);
	my @codes = map { call('users.get')->{error}{error_code} // 0 } 1 .. 4;
	is_deeply(\@codes, [ 0, 0, 0, 6 ], 'three calls in a second, not four');
	$fake->advance(1.01);
	is(refusal('users.get'), 'none', 'but more in the next one');
	$fake->set(vk => { rate => 0, day_limits => { 'video.save' => 0 } });
	like(refusal('video.save'), qr/^29 Rate limit reached/, 'so many video.save a day');
	$fake->set(vk => { day_limits => {} });
};

subtest 'a video from its reservation to its end' => sub {
	my $saved = response('video.save', name => 'Лекция 1', description => "a\nb", privacy_view => 'nobody', no_comments => 0, repeat => 0, compression => 0, group_id => $GROUP);
	is($saved->{owner_id}, -$GROUP, 'a video of a group has its id with a sign');
	my $name = "$saved->{owner_id}_$saved->{video_id}";
	is(response('video.get', videos => $name)->{count}, 0, 'without bytes nothing is to be seen of it');
	$fake->set(vk => { reserved => 'processing' });
	is(response('video.get', videos => $name)->{items}[0]{processing}, 1, '... or it is being processed for ever, as a test wants it');
	$fake->set(vk => { reserved => 'hidden' });
	is(send_file($saved->{upload_url}, 'file', $film)->{status}, 400, 'another field than video_file');
	is(send_file($saved->{upload_url}, 'video_file', '')->{status}, 400, 'an empty file');
	is(send_file($saved->{upload_url}, 'video_file', $film, name => 'video.exe')->{status}, 400, 'a format that is unknown');
	is($http->post("$saved->{upload_url}", { content => $film, headers => { 'Content-Type' => 'video/mp4' } })->{status}, 400, 'bytes that are no form');
	is(send_file($saved->{upload_url} =~ s/sig=./sig=_/r, 'video_file', $film)->{status}, 400, 'another signature');
	is(send_file($saved->{upload_url}, 'video_file', $film)->{status}, 200, 'the file');
	is(send_file($saved->{upload_url}, 'video_file', $film)->{status}, 400, 'it takes no second one');
	my @told = map { response('video.get', videos => $name)->{items}[0] } 1, 2;
	is_deeply([ map { $_->{processing} // 0 } @told ], [ 1, 0 ], 'it is processed, and then it is done');
	is_deeply([ @{ $told[1] }{qw(id owner_id title description)} ], [ $saved->{video_id}, -$GROUP, 'Лекция 1', "a\nb" ], 'and is what was asked for');
	is_deeply(response('video.edit', owner_id => -$GROUP, video_id => $saved->{video_id}, desc => 'c'), { success => 1, access_key => $saved->{access_key} }, 'video.edit');
	my $now = response('video.get', videos => $name)->{items}[0];
	is_deeply([ @$now{qw(title description)} ], [ 'Лекция 1', 'c' ], '... changes what is given');
	is(response('video.delete', owner_id => -$GROUP, video_id => $saved->{video_id}), 1, 'video.delete');
	like(refusal('video.delete', owner_id => -$GROUP, video_id => $saved->{video_id}), qr/^204 /, '... only once');
	is(response('video.get', videos => $name)->{count}, 0, 'and it is gone');
};

subtest 'an upload_url expires' => sub {
	my $saved = response('video.save');
	$fake->advance(86401);
	my $answer = send_file($saved->{upload_url}, 'video_file', $film);
	is($answer->{status}, 400, 'after a day');
	like(value($answer)->{error_descr}, qr/expired/, '... and says so');
};

subtest 'what breaks' => sub {
	my $saved = response('video.save', name => 'cut');
	my $name = "${USER}_$saved->{video_id}";
	$fake->faults({ on => 'upload', times => 1, cut_request => 100_000 });
	is(send_file($saved->{upload_url}, 'video_file', $film)->{status}, 599, 'the connection ends within the file');
	is($fake->state('vk')->{videos}{$name}{there}, 0, '... and the video has no bytes');
	my $half = "--xyz\r\nContent-Disposition: form-data; name=\"video_file\"; filename=\"v.mp4\"\r\n\r\nabc\r\n";
	is($http->post($saved->{upload_url}, { headers => { 'Content-Type' => 'multipart/form-data; boundary=xyz' }, content => $half })->{status}, 400, 'a form without an end');
	$fake->faults({ on => 'upload', times => 1, lose => 1 });
	is(send_file($saved->{upload_url}, 'video_file', $film)->{status}, 599, 'the answer is lost');
	is($fake->state('vk')->{videos}{$name}{sha256}, sha256_hex($film), '... but the video is there');
	$fake->faults({ on => 'video\.save', times => 1, lose => 1 });
	call('video.save', name => 'lost');
	is(scalar(grep { $_->{title} eq 'lost' } values %{ $fake->state('vk')->{videos} }), 1, 'an answer to video.save that is lost leaves a reservation');
	$fake->stop;
	$fake->go;
	is(response('video.get', videos => $name)->{count}, 1, 'a service that was away comes back with all it knew');
};

subtest 'lists' => sub {
	my @ids = map { my $saved = response('video.save', name => "list $_"); send_file($saved->{upload_url}, 'video_file', "film $_"); $saved->{video_id} } 1 .. 5;
	my $all = response('video.get', count => 2);
	is_deeply([ map { $_->{id} } @{ $all->{items} } ], [ @ids[ 4, 3 ] ], 'the newest first');
	is($all->{count}, scalar(grep { $_->{owner} == $USER && $_->{there} } values %{ $fake->state('vk')->{videos} }), 'of so many');
	is_deeply([ map { $_->{id} } @{ response('video.get', count => 2, offset => 3)->{items} } ], [ @ids[ 1, 0 ] ], 'a later page');
	$fake->set(vk => { lag => 1 });
	my $late = response('video.save', name => 'late');
	send_file($late->{upload_url}, 'video_file', 'late');
	isnt(response('video.get', count => 1)->{items}[0]{id}, $late->{video_id}, 'a list that lags, where a test wants it');
	is(response('video.get', count => 1)->{items}[0]{id}, $late->{video_id}, '... once');
	is(response('video.get', videos => "${USER}_$late->{video_id}")->{count}, 1, 'a video that is named is found at once');
	$fake->set(vk => { lag => 0 });
};

subtest 'albums' => sub {
	my $first = response('video.addAlbum', title => 'Курс')->{album_id};
	my $second = response('video.addAlbum', title => 'Курс')->{album_id};
	isnt($second, $first, 'two albums may have one title');
	my $saved = response('video.save', album_id => $first);
	send_file($saved->{upload_url}, 'video_file', 'in an album');
	is(response('video.get', album_id => $first)->{count}, 1, 'a video is saved into one');
	my %video = (owner_id => $USER, video_id => $saved->{video_id});
	is(response('video.addToAlbum', album_id => $second, %video), 1, 'and added to another');
	like(refusal('video.addToAlbum', album_id => $second, %video), qr/^800 This video is already added/, '... once');
	is_deeply(response('video.getAlbumsByVideo', %video), [ $first, $second ], 'getAlbumsByVideo');
	is(response('video.removeFromAlbum', album_id => $first, %video), 1, 'removeFromAlbum');
	my $albums = response('video.getAlbums', extended => 1);
	is_deeply([ map { [ @$_{qw(id title count)} ] } @{ $albums->{items} } ], [ [ $second, 'Курс', 1 ], [ $first, 'Курс', 0 ] ], 'getAlbums');
	$fake->set(vk => { most_albums => 2 });
	like(refusal('video.addAlbum', title => 'x'), qr/^302 /, 'so many albums');
};

subtest 'a cover' => sub {
	my $saved = response('video.save');
	my $url = response('video.getThumbUploadUrl', owner_id => $USER)->{upload_url};
	my $picture = "\x89PNG\r\n\x1a\n" . 'x' x 1000;
	is(send_file($url, 'file', 'no picture', name => 'a.png')->{status}, 400, 'what is no picture');
	is(send_file($url, 'file', $picture . 'x' x 5_000_000, name => 'a.png')->{status}, 400, 'more than 5 MB');
	my $came = send_file($url, 'file', $picture, name => 'a.png');
	is($came->{status}, 200, 'the picture is sent');
	my %given = (owner_id => $USER, video_id => $saved->{video_id}, set_thumb => 1, thumb_json => $came->{content});
	is_deeply([ sort keys %{ response('video.saveUploadedThumb', %given) } ], [qw(photo_hash photo_id photo_owner_id)], 'and saved with what was answered');
	is($fake->state('vk')->{videos}{"${USER}_$saved->{video_id}"}{thumb}{sha256}, sha256_hex($picture), 'it is that of the video');
	like(refusal('video.saveUploadedThumb', %given, video_id => 1), qr/^204 /, 'not of a video that is not there');
	like(refusal('video.saveUploadedThumb', %given, video_id => undef), qr/^100 /, 'to be set it needs a video');
};

subtest 'posts' => sub {
	my $saved = response('video.save', wallpost => 1);
	is(response('wall.get')->{count}, 0, 'a post of video.save waits for the bytes');
	send_file($saved->{upload_url}, 'video_file', 'on the wall');
	is(response('wall.get')->{count}, 1, '... and comes with them');
	my %post = (message => 'Новая лекция', attachments => "video${USER}_$saved->{video_id}", guid => 'target-7');
	my $id = response('wall.post', %post)->{post_id};
	is(response('wall.post', %post)->{post_id}, $id, 'the same guid is the same post');
	is(response('wall.get')->{count}, 2, '... made once');
	$fake->advance(3601);
	isnt(response('wall.post', %post)->{post_id}, $id, 'but for an hour only');
	is(response('wall.getById', posts => "${USER}_$id")->{items}[0]{text}, 'Новая лекция', 'wall.getById');
	is(response('wall.delete', post_id => $id), 1, 'wall.delete');
	is(response('wall.get')->{count}, 2, '... removes it');
};

my $verifier = 'a' x 43;
my %ask = (response_type => 'code', client_id => '51234567', scope => 'video wall', redirect_uri => 'https://leap.example/oauth/vk/callback', state => 'XXXRandomZZZ',
	code_challenge => encode_base64url(sha256($verifier)), code_challenge_method => 's256');

# The answer to an authorization request: where it leads, and what it takes there.
sub authorize
{
	my (%changes) = @_;
	my %given = (%ask, %changes);
	delete @given{ grep { !defined $given{$_} } keys %given };
	my $answer = $http->get($fake->url('vk.authorize') . '?' . $http->www_form_urlencode(\%given));
	my ($to, $query) = split /\?/, $answer->{headers}{location} // '', 2;
	return ($answer->{status}, $to, { map { s/%([0-9A-F]{2})/chr hex $1/ger } map { split /=/, $_, 2 } split /&/, $query // '' });
}

sub token
{
	my (%given) = @_;
	my $answer = $http->post_form($fake->url('vk.token'), { client_id => '51234567', state => 'XXXRandomZZZ', %given });
	return ($answer->{status}, value($answer));
}

subtest 'VK ID: the code' => sub {
	my ($status, $to, $told) = authorize();
	is_deeply([ $status, $to, sort keys %$told ], [ 302, 'https://leap.example/oauth/vk/callback', qw(code device_id expires_in state type) ], 'a code comes by way of the person');
	is($told->{state}, 'XXXRandomZZZ', 'with the state');
	is((authorize(client_id => 1))[0], 400, 'not for an unknown client');
	is((authorize(redirect_uri => 'https://evil.example/'))[0], 400, 'not to another address');
	for my $case ([ code_challenge => 'short' ], [ code_challenge_method => 'plain' ], [ code_challenge => undef ], [ state => undef ], [ response_type => 'token' ], [ nonce => 1 ])
	{
		is((authorize(@$case))[2]{error}, 'invalid_request', "not with $case->[0] " . ($case->[1] // 'missing'));
	}
	$fake->set(vk => { consent => 'deny' });
	is((authorize())[2]{error}, 'access_denied', 'not if the person does not want it');
	$fake->set(vk => { consent => 'allow' });
};

subtest 'VK ID: tokens' => sub {
	my $told = (authorize())[2];
	my %right = (grant_type => 'authorization_code', code => $told->{code}, code_verifier => $verifier, device_id => $told->{device_id}, redirect_uri => $ask{redirect_uri});
	my ($status, $tokens) = token(%right);
	is_deeply([ $status, sort keys %$tokens ], [ 200, qw(access_token expires_in id_token refresh_token scope state token_type user_id) ], 'a code is exchanged');
	is_deeply([ @$tokens{qw(expires_in token_type user_id state scope)} ], [ 3600, 'Bearer', $USER, 'XXXRandomZZZ', 'video wall' ], '... for an hour');
	is_deeply([ (token(%right))[0], (token(%right))[1]{error} ], [ 400, 'invalid_grant' ], '... once');
	for my $case ([ code_verifier => 'b' x 43 ], [ device_id => 'x' ], [ redirect_uri => 'https://x.example' ], [ code => 'x' ])
	{
		my $again = (authorize())[2];
		is((token(%right, @$again{()}, code => $again->{code}, device_id => $again->{device_id}, @$case))[1]{error}, 'invalid_grant', "not with another $case->[0]");
	}
	my $late = (authorize())[2];
	$fake->advance(601);
	is((token(%right, code => $late->{code}, device_id => $late->{device_id}))[1]{error}, 'invalid_grant', 'not after ten minutes');
	is((token(%right, client_id => 7))[1]{error}, 'invalid_client', 'not for another client');
	is((token(%right, device_id => ''))[1]{error}, 'invalid_request', 'not without device_id');
	is((token(%right, client_secret => 'x'))[1]{error}, 'invalid_request', 'not with what it does not know');
	is((token(grant_type => 'password'))[1]{error}, 'unsupported_grant_type', 'not for a password');
	is(refusal('users.get', access_token => $tokens->{access_token}), 'none', 'the token works');

	my %again = (grant_type => 'refresh_token', refresh_token => $tokens->{refresh_token}, device_id => $told->{device_id});
	is((token(%again, device_id => 'x'))[1]{error}, 'invalid_grant', 'another device gets no new token');
	$fake->advance(3001);
	like(refusal('users.get', access_token => $tokens->{access_token}), qr/^5 User authorization failed: access_token has expired/, 'it expires after an hour');
	my ($fine, $new) = token(%again);
	is($fine, 200, 'and is renewed');
	is((token(%again))[1]{error}, 'invalid_grant', 'the old refresh token is none any more');
	is(refusal('users.get', access_token => $new->{access_token}), 'none', 'the new token works');
	$fake->set(vk => { token_uses => 2 });
	$new = (token(%again, refresh_token => $new->{refresh_token}))[1];
	is_deeply([ map { call('users.get', access_token => $new->{access_token})->{error}{error_code} // 0 } 1 .. 3 ], [ 0, 0, 5 ], 'a token that expires after two calls, where a test wants it');
	$fake->set(vk => { token_uses => undef });
	$new = (token(%again, refresh_token => $new->{refresh_token}))[1];
	my $info = value($http->post_form($fake->url('vk.user_info'), { client_id => '51234567', access_token => $new->{access_token} }));
	is($info->{user}{user_id}, "$USER", 'user_info');
	ok(!exists $info->{user}{email}, '... tells what the scope allows');
	is(value($http->post_form($fake->url('vk.user_info'), { client_id => '51234567', access_token => 'x' }))->{error}, 'invalid_token', '... to who has a token');
	$fake->faults({ on => 'token', times => 1, reason => 'slow_down', status => 429 });
	is_deeply([ (token(%again))[0], (token(%again))[1]{error} ], [ 429, 'invalid_grant' ], 'errors where a test wants them');
	my $revoke = $fake->url('vk.token') =~ s/auth$/revoke/r;
	is(value($http->post_form($revoke, { client_id => '51234567', access_token => $new->{access_token} }))->{response}, 1, 'it is revoked');
	like(refusal('users.get', access_token => $new->{access_token}), qr/^5 /, '... and works no more');
};

done_testing();
