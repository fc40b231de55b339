/*
 * net/authorities.h
 *	  Whom a server's certificate has to be from: the machine's list of authorities, read once
 *	  in a process, as that takes more time than most requests.
 */
#ifndef LEAP_NET_AUTHORITIES_H
#define LEAP_NET_AUTHORITIES_H

#include <curl/curl.h>

/* The request trusts whom it would trust without this. */
void authorities_set(CURL *curl);

#endif
