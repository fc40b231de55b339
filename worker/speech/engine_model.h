/*
 * speech/engine_model.h
 *	  The files a recogniser is made of, looked at before anything is given up.
 */
#ifndef LEAP_SPEECH_ENGINE_MODEL_H
#define LEAP_SPEECH_ENGINE_MODEL_H

#include <stdbool.h>

#include "base/error.h"

/* The model of Debian's package pocketsphinx-en-us. */
#ifndef ENGINE_MODEL_FOLDER
#define ENGINE_MODEL_FOLDER "/usr/share/pocketsphinx/model/en-us"
#endif

/* What a folder of a model holds. */
#define ENGINE_MODEL_SOUNDS "en-us"
#define ENGINE_MODEL_WORDS  "en-us.lm.bin"
#define ENGINE_MODEL_NAMES  "cmudict-en-us.dict"

/*
 * The folder, an absolute path, has all that a model consists of, and nobody can change it but
 * root and this user: the library that reads it trusts it. Errors, all permanent, name it:
 * speech_model_missing, speech_model_unsafe.
 */
bool engine_model_check(const char *folder, Error *err);

#endif
