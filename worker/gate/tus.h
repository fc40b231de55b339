/*
 * gate/tus.h
 *	  Uploads that can be resumed, by the tus protocol: /api/v1/uploads/tus and what it names.
 */
#ifndef LEAP_GATE_TUS_H
#define LEAP_GATE_TUS_H

#include "gate/request.h"

/* Whether the path is of that protocol; then request->run is to be tus_run. */
bool tus_is_path(Slice path);
void tus_run(Request *request);

/* What every answer below such a path has. */
void tus_add_common(Request *request, Buffer *fields);

#endif
