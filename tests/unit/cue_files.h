/*
 * tests/unit/cue_files.h
 *	  Writes subtitle files and what must be read from them, for other people's parsers.
 */
#ifndef LEAP_TESTS_CUE_FILES_H
#define LEAP_TESTS_CUE_FILES_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "base/buffer.h"
#include "speech/cues.h"
#include "speech/srt.h"
#include "speech/vtt.h"
#include "tap.h"

static void
write_file(const char *folder, const char *name, const Buffer *bytes)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	file = fopen(path, "wb");
	if (file == NULL || fwrite(bytes->data, 1, bytes->length, file) != bytes->length)
		ok(false, "cannot write %s", path);
	if (file != NULL)
		fclose(file);
}

static void
write_files(const char *folder, const char *kind, uint32_t number, const Cue *cues,
			size_t count)
{
	static const struct
	{
		const char *suffix;
		void (*write)(const Cue *cues, size_t count, Buffer *out);
	} formats[] = {
		{"srt", srt_write},
        {"vtt", vtt_write}
    };
	cJSON *wanted = cJSON_CreateArray();
	char name[64];
	char *text;
	Buffer out;

	buffer_init(&out);
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
	{
		buffer_clear(&out);
		formats[i].write(cues, count, &out);
		snprintf(name, sizeof name, "%s-%u.%s", kind, number, formats[i].suffix);
		write_file(folder, name, &out);
	}
	for (size_t i = 0; i < count; i++)
	{
		cJSON *cue = cJSON_CreateArray();

		cJSON_AddItemToArray(cue, cJSON_CreateNumber(round(cues[i].start * 1000)));
		cJSON_AddItemToArray(cue, cJSON_CreateNumber(round(cues[i].end * 1000)));
		for (size_t line = 0; line < 2 && cues[i].lines[line] != NULL; line++)
			cJSON_AddItemToArray(cue, cJSON_CreateString(cues[i].lines[line]));
		cJSON_AddItemToArray(wanted, cue);
	}
	buffer_clear(&out);
	text = cJSON_PrintUnformatted(wanted);
	buffer_puts(&out, text);
	free(text);
	snprintf(name, sizeof name, "%s-%u.json", kind, number);
	write_file(folder, name, &out);
	cJSON_Delete(wanted);
	buffer_free(&out);
}

#endif
