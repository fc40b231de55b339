/*
 * speech/engine_model.c
 *	  Is the model there, and is it the operator's?
 */
#include "speech/engine_model.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
check_entry(const char *folder, const char *name, Error *err)
{
	char path[PATH_MAX];
	struct stat facts;

	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int) sizeof path ||
		stat(path, &facts) != 0)
		return error_set(err, ERROR_PERMANENT, "speech_model_missing",
						 "Install the Debian package pocketsphinx-en-us, or give the "
						 "provider the folder of a model.",
						 "the speech model %s has no %s", folder,
						 *name != '\0' ? name : "folder");
	if ((facts.st_uid == 0 || facts.st_uid == geteuid()) &&
		(facts.st_mode & (S_IWGRP | S_IWOTH)) == 0)
		return true;
	return error_set(err, ERROR_PERMANENT, "speech_model_unsafe",
					 "Let it belong to root, and let nobody else write there.",
					 "others can change the speech model %s", path);
}

bool
engine_model_check(const char *folder, Error *err)
{
	static const char *const parts[] = {"", ENGINE_MODEL_SOUNDS, ENGINE_MODEL_WORDS,
										ENGINE_MODEL_NAMES};

	if (*folder != '/')
		return error_set(err, ERROR_PERMANENT, "speech_model_missing",
						 "Give the absolute path of its folder.",
						 "the speech model \"%s\" is no absolute path", folder);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (!check_entry(folder, parts[i], err))
			return false;
	return true;
}
