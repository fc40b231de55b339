# tests/tap/long/920_model.pl
#     spin goes through every state of the models in tests/model/: no rule is broken and the end is
#     always reached. Each variant that leaves out what makes them right is found wrong: the model
#     is able to see what it is there for.
use strict;
use warnings;

use Cwd qw(getcwd);
use File::Temp qw(tempdir);
use Test::More;

my $models = getcwd() . '/tests/model';
my %variants = (
	lease => [qw(SEQUENCE ASYNCHRONOUS UNFENCED)],
	limit => [qw(SNAPSHOT_FIRST UNLOCKED EARLY_UNLOCK)]);
my $MISHAPS = 6;

# What the checker of a model says, compiled and run with these options.
sub check
{
	my ($model, $variant, $compile, $run) = @_;
	my $folder = tempdir(CLEANUP => 1);

	return qx(cd '$folder' && spin -a -DMISHAPS=$MISHAPS $variant '$models/$model.pml' 2>&1 && gcc -w -O2 $compile -o pan pan.c 2>&1 && ./pan -m1000000 $run 2>&1);
}

sub figures
{
	my ($said) = @_;
	my ($states) = $said =~ /(\S+) states, stored/;
	return ($states // 'no') . ' states';
}

for my $model (sort keys %variants)
{
	my $said = check($model, '', '-DNOCLAIM -DSAFETY', '-E');
	like($said, qr/errors: 0$/m, "$model: no rule is broken in " . figures($said)) or diag $said;
	unlike($said, qr/max search depth too small|Search not completed/, "$model: every state was visited");

	$said = check($model, '', '-DNFAIR=3', '-a -f');
	like($said, qr/errors: 0$/m, "$model: the end is always reached, in " . figures($said)) or diag $said;
	unlike($said, qr/max search depth too small|Search not completed/, "$model: every way was tried");

	for my $variant (@{ $variants{$model} })
	{
		$said = check($model, "-D$variant", '-DNOCLAIM -DSAFETY', '-E');
		like($said, qr/assertion violated/, "$model: $variant is found wrong") or diag $said;
	}
}

done_testing();
