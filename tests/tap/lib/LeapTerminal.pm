# tests/tap/lib/LeapTerminal.pm
#     A program of ours on a terminal: what it draws, as somebody would see it.
#
#     my $terminal = LeapTerminal->new([ 'leap', 'watch' ], columns => 80, rows => 24);
#     $terminal->wait_for(qr/100 %/);           reads until the screen is so; false after 30 seconds
#     my @lines = $terminal->lines;             the screen, without blanks at the ends
#     $terminal->press('q'); $terminal->resize(140, 30); my $status = $terminal->end;
#
# It understands exactly the escapes that cli/frame.c says it uses; others are in ->unknown.
package LeapTerminal;

use strict;
use warnings;

use Encode qw(decode encode FB_CROAK LEAVE_SRC);
use IO::Pty;
use IO::Select;
use POSIX ();
use Time::HiRes qw(sleep time);

sub new
{
	my ($class, $command, %options) = @_;
	my $pty = IO::Pty->new;
	my $self = bless { pty => $pty, columns => $options{columns} // 80, rows => $options{rows} // 24, bytes => '', raw => '', frames => [], unknown => [],
		x => 0, y => 0, wraps => 1, cursor => 1, reflow => $options{reflow} // 1 }, $class;

	$self->{screen} = [ map { $self->blank } 1 .. $self->{rows} ];
	$pty->set_winsize($self->{rows}, $self->{columns});
	$self->{pid} = fork // die "fork: $!\n";
	if ($self->{pid} == 0)
	{
		$pty->make_slave_controlling_terminal;
		my $slave = $pty->slave;
		close $pty;
		open STDIN, '<&', $slave->fileno or die "$!\n";
		open STDOUT, '>&', $slave->fileno or die "$!\n";
		open STDERR, '>&', $slave->fileno or die "$!\n";
		close $slave;
		delete @ENV{qw(NO_COLOR CLICOLOR_FORCE COLUMNS)};
		@ENV{ 'TERM', keys %{ $options{environment} // {} } } = ('xterm-256color', values %{ $options{environment} // {} });
		exec @$command or POSIX::_exit(127);
	}
	$pty->close_slave;
	return $self;
}

sub blank { return [ (' ') x $_[0]{columns} ]; }

# Columns of a character, of those that the tests use.
sub width
{
	my ($character) = @_;
	return 0 if $character =~ /\A[\p{Mn}\x{200d}\x{fe0f}]\z/;
	return $character =~ /\A[\x{1100}-\x{115f}\x{2e80}-\x{a4cf}\x{ac00}-\x{d7a3}\x{ff00}-\x{ff60}\x{1f300}-\x{1faff}]\z/ ? 2 : 1;
}

sub line_feed
{
	my ($self) = @_;
	if ($self->{y} < $self->{rows} - 1)
	{
		$self->{y}++;
		return;
	}
	shift @{ $self->{screen} };
	push @{ $self->{screen} }, $self->blank;
}

sub put
{
	my ($self, $character) = @_;
	my $width = width($character);
	my $row = $self->{screen}[ $self->{y} ];

	if ($width == 0)
	{
		$row->[ $self->{x} - 1 ] .= $character if $self->{x} > 0;
		return;
	}
	if ($self->{x} + $width > $self->{columns})
	{
		$self->{overflows}++;
		return if !$self->{wraps};
		$self->{x} = 0;
		$self->line_feed;
		$row = $self->{screen}[ $self->{y} ];
	}
	$row->[ $self->{x} ] = $character;
	$row->[ $self->{x} + 1 ] = '' if $width == 2;
	$self->{x} += $width;
}

sub obey
{
	my ($self, $numbers, $letter) = @_;
	my $n = $numbers =~ /\A\d+\z/ ? $numbers : 1;
	my ($screen, $x, $y) = @$self{qw(screen x y)};

	if ($letter eq 'A')    { $self->{y} = $y > $n ? $y - $n : 0; }
	elsif ($letter eq 'G') { $self->{x} = $n - 1; }
	elsif ($letter eq 'K') { $screen->[$y][$_] = ' ' for $x .. $self->{columns} - 1; }
	elsif ($letter eq 'J')
	{
		$screen->[$y][$_] = ' ' for $x .. $self->{columns} - 1;
		$screen->[$_] = $self->blank for $y + 1 .. $self->{rows} - 1;
	}
	elsif ($letter eq 'm') { $self->{coloured}++; }
	elsif ("$numbers$letter" =~ /\A\?7([hl])\z/)  { $self->{wraps} = $1 eq 'h'; }
	elsif ("$numbers$letter" =~ /\A\?25([hl])\z/) { $self->{cursor} = $1 eq 'h'; }
	elsif ("$numbers$letter" eq '?2026h') { $self->{updating} = 1; }
	elsif ("$numbers$letter" eq '?2026l')
	{
		$self->{updating} = 0;
		push @{ $self->{frames} }, join "\n", $self->lines;
	}
	else { push @{ $self->{unknown} }, "CSI $numbers$letter"; }
}

# Takes what can be taken of the bytes that came; the rest of an escape or a character waits.
sub digest
{
	my ($self) = @_;
	my $text = decode('UTF-8', $self->{bytes}, Encode::FB_QUIET);

	while ($text ne '')
	{
		if ($text =~ s/\A\e\[([?\d;]*)([A-Za-z])//) { $self->obey($1, $2); }
		elsif ($text =~ /\A\e(?:\[[?\d;]*)?\z/) { last; }
		elsif ($text =~ s/\A\e(.)//s) { push @{ $self->{unknown} }, "ESC $1"; }
		elsif ($text =~ s/\A\r//)     { $self->{x} = 0; }
		elsif ($text =~ s/\A\n//)     { $self->line_feed; }
		elsif ($text =~ s/\A([\x00-\x1f\x7f-\x9f])//) { push @{ $self->{unknown} }, sprintf 'control %02x', ord $1; }
		else { $text =~ s/\A(.)//s; $self->put($1); }
	}
	$self->{bytes} = encode('UTF-8', $text) . $self->{bytes};
}

# Reads for so long, or until there is no more to come; false when the program has ended.
sub read_for
{
	my ($self, $seconds) = @_;
	my $bytes;

	return 1 if !IO::Select->new($self->{pty})->can_read($seconds);
	return 0 if !sysread $self->{pty}, $bytes, 65536;
	push @{ $self->{writes} }, $bytes;
	$self->{raw} .= $bytes;
	$self->{bytes} .= $bytes;
	$self->digest;
	return 1;
}

sub lines { return map { join('', @$_) =~ s/\s+\z//r } @{ $_[0]{screen} }; }
# The same as bytes, for messages.
sub shown { return encode('UTF-8', $_[0]->text); }
sub text { return join "\n", $_[0]->lines; }
sub frames { return @{ $_[0]{frames} }; }
sub unknown { return @{ $_[0]{unknown} }; }

sub wait_until
{
	my ($self, $condition, $seconds) = @_;
	my $end = time + ($seconds // 30);

	until ($condition->())
	{
		return 0 if time > $end;
		return $condition->() if !$self->read_for(0.05);
	}
	return 1;
}

sub wait_for
{
	my ($self, $pattern, $seconds) = @_;
	return $self->wait_until(sub { !$self->{updating} && $self->text =~ $pattern }, $seconds);
}

sub press { my ($self, $keys) = @_; return syswrite $self->{pty}, $keys; }

# As a terminal does that wraps long lines anew, or (reflow => 0) cuts them.
sub resize
{
	my ($self, $columns, $rows) = @_;
	my @kept;

	while (@{ $self->{screen} } > 1 && $self->{y} < $#{ $self->{screen} }) { pop @{ $self->{screen} }; }
	for my $row (@{ $self->{screen} })
	{
		my @cells = @$row;
		pop @cells while @cells && $cells[-1] eq ' ';
		do { push @kept, [ splice @cells, 0, $columns ]; } while (@cells && $self->{reflow});
	}
	shift @kept while @kept > $rows;
	@$self{qw(columns rows)} = ($columns, $rows);
	push @$_, (' ') x ($columns - @$_) for @kept;
	$self->{y} = $#kept;
	push @kept, $self->blank while @kept < $rows;
	$self->{screen} = \@kept;
	$self->{pty}->set_winsize($rows, $columns);
	kill WINCH => $self->{pid};
}

# Reads to the end of the program; its exit status, or minus the signal.
sub end
{
	my ($self) = @_;
	my $end = time + 60;

	while ($self->read_for(0.2))
	{
		last if time > $end;
		my $ended = waitpid $self->{pid}, POSIX::WNOHANG();
		next if $ended == 0;
		$self->{status} = $?;
		1 while IO::Select->new($self->{pty})->can_read(0) && $self->read_for(0);
		last;
	}
	if (!defined $self->{status})
	{
		waitpid $self->{pid}, 0;
		$self->{status} = $?;
	}
	return $self->{status} & 127 ? -($self->{status} & 127) : $self->{status} >> 8;
}

1;
