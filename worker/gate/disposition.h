/*
 * gate/disposition.h
 *	  The field that says under which name a file is saved (RFC 6266).
 */
#ifndef LEAP_GATE_DISPOSITION_H
#define LEAP_GATE_DISPOSITION_H

#include <stdbool.h>

#include "base/buffer.h"

/* Adds "Content-Disposition: …\r\n" with the name, whatever is in it: no separator of paths,
 * no control or direction character, no quote remains, and at most 200 characters. What old
 * programs cannot read is told twice, plainly and as UTF-8. */
void disposition_write(Buffer *fields, const char *name, bool attachment);

#endif
