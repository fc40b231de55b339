# tests/tap/lib/FakeAudio.pm
#     What a speech service does with bytes that claim to be sound: finds out what they are, how long, and what is said.
#
#     my $sound = FakeAudio::open_sound($bytes, $folder);     {format, codec, rate, channels, seconds, pcm}; undef: no sound
#     my @words = FakeAudio::words($sound, $folder, $language) [{word, start, end}...], characters
#
# The bytes are decoded to their end by ffmpeg; seconds is what came out, not what a header says. What came twice is
# decoded once: it is kept in the folder. Words are those of
# SpokenTones; or, when the folder holds says.json ([{word, start, end}...]), those of it that lie in the sound.
package FakeAudio;

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use JSON::PP;
use SpokenTones;
use Storable qw(retrieve store);

my %formats = ('matroska,webm' => 'webm', 'mov,mp4,m4a,3gp,3g2,mj2' => 'mp4');

sub probe
{
	my ($file) = @_;
	my $wanted = 'format=format_name:stream=codec_name,sample_rate,channels';
	open my $in, '-|', "ffprobe -v quiet -select_streams a:0 -show_entries '$wanted' -of json '$file'" or die "ffprobe: $!\n";
	local $/;
	my $about = eval { decode_json(<$in>) } // {};
	close $in;
	return ($about->{format}{format_name}, $about->{streams}[0]);
}

sub open_sound
{
	my ($bytes, $folder) = @_;
	my $kept = "$folder/kept-" . sha256_hex($bytes);
	return retrieve($kept) if -e $kept;
	my $file = "$folder/sound.$$";
	my $problems = "$folder/sound.$$.err";

	open my $out, '>:raw', $file or die "$file: $!\n";
	print $out $bytes;
	close $out;
	my ($format, $stream) = probe($file);
	my $pcm = '';
	if ($stream)
	{
		local $/;
		my $command = "ffmpeg -nostdin -v error -xerror -i '$file' -map 0:a:0 -ac 1 -ar $SpokenTones::RATE -f s16le - 2>'$problems'";
		open my $in, '-|', $command or die "ffmpeg: $!\n";
		binmode $in;
		$pcm = <$in> // '';
		$stream = undef if !close $in;
	}
	unlink $file, $problems;
	return undef if !$stream;
	my %sound = (format => $formats{$format} // $format, codec => $stream->{codec_name}, rate => $stream->{sample_rate} + 0, channels => $stream->{channels} + 0,
		seconds => length($pcm) / 2 / $SpokenTones::RATE, pcm => $pcm);
	store(\%sound, "$kept.$$");
	rename "$kept.$$", $kept;
	return \%sound;
}

sub words
{
	my ($sound, $folder, $language) = @_;
	my $said = "$folder/says.json";

	if (open my $in, '<:raw', $said)
	{
		local $/;
		return grep { $_->{start} < $sound->{seconds} } @{ decode_json(<$in>) };
	}
	return map { { word => SpokenTones::word($_->{id}, $language), start => $_->{start}, end => $_->{end} } } SpokenTones::hear($sound->{pcm});
}

# Words in sentences, as services group them: a new one behind a pause of 0.4 s, or after 15 words.
sub sentences
{
	my (@words) = @_;
	my @sentences;

	for my $word (@words)
	{
		my $last = $sentences[-1];
		if ($last && @$last < 15 && $word->{start} - $last->[-1]{end} < 0.4) { push @$last, $word; }
		else { push @sentences, [$word]; }
	}
	return @sentences;
}

1;
