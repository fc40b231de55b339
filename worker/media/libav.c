/*
 * media/libav.c
 *	  libav's errors and messages in our form.
 */
#include "media/libav.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/resource.h>

#include "base/log.h"

/* A damaged file can make libav complain a million times. */
#define MAX_MESSAGES 40

/* A hostile index asks for gigabytes that no recording needs. */
static bool
out_of_memory(Error *err, const char *what)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
		return error_set(err, ERROR_TRANSIENT, "out_of_memory",
						 "Give the worker more memory or run fewer tasks at once.",
						 "%s: out of memory", what);
	return error_set(
		err, ERROR_TRANSIENT, "out_of_memory",
		"No honest recording needs as much: it is damaged, or made to use up "
		"the machine.",
		"%s: it needs more than the %llu MiB that leap-media may use", what,
		(unsigned long long) limit.rlim_cur >> 20);
}

bool
libav_error(Error *err, ErrorClass class, const char *code, const char *hint, int result,
			const char *what)
{
	char text[AV_ERROR_MAX_STRING_SIZE] = "";

	if (result == AVERROR(ENOMEM))
		return out_of_memory(err, what);
	if (result == AVERROR(EIO) || result == AVERROR(ENOSPC) ||
		result == AVERROR(EDQUOT) || result == AVERROR(EFBIG))
	{
		errno = AVUNERROR(result);
		return error_errno(err, code, "%s", what);
	}
	av_strerror(result, text, sizeof text);
	return error_set(err, class, code, hint, "%s: %s", what, text);
}

static void
log_from_libav(void *source, int level, const char *format, va_list args)
{
	static atomic_int messages;
	char line[512];
	int prefix = 1;
	size_t length;

	if (level > AV_LOG_ERROR || atomic_fetch_add(&messages, 1) >= MAX_MESSAGES)
		return;
	av_log_format_line(source, level, format, args, line, sizeof line, &prefix);
	length = strlen(line);
	if (length > 0 && line[length - 1] == '\n')
		line[length - 1] = '\0';
	log_warning("%s", line);
}

void
libav_log_to_log(void)
{
	av_log_set_callback(log_from_libav);
}
