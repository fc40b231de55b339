/*
 * outline/reading.c
 *	  What a language model answered, held against what it was asked for.
 */
#include "outline/reading.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/utf8.h"
#include "outline/title.h"

#define CLEAR_SHARE   0.6 /* of the letters: the lecture is of this script */
#define LEAST_SHARE   0.5 /* of the letters of an answer */
#define LEAST_LETTERS 12  /* less is no evidence */
#define TOPICS_MOST   200

/* Letters counted by script. */
typedef struct Letters
{
	double latin;
	double cyrillic;
	double all;
} Letters;

static bool __attribute__((format(printf, 2, 3)))
wrong(char problem[PROBLEM_SIZE], const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(problem, PROBLEM_SIZE, format, arguments);
	va_end(arguments);
	return false;
}

static void
count_letters(const char *text, Letters *letters)
{
	uint32_t code;

	while ((code = utf8_next(&text)) != 0)
	{
		bool latin = (code < 0x80 && isalpha((int) code)) ||
					 (code >= 0xC0 && code < 0x250 && code != 0xD7 && code != 0xF7);
		bool cyrillic = code >= 0x400 && code < 0x530;

		letters->latin += latin;
		letters->cyrillic += cyrillic;
		letters->all += latin || cyrillic || code >= 0x250;
	}
}

Script
script_of(const Lecture *lecture)
{
	Letters letters = {0};

	for (size_t i = 0; i < lecture->count; i++)
		count_letters(lecture->utterances[i].text, &letters);
	if (letters.cyrillic > CLEAR_SHARE * letters.all)
		return SCRIPT_CYRILLIC;
	return letters.latin > CLEAR_SHARE * letters.all ? SCRIPT_LATIN : SCRIPT_ANY;
}

static bool
is_of(Script script, const Letters *letters)
{
	if (script == SCRIPT_ANY || letters->all < LEAST_LETTERS)
		return true;
	return (script == SCRIPT_LATIN ? letters->latin : letters->cyrillic) >=
		   LEAST_SHARE * letters->all;
}

/* One to `most` digits as a number; -1 when there is none. */
static int
read_digits(const char **text, int most)
{
	int value = 0;
	int digits = 0;

	for (; isdigit((unsigned char) **text) && digits < most; digits++)
		value = value * 10 + *(*text)++ - '0';
	return digits > 0 ? value : -1;
}

/* As reading_time; *text moves behind it. */
static double
read_time(const char **text)
{
	const char *at = *text;
	int parts[3] = {0, 0, 0};
	int count = 0;

	do
	{
		parts[count] = read_digits(&at, count == 0 ? 3 : 2);
		if (parts[count] < 0 || (count > 0 && parts[count] > 59))
			return -1;
		count++;
	} while (count < 3 && *at == ':' && at++);
	if (count < 2)
		return -1;
	if (*at == '.' || *at == ',')
	{
		at++;
		if (read_digits(&at, 9) < 0)
			return -1;
	}
	*text = at;
	return count == 3 ? parts[0] * 3600.0 + parts[1] * 60.0 + parts[2]
					  : parts[0] * 60.0 + parts[1];
}

double
reading_time(const char *text)
{
	double seconds = read_time(&text);

	return *text == '\0' ? seconds : -1;
}

/* A text of the answer that has to say something; cleaned, the caller frees it. */
static char *
need_text(const cJSON *object, const char *name, size_t most, bool of_title,
		  char problem[PROBLEM_SIZE])
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
	CLEANUP(buffer) Buffer clean;

	buffer_init(&clean);
	if (!cJSON_IsString(item))
	{
		(void) wrong(problem, "\"%s\" is missing or no string", name);
		return NULL;
	}
	title_clean(item->valuestring, most, of_title, &clean);
	if (clean.length == 0)
	{
		(void) wrong(problem, "\"%s\" is blank", name);
		return NULL;
	}
	return array_text(clean.data);
}

