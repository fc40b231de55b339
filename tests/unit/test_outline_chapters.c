/* sources: outline/chapters.c base/utf8.c base/timecode.c base/buffer.c */
/* libs: libcjson -lm */
/*
 * tests/unit/test_outline_chapters.c
 *	  Chapters: in order, none too short, and titles that try to be something else.
 */
#include "outline/chapters.h"

#include "base/cleanup.h"
#include "base/utf8.h"
#include "tap.h"

/* The chapters as "start title", each on a line. */
static const char *
list_of(const char *topics, double duration)
{
	static char text[2000];
	CLEANUP(json) cJSON *outline = cJSON_Parse(topics);
	CLEANUP(json) cJSON *list = chapters_list(outline, duration);
	const cJSON *chapter;
	size_t length = 0;

	text[0] = '\0';
	cJSON_ArrayForEach(chapter, list) length +=
		(size_t) snprintf(text + length, sizeof text - length, "%g %s\n",
						  cJSON_GetNumberValue(cJSON_GetObjectItem(chapter, "start")),
						  cJSON_GetStringValue(cJSON_GetObjectItem(chapter, "title")));
	return text;
}

static void
test_list(void)
{
	is_str(
		list_of(
			"{\"topics\":[{\"title\":\"One\",\"start\":4},{\"title\":\"Two\",\"start\":"
			"61.9},{\"title\":\"Three\",\"start\":3725}]}",
			4000),
		"0 One\n61.9 Two\n3725 Three\n", "the first begins at 0");
	is_str(
		list_of("{\"topics\":[{\"title\":\"B\",\"start\":50},{\"title\":\"A\",\"start\":"
				"0},{\"title\":\"short\",\"start\":59.5},{\"title\":\"C\",\"start\":60},"
				"{\"title\":\"D\",\"start\":80},{\"title\":\"end\",\"start\":95}]}",
				100),
		"0 A\n50 B\n60 C\n80 D\n", "short ones join a neighbour");
	is_str(list_of("{}", 100), "", "no topics");
	is_str(list_of("{\"topics\":[{\"title\":\"<b>x</b>\",\"start\":0},{\"title\":"
				   "\"a\\nb\\u0007\",\"start\":20},{\"title\":7,\"start\":30},{\"title\":"
				   "\"late\",\"start\":1000},{\"title\":\" \",\"start\":40}]}",
				   100),
		   "0 ‹b›x‹/b›\n20 a b \n40 3\n", "titles cannot break a line");
}

static void
test_long_title(void)
{
	CLEANUP(json)
	cJSON *outline = cJSON_Parse(
		"{\"topics\":[{\"start\":0,\"title\":\"Очень длинное название "
		"темы, в котором больше букв, чем может показать список глав\"},"
		"{\"title\":"
		"\"漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢"
		"字\",\"start\":20},{\"title\":\"c\",\"start\":40}]}");
	CLEANUP(json) cJSON *list = chapters_list(outline, 100);
	const char *title = cJSON_GetStringValue(cJSON_GetObjectItem(list->child, "title"));

	is_int((long long) utf8_width(title), 70, "a long title is cut to 70 characters");
	title = cJSON_GetStringValue(cJSON_GetObjectItem(list->child->next, "title"));
	ok(utf8_width(title) <= 70 && strstr(title, "…") != NULL, "wide ones as well: %s",
	   title);
}

static void
test_vtt(void)
{
	CLEANUP(json)
	cJSON *outline = cJSON_Parse("{\"topics\":[{\"title\":\"A & B --> C\",\"start\":2.5},"
								 "{\"title\":\"D\",\"start\":50.25}]}");
	CLEANUP(buffer) Buffer out;

	buffer_init(&out);
	chapters_vtt(outline, 100, &out);
	is_str(out.data,
		   "WEBVTT\n\n00:00:00.000 --> 00:00:50.250\nA &amp; B --› C\n\n"
		   "00:00:50.250 --> 00:01:40.000\nD\n",
		   "a chapters file");
}

int
main(void)
{
	test_list();
	test_long_title();
	test_vtt();
	return done_testing();
}
