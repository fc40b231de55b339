/*
 * media/integrity.c
 *	  Faults and the verdict over them.
 */
#include "media/integrity.h"

#include <stddef.h>
#include <stdio.h>

/* Damage of at most this much time or this share of the packets is small. */
#define SMALL_DAMAGE_SECONDS 2.0
#define SMALL_DAMAGE_SHARE   0.001

/* How a fault bears on the verdict. */
typedef enum Weight
{
	WEIGHT_DEGRADES,
	WEIGHT_TRUNCATES,
	WEIGHT_REJECTS,
	WEIGHT_BY_DAMAGE, /* degrades while the damage is small, else rejects */
	WEIGHT_BY_MISSING /* truncates when bytes are missing at the end, else rejects */
} Weight;

typedef struct FaultRule
{
	const char *name;
	Weight weight;
	const char *text; /* followed by what `extra` says */
	enum
	{
		EXTRA_NONE,
		EXTRA_COUNT,
		EXTRA_BYTES,
		EXTRA_SECONDS
	} extra;
} FaultRule;

static const FaultRule rules[FAULT_COUNT] = {
	[FAULT_INDEX_MISSING] = {"index_missing",     WEIGHT_BY_MISSING,
							 "the file has no index (moov): nothing in it can be played",     EXTRA_NONE   },
	[FAULT_FILE_CUT_OFF] = {"file_cut_off",      WEIGHT_TRUNCATES,
							 "the file ends before its last part; missing bytes:",            EXTRA_BYTES  },
	[FAULT_SAMPLE_BEYOND_END] =
		{"sample_beyond_end", WEIGHT_TRUNCATES,
							 "the index names data beyond the end of the file; bytes:",       EXTRA_BYTES  },
	[FAULT_ENDS_EARLY] = {"ends_early",        WEIGHT_TRUNCATES,
							 "the recording ends before the time its header names; seconds:",
							 EXTRA_SECONDS																 },
	[FAULT_WRONG_DURATION] = {"wrong_duration",    WEIGHT_DEGRADES,
                             "the header names a time beyond all data; seconds:",             EXTRA_SECONDS},
	[FAULT_READ_ERROR] = {"read_error",        WEIGHT_DEGRADES,
							 "parts of the file cannot be read; times:",                      EXTRA_COUNT  },
	[FAULT_BAD_VIDEO_PACKET] = {"bad_video_packet",  WEIGHT_BY_DAMAGE,
                             "video packets with impossible inner lengths:",                  EXTRA_COUNT  },
	[FAULT_CORRUPT_PACKET] = {"corrupt_packet",    WEIGHT_BY_DAMAGE,
                             "packets shorter than announced:",                               EXTRA_COUNT  },
	[FAULT_DECODE_ERROR] = {"decode_error",      WEIGHT_BY_DAMAGE,
							 "sound packets that cannot be decoded:",                         EXTRA_COUNT  },
	[FAULT_AUDIO_GAP] = {"audio_gap",         WEIGHT_DEGRADES,
							 "sound is missing in the middle; longest gap in seconds:",       EXTRA_SECONDS},
	[FAULT_BAD_TIMES] = {"bad_times",         WEIGHT_DEGRADES,
							 "time stamps that go back or lie outside the recording:",        EXTRA_COUNT  },
	[FAULT_ENDS_APART] = {"ends_apart",        WEIGHT_DEGRADES,
							 "sound and picture end at different times; seconds between:",    EXTRA_SECONDS},
	[FAULT_NO_STREAM] = {"no_stream",         WEIGHT_REJECTS,
							 "the file holds neither sound nor picture",                      EXTRA_NONE   },
	[FAULT_GARBAGE] = {"garbage",           WEIGHT_DEGRADES,
							 "the file holds bytes that belong to none of its parts",         EXTRA_NONE   },
};

void
integrity_note(Integrity *integrity, FaultCode code, double at, double amount)
{
	Fault *fault = &integrity->faults[code];

	if (fault->count++ == 0)
	{
		fault->at = at;
		fault->position = -1;
	}
	if (amount > fault->amount)
		fault->amount = amount;
}

void
integrity_place(Integrity *integrity, FaultCode code, int64_t position)
{
	if (integrity->faults[code].count == 1)
		integrity->faults[code].position = position;
}

static bool
damage_is_small(const Integrity *integrity)
{
	int64_t bad = integrity->faults[FAULT_BAD_VIDEO_PACKET].count +
				  integrity->faults[FAULT_CORRUPT_PACKET].count +
				  integrity->faults[FAULT_DECODE_ERROR].count;

	return integrity->damaged_seconds <= SMALL_DAMAGE_SECONDS ||
		   (double) bad <= SMALL_DAMAGE_SHARE * (double) integrity->packets;
}

static Verdict
weigh(const Integrity *integrity, FaultCode code)
{
	switch (rules[code].weight)
	{
		case WEIGHT_DEGRADES:
			return VERDICT_DEGRADED;
		case WEIGHT_TRUNCATES:
			return VERDICT_TRUNCATED;
		case WEIGHT_REJECTS:
			return VERDICT_REJECTED;
		case WEIGHT_BY_DAMAGE:
			return damage_is_small(integrity) ? VERDICT_DEGRADED : VERDICT_REJECTED;
		case WEIGHT_BY_MISSING:
			return integrity->missing_bytes > 0 ? VERDICT_TRUNCATED : VERDICT_REJECTED;
	}
	return VERDICT_REJECTED;
}

Verdict
integrity_verdict(const Integrity *integrity)
{
	Verdict worst = VERDICT_OK;

	for (int code = 0; code < FAULT_COUNT; code++)
		if (integrity->faults[code].count > 0)
		{
			Verdict verdict = weigh(integrity, (FaultCode) code);

			worst = verdict > worst ? verdict : worst;
		}
	return worst;
}

int64_t
integrity_good_bytes(const Integrity *integrity, int64_t size)
{
	static const FaultCode bad[] = {FAULT_BAD_VIDEO_PACKET, FAULT_CORRUPT_PACKET,
									FAULT_DECODE_ERROR};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
	{
		const Fault *fault = &integrity->faults[bad[i]];

		if (fault->count > 0 && fault->position > 0 && fault->position < size)
			size = fault->position;
	}
	return size;
}

const char *
verdict_name(Verdict verdict)
{
	static const char *const names[] = {
		[VERDICT_OK] = "ok",
		[VERDICT_DEGRADED] = "degraded",
		[VERDICT_TRUNCATED] = "truncated",
		[VERDICT_REJECTED] = "rejected",
	};

	return names[verdict];
}

const char *
fault_name(FaultCode code)
{
	return rules[code].name;
}

void
fault_message(const Integrity *integrity, FaultCode code, char *text, int size)
{
	const FaultRule *rule = &rules[code];
	const Fault *fault = &integrity->faults[code];

	switch (rule->extra)
	{
		case EXTRA_NONE:
			snprintf(text, (size_t) size, "%s", rule->text);
			break;
		case EXTRA_COUNT:
			snprintf(text, (size_t) size, "%s %lld", rule->text,
					 (long long) fault->count);
			break;
		case EXTRA_BYTES:
			snprintf(text, (size_t) size, "%s %.0f", rule->text, fault->amount);
			break;
		case EXTRA_SECONDS:
			snprintf(text, (size_t) size, "%s %.2f", rule->text, fault->amount);
			break;
	}
}
