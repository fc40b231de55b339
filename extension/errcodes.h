/*
 * errcodes.h
 *	  The SQLSTATEs of LEAP, class LP, with the HTTP status each stands for.
 *
 * SQL raises them by code (RAISE ... USING ERRCODE = 'LP003'); leap.error_codes() shows the
 * table, and the HTTP door answers with its status.
 */
#ifndef LEAP_ERRCODES_H
#define LEAP_ERRCODES_H

typedef struct ErrorCode
{
	const char *sqlstate;
	const char *name;
	int http_status;
	const char *meaning;
} ErrorCode;

extern const ErrorCode error_codes[];
extern const int error_code_count;

#define ERRCODE_LEAP_ILLEGAL_MOVE      MAKE_SQLSTATE('L', 'P', '0', '0', '1')
#define ERRCODE_LEAP_OUTSIDE_OPERATION MAKE_SQLSTATE('L', 'P', '0', '0', '2')
#define ERRCODE_LEAP_QUOTA_EXCEEDED    MAKE_SQLSTATE('L', 'P', '0', '1', '0')
#define ERRCODE_LEAP_INVALID_INPUT     MAKE_SQLSTATE('L', 'P', '0', '3', '0')
#define ERRCODE_LEAP_BAD_TEMPLATE      MAKE_SQLSTATE('L', 'P', '0', '3', '1')

#endif
