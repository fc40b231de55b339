/* sources: net/address.c */
/*
 * tests/unit/test_address.c
 *	  Both ends of every refused range, what lies just outside, and IPv4 in IPv6.
 */
#include "net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "tap.h"

static const char *
judge(const char *text)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return address_refusal((const struct sockaddr *) &v4, sizeof v4);
	if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1)
		return address_refusal((const struct sockaddr *) &v6, sizeof v6);
	return "no address in the test";
}

static const struct
{
	const char *address;
	const char *refusal;
} cases[] = {
	{"0.0.0.0",            "this network"        },
	{"0.255.255.255",      "this network"        },
	{"1.0.0.0",            NULL                  },
	{"1.1.1.1",            NULL                  },
	{"9.255.255.255",      NULL                  },
	{"10.0.0.0",           "private network"     },
	{"10.255.255.255",     "private network"     },
	{"11.0.0.0",           NULL                  },
	{"100.63.255.255",     NULL                  },
	{"100.64.0.0",         "carrier-grade NAT"   },
	{"100.127.255.255",    "carrier-grade NAT"   },
	{"100.128.0.0",        NULL                  },
	{"127.0.0.1",          "loopback"            },
	{"127.255.255.254",    "loopback"            },
	{"128.0.0.1",          NULL                  },
	{"169.253.255.255",    NULL                  },
	{"169.254.169.254",    "link-local"          },
	{"169.255.0.0",        NULL                  },
	{"172.15.255.255",     NULL                  },
	{"172.16.0.0",         "private network"     },
	{"172.31.255.255",     "private network"     },
	{"172.32.0.0",         NULL                  },
	{"192.0.0.8",          "protocol assignments"},
	{"192.0.2.1",          "documentation"       },
	{"192.88.99.1",        "6to4 relay"          },
	{"192.167.255.255",    NULL                  },
	{"192.168.0.1",        "private network"     },
	{"192.169.0.0",        NULL                  },
	{"198.18.0.0",         "benchmarking"        },
	{"198.19.255.255",     "benchmarking"        },
	{"198.20.0.0",         NULL                  },
	{"198.51.100.7",       "documentation"       },
	{"203.0.113.7",        "documentation"       },
	{"223.255.255.255",    NULL                  },
	{"224.0.0.1",          "multicast"           },
	{"239.255.255.255",    "multicast"           },
	{"240.0.0.1",          "reserved"            },
	{"255.255.255.255",    "reserved"            },
	{"::",				 "reserved"            },
	{"::1",				"loopback"            },
	{"::2",				"reserved"            },
	{"::7f00:1",           "reserved"            },
	{"::ffff:127.0.0.1",   "loopback"            },
	{"::ffff:10.1.2.3",    "private network"     },
	{"::ffff:8.8.8.8",     NULL                  },
	{"64:ff9b::7f00:1",    "loopback"            },
	{"64:ff9b::808:808",   NULL                  },
	{"64:ff9b:1::808:808", "reserved"            },
	{"100::1",             "discard-only"        },
	{"2001::1",            "protocol assignments"},
	{"2001:1ff:ffff::1",   "protocol assignments"},
	{"2001:200::1",        NULL                  },
	{"2001:db8::1",        "documentation"       },
	{"2001:db9::1",        NULL                  },
	{"2002:7f00:1::1",     "6to4"                },
	{"2003::1",            NULL                  },
	{"2606:4700::1111",    NULL                  },
	{"3fff::1",            "documentation"       },
	{"3fff:1000::1",       NULL                  },
	{"4000::1",            "reserved"            },
	{"5f00::1",            "reserved"            },
	{"fc00::1",            "private network"     },
	{"fdff:ffff::1",       "private network"     },
	{"fe00::1",            "reserved"            },
	{"fe80::1",            "link-local"          },
	{"febf::1",            "link-local"          },
	{"fec0::1",            "site-local"          },
	{"ff02::1",            "multicast"           },
};

int
main(void)
{
	struct sockaddr_in short_one = {.sin_family = AF_INET};
	struct sockaddr other = {.sa_family = AF_UNIX};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		is_str(judge(cases[i].address), cases[i].refusal, cases[i].address);
	ok(address_refusal((const struct sockaddr *) &short_one, 4) != NULL, "a cut address");
	ok(address_refusal(&other, sizeof other) != NULL, "another family");
	return done_testing();
}
