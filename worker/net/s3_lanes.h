/*
 * net/s3_lanes.h
 *	  The parts of an upload, a few of them on their way at once. For net/s3_upload.c alone.
 */
#ifndef LEAP_NET_S3_LANES_H
#define LEAP_NET_S3_LANES_H

#include "net/s3_upload.h"

/*
 * Sends the parts that are missing in `parts`, which becomes the list of all. The reporter is
 * asked by the calling thread alone. With the first part that fails, or when work is to stop,
 * those on their way are broken off; nothing is under way when this returns.
 */
bool s3_send_parts(const S3Upload *upload, const S3UploadState *state, S3Parts *parts,
				   Error *err);

#endif
