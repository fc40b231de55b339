/* sources: source/entries.c source/entries_text.c source/entries_json.c source/entries_feed.c source/moment.c source/name.c source/key.c net/url.c base/error.c base/json.c base/utf8.c base/buffer.c base/hash.c */
/* libs: libcurl libcjson libxml-2.0 libcrypto -lm */
/*
 * tests/fuzz/fuzz_lists.c
 *	  Whatever a stranger serves as a list of links: it is refused with a class and a code, or
 *	  it gives entries whose numbers are within bounds, whose names can be shown, and whose
 *	  keys are stable.
 */
#include "base/utf8.h"
#include "net/url.h"
#include "source/entries.h"
#include "source/key.h"
#include "source/moment.h"
#include "source/name.h"

#include "driver.h"

const char *const fuzz_samples[] = {
	"https://e.org/a.mp4\tA title\n# comment\n/b.mp4\r\nhttps://e.org:443/%41?x=1#y",
	"url,title,date,duration,size\n\"https://e.org/a\",\"He said "
	"\"\"hi\"\"\",2026-03-01,1:30:00,10\n",
	"Title;URL;Author\nx;https://e.org/a;me\n\n;;\n",
	"[\"https://e.org/"
	"a\",{\"url\":\"b\",\"title\":\"T\",\"start_time\":\"2026-03-01T10:00:00Z\","
	"\"duration\":60,\"bytes\":\"123\",\"ready\":false}]",
	"{\"next_url\":\"/"
	"2\",\"items\":[{\"title\":\"T\",\"attachments\":[{\"url\":\"v.mp4\",\"mime_type\":"
	"\"video/mp4\","
	"\"size_in_bytes\":5}],\"date_published\":\"2026-03-01\"}]}",
	"<?xml version='1.0'?><rss><channel><item><title>A &amp; B</title><enclosure "
	"url='a.mp3' "
	"length='5' type='audio/mpeg'/><pubDate>Sun, 01 Mar 2026 10:00:00 +0300</pubDate>"
	"<itunes:duration xmlns:itunes='i'>1:02:03</itunes:duration></item></channel></rss>",
	"<feed xmlns='http://www.w3.org/2005/Atom'><link rel='next' "
	"href='?page=2'/><entry><title>A</title><link "
	"rel='enclosure' "
	"href='a.mp4'/><published>2026-03-01T10:00:00Z</published></entry></feed>",
	"<!DOCTYPE rss [<!ENTITY a 'aa'><!ENTITY b "
	"'&a;&a;'>]><rss><channel><item><title>&b;</title>"
	"<enclosure url='&b;'/></item></channel></rss>",
	NULL};

static void
check_name(const char *text)
{
	char name[NAME_SIZE];
	char again[NAME_SIZE];
	size_t characters = 0;

	name_tidy(text, name);
	for (const char *at = name; *at != '\0'; characters++)
	{
		const char *before = at;
		uint32_t code = utf8_next(&at);

		fuzz_check(code >= 0x20 && (code != 0xFFFD || at - before == 3),
				   "a name is text without control characters");
	}
	fuzz_check(characters <= NAME_MOST, "a name is not too long");
	name_tidy(name, again);
	fuzz_check(strcmp(name, again) == 0, "a name stays what it is");
}

static void
check_key(const char *link)
{
	char url[URL_SIZE];
	char key[KEY_SIZE];
	char again[KEY_SIZE];
	Error err = {0};

	if (!url_resolve("https://e.org/lists/all", link, url, &err) ||
		!key_of_url(url, key, &err))
	{
		fuzz_check(err.code[0] != '\0', "a link is refused with a code");
		return;
	}
	fuzz_check(strncmp(key, "url:", 4) == 0 && strlen(key) < 1000, "a key is short");
	fuzz_check(strncmp(key, "url:sha256:", 11) == 0 ||
				   (key_of_url(key + 4, again, &err) && strcmp(key, again) == 0),
			   "the usual form of a URL is the one it has itself");
}

static bool
check_entry(void *arg, const Entry *entry)
{
	int *count = arg;

	fuzz_check(entry->url != NULL, "an entry has a link");
	fuzz_check(entry->start_time >= -1 && entry->duration >= -1 && entry->bytes >= -1,
			   "what is not known is -1");
	check_name(entry->title != NULL ? entry->title : entry->url);
	check_key(entry->url);
	return ++*count < 1000;
}

static void
check_next(void *arg, const char *url)
{
	(void) arg;
	check_key(url);
}

static void
check_problem(void *arg, const char *message)
{
	(void) arg;
	fuzz_check(message[0] != '\0', "a problem is told in words");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int count = 0;
	EntryReader reader = {
		.take = check_entry, .next = check_next, .problem = check_problem, .arg = &count};
	char *text = fuzz_text(data, size);
	double moment = moment_read(text);
	double length = moment_read_length(text);
	Error err = {0};

	fuzz_check(moment == -1 || (moment >= 0 && moment < 4102444800),
			   "a time is one of this century");
	fuzz_check(length == -1 || (length >= 0 && length <= 1000 * 86400.0),
			   "a length is one of a recording");
	if (!entries_read((const char *) data, size, &reader, &err))
		fuzz_check(err.class == ERROR_INPUT && err.code[0] != '\0',
				   "a list is refused with a code");
	free(text);
	return 0;
}