static bool
take_questions(const cJSON *object, int wanted, Findings *findings,
			   char problem[PROBLEM_SIZE])
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, "questions");
	const cJSON *item = NULL;
	CLEANUP(buffer) Buffer clean;

	buffer_init(&clean);
	findings->questions = cJSON_CreateArray();
	if (!cJSON_IsArray(list))
		return wrong(problem, "\"questions\" is missing or no array");
	cJSON_ArrayForEach(item, list)
	{
		if (!cJSON_IsString(item))
			return wrong(problem, "\"questions\" holds something that is no string");
		title_clean(item->valuestring, QUESTION_CHARACTERS, false, &clean);
		if (clean.length > 0 && cJSON_GetArraySize(findings->questions) < wanted)
			cJSON_AddItemToArray(findings->questions, cJSON_CreateString(clean.data));
	}
	if (cJSON_GetArraySize(findings->questions) < wanted)
		return wrong(problem, "\"questions\" must hold %d questions, not %d", wanted,
					 cJSON_GetArraySize(findings->questions));
	return true;
}

/* Topics that were read make sense as a whole. */
static bool
check_topics(const Wanted *wanted, const Findings *findings, char problem[PROBLEM_SIZE])
{
	size_t outside = 0;
	size_t same = 0;

	for (size_t i = 1; i < findings->count; i++)
		same += title_same(findings->topics[i - 1].title, findings->topics[i].title);
	for (size_t i = 0; i < findings->count; i++)
		outside += findings->topics[i].start < wanted->from - 1.0 ||
				   findings->topics[i].start >= wanted->to;
	if (findings->count == 0)
		return wrong(problem, "there are no topics");
	if (findings->count > 2 && same * 2 >= findings->count)
		return wrong(problem, "%zu of %zu topics have the title of the one before", same,
					 findings->count);
	if (outside * 2 > findings->count)
		return wrong(problem, "%zu of %zu topics begin outside of the transcript",
					 outside, findings->count);
	if (findings->count - outside < wanted->fewest)
		return wrong(problem, "there are %zu topics, at least %zu are wanted",
					 findings->count - outside, wanted->fewest);
	return true;
}

static bool
take_topics(const cJSON *object, Findings *findings, char problem[PROBLEM_SIZE])
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, "topics");
	const cJSON *item = NULL;

	if (!cJSON_IsArray(list))
		return wrong(problem, "\"topics\" is missing or no array");
	if (cJSON_GetArraySize(list) > TOPICS_MOST)
		return wrong(problem, "there are %d topics", cJSON_GetArraySize(list));
	cJSON_ArrayForEach(item, list)
	{
		const cJSON *start = cJSON_GetObjectItemCaseSensitive(item, "start");
		CLEANUP(free)
		char *title = need_text(item, "title", TITLE_CHARACTERS, true, problem);
		double at = cJSON_IsString(start) ? reading_time(start->valuestring) : -1;

		if (title == NULL)
			return false;
		if (at < 0)
			return wrong(problem, "the \"start\" of topic %zu is no time HH:MM:SS",
						 findings->count + 1);
		findings_add(findings, at, title);
	}
	return true;
}

static bool
check_script(const Wanted *wanted, const Findings *findings, char problem[PROBLEM_SIZE])
{
	Letters titles = {0};
	Letters texts = {0};
	const cJSON *item = NULL;

	for (size_t i = 0; i < findings->count; i++)
		count_letters(findings->topics[i].title, &titles);
	if (findings->summary != NULL)
		count_letters(findings->summary, &texts);
	cJSON_ArrayForEach(item, findings->questions)
		count_letters(item->valuestring, &texts);
	if (is_of(wanted->script, &titles) && is_of(wanted->script, &texts))
		return true;
	return wrong(problem, "it is not in the language of the transcript (%s)",
				 wanted->script == SCRIPT_CYRILLIC ? "Cyrillic letters"
												   : "Latin letters");
}

