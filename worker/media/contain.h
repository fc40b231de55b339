/*
 * media/contain.h
 *	  What a process gives up before it reads its first untrusted byte.
 */
#ifndef LEAP_MEDIA_CONTAIN_H
#define LEAP_MEDIA_CONTAIN_H

#include "base/error.h"

/*
 * The process ends with its parent, gains no privileges, dumps no core, and is limited in
 * address space (2 GiB, but not under the address sanitizer, which reserves terabytes), open
 * descriptors and processor time (hours).
 */
bool contain_process(unsigned cpu_hours, Error *err);

#endif
