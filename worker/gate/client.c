/*
 * gate/client.c
 *	  Trusted proxies and the client behind them.
 *
 * Whoever speaks to a proxy can write what he likes into X-Forwarded-For; the proxy adds the
 * address it sees at the end. So the list is read from its end, as long as proxies are trusted.
 */
#include "gate/client.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

typedef struct Network
{
	unsigned char bytes[16]; /* IPv4 as ::ffff:a.b.c.d */
	int bits;
} Network;

struct Proxies
{
	Network *networks;
	size_t count;
	size_t capacity;
	bool local;
};

#define MAPPED_BITS 96

static bool
read_address(const char *text, unsigned char bytes[16], bool *short_form)
{
	static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	memcpy(bytes, mapped, sizeof mapped);
	*short_form = inet_pton(AF_INET, text, bytes + sizeof mapped) == 1;
	return *short_form || inet_pton(AF_INET6, text, bytes) == 1;
}

static bool
read_network(const char *word, Network *network)
{
	char text[64];
	char *slash;
	char *end = text;
	bool short_form;
	long bits;

	if (snprintf(text, sizeof text, "%s", word) >= (int) sizeof text)
		return false;
	slash = strchr(text, '/');
	if (slash != NULL)
		*slash = '\0';
	if (!read_address(text, network->bytes, &short_form))
		return false;
	bits = slash != NULL ? strtol(slash + 1, &end, 10) : short_form ? 32 : 128;
	network->bits = (int) bits + (short_form ? MAPPED_BITS : 0);
	return bits >= 0 && network->bits <= 128 &&
		   (slash == NULL || (end != slash + 1 && *end == '\0'));
}

bool
proxies_read(const char *list, Proxies **proxies, Error *err)
{
	char *copy = array_text(list);
	char *rest = copy;
	char *word;

	*proxies = array_new(1, sizeof **proxies);
	while ((word = strtok_r(rest, ", \t", &rest)) != NULL)
	{
		Proxies *p = *proxies;

		if (strcmp(word, "local") == 0)
		{
			p->local = true;
			continue;
		}
		p->networks =
			array_room(p->networks, &p->capacity, p->count + 1, sizeof *p->networks);
		if (read_network(word, &p->networks[p->count++]))
			continue;
		(void) error_set(err, ERROR_PERMANENT, "usage",
						 "Write addresses or networks, such as 127.0.0.1 or 10.0.0.0/8.",
						 "\"%.60s\" is no address of a proxy", word);
		free(copy);
		return false;
	}
	free(copy);
	return true;
}

void
proxies_free(Proxies *proxies)
{
	if (proxies == NULL)
		return;
	free(proxies->networks);
	free(proxies);
}

static bool
is_in(const Network *network, const unsigned char bytes[16])
{
	int whole = network->bits / 8;
	int rest = network->bits % 8;

	return memcmp(network->bytes, bytes, (size_t) whole) == 0 &&
		   (rest == 0 || (network->bytes[whole] ^ bytes[whole]) >> (8 - rest) == 0);
}

static bool
is_trusted(const Proxies *proxies, const char *address)
{
	unsigned char bytes[16];
	bool short_form;

	if (!read_address(address, bytes, &short_form))
		return proxies->local && strcmp(address, "local") == 0;
	for (size_t i = 0; i < proxies->count; i++)
		if (is_in(&proxies->networks[i], bytes))
			return true;
	return false;
}

/* All fields of that name, joined; NULL when there is none. */
static char *
forwarded(const Head *head, Arena *arena)
{
	char *list = NULL;

	for (size_t i = 0; i < head->count; i++)
		if (slice_is_any_case(head->fields[i].name, "x-forwarded-for"))
			list = arena_printf(
				arena, "%s%s%.*s", list != NULL ? list : "", list != NULL ? "," : "",
				(int) head->fields[i].value.length, head->fields[i].value.at);
	return list;
}

const char *
client_address(const Proxies *proxies, const char *peer, const Head *head, Arena *arena)
{
	const char *address = peer;
	char *list = is_trusted(proxies, peer) ? forwarded(head, arena) : NULL;

	while (list != NULL && is_trusted(proxies, address))
	{
		char *comma = strrchr(list, ',');
		char *word = comma != NULL ? comma + 1 : list;
		unsigned char bytes[16];
		bool short_form;

		word += strspn(word, " \t");
		word[strcspn(word, " \t")] = '\0';
		if (!read_address(word, bytes, &short_form))
			break;
		address = word;
		if (comma == NULL)
			break;
		*comma = '\0';
	}
	return address;
}

const char *
client_network(const char *address, Arena *arena)
{
	unsigned char bytes[16];
	char text[INET6_ADDRSTRLEN];
	bool short_form;

	if (!read_address(address, bytes, &short_form) || short_form)
		return address;
	if (IN6_IS_ADDR_V4MAPPED((const struct in6_addr *) bytes))
		(void) inet_ntop(AF_INET, &bytes[12], text, sizeof text);
	else
	{
		memset(&bytes[8], 0, 8);
		(void) inet_ntop(AF_INET6, bytes, text, sizeof text);
	}
	return arena_text(arena, text);
}
