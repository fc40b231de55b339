/*
 * gate/upload_parts.h
 *	  What the files of uploads share: nobody else includes it.
 */
#ifndef LEAP_GATE_UPLOAD_PARTS_H
#define LEAP_GATE_UPLOAD_PARTS_H

#include <cjson/cJSON.h>

#include "base/hash.h"
#include "gate/disk.h"
#include "gate/multipart.h"
#include "gate/upload.h"

/* What is written at once; twice as much is in memory. */
#define UPLOAD_PIECE ((size_t) 256 * 1024)

struct Upload
{
	DiskJob job; /* first: a DiskJob is the beginning of its Upload */
	Gate *gate;
	Request *request; /* NULL: nobody waits for it any more */
	char id[40];
	char *uri;
	int fd;
	Hash hash;
	char sha256[HASH_HEX_SIZE];
	Buffer piece;   /* arrived, to be written */
	Buffer writing; /* of the disk's thread as long as disk_busy */
	int64_t received;
	int64_t written;
	int64_t reserved;
	double told_at; /* the database, that it goes on */
	bool paused;    /* the client waits for room in `piece` */
	bool whole;     /* the last byte has arrived */
	bool finishing; /* the database makes the recording */
	bool removing;
	bool disk_busy;
	bool database_busy;
	void (*after)(Upload *upload); /* the work of the disk */
	Error error;                   /* of that work */
	bool full;                     /* its reason: no room on the disk */
	/* what is known of the lecture */
	char *name;     /* of its file, "" when nobody said */
	cJSON *options; /* as leap.begin_upload() takes them */
	Multipart *form;
	bool file_seen;
	Buffer field; /* the form's field that is arriving */
	char field_name[MULTIPART_NAME];
	size_t field_bytes; /* of all fields */
	const char *values[5];
	char received_text[24];
	char wanted_text[24];
	char *options_text;
};

/* upload_file.c: the file, by the disk's threads; `after` follows in the loop. */
void upload_file_create(Upload *upload, void (*after)(Upload *upload));
void upload_file_write(Upload *upload, void (*after)(Upload *upload));
void upload_file_sync(Upload *upload, void (*after)(Upload *upload));

/* Nobody wants it: removes the file and tells the database, then frees the upload. */
void upload_file_remove(Upload *upload);
void upload_free(Upload *upload);

/* upload.c: the work of the disk failed. */
void upload_disk_failed(Upload *upload);

/* upload_form.c: the options of a query; false: it has been answered. */
bool upload_read_query(Request *request, char **name, cJSON **options);

/* Whether the body may be a file by its Content-Type; false: it has been answered. */
bool upload_takes_type(Request *request);

/* The reader of the form of a request; its file goes to upload_receive(). False: it has been
 * answered. */
bool upload_open_form(Upload *upload);

/* upload_finish.c: makes a recording of what is whole and synced, and answers. */
void upload_finish(Upload *upload);

/* upload.c: answers what the database said instead of a result. */
void upload_refuse_outcome(Request *request, const DbPoolOutcome *outcome);

/* upload.c: the next bytes of the file. False: too many, it has been answered. */
bool upload_receive(Upload *upload, const char *bytes, size_t length);

#endif
