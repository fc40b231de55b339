/*
 * source/site_program.h
 *	  One run of yt-dlp: contained, and on the network through the guarded proxy alone.
 *
 * It is not ours and reads what strangers serve. So it sees a folder of its own and the
 * system's programs, reads no configuration and no plugin of its users, gets its URL after
 * "--" and is never started by a shell (docs/platforms/site.md).
 */
#ifndef LEAP_SOURCE_SITE_PROGRAM_H
#define LEAP_SOURCE_SITE_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/report.h"

typedef struct SiteRun
{
	const char *program;        /* "" or NULL = sites are switched off */
	const char *folder;         /* where it may write; made if it is not there */
	const char *const *options; /* beside those of every run; NULL-terminated */
	const char *url;
	bool allow_private_addresses;
	int64_t most_bytes; /* of the network, and of a file */
	const Reporter *reporter;
	double from, to; /* of the task's progress */
	const char *step;
} SiteRun;

/*
 * Runs it to its end; output receives what it printed that is no progress.
 *
 * Errors: site_disabled, site_program_missing (permanent); those of what it says: bad_url,
 * unsupported_site, address_refused, access_denied, source_missing, no_format, too_large,
 * rate_limited, server_error, connection_lost, storage_full, site_failed; cancelled (lost).
 */
bool site_run(const SiteRun *run, Buffer *output, Error *err);

#endif
