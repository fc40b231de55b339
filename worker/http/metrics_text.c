/*
 * http/metrics_text.c
 *	  What all that tell of themselves need.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "http/metrics.h"

void
metrics_put(Buffer *text, const char *name, const char *type, const char *help,
			double value)
{
	buffer_printf(text, "# HELP %s %s\n# TYPE %s %s\n%s %.15g\n", name, help, name, type,
				  name, value);
}

/* The first line of a file, as far as it fits. */
static bool
first_line(const char *path, char *line, size_t size)
{
	CLEANUP(fclose) FILE *file = fopen(path, "re");

	return file != NULL && fgets(line, (int) size, file) != NULL;
}

double
metrics_resident_bytes(int64_t pid)
{
	char path[64];
	char line[128];
	const char *second;

	snprintf(path, sizeof path, "/proc/%" PRId64 "/statm", pid);
	second = first_line(path, line, sizeof line) ? strchr(line, ' ') : NULL;
	return second == NULL
			   ? 0
			   : (double) strtoll(second, NULL, 10) * (double) sysconf(_SC_PAGESIZE);
}
