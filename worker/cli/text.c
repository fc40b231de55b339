/*
 * cli/text.c
 *	  Numbers, times and states as people read them.
 */
#include "cli/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/timecode.h"
#include "base/utf8.h"

#define USUAL_WIDTH 96

const char *
text_bytes(int64_t bytes, char text[TEXT_SIZE])
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	double value = (double) bytes;
	size_t unit = 0;

	while (value >= 1024 && unit + 1 < sizeof units / sizeof units[0])
	{
		value /= 1024;
		unit++;
	}
	snprintf(text, TEXT_SIZE, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
	return text;
}

const char *
text_seconds(double seconds, char text[TEXT_SIZE])
{
	CLEANUP(buffer) Buffer out;

	buffer_init(&out);
	if (seconds < 0)
		buffer_puts(&out, "-");
	else if (seconds < 10)
		buffer_printf(&out, "%.1f s", seconds);
	else if (seconds < 60)
		buffer_printf(&out, "%.0f s", seconds);
	else
		timecode_put_short(&out, seconds);
	snprintf(text, TEXT_SIZE, "%s", out.data);
	return text;
}

const char *
text_time(const char *json, char text[TEXT_SIZE])
{
	struct tm parts = {0};
	const char *zone = strptime(json, "%Y-%m-%dT%H:%M:%S", &parts);
	time_t local = timegm(&parts);
	time_t utc;

	if (zone != NULL && *zone == '.')
		zone += 1 + strspn(zone + 1, "0123456789");
	if (zone == NULL || strptime(zone, "%z", &parts) == NULL)
	{
		/* "infinity" */
		snprintf(text, TEXT_SIZE, "%s", json);
		return text;
	}
	utc = local - parts.tm_gmtoff;
	strftime(text, TEXT_SIZE, "%Y-%m-%d %H:%M:%S UTC", gmtime_r(&utc, &parts));
	return text;
}

const char *
text_colour(bool colour, const char *state)
{
	static const struct
	{
		const char *states;
		const char *sequence;
	} rows[] = {
		{" UPLOADED READY succeeded SUCCESS finished ok alive ",                        "\033[32m"},
		{" FAILED failed FAILURE error gone ",                                          "\033[31m"},
		{" warning cancelled CANCELLED SKIPPED skipped held scheduled stopped paused ",
		 "\033[33m"																			   },
		{" heading ",																   "\033[1m" },
		{" faint blocked ready pending ",											   "\033[2m" },
		{" running DOWNLOADING PROCESSING TRANSCRIBING UPLOADING ",                     "\033[36m"},
	};
	char word[TEXT_SIZE];

	snprintf(word, sizeof word, " %s ", state);
	for (size_t i = 0; colour && i < sizeof rows / sizeof rows[0]; i++)
		if (strstr(rows[i].states, word) != NULL)
			return rows[i].sequence;
	return "";
}

const char *
text_plain(bool colour)
{
	return colour ? "\033[0m" : "";
}

int
text_width(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

const char *
text_release(const cJSON *recording)
{
	return strcmp(json_text(recording, "hold.reason", ""), "paused") == 0 ? "resume"
																		  : "accept";
}

/* Control characters, also the two-byte ones, and marks that change the direction. */
static bool
is_harmful(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x61c ||
		   (point >= 0x200e && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
		   (point >= 0x2066 && point <= 0x2069) || (point >= 0xfff9 && point <= 0xfffb) ||
		   (point >= 0xe0000 && point <= 0xe007f);
}

/* A character with its marks. What is harmful may stand in front of marks, and is replaced,
 * or be a mark itself, and is left out. */
static void
put_character(FILE *out, const char *text, const char *end)
{
	const char *first = text;

	while (text < end)
	{
		const char *next = text;

		if (!is_harmful(utf8_next(&next)))
			fwrite(text, 1, (size_t) (next - text), out);
		else if (text == first)
			fputc(strchr("\n\r\t", *text) != NULL ? ' ' : '?', out);
		text = next;
	}
}

void
text_write(FILE *out, const char *text, int width)
{
	size_t room = width > 0 ? (size_t) width : SIZE_MAX;

	while (*text != '\0')
	{
		const char *end = utf8_character_end(text);
		size_t columns = utf8_width_of(text, (size_t) (end - text));

		if (columns > room)
			return;
		room -= columns;
		put_character(out, text, end);
		text = end;
	}
}

char *
text_cleaned(const char *text)
{
	char *clean = NULL;
	size_t length = 0;
	FILE *memory = open_memstream(&clean, &length);

	if (memory == NULL)
		return strdup("");
	text_write(memory, text, 0);
	if (fclose(memory) == 0)
		return clean;
	free(clean);
	return strdup("");
}

int
text_cut(Buffer *out, const char *clean, int columns)
{
	int used = 0;

	while (*clean != '\0')
	{
		const char *end = utf8_character_end(clean);
		int width = (int) utf8_width_of(clean, (size_t) (end - clean));

		if (used + width >= columns)
			break;
		buffer_append(out, clean, (size_t) (end - clean));
		used += width;
		clean = end;
	}
	if (columns <= 0)
		return 0;
	buffer_puts(out, "…");
	return used + 1;
}

bool
text_is_plain(const char *text)
{
	while (*text != '\0')
	{
		uint32_t point = utf8_next(&text);

		if (point >= 0x300 && (point < 0x400 || point >= 0x480) && point != 0x2026)
			return false;
	}
	return true;
}

void
text_wrap(FILE *out, const char *text, int indent)
{
	size_t width = (size_t) (text_width() > 0 ? text_width() : USUAL_WIDTH);
	size_t column = (size_t) indent;
	CLEANUP(buffer) Buffer word;

	buffer_init(&word);
	while (*text != '\0')
	{
		size_t length = strcspn(text, " \n");
		size_t columns = utf8_width_of(text, length);
		bool first = column == (size_t) indent;

		if (!first && column + 1 + columns > width)
		{
			fprintf(out, "\n%*s", indent, "");
			column = (size_t) indent;
		}
		else if (!first)
			column += (size_t) fprintf(out, " ");
		buffer_clear(&word);
		buffer_append(&word, text, length);
		text_write(out, word.data, 0);
		column += columns;
		text += length + (text[length] != '\0');
	}
	fputc('\n', out);
}

void
text_print(const char *text, int width)
{
	text_write(stdout, text, width);
}
