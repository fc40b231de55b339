/*
 * net/s3_account.c
 *	  A bucket as a credential reaches it.
 */
#include "net/s3_account.h"

#include <stdio.h>
#include <string.h>

#define REGION "us-east-1"

bool
s3_of_account(const Account *account, const char *bucket, bool allow_private,
			  const Reporter *reporter, char endpoint[S3_ENDPOINT_SIZE], S3 *s3,
			  Error *err)
{
	const char *own = account_text(account, "endpoint");
	const char *region = account_text(account, "region");
	const char *path_style = account_text(account, "path_style");

	if (region[0] == '\0')
		region = REGION;
	if (own[0] != '\0')
		snprintf(endpoint, S3_ENDPOINT_SIZE, "%s", own);
	else
		snprintf(endpoint, S3_ENDPOINT_SIZE, "https://s3.%s.amazonaws.com%s", region,
				 strncmp(region, "cn-", 3) == 0 ? ".cn" : "");
	*s3 = (S3){.endpoint = endpoint,
			   .region = region,
			   .bucket = bucket,
			   .access_key_id = account_text(account, "access_key_id"),
			   .secret_access_key = account_text(account, "secret_access_key"),
			   .session_token = account_text(account, "session_token"),
			   .allow_private = allow_private,
			   .reporter = reporter};
	s3->path_style = path_style[0] != '\0'
						 ? strcmp(path_style, "true") == 0
						 : own[0] != '\0' || strchr(bucket, '.') != NULL;
	return s3_check_settings(s3, err);
}
