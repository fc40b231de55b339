/*
 * speech/embedded.c
 *	  The offline provider: PocketSphinx inside leap-media, run as a process of its own.
 */
#include "speech/speech.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/process.h"

/* Numbers of the descriptors in leap-media. */
#define AUDIO_NUMBER "3"
#define AUDIO_FD     3
#define WORDS_NUMBER "4"
#define WORDS_FD     4

/* A nameless file with a term a line; -1 without terms. A term is one line, whatever it
 * holds. */
static bool
open_vocabulary(const cJSON *vocabulary, int *fd, Error *err)
{
	CLEANUP(buffer) Buffer lines;
	const cJSON *term = NULL;

	*fd = -1;
	buffer_init(&lines);
	cJSON_ArrayForEach(term, vocabulary)
	{
		const char *text = cJSON_GetStringValue(term);

		for (; text != NULL && *text != '\0'; text++)
			buffer_append(&lines, *text == '\n' ? " " : text, 1);
		buffer_puts(&lines, "\n");
	}
	if (lines.length == 0)
		return true;
	*fd = memfd_create("vocabulary", MFD_CLOEXEC);
	if (*fd < 0 || write(*fd, lines.data, lines.length) != (ssize_t) lines.length ||
		lseek(*fd, 0, SEEK_SET) != 0)
		return error_errno(err, "vocabulary", "cannot pass the vocabulary on");
	return true;
}

bool
speech_embedded(const SpeechRequest *request, cJSON **transcript, Error *err)
{
	CLEANUP(close) int words = -1;
	char start[32];
	char end[32];
	char threads[16];
	const char *argv[16] = {"transcribe", "--audio",   AUDIO_NUMBER, "--start",
							start,        "--end",     end,          "--language",
							"en",         "--threads", threads};
	ProcessFd fds[2] = {
		{request->audio_fd, AUDIO_FD}
    };
	size_t fd_count = 1;

	if (!open_vocabulary(request->vocabulary, &words, err))
		return false;
	if (words >= 0)
	{
		argv[11] = "--words";
		argv[12] = WORDS_NUMBER;
		fds[fd_count++] = (ProcessFd){words, WORDS_FD};
	}
	snprintf(start, sizeof start, "%.3f", request->start);
	snprintf(end, sizeof end, "%.3f", request->end);
	snprintf(threads, sizeof threads, "%d", request->threads);
	return process_media(request->media_program, argv, fds, fd_count, request->reporter,
						 request->from, request->to, "transcribing", transcript, err);
}
