/*
 * gate/multipart.c
 *	  Takes a body of multipart/form-data apart while it arrives.
 *
 * The delimiter is CR LF "--" boundary. A boundary has no CR, so when a possible delimiter
 * turns out to be data, only a CR can begin the next one: no byte is looked at twice.
 */
#include "gate/multipart.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"

typedef enum Place
{
	PLACE_START, /* before the first delimiter, whose CR LF is the end of the head */
	PLACE_DATA,
	PLACE_DELIMITED, /* behind a delimiter: CR LF or "--" */
	PLACE_CR,        /* of that CR LF */
	PLACE_DASH,      /* of that "--" */
	PLACE_HEADERS,
	PLACE_END,
	PLACE_END_CR, /* a last CR LF is usual */
	PLACE_OVER
} Place;

struct Multipart
{
	MultipartSink sink;
	Place place;
	char delimiter[4 + MULTIPART_BOUNDARY + 1];
	size_t delimiter_length;
	size_t matched; /* of the delimiter */
	char headers[MULTIPART_HEADERS + 1];
	size_t headers_length;
	int parts;
	const char *fault;
	char name[MULTIPART_NAME];
	char filename[MULTIPART_NAME];
	bool has_filename;
};

static const char media_type[] = "multipart/form-data";

bool
multipart_is(Slice content_type)
{
	size_t length = strlen(media_type);

	return content_type.length >= length &&
		   strncasecmp(content_type.at, media_type, length) == 0 &&
		   (content_type.length == length || strchr("; \t", content_type.at[length]));
}

/* A character of a boundary (RFC 2046), which may not end with a blank. */
static bool
is_boundary(const char *at, size_t length)
{
	static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyz"
								  "ABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=? ";

	for (size_t i = 0; i < length; i++)
		if (at[i] == '\0' || strchr(allowed, at[i]) == NULL)
			return false;
	return length > 0 && length <= MULTIPART_BOUNDARY && at[length - 1] != ' ';
}

static const char *
skip_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	return at;
}

/* The value of the parameter `boundary`; false: there is none, or it is none. */
static bool
find_boundary(Slice type, Slice *boundary)
{
	const char *end = type.at + type.length;
	const char *at = type.at + strlen(media_type);
	static const char word[] = "boundary=";

	while (at < end)
	{
		const char *stop;

		at = skip_blanks(at, end);
		if (at == end || *at != ';')
			return false;
		at = skip_blanks(at + 1, end);
		stop = memchr(at, ';', (size_t) (end - at));
		stop = stop != NULL ? stop : end;
		if ((size_t) (stop - at) > strlen(word) &&
			strncasecmp(at, word, strlen(word)) == 0)
		{
			at += strlen(word);
			while (stop > at && (stop[-1] == ' ' || stop[-1] == '\t'))
				stop--;
			if (stop - at >= 2 && *at == '"' && stop[-1] == '"')
			{
				at++;
				stop--;
			}
			*boundary = (Slice){at, (size_t) (stop - at)};
			return is_boundary(boundary->at, boundary->length);
		}
		at = stop;
	}
	return false;
}

Multipart *
multipart_new(Slice content_type, const MultipartSink *sink)
{
	Multipart *made;
	Slice boundary;

	if (!multipart_is(content_type) || !find_boundary(content_type, &boundary))
		return NULL;
	made = array_new(1, sizeof *made);
	made->sink = *sink;
	memcpy(made->delimiter, "\r\n--", 4);
	memcpy(made->delimiter + 4, boundary.at, boundary.length);
	made->delimiter_length = 4 + boundary.length;
	made->matched = 2;
	return made;
}

void
multipart_free(Multipart *multipart)
{
	free(multipart);
}

bool
multipart_whole(const Multipart *multipart)
{
	return multipart->fault == NULL &&
		   (multipart->place == PLACE_END || multipart->place == PLACE_OVER);
}

const char *
multipart_fault(const Multipart *multipart)
{
	return multipart->fault;
}

