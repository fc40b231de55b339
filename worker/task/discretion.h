/*
 * task/discretion.h
 *	  What services repeat of the secrets they were sent, taken out of what a task says.
 */
#ifndef LEAP_TASK_DISCRETION_H
#define LEAP_TASK_DISCRETION_H

#include <cjson/cJSON.h>

#include "base/error.h"
#include "net/account.h"

/*
 * Replaces by asterisks, in *err and in all texts of result, what assignment holds of
 * secrets (the keys of providers, the code of an authorisation, the secret of a webhook), and
 * those of the account, NULL for none, as they are now. Secrets shorter than 8 characters stay: they would be found in words.
 */
void discretion_apply(const cJSON *assignment, const Account *account, Error *err,
					  cJSON *result);

/* The same of one text and one secret, of which a beginning is hidden, too. */
void discretion_hide(char *text, const char *secret);

#endif
