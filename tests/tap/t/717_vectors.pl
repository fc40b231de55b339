# tests/tap/t/717_vectors.pl
#     The servers of the tests answer the requests of the platforms' documents in the form that the documents show
#     (tests/vectors/README.md). What our clients make of the same examples: tests/unit/test_vectors.c.
use strict;
use warnings;

use Cpanel::JSON::XS ();
use Cwd qw(abs_path);
use FakePlatform;
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use HTTP::Tiny;
use MIME::Base64 qw(decode_base64);
use Test::More;

my $folder = abs_path(dirname(__FILE__) . '/../../vectors');
my $json = Cpanel::JSON::XS->new->utf8->canonical;
my $http = HTTP::Tiny->new(timeout => 30, max_redirect => 0);

sub escaped { my ($text) = @_; return $text =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ger; }
sub query { my ($fields) = @_; return join '&', map { escaped($_) . '=' . escaped($fields->{$_}) } sort keys %$fields; }

# {name} in texts is what an answer before had there.
sub filled
{
	my ($value, $kept) = @_;
	return { map { $_ => filled($value->{$_}, $kept) } keys %$value } if ref $value eq 'HASH';
	return [ map { filled($_, $kept) } @$value ] if ref $value eq 'ARRAY';
	return $value if ref $value || !defined $value || $value !~ /\{[a-z_]+\}/;
	return $value =~ s/\{([a-z_]+)\}/$kept->{$1} \/\/ die "nothing was kept as $1\n"/ger;
}

sub kind
{
	my ($value) = @_;
	return 'null' if !defined $value;
	return 'a boolean' if Cpanel::JSON::XS::is_bool($value);
	return ref $value eq 'HASH' ? 'an object' : 'a list' if ref $value;
	return $json->encode([$value]) =~ /^\["/ ? 'a text' : 'a number';
}

# What an answer lacks of the document's: members, and values of another type. Of a list the first element counts.
sub lacks
{
	my ($got, $wanted, $at) = @_;
	my ($is, $should) = (kind($got), kind($wanted));

	return "$at is $is and not $should" if $is ne $should;
	return map { exists $got->{$_} ? lacks($got->{$_}, $wanted->{$_}, "$at.$_") : "$at.$_ is missing" } sort keys %$wanted if ref $wanted eq 'HASH';
	return lacks($got->[0], $wanted->[0], "$at.0") if ref $wanted eq 'ARRAY' && @$wanted;
	return ();
}

sub at { my ($value, $path) = @_; $value = ref $value eq 'ARRAY' ? $value->[$_] : ref $value eq 'HASH' ? $value->{$_} : undef for split /\./, $path; return $value; }

sub send_request
{
	my ($fake, $platform, $ask, $kept) = @_;
	my $url = $ask->{url} // $fake->url("$platform.$ask->{at}") . ($ask->{path} // '');
	my %headers = %{ $ask->{headers} // {} };
	my $body;

	$url .= '?' . query($ask->{query}) if $ask->{query};
	$headers{Authorization} = "Bearer $kept->{access_token}" if !exists $ask->{token} || $ask->{token};
	if ($ask->{json}) { $body = $json->encode($ask->{json}); $headers{'Content-Type'} //= 'application/json; charset=UTF-8'; }
	elsif ($ask->{form}) { $body = query($ask->{form}); $headers{'Content-Type'} //= 'application/x-www-form-urlencoded'; }
	elsif (defined $ask->{text}) { $body = $ask->{text}; }
	elsif ($ask->{base64}) { $body = decode_base64($ask->{base64}); }
	elsif (defined $ask->{bytes}) { $body = 'x' x $ask->{bytes}; }
	return $http->request($ask->{method}, $url, { headers => \%headers, defined $body ? (content => $body) : () });
}

sub check_answer
{
	my ($ask, $answer, $kept) = @_;
	my $what = "$ask->{method} " . ($ask->{url} // $ask->{path} // $ask->{at});
	my $value = eval { $json->decode($answer->{content}) };

	is($answer->{status}, $ask->{status}, $what) or diag($answer->{content});
	like($answer->{headers}{$_} // '', qr/$ask->{head}{$_}/, "... with $_") for sort keys %{ $ask->{head} // {} };
	is($answer->{headers}{$_}, undef, "... without $_") for @{ $ask->{no_head} // [] };
	is_deeply([ lacks($value, $ask->{like}, 'it') ], [], '... in the form of the document') if $ask->{like};
	is(at($value, $_), at($ask->{like}, $_), "... $_") for @{ $ask->{same} // [] };
	for my $name (keys %{ $ask->{keep} // {} })
	{
		($kept->{$name}) = ($answer->{headers}{location} // '') =~ /$ask->{keep}{$name}/;
		$kept->{$name} =~ s/%(..)/chr hex $1/ge if defined $kept->{$name} && $kept->{$name} !~ m{^http};
	}
	$kept->{$_} = at($value, $ask->{keep_body}{$_}) for keys %{ $ask->{keep_body} // {} };
}

# Each example has a server of its own: what one of them leaves behind is nothing to the next.
sub check
{
	my ($vector) = @_;
	my $play = $vector->{fake} or return;
	my $platform = $play->{platform};
	my $fake = FakePlatform->start(tempdir(CLEANUP => 1), platforms => [$platform], $platform => { rate => 0, %{ $play->{settings} // {} } });
	my $kept = $platform eq 'vk' ? {} : $fake->grant($platform);

	$fake->change($platform, sub { my ($state) = @_; %$state = (%$state, %{ $play->{state} }); }) if $play->{state};
	$fake->faults(@{ $play->{faults} }) if $play->{faults};
	subtest "$platform: $vector->{name}" => sub {
		for my $ask (@{ $play->{asks} })
		{
			my $filled = filled($ask, $kept);
			check_answer($filled, send_request($fake, $platform, $filled, $kept), $kept);
		}
	};
	$fake->stop;
}

for my $file (sort glob "$folder/*.json")
{
	my $vectors = $json->decode(FakePlatform::slurp($file));
	for my $vector (@$vectors)
	{
		is(join(' ', grep { !$vector->{$_} } qw(name document seen)), '', "$file: an example says where it is from");
		like($vector->{document}, qr{^https://}, "... $vector->{name}") if $vector->{document};
		check($vector);
	}
}

done_testing();
