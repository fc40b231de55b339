#!/usr/bin/perl
# tests/bench/statements.pl SCRIPT NUMBER <LOG
#     The statements that a server logged (log_statement = all) as one pipeline for pgbench: the script goes into the
#     file, and the values of the parameters, as options of pgbench, one a line, to standard output.
use strict;
use warnings;

my ($file, $number) = @ARGV;
my (@statements, $last);

while (my $line = <STDIN>)
{
	if ($line =~ /LOG:  execute [^:]+: (.*)/)
	{
		push @statements, $last = { sql => $1, values => [] };
	}
	elsif ($last && $line =~ /DETAIL:  parameters: (.*)/)
	{
		my $list = $1;
		push @{ $last->{values} }, defined $1 ? $1 =~ s/''/'/gr : undef while $list =~ /\$\d+ = (?:NULL|'((?:[^']|'')*)')/g;
	}
	elsif ($line =~ /^\t(.*)/ && $last && !@{ $last->{values} })
	{
		$last->{sql} .= " $1";
	}
}
die "$0: the log has no statements\n" if !@statements;
open my $out, '>', $file or die "$file: $!\n";
print $out "\\startpipeline\n";
for my $s (0 .. $#statements)
{
	my ($sql, $values) = @{ $statements[$s] }{qw(sql values)};
	$sql =~ s/\$(\d+)/defined $values->[$1 - 1] ? ":v${number}_${s}_$1" : 'NULL'/ge;
	print $out "$sql;\n";
	defined $values->[$_] and print '-D', "v${number}_${s}_", $_ + 1, "=$values->[$_]\n" for 0 .. $#$values;
}
print $out "\\endpipeline\n";
close $out or die "$file: $!\n";
