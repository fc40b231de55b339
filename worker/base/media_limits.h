/*
 * base/media_limits.h
 *	  How much one run of leap-media may take, by its command and the size of what it reads.
 *
 * leap-media gives up everything beyond before it reads its first byte (media/contain.h);
 * whoever runs it ends it when it takes longer (base/process.h). Both compute the same.
 */
#ifndef LEAP_BASE_MEDIA_LIMITS_H
#define LEAP_BASE_MEDIA_LIMITS_H

#include <stdint.h>

typedef struct MediaLimits
{
	int64_t memory_bytes; /* of address space */
	int64_t file_bytes;   /* of each file it writes */
	double cpu_seconds;
	double wall_seconds;
	double wall_per_mib;    /* of wall_seconds, what each MiB of input adds */
	int64_t expected_bytes; /* of an input still arriving, which may be fewer; else -1 */
} MediaLimits;

/*
 * argv starts with the command ("cut") and ends with NULL; a command nobody knows gets the
 * least. input_bytes is the size of the largest regular file among its descriptors when it
 * starts, 0 where there is none; of one that is still arriving (--arrival) --arrival-size tells
 * how large it will be, and without it very large is assumed.
 */
MediaLimits media_limits(const char *const *argv, int64_t input_bytes);

/* How long to wait when all has arrived, and it is so many bytes. */
double media_limits_wall(const MediaLimits *limits, int64_t bytes);

#endif
