# tests/tap/lib/SpokenTones.pm
#     A language of tones: sound whose words a test server can understand exactly, also after Opus or MP3.
#
#     my @words = SpokenTones::lecture(600, seed => 1);     [{id, start, end}...]: 600 s of sentences with pauses
#     SpokenTones::write_wav('a.wav', \@words, 600);        16 kHz mono; rate => 48000 for another
#     my @heard = SpokenTones::hear($pcm);                  from 16-bit samples at $SpokenTones::RATE
#     SpokenTones::word($id, 'ru')                          how it is written; "[cut]" is id -1: a word without its start or end
#
# A word is three tones of 120 ms, each one of sixteen: 4096 words, so that a lecture need not say one twice and a lost, doubled
# or split one is seen. The same words may be asked for in Latin or Cyrillic letters.
package SpokenTones;

use strict;
use warnings;

our $RATE = 4000;                    # for hear(): what the tones need, and no more to look through
our $SECONDS = 0.36;                 # of a word
my $SYMBOL = $SECONDS / 3;
my @tones = map { 400 + 75 * $_ } 0 .. 15;
my @latin = qw(ba ke di mo tu la se ni go ru va pe zi do ku ma);
my @cyrillic = map { my $text = $_; utf8::decode($text); $text } qw(ба ке ди мо ту ла се ни го ру ва пе зи до ку ма);
my $FRAME = 40;                      # samples of 10 ms at $RATE
my $PI = 4 * atan2 1, 1;

# The word's text, as characters.
sub word
{
	my ($id, $language) = @_;
	my $syllables = ($language // '') =~ /^(?:ru|russian)/i ? \@cyrillic : \@latin;
	return '[cut]' if $id < 0;
	return join '', map { $syllables->[ ($id >> $_) & 15 ] } 8, 4, 0;
}

# Which word a text is; -1 for none.
sub id_of
{
	my ($text) = @_;
	my %value = ((map { $latin[$_] => $_ } 0 .. 15), (map { $cyrillic[$_] => $_ } 0 .. 15));
	my @values = map { $value{$_} // return -1 } lc($text =~ s/\W//gr) =~ /../g;
	return @values == 3 ? $values[0] << 8 | $values[1] << 4 | $values[2] : -1;
}

# Sentences of 4 to 12 words, pauses of 0.5 to 1.5 s between them; no word twice (the first 4096 at least). Options: seed;
# from, until: where somebody speaks; pauses => [[start, end]...]: where nobody does.
sub lecture
{
	my ($seconds, %options) = @_;
	my ($at, $number, $state, @words) = ($options{from} // 1, 0, $options{seed} // 1);
	my $until = $options{until} // $seconds - 1;
	my $random = sub { $state = ($state * 1103515245 + 12345) % 2147483648; return $state / 2147483648; };

	while (1)
	{
		for my $word (1 .. 4 + int 9 * $random->())
		{
			for my $pause (@{ $options{pauses} // [] }) { $at = $pause->[1] if $at + $SECONDS > $pause->[0] && $at < $pause->[1]; }
			return @words if $at + $SECONDS > $until;
			push @words, { id => ($number++ * 1597 + 7) % 4096, start => $at, end => $at + $SECONDS };
			$at += $SECONDS + 0.14 + 0.1 * $random->();
		}
		$at += 0.5 + $random->();
	}
}

sub symbol
{
	my ($tone, $rate) = @_;
	my $count = int $SYMBOL * $rate + 0.5;
	my $ramp = 0.005 * $rate;
	my $step = 2 * $PI * $tones[$tone] / $rate;

	return pack 's<*', map {
		my $edge = ($_ < $count - $_ ? $_ : $count - $_) / $ramp;
		int 9000 * ($edge < 1 ? $edge : 1) * sin $step * $_;
	} 0 .. $count - 1;
}

sub write_wav
{
	my ($file, $words, $seconds, %options) = @_;
	my $rate = $options{rate} // 16000;
	my $total = int $seconds * $rate;
	my (@symbols, $written);

	$symbols[$_] = symbol($_, $rate) for 0 .. 15;
	open my $out, '>:raw', $file or die "$file: $!\n";
	print $out 'RIFF', pack('V', 36 + 2 * $total), 'WAVEfmt ', pack('VvvVVvv', 16, 1, 1, $rate, 2 * $rate, 2, 16), 'data', pack('V', 2 * $total);
	$written = 0;
	for my $word (@$words)
	{
		my $sound = join '', map { $symbols[ ($word->{id} >> $_) & 15 ] } 8, 4, 0;
		my $start = int $word->{start} * $rate + 0.5;
		die "word $word->{id} at $word->{start} does not fit\n" if $start < $written || $start + length($sound) / 2 > $total;
		print $out "\0" x (2 * ($start - $written)), $sound;
		$written = $start + length($sound) / 2;
	}
	print $out "\0" x (2 * ($total - $written));
	close $out or die "$file: $!\n";
}

# How strong a tone is in samples (Goertzel).
sub strength
{
	my ($samples, $from, $count, $tone) = @_;
	my $factor = 2 * cos 2 * $PI * $tones[$tone] / $RATE;
	my ($one, $two) = (0, 0);

	for my $i ($from .. $from + $count - 1)
	{
		my $next = $samples->[$i] + $factor * $one - $two;
		($two, $one) = ($one, $next);
	}
	return $one * $one + $two * $two - $factor * $one * $two;
}

# The loudest tone in the middle of a symbol.
sub loudest
{
	my ($samples, $start, $place) = @_;
	my $from = int(($start + ($place + 0.2) * $SYMBOL) * $RATE);
	my $count = int 0.6 * $SYMBOL * $RATE;
	my ($best, $most) = (0, -1);

	return 0 if $from < 0 || $from + $count > @$samples;
	for my $tone (0 .. 15)
	{
		my $strength = strength($samples, $from, $count, $tone);
		($best, $most) = ($tone, $strength) if $strength > $most;
	}
	return $best;
}

# [first frame, frame behind the last] of all that is loud.
sub bursts
{
	my ($samples) = @_;
	my ($loudest, @levels, @bursts) = (0);

	for (my $i = 0; $i + $FRAME <= @$samples; $i += $FRAME)
	{
		my $peak = 0;
		for my $sample (@$samples[ $i .. $i + $FRAME - 1 ])
		{
			$peak = $sample if $sample > $peak;
		}
		push @levels, $peak;
		$loudest = $peak if $peak > $loudest;
	}
	return () if $loudest < 500;
	my $limit = $loudest * 0.3;
	for my $i (0 .. $#levels)
	{
		next if $levels[$i] < $limit;
		if (@bursts && $i - $bursts[-1][1] < 4) { $bursts[-1][1] = $i + 1; }
		else { push @bursts, [ $i, $i + 1 ]; }
	}
	return @bursts;
}

# The words of 16-bit little-endian mono samples at $RATE: [{id, start, end}...] in seconds.
sub hear
{
	my ($pcm) = @_;
	my @samples = unpack 's<*', $pcm;
	my @heard;

	for my $burst (bursts(\@samples))
	{
		my ($start, $end) = map { $_ * $FRAME / $RATE } @$burst;
		next if $end - $start < 0.03;
		my $whole = abs($end - $start - $SECONDS) < 0.045;
		my $middle = ($start + $end - $SECONDS) / 2;
		my $id = $whole ? loudest(\@samples, $middle, 0) << 8 | loudest(\@samples, $middle, 1) << 4 | loudest(\@samples, $middle, 2) : -1;
		push @heard, { id => $id, start => $start, end => $end };
	}
	return @heard;
}

1;
