/*
 * net/network.c
 *	  What an operator says of the network around a worker.
 */
#include "net/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/json.h"

#define HOST_MOST 253

/* A network; IPv4 as ::ffff:0:0/96 and longer. */
typedef struct Net
{
	uint8_t prefix[16];
	unsigned bits;
} Net;

/* Of this process. */
static struct
{
	Net *nets;
	size_t net_count;
	char **hosts;
	size_t host_count;
	char *proxy;
} said;

static void
map4(uint8_t bytes[16], const void *v4)
{
	memset(bytes, 0, 10);
	bytes[10] = bytes[11] = 0xff;
	memcpy(bytes + 12, v4, 4);
}

/* "10.0.0.0/8", "fd00::/8", "[::1]", "127.0.0.1". */
static bool
read_net(const char *text, Net *net)
{
	char address[64];
	uint8_t v4[4];
	size_t length = strcspn(text, "/");
	const char *slash = text[length] == '/' ? text + length + 1 : NULL;
	long bits;
	char *end;

	if (length >= 2 && text[0] == '[' && text[length - 1] == ']')
	{
		text++;
		length -= 2;
	}
	if (length >= sizeof address)
		return false;
	snprintf(address, sizeof address, "%.*s", (int) length, text);
	net->bits = 128;
	if (inet_pton(AF_INET, address, v4) == 1)
		map4(net->prefix, v4);
	else if (inet_pton(AF_INET6, address, net->prefix) != 1)
		return false;
	if (slash == NULL)
		return true;
	bits = strtol(slash, &end, 10);
	if (*slash < '0' || *slash > '9' || *end != '\0')
		return false;
	bits += strchr(address, ':') == NULL ? 96 : 0;
	net->bits = (unsigned) bits;
	return bits <= 128;
}

/* Letters, digits, "-", "_" and dots, not all digits and dots: that is a mistyped address. */
static bool
is_host(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && length <= HOST_MOST &&
		   strspn(text,
				  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
				  "") == length &&
		   strspn(text, "0123456789.") != length;
}

static bool
is_proxy(const char *url)
{
	static const char *const schemes[] = {"http://", "https://", "socks5h://"};

	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
		if (strncasecmp(url, schemes[i], strlen(schemes[i])) == 0 &&
			url[strlen(schemes[i])] != '\0' && strpbrk(url, " \t\r\n") == NULL)
			return true;
	return false;
}

static bool
read_allowed(const char *list, cJSON *allowed, Error *err)
{
	CLEANUP(free) char *copy = array_text(list);
	char *rest = copy;

	for (char *word; (word = strsep(&rest, ", \t")) != NULL;)
	{
		Net net;

		if (*word == '\0')
			continue;
		if (!read_net(word, &net) && !is_host(word))
			return error_set(
				err, ERROR_PERMANENT, "usage",
				"Write 192.168.7.0/24, fd00::/8, 10.1.2.3 or host.example.org.",
				"--allow-address: \"%.100s\" is no network, address or host", word);
		cJSON_AddItemToArray(allowed, cJSON_CreateString(word));
	}
	return true;
}

bool
network_settings(const char *allow, const char *proxy, cJSON **network, Error *err)
{
	CLEANUP(json) cJSON *made = cJSON_CreateObject();

	*network = NULL;
	if (!read_allowed(allow, cJSON_AddArrayToObject(made, "allow"), err))
		return false;
	/* it may hold a password */
	if (proxy[0] != '\0' && !is_proxy(proxy))
		return error_set(err, ERROR_PERMANENT, "usage",
						 "Write http://proxy.example.org:3128, https:// or socks5h://.",
						 "--proxy is no URL of a proxy");
	cJSON_AddStringToObject(made, "proxy", proxy);
	if (proxy[0] == '\0' && cJSON_GetArraySize(json_at(made, "allow")) == 0)
		return true;
	*network = made;
	made = NULL;
	return true;
}

static void
forget(void)
{
	for (size_t i = 0; i < said.host_count; i++)
		free(said.hosts[i]);
	free(said.hosts);
	free(said.nets);
	free(said.proxy);
	memset(&said, 0, sizeof said);
}

void
network_configure(const cJSON *network)
{
	const cJSON *allowed = json_at(network, "allow");
	size_t count = (size_t) cJSON_GetArraySize(allowed);
	const cJSON *word;

	forget();
	said.proxy = array_text(json_text(network, "proxy", ""));
	said.nets = array_new(count, sizeof *said.nets);
	said.hosts = array_new(count, sizeof *said.hosts);
	cJSON_ArrayForEach(word, allowed)
	{
		if (!cJSON_IsString(word))
			continue;
		if (read_net(word->valuestring, &said.nets[said.net_count]))
			said.net_count++;
		else
			said.hosts[said.host_count++] = array_text(word->valuestring);
	}
}

const char *
network_proxy(void)
{
	return said.proxy != NULL ? said.proxy : "";
}

static bool
is_within(const uint8_t bytes[16], const Net *net)
{
	size_t whole = net->bits / 8;
	unsigned rest = net->bits % 8;

	return memcmp(bytes, net->prefix, whole) == 0 &&
		   (rest == 0 || (bytes[whole] ^ net->prefix[whole]) >> (8 - rest) == 0);
}

bool
network_allows(const struct sockaddr *address, size_t length)
{
	uint8_t bytes[16];

	if (address->sa_family == AF_INET && length >= sizeof(struct sockaddr_in))
	{
		struct sockaddr_in v4;

		memcpy(&v4, address, sizeof v4);
		map4(bytes, &v4.sin_addr);
	}
	else if (address->sa_family == AF_INET6 && length >= sizeof(struct sockaddr_in6))
	{
		struct sockaddr_in6 v6;

		memcpy(&v6, address, sizeof v6);
		memcpy(bytes, &v6.sin6_addr, sizeof bytes);
	}
	else
		return false;
	for (size_t i = 0; i < said.net_count; i++)
		if (is_within(bytes, &said.nets[i]))
			return true;
	return false;
}

static size_t
length_of_host(const char *host)
{
	size_t length = strlen(host);

	return length > 0 && host[length - 1] == '.' ? length - 1 : length;
}

bool
network_allows_host(const char *host)
{
	size_t length = length_of_host(host);

	for (size_t i = 0; i < said.host_count; i++)
		if (length_of_host(said.hosts[i]) == length &&
			strncasecmp(said.hosts[i], host, length) == 0)
			return true;
	return false;
}
