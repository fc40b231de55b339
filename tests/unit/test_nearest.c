/* sources: base/nearest.c */
/*
 * tests/unit/test_nearest.c
 *	  What was meant by a slip of the finger, and what is too far to guess.
 */
#include "base/nearest.h"
#include "tap.h"

static const char *
nearest_of(const char *typed)
{
	static const char *const words[] = {"list",       "watch",   "pause",
										"prioritize", "dry_run", "credential",
										"resume",     "retry",   "top"};
	Nearest nearest = {.typed = typed};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		nearest_offer(&nearest, words[i]);
	return nearest.word != NULL ? nearest.word : "nothing";
}

int
main(void)
{
	is_str(nearest_of("lst"), "list", "a letter too few");
	is_str(nearest_of("lisst"), "list", "one too much");
	is_str(nearest_of("wacth"), "watch", "two in each other's place");
	is_str(nearest_of("prioritise"), "prioritize", "a wrong one");
	is_str(nearest_of("credentails"), "credential", "two slips in a long word");
	is_str(nearest_of("dry-run"), "dry_run", "dashes are underscores");
	is_str(nearest_of("cred"), "credential", "the beginning of a word");
	is_str(nearest_of("fly"), "nothing", "nothing is near");
	is_str(nearest_of("to"), "nothing", "two letters say too little");
	is_str(nearest_of(""), "nothing", "and none says nothing");
	is_str(nearest_of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), "nothing",
		   "longer than any word");
	return done_testing();
}
