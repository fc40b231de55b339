/*
 * gate/files.h
 *	  Files of recordings: GET /files/ARTIFACT.
 */
#ifndef LEAP_GATE_FILES_H
#define LEAP_GATE_FILES_H

#include "gate/request.h"

/* Whether the path is that of a file; then request->run is to be files_run. */
bool files_is_path(Slice path);

/* Whether it asks by a link, which needs nobody's name. */
bool files_is_signed(const Exchange *exchange);
void files_run(Request *request);

/* Whether clients get videos from the service of the storage. */
bool files_are_sent_away(const Gate *gate);

#endif
