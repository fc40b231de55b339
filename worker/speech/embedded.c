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
#define CUTS_NUMBER  "5"
#define CUTS_FD      5

/* A nameless file with this in it, to be read from its beginning. */
static bool
open_text(const char *name, const Buffer *text, int *fd, Error *err)
{
	*fd = memfd_create(name, MFD_CLOEXEC);
	if (*fd < 0 || write(*fd, text->data, text->length) != (ssize_t) text->length ||
		lseek(*fd, 0, SEEK_SET) != 0)
		return error_errno(err, "speech_input", "cannot pass the %s on", name);
	return true;
}

/* A term a line, whatever it holds; *fd is -1 without terms. */
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
	return lines.length == 0 || open_text("vocabulary", &lines, fd, err);
}

static bool
open_cuts(const CutSpan *cuts, size_t count, int *fd, Error *err)
{
	CLEANUP(buffer) Buffer list;

	buffer_init(&list);
	for (size_t i = 0; i < count; i++)
		buffer_printf(&list, "%s{\"start\":%.4f,\"end\":%.4f,\"at\":%.4f}",
					  i == 0 ? "[" : ",", cuts[i].start, cuts[i].end, cuts[i].at);
	buffer_puts(&list, "]");
	return open_text("cut list", &list, fd, err);
}

bool
speech_embedded(const SpeechRequest *request, cJSON **transcript, Error *err)
{
	CLEANUP(close) int words = -1;
	CLEANUP(close) int cuts = -1;
	char threads[16];
	const char *argv[16] = {"transcribe", "--audio", AUDIO_NUMBER, "--cuts", CUTS_NUMBER,
							"--language", "en",      "--threads",  threads};
	ProcessFd fds[3] = {
		{request->audio_fd, AUDIO_FD}
    };
	size_t fd_count = 2;

	if (!open_cuts(request->cuts, request->cut_count, &cuts, err) ||
		!open_vocabulary(request->vocabulary, &words, err))
		return false;
	fds[1] = (ProcessFd){cuts, CUTS_FD};
	if (words >= 0)
	{
		argv[9] = "--words";
		argv[10] = WORDS_NUMBER;
		fds[fd_count++] = (ProcessFd){words, WORDS_FD};
	}
	snprintf(threads, sizeof threads, "%d", request->threads);
	return process_media(request->media_program, argv, fds, fd_count, request->reporter,
						 request->from, request->to, "transcribing", transcript, err);
}
