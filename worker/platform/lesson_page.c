/*
 * platform/lesson_page.c
 *	  The page of a lesson: page/lesson.html filled with what is known of it.
 *
 * Everything that a reader needs is in the page itself; the script only connects it with
 * the video. Titles, topics and transcripts are hostile text and pass html_text.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/timecode.h"
#include "platform/html.h"
#include "platform/lesson.h"
#include "platform/page_files.h"

/* A paragraph of the transcript ends at a pause, a chapter, or when it is this long. */
#define PARAGRAPH_PAUSE 1.5
#define PARAGRAPH_BYTES 600

/* Who gives words that nobody had to recognise. */
#define CAPTIONS "captions"

/* Never before the moment it leads to: there another chapter is shown. */
static void
put_anchor(Buffer *out, const char *class, double at)
{
	double shown = ceil(fmax(at * 100 - 1e-6, 0)) / 100;

	buffer_printf(out, "<a%s href=\"#t=%.10g\" data-at=\"%.2f\">", class, shown, shown);
}

static void
write_language(Buffer *out, const void *subject)
{
	const Lesson *lesson = subject;

	html_text(out, lesson->language[0] != '\0' ? lesson->language : "und");
}

static void
write_title(Buffer *out, const void *subject)
{
	const Lesson *lesson = subject;

	html_text(out, lesson->title);
}

/* A paragraph where an empty line parts them, lines as they are. */
static void
write_description(Buffer *out, const void *subject)
{
	const Lesson *lesson = subject;
	const char *at = lesson->description;

	if (at[0] == '\0')
		return;
	buffer_puts(out, "<section class=\"description\">\n");
	while (at[0] != '\0')
	{
		const char *end = strstr(at, "\n\n");
		size_t length = end != NULL ? (size_t) (end - at) : strlen(at);
		CLEANUP(free) char *paragraph = array_new(length + 1, 1);

		memcpy(paragraph, at, length);
		buffer_puts(out, "<p dir=\"auto\">");
		html_text(out, paragraph);
		buffer_puts(out, "</p>\n");
		at += length;
		at += strspn(at, "\n");
	}
	buffer_puts(out, "</section>\n");
}

static void
write_facts(Buffer *out, const void *subject)
{
	const Lesson *lesson = subject;

	buffer_printf(out, "<span><time datetime=\"%s\">%s</time></span>", lesson->date,
				  lesson->date);
	buffer_puts(out, "<span>");
	timecode_put_short(out, lesson->duration);
	buffer_puts(out, "</span>");
}

static const cJSON *
topics_of(const Lesson *lesson)
{
	return json_at(lesson->outline, "topics");
}

static void
write_alone(Buffer *out, const void *subject)
{
	if (cJSON_GetArraySize(topics_of(subject)) == 0)
		buffer_puts(out, " alone");
}

static void
write_video(Buffer *out, const void *subject)
{
	char name[32];

	lesson_video_name(subject, name);
	html_text(out, name);
}

static void
write_poster(Buffer *out, const void *subject)
{
	const Lesson *lesson = subject;

	if (lesson->has_poster)
		buffer_puts(out, " poster=\"poster.jpg\"");
}

static void
write_icon(Buffer *out, const void *subject)
{
	const Lesson *lesson = subject;

	if (lesson->has_poster)
		buffer_puts(out, "<link rel=\"icon\" href=\"poster.jpg\">\n");
}

/* Subtitles in the language of the lesson are shown at first; others are chosen. */
static void
write_tracks(Buffer *out, const void *subject)
{
	const Lesson *lesson = subject;

	for (size_t i = 0; i < lesson->files.count; i++)
	{
		const LessonFile *file = &lesson->files.items[i];
		char label[96];

		if (!file->cues)
			continue;
		lesson_track_label(lesson, i, label, sizeof label);
		buffer_printf(out, "<track kind=\"subtitles\" src=\"%s\" label=\"", file->name);
		html_text(out, label);
		buffer_puts(out, "\" srclang=\"");
		if (file->language != NULL)
			html_text(out, file->language);
		else
			write_language(out, subject);
		buffer_puts(out, file->language == NULL ? "\" default>\n" : "\">\n");
	}
	if (lesson->outline != NULL && lesson_artifact(lesson->input, "chapters") != NULL)
		buffer_puts(
			out, "<track kind=\"chapters\" src=\"chapters.vtt\" label=\"Chapters\">\n");
}

static void
write_chapters(Buffer *out, const void *subject)
{
	const cJSON *topics = topics_of(subject);
	const cJSON *topic;

	if (cJSON_GetArraySize(topics) == 0)
		return;
	buffer_puts(out, "<div class=\"chapters\">\n<nav aria-label=\"Chapters\">\n<ol>\n");
	cJSON_ArrayForEach(topic, topics)
	{
		double at = json_number(topic, "start", 0);

		buffer_puts(out, "<li>");
		put_anchor(out, "", at);
		buffer_puts(out, "<time>");
		timecode_put_short(out, at);
		buffer_puts(out, "</time><span dir=\"auto\">");
		html_text(out, json_text(topic, "title", ""));
		buffer_puts(out, "</span><progress max=\"1\" value=\"0\" aria-hidden=\"true\">"
						 "</progress></a></li>\n");
	}
	buffer_puts(out, "</ol>\n</nav>\n</div>\n");
}

