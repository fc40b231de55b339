# tests/tap/t/482_two_tenants.pl
#     The wall between tenants, from outside: with all that leap serve offers, found in its OpenAPI document and the
#     routing table, a tenant tries the things of another. He reads nothing of them, changes nothing, and gets the answer
#     that he gets for what does not exist. So do nobody and a key that may only read.
use strict;
use warnings;

use Endpoints;
use HTTP::Tiny;
use JSON::PP;
use LeapNode;
use LeapServe;
use Tenants;
use Test::More;

my $leap = LeapNode->new('two_tenants', settings => "leap.password_cost = 4\n");
Tenants::prepare($leap);
my $ann = Tenants::add($leap, 'ann7q');
my $bert = Tenants::add($leap, 'bert7q');
is(Tenants::empty_tables($leap, $_), '', "$_->{name} has some of everything") for $ann, $bert;
my $serve = LeapServe->new($leap, '--schemas=api');
my $json = JSON::PP->new->utf8->canonical->allow_nonref;
my $http = HTTP::Tiny->new(timeout => 60, keep_alive => 1, max_redirect => 0);
my %ghosts = map { $_ => $_ eq 'tasks' ? '999999999' : '018f0000-0000-7000-8000-0000000000aa' } keys %{ $ann->{ids} };

# ask(WHO, METHOD, PATH, BODY): {status, content}. Whoever's session a request has ended gets a new token.
sub ask
{
	my ($who, $method, $path, $body) = @_;
	my $again = 1;
	my $answer;

	do
	{
		$who->{token} //= Tenants::token($leap, $who) if $who->{id};
		my %fields = ('content-type' => 'application/json', $who->{key} ? ('x-api-key' => $who->{key}) : $who->{token} ? (authorization => "Bearer $who->{token}") : ());
		$answer = $http->request($method, "http://127.0.0.1:" . $serve->port . $path, { headers => \%fields, defined $body && $method ne 'GET' ? (content => $json->encode($body)) : () });
		delete $who->{token} if $answer->{status} == 401;
	} while ($answer->{status} == 401 && $who->{id} && $again--);
	return $answer;
}

sub query { return join '&', map { my $v = ref $_[0]{$_} eq 'ARRAY' ? '{' . join(',', @{ $_[0]{$_} }) . '}' : ref $_[0]{$_} ? $json->encode($_[0]{$_}) : $_[0]{$_}; "$_=" . ($v =~ s/([^\w.-])/sprintf '%%%02X', ord $1/ger) } sort keys %{ $_[0] }; }

# What an answer says, without the ids and times that are in it.
sub said
{
	my ($answer, @sent) = @_;
	my $text = "$answer->{status} $answer->{content}";
	$text =~ s/(?<![\w-])\Q$_\E(?![\w-])/<id>/g for @sent;
	$text =~ s/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/<id>/gi;
	$text =~ s/\d{4}-\d\d-\d\d[T ][\d:.+]+/<time>/g;
	$text =~ s/eyJ[\w-]+\.[\w-]+\.[\w-]+|lpk_\w+|whsec_[\w+\/=]+|"cursor": ?"[\w-]+"/<secret>/g;
	return $text;
}

# Whatever of a tenant is in an answer although it was not sent.
sub trace
{
	my ($answer, $of, @sent) = @_;
	my $text = $answer->{content};
	$text =~ s/\Q$_\E//gi for @sent;
	return join ' ', grep { index(lc $text, lc $_) >= 0 } $of->{name}, @{ $of->{all} };
}

my @wrong;
my %told;
sub complain { push @wrong, $_[0] if !$told{ $_[0] }++; return; }
sub judge
{
	my ($what) = @_;
	is(join("\n", @wrong), '', $what);
	@wrong = ();
	return;
}

my $has_routes = $leap->sql("SELECT to_regprocedure('leap.routes()') IS NOT NULL") eq 't';
my $routes = $has_routes ? decode_json($leap->sql("SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY r.path, r.method), '[]') FROM leap.routes() r")) : [];
my $document = ask($bert, 'GET', '/');
is($document->{status}, 200, 'there is a document of what bert may do');
my $offer = Endpoints->new(decode_json($document->{content}), $routes);
my @views = $offer->views;
my @functions = $offer->functions;
my %function = map { $_->{name} => $_ } @functions;
cmp_ok(scalar @views, '>=', 9, 'views: ' . @views . ', functions: ' . @functions . ', routes: ' . @$routes);
ask($_, 'GET', '/') for $ann, $bert; # each has a session from here on
my ($before_ann, $before_bert) = map { Tenants::digest($leap, $_) } $ann, $bert;

