# tests/tap/t/220_speech_http.pl
#     Speech providers behind HTTP against strict servers: every word of every shape of answer, at its time; what goes
#     wrong, tried again or told as what it is; what was answered is not asked for again; the key goes to its
#     provider alone.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use IO::Socket::INET;
use JSON::PP;
use Test::More;

use lib dirname(abs_path(__FILE__)) . '/../lib';
use FakeSpeech;
use LeapChild;
use RemoteSpeech;
use SpokenTones;

my $KEY = 'sk-planted-4711-key';
my $leap = LeapChild->new('speech_http');
my $long = RemoteSpeech->new($leap, seconds => 100, seed => 5, cuts => [ [ 0, 46 ], [ 50, 100 ] ]);
my $short = RemoteSpeech->new($leap, seconds => 62, seed => 6);
my @keys = (keys => { cloud => $KEY, other => 'unused' });

sub transcribe
{
	my ($lecture, $rows, %options) = @_;
	my %input = map { $_ => delete $options{$_} } grep { exists $options{$_} } qw(language vocabulary checkpoint);
	return $leap->run(transcribe => $lecture->input($rows, %input), @keys, %options);
}

sub openai { my ($server, %settings) = @_; return RemoteSpeech::provider('openai', $server->url . '/v1', chunk_seconds => 60, parallel => 2, %settings); }

