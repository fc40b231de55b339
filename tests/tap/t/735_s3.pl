# tests/tap/t/735_s3.pl
#     Buckets as target and as source, against an S3 service of others: what is published is there
#     once and as it is, whatever breaks on the way; what lies in a bucket is found and fetched.
use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use JSON::PP;
use PostgreSQL::Test::Utils;
use S3Trial;
use Test::More;

my $seed = $ENV{LEAP_SEED} // time;
srand $seed;
note("LEAP_SEED=$seed");

my $trial = S3Trial->new('s3') or plan skip_all => 'python3-swift is not installed';
my ($leap, $s3, $proxy) = @$trial{qw(leap s3 proxy)};
my ($id, $part) = ($S3Trial::id, $S3Trial::part);

sub video { return S3Trial::video(@_); }
sub input { return $trial->input(@_); }
sub credential { return $trial->credential(@_); }
sub upload { return $trial->upload(@_); }
sub again { return $trial->again(@_); }
sub is_there { return $trial->is_there(@_); }

subtest 'a small lesson with all that belongs to it' => sub {
	my $video = video(100_000);
	my $end = upload(input('lectures/one.mp4', $video));

	ok($end->{done}, 'published') or return diag(explain($end->{failed}));
	is_deeply([ sort $s3->keys('films') ], [ sort map { "lectures/one.$_" } qw(mp4 srt ru.srt vtt poster.jpg transcript.txt metadata.json description.txt) ],
		'the video and the files beside it');
	is_there('lectures/one.mp4', $video, 'small');
	is($end->{done}{target}{remote_id}, 'films/lectures/one.mp4', 'named by bucket and key');
	is($end->{done}{target}{url}, $proxy->url . '/films/lectures/one.mp4', 'and by its address');
	is($end->{done}{target}{meta}{etag}, md5_hex($video), 'its ETag is known');
	is($end->{confirms}, 1, 'the lease was confirmed once');
	is($s3->head('films', 'lectures/one.mp4')->{headers}{'content-type'}, 'video/mp4', 'media type of the video');
	is($s3->head('films', 'lectures/one.vtt')->{headers}{'content-type'}, 'text/vtt', 'and of subtitles');
	my $metadata = decode_json($s3->get('films', 'lectures/one.metadata.json'));
	is_deeply([ map { $_->{name} } @{ $metadata->{files} } ], [ qw(one.mp4 one.poster.jpg one.srt one.vtt one.transcript.txt one.ru.srt) ],
		'metadata names the files as they are called here');

	$proxy->requests;
	$end = upload(input('lectures/one.mp4', $video));
	ok($end->{done}, 'the same again');
	is_deeply([ grep { /^PUT/ } $proxy->requests ], [], 'sends nothing that is there');
	is($end->{confirms}, 0, 'and asks for nothing');

	my $target_now = { todo => 'update', remote_id => 'films/lectures/one.mp4', meta => $end->{done}{target}{meta} };
	$end = upload(input('other.mp4', $video, target => $target_now, publication => { description => 'New', sidecars => [qw(srt description)] }));
	ok($end->{done}, 'updated') or diag(explain($end->{failed}));
	is_deeply([ sort $s3->keys('films') ], [ sort map { "lectures/one.$_" } qw(mp4 srt ru.srt description.txt) ],
		'at its place; files that are not wanted any more are gone');
	is($s3->get('films', 'lectures/one.description.txt'), 'New', 'with the new description');
	is_deeply([ grep { /^PUT.*mp4/ } $proxy->requests ], [], 'the video was not sent again');

	my $other = video(90_000);
	$end = upload(input('other.mp4', $other, target => { %$target_now, video_changed => JSON::PP::true }));
	is_there('lectures/one.mp4', $other, 'updated with a new video');

	$s3->put('films', 'lectures/one.2.mp4', 'of somebody else');
	$s3->put('films', 'lectures/one.en.srt', 'of somebody else');
	$end = upload(input('other.mp4', $other, target => { %$target_now, todo => 'remove' }));
	ok($end->{done}, 'removed') or diag(explain($end->{failed}));
	is_deeply([ $s3->keys('films') ], [ 'lectures/one.2.mp4', 'lectures/one.en.srt' ], 'what is of others stays');
	ok(upload(input('other.mp4', $other, target => { %$target_now, todo => 'remove' }))->{done}, 'what is gone is removed already');
	is(upload(input('other.mp4', $other, target => $target_now))->{failed}{code}, 'published_gone', 'and cannot be updated');
	is(upload(input('lectures/one.2.mp4', $other))->{failed}{code}, 'key_taken', 'an object of others is not written over');
	is($s3->get('films', 'lectures/one.2.mp4'), 'of somebody else', 'it is as it was');
	$s3->delete('films', $_) for $s3->keys('films');
};

