/* sources: source/entries.c source/entries_text.c source/entries_json.c source/entries_feed.c source/moment.c source/name.c source/key.c source/settle.c net/url.c base/error.c base/json.c base/utf8.c base/buffer.c base/hash.c */
/* libs: libcurl libcjson libxml-2.0 libcrypto -lm */
/*
 * tests/unit/test_source.c
 *	  Lists of links in all their forms, times, names, keys, and when a file is complete.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "source/entries.h"
#include "source/key.h"
#include "source/moment.h"
#include "source/name.h"
#include "source/settle.h"
#include "tap.h"

/* Entries as text, one a line: url|title|start|duration|bytes|pending, problems after "!". */
static char told[65536];

static bool
tell_entry(void *arg, const Entry *entry)
{
	size_t length = strlen(told);

	(void) arg;
	snprintf(told + length, sizeof told - length, "%s|%s|%.0f|%.0f|%lld%s\n", entry->url,
			 entry->title != NULL ? entry->title : "-", entry->start_time,
			 entry->duration, (long long) entry->bytes, entry->pending ? "|pending" : "");
	return true;
}

static void
tell_problem(void *arg, const char *message)
{
	size_t length = strlen(told);

	(void) arg;
	snprintf(told + length, sizeof told - length, "!%s\n", message);
}

static void
tell_next(void *arg, const char *url)
{
	size_t length = strlen(told);

	(void) arg;
	snprintf(told + length, sizeof told - length, ">%s\n", url);
}

static const EntryReader reader = {
	.take = tell_entry, .next = tell_next, .problem = tell_problem};

static void
reads(const char *text, const char *wanted, const char *what)
{
	Error err = {0};

	told[0] = '\0';
	if (!entries_read(text, strlen(text), &reader, &err))
		snprintf(told, sizeof told, "%s %s", error_class_name(err.class), err.code);
	is_str(told, wanted, what);
}

static void
test_lines(void)
{
	reads("", "", "an empty list");
	reads(" \r\n\n", "", "nothing but blanks");
	reads("https://e.org/a\n", "https://e.org/a|-|-1|-1|-1\n", "a line");
	reads(
		"\xef\xbb\xbf# all\r\n\r\nhttps://e.org/a\tFirst\r\n  b.mp4  \t Second one \n\nc",
		"https://e.org/a|First|-1|-1|-1\nb.mp4|Second one|-1|-1|-1\nc|-|-1|-1|-1\n",
		"a mark, comments, empty lines, titles, no end");
	reads("https://e.org/a,b\n", "https://e.org/a,b|-|-1|-1|-1\n",
		  "a comma is no column");
}

static void
test_tables(void)
{
	reads("url,title,date,duration,size\nhttps://e.org/a,One,2026-03-01,1:30:00,1000\n",
		  "https://e.org/a|One|1772323200|5400|1000\n", "a table");
	reads(
		"Title;URL\r\n\"He said: \"\"hi\"\"; then\nwent\";https://e.org/a\r\nplain;b\r\n",
		"https://e.org/a|He said: \"hi\"; then\nwent|-1|-1|-1\nb|plain|-1|-1|-1\n",
		"quotes hold separators, line ends and quotes");
	reads("title\turl\n\thttps://e.org/a\nx\n\nlast\t",
		  "https://e.org/a|-|-1|-1|-1\n!row 3 names no url\n!row 5 names no url\n",
		  "empty fields, short rows, empty rows");
	reads("url,size,duration\na,12x,soon\nb,-5,-1\nc,1e3,0x10\nd,99999999999999999,1e3",
		  "a|-|-1|-1|-1\nb|-|-1|-1|-1\nc|-|-1|-1|-1\nd|-|-1|-1|-1\n",
		  "what is no number is not known");
	reads("url,date\na,2026-03-01 10:00\nb,01.03.2026\nc,\n",
		  "a|-|1772359200|-1|-1\n!row 3: its time is not understood, write it like "
		  "2026-03-04 10:00\nb|-|-1|-1|-1\nc|-|-1|-1|-1\n",
		  "a time that cannot be read is told");
	reads("url\n\"unfinished", "unfinished|-|-1|-1|-1\n", "an open quote");
}

