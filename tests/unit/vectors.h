/*
 * tests/unit/vectors.h
 *	  The examples of the platforms' documents (tests/vectors/README.md), and a network that
 *	  answers with them: what is asked is noted, the replies of the example come in order, and
 *	  the last of them again for whoever asks on.
 */
#ifndef LEAP_TESTS_VECTORS_H
#define LEAP_TESTS_VECTORS_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/json.h"
#include "net/call.h"

#define REPLIES_MOST 12 /* who asks more often has lost his way */

static const cJSON *replies; /* of the example that is being read */
static int replied;
static Buffer asked[REPLIES_MOST]; /* "GET URL\nName: value\n...\n\nbody" */

static void
answer_with(const cJSON *list)
{
	replies = list;
	replied = 0;
	for (int i = 0; i < REPLIES_MOST; i++)
		buffer_clear(&asked[i]);
}

static void
note(const Call *call)
{
	Buffer *at = &asked[replied];

	buffer_printf(at, "%s %s\n", call->method, call->url);
	for (const char *const *header = call->headers; header != NULL && *header != NULL;
		 header++)
		buffer_printf(at, "%s\n", *header);
	buffer_puts(at, "\n");
	if (call->body != NULL)
		buffer_append(at, call->body, call->body_length);
	for (const CallPart *part = call->parts; part != NULL && part->name != NULL; part++)
		buffer_printf(at, "%s=%s&", part->name,
					  part->value != NULL ? part->value : "(file)");
}

/* The answer's head as the example has it, line by line through the real reader. */
static void
take_head(const cJSON *reply, CallAnswer *answer)
{
	const cJSON *line;
	Buffer head;

	buffer_init(&head);
	cJSON_ArrayForEach(line, cJSON_GetObjectItem(reply, "head"))
	{
		char text[1000];
		int length = snprintf(text, sizeof text, "%s\r\n", line->valuestring);

		answer_take_line(&answer->answer, text, (size_t) length);
		if (line->prev != NULL && line != cJSON_GetObjectItem(reply, "head")->child)
			buffer_puts(&head, text);
	}
	answer->head = strdup(head.data);
	buffer_free(&head);
}

static void
take_reply(const cJSON *reply, CallAnswer *answer)
{
	const cJSON *body = cJSON_GetObjectItem(reply, "body");
	char *text = cJSON_IsString(body) ? strdup(body->valuestring)
				 : body != NULL       ? cJSON_PrintUnformatted(body)
									  : strdup("");

	call_answer_free(answer);
	answer_clear(&answer->answer);
	buffer_init(&answer->body);
	take_head(reply, answer);
	buffer_puts(&answer->body, text);
	answer->json = cJSON_Parse(text);
	free(text);
}

bool
call_run(const Call *call, CallAnswer *answer, Error *err)
{
	int count = cJSON_GetArraySize(replies);

	if (count == 0 || replied >= REPLIES_MOST)
		return error_set(err, ERROR_TRANSIENT, "connection_lost", NULL, "nobody answers");
	note(call);
	take_reply(cJSON_GetArrayItem(replies, replied < count ? replied : count - 1),
			   answer);
	replied++;
	return true;
}

const char *
call_header(const CallAnswer *answer, const char *name, char *value, size_t size)
{
	size_t length = strlen(name);

	for (const char *at = answer->head; at != NULL && *at != '\0';
		 at = strchr(at, '\n') + 1)
		if (strncasecmp(at, name, length) == 0 && at[length] == ':')
		{
			at += length + 1;
			at += strspn(at, " ");
			snprintf(value, size, "%.*s", (int) strcspn(at, "\r\n"), at);
			return value;
		}
	return NULL;
}

void
call_answer_free(CallAnswer *answer)
{
	cJSON_Delete(answer->json);
	free(answer->head);
	if (answer->body.data != NULL)
		buffer_free(&answer->body);
	memset(answer, 0, sizeof *answer);
}

/* Nobody is told, and nothing is waited for. */
bool
report_fraction(const Reporter *reporter, double fraction, const char *step, Error *err)
{
	(void) reporter;
	(void) fraction;
	(void) step;
	(void) err;
	return true;
}

bool
report_wait(const Reporter *reporter, double seconds, double fraction, const char *step,
			Error *err)
{
	(void) seconds;
	return report_fraction(reporter, fraction, step, err);
}

/* The examples of one file; NULL when it cannot be read. */
static cJSON *
read_vectors(const char *name)
{
	char path[4200];
	char self[4000];
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	Buffer text;
	FILE *file;
	cJSON *json;
	int c;

	self[length > 0 ? length : 0] = '\0';
	for (int up = 0; up < 3 && strrchr(self, '/') != NULL; up++)
		*strrchr(self, '/') = '\0';
	snprintf(path, sizeof path, "%s/tests/vectors/%s.json", self, name);
	file = fopen(path, "r");
	if (file == NULL)
		return NULL;
	buffer_init(&text);
	while ((c = getc(file)) != EOF)
		buffer_printf(&text, "%c", c);
	fclose(file);
	json = cJSON_Parse(text.data);
	buffer_free(&text);
	return json;
}

#define MADE_SIZE 8192

static char made[MADE_SIZE]; /* what was made of the example */

__attribute__((format(printf, 1, 2))) static void
say(const char *format, ...)
{
	size_t length = strlen(made);
	va_list args;

	va_start(args, format);
	vsnprintf(made + length, sizeof made - length, format, args);
	va_end(args);
}

static void
say_json(const cJSON *json)
{
	char *text = cJSON_PrintUnformatted(json);

	say("%s", text != NULL ? text : "null");
	free(text);
}

static void
say_error(const Error *error)
{
	say("%s %s", error_class_name(error->class), error->code);
	if (error->retry_after > 0)
		say(" in %.0f", error->retry_after);
}

#endif