# views: neither all, nor by id, nor through what is embedded
for my $view (@views)
{
	my $path = "/$view->{name}";
	my $own = ask($ann, 'GET', "$path?limit=1000");
	my $answer = ask($bert, 'GET', "$path?limit=1000");
	complain("GET $path: $answer->{status} $answer->{content}") if $answer->{status} != 200;
	complain("GET $path tells bert of " . trace($answer, $ann)) if trace($answer, $ann);
	complain("GET $path: there is nothing of ann's to be hidden") if $own->{content} eq '[]' && $view->{name} !~ /^(?:admin_|deleted_)/;
	for my $column (grep { $view->{columns}{$_} eq 'uuid' } sort keys %{ $view->{columns} })
	{
		$answer = ask($bert, 'GET', "$path?$column=in.(" . join(',', @{ $ann->{all} }) . ')');
		complain("GET $path by $column: $answer->{content}") if $answer->{content} ne '[]';
	}
	for my $method (grep { $view->{methods}{$_} } qw(patch delete))
	{
		my ($column) = grep { $view->{columns}{$_} eq 'uuid' } 'id', sort keys %{ $view->{columns} };
		my ($text) = grep { /name|email|note|title/ } sort keys %{ $view->{columns} };
		next if !$column;
		my $kind = Endpoints::kind($column eq 'id' ? $view->{name} : $column);
		my ($theirs, $ghosts) = map { ask($bert, uc $method, "$path?$column=eq." . ($_ // $ghosts{recordings}), $method eq 'patch' ? { ($text // $column) => 'x' } : undef) }
			($kind ? $ann->{ids}{$kind} : $ann->{id}), $ghosts{recordings};
		complain(uc($method) . " $path: " . said($theirs) . ' instead of ' . said($ghosts)) if said($theirs, 'x') ne said($ghosts, 'x');
	}
}
for my $row (split /\n/, $leap->sql("SELECT t.typname, p.proname FROM pg_proc p JOIN pg_type t ON t.oid = p.proargtypes[0] AND t.typtype = 'c' WHERE p.pronamespace = 'api'::regnamespace AND p.pronargs = 1"))
{
	my ($view, $relation) = split /\|/, $row;
	my $answer = ask($bert, 'GET', "/$view?select=*,$relation(*)&limit=100");
	complain("GET /$view with $relation: $answer->{status} $answer->{content}") if $answer->{status} != 200;
	complain("GET /$view with $relation tells of " . trace($answer, $ann)) if trace($answer, $ann);
}
judge('views show bert nothing of ann, whatever he asks by');

# a key that may only read: by POST nothing, by GET nothing that stays
my $key = { key => $leap->sql("SELECT leap.add_api_key('probe', 'read', NULL, '$bert->{email}')->>'key'") };
for my $function (@functions)
{
	my $given = $offer->arguments($function, $bert->{ids});
	my $posted = ask($key, 'POST', "/rpc/$function->{name}", $given);
	complain("POST /rpc/$function->{name} by a key that may only read: " . said($posted)) if $posted->{status} != 403;
	ask($key, 'GET', "/rpc/$function->{name}?" . query($given));
}
for my $view (grep { $_->{methods}{delete} } @views)
{
	my ($column) = sort keys %{ $view->{columns} };
	my $answer = ask($key, 'DELETE', "/$view->{name}?$column=not.is.null");
	complain("DELETE /$view->{name} by a key that may only read: $answer->{status}") if $answer->{status} !~ /^40[35]$/;
}
my $after = Tenants::digest($leap, $bert);
complain("it changed $_") for grep { $_ !~ /api_keys|audit_logs/ && $after->{$_} ne $before_bert->{$_} } sort keys %$before_bert;
judge('a key that may only read changes nothing');

# nobody: what has to be reached before anybody is known, and nothing else
my $open = qr/^(?:login|refresh|register|token_from_key|forgot_password|reset_password|verify_email|resend_verification|oauth_callback|shared_lesson|installation)$/;
for my $function (@functions)
{
	my $answer = ask({}, 'POST', "/rpc/$function->{name}", $offer->arguments($function, $ann->{ids}));
	complain("POST /rpc/$function->{name} by nobody: " . said($answer)) if $function->{name} !~ $open && $answer->{status} != 401;
	complain("POST /rpc/$function->{name} tells nobody of " . trace($answer, $ann, $ann->{email})) if trace($answer, $ann, $ann->{email}, values %{ $ann->{ids} });
}
for my $view (@views)
{
	my $answer = ask({}, 'GET', "/$view->{name}");
	complain("GET /$view->{name} by nobody: $answer->{status}") if $answer->{status} != 401;
}
judge('nobody gets in');

# the arguments name what they should: ann reads hers, and where a function would write, it gets as far as that
my $fine = qr/^(?:2\d\d|302|405|409|429)$|"code":"(?:25006|LP003|LP008|LP009|LP04[34])"/;
for my $function (@functions)
{
	for my $call ($offer->calls($function, $ann->{ids}))
	{
		my $answer = ask($ann, 'GET', "/rpc/$function->{name}?" . query($call->{arguments}));
		complain("$function->{name} with ann's $call->{argument} (" . query($call->{arguments}) . '), by her: ' . said($answer)) if $answer->{status} !~ $fine && $answer->{content} !~ $fine;
	}
}
judge('functions know what is named');

# functions: with ann's things as with none; and without things, of bert's own
for my $function (@functions)
{
	my @theirs = $offer->calls($function, $ann->{ids});
	my @none = $offer->calls($function, \%ghosts);

	for my $i (0 .. $#theirs)
	{
		my @answers = map { ask($bert, 'POST', "/rpc/$function->{name}", $_->{arguments}) } $theirs[$i], $none[$i];
		my @sent = grep { !ref } map { ref $_ eq 'ARRAY' ? @$_ : $_ } map { values %{ $_->{arguments} } } $theirs[$i], $none[$i];
		my $what = "$function->{name} with ann's $theirs[$i]{argument}";
		complain("$what: nobody knows: " . said($answers[0])) if $answers[0]{content} =~ /PGRST20[23]/;
		complain("$what tells of " . trace($answers[0], $ann, @sent)) if trace($answers[0], $ann, @sent);
		complain("$what: " . said($answers[0], @sent) . ' instead of ' . said($answers[1], @sent)) if said($answers[0], @sent) ne said($answers[1], @sent);
	}
	next if @theirs;
	my $answer = ask($bert, 'POST', "/rpc/$function->{name}", $offer->arguments($function, $bert->{ids}));
	complain("$function->{name}: nobody knows: " . said($answer)) if $answer->{content} =~ /PGRST20[23]/;
	# what he did himself is told with the ids he named
	my @named = $function->{name} =~ /activity/ ? values %{ $ann->{ids} } : ();
	complain("$function->{name} tells of " . trace($answer, $ann, @named)) if trace($answer, $ann, @named);
}
judge("functions answer for ann's things what they answer for none");

# paths
for my $route ($offer->routes)
{
	my $function = $function{ $route->{function} };
	next if !$function; # not for bert
	my @answers;
	my $names;
	my @sent;
	for my $things ($ann->{ids}, \%ghosts)
	{
		my ($method, $path, $body);
		($method, $path, $body, $names) = $offer->request($route, $function, $things);
		my $query = $method =~ /^(?:GET|DELETE)$/ && %$body ? '?' . query($body) : '';
		push @sent, values %$things;
		push @answers, ask($bert, $method, "/api/v1$path$query", $body);
	}
	my $what = "$route->{method} $route->{path}";
	complain("$what: there is no such path") if $answers[0]{status} == 404 && $answers[0]{content} =~ /PGRST(?:125|202)/;
	complain("$what tells of " . trace($answers[0], $ann, @sent)) if trace($answers[0], $ann, @sent);
	complain("$what: " . said($answers[0], @sent) . ' instead of ' . said($answers[1], @sent)) if $names && said($answers[0], @sent) ne said($answers[1], @sent);
}
judge('paths as well');

# what is no function: bytes
for my $case ([ 'GET', '/files/', 'artifacts' ], [ 'HEAD', '/files/', 'artifacts' ], map { [ $_, '/uploads/', 'uploads' ] } qw(GET HEAD PATCH DELETE))
{
	my ($method, $path, $kind) = @$case;
	my ($theirs, $none) = map { ask($bert, $method, $path . $_->{$kind}) } $ann->{ids}, \%ghosts;
	complain("$method $path: " . said($theirs) . ' instead of ' . said($none)) if said($theirs) ne said($none) || $theirs->{status} < 400;
}
judge('nor are there bytes of hers');
is(join(' ', $offer->unknown), '', 'of every argument it is known what it names');

# ids inside of what is given
my $daily = { type => 'daily', time => '03:00' };
for my $case (
	[ add_template => sub { { name => 't', matching_rules => { source_ids => [ $_[0]{input_sources} ] } } } ],
	[ add_template => sub { { name => 't', output_config => { preset_ids => [ $_[0]{output_presets} ] } } } ],
	[ add_job => sub { { name => 'j', schedule_config => $daily, template_ids => [ $_[0]{recording_templates} ] } } ],
	[ add_job => sub { { name => 'j', schedule_config => $daily, sync_config => { source_ids => [ $_[0]{input_sources} ] } } } ])
{
	my @answers = map { $leap->sql("SELECT test.says('$bert->{id}', '$case->[0]', '" . $json->encode($case->[1]->($_)) . q{')}) =~ s/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/<id>/gr } $ann->{ids}, \%ghosts;
	complain("$case->[0]: $answers[0] instead of $answers[1]") if $answers[0] ne $answers[1] || $answers[0] !~ /^LP0/;
}
judge('nor are they taken inside of rules and settings');

$after = Tenants::digest($leap, $ann);
is(join(' ', grep { $after->{$_} ne $before_ann->{$_} } sort keys %$before_ann), '', "all that is ann's is as it was");
done_testing();
