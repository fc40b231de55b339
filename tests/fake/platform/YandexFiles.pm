# tests/fake/platform/YandexFiles.pm
#     The servers that take and give the files of Yandex Disk: an upload goes to an address of its own, a download leads by a redirect
#     to another host, which has no business with credentials.
#
# state->{targets}{ID} is an upload: {path, overwrite, expires, operation, done, received, file}; state->{downloads}{ID}: {path, expires, public}.
# Settings: upload_seconds (1800), download_seconds (14400), accept (201: the file lies there at once | 202: when its operation ends),
# download_auth (1: downloads of one's own files need the token), hollow (bytes are digested and not kept).
package YandexFiles;

use strict;
use warnings;

use Connection;
use Digest::MD5;
use Digest::SHA;
use JSON::PP;
use YandexTree;

sub routes
{
	return ([ 'GET', 'api', qr{^/v1/disk/resources/upload$}, 'resources.upload', \&upload_link ],
		[ 'GET', 'api', qr{^/v1/disk/resources/download$}, 'resources.download', \&download_link ],
		[ 'GET', 'api', qr{^/v1/disk/public/resources/download$}, 'public.download', \&public_link ],
		[ 'PUT', 'upload', qr{^/upload-target/([\w.-]+)$}, 'upload', \&upload, { stream => 1 } ],
		[ 'GET|HEAD', 'download', qr{^/disk/(\w+)/[0-9a-f]+/[\w%=-]+$}, 'download', \&download ],
		[ 'GET|HEAD', 'storage', qr{^/rdisk/(\w+)/[0-9a-f]+$}, 'storage', \&storage ]);
}

# An answer of these servers: a page, or nothing.
sub page
{
	my ($request, $status, $text) = @_;
	$request->{problem} = $text;
	return { status => $status, text => "<html><head><title>$status</title></head><body>$text</body></html>", close => 1 };
}

