# tests/tap/t/450_mail.pl
#     Mail, sent to a server others wrote and read back by a parser others wrote: what arrives is
#     what was meant, whatever is in it, and what goes wrong is named and classed.
use strict;
use warnings;
use utf8;

use JSON::PP;
use LeapChild;
use MailServer;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::Local qw(timegm);


my $leap = LeapChild->new('mail');
my $password = 'pa55-Wörd "x"';
my $folder = $leap->{base};
my $server = MailServer->new($folder, user => 'leap', password => $password);
my %settings = (url => $server->{url}, from => 'LEAP, lessons <leap@leap.example>', user => 'leap', password => $password,
	tls => 'require', ca_file => $server->{certificate});
my $mails = 0;

sub send_mail
{
	my ($mail, %options) = @_;
	my %changed = (%settings, %{ $options{settings} // {} });

	$mails++;
	return $leap->run(
		notify => { channel => 'email', to => 'ann@school.example', to_name => 'Ann Lee', subject => 'Test', text => "Hello\n",
			html => '<p>Hello</p>', language => 'en', message_id => "m$mails\@leap.example", %$mail },
		mail => \%changed, %options{grep { exists $options{$_} } qw(confirm on_line)});
}

# Sends it and returns what arrived.
sub arrives
{
	my ($mail, $what) = @_;
	my $end = send_mail($mail);
	my @came = @{ $server->take->{mails} };

	is($end->{status}, 0, "$what: sent") or diag(explain($end->{failed}));
	is(scalar @came, 1, "$what: arrived once") or return {};
	is_deeply($came[0]{defects}, [], "$what: by the rules of mail");
	return $came[0];
}

sub fails
{
	my ($end, $class, $code, $what) = @_;
	is_deeply([ @{ $end->{failed} // {} }{qw(class code)} ], [ $class, $code ], "$what: $class, $code") or diag(explain($end));
	ok(index(encode_json($end), 'pa55') < 0, "$what: the password is nowhere");
	return $end->{failed} // {};
}

# one that has everything
my $text = "Guten Tag,\n\n.\nFrom here on: ä ö ü — “quoted” = 5 \n" . 'a long line ' x 30 . "\n";
my $html = "<!DOCTYPE html>\n<p class=\"x\">Guten Tag ä</p>\n" . '<b>x</b>' x 200;
my $mail = arrives({ text => $text, html => $html, headers => {
	'List-Unsubscribe' => '<https://leap.example/unsubscribe?token=' . 'x' x 100 . '>', 'X-LEAP-Event' => 'recording_uploaded' } }, 'a mail');
is($mail->{text}, $text, 'its text');
is($mail->{html}, "$html\n", 'its HTML');
is_deeply($mail->{from}, [ { address => 'leap@leap.example', name => 'LEAP, lessons' } ], 'its sender');
is_deeply($mail->{to}, [ { address => 'ann@school.example', name => 'Ann Lee' } ], 'its receiver');
is_deeply($mail->{envelope}, { from => 'leap@leap.example', to => ['ann@school.example'] }, 'the same on the envelope');
is($mail->{message_id}, '<m1@leap.example>', 'its id is the given one');
is($mail->{secure}, JSON::PP::true, 'it came encrypted');
is($mail->{user}, 'leap', 'after a login');
like($mail->{headers}{'list-unsubscribe'}, qr/<https:\S{130,}>$/, 'a further header, whole');
like($mail->{headers}{'auto-submitted'}, qr/auto-generated/, 'it says that no person wrote it');
like($mail->{headers}{'content-language'}, qr/: en$/, 'and in what language it is');
my ($y, $mo, $d, $h, $mi, $s) = $mail->{date} =~ /(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)/;
cmp_ok(abs(time - timegm($s, $mi, $h, $d, $mo - 1, $y)), '<', 3600, 'and when');
my ($boundary) = $mail->{headers}{'content-type'} =~ m{multipart/alternative; boundary="(=_\w+)"} or diag($mail->{raw});
my @parts = split /\r\n--\Q$boundary\E(?:--)?\r\n/, "\r\n$mail->{raw}";
is(scalar @parts, 3, 'two parts');
like($parts[1], qr{^Content-Type: text/plain; charset=utf-8\r\n}, 'plain text first');
like($parts[2], qr{^Content-Type: text/html; charset=utf-8\r\n}, 'then HTML');

# languages and odd texts
my $russian = 'Лекция «Операционные системы, часть 2» опубликована: смотрите запись, конспект и субтитры на странице курса';
$mail = arrives({ subject => $russian, to_name => 'Анна Петрова-Водкина, преподаватель кафедры информатики и вычислительной техники',
	text => "$russian\n" x 20, html => "<p>$russian</p>", language => 'ru' }, 'Russian');
is($mail->{subject}, $russian, 'its subject');
is($mail->{to}[0]{name}, 'Анна Петрова-Водкина, преподаватель кафедры информатики и вычислительной техники', 'its receiver');
is($mail->{text}, "$russian\n" x 20, 'its text');
like($mail->{raw}, qr/Content-Transfer-Encoding: base64/, 'as base64');
is(send_mail({}, settings => { from => 'Лекции, видео <leap@leap.example>' })->{status}, 0, 'a sender with a Russian name');
is_deeply($server->take->{mails}[0]{from}, [ { address => 'leap@leap.example', name => 'Лекции, видео' } ], 'is read as that');
$mail = arrives({ subject => '🎓' x 60, html => '', text => 'x' x 5000 . '😀' }, 'emoji and an endless line');
is($mail->{subject}, '🎓' x 60, 'its subject');
is($mail->{text}, 'x' x 5000 . "😀\n", 'its text');
is($mail->{html}, undef, 'without HTML');
like($mail->{headers}{'content-type'}, qr{text/plain}, 'of one part');
$mail = arrives({ subject => '=?UTF-8?B?eA==?= 50% "off"', text => '', html => '<p>x</p>' }, 'what looks encoded');
is($mail->{subject}, '=?UTF-8?B?eA==?= 50% "off"', 'stays what it is');
like($mail->{headers}{'content-type'}, qr{text/html}, 'HTML alone');
$mail = arrives({ subject => 'word ' x 100, to_name => "O'Neil \"Bob\" \\ (x) <y\@z>, a\@b:;" }, 'a subject of many words');
is($mail->{subject}, 'word ' x 99 . 'word', 'folded and unfolded');
is($mail->{to}[0]{name}, "O'Neil \"Bob\" \\ (x) <y\@z>, a\@b:;", 'a name with every character that means something');
is($mail->{to}[0]{address}, 'ann@school.example', 'and no other address');

# nothing gets into the head
$mail = arrives({ subject => "Hello\r\nBcc: evil\@evil.example\r\n\r\n<script>", to_name => "Ann\r\nBcc: evil\@evil.example\r\n\r\n.\r\nQUIT",
	text => "a\r\n.\r\nQUIT\r\n", html => "<p>\n.\n</p>" }, 'a hostile subject and name');
is($mail->{subject}, 'Hello Bcc: evil@evil.example <script>', 'one line');
is($mail->{to}[0]{name}, 'Ann Bcc: evil@evil.example . QUIT', 'one line, too');
ok(!exists $mail->{headers}{bcc}, 'no header of theirs');
is($mail->{text}, "a\n.\nQUIT\n", 'a dot ends no message');
for my $to ("ann\@school.example\r\nRCPT TO:<evil\@evil.example>", 'ann@school.example>, <evil@evil.example', 'ann', 'анна@школа.example', '')
{
	fails(send_mail({ to => $to }), 'input', 'bad_address', 'no address') if $to ne '';
}
fails(send_mail({ headers => { Bcc => 'evil@evil.example' } }), 'permanent', 'bad_message', 'a header that is not ours to add');
fails(send_mail({ headers => { 'X-A' => "b\r\nBcc: evil\@evil.example" } }), 'permanent', 'bad_message', 'a header with a line end');
fails(send_mail({ message_id => "1\@x>\r\nBcc: <evil\@evil.example" }), 'permanent', 'bad_message', 'an id with a line end');
is_deeply($server->take->{mails}, [], 'nothing of it was sent');

# whatever comes: by the rules, and what it was
my @alphabet = ("\r", "\n", "\x{85}", "\x{2028}", "\t", ' ', '"', '\\', '=?', '?=', '=', '.', '<', '>', '@', ',', ';', ':', '(', "\x01",
	'From ', 'a', 'ab12', 'word ', 'ä', 'Ж', 'Лекция ', '語', '😀', "e\x{301}");
my $seed = $ENV{LEAP_SEED} // int rand 1e6;
srand $seed;
my @sent;
for (1 .. 40)
{
	my ($subject, $name, $body) = map { join '', map { $alphabet[ rand @alphabet ] } 1 .. int rand $_ } 60, 40, 400;
	push @sent, [ map { s/[\x00-\x20\x7f-\xa0\x{2028}\x{2029}]+/ /gr =~ s/^ | $//gr } $subject, $name ];
	push @{ $sent[-1] }, ("$body." =~ s/\r\n?/\n/gr) . "\n";
	send_mail({ subject => $subject, to_name => $name, text => "$body.", html => $_ % 2 ? "<p>$body</p>" : '' });
}
my @came = @{ $server->take->{mails} };
is(scalar @came, 40, "forty odd mails arrive (LEAP_SEED=$seed)");
is_deeply([ map { @{ $_->{defects} } } @came ], [], 'by the rules of mail');
is_deeply([ map { $_->{subject} // '' } @came ], [ map { $_->[0] } @sent ], 'with their subjects');
is_deeply([ map { $_->{to}[0]{name} } @came ], [ map { $_->[1] } @sent ], 'and names');
is_deeply([ map { $_->{text} } @came ], [ map { $_->[2] } @sent ], 'and texts');

# refusals
my $refused = fails(send_mail({ to => 'gone@school.example' }), 'input', 'recipient_refused', 'a receiver that is not there');
is($refused->{status}, 550, 'the log is told');
like($refused->{message}, qr/550 5\.1\.1 No such user here/, 'the server says why');
fails(send_mail({ to => 'full@school.example' }), 'transient', 'mail_deferred', 'a full mailbox');
fails(send_mail({ to => 'spam@school.example' }), 'permanent', 'message_refused', 'a message the server does not like');
fails(send_mail({}, settings => { from => 'forbidden@leap.example' }), 'permanent', 'sender_refused', 'a sender it does not like');
like(fails(send_mail({ to => 'echo@school.example' }), 'input', 'recipient_refused', 'a server that repeats the password')->{message},
	qr/\*\*\*/, 'it is hidden');
is_deeply($server->take->{mails}, [], 'nothing of it arrived');

# greylisting, and a connection that breaks when all is said
fails(send_mail({ to => 'grey@school.example', message_id => 'grey@leap.example' }), 'transient', 'mail_deferred', 'greylisting');
$mail = arrives({ to => 'grey@school.example', message_id => 'grey@leap.example' }, 'the next attempt');
fails(send_mail({ to => 'drop@school.example', message_id => 'drop@leap.example' }), 'transient', 'mail_unconfirmed', 'no answer to the message');
send_mail({ to => 'drop@school.example', message_id => 'drop@leap.example' });
is_deeply([ map { $_->{message_id} } @{ $server->take->{mails} } ], [ ('<drop@leap.example>') x 2 ], 'sent again with the same id');

# the lease
my $asked = 0;
my $end = send_mail({}, confirm => 0);
is($end->{failed}{class}, 'lost', 'without a lease');
is($end->{confirms}, 1, 'which it asked for');
is_deeply($server->take->{mails}, [], 'nothing is sent');
is(send_mail({ to => 'gone@school.example' })->{confirms}, 0, 'it asks when the receiver is accepted, not before');

# login and encryption
$server->take;
fails(send_mail({}, settings => { password => 'pa55-wrong' }), 'credential', 'smtp_login_refused', 'a wrong password');
is($server->take->{logins}[0]{secure}, JSON::PP::true, 'the password travelled encrypted');
fails(send_mail({}, settings => { user => '', password => '' }), 'credential', 'smtp_login_needed', 'no login where one is needed');
fails(send_mail({}, settings => { ca_file => '' }), 'transient', 'smtp_certificate', 'a certificate nobody knows');
fails(send_mail({}, settings => { ca_file => '/nonexistent' }), 'transient', 'smtp_certificate', 'no file of certificates');
fails(send_mail({}, settings => { url => "smtp://localhost:$server->{port}" }), 'transient', 'smtp_certificate', 'a certificate for another name');
is_deeply($server->take, { mails => [], logins => [] }, 'nobody logged in');
fails(send_mail({}, settings => { url => 'smtp://127.0.0.1:1' }), 'transient', 'smtp_unreachable', 'no server');
my $plain = MailServer->new($folder, tls => 'none');
my %open = (url => $plain->{url}, user => '', password => '');
fails(send_mail({}, settings => {%open}), 'transient', 'smtp_no_tls', 'a server without encryption');
is_deeply($plain->take->{mails}, [], 'it got nothing');
for my $tls ('try', 'off')
{
	is(send_mail({}, settings => { %open, tls => $tls })->{status}, 0, "it gets mail with tls $tls");
}
is(scalar @{ $plain->take->{mails} }, 2, 'both');
is(send_mail({}, settings => { tls => 'try' })->{status}, 0, 'tried where it is there');
is($server->take->{mails}[0]{secure}, JSON::PP::true, 'it is used');
my $wrapped = MailServer->new($folder, tls => 'smtps', user => 'leap', password => $password);
is(send_mail({}, settings => { url => $wrapped->{url} })->{status}, 0, 'smtps');
is($wrapped->take->{mails}[0]{secure}, JSON::PP::true, 'encrypted from the start');
$end = $leap->run(notify => { channel => 'email', to => 'a@b.example', subject => 's', text => 't', message_id => '1@x' });
fails($end, 'transient', 'mail_not_configured', 'a worker without a mail server');
fails($leap->run(notify => { channel => 'none' }), 'permanent', 'nothing_to_deliver', 'nothing left');
fails($leap->run(notify => { channel => 'pigeon' }), 'permanent', 'unknown_channel', 'another channel');

# leap mail test, leap doctor
my $program = "$ENV{LEAP_BUILD}/bin/leap";
my $secret = "$folder/password";
open my $out, '>:encoding(UTF-8)', $secret or die;
print $out "$password\n";
close $out;
chmod 0600, $secret;
my @options = ("--smtp-url=$server->{url}", '--smtp-user=leap', "--smtp-password-file=$secret", '--mail-from=LEAP <leap@leap.example>',
	"--smtp-ca-file=$server->{certificate}");

sub leap
{
	my (@arguments) = @_;
	my ($said, $complained) = ('', '');

	IPC::Run::run([ $program, @arguments ], '>', \$said, '2>', \$complained);
	return ($? >> 8, $said, $complained);
}
my ($status, $said, $complained) = leap('mail', 'test', '--to=ann@school.example', @options);
is($status, 0, 'a test mail') or diag($complained);
like($said, qr{^smtp://127\.0\.0\.1:\d+ has taken a mail for ann\@school\.example: 250 2\.0\.0 Queued as 4711$}, 'and the answer');
like($server->take->{mails}[0]{subject}, qr/^Test mail from LEAP/, 'has come');
($status, $said) = leap('mail', 'test', '--to=ann@school.example', '--json', @options);
is(decode_json($said)->{status}, 250, 'for programs');
$server->take;
($status, $said, $complained) = leap('mail', 'test', '--to=gone@school.example', @options);
is($status, 1, 'a refusal');
like($complained, qr/refuses the recipient: 550 .*\nhint: /s, 'is told');
chmod 0644, $secret;
($status, $said, $complained) = leap('mail', 'test', '--to=ann@school.example', @options);
like($complained, qr/open to other users.*chmod 600/s, 'a password that others can read is not used');
chmod 0600, $secret;
($status, $said, $complained) = leap('mail', 'test', '--to=ann@school.example', @options, '--smtp-tls=try');
like($complained, qr/needs an encrypted connection/, 'nor one that may travel in the clear');
($status, $said, $complained) = leap('mail', 'test', '--to=ann@school.example', @options, '--smtp-url=smtp://leap:pa55@x');
like($complained, qr/where others can read it/, 'nor one in the URL');
unlike($complained, qr/pa55/, 'which is not repeated');
for my $wrong ([ '--smtp-url=http://x' => qr/no address of a mail server/ ], [ '--mail-from=nobody' => qr/no sender/ ],
	[ '--smtp-user=' => qr/belong together/ ], [ "--smtp-password-file=$folder/none" => qr/cannot read/ ],
	[ "--smtp-password-file=$folder" => qr/no file/ ])
{
	($status, $said, $complained) = leap('mail', 'test', '--to=ann@school.example', @options, $wrong->[0]);
	like($complained, $wrong->[1], "a wrong option: $wrong->[0]");
	isnt($status, 0, 'ends with a failure');
}
is_deeply($server->take->{mails}, [], 'nothing was sent');
(undef, $said) = leap('doctor', @options);
like($said, qr/^ok +mail server +smtp:/m, 'the doctor tries the server');
is_deeply($server->take->{mails}, [], 'without a mail');
(undef, $said) = leap('doctor', @options, "--smtp-ca-file=");
like($said, qr/^error +mail server .*certificate/m, 'and tells what is wrong');
(undef, $said) = leap('doctor');
like($said, qr/^ok +mail server +none given/m, 'none is no error');

done_testing();
