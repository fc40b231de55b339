# tests/tap/t/360_kinds.pl
#     What the program can do is what the database asks for, both ways.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use JSON::PP;
use LeapNode;
use Test::More;

my $leap = LeapNode->new('kinds');
my $program = $leap->program;
my $can = decode_json(scalar qx('$program' kinds));
my $default = decode_json($leap->sql('SELECT leap.default_config()'));

sub names
{
	my ($family, $key) = @_;
	return [ sort map { $_->{$key} } @{ $can->{$family} } ];
}

sub rows
{
	return [ sort split /\n/, $leap->sql(@_) ];
}

is_deeply(names(tasks => 'kind'), rows('SELECT kind FROM leap.task_kinds'), 'kinds of tasks');
is_deeply(names(sources => 'type'), rows(q{SELECT DISTINCT source_type FROM leap.source_options() WHERE source_type <> '*'}), 'types of sources');
my %published = map { $_ => 1 } @{ rows('SELECT platform FROM leap.platforms WHERE publishes') };
is_deeply([ grep { !$published{$_} } @{ names(platforms => 'name') } ], [], 'lessons can be published to every platform of the program');
is_deeply(
	rows('SELECT target_type FROM leap.platforms WHERE publishes'),
	rows(q{SELECT m[1] FROM pg_constraint c, regexp_matches(pg_get_constraintdef(c.oid), '''(\w+)''::text', 'g') m
		WHERE conrelid = 'leap.output_targets'::regclass AND contype = 'c' AND pg_get_constraintdef(c.oid) LIKE '%target_type%'}),
	'platforms and types of targets');

my %platforms = map { $_ => 1 } @{ names(platforms => 'name') };
my %speech = map { $_->{protocol} => $_ } @{ $can->{speech} };
is_deeply([ grep { !$platforms{ lc $_->{type} } } @{ $default->{output}{targets} } ], [], 'lessons go to a known platform by default');
is_deeply([ sort keys %speech ], rows(q{SELECT m[1] FROM pg_constraint c, regexp_matches(pg_get_constraintdef(c.oid), '''speech''::text[)] AND [(]protocol = ''(\w+)''', 'g') m WHERE conrelid = 'leap.providers'::regclass}),
	'protocols of speech providers');
cmp_ok(scalar @{ $can->{outline} }, '>=', 1, 'there is a provider of topics');

# the limits of the quality gate stand in the program and in the database
my $judge = ($ENV{LEAP_BUILD} // abs_path(dirname(__FILE__) . '/../../../build')) . '/unit/test_gate_judge';
SKIP:
{
	skip "no $judge", 1 if !-x $judge;
	my $limits = decode_json(scalar qx('$judge' limits));
	is_deeply({ %{ $limits->{gate} }, min_confidence => $limits->{min_confidence} }, { %{ $default->{transcription}{gate} }, min_confidence => $default->{transcription}{min_confidence} }, 'limits of the quality gate');
}

is(scalar(grep { !$_->{purpose} } map { @$_ } values %$can), 0, 'everything says what it is for');

done_testing();
