# tests/fake/platform/Echo.pm
#     A platform that says what it was told: the test of the server itself.
package Echo;

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);

sub error { my ($service, $request, $what) = @_; return { status => $what->{status}, json => { error => $what->{message} } }; }

sub echo
{
	my ($service, $request) = @_;
	return { status => 200, json => { map { $_ => $request->{$_} } qw(method path parameters body captures host) } };
}

sub digest
{
	my ($service, $request) = @_;
	my $sha = Digest::SHA->new(256);
	my $file = "$service->{platforms}{echo}{path}/came";

	open my $out, '>:raw', $file or die "$file: $!\n";
	$out->autoflush;
	$service->read_body($request, sub { print $out $_[0]; $sha->add($_[0]) });
	close $out;
	my ($times) = $service->change(echo => sub { my ($state) = @_; return ++$state->{digests}; });
	return { status => 200, json => { sha256 => $sha->hexdigest, bytes => -s $file, times => $times } };
}

sub form
{
	my ($service, $request) = @_;
	my $form = $service->form($request) // return $service->refuse($request, status => 400, message => 'no form');
	return { status => 200, json => [ map { { %$_, file => undef } } @{ $form->{parts} } ] };
}

sub file
{
	my ($service, $request) = @_;
	return $service->file_answer($request, "$service->{platforms}{echo}{path}/came");
}

sub platform
{
	return { name => 'echo', hosts => [ 'one', 'two' ], endpoints => { api => 'one/v1', other => 'two' }, error => \&error, routes => [
		[ 'GET|POST', 'one', qr{^/v1/echo/(\w+)$}, 'echo.*', \&echo ],
		[ 'PUT', 'one', qr{^/v1/digest$}, 'digest', \&digest, { stream => 1 } ],
		[ 'POST', 'one', qr{^/v1/form$}, 'form', \&form, { stream => 1 } ],
		[ 'GET|HEAD', 'two', qr{^/file$}, 'file', \&file ] ] };
}

1;
