# tests/tap/t/221_speech_kill.pl
#     kill -9 of the child that asks a speech service, once at every point of the protocol (SpeechKill.pm): nothing is
#     lost, and no more is paid twice than is said. More of them: tests/tap/long/943_speech_kill.pl.
use strict;
use warnings;

use SpeechKill;
use Test::More;

SpeechKill::begin(98);
SpeechKill::synchronous(qw(head body request billed answer));
SpeechKill::saving([ 1, 0 ], [ 2, 1 ], [ 3, 1 ]);
SpeechKill::parallel('billed');
SpeechKill::job([ upload => qw(head body request answer) ], [ create => qw(head request billed answer) ], [ get => 'request', 'answer' ], [ sentences => 'request' ]);
SpeechKill::job_saving([ 1, 0 ], [ 2, 1 ]);
done_testing();
