/* sources: speech/srt.c speech/vtt.c speech/cue_text.c base/timecode.c base/buffer.c */
/* libs: libcjson -lm */
/*
 * tests/unit/test_srt.c
 *	  Subtitle files: exact bytes, hours, and text that tries to be mark-up.
 */
#include "speech/srt.h"
#include "speech/vtt.h"
#include "tap.h"

static char line_a[] = "fish & chips <b>now</b>";
static char line_b[] = "x --> y";
static char line_c[] = "{\\an8}привет";

static const Cue cues[] = {
	{1.0,         2.5,         {line_a, line_b}, false},
	{360000.0014, 360001.9996, {line_c, NULL},   false},
};

int
main(void)
{
	Buffer out;

	buffer_init(&out);
	srt_write(cues, 2, &out);
	is_str(
		out.data,
		"1\r\n00:00:01,000 --> 00:00:02,500\r\nfish & chips ‹b›now‹/b›\r\nx --› y\r\n\r\n"
		"2\r\n100:00:00,001 --> 100:00:02,000\r\n(\\an8)привет\r\n\r\n",
		"SRT");
	buffer_clear(&out);
	vtt_write(cues, 2, &out);
	is_str(out.data,
		   "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n"
		   "fish &amp; chips &lt;b&gt;now&lt;/b&gt;\nx --&gt; y\n\n"
		   "100:00:00.001 --> 100:00:02.000\n{\\an8}привет\n",
		   "WebVTT");
	buffer_clear(&out);
	srt_write(NULL, 0, &out);
	is_str(out.data, "", "no cues make an empty SRT");
	vtt_write(NULL, 0, &out);
	is_str(out.data, "WEBVTT\n", "and a valid WebVTT");
	buffer_free(&out);
	return done_testing();
}
