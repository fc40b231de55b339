# tests/tap/t/739_fake_zoom.pl
#     The fake Zoom accepts what Zoom's documents show and refuses what they forbid, as far as the documents could be seen:
#     docs/platforms/zoom.md says of each rule whether it is from a page, from what others quote, or from experience alone.
use strict;
use warnings;

use Digest::SHA qw(sha256);
use FakePlatform;
use File::Temp qw(tempdir);
use HTTP::Tiny;
use JSON::PP;
use MIME::Base64 qw(encode_base64 encode_base64url);
use Test::More;

my $dir = tempdir(CLEANUP => 1);
my $fake = FakePlatform->start("$dir/fake", platforms => ['zoom']);
my $http = HTTP::Tiny->new(timeout => 30, max_redirect => 0);
my %url = %{ $fake->endpoints('zoom') };
my $callback = 'http://127.0.0.1:8080/oauth/zoom/callback';
my $basic = 'Basic ' . encode_base64('ZoomLeapClient:ZoomLeapSecret', '');
my $json = JSON::PP->new->utf8->canonical;
my $token;

sub value { my ($answer) = @_; return $json->decode($answer->{content}); }
sub code { my ($answer) = @_; my $value = eval { value($answer) } // {}; return "$answer->{status} " . ($value->{code} // $value->{error} // ''); }
sub ask { my ($path, %headers) = @_; return $http->get("$url{api}$path", { headers => { Authorization => "Bearer $token", %headers } }); }
sub token_of { my ($fields, %headers) = @_; return $http->post($url{token}, { headers => { 'Content-Type' => 'application/x-www-form-urlencoded', Authorization => $basic, %headers }, content => $http->www_form_urlencode($fields) }); }
sub consent { my (%more) = @_; return $http->get("$url{authorize}?" . $http->www_form_urlencode({ response_type => 'code', client_id => 'ZoomLeapClient', redirect_uri => $callback, state => 'xyz', %more })); }
sub code_of { my ($answer) = @_; my ($code) = ($answer->{headers}{location} // '') =~ /[?&]code=([^&]+)/; return $code; }
sub redeem { my ($code, %more) = @_; return token_of({ grant_type => 'authorization_code', code => $code, redirect_uri => $callback, %more }); }

my $bytes = join '', map { chr($_ * 13 % 249) } 1 .. 300_000;
open my $out, '>:raw', "$dir/lecture.mp4" or die "lecture: $!\n";
print $out $bytes;
close $out;

subtest 'server to server' => sub {
	my $answer = token_of({ grant_type => 'account_credentials', account_id => 'LeapAccount' });
	is($answer->{status}, 200, 'the request of the documents');
	is_deeply([ sort keys %{ value($answer) } ], [qw(access_token api_url expires_in scope token_type)], 'no refresh token');
	is_deeply([ @{ value($answer) }{qw(expires_in token_type)} ], [ 3600, 'bearer' ], 'an hour');
	is($http->post("$url{token}?grant_type=account_credentials&account_id=LeapAccount", { headers => { Authorization => $basic } })->{status}, 200, 'the same in the query');
	is(code(token_of({ grant_type => 'account_credentials', account_id => 'x' })), '400 invalid_request', 'another account');
	is(code(token_of({ grant_type => 'account_credentials', account_id => 'LeapAccount' }, Authorization => 'Basic ' . encode_base64('ZoomLeapClient:x', ''))), '400 invalid_client', 'another secret');
	is(code(token_of({ grant_type => 'account_credentials', account_id => 'LeapAccount', client_id => 'ZoomLeapClient' })), '400 invalid_request', 'an unknown field');
	is(code(token_of({ grant_type => 'password' })), '400 unsupported_grant_type', 'another grant');
	my $second = value(token_of({ grant_type => 'account_credentials', account_id => 'LeapAccount' }))->{access_token};
	$token = value($answer)->{access_token};
	is(ask('/users/me')->{status}, 200, 'two tokens live side by side');
	$fake->set(zoom => { single_token => 1 });
	token_of({ grant_type => 'account_credentials', account_id => 'LeapAccount' });
	is(code(ask('/users/me')), '401 124', '... or the new one ends the others');
	$fake->set(zoom => { single_token => 0 });
};

subtest 'consent' => sub {
	my $verifier = 'v' x 43;
	my @pkce = (code_challenge => encode_base64url(sha256($verifier)), code_challenge_method => 'S256');
	my $answer = consent(@pkce);
	like($answer->{headers}{location}, qr{^\Q$callback\E\?code=[^&]+&state=xyz$}, 'back with code and state');
	is(code(redeem(code_of($answer), code_verifier => 'w' x 43)), '400 invalid_grant', 'another verifier');
	my $code = code_of(consent(@pkce));
	my $got = redeem($code, code_verifier => $verifier);
	is_deeply([ sort keys %{ value($got) } ], [qw(access_token api_url expires_in refresh_token scope token_type)], 'the exchange');
	is(code(redeem($code, code_verifier => $verifier)), '400 invalid_grant', 'a code serves once');
	is(code(redeem(code_of(consent()), redirect_uri => 'http://127.0.0.1/')), '400 invalid_request', 'another redirect_uri');
	$code = code_of(consent());
	$fake->advance(301);
	is(code(redeem($code)), '400 invalid_grant', 'a code lives five minutes');
	is(consent(redirect_uri => 'http://127.0.0.1/')->{status}, 400, 'an address that is not registered');
	is(consent(scope => 'x')->{status}, 400, 'consent asks for no scope');
	my $old = value($got)->{refresh_token};
	my $new = value(token_of({ grant_type => 'refresh_token', refresh_token => $old }));
	isnt($new->{refresh_token}, $old, 'a refresh brings another refresh token');
	is(code(token_of({ grant_type => 'refresh_token', refresh_token => $old })), '400 invalid_grant', '... and the old one has ended');
	$token = $new->{access_token};
	is(value(ask('/users/me'))->{email}, 'teacher@example.org', 'who consented');
	is($http->post_form($url{revoke}, { token => $new->{access_token} }, { headers => { Authorization => $basic } })->{status}, 200, 'revoked');
	is(code(ask('/users/me')), '401 124', '... and ended');
	is(code(token_of({ grant_type => 'refresh_token', refresh_token => $new->{refresh_token} })), '400 invalid_grant', '... with its refresh token');
	my $granted = $fake->grant('zoom');
	$fake->advance(7_776_001);
	is(token_of({ grant_type => 'refresh_token', refresh_token => $granted->{refresh_token} })->{status}, 200, 'a grant of the test has no end');
};

$fake->change(zoom => sub {
	my ($state) = @_;
	$state->{users} = [ { id => 'KdYKjnimT4KPd8FFgQt9FQ', email => 'teacher@example.org' }, { id => 'z8dsdsdsdsdCfp8uQ', email => 'second@example.org' } ];
	$state->{meetings} = [
		{ uuid => 'BOKXuumlTAGXuqwr3bLyuQ==', id => 6840331980, topic => 'My Personal Meeting', start => '2026-10-05T10:00:00Z', duration => 20, auto_delete_date => '2026-12-01', passcode => 'yNYIS408EJygs7rE5vVsJwXIz4-VW7MH',
			files => [ { path => "$dir/lecture.mp4", start => '2026-10-05T10:00:00Z', end => '2026-10-05T10:10:00Z' }, { path => "$dir/lecture.mp4", start => '2026-10-05T10:12:00Z', end => '2026-10-05T10:20:00Z' },
				{ path => "$dir/lecture.mp4", view => 'active_speaker' }, { type => 'M4A', size => 246_560 }, { type => 'TIMELINE', size => 100 }, { type => 'TRANSCRIPT', size => 50 } ] },
		{ uuid => '/slash//es==', start => '2026-10-06T10:00:00Z', files => [ { size => 1 } ] }, { uuid => 'one/slash==', start => '2026-10-07T10:00:00Z', files => [ { size => 1 } ] },
		{ uuid => 'busy==', start => '2026-10-08T10:00:00Z', processing => 'files', files => [ { path => "$dir/lecture.mp4" } ] }, { uuid => 'hidden==', start => '2026-10-08T10:00:00Z', processing => 'hidden', files => [] },
		(map { { uuid => "row$_==", id => 555, host => 'z8dsdsdsdsdCfp8uQ', start => sprintf('2026-09-%02dT10:00:00Z', $_), files => [ { size => 5 } ] } } 1 .. 7) ];
});

my $october = '/users/me/recordings?from=2026-10-01&to=2026-10-31';

subtest 'recordings of a user' => sub {
	$token = value(token_of({ grant_type => 'account_credentials', account_id => 'LeapAccount' }))->{access_token};
	my $answer = ask($october);
	my $list = value($answer);
	is_deeply([ @$list{qw(from to page_count page_size total_records next_page_token)} ], [ '2026-10-01', '2026-10-31', 1, 30, 4, '' ], 'a month');
	is($answer->{headers}{'x-ratelimit-category'}, 'Medium', 'with the headers of limits');
	is_deeply([ map { $_->{uuid} } @{ $list->{meetings} } ], [ 'busy==', 'one/slash==', '/slash//es==', 'BOKXuumlTAGXuqwr3bLyuQ==' ], 'newest first, without what is hidden');
	my $meeting = $list->{meetings}[3];
	is_deeply([ @$meeting{qw(id topic duration recording_count auto_delete auto_delete_date host_id)} ], [ 6840331980, 'My Personal Meeting', 20, 6, JSON::PP::true, '2026-12-01', 'KdYKjnimT4KPd8FFgQt9FQ' ], 'a meeting');
	is_deeply([ map { [ @$_{qw(file_type file_extension recording_type file_size status)} ] } @{ $meeting->{recording_files} }[ 0, 2, 3 ] ],
		[ [ 'MP4', 'MP4', 'shared_screen_with_speaker_view', 300_000, 'completed' ], [ 'MP4', 'MP4', 'active_speaker', 300_000, 'completed' ], [ 'M4A', 'M4A', 'audio_only', 246_560, 'completed' ] ], 'its files');
	is_deeply([ @{ $meeting->{recording_files}[4] }{qw(id recording_type status)} ], [ undef, undef, undef ], 'a timeline has no id');
	my $busy = $list->{meetings}[0]{recording_files}[0];
	is_deeply([ @$busy{qw(status file_size download_url)} ], [ 'processing', 0, undef ], 'a file that is not ready');
	is_deeply(value(ask('/users/me/recordings'))->{meetings}, [], 'without dates: today');
	is(code(ask('/users/me/recordings?from=2026-09-01&to=2026-10-31')), '400 300', 'two months');
	is(code(ask('/users/me/recordings?from=2026-10-31&to=2026-10-01')), '400 300', 'backwards');
	is(code(ask('/users/me/recordings?from=01.10.2026&to=2026-10-01')), '400 300', 'another form of dates');
	is(code(ask('/users/me/recordings?from=2026-02-30&to=2026-03-01')), '400 300', 'a day that is none');
	is(code(ask("$october&page_size=301")), '400 300', 'more than 300 a page');
	is(code(ask("$october&colour=red")), '400 300', 'an unknown parameter');
	$fake->set(zoom => { clip => 1 });
	is(value(ask('/users/me/recordings?from=2026-08-01&to=2026-10-31'))->{from}, '2026-10-01', 'where long ranges are cut, the answer says so');
	$fake->set(zoom => { clip => 0 });
	my (@seen, $next);
	my $pages = '/users/second@example.org/recordings?from=2026-09-01&to=2026-09-30&page_size=3';
	do
	{
		my $page = value(ask($pages . ($next ? '&next_page_token=' . $http->www_form_urlencode({ t => $next }) =~ s/^t=//r : '')));
		push @seen, map { $_->{uuid} } @{ $page->{meetings} };
		$next = $page->{next_page_token};
	} while ($next);
	is_deeply(\@seen, [ map { "row$_==" } reverse 1 .. 7 ], 'page after page');
	$next = value(ask($pages))->{next_page_token};
	is(code(ask("$october&page_size=3&next_page_token=$next")), '400 300', 'the token of another question');
	$fake->advance(901);
	is(code(ask("$pages&next_page_token=$next")), '400 300', 'a token that is older than 15 minutes');
};

subtest 'who may what' => sub {
	is_deeply([ map { $_->{email} } @{ value(ask('/users?status=active&page_size=300'))->{users} } ], [ 'teacher@example.org', 'second@example.org' ], 'the users of an account');
	is(code(ask('/users/nobody/recordings?from=2026-10-01&to=2026-10-31')), '404 1001', 'an unknown user');
	my $person = $fake->grant('zoom')->{access_token};
	my $account = $token;
	$token = $person;
	is(ask($october)->{status}, 200, 'a person: me');
	is(code(ask('/users/second@example.org/recordings?from=2026-10-01&to=2026-10-31')), '400 4711', '... nobody else');
	is(code(ask('/users')), '400 4711', '... nor the list');
	is(code(ask('/meetings/row1==/recordings')), '400 1010', '... nor the meetings of others');
	$token = $fake->grant('zoom', scope => 'meeting:read')->{access_token};
	is(code(ask($october)), '400 4711', 'no scope');
	$token = 'nobody';
	is_deeply(value(ask($october)), { code => 124, message => 'Invalid access token.' }, 'no token');
	$token = $fake->grant('zoom', seconds => 10)->{access_token};
	$fake->advance(11);
	is_deeply(value(ask($october)), { code => 124, message => 'Access token is expired.' }, 'an old one');
	$token = value(token_of({ grant_type => 'account_credentials', account_id => 'LeapAccount' }))->{access_token};
};

subtest 'recordings of a meeting' => sub {
	my $get = sub { my ($name, $query) = @_; return ask("/meetings/$name/recordings" . ($query // '')); };
	is(value($get->('BOKXuumlTAGXuqwr3bLyuQ=='))->{uuid}, 'BOKXuumlTAGXuqwr3bLyuQ==', 'by its uuid');
	is(value($get->('BOKXuumlTAGXuqwr3bLyuQ%3D%3D'))->{uuid}, 'BOKXuumlTAGXuqwr3bLyuQ==', '... encoded');
	is(value($get->('555'))->{uuid}, 'row7==', 'by a number: the last time');
	is(value($get->('one%2Fslash%3D%3D'))->{uuid}, 'one/slash==', 'a slash, encoded once');
	is(value($get->('one%252Fslash%253D%253D'))->{uuid}, 'one/slash==', '... or twice');
	is(code($get->('%2Fslash%2F%2Fes%3D%3D')), '404 2300', 'a slash at the beginning, encoded once');
	is(value($get->('%252Fslash%252F%252Fes%253D%253D'))->{uuid}, '/slash//es==', '... has to be encoded twice');
	is(code($get->('/slash//es==')), '404 2300', '... not at all');
	is(code($get->('hidden==')), '404 3301', 'one that is not ready');
	is(code($get->('nobody==')), '404 3301', 'one that never was');
	ok(value($get->('row1==', '?include_fields=download_access_token&ttl=60'))->{download_access_token}, 'a token for its files');
	is(code($get->('row1==', '?ttl=604801')), '400 300', 'for more than a week');
};

subtest 'files' => sub {
	my $file = value(ask('/meetings/6840331980/recordings'))->{recording_files}[0];
	my $get = sub { my ($url, %headers) = @_; return $http->get($url, { headers => \%headers }); };
	my $answer = $get->($file->{download_url}, Authorization => "Bearer $token");
	is($answer->{status}, 302, 'leads to another host');
	my $place = $answer->{headers}{location};
	isnt(($place =~ m{^(http://[^/]+)})[0], ($file->{download_url} =~ m{^(http://[^/]+)})[0], '... with another address');
	is($get->($place)->{content}, $bytes, 'the bytes');
	is($get->("$file->{download_url}?access_token=$token")->{status}, 302, 'the token in the address');
	my $part = $get->($place, Range => 'bytes=100000-');
	is_deeply([ @$part{qw(status content)} ], [ 206, substr $bytes, 100_000 ], 'from an offset');
	is($get->($place, Authorization => "Bearer $token")->{status}, 400, 'the token does not belong there');
	my $page = $get->($file->{download_url});
	is_deeply([ $page->{status}, $page->{headers}{'content-type'} ], [ 200, 'text/html; charset=utf-8' ], 'without a token: a page for people');
	is($get->($file->{download_url}, Authorization => 'Bearer x')->{status}, 401, 'with a wrong one: refused');
	my $own = value(ask('/meetings/6840331980/recordings?include_fields=download_access_token'))->{download_access_token};
	is($get->($file->{download_url}, Authorization => "Bearer $own")->{status}, 302, 'the token for the files');
	$fake->advance(3601);
	is($get->($place)->{status}, 403, 'the address has ended');
};

subtest 'limits' => sub {
	$token = value(token_of({ grant_type => 'account_credentials', account_id => 'LeapAccount' }))->{access_token};
	$fake->faults({ on => 'recordings.list', times => 1, status => 429 }, { on => 'recordings.list', times => 1, status => 429, daily => 1 });
	my $second = ask($october);
	is_deeply([ code($second), @{ $second->{headers} }{qw(x-ratelimit-type x-ratelimit-remaining retry-after)} ], [ '429 429', 'QPS', 0, undef ], 'of a second');
	my $day = ask($october);
	is($day->{headers}{'x-ratelimit-type'}, 'Daily-limit', 'of a day');
	like($day->{headers}{'retry-after'}, qr/^\d{4}-\d\d-\d\dT00:00:00Z$/, '... says when, as a time');
	$fake->set(zoom => { daily => 1 });
	is_deeply([ map { ask($october)->{status} } 1 .. 2 ], [ 200, 429 ], 'a limit that is reached');
	$fake->advance(86_400);
	$token = $fake->grant('zoom')->{access_token};
	is(ask($october)->{status}, 200, '... ends with the day');
	$fake->set(zoom => { daily => undef });
};

subtest 'ten thousand recordings' => sub {
	$fake->change(zoom => sub { $_[0]{meetings} = [ map { { uuid => "m$_==", start => sprintf('2026-10-%02dT%02d:00:00Z', 1 + $_ % 28, $_ % 24), files => [ { size => 1000 + $_ }, { type => 'M4A', size => 10 } ] } } 1 .. 10_000 ] });
	my ($next, %seen);
	do
	{
		my $page = value(ask("$october&page_size=300" . ($next ? "&next_page_token=$next" : '')));
		$seen{ $_->{uuid} }++ for @{ $page->{meetings} };
		$next = $page->{next_page_token};
	} while ($next);
	is(scalar(grep { $_ == 1 } values %seen), 10_000, 'are listed once each');
};

done_testing;
