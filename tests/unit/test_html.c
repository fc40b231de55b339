/* sources: platform/html.c platform/slug.c platform/folder.c base/buffer.c base/utf8.c base/path.c base/error.c base/log.c */
/* libs: libcjson */
/*
 * tests/unit/test_html.c
 *	  Hostile text in pages, titles as folder names, folders that appear as a whole.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "platform/folder.h"
#include "platform/html.h"
#include "platform/slug.h"
#include "tap.h"

static void
test_text(void)
{
	static const struct
	{
		const char *text;
		const char *html;
	} cases[] = {
		{"plain",					   "plain"						 },
		{"<script>alert('1')</script>",
		 "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;"              },
		{"\" onload=\"x",               "&quot; onload=&quot;x"         },
		{"a & b &amp; c",               "a &amp; b &amp;amp; c"         },
		{"a\x1b[31mb\x07",              "a\xef\xbf\xbd[31mb\xef\xbf\xbd"},
		{"two\nlines\ttab",             "two\nlines\ttab"               },
		{"\xc3\x28 \xff",               "\xef\xbf\xbd( \xef\xbf\xbd"    },
		{"Ёж и ёлка 木",        "Ёж и ёлка 木"          },
		{"{{title}}",                   "{{title}}"                     },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		CLEANUP(buffer) Buffer out;

		buffer_init(&out);
		html_text(&out, cases[i].text);
		is_str(out.data, cases[i].html, "text");
	}
}

static void
test_json(void)
{
	CLEANUP(json) cJSON *object = cJSON_CreateObject();
	CLEANUP(json) cJSON *again = NULL;
	CLEANUP(buffer) Buffer out;
	static const char hostile[] = "</script><!--<script>&\xe2\x80\xa8";

	buffer_init(&out);
	cJSON_AddStringToObject(object, "t", hostile);
	html_json(&out, object);
	ok(strpbrk(out.data, "<>&") == NULL, "nothing in it can end the element: %s",
	   out.data);
	again = cJSON_Parse(out.data);
	is_str(cJSON_GetStringValue(cJSON_GetObjectItem(again, "t")), hostile,
		   "it reads as the same text");
}

static void
write_word(Buffer *out, const void *subject)
{
	buffer_puts(out, subject);
}

static void
test_template(void)
{
	static const HtmlSlot slots[] = {
		{"word",  write_word},
        {"other", write_word},
        {NULL,    NULL      }
    };
	static const struct
	{
		const char *template;
		const char *filled;
	} cases[] = {
		{"a {{word}} b {{other}}", "a {{word}} b {{word}}"},
		{"{{none}} {{word",        "{{none}} {{word"      },
		{"{{{word}}",              "{{{word}}"            },
		{"{{}}",				   "{{}}"                 },
		{"",					   ""					 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		CLEANUP(buffer) Buffer out;

		/* what a slot writes is never looked at again */
		buffer_init(&out);
		html_fill(&out, cases[i].template, slots, "{{word}}");
		is_str(out.data, cases[i].filled, cases[i].template);
	}
}

static void
test_slug(void)
{
	static const struct
	{
		const char *title;
		const char *slug;
	} cases[] = {
		{"Operating Systems, lecture 3",     "operating-systems-lecture-3"},
		{"Лекция 5: Ёлки и щи", "lektsiia-5-elki-i-shchi"    },
		{"Übung über Größe",             "ubung-uber-grosse"          },
		{"../../etc/passwd",                 "etc-passwd"                 },
		{"  --  ",						   "lesson"                     },
		{"",								 "lesson"					 },
		{"木の話",						"lesson"                     },
		{"it's don\xe2\x80\x99t",            "its-dont"                   },
		{"a\0b",							 "a"						  },
		{"<script>",						 "script"                     },
	};
	char slug[24];

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		char wide[64];

		slug_of(cases[i].title, wide, sizeof wide);
		is_str(wide, cases[i].slug, cases[i].title);
	}
	slug_of("a title that is much longer than a name may be", slug, sizeof slug);
	ok(strlen(slug) < sizeof slug && slug[strlen(slug) - 1] != '-', "cut: %s", slug);
}

static bool
holds(int parent, const char *path, const char *text)
{
	CLEANUP(close) int fd = openat(parent, path, O_RDONLY | O_CLOEXEC);
	char there[64] = {0};

	return fd >= 0 && read(fd, there, sizeof there - 1) >= 0 && strcmp(there, text) == 0;
}

static bool
show(int parent, const char *text, Error *err)
{
	CLEANUP(folder) Folder folder = FOLDER_NONE;

	folder_prepare(&folder, parent);
	return folder_begin(&folder, err) &&
		   folder_write(&folder, "a.txt", text, strlen(text), err) &&
		   folder_finish(&folder, err) && folder_show(&folder, "lesson", err);
}

static void
test_folder(void)
{
	char root[] = "/tmp/leap-library-XXXXXX";
	CLEANUP(close) int parent = -1;
	struct stat status;
	Error err = {0};

	if (mkdtemp(root) == NULL)
		return;
	parent = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	umask(077);
	ok(show(parent, "one", &err) && holds(parent, "lesson/a.txt", "one"), "shown: %s",
	   err.message);
	ok(fstatat(parent, "lesson/a.txt", &status, 0) == 0 &&
		   (status.st_mode & 0777) == 0644,
	   "readable for all, whatever the umask");
	ok(show(parent, "two", &err) && holds(parent, "lesson/a.txt", "two"),
	   "shown again in its place");
	{
		CLEANUP(folder) Folder folder = FOLDER_NONE;

		folder_prepare(&folder, parent);
		ok(folder_begin(&folder, &err) && folder_name_is_hidden(folder.hidden) &&
			   folder_write(&folder, "a.txt", "three", 5, &err),
		   "one that is given up");
		ok(!folder_write(&folder, "a.txt", "x", 1, &err), "a file is written once");
	}
	ok(holds(parent, "lesson/a.txt", "two"), "changes nothing");
	ok(folder_replace_file(parent, "list", "1", 1, &err) &&
		   folder_replace_file(parent, "list", "22", 2, &err) &&
		   holds(parent, "list", "22"),
	   "a file is replaced as a whole");
	ok(unlinkat(parent, "list", 0) == 0 && path_remove_tree(parent, "lesson", &err) &&
		   rmdir(root) == 0,
	   "nothing hidden is left");
}

int
main(void)
{
	test_text();
	test_json();
	test_template();
	test_slug();
	test_folder();
	return done_testing();
}