# The words of the two kept parts, at their times.
sub words_are_right
{
	my ($end, $name, $language) = @_;
	my @said = map { my $span = $_; grep { $_->{start} >= $span->[0] && $_->{end} <= $span->[1] } @{ $long->{words} } } [ 0, 46 ], [ 50, 100 ];
	my $heard = RemoteSpeech::heard($leap, $end);
	my @got = grep { !/\[cut\]/ } map { lc $_->[3] =~ s/[^\w\[\]]//gr } @$heard;

	diag explain $end->{failed} if $end->{failed};
	is_deeply(\@got, [ map { SpokenTones::word($_->{id}, $language) } @said ], "$name: every word, once");
	return if @$heard != @said;
	my ($worst) = sort { $b <=> $a } map { abs($heard->[$_][0] - $said[$_]{start}) } 0 .. $#said;
	cmp_ok($worst, '<', 0.06, "$name: at its time in the recording ($worst s)");
	return;
}

# shapes of answers
for my $case (
	[ 'openai', 'whisper-1', 'en' ], [ 'fireworks', 'whisper-v3', 'ru', granularities => 'list', upload_format => 'mp3' ],
	[ 'whisper', 'any', 'en', upload_format => 'flac' ])
{
	my ($variant, $model, $language, %settings) = @$case;
	my $server = FakeSpeech->start('speech/openai', variant => $variant, key => $KEY);
	my $end = transcribe($long, [ openai($server, model => $model, %settings) ], language => $language, vocabulary => [ 'Jacobian', 'eigen value' ]);
	words_are_right($end, $variant, $language);
	is($end->{done}{facts}{language}, $language, "$variant: its language");
	my $billed = $server->billed;
	cmp_ok(abs($billed->{seconds} - ($end->{done}{facts}{usage}{cloud}{audio_seconds} // 0)), '<', 0.2 * $billed->{requests}, "$variant: usage is what was billed");
	cmp_ok($server->most_at_once, '<=', 2, "$variant: no more at once than is allowed");
	my ($request) = grep { $_->{fields} } $server->log('request');
	is($request->{fields}{prompt}, 'Jacobian, eigen value', "$variant: the vocabulary is a hint");
	is_deeply([ $server->log('malformed') ], [], "$variant: nothing was malformed");
}

my $quick = FakeSpeech->start('speech/openai', variant => 'openai', key => $KEY);
my $assembly = FakeSpeech->start('speech/assemblyai', key => $KEY);
my $row = RemoteSpeech::provider('assemblyai', $assembly->url);
{
	$quick->settings(no_words => JSON::PP::true, language => 'ru');
	my $end = transcribe($long, [ openai($quick, upload_format => 'wav') ]);
	is(scalar(grep { $_->[3] !~ m{\[cut\]} } @{ RemoteSpeech::heard($leap, $end) }), scalar($long->said([ 0, 46 ])) + $long->said([ 50, 100 ]), 'words without times are spread');
	is($end->{done}{facts}{language}, 'ru', 'a language that was detected has its code');
	$quick->settings(no_words => undef, language => undef);
	$quick->forget;
}

# Where nobody pauses, chunks share a second; a word cut in two at the edge of a chunk belongs to the other one.
{
	my $server = FakeSpeech->start('speech/openai', variant => 'openai', key => $KEY);
	my $breathless = RemoteSpeech->new($leap, seconds => 75, seed => 9, no_pauses => 1);
	my $end = transcribe($breathless, [ openai($server, chunk_seconds => 35, parallel => 1, upload_format => 'wav') ]);
	is_deeply(RemoteSpeech::texts($leap, $end), [ $breathless->said([ 0, 75 ]) ], 'joined without pauses: every word, once');
}

# what goes wrong: the rest does not look at words
$quick->says([ { word => 'one', start => 1, end => 1.4 }, { word => 'two', start => 2, end => 2.4 } ]);
sub faulty
{
	my ($script, %settings) = @_;
	$quick->forget;
	$quick->script(@$script);
	return transcribe($short, [ openai($quick, upload_format => 'wav', parallel => 1, chunk_seconds => 100, %settings) ]);
}

# Four pieces at once, so that each meets another fault and all wait together.
for my $case (
	[ 'a limit of a second, failures, no JSON', { status => 429, retry_after => 1, times => 1 }, { status => 503, times => 2 }, { garbage => JSON::PP::true, times => 1 } ],
	[ 'another JSON, nothing, requests cut off', { answer => '{"a":[1]}', times => 1 }, { empty => JSON::PP::true, times => 1 }, { cut_request => 10, times => 1 },
		{ cut_request => 100_000, times => 1 } ],
	[ 'answers cut off, reset, slow', { cut_answer => 0, times => 1 }, { cut_answer => 60, times => 1 }, { cut_answer => 100, reset => JSON::PP::true, times => 1 },
		{ pace => 4000, times => 1 } ])
{
	my ($name, @script) = @$case;
	$quick->forget;
	$quick->script(@script);
	my $end = transcribe($long, [ openai($quick, upload_format => 'wav', parallel => 4, chunk_seconds => 120, attempts => 5) ]);
	my $texts = RemoteSpeech::texts($leap, $end);
	is_deeply($texts, [ map { qw(one two) } 1 .. @$texts / 2 ], "goes on behind $name") or diag explain $end->{failed};
	cmp_ok(scalar @$texts, '>=', 8, '  with every piece');
	is_deeply([ $quick->unmet ], [], '  and met all of it');
	cmp_ok($end->{done}{facts}{usage}{cloud}{audio_seconds} // 0, '>=', $quick->billed->{seconds} - 0.1, '  and nothing billed is left out of the usage');
}

# nobody listens: the questions were asked, sound went nowhere
{
	my $port = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1')->sockport;
	my $end = transcribe($short, [ RemoteSpeech::provider('openai', "http://127.0.0.1:$port/v1", attempts => 2, upload_format => 'wav') ]);
	is($end->{failed}{code}, 'connection_lost', 'nobody listens');
	is_deeply($end->{checkpoints}[-1]{usage}{cloud}, { requests => 2, audio_seconds => 0 }, '  no sound is counted, and the checkpoint says so');
	$assembly->forget;
	$assembly->script({ on => 'create', status => 402 });
	$end = transcribe($short, [$row]);
	is("$end->{failed}{class} $end->{checkpoints}[-1]{usage}{cloud}{audio_seconds}", 'quota 0', '  nor for a job that is refused');
	$assembly->forget;
}

# [name, script, settings, class, code]
for my $case (
	[ 'a wrong key', [ { status => 401, message => "Incorrect API key provided: $KEY." } ], {}, 'credential', 'provider_key' ],
	[ 'no money', [ { status => 402 } ], {}, 'quota', 'provider_quota' ],
	[ 'a limit of an hour', [ { status => 429, retry_after => 3600 } ], {}, 'rate_limited', 'rate_limited' ],
	[ 'failures without end', [ { status => 500 } ], { attempts => 2 }, 'transient', 'provider_failed' ],
	[ 'a redirect', [ { redirect => 'http://127.0.0.1:1/v1/audio/transcriptions', code => 307 } ], {}, 'permanent', 'provider_redirect' ],
	[ 'an unknown model', [], { model => 'whisper-9' }, 'permanent', 'provider_missing' ],
	[ 'no answer', [ { hang => JSON::PP::true } ], { attempts => 1, timeout_seconds => 2 }, 'transient', 'connection_lost' ],
	[ 'too large, whatever the size', [ { status => 413 } ], {}, 'input', 'too_large' ])
{
	my ($name, $script, $settings, $class, $code) = @$case;
	my $end = faulty($script, %$settings);
	is("$end->{failed}{class} $end->{failed}{code}", "$class $code", "told as what it is: $name");
	is($end->{failed}{retry_after}, 3600, '  and when to come back') if $code eq 'rate_limited';
	unlike(encode_json($end->{lines}), qr/\Q$KEY\E/, '  the key is in nothing that is told');
}
{
	my $end = faulty([ { status => 413, times => 1 } ]);
	is(RemoteSpeech::texts($leap, $end)->[0], 'one', 'what is too large goes in halves');
	is($quick->billed->{requests}, 2, '  two of them');
	$end = faulty([ { status => 413, times => 2 } ]);
	is(RemoteSpeech::texts($leap, $end)->[0], 'one', 'and a half that is too large, in halves of its own');
	is($quick->billed->{requests}, 3, '  three in all');
}

# a redirect to another server carries no key there, and so does no provider's key to another provider
{
	my $stranger = FakeSpeech->start('speech/openai', variant => 'openai', key => 'x');
	my $end = faulty([ { redirect => $stranger->url . '/v1/audio/transcriptions', code => 307 } ]);
	is_deeply([ $stranger->log ], [], 'a redirect is not followed');
	$end = transcribe($short, [ openai($stranger, name => 'stranger', upload_format => 'wav') ]);
	is($end->{failed}{class}, 'credential', 'a provider without a key in the file');
	unlike(encode_json([ $stranger->log ]), qr/\Q$KEY\E/, '  sees nobody else\'s');
}

# what was answered is not asked for again
{
	$quick->forget;
	$quick->script({ skip => 2, status => 500 });
	my @rows = (openai($quick, upload_format => 'wav', parallel => 1, chunk_seconds => 31, attempts => 1));
	my $end = transcribe($long, \@rows);
	is($end->{failed}{code}, 'provider_failed', 'an attempt that fails after two chunks');
	my $before = $quick->billed->{requests};
	is($before, 2, '  has two answers');
	$quick->script();
	$end = transcribe($long, \@rows, checkpoint => $end->{checkpoints}[-1]);
	ok($end->{done}, 'the next goes on');
	my @shas = map { $_->{sha256} } $quick->log('billed');
	my %seen = map { $_ => 1 } @shas;
	is(scalar(keys %seen), scalar(@shas), '  and asks for nothing twice');
	cmp_ok($end->{done}{facts}{usage}{cloud}{audio_seconds} - $quick->billed->{seconds}, '<', 31.1, '  usage counts both attempts, and what failed at most once');
	my $wrong = transcribe($long, \@rows, language => 'ru', checkpoint => $end->{checkpoints}[-1]);
	cmp_ok($quick->billed->{requests}, '>', @shas, 'other work does not use what was saved');
}

# AssemblyAI
{
	my $end = transcribe($long, [$row], language => 'en-GB', vocabulary => [ 'Jacobian', 'jacobian', 'one two three four five six seven' ]);
	words_are_right($end, 'assemblyai', 'en');
	my ($order) = map { $_->{content} } grep { $_->{content} } $assembly->log('request');
	is_deeply([ @$order{qw(language_code keyterms_prompt)} ], [ 'en_uk', ['Jacobian'] ], 'its language and terms as it wants them');
	is(scalar @{ $assembly->billed->{jobs} }, 1, 'one job');
	$assembly->forget;
	$end = transcribe($long, [$row], language => 'auto');
	($order) = map { $_->{content} } grep { $_->{content} } $assembly->log('request');
	ok($order->{language_detection} && !exists $order->{language_code}, '"auto" is a language to be detected');
	$assembly->says([ { word => 'one', start => 1, end => 1.4 } ]);
	$assembly->forget;
	$assembly->script({ on => 'upload', status => 500, times => 1 }, { on => 'get', status => 502, times => 2 }, { on => 'create', cut_answer => 0, times => 1 },
		{ on => 'sentences', status => 404 });
	$end = transcribe($short, [$row]);
	is_deeply([ RemoteSpeech::texts($leap, $end), scalar @{ $assembly->billed->{jobs} } ], [ ['one'], 1 ], 'failures, and an order whose answer is lost: one job')
	  or diag explain $end->{failed};
	cmp_ok(abs($end->{done}{facts}{usage}{cloud}{audio_seconds} - $assembly->billed->{seconds}), '<', 0.1, '  its usage is what was billed');
	$assembly->forget;
	$assembly->script({ on => 'get', answer => '{"status":"error","error":"Audio file appears to contain no spoken audio"}' });
	$end = transcribe($short, [$row]);
	is("$end->{failed}{class} $end->{failed}{code}", 'input no_words', 'a job that finds no words');
	$assembly->forget;
	$assembly->script({ on => 'get', answer => '{"status":"error","error":"Transcoding failed. File does not appear to contain audio."}' });
	is(transcribe($short, [$row])->{failed}{class}, 'input', 'a job that fails because of the sound');
	$assembly->forget;
	$assembly->script({ on => 'get', status => 404, times => 1 });
	$end = transcribe($short, [$row]);
	is_deeply([ RemoteSpeech::texts($leap, $end), scalar @{ $assembly->billed->{jobs} } ], [ ['one'], 2 ], 'a job that the service no longer knows is ordered anew')
	  or diag explain $end->{failed};
	$assembly->forget;
	$assembly->script({ on => 'get', status => 404 });
	$end = transcribe($short, [$row]);
	is("$end->{failed}{class} $end->{failed}{code}", 'permanent provider_missing', '  but once');
	my $left = (values %{ $end->{checkpoints}[-1]{speech} })[0];
	ok(!exists $left->{id} && !exists $left->{upload_url}, '  and it is forgotten');
	is(transcribe($short, [ RemoteSpeech::provider('assemblyai', $assembly->url, name => 'x') ])->{failed}{class}, 'credential', 'no key');
}

# the next provider takes over, and why is kept
{
	$quick->forget;
	$quick->script({ status => 401, message => "no $KEY" });
	$assembly->forget;
	my $end = transcribe($short, [ openai($quick, name => 'other', upload_format => 'wav'), $row ]);
	is(RemoteSpeech::texts($leap, $end)->[0], 'one', 'the next provider of the list takes over');
	is_deeply([ map { "$_->{provider} $_->{class}" } @{ $end->{done}{facts}{provider_errors} } ], ['other credential'], '  and why is told');
}

# the key is in nobody's arguments and in no log
{
	my $seen = '';
	$quick->forget;
	$quick->script({ on => 'transcriptions', pause => 'request' });
	my $pid = fork // die "fork: $!\n";
	if ($pid == 0)
	{
		$quick->wait_paused;
		for my $file (glob '/proc/[0-9]*/{cmdline,environ}') { open my $in, '<', $file or next; local $/ = undef; $seen .= <$in> // ''; }
		open my $out, '>', "$leap->{base}/seen" or die $!;
		print $out $seen;
		close $out;
		$quick->release;
		require POSIX;
		POSIX::_exit(0);
	}
	my $end = transcribe($short, [ openai($quick, upload_format => 'wav') ]);
	waitpid $pid, 0;
	open my $in, '<', "$leap->{base}/seen" or die "seen: $!";
	{ local $/ = undef; $seen = <$in>; }
	like($seen, qr/child/, 'while a child asks');
	unlike($seen, qr/\Q$KEY\E/, '  the key is in no argument and no environment');
	unlike(encode_json([ @{ $end->{lines} }, @{ $end->{checkpoints} } ]), qr/\Q$KEY\E/, '  and in nothing that it says or saves');
}

# the file of keys
{
	my $leap_program = ($ENV{LEAP_BUILD} // abs_path(dirname(__FILE__) . '/../../..') . '/build') . '/bin/leap';
	my $file = "$leap->{base}/keys";
	for my $case ([ 'open to others', "cloud = $KEY\n", 0644, qr/open to other users/ ], [ 'a line that is none', "cloud $KEY\n", 0600, qr/line 1 of --provider-keys/ ],
		[ 'a name twice', "# keys\ncloud = a\ncloud = $KEY\n", 0600, qr/line 3/ ], [ 'a key of two lines', "cloud = a b\n", 0600, qr/line 1/ ])
	{
		my ($name, $text, $mode, $says) = @$case;
		open my $out, '>', $file or die "$file: $!";
		print $out $text;
		close $out;
		chmod $mode, $file;
		my $said = `'$leap_program' worker --provider-keys='$file' 2>&1`;
		like($said, $says, "a file of keys is refused: $name");
		unlike($said, qr/\Q$KEY\E/, '  without telling a key');
	}
}

done_testing();