static void
test_json(void)
{
	reads("[\"https://e.org/a\", {\"url\": \"b\", \"title\": \"B\", \"start_time\": "
		  "\"2026-03-01T10:00:00Z\", \"duration\": 60, \"bytes\": \"9007199254740993\", "
		  "\"ready\": false}, {\"title\": \"none\"}, 7]",
		  "https://e.org/a|-|-1|-1|-1\nb|B|1772359200|60|9007199254740993|pending\n!item "
		  "3 of the list has no url\n!item 4 of the list has no url\n",
		  "an array");
	reads("{\"version\": \"https://jsonfeed.org/version/1.1\", \"items\": [{\"url\": "
		  "\"https://e.org/page\", \"title\": \"T\", \"date_published\": "
		  "\"2026-03-01T10:00:00+03:00\", \"attachments\": [{\"url\": \"p.png\", "
		  "\"mime_type\": \"image/png\"}, {\"url\": \"v.mp4\", \"mime_type\": "
		  "\"video/mp4\", \"size_in_bytes\": 5, \"duration_in_seconds\": 6.5}]}]}",
		  "v.mp4|T|1772348400|6|5\n", "a JSON Feed: what can be seen, not the page");
	reads("{\"a\": 1}", "input bad_list", "an object without items");
	reads("[1,", "input bad_json", "JSON that breaks off");
	reads("[]", "", "an empty array");
}

#define RSS(item)                                                         \
	"<?xml version='1.0'?><rss version='2.0' "                            \
	"xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'><channel>" \
	"<title>Channel</title>" item "</channel></rss>"

static void
test_feeds(void)
{
	reads(RSS("<item><title>One &amp; &#x41;</title><enclosure "
			  "url='https://e.org/a.mp3?x=1&amp;y=2' length='123' type='audio/mpeg'/>"
			  "<pubDate>Sun, 01 Mar 2026 10:00:00 "
			  "GMT</pubDate><itunes:duration>01:02:03</itunes:duration></item>"
			  "<item><title>An article</title><link>https://e.org/text</link></item>"
			  "<item><enclosure url='p.png' type='image/png'/><enclosure url='v.mp4' "
			  "length='0'/></item>"),
		  "https://e.org/a.mp3?x=1&y=2|One & A|1772359200|3723|123\nv.mp4|-|-1|-1|-1\n",
		  "RSS");
	reads("<feed xmlns='http://www.w3.org/2005/Atom'><title>F</title><entry><title "
		  "type='html'>A</title><published>2026-03-01T10:00:00Z</published>"
		  "<link href='https://e.org/page'/><link rel='enclosure' type='video/mp4' "
		  "href='a.mp4' length='77'/></entry></feed>",
		  "a.mp4|A|1772359200|-1|77\n", "Atom");
	reads(RSS("<item><media:content xmlns:media='http://search.yahoo.com/mrss/' "
			  "url='m.mp4' type='video/mp4' fileSize='9'/></item>"),
		  "m.mp4|-|-1|-1|9\n", "Media RSS");
	reads("<?xml version='1.0'?><html><body/></html>", "input bad_list", "other XML");
	reads("<!DOCTYPE html><html><p>", "input html_instead_of_list", "a web page");
	reads("<rss><channel><item>", "input bad_list", "a feed that breaks off");
	reads("<!DOCTYPE rss [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b "
		  "'&a;&a;&a;&a;&a;&a;&a;&a;'>]><rss><channel><item><title>&b;</title><enclosure "
		  "url='x'/></item></channel></rss>",
		  "input bad_list", "entities are not declared here");
	reads("<!DOCTYPE rss [<!ENTITY f SYSTEM "
		  "'file:///etc/passwd'>]><rss><channel><item><title>&f;</title><enclosure "
		  "url='x'/></item></channel></rss>",
		  "input bad_list", "least of all ones that lead to files");
	reads(
		"<!DOCTYPE rss SYSTEM 'http://127.0.0.1:1/x.dtd'><rss><channel><item><enclosure "
		"url='x'/></item></channel></rss>",
		"x|-|-1|-1|-1\n", "nothing is fetched");
}

static void
test_next_pages(void)
{
	reads("<feed xmlns='http://www.w3.org/2005/Atom'><link rel='self' href='1'/><link "
		  "rel='next' href='?page=2'/><entry><link rel='enclosure' href='a.mp4'/><link "
		  "rel='next' href='other'/></entry></feed>",
		  "a.mp4|-|-1|-1|-1\n>?page=2\n", "the next page of Atom, and of no entry");
	reads("<rss xmlns:a='http://www.w3.org/2005/Atom'><channel><link>http://e.org</link>"
		  "<a:link rel='next' href='b'/></channel></rss>",
		  ">b\n", "of RSS");
	reads("{\"next_url\": \"b\", \"items\": [\"a\"]}", "a|-|-1|-1|-1\n>b\n",
		  "of a JSON Feed");
	reads("{\"next_url\": 7, \"items\": [\"a\"]}", "a|-|-1|-1|-1\n", "which is a text");
	reads("[\"a\"]", "a|-|-1|-1|-1\n", "an array has none");
}

