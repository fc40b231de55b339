/*
 * net/s3_error.c
 *	  What a refusal of S3 means for a task: one table, after the list of error codes in the
 *	  S3 API reference and those that compatible services add.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "net/s3_request.h"
#include "net/s3_xml.h"

/* A service that says "slow down" without a time. */
#define SLOW_DOWN_SECONDS 30.0

#define HINT_KEY "Enter the credential's access key and secret key anew."
#define HINT_RIGHT                                                           \
	"Look whose the bucket is, and give the key its rights there, or enter " \
	"another key (docs/platforms/s3.md)."
#define HINT_ACCOUNT "Look at the account in the service's console, or enter another key."
#define HINT_GONE    "Put the object back, or skip the recording."
#define HINT_REGION  "Correct region and endpoint of the credential."
#define HINT_CLOCK   "Set the clock of the worker's machine."

/* Of class credential is only what says that the key itself is bad: that stops all that uses
 * it. A refusal of one bucket, which may be somebody else's, stops this task. */
typedef struct Meaning
{
	const char *said; /* the service's code */
	ErrorClass class;
	const char *code; /* ours */
	const char *hint;
} Meaning;

static const Meaning meanings[] = {
	{"AccessDenied",					   ERROR_PERMANENT,    "access_denied",      HINT_RIGHT                      },
	{"AccountProblem",                     ERROR_CREDENTIAL,   "account_unusable",   HINT_ACCOUNT                    },
	{"AllAccessDisabled",                  ERROR_PERMANENT,    "access_denied",      HINT_RIGHT                      },
	{"InvalidAccessKeyId",                 ERROR_CREDENTIAL,   "credential_refused", HINT_KEY                        },
	{"SignatureDoesNotMatch",              ERROR_CREDENTIAL,   "credential_refused", HINT_KEY                        },
	{"ExpiredToken",					   ERROR_CREDENTIAL,   "credential_refused",
	 "Enter keys that have not expired."																			 },
	{"InvalidToken",					   ERROR_CREDENTIAL,   "credential_refused",
	 "Enter the session token anew."																				 },
	{"TokenRefreshRequired",               ERROR_CREDENTIAL,   "credential_refused",
	 "Enter keys that have not expired."																			 },
	{"InvalidSecurity",                    ERROR_CREDENTIAL,   "credential_refused", HINT_KEY                        },
	{"NotSignedUp",						ERROR_CREDENTIAL,   "account_unusable",   HINT_ACCOUNT                    },
	{"UnauthorizedAccess",                 ERROR_PERMANENT,    "access_denied",      HINT_RIGHT                      },
	{"RequestTimeTooSkewed",               ERROR_TRANSIENT,    "clock_wrong",        HINT_CLOCK                      },
	{"RequestExpired",                     ERROR_TRANSIENT,    "clock_wrong",        HINT_CLOCK                      },
	{"NoSuchBucket",					   ERROR_PERMANENT,    "bucket_missing",     "Name a bucket that exists."    },
	{"InvalidBucketName",                  ERROR_PERMANENT,    "bucket_missing",
	 "Name a bucket that exists."																					},
	{"NoSuchKey",						  ERROR_INPUT,        "object_missing",     HINT_GONE                       },
	{"NoSuchVersion",					  ERROR_INPUT,        "object_missing",     HINT_GONE                       },
	{"InvalidObjectState",                 ERROR_PERMANENT,    "object_archived",
	 "Restore the object from its archive first."																	},
	{"NoSuchUpload",					   ERROR_TRANSIENT,    "upload_gone",        NULL                            },
	{"InvalidPart",						ERROR_TRANSIENT,    "upload_gone",        NULL                            },
	{"InvalidPartOrder",                   ERROR_TRANSIENT,    "upload_gone",        NULL                            },
	{"BadDigest",						  ERROR_TRANSIENT,    "transfer_damaged",   NULL                            },
	{"IncompleteBody",                     ERROR_TRANSIENT,    "transfer_damaged",   NULL                            },
	{"XAmzContentSHA256Mismatch",          ERROR_TRANSIENT,    "transfer_damaged",   NULL                            },
	{"SlowDown",						   ERROR_RATE_LIMITED, "rate_limited",       NULL                            },
	{"TooManyRequests",                    ERROR_RATE_LIMITED, "rate_limited",       NULL                            },
	{"RequestLimitExceeded",               ERROR_RATE_LIMITED, "rate_limited",       NULL                            },
	{"Busy",							   ERROR_TRANSIENT,    "server_busy",        NULL                            },
	{"ServerBusy",						 ERROR_TRANSIENT,    "server_busy",        NULL                            },
	{"ServiceUnavailable",                 ERROR_TRANSIENT,    "server_busy",        NULL                            },
	{"RequestTimeout",                     ERROR_TRANSIENT,    "server_busy",        NULL                            },
	{"OperationAborted",                   ERROR_TRANSIENT,    "server_busy",        NULL                            },
	{"ConditionalRequestConflict",         ERROR_TRANSIENT,    "server_busy",        NULL                            },
	{"InternalError",					  ERROR_TRANSIENT,    "server_error",       NULL                            },
	{"PreconditionFailed",                 ERROR_PERMANENT,    "object_changed",
	 "Somebody else writes to this object."																		  },
	{"EntityTooLarge",                     ERROR_PERMANENT,    "too_large",
	 "The service takes no file of this size."																	   },
	{"EntityTooSmall",                     ERROR_PERMANENT,    "part_too_small",
	 "The service wants larger parts than S3."																	   },
	{"QuotaExceeded",					  ERROR_QUOTA,        "storage_full",       "Make room in the bucket."      },
	{"XMinioStorageFull",                  ERROR_QUOTA,        "storage_full",       "Make room in the bucket."      },
	{"XMinioAdminBucketQuotaExceeded",     ERROR_QUOTA,        "storage_full",
	 "Make room in the bucket."																					  },
	{"InvalidStorageClass",                ERROR_PERMANENT,    "bad_settings",
	 "Name a storage class the service has."																		 },
	{"AccessControlListNotSupported",      ERROR_PERMANENT,    "bad_settings",
	 "The bucket takes no ACL: leave it out."																		},
	{"KeyTooLongError",                    ERROR_PERMANENT,    "bad_key",            "Give the object a shorter key."},
	{"PermanentRedirect",                  ERROR_PERMANENT,    "wrong_region",       HINT_REGION                     },
	{"TemporaryRedirect",                  ERROR_PERMANENT,    "wrong_region",       HINT_REGION                     },
	{"Redirect",						   ERROR_PERMANENT,    "wrong_region",       HINT_REGION                     },
	{"AuthorizationHeaderMalformed",       ERROR_PERMANENT,    "wrong_region",       HINT_REGION                     },
	{"IllegalLocationConstraintException", ERROR_PERMANENT,    "wrong_region",       HINT_REGION                     },
};

