/*
 * gate/files_open.h
 *	  Opening a file of the storage without keeping the loop from its work: of a storage in S3
 *	  that fetches all of it first, which the threads of the disk do.
 */
#ifndef LEAP_GATE_FILES_OPEN_H
#define LEAP_GATE_FILES_OPEN_H

#include "gate/request.h"

/* Of a file: its row, and what it is opened as. */
typedef struct FileFound
{
	const char *uri;
	const char *etag;
	const char *media_type;
	const char *name;
	int fd; /* -1: it could not be opened, *err tells why */
	int64_t bytes;
	Error err;
} FileFound;

typedef struct FileOpening FileOpening;

/*
 * Opens found->uri and calls `then`, now or later, which takes the descriptor over. What found
 * holds lives as long as the request; who ends before is not called (files_open_leave).
 */
void files_open(Request *request, FileFound *found,
				void (*then)(Request *request, FileFound *found));

/* The request is over: nobody waits for the file any more. NULL is nothing. */
void files_open_leave(FileOpening *opening);

#endif
