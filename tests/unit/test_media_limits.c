/* sources: base/media_limits.c */
/*
 * What leap-media may take: enough for any lecture, bounded by what it reads.
 */
#include "base/media_limits.h"

#include "tap.h"

#define MIB  (INT64_C(1) << 20)
#define ARGV (const char *const[])

static void
test_commands(void)
{
	MediaLimits probe = media_limits(ARGV{"probe", "--input", "3", NULL}, MIB);
	MediaLimits unknown = media_limits(ARGV{"mow", NULL}, MIB);
	MediaLimits none = media_limits(ARGV{NULL}, MIB);
	MediaLimits copy = media_limits(ARGV{"cut", "--mode", "copy", NULL}, MIB);
	MediaLimits cut = media_limits(ARGV{"cut", "--input", "3", NULL}, MIB);

	is_int(unknown.memory_bytes, probe.memory_bytes, "an unknown command gets the least");
	is_int(none.memory_bytes, probe.memory_bytes, "no command as well");
	is_int(copy.memory_bytes, cut.memory_bytes, "copying is what a cut does");
	is_int(copy.file_bytes, cut.file_bytes, "into a file as large");
	for (int i = 0; i < 3; i++)
	{
		const char *const *argv = i == 0   ? ARGV{"cut", "--mode", "exact", NULL}
								  : i == 1 ? ARGV{"cut", "--mode", "reencode", NULL}
										   : ARGV{"cut", "--still", "5", NULL};
		MediaLimits encode = media_limits(argv, MIB);

		ok(encode.memory_bytes > cut.memory_bytes && encode.cpu_seconds > cut.cpu_seconds,
		   "%s %s may take more", argv[1], argv[2]);
	}
	is_int(media_limits(ARGV{"cut", "--mode", NULL}, MIB).memory_bytes, cut.memory_bytes,
		   "an option without a value is none");
}

static void
test_sizes(void)
{
	const char *const *argv = ARGV{"analyse", NULL};
	MediaLimits empty = media_limits(argv, 0);
	MediaLimits hour = media_limits(argv, 217 * MIB);
	MediaLimits large = media_limits(argv, INT64_MAX);
	MediaLimits odd = media_limits(argv, -1);

	ok(empty.cpu_seconds >= 60 && empty.file_bytes >= 32 * MIB, "there is a minimum");
	ok(hour.cpu_seconds > empty.cpu_seconds + 200, "which grows with the input");
	/* two seconds of processor time were measured */
	ok(hour.cpu_seconds > 200 && hour.cpu_seconds < 3600, "an hour gets some minutes");
	ok(hour.file_bytes > 3600 * 32000LL, "and room for its sound");
	is_int(large.file_bytes, 4096 * MIB, "no WAV file is larger than 4 GiB");
	ok(large.cpu_seconds > hour.cpu_seconds, "the largest number is a size");
	is_int(odd.file_bytes, empty.file_bytes, "less than nothing is nothing");
	ok(hour.wall_seconds > hour.cpu_seconds, "who waits gets more time");
	is_int(large.memory_bytes, empty.memory_bytes, "memory does not grow");
}

static void
test_arriving(void)
{
	MediaLimits limits =
		media_limits(ARGV{"analyse", "--input", "3", "--arrival", "9", NULL}, 4096);

	ok(limits.wall_seconds > 12 * 3600.0, "what arrives slowly may take a day");
	is_int(limits.file_bytes, 4096 * MIB, "and become large");
	ok(media_limits_wall(&limits, 217 * MIB) < 3600.0,
	   "when all is there and small, who waits does so as for any other file");
	ok(media_limits_wall(&limits, INT64_MAX) == limits.wall_seconds, "or to the last");

	MediaLimits known = media_limits(ARGV{"analyse", NULL}, 217 * MIB);

	ok(media_limits_wall(&limits, 217 * MIB) == known.wall_seconds, "which is the same");
	limits = media_limits(
		ARGV{"analyse", "--arrival", "9", "--arrival-size", "227540992", NULL}, 4096);
	ok(limits.cpu_seconds == known.cpu_seconds && limits.file_bytes == known.file_bytes,
	   "what will be so large gets what is so large gets");
	limits = media_limits(ARGV{"analyse", "--arrival", "9", "--arrival-size", "5", NULL},
						  217 * MIB);
	ok(limits.cpu_seconds == known.cpu_seconds, "what is larger already, too");
	limits = media_limits(ARGV{"analyse", "--arrival", "9", "--arrival-size", "1x", NULL},
						  4096);
	ok(limits.wall_seconds > 12 * 3600.0, "no number tells nothing");
}

int
main(void)
{
	test_commands();
	test_sizes();
	test_arriving();
	return done_testing();
}
