# tests/tap/t/831_page_first_visit.pl
#     From an empty database to the first published lesson, in a browser, without anything that is configured: the link that
#     makes the first administrator, the sample lecture, a file that is dropped, the lesson that plays, a link for everybody.
use strict;
use warnings;

use IPC::Run;
use LeapNode;
use PageTrial;

my $leap = LeapNode->new('page_first');
my $film = "$leap->{inbox}/sample.mp4";

# half a minute of speech between silences
system('bash', '-c', <<~'SH', 'speech', $film) == 0 or die "no sample\n";
	set -e
	words='A planet moves around the sun in an ellipse. The nearer it is to the sun the faster it moves.
		This law was found by Johannes Kepler four hundred years ago. He used the numbers of another man. A moon moves around a planet by the same law.'
	flite -voice slt -t "$words" -o "$1.wav"
	ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=size=320x180:rate=5 -i "$1.wav" -af 'adelay=6000,apad=pad_dur=8' \
		-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 10 -c:a aac -b:a 48k -shortest -t 34 -movflags +faststart "$1"
	SH

# nobody is here yet
$leap->sql("DELETE FROM leap.users; ALTER DATABASE leap SET leap.sample_lecture = '$film'");
my $trial = PageTrial->over($leap);
$leap->worker(slots => 1, threads => 1);
my ($out, $err);
{
	local %ENV = $leap->environment;
	IPC::Run::run([ $leap->program, qw(user first), '--public-url=http://127.0.0.1:' . $trial->{serve}->port . '/' ], '>', \$out, '2>', \$err) or die "leap user first: $err";
}
my ($link) = $out =~ m{^  (http://127\.0\.0\.1:\d+/register\#[\w-]{43})$}m or die "no link in: $out";

$trial->run('first.mjs', LEAP_E2E_LINK => $link, LEAP_E2E_FILM => $film);