static bool
take_object(const cJSON *object, const Wanted *wanted, Findings *findings,
			char problem[PROBLEM_SIZE])
{
	if (!cJSON_IsObject(object))
		return wrong(problem, "it is no JSON object");
	if (wanted->topics && !take_topics(object, findings, problem))
		return false;
	findings->summary = need_text(object, "summary", SUMMARY_CHARACTERS, false, problem);
	if (findings->summary == NULL)
		return false;
	if (!wanted->texts)
		return true;
	findings->main_topic =
		need_text(object, "main_topic", TITLE_CHARACTERS, true, problem);
	return findings->main_topic != NULL &&
		   take_questions(object, wanted->questions, findings, problem);
}

/* The object of an answer, whatever stands around it; NULL: there is none. */
static cJSON *
object_of(const char *answer)
{
	const char *first = strchr(answer, '{');
	const char *last = strrchr(answer, '}');
	cJSON *object = NULL;

	if (first == NULL || last == NULL || last < first)
		return NULL;
	(void) json_parse(first, (size_t) (last - first) + 1, "the answer", &object, NULL);
	return object;
}

/* A line "[1:02:03] - title" into the topics. */
static bool
take_line(const char *line, Findings *findings)
{
	double at;
	bool dash = false;

	line += strspn(line, " \t*-[");
	at = read_time(&line);
	if (at < 0)
		return false;
	for (line += strspn(line, " \t]*");; line += strspn(line, " \t"))
	{
		if (*line == '-' || *line == ':')
			line++;
		else if (strncmp(line, "–", strlen("–")) == 0 ||
				 strncmp(line, "—", strlen("—")) == 0)
			line += strlen("–");
		else
			break;
		dash = true;
	}
	if (!dash || *line == '\0')
		return false;
	findings_add(findings, at, line);
	return true;
}

/* Lines instead of JSON: text before the first topic is the summary, questions end so. */
static void
take_lines(const char *answer, int questions, Findings *findings)
{
	CLEANUP(free) char *text = array_text(answer);
	CLEANUP(buffer) Buffer summary;
	CLEANUP(buffer) Buffer clean;
	char *rest = text;
	char *line;

	buffer_init(&summary);
	buffer_init(&clean);
	findings->questions = cJSON_CreateArray();
	while ((line = strsep(&rest, "\r\n")) != NULL)
	{
		title_clean(line, QUESTION_CHARACTERS, false, &clean);
		if (clean.length == 0 || take_line(line, findings))
			continue;
		if (findings->count == 0)
			buffer_printf(&summary, "%s%s", summary.length > 0 ? " " : "", clean.data);
		else if (clean.data[clean.length - 1] == '?' &&
				 cJSON_GetArraySize(findings->questions) < questions)
			cJSON_AddItemToArray(findings->questions, cJSON_CreateString(clean.data));
	}
	title_clean(summary.data, SUMMARY_CHARACTERS, false, &clean);
	findings->summary = array_text(clean.data);
}

static bool
take_any(const char *answer, const Wanted *wanted, Findings *findings,
		 char problem[PROBLEM_SIZE])
{
	CLEANUP(json) cJSON *object = object_of(answer);

	if (answer[strspn(answer, " \t\r\n")] == '\0')
		return wrong(problem, "it is blank");
	if (object != NULL)
		return take_object(object, wanted, findings, problem);
	if (!wanted->topics)
		return wrong(problem, "it is no JSON object");
	take_lines(answer, wanted->texts ? wanted->questions : 0, findings);
	if (findings->count == 0 || findings->summary[0] == '\0' ||
		(wanted->texts && cJSON_GetArraySize(findings->questions) < wanted->questions))
		return wrong(problem, "it is no JSON object");
	return true;
}

bool
reading_take(const char *answer, const Wanted *wanted, Findings *findings,
			 char problem[PROBLEM_SIZE])
{
	if (take_any(answer, wanted, findings, problem) &&
		(!wanted->topics || check_topics(wanted, findings, problem)) &&
		check_script(wanted, findings, problem))
		return true;
	findings_free(findings);
	return false;
}
