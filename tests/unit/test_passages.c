/* sources: speech/passages.c speech/transcript.c speech/sentence.c base/buffer.c */
/* libs: libcjson -lm */
/*
 * tests/unit/test_passages.c
 *	  Passages: all segments in order, none twice, each passage as long as it should be.
 */
#include "speech/passages.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "tap.h"

int
main(void)
{
	CLEANUP(transcript) Transcript transcript;
	CLEANUP(json) cJSON *passages = NULL;
	CLEANUP(free) char *text = NULL;

	transcript_init(&transcript, "p", "m", "en", 300);
	transcript_add_segment(&transcript, 0, 20, "one");
	transcript_add_segment(&transcript, 21, 45, "two");
	transcript_add_segment(&transcript, 46, 50, "three");
	transcript_add_segment(&transcript, 100, 200, "a long one");
	transcript_add_segment(&transcript, 201, 210, "the last");
	passages = passages_of(&transcript);
	text = cJSON_PrintUnformatted(passages);
	is_str(
		text,
		"[{\"start\":0,\"end\":45,\"text\":\"one "
		"two\",\"segments\":[[0,20,\"one\"],[21,45,\"two\"]]},"
		"{\"start\":46,\"end\":50,\"text\":\"three\",\"segments\":[[46,50,\"three\"]]},"
		"{\"start\":100,\"end\":200,\"text\":\"a long one\",\"segments\":[[100,200,\"a "
		"long "
		"one\"]]},"
		"{\"start\":201,\"end\":210,\"text\":\"the last\",\"segments\":[[201,210,\"the "
		"last\"]]}]",
		"passages end with a segment, and hold each once");
	transcript_free(&transcript);
	cJSON_Delete(passages);
	passages = passages_of(&transcript);
	is_int(cJSON_GetArraySize(passages), 0, "nothing said, no passage");
	return done_testing();
}
