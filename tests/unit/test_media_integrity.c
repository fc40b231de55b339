/* sources: media/integrity.c */
/*
 * tests/unit/test_media_integrity.c
 *	  The verdict over faults.
 */
#include "media/integrity.h"

#include "tap.h"

static const char *
verdict_of(FaultCode code, int64_t count, double seconds, int64_t packets)
{
	Integrity integrity = {.packets = packets, .damaged_seconds = seconds};

	for (int64_t i = 0; i < count; i++)
		integrity_note(&integrity, code, 1.0, 1.0);
	return verdict_name(integrity_verdict(&integrity));
}

int
main(void)
{
	Integrity integrity = {.packets = 1000};
	char text[200];

	is_str(verdict_of(FAULT_BAD_VIDEO_PACKET, 0, 0, 1000), "ok", "nothing found");
	is_str(verdict_of(FAULT_BAD_VIDEO_PACKET, 8, 0.32, 4000), "degraded",
		   "0.3 s damaged");
	is_str(verdict_of(FAULT_BAD_VIDEO_PACKET, 81, 3.24, 4000), "rejected",
		   "3 s of a minute");
	is_str(verdict_of(FAULT_BAD_VIDEO_PACKET, 81, 3.24, 260000), "degraded",
		   "3 s of an hour");
	is_str(verdict_of(FAULT_ENDS_EARLY, 1, 0, 1000), "truncated", "the end is missing");
	is_str(verdict_of(FAULT_INDEX_MISSING, 1, 0, 0), "rejected",
		   "no index, no bytes missing");
	integrity.missing_bytes = 5;
	integrity_note(&integrity, FAULT_INDEX_MISSING, -1, 0);
	is_str(verdict_name(integrity_verdict(&integrity)), "truncated",
		   "no index, bytes missing");
	integrity_note(&integrity, FAULT_AUDIO_GAP, 12.5, 3.0);
	integrity_note(&integrity, FAULT_AUDIO_GAP, 20.0, 7.0);
	ok(integrity.faults[FAULT_AUDIO_GAP].at == 12.5, "a fault keeps its first place");
	is_int(integrity.faults[FAULT_AUDIO_GAP].position, -1, "whose byte is not known");
	integrity_note(&integrity, FAULT_CORRUPT_PACKET, 1.0, 0.0);
	integrity_place(&integrity, FAULT_CORRUPT_PACKET, 4711);
	integrity_note(&integrity, FAULT_CORRUPT_PACKET, 2.0, 0.0);
	integrity_place(&integrity, FAULT_CORRUPT_PACKET, 5000);
	is_int(integrity.faults[FAULT_CORRUPT_PACKET].position, 4711,
		   "or is that of the first");
	fault_message(&integrity, FAULT_AUDIO_GAP, text, sizeof text);
	ok(strstr(text, "7.00") != NULL, "and its greatest amount: %s", text);
	for (int code = 0; code < FAULT_COUNT; code++)
	{
		fault_message(&integrity, (FaultCode) code, text, sizeof text);
		ok(fault_name((FaultCode) code) != NULL && text[0] != '\0', "%s: %s",
		   fault_name((FaultCode) code), text);
	}
	return done_testing();
}
