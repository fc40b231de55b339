package GateCorpus;
# tests/tap/lib/GateCorpus.pm
#     Transcripts that can be trusted and transcripts that were invented, made by chance.
#
#     my @cases = GateCorpus::cases($seed);
#     each: { name, kind => 'good'|'bad', pattern, language, input => {transcript, pauses} }
#
# The words are real: prompts of telephone exchanges with their Debian texts (English and
# Russian), licences as long English prose, the sample lectures. What recognisers invent is
# laid over them, whole or mixed into good text. Chance is reproducible.
use strict;
use warnings;
use utf8;

use Cwd qw(abs_path);
use Encode qw(decode);
use File::Basename qw(dirname);

my $root = abs_path(dirname(__FILE__) . '/../../..');
my $seed = 1;

sub chance
{
	my ($below) = @_;
	$seed = ($seed * 1103515245 + 12345) % 2147483648;
	return int($seed / 65536) % $below;
}

sub between
{
	my ($least, $most) = @_;
	return $least + ($most - $least) * chance(10000) / 10000;
}

sub one { return $_[ chance(scalar @_) ] }

sub shuffled
{
	my (@list) = @_;
	for my $i (reverse 1 .. $#list)
	{
		my $k = chance($i + 1);
		@list[ $i, $k ] = @list[ $k, $i ];
	}
	return @list;
}

sub text_of
{
	my ($command) = @_;
	my $bytes = qx($command);
	return decode('UTF-8', $bytes);
}

# Sentences of a language: those of prompts, and of prose.
sub prompts
{
	my ($language) = @_;
	my @lines = split /\n/, text_of("zcat /usr/share/doc/asterisk-core-sounds-$language/core-sounds-$language.txt.gz");
	my %seen;
	return grep { !/[<>(\[]/ && split(/ /) > 3 && !$seen{$_}++ } map { /^[\w\/-]+: (.+)/ ? $1 : () } @lines;
}

sub prose
{
	my ($file) = @_;
	my $text = text_of("cat $file");
	$text =~ s/^=.*$|^#.*$//mg;
	$text =~ s/\s+/ /g;
	return grep { my $words = () = /\w+/g; $words > 4 && $words < 60 } split /(?<=[.;!?]) /, $text;
}

my %source;
sub sources
{
	return %source if %source;
	my @lecture = prose("$root/tests/media/lecture/lecture.txt");
	my @lecture_ru = prose("$root/tests/media/lecture/lecture.ru.txt");
	%source = (
		en => { prompts => [ prompts('en') ], lecture => \@lecture,
			prose => [ map { prose("/usr/share/common-licenses/$_") } qw(GPL-3 Apache-2.0 MPL-1.1 GFDL-1.3 Artistic) ] },
		ru => { prompts => [ prompts('ru') ], lecture => \@lecture_ru });
	$source{ru}{prose} = [ @{ $source{ru}{prompts} }, @lecture_ru ];
	return %source;
}

# A recording that grows: words, segments, and the pauses that an analysis would find.
sub begin
{
	my ($language, %how) = @_;
	return { at => $how{at} // 1, language => $language, pace => $how{pace} // between(105, 150), words => [], segments => [], silences => [],
		confidence => $how{confidence} // 0.72, gap => $how{gap} };
}

# Says a sentence.
sub say_it
{
	my ($talk, $sentence, %how) = @_;
	my @words = grep { /\w/ } split ' ', $sentence;
	my $start = $talk->{at};
	return if !@words;
	for my $word (@words)
	{
		my $length = 60 / $talk->{pace} * (0.45 + 0.09 * length $word) * between(0.8, 1.2);
		my $confidence = $how{confidence} // $talk->{confidence};
		my %word = (start => 0 + sprintf('%.3f', $talk->{at}), end => 0 + sprintf('%.3f', $talk->{at} + 0.85 * $length), word => $word);
		if ($confidence >= 0)
		{
			$confidence += between(-0.25, 0.25);
			$word{confidence} = 0 + sprintf('%.3f', $confidence > 1 ? 1 : $confidence < 0 ? 0 : $confidence);
		}
		push @{ $talk->{words} }, \%word;
		$talk->{at} += $length;
		be_silent($talk, $talk->{gap}->()) if $talk->{gap} && $word ne $words[-1];
	}
	push @{ $talk->{segments} }, { start => 0 + sprintf('%.3f', $start), end => $talk->{words}[-1]{end}, text => join(' ', @words) };
	return;
}

# Nobody speaks; the analysis sees it if it is long enough.
sub be_silent
{
	my ($talk, $seconds) = @_;
	push @{ $talk->{silences} }, [ $talk->{at}, $talk->{at} + $seconds ] if $seconds >= 2;
	$talk->{at} += $seconds;
	return;
}

sub end_of
{
	my ($talk) = @_;
	my $n = 0;
	return {
		transcript => { version => 1, language => $talk->{language}, provider => 'made', model => 'made', duration => 0 + sprintf('%.3f', $talk->{at} + 1),
			words => $talk->{words}, segments => $talk->{segments} },
		pauses => $talk->{silences} };
}

# A lecture of so many seconds: sentences in their order from anywhere, or by chance.
sub lecture
{
	my ($talk, $from, $seconds, %how) = @_;
	my $end = $talk->{at} + $seconds;
	my @sentences = $how{shuffled} ? shuffled(@$from) : @$from;
	my $i = chance(scalar @sentences);
	while ($talk->{at} < $end)
	{
		@sentences = shuffled(@sentences) if $i == @sentences;
		$i %= @sentences;
		say_it($talk, $sentences[ $i++ ]);
		be_silent($talk, chance(12) == 0 ? between(2, 6) : between(0.3, 1.2));
		$how{after}->($talk) if $how{after};
	}
	return $talk;
}

my %chorus = (
	en => [ 'So what does that mean for us?', 'As you can see here', 'Any questions so far?' ],
	ru => [ 'Что это значит для нас?', 'Как вы видите на слайде', 'Есть ли вопросы?' ]);
my %farewell = (
	en => [ 'Thank you for watching.', 'See you in the next video.' ],
	ru => [ 'Спасибо за внимание.', 'До новых встреч.' ]);
my %weak = (
	en => [ 'Thanks for watching!', 'Please subscribe to my channel.', 'Thank you.', 'See you next time.' ],
	ru => [ 'Продолжение следует...', 'Спасибо за просмотр!', 'Подписывайтесь на канал', 'Спасибо за внимание!' ]);
my %credit = (
	en => [ 'Subtitles by the Amara.org community', 'Transcription by CastingWords' ],
	ru => [ 'Редактор субтитров А.Семкин Корректор А.Егорова', 'Субтитры сделал DimaTorzok', 'Субтитры создавал DimaTorzok' ]);

my %thanks = (en => [ 'Thank you for listening.', 'Thank you.' ], ru => [ 'Спасибо за внимание.', 'Спасибо.' ]);
my %dreamt = (
	en => [ 'Thank you.', 'Thank you for listening', 'Thanks for watching!', 'Please subscribe', '[Music]', '(applause)', '♪ ♪ ♪', 'Subs by www.zeoranger.co.uk' ],
	ru => [ 'Спасибо.', 'Подпишитесь на канал.', 'Смотрите продолжение в следующей серии', 'Спасибо за субтитры Алексею Дубровскому', 'Субтитры и перевод: А. Иванов', 'ДИНАМИЧНАЯ МУЗЫКА', '[аплодисменты]', 'Продолжение следует...' ]);
my %numbers = (
	en => [ qw(one two three four five six seven eight nine ten) ],
	ru => [ qw(один два три четыре пять шесть семь восемь девять десять) ]);

# One segment of so many seconds, its words spread over it: what a recogniser makes of sound
# that it does not understand.
sub stretch
{
	my ($talk, $text, $seconds) = @_;
	my @words = split ' ', $text;
	my $start = $talk->{at};
	push @{ $talk->{words} }, { start => $start + $seconds * $_ / @words, end => $start + $seconds * ($_ + 0.9) / @words, word => $words[$_] } for 0 .. $#words;
	push @{ $talk->{segments} }, { start => $start, end => $start + $seconds, text => $text };
	$talk->{at} += $seconds;
	return;
}

# So many words in a row from a list of sentences.
sub words_of
{
	my ($count, @sentences) = @_;
	my @words = grep { /\w/ } split ' ', join ' ', @sentences;
	my $first = chance(@words - $count);
	return join ' ', @words[ $first .. $first + $count - 1 ];
}

# What can be trusted. Each gets (language) and returns a recording.
my %good = (
	'prompts' => sub { my ($l) = @_; return lecture(begin($l), { sources() }->{$l}{prompts}, between(120, 900), shuffled => 1) },
	'prose' => sub { my ($l) = @_; return lecture(begin($l), { sources() }->{$l}{prose}, between(900, 3600)) },
	'short lecture' => sub { my ($l) = @_; my $talk = begin($l); for my $s (@{ { sources() }->{$l}{lecture} }) { say_it($talk, $s); be_silent($talk, between(0.3, 3)) } return $talk },
	'slow speaker' => sub {
		my ($l) = @_;
		my $wanted = between(12, 20);
		# now and then a longer word of thought: words a minute over all as wanted
		my $talk = begin($l, pace => 60, gap => sub { return between(0.7, 1.3) * (60 / $wanted - 1) });
		my $end = between(600, 1800);
		my @sentences = shuffled(@{ { sources() }->{$l}{prompts} });
		while ($talk->{at} < $end) { say_it($talk, shift @sentences); be_silent($talk, between(0.7, 1.3) * (60 / $wanted - 1)) }
		return $talk;
	},
	'long break' => sub {
		my ($l) = @_;
		my $talk = lecture(begin($l), { sources() }->{$l}{prose}, between(200, 900));
		be_silent($talk, between(1800, 9000));
		return lecture($talk, { sources() }->{$l}{prose}, between(100, 600));
	},
	'a phrase of habit' => sub {
		my ($l) = @_;
		my $phrase = one(@{ $chorus{$l} });
		return lecture(begin($l), { sources() }->{$l}{prose}, between(600, 2400), after => sub { say_it($_[0], $phrase) if chance(9) == 0 });
	},
	'repeat after me' => sub {
		my ($l) = @_;
		my $talk = begin($l);
		for my $sentence ((shuffled(@{ { sources() }->{$l}{prompts} }))[ 0 .. 40 + chance(30) ])
		{
			for (0 .. chance(2)) { say_it($talk, $sentence); be_silent($talk, between(2, 12)) }
		}
		return $talk;
	},
	'a farewell' => sub {
		my ($l) = @_;
		my $talk = lecture(begin($l), { sources() }->{$l}{prose}, between(120, 1200));
		say_it($talk, $_) for @{ $farewell{$l} };
		return $talk;
	},
	'without confidence' => sub { my ($l) = @_; return lecture(begin($l, confidence => -1), { sources() }->{$l}{prose}, between(300, 1800)) },
	'a short clip' => sub { my ($l) = @_; return lecture(begin($l), { sources() }->{$l}{prompts}, between(3, 25), shuffled => 1) },
	'short and slow' => sub {
		my ($l) = @_;
		my $wanted = between(12, 30);
		my $talk = begin($l, pace => 60, gap => sub { return between(0.7, 1.3) * (60 / $wanted - 1) });
		my $end = between(60, 240);
		for my $s (shuffled(@{ { sources() }->{$l}{prompts} })) { say_it($talk, $s); be_silent($talk, between(1, 4)); last if $talk->{at} > $end }
		return $talk;
	},
	'thanks at the end' => sub {
		my ($l) = @_;
		my $talk = lecture(begin($l), { sources() }->{$l}{prose}, between(60, 1200));
		say_it($talk, $_) for @{ $thanks{$l} }[ 0 .. chance(2) ];
		be_silent($talk, between(0, 20));
		return $talk;
	},
	'thanks in between' => sub { my ($l) = @_; return around($l, sub { my ($t) = @_; say_it($t, $thanks{$l}[1]) }) },
	'counting' => sub {
		my ($l) = @_;
		my $talk = begin($l);
		my $end = between(300, 1200);
		while ($talk->{at} < $end)
		{
			my @count = @{ $numbers{$l} }[ 0 .. one(3, 4, 7, 9) ];
			for (0 .. 1 + chance(3)) { say_it($talk, join ' ', @count); be_silent($talk, between(0.5, 4)) }
			lecture($talk, { sources() }->{$l}{prose}, between(40, 90));
		}
		return $talk;
	},
	'music in between' => sub {
		my ($l) = @_;
		my $talk = begin($l);
		for (0 .. 1 + chance(3)) { lecture($talk, { sources() }->{$l}{prose}, between(60, 400)); be_silent($talk, between(60, 400)) }
		return $talk;
	},
	'a noisy break' => sub {
		my ($l) = @_;
		my $talk = lecture(begin($l), { sources() }->{$l}{prose}, between(300, 900));
		for (0 .. 60) { be_silent($talk, between(8, 40)); $talk->{at} += between(0.5, 6) }
		return lecture($talk, { sources() }->{$l}{prose}, between(300, 900));
	},
	'words without sentences' => sub {
		my ($l) = @_;
		my $talk = lecture(begin($l, pace => between(140, 190)), { sources() }->{$l}{prose}, between(600, 2400));
		$talk->{segments} = [];
		$_->{word} =~ s/[^\w]//g for @{ $talk->{words} };
		return $talk;
	},
	'unsure words' => sub { my ($l) = @_; return lecture(begin($l, confidence => between(0.55, 0.65)), { sources() }->{$l}{prose}, between(300, 1800)) },
);

# Good text around something: before, the bad part, behind.
sub around
{
	my ($l, $part, $seconds) = @_;
	my $talk = lecture(begin($l), { sources() }->{$l}{prose}, $seconds // between(600, 2400));
	$part->($talk);
	return lecture($talk, { sources() }->{$l}{prose}, $seconds // between(300, 1200));
}

sub loop_of
{
	my ($seconds, @sentences) = @_;
	return sub {
		my ($talk) = @_;
		my $end = $talk->{at} + $seconds;
		for (my $i = 0; $talk->{at} < $end; $i++) { say_it($talk, $sentences[ $i % @sentences ]); be_silent($talk, between(0.1, 1)) }
	};
}

# A sentence in which something is different each time.
sub vary
{
	my ($sentence, $l) = @_;
	my @words = split ' ', $sentence;
	$words[ chance(scalar @words) ] = one(split ' ', one(@{ { sources() }->{$l}{prompts} }));
	return join ' ', @words;
}

# Words in a silence of so many seconds: what recognisers dream of.
sub dream
{
	my ($seconds, $from, $l) = @_;
	return sub {
		my ($talk) = @_;
		my $start = $talk->{at};
		my @own = @{ $talk->{silences} };
		while ($talk->{at} < $start + $seconds) { say_it($talk, one(@$from)); $talk->{at} += between(1, 15) }
		$talk->{silences} = [ @own, [ $start, $talk->{at} ] ];
	};
}

sub by_the_clock
{
	my ($seconds, $from) = @_;
	return sub {
		my ($talk) = @_;
		my $start = $talk->{at};
		for my $i (1 .. int($seconds / 30))
		{
			while ($talk->{at} < $start + 30 * $i - 12) { say_it($talk, one(@$from)); pop @{ $talk->{segments} } if $talk->{at} < $start + 30 * $i - 12 }
			$talk->{at} = $start + 30 * $i;
			$talk->{segments}[-1]{start} = $start + 30 * ($i - 1);
			$talk->{segments}[-1]{end} = $start + 30 * $i;
		}
	};
}

my %bad = (
	'one sentence for ever' => sub { my ($l) = @_; my $talk = begin($l); loop_of(between(120, 1800), one(@{ { sources() }->{$l}{prompts} }))->($talk); return $talk },
	'few sentences in turn' => sub { my ($l) = @_; my $talk = begin($l); loop_of(between(300, 1800), (shuffled(@{ { sources() }->{$l}{prompts} }))[ 0 .. 2 + chance(3) ])->($talk); return $talk },
	'a loop in the text' => sub { my ($l) = @_; return around($l, loop_of(between(120, 240), one(@{ { sources() }->{$l}{prompts} }))) },
	'three minutes of an hour' => sub { my ($l) = @_; return around($l, loop_of(180, (shuffled(grep { split(/ /) < 25 } @{ { sources() }->{$l}{prompts} }))[ 0, 1 ]), 1700) },
	'a loop in a segment' => sub {
		my ($l) = @_;
		my $phrase = join ' ', (split ' ', one(@{ { sources() }->{$l}{prompts} }))[ 0 .. 1 + chance(2) ];
		return around($l, sub { say_it($_[0], join ' ', ($phrase) x (30 + chance(60))) });
	},
	'nearly the same' => sub { my ($l) = @_; my $talk = begin($l); my $s = one(grep { split(/ /) > 6 } @{ { sources() }->{$l}{prompts} }); loop_of(20, vary($s, $l))->($talk) for 1 .. 15 + chance(20); return $talk },
	'nearly the same, in the text' => sub { my ($l) = @_; my $s = one(grep { split(/ /) > 6 } @{ { sources() }->{$l}{prompts} }); return around($l, sub { my ($t) = @_; say_it($t, vary($s, $l)) for 1 .. 25 + chance(20) }) },
	'phrases of films' => sub { my ($l) = @_; my $talk = begin($l); loop_of(between(60, 900), shuffled(@{ $weak{$l} }, @{ $credit{$l} }))->($talk); return $talk },
	'phrases in the text' => sub { my ($l) = @_; return around($l, sub { my ($t) = @_; for (1 .. 6 + chance(10)) { say_it($t, one(@{ $weak{$l} })); be_silent($t, between(5, 30)) } }) },
	'a credit in the text' => sub { my ($l) = @_; return around($l, sub { say_it($_[0], one(@{ $credit{$l} })) }) },
	'words in silence' => sub { my ($l) = @_; my $talk = begin($l); dream(between(120, 1800), { sources() }->{$l}{prose})->($talk); return $talk },
	'words in a break' => sub { my ($l) = @_; return around($l, dream(between(300, 1200), { sources() }->{$l}{prose})) },
	'by the clock' => sub { my ($l) = @_; my $talk = begin($l); by_the_clock(between(600, 2400), { sources() }->{$l}{prose})->($talk); return $talk },
	'by the clock, in the text' => sub { my ($l) = @_; return around($l, by_the_clock(between(180, 600), { sources() }->{$l}{prose})) },
	'hardly a word' => sub {
		my ($l) = @_;
		my $wanted = between(1.3, 6.7);
		my $talk = begin($l);
		my $end = between(900, 5400);
		for my $sentence (shuffled(@{ { sources() }->{$l}{prompts} }))
		{
			last if $talk->{at} > $end;
			say_it($talk, $sentence);
			# somebody speaks, nothing is understood
			$talk->{at} += between(0.6, 1.4) * (scalar(split ' ', $sentence)) * 60 / $wanted;
		}
		return $talk;
	},
	'another language' => sub { my ($l) = @_; return lecture(begin($l, confidence => between(0.28, 0.46)), { sources() }->{$l}{prose}, between(120, 1800)) },
	'another language in a part' => sub { my ($l) = @_; return around($l, sub { my ($t) = @_; local $t->{confidence} = 0.3; lecture($t, { sources() }->{$l}{prose}, 240) }) },
	'a phrase is all' => sub { my ($l) = @_; my $talk = begin($l, at => between(1, 30)); stretch($talk, one(@{ $dreamt{$l} }), between(3, 30)); $talk->{at} += between(70, 260); return $talk },
	'two phrases for a minute' => sub { my ($l) = @_; return around($l, sub { my ($t) = @_; my $phrase = one(@{ $dreamt{$l} }); stretch($t, $phrase, between(28, 30)) for 1 .. 2 }) },
	'few words in short speech' => sub { my ($l) = @_; my $talk = begin($l); for (1 .. 1 + chance(2)) { stretch($talk, words_of(2, @{ { sources() }->{$l}{prompts} }), between(1, 20)); $talk->{at} += between(65, 140) } return $talk },
	'a paragraph five times' => sub { my ($l) = @_; my $text = words_of(30 + chance(20), @{ { sources() }->{$l}{prose} }); return around($l, sub { my ($t) = @_; say_it($t, $text) for 1 .. 5 }) },
	'stuck on a word' => sub { my ($l) = @_; my $word = one(qw(you да okay так)); return around($l, sub { my ($t) = @_; say_it($t, join ' ', ($word) x (18 + chance(10))) }) },
	'words in every pause' => sub {
		my ($l) = @_;
		my $talk = begin($l);
		for (1 .. 12)
		{
			say_it($talk, words_of(10, @{ { sources() }->{$l}{prose} })) for 1 .. 10;
			my $start = $talk->{at};
			$talk->{at} += 2;
			say_it($talk, words_of(15, @{ { sources() }->{$l}{prose} }));
			$talk->{at} += between(3, 20);
			push @{ $talk->{silences} }, [ $start, $talk->{at} ];
		}
		return $talk;
	},
	'only the beginning' => sub { my ($l) = @_; my ($heard, $of) = @{ one([ 600, 3600 ], [ 120, 1800 ], [ 1500, 1800 ]) }; my $talk = lecture(begin($l), { sources() }->{$l}{prose}, $heard); $talk->{at} += 1; while ($talk->{at} < $of) { $talk->{at} += between(10, 30); be_silent($talk, between(2, 5)) } return $talk },
	'not the middle' => sub { my ($l) = @_; return around($l, sub { my ($t) = @_; my $end = $t->{at} + between(300, 900); while ($t->{at} < $end) { $t->{at} += between(10, 30); be_silent($t, between(2, 4)) } }) },
	'by another clock' => sub { my ($l) = @_; my $talk = begin($l, at => 0); my $step = one(8, 10, 15, 20, 25, 28.5); for (1 .. 20 + chance(60)) { stretch($talk, words_of(int($step * 2), @{ { sources() }->{$l}{prose} }), $step) } return $talk },
	'unsure in a part, unknown elsewhere' => sub {
		my ($l) = @_;
		my $talk = around($l, sub { my ($t) = @_; local $t->{confidence} = 0.05; lecture($t, { sources() }->{$l}{prose}, 240) });
		delete $talk->{words}[ chance(scalar @{ $talk->{words} }) ]{confidence} for 0 .. chance(30);
		return $talk;
	},
	'faster than speech' => sub { my ($l) = @_; return around($l, sub { my ($t) = @_; local $t->{pace} = 1500; lecture($t, { sources() }->{$l}{prose}, 60) }) },
);

sub cases
{
	my ($wanted) = @_;
	my @cases;
	my %all = (good => \%good, bad => \%bad);
	$seed = $wanted;
	for my $kind (qw(good bad))
	{
		for my $pattern (sort keys %{ $all{$kind} })
		{
			for my $language (qw(en ru))
			{
				for my $n (1 .. ($kind eq 'good' ? 3 : 2))
				{
					my $input = end_of($all{$kind}{$pattern}->($language));
					push @cases, { name => "$pattern, $language, $n", kind => $kind, pattern => $pattern, language => $language, input => $input };
				}
			}
		}
	}
	return @cases;
}

1;
