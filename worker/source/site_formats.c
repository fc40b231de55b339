/*
 * source/site_formats.c
 *	  In which formats a site has a video: what people choose a quality by.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "source/name.h"
#include "source/site.h"
#include "source/site_program.h"

#define TRAFFIC_MOST ((int64_t) 64 << 20)
#define FORMATS_MOST 300

static void
add_text(cJSON *object, const char *key, const char *value)
{
	char tidy[NAME_SIZE];

	name_tidy(value, tidy);
	if (value[0] != '\0' && strcmp(value, "none") != 0)
		cJSON_AddStringToObject(object, key, tidy);
}

static void
add_number(cJSON *object, const char *key, double value)
{
	if (value > 0 && value < 1e9)
		cJSON_AddNumberToObject(object, key, value);
}

static void
add_bytes(cJSON *object, const char *key, double value)
{
	if (value > 0 && value < 1e15)
		json_add_int64(object, key, (int64_t) value);
}

static cJSON *
format_json(const cJSON *format)
{
	cJSON *json = cJSON_CreateObject();

	add_text(json, "id", json_text(format, "format_id", ""));
	add_text(json, "ext", json_text(format, "ext", ""));
	add_number(json, "width", json_number(format, "width", 0));
	add_number(json, "height", json_number(format, "height", 0));
	add_number(json, "fps", json_number(format, "fps", 0));
	add_text(json, "video", json_text(format, "vcodec", ""));
	add_text(json, "audio", json_text(format, "acodec", ""));
	add_bytes(json, "bytes", json_number(format, "filesize", 0));
	add_bytes(json, "about_bytes", json_number(format, "filesize_approx", 0));
	return json;
}

static cJSON *
read_video(const cJSON *video)
{
	cJSON *json = cJSON_CreateObject();
	cJSON *formats;
	const cJSON *format;

	add_text(json, "title", json_text(video, "title", ""));
	add_text(json, "site", json_text(video, "extractor_key", ""));
	add_number(json, "duration", json_number(video, "duration", 0));
	formats = cJSON_AddArrayToObject(json, "formats");
	cJSON_ArrayForEach(format, json_at(video, "formats"))
	{
		if (cJSON_GetArraySize(formats) < FORMATS_MOST)
			cJSON_AddItemToArray(formats, format_json(format));
	}
	return json;
}

bool
site_formats(const SourceQuery *query, cJSON **formats, Error *err)
{
	static const char *const options[] = {"--no-playlist", "--playlist-items", "1",
										  "--dump-json", NULL};
	CLEANUP(buffer) Buffer output;
	CLEANUP(json) cJSON *video = NULL;
	SiteRun run = {
		.program = query->site_program,
		.folder = query->work,
		.options = options,
		.allow_private_addresses = query->allow_private_addresses,
		.most_bytes = TRAFFIC_MOST,
		.reporter = query->reporter,
		.to = 1,
		.step = "asking the site",
	};

	buffer_init(&output);
	if (!json_need_text(query->config, "url", "the source", &run.url, err) ||
		!site_run(&run, &output, err) ||
		!json_parse(output.length > 0 ? output.data : "", output.length,
					"what yt-dlp says", &video, err))
		return false;
	*formats = read_video(video);
	return true;
}