static void
test_binary(void)
{
	Error err = {0};

	ok(!entries_read("a\0b", 3, &reader, &err) && strcmp(err.code, "bad_list") == 0,
	   "bytes that are no text");
}

static void
test_moments(void)
{
	static const struct
	{
		const char *text;
		double seconds;
	} moments[] = {
		{"2026-03-01",						 1772323200},
		{"2026-03-01T10:00:00Z",               1772359200},
		{"2026-03-01 10:00",                   1772359200},
		{" 2026-03-01T10:00:00.123456+03:00 ", 1772348400},
		{"2026-03-01T10:00:00-0530",           1772379000},
		{"2026-03-01T10:00:60Z",               1772359259},
		{"Sun, 01 Mar 2026 10:00:00 GMT",      1772359200},
		{"1 March 2026 10:00 EST",             1772377200},
		{"Sun, 01 Mar 2026 10:00:00 +0300",    1772348400},
		{"2024-02-29",						 1709164800},
		{"2026-02-29",						 -1        },
		{"2026-13-01",						 -1        },
		{"2026-00-10",						 -1        },
		{"2026-03-01T24:00",                   -1        },
		{"2026-03-01T10",                      -1        },
		{"2026-03-01T10:00 Mars",              -1        },
		{"yesterday",						  -1        },
		{"",								   -1        },
		{"1969-12-31",						 -1        },
		{"2100-01-01",						 -1        },
		{"2026-03-01x",						-1        },
		{"32 Mar 2026 10:00",                  -1        },
	};

	for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++)
		is_int((long long) moment_read(moments[i].text), (long long) moments[i].seconds,
			   moments[i].text);
}

static void
test_lengths(void)
{
	static const struct
	{
		const char *text;
		double seconds;
	} lengths[] = {
		{"90",             90  },
        {"90.5",           90.5},
        {"1:30",           90  },
		{"01:02:03",       3723},
        {"PT1H2M3S",       3723},
        {"pt90m",          5400},
		{"PT",             -1  },
        {"1:2:3:4",        -1  },
        {"-5",             -1  },
		{"1e3",            -1  },
        {"",               -1  },
        {":",              -1  },
		{"PT5X",           -1  },
        {"PT5S5H",         -1  },
        {"99999999999999", -1  }
    };

	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
		ok(moment_read_length(lengths[i].text) == lengths[i].seconds, "length \"%s\"",
		   lengths[i].text);
}

