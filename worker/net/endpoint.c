/*
 * net/endpoint.c
 *	  Where a platform is asked.
 */
#include "net/endpoint.h"

#include "base/json.h"

const char *
endpoint_of(const cJSON *endpoints, const char *name, const char *standard)
{
	const cJSON *url = cJSON_GetObjectItemCaseSensitive(endpoints, name);

	return cJSON_IsString(url) && url->valuestring[0] != '\0' ? url->valuestring
															  : standard;
}

bool
endpoint_is_set(const cJSON *endpoints)
{
	return cJSON_IsObject(endpoints) && endpoints->child != NULL;
}
