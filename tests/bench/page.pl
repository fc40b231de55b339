#!/usr/bin/perl
# tests/bench/page.pl URL EMAIL ROUNDS [desc] [asc]
#     Turns the pages of a list for tests/bench/page.sh and prints how long they take: the least of so many rounds, because
#     what others do on the machine only adds to it.
use strict;
use warnings;

use HTTP::Tiny;
use JSON::PP ();
use MIME::Base64 qw(decode_base64url encode_base64url);
use Time::HiRes qw(time);

use constant { SIZE => 50, TENTH => 10 };

$| = 1;
my ($url, $email, $rounds, @directions) = @ARGV;
my $json = JSON::PP->new->utf8->canonical;
my $http = HTTP::Tiny->new(timeout => 120);

my @orders = qw(created_at start_time display_name updated_at status);
my @filters = (
	[ 'nothing' => {} ],
	[ 'status UPLOADED' => { status => 'UPLOADED' } ],
	[ 'status FAILED' => { status => 'FAILED' } ],
	[ 'status READY, none' => { status => 'READY' } ],
	[ 'template of a third' => { template_id => '00000000-0000-7000-8000-000000000001' } ],
	[ 'template of a hundredth' => { template_id => '00000000-0000-7000-8000-000000000002' } ],
	[ 'source of a half' => { source_id => '00000000-0000-7000-8000-000000000003' } ],
	[ 'source of a hundredth' => { source_id => '00000000-0000-7000-8000-000000000004' } ],
	[ 'in progress' => { active => 'true' } ],
	[ 'failed' => { failed => 'true', held => 'false', active => 'false' } ],
	[ 'held' => { held => 'true' } ],
	[ 'with a template' => { is_mapped => 'true' } ],
	[ 'without a template' => { is_mapped => 'false' } ],
	[ 'blank as well' => { include_blank => 'true' } ],
	[ 'blank only' => { blank => 'true' } ],
	[ 'deleted as well' => { include_deleted => 'true' } ],
	[ 'deleted only' => { deleted => 'true' } ],
	[ 'of the last 30 days' => { from_date => day_ago(30) } ],
	[ 'until 30 days ago' => { to_date => day_ago(30) } ],
	[ 'search: every sixth name' => { search => 'algebra' } ],
	[ 'search: 21 names' => { search => 'eigenvalues' } ],
	[ 'search: no name' => { search => 'thermodynamics' } ],
);

sub day_ago
{
	my ($ago) = @_;
	my @day = gmtime(time - $ago * 86400);
	return sprintf '%04d-%02d-%02d', $day[5] + 1900, $day[4] + 1, $day[3];
}

sub answer
{
	my ($response) = @_;
	die "$response->{url}: $response->{status} $response->{content}\n" if !$response->{success};
	return $json->decode($response->{content});
}

# A token is good for minutes, this takes longer.
my %fields;
sub log_in
{
	my $login = answer($http->post("$url/api/v1/auth/login", { headers => { 'Content-Type' => 'application/json' }, content => $json->encode({ email => $email, password => 'Quite a bench 1' }) }));
	%fields = (Authorization => "Bearer $login->{access_token}");
	return;
}

# browse(QUERY): the answer, and the milliseconds it took
sub browse
{
	my (%query) = @_;
	my $asked = $http->www_form_urlencode({ most => SIZE, %query });
	my $began = time;
	my $response = $http->get("$url/api/v1/recordings/browse?$asked", { headers => \%fields });
	my $took = 1000 * (time - $began);

	return (answer($response), $took);
}

# A place in the opposite order, as leap.turn_cursor() has it.
sub turned
{
	my ($place) = @_;
	my $parts = $json->decode(decode_base64url($place));

	$parts->[0] = $parts->[0] =~ /^-(.*)/ ? $1 : "-$parts->[0]";
	return encode_base64url($json->encode($parts));
}

sub least
{
	my @sorted = sort { $a <=> $b } @_;
	return $sorted[0];
}

sub typical
{
	my (%query) = @_;
	my @took;

	for (0 .. $rounds)
	{
		my (undef, $took) = browse(%query);
		push @took, $took if $_ > 0;
	}
	return least(@took);
}

# cell(FILTER, ORDER, DIRECTION): milliseconds of the first, tenth and last page
sub cell
{
	my ($filter, $order, $direction) = @_;
	my %query = (%$filter, sort_by => $order, sort_order => $direction);
	my ($page) = browse(%query);
	my @took = (typical(%query));
	my $n = 1;
	my $place;

	while ($n < TENTH && $page->{next})
	{
		$place = $page->{next};
		($page) = browse(%query, after => $place);
		$n++;
	}
	return (@took, undef, undef) if $n == 1;
	push @took, $n == TENTH ? typical(%query, after => $place) : undef;
	# the fifty-first row from the end is where the last page begins
	my ($end) = browse(%query, sort_order => $direction eq 'asc' ? 'desc' : 'asc', most => SIZE + 1);
	my $last = turned($end->{next} // die "there is no last page\n");
	my ($rest) = browse(%query, after => $last);
	die "$order: not the last page\n" if $rest->{next} || @{ $rest->{items} } != SIZE;
	return (@took, typical(%query, after => $last));
}

my @worst = (0, '');
for my $direction (@directions ? @directions : qw(desc asc))
{
	printf "%-26s%s\n", "ms: first, 10th, last; $direction", join '', map { sprintf '%23s', $_ } @orders;
	for my $row (@filters)
	{
		my ($name, $filter) = @$row;
		my @line;
		log_in();
		for my $order (@orders)
		{
			my @took = cell($filter, $order, $direction);
			push @line, sprintf '%23s', join ' ', map { defined ? sprintf '%6.1f', $_ : sprintf '%6s', '-' } @took;
			for (grep { defined } @took)
			{
				@worst = ($_, "$name by $order, $direction") if $_ > $worst[0];
			}
		}
		printf "%-26s%s\n", $name, join '', @line;
	}
}
printf "\nthe longest: %.1f ms, %s\n", @worst;
