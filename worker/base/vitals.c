/*
 * base/vitals.c
 *	  The page that a worker and whoever watches it share.
 */
#include "base/vitals.h"

#include <stddef.h>
#include <sys/mman.h>

bool
vitals_share(Vitals **vitals, Error *err)
{
	void *page = mmap(NULL, sizeof **vitals, PROT_READ | PROT_WRITE,
					  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return error_errno(err, "memory", "cannot share memory");
	*vitals = page;
	return true;
}
