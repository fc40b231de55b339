/*
 * platform/vk_call.h
 *	  Calls of VK's API and what its refusals mean (docs/platforms/vk.md).
 */
#ifndef LEAP_PLATFORM_VK_CALL_H
#define LEAP_PLATFORM_VK_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "net/account.h"
#include "platform/platform.h"

/* Error codes of the API that mean something to more than one step. */
#define VK_ACCESS_DENIED   15
#define VK_VIDEO_DENIED    204
#define VK_ALBUM_HAS_VIDEO 800

typedef struct Vk
{
	Account *account;
	const cJSON *endpoints;
	bool allow_private;
	const Reporter *reporter; /* NULL = nobody is told */
	double called_at;         /* of the last call: there are three a second at most */
	Throughput *throughput;   /* of what vk_send sends; NULL = nobody asks */
	int code;                 /* the API's error of the last call; 0 = none */
} Vk;

/* For the task of a publication. */
Vk vk_of(const Publication *publication);

#define VK_FIELDS 20

/* The parameters of a call; texts are borrowed. */
typedef struct VkForm
{
	CallPart parts[VK_FIELDS + 1];
	char numbers[VK_FIELDS][24];
	size_t count;
} VkForm;

/* Each adds a parameter; NULL, and what is no boolean, is left out. */
void vk_text(VkForm *form, const char *name, const char *value);
void vk_number(VkForm *form, const char *name, int64_t value);
void vk_flag(VkForm *form, const char *name, const cJSON *value);

/*
 * Calls a method. *response, owned by the caller, is what the API says; NULL to look away.
 * A call too many for the second is made again, and one whose token has ended with a new
 * one. Errors by class: rate_limited; credential (a person must sign in, or allow more);
 * permanent access_denied, request_refused; transient. vk->code tells the API's number.
 */
bool vk_call(Vk *vk, const char *method, const VkForm *form, cJSON **response,
			 Error *err);

/* Sends a file as that field of a form to an address the API gave; *answer is JSON and no
 * error, owned by the caller. Refused: permanent, upload_refused. */
bool vk_send(Vk *vk, const char *url, const CallPart *file, double from, double to,
			 const char *step, cJSON **answer, Error *err);

/* Waits; false if the task is to stop. */
bool vk_rest(const Vk *vk, double seconds, Error *err);

#endif
