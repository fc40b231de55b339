/*
 * source/s3.h
 *	  Recordings that lie in a bucket of S3, or of what speaks its protocol.
 */
#ifndef LEAP_SOURCE_S3_H
#define LEAP_SOURCE_S3_H

#include "source/source.h"

/* The functions of the row in source/table.c. Errors: those of net/s3.h; class input,
 * source_missing and source_changed; class credential, credential_missing. */
bool s3_source_list(const SourceQuery *query, Listing *listing, Error *err);
bool s3_source_resolve(const SourceQuery *query, const cJSON *source, FetchPlan *plan,
					   Error *err);

#endif
