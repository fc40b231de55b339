/* sources: speech/captions_read.c speech/captions_cue.c speech/transcript.c speech/sentence.c base/error.c base/buffer.c base/utf8.c */
/* libs: libcjson -lm */
/*
 * tests/fuzz/fuzz_captions.c
 *	  Any bytes as captions: words in order, within the times of the file, each with text, and
 *	  no more of it than the file has.
 */
#include "speech/captions_read.h"

#include <math.h>

#define FUZZ_USUAL 20000
#include "driver.h"

const char *const fuzz_samples[] = {
	"WEBVTT\nLanguage: en\n\nNOTE x\ny\n\nid\n00:01.000 --> 00:03.000 line:0\n<v "
	"Ann>Hello</v> &amp; <00:02.000><c>you</c>\n\n00:02.500 --> 00:04.000\n[music]\n- "
	"so\n",
	"1\r\n00:00:01,000 --> 00:00:02,500\r\n{\\an8}one &#x41; &#65;\r\n2\r\n00:00:02,500 "
	"--> "
	"00:00:03,000\r\none\r\ntwo\r\n",
	"\xEF\xBB\xBFWEBVTT\n\n00:00.000 --> 00:02.000\n \naa<00:01.000><c> "
	"bb</c>\n\n00:02.000 "
	"--> 00:02.010\naa bb\n \n\n00:02.010 --> 00:04.000\naa bb\ncc<00:03.000><c> "
	"dd</c>\n",
	NULL};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Transcript transcript;
	Error err;
	double before = 0;
	size_t letters = 0;
	bool read = captions_read((const char *) data, size, &transcript, &err);

	fuzz_check(read || transcript.word_count == 0, "a refusal leaves nothing behind");
	for (size_t i = 0; i < transcript.word_count; i++)
	{
		const Word *word = &transcript.words[i];

		fuzz_check(isfinite(word->start) && isfinite(word->end) &&
					   word->start >= before && word->end > word->start,
				   "words are in order");
		fuzz_check(word->end <= CAPTIONS_MOST_SECONDS + 1, "times are those of the file");
		fuzz_check(*word->text != '\0' && strchr(word->text, '\1') == NULL,
				   "a word has text and no marks");
		before = word->start;
		letters += strlen(word->text);
	}
	fuzz_check(letters <= size * 2, "nothing is said that is not in the file");
	transcript_free(&transcript);
	return 0;
}
