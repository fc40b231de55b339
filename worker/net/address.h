/*
 * net/address.h
 *	  Which addresses a user's URL may lead to: public ones. Everything that belongs to the
 *	  operator's own machines and networks is refused (server-side request forgery).
 */
#ifndef LEAP_NET_ADDRESS_H
#define LEAP_NET_ADDRESS_H

#include <stddef.h>
#include <sys/socket.h>

/*
 * NULL when the address is public, else what it is ("loopback", "private network", ...).
 * IPv4 inside IPv6 (mapped, compatible, NAT64, 6to4, Teredo) is judged by what it leads
 * to or refused; a family that is neither is refused.
 */
const char *address_refusal(const struct sockaddr *address, size_t length);

#endif
