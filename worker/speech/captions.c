/*
 * speech/captions.c
 *	  The provider that asks nobody: captions that came with the recording.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/utf8.h"
#include "speech/captions_read.h"
#include "speech/speech.h"

#define ENGLISH_SHARE 0.08 /* of the words of an English text, at least */

typedef struct Letters
{
	size_t cyrillic;
	size_t latin;
} Letters;

static Letters
count_letters(const Transcript *transcript)
{
	Letters letters = {0, 0};

	for (size_t i = 0; i < transcript->word_count; i++)
		for (const char *at = transcript->words[i].text; *at != '\0';)
		{
			uint32_t code = utf8_lower(utf8_next(&at));

			letters.cyrillic += code >= 0x430 && code <= 0x45F;
			letters.latin += code >= 'a' && code <= 'z';
		}
	return letters;
}

static bool
is_english(const Transcript *transcript)
{
	static const char *const usual[] = {"the", "of", "and", "to", "is", "in", "that"};
	size_t found = 0;

	for (size_t i = 0; i < transcript->word_count; i++)
		for (size_t k = 0; k < sizeof usual / sizeof usual[0]; k++)
			found += strcasecmp(transcript->words[i].text, usual[k]) == 0;
	return transcript->word_count > 0 &&
		   (double) found >= ENGLISH_SHARE * (double) transcript->word_count;
}

/* Nobody said: the letters do, as far as they can. */
static const char *
guess_language(const Transcript *transcript)
{
	Letters letters = count_letters(transcript);

	if (letters.cyrillic > letters.latin)
		return "ru";
	return is_english(transcript) ? "en" : "und";
}

static bool
same_language(const char *one, const char *other)
{
	size_t length = strcspn(one, "-_");

	return length == strcspn(other, "-_") && strncasecmp(one, other, length) == 0;
}

/* Reads one entry; its language is what it is said to be, else that of its header, else a
 * guess. */
static bool
read_entry(const cJSON *entry, Transcript *transcript, Error *err)
{
	const char *body = json_text(entry, "body", "");
	const char *language = json_text(entry, "language", "");

	if (!captions_read(body, strlen(body), transcript, err))
		return false;
	if (*language == '\0' && *transcript->language == '\0')
		language = guess_language(transcript);
	if (*language != '\0')
		(void) snprintf(transcript->language, sizeof transcript->language, "%s",
						language);
	return true;
}

/* The wanted language may be of letters that cannot be guessed ("und"). */
static bool
is_wanted(const char *wanted, const Transcript *transcript)
{
	return wanted == NULL || same_language(wanted, transcript->language);
}

bool
speech_captions(const SpeechRequest *request, cJSON **heard, Error *err)
{
	const cJSON *entry;

	(void) error_set(err, ERROR_INPUT, "no_captions",
					 "Let a speech recogniser follow in the list of providers.",
					 "no captions in the language of the lecture came with it");
	cJSON_ArrayForEach(entry, request->captions)
	{
		CLEANUP(transcript) Transcript transcript = {.words = NULL};

		if (!read_entry(entry, &transcript, err))
			continue;
		if (is_wanted(request->language, &transcript))
		{
			*heard = transcript_to_json(&transcript);
			return true;
		}
	}
	return false;
}
