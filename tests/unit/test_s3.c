/* sources: net/s3_sign.c net/s3_address.c net/s3_xml.c net/s3_error.c net/s3_digest.c net/s3_parts.c net/s3_uploads.c net/s3_list.c net/s3.c net/s3_request.c net/call.c base/throughput.c net/call_line.c net/call_body.c net/authorities.c net/guard.c net/lookup.c net/network.c net/address.c net/answer.c net/url.c base/buffer.c base/clock.c base/error.c base/hash.c base/json.c base/utf8.c base/report.c */
/* libs: libcurl libssl libcjson libcrypto libxml-2.0 -lm -DLEAP_VERSION='"0"' */
/*
 * tests/unit/test_s3.c
 *	  What is said to S3 and understood of it: signatures as in the examples of its documents
 *	  (S3 API reference, "Authenticating Requests (AWS Signature Version 4)"), addresses,
 *	  refusals, sizes of parts.
 */
#include <stdio.h>
#include <string.h>

#include "net/s3_digest.h"
#include "net/s3_parts.h"
#include "net/s3_request.h"
#include "net/s3_xml.h"
#include "tap.h"

#define DAY 1369353600 /* 2013-05-24 */

static const S3 bucket = {.endpoint = "https://s3.amazonaws.com",
						  .region = "us-east-1",
						  .bucket = "examplebucket",
						  .access_key_id = "AKIAIOSFODNN7EXAMPLE",
						  .secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
						  .session_token = ""};

