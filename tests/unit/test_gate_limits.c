/* sources: gate/limit.c gate/client.c http/head.c base/arena.c base/error.c base/utf8.c */
/* libs: libcjson */
/*
 * tests/unit/test_gate_limits.c
 *	  Token buckets, and the client's address behind proxies.
 */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gate/client.h"
#include "gate/limit.h"
#include "tap.h"

static const LimitRule rule = {60, 5};

static int
take_all(Limits *limits, const char *name, double now, LimitState *state)
{
	int taken = 0;

	while (taken < 100 && limit_take(limits, "user", name, rule, now, state))
		taken++;
	return taken;
}

static void
test_buckets(Limits *limits)
{
	LimitState state;

	ok(limit_take(limits, "user", "a", rule, 100, &state), "the first request");
	is_int(state.remaining, 4, "leaves the rest of the burst");
	is_int(state.reset, 1, "and is made good after a second");
	is_int(take_all(limits, "a", 100, &state), 4, "the burst is all there is");
	is_int(state.reset, 1, "a second later one is free");
	is_int(take_all(limits, "a", 101, &state), 1, "one a second, as the rule says");
	is_int(take_all(limits, "a", 1000, &state), 5, "and never more than the burst");
	is_int(take_all(limits, "b", 1000, &state), 5,
		   "another user has a bucket of his own");
	ok(limit_take(limits, "address", "a", rule, 1000, &state), "and so has an address");
	for (int i = 0; i < 1000; i++)
		(void) limit_take(limits, "user", "c", (LimitRule){0, 0}, 1000, &state);
	ok(limit_take(limits, "user", "c", (LimitRule){0, 0}, 1000, &state), "no limit");
}

/* One that asks all the time gets what the rule gives, however small that is. */
static void
test_impatient(Limits *limits)
{
	const LimitRule slow = {1, 1};
	LimitState state;
	int taken = 0;

	for (int i = 0; i <= 120 * 1000; i += 5)
		taken += limit_take(limits, "user", "d", slow, 3000 + i / 1000.0, &state);
	is_int(taken, 3, "one a minute, in spite of 200 a second");
}

static void
test_networks(void)
{
	static const char *const rows[][2] = {
		{"192.0.2.7",            "192.0.2.7"     },
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"},
		{"::ffff:192.0.2.7",     "192.0.2.7"     },
		{"local",                "local"         },
	};
	Arena arena = {NULL};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		is_str(client_network(rows[i][0], &arena), rows[i][1], rows[i][0]);
	arena_free(&arena);
}

static void
test_processes(Limits *limits)
{
	int total = 0;
	LimitState state;

	for (int i = 0; i < 4; i++)
		if (fork() == 0)
			_exit(take_all(limits, "shared", 2000, &state));
	for (int i = 0; i < 4; i++)
	{
		int status;

		(void) wait(&status);
		total += WEXITSTATUS(status);
	}
	is_int(total, 5, "four processes take no more than the burst together");
}

static const char *
address_of(const char *trusted, const char *peer, const char *fields)
{
	static char copy[80];
	char request[400];
	Arena arena = {NULL};
	Proxies *proxies = NULL;
	Head head;
	HeadRefusal refusal;
	size_t used;

	(void) snprintf(request, sizeof request, "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n",
					fields);
	(void) head_read(request, strlen(request), &head, &used, &refusal);
	if (!proxies_read(trusted, &proxies, NULL))
		(void) snprintf(copy, sizeof copy, "unreadable");
	else
		(void) snprintf(copy, sizeof copy, "%s",
						client_address(proxies, peer, &head, &arena));
	proxies_free(proxies);
	arena_free(&arena);
	return copy;
}

static void
test_addresses(void)
{
	static const struct
	{
		const char *trusted;
		const char *peer;
		const char *fields;
		const char *address;
		const char *what;
	} rows[] = {
		{"",			   "9.9.9.9",  "X-Forwarded-For: 1.2.3.4\r\n",                    "9.9.9.9",
		 "nobody is trusted: the peer itself"																										   },
		{"10.0.0.0/8",     "10.1.2.3", "",												"10.1.2.3",    "a proxy that says nothing"                    },
		{"10.0.0.0/8",     "10.1.2.3", "X-Forwarded-For: 1.2.3.4\r\n",                    "1.2.3.4",
		 "a trusted proxy says who it is"																											   },
		{"10.0.0.0/8",     "11.1.2.3", "X-Forwarded-For: 1.2.3.4\r\n",                    "11.1.2.3",
		 "a stranger's word counts nothing"																											 },
		{"10.0.0.0/8",     "10.1.2.3", "X-Forwarded-For: 6.6.6.6, 1.2.3.4, 10.0.0.9\r\n",
		 "1.2.3.4",																					  "what the client wrote in front counts nothing"},
		{"10.0.0.0/8",     "10.1.2.3",
		 "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 1.2.3.4\r\n",                      "1.2.3.4",
		 "two fields are one list"																													  },
		{"10.0.0.0/8",     "10.1.2.3", "X-Forwarded-For: 1.2.3.4, unknown\r\n",           "10.1.2.3",
		 "a word that is no address ends the search"																									},
		{"::1 10.0.0.0/8", "::1",      "X-Forwarded-For: 2001:db8::5\r\n",                "2001:db8::5",
		 "IPv6"																																		 },
		{"local",          "local",    "X-Forwarded-For: 1.2.3.4\r\n",                    "1.2.3.4",
		 "a proxy on this machine"																													  },
		{"10.0.0.0/33",    "10.1.2.3", "",												"unreadable",  "a network with too many bits"                 },
		{"proxy",          "10.1.2.3", "",												"unreadable",  "a name is no address"                         },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		is_str(address_of(rows[i].trusted, rows[i].peer, rows[i].fields), rows[i].address,
			   rows[i].what);
}

int
main(void)
{
	Limits *limits = NULL;

	(void) fflush(stdout);
	(void) limits_share(&limits, NULL);
	test_buckets(limits);
	test_impatient(limits);
	(void) fflush(stdout);
	test_processes(limits);
	test_networks();
	test_addresses();
	limits_free(limits);
	return done_testing();
}
