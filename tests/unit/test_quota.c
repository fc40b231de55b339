/* sources: ../extension/quota.c */
/*
 * tests/unit/test_quota.c
 *	  Which layer decides a limit, and what fits below it.
 */
#include "../../extension/quota.h"
#include "tap.h"

static void
test_layers(void)
{
	QuotaLayer none[] = {
		{false, 1},
		{false, 2},
	};
	QuotaLayer second[] = {
		{false, 1},
		{true,  2},
		{true,  3},
	};
	QuotaLayer zero[] = {
		{true, 0},
		{true, 9},
	};

	is_int(quota_decide(none, 2), 2, "nothing is set: none decides");
	is_int(quota_decide(second, 3), 1, "the first layer that is set decides");
	is_int(quota_decide(zero, 2), 0, "zero is a limit, not an absence");
}

static void
test_parse(void)
{
	static const char *const bad[] = {"",
									  "-1",
									  "+1",
									  " 1",
									  "1 ",
									  "1.5",
									  "1e3",
									  "0x10",
									  "many",
									  "Unlimited",
									  "9223372036854775808"};
	QuotaLayer layer;

	ok(quota_parse(NULL, &layer) && !layer.set, "null inherits");
	ok(quota_parse("unlimited", &layer) && layer.set && layer.limit == QUOTA_UNLIMITED,
	   "unlimited is said in words");
	ok(quota_parse("0", &layer) && layer.set && layer.limit == 0, "0 is 0");
	ok(quota_parse("9223372036854775807", &layer) && layer.limit == INT64_MAX,
	   "the largest number");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ok(!quota_parse(bad[i], &layer) && !layer.set, "not a limit: \"%s\"", bad[i]);
}

static void
test_percent(void)
{
	is_int(quota_percent(QUOTA_UNLIMITED, 5), 0, "no share of no limit");
	is_int(quota_percent(0, 0), 100, "a limit of zero is reached");
	is_int(quota_percent(3, 2), 66, "rounded down");
	is_int(quota_percent(5, 4), 80, "exactly 80");
	is_int(quota_percent(1000000, 799999), 79, "not quite 80");
	is_int(quota_percent(INT64_MAX, INT64_MAX), 100, "the largest numbers");
	is_int(quota_percent(1, INT64_MAX), QUOTA_MAX_PERCENT, "far above");
}

static void
test_fits(void)
{
	ok(quota_fits(10, 9, 1), "up to the limit");
	ok(!quota_fits(10, 9, 2), "not beyond it");
	ok(quota_fits(QUOTA_UNLIMITED, INT64_MAX, INT64_MAX), "unlimited takes anything");
	ok(!quota_fits(INT64_MAX, INT64_MAX, 1), "a sum that overflows does not fit");
	ok(!quota_fits(0, 0, 1), "a limit of zero lets nothing in");
}

static void
test_words(void)
{
	char text[64];
	const Quota *storage = quota_find("storage_bytes");
	const Quota *seconds = quota_find("transcription_seconds_per_month");
	const Quota *recordings = quota_find("recordings_per_month");

	is_str(quota_amount(storage, 1, text, sizeof text), "1 byte", "one byte");
	is_str(quota_amount(storage, 1023, text, sizeof text), "1023 bytes", "bytes");
	is_str(quota_amount(storage, 1536, text, sizeof text), "1.5 KiB", "kibibytes");
	is_str(quota_amount(storage, INT64_C(3) << 40, text, sizeof text), "3.0 TiB",
		   "tebibytes");
	is_str(quota_amount(recordings, 12, text, sizeof text), "12 recordings", "a count");
	is_str(quota_amount(recordings, 1, text, sizeof text), "1 recording", "one");
	is_str(quota_amount(seconds, 59, text, sizeof text), "59 s", "seconds");
	is_str(quota_amount(seconds, 90, text, sizeof text), "1 min 30 s", "minutes");
	is_str(quota_amount(seconds, 9000, text, sizeof text), "2 h 30 min", "hours");
	ok(quota_find("beer") == NULL, "an unknown quota");
}

int
main(void)
{
	test_layers();
	test_parse();
	test_percent();
	test_fits();
	test_words();
	return done_testing();
}
