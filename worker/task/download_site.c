/*
 * task/download_site.c
 *	  What comes from a site that shows recordings, by the program yt-dlp.
 *
 * The program writes into the work folder, and what is there at its end is taken: nothing it
 * says names a file. That folder ends with the attempt, so another attempt begins anew.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/path.h"
#include "source/site_program.h"
#include "storage/copy.h"
#include "task/download.h"

#define FETCHED "fetching"
#define NAME    "recording"

static const struct
{
	const char *quality;
	const char *height; /* of yt-dlp's formats */
} qualities[] = {
	{"best",  ""			   },
	{"1080p", "[height<=?1080]"},
	{"720p",  "[height<=?720]" },
	{"480p",  "[height<=?480]" },
};

/* H is the height. Without ffmpeg only what is one file already can be had. */
static const struct
{
	const char *format;
	const char *merged;
	const char *single;
	const char *convert; /* to this kind of sound; NULL = not */
} formats[] = {
	{"mp4",
	 "bestvideo[ext=mp4]H+bestaudio[ext=m4a]/best[ext=mp4]H/bestvideoH+bestaudio/bestH", "best[ext=mp4]H/bestH", NULL },
	{"any",   "bestvideoH+bestaudio/bestH",											  "bestH",                NULL },
	{"audio", "bestaudio/best",														  "bestaudio/best",       NULL },
	{"mp3",   "bestaudio/best",														  "bestaudio/best",       "mp3"},
};

static bool
has_ffmpeg(void)
{
	return access("/usr/bin/ffmpeg", X_OK) == 0 ||
		   access("/usr/local/bin/ffmpeg", X_OK) == 0;
}

/* The formats to ask for, and whether to convert what comes. */
static bool
choose(const cJSON *source, Buffer *wanted, const char **convert, Error *err)
{
	const char *quality = json_text(source, "quality", "best");
	const char *format = json_text(source, "format", "mp4");
	const char *height = NULL;

	for (size_t i = 0; i < sizeof qualities / sizeof qualities[0]; i++)
		if (strcmp(qualities[i].quality, quality) == 0)
			height = qualities[i].height;
	if (height == NULL)
		return error_set(err, ERROR_INPUT, "bad_source",
						 "It is best, 1080p, 720p or 480p.",
						 "the quality cannot be \"%.20s\"", quality);
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
	{
		const char *text = has_ffmpeg() ? formats[i].merged : formats[i].single;

		if (strcmp(formats[i].format, format) != 0)
			continue;
		for (; *text != '\0'; text++)
			if (*text == 'H')
				buffer_puts(wanted, height);
			else
				buffer_append(wanted, text, 1);
		*convert = has_ffmpeg() ? formats[i].convert : NULL;
		return true;
	}
	return error_set(err, ERROR_INPUT, "bad_source", "It is mp4, mp3, audio or any.",
					 "the format cannot be \"%.20s\"", format);
}

static bool
is_part(const char *name)
{
	size_t length = strlen(name);

	return (length > 5 && strcmp(name + length - 5, ".part") == 0) ||
		   (length > 5 && strcmp(name + length - 5, ".ytdl") == 0);
}

/* The largest complete file that it made; no link is followed. */
static bool
find(const char *folder, int *fd, char name[256], int64_t *bytes, Error *err)
{
	DIR *entries = opendir(folder);
	const struct dirent *entry;

	*bytes = -1;
	while (entries != NULL && (entry = readdir(entries)) != NULL)
	{
		struct stat file;
		int opened;

		if (strncmp(entry->d_name, NAME ".", strlen(NAME ".")) != 0 ||
			is_part(entry->d_name))
			continue;
		opened = openat(dirfd(entries), entry->d_name,
						O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (opened < 0 || fstat(opened, &file) < 0 || !S_ISREG(file.st_mode) ||
			file.st_size <= *bytes)
		{
			cleanup_close(&opened);
			continue;
		}
		cleanup_close(fd);
		*fd = opened;
		*bytes = file.st_size;
		snprintf(name, 256, "%s", entry->d_name);
	}
	if (entries != NULL)
		(void) closedir(entries);
	return *bytes >= 0 || error_set(err, ERROR_INPUT, "empty",
									"Look in a browser whether it can be played.",
									"the site gave no file");
}

static bool
fetch(const Download *download, const cJSON *source, const char *url, const char *folder,
	  Error *err)
{
	const TaskContext *context = download->context;
	CLEANUP(buffer) Buffer wanted;
	CLEANUP(buffer) Buffer output;
	const char *convert = NULL;
	const char *options[] = {"--no-playlist",
							 "--playlist-items",
							 "1",
							 "--no-mtime",
							 "--output",
							 (NAME ".%(ext)s"),
							 "--format",
							 NULL,
							 "--no-simulate",
							 NULL,
							 "--audio-format",
							 NULL,
							 "--audio-quality",
							 "192K",
							 NULL};
	SiteRun run = {
		.program = context->site_program,
		.folder = folder,
		.options = options,
		.url = url,
		.allow_private_addresses = context->allow_private_addresses,
		.reporter = context->reporter,
		.to = COPIED_AT / 2,
		.step = FETCHED,
	};

	buffer_init(&wanted);
	buffer_init(&output);
	if (!choose(source, &wanted, &convert, err) ||
		!download_most(context, &run.most_bytes, err))
		return false;
	options[7] = wanted.data;
	if (convert != NULL)
	{
		options[9] = "--extract-audio";
		options[11] = convert;
	}
	return site_run(&run, &output, err);
}

static bool
tell_copied(void *arg, int64_t done)
{
	const Download *download = arg;
	double share = (double) done / (double) download->bytes;

	return task_progress(download->context, (1 + share) * COPIED_AT / 2, "copying", NULL);
}

bool
download_site(Download *download, const cJSON *source, Error *err)
{
	CLEANUP(close) int from = -1;
	char folder[PATH_SIZE];
	char name[256];
	const char *url;

	snprintf(folder, sizeof folder, "%s/site", download->context->work);
	if (!json_need_text(source, "url", "the source", &url, err) ||
		!fetch(download, source, url, folder, err) ||
		!find(folder, &from, name, &download->bytes, err) ||
		!download_room(download->context, name, download->bytes, err) ||
		!artifact_create(download->context, "source", download_extension(name),
						 download->source, err) ||
		!examination_begin(&download->examination, download->context, download->source,
						   COPIED_AT, err))
		return false;
	return copy_file(from, download->source->fd, download->bytes, tell_copied, download,
					 err);
}
