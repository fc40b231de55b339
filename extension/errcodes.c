/*
 * errcodes.c
 *	  The SQLSTATEs of LEAP.
 */
#include "errcodes.h"

const ErrorCode error_codes[] = {
	{"LP001", "illegal_move",          409, "the state machine has no such move"          },
	{"LP002", "outside_operation",     409, "a status changes only through an operation"  },
	{"LP003", "operation_not_allowed", 409, "the operation is not allowed in this state"  },
	{"LP004", "active_run",            409, "the recording already has an active run"     },
	{"LP005", "held",                  409, "the recording is held until a person decides"},
	{"LP006", "idempotency_mismatch",  422,
	 "the idempotency key was used for another request"                                   },
	{"LP007", "append_only",           409, "a log is only added to"                      },
	{"LP008", "job_running",           409, "the automation job has a run under way"      },
	{"LP009", "in_use",                409, "something else needs it"                     },
	{"LP010", "quota_exceeded",        429, "a limit of the owner is reached"             },
	{"LP020", "not_found",             404, "no such object, or not yours"                },
	{"LP021", "ambiguous",             409, "the prefix names several objects"            },
	{"LP030", "invalid_input",         422, "a value breaks a rule"                       },
	{"LP031", "bad_template",          422, "a text template cannot be read"              },
	{"LP040", "unknown_worker",        401,
	 "worker and secret do not match a registered worker"                                 },
	{"LP041", "protocol_too_old",      426, "the worker speaks an older protocol"         },
	{"LP042", "not_authenticated",     401, "nobody is known by this proof, or no longer" },
	{"LP043", "forbidden",             403, "the account may not do this"                 },
	{"LP044", "too_many_attempts",     429, "too many attempts failed, or came at once"   },
};

const int error_code_count = sizeof error_codes / sizeof error_codes[0];
