/*
 * outline/normal.h
 *	  Topics as every provider must give them, whoever found them. Pure.
 */
#ifndef LEAP_OUTLINE_NORMAL_H
#define LEAP_OUTLINE_NORMAL_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "outline/lecture.h"
#include "outline/limits.h"
#include "outline/outline.h"

#define OUTLINE_VERSION 1

/* A topic as it was found; its title belongs to the list. */
typedef struct FoundTopic
{
	double start;
	char *title;
} FoundTopic;

/* What a provider found out. Texts may be empty; all belong to it. */
typedef struct Findings
{
	FoundTopic *topics;
	size_t count;
	size_t room;
	char *main_topic;
	cJSON *main_topics; /* array of texts, instead of main_topic; NULL: that */
	char *summary;
	cJSON *questions; /* array of texts; NULL: none */
	const char *questions_note;
} Findings;

/* Adds a topic; the title is copied. */
void findings_add(Findings *findings, double start, const char *title);
void findings_free(Findings *findings);

/* For CLEANUP(findings). */
static inline void
cleanup_findings(Findings *findings)
{
	findings_free(findings);
}

/*
 * Brings topics in order: sorted; outside of the lesson dropped; moved to where somebody
 * begins to speak, the first to 0; neighbours of one title joined (while there are more than
 * limits->fewest); the later of two that are
 * closer than limits->spacing dropped, and the closest ones while there are more than
 * limits->most; behind each long pause one begins (the one before it goes on, if need be).
 * Titles are cleaned; topics without one are dropped. Returns how many there are, which may
 * be fewer than limits->fewest.
 */
size_t findings_order(Findings *findings, const Lecture *lecture, const Limits *limits);

/* The document of docs/protocol.md, section 5; the caller owns it. Findings are in order. */
cJSON *findings_document(const Findings *findings, const Lecture *lecture,
						 const OutlineRequest *request, const char *provider,
						 const char *model);

#endif
