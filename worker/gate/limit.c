/*
 * gate/limit.c
 *	  Token buckets in shared memory.
 *
 * A bucket is a key and a word: thousandths of a request in its upper half, milliseconds in its
 * lower half, so that one compare-and-swap moves both. Keys are hashes with a random secret: a
 * client cannot choose whose bucket he shares.
 */
#include "gate/limit.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#define BUCKETS   16384u /* a power of two */
#define NEIGHBORS 8u
#define PART      1000u /* of a request */

typedef struct Bucket
{
	_Atomic uint64_t key; /* 0: free */
	_Atomic uint64_t state;
} Bucket;

struct Limits
{
	uint64_t secret;
	Bucket buckets[BUCKETS];
};

bool
limits_share(Limits **limits, Error *err)
{
	void *memory = mmap(NULL, sizeof **limits, PROT_READ | PROT_WRITE,
						MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return error_errno(err, "memory", "cannot share memory for limits");
	*limits = memory;
	if (getrandom(&(*limits)->secret, sizeof(*limits)->secret, 0) < 0)
		return error_errno(err, "random", "cannot make a random number");
	return true;
}

void
limits_free(Limits *limits)
{
	(void) munmap(limits, sizeof *limits);
}

static uint64_t
mix(uint64_t x)
{
	x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdu;
	x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53u;
	return x ^ (x >> 33);
}

static uint64_t
key_of(const Limits *limits, const char *kind, const char *name)
{
	uint64_t hash = limits->secret;

	for (; *kind != '\0'; kind++)
		hash = mix(hash ^ (unsigned char) *kind);
	hash = mix(hash ^ 256);
	for (; *name != '\0'; name++)
		hash = mix(hash ^ (unsigned char) *name);
	return hash != 0 ? hash : 1;
}

static uint64_t
pack(uint64_t parts, uint32_t now_ms)
{
	return parts << 32 | now_ms;
}

/* What a bucket holds by now; one of the future (another process was faster) as it is. */
static uint64_t
parts_now(uint64_t state, LimitRule rule, uint32_t now_ms)
{
	uint64_t parts = state >> 32;
	int32_t passed = (int32_t) (now_ms - (uint32_t) state);
	uint64_t full = (uint64_t) rule.burst * PART;

	if (passed > 0)
		parts += (uint64_t) passed * rule.per_minute / 60;
	return parts < full ? parts : full;
}

/* The bucket of the key; a new one is full. */
static Bucket *
find(Limits *limits, uint64_t key, LimitRule rule, uint32_t now_ms)
{
	Bucket *fullest = NULL;
	uint64_t most = 0;

	for (unsigned i = 0; i < NEIGHBORS; i++)
	{
		Bucket *bucket = &limits->buckets[(key + i) & (BUCKETS - 1)];
		uint64_t found = atomic_load(&bucket->key);
		uint64_t parts = found == 0
							 ? UINT64_MAX
							 : parts_now(atomic_load(&bucket->state), rule, now_ms);

		if (found == key)
			return bucket;
		if (fullest == NULL || parts > most)
		{
			fullest = bucket;
			most = parts;
		}
	}
	atomic_store(&fullest->state, pack((uint64_t) rule.burst * PART, now_ms));
	atomic_store(&fullest->key, key);
	return fullest;
}

static unsigned
seconds_to_fill(uint64_t parts, LimitRule rule)
{
	uint64_t a_second = (uint64_t) rule.per_minute * PART / 60;

	return (unsigned) ((parts + a_second - 1) / (a_second > 0 ? a_second : 1));
}

bool
limit_take(Limits *limits, const char *kind, const char *name, LimitRule rule, double now,
		   LimitState *state)
{
	uint32_t now_ms = (uint32_t) (uint64_t) (now * 1000);
	Bucket *bucket;
	uint64_t old;
	uint64_t parts;
	bool taken;

	*state = (LimitState){rule.burst, rule.burst, 0};
	if (rule.per_minute == 0)
		return true;
	bucket = find(limits, key_of(limits, kind, name), rule, now_ms);
	old = atomic_load(&bucket->state);
	do
	{
		parts = parts_now(old, rule, now_ms);
		taken = parts >= PART;
		if (!taken)
			break; /* left alone: what fills it is counted from the last one taken */
		parts -= PART;
	} while (!atomic_compare_exchange_weak(&bucket->state, &old, pack(parts, now_ms)));
	state->remaining = (unsigned) (parts / PART);
	state->reset = seconds_to_fill(
		taken ? (uint64_t) rule.burst * PART - parts : PART - parts, rule);
	return taken;
}