static const struct
{
	const char *what;
	const char *method;
	const char *key;
	S3Pair query[3];
	S3Pair headers[5];
	const char *payload;
	const char *signature; /* from "SignedHeaders=" on */
} signatures[] = {
	{"GET Object",
	 "GET", "test.txt",
	 {{NULL, NULL}},
	 {{"Range", "bytes=0-9"},
	  {"x-amz-content-sha256", S3_EMPTY_HASH},
	  {"x-amz-date", "20130524T000000Z"}},
	 S3_EMPTY_HASH,													  "host;range;x-amz-content-sha256;x-amz-date,"
	 "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"                                                     },
	{"PUT Object",
	 "PUT", "test$file.text",
	 {{NULL, NULL}},
	 {{"Date", "Fri, 24 May 2013 00:00:00 GMT"},
	  {"x-amz-date", "20130524T000000Z"},
	  {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
	  {"x-amz-content-sha256",
	   "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"}},
	 "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072", "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,"
	 "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
	{"GET Bucket Lifecycle",
	 "GET", NULL,
	 {{"lifecycle", ""}},
	 {{"x-amz-content-sha256", S3_EMPTY_HASH}, {"x-amz-date", "20130524T000000Z"}},
	 S3_EMPTY_HASH,													  "host;x-amz-content-sha256;x-amz-date,"
	 "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"                                                     },
	{"Get Bucket (List Objects)",
	 "GET", NULL,
	 {{"prefix", "J"}, {"max-keys", "2"}},
	 {{"x-amz-content-sha256", S3_EMPTY_HASH}, {"x-amz-date", "20130524T000000Z"}},
	 S3_EMPTY_HASH,													  "host;x-amz-content-sha256;x-amz-date,"
	 "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"                                                     },
};

static S3Signing
signing_of(const char *method, Buffer *host, Buffer *path, const char *key)
{
	buffer_init(host);
	buffer_init(path);
	s3_place(&bucket, key, host, path);
	return (S3Signing){.method = method,
					   .host = host->data,
					   .path = path->data,
					   .access_key_id = bucket.access_key_id,
					   .secret_access_key = bucket.secret_access_key,
					   .session_token = "",
					   .region = bucket.region,
					   .when = DAY};
}

static void
test_signatures(void)
{
	static const char head[] =
		"AWS4-HMAC-SHA256 "
		"Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
		"SignedHeaders=";

	for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++)
	{
		Buffer host;
		Buffer path;
		Buffer text;
		char wanted[600];
		S3Signing signing =
			signing_of(signatures[i].method, &host, &path, signatures[i].key);

		buffer_init(&text);
		signing.query = signatures[i].query;
		signing.headers = signatures[i].headers;
		signing.payload = signatures[i].payload;
		s3_sign(&signing, &text);
		snprintf(wanted, sizeof wanted, "%s%s", head, signatures[i].signature);
		is_str(text.data, wanted, signatures[i].what);
		buffer_free(&text);
		buffer_free(&host);
		buffer_free(&path);
	}
}

static void
test_link(void)
{
	Buffer host;
	Buffer path;
	Buffer text;
	S3Signing signing = signing_of("GET", &host, &path, "test.txt");

	buffer_init(&text);
	s3_sign_link(&signing, 86400, &text);
	is_str(text.data,
		   "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F"
		   "20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&"
		   "X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
		   "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
		   "a link");
	buffer_clear(&text);
	signing.session_token = "a/b+c=";
	s3_sign_link(&signing, 86400, &text);
	ok(strstr(text.data, "&X-Amz-Security-Token=a%2Fb%2Bc%3D&X-Amz-Signed") != NULL,
	   "a session token is part of it");
	buffer_free(&text);
	buffer_free(&host);
	buffer_free(&path);
}

static const struct
{
	const char *endpoint;
	bool path_style;
	const char *key;
	const char *url;
} addresses[] = {
	{"https://s3.eu-central-1.amazonaws.com", false, "a/b c.mp4",
	 "https://films.s3.eu-central-1.amazonaws.com/a/b%20c.mp4"                                                 },
	{"https://S3.example.org:9000/",          true,  "лекция+1~.mp4",
	 "https://s3.example.org:9000/films/%D0%BB%D0%B5%D0%BA%D1%86%D0%B8%D1%8F%2B1~.mp4"                         },
	{"https://s3.example.org:443/base/",      true,  NULL,                  "https://s3.example.org/base/films"},
	{"http://s3.example.org:80",              false, NULL,                  "http://films.s3.example.org/"     },
	{"http://127.0.0.1:8080",                 true,  "a",                   "http://127.0.0.1:8080/films/a"    },
};

static void
test_addresses(void)
{
	for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
	{
		S3 s3 = bucket;
		char url[URL_SIZE];

		s3.endpoint = addresses[i].endpoint;
		s3.path_style = addresses[i].path_style;
		s3.bucket = "films";
		ok(s3_check_settings(&s3, NULL), "good settings");
		(void) s3_address(&s3, addresses[i].key, "", url, NULL);
		is_str(url, addresses[i].url, "an address");
	}
}

static void
test_settings(void)
{
	static const S3 bad[] = {
		{.endpoint = "s3.example.org",
		 .region = "r",
		 .bucket = "abc",
		 .access_key_id = "k",
		 .secret_access_key = "s"},
		{.endpoint = "https://user@s3.example.org",
		 .region = "r",
		 .bucket = "abc",
		 .access_key_id = "k",
		 .secret_access_key = "s"},
		{.endpoint = "https://s3.example.org",
		 .region = "r",
		 .bucket = "a/b",
		 .access_key_id = "k",
		 .secret_access_key = "s"},
		{.endpoint = "https://s3.example.org",
		 .region = "r",
		 .bucket = "ab",
		 .access_key_id = "k",
		 .secret_access_key = "s"},
		{.endpoint = "https://s3.example.org",
		 .region = "",
		 .bucket = "abc",
		 .access_key_id = "k",
		 .secret_access_key = "s"},
		{.endpoint = "https://s3.example.org",
		 .region = "r",
		 .bucket = "abc",
		 .access_key_id = "k\n",
		 .secret_access_key = "s"},
		{.endpoint = "https://s3.example.org",
		 .region = "r",
		 .bucket = "abc",
		 .access_key_id = "k",
		 .secret_access_key = "" },
	};
	static const char *const keys[] = {"",    "a/../b", "..",   "./a",
									   "a/.", "a\nb",   "\xff", "a\x7f"};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!s3_check_settings(&bad[i], NULL), "settings nobody can use");
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		ok(!s3_check_key(keys[i], NULL), "no key");
	ok(s3_check_key("a..b/...c/.d/ \xef\xbf\xbd", NULL), "a strange key that is one");
}

