/* sources: gate/compress.c http/head.c base/buffer.c base/error.c base/utf8.c base/log.c base/clock.c */
/* libs: libcjson zlib -lm */
/*
 * tests/unit/test_compress.c
 *	  Which answers are compressed for whom, and that they can be read again.
 */
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "gate/compress.h"
#include "tap.h"

static const struct
{
	const char *accept;
	bool taken;
} fields[] = {
	{"",										  false},
	{"Accept-Encoding: gzip\r\n",                 true },
	{"Accept-Encoding: br, gzip;q=0.5\r\n",       true },
	{"Accept-Encoding: gzip;q=0\r\n",             false},
	{"Accept-Encoding: gzip;q=0.00, br\r\n",      false},
	{"Accept-Encoding: gzip;q=0.01\r\n",          true },
	{"Accept-Encoding: identity, deflate\r\n",    false},
	{"Accept-Encoding: gzip;q=0, x-gzip;q=1\r\n", true },
};

static const struct
{
	const char *method;
	size_t length;
	bool suits;
} answers[] = {
	{"GET",  COMPRESS_LEAST - 1, false},
	{"GET",  COMPRESS_LEAST,     true },
	{"GET",  COMPRESS_MOST,      true },
	{"GET",  COMPRESS_MOST + 1,  false},
	{"POST", 5000,               false},
	{"HEAD", 5000,               false},
};

static bool
read_head(const char *method, const char *more, char text[300], Head *head)
{
	HeadRefusal refusal;
	size_t used;

	(void) snprintf(text, 300, "%s / HTTP/1.1\r\nHost: a\r\n%s\r\n", method, more);
	return head_read(text, strlen(text), head, &used, &refusal) == HEAD_DONE;
}

static void
check_again(size_t length, bool alike)
{
	char *bytes = malloc(length + 1);
	char *again = malloc(length + 1);
	z_stream stream = {0};
	Buffer small;
	unsigned seed = 1;

	for (size_t i = 0; i < length; i++)
		bytes[i] =
			(char) (alike ? 'a' + i % 7 : (seed = seed * 1103515245 + 12345) >> 16);
	buffer_init(&small);
	buffer_puts(&small, "x");
	ok(compress_gzip((Slice){bytes, length}, &small), "%zu bytes are compressed", length);
	ok(!alike || small.length < length / 10, "to %zu", small.length);
	stream.next_in = (unsigned char *) small.data + 1;
	stream.avail_in = (uInt) small.length - 1;
	stream.next_out = (unsigned char *) again;
	stream.avail_out = (uInt) length + 1;
	ok(inflateInit2(&stream, MAX_WBITS + 16) == Z_OK &&
		   inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.total_out == length &&
		   memcmp(bytes, again, length) == 0,
	   "and are the same again");
	(void) inflateEnd(&stream);
	buffer_free(&small);
	free(bytes);
	free(again);
}

int
main(void)
{
	char text[300];
	Head head;

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		ok(read_head("GET", fields[i].accept, text, &head) &&
			   compress_taken(&head) == fields[i].taken,
		   "\"%.*s\" %s it", (int) strcspn(fields[i].accept, "\r"), fields[i].accept,
		   fields[i].taken ? "takes" : "does not take");
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
		ok(read_head(answers[i].method, "", text, &head) &&
			   compress_suits(&head, answers[i].length) == answers[i].suits,
		   "%zu bytes of %s", answers[i].length, answers[i].method);
	check_again(COMPRESS_LEAST, true);
	check_again(300000, true);
	check_again(300000, false);
	return done_testing();
}
