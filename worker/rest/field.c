/*
 * rest/field.c
 *	  Fields of an answer that SQL asked for, checked before they are sent.
 */
#include "rest/field.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* What says where an answer ends. */
static const char *const reserved[] = {"Connection", "Content-Length",    "Keep-Alive",
									   "Trailer",    "Transfer-Encoding", "Upgrade"};

bool
field_allowed(const char *name, const char *value)
{
	for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
	{
		if (strcasecmp(name, reserved[i]) == 0)
			return false;
	}
	if (*name == '\0')
		return false;
	for (const char *c = name; *c != '\0'; c++)
	{
		if (!isalnum((unsigned char) *c) && strchr("!#$%&'*+-.^_`|~", *c) == NULL)
			return false;
	}
	for (const char *c = value; *c != '\0'; c++)
	{
		if (((unsigned char) *c < 0x20 && *c != '\t') || *c == 0x7f)
			return false;
	}
	return true;
}
