/*
 * net/s3_upload.c
 *	  Storing a file of any size.
 */
#include "net/s3_upload.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "net/s3_lanes.h"

static bool
save(const S3Upload *upload, const S3UploadState *state, Error *err)
{
	return upload->save == NULL || upload->save(upload->arg, state, err);
}

static bool
confirm(const S3Upload *upload, Error *err)
{
	return upload->confirm == NULL || upload->confirm(upload->arg, err);
}

bool
s3_is_uploaded(const S3Upload *upload, const S3Object *object)
{
	return upload->facts.mark != NULL && object->bytes == upload->bytes &&
		   strcmp(object->mark, upload->facts.mark) == 0;
}

/* Of what one walk over the uploads looks for. */
typedef struct Sweep
{
	S3 *s3;
	const char *key;
	Error *err;
	bool failed;
} Sweep;

static bool
sweep_one(void *arg, const S3Begun *begun)
{
	Sweep *sweep = arg;

	if (strcmp(begun->key, sweep->key) == 0)
		sweep->failed = !s3_abort(sweep->s3, begun->key, begun->upload, sweep->err);
	return !sweep->failed;
}

static bool
forget(S3 *s3, const char *key, const S3UploadState *state, Error *err)
{
	Sweep sweep = {.s3 = s3, .key = key, .err = err};

	if (state->upload[0] != '\0')
		return s3_abort(s3, key, state->upload, err);
	/* somebody ended between asking for an upload and noting its id: it is one of this key */
	return !state->beginning ||
		   (s3_list_uploads(s3, key, sweep_one, &sweep, err) && !sweep.failed);
}

bool
s3_upload_forget(S3 *s3, const char *key, S3UploadState *state, Error *err)
{
	Error own = {0};

	if (!forget(s3, key, state, &own))
	{
		if (own.class != ERROR_CREDENTIAL && own.class != ERROR_PERMANENT)
		{
			if (err != NULL)
				*err = own;
			return false;
		}
		/* the service does not let us see to it; its parts are no reason to publish nothing */
		log_warning("an upload that was begun may be left: %s", own.message);
	}
	*state = (S3UploadState){.part_size = 0};
	return true;
}

static bool
begin(const S3Upload *upload, S3UploadState *state, Error *err)
{
	Error ignored;

	*state = (S3UploadState){.part_size = s3_part_size(upload->bytes), .beginning = true};
	if (!save(upload, state, err) ||
		!s3_begin(upload->s3, upload->key, &upload->facts, state->upload, err))
		return false;
	state->beginning = false;
	if (save(upload, state, err))
		return true;
	/* nobody will know of it */
	(void) s3_abort(upload->s3, upload->key, state->upload, &ignored);
	return false;
}

/* The upload to go on with, and what has arrived of it. */
static bool
take_up(const S3Upload *upload, S3UploadState *state, S3Parts *parts, Error *err)
{
	Error own = {0};

	if (state->upload[0] != '\0' && state->part_size > 0)
	{
		if (s3_list_parts(upload->s3, upload->key, state->upload, parts, &own))
			return true;
		s3_parts_free(parts);
		if (strcmp(own.code, "upload_gone") != 0)
		{
			if (err != NULL)
				*err = own;
			return false;
		}
		state->upload[0] = '\0';
	}
	return s3_upload_forget(upload->s3, upload->key, state, err) &&
		   begin(upload, state, err);
}

/* Has the object been made, whatever was answered? */
static bool
was_made(const S3Upload *upload, char etag[S3_ETAG_SIZE])
{
	S3Object object;
	bool found;
	Error ignored;

	if (!s3_head(upload->s3, upload->key, &found, &object, &ignored) || !found ||
		!s3_is_uploaded(upload, &object))
		return false;
	snprintf(etag, S3_ETAG_SIZE, "%s", object.etag);
	return true;
}

/* "<32 digits>-<number>": then it follows from those of the parts. */
static bool
differs(const char *etag, const char *wanted)
{
	size_t digits = strspn(etag, "0123456789abcdef");

	return wanted[0] != '\0' && digits == 32 && etag[digits] == '-' &&
		   strlen(etag) == strlen(wanted) && strcmp(etag, wanted) != 0;
}

/* Does the service say that it has our object, with another size? */
static bool
is_short(const S3Upload *upload)
{
	S3Object object;
	bool found;
	Error ignored;

	return upload->facts.mark != NULL &&
		   s3_head(upload->s3, upload->key, &found, &object, &ignored) && found &&
		   strcmp(object.mark, upload->facts.mark) == 0 && object.bytes != upload->bytes;
}

static bool
complete(const S3Upload *upload, S3UploadState *state, const S3Parts *parts,
		 char etag[S3_ETAG_SIZE], Error *err)
{
	char wanted[S3_ETAG_SIZE];
	Error own = {0};

	s3_parts_etag(parts, wanted);
	if (!confirm(upload, err))
		return false;
	if (!s3_complete(upload->s3, upload->key, state->upload, parts, etag, &own) &&
		(own.class == ERROR_LOST || !was_made(upload, etag)))
	{
		/* parts that the service does not want: all of them are sent again */
		if (strcmp(own.code, "upload_gone") == 0)
			(void) s3_upload_forget(upload->s3, upload->key, state, NULL);
		if (err != NULL)
			*err = own;
		return false;
	}
	if (!differs(etag, wanted) && !is_short(upload))
		return true;
	(void) s3_delete(upload->s3, upload->key, NULL);
	return error_set(err, ERROR_TRANSIENT, "transfer_damaged", NULL,
					 "what arrived of \"%.200s\" is not what was sent: another size, or "
					 "ETag %s instead of %s",
					 upload->key, etag, wanted);
}

static bool
store_small(const S3Upload *upload, S3UploadState *state, char etag[S3_ETAG_SIZE],
			Error *err)
{
	const S3Body body = {.fd = upload->fd,
						 .bytes = upload->bytes,
						 .sha256 = upload->sha256,
						 .share_from = upload->share_from,
						 .share_to = upload->share_to,
						 .step = upload->step};

	return s3_upload_forget(upload->s3, upload->key, state, err) &&
		   confirm(upload, err) &&
		   s3_put(upload->s3, upload->key, &body, &upload->facts, etag, err);
}

bool
s3_upload(const S3Upload *upload, S3UploadState *state, char etag[S3_ETAG_SIZE],
		  Error *err)
{
	CLEANUP(s3_parts) S3Parts parts = {.items = NULL};

	if (upload->bytes > S3_OBJECT_MOST)
		return error_set(err, ERROR_PERMANENT, "too_large",
						 "The service takes no file of this size.",
						 "\"%.200s\" has more than 5 TiB", upload->key);
	if (!s3_check_key(upload->key, err))
		return false;
	if (upload->bytes <= S3_PART_LEAST)
		return store_small(upload, state, etag, err);
	return take_up(upload, state, &parts, err) &&
		   s3_send_parts(upload, state, &parts, err) &&
		   complete(upload, state, &parts, etag, err);
}
