/*
 * net/s3_account.h
 *	  A bucket as a credential reaches it.
 */
#ifndef LEAP_NET_S3_ACCOUNT_H
#define LEAP_NET_S3_ACCOUNT_H

#include "net/account.h"
#include "net/s3.h"

#define S3_ENDPOINT_SIZE 300

/*
 * Fills *s3 from the fields of the credential: access_key_id, secret_access_key,
 * session_token, endpoint, region (us-east-1), path_style. Without an endpoint it is Amazon's
 * of the region. path_style is what the credential says; else it is used with an endpoint of
 * one's own, and where a certificate would not fit (a bucket with dots). `endpoint` is room
 * for the address; all else points into account and bucket, which outlive *s3.
 * False: permanent, bad_settings.
 */
bool s3_of_account(const Account *account, const char *bucket, bool allow_private,
				   const Reporter *reporter, char endpoint[S3_ENDPOINT_SIZE], S3 *s3,
				   Error *err);

#endif
