/*
 * net/fetch_ahead.h
 *	  A part of a file fetched before its time: who reads an MP4 needs its end first.
 *
 * One request at a time runs beside the download itself, with a Range and the proof that the
 * file is the same. A server that knows no ranges is not asked again: the part comes when its
 * turn comes. What a reader may ask for is bounded, for what it reads was made by strangers.
 */
#ifndef LEAP_NET_FETCH_AHEAD_H
#define LEAP_NET_FETCH_AHEAD_H

#include "net/fetch_file.h"
#include "net/transfer.h"

typedef struct FetchAhead
{
	FetchFile *file;
	const Transfer *main; /* the download's own, which says how this server is asked */
	int64_t wanted;       /* -1 = nothing */
	bool refused;         /* no more requests */
	int requests;
	int64_t bytes;
	int64_t at; /* where the next byte of the running one belongs */
	Transfer transfer;
} FetchAhead;

/* The request for what is wanted, or NULL when there is none to be made. */
const Transfer *fetch_ahead_next(FetchAhead *ahead);

#endif
