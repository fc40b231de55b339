# tests/tap/t/212_hearings.pl
#     What was heard is kept by settings: to and fro between two providers each is paid once; what is offered and gone, or
#     of other settings, is not used. (What the database offers, of other recordings too: tests/regress/sql/providers.sql.)
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use JSON::PP;
use Test::More;

use lib dirname(abs_path(__FILE__)) . '/../lib';
use FakeSpeech;
use LeapChild;
use RemoteSpeech;

my $leap = LeapChild->new('hearings');
my $lecture = RemoteSpeech->new($leap, seconds => 20, seed => 8);
my %server = map { $_ => FakeSpeech->start('speech/openai', key => 'sk-one') } qw(cloud other);

# One task that asks these providers and is offered these hearings, newest first; its result, and who was paid.
sub transcribe
{
	my ($offered, @names) = @_;
	my %before = map { $_ => $server{$_}->billed->{requests} } keys %server;
	my $input = $lecture->input([ map { RemoteSpeech::provider('openai', $server{$_}->url . '/v1', name => $_) } @names ]);
	my $end = $leap->run(transcribe => { %$input, heard => $offered }, keys => { cloud => 'sk-one', other => 'sk-one' });
	diag explain $end->{failed} if $end->{failed};
	my ($heard) = grep { $_->{kind} =~ /^heard:/ } @{ $end->{done}{artifacts} // [] };
	return ($heard, join ' ', grep { $server{$_}->billed->{requests} > $before{$_} } sort keys %server);
}

my ($cloud, $paid) = transcribe([], 'cloud');
is($paid, 'cloud', 'the first provider is paid');
is($cloud->{kind}, 'heard:' . substr($cloud->{metadata}{settings_key}, 0, 8), 'what it heard is kept by its settings');
(my $other, $paid) = transcribe([$cloud], 'other');
is($paid, 'other', 'another one is paid for what it hears itself');
isnt($other->{kind}, $cloud->{kind}, 'which is kept beside the first');
for my $again (1, 2)
{
	(my $heard, $paid) = transcribe([ $other, $cloud ], 'cloud');
	is($paid, '', 'back to the first: nobody is paid');
	is($heard->{metadata}{provider}, 'cloud', '  and it is what that one heard');
	($heard, $paid) = transcribe([ $heard, $other ], 'other');
	is("$paid$heard->{metadata}{provider}", 'other', 'and to the other: nobody is paid');
}
(my $both, $paid) = transcribe([ $other, $cloud ], 'cloud', 'other');
is("$paid$both->{metadata}{provider}", 'cloud', 'of two that are known the first of the list is taken');

# the files of another recording may go at any moment
my %gone = (%$cloud, uri => $cloud->{uri} =~ s/\.json$/0.json/r);
(my $heard, $paid) = transcribe([ \%gone, $cloud ], 'cloud');
is($paid, '', 'a file that is gone: the next of these settings is read');
($heard, $paid) = transcribe([ \%gone ], 'cloud');
is($paid, 'cloud', '... and if there is none it is heard again');
my %wrong = (%$other, metadata => { %{ $other->{metadata} }, settings_key => $cloud->{metadata}{settings_key} });
($heard, $paid) = transcribe([ \%wrong ], 'cloud');
is($paid, 'cloud', 'a file that is not what it was offered as is not used');

done_testing();
