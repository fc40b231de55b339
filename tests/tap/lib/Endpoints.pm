# tests/tap/lib/Endpoints.pm
#     What a server offers, read from its OpenAPI document and the routing table, and requests made of it with the ids of
#     somebody's things.
#
#     my $offer = Endpoints->new($document, $routes);
#     $offer->views;                              {name, columns => {NAME => TYPE}, methods => {...}} of each
#     $offer->functions;                          {name, arguments => {NAME => {type, required}}} of each
#     $offer->calls($function, $things)           requests: one for each argument that names a thing, {arguments, kind}
#     $offer->unknown;                            arguments nobody knows what to give for
#
# Arguments are known by their names: new ones of a kind need no word here.
package Endpoints;

use strict;
use warnings;

use JSON::PP;

# words in the names of functions, arguments and paths, and whose ids they mean; the first that fits
my @kinds = (
	[ qr/credential_check|^checks$/ => 'credential_checks' ], [ qr/credential/ => 'credentials' ],
	[ qr/automation_run|job_run/ => 'automation_runs' ], [ qr/template/ => 'recording_templates' ], [ qr/preset/ => 'output_presets' ],
	[ qr/sync\b|syncs\b|sync_status/ => 'source_syncs' ], [ qr/source/ => 'input_sources' ], [ qr/job|automation/ => 'automation_jobs' ],
	[ qr/notification|mark_read/ => 'notifications' ], [ qr/deliver/ => 'deliveries' ], [ qr/webhook/ => 'webhooks' ],
	[ qr/session/ => 'sessions' ], [ qr/api_?key|keys?\b/ => 'api_keys' ], [ qr/upload_file|uploads\b/ => 'uploads' ], [ qr/task/ => 'tasks' ], [ qr/^shares?$|_share$/ => 'shares' ],
	[ qr/artifact|files?\b/ => 'artifacts' ], [ qr/target/ => 'output_targets' ], [ qr/recording|stage|topic|subtitle|caption|transcri/ => 'recordings' ],
	[ qr/\bruns?\b/ => 'runs' ], [ qr/users?\b/ => 'user' ]);
# where the name of a function says something else than what its id is of
my %exceptions = (
	'recording_files.id' => 'recordings', 'recording_file.id' => 'recordings', 'add_share.id' => 'recordings', 'list_shares.id' => 'recordings', 'job_runs.id' => 'automation_jobs', 'list_automation_runs.id' => 'automation_jobs', 'automation_job_runs.id' => 'automation_jobs',
	'list_syncs.id' => 'input_sources', 'template_from_recording.id' => 'recordings', 'preview_rules.source' => 'input_sources', 'sync_source.id' => 'input_sources', 'source_syncs.id' => 'input_sources');
# what else has to be said for an argument, although it could be left out
my %beside = (
	'operate_recordings.preset_id' => sub { (recording_ids => [ $_[0]{recordings} ], operation => 'upload') },
	'operate_recordings.template_id' => sub { (recording_ids => [ $_[0]{recordings} ], operation => 'run') });
# places in lists, and ids of what belongs to nobody or to administrators only
my $no_thing = qr/^(?:before|after|plan|plan_id|invitation|invitation_id|device_id|ext_id|idempotency_key|worker|request_id)$/;
# what an argument may be, where its type alone says too little
my %values = (
	operation => 'pause', platform => 'library', language => 'en', timezone => 'UTC', event => 'recording_uploaded', channel => 'email', enabled => JSON::PP::true,
	email => 'somebody@example.org', password => 'Wrong-password-1', current_password => 'Wrong-password-1', new_password => 'Other-password-1',
	name => 'a name', display_name => 'a name', version => 1, scope => 'read', role => 'user', queue => 'upload', priority => 1, format => 'json', stage => 'process', seconds => 60,
	source => { type => 'url', url => 'https://example.org/x.mp4' }, url => 'https://example.org/x.mp4', schedule => { type => 'daily', time => '03:00' },
	spec => { name => 'a name', source_type => 'URL_LIST', config => { urls => ['https://example.org/x.mp4'] } }, changes => { name => 'another name' },
	metadata => { title_template => '{{ display_name }}' }, rules => { keywords => ['x'] }, patterns => ['x'], expression => '1 2 * * *', text => 'x',
	quota => 'storage_bytes', "limit" => '1 GB', permission => 'can_upload', token => 'x' x 43, kind => 'poster', refresh_token => 'x' x 43, key => 'lpk_x');
my %by_type = (boolean => JSON::PP::true, integer => 1, number => 1, object => {}, array => []);

sub new
{
	my ($class, $document, $routes) = @_;
	return bless { document => $document, routes => $routes, unknown => {} }, $class;
}

sub routes { return @{ $_[0]{routes} }; }
sub unknown { return sort keys %{ $_[0]{unknown} }; }

