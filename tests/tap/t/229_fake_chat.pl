# tests/tap/t/229_fake_chat.pl
#     The strict server of chat completions does what the documents of the services say: a right
#     request is answered, each wrong one is refused in its way, and what a scenario asks for happens.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use HTTP::Tiny;
use JSON::PP;
use Test::More;

use lib dirname(abs_path(__FILE__)) . '/../lib';
use ChatServer;

my $dir = tempdir(CLEANUP => 1);
my $http = HTTP::Tiny->new(timeout => 20, max_redirect => 0);
my %schema = (type => 'object', additionalProperties => JSON::PP::false, required => ['title'],
	properties => { title => { type => 'string' } });

sub ask
{
	my ($chat, $changes, %options) = @_;
	my %body = (model => 'test-model', max_tokens => 100, temperature => 0,
		messages => [ { role => 'system', content => 'Answer in JSON.' }, { role => 'user', content => 'Hello' } ], %$changes);
	delete @body{ grep { !defined $body{$_} } keys %body };
	my $answer = $http->post($options{url} // "$chat->{url}/chat/completions", {
		headers => { 'Content-Type' => 'application/json', Authorization => 'Bearer secret', %{ $options{headers} // {} } },
		content => $options{content} // encode_json(\%body) });
	my $json = eval { decode_json($answer->{content}) };
	return ($answer->{status}, $json, $answer);
}

sub strict_schema
{
	return (response_format => { type => 'json_schema', json_schema => { name => 'x', strict => JSON::PP::true, schema => { %schema, @_ } } });
}

my $chat = ChatServer->new("$dir/openai", context => 300);
my ($status, $json) = ask($chat, { strict_schema() });
is($status, 200, 'a right request is answered');
is_deeply(decode_json($json->{choices}[0]{message}{content}), { title => 'example' }, 'with an instance of the schema');
is($json->{choices}[0]{finish_reason}, 'stop', 'that is whole');
my ($seen) = $chat->requests;
is_deeply($seen->{billed}, $json->{usage}, 'what it cost is on the log');
is($seen->{headers}{authorization}, 'Bearer secret', 'and what it was asked');

# by rule: [name, changes, options, status, code or message]
for my $case (
	[ 'no key', {}, { headers => { Authorization => 'secret' } }, 401, qr/invalid_api_key/ ],
	[ 'another content type', {}, { headers => { 'Content-Type' => 'text/plain' } }, 415, qr/Content-Type/ ],
	[ 'no JSON', {}, { content => '{"model":' }, 400, qr/could not parse/ ],
	[ 'another path', {}, { url => "http://127.0.0.1:$chat->{port}/chat" }, 404, qr/Invalid URL/ ],
	[ 'another model', { model => 'x' }, {}, 404, qr/model_not_found/ ],
	[ 'no messages', { messages => [] }, {}, 400, qr/minimum length 1/ ],
	[ 'an unknown role', { messages => [ { role => 'robot', content => 'x' } ] }, {}, 400, qr/messages\[0\]\.role/ ],
	[ 'no content', { messages => [ { role => 'user' } ] }, {}, 400, qr/messages\[0\]\.content/ ],
	[ 'an unknown member', { granularity => 'long' }, {}, 400, qr/granularity/ ],
	[ 'temperature out of bounds', { temperature => 3 }, {}, 400, qr/temperature/ ],
	[ 'max_tokens as text', { max_tokens => 'many' }, {}, 400, qr/invalid_type/ ],
	[ 'too much for the context', { messages => [ { role => 'user', content => 'word ' x 400 } ] }, {}, 400, qr/context_length_exceeded/ ],
	[ 'a schema that lets anything in', { strict_schema(additionalProperties => JSON::PP::true) }, {}, 400, qr/additionalProperties/ ],
	[ 'a property that is not required', { strict_schema(required => []) }, {}, 400, qr/Missing 'title'/ ],
	[ 'a keyword it does not know', { strict_schema(properties => { title => { type => 'string', maxLength => 3 } }) }, {}, 400, qr/maxLength/ ],
	[ 'a schema that is no object', { strict_schema(type => 'array', items => { type => 'string' }) }, {}, 400, qr/JSON Schema of/ ],
	[ 'json_object without the word', { response_format => { type => 'json_object' }, messages => [ { role => 'user', content => 'Hello' } ] }, {}, 400, qr/'json'/ ],
  )
{
	my ($name, $changes, $options, $wanted, $says) = @$case;
	my ($got, $refused) = ask($chat, $changes, %$options);
	is($got, $wanted, "refused: $name");
	like(encode_json($refused->{error}), $says, '  and it says why');
}
my @refusals = $chat->requests;
is(scalar(grep { defined $_->{billed} } @refusals), 0, 'what is refused costs nothing');

# by scenario
$chat->scenario({ status => 429, retry_after => 2, error_code => 'rate_limit_exceeded' }, { refusal => 'I will not.' },
	{ content => 'a' x 1000, times => 2 }, { finish_reason => 'content_filter' }, { raw => '<html>' }, { cut => 40 },
	{ usage => undef, blank_lines => 3 }, { content => '' });
($status, $json, my $answer) = ask($chat, {});
is("$status $answer->{headers}{'retry-after'} $json->{error}{code}", '429 2 rate_limit_exceeded', 'a limit, and when to come back');
(undef, $json) = ask($chat, {});
is_deeply([ @{ $json->{choices}[0]{message} }{qw(content refusal)} ], [ undef, 'I will not.' ], 'a refusal');
for my $most (100, 200)
{
	(undef, $json) = ask($chat, { max_tokens => $most });
	is("$json->{choices}[0]{finish_reason} " . length $json->{choices}[0]{message}{content}, 'length ' . 4 * $most, 'cut to max_tokens');
}
(undef, $json) = ask($chat, {});
is($json->{choices}[0]{finish_reason}, 'content_filter', 'filtered');
(undef, undef, $answer) = ask($chat, {});
is($answer->{content}, '<html>', 'garbage');
($status) = ask($chat, {});
is($status, 599, 'an answer that breaks off');
(undef, $json, $answer) = ask($chat, {});
ok($answer->{content} =~ /^\n\n\n\{/ && !exists $json->{usage}, 'empty lines first, no usage');
(undef, $json) = ask($chat, {});
is($json->{choices}[0]{message}{content}, '', 'a blank content');
is(scalar $chat->requests, 9, 'all of it is on the log');

open my $out, '>', "$dir/code.pl" or die $!;
print $out 'sub { my ($request) = @_; return { asked => scalar @{ $request->{messages} } } }';
close $out;
$chat->scenario({ code => "$dir/code.pl" });
(undef, $json) = ask($chat, {});
is($json->{choices}[0]{message}{content}, '{"asked":2}', 'an answer by code');

# the other dialects
my $deepseek = ChatServer->new("$dir/deepseek", dialect => 'deepseek', context => 300);
is((ask($deepseek, { response_format => { type => 'json_object' } }))[0], 200, 'deepseek: JSON mode');
is((ask($deepseek, { strict_schema() }))[0], 400, 'deepseek: no schemas');
is((ask($deepseek, { max_tokens => 9000 }))[0], 400, 'deepseek: max_tokens up to 8192');
my $ollama = ChatServer->new("$dir/ollama", dialect => 'ollama', context => 300);
is((ask($ollama, { strict_schema(), think => JSON::PP::false }, headers => { Authorization => '' }))[0], 200, 'ollama: no key, members it does not know');
($status, $json) = ask($ollama, { messages => [ { role => 'user', content => 'word ' x 400 } ] });
is("$status $json->{usage}{prompt_tokens}", '200 300', 'ollama: what is too long is cut silently');

done_testing();
