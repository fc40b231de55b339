# tests/tap/t/071_schedule_libraries.pl
#     Cron expressions beside croner and cron-parser: a thousand made by chance, in UTC and in
#     zones, and their next runs from a random time on.
#
# Left out is what the libraries mean to do in another way: runs within a day of a change of the
# clock (they run an hour that comes twice a second time, if it is one of many, and differ in
# gaps), and a step behind * in one of two restricted fields for days (for them it restricts,
# for cron it is a * all the same). Where the clock is changed by half an hour cron-parser loses
# its way for the rest of the list; there croner alone is asked.
use strict;
use warnings;

use Cwd qw(abs_path);
use JSON::PP;
use NodePeer;
use LeapCluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $EXPRESSIONS = 1000;
my $RUNS = 25;
my @zones = ('UTC', 'UTC', qw(Europe/Berlin America/New_York Australia/Lord_Howe Asia/Kolkata));
my %names = (
	month => [qw(JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC)],
	weekday => [qw(SUN MON TUE WED THU FRI SAT)]);

sub one_of { return $_[ int rand @_ ]; }

# a value of a field, as a name if it has one, sometimes
sub value
{
	my ($number, $least, $names) = @_;
	return $number if !$names || rand() < 0.6 || $number - $least > $#$names;
	return rand() < 0.5 ? $names->[ $number - $least ] : lc $names->[ $number - $least ];
}

sub range
{
	my ($least, $most, $names) = @_;
	my ($first, $last) = sort { $a <=> $b } map { $least + int rand($most - $least + 1) } 1 .. 2;

	# what ends with SUN ends with 0 for one and with 7 for another
	my $named = $last == 0 || $last - $least > $#{ $names // [] } ? undef : $names;
	return value($first, $least, $named) . '-' . value($last, $least, $named);
}

# a field that does not begin with *
sub restricted
{
	my ($least, $most, $names) = @_;
	return one_of(
		sub { value($least + int rand($most - $least + 1), $least, $names) },
		sub { join ',', map { value($least + int rand($most - $least + 1), $least, $names) } 0 .. int rand 4 },
		sub { range($least, $most, $names) },
		sub { range($least, $most) . '/' . (1 + int rand(($most - $least) / 2)) },
		sub { range($least, $most, $names) . ',' . value($least, $least, $names) })->();
}

sub field
{
	my ($least, $most, $names) = @_;
	my $chance = rand();
	return '*' if $chance < 0.35;
	return '*/' . (1 + int rand(($most - $least) / 2)) if $chance < 0.5;
	return restricted($least, $most, $names);
}

sub expression
{
	my @days = one_of(
		sub { ('*', '*') },
		sub { (field(1, 31), '*') },
		sub { ('*', field(0, 7, $names{weekday})) },
		# both: not so many days that one of them is as good as *
		sub { (one_of('1', '13', '29', '31', '1,15', '10-12', '5-25/10'), one_of('1', '7', '0', 'FRI', 'mon,WED', '5-7', '1-5/2')) })->();
	return join ' ', field(0, 59), field(0, 23), $days[0], field(1, 12, $names{month}), $days[1];
}

my $node = LeapCluster::start('libraries', "timezone = 'UTC'\nautovacuum = off\n");

my $seed = $ENV{SCHEDULE_SEED} // 1;
my $peer = NodePeer->start('cron.mjs');
my $file = abs_path($PostgreSQL::Test::Utils::tmp_check) . '/asked';
open my $asked, '>', $file or die "$file: $!\n";
srand $seed;
note "seed $seed";
for (1 .. $EXPRESSIONS)
{
	# 2026 to 2034
	my %question = (expression => expression(), zone => one_of(@zones), after => 1767225600 + int rand 8 * 365.25 * 86400, n => $RUNS);
	my $answers = $peer->ask(\%question);
	delete $answers->{'cron-parser'} if $question{zone} eq 'Australia/Lord_Howe';
	print $asked encode_json({ %question, library => $_, runs => $answers->{$_} }), "\n" for sort keys %$answers;
}
close $asked or die "$file: $!\n";

$node->safe_psql('leap', <<"SQL");
CREATE TABLE asked (line jsonb);
COPY asked FROM '$file' (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01');
CREATE VIEW answered AS
SELECT line->>'library' AS library, line->>'expression' AS expression, line->>'zone' AS zone, to_timestamp((line->>'after')::int) AS after, line->'runs' AS theirs,
    jsonb_build_object('type', 'cron', 'expression', line->>'expression', 'timezone', line->>'zone') AS schedule
FROM asked;
CREATE FUNCTION offset_of(at timestamptz, zone text) RETURNS interval LANGUAGE sql RETURN (at AT TIME ZONE zone) - (at AT TIME ZONE 'UTC');
-- the runs that both had the time to name, away from changes of the clock
CREATE FUNCTION away(runs timestamptz[], zone text, until timestamptz) RETURNS timestamptz[] LANGUAGE sql
RETURN (SELECT array_agg(r ORDER BY r) FROM unnest(runs) r
    WHERE r <= until AND offset_of(r - interval '1 day', zone) = offset_of(r + interval '1 day', zone));
CREATE TABLE compared AS
SELECT library, expression, zone, after, away(theirs, zone, least(theirs[$RUNS], ours[$RUNS])) AS theirs, away(ours, zone, least(theirs[$RUNS], ours[$RUNS])) AS ours
FROM (SELECT library, expression, zone, after, ARRAY(SELECT to_timestamp(t::bigint) FROM jsonb_array_elements_text(theirs) t) AS theirs,
        ARRAY(SELECT r FROM leap.next_runs(schedule, after, $RUNS) r ORDER BY r) AS ours
    FROM answered WHERE jsonb_typeof(theirs) = 'array') s;
SQL

for my $library (qw(croner cron-parser))
{
	my $mine = "WHERE library = '$library'";

	is($node->safe_psql('leap', "SELECT expression, zone, after, ours, theirs FROM compared $mine AND ours IS DISTINCT FROM theirs LIMIT 10"),
		'', "$library names the same runs");
	is($node->safe_psql('leap', "SELECT expression, theirs->>'refused' FROM answered $mine AND jsonb_typeof(theirs) <> 'array'
			AND leap.next_run(schedule, after) IS NOT NULL AND theirs->>'refused' NOT LIKE '%duplicate values%' LIMIT 10"),
		'', "$library refuses nothing that comes (but lists that name a value twice)");
	cmp_ok($node->safe_psql('leap', "SELECT sum(cardinality(ours)) FROM compared $mine"), '>', $EXPRESSIONS * $RUNS / 2, '... and enough was compared');
}

done_testing();
