/*
 * storage/settings.h
 *	  Which storage an operator wants, as it travels from the options to who opens it.
 *
 * {"where": "/folder" or "s3://BUCKET/PREFIX?endpoint=...", "from": another, "spool":
 * "/folder", "spool_bytes": "...", "keys": {"access_key_id", "secret_access_key",
 * "session_token"}}. Keys are secrets: such settings go over the control socket and nowhere
 * else. A plain text is a folder and all there is to say.
 */
#ifndef LEAP_STORAGE_SETTINGS_H
#define LEAP_STORAGE_SETTINGS_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/option.h"

/* Reads the options; the caller forgets *settings as a secret. Errors: usage, those of
 * base/key_file.h. */
bool storage_settings_read(const Options *options, cJSON **settings, Error *err);

/* Where it is, in words of the operator. */
const char *storage_settings_where(const cJSON *settings);

/* The folder of this machine that it works in: the storage itself, or the spool. */
const char *storage_settings_folder(const cJSON *settings);

/* The option whose folder overlaps with this one (path_overlaps), or NULL: what others put
 * there would lie among the files of recordings. */
const char *storage_settings_overlap(const cJSON *settings, const char *folder);

/* Is each folder apart from the others, and from the library (NULL = there is none)? Error:
 * folders_overlap. */
bool storage_settings_apart(const cJSON *settings, const char *library, Error *err);

/* Is it in S3? */
bool storage_is_s3(const char *where);

#endif
