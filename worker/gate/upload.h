/*
 * gate/upload.h
 *	  A lecture that comes in as the body of a request: POST /uploads with its bytes, or
 *	  POST /api/v1/recordings with a form that has a file.
 */
#ifndef LEAP_GATE_UPLOAD_H
#define LEAP_GATE_UPLOAD_H

#include "gate/request.h"

/* Whether the request is an upload; then request->run is to be upload_run. */
bool upload_is(const Exchange *exchange);
void upload_run(Request *request);

/* The request ends: what is not finished is given up. */
void upload_leave(Upload *upload);

#endif
