# tests/tap/t/807_page_mail.pl
#     Accounts in a browser with mails that really come: registering, verifying the address by the link of a mail, a password
#     that was forgotten, and what becomes of the sessions that were open.
use strict;
use warnings;

use LeapNode;
use MailServer;
use PageTrial;

my $leap = LeapNode->new('page_mail', settings => "leap.poll_interval = 100\nleap.mail = on\nleap.registration = 'open'\nleap.require_verified = on\n");
my $folder = "$leap->{base}/mails";

mkdir $folder or die "$folder: $!\n";
my $server = MailServer->new($leap->{base}, folder => $folder);
my $trial = PageTrial->over($leap);
$leap->sql("ALTER DATABASE leap SET leap.public_url = 'http://127.0.0.1:" . $trial->{serve}->port . "/'");
$leap->worker(slots => 2, threads => 1, 'smtp-url' => $server->{url}, 'smtp-ca-file' => $server->{certificate}, 'mail-from' => 'LEAP <leap@leap.example>');
$trial->run('mail.mjs', LEAP_E2E_MAILS => $folder);
