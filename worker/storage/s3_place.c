/*
 * storage/s3_place.c
 *	  Reading where in S3 a storage is.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "storage/s3.h"
#include "storage/settings.h"

#define USUAL_REGION "us-east-1"

static bool
refuse(const char *where, const char *why, Error *err)
{
	return error_set(err, ERROR_PERMANENT, "bad_storage",
					 "Write it as s3://BUCKET/PREFIX?endpoint=https://HOST&region=NAME.",
					 "storage \"%.200s\" %s", where, why);
}

/* Copies `length` bytes with %XX read; false: they are too many, or no text. */
static bool
decode(const char *from, size_t length, char *to, size_t size)
{
	size_t at = 0;

	for (size_t i = 0; i < length; i++)
	{
		unsigned char c = (unsigned char) from[i];

		if (c == '%' && i + 2 < length && isxdigit((unsigned char) from[i + 1]) &&
			isxdigit((unsigned char) from[i + 2]))
		{
			const char digits[3] = {from[i + 1], from[i + 2], '\0'};

			c = (unsigned char) strtoul(digits, NULL, 16);
			i += 2;
		}
		if (c < ' ' || at + 1 >= size)
			return false;
		to[at++] = (char) c;
	}
	to[at] = '\0';
	return true;
}

typedef struct Parameter
{
	const char *name;
	char *value;
	size_t size;
} Parameter;

/* name=value&...; a name that is none is refused. */
static bool
read_query(const char *where, const char *query, const Parameter *parameters,
		   size_t count, Error *err)
{
	while (*query != '\0')
	{
		size_t length = strcspn(query, "&");
		size_t name = strcspn(query, "=&");
		size_t i = 0;

		while (i < count && (strncmp(parameters[i].name, query, name) != 0 ||
							 parameters[i].name[name] != '\0'))
			i++;
		if (i == count)
			return refuse(where,
						  "has a parameter that is none of endpoint, region, path_style",
						  err);
		if (name == length || !decode(query + name + 1, length - name - 1,
									  parameters[i].value, parameters[i].size))
			return refuse(where, "has a parameter whose value cannot be", err);
		query += length;
		query += *query == '&';
	}
	return true;
}

static bool
read_prefix(StorageS3 *s3, const char *where, const char *prefix, size_t length,
			Error *err)
{
	while (length > 0 && prefix[length - 1] == '/')
		length--;
	if (length == 0)
		return true;
	if (!decode(prefix, length, s3->prefix, sizeof s3->prefix - 1) ||
		!path_is_inside(s3->prefix))
		return refuse(where, "has a prefix that is no path", err);
	memcpy(s3->prefix + strlen(s3->prefix), "/", sizeof "/");
	return true;
}

bool
storage_s3_read(StorageS3 *s3, const char *where, Error *err)
{
	char style[8] = "";
	const Parameter parameters[] = {
		{"endpoint",   s3->endpoint, sizeof s3->endpoint},
		{"region",     s3->region,   sizeof s3->region  },
		{"path_style", style,        sizeof style       },
	};
	const char *bucket = where + strlen("s3://");
	size_t length = strcspn(bucket, "/?");
	const char *prefix = bucket + length + (bucket[length] == '/');
	size_t prefix_length = strcspn(prefix, "?");
	const char *query = prefix + prefix_length + (prefix[prefix_length] == '?');

	if (!storage_is_s3(where) || !decode(bucket, length, s3->bucket, sizeof s3->bucket) ||
		s3->bucket[0] == '\0')
		return refuse(where, "names no bucket", err);
	if (!read_prefix(s3, where, prefix, prefix_length, err) ||
		!read_query(where, query, parameters, sizeof parameters / sizeof parameters[0],
					err))
		return false;
	if (style[0] != '\0' && strcmp(style, "true") != 0 && strcmp(style, "false") != 0)
		return refuse(where, "has a path_style that is neither true nor false", err);
	s3->path_style =
		style[0] != '\0' ? strcmp(style, "true") == 0 : s3->endpoint[0] != '\0';
	if (s3->region[0] == '\0')
		(void) snprintf(s3->region, sizeof s3->region, "%s", USUAL_REGION);
	if (s3->endpoint[0] == '\0')
		(void) snprintf(s3->endpoint, sizeof s3->endpoint, "https://s3.%s.amazonaws.com",
						s3->region);
	(void) snprintf(s3->place, sizeof s3->place, "s3://%s/%s", s3->bucket, s3->prefix);
	return true;
}
