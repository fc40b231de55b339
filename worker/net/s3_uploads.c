/*
 * net/s3_uploads.c
 *	  The uploads of a bucket that nobody has ended.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "net/s3_parts.h"
#include "net/s3_request.h"
#include "net/s3_xml.h"

#define KEY_SIZE (S3_KEY_MOST + 1)

/* Where the next page begins. */
typedef struct Marker
{
	char key[KEY_SIZE];
	char upload[S3_UPLOAD_SIZE];
	bool more;
} Marker;

static bool
take_page(const S3 *s3, const CallAnswer *answer, Marker *marker,
		  bool (*visit)(void *arg, const S3Begun *begun), void *arg, Error *err)
{
	CLEANUP(s3_xml) S3Xml *xml = s3_xml_read(answer->body.data, answer->body.length);
	const S3Node *root = s3_xml_root(xml, "ListMultipartUploadsResult");
	char key[KEY_SIZE];
	char upload[S3_UPLOAD_SIZE];
	char text[64];
	Marker before = *marker;

	for (const S3Node *at = s3_xml_child(root, "Upload"); at != NULL;
		 at = s3_xml_next(at, "Upload"))
	{
		const S3Begun begun = {.key = key,
							   .upload = upload,
							   .begun = s3_xml_text(at, "Initiated", text, sizeof text)
											? s3_read_time(text)
											: -1};

		if (s3_xml_text(at, "Key", key, sizeof key) &&
			s3_xml_text(at, "UploadId", upload, sizeof upload) && !visit(arg, &begun))
		{
			marker->more = false;
			return true;
		}
	}
	(void) s3_xml_text(root, "NextKeyMarker", marker->key, sizeof marker->key);
	(void) s3_xml_text(root, "NextUploadIdMarker", marker->upload, sizeof marker->upload);
	marker->more =
		s3_xml_text(root, "IsTruncated", text, sizeof text) && strcmp(text, "true") == 0;
	return (root != NULL && (!marker->more || strcmp(before.key, marker->key) != 0 ||
							 strcmp(before.upload, marker->upload) != 0)) ||
		   error_set(err, ERROR_TRANSIENT, "bad_answer", NULL,
					 "the list of uploads of \"%s\" cannot be read", s3->bucket);
}

bool
s3_list_uploads(S3 *s3, const char *prefix,
				bool (*visit)(void *arg, const S3Begun *begun), void *arg, Error *err)
{
	Marker marker = {.more = false};

	do
	{
		CLEANUP(call_answer) CallAnswer answer = {.json = NULL};
		const S3Pair query[] = {
			{"uploads",						 ""           },
			{"prefix",						  prefix       },
			{marker.more ? "key-marker" : NULL, marker.key   },
			{"upload-id-marker",                marker.upload},
			{NULL,							  NULL         },
		};
		const S3Request request = {
			.method = "GET", .what = "list uploads", .query = query};

		if (!s3_request(s3, &request, &answer, err) ||
			!take_page(s3, &answer, &marker, visit, arg, err))
			return false;
	} while (marker.more);
	return true;
}
