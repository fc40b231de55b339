# tests/tap/t/725_vk.pl
#     A lesson on VK: there once and whole, whatever breaks on the way; brought in line, replaced and taken back; what VK refuses is
#     what people are told.
use strict;
use warnings;

use JSON::PP;
use KillRounds;
use Test::More;
use VkTrial;

my ($true, $false) = (JSON::PP::true, JSON::PP::false);
my $group = 218861756;

sub steps { return [ map { "$_->{step} $_->{code}" } @{ $_[0]{done}{target}{meta}{warnings} // [] } ]; }

sub is_failed
{
	my ($end, $class, $code, $what) = @_;
	is_deeply([ @{ $end->{failed} // {} }{qw(class code)} ], [ $class, $code ], $what) or diag(explain($end->{failed} // $end->{done}));
}

sub asked { my ($trial, $which) = @_; return map { $_->{endpoint} } $trial->{fake}->requests($which); }

subtest 'what is published' => sub {
	my $trial = VkTrial->new('vk');
	my @order;

	$trial->{settings} = { title => 'Линейная алгебра', description => "Ось\n0:00 Начало", privacy_view => 1, privacy_comment => 3, disable_comments => $true, repeat => $true, wallpost => $true };
	$trial->file(poster => 'jpg', "\xff\xd8\xff\xe0\0\x10JFIF\0picture\xff\xd9");
	my $end = $trial->attempt(on_line => sub { push @order, exists $_[0]{confirm} ? 'confirm' : exists $_[0]{checkpoint} ? 'checkpoint' . scalar(asked($trial, '^upload$')) : () });
	my $video = $trial->once($end, 'a video with our bytes');
	is_deeply([ @$video{qw(title description)} ], [ 'Линейная алгебра', "Ось\n0:00 Начало" ], 'its title and description');
	is_deeply(steps($end), [], 'nothing is wanting');
	ok($video->{thumb}, 'it has the poster as its cover');
	is(scalar($trial->posts), 1, 'and there is a post');
	is_deeply([ @order[ 0 .. 2 ] ], [ 'checkpoint0', 'checkpoint0', 'confirm' ], 'id and address are stored, and the lease confirmed, before a byte flows');
	unlike(encode_json([ grep { !exists $_->{checkpoint} } @{ $end->{lines} } ]), qr/vk-secret|sig=/, 'neither token nor address is told');

	my %published = (remote_id => $end->{done}{target}{remote_id}, meta => $end->{done}{target}{meta});
	$trial->{checkpoint} = undef;
	$trial->{fake}->forget;
	$trial->{settings} = { title => 'Another', description => 'text', wallpost => $true };
	$end = $trial->attempt(todo => 'update', %published, video_changed => $true);
	is($trial->once($end, 'an update keeps the video')->{title}, 'Another', 'and changes its title');
	is_deeply([ asked($trial, '^(upload|wall.post|video.save)$') ], [], 'no byte is sent, nothing is posted');
	is_deeply(steps($end), ['video video_kept'], 'that the video is the old one is said');

	$trial->file(video => 'mp4', 'another video');
	$end = $trial->attempt(todo => 'replace', %published);
	isnt($trial->once($end, 'replaced by another')->{name}, $published{remote_id}, 'with an id of its own');
	$end = $trial->attempt(todo => 'remove', remote_id => $end->{done}{target}{remote_id});
	is_deeply([ $trial->there, $end->{done}{target} ], [ {} ], 'taken back');
	ok($trial->attempt(todo => 'remove', %published)->{done}, 'what is gone already can be taken back');
	is_failed($trial->attempt(todo => 'update', %published), 'permanent', 'published_gone', 'and not be updated');
};

subtest 'a community' => sub {
	my $trial = VkTrial->new('vk_group');
	$trial->{settings} = { title => 'T', description => '', group_id => $group, wallpost => $true, privacy_view => 3 };
	my $end = $trial->attempt;
	like($trial->once($end, 'published there')->{name}, qr/^-${group}_/, 'the community owns it');
	is_deeply(steps($end), [], 'with a post');
	$trial->{settings}{group_id} = 77;
	$trial->{checkpoint} = undef;
	like($trial->attempt->{failed}{class}, qr/^(permanent|credential)$/, 'not in a community that there is not');
};

subtest 'an address that was emptied' => sub {
	my $trial = VkTrial->new('vk_emptied', bytes => 2_000_000);

	$trial->{fake}->faults({ on => 'upload', times => 1, cut_request => 700_000 });
	is_failed($trial->attempt, 'transient', 'connection_lost', 'the connection breaks within the bytes');
	my $address = $trial->{checkpoint}{platform}{upload_url};
	ok($address, 'the address is kept');
	$trial->{checkpoint}{platform}{upload_url} = '';
	$trial->{fake}->faults({ on => 'upload', times => 1, cut_request => 700_000 });
	is_failed($trial->attempt, 'transient', 'connection_lost', 'without it another video takes its place');
	isnt($trial->{checkpoint}{platform}{upload_url}, $address, 'at another address');
	$trial->once($trial->attempt, 'and is published once');
	ok(!exists $trial->{checkpoint}{platform}{upload_url}, 'then the address is forgotten');
};

subtest 'what breaks' => sub {
	my $trial = VkTrial->new('vk_breaks', bytes => 2_000_000);
	my $first;

	$trial->{fake}->faults({ on => 'upload', times => 1, cut_request => 700_000 });
	is_failed($trial->attempt, 'transient', 'connection_lost', 'the connection breaks within the bytes');
	$trial->once($trial->attempt, 'the next attempt sends them to the same video');
	is_deeply([ asked($trial, '^video.save$') ], ['video.save'], 'which was reserved once');

	for my $reserved (qw(hidden processing))
	{
		$trial = VkTrial->new("vk_lost_$reserved", fake => { reserved => $reserved, processing => 2 });
		$trial->{fake}->faults({ on => 'upload', times => 1, lose => 1 });
		is_failed($trial->attempt, 'transient', 'connection_lost', "the answer is lost ($reserved)");
		$first = ($trial->there)[0]{name};
		is($trial->once($trial->attempt, 'the video is found')->{name}, $first, 'and not sent again');
	}

	for my $reserved (qw(hidden processing))
	{
		$trial = VkTrial->new("vk_save_$reserved", fake => { reserved => $reserved });
		$trial->{fake}->faults({ on => 'video\.save', times => 1, lose => 1 });
		is_failed($trial->attempt, 'transient', 'connection_lost', "the answer to video.save is lost ($reserved)");
		$trial->once($trial->attempt, 'another id gets the bytes, the one that nobody knows gets none');
		is_deeply([ asked($trial, '^upload$') ], ['upload'], '... which are sent once');
	}

	$trial = VkTrial->new('vk_never', fake => { reserved => 'processing' });
	$trial->{fake}->faults({ on => 'upload', times => 1, cut_request => 100 });
	$trial->attempt;
	$trial->once($trial->attempt, 'what VK says to work on for ever is deleted and made anew');

	$trial = VkTrial->new('vk_late');
	$trial->{fake}->faults({ on => 'upload', times => 1, cut_request => 100 });
	$trial->attempt;
	$trial->{fake}->advance(90_000);
	$trial->once($trial->attempt, 'an address that has ended: another one');

	$trial = VkTrial->new('vk_other');
	$trial->{fake}->faults({ on => 'upload', times => 1, lose => 1 });
	$trial->attempt;
	$trial->file(video => 'mp4', 'cut anew meanwhile');
	$trial->once($trial->attempt, 'of a lesson that was cut anew there is the new video, and not the old one');

	$trial = VkTrial->new('vk_wall');
	$trial->{settings}{wallpost} = $true;
	$trial->{fake}->faults({ on => 'wall\.post', times => 3, lose => 1 });
	is_failed($trial->attempt, 'transient', 'connection_lost', 'a post that cannot be known of is asked for again');
	my $end = $trial->attempt;
	$trial->once($end, 'by another attempt, which does not send the video again');
	is_deeply(steps($end), [], 'and VK knows it');
	is(scalar($trial->posts), 1, 'so that it is there once');

	$trial = VkTrial->new('vk_refused_lease');
	$end = $trial->attempt(confirm => 0);
	is_failed($end, 'lost', 'lease_lost', 'without the lease');
	is_deeply([ $trial->there ], [], 'nothing is published');
};

subtest 'a token that ends on the way' => sub {
	for my $uses (0 .. 3)
	{
		my $trial = VkTrial->new("vk_expires_$uses");
		$trial->{settings}{wallpost} = $true;
		$trial->file(poster => 'jpg', "\xff\xd8\xff\xe0\0\x10JFIF\0picture\xff\xd9");
		$trial->sign_in($uses);
		my $end = $trial->attempt;
		$trial->once($end, "after $uses calls");
		is_deeply([ steps($end), asked($trial, '^upload$'), scalar(my @posts = $trial->posts) ], [ [], 'upload', 1 ], '... nothing is wanting, and nothing is sent twice') or diag(explain($end));
		is(scalar(asked($trial, '^token$')), 1, '... with one new token');
	}
};

subtest 'what VK refuses' => sub {
	my $trial = VkTrial->new('vk_refuses');

	for my $case ([ 1, 'transient', 'server_error' ], [ 5, 'credential', qr/^token_(refused|expired)$/ ], [ 6, 'rate_limited', 'rate_limited' ], [ 9, 'rate_limited', 'flood_control' ],
		[ 7, 'permanent', 'permission_missing' ], [ 10, 'transient', 'server_error' ], [ 14, 'credential', 'captcha_needed' ], [ 15, 'permanent', 'access_denied' ], [ 17, 'credential', 'validation_needed' ],
		[ 28, 'credential', qr/^token_(refused|expired)$/ ], [ 29, 'rate_limited', 'platform_quota' ], [ 100, 'permanent', 'request_refused' ], [ 204, 'permanent', 'access_denied' ])
	{
		my ($number, $class, $code) = @$case;
		$trial->{checkpoint} = undef;
		$trial->{fake}->faults({ on => 'video\.save', times => 9, reason => $number });
		my $end = $trial->attempt;
		is($end->{failed}{class}, $class, "error $number: $class") or diag(explain($end));
		like($end->{failed}{code} // '', ref $code ? $code : qr/^$code$/, "... $code");
		cmp_ok($end->{failed}{retry_after} // 0, '>', 0, '... and when to come back') if $class eq 'rate_limited';
		ok($end->{failed}{hint}, '... and what to do') if $class eq 'credential';
	}
	for my $status (403, 404, 302)
	{
		$trial->{checkpoint} = undef;
		$trial->{fake}->faults({ on => 'video\.save', times => 1, status => $status });
		is_failed($trial->attempt, 'permanent', 'request_refused', "status $status, which the API never has");
	}
	{
		$trial->{checkpoint} = undef;
		$trial->{fake}->faults({ on => 'video\.save', times => 1, status => 403 });
		my $failed = $trial->attempt->{failed};
		like($failed->{hint}, qr/endpoint "api" of vk/, 'says where to look');
		unlike("$failed->{message} $failed->{hint}", qr/link|http/, 'and speaks of no link');
		$trial->{checkpoint} = undef;
	}
	$trial->{fake}->faults({ on => 'video\.save', times => 2, reason => 6 });
	$trial->once($trial->attempt, 'one call too many is made again');

	$trial = VkTrial->new('vk_minor');
	$trial->{settings}{wallpost} = $true;
	$trial->file(poster => 'jpg', "\xff\xd8\xff\xe0\0\x10JFIF\0picture\xff\xd9");
	$trial->{fake}->faults({ on => 'video\.saveUploadedThumb', times => 9, reason => 129 }, { on => 'wall\.post', times => 9, reason => 214 });
	my $end = $trial->attempt;
	$trial->once($end, 'what is minor does not fail the lesson');
	is_deeply(steps($end), [ 'thumbnail request_refused', 'wallpost wall_refused' ], 'and is a warning each');

	# what VK does not refuse for good is made up for
	for my $case ([ 10, 'transient', 'server_error' ], [ 9, 'rate_limited', 'flood_control' ])
	{
		my ($number, $class, $code) = @$case;
		$trial = VkTrial->new("vk_minor_$number");
		$trial->file(poster => 'jpg', "\xff\xd8\xff\xe0\0\x10JFIF\0picture\xff\xd9");
		$trial->{fake}->faults({ on => 'video\.saveUploadedThumb', times => 99, reason => $number });
		is_failed($trial->attempt, $class, $code, "a picture that cannot be had now ($number)");
		$trial->{fake}->faults;
		$end = $trial->attempt;
		$trial->once($end, 'another attempt finds the video');
		is_deeply([ asked($trial, '^upload$') ], ['upload'], 'which was sent once') or diag(explain([ map { $_->{endpoint} } $trial->{fake}->requests ]));
		is_deeply(steps($end), [], 'and adds the picture');
	}
};

subtest 'killed at any byte' => sub { KillRounds::rounds(vk => 10, $ENV{LEAP_SEED} // time); };

done_testing();
