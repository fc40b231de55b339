/* sources: net/authorities.c net/guard.c net/lookup.c net/network.c net/call.c base/throughput.c net/call_line.c net/call_body.c net/answer.c net/address.c net/url.c base/buffer.c base/clock.c base/error.c base/json.c base/utf8.c */
/* libs: libcurl libssl libcrypto libcjson -lm -DLEAP_VERSION='"0"' */
/*
 * tests/unit/test_guard.c
 *	  Where a user's URL may lead and where not: spellings of addresses, names that lead to
 *	  private ones, names that change their mind, what an operator allows, proxies.
 *
 * The resolver and connect() are the test's own: no name is looked up, nobody is called. That
 * somebody was about to be is all that counts.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "net/address.h"
#include "net/call.h"
#include "net/network.h"
#include "tap.h"

/* The last address somebody was to be called at, as text; "" = nobody. */
static char called[INET6_ADDRSTRLEN];

int connect(int fd, const struct sockaddr *address, socklen_t length);

int
connect(int fd, const struct sockaddr *address, socklen_t length)
{
	const void *bytes = &((const struct sockaddr_in *) (const void *) address)->sin_addr;

	(void) fd;
	(void) length;
	if (address->sa_family == AF_INET6)
		bytes = &((const struct sockaddr_in6 *) (const void *) address)->sin6_addr;
	if (address->sa_family == AF_INET || address->sa_family == AF_INET6)
		(void) inet_ntop(address->sa_family, bytes, called, sizeof called);
	errno = ECONNREFUSED;
	return -1;
}

/* What names lead to; of several rows with one name each look-up takes the next. */
static struct
{
	const char *name;
	const char *addresses; /* blank-separated */
	int turns;
} names[] = {
	{"public.example",    "8.8.8.8",                              0},
	{"inside.example",    "10.1.2.3",                             0},
	{"loop.example",      "127.0.0.1",                            0},
	{"loop6.example",     "::1",								  0},
	{"mapped.example",    "::ffff:192.168.1.1",                   0},
	{"metadata.example",  "169.254.169.254",                      0},
	{"both.example",      "8.8.8.8 10.0.0.1",                     0},
	{"ula.example",       "fd12:3456::1",                         0},
	{"nat64.example",     "64:ff9b::7f00:1",                      0},
	{"sixtofour.example", "2002:7f00:1::1",                       0},
	{"teredo.example",    "2001:0:4136:e378:8000:63bf:3fff:fdd2", 0},
	{"rebind.example",    "8.8.8.8",                              0},
	{"rebind.example",    "127.0.0.1",                            0},
	{"proxy.example",     "10.9.9.9",                             0},
};

/* "silent.example" is looked up for as long as the test wants. */
static sem_t silence;
static sem_t heard;

static const char *
addresses_of(const char *name)
{
	size_t best = sizeof names / sizeof names[0];

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i].name, name) == 0 && (best == sizeof names / sizeof names[0] ||
												 names[i].turns < names[best].turns))
			best = i;
	if (best == sizeof names / sizeof names[0])
		return NULL;
	names[best].turns++;
	return names[best].addresses;
}

static struct addrinfo *
one_address(const char *text, const char *service, struct addrinfo *next)
{
	struct addrinfo *made = calloc(1, sizeof *made + sizeof(struct sockaddr_in6));
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	in_port_t port = htons((uint16_t) (service != NULL ? strtol(service, NULL, 10) : 0));

	v6.sin6_port = v4.sin_port = port;
	made->ai_socktype = SOCK_STREAM;
	made->ai_addr = (struct sockaddr *) (void *) (made + 1);
	made->ai_next = next;
	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
	{
		made->ai_family = AF_INET;
		made->ai_addrlen = sizeof v4;
		memcpy(made->ai_addr, &v4, sizeof v4);
	}
	else if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1)
	{
		made->ai_family = AF_INET6;
		made->ai_addrlen = sizeof v6;
		memcpy(made->ai_addr, &v6, sizeof v6);
	}
	return made;
}

int
getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
			struct addrinfo **found)
{
	const char *list = addresses_of(name);
	char address[64];
	struct in6_addr literal;

