/*
 * media/contain.c
 *	  Limits of a process that parses media.
 */
#include "media/contain.h"

#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define MAX_ADDRESS_SPACE ((rlim_t) 2 << 30)
#define MAX_DESCRIPTORS   64

static bool
limit(__rlimit_resource_t resource, rlim_t value, const char *name, Error *err)
{
	struct rlimit now;

	if (getrlimit(resource, &now) != 0)
		return error_errno(err, "contain_failed", "cannot read the limit on %s", name);
	if (now.rlim_max != RLIM_INFINITY && now.rlim_max < value)
		value = now.rlim_max;
	now = (struct rlimit){value, value};
	if (setrlimit(resource, &now) != 0)
		return error_errno(err, "contain_failed", "cannot limit %s", name);
	return true;
}

bool
contain_process(unsigned cpu_hours, Error *err)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 ||
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return error_errno(err, "contain_failed", "cannot contain the process");
	return
#ifndef __SANITIZE_ADDRESS__
		limit(RLIMIT_AS, MAX_ADDRESS_SPACE, "address space", err) &&
#endif
		limit(RLIMIT_CPU, (rlim_t) cpu_hours * 3600, "processor time", err) &&
		limit(RLIMIT_CORE, 0, "core dumps", err) &&
		limit(RLIMIT_NOFILE, MAX_DESCRIPTORS, "descriptors", err);
}
