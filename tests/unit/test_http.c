/* sources: http/head.c http/chunk.c base/buffer.c */
/*
 * tests/unit/test_http.c
 *	  Heads and bodies of HTTP requests: what is read, and what is refused because two programs
 *	  could read it differently.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "http/chunk.h"
#include "http/head.h"
#include "tap.h"

static Head head;
static HeadRefusal refusal;
static size_t used;

static HeadResult
read_text(const char *text)
{
	return head_read(text, strlen(text), &head, &used, &refusal);
}

static void
test_good(void)
{
	const char *text = "GET /recordings?status=eq.FAILED&select=id,name HTTP/1.1\r\n"
					   "Host: example.org:8080\r\n"
					   "Prefer:  count=exact , return=minimal \t\r\n"
					   "X-Empty:\r\n"
					   "\r\nnext";

	is_int(read_text(text), HEAD_DONE, "a request is read");
	is_int(used, (long long) strlen(text) - 4, "up to its empty line");
	ok(slice_is(head.method, "GET"), "method");
	ok(slice_is(head.target, "/recordings?status=eq.FAILED&select=id,name"), "target");
	ok(slice_is(head.authority, "example.org:8080"), "host");
	is_int(head.minor, 1, "version");
	is_int(head.count, 3, "fields");
	ok(slice_is(*head_field(&head, "prefer"), "count=exact , return=minimal"),
	   "a value without the blanks around it");
	ok(slice_lists(*head_field(&head, "prefer"), "Return=Minimal"), "a word of a list");
	ok(!slice_lists(*head_field(&head, "prefer"), "count"), "not a part of a word");
	ok(slice_is(*head_field(&head, "x-empty"), ""), "an empty value");
	ok(head_field(&head, "cookie") == NULL, "a field that is not there");
	ok(head.keep_alive && !head.chunked && head.content_length == -1,
	   "no body, kept alive");

	is_int(read_text("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 007\r\n"
					 "Expect: 100-Continue\r\nConnection: foo, Close\r\n\r\n"),
		   HEAD_DONE, "a request with a body");
	is_int(head.content_length, 7, "length of the body");
	ok(head.expect_continue && !head.keep_alive, "it waits for a word, then the end");
	is_int(read_text("PUT /x HTTP/1.1\r\nhOST: a\r\ntransfer-encoding: Chunked\r\n\r\n"),
		   HEAD_DONE, "a chunked body");
	ok(head.chunked, "chunked");
	is_int(read_text("\r\nGET / HTTP/1.0\r\n\r\n"), HEAD_DONE,
		   "HTTP/1.0 without Host, after an empty line");
	ok(!head.keep_alive && head.minor == 0, "it ends with the answer");
	is_int(read_text("GET http://other.example/a?b HTTP/1.1\r\nHost: a\r\n\r\n"),
		   HEAD_DONE, "a target in absolute form");
	ok(slice_is(head.target, "/a?b") && slice_is(head.authority, "other.example"),
	   "its host counts, not the field");
	is_int(read_text("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), HEAD_DONE, "OPTIONS *");
	is_int(read_text("GET / HTTP/1.7\r\nHost: a\r\n\r\n"), HEAD_DONE,
		   "a later HTTP/1 is spoken to as 1.1");
}

#define HOST "Host: a\r\n"
#define GET  "GET / HTTP/1.1\r\n" HOST

static const struct
{
	int status;
	const char *text;
	const char *what;
} bad[] = {
	{400, GET "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",          "both framings"                 },
	{400, GET "Content-Length: 3\r\nContent-Length: 3\r\n\r\n",                   "length twice"                  },
	{400, GET "Content-Length: 3, 3\r\n\r\n",                                     "a list of lengths"             },
	{400, GET "Content-Length: +3\r\n\r\n",                                       "a sign"                        },
	{400, GET "Content-Length: 0x3\r\n\r\n",                                      "hexadecimal"                   },
	{400, GET "Content-Length:\r\n\r\n",										  "no length"                     },
	{400, GET "Content-Length: 9999999999999999999\r\n\r\n",                      "an overflow"                   },
	{400, GET "Transfer-Encoding : chunked\r\n\r\n",                              "a blank before the colon"      },
	{400, GET "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
	 "encoding twice"																							 },
	{501, GET "Transfer-Encoding: gzip, chunked\r\n\r\n",                         "another encoding"              },
	{501, GET "Transfer-Encoding: xchunked\r\n\r\n",                              "an unknown encoding"           },
	{400, "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",                 "chunks in HTTP/1.0"            },
	{400, "GET / HTTP/1.1\r\n\r\n",											   "no Host"                       },
	{400, GET "Host: b\r\n\r\n",												  "Host twice"                    },
	{400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",                                  "a path as Host"                },
	{400, "GET / HTTP/1.1\r\nHost: a\n\r\n",                                      "a bare LF"                     },
	{400, "GET / HTTP/1.1\nHost: a\r\n\r\n",                                      "a bare LF after the version"   },
	{400, GET "A: b\rc\r\n\r\n",												  "a bare CR in a value"          },
	{400, GET "A: b\x01\r\n\r\n",												 "a control character"           },
	{400, GET "A: b\r\n c\r\n\r\n",											   "a folded field"                },
	{400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n",                                   "a blank before the first field"},
	{400, GET ": b\r\n\r\n",													  "a field without name"          },
	{400, GET "A B: c\r\n\r\n",												   "a blank in a name"             },
	{400, GET "no colon\r\n\r\n",												 "a field without colon"         },
	{400, "GET  / HTTP/1.1\r\n" HOST "\r\n",                                      "two blanks"                    },
	{400, "GET /\tHTTP/1.1\r\n" HOST "\r\n",                                      "a tab"                         },
	{400, "GET / HTTP/1.1 \r\n" HOST "\r\n",                                      "a blank after the version"     },
	{400, " GET / HTTP/1.1\r\n" HOST "\r\n",                                      "a blank before the method"     },
	{400, "GET a HTTP/1.1\r\n" HOST "\r\n",                                       "a target without /"            },
	{400, "GET * HTTP/1.1\r\n" HOST "\r\n",                                       "* without OPTIONS"             },
	{400, "GET /\x80 HTTP/1.1\r\n" HOST "\r\n",                                   "a target beyond ASCII"         },
	{400, "GET /#a HTTP/1.1\r\n" HOST "\r\n",                                     "a fragment"                    },
	{400, "GET / HTTX/1.1\r\n" HOST "\r\n",                                       "another protocol"              },
	{400, "GET / HTTP/11\r\n" HOST "\r\n",                                        "no version"                    },
	{505, "GET / HTTP/2.0\r\n" HOST "\r\n",                                       "another version"               },
	{501, "AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDD / HTTP/1.1\r\n" HOST "\r\n",
	 "a method too long"																						  },
	{400, "CONNECT a:443 HTTP/1.1\r\n" HOST "\r\n",                               "CONNECT"                       },
	{417, GET "Expect: a miracle\r\n\r\n",                                        "an unknown expectation"        },
	{400, "\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n",                               "two empty lines"               },
};

static void
test_bad(void)
{
	static const char nul[] = GET "A: b\0c\r\n\r\n";

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
	{
		HeadResult result = read_text(bad[i].text);

		ok(result == HEAD_REFUSED && refusal.status == bad[i].status, "%d: %s",
		   bad[i].status, bad[i].what);
		if (result == HEAD_REFUSED && refusal.status != bad[i].status)
			printf("# got %d: %s\n", refusal.status, refusal.reason);
	}
	ok(head_read(nul, sizeof nul - 1, &head, &used, &refusal) == HEAD_REFUSED &&
		   refusal.status == 400,
	   "400: a NUL");
}

/* A request of this beginning, so often this text, and this end. */
static HeadResult
read_long(const char *begin, const char *text, int times, const char *end)
{
	CLEANUP(buffer) Buffer request;

	buffer_init(&request);
	buffer_puts(&request, begin);
	for (int i = 0; i < times; i++)
		buffer_puts(&request, text);
	buffer_puts(&request, end);
	return read_text(request.data);
}

