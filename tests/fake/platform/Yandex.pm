# tests/fake/platform/Yandex.pm
#     Yandex Disk: the REST API at cloud-api.yandex.net/v1/disk, with Yandex OAuth (YandexId.pm), the servers that take and give
#     files (YandexFiles.pm) and what lies on the disk (YandexTree.pm). Each rule and the document it is from: docs/platforms/yandex-disk.md.
#
# Settings: token ('yandex-secret': works without OAuth, with all rights) | tokens {TOKEN => {scope}}; total_space (10 GiB),
# max_file_size (1 GiB), operation_polls (1: how often an operation is in progress), operation_links ('id': the other form of their links), locked ([PATH...]: 423), login, and those of the other modules.
package Yandex;

use strict;
use utf8;
use warnings;

use JSON::PP;
use YandexFiles;
use YandexId;
use YandexTree;

# name => [status, description, message]
my %errors = (
	FieldValidationError => [ 400, 'Error validating field.', 'Ошибка проверки поля.' ],
	UnauthorizedError => [ 401, 'Unauthorized', 'Не авторизован.' ],
	ForbiddenError => [ 403, 'Forbidden', 'Доступ запрещён. Возможно, у приложения недостаточно прав для данного действия.' ],
	DiskNotFoundError => [ 404, 'Resource not found.', 'Не удалось найти запрошенный ресурс.' ],
	DiskOperationNotFoundError => [ 404, 'Operation not found.', 'Не удалось найти  операцию.' ],
	NotFoundError => [ 404, 'Not Found', 'Ресурс не найден.' ],
	MethodNotAllowedError => [ 405, 'Method Not Allowed', 'Метод не поддерживается.' ],
	NotAcceptableError => [ 406, 'Not Acceptable', 'Ресурс не может быть представлен в запрошенном формате.' ],
	DiskPathDoesntExistsError => [ 409, "Specified path \"%s\" doesn't exists.", 'Указанного пути "%s" не существует.' ],
	DiskPathPointsToExistentDirectoryError => [ 409, 'Specified path "%s" points to existent directory.', 'По указанному пути "%s" уже существует папка с таким именем.' ],
	DiskResourceAlreadyExistsError => [ 409, 'Resource "%s" already exists.', 'Ресурс "%s" уже существует.' ],
	MD5DifferError => [ 409, 'MD5 differ.', 'MD5 не совпадает.' ],
	PayloadTooLargeError => [ 413, 'Payload Too Large', 'Загрузка файла недоступна. Файл слишком большой.' ],
	UnsupportedMediaTypeError => [ 415, 'Unsupported Media Type', 'Неподдерживаемый формат данных.' ],
	DiskResourceLockedError => [ 423, 'Resource is locked.', 'Ресурс заблокирован. Возможно, над ним выполняется другая операция.' ],
	DiskUploadTrafficLimitExceeded => [ 423, 'Upload traffic limit exceeded.', 'Превышен лимит загрузки.' ],
	TooManyRequestsError => [ 429, 'Too Many Requests', 'Слишком много запросов.' ],
	DiskResourceDownloadLimitExceededError => [ 429, 'Resource download limit exceeded.', 'Превышен лимит скачиваний.' ],
	InternalServerError => [ 500, 'Internal Server Error', 'Ошибка сервера.' ],
	BadGatewayError => [ 502, 'Bad Gateway', 'Ошибка сервера.' ],
	ServiceUnavailableError => [ 503, 'Service Unavailable', 'Сервис временно недоступен.' ],
	InsufficientStorageError => [ 507, 'Insufficient Storage', 'Недостаточно свободного места.' ],
);
my %name_of = (map({ $errors{$_}[0] => $_ } reverse sort keys %errors), 404 => 'DiskNotFoundError', 409 => 'DiskResourceAlreadyExistsError', 423 => 'DiskResourceLockedError',
	429 => 'TooManyRequestsError');

