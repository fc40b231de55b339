/*
 * base/containment.c
 *	  leap-media containment, put into words.
 */
#include "base/containment.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/process.h"

bool
containment_ask(const char *program, char text[CONTAINMENT_TEXT_SIZE], bool *complete,
				Error *err)
{
	static const char *const argv[] = {"containment", NULL};
	CLEANUP(json) cJSON *answer = NULL;
	char version[32] = "no";
	bool seccomp;
	int landlock;

	*complete = false;
	text[0] = '\0';
	if (!process_media(program, argv, NULL, 0, NULL, 0, 1, "containing itself", &answer,
					   err))
		return false;
	seccomp = json_bool(answer, "seccomp", false);
	landlock = (int) json_number(answer, "landlock", 0);
	if (landlock > 0)
		snprintf(version, sizeof version, "yes (version %d)", landlock);
	snprintf(text, CONTAINMENT_TEXT_SIZE, "seccomp %s, Landlock %s",
			 seccomp ? "yes" : "no", version);
	*complete = seccomp && landlock > 0;
	return true;
}
