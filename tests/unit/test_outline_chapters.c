/* sources: outline/chapters.c base/utf8.c base/timecode.c base/buffer.c */
/* libs: libcjson -lm */
/*
 * tests/unit/test_outline_chapters.c
 *	  Chapters: the rules of YouTube, and titles that try to be something else.
 */
#include "outline/chapters.h"

#include "base/cleanup.h"
#include "base/utf8.h"
#include "tap.h"

static void
youtube(const char *topics, double duration, bool enough, const char *wanted,
		const char *what)
{
	CLEANUP(json) cJSON *outline = cJSON_Parse(topics);
	CLEANUP(buffer) Buffer out;

	buffer_init(&out);
	ok(chapters_youtube(outline, duration, &out) == enough, "%s", what);
	is_str(out.data, wanted, "  its lines");
}

static void
test_youtube(void)
{
	youtube(
		"{\"topics\":[{\"title\":\"One\",\"start\":4},{\"title\":\"Two\",\"start\":61.9},"
		"{\"title\":\"Three\",\"start\":3725}]}",
		4000, true, "0:00 One\n1:01 Two\n1:02:05 Three\n", "the first begins at 0:00");
	youtube("{\"topics\":[{\"title\":\"B\",\"start\":50},{\"title\":\"A\",\"start\":0},"
			"{\"title\":\"short\",\"start\":59.5},{\"title\":\"C\",\"start\":60},"
			"{\"title\":\"D\",\"start\":80},{\"title\":\"end\",\"start\":95}]}",
			100, true, "0:00 A\n0:50 B\n1:00 C\n1:20 D\n", "short ones join a neighbour");
	youtube("{\"topics\":[{\"title\":\"A\",\"start\":0},{\"title\":\"B\",\"start\":50}]}",
			100, false, "", "two chapters are not enough");
	youtube("{}", 100, false, "", "no topics");
	youtube(
		"{\"topics\":[{\"title\":\"<b>x</b>\",\"start\":0},{\"title\":\"a\\nb\\u0007\","
		"\"start\":20},{\"title\":7,\"start\":30},{\"title\":\"late\",\"start\":1000},"
		"{\"title\":\" \",\"start\":40}]}",
		100, true, "0:00 ‹b›x‹/b›\n0:20 a b \n0:40 3\n", "titles cannot break a line");
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
	CLEANUP(buffer) Buffer out;
	char *line;

	buffer_init(&out);
	chapters_youtube(outline, 100, &out);
	line = out.data + strlen("0:00 ");
	*strchr(line, '\n') = '\0';
	is_int((long long) utf8_width(line), 70, "a long title is cut to 70 characters");
	line += strlen(line) + strlen("\n0:20 ");
	*strchr(line, '\n') = '\0';
	ok(utf8_width(line) <= 70 && strstr(line, "…") != NULL, "wide ones as well: %s",
	   line);
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
	test_youtube();
	test_long_title();
	test_vtt();
	return done_testing();
}
