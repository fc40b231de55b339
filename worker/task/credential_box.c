/*
 * task/credential_box.c
 *	  The sealed boxes of credentials, in a worker.
 */
#include "task/credential_box.h"

#include "base/cleanup.h"
#include "base/json.h"

/* Opens what "key_id" and "sealed" of an object hold, and takes them out of it. *data stays
 * NULL where there is no box. */
static bool
take_box(SealedKeys *keys, cJSON *object, cJSON **data, Error *err)
{
	const char *key_id = json_text(object, "key_id", "");
	const char *box = json_text(object, "sealed", "");
	bool ok;

	*data = NULL;
	if (box[0] == '\0')
		return true;
	ok = sealed_open(keys, key_id, box, data, err);
	cJSON_DeleteItemFromObjectCaseSensitive(object, "sealed");
	cJSON_DeleteItemFromObjectCaseSensitive(object, "key_id");
	return ok;
}

/* Puts what is in the boxes of an input in their place. */
static bool
open_boxes(SealedKeys *keys, cJSON *input, Error *err)
{
	CLEANUP(json)
	cJSON *boxes = cJSON_DetachItemFromObjectCaseSensitive(input, "boxes");
	cJSON *box;

	cJSON_ArrayForEach(box, boxes)
	{
		CLEANUP(secret) cJSON *data = NULL;

		if (!take_box(keys, box, &data, err))
			return false;
		while (data != NULL && data->child != NULL)
		{
			cJSON *member = cJSON_DetachItemViaPointer(data, data->child);

			json_put(input, member->string, member);
		}
	}
	return true;
}

bool
credential_box_open(SealedKeys *keys, cJSON *input, cJSON **opened, Error *err)
{
	cJSON *credential = cJSON_GetObjectItemCaseSensitive(input, "credential");
	cJSON *data;

	*opened = NULL;
	if (!open_boxes(keys, input, err) || !take_box(keys, credential, &data, err))
		return false;
	if (data == NULL)
		return true;
	*opened = cJSON_Duplicate(credential, true);
	json_put(*opened, "data", data);
	return true;
}

bool
credential_box_answer(SealedKeys *keys, cJSON *answer, cJSON **seal_to, Error *err)
{
	const cJSON *public_key = json_at(answer, "public_key");
	cJSON *data;

	if (public_key != NULL)
	{
		cJSON_Delete(*seal_to);
		*seal_to = cJSON_CreateObject();
		json_put(*seal_to, "public_key", cJSON_Duplicate(public_key, false));
		json_put(*seal_to, "key_id", cJSON_CreateString(json_text(answer, "key_id", "")));
		cJSON_DeleteItemFromObjectCaseSensitive(answer, "public_key");
		cJSON_DeleteItemFromObjectCaseSensitive(answer, "key_id");
	}
	if (!take_box(keys, answer, &data, err))
		return false;
	if (data != NULL)
		json_put(answer, "data", data);
	return true;
}
