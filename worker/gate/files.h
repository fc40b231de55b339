/*
 * gate/files.h
 *	  Files of recordings: GET /files/ARTIFACT.
 */
#ifndef LEAP_GATE_FILES_H
#define LEAP_GATE_FILES_H

#include "gate/request.h"

/* Whether the path is that of a file; then request->run is to be files_run. */
bool files_is_path(Slice path);
void files_run(Request *request);

#endif
