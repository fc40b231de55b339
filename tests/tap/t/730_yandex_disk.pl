# tests/tap/t/730_yandex_disk.pl
#     A lesson on Yandex Disk: there once and whole, whatever breaks on the way, beside what others have there; brought in line,
#     replaced and taken back; what the disk refuses is what people are told.
use strict;
use warnings;

use JSON::PP;
use KillRounds;
use Test::More;
use YandexTrial;

my ($true, $false) = (JSON::PP::true, JSON::PP::false);
my $film = '/Lectures/2026/Eigenvalues.mp4';

sub steps { return [ map { "$_->{step} $_->{code}" } @{ $_[0]{done}{target}{meta}{warnings} // [] } ]; }

sub is_failed
{
	my ($end, $class, $code, $what) = @_;
	is_deeply([ @{ $end->{failed} // {} }{qw(class code)} ], [ $class, $code ], $what) or diag(explain($end->{failed} // $end->{done}));
}

sub published { my ($end) = @_; return (remote_id => $end->{done}{target}{remote_id}, meta => $end->{done}{target}{meta}); }

subtest 'what is published' => sub {
	my $trial = YandexTrial->new('yandex');
	my @order;

	$trial->file(srt => 'srt', 'subtitles');
	$trial->file('srt:en' => 'srt', 'in English');
	$trial->file(vtt => 'vtt', "WEBVTT\n");
	$trial->file(text => 'txt', 'what was said');
	@{ $trial->{settings} }{qw(sidecars publish)} = ([qw(srt vtt transcript description)], $true);
	my $end = $trial->attempt(on_line => sub {
		push @order, exists $_[0]{confirm} ? 'confirm' : (), scalar(grep { $_ eq $film } keys %{ $trial->files }) if exists $_[0]{confirm};
	});
	is($trial->once($end, 'a video with our bytes'), $film, 'where the settings say');
	is_deeply([ sort keys %{ $trial->files } ], [ map { "/Lectures/2026/Eigenvalues.$_" } qw(description.txt en.srt mp4 srt transcript.txt vtt) ], 'the files beside it');
	is_deeply(\@order, [ 'confirm', 0 ], 'the lease was confirmed once, before anybody could see it');
	like($end->{done}{target}{url}, qr{^https://yadi\.sk/d/}, 'its public link');
	is_deeply(steps($end), [], 'nothing is wanting');
	is_deeply($trial->folders, [ '/Lectures', '/Lectures/2026' ], 'folders were made');
	unlike(encode_json([ grep { !exists $_->{checkpoint} } @{ $end->{lines} } ]), qr/yandex-secret|upload-target/, 'neither token nor address is told');
	my ($sent) = $trial->{fake}->requests('upload');
	ok(!defined $sent->{headers}{authorization}, 'the token does not go to where the bytes go');

	my %was = published($end);
	my $link = $end->{done}{target}{url};
	$trial->{checkpoint} = undef;
	$trial->{fake}->forget;
	ok($trial->attempt(todo => 'update', %was)->{done}, 'brought in line');
	is_deeply([ $trial->asked('upload|resources\.upload') ], [], 'what is there is not sent again');

	@{ $trial->{settings} }{qw(description sidecars)} = ('Another', [qw(srt description)]);
	$trial->file(srt => 'srt', 'subtitles, corrected');
	$trial->file(video => 'mp4', 'another video');
	$end = $trial->attempt(todo => 'update', %was, video_changed => $true);
	$trial->once($end, 'an update brings the new video');
	is($end->{done}{target}{url}, $link, 'behind the same link');
	is_deeply([ sort keys %{ $trial->files } ], [ map { "/Lectures/2026/Eigenvalues.$_" } qw(description.txt en.srt mp4 srt) ], 'files that are not wanted any more are gone');
	is($trial->files->{'/Lectures/2026/Eigenvalues.srt'}, $trial->{files}{srt}{sha256}, 'others are the new ones');

	%was = published($end);
	$trial->{settings}{publish} = $false;
	$end = $trial->attempt(todo => 'update', %was);
	like($end->{done}{target}{url}, qr{^https://disk\.yandex\.ru/client/disk/Lectures/2026$}, 'published no more');
	%was = published($end);

	$trial->file(video => 'mp4', 'a third video');
	$trial->{checkpoint} = undef;
	$end = $trial->attempt(todo => 'replace', %was);
	is($trial->once($end, 'replaced'), $film, 'in its place');
	%was = published($end);

	$trial->put('/Lectures/notes.txt', 'of somebody else');
	$end = $trial->attempt(todo => 'remove', %was);
	is_deeply([ $trial->files, $end->{done}{target} ], [ { '/Lectures/notes.txt' => $trial->files->{'/Lectures/notes.txt'} }, {} ], 'taken back, with what lies beside it') or diag(explain($end->{failed}));
	is_deeply($trial->folders, ['/Lectures'], 'a folder goes if it is empty, and LEAP made it');
	ok(scalar(keys %{ $trial->{fake}->state('yandex_disk')->{trash} }), 'into the trash');
	ok($trial->attempt(todo => 'remove', %was)->{done}, 'what is gone already can be taken back');
	is_failed($trial->attempt(todo => 'update', %was), 'permanent', 'published_gone', 'and not be updated');
};

subtest 'beside what others have' => sub {
	my $trial = YandexTrial->new('yandex_beside');
	my $end;

	$trial->put($film, 'of somebody else');
	$trial->put('/Lectures/2026/Eigenvalues (2).srt', 'of somebody else');
	$trial->file(srt => 'srt', 'subtitles');
	$trial->{settings}{sidecars} = ['srt'];
	$end = $trial->attempt;
	is($trial->once($end, 'published'), '/Lectures/2026/Eigenvalues (2).mp4', 'under a free name');
	is_deeply(steps($end), ['subtitles.srt path_taken'], 'a file that is not ours is not written over');
	is(scalar(keys %{ $trial->files }), 3, 'and stays');

	my %was = published($end);
	$trial->put('/Lectures/2026/Eigenvalues (2).mp4', 'cut by hand');
	ok($trial->attempt(todo => 'remove', %was)->{done}, 'taken back');
	ok($trial->files->{'/Lectures/2026/Eigenvalues (2).mp4'}, 'but not what somebody has put in its place');

	$trial = YandexTrial->new('yandex_over');
	$trial->put($film, 'of somebody else');
	$trial->{settings}{overwrite} = $true;
	is($trial->once($trial->attempt, 'with overwrite'), $film, 'it takes the place');

	$trial = YandexTrial->new('yandex_new');
	$end = $trial->attempt;
	$trial->{checkpoint} = undef;
	$trial->file(video => 'mp4', 'anew');
	is($trial->once($trial->attempt(earlier => [ { published($end) } ]), 'another publication'), '/Lectures/2026/Eigenvalues (2).mp4', 'stands beside the earlier one');

	for my $case ([ undef, 'x.mp4', 'bad_settings' ], [ '/', 'One', '/One.mp4' ], [ 'disk:/A/', 'One.MP4', '/A/One.mp4' ], [ '/A B/Ж', 'Lecture 1.2', '/A B/%D0%96/Lecture 1.2.mp4' ],
		[ '/A', undef, '/A/2026-11-21 Eigenvalues.mp4' ], [ '/A', 'L' x 300, '/A/' . 'L' x 200 . '.mp4' ])
	{
		$trial = YandexTrial->new('yandex_place');
		@{ $trial->{settings} }{qw(folder_path filename)} = @$case[ 0, 1 ];
		$trial->{settings}{folder_path} =~ s/Ж/\x{416}/ if defined $case->[0];
		$end = $trial->attempt;
		my $want = $case->[2] =~ s/%D0%96/\x{416}/r;
		is(($end->{done}{target}{remote_id} // '') =~ s/^disk://r || $end->{failed}{code}, $want, 'the path of ' . encode_json([ @$case[ 0, 1 ] ]));
	}
};

subtest 'files with places of their own' => sub {
	my $trial = YandexTrial->new('yandex_own');

	delete $trial->{settings}{sidecars};
	$trial->file($_ => 'srt', "subtitles $_") for qw(srt srt:ru vtt);
	$trial->{settings}{subtitles_srt} = { folder_path => '/Subtitles', filename => 'one.srt' };
	$trial->{settings}{description_txt} = { filename => 'about.txt', content => 'About it' };
	my $end = $trial->attempt;
	$trial->once($end, 'published');
	is_deeply([ sort keys %{ $trial->files } ], [ $film, '/Lectures/2026/about.txt', '/Subtitles/one.ru.srt', '/Subtitles/one.srt' ], 'only those, where they are to be');
	delete @{ $trial->{settings} }{qw(subtitles_srt description_txt)};
	$trial->{checkpoint} = undef;
	$end = $trial->attempt(todo => 'update', published($end));
	is_deeply([ sort keys %{ $trial->files } ], [ sort $film, map { "/Lectures/2026/Eigenvalues.$_" } qw(srt ru.srt vtt description.txt metadata.json) ], 'by default all, beside the video');
};

subtest 'what breaks' => sub {
	my $trial = YandexTrial->new('yandex_breaks', bytes => 2_000_000);
	my $end;

	$trial->{fake}->faults({ on => 'upload', times => 1, cut_request => 700_000 });
	is_failed($trial->attempt, 'transient', 'connection_lost', 'the connection breaks within the bytes');
	is_deeply($trial->files, {}, 'nothing is seen');
	$trial->once($trial->attempt, 'the next attempt sends them whole');

	$trial = YandexTrial->new('yandex_lost');
	$trial->{fake}->faults({ on => 'upload', times => 1, lose => 1 });
	is_failed($trial->attempt, 'transient', 'connection_lost', 'the answer is lost');
	$trial->{fake}->forget;
	$trial->once($trial->attempt, 'the next attempt finds the bytes');
	is_deeply([ $trial->asked('upload') ], [], 'and sends none');

	$trial = YandexTrial->new('yandex_lost_move');
	$trial->{fake}->faults({ on => 'resources\.move', times => 1, lose => 1 });
	is_failed($trial->attempt, 'transient', 'connection_lost', 'the answer to the move is lost');
	is($trial->once($trial->attempt, 'the next attempt finds the video'), $film, 'where it is');

	$trial = YandexTrial->new('yandex_moved');
	$trial->{fake}->faults({ on => 'resources\.move', times => 1, lose => 1 });
	$trial->attempt;
	$trial->file(video => 'mp4', 'cut anew meanwhile');
	is($trial->once($trial->attempt, 'of a lesson that was cut anew there is the new video'), $film, 'in place of the old one');
	is(scalar(keys %{ $trial->files }), 1, 'which is gone');

	$trial = YandexTrial->new('yandex_renamed');
	$trial->{fake}->faults({ on => 'resources\.move', times => 1, lose => 1 });
	$trial->attempt;
	$trial->{settings}{filename} = 'Other.mp4';
	is($trial->once($trial->attempt, 'a name that was changed meanwhile'), '/Lectures/2026/Other.mp4', 'is the one');

	$trial = YandexTrial->new('yandex_late', fake => { accept => 202, operation_polls => 2 });
	$trial->once($trial->attempt, 'bytes that are accepted and put there later');

	$trial = YandexTrial->new('yandex_lease');
	$end = $trial->attempt(confirm => 0);
	is_failed($end, 'lost', 'lease_lost', 'without the lease');
	is_deeply([ grep { !m{/\.leap-} } keys %{ $trial->files } ], [], 'nothing is seen');
	$trial->once($trial->attempt, 'the next attempt shows what is there');
};

subtest 'what the disk refuses' => sub {
	my $trial = YandexTrial->new('yandex_refuses');

	for my $case ([ 400, 'FieldValidationError', 'permanent', 'request_refused' ], [ 403, 'ForbiddenError', 'permanent', 'permission_missing' ], [ 404, 'DiskNotFoundError', 'permanent', 'path_missing' ],
		[ 406, 'NotAcceptableError', 'permanent', 'request_refused' ], [ 409, 'DiskPathPointsToExistentDirectoryError', 'permanent', 'path_taken' ],
		[ 413, 'PayloadTooLargeError', 'permanent', 'file_too_large' ], [ 423, 'DiskResourceLockedError', 'transient', 'resource_locked' ],
		[ 423, 'DiskUploadTrafficLimitExceeded', 'rate_limited', 'upload_limit' ], [ 429, 'TooManyRequestsError', 'rate_limited', 'rate_limited' ],
		[ 500, 'InternalServerError', 'transient', 'server_error' ], [ 502, 'BadGatewayError', 'transient', 'server_error' ],
		[ 503, 'ServiceUnavailableError', 'transient', 'server_error' ], [ 507, 'InsufficientStorageError', 'quota', 'remote_full' ])
	{
		my ($status, $reason, $class, $code) = @$case;
		$trial->{fake}->faults({ on => 'resources\.upload', times => 9, status => $status, reason => $reason });
		my $end = $trial->attempt;
		is_failed($end, $class, $code, "$status $reason");
		cmp_ok($end->{failed}{retry_after} // 0, '>', 0, '... and when to come back') if $class eq 'rate_limited';
		ok($end->{failed}{hint}, '... and what to do') if $class =~ /credential|quota/;
	}
	for my $case ([ 413, 'permanent', 'file_too_large' ], [ 507, 'quota', 'remote_full' ], [ 412, 'transient', 'upload_expired' ], [ 500, 'transient', 'server_error' ], [ 404, 'transient', 'upload_expired' ])
	{
		$trial->{fake}->faults({ on => 'upload', times => 1, status => $case->[0] });
		is_failed($trial->attempt, @$case[ 1, 2 ], "$case->[0] where the bytes go");
	}
	is_deeply($trial->files, {}, 'nothing is there');
	$trial->{fake}->faults(map { { on => 'resources\.upload', times => 1, status => $_ } } 423, 429, 503);
	$trial->once($trial->attempt, 'what is locked, too much or in trouble for a moment is asked again');

	$trial = YandexTrial->new('yandex_full', fake => { total_space => 100_000 });
	is_failed($trial->attempt, 'quota', 'remote_full', 'no room');
	is_deeply([ $trial->asked('upload|resources\.upload') ], [], 'is said before a byte is sent');
	$trial = YandexTrial->new('yandex_large', fake => { max_file_size => 100_000 });
	is_failed($trial->attempt, 'permanent', 'file_too_large', 'a file that is too large, too');
	$trial = YandexTrial->new('yandex_file');
	$trial->put('/Lectures', 'a file');
	is_failed($trial->attempt, 'permanent', 'path_taken', 'a file where a folder is to be');

	$trial = YandexTrial->new('yandex_token');
	$trial->{token} = 'of nobody';
	is($trial->attempt->{failed}{class}, 'credential', 'a token that is not valid');
	is($trial->attempt(credential => undef)->{failed}{code}, 'credential_missing', 'no credential');
};

subtest 'a token that ends on the way' => sub {
	my $trial = YandexTrial->new('yandex_expires');
	my $renewed = 0;

	$trial->file(srt => 'srt', 'subtitles');
	$trial->{settings}{sidecars} = ['srt'];
	for my $uses (0 .. 12)
	{
		$trial->{fake}->change(yandex_disk => sub { $_[0]{entries} = { '/' => { type => 'dir' } } });
		$trial->{fake}->forget;
		$trial->sign_in(uses => $uses);
		$trial->{checkpoint} = undef;
		$trial->once($trial->attempt, "after $uses requests");
		is(scalar($trial->asked('upload')), 2, '... each file is sent once') or diag(explain([ $trial->asked ]));
		my $asked = $trial->asked('token');
		$renewed += $asked;
		cmp_ok($asked, '<=', 1, '... and the token renewed once at most');
	}
	cmp_ok($renewed, '>=', 8, 'wherever it ends') or diag($renewed);
};

subtest 'stopped on request' => sub {
	my $trial = YandexTrial->new('yandex_stop', bytes => 3_000_000);
	my $told = 0;

	$trial->{fake}->faults({ on => 'upload', times => 1, request_pace => 20_000 });
	my $end = $trial->attempt(on_line => sub { kill TERM => $_[1] if ($_[0]{progress} // 0) > 0.02 && !$told++ });
	is_failed($end, 'lost', 'cancelled', 'an upload that would last minutes');
	$trial->{fake}->faults;
	$trial->once($trial->attempt, 'and begun again');
};

subtest 'a check of the account' => sub {
	my $trial = YandexTrial->new('yandex_check', fake => { total_space => 1_000_000 });
	my $check = sub {
		return $trial->{leap}->run(credential => { action => 'check', platform => 'yandex_disk', endpoints => $trial->{fake}->endpoints('yandex_disk') },
			credential => { id => 'c', platform => 'yandex_disk', version => 1, data => { access_token => $trial->{token} } });
	};

	$trial->put('/x', 'x' x 1000);
	my $facts = $check->()->{done}{facts} // {};
	is_deeply([ @$facts{qw(account title total_bytes free_bytes)} ], [ 'lecturer', 'lecturer', '1000000', '999000' ], 'who it is, and how much room there is') or diag(explain($facts));
	$trial->{fake}->faults({ on => 'disk', times => 1, status => 403 });
	is($check->()->{failed}{class}, 'credential', 'rights that are missing');
};

subtest 'killed at any byte' => sub { KillRounds::rounds(yandex_disk => 10, $ENV{LEAP_SEED} // time); };

done_testing();
