/*
 * rest/field.c
 *	  Fields of an answer that SQL asked for, checked before they are sent.
 */
#include "rest/field.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include <cjson/cJSON.h>

#include "base/cleanup.h"

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

bool
field_read(Slice json, Buffer *fields)
{
	CLEANUP(json) cJSON *list = cJSON_ParseWithLength(json.at, json.length);
	const cJSON *item;

	if (!cJSON_IsArray(list))
		return false;
	cJSON_ArrayForEach(item, list)
	{
		const char *value =
			cJSON_IsObject(item) ? cJSON_GetStringValue(item->child) : NULL;

		if (value == NULL || item->child->next != NULL ||
			!field_allowed(item->child->string, value))
			return false;
		buffer_printf(fields, "%s: %s\r\n", item->child->string, value);
	}
	return true;
}

int
field_status(Slice text)
{
	int status = 0;

	if (text.length != 3)
		return 0;
	for (size_t i = 0; i < 3; i++)
	{
		if (!isdigit((unsigned char) text.at[i]))
			return 0;
		status = status * 10 + (text.at[i] - '0');
	}
	return status >= 200 && status <= 599 ? status : 0;
}