static void
test_limits(void)
{
	ok(read_long("GET /", "a", HEAD_MOST_TARGET, " HTTP/1.1\r\n" HOST "\r\n") ==
			   HEAD_REFUSED &&
		   refusal.status == 414,
	   "414: a long target");
	ok(read_long(GET, "A: b\r\n", HEAD_MOST_FIELDS, "\r\n") == HEAD_REFUSED &&
		   refusal.status == 431,
	   "431: many fields");
	ok(read_long(GET "A: ", "a", 20000, "\r\n\r\n") == HEAD_REFUSED &&
		   refusal.status == 431,
	   "431: a long head");
}

/* However the bytes arrive, the result is the same: each beginning is "more" or the refusal
 * that the whole has. */
static void
test_parts(void)
{
	int wrong = 0;
	const char *good = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nA: b\r\n\r\n";

	for (size_t n = 0; n < strlen(good); n++)
	{
		char *part = malloc(n + 1); /* so that a read beyond its end is seen */

		memcpy(part, good, n);
		wrong += head_read(part, n, &head, &used, &refusal) != HEAD_MORE;
		free(part);
	}
	is_int(wrong, 0, "a head that is not whole waits for more");
	wrong = 0;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		for (size_t n = 0; n < strlen(bad[i].text); n++)
		{
			char *part = malloc(n + 1);
			HeadResult result;

			memcpy(part, bad[i].text, n);
			result = head_read(part, n, &head, &used, &refusal);
			wrong += result == HEAD_DONE ||
					 (result == HEAD_REFUSED && refusal.status != bad[i].status);
			free(part);
		}
	is_int(wrong, 0, "and a bad one is never taken before it is seen to be bad");
}

