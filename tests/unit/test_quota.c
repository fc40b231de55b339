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
	QuotaLayer unlimited[] = {
		{true, QUOTA_UNLIMITED},
		{true, 9              },
	};

	is_int(quota_effective(none, 2), QUOTA_UNLIMITED, "nothing is set: unlimited");
	is_int(quota_effective(second, 3), 2, "the first layer that is set decides");
	is_int(quota_effective(zero, 2), 0, "zero is a limit, not an absence");
	is_int(quota_effective(unlimited, 2), QUOTA_UNLIMITED, "a layer may say unlimited");
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
	const Quota *recordings = quota_find("recordings_per_month");

	is_str(quota_amount(storage, 1023, text, sizeof text), "1023 bytes", "bytes");
	is_str(quota_amount(storage, 1536, text, sizeof text), "1.5 KiB", "kibibytes");
	is_str(quota_amount(storage, INT64_C(3) << 40, text, sizeof text), "3.0 TiB",
		   "tebibytes");
	is_str(quota_amount(recordings, 12, text, sizeof text), "12 recordings", "a count");
	ok(quota_find("beer") == NULL, "an unknown quota");
}

int
main(void)
{
	test_layers();
	test_fits();
	test_words();
	return done_testing();
}
