# tests/tap/long/943_speech_kill.pl
#     What tests/tap/t/221_speech_kill.pl does with a longer lecture, at every point where something is saved, whether that
#     was stored or not, and where it is answered, too.
use strict;
use warnings;

use SpeechKill;
use Test::More;

SpeechKill::begin(130);
SpeechKill::synchronous(qw(head body request billed answer));
SpeechKill::saving(map { ([ $_, 0 ], [ $_, 1 ]) } 1 .. 6);
SpeechKill::parallel(qw(head body request billed answer));
SpeechKill::job([ upload => qw(head body request billed answer) ], (map { [ $_ => qw(head request billed answer) ] } qw(create get)), [ sentences => qw(head request billed) ]);
SpeechKill::job_saving(map { ([ $_, 0 ], [ $_, 1 ]) } 1 .. 2);
done_testing();