/* The body, or NULL; whatever the size of the parts it comes in. */
static char *
unchunk(const char *text, size_t length, size_t step, size_t *taken)
{
	ChunkReader reader = {0};
	char *body = calloc(1, length + 1);
	size_t size = 0;

	*taken = 0;
	while (*taken < length && reader.place != CHUNK_ENDED &&
		   reader.place != CHUNK_REFUSED)
	{
		const char *data;
		size_t part = length - *taken < step ? length - *taken : step;
		size_t data_length;

		*taken += chunk_read(&reader, text + *taken, part, &data, &data_length);
		memcpy(body + size, data, data_length);
		size += data_length;
	}
	if (reader.place == CHUNK_ENDED)
		return body;
	free(body);
	return NULL;
}

static void
test_chunks(void)
{
	static const char *const wrong[] = {
		"3;a=b\r\nabc\r\n0\r\n\r\n", "3\nabc\r\n0\r\n\r\n",    "3\r\nabcd\r\n0\r\n\r\n",
		"3\r\nab\r\n0\r\n\r\n",      "\r\nabc\r\n0\r\n\r\n",   "-1\r\n\r\n",
		"0x3\r\nabc\r\n0\r\n\r\n",   "3 \r\nabc\r\n0\r\n\r\n", "0\r\nA: b\r\n\r\n",
		"1000000000000000\r\n",      "3\r\nabc0\r\n\r\n",      "g\r\n\r\n",
	};
	const char *good = "3\r\nabc\r\n00A\r\n0123456789\r\n1\r\nz\r\n0\r\n\r\nGET";
	size_t taken;
	int same = 0;

	for (size_t step = 1; step <= strlen(good); step++)
	{
		char *body = unchunk(good, strlen(good), step, &taken);

		same += body != NULL && strcmp(body, "abc0123456789z") == 0 &&
				taken == strlen(good) - 3;
		free(body);
	}
	is_int(same, (long long) strlen(good), "chunks are joined, however they arrive");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		ok(unchunk(wrong[i], strlen(wrong[i]), 100, &taken) == NULL,
		   "refused: chunks no. %zu", i);
}

int
main(void)
{
	test_good();
	test_bad();
	test_limits();
	test_parts();
	test_chunks();
	return done_testing();
}
