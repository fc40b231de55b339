/*
 * outline/chat.h
 *	  One question to a service of chat completions, asked until its answer can be used.
 */
#ifndef LEAP_OUTLINE_CHAT_H
#define LEAP_OUTLINE_CHAT_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "outline/outline.h"
#include "outline/reading.h"

typedef struct Chat
{
	const OutlineRequest *request;
	const cJSON *state; /* what is saved before each request */
	double fraction;    /* how far the task is */
} Chat;

/*
 * Asks with these messages (they grow by what is to be mended) and reads the answer into
 * findings. Broken connections, 429, 5xx and answers that are not what is wanted are tried
 * again, `attempts` times in all (of the provider's settings); what is worth no second try
 * ends at once. A Retry-After of more than 30 s ends it, too, as rate_limited.
 *
 * Refusals: those of net/json_post.h, and outline_invalid (transient), refused (permanent).
 */
bool chat_ask(const Chat *chat, cJSON *messages, const Wanted *wanted, Findings *findings,
			  Error *err);

/* "HH", "name", ...: the provider's name, for messages. */
const char *chat_provider(const OutlineRequest *request);

#endif
