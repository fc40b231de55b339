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

our @EXPORT_OK = qw(make_clip probe beats beat_errors is_playable pictures boxes written);

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

sub probe
{
	my ($file) = @_;
	open my $in, '-|', qw(ffprobe -v error -of json -show_format -show_streams), $file or die $!;
	local $/ = undef;
	return decode_json(<$in>);
}

# When the clip flashes and when it beeps, in seconds.
sub beats
{
	my ($file, @options) = @_;
	my $seen = run_ffmpeg(@options, '-i', $file, qw(-map 0:v -copyts -vf),
		'blackframe=amount=0:threshold=128', qw(-f null -));
	my $heard = run_ffmpeg(@options, '-i', $file, qw(-map 0:a -copyts -af),
		'silencedetect=noise=-26dB:d=0.3', qw(-f null -));
	my (@flashes, $bright);

	while ($seen =~ /pblack:(\d+).*? t:(-?[\d.]+)/g)
	{
		push @flashes, $2 if $1 < 50 && !$bright;
		$bright = $1 < 50;
	}
	return (\@flashes, [$heard =~ /silence_end: (-?[\d.]+)/g]);
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
# MP4, has its index in front and no edit list (unless it may have one).
sub is_playable
{
	my ($file, $name, $edited) = @_;
	my $said = eval { run_ffmpeg(qw(-v error -xerror -i), $file, qw(-fps_mode passthrough -enc_time_base -1 -f null -)) } // $@;
	is($said, '', "$name: decodes without a word");
	for my $stream (@{ probe($file)->{streams} })
	{
		# long packets keep their times where the container has one for each
		my $sound = $file =~ /\.mkv$/ ? 0.1 : 0.025;
		my $most = $stream->{codec_type} eq 'video' ? 0.0005 : $sound;
		ok(abs($stream->{start_time}) <= $most, "$name: $stream->{codec_type} begins at 0");
	}
	my ($first) = `ffprobe -v error -select_streams v -show_entries packet=pts_time,flags -of csv=p=0 -read_intervals '%+#1' $file`;
	like($first // '', qr/^0\.0+,K/, "$name: the first picture is a key frame")
		if defined $first;
	return if $file !~ /\.mp4$/;
	my @names = map { $_->[0] } boxes($file);
	like("@names", qr/^ftyp moov .*mdat$/, "$name: the index is in front");
	ok(!(grep { $_ eq 'edts' } @names), "$name: there is no edit list") if !$edited;
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
