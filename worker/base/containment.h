/*
 * base/containment.h
 *	  What contains leap-media on this machine, asked of the program itself.
 */
#ifndef LEAP_BASE_CONTAINMENT_H
#define LEAP_BASE_CONTAINMENT_H

#include <stdbool.h>

#include "base/error.h"

#define CONTAINMENT_TEXT_SIZE 80

/*
 * Runs the program leap-media; text receives "seccomp yes, Landlock yes (version 7)".
 * *complete receives whether the kernel can do both. False with *err when the program gives
 * no answer.
 */
bool containment_ask(const char *program, char text[CONTAINMENT_TEXT_SIZE],
					 bool *complete, Error *err);

#endif