static void
test_names(void)
{
	char name[NAME_SIZE];
	char longest[4 * NAME_MOST];

	name_tidy("  A\tlecture\r\n about\x01 sets  ", name);
	is_str(name, "A lecture about sets", "blanks and control characters");
	name_tidy("bad \xff\xc3( \xe2\x80\xaegnp", name);
	is_str(name, "bad \xef\xbf\xbd\xef\xbf\xbd( gnp",
		   "bytes that are no text, and what turns it round");
	memset(longest, 'x', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	name_tidy(longest, name);
	is_int((long long) strlen(name), NAME_MOST, "not longer than it may be");
	ok(name_is_text("a  b \xef\xbf\xbd \xd0\xb6"),
	   "blanks and the sign for no character are text");
	ok(!name_is_text("\xff") && !name_is_text("a\tb") && !name_is_text("\x7f"),
	   "bytes and control characters are not");
	name_of_address("https://e.org/a/My%20lecture%2c%20part%201.mp4?x=/y.z#f", name);
	is_str(name, "My lecture, part 1", "of a URL");
	name_of_address("a/100% sure.v2 final.mkv", name);
	is_str(name, "100% sure.v2 final", "of a path: percent signs are signs");
	name_of_address("https://e.org/a%00b%zz.mp4", name);
	is_str(name, "a%00b%zz", "no end of the text within it");
	name_of_address("a/.hidden", name);
	is_str(name, ".hidden", "a dot at the beginning is no suffix");
	name_last_part("https://e.org/a/b.mp4/", name);
	is_str(name, "b.mp4", "a slash at the end");
}

static void
is_key(const char *one, const char *other, bool same)
{
	char left[KEY_SIZE] = "";
	char right[KEY_SIZE] = "";
	Error err;
	bool read = key_of_url(one, left, &err) && key_of_url(other, right, &err);

	ok(read && (strcmp(left, right) == 0) == same, "%s %s %s", one,
	   same ? "is" : "is not", other);
}

static void
test_url_keys(void)
{
	char key[KEY_SIZE];
	char longest[3000];
	Error err;

	ok(key_of_url("HTTPS://Me:secret@E.org:443/A?b=C#d", key, &err) &&
		   strcmp(key, "url:https://e.org/A?b=C") == 0,
	   "the usual form has no secrets: %s", key);
	is_key("http://e.org", "http://E.ORG:80/#top", true);
	is_key("https://e.org/a", "https://e.org/A", false);
	is_key("https://e.org/a", "http://e.org/a", false);
	is_key("https://e.org/a?x=1", "https://e.org/a?x=2", false);
	snprintf(longest, sizeof longest, "https://e.org/%02900d", 7);
	ok(key_of_url(longest, key, &err) && strlen(key) < 100, "a long one is hashed");
	longest[2000] = '1';
	is_key(longest, "https://e.org/a", false);
	ok(!key_of_url("ftp://e.org/a", key, &err) && strcmp(err.code, "bad_url") == 0,
	   "not every URL can be fetched");
}

/* A file of this size whose byte at `at` is `byte`; others are zero. */
static void
key_of(int64_t bytes, int64_t at, char byte, char key[KEY_SIZE])
{
	FILE *file = tmpfile();
	Error err;

	if (file == NULL || ftruncate(fileno(file), bytes) < 0 ||
		(at >= 0 && pwrite(fileno(file), &byte, 1, at) != 1) ||
		!key_of_file(fileno(file), bytes, key, &err))
		snprintf(key, KEY_SIZE, "failed");
	if (file != NULL)
		fclose(file);
}

static void
test_file_keys(void)
{
	static const int64_t places[] = {0, 16383, 500000, 999999};
	char empty[KEY_SIZE];
	char key[KEY_SIZE];

	key_of(1000000, -1, 0, empty);
	ok(strncmp(empty, "inbox:", 6) == 0 && strlen(empty) == 46, "a key: %s", empty);
	key_of(1000000, 0, 0, key);
	is_str(key, empty, "the same bytes have the same key");
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
	{
		key_of(1000000, places[i], 1, key);
		ok(strcmp(key, empty) != 0, "another byte at %lld", (long long) places[i]);
	}
	key_of(999999, -1, 0, key);
	ok(strcmp(key, empty) != 0, "another size");
	key_of(1, 0, 1, key);
	ok(strncmp(key, "inbox:", 6) == 0, "a file of one byte");
}

static void
test_settled(void)
{
	static const char *const partial[] = {".hidden", "a.mp4.part", "a.MP4.CRDOWNLOAD",
										  "a.mp4~", "a.tmp"};
	static const char *const whole[] = {"a.mp4", "part.mp4", "a~b.mp4", "tmp"};
	struct stat one = {
		.st_size = 5, .st_ctim = {.tv_sec = 1000, .tv_nsec = 500000000}
    };
	struct stat other = one;

	for (size_t i = 0; i < sizeof partial / sizeof partial[0]; i++)
		ok(settle_name_is_partial(partial[i]), "%s is being made", partial[i]);
	for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
		ok(!settle_name_is_partial(whole[i]), "%s is not", whole[i]);
	ok(!settle_is_old(&one, 1010.4, 10) && settle_is_old(&one, 1010.5, 10),
	   "ten seconds without a change");
	ok(!settle_is_old(&one, 500, 10), "a time to come is not past");
	ok(settle_is_same(&one, &other), "nothing changed");
	other.st_ctim.tv_nsec++;
	ok(!settle_is_same(&one, &other), "something changed");
	other = one;
	other.st_ino++;
	ok(!settle_is_same(&one, &other), "another file of that name");
}

static void
test_writer(void)
{
	char path[] = "/tmp/leap-settle-XXXXXX";
	int writer = mkstemp(path);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	/* a file system without leases cannot tell */
	ok(settle_has_writer(fd) || fcntl(fd, F_GETLEASE) < 0, "somebody writes");
	close(writer);
	ok(!settle_has_writer(fd), "nobody writes any more");
	close(fd);
	unlink(path);
}

int
main(void)
{
	test_lines();
	test_tables();
	test_json();
	test_feeds();
	test_next_pages();
	test_binary();
	test_moments();
	test_lengths();
	test_names();
	test_url_keys();
	test_file_keys();
	test_settled();
	test_writer();
	return done_testing();
}
