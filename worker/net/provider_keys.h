/*
 * net/provider_keys.h
 *	  The keys of providers of speech and outlines: from a file of the operator to the children
 *	  that ask those providers.
 *
 * They are never in the database, in an argument or in a log. The file is read once, when the
 * program starts; a child gets the keys of the providers its input names, over the control
 * socket, and no others.
 */
#ifndef LEAP_NET_PROVIDER_KEYS_H
#define LEAP_NET_PROVIDER_KEYS_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/option.h"

/*
 * Reads the file of --provider-keys: a line a provider, "name = key"; empty lines and such
 * that begin with # count for nothing. *keys is {"name": "key"}, NULL without the option. A
 * file that others can read, or a line that is none, is permanent, code usage; the message
 * holds no part of the line. The caller deletes *keys.
 */
bool provider_keys_read(const Options *options, cJSON **keys, Error *err);

/* Those of the providers in a task's input ("providers": [{"name"}...]); NULL when there are
 * none. The caller deletes it. */
cJSON *provider_keys_of(const cJSON *keys, const cJSON *input);

#endif
