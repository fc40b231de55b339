/*
 * cli/doubts.h
 *	  What speaks against the words of a recording, for people.
 */
#ifndef LEAP_CLI_DOUBTS_H
#define LEAP_CLI_DOUBTS_H

#include <stdbool.h>
#include <stdio.h>

#include <cjson/cJSON.h>

/* True if it (leap.recording_detail) is held for the quality of its words. */
bool doubts_hold(const cJSON *recording);

/* Every reason with its numbers on a line of its own, further ones of it indented. */
void doubts_print(FILE *out, const cJSON *recording, int indent);

#endif
