/* sources: base/error.c base/utf8.c media/boundary.c media/envelope.c media/bytes.c */
/* libs: libcjson -lm */
/*
 * tests/unit/test_media_boundary.c
 *	  Speech boundaries over synthetic envelopes: rooms, microphones, clicks and odd cases.
 *
 * A room is built in the energy domain: noise with the spread that 10 ms of pink noise has,
 * and speech in syllables (150 ms on, 80 ms off) with levels that vary by 12 dB.
 */
#include "media/boundary.h"

#include <math.h>
#include <stdlib.h>

#include "tap.h"

typedef struct Room
{
	const char *name;
	double speech_db;
	double noise_db;
	double click_db; /* a 10 ms click every 1.7 s; 0: none */
} Room;

static const double first_speech = 47.3;
static const double last_speech = 300.0;
static const double room_seconds = 360.0;

static uint32_t seed = 7;

static double
chance(void)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) / 16777216.0;
}

static double
power(double db)
{
	return pow(10.0, db / 10.0);
}

static void
append_power(Envelope *envelope, double mean_square)
{
	uint8_t level = envelope_level(mean_square);

	envelope_append(envelope, (EnvelopeHop){level, level});
}

/* Syllables from `from` to `to`, sentences of 6 s with breaths of 0.6 s. */
static bool
is_voiced(double at, double from, double to)
{
	return at >= from && at < to && (fmod(at - from, 6.6) < 6.0 || to - at < 1.0) &&
		   (fmod(at - from, 0.23) < 0.15 || to - at < 0.15);
}

static void
build_room(Envelope *envelope, const Room *room, double from, double to, double seconds)
{
	for (int i = 0; i < (int) (seconds * 100.0); i++)
	{
		double at = i / 100.0;
		double total = power(room->noise_db + 3.0 * (chance() - 0.5));

		if (is_voiced(at, from, to))
			total += power(room->speech_db + 12.0 * (chance() - 0.7));
		if (room->click_db != 0.0 && i % 170 == 0)
			total += power(room->click_db);
		append_power(envelope, total);
	}
}

static void
test_rooms(void)
{
	static const Room rooms[] = {
		{"speech -20 dB, noise -66",     -20, -66, 0  },
		{"speech -40 dB, noise -66",     -40, -66, 0  },
		{"speech -50 dB, noise -70",     -50, -70, 0  },
		{"speech -20 dB, noise -45",     -20, -45, 0  },
		{"speech -20 dB, noise -35",     -20, -35, 0  },
		{"speech -35 dB, noise -45",     -35, -45, 0  },
		{"clicks of -22 dB every 1.7 s", -20, -60, -22},
		{"a fan of -30 dB",              -20, -30, 0  },
	};

	for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++)
	{
		Envelope envelope = {0};
		Boundaries found;
		Error err;

		build_room(&envelope, &rooms[i], first_speech, last_speech, room_seconds);
		ok(boundaries_find(&envelope, room_seconds, &BOUNDARY_DEFAULTS, &found, &err) &&
			   found.verdict == SPEECH_FOUND,
		   "%s: speech is found", rooms[i].name);
		ok(fabs(found.first - first_speech) <= 0.25 &&
			   fabs(found.last - last_speech) <= 0.25,
		   "%s: %.2f .. %.2f", rooms[i].name, found.first, found.last);
		ok(fabs(found.keep.start - (found.first - 5.0)) < 1e-9 &&
			   fabs(found.keep.end - (found.last + 5.0)) < 1e-9,
		   "%s: kept with 5 s around", rooms[i].name);
		boundaries_free(&found);
		envelope_free(&envelope);
	}
}

static void
test_nothing_to_hear(void)
{
	static const Room fan = {"fan", -90, -40, 0};
	static const Room whisper = {"whisper", -60, -75, 0};
	Envelope envelope = {0};
	Boundaries found;

	ok(boundaries_find(&envelope, 60.0, &BOUNDARY_DEFAULTS, &found, NULL),
	   "empty envelope");
	is_str(speech_verdict_name(found.verdict), "no_audio", "is no audio");
	ok(found.keep.start == 0.0 && found.keep.end == 60.0, "and keeps all");
	for (int i = 0; i < 6000; i++)
		envelope_append(&envelope, (EnvelopeHop){ENVELOPE_MISSING, ENVELOPE_MISSING});
	boundaries_find(&envelope, 60.0, &BOUNDARY_DEFAULTS, &found, NULL);
	is_str(speech_verdict_name(found.verdict), "no_audio",
		   "only missing sound is no audio");
	envelope.count = 0;
	for (int i = 0; i < 6000; i++)
		append_power(&envelope, 0.0);
	boundaries_find(&envelope, 60.0, &BOUNDARY_DEFAULTS, &found, NULL);
	is_str(speech_verdict_name(found.verdict), "none", "digital silence is no speech");
	is_str(found.flag, "no_speech", "and flagged");
	ok(found.keep.start == 0.0 && found.keep.end == 60.0, "and kept whole");
	envelope.count = 0;
	build_room(&envelope, &fan, 0.0, 60.0, 60.0);
	boundaries_find(&envelope, 60.0, &BOUNDARY_DEFAULTS, &found, NULL);
	is_str(speech_verdict_name(found.verdict), "none", "a steady fan is no speech");
	envelope.count = 0;
	build_room(&envelope, &whisper, 0.0, 60.0, 60.0);
	boundaries_find(&envelope, 60.0, &BOUNDARY_DEFAULTS, &found, NULL);
	is_str(speech_verdict_name(found.verdict), "none", "a voice of -60 dBFS is unusable");
	envelope_free(&envelope);
}