	(void) hints;
	*found = NULL;
	if (strcmp(name, "silent.example") == 0)
	{
		while (sem_wait(&silence) != 0)
			;
		(void) sem_post(&heard);
		return EAI_AGAIN;
	}
	if (list == NULL && (inet_pton(AF_INET, name, &literal) == 1 ||
						 inet_pton(AF_INET6, name, &literal) == 1))
		list = name;
	if (list == NULL)
		return EAI_NONAME;
	while (*list != '\0')
	{
		size_t length = strcspn(list, " ");

		snprintf(address, sizeof address, "%.*s", (int) length, list);
		*found = one_address(address, service, *found);
		list += length + (list[length] == ' ');
	}
	return 0;
}

void
freeaddrinfo(struct addrinfo *list)
{
	while (list != NULL)
	{
		struct addrinfo *next = list->ai_next;

		free(list);
		list = next;
	}
}

/* The code with which a URL is refused; connect() refuses what is allowed: connection_lost. */
static const char *
try(const char *url, char code[48])
{
	CLEANUP(call_answer) CallAnswer answer = {0};
	Call call = CALL("GET", url);
	Error err = {0};

	called[0] = '\0';
	call.total_seconds = 10;
	(void) call_run(&call, &answer, &err);
	snprintf(code, 48, "%s", err.code);
	return code;
}

#define REFUSED "address_refused"
#define ALLOWED "connection_lost"
#define NO_URL  "bad_url"

