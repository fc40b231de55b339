# tests/tap/lib/HeardSpeech.pm
#     What the embedded recogniser makes of recordings of tests/media/speech.pl: it listens to each
#     once for all programs of a test run.
#
#     my $folder = heard_speech('librivox', 62);
#     has librivox.wav, librivox.txt (what is said) and librivox.json (what leap-media answers to
#     the first 62 s)
package HeardSpeech;

use strict;
use warnings;

use Exporter qw(import);
use MadeOnce qw(made_once);
use MediaProgram qw(media_program tree_root);

our @EXPORT_OK = qw(heard_speech);

sub heard_speech
{
	my ($name, $seconds) = @_;
	return made_once("speech-$name-$seconds", sub { hear($name, $seconds, $_[0]) });
}

sub hear
{
	my ($name, $seconds, $folder) = @_;
	my $media = media_program();

	system(tree_root() . '/tests/media/speech.pl', $folder, $name) == 0 or die "speech.pl $name failed\n";
	my $whole = ((-s "$folder/$name.wav") - 44) / 32000;
	my $end = $seconds < $whole ? $seconds : $whole;
	my $command = "exec '$media' transcribe --audio 3 --start 0 --end $end --threads 2 3<'$folder/$name.wav' >'$folder/$name.json' 2>/dev/null";
	system('bash', '-c', $command) == 0 or die "leap-media transcribe $name failed\n";
	return;
}

1;