static bool
refuse(Multipart *multipart, const char *fault)
{
	multipart->fault = fault;
	return false;
}

/* Reads "value" or value; *at is moved behind it. */
static bool
read_value(const char **at, char value[MULTIPART_NAME])
{
	const char *from = *at;
	size_t length = 0;
	bool quoted = *from == '"';

	for (from += quoted; *from != '\0' && (quoted ? *from != '"' : *from != ';'); from++)
	{
		if (quoted && *from == '\\' && (from[1] == '"' || from[1] == '\\'))
			from++;
		if (length + 1 >= MULTIPART_NAME)
			return false;
		value[length++] = *from;
	}
	value[length] = '\0';
	if (quoted && *from != '"')
		return false;
	*at = from + quoted;
	return true;
}

static const char *
after_blanks(const char *at)
{
	return at + strspn(at, " \t");
}

/* "form-data; name=…; filename=…" */
static bool
read_disposition(Multipart *multipart, const char *value)
{
	static const char kind[] = "form-data";
	bool named = false;

	if (strncasecmp(value, kind, strlen(kind)) != 0)
		return refuse(multipart, "a part is no form-data");
	value = after_blanks(value + strlen(kind));
	while (*value == ';')
	{
		char ignored[MULTIPART_NAME];
		char *target = ignored;
		size_t length;

		value = after_blanks(value + 1);
		length = strcspn(value, "=; \t\"");
		if (value[length] != '=')
			return refuse(multipart, "a parameter of a part cannot be read");
		if (length == 4 && strncasecmp(value, "name", 4) == 0)
		{
			if (named)
				return refuse(multipart, "a part has two names");
			named = true;
			target = multipart->name;
		}
		else if (length == 8 && strncasecmp(value, "filename", 8) == 0)
		{
			if (multipart->has_filename)
				return refuse(multipart, "a part has two file names");
			multipart->has_filename = true;
			target = multipart->filename;
		}
		value += length + 1;
		if (!read_value(&value, target))
			return refuse(multipart, "a name of a part is too long or has no end");
		value = after_blanks(value);
	}
	return (*value == '\0' && named) || refuse(multipart, "a part has no name");
}

static bool
read_header(Multipart *multipart, char *line, bool *disposed)
{
	static const char disposition[] = "content-disposition";
	static const char encoding[] = "content-transfer-encoding";
	size_t length = strcspn(line, ":");
	const char *value;

	if (line[length] != ':' || length == 0 || strcspn(line, " \t") < length)
		return refuse(multipart, "a header of a part cannot be read");
	line[length] = '\0';
	value = after_blanks(line + length + 1);
	if (strcasecmp(line, disposition) == 0)
	{
		if (*disposed)
			return refuse(multipart, "a part says twice what it is");
		*disposed = true;
		return read_disposition(multipart, value);
	}
	if (strcasecmp(line, encoding) == 0 && strcasecmp(value, "binary") != 0 &&
		strcasecmp(value, "8bit") != 0 && strcasecmp(value, "7bit") != 0)
		return refuse(multipart, "a part is encoded");
	return true;
}

/* The headers of a part are there, each ended by CR LF. */
static bool
read_headers(Multipart *multipart)
{
	bool disposed = false;
	char *line = multipart->headers;

	multipart->has_filename = false;
	multipart->name[0] = multipart->filename[0] = '\0';
	while (*line != '\0')
	{
		char *end = strstr(line, "\r\n");

		*end = '\0';
		if (strpbrk(line, "\r\n") != NULL || !read_header(multipart, line, &disposed))
			return multipart->fault == NULL
					   ? refuse(multipart, "a header of a part cannot be read")
					   : false;
		line = end + 2;
	}
	if (!disposed)
		return refuse(multipart, "a part does not say what it is");
	if (++multipart->parts > MULTIPART_PARTS)
		return refuse(multipart, "there are too many parts");
	return multipart->sink.begin(multipart->sink.arg, multipart->name,
								 multipart->has_filename ? multipart->filename : NULL);
}