/* Sound from `from` to `to` of a 600 s recording in a quiet room. */
static void
judge(const BoundaryOptions *options, double from, double to, Boundaries *found)
{
	static const Room quiet = {"quiet", -20, -66, 0};
	Envelope envelope = {0};

	build_room(&envelope, &quiet, from, to, 600.0);
	boundaries_find(&envelope, 600.0, options, found, NULL);
	envelope_free(&envelope);
}

static void
test_options(void)
{
	BoundaryOptions options = BOUNDARY_DEFAULTS;
	Boundaries found;

	judge(&options, 3.0, 598.5, &found);
	ok(found.keep.start == 0.0 && found.keep.end == 600.0,
	   "padding is cut to the recording");
	boundaries_free(&found);
	options.padding_before = 0.5;
	options.padding_after = 0.0;
	judge(&options, 1.8, 598.5, &found);
	ok(found.keep.start == 0.0 && found.keep.end == 600.0,
	   "a silence below min_silence is not cut");
	boundaries_free(&found);
	judge(&options, 100.0, 500.0, &found);
	ok(found.keep.start == 99.5 && found.keep.end == 500.0,
	   "the padding is as asked: %.2f %.2f", found.keep.start, found.keep.end);
	ok(found.flag == NULL && fabs(found.removed_share - 199.5 / 600.0) < 1e-6,
	   "a third removed raises no flag");
	boundaries_free(&found);
	judge(&options, 300.0, 500.0, &found);
	is_str(found.flag, "large_trim", "two thirds removed raise one");
	boundaries_free(&found);
	options.has_threshold = true;
	options.threshold_db = -10.0;
	judge(&options, 100.0, 500.0, &found);
	is_str(speech_verdict_name(found.verdict), "none", "nothing is above a fixed -10 dB");
	options.threshold_db = -40.0;
	judge(&options, 100.0, 500.0, &found);
	ok(found.threshold_db == -40.0 && fabs(found.first - 100.0) < 0.1,
	   "a fixed -40 dB is used");
	boundaries_free(&found);
}

static void
test_pauses_and_coughs(void)
{
	static const Room quiet = {"quiet", -20, -66, 0};
	Envelope envelope = {0};
	Boundaries found;
	BoundaryOptions options = BOUNDARY_DEFAULTS;

	build_room(&envelope, &quiet, 20.0, 60.0, 70.0);
	build_room(&envelope, &quiet, 0.0, 50.0, 100.0);
	/* a cough of 0.3 s in the dead air of both ends */
	for (int i = 0; i < 30; i++)
	{
		envelope.hops[500 + i].rms = 30;
		envelope.hops[15000 + i].rms = 30;
	}
	boundaries_find(&envelope, 170.0, &options, &found, NULL);
	ok(fabs(found.first - 20.0) < 0.05, "a cough before does not begin it: %.2f",
	   found.first);
	ok(fabs(found.last - 120.0) < 0.05, "a cough behind does not end it: %.2f",
	   found.last);
	is_int((long long) found.pause_count, 1, "one pause of at least 2 s");
	ok(found.pause_count == 1 && fabs(found.pauses[0].start - 60.0) < 0.05 &&
		   fabs(found.pauses[0].end - 70.0) < 0.05,
	   "between the two parts");
	ok(found.seconds > 70.0 && found.seconds <= 90.5, "active for %.1f s of 90",
	   found.seconds);
	boundaries_free(&found);
	options.min_silence = 0.3;
	boundaries_find(&envelope, 170.0, &options, &found, NULL);
	ok(found.pause_count > 10, "the breaths are pauses of at least 0.3 s");
	boundaries_free(&found);
	envelope_free(&envelope);
}

static void
test_digital_zeros_between_words(void)
{
	static const Room muted = {"muted", -25, -120, 0};
	Envelope envelope = {0};
	Boundaries found;

	build_room(&envelope, &muted, 30.0, 90.0, 120.0);
	for (int i = 0; i < 2000; i++) /* a hiss of -75 dB when the microphone opens */
		envelope.hops[i].rms = 150;
	boundaries_find(&envelope, 120.0, &BOUNDARY_DEFAULTS, &found, NULL);
	ok(fabs(found.first - 30.0) < 0.05, "a hiss above digital silence is no speech: %.2f",
	   found.first);
	boundaries_free(&found);
	envelope_free(&envelope);
}

int
main(void)
{
	test_rooms();
	test_nothing_to_hear();
	test_options();
	test_pauses_and_coughs();
	test_digital_zeros_between_words();
	return done_testing();
}
