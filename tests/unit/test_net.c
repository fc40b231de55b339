/* sources: net/answer.c net/url.c base/error.c base/utf8.c */
/* libs: libcurl libcjson */
/*
 * tests/unit/test_net.c
 *	  Heads of answers, what a status means, web pages in disguise, URLs that may be shown.
 */
#include <string.h>

#include "net/answer.h"
#include "net/url.h"
#include "tap.h"

static Answer
read_head(const char *const *lines)
{
	Answer answer;

	answer_clear(&answer);
	for (; *lines != NULL; lines++)
		answer_take_line(&answer, *lines, strlen(*lines));
	return answer;
}

#define HEAD(...) read_head((const char *const[]){__VA_ARGS__, NULL})

static void
test_head(void)
{
	Answer answer = HEAD("HTTP/1.1 206 Partial Content\r\n", "content-LENGTH: 95\r\n",
						 "Content-Range: bytes 5-99/100\r\n", "ETag: \"abc\"\r\n",
						 "Content-Type: Video/MP4; charset=x\r\n", "\r\n");

	is_int(answer.status, 206, "status");
	is_int(answer.length, 95, "length");
	is_int(answer.range_start, 5, "first byte");
	is_int(answer.range_total, 100, "size of the whole");
	is_str(answer.content_type, "video/mp4", "type");
	is_str(answer_validator(&answer), "\"abc\"", "validator");

	answer = HEAD("HTTP/1.1 100 Continue\r\n", "ETag: \"old\"\r\n", "HTTP/2 200 \r\n",
				  "ETag: W/\"weak\"\r\n", "Date: Sat, 21 Nov 2026 04:26:35 GMT\r\n",
				  "Last-Modified: Sat, 21 Nov 2026 04:25:35 GMT\r\n");
	is_int(answer.status, 200, "a second head replaces the first");
	is_str(answer_validator(&answer), "Sat, 21 Nov 2026 04:25:35 GMT",
		   "a weak ETag proves nothing");
	is_int(answer.length, -1, "no length");

	answer = HEAD("HTTP/2 200 \r\n", "Date: Sat, 21 Nov 2026 04:26:34 GMT\r\n",
				  "Last-Modified: Sat, 21 Nov 2026 04:25:35 GMT\r\n");
	is_str(answer_validator(&answer), "", "what was changed just now may change again");
	answer = HEAD("HTTP/2 200 \r\n", "Last-Modified: Sat, 21 Nov 2026 04:25:35 GMT\r\n");
	is_str(answer_validator(&answer), "", "a date of change without a clock is weak");
}

static void
test_hostile_head(void)
{
	Answer answer =
		HEAD("HTTP/1.1 200 OK", "Content-Length: 99999999999999999999", "nonsense",
			 "Content-Length : 5", "Content-Range: bytes -1-5/3", ": x", "ETag:");
	char long_line[2000];

	is_int(answer.length, -1, "a length beyond 63 bits is none");
	is_int(answer.range_start, -1, "a negative range is none");
	is_str(answer_validator(&answer), "", "an empty ETag is none");
	answer = HEAD("HTTP/1.1 200 OK", "Content-Length: 5 bytes");
	is_int(answer.length, -1, "a length with words is none");
	memset(long_line, 'a', sizeof long_line);
	memcpy(long_line, "ETag: \"", 7);
	answer_take_line(&answer, long_line, sizeof long_line);
	is_str(answer_validator(&answer), "", "a line beyond all measure is skipped");
	answer_take_line(&answer, "", 0);
	answer_take_line(&answer, "HTTP/1.1", 8);
	is_int(answer.status, 0, "a status line without a status");
}

static void
test_retry_after(void)
{
	Answer answer = HEAD("HTTP/1.1 429 Slow Down", "Retry-After: 120");
	Error err = {0};

	ok(!answer_error(&answer, "http://x/", &err), "429 is an error");
	ok(err.class == ERROR_RATE_LIMITED && (int) err.retry_after == 120, "with its pause");
	answer = HEAD("HTTP/1.1 503 No", "Date: Sat, 21 Nov 2026 04:00:00 GMT",
				  "Retry-After: Sat, 21 Nov 2026 04:01:30 GMT");
	answer_error(&answer, "http://x/", &err);
	ok(err.class == ERROR_RATE_LIMITED && (int) err.retry_after == 90,
	   "a date is measured by the server's clock: %g", err.retry_after);
	answer = HEAD("HTTP/1.1 503 No", "Retry-After: 99999999");
	ok((int) answer.retry_after == 86400, "at most a day");
	answer = HEAD("HTTP/1.1 503 No", "Retry-After: soon");
	answer_error(&answer, "http://x/", &err);
	ok(err.class == ERROR_TRANSIENT, "503 without a pause is tried by our own");
}