sub views
{
	my ($self) = @_;
	my $paths = $self->{document}{paths};
	my @views;

	for my $path (sort keys %$paths)
	{
		my ($name) = $path =~ m{^/(\w+)$} or next;
		my $properties = $self->{document}{definitions}{$name}{properties} // {};
		push @views, { name => $name, methods => $paths->{$path}, columns => { map { $_ => $properties->{$_}{format} // '' } keys %$properties } };
	}
	return @views;
}

sub functions
{
	my ($self) = @_;
	my $paths = $self->{document}{paths};
	my @functions;

	for my $path (sort keys %$paths)
	{
		my ($name) = $path =~ m{^/rpc/(\w+)$} or next;
		my ($args) = grep { ($_->{name} // '') eq 'args' } @{ $paths->{$path}{post}{parameters} };
		my %required = map { $_ => 1 } @{ $args->{schema}{required} // [] };
		my $properties = $args->{schema}{properties} // {};
		push @functions, { name => $name, reads => exists $paths->{$path}{get},
			arguments => { map { $_ => { type => $properties->{$_}{type} // '', format => $properties->{$_}{format} // '', required => $required{$_} } } keys %$properties } };
	}
	return @functions;
}

# The kind of thing a word means; undef: none.
sub kind
{
	my ($word) = @_;
	$word =~ s/_ids?$|_ids$//;
	for my $kind (@kinds) { return $kind->[1] if $word =~ $kind->[0]; }
	return undef;
}

# What an argument of a function names; undef: no thing.
sub names
{
	my ($self, $function, $argument) = @_;
	my $about = $function->{arguments}{$argument} // { type => '', format => '' };
	my $id = $about->{format} =~ /^uuid/ || $argument =~ /(?:^|_)ids?$|^(?:task|user)$/;

	return undef if !$id || $about->{type} eq 'boolean' || $argument =~ $no_thing;
	my $kind = $exceptions{"$function->{name}.$argument"} // ($argument =~ /^ids?$/ ? kind($function->{name}) : kind($argument) // kind($function->{name}));
	$self->{unknown}{"$function->{name}($argument)"} = 1 if !defined $kind;
	return $kind;
}

sub is_list { return $_[0]{format} =~ /\[\]$/ || $_[0]{type} eq 'array'; }

# Something for an argument that must be there.
sub filler
{
	my ($function, $argument) = @_;
	my $about = $function->{arguments}{$argument};
	return $values{$argument} // ($about->{format} =~ /^jsonb?$/ ? {} : $about->{format} =~ /^(?:date|timestamp)/ ? '2030-01-01' : is_list($about) ? [] : $by_type{ $about->{type} } // 'x');
}

# The arguments a call must have; what names things is given by THINGS: {kind => id}.
sub arguments
{
	my ($self, $function, $things) = @_;
	my %given;

	for my $argument (grep { $function->{arguments}{$_}{required} } keys %{ $function->{arguments} })
	{
		my $kind = $self->names($function, $argument);
		$given{$argument} = defined $kind ? thing($function->{arguments}{$argument}, $things->{$kind} // $things->{recordings}) : filler($function, $argument);
	}
	return \%given;
}

sub thing { return is_list($_[0]) ? [ $_[1] ] : $_[1]; }

# A call for each argument that names a thing.
sub calls
{
	my ($self, $function, $things) = @_;
	my @calls;

	for my $argument (sort keys %{ $function->{arguments} })
	{
		my $kind = $self->names($function, $argument);
		my $beside = $beside{"$function->{name}.$argument"};
		next if !defined $kind || !defined $things->{$kind};
		push @calls, { kind => $kind, argument => $argument,
			arguments => { %{ $self->arguments($function, $things) }, ($beside ? $beside->($things) : ()), $argument => thing($function->{arguments}{$argument}, $things->{$kind}) } };
	}
	return @calls;
}

# A route as method, path and body, with THINGS in it; and whether it names one.
sub request
{
	my ($self, $route, $function, $things) = @_;
	my $given = $self->arguments($function, $things);
	my $path = $route->{path};
	my $names = 0;

	while ($path =~ /\{(\w+)\}/)
	{
		my $variable = $1;
		my ($before) = $path =~ m{([^/]+)/\{$variable\}};
		my $kind = exists $values{$variable} ? undef : $variable eq 'id' ? kind($before =~ s/-/_/gr) : kind($variable);
		my $value = defined $kind ? $things->{$kind} : $values{$variable};
		$self->{unknown}{"$route->{method} $route->{path}"} = 1 if !defined $value;
		$names ||= defined $kind;
		$path =~ s/\{$variable\}/$value \/\/ 'x'/e;
		delete $given->{$variable};
	}
	delete $given->{$_} for keys %{ $route->{arguments} // {} };
	$names ||= grep { defined $self->names($function, $_) } keys %$given;
	return ($route->{method}, $path, defined $route->{body} ? $given->{ $route->{body} } // {} : $given, $names);
}

1;
