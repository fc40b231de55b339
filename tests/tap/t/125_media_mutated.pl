# tests/tap/t/125_media_mutated.pl
#     Small recordings of every container, changed by chance in bytes and length, are given to
#     leap-media whole: whatever libav finds in them, the program ends by itself, soon, with a
#     result or with an error in words, never by a signal.
#
#     $LEAP_MUTATION_SECONDS (20) and $LEAP_MUTATION_SEED (1) decide how many and which; `make
#     fuzz` runs it against a leap-media with sanitizers.
use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::RealBin/../lib";
use MediaProgram qw(run_media run_ffmpeg);
use MediaCorpus qw(slurp);
use Test::More;
use Time::HiRes qw(time);

# a second or two of libav each; a child that needs more is stuck in a loop
my $most_seconds = 60;
my $until = time + ($ENV{LEAP_MUTATION_SECONDS} // 20);
my $seed = $ENV{LEAP_MUTATION_SEED} // 1;
my $folder = tempdir('leap-mutated-XXXXXX', TMPDIR => 1, CLEANUP => 1);

my @picture = ('-f', 'lavfi', '-i', 'testsrc2=s=64x48:r=10');
my @sound = ('-f', 'lavfi', '-i', "aevalsrc='0.3*sin(1000*t)*lt(mod(t,0.5),0.3)':s=16000");
my @h264 = qw(-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 5 -bf 1);
my %clips = (
	'end.mp4'      => [ @picture, @sound, @h264, qw(-c:a aac) ],
	'front.mp4'    => [ @picture, @sound, @h264, qw(-c:a aac -movflags +faststart) ],
	'fragment.mp4' => [ @picture, @sound, @h264, qw(-c:a aac -movflags frag_keyframe+empty_moov) ],
	'hevc.mp4'     => [ @picture, @sound, qw(-c:v libx265 -preset ultrafast -x265-params
			log-level=none -c:a ac3) ],
	'clip.mkv'     => [ @picture, @sound, @h264, qw(-c:a flac) ],
	'clip.webm'    => [ @picture, @sound, qw(-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus) ],
	'vp8.webm'     => [ @picture, @sound, qw(-c:v libvpx -deadline realtime -cpu-used 8 -c:a libvorbis) ],
	'clip.ts'      => [ @picture, @sound, @h264, qw(-c:a aac) ],
	'clip.mpg'     => [ @picture, @sound, qw(-c:v mpeg2video -r 25 -c:a mp2) ],
	'clip.avi'     => [ @picture, @sound, qw(-c:v mpeg4 -c:a libmp3lame) ],
	'clip.flv'     => [ @picture, @sound, @h264, qw(-c:a aac -ar 44100) ],
	'clip.mp3'     => [ @sound, qw(-c:a libmp3lame) ],
	'clip.wav'     => [ @sound, qw(-c:a pcm_s16le) ],
	'clip.flac'    => [ @sound, qw(-c:a flac) ],
	'clip.ogg'     => [ @sound, qw(-c:a libvorbis) ],
	'clip.aac'     => [ @sound, qw(-c:a aac) ]);

my %bytes;
for my $name (sort keys %clips)
{
	run_ffmpeg('-v', 'error', @{ $clips{$name} }, '-t', 2, "$folder/$name");
	$bytes{$name} = slurp("$folder/$name");
}
srand $seed;

sub chance
{
	return int rand $_[0];
}

# Where a change is most telling: mostly in the index and the headers, at either end.
sub place
{
	my ($size) = @_;
	my $near = $size < 2000 ? $size : 2000;

	return chance($size) if chance(3) == 0;
	return chance(2) == 0 ? chance($near) : $size - 1 - chance($near);
}

# A number that lies: of 1, 2, 4 or 8 bytes.
sub number
{
	my @numbers = ("\0", "\xff", "\x7f", "\x80", "\0\0", "\xff\xff", "\0\0\0\0", "\xff\xff\xff\xff",
		"\x7f\xff\xff\xff", "\x80\0\0\0", "\0\0\0\1", "\xff" x 8, "\0" x 8, "\1" . "\0" x 7);
	return $numbers[ chance(scalar @numbers) ];
}

my @changes = (
	sub { my ($at) = place(length $_[0]); substr($_[0], $at, 1) = chr chance(256) },
	sub { my ($at) = place(length $_[0]); substr($_[0], $at, 1) ^= chr(1 << chance(8)) },
	sub { my $new = number(); substr($_[0], place(length $_[0]), length $new) = $new },
	sub { my $new = number(); substr($_[0], place(length $_[0]), 0) = $new },
	sub { my $at = place(length $_[0]); substr($_[0], $at, chance(1 + length($_[0]) - $at)) = '' },
	sub { my $at = place(length $_[0]); substr($_[0], $at, 0) = substr $_[0], place(length $_[0]), chance(4000) },
	sub { my $at = place(length $_[0]); substr($_[0], $at) = "\0" x chance(5000) },
	sub { my $name = (sort keys %bytes)[ chance(scalar keys %bytes) ];
		substr($_[0], place(length $_[0])) = substr $bytes{$name}, place(length $bytes{$name}) });

my ($inputs, %ends, @broken) = (0);

# Analyses a file, or cuts it; what its end was.
sub try_file
{
	my ($file, $command) = @_;
	my $begun = time;
	my ($status, $got) = $command eq 'analyse'
		? run_media('analyse', { input => $file, envelope => "$folder/env", audio => "$folder/wav",
			poster => "$folder/jpg" })
		: run_media('cut', { input => $file, output => "$folder/cut" }, keep => '0.5-1.5');
	my $took = time - $begun;

	$ends{ $status eq '1' ? ($got->{error}{code} // 'no code') : $status }++;
	return "$command: status $status" if $status !~ /^[01]$/;
	return "$command: no result: " . substr($got->{text}, 0, 200) if exists $got->{text};
	return "$command: an error without a code" if $status eq '1' && !length($got->{error}{code} // '');
	return "$command: took $took s" if $took > $most_seconds;
	return;
}

while (time < $until)
{
	my $name = (sort keys %bytes)[ $inputs % keys %bytes ];
	my $changed = $bytes{$name};

	$changes[ chance(scalar @changes) ]->($changed) for 0 .. chance(4);
	last if !length $changed;
	open my $file, '>:raw', "$folder/changed" or die $!;
	print {$file} $changed;
	close $file or die $!;
	$inputs++;
	my $complaint = try_file("$folder/changed", 'analyse')
		// ($inputs % 3 == 0 ? try_file("$folder/changed", 'cut') : undef);
	next if !defined $complaint;
	my $kept = ($ENV{LEAP_MUTATION_KEEP} // $ENV{TMPDIR} // '/tmp') . "/leap-mutated-$seed-$inputs-$name";
	rename "$folder/changed", $kept;
	push @broken, "$kept: $complaint";
}
cmp_ok($inputs, '>', 16, "$inputs changed recordings of seed $seed were tried");
is(join("\n", @broken), '', 'every one ends in order');
note(join ', ', map {"$_: $ends{$_}"} sort keys %ends);
done_testing();
