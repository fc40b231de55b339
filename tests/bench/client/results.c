/*
 * bench/client/results.c
 *	  The results of the six tasks of a recording, with files of their own each.
 */
#include "results.h"

#include <stdlib.h>
#include <string.h>

typedef struct File
{
	const char *kind;
	const char *extension;
	const char *media_type;
	const char *metadata;
} File;

typedef struct Result
{
	const char *kind;
	File files[6];
	const char *rest; /* the other members of the result, each with a comma before it */
} Result;

static const Result results[] = {
	{"download",
	 {{"source", "mp4", "video/mp4", "{\"container\":\"mp4\",\"duration\":3591.0}"},
	  {"analysis", "json", "application/json", "{}"},
	  {"envelope", "env", "application/octet-stream", "{}"},
	  {"audio", "wav", "audio/wav", "{\"duration\":3591.0}"},
	  {"poster", "jpg", "image/jpeg", "{\"width\":1280,\"height\":720}"}},
	 ",\"facts\":{\"duration\":3591.0,\"has_video\":true,\"has_audio\":true,"
	 "\"speech\":\"speech\",\"verdict\":\"ok\"}"              },
	{"trim",
	 {{"video", "mp4", "video/mp4",
	   "{\"container\":\"mp4\",\"duration\":3458.2,\"start\":42.3,\"end\":3500.5}"}},
	 ",\"facts\":{\"final_duration\":3458.2}"                 },
	{"transcribe",
	 {{"transcript", "json", "application/json",
	   "{\"words\":7210,\"segments\":611,\"language\":\"en\",\"provider\":"
	   "\"pocketsphinx\","
	   "\"mean_confidence\":0.81}"},
	  {"text", "txt", "text/plain", "{}"}},
	 ",\"facts\":{\"language\":\"en\",\"quality\":{\"verdict\":\"ok\","
	 "\"mean_confidence\":0.81,\"reasons\":[]}}"              },
	{"topics",
	 {{"topics", "json", "application/json", "{\"count\":3,\"provider\":\"embedded\"}"},
	  {"chapters", "vtt", "text/vtt", "{}"}},
	 ",\"facts\":{\"topic_timestamps\":[{\"title\":\"Page table, memory\",\"start\":0.0,"
	 "\"end\":961.2},{\"title\":\"Cache, line\",\"start\":961.2,\"end\":2210.0},"
	 "{\"title\":\"Disk, journal\",\"start\":2210.0,\"end\":3458.2}],"
	 "\"main_topics\":[\"page table\",\"cache\",\"journal\"]}"},
	{"subtitles",
	 {{"srt", "srt", "application/x-subrip", "{\"cues\":940}"},
	  {"vtt", "vtt", "text/vtt", "{\"cues\":940}"}},
	 ",\"facts\":{}"										  },
	{"upload",
	 {{NULL}},
	 ",\"facts\":{},\"target\":{\"remote_id\":\"lecture\",\"url\":\"lecture/index.html\","
	 "\"meta\":{\"pages\":1}}"								},
};

static const Result *
find(const char *kind)
{
	for (size_t i = 0; i < sizeof results / sizeof *results; i++)
		if (strcmp(results[i].kind, kind) == 0)
			return &results[i];
	return NULL;
}

static void
append_file(Buffer *out, const File *file, unsigned long long number)
{
	buffer_printf(out,
				  "{\"kind\":\"%s\",\"uri\":\"users/000001/%016llx/%s-%016llx.%s\","
				  "\"bytes\":\"1000\",\"sha256\":\"%064llx\",\"media_type\":\"%s\","
				  "\"metadata\":%s}",
				  file->kind, number, file->kind, number, file->extension, number,
				  file->media_type, file->metadata);
}

void
results_append(Buffer *out, const char *kind, const char *task)
{
	const Result *result = find(kind);
	unsigned long long number = strtoull(task, NULL, 10);

	if (result == NULL)
	{
		buffer_puts(out, "{}");
		return;
	}
	buffer_puts(out, "{\"artifacts\":[");
	for (const File *file = result->files; file->kind != NULL; file++)
	{
		if (file != result->files)
			buffer_puts(out, ",");
		append_file(out, file, number);
	}
	buffer_printf(out, "]%s}", result->rest);
}