static void
test_statuses(void)
{
	static const struct
	{
		const char *line;
		ErrorClass class;
		const char *code;
	} cases[] = {
		{"HTTP/1.1 401 x", ERROR_PERMANENT, "access_denied"  },
		{"HTTP/1.1 403 x", ERROR_PERMANENT, "access_denied"  },
		{"HTTP/1.1 404 x", ERROR_INPUT,     "source_missing" },
		{"HTTP/1.1 410 x", ERROR_INPUT,     "source_missing" },
		{"HTTP/1.1 408 x", ERROR_TRANSIENT, "server_busy"    },
		{"HTTP/1.1 418 x", ERROR_PERMANENT, "request_refused"},
		{"HTTP/1.1 500 x", ERROR_TRANSIENT, "server_error"   },
		{"HTTP/1.1 599 x", ERROR_TRANSIENT, "server_error"   },
		{"HTTP/1.1 304 x", ERROR_PERMANENT, "bad_redirect"   },
		{"HTTP/1.1 204 x", ERROR_PERMANENT, "request_refused"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
	{
		Answer answer = HEAD(cases[i].line);
		Error err = {0};

		answer_error(&answer, "http://x/", &err);
		ok(err.class == cases[i].class, "%s: class", cases[i].line);
		is_str(err.code, cases[i].code, cases[i].line);
	}
}

static void
test_html(void)
{
	static const char *const pages[] = {"<!DOCTYPE html>", "\n\t <HTML lang=en>",
										"\xef\xbb\xbf<!doctype HTML", "<!-- x"};
	static const char media[] = "\0\0\0\x20"
								"ftypisom<html>";

	for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
		ok(answer_is_html(pages[i], strlen(pages[i])), "page %zu", i);
	ok(!answer_is_html(media, sizeof media), "a recording");
	ok(!answer_is_html("", 0) && !answer_is_html("<ht", 3), "too little to say");
}

static void
test_urls(void)
{
	char shown[200];

	ok(url_check("https://example.org/a.mp4", NULL), "https");
	ok(url_check("http://[::1]:8080/x", NULL), "an address in brackets");
	for (size_t i = 0; i < 8; i++)
	{
		static const char *const bad[] = {
			"file:///etc/passwd", "ftp://x/y",   "/etc/passwd",        "", "http://",
			"gopher://x/",        "http://a b/", "javascript:alert(1)"};

		ok(!url_check(bad[i], NULL), "refused: \"%s\"", bad[i]);
	}
	url_redact("https://me:secret@example.org:8443/a/b.mp4?token=secret#x", shown,
			   sizeof shown);
	is_str(shown, "https://example.org:8443/a/b.mp4", "secrets are not shown");
	url_redact("http:// secret", shown, sizeof shown);
	ok(strstr(shown, "secret") == NULL, "nor those of what is no URL");
	url_origin("https://me:pw@hooks.example:8443/services/secret?t=1", shown,
			   sizeof shown);
	is_str(shown, "https://hooks.example:8443", "of a secret path nothing is shown");
	url_origin("http://x/y", shown, sizeof shown);
	is_str(shown, "http://x", "without a port where none is given");
	ok(url_same_origin("https://A.example/x", "https://a.example:443/y"), "same origin");
	ok(!url_same_origin("https://a.example/", "http://a.example/"), "another scheme");
	ok(!url_same_origin("https://a.example/", "https://a.example:444/"), "another port");
	ok(!url_same_origin("https://a.example/", "https://b.example/"), "another host");
}

int
main(void)
{
	test_head();
	test_hostile_head();
	test_retry_after();
	test_statuses();
	test_html();
	test_urls();
	return done_testing();
}
