/*
 * gate/files_open.c
 *	  Opening a file of the storage without keeping the loop from its work.
 */
#include "gate/files_open.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/array.h"

struct FileOpening
{
	DiskJob job;
	Gate *gate;
	Request *request; /* NULL: nobody waits */
	FileFound *found; /* of the request */
	void (*then)(Request *request, FileFound *found);
	char *uri;
	int fd;
	int64_t bytes;
	Error err;
};

static void
open_file(DiskJob *job)
{
	FileOpening *opening = (FileOpening *) job;

	if (!storage_open(&opening->gate->storage, opening->uri, &opening->fd,
					  &opening->bytes, &opening->err))
		opening->fd = -1;
}

static void
opened(DiskJob *job)
{
	FileOpening *opening = (FileOpening *) job;
	Request *request = opening->request;

	if (request != NULL)
	{
		request->opening = NULL;
		opening->found->fd = opening->fd;
		opening->found->bytes = opening->bytes;
		opening->found->err = opening->err;
		opening->then(request, opening->found);
	}
	else if (opening->fd >= 0)
		(void) close(opening->fd);
	free(opening->uri);
	free(opening);
}

void
files_open(Request *request, FileFound *found,
		   void (*then)(Request *request, FileFound *found))
{
	FileOpening *opening = array_new(1, sizeof *opening);

	*opening = (FileOpening){
		.job = {.work = open_file, .done = opened},
		.gate = request->gate,
		.request = request,
		.found = found,
		.then = then,
		.uri = array_text(found->uri),
		.fd = -1
    };
	request->opening = opening;
	if (storage_is_remote(&request->gate->storage))
	{
		disk_run(request->gate->disk, &opening->job);
		return;
	}
	open_file(&opening->job);
	opened(&opening->job);
}

void
files_open_leave(FileOpening *opening)
{
	if (opening != NULL)
		opening->request = NULL;
}
