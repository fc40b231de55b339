/*
 * pattern.h
 *	  What a regular expression of a template costs, before the server's engine compiles it.
 *
 * The engine is PostgreSQL's (advanced regular expressions). It matches without going back as
 * long as there are no back-references, so what is bounded here is its size: bounded
 * repetitions are written out when it compiles, and look-arounds start anew at each character.
 */
#ifndef LEAP_PATTERN_H
#define LEAP_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#define PATTERN_MAX_LENGTH 500 /* characters */
#define PATTERN_MAX_WEIGHT 200 /* single characters, with repetitions written out */
#define PATTERN_MAX_DEPTH  20  /* groups within groups */
#define PATTERN_MAX_LOOKS  2   /* look-arounds */
#define PATTERN_LITERALS   6   /* that are kept */

#define PATTERN_LITERAL_SIZE 64

typedef struct PatternFacts
{
	int weight;
	/* texts that every match contains, upper case folded if ignores_case; each ends with NUL */
	int literal_count;
	char literals[PATTERN_LITERALS][PATTERN_LITERAL_SIZE];
	bool ignores_case;
} PatternFacts;

typedef struct PatternFault
{
	size_t at; /* the character, counted from 1 */
	const char *rule;
	const char *hint;
} PatternFault;

/*
 * pattern_read judges a pattern (UTF-8); ignores_case is what holds unless the pattern says
 * (?i) or (?c) itself. false: it is refused, and fault says where and why. true does not
 * mean that the engine will take it: what it finds wrong it says itself.
 */
bool pattern_read(const char *pattern, size_t length, bool ignores_case,
				  PatternFacts *facts, PatternFault *fault);

#endif