sub upload_link
{
	my ($service, $request) = @_;
	Yandex::authorize($service, $request, 'write');
	my $given = Yandex::parameters($request, 'path!:path overwrite:flag fields');
	my $settings = $service->settings('yandex_disk');
	my $overwrite = lc($given->{overwrite} // 'false') eq 'true' ? 1 : 0;
	my $id = $service->stamp =~ tr/TZ:-//dr . '.utd.' . $service->random_text(13);

	Yandex::check_lock($service, $request, $given->{path});
	my ($problem, $operation) = $service->change(yandex_disk => sub {
		my ($state) = @_;
		my $conflict = Yandex::conflict($state, $given->{path}, $overwrite);
		return $conflict if $conflict;
		return 'InsufficientStorageError' if YandexTree::used($state) >= ($settings->{total_space} // 10_737_418_240);
		my $operation = Yandex::begin($service, $state, kind => 'upload', waits => 1);
		$state->{targets}{$id} = { path => $given->{path}, overwrite => $overwrite, operation => $operation, received => 0, file => "$service->{platforms}{yandex_disk}{path}/$id",
			expires => $service->now + ($settings->{upload_seconds} // 1800) };
		return (undef, $operation);
	});
	Yandex::refuse($request, $problem, path => $given->{path}) if $problem;
	return Yandex::answer($given, { operation_id => $operation, href => $service->origin('yandex_disk', 'upload') . "/upload-target/$id", method => 'PUT', templated => JSON::PP::false });
}

# (from, to, total) of "Content-Range: bytes FROM-TO/TOTAL".
sub range_of
{
	my ($request) = @_;
	return ($request->{headers}{'content-range'} // '') =~ m{^bytes (\d+)-(\d+)/(\d+)$};
}

# Status and words of why bytes are not taken before any of them was read; nothing if they are.
sub refused
{
	my ($service, $state, $request, $target) = @_;
	my $settings = $service->settings('yandex_disk');
	my $bytes = Connection::announced($request);
	my ($from, $to, $total) = range_of($request);

	return (404, 'there is no such upload') if !$target || $target->{done} || $target->{expires} <= $service->now;
	return (412, 'the range does not continue what came before') if defined $request->{headers}{'content-range'}
	  && (!defined $from || $from != $target->{received} || $to < $from || $to >= $total || defined $bytes && $bytes != $to - $from + 1);
	my $whole = $total // $bytes // 0;
	return (413, 'the file is too large') if $whole > ($settings->{max_file_size} // 1_073_741_824);
	my $replaced = YandexTree::is_file($state, $target->{path}) ? $state->{entries}{ $target->{path} }{size} // 0 : 0;
	return (507, 'there is no room') if YandexTree::used($state) - $replaced + $whole > ($settings->{total_space} // 10_737_418_240);
	return;
}

# Takes the bytes; what came until a connection breaks stays, for a range to go on.
sub upload
{
	my ($service, $request) = @_;
	my $state = $service->state('yandex_disk');
	my ($id) = @{ $request->{captures} };
	my $target = $state->{targets}{$id};
	my ($status, $words) = refused($service, $state, $request, $target);
	my ($from, undef, $total) = range_of($request);

	$request->{noted}{path} = $target->{path} if $target;
	return page($request, $status, $words) if defined $status;
	my $hollow = $service->settings('yandex_disk')->{hollow};
	my ($md5, $sha256, $received) = (Digest::MD5->new, Digest::SHA->new(256), $from // 0);
	open my $out, $from ? '>>:raw' : '>:raw', $target->{file} or die "$target->{file}: $!\n";
	my $done = eval {
		$service->read_body($request, sub { $received += length $_[0]; if ($hollow) { $md5->add($_[0]); $sha256->add($_[0]); } else { print $out $_[0]; } });
		1;
	};
	my $why = $@;
	close $out or die "$target->{file}: $!\n";
	$service->change(yandex_disk => sub { my ($now) = @_; $now->{targets}{$id}{received} = $received; return 1; });
	die $why if !$done;
	return { status => 202, text => '' } if defined $total && $received < $total;
	if (!$hollow)
	{
		open my $in, '<:raw', $target->{file} or die "$target->{file}: $!\n";
		$md5->addfile($in);
		seek $in, 0, 0;
		$sha256->addfile($in);
	}
	return arrive($service, $request, $id, { size => $received, md5 => $md5->hexdigest, sha256 => $sha256->hexdigest });
}

# All bytes are there: the file is put at its path, or will be when its operation ends.
sub arrive
{
	my ($service, $request, $id, $facts) = @_;
	my $later = ($service->settings('yandex_disk')->{accept} // 201) == 202;
	my $problem = $service->change(yandex_disk => sub {
		my ($state) = @_;
		my $target = $state->{targets}{$id};
		my $conflict = Yandex::conflict($state, $target->{path}, $target->{overwrite});
		my $operation = $state->{operations}{ $target->{operation} };
		return 'done before' if $target->{done}++;
		$target->{facts} = $facts;
		delete $operation->{waits};
		$operation->{status} = 'failed' if $conflict;
		return $conflict if $conflict;
		$operation->{target} = $id;
		settle($service, $state, $operation) if !$later;
		return undef;
	});
	return page($request, 409, $problem) if $problem;
	return { status => $later ? 202 : 201, text => '' };
}

# Puts the file of an upload where it belongs, once.
sub settle
{
	my ($service, $state, $operation) = @_;
	my $target = $state->{targets}{ delete $operation->{target} };
	my $was = $state->{entries}{ $target->{path} };
	$state->{entries}{ $target->{path} } = { type => 'file', created => $was ? $was->{created} : $service->now, modified => $service->now, file => $target->{file},
		writes => ($was ? $was->{writes} // 1 : 0) + 1, %{ $target->{facts} }, $was ? (map { $_ => $was->{$_} } grep { defined $was->{$_} } qw(public_key public_url)) : () };
}

# An address from which a file can be had for a while.
sub download_href
{
	my ($service, $state, $path, $public) = @_;
	my $entry = $state->{entries}{$path};
	my $id = $service->random_text(32);
	my $until = int $service->now + ($service->settings('yandex_disk')->{download_seconds} // 14400);

	$state->{downloads}{$id} = { path => $path, expires => $until, public => $public ? 1 : 0 };
	return $service->origin('yandex_disk', 'download') . sprintf('/disk/%s/%x/%s%%3D%%3D', $id, $until, $service->random_id(40)) . '?uid=' . ($public ? 0 : 455675172) . '&filename='
	  . YandexTree::escape(YandexTree::name($path)) . '&disposition=attachment&hash=&limit=0&owner_uid=455675172&fsize=' . ($entry->{size} // 0) . '&tknv=v2';
}

sub href_answer
{
	my ($service, $request, $given, $find, $public) = @_;
	my ($href) = $service->change(yandex_disk => sub {
		my ($state) = @_;
		my ($path) = $find->($state) or return undef;
		return YandexTree::is_file($state, $path) ? download_href($service, $state, $path, $public) : undef;
	});
	Yandex::refuse($request, 'DiskNotFoundError') if !defined $href;
	return Yandex::answer($given, { href => $href, method => 'GET', templated => JSON::PP::false });
}

sub download_link
{
	my ($service, $request) = @_;
	Yandex::authorize($service, $request, 'read');
	my $given = Yandex::parameters($request, 'path!:path fields');
	return href_answer($service, $request, $given, sub { return $given->{path} }, 0);
}

sub public_link
{
	my ($service, $request) = @_;
	my $given = Yandex::parameters($request, 'public_key! path:path fields');
	return href_answer($service, $request, $given, sub { return Yandex::published($_[0], $given) }, 1);
}

sub download
{
	my ($service, $request) = @_;
	my ($id) = @{ $request->{captures} };
	my $row = $service->state('yandex_disk')->{downloads}{$id} // return page($request, 403, 'a wrong address');

	return page($request, 410, 'the address has expired') if $row->{expires} <= $service->now;
	Yandex::authorize($service, $request, 'read') if !$row->{public} && ($service->settings('yandex_disk')->{download_auth} // 1);
	return { status => 302, text => '', headers => { Location => $service->origin('yandex_disk', 'storage') . sprintf '/rdisk/%s/%x', $id, $row->{expires} } };
}

# The host behind the redirect. A credential that comes here has been given to a stranger.
sub storage
{
	my ($service, $request) = @_;
	my $state = $service->state('yandex_disk');
	my $row = $state->{downloads}{ $request->{captures}[0] } // return page($request, 403, 'a wrong address');
	my $entry = $state->{entries}{ $row->{path} } // return page($request, 404, 'the file is gone');

	return page($request, 400, 'a credential came to another host') if defined $request->{headers}{authorization};
	return page($request, 410, 'the address has expired') if $row->{expires} <= $service->now;
	return page($request, 404, 'the file has no bytes') if !defined $entry->{file} || !-e $entry->{file};
	return $service->file_answer($request, $entry->{file}, 'Content-Disposition' => "attachment; filename*=UTF-8''" . YandexTree::escape(YandexTree::name($row->{path})),
		'Content-Type' => YandexTree::resource($service, $row->{path}, $entry)->{mime_type});
}

1;
