/*
 * http/head.c
 *	  Reads the head of an HTTP/1.1 request.
 */
#include "http/head.h"

#include <string.h>

/* What a byte may be part of. */
enum
{
	TOKEN = 1,  /* names and methods: tchar of RFC 9110, 5.6.2 */
	VALUE = 2,  /* field values: visible, blank or above ASCII */
	TARGET = 4, /* request targets: visible ASCII */
	HOST = 8    /* host and port: letters, digits and -._~:[]%!$&'()*+,;= */
};

static const unsigned char kinds[256] = {
	['\t'] = VALUE,
	[' '] = VALUE,
	['!'] = 15,
	['"'] = VALUE | TARGET,
	['#'] = TOKEN | VALUE,
	['$'] = 15,
	['%'] = 15,
	['&'] = 15,
	['\''] = 15,
	['('] = VALUE | TARGET | HOST,
	[')'] = VALUE | TARGET | HOST,
	['*'] = 15,
	['+'] = 15,
	[','] = VALUE | TARGET | HOST,
	['-'] = 15,
	['.'] = 15,
	['/'] = VALUE | TARGET,
	['0' ... '9'] = 15,
	[':'] = VALUE | TARGET | HOST,
	[';'] = VALUE | TARGET | HOST,
	['<'] = VALUE | TARGET,
	['='] = VALUE | TARGET | HOST,
	['>'] = VALUE | TARGET,
	['?'] = VALUE | TARGET,
	['@'] = VALUE | TARGET,
	['A' ... 'Z'] = 15,
	['['] = VALUE | TARGET | HOST,
	['\\'] = VALUE | TARGET,
	[']'] = VALUE | TARGET | HOST,
	['^'] = TOKEN | VALUE | TARGET,
	['_'] = 15,
	['`'] = TOKEN | VALUE | TARGET,
	['a' ... 'z'] = 15,
	['{'] = VALUE | TARGET,
	['|'] = TOKEN | VALUE | TARGET,
	['}'] = VALUE | TARGET,
	['~'] = 15,
	[0x80 ... 0xff] = VALUE,
};

typedef struct Reader
{
	const char *at;
	const char *end;
	const char *start;
	HeadRefusal *refusal;
} Reader;

static HeadResult
refuse(Reader *reader, int status, const char *reason)
{
	reader->refusal->status = status;
	reader->refusal->reason = reason;
	return HEAD_REFUSED;
}

static Slice
take_while(Reader *reader, int kind)
{
	Slice slice = {.at = reader->at};

	while (reader->at < reader->end && (kinds[(unsigned char) *reader->at] & kind) != 0)
		reader->at++;
	slice.length = reader->at - slice.at;
	return slice;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
}

bool
slice_is(Slice slice, const char *text)
{
	return slice.length == strlen(text) && memcmp(slice.at, text, slice.length) == 0;
}

