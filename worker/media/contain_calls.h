/*
 * media/contain_calls.h
 *	  A process that can ask the kernel for little (seccomp).
 */
#ifndef LEAP_MEDIA_CONTAIN_CALLS_H
#define LEAP_MEDIA_CONTAIN_CALLS_H

#include "base/error.h"

/*
 * From now on this process may use the descriptors it has, memory that is not executable,
 * clocks, and threads; with may_read it may open files for reading. A library that asks for
 * more is refused (EPERM); what only a hijacked process asks for (another program, another
 * process, a socket, a signal to somebody else) ends it by SIGSYS.
 *
 * *filters receives false where the kernel cannot filter: then nothing is given up, and
 * that is no error. Call it before the first thread is started.
 */
bool contain_calls(bool may_read, bool *filters, Error *err);

#endif
