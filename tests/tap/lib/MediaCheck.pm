# tests/tap/lib/MediaCheck.pm
#     Looks at recordings from outside, with ffmpeg: what they hold, whether picture and sound
#     go together, which of their pictures are the same.
package MediaCheck;

use strict;
use warnings;

use Exporter qw(import);
use JSON::PP;
use MediaProgram qw(run_ffmpeg);
use Test::More;
use Time::HiRes qw(stat);

our @EXPORT_OK = qw(make_clip probe watch beats beat_errors is_playable pictures boxes written);

# A clip that flashes and beeps 0.3 s behind every second, without loss, as source of others.
sub make_clip
{
	my ($file, $seconds) = @_;
	return run_ffmpeg(
		'-f', 'lavfi', '-i',
		"color=black:s=160x90:r=25,format=yuv420p,"
			. "geq=lum='if(lt(mod(T+0.7,1),0.05),235,16)+mod(N*7+X,40)/4':cb=128:cr=128",
		'-f', 'lavfi', '-i', "aevalsrc='if(lt(mod(t+0.7,1),0.05),0.6*sin(6283*t),0)':s=48000",
		'-t', $seconds, '-c:v', 'ffv1', '-c:a', 'pcm_s16le', $file);
}

# What is asked of a file again while it stays the same is answered from memory: to start ffmpeg
# or ffprobe takes longer than most of what they do here.
my %known;

sub ask_once
{
	my ($question, $file, $ask) = @_;
	my $state = join ' ', (stat $file)[ 1, 7, 9 ];
	my $entry = $known{"$question $file"};

	$known{"$question $file"} = $entry = { state => $state, answer => $ask->() } if !$entry || $entry->{state} ne $state;
	return $entry->{answer};
}

# Its format, its streams and its first 20 packets.
sub probe
{
	my ($file) = @_;
	return ask_once('probe', $file, sub {
			open my $in, '-|', qw(ffprobe -v error -of json -show_format -show_streams -show_packets -read_intervals), '%+#20', $file or die $!;
			local $/ = undef;
			return decode_json(<$in>);
		});
}

# Decodes a file whole, in one start of ffmpeg: what is wrong with it, and the seconds at which the
# clip flashes and beeps.
sub watch
{
	my ($file, @options) = @_;
	return ask_once("watch @options", $file, sub {
			my $said = eval {
				run_ffmpeg(qw(-loglevel level+info -xerror), @options, '-i', $file, qw(-copyts -fps_mode passthrough -enc_time_base -1
						-vf blackframe=amount=0:threshold=128 -af silencedetect=noise=-26dB:d=0.3 -f null -))
			};
			my $failed = $said ? '' : $@;
			my ($bright, @flashes);
			$said //= $failed;
			while ($said =~ /pblack:(\d+).*? t:(-?[\d.]+)/g)
			{
				push @flashes, $2 if $1 < 50 && !$bright;
				$bright = $1 < 50;
			}
			return {
				complaints => $failed || join('', $said =~ /^.*\[(?:error|fatal|panic)\].*\n/mg),
				flashes => \@flashes,
				beeps => [ $said =~ /silence_end: (-?[\d.]+)/g ] };
		});
}

# When the clip flashes and when it beeps, in seconds.
sub beats
{
	my $seen = watch(@_);
	return @$seen{qw(flashes beeps)};
}

# Flash minus beep in ms, of every beep with a flash near it; of those at a cut (times in
# seconds) either may be cut away.
sub beat_errors
{
	my ($file, @cuts) = @_;
	my ($flashes, $beeps) = beats($file);
	my @apart;

	for my $beep (@$beeps)
	{
		next if grep { abs($beep - $_) < 0.06 } @cuts;
		my ($nearest) = sort { abs $a <=> abs $b } map { ($_ - $beep) * 1000 } @$flashes;
		push @apart, $nearest if defined $nearest && abs $nearest < 400;
	}
	return @apart;
}

# The boxes of an MP4 file: [name, bytes], those inside of the index too.
sub boxes
{
	my ($file) = @_;
	open my $in, '<:raw', $file or die "$file: $!";
	local $/ = undef;
	my @found;
	my $walk;
	$walk = sub {
		my ($bytes) = @_;
		for (my $at = 0; $at + 8 <= length $bytes;)
		{
			my ($size, $name) = unpack 'N a4', substr $bytes, $at, 8;
			$size = unpack 'Q>', substr $bytes, $at + 8, 8 if $size == 1;
			last if $size < 8;
			push @found, [$name, $size];
			$walk->(substr $bytes, $at + 8, $size - 8) if $name =~ /^(moov|trak|mdia)$/;
			$at += $size;
		}
	};
	$walk->(<$in>);
	return @found;
}

# What every output promises: it decodes without a word, begins with a picture at 0 and, as
# MP4, has its index in front and no edit list.
sub is_playable
{
	my ($file, $name) = @_;
	is(watch($file)->{complaints}, '', "$name: decodes without a word");
	for my $stream (@{ probe($file)->{streams} })
	{
		# long packets keep their times where the container has one for each
		my $sound = $file =~ /\.mkv$/ ? 0.1 : 0.025;
		my $most = $stream->{codec_type} eq 'video' ? 0.0005 : $sound;
		ok(abs($stream->{start_time}) <= $most, "$name: $stream->{codec_type} begins at 0");
	}
	my ($first) = grep { $_->{codec_type} eq 'video' } @{ probe($file)->{packets} };
	like("$first->{pts_time},$first->{flags}", qr/^0\.0+,K/, "$name: the first picture is a key frame") if $first;
	return if $file !~ /\.mp4$/;
	my @names = map { $_->[0] } boxes($file);
	like("@names", qr/^ftyp moov .*mdat$/, "$name: the index is in front");
	ok(!(grep { $_ eq 'edts' } @names), "$name: there is no edit list");
	return;
}

# The pictures of a file as [time, checksum], with their shape decoded.
sub pictures
{
	my ($file) = @_;
	my $list = run_ffmpeg(qw(-v error -i), $file, qw(-map 0:v -fps_mode passthrough -copyts
			-enc_time_base 1:1000 -f framemd5 -));
	return map { /^\d+, *-?\d+, *(-?\d+), *\d+, *\d+, *(\w+)/ ? [$1 / 1000, $2] : () } split /\n/, $list;
}

# Bytes that this process and those it has waited for have written.
sub written
{
	open my $in, '<', '/proc/self/io' or return;
	my ($bytes) = join('', <$in>) =~ /wchar: (\d+)/;
	return $bytes;
}

1;
