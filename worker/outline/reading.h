/*
 * outline/reading.h
 *	  What a language model answered, held against what it was asked for. Pure.
 */
#ifndef LEAP_OUTLINE_READING_H
#define LEAP_OUTLINE_READING_H

#include <stdbool.h>
#include <stddef.h>

#include "outline/lecture.h"
#include "outline/normal.h"

#define PROBLEM_SIZE 256

/* Which letters a text is written in, as far as it matters here. */
typedef enum Script
{
	SCRIPT_ANY,
	SCRIPT_LATIN,
	SCRIPT_CYRILLIC
} Script;

/* What an answer must hold. */
typedef struct Wanted
{
	bool topics;     /* {"topics":[{"start","title"}]} */
	bool texts;      /* {"main_topic","questions"} */
	int questions;   /* with texts: how many */
	size_t fewest;   /* topics */
	size_t most;     /* more is nonsense */
	double from, to; /* where topics may begin */
	Script script;
} Wanted;

/* The script most letters of a lecture are of; SCRIPT_ANY when it is mixed or another. */
Script script_of(const Lecture *lecture);

/*
 * Reads an answer: a JSON object, also between other words or as a block of code; as the
 * last resort lines "[H:MM:SS] - title" with a text before them. It counts only when all that
 * is wanted is there, of the right types, not blank, in the right script, and most times lie
 * within the bounds. Fills findings (empty before); else says in one sentence for the model
 * what is wrong.
 */
bool reading_take(const char *answer, const Wanted *wanted, Findings *findings,
				  char problem[PROBLEM_SIZE]);

/* "1:02:03", "01:02:03.5" or "62:03" as seconds; negative: it is no time. */
double reading_time(const char *text);

#endif
