# tests/fake/platform/Zoom.pm
#     Zoom's API of cloud recordings: users, recordings of a user, recordings of a meeting, and the files. Rules: docs/platforms/zoom.md.
#
# What there is comes from tests, as rows of the state:
#     users      [{id, email, first_name, last_name}]; without it one: teacher@example.org
#     meetings   [{uuid, id, host (user's id), topic, start ('2026-11-01T10:00:00Z'), duration (minutes), timezone, auto_delete_date, passcode, processing, files}]
#     files      [{type, view, path | size, start, end, processing, status}]: path is the file that is downloaded; size is only said
# What a row does not say is made up. `processing` is true for a file that is not ready, and for a meeting 'files' (all of them are not
# ready) or 'hidden' (the meeting is in no list, and asking for it is code 3301).
package Zoom;

use strict;
use warnings;

use Digest::SHA qw(sha1_hex sha256_hex);
use JSON::PP;
use POSIX qw(strftime);
use Service;
use Time::Local qw(timegm);
use Tokens;
use ZoomOauth;

my %extension = (MP4 => 'MP4', M4A => 'M4A', TIMELINE => 'JSON', TRANSCRIPT => 'VTT', CHAT => 'TXT', CC => 'VTT', CSV => 'CSV', SUMMARY => 'JSON');
my %view_of = (MP4 => 'shared_screen_with_speaker_view', M4A => 'audio_only', TIMELINE => 'timeline', TRANSCRIPT => 'audio_transcript', CHAT => 'chat_file', CC => 'closed_caption', SUMMARY => 'summary');
my %category = ('users.list' => 'Medium', 'users.get' => 'Light', 'recordings.list' => 'Medium', 'meeting.recordings' => 'Light');
my $DAY = 86_400;

sub limits
{
	my ($request, $left) = @_;
	my $category = $category{ $request->{endpoint} } // return ();
	return ('X-RateLimit-Category' => $category, 'X-RateLimit-Limit' => 30_000, 'X-RateLimit-Remaining' => $left);
}

