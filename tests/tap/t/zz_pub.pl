use strict; use warnings; use JSON::PP; use LeapChild; use PostgreSQL::Test::Utils;
my $leap = LeapChild->new('pub'); $leap->{storage}='/tmp/subs/demo/storage'; $leap->{library}='/tmp/subs/demo/library';
my $d = decode_json(slurp_file('/tmp/subs/demo/artifacts2.json'));
my $end = $leap->run(upload => { recording => $d->{recording}, artifacts => $d->{artifacts}, target => { type => 'LIBRARY', meta => {}, config => {} } });
print STDERR encode_json($end->{done} // $end->{failed});
