/* sources: speech/gate.c speech/gate_sound.c speech/gate_text.c speech/gate_phrases.c speech/transcript.c speech/transcript_json.c speech/sentence.c base/json.c base/error.c base/buffer.c base/utf8.c */
/* libs: libcjson -lm */
/* plain: it reads millions of words; test_gate judges with the sanitizers */
/*
 * tests/unit/test_gate_judge.c
 *	  The quality gate as a program: `test_gate_judge judge` reads a transcript a line,
 *	  {"transcript":…,"pauses":[[start,end]…],"gate":…,"min_confidence":…}, and prints a
 *	  verdict a line (tests/tap/t/210_gate.pl); `test_gate_judge limits` prints what it goes
 *	  by. Without an argument it tests that.
 */
#include "speech/gate.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "tap.h"

static cJSON *
judge(const char *line)
{
	CLEANUP(json) cJSON *input = cJSON_Parse(line);
	CLEANUP(transcript) Transcript transcript;
	const cJSON *pauses = json_at(input, "pauses");
	CLEANUP(free)
	Span *spans = array_new((size_t) cJSON_GetArraySize(pauses), sizeof *spans);
	GateInput gate = {.transcript = &transcript, .pauses = spans};
	const cJSON *pause;
	Error err;

	if (!transcript_from_json(json_at(input, "transcript"), &transcript, &err))
		return NULL;
	cJSON_ArrayForEach(pause, pauses) spans[gate.pause_count++] =
		(Span){cJSON_GetArrayItem(pause, 0)->valuedouble,
			   cJSON_GetArrayItem(pause, 1)->valuedouble};
	gate.limits = gate_limits(json_at(input, "gate"),
							  json_number(input, "min_confidence", GATE_MIN_CONFIDENCE));
	return gate_judge(&gate);
}

static int
judge_lines(void)
{
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, stdin) > 0)
	{
		CLEANUP(json) cJSON *verdict = judge(line);
		CLEANUP(free) char *text = verdict != NULL ? json_print(verdict) : NULL;

		puts(text != NULL ? text : "null");
	}
	free(line);
	return 0;
}

/* What the gate goes by where nothing is configured (tests/tap/t/360_kinds.pl). */
static int
print_limits(void)
{
	GateLimits limits = gate_limits(NULL, GATE_MIN_CONFIDENCE);

	printf("{\"min_confidence\":%g,\"gate\":{\"min_words_per_minute\":%g,"
		   "\"max_repeated_share\":%g,\"max_known_phrases_share\":%g,"
		   "\"max_silent_share\":%g,\"max_periodic_share\":%g}}\n",
		   limits.min_confidence, limits.min_words_per_minute, limits.max_repeated_share,
		   limits.max_known_phrases_share, limits.max_silent_share,
		   limits.max_periodic_share);
	return 0;
}

int
main(int argc, char **argv)
{
	CLEANUP(json) cJSON *verdict = NULL;

	if (argc > 1 && strcmp(argv[1], "limits") == 0)
		return print_limits();

	if (argc > 1 && strcmp(argv[1], "judge") == 0)
		return judge_lines();
	verdict = judge("{\"transcript\":{\"duration\":5,\"words\":[{\"start\":1,\"end\":2,"
					"\"word\":\"good\"}]},\"pauses\":[[3,4]]}");
	is_str(json_text(verdict, "verdict", ""), "pass", "a transcript is judged");
	ok(judge("{}") == NULL, "what is none is not");
	return done_testing();
}