bool
slice_is_any_case(Slice slice, const char *text)
{
	if (slice.length != strlen(text))
		return false;
	for (size_t i = 0; i < slice.length; i++)
		if (lower(slice.at[i]) != lower(text[i]))
			return false;
	return true;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static Slice
trimmed(Slice slice)
{
	while (slice.length > 0 && is_blank(slice.at[0]))
		slice.at++, slice.length--;
	while (slice.length > 0 && is_blank(slice.at[slice.length - 1]))
		slice.length--;
	return slice;
}

bool
slice_lists(Slice list, const char *word)
{
	while (list.length > 0)
	{
		const char *comma = memchr(list.at, ',', list.length);
		size_t length = comma != NULL ? (size_t) (comma - list.at) : list.length;

		if (slice_is_any_case(trimmed((Slice){list.at, length}), word))
			return true;
		length += comma != NULL;
		list.at += length;
		list.length -= length;
	}
	return false;
}

const Slice *
head_field(const Head *head, const char *name)
{
	for (size_t i = 0; i < head->count; i++)
		if (slice_is_any_case(head->fields[i].name, name))
			return &head->fields[i].value;
	return NULL;
}

/* The end of a line: CR LF and nothing else. */
static HeadResult
read_line_end(Reader *reader, const char *reason)
{
	if (reader->at == reader->end)
		return HEAD_MORE;
	if (*reader->at != '\r')
		return refuse(reader, 400, reason);
	if (reader->at + 1 == reader->end)
		return HEAD_MORE;
	if (reader->at[1] != '\n')
		return refuse(reader, 400, "a line must end with CR LF");
	reader->at += 2;
	return HEAD_DONE;
}

static HeadResult
read_blank(Reader *reader, const char *reason)
{
	if (reader->at == reader->end)
		return HEAD_MORE;
	if (*reader->at != ' ')
		return refuse(reader, 400, reason);
	reader->at++;
	return HEAD_DONE;
}

static HeadResult
read_version(Reader *reader, Head *head)
{
	static const char start[] = "HTTP/";
	size_t there = reader->end - reader->at;
	size_t compared = there < strlen(start) ? there : strlen(start);

	if (memcmp(reader->at, start, compared) != 0)
		return refuse(reader, 400, "the request line must end with the version of HTTP");
	if (there < strlen("HTTP/1.1"))
		return HEAD_MORE;
	reader->at += strlen(start);
	if (reader->at[0] < '0' || reader->at[0] > '9' || reader->at[1] != '.' ||
		reader->at[2] < '0' || reader->at[2] > '9')
		return refuse(reader, 400, "the request line must end with the version of HTTP");
	if (reader->at[0] != '1')
		return refuse(reader, 505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
	head->minor = reader->at[2] == '0' ? 0 : 1;
	reader->at += 3;
	return read_line_end(reader, "the request line must end with the version of HTTP");
}

static bool
all_of(Slice text, int kind)
{
	for (size_t i = 0; i < text.length; i++)
		if ((kinds[(unsigned char) text.at[i]] & kind) == 0)
			return false;
	return true;
}

/* A target in absolute form, "http://host/path", means its path. */
static HeadResult
split_target(Reader *reader, Head *head)
{
	static const char *const schemes[] = {"http://", "https://"};
	Slice target = head->target;

	if (target.at[0] == '/')
		return HEAD_DONE;
	if (slice_is(target, "*") && slice_is(head->method, "OPTIONS"))
		return HEAD_DONE;
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
	{
		size_t length = strlen(schemes[i]);
		const char *path;

		if (target.length <= length ||
			!slice_is_any_case((Slice){target.at, length}, schemes[i]))
			continue;
		path = memchr(target.at + length, '/', target.length - length);
		if (path == NULL || path == target.at + length)
			break;
		head->authority = (Slice){target.at + length, path - target.at - length};
		head->target = (Slice){path, target.length - (path - target.at)};
		if (!all_of(head->authority, HOST))
			break;
		return HEAD_DONE;
	}
	return refuse(reader, 400, "the target of the request must begin with /");
}

static HeadResult
read_request_line(Reader *reader, Head *head)
{
	HeadResult result;

	head->method = take_while(reader, TOKEN);
	if (head->method.length > 32)
		return refuse(reader, 501, "there is no method of that length");
	if (head->method.length == 0 && reader->at < reader->end)
		return refuse(reader, 400, "a request must begin with a method");
	result = read_blank(reader, "after the method there must be one blank");
	if (result != HEAD_DONE)
		return result;
	head->target = take_while(reader, TARGET);
	if (head->target.length > HEAD_MOST_TARGET)
		return refuse(reader, 414, "the target of the request is longer than 8192 bytes");
	if (head->target.length == 0 && reader->at < reader->end)
		return refuse(reader, 400,
					  "after the method there must be one blank and a target");
	result = read_blank(reader, "after the target there must be one blank");
	if (result != HEAD_DONE)
		return result;
	result = read_version(reader, head);
	return result == HEAD_DONE ? split_target(reader, head) : result;
}

static HeadResult
read_field(Reader *reader, Head *head)
{
	Field field;
	HeadResult result;

	if (is_blank(*reader->at))
		return refuse(reader, 400, "a field must not be folded over lines");
	field.name = take_while(reader, TOKEN);
	if (reader->at == reader->end)
		return HEAD_MORE;
	if (field.name.length == 0 || *reader->at != ':')
		return refuse(reader, 400, "a field must be a name with a colon right after it");
	reader->at++;
	field.value = trimmed(take_while(reader, VALUE));
	result =
		read_line_end(reader, "the value of a field has a byte that it may not have");
	if (result != HEAD_DONE)
		return result;
	if (head->count == HEAD_MOST_FIELDS)
		return refuse(reader, 431, "the request has more than 100 fields");
	head->fields[head->count++] = field;
	return HEAD_DONE;
}

static HeadResult
take_host(Reader *reader, Head *head, Slice value)
{
	if (!all_of(value, HOST))
		return refuse(reader, 400, "Host has a character that no host has");
	/* the target's, if it is in absolute form, counts (RFC 9112, 3.2.2) */
	if (head->authority.at == NULL)
		head->authority = value;
	return HEAD_DONE;
}

static HeadResult
take_content_length(Reader *reader, Head *head, Slice value)
{
	int64_t length = 0;

	if (value.length == 0 || value.length > 18)
		return refuse(reader, 400,
					  "Content-Length must be a number of at most 18 digits");
	for (size_t i = 0; i < value.length; i++)
	{
		if (value.at[i] < '0' || value.at[i] > '9')
			return refuse(reader, 400,
						  "Content-Length must be a number of at most 18 digits");
		length = length * 10 + (value.at[i] - '0');
	}
	head->content_length = length;
	return HEAD_DONE;
}

static HeadResult
take_transfer_encoding(Reader *reader, Head *head, Slice value)
{
	if (head->minor == 0)
		return refuse(reader, 400, "HTTP/1.0 has no Transfer-Encoding");
	if (!slice_is_any_case(value, "chunked"))
		return refuse(reader, 501, "the only Transfer-Encoding understood is chunked");
	head->chunked = true;
	return HEAD_DONE;
}

static HeadResult
take_connection(Reader *reader, Head *head, Slice value)
{
	(void) reader;
	if (slice_lists(value, "close"))
		head->keep_alive = false;
	else if (slice_lists(value, "keep-alive"))
		head->keep_alive = true;
	return HEAD_DONE;
}

static HeadResult
take_expect(Reader *reader, Head *head, Slice value)
{
	if (!slice_is_any_case(value, "100-continue"))
		return refuse(reader, 417, "the only expectation understood is 100-continue");
	head->expect_continue = head->minor > 0;
	return HEAD_DONE;
}

/* The fields that say how the request is framed. */
static const struct
{
	const char *name;
	bool once;
	HeadResult (*take)(Reader *reader, Head *head, Slice value);
} framing[] = {
	{"host",			  true,  take_host             },
	{"content-length",    true,  take_content_length   },
	{"transfer-encoding", true,  take_transfer_encoding},
	{"connection",        false, take_connection       },
	{"expect",            true,  take_expect           },
};

#define FRAMING_COUNT (sizeof framing / sizeof framing[0])

static HeadResult
take_framing(Reader *reader, Head *head)
{
	int seen[FRAMING_COUNT] = {0};

	for (size_t i = 0; i < head->count; i++)
		for (size_t k = 0; k < FRAMING_COUNT; k++)
		{
			HeadResult result;

			if (!slice_is_any_case(head->fields[i].name, framing[k].name))
				continue;
			if (seen[k]++ > 0 && framing[k].once)
				return refuse(reader, 400,
							  "Host, Content-Length, Transfer-Encoding and Expect may be "
							  "said only once");
			result = framing[k].take(reader, head, head->fields[i].value);
			if (result != HEAD_DONE)
				return result;
		}
	if (seen[0] == 0 && head->minor > 0)
		return refuse(reader, 400, "a request of HTTP/1.1 must have the field Host");
	if (head->chunked && head->content_length >= 0)
		return refuse(reader, 400,
					  "Content-Length and Transfer-Encoding exclude each other");
	return HEAD_DONE;
}

static HeadResult
read_whole(Reader *reader, Head *head)
{
	HeadResult result = read_request_line(reader, head);

	head->keep_alive = head->minor > 0;
	while (result == HEAD_DONE)
	{
		if (reader->at == reader->end)
			return HEAD_MORE;
		if (*reader->at == '\r')
		{
			result = read_line_end(reader, "");
			return result == HEAD_DONE ? take_framing(reader, head) : result;
		}
		result = read_field(reader, head);
	}
	return result;
}

HeadResult
head_read(const char *bytes, size_t length, Head *head, size_t *used,
		  HeadRefusal *refusal)
{
	size_t seen = length < HEAD_MOST_BYTES ? length : HEAD_MOST_BYTES;
	Reader reader = {
		.at = bytes, .end = bytes + seen, .start = bytes, .refusal = refusal};
	HeadResult result;

	head->count = 0;
	head->authority = (Slice){NULL, 0};
	head->content_length = -1;
	head->chunked = head->expect_continue = false;
	head->minor = 1;
	/* an old habit of clients: an empty line after a body (RFC 9112, 2.2) */
	if (seen >= 2 && bytes[0] == '\r' && bytes[1] == '\n')
		reader.at += 2;
	else if (seen == 1 && bytes[0] == '\r')
		return HEAD_MORE;
	result = read_whole(&reader, head);
	if (result == HEAD_MORE && seen == HEAD_MOST_BYTES)
		return refuse(&reader, 431, "the head of the request is longer than 16384 bytes");
	*used = reader.at - bytes;
	return result;
}
