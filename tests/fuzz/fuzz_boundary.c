/* sources: base/error.c base/utf8.c media/boundary.c media/envelope.c media/bytes.c */
/* libs: libcjson -lm */
/*
 * tests/fuzz/fuzz_boundary.c
 *	  Any envelope under any options: what is kept lies within the recording, speech within
 *	  the sound, pauses within the speech and in order, and flags say what was found.
 *
 * An input is eight bytes of options, then triples: a level, and how many hops it lasts.
 */
#include <math.h>

#include "media/boundary.h"

#define FUZZ_BINARY
#define FUZZ_USUAL 8000
#include "driver.h"

#define MOST_HOPS 20000
#define OPTIONS   8

#define LECTURE                                                              \
	"\12\12\4\50\0\0\0\0\204\7\320\50\1\364\204\2\130\54\3\350\204\0\144\50" \
	"\1\54\204\4\0"
#define SYLLABLES \
	"\12\12\4\50\0\0\0\0\204\1\0\50\0\17\204\0\10\50\0\17\204\0\10\50\0\17\204\4\0"
#define SILENCE "\0\0\0\0\0\0\0\0\376\27\160"
#define MISSING "\5\5\2\50\1\120\0\5\377\1\0\50\2\0\377\1\0"
#define LOUD    "\377\377\0\1\1\2\3\0\0\20\0\1\20\0"

#define SAMPLE(text) (sizeof(text) - 1)

const char *const fuzz_samples[] = {LECTURE, SYLLABLES, SILENCE, MISSING, LOUD, NULL};
const size_t fuzz_sizes[] = {SAMPLE(LECTURE), SAMPLE(SYLLABLES), SAMPLE(SILENCE),
							 SAMPLE(MISSING), SAMPLE(LOUD)};

static Envelope envelope;

static void
read_hops(const uint8_t *data, size_t size)
{
	envelope.count = 0;
	for (size_t at = 0; at + 3 <= size; at += 3)
	{
		unsigned hops = (unsigned) data[at + 1] << 8 | data[at + 2];

		for (unsigned i = 0; i < hops && envelope.count < MOST_HOPS; i++)
			if (!envelope_append(&envelope, (EnvelopeHop){data[at], data[at]}))
				abort();
	}
}

static BoundaryOptions
read_options(const uint8_t *data)
{
	return (BoundaryOptions){.padding_before = data[0] / 2.0,
							 .padding_after = data[1] / 2.0,
							 .min_silence = data[2] / 2.0,
							 .max_trim_share = data[3] / 255.0,
							 .has_threshold = (data[4] & 1) != 0,
							 .threshold_db = data[5] / -2.0,
							 .shorten_above = data[7] == 0 ? INFINITY : data[7] / 4.0,
							 .shorten_to = data[7] / 8.0};
}

static void
check_pauses(const Boundaries *found, const BoundaryOptions *options)
{
	double before = found->first;

	for (size_t i = 0; i < found->pause_count; i++)
	{
		const Span *pause = &found->pauses[i];

		fuzz_check(pause->start >= before && pause->end <= found->last,
				   "pauses lie in the speech, in order");
		fuzz_check(pause->end - pause->start >=
					   fmin(options->min_silence, options->shorten_above) - 1e-9,
				   "no pause is shorter than asked");
		before = pause->end;
	}
}

static void
check_speech(const Boundaries *found, double duration, double sound)
{
	bool none = found->verdict != SPEECH_FOUND;

	fuzz_check(found->keep.start >= 0.0 && found->keep.end <= duration &&
				   found->keep.start <= found->keep.end,
			   "what is kept lies in the recording");
	fuzz_check(found->removed_share >= 0.0 && found->removed_share <= 1.0,
			   "a share is one of the whole");
	fuzz_check(!none || (found->keep.start == 0.0 && found->keep.end == duration),
			   "without speech all is kept");
	fuzz_check((found->verdict == SPEECH_NONE) ==
				   (found->flag != NULL && strcmp(found->flag, "no_speech") == 0),
			   "a recording without speech is flagged");
	fuzz_check(none || (found->first < found->last && found->last <= sound &&
						found->seconds <= found->last - found->first + 1e-9),
			   "speech lies in the sound");
	fuzz_check(!none || found->pause_count == 0, "without speech there are no pauses");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BoundaryOptions options;
	Boundaries found;
	Error err = {0};
	double sound;
	double duration;

	if (size < OPTIONS)
		return 0;
	options = read_options(data);
	read_hops(data + OPTIONS, size - OPTIONS);
	sound = (double) envelope.count * ENVELOPE_HOP_MS / 1000;
	/* the last pictures may come behind the last sound, or before it */
	duration = sound + (data[6] - 20) * 0.5;
	duration = duration < 0.0 ? 0.0 : duration;
	fuzz_check(boundaries_find(&envelope, duration, &options, &found, &err),
			   "boundaries are found");
	fuzz_check(found.verdict == SPEECH_NO_AUDIO ||
				   (found.noise_db <= found.speech_db && found.noise_db >= -127.0),
			   "the noise is no louder than the voice");
	check_speech(&found, duration, sound);
	check_pauses(&found, &options);
	fuzz_check(found.flag == NULL || strcmp(found.flag, "large_trim") != 0 ||
				   found.removed_share > options.max_trim_share,
			   "a large trim is one");
	boundaries_free(&found);
	return 0;
}