static const struct
{
	int status;
	const char *head;
	const char *body;
	const char *class;
	const char *code;
	const char *hint; /* a part of it */
} refusals[] = {
	{403, "",								   "<Error><Code>SignatureDoesNotMatch</Code></Error>",                     "credential",
	 "credential_refused",																																  "secret key"           },
	{403, "",								   "<Error><Code>AccessDenied</Code></Error>",                              "permanent",    "access_denied",
	 "rights"																																									  },
	{403, "",								   "",																	  "permanent",    "access_denied",   "rights"               },
	{403, "",								   "<Error><Code>InvalidAccessKeyId</Code></Error>",                        "credential",
	 "credential_refused",																																  ""                     },
	{400, "",								   "<Error><Code>ExpiredToken</Code></Error>",                              "credential",
	 "credential_refused",																																  "expired"              },
	{404, "",								   "<Error><Code>NoSuchBucket</Code></Error>",                              "permanent",    "bucket_missing",
	 ""																																											},
	{404, "",								   "<Error xmlns='urn:x'><Code>NoSuchKey</Code></Error>",                   "input",
	 "object_missing",																																	  ""                     },
	{404, "",								   "<Error><Code>NoSuchUpload</Code></Error>",                              "transient",    "upload_gone",     ""                     },
	{503, "",								   "<Error><Code>SlowDown</Code></Error>",                                  "rate_limited", "rate_limited",    ""                     },
	{503, "",								   "<html>busy</html>",													 "transient",    "server_busy",     ""                     },
	{500, "",								   "<Error><Code>InternalError</Code></Error>",                             "transient",    "server_error",
	 ""																																											},
	{200, "",								   "<Error><Code>InternalError</Code></Error>",                             "transient",    "server_error",
	 ""																																											},
	{400, "",								   "<Error><Code>RequestTimeout</Code></Error>",                            "transient",    "server_busy",
	 ""																																											},
	{400, "",								   "<Error><Code>EntityTooLarge</Code></Error>",                            "permanent",    "too_large",       ""                     },
	{412, "",								   "<Error><Code>PreconditionFailed</Code></Error>",                        "permanent",
	 "object_changed",																																	  ""                     },
	{301, "x-amz-bucket-region: eu-west-1\r\n", "",																	  "permanent",    "wrong_region",
	 "\"eu-west-1\""																																							   },
	{400, "x-amz-bucket-region: eu-west-1\r\n", "",																	  "permanent",    "wrong_region",
	 "\"eu-west-1\""																																							   },
	{301, "",
	 "<Error><Code>PermanentRedirect</Code><Endpoint>b.s3.eu.amazonaws.com</Endpoint></"
	 "Error>",																										   "permanent",    "wrong_region",    "b.s3.eu.amazonaws.com"},
	{400, "",
	 "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-north-1</Region></"
	 "Error>",																										   "permanent",    "wrong_region",    "eu-north-1"           },
	{418, "",								   "<Error><Code>Teapot</Code><Message>short\nand stout</Message></Error>",
	 "permanent",																														"request_refused", ""                     },
	{507, "",								   "",																	  "quota",        "storage_full",    ""                     },
	{503, "",								   "<!DOCTYPE a [<!ENTITY x \"y\">]><Error><Code>&x;</Code></Error>",
	 "transient",																														"server_busy",     ""                     },
};

static void
test_refusals(void)
{
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
	{
		char head[200];
		CallAnswer answer = {.answer = {.status = refusals[i].status}, .head = head};
		Error err = {0};

		buffer_init(&answer.body);
		buffer_puts(&answer.body, refusals[i].body);
		snprintf(head, sizeof head, "%s", refusals[i].head);
		(void) s3_refusal(&bucket, "try", &answer, &err);
		is_str(error_class_name(err.class), refusals[i].class, refusals[i].body);
		is_str(err.code, refusals[i].code, "its code");
		ok(strstr(err.hint, refusals[i].hint) != NULL, "its hint");
		ok(strchr(err.message, '\n') == NULL, "on one line");
		buffer_free(&answer.body);
	}
}

