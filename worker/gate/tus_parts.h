/*
 * gate/tus_parts.h
 *	  What the files of resumable uploads share: nobody else but those of uploads includes it.
 */
#ifndef LEAP_GATE_TUS_PARTS_H
#define LEAP_GATE_TUS_PARTS_H

#include "gate/tus.h"
#include "gate/upload_parts.h"

#define TUS_PATH "/api/v1/uploads/tus"

struct Tus
{
	int64_t said;     /* Upload-Length of this request, -1: none */
	int64_t offset;   /* Upload-Offset of this request */
	int64_t start;    /* of what this request brings */
	int64_t expected; /* bytes in all, -1: nobody has said */
	int64_t length;   /* of the file, when it was opened */
	int64_t unproved; /* what stands from there on does not count, -1: all counts */
	bool creates;
	bool looks;    /* HEAD */
	bool brings;   /* a body */
	bool locked;   /* by somebody else */
	bool missing;  /* the file is not on this machine */
	bool stored;   /* it was committed before */
	bool mismatch; /* the body is not what its checksum says */
	char expires[40];
	char *metadata;             /* as it was sent, NULL: none */
	Hash check;                 /* of the body, not begun: none was sent */
	char wanted[HASH_HEX_SIZE]; /* its checksum */
	bool wants_sha1;
	bool has_check;
};

/* tus_fields.c: the value of a field of digits; false: it is none that can be. -1: not sent. */
bool tus_number(Request *request, const char *name, int64_t *number);

/* tus_fields.c: what Upload-Metadata says, into name and options. False: it cannot be read. */
bool tus_read_metadata(Request *request, Upload *upload);

/* tus_fields.c: Upload-Checksum. False: it has been answered. */
bool tus_read_checksum(Request *request, Upload *upload);

/* Whether the body is said to be bytes of an upload. */
bool tus_has_type(const Request *request);

/* tus_file.c: by the disk's threads. What was written is digested there. */
void tus_file_wrote(Upload *upload);
void tus_file_create(Upload *upload, void (*after)(Upload *upload));
void tus_file_open(Upload *upload, void (*after)(Upload *upload));

/* Compares the checksum, and takes back what it does not fit; else syncs what was written. */
void tus_file_settle(Upload *upload, void (*after)(Upload *upload));

/* Makes a whole file what a recording can be made of. */
void tus_file_store(Upload *upload, void (*after)(Upload *upload));

/* Keeps what arrived, closes the file and frees the upload. */
void tus_file_leave(Upload *upload);

/* tus.c: an Upload of this protocol. */
Upload *tus_new(Request *request);
void tus_free(Tus *tus);

/* tus.c: an answer without words; further fields, "" for none. */
void tus_reply(Request *request, int status, const char *fields);

/* tus.c: an error, and the upload of the request left as it is. */
void tus_refuse(Request *request, int status, const char *code, const char *message,
				const char *hint);

/* tus.c: takes the body of a request, the file being open and the room known. */
void tus_take_body(Upload *upload);

/* tus.c: what can be told at the end of a request. */
const char *tus_progress(Request *request, const Upload *upload);

/* tus.c: the recording is made: its answer. */
void tus_write_made(Request *request);

/* tus_go.c: PATCH, HEAD and DELETE of an upload. */
void tus_go_on(Request *request, const char *id, Slice method);

#endif
