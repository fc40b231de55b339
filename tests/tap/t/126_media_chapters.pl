# tests/tap/t/126_media_chapters.pl
#     leap-media chapters: an MP4 gets chapters that players find, whatever their titles hold,
#     and its pictures and sound stay what and where they are.
use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::RealBin/../lib";
use Encode qw(decode_utf8);
use HostileMedia qw(read_bytes write_bytes);
use JSON::PP;
use MediaCheck qw(boxes is_playable);
use MediaProgram qw(run_ffmpeg run_media);
use Test::More;

my $folder = tempdir('leap-chapters-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $json = JSON::PP->new->utf8;
my @titles = ("Введение", 'A "quoted" \\ <b>&amp;</b> --> title', "Две строки\nи\tпробел", '數學 🎓', '');
my @topics = map { { title => $titles[$_], start => 2 * $_, end => 2 * $_ + 2 } } 0 .. $#titles;

# The same pictures and sound with the index behind, in front, and in front with room.
run_ffmpeg(qw(-f lavfi -i testsrc2=s=160x90:r=25:d=12 -f lavfi -i sine=d=12 -c:v libx264 -preset ultrafast -g 50 -bf 2 -c:a aac), "$folder/behind.mp4");
run_ffmpeg('-i', "$folder/behind.mp4", qw(-c copy -movflags faststart), "$folder/front.mp4");
run_ffmpeg('-i', "$folder/behind.mp4", qw(-c copy -movflags frag_keyframe+empty_moov), "$folder/pieces.mp4");
run_ffmpeg('-i', "$folder/behind.mp4", qw(-c copy), "$folder/other.mkv");
run_media('cut', { input => "$folder/behind.mp4", output => "$folder/cut.mp4" }, keep => '0-12');

sub chapters
{
	my ($input, $output, $list) = @_;
	write_bytes("$folder/list", ref $list ? $json->encode($list) : $list);
	return run_media('chapters', { input => "$folder/$input", output => "$folder/$output", chapters => "$folder/list" });
}

# [start, end, title] as another program reads them
sub seen
{
	my ($file) = @_;
	my $seen = $json->decode(scalar `ffprobe -v error -show_chapters -of json $folder/$file`);
	return map { [ $_->{start_time} + 0, $_->{end_time} + 0, $_->{tags}{title} ] } @{ $seen->{chapters} };
}

sub packets
{
	my ($file) = @_;
	return run_ffmpeg('-v', 'error', '-i', "$folder/$file", qw(-map 0:v -map 0:a -c copy -copyts -f framecrc -));
}

my @wanted = map { my $title = $titles[$_]; $title =~ s/[\n\t]/ /g; [ 2 * $_, $_ == $#titles ? 12 : 2 * $_ + 2, $title ] } 0 .. $#titles;
for my $name (qw(behind front cut))
{
	my ($status, $got) = chapters("$name.mp4", "$name-out.mp4", decode_topics(@topics));
	is($status, 0, "$name: done") or diag(explain($got)), next;
	is($got->{chapters}, 5, "$name: five chapters");
	is($got->{bytes}, -s "$folder/$name-out.mp4", "$name: its bytes");
	my @seen = seen("$name-out.mp4");
	cmp_ok(abs($seen[-1][1] - 12), '<', 0.1, "$name: the last one reaches to the end");
	$seen[-1][1] = 12;
	is_deeply(\@seen, decode_wanted(@wanted), "$name: they are found") or diag(explain(\@seen));
	is(packets("$name-out.mp4"), packets("$name.mp4"), "$name: pictures and sound are the same");
	my @names = map { $_->[0] } boxes("$folder/$name-out.mp4");
	like("@names", qr/^ftyp moov .*mdat/, "$name: the index is in front");
}
is_playable("$folder/cut-out.mp4", 'cut');
is(-s "$folder/cut-out.mp4", -s "$folder/cut.mp4", 'cut: there is room for them, nothing moves');

# JSON has characters, the tests are bytes
sub decode_topics { return [ map { { %$_, title => decode_utf8($_->{title}) } } @_ ] }
sub decode_wanted { return [ map { [ $_->[0], $_->[1], decode_utf8($_->[2]) ] } @_ ] }

# Chapters replace those that were there; none take them away; what begins behind the end is
# none; before the first one is something without a name.
chapters('front-out.mp4', 'again.mp4', [ { title => 'late', start => 3.25 }, { title => 'never', start => 99 } ]);
is_deeply([ map { [ @$_[0, 2] ] } seen('again.mp4') ], [ [ 0, '' ], [ 3.25, 'late' ] ], 'chapters are replaced');
chapters('again.mp4', 'none.mp4', []);
is_deeply([ seen('none.mp4') ], [], 'and taken away');
is(packets('none.mp4'), packets('front.mp4'), 'without a trace');
is(scalar(grep { $_->[0] eq 'trak' } boxes("$folder/none.mp4")), 2, 'no track is left of them');

# As many as a day of lectures has, with titles longer than can be told.
{
	my ($status, $got) = chapters('front.mp4', 'many.mp4', [ map { { title => "$_ " . "\x{42f}" x 3000, start => $_ / 25 } } 0 .. 249 ]);
	my @seen = seen('many.mp4');
	is("$status $got->{chapters} " . @seen, '0 250 250', 'two hundred and fifty');
	like($seen[249][2], qr/^249 \x{42f}{100,}$/, 'whose titles end with a whole character');
	is(packets('many.mp4'), packets('front.mp4'), 'and the media has moved along');
	is(run_ffmpeg(qw(-v warning -xerror -i), "$folder/many.mp4", qw(-f null -)), '', 'decoded without a word');
}

# What cannot be done is said, with the rule.
for my $row (
	['other.mkv',  \@topics, 'input not_mp4'],
	['pieces.mp4', \@topics, 'input in_fragments'],
	['cut-off.mp4', \@topics, 'input bad_index'],
	['lost.mp4',   \@topics, 'input bad_index'],
	['front.mp4',  '{"title":1}', 'permanent bad_chapters'],
	['front.mp4',  '[{"title":"a","start":0},', 'permanent bad_chapters'],
	['front.mp4',  [ { title => 'a', start => 2 }, { title => 'b', start => 1 } ], 'permanent bad_chapters'],
	['front.mp4',  [ { title => 'a', start => -1 } ], 'permanent bad_chapters'],
	['front.mp4',  [ { title => 7, start => 1 } ], 'permanent bad_chapters'],
	['front.mp4',  [ { start => 1 } ], 'permanent bad_chapters'])
{
	my ($name, $list, $why) = @$row;
	my $bytes = read_bytes("$folder/front.mp4");
	write_bytes("$folder/cut-off.mp4", substr $bytes, 0, length($bytes) - 1000);
	substr($bytes, index($bytes, 'stco') + 12, 4) = pack 'N', 0xfffffff0;
	write_bytes("$folder/lost.mp4", $bytes);
	my ($status, $got) = chapters($name, 'refused.mp4', $list);
	is("$status $got->{error}{class} $got->{error}{code}", "1 $why", "$name: $why") or diag(explain($got));
	isnt($got->{error}{hint}, '', "$name: with what to do");
}

done_testing();