sub failure
{
	my ($request, $name, %what) = @_;
	my ($status, $description, $message) = @{ $errors{$name} };
	my $path = defined $what{path} ? "disk:$what{path}" : '';

	($description, $message) = map { s/%s/$path/r } $description, $message;
	($description, $message) = ("Error validating field \"$what{field}\": $what{text}", "$message $what{text}") if defined $what{field};
	$request->{problem} = "$name: $description";
	return { status => $what{status} // $status, json => { error => $name, description => $description, message => $message } };
}

# Gives up with an error of the API.
sub refuse { die { answer => failure(@_) }; }

sub error
{
	my ($service, $request, $what) = @_;
	my $reason = $what->{reason};

	return YandexId::error($request, $what) if $request->{host} eq 'oauth';
	if ($request->{host} eq 'api')
	{
		return failure($request, $reason, $what->{status} == 500 ? () : (status => $what->{status})) if defined $reason && $errors{$reason};
		return failure($request, $name_of{ $what->{status} } // 'InternalServerError', status => $what->{status});
	}
	return { status => $what->{status}, text => "<html>\r\n<head><title>$what->{status}</title></head>\r\n<body>$what->{message}</body>\r\n</html>\r\n" };
}

my %forms = (flag => qr/^(?:true|false)$/i, number => qr/^\d{1,9}$/, text => qr/./s, hash => qr/^[0-9a-f]{32}$/);

# The parameters of a request, checked: 'path! limit:number=20' and so on; paths of the disk as this program has them.
sub parameters
{
	my ($request, $known) = @_;
	my %types = map { /^(\w+)!?(?::(\w+))?$/ ? ($1 => $2 // 'text') : () } split ' ', $known;
	my %given = %{ $request->{parameters} };

	for my $name (sort keys %given)
	{
		refuse($request, 'FieldValidationError', field => $name, text => 'Unknown field.') if !$types{$name};
		refuse($request, 'FieldValidationError', field => $name, text => 'Given twice.') if @{ $request->{lists}{$name} } > 1;
		next if $types{$name} eq 'path';
		refuse($request, 'FieldValidationError', field => $name, text => "\"$given{$name}\" is not valid.") if $given{$name} !~ $forms{ $types{$name} };
	}
	for my $name ($known =~ /(\w+)!/g) { refuse($request, 'FieldValidationError', field => $name, text => 'This field is required.') if ($given{$name} // '') eq ''; }
	for my $name (grep { ($types{$_} // '') eq 'path' && defined $given{$_} } sort keys %given)
	{
		$given{$name} = YandexTree::path($given{$name}) // refuse($request, 'FieldValidationError', field => $name, text => 'The path is not valid.');
	}
	refuse($request, 'FieldValidationError', field => 'sort', text => "\"$given{sort}\" is not valid.") if defined $given{sort} && !YandexTree::is_order($given{sort});
	return \%given;
}

# The token of a request has to have one of these rights.
sub authorize
{
	my ($service, $request, @rights) = @_;
	my ($token) = ($request->{headers}{authorization} // '') =~ /^OAuth (\S+)$/ or refuse($request, 'UnauthorizedError');
	my $settings = $service->settings('yandex_disk');
	my $known = $settings->{tokens} // { $settings->{token} // 'yandex-secret' => { scope => 'cloud_api:disk.info cloud_api:disk.read cloud_api:disk.write' } };
	my $row = $known->{$token} // YandexId::token($service, $token) // refuse($request, 'UnauthorizedError');

	refuse($request, 'ForbiddenError') if !grep { my $right = $_; grep { $_ eq "cloud_api:disk.$right" } split ' ', $row->{scope} } @rights;
	my $accept = $request->{headers}{accept} // '*/*';
	refuse($request, 'NotAcceptableError') if $accept !~ m{\*/\*|application/(?:json|\*|hal\+json)};
	return $token;
}

sub answer { my ($given, $value, $status) = @_; return { status => $status // 200, json => YandexTree::selected($value, $given->{fields}) }; }

sub link_to
{
	my ($service, $rest, $method) = @_;
	return { href => $service->origin('yandex_disk', 'api') . "/v1/disk/$rest", method => $method // 'GET', templated => JSON::PP::false };
}

# The documents show both forms of it.
sub link_to_operation { my ($service, $id) = @_; return link_to($service, ($service->settings('yandex_disk')->{operation_links} // '') eq 'id' ? "operations?id=$id" : "operations/$id"); }

sub link_to_path { my ($service, $path) = @_; return link_to($service, 'resources?path=' . YandexTree::escape("disk:$path")); }

# An operation that goes on: its link, and that it has begun.
sub begin
{
	my ($service, $state, %what) = @_;
	my $id = $service->random_text(32);
	$state->{operations}{$id} = { polls => 0, status => 'success', %what };
	return $id;
}

sub check_lock
{
	my ($service, $request, @paths) = @_;
	for my $locked (@{ $service->settings('yandex_disk')->{locked} // [] })
	{
		refuse($request, 'DiskResourceLockedError') if grep { $_ eq $locked || m{^\Q$locked\E/} } @paths;
	}
}

sub info
{
	my ($service, $request) = @_;
	authorize($service, $request, qw(info read write));
	my $given = parameters($request, 'fields');
	my $settings = $service->settings('yandex_disk');
	my $state = $service->state('yandex_disk');
	my $login = $settings->{login} // 'lecturer';
	my $trash = 0;

	$trash += $_->{size} // 0 for values %{ $state->{trash} // {} };
	return answer($given, { total_space => ($settings->{total_space} // 10_737_418_240) + 0, used_space => YandexTree::used($state) + 0, trash_size => $trash + 0,
		max_file_size => ($settings->{max_file_size} // 1_073_741_824) + 0, paid_max_file_size => 53_687_091_200, is_paid => JSON::PP::false,
		unlimited_autoupload_enabled => JSON::PP::false, revision => 1720559553795154, reg_time => '2017-01-14T15:41:23+00:00',
		system_folders => { downloads => 'disk:/Загрузки/', applications => 'disk:/Приложения' },
		user => { uid => '455675172', login => $login, display_name => $login, country => 'ru', reg_time => '2017-01-14T15:41:23+00:00', is_child => JSON::PP::false } });
}

# A resource with what lies in it; from outside (root, key) if it was published.
sub told
{
	my ($service, $state, $given, $path, $root, $key) = @_;
	my $entry = YandexTree::entry($state, $path) or return undef;
	my $resource = YandexTree::resource($service, $path, $entry, $root, $key);
	my $limit = $given->{limit} // 20;
	my $offset = $given->{offset} // 0;

	if ($entry->{type} eq 'file')
	{
		$resource->{file} = YandexFiles::download_href($service, $state, $path, defined $root);
		return $resource;
	}
	my @items = YandexTree::sorted($given->{sort}, map { YandexTree::resource($service, $_, $state->{entries}{$_}, $root, $key) } YandexTree::children($state, $path));
	my $total = @items;
	splice @items, 0, $offset;
	splice @items, $limit;
	for my $item (grep { $_->{type} eq 'file' } @items)
	{
		my $at = defined $root ? ($root eq '/' ? '' : $root) . $item->{path} : $item->{path} =~ s/^disk://r;
		$item->{file} = YandexFiles::download_href($service, $state, $at, defined $root);
	}
	$resource->{_embedded} = { sort => $given->{sort} // '', limit => $limit + 0, offset => $offset + 0, total => $total, items => \@items,
		path => $resource->{path}, defined $root ? (public_key => $key) : () };
	return $resource;
}

sub resource
{
	my ($service, $request) = @_;
	authorize($service, $request, qw(read write));
	my $given = parameters($request, 'path!:path fields limit:number offset:number sort preview_size preview_crop:flag');
	my ($resource) = $service->change(yandex_disk => sub { my ($state) = @_; return told($service, $state, $given, $given->{path}); });
	return answer($given, $resource // refuse($request, 'DiskNotFoundError'));
}

# All files, flat: by name, or the newest first.
sub files
{
	my ($service, $request) = @_;
	authorize($service, $request, qw(read write));
	my $newest = $request->{endpoint} eq 'resources.last-uploaded';
	my $given = parameters($request, 'fields limit:number media_type preview_size preview_crop:flag' . ($newest ? '' : ' offset:number sort'));
	my $state = $service->state('yandex_disk');
	my %wanted = map { $_ => 1 } split /,/, $given->{media_type} // '';
	my @items = map { YandexTree::resource($service, $_, $state->{entries}{$_}) } grep { $state->{entries}{$_}{type} eq 'file' } keys %{ $state->{entries} // {} };

	@items = YandexTree::sorted($newest ? '-created' : $given->{sort}, grep { !%wanted || $wanted{ $_->{media_type} } } @items);
	splice @items, 0, $given->{offset} // 0;
	splice @items, $given->{limit} // 20;
	return answer($given, { items => \@items, limit => ($given->{limit} // 20) + 0, $newest ? () : (offset => ($given->{offset} // 0) + 0) });
}

# Why something cannot be put at a path: name of the error, or undef.
sub conflict
{
	my ($state, $path, $overwrite) = @_;
	return 'DiskPathPointsToExistentDirectoryError' if YandexTree::is_folder($state, $path);
	return 'DiskPathDoesntExistsError' if !YandexTree::is_folder($state, YandexTree::parent($path));
	return 'DiskResourceAlreadyExistsError' if !$overwrite && YandexTree::entry($state, $path);
	return undef;
}

sub make_folder
{
	my ($service, $request) = @_;
	authorize($service, $request, 'write');
	my $given = parameters($request, 'path!:path fields');
	my $path = $given->{path};

	check_lock($service, $request, $path);
	my $problem = $service->change(yandex_disk => sub {
		my ($state) = @_;
		my $conflict = conflict($state, $path, 0);
		$state->{entries}{$path} = { type => 'dir', created => $service->now, modified => $service->now } if !$conflict;
		return $conflict;
	});
	refuse($request, $problem, path => $path) if $problem;
	return answer($given, link_to_path($service, $path), 201);
}

# Attributes of one's own: {"custom_properties": {name: value}}; null takes one away.
sub set_properties
{
	my ($service, $request) = @_;
	authorize($service, $request, 'write');
	my $given = parameters($request, 'path!:path fields');
	my $body = $service->json_body($request);
	my $added = ref $body eq 'HASH' ? $body->{custom_properties} : undef;

	refuse($request, 'FieldValidationError', field => 'custom_properties', text => 'This field is required.') if ref $added ne 'HASH';
	refuse($request, 'FieldValidationError', field => 'custom_properties', text => 'Values only.') if grep { ref && !JSON::PP::is_bool($_) } values %$added;
	my ($resource) = $service->change(yandex_disk => sub {
		my ($state) = @_;
		my $entry = $state->{entries}{ $given->{path} } or return undef;
		my %all = (%{ $entry->{properties} // {} }, map { $_ => "$added->{$_}" } grep { defined $added->{$_} } keys %$added);
		delete @all{ grep { !defined $added->{$_} } keys %$added };
		return 'long' if length(JSON::PP->new->utf8->encode(\%all)) > 1024;
		$entry->{properties} = %all ? \%all : undef;
		return YandexTree::resource($service, $given->{path}, $entry);
	});
	refuse($request, 'DiskNotFoundError') if !$resource;
	refuse($request, 'FieldValidationError', field => 'custom_properties', text => 'Longer than 1024 characters.') if !ref $resource;
	return answer($given, $resource);
}

# Of an empty folder or a file: done (204). Of more: an operation (202), which is also what force_async asks for.
sub remove
{
	my ($service, $request) = @_;
	authorize($service, $request, 'write');
	my $given = parameters($request, 'path!:path permanently:flag md5:hash force_async:flag fields');
	my $path = $given->{path};

	check_lock($service, $request, $path);
	refuse($request, 'DiskPathDoesntExistsError', path => '/') if $path eq '/';
	my ($problem, $operation) = $service->change(yandex_disk => sub {
		my ($state) = @_;
		my $entry = $state->{entries}{$path} or return 'DiskNotFoundError';
		return 'MD5DifferError' if defined $given->{md5} && ($entry->{md5} // '') ne $given->{md5};
		my @below = YandexTree::below($state, $path);
		my $number = ++$state->{removals};
		for my $gone (@below, $path)
		{
			my $was = delete $state->{entries}{$gone};
			$state->{trash}{"$number $gone"} = $was if lc($given->{permanently} // 'false') eq 'false';
		}
		return (undef, @below || lc($given->{force_async} // '') eq 'true' ? begin($service, $state, kind => 'delete') : undef);
	});
	refuse($request, $problem) if $problem;
	return { status => 204, text => '' } if !$operation;
	return answer($given, link_to_operation($service, $operation), 202);
}

# Copies or moves a file or a folder with all that is in it.
sub transfer
{
	my ($service, $request) = @_;
	authorize($service, $request, 'write');
	my ($verb) = @{ $request->{captures} };
	my $given = parameters($request, 'from!:path path!:path overwrite:flag force_async:flag fields');
	my ($from, $to) = @$given{qw(from path)};

	check_lock($service, $request, $from, $to);
	my ($problem, $operation) = $service->change(yandex_disk => sub {
		my ($state) = @_;
		my $folder = YandexTree::is_folder($state, $from);
		return 'DiskNotFoundError' if !$state->{entries}{$from};
		my $conflict = conflict($state, $to, lc($given->{overwrite} // '') eq 'true');
		return $conflict if $conflict;
		for my $path ($from, YandexTree::below($state, $from))
		{
			my %entry = %{ $state->{entries}{$path} };
			delete @entry{qw(public_key public_url)} if $verb eq 'copy';
			delete $state->{entries}{$path} if $verb eq 'move';
			$state->{entries}{ $to . substr $path, length $from } = \%entry;
		}
		return (undef, $folder || lc($given->{force_async} // '') eq 'true' ? begin($service, $state, kind => $verb) : undef);
	});
	refuse($request, $problem, path => $to) if $problem;
	return $operation ? answer($given, link_to_operation($service, $operation), 202) : answer($given, link_to_path($service, $to), 201);
}

sub operation
{
	my ($service, $request) = @_;
	authorize($service, $request, qw(read write info));
	my $given = parameters($request, 'fields id');
	my $id = $request->{captures}[0] // $given->{id} // refuse($request, 'FieldValidationError', field => 'id', text => 'This field is required.');
	my $polls = $service->settings('yandex_disk')->{operation_polls} // 1;
	my ($status) = $service->change(yandex_disk => sub {
		my ($state) = @_;
		my $row = $state->{operations}{$id} or return undef;
		return 'in-progress' if $row->{waits} || $row->{polls}++ < $polls;
		YandexFiles::settle($service, $state, $row) if $row->{target};
		return $row->{status};
	});
	return answer($given, { status => $status // refuse($request, 'DiskOperationNotFoundError') });
}

sub publish
{
	my ($service, $request) = @_;
	authorize($service, $request, 'write');
	my $given = parameters($request, 'path!:path fields allow_address_access:flag');
	my ($key, $url) = ($service->random_id(43) =~ tr/_-/+\//r . '=', 'https://yadi.sk/d/' . $service->random_id(14));
	my ($found) = $service->change(yandex_disk => sub {
		my ($state) = @_;
		my $entry = $state->{entries}{ $given->{path} } or return 0;
		if ($request->{captures}[0] eq 'unpublish') { delete @$entry{qw(public_key public_url)}; }
		elsif (!$entry->{public_key}) { @$entry{qw(public_key public_url)} = ($key, $url); }
		return 1;
	});
	refuse($request, 'DiskNotFoundError') if !$found;
	return answer($given, link_to_path($service, $given->{path}));
}

# (path, root, key) of what is meant by a public key or link, and a path below it.
sub published
{
	my ($state, $given) = @_;
	my ($root) = grep { my $entry = $state->{entries}{$_}; grep { defined && $_ eq $given->{public_key} } @$entry{qw(public_key public_url)} } keys %{ $state->{entries} // {} };
	return if !defined $root;
	my $path = ($given->{path} // '/') eq '/' ? $root : "$root$given->{path}";
	return $state->{entries}{$path} ? ($path, $root, $state->{entries}{$root}{public_key}) : ();
}

sub public_resource
{
	my ($service, $request) = @_;
	my $given = parameters($request, 'public_key! path:path fields limit:number offset:number sort preview_size preview_crop:flag');
	my ($resource) = $service->change(yandex_disk => sub {
		my ($state) = @_;
		my ($path, $root, $key) = published($state, $given) or return undef;
		return told($service, $state, $given, $path, $root, $key);
	});
	return answer($given, $resource // refuse($request, 'DiskNotFoundError'));
}

sub platform
{
	return { name => 'yandex_disk', hosts => [qw(api oauth upload download storage)], error => \&error,
		endpoints => { api => 'api/v1/disk', authorize => 'oauth/authorize', token => 'oauth/token' },
		routes => [
			[ 'GET', 'api', qr{^/v1/disk/?$}, 'disk', \&info ],
			[ 'GET', 'api', qr{^/v1/disk/resources/?$}, 'resources.get', \&resource ],
			[ 'PUT', 'api', qr{^/v1/disk/resources/?$}, 'resources.put', \&make_folder ],
			[ 'PATCH', 'api', qr{^/v1/disk/resources/?$}, 'resources.patch', \&set_properties ],
			[ 'DELETE', 'api', qr{^/v1/disk/resources/?$}, 'resources.delete', \&remove ],
			[ 'GET', 'api', qr{^/v1/disk/resources/(files|last-uploaded)$}, 'resources.*', \&files ],
			[ 'POST', 'api', qr{^/v1/disk/resources/(copy|move)$}, 'resources.*', \&transfer ],
			[ 'PUT', 'api', qr{^/v1/disk/resources/(publish|unpublish)$}, 'resources.*', \&publish ],
			[ 'GET', 'api', qr{^/v1/disk/operations(?:/(\w+))?/?$}, 'operations.get', \&operation ],
			[ 'GET', 'api', qr{^/v1/disk/public/resources/?$}, 'public.get', \&public_resource ],
			YandexFiles::routes(), YandexId::routes() ] };
}

1;