/* What each spelling of a place leads to. "" as called: nobody is. */
static const struct
{
	const char *url;
	const char *code;
	const char *called;
} urls[] = {
	{"http://127.0.0.1/",								  REFUSED, ""               },
	{"http://127.1/",									  REFUSED, ""               },
	{"http://127.0.1/",									REFUSED, ""               },
	{"http://2130706433/",								 REFUSED, ""               },
	{"http://0x7f000001/",								 REFUSED, ""               },
	{"http://0x7f.0.0.1/",								 REFUSED, ""               },
	{"http://0177.0.0.1/",								 REFUSED, ""               },
	{"http://017700000001/",							   REFUSED, ""               },
	{"http://127.0.0.1:22/",							   REFUSED, ""               },
	{"http://127.0.0.1./",								 ALLOWED, ""               },
	{"https://127.0.0.1/",								 REFUSED, ""               },
	{"http://user:pass@127.0.0.1/",                        REFUSED, ""               },
	{"http://8.8.8.8@127.0.0.1/",                          REFUSED, ""               },
	{"http://8.8.8.8#@127.0.0.1/",                         ALLOWED, "8.8.8.8"        },
	{"http://127.0.0.1#@8.8.8.8/",                         REFUSED, ""               },
	{"http://8.8.8.8:80@127.0.0.1:80/",                    REFUSED, ""               },
	{"http://0.0.0.0/",									REFUSED, ""               },
	{"http://0/",										  REFUSED, ""               },
	{"http://10.0.0.1/",								   REFUSED, ""               },
	{"http://172.16.0.1/",								 REFUSED, ""               },
	{"http://172.31.255.255/",                             REFUSED, ""               },
	{"http://172.32.0.1/",								 ALLOWED, "172.32.0.1"     },
	{"http://192.168.0.1/",								REFUSED, ""               },
	{"http://169.254.169.254/latest/meta-data",            REFUSED, ""               },
	{"http://2852039166/",								 REFUSED, ""               },
	{"http://100.64.0.1/",								 REFUSED, ""               },
	{"http://100.128.0.1/",								ALLOWED, "100.128.0.1"    },
	{"http://192.0.0.8/",								  REFUSED, ""               },
	{"http://192.0.2.1/",								  REFUSED, ""               },
	{"http://198.18.0.1/",								 REFUSED, ""               },
	{"http://198.51.100.7/",							   REFUSED, ""               },
	{"http://203.0.113.9/",								REFUSED, ""               },
	{"http://192.88.99.1/",								REFUSED, ""               },
	{"http://224.0.0.1/",								  REFUSED, ""               },
	{"http://239.255.255.250/",                            REFUSED, ""               },
	{"http://240.0.0.1/",								  REFUSED, ""               },
	{"http://255.255.255.255/",                            REFUSED, ""               },
	{"http://[::1]/",									  REFUSED, ""               },
	{"http://[0:0:0:0:0:0:0:1]/",                          REFUSED, ""               },
	{"http://[::]/",									   REFUSED, ""               },
	{"http://[::ffff:127.0.0.1]/",                         REFUSED, ""               },
	{"http://[::ffff:7f00:1]/",                            REFUSED, ""               },
	{"http://[::ffff:8.8.8.8]/",                           ALLOWED, "::ffff:8.8.8.8" },
	{"http://[::127.0.0.1]/",							  REFUSED, ""               },
	{"http://[64:ff9b::7f00:1]/",                          REFUSED, ""               },
	{"http://[64:ff9b:1::7f00:1]/",                        REFUSED, ""               },
	{"http://[2002:7f00:1::1]/",                           REFUSED, ""               },
	{"http://[2001::1]/",								  REFUSED, ""               },
	{"http://[2001:db8::1]/",							  REFUSED, ""               },
	{"http://[3fff::1]/",								  REFUSED, ""               },
	{"http://[fc00::1]/",								  REFUSED, ""               },
	{"http://[fd00::1]/",								  REFUSED, ""               },
	{"http://[fe80::1]/",								  REFUSED, ""               },
	{"http://[fe80::1%25eth0]/",                           REFUSED, ""               },
	{"http://[fe80::1%251]/",							  REFUSED, ""               },
	{"http://[fec0::1]/",								  REFUSED, ""               },
	{"http://[ff02::1]/",								  REFUSED, ""               },
	{"http://[100::1]/",								   REFUSED, ""               },
	{"http://[5f00::1]/",								  REFUSED, ""               },
	{"http://[2606:4700::1111]/",                          ALLOWED, "2606:4700::1111"},
	{"http://public.example/",                             ALLOWED, "8.8.8.8"        },
	{"http://public.example:8443/",                        ALLOWED, "8.8.8.8"        },
	{"http://inside.example/",                             REFUSED, ""               },
	{"http://loop.example/",							   REFUSED, ""               },
	{"http://loop6.example/",							  REFUSED, ""               },
	{"http://mapped.example/",                             REFUSED, ""               },
	{"http://metadata.example/",                           REFUSED, ""               },
	{"http://ula.example/",								REFUSED, ""               },
	{"http://nat64.example/",							  REFUSED, ""               },
	{"http://sixtofour.example/",                          REFUSED, ""               },
	{"http://teredo.example/",                             REFUSED, ""               },
	{"http://both.example/",							   ALLOWED, "8.8.8.8"        },
	{"http://unknown.example/",                            ALLOWED, ""               },
	{"http://localhost/",								  REFUSED, ""               },
	{"http://LOCALHOST/",								  REFUSED, ""               },
	{"http://x.localhost/",								REFUSED, ""               },
	{"http://\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1/", NO_URL,  ""               },
	{"http://127\xe3\x80\x82"
	 "0.0.1/",										NO_URL,  ""			   },
	{"ftp://127.0.0.1/",								   NO_URL,  ""               },
	{"file:///etc/passwd",								 NO_URL,  ""               },
	{"gopher://127.0.0.1:25/_HELO",                        NO_URL,  ""               },
	{"dict://127.0.0.1:11211/stat",                        NO_URL,  ""               },
	{"javascript:alert(1)",								NO_URL,  ""               },
	{"http:///etc",										ALLOWED, ""               },
	{"//127.0.0.1/",									   NO_URL,  ""               },
	{"http://127.0.0.1:99999/",                            NO_URL,  ""               },
	{"http://[::1/",									   NO_URL,  ""               },
	{"http://a b/",										NO_URL,  ""               },
	{"http://127.0.0.1\\@8.8.8.8/",                        ALLOWED, "8.8.8.8"        },
};

static void
test_urls(void)
{
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
	{
		char code[48];

		is_str(try(urls[i].url, code), urls[i].code, urls[i].url);
		is_str(called, urls[i].called, "and who is called");
	}
}

/* The address that is connected to is judged, not one that was looked up before. */
static void
test_rebinding(void)
{
	char code[48];

	is_str(try("http://rebind.example/", code), ALLOWED,
		   "a name that is public at first");
	is_str(called, "8.8.8.8", "leads there");
	is_str(try("http://rebind.example/", code), REFUSED,
		   "and is refused when it moves in");
	is_str(called, "", "before anybody is called");
}

static void
allow(const char *list, const char *proxy)
{
	CLEANUP(json) cJSON *network = NULL;
	Error err = {0};

	ok(network_settings(list, proxy, &network, &err), "allowed: %s %s", list, proxy);
	network_configure(network);
}

