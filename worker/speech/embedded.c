/*
 * speech/embedded.c
 *	  The offline provider: PocketSphinx inside leap-media, run as a process of its own.
 *
 * leap-media hears the spans as if nothing lay between them; here its times are put back
 * where the words were said.
 */
#include "speech/speech.h"

#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
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

/* The spans, one behind the other. */
static CutSpan *
join_spans(const Span *spans, size_t count)
{
	CutSpan *cuts = array_new(count, sizeof *cuts);
	double at = 0;

	for (size_t i = 0; i < count; i++)
	{
		cuts[i] = (CutSpan){spans[i].start, spans[i].end, at};
		at += spans[i].end - spans[i].start;
	}
	return cuts;
}

/* The span that is heard at a moment: the last that begins before it. */
static const CutSpan *
span_at(const CutSpan *cuts, size_t count, double moment)
{
	size_t low = 0;
	size_t high = count;

	while (high - low > 1)
	{
		size_t middle = low + (high - low) / 2;

		if (cuts[middle].at < moment)
			low = middle;
		else
			high = middle;
	}
	return &cuts[low];
}

static double
back(const CutSpan *cut, double moment)
{
	return fmin(fmax(cut->start + moment - cut->at, cut->start), cut->end);
}

/* Words lie in one span, the one of their middle; a segment may reach over several. */
static void
put_back(const cJSON *list, const CutSpan *cuts, size_t count, bool whole)
{
	cJSON *item;

	cJSON_ArrayForEach(item, list)
	{
		double start = json_number(item, "start", 0);
		double end = json_number(item, "end", 0);
		double middle = (start + end) / 2;
		const CutSpan *first = span_at(cuts, count, whole ? middle : start + 0.0005);
		const CutSpan *last = span_at(cuts, count, whole ? middle : end);

		json_put(item, "start", cJSON_CreateNumber(back(first, start)));
		json_put(item, "end", cJSON_CreateNumber(back(last, end)));
	}
}

/* The folder of a model, where the row names one. */
static const char *
model_of(const SpeechRequest *request)
{
	const char *model = json_text(request->provider, "model", "");

	return *model == '/' ? model : NULL;
}

/* A recogniser that dies without a word is told by the name of its model. */
static bool
name_engine(const SpeechRequest *request, Error *err)
{
	Error cause = *err;

	if (strcmp(err->code, "media_died") != 0)
		return false;
	return error_set(err, cause.class, "speech_engine_died", cause.hint,
					 "the recogniser of %s died (model %s): %s",
					 json_text(request->provider, "name", "pocketsphinx"),
					 model_of(request) != NULL ? model_of(request) : "of Debian",
					 cause.message);
}

static bool
run_engine(const SpeechRequest *request, const CutSpan *cuts, cJSON **answer, Error *err)
{
	CLEANUP(close) int words = -1;
	CLEANUP(close) int list = -1;
	char threads[16];
	const char *argv[16] = {"transcribe", "--audio", AUDIO_NUMBER, "--cuts", CUTS_NUMBER,
							"--language", "en",      "--threads",  threads};
	ProcessFd fds[3] = {
		{request->audio_fd, AUDIO_FD}
    };
	size_t fd_count = 2;
	size_t count = 9;

	if (!open_cuts(cuts, request->span_count, &list, err) ||
		!open_vocabulary(request->vocabulary, &words, err))
		return false;
	fds[1] = (ProcessFd){list, CUTS_FD};
	if (model_of(request) != NULL)
	{
		argv[count++] = "--model";
		argv[count++] = model_of(request);
	}
	if (words >= 0)
	{
		argv[count++] = "--words";
		argv[count++] = WORDS_NUMBER;
		fds[fd_count++] = (ProcessFd){words, WORDS_FD};
	}
	snprintf(threads, sizeof threads, "%d", request->threads);
	return process_media(request->media_program, argv, fds, fd_count, request->reporter,
						 request->from, request->to, "transcribing", answer, err) ||
		   name_engine(request, err);
}

bool
speech_embedded(const SpeechRequest *request, cJSON **heard, Error *err)
{
	CLEANUP(free) CutSpan *cuts = join_spans(request->spans, request->span_count);
	const CutSpan *last = &cuts[request->span_count - 1];

	if (!run_engine(request, cuts, heard, err))
		return false;
	put_back(json_at(*heard, "words"), cuts, request->span_count, true);
	put_back(json_at(*heard, "segments"), cuts, request->span_count, false);
	/* nobody sends a bill: what counts is what was done, not what was begun */
	speech_use(request, "requests", 1);
	speech_use(request, "audio_seconds", last->at + last->end - last->start);
	return true;
}
