# tests/tap/lib/RemoteSpeech.pm
#     Tasks of kind transcribe for tests of the speech providers behind HTTP: the sound of a lecture of tones
#     (SpokenTones.pm) in the storage, and what a provider row looks like.
#
#     my $lecture = RemoteSpeech->new($leap, seconds => 120, seed => 3, pauses => 1, cuts => [[0, 50], [60, 120]]);
#     my $input = $lecture->input([PROVIDER...], language => 'ru', checkpoint => {...});
#     my $row = RemoteSpeech::provider('openai', $url, name => 'cloud', model => 'whisper-1', parallel => 2);
#     $lecture->said([$start, $end])         the words within a part
#     RemoteSpeech::heard($leap, $end)       [[start, end, confidence, text]...] of a task's result
#     RemoteSpeech::texts($leap, $end)       the texts alone
package RemoteSpeech;

use strict;
use warnings;

use Digest::SHA;
use File::Path qw(make_path);
use JSON::PP;
use SpokenTones;

my $number = 0;

sub put
{
	my ($leap, $kind, $ending, $bytes, %metadata) = @_;
	my $uri = sprintf 'users/000001/r%d/%s-%016x.%s', $number, $kind, $number, $ending;
	my $file = "$leap->{storage}/$uri";

	if (defined $bytes)
	{
		open my $out, '>:raw', $file or die "$file: $!\n";
		print $out $bytes;
		close $out;
	}
	my $sha = -e $file ? Digest::SHA->new(256)->addfile($file)->hexdigest : '0' x 64;
	return { kind => $kind, uri => $uri, bytes => '' . (-s $file // 0), sha256 => $sha, metadata => \%metadata };
}

sub new
{
	my ($class, $leap, %options) = @_;
	my $seconds = $options{seconds} // 60;
	my @words = SpokenTones::lecture($seconds, seed => $options{seed} // 1, pauses => $options{silent} // []);
	my $cuts = $options{cuts} // [ [ 0, $seconds ] ];
	my ($at, @list) = (0);

	$number++;
	make_path("$leap->{storage}/users/000001/r$number");
	SpokenTones::write_wav(sprintf("$leap->{storage}/users/000001/r%d/audio-%016x.wav", $number, $number), \@words, $seconds);
	for my $cut (@$cuts)
	{
		push @list, { start => $cut->[0], end => $cut->[1], at => $at };
		$at += $cut->[1] - $cut->[0];
	}
	my @pauses = map { { start => $words[$_]{end}, end => $words[ $_ + 1 ]{start} } }
	  grep { $words[ $_ + 1 ]{start} - $words[$_]{end} > ($options{pauses} // 0.45) } 0 .. $#words - 1;
	my %artifacts = (
		audio => put($leap, 'audio', 'wav', undef, duration => $seconds),
		analysis => put($leap, 'analysis', 'json', encode_json({ version => 1, duration => $seconds, pauses => $options{no_pauses} ? [] : \@pauses })),
		video => put($leap, 'video', 'mp4', undef, cuts => \@list, start => $cuts->[0][0], end => $cuts->[-1][1]));
	return bless { leap => $leap, words => \@words, cuts => $cuts, artifacts => \%artifacts, number => $number }, $class;
}

sub input
{
	my ($self, $providers, %options) = @_;
	return { recording => { id => "r$self->{number}", lane => 1 },
		artifacts => $self->{artifacts}, providers => $providers,
		config => { transcription => { language => $options{language} // '', vocabulary => $options{vocabulary} // [] } },
		defined $options{checkpoint} ? (checkpoint => $options{checkpoint}) : () };
}

# A row as the task's input has it; what is no column is a setting.
sub provider
{
	my ($protocol, $url, %given) = @_;
	my %row = (name => $given{name} // 'cloud', protocol => $protocol, base_url => $url,
		model => $given{model} // ($protocol eq 'openai' ? 'whisper-1' : 'universal-2'), languages => undef);

	delete @given{qw(name model)};
	return { %row, settings => { poll_seconds => 0.1, %given } };
}

sub said
{
	my ($self, $span, $language) = @_;
	return map { SpokenTones::word($_->{id}, $language) } grep { $_->{start} >= $span->[0] && $_->{end} <= $span->[1] } @{ $self->{words} };
}

sub heard
{
	my ($leap, $end) = @_;
	my ($entry) = grep { $_->{kind} =~ /^heard:[0-9a-f]{8}$/ } @{ $end->{done}{artifacts} // [] };
	return [] if !$entry;
	open my $in, '<:raw', "$leap->{storage}/$entry->{uri}" or die "$entry->{uri}: $!\n";
	local $/ = undef;
	return decode_json(<$in>)->{words};
}

sub texts { return [ map { lc $_->[3] =~ s/[^\w\[\]]//gr } @{ heard(@_) } ]; }

1;
