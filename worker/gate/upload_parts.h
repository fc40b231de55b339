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

/* The largest lecture: leap.upload_most(). */
#define UPLOAD_MOST ((int64_t) 64 << 30)

/* What is written at once; twice as much is in memory. */
#define UPLOAD_PIECE ((size_t) 256 * 1024)

/* gate/tus_parts.h: what an upload has that comes in several requests. */
typedef struct Tus Tus;

struct Upload
{
	DiskJob job; /* first: a DiskJob is the beginning of its Upload */
	Gate *gate;
	Request *request; /* NULL: nobody waits for it any more */
	char id[40];
	char database[STORAGE_OWNER_SIZE]; /* that it is for; "" = not known */
	char *uri;
	int fd;
	Hash hash;
	char sha256[HASH_HEX_SIZE];
	Buffer piece;   /* arrived, to be written */
	Buffer writing; /* of the disk's thread as long as disk_busy */
	int64_t received;
	int64_t written;
	int64_t reserved;
	int64_t most;   /* that may be received */
	double told_at; /* the database, that it goes on */
	bool paused;    /* the client waits for room in `piece` */
	bool whole;     /* the last byte has arrived */
	bool finishing; /* the database makes the recording */
	bool removing;
	bool disk_busy;
	bool database_busy;
	void (*after)(Upload *upload);    /* the work of the disk */
	Error error;                      /* of that work */
	bool full;                        /* its reason: no room on the disk */
	void (*arrived)(Upload *upload);  /* all of the body is written */
	void (*unwanted)(Upload *upload); /* nobody waits, and the disk does not work on it */
	Tus *tus;                         /* NULL: it comes in a single request */
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

/* In such a thread, before a file is made: whether the storage is that database's. False: the
 * upload's error says whose it is. */
bool upload_file_claim(Upload *upload);

/* Other work on it: `work` gets the upload. */
void upload_file_give(Upload *upload, void (*work)(DiskJob *job),
					  void (*after)(Upload *upload));

/* What errno says about the disk, as the upload's error. */
void upload_note_errno(Upload *upload, const char *what);

/* Nobody wants it: removes the file and tells the database, then frees the upload. */
void upload_file_remove(Upload *upload);
void upload_free(Upload *upload);

/* upload.c: the work of the disk failed. */
void upload_disk_failed(Upload *upload);

/* upload.c: one for the request, which it belongs to from then on. */
Upload *upload_new(Request *request);

/* upload.c: whether so many bytes fit on the disk; false: it has been answered. */
bool upload_has_space(Request *request, int64_t wanted);

/* upload_ask.c: asks the database, with the settings of the request before the statement. */
void upload_ask(Request *request, const char *sql, const char *const *values,
				size_t count, DbPoolAnswer answer);

/* upload_ask.c: takes the id and the place that the database gave it, in the first two columns of
 * what it returns; NULL: it has been answered. */
const DbRows *upload_take_begun(Request *request, const DbPoolOutcome *outcome);

/* upload.c: takes the body, at most so many bytes; `arrived` follows. `whole` as in
 * exchange_receive(). */
void upload_take_body(Upload *upload, int64_t most, void (*whole)(Exchange *exchange));

/* upload.c: there is nothing more of the body. */
void upload_end_body(Upload *upload);

/* upload_form.c: adds what was said as an option; false: it is no JSON where that is wanted. */
bool upload_add_option(cJSON *options, const char *name, const char *value);

/* upload_form.c: the options of a query; false: it has been answered. */
bool upload_read_query(Request *request, char **name, cJSON **options);

/* Whether the body may be a file by its Content-Type; false: it has been answered. */
bool upload_takes_type(Request *request);

/* The reader of the form of a request; its file goes to upload_receive(). False: it has been
 * answered. */
bool upload_open_form(Upload *upload);

/* upload_finish.c: makes a recording of what is whole and synced, and answers. */
void upload_finish(Upload *upload);

/* upload_ask.c: answers what the database said instead of a result. */
void upload_refuse_outcome(Request *request, const DbPoolOutcome *outcome);

/* upload.c: the next bytes of the file. False: too many, it has been answered. */
bool upload_receive(Upload *upload, const char *bytes, size_t length);

#endif
