/* sources: gate/range.c http/head.c base/error.c base/utf8.c */
/* libs: libcjson */
/*
 * tests/unit/test_range.c
 *	  Which part of a file of ten bytes is wanted.
 */
#include <string.h>

#include "gate/range.h"
#include "tap.h"

#define ETAG "\"v1\""

static const struct
{
	const char *fields;
	RangeKind kind;
	int from;
	int length;
} rows[] = {
	{"",											  RANGE_WHOLE,  0, 10},
	{"Range: bytes=0-0\r\n",                          RANGE_PART,   0, 1 },
	{"Range: bytes=2-4\r\n",                          RANGE_PART,   2, 3 },
	{"Range: bytes=2-\r\n",                           RANGE_PART,   2, 8 },
	{"Range: bytes=-3\r\n",                           RANGE_PART,   7, 3 },
	{"Range: bytes=-30\r\n",                          RANGE_PART,   0, 10},
	{"Range: bytes=8-100\r\n",                        RANGE_PART,   8, 2 },
	{"Range: bytes=10-\r\n",                          RANGE_BEYOND, 0, 0 },
	{"Range: bytes=-0\r\n",                           RANGE_BEYOND, 0, 0 },
	{"Range: bytes=4-2\r\n",                          RANGE_WHOLE,  0, 10},
	{"Range: bytes=-\r\n",							RANGE_WHOLE,  0, 10},
	{"Range: bytes=\r\n",							 RANGE_WHOLE,  0, 10},
	{"Range: bytes=a-b\r\n",                          RANGE_WHOLE,  0, 10},
	{"Range: bytes=1-2-3\r\n",                        RANGE_WHOLE,  0, 10},
	{"Range: bytes=0-1,3-4\r\n",                      RANGE_WHOLE,  0, 10},
	{"Range: items=0-1\r\n",                          RANGE_WHOLE,  0, 10},
	{"Range: bytes=99999999999999999999-\r\n",        RANGE_WHOLE,  0, 10},
	{"Range: bytes=1-2\r\nIf-Range: " ETAG "\r\n",    RANGE_PART,   1, 2 },
	{"Range: bytes=1-2\r\nIf-Range: \"v2\"\r\n",      RANGE_WHOLE,  0, 10},
	{"Range: bytes=1-2\r\nIf-Range: W/" ETAG "\r\n",  RANGE_WHOLE,  0, 10},
	{"If-None-Match: \"v0\", " ETAG "\r\n",           RANGE_SAME,   0, 0 },
	{"If-None-Match: W/" ETAG "\r\n",                 RANGE_SAME,   0, 0 },
	{"Range: BYTES=2-4\r\n",                          RANGE_PART,   2, 3 },
	{"If-None-Match: *\r\n",                          RANGE_SAME,   0, 0 },
	{"If-None-Match: \"v2\"\r\nRange: bytes=1-2\r\n", RANGE_PART,   1, 2 },
};

int
main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
	{
		char request[300];
		Head head;
		HeadRefusal refusal;
		size_t used;
		FileRange range;

		(void) snprintf(request, sizeof request, "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n",
						rows[i].fields);
		if (head_read(request, strlen(request), &head, &used, &refusal) != HEAD_DONE)
			return 1;
		range = range_read(&head, ETAG, 10);
		ok(range.kind == rows[i].kind && range.from == rows[i].from &&
			   range.length == rows[i].length,
		   "%.*s: %d from %d, %d bytes", (int) strcspn(rows[i].fields, "\r"),
		   rows[i].fields, (int) range.kind, (int) range.from, (int) range.length);
	}
	{
		static const char request[] =
			"HEAD / HTTP/1.1\r\nHost: a\r\nRange: bytes=2-4\r\n\r\n";
		Head head;
		HeadRefusal refusal;
		size_t used;

		ok(head_read(request, strlen(request), &head, &used, &refusal) == HEAD_DONE &&
			   range_read(&head, ETAG, 10).kind == RANGE_WHOLE,
		   "HEAD has no parts");
	}
	return done_testing();
}