static void
test_parts(void)
{
	static const int64_t sizes[] = {0, 1, (int64_t) 8 << 20, (int64_t) 4 << 30,
									(int64_t) 5 << 40};
	S3Parts parts = {.items = NULL};
	char etag[S3_ETAG_SIZE];

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
	{
		int64_t size = s3_part_size(sizes[i]);

		ok(size >= S3_PART_LEAST && size <= S3_PART_MOST &&
			   (sizes[i] + size - 1) / size <= S3_PARTS_MOST,
		   "parts are neither too small nor too many");
	}
	is_int(s3_part_size((int64_t) 1 << 30), 32 << 20, "a 32nd of the file");
	is_int(s3_part_size((int64_t) 100 << 30), 64 << 20,
		   "but not too much for one connection");
	/* MD5 of "a" and of "b"; of both digests one behind the other */
	s3_parts_put(&parts,
				 &(S3Part){.number = 2, .etag = "92eb5ffee6ae2fec3ad71c777531578f"});
	s3_parts_put(&parts, &(S3Part){.number = 1, .etag = "junk"});
	s3_parts_put(&parts,
				 &(S3Part){.number = 1, .etag = "0CC175b9c0f1b6a831c399e269772661"});
	is_int((int) parts.count, 2, "a part that comes again is one part");
	is_int(parts.items[0].number, 1, "in order");
	s3_parts_etag(&parts, etag);
	is_str(etag, "96e024ba2074fe77e8e965ba43a704be-2", "the ETag of the whole");
	parts.items[1].etag[0] = '\0';
	s3_parts_etag(&parts, etag);
	is_str(etag, "", "which nobody knows where one of a part is no MD5");
	s3_parts_free(&parts);
	s3_etag("W/\"abc\"", etag);
	is_str(etag, "abc", "an ETag without its quotes");
}

static void
test_digest(void)
{
	Error err = {0};
	S3Body body = S3_TEXT("Welcome to Amazon S3.");
	S3Digest digest;
	S3Digest file_digest;
	FILE *file = tmpfile();

	ok(s3_digest(&body, true, true, &digest, NULL), "hashes");
	is_str(digest.sha256,
		   "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
		   "SHA-256 as in the documents");
	is_int((int) strlen(digest.base64), 24, "MD5 in base64");
	ok(s3_etag_is_md5(digest.md5), "and in hex");
	ok(!s3_etag_is_md5("96a3efe5acf55b3d06df3d6ae3f2f65d-2"),
	   "which one of parts is not");

	fputs("--Welcome to Amazon S3.--", file);
	fflush(file);
	body = (S3Body){.fd = fileno(file), .from = 2, .bytes = 21};
	ok(s3_digest(&body, true, true, &file_digest, NULL), "a part of a file");
	is_str(file_digest.sha256, digest.sha256, "has the same SHA-256");
	is_str(file_digest.md5, digest.md5, "and MD5");
	ok(s3_digest(&body, true, false, &file_digest, NULL), "one of them alone");
	is_str(file_digest.sha256, digest.sha256, "is that one");
	is_str(file_digest.md5, "", "and no other");
	body.bytes = 30;
	ok(s3_digest(&body, false, false, &file_digest, NULL), "none reads no file");
	ok(!s3_digest(&body, true, false, &file_digest, &err),
	   "a file that is shorter than it was");
	is_str(err.code, "file_changed", err.message);
	fclose(file);
}

/* Over TLS nobody changes a body, so it is signed only where that is wanted. */
static void
test_signed_bodies(void)
{
	S3 s3 = bucket;

	ok(!s3_signs_body(&s3), "over TLS a part is not hashed");
	s3.signs_all = true;
	ok(s3_signs_body(&s3), "but where it is kept nowhere else");
	s3.signs_all = false;
	s3.endpoint = "http://127.0.0.1:8080";
	ok(s3_signs_body(&s3), "without TLS its SHA-256 is signed");
}

int
main(void)
{
	test_signatures();
	test_link();
	test_addresses();
	test_settings();
	test_refusals();
	test_parts();
	test_digest();
	test_signed_bodies();
	return done_testing();
}
