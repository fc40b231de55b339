# tests/tap/lib/ChatRules.pm
#     What a request for a chat completion must be, by the documents of three services that speak
#     this protocol. Which document each rule is from stands beside it:
#
#     [spec]     OpenAI's OpenAPI description (openai/openai-openapi): CreateChatCompletionRequest
#     [guide]    OpenAI's guide "Structured Outputs", and its section on JSON mode
#     [errors]   OpenAI's guide "Error codes"
#     [answer]   what the service is on record as answering (error bodies quoted in public issues)
#     [deepseek] api-docs.deepseek.com: "Create Chat Completion", "JSON Output", "Error Codes"
#     [ollama]   docs.ollama.com: "OpenAI compatibility"
package ChatRules;

use strict;
use warnings;

use JSON::PP;
use List::Util qw(any sum0);
use ChatSchema;

# [spec] the members of a request; [deepseek] its shorter list.
my @openai = qw(messages model service_tier modalities verbosity reasoning_effort max_completion_tokens
  frequency_penalty presence_penalty web_search_options top_logprobs response_format audio store moderation stream
  stop logit_bias logprobs max_tokens n prediction seed stream_options tools tool_choice parallel_tool_calls
  function_call functions metadata temperature top_p user safety_identifier prompt_cache_key prompt_cache_retention);
my @deepseek = qw(messages model thinking reasoning_effort frequency_penalty max_tokens presence_penalty
  response_format stop stream stream_options temperature top_p tools tool_choice logprobs top_logprobs);

our %dialects = (
	openai => {
		paths => [qw(/v1/chat/completions)], members => \@openai,
		formats => [qw(text json_object json_schema)], roles => [qw(developer system user assistant tool function)],
		needs_key => 1, most_tokens => 16384, overflow => 'refuse', parts => 1,
	},
	deepseek => {
		# base URL with or without /v1
		paths => [qw(/chat/completions /v1/chat/completions)], members => \@deepseek,
		formats => [qw(text json_object)], roles => [qw(system user assistant tool latest_reminder)],
		needs_key => 1, most_tokens => 8192, overflow => 'refuse', parts => 0,
	},
	ollama => {
		# the key is "required but ignored"; unknown members are ignored; a prompt that is too long loses its beginning
		paths => [qw(/v1/chat/completions)], members => undef,
		formats => [qw(text json_object json_schema)], roles => [qw(system user assistant tool)],
		needs_key => 0, most_tokens => undef, overflow => 'truncate', parts => 1,
	},
);

# [spec] ErrorResponse: all four members are there.
sub error
{
	my ($status, $type, $code, $param, $message) = @_;
	return { status => $status, error => { message => $message, type => $type, param => $param, code => $code } };
}

sub invalid
{
	my ($param, $message, $code) = @_;
	return error(400, 'invalid_request_error', $code, $param, $message);
}

# Four characters a token: enough to be exact about in tests.
sub tokens { return int((length($_[0]) + 3) / 4); }

