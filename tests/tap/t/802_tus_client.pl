# tests/tap/t/802_tus_client.pl
#     Uploads by the client of the tus protocol that browsers use, cut at random bytes, while processes of the servers are
#     killed: each is one recording, byte for byte what was sent, and counted once.
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use JSON::PP;
use LeapNode;
use LeapServe;
use NodePeer;
use Test::More;

my $leap = LeapNode->new('tus_client');
my $serve = LeapServe->new($leap, '--processes=2');
my $email = 'teacher@example.org';
my $token = ($serve->bearer($email))[0] =~ s/^Authorization: Bearer //r;
my $peer = NodePeer->start('tus.mjs');
my $seed = $ENV{LEAP_SEED} // time;
note("LEAP_SEED=$seed");
srand $seed;

sub quota { return $leap->sql("SELECT $_[0] FROM leap.quota_status('$email') WHERE quota = 'storage_bytes'"); }
sub slurp { return PostgreSQL::Test::Utils::slurp_file($_[0]); }

my $lecture = join '', map { pack 'N', int rand 2**32 } 1 .. 1_500_000;
my $file = "$leap->{base}/lecture.mp4";
open my $out, '>:raw', $file or die "$file: $!\n";
print $out $lecture;
close $out or die "$file: $!\n";

# upload(WHAT, ASKED): the answer; calls the code for each cut
sub upload
{
	my ($asked, $at_cut) = @_;
	my $answer = $peer->ask({ origin => 'http://127.0.0.1:' . $serve->port, token => $token, file => $file, metadata => { filename => 'lecture.mp4' }, %$asked });

	while (exists $answer->{cut})
	{
		$at_cut->($answer->{cut}) if $at_cut;
		$answer = $peer->read;
	}
	return $answer;
}

# what is there of it, once
sub is_whole
{
	my ($answer, $what) = @_;
	is($answer->{failed}, undef, "$what: it ends well") or return;
	is($answer->{url}, "/api/v1/uploads/tus/$answer->{recording}", 'its recording is told');
	my $uri = $leap->sql("SELECT uri FROM leap.artifacts WHERE recording_id = '$answer->{recording}' AND kind = 'source'");
	ok(slurp("$leap->{storage}/$uri") eq $lecture, 'it is byte for byte what was sent');
	is($leap->recording($answer->{recording}, "source->>'sha256'"), sha256_hex($lecture), 'and its digest');
}

is_whole(upload({ chunk => 100_000_000 }), 'in one go');
is_whole(upload({ defer => JSON::PP::true, metadata => { filename => 'b.mp4', display_name => 'Later' } }), 'with its length at the end');
is_whole(upload({ cuts => [ map { 1 + int rand 1_500_000 } 1 .. 6 ] }), 'cut six times');

my $killed = 0;
my $answer = upload({ chunk => 3_000_000, cuts => [ map { 1 + int rand 2_000_000 } 1 .. 5 ] }, sub {
	my @processes = $serve->processes;
	$killed += kill 'KILL', $processes[ int rand @processes ] if @processes;
});
is_whole($answer, 'cut five times');
cmp_ok($killed, '>=', 3, "while $killed processes were killed");
note(join ', ', @{ $answer->{requests} });

is($leap->sql('SELECT count(*) FROM leap.recordings'), 4, 'four recordings');
is($leap->sql("SELECT count(*) FROM leap.uploads WHERE state <> 'finished'"), 0, 'and no other upload');
is(quota('used') . ' ' . quota('reserved'), 4 * length($lecture) . ' 0', 'each counted once, nothing reserved');
is($serve->stop, 0, 'the server ends');
done_testing();