static void
write_summary(Buffer *out, const void *subject)
{
	const Lesson *lesson = subject;
	const char *summary = json_text(lesson->outline, "summary", "");
	const cJSON *subjects = json_at(lesson->outline, "main_topics");
	const cJSON *one;

	if (summary[0] == '\0' && cJSON_GetArraySize(subjects) == 0)
		return;
	buffer_puts(out, "<section class=\"summary\">\n<h2>Summary</h2>\n");
	if (summary[0] != '\0')
	{
		buffer_puts(out, "<p dir=\"auto\">");
		html_text(out, summary);
		buffer_puts(out, "</p>\n");
	}
	buffer_puts(out, "<ul class=\"subjects\">\n");
	cJSON_ArrayForEach(one, subjects)
	{
		buffer_puts(out, "<li dir=\"auto\">");
		html_text(out, cJSON_IsString(one) ? one->valuestring : "");
		buffer_puts(out, "</li>\n");
	}
	buffer_puts(out, "</ul>\n</section>\n");
}

/* Writes the heading of every chapter that begins before `at`; true if there was one. */
static bool
put_headings(Buffer *out, const cJSON **topic, double at, bool open)
{
	bool any = false;

	while (*topic != NULL && json_number(*topic, "start", 0) <= at + 0.05)
	{
		if (open && !any)
			buffer_puts(out, "</p>\n");
		buffer_puts(out, "<h3 dir=\"auto\">");
		html_text(out, json_text(*topic, "title", ""));
		buffer_puts(out, "</h3>\n");
		any = true;
		*topic = (*topic)->next;
	}
	return any;
}

static void
put_segments(Buffer *out, const cJSON *segments, const cJSON *topic)
{
	const cJSON *segment;
	size_t begun = 0;
	double end = 0;
	bool open = false;

	cJSON_ArrayForEach(segment, segments)
	{
		double at = json_number(segment, "start", 0);
		bool heading = put_headings(out, &topic, at, open);

		if (heading || !open || at - end > PARAGRAPH_PAUSE ||
			out->length - begun > PARAGRAPH_BYTES)
		{
			if (open && !heading)
				buffer_puts(out, "</p>\n");
			buffer_puts(out, "<p dir=\"auto\">");
			put_anchor(out, " class=\"time\"", at);
			timecode_put_short(out, at);
			buffer_puts(out, "</a> ");
			begun = out->length;
			open = true;
		}
		buffer_printf(out, "<span data-at=\"%.2f\">", at);
		html_text(out, json_text(segment, "text", ""));
		buffer_puts(out, "</span> ");
		end = json_number(segment, "end", at);
	}
	if (open)
		buffer_puts(out, "</p>\n");
}

static void
write_transcript(Buffer *out, const void *subject)
{
	const Lesson *lesson = subject;
	const cJSON *segments = json_at(lesson->transcript, "segments");
	const cJSON *topics = topics_of(lesson);

	if (cJSON_GetArraySize(segments) == 0)
		return;
	buffer_puts(out, "<section class=\"transcript\" lang=\"");
	write_language(out, subject);
	buffer_puts(out, "\">\n<h2>Transcript</h2>\n");
	put_segments(out, segments, topics != NULL ? topics->child : NULL);
	buffer_puts(out, "</section>\n");
}

/* Whose words they are. */
static void
put_origin(Buffer *out, const cJSON *transcript)
{
	bool came = strcmp(json_text(transcript, "provider", ""), CAPTIONS) == 0;

	buffer_puts(out, came ? "<p>The words came with the recording.</p>\n"
						  : "<p>The words were recognised by a machine and may be "
							"wrong.</p>\n");
}

static void
write_downloads(Buffer *out, const void *subject)
{
	const Lesson *lesson = subject;
	char video[32];

	lesson_video_name(lesson, video);
	buffer_printf(out, "<p class=\"downloads\"><a href=\"%s\" download>Video</a> ",
				  video);
	for (size_t i = 0; i < lesson->files.count; i++)
		if (lesson->files.items[i].label[0] != '\0')
		{
			buffer_printf(out, "<a href=\"%s\" download>", lesson->files.items[i].name);
			html_text(out, lesson->files.items[i].label);
			buffer_puts(out, "</a> ");
		}
	buffer_puts(out, "</p>\n");
	if (lesson->transcript != NULL)
		put_origin(out, lesson->transcript);
}

/* The cues once more, for a page that is opened as a file. */
static void
write_data(Buffer *out, const void *subject)
{
	const Lesson *lesson = subject;
	CLEANUP(json) cJSON *data = cJSON_CreateObject();
	cJSON *tracks = cJSON_AddArrayToObject(data, "tracks");

	for (size_t i = 0; i < lesson->files.count; i++)
	{
		const char *language = lesson->files.items[i].language;
		cJSON *track;
		char label[96];

		if (lesson->cues[i] == NULL)
			continue;
		lesson_track_label(lesson, i, label, sizeof label);
		track = cJSON_CreateObject();
		cJSON_AddStringToObject(track, "label", label);
		cJSON_AddStringToObject(track, "language",
								language != NULL ? language : lesson->language);
		cJSON_AddBoolToObject(track, "default", language == NULL);
		cJSON_AddStringToObject(track, "cues", lesson->cues[i]);
		cJSON_AddItemToArray(tracks, track);
	}
	html_json(out, data);
}

void
lesson_write_page(const Lesson *lesson, Buffer *out)
{
	static const HtmlSlot slots[] = {
		{"language",    write_language   },
		{"title",       write_title      },
		{"description", write_description},
		{"facts",       write_facts      },
		{"alone",       write_alone      },
		{"video",       write_video      },
		{"poster",      write_poster     },
		{"icon",        write_icon       },
		{"tracks",      write_tracks     },
		{"chapters",    write_chapters   },
		{"summary",     write_summary    },
		{"transcript",  write_transcript },
		{"downloads",   write_downloads  },
		{"data",        write_data       },
		{NULL,          NULL             },
	};

	html_fill(out, page_lesson_html, slots, lesson);
}