# {code, message}; 429 with the headers of the documents, `daily` for the limit of a day.
sub error
{
	my ($service, $request, $what) = @_;
	my $status = $what->{status} // 400;
	my %known = (401 => [ 124, 'Invalid access token.' ], 404 => [ 2300, 'This API endpoint is not recognized.' ], 429 => [ 429, $what->{daily}
		? 'You have reached the maximum daily rate limit for this API. Refer to the response header for details on when you can make another request.'
		: 'You have reached the maximum per-second rate limit for this API. Try again later.' ]);
	my ($code, $message) = @{ $known{$status} // [ $status, $what->{message} ] };

	return { status => $status, json => { reason => $what->{message}, error => $what->{reason} // 'invalid_request' } } if $request->{host} eq 'zoom';
	return { status => $status, text => "<html>$status</html>" } if $request->{host} =~ /^(?:web|files)$/;
	my %headers = $status == 429 ? (limits($request, 0), 'X-RateLimit-Type' => $what->{daily} ? 'Daily-limit' : 'QPS',
		$what->{daily} ? ('Retry-After' => strftime('%Y-%m-%dT00:00:00Z', gmtime($service->now + $DAY))) : ()) : ();
	return { status => $status, json => { code => $what->{code} // $code, message => $what->{code} || !$known{$status} ? $what->{message} : $message }, headers => \%headers };
}

# Ends the request with an error of the API.
sub refuse
{
	my ($service, $request, $status, $code, $message) = @_;
	die { answer => $service->refuse($request, status => $status, code => $code, message => $message) };
}

# The access token and what it may; @scopes as the documents name them, without :admin.
sub allowed
{
	my ($service, $request, @scopes) = @_;
	my $token = Tokens::bearer($request) // refuse($service, $request, 401, 124, 'Invalid access token.');
	my $known = Tokens::accept($service, zoom => $token);

	if (!$known)
	{
		my $old = $service->state('zoom')->{access}{$token};
		refuse($service, $request, 401, 124, $old ? 'Access token is expired.' : 'Invalid access token.');
	}
	my %has = map { $_ => 1 } split / /, $known->{scope};
	my $admin = grep { $has{"$_:admin"} || $has{"$_:master"} } @scopes;
	refuse($service, $request, 400, 4711, 'Invalid access token, does not contain scopes:[' . join(', ', map { ($_, "$_:admin") } @scopes) . '].') if !$admin && !grep { $has{$_} } @scopes;
	return { %$known, admin => $admin };
}

sub spend
{
	my ($service, $request) = @_;
	my $daily = $service->settings('zoom')->{daily} // return;
	my $day = strftime('%Y-%m-%d', gmtime $service->now);
	die { answer => $service->refuse($request, status => 429, daily => 1, message => 'the daily limit') } if $service->count("zoom-$day") > $daily;
}

sub check_parameters
{
	my ($service, $request, %known) = @_;
	for my $name (sort keys %{ $request->{lists} })
	{
		my ($value, @more) = @{ $request->{lists}{$name} };
		refuse($service, $request, 400, 300, "Validation Failed. The parameter $name is unknown.") if !exists $known{$name};
		refuse($service, $request, 400, 300, "Validation Failed. The value of $name, \"$value\", is invalid.") if @more || defined $known{$name} && $value !~ $known{$name};
	}
}

sub users
{
	my ($state) = @_;
	return @{ $state->{users} // [ { id => 'KdYKjnimT4KPd8FFgQt9FQ', email => 'teacher@example.org', first_name => 'Test', last_name => 'Teacher' } ] };
}

# The user that an address names; "me" is who consented, and the only one whom tokens without :admin may ask for.
sub user_of
{
	my ($service, $request, $state, $who, $name) = @_;
	my ($me) = grep { $_->{id} eq $who->{account} || $_->{email} =~ /^\Q$who->{account}\E@/ } users($state);

	$me //= (users($state))[0];
	return $me if $name eq 'me';
	refuse($service, $request, 400, 4711, 'Invalid access token, does not contain scopes for other users: pass "me".') if !$who->{admin};
	my ($user) = grep { $_->{id} eq $name || $_->{email} eq $name } users($state);
	return $user // refuse($service, $request, 404, 1001, "User does not exist: $name.");
}

sub unescape { my ($text) = @_; return $text =~ s/%([0-9a-fA-F]{2})/chr hex $1/ger; }

sub user_resource
{
	my ($user) = @_;
	return { id => $user->{id}, first_name => $user->{first_name} // '', last_name => $user->{last_name} // '', email => $user->{email}, type => 2, status => $user->{status} // 'active', timezone => 'UTC', verified => 1, created_at => '2020-01-01T00:00:00Z',
		account_id => 'LeapAccount', pmi => 1234567890, role_name => 'Member', language => 'en-US', dept => '' };
}

# Which page of a list: (items, next_page_token). A token serves for the same question, 15 minutes long.
sub page
{
	my ($service, $request, $question, @items) = @_;
	my $size = $request->{parameters}{page_size} // 30;
	my $token = $request->{parameters}{next_page_token} // '';
	my $settings = $service->settings('zoom');
	my $now = $service->now;
	my $from = 0;

	refuse($service, $request, 400, 300, 'The value that you entered for the page_size field is invalid: 1 to 300.') if $size < 1 || $size > 300;
	if ($token ne '')
	{
		my $known = $service->state('zoom_pages')->{$token};
		refuse($service, $request, 400, 300, 'The next page token is invalid or expired.') if !$known || $known->{until} <= $now || $known->{question} ne "$question/$size";
		$from = $known->{from};
	}
	my $to = $from + $size;
	return ([ @items[ $from .. $#items ] ], '') if $to >= @items;
	my $next = Tokens::random(24);
	$service->change(zoom_pages => sub { $_[0]{$next} = { from => $to, until => $now + ($settings->{page_seconds} // 900), question => "$question/$size" } });
	return ([ @items[ $from .. $to - 1 ] ], $next);
}

sub users_list
{
	my ($service, $request) = @_;
	check_parameters($service, $request, status => qr/^(?:active|inactive|pending)$/, page_size => qr/^\d{1,4}$/, next_page_token => undef, role_id => undef, page_number => qr/^\d+$/, include_fields => undef, license => undef);
	my $who = allowed($service, $request, qw(user:read:list_users user:read));
	refuse($service, $request, 400, 4711, 'Invalid access token, does not contain scopes:[user:read:list_users:admin, user:read:admin].') if !$who->{admin};
	my $status = $request->{parameters}{status} // 'active';
	my @users = grep { ($_->{status} // 'active') eq $status } users($service->state('zoom'));
	my ($some, $next) = page($service, $request, "users/$status", @users);
	my $size = $request->{parameters}{page_size} // 30;
	return { page_count => int((@users + $size - 1) / $size), page_number => 1, page_size => $size + 0, total_records => scalar @users, next_page_token => $next, users => [ map { user_resource($_) } @$some ] };
}

sub users_get
{
	my ($service, $request) = @_;
	check_parameters($service, $request, login_type => qr/^\d+$/, encrypted_email => undef, search_by_unique_id => undef);
	my $who = allowed($service, $request, qw(user:read:user user:read));
	return user_resource(user_of($service, $request, $service->state('zoom'), $who, unescape($request->{captures}[0])));
}

sub day { my ($text) = @_; my @parts = ($text // '') =~ /^(\d{4})-(\d\d)-(\d\d)$/ or return undef; return eval { timegm(0, 0, 0, $parts[2], $parts[1] - 1, $parts[0]) }; }

sub file_id { my ($meeting, $index) = @_; return join '-', sha1_hex("$meeting->{uuid}/$index") =~ /^(.{8})(.{4})(.{4})(.{4})(.{12})/; }

sub size_of { my ($file) = @_; return $file->{size} // (defined $file->{path} ? -s $file->{path} : 0) // 0; }

# A file of a recording, as the API says it. One that is not ready has neither size nor address.
sub file_resource
{
	my ($service, $meeting, $index) = @_;
	my $file = $meeting->{files}[$index];
	my $type = $file->{type} // 'MP4';
	my $busy = $file->{processing} || ($meeting->{processing} // '') eq 'files';
	my $id = file_id($meeting, $index);
	my $origin = $service->origin(zoom => 'web');

	return { meeting_id => $meeting->{uuid}, recording_start => $file->{start} // $meeting->{start}, recording_end => $file->{end} // $service->stamp(timestamp($meeting->{start}) + 60 * ($meeting->{duration} // 60)), file_type => $type, file_extension => $extension{$type} // $type,
		# (L) timelines have neither id nor type
		$type eq 'TIMELINE' ? () : (id => $id, recording_type => $file->{view} // $view_of{$type} // 'shared_screen', status => $busy ? 'processing' : 'completed'),
		$busy ? (file_size => 0) : (file_size => size_of($file) + 0, download_url => "$origin/rec/download/$id", $type =~ /^(?:MP4|M4A)$/ ? (play_url => "$origin/rec/play/$id") : ()) };
}

sub timestamp { my ($text) = @_; my ($y, $m, $d, $h, $i, $s) = $text =~ /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z$/ or die "not a time: $text\n"; return timegm($s, $i, $h, $d, $m - 1, $y); }

sub meeting_resource
{
	my ($service, $state, $meeting) = @_;
	my ($host) = grep { $_->{id} eq ($meeting->{host} // '') } users($state);
	my @files = @{ $meeting->{files} // [] };

	$host //= (users($state))[0];
	my $busy = ($meeting->{processing} // '') eq 'files';
	my $total = 0;
	$total += $busy || $_->{processing} ? 0 : size_of($_) for @files;
	return { uuid => $meeting->{uuid}, id => number_of($meeting), account_id => 'LeapAccount', host_id => $host->{id}, host_email => $host->{email}, topic => $meeting->{topic} // 'A meeting', type => 2, start_time => $meeting->{start},
		timezone => $meeting->{timezone} // 'UTC', duration => ($meeting->{duration} // 60) + 0, total_size => $total, recording_count => scalar @files, share_url => $service->origin(zoom => 'web') . '/rec/share/' . sha1_hex($meeting->{uuid}),
		recording_files => [ map { file_resource($service, $meeting, $_) } 0 .. $#files ], recording_play_passcode => $meeting->{passcode} // '',
		auto_delete => defined $meeting->{auto_delete_date} ? JSON::PP::true : JSON::PP::false, defined $meeting->{auto_delete_date} ? (auto_delete_date => $meeting->{auto_delete_date}) : () };
}

# A meeting's number where a test names none.
sub number_of { my ($meeting) = @_; return ($meeting->{id} // 80_000_000_000 + hex(substr sha1_hex($meeting->{uuid}), 0, 8)) + 0; }

sub recordings_list
{
	my ($service, $request) = @_;
	my $settings = $service->settings('zoom');
	my $date = qr/^\d{4}-\d\d-\d\d$/;

	check_parameters($service, $request, page_size => qr/^\d{1,4}$/, next_page_token => undef, mc => qr/^(?:true|false)$/, trash => qr/^(?:true|false)$/, from => $date, to => $date, trash_type => qr/^(?:meeting_recordings|recording_file)$/, meeting_id => qr/^\d+$/);
	my $who = allowed($service, $request, qw(cloud_recording:read:list_user_recordings recording:read));
	my $state = $service->state('zoom');
	my $user = user_of($service, $request, $state, $who, unescape($request->{captures}[0]));
	my $today = strftime('%Y-%m-%d', gmtime $service->now);
	my ($from, $to) = ($request->{parameters}{from} // $today, $request->{parameters}{to} // $today);
	my ($first, $last) = map { day($_) // refuse($service, $request, 400, 300, "Invalid field: \"$_\" is no date.") } $from, $to;
	refuse($service, $request, 400, 300, 'The from date is behind the to date.') if $first > $last;
	if ($last - $first > $DAY * ($settings->{range_days} // 30))
	{
		refuse($service, $request, 400, 300, 'The date range between from and to is longer than a month.') if !$settings->{clip};
		$first = $last - $DAY * ($settings->{range_days} // 30);
		$from = strftime('%Y-%m-%d', gmtime $first);
	}
	my @found = ($request->{parameters}{trash} // '') eq 'true' ? () : grep { ($_->{host} // (users($state))[0]{id}) eq $user->{id} && ($_->{processing} // '') ne 'hidden' && substr($_->{start}, 0, 10) ge $from && substr($_->{start}, 0, 10) le $to }
	  @{ $state->{meetings} // [] };
	@found = grep { number_of($_) == $request->{parameters}{meeting_id} } @found if defined $request->{parameters}{meeting_id};
	my ($some, $next) = page($service, $request, "recordings/$user->{id}/$from/$to", sort { $b->{start} cmp $a->{start} || $a->{uuid} cmp $b->{uuid} } @found);
	my $size = $request->{parameters}{page_size} // 30;
	return { from => $from, to => $to, page_count => int((@found + $size - 1) / $size), page_size => $size + 0, total_records => scalar @found, next_page_token => $next,
		meetings => [ map { meeting_resource($service, $state, $_) } @$some ] };
}

# (M) "If a UUID starts with / or contains //, you must double encode the UUID"
sub meeting_of
{
	my ($service, $request, $state) = @_;
	my $name = unescape($request->{captures}[0]);

	if ($name =~ /^\d+$/)
	{
		my ($latest) = sort { $b->{start} cmp $a->{start} } grep { number_of($_) == $name } @{ $state->{meetings} };
		return $latest;
	}
	refuse($service, $request, 404, 2300, 'This API endpoint is not recognized.') if $name =~ m{^/|//};
	$name = unescape($name);
	return (grep { $_->{uuid} eq $name } @{ $state->{meetings} })[0];
}

sub meeting_recordings
{
	my ($service, $request) = @_;
	check_parameters($service, $request, include_fields => qr/^download_access_token$/, ttl => qr/^\d{1,6}$/);
	refuse($service, $request, 400, 300, 'ttl is at most 604800') if ($request->{parameters}{ttl} // 0) > 604_800;
	my $who = allowed($service, $request, qw(cloud_recording:read:list_recording_files recording:read));
	my $state = $service->state('zoom');
	my $meeting = meeting_of($service, $request, $state);
	refuse($service, $request, 404, 3301, 'This recording does not exist.') if !$meeting || ($meeting->{processing} // '') eq 'hidden';
	my $user = user_of($service, $request, $state, $who, 'me');
	refuse($service, $request, 400, 1010, 'User does not belong to this account.') if !$who->{admin} && ($meeting->{host} // $user->{id}) ne $user->{id};
	my $answer = meeting_resource($service, $state, $meeting);
	return $answer if !defined $request->{parameters}{include_fields};
	my $now = $service->now;
	my ($made) = $service->change(zoom => sub { return Tokens::grant($_[0], $now, account => $who->{account}, client => $who->{client}, scope => 'download', seconds => $request->{parameters}{ttl} // $DAY, prefix => 'eyJd') });
	return { %$answer, download_access_token => $made->{access_token} };
}

# A page for people, as it comes in place of a file.
sub login_page { return { status => 200, text => "<!DOCTYPE html><html><head><title>Sign In - Zoom</title></head><body><p>Only the host can download this recording. Please sign in to your Zoom account to download if you are the host.</p></body></html>" }; }

sub file_named
{
	my ($state, $id) = @_;
	for my $meeting (@{ $state->{meetings} // [] })
	{
		for my $index (0 .. $#{ $meeting->{files} // [] }) { return ($meeting, $meeting->{files}[$index]) if file_id($meeting, $index) eq $id; }
	}
	return;
}

# The address of a file: token in the header or as access_token; leads to another host.
sub download
{
	my ($service, $request) = @_;
	my $settings = $service->settings('zoom');
	my $state = $service->state('zoom');
	my $token = Tokens::bearer($request) // $request->{parameters}{access_token};
	my ($meeting, $file) = file_named($state, $request->{captures}[0]);

	if (!defined $token || $settings->{login_page}) { $request->{problem} = 'no token'; return login_page(); }
	if (!Tokens::accept($service, zoom => $token)) { $request->{problem} = 'the token is not accepted'; return { status => 401, json => { status => JSON::PP::false, errorCode => 401, errorMessage => 'Forbidden', result => undef } }; }
	return { status => 404, text => '<html><body>This recording does not exist.</body></html>' } if !$file || $file->{removed} || $file->{processing} || ($meeting->{processing} // '') =~ /./;
	my $until = int($service->now + ($settings->{link_seconds} // 3600));
	my $signature = sha256_hex("$request->{captures}[0]/$until/leap");
	return { status => 302, text => '', headers => { Location => $service->origin(zoom => 'files') . "/replay/$request->{captures}[0].mp4?Expires=$until&Signature=$signature" } };
}

# The file itself, at a host that knows no tokens: the address is signed, and ends.
sub replay
{
	my ($service, $request) = @_;
	my ($id, $asked) = ($request->{captures}[0], $request->{parameters});
	my (undef, $file) = file_named($service->state('zoom'), $id);

	if (defined $request->{headers}{authorization} || defined $asked->{access_token})
	{
		$request->{problem} = 'a token was sent to another host';
		return { status => 400, type => 'application/xml', text => '<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed</Message></Error>' };
	}
	my $good = ($asked->{Expires} // '') =~ /^\d+$/ && ($asked->{Signature} // '') eq sha256_hex("$id/$asked->{Expires}/leap") && $asked->{Expires} > $service->now;
	return { status => 403, type => 'application/xml', text => '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>' } if !$good;
	return { status => 404, text => '' } if !$file || !defined $file->{path};
	return $service->file_answer($request, $file->{path}, 'Content-Type' => ($file->{type} // 'MP4') eq 'MP4' ? 'video/mp4' : 'application/octet-stream', 'Content-Disposition' => 'attachment; filename="GMT20261101-100000_Recording.mp4"');
}

# An answer of the API, behind the limit of a day.
sub answered
{
	my ($code) = @_;
	return sub {
		my ($service, $request) = @_;
		spend($service, $request);
		return { status => 200, json => $code->($service, $request), headers => { limits($request, 29_000) } };
	};
}

sub platform
{
	return { name => 'zoom', hosts => [qw(api zoom web files)], error => \&error, endpoints => { api => 'api/v2', authorize => 'zoom/oauth/authorize', token => 'zoom/oauth/token', revoke => 'zoom/oauth/revoke' },
		routes => [ ZoomOauth::routes(), [ 'GET', 'api', qr{^/v2/users$}, 'users.list', answered(\&users_list) ], [ 'GET', 'api', qr{^/v2/users/([^/]+)$}, 'users.get', answered(\&users_get) ],
			[ 'GET', 'api', qr{^/v2/users/([^/]+)/recordings$}, 'recordings.list', answered(\&recordings_list) ], [ 'GET', 'api', qr{^/v2/meetings/([^/]+)/recordings$}, 'meeting.recordings', answered(\&meeting_recordings) ],
			[ 'GET|HEAD', 'web', qr{^/rec/download/([0-9a-f-]+)$}, 'download', \&download ], [ 'GET|HEAD', 'files', qr{^/replay/([0-9a-f-]+)\.mp4$}, 'replay', \&replay ] ] };
}

1;
