/*
 * media/integrity.h
 *	  Collects what is wrong with a file and turns it into a verdict with reasons.
 *
 * ok: nothing found. degraded: small damage, go on but tell. truncated: the end is missing,
 * fetch it again. rejected: so much is damaged that the lecture would be.
 */
#ifndef LEAP_MEDIA_INTEGRITY_H
#define LEAP_MEDIA_INTEGRITY_H

#include <stdbool.h>
#include <stdint.h>

typedef enum FaultCode
{
	FAULT_INDEX_MISSING,     /* an MP4 without its moov */
	FAULT_FILE_CUT_OFF,      /* an outer part ends beyond the file; amount: bytes */
	FAULT_SAMPLE_BEYOND_END, /* the index names bytes beyond the file; amount: bytes */
	FAULT_ENDS_EARLY,        /* the header promises more time; amount: seconds */
	FAULT_WRONG_DURATION,    /* it does, but all that the index names is there */
	FAULT_READ_ERROR,        /* the demuxer gave up; counted */
	FAULT_BAD_VIDEO_PACKET,  /* inner lengths do not fit; counted */
	FAULT_CORRUPT_PACKET,    /* the demuxer got fewer bytes than announced; counted */
	FAULT_DECODE_ERROR,      /* sound that cannot be decoded; counted */
	FAULT_AUDIO_GAP,  /* sound missing in the middle; counted, amount: longest, s */
	FAULT_BAD_TIMES,  /* time stamps outside the recording or going back; counted */
	FAULT_ENDS_APART, /* sound and picture end apart; amount: seconds */
	FAULT_NO_STREAM,  /* neither sound nor picture */
	FAULT_GARBAGE,    /* bytes between the parts that belong to none */
	FAULT_COUNT
} FaultCode;

typedef enum Verdict
{
	VERDICT_OK,
	VERDICT_DEGRADED,
	VERDICT_TRUNCATED,
	VERDICT_REJECTED
} Verdict;

typedef struct Fault
{
	int64_t count;    /* 0: not found */
	double at;        /* source time where it was first found, or -1 */
	double amount;    /* the greatest, see FaultCode */
	int64_t position; /* in the file, of the one first found, or -1 */
} Fault;

typedef struct Integrity
{
	Fault faults[FAULT_COUNT];
	int64_t packets;        /* of picture and sound, good or bad */
	double damaged_seconds; /* time that the bad packets would have filled */
	int64_t missing_bytes;  /* structure_inspect's */
} Integrity;

/* Records a fault at a source time (-1: of the whole file). */
void integrity_note(Integrity *integrity, FaultCode code, double at, double amount);

/* Tells at which byte of the file the fault lies that was noted last; -1: not known. The
 * first fault of a kind keeps its place. */
void integrity_place(Integrity *integrity, FaultCode code, int64_t position);

Verdict integrity_verdict(const Integrity *integrity);

/* How many bytes of a file of that size can be trusted: those before its first bad packet. */
int64_t integrity_good_bytes(const Integrity *integrity, int64_t size);

/* "ok", "degraded", "truncated", "rejected" */
const char *verdict_name(Verdict verdict);

/* The stable word of a fault for machines, and its sentence for people. */
const char *fault_name(FaultCode code);
void fault_message(const Integrity *integrity, FaultCode code, char *text, int size);

#endif