subtest 'where it is put' => sub {
	my $video = video(1000);
	my %keys = ('' => '2026-11-21-pages-0123456789ab/video.mp4', 'a/' => 'a/video.mp4', 'a/b' => 'a/b.mp4', 'лекция 1+2.mp4' => 'лекция 1+2.mp4');
	for my $wish (sort keys %keys)
	{
		my $end = upload(input($wish, $video, publication => { sidecars => [] }));
		is($end->{done}{target}{remote_id}, "films/$keys{$wish}", "\"$wish\"") or diag(explain($end->{failed}));
	}
	my $end = upload(input('a/b', $video, publication => { sidecars => [] }, target => { earlier => [ { remote_id => 'films/a/b.mp4' } ] }));
	is($end->{done}{target}{remote_id}, 'films/a/b-2.mp4', 'beside an earlier one that stays');
	is(upload(input('a/../b', $video))->{failed}{code}, 'bad_key', 'no way up');
	is(upload(input('a', $video, publication => { bucket => '' }))->{failed}{code}, 'bad_settings', 'no bucket');
	is(upload(input('a', $video), credential => undef)->{failed}{code}, 'credential_missing', 'no credential');
	$s3->delete('films', $_) for $s3->keys('films');
};

subtest 'refusals' => sub {
	my $input = input('refused.mp4', video(1000), publication => { sidecars => [] });
	my $failed = sub { return upload($input, @_)->{failed} // {} };

	is($failed->(credential => credential(secret_access_key => 'wrong'))->{class}, 'credential', 'a wrong secret');
	is($failed->(credential => credential(access_key_id => 'test:nobody'))->{class}, 'credential', 'an unknown key');
	is_deeply([ @{ $failed->(credential => credential(access_key_id => 'test:reader', secret_access_key => 'reader-secret')) }{qw(class code)} ], [ 'permanent', 'access_denied' ],
		'a key that may not, which says nothing against the key elsewhere');
	is($failed->(credential => credential(region => 'eu-west-1'))->{code}, 'wrong_region', 'another region');
	like($failed->(credential => credential(region => 'eu-west-1'))->{hint}, qr/"us-east-1"/, 'and which it is');
	is(upload(input('a', 'x', publication => { bucket => 'nowhere' }))->{failed}{code}, 'bucket_missing', 'no such bucket');
	is($failed->(allow_private => 0)->{code}, 'address_refused', 'a private address that is not allowed');
	is($failed->(confirm => 0)->{class}, 'lost', 'without the lease nothing is published');
	is_deeply([ $s3->keys('films') ], [], 'nothing was');

	my %told = (
		'503 SlowDown' => [ 'rate_limited', 30 ],
		'500 InternalError' => [ 'transient', 0 ],
		'403 AccessDenied' => [ 'permanent', 0 ],
		'403 InvalidAccessKeyId' => [ 'credential', 0 ],
		'403 SignatureDoesNotMatch' => [ 'credential', 0 ],
		'400 ExpiredToken' => [ 'credential', 0 ],
		'400 EntityTooLarge' => [ 'permanent', 0 ],
		'301 PermanentRedirect' => [ 'permanent', 0 ]);
	for my $case (sort keys %told)
	{
		my ($status, $code) = split ' ', $case;
		$proxy->set({ match => '^PUT ', times => 100, do => 'answer', status => $status, body => "<Error><Code>$code</Code><Message>m</Message></Error>" });
		my $error = $failed->();
		is($error->{class}, $told{$case}[0], $case);
		is($error->{retry_after} // 0, $told{$case}[1], "$case: when to come back") if $told{$case}[1];
	}
	$proxy->set({ match => '^PUT ', times => 3, do => 'answer', status => 500, body => '' });
	ok(upload($input)->{done}, 'a service that is in trouble for a moment is asked again');
	$proxy->set({ match => '^PUT ', do => 'answer', status => 403, headers => [ 'Date: Sat, 21 Nov 2020 00:00:00 GMT' ],
		body => '<Error><Code>RequestTimeTooSkewed</Code></Error>' });
	$s3->delete('films', 'refused.mp4');
	$proxy->requests;
	is_deeply($failed->(), {}, 'a clock that is wrong is set by what the service says');
	is(scalar(grep { /^PUT/ } $proxy->requests), 3, 'until the service agrees');
	$proxy->set();
};

subtest 'in parts' => sub {
	my $video = video(2.5 * $part);
	my $input = input('large.mp4', $video, publication => { sidecars => [] });
	my $end = upload($input);

	ok($end->{done}, 'published') or return diag(explain($end->{failed}));
	is_there('large.mp4', $video, 'in parts');
	is(scalar(grep { /partNumber/ } $proxy->requests), 3, 'in three of them');
	is_deeply([ map { $_->{platform}{beginning} ? 'beginning' : $_->{platform}{upload_id} ne '' ? 'id' : '?' } @{ $end->{checkpoints} } ],
		[ 'beginning', 'id' ], 'what was begun was stored before');
	like($end->{done}{target}{meta}{etag}, qr/^[0-9a-f]{32}-3$/, 'the ETag is that of three parts');

	$s3->delete('films', 'large.mp4');
	$proxy->set({ match => 'partNumber=2', do => 'cut', bytes => 3_000_000, times => 100 });
	$end = upload($input);
	is($end->{failed}{class}, 'transient', 'a connection that breaks again and again');
	is_deeply([ $s3->uploads('films') ], ['large.mp4'], 'leaves an upload');
	$proxy->set();
	$proxy->requests;
	my %there = map { $_ => 1 } $s3->must(GET => '/films/large.mp4', { uploadId => $end->{checkpoints}[-1]{platform}{upload_id} })->{content} =~ m{<PartNumber>(\d)</PartNumber>}g;
	ok(!$there{2}, 'in which the part is missing that could not be sent');
	$end = upload(again($input, $end));
	is_there('large.mp4', $video, 'gone on with');
	is_deeply([ sort map { /partNumber=(\d)/ } $proxy->requests ], [ grep { !$there{$_} } 1 .. 3 ], 'what was there was not sent again');

	delete $input->{checkpoint};
	$s3->delete('films', 'large.mp4');
	$proxy->set({ match => 'partNumber=2', do => 'change', bytes => 5_000_000 });
	$end = upload($input);
	is_there('large.mp4', $video, 'a byte that was changed on the way');
	is(scalar(grep { /partNumber=2/ } $proxy->requests), 2, 'the service sees it, and gets the part again');

	$s3->delete('films', 'large.mp4');
	$proxy->set({ match => 'partNumber=2', do => 'answer', status => 400,
		body => '<Error><Code>InvalidRequest</Code><Message>Content-MD5 OR x-amz-checksum- HTTP header is required for Put Part requests with Object Lock parameters</Message></Error>' });
	$end = upload($input);
	is_there('large.mp4', $video, 'a bucket that wants an MD5');

	# a session token ends while the parts are sent: the next attempt, with another one, sends what is missing
	delete $input->{checkpoint};
	$s3->delete('films', 'large.mp4');
	my $ended = sub { return { match => $_[0], head => 'x-amz-security-token: first', times => 999, do => 'answer', status => 400, body => '<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>' }; };
	$proxy->set($ended->('partNumber=3'));
	$end = upload($input, credential => $trial->credential(session_token => 'first'));
	is_deeply([ @{ $end->{failed} // {} }{qw(class code)} ], [qw(credential credential_refused)], 'a session token that ends between the parts') or diag(explain($end));
	is_deeply([ $s3->uploads('films') ], ['large.mp4'], '... leaves the upload');
	$proxy->set($ended->('.'));
	$proxy->requests;
	%there = map { $_ => 1 } $s3->must(GET => '/films/large.mp4', { uploadId => $end->{checkpoints}[-1]{platform}{upload_id} })->{content} =~ m{<PartNumber>(\d)</PartNumber>}g;
	$end = upload(again($input, $end), credential => $trial->credential(session_token => 'first'));
	is($end->{failed}{class}, 'credential', '... which the same one does not go on with');
	is_deeply([ grep { /^(?:PUT|DELETE)/ } $proxy->requests ], [], '... and spoils nothing');
	$end = upload(again($input, $end), credential => $trial->credential(session_token => 'second'));
	is_there('large.mp4', $video, 'another session token goes on with it');
	my @sent = map { /partNumber=(\d)/ } $proxy->requests;    # what was on its way when the first one ended may have arrived later
	is_deeply([ grep { $there{$_} } @sent ], [], '... and sends nothing that was there');
	is(scalar(grep { $_ == 3 } @sent), 1, '... but what was missing');
	$proxy->set();

	delete $input->{checkpoint};
	$s3->delete('films', 'large.mp4');
	$proxy->set({ match => 'partNumber=3', do => 'lose', times => 2 });
	$end = upload($input);
	is_there('large.mp4', $video, 'answers that are lost');

	$s3->delete('films', 'large.mp4');
	$proxy->set({ match => '^POST.*uploadId', do => 'lose', times => 1 });
	$end = upload($input);
	is_there('large.mp4', $video, 'the answer of the last request is lost');

	$s3->delete('films', 'large.mp4');
	$proxy->set({ match => '^POST.*uploads', do => 'lose', times => 1 });
	$end = upload($input);
	is($end->{failed}{class}, 'transient', 'the answer of the first one: it is not sent twice');
	is_deeply([ $s3->uploads('films') ], ['large.mp4'], 'an upload nobody knows');
	$end = upload(again($input, $end));
	is_there('large.mp4', $video, 'which the next attempt finds and forgets');

	delete $input->{checkpoint};
	$s3->delete('films', 'large.mp4');
	$proxy->set({ match => '^POST.*uploadId', do => 'answer', status => 200, body => '<?xml version="1.0"?><Error><Code>InternalError</Code><Message>m</Message></Error>' });
	$end = upload($input);
	is($end->{failed}{code}, 'server_error', 'an error behind "200 OK"') or diag(explain($end));
	$end = upload(again($input, $end));
	is_there('large.mp4', $video, 'the next attempt puts the parts together');

	$s3->delete('films', 'large.mp4');
	delete $input->{checkpoint};
	$end = upload($input, confirm => 0);
	is($end->{failed}{class}, 'lost', 'without the lease the parts are not put together');
	is($s3->head('films', 'large.mp4')->{status}, 404, 'nothing is there');
	my ($upload) = $end->{checkpoints}[-1]{platform}{upload_id};
	$s3->must(DELETE => '/films/large.mp4', { uploadId => $upload });
	$end = upload(again($input, $end));
	is_there('large.mp4', $video, 'an upload that has expired');

	my $other = video(2 * $part);
	$s3->delete('films', 'large.mp4');
	$end = upload($input, confirm => 0);
	delete $input->{checkpoint};
	$end = upload(again(input('large.mp4', $other, publication => { sidecars => [] }), $end));
	is_there('large.mp4', $other, 'another video than was begun');
	$s3->delete('films', $_) for $s3->keys('films');
};

subtest 'cut at bytes by chance' => sub {
	for my $round (1 .. 4)
	{
		my $video = video($part + int rand 2 * $part);
		my $input = input("cut$round.mp4", $video, publication => { sidecars => ['srt'] });
		my $end = { checkpoints => [] };
		my $tries = 0;

		$proxy->set(map { { match => '^(PUT|POST)', do => rand() < .7 ? 'cut' : 'lose', bytes => int rand $part, times => 1 + int rand 6 } } 1 .. 3);
		while (!$end->{done} && $tries++ < 20)
		{
			$end = upload(again($input, $end));
			last if $end->{failed} && $end->{failed}{class} ne 'transient';
		}
		is_there("cut$round.mp4", $video, "round $round, $tries attempts") or diag(explain($end->{failed}));
		$proxy->set();
	}
	is_deeply([ sort $s3->keys('films') ], [ sort map { ("cut$_.mp4", "cut$_.ru.srt", "cut$_.srt") } 1 .. 4 ], 'each is there once');
	$s3->delete('films', $_) for $s3->keys('films');
};

subtest 'stopped within a second' => sub {
	my $begin;
	$proxy->set({ match => 'partNumber=1', do => 'slow', seconds => 5 });
	my $end = $leap->run(upload => input('stop.mp4', video(1.5 * $part)), credential => credential(), on_line => sub {
		my ($line, $pid) = @_;
		return if $begin || !exists $line->{progress} || ($line->{step} // '') ne 'uploading the video';
		$begin = time;
		kill 'TERM', $pid;
	});
	ok($begin && time - $begin <= 3, 'while a part is sent');
	$proxy->set();
};

subtest 'as a source' => sub {
	my $content = video(300_000);
	my $sync = sub {
		my ($config, %more) = @_;
		return $leap->run(sync => { type => 'S3', most => 10000, config => { bucket => 'films', %$config }, %more }, credential => credential());
	};
	$s3->put('films', 'in/lecture 1.mp4', $content);
	$s3->put('films', 'in/copy of 1.mp4', $content);
	$s3->put('films', "in/\x{d0}\x{bb}+%.mp4", 'другой');
	$s3->put('films', 'in/folder/', '');
	$s3->put('films', 'out/other.mp4', 'other');

	my $end = $sync->({ prefix => 'in/' });
	ok($end->{done}, 'listed') or return diag(explain($end->{failed}));
	my %items = map { $_->{source}{key} => $_ } @{ $end->{done}{facts}{items} };
	is_deeply([ sort keys %items ], [ "in/copy of 1.mp4", "in/lecture 1.mp4", "in/\x{43b}+%.mp4" ], 'what lies below the prefix; no folders')
		or diag(explain($end->{done}));
	is($items{'in/lecture 1.mp4'}{display_name}, 'lecture 1', 'with names');
	is($items{'in/lecture 1.mp4'}{bytes}, '300000', 'and sizes');
	is($items{'in/lecture 1.mp4'}{source_key}, $items{'in/copy of 1.mp4'}{source_key}, 'a copy is the same recording');
	isnt($items{'in/lecture 1.mp4'}{source_key}, $items{"in/\x{43b}+%.mp4"}{source_key}, 'another file is not');
	unlike(encode_json($end->{done}), qr/swift-secret|Signature/, 'no secret is told');
	is(scalar @{ $sync->({})->{done}{facts}{items} }, 4, 'all of the bucket');
	my @keys = map { $_->{source}{key} } $leap->parts(sub { $sync->({}, most => 1, @_) });
	is_deeply(\@keys, [ "in/copy of 1.mp4", "in/lecture 1.mp4", "in/\x{43b}+%.mp4", 'out/other.mp4' ], 'in parts, in the order of keys');
	my @left = map { $_->{source}{key} } $leap->parts(sub { $sync->({ prefix => 'in/' }, most => 1, @_) }, sub {
		$s3->delete('films', 'in/copy of 1.mp4');
		$s3->put('films', 'in/m.mp4', 'between');
	});
	is_deeply(\@left, [ "in/copy of 1.mp4", "in/lecture 1.mp4", 'in/m.mp4', "in/\x{43b}+%.mp4" ], 'what was told last may be gone, and what comes behind it is found');
	$s3->put('films', 'in/copy of 1.mp4', $content);
	$s3->delete('films', 'in/m.mp4');
	is(scalar @{ $sync->({ prefix => 'nothing/' })->{done}{facts}{items} }, 0, 'nothing');
	is($sync->({ bucket => 'nowhere' })->{failed}{code}, 'bucket_missing', 'no such bucket');

	my $fetch = sub {
		my ($source, %options) = @_;
		return $leap->run(download => { recording => { id => $id, lane => 7, name => 'x', source => $source }, config => {}, %{ delete $options{input} // {} } },
			credential => credential(), %options);
	};
	my $source = $items{'in/lecture 1.mp4'}{source};
	$end = $fetch->($source);
	is($end->{failed}{class}, 'input', 'what is no video is looked at and refused');
	my ($get) = grep { m{^GET \S*/in/lecture} } $proxy->requests;
	like($get, qr/X-Amz-Signature=/, 'fetched by a link that is signed');
	unlike(encode_json($end->{lines}), qr/X-Amz-Signature|swift-secret/, 'which nobody is told');
	is($fetch->({ %$source, key => 'in/gone.mp4' })->{failed}{code}, 'source_missing', 'what is gone');
	$s3->put('films', 'in/lecture 1.mp4', 'written anew');
	is($fetch->($source)->{failed}{code}, 'source_changed', 'what was written anew');
	$s3->delete('films', $_) for $s3->keys('films');
};

subtest 'fetched whole' => sub {
	my $file = "$leap->{base}/lecture.mp4";
	system('ffmpeg', '-v', 'error', '-y', qw(-f lavfi -i testsrc2=size=320x180:rate=25:duration=8 -f lavfi -i sine=f=300:d=8
		-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 25 -c:a aac -movflags +faststart), $file) == 0 or die "ffmpeg\n";
	my $bytes = slurp_file($file);
	my ($by_link, $checked) = ('^GET .*X-Amz-Signature', 0);
	my $download = sub {
		return $leap->run(download => { recording => { id => $id, lane => 7, name => 'x', source => { type => 's3', bucket => 'films', key => 'in/lecture.mp4', @_ } },
			config => {}, artifacts => {} }, credential => credential());
	};
	my $whole = sub {
		my ($what) = @_;
		my $end = $download->();
		my $source = LeapChild::artifacts($end)->{source};
		ok($source && slurp_file("$leap->{storage}/$source->{uri}") eq $bytes, $what) or diag(explain($end->{failed}));
		return $end;
	};

	$s3->put('films', 'in/lecture.mp4', $bytes);
	$whole->('at once');
	$proxy->set(map { { match => $by_link, do => 'short', bytes => 1 + int rand length $bytes } } 1 .. 3);
	$whole->('by connections that break');
	$proxy->set({ match => $by_link, do => 'answer', status => 403, body => '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>' });
	$whole->('by a link that has expired, and another one');
	$proxy->set({ match => $by_link, times => 9, do => 'answer', status => 200, headers => ['Content-Type: video/mp4'], body => 'x' x length $bytes });
	like($download->()->{failed}{code} // '', qr/^(?:checksum_mismatch|not_media|unreadable)/, 'what is not what the ETag says is refused') ;
	$proxy->set();
	my $end = $download->(etag => 'another');
	is($end->{failed}{code}, 'source_changed', 'not another than was found');

	# in parts: the ETag is no hash of it, and nothing but the ETag tells what is there from what was
	my $in_parts = sub {
		my ($content) = @_;
		my ($upload) = $s3->must(POST => '/films/in/lecture.mp4', { uploads => '' })->{content} =~ m{<UploadId>([^<]+)};
		my $etag = $s3->must(PUT => '/films/in/lecture.mp4', { partNumber => 1, uploadId => $upload }, $content)->{headers}{etag};
		$s3->must(POST => '/films/in/lecture.mp4', { uploadId => $upload }, "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>$etag</ETag></Part></CompleteMultipartUpload>");
		return $s3->head('films', 'in/lecture.mp4')->{headers}{etag} =~ s/"//gr;
	};
	my $other = $bytes ^ ("\0" x (length($bytes) - 1000) . "\1" x 1000);
	for my $way ([ 'at once', sub { $s3->put('films', 'in/lecture.mp4', $_[0]); return $s3->head('films', 'in/lecture.mp4')->{headers}{etag} =~ s/"//gr; } ], [ 'in parts', $in_parts ], [ 'in parts, at a service without If-Match', $in_parts, 'If-Match' ])
	{
		my ($what, $store, $drop) = @$way;
		my $etag = $store->($bytes);
		my $done = 0;
		my $go = "$leap->{base}/go $what";

		$proxy->set({ match => $by_link, do => 'short', bytes => int(length($bytes) / 2) });
		$whole->("$what: gone on with after a break");
		$proxy->set({ match => $by_link, do => 'short', bytes => int(length($bytes) / 2), drop => $drop }, { match => $by_link, do => 'wait', file => $go, drop => $drop });
		$proxy->requests;
		$end = $leap->run(download => { recording => { id => $id, lane => 7, name => 'x', source => { type => 's3', bucket => 'films', key => 'in/lecture.mp4', etag => $etag } }, config => {}, artifacts => {} },
			credential => credential(), on_line => sub {
				return if $done || ($_[0]{progress} // 0) <= 0.02;
				$done = 1;
				$store->($other);
				open my $out, '>', $go or die "$go: $!\n";
			});
		is($done, 1, "$what: another object of the same size takes its place between two ranges");
		is_deeply([ @{ $end->{failed} // {} }{qw(class code)} ], [qw(input source_changed)], '... which is told') or diag(explain($end));
		is(scalar(grep { /$by_link/ } $proxy->requests), 2, '... at the second range: nothing of the other one is taken');
	}
	$s3->put('films', 'in/lecture.mp4', $bytes);

	# a session token that ends meanwhile
	my $expired = '<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>';
	$proxy->set({ match => $by_link, do => 'answer', status => 400, body => $expired });
	$whole->('a link whose session token has ended: by another one');
	$proxy->set({ match => '^GET', times => 99, do => 'answer', status => 400, body => $expired }, { match => '^HEAD', times => 99, do => 'answer', status => 400 });
	$end = $download->();
	is_deeply([ @{ $end->{failed} // {} }{qw(class code)} ], [qw(credential credential_refused)], 'keys that have ended') or diag(explain($end->{failed}));
	like($end->{failed}{hint}, qr/not expired/, '... and what to do');
	$proxy->set();
};

done_testing();