static void
test_allowed(void)
{
	char code[48];

	allow("10.1.2.0/24, 192.168.7.7,fd12:3456::/32,metadata.example", "");
	is_str(try("http://10.1.2.3/", code), ALLOWED, "an address of an allowed network");
	is_str(called, "10.1.2.3", "is called");
	is_str(try("http://10.1.3.3/", code), REFUSED, "its neighbour is not");
	is_str(try("http://inside.example/", code), ALLOWED, "nor does the name matter");
	is_str(try("http://[::ffff:10.1.2.3]/", code), ALLOWED, "nor the family");
	is_str(try("http://192.168.7.7/", code), ALLOWED, "one address");
	is_str(try("http://192.168.7.8/", code), REFUSED, "is one address");
	is_str(try("http://ula.example/", code), ALLOWED, "a network of IPv6");
	is_str(try("http://metadata.example/", code), ALLOWED, "a host by its name");
	is_str(try("http://METADATA.example./", code), ALLOWED, "however it is written");
	is_str(try("http://169.254.169.254/", code), REFUSED, "and by nothing else");
	is_str(try("http://x.metadata.example/", code), ALLOWED,
		   "a name below it is another");
	is_str(called, "", "which leads nowhere");
	is_str(try("http://127.0.0.1/", code), REFUSED, "all else is as before");
	allow("", "");
	is_str(try("http://10.1.2.3/", code), REFUSED, "and so is everything without it");
}

static void
test_proxy(void)
{
	char code[48];

	allow("192.168.7.0/24", "http://proxy.example:3128");
	is_str(try("http://public.example/", code), ALLOWED, "behind a proxy");
	is_str(called, "10.9.9.9", "that is called, though it is inside");
	is_str(try("http://inside.example/", code), REFUSED, "a private address is refused");
	is_str(called, "", "without the proxy being asked");
	is_str(try("http://both.example/", code), REFUSED, "also where it is one of several");
	is_str(try("http://unknown.example/", code), ALLOWED, "what cannot be looked up");
	is_str(called, "", "is not asked for");
	is_str(try("http://[::1]/", code), REFUSED, "an address without a name");
	is_str(try("http://192.168.7.9/", code), ALLOWED, "what is allowed inside");
	is_str(called, "192.168.7.9", "is called without the proxy");
	allow("", "");
}

static bool
stop_at_once(void *arg, double fraction, const char *step)
{
	(void) arg;
	(void) step;
	return fraction >= 0;
}

/* The resolver is let go only when the call is over: so nobody waited for it. */
static void
test_silence(void)
{
	static const Reporter reporter = {.progress = stop_at_once};
	CLEANUP(call_answer) CallAnswer answer = {0};
	Call call = CALL("GET", "http://silent.example/");
	Error err = {0};

	allow("", "http://proxy.example:3128");
	call.reporter = &reporter;
	called[0] = '\0';
	ok(!call_run(&call, &answer, &err), "a name that is not told is not waited for");
	is_int(err.class, ERROR_LOST, "when the work is stopped");
	is_str(called, "", "and nobody is called");
	(void) sem_post(&silence);
	while (sem_wait(&heard) != 0)
		;
	allow("", "");
}

static void
test_settings(void)
{
	static const char *const wrong[] = {"10.0.0.0/33", "10.0.0",     "300.1.1.1",
										"fd00::/129",  "a b/c",      "10.0.0.0/",
										"http://x",    "10.0.0.0/-1"};
	static const char *const proxies[] = {"proxy:3128", "ftp://proxy", "http://",
										  "http://a b", "socks5://p"};
	cJSON *network = NULL;
	Error err = {0};

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		ok(!network_settings(wrong[i], "", &network, &err) && network == NULL,
		   "%s is nothing to allow: %s", wrong[i], err.message);
	for (size_t i = 0; i < sizeof proxies / sizeof proxies[0]; i++)
		ok(!network_settings("", proxies[i], &network, &err) &&
			   strstr(err.message, proxies[i]) == NULL,
		   "%s is no proxy", proxies[i]);
	ok(network_settings("", "", &network, &err) && network == NULL, "nothing is said");
}

int
main(void)
{
	(void) sem_init(&silence, 0, 0);
	(void) sem_init(&heard, 0, 0);
	test_urls();
	test_rebinding();
	test_allowed();
	test_proxy();
	test_silence();
	test_settings();
	return done_testing();
}
