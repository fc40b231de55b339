/*
 * gate/page_table.h
 *	  The files of the web page as worker/page/pack put them into the program.
 */
#ifndef LEAP_GATE_PAGE_TABLE_H
#define LEAP_GATE_PAGE_TABLE_H

#include <stddef.h>

typedef struct PageFile
{
	const char *name; /* "app/main.js" */
	const char *type;
	const char *etag; /* without quotes */
	size_t at;        /* within page_bytes */
	size_t length;
	size_t gzip_at;
	size_t gzip_length; /* 0: compressing it saves nothing */
} PageFile;

extern const unsigned char page_bytes[];
extern const PageFile page_files[]; /* sorted by name, as bytes */
extern const size_t page_file_count;
extern const char page_hash[]; /* of all of them: the folder they are below */

#endif
