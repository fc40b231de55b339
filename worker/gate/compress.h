/*
 * gate/compress.h
 *	  Answers compressed with gzip, for those who take that.
 */
#ifndef LEAP_GATE_COMPRESS_H
#define LEAP_GATE_COMPRESS_H

#include <stdbool.h>

#include "base/buffer.h"
#include "http/head.h"

/* Shorter ones fit into a packet or two anyway; longer ones would keep the other clients of
 * this process waiting: a megabyte takes some ten milliseconds. */
#define COMPRESS_LEAST 1024
#define COMPRESS_MOST  (1024 * 1024)

/* Whether the client takes gzip (RFC 9110, Accept-Encoding). */
bool compress_taken(const Head *head);

/* Whether such a body of an answer to this request is compressed at all, for who takes it. */
bool compress_suits(const Head *head, size_t length);

/* Appends the bytes as one gzip stream; false: there is no memory for it. */
bool compress_gzip(Slice bytes, Buffer *out);

#endif