static bool
take_header_byte(Multipart *multipart, char c)
{
	char *headers = multipart->headers;
	size_t length = multipart->headers_length;

	if (length >= MULTIPART_HEADERS || c == '\0')
		return refuse(multipart, "the headers of a part are too long or have a zero");
	headers[length++] = c;
	multipart->headers_length = length;
	if (c != '\n' || length < 2 || headers[length - 2] != '\r')
		return true;
	if (length > 2 && (length < 4 || memcmp(headers + length - 4, "\r\n", 2) != 0))
		return true;
	headers[length - 2] = '\0';
	multipart->headers_length = 0;
	multipart->place = PLACE_DATA;
	multipart->matched = 0;
	return read_headers(multipart);
}

/* What looked like the beginning of a delimiter is data. */
static bool
give_back(Multipart *multipart)
{
	size_t matched = multipart->matched;

	multipart->matched = 0;
	return matched == 0 ||
		   multipart->sink.data(multipart->sink.arg, multipart->delimiter, matched);
}

/* Takes data up to a delimiter or to the end of what is there; how much, 0 for a stop. */
static size_t
take_data(Multipart *multipart, const char *bytes, size_t length)
{
	const char *cr;
	size_t data;

	if (multipart->matched == 0)
	{
		cr = memchr(bytes, '\r', length);
		data = cr != NULL ? (size_t) (cr - bytes) : length;
		if (data > 0)
			return multipart->sink.data(multipart->sink.arg, bytes, data) ? data : 0;
	}
	if (*bytes != multipart->delimiter[multipart->matched])
	{
		if (!give_back(multipart))
			return 0;
		if (*bytes != '\r')
			return multipart->sink.data(multipart->sink.arg, bytes, 1) ? 1 : 0;
	}
	if (++multipart->matched < multipart->delimiter_length)
		return 1;
	multipart->place = PLACE_DELIMITED;
	return multipart->sink.end(multipart->sink.arg) ? 1 : 0;
}

/* The first delimiter, with nothing before it. */
static bool
take_start(Multipart *multipart, char c)
{
	if (c != multipart->delimiter[multipart->matched])
		return refuse(multipart, "the body does not begin with its boundary");
	if (++multipart->matched == multipart->delimiter_length)
		multipart->place = PLACE_DELIMITED;
	return true;
}

/* What must follow a delimiter, byte by byte. */
static const struct
{
	Place at;
	char byte;
	Place next;
} steps[] = {
	{PLACE_DELIMITED, '\r', PLACE_CR     },
    {PLACE_DELIMITED, '-',  PLACE_DASH   },
	{PLACE_CR,        '\n', PLACE_HEADERS},
    {PLACE_DASH,      '-',  PLACE_END    },
	{PLACE_END,       '\r', PLACE_END_CR },
    {PLACE_END_CR,    '\n', PLACE_OVER   },
};

static bool
take_step(Multipart *multipart, char c)
{
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		if (steps[i].at == multipart->place && steps[i].byte == c)
		{
			multipart->place = steps[i].next;
			return true;
		}
	return refuse(multipart, "a boundary is followed by something else than a part");
}

bool
multipart_feed(Multipart *multipart, const char *bytes, size_t length)
{
	size_t used = 0;

	if (multipart->fault != NULL)
		return false;
	while (used < length)
	{
		size_t took = 1;
		bool ok = true;

		if (multipart->place == PLACE_DATA)
			ok = (took = take_data(multipart, bytes + used, length - used)) > 0;
		else if (multipart->place == PLACE_HEADERS)
			ok = take_header_byte(multipart, bytes[used]);
		else if (multipart->place == PLACE_START)
			ok = take_start(multipart, bytes[used]);
		else
			ok = take_step(multipart, bytes[used]);
		if (!ok)
			return false;
		used += took;
	}
	return true;
}
