/*
 * net/provider_keys.c
 *	  Reading and handing on the keys of providers.
 */
#include "net/provider_keys.h"

#include "base/json.h"
#include "base/key_file.h"

bool
provider_keys_read(const Options *options, cJSON **keys, Error *err)
{
	*keys = NULL;
	return option_text(options, OPTION_PROVIDER_KEYS)[0] == '\0' ||
		   key_file_read(option_text(options, OPTION_PROVIDER_KEYS), "--provider-keys",
						 keys, err);
}

cJSON *
provider_keys_of(const cJSON *keys, const cJSON *input)
{
	const cJSON *provider;
	cJSON *some = cJSON_CreateObject();

	cJSON_ArrayForEach(provider, json_at(input, "providers"))
	{
		const char *name = json_text(provider, "name", "");
		const cJSON *key = cJSON_GetObjectItemCaseSensitive(keys, name);

		if (key != NULL)
			json_put(some, name, cJSON_Duplicate(key, true));
	}
	if (some->child != NULL)
		return some;
	cJSON_Delete(some);
	return NULL;
}
