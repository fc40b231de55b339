# tests/tap/lib/PageTrial.pm
#     Tests of the web page: a running system, and Chromium that looks at it.
#
#     my $trial = PageTrial->new('shell', '--option=of leap serve');   {leap} LeapNode, {serve} LeapServe; people with passwords
#     my $trial = PageTrial->over($leap);     the same over a LeapNode that is there, and nobody has a password
#     $trial->run('shell.mjs', NAME => 'further environment');        runs tests/e2e/shell.mjs, whose results are this program's
package PageTrial;

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use LeapNode;
use LeapServe;
use Test::More;

my $root = abs_path(dirname(__FILE__) . '/../../..');

sub new
{
	my ($class, $name, @options) = @_;
	my $self = bless { leap => LeapNode->new("page_$name") }, $class;

	$self->{leap}->sql(<<~'SQL');
		SELECT leap.add_user('admin@example.org', 'Ada Admin', 'admin');
		SELECT leap.set_password('teacher@example.org', 'Correct horse 9'), leap.set_password('admin@example.org', 'Correct horse 8');
		UPDATE leap.users SET is_verified = true;
		SQL
	$self->{serve} = LeapServe->new($self->{leap}, @options);
	return $self;
}

sub over
{
	my ($class, $leap, @options) = @_;
	return bless { leap => $leap, serve => LeapServe->new($leap, @options) }, $class;
}

sub run
{
	my ($self, $program, %more) = @_;
	my $node = $self->{leap}->node;

	local %ENV = (%ENV, %more,
		LEAP_E2E_URL => 'http://127.0.0.1:' . $self->{serve}->port,
		LEAP_E2E_DATABASE => $node->connstr('leap'),
		LEAP_E2E_CLUSTER => $node->data_dir,
		LEAP_E2E_PROGRAM => $self->{leap}->program,
		LEAP_E2E_STORAGE => $self->{leap}{storage},
		HOME => $self->{leap}{base});
	open my $said, '-|', "$root/tests/node/node_modules/.bin/node", '--test-reporter=tap', "$root/tests/e2e/$program" or die "node: $!\n";
	while (my $line = <$said>)
	{
		if ($line =~ /^(not )?ok \d+ - (.*)/)
		{
			ok(!$1, $2);
		}
		elsif ($line =~ /^(?: {2,}|# (?!Subtest: |(?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ))/)
		{
			# its results are told above what it says of them
			$line =~ /^ +(?:---|\.\.\.|duration_ms:.*|type:.*)$/ or diag($line =~ s/\s+$//r);
		}
	}
	ok(close $said, "$program ended well");
	done_testing();
	return;
}

1;