/* Where the service names no code: HEAD has no body, and a proxy speaks no XML. */
static const struct
{
	int first;
	int last;
	const char *said;
} statuses[] = {
	{301, 399, "PermanentRedirect" },
    {401, 401, "InvalidAccessKeyId"},
	{403, 403, "AccessDenied"      },
    {404, 404, "NoSuchKey"         },
	{408, 408, "RequestTimeout"    },
    {412, 412, "PreconditionFailed"},
	{429, 429, "SlowDown"          },
    {500, 502, "InternalError"     },
	{503, 503, "ServiceUnavailable"},
    {504, 504, "InternalError"     },
	{507, 507, "QuotaExceeded"     },
};

static const Meaning *
meaning_of(const char *said)
{
	for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
		if (strcmp(meanings[i].said, said) == 0)
			return &meanings[i];
	return NULL;
}

static const Meaning *
meaning_of_status(int status)
{
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		if (status >= statuses[i].first && status <= statuses[i].last)
			return meaning_of(statuses[i].said);
	return NULL;
}

/* What to do about a bucket that is elsewhere. */
static void
hint_region(const CallAnswer *answer, const S3Node *root, Error *err)
{
	char region[64];
	char endpoint[128];

	if (call_header(answer, "x-amz-bucket-region", region, sizeof region) != NULL ||
		s3_xml_text(root, "Region", region, sizeof region))
		snprintf(err->hint, sizeof err->hint,
				 "The bucket is in region \"%s\": correct the credential.", region);
	else if (s3_xml_text(root, "Endpoint", endpoint, sizeof endpoint))
		snprintf(err->hint, sizeof err->hint,
				 "The bucket is at \"%s\": correct region or endpoint of the credential.",
				 endpoint);
}

/* Control characters of a stranger have no place in a message. */
static void
tidy(char *text)
{
	for (char *c = text; *c != '\0'; c++)
		if ((unsigned char) *c < ' ' || *c == 0x7f)
			*c = ' ';
}

bool
s3_refusal(const S3 *s3, const char *what, const CallAnswer *answer, Error *err)
{
	static const Meaning stranger = {"", ERROR_PERMANENT, "request_refused",
									 "The message is the service's own; "
									 "docs/platforms/s3.md says what it has to know."};
	CLEANUP(s3_xml) S3Xml *xml = s3_xml_read(answer->body.data, answer->body.length);
	const S3Node *root = s3_xml_root(xml, "Error");
	int status = answer->answer.status;
	char said[64] = "";
	char text[200] = "";
	char region[64];
	const Meaning *meaning;
	Error own = {0};

	(void) s3_xml_text(root, "Code", said, sizeof said);
	(void) s3_xml_text(root, "Message", text, sizeof text);
	tidy(said);
	tidy(text);
	meaning = meaning_of(said);
	if (said[0] == '\0' &&
		call_header(answer, "x-amz-bucket-region", region, sizeof region) != NULL &&
		strcmp(region, s3->region) != 0)
		meaning = meaning_of("PermanentRedirect");
	if (meaning == NULL)
		meaning = meaning_of_status(status);
	if (meaning == NULL)
		meaning = &stranger;
	error_set(&own, meaning->class, meaning->code, meaning->hint,
			  "S3 cannot %s in \"%s\": %s%s%s (status %d)", what, s3->bucket, text,
			  said[0] != '\0' ? ", " : "", said, status);
	own.status = status;
	if (strcmp(own.code, "wrong_region") == 0)
		hint_region(answer, root, &own);
	if (own.class == ERROR_TRANSIENT && answer->answer.retry_after > 0)
		own.class = ERROR_RATE_LIMITED;
	if (own.class == ERROR_RATE_LIMITED)
		own.retry_after = answer->answer.retry_after > 0 ? answer->answer.retry_after
														 : SLOW_DOWN_SECONDS;
	if (err != NULL)
		*err = own;
	return false;
}
