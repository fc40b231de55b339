/*
 * base/error.h
 *	  An error is a value: functions return false and fill an Error; who can act on it
 *	  logs or reports it, once.
 *
 * The class decides what the database does with a failed task (docs/protocol.md): it is
 * the only part of an error that a machine acts on. The code is a stable word for tests,
 * pages and scripts; message and hint are for people, the hint says what to do next.
 */
#ifndef LEAP_BASE_ERROR_H
#define LEAP_BASE_ERROR_H

#include <stdbool.h>

typedef enum ErrorClass
{
	ERROR_NONE = 0,
	ERROR_TRANSIENT,    /* may succeed when tried again: network, busy, out of memory */
	ERROR_RATE_LIMITED, /* the other side said when to come back: retry_after */
	ERROR_CREDENTIAL,   /* a person must authorise again */
	ERROR_QUOTA,        /* a limit of the owner is reached */
	ERROR_INPUT,        /* the recording itself is at fault; another try cannot help */
	ERROR_PERMANENT, /* configuration or the platform refuses; another try cannot help */
	ERROR_LOST       /* the lease is gone: stop, write nothing */
} ErrorClass;

/* The hint of what cannot happen and did. */
#define HINT_BUG "This is a fault of LEAP: report it with the log of the worker."

typedef struct Error
{
	ErrorClass class;
	char code[48];
	char message[512];
	char hint[384];
	char detail[256];   /* of the database, mostly empty */
	char sqlstate[6];   /* of the database, else empty */
	double retry_after; /* seconds; 0 = by policy */
	int status;         /* what a server answered, of HTTP or SMTP; 0 = nothing */
	bool maybe_sent;    /* no answer came, yet the request may have reached the server */
} Error;

/* The name of a class as it travels in JSON and SQL: "transient", "input", ... */
const char *error_class_name(ErrorClass class);

/* The class of that name; ERROR_PERMANENT for an unknown one. */
ErrorClass error_class_of(const char *name);

/*
 * error_set fills *err (NULL is allowed) and returns false, so that a function can end
 * with `return error_set(err, ...)`. hint may be NULL.
 */
bool error_set(Error *err, ErrorClass class, const char *code, const char *hint,
			   const char *format, ...) __attribute__((format(printf, 5, 6)));

/* error_errno is error_set for a failed system call: appends strerror(errno). Running out
 * of memory or descriptors is transient, and so is a full disk, whose code is storage_full
 * instead of `code`; what the limit on files refuses is of class input, output_too_large;
 * all else is permanent. A folder of the storage or the library that another user owns gets
 * a hint. */
bool error_errno(Error *err, const char *code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
