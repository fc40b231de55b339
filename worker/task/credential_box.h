/*
 * task/credential_box.h
 *	  The sealed boxes of credentials, in a worker: opened for the child that needs one, closed
 *	  again over what it got from a platform. Neither boxes nor keys go to a child.
 */
#ifndef LEAP_TASK_CREDENTIAL_BOX_H
#define LEAP_TASK_CREDENTIAL_BOX_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/sealed.h"

/*
 * The credential in a task's input, opened: {"id","platform","version","data"}, the caller's
 * (sealed_forget); NULL where there is none, or none that may be used. The box is taken out of
 * the input; other boxes, an array "boxes" of {"key_id","sealed"}, give way to what is in them.
 * Errors: those of sealed_open.
 */
bool credential_box_open(SealedKeys *keys, cJSON *input, cJSON **opened, Error *err);

/* In an answer of renew_credential "data" takes the place of the box, and what it says of the
 * key to seal for becomes *seal_to, {"key_id","public_key"}, replacing what that was. */
bool credential_box_answer(SealedKeys *keys, cJSON *answer, cJSON **seal_to, Error *err);

#endif