sub text_of
{
	my ($content) = @_;
	return ref $content eq 'ARRAY' ? join "\n", map { $_->{text} // '' } @$content : $content // '';
}

sub prompt_tokens
{
	my ($request) = @_;
	return sum0(map { 4 + tokens(text_of($_->{content})) } @{ $request->{messages} });
}

# 401 [errors]
sub check_key
{
	my ($dialect, $settings, $headers) = @_;
	my $given = $headers->{authorization};

	return if !$dialect->{needs_key};
	return error(401, 'invalid_request_error', undef, undef,
		"You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth.")
	  if !defined $given;
	return error(401, 'invalid_request_error', 'invalid_api_key', undef, 'Incorrect API key provided.')
	  if $given ne "Bearer $settings->{key}";
	return;
}

# A number within bounds, where it is there and not null.
sub check_number
{
	my ($request, $name, $kind, $least, $most) = @_;
	my $value = $request->{$name};

	return if !defined $value;
	my $type = ChatSchema::type_of($value);
	return invalid($name, "Invalid type for '$name': expected $kind, but got $type instead.", 'invalid_type')
	  if $type ne 'integer' && ($kind eq 'integer' || $type ne 'number');
	return invalid($name, "Invalid '$name': below the minimum value $least.", 'integer_below_min_value') if $value < $least;
	return invalid($name, "Invalid '$name': above the maximum value $most.", 'integer_above_max_value')
	  if defined $most && $value > $most;
	return;
}

sub check_message
{
	my ($dialect, $message, $at) = @_;

	return invalid($at, "Invalid type for '$at': expected an object.", 'invalid_type') if ref $message ne 'HASH';
	my ($role, $content) = @$message{qw(role content)};
	return invalid("$at.role", "Missing required parameter: '$at.role'.", 'missing_required_parameter') if !defined $role;
	return invalid("$at.role", "Invalid value: '$role'.", 'invalid_value') if !any { $_ eq $role } @{ $dialect->{roles} };
	return invalid("$at.content", "Missing required parameter: '$at.content'.", 'missing_required_parameter')
	  if !defined $content && $role ne 'assistant';
	return if !defined $content || ChatSchema::type_of($content) eq 'string';
	# [spec] content is a text or at least one part; [deepseek] a text alone
	return invalid("$at.content", "Invalid type for '$at.content'.", 'invalid_type')
	  if ref $content ne 'ARRAY' || !@$content || !$dialect->{parts};
	for my $part (@$content)
	{
		return invalid("$at.content", "Invalid content part.", 'invalid_value')
		  if ref $part ne 'HASH' || ($part->{type} // '') ne 'text' || !defined $part->{text};
	}
	return;
}

sub check_schema
{
	my ($given) = @_;

	# [spec] ResponseFormatJsonSchema: json_schema with a name of at most 64 letters, digits, _ and -
	return invalid('response_format.json_schema', "Missing required parameter: 'response_format.json_schema'.", 'missing_required_parameter')
	  if ref $given ne 'HASH';
	return invalid('response_format.json_schema.name', "Missing required parameter: 'response_format.json_schema.name'.", 'missing_required_parameter')
	  if !defined $given->{name};
	return invalid('response_format.json_schema.name', "Invalid 'response_format.json_schema.name': string does not match pattern.", 'invalid_value')
	  if $given->{name} !~ /^[a-zA-Z0-9_-]{1,64}\z/;
	my ($odd) = grep { !/^(?:name|description|schema|strict)\z/ } sort keys %$given;
	return invalid("response_format.json_schema.$odd", "Unknown parameter: 'response_format.json_schema.$odd'.", 'unknown_parameter') if defined $odd;
	return if !$given->{strict};
	my ($fault) = ChatSchema::faults($given->{schema}); # [guide]
	return invalid('response_format', "Invalid schema for response_format '$given->{name}': $fault") if defined $fault;
	return;
}

sub check_format
{
	my ($dialect, $request) = @_;
	my $format = $request->{response_format};

	return if !defined $format;
	return invalid('response_format', "Invalid type for 'response_format': expected an object.", 'invalid_type')
	  if ref $format ne 'HASH' || !defined $format->{type};
	my $type = $format->{type};
	return invalid(undef, 'This response_format type is unavailable now', 'invalid_request_error') # [answer]
	  if !any { $_ eq $type } @{ $dialect->{formats} };
	# [guide] "the string "JSON" must appear somewhere in the context"; [deepseek] the same
	return invalid('messages', "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.")
	  if $type eq 'json_object' && $dialect->{needs_key} && !any { text_of($_->{content}) =~ /json/i } @{ $request->{messages} };
	return $type eq 'json_schema' ? check_schema($format->{json_schema}) : undef;
}

# The first fault of a request as {status, error}, or nothing.
sub fault
{
	my ($name, $settings, $headers, $request) = @_;
	my $dialect = $dialects{$name};

	my $refused = check_key($dialect, $settings, $headers);
	return $refused if $refused;
	return invalid(undef, 'you must provide a model parameter') if !defined $request->{model}; # [answer]
	return invalid('messages', "Missing required parameter: 'messages'.", 'missing_required_parameter')
	  if !defined $request->{messages};
	return invalid('messages', "Invalid 'messages': expected an array with minimum length 1.", 'invalid_type')
	  if ref $request->{messages} ne 'ARRAY' || !@{ $request->{messages} };
	# [answer] what is no member is refused, not passed over
	my %known = map { $_ => 1 } @{ $dialect->{members} // [ keys %$request ] };
	my ($odd) = grep { !$known{$_} } sort keys %$request;
	return invalid($odd, "Unrecognized request argument supplied: $odd") if defined $odd;
	return error(404, 'invalid_request_error', 'model_not_found', undef,
		"The model `$request->{model}` does not exist or you do not have access to it.") if $request->{model} ne $settings->{model};
	for my $i (0 .. $#{ $request->{messages} })
	{
		$refused = check_message($dialect, $request->{messages}[$i], "messages[$i]");
		return $refused if $refused;
	}
	# [spec] bounds; [deepseek] max_tokens of 1 to 8192
	$refused = check_number($request, 'temperature', 'number', 0, 2) || check_number($request, 'top_p', 'number', 0, 1)
	  || check_number($request, 'n', 'integer', 1, 128)
	  || check_number($request, 'max_tokens', 'integer', 1, $settings->{most_tokens} // $dialect->{most_tokens})
	  || check_number($request, 'max_completion_tokens', 'integer', 1, $settings->{most_tokens} // $dialect->{most_tokens})
	  || check_format($dialect, $request);
	return $refused if $refused;
	return invalid('stream', 'This server does not stream.', 'unsupported_value') if $request->{stream};
	my $tokens = prompt_tokens($request) + ($request->{max_tokens} // $request->{max_completion_tokens} // 0);
	return invalid('messages', "This model's maximum context length is $settings->{context} tokens. However, you requested "
		  . "$tokens tokens. Please reduce the length of the messages or completion.", 'context_length_exceeded') # [answer]
	  if $dialect->{overflow} eq 'refuse' && $tokens > $settings->{context};
	return;
}

1;
