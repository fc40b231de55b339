/*
 * tests/fuzz/driver.h
 *	  Feeds a target with inputs that were grown from samples by chance, and says which one
 *	  broke it.
 *
 * A target is a file that includes this one, has
 *
 *     int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
 *     const char *const fuzz_samples[];      the last is NULL
 *
 * (with FUZZ_BINARY defined before the include, fuzz_sizes[] says how long each of them is)
 * and tells a broken promise by fuzz_check(). It is built like the unit tests, with the address
 * and undefined-behaviour sanitizers; each input lies in memory of its own, so that reading a
 * byte too many is seen. Chance is reproducible: $FUZZ_SEED (1) decides what is tried,
 * $FUZZ_INPUTS how much of it (60000, or what a slower target defines as FUZZ_USUAL; that so
 * many times as $FUZZ_TIMES says). $FUZZ_SAMPLES names a folder that gets the samples as files
 * instead. clang's libFuzzer takes the same file with -DFUZZ_NO_MAIN (tests/fuzz/run, `make
 * fuzz`).
 */
#ifndef LEAP_TESTS_FUZZ_DRIVER_H
#define LEAP_TESTS_FUZZ_DRIVER_H

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUZZ_MOST 4096 /* bytes of an input */

#ifndef FUZZ_USUAL
#define FUZZ_USUAL 60000
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct FuzzInput
{
	uint8_t bytes[FUZZ_MOST];
	size_t size;
	unsigned long number;
} FuzzInput;

static FuzzInput fuzz_input;

/* Shows the input at hand as a C string. */
static void
fuzz_show(void)
{
	printf("# input %lu: \"", fuzz_input.number);
	for (size_t i = 0; i < fuzz_input.size; i++)
	{
		uint8_t c = fuzz_input.bytes[i];

		printf(isprint(c) && c != '"' && c != '\\' ? "%c" : "\\%03o", c);
	}
	printf("\"\n");
	fflush(stdout);
}

/* Ends the program when a promise is broken. */
__attribute__((unused)) static void
fuzz_check(bool kept, const char *promise)
{
	if (kept)
		return;
	fuzz_show();
	printf("not ok 1 - %s\n1..1\n", promise);
	exit(1);
}

/* The input as a text that ends at its first zero; to be freed. */
__attribute__((unused)) static char *
fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (text == NULL)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

#ifndef FUZZ_NO_MAIN

#include <sanitizer/common_interface_defs.h>

extern const char *const fuzz_samples[];

#ifdef FUZZ_BINARY
extern const size_t fuzz_sizes[];
#endif

typedef struct FuzzSample
{
	const char *bytes;
	size_t size;
} FuzzSample;

static uint64_t fuzz_state;

/* xorshift64*: any generator does that is the same everywhere */
static size_t
fuzz_random(size_t below)
{
	fuzz_state ^= fuzz_state >> 12;
	fuzz_state ^= fuzz_state << 25;
	fuzz_state ^= fuzz_state >> 27;
	return (size_t) ((fuzz_state * UINT64_C(0x2545F4914F6CDD1D)) >> 33) % below;
}

/* Replaces a part of the input by other bytes, as far as there is room. */
static void
fuzz_replace(size_t at, size_t removed, const void *bytes, size_t size)
{
	FuzzInput *input = &fuzz_input;
	size_t behind = input->size - at - removed;

	if (at + size + behind > FUZZ_MOST)
		return;
	memmove(input->bytes + at + size, input->bytes + at + removed, behind);
	memcpy(input->bytes + at, bytes, size);
	input->size = at + size + behind;
}

static FuzzSample
fuzz_sample(size_t i)
{
#ifdef FUZZ_BINARY
	return (FuzzSample){fuzz_samples[i], fuzz_sizes[i]};
#else
	return (FuzzSample){fuzz_samples[i], strlen(fuzz_samples[i])};
#endif
}

static FuzzSample
fuzz_any_sample(void)
{
	size_t count = 0;

	while (fuzz_samples[count] != NULL)
		count++;
	return fuzz_sample(fuzz_random(count));
}

static void
fuzz_mutate(void)
{
	static const char *const words[] = {"0",  "-1", "4294967296", "99999999999999999999",
										"\n", " ",  "\xff",       "\xd0\xbf"};
	FuzzInput *input = &fuzz_input;
	size_t at = fuzz_random(input->size + 1);
	size_t length = fuzz_random(input->size - at + 1);
	FuzzSample sample = fuzz_any_sample();
	size_t from = fuzz_random(sample.size + 1);
	uint8_t copy[FUZZ_MOST];
	uint8_t byte = (uint8_t) fuzz_random(256);
	const char *word = words[fuzz_random(sizeof words / sizeof words[0])];

	memcpy(copy, input->bytes + at, length);
	switch (fuzz_random(6))
	{
		case 0: /* a byte by chance */
			fuzz_replace(at, length > 0 ? 1 : 0, &byte, 1);
			break;
		case 1: /* without a part */
			fuzz_replace(at, length, "", 0);
			break;
		case 2: /* a part twice */
			fuzz_replace(at, 0, copy, length);
			break;
		case 3: /* what follows is that of another sample */
			fuzz_replace(at, input->size - at, sample.bytes + from, sample.size - from);
			break;
		case 4: /* something extreme */
			fuzz_replace(at, length > 2 ? 2 : length, word, strlen(word));
			break;
		default: /* a byte of a sample */
			fuzz_replace(at, length > 0 ? 1 : 0, sample.bytes + from,
						 from == sample.size ? 0 : 1);
			break;
	}
}

static unsigned long
fuzz_setting(const char *name, unsigned long otherwise)
{
	const char *value = getenv(name);

	return value != NULL ? strtoul(value, NULL, 10) : otherwise;
}

/* Writes the samples as files of a folder. */
static int
fuzz_write_samples(const char *folder)
{
	for (size_t i = 0; fuzz_samples[i] != NULL; i++)
	{
		FuzzSample sample = fuzz_sample(i);
		char name[4096];
		FILE *file;

		snprintf(name, sizeof name, "%s/sample-%zu", folder, i);
		file = fopen(name, "wb");
		if (file == NULL || fwrite(sample.bytes, 1, sample.size, file) != sample.size ||
			fclose(file) != 0)
			return 1;
	}
	return 0;
}

int
main(void)
{
	unsigned long seed = fuzz_setting("FUZZ_SEED", 1);
	unsigned long inputs =
		fuzz_setting("FUZZ_INPUTS", FUZZ_USUAL * fuzz_setting("FUZZ_TIMES", 1));

	if (getenv("FUZZ_SAMPLES") != NULL)
		return fuzz_write_samples(getenv("FUZZ_SAMPLES"));
	fuzz_state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
	__sanitizer_set_death_callback(fuzz_show);
	for (fuzz_input.number = 1; fuzz_input.number <= inputs; fuzz_input.number++)
	{
		FuzzSample sample = fuzz_any_sample();
		uint8_t *alone;

		fuzz_input.size = 0;
		fuzz_replace(0, 0, sample.bytes, sample.size);
		for (size_t times = fuzz_random(6); times > 0; times--)
			fuzz_mutate();
		alone = malloc(fuzz_input.size + 1);
		if (alone == NULL)
			abort();
		/* at the end of its memory: the byte behind it may not be read */
		memcpy(alone + 1, fuzz_input.bytes, fuzz_input.size);
		(void) LLVMFuzzerTestOneInput(alone + 1, fuzz_input.size);
		free(alone);
	}
	printf("ok 1 - %lu inputs of seed %lu\n1..1\n", inputs, seed);
	return 0;
}

#endif
#endif
