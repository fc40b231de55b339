/*
 * net/address.c
 *	  Which addresses a user's URL may lead to. The ranges are those of the IANA registries
 *	  of special-purpose addresses (RFC 6890 and its successors); what the registries call
 *	  not globally reachable is refused.
 */
#include "net/address.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef struct Range
{
	uint8_t prefix[16];
	uint8_t bits;
	const char *what;
} Range;

static const Range ranges4[] = {
	{{0},			8,  "this network"        },
	{{10},		   8,  "private network"     },
	{{100, 64},      10, "carrier-grade NAT"   },
	{{127},          8,  "loopback"            },
	{{169, 254},     16, "link-local"          },
	{{172, 16},      12, "private network"     },
	{{192, 0, 0},    24, "protocol assignments"},
	{{192, 0, 2},    24, "documentation"       },
	{{192, 88, 99},  24, "6to4 relay"          },
	{{192, 168},     16, "private network"     },
	{{198, 18},      15, "benchmarking"        },
	{{198, 51, 100}, 24, "documentation"       },
	{{203, 0, 113},  24, "documentation"       },
	{{224},          4,  "multicast"           },
	{{240},          4,  "reserved"            },
};

/* Only 2000::/3 is given out for the public Internet; these are exceptions inside it. */
static const Range ranges6[] = {
	{{0x20, 0x01, 0x00},       23, "protocol assignments"},
	{{0x20, 0x01, 0x0d, 0xb8}, 32, "documentation"       },
	{{0x20, 0x02},             16, "6to4"                },
	{{0x3f, 0xff, 0x00},       20, "documentation"       },
};

/* Outside it: named for the message; everything else there is "reserved". */
static const Range outside6[] = {
	{{[15] = 1},   128, "loopback"       },
    {{0xfe, 0x80}, 10,  "link-local"     },
	{{0xfe, 0xc0}, 10,  "site-local"     },
    {{0xfc},       7,   "private network"},
	{{0xff},       8,   "multicast"      },
    {{0x01},       64,  "discard-only"   },
};

/* ::ffff:0:0/96, 64:ff9b::/96 and ::/96 hold an IPv4 address in their last four bytes. */
static const Range holding4[] = {
	{{[10] = 0xff, [11] = 0xff}, 96, "mapped"},
	{{0x00, 0x64, 0xff, 0x9b},   96, "NAT64" },
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static bool
matches(const uint8_t *bytes, const Range *range)
{
	size_t whole = range->bits / 8;
	unsigned rest = range->bits % 8;

	if (memcmp(bytes, range->prefix, whole) != 0)
		return false;
	return rest == 0 || (bytes[whole] ^ range->prefix[whole]) >> (8 - rest) == 0;
}

static const char *
find(const uint8_t *bytes, const Range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (matches(bytes, &ranges[i]))
			return ranges[i].what;
	return NULL;
}

static const char *
refusal4(const uint8_t *bytes)
{
	return find(bytes, ranges4, COUNT(ranges4));
}

static const char *
refusal6(const uint8_t *bytes)
{
	const char *what;

	if (find(bytes, holding4, COUNT(holding4)) != NULL)
		return refusal4(bytes + 12);
	if (bytes[0] >> 5 == 1)
		return find(bytes, ranges6, COUNT(ranges6));
	what = find(bytes, outside6, COUNT(outside6));
	return what != NULL ? what : "reserved";
}

const char *
address_refusal(const struct sockaddr *address, size_t length)
{
	if (length >= sizeof(struct sockaddr_in) && address->sa_family == AF_INET)
	{
		struct sockaddr_in v4;

		memcpy(&v4, address, sizeof v4);
		return refusal4((const uint8_t *) &v4.sin_addr);
	}
	if (length >= sizeof(struct sockaddr_in6) && address->sa_family == AF_INET6)
	{
		struct sockaddr_in6 v6;

		memcpy(&v6, address, sizeof v6);
		return refusal6((const uint8_t *) &v6.sin6_addr);
	}
	return "no Internet address";
}
