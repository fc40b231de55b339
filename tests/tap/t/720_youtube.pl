# tests/tap/t/720_youtube.pl
#     What a lesson on YouTube is, and that it is there once and whole, whatever breaks on the way.
use strict;
use warnings;

use JSON::PP;
use POSIX ();
use Test::More;

use YoutubeTrial;

my $session = '^bytes \*';    # a question for the offset

sub new_trial { return YoutubeTrial->new(@_); }

# One video of ours, with these bytes.
sub is_published
{
	my ($trial, $end, $what) = @_;
	my @videos = $trial->videos;
	my $target = $end->{done}{target} // {};

	ok($end->{done} && @videos == 1 && $trial->marked == 1 && $videos[0]{sha256} eq $trial->{artifacts}{video}{sha256} && $target->{remote_id} eq $videos[0]{id}
		  && $target->{url} eq "https://www.youtube.com/watch?v=$videos[0]{id}", $what)
	  or diag(explain({ end => $end->{failed} // $end->{done}, videos => \@videos }));
	return $videos[0];
}

sub is_failed
{
	my ($end, $class, $code, $what) = @_;
	ok(($end->{failed}{class} // '') eq $class && ($end->{failed}{code} // '') eq $code, "$what: $code") or diag(explain($end->{failed} // $end->{done}));
}

sub steps { return map { $_->{step} } @{ $_[0]{done}{target}{meta}{warnings} // [] }; }

# What is published.
{
	my $trial = new_trial('youtube', bytes => 3_000_000);
	my %settings = (title => 'Eigenvalues', description => "Ось — лекция\n0:00 Start", tags => [ 'algebra', 'linear maps' ], privacy => 'public', category_id => '28', license => 'creativeCommon',
		embeddable => JSON::PP::false, made_for_kids => JSON::PP::true, language => 'uk', notify_subscribers => JSON::PP::false, playlist_title => 'Algebra');

	$trial->{publication} = {%settings};
	$trial->artifact(poster => 'poster-0000000000000001.jpg', "\xff\xd8\xff\xe0\0\x10JFIF\0picture\xff\xd9", 'image/jpeg');
	$trial->artifact(srt => 'srt-0000000000000001.srt', "1\n00:00:00,000 --> 00:00:01,000\nHello\n", 'application/x-subrip', language => 'en');
	$trial->artifact('srt:pt-BR' => 'srt-0000000000000002.srt', "1\n00:00:00,000 --> 00:00:01,000\nBom dia\n", 'application/x-subrip', language => 'pt-BR');
	my @order;
	my $end = $trial->attempt(on_line => sub { push @order, exists $_[0]{confirm} ? 'confirm' : exists $_[0]{checkpoint} ? 'checkpoint ' . scalar $trial->{fake}->requests('videos\.upload') : () });
	my $video = is_published($trial, $end, 'a lesson is published');

	is($video->{snippet}{title}, 'Eigenvalues', 'its title');
	is($video->{snippet}{description}, $settings{description}, 'its description');
	is_deeply([ @{ $video->{snippet}{tags} }[ 1, 2 ] ], [ 'algebra', 'linear maps' ], 'its tags, after the marker');
	is_deeply([ @{ $video->{snippet} }{qw(categoryId defaultLanguage defaultAudioLanguage)} ], [qw(28 uk uk)], 'category and language');
	is_deeply([ map { "$_" } @{ $video->{status} }{qw(privacyStatus license embeddable selfDeclaredMadeForKids)} ], [ 'public', 'creativeCommon', 0, 1 ], 'who may see it, and how');
	ok(!$video->{notified}, 'subscribers are not told');
	is($order[0], 'checkpoint 0', 'the session is stored before any byte flows');
	is_deeply([ grep { $order[$_] eq 'confirm' } 0 .. $#order ], [2], 'and that the lease holds is asked once, when it is stored that the last piece goes out');

	my $state = $trial->{fake}->state('youtube');
	my ($playlist) = values %{ $state->{playlists} };
	is_deeply([ $playlist->{snippet}{title}, map { $_->{video} } @{ $playlist->{items} } ], [ 'Algebra', $video->{id} ], 'it is in the playlist of that title, which was made');
	is($video->{thumbnail}{sha256}, $trial->{artifacts}{poster}{sha256}, 'its thumbnail is the poster');
	is_deeply({ map { $_->{language} => $_->{sha256} } values %{ $state->{captions} } }, { en => $trial->{artifacts}{srt}{sha256}, 'pt-BR' => $trial->{artifacts}{'srt:pt-BR'}{sha256} }, 'it has captions in both languages');
	is_deeply([ steps($end) ], [], 'nothing is wanting');

	my $said = encode_json([ grep { !exists $_->{checkpoint} } @{ $end->{lines} } ]);
	unlike($said, qr/upload_id|access-|refresh-/, 'neither the session nor a token is told');

	# what is published is brought in line
	my %update = (todo => 'update', remote_id => $video->{id}, meta => $end->{done}{target}{meta});
	$trial->anew;
	$trial->{fake}->forget;
	$end = $trial->attempt(%update);
	is_deeply([ grep { $_ !~ /\.list$/ } map { $_->{endpoint} } $trial->{fake}->requests ], [], 'an update that changes nothing writes nothing');

	$trial->{fake}->change('youtube', sub { my $it = $_[0]{videos}{ $video->{id} }; $it->{status}{publicStatsViewable} = JSON::PP::false; $it->{snippet}{defaultAudioLanguage} = 'en'; });
	delete @settings{qw(language privacy)};
	$trial->{publication} = { %settings, title => 'Eigenvectors', playlist_title => 'Geometry' };
	$trial->artifact(srt => 'srt-0000000000000003.srt', "1\n00:00:00,000 --> 00:00:01,000\nHallo\n", 'application/x-subrip', language => 'en');
	$trial->{fake}->forget;
	$end = $trial->attempt(%update, video_changed => 1);
	my ($again) = $trial->videos;
	$state = $trial->{fake}->state('youtube');
	is_deeply([ $again->{snippet}{title}, @{ $again->{snippet} }{qw(categoryId defaultLanguage defaultAudioLanguage)}, $again->{status}{privacyStatus}, 0 + $again->{status}{publicStatsViewable}, $again->{snippet}{tags}[0] ],
		[ 'Eigenvectors', 28, 'uk', 'en', 'public', 0, $video->{snippet}{tags}[0] ], 'an update changes what the settings say, and keeps all else');
	is_deeply({ map { $_->{snippet}{title} => scalar @{ $_->{items} } } values %{ $state->{playlists} } }, { Algebra => 0, Geometry => 1 }, 'it moves to another playlist');
	is_deeply([ map { $_->{endpoint} } $trial->{fake}->requests('captions\.(?:insert|update)|thumbnails\.set|videos\.(?:insert|upload)') ], ['captions.update'], 'of captions and thumbnail only what changed is sent, and no video');
	is(scalar(keys %{ $state->{captions} }), 2, 'no track is there twice');

	$end = $trial->attempt(todo => 'remove', remote_id => $video->{id});
	is(scalar($trial->videos), 0, 'it is taken back');
	$trial->anew;
	$end = $trial->attempt(todo => 'remove', remote_id => $video->{id});
	ok($end->{done}, 'what is gone is taken back already');
	is_failed($trial->attempt(%update), 'permanent', 'published_gone', 'an update of what is gone');
}

# Whoever lost the lease publishes nothing.
{
	my $trial = new_trial('youtube_lease');
	my $end = $trial->attempt(confirm => 0);
	is($end->{failed}{class}, 'lost', 'without the lease the last piece is not sent');
	is_deeply([ $trial->videos ], [], 'and there is no video');
	is_published($trial, $trial->attempt, 'whoever has it finishes the same upload');
	is(scalar($trial->{fake}->requests('videos\.insert')), 1, 'in one session');
}

# A video that will be public later; tags that do not fit.
{
	my $trial = new_trial('youtube_later', bytes => 1000);
	@{ $trial->{publication} }{qw(publish_at privacy tags)} = ('2027-01-31T09:00Z', 'public', [ map { "tag number $_" } 1 .. 60 ]);
	my $end = $trial->attempt;
	my $video = is_published($trial, $end, 'a scheduled video of one piece');
	is_deeply([ @{ $video->{status} }{qw(privacyStatus publishAt)} ], [ 'private', '2027-01-31T09:00:00Z' ], 'is private until then');
	is_deeply([ map { $_->{code} } @{ $end->{done}{target}{meta}{warnings} } ], ['tags_left_out'], 'tags that do not fit beside the marker are left out, and that is told');

	$trial->{fake}->change('youtube', sub { my $it = $_[0]{videos}{ $video->{id} }; $it->{status}{privacyStatus} = 'public'; delete $it->{status}{publishAt}; });
	$trial->anew;
	$trial->{publication}{title} = 'Another';
	$trial->attempt(todo => 'update', remote_id => $video->{id}, meta => $end->{done}{target}{meta});
	is(($trial->videos)[0]{status}{privacyStatus}, 'public', 'what is public by now stays so when it is updated');
}

# What breaks while bytes flow. $video: of how many bytes.
sub survives
{
	my ($what, $video, $settings, @faults) = @_;
	my $trial = new_trial('youtube_break', bytes => $video, youtube => $settings);
	my $end;

	$trial->{fake}->faults(@faults);
	$end = $trial->attempt;
	is_published($trial, $end, $what);
	is(scalar($trial->{fake}->unmet), 0, '... and it did break');
	return $trial;
}

for my $kept (qw(all blocks none))
{
	my $trial = survives("connections that break, $kept kept", 9_000_000, { keep => $kept }, { on => 'videos.upload', where => { 'content-range' => '^bytes [0-9]' }, times => 3, cut_request => 700_001 });
	my $sent = 0;
	$sent += $_->{received} // 0 for $trial->{fake}->requests('videos\.upload');
	is($sent, 9_000_000, '... no byte was sent twice') if $kept eq 'all';
}
survives('an answer that is lost in the middle', 9_000_000, {}, { on => 'videos.upload', where => { 'content-range' => '^bytes 0-' }, times => 1, lose => 1 });
survives('the last answer is lost', 2_000_000, {}, { on => 'videos.upload', where => { 'content-range' => '-1999999/' }, times => 1, lose => 1 });
survives('a part of the last answer is lost', 2_000_000, {}, { on => 'videos.upload', where => { 'content-range' => '-1999999/' }, times => 1, cut_answer => 300 });
survives('errors of the server', 2_000_000, {}, map { { on => 'videos.upload', times => 1, status => $_ } } 500, 502, 503, 504);
survives('more requests than are allowed', 2_000_000, {}, map { { on => $_, times => 2, status => 429 } } qw(videos.insert videos.upload));
survives('an error although the video was made', 2_000_000, {}, { on => 'videos.upload', where => { 'content-range' => '-1999999/' }, times => 1, status => 503, late => 1 });
survives('a server that asks for a pause', 2_000_000, {}, { on => 'videos.upload', times => 1, status => 503, retry_after => 2 });
survives('answers that are no JSON', 2_000_000, {}, { on => 'videos.upload', where => { 'content-range' => '-1999999/' }, times => 1, truncate => 20, late => 1 });
survives('a session that does not begin at once', 2_000_000, {}, { on => 'videos.insert', times => 2, status => 503 }, { on => 'videos.insert', times => 1, lose => 1 });

# Tokens that end.
{
	my $trial = new_trial('youtube_token', bytes => 2_000_000);

	$trial->sign_in(uses => 2);
	is_published($trial, $trial->attempt, 'a token that ends in the middle of an upload is replaced');
	is(scalar($trial->{fake}->requests('token')), 1, 'once');
	is($trial->{credential}{version}, 2, 'and the new one is kept');

	my $other = new_trial('youtube_token_refused', bytes => 2_000_000, youtube => { refuse_refresh => JSON::PP::true });
	$other->sign_in(uses => 2);
	my $end = $other->attempt;
	is($end->{failed}{class}, 'credential', 'a token that is not replaced ends the attempt') or diag(explain($end));
	is_deeply([ $other->videos ], [], 'before there is a video');
	$other->{fake}->set(youtube => { refuse_refresh => JSON::PP::false });
	$other->sign_in;
	is_published($other, $other->attempt, 'with the account connected anew the same upload goes on');
	is(scalar($other->{fake}->requests('videos\.insert')), 1, 'in one session');
}

# Stopped on request.
{
	my $trial = new_trial('youtube_stop', bytes => 3_000_000);
	my $told = 0;

	$trial->{fake}->faults({ on => 'videos.upload', times => 1, request_pace => 20_000 });
	my $end = $trial->attempt(on_line => sub { kill TERM => $_[1] if ($_[0]{progress} // 0) > 0.02 && !$told++ });
	is_failed($end, 'lost', 'cancelled', 'an upload that would last minutes is stopped');
	$trial->{fake}->faults();
	is_published($trial, $trial->attempt, 'and taken up again');
	is(scalar(grep { ($_->{headers}{'content-range'} // '') =~ /^bytes [1-9]/ } $trial->{fake}->requests('videos\.upload')) > 0, 1, 'where it was');
}

# A child that was frozen between the question and its last piece, while another one took over.
{
	my $trial = new_trial('youtube_frozen', bytes => 500_000);
	my ($other, $result) = (0, "$trial->{leap}{base}/other");

	$trial->{fake}->faults({ on => 'videos.upload', where => { 'content-range' => '-499999/' }, times => 1, pause => 'head' });
	my $end = $trial->attempt(
		on_line => sub {
			return if !exists $_[0]{confirm} || $other;
			$other = fork // die "fork: $!\n";
			return if $other;
			$trial->{fake}->wait_paused(1);
			my $late = $trial->attempt;
			open my $out, '>', $result or die "$result: $!\n";
			print $out $late->{done}{target}{remote_id} // '';
			close $out;
			$trial->{fake}->release;
			POSIX::_exit(0);
		});
	waitpid $other, 0;
	open my $in, '<', $result or die "$result: $!\n";
	my $id = <$in>;
	my @videos = $trial->videos;
	is_deeply([ map { $_->{id} } @videos ], [$id], 'a frozen child and the one that took over make one video');
	is($videos[0]{sha256}, $trial->{artifacts}{video}{sha256}, 'with its bytes');
	is($end->{done}{target}{remote_id} // $id, $id, 'which both mean');
}

# Sessions that are lost.
for my $gone (404, 410)
{
	my $trial = survives("a session that is gone ($gone) before its end", 9_000_000, {}, { on => 'videos.upload', where => { 'content-range' => '^bytes [^0*]' }, times => 1, status => $gone });
	is(scalar($trial->{fake}->requests('videos\.insert')), 2, 'begins anew');
}
{
	my $trial = survives('a session that is gone when its video is there already', 1000, { lag => 2 },
		{ on => 'videos.upload', where => { 'content-range' => '-999/' }, times => 1, lose => 1 }, { on => 'videos.upload', where => { 'content-range' => $session }, times => 1, status => 404 });
	is(scalar($trial->{fake}->requests('videos\.insert')), 1, 'is found by its marker, though it is listed late');
}
{
	my $trial = new_trial('youtube_doubt', bytes => 1000);
	my @looks;

	$trial->{fake}->faults({ on => 'videos.upload', where => { 'content-range' => '-999/' }, times => 1, cut_request => 10 }, { on => 'videos.upload', where => { 'content-range' => $session }, status => 404 });
	my $end = $trial->attempt;
	is_failed($end, 'transient', 'not_listed_yet', 'whether the video exists is not known');
	ok($end->{failed}{retry_after} >= 60, 'it is looked for again later') or diag(explain($end->{failed}));
	$trial->attempt;
	$end = $trial->attempt;
	is_failed($end, 'permanent', 'outcome_unknown', 'when it stays unknown, a person decides');
	like("$end->{failed}{message} $end->{failed}{hint}", qr/leap:[0-9a-f]{16}.*--anew/, 'who is told what to look for, and what then');
	is(scalar($trial->{fake}->requests('videos\.insert')), 1, 'no second upload was begun');

	# it was only listed very late
	$trial->{fake}->faults();
	$trial->{fake}->change('youtube', sub { $_->{lost} = 404 for values %{ $_[0]{sessions} } });
	my $marker = $trial->{checkpoint}{platform}{marker};
	my $other = new_trial('youtube_doubt_other', bytes => 1000);
	$other->attempt;
	my ($made) = $other->videos;
	$trial->{fake}->change('youtube', sub { my ($id) = map { $_->{uploads} } values %{ $_[0]{channels} }; $_[0]{videos}{ $made->{id} } = { %$made, hidden => 0, snippet => { %{ $made->{snippet} }, tags => [$marker] } }; });
	is_published($trial, $trial->attempt, 'a plain retry looks again, and finds it');
	$trial->anew;
	$trial->{fake}->change('youtube', sub { $_[0]{videos} = {} });
	is_published($trial, $trial->attempt, 'without what was stored it is uploaded anew');
}

# The file changed between two attempts.
{
	my $trial = new_trial('youtube_changed', bytes => 500_000);
	$trial->attempt(on_line => sub { kill KILL => $_[1] if exists $_[0]{checkpoint}{platform}{video} });
	is(scalar($trial->videos), 1, 'a child dies when its video is there');
	$trial->video(600_000, 2);
	is_published($trial, $trial->attempt, 'another file takes the place of the one that nobody was told of');
}

# The address of an upload is emptied when it is of no use any more; what it was for is found out all the same.
for my $row ([ 'before the first byte', 0, sub { kill KILL => $_[1] if $_[0]{checkpoint} && $_[0]{checkpoint}{platform}{session} } ], [ 'after the last one', 1, sub { } ])
{
	my ($where, $made, $on_line) = @$row;
	my $trial = new_trial("youtube_emptied_$made", bytes => 500_000);
	$trial->{fake}->faults({ on => 'videos\.upload', times => 8, lose => 1 }) if $made;
	ok(!$trial->attempt(on_line => $on_line)->{done}, "an attempt that is broken off $where");
	ok($trial->{checkpoint}{platform}{session}, '... keeps the address of the session');
	$trial->{fake}->faults();
	$trial->{checkpoint}{platform}{session} = '';
	is_published($trial, $trial->attempt, '... and without it a later one publishes the video once');
}

# Refusals: what each means for the task.
{
	my $trial = new_trial('youtube_refusals', bytes => 1000);
	my @rows = (
		[ 403, 'quotaExceeded', 'rate_limited', 'platform_quota' ],
		[ 403, 'dailyLimitExceeded', 'rate_limited', 'platform_quota' ],
		[ 400, 'uploadLimitExceeded', 'rate_limited', 'upload_limit' ],
		[ 401, 'youtubeSignupRequired', 'credential', 'no_channel', 1 ],
		[ 403, 'authenticatedUserAccountSuspended', 'credential', 'channel_unusable' ],
		[ 403, 'channelClosed', 'credential', 'channel_unusable' ],
		[ 403, 'forbidden', 'permanent', 'access_denied' ],
		[ 403, 'neverHeardOf', 'permanent', 'access_denied' ],
		[ 403, 'insufficientPermissions', 'credential', 'permission_missing' ],
		[ 403, 'accessNotConfigured', 'permanent', 'api_disabled' ],
		[ 403, 'forbiddenPrivacySetting', 'input', 'setting_refused' ],
		[ 403, 'forbiddenLicenseSetting', 'input', 'setting_refused' ],
		[ 413, 'uploadTooLarge', 'input', 'video_too_large' ],
		map { [ 400, $_, 'input', 'metadata_refused' ] } qw(invalidTitle invalidDescription invalidTags invalidCategoryId invalidPublishAt invalidVideoMetadata));

	for my $row (grep { !$_->[4] } @rows)
	{
		$trial->anew;
		$trial->{fake}->faults({ on => 'videos.insert', status => $row->[0], reason => $row->[1], message => 'no' });
		my $end = $trial->attempt;
		is_failed($end, $row->[2], $row->[3], $row->[1]);
		ok($end->{failed}{retry_after} > 0 && $end->{failed}{retry_after} <= 25 * 3600 + 300, 'with a pause') if $row->[2] eq 'rate_limited';
	}
	is(scalar($trial->videos), 0, 'nothing was published');

	# by rules of the server itself
	$trial->anew;
	$trial->{fake}->faults();
	$trial->{publication}{title} = 'x' x 101;
	is_failed($trial->attempt, 'input', 'metadata_refused', 'a title that is too long');
	$trial->{publication}{title} = 'Eigenvalues';
	$trial->{fake}->set(youtube => { inserts => 0 });
	is_failed($trial->attempt, 'rate_limited', 'platform_quota', 'no uploads left today');
}

# What is refused in the middle of an upload is not sent to the same session for ever.
{
	my $trial = new_trial('youtube_middle', bytes => 900_000);
	$trial->{fake}->faults({ on => 'videos.upload', times => 1, status => 400, reason => 'invalidTitle', message => 'no' });
	is_failed($trial->attempt, 'input', 'metadata_refused', 'a refusal that comes late');
	is($trial->{checkpoint}{platform}{session}, undef, 'ends the session');
	is_published($trial, $trial->attempt, 'and another attempt begins a new one');
}

# Parts that do not matter enough.
{
	my $trial = new_trial('youtube_parts', bytes => 1000);
	$trial->{publication}{playlist_id} = 'PLnobodyhasit';
	$trial->artifact(poster => 'poster-0000000000000001.jpg', "\xff\xd8\xff\xe0\0\x10JFIF\0picture\xff\xd9", 'image/jpeg');
	$trial->artifact(srt => 'srt-0000000000000001.srt', "1\n00:00:00,000 --> 00:00:01,000\nHello\n", 'application/x-subrip', language => 'en');
	$trial->{fake}->faults({ on => 'thumbnails.set', status => 403, reason => 'forbidden', message => 'no' }, { on => 'captions.*', status => 403, reason => 'forbidden', message => 'no' });
	my $end = $trial->attempt;
	is_published($trial, $end, 'a lesson is published without its parts');
	is_deeply([ steps($end) ], [qw(playlist thumbnail captions)], 'and it is told which are missing');

	# they are made up for by an update, also when answers are lost
	$trial->anew;
	$trial->{fake}->faults(map { { on => $_, times => 1, lose => 1 } } qw(playlists.insert playlistItems.insert thumbnails.set captions.insert));
	delete $trial->{publication}{playlist_id};
	$trial->{publication}{playlist_title} = 'Algebra';
	$end = $trial->attempt(todo => 'update', remote_id => ($trial->videos)[0]{id}, meta => $end->{done}{target}{meta});
	my $state = $trial->{fake}->state('youtube');
	is_deeply([ steps($end) ], [], 'an update makes up for them');
	is_deeply([ map { scalar @{ $_->{items} } } values %{ $state->{playlists} } ], [1], 'one playlist was made, with one entry, although both answers were lost');
	is(scalar(keys %{ $state->{captions} }), 1, 'and one track');
	is(scalar($trial->{fake}->unmet), 0, 'each answer was lost once');

	# what the day's quota does not allow comes the next day
	my $poor = new_trial('youtube_poor', bytes => 1000);
	$poor->{artifacts} = { %{ $trial->{artifacts} }, video => $poor->{artifacts}{video} };
	$poor->artifact(srt => 'srt-0000000000000001.srt', "1\n00:00:00,000 --> 00:00:01,000\nHello\n", 'application/x-subrip', language => 'en');
	$poor->artifact(poster => 'poster-0000000000000001.jpg', "\xff\xd8\xff\xe0\0\x10JFIF\0picture\xff\xd9", 'image/jpeg');
	@{ $poor->{publication} }{qw(disable_comments)} = (JSON::PP::true);
	$poor->{fake}->set(youtube => { units => 120 });
	is_failed($poor->attempt, 'rate_limited', 'platform_quota', 'captions that the quota does not allow');
	$poor->{fake}->advance(86400);
	$poor->{fake}->set(youtube => { units => 10_000 });
	$poor->sign_in;
	$end = $poor->attempt;
	is_published($poor, $end, 'are added the next day');
	is_deeply([ map { scalar keys %{ $_ } } $poor->{fake}->state('youtube')->{captions} ], [1], 'to the same video');
	is_deeply([ steps($end) ], ['settings'], 'a setting that YouTube does not have is told');

	# what is in the way for a while is made up for by another attempt, which finds the video there
	for my $case ([ 'playlists.insert', 500, undef, 'transient' ], [ 'thumbnails.set', 503, undef, 'transient' ], [ 'captions.insert', 403, 'rateLimitExceeded', 'rate_limited' ])
	{
		my ($what, $status, $reason, $class) = @$case;
		my $late = new_trial('youtube_late_' . ($what =~ s/\W//gr), bytes => 1000);
		$late->artifact(srt => 'srt-0000000000000001.srt', "1\n00:00:00,000 --> 00:00:01,000\nHello\n", 'application/x-subrip', language => 'en');
		$late->artifact(poster => 'poster-0000000000000001.jpg', "\xff\xd8\xff\xe0\0\x10JFIF\0picture\xff\xd9", 'image/jpeg');
		$late->{publication}{playlist_title} = 'Algebra';
		$late->{fake}->faults({ on => $what, status => $status, $reason ? (reason => $reason) : () });
		my $failed = $late->attempt->{failed};
		is($failed->{class}, $class, "$what answers $status for a while: the attempt fails") or diag(explain($failed));
		$late->{fake}->faults;
		$end = $late->attempt;
		is_published($late, $end, 'another one has all');
		is_deeply([ steps($end) ], [], 'without a warning');
		is(scalar($late->videos), 1, 'and the video was sent once');
	}

	# switched off
	my $plain = new_trial('youtube_plain', bytes => 1000);
	$plain->{artifacts} = { %{ $trial->{artifacts} }, video => $plain->{artifacts}{video} };
	@{ $plain->{publication} }{qw(thumbnail captions)} = (JSON::PP::false, JSON::PP::false);
	is_published($plain, $plain->attempt, 'a lesson without thumbnail and captions');
	is(scalar($plain->{fake}->requests('thumbnails\.set|captions\..*')), 0, 'neither is asked for when it is switched off');
}

done_testing();
